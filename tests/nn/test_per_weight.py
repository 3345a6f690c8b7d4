"""Every formula that ``nn.per_weight`` writes as a loop, against the derivative that SymPy or mpmath finds.

Most proofs run on symbols, with an activation that is nothing but a name: what holds for it holds for all.
"""

import ast
import itertools
import math
import statistics
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
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import per_weight
from nn.matrix import MatrixMLP
from nn.per_weight import (
    ACTIVATIONS,
    COSTS,
    Gradients,
    average_gradients,
    bias_partial,
    bias_partial_by_jacobians,
    descend,
    forward,
    four_layer_derivatives,
    gradient_vector,
    gradients,
    half_mean_squared_errors,
    hidden_layer_error,
    layer_jacobian,
    output_jacobian,
    previous_activation_partial,
    relu,
    relu_prime,
    weight_partial,
    weight_partial_by_jacobians,
    weighted_input,
    weighted_input_partials,
)


class sigma(sympy.Function):  # noqa: N801
    """A layer's activation, of which nothing is known but that its derivative is called sigma_prime."""

    def fdiff(self, argindex: int = 1) -> Any:
        assert argindex == 2, "the layer's number is a constant"
        return sigma_prime(*self.args)


class sigma_prime(sympy.Function):  # noqa: N801
    pass


class cost_of(sympy.Function):  # noqa: N801
    """The cost of one output, of which nothing is known but that its derivative is called cost_prime."""

    def fdiff(self, argindex: int = 1) -> Any:
        assert argindex == 1, "targets are constants"
        return cost_prime(*self.args)


class cost_prime(sympy.Function):  # noqa: N801
    pass


def any_activation(layer: int) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return a pair (σ, σ′) that differs from every other layer's."""
    return (lambda z: sigma(layer, z)), (lambda z: sigma_prime(layer, z))


ANY = any_activation(1)
ANY_COST = (
    lambda outputs, targets: sum(map(cost_of, outputs, targets)),
    lambda outputs, targets: list(map(cost_prime, outputs, targets)),
)


def symbols(name: str, *shape: int) -> list[Any]:
    """Return nested lists of symbols, such as w[[w00, w01], [w10, w11]]."""
    if len(shape) == 1:
        return [sympy.Symbol(f"{name}{i}") for i in range(shape[0])]
    return [symbols(f"{name}{i}", *shape[1:]) for i in range(shape[0])]


