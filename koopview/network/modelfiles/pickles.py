"""Read a pickle without running anything: opcodes are taken apart by the standard library, and put together as data.

``torch.load(weights_only=True)`` runs no foreign code either, but 665 bytes can keep it busy for ever, and tensors that
claim gigabytes are made before anyone looks. Here no name is imported or called, and every count is bounded.
"""

import pickletools
from collections.abc import Callable
from typing import IO, Any

from koopview.network.modelfiles.pickle_names import made, plain_key, storage_head
from koopview.network.modelfiles.pickled import ArrayData, Dtype, Foreign, Name, NoPickle, Unreadable

MOST_OPCODES = 1_000_000
"""Opcodes that are read: a checkpoint of 1,000 tensors with its optimizer takes 75,000."""


def unpickled(stream: IO[bytes]) -> Any:
    """Return the content of the pickle at the beginning of a stream, as plain data; raises Unreadable."""
    machine = _Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if count > MOST_OPCODES:
                raise Unreadable(f"more than {MOST_OPCODES:,} pickled parts")
            if opcode.name == "STOP":
                return machine.pop()
            machine.step(opcode.name, argument)
    except Unreadable:
        raise
    except Exception as error:  # genops, the stack and the memo raise many types for bytes that are no pickle
        raise NoPickle("bytes that are no whole pickle") from error
    raise NoPickle("a pickle without an end")


class _Machine:
    """The stack and the memo of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Carry out one opcode."""
        if name in _CONSTANTS:
            self.stack.append(argument)
        elif name in _FIXED:
            self.stack.append(_FIXED[name]())
        else:
            _STEPS[name](self, argument)

    def pop(self) -> Any:
        if self.marks and len(self.stack) <= self.marks[-1]:
            raise NoPickle("bytes that are no whole pickle")
        return self.stack.pop()

    def popped(self) -> list[Any]:
        """Return all values above the last mark, and take them off."""
        start = self.marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values


def _nothing(machine: _Machine, argument: Any) -> None:
    pass


def _mark(machine: _Machine, argument: Any) -> None:
    machine.marks.append(len(machine.stack))


def _pop(machine: _Machine, argument: Any) -> None:
    """Take the top value off, or a mark that nothing stands on."""
    if machine.marks and len(machine.stack) == machine.marks[-1]:
        machine.marks.pop()
    else:
        machine.pop()


def _pop_mark(machine: _Machine, argument: Any) -> None:
    machine.popped()


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


def _memoize(machine: _Machine, argument: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def step(machine: _Machine, argument: Any) -> None:
        values = [machine.pop() for _ in range(count)]
        machine.stack.append(tuple(reversed(values)))

    return step


def _gathered(make: Callable[[list[Any]], Any]) -> Callable[[_Machine, Any], None]:
    def step(machine: _Machine, argument: Any) -> None:
        machine.stack.append(make(machine.popped()))

    return step


def _extend(machine: _Machine, values: list[Any]) -> None:
    """Add values to the list, set or object on top."""
    goal = machine.stack[-1]
    if isinstance(goal, list):
        goal.extend(values)
    elif isinstance(goal, Foreign):
        goal.items.extend(values)
    else:
        raise NoPickle("bytes that are no whole pickle")


def _set_items(machine: _Machine, values: list[Any]) -> None:
    """Add pairs of key and value to the dict or object on top."""
    goal = machine.stack[-1]
    if isinstance(goal, Foreign):
        goal.items.extend(zip(values[::2], values[1::2], strict=True))
        return
    if not isinstance(goal, dict):
        raise NoPickle("bytes that are no whole pickle")
    for key, value in zip(values[::2], values[1::2], strict=True):
        goal[plain_key(key)] = value


def _dict(values: list[Any]) -> dict[Any, Any]:
    return {plain_key(key): value for key, value in zip(values[::2], values[1::2], strict=True)}


def _global(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).rpartition(" ")
    machine.stack.append(Name(f"{module}.{name}"))


def _stack_global(machine: _Machine, argument: Any) -> None:
    name, module = machine.pop(), machine.pop()
    if not (isinstance(name, str) and isinstance(module, str)):
        raise NoPickle("bytes that are no whole pickle")
    machine.stack.append(Name(f"{module}.{name}"))


def _reduce(machine: _Machine, argument: Any) -> None:
    arguments, called = machine.pop(), machine.pop()
    machine.stack.append(made(called, arguments))


def _new_object(machine: _Machine, argument: Any) -> None:
    arguments, kind = machine.pop(), machine.pop()
    machine.stack.append(made(kind, arguments))


def _new_object_with_keywords(machine: _Machine, argument: Any) -> None:
    keywords, arguments, kind = machine.pop(), machine.pop(), machine.pop()
    found = made(kind, arguments)
    if isinstance(found, Foreign):
        found.state = keywords
    machine.stack.append(found)


def _instance(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).rpartition(" ")
    machine.stack.append(made(Name(f"{module}.{name}"), tuple(machine.popped())))


def _object(machine: _Machine, argument: Any) -> None:
    kind, *arguments = machine.popped()
    machine.stack.append(made(kind, tuple(arguments)))


def _build(machine: _Machine, argument: Any) -> None:
    """Give an object its state: numbers to an array of numpy; a dict's attributes are of no use here."""
    state, goal = machine.pop(), machine.stack[-1]
    if isinstance(goal, ArrayData):
        goal.fill(state)
    elif isinstance(goal, Dtype):
        goal.order = state[1] if state[1] in ("<", ">") else ""
    elif isinstance(goal, Foreign):
        goal.state = state


def _persistent(machine: _Machine, argument: Any) -> None:
    machine.stack.append(storage_head(machine.pop()))


def _refused(machine: _Machine, argument: Any) -> None:
    raise NoPickle("a pickle of an unusual kind")


_CONSTANTS = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
    ]
)
_FIXED: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,
}
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _nothing,
    "FRAME": _nothing,
    "MARK": _mark,
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
    "TUPLE": _gathered(tuple),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "LIST": _gathered(list),
    "DICT": _gathered(_dict),
    "FROZENSET": _gathered(list),
    "APPEND": lambda machine, _: _extend_with_last(machine),
    "APPENDS": lambda machine, _: _extend(machine, machine.popped()),
    "ADDITEMS": lambda machine, _: _extend(machine, machine.popped()),
    "SETITEM": lambda machine, _: _set_items(machine, [machine.pop(), machine.pop()][::-1]),
    "SETITEMS": lambda machine, _: _set_items(machine, machine.popped()),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _new_object,
    "NEWOBJ_EX": _new_object_with_keywords,
    "INST": _instance,
    "OBJ": _object,
    "BUILD": _build,
    "BINPERSID": _persistent,
    "PERSID": _refused,
    "EXT1": _refused,
    "EXT2": _refused,
    "EXT4": _refused,
    "NEXT_BUFFER": _refused,
    "READONLY_BUFFER": _refused,
}


def _extend_with_last(machine: _Machine) -> None:
    value = machine.pop()
    _extend(machine, [value])
