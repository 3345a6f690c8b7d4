"""Calls of lifted functions: every structure of arguments, whatever came before; what is refused, and how."""

from __future__ import annotations

import gc
import sys
import threading
import time
import traceback
import weakref
from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from functools import partial
from itertools import count
from numbers import Real
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, lift

Pair = namedtuple("Pair", "W b")


@dataclass
class Layer:
    W: Any
    b: Any


@dataclass(frozen=True)
class Frozen:
    W: Any
    b: Any


@dataclass(frozen=True)
class Slots:
    __slots__ = ("W", "b")
    W: Any
    b: Any


@dataclass
class Checked:
    W: Any

    def __post_init__(self) -> None:
        if not isinstance(self.W, np.ndarray):
            raise TypeError("only arrays")


def numbers_in(structure: Any) -> list[Any]:
    """Return the numbers in nested structures of Values, in order."""
    if isinstance(structure, Value):
        return [structure]
    if isinstance(structure, Mapping):
        structure = structure.values()
    elif is_dataclass(structure):
        structure = [getattr(structure, field.name) for field in fields(structure)]
    return [number for part in structure for number in numbers_in(part)]


def weighted_squares(structure: Any) -> Any:
    """Return Σ k·xₖ² over all numbers, k = 1, 2, …: the gradient is 2k·xₖ."""
    return sum(k * x * x for k, x in zip(count(1), numbers_in(structure), strict=False))


W, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -0.5, 1.5])
slopes, slopes_of_b = np.arange(1, 7).reshape(3, 2) * 2 * W, np.arange(7, 10) * 2 * b


@pytest.mark.parametrize(
    "make",
    [
        lambda W, b: [W, b],
        lambda W, b: (W, b),
        Pair,
        Layer,
        Frozen,
        Slots,
        lambda W, b: {"W": W, "b": b},
        lambda W, b: {0: W, "b": b},
        lambda W, b: [[W], b],
        lambda W, b: ({"W": [W]}, Pair(b, {})),
    ],
)
def test_gradients_come_in_the_class_and_the_places_of_the_arguments(make: Any) -> None:
    program = lift(weighted_squares)
    for _ in range(2):
        value, gradients = program(make(W, b))
        assert np.isclose(value, (slopes * W).sum() / 2 + (slopes_of_b * b).sum() / 2)
        require_same(gradients, make(slopes, slopes_of_b))


def require_same(found: Any, expected: Any) -> None:
    """Compare two structures: classes, keys, shapes, dtypes, and numbers to rounding."""
    if isinstance(expected, (np.ndarray, np.generic)):
        assert isinstance(found, (np.ndarray, np.generic))
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(found, expected, rtol=1e-6 if found.dtype == np.float32 else 1e-12)
        return
    assert type(found) is type(expected)
    if isinstance(expected, Mapping):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    elif is_dataclass(expected):
        names = [field.name for field in fields(expected)]
        found, expected = ([getattr(one, name) for name in names] for one in (found, expected))
    assert len(found) == len(expected)
    for part, wanted in zip(found, expected, strict=True):
        require_same(part, wanted)


def test_a_dataclass_is_put_together_without_its_init() -> None:
    _, gradient = lift(lambda P: sum(w * w for row in P.W for w in row))(Checked(W))
    assert type(gradient) is Checked
    np.testing.assert_allclose(gradient.W, 2 * W)


def test_methods_of_a_dataclass_can_be_called() -> None:
    @dataclass
    class Line:
        slope: Any
        start: Any

        def at(self, x: Any) -> Any:
            return self.slope * x + self.start

    _, gradients = lift(lambda line, x, y: (line.at(x) - y) ** 2)(Line(2.0, 1.0), 3.0, 5.0)
    assert (float(gradients.slope), float(gradients.start)) == (12.0, 4.0)


def test_the_parts_of_a_structure_have_names() -> None:
    program = lift(lambda P: P[0].W * P[1]["gain"] + P[2][0] * P[2][1])
    program([Layer(1.0, 0.0), {"gain": 2.0}, [3.0, np.float64(4.0)]])
    assert "def program(W, b, gain, P2):" in program.source


def test_numbers_in_names_stand_apart() -> None:
    def cost(layers: Any, x1: Any) -> Any:
        return sum(W[0] * W[1] * b for W, b in layers) * x1[0] * x1[1][0] * x1[1][1]  # type: ignore[no-any-return]

    pair = np.array([1.0, 2.0])
    program = lift(cost)
    program([[pair, 3.0], [pair, 4.0]], (5.0, pair))
    assert "def program(layers0_0, layers0_1, layers1_0, layers1_1, x1_0, x1_1):" in program.source


