"""ONNX files are opened as graphs that compute what the ONNX reference evaluator computes."""

import contextlib
import sys

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import nn

from koopview.errors import FileError, InputError
from koopview.network.modelfiles import onnx_file

VALUES = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)


def saved(path, nodes, weights=None, shape=("samples", 4), opset=20, domain=""):
    """Write an ONNX graph from x to y."""
    made = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid(domain, opset)])
    onnx.save(model, path)
    return path


def compared(path, x=VALUES):
    """Return our outputs and the reference's."""
    with torch.no_grad():
        ours = onnx_file.read(path, trust=False).content(torch.from_numpy(x)).numpy()
    return ours, ReferenceEvaluator(str(path)).run(None, {"x": x})[0]


def weights(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


MLP = [
    helper.make_node("Gemm", ["x", "fc1.weight", "fc1.bias"], ["a"], name="/fc1/Gemm", transB=1),
    helper.make_node("Relu", ["a"], ["b"]),
    helper.make_node("MatMul", ["b", "onnx::MatMul_7"], ["c"], name="/fc2/MatMul"),
    helper.make_node("Add", ["fc2.bias", "c"], ["y"], name="/fc2/Add"),
]
MLP_WEIGHTS = {
    "fc1.weight": weights(8, 4),
    "fc1.bias": weights(8),
    "onnx::MatMul_7": weights(8, 3),
    "fc2.bias": weights(3),
}


def test_products_with_constant_weights_are_linear_layers(tmp_path):
    path = saved(tmp_path / "net.onnx", MLP, MLP_WEIGHTS)
    ours, reference = compared(path)
    np.testing.assert_allclose(ours, reference, rtol=1e-5, atol=1e-6)
    graph = onnx_file.read(path, trust=False).content.graph
    linears = [node for node in graph.nodes if node.target is torch.ops.aten.linear.default]
    assert [[one.target for one in node.args[1:]] for node in linears] == [
        ["fc1.weight", "fc1.bias"],
        ["fc2.weight", "fc2.bias"],
    ]


def test_the_head_says_what_the_network_is(tmp_path):
    head = onnx_file.head(saved(tmp_path / "net.onnx", MLP, MLP_WEIGHTS))
    told = [(one.name, one.kind, one.inputs, one.outputs, one.activation) for one in head.layers]
    assert told == [("fc1", "Linear", 4, 8, "relu"), ("fc2", "Linear", 8, 3, "identity")]


ELEMENTWISE = [
    ("Relu", {}),
    ("Gelu", {}),
    ("Gelu", {"approximate": "tanh"}),
    ("Tanh", {}),
    ("Sigmoid", {}),
    ("Elu", {"alpha": 0.5}),
    ("Celu", {"alpha": 0.5}),
    ("Selu", {}),
    ("LeakyRelu", {"alpha": 0.3}),
    ("Softplus", {}),
    ("Softsign", {}),
    ("HardSigmoid", {"alpha": 1 / 6}),
    ("HardSwish", {}),
    ("Mish", {}),
    ("Softmax", {"axis": 1}),
    ("LogSoftmax", {}),
    ("Abs", {}),
    ("Exp", {}),
    ("Erf", {}),
    ("Neg", {}),
    ("Identity", {}),
    ("Flatten", {}),
    ("Dropout", {}),
    ("Transpose", {"perm": [1, 0]}),
    ("Cast", {"to": 1}),
]


@pytest.mark.parametrize(("operator", "settings"), ELEMENTWISE)
def test_an_operator_computes_what_the_reference_does(tmp_path, operator, settings):
    ours, reference = compared(saved(tmp_path / "net.onnx", [helper.make_node(operator, ["x"], ["y"], **settings)]))
    np.testing.assert_allclose(ours, reference, rtol=1e-5, atol=1e-6)


def constant(name, value):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value)))


WRITTEN_OUT = {
    "gelu": [
        constant("root", np.float32(np.sqrt(2))),
        constant("one", np.float32(1)),
        constant("half", np.float32(0.5)),
        helper.make_node("Div", ["x", "root"], ["a"]),
        helper.make_node("Erf", ["a"], ["b"]),
        helper.make_node("Add", ["b", "one"], ["c"]),
        helper.make_node("Mul", ["x", "c"], ["d"]),
        helper.make_node("Mul", ["d", "half"], ["y"]),
    ],
    "silu": [helper.make_node("Sigmoid", ["x"], ["a"]), helper.make_node("Mul", ["x", "a"], ["y"])],
    "mish": [
        helper.make_node("Softplus", ["x"], ["a"]),
        helper.make_node("Tanh", ["a"], ["b"]),
        helper.make_node("Mul", ["b", "x"], ["y"]),
    ],
    "relu6": [
        constant("low", np.float32(0)),
        constant("high", np.float32(6)),
        helper.make_node("Clip", ["x", "low", "high"], ["y"]),
    ],
}


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_an_activation_that_is_written_out_is_that_activation(tmp_path, name):
    path = saved(tmp_path / "net.onnx", WRITTEN_OUT[name])
    ours, reference = compared(path)
    np.testing.assert_allclose(ours, reference, rtol=1e-5, atol=1e-6)
    calls = [node for node in onnx_file.read(path, trust=False).content.graph.nodes if node.op == "call_function"]
    assert [str(node.target) for node in calls] == [f"aten.{name}.default"]


