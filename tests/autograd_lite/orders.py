"""Rows with an order: their first operand is a whole number, not a variable, and has no derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ORDERED = frozenset({"polygamma", "bessel"})


def variables_of(name: str, count: int) -> range:
    """Return the positions of the operands that a row is differentiated by."""
    return range(int(name in ORDERED), count)


def with_order(name: str, point: Sequence[Any], order: int = 1) -> tuple[Any, ...]:
    """Return a point with a whole number where the row has its order, of the kind of the other operands."""
    return (type(point[-1])(order), *point[1:]) if name in ORDERED else tuple(point)
