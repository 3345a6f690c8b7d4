"""The diagnosis: every mistake of the catalogue is named by its name, and nothing else ever is.

The students' functions here are loops over lists, one number at a time, and share no code with the catalogue.
"""

# ruff: noqa: N801 - the names of wrong students are those of the mistakes

import itertools
import math
import random
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import MLP
from nn.compare import assert_gradients_match, compare_gradients
from nn.diagnosis.backward import Problem
from nn.diagnosis.catalogue import catalogue

# ------------------------------------------------------------------------------ a student who writes loops


def sigma(name, z):
    return {
        "tanh": lambda: math.tanh(z),
        "sigmoid": lambda: 1 / (1 + math.exp(-z)),
        "relu": lambda: max(z, 0.0),
        "leaky_relu": lambda: z if z > 0 else 0.01 * z,
        "linear": lambda: z,
    }[name]()


def slope(name, z):
    a = sigma(name, z)
    return {
        "tanh": 1 - a * a,
        "sigmoid": a * (1 - a),
        "relu": 1.0 if z > 0 else 0.0,
        "leaky_relu": 1.0 if z > 0 else 0.01,
        "linear": 1.0,
    }[name]


def by_a(name, a):
    return {"tanh": 1 - a * a, "sigmoid": a * (1 - a)}[name]


def softmax(z):
    exps = [math.exp(x - max(z)) for x in z]
    return [e / sum(exps) for e in exps]


def through_softmax(p, d):
    return [sum(d[i] * p[i] * ((i == j) - p[j]) for i in range(len(p))) for j in range(len(p))]


def cost_slopes(cost, a, y):
    n = len(a)
    if cost == "cross_entropy":
        return [p - t for p, t in zip(softmax(a), y, strict=True)]
    one = {
        "sum_squared_error": lambda a, y: 2 * (a - y),
        "mean_squared_error": lambda a, y: 2 * (a - y) / n,
        "half_squared_error": lambda a, y: a - y,
        "hinge": lambda a, y: -y if 1 - y * a > 0 else 0.0,
        "binary_cross_entropy": lambda a, y: (1 - y) / (1 - a) - y / a,
        "binary_cross_entropy_with_logits": lambda a, y: 1 / (1 + math.exp(-a)) - y,
    }[cost]
    return [one(p, t) for p, t in zip(a, y, strict=True)]


class Student:
    """Backpropagation by loops; a subclass has one method wrong, in some of the layers, counted from 1."""

    def __init__(self, names, cost, layers=(), **more):
        self.names, self.cost, self.layers = names, cost, layers
        self.__dict__.update(more)

    def __call__(self, weights, biases, X, Y):
        self.W, self.b = ([part.tolist() for part in parts] for parts in (weights, biases))
        self.L, self.n = len(self.W), len(X)
        self.dW = [[[0.0] * len(row) for row in w] for w in self.W]
        self.db = [[0.0] * len(b) for b in self.b]
        targets = np.eye(len(self.W[-1]))[Y] if Y.ndim == 1 and self.cost == "cross_entropy" else Y
        for s, (x, y) in enumerate(zip(X.tolist(), targets.tolist(), strict=True)):
            self.s, self.y = s, y
            self.sample(x)
        return self.finish(self.dW, self.db)

    def sample(self, x):
        self.a, self.z = [x], [None]
        for l in range(1, self.L + 1):
            z = [
                sum(w * a for w, a in zip(row, self.a[-1], strict=True)) + self.shift(l, j)
                for j, row in enumerate(self.W[l - 1])
            ]
            self.z.append(z)
            self.a.append([self.sigma(l, number) for number in z])
        d = self.output(self.a[-1], self.y)
        self.das = {}
        for l in range(self.L, 0, -1):
            self.das[l] = d
            dz = self.to_sum(l, d)
            self.add_weights(l, dz, self.scale_weights(l))
            self.add_biases(l, dz, self.scale_biases(l))
            if l > 1:
                d = self.back(l, dz)

    def shift(self, l, j):
        b = self.b[l - 1]
        return b[j % len(b)] if b else 0.0

    def wrong(self, l):
        return l in self.layers

    def sigma(self, l, z):
        return sigma(self.names[l - 1], z)

    def output(self, a, y):
        return cost_slopes(self.cost, a, y)

    def slope(self, l, j):
        return slope(self.names[l - 1], self.z[l][j])

    def to_sum(self, l, d):
        return [d[j] * self.slope(l, j) for j in range(len(d))]

    def scale_weights(self, l):
        return 1 / self.n

    def scale_biases(self, l):
        return 1 / self.n

    def weight(self, l, dz, j, k):
        return dz[j] * self.a[l - 1][k]

    def add_weights(self, l, dz, scale):
        for j, k in itertools.product(range(len(dz)), range(len(self.a[l - 1]))):
            self.dW[l - 1][j][k] += scale * self.weight(l, dz, j, k)

    def bias(self, l, dz, j):
        return dz[j]

    def add_biases(self, l, dz, scale):
        size = len(self.db[l - 1])
        for j in range(len(dz) if size else 0):
            self.db[l - 1][j % size] += scale * self.bias(l, dz, j)

    def back(self, l, dz):
        w = self.W[l - 1]
        return [sum(w[j][k] * dz[j] for j in range(len(dz))) for k in range(len(w[0]))]

    def finish(self, dW, db):
        return dW, db


WRONG = {}


def slip(*scopes, needs=lambda names, widths, cost, l: True, **more):
    """Enter a wrong student under its class's name, in lower case with underscores."""

    def enter(cls):
        WRONG[cls.__name__] = (cls, scopes, needs, more)
        return cls

    return enter


def replaced(method, otherwise):
    """Make a student of which one method is replaced in the wrong layers."""

    def enter(name, *scopes, **more):
        right = getattr(Student, method)

        def changed(self, l, *terms):
            return otherwise(self, l, *terms) if self.wrong(l) else right(self, l, *terms)

        slip(*scopes, **more)(type(name, (Student,), {method: changed}))

    return enter


def curved(names, widths, cost, l):
    return names[l - 1] != "linear"


def is_(*wanted):
    return lambda names, widths, cost, l: names[l - 1] in wanted


def square(names, widths, cost, l):
    return widths[l] == widths[l - 1] > 1


def of_cost(*wanted):
    return lambda names, widths, cost, l: cost in wanted


EACH, ALL, LAST, BACK = "each layer", "all layers", "the last layer", "each layer but the first"
SQUARES = ("sum_squared_error", "mean_squared_error", "half_squared_error")

# A factor too many, in everything, in the weights or in the biases.
for name, factor in (
    ("sign", lambda s: -1),
    ("mean_forgotten", lambda s: s.n),
    ("mean_twice", lambda s: 1 / s.n),
    ("factor_2", lambda s: 2),
    ("factor_half", lambda s: 0.5),
    ("outputs_twice", lambda s: 1 / len(s.y)),
    ("zero", lambda s: 0.0),
):

    def enter_factor(name, factor):
        weights = lambda self, l: factor(self) / self.n if self.wrong(l) else 1 / self.n  # noqa: E731
        for suffix, methods in (
            ("", {"scale_weights": weights, "scale_biases": weights}),
            ("@W", {"scale_weights": weights}),
            ("@b", {"scale_biases": weights}),
        ):
            needs = (
                (lambda names, widths, cost, l: widths[-1] > 1) if "outputs" in name else (lambda *_: True)
            )
            slip(EACH, ALL, needs=needs)(type(f"{name}{suffix}", (Student,), methods))

    enter_factor(name, factor)


