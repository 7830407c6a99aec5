"""What is measured first of a fit that takes its time: few test samples, and few components of wide states."""

from dataclasses import replace

from koopview.network.network import Layer
from koopview.network.task import REAL
from koopview.study.samples import fitting_samples
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup
from koopview.trajectory import CLOSED_FORMS
from koopview.trajectory.states import FLAT, PCA

TESTS = 500
"""Test samples that a preview is measured on, the first ones."""

COMPONENTS = 128
"""Principal components in which a preview decomposes: on MNIST's first layer, from sums over the samples that serve all
delays, in a thirtieth of the time."""

_WIDE = 4 * COMPONENTS
"""Entries of a state from which on a decomposition is worth a preview."""

_QUICK = 1 << 28
"""Products of the layers after the replaced ones that take no longer than a preview would."""


def takes_time(setup: Setup, replaced: str) -> bool:
    """Return whether all test samples take notably longer than TESTS of them through the layers after `replaced`."""
    layers = setup.network.layers
    later = layers[[layer.name for layer in layers].index(replaced) + 1 :]
    products = len(setup.dataset.x_test) * sum(layer.inputs * layer.outputs for layer in later)
    if setup.task in REAL or setup.scoring.labels is None:
        return False  # the controls' terms would be those of all test samples: errors by their variance, agreements
    return len(setup.dataset.x_test) > 2 * TESTS and (products > _QUICK or any(layer.in_shape for layer in later))


def in_components(settings: FitSettings, layer: Layer) -> FitSettings | None:
    """Return settings that decompose the states of `layer` in few components, None if that is no preview of them.

    They take all training samples: those of a setup :func:`with_few_samples`.
    """
    plain = settings.observables == "delay" and settings.states == FLAT and settings.scaling in CLOSED_FORMS
    alone = settings.replaced == (settings.layer,) and not settings.edits
    if not (plain and alone and layer.states >= _WIDE):
        return None
    return replace(settings, states=f"{PCA}:{COMPONENTS}", samples=None, draw=0)


def on_first_tests(setup: Setup, count: int = TESTS) -> Setup:
    """Return the setup with its first `count` test samples alone."""
    return replace(setup, dataset=setup.dataset.with_first_tests(count), scoring=setup.scoring.first(count))


def with_few_samples(setup: Setup, settings: FitSettings) -> Setup:
    """Return the setup with the fitting samples of `settings` as all its training samples, and few test samples."""
    few = on_first_tests(setup)
    chosen = fitting_samples(setup.dataset, settings.samples, settings.draw)
    return replace(few, dataset=few.dataset.with_training(chosen))
