"""The rows of the network's list: a tree whose groups fold, or a flat list of what was searched or sorted."""

import math
from collections.abc import Sequence

from koopview.gui.widgets.layer_words import Explained, kind_of
from koopview.gui.widgets.stage_tree import Group, Row, flat_rows, grouped, groups_around, member_rows, tree_rows
from koopview.network.info import LayerInfo


class StageRows:
    """The rows of `layers` that are listed, at first their tree with every group folded."""

    def __init__(self, layers: Sequence[LayerInfo]) -> None:
        self._layers = tuple(layers)
        self._names = [layer.name for layer in layers]
        self.tree = grouped(self._names)
        self.unfolded: set[Group] = set()
        self.query, self.sorted = "", False
        self.rows = tree_rows(self.tree, self._names, self.unfolded)

    @property
    def flat(self) -> bool:
        """Whether layers are listed without their groups."""
        return self.sorted or bool(self.query)

    def arrange(self, query: str, explained: Explained | None) -> None:
        """List only layers that have each word of `query` in name or kind, and if R2_lin are given by these."""
        self.query, self.sorted = query.strip(), explained is not None
        if not self.flat:
            self.rows = tree_rows(self.tree, self._names, self.unfolded)
            return
        words = self.query.lower().split()
        found = [index for index, layer in enumerate(self._layers) if _has(layer, words)]
        if explained is not None:
            found.sort(key=lambda index: _rank(explained, self._names[index]))
        self.rows = flat_rows(found, self._names)

    def below(self, row: int) -> list[Row]:
        """Return the rows listed below the group in `row` as its members."""
        group = self.rows[row].group
        deeper = [] if group is None else self.rows[row + 1 :]
        stop = next((place for place, one in enumerate(deeper) if one.depth <= self.rows[row].depth), len(deeper))
        return deeper[:stop]

    def added_by(self, row: int) -> list[Row]:
        """Return the rows that unfolding the group in `row` adds, none if it is unfolded."""
        group, depth = self.rows[row].group, self.rows[row].depth
        return [] if group is None or group in self.unfolded else member_rows(group, self._names, self.unfolded, depth)

    def fold(self, row: int) -> None:
        """Fold the group in `row`."""
        group, below = self.rows[row].group, self.below(row)
        if group is not None:
            self.unfolded.discard(group)
            del self.rows[row + 1 : row + 1 + len(below)]

    def unfold(self, row: int) -> None:
        """Unfold the group in `row`."""
        added, group = self.added_by(row), self.rows[row].group
        if group is not None:
            self.unfolded.add(group)
            self.rows[row + 1 : row + 1] = added

    def groups_of(self, index: int) -> list[Group]:
        """Return the groups of the layer at `index`, the outermost first."""
        return list(groups_around(self.tree, index))

    def row_of_group(self, group: Group) -> int:
        """Return the row of a group, -1 if it is not listed."""
        return next((place for place, row in enumerate(self.rows) if row.group is group), -1)

    def row_of(self, index: int, name: str = "") -> int:
        """Return the row of the layer at `index`, that of the innermost listed group around it, or -1.

        Without a layer (-1) that of the group called `name`: the layers of a module can be replaced as one stage.
        """
        if index < 0:
            return next((place for place, row in enumerate(self.rows) if row.group and row.group.path == name), -1)
        own = next((place for place, row in enumerate(self.rows) if row.group is None and row.index == index), -1)
        around = [] if own >= 0 else [self.row_of_group(group) for group in self.groups_of(index)]
        return max([own, *around])

    def parent(self, row: int) -> int:
        """Return the row of the group that `row` is a member of, -1 if there is none."""
        depth = self.rows[row].depth
        return next((place for place in range(row - 1, -1, -1) if self.rows[place].depth < depth), -1)


def _has(layer: LayerInfo, words: Sequence[str]) -> bool:
    text = f"{layer.name} {kind_of(layer)}".lower()
    return all(word in text for word in words)


def _rank(explained: Explained, name: str) -> float:
    """Return what a layer is sorted by: its R2_lin, and infinity for one that has none."""
    share = explained.get(name)
    return math.inf if share is None else share
