"""Study files: everything comes back, nothing inside is code, and a file is whole or refused."""

import io
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from reference.examples import random_network
from safetensors.torch import save_file
from torch import nn

import koopview
from koopview.errors import FileError, KoopViewError
from koopview.resources import resource_path
from koopview.study.archive import FORMAT
from koopview.study.held import DATA_LIMIT, held_data, save_study
from koopview.study.origin import without_demo
from koopview.study.source import Source
from koopview.study.study_file import file_of, read_study_file, resolved, write_study_file

FORMATS = Path(__file__).with_name("formats")

SETTINGS = {"steps": 8, "samples": 60, "delays": 3}
X = np.random.default_rng(0).normal(size=(120, 4)).astype(np.float32)
Y = np.arange(120) % 3


def module():
    torch.manual_seed(0)
    parts = nn.Linear(4, 8), nn.LeakyReLU(0.3), nn.Linear(8, 6, bias=False), nn.Tanh(), nn.ELU(0.5), nn.Linear(6, 3)
    return nn.Sequential(*parts)


def made():
    study = koopview.Study(module(), koopview.Dataset(X, Y, name="mine", class_names=("a", "b", "ü")), name="net")
    study.fit("0", rank=4, **SETTINGS)
    study.sweep(["0"], [1, 2], [2, 3], steps=8, samples=60)
    study.fit("2", rank=5, **SETTINGS).edit(remove=[1])
    return study


def assert_equal(found, expected):
    """Hold two results to be the same in every field."""
    for field in fields(expected):
        a, b = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(b, dict) and b and isinstance(next(iter(b.values())), np.ndarray):
            assert a.keys() == b.keys()
            assert all(np.array_equal(a[key], b[key]) for key in b)
        elif isinstance(b, np.ndarray):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
        else:
            assert a == b, field.name


def opened(path):
    return koopview.Study.open(path)


def test_a_study_comes_back_as_it_was_and_goes_on(tmp_path):
    study = made()
    study.save(tmp_path / "a.koopview")
    found = opened(tmp_path / "a.koopview")
    assert (found.network.name, found.dataset.name, found.dataset.class_names) == ("net", "mine", ("a", "b", "ü"))
    assert found.layers == study.layers
    assert len(found.results) == len(study.results) == 3
    for a, b in zip(found.results + found.state.cells, study.results + study.state.cells, strict=True):
        assert_equal(a, b)
    assert len(found.results[-1].paths) > 0
    assert found.setup.fingerprint() == study.setup.fingerprint()
    again = found.fit("2", rank=5, **SETTINGS).edit(remove=[1]).result
    np.testing.assert_array_equal(again.eigenvalues, study.results[-1].eigenvalues)
    assert again.accuracy == study.results[-1].accuracy


def test_activations_keep_their_parameters(tmp_path):
    made().save(tmp_path / "a.koopview")
    x = torch.tensor(X)
    torch.testing.assert_close(opened(tmp_path / "a.koopview").network.run(x), module()(x), rtol=0, atol=0)


def test_numbers_that_json_lacks_come_back(tmp_path):
    study = made()
    result = study.results[-1]
    shares = {"original": [float("nan"), 0.5, 1.0], "hybrid": result.per_class["hybrid"]}
    odd = replace(result, output_error=float("inf"), per_class=shares)
    write_study_file(tmp_path / "a.koopview", replace(study.state, results=(odd,)))
    found = read_study_file(tmp_path / "a.koopview").state.results[0]
    assert found.output_error == float("inf")
    assert np.isnan(found.per_class["original"][0])


def test_equal_studies_give_equal_bytes_and_equal_arrays_are_kept_once(tmp_path):
    study = made()
    for name in "ab":
        study.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as file:
        kept = np.load(io.BytesIO(file.read("arrays/float64.npy"))).size
    state = study.state
    arrays = [a for r in state.results + state.cells for a in (r.residuals, r.singular_values)]
    assert kept < sum(array.size for array in arrays)


