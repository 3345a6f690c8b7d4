"""Loops over steps, taken into the program that they stand in: the operations of a step get one more axis.

Along it all operations of a step are done together, one step after another. A state has an element more
along it than there are steps: what it is before each, and after the last.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from autograd_lite.lifting.arrays import Arrays, Node, Shape
from autograd_lite.lifting.backward import depending_on
from autograd_lite.lifting.operations.elementwise import chain
from autograd_lite.lifting.operations.inputs import input_
from autograd_lite.lifting.operations.products import back, linear, outer
from autograd_lite.lifting.rolling.loop import Loop, Result
from autograd_lite.lifting.rolling.parts import part
from autograd_lite.lifting.rolling.rows import loop
from autograd_lite.lifting.source import uses

# From so many products on, of a sample or of all rows, BLAS is faster than loops.
_LEAST_OF_A_SAMPLE = 256
_LEAST = 20_000

SAMPLES = -1
"""The length of the axis over samples, which is not known."""


class Steps(NamedTuple):
    """The axis of the steps of a loop.

    Attributes
    ----------
    number : int
        Of the loop, among those of the program.
    length : int
    reverse : bool
        Whether the last comes first.
    outermost : bool
        Whether each step is done for all samples, instead of all steps for each sample.
    """

    number: int
    length: int
    reverse: bool
    outermost: bool


class Flat:
    """An array program whose loops are axes.

    There are operations more: ``state``, of what it begins with; ``next``, of a state and what it becomes in
    a step; ``slice``, which is another part of an array in each step, ``pile``, of arrays that are sliced;
    ``steps``, all values of something in a step, and ``step``, one of them.

    Parameters
    ----------
    arrays : Arrays
    used : iterable of int
        The operations that are needed.
    backward_from : int
        The first operation of the backward part.
    """

    def __init__(self, arrays: Arrays, used: Iterable[int], backward_from: int) -> None:
        self.arrays = Arrays()  # the program without loops
        self.at: dict[int, int] = {}  # where the operations of the program that was given are in it
        self.steps: dict[int, Steps] = {}  # the axis of all that differs from step to step
        self._inside: dict[int, dict[int, int]] = {}
        self._unused = self._add("unused", (), None, (), False)
        used = sorted(used)
        self._take(arrays, self.at, (x for x in used if x < backward_from))
        self.backward_from = len(self.arrays.nodes)
        self._take(arrays, self.at, (x for x in used if x >= backward_from))

    def shape(self, x: int) -> tuple[int, ...]:
        """Return the lengths of all axes of an array, those of samples and steps among them."""
        node, steps = self.arrays.nodes[x], self.steps.get(x)
        around = [SAMPLES] if node.batched else []
        if steps is not None:
            around.insert(0 if steps.outermost else len(around), steps.length + (node.op == "state"))
        return (*around, *node.shape)

    def kept_in(self, x: int) -> tuple[int, str]:
        """Return the array in which an output is kept, and what is written behind its name: often nothing."""
        node = self.arrays.nodes[x]
        if node.op != "step" or self.arrays.nodes[node.operands[0]].op == "state":
            return x, ""
        (whole,) = node.operands
        steps = self.steps.get(whole)
        if steps is None:
            return x, ""
        comes_first = steps.outermost or not node.batched
        return whole, f"[{node.detail}]" if comes_first else f"[:, {node.detail}]"

    def _add(
        self,
        op: str,
        operands: tuple[int, ...],
        detail: object,
        shape: Shape,
        batched: bool,
        steps: Steps | None = None,
    ) -> int:
        x = len(self.arrays.nodes)
        self.arrays.nodes.append(Node(op, operands, detail, shape, batched))
        if steps is not None:
            self.steps[x] = steps
        return x

    def _take(
        self, source: Arrays, at: dict[int, int], xs: Iterable[int], steps: Steps | None = None
    ) -> None:
        """Take operations of a program over, and note where they are."""
        for x in xs:
            node = source.nodes[x]
            if x in at:
                continue
            if node.op == loop.name:
                self._inside[x] = self._loop(node.detail)
                at[x] = self._unused
            elif node.op == part.name:
                at[x] = self._part(source.nodes[node.operands[0]].detail, node)
            else:
                operands = tuple([at[y] for y in node.operands])
                detail = node.detail
                if node.op == chain.name:
                    known = [self._operand(source, at, y) for y in detail.operands]
                    result = at.get(detail.result, self._unused)
                    detail = detail._replace(result=result, operands=tuple(known))
                at[x] = self._add(node.op, operands, detail, node.shape, node.batched, steps)
            if x in source.names:
                self.arrays.names[at[x]] = source.names[x]
            if x in source.numbers:
                self.arrays.numbers.add(at[x])

    def _operand(self, source: Arrays, at: dict[int, int], x: int) -> int:
        """Return where an operand of a rule is, of which perhaps nothing but that it is a number counts."""
        if x not in at and source.literal(x) is not None:
            self._take(source, at, [x])
        return at.get(x, self._unused)

    def _loop(self, one: Loop) -> dict[int, int]:
        """Take the operations of a step over, and return where they are."""
        nodes, used = one.body.nodes, sorted(uses(one.body, one.results))
        at = {share.input: self.at[share.operand] for share in one.shared}
        given = [carry.input for carry in one.carried] + [each.input for each in one.sliced]
        changing = depending_on(given, (node.operands for node in nodes))
        # What is the same in all steps is computed before.
        self._take(one.body, at, (x for x in used if x not in changing))
        number = len(self._inside)
        steps = Steps(number, one.steps, one.reverse, _is_outermost(one, changing.intersection(used)))
        for carry in one.carried:
            node, initial = nodes[carry.input], self.at[carry.initial]
            at[carry.input] = self._add("state", (initial,), None, node.shape, node.batched, steps)
        for each in one.sliced:
            node, operands = nodes[each.input], tuple([self.at[x] for x in each.operands])
            if len(operands) > 1:
                operands = (self._pile(operands),)
            at[each.input] = self._add("slice", operands, None, node.shape, node.batched, steps)
        for x in given:
            if x in one.body.names:
                self.arrays.names[at[x]] = one.body.names[x]
        self._take(one.body, at, used, steps)
        for carry in one.carried:
            node = nodes[carry.input]
            self._add("next", (at[carry.input], at[carry.following]), None, node.shape, node.batched, steps)
        return at

    def _pile(self, operands: tuple[int, ...]) -> int:
        nodes = [self.arrays.nodes[x] for x in operands]
        shape = len(nodes), *nodes[0].shape
        for x, node in enumerate(self.arrays.nodes):
            if node.op == "pile" and node.operands == operands:
                return x
        return self._add("pile", operands, None, shape, any(node.batched for node in nodes))

    def _part(self, one: Loop, node: Node) -> int:
        result: Result = node.detail
        at = self._inside[node.operands[0]]
        if result.kind == "carry":
            # The state before the step after the last.
            x, step = at[one.carried[result.number].input], -1 if one.reverse else one.steps
            return self._add("step", (x,), step, node.shape, node.batched)
        if result.kind == "list":
            return self._add("step", (at[one.listed[result.number]],), result.step, node.shape, node.batched)
        return self._add("steps", (at[one.stacked[result.number]],), None, node.shape, node.batched)


def _is_outermost(one: Loop, changing: Collection[int]) -> bool:
    """Return whether a step is done for all samples at once.

    So it is if some of it is the same for all of them, and where BLAS multiplies matrices.
    """
    nodes = one.body.nodes
    made = [nodes[x].batched for x in changing if nodes[x].operands]
    made += [nodes[carry.input].batched for carry in one.carried]
    return any(made) and (not all(made) or any(is_for_library(one.body, nodes[x]) for x in changing))


def is_for_library(arrays: Arrays, node: Node) -> bool:
    """Return whether it is a matrix product of whole arrays, a large one of samples or rows."""
    if node.op not in (linear.name, back.name, outer.name):
        return False
    operands = [arrays.nodes[y] for y in node.operands]
    matrix = node.shape if node.op == outer.name else operands[1].shape
    ranks = [len(one.shape) + one.batched for one in (*operands, node)]
    if node.op == outer.name and ranks[0] == ranks[1]:
        ranks[:2] = [min(rank, 2) for rank in ranks[:2]]  # rows of samples, or of steps, are rows
    if ranks != [2, 2, 2] or min(matrix) == 1:
        return False
    if any(one.batched for one in (*operands, node)):
        return operands[0].batched >= node.batched and math.prod(matrix) >= _LEAST_OF_A_SAMPLE
    return math.prod(operands[0].shape[:-1]) * math.prod(matrix) >= _LEAST


def is_given(nodes: Mapping[int, Node] | list[Node], x: int) -> bool:
    """Return whether an array is an input, or a pile of some that are alike."""
    node = nodes[x]
    if node.op != "pile":
        return node.op == input_.name
    return all(nodes[y].op == input_.name and nodes[y].batched == node.batched for y in node.operands)
