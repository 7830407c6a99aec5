"""Samples in CSV files and idx pairs: the numbers that are in them, or one sentence."""

import gzip

import numpy as np
import pytest

from koopview.errors import FileError, InputError
from koopview.network.datafiles.heads import data_head
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
        (["a,b,c,label", "1,u,v,0", "1,w,v,0"], None, r'd.csv holds text in columns b, c \("u"\), expected numbers as'),
        (["", "# no"], None, "d.csv holds no numbers, expected a line a sample"),
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
        match=r"d.csv is empty, expected yinyang, mnist, an NPZ, CSV, .* file or a folder of pictures by class",
    ):
        load_dataset(path)


def labelled(head="a,b,c,label", label=3, y=Y, separator=","):
    table = [[f"{n!r}" for n in map(float, row)] for row in X]
    return [
        *([head] if head else []),
        *(separator.join([*row[:label], str(one), *row[label:]]) for row, one in zip(table, y, strict=True)),
    ]


@pytest.mark.parametrize(
    ("content", "remarks"),
    [
        ("\n".join(["# a remark", *labelled(), "# the end", ""]).encode(), ()),
        ("\r\n".join(labelled("größe,b,c,label")).encode("cp1252"), ("the text is read as Windows-1252 (Latin)",)),
        ("\n".join(labelled()).encode("utf-16"), ("the text is read as UTF-16",)),
        ("\n".join(labelled()).encode("utf-16-le"), ("the text is read as utf-16-le",)),
        ("\n".join(labelled()).replace(",", ";").replace(".", ",").encode(), ("commas are read as decimal signs",)),
        ("\n".join(labelled()).replace(",", "\t").replace(".", ",").encode(), ("commas are read as decimal signs",)),
        ("\n".join(["sep=;", *labelled()]).replace(",", ";").encode(), ()),
        ("\n".join(labelled()).replace(",", "|").encode(), ()),
        ("\n".join(["# a,b,c,label", *labelled(None)]).encode(), ()),
        ("\n".join(labelled("0,1,2,label")).encode(), ()),
        (
            "\n".join(
                [
                    "a,b,c,label",
                    *(
                        ",".join(f'"{n}"'.replace(".", ",") for n in [*map(float, r), y])
                        for r, y in zip(X, Y, strict=True)
                    ),
                ]
            ).encode(),
            ("commas are read as decimal signs",),
        ),
    ],
)
def test_however_the_numbers_are_written(tmp_path, content, remarks):
    (tmp_path / "d.csv").write_bytes(content)
    data = load_dataset(tmp_path / "d.csv")
    x, y = everything(data)
    np.testing.assert_array_equal(x, X.astype(np.float32))
    np.testing.assert_array_equal(y, Y)
    assert data.remarks == remarks


def test_signs_of_another_encoding_behind_the_first_part(tmp_path):
    lines = ["a,label", *("1.5,0" for _ in range(400_000)), "2.5,1", "# größer"]
    (tmp_path / "d.csv").write_bytes("\n".join(lines).encode("cp1252"))
    data = load_dataset(tmp_path / "d.csv")
    assert len(data.x_train) + len(data.x_test) == 400_001
    assert data.remarks == ("the text is read as Latin-1",)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("head", [",a,b,c,label", '"",a,b,c,label', "Unnamed: 0,a,b,c,label", "a,b,c,label"])
def test_a_column_that_numbers_the_rows_is_left_out_and_told(tmp_path, head, start):
    lines = [head, *(f"{number},{line}" for number, line in enumerate(rows(label=3), start))]
    data = load_dataset(written(tmp_path / "d.csv", lines))
    np.testing.assert_array_equal(everything(data)[0], X.astype(np.float32))
    assert data.remarks == ("the first column, which has no name and numbers the rows, is left out",)
    lines = [head, *(f"row {number},{line}" for number, line in enumerate(rows(label=3)))]
    data = load_dataset(written(tmp_path / "d.csv", lines))
    np.testing.assert_array_equal(everything(data)[0], X.astype(np.float32))
    assert data.remarks == ("the first column, which has no name and holds text, is left out",)


FOUR = np.array([[0.5, 1.25, 3.5], [1.5, 0.25, 0], [2.5, 2.5, 1.5], [4, 5, 6]])


@pytest.mark.parametrize(
    ("labels", "taken"),
    [
        ("0101", True),
        ("1212", True),
        ("0111", False),  # a class with one sample
        ("0202", False),  # a gap
        ("0000", False),
        (("0.5", "1", "0", "1"), False),
        ("5656", False),
    ],
)
def test_a_last_column_is_the_label_only_where_that_is_beyond_doubt(tmp_path, labels, taken):
    lines = [",".join([*map(str, row), label]) for row, label in zip(FOUR, labels, strict=True)]
    path = written(tmp_path / "d.csv", lines)
    data = load_dataset(path)
    assert data.x_train.shape[1] == (3 if taken else 4)
    assert data.remarks[0].startswith(
        "the last column holds whole numbers of few classes and is read as labels; --keys '*,'"
        if taken
        else "the first line holds no names: all 4 columns are read as inputs; --keys ',-1' takes the last as labels"
    )
    asked, without = load_dataset(path, keys=("", "-1")), load_dataset(path, keys=("*", ""))
    assert (asked.x_train.shape[1], without.x_train.shape[1]) == (3, 4)
    assert without.y_train is None
    assert asked.y_train is not None


