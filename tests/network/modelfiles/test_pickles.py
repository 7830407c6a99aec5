"""Pickles are read as plain data: bit for bit what PyTorch reads, and nothing that is hostile takes time or memory."""

import argparse
import collections
import io
import pathlib
import pickle
import random
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from koopview.errors import FileError, KoopViewError
from koopview.network.modelfiles.contents import foreign_in, networks_in
from koopview.network.modelfiles.heads import model_head
from koopview.network.modelfiles.pickled import ArrayData, Foreign, Unreadable
from koopview.network.modelfiles.pickles import Bounded, Budget, unpickled
from koopview.network.modelfiles.pytorch_archive import archive_of
from koopview.network.modelfiles.tensors import tensors_of

FORMATS = [{}, {"_use_new_zipfile_serialization": False}]
DTYPES = ["float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]


def read(content, folder, **options):
    """Save as PyTorch does, and return the tensors of the one network in the file."""
    torch.save(content, folder / "model.pt", **options)
    archive = archive_of(folder / "model.pt")
    assert foreign_in(archive.value) is None
    (weights,) = networks_in(archive.value).values()
    return tensors_of(archive, weights)


def same(found, expected):
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype, name
        assert found[name].shape == tensor.shape, name
        assert torch.equal(found[name].contiguous().view(-1).view(torch.uint8), bits(tensor)), name


def bits(tensor):
    return tensor.detach().contiguous().view(-1).view(torch.uint8)


def numbers(dtype, *shape):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(-100, 100, shape, generator=generator).to(getattr(torch, dtype))


# What PyTorch writes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", FORMATS, ids=["zip", "legacy"])
def test_all_numbers_are_those_that_pytorch_reads(tmp_path, options):
    weights = {dtype: numbers(dtype, 5, 3) for dtype in DTYPES}
    found = read(weights, tmp_path, **options)
    same(found, torch.load(tmp_path / "model.pt"))


@pytest.mark.parametrize("options", FORMATS, ids=["zip", "legacy"])
def test_views_of_one_storage_stay_views_of_it(tmp_path, options):
    whole = numbers("float32", 6, 8)
    weights = {"whole": whole, "turned": whole.T, "row": whole[2], "each": whole[::2, 1::3], "one": whole[3, 4]}
    found = read(weights, tmp_path, **options)
    same(found, torch.load(tmp_path / "model.pt"))
    assert len({one.untyped_storage().data_ptr() for one in found.values()}) == 1


def test_parameters_and_a_state_dicts_own_attributes(tmp_path):
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.utils.weight_norm(nn.Linear(4, 2)))
    same(read(module.state_dict(), tmp_path), module.state_dict())
    tagged = nn.Parameter(torch.ones(2, 2))
    tagged.tag = "mine"
    same(
        read({"w": nn.Parameter(torch.ones(2, 3)), "tagged": tagged}, tmp_path),
        {"w": torch.ones(2, 3), "tagged": tagged},
    )


def test_a_packed_zip_file_and_one_of_the_other_order_of_bytes(tmp_path):
    weights = {"w": numbers("float32", 5, 3), "b": numbers("int16", 7)}
    torch.save(weights, tmp_path / "plain.pt")
    with zipfile.ZipFile(tmp_path / "plain.pt") as plain:
        members = {name.partition("/")[2]: plain.read(name) for name in plain.namelist()}
    turned = {
        "data/0": weights["w"].numpy().byteswap().tobytes(),
        "data/1": weights["b"].numpy().byteswap().tobytes(),
        "byteorder": b"big",
    }
    for name, changed, how in (("packed", {}, zipfile.ZIP_DEFLATED), ("big", turned, zipfile.ZIP_STORED)):
        with zipfile.ZipFile(tmp_path / f"{name}.pt", "w", how) as file:
            for member, content in (members | changed).items():
                file.writestr(f"archive/{member}", content)
        archive = archive_of(tmp_path / f"{name}.pt")
        same(tensors_of(archive, networks_in(archive.value)[""]), weights)


