"""Proofs: the engine's gradient is the formulas', for all numbers by SymPy, and bit for bit on Fractions.

The formulas are those of ``nn.matrix`` (B1–B4), the index loops (A7–A9, E5) and the products of Jacobians
(C4–C6), which share no code with the engine.
"""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd_lite import Value, grad, jacobian, topological_order
from nn import COSTS, MLP, average, half_squared_error, per_weight
from nn.matrix import MatrixMLP


def flat(gradients):
    """Return weights row by row, then biases, layer by layer: the order of a network's parameters."""
    return [
        entry
        for weights, biases in zip(gradients.weights, gradients.biases, strict=True)
        for entry in [*np.asarray(weights, dtype=object).ravel(), *biases]
    ]


def plain(mlp):
    """Return the numbers of a network as nested lists, for the loops."""
    levels = range(1, len(mlp.layers) + 1)
    weights = [[[w.data for w in row] for row in mlp.weights(l)] for l in levels]
    return weights, [[b.data for b in mlp.biases(l)] for l in levels]


# ------------------------------------------------------------------------------ by SymPy, for all numbers


def polynomial(z):
    return z * z + 3 * z


def sigmoid(z):
    return 1 / (1 + sympy.exp(-z))


PROVEN = {
    "tanh": ("tanh", (sympy.tanh, lambda z: 1 - sympy.tanh(z) ** 2)),
    "sigmoid": ("sigmoid", (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)))),
    "polynomial": (polynomial, (polynomial, lambda z: 2 * z + 3)),
}


def symbols(letter, n):
    return [sympy.Symbol(f"{letter}[{i}]", real=True) for i in range(n)]


def biases_in_terms_of_z(outputs):
    """Return b = z − Σ wa with z = 2 ln u for every bias: a change of variables that can be undone.

    With it every exponential of a z is a power of u, and what is to be proved an identity of polynomials.
    """
    change = {}
    for z in topological_order(average(outputs)):
        if z.label.startswith("z["):
            b, *operands = (parent.data for parent in z.parents)
            half = len(operands) // 2
            u = sympy.Symbol(f"u{z.label[1:]}", positive=True)
            weighted = sum(w * a for w, a in zip(operands[:half], operands[half:], strict=True))
            change[b] = 2 * sympy.log(u) - weighted.xreplace(change)
    return change


def vanishes(expression, change):
    rational = expression.xreplace(change).rewrite([sympy.tanh, sympy.sech], sympy.exp)
    numerator, _ = sympy.fraction(sympy.together(rational))
    return sympy.expand(numerator) == 0


@pytest.mark.parametrize("name", PROVEN)
def test_the_engine_proves_the_formulas_for_all_numbers(name):
    activation, pair = PROVEN[name]
    mlp = MLP(2, [2, 2], activation, activation)
    for label, p in mlp.named_parameters():
        p.data = sympy.Symbol(label, real=True)
    x, y = symbols("x", 2), symbols("y", 2)
    inputs = [Value(x_k) for x_k in x]
    outputs = mlp(inputs)

    engine = grad(half_squared_error(outputs, y), [*mlp.parameters(), *inputs])

    arguments = (*plain(mlp), [pair, pair], x, y, "half_squared_error")
    by_matrices = MatrixMLP.from_mlp(mlp, [pair, pair]).gradients(x, y, "half_squared_error")
    by_loops = per_weight.gradients(*arguments)
    by_jacobians = per_weight.gradient_vector(*arguments)
    change = biases_in_terms_of_z(outputs)
    for i, ours in enumerate(engine):
        assert vanishes(ours - [*flat(by_matrices), *by_matrices.inputs][i], change)
        assert vanishes(ours - [*flat(by_loops), *by_loops.inputs][i], change)
        assert i >= len(by_jacobians) or vanishes(ours - by_jacobians[i], change)
        assert not vanishes(ours, change)


# ------------------------------------------------------------------------------ bit for bit, on Fractions


def square(z):
    return z * z


# What a network, the loops and the matrices take for an activation; all three keep Fractions exact.
EXACT = {
    "linear": ("linear", "linear"),
    "relu": ("relu", "relu"),
    "square": (square, (square, lambda z: 2 * z)),
    "cubic": (lambda z: z * z * z - z, (lambda z: z**3 - z, lambda z: 3 * z**2 - 1)),
}
fractions = st.fractions(min_value=-3, max_value=3, max_denominator=9)