@slip(ALL, needs=lambda names, widths, cost, l: cost == "mean_squared_error" and widths[-1] > 1)
class outputs_forgotten(Student):
    def output(self, a, y):
        return [2 * (p - t) for p, t in zip(a, y, strict=True)]


@slip(ALL, needs=lambda names, widths, cost, l: cost == "mean_squared_error" and widths[-1] > 1)
class means_forgotten(Student):
    def output(self, a, y):
        return [2 * (p - t) * self.n for p, t in zip(a, y, strict=True)]


@slip(EACH)
class constant(Student):
    def scale_weights(self, l):
        return (0.37 if self.wrong(l) else 1.0) / self.n

    scale_biases = scale_weights


replaced("slope", lambda s, l, j: 1.0)("slope_missing", EACH, ALL, needs=curved)
replaced("slope", lambda s, l, j: slope(s.names[l - 1], s.a[l][j]))("slope_at_a", EACH, ALL, needs=curved)
replaced("slope", lambda s, l, j: by_a(s.names[l - 1], s.z[l][j]))(
    "slope_formula_at_z", EACH, needs=is_("tanh", "sigmoid")
)
replaced("slope", lambda s, l, j: 1 - s.a[l][j])("slope_formula_wrong", EACH, needs=is_("tanh", "sigmoid"))
replaced("slope", lambda s, l, j: by_a("sigmoid", s.a[l][j]))(
    "slope_of_other_activation", EACH, needs=is_("tanh", "relu")
)
replaced("slope", lambda s, l, j: math.copysign(1.0, s.z[l][j]))(
    "sign_for_relu_slope", EACH, ALL, needs=is_("relu")
)
replaced("shift", lambda s, l, j: 0.0)("bias_left_out_forward", EACH, ALL)
replaced("sigma", lambda s, l, z: z)(
    "activation_left_out_forward",
    EACH,
    ALL,
    # Its cost is not defined for what is no probability.
    needs=lambda names, widths, cost, l: names[l - 1] != "linear" and cost != "binary_cross_entropy",
)


@slip(EACH, needs=lambda names, widths, cost, l: len(names) > 1 and names[l - 1] == "linear")
class other_activation(Student):
    def __init__(self, names, cost, layers=(), **more):
        super().__init__([names[0]] * len(names), cost, layers, **more)


replaced("sigma", lambda s, l, z: sigma(s.names[0], z))(
    "other_activation_forward",
    EACH,
    needs=lambda names, widths, cost, l: len(names) > 1 and names[l - 1] == "linear",
)


@slip(ALL, needs=of_cost("cross_entropy"))
class softmax_over_samples(Student):
    """A student with rows, for one number is not enough to sum over samples."""

    def __call__(self, weights, biases, X, Y):
        logits = []
        for x in X.tolist():
            for l, (w, b) in enumerate(zip(weights.copy(), biases, strict=True)):
                z = [sum(u * a for u, a in zip(row, x, strict=True)) + t for row, t in zip(w, b, strict=True)]
                x = [sigma(self.names[l], number) for number in z]
            logits.append(x)
        columns = [softmax([row[j] for row in logits]) for j in range(len(logits[0]))]
        self.p = [list(row) for row in zip(*columns, strict=True)]
        return super().__call__(weights, biases, X, Y)

    def output(self, a, y):
        return [p - t for p, t in zip(self.p[self.s], y, strict=True)]


replaced("slope", lambda s, l, j: slope(s.names[l - 1], s.z[l][j]) ** 2)("slope_twice", EACH, needs=curved)
replaced("slope", lambda s, l, j: s.a[l][j])("activation_for_slope", EACH, needs=curved)
replaced("slope", lambda s, l, j: slope(s.names[l], s.z[l + 1][j]))(
    "slope_of_other_layer",
    EACH,
    needs=lambda names, widths, cost, l: l < len(names) and widths[l] == widths[l + 1],
)
replaced("slope", lambda s, l, j: 1.0 if s.z[l + 1][j] > 0 else 0.0)(
    "relu_slope_of_next",
    EACH,
    needs=lambda names, widths, cost, l: (
        l < len(names) and names[l - 1] == "relu" and widths[l] == widths[l + 1]
    ),
)
replaced("slope", lambda s, l, j: 1.0 if s.z[l][j] > 0 else 0.0)(
    "leak_forgotten", EACH, ALL, needs=is_("leaky_relu")
)
replaced(
    "to_sum",
    lambda s, l, d: [sum(d[i] * s.slope(l, i) for i in range(len(d)))] * len(d),
)("dot_for_hadamard", EACH, needs=lambda names, widths, cost, l: widths[l] > 1)
replaced("bias", lambda s, l, dz, j: s.das[l][j])("bias_before_slope", EACH, needs=curved)
replaced("bias", lambda s, l, dz, j: sum(dz))(
    "bias_summed_over_neurons", EACH, needs=lambda names, widths, cost, l: widths[l] > 1
)
replaced("bias", lambda s, l, dz, j: dz[j] * sum(s.a[l - 1]))("bias_as_weights", EACH)
replaced("bias", lambda s, l, dz, j: dz[j] if s.s == s.n - 1 else 0.0)("bias_of_one_sample", EACH)
replaced(
    "back", lambda s, l, dz: [sum(s.W[l - 1][k][j] * dz[j] for j in range(len(dz))) for k in range(len(dz))]
)("weights_not_transposed", BACK, needs=square)
replaced(
    "back",
    lambda s, l, dz: [
        sum(s.W[l - 1][j][k] * s.das[l][j] for j in range(len(dz))) for k in range(len(s.W[l - 1][0]))
    ],
)("slope_missing_on_the_way", BACK, needs=curved)
replaced(
    "back", lambda s, l, dz: [sum(s.W[l][j][k] * dz[j] for j in range(len(dz))) for k in range(len(dz))]
)(
    "weights_of_neighbour",
    BACK,
    needs=lambda names, widths, cost, l: l < len(names) and widths[l - 1] == widths[l] == widths[l + 1],
)
replaced("back", lambda s, l, dz: dz)("weights_missing", BACK, needs=square)
replaced("weight", lambda s, l, dz, j, k: dz[k] * s.a[l - 1][j])("gradient_transposed", EACH, needs=square)
replaced("weight", lambda s, l, dz, j, k: s.das[l][j] * s.a[l - 1][k])(
    "weights_before_slope", EACH, needs=curved
)
replaced("weight", lambda s, l, dz, j, k: dz[j] * s.a[l][k])(
    "own_activation", EACH, needs=lambda names, widths, cost, l: widths[l] == widths[l - 1]
)
replaced("weight", lambda s, l, dz, j, k: dz[j] * s.z[l - 1][k])(
    "sum_for_activation", BACK, needs=lambda names, widths, cost, l: names[l - 2] != "linear"
)
replaced("weight", lambda s, l, dz, j, k: dz[j])("activation_missing", EACH)


