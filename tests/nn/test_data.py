"""Tests of nn.data: published facts about iris, the geometry of the drawn sets, every refusal of bad data."""

import cmath
import math
import statistics
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import (
    DATASETS,
    Dataset,
    circles,
    gaussian,
    iris,
    load_dataset,
    moons,
    plane,
    read_csv,
    spiral,
    xor,
    yin_yang,
)


def columns(data):
    return [list(column) for column in zip(*data.inputs, strict=True)]


def samples(data):
    return [(*row, label) for row, label in zip(data.inputs, data.labels, strict=True)]


def made(inputs=((1.0, 2.0), (3.0, 4.0)), labels=(0, 1), features=("x", "y"), classes=("a", "b")):
    return Dataset("made up", inputs, labels, features, classes, "by hand")


# ---- Dataset: construction


def test_dataset_holds_its_own_floats():
    rows = [[1, Fraction(1, 2)], [3, 4]]
    data = made(inputs=rows)
    rows[0][0] = 99
    assert data.inputs == [[1.0, 0.5], [3.0, 4.0]]
    assert all(type(x) is float for row in data.inputs for x in row)


def test_dataset_cannot_be_changed_by_assignment():
    with pytest.raises(AttributeError):
        made().name = "other"


def test_repr_leaves_out_the_numbers():
    assert "5.1" not in repr(iris())
    assert "setosa" in repr(iris())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"inputs": [[1.0, 2.0], [3.0]]}, ValueError, r"inputs\[1\] has 1 values and feature_names has 2"),
        ({"inputs": [[1.0, 2.0], [3.0, math.nan]]}, ValueError, r"inputs\[1\]\[1\] \(y\) is nan"),
        ({"inputs": [[1.0, 2.0], [-math.inf, 4.0]]}, ValueError, r"inputs\[1\]\[0\] \(x\) is -inf"),
        ({"inputs": [[10**400, 2.0], [3.0, 4.0]]}, ValueError, r"inputs\[0\]\[0\] \(x\) is inf"),
        ({"inputs": [[1.0, None], [3.0, 4.0]]}, TypeError, r"inputs\[0\]\[1\] \(y\) is None"),
        ({"inputs": [[1.0, 2.0], ["3.0", 4.0]]}, TypeError, r"inputs\[1\]\[0\] \(x\) is '3.0'.*float\(\)"),
        ({"inputs": [[1.0, 2.0], 3.0]}, TypeError, r"inputs\[1\] is 3.0: give every sample as a list"),
        ({"inputs": [[1.0, 2.0]]}, ValueError, "1 rows of inputs and 2 labels"),
        ({"inputs": [], "labels": []}, ValueError, "inputs is empty"),
        ({"inputs": [[], []], "features": []}, ValueError, "feature_names is .*at least one name"),
        ({"classes": []}, ValueError, "class_names is .*at least one name"),
        ({"classes": "ab"}, ValueError, "class_names is 'ab'"),
        ({"classes": ["a", 1]}, TypeError, r"class_names\[1\] is 1: give the name as text"),
        ({"labels": [0, 2]}, ValueError, r"labels\[1\] is 2, and the 2 classes have the indices 0 to 1"),
        ({"labels": [-1, 0]}, ValueError, r"labels\[0\] is -1"),
        ({"labels": [0, 1.0]}, TypeError, r"labels\[1\] is 1.0: give the class as a whole number"),
    ],
)
def test_dataset_refuses_bad_data_and_names_the_place(arguments, error, message):
    with pytest.raises(error, match=message):
        made(**arguments)


# ---- Dataset: split, standardized, one_hot, signs

class_sizes = st.lists(st.integers(2, 12), min_size=1, max_size=4)


def numbered(sizes):
    """Return a data set with so many samples of each class, every sample with a number of its own."""
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    inputs = [[float(i)] for i in range(len(labels))]
    return made(inputs, labels, features=["number"], classes=[f"class {k}" for k in range(len(sizes))])


@given(class_sizes, st.floats(0.01, 0.99), st.integers(0, 1000))
def test_split_is_a_partition(sizes, test_fraction, seed):
    data = numbered(sizes)
    train, test = data.split(test_fraction, seed)
    assert sorted(samples(train) + samples(test)) == sorted(samples(data))


