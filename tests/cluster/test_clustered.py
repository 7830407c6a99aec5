"""Sweeps and fits on workers: the numbers are those of this process, whatever happens to a worker on the way."""

import os
import signal

import numpy as np
import pytest
import torch
from reference.examples import random_network

import koopview
from koopview import cli
from koopview.errors import Cancelled, FileError, InputError
from koopview.study.sent import SentStudy, sent_study

DELAYS, RANKS = (1, 4), (3, "auto", 8)
SETTINGS = {"steps": 8, "samples": 60}
WIDTHS = (5, 8, 6, 3)


def samples_in(path, count):
    """Write labelled samples into a file: 40 for testing, the others to fit."""
    module = random_network(WIDTHS, "relu")
    x = np.random.default_rng(0).normal(size=(count, 5)).astype(np.float32)
    y = module(torch.tensor(x)).argmax(1).numpy()
    np.savez(path, x_train=x[40:], y_train=y[40:], x_test=x[:40], y_test=y[:40])
    return path


@pytest.fixture
def source(tmp_path):
    """A network and data in files."""
    torch.save(random_network(WIDTHS, "relu").state_dict(), tmp_path / "net.pt")
    path = samples_in(tmp_path / "data.npz", 160)
    return koopview.Source(model=str(tmp_path / "net.pt"), activation="relu", data=str(path))


@pytest.fixture
def study(source):
    return opened(source)


def opened(source):
    with pytest.warns(koopview.DoubtWarning):  # bare weights are read as a chain
        return koopview.open_study(source)


def same(found, expected):
    """Hold that results of two sweeps are equal."""
    assert [one.settings for one in found] == [one.settings for one in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.eigenvalues, other.eigenvalues, atol=1e-8)
        assert one.accuracy == other.accuracy
        assert one.rank == other.rank
        assert one.apart == other.apart


def test_a_sweep_on_workers_is_the_sweep_of_this_process(client, source, study):
    found = study.sweep("all", DELAYS, RANKS, client=client, **SETTINGS)
    same(found, opened(source).sweep("all", DELAYS, RANKS, **SETTINGS))
    assert len(found) == 18
    assert found.notes == ()
    assert study.history.found(found.results[0].settings) is found.results[0]


def test_data_made_in_memory_travel_too(client):
    x = np.random.default_rng(0).normal(size=(120, 5)).astype(np.float32)
    module = random_network(WIDTHS, "tanh")
    study, other = (koopview.Study(module, koopview.Dataset(x, (x[:, 0] > 0).astype(int))) for _ in range(2))
    same(study.sweep("0", [2], [4], client=client, **SETTINGS), other.sweep("0", [2], [4], **SETTINGS))


class Block(torch.nn.Module):
    """A residual block of a person's own class."""

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(5, 5)

    def forward(self, x):
        return x + torch.relu(self.inner(x))


def test_blocks_of_a_persons_own_class(client):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(5, 5), torch.nn.ReLU(), Block(), torch.nn.Linear(5, 2))
    x = np.random.default_rng(0).normal(size=(120, 5)).astype(np.float32)
    study, other = (koopview.Study(module, koopview.Dataset(x, (x[:, 0] > 0).astype(int))) for _ in range(2))
    settings = {"steps": 6, "samples": 60}
    same(study.sweep("2", [2, 3], [4], client=client, **settings), other.sweep("2", [2, 3], [4], **settings))


def test_a_quick_sweeps_cells_share_their_sums_on_a_worker(client, source, study):
    asked = {"tests": 20, "steps": 8, "samples": 60}
    found = study.sweep("0", [2, 3], [4], client=client, **asked)
    same(found, opened(source).sweep("0", [2, 3], [4], **asked))
    assert {one.test_samples for one in found} == {20}


def test_finished_cells_are_kept_and_not_computed_again(client, study, source, tmp_path):
    file = tmp_path / "cells.jsonl"

    def stop(result):
        raise Cancelled

    with pytest.raises(Cancelled):
        study.sweep("all", DELAYS, RANKS, client=client, resume=file, on_cell=stop, **SETTINGS)
    assert len(file.read_bytes().splitlines()) == 1
    told = []
    whole = opened(source)
    found = whole.sweep("all", DELAYS, RANKS, client=client, resume=file, on_cell=told.append, **SETTINGS)
    assert len(told) == 18
    assert len(file.read_bytes().splitlines()) == 18
    same(found, opened(source).sweep("all", DELAYS, RANKS, **SETTINGS))
    again = opened(source).sweep("all", DELAYS, RANKS, client=client, resume=file, **SETTINGS)  # no task at all
    same(again, found)


