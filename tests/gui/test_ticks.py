"""The numbers that axes bear: round, as many as have room, and those that say most first."""

import numpy as np
import pytest

from koopview.gui.plots.ticks import axis_number, power_of_ten, share_text, share_ticks, ticks


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ((0.0, 1.0, 0.2), (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        ((-1.18, 1.18, 0.79), (-1, 0, 1)),
        ((0.933, 1.027, 0.03), (0.95, 1.0)),
        ((60.0, 100.0, 10.0), (60, 70, 80, 90, 100)),
        ((0.0, 100.0, 25.0), (0, 25, 50, 75, 100)),
        ((1e-9, 9e-9, 3e-9), (5e-9,)),
        ((-3e5, 3e5, 2e5), (-2e5, 0, 2e5)),
    ],
)
def test_round_numbers_that_have_room(asked, numbers):
    np.testing.assert_allclose(ticks(*asked), numbers, rtol=1e-12)


@pytest.mark.parametrize("apart", [0.7, 3.0, 40.0])
@pytest.mark.parametrize(("low", "high"), [(0.93, 0.991), (0.9995, 1.0002), (-0.004, -0.0031), (3.1, 9.9)])
def test_one_number_is_in_sight_at_least(low, high, apart):
    found = ticks(low, high, apart)
    assert found
    assert all(low <= one <= high for one in found)


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 20, 50, 100, 1000])
def test_landmarks_stand_and_round_whole_numbers_between(steps):
    found = ticks(1, steps, steps / 6, landmarks=(1, steps), whole=True)
    assert (found[0], found[-1]) == (1, steps)
    assert list(found) == sorted(set(found))
    assert all(float(one).is_integer() for one in found)
    assert len(found) <= 9


@pytest.mark.parametrize("count", [1, 8, 11, 784, 5000])
def test_states_are_numbered_from_one_and_none_twice(count):
    found = ticks(1, count, count / 10, landmarks=(1,), whole=True)
    assert found[0] == 1
    assert list(found) == sorted(set(found))
    assert len(found) <= 12
    assert found[-1] <= count


@pytest.mark.parametrize(
    ("states", "apart", "numbers"),
    [(8, 0.8, range(1, 9)), (784, 65, (1, 100, 200, 300, 400, 500, 600, 700)), (20, 4, (1, 5, 10, 15, 20))],
)
def test_all_states_are_numbered_where_they_have_room(states, apart, numbers):
    assert list(ticks(1, states, apart, landmarks=(1,), whole=True)) == list(numbers)


def test_a_landmark_out_of_sight_or_at_another_is_left_out():
    assert ticks(2.0, 8.0, 2.0, landmarks=(1, 5)) == (2, 5, 8)
    assert ticks(0.0, 1.0, 0.2, landmarks=(0, 1, 0.97))[-2:] == (0.8, 1)


def test_whole_numbers_alone_where_no_other_means_anything():
    assert ticks(3.2, 3.8, 0.1, whole=True) == ()
    assert ticks(1.0, 9.0, 2.4, whole=True) == (5,)


def test_powers_of_ten():
    assert ticks(-1, 4, 3.7 / 5, whole=True) == (-1, 0, 1, 2, 3, 4)
    assert len(ticks(-16, 4, 4, whole=True)) <= 6
    assert [power_of_ten(power) for power in (-16, -1, 0, 3, 12)] == ["10⁻¹⁶", "0.1", "1", "1,000", "10¹²"]


@pytest.mark.parametrize(
    ("shares", "width", "written"),
    [
        ((0, 1, 0.35), 200, ["0", "0.35", "1"]),
        ((0, 1, 0.0), 200, ["0", "1"]),
        ((0, 1, 0.02), 200, ["0", "1"]),
        ((0, 1, 0.95), 200, ["0", "1"]),
        ((0, 1, 1.0), 200, ["0", "1"]),
        ((0.55, 0.95), 60, ["0.55", "0.95"]),
    ],
)
def test_the_axis_of_s_bears_both_ends_the_lift_and_its_name_and_none_touches(shares, width, written):
    found, name_at = share_ticks(shares, width)
    assert [share_text(one) for one in found] == written
    gaps = np.diff(sorted([*found, name_at])) * width / (shares[1] - shares[0])
    assert min(gaps) > 20


def test_one_share_alone_leaves_no_room_for_the_name():
    assert share_ticks((0.95, 0.95), 100) == ([0.95], None)


@pytest.mark.parametrize(
    ("value", "spread", "written"),
    [(-0.04, 2.6, "0.0"), (1.25, 2.0, "1.2"), (0.0431, 0.05, "0.043"), (-1.0, 1.0, "−1.0"), (123456.0, 1.0, "1e+05")],
)
def test_axis_numbers(value, spread, written):
    assert axis_number(value, spread) == written
