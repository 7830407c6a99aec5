"""One operator in the place of blocks, held against linear systems whose operator is known."""

import numpy as np
import pytest
import torch
from reference.examples import distance
from reference.residual import affine_system

from koopview.errors import InputError
from koopview.hybrid.depth import DepthMaps
from koopview.hybrid.linearity import in_sample, linearity
from koopview.hybrid.parts import fifth
from koopview.hybrid.ridge import ridge_map
from koopview.hybrid.stream_states import leading_components, stream_states

WIDTH = 6


def trajectory(systems, samples=300, seed=0):
    """Return x_0 to x_L of x + A x + b, one system a block, float64."""
    states = [torch.tensor(np.random.default_rng(seed).normal(size=(samples, WIDTH)))]
    for matrix, offset in systems:
        states.append(states[-1] + states[-1] @ torch.tensor(matrix).T + torch.tensor(offset))
    return states


def errors(seen, test, start, blocks, states="flat"):
    """Return the largest error of each replacement on the test states, and the operator."""
    maps = DepthMaps(seen, seen[0].shape[1:], states)
    operator = maps.operator(start, blocks)
    found = {
        name: float((run(test[start]) - test[start + blocks]).abs().max())
        for name, run in maps.replacements(operator, start).items()
    }
    return found, operator


@pytest.mark.parametrize(("start", "blocks"), [(0, 1), (0, 4), (1, 3), (2, 2)])
def test_blocks_that_are_all_one_affine_step_are_replaced_exactly(start, blocks):
    system = affine_system(WIDTH, 1)
    found, operator = errors(trajectory([system] * 4), trajectory([system] * 4, 50, 1), start, blocks)
    assert found["koopman"] < 1e-8
    assert found["affine"] < 1e-8
    assert found["affine_blocks"] < 1e-8
    assert min(found["skip"], found["mean"]) > 0.1
    expected = np.linalg.eigvals(np.eye(WIDTH) + system[0])
    assert distance(operator.eigenvalues, [*expected, 1.0]) < 1e-8
    assert len(operator.eigenvalues) == WIDTH + 1


def test_different_affine_blocks_are_exact_one_by_one_and_not_by_one_operator():
    systems = [affine_system(WIDTH, seed, 0.8) for seed in range(4)]
    found, _ = errors(trajectory(systems), trajectory(systems, 50, 1), 0, 4)
    assert found["affine_blocks"] < 1e-8
    assert found["affine"] < 1e-8
    assert found["koopman"] > 0.1


def test_states_on_a_plane_leave_the_operator_the_rank_of_the_plane_and_its_constant():
    systems = [(np.zeros((WIDTH, WIDTH)), np.zeros(WIDTH))] * 2
    systems[0][0][:2, :2] = 0.3 * np.eye(2)
    seen = [state.clone() for state in trajectory(systems)]
    for state in seen:
        state[:, 2:] = 0.5
    assert DepthMaps(seen, (WIDTH,), "flat").operator(0, 2).dmd.rank == 3


def test_states_that_do_not_vary_are_replaced_by_their_constant():
    seen = [torch.ones(40, WIDTH, dtype=torch.float64) * k for k in range(3)]
    found, _ = errors(seen, seen, 0, 2)
    assert found["mean"] == 0
    assert found["affine"] < 1e-12


@pytest.mark.parametrize("samples", [6, 12, 40, 300])
def test_one_block_is_replaced_by_the_same_map_as_its_affine_control(samples):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, WIDTH)) * 3.0 ** -np.arange(WIDTH) + 5
    y = np.tanh(x @ rng.normal(size=(WIDTH, WIDTH))) + 0.1 * rng.normal(size=(samples, WIDTH))
    maps = DepthMaps([torch.tensor(x), torch.tensor(y)], (WIDTH,), "flat")
    operator = maps.operator(0, 1)
    assert operator.ridge == maps.affine(0, 1).ridge
    replaced = maps.replacements(operator, 0)
    torch.testing.assert_close(replaced["koopman"](torch.tensor(x)), replaced["affine"](torch.tensor(x)))


