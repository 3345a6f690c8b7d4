"""From a graph to a function on arrays: all passes one after another, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.lift.adjoint import gradients
from autograd_lite.lift.arrays import Arrays
from autograd_lite.lift.grouping import Input, group
from autograd_lite.lift.scalars import collect_sums, fold_constants, share, trace
from autograd_lite.lift.source import write
from autograd_lite.lift.support import support
from autograd_lite.value import Value


class Compiled:
    """A function on arrays and what is known of it.

    Parameters
    ----------
    order : sequence of Value
        The graph in topological order, the cost last.
    leaves : sequence of arrays of Values
        The inputs.
    inputs : sequence of Input
        Their names, shapes, and whether they come once for each sample.
    asked : sequence of int
        The inputs whose gradients are wanted.
    xp : module
        The array library.

    Attributes
    ----------
    source : str
        The function's text.
    summary : str
        How many scalar nodes went in, and what came out.
    """

    def __init__(
        self, order: Sequence[Value], leaves: Sequence[Any], inputs: Sequence[Input], asked: Sequence[int], xp: Any = np
    ) -> None:
        places = {
            leaf: (number, position)
            for number, array in enumerate(leaves)
            for position, leaf in enumerate(np.asarray(array, dtype=object).ravel())
        }
        traced = trace(order, places)
        arrays, cost = group(collect_sums(share(fold_constants(traced))), inputs)
        numbers = [arrays.input(k, one.shape, one.batched) for k, one in enumerate(inputs)]
        value, seed = cost, arrays.constant(1.0)
        if arrays.nodes[cost].batched:
            # C = (1/n) Σ_s C_s (A1)
            value = arrays.average(cost)
        start = len(arrays.nodes)
        if arrays.nodes[cost].batched:
            seed = arrays.share()
        found = gradients(arrays, cost, [numbers[k] for k in asked], seed)
        value, *outputs = _named(arrays, [value, *found], ["C", *(f"d{inputs[k].name}" for k in asked)], start)
        written = write(arrays, numbers, value, outputs, start)
        self.source, self._constants = written.text, written.constants
        self.summary = _summary(len(traced.ops), arrays, written.used)
        self._xp = xp
        self._functions: dict[Any, Callable[..., tuple[Any, list[Any]]]] = {}

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return the value, and the gradients as arrays.

        Parameters
        ----------
        arrays : sequence of array
            One for each input, all of one dtype; the batch axis comes first.

        Returns
        -------
        value, list of array
        """
        kinds = tuple([array.dtype for array in arrays])
        function = self._functions.get(kinds)
        if function is None:
            function = self._functions[kinds] = self._loaded(self._xp.result_type(*arrays))
        if self._xp is not np:
            return function(*arrays)
        # Nothing is reported of the side of a choice that is not taken.
        with np.errstate(all="ignore"):
            return function(*arrays)

    def _loaded(self, kind: Any) -> Callable[..., tuple[Any, list[Any]]]:
        """Return the function with its constants as arrays of this dtype."""
        constants = {
            name: self._xp.asarray(array) if array.dtype.kind == "i" else self._xp.asarray(array, dtype=kind)
            for name, array in self._constants.items()
        }
        scope: dict[str, Any] = {"np": self._xp, **support(self._xp), **constants}
        exec(compile(self.source, "<lifted>", "exec"), scope)
        function: Callable[..., tuple[Any, list[Any]]] = scope["program"]
        return function


def _named(arrays: Arrays, outputs: Sequence[int], names: Sequence[str], start: int) -> list[int]:
    """Give each output its name, and an array of its own: one that a caller may change."""
    lent = {x for x, node in enumerate(arrays.nodes) if node.op in ("input", "constant")}
    found = []
    for x, name in zip(outputs, names, strict=True):
        base = _base(arrays, x)
        # What is lent, or repeated without being copied, is not for a caller to change.
        is_lent = base in lent or (base != x and arrays.nodes[x].op in ("as_whole", "broadcast"))
        if is_lent or arrays.names.get(x, name) != name or (x < start and name != "C"):
            x = arrays.result(x, is_lent)
        lent.add(base)
        arrays.names[x] = name
        found.append(x)
    return found


def _base(arrays: Arrays, x: int) -> int:
    """Return the array that a view is a part of."""
    while arrays.nodes[x].op in ("reshape", "view", "broadcast", "as_whole", "result"):
        operand = arrays.nodes[x].operands[0]
        if arrays.is_number(operand):
            break  # an array filled with a number
        x = operand
    return x


def _summary(scalars: int, arrays: Arrays, used: Sequence[int]) -> str:
    """Say what became of a graph; sizes are for one sample."""
    work = [arrays.nodes[x] for x in used if arrays.nodes[x].op not in ("input", "constant")]
    flops = 0
    for node in work:
        size = math.prod(node.shape)
        if node.op in ("linear", "back", "outer"):
            a, b = (arrays.nodes[x] for x in node.operands)
            inner = math.prod(a.shape) * math.prod(b.shape) // max(1, size)
            flops += 2 * size * math.isqrt(max(1, inner))
        elif node.op in ("sum", "spread", "over_batch"):
            flops += math.prod(arrays.shape(node.operands[0]))
        elif node.op in ("map", "partial"):
            flops += size
    size = 8 * sum(math.prod(node.shape) for node in work)
    return (
        f"{scalars:,} scalar nodes in, {len(work):,} array operations out; "
        f"{size:,} bytes of arrays and {flops:,} floating-point operations"
    )
