"""Recurrent layers one time step after the other: caught wherever a network's own forward pass calls them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from koopview.hybrid.stream_words import RECURRENT
from koopview.network.network import Layer, Network

_ARGUMENTS = 9
"""Of such an operation on a tensor; on packed sequences of several lengths the fourth one is no flag."""


@dataclass(frozen=True, eq=False)
class CellCall:
    """One call of a recurrent operation, which can be made for some of its time steps alone.

    Attributes
    ----------
    operation : callable
        Of PyTorch.
    kind : str
        "RNN", "GRU" or "LSTM".
    sequence : tensor (samples, steps, inputs), or (steps, samples, inputs) unless `batch_first`
    initial : tuple of tensors (layers, samples, size)
        The hidden state h_0, and the cell state of an LSTM.
    others : tuple
        The operation's other arguments.
    """

    operation: Callable[..., tuple[torch.Tensor, ...]]
    kind: str
    sequence: torch.Tensor
    initial: tuple[torch.Tensor, ...]
    others: tuple[Any, ...]

    @classmethod
    def of(cls, function: Callable[..., Any], arguments: Sequence[Any]) -> "CellCall | None":
        """Return the CellCall of a function and its arguments, None for any other function, or packed sequences."""
        kind = RECURRENT.get(str(getattr(function, "__name__", "")).partition(".")[0])
        if kind is None or len(arguments) != _ARGUMENTS or not isinstance(arguments[3], bool):
            return None
        sequence, initial, *others = arguments
        held = tuple(initial) if isinstance(initial, (list, tuple)) else (initial,)
        return cls(function, kind, sequence, held, tuple(others))

    @property
    def bidirectional(self) -> bool:
        """Whether the sequence is read from its end as well."""
        return bool(self.others[-2])

    @property
    def _time(self) -> int:
        """The axis of time."""
        return 1 if self.others[-1] else 0

    @property
    def steps(self) -> int:
        """Time steps of the sequence, T."""
        return self.sequence.shape[self._time]

    @property
    def samples(self) -> int:
        """Samples of the sequence."""
        return self.sequence.shape[1 - self._time]

    @property
    def start(self) -> torch.Tensor:
        """The state before the first step (samples, entries)."""
        return _flattened(self.initial)

    def inputs(self, step: int) -> torch.Tensor:
        """Return what the cell takes in a time step, counted from 0, (samples, inputs)."""
        return self.sequence.select(self._time, step)

    def run(self, state: torch.Tensor, first: int, last: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the outputs of the steps from `first` up to `last`, along the axis of time, and the state after them.

        `state` (samples, entries) is the one before the first of them.
        """
        taken = self.sequence.narrow(self._time, first, last - first)
        outputs, *after = self.operation(taken, self._given(state), *self.others)
        return outputs, _flattened(after)

    def outputs_in(self, state: torch.Tensor) -> torch.Tensor:
        """Return what the layer gives in a state (samples, entries): the hidden state of the last of its layers."""
        return self._opened(state)[0][-1].unsqueeze(self._time)

    def result(self, outputs: Sequence[torch.Tensor], state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return what the operation returns: outputs that follow one another, and the state after the last step."""
        return torch.cat(list(outputs), self._time), *self._opened(state)

    def _opened(self, state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return a state (samples, entries) as tensors (layers, samples, size)."""
        sizes = [one.shape[0] * one.shape[2] for one in self.initial]
        parts = zip(state.split(sizes, 1), self.initial, strict=True)
        return tuple(
            part.reshape(len(state), one.shape[0], one.shape[2]).transpose(0, 1).contiguous() for part, one in parts
        )

    def _given(self, state: torch.Tensor) -> Any:
        opened = self._opened(state)
        return opened if self.kind == "LSTM" else opened[0]


def _flattened(states: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return tensors (layers, samples, size) as one state (samples, entries)."""
    return torch.cat([one.transpose(0, 1).flatten(1) for one in states], 1)


class _Catching(TorchFunctionMode):
    """Hands the calls of recurrent operations to `act`, which returns what they return."""

    def __init__(self, act: Callable[[CellCall], tuple[torch.Tensor, ...]]) -> None:
        super().__init__()
        self._act = act

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Return what a function of PyTorch returns, or `act` in the place of a recurrent operation."""
        call = None if kwargs else CellCall.of(func, args)
        return func(*args, **(kwargs or {})) if call is None else self._act(call)


@dataclass(frozen=True)
class Recurrence:
    """A recurrent operation in a layer of a network, and its time steps.

    Attributes
    ----------
    name : str
        The layer's, with the operation's number behind it where the layer has several.
    layer : str
    call : int
        The operation's number among those of the layer.
    kind : str
        "RNN", "GRU" or "LSTM".
    steps, entries : int
        Time steps T, and numbers of a state: those of all layers of the stack, and of an LSTM's cells.
    reason : str
        Why it cannot be told step by step; empty if it can.
    """

    name: str
    layer: str
    call: int
    kind: str
    steps: int
    entries: int
    reason: str = ""


def recurrences(network: Network, x: torch.Tensor) -> list[Recurrence]:
    """Return the recurrent operations of a network with two or more time steps on some inputs x (samples, ...)."""
    found: list[Recurrence] = []

    def noting(layer: Layer) -> Callable[[torch.Tensor], torch.Tensor]:
        def run(inputs: torch.Tensor) -> torch.Tensor:
            calls, outputs = _calls(layer, inputs)
            found.extend(_recurrence(layer.name, i, len(calls), one, len(inputs)) for i, one in enumerate(calls))
            return outputs

        return run

    network.run(x, {layer.name: noting(layer) for layer in network.layers})
    return [one for one in found if one.steps > 1]


def _calls(layer: Layer, inputs: torch.Tensor) -> tuple[list[CellCall], torch.Tensor]:
    """Return the recurrent operations that a layer calls on its inputs, and its outputs."""
    calls: list[CellCall] = []

    def act(call: CellCall) -> tuple[torch.Tensor, ...]:
        calls.append(call)
        return run_whole(call)

    with _Catching(act):
        outputs = layer(inputs)
    return calls, outputs


def run_whole(call: CellCall) -> tuple[torch.Tensor, ...]:
    """Return what the operation itself returns."""
    initial = call.initial if call.kind == "LSTM" else call.initial[0]
    return call.operation(call.sequence, initial, *call.others)


def _recurrence(layer: str, number: int, count: int, call: CellCall, samples: int) -> Recurrence:
    reason = ""
    if call.bidirectional:
        reason = f"{layer} reads its sequence in both directions, expected a recurrent layer of one direction"
    elif call.samples != samples:
        reason = f"{layer} reads {call.samples} sequences of {samples} samples, expected one sequence a sample"
    name = layer if count == 1 else f"{layer}[{number}]"
    return Recurrence(name, layer, number, call.kind, call.steps, call.start.shape[1], reason)


def call_on(network: Network, recurrence: Recurrence, x: torch.Tensor) -> CellCall:
    """Return the call of a recurrence on inputs x (samples, ...) of the network."""
    with torch.inference_mode():
        calls, _ = _calls(*_at(network, recurrence, x))
    return calls[recurrence.call]


def walked(call: CellCall) -> list[torch.Tensor]:
    """Return the states h_0 to h_T (samples, entries) of a call, one step after the other."""
    states = [call.start]
    with torch.inference_mode():
        for step in range(call.steps):
            states.append(call.run(states[-1], step, step + 1)[1])
    return states


def run_replaced(
    network: Network, recurrence: Recurrence, x: torch.Tensor, start: int, states: Sequence[torch.Tensor]
) -> torch.Tensor:
    """Return the network's outputs on inputs x if the states after the steps from `start` on are `states`.

    The steps before are the network's own, and those behind go on from the last of `states` (samples, entries), with
    their own inputs.
    """
    numbers = iter(range(recurrence.call + 1))

    def act(call: CellCall) -> tuple[torch.Tensor, ...]:
        return _replaced(call, start, states) if next(numbers, None) == recurrence.call else run_whole(call)

    layer, inputs = _at(network, recurrence, x)
    with torch.inference_mode(), _Catching(act):
        outputs = layer(inputs)
    return network.run(outputs, after=recurrence.layer)


def _replaced(call: CellCall, start: int, states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Return what the operation returns if the states from h_start+1 on are `states`."""
    end, state = start + len(states), states[-1]
    outputs = [call.run(call.start, 0, start)[0]] if start else []
    outputs += map(call.outputs_in, states)
    if end < call.steps:
        following, state = call.run(state, end, call.steps)
        outputs.append(following)
    return call.result(outputs, state)


def _at(network: Network, recurrence: Recurrence, x: torch.Tensor) -> tuple[Layer, torch.Tensor]:
    """Return the layer of a recurrence, and its arranged inputs of inputs x of the network."""
    layer = next(one for one in network.layers if one.name == recurrence.layer)
    return layer, network.run(x, before=layer.name)
