"""The controls that a hybrid is compared with: the layer replaced by something trivial (METHOD section 5)."""

import torch

from koopview.hybrid.accuracy import BATCH, PATHS_BATCH, in_batches
from koopview.hybrid.lift_sums import lift_map
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.ridge import Judged, RidgeMap, identity, ridge_map
from koopview.hybrid.row_samples import RowSamples
from koopview.hybrid.stage_memory import MOST_WEIGHTS
from koopview.network.network import Function, Layer
from koopview.progress import Progress, part, silent
from koopview.trajectory.padding import padded
from koopview.trajectory.states.reading import Reading


def control(
    name: str,
    layer: Layer,
    x: torch.Tensor,
    pad: float,
    lifted: LiftedState,
    progress: Progress = silent,
    reading: Reading | None = None,
) -> Function:
    """Return the control called `name` for a layer, fitted to its inputs `x` (samples, inputs).

    Parameters
    ----------
    pad : float
        Value of appended entries.
    lifted : LiftedState
        Returns z[0] of inputs; only "lift_affine" calls it.
    reading : Reading, optional
        Of the hybrid's states. "lift_affine" then maps the lifted states that the hybrid is given. "affine" is the
        better of two maps on a fifth of the samples: of these states of the input, and of the whole input, which
        a lift has seen too.
    """
    if reading is not None and name == "lift_affine":
        return row_map(layer, x, reading, lifted, progress)
    if reading is not None and name == "affine":
        return better_affine(layer, x, reading, progress)
    if name == "lift_affine":
        return lift_map(lifted, x, outputs_of(layer, x), progress)
    if name == "affine":
        return ridge_map(x, outputs_of(layer, x), progress=progress)
    return mean_output(outputs_of(layer, x)) if name == "mean" else passed_through(layer, pad)


class RowMap:
    """An affine map of rows of states, as a function of a layer's inputs (samples, inputs) to its outputs.

    `judged` are the outputs of the map fitted to four fifths of the samples, see :class:`koopview.hybrid.ridge.Judged`;
    None if a sample has more rows than were fitted to.
    """

    def __init__(self, fitted: RidgeMap, reading: Reading, lifted: Function | None, whole: bool) -> None:
        self.fitted, self.reading, self.lifted = fitted, reading, lifted
        rows, judged = reading.rows, fitted.judged
        samples = judged.indices[::rows] // rows
        self.judged = Judged(samples, self._assembled(judged.outputs)) if whole else None

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the outputs (samples, outputs) of inputs (samples, inputs), in their precision."""
        return self._assembled(self.fitted(rows_before(inputs, self.reading, self.lifted)))

    def _assembled(self, rows: torch.Tensor) -> torch.Tensor:
        return self.reading.assembled(rows.unflatten(0, (-1, self.reading.rows)))


def row_map(
    layer: Layer, x: torch.Tensor, reading: Reading, lifted: Function | None, progress: Progress = silent
) -> RowMap:
    """Return the ridge-affine map from rows of states, or of z[0], to the rows of the layer's outputs.

    The rows are those that the operator is fitted to; samples that judge the ridge share no row with the others.
    """
    draw = RowSamples.of(reading.rows, len(x))
    before = [
        draw.drawn(rows_before(batch.double(), reading, lifted), start)
        for start, batch in zip(range(0, len(x), PATHS_BATCH), x.split(PATHS_BATCH), strict=True)
    ]
    after = [
        draw.drawn(_ends(reading, layer(batch)), start)
        for start, batch in zip(range(0, len(x), PATHS_BATCH), x.split(PATHS_BATCH), strict=True)
    ]
    made = ridge_map(torch.cat(before), torch.cat(after), progress=progress, rows=draw.each)
    return RowMap(made, reading, lifted, draw.each == reading.rows)


def better_affine(layer: Layer, x: torch.Tensor, reading: Reading, progress: Progress = silent) -> "RidgeMap | RowMap":
    """Return the ridge-affine map of the whole input, or that of its states if that does better.

    They are judged on a fifth of the samples, which neither map was fitted to there, by the error of the same rows.
    """
    y, draw = outputs_of(layer, x), RowSamples.of(reading.rows, len(x))
    rows = row_map(layer, x, reading, None, part(progress, 0.0, 0.4))
    whole = whole_map(layer, x, y, reading, part(progress, 0.4, 1.0))
    if whole is None:
        return rows

    def drawn(outputs: torch.Tensor) -> torch.Tensor:
        """Return the rows of the judging samples' outputs that the map of states was judged by too."""
        each = zip(outputs.double(), judged, strict=True)
        return torch.cat([draw.drawn(_ends(reading, one[None]), index) for one, index in each])

    assert whole.judged is not None
    judged = whole.judged.indices.tolist()
    wanted = drawn(y[judged])
    errors = [(one - wanted).square().sum() for one in (rows.fitted.judged.outputs, drawn(whole.judged.outputs))]
    return rows if errors[0] <= errors[1] else whole


