"""The parts of a streamed fit: sums in another process, maps from sums, the lift in coordinates, checkpoints."""

import pickle
from concurrent.futures import ProcessPoolExecutor
from functools import reduce

import numpy as np
import pytest
import torch
from reference import streams

from koopview.errors import Cancelled, FileError, InputError
from koopview.hybrid import checkpoint as module
from koopview.hybrid.checkpoint import Checkpoint
from koopview.hybrid.parts import JUDGING, fifth
from koopview.hybrid.regression import AffineSums
from koopview.hybrid.ridge import ridge_map, ridge_map_of_sums
from koopview.hybrid.streamed_controls import judging_samples
from koopview.hybrid.streamed_paths import Coordinates, StreamedPaths, moments_of_part
from koopview.hybrid.varying_states import VaryingStates
from koopview.koopman import merged, moments_of
from koopview.koopman.few import spaced
from koopview.koopman.moments_bases import principal_components
from koopview.progress import silent
from koopview.study.given_stream import given_parts
from koopview.trajectory.scaling import scale_layer

X = streams.pictures(500, states=12)[0]


def streamed_paths(count=500, stream=X, name="0"):
    """Return the paths of a small network's layer."""
    network = streams.study(states=12, hidden=8).network
    layer = network.layer(name).double()
    scaled = scale_layer("homotopy", layer, torch.zeros(1, layer.inputs), 6, -1.0, schedule="uniform")
    return StreamedPaths(network, name, scaled, given_parts(stream), count)


def in_another_process(content, start, stop):
    """Return the numbers of the moments of a part of pickled paths."""
    found = moments_of_part(*pickle.loads(content), start, stop)
    return found.count, np.asarray(found.products)


@pytest.mark.parametrize("name", ["0", "2"])
def test_parts_of_a_file_summed_in_other_processes_add_up_to_the_sums_of_all(name, tmp_path):
    np.save(tmp_path / "x.npy", X)
    paths = streamed_paths(stream=tmp_path / "x.npy", name=name)
    truth = moments_of(paths.paths(0, 500).numpy())
    parts = [moments_of_part(paths, Coordinates(), *ends) for ends in ((0, 100), (100, 101), (101, 500))]
    whole = reduce(merged, parts)
    assert whole.count == 500
    digits = 1e-12 if name == "0" else 1e-6  # layers before it compute in float32, by batches
    np.testing.assert_allclose(whole.products.numpy(), truth.products, rtol=digits, atol=1e3 * digits)
    with ProcessPoolExecutor(1) as pool:
        content = pickle.dumps((paths, Coordinates()))
        count, products = pool.submit(in_another_process, content, 101, 500).result()
    assert count == 399
    np.testing.assert_array_equal(products, parts[2].products.numpy())


def test_sums_in_components_are_those_of_the_projected_paths():
    paths = streamed_paths()
    basis = principal_components(paths.chunks(), 4)
    found = moments_of_part(paths, Coordinates(basis), 0, 500)
    np.testing.assert_allclose(found.products, moments_of(paths.paths(0, 500) @ basis).products, rtol=1e-10, atol=1e-9)


def test_a_part_that_is_not_there_is_said():
    with pytest.raises(InputError, match="samples 400 to 501 are asked for, expected some of 0 to 500"):
        moments_of_part(streamed_paths(), Coordinates(), 400, 501)


def test_samples_at_indices_are_those_of_the_stream():
    indices = np.array([0, 3, 250, 253, 254, 255, 499])
    torch.testing.assert_close(streamed_paths().inputs_at(indices), torch.tensor(X[indices]))


@pytest.mark.parametrize(("count", "few"), [(10, 64), (64, 64), (1000, 64), (70_000, 4096)])
def test_few_samples_are_spread_over_the_stream(count, few):
    found = spaced(count, few)
    assert len(found) == min(count, few)
    assert (np.diff(found) > 0).all()
    assert (found[0], found[-1]) == (0, count - 1)


def test_judging_samples_are_those_of_a_fit_in_memory_as_long_as_they_are_few():
    np.testing.assert_array_equal(judging_samples(1000), np.sort(fifth(1000)[1].numpy()))
    many = judging_samples(10**6)
    assert len(many) == JUDGING
    assert many[-1] > 0.99 * 10**6


