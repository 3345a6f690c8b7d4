"""What is known of an operation on arrays: what it gives back to its operands, its text, its price."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.lifting.arrays import Arrays, Node, Window
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text


class Placed(NamedTuple):
    """What comes back to a section of an array alone."""

    array: int
    window: Window


class OfResult(NamedTuple):
    """What comes back to one of several results of an operation."""

    result: Hashable
    array: int


Contribution: TypeAlias = int | Placed | OfResult
Contributions: TypeAlias = Iterator[tuple[int, Contribution]]

OPERATIONS: dict[str, Row] = {}
"""All rows, by name: each enters itself."""


class Row:
    """What is known of an operation. A row is called with a program and operands, and returns a position.

    Parameters
    ----------
    price : float
        About what NumPy takes for it on small arrays, in µs.
    flops : callable
        Gives its floating-point operations for one sample.
    is_free : bool
        Whether it costs no more than a name.
    lends : bool
        Whether its result may lie where an operand does, or fill an array without being copied.
    writes_itself : bool
        Whether its text is a name already, or needs none.
    """

    def __init__(
        self,
        name: str,
        price: float = 1.0,
        flops: Callable[[Arrays, Node], int] = lambda arrays, node: 0,
        is_free: bool = False,
        lends: bool = False,
        writes_itself: bool = False,
    ) -> None:
        OPERATIONS[name] = self
        self.name = name
        self.price = price
        self.flops = flops
        self.is_free = is_free
        self.lends = lends
        self.writes_itself = writes_itself

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: Any, needed: Collection[int]) -> Contributions:
        """Yield what an adjoint d of x gives back to each of the operands that are needed."""
        raise NotImplementedError(self.name)

    def alike(self, arrays: Arrays, node: Node) -> Hashable:
        """Return what sums have in common that are taken together if they are to be added; None if alone."""
        return None

    def together(self, arrays: Arrays, parts: Sequence[int]) -> int:
        """Return the sum of such sums, as one."""
        raise NotImplementedError(self.name)

    def memory(self, arrays: Arrays, x: int, node: Node) -> Hashable:
        """Return in whose memory the result lies; None if that is not known."""
        # An array filled with a number is its own.
        is_new = not self.lends or node.operands[0] in arrays.numbers
        return x if is_new else memory_of(arrays, node.operands[0])

    def text(self, w: Writer, x: int, node: Node) -> Text:
        """Return it as an expression."""
        raise NotImplementedError(self.name)

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        """Return the derivation of its line in the backward part, if it is one."""
        return ""


def memory_of(arrays: Arrays, x: int) -> Hashable:
    """Return in whose memory an array lies, as something equal for those that lie in the same."""
    node = arrays.nodes[x]
    return OPERATIONS[node.op].memory(arrays, x, node)


def each(arrays: Arrays, node: Node) -> int:
    """Count one for each element."""
    return math.prod(node.shape)


def each_operand(arrays: Arrays, node: Node) -> int:
    """Count one for each element of the operand."""
    return arrays.size(node.operands[0])
