"""Elementwise activations: the register, by the name that `--activation` takes; torch is not imported for it."""

ACTIVATION_CLASSES = {
    "relu": "ReLU",
    "gelu": "GELU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "silu": "SiLU",
    "elu": "ELU",
    "leaky_relu": "LeakyReLU",
    "selu": "SELU",
    "softplus": "Softplus",
    "mish": "Mish",
    "softsign": "Softsign",
    "relu6": "ReLU6",
    "hardtanh": "Hardtanh",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "celu": "CELU",
    "logsigmoid": "LogSigmoid",
    "identity": "Identity",
}
"""Each name's class in torch.nn, used with PyTorch's default parameters; the most common come first."""

ACTIVATION_NAMES = tuple(ACTIVATION_CLASSES)[:10]
"""Those that dialogs list and doubts try; any other can be named too."""
