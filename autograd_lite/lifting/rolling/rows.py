"""The operations of a loop: ``loop`` runs a step so many times, ``part`` is one of the results.

As in JAX's scan, some inputs of the step are carried from one to the next, some are sliced, some are shared
by all; of what a step makes, some is stacked along a new first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable
from typing import Any

from autograd_lite.lifting.arrays import Arrays, Node, Window
from autograd_lite.lifting.operations.elementwise import Derivative, chain, elementwise
from autograd_lite.lifting.operations.inputs import constant, samples
from autograd_lite.lifting.operations.products import back, linear, outer
from autograd_lite.lifting.operations.row import OPERATIONS, Contributions, OfResult, Placed, Row, memory_of
from autograd_lite.lifting.operations.sections import place, section
from autograd_lite.lifting.operations.shapes import as_whole, reshape
from autograd_lite.lifting.operations.sums import over_batch, total
from autograd_lite.lifting.rolling.adjoint import Backward, summands, whole
from autograd_lite.lifting.rolling.loop import Carry, Loop, Result, Slice
from autograd_lite.lifting.rolling.text import write_loop
from autograd_lite.lifting.source import uses
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text

# What these make is a new array whenever they run.
_MAKE_ARRAYS = {row.name for row in (back, chain, elementwise, linear, outer, over_batch, place, total)}


class _Loop(Row):
    """A step that runs so many times."""

    def __call__(self, arrays: Arrays, one: Loop) -> int:
        batched = any(node.batched for node in one.body.nodes)
        return arrays.add(self.name, one.operands, (), one, len(arrays.nodes), batched)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: Any, needed: Collection[int]) -> Contributions:
        return _Reversal(arrays, x, d, needed).contributions()

    def text(self, w: Writer, x: int, node: Node) -> Text:
        w.results.update({(x, result): text for result, text in write_loop(w, node.detail).items()})
        return Text("")


class _Part(Row):
    """A result of a loop."""

    def __call__(self, arrays: Arrays, x: int, result: Result) -> int:
        one: Loop = arrays.nodes[x].detail
        if result.kind == "carry":
            made = one.body.nodes[one.carried[result.number].input]
            shape = made.shape
        elif result.kind == "list":
            made = one.body.nodes[one.listed[result.number]]
            shape = made.shape
        else:
            made = one.body.nodes[one.stacked[result.number]]
            shape = one.steps, *made.shape
        return arrays.add(self.name, (x,), shape, result, result, made.batched)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], OfResult(node.detail, whole(arrays, d, x))

    def memory(self, arrays: Arrays, x: int, node: Node) -> Hashable:
        (y,), result = node.operands, node.detail
        one: Loop = arrays.nodes[y].detail
        if result.kind == "stack":
            return x
        if result.kind == "list":
            return y, one.listed[result.number], result.step
        carry = one.carried[result.number]
        inside = memory_of(one.body, carry.following)
        if inside == carry.input:
            return memory_of(arrays, carry.initial)
        if inside is None or (isinstance(inside, int) and not one.body.nodes[inside].operands):
            return None
        return y, inside, 0 if one.reverse else one.steps - 1

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return w.results[node.operands[0], node.detail]


class _ForEachSample(Row):
    """An array repeated for each sample."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        return arrays.add(self.name, (x, samples(arrays)), arrays.shape(x), batched=True)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], as_whole(arrays, d, x)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        a, n = node.operands
        lengths = ", ".join([w.text(n), *map(str, node.shape)])
        return Text(f"np.broadcast_to({w.text(a)}, ({lengths}{'' if node.shape else ','}))")


def _each_step(arrays: Arrays, node: Node) -> int:
    """Count what each step does."""
    one: Loop = node.detail
    made = [one.body.nodes[x] for x in uses(one.body, one.results)]
    return one.steps * sum(OPERATIONS[inner.op].flops(one.body, inner) for inner in made)


loop = _Loop("loop", price=0.0, flops=_each_step, writes_itself=True)
part = _Part("part", price=0.0, writes_itself=True)
for_each_sample = _ForEachSample("for_each_sample", price=4.0, lends=True)


