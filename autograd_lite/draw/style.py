"""How pictures look: the palette, what texts look like, and how wide they are.

The colours come from the palette of Okabe and Ito, made for colour-blind readers, and none says anything
alone: signs are written, and what a value is to the reader shows in its border as well.
"""

from __future__ import annotations

import html
import math
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from graphviz import escape

from autograd_lite.draw.roles import Role
from autograd_lite.numbers.kinds import Number
from autograd_lite.writing import short, visible

FONT = "Arial"
"""Every system has it, or a font of the same widths, and under this name Graphviz finds it."""

SIZE = 11
INK, FADED_INK, QUIET_INK = "#1A1A1A", "#737373", "#595959"
LINE, FADED_LINE, HIGHLIGHT = "#666666", "#CCCCCC", "#8E1B6B"
FRAMED = "#F3F3F3"
PAPER = "#FFFFFF"
POSITIVE, NEGATIVE, NEITHER = "#E69F00", "#56B4E9", "#E3B9D1"

_LONGEST_TEXT = 24
_JOINERS = "\u200c\u200d"
_EMOJI = "\ufe0f"
_LEFT_TO_RIGHT = "\u200e"

_WIDTHS = {
    letter: width
    for letters, width in (
        (" !',./:;I[\\]fijlt|·‚", 0.3),
        ('"()-`r{}', 0.38),
        ("*J^cksvxyz", 0.53),
        ("#$0123456789?L_abdeghnopqu", 0.59),
        ("+<=>~−", 0.62),
        ("&ABEFKPSTVXYZ", 0.71),
        ("CDHNRUw", 0.77),
        ("GOQ", 0.83),
        ("%@MWm…→", 1.08),
    )
    for letter in letters
}
"""In sizes of the font, 6 percent wider than in Arial, for which another may stand in."""


class Look(NamedTuple):
    """How a role is told apart: fill, and border by Graphviz's style, width and number of lines."""

    fill: str
    style: str
    penwidth: float
    peripheries: int
    meaning: str


LOOKS: Mapping[Role, Look] = {
    "parameter": Look("#D3EFE4", "filled,rounded", 2.4, 1, "parameter"),
    "input": Look("#F4EDC0", "filled,dashed", 1.2, 1, "input"),
    "constant": Look(PAPER, "filled", 0, 1, "constant"),
    "interior": Look(PAPER, "filled", 1, 1, "computed"),
    "cost": Look("#E2E2E2", "filled", 1.2, 2, "root"),
    "rest": Look(PAPER, "filled,dashed", 1, 1, "left out"),
}


# --- text -----------------------------------------------------------------------------------------------


