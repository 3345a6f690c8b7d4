"""From a graph to a function on arrays: all passes, one a line, in the order in which they run.

Where few scalars are alike there are no arrays to be found; then the program is written on floats instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from autograd_lite.lifting.answers.results import Results
from autograd_lite.lifting.arrays import Arrays, Shape
from autograd_lite.lifting.assemble import assemble
from autograd_lite.lifting.backward import add_gradients
from autograd_lite.lifting.elsewhere.chunks import Result, in_threads, over_chunks
from autograd_lite.lifting.elsewhere.libraries import OnLibrary, alike, is_dask
from autograd_lite.lifting.groups import schedule
from autograd_lite.lifting.loops import tape
from autograd_lite.lifting.loops.compiling import compiled, on_machine
from autograd_lite.lifting.loops.text import LoopSource, write_loops
from autograd_lite.lifting.operations.elementwise import elementwise
from autograd_lite.lifting.operations.inputs import constant, input_, per_sample
from autograd_lite.lifting.operations.row import OPERATIONS
from autograd_lite.lifting.operations.shapes import reshape
from autograd_lite.lifting.operations.sums import average, over_batch
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.rolling.extract import rolled
from autograd_lite.lifting.rolling.tidy import price, tidy_loops
from autograd_lite.lifting.runtime import Function, on_arrays, on_floats
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
from autograd_lite.lifting.straight import write_straight
from autograd_lite.value import Value

# About what a group of scalars with its derivatives takes on small arrays, and the engine for a node and an
# operand, in µs.
_GROUP = 8.0
_FEW_GROUPS = 40
_NODE, _OPERAND = 1.8, 0.25
# A compiler takes milliseconds for each loop. For a batch these are at most so many; without one a loop has
# to be worth that many scalars.
_MOST_LOOPS = 300
_SCALARS_OF_A_LOOP = 20
# A loop over steps that is no faster than this share of the engine's time would be much faster on floats.
_OF_LOOPS = 0.25


class Compiled(OnLibrary):
    """A function on arrays and what is known of it.

    Parameters
    ----------
    order : sequence of Value
        The graph in topological order, the cost or the root of other results last.
    leaves : sequence of arrays of Values
        The inputs.
    inputs : sequence of Input
        Their names, shapes, and whether they come once for each sample.
    asked : sequence of int
        The inputs whose gradients are wanted, if there is a cost.
    xp : module
        The array library.
    compiler : str, optional
        What compiles the program: ``"numba"``, which makes loops of it.
    threads : bool
        Whether threads share the samples among them.

    Attributes
    ----------
    inputs : list of Input
    layout : Layout or None
        What is returned beside the cost and its gradients, or instead of them.
    has_cost : bool
        Whether there is a cost.
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
        compiler: str | None = None,
        threads: bool = False,
    ) -> None:
        self._xp = xp
        # Without samples there is nothing to share.
        self._threads = threads and any(one.batched for one in inputs)
        self._compiler = compiler
        self._loops: Callable[[str], LoopSource] | None = None
        self._cost_of_sample = 0
        self._asked = list(asked)
        self.inputs = list(inputs)
        self._batched = [one.batched for one in inputs]
        root = order[-1]
        self.layout = root.layout if isinstance(root, Results) and root.values else None
        self._is_derived = isinstance(root, Results) and root.is_derived
        self.has_cost = not isinstance(root, Results) or root.cost is not None
        gradients = [inputs[k].shape for k in asked] if self.has_cost else []
        self._shapes = gradients + (self.layout.shapes if self.layout else [])
        self._functions: dict[Any, Function] = {}
        self._latest: tuple[Any, Function] = (), lambda *arrays: (None, [])
        self._constants: dict[str, Any] | None = None
        graph = listed(order, _places(leaves))
        scalars = fold_constants(graph)
        scalars = share(scalars)
        self._tape: tape.Tape | None = None
        collected = find_shifts(collect_extremes(scalars))
        plain, sums = (scalars, collect_sums(collected)) if compiler else rolled(collected)
        made = self._write_arrays(scalars, sums, inputs, asked)
        if made is None:
            results = self.layout.shapes if self.layout else []
            # Programs on floats know the smallest of two numbers, not of many.
            straight = plain if collected.operands == scalars.operands else scalars
            self.source = write_straight(
                straight, inputs, asked if self.has_cost else None, results, self._is_derived
            )
            made = f"no arrays: {self.source.count(' = '):,} statements on floats"
            has_tape = compiler and self.layout is None and not self._is_derived
            self._tape = tape.assemble(collect_sums(scalars), inputs, asked) if has_tape else None
            if self._tape is not None:
                made += f", as {len(self._tape.code):,} instructions"
                self._cost_of_sample = len(self._tape.code)
        self.summary = f"{len(graph.ops):,} scalar nodes in, {made}"

    def _write_arrays(
        self, scalars: Scalars, sums: Scalars, inputs: Sequence[Input], asked: Sequence[int]
    ) -> str | None:
        """Write a program on arrays, and say what it consists of; None if the engine would be faster."""
        is_batch = any(one.batched for one in inputs)
        # A batch has many numbers for each scalar; without one, few scalars in a group are no use. Numbers of
        # other libraries may be elsewhere, or not be known yet: there are no programs on floats for them.
        budget = math.inf if is_batch or not (self._xp is np or is_dask(self._xp)) else _engine_time(scalars)
        most = _MOST_LOOPS if is_batch else len(scalars.ops) / _SCALARS_OF_A_LOOP
        # A machine runs costs with gradients alone.
        most = math.inf if is_batch and (self.layout or self._is_derived) else most
        groups = schedule(sums)
        if len(groups) > (most if self._compiler else max(_FEW_GROUPS, budget / _GROUP)):
            return None
        shapes: list[Shape] = [()] * self.has_cost + (self.layout.shapes if self.layout else [])
        arrays, roots = assemble(sums, groups, inputs, shapes)
        arrays.is_derived = self._is_derived
        numbers = [input_(arrays, k, one.shape, one.batched) for k, one in enumerate(inputs)]
        outputs, start = self._outputs(arrays, roots, numbers, inputs, asked)
        tidy_loops(arrays, outputs)
        used = uses(arrays, outputs)
        if self._compiler:
            if len(used) > most:
                return None
            self._loops = partial(write_loops, arrays, numbers, outputs, used, start)
            self.source = self._loops("float64").text
        else:
            if price(arrays, used) > (_OF_LOOPS if LOOP in sums.ops else 1) * budget:
                return None
            self.source, self._constants = write(arrays, numbers, outputs, used, start, self.has_cost)
        self._cost_of_sample = _flops(arrays, used)
        return _summary(arrays, used)

    def _outputs(
        self,
        arrays: Arrays,
        roots: list[int],
        numbers: Sequence[int],
        inputs: Sequence[Input],
        asked: Sequence[int],
    ) -> tuple[list[int], int]:
        """Add what is returned of the roots, under its names, and tell where the backward part begins."""
        outputs, names, start = [], [], 0
        if self.has_cost:
            cost = roots.pop(0)
            value = average(arrays, cost)
            start = len(arrays.nodes)
            outputs = [value, *add_gradients(arrays, cost, [numbers[k] for k in asked])]
            names = ["C", *(f"d{inputs[k].name}" for k in asked)]
        if self.layout:
            each = zip(roots, self.layout.shapes, self.layout.means, strict=True)
            outputs += [_result(arrays, *one) for one in each]
            names += self.layout.names
        return name_outputs(arrays, outputs, names, start), start or len(arrays.nodes)

    @property
    def constants(self) -> dict[str, Any] | None:
        """The arrays of constants by name; None for a program on floats, or in loops."""
        return self._constants

    @property
    def loops(self) -> LoopSource | None:
        """The program as loops in double precision, if it was written so."""
        return self._loops("float64") if self._loops else None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_functions": {}, "_latest": ((), None)}

    def __str__(self) -> str:
        return f"{self.source}\n# {self.summary}"

    def __repr__(self) -> str:
        return f"{self.summary}; print it for its source"

    def _repr_html_(self) -> str:
        """Return the source in colours, and the summary."""
        from autograd_lite.markup import code, escape

        return f"{code(self.source)}<p>{escape(self.summary)}</p>"

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return the value and the gradients for an array for each input; the batch axis comes first."""
        return self.on_numpy(arrays) if self._xp is np else self._elsewhere(arrays)

    def on_numpy(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return the value and the gradients for NumPy's arrays, whatever library the program is for."""
        kinds = tuple([array.dtype for array in arrays])
        latest, function = self._latest
        if kinds != latest:  # to compare the same dtypes takes less time than to look them up
            if kinds not in self._functions:
                self._functions[kinds] = self._loaded(np.result_type(*arrays))
            function = self._functions[kinds]
            self._latest = kinds, function
        if self._loops is not None or self._tape is not None:
            if self._threads:
                return in_threads(function, arrays, self._batched, self._results, self._cost_of_sample)
            return function(*arrays)
        # Nothing is reported of the side of a choice that is not taken.
        with np.errstate(all="ignore"):
            return function(*arrays)

    def _loaded(self, kind: Any) -> Function:
        """Return the function on NumPy's arrays, its constants and results of this dtype."""
        if self._loops is not None:
            return compiled(self._loops(np.dtype(kind).name), kind)
        if self._tape is not None:
            return on_machine(self._tape, kind)
        if self._constants is None:
            return on_floats(self.source, self._shapes, kind, self.has_cost, self._is_derived)
        return on_arrays(self.source, self._constants, np, kind, has_cost=self.has_cost)

    def _elsewhere(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return the same for another library's arrays, which stay where they are."""
        if is_dask(self._xp):
            return over_chunks(self.on_numpy, arrays, self._batched, self._results)
        arrays, kind, device = alike(self._xp, arrays)
        key = kind, str(device)
        function = self._functions.get(key)
        if function is None:
            assert self._constants is not None
            function = on_arrays(self.source, self._constants, self._xp, kind, device, self.has_cost)
            self._functions[key] = function
        return function(*arrays)

    @cached_property
    def _results(self) -> list[Result]:
        """Return what the program returns: the cost, its gradients, other results."""
        found = [Result((), is_mean=True)] if self.has_cost else []
        for k in self._asked if self.has_cost else []:
            found.append(Result(self.inputs[k].shape, not self._batched[k], is_gradient=True))
        if self.layout:
            found += map(Result, self.layout.shapes, self.layout.means)
        return found


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


def _summary(arrays: Arrays, used: Iterable[int]) -> str:
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
