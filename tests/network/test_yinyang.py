"""The Yin-Yang set against its published definition, areas and symmetry."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koopview.errors import InputError
from koopview.network.yinyang import yinyang_class, yinyang_dataset, yinyang_samples

UNIT = st.floats(0, 1)


def published_class(x: float, y: float) -> int:
    """Kriener, Göltz, Petrovici 2022, one point at a time, as the paper's three criteria say it."""
    right, left = math.dist((x, y), (0.75, 0.5)), math.dist((x, y), (0.25, 0.5))
    if right < 0.1 or left < 0.1:
        return 2
    if right <= 0.1:
        return 1
    if 0.1 < left <= 0.25:
        return 1
    return int(y > 0.5 and right > 0.25)


def near_an_edge(x: float, y: float) -> bool:
    """Tell whether rounding could move the point over a boundary."""
    right, left = math.dist((x, y), (0.75, 0.5)), math.dist((x, y), (0.25, 0.5))
    return abs(y - 0.5) < 1e-9 or any(abs(d - r) < 1e-9 for d in (left, right) for r in (0.1, 0.25))


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((0.25, 0.5), 2),
        ((0.75, 0.5), 2),
        ((0.25 + 0.099, 0.5), 2),
        ((0.75, 0.5 - 0.099), 2),
        ((0.25 + 0.101, 0.5), 1),
        ((0.75, 0.5 - 0.101), 0),
        ((0.25, 0.3), 1),
        ((0.75, 0.7), 0),
        ((0.5, 0.9), 1),
        ((0.5, 0.1), 0),
    ],
)
def test_class_at_known_places(point, expected):
    assert yinyang_class(*map(np.array, point)) == expected


@given(UNIT, UNIT)
def test_class_is_the_published_one(x, y):
    if not near_an_edge(x, y):
        assert int(yinyang_class(np.array(x), np.array(y))) == published_class(x, y)


@given(UNIT, UNIT)
def test_turning_by_half_a_circle_exchanges_yin_and_yang(x, y):
    if not near_an_edge(x, y):
        here, there = yinyang_class(np.array([x, 1 - x]), np.array([y, 1 - y]))
        assert there == {0: 1, 1: 0, 2: 2}[int(here)]


def test_class_keeps_the_shape():
    assert yinyang_class(np.zeros((3, 5)), np.zeros((3, 5))).shape == (3, 5)


def test_areas_are_the_closed_form():
    axis = (np.arange(1000) + 0.5) / 1000
    x, y = np.meshgrid(axis, axis)
    inside = (x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25
    areas = np.bincount(yinyang_class(x, y)[inside]) / axis.size**2
    dots = 2 * math.pi * 0.1**2
    drop = (math.pi * 0.5**2 - dots) / 2
    np.testing.assert_allclose(areas, [drop, drop, dots], atol=5e-4)


def test_samples_are_in_the_figure_with_their_mirrored_features_and_classes():
    x, y = yinyang_samples(4000, 3)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((4000, 4), np.float32, (4000,), np.int64)
    np.testing.assert_array_equal(x[:, 2:], np.float32(1) - x[:, :2])
    exact = x.astype(float)
    assert (np.hypot(exact[:, 0] - 0.5, exact[:, 1] - 0.5) <= 0.5 + 1e-9).all()
    wanted = [published_class(*point) for point in exact[:, :2]]
    edges = np.array([near_an_edge(*point) for point in exact[:, :2]])
    assert edges.mean() < 0.01
    np.testing.assert_array_equal(y[~edges], np.array(wanted)[~edges])


def test_classes_have_equal_shares_and_no_order():
    _, labels = yinyang_samples(30_000, 5)
    five_deviations = 5 * math.sqrt(30_000 * (1 / 3) * (2 / 3))
    np.testing.assert_allclose(np.bincount(labels), 10_000, atol=five_deviations)
    after_a_dot = np.bincount(labels[1:][labels[:-1] == 2], minlength=3)
    np.testing.assert_allclose(after_a_dot / after_a_dot.sum(), 1 / 3, atol=0.03)


def test_points_fill_their_class_evenly():
    """Of a uniform drop, the share in its lower half is known: the quarter-size half disc less half a dot."""
    x, y = yinyang_samples(60_000, 6)
    yang = x[y == 1]
    half_disc = math.pi * 0.25**2 / 2 - math.pi * 0.1**2 / 2
    drop = math.pi * 0.5**2 / 2 - math.pi * 0.1**2
    share = half_disc / drop
    assert abs((yang[:, 1] < 0.5).mean() - share) < 5 * math.sqrt(share * (1 - share) / len(yang))


def test_the_seed_decides():
    first, again, other = yinyang_samples(500, 1), yinyang_samples(500, 1), yinyang_samples(500, 2)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_dataset_has_test_samples_of_other_random_numbers():
    data = yinyang_dataset(0, train=3000, test=2000)
    assert (data.x_train.shape, data.x_test.shape) == ((3000, 4), (2000, 4))
    assert (data.name, data.class_names) == ("yinyang", ("yin", "yang", "dot"))
    other = yinyang_dataset(1, train=3000, test=2000)
    sets = [data.x_train, data.x_test, other.x_train, other.x_test]
    points = [set(map(tuple, x[:, :2].tolist())) for x in sets]
    assert not any(a & b for place, a in enumerate(points) for b in points[place + 1 :])


def test_default_dataset_has_five_thousand_of_each():
    data = yinyang_dataset()
    assert len(data.y_train) == len(data.y_test) == 5000


@pytest.mark.parametrize("count", [0, -1])
def test_a_count_below_one_is_an_input_error(count):
    with pytest.raises(InputError, match="expected at least 1"):
        yinyang_samples(count)
    with pytest.raises(InputError, match="expected at least 1"):
        yinyang_dataset(train=count)


def test_one_sample_can_be_drawn():
    x, y = yinyang_samples(1, 0)
    assert x.shape == (1, 4)
    assert y.shape == (1,)