def test_axes_of_parts_by_name_or_in_a_row() -> None:
    def cost(data: Any) -> Any:
        return data.W * data.b[0] + data.b[1]

    for axes in (Layer(None, 0), Pair(None, 0), {"W": None, "b": 0}, (None, 0)):
        _, gradients = lift(cost, in_axes=(axes,))(Layer(2.0, np.array([[1.0, 2.0], [4.0, 6.0]])))
        assert float(gradients.W) == 2.5
    with pytest.raises(ValueError, match=r"in_axes has \(None,\) for data, whose parts are \['W', 'b'\]"):
        lift(cost, in_axes=((None,),))(Layer(2.0, b))


# --- any form after any other ---------------------------------------------------------------------------

FORMS = [
    2.0,
    3,
    True,
    np.float64(2.0),
    np.float32(2.0),
    np.array(2.0),
    Fraction(1, 2),
    [1.0, 2.0],
    (1.0, 2.0),
    [1, 2],
    [True, 2.5],
    [Fraction(1, 2), 2],
    [1.0, np.float64(2.0)],
    [1.0, np.array(2.0)],
    [np.array(1.0), np.array(2.0)],
    np.array([1.0, 2.0]),
    np.array([1.0, 2.0], dtype=np.float32),
    np.array([1, 2]),
    np.array([1, 2], dtype=object),
    np.array([1.0, 2.0])[::-1],
    [[1.0], [2.0]],
    [[1.0, 2.0], [3.0, 4.0]],
    [[1.0, 2.0], (3.0, 4.0)],
    [[1.0, 2.0], [3.0]],
    [[1.0, 2.0], 3.0],
    [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
    [[1.0, 2.0], np.array([3.0, 4.0])],
    [np.array([1.0, 2.0]), [3.0, 4.0]],
    [np.array([1.0, 2.0]), 3.0],
    [np.array([1.0, 2.0], dtype=np.float32), np.float32(3.0)],
    [[np.array([1.0, 2.0]), 3.0], [[1.0, 2.0], 3.0]],
    [[[1.0, 2.0], 3.0], [[1.0, 2.0], 3.0]],
    [[np.array([1.0, 2.0]), np.array([3.0])], [np.array([1.0, 2.0]), np.array([3.0])]],
    [{"W": 1.0}, {"W": 2.0}],
    {"W": np.array([1.0, 2.0]), "b": 3.0},
    {"b": 3.0, "W": np.array([1.0, 2.0])},
    {"W": [1.0, 2.0], "b": 3.0},
    {"W": [np.array([1.0]), 2.0], "b": 3.0},
    OrderedDict(W=1.0, b=2.0),
    MappingProxyType({"W": 1.0, "b": 2.0}),
    Pair(1.0, 2.0),
    Pair([1.0, 2.0], 3.0),
    [Pair(1.0, 2.0), Pair(3.0, 4.0)],
    Layer(1.0, [2.0, 3.0]),
    Frozen(1.0, [2.0, 3.0]),
    Layer([Frozen(1.0, 2.0), np.array([1.0])], 3.0),
    [[], 1.0],
    [[], [1.0]],
    [np.zeros((0, 2)), np.array([1.0])],
    [{}, 1.0],
    [[], [], [[1.0]]],
    range(1, 3),
]


@pytest.mark.parametrize("seed", range(3))
def test_what_came_before_makes_no_difference(seed: int) -> None:
    program = lift(weighted_squares)
    fresh = [lift(weighted_squares)(form) for form in FORMS]
    order = [*range(len(FORMS)), *range(len(FORMS))]
    Random(seed).shuffle(order)
    for i in order:
        value, gradients = program(FORMS[i])
        assert np.isclose(value, fresh[i][0])
        require_same(gradients, fresh[i][1])


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form!r:.40}")
def test_every_form_gives_the_engines_gradient(form: Any) -> None:
    _, gradients = lift(weighted_squares)(form)
    found = [float(g) for g in numbers_of(gradients)]
    assert np.allclose(found, [2.0 * k * x for k, x in zip(count(1), numbers_of(form), strict=False)])


def numbers_of(structure: Any) -> list[float]:
    """Return all numbers in a structure of arrays."""
    if isinstance(structure, (Real, np.generic)):
        return [float(structure)]
    if isinstance(structure, np.ndarray):
        return [float(x) for x in structure.ravel()]
    if isinstance(structure, Mapping):
        structure = structure.values()
    elif is_dataclass(structure):
        structure = [getattr(structure, field.name) for field in fields(structure)]
    return [number for part in structure for number in numbers_of(part)]


def test_a_dict_in_another_order_is_what_the_function_sees() -> None:
    def polynomial(P: Any) -> Any:
        return sum((c * 10**k for k, c in enumerate(P.values())), Value(0.0))

    program = lift(polynomial)
    assert {k: float(g) for k, g in program({"a": 1.0, "b": 2.0})[1].items()} == {"a": 1.0, "b": 10.0}
    assert {k: float(g) for k, g in program({"b": 2.0, "a": 1.0})[1].items()} == {"b": 1.0, "a": 10.0}