def test_lengths_that_are_computed_stay_open(tmp_path):
    """As the earlier exporter of PyTorch writes x.view(x.size(0), -1)."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        constant("zero", np.int64(0)),
        helper.make_node("Gather", ["shape", "zero"], ["count"], axis=0),
        constant("axes", np.array([0])),
        helper.make_node("Unsqueeze", ["count", "axes"], ["row"]),
        constant("rest", np.array([-1])),
        helper.make_node("Concat", ["row", "rest"], ["lengths"], axis=0),
        helper.make_node("Reshape", ["x", "lengths"], ["y"]),
    ]
    x = np.random.default_rng(0).normal(size=(3, 2, 2)).astype(np.float32)
    ours, reference = compared(saved(tmp_path / "net.onnx", nodes, shape=("samples", 2, 2)), x)
    assert ours.shape == (3, 4)
    np.testing.assert_array_equal(ours, reference)


def test_a_convolutional_network_with_a_branch(tmp_path):
    nodes = [
        helper.make_node("Conv", ["x", "c.weight", "c.bias"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["a", "s", "b", "m", "v"], ["n"], epsilon=1e-3),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("Add", ["r", "x"], ["sum"]),
        helper.make_node("MaxPool", ["sum"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["p"], ["g"]),
        helper.make_node("Flatten", ["g"], ["y"]),
    ]
    held = {"c.weight": weights(2, 2, 3, 3), "c.bias": weights(2), "s": weights(2), "b": weights(2), "m": weights(2)}
    x = np.random.default_rng(0).normal(size=(3, 2, 6, 6)).astype(np.float32)
    path = saved(tmp_path / "net.onnx", nodes, held | {"v": np.abs(weights(2)) + 1}, shape=("samples", 2, 6, 6))
    ours, reference = compared(path, x)
    np.testing.assert_allclose(ours, reference, rtol=1e-4, atol=1e-5)


def test_what_is_not_read_is_named(tmp_path):
    path = saved(tmp_path / "net.onnx", [helper.make_node("Einsum", ["x"], ["y"], equation="ij->ji")])
    with pytest.raises(FileError, match="the operator Einsum"):
        onnx_file.read(path, trust=False)


@pytest.mark.parametrize("place", ["../outside.bin", "/etc/hostname", "missing.bin", ""])
def test_numbers_elsewhere_are_not_fetched(tmp_path, place):
    path = saved(tmp_path / "net.onnx", MLP, MLP_WEIGHTS)
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=place)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(FileError, match="beside it"):
        onnx_file.read(path, trust=False)


def test_numbers_beside_the_file_are_read(tmp_path):
    plain = saved(tmp_path / "plain.onnx", MLP, MLP_WEIGHTS)
    apart = tmp_path / "apart.onnx"
    onnx.save(onnx.load(plain), apart, save_as_external_data=True, location="apart.bin", size_threshold=0)
    assert (tmp_path / "apart.bin").stat().st_size > 0
    x = torch.from_numpy(VALUES)
    with torch.no_grad():
        assert torch.equal(onnx_file.read(apart, False).content(x), onnx_file.read(plain, False).content(x))
    (tmp_path / "apart.bin").write_bytes(b"\0" * 16)
    with pytest.raises(FileError, match="holds more than it does"):
        onnx_file.read(apart, trust=False)


def test_without_the_package_a_sentence_says_so(tmp_path, monkeypatch):
    path = saved(tmp_path / "net.onnx", MLP, MLP_WEIGHTS)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r"pip install 'koopview\[onnx\]'"):
        onnx_file.head(path)


@pytest.mark.filterwarnings("ignore")
def test_what_pytorch_exports_is_read(tmp_path):
    torch.manual_seed(0)
    parts = [nn.Flatten(), nn.Linear(4, 8), nn.BatchNorm1d(8), nn.SiLU(), nn.Dropout(), nn.Linear(8, 8), nn.GELU()]
    net, x = nn.Sequential(*parts, nn.Linear(8, 3)).eval(), torch.from_numpy(VALUES).view(5, 2, 2)
    named = {"input_names": ["x"], "dynamic_axes": {"x": {0: "samples"}}}
    torch.onnx.export(net, (x,), tmp_path / "net.onnx", dynamo=False, verbose=False, **named)
    with torch.no_grad():
        ours = onnx_file.read(tmp_path / "net.onnx", trust=False).content(x)
        torch.testing.assert_close(ours, net(x), rtol=1e-5, atol=1e-5)


def test_any_broken_byte_is_one_sentence(tmp_path):
    whole = saved(tmp_path / "net.onnx", MLP, MLP_WEIGHTS).read_bytes()
    draw, path = np.random.default_rng(0), tmp_path / "broken.onnx"
    for _ in range(400):
        content = bytearray(whole)
        for index in draw.integers(0, len(content), draw.integers(1, 4)):
            content[index] = draw.integers(0, 256)
        path.write_bytes(
            bytes(content[: draw.integers(1, len(content) + 1)]) if draw.random() < 0.3 else bytes(content)
        )
        for look in (onnx_file.head, lambda path: onnx_file.read(path, trust=False)):
            with contextlib.suppress(FileError, InputError):
                look(path)
