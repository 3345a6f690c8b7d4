"""Networks, lifted: against the scalar engine and the matrix formulas; the source as a reader sees it."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, lift
from nn import MLP, average
from nn.activations import ACTIVATIONS
from nn.costs import COSTS
from nn.matrix import COSTS as MATRIX_COSTS
from nn.matrix import Dense, MatrixMLP
from tests.autograd_lite.lifting import flat, require_close_gradients, require_same_graph

SAMPLES = 5
PROBABILITIES = ("binary_cross_entropy", "cross_entropy", "binary_cross_entropy_with_logits")


def network(activation: str, cost: str, bias: Any) -> MLP:
    output = "sigmoid" if cost == "binary_cross_entropy" else "linear"
    mlp = MLP(3, [4, 4, 2], activation, output_activation=output, bias=bias, seed=1)
    for k, p in enumerate(mlp.parameters()):
        p.data += 0.1 * np.cos(k)
    return mlp


def data(cost: str) -> tuple[Any, Any]:
    random = np.random.default_rng(2)
    targets = random.normal(size=(SAMPLES, 2))
    if cost == "hinge":
        targets = np.sign(targets)
    if cost in PROBABILITIES:
        targets = np.array([[0.3, 0.7], [0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.4, 0.6]])
    return random.normal(size=(SAMPLES, 3)), targets


CASES = [
    *((activation, "half_squared_error", "neuron") for activation in ACTIVATIONS),
    *(("tanh", cost, "neuron") for cost in COSTS),
    *(("relu", "mean_squared_error", bias) for bias in ("layer", None)),
    ("sigmoid", "cross_entropy", "layer"),
]


@pytest.mark.parametrize(("activation", "cost", "bias"), CASES)
def test_one_sample(activation: str, cost: str, bias: Any) -> None:
    mlp, (X, Y) = network(activation, cost, bias), data(cost)
    require_same_graph(COSTS[cost](mlp(X[0].tolist()), Y[0].tolist()))


@pytest.mark.parametrize(("activation", "cost", "bias"), CASES)
def test_the_whole_data_set_in_one_graph(activation: str, cost: str, bias: Any) -> None:
    mlp, (X, Y) = network(activation, cost, bias), data(cost)
    costs = [COSTS[cost](mlp(x), y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
    require_same_graph(average(costs))


@pytest.mark.parametrize(("activation", "cost", "bias"), CASES)
def test_a_batch(activation: str, cost: str, bias: Any) -> None:
    mlp, (X, Y) = network(activation, cost, bias), data(cost)
    program = lift(lambda x, y: COSTS[cost](mlp(x), y), argnums=(0, 1), in_axes=0)
    value, gradients = program(X, Y)
    inputs = [[Value(x, f"x{s}") for x in row] for s, row in enumerate(X.tolist())]
    targets = [[Value(y) for y in row] for row in Y.tolist()]
    root = average([COSTS[cost](mlp(x), y) for x, y in zip(inputs, targets, strict=True)])
    leaves = [v for rows in (inputs, targets) for row in rows for v in row]
    assert np.isclose(float(value), root.data, rtol=1e-12)
    require_close_gradients(flat(gradients), root, leaves)


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) & {"tanh", "relu", "sigmoid", "linear"}))
@pytest.mark.parametrize("cost", sorted(set(MATRIX_COSTS) & set(COSTS)))
def test_parameters_as_the_matrix_formulas_have_them(activation: str, cost: str) -> None:
    mlp, (X, Y) = network(activation, cost, "neuron"), data(cost)
    root = average([COSTS[cost](mlp(x), y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)])
    value, gradients = lift(root)()
    matrix = MatrixMLP.from_mlp(mlp)
    cost_of, gradient_of = MATRIX_COSTS[cost]
    outputs = matrix.forward(X)
    of_layers = matrix.backward(gradient_of(outputs, Y) / len(X))
    assert np.isclose(float(value), np.mean(cost_of(outputs, Y)), rtol=1e-12)
    for l, (W, b) in enumerate(zip(of_layers.weights, of_layers.biases, strict=True), 1):
        np.testing.assert_allclose(gradients[f"W{l}"], W, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(gradients[f"b{l}"], b, rtol=1e-9, atol=1e-13)
    assert len([layer for layer in matrix.layers if isinstance(layer, Dense)]) == 3


def test_parameters_of_a_captured_network_are_read_at_each_call() -> None:
    mlp, (X, Y) = network("tanh", "half_squared_error", "neuron"), data("half_squared_error")
    program = lift(lambda x, y: COSTS["half_squared_error"](mlp(x), y), in_axes=0)
    program(X, Y)
    mlp.weights(1)[0][0].data += 1.0
    value, _ = program(X, Y)
    expected = average([COSTS["half_squared_error"](mlp(x), y) for x, y in zip(X, Y, strict=True)])
    assert np.isclose(float(value), expected.data, rtol=1e-12)
    assert all(p.grad == 0 for p in mlp.parameters())


# --- the source, as a reader sees it --------------------------------------------------------------------


def lines_of(program: Any) -> list[str]:
    return [line.strip() for line in program.source.splitlines()]


def unrolled(activation: str = "tanh") -> Any:
    mlp, (X, Y) = network(activation, "half_squared_error", "neuron"), data("half_squared_error")
    costs = [COSTS["half_squared_error"](mlp(x), y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
    return lift(average(costs))


def test_an_unrolled_data_set_reads_as_the_derivations() -> None:
    lines = lines_of(unrolled())
    for expected in (
        "Z1 = A0 @ W1.T + b1",
        "A1 = np.tanh(Z1)",
        "Z2 = A1 @ W2.T + b2",
        "Z3 = A2 @ W3.T + b3",
        "dW3 = dZ3.T @ A2  # B2, A5: ∂C/∂W = Σₛ ∂C/∂z aᵀ",
        "db3 = np.sum(dZ3, axis=0)  # B3, A5: ∂C/∂b = Σₛ ∂C/∂z",
        "dA2 = dZ3 @ W3  # B4, A9: ∂C/∂a = Wᵀ ∂C/∂z",
        "dZ1 = dA1 * (1 / np.cosh(Z1))**2  # B1: ∂C/∂z = ∂C/∂a ⊙ σ′(z)",
        "dW1 = dZ1.T @ A0  # B2, A5: ∂C/∂W = Σₛ ∂C/∂z aᵀ",
    ):
        assert expected in lines


def test_one_sample_reads_as_the_derivations() -> None:
    mlp, (X, Y) = network("sigmoid", "sum_squared_error", "neuron"), data("sum_squared_error")
    lines = lines_of(lift(COSTS["sum_squared_error"](mlp(X[0].tolist()), Y[0].tolist())))
    for expected in (
        "z1 = a0 @ W1.T + b1",
        "a1 = sigmoid(z1)",
        "da1 = dz2 @ W2  # B4, A9: ∂C/∂a = Wᵀ ∂C/∂z",
        "dW1 = dz1[:, None] * a0  # B2: ∂C/∂W = ∂C/∂z aᵀ",
        "db1 = dz1  # B3: ∂C/∂b = ∂C/∂z",
    ):
        assert expected in lines


def test_a_batch_reads_as_the_derivations() -> None:
    def cost(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:
        a = [
            sum((w * x_k for w, x_k in zip(row, x, strict=True)), b).relu()
            for row, b in zip(W1, b1, strict=True)
        ]
        z = [sum((w * a_k for w, a_k in zip(row, a, strict=True)), b) for row, b in zip(W2, b2, strict=True)]
        return sum((p - q) ** 2 for p, q in zip(z, y, strict=True))

    random = np.random.default_rng(0)
    shapes = [(4, 3), (4,), (2, 4), (2,), (6, 3), (6, 2)]
    program = lift(cost, argnums=(0, 1, 2, 3), in_axes=(None,) * 4 + (0, 0))
    program(*(random.normal(size=shape) for shape in shapes))
    text = program.source
    assert "x @ W1.T + b1" in text
    assert re.search(r"dW1 = (\w+)\.T @ x  # B2, A5", text)
    assert re.search(r"db1 = np\.sum\((\w+), axis=0\)  # B3, A5", text)
    assert "np.where" in text


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_lines_are_short_and_no_expression_is_computed_twice(activation: str) -> None:
    lines = lines_of(unrolled(activation))
    assert max(map(len, lines)) <= 100
    products = re.findall(r"\w+ @ [\w.]+", "\n".join(lines))
    assert len(products) == len(set(products)) == 9


def test_the_summary_counts() -> None:
    text = str(unrolled())
    assert re.search(r"# [\d,]+ scalar nodes in, \d+ array operations out; [\d,]+ bytes", text)


def test_layers_of_one_neuron_stay_matrices() -> None:
    mlp, (X, _) = MLP(3, [4, 1], seed=0), data("hinge")
    costs = [COSTS["hinge"](mlp(x), 1.0) for x in X.tolist()]
    lines = lines_of(require_same_graph(average(costs)))
    assert "Z2 = A1 @ W2.T + b2" in lines
    assert "dW2 = dZ2.T @ A1  # B2, A5: ∂C/∂W = Σₛ ∂C/∂z aᵀ" in lines


@pytest.mark.parametrize(("n_in", "sizes"), list(product([1, 2], [[1], [2], [1, 1], [3, 1], [1, 3]])))
def test_networks_of_every_small_size(n_in: int, sizes: list[int]) -> None:
    mlp = MLP(n_in, sizes, seed=0)
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(4, n_in)).tolist(), random.normal(size=(4, sizes[-1])).tolist()
    require_same_graph(average([COSTS["sum_squared_error"](mlp(x), y) for x, y in zip(X, Y, strict=True)]))
    require_same_graph(COSTS["sum_squared_error"](mlp(X[0]), Y[0]))
