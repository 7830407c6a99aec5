"""koopview plot: figures of a fit and of a study in files, named after the fit, and what cannot be drawn."""

import csv
import json
import re

import pytest

from koopview.network.datafiles.load import load_dataset
from koopview.network.modelfiles.load import load_network
from koopview.study.study import Study

MODEL = ("--model", "model.safetensors", "--data", "data.npz")
FIT = (*MODEL, "--layer", "0", "--delays", "2", "--rank", "5")
STEM = "model-layer0-h2-r5"


def test_a_figure_is_written_in_the_format_of_its_ending(koopview, folder):
    for ending, start in {"pdf": b"%PDF-", "png": b"\x89PNG", "svg": b"<?xml", "csv": b"#,Re "}.items():
        done = koopview("plot", *FIT, "--figure", "eigenvalues", "--out", f"a.{ending}")
        assert (done.status, done.out, done.err) == (0, f"a.{ending}\n", "")
        assert (folder / f"a.{ending}").read_bytes().startswith(start)


def test_the_numbers_are_those_that_fit_prints(koopview, folder):
    fitted = json.loads(koopview("fit", *FIT, "--json", "-").out)
    koopview("plot", *FIT, "--figure", "eigenvalues", "--out", "a.csv")
    with open("a.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    drawn = [number for row in rows for number in (float(row["Re λ"]), float(row["Im λ"]))]
    assert drawn == pytest.approx([number for pair in fitted["eigenvalues"] for number in pair], abs=1e-6)
    assert {(row["model"], row["layer"], row["delays"], row["rank"]) for row in rows} == {
        ("model.safetensors", "0", "2", "5")
    }


def test_names_hold_the_fit_and_several_figures_go_into_a_folder(koopview, folder):
    done = koopview("plot", *FIT, "--figure", "accuracy")
    assert done.out == f"{STEM}-accuracy.pdf\n"
    done = koopview(
        "plot", *FIT, "--figure", "accuracy,states", "--figure", "mode", "--mode", "1", "--out", "folder/figures/"
    )
    names = [f"{STEM}-{name}.pdf" for name in ("accuracy", "states", "mode1")]
    assert (done.err, done.out.split()) == ("", [f"folder/figures/{name}" for name in names])
    assert sorted(path.name for path in (folder / "folder" / "figures").iterdir()) == sorted(names)


@pytest.mark.parametrize(("words", "millimetres"), [("one-column", 85), ("two-columns", 170), ("120", 120)])
def test_the_width_is_that_of_the_print(koopview, folder, words, millimetres):
    koopview("plot", *FIT, "--figure", "accuracy", "--width", words, "--out", "a.pdf")
    width = float(re.search(rb"/MediaBox \[0 0 ([\d.]+) ", (folder / "a.pdf").read_bytes())[1])
    assert width / 72 * 25.4 == pytest.approx(millimetres, abs=0.5)


def test_a_study_draws_its_last_result_and_all_says_what_is_left_out(koopview, folder):
    study = Study(load_network("model.safetensors"), load_dataset("data.npz"))
    study.save("empty.koopview")
    assert "holds no result to draw" in koopview("plot", "empty.koopview", "--figure", "accuracy").err
    study.fit("2", delays=3, rank=4)
    study.save("a.koopview")
    done = koopview("plot", "a.koopview", "--figure", "all", "--out", "folder")
    assert done.status == 0
    drawn = [name.removeprefix("folder/model.safetensors-layer2-h3-r4-") for name in done.out.split()]
    named = {re.sub(r".*-h3-r4-|\.pdf", "", name) for name in drawn}
    assert named >= {"eigenvalues", "accuracy", "states", "phase", "heatmap", "singular-values", "vectors", "confusion"}
    assert "mode" not in named
    left_out = re.findall(r"note: (\S+) is left out: ", done.err)
    assert left_out == ["curve", "sweep", "boundary"]


def test_a_curve_and_a_sweep_fit_what_they_lack(koopview, folder):
    words = ("plot", *MODEL, "--layer", "0", "--delays", "2", "--rank", "3", "--steps", "4")
    assert koopview(*words, "--figure", "curve", "--out", "a.csv").status == 0
    assert koopview(*words, "--figure", "sweep", "--out", "b.csv").status == 0
    with open("a.csv", encoding="utf-8") as curve, open("b.csv", encoding="utf-8") as sweep:
        assert [row["delays"] for row in csv.DictReader(curve)] == ["1", "2", "3", "4"]
        cells = {(row["delays"], row["rank_asked"]) for row in csv.DictReader(sweep)}
    assert {delays for delays, _ in cells} == {"1", "2", "3", "4"}
    assert {"1", "2", "3"} <= {rank for _, rank in cells}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (FIT, "--figure"),
        ((*FIT, "--figure", "eigenvalue"), "--figure: 'eigenvalue' is no figure, expected some of eigenvalues, accu"),
        ((*FIT, "--figure", "mode"), "--figure mode needs --mode I, expected the index of an eigenvalue"),
        ((*FIT, "--figure", "mode", "--mode", "5"), "mode is 5, expected the index of an eigenvalue, 0 to 4"),
        ((*FIT, "--figure", "boundary"), "A decision boundary needs inputs of two dimensions; those of data.npz have"),
        ((*FIT, "--figure", "states", "--sample", "99"), "sample is 99, expected 1 to "),
        ((*FIT, "--figure", "accuracy", "--out", "a.doc"), "a.doc ends in .doc, expected .pdf, .png, .svg, .csv or a"),
        ((*FIT, "--figure", "accuracy", "--out", "a"), "a ends in nothing, expected .pdf"),
        ((*FIT, "--figure", "accuracy", "--out", "none/a.pdf"), "--out none/a.pdf cannot be written: the folder none"),
        ((*FIT, "--figure", "accuracy", "--out", "none/deep/"), "--out none/deep cannot be made"),
        ((*FIT, "--figure", "accuracy,curve", "--out", "a.pdf"), "--out a.pdf is one file for several figures"),
        ((*FIT, "--figure", "all", "--out", "a.pdf"), "--out a.pdf is one file for several figures, expected a folder"),
        (
            (*FIT, "--figure", "accuracy", "--width", "wide"),
            "--width: 'wide' is no width, expected one-column, two",
        ),
        ((*FIT, "--figure", "accuracy", "--width", "nan"), "--width: 'nan' is no width"),
        ((*FIT, "--figure", "accuracy", "--theme", "blue"), "--theme: invalid choice: 'blue'"),
        ((*MODEL, "--figure", "accuracy"), "there is nothing to draw, expected a study file, or --model and --layer"),
        ((*FIT, "--figure", "accuracy", "--delays", "99"), "99"),
        (("none.koopview", "--figure", "accuracy"), "none.koopview"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(refused, folder, words, sentence):
    assert sentence in refused("plot", *words)
    assert not list(folder.glob("*.pdf"))
