"""The derivations, statement by statement, A1 … E6: to be read beside the document.

Each test bears the id of its statement, says it in the document's notation, and writes it out in sums over
indices, beside the loops, the matrices and the engine. A statement of networks holds for two of them:

- of symbols, whose σ, σ′, cost and cost′ are nothing but names: what holds for them holds for all. The judge
  is SymPy's derivative;
- of Fractions, with σ(z) = z²: every number is exact. The judge is a difference quotient that is the slope
  itself for polynomials of its degree, and knows no chain rule.

Indices start at 0; layers l = 1 … L, and a[0] is the input.
"""

import re
import sys
from collections.abc import Callable
from fractions import Fraction
from math import factorial
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value, affine, fsum, grad, jacobian, topological_order
from nn import COSTS, MLP, SGD, average, fit, half_squared_error, matrix, per_sample_gradients, per_weight
from nn import half_mean_squared_errors as engine_half_mean_squared_errors
from nn.matrix import Activation, Dense, MatrixMLP

STATEMENTS = {"A": 9, "B": 4, "C": 6, "D": 8, "E": 6}
"""How many statements the derivations take from each source."""


def test_each_of_the_33_statements_has_one_test_that_bears_its_id() -> None:
    tests = [name for name in vars(sys.modules[__name__]) if re.match(r"test_[a-e]\d", name)]

    ids = [name.split("_")[1].upper() for name in tests]

    assert ids == [f"{letter}{n}" for letter, count in STATEMENTS.items() for n in range(1, count + 1)]
    assert len(ids) == 33


# ----------------------------------------------------------------------------------- two networks, two judges


class sigma(sympy.Function):  # noqa: N801
    """Layer l's activation σ(l, z), of which nothing is known but that its derivative is called σ′."""

    def fdiff(self, argindex: int = 1) -> Any:
        assert argindex == 2, "the layer's number is a constant"
        return sigma_prime(*self.args)


class sigma_prime(sympy.Function):  # noqa: N801
    pass


class cost_of(sympy.Function):  # noqa: N801
    """The cost of one output, of which nothing is known but that its derivative is called cost′."""

    def fdiff(self, argindex: int = 1) -> Any:
        assert argindex == 1, "targets are constants"
        return cost_prime(*self.args)


class cost_prime(sympy.Function):  # noqa: N801
    pass


def square(z: Any) -> Any:
    return z * z


def linear(z: Any) -> Any:
    return z


class Network:
    """A network with one sample: w[l][j][k], b[l][j], a[l][j], z[l][j], n[l], x and y are the document's."""

    def __init__(self, kind: str, *n: int) -> None:
        self.kind, self.n, self.L = kind, n, len(n) - 1
        self.random = Random(1)
        self.layers = range(1, self.L + 1)
        self.w = {l: [self.numbers(f"w{l}_{j}", n[l - 1]) for j in range(n[l])] for l in self.layers}
        self.b = {l: self.numbers(f"b{l}_", n[l]) for l in self.layers}
        self.x, self.y = self.numbers("x", n[0]), self.numbers("y", n[-1])
        self.last = square if self.L < 3 else linear

    def numbers(self, name: str, count: int) -> list[Any]:
        if self.kind == "symbols":
            return [sympy.Symbol(f"{name}{i}") for i in range(count)]
        return [Fraction(self.random.choice([-5, -4, -3, -2, 1, 2, 3, 5, 7]), 3) for _ in range(count)]

    def sigma(self, l: int, z: Any) -> Any:
        if self.kind == "symbols":
            return sigma(l, z)
        return square(z) if l < self.L else self.last(z)

    def sigma_prime(self, l: int, z: Any) -> Any:
        if self.kind == "symbols":
            return sigma_prime(l, z)
        return 2 * z if l < self.L or self.last is square else 1

    def cost_of_one(self, a: Any, y: Any) -> Any:
        return cost_of(a, y) if self.kind == "symbols" else (a - y) ** 2

    def cost_prime(self, a: Any, y: Any) -> Any:
        return cost_prime(a, y) if self.kind == "symbols" else 2 * (a - y)

    def run(self, x: Any = None, start: int = 0) -> tuple[dict[int, Any], dict[int, Any]]:
        """Return z and a by layer, from the activations x of layer ``start`` on: a = σ(W a + b)."""
        z: dict[int, Any] = {}
        a = {start: self.x if x is None else x}
        for l in range(start + 1, self.L + 1):
            z[l] = [
                sum((w_jk * a_k for w_jk, a_k in zip(row, a[l - 1], strict=True)), b_j)
                for row, b_j in zip(self.w[l], self.b[l], strict=True)
            ]
            a[l] = [self.sigma(l, z_j) for z_j in z[l]]
        return z, a

    def cost(self, x: Any = None, y: Any = None, start: int = 0) -> Any:
        outputs = self.run(x, start)[1][self.L]
        return sum(self.cost_of_one(a, t) for a, t in zip(outputs, y or self.y, strict=True))

    # What the loops, the matrices and the engine take.

    @property
    def pairs(self) -> list[Any]:
        return [(lambda z, l=l: self.sigma(l, z), lambda z, l=l: self.sigma_prime(l, z)) for l in self.layers]

    @property
    def lists(self) -> tuple[list[Any], list[Any], list[Any]]:
        return list(self.w.values()), list(self.b.values()), self.pairs

    @property
    def cost_pair(self) -> Any:
        return (
            lambda a, y: sum(map(self.cost_of_one, a, y)),
            lambda a, y: list(map(self.cost_prime, a, y)),
        )

    def mlp(self) -> MLP:
        mlp = MLP(self.n[0], self.n[1:], square, self.last)
        for l in self.layers:
            for value, number in zip(
                [*flat(mlp.weights(l)), *mlp.biases(l)], [*flat(self.w[l]), *self.b[l]], strict=True
            ):
                value.data = number
        return mlp

    def by_engine(self, l: int, cost: str = "sum_squared_error") -> tuple[Any, Any, Any]:
        """Return ∂C/∂w[l], ∂C/∂b[l] and ∂C/∂a[l − 1] as the engine has them, flat."""
        mlp, x = self.mlp(), [Value(x_k, f"a[0][{k}]") for k, x_k in enumerate(self.x)]
        total = COSTS[cost](mlp(x), self.y)
        nodes = {node.label: node for node in topological_order(total)}
        before = x if l == 1 else [nodes[f"a[{l - 1}][{k}]"] for k in range(self.n[l - 1])]
        return grad(total, flat(mlp.weights(l))), grad(total, mlp.biases(l)), grad(total, before)


