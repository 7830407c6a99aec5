"""What speaks against a model and its data is told where samples can tell, once, by every face; and nothing else is."""

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview import DoubtWarning, Source, open_study
from koopview.gui.session.engine import opened
from koopview.hybrid.scoring import Scoring
from koopview.network.data import Dataset
from koopview.network.modelfiles.load import network_from_weights
from koopview.network.modules import network_from_module
from koopview.study.doubts import better_activation, doubt_of_activation, doubt_of_chance, doubts

RNG = np.random.default_rng(0)


@pytest.fixture
def trained():
    """Weights of a tanh network, and samples whose labels are what it says of them."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
    for part in module.parameters():
        part.data *= 4
    x = torch.from_numpy(RNG.normal(size=(300, 4)).astype(np.float32))
    return module.state_dict(), x.numpy(), module(x).detach().numpy()


def found(weights, data, named):
    """The activation that does better, and the sentence about it."""
    study = koopview.Study(network_from_weights(weights, named, "net.pt"), data)
    better = better_activation(study.network, data, named, study.setup.scoring)
    return better, better and doubt_of_activation("net.pt", better)


def test_another_activation_that_does_clearly_better_is_named(trained):
    weights, x, logits = trained
    better, said = found(weights, Dataset(x, logits.argmax(1)), "sigmoid")
    assert better.name == "tanh"
    assert said.startswith("With activation sigmoid, as you said, net.pt is right on ")
    assert "with tanh on 100.0 %: is sigmoid what it was trained with?" in said


def test_so_it_is_by_r2_where_targets_are_real(trained):
    weights, x, logits = trained
    better, said = found(weights, Dataset(x, logits), "relu")
    assert better.name == "tanh"
    assert better.score == pytest.approx(1, abs=1e-6)
    assert "net.pt has an R2 of -" in said
    assert "with tanh 1: is relu what it was trained with?" in said


def test_the_right_one_raises_no_doubt_and_without_labels_there_is_none(trained):
    weights, x, logits = trained
    assert found(weights, Dataset(x, logits.argmax(1)), "tanh") == (None, None)
    assert found(weights, Dataset(x, logits), "tanh") == (None, None)
    assert found(weights, Dataset(x), "relu") == (None, None)


def test_few_samples_whose_labels_say_nothing_raise_no_doubt(trained):
    weights, x, _ = trained
    for seed in range(30):
        labels = np.random.default_rng(seed).integers(0, 3, 60)
        assert found(weights, Dataset(x[:60], labels), "relu") == (None, None)


# At chance ------------------------------------------------------------------------------------------------------------


def chance(labels, outputs, task="classes"):
    network = network_from_module(nn.Linear(4, 3), "net.pt")
    return doubt_of_chance(network, Scoring(task, labels, torch.as_tensor(outputs, dtype=torch.float32)))


def logits_of(right, count):
    """Logits that are right for the first samples alone, and labels of two thirds 1."""
    labels = np.repeat([1, 1, 0], count // 3)
    answers = np.where(np.arange(count) < right, labels, 1 - labels)
    return labels, np.eye(2)[answers]


@pytest.mark.parametrize(("right", "told"), [(0, True), (200, True), (400, True), (500, False), (600, False)])
def test_a_network_that_is_no_better_than_the_commonest_class_is_told(right, told):
    said = chance(*logits_of(right, 600))
    assert bool(said) == told
    if told:
        assert (
            f"is right on {right / 6:.1f} % of the test samples, no better than always answering class 1 (66.7 %)"
            in said
        )


def test_few_samples_cannot_tell_and_one_class_alone_says_nothing():
    assert not chance(*logits_of(8, 12))
    assert not chance(np.zeros(600, int), np.eye(2)[np.ones(600, int)])


@pytest.mark.parametrize(("noise", "told"), [(0.0, False), (0.5, False), (1.2, True), (5.0, True)])
def test_real_targets_no_better_than_their_mean_are_told(noise, told):
    targets, errors = RNG.normal(size=(2, 500, 3))
    said = chance(targets, targets + noise * errors, "regression")
    assert bool(said) == told
    assert not told or "on the test samples, no better than always answering their mean (0): are these its data" in said


# What is no chain, opened as one --------------------------------------------------------------------------------------


class Residual(nn.Module):
    """A residual network: square layers, what each gives added to what comes in."""

    def __init__(self, names):
        super().__init__()
        self.names = names
        for name in names:
            self.add_module(name, nn.Linear(8, 8))
        self.out = nn.Linear(8, 3)

    def forward(self, x):
        for name in self.names:
            x = x + torch.relu(getattr(self, name)(x))
        return self.out(x)


def fitted(module, x, y, loss):
    torch.manual_seed(1)
    for part in module.parameters():
        nn.init.normal_(part, std=0.4)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(200):
        optimizer.zero_grad()
        loss(module(x), y).backward()
        optimizer.step()
    return module


@pytest.fixture(scope="module")
def residual(tmp_path_factory):
    """Write a trained residual network's state dict and its data; return their paths by the names of its layers."""
    folder = tmp_path_factory.mktemp("residual")
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, 900)
    x = (rng.normal(size=(3, 8))[y] * 1.5 + rng.normal(size=(900, 8))).astype(np.float32)
    np.savez(folder / "data.npz", x_train=x[:500], y_train=y[:500], x_test=x[500:], y_test=y[500:])

    def write(*names):
        module = fitted(Residual(names), torch.tensor(x[:500]), torch.tensor(y[:500]), nn.functional.cross_entropy)
        with torch.no_grad():
            assert (module(torch.tensor(x[500:])).argmax(1).numpy() == y[500:]).mean() > 0.9
        torch.save(module.state_dict(), folder / "net.pt")
        return Source(model=str(folder / "net.pt"), activation="relu", data=str(folder / "data.npz"))

    return write


