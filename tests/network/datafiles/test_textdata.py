"""Samples in CSV files and idx pairs: the numbers that are in them, or one sentence."""

import gzip

import numpy as np
import pytest

from koopview.errors import FileError, InputError
from koopview.network.datafiles.load import load_dataset

X = np.array([[0.5, -1, 2e-3], [1, 2, 3], [4, 5, 6], [7, 8, 9], [1.5, 0, -0.25]])
Y = np.array([0, 1, 2, 1, 0])


def everything(dataset):
    """All samples of a split data set, in the order of the file."""
    x = np.concatenate([dataset.x_train, dataset.x_test])
    y = None if dataset.y_train is None else np.concatenate([dataset.y_train, dataset.y_test])
    order = [int(np.flatnonzero((x == row.astype(np.float32)).all(axis=1))[0]) for row in X]
    return x[order], None if y is None else y[order]


def written(path, lines, encoding="utf-8"):
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def rows(separator=",", label=None):
    table = [[repr(float(n)) for n in row] for row in X]
    if label is not None:
        table = [[*row[:label], str(y), *row[label:]] for row, y in zip(table, Y, strict=True)]
    return [separator.join(row) for row in table]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(("label", "name"), [(0, "Label"), (3, "target"), (1, "class"), (3, "y")])
def test_a_csv_with_a_column_of_labels(tmp_path, separator, label, name):
    head = ["a", "b", "c"]
    head.insert(label, name)
    path = written(tmp_path / "d.csv", [separator.join(head), *rows(separator, label)])
    x, y = everything(load_dataset(path))
    np.testing.assert_array_equal(x, X.astype(np.float32))
    np.testing.assert_array_equal(y, Y)


def test_a_csv_without_names_or_labels_is_inputs_alone(tmp_path):
    for lines in (rows(), ["a,b,c", *rows()], ['"a","b, c","d"', *rows()]):
        x, y = everything(load_dataset(written(tmp_path / "d.csv", lines)))
        np.testing.assert_array_equal(x, X.astype(np.float32))
        assert y is None


def test_keys_choose_the_columns_of_a_csv(tmp_path):
    path = written(tmp_path / "d.csv", ["in1,in2,number,in3", *rows(label=2)])
    for keys in (("in", "number"), ("*", "number")):
        x, y = everything(load_dataset(path, keys=keys))
        np.testing.assert_array_equal(x, X.astype(np.float32))
        np.testing.assert_array_equal(y, Y)


def test_a_mark_of_the_byte_order_and_quotes_are_no_part_of_names(tmp_path):
    path = written(tmp_path / "d.csv", ['"label","a","b","c"', *rows(label=0)], "utf-8-sig")
    np.testing.assert_array_equal(everything(load_dataset(path))[1], Y)


def test_a_csv_of_test_samples(tmp_path):
    train, test = (
        written(tmp_path / f"{n}.csv", ["a,b,c,label", *rows(label=3)[s]]) for n, s in ((1, slice(3)), (2, slice(3, 5)))
    )
    dataset = load_dataset(train, test_data=test)
    np.testing.assert_array_equal(dataset.x_train, X[:3].astype(np.float32))
    np.testing.assert_array_equal(dataset.y_test, Y[3:])


