"""The few functions of lifted programs that the array API standard lacks, element by element on NumPy arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def _elementwise(function: Callable[[float], float]) -> Callable[[Any], Any]:
    each = np.frompyfunc(function, 1, 1)
    return lambda x: np.asarray(each(x), dtype=getattr(x, "dtype", float))


def _hypot(*xs: Any) -> Any:
    result = xs[0]
    for x in xs[1:]:
        result = np.hypot(result, x)
    return abs(result) if len(xs) == 1 else result


SUPPORT: dict[str, Callable[..., Any]] = {
    "erf": _elementwise(math.erf),
    "erfc": _elementwise(math.erfc),
    "hypot": _hypot,
    "fsum": lambda *xs: sum(xs),
}
