"""Whether a network and data fit each other, told by their heads."""

import pytest

from koopview.network.datafiles.head import ArrayHead, DataHead
from koopview.network.matching import match
from koopview.network.modelfiles.head import LayerHead, ModelHead


def network(inputs, outputs):
    layers = (
        LayerHead("0", "Linear", (8, inputs), inputs, 8, "relu", "known", 0),
        LayerHead("2", "Linear", (outputs, 8), 8, outputs, "", "known", 0),
    )
    return ModelHead("safetensors", layers, 0, "float32")


def data(shape, classes=(), labels="y", samples=100, arrays=()):
    names = tuple(map(str, range(classes) if isinstance(classes, int) else classes))
    return DataHead("NPZ", arrays, "x", labels, samples, 0, shape, names)


REAL = (ArrayHead("y", (100,), "f4"),)


@pytest.mark.parametrize(
    ("model", "given", "fits", "sentence"),
    [
        (network(4, 3), data((4,), 3), True, "4 features, as the network takes; 3 classes, 3 outputs"),
        (network(784, 10), data((28, 28), 10), True, "28 × 28 numbers, as the network takes; 10 classes, 10 outputs"),
        (
            network(4, 10),
            data((4,), 3),
            True,
            "4 features, as the network takes; 3 classes in the first samples, 10 outputs",
        ),
        (
            network(64, 3),
            data((65,), 3),
            False,
            "65 features, the network takes 64: is one of them the label or an index?",
        ),
        (network(64, 3), data((30,), 3), False, "30 features, the network takes 64"),
        (
            network(784, 3),
            data((3, 28, 28), 3),
            False,
            "3 × 28 × 28 numbers, the network takes 784: are the pictures grey on one side and coloured on the other?",
        ),
        (
            network(100, 3),
            data((7,), 3),
            False,
            "7 features, the network takes 100: is the array turned, with the samples in its columns?",
        ),
        (
            network(5, 3),
            data((9,), 3, arrays=(ArrayHead("x", (40, 9), "f4"), ArrayHead("z", (40, 5), "f4"))),
            False,
            "9 features, the network takes 5: are the inputs in z?",
        ),
        (network(4, 3), data((4,), 5), False, "5 classes, but the network has 3 outputs"),
        (network(4, 1), data((4,), 2), True, "4 features, as the network takes; 2 classes, one output: its sign"),
        (network(4, 1), data((4,), 3), False, "3 classes, one output, which tells two"),
        (network(4, 3), data((4,), 0, labels=""), True, "4 features, as the network takes"),
        (
            network(4, 3),
            data((4,), 0, arrays=REAL),
            False,
            "y holds 1 real number a sample, but the network has 3 outputs",
        ),
        (
            network(4, 1),
            data((4,), 0, arrays=REAL),
            True,
            "4 features, as the network takes; y holds 1 real number a sample, 1 output",
        ),
        (
            network(0, 3),
            data((4,), 3),
            None,
            "4 features a sample; what the network takes is not known before a run; 3 classes, 3 outputs",
        ),
        (network(1, 1), data((1,), 0, labels=""), True, "1 feature, as the network takes"),
    ],
)
def test_match(model, given, fits, sentence):
    found = match(model, given)
    assert (found.fits, found.sentence) == (fits, sentence)


def test_nothing_is_said_of_data_without_inputs():
    found = match(network(4, 3), DataHead("NPZ", (), "", "", 0, 0, ()))
    assert (found.fits, found.sentence) == (None, "")
