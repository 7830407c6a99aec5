"""The one list of built-in networks and data sets; the first start opens the first one."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from koopview.errors import InputError

if TYPE_CHECKING:
    from koopview.network.data import Dataset

PREFIX = "demo:"


@dataclass(frozen=True)
class Demo:
    """A built-in study.

    Attributes
    ----------
    name, title : str
        In files and options; as people write it.
    action : str
        Object name of the action that opens it.
    data, training : str
        The modules with its data set, a function ``NAME_dataset``, and with ``material``, what it is trained by. They
        are imported when they are used.
    """

    name: str
    title: str
    action: str
    data: str
    training: str

    def dataset(self) -> "Dataset":
        """Return its data set; raises FileError."""
        made: Dataset = getattr(import_module(self.data), f"{self.name}_dataset")()
        return made


DEMOS = (
    Demo("yinyang", "Yin-Yang", "demoYinYangAction", "koopview.network.yinyang", "koopview.network.yinyang_training"),
    Demo("mnist", "MNIST", "demoMnistAction", "koopview.network.mnist", "koopview.network.mnist_training"),
)
DEMO_NAMES = tuple(demo.name for demo in DEMOS)


def demo(name: str) -> Demo:
    """Return the built-in study called `name`; raises InputError with the names that exist."""
    for one in DEMOS:
        if one.name == name:
            return one
    raise InputError(f"there is no built-in network {name!r}, expected one of: {', '.join(DEMO_NAMES)}")


def is_demo(model: str | None) -> bool:
    """Return whether a model is a built-in one."""
    return (model or "").startswith(PREFIX)


def demo_name(model: str) -> str:
    """Return the name of a built-in model without its prefix."""
    return model.removeprefix(PREFIX)
