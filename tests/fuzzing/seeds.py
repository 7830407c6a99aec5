"""Honest small files of every kind that is opened, as bytes by name: what a fuzzer starts from."""

import gzip
import io
import pickle
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import safetensors.numpy
import safetensors.torch
import scipy.io
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from torch import nn

import koopview

MODEL, DATA, STUDY, PICTURE = "model", "data", "study", "picture"
"""What a file is opened as; a picture is put into a folder with others."""


LABELS = struct.pack(">4BI", 0, 0, 8, 1, 20) + bytes(index % 3 for index in range(20))
BESIDE = {"few-labels-idx1-ubyte": LABELS, "few-labels-idx1-ubyte.gz": gzip.compress(LABELS, mtime=0)}
"""Files that stand beside the others, whole: the labels of pictures."""

REFUSED = ("module.pt", "wrapped.ckpt")
"""Seeds that are refused when they are whole: one could run code, one holds two networks and does not say which."""


def seeds():
    """Return (name, kind, bytes) of each file; names carry the ending."""
    torch.manual_seed(0)
    return [*_models(), *_data(), *_pictures(), *_studies()]


def _net():
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 3)).eval()


def _written(write, *arguments):
    content = io.BytesIO()
    write(*arguments, content)
    return content.getvalue()


def _models():
    net = _net()
    weights = net.state_dict()
    plain = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).state_dict()
    wrapped = {
        "epoch": 3,
        "args": {"lr": 0.1},
        "model": {f"module.{k}": v for k, v in plain.items()},
        "ema": dict(plain),
    }
    mixed = dict(plain) | {"0.weight": plain["0.weight"].half(), "2.bias": plain["2.bias"].bfloat16()}
    program = torch.export.export(net, (torch.zeros(2, 4),), dynamic_shapes=({0: torch.export.Dim("n")},))
    scripted = torch.jit.script(net)
    return [
        ("weights.pt", MODEL, _written(torch.save, plain)),
        ("norm.pth", MODEL, _written(torch.save, weights)),
        ("wrapped.ckpt", MODEL, _written(torch.save, wrapped)),
        ("mixed.pt", MODEL, _written(torch.save, mixed)),
        ("scalars.pt", MODEL, _written(torch.save, {"net": plain, "best": np.float64(0.9), "seen": np.arange(3)})),
        ("module.pt", MODEL, _written(torch.save, net)),
        ("legacy.pt", MODEL, _written(lambda x, f: torch.save(x, f, _use_new_zipfile_serialization=False), plain)),
        ("script.pt", MODEL, _written(lambda x, f: torch.jit.save(x, f), scripted)),
        ("plain.pkl", MODEL, pickle.dumps({"0.weight": np.zeros((3, 4)), "0.bias": [0.0, 1.0]})),
        ("weights.safetensors", MODEL, safetensors.torch.save(plain, {"activation": "relu"})),
        ("graph.pt2", MODEL, _written(torch.export.save, program)),
        ("graph.onnx", MODEL, _onnx(plain)),
    ]


def _onnx(weights):
    nodes = [
        helper.make_node("Gemm", ["x", "0.weight", "0.bias"], ["a"], transB=1),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Gemm", ["b", "2.weight", "2.bias"], ["y"], transB=1),
    ]
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])]
    result = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])]
    held = [numpy_helper.from_array(tensor.numpy(), name) for name, tensor in weights.items()]
    return helper.make_model(helper.make_graph(nodes, "graph", given, result, held)).SerializeToString()


def _data():
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(40, 4)).astype(np.float32), draw.integers(0, 3, 40)
    split = {"x_train": x[:30], "y_train": y[:30], "x_test": x[30:], "y_test": y[30:]}
    pictures = draw.integers(0, 256, (20, 5, 5), dtype=np.uint8)
    idx = struct.pack(">4B3I", 0, 0, 8, 3, *pictures.shape) + pictures.tobytes()
    tensors = {name: torch.from_numpy(array) for name, array in split.items()}
    rows = [[*row, label] for row, label in zip(x.tolist(), y.tolist(), strict=True)]
    return [
        ("split.npz", DATA, _written(lambda f: np.savez(f, **split))),
        ("packed.npz", DATA, _written(lambda f: np.savez_compressed(f, x=x, y=y))),
        ("table.csv", DATA, _table(rows, ",").encode()),
        ("table.tsv", DATA, _table(rows, "\t").encode("utf-16")),
        ("comma.csv", DATA, _table(rows, ";").replace(".", ",").encode("latin-1")),
        ("words.csv", DATA, _table([[*row[:-1], "abc"[row[-1]]] for row in rows], ",").encode()),
        ("few-images-idx3-ubyte", DATA, idx),
        ("few-images-idx3-ubyte.gz", DATA, gzip.compress(idx)),
        ("tensors.pt", DATA, _written(torch.save, tensors)),
        ("pair.pt", DATA, _written(torch.save, (torch.from_numpy(x), torch.from_numpy(y)))),
        ("tensors.safetensors", DATA, safetensors.numpy.save(split)),
        ("arrays.mat", DATA, _written(lambda f: scipy.io.savemat(f, {"x": x, "y": y}))),
        ("packed.mat", DATA, _written(lambda f: scipy.io.savemat(f, {"x": x, "y": y}, do_compression=True))),
        *_parquet(x, y),
    ]


def _table(rows, separator):
    lines = [["a", "b", "c", "d", "label"], *rows]
    return "\n".join(separator.join(map(str, line)) for line in lines) + "\n"


def _parquet(x, y):
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:  # an extra
        return []
    table = pyarrow.table({**{f"f{i}": x[:, i] for i in range(4)}, "label": y})
    return [("table.parquet", DATA, _written(lambda f: pyarrow.parquet.write_table(table, f)))]


def _pictures():
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 6), dtype=np.uint8))
    formats = {"png": "PNG", "jpg": "JPEG", "bmp": "BMP", "gif": "GIF", "tif": "TIFF", "webp": "WEBP", "pgm": "PPM"}
    return [
        (f"one.{ending}", PICTURE, _written(lambda name, f: picture.save(f, name), name))
        for ending, name in formats.items()
    ]


def _studies():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 4)).astype(np.float32)
    study = koopview.Study(_net(), koopview.Dataset(x, draw.integers(0, 3, 60)))
    study.fit("0", delays=2, rank=4, steps=4)
    content = io.BytesIO()
    with zipfile.ZipFile(_saved(study)) as file, zipfile.ZipFile(content, "w") as copy:
        for name in file.namelist():
            copy.writestr(name, file.read(name))
    return [("study.koopview", STUDY, content.getvalue())]


def _saved(study):
    with tempfile.TemporaryDirectory() as folder:
        study.save(Path(folder) / "study.koopview")
        return io.BytesIO((Path(folder) / "study.koopview").read_bytes())
