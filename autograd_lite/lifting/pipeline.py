"""From a graph to a function on arrays: all passes, one a line, in the order in which they run.

Where few scalars are alike there are no arrays to be found; then the program is written on floats instead.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd_lite.lifting.answers.results import Results
from autograd_lite.lifting.arrays import Arrays, Shape
from autograd_lite.lifting.assemble import assemble
from autograd_lite.lifting.backward import add_gradients
from autograd_lite.lifting.elsewhere.libraries import is_dask
from autograd_lite.lifting.forms import Form, InLoops, OnArrays, OnFloats, OnMachine
from autograd_lite.lifting.groups import Group, schedule
from autograd_lite.lifting.loops.tape import tape_of
from autograd_lite.lifting.loops.text import write_loops
from autograd_lite.lifting.operations.elementwise import elementwise
from autograd_lite.lifting.operations.inputs import constant, input_, per_sample
from autograd_lite.lifting.operations.row import OPERATIONS
from autograd_lite.lifting.operations.shapes import reshape
from autograd_lite.lifting.operations.sums import average, over_batch
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.rolling.extract import rolled
from autograd_lite.lifting.rolling.tidy import operations_in, price, tidy_loops
from autograd_lite.lifting.running import Compiled, Ends, on_library
from autograd_lite.lifting.scalars import (
    LOOP,
    Scalars,
    collect_extremes,
    collect_sums,
    find_shifts,
    fold_constants,
    listed,
    share,
)
from autograd_lite.lifting.source import name_outputs, uses, write
from autograd_lite.lifting.stages import in_stages
from autograd_lite.lifting.straight import write_straight
from autograd_lite.printing.numpy import NumPyTerms, TermWriter
from autograd_lite.value import Value

# In µs: what the engine takes for a node and an operand, and NumPy for a group with its derivatives, the
# median of 421 programs. By the groups a program is refused before it is assembled, by its price afterwards.
_NODE, _OPERAND, _GROUP = 1.8, 0.25, 4.0
# Arrays are shorter to read than floats, and taken where they beat the engine. But a loop on floats is as
# short, and took 2–5% of the engine's time in 16 programs, and arrays a quarter of their price.
_OF_LOOPS = 0.25
# Each call of a loop takes as long as two instructions for each of so many scalars: 0.1 µs, and 2.3 ns each.
_SCALARS_OF_A_LOOP = 20
# A batch always gains by loops, but to compile one takes 50 ms: these take 15 s.
_MOST_LOOPS = 300


def compiled(
    order: Sequence[Value],
    leaves: Sequence[Any],
    inputs: Sequence[Input],
    asked: Sequence[int],
    xp: Any = np,
    compiler: str | None = None,
    threads: bool = False,
) -> Compiled:
    """Return a graph, in topological order, as a function on arrays of its leaves.

    The last node is the cost or the root of other results; the numbers of the inputs whose gradients are
    wanted are asked. A compiler, ``"numba"``, makes loops of the program; then threads may share the
    samples.
    """
    root = order[-1]
    ends = Ends(list(inputs), list(asked), None, True, False)
    if isinstance(root, Results):
        layout, has_cost = root.layout if root.values else None, root.cost is not None
        ends = Ends(ends.inputs, ends.asked if has_cost else [], layout, has_cost, root.is_derived)
    graph = listed(order, _places(leaves))
    scalars = share(fold_constants(graph))
    form = _with_compiler(scalars, ends) if compiler else _without_compiler(scalars, ends, xp)
    return on_library(xp)(form, ends, f"{len(graph.ops):,} scalar nodes in, {form.made}", xp, threads)


# --- the form of a program ------------------------------------------------------------------------------


def _without_compiler(scalars: Scalars, ends: Ends, xp: Any) -> Form:
    """Return a program on arrays, or on floats where the engine would be faster than arrays are."""
    collected = find_shifts(collect_extremes(scalars))
    plain, sums = rolled(collected)
    sums = in_stages(sums)
    # A batch has many numbers for each scalar; without one, few scalars in a group are no use. Numbers of
    # other libraries may be elsewhere, or not be known yet: there are no programs on floats for them.
    has_floats = (xp is np or is_dask(xp)) and not _is_batch(ends)
    budget = _engine_time(scalars) if has_floats else math.inf
    groups = schedule(sums)
    if len(groups) * _GROUP <= budget:
        arrays, numbers, outputs, used, start = _assembled(sums, groups, ends)
        if price(arrays, used) <= (_OF_LOOPS if LOOP in sums.ops else 1) * budget:
            terms = NumPyTerms if xp.__name__ == "numpy" or is_dask(xp) else TermWriter
            source = write(arrays, numbers, outputs, used, start, ends.has_cost, terms)
            return OnArrays(*source, ends.has_cost, _described(arrays, used))
    # Programs on floats know the smallest of two numbers, not of many.
    return _on_floats(rolled(scalars, on_floats=True)[0] if LOOP in plain.ops else scalars, ends)


def _with_compiler(scalars: Scalars, ends: Ends) -> Form:
    """Return a program in loops, or, where these would be too many, as instructions or on floats."""
    sums = in_stages(rolled(find_shifts(collect_extremes(scalars)))[1])
    has_machine = ends.layout is None and not ends.is_derived
    most: float = _MOST_LOOPS if _is_batch(ends) else len(scalars.ops) / _SCALARS_OF_A_LOOP
    most = most if has_machine or not _is_batch(ends) else math.inf
    groups = schedule(sums)
    if len(groups) <= most:
        arrays, numbers, outputs, used, start = _assembled(sums, groups, ends)
        if operations_in(arrays, used) <= most:
            loops = partial(write_loops, arrays, numbers, outputs, used, start)
            return InLoops(loops, _described(arrays, used), _flops(arrays, used))
    floats = _on_floats(scalars, ends)
    tape = tape_of(collect_sums(scalars), ends.inputs, ends.asked) if has_machine else None
    return floats if tape is None else OnMachine(floats, tape)


def _is_batch(ends: Ends) -> bool:
    return any(one.batched for one in ends.inputs)


def _on_floats(scalars: Scalars, ends: Ends) -> OnFloats:
    results = ends.layout.shapes if ends.layout else []
    source = write_straight(
        scalars, ends.inputs, ends.asked if ends.has_cost else None, results, ends.is_derived
    )
    shapes = [()] * ends.has_cost + [ends.inputs[k].shape for k in ends.asked] + results
    return OnFloats(source, shapes, ends.has_cost, ends.is_derived)


def _assembled(
    sums: Scalars, groups: list[Group], ends: Ends
) -> tuple[Arrays, list[int], list[int], Counter[int], int]:
    """Return arrays, its inputs and outputs, how often each is used, and where the backward part begins."""
    shapes: list[Shape] = [()] * ends.has_cost + (ends.layout.shapes if ends.layout else [])
    arrays, roots = assemble(sums, groups, ends.inputs, shapes)
    arrays.is_derived = ends.is_derived
    numbers = [input_(arrays, k, one.shape, one.batched) for k, one in enumerate(ends.inputs)]
    outputs, names, start = [], [], 0
    if ends.has_cost:
        cost = roots.pop(0)
        value = average(arrays, cost)
        start = len(arrays.nodes)
        outputs = [value, *add_gradients(arrays, cost, [numbers[k] for k in ends.asked])]
        names = ["C", *(f"d{ends.inputs[k].name}" for k in ends.asked)]
    if ends.layout:
        each = zip(roots, ends.layout.shapes, ends.layout.means, strict=True)
        outputs += [_result(arrays, *one) for one in each]
        names += ends.layout.names
    outputs, start = name_outputs(arrays, outputs, names, start), start or len(arrays.nodes)
    tidy_loops(arrays, outputs)
    return arrays, numbers, outputs, uses(arrays, outputs), start


def _result(arrays: Arrays, x: int, shape: Shape, is_mean: bool) -> int:
    """Return a result in its shape, or the mean of it over samples."""
    if is_mean and arrays.nodes[x].batched:
        if not shape:
            return average(arrays, x)
        x = elementwise(arrays, "mul", per_sample(arrays), over_batch(arrays, x))
    return reshape(arrays, x, shape)


def _places(leaves: Sequence[Any]) -> dict[Value, tuple[int, int]]:
    """Return for each leaf the number of its array and its place there."""
    return {
        leaf: (number, position)
        for number, array in enumerate(leaves)
        for position, leaf in enumerate(np.asarray(array, dtype=object).ravel())
    }


def _engine_time(scalars: Scalars) -> float:
    """Return about what the engine takes for a graph, node by node, in µs."""
    interior = [nodes for nodes in scalars.operands if nodes]
    return _NODE * len(interior) + _OPERAND * sum(map(len, interior))


def _described(arrays: Arrays, used: Iterable[int]) -> str:
    """Say what became of a graph; sizes are for one sample."""
    nodes = [arrays.nodes[x] for x in used]
    work = [node for node in nodes if node.op not in (input_.name, constant.name)]
    size = 8 * sum(math.prod(node.shape) for node in work)
    return (
        f"{len(work):,} array operations out; {size:,} bytes of arrays, "
        f"{_flops(arrays, used):,} floating-point operations"
    )


def _flops(arrays: Arrays, used: Iterable[int]) -> int:
    return sum(OPERATIONS[arrays.nodes[x].op].flops(arrays, arrays.nodes[x]) for x in used)
