"""Read a pickle without running anything: opcodes are taken apart by the standard library, and put together as data.

``torch.load(weights_only=True)`` runs no foreign code either, but 665 bytes can keep it busy for ever, and tensors that
claim gigabytes are made before anyone looks. Here no name is imported or called, and every count is bounded.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from koopview.network.modelfiles.pickle_names import MOST_ARGUMENTS, made, plain_key, storage_head
from koopview.network.modelfiles.pickled import ArrayData, Dtype, Foreign, Name, NoPickle, Unreadable

DEEPEST = 10_000
"""Marks inside each other: what writes pickles calls itself for each level, and Python ends it at some 1,000."""

_LINE = 1 << 20
_SHORT = 4096
_BROKEN = "bytes that are no whole pickle"


@dataclass
class Budget:
    """What a file may take: opcodes, containers, and bytes that are copied from one value into another.

    A checkpoint of 1,000 tensors with its optimizer takes 75,000 opcodes and 20,000 containers.
    """

    opcodes: int = 1_000_000
    containers: int = 250_000
    copied: int = 100 << 20

    def check(self) -> None:
        """Raise Unreadable if more was taken."""
        if min(self.opcodes, self.containers, self.copied) < 0:
            raise Unreadable("more pickled parts than any honest file")


class Bounded:
    """A stream that gives no more than is left of it, however much is asked for, and no endless line."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size

    def read(self, count: int) -> bytes:
        """Return at most `count` bytes."""
        if count > _SHORT:
            count = max(0, min(count, self._size - self._file.tell()))
        return self._file.read(count)

    def readline(self) -> bytes:
        """Return a line of at most 1 MiB."""
        return self._file.readline(_LINE)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()


def unpickled(stream: Bounded, budget: Budget) -> Any:
    """Return the content of the pickle at the beginning of a stream, as plain data; raises Unreadable."""
    machine = _Machine(budget)
    try:
        for opcode, argument, _ in pickletools.genops(stream):  # type: ignore[arg-type]
            budget.opcodes -= 1
            if budget.opcodes < 0 or budget.containers < 0:
                budget.check()
            if opcode.name == "STOP":
                return machine.stack.pop()
            machine.step(opcode.name, argument)
    except Unreadable:
        raise
    except Exception as error:  # genops, the stack and the memo raise many types for bytes that are no pickle
        raise NoPickle(_BROKEN) from error
    raise NoPickle("a pickle without an end")


class _Machine:
    """The stack and the memo of a pickle."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks under the marks
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Carry out one opcode."""
        if name in _CONSTANTS:
            self.stack.append(argument)
        elif name in _FIXED:
            self.stack.append(_FIXED[name])
        else:
            _STEPS[name](self, argument)

    def put(self, container: Any) -> None:
        """Put a new container on the stack."""
        self.budget.containers -= 1
        self.stack.append(container)

    def mark(self) -> None:
        if len(self.below) > DEEPEST:
            raise Unreadable("more nested parts than any honest file")
        self.budget.containers -= 1
        self.below.append(self.stack)
        self.stack = []

    def popped(self) -> list[Any]:
        """Return all values above the last mark, and take them off."""
        values, self.stack = self.stack, self.below.pop()
        return values

    def last(self, count: int) -> list[Any]:
        """Return the last values, and take them off."""
        values = self.stack[-count:]
        if len(values) < count:
            raise NoPickle(_BROKEN)
        del self.stack[-count:]
        return values

    def make(self, called: Any, arguments: Any) -> None:
        """Put what a call makes; what is copied into it counts."""
        if arguments and isinstance(arguments, tuple) and len(arguments) <= MOST_ARGUMENTS:
            self.budget.copied -= sum(map(_weight, arguments))
            self.budget.check()
        self.put(made(called, arguments))


def _weight(value: Any) -> int:
    """Return about how many bytes a copy of a value takes."""
    if isinstance(value, (str, bytes, bytearray)):
        return len(value)
    return 100 * len(value) if isinstance(value, (list, tuple, dict)) else 8


def _pop(machine: _Machine, argument: Any) -> None:
    """Take the top value off, or a mark that nothing stands on."""
    if machine.stack:
        machine.stack.pop()
    else:
        machine.popped()


def _pop_mark(machine: _Machine, argument: Any) -> None:
    machine.popped()


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


