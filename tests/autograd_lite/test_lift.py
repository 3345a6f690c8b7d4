"""lift as people call it: structures, batches, shapes, precision; what it refuses, and never freezes."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, lift


def squares(xs: Any) -> Any:
    return sum(x * x for x in xs)


def weighted(w: Any, x: Any) -> Any:
    return sum((w_k * x_k).tanh() for w_k, x_k in zip(w, x, strict=True))


class Counted:
    """A function that counts how often it runs."""

    def __init__(self, f: Any) -> None:
        self.f, self.calls = f, 0
        self.__name__ = f.__name__

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        return self.f(*args)


# --- structures -----------------------------------------------------------------------------------------


def test_gradients_come_in_the_structure_of_the_argument() -> None:
    Pair = namedtuple("Pair", "left right")

    def cost(P: Any) -> Any:
        return P["w"][1] * P["b"] + P["layers"][0][1][0] * P["pair"].left + sum(P["t"]) * P["pair"].right

    P = {"w": [1.0, 2.0], "b": 3.0, "layers": [[[4.0], [5.0]], 6.0], "pair": Pair(7.0, 8.0), "t": (9.0, 10.0)}
    _, gradients = lift(cost)(P)
    assert list(gradients) == list(P)
    assert gradients["w"].tolist() == [0.0, 3.0]
    assert float(gradients["b"]) == 2.0
    assert gradients["layers"][0].tolist() == [[0.0], [7.0]]
    assert type(gradients["pair"]) is Pair
    assert float(gradients["pair"].left) == 5.0
    assert gradients["t"].tolist() == [8.0, 8.0]


def test_lists_of_arrays_are_lists_also_where_the_shapes_agree() -> None:
    layers = [np.ones((2, 2)), np.ones((2, 2))]
    _, gradients = lift(lambda Ws: sum(squares(row) for W in Ws for row in W))(layers)
    assert [g.tolist() for g in gradients] == [[[2.0, 2.0], [2.0, 2.0]]] * 2
    _, gradient = lift(squares)([np.float64(1.0), np.array(2.0)])
    assert gradient.tolist() == [2.0, 4.0]


def test_ragged_lists_are_lists_of_arrays() -> None:
    _, gradients = lift(lambda rows: sum(squares(row) for row in rows))([[1.0], [2.0, 3.0]])
    assert [g.tolist() for g in gradients] == [[2.0], [4.0, 6.0]]


@pytest.mark.parametrize("argnums", [(0, 1), [1, 0], (1,), 1, -1])
def test_argnums(argnums: Any) -> None:
    _, found = lift(lambda x, y: x * y, argnums=argnums)(2.0, 5.0)
    each = [5.0, 2.0]
    expected = each[argnums] if isinstance(argnums, int) else [each[i] for i in argnums]
    assert np.allclose(found, expected)
    assert isinstance(found, tuple) == (not isinstance(argnums, int))


def test_whole_numbers_and_truth_values_become_floats() -> None:
    _, gradients = lift(weighted, argnums=(0, 1))([1, 2], np.array([True, False]))
    assert {g.dtype for g in gradients} == {np.dtype("float64")}


def test_precision_is_kept_and_mixed_precisions_give_the_higher() -> None:
    program = lift(weighted, argnums=(0, 1))
    single = np.array([1.0, 2.0], dtype=np.float32)
    value, gradients = program(single, single)
    assert {value.dtype, *(g.dtype for g in gradients)} == {np.dtype("float32")}
    value, _ = program(single, single.astype(float))
    assert value.dtype == np.dtype("float64")


# --- batches --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("in_axes", "move"), [((None, 0), 0), ((None, 1), 1), ((None, -1), 1)])
def test_the_axis_over_samples(in_axes: Any, move: int) -> None:
    w, X = np.array([0.5, -1.0]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    value, (dw, dX) = lift(weighted, argnums=(0, 1), in_axes=in_axes)(w, np.moveaxis(X, 0, move))
    slopes = 1 - np.tanh(w * X) ** 2
    assert np.isclose(value, np.tanh(w * X).sum(axis=1).mean())
    np.testing.assert_allclose(dw, (slopes * X).mean(axis=0))
    np.testing.assert_allclose(np.moveaxis(dX, move, 0), slopes * w / 3)


def test_axes_as_a_structure() -> None:
    def cost(data: Any) -> Any:
        return data["w"] * data["xy"][0] + data["xy"][1]

    program = lift(cost, in_axes=({"w": None, "xy": (0, None)},))
    _, gradients = program({"w": 2.0, "xy": ([1.0, 2.0, 6.0], 5.0)})
    assert float(gradients["w"]) == 3.0
    np.testing.assert_allclose(gradients["xy"][0], [2 / 3] * 3)
    assert float(gradients["xy"][1]) == 1.0


def test_any_number_of_samples_runs_the_same_program() -> None:
    f = Counted(weighted)
    program = lift(f, in_axes=(None, 0))
    program([1.0, 2.0], np.ones((3, 2)))
    calls = f.calls
    for n in (1, 2, 50):
        value, _ = program([1.0, 2.0], np.ones((n, 2)))
        assert np.isclose(value, math.tanh(1) + math.tanh(2))
    assert f.calls == calls


def test_an_argument_over_samples_without_influence() -> None:
    _, (dw, dX) = lift(lambda w, x: w * w, argnums=(0, 1), in_axes=(None, 0))(3.0, [[1.0], [2.0]])
    assert float(dw) == 6.0
    assert dX.tolist() == [[0.0], [0.0]]


# --- shapes and the cache -------------------------------------------------------------------------------


def test_other_shapes_trace_again_and_programs_are_kept() -> None:
    f = Counted(squares)
    program = lift(f)
    counts = []
    for n in (2, 3, 2, 3, 2):
        _, gradient = program(np.arange(n))
        assert gradient.tolist() == [2.0 * k for k in range(n)]
        counts.append(f.calls)
    assert counts[0] < counts[1] == counts[-1]


def test_other_structures_of_the_same_shapes_trace_again() -> None:
    def cost(P: Any) -> Any:
        return P["a"] * 2 if "a" in P else P["b"] * 3

    program = lift(cost)
    assert float(program({"a": 1.0})[1]["a"]) == 2.0
    assert float(program({"b": 1.0})[1]["b"]) == 3.0
    assert float(program({"a": 1.0})[1]["a"]) == 2.0


def test_the_source_needs_a_call_first() -> None:
    program = lift(squares)
    with pytest.raises(ValueError, match="squares has not been traced yet"):
        _ = program.source
    program([1.0])
    assert "def program(xs):" in program.source
    assert str(program).startswith(program.source)


def test_the_source_runs_by_itself() -> None:
    program = lift(weighted, argnums=(0, 1), in_axes=(None, 0))
    args = np.array([0.5, -1.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    value, gradients = program(*args)
    scope: dict[str, Any] = {"np": np}
    exec(program.source, scope)
    again, gradients_again = scope["program"](*args)
    assert value == again
    for a, b in zip(gradients, gradients_again, strict=True):
        np.testing.assert_array_equal(a, b)


# --- nothing is frozen silently -------------------------------------------------------------------------


def branch(x: Any) -> Any:
    return x * x if x > 0 else -3 * x


def choice_of_the_largest(x: Any) -> Any:
    return max(x) * 2 + x[0]


def number_read(x: Any) -> Any:
    return x * float(x)


def data_read(x: Any) -> Any:
    return x * 3 + x.data * x.data


def loop_over_a_number(x: Any) -> Any:
    return sum((x * k for k in range(int(abs(x)) + 2)), x)


def test_what_shows_in_the_gradient_alone() -> None:
    with pytest.raises(ValueError, match="fixed in the program"):
        lift(lambda x: x * x.data - x.data * x.data + x.sin())(1.5)


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (branch, 2.0),
        (branch, -2.0),
        (choice_of_the_largest, [1.0, 5.0, 2.0]),
        (number_read, 2.0),
        (data_read, 2.0),
        (loop_over_a_number, 3.0),
    ],
)
def test_what_is_read_out_of_a_value_is_refused(f: Any, point: Any) -> None:
    program = lift(f)
    with pytest.raises(
        ValueError, match=rf"{f.__name__} was traced it branched .*Write relu, maximum"
    ) as caught:
        program(point)
    assert f.__name__ in str(caught.value)
    with pytest.raises(ValueError, match="fixed in the program"):
        program(point)


def test_choices_that_stay_in_the_graph_are_fine() -> None:
    from autograd_lite import where

    value, gradient = lift(lambda x: where(x, x * x, -3 * x))(-2.0)
    assert (float(value), float(gradient)) == (6.0, -3.0)


def test_a_function_of_a_small_domain_is_checked_near_the_point() -> None:
    value, _ = lift(lambda x: (x - 1).log() + (2 - x).sqrt())(1.5)
    assert np.isclose(value, math.log(0.5) + math.sqrt(0.5))
    with pytest.raises(ValueError, match="fixed in the program"):
        lift(lambda x: x.log() * x.data)(0.5)


def test_a_function_without_other_points_warns() -> None:
    with pytest.warns(UserWarning, match="not defined at any other point"):
        lift(only_at_three)(3.0)


def only_at_three(x: Any) -> Any:
    if x.data != 3.0:
        raise ValueError("elsewhere")
    return x * x


def test_an_argument_that_must_be_as_it_is_leaves_the_others_to_check() -> None:
    def sided(x: Any, side: Any) -> Any:
        if side.data not in (-1.0, 1.0):
            raise ValueError("a side is −1 or 1")
        return x * side if x > 0 else x * x * side

    with pytest.raises(ValueError, match="fixed in the program"):
        lift(sided)(2.0, 1.0)


def test_captured_values_are_read_at_each_call_and_left_alone() -> None:
    w = Value(2.0, "w")
    program = lift(lambda x: w * x * Value(3.0) + 1)
    assert float(program(1.0)[1]) == 6.0
    w.data = 5.0
    assert float(program(1.0)[1]) == 15.0
    assert w.grad == 0
    value, gradient = program(np.float32(1.0))
    assert {value.dtype, gradient.dtype} == {np.dtype("float32")}


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["text", b"bytes", None, 1j, [1j, 2.0], {1.0}, ["a", "b"], object(), [None]])
def test_what_is_no_number_is_refused_by_name(bad: Any) -> None:
    with pytest.raises(TypeError, match="xs"):
        lift(squares)(bad)
    with pytest.raises(TypeError, match="w"):
        lift(lambda P: P["w"])({"w": bad})


@pytest.mark.parametrize(
    ("f", "kind"), [(lambda x: [x], "list"), (lambda x: 3.0, "float"), (lambda x: None, "NoneType")]
)
def test_a_cost_is_one_value(f: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"must return one Value, the cost, not {kind}"):
        lift(f)(1.0)


def test_a_constant_cost_is_refused() -> None:
    with pytest.raises(ValueError, match="a constant: it does not depend on its arguments"):
        lift(lambda x: Value(3.0) * 2)(1.0)
    with pytest.raises(ValueError, match="constant"):
        lift(lambda x: Value(3.0).exp() + x.data)(1.0)


def test_axes_that_are_wrong() -> None:
    with pytest.raises(ValueError, match="in_axes has 1 entries for 2 arguments"):
        lift(weighted, in_axes=(0,))([1.0], [1.0])
    with pytest.raises(ValueError, match=r"axis 2 of x runs over samples; its shape is \(1, 1\)"):
        lift(weighted, in_axes=(None, 2))([1.0], [[1.0]])
    with pytest.raises(ValueError, match=r"axis 0 of w runs over samples; its shape is \(\)"):
        lift(weighted, in_axes=0)(1.0, [1.0])
    with pytest.raises(ValueError, match="in_axes has"):
        lift(lambda P: P["w"], in_axes=({"v": 0},))({"w": [1.0]})
    with pytest.raises(ValueError, match="which is one array"):
        lift(squares, in_axes=({"v": 0},))([1.0])


def test_samples_that_do_not_pair() -> None:
    program = lift(weighted, in_axes=0)
    with pytest.raises(ValueError, match="as many of them: w has 2, x has 3"):
        program(np.ones((2, 1)), np.ones((3, 1)))
    with pytest.raises(ValueError, match="no samples in w, x"):
        program(np.ones((0, 1)), np.ones((0, 1)))


def test_arguments_asked_for_that_are_not_there() -> None:
    with pytest.raises(ValueError, match=r"argnums asks for \[2\]; there are 1 arguments"):
        lift(squares, argnums=2)([1.0])


def test_what_is_neither_function_nor_graph() -> None:
    with pytest.raises(TypeError, match=r"lift takes a function or a Value, the cost, not float 3\.0"):
        lift(3.0)


def test_an_error_of_the_function_is_its_own() -> None:
    with pytest.raises(ValueError, match="log is not defined there"):
        lift(lambda x: x.log())(-1.0)


# --- graphs ---------------------------------------------------------------------------------------------


def graph() -> Any:
    w = [[Value(0.1 * (j + k), f"w[1][{j},{k}]") for k in range(3)] for j in range(2)]
    x = [Value(float(k), f"x[{k}]") for k in range(3)]
    return sum(sum(w_jk * x_k for w_jk, x_k in zip(row, x, strict=True)).tanh() for row in w)


def test_a_graph_with_other_numbers() -> None:
    program = lift(graph())
    assert {name: array.shape for name, array in program.inputs.items()} == {"x": (3,), "W1": (2, 3)}
    W = np.arange(6.0).reshape(2, 3) / 10
    value, gradients = program({"W1": W})
    x = np.arange(3.0)
    slopes = 1 - np.tanh(W @ x) ** 2
    assert np.isclose(value, np.tanh(W @ x).sum())
    np.testing.assert_allclose(gradients["W1"], slopes[:, None] * x)
    np.testing.assert_allclose(gradients["x"], slopes @ W)


def test_a_graph_over_samples() -> None:
    program = lift(graph(), in_axes={"x": 0})
    X = np.random.default_rng(0).normal(size=(4, 3))
    value, gradients = program({"x": X})
    W = program.inputs["W1"]
    slopes = 1 - np.tanh(X @ W.T) ** 2
    assert np.isclose(value, np.tanh(X @ W.T).sum(axis=1).mean())
    np.testing.assert_allclose(gradients["W1"], slopes.T @ X / 4)
    np.testing.assert_allclose(gradients["x"], slopes @ W / 4)
    single, _ = program()
    assert np.isclose(single, np.tanh(np.arange(3.0) @ W.T).sum())


def test_the_inputs_of_a_graph_can_be_chosen() -> None:
    w, x, b = Value(2.0), Value(3.0), Value(1.0)
    program = lift(w * x + b, inputs={"both": [w, x]})
    value, gradients = program({"both": [5.0, 7.0]})
    assert float(value) == 36.0
    assert gradients["both"].tolist() == [7.0, 5.0]


def test_what_a_graph_refuses() -> None:
    x = Value(2.0, "x")
    program = lift(x * x)
    with pytest.raises(ValueError, match="there is no input y: there are x"):
        program({"y": 1.0})
    with pytest.raises(ValueError, match=r"x has the shape \(2,\); the graph's has \(\)"):
        program({"x": [1.0, 2.0]})
    with pytest.raises(ValueError, match="in_axes names z; the inputs are x"):
        lift(x * x, in_axes={"z": 0})
    with pytest.raises(ValueError, match="is in the input a, and again in b"):
        lift(x * x, inputs={"a": [x], "b": [x]})
    with pytest.raises(TypeError, match=r"the input a is made of Values, not float 1\.0"):
        lift(x * x, inputs={"a": [1.0]})
    with pytest.raises(ValueError, match="is a constant"):
        lift(x * x, inputs={})
    with pytest.raises(ValueError, match="as many of them"):
        lift(graph(), in_axes={"x": 0, "W1": 0})({"x": np.ones((2, 3)), "W1": np.ones((3, 2, 3))})


# --- the name -------------------------------------------------------------------------------------------


def printed(program: str) -> str:
    """Run a program in a fresh interpreter."""
    return subprocess.check_output([sys.executable, "-c", program], text=True).strip()


@pytest.mark.parametrize("before", ["", "import autograd_lite.lifting; "])
def test_lift_is_the_function_whatever_was_imported_before(before: str) -> None:
    assert printed(f"{before}from autograd_lite import lift; print(type(lift).__name__)") == "function"


def test_numpy_waits_until_lift_is_asked_for() -> None:
    loaded = "print('numpy' in sys.modules)"
    assert printed(f"import sys, autograd_lite; {loaded}; autograd_lite.lift; {loaded}") == "False\nTrue"