@st.composite
def exact_networks(draw):
    """Draw a network of Fractions, its activations for the formulas, samples, targets and a cost."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    hidden, last = draw(st.sampled_from(sorted(EXACT))), draw(st.sampled_from(sorted(EXACT)))
    bias = draw(st.sampled_from(["neuron", "layer", None]))
    mlp = MLP(sizes[0], sizes[1:], EXACT[hidden][0], EXACT[last][0], bias=bias)
    for p in mlp.parameters():
        p.data = draw(fractions)
    pairs = [EXACT[hidden][1]] * (len(sizes) - 2) + [EXACT[last][1]]
    n = draw(st.integers(1, 3))
    X = [[draw(fractions) for _ in range(sizes[0])] for _ in range(n)]
    cost = draw(st.sampled_from(["sum_squared_error", "mean_squared_error", "half_squared_error", "hinge"]))
    targets = st.sampled_from([Fraction(-1), Fraction(1)]) if cost == "hinge" else fractions
    Y = [[draw(targets) for _ in range(sizes[-1])] for _ in range(n)]
    return mlp, pairs, X, Y, cost


def are_exact(numbers):
    return all(isinstance(number, int | Fraction) for number in numbers)


@settings(max_examples=120, deadline=None)
@given(exact_networks())
def test_on_fractions_engine_loops_and_matrices_are_equal(drawn):
    mlp, pairs, X, Y, cost = drawn
    inputs = [[Value(x_k) for x_k in x] for x in X]

    total = average([COSTS[cost](mlp(x), y) for x, y in zip(inputs, Y, strict=True)])
    engine = grad(total, [*mlp.parameters(), *(x_k for x in inputs for x_k in x)])

    by_loops = per_weight.average_gradients(*plain(mlp), pairs, X, Y, cost)
    by_matrices = MatrixMLP.from_mlp(mlp, pairs).gradients(
        np.array(X, dtype=object), np.array(Y, dtype=object), cost
    )
    assert are_exact([total.data, *engine])
    assert total.data == MatrixMLP.from_mlp(mlp, pairs).cost(X, Y, cost)
    assert engine == [*flat(by_loops), *(g for row in by_loops.inputs for g in row)]
    assert engine == [*flat(by_matrices), *by_matrices.inputs.ravel()]


@settings(max_examples=60, deadline=None)
@given(exact_networks())
def test_on_fractions_the_products_of_jacobians_are_the_engines(drawn):
    mlp, pairs, X, Y, cost = drawn
    x = [Value(x_k) for x_k in X[0]]
    outputs = mlp(x)
    zs, _ = per_weight.forward(*plain(mlp), pairs, X[0])

    of_all_layers = jacobian(outputs, x)
    gradient = grad(COSTS[cost](outputs, Y[0]), mlp.parameters())

    # C4, C5: ∂aᴸ/∂a⁰ as the product of the layers' Jacobians; C3, C6: ∇C from such products.
    assert of_all_layers == per_weight.output_jacobian(plain(mlp)[0], pairs, zs, layer=0)
    assert gradient == per_weight.gradient_vector(*plain(mlp), pairs, X[0], Y[0], cost)
    assert are_exact([*gradient, *(entry for row in of_all_layers for entry in row)])


@settings(max_examples=40, deadline=None)
@given(exact_networks(), st.data())
def test_on_fractions_a_polynomials_slope_is_the_limit_of_its_difference_quotients(drawn, data):
    """An oracle that knows no chain rule: Richardson's extrapolation is exact for polynomials."""
    mlp, _, X, Y, _ = drawn
    assume(all(layer.activation != "relu" for layer in mlp.layers))
    p = data.draw(st.sampled_from(mlp.parameters()))

    def total():
        return average([COSTS["sum_squared_error"](mlp(x), y) for x, y in zip(X, Y, strict=True)])

    (slope,) = grad(total(), [p])

    # C is a polynomial in p of degree 2·3³ at most: central quotients at 27 steps determine the odd part.
    here, quotients = p.data, []
    for i in range(1, 28):
        costs = []
        for step in (i, -i):
            p.data = here + step
            costs.append(total().data)
        quotients.append((costs[0] - costs[1]) / (2 * i))
    p.data = here
    # Lagrange in h², at h = 0.
    limit = Fraction(0)
    for i, quotient in enumerate(quotients, 1):
        weight = Fraction(1)
        for j in range(1, 28):
            if j != i:
                weight *= Fraction(j * j, j * j - i * i)
        limit += weight * quotient
    assert slope == limit
