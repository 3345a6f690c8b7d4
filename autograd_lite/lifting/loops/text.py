"""Fused loops as a module that Numba compiles: its functions, and room for what they write.

The lines of the loops are written by body.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from autograd_lite.lifting.arrays import Arrays
from autograd_lite.lifting.loops.body import Body
from autograd_lite.lifting.loops.nests import Nests
from autograd_lite.lifting.loops.steps import Flat
from autograd_lite.lifting.loops.terms import functions_called
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.lines import folded, in_brackets

KEPT = "cache=True, "
"""What has Numba keep on disk what it compiled."""


def head(by_python: Collection[str]) -> list[str]:
    """Return the lines with which a module of loops begins."""
    # What calls Python cannot be kept on disk, nor run beside other Python.
    kept = "" if by_python else f"{KEPT}nogil=True, "
    return [
        "import math",
        "",
        "import numba",
        "import numpy as np",
        "",
        f'fast = numba.njit({kept}error_model="numpy", fastmath={{"reassoc"}})',
        "",
        "",
    ]


class LoopSource(NamedTuple):
    """A module as text, the arrays that its function takes after the inputs, and what Python runs for it."""

    text: str
    constants: dict[str, Any]
    by_python: set[str]


def write_loops(
    arrays: Arrays,
    inputs: Sequence[int],
    outputs: Sequence[int],
    used: Counter[int],
    backward_from: int,
    kind: str = "float64",
) -> LoopSource:
    """Write an array program as a module with a function ``program(inputs…, constants…)``.

    It makes room for its results, since Numba takes long to compile that, and calls the loops.

    Parameters
    ----------
    inputs, outputs : sequence of int
        What the function takes, and returns as a tuple.
    used : counter
        How often each operation is used.
    backward_from : int
        The first operation of the backward part.
    kind : str
        The dtype of its arrays.
    """
    flat = Flat(arrays, used, backward_from)
    inputs, kept = [flat.at[x] for x in inputs], [flat.kept_in(flat.at[x]) for x in outputs]
    w = Writer(flat.arrays, inputs, flat.backward_from)
    arrays_of_outputs = [x for x, _ in kept]
    body = Body(w, flat, Nests(flat, arrays_of_outputs, w.constant).nests, arrays_of_outputs, kind)
    body.write()
    names = dict.fromkeys(map(body.output, arrays_of_outputs))
    numbers = [name for name in names if name not in body.room and name.isidentifier()]
    # Arrays that are returned are made before the loops, and those over all steps, which are large.
    own = {name: text for name, text in body.room.items() if name in names}
    large = [name for name in body.of_samples if name not in names] if flat.steps else []
    before = body.lengths | _in_one_piece(body, large) | own
    inside = {name: text for name, text in body.room.items() if name not in before}
    words = set(re.findall(r"\w+", "\n".join([*body.lines, *body.room.values()])))
    # Of what is piled up nothing is read but the pile.
    read = [name for name in map(w.text, inputs) if name in words]
    taken = ", ".join([*map(w.text, inputs), *w.constants])
    lent = ", ".join([*read, *w.constants, *before])
    results = ", ".join(f"{body.output(x)}{index}" for x, index in kept)
    functions, by_python = functions_called(body.lines, body.has_long_loops)
    lines = [
        *head(by_python),
        *functions,
        "@fast",
        *folded(f"def loops({lent}):"),
        *(f"    {name} = {text}" for name, text in inside.items()),
        *(line for text in body.lines for line in folded(text, "    ")),
        *folded(f"return {in_brackets(', '.join(numbers) or 'None')}", "    "),
        "",
        "",
        *folded(f"def program({taken}):"),
        *(line for name, text in before.items() for line in folded(f"{name} = {text}", "    ")),
        *folded(f"{in_brackets(', '.join(numbers) or '_')} = loops({lent})", "    "),
        *folded(f"return {in_brackets(results + ',')}", "    "),
    ]
    return LoopSource("\n".join(lines) + "\n", w.constants, by_python)


def _in_one_piece(body: Body, names: Collection[str]) -> dict[str, str]:
    """Return how arrays over samples are made from one, which a system is slower to take back than many."""
    n, room, made, start = body.samples, body.w.free("room"), {}, 0
    for name in names:
        whole, size = body.of_samples[name]
        made[name] = f"{room}[{start} * {n} : {start + size} * {n}].reshape({whole})"
        start += size
    return {room: f"np.empty({start} * {n}{body.dtype})", **made} if len(made) > 1 else {}
