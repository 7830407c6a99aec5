"""A fit to a stream is that of the same samples in memory; killed and continued, it is the same to the last digit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from reference import streams
from reference.examples import distance
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import koopview
from koopview.errors import Cancelled, FileError, InputError

WIDE = streams.pictures(1200)
NARROW = streams.pictures(400, states=6)
"""Inputs and labels of streams for a layer that takes passes, and for one whose samples are decomposed whole."""

ROWS = ("original", "scaled", "hybrid", "lift_affine", "affine", "mean", "identity")


def in_memory(data, **sizes):
    """Return a Study whose training samples are those of a stream."""
    states = data[0].shape[1]
    return koopview.Study(streams.network(states, **sizes), koopview.Dataset(*data, *streams.pictures(200, 2, states)))


def equal(one, other, digits=1e-9):
    """Hold that two results are of the same operator and controls.

    With the smallest ridge the map of the lift follows rounding, and may answer otherwise on one of 200 samples.
    """
    assert one.rank == other.rank
    assert distance(one.eigenvalues, other.eigenvalues) < digits
    for name in ROWS:
        most = 0.005 if name == "lift_affine" else 0
        assert one.accuracy[name] == pytest.approx(other.accuracy[name], abs=most + 1e-12), name
        if name != "original":
            assert one.agreements[name] == pytest.approx(other.agreements[name], abs=most + 1e-12), name
            assert one.output_errors[name] == pytest.approx(other.output_errors[name], rel=1e-3 + 2 * most, abs=1e-6)
    assert one.above_best_control.control == other.above_best_control.control
    assert one.above_best_control.value == pytest.approx(other.above_best_control.value, abs=0.0051)
    assert one.operator_residual == pytest.approx(other.operator_residual, rel=1e-3)


@pytest.mark.parametrize("settings", [{"delays": 4}, {"delays": 3, "rank": "numerical"}, {"delays": 1, "rank": 3}])
@pytest.mark.parametrize("layer", ["0", "2"])
def test_a_narrow_layer_has_the_result_of_the_samples_in_memory(layer, settings):
    known = in_memory(NARROW, hidden=8).fit(layer, samples=None, **settings).result
    study = streams.study(states=6, hidden=8)
    found = study.fit_stream(NARROW[0], layer, **settings)
    equal(found.result, known)
    assert found.result.fit_samples == 400
    assert found.result.data == "array, tested on data"
    assert found.result.auto_rank == (known.auto_rank if "rank" not in settings else found.result.auto_rank)
    assert study.results == ()  # its own samples would not make it again


@pytest.fixture(scope="module")
def exact():
    """The fit of the wide layer in memory."""
    return in_memory(WIDE).fit("0", samples=None, delays=3, rank=8).result


@pytest.fixture(scope="module")
def study():
    """A study of the wide layer that lacks the stream's samples."""
    return streams.study()


def test_a_wide_layer_has_the_result_of_the_samples_in_memory(study, exact):
    found = study.fit_stream(WIDE[0], "0", delays=3, rank=8).result
    assert (found.decomposition, found.preview) == ("randomized", "")
    equal(found, exact, 1e-6)


def test_sums_of_whole_states_have_it_too(study, exact):
    found = study.fit_stream(WIDE[0], "0", delays=3, rank=8, components=streams.STATES).result
    assert (found.decomposition, found.preview) == ("sums", "")
    equal(found, exact, 1e-6)


def test_sums_in_components_are_marked_and_near(study, exact):
    errors = []
    for components in (6, 40):
        found = study.fit_stream(WIDE[0], "0", delays=3, rank=6, components=components).result
        assert found.decomposition == found.preview == f"sums in {components} components"
        assert found.summary()["preview"] == found.preview
        errors.append(distance(found.eigenvalues, exact_at(exact, 6)))
        assert found.accuracy["affine"] == exact.accuracy["affine"]  # controls take whole states
        assert found.accuracy["lift_affine"] == exact.accuracy["lift_affine"]
    assert errors[1] < 1e-3
    assert errors[1] < errors[0] / 2


