"""Mode edits against the operator built again from its eigenvectors in plain numpy, and against closed forms."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.examples import decaying_paths, in_random_basis, rotation

from koopview.errors import InputError
from koopview.koopman import fit_dmd
from koopview.koopman.edits import (
    composed_edits,
    edited_eigenvalues,
    edited_power,
    wanted_eigenvalues,
)
from koopview.koopman.eigenpairs import Eigenpairs
from koopview.koopman.eigenvalues import conjugate_indices, eigenvalue_order

BLOCKS = [rotation(0.95, 0.4), rotation(1.02, 1.1), np.array([[0.9]]), np.array([[-0.3]])]
MATRIX = in_random_basis(BLOCKS)
"""Eigenvalues in their order: a pair on 1.02, a pair on 0.95, 0.9, -0.3."""

finite = st.floats(-1.5, 1.5, allow_nan=False)
numbers = st.builds(complex, finite, finite)


def rebuilt(matrix, steps, change):
    """Return the power of a matrix whose eigenvalues (numpy's, in numpy's order) went through `change`."""
    values, vectors = np.linalg.eig(matrix)
    moved = np.array([change(value) for value in values.astype(complex)])
    return ((vectors * moved**steps) @ np.linalg.inv(vectors)).real


def random_spectra(seed, size):
    """Return the ordered eigenvalues of a random real matrix."""
    values = np.linalg.eigvals(np.random.default_rng(seed).normal(size=(size, size))).astype(complex)
    return values[eigenvalue_order(values)]


@pytest.mark.parametrize("steps", [1, 2, 11])
@pytest.mark.parametrize(
    ("edits", "change"),
    [
        (((0, 0),), lambda value: 0 if abs(value) > 1 else value),
        (((2, 0.5 + 0.2j),), lambda value: value if not 0.94 < abs(value) < 0.96 else 0.5 + np.sign(value.imag) * 0.2j),
        (((4, 0.7),), lambda value: 0.7 if abs(value - 0.9) < 1e-6 else value),
        (((5, 0), (0, 0)), lambda value: 0 if abs(value) > 1 or abs(value) < 0.5 else value),
    ],
)
def test_an_edited_power_is_the_operator_built_again_with_other_eigenvalues(edits, change, steps):
    found = edited_power(Eigenpairs(MATRIX), edits, steps)
    np.testing.assert_allclose(found, rebuilt(MATRIX, steps, change), atol=1e-12)


def test_torch_gives_what_numpy_gives():
    found = edited_power(Eigenpairs(torch.tensor(MATRIX)), ((0, 0.3j), (4, 0)), 5)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), edited_power(Eigenpairs(MATRIX), ((0, 0.3j), (4, 0)), 5), atol=1e-12)


def test_no_edit_leaves_the_power_as_it_is_to_the_last_digit():
    pairs = Eigenpairs(MATRIX)
    untouched = tuple(enumerate(pairs.values))[:3]
    np.testing.assert_array_equal(edited_power(pairs, untouched, 7), np.linalg.matrix_power(MATRIX, 7))


@pytest.mark.parametrize("matrix", [MATRIX, np.diag([0.9, 0.5, 0.0]), np.array([[1.0, 1.0], [0.0, 1.0]])])
def test_all_modes_removed_leave_exactly_nothing(matrix):
    edits = tuple((place, 0) for place in range(len(matrix)))
    np.testing.assert_array_equal(edited_power(Eigenpairs(matrix), edits, 4), np.zeros_like(matrix))


def test_a_mode_beside_a_defective_eigenvalue_is_removed_to_the_last_digits():
    """What W diag W^-1 as a whole loses, and no eigenvector of the edited mode need lose."""
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    jordan = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.5]])
    removed = basis @ np.array([[1.0, 9.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]) @ basis.T
    found = edited_power(Eigenpairs(basis @ jordan @ basis.T), ((2, 0),), 9)
    assert np.linalg.norm(found - removed) < 1e-6 * np.linalg.norm(removed)


@pytest.mark.parametrize("turned", [rotation(0.9, 0.7), rotation(0.9, 0.7 + 1e-15), rotation(0.9, 0.7 + 1e-9)])
def test_pairs_that_agree_but_for_rounding_have_partners_of_their_own(turned):
    values = np.concatenate([np.linalg.eigvals(rotation(0.9, 0.7)), np.linalg.eigvals(turned), [0.9, 0.9]])
    values = values[eigenvalue_order(values)]
    places = conjugate_indices(values)
    np.testing.assert_array_equal(np.sort(places), np.arange(6))
    np.testing.assert_array_equal(values[places], values.conj())
    assert np.all(np.abs(places - np.arange(6)) <= 1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_conjugates_find_each_other_and_stand_side_by_side(seed, size):
    values = random_spectra(seed, size)
    places = conjugate_indices(values)
    np.testing.assert_array_equal(values[places], values.conj())
    np.testing.assert_array_equal(places[places], np.arange(size))
    assert np.all(np.abs(places - np.arange(size)) <= 1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.dictionaries(st.integers(0, 8), numbers, max_size=5))
def test_edits_keep_conjugates_paired_and_real_eigenvalues_real(seed, size, wanted):
    values = random_spectra(seed, size)
    edits = tuple((place, value) for place, value in wanted.items() if place < size)
    moved, partners = edited_eigenvalues(values, edits), conjugate_indices(values)
    np.testing.assert_array_equal(moved[partners], moved.conj())
    assert np.all(moved[values.imag == 0].imag == 0)
    named = [place for place, _ in edits]
    others = [place for place in range(size) if place not in named and partners[place] not in named]
    np.testing.assert_array_equal(moved[others], values[others])


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 10**6),
    st.dictionaries(st.integers(0, 6), numbers, min_size=1, max_size=5),
    st.dictionaries(st.integers(0, 6), numbers, max_size=5),
)
def test_composing_is_editing_one_after_the_other_and_is_undone_exactly(seed, first, second):
    values = random_spectra(seed, 7)
    edits = composed_edits(values, composed_edits(values, (), first), second)
    expected = edited_eigenvalues(values, (*first.items(), *second.items()))
    np.testing.assert_array_equal(edited_eigenvalues(values, edits), expected)
    assert composed_edits(values, edits, {}) == edits
    assert composed_edits(values, edits, dict(enumerate(values))) == ()


def test_of_two_edits_of_one_pair_the_last_one_counts():
    values = Eigenpairs(MATRIX).values
    assert values[1] == values[0].conj() != values[0]
    moved = edited_eigenvalues(values, ((0, 0.5), (1, 0.2 - 0.1j)))
    np.testing.assert_array_equal(moved[:2], [0.2 + 0.1j, 0.2 - 0.1j])


def test_wanted_eigenvalues_start_from_the_present_ones():
    values = np.array([0.9 + 0.1j, 0.9 - 0.1j, 0.5, 0.25])
    wanted = wanted_eigenvalues(values, [3], {np.int64(0): 0.5}, {2: 0.1})
    assert wanted == {3: 0, 0: 0.45 + 0.05j, 2: 0.1}


@pytest.mark.parametrize(
    ("remove", "scale", "move", "word"),
    [
        ([6], {}, {}, "mode 6 does not exist, expected 0 to 5"),
        ([-1], {}, {}, "mode -1"),
        ([True], {}, {}, "mode True"),
        (["a"], {}, {}, "mode a"),
        ([], {1.5: 0.5}, {}, "mode 1.5"),
        ([2], {2: 0.5}, {}, "mode 2 is edited in two ways"),
        ([], {2: 0.5j}, {}, "mode 2 is scaled by"),
        ([], {2: np.inf}, {}, "mode 2 is scaled by"),
        ([], {}, {3: "far"}, "mode 3 is moved to 'far'"),
    ],
)
def test_an_edit_that_cannot_be_is_told_in_one_sentence(remove, scale, move, word):
    with pytest.raises(InputError, match=word) as caught:
        wanted_eigenvalues(Eigenpairs(MATRIX).values, remove, scale, move)
    assert "\n" not in str(caught.value)


def test_an_eigenvalue_that_grows_past_all_bounds_is_refused():
    with pytest.raises(InputError, match="mode 2 is moved to"):
        edited_power(Eigenpairs(MATRIX), ((2, 1e5),), 20)
    with pytest.raises(InputError, match="mode 4 is moved to"):
        edited_power(Eigenpairs(MATRIX), ((4, 1e300),), 20)


def test_edits_share_what_was_computed_of_the_operator():
    dmd = fit_dmd(decaying_paths(samples=40, steps=10, states=5, decay=0.7), 2, 8)
    edited = dmd.edited(((0, 0.9),)).edited(((0, 0.8),))
    assert edited.pairs is dmd.pairs
    assert edited.eigenvalues is dmd.eigenvalues
    np.testing.assert_array_equal(edited.edited(()).power(6), dmd.power(6))
    assert edited.truncate(4).edits == ()
    np.testing.assert_array_equal(edited.truncate(4).power(6), dmd.truncate(4).power(6))
