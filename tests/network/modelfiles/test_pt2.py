"""Files of torch.export are opened as graphs, and nothing in them is run."""

import io
import json
import pickle
import zipfile

import pytest
import torch
from reference.wrong_values import places, with_value
from torch import nn

from koopview.errors import FileError, InputError
from koopview.network.modelfiles import pt2


class Branches(nn.Module):
    """Flattens, subtracts a buffer, adds a branch, and gives a dict."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(12, 8), nn.Linear(8, 8), nn.Linear(8, 3)
        self.register_buffer("mean", torch.ones(12))

    def forward(self, x):
        hidden = torch.relu(self.first(x.view(x.size(0), -1) - self.mean))
        hidden = hidden + nn.functional.leaky_relu(self.second(hidden), 0.2)
        return {"logits": torch.softmax(self.last(torch.cat([hidden, 2 * hidden], 1)[:, ::2]), -1)}


def chain():
    parts = [nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 3)]
    return nn.Sequential(*parts)


def exported(path, module, shape, free=True):
    """Save a module, and return its outputs on five samples with these."""
    torch.manual_seed(0)
    batch = ({0: torch.export.Dim("samples")},) if free else None
    program = torch.export.export(module.eval(), (torch.zeros(2, *shape),), dynamic_shapes=batch)
    torch.export.save(program, path)
    x = torch.randn(5, *shape)
    with torch.no_grad():
        given = module(x)
    return x, given["logits"] if isinstance(given, dict) else given


@pytest.mark.parametrize(("module", "shape"), [(chain(), (4,)), (Branches(), (3, 4))])
def test_a_graph_computes_what_the_module_did(tmp_path, module, shape):
    x, expected = exported(tmp_path / "net.pt2", module, shape)
    graph = pt2.read(tmp_path / "net.pt2", trust=False).content
    with torch.no_grad():
        assert torch.equal(graph(x), expected)


def test_the_head_says_what_the_network_is(tmp_path):
    exported(tmp_path / "net.pt2", chain(), (4,))
    head = pt2.head(tmp_path / "net.pt2")
    told = [(one.name, one.kind, one.inputs, one.outputs, one.activation, one.certainty) for one in head.layers]
    assert told == [
        ("0", "Linear", 4, 8, "relu", "known"),
        ("4", "Linear", 8, 8, "gelu", "known"),
        ("6", "Linear", 8, 3, "identity", "known"),
    ]
    assert head.dtype == "float32"


def test_modules_around_an_operator_are_kept(tmp_path):
    exported(tmp_path / "net.pt2", Branches(), (3, 4))
    graph = pt2.read(tmp_path / "net.pt2", trust=False).content.graph
    inner = [list(node.meta["nn_module_stack"].values())[-1] for node in graph.nodes if "linear" in node.name]
    assert inner == [(name, "torch.nn.modules.linear.Linear") for name in ("first", "second", "last")]


def changed(path, member, change):
    """Write one member of an archive anew: change(its bytes)."""
    with zipfile.ZipFile(path) as file:
        members = {one.filename: file.read(one) for one in file.infolist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, change(content) if name.endswith(member) else content)


class Marker:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_no_code_of_a_file_is_run(tmp_path):
    """Sample inputs are a pickle that torch.export.load unpickles; expressions are evaluated by it as Python."""
    x, expected = exported(tmp_path / "net.pt2", chain(), (4,))
    mark = tmp_path / "ran"
    changed(tmp_path / "net.pt2", "sample_inputs/model.pt", lambda content: pickle.dumps(Marker(mark)))
    changed(
        tmp_path / "net.pt2",
        "model.json",
        lambda content: content.replace(b"Symbol(", f"open('{mark}', 'w') and Symbol(".encode()),
    )
    with torch.no_grad():
        assert torch.equal(pt2.read(tmp_path / "net.pt2", trust=False).content(x), expected)
    assert not mark.exists()


@pytest.mark.parametrize(
    "target",
    [
        "torch.ops.aten.from_file.default",
        "os.system",
        "torch.ops.profiler._record.default",
        "builtins.eval",
        "_operator.attrgetter",
    ],
)
def test_other_code_than_operators_is_refused(tmp_path, target):
    exported(tmp_path / "net.pt2", chain(), (4,))
    changed(
        tmp_path / "net.pt2",
        "model.json",
        lambda content: content.replace(b"torch.ops.aten.gelu.default", target.encode()),
    )
    with pytest.raises(FileError, match=r"expected (a network's|PyTorch's own) operators alone"):
        pt2.read(tmp_path / "net.pt2", trust=False)


def test_an_operator_that_is_not_here_is_named(tmp_path):
    exported(tmp_path / "net.pt2", chain(), (4,))
    changed(
        tmp_path / "net.pt2", "model.json", lambda content: content.replace(b"aten.gelu.default", b"aten.gelu9.default")
    )
    with pytest.raises(FileError, match="gelu9"):
        pt2.read(tmp_path / "net.pt2", trust=False)


def test_a_graph_too_large_for_memory_is_refused_before_it_runs(tmp_path):
    class Large(nn.Module):
        def forward(self, x):
            return torch.cat([x] * 3, 1).repeat(1, 50)

    exported(tmp_path / "net.pt2", Large(), (4,))
    changed(tmp_path / "net.pt2", "model.json", lambda content: content.replace(b"[1, 50]", b"[1, 5000000000]"))
    with pytest.raises(InputError, match="GiB of memory"):
        pt2.read(tmp_path / "net.pt2", trust=False)


@pytest.mark.parametrize("claim", [b'"as_int": 80', b'"as_int": -8', b'"as_int": 800000000000000'])
def test_more_numbers_than_the_file_holds_are_refused(tmp_path, claim):
    exported(tmp_path / "net.pt2", chain(), (4,))
    changed(tmp_path / "net.pt2", "weights_config.json", lambda content: content.replace(b'"as_int": 8', claim))
    with pytest.raises(FileError, match="expected a whole"):
        pt2.read(tmp_path / "net.pt2", trust=False)


def test_weights_in_a_pickle_are_refused(tmp_path):
    exported(tmp_path / "net.pt2", chain(), (4,))

    def pickled(content):
        config = json.loads(content)
        config["config"]["0.weight"]["use_pickle"] = True
        return json.dumps(config).encode()

    changed(tmp_path / "net.pt2", "weights_config.json", pickled)
    with pytest.raises(FileError, match="could run code"):
        pt2.read(tmp_path / "net.pt2", trust=False)


def test_any_broken_description_is_one_sentence(tmp_path):
    """Every value of the graph's description in turn is replaced by one of another kind."""
    content = io.BytesIO()
    torch.export.save(torch.export.export(chain().eval(), (torch.zeros(2, 4),)), content)
    path, opened = tmp_path / "net.pt2", 0
    with zipfile.ZipFile(content) as file:
        name = next(one for one in file.namelist() if one.endswith("models/model.json"))
        described = json.loads(file.read(name))
    members = {one: zipfile.ZipFile(content).read(one) for one in zipfile.ZipFile(content).namelist()}
    for index, place in enumerate(list(places(described["graph_module"]))):
        wrong = json.dumps(with_value(described, ("graph_module", *place), WRONG[index % len(WRONG)]))
        with zipfile.ZipFile(path, "w") as file:
            for member, held in members.items():
                file.writestr(member, wrong if member == name else held)
        for look in (pt2.head, lambda path: pt2.read(path, trust=False)):
            try:
                look(path)
                opened += 1
            except (FileError, InputError):
                pass
    assert opened > 0  # many values do not matter


WRONG = (1e308, -1, "x", None, [], {}, True, 10**30, [None])