def test_states_in_chunks_give_the_same_operator(monkeypatch):
    systems = [affine_system(WIDTH, seed, 0.8) for seed in range(3)]
    whole = DepthMaps(trajectory(systems), (WIDTH,), "flat").operator(0, 3)
    monkeypatch.setattr("koopview.hybrid.depth.CHUNK", 100)
    chunked = DepthMaps(trajectory(systems), (WIDTH,), "flat").operator(0, 3)
    x = trajectory(systems, 20, 1)[0]
    assert whole.ridge == chunked.ridge
    torch.testing.assert_close(whole(x), chunked(x))


def test_tokens_are_rows_with_their_mean_token_and_come_back():
    states = torch.randn(4, 15, generator=torch.Generator().manual_seed(0))
    tokens = stream_states("tokens", (5, 3), [states])
    rows = tokens.written(states)
    lifted = tokens.lifted(rows).numpy()
    for sample in range(4):
        own = states[sample].reshape(5, 3).numpy()
        np.testing.assert_array_equal(lifted[5 * sample : 5 * sample + 5, :3], own)
        np.testing.assert_allclose(lifted[5 * sample : 5 * sample + 5, 3:], np.tile(own.mean(0), (5, 1)), rtol=1e-5)
    assert torch.equal(tokens.states(rows), states)


def test_a_step_of_tokens_and_their_mean_is_exact_with_tokens_as_states():
    rng = np.random.default_rng(0)
    own, mean = 0.3 * rng.normal(size=(3, 3)), 0.3 * rng.normal(size=(3, 3))

    def path(samples, seed):
        states = [np.random.default_rng(seed).normal(size=(samples, 5, 3))]
        for _ in range(3):
            states.append(states[-1] + states[-1] @ own + states[-1].mean(1, keepdims=True) @ mean + 0.1)
        return [torch.tensor(one.reshape(samples, 15)) for one in states]

    seen, test = path(80, 0), path(20, 1)
    maps = DepthMaps(seen, (5, 3), "tokens")
    for name, run in maps.replacements(maps.operator(0, 3), 0).items():
        error = float((run(test[0]) - test[3]).abs().max())
        assert (error < 1e-8) == (name in ("koopman", "affine", "affine_blocks"))


def test_tokens_of_states_without_tokens_are_refused():
    with pytest.raises(InputError, match=r"states is 'tokens', .*shape \(6,\), expected \(tokens, width\)"):
        stream_states("tokens", (6,), [torch.zeros(2, 6)])


@pytest.mark.parametrize("word", ["", "pca:", "pca:0", "pca:x", "flat:3", "patches", 3])
def test_other_words_for_states_are_refused(word):
    with pytest.raises(InputError, match="expected flat, tokens, pca or pca:K"):
        stream_states(word, (6,), [torch.zeros(2, 6)])


def test_principal_components_are_numpys_and_lose_what_they_leave_out():
    rng = np.random.default_rng(0)
    given = rng.normal(size=(60, 8)) * 2.0 ** -np.arange(8)
    pca = stream_states("pca:3", (8,), [torch.tensor(given[:30]), torch.tensor(given[30:])])
    centred = given - given.mean(0)
    directions = np.linalg.svd(centred)[2][:3]
    back = pca.states(pca.written(torch.tensor(given))).numpy()
    np.testing.assert_allclose(back, centred @ directions.T @ directions + given.mean(0), atol=1e-10)
    assert (pca.name, pca.lossless) == ("pca:3", False)


def test_all_components_lose_nothing():
    given = torch.tensor(np.random.default_rng(0).normal(size=(60, 8)))
    pca = stream_states("pca:99", (8,), [given])
    torch.testing.assert_close(pca.states(pca.written(given)), given)
    assert pca.lossless


def test_large_flat_states_become_principal_components():
    given = torch.tensor(np.random.default_rng(0).normal(size=(20, 2001)).astype(np.float32))
    assert stream_states("flat", (2001,), [given]).name == "pca:19"
    assert stream_states("flat", (2000,), [given[:, :2000]]).name == "flat"


