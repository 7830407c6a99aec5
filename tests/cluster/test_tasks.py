"""Tasks on workers: results as without them, cancelled at once, computed again where a worker or connection is lost."""

import importlib
import operator
import os
import pickle
import signal
import sys
import threading
import time

import pytest
from reference.cluster_tasks import broken, counted, deadly, joined, slow

from koopview.cluster.sending import packed
from koopview.cluster.shared import sharing
from koopview.cluster.tasks import Task, computed
from koopview.cluster.trees import summed, tree
from koopview.errors import Cancelled, InputError
from koopview.progress import silent


def all_of(client, tasks, shared=10, progress=silent):
    """Return the results in the order of the tasks, and the notes."""
    found = {}
    with sharing(client, packed(shared)) as parcels:
        notes = computed(client, parcels, tasks, found.__setitem__, progress)
    return [found[index] for index in sorted(found)], notes


def once_begun(folder, act, count=1):
    """Return a progress callback that calls `act`, once, as soon as so many tasks have begun."""
    done = []

    def progress(fraction, text):
        if not done and len(list(folder.glob("*-0"))) >= count:
            done.append(act())

    return progress


def times(folder):
    """Return how often each number was computed, by number."""
    names = [path.name.partition("-")[0] for path in folder.glob("*-*")]
    return {int(name): names.count(name) for name in names}


def test_each_result_comes_back_and_each_task_is_computed_once(client, tmp_path):
    shares = []
    tasks = [Task(f"number {i}", counted, (i, str(tmp_path))) for i in range(7)]
    results, notes = all_of(client, tasks, progress=lambda fraction, text: shares.append(fraction))
    assert results == [10 * i for i in range(7)]
    assert notes == ()
    assert times(tmp_path) == dict.fromkeys(range(7), 1)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize(
    ("count", "added"), [(1, "0"), (2, "[0, 1]"), (3, "[[0, 1], 2]"), (7, "[[[0, 1], [2, 3]], [[4, 5], 6]]")]
)
def test_neighbours_are_added_first_whatever_the_workers_are(client, tmp_path, count, added):
    parts = [Task(f"part {i}", counted, (i, str(tmp_path))) for i in range(count)]
    with sharing(client, packed(1)) as parcels:
        found, notes = summed(client, parcels, parts, joined, silent)
    assert str(found) == added
    assert notes == ()


def test_a_tree_of_sums_takes_each_part_once():
    made = tree([Task(str(i), counted, (i,), weight=5.0) for i in range(13)], operator.add)
    taken = [index for task in made for index in task.after]
    assert sorted(taken) == list(range(len(made) - 1))
    assert all(max(task.after) == index - 1 for index, task in enumerate(made) if task.after)  # no sum waits for long
    assert [task.wanted for task in made] == [False] * (len(made) - 1) + [True]


def test_progress_grows_while_tasks_run_and_names_one(client, tmp_path):
    seen = []

    def progress(fraction, text):
        seen.append((fraction, text))
        if fraction == 0.5:  # both have told that they are half done
            (tmp_path / "go").touch()

    tasks = [Task(f"number {i}", slow, (i, str(tmp_path)), weight=weight) for i, weight in ((0, 1.0), (1, 3.0))]
    results, _ = all_of(client, tasks, progress=progress)
    assert results == [0, 10]
    assert {fraction for fraction, _ in seen if fraction < 0.5} <= {0.0, 0.125, 0.375}
    assert {text for _, text in seen} <= {"waiting for workers", "number 0", "number 1"}