def test_what_stands_beside_weights_is_plain(tmp_path):
    beside = {
        "epoch": 3,
        "acc": np.float64(0.5),
        "losses": np.arange(4.0),
        "names": ["a", ("b", 1.5, None, True)],
        "shape": torch.Size([2, 3]),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "counts": collections.Counter("aab"),
        "order": collections.OrderedDict(a=1),
        "seen": {1, 2},
        "path": pathlib.PurePosixPath("a/b"),
        "turned": np.arange(6.0).reshape(2, 3).T,
        "swapped": np.arange(3, dtype=">f8"),
    }
    torch.save(beside | {"net": {"0.weight": torch.ones(2, 3)}}, tmp_path / "model.pt")
    value = archive_of(tmp_path / "model.pt").value
    assert foreign_in(value) is None
    assert (value["epoch"], value["acc"], value["names"]) == (3, 0.5, ["a", ("b", 1.5, None, True)])
    assert (value["shape"], value["counts"], value["order"]) == ((2, 3), {"a": 2, "b": 1}, {"a": 1})
    for name in ("losses", "turned", "swapped"):
        np.testing.assert_array_equal(value[name].array(), beside[name])
    assert list(networks_in(value)) == ["net"]


def test_the_first_object_that_only_code_makes_is_found_with_its_place(tmp_path):
    content = {"state_dict": {"0.weight": torch.ones(2, 3)}, "hparams": {"args": [1, argparse.Namespace(lr=0.1)]}}
    torch.save(content, tmp_path / "model.pt")
    place, found = foreign_in(archive_of(tmp_path / "model.pt").value)
    assert (place, found.name) == ("hparams.args.1", "argparse.Namespace")