@pytest.mark.parametrize("head", ["a,b,c,kind", None])
def test_a_column_of_text_is_the_label(tmp_path, head):
    names = np.array(["red", "blue", "green"])[Y]
    data = load_dataset(written(tmp_path / "d.csv", labelled(head, y=names)))
    assert data.class_names == ("blue", "green", "red")
    np.testing.assert_array_equal(np.array(data.class_names)[everything(data)[1]], names)
    assert data.remarks[0] == (
        "column kind holds text and is read as labels"
        if head
        else "column 3, counted from 0, holds text and is read as labels"
    )


def test_columns_are_picked_by_name_number_or_the_start_of_a_name(tmp_path):
    path = written(tmp_path / "d.csv", ["in1,in2,kind,in3", *rows(label=2)])
    told = load_dataset(path)
    assert told.x_train.shape[1] == 4
    assert told.remarks[0] == (
        "no column is called label, class, target or y, so all 4 columns (in1, in2, kind, in3) are read as inputs; if "
        "one of them holds the labels, name it under Labels or with --keys ',NAME'"
    )
    for keys in (("in", "kind"), ("in1+in2+in3", "2"), ("0+1+3", "-2"), ("", "kind"), ("in1+1+in3", "kind")):
        data = load_dataset(path, keys=keys)
        np.testing.assert_array_equal(everything(data)[0], X.astype(np.float32))
        np.testing.assert_array_equal(everything(data)[1], Y)
        assert data.remarks == ()
    data = load_dataset(path, keys=("in3+in1", "in2+kind"))
    np.testing.assert_array_equal(data.x_train.shape[1:] + data.y_train.shape[1:], (2, 2))
    again = load_dataset(written(tmp_path / "d.csv", ["x,y,label", "1,2,0", "3,4,1", "5,6,0"]))
    assert again.x_train.shape[1] == 2  # y is the label only without a better name


def test_truth_values_are_numbers(tmp_path):
    lines = ["a,b,label", "True,0.5,0", "False,1.5,1", "true,2.5,0", "False,3.5,1"]
    data = load_dataset(written(tmp_path / "d.csv", lines), keys=("a+b", "label"))
    assert sorted(np.concatenate([data.x_train, data.x_test]).tolist()) == [[0, 1.5], [0, 3.5], [1, 0.5], [1, 2.5]]
    np.testing.assert_array_equal(data_head(tmp_path / "d.csv").first[:, 0], [1, 0, 1, 0])
    with pytest.raises(InputError, match='line 166 holds "perhaps" in column a, expected a number'):
        load_dataset(written(tmp_path / "d.csv", [*lines, *lines[1:] * 40, "perhaps,1,0"]))


def test_a_named_column_that_numbers_the_rows_is_left_out_and_told(tmp_path):
    lines = ["Id,a,b,c,label", *(f"{number},{line}" for number, line in enumerate(rows(label=3), 1))]
    data = load_dataset(written(tmp_path / "d.csv", lines))
    np.testing.assert_array_equal(everything(data)[0], X.astype(np.float32))
    assert data.remarks == ("column Id, which numbers the rows, is left out",)
    lines[2] = lines[2].replace("2,", "7,", 1)
    assert load_dataset(written(tmp_path / "d.csv", lines)).x_train.shape[1] == 4


def test_blanks_between_columns_and_a_separator_at_the_end_of_lines(tmp_path):
    np.savetxt(tmp_path / "d.txt", X)
    np.testing.assert_array_equal(everything(load_dataset(tmp_path / "d.txt"))[0], X.astype(np.float32))
    np.savetxt(tmp_path / "d.csv", np.column_stack([X, Y]), header="a b c label", fmt="%8.4g")
    np.testing.assert_array_equal(everything(load_dataset(tmp_path / "d.csv"))[1], Y)
    path = written(tmp_path / "e.csv", [f"{line}," for line in labelled()])
    np.testing.assert_array_equal(everything(load_dataset(path))[0], X.astype(np.float32))
    np.testing.assert_array_equal(everything(load_dataset(path))[1], Y)


def test_a_first_line_that_counts_is_one_of_names_and_told(tmp_path):
    data = load_dataset(written(tmp_path / "d.csv", ["0,1,2", *rows()]))
    np.testing.assert_array_equal(everything(data)[0], X.astype(np.float32))
    assert data.remarks[0] == "the first line, which counts from 0 to 2, is read as names of columns"