def test_arguments_by_name() -> None:
    def cost(w: Any, x: Any = 2.0, y: Any = 3.0, *, n: int = 2) -> Any:
        return (w * x - y) ** n

    program = lift(cost, argnums=(0, 2))
    calls = (program, program.value, program.jacobian, program.hessian, program.check)
    for call in calls:
        expected = call(5.0, 2.0, 7.0)
        for found in (call(y=7.0, w=5.0), call(5.0, y=7.0), call(5.0, y=7.0, x=2.0)):
            assert found == expected
    # (w x − y)² by w and y, with x = 2
    value, (by_w, by_y) = program(5.0, y=7.0)
    assert (float(value), float(by_w), float(by_y)) == (9.0, 12.0, -6.0)
    with pytest.raises(TypeError, match=r"n can be given by name only.* functools\.partial\(f, n=…\)"):
        program(5.0, y=7.0, n=3)
    assert float(lift(partial(cost, n=3))(5.0, y=7.0)[0]) == 27.0
    for wrong, said in (({"z": 1.0}, "z"), ({"w": 1.0}, "w"), ({}, "2")):
        with pytest.raises((TypeError, ValueError), match=said):
            program(5.0, **wrong)


def test_arguments_are_left_as_they_are() -> None:
    frozen = np.array([1.0, 2.0])
    frozen.setflags(write=False)
    program = lift(weighted_squares)
    for _ in range(2):
        _, (gradient, _) = program([frozen, 3.0])
        assert gradient.flags.writeable
        gradient += 1  # a gradient is the caller's
        assert frozen.tolist() == [1.0, 2.0]


def test_frames_and_series() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3, 4]})
    _, gradient = lift(weighted_squares)(frame)
    assert gradient.tolist() == [[2.0, 12.0], [12.0, 32.0]]
    program = lift(weighted_squares, in_axes=0)
    for _ in range(2):
        value, gradient = program(frame["a"])
        assert (float(value), gradient.tolist()) == (2.5, [1.0, 2.0])
    with pytest.raises(TypeError, match="dtype object; lift takes real numbers"):
        lift(weighted_squares)(pandas.Series(["a", "b"]))


@pytest.mark.parametrize("bad", [None, "tanh", b"tanh", 1j, {1.0}, object(), np.tanh, Value(1.0)])
@pytest.mark.parametrize(
    "put", [lambda x: x, lambda x: [x], lambda x: [W, x], lambda x: {"b": x}, lambda x: Layer(W, x)]
)
def test_what_is_no_number_is_refused_with_a_way_out(bad: Any, put: Any) -> None:
    program = lift(weighted_squares)
    with pytest.raises(TypeError, match=r"lift takes real numbers.*functools\.partial"):
        program(put(bad))
    program(put(1.0))
    with pytest.raises(TypeError, match=r"lift takes real numbers.*functools\.partial"):
        program(put(bad))


@pytest.mark.parametrize(
    "array", [np.array([1j]), np.array(["a"]), np.array([None]), np.array(["2020"], "M8")]
)
def test_arrays_of_something_else_are_refused(array: Any) -> None:
    with pytest.raises(TypeError, match=r"structure has the dtype .*; lift takes real numbers"):
        lift(weighted_squares)(array)


# --- what is kept ---------------------------------------------------------------------------------------


class Counted:
    """A function that counts how often it runs."""

    def __init__(self, f: Any) -> None:
        self.f, self.calls = f, 0

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        return self.f(*args)


def test_of_ever_new_shapes_the_last_64_are_kept() -> None:
    f = Counted(weighted_squares)
    program = lift(f)
    for n in range(1, 100):
        program(np.ones(n))
        program(np.ones(1))  # in use all the time
    calls = f.calls
    for n in [*range(37, 100), 1]:
        program(np.ones(n))
    assert f.calls == calls
    program(np.ones(36))
    assert f.calls > calls


def test_of_ever_new_structures_too() -> None:
    f = Counted(weighted_squares)
    program = lift(f)
    structures = weakref.WeakValueDictionary[int, Any]()
    for n in range(100):
        keys = type(f"Keys{n}", (dict,), {})
        structures[n] = keys
        program(keys(W=1.0))
        del keys
    gc.collect()
    assert len(structures) <= 65
    calls = f.calls
    program(structures[99](W=2.0))
    assert f.calls == calls


