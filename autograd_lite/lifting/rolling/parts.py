"""The results of a loop as operations, and an array repeated for each sample."""

from __future__ import annotations

from collections.abc import Collection, Hashable

from autograd_lite.lifting.arrays import Arrays, Node
from autograd_lite.lifting.operations.inputs import samples
from autograd_lite.lifting.operations.row import Contributions, OfResult, Row, memory_of
from autograd_lite.lifting.operations.shapes import as_whole
from autograd_lite.lifting.rolling.adjoint import whole
from autograd_lite.lifting.rolling.loop import Loop, Result
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text


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


part = _Part("part", price=0.0, writes_itself=True)
for_each_sample = _ForEachSample("for_each_sample", price=4.0, lends=True)
