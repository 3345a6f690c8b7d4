"""Graphs of all shapes, lifted: random ones, and those that could break the search for arrays."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd_lite import Value, affine, fsum, grad, lift, sumprod
from tests.autograd_lite.lifting import (
    always_on_arrays,
    require_same_batch,
    require_same_gradients,
    require_same_graph,
)

UNARY = ("tanh", "sin", "relu", "sigmoid", "softplus", "atan", "abs", "neg")
BINARY = ("add", "sub", "mul", "maximum", "hypot", "div", "square")


def grown(random: Random, leaves: list[Value], nodes: int) -> Value:
    """Return a random graph on leaves, with nodes used many times, constants, and sums of random length.

    What could become large goes through tanh, by its degree: the graph does not depend on the numbers.
    """
    pool: list[tuple[Any, int]] = [*((leaf, 1) for leaf in leaves), (0.0, 0), (1.0, 0), (-0.5, 0), (2.0, 0)]
    for _ in range(nodes):
        kind = random.random()
        (x, degree), (y, other) = random.choice(pool), random.choice(pool[-12:])
        x = x if isinstance(x, Value) else Value(x)
        if kind < 0.35:
            name = random.choice(UNARY)
            made = -x if name == "neg" else abs(x) if name == "abs" else getattr(x, name)()
        elif kind < 0.8:
            name = random.choice(BINARY)
            made, degree = combined(name, x, y), degree + max(degree, other)
        else:
            pairs = [(random.choice(pool), random.choice(pool)) for _ in range(5)]
            made = summed(random, x, [(a, b) for (a, _), (b, _) in pairs])
            degree += max(a + b for (_, a), (_, b) in pairs)
        pool.append((made.tanh(), 1) if degree > 4 else (made, degree))
    return fsum([x * random.choice([1.0, 0.3, -2.0]) for x, _ in pool[-8:]] + [leaves[0]])


def summed(random: Random, x: Value, pairs: list[Any]) -> Any:
    some, others = zip(*pairs[: random.randint(1, 5)], strict=True)
    kind = random.randrange(3)
    if kind == 0:
        # Not fsum, which rounds once: where terms cancel, sums on arrays lose digits that it keeps.
        return sum([x, *some])
    return affine([x, *some], [x, *others], 0.5) if kind == 1 else sumprod([x, *some], [0.5, *others])


def combined(name: str, x: Value, y: Any) -> Value:
    if name == "add":
        return x + y
    if name == "sub":
        return y - x
    if name == "mul":
        return x * y
    if name == "div":
        return y / (1 + x * x)
    if name == "square":
        return x**2
    return getattr(x, name)(y)  # type: ignore[no-any-return]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), n_leaves=st.integers(1, 9), nodes=st.integers(1, 80))
# tanh 10.3 − tanh 6.8 is squared: a unit in the last place of one is 4e-11 of it, and NumPy's is off by one.
@example(seed=8988, n_leaves=2, nodes=66)
def test_random_graphs(seed: int, n_leaves: int, nodes: int) -> None:
    random = Random(seed)
    leaves = [Value(random.uniform(-2, 2), f"x[{i}]") for i in range(n_leaves)]
    root = grown(random, leaves, nodes)
    require_same_graph(root)
    with always_on_arrays():
        program = require_same_graph(root)
    assert "array operations" in str(program)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9), nodes=st.integers(1, 40))
def test_random_graphs_over_samples(seed: int, nodes: int) -> None:
    random = Random(seed)
    shared = [random.uniform(-2, 2) for _ in range(3)]
    own = [[random.uniform(-2, 2) for _ in range(2)] for _ in range(4)]
    require_same_batch(lambda w, x: grown(Random(seed), [*w, *x], nodes), [shared, own], (None, 0))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), nodes=st.integers(1, 25), repeats=st.integers(2, 6))
def test_random_graphs_repeated_side_by_side(seed: int, nodes: int, repeats: int) -> None:
    random = Random(seed)
    shared = [random.uniform(-2, 2) for _ in range(3)]
    own = [[random.uniform(-2, 2) for _ in range(2)] for _ in range(repeats)]

    def f(w: list[Value], rows: list[list[Value]]) -> Value:
        # The same graph for each row, with other numbers.
        return sum(grown(Random(seed), [*w, *row], nodes) for row in rows) / len(rows)  # type: ignore[no-any-return]

    w = [Value(x, f"w[{k}]") for k, x in enumerate(shared)]
    rows = [[Value(x, f"x[{s},{k}]") for k, x in enumerate(row)] for s, row in enumerate(own)]
    root = f(w, rows)
    with always_on_arrays():
        require_same_graph(root)


# --- random programs on arrays, written as loops --------------------------------------------------------


def written_as_loops(random: Random, arrays: list[Any], steps: int) -> Any:
    """Return the cost of a random program of matrix operations, scalar by scalar."""
    pool = [(M, 1) for M in arrays]
    for _ in range(steps):
        (A, degree), (B, other) = random.choice(pool), random.choice(pool)
        made = random.choice(OPERATIONS)(random, A, B)
        degree = 2 * max(degree, other)
        pool.append((each(lambda x: x.tanh(), made), 1) if degree > 4 else (made, degree))
    return fsum([x * (1 + k % 3) for M, _ in pool[-3:] for k, x in enumerate(np.ravel(M))])


def each(f: Any, M: Any) -> Any:
    result = np.empty(M.shape, dtype=object)
    for index in np.ndindex(M.shape):
        result[index] = f(M[index])
    return result


def product(A: Any, B: Any, length: Any = None) -> Any:
    """Return A Bᵀ over the columns that both have, of row i only the first length(i) terms."""
    n = min(A.shape[1], B.shape[1])
    terms = length or (lambda i: n)
    rows = [
        [sum((A[i, k] * B[j, k] for k in range(min(n, terms(i)))), A[i, 0]) for j in range(len(B))]
        for i in range(len(A))
    ]
    return np.array(rows, dtype=object)


def softmax_of_rows(A: Any) -> Any:
    return np.array([[x.exp() / fsum([y.exp() for y in row]) for x in row] for row in A], dtype=object)


def triangle(A: Any, B: Any) -> Any:
    n = min(A.shape[1], B.shape[1])
    scores = [
        [sum(A[i, k] * B[j, k] for k in range(n)) for j in range(min(i + 1, len(B)))] for i in range(len(A))
    ]
    weighted = [[sum(s * B[j, k] for j, s in enumerate(row)) for k in range(B.shape[1])] for row in scores]
    return np.array(weighted, dtype=object)


OPERATIONS: list[Any] = [
    lambda random, A, B: product(A, B),
    lambda random, A, B: product(A, B, lambda i: 1 + i),
    lambda random, A, B: triangle(A, B),
    lambda random, A, B: A.T,
    lambda random, A, B: A[::-1],
    lambda random, A, B: A[:, :1] * B[:1, :],
    lambda random, A, B: each(lambda x: x.sigmoid() * 2 - 0.5, A),
    lambda random, A, B: each(lambda x: x.relu() - x * x, A),
    lambda random, A, B: A[[random.randrange(len(A)) for _ in range(3)]],
    lambda random, A, B: A - np.array([[fsum(list(row)) / len(row)] for row in A], dtype=object),
    lambda random, A, B: softmax_of_rows(A),
    lambda random, A, B: np.array([[sum(A[: i + 1, j]) for j in range(A.shape[1])] for i in range(len(A))]),
    lambda random, A, B: np.concatenate([A.ravel(), B.ravel()])[:2].reshape(1, 2),
    lambda random, A, B: A + B[0, 0],
]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), steps=st.integers(1, 7))
def test_random_programs_on_arrays_written_as_loops(seed: int, steps: int) -> None:
    random = Random(seed)
    shapes = [(random.randint(1, 4), random.randint(1, 4)) for _ in range(3)]
    arrays = [np.array([[random.uniform(-1, 1) for _ in range(n)] for _ in range(m)]) for m, n in shapes]

    def f(*lists: Any) -> Any:
        return written_as_loops(Random(seed), [np.array(rows, dtype=object) for rows in lists], steps)

    with always_on_arrays():
        require_same_gradients(f, *arrays)
    samples = np.array([arrays[0] * scale for scale in (1.0, -0.5, 0.3)])
    require_same_batch(f, [samples, *arrays[1:]], (0, None, None))


# --- sums -----------------------------------------------------------------------------------------------


def test_sums_of_different_lengths() -> None:
    def f(xs: list[Value], ws: list[Value]) -> Any:
        return sum(sum(w * x for w, x in zip(ws, xs[: k + 1], strict=False)).tanh() for k in range(len(xs)))

    require_same_gradients(f, [0.1 * k for k in range(9)], [0.3 - 0.1 * k for k in range(9)])


def test_sums_that_mix_products_single_terms_and_signs() -> None:
    def f(xs: list[Value], w: Value) -> Any:
        return sum((x * w - x + 2 - xs[0] * x - w).tanh() for x in xs)

    require_same_gradients(f, [0.1, -0.4, 0.9], 0.7)


def test_a_sum_of_differences_of_different_lengths() -> None:
    def f(xs: list[Value]) -> Any:
        total = Value(0.0)
        for k in range(len(xs)):
            total = total + (sum(xs[:k], Value(0.5)) - sum(x * x for x in xs[k:])).sin()
        return total

    require_same_gradients(f, [0.1, -0.4, 0.9, 0.2, -1.0])


def test_a_sum_that_is_empty_but_for_zero() -> None:
    require_same_gradients(lambda xs: sum(xs[:0], Value(0.0)) + xs[0] + 0.0, [2.0, 3.0])


def test_a_very_wide_sum() -> None:
    n = 50_000
    xs = np.linspace(-1, 1, n)
    value, gradient = lift(lambda x: fsum([x_k * x_k for x_k in x]))(xs)
    assert math.isclose(value, float(xs @ xs), rel_tol=1e-12)
    np.testing.assert_allclose(gradient, 2 * xs, rtol=1e-12)


def test_one_element_used_very_often_beside_others_used_once() -> None:
    n = 30_000
    random = Random(0)
    places = [0 if random.random() < 0.9 else k for k in range(n)]
    xs = np.linspace(0.5, 1.5, n)
    program = lift(lambda x: fsum([x[place].sin() * x[k] for k, place in enumerate(places)]))
    _, gradient = program(xs)
    expected = np.sin(xs[places])
    np.add.at(expected, places, np.cos(xs[places]) * xs)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10)
    assert sum(array.nbytes for array in constants_of(program)) < 100 * n


def constants_of(program: Any) -> list[Any]:
    return list(program._last.compiled.form.constants.values())


# --- arrays ---------------------------------------------------------------------------------------------


def test_transposed_reversed_strided_and_diagonal_parts() -> None:
    def f(m: list[list[Value]], v: list[Value]) -> Any:
        n = len(m)
        transposed = sum((m[j][i] * (i + 1)).tanh() for i in range(n) for j in range(n))
        diagonal = sum((m[i][i] * v[n - 1 - i]).sin() for i in range(n))
        strided = sum((x * 2).exp() for x in v[::2])
        corner = sum((m[i][j] + m[i + 1][j + 1]).sigmoid() for i in range(n - 1) for j in range(n - 1))
        return transposed + diagonal + strided + corner

    random = np.random.default_rng(0)
    require_same_gradients(f, random.normal(size=(4, 4)), random.normal(size=4))


def test_rows_of_a_table_looked_up_and_repeated() -> None:
    def f(table: list[list[Value]], w: list[Value]) -> Any:
        rows = [table[k] for k in (3, 1, 1, 4, 1, 0)]
        return sum(sum(w_k * x for w_k, x in zip(w, row, strict=True)).tanh() for row in rows)

    random = np.random.default_rng(0)
    require_same_gradients(f, random.normal(size=(5, 3)), random.normal(size=3))


def test_products_of_rows_that_form_a_triangle() -> None:
    def f(q: list[list[Value]], k: list[list[Value]]) -> Any:
        pairs = [(i, j) for i in range(len(q)) for j in range(i + 1)]
        return sum(sum(a * b for a, b in zip(q[i], k[j], strict=True)).tanh() * (1 + i + j) for i, j in pairs)

    random = np.random.default_rng(0)
    require_same_gradients(f, random.normal(size=(5, 3)), random.normal(size=(5, 3)))


@pytest.mark.parametrize("shape", [(1,), (1, 1), (1, 3), (3, 1), (2, 1, 2)])
def test_arrays_with_axes_of_length_one(shape: tuple[int, ...]) -> None:
    def f(x: Any, y: Any) -> Any:
        flat_x, flat_y = (np.array(v, dtype=object).ravel() for v in (x, y))
        return sum((a * b + a).tanh() for a, b in zip(flat_x, flat_y, strict=True))

    random = np.random.default_rng(0)
    require_same_gradients(f, random.normal(size=shape), random.normal(size=shape))


def test_scalars_alone() -> None:
    require_same_gradients(lambda w, x, b: ((w * x + b).tanh() - 0.3) ** 2, 0.5, 2.0, -1.0)


def test_empty_arrays_and_arguments_that_are_not_used() -> None:
    _, (unused, empty, used) = lift(lambda a, b, c: c * c, argnums=(0, 1, 2))([1.0, 2.0], [], 3.0)
    assert unused.tolist() == [0.0, 0.0]
    assert empty.shape == (0,)
    assert float(used) == 6.0


def test_the_same_argument_twice() -> None:
    x = np.array([1.0, 2.0])
    _, (first, second) = lift(lambda a, b: sum(p * q * q for p, q in zip(a, b, strict=True)), argnums=(0, 1))(
        x, x
    )
    assert first.tolist() == [1.0, 4.0]
    assert second.tolist() == [2.0, 8.0]


def test_a_leaf_as_the_root() -> None:
    x = Value(3.0, "x")
    value, gradients = lift(x)()
    assert (float(value), float(gradients["x"])) == (3.0, 1.0)
    _, gradient = lift(lambda xs: xs[1])([1.0, 2.0, 3.0])
    assert gradient.tolist() == [0.0, 1.0, 0.0]


def test_repeated_numbers_count_each_time() -> None:
    # The adjoint of a number that is repeated along an axis, or over samples, is the sum of all of them.
    require_same_gradients(
        lambda x, v: sum((a + x).relu() for a in v) + sum(x - a for a in v), 5.0, [1.0, 2.0, 3.0]
    )
    require_same_batch(lambda x, b: x + b, [[1.0, 2.0, 3.0], 4.0], (0, None))
    require_same_batch(
        lambda x, b, c: (x + b) * 2 - b + sum(c) + sum(c_k * c_k for c_k in c),
        [[1.0, 2.0, 3.0], 4.0, [5.0, 6.0]],
        (0, None, None),
    )


def test_gradients_may_be_changed_in_place() -> None:
    w, x = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    program = lift(lambda a, b: sum(p * q for p, q in zip(a, b, strict=True)), argnums=(0, 1))
    _, gradients = program(w, x)
    for gradient in gradients:
        gradient += 100
    assert (w.tolist(), x.tolist()) == ([1.0, 2.0], [3.0, 4.0])
    _, (da, db) = lift(lambda a, b: sum((p + q).exp() for p, q in zip(a, b, strict=True)), argnums=(0, 1))(
        w, x
    )
    da += 1
    assert not np.array_equal(da, db)


# --- labels ---------------------------------------------------------------------------------------------


def test_labels_that_are_no_names() -> None:
    labels = [
        "lambda",
        "np",
        "2x",
        "w",
        "w",
        "a b",
        "",
        "t1",
        "C",
        "n",
        "program",
        "w[i]",
        "é",
        "I1",
        "tanh",
        "None",
        "x₁",
        "θ²",
        "∂C",
        "d",
        "_",
        "sech",
        "float",
        "K1",
    ]
    leaves = [Value(0.1 * (k + 1), label) for k, label in enumerate(labels)]
    interior = [(leaf * leaf).tanh() for leaf in leaves]
    for node, label in zip(interior, reversed(labels), strict=True):
        node.label = label
    root = fsum([node * leaf for node, leaf in zip(interior, leaves, strict=True)]) * leaves[3]
    require_same_graph(root)
    with always_on_arrays():
        require_same_graph(root)


def test_indices_with_gaps_and_different_numbers_of_samples() -> None:
    leaves = [Value(0.1 * k, f"x[{i}]") for k, i in enumerate((0, 2, 2, 5))]
    program = require_same_graph(fsum([leaf.exp() for leaf in leaves]))
    assert program.inputs["x"].shape == (4,)


def test_samples_under_the_same_labels_get_an_axis() -> None:
    leaves = [[Value(0.1 * k + s, f"x[{k}]") for k in range(3)] for s in range(5)]
    program = require_same_graph(fsum([fsum(row).tanh() for row in leaves]))
    assert {name: array.shape for name, array in program.inputs.items()} == {"X": (5, 3)}


# --- large graphs ---------------------------------------------------------------------------------------


def test_a_long_chain() -> None:
    def f(x: Value, w: Value) -> Value:
        for _ in range(3000):
            x = x * w + 0.001
        return x

    require_same_gradients(f, 0.5, 0.9999)


def test_gradients_of_a_second_derivative() -> None:
    # The graph of a gradient is a graph too.
    x = [Value(0.3, "x[0]"), Value(-0.8, "x[1]")]
    inner = (x[0] * x[1].exp() + x[1].tanh()) ** 2
    first = grad(inner, x, create_graph=True)
    require_same_graph(first[0] * first[1])
