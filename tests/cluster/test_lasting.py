"""A cluster that stays open: opened once, given up by whoever waits, ended at any time."""

import threading
from contextlib import contextmanager

import pytest

from koopview.cluster import lasting
from koopview.cluster.lasting import LastingCluster
from koopview.cluster.opening import Cluster
from koopview.errors import Cancelled, InputError
from koopview.progress import silent


class Opening:
    """Stands in the place of what opens clusters, and waits between its two steps until it is told to go on."""

    def __init__(self):
        self.go, self.error, self.status, self.steps, self.closed = threading.Event(), None, "running", 0, False

    @contextmanager
    def opened(self, where, step):
        self.go.wait(60)
        step()
        self.steps += 1
        if self.error is not None:
            raise self.error
        try:
            yield Cluster(self, 2, 1.5)
        finally:
            self.closed = True


@pytest.fixture
def opening(monkeypatch):
    made = Opening()
    monkeypatch.setattr(lasting, "opened", made.opened)
    monkeypatch.setattr(lasting, "check_workers", lambda client, where: None)
    yield made
    made.go.set()


def test_a_cluster_is_opened_once_and_closed_when_it_is_to_end(opening):
    opening.go.set()
    made = LastingCluster("local:2")
    cluster, is_first = made.use(silent)
    assert (cluster.client, is_first) == (opening, True)
    assert made.use(silent) == (cluster, False)
    assert made.running
    assert not opening.closed
    made.end()
    made.wait()
    assert opening.closed
    assert made.ended
    assert not made.running


@pytest.mark.parametrize(
    ("where", "step"), [("local:1", "starting 1 worker"), ("tcp://there:8786", "reaching tcp://there:8786")]
)
def test_whoever_waits_is_told_what_happens_and_may_give_up(opening, where, step):
    made, told = LastingCluster(where), []

    def progress(share, text):
        told.append((share, text))
        raise Cancelled

    with pytest.raises(Cancelled):
        made.use(progress)
    assert told == [(0.0, step)]
    assert made.running
    made.end()


def test_one_that_is_not_wanted_any_more_is_given_up_between_its_steps(opening):
    made = LastingCluster("local:2")
    made.end()
    assert not made.running
    opening.go.set()
    made.wait()
    assert made.ended
    assert opening.steps == 0


def test_the_error_of_opening_is_raised_where_it_is_used(opening):
    opening.error = InputError("no Dask scheduler answers")
    opening.go.set()
    made = LastingCluster("tcp://there:8786")
    for _ in range(2):
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            made.use(silent)
    made.wait()
    assert made.ended
    assert not made.running


def test_one_whose_connection_is_lost_does_not_run(opening):
    opening.go.set()
    made = LastingCluster("tcp://there:8786")
    made.use(silent)
    opening.status = "closed"
    assert not made.running
    made.end()


def test_what_names_no_cluster_is_refused_at_once():
    with pytest.raises(InputError, match="cluster is 'locl', expected local"):
        LastingCluster("locl")
