"""The backward part of an array program: the adjoint of every array, by one rule for each operation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Derivative, Node, View
from autograd_lite.lifting.rules import number, operands_in, rule_of, terms_in

_SMALL = 4096

_Rule = Callable[["_Backward", int, Node, int], None]


def gradients(arrays: Arrays, root: int, inputs: Sequence[int], seed: int) -> list[int]:
    """Add the backward part and return the gradient of each input.

    Parameters
    ----------
    arrays : Arrays
        Is added to.
    root : int
        The cost, one number.
    inputs : sequence of int
        The arrays asked for.
    seed : int
        ∂C/∂root: 1, or one over the number of samples.

    Returns
    -------
    list of int
    """
    backward = _Backward(arrays, root, seed, set(inputs))
    backward.run(root)
    return [backward.gradient(i) for i in inputs]


class _Backward:
    def __init__(self, arrays: Arrays, root: int, seed: int, inputs: set[int]) -> None:
        self.arrays = arrays
        self.start = len(arrays.nodes)
        self.contributions: dict[int, list[int]] = {root: [seed]}
        self.placed: dict[int, list[tuple[int, View]]] = {}
        self.needed = self._depending(inputs)

    def _depending(self, inputs: set[int]) -> set[int]:
        depending = set(inputs)
        for x, node in enumerate(self.arrays.nodes):
            if not depending.isdisjoint(node.operands):
                depending.add(x)
        return depending

    def run(self, root: int) -> None:
        for x in range(root, -1, -1):
            node = self.arrays.nodes[x]
            if x in self.needed and node.operands:
                adjoint = self.adjoint(x)
                if adjoint is not None:
                    _RULES[node.op](self, x, node, adjoint)

    def adjoint(self, x: int) -> int | None:
        """Return the sum of what has come back to an array, in its shape."""
        placed = self.placed.pop(x, None)
        if placed:
            self.give(x, self.arrays.place(placed, x))
        parts = self.contributions.get(x)
        if not parts:
            return None
        total = parts[0]
        for part in parts[1:]:
            total = self.arrays.map("add", total, part)
        self.contributions[x] = [total]
        if x in self.arrays.names and total >= self.start and total not in self.arrays.names:
            self.arrays.names[total] = f"d{self.arrays.names[x]}"
        return total

    def gradient(self, x: int) -> int:
        """Return the adjoint of an input, element by element; zeros where the root does not depend on it."""
        adjoint = self.adjoint(x)
        return self.whole(self.arrays.constant(0.0) if adjoint is None else adjoint, x)

    def give(self, x: int, adjoint: int) -> None:
        """Add a contribution to the adjoint of x, summed along the axes along which x was repeated."""
        if x not in self.needed:
            return
        arrays = self.arrays
        node = arrays.nodes[x]
        if arrays.nodes[adjoint].batched and not node.batched:
            adjoint = arrays.over_batch(adjoint)
        shape = arrays.shape(adjoint)
        extra = len(shape) - len(node.shape)
        repeated = [
            axis - len(shape)
            for axis in range(len(shape))
            if axis < extra or (node.shape[axis - extra] == 1 and shape[axis] > 1)
        ]
        if repeated:
            adjoint = arrays.reshape(arrays.sum(adjoint, tuple(repeated)), node.shape)
        self.contributions.setdefault(x, []).append(adjoint)

    def whole(self, adjoint: int, x: int) -> int:
        """Return an adjoint in the full shape of x, where a rule can't do with one that broadcasts."""
        return self.arrays.as_whole(adjoint, x)

    # --- one rule an operation --------------------------------------------------------------------------

    def map(self, x: int, node: Node, adjoint: int) -> None:
        row, operands = node.detail, node.operands
        if row == "mul" and operands[0] == operands[1]:
            # A square is a product of two equal factors.
            adjoint = self.arrays.map("add", adjoint, adjoint)
            operands = operands[:1]
        for i, operand in enumerate(operands):
            if operand not in self.needed:
                continue
            if row == "add" or (row == "sub" and i == 0):
                part = adjoint
            elif row in ("sub", "neg"):
                part = self.arrays.map("neg", adjoint)
            elif row == "mul":
                part = self.arrays.map("mul", adjoint, operands[1 - i if len(operands) > 1 else 0])
            else:
                part = self.chain(adjoint, Derivative(row, i, x, operands))
                if self.arrays.literal(part) == 0:
                    continue
            self.give(operand, self.counted(part, x, operand))

    def chain(self, adjoint: int, derivative: Derivative) -> int:
        rule = rule_of(self.arrays, derivative.row, derivative.operands)
        partial = rule.partials[derivative.i]
        known = number(partial)
        if known is not None:
            return (
                self.arrays.map("mul", self.arrays.constant(known), adjoint)
                if known
                else self.arrays.constant(0.0)
            )
        needed = [derivative.operands[k] for k in operands_in(partial, rule.value)]
        if rule.value.op != "operand" and id(rule.value) in terms_in(partial):
            needed.append(derivative.result)
        return self.arrays.chain(adjoint, derivative, tuple(dict.fromkeys(needed)))

    def counted(self, part: int, result: int, operand: int) -> int:
        """Return a contribution that is the same for all repetitions of an operand, times their number."""
        arrays = self.arrays
        of_part, of_operand, of_result = (arrays.nodes[y] for y in (part, operand, result))
        rank = len(of_result.shape)
        lengths = [(1,) * (rank - len(node.shape)) + node.shape for node in (of_part, of_operand)]
        repeated = [n for n, p, o in zip(of_result.shape, *lengths, strict=True) if p == o == 1]
        part = arrays.map("mul", arrays.constant(float(math.prod(repeated))), part)
        if of_result.batched and not of_operand.batched and not of_part.batched:
            part = arrays.times_samples(part)
        return part

    def linear(self, x: int, node: Node, adjoint: int) -> None:
        a, W = node.operands
        z = self.whole(adjoint, x)
        if a in self.needed:
            self.give(a, self.arrays.back(z, W))
        if W in self.needed:
            self.give(W, self.arrays.outer(z, a, W))

    def sum(self, x: int, node: Node, adjoint: int) -> None:
        (a,) = node.operands
        if self.arrays.shape(adjoint) == node.shape != ():
            shape = list(self.arrays.shape(a))
            for axis in node.detail:
                shape[axis] = 1
            adjoint = self.arrays.reshape(adjoint, tuple(shape))
        self.give(a, adjoint)

    def reshape(self, x: int, node: Node, adjoint: int) -> None:
        (a,) = node.operands
        self.give(a, self.arrays.reshape(self.whole(adjoint, x), self.arrays.shape(a)))

    def broadcast(self, x: int, node: Node, adjoint: int) -> None:
        self.give(node.operands[0], self.whole(adjoint, x))

    def view(self, x: int, node: Node, adjoint: int) -> None:
        (a,) = node.operands
        if a in self.needed:
            part = self.whole(adjoint, x)
            if self.arrays.size(x) == self.arrays.size(a):
                # All of it, with its axes in another order.
                slices = tuple(slice(0, n, 1) for n in self.arrays.shape(part))
                order = tuple(node.detail.axes.index(axis) for axis in range(len(slices)))
                self.give(a, self.arrays.view(part, View(slices, order)))
                return
            if self.arrays.nodes[part].batched and not self.arrays.nodes[a].batched:
                part = self.arrays.over_batch(part)
            self.placed.setdefault(a, []).append((part, node.detail))

    def take(self, x: int, node: Node, adjoint: int) -> None:
        (a,) = node.operands
        flat = self.arrays.reshape(self.whole(adjoint, x), (node.detail.size,))
        self.give(a, self.arrays.spread(flat, node.detail, self.arrays.shape(a)))

    def rows(self, x: int, node: Node, adjoint: int) -> None:
        (a,) = node.operands
        n, width = self.arrays.shape(a)
        whole = self.whole(adjoint, x)
        if n * len(node.detail) <= _SMALL and not node.batched:
            # Each row of x gets the sum of those that were taken from it: a product with zeros and ones.
            taken = self.arrays.constant((node.detail == np.arange(n)[:, None]).astype(float))
            self.give(a, self.arrays.linear(taken, self.arrays.transposed(whole)))
            return
        targets = node.detail[:, None] * width + np.arange(width)
        flat = self.arrays.reshape(whole, (targets.size,))
        self.give(a, self.arrays.spread(flat, targets, (n, width)))

    def spread(self, x: int, node: Node, adjoint: int) -> None:
        (a,) = node.operands
        self.give(a, self.arrays.at(self.whole(adjoint, x), node.detail))

    def join(self, x: int, node: Node, adjoint: int) -> None:
        whole = self.whole(adjoint, x)
        start = 0
        for operand in node.operands:
            end = start + self.arrays.size(operand)
            part = self.arrays.view(whole, View((slice(start, end, 1),), (0,)))
            self.give(operand, self.arrays.reshape(part, self.arrays.shape(operand)))
            start = end


_RULES: dict[str, _Rule] = {
    name: getattr(_Backward, name)
    for name in ("map", "linear", "sum", "reshape", "broadcast", "view", "take", "rows", "spread", "join")
}
