"""The command line's words: every wrong one is one line that names it and what was expected."""

import pytest

from koopview import __version__
from koopview.arguments import COMMANDS, window_options
from koopview.errors import InputError

FIT = ("fit", "--model", "model.safetensors", "--data", "data.npz", "--layer", "0")
NUMBER = "expected a whole number of {} to 2147483647"


@pytest.mark.parametrize("command", [(), *((command,) for command in COMMANDS)])
def test_help(koopview, command):
    done = koopview(*command, "--help")
    assert done.status in (0, None)
    assert done.out.startswith(" ".join(("usage: koopview", *command)))
    assert done.err == ""


def test_help_names_every_command_and_each_of_their_options(koopview):
    text = koopview("--help").out
    for command in COMMANDS:
        assert command in text
    text = koopview("fit", "--help").out
    for option in [
        "model",
        "factory",
        "activation",
        "trust",
        "data",
        "test-data",
        "keys",
        "normalize",
        "channels",
        "layer",
        "replace",
        "scaling",
        "steps",
    ]:
        assert f"--{option}" in text
    for option in ["observables", "centres", "delays", "rank", "samples", "pad", "seed", "device", "json"]:
        assert f"--{option}" in text


def test_version(koopview):
    done = koopview("--version")
    assert (done.status, done.out, done.err) == (0, f"koopview {__version__}\n", "")


@pytest.mark.parametrize("option", ["--steps", "--delays", "--centres"])
@pytest.mark.parametrize("value", ["0", "-3", "1.5", "x", "", "nan", "inf", "1e3", "2147483648", "9" * 30, "None"])
def test_counts(refused, folder, option, value):
    assert refused(*FIT, option, value) == f"{option}: {value!r} does not fit, {NUMBER.format(1)}"


@pytest.mark.parametrize(("option", "word"), [("--rank", "auto, numerical, gavish-donoho"), ("--samples", "all")])
@pytest.mark.parametrize("value", ["0", "-1", "foo", "", "99999999999", "Auto"])
def test_counts_that_a_word_may_replace(refused, folder, option, word, value):
    assert refused(*FIT, option, value) == f"{option}: {value!r} does not fit, {NUMBER.format(1)}, or {word}"


@pytest.mark.parametrize("value", ["-1", "text", "2147483648", "0.5"])
def test_seeds(refused, folder, value):
    assert refused(*FIT, "--seed", value) == f"--seed: {value!r} does not fit, {NUMBER.format(0)}"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-nan", "text", "", "1e40", "-1e40"])
def test_pad_values(refused, folder, value):
    expected = f"--pad: {value!r} does not fit, expected a number between -1e30 and 1e30"
    assert refused(*FIT, "--pad", value) == expected


@pytest.mark.parametrize("value", ["-1e-3", "-.5", "-2", "0", "1e3"])
def test_a_negative_number_is_no_option(koopview, folder, value):
    assert koopview(*FIT, "--pad", value).status == 0


