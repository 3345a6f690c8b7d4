"""``nn.matrix`` against exact difference quotients, 50-digit derivatives by mpmath, and a proof by SymPy."""

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from nn.matrix import ACTIVATIONS, COSTS, Activation, Dense, MatrixMLP


def exact(*shape: int, start: int = 0) -> Any:
    """Return an object array of unlike Fractions of both signs."""
    count = math.prod(shape)
    numbers = [Fraction((7 * k + 3) % 19 - 9, k % 5 + 2) for k in range(start, start + count)]
    return np.array(numbers, dtype=object).reshape(shape)


def is_exact(array: Any) -> bool:
    return all(isinstance(number, int | Fraction) for number in array.flat)


# ---------------------------------------------------------------------------------------------- B1 … B4


def test_b1_activation_multiplies_by_sigma_prime() -> None:
    cube = Activation((lambda z: z**3, lambda z: 3 * z**2))
    cube.forward(np.array([Fraction(1, 2), -2, 3], dtype=object))

    found = cube.backward([Fraction(4), 5, Fraction(1, 9)])

    assert found.tolist() == [3, 60, 3]


def test_b2_b3_b4_by_hand() -> None:
    dense = Dense([[1, Fraction(1, 2), 0], [-1, 2, 3]], [Fraction(1, 3), 1])
    assert dense.forward([6, 2, 1]).tolist() == [Fraction(22, 3), 2]

    found = dense.backward([Fraction(1, 2), 3])

    assert dense.weights_gradient.tolist() == [[3, 1, Fraction(1, 2)], [18, 6, 3]]
    assert dense.bias_gradient.tolist() == [Fraction(1, 2), 3]
    assert found.tolist() == [Fraction(-5, 2), Fraction(25, 4), 9]


@pytest.mark.parametrize("biases", [3, 1, 0], ids=["bias per neuron", "shared bias", "no bias"])
@pytest.mark.parametrize("x", [exact(2, start=40), exact(4, 2, start=40)], ids=["one sample", "batch"])
def test_b2_b3_b4_are_the_slopes_of_the_layer(x: Any, biases: int) -> None:
    weights, bias = exact(3, 2), exact(biases, start=20)
    upstream = exact(*x.shape[:-1], 3, start=60)
    dense = Dense(weights, bias)
    dense.forward(x)

    dx = dense.backward(upstream)

    def cost(arrays: Sequence[Any]) -> Fraction:
        w, b, a = arrays
        return (upstream * Dense(w, b).forward(a)).sum()

    # Σ upstream ⊙ z is a line in each single entry of W, b and x: its slope is the difference over a step of 1.
    given = [weights, bias, x]
    for which, found in enumerate([dense.weights_gradient, dense.bias_gradient, dx]):
        assert found.shape == given[which].shape
        for place in np.ndindex(found.shape):
            moved = [array.copy() for array in given]
            moved[which][place] += 1
            assert found[place] == cost(moved) - cost(given)


# ---------------------------------------------------------------------------------- whole networks, to 50 digits

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
    "cross_entropy": lambda a, y: total(lambda p, q: q * (mpmath.log(sum(map(mpmath.exp, a))) - p))(a, y),
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

        assert network.cost(X, Y, cost) == pytest.approx(float(cost_at(0, (0, 0), precise[0][0, 0])), rel=1e-13)
        for which, array in enumerate(by_array):
            for place in np.ndindex(array.shape):
                slope = mpmath.diff(lambda v, i=which, p=place: cost_at(i, p, v), precise[which][place])
                assert array[place] == pytest.approx(float(slope), rel=1e-12, abs=1e-15)


def test_a_network_agrees_with_finite_differences() -> None:
    random = np.random.default_rng(3)
    weights, biases = [random.normal(size=(4, 3)), random.normal(size=(2, 4))], [random.normal(size=1), random.normal(size=2)]
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
    w1, b1, w2, b2 = (np.array(sympy.symbols(names), dtype=object) for names in ("u:4", "b:2", "v:2", "c:1"))
    x, y = np.array(sympy.symbols("x:2"), dtype=object), np.array(sympy.symbols("y:1"), dtype=object)
    hidden = [sympy.tanh(w1[2 * j] * x[0] + w1[2 * j + 1] * x[1] + b1[j]) for j in range(2)]
    cost = (sympy.tanh(w2[0] * hidden[0] + w2[1] * hidden[1] + c) - y[0]) ** 2 if (c := b2[0]) else None
    network = MatrixMLP([w1.reshape(2, 2), w2.reshape(1, 2)], [b1, b2], [tanh, tanh])

    found = network.gradients(x, y, "sum_squared_error")

    assert sympy.expand(network.cost(x, y, "sum_squared_error") - cost) == 0
    arrays = [found.weights[0], found.biases[0], found.weights[1], found.biases[1], found.inputs]
    for array, variables in zip(arrays, [w1, b1, w2, b2, x], strict=True):
        for partial, variable in zip(array.flat, variables, strict=True):
            assert sympy.expand(partial - sympy.diff(cost, variable)) == 0
