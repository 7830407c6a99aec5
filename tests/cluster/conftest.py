"""One cluster of two workers on this machine for the tests of a module."""

import pytest


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("distributed", reason="the extra dask is not installed: bootstrap.py test installs it")
    from koopview.cluster.opening import opened

    with opened("local:2") as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    return cluster.client
