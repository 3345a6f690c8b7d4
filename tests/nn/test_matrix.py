"""``nn.matrix`` against exact difference quotients, 50-digit derivatives by mpmath, and a proof by SymPy."""

import ast
import math
import operator
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from nn import matrix
from nn.matrix import ACTIVATIONS, COSTS, Activation, Dense, MatrixMLP


def exact(*shape: int, start: int = 0) -> Any:
    """Return an object array of unlike Fractions of both signs."""
    count = math.prod(shape)
    numbers = [Fraction((7 * k + 3) % 19 - 9, k % 5 + 2) for k in range(start, start + count)]
    return np.array(numbers, dtype=object).reshape(shape)


def is_exact(array: Any) -> bool:
    return all(isinstance(number, int | Fraction) for number in array.flat)


# ------------------------------------------------------------------------------------------ layers


@pytest.mark.parametrize("biases", [3, 1, 0], ids=["bias per neuron", "shared bias", "no bias"])
@pytest.mark.parametrize("x", [exact(2, start=40), exact(4, 2, start=40)], ids=["one sample", "batch"])
def test_the_derivatives_of_a_dense_layer_are_its_slopes(x: Any, biases: int) -> None:
    weights, bias = exact(3, 2), exact(biases, start=20)
    upstream = exact(*x.shape[:-1], 3, start=60)
    dense = Dense(weights, bias)
    dense.forward(x)

    dx = dense.backward(upstream)

    def cost(arrays: Sequence[Any]) -> Fraction:
        w, b, a = arrays
        return (upstream * Dense(w, b).forward(a)).sum()

    # Σ upstream ⊙ z is a line in each entry of W, b and x: the difference over a step of 1 is its slope.
    given = [weights, bias, x]
    for which, found in enumerate([dense.weights_gradient, dense.bias_gradient, dx]):
        assert found.shape == given[which].shape
        for place in np.ndindex(found.shape):
            moved = [array.copy() for array in given]
            moved[which][place] += 1
            assert found[place] == cost(moved) - cost(given)


def test_derivatives_belong_to_the_numbers_of_the_forward_pass() -> None:
    given = np.array([1.0, -1.0])
    dense, activation = Dense([[2.0, 3.0]], [1.0]), Activation("relu")
    dense.forward(given)
    activation.forward(given)

    given[:] = 100

    dense.backward([10.0])
    assert dense.weights_gradient.tolist() == [[10, -10]]
    assert activation.backward([1.0, 1.0]).tolist() == [1, 0]


def test_a_layer_owns_its_numbers() -> None:
    weights, bias, upstream = np.array([[2.0, 3.0]]), np.array([1.0]), np.array([10.0])
    dense = Dense(weights, bias)
    dense.forward([1.0, 1.0])
    dense.backward(upstream)

    for array in (weights, bias, upstream):
        array[:] = 0

    assert dense.forward([1.0, 1.0]).tolist() == [6]
    assert dense.bias_gradient.tolist() == [10]


# ------------------------------------------------------------------------------------------ whole networks

PRECISE_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda z: z,
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "relu": lambda z: z if z > 0 else 0 * z,
    "leaky_relu": lambda z: z if z > 0 else mpmath.mpf("0.01") * z,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "gelu": lambda z: z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2,
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
}


