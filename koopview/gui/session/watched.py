"""The views of the result on screen: which are watched, which are made, and which is made next."""

from koopview.study.result import KnownView
from koopview.study.settings import FitSettings

QUICK_SECONDS = 0.1
"""A view that takes at most this long is made while a slider moves; slower ones wait until it rests."""


class Watched:
    """Views by kind, all of the result of one settings."""

    def __init__(self) -> None:
        self._wanted: set[tuple[str, str]] = set()  # kind, and who watches it
        self._views: dict[str, object] = {}
        self._settings: FitSettings | None = None
        self._seconds: dict[str, float] = {}
        self._known: dict[FitSettings, dict[str, object]] = {}

    @property
    def wanted(self) -> tuple[str, ...]:
        """Kinds that are watched, sorted."""
        return tuple(sorted({kind for kind, _ in self._wanted}))

    def want(self, kind: str, wanted: bool, by: str = "") -> None:
        """Record whether `by` watches views of `kind`."""
        self._wanted = self._wanted | {(kind, by)} if wanted else self._wanted - {(kind, by)}

    def show(self, settings: FitSettings | None) -> None:
        """Forget views of other results than that of `settings`."""
        if settings != self._settings:
            known = {} if settings is None else self._known.get(settings, {})
            self._views, self._settings = dict(known), settings

    def forget(self) -> None:
        """Forget all views, and how long they took: another study is opened."""
        self._views, self._seconds, self._settings, self._known = {}, {}, None, {}

    def know(self, known: KnownView) -> None:
        """Store a view of the result of some settings, which need never be made."""
        self._known.setdefault(known.settings, {})[known.kind] = known.view

    def get(self, kind: str) -> object:
        """Return the view of `kind`, or None if it is not made."""
        return self._views.get(kind)

    def put(self, kind: str, view: object, seconds: float) -> None:
        """Store a view and the seconds it took; None means that this result has none."""
        self._views[kind], self._seconds[kind] = view, seconds

    def drop(self, kind: str) -> None:
        """Forget the view of `kind`, so that it is made again when it is wanted."""
        self._views.pop(kind, None)

    def retry(self) -> None:
        """Make views that were given up again."""
        self._views = {kind: view for kind, view in self._views.items() if view is not None}

    def give_up(self) -> None:
        """Make none of the missing views, since they failed or were stopped."""
        self._views = dict.fromkeys(self.wanted) | self._views

    def next(self) -> str | None:
        """Return the kind to make next, quick ones first; None if all watched views are made."""
        missing = [kind for kind in self.wanted if kind not in self._views]
        return min(missing, key=lambda kind: self._seconds.get(kind, float("inf")), default=None)

    def quick(self, kind: str) -> bool:
        """Return whether a view of `kind` is known to be quick to make."""
        return self._seconds.get(kind, float("inf")) <= QUICK_SECONDS
