"""The house's rules that no tool checks: what the engine must not do, and what must not wait for torch."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "koopview"
ENGINE = ("network", "trajectory", "koopman", "hybrid", "study")
THREADS = ("threading", "_thread", "multiprocessing", "concurrent")


def engine_files():
    """Return the files left of the two faces, the rooms and what all rooms use."""
    rooms = [path for room in ENGINE for path in sorted((PACKAGE / room).rglob("*.py"))]
    return [*rooms, PACKAGE / "errors.py", PACKAGE / "progress.py", PACKAGE / "resources.py"]


def offences(source):
    """Return what a source does that the engine must not: "prints", "starts threads", "reads the environment"."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            found.append("prints")
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += ["starts threads" for name in names if name.partition(".")[0] in THREADS]
        found += ["reads the environment"] * reads_environment(node)
    return found


def reads_environment(node):
    """Say whether a node is ``os.environ`` or ``os.getenv``, or imports one of them."""
    names = ("environ", "environb", "getenv", "getenvb")
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(alias.name in names for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr in names


def without_data_directory(source):
    """Return the source without the one function that may read the environment, and how often it stood there."""
    tree = ast.parse(source)
    kept = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "data_directory")]
    count = len(tree.body) - len(kept)
    tree.body = kept
    return ast.unparse(tree), count


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    print(1)", ["prints"]),
        ("import threading", ["starts threads"]),
        ("from concurrent.futures import ThreadPoolExecutor", ["starts threads"]),
        ("import os\nos.environ['A']", ["reads the environment"]),
        ("import os\nos.getenv('A')", ["reads the environment"]),
        ("from os import environ", ["reads the environment"]),
        ("def f():\n    '''print(1), os.environ'''\n    return fingerprint(2)", []),
    ],
)
def test_offences_are_found(source, found):
    assert offences(source) == found


@pytest.mark.parametrize("path", engine_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_engine_is_silent_single_threaded_and_set_by_its_arguments_alone(path):
    source, _ = without_data_directory(path.read_text(encoding="utf-8"))
    assert offences(source) == []


def test_one_function_alone_reads_where_large_data_sets_are():
    counts = [without_data_directory(path.read_text(encoding="utf-8"))[1] for path in engine_files()]
    assert sum(counts) == 1


def modules_below(package):
    """Return the names of all modules of a package of KoopView."""
    folder = PACKAGE / package
    parts = [path.relative_to(PACKAGE.parent).with_suffix("").parts for path in sorted(folder.rglob("*.py"))]
    return [".".join(part for part in module if part != "__init__") for module in parts]


def loaded_after(modules, asked):
    """Return which of the modules `asked` a fresh Python has loaded after importing `modules`."""
    script = f"import sys, importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split()) & set(asked)


def test_a_saved_result_is_drawn_without_torch():
    drawn = ["koopview", "koopview.cli", "koopview.study.result", *modules_below("gui")]
    assert loaded_after(drawn, ["torch"]) == set()


def test_importing_koopview_loads_neither_torch_nor_qt():
    assert loaded_after(["koopview"], ["torch", "PySide6", "numpy"]) == set()


def test_the_command_line_answers_without_qt():
    assert loaded_after(["koopview.cli"], ["PySide6", "pyqtgraph"]) == set()


# Circles --------------------------------------------------------------------------------------------------------------


def imported_by(source, module, modules, is_door=False):
    """Return which of `modules` a module's source imports: at its top, for typing, inside functions, or by name.

    A text that is a module's name counts as an import of it (``import_module``, a call in another process), but in an
    ``__init__`` that hands out names on first use: the door of a package.
    """
    package = module if is_door else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            home = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                found.add(f"{home}.{alias.name}" if f"{home}.{alias.name}" in modules else home)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not is_door:
            found.add(node.value)
    return {name for name in found if name in modules and name != module}


def import_graph(package):
    """Return what each module of a package in a folder imports of it."""
    sources = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        sources[name] = (path.read_text(encoding="utf-8"), path.name == "__init__.py")
    return {name: imported_by(text, name, sources, is_door) for name, (text, is_door) in sources.items()}


def circle(graph):
    """Return a circle of a graph, None where there is none."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return None


def test_no_module_of_the_package_stands_in_a_circle():
    graph = import_graph(PACKAGE)
    assert len(graph) > 250
    assert circle(graph) is None


@pytest.mark.parametrize(
    ("text", "imported"),
    [
        ("import p.b", {"p.b"}),
        ("from p import b", {"p.b"}),
        ("from p.b import name", {"p.b"}),
        ("from . import b", {"p.b"}),
        ("from .b import name", {"p.b"}),
        ("from .sub.c import name", {"p.sub.c"}),
        ("def f():\n    from p.b import name", {"p.b"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.b import name", {"p.b"}),
        ("from importlib import import_module\nimport_module('p.b')", {"p.b"}),
        ("import numpy", set()),
        ("'''See p.b for more.'''", set()),
    ],
)
def test_every_way_to_import_counts(text, imported):
    modules = {"p", "p.a", "p.b", "p.sub", "p.sub.c"}
    assert imported_by(text, "p.a", modules) == imported


def test_a_circle_of_any_way_is_found(tmp_path):
    package = tmp_path / "p"
    package.mkdir()
    for name, text in {"__init__": "", "a": "from .b import x", "b": "def f():\n    import_module('p.a')"}.items():
        (package / f"{name}.py").write_text(text)
    assert set(circle(import_graph(package))) == {"p.a", "p.b"}
    (package / "b.py").write_text("x = 1")
    assert circle(import_graph(package)) is None