def total(term: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, y: sum(map(term, a, y))


PRECISE_COSTS: dict[str, Callable[[Any, Any], Any]] = {
    "sum_squared_error": total(lambda a, y: (a - y) ** 2),
    "mean_squared_error": lambda a, y: total(lambda p, q: (p - q) ** 2)(a, y) / len(a),
    "half_squared_error": total(lambda a, y: (a - y) ** 2 / 2),
    "hinge": total(lambda a, y: max(0, 1 - y * a)),
    "binary_cross_entropy": total(lambda a, y: -y * mpmath.log(a) - (1 - y) * mpmath.log(1 - a)),
    "binary_cross_entropy_with_logits": total(lambda a, y: mpmath.log(1 + mpmath.exp(a)) - y * a),
    "cross_entropy": lambda a, y: sum(y) * mpmath.log(sum(map(mpmath.exp, a))) - sum(map(operator.mul, a, y)),
}


def precise_cost(arrays: Sequence[Any], activations: Sequence[str], X: Any, Y: Any, cost: str) -> Any:
    """Return the average cost of a two-layer network of 50-digit numbers."""
    w1, b1, w2, b2 = arrays
    costs = []
    for x, y in zip(X, Y, strict=True):
        a = x
        for w, b, activation in [(w1, b1, activations[0]), (w2, b2, activations[1])]:
            a = [PRECISE_ACTIVATIONS[activation](z) for z in w @ a + b]
        costs.append(PRECISE_COSTS[cost](a, [mpmath.mpf(float(target)) for target in y]))
    return sum(costs) / len(costs)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_cost_to_50_digits(activation: str, cost: str) -> None:
    random = np.random.default_rng(1)
    # Dyadic numbers are the same number in floats and in 50 digits.
    arrays = [random.integers(-24, 25, shape) / 16 for shape in [(3, 2), (3,), (2, 3), (2,), (2, 2)]]
    *parameters, X = arrays
    Y = np.array([[1.0, 0.0], [0.25, 0.75]])
    # Probabilities need an output between 0 and 1.
    activations = [activation, "sigmoid" if cost == "binary_cross_entropy" else activation]
    network = MatrixMLP([parameters[0], parameters[2]], [parameters[1], parameters[3]], activations)

    found = network.gradients(X, Y, cost)

    by_array = [found.weights[0], found.biases[0], found.weights[1], found.biases[1], found.inputs]
    with mpmath.workdps(50):
        precise = [np.frompyfunc(mpmath.mpf, 1, 1)(array.astype(object)) for array in arrays]

        def cost_at(which: int, place: tuple[int, ...], value: Any) -> Any:
            moved = [array.copy() for array in precise]
            moved[which][place] = value
            return precise_cost(moved[:4], activations, moved[4], Y, cost)

        assert network.cost(X, Y, cost) == pytest.approx(
            float(cost_at(0, (0, 0), precise[0][0, 0])), rel=1e-13
        )
        for which, array in enumerate(by_array):
            for place in np.ndindex(array.shape):
                slope = mpmath.diff(lambda v, i=which, p=place: cost_at(i, p, v), precise[which][place])
                assert array[place] == pytest.approx(float(slope), rel=1e-12, abs=1e-15)


def test_a_network_agrees_with_finite_differences() -> None:
    random = np.random.default_rng(3)
    weights = [random.normal(size=(4, 3)), random.normal(size=(2, 4))]
    biases = [random.normal(size=1), random.normal(size=2)]
    X, classes = random.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])

    def cost() -> float:
        return float(MatrixMLP(weights, biases, ["gelu", "linear"]).cost(X, classes, "cross_entropy"))

    found = MatrixMLP(weights, biases, ["gelu", "linear"]).gradients(X, classes, "cross_entropy")

    h = 1e-5
    for array, gradient in zip([*weights, *biases], [*found.weights, *found.biases], strict=True):
        for place in np.ndindex(array.shape):
            here = array[place]
            array[place] = here + h
            above = cost()
            array[place] = here - h
            below = cost()
            array[place] = here
            assert gradient[place] == pytest.approx((above - below) / (2 * h), abs=1e-9)


def test_sympy_proves_the_gradients_of_a_small_tanh_network() -> None:
    tanh = (sympy.tanh, lambda z: 1 - sympy.tanh(z) ** 2)
    w, b, v, c = (np.array(sympy.symbols(names), dtype=object) for names in ("w:4", "b:2", "v:2", "c:1"))
    x, y = (np.array(sympy.symbols(names), dtype=object) for names in ("x:2", "y:1"))
    hidden = [sympy.tanh(w[0] * x[0] + w[1] * x[1] + b[0]), sympy.tanh(w[2] * x[0] + w[3] * x[1] + b[1])]
    cost = (sympy.tanh(v[0] * hidden[0] + v[1] * hidden[1] + c[0]) - y[0]) ** 2
    network = MatrixMLP([w.reshape(2, 2), v.reshape(1, 2)], [b, c], [tanh, tanh])

    found = network.gradients(x, y, "sum_squared_error")

    by_array = [found.weights[0], found.biases[0], found.weights[1], found.biases[1], found.inputs]
    for array, variables in zip(by_array, [w, b, v, c, x], strict=True):
        for partial, variable in zip(array.flat, variables, strict=True):
            assert sympy.expand(partial - sympy.diff(cost, variable)) == 0