def test_a_state_is_read_without_torch_and_without_opening_anything(tmp_path):
    made().save(tmp_path / "a.koopview")
    script = (
        "import sys; from pathlib import Path; from koopview.study.study_file import read_study_file\n"
        "file = read_study_file(Path('a.koopview'))\n"
        "assert 'torch' not in sys.modules and len(file.state.results) == 3 and len(file.state.cells) == 4\n"
        "print(file.path)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("a.koopview\n", "")


@pytest.mark.parametrize("name", ["yinyang", "mnist"])
def test_built_in_studies_are_of_the_same_format_and_name_what_they_need(name):
    file = read_study_file(resource_path(f"studies/{name}.koopview"))
    assert len(file.state.results[-1].paths) > 0
    known = resolved(Source(study=str(file.path)), file)
    assert (known.model, known.data, known.trust) == (f"demo:{name}", name, False)


# Where network and data are -------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with weights and data, and a study of them saved in another folder; paths are below the first."""
    monkeypatch.chdir(tmp_path)
    save_file(random_network((4, 8, 3), "relu").state_dict(), "m.safetensors", metadata={"activation": "relu"})
    np.savez("d.npz", a=X, b=Y)
    (tmp_path / "own.py").write_text(
        "from torch import nn\nopen('ran', 'w').close()\n"
        "def make():\n    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 3))\n"
    )
    torch.save(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 3)).state_dict(), "norm.pt")
    (tmp_path / "studies").mkdir()
    return tmp_path


def saved(source, name="studies/s.koopview"):
    study = koopview.open_study(source)
    study.fit("0", rank=4, **SETTINGS)
    study.save(name)
    return study


def test_a_file_of_data_is_named_and_a_plain_network_is_inside(files):
    study = saved(Source(model="m.safetensors", data="d.npz", keys=("a", "b"), normalize="standard", seed=4))
    os.unlink("m.safetensors")
    os.chdir("studies")
    found = opened("s.koopview")
    np.testing.assert_array_equal(found.dataset.x_test, study.dataset.x_test)
    assert found.source.data == str(files / "d.npz")
    found.save("t.koopview")  # and so does what was opened
    assert opened("t.koopview").setup.fingerprint() == study.setup.fingerprint()
    with zipfile.ZipFile("t.koopview") as file:
        assert not [name for name in file.namelist() if name.startswith("data/")]


def test_data_that_moved_along_are_found_beside_the_study(files):
    study = saved(Source(model="m.safetensors", data="d.npz", keys=("a", "b")))
    os.rename("d.npz", "studies/d.npz")
    assert opened("studies/s.koopview").setup.fingerprint() == study.setup.fingerprint()


def test_data_that_are_gone_or_changed_are_told(files):
    saved(Source(model="m.safetensors", data="d.npz", keys=("a", "b")))
    np.savez("d.npz", a=X + 1, b=Y)
    with pytest.raises(FileError, match=r"^data .*d.npz is not what it was when study studies/s.koopview was saved"):
        opened("studies/s.koopview")
    assert koopview.Study.open("studies/s.koopview", dataset=koopview.Dataset(X, Y)).results
    os.unlink("d.npz")
    with pytest.raises(FileError, match=r"the data of study .* are no longer at .*d.npz, expected .* opened from"):
        opened("studies/s.koopview")
    assert read_study_file(files / "studies/s.koopview").state.results  # what was found is still drawn


def test_code_that_a_study_names_runs_only_when_trusted(files):
    study = saved(Source(model="norm.pt", factory="own.py:make", data="d.npz", keys=("a", "b"), trust=True))
    os.unlink("ran")
    with pytest.raises(FileError, match=r"names the code .*own.py:make to make its network, expected your trust"):
        opened("studies/s.koopview")
    named = Source(study="studies/s.koopview")
    resolved(named, file_of(named))
    assert not os.path.exists("ran")
    assert koopview.Study.open("studies/s.koopview", trust=True).setup.fingerprint() == study.setup.fingerprint()
    assert os.path.exists("ran")


def test_trust_in_code_that_a_study_names_holds_for_that_code_alone(files):
    saved(Source(model="norm.pt", factory="own.py:make", data="d.npz", keys=("a", "b"), trust=True))
    Path("ran").unlink()
    Path("own.py").write_text(f"# other code\n{Path('own.py').read_text()}")
    with pytest.raises(FileError, match=r"the code .*own.py:make has changed since study .*s\.koopview was saved"):
        koopview.Study.open("studies/s.koopview", trust=True)
    assert not Path("ran").exists()
    known = Source(model="norm.pt", factory="own.py:make", study="studies/s.koopview")  # a person names it
    koopview.open_study(known)
    assert Path("ran").exists()