def test_optimizers_are_no_networks_and_one_network_under_two_names_is_one(tmp_path):
    module = nn.Sequential(nn.Linear(3, 4))
    optimizer = torch.optim.Adam(module.parameters())
    module(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    content = {"model": module.state_dict(), "best": module.state_dict(), "opt": optimizer.state_dict(), "s": [{}]}
    torch.save(content, tmp_path / "model.pt")
    assert list(networks_in(archive_of(tmp_path / "model.pt").value)) == ["model"]
    nested = {"params": {"dense": {"kernel": torch.ones(2, 3), "bias": torch.ones(3)}}}
    torch.save(nested, tmp_path / "model.pt")
    networks = networks_in(archive_of(tmp_path / "model.pt").value)
    assert [(name, list(weights)) for name, weights in networks.items()] == [("params", ["dense.kernel", "dense.bias"])]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(PLAIN, st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_plain_values_of_any_protocol_are_what_pickle_reads(value, protocol):
    content = pickle.dumps(value, protocol)
    assert unpickled(Bounded(io.BytesIO(content), len(content)), Budget()) == value


# What does harm -------------------------------------------------------------------------------------------------------


def zipped(pickled, how=zipfile.ZIP_STORED, **members):
    """The bytes of a PyTorch file of a pickle."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as packed:
        for name, content in {"data.pkl": pickled, "version": b"3\n", "byteorder": b"little", **members}.items():
            packed.writestr(f"archive/{name}", content)
    return file.getvalue()


def text(value):
    encoded = value.encode()
    return b"X" + len(encoded).to_bytes(4, "little") + encoded


def nested(depth=60):
    """A tuple of itself twice, again and again: 2 ** depth parts in a few hundred bytes."""
    return b")" + b"2\x86" * depth


STORAGE = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\1tQ"


def tensor(shape, strides=b"K\1\x85"):
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE + b"K\0" + shape + strides + b"\x89}tR"


def whole_number(size):
    """A number of so many bytes."""
    return b"\x8b" + size.to_bytes(4, "little") + b"\xff" * (size - 1) + b"\x7f"


HOSTILE = {
    "a key of nested tuples": b"\x80\2}" + nested() + b"K\1s.",
    "a set of nested tuples": b"\x80\2c__builtin__\nset\n]" + nested() + b"a\x85R.",
    "text of nested tuples": b"\x80\2ctorch\ndevice\n" + nested() + b"\x85R.",
    "a storage called by nested tuples": b"\x80\2("
    + text("storage")
    + b"ctorch\nFloatStorage\n"
    + nested()
    + b"N"
    + b"K\1tQ.",
    "ten billion zeros": b"\x80\2c__builtin__\nbytearray\n\x8a\5\0\xe4\x0b\x54\2\x85R.",
    "an array of ten billion zeros": b"\x80\2cnumpy.core.multiarray\n_reconstruct\n)R(K\1K\1\x85cnumpy\ndtype\n"
    + text("f8")
    + b"\x85R\x89\x8a\5\0\xe4\x0b\x54\2tb.",
    "marks without end": b"\x80\2" + b"(" * 3_000_000 + b"t" * 3_000_000 + b".",
    "lists without end": b"\x80\2](" + b"]" * 3_000_000 + b"e.",
    "names without end": b"\x80\2" + b"ca\nb\n" * 600_000 + b".",
    "objects without end": b"\x80\2ca\nb\nq\0" + b"h\0)R" * 300_000 + b".",
    "copies of a long tuple": b"\x80\2c__builtin__\nlist\nq\0("
    + b"N" * 200_000
    + b"tq\1"
    + b"h\0h\1\x85R" * 100_000
    + b".",
    "copies of a long text": b"\x80\2c_codecs\nencode\nq\0"
    + text("a" * 1_000_000)
    + b"q\1"
    + b"h\0h\1\x85R" * 100_000
    + b".",
    "long lists of arguments": b"\x80\2ctorch\ndevice\nq\0(" + b"N" * 200_000 + b"tq\1" + b"h\0h\1R" * 100_000 + b".",
    "a product of huge numbers": b"\x80\2" + tensor(whole_number(100_000) + b"q\7" + b"h\7\x86", b"K\1K\1\x86") + b".",
    "a place of a huge length": b"\x80\2"
    + b"}"
    + (text("a" * 60) + b"}") * 2000
    + b"]"
    + b"ca\nb\n)Ra" * 1000
    + b"s" * 2001
    + b".",
    "numbers that stand nowhere": b"\x80\2}" + text("0.weight") + tensor(b"K\4K\5\x86", b"K\5K\1\x86") + b"s.",
    "strides of nothing": b"\x80\2}" + text("0.weight") + tensor(b"M\x10\x27M\x10\x27\x86", b"K\0K\0\x86") + b"s.",
    "text that claims gigabytes": b"\x80\2X\xff\xff\xff\x7fabc.",
    "bytes that claim exabytes": b"\x80\4\x8e" + b"\xff" * 7 + b"\x7fabc.",
    "itself in itself": b"\x80\2]q\0h\0a.",
    "itself in itself as a dict": b"\x80\2}q\0" + text("a") + b"h\0s.",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for index, pickled in enumerate(HOSTILE.values()):
        (folder / f"zip{index}.pt").write_bytes(zipped(pickled))
        (folder / f"stream{index}.pt").write_bytes(pickled)
    (folder / "packed.pt").write_bytes(zipped(b"\x80\2](" + b"]" * (60 << 20) + b"e.", zipfile.ZIP_DEFLATED))
    claimed = tensor(b"M\0\x80K\1\x86", b"K\1K\1\x86").replace(b"K\1tQ", b"J\0\0\0\x10tQ")
    huge = {"data/0": bytes(1 << 28)}
    (folder / "zeros.pt").write_bytes(
        zipped(b"\x80\2}" + text("0.weight") + claimed + b"s.", zipfile.ZIP_DEFLATED, **huge)
    )
    return sorted(folder.iterdir())


def once(paths):
    """The files with one of two containers for each content, in turn a stream and a zip."""
    left_out = {f"{('zip', 'stream')[index % 2]}{index}.pt" for index in range(len(HOSTILE))}
    return [path for path in paths if path.name not in left_out]


@pytest.mark.parametrize(
    "chosen", [once, pytest.param(list, marks=pytest.mark.slow)], ids=["once", "in both containers"]
)
def test_no_hostile_file_takes_long_or_much_memory(hostile, chosen):
    """Each is refused or opened within bounds that only a runaway passes, in a process of its own."""
    code = (
        "import resource, sys, time\n"
        "from pathlib import Path\n"
        "from koopview.errors import KoopViewError\n"
        "from koopview.network.modelfiles.heads import model_head\n"
        "from koopview.network.modelfiles.load import load_network\n"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for path in sys.argv[1:]:\n"
        "    for way in (model_head, lambda path: load_network(path, activation_name='relu')):\n"
        "        began = time.process_time()\n"
        "        try:\n"
        "            way(Path(path))\n"
        "        except KoopViewError as error:\n"
        "            assert len(str(error)) < 1000 and '\\n' not in str(error)\n"
        "        took = time.process_time() - began\n"
        "        if took > 8: print('SLOW', path, took)\n"
        "grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base\n"
        "print('grew', grown >> 10)\n"
        "assert grown < 450 << 10\n"
    )
    call = [sys.executable, "-c", code, *map(str, chosen(hostile))]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "SLOW" not in done.stdout, done.stdout


def test_what_a_pickle_may_not_be():
    for content in (
        b"",
        b".",
        b"\x80\2",
        b"K\1",
        b"\x80\2(.",
        b"hello",
        b"\x80\2K\1K\2s.",
        b"\x80\2N)R.",
        b"\x80\5\x97.",
    ):
        with pytest.raises(Unreadable):
            unpickled(Bounded(io.BytesIO(content), len(content)), Budget())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(4))
def test_spoilt_files_are_refused_or_read(tmp_path, seed):
    draw = random.Random(seed)
    module = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    wholes = []
    for options in FORMATS:
        torch.save(
            {"net": module.state_dict(), "acc": np.float32(1), "log": np.arange(9)}, tmp_path / "whole", **options
        )
        wholes.append((tmp_path / "whole").read_bytes())
    wholes.append(pickle.dumps({"0.weight": np.ones((3, 4)), "args": argparse.Namespace(a=1)}))
    path, told = tmp_path / "spoilt.pt", []
    for _ in range(250):
        content = bytearray(draw.choice(wholes))
        for _ in range(draw.randint(1, 6)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        path.write_bytes(content[: draw.choice([len(content), draw.randrange(1, len(content))])])
        try:
            archive = archive_of(path)
            for weights in networks_in(archive.value).values():
                tensors_of(archive, weights)
            model_head(path)
        except KoopViewError as error:
            told.append(str(error))
    assert len(told) > 50
    assert not any("\n" in sentence for sentence in told)


def test_an_array_holds_just_its_numbers():
    array, other = ArrayData(), ArrayData()
    with pytest.raises(Unreadable, match="impossible shape"):
        array.fill((1, (-1,), None, False, b""))
    other.fill((1, (2,), None, False, [Foreign("a.b"), None]))
    assert not other.is_numeric


def test_more_numbers_than_the_file_has(tmp_path):
    torch.save({"0.weight": torch.ones(4, 4)}, tmp_path / "model.pt")
    with zipfile.ZipFile(tmp_path / "model.pt") as plain:
        members = {name.partition("/")[2]: plain.read(name) for name in plain.namelist()}
    with zipfile.ZipFile(tmp_path / "short.pt", "w") as file:
        for name, content in (members | {"data/0": bytes(60)}).items():
            file.writestr(f"archive/{name}", content)
    with pytest.raises(FileError, match=r"says that it holds 16 numbers .* and holds 60 bytes; expected a whole file"):
        model_head(tmp_path / "short.pt")
