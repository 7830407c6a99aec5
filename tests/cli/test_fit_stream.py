"""``koopview fit --stream``: the JSON of a fit in memory, previews that are marked, and wrong use in one sentence."""

import json

import numpy as np
import pytest

FIT = ("fit", "--model", "model.safetensors", "--data", "data.npz", "--layer", "0", "--delays", "4")


@pytest.fixture
def split(folder):
    """Data with test samples of their own in data.npz, and their training inputs in stream.npy."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 4)).astype("f4"), rng.integers(0, 3, 80)
    np.savez("data.npz", x_train=x[:60], y_train=y[:60], x_test=x[60:], y_test=y[60:])
    np.save("stream.npy", x[:60])
    return folder


@pytest.mark.parametrize("rank", [(), ("--rank", "3")])
def test_the_json_is_that_of_the_fit_in_memory(koopview, split, rank):
    known = json.loads(koopview(*FIT, *rank, "--samples", "all", "--json", "-").out)
    done = koopview(*FIT, *rank, "--stream", "stream.npy", "--json", "-")
    found = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    assert found.keys() == known.keys()
    for name in ("accuracy", "fit_samples", "test_samples", "lift_fraction", "rank", "best_control"):
        assert found[name] == known[name], name
    np.testing.assert_allclose(found["eigenvalues"], known["eigenvalues"], atol=1e-9)
    assert found["data"] == "stream.npy, tested on data.npz"
    assert (found["apart"], "preview" in found) == (None, False)
    assert found["decomposition"] == ("sums" if rank else known["decomposition"])


def test_a_preview_says_so_in_table_and_json(koopview, split):
    words = (*FIT, "--rank", "3", "--stream", "stream.npy", "--components", "3", "--samples", "50")
    found = json.loads(koopview(*words, "--json", "-").out)
    assert found["preview"] == found["decomposition"] == "sums in 3 components"
    assert found["fit_samples"] == 50
    table = koopview(*words).out
    assert "preview             sums in 3 components\n" in table
    assert "lift_affine" in table


def test_a_checkpoint_is_gone_on_with(koopview, split):
    words = (*FIT, "--rank", "3", "--stream", "stream.npy", "--checkpoint", "sums.npz", "--json", "-")
    one, other = (json.loads(koopview(*words).out) for _ in range(2))
    assert one | {"seconds": 0} == other | {"seconds": 0}
    done = koopview(*words, "--delays", "5")
    assert done.status == 2
    assert "checkpoint sums.npz is of another fit" in done.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--components", "3"), "--components is given without a stream, expected --stream S beside it"),
        (("--checkpoint", "a"), "--checkpoint is given without a stream, expected --stream S beside it"),
        (("--stream-keys", "x,"), "--stream-keys is given without a stream, expected --stream S beside it"),
        (("--stream", "stream.npy", "--repeats", "2"), "--repeats is 2 with a stream, whose first samples are taken"),
        (("--stream", "gone.npy"), "stream gone.npy does not exist, expected an NPZ, Parquet, NPY"),
        (("--stream", "stream.npy", "--checkpoint", "no/a"), "--checkpoint no/a cannot be written: the folder no does"),
        (("--stream", "stream.npy", "--normalize", "unit"), "normalize is 'unit' with a stream, expected none, and"),
        (
            ("--stream", "stream.npy", "--scaling", "flow"),
            "scaling is 'flow' with a stream, expected homotopy or linear",
        ),
        (("--stream", "data.npz", "--stream-keys", "z,"), "data.npz"),
        (("--stream", "weights.pt"), "weights.pt"),
    ],
)
def test_wrong_use_is_one_sentence(refused, split, words, sentence):
    assert sentence in refused(*FIT, *words)


def test_data_that_are_the_stream_are_refused(refused, folder):
    told = refused(*FIT, "--stream", "data.npz")
    assert told.startswith("the test samples are some of data.npz, which is the stream, expected samples that are not")
    assert told.endswith("(--test-data D2)")