def _memoize(machine: _Machine, argument: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _extend(machine: _Machine, values: list[Any]) -> None:
    """Add values to the list, set or object on top."""
    goal = machine.stack[-1]
    if isinstance(goal, list):
        goal.extend(values)
    elif isinstance(goal, Foreign):
        goal.items.extend(values)
    else:
        raise NoPickle(_BROKEN)


def _set_items(machine: _Machine, values: list[Any]) -> None:
    """Add pairs of key and value to the dict or object on top."""
    goal = machine.stack[-1]
    if isinstance(goal, Foreign):
        machine.budget.containers -= len(values) // 2
        goal.items.extend(zip(values[::2], values[1::2], strict=True))
    elif isinstance(goal, dict):
        goal.update(_dict(values))
    else:
        raise NoPickle(_BROKEN)


def _dict(values: list[Any]) -> dict[Any, Any]:
    return {plain_key(key): value for key, value in zip(values[::2], values[1::2], strict=True)}


def _name(machine: _Machine, module: Any, name: Any) -> None:
    if not (isinstance(module, str) and isinstance(name, str)):
        raise NoPickle(_BROKEN)
    machine.put(Name(f"{module[:200]}.{name[:200]}"))


def _global(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).rpartition(" ")
    _name(machine, module, name)


def _stack_global(machine: _Machine, argument: Any) -> None:
    _name(machine, *machine.last(2))


def _new_object_with_keywords(machine: _Machine, argument: Any) -> None:
    kind, arguments, keywords = machine.last(3)
    machine.make(kind, arguments)
    if isinstance(machine.stack[-1], Foreign):
        machine.stack[-1].state = keywords


def _instance(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).rpartition(" ")
    machine.make(Name(f"{module[:200]}.{name[:200]}"), tuple(machine.popped()))


def _object(machine: _Machine, argument: Any) -> None:
    kind, *arguments = machine.popped()
    machine.make(kind, tuple(arguments))


def _build(machine: _Machine, argument: Any) -> None:
    """Give an object its state: numbers to an array of numpy; a dict's attributes are of no use here."""
    state, goal = machine.stack.pop(), machine.stack[-1]
    if isinstance(goal, ArrayData):
        machine.budget.copied -= sum(_weight(one) for one in state)
        machine.budget.check()
        goal.fill(state)
    elif isinstance(goal, Dtype):
        goal.order = state[1] if state[1] in ("<", ">") else ""
    elif isinstance(goal, Foreign):
        goal.state = state


_CONSTANTS = frozenset(
    [
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
        *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    ]
)
_FIXED: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": lambda machine, _: None,
    "FRAME": lambda machine, _: None,
    "MARK": lambda machine, _: machine.mark(),
    "POP": _pop,
    "POP_MARK": _pop_mark,
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "MEMOIZE": _memoize,
    "GET": _get,
    "BINGET": _get,
    "LONG_BINGET": _get,
    "EMPTY_LIST": lambda machine, _: machine.put([]),
    "EMPTY_DICT": lambda machine, _: machine.put({}),
    "EMPTY_SET": lambda machine, _: machine.put([]),
    "TUPLE": lambda machine, _: machine.put(tuple(machine.popped())),
    "TUPLE1": lambda machine, _: machine.put(tuple(machine.last(1))),
    "TUPLE2": lambda machine, _: machine.put(tuple(machine.last(2))),
    "TUPLE3": lambda machine, _: machine.put(tuple(machine.last(3))),
    "LIST": lambda machine, _: machine.put(machine.popped()),
    "DICT": lambda machine, _: machine.put(_dict(machine.popped())),
    "FROZENSET": lambda machine, _: machine.put(machine.popped()),
    "APPEND": lambda machine, _: _extend(machine, machine.last(1)),
    "APPENDS": lambda machine, _: _extend(machine, machine.popped()),
    "ADDITEMS": lambda machine, _: _extend(machine, machine.popped()),
    "SETITEM": lambda machine, _: _set_items(machine, machine.last(2)),
    "SETITEMS": lambda machine, _: _set_items(machine, machine.popped()),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": lambda machine, _: machine.make(*machine.last(2)),
    "NEWOBJ": lambda machine, _: machine.make(*machine.last(2)),
    "NEWOBJ_EX": _new_object_with_keywords,
    "INST": _instance,
    "OBJ": _object,
    "BUILD": _build,
    "BINPERSID": lambda machine, _: machine.put(storage_head(machine.stack.pop())),
}
"""Opcodes that are no constants; those that are not here (extensions, buffers from outside) are refused."""