@slip(ALL)
class only_last_sample(Student):
    def sample(self, x):
        self.dW = [[[0.0] * len(row) for row in w] for w in self.W]
        self.db = [[0.0] * len(b) for b in self.b]
        super().sample(x)

    def scale_weights(self, l):
        return 1.0

    scale_biases = scale_weights


@slip(ALL)
class only_first_sample(Student):
    def sample(self, x):
        if self.s == 0:
            super().sample(x)


@slip(ALL, needs=lambda names, widths, cost, l: cost != "binary_cross_entropy")
class targets_exchanged(Student):
    def output(self, a, y):
        return cost_slopes(self.cost, y, a)


@slip(ALL, needs=of_cost(*SQUARES))
class other_cost(Student):
    def output(self, a, y):
        return [-t if 1 - t * p > 0 else 0.0 for p, t in zip(a, y, strict=True)]


@slip(ALL, needs=lambda names, widths, cost, l: cost != "hinge")  # which has no slope at y = 0
class targets_forgotten(Student):
    def output(self, a, y):
        return cost_slopes(self.cost, a, [0.0] * len(y))


@slip(ALL, needs=of_cost(*SQUARES))
class cost_for_its_slope(Student):
    def output(self, a, y):
        return [(p - t) ** 2 for p, t in zip(a, y, strict=True)]


@slip(ALL, needs=lambda names, widths, cost, l: names[-1] != "linear" and cost in SQUARES)
class cost_of_sums(Student):
    def output(self, a, y):
        return cost_slopes(self.cost, self.z[-1], y)


@slip(ALL, needs=of_cost("binary_cross_entropy"))
class slope_contained(Student):
    def output(self, a, y):
        return [p - t for p, t in zip(a, y, strict=True)]


@slip(ALL, needs=of_cost("cross_entropy"))
class jacobian_twice(Student):
    def output(self, a, y):
        p = softmax(a)
        return through_softmax(p, [p_j - t for p_j, t in zip(p, y, strict=True)])


@slip(ALL, needs=of_cost("cross_entropy"))
class jacobian_left_out(Student):
    def output(self, a, y):
        return [-t / p for p, t in zip(softmax(a), y, strict=True)]


@slip(ALL, needs=of_cost("cross_entropy"))
class probabilities_for_logits(Student):
    def output(self, a, y):
        return [p - t for p, t in zip(softmax(softmax(a)), y, strict=True)]


@slip(ALL, needs=of_cost("cross_entropy", "binary_cross_entropy_with_logits"))
class logits_for_probabilities(Student):
    def output(self, a, y):
        return [p - t for p, t in zip(a, y, strict=True)]


@slip(ALL, needs=lambda names, widths, cost, l: len(names) > 1 and len(set(widths)) == 1)
class other_layers_place(Student):
    def finish(self, dW, db):
        return dW[::-1], db[::-1]


class weights_already_updated(Student):
    """A student whose batch step comes layer by layer: NumPy, for the whole batch at once."""

    def __call__(self, weights, biases, X, Y):
        A = [X]
        for w, b, name in zip(weights, biases, self.names, strict=True):
            A.append(np.vectorize(lambda z, name=name: sigma(name, z))(A[-1] @ w.T + b))
        d = np.array([cost_slopes(self.cost, a, y) for a, y in zip(A[-1], Y, strict=True)]) / len(X)
        dW, db = [], []
        for l in range(len(weights), 0, -1):
            z = A[l - 1] @ weights[l - 1].T + biases[l - 1]
            d = d * np.vectorize(lambda z, l=l: slope(self.names[l - 1], z))(z)
            dW.insert(0, d.T @ A[l - 1])
            db.insert(0, d.sum(axis=0))
            weights[l - 1] -= 0.25 * dW[0] * self.wrong(l)
            d = d @ weights[l - 1]
        return dW, db


slip(BACK, ALL, needs=lambda names, widths, cost, l: l > 1 and cost != "cross_entropy")(
    weights_already_updated
)


# ------------------------------------------------------------------------------ every mistake is named

SHAPES = [(2, (3,)), (3, (3, 3)), (2, (3, 2)), (2, (2, 2, 2)), (2, (3, 4, 1))]
COSTS_OF = {
    "sum_squared_error": "linear",
    "mean_squared_error": "tanh",
    "half_squared_error": None,
    "hinge": "linear",
    "binary_cross_entropy": "sigmoid",
    "binary_cross_entropy_with_logits": "linear",
    "cross_entropy": "linear",
}


def setting(n_in, widths, activation, cost, n, seed=0, bias="neuron", output=None):
    """Return a network and data on which no unit is dead for all samples, if that can be had."""
    output = output or COSTS_OF[cost] or activation
    stream = random.Random(seed)
    mlp = MLP(n_in, widths, activation, output, bias, seed=stream)
    for p in mlp.parameters():
        p.data = stream.gauss(0.1, 0.8)
    X = [[stream.gauss(0, 1) for _ in range(n_in)] for _ in range(n)]
    Y = [[stream.gauss(0, 1) for _ in range(widths[-1])] for _ in range(n)]
    if cost == "hinge":
        Y = [[stream.choice([-1.0, 1.0]) for _ in row] for row in Y]
    elif "binary" in cost:
        Y = [[float(stream.random() < 0.5) for _ in row] for row in Y]
    elif cost == "cross_entropy":
        Y = [stream.randrange(widths[-1]) for _ in range(n)]
    names = [activation] * (len(widths) - 1) + [output]
    return mlp, X, Y, names


def cases():
    for word, (cls, scopes, needs, more) in WRONG.items():
        for (n_in, widths), activation, cost in itertools.product(
            SHAPES, ("tanh", "sigmoid", "relu", "leaky_relu"), COSTS_OF
        ):
            if (cost == "cross_entropy" and widths[-1] < 2) or (
                activation == "leaky_relu" and word != "leak_forgotten"
            ):
                continue
            if cost not in SQUARES and word.partition("@")[0] in (
                "factor_2",
                "constant",
                "mean_twice",
                "zero",
            ):
                continue
            output = COSTS_OF[cost] or activation
            names = [activation] * (len(widths) - 1) + [output]
            fit = [l for l in range(1, len(widths) + 1) if needs(names, (n_in, *widths), cost, l)]
            chosen = []
            if EACH in scopes:
                chosen += [(l,) for l in fit]
            if BACK in scopes:
                chosen += [(l,) for l in fit if l > 1]
            if ALL in scopes and fit:
                chosen.append(tuple(fit))
            for layers in dict.fromkeys(chosen):
                yield word, cls, n_in, widths, activation, cost, layers, more


ALL_CASES = list(cases())
# All of them take a quarter of an hour: a few of each mistake, and others with each seed.
CASES = [
    case
    for word in WRONG
    for some in [[case for case in ALL_CASES if case[0] == word]]
    for case in random.Random(0).sample(some, min(5, len(some)))
]


