"""The committed networks measured in numpy; training improves, repeats itself and can be stopped."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file
from torch import nn

from koopview.errors import Cancelled, FileError, InputError
from koopview.network import mnist_training, yinyang_training
from koopview.network.batched import Recipe, best_network, forward, initial_layers, layers_of, loss, state_dict
from koopview.network.mnist import mnist_dataset
from koopview.network.training import TrainedNetwork, save_network, train
from koopview.network.yinyang import yinyang_samples
from koopview.progress import silent
from koopview.resources import resource_path

SMALL = Recipe((4, 6, 5, 3), networks=3, epochs=2, batch=7, learning_rate=0.01)


def reference_accuracy(weights: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> float:
    """Run a ReLU perceptron in float64 and count."""
    numbers = sorted({int(name.split(".")[0]) for name in weights})
    state = x.astype(np.float64)
    for number in numbers:
        state = state @ weights[f"{number}.weight"].astype(np.float64).T + weights[f"{number}.bias"]
        if number != numbers[-1]:
            state = np.maximum(state, 0)
    return float((state.argmax(axis=1) == y).mean())


def as_numpy(trained: TrainedNetwork) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in trained.weights.items()}


def metadata_of(path) -> dict[str, str]:
    with safe_open(path, framework="np") as file:
        return file.metadata()


@pytest.fixture
def short(monkeypatch):
    """Make the recipes and the samples of both built-in networks small."""
    monkeypatch.setattr(yinyang_training, "YINYANG", replace(yinyang_training.YINYANG, networks=4, epochs=3))
    monkeypatch.setattr(yinyang_training, "YINYANG_TRAIN", 6000)
    monkeypatch.setattr(yinyang_training, "YINYANG_VALIDATION", 1000)
    monkeypatch.setattr(mnist_training, "MNIST", replace(mnist_training.MNIST, epochs=1))
    monkeypatch.setattr(mnist_training, "mnist_dataset", lambda: mnist_dataset(full=False))


def trained_example() -> TrainedNetwork:
    weights = state_dict(initial_layers(SMALL, torch.Generator().manual_seed(0)), 1)
    return TrainedNetwork(weights, {"activation": "relu"}, "yinyang", 5, 60, 0.75, 0.5)


def test_the_built_in_yinyang_network_is_as_good_as_said():
    path = resource_path("models/yinyang.safetensors")
    weights = load_file(path)
    assert [weights[f"{n}.weight"].shape for n in (0, 2, 4, 6)] == [(8, 4), (6, 8), (4, 6), (3, 4)]
    measured = reference_accuracy(weights, *yinyang_samples(5000, (987654, 321)))
    assert measured >= 0.988
    metadata = metadata_of(path)
    assert (metadata["activation"], metadata["data"], metadata["seed"]) == ("relu", "yinyang", "0")
    assert abs(float(metadata["accuracy"]) - measured) < 0.006


def test_the_built_in_mnist_network_is_as_good_as_said():
    path, data = resource_path("models/mnist.safetensors"), mnist_dataset(full=False)
    weights = load_file(path)
    assert [weights[f"{n}.weight"].shape for n in (0, 2, 4, 6)] == [(512, 784), (256, 512), (128, 256), (10, 128)]
    measured = reference_accuracy(weights, data.x_test, data.y_test)
    assert measured >= 0.975
    metadata = metadata_of(path)
    assert (metadata["activation"], metadata["data"], metadata["seed"]) == ("relu", "mnist", "0")
    assert abs(float(metadata["accuracy"]) - measured) < 0.0005


@pytest.mark.parametrize(("name", "least"), [("yinyang", 0.6), ("mnist", 0.7)])
def test_a_short_training_is_far_above_chance_and_reports_its_true_accuracy(short, name, least):
    trained = train(name, seed=1)
    data = yinyang_training.yinyang_dataset() if name == "yinyang" else mnist_dataset(full=False)
    measured = reference_accuracy(as_numpy(trained), data.x_test, data.y_test)
    assert measured > least
    assert trained.test_accuracy == pytest.approx(measured, abs=2 / len(data.y_test))
    assert trained.validation_accuracy == pytest.approx(measured, abs=0.08)
    assert (trained.run_by, trained.data, trained.seed) == ({"activation": "relu"}, name, 1)
    assert trained.train_samples == {"yinyang": 6000, "mnist": 4500}[name]


def test_the_seed_decides_every_byte(short, tmp_path):
    for file, seed in (("a", 3), ("b", 3), ("c", 4)):
        save_network(train("yinyang", seed=seed, epochs=1), tmp_path / file)
    a, b, _c = ((tmp_path / file).read_bytes() for file in "abc")
    assert a == b
    assert load_file(tmp_path / "a")["0.weight"].tobytes() != load_file(tmp_path / "c")["0.weight"].tobytes()


def test_training_leaves_torch_s_own_random_numbers_and_threads_alone(short):
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    train("yinyang", epochs=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_progress_rises_to_one_and_says_epoch_samples_and_accuracy(short):
    seen: list[tuple[float, str]] = []
    train("yinyang", epochs=2, progress=lambda fraction, text: seen.append((fraction, text)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)
    assert len(fractions) >= 6
    assert "6,000 training samples: epoch 1 of 2" in seen[0][1]
    assert any("epoch 2 of 2, validation accuracy" in text for _, text in seen)


@pytest.mark.parametrize("name", ["yinyang", "mnist"])
def test_training_stops_when_its_progress_raises(short, name):
    calls = []

    def stop(fraction: float, text: str) -> None:
        calls.append(fraction)
        if len(calls) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(name, progress=stop)
    assert calls[-1] < 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"name": "cifar"}, "'cifar', expected one of: yinyang, mnist, mnist-conv, mnist-vit, mnist-residual"),
        ({"name": "yinyang", "seed": -1}, "seed is -1, expected"),
        ({"name": "yinyang", "seed": 2**63}, "seed is 9223372036854775808, expected"),
        ({"name": "mnist", "epochs": 0}, "epochs is 0, expected at least 1"),
    ],
)
def test_wrong_settings_are_input_errors(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        train(**arguments)


def test_the_forward_pass_is_that_of_a_sequential_for_every_network():
    layers = initial_layers(SMALL, torch.Generator().manual_seed(2))
    with torch.no_grad():
        for _, bias in layers:
            bias.copy_(torch.randn_like(bias))
    x = torch.randn(11, 4)
    for network, logits in enumerate(forward(layers, x)):
        model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
        model.load_state_dict(state_dict(layers, network))
        torch.testing.assert_close(logits, model(x))
        torch.testing.assert_close(forward(layers_of(state_dict(layers, network)), x)[0], logits)


def test_each_network_learns_as_if_it_were_alone():
    layers = initial_layers(SMALL, torch.Generator().manual_seed(2))
    x, y = torch.randn(11, 4), torch.arange(11) % 3
    loss(layers, x, y).backward()
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    model.load_state_dict(state_dict(layers, 1))
    nn.functional.cross_entropy(model(x), y).backward()
    torch.testing.assert_close(layers[0][0].grad[1].T, model[0].weight.grad)
    torch.testing.assert_close(layers[2][1].grad[1, 0], model[4].bias.grad)


def test_the_network_is_chosen_by_validation_samples_alone():
    """Networks that learn one labelling are chosen by another one: the choice is the best among all by that."""
    x, y = map(torch.from_numpy, yinyang_samples(500, 0))
    other = (y + 1) % 3
    chosen, share = best_network(SMALL, (x, y), (x, other), 0, silent)
    measured = reference_accuracy({name: tensor.numpy() for name, tensor in chosen.items()}, x.numpy(), other.numpy())
    assert share == pytest.approx(measured, abs=0.003)
    alone, by_own = best_network(SMALL, (x, y), (x, y), 0, silent)
    against = reference_accuracy({name: tensor.numpy() for name, tensor in alone.items()}, x.numpy(), other.numpy())
    assert share >= against
    assert by_own > against


def test_shifted_pictures_move_whole_by_up_to_the_given_pixels():
    from koopview.network.batched import _shifted

    picture = torch.zeros(5, 5)
    picture[2, 2] = 1
    generator = torch.Generator().manual_seed(0)
    places = set()
    for _ in range(200):
        moved = _shifted(picture.reshape(1, 25), 1, generator)
        assert moved.shape == (1, 25)
        assert moved.sum() == 1
        places.add(int(moved.argmax()))
    assert places == {6, 7, 8, 11, 12, 13, 16, 17, 18}


def test_a_saved_network_reads_back_with_its_metadata(tmp_path):
    trained = trained_example()
    save_network(trained, tmp_path / "net.safetensors")
    back = load_file(tmp_path / "net.safetensors")
    assert back.keys() == trained.weights.keys()
    for name, array in as_numpy(trained).items():
        assert back[name].dtype == np.float32
        np.testing.assert_array_equal(back[name], array)
    assert metadata_of(tmp_path / "net.safetensors") == {
        "activation": "relu",
        "data": "yinyang",
        "seed": "5",
        "train_samples": "60",
        "validation_accuracy": "0.75000",
        "accuracy": "0.50000",
    }


def test_a_saved_network_s_tensors_are_aligned_and_its_metadata_in_order(tmp_path):
    save_network(trained_example(), str(tmp_path / "net.safetensors"))
    content = (tmp_path / "net.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0
    assert list(json.loads(content[8 : 8 + length])["__metadata__"])[:3] == ["activation", "data", "seed"]


def test_a_folder_that_does_not_exist_is_a_file_error_and_nothing_is_left(tmp_path):
    with pytest.raises(FileError, match=r"nowhere.*does not exist"):
        save_network(trained_example(), tmp_path / "nowhere" / "net.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_saving_replaces_an_older_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "net.safetensors"
    path.write_bytes(b"old")
    save_network(trained_example(), path)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert load_file(path)
