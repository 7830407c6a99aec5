"""The one list of built-in networks and data sets; the first start opens the first one."""

from dataclasses import dataclass

PREFIX = "demo:"


@dataclass(frozen=True)
class Demo:
    """A built-in study: its name in files and options, its displayed name, and the name of the action that opens it."""

    name: str
    title: str
    action: str


DEMOS = (Demo("yinyang", "Yin-Yang", "demoYinYangAction"), Demo("mnist", "MNIST", "demoMnistAction"))
DEMO_NAMES = tuple(demo.name for demo in DEMOS)


def is_demo(model: str | None) -> bool:
    """Return whether a model is a built-in one."""
    return (model or "").startswith(PREFIX)


def demo_name(model: str) -> str:
    """Return the name of a built-in model without its prefix."""
    return model.removeprefix(PREFIX)
