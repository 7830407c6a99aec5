"""The definition of a kind of view that a study file can hold."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from koopview.study.result import FitResult

Change = Callable[[Any, FitResult], Any]


def unchanged(view: Any, result: FitResult) -> Any:
    """Return a view as it is, for a kind that is stored so."""
    return view


@dataclass(frozen=True)
class StoredKind:
    """A kind of view in a study file, with the result that it belongs to.

    Attributes
    ----------
    types : tuple of types
        Dataclasses that such a view can be.
    checked : callable
        Returns the view, whole; raises Unfit unless its arrays belong together and to the result.
    packed : callable
        Returns the view without what follows from the rest; `checked` puts it in again.
    """

    types: tuple[type, ...]
    checked: Change
    packed: Change = unchanged

    def type_of(self, plain: Any) -> type:
        """Return the type whose attributes a JSON object has, by default the first one."""
        names = plain.keys() if type(plain) is dict else ()
        return next((one for one in self.types if {field.name for field in fields(one)} == names), self.types[0])