def exact_at(exact, rank):
    """Return the eigenvalues of the exact fit at a smaller rank."""
    return in_memory(WIDE).fit_settings(exact.settings.with_rank(rank)).eigenvalues


def test_float64_takes_over_where_float32_has_too_few_digits(study, exact, monkeypatch):
    from koopview.hybrid import streamed_operator

    monkeypatch.setattr(streamed_operator, "single_is_enough", lambda *values: False)
    equal(study.fit_stream(WIDE[0], "0", delays=3, rank=8).result, exact, 1e-7)


def test_sums_of_many_samples_are_not_made_where_those_of_few_tell_that_they_do_not_do(monkeypatch):
    from koopview.hybrid import streamed_operator

    told = []
    monkeypatch.setattr(streamed_operator, "single_is_enough", lambda moments, *_: bool(told.append(moments.count)))
    monkeypatch.setattr(streamed_operator, "FEW", 128)
    streams.study().fit_stream(WIDE[0], "0", delays=3, rank=8, controls=False)
    assert told == [128]
    monkeypatch.setattr(streamed_operator, "MANY_TIMES", 10)
    streams.study().fit_stream(WIDE[0], "0", delays=3, rank=8, controls=False)
    assert told == [128, 1200]


def write_file(folder):
    np.save(folder / "x.npy", WIDE[0])
    return folder / "x.npy"


def write_folder(folder):
    (folder / "shards").mkdir()
    for number, part in enumerate(np.array_split(WIDE[0], 5)):
        np.savez(folder / "shards" / f"{number}.npz", x=part, y=np.zeros(len(part)))
    return folder / "shards"


def loader(folder):
    data = TensorDataset(torch.tensor(WIDE[0]), torch.tensor(WIDE[1]))
    return DataLoader(data, batch_size=100, shuffle=True)


def mapped(folder):
    return np.load(write_file(folder), mmap_mode="r")


@pytest.mark.parametrize("stream", [write_file, write_folder, loader, mapped, lambda folder: str(write_file(folder))])
def test_any_stream_of_the_samples_gives_the_same(stream, study, tmp_path):
    known = study.fit_stream(WIDE[0], "0", delays=2, rank=4, components=20).result
    found = study.fit_stream(stream(tmp_path), "0", delays=2, rank=4, components=20).result
    np.testing.assert_array_equal(found.eigenvalues, known.eigenvalues)
    assert found.accuracy == known.accuracy


def test_samples_are_the_first_ones_of_the_stream(study):
    few = study.fit_stream(WIDE[0][:500], "0", delays=2, rank=4, components=20).result
    found = study.fit_stream(WIDE[0], "0", samples=500, delays=2, rank=4, components=20).result
    np.testing.assert_array_equal(found.eigenvalues, few.eigenvalues)
    assert found.settings.samples == found.fit_samples == 500


def test_a_fit_of_a_stream_is_truncated_and_edited_without_the_stream(study):
    samples = streams.Recorded(WIDE[0])
    fit = study.fit_stream(samples.parts(), "0", delays=3, rank=8)
    read = samples.total
    smaller = fit.truncate(5)
    assert smaller.result.rank == 5
    assert fit.edit(remove=[0]).result.edited
    assert samples.total == read
    np.testing.assert_allclose(smaller.module().dmd.matrix, fit.module().dmd.matrix[:5, :5])
    with pytest.raises(InputError, match="rank is 9, expected at most 8, which the stream was fitted for"):
        fit.truncate(9)


def test_a_class_is_unlearned_and_probed_with_the_training_samples_of_the_study(study):
    fit = study.fit_stream(WIDE[0], "0", delays=3, rank=8)
    assert fit.result.fit_samples > len(study.dataset.x_train)
    assert 0 <= fit.linear_probe(1) <= 1
    edited = fit.unlearn(1)
    assert edited.note
    assert edited.result.fit_samples == fit.result.fit_samples


def test_no_more_samples_are_held_of_more_samples(study):
    most = []
    for times in (5, 20):
        samples = streams.Recorded(np.concatenate([WIDE[0]] * times))
        study.fit_stream(samples.parts(), "0", delays=2, rank=4, components=20, controls=False)
        most.append(samples.most)
    assert most[0] == most[1]


