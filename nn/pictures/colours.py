"""Colours that people with any colour vision, and a grey printer, tell apart; never the only sign of a thing.

Classes have the colours of Okabe and Ito; numbers go from a pale to a strong orange,
or blue if negative, as in the pictures of graphs.
"""

from __future__ import annotations

from collections.abc import Sequence

CLASSES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
CURVES = tuple(CLASSES[k] for k in (0, 5, 2, 3, 1, 4))  # those first that are clear as thin lines on white
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINE_STYLES = ("-", "--", "-.", ":")
ZERO = "#8c8c8c"

_LINES = {True: ("#e09a5c", "#d35f00"), False: ("#6f9fcf", "#084a86")}
_FILLS = {True: ("#ffffff", "#f7bd84"), False: ("#ffffff", "#9cc4ea")}


# How much of a class's colour its region has: so chosen that three regions side by side differ in grey too.
_SHARES = (0.5, 0.25, 0.35)


def region_colour(k: int, classes: Sequence[str] = CLASSES, paper: str = "#ffffff") -> str:
    """Return the colour of the region of class k: that of its samples, thinly on the paper.

    Examples
    --------
    >>> region_colour(0)
    '#80b8d8'
    """
    return mixed(paper, classes[k % len(classes)], _SHARES[k % len(_SHARES)])


def line_colour(number: float, largest: float) -> str:
    """Return the colour of a line for a number: orange or, if negative, blue; the strongest for ``largest``.

    Examples
    --------
    >>> line_colour(2.0, 2.0), line_colour(-2.0, 2.0), line_colour(0.0, 2.0)
    ('#d35f00', '#084a86', '#8c8c8c')
    """
    return mixed(*_LINES[number > 0], abs(number) / largest) if number else ZERO


def fill_colour(number: float, largest: float) -> str:
    """Return the colour of an area for a number, pale enough for black text on it.

    Examples
    --------
    >>> fill_colour(0.0, 1.0), fill_colour(-1.0, 1.0)
    ('#ffffff', '#9cc4ea')
    """
    return mixed(*_FILLS[number > 0], abs(number) / largest) if number else "#ffffff"


def mixed(first: str, second: str, share: float) -> str:
    """Return a colour between two.

    Examples
    --------
    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
