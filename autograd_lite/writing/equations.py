"""Equations: rows of formulas with their equals signs aligned, as plain text, LaTeX and MathML.

Where to break a long one is decided once, by the width of the plain text; what the formulas are is left to
others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from autograd_lite.writing.dialects import LATEX, MATHML, PLAIN, Dialect

WIDTH = 100
"""The columns of a line of text."""

Written: TypeAlias = Callable[[Dialect], str]
"""A formula, to be written in any dialect."""

Product: TypeAlias = Sequence[Written]
"""Its factors."""


class Equation(NamedTuple):
    """A left side and what it equals, step by step: each of the members is a sum of products."""

    left: Written
    members: Sequence[Sequence[Product]]


class Remark(NamedTuple):
    """A line of words between equations."""

    words: str


Section: TypeAlias = Sequence[Equation | Remark]
"""Lines that belong together."""


class _Piece(NamedTuple):
    """A factor and the sign before it: ``"equals"``, ``"plus"`` or ``"times"``."""

    sign: str
    factor: Written

    def write(self, dialect: Dialect) -> str:
        sign: str = getattr(dialect, self.sign)
        return sign + self.factor(dialect)


_Row: TypeAlias = list[_Piece]


def as_text(sections: Sequence[Section]) -> str:
    """Write sections of equations as text, their equals signs below each other.

    Examples
    --------
    >>> def letter(x):
    ...     return lambda dialect: x
    >>> print(as_text([[Equation(letter("a²"), [[[letter("a"), letter("a")]], [[letter("4")]]])]]))
    a² = a · a = 4
    """
    return "\n\n".join("\n".join(_lines(section)) for section in sections)


def _lines(section: Section) -> Iterator[str]:
    width = _widest_left(section)
    column = _second_column(section, WIDTH - width)
    for line in section:
        if isinstance(line, Remark):
            yield line.words
            continue
        left = line.left(PLAIN)
        for row in _rows(line, WIDTH - width):
            first, *rest = (piece.write(PLAIN) for piece in row)
            if len(row) == 2 and row[1].sign == "equals":
                first = first.ljust(column)
            yield left.ljust(width) + first + "".join(rest)
            left = ""


def _second_column(section: Section, room: int) -> int:
    """Return where the second equals sign stands in short equations, a = b = c; 0 where there is no room."""
    short = [
        [piece.write(PLAIN) for piece in row]
        for line in section
        if isinstance(line, Equation)
        for row in _rows(line, room)
        if len(row) == 2 and row[1].sign == "equals"
    ]
    first, second = (max((len(row[i]) for row in short), default=0) for i in (0, 1))
    return first if first + second <= room else 0


def as_latex(sections: Sequence[Section]) -> str:
    """Write sections of equations in LaTeX, as one ``aligned`` block for use within ``$$``."""
    rows = _typeset(sections, LATEX, r"{} &{} \\", gap=r"&\\")
    return "\n".join([r"\begin{aligned}", *rows, r"\end{aligned}"])


def as_mathml(sections: Sequence[Section]) -> str:
    """Write sections of equations in MathML, as one ``math`` element."""
    # Browsers align by style; other readers of MathML by the attributes of the table.
    row = (
        '<mtr><mtd style="text-align: right"><mrow>{}</mrow></mtd>'
        '<mtd style="text-align: left"><mrow>{}</mrow></mtd></mtr>'
    )
    gap = "<mtr><mtd><mspace height='1em'/></mtd><mtd></mtd></mtr>"
    rows = "".join(_typeset(sections, MATHML, row, gap))
    table = f'<mtable displaystyle="true" columnalign="right left">{rows}</mtable>'
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{table}</math>'


def _typeset(sections: Sequence[Section], dialect: Dialect, row: str, gap: str) -> Iterator[str]:
    for number, section in enumerate(sections):
        if number:
            yield gap
        room = WIDTH - _widest_left(section)
        for line in section:
            if isinstance(line, Remark):
                yield row.format("", dialect.words(line.words))
                continue
            left = line.left(dialect)
            for pieces in _rows(line, room):
                yield row.format(left, "".join(piece.write(dialect) for piece in pieces))
                left = ""


def _widest_left(section: Section) -> int:
    return max((len(line.left(PLAIN)) for line in section if isinstance(line, Equation)), default=0)


def _rows(equation: Equation, room: int) -> list[_Row]:
    """Break an equation into rows that fit: at every equals sign at least, unless it fits as a whole."""
    members = [list(_products_of(member)) for member in _steps(equation)]
    whole = [piece for terms in members for term in terms for piece in term]
    if _width(whole) <= room:
        return [whole]
    rows: list[_Row] = []
    for terms in members:
        rows.append([])
        for term in terms:
            if rows[-1] and _width(rows[-1]) + _width(term) > room:
                rows.append([])
            for piece in term:
                if rows[-1] and _width([*rows[-1], piece]) > room:
                    rows.append([])
                rows[-1].append(piece)
    return rows


def _steps(equation: Equation) -> Iterator[Sequence[Product]]:
    """Leave out a member that looks like the one before it."""
    before: list[list[str]] = []
    for member in equation.members:
        looks = [[factor(PLAIN) for factor in term] for term in member]
        if looks != before:
            yield member
        before = looks


def _products_of(member: Sequence[Product]) -> Iterator[_Row]:
    for i, term in enumerate(member):
        yield [_Piece("times" if k else "plus" if i else "equals", factor) for k, factor in enumerate(term)]


def _width(row: _Row) -> int:
    return sum(len(piece.write(PLAIN)) for piece in row)
