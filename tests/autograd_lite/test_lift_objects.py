"""What users do with a lifted function besides calling it: print, copy, pickle and check it."""

from __future__ import annotations

import copy
import inspect
import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, lift, where


def cost(w: Any, x: Any) -> Any:
    """Return how far apart they are."""
    return sum((w_k * x_k).tanh() for w_k, x_k in zip(w, x, strict=True))


@lift
def decorated(w: Any) -> Any:
    return w[0] * w[1]


class Cost:
    """A function with something in it."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, w: Any) -> Any:
        return self.scale * sum(w_k * w_k for w_k in w)


AT = np.array([0.5, -1.0]), np.array([2.0, 3.0])


# --- print ----------------------------------------------------------------------------------------------


def test_programs_for_several_shapes_say_which() -> None:
    program = lift(cost, in_axes=(None, 0))
    program(np.ones(2), np.ones((5, 2)))
    assert str(program).startswith(program.source)
    program(np.ones(3), np.ones((5, 3)))
    shapes = headings(program)
    assert shapes == [f"# w: of shape ({n},), x: samples of shape ({n},)" for n in (2, 3)]
    program(np.ones(2), np.ones((1, 2)))
    assert headings(program) == shapes[::-1]
    scalars = lift(lambda w, y: w * (y[0] if isinstance(y, list) else y), in_axes=(None, 0))
    scalars(1.0, [1.0])
    scalars(1.0, [[1.0]])
    assert headings(scalars) == ["# w: a number, y: samples", "# w: a number, y: samples of shape (1,)"]


def headings(program: Any) -> list[str]:
    return [line for line in str(program).splitlines() if line.startswith("# w")]


def test_it_has_the_name_and_the_words_of_its_function() -> None:
    program = lift(cost)
    assert (program.__name__, program.__doc__) == ("cost", "Return how far apart they are.")
    assert list(inspect.signature(program).parameters) == ["w", "x"]
    assert repr(lift(partial(cost))) == "<lifted function: traced when it is called first>"


# --- copies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
@pytest.mark.parametrize("f", [cost, partial(cost, x=[2.0, 3.0]), Cost(3.0)])
@pytest.mark.parametrize("was_called", [False, True])
def test_copies_and_pickles_of_a_function(copied: Any, f: Any, was_called: bool) -> None:
    program = lift(f, argnums=(0,))
    args = AT if f is cost else AT[:1]
    if was_called:
        program(*args)
    twin = copied(program)
    assert twin is not program
    value, (gradient,) = twin(*args)
    expected, (expected_gradient,) = program(*args)
    assert value == expected
    np.testing.assert_array_equal(gradient, expected_gradient)
    assert twin.source == program.source


def test_a_deep_copy_is_of_the_function_too() -> None:
    f = Cost(3.0)
    program = lift(f)
    twin = copy.deepcopy(program)
    f.scale = 5.0
    assert float(twin([1.0])[0]) == 3.0
    assert float(program([1.0])[0]) == 5.0


def test_what_decorates_a_function_is_copied_and_pickled_as_functions_are() -> None:
    decorated([2.0, 3.0])
    for twin in (copy.copy(decorated), copy.deepcopy(decorated), pickle.loads(pickle.dumps(decorated))):
        assert twin is decorated


def test_what_cannot_be_pickled_says_so() -> None:
    program = lift(lambda x: x * x)
    assert float(copy.deepcopy(program)(3.0)[0]) == 9.0
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(program)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_and_pickles_of_a_graph(copied: Any) -> None:
    w = [Value(1.0 + k, f"w[{k}]") for k in range(3)]
    program = lift(sum(w_k.sin() * w_k for w_k in w))
    twin = copied(program)
    for point in ({}, {"w": [3.0, 4.0, 5.0]}):
        value, gradients = twin(point)
        expected, expected_gradients = program(point)
        assert value == expected
        np.testing.assert_array_equal(gradients["w"], expected_gradients["w"])


# --- check ----------------------------------------------------------------------------------------------


def test_check_says_by_how_much_they_differ() -> None:
    random = np.random.default_rng(0)
    program = lift(cost, argnums=(0, 1), in_axes=(None, 0))
    found = program.check(random.normal(size=3), random.normal(size=(7, 3)))
    assert 0 <= found.cost < 1e-14
    assert 0 <= found.gradient < 1e-14
    single = program.check(random.normal(size=3).astype("f4"), random.normal(size=(7, 3)).astype("f4"))
    assert 1e-9 < single.cost + single.gradient < 1e-5


def test_check_finds_what_the_points_of_the_trace_did_not() -> None:
    def sided(x: Any, far: Any) -> Any:
        return x[0] * x[1] * far if far.data < 1e30 else x[0] * far

    program = lift(sided)
    program.check([2.0, 3.0], 1.0)
    costs = r"the lifted sided differs from sided: its cost is 7\.6\d*e\+30 instead of 2\.5\d*e\+30"
    with pytest.raises(AssertionError, match=costs):
        program.check([2.0, 3.0], 2.0**100)


def test_check_names_the_element() -> None:
    def hidden(w: Any, x: Any) -> Any:
        return w * x[1] + x[0] * 0 if x[0].data < 1e30 else w * x[1] ** 3 + x[0] * 0

    program = lift(hidden, argnums=1, in_axes=(None, 0))
    element = r"∂hidden/∂x\[1\] of sample 1 is 1\.0 instead of 3\.0, off by 0\.67 of the largest"
    with pytest.raises(AssertionError, match=element):
        program.check(2.0, [[0.0, 1.0], [1e31, 1.0]])


def test_check_knows_infinities_and_numbers_that_are_none() -> None:
    root = lift(lambda x: x.sqrt())
    assert root.check(0.0) == (0.0, 0.0)
    assert root.check(np.nan) == (0.0, 0.0)
    assert lift(lambda x: where(x, x * np.inf, x)).check(2.0) == (0.0, 0.0)


def test_check_with_values_from_outside_leaves_them_alone() -> None:
    w = Value(2.0, "w")
    program = lift(lambda x: w * x)
    assert program.check(3.0) == (0.0, 0.0)
    w.data = 5.0
    assert program.check(3.0) == (0.0, 0.0)
    assert w.grad == 0
