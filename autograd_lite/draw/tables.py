"""Tables of text as Graphviz's HTML, of a size that is known before Graphviz sees them; the legend is one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd_lite.draw.roles import Role
from autograd_lite.draw.style import (
    INK,
    LOOKS,
    PAPER,
    SIZE,
    Look,
    escaped,
    gradient_colour,
    number,
    text_width,
)

ROW = 18
"""The height of a line of text with what is around it."""

_PADDING = 5
"""On both sides of a text; above and below it is only what a row has left."""


class Cell(NamedTuple):
    """A text in a table.

    Attributes
    ----------
    text : str
    bold : bool
    fill, ink : str
        Colours.
    columns, rows : int
        How many it spans.
    look : Look, optional
        Of its border.
    line : str
        The colour of its border.
    """

    text: str
    bold: bool = False
    fill: str = ""
    ink: str = INK
    columns: int = 1
    rows: int = 1
    look: Look | None = None
    line: str = INK


class Table(NamedTuple):
    """A table as an HTML-like label.

    Attributes
    ----------
    label : str
    width, height : float
        In points.
    spans : list of (float, float)
        Of each row, top and bottom below the top of the table.
    """

    label: str
    width: float
    height: float
    spans: list[tuple[float, float]]


def table(rows: Sequence[Sequence[Cell]], spacing: int = 0) -> Table:
    """Put cells into rows and columns, each column as wide as its widest text.

    Texts begin at the left edge of their cells: the layout program, which may take a text for wider than it
    is, would put it anywhere but in the middle.

    Parameters
    ----------
    rows : sequence of sequence of Cell
        Below a cell that spans rows there is none.
    spacing : int
        Around the cells.

    Returns
    -------
    Table

    Examples
    --------
    >>> made = table([[Cell("x"), Cell("= 1")], [Cell("below", columns=2)]])
    >>> made.height, made.spans
    (36.0, [(0.0, 18.0), (18.0, 36.0)])
    """
    starts = _starts(rows)
    widths = _widths(rows, starts, spacing)
    lines = ""
    for row, at in zip(rows, starts, strict=True):
        cells = ""
        for cell, start in zip(row, at, strict=True):
            width = sum(widths[start : start + cell.columns]) + spacing * (cell.columns - 1)
            cells += _cell(cell, width, ROW * cell.rows + spacing * (cell.rows - 1))
        lines += f"<TR>{cells}</TR>"
    tops = [float(spacing + i * (ROW + spacing)) for i in range(len(rows) + 1)]
    spans = [(top, top + ROW) for top in tops[:-1]]
    return Table(_outer(lines, spacing), sum(widths) + spacing * (len(widths) + 1), tops[-1], spans)


def line_of_text(text: str) -> str:
    """Return the label of a text that begins where its room does.

    In the middle of it, a text of letters that the layout program does not know would be too far to the left.
    """
    return _outer(f"<TR>{_cell(Cell(text), math.ceil(text_width(text)), ROW)}</TR>").replace("&#160;", "", 1)


def _starts(rows: Sequence[Sequence[Cell]]) -> list[list[int]]:
    """Return the column in which each cell begins."""
    starts: list[list[int]] = []
    taken: set[tuple[int, int]] = set()
    for i, row in enumerate(rows):
        starts.append([])
        column = 0
        for cell in row:
            while (i, column) in taken:
                column += 1
            starts[-1].append(column)
            taken |= {(i + k, column + c) for k in range(cell.rows) for c in range(cell.columns)}
            column += cell.columns
    return starts


def _widths(rows: Sequence[Sequence[Cell]], starts: Sequence[Sequence[int]], spacing: int) -> list[float]:
    placed = [
        (cell, start)
        for row, at in zip(rows, starts, strict=True)
        for cell, start in zip(row, at, strict=True)
    ]
    widths = [0.0] * max(start + cell.columns for cell, start in placed)
    for cell, start in sorted(placed, key=lambda place: place[0].columns):
        width = math.ceil(text_width(cell.text, SIZE, cell.bold)) + 2 * _PADDING + 2 * _thickness(cell)
        missing = width - sum(widths[start : start + cell.columns]) - spacing * (cell.columns - 1)
        if missing > 0:
            widths[start + cell.columns - 1] += missing
    return widths


def _thickness(cell: Cell) -> int:
    return round(cell.look.penwidth) if cell.look else 0


def _outer(lines: str, spacing: int = 0) -> str:
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="{spacing}" CELLPADDING="0">{lines}</TABLE>>'


def _cell(cell: Cell, width: float, height: float) -> str:
    spans = f' COLSPAN="{cell.columns}"' * (cell.columns > 1) + f' ROWSPAN="{cell.rows}"' * (cell.rows > 1)
    fill = f' BGCOLOR="{cell.fill}"' if cell.fill else ""
    border = ""
    if cell.look:
        style = cell.look.style.replace("filled", "").strip(",")
        border = f' BORDER="{_thickness(cell)}" COLOR="{cell.line}"'
        border += f' STYLE="{style}"' if style else ""
    return (
        f'<TD ALIGN="LEFT" FIXEDSIZE="TRUE" WIDTH="{width:g}" HEIGHT="{height:g}"{spans}{fill}{border}>'
        f"{_written(cell)}</TD>"
    )


def _written(cell: Cell) -> str:
    # Padding would make the cell higher too.
    text = f"&#160;{escaped(cell.text)}" if cell.text else ""
    text = f"<B>{text}</B>" if cell.bold and text else text
    text = f'<FONT COLOR="{cell.ink}">{text}</FONT>' if cell.ink != INK and text else text
    return text and text + '<BR ALIGN="LEFT"/>'


# --- the legend -----------------------------------------------------------------------------------------


def legend(text: Sequence[Cell], roles: Sequence[Role], heading: str, largest: float) -> str:
    """Return what stands below a picture: lines of text, the borders of the roles, the scale of gradients.

    Parameters
    ----------
    text : sequence of Cell
    roles : sequence of str
        Those that occur; a single one needs no explanation.
    heading : str
        What the picture calls a gradient.
    largest : float
        The largest gradient; 0 for no scale.

    Returns
    -------
    str
        ``""`` if there is nothing to say.
    """
    lines = [_cell(cell, math.ceil(text_width(cell.text)) + 2 * _PADDING, ROW) for cell in text]
    chips = [_chip(LOOKS[role].meaning, LOOKS[role]) for role in roles] if len(roles) > 1 else []
    if 0 < largest < math.inf:
        steps = (-largest, -largest / 4, 0, largest / 4, largest)
        chips.append(_chip(heading, _bare(PAPER)))
        chips += [_chip(number(x, signed=True), _bare(gradient_colour(x, largest))) for x in steps]
    if chips:
        lines.append(_strip(chips))
    return _outer("".join(f"<TR>{line}</TR>" for line in lines)) if lines else ""


def _bare(fill: str) -> Look:
    return Look(fill, "filled", 0, 1, "")


def _chip(text: str, look: Look) -> tuple[str, int]:
    """Return a cell with a border as a box has it, and its width."""
    width = math.ceil(_widest(text)) + 2 * _PADDING
    style = look.style.replace("filled", "").strip(",")
    border = f'BORDER="{look.penwidth:.0f}" COLOR="{INK}"' + (f' STYLE="{style}"' if style else "")
    inside = f"&#160;{escaped(text)}"
    if look.peripheries > 1:
        inside = (
            f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" COLOR="{INK}">'
            f'<TR><TD ALIGN="LEFT" WIDTH="{width}">{inside}</TD></TR></TABLE>'
        )
        width += 6
    return (
        f'<TD ALIGN="LEFT" WIDTH="{width}" BGCOLOR="{look.fill}" CELLPADDING="1" {border}>{inside}</TD>',
        width,
    )


def _widest(text: str) -> float:
    """Return how wide a text is, or is for a layout program that takes each byte of a letter for a space."""
    return max(text_width(text), sum(0.28 * len(c.encode()) if ord(c) > 127 else 0.6 for c in text) * SIZE)


def _strip(chips: Sequence[tuple[str, int]]) -> str:
    """Return cells side by side, which keep their widths in a wider table."""
    width = sum(width for _, width in chips) + 8 * len(chips) + 6
    row = "".join(cell for cell, _ in chips)
    return (
        f'<TD ALIGN="LEFT"><TABLE ALIGN="LEFT" FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="30" BORDER="0" '
        f'CELLBORDER="0" CELLSPACING="4"><TR>{row}</TR></TABLE></TD>'
    )
