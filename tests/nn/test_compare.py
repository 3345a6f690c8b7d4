"""The comparison of all methods: where they agree, what it says where one is wrong, and no false alarms."""

import itertools
import math
import os
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest

import autograd_lite
from autograd_lite import Value, no_grad
from nn import ACTIVATIONS, COSTS, MLP, Neuron, fit, hinge, matrix, mean_squared_error
from nn.compare import assert_gradients_match, compare_gradients
from nn.data import xor

X = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]]
METHODS = ["engine", "matrix", "loops", "differences"]


def numbers(mlp):
    return [(repr(p.data), repr(p.grad)) for p in mlp.parameters()]


def targets(cost, n_out):
    if cost == "cross_entropy":
        return [0, n_out - 1, 0]
    if "binary" in cost:
        return [[float((s + j) % 2) for j in range(n_out)] for s in range(3)]
    return [[(-1.0) ** (s + j) for j in range(n_out)] for s in range(3)]


# ------------------------------------------------------------------------------ agreement


@pytest.mark.parametrize("bias", ["neuron", "layer", None])
@pytest.mark.parametrize(("activation", "cost"), list(itertools.product(ACTIVATIONS, COSTS)))
def test_all_methods_agree(activation, cost, bias):
    output = "sigmoid" if cost == "binary_cross_entropy" else activation
    mlp = MLP(2, [3, 2], activation, output, bias=bias, seed=4)

    assert_gradients_match(mlp, X, targets(cost, 2), cost)


@pytest.mark.parametrize("widths", [[1], [1, 1, 1], [5, 1, 5], [4] * 8])
def test_all_methods_agree_on_shapes_of_all_sorts(widths):
    assert_gradients_match(MLP(2, widths, seed=0), X, [[0.5] * widths[-1]] * 3)


