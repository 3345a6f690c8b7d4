"""Pictures of a size, such as a slide or a page, and what they show where all would be too much.

A picture is scaled as a whole, with paper around it. Whether its letters can be read is known once it is laid
out: where they can't, the next coarser level of detail is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from autograd_lite.draw.picture import Picture

Size: TypeAlias = Literal["slide", "page", "thumbnail"] | tuple[float, float]

_MARGIN = 0.01
"""Around the picture, of the sheet's sides."""

_SHARE, _ON_PAPER = 1 / 40, 7.0
"""The smallest letter: of a slide's height, so that the last row can read it; on paper, in points."""

_MOST_ZOOM = 3
"""How many times larger than the smallest that can be read letters get, where a picture has few."""

_MOST_VALUES = 300
"""More than so many fit no sheet, and need not be tried."""

_TOO_SMALL = "Too much for {}: letters are small. focus=node shows one node and its neighbours."


class TooMuchError(ValueError):
    """A picture has more parts than can be laid out, or read, at the detail asked for."""


class Sheet(NamedTuple):
    """What a picture is to fill, in points.

    Attributes
    ----------
    width, height : float
    letter : float
        The smallest that can be read.
    name : str
    cut : bool
        Whether the sheet ends where the picture does, as on a page that goes on with text.
    """

    width: float
    height: float
    letter: float
    name: str
    cut: bool = False


_SHEETS = {
    "slide": Sheet(960, 540, 540 * _SHARE, "a slide"),
    "page": Sheet(450, 648, _ON_PAPER, "a page", cut=True),
    "thumbnail": Sheet(240, 135, 135 * _SHARE, "a thumbnail"),
}
_KNOWN = f"{', '.join(map(repr, _SHEETS))} or (width, height) in inches"


def sheet(size: Size) -> Sheet:
    """Return what a size means.

    Parameters
    ----------
    size : {"slide", "page", "thumbnail"} or (width, height) in inches
        A slide has 16:9, 13⅓ by 7½ inches. On a page there are 6¼ inches from margin to margin, and up to 9
        from top to bottom. A thumbnail is a slide of 3⅓ by 1⅞ inches.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError, TypeError
        If it is none.

    Examples
    --------
    >>> sheet("slide").letter, sheet((4, 3)).letter
    (13.5, 7.0)
    """
    if isinstance(size, str):
        if size not in _SHEETS:
            raise ValueError(f"size is {_KNOWN}, not {size!r}")
        return _SHEETS[size]
    try:
        width, height = (72 * float(side) for side in size)
    except (TypeError, ValueError):
        raise TypeError(f"size is {_KNOWN}, not {size!r}") from None
    if not (36 <= width <= 7200 and 36 <= height <= 7200):
        raise ValueError(f"a picture's sides are from half an inch to 100, not {size[0]} by {size[1]}")
    # As large as on a slide that is as wide, or as high.
    letter = max(_ON_PAPER, _SHARE * min(height, width * 9 / 16))
    return Sheet(width, height, letter, f"{width / 72:g} by {height / 72:g} inches")


def fitted(
    make: Callable[[Any, Sequence[str]], Picture], size: Size, levels: Sequence[Any], values: int
) -> Picture:
    """Return the picture of the finest level whose letters can be read at a size.

    Parameters
    ----------
    make : function
        Of a level and of lines below the picture; raises TooMuchError where that can't be laid out.
    size : {"slide", "page", "thumbnail"} or (width, height) in inches
    levels : sequence
        From fine to coarse. A picture of another than the first says so. Where none has letters that can be
        read, that with the largest is drawn, and says that they are too small.
    values : int
        How many there are.

    Returns
    -------
    Picture
    """
    paper = sheet(size)
    said: list[str] = []
    best = 0.0, levels[-1]
    for level in levels if values <= _MOST_VALUES else levels[-1:]:
        try:
            placed, letter = on_sheet(make(level, said), paper)
        except TooMuchError:
            letter = 0
        if letter >= paper.letter:
            return placed
        best = max(best, (letter, level), key=lambda tried: tried[0])
        said = [f"detail={levels[0]!r} is too much for {paper.name}."]
    return on_sheet(make(best[1], [_TOO_SMALL.format(paper.name)]), paper)[0]


def on_sheet(picture: Picture, paper: Sheet) -> tuple[Picture, float]:
    """Return a picture that fills a sheet, and the size of its smallest letter in points.

    Parameters
    ----------
    picture : Picture
    paper : Sheet

    Returns
    -------
    Picture
    float
    """
    parts = picture.laid_out()
    left, low, right, high = map(float, parts["bb"].split(","))
    smallest = min(_letters(parts), default=paper.letter)
    room = 1 - 2 * _MARGIN
    width, height = room * paper.width, room * paper.height
    zoom = min(width / (right - left), height / (high - low), _MOST_ZOOM * paper.letter / smallest)
    height = zoom * (high - low) / room if paper.cut else paper.height
    placed: Picture = picture.copy()
    middle = f"{(left + right) / 2:.2f},{(low + high) / 2:.2f}"
    placed.graph_attr["viewport"] = f"{paper.width:g},{height:.2f},{zoom:.4f},{middle}"
    return placed, zoom * smallest


def _letters(parts: Mapping[str, Any]) -> Iterator[float]:
    """Yield the size of each text of a picture."""
    for part in (parts, *parts.get("objects", []), *parts.get("edges", [])):
        size = 0.0
        for stroke in part.get("_ldraw_", []):
            if stroke["op"] == "F":
                size = stroke["size"]
            elif stroke["op"] == "T" and stroke["text"].strip():
                yield size
