"""The heads of model files, found at once for files of any size: no numbers are read, no code is run, no torch here."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from koopview.errors import FileError, InputError
from koopview.network.architectures import ARCHITECTURES
from koopview.network.modelfiles import safetensors_file
from koopview.network.modelfiles.contents import foreign_in, networks_in
from koopview.network.modelfiles.groups import LINEAR, NORM, Group, groups_of, in_one_part, is_part, unknown
from koopview.network.modelfiles.head import LayerHead, ModelHead
from koopview.network.modelfiles.layer_order import layer_order
from koopview.network.modelfiles.model_formats import KINDS, format_of
from koopview.network.modelfiles.names import chosen, without_prefix
from koopview.network.modelfiles.pytorch_archive import Archive, archive_of, check_claims
from koopview.network.modelfiles.pytorch_file import refusal
from koopview.network.modelfiles.strangers import is_of_sklearn, model_path, sklearn_refusal, stranger
from koopview.network.modelfiles.torchscript import scripted_activation, scripted_weights


def model_head(path: Path, *, weights: str | None = None, trust: bool = False) -> ModelHead:
    """Return the ModelHead of a file.

    Parameters
    ----------
    path : path
    weights : str, optional
        The name of the network in a file that holds several; without it these are its `choices`.
    trust : bool
        Whether the file is trusted, so that trust is no longer among its `needs`. No code is run either way.

    Raises
    ------
    FileError
        If the file is missing, broken or no model.
    InputError
        If it holds no network called `weights`.
    """
    model_path(path, KINDS)
    found = format_of(path)
    if found.home == "safetensors_file":
        return _safetensors(path)
    if found.home == "pytorch_file":
        return _pytorch(path, weights, trust)
    reader: Any = found.reader()
    if hasattr(reader, "head"):
        described: ModelHead = reader.head(path)
        return described
    content = reader.read(path, False)
    return _head(found.name, dict(content.content), content.in_order, content.metadata.get("activation"))


def _safetensors(path: Path) -> ModelHead:
    header = safetensors_file.header_of(path)
    if not any(is_part(name) for name in header.tensors):
        names = ", ".join(list(header.tensors)[:3]) or "nothing"
        raise FileError(f"model {path} holds {names}, expected named weights (a state dict)")
    if header.metadata.get("architecture") in ARCHITECTURES:
        return _of_architecture(header.metadata["architecture"], header.tensors)
    return _head("safetensors", header.tensors, activation=header.metadata.get("activation"))


def _of_architecture(architecture: str, tensors: Mapping[str, Any]) -> ModelHead:
    """Return the head of a file whose metadata name its architecture: nothing is left to say."""
    found = _head(f"safetensors, {architecture}", tensors)
    return replace(found, needs=(), layers=tuple(replace(layer, reason="") for layer in found.layers))


def _pytorch(path: Path, key: str | None, trust: bool) -> ModelHead:
    """Return the head of a PyTorch file; objects that only code could make are told, not refused."""
    try:
        archive = archive_of(path)
    except FileError as error:
        raise stranger(path) or error from error
    if archive.scripted:
        held, activation = scripted_weights(archive), scripted_activation(archive.value)
        return _head("TorchScript archive", held, in_order=True, activation=activation)
    foreign = foreign_in(archive.value)
    networks = networks_in(archive.value)
    if not networks:
        return _without_network(archive, foreign, trust)
    needs: tuple[str, ...] = () if trust or foreign is None else ("trust",)
    remarks = () if foreign is None else (f"it holds {foreign[1].name} in {foreign[0]!r}, made by code",)
    if key is None and len(networks) > 1:
        return ModelHead("PyTorch checkpoint", (), 0, "", tuple(networks), (*needs, "weights"), remarks)
    one = networks[chosen(networks, key, path.name)]
    check_claims(archive, one)
    choices = tuple(networks) if len(networks) > 1 else ()
    return _head("PyTorch state dict", one, True, None, choices, needs, remarks)


def _without_network(archive: Archive, foreign: Any, trust: bool) -> ModelHead:
    """Return the head of a whole pickled module, whose layers are not known before its code is run."""
    if foreign is None:
        raise FileError(f"model {archive.path} holds no weights, expected named weights (a state dict)")
    if is_of_sklearn(foreign[1].name):
        raise sklearn_refusal(archive.path)
    if not trust:
        told = str(refusal(archive.path, *foreign))
        return ModelHead(f"PyTorch pickle of {foreign[1].name}", (), 0, "", (), ("trust",), (told,))
    return ModelHead(f"PyTorch pickle of {foreign[1].name}", (), 0, "")


def _head(
    format_name: str,
    tensors: Mapping[str, Any],
    in_order: bool = False,
    activation: str | None = None,
    choices: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    remarks: tuple[str, ...] = (),
) -> ModelHead:
    """Return the head of named tensors, of which only shapes and types of numbers are looked at."""
    bare, told = without_prefix(dict(tensors))
    groups = groups_of(in_one_part(bare))
    others = unknown(groups)
    ordered = _ordered(groups, in_order)
    if others or not any(group.kind == LINEAR for group in groups):
        needs = (*needs, "factory")
    elif activation is None and sum(group.kind == LINEAR for group in groups) > 1:
        needs = (*needs, "activation")
    dtypes = sorted({_dtype(one) for name, one in bare.items() if not name.endswith("num_batches_tracked")})
    return ModelHead(
        format_name,
        tuple(_layer(group, activation, group is ordered[-1]) for group in ordered),
        sum(prod(one.shape) for one in tensors.values()),
        ", ".join(dtypes),
        choices,
        needs,
        (*remarks, *told),
    )


def _ordered(groups: list[Group], in_order: bool) -> list[Group]:
    """Return the layers in the order in which they run, if that is certain, else in the file's; norms are left out."""
    linears = {group.name: group for group in groups if group.kind == LINEAR}
    if unknown(groups):
        return groups
    try:
        order = layer_order({name: group.shape for name, group in linears.items()}, in_order, "it")
    except InputError:
        return list(linears.values())
    return [linears[name] for name in order]


def _layer(group: Group, activation: str | None, last: bool) -> LayerHead:
    """Return the head of one layer."""
    linear = group.kind == LINEAR
    norm = group.kind == NORM
    kind = group.kind.rpartition(": ")[2]
    reason = "" if linear or norm else f"{kind} is no Linear layer, and weights alone do not say how it is run"
    after = "" if not linear else "identity" if last else activation or ""
    return LayerHead(
        name=group.name,
        kind=kind,
        shape=group.shape,
        inputs=group.shape[1] if linear else 0,
        outputs=group.shape[0] if linear else 0,
        activation=after,
        certainty="known" if after else "unknown",
        parameters=group.numbers,
        reason=reason,
    )


def _dtype(tensor: Any) -> str:
    """Return the name of a tensor's type of numbers."""
    dtype = getattr(tensor, "dtype", "")
    return str(getattr(dtype, "numpy", dtype)).removeprefix("torch.")
