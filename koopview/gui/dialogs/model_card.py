"""The network in a file as a list of its layers, before it is opened."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from koopview.gui.dialogs.found_card import FoundCard, FoundTable
from koopview.gui.text import activation_name, count, counted
from koopview.network.modelfiles.head import LayerHead, ModelHead

NOTHING = "Name a model file, or drop one here:\nits layers are shown before it is opened."
_MOST_REASONS = 3
_NAMES_TOLD = 3


class ModelCard(FoundCard):
    """Shows a ModelHead, and what is said of the activations that the file does not tell."""

    def __init__(self) -> None:
        super().__init__("Network", "foundModel")
        self.found: ModelHead | None = None
        self._said = ""
        self.body.addWidget(self.remarks)
        self.clear(NOTHING)

    @cached_property
    def table(self) -> FoundTable:
        """The list of layers, made when there are some, so that the dialog appears sooner."""
        table = FoundTable(
            ("layer", "kind", "activation", "n → m", "parameters"),
            (
                "The layer's name in the file",
                "What kind of layer it is",
                "What follows it: as the file says, guessed, or not known",
                "Numbers that it takes and gives, or the shape of its weights",
                "Its weights and biases",
            ),
            "Layers found in the model file",
            words=3,
        )
        table.setObjectName("foundLayers")
        self.body.insertWidget(0, table, 1)
        return table

    def show_head(self, head: ModelHead, title: str = "") -> None:
        """Show the layers of a head, with `title` instead of its format where it is given."""
        self.found = head
        self.note.setText(summary(head, title))
        self.note.setToolTip(self.note.text())
        self.say_instead("" if head.layers else " ".join(head.remarks) or "No layers are told before it is opened.")
        self._show_rows()
        self.show_remarks([*head.remarks, *reasons(head.layers)])

    def clear(self, words: str, failed: bool = False) -> None:
        """Show `words` instead of a network."""
        self.found = None
        super().clear(words, failed)

    def say_activation(self, name: str | None, how: str) -> None:
        """Show the activation where the file does not tell it, and `how` it is known: "proposed", "as you say"."""
        self._said = f"{activation_name(name)}, {how}" if name else ""
        self._show_rows()

    def _show_rows(self) -> None:
        if self.found is not None and (self.found.layers or "table" in vars(self)):
            self.table.numbers.show(rows(self.found, self._said))


def summary(head: ModelHead, title: str = "") -> str:
    """Return what a model file holds in one line: "PyTorch state dict · 5 layers · 109,386 parameters · float32"."""
    known = (
        title or head.format,
        counted(len(head.layers), "layer") if head.layers else "",
        counted(head.parameters, "parameter") if head.parameters else "",
        head.dtype,
    )
    return " · ".join(part for part in known if part)


def rows(head: ModelHead, said: str) -> list[tuple[str, ...]]:
    """Return the rows of a head's layers; `said` stands for activations that are not known, unless it is empty."""
    needed = "activation" in head.needs
    return [
        (
            layer.name + (" (not scaled)" if layer.reason else ""),
            layer.kind,
            _activation(layer, said if needed else ""),
            _widths(layer),
            count(layer.parameters) if layer.parameters else "",
        )
        for layer in head.layers
    ]


def _activation(layer: LayerHead, said: str) -> str:
    if layer.certainty == "unknown":
        return said or "unknown"
    name = "none" if layer.activation in ("", "identity") else activation_name(layer.activation)
    return name if layer.certainty == "known" else f"{name}, {layer.certainty}"


def _widths(layer: LayerHead) -> str:
    if layer.inputs or layer.outputs:
        return f"{count(layer.inputs) if layer.inputs else '?'} → {count(layer.outputs) if layer.outputs else '?'}"
    return " × ".join(map(str, layer.shape))


def reasons(layers: Sequence[LayerHead]) -> list[str]:
    """Return why layers cannot be scaled, a sentence for each reason with the names that it is of."""
    named: dict[str, list[str]] = {}
    for layer in layers:
        if layer.reason:
            named.setdefault(layer.reason, []).append(layer.name)
    told = [f"{_told(names)}: {reason}" for reason, names in list(named.items())[:_MOST_REASONS]]
    return told + _left_out(named)


def _told(names: Sequence[str]) -> str:
    left = len(names) - _NAMES_TOLD
    return ", ".join(names[:_NAMES_TOLD]) + (f" and {left:,} more" if left > 0 else "")


def _left_out(named: Mapping[str, Sequence[str]]) -> list[str]:
    left = len(named) - _MOST_REASONS
    return [f"{left:,} more reasons"] if left > 0 else []
