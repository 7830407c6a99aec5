"""Groups of modes against scipy's Schur form in float64, closed forms and a process apart."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.examples import in_random_basis, rotation

from koopview.errors import KoopViewError
from koopview.koopman import fit_dmd
from koopview.koopman.blocks import BOUND, longest_image
from koopview.koopman.edits import composed_edits, edited_eigenvalues, edited_power
from koopview.koopman.eigenpairs import Eigenpairs
from koopview.processes import in_process_apart
from koopview.trajectory.schedule import path_shares


def blocks(matrix):
    """Return the blocks of a matrix, and its eigenvalues."""
    pairs = Eigenpairs(matrix)
    return pairs.blocks, pairs.values


def quadratic_paths(schedule, samples=60, states=3, steps=20):
    """Return paths that are quadratics in s, as those of a homotopy between kinks."""
    rng, s = np.random.default_rng(0), path_shares(schedule, steps)
    parts = rng.normal(size=(3, samples, states))
    return sum(part[:, None] * (s**power)[:, None] for power, part in enumerate(parts))


def check(matrix):
    """Hold what every block diagonalisation must keep."""
    found, values = blocks(matrix)
    size = np.abs(matrix).max()
    np.testing.assert_allclose(found.left @ found.right, np.eye(len(matrix)), atol=1e-8)
    total = np.zeros(matrix.shape)
    for group in np.unique(found.labels):
        right, left = found.basis(group)
        projector = right @ left
        total += projector
        np.testing.assert_allclose(
            projector @ matrix, matrix @ projector, atol=1e-8 * size * max(1, found.norms[group])
        )
        own = np.sort_complex(np.linalg.eigvals(left @ matrix @ right))
        assert len(own) == (found.labels == group).sum()
    np.testing.assert_allclose(total, np.eye(len(matrix)), atol=1e-8)
    partner = np.array([np.argmin(np.abs(values - value.conj())) for value in values])
    assert np.all((found.labels == found.labels[partner]) | (np.abs(values.imag) < 1e-6))
    assert all(
        found.labels[label] == label and label == np.flatnonzero(found.labels == label)[0] for label in found.labels
    )
    return found, values


def test_well_conditioned_modes_stand_alone():
    matrix = in_random_basis([rotation(0.95, 0.4), rotation(1.02, 1.1), np.array([[0.9]]), np.array([[-0.3]])])
    found, _ = check(matrix)
    assert sorted(np.unique(found.labels, return_counts=True)[1]) == [1, 1, 2, 2]
    assert max(found.norms.values()) <= BOUND


def test_projectors_are_those_of_the_ordered_schur_form():
    """Scipy's own reordering with one cluster in front, and its Sylvester equation, give the same projector."""
    close = np.array([[0.9, 5.0, 1.0], [0.0, 0.9001, 5.0], [0.0, 0.0, 0.8999]])
    matrix = in_random_basis([close, np.array([[0.3]]), rotation(0.6, 1.0)])
    found, values = check(matrix)
    group = found.labels[np.argmin(np.abs(values - 0.9))]
    assert (found.labels == group).sum() == 3
    form, vectors, count = scipy.linalg.schur(matrix, output="real", sort=lambda re, im: abs(re + 1j * im - 0.9) < 0.05)
    coupling = scipy.linalg.solve_sylvester(form[:count, :count], -form[count:, count:], -form[:count, count:])
    whole = np.block([[np.eye(count), coupling], [np.zeros((len(form) - count, count)), np.eye(len(form) - count)]])
    right, left = vectors @ whole, np.linalg.inv(vectors @ whole)
    np.testing.assert_allclose(np.dot(*found.basis(group)), right[:, :count] @ left[:count], atol=1e-8)


def test_a_uniform_quadratic_is_one_group_and_a_geometric_one_three_eigenvalues():
    """Uniform steps make a Jordan block of size 3 at 1; geometric ones 1, rho and rho^2 (METHOD 2.1)."""
    uniform = fit_dmd(quadratic_paths("uniform"), 3, 100)
    geometric = fit_dmd(quadratic_paths("geometric:0.8"), 3, 100)
    found, _ = check(np.asarray(uniform.matrix))
    assert len(np.unique(found.labels)) == 1
    for value in geometric.eigenvalues:
        assert min(abs(value - known) for known in (1, 0.8, 0.64)) < 1e-6
    assert uniform.pairs.condition_numbers.max() > 1e6 > 1e3 > geometric.pairs.condition_numbers.max()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 14))
def test_random_operators_are_the_sum_of_their_blocks(seed, size):
    check(np.random.default_rng(seed).normal(size=(size, size)))


