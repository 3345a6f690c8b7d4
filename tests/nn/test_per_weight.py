"""``nn.per_weight`` against the matrices on Fractions, its activations and costs to 50 digits.

What each of its loops says is proved in ``test_derivations``.
"""

import ast
import itertools
import math
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
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
    descend,
    forward,
    four_layer_derivatives,
    gradient_vector,
    gradients,
    half_mean_squared_errors,
)


def symbols(name: str, *shape: int) -> list[Any]:
    """Return nested lists of symbols, such as w[[w00, w01], [w10, w11]]."""
    if len(shape) == 1:
        return [sympy.Symbol(f"{name}{i}") for i in range(shape[0])]
    return [symbols(f"{name}{i}", *shape[1:]) for i in range(shape[0])]


def flat(nested: Any) -> list[Any]:
    return [number for part in nested for number in flat(part)] if isinstance(nested, list) else [nested]


# ---------------------------------------------------------------------------------- numbers of every kind


def exact(nested: Any) -> bool:
    return all(isinstance(number, int | Fraction) for number in flat(nested))


def test_a_polynomial_network_of_fractions_has_the_exact_derivatives() -> None:
    square = (lambda z: z**2, lambda z: 2 * z)
    weights = [symbols("w1_", 2, 2), symbols("w2_", 1, 2)]
    biases = [symbols("b1_", 2), symbols("b2_", 1)]
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
