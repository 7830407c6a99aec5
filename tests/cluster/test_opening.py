"""Clusters that are no clusters, of other versions, or without workers: one sentence each."""

import socket
import subprocess
import sys
import threading

import pytest

from koopview.cluster import opening
from koopview.cluster.opening import check_client, check_installed, check_workers, local_workers, opened, within
from koopview.errors import InputError

pytest.importorskip("distributed", reason="the extra dask is not installed: bootstrap.py test installs it")

LONE_SCHEDULER = """
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "koopview":
            raise ModuleNotFoundError("No module named 'koopview'", name="koopview")

if __name__ == "__main__":
    sys.meta_path.insert(0, Without())
    from distributed import LocalCluster

    cluster = LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address=None,
    )
    print(cluster.scheduler_address, *[worker.address for worker in cluster.workers.values()], flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lone(tmp_path):
    """Start a scheduler with so many workers that have no KoopView; return their addresses, the scheduler's first."""
    (tmp_path / "lone.py").write_text(LONE_SCHEDULER)
    started = []

    def start(workers):
        command = [sys.executable, str(tmp_path / "lone.py"), str(workers)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, text=True, **pipes))
        return started[-1].stdout.readline().split()

    yield start
    for one in started:
        one.communicate("")


@pytest.mark.parametrize(("where", "count"), [("local:1", 1), ("local:12", 12), ("tcp://host:8786", None)])
def test_words_and_addresses(where, count):
    assert local_workers(where) == count


def test_a_worker_a_processor():
    assert local_workers("local") == opening.processors() >= 1


@pytest.mark.parametrize(
    "where",
    ["", "local:", "local:0", "local:-1", "local:two", "local:1001", "host", "host:", ":8786", "tcp://host:port"],
)
def test_what_is_no_cluster_is_refused(where):
    with pytest.raises(InputError, match=r"cluster is '.*', expected local, local:N for N workers on this machine, or"):
        local_workers(where)


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"a cluster takes Dask's package distributed, expected it: pip install"):
        check_installed()
    with pytest.raises(InputError, match="pip install"), opened("local:1"):
        raise AssertionError


def test_an_address_at_which_nothing_answers(monkeypatch):
    monkeypatch.setattr(opening, "CONNECT_SECONDS", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # and does not listen
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(InputError, match=f"no Dask scheduler answers at {address}, expected"), opened(address):
            raise AssertionError


def test_an_address_at_which_something_else_answers(monkeypatch):
    monkeypatch.setattr(opening, "CONNECT_SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: server.accept()[0].sendall(b"HTTP/1.1 400 Bad Request\r\n" * 9))
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InputError, match=f"no Dask scheduler answers at {address}, expected"), opened(address):
            raise AssertionError
        thread.join()


def test_all_sentences_come_within_ten_seconds():
    assert opening.CONNECT_SECONDS + opening.CHECK_SECONDS < 9


def test_a_worker_without_koopview_and_a_worker_in_the_place_of_a_scheduler(lone, cluster_errors):
    scheduler, worker = lone(1)
    assert cluster_errors(scheduler).startswith(f"worker {worker} has no KoopView, expected version ")
    assert cluster_errors(worker).startswith(f"a Worker of Dask answers at {worker} in the place of a scheduler")


def test_a_scheduler_without_workers(lone, cluster_errors):
    (scheduler,) = lone(0)
    assert cluster_errors(scheduler).startswith(f"the scheduler {scheduler} has no workers, expected one at least")


@pytest.fixture
def cluster_errors():
    """Return the sentence in which opening an address ends."""

    def refused(address):
        with pytest.raises(InputError) as raised, opened(address):
            raise AssertionError
        return str(raised.value)

    return refused


def test_the_workers_of_this_machine_are_usable_and_said_to_be_ready(cluster):
    assert check_workers(cluster.client) == cluster.workers == 2
    assert cluster.told.startswith("Dask: 2 workers ready in ")
    assert set(cluster.client.nthreads().values()) == {1}
    check_client(cluster.client)


def test_an_address_of_a_scheduler_that_runs(cluster):
    with opened(cluster.client.scheduler.address) as other:
        assert other.workers == 2
    assert len(cluster.client.nthreads()) == 2  # whose workers go on


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("__version__", "9.9.9", r"worker tcp://.* has KoopView .*, expected 9\.9\.9 as here"),
        ("platform", type("Other", (), {"python_version": staticmethod(lambda: "2.7.1")}), r"expected 2\.7 as here"),
    ],
)
def test_another_version_is_refused(cluster, monkeypatch, name, value, told):
    monkeypatch.setattr(opening, name, value)
    with pytest.raises(InputError, match=told):
        check_workers(cluster.client)


def test_workers_that_do_not_answer(cluster, monkeypatch):
    monkeypatch.setattr(opening, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(opening, "_ABOUT", "__import__('time').sleep(0.5)")
    with pytest.raises(InputError, match=r"the workers of .* do not answer, expected them to within"):
        check_workers(cluster.client)


@pytest.mark.parametrize("client", [None, "local:2", 3])
def test_what_is_no_client_is_refused(client):
    with pytest.raises(InputError, match=r"client is .*, expected a distributed.Client that is not asynchronous"):
        check_client(client)


def test_a_closed_client_is_refused(cluster):
    from distributed import Client

    other = Client(cluster.client.scheduler.address, set_as_default=False)
    other.close()
    with pytest.raises(InputError, match="client is closed, expected one that is connected to its scheduler"):
        check_client(other)


def test_an_error_of_a_call_is_raised():
    with pytest.raises(ZeroDivisionError):
        within(5.0, lambda: {"a": 1 / 0})