# ---------------------------------------------------------------------- batches and costs


def exact_network(*bias_sizes: int) -> MatrixMLP:
    weights = [exact(3, 2), exact(2, 3, start=7)]
    biases = [exact(size, start=11 + size) for size in bias_sizes]
    return MatrixMLP(weights, biases, ["relu", "linear"])


RATIONAL_COSTS = ["sum_squared_error", "mean_squared_error", "half_squared_error", "hinge"]


@pytest.mark.parametrize("cost", RATIONAL_COSTS)
@pytest.mark.parametrize("bias_sizes", [(3, 2), (1, 1), (0, 0)])
def test_a_batch_is_the_mean_of_its_samples_exactly(cost: str, bias_sizes: tuple[int, ...]) -> None:
    network = exact_network(*bias_sizes)
    X, Y = exact(5, 2, start=30), exact(5, 2, start=50)
    samples = [network.gradients(x, y, cost) for x, y in zip(X, Y, strict=True)]

    found = network.gradients(X, Y, cost)

    for layer in range(2):
        weights = sum(sample.weights[layer] for sample in samples)
        biases = sum(sample.biases[layer] for sample in samples)
        assert (found.weights[layer] * 5 == weights).all()
        assert (found.biases[layer] * 5 == biases).all()
        assert found.biases[layer].shape == (bias_sizes[layer],)
    assert (found.inputs * 5 == np.array([sample.inputs for sample in samples])).all()
    assert network.cost(X, Y, cost) * 5 == sum(network.cost(x, y, cost) for x, y in zip(X, Y, strict=True))


@pytest.mark.parametrize("cost", [*RATIONAL_COSTS, "binary_cross_entropy"])
def test_fractions_stay_fractions_and_integers_beside_them_too(cost: str) -> None:
    network = MatrixMLP(
        [[[1, Fraction(1, 3)], [2, 0]], [[Fraction(1, 4), 0]]], [[0, 1], [0]], ["relu", "linear"]
    )
    X, Y = np.array([[1, 2], [0, 1]]), np.array([[1], [0]])

    found = network.gradients(X, Y, cost)

    assert all(map(is_exact, [*found.weights, *found.biases, found.inputs]))
    if cost in RATIONAL_COSTS:
        assert isinstance(network.cost(X, Y, cost), int | Fraction)


@pytest.mark.parametrize("cost", RATIONAL_COSTS)
def test_the_integer_zeros_of_dead_neurons_are_exact_too(cost: str) -> None:
    network = MatrixMLP([[[Fraction(-1, 3)], [-2]]], [[]], ["relu"])

    assert network.forward([1]).tolist() == [0, 0]
    assert is_exact(network.gradients([1], [1, 2], cost).weights[0])
    assert isinstance(network.cost([1], [1, 2], cost), int | Fraction)


def test_integers_alone_become_floats() -> None:
    found = MatrixMLP([[[1, 2]]], [[0]], ["linear"]).gradients([3, 4], [0], "sum_squared_error")
    assert found.weights[0].dtype == found.inputs.dtype == np.float64


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", [*ACTIVATIONS, (np.arctan, lambda z: 1 / (1 + z * z))])
def test_float32_stays_float32(activation: Any, cost: str) -> None:
    random = np.random.default_rng(2)
    arrays = [
        random.uniform(-1, 1, shape).astype(np.float32) for shape in [(3, 2), (3,), (2, 3), (2,), (4, 2)]
    ]
    w1, b1, w2, b2, X = arrays
    network = MatrixMLP([w1, w2], [b1, b2], [activation, "sigmoid"])

    found = network.gradients(X.tolist(), [[0, 1]] * 4, cost)

    assert {array.dtype for array in [*found.weights, *found.biases, found.inputs]} == {np.dtype(np.float32)}
    assert network.cost(X, [[0, 1]] * 4, cost).dtype == np.float32