@given(class_sizes, st.floats(0.01, 0.99), st.integers(0, 1000))
def test_split_keeps_the_proportion_of_every_class(sizes, test_fraction, seed):
    train, test = numbered(sizes).split(test_fraction, seed)
    for label, size in enumerate(sizes):
        in_test = test.labels.count(label)
        assert abs(in_test - test_fraction * size) <= 1
        assert in_test >= 1
        assert train.labels.count(label) >= 1


@given(st.integers(0, 1000))
def test_split_is_repeatable(seed):
    assert numbered([5, 7]).split(0.3, seed) == numbered([5, 7]).split(0.3, seed)


def test_split_depends_on_the_seed():
    assert iris().split(seed=1)[1].inputs != iris().split(seed=2)[1].inputs


def test_split_mixes_the_classes_of_either_part():
    for part in iris().split():
        assert part.labels != sorted(part.labels)


def test_split_skips_a_class_without_samples():
    train, test = made([[1.0, 2.0], [3.0, 4.0]], [1, 1]).split(0.5)
    assert train.labels == test.labels == [1]


@pytest.mark.parametrize("test_fraction", [0, 1, -0.5, 20, math.nan])
def test_split_refuses_a_fraction_that_leaves_a_part_empty(test_fraction):
    with pytest.raises(ValueError, match="between 0 and 1"):
        iris().split(test_fraction)


def test_split_refuses_a_class_with_a_single_sample():
    with pytest.raises(ValueError, match="class 'class 1' has a single sample"):
        numbered([3, 1]).split()


def test_split_refuses_a_seed_that_cannot_be_repeated():
    with pytest.raises(TypeError, match="seed is None"):
        iris().split(seed=None)


@pytest.mark.parametrize("name", DATASETS)
def test_standardized_columns_have_mean_0_and_deviation_1(name):
    for column in columns(load_dataset(name).standardized()):
        assert statistics.fmean(column) == pytest.approx(0, abs=1e-14)
        assert statistics.pstdev(column) == pytest.approx(1, rel=1e-14)


def test_standardized_like_uses_only_the_statistics_of_the_other_part():
    # mean 2 and standard deviation 1 in the training part
    train = made([[1.0], [3.0]], [0, 1], features=["x"])
    test = made([[7.0], [2.0], [1.5]], [0, 1, 1], features=["x"])
    assert test.standardized(like=train).inputs == [[5.0], [0.0], [-0.5]]


@pytest.mark.parametrize("constant", [0.1, -7.0, 1e308, 5e-324])
def test_standardized_constant_column_is_0(constant):
    data = made([[constant, 1.0], [constant, 2.0], [constant, 6.0]], [0, 1, 1])
    assert columns(data.standardized())[0] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_standardized_keeps_columns_whose_squares_leave_the_float_range(scale):
    data = made([[1 * scale, 0.0], [3 * scale, 1.0]], [0, 1])
    assert columns(data.standardized())[0] == pytest.approx([-1, 1], rel=1e-14)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([-1.7e308, 1.7e308], [-1, 1]),
        ([1e308] * 5 + [1.5e308] * 5, [-1] * 5 + [1] * 5),
        ([-math.ulp(0), math.ulp(0)], [-1, 1]),
        ([0.0, 4 * math.ulp(0)], [-1, 1]),
    ],
)
def test_standardized_columns_at_the_ends_of_the_float_range(column, expected):
    data = Dataset("ends", [[x] for x in column], [0] * len(column), ["x"], ["c"], "")
    assert [x for (x,) in data.standardized().inputs] == pytest.approx(expected, rel=1e-15)


def test_standardized_refuses_other_features():
    with pytest.raises(ValueError, match="in like"):
        moons().standardized(like=iris())


def test_standardized_leaves_the_original_alone():
    data = iris()
    data.standardized()
    assert data == iris()


def test_one_hot_has_its_1_at_the_class():
    assert made(labels=[2, 0], classes=["a", "b", "c"]).one_hot() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def test_signs_are_minus_1_and_plus_1():
    assert made(labels=[1, 0]).signs() == [1.0, -1.0]


def test_signs_refuse_three_classes():
    with pytest.raises(ValueError, match=r"'iris' has 3 classes.*one_hot\(\)"):
        iris().signs()


# ---- iris: the facts that Fisher (1936) and the textbooks print


def test_iris_has_50_flowers_of_each_species():
    data = iris()
    assert len(data) == 150
    assert data.class_names == ["setosa", "versicolor", "virginica"]
    assert data.labels == [0] * 50 + [1] * 50 + [2] * 50


