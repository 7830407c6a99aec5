"""Make a module by a function or class of the user's own, which is named as code to run, and fill it with weights."""

import importlib
import importlib.util
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koopview.errors import FileError, InputError
from koopview.network.modelfiles.names import renamed_for

if TYPE_CHECKING:
    import torch
    from torch import nn

_MODULE_NAME = "koopview_factory"

FACTORY = "--factory FILE.py:FUNCTION"
"""The option for models that only the user's own code can make."""

ARGUMENTS = "--factory-args FILE.json"
"""The option for the arguments of that code."""

EXPECTED = "FILE.py:FUNCTION, or module:Class of an installed package"

EXAMPLE = "a file make.py with: def net(): return MyNetwork()"
"""What a person writes, for sentences that ask for a factory."""

_ARGUMENTS_LIMIT = 1 << 20
_TOLD = 3


def filled_module(
    factory: str, weights: "Mapping[str, torch.Tensor]", name: str, arguments: str | Path | None = None
) -> "nn.Module":
    """Return the module that a factory makes, filled with the weights of the file called `name`.

    Weights whose names differ from the module's by a prefix alone are taken too.

    Raises
    ------
    FileError, InputError
        If the factory or the file of its `arguments` cannot be used, or the weights do not fit the module.
    """
    return filled(made_by_factory(factory, arguments), weights, name, f"the module of {factory}")


def filled(module: "nn.Module", weights: "Mapping[str, torch.Tensor]", name: str, what: str) -> "nn.Module":
    """Return a module filled with the weights of the file called `name`; an InputError calls the module `what`."""
    from torch import nn

    own: Mapping[str, torch.Tensor] = {}
    given: Mapping[str, torch.Tensor] = weights
    try:
        own = module.state_dict()
        given = renamed_for(weights, list(own)) if own else weights
        module.load_state_dict(given)
        _hold(module, given)
    except (Exception, SystemExit) as error:  # a user's module may load weights in its own way
        usual = type(module).load_state_dict is nn.Module.load_state_dict
        told = (_misfit(given, own) if usual else "") or one_line(error)
        raise InputError(f"the weights of {name} do not fit {what}: {told}") from error
    return module


def _hold(module: "nn.Module", weights: "Mapping[str, torch.Tensor]") -> None:
    """Let a module hold the tensors of its weights themselves, where it holds equal copies: they are in memory once."""
    import torch

    for key, own in module.state_dict(keep_vars=True).items():
        given = weights.get(key)
        if given is not None and own.dtype == given.dtype and given.is_contiguous() and torch.equal(own, given):
            own.data = given


def made_by_factory(factory: str, arguments: str | Path | None = None) -> "nn.Module":
    """Run ``FILE.py:FUNCTION`` or ``module:Class`` and return the module it makes.

    A file may import modules beside it, as when Python runs it. `arguments` is a JSON file: an object of keyword
    arguments or a list of positional ones.

    Raises
    ------
    FileError
        If there is no such file.
    InputError
        If the code fails, has no such function, or returns no torch.nn.Module.
    """
    from torch import nn

    positional, keywords = factory_arguments(arguments)
    make, folder = _found(factory)
    with _importing_beside(folder):
        try:
            function = make()
            _check_arguments(function, positional, keywords, factory)
            module = function(*positional, **keywords)
        except InputError:
            raise
        except (Exception, SystemExit) as error:  # the user's code may raise anything
            raise InputError(f"factory {factory} failed: {type(error).__name__}: {one_line(error)}") from error
    if not isinstance(module, nn.Module):
        raise InputError(f"factory {factory} returned {type(module).__name__}, expected a torch.nn.Module")
    return module


def factory_arguments(path: str | Path | None) -> tuple[list[Any], dict[str, Any]]:
    """Return the positional and the keyword arguments in a JSON file; raises FileError or InputError."""
    if path is None:
        return [], {}
    file = Path(path)
    if not file.is_file():
        raise FileError(f"arguments {path} do not exist, expected a JSON file", ARGUMENTS)
    if file.stat().st_size > _ARGUMENTS_LIMIT:
        raise FileError(f"arguments {path} take more than {_ARGUMENTS_LIMIT:,} bytes, expected a few values", ARGUMENTS)
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FileError(f"arguments {path} cannot be read ({one_line(error)}), expected JSON", ARGUMENTS) from error
    if not isinstance(said, (dict, list)):
        raise InputError(
            f'arguments {path} hold {type(said).__name__}, expected an object such as {{"hidden": 64}} or a list',
            ARGUMENTS,
        )
    return (said, {}) if isinstance(said, list) else ([], said)