def test_a_very_long_word_is_shown_in_part(refused, folder):
    assert refused(*FIT, "--steps", "9" * 6000).startswith("--steps: '9999")
    assert len(refused(*FIT, "--steps", "9" * 6000)) < 150


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--scaling", "bend"), "--scaling: invalid choice: 'bend' (choose from"),
        (("--observables", "wavelet"), "--observables: invalid choice: 'wavelet' (choose from"),
        (("--device", "tpu"), "--device: invalid choice: 'tpu' (choose from"),
        (("--normalize", "most"), "--normalize: invalid choice: 'most' (choose from"),
        (("--keys", "a"), "--keys: 'a' is no pair of names, expected X,Y"),
        (("--channels", "middle"), "--channels: invalid choice: 'middle' (choose from"),
        (("--keys", "a,b,c"), "--keys: 'a,b,c' is no pair of names, expected X,Y"),
        (("--replace", ","), "--replace: ',' holds no name, expected names with commas between them"),
        (("--delays", "21"), "delays is 21, expected 1 to 20 (the number of steps)"),
        (("--layer",), "--layer: expected one argument"),
        (("--layer", "9"), "layer '9' is not in model.safetensors, expected one of 0, 2, 4"),
        (("--layer", ""), "layer '' is not in model.safetensors, expected one of 0, 2, 4"),
        (("--replace", "2,no"), "layer 'no' is not in model.safetensors, expected one of 0, 2, 4"),
        (("--samples", "49"), "samples is 49, expected at most 48 (the training samples of data.npz), or all"),
        (("--samples", "1000000000"), "samples is 1000000000, expected at most 48"),
        (("--bogus",), "unrecognized arguments: --bogus"),
        (("--ste", "3"), "unrecognized arguments: --ste 3"),
        (("extra",), "unrecognized arguments: extra"),
        (("--activation", "rellu"), "activation is 'rellu', expected one of relu, gelu, tanh"),
        (("--theme", "dark"), "unrecognized arguments: --theme dark"),
    ],
)
def test_fit_with_a_wrong_word(refused, folder, words, sentence):
    assert refused(*FIT, *words).startswith(sentence)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("fit",), "the following arguments are required: --model, --layer"),
        (("fit", "--layer", "0"), "the following arguments are required: --model"),
        (("fit", "--model", "model.safetensors"), "the following arguments are required: --layer"),
        (FIT[:3] + FIT[5:], "no data are named, expected a file, yinyang or mnist (--data D)"),
        (("layers",), "the following arguments are required: --model"),
        (("layers", "--model"), "--model: expected one argument"),
        (("layers", "--model", "model.safetensors", "--json", "x"), "unrecognized arguments: x"),
        (("layers", "--model", "model.safetensors", "--data", "x"), "data x does not exist, expected"),
        (("train",), "the following arguments are required: network, --out"),
        (("train", "cifar", "--out", "x"), "network: invalid choice: 'cifar' (choose from"),
        (("train", "mnist"), "the following arguments are required: --out"),
        (("train", "mnist", "--out", "x", "--epochs", "0"), f"--epochs: '0' does not fit, {NUMBER.format(1)}"),
        (("train", "mnist", "--out", "none/x"), "--out none/x cannot be written: the folder none does not exist"),
        (("train", "mnist", "--out", "folder"), "--out folder is a folder, expected a file to write"),
        (
            ("fitt", "--model", "x"),
            "'fitt' is no command, expected layers, fit, sweep, depth, edit, compare, handout, plot, paper, train, "
            "a .koopview file or an option",
        ),
        (("",), "'' is no command, expected"),
        (("--bogus",), "unrecognized arguments: --bogus"),
        (("--steps", "3"), "unrecognized arguments: --steps"),
        (("--demo", "cifar"), "--demo: invalid choice: 'cifar' (choose from"),
        (("--theme", "blue"), "--theme: invalid choice: 'blue' (choose from"),
        (("--size", "12"), "--size: '12' is no size, expected WxH, each 16000 at most, e.g. 1280x800"),
        (("--size", "1x1"), "--size: '1x1' is too small for the window, expected at least 960x540"),
        (("--size", "²00x²00"), "--size: '²00x²00' is no size"),
        (("--size", "800x-600"), "--size: '800x-600' is no size"),
        (("--screenshot",), "--screenshot: expected one argument"),
        (("--screenshot", "none/x.png"), "--screenshot none/x.png cannot be written: the folder none does not exist"),
        (("--screenshot", "folder"), "--screenshot folder is a folder, expected a file to write"),
    ],
)
def test_other_wrong_words(refused, folder, words, sentence):
    assert refused(*words).startswith(sentence)


def test_the_window_is_told_the_same(folder):
    options = window_options(["--model", "m.pt", "--keys", "a,b", "--trust", "--size", "1280x800", "--theme", "dark"])
    assert (options.source.model, options.source.keys, options.source.trust) == ("m.pt", ("a", "b"), True)
    assert (options.size, options.theme, options.demo, options.screenshot) == ((1280, 800), "dark", None, None)
    with pytest.raises(InputError, match="is no command"):
        window_options(["fit"])


def test_a_gpu_that_is_not_there_is_told(refused, folder, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert refused(*FIT, "--device", "cuda").startswith("device is 'cuda', but torch finds no graphics card here")
