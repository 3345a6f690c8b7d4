"""The few functions of lifted programs that the array API standard lacks, computed element by element."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.lift.structure import as_numpy


def support(xp: Any) -> dict[str, Callable[[Any], Any]]:
    """Return the functions by name, for arrays of a library.

    Parameters
    ----------
    xp : module

    Returns
    -------
    dict of str to callable

    Examples
    --------
    >>> support(np)["erf"](np.array([0.0, 30.0])).tolist()
    [0.0, 1.0]
    """
    return {"erf": _elementwise(math.erf, xp), "erfc": _elementwise(math.erfc, xp)}


def _elementwise(function: Callable[[float], float], xp: Any) -> Callable[[Any], Any]:
    each = np.frompyfunc(function, 1, 1)
    return lambda x: xp.asarray(np.asarray(each(as_numpy(x)), dtype=float), dtype=x.dtype)