def test_without_labels_and_for_real_targets_there_are_scores():
    inputs, tests = streams.pictures(60, 1, 6)[0], streams.pictures(60, 2, 6)[0]
    unlabelled = koopview.Study(streams.network(6, 8), koopview.Dataset(inputs, None, tests))
    found = unlabelled.fit_stream(NARROW[0], "0", delays=3).result
    assert found.measure == "agreement"
    assert 0 < found.agreements["affine"] <= 1
    torch.manual_seed(0)
    one = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    targets = [one(torch.tensor(x)).detach().numpy() for x in (inputs, tests)]
    real = koopview.Study(one, koopview.Dataset(inputs, targets[0], tests, targets[1]))
    result = real.fit_stream(NARROW[0], "0", delays=3).result
    assert result.r2["original"] == pytest.approx(1)
    assert result.r2["lift_affine"] <= 1
    assert result.above_best_control is not None


def test_a_control_that_takes_too_much_memory_is_missing_and_said(monkeypatch):
    from koopview.errors import MemoryShort
    from koopview.hybrid import streamed_controls

    def short(*sizes):
        raise MemoryShort("an affine map would take 9 GiB")

    monkeypatch.setattr(streamed_controls, "check_regression_memory", short)
    fit = streams.study(states=6, hidden=8).fit_stream(NARROW[0], "0", delays=3, rank=4)
    assert fit.note == "the affine map of the lift was not measured: an affine map would take 9 GiB"
    assert fit.result.accuracy["lift_affine"] is None
    assert fit.result.accuracy["affine"] is not None
    assert fit.result.above_best_control is None  # the other control alone says too little


@pytest.mark.parametrize(
    ("stream", "settings", "sentence"),
    [
        (WIDE[0][:, :7], {}, r"stream array has samples of shape \(7,\), expected \(300,\) as data has"),
        (WIDE[0][:5], {}, r"samples is 5, expected 10 to 5 \(the samples of array\), or all"),
        (WIDE[0], {"samples": 5000}, r"samples is 5000, expected 10 to 1200 \(the samples of array\), or all"),
        (255 * WIDE[0], {}, "numbers of stream array reach .* and those of the test samples of data .* scaled alike"),
        (WIDE[0], {"rank": "auto"}, "rank is auto with a stream and a layer of 3 x 300 states, expected a number"),
        (WIDE[0], {"observables": "rbf", "delays": 1}, "observables is 'rbf' with a stream, expected delay, or a fit"),
        (WIDE[0], {"scaling": "flow"}, "scaling is 'flow' with a stream, expected homotopy or linear, or a fit of"),
        (WIDE[0], {"states": "pca:9"}, "states is 'pca:9' with a stream, expected flat"),
        (WIDE[0], {"replaced": ("0", "2")}, r"replaced is \('0', '2'\) with a stream, expected one layer"),
        (WIDE[0], {"draw": 3}, "draw is 3 with a stream, expected 0, the first samples"),
        (WIDE[0], {"components": 2}, "rank is 8 with 2 components and 3 delays, expected at most 6"),
        (
            WIDE[0][0],
            {},
            r"stream is an array of shape \(300,\), expected a path, an array \(samples, ...\), or a torch",
        ),
        (None, {}, "stream is a NoneType, expected a path"),
        ("gone.npy", {}, "stream gone.npy does not exist"),
        (np.full((50, 300), np.nan, "float32"), {}, "array: inputs from sample 0 on hold nan"),
    ],
)
def test_what_is_no_stream_for_this_fit_is_one_sentence(study, stream, settings, sentence):
    with pytest.raises((InputError, FileError), match=f"^{sentence}"):
        study.fit_stream(stream, "0", **{"delays": 3, "rank": 8, **settings})