class _Reversal:
    """The loop that runs backward, and what it gives back to the operands of the one that runs forward."""

    def __init__(self, arrays: Arrays, x: int, d: dict[Result, int], needed: Collection[int]) -> None:
        self.arrays, self.x, self.d, self.needed = arrays, x, d, needed
        self.forward: Loop = arrays.nodes[x].detail
        self.step = Backward(self.forward, d, needed)
        self.backward = Loop(self.step.body, self.forward.steps, True, [], [], [])
        self.outside: list[tuple[int, Callable[[], int]]] = []

    def contributions(self) -> Contributions:
        """Yield what comes back to the operands."""
        step, forward = self.step, self.forward
        kept, pending = self.backward, []
        for k, one in enumerate(forward.carried):
            if k in step.of_states:
                pending.append((one.initial, Result("carry", len(kept.carried))))
                d, following = step.of_states[k]
                kept.carried.append(Carry(d, self._final(k), following))
        self.inside = set(uses(step.body, [following for _, following in step.of_states.values()]))
        slices = [
            (one, self._of_each_step(one, self._whole(one.input)))
            for one in forward.sliced
            if one.input in step.adjoints
        ]
        sums = [
            (
                one.operand,
                [
                    self._prepared(y, one.operand)
                    for y in summands(step.body, step.adjoints[one.input], step.start)
                ],
            )
            for one in forward.shared
            if one.input in step.adjoints
        ]
        self._fill()
        y = loop(self.arrays, kept)
        for operand, result in pending:
            yield operand, part(self.arrays, y, result)
        for sliced, found in slices:
            yield from self._of_slices(sliced, y, found)
        for operand, summed in sums:
            for prepared in summed:
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
        step, forward, kept = self.step, self.forward, self.backward
        for y, x, derivative in step.partials(kept.results):
            partial = self._partial(derivative)
            node = step.body.nodes[y]
            if partial and self.arrays.shape(partial) == (forward.steps, *node.shape):
                step.multiply(y, x)
                kept.sliced.append(Slice(x, (partial,)))
        for x in step.fetched(kept.results):
            kept.sliced.append(Slice(x, (self._kept(x),)))
        for result, x in step.of_stacks.items():
            kept.sliced.append(Slice(x, (self.d[result],)))
        kept.sliced += forward.sliced
        kept.shared += forward.shared

    def _partial(self, derivative: Derivative) -> int | None:
        """Return a partial derivative where a step takes it, of all steps; None if it is no array."""
        arrays, forward = self.arrays, self.forward
        shared = {one.input: one.operand for one in forward.shared}
        operands = []
        for x in derivative.operands:
            number = forward.body.literal(x)
            if number is not None:
                operands.append(constant(arrays, number))
            elif x not in shared:
                operands.append(self._kept(x))
            elif arrays.nodes[shared[x]].batched:
                return None
            else:
                operands.append(shared[x])
        moved = derivative._replace(result=self._kept(derivative.result), operands=tuple(operands))
        return chain(arrays, constant(arrays, 1.0), moved)

    def _kept(self, x: int) -> int:
        """Return what a step of the forward loop makes or is given, of all steps."""
        forward = self.forward
        given = [one.operands for one in forward.sliced if one.input == x]
        if given and len(given[0]) == 1:
            return given[0][0]
        node = forward.body.nodes[x]
        if node.op == section.name:
            indices, axes = node.detail
            whole = slice(0, forward.steps, 1)
            window = Window((whole, *indices), (0, *(axis + 1 for axis in axes)))
            return section(self.arrays, self._kept(node.operands[0]), window)
        return part(self.arrays, self.x, forward.stack(x))

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
        elif node.op == place.name and operand is not None and arrays.shape(operand) == node.shape:
            parts = [
                (self._prepared(x, None), window)
                for x, window in zip(node.operands[1:], node.detail, strict=True)
            ]
            return lambda loop_: place(arrays, [Placed(x(loop_), window) for x, window in parts], operand)
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
            self.arrays, "mul", self._beside(first(loop_), rank), self._beside(second(loop_), rank)
        )

    def _placed(self, node: Node) -> Callable[[int], int]:
        like, *parts = map(self._stacked, node.operands)
        windows = [
            Window((slice(0, self.forward.steps, 1), *indices), (0, *(axis + 1 for axis in axes)))
            for indices, axes in node.detail
        ]
        return lambda loop_: place(
            self.arrays,
            [Placed(each(loop_), window) for each, window in zip(parts, windows, strict=True)],
            like(loop_),
        )

    def _beside(self, x: int, rank: int) -> int:
        """Return the values of all steps with axes along which they broadcast beside those of a rank."""
        steps, *shape = self.arrays.shape(x)
        return reshape(self.arrays, x, (steps, *[1] * (rank - len(shape)), *shape))

    def _stacked(self, y: int) -> Callable[[int], int]:
        """Return how all values of something in the step are found when the loop is there."""
        arrays = self.arrays
        for result, x in self.step.of_stacks.items():
            if x == y:
                return lambda _: self.d[result]
        node = self.step.body.nodes[y]
        # What the steps before do not need is put together when the loop is there.
        if y >= self.step.start and y not in self.inside:
            if self._is_product(node):
                return self._product(node)
            if node.op == place.name and self._is_kept(node.operands[0]):
                return self._placed(node)
        if self._is_kept(y):
            return lambda _: self._kept(y)
        result = self.backward.stack(y)
        return lambda loop_: part(arrays, loop_, result)

    def _is_kept(self, x: int) -> bool:
        """Return whether a step of the forward loop makes it, or is given it as its own."""
        is_forward = x < self.step.start and self.forward.body.nodes[x].op != constant.name
        return is_forward and x not in {one.input for one in self.forward.shared}

    def _outer(self, z: int, a: int, W: int) -> int:
        """Return zᵀ a, the adjoint of W, over the rows of all steps."""
        columns = len(self.arrays.shape(W)) - 1, 1
        left, right = (self._as_rows(x, n) for x, n in zip((z, a), columns, strict=True))
        return outer(self.arrays, left, right, W)

    def _as_rows(self, x: int, columns: int) -> int:
        shape = self.arrays.shape(x)
        left = len(shape) - columns
        return reshape(self.arrays, x, (math.prod(shape[:left]), *shape[left:]))