@pytest.mark.parametrize("logits", [(0.3, -1.2, 2.0), (60.0, -3.0, 5.0), (1000.0, -1000.0, 999.0)])
@pytest.mark.parametrize("targets", [(1, 0, 0), (0, 1, 0), (0.2, 0.3, 0.5), (1, 1, 0)])
def test_softmax_with_cross_entropy_in_closed_form(
    logits: tuple[float, ...], targets: tuple[float, ...]
) -> None:
    cost, cost_gradient = COSTS["cross_entropy"]
    with mpmath.workdps(1000):
        e = [mpmath.exp(a) for a in logits]
        p = [e_j / sum(e) for e_j in e]
        value = -sum(y_j * mpmath.log(p_j) for p_j, y_j in zip(p, targets, strict=True) if y_j)
        gradient = [float(p_j * sum(targets) - y_j) for p_j, y_j in zip(p, targets, strict=True)]

    with np.errstate(all="raise"):
        assert cost(np.array(logits), np.array(targets)) == pytest.approx(float(value), rel=1e-14, abs=0)
        assert cost_gradient(np.array(logits), np.array(targets)) == pytest.approx(
            gradient, rel=1e-14, abs=1e-300
        )


def test_cross_entropy_of_equal_outputs() -> None:
    cost, cost_gradient = COSTS["cross_entropy"]
    a, y = np.full(4, 5.0), np.array([0.0, 0.0, 1.0, 0.0])
    assert cost(a, y) == pytest.approx(math.log(4))
    assert cost_gradient(a, y).tolist() == [0.25, 0.25, -0.75, 0.25]


def test_class_indices_stand_for_certain_classes() -> None:
    network = MatrixMLP([[[1.0, -2.0], [0.5, 3.0], [2.0, 2.0]]], [[]], ["linear"])
    X = np.array([[1.0, 2.0], [-1.0, 0.5]])
    certain = [[0, 0, 1], [1, 0, 0]]

    by_index = network.gradients(X, [2, 0], "cross_entropy")

    assert (by_index.weights[0] == network.gradients(X, certain, "cross_entropy").weights[0]).all()
    assert network.cost(X, [2, 0], "cross_entropy") == network.cost(X, certain, "cross_entropy")
    assert network.cost(X[0], 2, "cross_entropy") == network.cost(X[0], certain[0], "cross_entropy")


def test_a_cost_of_ones_own_is_a_pair_of_functions_of_one_sample() -> None:
    def cubes(a: Any, y: Any) -> Any:
        return sum((a_j - y) ** 3 for a_j in a)

    def cubes_gradient(a: Any, y: Any) -> list[Any]:
        return [3 * (a_j - y) ** 2 for a_j in a]

    network, X, Y = exact_network(3, 2), exact(2, 2, start=5), [Fraction(1, 2), 2]

    found = network.gradients(X, Y, (cubes, cubes_gradient))

    outputs = network.forward(X)
    upstream = [[3 * (a - y) ** 2 / 2 for a in row] for row, y in zip(outputs, Y, strict=True)]
    assert (found.weights[0] == network.backward(upstream).weights[0]).all()
    assert network.cost(X, Y, (cubes, cubes_gradient)) == ((outputs - np.array([Y]).T) ** 3).sum() / 2
    assert network.cost(X[0], Y[0], (cubes, cubes_gradient)) == ((outputs[0] - Y[0]) ** 3).sum()


