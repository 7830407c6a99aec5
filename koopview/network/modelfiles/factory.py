"""Make a module by a function in a Python file that the user named as code to run."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from koopview.errors import FileError, InputError

if TYPE_CHECKING:
    import torch
    from torch import nn

_MODULE_NAME = "koopview_factory"

FACTORY = "--factory FILE.py:FUNCTION"
"""The option for models that only the user's own code can make."""


def filled_module(factory: str, weights: "dict[str, torch.Tensor]", name: str) -> "nn.Module":
    """Return the module that ``FILE.py:FUNCTION`` makes, filled with the weights of the file called `name`."""
    module = made_by_factory(factory)
    try:
        module.load_state_dict(weights)
    except (Exception, SystemExit) as error:  # a user's module may load weights in its own way
        raise InputError(f"the weights of {name} do not fit the module of {factory}: {one_line(error)}") from error
    return module


def made_by_factory(factory: str) -> "nn.Module":
    """Run ``FILE.py:FUNCTION`` and return the module it makes.

    The file may import modules beside it, as when Python runs it.

    Raises
    ------
    FileError
        If there is no such file.
    InputError
        If the code fails, has no such function, or returns no torch.nn.Module.
    """
    file, _, function = factory.rpartition(":")
    if not file or not function or not Path(file).is_file():
        raise FileError(f"factory {factory} does not exist, expected FILE.py:FUNCTION")
    from torch import nn

    with _importing_beside(Path(file)):
        try:
            module = _loaded(Path(file), factory, function)()
        except InputError:
            raise
        except (Exception, SystemExit) as error:  # the user's code may raise anything
            raise InputError(f"factory {factory} failed: {type(error).__name__}: {one_line(error)}") from error
    if not isinstance(module, nn.Module):
        raise InputError(f"factory {factory} returned {type(module).__name__}, expected a torch.nn.Module")
    return module


def one_line(error: BaseException) -> str:
    """Return an error's text on one line of bounded length."""
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else f"{text[:200]}..."


def _loaded(file: Path, factory: str, function: str) -> "type[nn.Module]":
    """Run a Python file and return the function of that name."""
    spec = importlib.util.spec_from_file_location(_MODULE_NAME, file)
    if spec is None or spec.loader is None:
        raise InputError(f"factory {factory} names no Python file, expected FILE.py:FUNCTION")
    code = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE_NAME] = code  # dataclasses and pickles look their module up
    spec.loader.exec_module(code)
    if not callable(getattr(code, function, None)):
        raise InputError(f"factory {file} has no function {function!r}, expected FILE.py:FUNCTION")
    found: type[nn.Module] = getattr(code, function)
    return found


@contextmanager
def _importing_beside(file: Path) -> Iterator[None]:
    """Let imports find the modules in the folder of `file`."""
    folder = str(file.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
