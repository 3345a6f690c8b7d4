"""Repetition in time, lifted: which programs become loops, which do not, and what loops return."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd_lite import exp, fsum, lift
from autograd_lite.lifting import pipeline
from tests.autograd_lite.lifting import always_on_arrays, require_same_batch, require_same_gradients
from tests.autograd_lite.test_lift_programs import inner, lstm_cost, trajectory_cost
from tests.benchmarks.gradbench.lstm import cost as diagonal_lstm

random = np.random.default_rng(0)
ENGINE_TIME = pipeline._engine_time


@pytest.fixture(autouse=True)
def on_arrays() -> Iterator[None]:
    with always_on_arrays():
        yield


def normal(*shape: int) -> Any:
    return random.normal(size=shape) / 2


@contextmanager
def never_on_arrays() -> Iterator[None]:
    """Lift to floats also where arrays would be faster."""
    with patch.object(pipeline, "_engine_time", lambda scalars: -1.0):
        yield


def in_one(program: tuple[Any, list[Any]]) -> list[Any]:
    return [program[0], *program[1]]


def loops_in(program: Any) -> int:
    return sum(line.lstrip().startswith("for t") for line in program.source.splitlines())


# --- programs that repeat a step ------------------------------------------------------------------------


def recurrent(U: Any, V: Any, b: Any, h: Any, xs: Any, y: Any) -> Any:
    for x in xs:
        h = [(inner(u, x) + inner(v, h) + b_k).tanh() for u, v, b_k in zip(U, V, b, strict=True)]
    return sum((p - q) ** 2 for p, q in zip(h, y, strict=True))


def recurrent_with_outputs(V: Any, w: Any, xs: Any, ys: Any) -> Any:
    """Return a cost with a part of every step, of a network whose state begins with zeros."""
    h, costs = [0.0] * len(V), []
    for x, y in zip(xs, ys, strict=True):
        h = [(x + inner(v, h)).tanh() for v in V]
        costs.append((inner(w, h) - y) ** 2)
    return fsum(costs) / len(costs)


def deep(W: Any, b: Any, x: Any) -> Any:
    for rows, bs in zip(W, b, strict=True):
        x = [(inner(row, x) + b_k).tanh() for row, b_k in zip(rows, bs, strict=True)]
    return inner(x, x)


def power_iteration(A: Any, v: Any, steps: int) -> Any:
    for _ in range(steps):
        w = [inner(row, v) for row in A]
        length = inner(w, w).sqrt()
        v = [x / length for x in w]
    return inner(v, [inner(row, v) for row in A])


def cumulative_sum(x: Any, y: Any) -> Any:
    total, costs = 0.0, []
    for x_t, y_t in zip(x, y, strict=True):
        total = total + x_t
        costs.append((total - y_t) ** 2)
    return fsum(costs)


def cumulative_sum_of_vectors(x: Any) -> Any:
    s, costs = x[0], []
    for x_t in x[1:]:
        s = [p + q for p, q in zip(s, x_t, strict=True)]
        costs.append(sum(s_k**4 for s_k in s))
    return fsum(costs)


def runge_kutta(p: Any, y: Any, steps: int) -> Any:
    def f(y: Any) -> Any:
        return [p[k] * y[(k + 1) % len(y)] - y[k] * y[k] for k in range(len(y))]

    def moved(y: Any, h: float, k: Any) -> Any:
        return [y_k + h * slope for y_k, slope in zip(y, k, strict=True)]

    for _ in range(steps):
        k1 = f(y)
        k2 = f(moved(y, 0.01, k1))
        k3 = f(moved(y, 0.01, k2))
        k4 = f(moved(y, 0.02, k3))
        y = [
            y_k + 0.02 / 6 * (a + 2 * b + 2 * c + d)
            for y_k, a, b, c, d in zip(y, k1, k2, k3, k4, strict=True)
        ]
    return inner(y, y)


def verlet(x: Any, steps: int) -> Any:
    """Return where a pendulum is: each position is made of the two before."""
    before, now = x
    for _ in range(steps):
        before, now = now, 2 * now - before - 0.01 * now.sin()
    return now * now


def two_layers(V: Any, W: Any, xs: Any) -> Any:
    """Return the cost of two recurrent layers, one on the other."""
    g, h = [0.0] * len(V), [0.0] * len(V)
    for x in xs:
        g = [(x_k + inner(v, g)).tanh() for x_k, v in zip(x, V, strict=True)]
        h = [(g_k + inner(w, h)).tanh() for g_k, w in zip(g, W, strict=True)]
    return inner(h, h)


def sequences(V: Any, X: Any) -> Any:
    """Return a cost over several sequences, each with its own states."""
    costs = []
    for xs in X:
        h = [0.0] * len(V)
        for x in xs:
            h = [(x + inner(v, h)).tanh() for v in V]
        costs.append(inner(h, h))
    return fsum(costs)


P = {"U": normal(12, 2), "V": normal(12, 3), "b": normal(12)}


def steps_of(name: str, n: int) -> tuple[Callable[..., Any], list[Any]]:
    """Return a program of about n steps, and its arguments."""
    return {
        "an LSTM": (lstm_cost, [P, normal(n, 2), normal(3)]),
        "a recurrent network": (
            recurrent,
            [normal(4, 3), normal(4, 4), normal(4), normal(4), normal(n, 3), normal(4)],
        ),
        "a recurrent network with outputs": (
            recurrent_with_outputs,
            [normal(4, 4), normal(4), normal(n), normal(n)],
        ),
        "equal layers": (deep, [normal(n, 5, 5), normal(n, 5), normal(5)]),
        "power iteration": (lambda A, v: power_iteration(A, v, n), [normal(4, 4), normal(4)]),
        "a cumulative sum": (cumulative_sum, [normal(n), normal(n)]),
        "a cumulative sum of vectors": (cumulative_sum_of_vectors, [normal(n, 3)]),
        "Runge-Kutta steps": (lambda p, y: runge_kutta(p, y, n), [normal(6), normal(6)]),
        "a trajectory": (
            lambda v, k, drag: trajectory_cost(v, k, drag, n),
            [np.array([3.0, 4.0]), 2.0, 0.1],
        ),
        "a pendulum": (lambda x: verlet(x, n), [np.array([0.5, 0.51])]),
        "sequences": (sequences, [normal(3, 3), normal(4, n)]),
    }[name]


NAMES = [
    "an LSTM",
    "a recurrent network",
    "a recurrent network with outputs",
    "equal layers",
    "power iteration",
    "a cumulative sum",
    "a cumulative sum of vectors",
    "Runge-Kutta steps",
    "a trajectory",
    "a pendulum",
    "sequences",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_step_is_a_loop_forward_and_one_backward(name: str) -> None:
    f, args = steps_of(name, 12)
    program = require_same_gradients(f, *args)
    assert loops_in(program) == 2


@pytest.mark.parametrize("name", NAMES)
def test_the_source_does_not_grow_with_the_steps(name: str) -> None:
    lengths = []
    for n in (40, 60):  # as many digits
        f, args = steps_of(name, n)
        program = lift(f, argnums=range(len(args)))
        program(*args)
        lengths.append(len(program.source.splitlines()))
    assert lengths[0] == lengths[1]


def test_two_layers_are_at_most_two_loops_each_way() -> None:
    program = require_same_gradients(two_layers, normal(3, 3), normal(3, 3), normal(9, 3))
    assert loops_in(program) in (2, 4)


def test_a_solution_of_which_only_the_end_is_wanted() -> None:
    """The last steps need less than the others; the loop computes all of it, as the function does."""

    def cost(x: Any, steps: int) -> Any:
        y = [0.0] * len(x)
        for _ in range(steps):
            slopes = [x[0], *(x_i * y_i for x_i, y_i in zip(x[1:], y, strict=False))]
            middle = [x[0], *(x_i * (y_i + k / 8) for x_i, y_i, k in zip(x[1:], y, slopes, strict=False))]
            y = [y_i + (a + b) / 8 for y_i, a, b in zip(y, slopes, middle, strict=True)]
        return y[-1]

    programs = [require_same_gradients(lambda x, n=n: cost(x, n), normal(6)) for n in (12, 30)]
    assert [loops_in(program) for program in programs] == [2, 2]
    assert len({len(program.source.splitlines()) for program in programs}) == 1


def test_equal_layers_as_a_list_of_arrays() -> None:
    W, b = [normal(5, 5) for _ in range(8)], [normal(5) for _ in range(8)]
    program = require_same_gradients(deep, W, b, normal(5))
    assert loops_in(program) == 2


def pairs(n: int) -> list[list[Any]]:
    return [[normal(4, 4), normal(4)] for _ in range(n)]


def require_apart(gradients: list[Any]) -> None:
    """Require that each gradient is an array that a caller may change, and the others stay as they are."""
    before = [g.copy() for g in gradients]
    for k, g in enumerate(gradients):
        g += 1.0
        for other, was in zip(gradients[k + 1 :], before[k + 1 :], strict=True):
            np.testing.assert_array_equal(other, was)


def flat(gradients: Any) -> list[Any]:
    return [one for g in gradients for one in flat(g)] if isinstance(gradients, list | tuple) else [gradients]


def test_equal_layers_as_a_list_of_pairs() -> None:
    programs = [
        require_same_batch(layers, [pairs(12), normal(7, 4)], (None, 0)),
        require_same_gradients(layers, pairs(12), normal(4)),
    ]
    for program in programs:
        lines = program.source.splitlines()
        assert loops_in(program) == 2
        assert len(lines) < 50
        assert max(map(len, lines)) <= 100
        assert sum(" = [params" in line for line in lines) == 2  # one list of W, one of b
        # What is kept of the way forward is stacked, so that partial derivatives are found at once.
        assert not any("np.stack(d" in line for line in lines)
        assert "copy=True" not in program.source
        assert "\n    return C, [*(d for ds in zip(" in program.source


@pytest.mark.parametrize("on_floats", [False, True])
def test_names_that_a_loop_needs_are_no_names_of_arguments(on_floats: bool) -> None:
    def cost(range: Any, reversed: Any, zip: Any) -> Any:
        return layers([[W, b] for W, b in builtins.zip(range, reversed, strict=True)], zip)

    args = [[normal(4, 4) for _ in range(8)], [normal(4) for _ in range(8)], normal(4)]
    with never_on_arrays() if on_floats else nullcontext():
        assert loops_in(require_same_gradients(cost, *args)) == 2


def test_gradients_of_a_list_of_arrays_are_arrays_of_their_own() -> None:
    _, gradients = lift(layers, argnums=(0, 1))(pairs(8), normal(4))
    require_apart(flat(gradients))


def shifted(b: Any, h: Any) -> Any:
    for bs in b:
        h = [(p + q).tanh() for p, q in zip(h, bs, strict=True)]
    return inner(h, h)


def two_states_of_one_sum(h: Any, g: Any, xs: Any) -> Any:
    for x in xs:
        sums = [p + q + x_k for p, q, x_k in zip(h, g, x, strict=True)]
        h, g = [s.tanh() for s in sums], [s.sin() for s in sums]
    return inner(h, g)


def moved_on(h: Any, g: Any, y: Any, xs: Any) -> Any:
    """Return a cost whose gradient with respect to the first state is y, as it was given."""
    for x in xs:
        g = [(p + q).tanh() for p, q in zip(g, x, strict=True)]
        h = [p + q for p, q in zip(h, g, strict=True)]
    return inner(h, y)


def twice(b: Any, c: Any, h: Any) -> Any:
    for bs, cs in zip(b, c, strict=True):
        h = [(p + q + r * 1.0).tanh() for p, q, r in zip(h, bs, cs, strict=True)]
    return inner(h, h)


def shared_weights(W: Any, b: Any, h: Any) -> Any:
    for bs in b:
        h = [(inner(w, h) + b_k).tanh() for w, b_k in zip(W, bs, strict=True)]
    return inner(h, h)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (shifted, [[normal(3) for _ in range(7)], normal(3)]),
        (two_states_of_one_sum, [normal(3), normal(3), [normal(3) for _ in range(7)]]),
        (two_states_of_one_sum, [normal(3), normal(3), normal(7, 3)]),
        (moved_on, [normal(3), normal(3), normal(3), normal(7, 3)]),
        (twice, [[normal(3) for _ in range(7)], [normal(3) for _ in range(7)], normal(3)]),
        (shared_weights, [normal(3, 3), [normal(3) for _ in range(7)], normal(3)]),
    ],
)
def test_what_comes_back_to_a_list_is_apart_from_all_else_that_does(f: Any, args: list[Any]) -> None:
    program = require_same_gradients(f, *args)
    assert loops_in(program) == 2
    _, gradients = program(*args)
    require_apart([*flat(gradients), *flat(args)])


def test_what_is_both_a_list_and_a_stack_is_kept_once() -> None:
    args = [normal(3, 3), [normal(3) for _ in range(7)], normal(3)]
    source = require_same_gradients(shared_weights, *args).source
    assert source.count("db0s.append(") == 1
    assert source.count("np.stack(db0s[::-1])") == 1
    assert "copy=True" not in source


def test_the_source_of_a_recurrent_network() -> None:
    f, args = steps_of("a recurrent network", 20)
    source = require_same_gradients(f, *args).source
    assert "for t in range(20):" in source
    assert "h_2 = np.tanh(" in source
    assert "for t in reversed(range(20)):" in source
    assert "@ V" in source


@pytest.mark.parametrize("rows", [0, 1])
def test_states_that_begin_with_zeros_begin_like_an_input(rows: int) -> None:
    """It is of their shape, or its rows are."""

    def last(V: Any, xs: Any, *like: Any) -> Any:
        h = [0.0] * len(V)
        for x in xs:
            h = [(x + inner(v, h)).tanh() for v in V]
        return inner(h, h) + sum(inner(one, h) for one in like)

    args = [normal(3, 3), normal(9), *[normal(3) for _ in range(rows)]]
    program = require_same_gradients(last, *args)
    assert ("np.zeros_like(x2)" if rows else "np.zeros_like(V[0, :])") in program.source
    value, gradients = program(*(arg.astype(np.float32) for arg in args))
    assert {value.dtype, *(g.dtype for g in flat(gradients))} == {np.dtype(np.float32)}


# --- on floats ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_loops_on_floats(name: str) -> None:
    with never_on_arrays():
        program = require_same_gradients(*in_one(steps_of(name, 12)))
    assert "no arrays" in str(program)
    assert loops_in(program) >= 2


@pytest.mark.parametrize("name", ["power iteration", "Runge-Kutta steps", "a trajectory", "a pendulum"])
def test_the_source_on_floats_does_not_grow_either(name: str) -> None:
    lengths = []
    for n in (40, 60):  # as many digits
        f, args = steps_of(name, n)
        program = lift(f, argnums=range(len(args)))
        with never_on_arrays():
            program(*args)
        lengths.append(len(program.source.splitlines()))
    assert lengths[0] == lengths[1]


def test_a_trajectory_is_a_loop_on_floats_without_being_asked() -> None:
    f, args = steps_of("a trajectory", 300)
    with patch.object(pipeline, "_engine_time", ENGINE_TIME):
        program = require_same_gradients(f, *args)
    assert "no arrays" in str(program)
    assert len(program.source.splitlines()) < 100


def likelihood_by_a_kalman_filter(q: Any, r: Any, x: Any, p: Any, zs: Any) -> Any:
    cost = 0.0
    for z in zs:
        p = p + q
        error, variance = z - x, p + r
        gain = p / variance
        x, p = x + gain * error, (1 - gain) * p
        cost = cost + 0.5 * (variance.log() + error * error / variance)
    return cost


def trajectory_fitted_to_data(k: Any, m: Any, data: Any) -> Any:
    x, v, cost = 1.0, 0.0, 0.0
    for x_measured, v_measured in data:
        for _ in range(3):
            v = v - 0.1 * k * x / m
            x = x + 0.1 * v
        cost = cost + (x - x_measured) ** 2 + (v - v_measured) ** 2
    return (cost / len(data)).sqrt()


def smoothed_backwards(a: Any, zs: Any) -> Any:
    x, cost = zs[3], 0.0
    for z in zs[::-1]:
        x = x + a * (z - x)
        cost = cost + (x.tanh() - z) ** 2
    return cost


def two_sums(a: Any, xs: Any) -> Any:
    x, first, second = 0.3, 0.0, 0.0
    for x_t in xs:
        x = x * (1 - a) + a * x_t
        first, second = first + (x - x_t) ** 2, second + x.exp()
    return first * second.log()


ADDED_UP = [
    (likelihood_by_a_kalman_filter, [0.1, 0.5, 0.0, 1.0], ()),
    (trajectory_fitted_to_data, [1.0, 2.0], (2,)),
    (smoothed_backwards, [0.3], ()),
    (two_sums, [0.3], ()),
]


@pytest.mark.parametrize(("f", "args", "shape"), ADDED_UP)
def test_what_steps_add_up_on_floats(f: Any, args: list[Any], shape: tuple[int, ...]) -> None:
    with never_on_arrays():
        program = require_same_gradients(f, *args, normal(12, *shape))
    assert loops_in(program) >= 2


@pytest.mark.parametrize(("f", "args", "shape"), ADDED_UP[:3])
def test_the_source_on_floats_does_not_grow_with_what_steps_add_up(
    f: Any, args: list[Any], shape: tuple[int, ...]
) -> None:
    lengths = []
    for n in (40, 60):  # as many digits
        program = lift(f, argnums=range(len(args)))
        with never_on_arrays():
            program(*args, normal(n, *shape))
        lengths.append(len(program.source.splitlines()))
    assert lengths[0] == lengths[1]


# --- who may ask for what -------------------------------------------------------------------------------


@pytest.mark.parametrize("argnums", [(0,), (1,), (3,), (4,), (2, 5)])
def test_gradients_of_some_arguments(argnums: tuple[int, ...]) -> None:
    f, args = steps_of("a recurrent network", 8)
    _, everything = lift(f, argnums=range(6))(*args)
    _, some = lift(f, argnums=argnums)(*args)
    for k, found in zip(argnums, some, strict=True):
        np.testing.assert_allclose(found, everything[k], rtol=1e-12)


@pytest.mark.parametrize(
    "in_axes", [(None, None, None, None, 0, 0), (None, None, None, 0, 0, 0), (None, None, 0, None, None, 0)]
)
def test_samples(in_axes: tuple[int | None, ...]) -> None:
    shapes = [(3, 2), (3, 3), (3,), (3,), (7, 2), (3,)]
    args = [normal(*((5, *s) if axis == 0 else s)) for s, axis in zip(shapes, in_axes, strict=True)]
    program = require_same_batch(recurrent, args, in_axes)
    assert loops_in(program) == 2


def test_samples_with_states_that_begin_with_zeros() -> None:
    program = require_same_batch(
        recurrent_with_outputs, [normal(3, 3), normal(3), normal(4, 8), normal(4, 8)], (None, None, 0, 0)
    )
    assert loops_in(program) == 2


def test_single_precision_stays() -> None:
    f, args = steps_of("a recurrent network with outputs", 9)
    value, gradients = lift(f, argnums=range(4))(*(arg.astype(np.float32) for arg in args))
    assert {value.dtype, *(g.dtype for g in gradients)} == {np.dtype(np.float32)}


# --- recurrences of other kinds -------------------------------------------------------------------------


def gated(Wz: Any, Wr: Any, Wh: Any, xs: Any) -> Any:
    h = [0.1] * len(Wz)
    for a, b in xs:
        z = [(a + inner(w, h)).sigmoid() for w in Wz]
        r = [(b + inner(w, h)).sigmoid() for w in Wr]
        new = [(a * b + inner(w, [p * q for p, q in zip(r, h, strict=True)])).tanh() for w in Wh]
        h = [(1 - z_k) * h_k + z_k * c for z_k, h_k, c in zip(z, h, new, strict=True)]
    return inner(h, h)


def newton_in_each_step(c: Any, xs: Any) -> Any:
    y, costs = 1.0, []
    for x in xs:
        for _ in range(6):
            y = y - (y * y * y + c * y - x) / (3 * y * y + c)
        costs.append(y * y)
    return fsum(costs)


def with_masks(V: Any, xs: Any) -> Any:
    masks = np.random.default_rng(1).integers(0, 2, (len(xs), len(V))).tolist()
    h = [0.5] * len(V)
    for x, mask in zip(xs, masks, strict=True):
        h = [(x + inner(v, h)).tanh() * m for v, m in zip(V, mask, strict=True)]
    return inner(h, h)


def two_kinds_of_steps(V: Any, xs: Any) -> Any:
    h = [0.5] * len(V)
    for t, x in enumerate(xs):
        h = [(x + inner(v, h)).tanh() for v in V] if t % 2 else [(x * h_k).sin() for h_k in h]
    return inner(h, h)


def descent(w: Any, X: Any, y: Any) -> Any:
    for _ in range(8):
        errors = [inner(w, x) - t for x, t in zip(X, y, strict=True)]
        slopes = [sum(e * x[k] for e, x in zip(errors, X, strict=True)) for k in range(len(w))]
        w = [w_k - 0.05 * slope for w_k, slope in zip(w, slopes, strict=True)]
    return sum((inner(w, x) - t) ** 2 for x, t in zip(X, y, strict=True))


def three_steps_back(h: Any, xs: Any) -> Any:
    h = list(h)
    for x in xs:
        h.append((h[-1] * 0.5 + h[-3] * 0.2 + x).tanh())
    return fsum(h_t * h_t for h_t in h)


def window_of_inputs(w: Any, xs: Any) -> Any:
    h: Any = 0.0
    for t in range(2, len(xs)):
        h = (h * w[0] + xs[t] * w[1] + xs[t - 1] * w[2] + xs[t - 2]).tanh()
    return h * h


def heat(u: Any, k: Any) -> Any:
    for _ in range(10):
        inside = [u[i] + k * (u[i - 1] - 2 * u[i] + u[i + 1]) for i in range(1, len(u) - 1)]
        u = [u[0], *inside, u[-1]]
    return inner(u, u)


def of_different_lengths(V: Any, xs: Any) -> Any:
    costs = []
    for n in (6, 9, 12):
        h = [0.0] * len(V)
        for x in xs[:n]:
            h = [(x + inner(v, h)).tanh() for v in V]
        costs.append(inner(h, h))
    return fsum(costs)


def far_from_one(a: Any, x: Any) -> Any:
    """Return a cost to which both factors of a step matter, though their product is out of range."""
    for t, a_t in enumerate(a):
        b = [(k + 1) * (1e-200, 1e200)[t % 2] for k in range(3)]
        x = [x_k * a_k / b_k for x_k, a_k, b_k in zip(x, a_t, b, strict=True)]
    return fsum(x) * 1e250


@pytest.mark.parametrize("on_floats", [False, True])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (far_from_one, [[[1e200] * 3, [1e-200] * 3] * 8, [1e-250, 2e-250, 3e-250]]),
        (gated, [normal(3, 3), normal(3, 3), normal(3, 3), normal(10, 2)]),
        (newton_in_each_step, [2.0, abs(normal(8)) + 1]),
        (with_masks, [normal(3, 3), normal(10)]),
        (two_kinds_of_steps, [normal(3, 3), normal(16)]),
        (descent, [normal(3), normal(5, 3), normal(5)]),
        (three_steps_back, [normal(3), normal(10)]),
        (window_of_inputs, [normal(3), normal(12)]),
        (heat, [normal(7), 0.1]),
        (of_different_lengths, [normal(3, 3), normal(12)]),
    ],
)
def test_other_recurrences(f: Any, args: list[Any], on_floats: bool) -> None:
    with never_on_arrays() if on_floats else nullcontext():
        assert loops_in(require_same_gradients(f, *args)) >= 2


def test_the_source_of_a_step_backward_has_one_factor_for_each_adjoint() -> None:
    program = require_same_gradients(diagonal_lstm, normal(2, 12), normal(3, 3), normal(2, 3), normal(9, 3))
    _, backward = program.source.split("reversed(range(8))")
    step = backward[: backward.index("stack")].strip().split("\n")
    # Two adjoints that come in, two that go on; what is kept; and the name under which that is put together.
    assert len([line for line in step if "append" not in line]) == 6
    assert not re.search(r" \* \S+ \*", "".join(step))


# --- what is no repetition ------------------------------------------------------------------------------


def layers(params: Any, x: Any) -> Any:
    for W, b in params:
        x = [(inner(row, x) + b_k).tanh() for row, b_k in zip(W, b, strict=True)]
    return inner(x, x)


def test_a_few_layers_are_none() -> None:
    program = require_same_gradients(layers, [[normal(4, 4), normal(4)] for _ in range(3)], normal(4))
    assert loops_in(program) == 0


def test_steps_that_differ_are_none() -> None:
    def cost(x: Any) -> Any:
        for row in (exp, lambda v: v.tanh(), lambda v: v.sin(), lambda v: v * v, lambda v: v.cos()) * 1:
            x = [row(x_k) for x_k in x]
        return sum(x)

    assert loops_in(require_same_gradients(cost, normal(4))) == 0


def test_samples_side_by_side_are_none() -> None:
    def cost(W: Any, X: Any) -> Any:
        return fsum(inner(x, [inner(w, x).tanh() for w in W]) for x in X)

    assert loops_in(require_same_gradients(cost, normal(3, 3), normal(20, 3))) == 0


# --- random recurrences ---------------------------------------------------------------------------------


def recurrence(seed: int, steps: int) -> Callable[..., Any]:
    """Return a program with a random step on two states."""
    choose = Random(seed)
    plans = [[choose.randrange(6) for _ in range(choose.randint(1, 4))] for _ in range(2)]
    looks_back, is_costly = choose.random() < 0.5, choose.random() < 0.5

    def cost(W: Any, a: Any, xs: Any) -> Any:
        n = len(a)
        states = [list(a), [0.5 * a_k for a_k in a]]
        costs = [sum(a)]
        for t in range(steps):
            for i, plan in enumerate(plans):
                now, other = states[i], states[1 - i]
                for step in plan:
                    now = [made(step, k, now, other, W, a, xs[t]) for k in range(n)]
                states[i] = now
            if looks_back:
                costs.append(inner(states[0], states[1]))
        if is_costly:
            costs.append(sum(s**2 for s in states[1]))
        return fsum([*costs, *states[0]])

    return cost


def made(step: int, k: int, now: Any, other: Any, W: Any, a: Any, x: Any) -> Any:
    return [
        lambda: inner(W[k], now).tanh(),
        lambda: (now[k] + x[k]).sin(),
        lambda: (now[k] * other[k]).atan(),
        lambda: (now[(k + 1) % len(now)] - 0.5 * now[k]).tanh(),
        lambda: (now[k] * now[k] + 1).log(),
        lambda: (a[k] * other[k - 1] + now[k]).sigmoid(),
    ][step]()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(5, 9), st.integers(1, 4), st.booleans())
@example(seed=190989, steps=6, n=4, on_floats=False)  # a node of a step that another one before it asks for
def test_random_recurrences(seed: int, steps: int, n: int, on_floats: bool) -> None:
    with never_on_arrays() if on_floats else nullcontext():
        require_same_gradients(recurrence(seed, steps), normal(n, n), normal(n), normal(steps, n))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(5, 9), st.integers(1, 3), st.integers(1, 7))
@example(seed=417, steps=5, n=1, batched=2)  # a list of arrays, one for each step, that the way back needs
@example(seed=579642, steps=5, n=2, batched=1)  # a list of which the first array is the same for all samples
def test_random_recurrences_over_samples(seed: int, steps: int, n: int, batched: int) -> None:
    in_axes = [0 if batched & bit else None for bit in (1, 2, 4)]
    shapes = [(n, n), (n,), (steps, n)]
    args = [normal(*(3, *s) if axis == 0 else s) for s, axis in zip(shapes, in_axes, strict=True)]
    require_same_batch(recurrence(seed, steps), args, in_axes)
