"""The array operations: torch's give what numpy's give, and the work stays where the array is."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from koopview.errors import InputError
from koopview.koopman import fit_dmd
from koopview.koopman.arrays import NUMPY, arrays_of, as_numpy, beside

XP = arrays_of(torch.zeros(1, dtype=torch.float64))
TALL = np.random.default_rng(0).normal(size=(7, 4))
SQUARE = TALL.T @ TALL
STACK = np.random.default_rng(1).normal(size=(3, 4, 2))

SAME = {  # a name: the call, whose result is one array
    "zeros": lambda xp, a: xp.zeros(2, 3),
    "eye": lambda xp, a: xp.eye(3),
    "ones_like": lambda xp, a: xp.ones_like(a(TALL)),
    "copy": lambda xp, a: xp.copy(a(TALL)),
    "concat": lambda xp, a: xp.concat([a(TALL), a(TALL)], 1),
    "stack": lambda xp, a: xp.stack([a(TALL), a(TALL)], 1),
    "permute": lambda xp, a: xp.permute(a(STACK), (2, 0, 1)),
    "flip": lambda xp, a: xp.flip(a(TALL), 1),
    "take": lambda xp, a: xp.take(a(TALL), np.array([2, 0]), 1),
    "sort": lambda xp, a: xp.sort(a(TALL[:, 0])),
    "exp": lambda xp, a: xp.exp(a(TALL)),
    "sqrt": lambda xp, a: xp.sqrt(xp.abs(a(TALL))),
    "conj": lambda xp, a: xp.conj(1j * xp.complex128(a(TALL))),
    "at_least": lambda xp, a: xp.at_least(a(TALL), 0.3),
    "row_maxima": lambda xp, a: xp.row_maxima(a(TALL)),
    "sum": lambda xp, a: xp.sum(a(STACK), 1),
    "sum of all": lambda xp, a: xp.sum(a(STACK)),
    "norm": lambda xp, a: xp.norm(a(TALL), 0),
    "matmul": lambda xp, a: xp.matmul(a(STACK), a(STACK).mT),
    "power": lambda xp, a: xp.power(a(SQUARE), 3),
    "solve": lambda xp, a: xp.solve(a(SQUARE), a(TALL.T)),
    "inverse": lambda xp, a: xp.inverse(a(SQUARE)),
    "inverse of a singular matrix": lambda xp, a: xp.inverse(a(np.diag([2.0, 0.0]))),
    "cholesky": lambda xp, a: xp.cholesky(a(SQUARE)),
    "triangular factor": lambda xp, a: xp.abs(xp.triangular_factor(a(TALL))),
    "singular values": lambda xp, a: xp.svd(a(TALL))[1],
    "eigenvalues of a symmetric matrix": lambda xp, a: xp.eigh(a(SQUARE))[0],
    "eigenvalues": lambda xp, a: xp.sort(xp.abs(xp.eig(a(SQUARE))[0])),
}


@pytest.mark.parametrize("name", SAME)
def test_torch_gives_what_numpy_gives(name):
    ours, theirs = SAME[name](NUMPY, np.asarray), SAME[name](XP, torch.tensor)
    assert isinstance(theirs, torch.Tensor)
    np.testing.assert_allclose(as_numpy(theirs), ours, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("make", [np.asarray, torch.tensor])
def test_numbers_of_arrays(make):
    xp = arrays_of(make(TALL))
    assert xp.extremes(make(TALL)) == (TALL.min(), TALL.max())
    assert xp.max(make(TALL)) == TALL.max()
    assert np.isnan(xp.extremes(make(np.array([1.0, np.nan, 2.0])))).any()


@pytest.mark.parametrize("make", [np.asarray, torch.tensor])
def test_a_product_is_written_where_it_is_wanted(make):
    xp = arrays_of(make(TALL))
    out = xp.empty(4, 4)
    assert xp.matmul(make(TALL).T, make(TALL), out=out) is out
    np.testing.assert_allclose(out, SQUARE)


@pytest.mark.parametrize("make", [np.asarray, torch.tensor])
def test_precisions_are_told_apart_and_float64_is_not_copied(make):
    xp, single = arrays_of(make(TALL)), make(TALL.astype(np.float32))
    assert [xp.is_single(one) for one in (single, make(TALL))] == [True, False]
    assert [xp.is_real_float(one) for one in (single, make(np.arange(3)), make(TALL + 0j))] == [True, False, False]
    assert beside(TALL, single).dtype == single.dtype
    array = make(TALL)
    array[0, 0] = xp.float64(array)[0, 0] = 3.0
    assert float(array[0, 0]) == 3.0


def test_a_tensor_that_asks_for_gradients_is_fitted_as_it_stands():
    paths = torch.tensor(STACK, requires_grad=True)
    assert fit_dmd(paths, 1, 2).eigenvalues == pytest.approx(fit_dmd(STACK, 1, 2).eigenvalues)


def test_what_is_no_array_of_either_library_is_told():
    class Other:
        shape, ndim = (2, 3, 1), 3

        def __getitem__(self, key):
            return self

    with pytest.raises(InputError, match="are a Other, expected a numpy array or a torch tensor"):
        fit_dmd(Other(), 1, 1)


def test_numpy_is_fitted_without_torch():
    script = (
        "import sys, numpy as np\nfrom koopview.koopman import fit_dmd\n"
        "fit_dmd(np.random.default_rng(0).normal(size=(9, 4, 2)), 2, 3).eigenvalues\n"
        "print([name for name in ('torch', 'array_api_compat', 'numpy.testing') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
