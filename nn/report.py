"""The report on gradients by several methods: how far they are apart, as text and as a notebook's table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd_lite.markup import escape, folded, table

if TYPE_CHECKING:
    from .diagnosis import Diagnosis

ENGINE, MATRIX, LOOPS, DIFFERENCES = "engine", "matrix", "loops", "differences"

_TITLE = "Largest differences from the engine"
_FEW, _MANY = 6, 500


@dataclass(frozen=True, repr=False)
class GradientReport:
    """Every parameter's gradient by every method. Print it for the table.

    Attributes
    ----------
    names : list of str
        The parameters, such as ``"w[1][0,2]"``.
    methods : dict of str to list of numbers
        The gradients in the order of ``names``, by ``"engine"``, ``"matrix"``, ``"loops"``,
        ``"differences"``, and by the function under test if there is one. A difference quotient is NaN across
        a kink, and where it would consist of rounding errors.
    diagnosis : Diagnosis or None
        What is wrong with the function under test, if it is.
    """

    names: list[str]
    methods: dict[str, list[Any]]
    diagnosis: Diagnosis | None = None

    def largest_differences(self, method: str, layer: int | None = None) -> tuple[float, float, float]:
        """Return how far a method is from the engine.

        Parameters
        ----------
        method : str
            A key of ``methods``.
        layer : int, optional
            Only the parameters of this layer.

        Returns
        -------
        tuple of three floats
            The largest absolute difference, relative difference, and difference in units in the last place.
            The last two are of little meaning where terms cancel and a gradient is close to 0.
        """
        pairs = [
            (theirs, ours)
            for name, theirs, ours in zip(self.names, self.methods[method], self.methods[ENGINE], strict=True)
            if layer is None or _layer_of(name) == layer
        ]
        differences = [(0.0, 0.0, 0.0)]
        differences += [
            difference(theirs, ours)
            for theirs, ours in pairs
            if method != DIFFERENCES or not math.isnan(theirs)
        ]
        absolute, relative, units = (max(column, key=nan_last) for column in zip(*differences, strict=True))
        return absolute, relative, units

    def summary(self) -> str:
        """Return a table of the largest differences from the engine, per layer and method."""
        return _table(self._differences())

    def _differences(self) -> list[list[str]]:
        rows = [["layer", "parameters", "method", "largest difference", "relative", "last places"]]
        for layer in sorted({_layer_of(name) for name in self.names}):
            count = sum(_layer_of(name) == layer for name in self.names)
            for method in self.methods:
                if method != ENGINE:
                    absolute, relative, units = self.largest_differences(method, layer)
                    rows.append(
                        [str(layer), str(count), method, f"{absolute:.2g}", f"{relative:.2g}", f"{units:.3g}"]
                    )
        return rows

    def __str__(self) -> str:
        found = f"\n\n{self.diagnosis}" if self.diagnosis else ""
        return f"{_table(self._rows())}\n\n{_TITLE}:\n{self.summary()}{found}"

    def __repr__(self) -> str:
        found = "".join(f"\n{sentence}" for sentence in self._sentences())
        return f"GradientReport of {len(self.names)} parameters. {_TITLE}:\n{self.summary()}{found}"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: differences and gradients, of many the first and the worst."""
        head, *rows = self._rows()
        found = "".join(f"<p>{escape(sentence)}</p>" for sentence in self._sentences())
        parts = [found, table(self._differences(), _TITLE)]
        if len(rows) <= 2 * _FEW:
            return "".join([*parts, table([head, *rows], "Every gradient")])
        worst = [rows[i] for i in self._furthest(_FEW)]
        parts.append(table([head, *rows[:_FEW]], f"The first {_FEW} gradients"))
        parts.append(table([head, *worst], f"The {_FEW} that are furthest from the engine's"))
        title = f"Every gradient: {len(rows):,}"
        if len(rows) > _MANY:
            title = f"The first {_MANY} of {len(rows):,} gradients; print shows all"
        return "".join([*parts, folded(title, table([head, *rows[:_MANY]], title))])

    def _furthest(self, count: int) -> list[int]:
        """Return which gradients are furthest from the engine's by an exact method, the worst first."""
        exact = [method for method in self.methods if method not in (ENGINE, DIFFERENCES)]

        def distance(i: int) -> tuple[bool, float]:
            engine = self.methods[ENGINE][i]
            distances = [difference(self.methods[method][i], engine)[0] for method in exact or self.methods]
            return max(map(nan_last, distances))

        return sorted(range(len(self.names)), key=distance, reverse=True)[:count]

    def _sentences(self) -> tuple[str, ...]:
        return self.diagnosis.sentences if self.diagnosis else ()

    def _rows(self) -> list[list[str]]:
        rows = [["∂C/∂", *self.methods]]
        for i, name in enumerate(self.names):
            rows.append([name, *(_shown(gradients[i]) for gradients in self.methods.values())])
        return rows


def difference(a: Any, b: Any) -> tuple[float, float, float]:
    """Return how far two numbers are apart: absolutely, relatively, and in units in the last place.

    Examples
    --------
    >>> difference(1.0, 1.0 + 2**-52)[2]
    1.0
    """
    if a == b:
        return 0.0, 0.0, 0.0
    absolute = abs(float(a - b))
    if not math.isfinite(absolute):
        return absolute, absolute, absolute
    size = max(abs(float(a)), abs(float(b)))
    return absolute, absolute / size, absolute / math.ulp(size)


def nan_last(number: float) -> tuple[bool, float]:
    """Return a key by which NaN is larger than every number.

    Examples
    --------
    >>> max([1.0, math.nan, 2.0], key=nan_last)
    nan
    """
    return math.isnan(number), number


def _layer_of(name: str) -> int:
    return int(name.partition("[")[2].partition("]")[0])


def _shown(number: Any) -> str:
    return f"{number:.15g}" if isinstance(number, float) else str(number)


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_lines(rows, widths))


def _lines(rows: list[list[str]], widths: list[int]) -> Iterator[str]:
    for i, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if i == 0:
            yield "  ".join("─" * width for width in widths)