def symbolic_network(*sizes: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Return weights, biases and activations of a network all of symbols."""
    layers = range(1, len(sizes))
    weights = [symbols(f"w{layer}_", sizes[layer], sizes[layer - 1]) for layer in layers]
    biases = [symbols(f"b{layer}_", sizes[layer]) for layer in layers]
    return weights, biases, [any_activation(layer) for layer in layers]


def output_of(weights: Sequence[Any], biases: Sequence[Any], activations: Sequence[Any], x: Any) -> Any:
    """Return a = σ(W … σ(W x + b) … + b), the network in matrix notation."""
    a = sympy.Matrix(x)
    for w, b, (activation, _) in zip(weights, biases, activations, strict=True):
        a = (sympy.Matrix(w) * a + sympy.Matrix(b)).applyfunc(activation)
    return a


def flat(nested: Any) -> list[Any]:
    return [number for part in nested for number in flat(part)] if isinstance(nested, list) else [nested]


def same(left: Any, right: Any) -> bool:
    """Whether nested lists hold equal expressions, number for number."""
    pairs = zip(flat(left), flat(right), strict=True)
    return all(sympy.expand(a - b) == 0 for a, b in pairs)


def derivatives(expression: Any, nested: Any) -> list[Any]:
    """Return ∂expression/∂symbol for each symbol of nested lists, by SymPy."""
    return [sympy.diff(expression, symbol) for symbol in flat(nested)]


# ---------------------------------------------------------------------------------------------------- A


def test_a3_a4_forward_is_the_network_in_matrix_notation() -> None:
    weights, biases, activations = symbolic_network(3, 2, 2)
    x = symbols("x", 3)

    zs, a = forward(weights, biases, activations, x)

    assert a[0] == x
    assert same(zs[0], list(sympy.Matrix(weights[0]) * sympy.Matrix(x) + sympy.Matrix(biases[0])))
    assert same(a[2], list(output_of(weights, biases, activations, x)))


def test_a1_a5_average_gradients_are_the_derivatives_of_the_average_cost() -> None:
    weights, biases, activations = symbolic_network(2, 1, 2)
    X, Y = symbols("x", 3, 2), symbols("y", 3, 2)
    costs = [
        sum(map(cost_of, output_of(weights, biases, activations, x), y)) for x, y in zip(X, Y, strict=True)
    ]
    average = sum(costs) / sympy.Integer(3)

    found = average_gradients(weights, biases, activations, X, Y, ANY_COST)

    assert same(found.weights, derivatives(average, weights))
    assert same(found.biases, derivatives(average, biases))
    assert same(found.inputs, derivatives(average, X))


@pytest.mark.parametrize("i", range(3))
@pytest.mark.parametrize("j", range(2))
def test_a6_partials_of_the_weighted_input(j: int, i: int) -> None:
    w, b, a = symbols("w", 2, 3), symbols("b", 2), symbols("a", 3)
    z = weighted_input(w, b, a, j)

    assert weighted_input_partials(w, a, j, i) == tuple(derivatives(z, [w[j][i], b[j], a[i]]))


@pytest.fixture
def last_layer() -> SimpleNamespace:
    """Return one layer of symbols with its cost, for A7, A8 and A9."""
    w, b, a_previous, y = symbols("w", 2, 3), symbols("b", 2), symbols("p", 3), symbols("y", 2)
    z = list(sympy.Matrix(w) * sympy.Matrix(a_previous) + sympy.Matrix(b))
    a = [sigma(1, z_j) for z_j in z]
    cost = sum(map(cost_of, a, y))
    return SimpleNamespace(w=w, b=b, a_previous=a_previous, z=z, a=a, cost=cost, output=(ANY, z, a, y))


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("i", range(2))
def test_a7_weight_partial(i: int, k: int, last_layer: SimpleNamespace) -> None:
    found = weight_partial(cost_prime, *last_layer.output, last_layer.a_previous, i, k)
    assert same(found, sympy.diff(last_layer.cost, last_layer.w[i][k]))


@pytest.mark.parametrize("i", range(2))
def test_a8_bias_partial(i: int, last_layer: SimpleNamespace) -> None:
    found = bias_partial(cost_prime, *last_layer.output, i)
    assert same(found, sympy.diff(last_layer.cost, last_layer.b[i]))


@pytest.mark.parametrize("k", range(3))
def test_a9_previous_activation_partial(k: int, last_layer: SimpleNamespace) -> None:
    found = previous_activation_partial(cost_prime, *last_layer.output, last_layer.w, k)
    assert same(found, sympy.diff(last_layer.cost, last_layer.a_previous[k]))


# ---------------------------------------------------------------------------------------------------- C


def test_c1_sigmoid_keeps_its_digits_where_it_is_small() -> None:
    sigmoid, _ = ACTIVATIONS["sigmoid"]
    with mpmath.workdps(50):
        for z in (-700.0, -40.0, -1e-9, 0.0, 2.5, 40.0):
            assert sigmoid(z) == pytest.approx(float(1 / (1 + mpmath.exp(-mpmath.mpf(z)))), rel=1e-15, abs=0)


def test_c2_mean_squared_error_and_its_gradient_are_exact() -> None:
    a, y = symbols("a", 3), symbols("y", 3)
    cost, cost_gradient = COSTS["mean_squared_error"]

    assert same(
        cost_gradient(a, y),
        derivatives(sum((p - q) ** 2 for p, q in zip(a, y, strict=True)) / sympy.Integer(3), a),
    )
    assert cost([1, 2, 4], [0, 0, 0]) == 7
    assert cost_gradient([1, 2, 4], [0, 0, 0]) == [Fraction(2, 3), Fraction(4, 3), Fraction(8, 3)]


@pytest.mark.parametrize("sizes", [(2, 2, 1), (1, 2, 1, 2)])
def test_c3_gradient_vector_stacks_the_derivative_of_every_parameter(sizes: tuple[int, ...]) -> None:
    weights, biases, activations = symbolic_network(*sizes)
    x, y = symbols("x", sizes[0]), symbols("y", sizes[-1])
    cost = sum(map(cost_of, output_of(weights, biases, activations, x), y))
    parameters = [parameter for layer in zip(weights, biases, strict=True) for parameter in flat(list(layer))]

    found = gradient_vector(weights, biases, activations, x, y, ANY_COST)

    assert same(found, derivatives(cost, parameters))


def test_c4_layer_jacobian() -> None:
    (w,), (b,), _ = symbolic_network(3, 2)
    a = symbols("a", 3)
    z = list(sympy.Matrix(w) * sympy.Matrix(a) + sympy.Matrix(b))

    found = layer_jacobian(w, ANY, z)

    assert same(found, output_of([w], [b], [ANY], a).jacobian(a).tolist())


@pytest.mark.parametrize("layer", range(4))
def test_c5_output_jacobian_is_the_product_of_the_jacobians_last_layer_first(layer: int) -> None:
    sizes = (2, 1, 3, 2)
    weights, biases, activations = symbolic_network(*sizes)
    # Layer l's activations are taken as the symbols a, and the network is run from there.
    a = symbols("a", sizes[layer])
    later_zs, _ = forward(weights[layer:], biases[layer:], activations[layer:], a) if layer < 3 else ([], [])

    found = output_jacobian(weights, activations, [[]] * layer + later_zs, layer)

    assert same(
        found, output_of(weights[layer:], biases[layer:], activations[layer:], a).jacobian(a).tolist()
    )


@pytest.mark.parametrize(("layer", "A", "B"), [(1, 0, 1), (1, 1, 0), (2, 1, 1), (3, 0, 1)])
def test_c6_one_weight_and_one_bias_by_the_product_of_jacobians(layer: int, A: int, B: int) -> None:
    weights, biases, activations = symbolic_network(2, 2, 2, 1)
    x, y = symbols("x", 2), symbols("y", 1)
    cost = cost_of(output_of(weights, biases, activations, x)[0], y[0])
    zs, a = forward(weights, biases, activations, x)
    dC_da = [cost_prime(a[3][0], y[0])]
    jacobian = output_jacobian(weights, activations, zs, layer)

    by_weight = weight_partial_by_jacobians(
        dC_da, jacobian, activations[layer - 1], zs[layer - 1], a[layer - 1], A, B
    )
    by_bias = bias_partial_by_jacobians(dC_da, jacobian, activations[layer - 1], zs[layer - 1], A)

    assert same(by_weight, sympy.diff(cost, weights[layer - 1][A][B]))
    assert same(by_bias, sympy.diff(cost, biases[layer - 1][A]))


# ---------------------------------------------------------------------------------------------------- D


@pytest.fixture(scope="module")
def four_layers() -> tuple[Any, Callable[[str], list[Any]]]:
    """Return the eight derivatives of a network of symbols, and what SymPy says they are."""
    (w2, w3, w4), (b2, b3, b4), activations = symbolic_network(2, 2, 2, 2)
    a1, a2, a3, y = symbols("x", 2), symbols("p", 2), symbols("q", 2), symbols("y", 2)
    a2_value = output_of([w2], [b2], activations[:1], a1)
    a3_value = output_of([w3], [b3], activations[1:2], a2_value)

    def cost(a4: Any) -> Any:
        return sum((a_j - y_j) ** 2 for a_j, y_j in zip(a4, y, strict=True))

    # The cost as a function of a³ alone, of a² alone, and of the parameters before them
    of_a3 = cost(output_of([w4], [b4], activations[2:], a3))
    of_a2 = cost(output_of([w3, w4], [b3, b4], activations[1:], a2))
    of_all = cost(output_of([w2, w3, w4], [b2, b3, b4], activations, a1))
    at_a3, at_a2 = dict(zip(a3, a3_value, strict=True)), dict(zip(a2, a2_value, strict=True))
    parameters = {"w4": w4, "b4": b4, "w3": w3, "b3": b3, "w2": w2, "b2": b2}

    def by_sympy(name: str) -> list[Any]:
        if name == "a3":
            return [partial.subs(at_a3) for partial in derivatives(of_a3, a3)]
        if name == "a2":
            return [partial.subs(at_a2) for partial in derivatives(of_a2, a2)]
        return derivatives(of_all, parameters[name])

    return four_layer_derivatives([w2, w3, w4], [b2, b3, b4], activations, a1, y), by_sympy


@pytest.mark.parametrize(
    "name", ["w4", "b4", "a3", "w3", "b3", "a2", "w2", "b2"], ids=[f"d{number}" for number in range(1, 9)]
)
def test_d1_to_d8_are_the_derivatives_of_the_cost(name: str, four_layers: Any) -> None:
    found, by_sympy = four_layers
    assert same(getattr(found, name), by_sympy(name))


# ---------------------------------------------------------------------------------------------------- E


@pytest.mark.parametrize("epsilon", [0, 1, Fraction(1, 3)])
def test_e1_relu_prime_is_the_slope_away_from_0_and_between_the_slopes_at_0(epsilon: Any) -> None:
    def slope(z: Fraction, h: Fraction) -> Fraction:
        return Fraction(relu(z + h) - relu(z)) / h

    h = Fraction(1, 10**9)
    for z in (Fraction(-3), Fraction(-1, 10**6), Fraction(1, 10**6), Fraction(3)):
        assert relu_prime(z, epsilon) == slope(z, h) == slope(z, -h)
    assert relu_prime(0, epsilon) == epsilon
    assert slope(Fraction(0), -h) <= epsilon <= slope(Fraction(0), h)


def test_e1_epsilon_multiplies_the_other_factors() -> None:
    epsilon = Fraction(1, 2)
    at_kink = (relu, lambda z: relu_prime(z, epsilon))
    # z = 2·3 − 6 = 0. A line of slope ε through 0 has the same value and the same slope there.
    line = (lambda z: epsilon * z, lambda z: epsilon)

    found = gradients([[[2]]], [[-6]], [at_kink], [3], [5], "half_squared_error")

    assert found == gradients([[[2]]], [[-6]], [line], [3], [5], "half_squared_error")
    assert found.weights == [[[-5 * epsilon * 3]]]


def test_e2_the_cost_vector_has_one_entry_per_output_and_sums_to_the_average_cost() -> None:
    outputs: list[list[Any]] = [[Fraction(1, 3), 2], [5, Fraction(-1, 7)], [0, 1]]
    targets: list[list[Any]] = [[1, 1], [Fraction(1, 2), 0], [4, 0]]
    half_squared_error, _ = COSTS["half_squared_error"]

    found = half_mean_squared_errors(outputs, targets)

    by_output = zip(zip(*outputs, strict=True), zip(*targets, strict=True), strict=True)
    assert found == [
        statistics.mean(Fraction(y - a) ** 2 for a, y in zip(*column, strict=True)) / 2
        for column in by_output
    ]
    assert sum(found) == statistics.mean(map(half_squared_error, outputs, targets))


@pytest.mark.parametrize(("shape", "expected"), [("neuron", 2), ("layer", 1), ("none", 0)])
def test_e3_a_shared_bias_collects_the_sum_of_its_neurons(shape: str, expected: int) -> None:
    weights, per_neuron, activations = symbolic_network(2, 2, 2)
    biases = {
        "neuron": per_neuron,
        "layer": [[sympy.Symbol("b1")], [sympy.Symbol("b2")]],
        "none": [[], []],
    }[shape]
    spread = [[*b, *b] if len(b) == 1 else b or [0, 0] for b in biases]
    x, y = symbols("x", 2), symbols("y", 2)
    cost = sum(map(cost_of, output_of(weights, spread, activations, x), y))

    found = gradients(weights, biases, activations, x, y, ANY_COST)
    stacked = gradient_vector(weights, biases, activations, x, y, ANY_COST)

    assert [len(b) for b in found.biases] == [expected, expected]
    assert same(found.biases, derivatives(cost, biases))
    assert same(found.weights, derivatives(cost, weights))
    assert same(stacked[4 : 4 + expected], derivatives(cost, biases[0]))


def test_e4_descend_subtracts_the_learning_rate_times_the_gradient() -> None:
    # For C = ½ Σ P² the gradient is P itself, and a step leaves (1 − α) P.
    parameters = [[[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]], [Fraction(5)]]

    found = descend(parameters, parameters, Fraction(1, 4))

    assert found == [[[Fraction(3, 4), Fraction(3, 2)], [Fraction(9, 4), Fraction(3)]], [Fraction(15, 4)]]
    assert parameters == [[[1, 2], [3, 4]], [5]]


def test_e5_the_error_of_a_layer_is_the_derivative_by_its_weighted_inputs() -> None:
    weights, biases, (activation, _) = symbolic_network(1, 2, 3)
    z, y = symbols("z", 2), symbols("y", 3)
    a = [sigma(1, z_j) for z_j in z]
    next_z = list(sympy.Matrix(weights[1]) * sympy.Matrix(a) + sympy.Matrix(biases[1]))
    next_a = [sigma(2, z_i) for z_i in next_z]
    cost = sum(map(cost_of, next_a, y))
    next_error = [
        cost_prime(a_i, y_i) * sigma_prime(2, z_i) for a_i, y_i, z_i in zip(next_a, y, next_z, strict=True)
    ]

    found = hidden_layer_error(activation, z, weights[1], next_error)

    assert same(found, derivatives(cost, z))


def test_e5_recursion_down_to_the_first_layer_and_the_input() -> None:
    weights, biases, activations = symbolic_network(2, 2, 1, 2)
    x, y = symbols("x", 2), symbols("y", 2)
    cost = sum(map(cost_of, output_of(weights, biases, activations, x), y))

    found = gradients(weights, biases, activations, x, y, ANY_COST)

    assert same(found.weights, derivatives(cost, weights))
    assert same(found.biases, derivatives(cost, biases))
    assert same(found.inputs, derivatives(cost, x))


# ---------------------------------------------------------------------------------- numbers of every kind


def exact(nested: Any) -> bool:
    return all(isinstance(number, int | Fraction) for number in flat(nested))


def test_a_polynomial_network_of_fractions_has_the_exact_derivatives() -> None:
    square = (lambda z: z**2, lambda z: 2 * z)
    weights, biases, _ = symbolic_network(2, 2, 1)
    at = [Fraction(numerator, 7) for numerator in (3, -2, 5, 1, -4, 6, 2, -1, 8)]
    parameters = flat([weights, biases])
    values = dict(zip(parameters, map(sympy.Rational, at), strict=True))
    hidden = (sympy.Matrix(weights[0]) * sympy.Matrix([1, -3]) + sympy.Matrix(biases[0])).applyfunc(
        lambda z: z**2
    )
    output = (sympy.Matrix(weights[1]) * hidden)[0] + biases[1][0]
    by_sympy = [sympy.diff((output - 2) ** 2, parameter).subs(values) for parameter in parameters]
    number_of = dict(zip(parameters, at, strict=True))

    found = gradients(
        [[[number_of[w] for w in row] for row in rows] for rows in weights],
        [[number_of[b] for b in layer] for layer in biases],
        [square, "linear"],
        [1, -3],
        [2],
        "mean_squared_error",
    )

    assert exact(list(found))
    assert flat([found.weights, found.biases]) == [Fraction(int(d.p), int(d.q)) for d in by_sympy]


fractions = st.fractions(min_value=-3, max_value=3, max_denominator=8)


@st.composite
def relu_problems(draw: st.DrawFn) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Draw a network of 1 to 3 layers with biases of every kind, and a batch of 1 to 3 samples."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))

    def numbers(n: int) -> list[Fraction]:
        return draw(st.lists(fractions, min_size=n, max_size=n))

    weights = [[numbers(before) for _ in range(n)] for before, n in itertools.pairwise(sizes)]
    biases = [numbers(draw(st.sampled_from([0, 1, n]))) for n in sizes[1:]]
    samples = draw(st.integers(1, 3))
    return (
        weights,
        biases,
        [numbers(sizes[0]) for _ in range(samples)],
        [numbers(sizes[-1]) for _ in range(samples)],
    )


@given(problem=relu_problems(), cost=st.sampled_from(["mean_squared_error", "half_squared_error", "hinge"]))
@settings(max_examples=60, deadline=None)
def test_loops_and_matrices_give_the_same_fractions(problem: Any, cost: str) -> None:
    weights, biases, X, Y = problem
    activations = ["relu"] * len(weights)

    by_loops = average_gradients(weights, biases, activations, X, Y, cost)
    by_matrices = MatrixMLP(weights, biases, activations).gradients(X, Y, cost)

    assert exact(list(by_loops))
    assert by_loops.weights == [w.tolist() for w in by_matrices.weights]
    assert by_loops.biases == [b.tolist() for b in by_matrices.biases]
    assert by_loops.inputs == by_matrices.inputs.tolist()


@given(problem=relu_problems())
@settings(max_examples=40, deadline=None)
def test_the_product_of_jacobians_and_the_recursion_give_the_same_fractions(problem: Any) -> None:
    weights, biases, X, Y = problem
    network = (weights, biases, ["relu"] * len(weights), X[0], Y[0], "sum_squared_error")

    by_recursion = gradients(*network)

    layers = zip(by_recursion.weights, by_recursion.biases, strict=True)
    assert gradient_vector(*network) == flat([[w, b] for w, b in layers])


# ---------------------------------------------------------------------------------- activations and costs

PRECISE: dict[str, Callable[[Any], Any]] = {
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


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", [-300.0, -36.0, -5.0, -0.7, -1e-8, 1e-8, 0.3, 4.0, 30.0, 700.0])
def test_activations_and_their_derivatives_to_50_digits(name: str, z: float) -> None:
    value, derivative = ACTIVATIONS[name]
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -18
        slope = (PRECISE[name](z + h) - PRECISE[name](z - h)) / (2 * h)
        # A difference of 50-digit numbers 10⁻¹⁸ apart is good to 32 digits of 1; smaller slopes count as 0.
        assert value(z) == pytest.approx(float(PRECISE[name](mpmath.mpf(z))), rel=1e-12, abs=1e-300)
        assert derivative(z) == pytest.approx(float(slope), rel=1e-12, abs=1e-25)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "elu", "silu", "softplus"])
def test_small_derivatives_keep_their_digits(name: str) -> None:
    z = -300
    with mpmath.workdps(400):
        slope = mpmath.diff(PRECISE[name], z, h=mpmath.mpf(10) ** -150)
        assert ACTIVATIONS[name][1](z) == pytest.approx(float(slope), rel=1e-14, abs=0)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", [-1.7e308, -1000.0, 1000.0, 1.7e308])
def test_activations_are_finite_over_the_whole_float_range(name: str, z: float) -> None:
    value, derivative = ACTIVATIONS[name]
    assert math.isfinite(value(z))
    if z > 0:
        assert derivative(z) == (0 if name in ("tanh", "sigmoid") else 1)
    else:
        assert derivative(z) == {"linear": 1, "leaky_relu": 0.01}.get(name, 0)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("leaky_relu", 0.01), ("elu", 1)])
def test_the_chosen_derivatives_at_0(name: str, slope: float) -> None:
    assert ACTIVATIONS[name][1](0) == slope


PRECISE_COSTS: dict[str, Callable[[Any, Any], Any]] = {
    "sum_squared_error": lambda a, y: sum((p - q) ** 2 for p, q in zip(a, y, strict=True)),
    "mean_squared_error": lambda a, y: sum((p - q) ** 2 for p, q in zip(a, y, strict=True)) / len(a),
    "half_squared_error": lambda a, y: sum((p - q) ** 2 for p, q in zip(a, y, strict=True)) / 2,
    "hinge": lambda a, y: sum(max(0, 1 - p * q) for p, q in zip(a, y, strict=True)),
    "binary_cross_entropy": lambda a, y: (
        -sum(q * mpmath.log(p) + (1 - q) * mpmath.log(1 - p) for p, q in zip(a, y, strict=True))
    ),
    "binary_cross_entropy_with_logits": lambda a, y: sum(
        mpmath.log(1 + mpmath.exp(p)) - q * p for p, q in zip(a, y, strict=True)
    ),
    "cross_entropy": lambda a, y: sum(
        q * (mpmath.log(sum(map(mpmath.exp, a))) - p) for p, q in zip(a, y, strict=True)
    ),
}


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize(
    "targets", [(1, 0, 1), (0.25, 0.5, 0.25), (-1, 1, 0.5)], ids=["0 and 1", "probabilities", "others"]
)
def test_costs_and_their_gradients_to_50_digits(name: str, targets: tuple[float, ...]) -> None:
    outputs = (0.3, 0.9, 0.125)
    cost, cost_gradient = COSTS[name]
    with mpmath.workdps(50):
        precise = PRECISE_COSTS[name]
        value = float(precise(tuple(map(mpmath.mpf, outputs)), targets))
        slopes = [
            float(
                mpmath.diff(lambda a, j=j: precise((*outputs[:j], a, *outputs[j + 1 :]), targets), outputs[j])
            )
            for j in range(3)
        ]

    assert cost(outputs, targets) == pytest.approx(value, rel=1e-14)
    assert cost_gradient(outputs, targets) == pytest.approx(slopes, rel=1e-14)


def test_hinge_has_derivative_0_at_the_kink() -> None:
    _, hinge_gradient = COSTS["hinge"]
    assert hinge_gradient([1, Fraction(1, 2), -1, 3], [1, 2, -1, 1]) == [0, 0, 0, 0]


def test_cross_entropy_takes_a_class_index_for_a_certain_class() -> None:
    cost, cost_gradient = COSTS["cross_entropy"]
    assert cost([1.0, -2.0, 0.5], 2) == cost([1.0, -2.0, 0.5], [0, 0, 1])
    assert cost_gradient([1.0, -2.0, 0.5], np.int64(2)) == cost_gradient([1.0, -2.0, 0.5], [0, 0, 1])


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy_with_logits"])
def test_costs_of_logits_keep_the_digits_of_a_small_cost_and_do_not_overflow(name: str) -> None:
    cost, cost_gradient = COSTS[name]
    outputs, targets = (60.0, -20.0), (1, 0)
    with mpmath.workdps(150):
        value = PRECISE_COSTS[name](tuple(map(mpmath.mpf, outputs)), targets)
        slope = mpmath.diff(lambda a: PRECISE_COSTS[name]((a, outputs[1]), targets), outputs[0])

    assert cost(outputs, targets) == pytest.approx(float(value), rel=1e-14, abs=0)
    assert cost_gradient(outputs, targets)[0] == pytest.approx(float(slope), rel=1e-14, abs=0)
    assert cost([1e4, -1e4], [0, 1]) == pytest.approx(2e4)
    assert cost_gradient([1e4, -1e4], [0, 1]) == [1, -1]


def test_cross_entropy_of_equal_outputs() -> None:
    cost, cost_gradient = COSTS["cross_entropy"]
    assert cost([5.0, 5.0, 5.0, 5.0], 2) == pytest.approx(math.log(4))
    assert cost_gradient([5.0, 5.0, 5.0, 5.0], 2) == [0.25, 0.25, -0.75, 0.25]


def test_binary_cross_entropy_skips_terms_of_weight_0() -> None:
    cost, cost_gradient = COSTS["binary_cross_entropy"]
    assert cost([0.0, 1.0, 0.5], [0, 1, 1]) == pytest.approx(math.log(2))
    assert cost_gradient([Fraction(0), Fraction(1), Fraction(1, 2)], [0, 1, 1]) == [1, -1, -2]


# ---------------------------------------------------------------------------------- what is wrong says so


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: forward([[[1, 2]]], [[0]], ["relu"], [1]), r"w\[1\]\[0\] has 2 weights for the 1 value"),
        (lambda: forward([[[1], [2]], [[1]]], [[], []], ["relu"] * 2, [1]), r"w\[2\]\[0\] has 1 .* the 2"),
        (lambda: forward([[[1]] * 3], [[0, 0]], ["relu"], [1]), r"b\[1\] has 2 biases for 3 neurons"),
        (lambda: forward([[[1]]], [], ["relu"], [1]), "1 weight matrices, 0 bias lists"),
        (lambda: forward([[[1]]], [[]], ["rleu"], [1]), "no activation 'rleu': did you mean 'relu'"),
        (lambda: forward([[[1]]], [[]], [3], [1]), "3 is no activation: give a name or a pair"),
        (lambda: gradients([[[1]]], [[]], ["relu"], [1], [1], "hinges"), "no cost 'hinges': .* 'hinge'"),
        (lambda: gradients([[[1]]], [[]], ["relu"], [1], [1, 2], "hinge"), "2 targets for 1 outputs"),
        (lambda: gradients([[[1]]], [[]], ["relu"], [1], 1, "cross_entropy"), "class 1 of 1 outputs"),
        (lambda: average_gradients([[[1]]], [[]], ["relu"], [[1]], [], "hinge"), "1 samples with 0"),
        (lambda: average_gradients([[[1]]], [[]], ["relu"], [], [], "hinge"), "0 samples with 0"),
        (lambda: half_mean_squared_errors([[1]], []), "1 examples with 0"),
        (lambda: descend([1, 2], [1], 0.1), "2 against 1"),
        (lambda: descend([[1], [2]], [1, 2], 0.1), "different shapes"),
        (
            lambda: four_layer_derivatives([[[1]]] * 3, [[]] * 3, ["relu"] * 3, [1], [1]),
            "one bias per neuron",
        ),
        (lambda: COSTS["binary_cross_entropy"][0]([1.0], [0]), "output 0 = 1.0 for target 0"),
        (lambda: COSTS["binary_cross_entropy"][1]([1.5], [0.5]), "takes probabilities"),
    ],
)
def test_errors_name_what_was_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_gradients_of_one_neuron_by_hand() -> None:
    # C = (w x + b − y)² with w = 3, x = 2, b = 1, y = 0: ∂C/∂w = 2·7·2, ∂C/∂b = 2·7, ∂C/∂x = 2·7·3
    found = gradients([[[3]]], [[1]], ["linear"], [2], [0], "sum_squared_error")
    assert found == Gradients(weights=[[[28]]], biases=[[14]], inputs=[42])


def test_the_module_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(per_weight.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name.name for node in imports if isinstance(node, ast.Import) for name in node.names}
    names |= {node.module or "." for node in imports if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in names} - set() <= sys.stdlib_module_names
