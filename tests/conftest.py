"""Settings of every test: one thread per process, own folders, no deadline, and slow tests only on request.

Several processes run tests at once (`packaging/bootstrap.py test`), on a machine that may be busy with other things.
"""

import gc
import os

import hypothesis
import pytest

# numpy, scipy and torch read these when they are imported, later than this line. Threads of several processes would
# wait for each other, and the last digits of a sum must not depend on the number of threads.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

hypothesis.settings.register_profile("koopview", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("koopview")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")


def pytest_report_header(config):
    return "" if wants_slow(config) else "tests marked slow are left out; --slow runs them too"


def pytest_collection_modifyitems(config, items):
    if wants_slow(config):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if not item.get_closest_marker("slow")]


def wants_slow(config):
    """Return whether slow tests are requested: by the option, by their mark, or by the name of a single test."""
    return config.getoption("--slow") or "slow" in config.option.markexpr or any("::" in name for name in config.args)


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory):
    """Keep the files that the program writes (recovery files, preferences) out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="module", autouse=True)
def _imports_are_no_garbage():
    """Exclude the objects loaded so far (torch, Qt, all modules) from garbage collection: it took half of the time."""
    gc.collect()
    gc.freeze()