@pytest.mark.parametrize("named", ["data", "test_data"])
def test_test_samples_are_not_fitted_to(named, tmp_path):
    inputs, labels = streams.pictures(60, states=6)
    np.savez(tmp_path / "set.npz", x=inputs, y=labels)
    np.savez(tmp_path / "other.npz", x=inputs + 1, y=labels)
    names = {"data": str(tmp_path / "other.npz")} | {named: str(tmp_path / "set.npz")}
    source = koopview.Source(**names)
    data = koopview.Dataset(inputs, labels, *((inputs[:9], labels[:9]) if named == "test_data" else ()))
    own = koopview.Study(streams.network(6, 8), data, source=source)
    with pytest.raises(InputError, match=r"^the test samples are some of .*set\.npz, which is the stream"):
        own.fit_stream(tmp_path / "set.npz", "0", delays=3)


# Stopped and killed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("components", [None, 20])
def test_a_stopped_fit_goes_on_with_the_same_result(components, study, tmp_path):
    settings = {"delays": 3, "rank": 8, "components": components}
    known = study.fit_stream(WIDE[0], "0", **settings).result
    place, texts, reads = tmp_path / "sums.npz", [], []
    for stop in (0.1, 0.32, 0.5, 0.8, 2.0):

        def progress(share, text, stop=stop):
            texts.append(text)
            if share > stop:
                raise Cancelled

        samples = streams.Recorded(WIDE[0])
        try:
            found = study.fit_stream(samples.parts(), "0", checkpoint=place, progress=progress, **settings).result
        except Cancelled:
            continue
        finally:
            reads.append(samples.total)
    np.testing.assert_array_equal(found.eigenvalues, known.eigenvalues)
    assert found.accuracy == known.accuracy
    whole = streams.Recorded(WIDE[0])
    study.fit_stream(whole.parts(), "0", **settings)
    assert reads[-1] < whole.total - len(WIDE[0])  # what was summed was not read again
    assert any("GiB of memory" in text for text in texts)


def test_a_checkpoint_of_other_samples_or_settings_is_refused(study, tmp_path):
    place, settings = tmp_path / "sums.npz", {"delays": 2, "rank": 4, "components": 20}
    study.fit_stream(WIDE[0], "0", checkpoint=place, **settings)
    others = ((WIDE[0] + 1, {}), (WIDE[0], {"delays": 3}), (WIDE[0], {"components": 21}), (WIDE[0], {"samples": 900}))
    for stream, other in others:
        with pytest.raises(FileError, match=r"^checkpoint .* is of another fit \(its network, samples or settings"):
            study.fit_stream(stream, "0", checkpoint=place, **settings | other)
    other = koopview.Study(streams.network(seed=1), study.dataset)
    with pytest.raises(FileError, match="is of another fit"):
        other.fit_stream(WIDE[0], "0", checkpoint=place, **settings)


def test_a_checkpoint_says_how_many_samples_are_in_it(study, tmp_path):
    def stop(share, text):
        if "sample 0 of" not in text and "sums" in text:
            raise Cancelled

    place = tmp_path / "sums.npz"
    how = {"delays": 2, "rank": 4, "components": 20, "controls": False, "checkpoint": place, "progress": stop}
    with pytest.raises(Cancelled):
        study.fit_stream(WIDE[0], "0", **how)
    with np.load(place) as held:
        assert 0 < int(held["sums:samples"]) < len(WIDE[0])


def killed(kills, components, folder):
    """Return what became of a fit that is killed so often."""
    words = [sys.executable, Path(streams.__file__).with_name("killed.py"), kills, 3, folder, components]
    homes = (Path(streams.__file__).parents[1], Path(koopview.__file__).parents[1])
    given = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, homes))}
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, env=given)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here, so that a kill costs no start")
@pytest.mark.parametrize(
    ("kills", "components"),
    [(3, 0), (3, 50), pytest.param(50, 0, marks=pytest.mark.slow), pytest.param(50, 50, marks=pytest.mark.slow)],
)
def test_a_killed_fit_has_the_same_result_and_loses_nothing(kills, components, tmp_path):
    found = killed(kills, components, tmp_path)
    assert found["kills"] == kills
    assert found["finished"] >= 1
    assert (found["equal"], found["lost"]) == (found["finished"], 0)
    assert found["way"] == (f"sums in {components} components" if components else "randomized")
