"""The original's accuracy is the network's own, or a sentence says why not: over the files that people have."""

import numpy as np
import pytest
from reference.model_files import CASES, accuracy, data_of, with_clear_classes

from koopview.errors import KoopViewError
from koopview.opening import open_study
from koopview.study.source import Source

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


def test_there_are_forty():
    assert len({case.name for case in CASES}) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_the_original_is_the_network_itself(case, tmp_path):
    module = with_clear_classes(case.module)
    data = data_of(module, case.shape)
    np.savez(tmp_path / "data.npz", **dict(zip(("x_train", "y_train", "x_test", "y_test"), data, strict=True)))
    found, told = opened(Source(**case.write(module, tmp_path), **case.extra, data=str(tmp_path / "data.npz")), data[3])
    true = accuracy(module, *data[2:])
    right = found is not None and abs(found - true) < 0.004
    assert right or case.told, f"{found} for {true:.3f}: {told}"
    assert case.told in told


def opened(source, labels):
    """Return the accuracy that is called the original's, None if there is none, and all sentences."""
    told = []
    try:
        study = open_study(source, tell=told.append)
    except KoopViewError as error:
        return None, " ".join((str(error), *error.options))
    return float((study.original.argmax(1).numpy() == labels).mean()), " ".join(told)