def test_leading_components_of_many_states_span_what_an_exact_decomposition_does(monkeypatch):
    monkeypatch.setattr("koopview.hybrid.stream_states.WHOLE", 10)
    rng = np.random.default_rng(0)
    given = torch.tensor(rng.normal(size=(60, 40)) * 2.0 ** -np.arange(40) @ rng.normal(size=(40, 90)))
    exact = torch.linalg.svd(given, full_matrices=False)[2][:5].T
    torch.manual_seed(7)
    found, drawn = leading_components(given, 5, seed=0), torch.rand(1)
    torch.testing.assert_close(found @ found.T @ exact, exact, atol=1e-6, rtol=0)
    assert torch.equal(found, leading_components(given, 5, seed=0))
    torch.manual_seed(7)
    assert torch.equal(drawn, torch.rand(1))  # a person's own random numbers stay


def test_rows_of_a_sample_are_judged_together():
    fitting, judging = fifth(20, 3)
    samples = [set((part // 3).tolist()) for part in (fitting, judging)]
    assert not samples[0] & samples[1]
    assert (len(fitting), len(judging)) == (48, 12)
    rng = np.random.default_rng(0)
    x, y = torch.tensor(rng.normal(size=(60, 2))), torch.tensor(rng.normal(size=(60, 1)))
    assert torch.equal(ridge_map(x, y, rows=3).judged.indices, judging)


# The linearity score


def lstsq_score(x, y):
    """1 - min_A ||X A - Y||^2 by numpy."""
    x, y = x - x.mean(0), y - y.mean(0)
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    return 1 - np.linalg.norm(x @ np.linalg.lstsq(x, y, rcond=None)[0] - y) ** 2


@pytest.fixture(scope="module")
def bent():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5))
    return x, np.tanh(2 * x @ rng.normal(size=(5, 5))) + 3.0


def test_the_score_is_that_of_numpys_least_squares(bent):
    assert in_sample(*map(torch.tensor, bent)) == pytest.approx(lstsq_score(*bent), abs=1e-12)


def test_the_score_does_not_change_with_shift_scale_or_basis(bent):
    x, y = bent
    turned, mixed = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0], np.diag([1.0, 2, 3, 4, 5])
    other = torch.tensor(7 * x @ mixed + 3), torch.tensor(0.1 * y @ turned - 2)
    assert in_sample(*other) == pytest.approx(in_sample(torch.tensor(x), torch.tensor(y)), abs=1e-12)


def test_an_affine_step_scores_one_in_sample_apart_and_for_its_update(bent):
    x = torch.tensor(bent[0])
    matrix, offset = map(torch.tensor, affine_system(5, 0))
    after = x + x @ matrix.T + offset
    found = linearity((x[:100], after[:100]), (x[100:], after[100:]))
    for score in (found.score, found.apart, found.update, found.update_apart):
        assert score == pytest.approx(1.0, abs=1e-8)
    assert 0.5 < found.skip < 1


def test_the_skip_connection_alone_makes_a_score_near_one(bent):
    x, noise = torch.tensor(bent[0]), torch.tensor(np.random.default_rng(2).normal(size=(200, 5)))
    after = x + 0.1 * noise  # an update that no map of x explains
    found = linearity((x[:100], after[:100]), (x[100:], after[100:]))
    assert min(found.score, found.apart, found.skip) > 0.97
    assert found.update < 0.2
    assert found.update_apart < 0.05


def test_scores_that_mean_nothing_are_none(bent):
    x, y = (torch.tensor(one) for one in bent)
    assert in_sample(x[:6], y[:6]) is None  # as many unknowns as samples
    same = linearity((x[:50], x[:50]), (x[50:], x[50:]))
    assert (same.update, same.update_apart) == (None, None)
    assert same.score == pytest.approx(1.0)
    still = linearity((torch.ones_like(x), y), (torch.ones_like(x), y))
    assert (still.score, still.skip) == (0.0, 0.0)  # nothing can be told from what does not vary
    assert linearity((x, torch.ones_like(x)), (x, torch.ones_like(x))).skip is None