def all_names(diagnosis):
    return [diagnosis.names, *diagnosis.alternatives]


def told(case, n):
    _, cls, n_in, widths, activation, cost, layers, more = case
    mlp, X, Y, names = setting(n_in, widths, activation, cost, n)
    student = cls(names, cost, layers, **more)
    student.__name__ = "backprop"
    return compare_gradients(mlp, X, Y, cost, backprop=student)


@pytest.mark.parametrize("word", WRONG)
@pytest.mark.parametrize("n", [1, 5])
def test_every_mistake_is_named_by_its_name(word, n):
    expected = word.partition("@")[0]
    named = 0
    for case in (case for case in CASES if case[0] == word):
        report = told(case, n)
        if report.diagnosis is None:
            # On this network the mistake makes no difference: a mean of one sample, a slope of 1.
            assert report.largest_differences("backprop")[0] < 1e-9, case
            continue
        names = all_names(report.diagnosis)
        assert (expected,) in names, (case, names, report.diagnosis.text)
        lines = report.diagnosis.text.splitlines()
        assert len(lines) <= 40, report.diagnosis.text
        assert max(map(len, lines)) <= 100, report.diagnosis.text
        named += 1
    assert named or n == 1


def test_the_slope_of_an_activation_that_the_network_has_nowhere_is_named():
    mlp, X, Y, names = setting(2, (3, 2), "relu", "half_squared_error", 5, output="linear")
    wrong = type("", (Student,), {"slope": lambda s, l, j: 1 - math.tanh(s.z[l][j]) ** 2 if l == 1 else 1.0})

    found = diagnosis(mlp, X, Y, "half_squared_error", wrong(names, "half_squared_error"))

    assert found.names == ("slope_of_other_activation",)
    assert "uses the slope of tanh in layer 1, which has relu" in found.text.replace("\n", " ")


def test_a_slope_of_hidden_layers_in_a_network_of_one_linear_layer_is_named():
    mlp, X, Y, names = setting(3, (2,), "linear", "half_squared_error", 5)
    wrong = type("", (Student,), {"slope": lambda s, l, j: 1 - s.a[l][j] ** 2})

    found = diagnosis(mlp, X, Y, "half_squared_error", wrong(names, "half_squared_error"))

    assert found.names == ("slope_of_other_activation",)


# ------------------------------------------------------------------------------ kinks, biases, shapes


def diagnosis(mlp, X, Y, cost, backprop):
    backprop.__name__ = "backprop"
    return compare_gradients(mlp, X, Y, cost, backprop=backprop).diagnosis


def test_the_slope_of_relu_at_0_is_a_matter_of_choice_and_told_as_such():
    wrong = type("", (Student,), {"slope": lambda s, l, j: 1.0 if l == 2 or s.z[l][j] >= 0 else 0.0})
    mlp, X, Y, names = setting(2, (3, 1), "relu", "half_squared_error", 3, output="linear")
    for b in (*mlp.biases(1), *mlp.biases(2)):
        b.data = 0.0
    X[1] = [0.0, 0.0]

    found = diagnosis(mlp, X, Y, "half_squared_error", wrong(names, "half_squared_error"))

    assert found.names == ("relu_slope_at_0",)
    assert "z ≥ 0" in found.text


@pytest.mark.parametrize("epsilon", [0.001, 0.5])
def test_epsilon_for_the_whole_derivative_is_erratum_2(epsilon):
    class Printed(Student):
        def weight(self, l, dz, j, k):
            return epsilon if self.z[l][j] == 0 and l == 1 else super().weight(l, dz, j, k)

        def bias(self, l, dz, j):
            return epsilon if self.z[l][j] == 0 and l == 1 else super().bias(l, dz, j)

    mlp, X, Y, names = setting(2, (3, 1), "relu", "half_squared_error", 3, output="linear")
    for b in (*mlp.biases(1), *mlp.biases(2)):
        b.data = 0.0
    X[1] = [0.0, 0.0]

    found = diagnosis(mlp, X, Y, "half_squared_error", Printed(names, "half_squared_error"))

    assert found.names == ("erratum_2",)
    assert f"ε = {epsilon} for the whole derivative" in found.text
    assert "document 004" in found.sentences[0]


class AsPrinted(Student):
    """Document 004, sections 9 and 10: the sums of (a − y)·w, and one condition on a product of sums of z."""

    def to_sum(self, l, d):
        def error(l):
            if l == self.L:
                return [a - y for a, y in zip(self.a[l], self.y, strict=True)]
            after = error(l + 1)
            w = self.W[l]
            return [sum(after[i] * w[i][j] for i in range(len(w))) for j in range(len(w[0]))]

        def condition(l):
            if l == self.L:
                return self.z[l]
            return [z * sum(condition(l + 1)) for z in self.z[l]]

        return [e if c > 0 else 0.0 for e, c in zip(error(l), condition(l), strict=True)]