def test_iris_has_the_published_means_and_ranges():
    data = columns(iris())
    assert [round(statistics.fmean(column), 6) for column in data] == [5.843333, 3.057333, 3.758, 1.199333]
    assert [min(column) for column in data] == [4.3, 2.0, 1.0, 0.1]
    assert [max(column) for column in data] == [7.9, 4.4, 6.9, 2.5]


@pytest.mark.parametrize(
    ("label", "means"),
    [(0, [5.006, 3.428, 1.462, 0.246]), (1, [5.936, 2.770, 4.260, 1.326]), (2, [6.588, 2.974, 5.552, 2.026])],
)
def test_iris_has_fishers_means_of_every_species(label, means):
    rows = [row for row, row_label in zip(iris().inputs, iris().labels, strict=True) if row_label == label]
    assert [statistics.fmean(column) for column in zip(*rows, strict=True)] == pytest.approx(means, abs=1e-9)


def test_iris_rows_35_and_38_follow_fishers_paper():
    assert iris().inputs[34] == [4.9, 3.1, 1.5, 0.2]
    assert iris().inputs[37] == [4.9, 3.6, 1.4, 0.1]


def test_iris_names_its_source():
    assert "Fisher (1936)" in iris().source


# ---- Generators


@pytest.mark.parametrize("make", [moons, circles, xor, spiral, gaussian, yin_yang])
def test_generated_data_repeat_with_the_seed(make):
    assert make(n=20, seed=5) == make(n=20, seed=5)


@pytest.mark.parametrize("make", [moons, circles, xor, spiral, gaussian, yin_yang])
def test_sizes_and_seeds_may_be_whole_numbers_of_numpy(make):
    assert make(n=np.int64(7), seed=np.uint8(3)) == make(n=7, seed=3)


@pytest.mark.parametrize(
    "make", [lambda seed: xor(20, 0.1, seed), moons, circles, spiral, gaussian, yin_yang, plane]
)
def test_generated_data_differ_between_seeds(make):
    assert make(seed=1).inputs != make(seed=2).inputs


@pytest.mark.parametrize("make", [moons, circles, xor, spiral, gaussian, yin_yang])
@pytest.mark.parametrize("n", [4, 5, 6, 7, 30, 31])
def test_generated_classes_are_balanced(make, n):
    data = make(n=n)
    counts = Counter(data.labels)
    assert len(data) == n
    assert len(counts) == len(data.class_names)
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("n", [2, 3, 40, 41])
def test_noise_free_moons_lie_on_their_half_circles(n):
    for x, y, label in samples(moons(n, noise=0)):
        centre = (0.0, 0.0) if label == 0 else (1.0, 0.5)
        assert math.dist((x, y), centre) == pytest.approx(1, rel=1e-15)
        assert y > 0 if label == 0 else y < 0.5


def test_moons_are_each_others_image_under_a_point_reflection():
    data = moons(40, noise=0)
    upper, lower = data.inputs[0::2], data.inputs[1::2]
    assert lower == [pytest.approx([1 - x, 0.5 - y], abs=1e-15) for x, y in upper]


def test_noise_has_the_given_standard_deviation():
    blurred, clean = columns(moons(4000, noise=0.25)), columns(moons(4000, noise=0))
    differences = [a - b for axis in (0, 1) for a, b in zip(blurred[axis], clean[axis], strict=True)]
    # The standard error of a standard deviation from 8000 numbers is 0.8 % of it.
    assert statistics.pstdev(differences) == pytest.approx(0.25, rel=0.04)
    assert statistics.fmean(differences) == pytest.approx(0, abs=0.012)


def test_xor_is_the_parity_of_the_four_corners():
    assert samples(xor()) == [(0.0, 0.0, 0), (0.0, 1.0, 1), (1.0, 0.0, 1), (1.0, 1.0, 0)]


def test_noisy_xor_keeps_the_parity_of_the_nearest_corner():
    data = xor(n=40, noise=0.05)
    assert data.labels == [(round(x) + round(y)) % 2 for x, y in data.inputs]


def test_noisy_xor_visits_the_corners_equally_often():
    corners = Counter((round(x), round(y)) for x, y in xor(n=40, noise=0.05).inputs)
    assert corners == {(0, 0): 10, (0, 1): 10, (1, 0): 10, (1, 1): 10}