# ------------------------------------------------------------------------------------------ the tails


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_neither_overflow_nor_lose_small_values(name: str) -> None:
    points = [-1e300, -1000.0, -300.0, -36.0, -1e-9, 1e-9, 0.4, 36.0, 300.0, 1000.0, 1e300]
    value, derivative = ACTIVATIONS[name]
    precise = PRECISE_ACTIVATIONS[name]

    with np.errstate(all="raise"):
        values, slopes = value(np.array(points)), derivative(np.array(points))

    assert np.isfinite(values).all()
    with mpmath.workdps(700):
        for k, z in enumerate(points):
            if abs(z) <= 1000:
                slope = mpmath.diff(precise, z, h=mpmath.mpf(10) ** -200)
                assert values[k] == pytest.approx(float(precise(mpmath.mpf(z))), rel=1e-12, abs=1e-290)
                assert slopes[k] == pytest.approx(float(slope), rel=1e-12, abs=1e-190)
    assert slopes[[0, -1]].tolist() == slopes[[1, -2]].tolist()


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("leaky_relu", 0.01), ("elu", 1)])
def test_the_chosen_derivatives_at_0(name: str, slope: float) -> None:
    assert ACTIVATIONS[name][1](np.array([0.0])).tolist() == [slope]


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy_with_logits"])
def test_costs_of_logits_do_not_overflow(name: str) -> None:
    cost, cost_gradient = COSTS[name]
    with np.errstate(all="raise"):
        assert cost(np.array([1000.0, -1000.0]), np.array([0.0, 1.0])) == pytest.approx(2000)
        assert cost_gradient(np.array([1000.0, -1000.0]), np.array([0.0, 1.0])).tolist() == [1, -1]
        assert cost(np.array([60.0, -60.0]), np.array([1.0, 0.0])) == pytest.approx(
            math.exp(-120) if name == "cross_entropy" else 2 * math.exp(-60), rel=1e-14, abs=0
        )


def test_binary_cross_entropy_skips_terms_of_weight_0() -> None:
    cost, cost_gradient = COSTS["binary_cross_entropy"]
    a, y = np.array([0.0, 1.0, 0.5]), np.array([0.0, 1.0, 1.0])
    with np.errstate(all="raise"):
        assert cost(a, y) == pytest.approx(math.log(2))
        assert cost_gradient(a, y).tolist() == [1, -1, -2]


def test_hinge_has_derivative_0_at_the_kink() -> None:
    _, hinge_gradient = COSTS["hinge"]
    assert hinge_gradient(np.array([1.0, 0.5, -1.0, 0.0]), np.array([1.0, 2.0, -1.0, 3.0])).tolist() == [
        0,
        0,
        0,
        -3,
    ]


# ---------------------------------------------------------------------- from a scalar network


def scalar_network(weights: Any, biases: Any, activations: Any) -> SimpleNamespace:
    """Return what a network of scalar objects shows of itself."""

    def nodes(nested: Any) -> Any:
        return [nodes(part) for part in nested] if isinstance(nested, list) else SimpleNamespace(data=nested)

    return SimpleNamespace(
        layers=[SimpleNamespace(activation=activation) for activation in activations],
        weights=lambda layer: nodes(weights[layer - 1]),
        biases=lambda layer: nodes(biases[layer - 1]),
    )


WEIGHTS = [[[Fraction(1, 2), -1], [3, 2]], [[1, Fraction(1, 3)]]]


@pytest.mark.parametrize("biases", [[[1, 2], [Fraction(1, 5)]], [[Fraction(1, 7)], [3]], [[], []]])
def test_from_mlp_reads_weights_biases_and_names(biases: Any) -> None:
    network = MatrixMLP.from_mlp(scalar_network(WEIGHTS, biases, ["relu", "linear"]))

    expected = MatrixMLP(WEIGHTS, biases, ["relu", "linear"]).gradients([2, 3], [1], "hinge")

    found = network.gradients([2, 3], [1], "hinge")
    assert [w.tolist() for w in found.weights] == [w.tolist() for w in expected.weights]
    assert [b.tolist() for b in found.biases] == [b.tolist() for b in expected.biases]


def test_from_mlp_asks_for_the_derivative_of_a_function() -> None:
    mlp = scalar_network(WEIGHTS, [[], []], ["relu", math.sin])

    with pytest.raises(ValueError, match=r"layer 2 is .*sin.* pass activations=\[\.\.\.\]"):
        MatrixMLP.from_mlp(mlp)

    network = MatrixMLP.from_mlp(mlp, activations=["linear", (math.sin, math.cos)])
    assert network.forward([2.0, 0.0]).tolist() == [math.sin(3)]


# ---------------------------------------------------------------------- what is wrong says so

