"""The costs of a training as a small curve, an SVG without a letter, which needs no Matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .pictures.colours import CLASSES, ZERO

_WIDTH, _HEIGHT, _EDGE = 360, 110, 4
_MOST_POINTS = 300


def is_logarithmic(costs: Sequence[float]) -> bool:
    """Return whether costs are so far apart that they are shown by their logarithms.

    Examples
    --------
    >>> is_logarithmic([1.0, 0.01]), is_logarithmic([1.0, 0.5]), is_logarithmic([1.0, 0.0])
    (True, False, False)
    """
    return min(costs) > 0 and max(costs) > 10 * min(costs)


def cost_curve(costs: Sequence[float], validation_costs: Sequence[float] = ()) -> tuple[str, str]:
    """Return the curve, and what its axis shows, in words.

    Parameters
    ----------
    costs : sequence of float
        At least one.
    validation_costs : sequence of float, optional
        As many, or none.

    Returns
    -------
    svg, words : str

    Examples
    --------
    >>> svg, words = cost_curve([1.0, 0.25, 0.0625])
    >>> words
    'logarithmic, from 0.0625 to 1'
    >>> svg.count("<polyline")
    1
    """
    shown = [cost for cost in (*costs, *validation_costs) if math.isfinite(cost)] or [0.0]
    logarithmic = is_logarithmic(shown)
    low, high = min(shown) if logarithmic else min(0.0, *shown), max(shown)
    scale = math.log10 if logarithmic else float
    bottom, span = scale(low), scale(high) - scale(low) or 1.0

    def line(numbers: Sequence[float], colour: str, dashes: str = "") -> str:
        last = max(len(numbers) - 1, 1)
        step = math.ceil(len(numbers) / _MOST_POINTS)
        places = sorted({*range(0, len(numbers), step), len(numbers) - 1})
        points = " ".join(
            f"{_EDGE + (_WIDTH - 2 * _EDGE) * i / last:.1f},"
            f"{_HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * (scale(numbers[i]) - bottom) / span:.1f}"
            for i in places
            if math.isfinite(numbers[i])
        )
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"{dashes}/>'

    lines = [line(costs, CLASSES[0])]
    if validation_costs:
        lines.append(line(validation_costs, CLASSES[5], ' stroke-dasharray="7 4"'))
    axes = f'<path d="M1 0V{_HEIGHT - 1}H{_WIDTH}" fill="none" stroke="{ZERO}" stroke-width="2"/>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{axes}{"".join(lines)}</svg>'
    )
    return svg, f"{'logarithmic, ' if logarithmic else ''}from {low:.4g} to {high:.4g}"
