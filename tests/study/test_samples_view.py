"""The answers to the samples whose paths are drawn, against the networks run whole."""

import numpy as np
import pytest
import torch

import koopview
from koopview.progress import silent
from koopview.study.study import Study


@pytest.fixture(scope="module")
def study():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(5, 9), torch.nn.ReLU(), torch.nn.Linear(9, 3))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 5)).astype(np.float32)
    return model.eval(), Study(model, koopview.Dataset(x, rng.integers(0, 3, 400)))


def test_answers_and_margins_are_those_of_the_networks_run_whole(study):
    model, study = study
    layer = study.layers[0].name
    fit = study.fit(layer, delays=4, rank=8, steps=10)
    view = study.view(fit.result.settings, "samples", silent)
    inputs = torch.from_numpy(view.inputs)
    np.testing.assert_array_equal(view.inputs, study.dataset.x_test[: len(view.inputs)])
    hybrid = torch.nn.Sequential(fit.module(), model[2])  # the first layer is the Linear with its ReLU
    for network, answers in ((model, view.original), (hybrid, view.hybrid)):
        with torch.no_grad():
            outputs = network(inputs).double()
        two = outputs.sort(dim=1).values[:, -2:]
        np.testing.assert_array_equal(answers.classes, outputs.argmax(1))
        np.testing.assert_allclose(answers.margins, two[:, 1] - two[:, 0], rtol=1e-3, atol=1e-4)
