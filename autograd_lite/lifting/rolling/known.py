"""What a loop that runs forward knows of all its steps, for the one that runs backward."""

from __future__ import annotations

from autograd_lite.lifting.arrays import Arrays
from autograd_lite.lifting.operations.inputs import constant
from autograd_lite.lifting.operations.shapes import reshape
from autograd_lite.lifting.rolling.loop import Loop
from autograd_lite.lifting.rolling.parts import part
from autograd_lite.lifting.rolling.views import VIEWS, seen


class Known:
    """The values in all steps of what a step makes or is given, as arrays with the steps as first axis.

    Parameters
    ----------
    arrays : Arrays
        The program that the loop stands in.
    x : int
        The loop.
    body : Arrays
        The step that runs backward: it begins with the one that runs forward.
    """

    def __init__(self, arrays: Arrays, x: int, body: Arrays) -> None:
        self._arrays, self._x, self._body = arrays, x, body
        self._loop: Loop = arrays.nodes[x].detail
        self._shared = {one.input: one.operand for one in self._loop.shared}
        self._sliced: dict[int, tuple[int, ...]] = {one.input: one.operands for one in self._loop.sliced}

    def is_made(self, x: int) -> bool:
        """Return whether a step that runs forward makes it, or is given it as its own."""
        nodes = self._loop.body.nodes
        return x < len(nodes) and nodes[x].op != constant.name and x not in self._shared

    def in_all_steps(self, x: int) -> int:
        """Return what a step that runs forward makes, or is given as its own, of all steps."""
        given = self._sliced.get(x, ())
        if len(given) == 1:
            return given[0]
        node = self._loop.body.nodes[x]
        if node.op in VIEWS:
            return seen(self._arrays, self.in_all_steps(node.operands[0]), node, self._loop.steps)
        return part(self._arrays, self._x, self._loop.stack(x))

    def factor(self, x: int) -> int | None:
        """Return what does not depend on adjoints, of all steps or the same for all.

        It is None for what is the same in all steps for each sample, and for an array of its own in each.
        """
        arrays, node = self._arrays, self._body.nodes[x]
        if node.op == constant.name:
            return constant(arrays, node.detail)
        if node.op in VIEWS:
            (a,) = node.operands
            whole = self.factor(a)
            if whole is None:
                return None
            is_shared = arrays.shape(whole) == self._body.shape(a)
            return seen(arrays, whole, node, 0 if is_shared else self._loop.steps)
        if x in self._shared:
            operand = self._shared[x]
            return None if arrays.nodes[operand].batched else operand
        is_row = len(self._sliced.get(x, ())) > 1
        return self.in_all_steps(x) if self.is_made(x) and not is_row else None

    def beside(self, x: int, rank: int) -> int:
        """Return the values of all steps with axes along which they broadcast beside those of a rank."""
        steps, *shape = self._arrays.shape(x)
        return reshape(self._arrays, x, (steps, *[1] * (rank - len(shape)), *shape))
