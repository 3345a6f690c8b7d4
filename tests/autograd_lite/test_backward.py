"""Value.backward: graphs that are deep or wide, gradients and the forward pass, what goes wrong.

What is true of every engine, about shared nodes and passes one after another, is examples/build_it/facts.py,
which tests/test_build_it.py runs. Random graphs against exact arithmetic are in test_properties.py.
"""

import math
import sys
from decimal import Decimal
from fractions import Fraction

import pytest

from autograd_lite import Value, affine, fsum, topological_order


def gradients(*values):
    return [value.grad for value in values]


# --- shapes of graphs -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_chain_of_a_million_nodes_is_built_walked_and_freed():
    x = Value(1)
    y = x
    for _ in range(500_000):
        y = -(y + x)
    y.backward()
    # Both y and its slope go 1, −2, 1, −2, …
    assert (y.data, x.grad) == (1, 1)
    assert len(topological_order(y)) == 1_000_001
    del y
    assert x.data == 1


def test_a_deep_chain_of_nodes_of_many_operands_is_walked_and_freed():
    x, depth = Value(1), 20 * sys.getrecursionlimit()
    y = x
    for _ in range(depth):
        y = affine([y, x], [1, 1], 0)
    y.backward()
    assert (y.data, x.grad) == (depth + 1, depth + 1)
    del y
    assert x.data == 1


def test_a_node_of_many_operands_that_are_all_the_same():
    x = Value(3)
    fsum([x] * 1000).backward()
    assert x.grad == 1000
    x.grad = 0
    affine([x] * 10, [x] * 10, x).backward()
    assert x.grad == 10 * 2 * 3 + 1


# --- the numbers of the forward pass --------------------------------------------------------------------


def test_gradients_belong_to_the_values_of_the_forward_pass():
    x, y, b = Value(3), Value(5), Value(1)
    root = x * y + y.tanh() + affine([x], [y], b)
    slope = 1 - math.tanh(5) ** 2
    for leaf in (x, y, b):
        leaf.data = 1000
    root.backward()
    assert x.grad == 10
    assert y.grad == pytest.approx(6 + slope, rel=1e-15)


def test_exact_numbers_give_exact_gradients():
    x = Value(Fraction(1, 3))
    y = 1 / (1 + x * x)
    y.backward()
    assert y.data == Fraction(9, 10)
    assert x.grad == -2 * Fraction(1, 3) * Fraction(9, 10) ** 2


def test_nothing_flows_back_through_a_dead_unit():
    x, w = Value(0.0), Value(2.0)
    (x.sqrt() * w.relu() * 0).backward()
    assert gradients(x, w) == [0, 0]


# --- what goes wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [3, 2.0, None, "y", [Value(1.0)]])
def test_backward_starts_from_a_value(root):
    with pytest.raises(TypeError, match=f"the root of a graph is a Value, not {type(root).__name__}"):
        Value.backward(root)


def graph_with_cycle(operands):
    x = Value(1.0, "x")
    first = x * 2
    last = fsum([first, x, x]) if operands == 3 else first + x if operands == 2 else -first
    for value in (x, first, last):
        value.grad = 42
    first._x = last
    return last, (x, first, last)


@pytest.mark.parametrize("operands", [1, 2, 3])
def test_a_cycle_is_an_error_that_changes_nothing(operands):
    root, values = graph_with_cycle(operands)
    with pytest.raises(ValueError, match="the graph has a cycle through Value"):
        root.backward()
    assert gradients(*values) == [42, 42, 42]


def test_a_node_that_is_its_own_parent_is_a_cycle():
    y = -Value(1.0)
    y._x = y
    with pytest.raises(ValueError, match="cycle"):
        y.backward()


@pytest.mark.parametrize("grad", [None, "0", [0.0]])
def test_a_gradient_that_is_no_number_is_named(grad):
    w, x = Value(2.0, "w"), Value(3.0, "x")
    for root in (w * x, fsum([x, w, x]), -w, w):
        w.grad = grad
        with pytest.raises(
            TypeError, match=f"the gradient of w is no number but {type(grad).__name__} .*set all"
        ):
            root.backward()


def test_kinds_of_numbers_that_meet_only_on_the_way_back_are_named():
    x = Value(1.0, "x")
    product = x * 2.0
    x.grad = Decimal(1)
    with pytest.raises(
        TypeError, match=r"the gradient of mul, int 1, does not mix with its partials.* set all"
    ):
        product.backward()


def test_a_gradient_beyond_the_floats_is_an_error_that_says_where():
    x = Value(Fraction(10) ** 400, "x")
    product = x * x
    x.grad = 0.5
    with pytest.raises(OverflowError, match="the gradient of mul, int 1, does not mix with its partials"):
        product.backward()