def test_a_worker_that_is_killed_changes_no_number(client, study, source):
    killed = []

    def kill(result):
        if not killed:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    found = study.sweep("all", [1, 2, 3, 4], RANKS, client=client, on_cell=kill, **SETTINGS)
    same(found, opened(source).sweep("all", [1, 2, 3, 4], RANKS, **SETTINGS))
    assert all(note.startswith("a worker was lost; computed again: layer ") for note in found.notes)
    client.wait_for_workers(2, timeout=60)


def test_a_fit_and_its_repeats_on_workers(client, study, source):
    settings = study.settings("2", delays=2, rank=4, **SETTINGS)
    for draws in (1, 3):
        result, notes = study.fit_on(client, settings, draws)
        other = opened(source)
        here = other.repeat(settings, draws).result if draws > 1 else other.fit_settings(settings).result
        same([result], [here])
        assert result.spread == here.spread
        assert notes == ()
    assert study.results[-1] is result


def test_repeats_are_refused_as_without_workers(client, study):
    with pytest.raises(InputError, match="repeats is 0, expected a whole number of 2 or more"):
        study.fit_on(client, study.settings("2", **SETTINGS), 0)


def test_what_travels_does_not_grow_with_the_samples(client, tmp_path):
    torch.save(random_network(WIDTHS, "relu").state_dict(), tmp_path / "net.pt")
    moved = []
    for count in (200, 6000):
        path = samples_in(tmp_path / f"{count:06d}.npz", count)
        study = opened(koopview.Source(model=str(tmp_path / "net.pt"), activation="relu", data=str(path)))
        before = sum(client.run(bytes_sent).values())
        study.sweep("0", [2], [3, 5], client=client, steps=8, samples="all")
        sent = len(sent_study(study.setup, study.source))
        moved.append((sent, sum(client.run(bytes_sent).values()) - before))
    (sent, back), (sent_of_more, back_of_more) = moved
    assert sent_of_more == sent < 20_000 < 5 * 4 * 5800  # bytes of the inputs
    assert 0 < back_of_more < 1.05 * back + 200


def bytes_sent(dask_worker):
    return dask_worker.transfer_outgoing_bytes_total


def test_data_that_a_worker_cannot_read_are_named(client, study, tmp_path):
    os.remove(tmp_path / "data.npz")
    with pytest.raises(FileError, match=r"worker tcp://.*: data .*data\.npz does not exist"):
        study.sweep("0", [2], [3], client=client, **SETTINGS)


def test_other_data_at_the_same_place_are_refused(client, study, tmp_path):
    samples_in(tmp_path / "data.npz", 161)
    with pytest.raises(InputError, match=r"worker tcp://.* reads other data than the client, expected the same files"):
        study.sweep("0", [2], [3], client=client, **SETTINGS)


def test_a_network_that_is_another_one_on_a_worker_is_refused(study):
    network, data, device, data_hash, outputs = sent_recipe(study)
    with pytest.raises(InputError, match="gives other outputs on worker here, expected the same torch on both"):
        SentStudy(network, data, device, data_hash, outputs + 1).setup()
    assert SentStudy(network, data, device, data_hash, outputs).setup().fingerprint() == study.setup.fingerprint()


def sent_recipe(study):
    import pickle

    return pickle.loads(sent_study(study.setup, study.source)).__reduce__()[1]


def test_the_command_line(source, capsys, tmp_path):
    words = ["--model", source.model, "--activation", "relu", "--data", source.data, "--steps", "8", "--samples", "60"]
    sweep = ["sweep", *words, "--layers", "0", "--delays", "1,4", "--ranks", "3"]
    fit = ["fit", *words, "--layer", "0", "--delays", "4", "--rank", "3"]
    np.save(tmp_path / "stream.npy", np.random.default_rng(1).normal(size=(500, 5)).astype(np.float32))
    for command in (sweep, fit, [*fit, "--stream", str(tmp_path / "stream.npy")]):
        assert cli.main(command) == 0
        expected = capsys.readouterr().out
        assert cli.main([*command, "--dask", "local:1"]) == 0
        found, told = capsys.readouterr()
        assert without_seconds(found) == without_seconds(expected)
        assert "koopview: note: Dask: 1 worker ready in " in told


def without_seconds(text):
    return [line for line in text.splitlines() if not line.startswith("time")]


@pytest.mark.parametrize("command", ["sweep", "fit"])
def test_a_wrong_cluster_is_one_line_and_exit_2(command, capsys, monkeypatch):
    monkeypatch.setattr("koopview.cluster.opening.CONNECT_SECONDS", 0.5)
    own = ["--layers", "2", "--delays", "1", "--ranks", "3"] if command == "sweep" else ["--layer", "2"]
    for where, told in (("nowhere", "--dask: cluster is 'nowhere', expected local"), ("tcp://127.0.0.1:1", "no Dask")):
        assert cli.main([command, "--model", "demo:yinyang", *own, "--dask", where]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"koopview: {told}")
        assert err.count("\n") == 1
