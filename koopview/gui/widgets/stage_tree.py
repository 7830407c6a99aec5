"""A deep network's stages as a tree: grouped by the module paths that they share, and listed as rows; no Qt here."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, takewhile

MANY = 12
"""Most stages that are listed one below another, without groups and without a field to search them."""


@dataclass(frozen=True, eq=False)
class Group:
    """Stages that follow one another and share a module path.

    Attributes
    ----------
    path : str
        What they share, "blocks.0".
    start, stop : int
        The indices of its stages in network order: from `start` up to, not with, `stop`.
    members : tuple of Group or int
        Its groups, and the indices of the stages that are in none of them.
    """

    path: str
    start: int
    stop: int
    members: "tuple[Group | int, ...]" = field(repr=False)

    @property
    def indices(self) -> range:
        """The indices of all its stages."""
        return range(self.start, self.stop)


Tree = tuple[Group | int, ...]


@dataclass(frozen=True)
class Row:
    """A row of the list: a stage or, if `group` is one, a group; `name` is what its row above does not say already."""

    name: str
    depth: int
    index: int
    group: Group | None = None


def grouped(names: Sequence[str]) -> Tree:
    """Return the Tree of stages called `names`, dotted module paths; few stages stay without groups.

    A group has at least two members, and its stages follow one another in network order.
    """
    if len(names) <= MANY:
        return tuple(range(len(names)))
    paths = [tuple(name.split(".")[:-1]) for name in names]
    return _grouped(paths, range(len(names)), len(_shared(paths)))


def _grouped(paths: Sequence[tuple[str, ...]], indices: Sequence[int], known: int) -> Tree:
    """Return the Tree of the stages at `indices`, of whose `paths` the first `known` words are said already."""

    def word(index: int) -> object:
        return paths[index][known] if len(paths[index]) > known else index  # an index stands alone

    found: list[Group | int] = []
    for _, run in groupby(indices, word):
        stages = list(run)
        if len(stages) == 1:
            found += stages
            continue
        shared = _shared([paths[index] for index in stages])
        found.append(Group(".".join(shared), stages[0], stages[-1] + 1, _grouped(paths, stages, len(shared))))
    return tuple(found)


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the words that all `paths` begin with."""
    return tuple(words[0] for words in takewhile(lambda words: len(set(words)) == 1, zip(*paths, strict=False)))


def shared_start(names: Sequence[str]) -> str:
    """Return the dotted start that all `names` share: "encoder.blocks." of encoder.blocks.0 and encoder.blocks.1."""
    shared = _shared([tuple(name.split(".")[:-1]) for name in names]) if len(names) > 1 else ()
    return "".join(f"{word}." for word in shared)


def tree_rows(tree: Tree, names: Sequence[str], unfolded: Collection[Group]) -> list[Row]:
    """Return the rows of a Tree of stages called `names`; the members of a group are listed if it is `unfolded`."""
    return list(_rows(tree, names, unfolded, shared_start(names), 0))


@lru_cache(maxsize=2)
def _every_row(names: tuple[str, ...]) -> list[Row]:
    tree = grouped(names)
    return tree_rows(tree, names, {group for index in range(len(names)) for group in groups_around(tree, index)})


def unfolded_rows(names: Sequence[str]) -> list[Row]:
    """Return the rows of stages called `names` with every group unfolded."""
    return _every_row(tuple(names))


def flat_rows(indices: Sequence[int], names: Sequence[str]) -> list[Row]:
    """Return the rows of the stages at `indices`, in this order and without groups."""
    start = len(shared_start(names))
    return [Row(names[index][start:], 0, index) for index in indices]


def member_rows(group: Group, names: Sequence[str], unfolded: Collection[Group], depth: int) -> list[Row]:
    """Return the rows below those of a `group` at `depth`."""
    return list(_rows(group.members, names, unfolded, f"{group.path}.", depth + 1))


def groups_around(tree: Tree, index: int) -> Iterator[Group]:
    """Yield the groups of the stage at `index`, the outermost first."""
    for member in tree:
        if isinstance(member, Group) and index in member.indices:
            yield member
            yield from groups_around(member.members, index)


def _rows(tree: Tree, names: Sequence[str], unfolded: Collection[Group], said: str, depth: int) -> Iterator[Row]:
    for member in tree:
        if isinstance(member, int):
            yield Row(rest_of(names[member], said, len(names)), depth, member)
            continue
        yield Row(rest_of(member.path, said, len(names)), depth, member.start, member)
        if member in unfolded:
            yield from member_rows(member, names, unfolded, depth)


def rest_of(path: str, said: str, count: int) -> str:
    """Return `path` without its start `said`; a number alone keeps the word before it: "blocks.0"."""
    rest = path[len(said) :]
    word = said.rstrip(".").rpartition(".")[2]
    return f"{word}.{rest}" if rest[:1].isdigit() and word and count > MANY else rest
