"""Every code sample of the guide and of the README is run, and prints what the page shows."""

from pathlib import Path

import pytest
from reference.samples import Page, Sample, matches, nearly_matches, samples_of

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "resources" / "docs"
PAGES = {path.name: path for path in [*sorted(GUIDE.glob("*.md")), ROOT / "README.md"]}
SAMPLES = {name: samples_of(path.read_text(encoding="utf-8")) for name, path in PAGES.items()}
WITH_SAMPLES = [name for name, samples in SAMPLES.items() if samples]
NOT_RUN = {
    ("cluster.md", "it needs other machines"),
    ("first-minute.md", "it downloads some hundred megabytes from PyTorch's own index"),
    ("first-minute.md", "the first call installs some hundred megabytes, and opens a window"),
    ("own-model.md", "it opens a window"),
    ("own-model.md", "it opens a window, and waits until it is closed"),
    ("README.md", "it needs a file of your own"),
    ("showing.md", "it fills a screen until it is ended"),
}
"""The samples that are not run, and why: no more than a handful."""


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    """A folder of its own, and no display: what a person on a server has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
@pytest.mark.parametrize("name", WITH_SAMPLES)
def test_every_quick_sample_of_a_page_does_what_the_page_shows(name):
    run(name, slow=False)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
@pytest.mark.parametrize("name", [name for name in WITH_SAMPLES if any(one.how == "slow" for one in SAMPLES[name])])
def test_the_long_samples_of_a_page_too(name):
    run(name, slow=True)


def run(name, slow):
    """Run the samples of a page in order, those that take long only where `slow` says so."""
    page = Page()
    for sample in SAMPLES[name]:
        if sample.how == "not run" or (sample.how == "slow" and not slow):
            continue
        try:
            page.run(sample)
        except AssertionError as error:
            pytest.fail(f"{name}, line {sample.line}, shows\n{sample.shown or sample.code}\nbut this came:\n{error}")


def test_only_what_is_listed_is_not_run_and_each_says_why():
    assert {(name, one.why) for name in SAMPLES for one in SAMPLES[name] if one.how == "not run"} == NOT_RUN


def test_every_fenced_block_of_a_language_is_a_sample():
    for name, path in PAGES.items():
        text = path.read_text(encoding="utf-8")
        fences = sum(text.count(f"```{kind}\n") for kind in ("python", "console", "shell", "bash", "sh"))
        assert fences == len(SAMPLES[name]), name


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nc\n", False),
        ("a ...\n", "a 0.5 s\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n", "a\nb\n", False),
        ("1.5\n", "195\n", False),
    ],
)
def test_an_output_is_compared_line_by_line(shown, printed, same):
    assert matches(shown, printed) is same


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("hybrid  93.8 %\ntime 1 s", True),
        ("hybrid   91.4 %\ntime 2 s", True),
        ("hybrid  83.8 %\ntime 1 s", False),
        ("affine  93.8 %\ntime 1 s", False),
        ("hybrid  93.8 %  96.0 %\ntime 1 s", False),
    ],
)
def test_figures_of_a_network_that_is_trained_anew_are_compared_nearly(printed, same):
    assert nearly_matches("hybrid 93.8 %\ntime ...\n", printed) is same


def test_a_wrong_figure_on_a_page_is_found():
    with pytest.raises(AssertionError, match=r"0\.5"):
        Page().run(Sample("python", "print(0.5)\n", "0.6\n", "", "", 1))
    with pytest.raises(AssertionError, match="does not exist"):
        Page().run(Sample("console", "$ koopview layers --model none.pt\nall is well\n", None, "", "", 1))
    with pytest.raises(AssertionError, match="does not exist"):
        Page().run(Sample("shell", "koopview layers --model none.pt\n", None, "", "", 1))