@pytest.mark.parametrize("widths", [(3, 2), (3, 3, 2), (2, 2, 2, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_document_004_as_printed_is_erratum_1(widths, seed):
    mlp, X, Y, names = setting(2, widths, "relu", "half_squared_error", 6, seed=seed)

    found = diagnosis(mlp, X, Y, "half_squared_error", AsPrinted(names, "half_squared_error"))

    assert found is None or found.names == ("erratum_1",)
    assert found is None or "document 004 as printed (9.2, 10.2)" in found.sentences[0]


@pytest.mark.parametrize("widths", [(3, 2, 2), (3, 3, 2, 2), (2, 3, 3, 2, 2)])
def test_the_printed_chain_for_biases_is_erratum_3(widths):
    class Printed(Student):
        def bias(self, l, dz, j):
            lacks = l == self.L - 2 or 1 < l < self.L - 1
            return self.das[l][j] if lacks else dz[j]

    mlp, X, Y, names = setting(2, widths, "tanh", "half_squared_error", 4, output="linear")

    found = diagnosis(mlp, X, Y, "half_squared_error", Printed(names, "half_squared_error"))

    assert found.names == ("erratum_3",)
    assert "document 004 as printed (10.2)" in found.sentences[0]


def test_a_sum_that_ends_at_the_number_of_layers_is_erratum_4():
    class Printed(Student):
        def back(self, l, dz):
            w = self.W[l - 1]
            return [sum(w[j][k] * dz[j] for j in range(min(self.L - 1, len(dz)))) for k in range(len(w[0]))]

    mlp, X, Y, names = setting(2, (3, 4, 2), "tanh", "half_squared_error", 4, output="linear")

    assert diagnosis(mlp, X, Y, "half_squared_error", Printed(names, "half_squared_error")).names == (
        "erratum_4",
    )


@pytest.mark.parametrize(
    "share", [lambda d, j: d[j] / len(d), lambda d, j: d[0] * (j == 0), lambda d, j: d[-1] * (j == 0)]
)
def test_a_shared_bias_that_is_not_summed_is_told(share):
    wrong = type("", (Student,), {"bias": lambda s, l, dz, j: share(dz, j)})
    mlp, X, Y, names = setting(2, (3, 2), "tanh", "half_squared_error", 4, bias="layer", output="linear")

    found = diagnosis(mlp, X, Y, "half_squared_error", wrong(names, "half_squared_error"))

    assert found.names == ("shared_bias_not_summed",)
    assert "(E3)" in found.text


def in_rows(X, weights, biases):
    A = [X]
    for w, b in zip(weights[:-1], biases, strict=False):
        A.append(np.tanh(A[-1] @ w.T + b))
    return A, A[-1] @ weights[-1].T + biases[-1]


def test_a_matrix_product_for_hadamard_where_shapes_allow_it():
    def backprop(weights, biases, X, Y):
        (x, a), output = in_rows(X, weights, biases)
        d2 = (output - Y) / len(X)
        d1 = (d2 @ weights[1]) @ (1 - a**2)
        return [d1.T @ x, d2.T @ a], [d1.sum(axis=0), d2.sum(axis=0)]

    mlp, X, Y, _ = setting(2, (3, 2), "tanh", "half_squared_error", 3, output="linear")

    found = diagnosis(mlp, X, Y, "half_squared_error", backprop)

    assert found.names == ("matrix_product_for_hadamard",)
    assert "⊙" in found.text


def test_a_bias_summed_over_the_wrong_axis_where_shapes_allow_it():
    def backprop(weights, biases, X, Y):
        (x, a), output = in_rows(X, weights, biases)
        d2 = (output - Y) / len(X)
        d1 = (d2 @ weights[1]) * (1 - a**2)
        return [d1.T @ x, d2.T @ a], [d1.sum(axis=1), d2.sum(axis=0)]

    mlp, X, Y, _ = setting(2, (3, 2), "tanh", "half_squared_error", 3, output="linear")
    assert diagnosis(mlp, X, Y, "half_squared_error", backprop).names == ("bias_wrong_axis",)

    mlp, X, Y, _ = setting(2, (3, 2), "tanh", "half_squared_error", 4, output="linear")
    with pytest.raises(
        ValueError, match=r"of shape \(4,\) for b\[1\], .*one number for each sample, so the sum is over"
    ):
        diagnosis(mlp, X, Y, "half_squared_error", backprop)


# ------------------------------------------------------------------------------ what is no line of the pass


def hand(change=lambda dW, db: (dW, db)):
    """Return tanh, linear, C2 by NumPy, right but for a change of the result."""

    def backprop(weights, biases, X, Y):
        (x, a), output = in_rows(X, weights, biases)
        d2 = 2 * (output - Y) / Y.size
        d1 = d2 @ weights[1] * (1 - a**2)
        return change([d1.T @ x, d2.T @ a], [d1.sum(axis=0), d2.sum(axis=0)])

    return backprop


def hand_setting(n=5):
    mlp, X, Y, _ = setting(2, (3, 2), "tanh", "mean_squared_error", n, output="linear")
    return mlp, X, Y, "mean_squared_error"


def test_single_precision_is_no_mistake_and_told_as_what_it_is():
    def backprop(weights, biases, X, Y):
        parts = [[part.astype(np.float32) for part in parts] for parts in (weights, biases)]
        return hand()(*parts, X.astype(np.float32), Y.astype(np.float32))

    found = diagnosis(*hand_setting(), backprop)

    assert found.names == ("single_precision",)
    assert "float32" in found.text
    assert "rtol=1e-4" in found.text
    assert_gradients_match(*hand_setting(), backprop=backprop, rtol=1e-4)


def test_single_precision_hides_no_mistake():
    def backprop(weights, biases, X, Y):
        (x, a), output = in_rows(
            *(np.float32(X),), [np.float32(w) for w in weights], [np.float32(b) for b in biases]
        )
        d2 = 2 * (output - np.float32(Y)) / np.float32(Y.size)
        d1 = d2 @ np.float32(weights[1])
        return [d1.T @ x, d2.T @ a], [d1.sum(axis=0), d2.sum(axis=0)]

    found = diagnosis(*hand_setting(), backprop)

    assert found.names == ("slope_missing",)
    assert "single precision" in found.text
    assert "W², b² agree" in found.evidence


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_is_told_with_its_owner_its_place_and_its_sample():
    def backprop(weights, biases, X, Y):
        e = np.exp(X @ weights[0].T + biases[0])
        error = (e / e.sum(axis=1, keepdims=True) - np.eye(3)[Y]) / len(Y)
        return [error.T @ X], [error.sum(axis=0)]

    mlp, X, Y, _ = setting(2, (3,), "tanh", "cross_entropy", 4)
    assert diagnosis(mlp, X, Y, "cross_entropy", backprop) is None
    X[2] = [2000.0, 1.0]

    found = diagnosis(mlp, X, Y, "cross_entropy", backprop)

    assert found.names == ("not_a_number",)
    assert found.text.startswith("backprop returns NaN; by the engine every gradient is finite.")
    assert "Alone, sample 2 gives it." in found.text
    assert "in layer 1 for sample 2" in found.text


def test_nan_in_one_layer_is_placed():
    found = diagnosis(*hand_setting(), hand(lambda w, b: ([w[0] * np.nan, w[1]], b)))

    assert "On the way back it is first in all of W¹; W², b², b¹ are finite." in found.facts


def test_gradients_of_the_last_call_that_are_still_there_are_told():
    kept = []

    def backprop(weights, biases, X, Y):
        dW, db = hand()(weights, biases, X, Y)
        if not kept:
            kept.extend(np.zeros_like(part) for part in (*dW, *db))
        for total, part in zip(kept, (*dW, *db), strict=True):
            total += part
        return [part.copy() for part in kept[:2]], [part.copy() for part in kept[2:]]

    backprop(*hand_setting_arrays())
    found = diagnosis(*hand_setting(), backprop)

    assert found.names == ("not_zeroed",)
    assert "set them to zero" in found.text


def hand_setting_arrays():
    mlp, X, Y, _ = hand_setting()
    weights = [np.array([[w.data for w in row] for row in mlp.weights(l)]) for l in (1, 2)]
    biases = [np.array([b.data for b in mlp.biases(l)]) for l in (1, 2)]
    return weights, biases, np.array(X), np.array(Y)


def test_a_function_that_draws_at_random_is_told():
    stream = np.random.default_rng(0)

    found = diagnosis(*hand_setting(), hand(lambda w, b: ([part * stream.uniform() for part in w], b)))

    assert found.names == ("not_repeatable",)


def test_what_is_wrong_only_for_these_numbers_accuses_nobody():
    def backprop(weights, biases, X, Y):
        dW, db = hand()(weights, biases, X, Y)
        return [part * (2 if len(X) == 5 else 1) for part in dW], db

    found = diagnosis(*hand_setting(), backprop)

    assert found.names == ()
    assert "It is right on two random networks, with 4 and 6 samples: " in found.facts[0]
    assert "what is wrong comes of these numbers, or of there being 5 samples" in found.facts[0]


def test_a_constant_result_accuses_nobody():
    def backprop(weights, biases, X, Y):
        return [np.full(w.shape, 0.25) for w in weights], [np.full(b.shape, 20.0) for b in biases]

    assert diagnosis(*hand_setting(), backprop).names == ()


def test_a_function_that_fails_on_other_networks_accuses_nobody():
    first = []

    def backprop(weights, biases, X, Y):
        first.append(weights[0][0, 0])
        assert weights[0][0, 0] == first[0]
        return hand(lambda w, b: ([-part for part in w], [-part for part in b]))(weights, biases, X, Y)

    found = diagnosis(*hand_setting(), backprop)

    assert found.names == ()
    assert "W², b², W¹, b¹ are exactly −1 times the right ones" in found.text
    assert "No mistake is named" in found.text


def test_a_cost_that_other_networks_do_not_allow_accuses_nobody():
    mlp = MLP(1, [2, 1], "tanh", "tanh", seed=0)
    for p, number in zip(mlp.parameters(), (1.0, 1.0, 0.0, 0.0, 0.3, 0.3, 0.0), strict=True):
        p.data = number
    wrong = type("wrong", (Student,), {"output": lambda s, a, y: [-d for d in Student.output(s, a, y)]})

    found = diagnosis(
        mlp, [[1.0]], [[1.0]], "binary_cross_entropy", wrong(["tanh", "tanh"], "binary_cross_entropy")
    )

    assert found.names == ()
    assert "exactly −1 times the right ones" in found.evidence


def test_a_deep_network_of_relus_is_diagnosed_though_random_ones_are_often_dead():
    mlp, X, Y, names = setting(4, (4,) * 8, "relu", "half_squared_error", 8)
    wrong = type("wrong", (Student,), {"slope": lambda s, l, j: 1.0 if l == 3 else Student.slope(s, l, j)})

    assert diagnosis(mlp, X, Y, "half_squared_error", wrong(names, "half_squared_error")).names == (
        "slope_missing",
    )


# ------------------------------------------------------------------------------ shapes


def test_a_missing_transpose_is_told_with_the_two_arrays_by_name():
    def backprop(weights, biases, X, Y):
        (W1, W2), (b1, b2) = weights, biases
        a1 = np.tanh(X @ W1.T + b1)
        error = 2 * (a1 @ W2.T + b2 - Y) / Y.size
        delta = error @ W2.T * (1 - a1**2)
        return [delta.T @ X, error.T @ a1], [delta.sum(axis=0), error.sum(axis=0)]

    with pytest.raises(ValueError, match="matmul") as caught:
        in_rows(np.ones((5, 3)), [np.ones((3, 2))], [np.ones(3)])
    with pytest.raises(ValueError, match="backprop fails in line") as caught:
        compare_gradients(*hand_setting(), backprop=backprop)

    told = str(caught.value).replace("\n", " ")
    assert "error @ W2.T: error has shape (5, 2) and W2.T has shape (3, 2), 2 columns against 3 rows" in told
    assert "error @ W2 fits" in told
    assert "∂C/∂a¹ = (W²)ᵀ ∂C/∂z²" in told
    assert "(B4)" in told


def test_arrays_that_do_not_broadcast_are_told_by_name():
    def backprop(weights, biases, X, Y):
        a = X.T
        for W, b in zip(weights, biases, strict=True):
            a = np.tanh(W.dot(a) + b)
        return

    with pytest.raises(ValueError, match="backprop fails in line") as caught:
        compare_gradients(*hand_setting(), backprop=backprop)

    assert "W.dot(a) has shape (3, 5) and b has shape (3,)." in str(caught.value).replace("\n", " ")


def test_code_without_a_source_is_told_by_its_arrays():
    space = {"np": np}
    exec("def backprop(weights, biases, X, Y):\n    first = weights[0]\n    return X @ first", space)

    with pytest.raises(ValueError, match="backprop fails in line 3") as caught:
        compare_gradients(*hand_setting(), backprop=space["backprop"])

    assert "first (3, 2)" in str(caught.value)


def test_an_error_of_another_kind_stays_what_it_is():
    def backprop(weights, biases, X, Y):
        raise ValueError("no idea")

    with pytest.raises(ValueError, match=r"^no idea$"):
        compare_gradients(*hand_setting(), backprop=backprop)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda w, b: ([w[0].T, w[1]], b),
            r"of shape \(2, 3\) for w\[1\], which has shape \(3, 2\): it is transposed",
        ),
        (lambda w, b: (w, b[::-1]), r"for b\[1\], .*: the layers are in reverse order"),
        (lambda w, b: (w, [b[0], b[1][None]]), r"for b\[2\], .*: sum without keepdims"),
        (lambda w, b: (w, [np.ones((5, 3)), b[1]]), "one row for each sample; sum over the samples"),
        (lambda w, b: (w, [b[1], b[1]]), "it is that of layer 2"),
    ],
)
def test_a_wrong_shape_is_told_in_words(change, says):
    with pytest.raises(ValueError, match=says):
        compare_gradients(*hand_setting(), backprop=hand(change))