@pytest.mark.parametrize("turns", [0.5, 1, 2.25])
def test_noise_free_spiral_winds_in_proportion_to_the_radius(turns):
    for x, y, label in samples(spiral(50, turns, noise=0)):
        radius = math.hypot(x, y)
        # Turned back by its angle, the first arm lies on the positive x axis, the second on the negative.
        unwound = complex(x, y) * cmath.exp(-1j * math.tau * turns * radius)
        assert 0 < radius < 1
        assert unwound == pytest.approx(radius if label == 0 else -radius, abs=1e-14)


def test_spiral_arms_are_each_others_image_under_half_a_turn():
    data = spiral(50, noise=0)
    first, second = data.inputs[0::2], data.inputs[1::2]
    assert second == [pytest.approx([-x, -y], abs=1e-14) for x, y in first]


def yin_yang_class_by_symmetry(x, y):
    """Classify by the border r = cos φ in the upper half; reflect the lower half into it."""
    u, v = 2 * x - 1, 2 * y - 1
    if (abs(u) - 0.5) ** 2 + v**2 <= 0.2**2:
        return 2
    if v < 0:
        return 1 - yin_yang_class_by_symmetry(1 - x, 1 - y)
    return int(math.hypot(u, v) <= math.cos(math.atan2(v, u)))


def test_yin_yang_points_lie_in_the_sign_and_in_their_class():
    for x, y, label in samples(yin_yang(3000)):
        assert math.dist((x, y), (0.5, 0.5)) <= 0.5
        assert label == yin_yang_class_by_symmetry(x, y)


@pytest.mark.parametrize(
    ("x", "y", "label"),
    [
        (0.5, 0.9, 0),
        (0.5, 0.1, 1),
        (0.25, 0.5, 2),
        (0.75, 0.5, 2),
        (0.25, 0.3, 0),
        (0.75, 0.7, 1),
        (0.25, 0.7, 0),
        (0.75, 0.3, 1),
    ],
)
def test_yin_yang_neighbourhood_of_a_known_point_has_its_class(x, y, label):
    near = [sample for sample in samples(yin_yang(6000)) if math.dist(sample[:2], (x, y)) < 0.03]
    assert {sample[2] for sample in near} == {label}


def test_yin_lies_above_the_middle_by_its_share_of_the_area():
    # Of yin, the half disc π/8 and one dot less, the upper part lacks the right bulge π/32 and half a dot.
    upper = [y > 0.5 for _, y, label in samples(yin_yang(9000)) if label == 0]
    dot = math.pi * 0.01
    share = (math.pi / 8 - math.pi / 32 - dot / 2) / (math.pi / 8 - dot)
    assert statistics.fmean(upper) == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 3000))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: moons(n=1), ValueError, "n is 1: this data set needs at least 2 points"),
        (lambda: xor(n=3), ValueError, "at least 4 points"),
        (lambda: spiral(n=0), ValueError, "at least 2 points"),
        (lambda: yin_yang(n=2), ValueError, "at least 3 points"),
        (lambda: moons(n=10.0), TypeError, "n is 10.0: give the number of points as a whole number"),
        (lambda: moons(noise="a"), TypeError, "noise is 'a': give a standard deviation"),
        (lambda: xor(noise=None), TypeError, "noise is None: give a standard deviation"),
        (lambda: spiral(turns="a"), TypeError, "turns is 'a': give a finite number above 0"),
        (lambda: moons(noise=-0.1), ValueError, "noise is -0.1"),
        (lambda: xor(noise=math.nan), ValueError, "noise is nan"),
        (lambda: spiral(turns=0), ValueError, "turns is 0"),
        (lambda: spiral(turns=math.inf), ValueError, "turns is inf"),
        (lambda: yin_yang(seed=None), TypeError, "seed is None: give a whole number"),
    ],
)
def test_generators_refuse_arguments_out_of_range(make, error, message):
    with pytest.raises(error, match=message):
        make()


# ---- The catalogue


@pytest.mark.parametrize("name", ["iris", "moons", "circles", "xor", "spiral", "gaussian", "yin-yang"])
def test_load_dataset_returns_the_set_of_that_name(name):
    assert load_dataset(name, seed=3).name == name


def test_load_dataset_passes_the_seed_on():
    assert load_dataset("moons", seed=3) == moons(seed=3)


