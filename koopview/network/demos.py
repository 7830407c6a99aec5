"""The one list of built-in networks, and that of built-in data sets; the first start opens the first network."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from koopview.errors import InputError

if TYPE_CHECKING:
    from koopview.network.data import Dataset

PREFIX = "demo:"

DATASETS = {"yinyang": "koopview.network.yinyang", "mnist": "koopview.network.mnist"}
"""The module of each built-in data set, with a function ``NAME_dataset``; it is imported when it is used."""
DATA_NAMES = tuple(DATASETS)


@dataclass(frozen=True)
class Demo:
    """A built-in network with its data.

    Attributes
    ----------
    name, title : str
        In files and options; as people write it.
    action : str
        Object name of the action that opens it.
    data : str
        One of DATA_NAMES.
    training, recipe : str
        The module that it is trained by, with a function ``training_samples``, and the name of its recipe there. It
        is imported when it is used.
    study : bool
        Whether a study with results is built in too, which is shown at once.
    """

    name: str
    title: str
    action: str
    data: str
    training: str
    recipe: str
    study: bool = False


_YINYANG, _MNIST = "koopview.network.yinyang_training", "koopview.network.mnist_training"

DEMOS = (
    Demo("yinyang", "Yin-Yang", "demoYinYangAction", "yinyang", _YINYANG, "YINYANG", study=True),
    Demo("mnist", "MNIST", "demoMnistAction", "mnist", _MNIST, "MNIST", study=True),
    Demo("mnist-conv", "MNIST convolutional", "demoMnistConvAction", "mnist", _MNIST, "CONVOLUTIONAL"),
    Demo("mnist-vit", "MNIST transformer", "demoMnistVitAction", "mnist", _MNIST, "TRANSFORMER"),
    Demo("mnist-residual", "MNIST residual", "demoMnistResidualAction", "mnist", _MNIST, "RESIDUAL"),
)
DEMO_NAMES = tuple(demo.name for demo in DEMOS)
DEMO_TITLES = {f"{PREFIX}{demo.name}": demo.title for demo in DEMOS}
"""The title of each built-in model, by its name with the prefix."""
DEMO_MODELS = ", ".join(DEMO_TITLES)
"""What a model may be named, in words."""
STUDY_NAMES = tuple(demo.name for demo in DEMOS if demo.study)
"""The built-in networks whose studies are built in with results."""


def built_in_dataset(name: str) -> "Dataset":
    """Return the built-in data set called `name`, one of DATA_NAMES; raises FileError."""
    made: Dataset = getattr(import_module(DATASETS[name]), f"{name}_dataset")()
    return made


def demo(name: str) -> Demo:
    """Return the built-in network called `name`, a Demo; raises InputError with the names that exist."""
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


def demo_of(model: str) -> Demo:
    """Return the built-in network that a model's name with its prefix means; raises InputError."""
    if model not in DEMO_TITLES:
        raise InputError(f"model is {model!r}, expected one of {DEMO_MODELS}")
    return demo(demo_name(model))