@pytest.mark.parametrize("scale", [1e-6, 1e-2, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("activation", ["tanh", "relu", "silu"])
def test_there_is_no_false_alarm_at_any_scale(activation, scale):
    mlp = MLP(2, [4, 3, 1], activation, seed=1)
    for p in mlp.parameters():
        p.data *= scale

    assert_gradients_match(mlp, X, [0.0, 1.0, -1.0])
    assert_gradients_match(mlp, [[scale * x for x in row] for row in X], [0.0, 1.0, 1e3])


@pytest.mark.parametrize("bias", ["neuron", "layer", None])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
@pytest.mark.parametrize("cost", ["mean_squared_error", "hinge"])
def test_a_kink_is_no_false_alarm(activation, cost, bias):
    # At the origin, with biases of 0, every neuron of every layer sits exactly on its kink.
    data = xor()
    Y = data.signs() if cost == "hinge" else data.labels

    for seed, widths in itertools.product(range(4), ([3, 1], [2, 3, 1])):
        assert_gradients_match(MLP(2, widths, activation, activation, bias, seed=seed), data.inputs, Y, cost)


def test_a_difference_quotient_across_a_kink_is_left_out():
    mlp = MLP(1, [1], output_activation="relu", seed=0)
    mlp.weights(1)[0][0].data, mlp.biases(1)[0].data = 1.0, -1.0

    report = compare_gradients(mlp, [[1.0]], [[5.0]])

    assert report.methods["engine"] == [0.0, 0.0]
    assert all(map(math.isnan, report.methods["differences"]))
    assert report.largest_differences("differences") == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("shift", [-1e-6, 1e-6, 3e-6, 5e-6])
def test_nor_is_a_kink_close_by(shift):
    mlp = MLP(1, [1], output_activation="relu", seed=0)
    mlp.weights(1)[0][0].data, mlp.biases(1)[0].data = 1.0, -1.0 + shift

    assert_gradients_match(mlp, [[1.0]], [[5.0]])


def test_nor_is_a_network_that_has_nothing_left_to_learn():
    mlp = MLP(2, [4, 1], seed=2)
    Y = [mlp(x)[0].data for x in X]

    assert_gradients_match(mlp, X, Y)

    fit(mlp, X, [0.0, 1.0, 0.5], learning_rate=0.3, epochs=3000, tolerance=1e-25)
    assert_gradients_match(mlp, X, [0.0, 1.0, 0.5])


def one_weight(data, output_activation="linear"):
    mlp = MLP(1, [1], output_activation=output_activation, bias=None, seed=0)
    mlp.weights(1)[0][0].data = data
    return mlp


@pytest.mark.parametrize("z", [18.0, 20.0, 22.0, 30.0, 32.0, 34.0, 36.0, 36.7])
def test_nor_is_a_sigmoid_that_is_sure_and_wrong(z):
    """1 − a has lost its digits: difference quotients are rounding errors, the gradients differ by some."""
    mlp = one_weight(z, "sigmoid")

    def closed_form(weights, biases, X, Y):
        a = 1 / (1 + np.exp(-X @ weights[0].T))
        return [(a - Y).T @ X], []

    assert_gradients_match(mlp, [[1.0]], [0.0], "binary_cross_entropy", backprop=closed_form)
    assert math.isnan(
        compare_gradients(mlp, [[1.0]], [0.0], "binary_cross_entropy").methods["differences"][0]
    )


@pytest.mark.parametrize("z", [18.0, 25.0, 30.0, 34.0])
@pytest.mark.parametrize("factor", [0.0, -1.0, 2.0])
def test_a_wrong_function_is_found_there_all_the_same(z, factor):
    def wrong(weights, biases, X, Y):
        return [np.array([[factor]])], []

    with pytest.raises(AssertionError, match="1 of 1 gradients by wrong"):
        assert_gradients_match(
            one_weight(z, "sigmoid"), [[1.0]], [0.0], "binary_cross_entropy", backprop=wrong
        )


@pytest.mark.parametrize("scale", [1e2, 1e6, 1e8, 1e100])
@pytest.mark.parametrize(("cost", "Y"), [("cross_entropy", [0, 1]), ("hinge", [[1, -1], [-1, 1]])])
def test_large_outputs_hide_no_wrong_function(cost, Y, scale):
    mlp = MLP(1, [2], seed=0)
    for p, number in zip(mlp.parameters(), (1.0, -1.0, 0.0, 0.0), strict=True):
        p.data = number * scale

    def zero(weights, biases, X, Y):
        return [0 * weights[0]], [0 * biases[0]]

    assert_gradients_match(mlp, [[scale], [scale]], Y, cost)
    with pytest.raises(AssertionError, match="4 of 4 gradients by zero differ"):
        assert_gradients_match(mlp, [[scale], [scale]], Y, cost, backprop=zero)


@pytest.mark.parametrize("scale", [1e150, 1e160])
def test_nor_does_a_size_that_overflows(scale):
    """The terms cancel in the output; the sizes of the terms of its gradient are beyond the floats."""
    mlp = MLP(2, [2, 1], "linear", seed=0)
    for p, number in zip(mlp.parameters(), (scale, -scale, 0, 0, 0, 0, scale, 0, 0), strict=True):
        p.data = float(number)

    def zero(weights, biases, X, Y):
        return [0 * w for w in weights], [0 * b for b in biases]

    cost = (lambda a, y: a[0] * 1e-200, lambda a, y: [1e-200])
    with pytest.raises(AssertionError, match="gradients by zero differ"):
        assert_gradients_match(mlp, [[1.0, 1.0]], [[0.0]], cost, backprop=zero)


@pytest.mark.parametrize("x", [-733.0, -735.0, -727.0])
def test_numbers_below_the_normal_floats_are_no_false_alarm(x):
    mlp = MLP(1, [1, 1, 1], "sigmoid", seed=0)
    for p, number in zip(mlp.parameters(), (1.0, 1.45, 0.07, -0.76, -1.09, 0.03), strict=True):
        p.data = number

    assert_gradients_match(mlp, [[x], [x - 1], [x - 2]], [0.3, -0.7, 0.1])


@pytest.mark.parametrize("kind", [Decimal, mpmath.mpf], ids=["Decimal", "mpmath"])
def test_numbers_that_are_rounded_need_not_be_equal(kind):
    mlp = MLP(2, [2, 1], "relu")
    for i, p in enumerate(mlp.parameters()):
        p.data = kind(i + 1) / kind(7)
    X = [[kind(1) / kind(3), kind(2)], [kind(-1) / kind(7), kind(1)], [kind(2), kind(3) / kind(11)]]
    Y = [kind(1), kind(0), kind(-1)]
    report = compare_gradients(mlp, X, Y)
    names, engine = report.names, report.methods["engine"]

    def rounded_otherwise(weights, biases, X, Y):
        return {name: g * kind("1.0000000000001") for name, g in zip(names, engine, strict=True)}

    assert all(isinstance(g, (int, kind)) for g in engine)
    assert_gradients_match(mlp, X, Y, backprop=rounded_otherwise)
    assert report.methods["differences"] == pytest.approx(list(map(float, engine)), rel=1e-8)


def test_exact_numbers_must_be_equal_and_are():
    mlp = MLP(2, [3, 2], "relu")
    for i, p in enumerate(mlp.parameters()):
        p.data = Fraction(7 * i % 19 - 9, i % 5 + 2)

    report = compare_gradients(
        mlp, [[1, Fraction(1, 3)], [2, -1]], [[0, 1], [1, Fraction(1, 2)]], "half_squared_error"
    )

    assert report.methods["engine"] == report.methods["matrix"] == report.methods["loops"]
    assert all(isinstance(g, (int, Fraction)) for m in METHODS[:3] for g in report.methods[m])
    assert any(report.methods["engine"])


@pytest.mark.parametrize(
    ("cost", "as_given", "as_lists"),
    [
        ("mean_squared_error", [0.0, 1.0, 2.0], [[0.0], [1.0], [2.0]]),
        (mean_squared_error, np.array([0.0, 1.0, 2.0]), [[0.0], [1.0], [2.0]]),
        ("half_squared_error", np.array([[0], [1], [2]]), [[0.0], [1.0], [2.0]]),
    ],
)
def test_targets_may_be_numbers_lists_or_arrays(cost, as_given, as_lists):
    mlp = MLP(2, [3, 1], seed=0)

    found = compare_gradients(mlp, np.array(X), as_given, cost)

    assert found.methods == compare_gradients(mlp, X, as_lists, cost).methods


@pytest.mark.parametrize("cost", ["cross_entropy", COSTS["cross_entropy"]], ids=["name", "function"])
def test_targets_may_be_classes(cost):
    mlp = MLP(2, [3], seed=0)

    by_class = compare_gradients(mlp, X, np.array([2, 0, 1]), cost)
    by_vector = compare_gradients(mlp, X, np.eye(3)[[2, 0, 1]], cost)

    assert by_class.methods == by_vector.methods


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (
            math.nan,
            r"∂C/∂w\[1\]\[0,0\] is nan by the engine, nothing to compare with: leaf w\[1\]\[0,0\] is nan",
        ),
        (1e200, r"∂C/∂w\[1\]\[0,0\] is inf by the engine, nothing to compare with: .* is inf"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_a_gradient_that_is_no_number_says_where_that_came_from(number, reason):
    mlp = MLP(1, [1, 1], "linear", seed=0)
    mlp.weights(1)[0][0].data = mlp.weights(2)[0][0].data = number

    with pytest.raises(AssertionError, match=reason):
        assert_gradients_match(mlp, [[1.0]], [[0.0]], (lambda a, y: a[0] * a[0].data, lambda a, y: [a[0]]))


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_an_infinite_slope_says_which_node_has_it():
    with pytest.raises(
        AssertionError, match=r"is -inf by the engine, .*: log of a\[1\]\[0\] = .* derivative inf"
    ):
        assert_gradients_match(one_weight(-720.0, "sigmoid"), [[1.0]], [1.0], "binary_cross_entropy")


def test_all_methods_work_inside_no_grad():
    mlp = MLP(2, [3, 1], seed=0)
    outside = compare_gradients(mlp, X, [0.5, -1.0, 2.0])

    with no_grad():
        inside = compare_gradients(mlp, X, [0.5, -1.0, 2.0])
        assert_gradients_match(mlp, X, [0.5, -1.0, 2.0])
        with pytest.raises(AssertionError, match="gradients by backprop differ"):
            assert_gradients_match(NETWORK, X, Y2, backprop=changed(lambda w, b: ([2 * w[0], w[1]], b)))

    assert inside.methods == outside.methods
    assert all(any(gradients) for gradients in inside.methods.values())


# ------------------------------------------------------------------------------ functions of your own


def absolute_error_to_the_fourth(outputs, y):
    return sum((a - y) ** 4 for a in outputs)


def its_gradient(outputs, y):
    return [4 * (a - y) ** 3 for a in outputs]


def test_a_cost_of_your_own_comes_with_its_gradient():
    pair = (absolute_error_to_the_fourth, its_gradient)

    assert_gradients_match(MLP(2, [3, 2], seed=0), X, [0.5, -1.0, 2.0], pair)


def test_a_wrong_gradient_of_your_own_cost_is_found():
    pair = (absolute_error_to_the_fourth, lambda outputs, y: [3 * (a - y) ** 3 for a in outputs])

    with pytest.raises(AssertionError, match="gradients by matrix differ from the engine's"):
        assert_gradients_match(MLP(2, [3, 2], seed=0), X, [0.5, -1.0, 2.0], pair)


def test_a_cost_without_a_known_gradient_is_refused():
    with pytest.raises(
        ValueError, match=r"the derivative of the cost 'absolute_error_to_the_fourth' is not known: pass"
    ):
        compare_gradients(MLP(2, [1]), X, [0.0, 1.0, 2.0], absolute_error_to_the_fourth)


@pytest.mark.parametrize("cost", [(hinge,), (hinge, None), (hinge, hinge, hinge)])
def test_what_is_no_pair_of_functions_is_no_cost(cost):
    with pytest.raises(ValueError, match=r"is no cost: give a name, a function or a pair"):
        compare_gradients(MLP(2, [1]), X, [1, -1, 1], cost)


def test_the_comparison_comes_from_nn_and_numpy_only_with_it():
    program = """
import sys, nn
assert "numpy" not in sys.modules
from nn import assert_gradients_match, compare_gradients
assert "numpy" in sys.modules and compare_gradients is nn.compare.compare_gradients
assert not hasattr(nn, "compare_gradient")
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


def test_an_activation_of_your_own_comes_with_its_derivative():
    mlp = MLP(2, [3, 1], lambda z: z * z, seed=0)
    pairs = [(lambda z: z * z, lambda z: 2 * z), "linear"]

    assert_gradients_match(mlp, X, [0.5, -1.0, 2.0], activations=pairs)


@pytest.mark.parametrize("by", ["matrix", "loops"])
def test_a_wrong_derivative_of_your_own_activation_is_found(by):
    mlp = MLP(2, [3, 1], lambda z: z * z, seed=0)
    pairs = [(lambda z: z * z, lambda z: 3 * z), "linear"]
    report = compare_gradients(mlp, X, [0.5, -1.0, 2.0], activations=pairs)

    assert report.largest_differences(by, layer=1)[1] == pytest.approx(1 / 3)
    assert report.largest_differences(by, layer=2)[1] < 1e-12
    with pytest.raises(AssertionError, match=r"First: ∂C/∂w\[1\]\[0,0\] is"):
        assert_gradients_match(mlp, X, [0.5, -1.0, 2.0], activations=pairs)


def test_an_activation_whose_derivative_is_not_known_is_refused():
    with pytest.raises(ValueError, match=r"the activation of layer 1 is .* and not a name: pass activations"):
        compare_gradients(MLP(2, [3, 1], lambda z: z * z), X, [0.5, -1.0, 2.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_may_be_the_function_of_that_name(name):
    by_name, by_function = (MLP(2, [3, 1], sigma, sigma, seed=0) for sigma in (name, ACTIVATIONS[name]))
    for p, like in zip(by_function.parameters(), by_name.parameters(), strict=True):
        p.data = like.data

    assert (
        compare_gradients(by_function, X, [0.5, -1.0, 2.0]).methods
        == compare_gradients(by_name, X, [0.5, -1.0, 2.0]).methods
    )


def test_a_graph_that_was_cut_altogether_is_found_by_the_differences():
    mlp = one_weight(0.5, lambda z: Value(2 * z.data))

    with pytest.raises(AssertionError, match="1 of 1 gradients by differences differ from the engine's"):
        assert_gradients_match(mlp, [[1.0]], [3.0], activations=[(lambda z: 2 * z, lambda z: 0)])


def test_a_graph_that_was_cut_is_found_by_the_differences():
    def forgetful(z):
        return z * z.data  # half of the derivative of z² is lost with the graph

    mlp = MLP(2, [2, 1], forgetful, seed=0)

    with pytest.raises(AssertionError, match="gradients by differences differ from the engine's"):
        assert_gradients_match(
            mlp, X, [0.5, -1.0, 2.0], activations=[(lambda z: z * z, lambda z: z), "linear"]
        )


# ------------------------------------------------------------------------------ the report


def test_the_report_shows_every_parameter_by_every_method():
    mlp = MLP(2, [2, 1], bias="layer", seed=0)

    report = compare_gradients(mlp, X, [0.5, -1.0, 2.0])

    names = [name for name, _ in mlp.named_parameters()]
    assert report.names == names
    assert list(report.methods) == METHODS
    heading, _, *rows = str(report).split("\n\n")[0].splitlines()
    assert heading.split() == ["∂C/∂", *METHODS]
    assert [row.split()[0] for row in rows] == names
    for i, row in enumerate(rows):
        assert [float(cell) for cell in row.split()[1:]] == pytest.approx(
            [report.methods[m][i] for m in METHODS], rel=1e-14
        )


def test_the_report_sums_up_the_differences_of_each_layer():
    mlp = MLP(2, [2, 1], seed=0)

    def off(weights, biases, X, Y):
        gradients = matrix.MatrixMLP(weights, biases, ["tanh", "linear"]).gradients(
            X, Y, "mean_squared_error"
        )
        gradients.weights[1][0, 1] += 0.25
        return gradients

    report = compare_gradients(mlp, X, [0.5, -1.0, 2.0], backprop=off)

    i = report.names.index("w[2][0,1]")
    right = report.methods["engine"][i]
    absolute, relative, units = report.largest_differences("off", layer=2)
    size = max(abs(right), abs(right + 0.25))
    assert absolute == pytest.approx(0.25)
    assert relative == pytest.approx(0.25 / size)
    assert units == pytest.approx(0.25 / math.ulp(size))
    assert report.largest_differences("off", layer=1)[1] < 1e-12
    assert report.largest_differences("off") == (absolute, relative, units)
    rows = [row.split() for row in report.summary().splitlines()[2:]]
    assert [row[:3] for row in rows] == [
        [layer, count, method]
        for layer, count in (("1", "6"), ("2", "3"))
        for method in [*METHODS[1:], "off"]
    ]
    assert rows[-1][3:] == [f"{absolute:.2g}", f"{relative:.2g}", f"{units:.3g}"]
    assert report.summary() in str(report)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_the_largest_difference(wrong):
    mlp = MLP(2, [1], seed=0)

    def broken(weights, biases, X, Y):
        return [np.array([[wrong, 1.0]])], [np.array([2.0])]

    absolute, relative, units = compare_gradients(
        mlp, X, [0.5, -1.0, 2.0], backprop=broken
    ).largest_differences("broken")

    assert all(not math.isfinite(d) for d in (absolute, relative, units))
    with pytest.raises(AssertionError, match=rf"First: ∂C/∂w\[1\]\[0,0\] is {wrong} by broken"):
        assert_gradients_match(mlp, X, [0.5, -1.0, 2.0], backprop=broken)


def test_comparing_leaves_the_network_as_it_was():
    mlp = MLP(2, [3, 1], seed=0)
    for i, p in enumerate(mlp.parameters()):
        p.grad = float(i)
    before = numbers(mlp)

    def vandal(weights, biases, X, Y):
        for array in (*weights, *biases, X, Y):
            array[...] = 0.0
        return weights, biases

    samples, wanted = [row[:] for row in X], [[0.5], [-1.0], [2.0]]
    compare_gradients(mlp, samples, wanted, backprop=vandal)
    with pytest.raises(AssertionError, match="by vandal"):
        assert_gradients_match(mlp, samples, wanted, backprop=vandal)

    assert numbers(mlp) == before
    assert (samples, wanted) == (X, [[0.5], [-1.0], [2.0]])


def test_bad_data_is_refused_with_the_sample():
    with pytest.raises(ValueError, match="sample 1: input 0 is nan"):
        compare_gradients(MLP(2, [1]), [[0.0, 1.0], [math.nan, 0.0]], [0.0, 1.0])


def test_the_network_must_have_layers():
    with pytest.raises(TypeError, match="the network must be an MLP, not Neuron"):
        compare_gradients(Neuron(2), X, [0.0, 1.0, 2.0])


# ------------------------------------------------------------------------------ a function under test


def by_hand(weights, biases, X, Y):
    """A hidden layer of tanh, a linear output and C2, as a student writes it."""
    (W1, W2), (b1, b2) = weights, biases
    a1 = np.tanh(X @ W1.T + b1)
    error = 2 * (a1 @ W2.T + b2 - Y) / Y.size
    delta = error @ W2 * (1 - a1**2)
    return [delta.T @ X, error.T @ a1], [delta.sum(axis=0), error.sum(axis=0)]


def changed(change):
    """Return the correct function with a change to what it returns."""

    def backprop(weights, biases, X, Y):
        return change(*by_hand(weights, biases, X, Y))

    return backprop


NETWORK = MLP(2, [3, 2], seed=0)
Y2 = [[0.5, 0.0], [1.0, -1.0], [0.0, 2.0]]


@pytest.mark.parametrize(
    "change",
    [
        lambda w, b: (w, b),
        lambda w, b: [w, b],
        lambda w, b: (tuple(w), tuple(b)),
        lambda w, b: ([part.tolist() for part in w], [part.tolist() for part in b]),
        lambda w, b: {
            **{f"w[{l}][{j},{k}]": w[l - 1][j, k] for l in (1, 2) for j, k in np.ndindex(w[l - 1].shape)},
            **{f"b[{l}][{j}]": b[l - 1][j] for l in (1, 2) for j in range(len(b[l - 1]))},
        },
    ],
    ids=["pair", "list", "tuples", "nested lists", "dict by name"],
)
def test_a_correct_function_passes_in_every_form(change):
    assert_gradients_match(NETWORK, X, Y2, backprop=changed(change))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda w, b: None, TypeError, "backprop returned None; give two lists of arrays"),
        (
            lambda w, b: w[0],
            ValueError,
            "backprop returned an array of shape () for w[1], which has shape (3, 2)",
        ),
        (lambda w, b: 3.0, TypeError, "backprop returned 3.0; give two lists of arrays"),
        (lambda w, b: (w,), TypeError, "give two lists of arrays, for the weights and for the biases"),
        (lambda w, b: (w, None), TypeError, "give two lists of arrays"),
        (
            lambda w, b: ([w[0].T, w[1]], b),
            ValueError,
            "an array of shape (2, 3) for w[1], which has shape (3, 2)",
        ),
        (
            lambda w, b: (w, [b[0][None], b[1]]),
            ValueError,
            "an array of shape (1, 3) for b[1], which has shape (3,)",
        ),
        (lambda w, b: (w[:1], b), ValueError, "an array of shape (0,) for w[2], which has shape (2, 3)"),
        (lambda w, b: (w, b[::-1]), ValueError, "an array of shape (2,) for b[1], which has shape (3,)"),
        (lambda w, b: (w * 2, b), ValueError, "backprop returned 4 arrays w for 2 layers"),
        (
            lambda w, b: ([[[1.0], [2.0, 3.0], []], w[1]], b),
            ValueError,
            "an array of shape (3,) for w[1], which has shape (3, 2)",
        ),
        (
            lambda w, b: ([w[0].astype(str), w[1]], b),
            TypeError,
            "no gradient for w[1][0,0]: a Value holds one real",
        ),
        (
            lambda w, b: ([w[0] * 1j, w[1]], b),
            TypeError,
            "no gradient for w[1][0,0]: a Value holds one real number",
        ),
        (lambda w, b: ([np.full((3, 2), None), w[1]], b), TypeError, "no gradient for w[1][0,0]"),
        (
            lambda w, b: {},
            ValueError,
            "no gradient for w[1][0,0], w[1][0,1], w[1][1,0], w[1][1,1], w[1][2,0]",
        ),
    ],
)
def test_what_has_not_the_shape_of_the_gradients_is_refused(change, error, message):
    with pytest.raises(error) as caught:
        compare_gradients(NETWORK, X, Y2, backprop=changed(change))
    assert message in str(caught.value)


@pytest.mark.parametrize("bias", ["layer", None])
def test_shared_and_missing_biases_have_their_shapes(bias):
    mlp = MLP(2, [2], bias=bias, seed=0)

    def backprop(weights, biases, X, Y):
        assert [b.shape for b in biases] == [(1,) if bias else (0,)]
        error = 2 * (X @ weights[0].T + biases[0].sum() - Y) / Y.size
        return [error.T @ X], [np.array([error.sum()])] if bias else []

    assert_gradients_match(mlp, X, Y2, backprop=backprop)


def test_the_function_under_test_is_given_floats_though_the_data_are_whole_numbers():
    kinds = []

    def backprop(weights, biases, X, Y):
        kinds.extend(array.dtype.kind for array in (*weights, *biases, X, Y))
        return by_hand(weights, biases, X, Y)

    assert_gradients_match(NETWORK, [[0, 1], [1, 1]], [[0, 1], [1, 0]], backprop=backprop)

    assert set(kinds) == {"f"}


def test_a_bias_that_is_left_out_is_found_though_all_biases_are_0():
    def without_biases(weights, biases, X, Y):
        return by_hand(weights, [0 * b for b in biases], X, Y)

    mlp = MLP(2, [3, 2], seed=0)
    assert {p.data for name, p in mlp.named_parameters() if name.startswith("b")} == {0.0}
    data = [[0.5, -1.0], [2.0, 1.0]], [[0.0, 1.0], [1.0, 0.5]]
    assert_gradients_match(mlp, *data, backprop=by_hand)
    with pytest.raises(AssertionError, match="With biases other than 0, which all are on your network: "):
        assert_gradients_match(mlp, *data, backprop=without_biases)


def test_the_function_under_test_is_given_exact_numbers_where_there_are_any():
    mlp = MLP(2, [1], seed=0)
    for i, p in enumerate(mlp.parameters()):
        p.data = Fraction(i + 1, 3)

    def backprop(weights, biases, X, Y):
        assert {type(x) for array in (*weights, *biases, X, Y) for x in array.flat} <= {int, Fraction}
        error = X @ weights[0].T + biases[0] - Y
        return [error.T @ X / Fraction(2)], [error.sum(axis=0) / Fraction(2)]

    assert_gradients_match(
        mlp, [[1, 2], [3, -1]], [[0], [Fraction(1, 2)]], "half_squared_error", backprop=backprop
    )


def test_the_function_under_test_is_given_classes_as_they_are():
    mlp = MLP(2, [3], seed=0)

    def backprop(weights, biases, X, Y):
        e = np.exp(X @ weights[0].T + biases[0])
        error = (e / e.sum(axis=1, keepdims=True) - np.eye(3)[Y]) / len(Y)
        return [error.T @ X], [error.sum(axis=0)]

    assert_gradients_match(mlp, X, [2, 0, 1], "cross_entropy", backprop=backprop)


@pytest.mark.parametrize("name", ["engine", "matrix"])
def test_a_function_may_have_the_name_of_a_method_and_is_still_tested(name):
    wrong = changed(lambda w, b: ([2 * w[0], w[1]], b))
    wrong.__name__ = name

    with pytest.raises(AssertionError, match=f"6 of 17 gradients by your {name} differ"):
        assert_gradients_match(NETWORK, X, Y2, backprop=wrong)


def test_the_first_wrong_weight_on_the_way_back_is_explained_by_its_chain_rule():
    mlp = MLP(1, [1], seed=0)
    mlp.weights(1)[0][0].data, mlp.biases(1)[0].data = 2.0, 0.5

    def off(weights, biases, X, Y):
        return [np.array([[20.0]])], [np.array([100.0])]

    with pytest.raises(AssertionError) as caught:
        assert_gradients_match(mlp, [[3.0]], [[3.0]], "sum_squared_error", backprop=off)

    assert str(caught.value).splitlines() == [
        "2 of 2 gradients by off differ from the engine's.",
        "First: ∂C/∂w[1][0,0] is 20.0 by off and 21.0 by the engine.",
        "",
        "W¹, b¹ differ.",
        "",
        "W¹ and b¹ are wrong, where the way back begins. Both are made of ∂C/∂z¹: look at it, at the",
        "derivative of the cost, and at the forward pass.",
        "",
        "The right ∂C/∂w¹₀₀, step by step:",
        "  ∂C/∂z¹₀  = 2·(a¹₀ − y₀) = 2·(6.5 − 3) = 7   (D1)",
        "  ∂C/∂w¹₀₀ = ∂C/∂z¹₀ · a⁰₀ = 7·3 = 21   (B2)",
        "  off has 20.",
    ]


@pytest.mark.parametrize("kind", [float, Fraction])
def test_the_chain_rule_sums_over_the_neurons_that_share_a_bias(kind):
    mlp = MLP(1, [2], bias="layer")
    for p, number in zip(mlp.parameters(), (2, 3, 1), strict=True):
        p.data = kind(number)

    def off(weights, biases, X, Y):
        return [np.array([[kind(4)], [kind(6)]])], [np.array([100])]

    with pytest.raises(AssertionError) as caught:
        assert_gradients_match(mlp, [[kind(2)]], [[kind(3), kind(4)]], "half_squared_error", backprop=off)

    lines = str(caught.value).splitlines()
    assert lines[1] == f"First: ∂C/∂b[1] is 100 by off and {kind(5)} by the engine."
    assert lines[-2:] == ["  ∂C/∂b¹  = Σⱼ ∂C/∂z¹ⱼ = 2 + 3 = 5   (E3)", "  off has 100."]


def test_a_parameter_that_the_cost_does_not_depend_on_has_a_chain_rule_too():
    mlp = MLP(1, [2], bias=None, seed=0)
    first_only = (lambda a, y: a[0] * y, lambda a, y: [y, 0.0])

    def off(weights, biases, X, Y):
        return [np.array([[2.0], [5.0]])], []

    with pytest.raises(AssertionError) as caught:
        assert_gradients_match(mlp, [[1.0]], [2.0], first_only, backprop=off)

    lines = str(caught.value).splitlines()
    assert lines[1] == "First: ∂C/∂w[1][1,0] is 5.0 by off and 0 by the engine."
    assert lines[-2:] == ["  ∂C/∂w¹₁₀ = ∂C/∂z¹₁ · a⁰₀ = 0·1 = 0   (B2)", "  off has 5."]


@pytest.mark.parametrize("entry", [(0, 0, 0), (1, 1, 2)])
def test_one_wrong_entry_is_found_however_small(entry):
    l, j, k = entry

    def slip(w, b):
        w[l][j, k] *= 1 + 1e-7
        return w, b

    with pytest.raises(AssertionError, match=rf"^1 of 17 gradients.*\nFirst: ∂C/∂w\[{l + 1}\]\[{j},{k}\] is"):
        assert_gradients_match(NETWORK, X, Y2, backprop=changed(slip))


def test_a_tolerance_may_be_asked_for():
    slightly = changed(lambda w, b: ([part * (1 + 1e-7) for part in w], b))

    assert_gradients_match(NETWORK, X, Y2, backprop=slightly, rtol=1e-6)


STUDENT = """
import numpy as np
from nn import MLP
from nn.compare import assert_gradients_match


def backprop(weights, biases, X, Y):
    (W1, W2), (b1, b2) = weights, biases
    a1 = np.tanh(X @ W1.T + b1)
    error = 2 * (a1 @ W2.T + b2 - Y) / Y.size
    delta = error @ W2 {derivative}
    return [delta.T @ X, error.T @ a1], [delta.sum(axis=0), error.sum(axis=0)]


def test_backprop():
    mlp = MLP(2, [3, 1], seed=0)
    assert_gradients_match(mlp, [[0.0, 1.0], [1.0, 1.0]], [[1.0], [0.0]], backprop=backprop)
"""


@pytest.mark.parametrize(("derivative", "right"), [("* (1 - a1**2)", True), ("", False)])
def test_a_students_own_test_file(tmp_path, derivative, right):
    (tmp_path / "test_mine.py").write_text(STUDENT.format(derivative=derivative), encoding="utf-8")
    root = str(Path(autograd_lite.__file__).parents[1])

    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert result.returncode == (0 if right else 1), result.stdout
    if not right:
        mlp = MLP(2, [3, 1], seed=0)
        engine = compare_gradients(mlp, [[0.0, 1.0], [1.0, 1.0]], [[1.0], [0.0]]).methods["engine"]
        assert "AssertionError: backprop forgot σ′(z¹), the slope of tanh, in layer 1." in result.stdout
        assert "9 of 13 gradients by backprop differ from the engine's." in result.stdout
        assert "First: ∂C/∂w[1][0,0] is " in result.stdout
        assert f" by backprop and {engine[0]} by the engine." in result.stdout
        assert " = ∂C/∂z¹" in result.stdout


# ------------------------------------------------------------------------------ shapes drawn at random


@pytest.mark.parametrize("seed", range(10))
def test_all_methods_agree_on_networks_drawn_at_random(seed):
    stream = random.Random(seed)
    widths = [stream.randint(1, 4) for _ in range(stream.randint(1, 4))]
    mlp = MLP(
        stream.randint(1, 3),
        widths,
        stream.choice(list(ACTIVATIONS)),
        stream.choice(list(ACTIVATIONS)),
        stream.choice(["neuron", "layer", None]),
        seed=stream,
    )
    samples = [[stream.gauss(0, 1) for _ in range(mlp.n_in)] for _ in range(3)]
    wanted = [[stream.gauss(0, 1) for _ in range(widths[-1])] for _ in range(3)]

    assert_gradients_match(mlp, samples, wanted, stream.choice(["sum_squared_error", "half_squared_error"]))


# ------------------------------------------------------------------------------ in notebooks


def test_a_notebook_shows_the_numbers_as_tables():
    report = compare_gradients(MLP(2, [2, 1], seed=0), [[1.0, -2.0]], [[0.5]])

    page = ET.fromstring(f"<div>{report._repr_html_()}</div>")

    summary, every = page.iter("table")
    rows = [[cell.text for cell in row] for row in every.iter("tr")]
    assert rows[0] == ["∂C/∂", *report.methods]
    assert [row[0] for row in rows[1:]] == report.names
    for k, method in enumerate(report.methods, 1):
        shown = [float(row[k]) for row in rows[1:]]
        assert shown == pytest.approx(report.methods[method], rel=1e-14)
    assert len(list(summary.iter("tr"))) == 1 + 2 * 3  # two layers by three methods


def test_a_terminal_shows_the_summary():
    report = compare_gradients(MLP(2, [1], seed=0), [[1.0, -2.0]], [[0.5]])

    assert report.summary() in repr(report)
    assert len(repr(report).splitlines()) < 10
