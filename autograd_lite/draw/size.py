"""Pictures of a size, such as a slide or a page, and what they show where all would be too much.

A picture is scaled as a whole, with paper around it. Whether its letters can be read is known once it is laid
out: where they can't, the next coarser level of detail is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from autograd_lite.draw.picture import Picture

Size: TypeAlias = Literal["slide", "page", "thumbnail"] | tuple[float, float]

_MARGIN = 0.01
"""Around the picture, of the sheet's sides."""

_SHARE, _ON_PAPER = 1 / 40, 6.0
"""The smallest letter: of a slide's height, so that the last row can read it; on paper, in points."""

_MOST_ZOOM = 3
"""How many times larger than the smallest that can be read letters get, where a picture has few."""

_LEVELS = ["operations", "neurons", "layers"]

_MOST_VALUES = 300
"""More than so many fit no sheet, and need not be tried."""


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
    (13.5, 6.0)
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


def fitted(draw: Callable[..., Picture], size: Size, options: Mapping[str, Any], values: int) -> Picture:
    """Return the picture of the finest level whose letters can be read at a size.

    Parameters
    ----------
    draw : function
        Of the options and of ``caption``, lines below the picture; raises TooMuchError where there is
        more than can be laid out.
    size : {"slide", "page", "thumbnail"} or (width, height) in inches
    options : dict
        Of the picture. Where it is too much, the legend is left out first, then the partials; then comes the
        next coarser detail, and the picture says so. Where none can be read, the one with the largest letters
        says so.
    values : int
        How many there are.

    Returns
    -------
    Picture
    """
    paper = sheet(size)
    plans = _plans(options)
    wanted = plans[0]["detail"]
    if values > _MOST_VALUES:
        plans = [plan for plan in plans if plan["detail"] == "layers"] or plans
    best: tuple[float, Mapping[str, Any]] = 0.0, plans[-1]
    for plan in plans:
        said = [] if plan["detail"] == wanted else [f"detail={wanted!r} is too much for {paper.name}."]
        if not said and options.get("partials") and not plan["partials"]:
            said = [f"partials=True is too much for {paper.name}."]
        try:
            placed, letter = on_sheet(draw(**plan, caption=said), paper)
        except TooMuchError:
            continue
        if letter >= paper.letter:
            return placed
        best = max(best, (letter, plan), key=lambda tried: tried[0])
    said = [f"Too much for {paper.name}: letters are small; focus=node shows one node and its neighbours."]
    if best[1]["detail"] != wanted:
        said[0] = f"detail={wanted!r} is too much for {paper.name}, and so is this: letters are small."
    return on_sheet(draw(**best[1], caption=said), paper)[0]


def _plans(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the options of the pictures to be tried, from fine to coarse."""
    detail = options.get("detail")
    levels = _LEVELS[_LEVELS.index(detail or "neurons") :] if detail in (None, *_LEVELS) else [detail]
    if any(options.get(name) is not None for name in ("highlight", "focus")):
        levels = [level for level in levels if level != "layers"] if detail else [None]
    plans: list[dict[str, Any]] = []
    for level in levels or [detail]:
        coarser = {"partials": False} if level == "layers" != detail else {}
        plans.append({**options, **coarser, "detail": level})
        if options.get("legend", True):
            plans.append({**plans[-1], "legend": False})
        if plans[-1].get("partials"):
            plans.append({**plans[-1], "partials": False})
    return plans


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
    smallest = min(_letters(parts), default=paper.letter)
    viewport = view_of(parts["bb"], paper, _MOST_ZOOM * paper.letter / smallest)
    placed: Picture = picture.copy()
    placed.graph_attr["viewport"] = viewport
    return placed, float(viewport.split(",")[2]) * smallest


def view_of(box: str, paper: Sheet, most: float) -> str:
    """Return what Graphviz calls the viewport: the sheet, and where and how large the picture is on it.

    Parameters
    ----------
    box : str
        Around the picture, as Graphviz writes it.
    paper : Sheet
    most : float
        How many times the picture is enlarged at most.

    Returns
    -------
    str
    """
    left, low, right, high = map(float, box.split(","))
    room = 1 - 2 * _MARGIN
    zoom = min(room * paper.width / (right - left), room * paper.height / (high - low), most)
    height = zoom * (high - low) / room if paper.cut else paper.height
    middle = f"{(left + right) / 2:.2f},{(low + high) / 2:.2f}"
    return f"{paper.width:g},{height:.2f},{zoom:.4f},{middle}"


def _letters(parts: Mapping[str, Any]) -> Iterator[float]:
    """Yield the size of each text of a picture."""
    for part in (parts, *parts.get("objects", []), *parts.get("edges", [])):
        size = 0.0
        for stroke in part.get("_ldraw_", []):
            if stroke["op"] == "F":
                size = stroke["size"]
            elif stroke["op"] == "T" and stroke["text"].strip():
                yield size
