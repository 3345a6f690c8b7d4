"""eˣ and tanh x in plain arithmetic, which a processor does for several numbers at once.

The functions of C are called number by number; in a long loop they take most of the time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

_TERMS = 13

_POLYNOMIAL = [f"    q = {1.0 / math.factorial(_TERMS)!r}"] + [
    f"    q = q * r + {1.0 / math.factorial(n)!r}" for n in range(_TERMS - 1, 1, -1)
]

COMMON = [
    "# Sums in these functions are to be rounded as they are written.",
    'plain = numba.njit(cache=True, nogil=True, error_model="numpy")',
    "POWERS = np.ldexp(1.0, np.arange(-1075, 1025).clip(-1074, 1023))  # of 2",
    "",
    "",
    "@plain",
    "def power_of_e(x):",
    "    # x = k ln 2 + r, where |r| is at most ln 2 / 2: the result is k and eʳ − 1.",
    "    k = np.floor(x * 1.4426950408889634 + 0.5)",
    "    r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10",
    *_POLYNOMIAL,
    "    return np.int32(k), r + r * r * q",
]

VECTORS = {
    "exp": [
        "@plain",
        "def exp(x):",
        "    y = -746.0 if x < -746.0 else 710.0 if x > 710.0 else x if x == x else 0.0",
        "    k, p = power_of_e(y)",
        "    half = k >> 1",
        "    z = (1.0 + p) * POWERS[half + 1075] * POWERS[k - half + 1075]",
        "    return z if x == x else x",
    ],
    "tanh": [
        "@plain",
        "def tanh(x):",
        "    y = abs(x) if abs(x) < 20.0 else 20.0",
        "    k, p = power_of_e(-2.0 * y)",
        "    e = POWERS[k + 1075] * p + (POWERS[k + 1075] - 1.0)",
        "    t = math.copysign(e / (e + 2.0), x)",
        "    return t if x == x else x",
    ],
}
"""The functions by name; they need what is common to them."""


def written(names: Iterable[str]) -> list[str]:
    """Return the lines of functions, in the order of their names, with what is common to them."""
    parts = COMMON, *(VECTORS[name] for name in sorted(names))
    return [line for lines in parts for line in (*lines, "", "")]
