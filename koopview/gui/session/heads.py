"""What the files of a model and its data show before they are opened: read on a worker, no torch."""

from pathlib import Path
from typing import NamedTuple

from koopview.installation import own_file
from koopview.network.datafiles.data_formats import format_of
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.heads import data_head
from koopview.network.datafiles.samples import ALL_OTHERS, DataNames
from koopview.network.demos import DATA_NAMES, DEMO_TITLES, demo_name
from koopview.network.info import LayerInfo
from koopview.network.modelfiles.head import LayerHead, ModelHead
from koopview.network.modelfiles.heads import model_head
from koopview.study.source import Source

BUILT_IN = "built in"


class FoundData(NamedTuple):
    """The head of a data file, and the names among which its inputs and labels are chosen."""

    head: DataHead
    names: DataNames


def read_model(source: Source) -> ModelHead:
    """Return the ModelHead of the model file that a source names; raises FileError or InputError."""
    if source.model in DEMO_TITLES:
        with own_file(f"models/{demo_name(source.model)}.safetensors") as path:
            return model_head(path)
    return model_head(Path(source.model or ""), weights=source.weights, trust=source.trust)


def read_data(source: Source) -> FoundData:
    """Return the FoundData of the data file that a source names; raises FileError or InputError."""
    if source.data in DATA_NAMES:
        return FoundData(DataHead(BUILT_IN, (), "", "", 0, 0, ()), DataNames())
    path = Path(source.data or "")
    head, found = data_head(path, source.keys), format_of(path)
    names = tuple(one.name for one in head.arrays) if found.named else ()
    return FoundData(head, DataNames((ALL_OTHERS,) if names and found.table else names, names))


def head_of_layers(layers: tuple[LayerInfo, ...]) -> ModelHead:
    """Return the ModelHead of a network that is open."""
    heads = (
        LayerHead(
            layer.name,
            layer.kind,
            (layer.outputs, layer.inputs),
            layer.inputs,
            layer.outputs,
            layer.activation,
            "known",
            layer.parameters,
            layer.reason,
        )
        for layer in layers
    )
    return ModelHead("open", tuple(heads), sum(layer.parameters for layer in layers), "")