@pytest.mark.parametrize(
    ("lines", "keys", "sentence"),
    [
        (["a,b,label", "1,2,0", "1,2,1", "1,2"], None, r"d.csv: line 4 has 2 columns, expected 3 as the first sample"),
        (["a,b,label", "1,,0"], None, "d.csv: line 2 has no value in column b, expected a number: leave out the line"),
        (["a,b,label", "1,2,0", "", "# no", "1,NA,0"], None, r'd.csv: line 5 has no value \("NA"\) in column b'),
        (["a,b,label", "1,2,0", "1,x,0", "1,2,0"], None, 'd.csv: line 3 holds "x" in column b, expected a number'),
        (["a,b,label"], None, "d.csv has 3 names in its first line and no columns below, expected as many"),
        (["a,b,label,d", "1,2", "1,2"], None, "d.csv has 4 names in its first line and 2 columns below"),
        (["a,b,label", "1,nan,0", "1,2,0"], None, r'd.csv: sample 0 has no value \("nan"\) in column b'),
        (["a,b,label", "1,2,nan", "1,2,0"], None, r'd.csv: sample 0 has no value \("nan"\) in column label'),
        (
            ["a,b,label", "1,2,u", "1,2,", "1,2,v"],
            None,
            "d.csv: sample 1 has no value in column label, expected a label",
        ),
        (["a,b,c,label", "1,u,v,0", "1,w,v,0"], None, "d.csv holds text in columns b, c, expected numbers as inputs"),
        (["a,b,c", "1,2,0", "1,2,0"], ("*", "d"), "d.csv has no column d, expected it among a, b, c, or a number"),
        (["a,b,c", "1,2,0", "1,2,0"], ("z", "c"), "d.csv has no column z, expected it among a, b, c, or a number"),
        (["a,b,c", "1,2,0", "1,2,0"], ("z", "3"), "d.csv has no column 3, expected it among a, b, c, or a number"),
        (
            ["1,2,0", "1,2,0"],
            ("*", "c"),
            "d.csv has no names in its first line, expected the number of a column, 0 to 2",
        ),
        (["a" * 200_000 + ",b,label", "1,2,0"], None, "d.csv has a name of 200,000 characters in its first line"),
    ],
)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_a_csv_that_does_not_fit_is_one_sentence(tmp_path, lines, keys, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        load_dataset(written(tmp_path / "d.csv", lines), keys=keys)
    assert "\n" not in str(caught.value)


def test_a_csv_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "d.csv"
    path.write_bytes(b"a,b\n\xff\xfe\x00,1\n")
    with pytest.raises(FileError, match=r"d.csv is no text, expected a CSV file"):
        load_dataset(path)
    path.write_bytes(b"")
    with pytest.raises(
        FileError,
        match=r"d.csv is empty, expected yinyang, mnist, an NPZ, CSV or idx file or a folder of pictures by class",
    ):
        load_dataset(path)


# idx ------------------------------------------------------------------------------------------------------------------

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 4, 3)).astype("u1")
LABELS = np.array([0, 1, 2, 2, 1, 0], dtype="u1")


def idx(path, array):
    head = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    content = head + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_an_idx_pair(tmp_path, ending):
    for name, part in (("train", slice(4)), ("t10k", slice(4, 6))):
        idx(tmp_path / f"{name}-images-idx3-ubyte{ending}", PICTURES[part])
        idx(tmp_path / f"{name}-labels-idx1-ubyte{ending}", LABELS[part])
    paths = [tmp_path / f"{name}-images-idx3-ubyte{ending}" for name in ("train", "t10k")]
    dataset = load_dataset(paths[0], test_data=paths[1], normalize="unit")
    np.testing.assert_allclose(dataset.x_train, PICTURES[:4] / PICTURES[:4].max(), rtol=1e-6)
    np.testing.assert_array_equal(dataset.y_test, LABELS[4:])
    assert dataset.picture == (4, 3)


def test_half_an_idx_pair_is_told(tmp_path):
    idx(tmp_path / "train-images-idx3-ubyte", PICTURES)
    with pytest.raises(FileError, match="has no labels beside it, expected train-labels-idx1-ubyte"):
        load_dataset(tmp_path / "train-images-idx3-ubyte")
    idx(tmp_path / "train-labels-idx1-ubyte", LABELS[:3])
    with pytest.raises(InputError, match=r"labels have shape \(3,\), expected \(6,\)"):
        load_dataset(tmp_path / "train-images-idx3-ubyte")
    with pytest.raises(InputError, match=r"array names are given with data .*, expected with NPZ or CSV alone"):
        load_dataset(tmp_path / "train-images-idx3-ubyte", keys=("a", "b"))
    idx(tmp_path / "digits.idx", PICTURES)
    with pytest.raises(FileError, match=r"digits.idx is an idx file, expected 'images' in its name"):
        load_dataset(tmp_path / "digits.idx")
    (tmp_path / "a-images.idx").write_bytes(b"no idx")
    (tmp_path / "a-labels.idx").write_bytes(b"no idx")
    with pytest.raises(FileError, match="does not start like an idx file"):
        load_dataset(tmp_path / "a-images.idx")