def test_a_cancelled_call_stops_its_tasks(client, tmp_path):
    def stop():
        raise Cancelled

    tasks = [Task(f"number {i}", slow, (i, str(tmp_path))) for i in range(6)]
    with pytest.raises(Cancelled):
        all_of(client, tasks, progress=once_begun(tmp_path, stop, 2))
    deadline = time.monotonic() + 60
    while any(client.run(tasks_held).values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(client.run(tasks_held).values())
    assert set(times(tmp_path)) < set(range(6))  # the others were never begun


def tasks_held(dask_worker):
    return [str(key) for key in dask_worker.state.tasks]


def test_a_killed_workers_tasks_are_computed_again_and_that_is_told(client, tmp_path):
    def kill():
        workers = client.run(working)
        os.kill(next(pid for pid, busy in workers.values() if busy), signal.SIGKILL)
        (tmp_path / "go").touch()

    tasks = [Task(f"number {i}", slow, (i, str(tmp_path))) for i in range(4)]
    results, (note,) = all_of(client, tasks, progress=once_begun(tmp_path, kill, 2))
    assert results == [0, 10, 20, 30]
    again = [f"number {number}" for number, count in sorted(times(tmp_path).items()) if count > 1]
    assert again
    assert note == f"a worker was lost; computed again: {'; '.join(again)}"
    client.wait_for_workers(2, timeout=60)


def working(dask_worker):
    return os.getpid(), dask_worker.state.executing_count > 0


def test_a_lost_connection_comes_back_and_what_was_finished_stays(client, tmp_path):
    def lose():
        client.scheduler_comm.comm.abort()
        threading.Timer(0.5, (tmp_path / "go").touch).start()

    tasks = [Task("number 5", counted, (5, str(tmp_path)))]
    tasks += [Task(f"number {i}", slow, (i, str(tmp_path))) for i in range(3)]
    results, (note,) = all_of(client, tasks, progress=once_begun(tmp_path, lose, 3))
    assert results == [50, 0, 10, 20]
    assert note.startswith("the connection to the scheduler was lost and came back; computed again: number ")
    assert times(tmp_path)[5] == 1


def test_a_task_that_kills_every_worker_ends_in_a_sentence(client):
    with pytest.raises(InputError, match="the workers that computed number 0 were lost one after another, expected"):
        all_of(client, [Task("number 0", deadly)])
    client.wait_for_workers(2, timeout=60)


@pytest.mark.parametrize("error", [InputError("x is 3, expected 4", "--x"), ZeroDivisionError("a defect")])
def test_the_error_of_a_task_is_raised_as_it_is(client, error):
    with pytest.raises(type(error), match=str(error)) as raised:
        all_of(client, [Task("number 0", broken, (error,))])
    assert getattr(raised.value, "options", ()) == getattr(error, "options", ())


def test_a_worker_of_another_version_is_refused_when_it_gets_a_task(client, monkeypatch):
    monkeypatch.setattr("koopview.cluster.tasks.__version__", "9.9.9")
    with pytest.raises(InputError, match=r"worker tcp://.* has KoopView .*, expected 9\.9\.9"):
        all_of(client, [Task("number 0", broken, (ValueError(),))])


def test_a_package_that_workers_lack_is_named(client):
    error = ModuleNotFoundError("No module named 'elsewhere'", name="elsewhere")
    with pytest.raises(InputError, match="a worker has no module elsewhere, expected the same packages on every"):
        all_of(client, [Task("number 0", broken, (error,))])


def test_the_code_of_a_persons_own_file_travels_with_its_objects(tmp_path, monkeypatch):
    (tmp_path / "own_file.py").write_text("class Own:\n    value = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    sent = packed(importlib.import_module("own_file").Own(), ["own_file"])
    monkeypatch.delitem(sys.modules, "own_file")
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(tmp_path)])
    assert pickle.loads(sent).value == 3
    assert b"computed" in packed(computed, ["koopview.cluster.tasks"])  # by its name, since workers have KoopView
    assert pickle.loads(packed(computed, ["koopview.cluster.tasks"])) is computed


def test_what_cannot_be_pickled_is_refused():
    with pytest.raises(InputError, match=r"the network cannot be sent to workers \(.*\), expected one that pickles"):
        packed(threading.Lock())


def test_what_is_shared_is_on_no_worker_afterwards(client):
    with sharing(client, packed(3)) as (parcel,):
        assert all(parcel.name in names for names in client.run(plugins).values())
    assert not any(parcel.name in names for names in client.run(plugins).values())


def plugins(dask_worker):
    return list(dask_worker.plugins)
