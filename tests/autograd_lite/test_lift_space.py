"""Repetition in space: what is alike side by side becomes whole arrays, as a person would write it."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest

from autograd_lite import lift, maximum, minimum
from tests.autograd_lite.lifting import always_on_arrays, require_same_batch, require_same_gradients

random = np.random.default_rng(7)


def operations_in(program: Any) -> int:
    return int(program.source and str(program).rsplit(" in, ", 1)[1].split()[0].replace(",", ""))


def squared(a: Any, b: Any) -> Any:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


# --- largest and smallest -------------------------------------------------------------------------------


def nested_to_the_left(choice: Any, xs: Any) -> Any:
    return reduce(choice, xs)


def nested_to_the_right(choice: Any, xs: Any) -> Any:
    return reduce(lambda rest, x: choice(x, rest), reversed(xs))


@pytest.mark.parametrize("choice", [maximum, minimum])
@pytest.mark.parametrize("nested", [nested_to_the_left, nested_to_the_right])
@pytest.mark.parametrize("x", [[3.0, 1.0, 2.0, 0.0], [2.0, 2.0, 1.0, 1.0], [0.0, -0.0, 0.0, -0.0], [1.0] * 4])
def test_of_equal_operands_the_first_counts_in_a_chain(choice: Any, nested: Any, x: list[float]) -> None:
    with always_on_arrays():
        program = require_same_gradients(lambda x: nested(choice, x) * 2, x)
    assert f"np.{choice.__name__[:3]}(x)" in program.source


@pytest.mark.parametrize("choice", [maximum, minimum])
@pytest.mark.parametrize("x", [[1.0, 1.0], [0.0, -0.0], [-0.0, 0.0], [2.0, 1.0]])
def test_of_equal_operands_the_first_counts_in_either_order(choice: Any, x: list[float]) -> None:
    f = lambda x: 3 * choice(x[0], x[1]) + choice(x[1], x[0])  # noqa: E731
    require_same_gradients(f, x)
    with always_on_arrays():
        require_same_gradients(f, x)


def test_a_long_chain_is_one_operation() -> None:
    x = random.random(5000)
    for nested in (nested_to_the_left, nested_to_the_right):
        with always_on_arrays():
            assert operations_in(require_same_gradients(lambda x, nested=nested: nested(maximum, x), x)) < 8


def test_a_chain_over_samples() -> None:
    f = lambda w, x: reduce(minimum, [(w_k - x) ** 2 for w_k in w])  # noqa: E731
    program = require_same_batch(f, [random.random(5), random.random(9)], (None, 0))
    assert "np.min(" in program.source
    assert "np.minimum" not in program.source


def test_chains_of_different_things_stay() -> None:
    with always_on_arrays():
        program = require_same_gradients(
            lambda x, y: maximum(maximum(x[0], 0.3), y[0]) * x[1], [0.1, 2.0], [0.2]
        )
    assert program.source.count("np.maximum") == 2


@pytest.mark.parametrize("other", [lambda y: 0.3, lambda y: y.sin()])
def test_a_chain_stays_or_goes_whatever_the_order_of_arguments(other: Any) -> None:
    x, y = [0.1, 2.0], [0.2, 0.4]
    with always_on_arrays():
        first = require_same_gradients(lambda x, y: maximum(maximum(x[0], other(y[1])), x[1]) * y[0], x, y)
        second = require_same_gradients(lambda y, x: maximum(maximum(x[0], other(y[1])), x[1]) * y[0], y, x)
    assert first.source.count("np.maximum") == second.source.count("np.maximum") == 2


# --- axes -----------------------------------------------------------------------------------------------


def test_every_row_with_every_row() -> None:
    """Distances of points to centres: axes of two arrays, one of them in common."""

    def cost(centres: Any, points: Any) -> Any:
        return sum(squared(p, c).sqrt() for p in points for c in centres)

    with always_on_arrays():
        program = require_same_gradients(cost, random.random((3, 4)), random.random((5, 4)))
    assert "points[:, None, :]" in program.source
    assert "[I" not in program.source


def test_rows_of_a_triangle_are_taken_in_sections() -> None:
    """Q y for lower triangular matrices Q: each row has a length of its own."""

    def cost(q: Any, l: Any, x: Any) -> Any:
        total = 0.0
        for y in x:
            for q_k, (a, b, c) in zip(q, l, strict=True):
                z = q_k[0] * y[0], a * y[0] + q_k[1] * y[1], b * y[0] + c * y[1] + q_k[2] * y[2]
                total += (z[0] ** 2 + z[1] ** 2 + z[2] ** 2).exp()
        return total

    arguments = [0.3 * random.random(shape) for shape in ((4, 3), (4, 3), (6, 3))]
    with always_on_arrays():
        program = require_same_gradients(cost, *arguments)
    assert "[I" not in program.source
    assert "np.concat" not in program.source


def test_what_comes_back_to_overlapping_sections_is_added_up() -> None:
    with always_on_arrays():
        require_same_gradients(
            lambda x: x[0] * x[1] * x[2] + sum(x[1:3]).exp() + x[3].tanh() + sum(x[:2]).tanh(),
            [0.1, 0.2, 0.3, 0.4],
        )


# --- sums -----------------------------------------------------------------------------------------------


def test_a_polynomial_at_fixed_points_is_a_product_with_a_matrix_of_constants() -> None:
    """Also where equal multiples, and equal beginnings of a sum, occur at several points."""

    def cost(x: Any) -> Any:
        total = 0.0
        for t in (-1.0, -0.5, 0.0, 0.5, 1.0):
            rest, power = float(np.sign(t)), 1.0
            for x_j in x:
                rest -= x_j * power
                power *= t
            total += rest**2
        return total

    with always_on_arrays():
        program = require_same_gradients(cost, random.random(8))
    assert operations_in(program) <= 8


def test_numbers_from_different_arrays_are_added_one_by_one() -> None:
    with always_on_arrays():
        program = require_same_gradients(
            lambda x, y: sum(a.exp() for a in x).log() + sum(b.tanh() for b in y),
            random.random(5),
            random.random(7),
        )
    assert "np.concat" not in program.source


def test_compiled_chains_agree_with_the_engine() -> None:
    pytest.importorskip("numba")
    f = lambda w, x: reduce(maximum, [w_k * x[1] for w_k in w]).tanh() + reduce(minimum, x)  # noqa: E731
    w, x = np.array([1.0, 2.0, 2.0, 0.5]), random.integers(0, 3, (9, 4)).astype(float)
    value, gradients = lift(f, argnums=(0, 1), in_axes=(None, 0), compiler="numba")(w, x)
    require_same_batch(f, [w, x], (None, 0))
    expected, of_arrays = lift(f, argnums=(0, 1), in_axes=(None, 0))(w, x)
    np.testing.assert_allclose([value, *np.ravel(gradients[0])], [expected, *np.ravel(of_arrays[0])])
    np.testing.assert_allclose(gradients[1], of_arrays[1])


# --- what is taken off and put back ---------------------------------------------------------------------


def largest(x: Any) -> Any:
    return reduce(maximum, x)


def exponentials(x: Any, shift: Any) -> Any:
    return [(x_k - shift).exp() for x_k in x]


PUT_BACK = {
    "logsumexp": lambda x: largest(x) + sum(exponentials(x, largest(x))).log(),
    "a softmax": lambda x: exponentials(x, largest(x))[1] / sum(exponentials(x, largest(x))),
    "of the smallest": lambda x: sum(exponentials(x, -reduce(minimum, x))).log() - reduce(minimum, x),
    "two of them": lambda x: PUT_BACK["logsumexp"](x[:4]) * PUT_BACK["a softmax"](x[1:]),
}
NOT_PUT_BACK = {
    "not at all": lambda x: sum(exponentials(x, largest(x))).log(),
    "twice": lambda x: 2 * largest(x) + sum(exponentials(x, largest(x))).log(),
    "with a term that does not move": lambda x: largest(x) + (1 + sum(exponentials(x, largest(x)))).log(),
    "in a choice": lambda x: PUT_BACK["logsumexp"](x) + maximum(largest(x), 0.5),
    "of a largest of such": lambda x: largest([largest(x), *[x_k + largest(x) for x_k in x]]),
    "a product": lambda x: exponentials(x, largest(x))[1] * sum(exponentials(x, largest(x))),
    "another one": lambda x: largest(x[:3]) + sum(exponentials(x, largest(x[1:]))).log(),
}


@pytest.mark.parametrize("name", PUT_BACK)
def test_nothing_flows_back_through_what_is_taken_off_and_put_back(name: str) -> None:
    with always_on_arrays():
        program = require_same_gradients(PUT_BACK[name], random.random(6))
    assert "np.arg" not in program.source


@pytest.mark.parametrize("name", NOT_PUT_BACK)
def test_what_is_not_put_back_counts(name: str) -> None:
    with always_on_arrays():
        program = require_same_gradients(NOT_PUT_BACK[name], random.random(6))
    assert "np.arg" in program.source


# --- stacks ---------------------------------------------------------------------------------------------


def times_matrix(A: Any, B: Any) -> Any:
    return [[sum(a * b[k] for a, b in zip(row, B, strict=True)) for k in range(len(B[0]))] for row in A]


def test_matrix_by_matrix_is_a_product_of_stacks() -> None:
    def cost(A: Any, B: Any, C: Any) -> Any:
        products = [times_matrix(times_matrix(a, b), c) for a, b, c in zip(A, B, C, strict=True)]
        return sum(x.tanh() for product in products for row in product for x in row)

    arguments = [random.random(shape) for shape in ((5, 3, 4), (5, 4, 2), (5, 2, 3))]
    with always_on_arrays():
        program = require_same_gradients(cost, *arguments)
    assert program.source.count(" @ ") == 6
    assert "[I" not in program.source


def test_columns_from_different_arrays_stand_side_by_side() -> None:
    def cost(A: Any, B: Any) -> Any:
        turned = [[[a.tanh(), b.sin(), c] for a, b, c in rows] for rows in A]
        products = [times_matrix(a, b) for a, b in zip(turned, B, strict=True)]
        return sum(x.exp() for product in products for row in product for x in row)

    with always_on_arrays():
        program = require_same_gradients(cost, random.random((4, 2, 3)), random.random((4, 3, 2)))
    assert "[I" not in program.source


def test_stacks_over_samples() -> None:
    def cost(A: Any, B: Any) -> Any:
        return sum(x**2 for a, b in zip(A, B, strict=True) for row in times_matrix(a, b) for x in row)

    for in_axes in ((None, 0), (0, None), (0, 0)):
        shapes = [(*([6] if axis == 0 else []), 3, 2, 2) for axis in in_axes]
        require_same_batch(cost, [random.random(shape) for shape in shapes], in_axes)


# --- sums -----------------------------------------------------------------------------------------------


def test_what_all_summands_are_divided_by_divides_their_sum() -> None:
    def cost(x: Any) -> Any:
        length = sum(x_k * x_k for x_k in x)
        return sum((x_k / length).tanh() for x_k in x)

    with always_on_arrays():
        program = require_same_gradients(cost, random.random(6))
    # ∂C/∂length = −Σ d (x / length) / length: no division of an array within the sum
    back = program.source.partition("# backward")[2]
    assert back.count("np.vecdot(") == 1
    assert "np.sum(" not in back


def test_products_summed_over_samples_are_products_of_matrices() -> None:
    def cost(C: Any, x: Any) -> Any:
        distances = [sum((c - x_j) ** 2 for c, x_j in zip(row, x, strict=True)) for row in C]
        return sum(distance.sqrt() for distance in distances).tanh()

    arguments, axes = [random.random((4, 3)), random.random((7, 3))], (None, 0)
    _, (expected, _) = require_same_batch(cost, arguments, axes)(*arguments)
    program = lift(cost, in_axes=axes)
    np.testing.assert_allclose(program(*arguments)[1], expected, rtol=1e-12)
    assert "@ np.permute_dims(" in program.source.partition("dC = ")[2]


def test_what_is_taken_here_and_there_comes_back_in_one_sum() -> None:
    """Also where one of several joined arrays is taken from again."""
    pairs = (0, 3), (2, 1), (0, 2), (3, 0), (1, 4), (4, 0), (2, 3), (3, 3)

    def cost(x: Any, w: Any) -> Any:
        return sum((x[i] * w_k - x[j]).tanh() for w_k, (i, j) in zip(w, pairs, strict=True))

    arguments, axes = [random.random(5), random.random(8)], (None, 0)
    with always_on_arrays():
        back = require_same_gradients(cost, *arguments).source.partition("# backward")[2]
        require_same_batch(cost, [random.random(5), random.random((6, 8))], axes)
        require_same_batch(cost, [random.random((6, 5)), random.random(8)], axes[::-1])
    assert back.count("np.sum(") == back.count("np.concat(") == back.count("[I") == 1


def test_a_part_of_what_is_joined_already_is_taken_from_it() -> None:
    def cost(x: Any, y: Any, z: Any) -> Any:
        parts = [a.sin() for a in x] + [a.exp() for a in y] + [a.tanh() for a in z]
        pairs = zip((0, 1, 9, 8, 7, 6, 5, 3, 4), (1, 1, 3, 3, 1, 1, 2, 0, 2), strict=True)
        first = sum((parts[i] * x[j]).cos() for i, j in pairs).exp()
        return first + sum((parts[i] * y[j]).sin() for i, j in ((2, 1), (8, 0), (7, 2), (3, 1)))

    with always_on_arrays():
        program = require_same_gradients(cost, random.random(4), random.random(3), random.random(3))
    assert program.source.partition("# backward")[0].count("np.concat(") == 1


def test_a_sum_along_what_two_factors_have_in_common_is_a_product_of_matrices() -> None:
    """∂C/∂t = Σᵥ ∂C/∂y w for translations t, of which each point y has its weighted mean."""

    def cost(t: Any, w: Any, points: Any) -> Any:
        total = 0.0
        for weights, point in zip(w, points, strict=True):
            for k, x in enumerate(point):
                total += sum(w_b * (x.sin() + t_b[k]) for w_b, t_b in zip(weights, t, strict=True)) ** 2
        return total

    with always_on_arrays():
        program = require_same_gradients(
            cost, random.random((4, 3)), random.random((5, 4)), random.random((5, 3))
        )
    line = next(line for line in program.source.splitlines() if line.startswith("    dt = "))
    assert "np.sum(" not in line
    assert " @ " in line


def test_rows_of_a_product_keep_their_order_where_they_are_gathered() -> None:
    def cost(d: Any, o: Any, x: Any, y: Any) -> Any:
        t, e = [a.sin().tanh() for a in o], [a.exp() for a in d]
        A, total = [[t[0], t[1], e[0]], [e[1], t[2], t[3]], [t[4], e[2], t[5]]], 0.0
        for x_i, y_i in zip(x, y, strict=True):
            for row, y_ik in zip(A, y_i, strict=True):
                total += (sum(a * b for a, b in zip(row, x_i, strict=True)) - y_ik).tanh()
        return total

    shapes = 3, 6, (7, 3), (7, 3)
    with always_on_arrays():
        program = require_same_gradients(cost, *(random.random(shape) for shape in shapes))
    assert " @ x.T - y.T" in program.source


def test_sums_over_the_same_axes_are_added_up_before_they_are_taken() -> None:
    def cost(w: Any, x: Any) -> Any:
        rows = [[(a * b).tanh() * a for a, b in zip(w, row, strict=True)] for row in x]
        return sum(z * z for row in rows for z in row)

    with always_on_arrays():
        back = require_same_gradients(cost, random.random(3), random.random((5, 3))).source
    assert back.partition("# backward")[2].count("np.sum(") == 1