def test_a_residual_network_opened_as_a_chain_is_told_by_its_accuracy_and_by_its_names(residual):
    with pytest.warns(
        DoubtWarning, match=r"^net\.pt is right on \d+\.\d % of the test samples, no better than"
    ) as told:
        study = open_study(residual(*(f"fc{i}" for i in range(5))))
    assert study.setup.scoring.scored(study.original).score < 0.4
    assert not any("branch" in str(one.message) for one in told)
    assert all(one.filename == __file__ for one in told)  # who opened it is told, not the program's own line
    with pytest.warns(DoubtWarning, match=r"but the name block0_skip speaks of a branch: if it has any, open it with"):
        open_study(residual(*(f"block{i}_skip" for i in range(5))))


def test_the_window_tells_the_same_and_the_better_activation(residual):
    source = residual("fc0", "fc1", "fc2", "fc3", "res4")
    with pytest.warns(DoubtWarning) as told:
        open_study(source)
    said = [str(one.message) for one in told]
    found = opened(source, lambda *_: None)
    assert len(said) >= 2
    ended = (sentence if sentence[-1] in ".?" else f"{sentence}." for sentence in said)
    assert found.doubt == " ".join(ended)  # the data say which samples are for testing: nothing about a split


def test_a_factory_may_have_any_names_and_a_chain_that_does_well_is_not_doubted(residual, tmp_path):
    source = residual("fc1", "fc2", "fc3")
    torch.manual_seed(0)
    data = np.load(source.data)
    module = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    x, y = (torch.tensor(data[name]) for name in ("x_train", "y_train"))
    torch.save(fitted(module, x, y, nn.functional.cross_entropy).state_dict(), tmp_path / "chain.pt")
    (tmp_path / "own.py").write_text(
        "from torch import nn\nclass Own(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.skip, self.gate = nn.Linear(8, 16), nn.Linear(16, 3)\n"
        "    def forward(self, x):\n        return self.gate(self.skip(x).relu())\nmake = Own\n"
    )
    weights = {
        f"{new}.{part}": module.state_dict()[f"{old}.{part}"]
        for old, new in ((0, "skip"), (2, "gate"))
        for part in ("weight", "bias")
    }
    torch.save(weights, tmp_path / "own.pt")
    told = []
    open_study(Source(model=str(tmp_path / "chain.pt"), activation="relu", data=source.data), tell=told.append)
    open_study(
        Source(model=str(tmp_path / "own.pt"), factory=f"{tmp_path / 'own.py'}:make", data=source.data),
        tell=told.append,
    )
    open_study(Source(model="demo:yinyang"), tell=told.append)
    assert told == ["chain.pt was read as a plain chain of 2 layers with relu between them"]


# Autoencoders ---------------------------------------------------------------------------------------------------------


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.decoder = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 6))
        self.encoder = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 2))

    def forward(self, x):
        return self.decoder(torch.tanh(self.encoder(x)))


def test_an_autoencoder_is_measured_by_what_it_gives_back(tmp_path):
    rng = np.random.default_rng(0)
    x = torch.tensor(np.tanh(rng.normal(size=(600, 2)) @ rng.normal(size=(2, 6))), dtype=torch.float32)
    module = fitted(Autoencoder(), x[:400], x[:400], nn.functional.mse_loss)
    torch.save(module.state_dict(), tmp_path / "own.pt")  # defined in another order than it runs
    np.savez(tmp_path / "own.npz", x_train=x[:400], y_train=x[:400], x_test=x[400:], y_test=x[400:])
    source = Source(model=str(tmp_path / "own.pt"), activation="tanh", data=str(tmp_path / "own.npz"))
    told = []
    study = open_study(source, tell=told.append)
    assert told == ["own.pt was read as a plain chain of 4 layers with tanh between them"]
    assert study.setup.task == "reconstruction"
    given = module(x[400:]).detach()
    torch.testing.assert_close(study.original, given)
    expected = 1 - float(((given - x[400:]) ** 2).sum() / ((x[400:] - x[400:].mean(0)) ** 2).sum())
    assert study.setup.scoring.scored(study.original).score == pytest.approx(expected, rel=1e-5)
    assert expected > 0.8
    wrong = koopview.Study(network_from_weights(module.state_dict(), "relu", "own.pt"), study.dataset)
    said = " ".join(doubt.sentence for doubt in doubts(wrong.setup, Source(model="own.pt", activation="relu")))
    assert "with tanh " in said
