"""Files of other programs are named for what they are, by their content, with the way on."""

import pickle
import sys
import zipfile
from types import ModuleType

import numpy as np
import pytest

from koopview.errors import FileError
from koopview.network.modelfiles.heads import model_head
from koopview.network.modelfiles.load import load_network

FILES = {
    "m.h5": (b"\x89HDF\r\n\x1a\n" + bytes(500), "an HDF5 file, as Keras writes it"),
    "renamed.pt": (b"\x89HDF\r\n\x1a\n" + bytes(500), "an HDF5 file, as Keras writes it"),
    "dump.joblib": (b"\x80\4\x95" + bytes(8) + b"\x8c sklearn.neural_network._multilayer" + bytes(40), "scikit-learn"),
    "saved_model.pb": (b"\x08\1\x12" + bytes(50), "a TensorFlow SavedModel"),
    "m.mlmodel": (b"\x08\7\x12" + bytes(50), "a Core ML model"),
    "m.msgpack": (b"\x81\xa6params\x82\xa7Dense_0" + bytes(40), r"a file of Flax \(JAX\)"),
    "m.gguf": (b"GGUF" + bytes(60), "a GGUF file"),
    "m.tflite": (b"\x1c\0\0\0TFL3" + bytes(60), "a TensorFlow Lite file"),
    "lfs.pt": (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
    "page.pt": (b"<!DOCTYPE html><html>", "a web page"),
}


def refused(path, what):
    for way in (model_head, lambda path: load_network(path, activation_name="relu")):
        with pytest.raises(FileError, match=rf"^model .*{path.name} is .*{what}.*, expected ") as caught:
            way(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_files_by_their_first_bytes(tmp_path, name):
    content, what = FILES[name]
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, what)


@pytest.mark.parametrize(("members", "what"), [(["config.json", "model.weights.h5"], "a Keras file")])
def test_files_by_their_members(tmp_path, members, what):
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as file:
        for name in members:
            file.writestr(name, b"{}")
    refused(tmp_path / "m.keras", what)
    np.savez(tmp_path / "w.npz", **{"0.weight": np.ones((3, 4))})
    refused(tmp_path / "w.npz", "an NPZ file of arrays")


def test_folders_by_their_files(tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"\x08\1")
    refused(tmp_path / "saved", "a TensorFlow SavedModel")


def test_a_pickled_model_of_sklearn(tmp_path, monkeypatch):
    home = "sklearn.neural_network._multilayer_perceptron"
    for part in ("sklearn", "sklearn.neural_network", home):
        monkeypatch.setitem(sys.modules, part, ModuleType(part))
    kind = type("MLPClassifier", (), {"__module__": home})
    monkeypatch.setattr(sys.modules[home], "MLPClassifier", kind, raising=False)
    made = kind()
    made.coefs_ = [np.ones((4, 8))]
    (tmp_path / "net.pkl").write_bytes(pickle.dumps(made))
    refused(tmp_path / "net.pkl", "a model of scikit-learn")
