"""Kernels of Tenspiler: blending of pictures, the parts of Llama's step, tensors; what C2TACO has is there.

White is 1, not 255.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite import exp, maximum, minimum, sqrt, where
from tests.benchmarks.kernels.suite import Suite

SUITE = Suite("Tenspiler")
kernel = SUITE.kernel


# --- blending -------------------------------------------------------------------------------------------


def blended(pixel: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return the loops over the pixels of two pictures."""

    def picture(base: Any, active: Any) -> Any:
        return [
            [pixel(base[row][column], active[row][column]) for column in range(len(base[0]))]
            for row in range(len(base))
        ]

    return picture


def blend(name: str, by_person: Callable[..., Any], pixel: Callable[[Any, Any], Any]) -> None:
    kernel(by_person, "nm nm", loops=2, each=True, name=name)(blended(pixel))


blend(
    "color_burn_8",
    lambda b, a: np.where(a > 0, 1 - (1 - b) / a, 1.0),
    lambda b, a: where(a, 1 - (1 - b) / a, 1.0),
)
blend(
    "color_dodge_8",
    lambda b, a: np.where(a < 1, b / (1 - a), 1.0),
    lambda b, a: where(1 - a, b / (1 - a), 1.0),
)
blend("darken_blend_8", np.minimum, minimum)
blend("lighten_blend_8", np.maximum, maximum)
blend("linear_burn_8", lambda b, a: b + a - 1, lambda b, a: b + a - 1)
blend("linear_dodge_8", lambda b, a: b + a, lambda b, a: b + a)
blend("multiply_blend_8", lambda b, a: b * a, lambda b, a: b * a)
blend("screen_blend_8", lambda b, a: b + a - b * a, lambda b, a: b + a - b * a)
blend(
    "overlay_blend_8",
    lambda b, a: np.where(b > 0.5, 3 * b - 2 * b * b - 1, 2 * b * b),
    lambda b, a: where(b - 0.5, 2 * b + b - 2 * b * b - 1, 2 * b * b),
)


@kernel(lambda b, a, o, r: np.where(o > r, a, b), "nm nm . .", loops=2, each=True, name="dissolve_blend_8")
def dissolve(base: Any, active: Any, opacity: Any, drawn: Any) -> Any:
    return [
        [where(opacity - drawn, active[row][column], base[row][column]) for column in range(len(base[0]))]
        for row in range(len(base))
    ]


@kernel(lambda b, a, o: o * a + (1 - o) * b, "n n .", loops=1, each=True, name="normal_blend_f")
def normal_blend_f(base: Any, active: Any, opacity: Any) -> Any:
    return [opacity * active[i] + (1 - opacity) * base[i] for i in range(len(base))]


@kernel(lambda b, a, o: o * a + (255 - o) * b, "n n .", loops=1, each=True, name="normal_blend_8")
def normal_blend_8(base: Any, active: Any, opacity: Any) -> Any:
    return [opacity * active[i] + (255 - opacity) * base[i] for i in range(len(base))]


# --- Llama ----------------------------------------------------------------------------------------------


@kernel(lambda W, x: W @ x, "nm m", loops=2, each=True)
def matmul(weight: Any, x: Any) -> Any:
    output = []
    for row in range(len(weight)):
        total = 0
        for column in range(len(x)):
            total = total + weight[row][column] * x[column]
        output.append(total)
    return output


@kernel(lambda x: x @ x, "n", loops=1)
def rmsnorm_part1(x: Any) -> Any:
    total = 0
    for i in range(len(x)):
        total = total + x[i] * x[i]
    return total


@kernel(lambda x, w, s: 1 / np.sqrt(s / len(x) + 1e-5) * x * w, "n n .+", loops=1)
def rmsnorm_part2(x: Any, weight: Any, squares: Any) -> Any:
    return [1 / sqrt(squares / len(x) + 1e-5) * x[i] * weight[i] for i in range(len(x))]


@kernel(lambda x: x.max(), "n", loops=1, sizes=(4, 30, 300))
def softmax_part1(x: Any) -> Any:
    largest = x[0]
    for i in range(1, len(x)):
        largest = maximum(largest, x[i])
    return largest


@kernel(lambda x, largest: np.exp(x - largest), "n .", loops=1, each=True)
def softmax_part2(x: Any, largest: Any) -> Any:
    return [exp(x[i] - largest) for i in range(len(x))]


@kernel(lambda x: x.sum(), "n", loops=1)
def softmax_part3(x: Any) -> Any:
    total = 0
    for i in range(len(x)):
        total = total + x[i]
    return total


@kernel(lambda x, total: x / total, "n .+", loops=1, each=True)
def softmax_part4(x: Any, total: Any) -> Any:
    return [x[i] / total for i in range(len(x))]


HEAD = slice(3, 6)
"""The second of heads of three."""


@kernel(lambda K, q: K[:, HEAD] @ q[HEAD] / np.sqrt(3), "n9 9", loops=2, each=True)
def transformer_part1(keys: Any, q: Any) -> Any:
    attention = []
    for step in range(len(keys)):
        score = 0
        for i in range(3):
            score = score + q[3 + i] * keys[step][3 + i]
        attention.append(score / 3**0.5)
    return attention


@kernel(lambda V, a: a @ V[:, HEAD], "n9 n", loops=2)
def transformer_part2(values: Any, attention: Any) -> Any:
    result = []
    for i in range(3):
        total = 0
        for step in range(len(attention)):
            total = total + attention[step] * values[step][3 + i]
        result.append(total)
    return result


@kernel(lambda x: x * (1 / (1 + np.exp(-x))), "n", loops=1, each=True)
def transformer_part3(x: Any) -> Any:
    return [x[i] * (1 / (1 + exp(-x[i]))) for i in range(len(x))]


@kernel(lambda x, y: x * y, "n n", loops=1, each=True)
def transformer_part4(x: Any, y: Any) -> Any:
    return [x[i] * y[i] for i in range(len(x))]


# --- tensors with three axes ----------------------------------------------------------------------------


def of_cells(cell: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return the loops over the elements of two tensors."""

    def tensor(x: Any, y: Any) -> Any:
        return [
            [[cell(x[i][j][k], y[i][j][k]) for k in range(len(x[0][0]))] for j in range(len(x[0]))]
            for i in range(len(x))
        ]

    return tensor


def cells(name: str, cell: Callable[[Any, Any], Any]) -> None:
    # Arrays add and multiply as numbers do.
    kernel(cell, "nmk nmk", loops=3, each=True, name=name)(of_cells(cell))


cells("3d copy", lambda x, y: x)
cells("3d elemwise_add", lambda x, y: x + y)
cells("3d elemwise_fma", lambda x, y: x * y + x)
cells("3d elemwise_depth4", lambda x, y: x + (x + y) * y)
cells("3d elemwise_depth5", lambda x, y: x + (x + y * x) * y)