def test_weights_and_arguments_are_named_with_the_model(files):
    Path("sized.py").write_text(
        "from torch import nn\ndef make(n):\n"
        "    return nn.Sequential(nn.Linear(4, n), nn.ReLU(), nn.LayerNorm(n), nn.Linear(n, 3))\n"
    )
    Path("n.json").write_text('{"n": 8}')
    weights = torch.load("norm.pt")
    torch.save({"net": weights, "ema": {key: value.clone() for key, value in weights.items()}}, "two.pt")
    source = Source(model="two.pt", weights="net", factory="sized.py:make", factory_args="n.json", data="d.npz")
    study = saved(replace(source, keys=("a", "b"), trust=True))
    again = koopview.Study.open("studies/s.koopview", trust=True)
    assert again.setup.fingerprint() == study.setup.fingerprint()
    assert (again.source.weights, again.source.factory_args) == ("net", str(Path("n.json").absolute()))


def test_a_network_that_is_neither_plain_nor_in_a_file_is_asked_for(files):
    norm = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 3))
    study = koopview.Study(norm, koopview.Dataset(X, Y))
    study.fit("0", **SETTINGS)
    study.save("s.koopview")
    with pytest.raises(FileError, match="holds no network, as Sequential is no plain chain of layers"):
        opened("s.koopview")
    found = koopview.Study.open("s.koopview", model=norm)
    assert found.setup.fingerprint() == study.setup.fingerprint()
    assert len(found.results) == 1


def test_what_the_person_names_goes_before_what_the_study_says(files):
    saved(Source(model="m.safetensors", data="d.npz", keys=("a", "b")))
    np.savez("other.npz", x=X[:60], y=Y[:60])
    study = koopview.open_study(Source(study="studies/s.koopview", data="other.npz"))
    assert (study.dataset.name, study.network.name) == ("other.npz", "m.safetensors")
    assert koopview.open_study(Source(study="studies/s.koopview")).results
    save_study(study.setup, study.source, study.state, files / "u.koopview")
    assert opened("u.koopview").dataset.name == "other.npz"


def test_data_in_memory_that_are_too_large_are_left_out(monkeypatch, tmp_path):
    study = made()
    assert held_data(study.dataset) is not None
    assert DATA_LIMIT == 256 * 2**20
    monkeypatch.setattr("koopview.study.held.DATA_LIMIT", 1000)
    study.save(tmp_path / "a.koopview")
    with pytest.raises(FileError, match="holds no data, as mine were made in memory and too large"):
        opened(tmp_path / "a.koopview")
    assert koopview.Study.open(tmp_path / "a.koopview", dataset=study.dataset).results


# Files that are no whole study ----------------------------------------------------------------------------------------


def refused(path):
    """The sentence with which a file is refused."""
    with pytest.raises(KoopViewError) as caught:
        opened(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_damaged_file_is_one_sentence(tmp_path):
    made().save(tmp_path / "a.koopview")
    whole = (tmp_path / "a.koopview").read_bytes()
    path = tmp_path / "b.koopview"
    rng = random.Random(0)
    for _ in range(40):
        broken = bytearray(whole)
        for _ in range(rng.choice([1, 5])):
            broken[rng.randrange(len(broken))] ^= rng.randrange(1, 256)
        path.write_bytes(bytes(broken))
        with suppress(FileError):  # a byte that nobody reads (a date) changes nothing
            assert len(opened(path).results) == 3
    for stop in (0, 1, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:stop])
        refused(path)


class Trap:
    def __reduce__(self):
        return os.mkdir, ("marker",)


