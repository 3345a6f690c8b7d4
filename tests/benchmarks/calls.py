"""What a call costs above the bare program: the moons step, its parameters in the structures people write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import lift
from autograd_lite.lifting.arguments.structure import parts_of
from autograd_lite.lifting.forms import OnArrays
from tests.benchmarks.moons import arrays, cost_of_a_point, cost_of_layers, the_problem
from tests.benchmarks.timing import (
    Options,
    Samples,
    collector,
    print_table,
    require_equal,
    seconds,
    verdict,
)

_PAIRS = 200
TARGET = 15
"""At most how many µs a call may take above the bare program, with arrays in a structure."""


class Layer(NamedTuple):
    """Weights and bias."""

    W: Any
    b: Any


@dataclass(frozen=True)
class Dense:
    """Weights and bias."""

    W: Any
    b: Any


def pairs(parameters: Sequence[Any], make: Callable[[Any, Any], Any]) -> list[Any]:
    """Return the layers, each made of its weights and its bias."""
    return [make(W, b) for W, b in zip(parameters[::2], parameters[1::2], strict=True)]


def of_attributes(layers: Any, x: Any, y: Any) -> Any:
    """Return the cost of one point, of layers with attributes."""
    return cost_of_a_point(*(part for layer in layers for part in (layer.W, layer.b)), x, y)


def of_names(P: Any, x: Any, y: Any) -> Any:
    """Return the cost of one point, of a dict."""
    return cost_of_a_point(*(P[f"{letter}{l}"] for l in (1, 2, 3) for letter in "Wb"), x, y)


def of_named_layers(P: Any, x: Any, y: Any) -> Any:
    """Return the cost of one point, of a dict of dicts."""
    return cost_of_a_point(*(P[f"layer{l}"][letter] for l in (1, 2, 3) for letter in "Wb"), x, y)


def cases() -> dict[str, tuple[Any, list[Any], Any, Any]]:
    """Return by name: the cost of one point, its parameters, the points, and their classes."""
    problem = the_problem()
    p, X, y = arrays(problem), np.array(problem.inputs), np.array(problem.targets)
    lists = [array.tolist() for array in p]
    names = [f"{letter}{l}" for l in (1, 2, 3) for letter in "Wb"]
    layers = {f"layer{l}": {"W": W, "b": b} for l, (W, b) in enumerate(pairs(p, pair), start=1)}
    return {
        "W1, b1, W2, b2, W3, b3": (cost_of_a_point, p, X, y),
        "[[W, b], …]": (cost_of_layers, [pairs(p, pair)], X, y),
        "((W, b), …)": (cost_of_layers, [tuple(pairs(p, lambda W, b: (W, b)))], X, y),
        "[Layer(W, b), …], named tuples": (of_attributes, [pairs(p, Layer)], X, y),
        "[Dense(W, b), …], frozen dataclasses": (of_attributes, [pairs(p, Dense)], X, y),
        '{"W1": W, "b1": b, …}': (of_names, [dict(zip(names, p, strict=True))], X, y),
        '{"layer1": {"W": W, "b": b}, …}': (of_named_layers, [layers], X, y),
        "[[W, b], …], points as lists": (cost_of_layers, [pairs(p, pair)], problem.inputs, problem.targets),
        "all as lists": (of_attributes, [pairs(lists, Dense)], problem.inputs, problem.targets),
    }


def pair(W: Any, b: Any) -> list[Any]:
    """Return the two in a list."""
    return [W, b]


def run(options: Options) -> None:
    """Print the table."""
    rows = [row(name, *case, options) for name, case in cases().items()]
    print_table("A call on the moons step", rows)


def row(name: str, f: Any, parameters: list[Any], X: Any, y: Any, options: Options) -> dict[str, str]:
    """Return one line: a call, its program alone on arrays, and the median difference of the two.

    They are called in turns, one by one, so that whatever else the machine does meets both.
    """
    count = len(parameters)
    program = lift(f, argnums=range(count), in_axes=(*[None] * count, 0, 0))
    args = *parameters, X, y
    flat = [np.asarray(part.array) for arg in args for part in parts_of(arg)[0]]
    value, _ = program(*args)
    bare = OnArrays(program.source, {}).elsewhere(np, np.dtype(float))
    require_equal(name, [value], [bare(*flat)[0]])
    calls: Samples = []
    alone: Samples = []
    with collector(on=True):
        for _ in range(_PAIRS * options.rounds):
            calls.append(seconds(lambda: program(*args)))
            alone.append(seconds(lambda: bare(*flat)))
    above = 1e6 * median(call - bare for call, bare in zip(calls, alone, strict=True))
    return {
        "arguments": name,
        "a call": f"{1e6 * median(calls):.1f} µs",
        "the program alone": f"{1e6 * median(alone):.1f} µs",
        "above it": f"{above:.1f} µs",
        "target": "" if "lists" in name else verdict(above, TARGET, " µs", at_most=True),
    }
