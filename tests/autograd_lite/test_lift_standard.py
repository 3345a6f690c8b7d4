"""Lifted programs on another library than NumPy: one that allows only what the array API standard has."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import lift
from autograd_lite.lifting.structure import parts_of, rebuild
from tests.autograd_lite.lifting import always_on_arrays, flat
from tests.autograd_lite.test_lift_graphs import written_as_loops
from tests.autograd_lite.test_lift_programs import lstm_cost
from tests.benchmarks import gpt

strict = pytest.importorskip("array_api_strict")


def require_the_same_there(f: Any, *args: Any, in_axes: Any = None) -> None:
    """Compare values and gradients on NumPy and on the other library."""
    argnums = range(len(args))
    value, gradients = lift(f, argnums=argnums, in_axes=in_axes)(*args)
    there = [
        rebuild(arg, iter([strict.asarray(np.asarray(part.array, dtype=float)) for part in parts_of(arg)[0]]))
        for arg in args
    ]
    found, gradients_found = lift(f, argnums=argnums, in_axes=in_axes, xp=strict)(*there)
    parts = parts_of(gradients_found)[0]
    assert {type(part.array) for part in parts} == {type(strict.asarray(1.0))}
    numbers = [x for part in parts for x in np.from_dlpack(part.array).ravel()]
    assert np.isclose(float(found), float(value), rtol=1e-12)
    np.testing.assert_allclose(numbers, flat(gradients), rtol=1e-11, atol=1e-12)


def test_functions_of_the_rule_book() -> None:
    def cost(P: Any, x: Any, y: Any) -> Any:
        a = [
            sum((w * x_k for w, x_k in zip(row, x, strict=True)), b)
            for row, b in zip(P["W"], P["b"], strict=True)
        ]
        a = [z.tanh() + z.sigmoid() * z.relu() + z.gelu().maximum(0.1) for z in a]
        picked = a[0] * a[2] + a[1] * x[2] + P["W"][2][1] ** 3 + x[0].hypot(x[1]) + x[1].softplus()
        return (picked - y).elu() + abs(a[1]).leaky_relu() + (a[0] * a[0]).log1p()

    random = np.random.default_rng(0)
    P = {"W": random.normal(size=(3, 3)), "b": random.normal(size=3)}
    X, y = random.normal(size=(5, 3)), random.normal(size=5)
    require_the_same_there(cost, P, X[0], y[0])
    require_the_same_there(cost, P, X, y, in_axes=(None, 0, 0))


def test_a_gpt_block() -> None:
    P = {name: np.array(rows) for name, rows in gpt.parameters_of(float).items()}
    require_the_same_there(lambda P: gpt.gpt_cost(P, gpt.TEXT), P)


def test_an_lstm_cell() -> None:
    random = np.random.default_rng(0)
    shapes = {"U": (12, 2), "V": (12, 3), "b": (12,)}
    P = {name: random.normal(size=shape) / 2 for name, shape in shapes.items()}
    xs, ys = random.normal(size=(4, 6, 2)), random.normal(size=(4, 3))
    require_the_same_there(lstm_cost, P, xs[0], ys[0])
    require_the_same_there(lstm_cost, P, xs, ys, in_axes=(None, 0, 0))


def test_straight_line_programs() -> None:
    require_the_same_there(lambda x, v: (x * v[0]).tanh() + v[1].exp() / x, 2.0, [0.5, -1.0])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), steps=st.integers(1, 6))
def test_random_programs(seed: int, steps: int) -> None:
    random = Random(seed)
    shapes = [(random.randint(1, 4), random.randint(1, 4)) for _ in range(2)]
    arrays = [np.array([[random.uniform(-1, 1) for _ in range(n)] for _ in range(m)]) for m, n in shapes]

    def f(*lists: Any) -> Any:
        return written_as_loops(Random(seed), [np.array(rows, dtype=object) for rows in lists], steps)

    with always_on_arrays():
        require_the_same_there(f, *arrays)
    samples = np.array([arrays[0] * scale for scale in (1.0, -0.5, 0.3)])
    require_the_same_there(f, samples, arrays[1], in_axes=(0, None))
