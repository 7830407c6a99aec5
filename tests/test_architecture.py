"""The house's rules that no tool checks: what the engine must not do, and what must not wait for torch."""

import ast
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
