"""Charts of the page as SVG, without Matplotlib, which need not be there: a curve of costs, and a plane."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from autograd_lite.writing import short

from ..data.dataset import Dataset
from ..pictures.boundary import Surface
from ..pictures.colours import CLASSES, region_colour
from ..training import History

_WIDTH, _HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 12, 48  # margins
_SIDE = _WIDTH - _LEFT - _RIGHT  # of the plane
_MOST_POINTS = 400  # on a curve


def cost_curve(history: History) -> str:
    """Return the cost in each epoch as a curve, on a logarithmic scale where it falls far.

    Examples
    --------
    >>> history = History([4.0, 2.0, 0.1], stopped="epochs", best_epoch=2)
    >>> "cost, logarithmic" in cost_curve(history)
    True
    """
    costs = history.costs
    logarithmic = min(costs) > 0 and max(costs) > 10 * min(costs)
    marks = _powers(min(costs), max(costs)) if logarithmic else _round_numbers(min(0.0, *costs), max(costs))
    levels = [math.log10(cost) for cost in costs] if logarithmic else costs
    low, high = min(levels), max(levels)
    if not logarithmic:
        low, high = min(low, 0.0), high if high > low else low + 1

    def height(level: float) -> float:
        return _y((level - low) / (high - low))

    last = max(1, len(costs) - 1)
    shown = [*range(0, len(costs), math.ceil(len(costs) / _MOST_POINTS)), len(costs) - 1]
    points = " ".join(f"{_x(i / last):.1f},{height(levels[i]):.1f}" for i in shown)
    parts = [
        *(_level(height(math.log10(mark) if logarithmic else mark), mark) for mark in marks),
        *(_tick(_x(i / last), i) for i in _round_numbers(0, last) if i == int(i)),
        f'<polyline class="curve" points="{points}"/>',
        _axes("epoch", "cost, logarithmic" if logarithmic else "cost"),
    ]
    label = f"The cost over {len(costs):,} epochs: it goes from {costs[0]:.3g} to {costs[-1]:.3g}."
    return _svg(_HEIGHT, label, parts)


def _powers(low: float, high: float) -> list[float]:
    """Return numbers for a logarithmic axis: 1, 2 and 5 times powers of ten, or powers alone where many fit.

    Examples
    --------
    >>> _powers(0.03, 1.5)
    [0.05, 0.1, 0.2, 0.5, 1.0]
    """
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    digits = (1, 2, 5) if len(exponents) <= 4 else (1,)
    every = math.ceil(len(exponents) / 8)
    numbers = [float(f"{digit}e{exponent}") for exponent in exponents[::every] for digit in digits]
    return [number for number in numbers if low <= number <= high]


def plane(seen: Surface, data: Dataset) -> str:
    """Return the regions of the plane that a network gives to each class, and the samples."""
    left, right = float(seen.xs[0]), float(seen.xs[-1])
    low, high = float(seen.ys[0]), float(seen.ys[-1])
    height = _SIDE + _TOP + _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + _SIDE * (x - left) / (right - left), _TOP + _SIDE * (high - y) / (high - low)

    across, up = data.feature_names
    parts = [*_regions(seen), f'<path class="boundary" d="{_borders(seen)}"/>']
    for sample, k, is_right in zip(data.inputs, data.labels, seen.right, strict=True):
        x, y = place(*sample)
        parts.append(marker(k, x, y))
        if not is_right:
            parts.append(f'<circle class="wrong" cx="{x:.1f}" cy="{y:.1f}" r="9"/>')
    parts += [_tick(place(number, low)[0], number, height) for number in _round_numbers(left, right)]
    parts += [_level(place(left, number)[1], number, lines=False) for number in _round_numbers(low, high)]
    parts.append(_axes(across, up, height))
    n = len(seen.margins)
    return _svg(
        height, f"The plane with the regions of {n} classes and {len(data)} samples: {seen.score}.", parts
    )


def marker(k: int, x: float, y: float) -> str:
    """Return the sign of a sample of class k: a shape and a colour.

    Examples
    --------
    >>> marker(0, 5.0, 5.0)
    '<path class="sample" style="--class:#0072b2;--pale:#80b8d8" d="M1,5a4,4 0 1 0 8,0a4,4 0 1 0 -8,0z"/>'
    """
    shapes = (
        f"M{x - 4:.4g},{y:.4g}a4,4 0 1 0 8,0a4,4 0 1 0 -8,0z",
        f"M{x - 3.6:.4g},{y - 3.6:.4g}h7.2v7.2h-7.2z",
        f"M{x:.4g},{y - 4.8:.4g}l4.8,8.4h-9.6z",
        f"M{x:.4g},{y - 5:.4g}l5,5l-5,5l-5,-5z",
        f"M{x:.4g},{y + 4.8:.4g}l4.8,-8.4h-9.6z",
    )
    return f'<path class="sample" style="{_colours(k)}" d="{shapes[k % len(shapes)]}"/>'


def legend(class_names: Sequence[str]) -> str:
    """Return the signs of the classes with their names, as HTML.

    Examples
    --------
    >>> legend(["a<b"]).count("a&lt;b")
    1
    """
    items = "".join(
        f'<li><svg viewBox="0 0 14 14" aria-hidden="true">{marker(k, 7.0, 7.0)}</svg>{html.escape(name)}</li>'
        for k, name in enumerate(class_names)
    )
    ring = '<svg viewBox="0 0 20 20" aria-hidden="true"><circle class="wrong" cx="10" cy="10" r="9"/></svg>'
    return f'<ul class="legend">{items}<li>{ring}given to another class</li></ul>'


def _colours(k: int) -> str:
    return f"--class:{CLASSES[k % len(CLASSES)]};--pale:{region_colour(k)}"


def _regions(seen: Surface) -> Iterator[str]:
    """Yield the region of each class: bars, each as wide as a run of points of a class."""
    rows, step = seen.classes.tolist(), _SIDE / (len(seen.xs) - 1)
    for k in range(len(seen.margins)):
        bars = []
        for j, row in enumerate(rows):
            y, end = _TOP + max(0, _SIDE - (j + 0.5) * step), 0
            for given, run in groupby(row):
                start, end = end, end + len(list(run))
                if given == k:
                    x = _LEFT + max(0, (start - 0.5) * step)
                    width = _LEFT + min(_SIDE, (end - 0.5) * step) - x
                    bars.append(f"M{x:.1f},{y:.1f}h{width:.1f}v{step + 0.5:.1f}h{-width:.1f}z")
        yield f'<path class="region" style="{_colours(k)}" d="{"".join(bars)}"/>'


def _borders(seen: Surface) -> str:
    """Return the lines on which a class is as far ahead as another, between the points of the grid."""
    pieces = []
    step = _SIDE / (len(seen.xs) - 1)
    for margin in seen.margins.tolist() if len(seen.margins) > 2 else [seen.margins[1].tolist()]:
        for j, (below, above) in enumerate(pairwise(margin)):
            for i, (sw, se, ne, nw) in enumerate(zip(below, below[1:], above[1:], above, strict=False)):
                corners = (i, j, sw), (i + 1, j, se), (i + 1, j + 1, ne), (i, j + 1, nw), (i, j, sw)
                ends = [_zero(a, b) for a, b in pairwise(corners) if (a[2] < 0) != (b[2] < 0)]
                pieces += [
                    f"{letter}{_LEFT + x * step:.1f},{_TOP + _SIDE - y * step:.1f}"
                    for letter, (x, y) in zip("MLML", ends, strict=False)
                ]
    return "".join(pieces)


def _zero(a: tuple[int, int, float], b: tuple[int, int, float]) -> tuple[float, float]:
    """Return where between two points of a grid a margin passes 0."""
    share = a[2] / (a[2] - b[2])
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def _round_numbers(low: float, high: float) -> list[float]:
    """Return a few round numbers within a range.

    Examples
    --------
    >>> _round_numbers(-1.2, 2.3)
    [-1.0, 0.0, 1.0, 2.0]
    """
    if not high > low:
        return [low]
    step = 10.0 ** math.floor(math.log10((high - low) / 2))
    while (high - low) / step > 5:
        step *= 2 if (high - low) / step <= 10 else 5
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _level(y: float, number: float, lines: bool = True) -> str:
    line = f'<path class="grid" d="M{_LEFT},{y:.1f}H{_WIDTH - _RIGHT}"/>' if lines else ""
    return f'{line}<text class="number" x="{_LEFT - 6}" y="{y + 5:.1f}">{short(number)}</text>'


def _tick(x: float, number: float, height: float = _HEIGHT) -> str:
    return f'<text x="{x:.1f}" y="{height - _BOTTOM + 19:.0f}">{short(number)}</text>'


def _axes(across: str, up: str, height: float = _HEIGHT) -> str:
    bottom, middle = height - _BOTTOM, (height - _BOTTOM + _TOP) / 2
    return (
        f'<path class="axis" d="M{_LEFT},{_TOP}V{bottom:g}H{_WIDTH - _RIGHT}"/>'
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:g}" y="{height - 8:g}">{html.escape(across)}</text>'
        f'<text transform="translate(15,{middle:g}) rotate(-90)">{html.escape(up)}</text>'
    )


def _svg(height: float, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{html.escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