@pytest.mark.parametrize(
    ("wrong", "right"), [("XOR", "xor"), ("yin_yang", "yin-yang"), ("spirals", "spiral")]
)
def test_load_dataset_proposes_the_nearest_name(wrong, right):
    with pytest.raises(ValueError, match=f"'{wrong}'; did you mean '{right}'"):
        load_dataset(wrong)


def test_load_dataset_lists_the_names_when_none_is_near():
    with pytest.raises(
        ValueError, match=r"'penguins'\. There are: iris, moons, circles, xor, spiral, gaussian, yin-yang"
    ):
        load_dataset("penguins")


# ---- read_csv


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "fruit.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


FRUIT = Dataset(
    "fruit", [[120.0, 7.5], [90.0, 6.0], [-1.5, 1e3]], [1, 0, 1], ["weight", "size"], ["apple", "pear"], ""
)


@pytest.mark.parametrize(
    "content",
    [
        "weight,size,kind\n120,7.5,pear\n90,6,apple\n-1.5,1e3,pear\n",
        "weight,size,kind\n120,7.5,pear\n90,6,apple\n-1.5,1e3,pear",
        "weight;size;kind\n120;7.5;pear\n90;6;apple\n-1.5;1e3;pear\n",
        "weight\tsize\tkind\n120\t7.5\tpear\n90\t6\tapple\n-1.5\t1e3\tpear\n",
        "weight, size, kind\n120 , 7.5 , pear \n 90, 6, apple\n-1.5, 1e3, pear\n",
        "weight,size,kind\r\n120,7.5,pear\r\n90,6,apple\r\n-1.5,1e3,pear\r\n",
        "weight,size,kind\r120,7.5,pear\r90,6,apple\r-1.5,1e3,pear\r",
        "\ufeffweight,size,kind\n120,7.5,pear\n90,6,apple\n-1.5,1e3,pear\n",
        '# a, "comment\n\nweight,size,kind\n120,7.5,pear\n  \n90,6,apple\n  # more\n-1.5,1e3,pear\n\n',
        '"weight","size","kind"\n"120","7.5","pear"\n90, "6", "apple"\n-1.5,1e3,pear\n',
    ],
    ids=["comma", "no last newline", "semicolon", "tab", "spaces", "CRLF", "CR", "BOM", "comments", "quotes"],
)
def test_read_csv_understands_every_usual_form(write, content):
    data = read_csv(write(content))
    assert (data.name, samples(data)) == ("fruit", samples(FRUIT))
    assert (data.feature_names, data.class_names) == (FRUIT.feature_names, FRUIT.class_names)


def test_read_csv_takes_the_path_as_text_and_names_it_as_the_source(write):
    path = write("1,a\n2,b\n")
    assert str(path) in read_csv(str(path)).source


def test_read_csv_without_a_header_numbers_the_features(write):
    data = read_csv(write("120,7.5,pear\n90,6,apple\n"))
    assert data.feature_names == ["x1", "x2"]
    assert data.inputs == [[120.0, 7.5], [90.0, 6.0]]


def test_read_csv_orders_numeric_classes_as_numbers(write):
    data = read_csv(write("x,class\n1,10\n2,9\n3,10\n"))
    assert data.class_names == ["9", "10"]
    assert data.labels == [1, 0, 1]


def test_read_csv_takes_two_spellings_of_a_number_for_one_class(write):
    data = read_csv(write("1,10\n2,9\n3,10.0\n4,1e1\n5,9.00\n"))
    assert (data.class_names, data.labels) == (["9", "10"], [1, 0, 1, 1, 0])


def test_read_csv_tells_numbers_apart_that_are_one_float(write):
    data = read_csv(write("1,12345678901234567891\n2,12345678901234567890\n3,1.0\n"))
    assert data.class_names == ["1.0", "12345678901234567890", "12345678901234567891"]
    assert data.labels == [2, 1, 0]


