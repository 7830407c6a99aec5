"""Data that people have, with a network that they fit or do not: what is said is enough to go on."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import koopview
from koopview.errors import InputError
from koopview.study.source import Source

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = np.arange(60) % 3


@pytest.fixture
def model(tmp_path):
    """A file of a network that takes four numbers and gives three."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    save_file(net.state_dict(), tmp_path / "net.safetensors")
    return str(tmp_path / "net.safetensors")


def table(path, head, columns):
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([*([head] if head else []), *rows]))
    return str(path)


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
def test_a_label_of_another_name_is_asked_for_with_the_columns_that_there_are(tmp_path, model):
    data = table(tmp_path / "d.csv", "quality,a,b,c,d", [Y, *X.T])
    source = Source(model=model, activation="relu", data=data)
    told = (
        r"d\.csv has 5 features a sample, expected 4 as net\.safetensors takes; no column is called .*, so all 5 "
        r"columns \(quality, a, b, c, d\) are read as inputs; if one .* name it under Labels or with --keys ',NAME'"
    )
    with pytest.raises(InputError, match=told):
        koopview.open_study(source)
    for keys in (("", "quality"), ("", "0"), ("a+b+c+d", "-5")):
        study = koopview.open_study(Source(model=model, activation="relu", data=data, keys=keys))
        np.testing.assert_array_equal(
            np.sort(np.concatenate([study.dataset.y_train, study.dataset.y_test])), np.sort(Y)
        )


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
def test_an_index_and_labels_from_one_are_taken_for_what_they_are(tmp_path, model):
    data = table(tmp_path / "d.csv", ",a,b,c,d,label", [range(60), *X.T, Y + 1])
    study = koopview.open_study(Source(model=model, activation="relu", data=data))
    assert set(study.dataset.y_train) == {0, 1, 2}
    assert study.dataset.class_names == ("1", "2", "3")
    study.save(tmp_path / "s.koopview")
    again = koopview.Study.open(tmp_path / "s.koopview")
    np.testing.assert_array_equal(again.dataset.y_test, study.dataset.y_test)


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
def test_channels_last_are_kept_in_a_study(tmp_path):
    pictures = np.random.default_rng(0).random((30, 5, 6, 3)).astype("f4")
    np.savez(tmp_path / "d.npz", x=pictures, y=np.arange(30) % 2)
    save_file(nn.Sequential(nn.Linear(90, 8), nn.ReLU(), nn.Linear(8, 2)).state_dict(), tmp_path / "n.safetensors")
    source = Source(model=str(tmp_path / "n.safetensors"), activation="relu", data=str(tmp_path / "d.npz"))
    outputs = {}
    for channels in ("first", "last"):
        study = koopview.open_study(Source(**{**vars(source), "channels": channels}))
        study.save(tmp_path / f"{channels}.koopview")
        again = koopview.Study.open(tmp_path / f"{channels}.koopview")
        assert again.source.channels == channels
        np.testing.assert_array_equal(again.dataset.x_test, study.dataset.x_test)
        outputs[channels] = study.original
    assert not torch.allclose(outputs["first"], outputs["last"])


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_few_samples_are_told(samples):
    data = koopview.Dataset(X[:samples], Y[:samples], X, Y)
    held = "1 training sample is" if samples == 1 else f"{samples} training samples are"
    assert data.remarks == (f"{held} so few that a fit says nothing of others",)


def test_radial_functions_of_few_samples_take_as_many_centres():
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    study = koopview.Study(net, koopview.Dataset(X, Y))
    fit = study.fit("0", observables="rbf", samples=40)
    assert fit.result.kept_rank <= 8 + 1 + 40
    with pytest.raises(InputError, match="centres is 500, expected at most 40"):
        study.fit("0", observables="rbf", samples=40, centres=500)
