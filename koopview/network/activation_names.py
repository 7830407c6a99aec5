"""Names of the common activations, which dialogs list and doubts try; others can be named too."""

ACTIVATION_NAMES = ("relu", "gelu", "tanh", "sigmoid", "silu", "elu", "leaky_relu", "selu", "softplus", "mish")