@pytest.fixture(params=["symbols", "fractions"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def net(kind: str) -> Network:
    return Network(kind, 3, 2, 2)


def derivative(f: Callable[[], Any], numbers: list[Any], place: int) -> Any:
    """Return ∂f/∂numbers[place], by SymPy for a symbol, by differences for a Fraction.

    These differences are exact for polynomials of degree 16 and less, which all here are.
    """
    here = numbers[place]
    if isinstance(here, sympy.Symbol):
        return sympy.diff(f(), here)
    slope, m = Fraction(0), 8
    for h in range(1, m + 1):
        weight = Fraction((-1) ** (h + 1) * factorial(m) ** 2, h * factorial(m - h) * factorial(m + h))
        numbers[place] = here + h
        above = f()
        numbers[place] = here - h
        slope += weight * (above - f())
    numbers[place] = here
    return slope


def by_activation(net: Network, l: int, k: int) -> Any:
    """Return ∂C/∂aˡ_k: that of the network from layer l on, at the activations that layer l has."""
    values, names = net.run()[1][l], net.numbers("a", net.n[l])
    if net.kind == "fractions":
        names = list(values)
    slope = derivative(lambda: net.cost(names, start=l), names, k)
    return slope.subs(dict(zip(names, values, strict=True))) if net.kind == "symbols" else slope


def flat(nested: Any) -> list[Any]:
    if isinstance(nested, np.ndarray):
        nested = nested.tolist()
    return [number for part in nested for number in flat(part)] if isinstance(nested, list) else [nested]


def same(*sides: Any) -> bool:
    """Whether numbers, or nested lists of them, are all equal: as formulas, or as Fractions."""
    first, *others = map(flat, sides)
    return all(
        sympy.expand(p - q) == 0 for other in others for p, q in zip(first, other, strict=True)
    ) and all(isinstance(p, int | Fraction | sympy.Expr) for side in (first, *others) for p in side)


# ---------------------------------------------------------------------------------------------------- A


def samples_of(net: Network) -> tuple[list[Any], list[Any]]:
    return [net.numbers(f"x{s}_", 3) for s in range(3)], [net.numbers(f"y{s}_", 2) for s in range(3)]


def test_a1_the_average_cost(net: Network) -> None:
    """cost_avg = (1/n) Σ_s cost_s."""
    X, Y = samples_of(net)
    n = len(X)

    literal = sum(net.cost(X[s], Y[s]) for s in range(n)) / Fraction(n)

    by_matrices = MatrixMLP(*net.lists).cost(np.array(X, object), np.array(Y, object), net.cost_pair)
    assert same(literal, by_matrices)
    if net.kind == "fractions":
        costs = [COSTS["sum_squared_error"](net.mlp()(X[s]), Y[s]) for s in range(n)]
        assert literal == average(costs).data
        assert grad(average(costs), costs) == [Fraction(1, n)] * n


def test_a2_the_cost_of_a_sample(net: Network) -> None:
    """cost_s = Σ_j cost(a_j, y_j), for any scalar cost function."""
    a, y = net.run()[1][net.L], net.y

    literal = sum(net.cost_of_one(a[j], y[j]) for j in range(net.n[net.L]))

    assert same(literal, MatrixMLP(*net.lists).cost(net.x, np.array(y, object), net.cost_pair))
    if net.kind == "fractions":
        assert literal == COSTS["sum_squared_error"](net.mlp()(net.x), y).data
        assert literal == per_weight.COSTS["sum_squared_error"][0](a, y)


def test_a3_the_activation(net: Network) -> None:
    """a_j = σ(z_j), for any activation."""
    zs, a = per_weight.forward(*net.lists, net.x)

    for l in net.layers:
        z = zs[l - 1]
        literal = [net.sigma(l, z[j]) for j in range(net.n[l])]
        assert same(literal, a[l], Activation(net.pairs[l - 1]).forward(np.array(z, object)))
    assert same(a[net.L], net.run()[1][net.L])
    assert net.kind == "symbols" or [v.data for v in net.mlp()(net.x)] == a[net.L]


def test_a4_the_weighted_input(net: Network) -> None:
    """z_j = b_j + Σ_k w_jk a_k."""
    w, b, a = net.w[1], net.b[1], net.x
    by_matrix = Dense(w, b).forward(np.array(a, object))

    for j in range(net.n[1]):
        literal = b[j] + sum(w[j][k] * a[k] for k in range(net.n[0]))
        assert same(literal, per_weight.weighted_input(w, b, a, j), by_matrix[j])
        assert net.kind == "symbols" or literal == affine(map(Value, w[j]), a, b[j]).data


def test_a5_the_mean_of_the_samples_derivatives(net: Network) -> None:
    """∂cost_avg/∂A = (1/n) Σ_s ∂cost_s/∂A for every quantity A."""
    X, Y = samples_of(net)
    n = len(X)

    def cost_avg() -> Any:
        return sum(net.cost(X[s], Y[s]) for s in range(n)) / Fraction(n)

    by_loops = per_weight.average_gradients(*net.lists, X, Y, net.cost_pair)
    by_matrices = MatrixMLP(*net.lists).gradients(np.array(X, object), np.array(Y, object), net.cost_pair)
    samples = [per_weight.gradients(*net.lists, X[s], Y[s], net.cost_pair) for s in range(n)]
    for l in net.layers:
        for j in range(net.n[l]):
            for k in range(net.n[l - 1]):
                literal = sum(samples[s].weights[l - 1][j][k] for s in range(n)) / Fraction(n)
                found = by_loops.weights[l - 1][j][k], by_matrices.weights[l - 1][j, k]
                assert same(literal, *found, derivative(cost_avg, net.w[l][j], k))
            literal = sum(samples[s].biases[l - 1][j] for s in range(n)) / Fraction(n)
            found = by_loops.biases[l - 1][j], by_matrices.biases[l - 1][j]
            assert same(literal, *found, derivative(cost_avg, net.b[l], j))
    for s in range(n):
        # An input belongs to one sample: the other samples' costs do not depend on it.
        literal = [samples[s].inputs[k] / Fraction(n) for k in range(net.n[0])]
        assert same(literal, by_loops.inputs[s], by_matrices.inputs[s])
        assert same(literal, [derivative(cost_avg, X[s], k) for k in range(net.n[0])])
    if net.kind == "fractions":
        mlp = net.mlp()
        for p in mlp.parameters():
            p.grad = 9
        by_engine = per_sample_gradients(mlp, X, Y, "sum_squared_error")
        assert [p.grad for p in mlp.parameters()] == [9] * len(mlp.parameters())
        for found, g in zip([by_engine.mean, *by_engine.samples], [by_loops, *samples], strict=True):
            layers = zip(g.weights, g.biases, strict=True)
            assert list(found.values()) == flat([[w, b] for w, b in layers])


def test_a6_the_partials_of_the_weighted_input(net: Network) -> None:
    """∂z_j/∂w_ji = a_i, ∂z_j/∂b_j = 1, ∂z_j/∂a_i = w_ji."""
    w, b, a = net.w[1], net.b[1], net.x

    for j in range(net.n[1]):

        def z_j(j: int = j) -> Any:
            return net.run(a)[0][1][j]

        for i in range(net.n[0]):
            literal = [a[i], 1, w[j][i]]
            assert same(literal, list(per_weight.weighted_input_partials(w, a, j, i)))
            assert same(literal, [derivative(z_j, w[j], i), derivative(z_j, b, j), derivative(z_j, a, i)])
        by_engine = affine(map(Value, w[j]), map(Value, a), Value(b[j])).partials
        assert list(by_engine) == [1, *a, *w[j]]  # its parents are b, then w, then a


def last_layer(net: Network) -> tuple[Any, Any, Any, Any]:
    z, a = net.run()
    return net.pairs[-1], z[net.L], a[net.L], net.y


def test_a7_the_derivative_of_a_weight(net: Network) -> None:
    """∂cost_s/∂w_ik = cost′(a_i, y_i) σ′(z_i) a_k."""
    L, (z, a), y = net.L, net.run(), net.y
    by_matrices = MatrixMLP(*net.lists).gradients(net.x, y, net.cost_pair).weights[-1]

    for i in range(net.n[L]):
        for k in range(net.n[L - 1]):
            literal = net.cost_prime(a[L][i], y[i]) * net.sigma_prime(L, z[L][i]) * a[L - 1][k]
            by_loops = per_weight.weight_partial(net.cost_prime, *last_layer(net), a[L - 1], i, k)
            assert same(literal, by_loops, by_matrices[i, k], derivative(net.cost, net.w[L][i], k))
            assert net.kind == "symbols" or literal == net.by_engine(L)[0][i * net.n[L - 1] + k]


def test_a8_the_derivative_of_a_bias(net: Network) -> None:
    """∂cost_s/∂b_i = cost′(a_i, y_i) σ′(z_i)."""
    L, (z, a), y = net.L, net.run(), net.y
    by_matrices = MatrixMLP(*net.lists).gradients(net.x, y, net.cost_pair).biases[-1]

    for i in range(net.n[L]):
        literal = net.cost_prime(a[L][i], y[i]) * net.sigma_prime(L, z[L][i])
        by_loops = per_weight.bias_partial(net.cost_prime, *last_layer(net), i)
        assert same(literal, by_loops, by_matrices[i], derivative(net.cost, net.b[L], i))
        assert net.kind == "symbols" or literal == net.by_engine(L)[1][i]


def test_a9_the_derivative_of_the_previous_layer(kind: str) -> None:
    """∂cost_s/∂a_k = Σ_j cost′(a_j, y_j) σ′(z_j) w_jk (the previous layer, and at last the input)."""
    for net in (Network(kind, 3, 2, 2), Network(kind, 3, 2)):
        L, (z, a), y, w = net.L, net.run(), net.y, net.w[net.L]
        for k in range(net.n[L - 1]):
            literal = sum(
                net.cost_prime(a[L][j], y[j]) * net.sigma_prime(L, z[L][j]) * w[j][k] for j in range(net.n[L])
            )
            by_loops = per_weight.previous_activation_partial(net.cost_prime, *last_layer(net), w, k)
            assert same(literal, by_loops, by_activation(net, L - 1, k))
            assert net.kind == "symbols" or literal == net.by_engine(L)[2][k]
            if L == 1:
                by_matrices = MatrixMLP(*net.lists).gradients(net.x, y, net.cost_pair).inputs
                assert same(literal, by_matrices[k], derivative(net.cost, net.x, k))


# ---------------------------------------------------------------------------------------------------- B


def layer_of(net: Network) -> tuple[Dense, Any, Any]:
    """Return a dense layer after its backward, ∂C/∂z, and ∂C/∂aˡ⁻¹; C = Σ_j ∂C/∂z_j z_j is a line in z."""
    dC_dz = net.numbers("d", net.n[1])
    dense = Dense(net.w[1], net.b[1])
    dense.forward(np.array(net.x, object))
    return dense, dC_dz, dense.backward(np.array(dC_dz, object))


def slope_through(net: Network, dC_dz: list[Any], numbers: list[Any], place: int) -> Any:
    return derivative(lambda: sum(d * z for d, z in zip(dC_dz, net.run()[0][1], strict=True)), numbers, place)


def test_b1_an_activation_layer(net: Network) -> None:
    """∂C/∂z = ∂C/∂a ⊙ σ′(z)."""
    z, dC_da = net.numbers("z", 4), net.numbers("d", 4)
    layer = Activation(net.pairs[0])
    layer.forward(np.array(z, object))

    literal = [dC_da[j] * net.sigma_prime(1, z[j]) for j in range(4)]

    def cost() -> Any:
        return sum(dC_da[j] * net.sigma(1, z[j]) for j in range(4))

    found = layer.backward(np.array(dC_da, object))
    assert same(literal, found, [derivative(cost, z, j) for j in range(4)])
    if net.kind == "fractions":
        values = [Value(z_j) for z_j in z]
        assert literal == grad(fsum(d * square(v) for d, v in zip(dC_da, values, strict=True)), values)


def test_b2_the_weights_of_a_dense_layer(net: Network) -> None:
    """∂C/∂W = (∂C/∂z)(aˡ⁻¹)ᵀ."""
    dense, dC_dz, _ = layer_of(net)
    a = net.x

    for j in range(net.n[1]):
        for k in range(net.n[0]):
            literal = dC_dz[j] * a[k]
            assert same(literal, dense.weights_gradient[j, k], slope_through(net, dC_dz, net.w[1][j], k))
    by_columns = sympy.Matrix(dC_dz) * sympy.Matrix(a).T
    assert same(by_columns.tolist(), dense.weights_gradient)


def test_b3_the_biases_of_a_dense_layer(net: Network) -> None:
    """∂C/∂b = ∂C/∂z."""
    dense, dC_dz, _ = layer_of(net)

    literal = dC_dz

    assert same(literal, dense.bias_gradient)
    assert same(literal, [slope_through(net, dC_dz, net.b[1], j) for j in range(net.n[1])])


def test_b4_the_input_of_a_dense_layer(net: Network) -> None:
    """∂C/∂aˡ⁻¹ = Wᵀ ∂C/∂z."""
    _, dC_dz, found = layer_of(net)
    W = net.w[1]

    for k in range(net.n[0]):
        literal = sum(W[j][k] * dC_dz[j] for j in range(net.n[1]))
        assert same(literal, found[k], slope_through(net, dC_dz, net.x, k))
    by_columns = sympy.Matrix(W).T * sympy.Matrix(dC_dz)
    assert same(by_columns.tolist(), found)


# ---------------------------------------------------------------------------------------------------- C


def test_c1_the_sigmoid() -> None:
    """σ(x) = 1/(1+e⁻ˣ)."""
    with mpmath.workdps(50):
        for x in (-700.0, -40.0, -1e-9, 0.0, 2.5, 40.0):
            literal = float(1 / (1 + mpmath.exp(-mpmath.mpf(x))))
            found = [
                per_weight.ACTIVATIONS["sigmoid"][0](x),
                float(matrix.ACTIVATIONS["sigmoid"][0](np.array(x))),
                autograd_lite.sigmoid(x),
            ]
            assert found == pytest.approx([literal] * 3, rel=1e-15, abs=0)


@pytest.mark.parametrize("n_L", [1, 2, 3, 5])
def test_c2_the_mean_squared_error(n_L: int, kind: str) -> None:
    """C = (1/n_L) Σ_i (a_i − y_i)²; ∂C/∂a_i = (2/n_L)(a_i − y_i)."""
    net = Network(kind, 1, n_L)
    a, y = net.numbers("a", n_L), net.y

    def C() -> Any:
        return sum((a[i] - y[i]) ** 2 for i in range(n_L)) / Fraction(n_L)

    gradient = [Fraction(2, n_L) * (a[i] - y[i]) for i in range(n_L)]

    cost, cost_gradient = per_weight.COSTS["mean_squared_error"]
    of_arrays, gradient_of_arrays = matrix.COSTS["mean_squared_error"]
    arrays = np.array(a, object), np.array(y, object)
    values = [Value(a_i) for a_i in a]
    by_engine = COSTS["mean_squared_error"](values, y)
    assert same(C(), cost(a, y), of_arrays(*arrays), by_engine.data)
    assert same(gradient, cost_gradient(a, y), gradient_of_arrays(*arrays), grad(by_engine, values))
    assert same(gradient, [derivative(C, a, i) for i in range(n_L)])


@pytest.mark.parametrize("n", [(2, 2, 1), (1, 2, 1, 2)])
def test_c3_the_gradient_is_one_vector(n: tuple[int, ...], kind: str) -> None:
    """∇C stacks ∂C/∂w and ∂C/∂b over the whole network into one vector."""
    net = Network(kind, *n)

    literal = []
    for l in net.layers:
        literal += [derivative(net.cost, net.w[l][j], k) for j in range(n[l]) for k in range(n[l - 1])]
        literal += [derivative(net.cost, net.b[l], j) for j in range(n[l])]

    assert same(literal, per_weight.gradient_vector(*net.lists, net.x, net.y, net.cost_pair))
    if net.kind == "fractions":
        mlp = net.mlp()
        assert literal == grad(COSTS["sum_squared_error"](mlp(net.x), net.y), mlp.parameters())


def test_c4_the_jacobian_of_a_layer(net: Network) -> None:
    """∂aˡ⁺¹_m/∂aˡ_p = σ′(z_m) w_mp, a Jacobian matrix."""
    a, w = net.x, net.w[1]
    z = net.run()[0][1]

    literal = [[net.sigma_prime(1, z[m]) * w[m][p] for p in range(net.n[0])] for m in range(net.n[1])]

    by_derivatives = [
        [derivative(lambda m=m: net.run(a)[1][1][m], a, p) for p in range(net.n[0])] for m in range(net.n[1])
    ]
    assert same(literal, per_weight.layer_jacobian(w, net.pairs[0], z), by_derivatives)
    if net.kind == "fractions":
        values = [Value(a_p) for a_p in a]
        assert literal == jacobian(net.mlp().layers[0](values), values)


@pytest.mark.parametrize("l", range(4))
def test_c5_the_product_of_the_jacobians(l: int, kind: str) -> None:
    """∂aᴸ/∂aˡ is the product of those Jacobians, last layer first."""
    net = Network(kind, 2, 1, 3, 2)
    # Layer l's activations are taken for the variables, and the network is run from there.
    a = net.numbers("a", net.n[l])
    z, _ = net.run(a, start=l)
    L, n = net.L, net.n

    literal = sympy.eye(n[L])
    for layer in range(L, l, -1):
        literal = literal * sympy.Matrix(
            n[layer],
            n[layer - 1],
            lambda m, p, layer=layer: net.sigma_prime(layer, z[layer][m]) * net.w[layer][m][p],
        )

    zs = [z.get(layer, []) for layer in net.layers]
    found = per_weight.output_jacobian(net.lists[0], net.pairs, zs, l)
    by_derivatives = [
        [derivative(lambda i=i: net.run(a, start=l)[1][L][i], a, p) for p in range(n[l])] for i in range(n[L])
    ]
    assert same(literal.tolist(), found, by_derivatives)
    if net.kind == "fractions" and l == 0:
        values = [Value(a_p) for a_p in a]
        assert found == jacobian(net.mlp()(values), values)


@pytest.mark.parametrize("l", [1, 2, 3])
def test_c6_one_weight_or_bias_by_jacobians(l: int, kind: str) -> None:
    """∂C/∂w_AB = (∂C/∂aᴸ)(∂aᴸ/∂aˡ)(∂aˡ/∂w_AB) with ∂a_A/∂w_AB = σ′(z_A) a_B; with 1 for a_B the bias."""
    net = Network(kind, 2, 2, 2, 1)
    L, (z, a) = net.L, net.run()
    zs = [z[layer] for layer in net.layers]
    dC_daL = [net.cost_prime(a[L][i], net.y[i]) for i in range(net.n[L])]
    daL_dal = per_weight.output_jacobian(net.lists[0], net.pairs, zs, l)
    arguments = dC_daL, daL_dal, net.pairs[l - 1], z[l]

    for A in range(net.n[l]):
        dC_dal_A = sum(dC_daL[i] * daL_dal[i][A] for i in range(net.n[L]))
        for B in range(net.n[l - 1]):
            literal = dC_dal_A * net.sigma_prime(l, z[l][A]) * a[l - 1][B]
            found = per_weight.weight_partial_by_jacobians(*arguments, a[l - 1], A, B)
            assert same(literal, found, derivative(net.cost, net.w[l][A], B))
            assert net.kind == "symbols" or literal == net.by_engine(l)[0][A * net.n[l - 1] + B]
        literal = dC_dal_A * net.sigma_prime(l, z[l][A]) * 1
        found = per_weight.bias_partial_by_jacobians(*arguments, A)
        assert same(literal, found, derivative(net.cost, net.b[l], A))
        assert net.kind == "symbols" or literal == net.by_engine(l)[1][A]


# ---------------------------------------------------------------------------------------------------- D


class FourLayers(Network):
    """The network of D: its first layer is the input, so that w⁴, a⁴ are w[3], a[3] elsewhere here."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind, 2, 2, 2, 2)
        z, a = self.run()
        self.a = {l + 1: a_l for l, a_l in a.items()}
        self.s = {l + 1: [self.sigma_prime(l, z_j) for z_j in z_l] for l, z_l in z.items()}  # σ′(zˡ_j)
        self.found = per_weight.four_layer_derivatives(*self.lists, self.x, self.y)

    def cost_of_one(self, a: Any, y: Any) -> Any:
        return (a - y) ** 2

    def check(self, literal: list[Any], name: str) -> None:
        """Compare what D says of w4, b4, a3 … with the loops, the judge, the engine and the matrices."""
        l, found = int(name[1]) - 1, getattr(self.found, name)
        if name[0] == "w":
            judged = [derivative(self.cost, row, k) for row in self.w[l] for k in range(2)]
        elif name[0] == "b":
            judged = [derivative(self.cost, self.b[l], j) for j in range(2)]
        else:
            judged = [by_activation(self, l, k) for k in range(2)]
        assert same(literal, found, judged)
        if self.kind == "fractions":
            by_weights, by_biases, by_inputs = self.by_engine(l + 1 if name[0] == "a" else l)
            assert flat(literal) == {"w": by_weights, "b": by_biases, "a": by_inputs}[name[0]]
        if name[0] != "a":
            matrices = MatrixMLP(*self.lists).gradients(
                np.array(self.x, object), np.array(self.y, object), "sum_squared_error"
            )
            assert same(literal, (matrices.weights if name[0] == "w" else matrices.biases)[l - 1])


@pytest.fixture(scope="module", params=["symbols", "fractions"])
def four(request: pytest.FixtureRequest) -> FourLayers:
    return FourLayers(str(request.param))


def test_d1_the_last_weights(four: FourLayers) -> None:
    """∂Cost/∂w⁴_jk = (2a⁴_j − 2y_j) σ′(z⁴_j) a³_k."""
    a, s, y = four.a, four.s, four.y
    four.check([[(2 * a[4][j] - 2 * y[j]) * s[4][j] * a[3][k] for k in range(2)] for j in range(2)], "w4")


def test_d2_the_last_biases(four: FourLayers) -> None:
    """∂Cost/∂b⁴_j = (2a⁴_j − 2y_j) σ′(z⁴_j) · 1."""
    a, s, y = four.a, four.s, four.y
    four.check([(2 * a[4][j] - 2 * y[j]) * s[4][j] * 1 for j in range(2)], "b4")


def test_d3_the_activations_before_them(four: FourLayers) -> None:
    """∂Cost/∂a³_k = Σ_j (2a⁴_j − 2y_j) σ′(z⁴_j) w⁴_jk."""
    a, s, y, w4 = four.a, four.s, four.y, four.w[3]
    four.check([sum((2 * a[4][j] - 2 * y[j]) * s[4][j] * w4[j][k] for j in range(2)) for k in range(2)], "a3")


def test_d4_the_weights_of_layer_3(four: FourLayers) -> None:
    """∂Cost/∂w³_km = ∂Cost/∂a³_k σ′(z³_k) a²_m."""
    a, s, da3 = four.a, four.s, four.found.a3
    four.check([[da3[k] * s[3][k] * a[2][m] for m in range(2)] for k in range(2)], "w3")


def test_d5_the_biases_of_layer_3(four: FourLayers) -> None:
    """∂Cost/∂b³_k = ∂Cost/∂a³_k σ′(z³_k) · 1."""
    s, da3 = four.s, four.found.a3
    four.check([da3[k] * s[3][k] * 1 for k in range(2)], "b3")


def test_d6_the_activations_of_layer_2(four: FourLayers) -> None:
    """∂Cost/∂a²_m = Σ_k ∂Cost/∂a³_k σ′(z³_k) w³_km."""
    s, da3, w3 = four.s, four.found.a3, four.w[2]
    four.check([sum(da3[k] * s[3][k] * w3[k][m] for k in range(2)) for m in range(2)], "a2")


def test_d7_the_weights_of_layer_2(four: FourLayers) -> None:
    """∂Cost/∂w²_mt = ∂Cost/∂a²_m σ′(z²_m) a¹_t."""
    a, s, da2 = four.a, four.s, four.found.a2
    four.check([[da2[m] * s[2][m] * a[1][t] for t in range(2)] for m in range(2)], "w2")


def test_d8_the_biases_of_layer_2(four: FourLayers) -> None:
    """∂Cost/∂b²_m = ∂Cost/∂a²_m σ′(z²_m) · 1."""
    s, da2 = four.s, four.found.a2
    four.check([da2[m] * s[2][m] * 1 for m in range(2)], "b2")


# ---------------------------------------------------------------------------------------------------- E


@pytest.mark.parametrize("epsilon", [0, 1, Fraction(1, 3)])
def test_e1_the_derivative_of_relu(epsilon: Any) -> None:
    """σ′(z) = 0 for z < 0, 1 for z > 0, and a chosen ε at z = 0."""

    def literal(z: Any) -> Any:
        return 0 if z < 0 else 1 if z > 0 else epsilon

    def slope(z: Fraction, h: Fraction) -> Fraction:
        return Fraction(per_weight.relu(z + h) - per_weight.relu(z)) / h

    h, zero = Fraction(1, 10**9), Fraction(0)
    for z in (Fraction(-3), Fraction(-1, 10**6), Fraction(1, 10**6), Fraction(3)):
        assert literal(z) == per_weight.relu_prime(z, epsilon) == slope(z, h) == slope(z, -h)
        assert literal(z) == Value(z).relu().partials[0]
    assert literal(0) == per_weight.relu_prime(0, epsilon)
    assert slope(zero, -h) <= literal(0) <= slope(zero, h)
    # The names "relu" choose 0.
    of_names = [per_weight.relu_prime(zero), matrix.ACTIVATIONS["relu"][1](np.array([zero]))[0]]
    assert of_names == [Value(zero).relu().partials[0], 0] == [0, 0]
    # ε is a factor like any other: z = 2·3 − 6 = 0, and a line of slope ε has its value and slope there.
    kink, line = (per_weight.relu, literal), (lambda z: epsilon * z, lambda z: epsilon)
    network = [[[2]]], [[Fraction(-6)]]
    found, of_line = (
        per_weight.gradients(*network, [pair], [3], [5], "half_squared_error") for pair in (kink, line)
    )
    by_matrices = MatrixMLP(*network, [kink]).gradients([3], [5], "half_squared_error")
    assert found == of_line
    assert found.weights == [[[(0 - 5) * epsilon * 3]]] == [w.tolist() for w in by_matrices.weights]


fractions = st.fractions(min_value=-50, max_value=50, max_denominator=99)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(fractions, min_size=n, max_size=n), min_size=1, max_size=4)
    )
)
def test_e2_the_cost_vector(a: list[list[Any]]) -> None:
    """C = (1/2E) Σ_e (y_e − a_e)², a vector with one entry per output; its sum is the scalar cost."""
    E, n_L = len(a), len(a[0])
    y = [[Fraction(j - e, e + 2) for j in range(n_L)] for e in range(E)]
    values = [[Value(a_ej) for a_ej in a_e] for a_e in a]

    C = [sum((y[e][j] - a[e][j]) ** 2 for e in range(E)) / (2 * E) for j in range(n_L)]

    vector = engine_half_mean_squared_errors(values, y)
    assert C == per_weight.half_mean_squared_errors(a, y) == [C_j.data for C_j in vector]
    scalar = average([half_squared_error(a_e, y_e) for a_e, y_e in zip(values, y, strict=True)])
    of_arrays, _ = matrix.COSTS["half_squared_error"]
    assert sum(C) == scalar.data == of_arrays(np.array(a, object), np.array(y, object)).sum() / E
    leaves = flat(values)
    assert grad(fsum(vector), leaves) == grad(scalar, leaves)
    for j in range(n_L):
        assert grad(vector[j], leaves) == [
            (a[e][i] - y[e][i]) / E if i == j else 0 for e in range(E) for i in range(n_L)
        ]


@pytest.mark.parametrize(("bias", "count"), [("neuron", 2), ("layer", 1), (None, 0)])
def test_e3_shared_biases(bias: str | None, count: int, net: Network) -> None:
    """One bias per layer shared by its neurons, or one per neuron; a shared bias collects the sum."""
    for l in net.layers:
        net.b[l] = {"neuron": net.b[l], "layer": net.b[l][:1] * 2, None: [0, 0]}[bias]
    weights, per_neuron, pairs = net.lists
    biases = [b[:count] for b in per_neuron]
    of_each = per_weight.gradients(weights, per_neuron, pairs, net.x, net.y, net.cost_pair).biases

    literal = {"neuron": of_each, "layer": [[sum(b)] for b in of_each], None: [[], []]}[bias]

    found = per_weight.gradients(weights, biases, pairs, net.x, net.y, net.cost_pair)
    stacked = per_weight.gradient_vector(weights, biases, pairs, net.x, net.y, net.cost_pair)
    by_matrices = MatrixMLP(weights, biases, pairs).gradients(np.array(net.x, object), net.y, net.cost_pair)
    assert [len(b) for b in found.biases] == [b.size for b in by_matrices.biases] == [count, count]
    assert same(literal, found.biases, [b.tolist() for b in by_matrices.biases])
    assert same(literal, [stacked[6 : 6 + count], stacked[10 + count :]])
    if net.kind == "symbols":
        assert same(literal, [[sympy.diff(net.cost(), symbol) for symbol in b] for b in biases])
        assert same(found.weights, [sympy.diff(net.cost(), symbol) for symbol in flat(weights)])
    else:
        mlp = MLP(3, [2, 2], square, square, bias=bias)
        for p, number in zip(
            mlp.parameters(),
            flat([part for layer in zip(weights, biases, strict=True) for part in layer]),
            strict=True,
        ):
            p.data = number
        total = COSTS["sum_squared_error"](mlp(net.x), net.y)
        assert literal == [grad(total, mlp.biases(l)) for l in net.layers]


def test_e4_gradient_descent(net: Network) -> None:
    """P ← P − α ∂C/∂P for every weight and bias."""
    alpha = Fraction(1, 8)
    weights, biases, _ = net.lists
    P = [weights, biases]
    slopes = per_weight.gradients(*net.lists, net.x, net.y, net.cost_pair)
    dC_dP = [slopes.weights, slopes.biases]

    literal = [p - alpha * slope for p, slope in zip(flat(P), flat(dC_dP), strict=True)]

    before = flat(P)
    assert same(literal, per_weight.descend(P, dC_dP, alpha))
    assert flat(P) == before
    if net.kind == "fractions":
        mlp = net.mlp()
        COSTS["sum_squared_error"](mlp(net.x), net.y).backward()
        SGD(mlp.parameters(), learning_rate=alpha).step()
        moved = [[[p.data for p in flat(mlp.weights(l))] for l in net.layers]]
        moved += [[[p.data for p in mlp.biases(l)] for l in net.layers]]
        assert literal == flat(moved)


@pytest.mark.parametrize("n", [(2, 2, 1, 2), (1, 2, 3)])
def test_e5_the_recursion(n: tuple[int, ...], kind: str) -> None:
    """From the weights and biases of layer l+1 to those of layer l, down to l = 1.

    With δˡ_j = ∂C/∂zˡ_j: δˡ_j = σ′(zˡ_j) Σ_i δˡ⁺¹_i wˡ⁺¹_ij, ∂C/∂wˡ_jk = δˡ_j aˡ⁻¹_k and ∂C/∂bˡ_j = δˡ_j.
    """
    net = Network(kind, *n)
    L, (z, a), w = net.L, net.run(), net.w
    found = per_weight.gradients(*net.lists, net.x, net.y, net.cost_pair)
    by_matrices = MatrixMLP(*net.lists).gradients(np.array(net.x, object), net.y, net.cost_pair)

    delta = {L: [net.cost_prime(a[L][j], net.y[j]) * net.sigma_prime(L, z[L][j]) for j in range(n[L])]}
    for l in range(L - 1, 0, -1):
        delta[l] = [
            net.sigma_prime(l, z[l][j]) * sum(delta[l + 1][i] * w[l + 1][i][j] for i in range(n[l + 1]))
            for j in range(n[l])
        ]
        assert same(delta[l], per_weight.hidden_layer_error(net.pairs[l - 1], z[l], w[l + 1], delta[l + 1]))
    for l in range(L, 0, -1):
        literal_w = [[delta[l][j] * a[l - 1][k] for k in range(n[l - 1])] for j in range(n[l])]
        literal_b = [delta[l][j] for j in range(n[l])]
        assert same(literal_w, found.weights[l - 1], by_matrices.weights[l - 1])
        assert same(literal_b, found.biases[l - 1], by_matrices.biases[l - 1])
        assert same(literal_w, [derivative(net.cost, row, k) for row in w[l] for k in range(n[l - 1])])
        assert same(literal_b, [derivative(net.cost, net.b[l], j) for j in range(n[l])])
        if kind == "fractions":
            assert [flat(literal_w), literal_b] == list(net.by_engine(l)[:2])
    literal_x = [sum(delta[1][j] * w[1][j][k] for j in range(n[1])) for k in range(n[0])]
    assert same(literal_x, found.inputs, by_matrices.inputs)
    assert same(literal_x, [derivative(net.cost, net.x, k) for k in range(n[0])])


@pytest.mark.parametrize("bias", ["neuron", "layer", None])
def test_e6_the_training_algorithm(bias: str | None) -> None:
    """Forward, cost, stop when it is close enough to 0, derivatives, update, repeat."""
    alpha = Fraction(1, 8)
    X: list[Any] = [[Fraction(i), Fraction(j)] for i in (0, 1) for j in (0, 1)]
    Y = [[Fraction(y)] for y in (0, 1, 1, 0)]
    n, sigmas = len(X), ["relu", "linear"]

    def fresh() -> MLP:
        mlp = MLP(2, [2, 1], "relu", bias=bias)
        for i, p in enumerate(mlp.parameters()):
            p.data = Fraction(3 * i % 7 - 2, 4)
        return mlp

    def train(close_enough: float, epochs: int) -> tuple[list[float], list[Any], str]:
        mlp = fresh()
        w = [[[v.data for v in row] for row in mlp.weights(l)] for l in (1, 2)]
        b = [[v.data for v in mlp.biases(l)] for l in (1, 2)]
        costs, path = [], []
        for _ in range(epochs):
            outputs = [per_weight.forward(w, b, sigmas, X[s])[1][-1] for s in range(n)]
            C = sum((outputs[s][0] - Y[s][0]) ** 2 for s in range(n)) / 2 / n
            costs.append(float(C))
            if close_enough > C:
                return costs, path, "converged"
            dC = per_weight.average_gradients(w, b, sigmas, X, Y, "half_squared_error")
            w, b = per_weight.descend([w, b], [dC.weights, dC.biases], alpha)
            path.append(flat([[w[l], b[l]] for l in (0, 1)]))
        return costs, path, "epochs"

    all_costs, _, _ = train(0, epochs=3)
    assert all_costs[2] < min(all_costs[:2])
    for close_enough, reason in [(1e-9, "epochs"), (all_costs[2] * 1.001, "converged")]:
        costs, path, stopped = train(close_enough, epochs=3)
        mlp, seen = fresh(), list[Any]()

        history = fit(
            mlp,
            X,
            Y,
            cost="half_squared_error",
            learning_rate=alpha,
            epochs=3,
            tolerance=close_enough,
            callbacks=[lambda epoch, seen=seen: seen.append([p.data for p in epoch.model.parameters()])],
        )

        assert stopped == history.stopped == reason
        assert history.costs == costs == all_costs
        assert seen[: len(path)] == path
        assert seen[-1] == path[-1] == [p.data for p in mlp.parameters()]
        assert all(isinstance(number, Fraction) for number in seen[-1])
