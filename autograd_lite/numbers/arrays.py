"""Operations on arrays, element by element: NumPy's, which is not imported for it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from autograd_lite.numbers.failures import strangers


def is_array(x: Any) -> bool:
    """Return whether x is an array of at least one dimension."""
    return getattr(x, "ndim", 0) > 0


def elementwise(row: Any, operands: Sequence[Any]) -> Any:
    """Apply a row to arrays of Values or numbers, broadcast; of anything else say that it is neither."""
    if not any(map(is_array, operands)):
        raise strangers(row, operands)
    numpy = sys.modules["numpy"]
    result = numpy.frompyfunc(row, len(operands), 1)(*operands)
    return result if any(map(_holds_objects, operands)) else result.astype(float)


def _holds_objects(x: Any) -> bool:
    return hasattr(x, "apply_operation") or (is_array(x) and bool(x.dtype.hasobject))
