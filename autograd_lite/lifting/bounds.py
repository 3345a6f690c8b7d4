"""How small the elements of an array can be, as far as the program says: a root of x² + ε has no pole.

What happens at a pole is decided in operations/.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Node


class AtLeast(NamedTuple):
    """The detail of an input that is known not to be below a number."""

    number: float


def lower_bounds(arrays: Arrays) -> list[float]:
    """Return for each array a number that its elements are not below; −∞ where nothing is known.

    Examples
    --------
    >>> from autograd_lite.lifting.operations.elementwise import elementwise
    >>> from autograd_lite.lifting.operations.inputs import constant, input_
    >>> arrays = Arrays()
    >>> x = input_(arrays, 0, (3,), False)
    >>> y = elementwise(arrays, "add", elementwise(arrays, "mul", x, x), constant(arrays, 0.5))
    >>> lower_bounds(arrays)[y]
    0.5
    """
    bounds: list[float] = []
    for node in arrays.nodes:
        bounds.append(_bound(arrays, node, [bounds[x] for x in node.operands]))
    return bounds


def _bound(arrays: Arrays, node: Node, below: Sequence[float]) -> float:
    if isinstance(node.detail, AtLeast):
        return node.detail.number
    if node.op == "constant":
        return float(np.min(node.detail))
    if node.op in _SAME:
        return min(below)
    if node.op in ("total", "over_batch", "linear"):
        is_square = node.op == "linear" and node.operands[0] == node.operands[1] and not node.shape
        return 0.0 if is_square or (node.op != "linear" and below[0] >= 0) else -math.inf
    if node.op != "elementwise":
        return -math.inf
    row, operands = node.detail, node.operands
    if row == "mul" and operands[0] == operands[1]:
        return 0.0
    if row == "pow":
        exponent = arrays.literal(operands[1])
        return 0.0 if below[0] >= 0 or (exponent is not None and exponent % 2 == 0) else -math.inf
    rule = _OF_ROWS.get(row)
    return -math.inf if rule is None else rule(*below)


_SAME = frozenset(
    {"average", "reshape", "broadcast", "as_whole", "section", "take", "rows", "join", "result"}
)
"""The operations whose elements are among those of the operands."""


def _of_product(x: float, y: float) -> float:
    return x * y if x > 0 and y > 0 else 0.0 if x >= 0 and y >= 0 else -math.inf


def _nothing_below_zero(x: float) -> float:
    return 0.0


_OF_ROWS: dict[str, Callable[..., float]] = {
    "add": lambda x, y: x + y,
    "mul": _of_product,
    "div": lambda x, y: 0.0 if x >= 0 and y >= 0 else -math.inf,
    "maximum": max,
    "minimum": min,
    "sqrt": lambda x: math.sqrt(max(x, 0.0)),
    "cosh": lambda x: 1.0,
    **dict.fromkeys(("abs", "relu", "exp", "exp2", "sigmoid", "softplus"), _nothing_below_zero),
}
"""From lower bounds of the operands to that of a row of the rule book; of products it is rounded down."""

WITHIN_ONE = frozenset({"cos", "sech", "sigmoid", "sin", "tanh"})
"""The rows whose results and derivatives are all from −1 to 1."""
