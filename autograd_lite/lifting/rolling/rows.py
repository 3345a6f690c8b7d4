"""The operation that runs a step so many times, and the loop that runs backward for it.

As in JAX's scan, some inputs of the step are carried from one to the next, some are sliced, some are shared
by all; of what a step makes, some is stacked along a new first axis. Those results are told in parts.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

from autograd_lite.lifting.arrays import Arrays, Node, Window
from autograd_lite.lifting.operations.elementwise import chain, elementwise
from autograd_lite.lifting.operations.inputs import constant
from autograd_lite.lifting.operations.products import back, linear, outer
from autograd_lite.lifting.operations.row import OPERATIONS, Contributions, Placed, Row
from autograd_lite.lifting.operations.sections import place, section
from autograd_lite.lifting.operations.shapes import reshape
from autograd_lite.lifting.operations.sums import over_batch, total
from autograd_lite.lifting.rolling.adjoint import Backward, summands, whole
from autograd_lite.lifting.rolling.factors import Factors
from autograd_lite.lifting.rolling.known import Known
from autograd_lite.lifting.rolling.loop import Carry, Loop, Result, Slice
from autograd_lite.lifting.rolling.parts import part
from autograd_lite.lifting.rolling.text import write_loop
from autograd_lite.lifting.rolling.views import cut_before, of_steps
from autograd_lite.lifting.source import uses
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text

# What these make is a new array whenever they run.
_MAKE_ARRAYS = {row.name for row in (back, chain, elementwise, linear, outer, over_batch, place, total)}


class _Loop(Row):
    """A step that runs so many times."""

    def __call__(self, arrays: Arrays, one: Loop) -> int:
        cut_before(arrays, one)
        batched = any(node.batched for node in one.body.nodes)
        return arrays.add(self.name, one.operands, (), one, len(arrays.nodes), batched)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: Any, needed: Collection[int]) -> Contributions:
        return _Reversal(arrays, x, d, needed).contributions()

    def text(self, w: Writer, x: int, node: Node) -> Text:
        w.results.update({(x, result): text for result, text in write_loop(w, node.detail).items()})
        return Text("")


def _each_step(arrays: Arrays, node: Node) -> int:
    """Count what each step does."""
    one: Loop = node.detail
    made = [one.body.nodes[x] for x in uses(one.body, one.results)]
    return one.steps * sum(OPERATIONS[inner.op].flops(one.body, inner) for inner in made)


loop = _Loop("loop", price=0.0, flops=_each_step, writes_itself=True)


class _Reversal:
    """The loop that runs backward, and what it gives back to the operands of the one that runs forward."""

    def __init__(self, arrays: Arrays, x: int, d: dict[Result, int], needed: Collection[int]) -> None:
        self.arrays, self.x, self.d = arrays, x, d
        self.forward: Loop = arrays.nodes[x].detail
        self.step = Backward(self.forward, d, needed)
        self.backward = Loop(self.step.body, self.forward.steps, True, [], [], [])
        self.known = Known(arrays, x, self.step.body)
        of_stacks = {x: d[result] for result, x in self.step.of_stacks.items()}
        self.factors = Factors(arrays, self.step, self.known, of_stacks)

    def contributions(self) -> Contributions:
        """Yield what comes back to the operands."""
        step, forward, kept = self.step, self.forward, self.backward
        pending = []
        for k, (d, following) in step.of_states.items():
            pending.append((forward.carried[k].initial, Result("carry", len(kept.carried))))
            kept.carried.append(Carry(d, self._final(k), following))
        self.factors.multiply_ahead()
        slices = [
            (one, self._of_each_step(one, self._whole(one.input)))
            for one in forward.sliced
            if one.input in step.adjoints
        ]
        sums = [
            (one.operand, self._prepared(y, one.operand))
            for one in forward.shared
            if one.input in step.adjoints
            for y in summands(step.body, step.adjoints[one.input], step.start)
        ]
        self._fill()
        y = loop(self.arrays, kept)
        for operand, result in pending:
            yield operand, part(self.arrays, y, result)
        for sliced, found in slices:
            yield from self._of_slices(sliced, y, found)
        for operand, prepared in sums:
            yield operand, prepared(y)

    def _final(self, k: int) -> int:
        """Return the adjoint of a state after the last step."""
        final = self.d.get(Result("carry", k))
        if final is not None:
            return final
        return whole(self.arrays, constant(self.arrays, 0.0), part(self.arrays, self.x, Result("carry", k)))

    def _whole(self, x: int) -> int:
        return whole(self.step.body, self.step.adjoints[x], x)

    def _fill(self) -> None:
        """Give the step that runs backward what it needs of the one that ran forward."""
        kept = self.backward
        for x in self.step.fetched(kept.results):
            kept.sliced.append(Slice(x, (self.known.in_all_steps(x),)))
        kept.sliced += [Slice(x, (array,)) for x, array in self.factors.given.items()]
        kept.sliced += self.forward.sliced
        kept.shared += self.forward.shared

    def _of_each_step(self, one: Slice, x: int) -> Result | Callable[[int], int]:
        """Return what comes back to slices: a list of arrays, new in each step, or how they are stacked."""
        is_new = x >= self.step.start and self.step.body.nodes[x].op in _MAKE_ARRAYS
        return self.backward.each(x) if len(one.operands) > 1 and is_new else self._stacked(x)

    def _of_slices(self, one: Slice, y: int, found: Result | Callable[[int], int]) -> Contributions:
        if isinstance(found, Result):
            for t, operand in enumerate(one.operands):
                yield operand, part(self.arrays, y, found._replace(step=t))
            return
        stack = found(y)
        if len(one.operands) == 1:
            yield one.operands[0], stack
            return
        slices = [slice(0, n, 1) for n in self.arrays.shape(stack)[1:]]
        for t, operand in enumerate(one.operands):
            yield operand, section(self.arrays, stack, Window((t, *slices), tuple(range(len(slices)))))

    # --- sums over all steps ----------------------------------------------------------------------------

    def _prepared(self, y: int, operand: int | None) -> Callable[[int], int]:
        """Return how the sum of y over all steps is computed when the loop is there; its parts are stacked.

        It is what comes back to an operand, or to some part of one.
        """
        body, arrays = self.step.body, self.arrays
        node, number = body.nodes[y], body.literal(y)
        if number is not None:
            return lambda _: constant(arrays, self.forward.steps * number)
        if y < self.step.start:
            pass
        elif node.op == outer.name and not node.batched and operand is not None:
            z, a = (self._stacked(factor) for factor in node.operands)
            return lambda loop_: self._outer(z(loop_), a(loop_), operand)
        elif node.op in (total.name, over_batch.name):
            inner = self._prepared(node.operands[0], None)
            if node.op == over_batch.name:
                return lambda loop_: over_batch(arrays, inner(loop_))
            return lambda loop_: total(arrays, inner(loop_), node.detail)
        stacked = self._product(node) if self._is_product(node) else self._stacked(y)
        rank = len(node.shape)
        return lambda loop_: total(arrays, stacked(loop_), (-rank - 1,))

    def _is_product(self, node: Node) -> bool:
        """Return whether it is one of two arrays: those of all steps are found at once after the loop."""
        body = self.step.body
        is_product = node.op == elementwise.name and node.detail == "mul"
        return is_product and all(body.nodes[x].shape and x not in body.numbers for x in node.operands)

    def _product(self, node: Node) -> Callable[[int], int]:
        first, second = map(self._stacked, node.operands)
        rank = len(node.shape)
        return lambda loop_: elementwise(
            self.arrays, "mul", self.known.beside(first(loop_), rank), self.known.beside(second(loop_), rank)
        )

    def _placed(self, node: Node) -> Callable[[int], int]:
        like, *parts = map(self._stacked, node.operands)
        windows = [of_steps(window, self.forward.steps) for window in node.detail]
        return lambda loop_: place(
            self.arrays,
            [Placed(each(loop_), window) for each, window in zip(parts, windows, strict=True)],
            like(loop_),
        )

    def _stacked(self, y: int) -> Callable[[int], int]:
        """Return how all values of something in the step are found when the loop is there."""
        arrays = self.arrays
        if y in self.factors.given:
            return lambda _: self.factors.given[y]
        node = self.step.body.nodes[y]
        # What the steps before do not need is put together when the loop is there.
        if y >= self.step.start and y not in self.factors.inside:
            if self._is_product(node):
                return self._product(node)
            if node.op == place.name and self.known.is_made(node.operands[0]):
                return self._placed(node)
        if self.known.is_made(y):
            return lambda _: self.known.in_all_steps(y)
        result = self.backward.stack(y)
        return lambda loop_: part(arrays, loop_, result)

    def _outer(self, z: int, a: int, W: int) -> int:
        """Return zᵀ a, the adjoint of W, over the rows of all steps."""
        left, right = (self._as_rows(x) for x in (z, a))
        return outer(self.arrays, left, right, W)

    def _as_rows(self, x: int) -> int:
        *rows, n = self.arrays.shape(x)
        return reshape(self.arrays, x, (math.prod(rows), n))
