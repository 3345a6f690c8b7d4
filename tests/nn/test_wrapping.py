"""On every Python: the same digits for the same numbers, whatever wraps them.

Python's ``sum`` of floats is compensated from 3.12 on and that of NumPy's floats is not, floats of 32 bits
round each step, and NumPy's integers overflow. So everything that is given numbers is given the same ones in
each wrapping here, in sums long enough to show a difference, and has to answer with the same ``repr``.
"""

from __future__ import annotations

import inspect
from fractions import Fraction
from functools import partial
from random import Random

import numpy as np
import pytest

from autograd_lite import Value, affine, fsum, grad, sumprod
from nn import (
    COSTS,
    MLP,
    SGD,
    Adam,
    Layer,
    Neuron,
    average,
    clip_gradients,
    fit,
    half_mean_squared_errors,
    per_sample_gradients,
    per_weight,
    softmax,
)
from nn.compare import compare_gradients
from nn.matrix import MatrixMLP


def numbers(*shape, seed=0):
    """Return nested lists of floats that fit into 32 bits, so that each wrapping holds the same numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32).tolist()


def each(wrap, items):
    """Wrap the numbers in nested lists one by one."""
    return [each(wrap, item) for item in items] if isinstance(items, list) else wrap(items)


def tuples(items):
    return tuple(map(tuples, items)) if isinstance(items, list) else items


WRAPPINGS = {
    "tuples": tuples,
    "array": np.array,
    "array of 32 bits": partial(np.array, dtype=np.float32),
    "array of objects": partial(np.array, dtype=object),
    "Fortran's array": partial(np.array, order="F"),
    "list of arrays": lambda items: list(np.array(items)),
    "NumPy's numbers": partial(each, np.float64),
    "NumPy's numbers of 32 bits": partial(each, np.float32),
    "objects that are NumPy's numbers": lambda items: np.array(each(np.float64, items), dtype=object),
    "arrays of no dimension": partial(each, np.array),
}
CLASSES = {
    "NumPy's integer": np.int64,
    "of 8 bits": np.uint8,
    "one-hot": lambda k: [float(j == k) for j in range(3)],
    "one-hot of integers": lambda k: [int(j == k) for j in range(3)],
    "one-hot tuple": lambda k: tuple(float(j == k) for j in range(3)),
    "one-hot array": lambda k: np.eye(3)[k],
    "one-hot array of 32 bits": lambda k: np.eye(3, dtype=np.float32)[k],
}

by_wrapping = pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
by_class = pytest.mark.parametrize("wrap", CLASSES.values(), ids=CLASSES)
by_cost = pytest.mark.parametrize("cost", COSTS)

X = numbers(6, 7)


def a_network(cost="mean_squared_error"):
    return MLP(7, [5, 3], output_activation="sigmoid" if cost == "binary_cross_entropy" else "linear", seed=3)


def targets_of(cost, n=6):
    if cost == "hinge":
        return [[(-1.0) ** (s + j) for j in range(3)] for s in range(n)]
    if "entropy" in cost:
        return np.random.default_rng(1).dirichlet(np.ones(3), size=n).astype(np.float32).tolist()
    return numbers(n, 3, seed=1)


# --- costs ------------------------------------------------------------------------------------


@by_cost
@by_wrapping
def test_costs(cost, wrap):
    outputs = [0.25, 0.7109375, 0.04296875] if cost == "binary_cross_entropy" else numbers(3)
    (targets,) = targets_of(cost, 1)
    values = [Value(a) for a in outputs]

    def digits(a, y):
        root = COSTS[cost](values, y)
        return repr((COSTS[cost](a, y), root.data, grad(root, values)))

    assert digits(wrap(outputs), wrap(targets)) == digits(outputs, targets)
    assert digits(outputs, wrap(targets)) == digits(wrap(outputs), targets) == digits(outputs, targets)


@by_class
def test_classes(wrap):
    outputs = numbers(3)
    values = [Value(a) for a in outputs]

    def digits(y):
        root = COSTS["cross_entropy"](values, y)
        in_loops = [function(outputs, y) for function in per_weight.COSTS["cross_entropy"]]
        return repr((root.data, grad(root, values), in_loops))

    assert [digits(wrap(k)) for k in range(3)] == [digits(k) for k in range(3)]


@by_wrapping
def test_costs_of_several_samples_and_softmax(wrap):
    outputs, targets = numbers(6, 3), numbers(6, 3, seed=1)

    assert repr(half_mean_squared_errors(wrap(outputs), wrap(targets))) == repr(
        half_mean_squared_errors(outputs, targets)
    )
    assert repr(average(wrap(numbers(9)))) == repr(average(numbers(9)))
    assert repr(softmax(wrap(numbers(9)))) == repr(softmax(numbers(9)))


# --- networks and training --------------------------------------------------------------------


@pytest.mark.parametrize("model", [Neuron(7, seed=0), Layer(7, 3, seed=0), a_network()], ids=repr)
@by_wrapping
def test_outputs(model, wrap):
    assert [repr(model(x)) for x in wrap(X)] == [repr(model(x)) for x in X]


@by_cost
@by_wrapping
def test_per_sample_gradients(cost, wrap):
    mlp, Y = a_network(cost), targets_of(cost)

    assert repr(per_sample_gradients(mlp, wrap(X), wrap(Y), cost)) == repr(
        per_sample_gradients(mlp, X, Y, cost)
    )


def trained(X, Y, cost, **options):
    mlp = a_network(cost)
    history = fit(mlp, X, Y, cost=cost, epochs=3, **options)
    return repr((history, mlp.state_dict()))


@pytest.mark.parametrize("engine", ["scalar", "lifted"])
@by_cost
@by_wrapping
def test_fit(cost, wrap, engine):
    Y = targets_of(cost)

    assert trained(wrap(X), wrap(Y), cost, engine=engine) == trained(X, Y, cost, engine=engine)


@by_class
def test_fit_to_classes(wrap):
    by_number = trained(X, [0, 1, 2] * 2, "cross_entropy")

    assert trained(X, [*map(wrap, [0, 1, 2] * 2)], "cross_entropy") == by_number


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.array])
def test_options_of_training(kind):
    def digits(wrap):
        results = []
        for optimizer in (
            partial(SGD, momentum=wrap(0.75), weight_decay=wrap(0.0625)),
            partial(Adam, betas=(wrap(0.75), wrap(0.9375)), epsilon=wrap(0.125), weight_decay=wrap(0.25)),
        ):
            mlp = a_network()
            fit(
                mlp,
                X,
                targets_of("mean_squared_error"),
                optimizer=optimizer(mlp.parameters(), learning_rate=wrap(rate)),
                schedule=lambda epoch: wrap(0.625**epoch),
                clip_norm=wrap(0.375),
                epochs=3,
            )
            clip_gradients(mlp.parameters(), wrap(0.125))
            results.append((mlp.state_dict(), [p.grad for p in mlp.parameters()]))
        return repr(results)

    rate = float(np.float32(0.1))
    assert digits(kind) == digits(float)


# --- evidence ---------------------------------------------------------------------------------


def compared(X, Y, cost):
    return repr(compare_gradients(a_network(cost), X, Y, cost).methods)


@by_cost
@by_wrapping
def test_compare_gradients(cost, wrap):
    Y = targets_of(cost)

    assert compared(wrap(X), wrap(Y), cost) == compared(X, Y, cost)


@by_class
def test_compare_gradients_of_classes(wrap):
    by_number = compared(X, [0, 1, 2] * 2, "cross_entropy")

    assert compared(X, [*map(wrap, [0, 1, 2] * 2)], "cross_entropy") == by_number


@pytest.mark.parametrize("wrap", [np.array, tuples, partial(each, np.int64)])
def test_whole_numbers_stay_exact(wrap):
    mlp = MLP(2, [1], "linear")
    for p in mlp.parameters():
        p.data = Fraction(10**12, 7)

    X, Y = [[10**12, 3], [5, 10**15]], [[1], [10**9]]
    report = compare_gradients(mlp, wrap(X), wrap(Y))

    assert repr(report.methods) == repr(compare_gradients(mlp, X, Y).methods)
    assert report.methods["engine"] == report.methods["loops"] == report.methods["matrix"]


# Objects are to the matrix formulas what exact numbers are, which no product of float arrays touches.
@by_cost
@pytest.mark.parametrize("name", [name for name in WRAPPINGS if "objects" not in name])
def test_matrix_formulas(cost, name):
    wrap = WRAPPINGS[name]
    network, Y = MatrixMLP.from_mlp(a_network(cost)), targets_of(cost)

    def digits(X, Y):
        found = network.gradients(X, Y, cost)
        return repr([[g.tolist() for g in found.weights], [g.tolist() for g in found.biases]])

    assert digits(wrap(X), wrap(Y)) == digits(X, Y)


# What has no single shape is a tuple here, whose entries are wrapped one by one.
W, B = (numbers(5, 7), numbers(4, 5), numbers(3, 4)), (numbers(5), numbers(4), numbers(3))
SIGMAS = ("tanh", "relu", "linear")
SLOPE = lambda a, y: 2 * (a - y)  # noqa: E731
Z, Y = numbers(4, seed=1), numbers(6, 3, seed=1)
LOOPS = {
    "average_gradients": (W, B, SIGMAS, X, Y, "mean_squared_error"),
    "bias_partial": (SLOPE, "tanh", Z, numbers(4), numbers(4, seed=2), 1),
    "bias_partial_by_jacobians": (numbers(9), numbers(9, 4), "tanh", Z, 1),
    "descend": (W, (numbers(5, 7, seed=1), *W[1:]), 0.1),
    "forward": (W, B, SIGMAS, X[0]),
    "four_layer_derivatives": (W, B, SIGMAS, X[0], Y[0]),
    "gradient_vector": (W, B, SIGMAS, X[0], Y[0], "mean_squared_error"),
    "gradients": (W, B, SIGMAS, X[0], Y[0], "mean_squared_error"),
    "half_mean_squared_errors": (numbers(6, 3), Y),
    "hidden_layer_error": ("tanh", Z, numbers(9, 4), numbers(9)),
    "layer_jacobian": (numbers(4, 9), "tanh", Z),
    "output_jacobian": (W, SIGMAS, B, 0),
    "previous_activation_partial": (SLOPE, "tanh", Z, numbers(4), numbers(4, seed=2), numbers(4, 9), 2),
    "weight_partial": (SLOPE, "tanh", Z, numbers(4), numbers(4, seed=2), numbers(9), 1, 2),
    "weight_partial_by_jacobians": (numbers(9), numbers(9, 4), "tanh", Z, X[0], 1, 2),
    "weighted_input": (W[0], B[0], X[0], 1),
    "weighted_input_partials": (W[0], X[0], 1, 2),
}


def wrapped(wrap, argument):
    if isinstance(argument, tuple):
        return tuple(wrapped(wrap, part) for part in argument)
    return wrap(argument) if isinstance(argument, list) else argument


def test_all_loops_over_nested_lists_are_here():
    of_one_number = {"relu", "relu_prime"}
    functions = {name for name in per_weight.__all__ if inspect.isfunction(getattr(per_weight, name))}
    assert functions - of_one_number == set(LOOPS)


@pytest.mark.parametrize("name", LOOPS)
@by_wrapping
def test_loops(name, wrap):
    function = getattr(per_weight, name)

    assert repr(function(*wrapped(wrap, LOOPS[name]))) == repr(function(*wrapped(list, LOOPS[name])))


def test_what_the_functions_of_a_pair_return():
    def digits(wrap):
        sigma = (lambda z: wrap(z * z), lambda z: wrap(2 * z))
        cost = (lambda a, y: sum(a), lambda a, y: wrap([p - q for p, q in zip(a, y, strict=True)]))
        return repr(per_weight.average_gradients(W, B, [sigma] * 3, X, Y, cost))

    assert digits(np.array) == digits(tuples) == digits(lambda numbers: numbers)


# --- the engine -------------------------------------------------------------------------------


@by_wrapping
def test_sums_of_the_engine(wrap):
    def digits(w, x):
        return repr([affine(w, x, w[0]), sumprod(w, x), fsum(x)])

    w, x = numbers(9), numbers(9, seed=1)
    assert digits(wrap(w), wrap(x)) == digits(w, x)
    assert digits([*map(Value, wrap(w))], wrap(x)) == digits([*map(Value, w)], x)


@pytest.mark.parametrize("kind", [np.float64, np.array])
def test_data_set_by_hand(kind):
    def digits(wrap):
        mlp, Y = a_network(), targets_of("mean_squared_error")
        random = Random(0)
        for p in mlp.parameters():
            p.data = wrap(random.gauss(0.0, 1.0))
        samples = per_sample_gradients(mlp, X, Y).mean
        return [float(a) for x in X for a in mlp(x)], {name: float(g) for name, g in samples.items()}

    assert digits(kind) == digits(float)