def test_a_shared_bias_that_is_not_summed_has_a_wrong_shape():
    mlp, X, Y, _ = setting(2, (3, 2), "tanh", "mean_squared_error", 5, bias="layer", output="linear")

    with pytest.raises(
        ValueError, match="the layer shares one bias, whose gradient is the sum over its neurons"
    ):
        compare_gradients(mlp, X, Y, backprop=hand())


# ------------------------------------------------------------------------------ pairs

MIXED = [
    *("sign", "mean_forgotten", "slope_missing", "mean_twice@b", "weights_before_slope", "bias_before_slope"),
    *("weights_not_transposed", "own_activation", "bias_summed_over_neurons", "slope_missing_on_the_way"),
]


AFTER_SLOPE = ("weights_before_slope", "bias_before_slope", "slope_missing_on_the_way")


def lines_of(word):
    return {name for name in WRONG[word][0].__dict__ if name in Student.__dict__ and name[0] != "_"}


def two_slips(first, second, names, cost, layers):
    """Return a student with two mistakes, each in its layers."""
    (one, *_), (other, *_) = WRONG[first], WRONG[second]

    def method(name):
        def call(self, *terms):
            # The other's method looks for the right one in Student, so that it needs its own layers only.
            for cls, where in ((one, layers[0]), (other, layers[1])):
                if name in cls.__dict__ and (terms[0] in where):
                    self.layers = where
                    return cls.__dict__[name](self, *terms)
            return getattr(Student, name)(self, *terms)

        return call

    methods = lines_of(first) | lines_of(second)
    return type("two", (Student,), {name: method(name) for name in methods})(names, cost)


