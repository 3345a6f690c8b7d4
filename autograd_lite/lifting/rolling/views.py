"""What a step only cuts out of one of its inputs, or reshapes: views of it, taken of all steps at once."""

from __future__ import annotations

import math

from autograd_lite.lifting.arrays import Arrays, Node, Window
from autograd_lite.lifting.bounds import AtLeast
from autograd_lite.lifting.operations.inputs import input_
from autograd_lite.lifting.operations.sections import section
from autograd_lite.lifting.operations.shapes import reshape
from autograd_lite.lifting.rolling.loop import Loop, Share, Slice

VIEWS = frozenset({section.name, reshape.name})
"""The operations that are views."""


def cut_before(arrays: Arrays, one: Loop) -> None:
    """Take out of a step what only cuts or reshapes one of its inputs: that is done before, for all steps."""
    shared = {share.input: share.operand for share in one.shared}
    sliced = {part.input: part.operands[0] for part in one.sliced if len(part.operands) == 1}
    for x, node in enumerate(one.body.nodes):
        if node.op not in VIEWS:
            continue
        (a,) = node.operands
        if a in shared:
            shared[x] = seen(arrays, shared[a], node)
            one.shared.append(Share(x, shared[x]))
        elif a in sliced:
            sliced[x] = seen(arrays, sliced[a], node, one.steps)
            one.sliced.append(Slice(x, (sliced[x],)))
        else:
            continue
        one.body.nodes[x] = Node(input_.name, (), AtLeast(-math.inf), node.shape, node.batched)


def seen(arrays: Arrays, x: int, node: Node, steps: int = 0) -> int:
    """Return what a step sees of its operand, which is the same in all steps, or given of all of them."""
    if node.op == reshape.name:
        return reshape(arrays, x, (steps, *node.shape) if steps else node.shape)
    return section(arrays, x, of_steps(node.detail, steps) if steps else node.detail)


def of_steps(window: Window, steps: int) -> Window:
    """Return a window on the values of all steps, on each the same."""
    return Window((slice(0, steps, 1), *window.indices), (0, *(axis + 1 for axis in window.axes)))