def text_width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Return about how wide a text is, in points: rather too wide than too narrow.

    The layout program knows the widths of ASCII letters alone.

    Parameters
    ----------
    text : str
    size : float
        Of the font, in points.
    bold : bool

    Returns
    -------
    float

    Examples
    --------
    >>> text_width("w¹₀₁") < text_width("w101")
    True
    """
    return sum(map(_em, _as_seen(text))) * size * (1.1 if bold else 1)


@lru_cache(4096)
def _em(seen: str) -> float:
    letter = seen[0]
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    category = unicodedata.category(letter)
    if category in ("Mn", "Me", "Cf"):
        return 0
    if category == "So" and (letter > "\uffff" or _EMOJI in seen):
        return 1.4
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.1
    if (
        category in ("No", "Lm")
        or "SUPERSCRIPT" in (name := unicodedata.name(letter, ""))
        or "SUBSCRIPT" in name
    ):
        return 0.42
    return 0.8 if category in ("Lu", "So") else 0.65


def _as_seen(text: str) -> list[str]:
    """Return the letters as a reader counts them, accents with theirs, a joined emoji as one."""
    if not any(map(_may_join, text)):
        return list(text)
    seen: list[str] = []
    for c in text:
        flag = seen != [] and _is_regional(c) and len(seen[-1]) == 1 and _is_regional(seen[-1])
        if seen and (flag or seen[-1][-1] in _JOINERS or (_may_join(c) and not _is_regional(c))):
            seen[-1] += c
        else:
            seen.append(c)
    return seen


@lru_cache(4096)
def _may_join(c: str) -> bool:
    """Return whether a character may belong to the one before it: an accent, a colour of skin, a tag."""
    is_tone = "\U0001f3fb" <= c <= "\U0001f3ff"
    is_part = unicodedata.category(c) in ("Mn", "Mc", "Me") or c in _JOINERS or c > "\U000e0000"
    return is_part or is_tone or _is_regional(c)


def _is_regional(c: str) -> bool:
    """Return whether it is one of the letters of which two make a flag."""
    return "\N{REGIONAL INDICATOR SYMBOL LETTER A}" <= c <= "\N{REGIONAL INDICATOR SYMBOL LETTER Z}"


def plain_text(entry: str, longest: int = _LONGEST_TEXT) -> str:
    r"""Return a text as a picture shows it: cut in its middle, and what has no look as Python writes it.

    A name in a script from right to left stands between marks, or it would turn round what is beside it.

    Parameters
    ----------
    entry : str
    longest : int
        The number of letters from which on it is cut.

    Returns
    -------
    str

    Examples
    --------
    >>> plain_text("two\nlines"), plain_text("x[0]" + "y" * 30)
    ('two\\nlines', 'x[0]yyyyyyyy…yyyyyyyyyyy')
    """
    shown = visible(entry)
    if len(shown) > longest:
        letters = _as_seen(shown)
        half = longest // 2
        if len(letters) > longest:
            shown = "".join([*letters[:half], "…", *letters[half + 1 - longest :]])
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in shown):
        return f"{_LEFT_TO_RIGHT}{shown}{_LEFT_TO_RIGHT}"
    return shown


def whole_name(name: str) -> str | None:
    """Return what a picture says of a box that one points at: the name, where it is too long for the box."""
    return escape(visible(name)) if len(_as_seen(visible(name))) > _LONGEST_TEXT else None


def escaped(text: str) -> str:
    """Return a text for use in Graphviz's HTML, all its spaces kept."""
    # As in plain labels, \\N stands for the node's own name, and a backslash for itself only when doubled.
    return html.escape(text, quote=False).replace(" ", "&#160;").replace("\\", r"\\")


def number(x: Number, signed: bool = False, digits: int = 4) -> str:
    """Write a number, on request with its sign also where that is a plus.

    Examples
    --------
    >>> number(0.25), number(0.25, signed=True), number(-0.25, signed=True), number(0, signed=True)
    ('0.25', '+0.25', '−0.25', '0')
    """
    text = plain_text(short(x, digits))
    return f"+{text}" if signed and _sign(x) == 1 else text


def _sign(x: Number) -> int | None:
    """Return 1, −1 or 0; None for a NaN and a symbol whose sign is open."""
    try:
        return 1 if x > 0 else -1 if x < 0 else 0 if x == 0 else None
    except TypeError:
        return None


# --- colour ---------------------------------------------------------------------------------------------


def gradient_colour(gradient: Number, largest: float) -> str:
    """Return orange for a positive gradient, blue for a negative one, the deeper the larger.

    Parameters
    ----------
    gradient : number
    largest : float
        The largest magnitude in the picture, which has the full colour.

    Returns
    -------
    str
        ``"#RRGGBB"``; white for 0, and a colour of its own for what has no sign.

    Examples
    --------
    >>> gradient_colour(2.0, 2.0), gradient_colour(-2.0, 2.0), gradient_colour(0, 2.0)
    ('#E69F00', '#56B4E9', '#FFFFFF')
    """
    sign = _sign(gradient)
    if sign is None:
        return NEITHER
    if sign == 0:
        return PAPER
    # The square root lets small gradients be seen beside large ones.
    depth = math.sqrt(min(magnitude(gradient) / largest, 1)) if 0 < largest < math.inf else 1
    return _mixed(PAPER, POSITIVE if sign > 0 else NEGATIVE, 0.12 + 0.88 * depth)


def magnitude(x: Number) -> float:
    """Return |x| as a float: 0 for a NaN or a symbol, infinity for what is too large."""
    if _sign(x) is None:
        return 0
    try:
        return abs(float(x))
    except OverflowError:
        return math.inf
    except TypeError:  # a symbol whose sign is known, but no more
        return 0


def _mixed(start: str, end: str, share: float) -> str:
    channels = [
        round(int(start[i : i + 2], 16) * (1 - share) + int(end[i : i + 2], 16) * share) for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{channel:02X}" for channel in channels)
