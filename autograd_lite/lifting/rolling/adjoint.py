"""The step of the loop that runs backward: what comes back to a step's inputs from its results.

What the program around it does with that is told in rows.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from autograd_lite.lifting.arrays import Arrays, Node, Shape
from autograd_lite.lifting.backward import add_adjoints, depending_on
from autograd_lite.lifting.bounds import AtLeast, lower_bounds
from autograd_lite.lifting.operations.elementwise import Derivative, chain, elementwise
from autograd_lite.lifting.operations.inputs import constant, input_
from autograd_lite.lifting.operations.row import OPERATIONS
from autograd_lite.lifting.operations.shapes import as_whole
from autograd_lite.lifting.rolling.loop import Loop, Result


class Backward:
    """The backward part of a step, for adjoints of some results and operands of the loop that matter."""

    def __init__(self, loop: Loop, given: Collection[Result], needed: Collection[int]) -> None:
        self.loop = loop
        self.body = loop.body.copy()  # the step, and after it its backward part
        self.start = len(self.body.nodes)  # where that begins
        self._bounds = lower_bounds(loop.body)
        inputs = [one.input for one in loop.sliced if any(x in needed for x in one.operands)]
        inputs += [one.input for one in loop.shared if one.operand in needed]
        states = self._states_that_matter(inputs, needed)
        seeds: dict[int, list[int]] = {}
        inputs_of_states: dict[int, int] = {}
        for k in states:
            carry = loop.carried[k]
            inputs_of_states[k] = self._input_like(carry.input)
            seeds.setdefault(carry.following, []).append(inputs_of_states[k])
        # For stacks whose adjoints are given the input that is a slice of it.
        self.of_stacks: dict[Result, int] = {}
        for result in given:
            if result.kind == "stack":
                x = loop.stacked[result.number]
                self.of_stacks[result] = self._input_like(x)
                seeds.setdefault(x, []).append(self.of_stacks[result])
        inputs += [loop.carried[k].input for k in states]
        self._spare = self._room_for_factors()
        self.adjoints = add_adjoints(self.body, seeds, inputs) if seeds else {}  # for inputs of the step
        zero = constant(self.body, 0.0)
        # For each state that matters, by its number, the input that is its adjoint, and what that becomes for
        # the step before.
        self.of_states = {
            k: (d, whole(self.body, self.adjoints.get(loop.carried[k].input, zero), d))
            for k, d in inputs_of_states.items()
        }

    def _states_that_matter(self, inputs: Iterable[int], needed: Collection[int]) -> list[int]:
        """Return the states that depend on what is needed."""
        carried = self.loop.carried
        operands = [node.operands for node in self.body.nodes]
        found = [k for k, one in enumerate(carried) if one.initial in needed]
        while True:
            depending = depending_on([*inputs, *(carried[k].input for k in found)], operands)
            more = [k for k, one in enumerate(carried) if k not in found and one.following in depending]
            if not more:
                return sorted(found)
            found += more

    def _input_like(self, x: int) -> int:
        """Return a new input, of the shape of something in the step, for its adjoint."""
        node = self.body.nodes[x]
        d = input_(self.body, len(self.body.nodes), node.shape, node.batched)
        if x in self.body.names:
            self.body.names[d] = f"d{self.body.names[x]}"
        return d

    def _room_for_factors(self) -> list[int]:
        """Add inputs for what adjoints are multiplied by: one for each operand of an element-wise row."""
        body = self.body
        return [
            input_(body, len(body.nodes), node.shape, node.batched)
            for node in body.nodes[: self.start]
            if node.op == elementwise.name
            for _ in node.operands
        ]

    def spare(self, shape: Shape, batched: bool) -> int | None:
        """Return an input that nothing fills yet, if there is one left."""
        nodes = self.body.nodes
        fits = (x for x in self._spare if (nodes[x].shape, nodes[x].batched) == (shape, batched))
        found = next(fits, None)
        self._spare = [x for x in self._spare if x != found]
        return found

    def partial(self, y: int) -> Derivative | None:
        """Return the partial derivative that y is a product with, if it is one, element by element.

        Such a derivative depends on no adjoint, and can be computed for all steps at once.
        """
        body, node = self.body, self.body.nodes[y]
        if node.op != chain.name or not chain.is_product(body, node, self._bounds):
            return None
        derivative: Derivative = node.detail
        shapes = {body.shape(o) for o in derivative.operands if o not in body.numbers}
        return derivative if shapes == {node.shape} == {body.shape(node.operands[0])} else None

    def multiply(self, y: int, d: int, x: int) -> None:
        """Write y as the product of an adjoint and an input."""
        node = self.body.nodes[y]
        self.body.nodes[y] = Node(elementwise.name, (d, x), "mul", node.shape, node.batched)

    def fetched(self, results: Iterable[int]) -> list[int]:
        """Return what the backward part needs of the step itself, for these results; it becomes inputs."""
        body = self.body
        states = {one.input for one in self.loop.carried}
        lent = {x for x in range(self.start) if body.nodes[x].op == input_.name and x not in states}
        met: set[int] = set()
        found = []
        pending = list(results)
        while pending:
            x = pending.pop()
            if x in met:
                continue
            met.add(x)
            node = body.nodes[x]
            is_made_again = OPERATIONS[node.op].is_free or x in body.numbers or node.op == constant.name
            if x >= self.start or is_made_again:
                pending += node.operands
            elif x not in lent:
                found.append(x)
                body.nodes[x] = Node(input_.name, (), AtLeast(self._bounds[x]), node.shape, node.batched)
        return sorted(found)


def whole(arrays: Arrays, x: int, like: int) -> int:
    """Return an array repeated to the shape of another; also a number becomes one."""
    if x in arrays.numbers:
        return arrays.add(as_whole.name, (x, like), arrays.shape(like))
    return as_whole(arrays, x, like)


def summands(arrays: Arrays, x: int, start: int) -> list[int]:
    """Return what an adjoint is the sum of, as far as it was added up in the backward part."""
    node = arrays.nodes[x]
    if x < start or node.op != elementwise.name or node.detail != "add":
        return [x]
    if any(arrays.nodes[y].shape != node.shape for y in node.operands):
        return [x]
    return [one for y in node.operands for one in summands(arrays, y, start)]
