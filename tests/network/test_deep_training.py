"""Training of architectures: repeatable, of each picture's own movement, averaged; and the built-in ones measured."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from koopview.errors import Cancelled, InputError
from koopview.network import mnist_training
from koopview.network.architectures import new_module
from koopview.network.data import Dataset
from koopview.network.deep_training import AveragedLearner, DeepRecipe, best_module, module_accuracy, moved
from koopview.network.demos import DEMOS
from koopview.network.mnist import mnist_dataset
from koopview.network.modelfiles.heads import model_head
from koopview.network.modelfiles.load import load_network
from koopview.network.training import TrainedNetwork, save_network, train
from koopview.opening import open_study
from koopview.progress import silent
from koopview.resources import resource_path
from koopview.study.source import Source

BUILT_IN = {
    "mnist-conv": ("residual-convolutional", 0.99),
    "mnist-vit": ("vision-transformer", 0.985),
    "mnist-residual": ("residual-perceptron", 0.985),
}
"""The architecture of each, and the least share of test digits that it must classify correctly."""

UNTRAINED = ({"architecture": "residual-perceptron"}, "mnist", 0, 0, 0.1, 0.1)

STILL = DeepRecipe("residual-perceptron", epochs=1, learning_rate=0.001, turn=0, zoom=0, shift=0)


@pytest.fixture(scope="module")
def digits():
    return mnist_dataset(full=False)


@pytest.fixture
def few(monkeypatch, digits):
    """Let the training find few digits."""
    parts = (digits.x_train[:200], digits.y_train[:200], digits.x_test[:100], digits.y_test[:100])
    monkeypatch.setattr(mnist_training, "mnist_dataset", lambda: Dataset(*parts, name="mnist"))


def tensors(x, y, count):
    return torch.from_numpy(x[:count]), torch.from_numpy(y[:count])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# Training -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_seed_decides_every_byte(few, tmp_path, name):
    for file, seed in (("a", 3), ("b", 3), ("c", 4)):
        save_network(train(name, seed=seed, epochs=1), tmp_path / file)
    a, b, c = ((tmp_path / file).read_bytes() for file in "abc")
    assert a == b
    length = int.from_bytes(a[:8], "little")
    assert a[8 + length :] != c[8 + length :]


def test_training_leaves_torch_s_own_random_numbers_alone(few):
    before = torch.get_rng_state()
    train("mnist-vit", epochs=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_was_trained_is_told(few):
    trained = train("mnist-residual", seed=2, epochs=1)
    assert (trained.run_by, trained.data, trained.seed) == ({"architecture": "residual-perceptron"}, "mnist", 2)
    assert trained.train_samples == 180
    module = new_module("residual-perceptron")
    module.load_state_dict(trained.weights)
    assert trained.test_accuracy == module_accuracy(module, mnist_training.training_samples().test)


def test_progress_rises_to_one_and_stops_when_it_raises(few):
    seen = []
    train("mnist-residual", epochs=2, progress=lambda fraction, text: seen.append((fraction, text)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)
    assert seen[0][1] == "mnist-residual, 180 training samples: epoch 1 of 2, validation accuracy 0.0%"

    def stop(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        train("mnist-conv", progress=stop)


@pytest.mark.parametrize(("setting", "sentence"), [({"seed": -1}, "seed is -1"), ({"epochs": 0}, "epochs is 0")])
def test_wrong_settings_are_input_errors(setting, sentence):
    with pytest.raises(InputError, match=f"{sentence}, expected"):
        train("mnist-conv", **setting)


def test_a_few_epochs_learn_digits(digits):
    recipe = replace(STILL, epochs=4, average=0.8, learning_rate=0.003)
    samples, others = (tensors(digits.x_train[at:], digits.y_train[at:], 1500) for at in (0, 1500))
    weights, told = best_module(recipe, samples, others, 0, silent)
    right = reference_perceptron(weights, others[0].numpy()).argmax(1) == others[1].numpy()
    assert told == pytest.approx(right.mean(), abs=0.002)
    assert told > 0.8


def reference_perceptron(weights, x):
    """Run the residual perceptron in float64."""

    def dense(name, state):
        return state @ weights[f"{name}.weight"].double().numpy().T + weights[f"{name}.bias"].double().numpy()

    state = np.maximum(dense("stem", x.astype(np.float64)), 0)
    for block in range(5):
        state = state + dense(f"blocks.{block}.contract", np.maximum(dense(f"blocks.{block}.expand", state), 0))
    return dense("head", state)


def test_the_average_is_the_exponential_one_of_all_weights_after_the_first_step():
    module = nn.Linear(2, 2)
    learner = AveragedLearner(module, replace(STILL, average=0.9))
    steps = [torch.full((2, 2), value) for value in (1.0, 2.0, 4.0)]
    expected = steps[0]
    for weight in steps:
        with torch.no_grad():
            module.weight.copy_(weight)
        learner.stepped()
        expected = 0.9 * expected + 0.1 * weight
    weights, _ = learner.best((torch.zeros(3, 2), torch.zeros(3, dtype=torch.long)))
    torch.testing.assert_close(weights["weight"], expected)


def test_measuring_leaves_the_module_in_training_as_it_is(digits):
    module = new_module("residual-convolutional")
    learner = AveragedLearner(module, STILL)
    before = copy.deepcopy(module.state_dict())
    learner.best(tensors(digits.x_test, digits.y_test, 20))
    assert module.training
    assert all(torch.equal(one, before[name]) for name, one in module.state_dict().items())


# Movements ------------------------------------------------------------------------------------------------------------


def one_bright(row, column, count=200, side=21):
    pictures = torch.zeros(count, side, side)
    pictures[:, row, column] = 1
    return pictures.flatten(1)


def centres(rows, side=21):
    """Return the centre of brightness (samples, 2), from the middle of the picture: down, right."""
    pictures = rows.reshape(-1, side, side).double()
    place = torch.arange(side) - side // 2
    whole = pictures.sum((1, 2))
    return torch.stack([(pictures.sum(2) * place).sum(1) / whole, (pictures.sum(1) * place).sum(1) / whole], 1)


def test_a_recipe_without_movement_leaves_pictures_as_they_are():
    x = torch.rand(3, 784)
    torch.testing.assert_close(moved(x, STILL, generator()), x, atol=1e-5, rtol=0)


def test_each_picture_is_shifted_on_its_own_by_up_to_the_pixels():
    found = centres(moved(one_bright(10, 10), replace(STILL, shift=2), generator()))
    assert 1.8 < found.abs().max() <= 2.0001
    assert found.min(0).values.max() < -1.8
    assert len(found.round(decimals=3).unique(dim=0)) == len(found)


def test_each_picture_is_turned_about_its_middle_by_up_to_the_degrees():
    found = centres(moved(one_bright(10, 18), replace(STILL, turn=20), generator()))
    angles = torch.rad2deg(torch.atan2(found[:, 0], found[:, 1]))
    assert angles.min() < -15
    assert 15 < angles.max() < 23  # of pixels: a bright one is spread over four
    torch.testing.assert_close(found.norm(dim=1), torch.full((200,), 8.0, dtype=torch.float64), atol=0.5, rtol=0)


def test_each_picture_is_zoomed_about_its_middle_by_up_to_the_share():
    found = centres(moved(one_bright(10, 18), replace(STILL, zoom=0.2), generator()))
    assert found[:, 0].abs().max() < 1e-4
    assert 8 / 1.2 - 0.5 < found[:, 1].min() < 7.2
    assert 9 < found[:, 1].max() < 8 / 0.8 + 0.5


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_trained_opens_by_itself(few, tmp_path, name):
    path = tmp_path / "own.safetensors"
    save_network(train(name, epochs=1), path)
    module = new_module(BUILT_IN[name][0]).eval()
    module.load_state_dict(load_file(path))
    x = torch.rand(4, 784)
    network = load_network(path)
    with torch.no_grad():
        torch.testing.assert_close(network.run(x), module(x), rtol=1e-4, atol=1e-5)
    assert network.remarks == ()
    (told,) = load_network(path, activation_name="tanh").remarks
    assert told.startswith("activation tanh was passed over")
    head = model_head(path)
    assert (head.needs, {layer.reason for layer in head.layers}) == ((), {""})
    assert head.parameters == sum(one.numel() for one in module.state_dict().values())


def test_an_architecture_is_not_doubted_as_a_chain_of_bare_weights(tmp_path, digits):
    save_network(TrainedNetwork(new_module("residual-perceptron").state_dict(), *UNTRAINED), tmp_path / "v.safetensors")
    told = []
    open_study(Source(model=str(tmp_path / "v.safetensors"), data="mnist"), tell=told.append)
    (sentence,) = told  # of chance alone
    assert "v.safetensors is right on" in sentence
    assert "factory" not in sentence


def test_weights_that_do_not_fit_their_architecture_are_told(tmp_path):
    weights = new_module("residual-perceptron").state_dict()
    del weights["stem.bias"]
    save_file(weights, tmp_path / "a.safetensors", metadata={"architecture": "residual-perceptron"})
    sentence = "the weights of a.safetensors do not fit the architecture residual-perceptron: the file lacks stem.bias"
    with pytest.raises(InputError, match=sentence):
        load_network(tmp_path / "a.safetensors")


def test_an_architecture_that_is_not_known_is_passed_over(tmp_path):
    chain = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    said = {"architecture": "os:system", "activation": "tanh"}
    save_file(chain.state_dict(), tmp_path / "a.safetensors", metadata=said)
    x = torch.rand(5, 4)
    with torch.no_grad():
        torch.testing.assert_close(load_network(tmp_path / "a.safetensors").run(x), chain(x))


# The built-in networks ------------------------------------------------------------------------------------------------


def test_every_architecture_s_demo_is_measured_here():
    assert {demo.name for demo in DEMOS if not demo.study} == set(BUILT_IN)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_network_is_as_good_as_said(name, digits):
    architecture, least = BUILT_IN[name]
    path = resource_path(f"models/{name}.safetensors")
    module = new_module(architecture).eval()
    module.load_state_dict(load_file(path))
    x, y = tensors(digits.x_test, digits.y_test, 10_000)
    with torch.no_grad():
        outputs = torch.cat([module(part) for part in x.split(500)])
        torch.testing.assert_close(load_network(f"demo:{name}").run(x[:20]), outputs[:20], rtol=1e-3, atol=1e-4)
    measured = float((outputs.argmax(1) == y).double().mean())
    assert measured >= least
    metadata = metadata_of(path)
    assert (metadata["architecture"], metadata["data"], metadata["seed"]) == (architecture, "mnist", "0")
    assert metadata["train_samples"] == "54000"
    assert float(metadata["accuracy"]) == pytest.approx(measured, abs=0.0005)
    assert float(metadata["validation_accuracy"]) == pytest.approx(measured, abs=0.01)


def metadata_of(path):
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        return file.metadata()


def test_all_three_together_are_small_and_hold_float32():
    paths = [resource_path(f"models/{name}.safetensors") for name in BUILT_IN]
    assert sum(path.stat().st_size for path in paths) < 3 * 10**6
    kinds = {one.dtype for path in paths for name, one in load_file(path).items() if "num_batches" not in name}
    assert kinds == {torch.float32}
    assert all(math.isfinite(float(one.double().sum())) for path in paths for one in load_file(path).values())