# --- nothing half done ----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError, RecursionError])
@pytest.mark.parametrize("when", range(1, 4))
@pytest.mark.parametrize("collects", [True, False])
def test_an_exception_leaves_nothing_half_done(error: Any, when: int, collects: bool) -> None:
    w = Value(2.0, "w")
    w.grad = 7.0
    runs = count(1)

    def cost(x: Any) -> Any:
        result = w * x[0] * x[1]
        if next(runs) == when:
            raise error("in the function")
        return result

    program = lift(cost)
    (gc.enable if collects else gc.disable)()
    try:
        with suppress(error):
            program([3.0, 4.0])
        assert gc.isenabled() == collects
        value, gradient = program([3.0, 4.0])
    finally:
        gc.enable()
    assert (float(value), gradient.tolist()) == (24.0, [8.0, 6.0])
    assert (w.data, w.grad, w.label) == (2.0, 7.0, "w")


def test_what_was_refused_is_not_shown() -> None:
    program = lift(lambda x: x * x if x > 0 else -x)
    with pytest.raises(ValueError, match="fixed in the program"):
        program(2.0)
    with pytest.raises(ValueError, match="has not been traced yet"):
        _ = program.source
    assert "traced when it is called first" in repr(program)
    squares = lift(lambda x: x * x if isinstance(x, Value) else x[0])
    squares(2.0)
    with pytest.raises(TypeError):
        squares.hessian("text")
    with pytest.raises((TypeError, ValueError)):
        squares.jvp([2.0], [[1.0]])
    assert "def program(x):" in squares.source


def test_an_error_of_the_function_has_its_own_traceback() -> None:
    def broken(x: Any) -> Any:
        return x[0] * x[7]

    with pytest.raises(IndexError) as caught:
        lift(broken)([1.0, 2.0])
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[-1].name == "broken"
    assert frames[-1].line == "return x[0] * x[7]"
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert len(frames) <= 4


# --- threads --------------------------------------------------------------------------------------------


def in_threads(n: int, work: Any) -> list[Any]:
    """Run work(k) in n threads, which start together."""
    start = threading.Barrier(n)

    def one(k: int) -> Any:
        start.wait(timeout=10)
        return work(k)

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


def test_threads_trace_a_program_once() -> None:
    w = Value(3.0, "w")
    running, most = count(), []

    def slow(x: Any) -> Any:
        most.append(next(running))
        time.sleep(0.01)
        return sum((w * x_k).sin() for x_k in x)

    program = lift(slow)
    program(np.ones(3))
    once = len(most)
    points = [np.arange(4.0) + k for k in range(8)]
    results = in_threads(8, lambda k: program(points[k]))
    assert len(most) == 2 * once
    for x, (value, gradient) in zip(points, results, strict=True):
        assert np.isclose(value, np.sin(3 * x).sum())
        np.testing.assert_allclose(gradient, 3 * np.cos(3 * x))
    assert w.grad == 0


def test_threads_call_with_other_shapes_and_structures_at_the_same_time() -> None:
    program = lift(weighted_squares)
    random = Random(0)
    forms = [[1.0] * n for n in range(1, 90)] + [{"a": [1.0] * n, "b": 2.0} for n in range(1, 20)]

    def work(k: int) -> bool:
        mine = forms[:]
        Random(k).shuffle(mine)
        with np.errstate(divide="raise" if k % 2 else "ignore"):
            for form in mine:
                value, _ = program(form)
                assert float(value) == sum(
                    i * x * x for i, x in zip(count(1), numbers_of(form), strict=False)
                )
            # What holds in a thread is its own.
            try:
                np.float64(1.0) / np.float64(0.0)
            except FloatingPointError:
                return k % 2 == 1
            return k % 2 == 0

    random.shuffle(forms)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        assert all(in_threads(4, work))
    finally:
        sys.setswitchinterval(interval)


def test_threads_go_different_ways_at_the_same_time() -> None:
    program = lift(lambda x: sum(x_k * x_k * x_k for x_k in x))
    x = np.array([1.0, 2.0])
    ways: list[tuple[Any, list[Any]]] = [
        (lambda: program.value(x), [9.0]),
        (lambda: program.jacobian(x), [3.0, 12.0]),
        (lambda: program.hessian(x), [6.0, 0.0, 0.0, 12.0]),
        (lambda: program.hvp([x], x), [6.0, 24.0]),
        (lambda: program(x)[1], [3.0, 12.0]),
    ]

    def work(k: int) -> bool:
        way, expected = ways[k % len(ways)]
        return all(np.allclose(np.ravel(way()), expected) for _ in range(50))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert all(in_threads(10, work))
    finally:
        sys.setswitchinterval(interval)


def test_a_thread_that_fails_lets_the_next_one_trace() -> None:
    runs = count()

    def cost(x: Any) -> Any:
        if next(runs) == 0:
            time.sleep(0.05)
            raise ValueError("the first")
        return x * x

    program = lift(cost)

    def work(k: int) -> Any:
        try:
            return float(program(3.0)[1])
        except ValueError as error:
            return str(error)

    assert sorted(map(str, in_threads(3, work))) == ["6.0", "6.0", "the first"]
