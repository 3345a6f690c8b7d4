"""The search of test_lift_search.py among recurrences: a random step, many times over, lifted to loops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from autograd_lite import Value, lift, topological_order
from autograd_lite.ops import RULES
from tests.autograd_lite.lifting import always_on_arrays
from tests.autograd_lite.orders import ORDERED
from tests.autograd_lite.test_lift_search import (
    EXAMPLES,
    MODERATE,
    NUMBERS,
    Said,
    arities,
    require_same,
    searching,
)

# Half of them are smooth: numbers stay moderate then, and steps have products of derivatives.
ROWS = st.sampled_from(["mul", "sub", "sin", "cos", "tanh", "sigmoid", "atan"]) | st.sampled_from(list(RULES))


class All(NamedTuple):
    """The elements of a vector, as operands of a row that has any number of them."""

    number: int


class Recurrence(NamedTuple):
    """States ``h0``, …, of which each step makes new ones, with a slice of ``x0``, … and all of ``w0``, ….

    What a step knows are these, and the results of its rows. Operands of rows are numbers in that list, or
    constants; so are the next states, and what of each step is part of the cost.
    """

    given: dict[str, Any]
    rows: list[tuple[str, list[int | float | All]]]
    following: list[int]
    seen: int
    end: str

    @property
    def points(self) -> list[list[float]]:
        """All numbers, as the search has them: at one point."""
        return [[x for array in self.given.values() for x in array.ravel().tolist()]]

    def filled(self, numbers: Sequence[Any]) -> dict[str, Any]:
        """Return numbers, or Values, in the arrays."""
        each, arrays = iter(numbers), {}
        for name, array in self.given.items():
            arrays[name] = np.empty(array.shape, dtype=object)
            arrays[name].reshape(-1)[:] = list(itertools.islice(each, array.size))
        return arrays

    def steps(self, arrays: dict[str, Any], nudge: Callable[[Any], Any]) -> Iterator[list[Any]]:
        """Yield what each step knows at its end."""
        states, slices, weights = ([arrays[name] for name in arrays if name[0] == letter] for letter in "hxw")
        for one in zip(*slices, strict=True):
            known = [*states, *map(np.asarray, one), *weights]
            for row in self.rows:
                known.append(applied(*row, known, nudge))
            yield known
            states = [known[k] for k in self.following]

    def run(self, xs: Sequence[Any], nudge: Callable[[Any], Any] = lambda result: result) -> Any:
        steps = list(self.steps(self.filled(xs), nudge))
        parts = [*(known[self.seen] for known in steps), *(steps[-1][k] for k in self.following)]
        return nudge(Value.apply_operation(RULES[self.end], [x for part in parts for x in part.ravel()]))

    def __repr__(self) -> str:
        names = [*self.given, *(f"v{k}" for k in range(len(self.rows)))]

        def text(x: Any) -> str:
            return (
                f"*{names[x.number]}" if isinstance(x, All) else names[x] if isinstance(x, int) else repr(x)
            )

        lines = [f"v{k} = {name}({', '.join(map(text, xs))})" for k, (name, xs) in enumerate(self.rows)]
        following = ", ".join(names[k] for k in self.following)
        given = {name: array.tolist() for name, array in self.given.items()}
        return "; ".join(
            [*lines, f"next {following}", f"{self.end} of these and {names[self.seen]}, {given}"]
        )


def applied(name: str, operands: Sequence[Any], known: Sequence[Any], nudge: Callable[[Any], Any]) -> Any:
    """Return what a row gives, element by element."""
    terms: list[Any] = []
    for x in operands:
        terms += known[x.number].tolist() if isinstance(x, All) else [known[x] if isinstance(x, int) else x]
    each = np.broadcast(*(np.asarray(x, dtype=object) for x in terms))
    result = np.empty(each.shape, dtype=object)
    result.reshape(-1)[:] = [nudge(Value.apply_operation(RULES[name], xs)) for xs in each]
    return result


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    """Return a recurrence with a point; it is cut off where it is not defined any more."""
    shapes = st.sampled_from([(), (draw(st.integers(2, 4)),)])
    numbers = draw(st.sampled_from([MODERATE, MODERATE, MODERATE, NUMBERS]))
    steps = draw(st.integers(5, 20))
    arrays = {}
    for letter, fewest, most in (("h", 1, 3), ("x", 1, 2), ("w", 0, 2)):
        for k in range(draw(st.integers(fewest, most))):
            shape = (*[steps] * (letter == "x"), *draw(shapes))
            size = math.prod(shape)
            arrays[f"{letter}{k}"] = np.reshape(draw(st.lists(numbers, min_size=size, max_size=size)), shape)
    states = sum(name[0] == "h" for name in arrays)
    one = Recurrence(arrays, [], [*range(states)], 0, draw(st.sampled_from(["fsum", "hypot", "logsumexp"])))
    values = one.filled([Value(x) for x in one.points[0]])
    known = next(one.steps(values, lambda x: x))
    for name in draw(st.lists(ROWS, min_size=2, max_size=6)):
        operands = draw(operands_of(name, known, len(known) - 1 if one.rows else 0))
        try:
            known.append(applied(name, operands, known, lambda x: x))
        except (ArithmeticError, ValueError, TypeError):
            continue
        one.rows.append((name, operands))
    assume(one.rows)
    for k in range(states):
        alike = [i for i, array in enumerate(known) if array.shape == known[k].shape]
        one.following[k] = draw(st.sampled_from(alike[-2:]))
    one = one._replace(seen=draw(st.integers(0, len(known) - 1)))
    defined = 0
    try:
        for _ in one.steps(values, lambda x: x):
            defined += 1
    except (ArithmeticError, ValueError):
        assume(defined > 4)
    return one._replace(given={name: x[:defined] if name[0] == "x" else x for name, x in arrays.items()})


@st.composite
def operands_of(draw: st.DrawFn, name: str, known: Sequence[Any], latest: int) -> list[int | float | All]:
    """Return operands for a row, the latest result among them: or all elements of vectors."""
    vectors = [k for k, array in enumerate(known) if array.ndim]
    if RULES[name].variadic and vectors and draw(st.booleans()):
        count = 2 if name in ("sumprod", "affine") else 1
        return [
            *[0.5] * (name == "affine"),
            *(All(draw(st.sampled_from(vectors[-2:]))) for _ in range(count)),
        ]
    operand = st.one_of(st.integers(0, len(known) - 1), MODERATE)
    operands = [draw(operand) for _ in range(draw(arities(name)))]
    operands[draw(st.integers(0, len(operands) - 1))] = latest
    if name in ORDERED:
        operands = [float(draw(st.integers(0, 2))), latest]
    return operands


@settings(searching, max_examples=EXAMPLES or 150)
@given(recurrences())
def test_a_random_recurrence(one: Recurrence) -> None:
    (point,) = one.points
    leaves = [Value(x) for x in point]
    try:
        cost = one.run(leaves)
    except (ArithmeticError, ValueError):
        assume(False)
    assume(not set(leaves).isdisjoint(topological_order(cost)))
    inputs = {name: array.tolist() for name, array in one.filled(leaves).items()}
    with always_on_arrays():
        lifted = lift(cost, inputs=inputs)
        note(lifted.source)
        value, gradients = lifted()
    found = [float(x) for name in inputs for x in np.ravel(gradients[name])]
    require_same(one, Said(float(value), found), average=False)