@pytest.mark.parametrize("ridge", [1e-8, 1e-2, 10.0])
def test_a_map_of_sums_is_the_closed_form(ridge):
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(300, 5)) + 3, generator.normal(size=(300, 2))
    sums = AffineSums((torch.tensor(x[:1]), torch.tensor(y[:1])))
    for start in range(0, 300, 70):
        sums.add(torch.tensor(x[start : start + 70]), torch.tensor(y[start : start + 70]))
    weight, offset = sums.solved(ridge)
    apart = x - x.mean(0)
    gram = apart.T @ apart
    truth = np.linalg.solve(gram + ridge * np.trace(gram) / 5 * np.eye(5), apart.T @ (y - y.mean(0)))
    np.testing.assert_allclose(weight, truth, atol=1e-10)
    np.testing.assert_allclose(offset, y.mean(0) - x.mean(0) @ truth, atol=1e-9)
    np.testing.assert_allclose(sums.mean_target, y.mean(0))


def test_a_map_of_the_lift_is_the_same_in_the_coordinates_that_vary():
    paths = streamed_paths()
    x = torch.tensor(X)
    lifted = lambda batch: paths.scaled(batch.double(), 3).flatten(1).to(batch.dtype)  # noqa: E731 - h = 4
    y = paths.network.layer("0")(x)
    varying = VaryingStates(lifted, 4, x)
    compact = varying.entries
    assert varying.count < 12 * 4  # the appended entries are straight, and others nearly
    fitting, judging = fifth(500)
    sums = AffineSums((compact(x[:1].double()), y[:1].double()), varying.penalty(4))
    sums.add(compact(x[fitting].double()), y[fitting].double())
    found = ridge_map_of_sums(sums, x[judging], y[judging], compact)
    truth = ridge_map(x, y, lifted)
    assert found.ridge == truth.ridge
    torch.testing.assert_close(found(x), truth(x), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.judged.outputs, truth.judged.outputs, atol=1e-5, rtol=0)


class Counted:
    """A total of numbers from 0 on."""

    def __init__(self):
        self.total, self.added = torch.zeros((), dtype=torch.float64), []

    @property
    def sums(self):
        """The sum."""
        return {"total": self.total}

    def add(self, start, stop):
        """Add the numbers from `start` to before `stop`."""
        self.added.append((start, stop))
        self.total += sum(range(start, stop))


def test_a_stopped_sum_goes_on_where_it_stopped(tmp_path):
    def stop(share, text):
        if share > 0.5:
            raise Cancelled

    path = tmp_path / "sums.npz"
    with pytest.raises(Cancelled):
        Checkpoint(path, "a").summed("sums", Counted(), 100, 9, stop)
    again, total = Checkpoint(path, "a"), Counted()
    assert again.samples == 54
    again.summed("sums", total, 100, 9, silent)
    assert float(total.total) == sum(range(100))
    assert total.added[0] == (54, 63)
    again.keep("found", {"total": total.total}, instead_of="sums")
    assert float(Checkpoint(path, "a").kept("found")["total"]) == sum(range(100))
    assert Checkpoint(path, "a").kept("sums") is None
    assert Checkpoint(path, "a").samples == 0


def test_a_sum_that_is_not_whole_is_no_result(tmp_path):
    path = tmp_path / "sums.npz"
    Checkpoint(path, "a").summed("sums", Counted(), 100, 9, silent)
    assert Checkpoint(path, "a").kept("sums") is None


def test_a_write_that_fails_leaves_the_last_one(tmp_path, monkeypatch):
    path = tmp_path / "sums.npz"
    Checkpoint(path, "a").summed("sums", Counted(), 100, 9, silent)

    def broken(arrays, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_save", broken)
    with pytest.raises(FileError, match=r"checkpoint .* cannot be written: No space left on device"):
        Checkpoint(path, "a").keep("found", {})
    monkeypatch.undo()
    assert Checkpoint(path, "a").samples == 100
    assert [one.name for one in tmp_path.iterdir()] == ["sums.npz"]


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (
            lambda path: path.write_bytes(b"junk"),
            r"is something else or damaged, expected a checkpoint that",
        ),
        (lambda path: np.savez(path, x=1), r"is something else or damaged"),
        (
            lambda path: Checkpoint(path, "b").keep("x", {}),
            r"is of another fit \(its network, samples or settings",
        ),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.mkdir(), "is a folder"),
    ],
)
def test_another_file_is_refused_and_stays(write, sentence, tmp_path):
    path = tmp_path / "sums.npz"
    write(path)
    content = path.read_bytes() if path.is_file() else None
    with pytest.raises(FileError, match=f"^checkpoint .*{sentence}"):
        Checkpoint(path, "a")
    assert content is None or path.read_bytes() == content