@pytest.mark.parametrize("name", ["a\nb", "a\n# b", "a\n\nb", "#a", "a\n  \n#"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_read_csv_keeps_the_lines_of_a_quoted_class(write, name, newline):
    content = f'# comment\nx,kind\n1,"{name}"\n\n# "another\n2,z\n3,"{name}"\n'.replace("\n", newline)
    data = read_csv(write(content.encode()))
    assert sorted(data.class_names) == sorted([name.strip(), "z"])
    assert [data.class_names[label] for label in data.labels] == [name.strip(), "z", name.strip()]


def test_read_csv_keeps_separators_inside_quotes(write):
    data = read_csv(
        write('"weight; in g","size, in ""cm""",kind\n120,7.5,"pear, green"\n90,6,"apple\nred"\n')
    )
    assert data.feature_names == ["weight; in g", 'size, in "cm"']
    assert "pear, green" in data.class_names


def test_read_csv_reads_the_shipped_iris_file():
    import nn.data

    data = read_csv(Path(nn.data.__file__).with_name("iris.csv"))
    assert (data.inputs, data.labels, data.class_names) == (iris().inputs, iris().labels, iris().class_names)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("x,y,c\n1,2,a\n3,b\n", 3, "there are 2 cells, and 3 in line 1"),
        ("# note\nx,y,c\n1,2,a\n3,4,5,b\n", 4, "there are 4 cells, and 3 in line 2"),
        ("x,y,c\n1,2,a\n\n3,four,b\n", 4, r"column 2 \(y\) is 'four', not a number"),
        ("1,2,a\n3,4.x,b\n", 2, r"column 2 \(x2\) is '4.x', not a number"),
        ("1,2x,a\n3,4,b\n", 1, r"column 2 \(x2\) is '2x', not a number"),
        ("x;y;c\n1,5;2,5;a\n3;4;b\n", 2, "column 1 .x. is '1,5', not a number: .*decimal point"),
        ("4,9;3,1;a\n4,7;3,2;b\n", 2, "column 1 .4,9. is '4,7', not a number: .*decimal point"),
        ("x,y,c\n1,,a\n3,4,b\n", 2, "column 2 is empty"),
        ("x,y,c\n1,2,a\n3,4,\n", 3, "column 3 is empty"),
        (",x,c\n0,1,a\n1,2,b\n", 1, "column 1 is empty: .*remove the row or column"),
        ("x,y,c\n1,2,a\n3,NaN,b\n", 3, "column 2 is 'NaN'"),
        ("x,y,c\n1,2,a\n-inf,4,b\n", 3, "column 1 is '-inf'"),
        ("x,y,c\n1,2,a\n1e999,4,b\n", 3, "column 1 is '1e999'"),
        ("x,y,c\n1,2,a\n3,4,nan\n", 3, "column 3 is 'nan'"),
        ("# note\n1\n2\n", 2, "there is only one column, '1': separate"),
        ("1 2 a\n3 4 b\n", 1, "there is only one column, '1 2 a'"),
        ("", 1, "the file has no data"),
        ("\n# nothing here\n\n", 1, "the file has no data"),
        ("# note\nx,y,c\n", 2, "the file ends with this header"),
        ("x,y,c\n1,2,a\n3,4,a\n", 2, "the class 'a' is that of every row: add rows of a second class"),
        (b"x,y,c\n1,2,a\n3,4,caf\xe9\n", 3, "the byte 0xe9 is not UTF-8 text: save as UTF-8"),
        (b"\xef\xbb\xbfx,y,c\r\n\xe9,2,a\r\n", 2, "the byte 0xe9 is not UTF-8"),
        (b"x,y,c\r1,2,a\r3,4,\xe9\r", 3, "the byte 0xe9 is not UTF-8"),
        ("x,y,c\n1,2,a\n".encode("utf-16"), 1, "the byte 0xff is not UTF-8"),
        ("x,y,c\n1,2,a\n3,4,\0b\n", 3, "there is a NUL byte"),
        ('x,y,c\n1,2,a\n3,4,"b\n5,6,a\n', 3, 'the quotes do not match.*close every "'),
        ('x,y,c\n1,2,a\n3,4,"b"b\n', 3, "the quotes do not match"),
        (
            f"x,y,c\n1,2,{'a' * 200_000}\n3,4,b\n",
            2,
            "the quotes .* or a cell has more than 131,072 characters",
        ),
        ('x,y,c\n1,2,"a\n\na"\n3,b\n', 5, "there are 2 cells"),
    ],
)
def test_read_csv_names_the_file_and_the_line_of_what_is_wrong(write, content, line, message):
    with pytest.raises(ValueError, match=rf"fruit\.csv, line {line}: {message}"):
        read_csv(write(content))


def test_read_csv_of_a_missing_file_says_where_it_looked(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere\.csv: check the path"):
        read_csv(tmp_path / "nowhere.csv")


def test_read_csv_of_a_directory_asks_for_a_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a directory: give the path of a CSV file"):
        read_csv(tmp_path)
