"""From a graph to a function on arrays: all passes one after another, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.adjoint import gradients
from autograd_lite.lifting.arrays import Arrays
from autograd_lite.lifting.grouping import group
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.scalars import Scalars, collect_sums, fold_constants, share, trace
from autograd_lite.lifting.source import Source, write
from autograd_lite.lifting.straight import rules_for_floats, write_straight
from autograd_lite.lifting.structure import as_numpy
from autograd_lite.lifting.support import quick_numpy, support
from autograd_lite.value import Value

_Function: TypeAlias = Callable[..., tuple[Any, list[Any]]]

# About what the operations of NumPy take on small arrays, a group of scalars with its derivatives, and the
# engine for a node and an operand, in µs.
_MICROSECONDS = {
    **dict.fromkeys(("input", "constant", "view", "reshape", "result", "share", "samples"), 0.0),
    "take": 2.0,
    "spread": 6.0,
    "join": 3.0,
    "sum": 2.5,
    "as_whole": 4.0,
    "broadcast": 4.0,
    "place": 4.0,
}
_GROUP = 8.0
_FEW_GROUPS = 40
_NODE, _OPERAND = 1.8, 0.25


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
        self,
        order: Sequence[Value],
        leaves: Sequence[Any],
        inputs: Sequence[Input],
        asked: Sequence[int],
        xp: Any = np,
    ) -> None:
        places = {
            leaf: (number, position)
            for number, array in enumerate(leaves)
            for position, leaf in enumerate(np.asarray(array, dtype=object).ravel())
        }
        traced = trace(order, places)
        scalars = share(fold_constants(traced))
        self._xp = xp
        self._functions: dict[Any, _Function] = {}
        self._inputs = inputs
        self._asked = asked
        # A batch has many numbers for each scalar; without one, few scalars in a group are no use.
        budget = math.inf if any(one.batched for one in inputs) else _engine_time(scalars)
        written = _on_arrays(collect_sums(scalars), inputs, asked, budget)
        self._is_straight = written is None
        self._constants = {} if written is None else written.constants
        self.source = write_straight(scalars, inputs, asked) if written is None else written.text
        made = f"no arrays: {self.source.count(' = '):,} statements on floats"
        self.summary = f"{len(traced.ops):,} scalar nodes in, {made if written is None else written.summary}"

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return the value, and the gradients as arrays.

        Parameters
        ----------
        arrays : sequence of array
            One for each input; the batch axis comes first.

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

    def _loaded(self, kind: Any) -> _Function:
        """Return the function on arrays, its constants and results of this dtype."""
        asarray = self._xp.asarray
        if self._is_straight:
            return self._on_floats(_run(self.source, {"np": np, **rules_for_floats()}), kind)
        constants = {
            name: asarray(array) if array.dtype.kind == "i" else asarray(array, dtype=kind)
            for name, array in self._constants.items()
        }
        library = quick_numpy() if self._xp is np else self._xp
        return _run(self.source, {"np": library, **support(self._xp), **constants})

    def _on_floats(self, program: _Function, kind: Any) -> _Function:
        """Return a function on arrays from one on floats and lists of them."""
        xp, shapes = self._xp, [self._inputs[k].shape for k in self._asked]

        def function(*arrays: Any) -> tuple[Any, list[Any]]:
            lists = [as_numpy(array).ravel().tolist() if array.ndim else float(array) for array in arrays]
            value, found = program(*lists)
            results = [
                xp.reshape(xp.asarray(g, dtype=kind), shape) for g, shape in zip(found, shapes, strict=True)
            ]
            return xp.asarray(value, dtype=kind), results

        return function


def _run(source: str, scope: dict[str, Any]) -> _Function:
    """Return the function that a text defines."""
    exec(compile(source, "<lifted>", "exec"), scope)
    function: _Function = scope["program"]
    return function


class _Written(NamedTuple):
    text: str
    constants: dict[str, Any]
    summary: str


def _on_arrays(
    scalars: Scalars, inputs: Sequence[Input], asked: Sequence[int], budget: float
) -> _Written | None:
    """Write a program on arrays; None if it would take longer than the budget, in µs."""
    found = group(scalars, inputs, at_most=max(_FEW_GROUPS, budget / _GROUP))
    if found is None:
        return None
    arrays, cost = found
    text, constants, used = _with_gradients(arrays, cost, inputs, asked)
    if _time(arrays, used) > budget:
        return None
    return _Written(text, constants, _summary(arrays, used))


def _with_gradients(arrays: Arrays, cost: int, inputs: Sequence[Input], asked: Sequence[int]) -> Source:
    """Add the backward part, and write all of it down."""
    numbers = [arrays.input(k, one.shape, one.batched) for k, one in enumerate(inputs)]
    is_batch = arrays.nodes[cost].batched
    # C = (1/n) Σ_s C_s (A1)
    value = arrays.average(cost) if is_batch else cost
    start = len(arrays.nodes)
    seed = arrays.share() if is_batch else arrays.constant(1.0)
    found = gradients(arrays, cost, [numbers[k] for k in asked], seed)
    value, *outputs = _named(arrays, [value, *found], ["C", *(f"d{inputs[k].name}" for k in asked)], start)
    return write(arrays, numbers, value, outputs, start)


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


def _engine_time(scalars: Scalars) -> float:
    """Return about what the engine takes for a graph, node by node, in µs."""
    interior = [nodes for nodes in scalars.operands if nodes]
    return _NODE * len(interior) + _OPERAND * sum(map(len, interior))


def _time(arrays: Arrays, used: Sequence[int]) -> float:
    """Return about what the operations take on small arrays, in µs."""
    return sum(_MICROSECONDS.get(arrays.nodes[x].op, 1.0) for x in used)


def _summary(arrays: Arrays, used: Sequence[int]) -> str:
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
        elif node.op in ("map", "chain"):
            flops += size
    size = 8 * sum(math.prod(node.shape) for node in work)
    return (
        f"{len(work):,} array operations out; {size:,} bytes of arrays, {flops:,} floating-point operations"
    )