# Of two in one line, and of a slope that is missing already, nothing is left to be named.
PAIRS = [
    (first, second)
    for first, second in itertools.combinations(MIXED, 2)
    if not lines_of(first) & lines_of(second) and (first != "slope_missing" or second not in AFTER_SLOPE)
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("widths", [(3, 3), (3, 3, 3)])
def test_two_mistakes_in_different_places_are_both_named(first, second, widths):
    every = tuple(range(1, len(widths) + 1))
    layers = [
        every if word in ("sign", "mean_forgotten", "mean_twice@b") else (2,) for word in (first, second)
    ]
    mlp, X, Y, names = setting(3, widths, "tanh", "half_squared_error", 5, output="tanh")

    found = diagnosis(
        mlp, X, Y, "half_squared_error", two_slips(first, second, names, "half_squared_error", layers)
    )

    expected = {first.partition("@")[0], second.partition("@")[0]}
    assert expected in [set(pair) for pair in all_names(found)], found.text
    lines = found.text.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100


# ------------------------------------------------------------------------------ functions of one's own


def test_a_mistake_is_named_with_activations_and_costs_of_ones_own_too():
    def square_slope(z):
        return 2 * z

    def backprop(weights, biases, X, Y):
        z = X @ weights[0].T + biases[0]
        output = z * z @ weights[1].T + biases[1]
        d2 = 4 * (output - Y) ** 3 / len(X)
        d1 = d2 @ weights[1]
        return [d1.T @ X, d2.T @ (z * z)], [d1.sum(axis=0), d2.sum(axis=0)]

    backprop.__name__ = "mine"
    mlp = MLP(2, [3, 1], lambda z: z * z, seed=0)
    cost = (lambda a, y: (a[0] - y[0]) ** 4, lambda a, y: [4 * (a[0] - y[0]) ** 3])
    pairs = [(lambda z: z * z, square_slope), "linear"]
    X, Y = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], [[0.5], [1.0], [0.0]]

    found = compare_gradients(mlp, X, Y, cost, backprop=backprop, activations=pairs).diagnosis

    assert found.names == ("slope_missing",)
    assert found.sentences == ("mine forgot σ′(z¹), the slope of σ, in layer 1.",)


def test_a_mistake_in_exact_numbers_is_named():
    mlp = MLP(2, [1], seed=0)
    for i, p in enumerate(mlp.parameters()):
        p.data = Fraction(i + 1, 3)

    def backprop(weights, biases, X, Y):
        assert {type(x) for array in (*weights, *biases, X, Y) for x in array.flat} <= {int, Fraction}
        error = X @ weights[0].T + biases[0] - Y
        return [error.T @ X], [error.sum(axis=0)]

    found = diagnosis(mlp, [[1, 2], [3, -1]], [[0], [Fraction(1, 2)]], "half_squared_error", backprop)

    assert found.names == ("mean_forgotten",)


def test_a_cost_beyond_the_floats_hides_nothing():
    mlp = MLP(1, [1], seed=0)
    for p in mlp.parameters():
        p.data = Fraction(10**200)

    def backprop(weights, biases, X, Y):
        error = X @ weights[0].T + biases[0] - Y
        return [error.T @ X * 2], [error.sum(axis=0)]

    with pytest.raises(AssertionError, match="1 of 2 gradients by backprop differ from the engine's"):
        assert_gradients_match(mlp, [[1]], [[0]], "half_squared_error", backprop=backprop)


@pytest.mark.parametrize("rtol", [0.0, 1e-12, 1e-3])
def test_the_finding_does_not_depend_on_the_tolerance(rtol):
    with pytest.raises(AssertionError, match=r"^backprop has the wrong sign in the gradients of all weights"):
        assert_gradients_match(
            *hand_setting(), backprop=hand(lambda w, b: ([-part for part in w], b)), rtol=rtol
        )


def test_the_report_shows_the_finding():
    report = compare_gradients(*hand_setting(), backprop=hand(lambda w, b: ([-part for part in w], b)))
    sentence = "backprop has the wrong sign in the gradients of all weights."

    assert report.diagnosis.sentences == (sentence,)
    assert all(sentence in shown for shown in (repr(report), str(report), report._repr_html_()))
    assert compare_gradients(*hand_setting(), backprop=hand()).diagnosis is None
    assert compare_gradients(*hand_setting()).diagnosis is None


# ------------------------------------------------------------------------------ nobody is accused wrongly

FLOATS = st.floats(-3, 3).filter(lambda x: min(abs(x - known) for known in (0, 1, -1, 2, 0.5)) > 0.01)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 16), FLOATS, st.integers(0, 3))
def test_a_random_factor_on_a_random_entry_has_no_name(entry, factor, seed):
    def wrong(dW, db):
        flat = np.concatenate([part.ravel() for part in (*dW, *db)])
        flat[entry] *= factor
        return [flat[:6].reshape(3, 2), flat[6:12].reshape(2, 3)], [flat[12:15], flat[15:]]

    mlp, X, Y, _ = setting(2, (3, 2), "tanh", "mean_squared_error", 4, seed=seed, output="linear")

    found = diagnosis(mlp, X, Y, "mean_squared_error", hand(wrong))

    assert found.names == ()
    assert "1 of 17 gradients" in found.text


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 1e-3, 1.0]), st.sampled_from(["tanh", "relu"]))
def test_noise_has_no_name(seed, size, activation):
    class Noisy(Student):
        def finish(self, dW, db):
            stream = np.random.default_rng(seed)  # the same in each call
            return [np.array(w) + size * stream.normal(size=np.shape(w)) for w in dW], db

    mlp, X, Y, names = setting(2, (3, 2), activation, "half_squared_error", 4)

    assert diagnosis(mlp, X, Y, "half_squared_error", Noisy(names, "half_squared_error")).names == ()


LINES = {
    "output": lambda s, power, *terms: [d * abs(d) ** power for d in Student.output(s, *terms)],
    "slope": lambda s, power, *terms: Student.slope(s, *terms) ** (1.3 + power) + 0.07,
    "weight": lambda s, power, *terms: Student.weight(s, *terms) + power * terms[1][terms[2]],
    "bias": lambda s, power, l, dz, j: dz[j] * (1 + power * j) + 0.01 * s.s,
    "back": lambda s, power, *terms: [d + power * sum(terms[1]) for d in Student.back(s, *terms)],
    "sigma": lambda s, power, l, z: (1 + power) * Student.sigma(s, l, z) + 0.01,
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(LINES)),
    FLOATS.map(abs),
    st.sampled_from(["tanh", "sigmoid", "relu"]),
    st.integers(0, 9),
)
def test_a_line_that_is_wrong_in_another_way_has_no_name(line, power, activation, seed):
    wrong = type("wrong", (Student,), {line: lambda s, *terms: LINES[line](s, power, *terms)})
    mlp, X, Y, names = setting(2, (3, 2), activation, "half_squared_error", 4, seed=seed)

    found = diagnosis(mlp, X, Y, "half_squared_error", wrong(names, "half_squared_error"))

    assert found is None or found.names == ()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(WRONG)), st.integers(0, 2**16), st.data())
def test_whatever_is_named_makes_these_numbers(word, seed, data):
    """With another network, the same mistake that was named makes the function's gradients again."""
    case = data.draw(st.sampled_from([case for case in ALL_CASES if case[0] == word]))
    _, cls, n_in, widths, activation, cost, layers, more = case
    mlp, X, Y, names = setting(n_in, widths, activation, cost, 3, seed=seed)
    found = diagnosis(mlp, X, Y, cost, cls(names, cost, layers, **more))

    if found is not None:
        assert (word.partition("@")[0],) in all_names(found), (case, found.text)


# ------------------------------------------------------------------------------ right functions pass


def loops(names, cost):
    return Student(names, cost)


