"""What a person gives Study in Python: usual kinds of modules and data are understood, others told in a sentence."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils import data as torch_data

import koopview
from koopview.errors import InputError

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(60, 4)).astype(np.float32)
Y = np.arange(60) % 3
PAIRS = torch_data.TensorDataset(torch.tensor(X), torch.tensor(Y))


def module():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))


class Pairs(torch_data.Dataset):
    """Map-style samples (array, number), as people write them."""

    def __len__(self):
        return len(X)

    def __getitem__(self, index):
        return X[index], int(Y[index])


class Broken(Pairs):
    """Samples that cannot be made, or are something else."""

    def __init__(self, sample):
        self.sample = sample

    def __getitem__(self, index):
        return self.sample(index)


class Endless(torch_data.IterableDataset):
    """A stream of samples."""

    def __iter__(self):
        while True:
            yield X[0], 0


def doubled(samples):
    """Collate samples with inputs twice as large."""
    x, y = torch_data.default_collate(samples)
    return 2 * x, y


@pytest.mark.parametrize(
    "given",
    [
        (X, Y),
        (torch.tensor(X), torch.tensor(Y)),
        ((X, Y),),
        ([torch.tensor(X), torch.tensor(Y)],),
        (X.tolist(), Y.tolist()),
        (PAIRS,),
        (Pairs(),),
        (torch_data.ConcatDataset([torch_data.Subset(Pairs(), range(40)), torch_data.Subset(Pairs(), range(40, 60))]),),
        (torch_data.DataLoader(PAIRS, batch_size=7, shuffle=True, drop_last=True),),
        (torch_data.DataLoader(Pairs(), batch_size=None),),
        (torch_data.DataLoader(Pairs(), batch_sampler=torch_data.BatchSampler(range(60), 8, False)),),
    ],
)
def test_data_of_every_usual_kind_are_those_samples_in_their_order(given):
    found, expected = koopview.Study(module(), *given), koopview.Study(module(), koopview.Dataset(X, Y))
    for part in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(found.dataset, part), getattr(expected.dataset, part))


def test_a_loaders_own_collation_counts_and_its_shuffling_is_told():
    loader = torch_data.DataLoader(PAIRS, batch_size=7, shuffle=True, collate_fn=doubled)
    found = koopview.Study(module(), loader).dataset
    np.testing.assert_array_equal(found.x_train, 2 * koopview.Dataset(X, Y).x_train)
    assert "samples of TensorDataset are in its own order, not shuffled as by the loader" in found.remarks


def test_inputs_without_labels_have_no_accuracy():
    assert koopview.Study(module(), torch_data.TensorDataset(torch.tensor(X))).dataset.y_train is None
    assert koopview.Study(module(), X).dataset.y_test is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((X, module()), "the model comes first and the data after it"),
        ((koopview.Dataset(X, Y), module()), "swapped"),
        ((X, Y), "model is a ndarray, expected a torch.nn.Module"),
        (
            ("net.pt", X, Y),
            r"path 'net\.pt', expected a torch\.nn\.Module; koopview\.open_study\(.*Study\.open\(PATH\)",
        ),
        ((nn.Linear, X, Y), r"model is the class Linear, expected a module of it, such as Linear\(\)"),
        ((module().state_dict(), X, Y), "state dict"),
        ((lambda x: x, X, Y), "model is a function"),
        ((module(), "data.csv"), r"data are the path 'data\.csv'"),
        ((module(), None), r"data are missing; expected Study\(model, data\)"),
        ((module(), {"x": X, "y": Y}), "data are a dict"),
        ((module(), koopview.Dataset(X, Y), Y), "labels are given beside a Dataset"),
        ((module(), Endless()), "Endless does not say how many samples it has"),
        ((module(), torch_data.DataLoader(Endless())), "Endless does not say how many samples it has"),
        ((module(), Broken(lambda i: {"image": X[i], "label": 0})), "entries image, label, expected pairs"),
        ((module(), Broken(lambda i: (X[i], 0, 1))), "samples of 3 parts, expected pairs"),
        ((module(), Broken(lambda i: (X[i][: 1 + i % 4], 0))), "Broken's samples cannot be read"),
        ((module(), Broken(lambda i: (X[i][: 1 + i // 256], [0][i]))), "Broken's samples cannot be read"),
        ((module(), Broken(lambda i: 1 / 0)), r"Broken's samples cannot be read \(division by zero\)"),
        ((module(), torch_data.TensorDataset(torch.tensor(X), torch.tensor(Y), torch.tensor(Y))), "3 parts"),
        ((module(), torch_data.Subset(PAIRS, [])), "holds no sample"),
    ],
)
def test_anything_else_is_told_in_one_sentence(given, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        koopview.Study(*given)
    assert "\n" not in str(caught.value)


def test_samples_that_do_not_fit_into_the_memory_are_refused_before_they_are_all_read(monkeypatch):
    read = []
    endless = Broken(lambda i: (X[0], read.append(i) or 0))
    monkeypatch.setattr(Broken, "__len__", lambda self: 10**12)
    with pytest.raises(InputError, match=r"Broken would take .* GiB of memory"):
        koopview.Study(module(), endless)
    assert len(read) < 1000


@pytest.mark.parametrize(("name", "meant"), [("delay", "delays"), ("ranks", "rank"), ("sample", "samples")])
def test_a_mistyped_setting_names_the_right_one(name, meant):
    with pytest.raises(InputError, match=rf"'{name}' is no setting of a fit \(did you mean {meant}\?\), expected one"):
        koopview.Study(module(), X, Y).fit("0", **{name: 3})


@pytest.mark.parametrize("layer", [0, 2, None])
def test_a_number_in_a_layers_place_is_answered_with_the_names(layer):
    study = koopview.Study(module(), X, Y)
    with pytest.raises(
        InputError, match=f"layer is {layer}, expected the name of a layer of Sequential as text: '0', '2'"
    ):
        study.fit(layer)


def test_a_rank_may_be_a_word_or_none():
    study = koopview.Study(module(), X, Y)
    settings = {"delays": 2, "samples": 40}
    assert (
        study.fit("0", rank="auto", **settings).result.settings == study.fit("0", rank=None, **settings).result.settings
    )