def whole_map(
    layer: Layer, x: torch.Tensor, y: torch.Tensor, reading: Reading, progress: Progress = silent
) -> "RidgeMap | RowMap | None":
    """Return the ridge-affine map of the whole input x to the outputs y, to what is read of them if it is too large.

    None if a sample has several rows and the map is too large.
    """
    if layer.inputs * layer.outputs <= MOST_WEIGHTS:
        return ridge_map(x, y, progress=progress)
    return row_map(layer, x, reading, identity, progress) if reading.rows == 1 else None


def _ends(reading: Reading, y: torch.Tensor) -> torch.Tensor:
    """Return the rows of outputs (samples x rows, read) that a map of states gives."""
    return reading.ends(y)[..., : reading.read].flatten(0, 1)


def rows_before(x: torch.Tensor, reading: Reading, lifted: Function | None) -> torch.Tensor:
    """Return the rows at the start of a path, or of z[0], (samples x rows, entries) of inputs x (samples, inputs)."""
    return reading.starts(x).flatten(0, 1) if lifted is None else lifted(x)


def outputs_of(layer: Layer, x: torch.Tensor) -> torch.Tensor:
    """Return a layer's outputs (samples, outputs) of inputs x (samples, inputs)."""
    return in_batches(layer, x, batch=min(BATCH, layer.most_samples))


def mean_output(y: torch.Tensor) -> Function:
    """Return the function that returns the mean of y (samples, outputs) for every input."""
    mean = y.mean(0)
    return lambda inputs: mean.expand(len(inputs), -1)


def passed_through(layer: Layer, pad: float) -> Function:
    """Return the function that returns the padded input, cut to the number of outputs."""
    return lambda inputs: padded(inputs, layer.states, pad)[:, : layer.outputs]


def r2_linear(
    layer: Layer, train_inputs: torch.Tensor, test_inputs: torch.Tensor, progress: Progress = silent
) -> float:
    """Return R2_lin, the share of the layer's output variance on test samples that the affine map explains.

    It counts all outputs together, about their means on the test samples. It is 1 for an affine layer, and below 0 if
    the mean of the test samples would do better. Inputs are (samples, inputs); the map is fitted to the training ones.
    """
    fitted = ridge_map(train_inputs, outputs_of(layer, train_inputs), progress=progress)
    wanted, found = outputs_of(layer, test_inputs).double(), in_batches(fitted, test_inputs).double()
    error, variance = float((found - wanted).square().sum()), float((wanted - wanted.mean(0)).square().sum())
    if variance > 0:
        return 1 - error / variance
    return 1.0 if error <= ROUNDING * float(wanted.square().sum()) else 0.0


ROUNDING = 1e-12
"""Largest squared error relative to the outputs that counts as 0, for outputs that do not vary."""