def rows(names, cost):
    def backprop(weights, biases, X, Y):
        A = [X]
        for w, b in zip(weights, biases, strict=True):
            A.append(np.tanh(A[-1] @ w.T + b))
        d = (A[-1] - Y) / len(X) * (1 - A[-1] ** 2)
        dW, db = [], []
        for l in reversed(range(len(weights))):
            dW.insert(0, d.T @ A[l])
            db.insert(0, d.sum(axis=0))
            d = d @ weights[l] * (1 - A[l] ** 2)
        return dW, db

    return backprop


def columns(names, cost):
    def backprop(weights, biases, X, Y):
        A = [X.T]
        for w, b in zip(weights, biases, strict=True):
            A.append(np.tanh(w @ A[-1] + b[:, None]))
        d = (A[-1] - Y.T) * (1 - A[-1] * A[-1])
        dW, db = [], []
        for l in reversed(range(len(weights))):
            dW.append(d @ A[l].T / len(X))
            db.append(d.mean(axis=1))
            d = weights[l].T @ d * (1 - A[l] * A[l])
        return dW[::-1], db[::-1]

    return backprop


def einsum(names, cost):
    def backprop(weights, biases, X, Y):
        A = [X]
        for w, b in zip(weights, biases, strict=True):
            A.append(np.tanh(np.einsum("sk,jk->sj", A[-1], w) + b))
        slopes = [(1 - a) * (1 + a) for a in A]
        d = np.einsum("sj,sj->sj", A[-1] - Y, slopes[-1])
        dW, db = {}, {}
        for l in reversed(range(len(weights))):
            dW[l], db[l] = np.einsum("sj,sk->jk", d, A[l]) / len(X), np.einsum("sj->j", d) / len(X)
            d = np.einsum("sj,jk,sk->sk", d, weights[l], slopes[l])
        return [dW[l] for l in sorted(dW)], [db[l] for l in sorted(db)]

    return backprop


@pytest.mark.parametrize("style", [loops, rows, columns, einsum])
@pytest.mark.parametrize("scale", [1.0, 5.0, 20.0, 100.0])
@pytest.mark.parametrize("n", [1, 6])
def test_right_functions_of_every_style_pass_at_saturated_units_too(style, scale, n):
    mlp, X, Y, names = setting(2, (3, 3, 2), "tanh", "half_squared_error", n)
    for p in mlp.parameters():
        p.data *= scale

    assert_gradients_match(mlp, X, Y, "half_squared_error", backprop=style(names, "half_squared_error"))


@pytest.mark.parametrize("scale", [1.0, 10.0, 40.0])
def test_right_sigmoids_pass_where_they_are_saturated(scale):
    mlp, X, Y, names = setting(2, (3, 2), "sigmoid", "half_squared_error", 5)
    for p in mlp.parameters():
        p.data *= scale

    assert_gradients_match(mlp, X, Y, "half_squared_error", backprop=loops(names, "half_squared_error"))


# ------------------------------------------------------------------------------ the whole message


def test_the_message_begins_with_the_finding_and_ends_with_numbers():
    mlp = MLP(2, [2, 1])
    for i, p in enumerate(mlp.parameters()):
        p.data = (i % 4 - 1.5) / 2

    def backprop(weights, biases, X, Y):
        (x, a), output = in_rows(X, weights, biases)
        d2 = 2 * (output - Y) / len(X)
        d1 = len(X) * (d2 @ weights[1]) * (1 - a**2)
        return [d1.T @ x, d2.T @ a], [d1.sum(axis=0), d2.sum(axis=0)]

    X, Y = [[1.0, 2.0], [0.5, -1.0], [0.0, 1.0], [-1.0, 0.5], [1.0, 1.0]], [[1.0], [0.0], [0.5], [1.0], [0.0]]
    text = diagnosis(mlp, X, Y, "mean_squared_error", backprop).text

    head, formula, evidence, count, numbers = text.split("\n\n")
    assert head == "backprop forgot the mean over the samples in the gradients of layer 1: this is their sum."
    assert formula.splitlines() == ["  ∂C/∂w¹ = 1/n Σₛ ∂costₛ/∂w¹   (A5)", "           ^^^ missing"]
    assert evidence.replace("\n", " ").startswith(
        "W², b² agree; W¹, b¹ are exactly 5 times too large: there are 5 samples."
    )
    assert count.startswith("6 of 9 gradients by backprop differ from the engine's.")
    lines = numbers.splitlines()
    assert lines[0].startswith("The right ∂C/∂w¹")
    assert "Σ" not in lines[2]  # one neuron leads back
    assert lines[2].endswith("(B4)")
    assert lines[3].endswith("(B1)")
    assert lines[4].endswith("(B2)")
    assert lines[-2] == "  backprop makes the same of this sample alone."
    assert lines[-1].startswith("  The mean over the 5 samples is ")


def test_cross_entropy_shows_p_minus_y():
    def backprop(weights, biases, X, Y):
        e = np.exp(X @ weights[0].T + biases[0])
        error = np.eye(3)[Y] - e / e.sum(axis=1, keepdims=True)
        return [error.T @ X / len(Y)], [error.mean(axis=0)]

    mlp, X, Y, _ = setting(2, (3,), "linear", "cross_entropy", 4)

    text = diagnosis(mlp, X, Y, "cross_entropy", backprop).text

    assert "has the wrong sign everywhere" in text
    assert " = p" in text
    assert ", with p = softmax(z¹)   (A2)" in text
    assert "e^" not in text


@pytest.mark.parametrize("wrong", [lambda w, b: ([-w[0], w[1]], b), lambda w, b: ([w[0] + 1, w[1]], b)])
def test_a_large_network_is_diagnosed_at_once(wrong):
    stream = np.random.default_rng(0)
    mlp = MLP(64, [32, 10], seed=0)
    started = time.perf_counter()

    with pytest.raises(AssertionError, match=r"2048 of 2410 gradients|wrong sign in the gradient of W¹"):
        assert_gradients_match(
            mlp, stream.normal(size=(32, 64)), stream.normal(size=(32, 10)), backprop=hand(wrong)
        )

    # Half a second on a quiet machine.
    assert time.perf_counter() - started < 10


def test_the_catalogue_can_make_every_mistake_it_names():
    """Each name of the catalogue is one that a test names."""
    tested = {word.partition("@")[0] for word in WRONG} | {
        *("erratum_1", "erratum_2", "erratum_3", "erratum_4", "relu_slope_at_0", "shared_bias_not_summed"),
        *("matrix_product_for_hadamard", "bias_wrong_axis"),
    }
    named = set()
    for cost, activation in itertools.product(COSTS_OF, ("tanh", "relu", "leaky_relu")):
        for bias in (1, 3):
            weights, biases = [np.ones((3, 3))] * 3, [np.zeros(bias)] * 3
            zero = np.zeros((3, 3)) + (cost == "hinge") + 0.5 * ("binary" in cost)
            names = [activation, activation, "sigmoid" if cost == "binary_cross_entropy" else activation]
            problem = Problem(weights, biases, np.zeros((3, 3)), zero, names, cost)
            named |= {mistake.name for mistake in catalogue(problem)}

    assert named == tested
