"""A small file of every kind is written and opened: what the readers need is there, extras are told."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from koopview.selftest.check import Unexpected

if TYPE_CHECKING:
    import torch

    from koopview.network.data import Dataset

SAMPLES = 8
"""Samples of each class in the small data files."""


def data_open(folder: Path) -> str:
    """Write two classes of small pictures as data files of each kind, open each, and return what they are."""
    from koopview.network.datafiles.load import load_dataset

    labels = np.arange(2).repeat(SAMPLES)
    pixels = np.random.default_rng(0).integers(0, 256, (2 * SAMPLES, 4)).astype(np.uint8)
    for write in DATA.values():
        path = write(folder, pixels, labels)
        check_samples(load_dataset(path), path.name, pixels)
    return ", ".join(DATA) + _without("pyarrow", "Parquet")


def _without(package: str, kind: str) -> str:
    """Return the words for an extra that is not installed, a str; empty if it is."""
    return "" if importlib.util.find_spec(package) else f" ({kind} needs {package}, which is not here)"


def check_samples(dataset: "Dataset", name: str, pixels: np.ndarray) -> None:
    """Raise Unexpected if the data set's inputs are others than `pixels`, in any order and on a scale of 255 or 1."""
    inputs = np.concatenate([dataset.x_train, dataset.x_test]).reshape(len(pixels), -1)
    inputs = np.round(inputs * (1 if inputs.max() > 1 else 255))
    if sorted(inputs.tolist()) != sorted(pixels.astype(float).tolist()):
        raise Unexpected(f"other samples from {name} than were written")


def write_npz(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as an NPZ file and return its path."""
    np.savez(folder / "data.npz", x=pixels.astype(np.float32), y=labels)
    return folder / "data.npz"


def write_csv(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as a CSV file and return its path."""
    rows = [",".join(map(str, [*row, label])) for row, label in zip(pixels.tolist(), labels.tolist(), strict=True)]
    (folder / "data.csv").write_text("\n".join(["a,b,c,d,label", *rows]) + "\n", encoding="utf-8")
    return folder / "data.csv"


def write_pictures(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as PNG files of 2 x 2 pixels, a folder a class, and return the path of the outer folder."""
    from PIL import Image

    for index, row in enumerate(pixels):
        place = folder / "pictures" / ("one", "two")[labels[index]]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(row.reshape(2, 2)).save(place / f"{index}.png")
    return folder / "pictures"


def write_npy(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as two NPY files and return the path of the inputs."""
    (folder / "arrays").mkdir(exist_ok=True)
    np.save(folder / "arrays" / "x.npy", pixels.astype(np.float32))
    np.save(folder / "arrays" / "y.npy", labels)
    return folder / "arrays" / "x.npy"


def write_safetensors(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as a safetensors file and return its path."""
    import safetensors.numpy

    safetensors.numpy.save_file({"x": pixels.astype(np.float32), "y": labels}, folder / "data.safetensors")
    return folder / "data.safetensors"


def write_tensors(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as a PyTorch file and return its path."""
    import torch

    torch.save({"x": torch.from_numpy(pixels).float(), "y": torch.from_numpy(labels)}, folder / "data.pt")
    return folder / "data.pt"


DATA: dict[str, Callable[[Path, np.ndarray, np.ndarray], Path]] = {
    "NPZ": write_npz,
    "CSV": write_csv,
    "a folder of pictures": write_pictures,
    "NPY": write_npy,
    "safetensors": write_safetensors,
    "PyTorch": write_tensors,
}
"""Kinds of data files, by the functions that write samples and labels as one."""


def models_open(folder: Path) -> str:
    """Write a network as model files of each kind, open each, and return what they are."""
    import torch

    from koopview.network.modelfiles.load import load_network

    network = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 2))
    inputs = torch.linspace(-1, 1, 20).reshape(5, 4)
    kinds = {name: write for name, write in MODELS.items() if name != "ONNX" or importlib.util.find_spec("onnx")}
    for write in kinds.values():
        path = write(folder, network)
        activation = None if path.suffix in (".pt2", ".onnx") else "relu"
        with torch.inference_mode():
            found = load_network(path, activation_name=activation).run(inputs)
            if not torch.allclose(found, network(inputs), atol=1e-5):
                raise Unexpected(f"other outputs from {path.name} than from the network written")
    return ", ".join(kinds) + _without("onnx", "ONNX")


def write_model_safetensors(folder: Path, network: "torch.nn.Sequential") -> Path:
    """Write a network's weights as a safetensors file and return its path."""
    import safetensors.torch

    safetensors.torch.save_file(network.state_dict(), folder / "model.safetensors")
    return folder / "model.safetensors"


def write_state_dict(folder: Path, network: "torch.nn.Sequential") -> Path:
    """Write a network's weights as a PyTorch file and return its path."""
    import torch

    torch.save({"net": network.state_dict(), "epoch": 3}, folder / "model.pt")
    return folder / "model.pt"


def write_exported(folder: Path, network: "torch.nn.Sequential") -> Path:
    """Write a network as ``torch.export`` does and return the file's path."""
    from koopview.hybrid.portable import exported_bytes

    (folder / "model.pt2").write_bytes(exported_bytes(network, (4,)))
    return folder / "model.pt2"


def write_onnx(folder: Path, network: "torch.nn.Sequential") -> Path:
    """Write a network of two Linear layers and a ReLU as an ONNX file and return its path."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Gemm", ["x", "0.weight", "0.bias"], ["a"], transB=1),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Gemm", ["b", "2.weight", "2.bias"], ["y"], transB=1),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["samples", length])
        for name, length in (("x", 4), ("y", 2))
    ]
    held = [numpy_helper.from_array(tensor.numpy(), name) for name, tensor in network.state_dict().items()]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], held)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx"
    )
    return folder / "model.onnx"


MODELS: dict[str, Callable[[Path, "torch.nn.Sequential"], Path]] = {
    "safetensors": write_model_safetensors,
    "a state dict": write_state_dict,
    "torch.export": write_exported,
    "ONNX": write_onnx,
}
"""Kinds of model files, by the functions that write a network as one."""