def far_from_normal(seed, size, coupling):
    """Return a matrix with known real eigenvalues whose Schur form is coupled by numbers of that size."""
    rng = np.random.default_rng(seed)
    form = np.triu(coupling * rng.normal(size=(size, size)), 1) + np.diag(rng.uniform(0.5, 1.1, size))
    basis = np.linalg.qr(rng.normal(size=(size, size)))[0]
    return basis @ form @ basis.T


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 14), st.floats(0.1, 3))
def test_no_projector_is_longer_than_the_bound(seed, size, coupling):
    """Blocks that follow others have bases that are not orthogonal: tight couplings alone do not bound them."""
    found, _ = blocks(far_from_normal(seed, size, coupling))
    assert max(found.norms.values()) <= BOUND * (1 + 1e-6)


def test_of_an_operator_far_from_normal_the_projectors_are_within_the_bound():
    found, _ = check(far_from_normal(5, 12, 0.2))
    assert 1 < len(found.norms) < 12
    assert max(found.norms.values()) <= BOUND


def test_the_longest_image_is_that_of_the_first_singular_vector():
    rng = np.random.default_rng(0)
    right = rng.normal(size=(9, 9))
    left, own = np.linalg.inv(right), np.arange(9) < 3
    projector = right[:, own] @ left[own]
    norm, direction = longest_image(right, left, own)
    assert norm == pytest.approx(scipy.linalg.svdvals(projector)[0], rel=1e-10)
    assert np.linalg.norm(direction) == pytest.approx(1)
    assert np.linalg.norm(projector @ direction) == pytest.approx(norm, rel=1e-10)


@pytest.mark.parametrize(
    "matrix",
    [np.array([[0.5]]), rotation(0.9, 0.3), np.zeros((3, 3)), np.eye(4), np.array([[1.0, 1.0], [0.0, 1.0]])],
    ids=["one", "pair", "zero", "identity", "Jordan"],
)
def test_small_and_degenerate_operators(matrix):
    check(matrix)


def test_condition_numbers_are_those_of_unit_eigenvectors():
    matrix = in_random_basis([rotation(0.95, 0.4), np.array([[0.9, 3.0], [0.0, 0.7]])], seed=4)
    pairs = Eigenpairs(matrix)
    values, left, right = scipy.linalg.eig(matrix, left=True)
    known = {value: 1 / abs(left[:, i].conj() @ right[:, i]) for i, value in enumerate(values)}
    for value, condition in zip(pairs.values, pairs.condition_numbers, strict=True):
        nearest = min(known, key=lambda one, value=value: abs(one - value))
        assert condition == pytest.approx(known[nearest], rel=1e-9)


def test_a_large_operator_is_taken_apart_in_a_process_of_its_own():
    matrix = np.random.default_rng(0).normal(size=(120, 120)) / 11
    found, _ = check(matrix)
    assert len(np.unique(found.labels)) > 20


def test_a_process_that_fails_says_why():
    with pytest.raises(KoopViewError, match=r"block_diagonal failed in a process of its own: .*array"):
        in_process_apart("koopview.koopman.blocks", "block_diagonal", np.full((2, 2), np.nan))


def test_an_edit_of_one_of_a_group_is_done_to_all_and_bounded():
    """A thousandth of a change stays one, whatever the condition; through the eigenvector alone it would not."""
    dmd = fit_dmd(quadratic_paths("uniform"), 3, 100)
    pairs, steps = dmd.pairs, 18
    power = np.linalg.matrix_power(np.asarray(dmd.matrix), steps)
    for index in range(dmd.rank):
        edits = composed_edits(pairs.values, (), {index: 0.9999 * pairs.values[index]}, pairs.blocks.labels)
        change = np.linalg.norm(np.asarray(edited_power(pairs, edits, steps)) - power) / np.linalg.norm(power)
        assert change < 2 * (1 - 0.9999**steps) * max(pairs.blocks.norms.values())


def test_the_eigenvalues_of_a_group_are_multiplied_together():
    values = np.array([1.0, 0.9 + 0.1j, 0.9 - 0.1j, 0.5 + 0.2j, 0.5 - 0.2j, 0.3])
    labels = np.array([0, 0, 0, 3, 3, 5])
    moved = edited_eigenvalues(values, ((2, 0.45 - 0.05j), (3, 0.1j), (5, 0.2 + 7j)), labels)
    np.testing.assert_allclose(moved, [0.5, 0.45 + 0.05j, 0.45 - 0.05j, 0.1j, -0.1j, 0.2])
    assert composed_edits(values, (), {2: 0.45 - 0.05j}, labels) == ((0, 0.5 + 0j),)
    assert composed_edits(values, ((0, 0.5 + 0j),), {1: values[1]}, labels) == ()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 5), st.integers(0, 5), st.floats(0.1, 2))
def test_an_edit_of_a_group_is_undone_exactly_whichever_of_it_is_named(seed, named, back, factor):
    values = Eigenpairs(np.random.default_rng(seed).normal(size=(6, 6))).values
    labels = np.zeros(6, dtype=int)
    edits = composed_edits(values, (), {named: factor * values[named]}, labels)
    assert composed_edits(values, edits, {}, labels) == edits
    assert composed_edits(values, edits, {back: values[back]}, labels) == ()
