"""Files of other programs, named for what they are with the way on."""

import zipfile
from pathlib import Path

from koopview.errors import FileError
from koopview.files import existing_file
from koopview.network.datafiles.data_formats import DATA_ENDINGS

_SAVE = "torch.save(model.state_dict(), 'model.pt')"

BEGINNINGS = (
    (
        b"version https://git-lfs",
        "a pointer of Git LFS and not the file itself",
        "what git lfs pull fetches in its place",
    ),
    (b"<!DOCTYPE", "a web page, as when a download asks for a login", "the file that the page leads to"),
    (b"<html", "a web page, as when a download asks for a login", "the file that the page leads to"),
    (
        b"\x89HDF",
        "an HDF5 file, as Keras writes it",
        "each layer's kernel, transposed, as NAME.weight and its bias as NAME.bias, saved by safetensors "
        "(keras.models.load_model(FILE).get_weights() has them)",
    ),
    (b"GGUF", "a GGUF file, as llama.cpp reads it", "the PyTorch or safetensors file that it was made of"),
    (b"\x1f\x8b", "packed with gzip", "the file that gunzip makes of it"),
    (b"\xfd7zXZ", "packed with xz", "the file that unxz makes of it"),
    (b"7z\xbc\xaf", "packed with 7-Zip", "the file inside it"),
    (b"Rar!", "packed with RAR", "the file inside it"),
)
"""First bytes of files, what they are, and what is expected instead."""

_BY_LAYER = "each layer's kernel, transposed, as NAME.weight and its bias as NAME.bias, saved by safetensors"

_MEMBERS = (
    ("model.weights.h5", "a Keras file", _BY_LAYER + " (keras.models.load_model(FILE).get_weights() has them)"),
    ("saved_model.pb", "a TensorFlow SavedModel", _BY_LAYER),
    ("word/document.xml", "a text document", "a model"),
    ("xl/workbook.xml", "a spreadsheet", "a model"),
)
"""Members of zip files, what such a file is, and what is expected instead."""


_SKLEARN = (
    "a model of scikit-learn",
    "its weights saved by safetensors.numpy.save_file: for each i, net.coefs_[i].T as i.weight and net.intercepts_[i] "
    "as i.bias, each made contiguous",
)

_FOLDERS = (
    ("saved_model.pb", "a TensorFlow SavedModel", _BY_LAYER),
    ("Manifest.json", "a Core ML package", "the PyTorch model that it was made of"),
)
"""Files in folders, what such a folder is, and what is expected instead."""

_NAMES = (
    ("saved_model.pb", "a TensorFlow SavedModel", _BY_LAYER),
    (".pb", "a TensorFlow graph", _BY_LAYER),
    (".mlmodel", "a Core ML model", "the PyTorch model that it was made of"),
)
"""Ends of the names of files in protocol buffers, which have no first bytes of their own."""


def model_path(path: Path, kinds: str) -> Path:
    """Return the path of a regular file; raises FileError, which names a folder of another program for what it is."""
    for inside, what, way in _FOLDERS:
        if path.is_dir() and (path / inside).is_file():
            raise FileError(f"model {path} is {what}, expected {way}")
    return existing_file(path, "model", kinds)


def is_of_sklearn(name: str) -> bool:
    """Return whether the name of a class is one of scikit-learn's."""
    return name.startswith(("sklearn.", "joblib."))


def sklearn_refusal(path: Path) -> FileError:
    """Return the FileError that names a model of scikit-learn."""
    return FileError(f"model {path} is {_SKLEARN[0]}, expected {_SKLEARN[1]}")


def stranger(path: Path) -> FileError | None:
    """Return the FileError that names a file of another program, None if it is not known."""
    told = _by_beginning(path) or _by_members(path) or _by_ending(path)
    return None if told is None else FileError(f"model {path} is {told[0]}, expected {told[1]}")


def _by_ending(path: Path) -> tuple[str, str] | None:
    """Return that a file seems to hold samples, by its name."""
    own = tuple(ending for ending in DATA_ENDINGS if ending not in (".pt", ".pth", ".safetensors"))
    return (
        ("a file of data by its name", "a model; data are opened as data (--data)")
        if path.name.lower().endswith(own)
        else None
    )


def _by_beginning(path: Path) -> tuple[str, str] | None:
    try:
        with path.open("rb") as file:
            begin = file.read(512)
    except OSError:
        return None
    if begin[:1] == b"\x80" and (b"sklearn." in begin or b"joblib." in begin):
        return _SKLEARN
    if begin[:1] == b"\x08":
        return next(((what, way) for end, what, way in _NAMES if path.name.endswith(end)), None)
    if begin[4:8] == b"TFL3":
        return "a TensorFlow Lite file", "its weights as NAME.weight and NAME.bias by safetensors"
    if begin[257:262] == b"ustar":
        return "a tar archive", f"the file inside it, or {_SAVE}"
    if b"flax" in begin or (begin[:1] in (b"\x81", b"\x82") and b"params" in begin[:16]):
        return "a file of Flax (JAX)", "its arrays as NAME.weight (outputs x inputs) and NAME.bias by safetensors"
    return next(((what, way) for first, what, way in BEGINNINGS if begin.startswith(first)), None)


def _by_members(path: Path) -> tuple[str, str] | None:
    """Return what a zip file is by its members: another program's, or one that a model was packed into."""
    try:
        with zipfile.ZipFile(path) as file:
            names = file.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    for member, what, way in _MEMBERS:
        if any(name.endswith(member) for name in names):
            return what, way
    if any(name.endswith(".npy") for name in names):
        return "an NPZ file of arrays", "weights by name: safetensors.numpy.save_file(dict(numpy.load(FILE)), NEW)"
    inner = [name for name in names if name.endswith((".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".onnx"))]
    return ("a zip file", f"the file {inner[0]} inside it") if inner else None