def factory_file(factory: str) -> Path | None:
    """Return the Python file that a factory names, None if it names an installed module."""
    file, _, function = factory.rpartition(":")
    return Path(file) if function and file.lower().endswith(".py") else None


def one_line(error: BaseException) -> str:
    """Return an error's text on one line of bounded length."""
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else f"{text[:200]}..."


def _found(factory: str) -> tuple[Callable[[], Callable[..., Any]], Path | None]:
    """Return a function that runs a factory's code and returns what it names, and the folder it may import from."""
    home, _, function = factory.rpartition(":")
    if home and function and Path(home).is_file():
        return lambda: _loaded(Path(home), factory, function), Path(home).resolve().parent
    if not home.endswith(".py") and re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", home) and function:
        return lambda: _imported(home, factory, function), Path.cwd()
    raise FileError(f"factory {factory} does not exist, expected {EXPECTED}")


def _loaded(file: Path, factory: str, function: str) -> Callable[..., Any]:
    """Run a Python file and return the function or class of that name."""
    spec = importlib.util.spec_from_file_location(_MODULE_NAME, file)
    if spec is None or spec.loader is None:
        raise InputError(f"factory {factory} names no Python file, expected {EXPECTED}")
    code = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE_NAME] = code  # dataclasses and pickles look their module up
    spec.loader.exec_module(code)
    return _named(code, function, str(file))


def _imported(module: str, factory: str, function: str) -> Callable[..., Any]:
    """Import a module and return the function or class of that name."""
    try:
        code = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and module.split(".")[0] == error.name.split(".")[0]:
            raise InputError(
                f"factory {factory} does not exist: there is no module {error.name}, expected {EXPECTED}"
            ) from error
        raise
    return _named(code, function, module)


def _named(code: Any, function: str, home: str) -> Callable[..., Any]:
    found: Any = code
    for part in function.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise InputError(f"factory {home} has no function {function!r}, expected {EXPECTED}")
    made: Callable[..., Any] = found
    return made


def _check_arguments(
    function: Callable[..., Any], positional: list[Any], keywords: Mapping[str, Any], factory: str
) -> None:
    """Raise InputError, with the names, if a factory takes other arguments than it gets."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of C code, which checks for itself
        return
    try:
        signature.bind(*positional, **keywords)
    except TypeError as error:
        takes = ", ".join(f"{one}" for one in signature.parameters) or "none"
        raise InputError(
            f"factory {factory} got other arguments than it takes ({one_line(error)}), expected a JSON file of its "
            f"arguments ({takes})",
            ARGUMENTS,
        ) from error


def _misfit(given: "Mapping[str, torch.Tensor]", own: "Mapping[str, torch.Tensor]") -> str:
    """Return what keeps weights from fitting a module's own, in words; empty if they fit."""
    shaped = [
        f"{name} has shape {_shape(given[name])} in the file and {_shape(own[name])} in the module"
        for name in own
        if name in given and _shape(given[name]) != _shape(own[name])
    ]
    missing = [name for name in own if name not in given]
    extra = [name for name in given if name not in own]
    parts = [
        _listed(shaped, "; "),
        f"the file lacks {_listed(missing)}" if missing else "",
        f"the module has no {_listed(extra)}" if extra else "",
    ]
    return "; ".join(part for part in parts if part)


def _shape(tensor: Any) -> str:
    try:
        return " x ".join(map(str, tensor.shape)) or "one number"
    except (AttributeError, RuntimeError):  # of a module that is shaped by its first input
        return "no shape yet"


def _listed(names: list[str], between: str = ", ") -> str:
    """Return the first few names, and how many more there are."""
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return between.join(names[:_TOLD]) + more


@contextmanager
def _importing_beside(folder: Path | None) -> Iterator[None]:
    """Let imports find the modules in a folder."""
    path = str(folder)
    sys.path.insert(0, path)
    try:
        yield
    finally:
        sys.path.remove(path)
