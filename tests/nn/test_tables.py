"""Frames of pandas and arrays of NumPy go straight in: they count as the lists of the same numbers."""

import subprocess
import sys

import numpy as np
import pytest

from nn import (
    MLP,
    accuracy,
    compare_gradients,
    explore_network,
    fit,
    per_sample_gradients,
    predict,
)
from nn.data import Dataset, iris
from nn.pictures.boundary import plane

pandas = pytest.importorskip("pandas")

DATA = iris()
# The labels of the rows are none of 0, 1, 2, …, as after a split or a filter.
INDEX = [f"flower {i}" for i in range(len(DATA))]
X = pandas.DataFrame(DATA.inputs, columns=DATA.feature_names, index=INDEX)
Y = pandas.Series(DATA.labels, index=INDEX)
SPECIES = Y.map(dict(enumerate(DATA.class_names)))
FORMS = {
    "frame": (X, Y),
    "array": (X.to_numpy(), Y.to_numpy()),
    "frame of one column": (X, Y.to_frame()),
    "nullable": (X.astype("Float64"), Y.astype("Int64")),
    "mixed numbers": (X.astype({"sepal width": "float32", "petal width": object}), Y),
}


@pytest.fixture
def mlp():
    return MLP(4, [3, 3], seed=0)


def lists(X):
    """Return the numbers as they stand in the frame, row by row."""
    return [[float(x) for x in row] for row in zip(*(X[name] for name in X.columns), strict=True)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", ["scalar", "lifted"])
def test_training_is_that_on_lists(form, engine, mlp):
    given, labels = FORMS[form]
    expected = MLP(4, [3, 3], seed=0)
    numbers = lists(given) if form == "mixed numbers" else DATA.inputs
    options = {"cost": "cross_entropy", "epochs": 3, "engine": engine}

    history = fit(mlp, given, labels, **options)

    assert history.costs == fit(expected, numbers, DATA.labels, **options).costs
    assert mlp.state_dict() == expected.state_dict()
    assert accuracy(mlp, given, labels) == accuracy(expected, numbers, DATA.labels)


def test_a_frame_may_hold_the_targets_of_several_outputs(mlp):
    expected = MLP(4, [3, 3], seed=0)
    one_hot = pandas.get_dummies(SPECIES)
    assert one_hot.shape == (150, 3)

    costs = fit(mlp, X, one_hot, cost="cross_entropy", epochs=2).costs

    assert costs == fit(expected, DATA.inputs, DATA.labels, cost="cross_entropy", epochs=2).costs


def test_a_column_is_a_target_for_one_output():
    mlp, expected = MLP(1, [1], seed=0), MLP(1, [1], seed=0)
    costs = fit(mlp, X[["petal length"]], X[["petal width"]], learning_rate=0.01, epochs=3).costs
    lengths, widths = X["petal length"].tolist(), X["petal width"].tolist()
    assert costs == fit(expected, [[x] for x in lengths], widths, learning_rate=0.01, epochs=3).costs


def test_gradients_are_those_of_lists(mlp):
    frame, labels = X[::30], Y[::30]
    plain = DATA.inputs[::30], DATA.labels[::30]
    of_frames = compare_gradients(mlp, frame, labels, "cross_entropy")
    assert of_frames.methods == compare_gradients(mlp, *plain, "cross_entropy").methods
    assert per_sample_gradients(mlp, frame, labels, "cross_entropy") == per_sample_gradients(
        mlp, *plain, "cross_entropy"
    )
    several = {"layer": 1, "weight": (0, 1), "cost": "cross_entropy"}
    assert (
        mlp.explain(**several, x=frame, y=labels).value
        == mlp.explain(**several, x=plain[0], y=plain[1]).value
    )
    one = {"x": X.iloc[7], "y": Y.iloc[7]}
    assert (
        mlp.explain(**several, **one).value
        == mlp.explain(**several, x=DATA.inputs[7], y=DATA.labels[7]).value
    )


def test_a_row_is_a_sample(mlp):
    assert [v.data for v in mlp(X.iloc[7])] == [v.data for v in mlp(DATA.inputs[7])]
    assert predict(mlp, X.iloc[7]) == predict(mlp, DATA.inputs[7])


def test_a_data_set_and_a_page_are_made_of_them(tmp_path):
    made = Dataset("iris", X, Y, list(X.columns), DATA.class_names, "frames")
    assert (made.inputs, made.labels) == (DATA.inputs, DATA.labels)
    explore_network(MLP(2, [3]), (X[["petal length", "petal width"]], Y), tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size > 0


def test_a_plane_is_made_of_them():
    petals = X[["petal length", "petal width"]]
    made = plane(petals, Y)
    assert (made.inputs, made.labels) == (lists(petals), DATA.labels)


WRONG = {
    "names": (X, SPECIES, "sample 0: the target is 'setosa'; number the classes"),
    "categories": (X, SPECIES.astype("category"), "number the classes"),
    "a text": (X.assign(kind=SPECIES), Y, "sample 0: input 4 is 'setosa', not a number"),
    "a gap": (X.mask(X > 7.6), Y, "sample 117: input 0 is nan; leave the sample out or fill the gap"),
    "a missing number": (X.astype("Float64").mask(X > 7.6), Y, "sample 117: input 0 is <NA>"),
    "a column for a frame": (X["sepal width"], Y, r"a sample is a sequence of numbers.*\[\[x\] for x in X\]"),
    "a column of classes": (X.to_numpy(), Y.to_numpy()[:, None], "give the class alone"),
    "classes as floats": (X, Y.astype(float), r"write int\(0\.0\)"),
}


@pytest.mark.parametrize("given", WRONG)
def test_what_does_not_fit_says_what_to_do(given, mlp):
    samples, labels, message = WRONG[given]
    with pytest.raises((TypeError, ValueError), match=message):
        fit(mlp, samples, labels, cost="cross_entropy", epochs=1)


def test_names_of_classes_are_refused_where_accuracy_is_asked(mlp):
    with pytest.raises(TypeError, match="the label of sample 0 is 'setosa': number the classes"):
        accuracy(mlp, X, SPECIES)


@pytest.mark.parametrize("samples", [X, X[:4], X[:1], X.to_numpy(), X.to_numpy()[:4], DATA.inputs[:4]])
def test_a_network_takes_one_sample_at_a_time(samples, mlp):
    with pytest.raises((TypeError, ValueError), match=r"one sample at a time, as in \[mlp\(x\) for x in X"):
        mlp(samples)


def test_nothing_from_elsewhere_is_imported_for_it():
    program = (
        "import sys, nn; mlp = nn.MLP(1, [1]); nn.fit(mlp, [[1.0]], [0.0], epochs=1); mlp.explain;"
        "print({'pandas', 'sklearn', 'torch', 'matplotlib'} & set(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "set()\n"


def test_arrays_of_other_numbers_keep_them(mlp):
    halves = np.array([[0.5, 0.25, 0.0, 1.0]], dtype=np.float32)
    assert [v.data for v in mlp(halves[0])] == [v.data for v in mlp([0.5, 0.25, 0.0, 1.0])]
