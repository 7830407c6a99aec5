"""Streamed fits on workers: the sums are those of this process, and what travels does not grow with the samples."""

import os
import pickle
import signal

import numpy as np
import pytest
import torch
from reference.examples import random_network

import koopview
from koopview.cluster.sending import packed
from koopview.errors import Cancelled, FileError, InputError
from koopview.hybrid import streamed_on_workers, streamed_operator
from koopview.hybrid.streamed_on_workers import SentPaths, part_ranges, seen_of
from koopview.hybrid.streamed_paths import StreamedPaths

WIDTHS = (6, 300, 3)
SETTINGS = {"delays": 3, "rank": 6, "steps": 6}


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    """Let a part have several chunks, here: workers count their own."""
    monkeypatch.setattr(StreamedPaths, "rows", 40)


@pytest.fixture(scope="module")
def study():
    torch.manual_seed(0)
    module = random_network(WIDTHS, "relu")
    x = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32)
    return koopview.Study(module, koopview.Dataset(x, module(torch.tensor(x)).argmax(1).numpy()))


def stream(folder, count):
    path = folder / f"{count:05d}.npy"
    np.save(path, np.random.default_rng(1).normal(size=(count, 6)).astype(np.float32))
    return path


def same(one, other, atol=1e-8):
    np.testing.assert_allclose(one.eigenvalues, other.eigenvalues, atol=atol)
    assert one.result.accuracy == other.result.accuracy
    assert one.result.decomposition == other.result.decomposition


@pytest.mark.parametrize(
    ("components", "small", "told"), [(None, 1 << 27, "sums"), (None, 0, "randomized"), (5, 0, "sums in 5 components")]
)
def test_the_numbers_of_workers_are_those_of_this_process(
    client, study, tmp_path, monkeypatch, components, small, told
):
    monkeypatch.setattr(streamed_operator, "SMALL_SUMS", small)
    path = stream(tmp_path, 1500)
    found = study.fit_stream(path, "0", components=components, client=client, **SETTINGS)
    same(found, study.fit_stream(path, "0", components=components, **SETTINGS))
    assert found.note == ""
    assert found.result.decomposition == told


def test_a_killed_worker_is_told_and_changes_no_digit(client, study, tmp_path):
    path, killed = stream(tmp_path, 4000), []

    def kill(fraction, text):
        if not killed and "sample" in text and fraction > 0.01:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    found = study.fit_stream(path, "0", client=client, progress=kill, **SETTINGS)
    client.wait_for_workers(2, timeout=60)
    again = study.fit_stream(path, "0", client=client, **SETTINGS)
    assert killed
    assert found.eigenvalues.tolist() == again.eigenvalues.tolist()
    assert all("a worker was lost; computed again: " in note for note in found.note.split("; controls") if note)


def test_bytes_between_workers_do_not_grow_with_the_samples(client, study, tmp_path):
    moved = []
    for count in (1600, 9600):
        path = stream(tmp_path, count)
        before = sum(client.run(bytes_sent).values())
        study.fit_stream(path, "0", client=client, **SETTINGS)
        moved.append(sum(client.run(bytes_sent).values()) - before)
    assert moved[0] > 1000
    assert moved[1] < 2 * moved[0]  # which of the workers adds two sums is chance
    paths = [StreamedPaths(study.network, "0", None, parts_of(path), 10) for path in sorted(tmp_path.glob("*.npy"))]
    small, large = (len(packed(one)) for one in paths)
    assert small == large


def test_a_mapped_array_is_mapped_again_on_a_worker(client, study, tmp_path):
    mapped = np.load(stream(tmp_path, 1500), mmap_mode="r")
    again = pickle.loads(packed(parts_of(mapped)))
    assert len(packed(parts_of(mapped))) < 2000 < len(packed(parts_of(mapped[1:])))
    for one in (again, pickle.loads(packed(parts_of(mapped[:])))):
        np.testing.assert_array_equal(one.read(7, 1400), mapped[7:1400])
    same(study.fit_stream(mapped, "0", client=client, **SETTINGS), study.fit_stream(mapped, "0", **SETTINGS))


def parts_of(path):
    from koopview.study.given_stream import given_parts

    return given_parts(path)


def bytes_sent(dask_worker):
    return dask_worker.transfer_outgoing_bytes_total


def test_a_cancelled_fit_goes_on_from_its_checkpoint(client, study, tmp_path):
    path, file = stream(tmp_path, 1500), tmp_path / "sums.npz"

    def stop(fraction, text):
        if text.startswith("sums"):
            raise Cancelled

    with pytest.raises(Cancelled):
        study.fit_stream(path, "0", client=client, checkpoint=file, progress=stop, **SETTINGS)
    seen = []
    found = study.fit_stream(
        path, "0", client=client, checkpoint=file, progress=lambda share, text: seen.append(text), **SETTINGS
    )
    assert any(text.startswith("sums, sample ") for text in seen)
    assert not any(text.startswith("controls, sample ") for text in seen)
    same(found, study.fit_stream(path, "0", **SETTINGS))


def test_a_stream_that_workers_read_otherwise(client, study, tmp_path, monkeypatch):
    monkeypatch.setattr(streamed_on_workers, "seen_of", lambda parts: "other")
    with pytest.raises(InputError, match=r"a worker reads other samples of 00500\.npy than the client, expected the"):
        study.fit_stream(stream(tmp_path, 500), "0", client=client, **SETTINGS)


def test_a_stream_that_a_worker_cannot_read(study, tmp_path):
    path = stream(tmp_path, 500)
    sent = SentPaths(packed(StreamedPaths(study.network, "0", None, parts_of(path), 10)), "seen")
    os.remove(path)
    with pytest.raises(FileError, match=r"a worker cannot read 00500\.npy: .*, expected it at the same place"):
        sent.own()


def test_other_samples_or_sizes_are_seen(tmp_path):
    one, other = (parts_of(stream(tmp_path, count)) for count in (50, 51))
    assert seen_of(one) == seen_of(parts_of(tmp_path / "00050.npy")) != seen_of(other)


@pytest.mark.parametrize(("start", "stop", "rows"), [(0, 1000, 7), (0, 5, 7), (300, 1000, 10), (0, 17 * 254, 254)])
def test_parts_are_whole_chunks_that_follow_each_other(start, stop, rows):
    ranges = part_ranges(start, stop, rows)
    assert [begin for begin, _ in ranges] == [start, *(end for _, end in ranges[:-1])]
    assert ranges[-1][1] == stop
    assert len(ranges) <= streamed_on_workers.PARTS
    assert all((end - begin) % rows == 0 and end > begin for begin, end in ranges[:-1])


def test_nothing_is_left_of_a_pass_that_is_known():
    assert part_ranges(1000, 1000, 10) == []