@pytest.mark.parametrize("name", ["d.txt", "iris.data", "noend"])
def test_a_table_under_any_name(tmp_path, name):
    data = load_dataset(written(tmp_path / name, labelled()))
    np.testing.assert_array_equal(everything(data)[1], Y)


def test_thousands_of_columns(tmp_path):
    wide = np.random.default_rng(0).integers(0, 9, (6, 5000))
    path = written(tmp_path / "d.csv", [",".join(map(str, row)) for row in wide])
    assert load_dataset(path).x_train.shape == (5, 5000)
    assert load_dataset(path, keys=("", "-1")).x_train.shape == (5, 4999)


def test_the_head_of_a_csv(tmp_path):
    path = written(
        tmp_path / "d.csv",
        ["# made here", ",a,b,c,kind", *(f"{n},{line}" for n, line in enumerate(labelled(None, y="uvuvu")))],
    )
    head = data_head(path)
    assert [(one.name, one.dtype) for one in head.arrays][1:] == [
        ("a", "number"),
        ("b", "number"),
        ("c", "number"),
        ("kind", "text"),
    ]
    assert (head.inputs, head.labels, head.samples, head.shape) == ("a+b+c", "kind", 5, (3,))
    assert (head.classes, head.first_labels) == (("u", "v"), tuple("uvuvu"))
    np.testing.assert_array_equal(head.first, X.astype(np.float32))
    assert head.remarks == (
        "the first column, which has no name and numbers the rows, is left out",
        "column kind holds text and is read as labels",
        "labels u and v are read as classes 0 and 1, in the order of their names",
    )
    asked = data_head(path, ("b", ""))
    assert (asked.inputs, asked.labels, asked.shape) == ("b", "", (1,))
    assert "has no column z, expected it among" in data_head(path, ("z", "")).remarks[0]


# idx ------------------------------------------------------------------------------------------------------------------

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 4, 3)).astype("u1")
LABELS = np.array([0, 1, 2, 2, 1, 0], dtype="u1")


def idx(path, array):
    head = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    content = head + array.tobytes()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


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
    with pytest.raises(InputError, match=r"array names are given with data .*, expected with NPZ, CSV, .* alone"):
        load_dataset(tmp_path / "train-images-idx3-ubyte", keys=("a", "b"))
    idx(tmp_path / "digits.idx", PICTURES)
    with pytest.raises(FileError, match=r"digits.idx is an idx file, expected 'images' in its name"):
        load_dataset(tmp_path / "digits.idx")
    (tmp_path / "a-images.idx").write_bytes(b"no idx")
    (tmp_path / "a-labels.idx").write_bytes(b"no idx")
    with pytest.raises(FileError, match="does not start like an idx file"):
        load_dataset(tmp_path / "a-images.idx")


def test_test_samples_beside_training_samples_are_told(tmp_path):
    for name, part in (("train", slice(4)), ("t10k", slice(4, 6))):
        idx(tmp_path / f"{name}-images-idx3-ubyte", PICTURES[part])
        idx(tmp_path / f"{name}-labels-idx1-ubyte.gz", LABELS[part])
    data = load_dataset(tmp_path / "train-images-idx3-ubyte")
    np.testing.assert_array_equal(data.x_test, PICTURES[4:])
    np.testing.assert_array_equal(data.y_test, LABELS[4:])
    assert data.remarks[0] == "the test samples are those of t10k-images-idx3-ubyte beside it"
    head = data_head(tmp_path / "train-images-idx3-ubyte")
    assert (head.samples, head.test_samples, head.shape, head.classes) == (4, 2, (4, 3), ("0", "1", "2"))
    np.testing.assert_array_equal(head.first, PICTURES[:4])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes([0, 0, 8, 255]) + bytes(1020), "a-images.idx is no whole idx file"),
        (bytes([0, 0, 8, 3]) + b"\xff" * 12, "ends after 16 bytes, expected [0-9,]{20,} for an idx array of shape"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 2, 7]), "ends after 9 bytes, expected 10 for an idx array of shape"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 1, 7, 7]), "has 1 bytes too many, expected 9 for an idx array of shape"),
        (gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 1, 7, 7]), mtime=0), "has more bytes than its idx array"),
        (gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 9, 7, 7]), mtime=0), "is no whole idx file"),
        (gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 7]), mtime=0)[:-6], "is not a whole gzip file"),
        (
            gzip.compress(bytes([0, 0, 8, 3, 0, 45, 198, 192, 0, 0, 4, 0, 0, 0, 4, 0]) + bytes(10_000), mtime=0),
            r"a-images.idx would unpack from \d+ bytes to 3,000,000 MiB, expected at most 100 times its size",
        ),
    ],
)
def test_an_idx_file_that_claims_what_it_does_not_hold(tmp_path, content, sentence):
    for name in ("images", "labels"):
        (tmp_path / f"a-{name}.idx").write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        load_dataset(tmp_path / "a-images.idx")
