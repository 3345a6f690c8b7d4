"""Calls of lifted functions: every structure of arguments, whatever came before; what is refused, and how."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
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