ONE_LAYER = MatrixMLP([[[1.0, 2.0]]], [[0.0]], ["linear"])
TWO_CLASSES = MatrixMLP([[[1.0], [2.0]]], [[]], ["linear"])
SYMBOL = np.array([sympy.Symbol("z")], dtype=object)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ONE_LAYER.forward([1.0, 2.0, 3.0]), r"shape \(3,\) for weights of shape \(1, 2\)"),
        (lambda: ONE_LAYER.forward([[1.0], [2.0]]), r"shape \(2, 1\) for weights of shape \(1, 2\)"),
        (lambda: ONE_LAYER.forward(np.empty((0, 2))), r"shape \(0, 2\)"),
        (lambda: ONE_LAYER.forward(1.0), r"shape \(\) for weights"),
        (lambda: ONE_LAYER.forward([[1.0, 2.0], [3.0]]), r"X is ragged: \[\[1.0, 2.0\], \[3.0\]\]"),
        (lambda: ONE_LAYER.forward(["1", "2"]), "X = .* give real numbers"),
        (lambda: ONE_LAYER.cost([[1, 2]] * 3, [[1]] * 2, "hinge"), r"\(2, 1\) for outputs of shape \(3, 1\)"),
        (
            lambda: ONE_LAYER.gradients([[1, 2]] * 3, [1] * 3, "hinge"),
            r"\(3,\) for outputs of shape \(3, 1\)",
        ),
        (lambda: ONE_LAYER.cost([[1, 2]] * 3, [1], (max, max)), "Y has 1 targets for 3 samples"),
        (lambda: ONE_LAYER.cost([1, 2], [1], "mean_squared"), "no cost .* did you mean 'mean_squared_error'"),
        (lambda: ONE_LAYER.cost([1, 2], [1], "xyz"), "no cost 'xyz': there are sum_squared_error, "),
        (lambda: ONE_LAYER.cost([1, 2], [1], max), "is no cost: give a name or a pair"),
        (
            lambda: TWO_CLASSES.cost([1], 2, "cross_entropy"),
            "Y = 2 for 2 outputs: class indices are .* 0 … 1",
        ),
        (lambda: TWO_CLASSES.cost([[1]], [-1], "cross_entropy"), "class indices"),
        (lambda: TWO_CLASSES.cost([[1]], [0.5], "cross_entropy"), "class indices"),
        (lambda: TWO_CLASSES.cost([[1]], [[1, 2]], "binary_cross_entropy"), r"output \(0, 1\) = 2.0"),
        (lambda: Activation("sigmoyd"), "no activation 'sigmoyd': did you mean 'sigmoid'"),
        (lambda: Dense([1.0, 2.0], [0.0]), r"shape \(2,\): a layer's weights are a matrix"),
        (lambda: Dense([[1.0], [2.0], [3.0]], [1.0, 2.0]), r"\(2,\) for weights of shape \(3, 1\): give 3"),
        (
            lambda: MatrixMLP([[[1]], [[1, 2]]], [[], []], ["relu"] * 2),
            r"w\[2\] .* \(1, 2\) after .* \(1, 1\)",
        ),
        (lambda: MatrixMLP([[[1]]], [[0]], []), "1 weight matrices, 1 biases and 0 activations"),
        (lambda: MatrixMLP([[[1, 2], [3]]], [[]], ["relu"]), r"w\[1\] is ragged"),
    ],
)
def test_errors_name_what_was_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("layer", [Dense([[1.0]], []), Activation("relu")], ids=["dense", "activation"])
def test_backward_needs_a_forward_and_an_upstream_of_its_shape(layer: Any) -> None:
    with pytest.raises(RuntimeError, match="backward before forward"):
        layer.backward([1.0])

    layer.forward([[1.0], [2.0]])

    with pytest.raises(ValueError, match=r"upstream has shape \(2,\) .* shape \(2, 1\)"):
        layer.backward([1.0, 2.0])


def test_a_named_activation_that_computes_in_floats_says_what_to_give_for_symbols() -> None:
    with pytest.raises(TypeError, match=r"tanh computes in floats, and \[z\] .* give a pair of functions"):
        Activation("tanh").forward(SYMBOL)


def test_the_module_imports_nothing_but_numpy_and_the_standard_library() -> None:
    tree = ast.parse(Path(matrix.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name.name for node in imports if isinstance(node, ast.Import) for name in node.names}
    names |= {node.module or "." for node in imports if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in names} - {"numpy"} <= sys.stdlib_module_names