def altered(path, change):
    """Write the study again with its members changed; `change` gets them by name."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


def objects():
    content = io.BytesIO()
    np.save(content, np.array([Trap()], dtype=object), allow_pickle=True)
    return content.getvalue()


def text_with(**changed):
    def change(members):
        text = json.loads(members["study.json"])
        members["study.json"] = json.dumps(text | changed).encode()

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.update({"arrays/float64.npy": objects()}),
        lambda members: members.update({"data/x_train.npy": objects()}),
        lambda members: members.update({"network.safetensors": pickle.dumps(Trap())}),
        lambda members: members.update({"study.json": pickle.dumps(Trap())}),
        lambda members: members.pop("study.json"),
        lambda members: members.pop("arrays/complex128.npy"),
        lambda members: members.pop("network.safetensors"),
        text_with(results=[{}]),
        text_with(results=3),
        text_with(layers=[{"name": "0"}]),
        text_with(origin=3),
        text_with(format=None),
    ],
)
def test_a_file_with_strange_parts_is_refused_and_runs_nothing(tmp_path, monkeypatch, change):
    monkeypatch.chdir(tmp_path)
    made().save("a.koopview")
    altered("a.koopview", change)
    refused("a.koopview")
    assert not os.path.exists("marker")


def test_other_files_are_refused_with_what_was_expected(tmp_path):
    (tmp_path / "text").write_text("no study")
    np.savez(tmp_path / "arrays.npz", x=X)
    assert "does not exist, expected a .koopview file" in refused(tmp_path / "none")
    assert "is a folder" in refused(tmp_path)
    for name in ("text", "arrays.npz"):
        assert refused(tmp_path / name).endswith("cannot be read, expected a whole study that KoopView saved")


def test_a_newer_format_is_told_in_one_sentence(tmp_path):
    path = tmp_path / "a.koopview"
    made().save(path)
    altered(path, text_with(format=FORMAT + 1))
    expected = f"has format {FORMAT + 1} of a newer KoopView, expected {FORMAT} at most: install the newer one"
    assert refused(path).endswith(expected)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_study_of_each_earlier_format_opens_with_its_numbers_and_the_others_absent(number):
    file = read_study_file(FORMATS / f"format-{number}.koopview")
    shown = file.state.results[-1]
    assert (len(file.state.results), shown.settings.layer, shown.settings.delays, shown.rank) == (23, "2", 12, 30)
    assert shown.rows["original"] == 0.9908
    assert 0.98 < shown.rows["hybrid"] < 0.99
    assert len(shown.eigenvalues) == 30
    early = number < 4
    assert (shown.rows["lift_affine"] is None, shown.controls_known) == (early, not early)
    assert np.isnan(shown.residuals).all() == early
    assert np.isfinite(shown.step_residuals).all()
    assert shown.settings.schedule == ("uniform" if early else "geometric:0.95")
    assert (file.origin is None) == (number < 3)


def test_a_study_of_an_earlier_format_goes_on():
    found = opened(FORMATS / "format-3.koopview")
    assert len(found.results) == 23
    fit = found.fit_settings(found.results[-1].settings)  # of an earlier version: fitted again, not taken as known
    assert fit.result.controls_known
    assert fit.result.rows["hybrid"] == pytest.approx(found.results[-1].rows["hybrid"], abs=0.01)


def test_results_alone_are_drawn_but_do_not_go_on(tmp_path):
    path = tmp_path / "a.koopview"
    write_study_file(path, made().state)
    assert read_study_file(path).state.results
    assert "holds results alone" in refused(path)


# Killed in the middle -------------------------------------------------------------------------------------------------

SAVING = """
import sys
from dataclasses import replace
from pathlib import Path
from koopview.study.study_file import read_study_file, write_study_file
state = read_study_file(Path("a.koopview")).state
turn = 0
while True:
    print(flush=True)
    write_study_file(Path("a.koopview"), replace(state, model=f"turn {turn}"))
    turn += 1
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
def test_killed_at_any_point_of_a_save_the_old_or_the_new_file_is_whole(tmp_path):
    path = tmp_path / "a.koopview"
    made().save(path)
    expected = read_study_file(path).state.results[-1]
    rng = random.Random(1)
    for _ in range(6):
        running = subprocess.Popen([sys.executable, "-c", SAVING], cwd=tmp_path, stdout=subprocess.PIPE)
        running.stdout.readline()
        time.sleep(rng.uniform(0, 0.08))
        running.send_signal(signal.SIGKILL)
        assert running.wait(60) == -signal.SIGKILL
        assert_equal(read_study_file(path).state.results[-1], expected)


def test_a_built_in_network_with_blocks_is_named_with_its_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = koopview.open_study(Source(model="demo:mnist-residual"))
    assert (study.network.name, study.dataset.name) == ("demo:mnist-residual", "mnist")
    study.fit("head", rank=8, **SETTINGS)
    study.save("s.koopview")
    file = read_study_file(tmp_path / "s.koopview")
    known = resolved(Source(study="s.koopview"), file)
    assert (known.model, known.data, known.factory) == ("demo:mnist-residual", "mnist", None)
    assert "network.safetensors" not in zipfile.ZipFile("s.koopview").namelist()
    assert opened("s.koopview").setup.fingerprint() == study.setup.fingerprint()


def test_a_built_in_network_s_data_are_not_another_model_s():
    for model, data in (("demo:mnist-vit", "mnist"), ("demo:mnist-vit", None), ("demo:yinyang", "yinyang")):
        assert without_demo(Source(model=model, data=data)) == Source()
    assert without_demo(Source(model="demo:mnist-vit", data="own.npz")) == Source(data="own.npz")
    assert without_demo(Source(model="demo:mnist-vit", data="yinyang")) == Source(data="yinyang")
    assert without_demo(Source(model="demo:cifar")) == Source()  # a study file of another version may name it
