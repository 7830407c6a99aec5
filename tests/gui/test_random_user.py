"""A short walk of the random user; the long one is tests/benchmarks/soak.py."""

import pytest
from reference.random_user import RandomUser


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_whatever_a_user_does_nothing_is_raised_and_no_thread_is_left(qtbot, tmp_path, seed):
    user = RandomUser(seed, tmp_path)
    user.run(80)
    assert user.end() == []
    assert user.failures == []
    assert len(user.done) > 10
