"""Taking times side by side, and printing them: rounds, medians, ratios, tables.

What is measured stands in the files beside this one.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from statistics import median
from typing import Any, NamedTuple, TypeAlias

Samples: TypeAlias = list[float]
"""What was measured, one figure a round."""


class Options(NamedTuple):
    """What the command line asks for."""

    rounds: int
    quick: bool


class Contender(NamedTuple):
    """One who runs the program: its name, and one run of it."""

    name: str
    run: Callable[[], object]


def installed(package: str) -> bool:
    """Return whether a peer can be imported, and print a line if it cannot."""
    found = find_spec(package) is not None
    if not found:
        print(f"{package} is not installed: skipped.")
    return found


@contextmanager
def collector(on: bool) -> Iterator[None]:
    """Start with no garbage; within the block the collector is on, as users have it, or off.

    What is there already is frozen: nobody's collections walk through the modules of the others. So one gets,
    within a tenth, the time of a process of one's own.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # and the collector forgets how much there was, by which it spaces its full collections
    if not on:
        gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def seconds(run: Callable[[], object], repeats: int = 1) -> float:
    """Return what one run takes, averaged over the repeats."""
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def race(contenders: Sequence[Contender], rounds: int, collect: bool = True) -> dict[str, Samples]:
    """Return the seconds of one run, by contender and round.

    In each round everybody runs once, so that a drift of the machine hits all alike; who begins changes from
    round to round. A run that is not timed comes before: caches are warm, and whoever leaves garbage to the
    collector pays for that of the run before, as in a training loop. Short runs are repeated for 20 ms.
    """
    repeats = {}
    for name, run in contenders:
        run()
        repeats[name] = max(1, math.ceil(0.02 / seconds(run)))
    samples: dict[str, Samples] = {name: [] for name, _ in contenders}
    for i in range(rounds):
        first = i % len(contenders)
        for name, run in (*contenders[first:], *contenders[:first]):
            with collector(collect):
                run()
                samples[name].append(seconds(run, repeats[name]))
    return samples


def ratio(slow: Samples, fast: Samples) -> float:
    """Return how many times as fast the second is: the median over the rounds, one by one."""
    return median(s / f for s, f in zip(slow, fast, strict=True))


def duration(samples: Samples) -> str:
    """Return the median with its spread, such as ``24.1 ms (23.9–25.0)``."""
    middle = median(samples)
    unit, factor = next(
        (unit, factor)
        for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9))
        if middle * factor >= 1 or unit == "ns"
    )
    low, high = min(samples) * factor, max(samples) * factor
    return f"{_digits(middle * factor)} {unit} ({_digits(low)}–{_digits(high)})"


def times(factor: float) -> str:
    """Return a ratio for print, such as ``69×``."""
    return f"{_digits(factor)}×"


def verdict(found: float, target: float, unit: str = "×", at_most: bool = False) -> str:
    """Return the target, and whether it is reached."""
    reached = found <= target if at_most else found >= target
    return f"{'≤' if at_most else '≥'} {target:g}{unit}: {'reached' if reached else 'MISSED'}"


def print_table(title: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Print rows as a table in Markdown; the keys of the first are the head."""
    head = list(rows[0])
    cells = [head, *([row[column] for column in head] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    cells.insert(1, ["-" * width for width in widths])
    print(f"\n## {title}\n")
    for line in cells:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
    print(flush=True)


def require_equal(name: str, found: Sequence[Any], expected: Sequence[Any]) -> None:
    """Refuse to time what computes something else: every number must agree to 1e-9."""
    differences = [abs(a - b) / max(1.0, abs(b)) for a, b in zip(found, expected, strict=True)]
    worst = max(differences)
    if not worst <= 1e-9:
        place = differences.index(worst)
        raise AssertionError(f"{name} has {found[place]} where {expected[place]} is expected, at {place}")


def _digits(number: float) -> str:
    """Return a number with three digits."""
    if number >= 100:
        return f"{round(number, 2 - math.floor(math.log10(number))):,.0f}"
    return f"{number:.3g}"
