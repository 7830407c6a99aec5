"""Networks in ONNX files, opened as graphs; an extra, since it needs the package onnx. A file cannot hold code."""

from pathlib import Path
from typing import TYPE_CHECKING

from koopview.errors import FileError, InputError, KoopViewError
from koopview.memory import check_memory
from koopview.network.modelfiles.head import ModelHead
from koopview.network.modelfiles.model_format import ModelContent

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto


def read(path: Path, trust: bool, key: str | None = None) -> ModelContent:
    """Return the graph of a file as a module; raises FileError or InputError."""
    from koopview.network.modelfiles.graphs.onnx_graph import module_of  # imports torch, which a head does not need

    model = _opened(path, with_numbers=True)
    try:
        return ModelContent(module_of(model, str(path)), {}, in_order=True)
    except KoopViewError:
        raise
    except Exception as error:  # a broken file raises many types
        raise _broken(path) from error


def head(path: Path) -> ModelHead:
    """Return the ModelHead of a file; raises FileError or InputError."""
    model = _opened(path, with_numbers=False)
    from koopview.network.modelfiles.graphs.onnx_head import head_of

    try:
        return head_of(model)
    except Exception as error:  # a broken file raises many types
        raise _broken(path) from error


def _opened(path: Path, with_numbers: bool) -> "ModelProto":
    """Return the content of a file, numbers that stand in a second file beside it among them if asked for."""
    try:
        import onnx
    except ImportError as error:
        raise InputError(
            f"model {path} is an ONNX file, which needs the package onnx, expected it installed "
            "(pip install 'koopview[onnx]'), or the network in a PyTorch file"
        ) from error
    check_memory(3 * path.stat().st_size, f"model {path}", "a smaller network")
    try:
        model = onnx.load_model(path, load_external_data=False)
    except Exception as error:  # protobuf raises types of its own
        raise _broken(path) from error
    if not model.graph.node or not model.graph.input:
        raise _broken(path)
    if with_numbers:
        for tensor in model.graph.initializer:
            _check_claim(tensor, path)
    return model


def _check_claim(tensor: "TensorProto", path: Path) -> None:
    """Take a tensor's numbers from the file beside, if they stand there; raise FileError for one that is not whole."""
    from onnx import TensorProto

    if tensor.data_location == TensorProto.EXTERNAL:
        _take_from_beside(tensor, path)


def _take_from_beside(tensor: "TensorProto", path: Path) -> None:
    """Read a tensor's numbers from the file that it names, which must stand in the folder of `path`."""
    from onnx import TensorProto

    said = {entry.key: entry.value for entry in tensor.external_data}
    name = said.get("location", "")
    if not name or Path(name).name != name:
        raise FileError(f"model {path} keeps numbers in {name!r}, expected a file beside it")
    beside = path.with_name(name)
    if not beside.is_file() or beside.is_symlink():
        raise FileError(f"model {path} keeps its numbers in {name}, expected that file beside it")
    try:
        start, length = int(said.get("offset", 0)), int(said.get("length", beside.stat().st_size))
    except ValueError as error:
        raise _broken(path) from error
    if min(start, length) < 0 or start + length > beside.stat().st_size:
        raise FileError(f"model {path} says that {name} holds more than it does, expected the file it was saved with")
    check_memory(2 * length, f"model {path}", "a smaller network")
    with beside.open("rb") as file:
        file.seek(start)
        tensor.raw_data = file.read(length)
    tensor.data_location = TensorProto.DEFAULT
    del tensor.external_data[:]


def _broken(path: Path) -> FileError:
    return FileError(f"model {path} cannot be read, expected a whole ONNX file")
