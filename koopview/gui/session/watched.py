"""Which views of the result on screen are looked at, which are there, and which is made next."""

from koopview.study.settings import FitSettings

QUICK_SECONDS = 0.1
"""A view that took no longer follows at once while a slider moves; others wait until it rests."""


class Watched:
    """Views by kind, all of the result of one settings."""

    def __init__(self) -> None:
        self._wanted: set[tuple[str, str]] = set()  # kind, and who looks at it
        self._views: dict[str, object] = {}
        self._settings: FitSettings | None = None
        self._seconds: dict[str, float] = {}

    @property
    def wanted(self) -> tuple[str, ...]:
        """Kinds that are looked at."""
        return tuple(sorted({kind for kind, _ in self._wanted}))

    def want(self, kind: str, wanted: bool, by: str = "") -> None:
        """Note that `by` looks at views of `kind`, or no longer."""
        self._wanted = self._wanted | {(kind, by)} if wanted else self._wanted - {(kind, by)}

    def show(self, settings: FitSettings | None) -> None:
        """Forget the views of another result than that of `settings`."""
        if settings != self._settings:
            self._views, self._settings = {}, settings

    def forget(self) -> None:
        """Forget all views, and how long they took: another study is opened."""
        self._views, self._seconds, self._settings = {}, {}, None

    def get(self, kind: str) -> object:
        """Return the view of `kind` that is there, or None."""
        return self._views.get(kind)

    def put(self, kind: str, view: object, seconds: float) -> None:
        """Keep a view that was made in so many seconds; None: there is none of this result."""
        self._views[kind], self._seconds[kind] = view, seconds

    def drop(self, kind: str) -> None:
        """Forget the view of `kind`: it is made anew when it is wanted again."""
        self._views.pop(kind, None)

    def retry(self) -> None:
        """Make those again that were given up."""
        self._views = {kind: view for kind, view in self._views.items() if view is not None}

    def give_up(self) -> None:
        """Make none of those that are missing: they failed or were stopped."""
        self._views = dict.fromkeys(self.wanted) | self._views

    def next(self) -> str | None:
        """Return the kind to make next, the quick ones first; None where all that are looked at are there."""
        missing = [kind for kind in self.wanted if kind not in self._views]
        return min(missing, key=lambda kind: self._seconds.get(kind, float("inf")), default=None)

    def quick(self, kind: str) -> bool:
        """Return whether a view of `kind` is known to be made in a moment."""
        return self._seconds.get(kind, float("inf")) <= QUICK_SECONDS
