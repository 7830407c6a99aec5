"""The head of a model file: what is in it, found without reading its numbers, running code or importing torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerHead:
    """One layer that a file shows.

    Attributes
    ----------
    name, kind : str
        "layers.2", "Linear"; the kind is a guess from names and shapes where the file holds weights alone.
    shape : tuple of int
        Shape of its weights.
    inputs, outputs : int
        0 where they are not known before a run.
    activation, certainty : str
        The activation after it, and whether that is "known" from the file, "guessed" or "unknown".
    parameters : int
    reason : str
        Why KoopView cannot scale it; empty if it can.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    inputs: int
    outputs: int
    activation: str
    certainty: str
    parameters: int
    reason: str = ""


@dataclass(frozen=True)
class ModelHead:
    """The head of a model file.

    Attributes
    ----------
    format : str
        In words: "PyTorch state dict", "safetensors", "torch.export graph", "ONNX graph".
    layers : tuple of LayerHead
        In the order in which the network runs them, or the file's where that is not known.
    parameters : int
    dtype : str
        "float32", or several with commas between them.
    choices : tuple of str
        The names for ``--weights`` where a file holds several networks; empty where there is no choice.
    needs : tuple of str
        What a person must still say: "activation", "factory", "trust", "weights".
    remarks : tuple of str
        Sentences about what was found: prefixes taken off, numbers passed over.
    """

    format: str
    layers: tuple[LayerHead, ...]
    parameters: int
    dtype: str
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def inputs(self) -> int:
        """Numbers that the network takes, 0 if not known."""
        return self.layers[0].inputs if self.layers else 0

    @property
    def outputs(self) -> int:
        """Numbers that the network gives, 0 if not known."""
        return self.layers[-1].outputs if self.layers else 0
