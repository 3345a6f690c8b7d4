"""The axes of a plot: made or given, in the look that their owner chose, with room for text and key."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from autograd_lite.writing import visible

from .optional import plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

_LINES_OF_TEXT = 36  # on a slide as wide, or as high, as the figure
_LINES_ON_AXES, _EMS_ON_AXES = 11, 19
_WIDTH, _HEIGHT = 4.96, 3.7  # inches: the axes to which Matplotlib's own lines and markers are fitted
_SMALLEST_MARKS = 0.7
_LONGEST_NAME = 24
_GAP = 0.07  # inches between a plane and its key
_BELOW = (0.5, 0.0)


def axes_or_new(ax: Axes | None, figsize: tuple[float, float] | None) -> Axes:
    """Return the axes, or those of a new figure.

    A new figure is made by ``matplotlib.pyplot``, so that it shows itself in a notebook, and in a script by
    ``plt.show()``. Whoever wants no such global state passes axes of their own, from
    ``matplotlib.figure.Figure``.
    """
    if ax is None:
        new: Axes = plotting("matplotlib.pyplot").figure(figsize=figsize, layout="constrained").add_subplot()
        return new
    if figsize is not None:
        raise TypeError("the axes are in a figure that has its size: give ax or figsize, not both")
    return ax


def _inches(box: Any, ax: Axes) -> tuple[float, float]:
    return box.width / ax.figure.dpi, box.height / ax.figure.dpi


@contextmanager
def readable(ax: Axes) -> Iterator[None]:
    """Draw with text as large as the figure asks for, and lines and markers that fit the axes.

    What somebody has set otherwise than Matplotlib, by a style sheet or in ``rcParams``, stays as it is.
    """
    (width, height), (own_width, own_height) = _inches(ax.figure.bbox, ax), _inches(_whole(ax), ax)
    lines = min(height, 9 / 16 * width) / _LINES_OF_TEXT
    text = 72 * min(lines, own_height / _LINES_ON_AXES, own_width / _EMS_ON_AXES)
    marks = max(_SMALLEST_MARKS, min(own_width / _WIDTH, own_height / _HEIGHT))
    matplotlib = plotting("matplotlib")
    usual, now = matplotlib.rcParamsDefault, matplotlib.rcParams
    fitted = {"font.size": max(usual["font.size"], text)} | {
        key: usual[key] * marks for key in ("lines.linewidth", "lines.markersize")
    }
    fitted = {key: size for key, size in fitted.items() if now[key] == usual[key]}
    with matplotlib.rc_context(fitted):
        yield
        if now["font.size"] != usual["font.size"] and "font.size" in fitted:
            # Axes have made their labels, and will make their ticks, in the size of before.
            for axis, key in ((ax.xaxis, "xtick.labelsize"), (ax.yaxis, "ytick.labelsize")):
                axis.label.set_fontsize(now["axes.labelsize"])
                axis.set_tick_params(which="both", labelsize=now[key])


def ink_and_paper(ax: Axes) -> tuple[str, str]:
    """Return the colours that lines have on these axes, black or white, and the axes themselves."""
    colors = plotting("matplotlib.colors")
    papers = (ax.get_facecolor(), ax.figure.get_facecolor(), "white")
    paper = next(paper for paper in map(colors.to_rgba, papers) if paper[3] > 0)
    red, green, blue, _ = paper
    is_dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4
    return "#ffffff" if is_dark else "#000000", colors.to_hex(paper)


def colours(ours: Sequence[str]) -> Sequence[str]:
    """Return the colours of the style sheet that somebody uses, or else ours."""
    matplotlib = plotting("matplotlib")
    cycle, usual = (params["axes.prop_cycle"] for params in (matplotlib.rcParams, matplotlib.rcParamsDefault))
    theirs = cycle.by_key().get("color", []) if cycle != usual else []
    return [plotting("matplotlib.colors").to_hex(colour) for colour in theirs] or ours


def set_title(ax: Axes, text: str, room: float | None = None) -> None:
    """Give axes a title, in lines that stay within their width, or within a room of so many pixels."""
    title, room = ax.set_title(text), _whole(ax).width if room is None else room
    letters = int(room / title.get_window_extent().width * len(text))
    if letters < len(text):
        title.set_text(":\n".join(_balanced(line, letters) for line in text.split(": ")))


def _balanced(text: str, letters: int) -> str:
    n_lines = math.ceil(len(text) / max(10, letters))
    return textwrap.fill(text, math.ceil(len(text) / n_lines) + 3)


def as_text(name: str) -> str:
    """Return a name for a plot, where $ begins a formula and _ says that nothing is to be shown in a key."""
    name = visible(name)
    name = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    text = name.replace("$", r"\$")
    return f"\u2009{text}" if text.startswith("_") else text


def add_key(ax: Axes, title: str) -> float:
    """Add a legend beside a plane or below it, whichever leaves it larger; return the room of its title."""
    width, height = map(float, _whole(ax).size)
    column = ax.legend(title=title).get_window_extent()
    beside = _plane(ax, width - column.width, height)
    row = _row(ax, width)
    below = _plane(ax, width, height - row.get_window_extent().height)
    if math.prod(below) > math.prod(beside):
        ax.set_axes_locator(_Room(row, _BELOW))
        return width
    is_higher = column.height > beside[1]
    key = _column(ax, title, "center left" if is_higher else "upper left", min(1.0, height / column.height))
    ax.set_axes_locator(_Room(key, (1.0, 0.5) if is_higher else (1.0, 1.0)))
    return beside[0] if is_higher else (width + beside[0]) / 2


def _row(ax: Axes, width: float) -> Legend:
    """Add a legend in as many columns as there is width for."""
    names = ax.get_legend_handles_labels()[1]
    for columns in range(len(names), 0, -1):
        key = ax.legend(ncols=columns, loc="upper center", borderaxespad=0)
        if key.get_window_extent().width <= width:
            break
    return key


def _column(ax: Axes, title: str, loc: Literal["upper left", "center left"], share: float) -> Legend:
    """Add a legend in one column, whose text has a share of its size."""
    size = share * float(ax.legend().get_texts()[0].get_fontsize())
    return ax.legend(title=title, loc=loc, fontsize=size, title_fontsize=size, borderaxespad=0)


def fit_margins(ax: Axes) -> None:
    """Give a plane alone in a figure the margins that its labels and key need, whatever its proportions.

    A layout of Matplotlib measures them where the plane is, and cuts labels off once that has moved it.
    """
    figure: Any = ax.figure
    aspect = ax.get_aspect()
    ax.set_aspect("auto")
    figure.set_layout_engine("none")
    with warnings.catch_warnings():
        # In a very small figure there is no room for labels, and Matplotlib leaves its margins as they were.
        warnings.simplefilter("ignore", UserWarning)
        figure.tight_layout()
    ax.set_aspect(aspect)


def _plane(ax: Axes, width: float, height: float) -> tuple[float, float]:
    """Return the sides that axes have within a room, which they fill unless their proportions are fixed."""
    width, height = max(0.0, width), max(0.0, height)
    if ax.get_aspect() == "auto":
        return width, height
    proportions = ax.get_data_ratio()
    return min(width, height / proportions), min(height, width * proportions)


def _outer(ax: Axes) -> Any:
    """Return what says where axes and key are together, None if the axes' own position does."""
    locator = ax.get_axes_locator()
    return locator.outer if isinstance(locator, _Room) else locator


def _whole(ax: Axes) -> Any:
    """Return the box of axes and key together, in pixels."""
    outer = _outer(ax)
    box = outer(ax, None) if outer else ax.get_position(original=True)
    return box.transformed(ax.figure.transSubfigure)


class _Room:
    """Where axes are that leave room for their key: Matplotlib asks for it whenever it draws them.

    So axes and key stay within what a grid, a layout or ``savefig`` has for the axes alone.
    """

    def __init__(self, key: Legend, anchor: tuple[float, float]) -> None:
        self.key, self.anchor = key, anchor
        self.outer = _outer(key.axes)

    def get_subplotspec(self) -> Any:
        """Return the axes' place in their grid, which ``tight_layout`` asks for."""
        return self.key.axes.get_subplotspec()

    def __call__(self, ax: Any, renderer: Any) -> Any:
        """Return the box of the axes, and put the key beside or below it."""
        box = self.outer(ax, renderer) if self.outer else ax.get_position(original=True)
        if ax.get_legend() is not self.key:
            return box
        transforms, to_pixels = plotting("matplotlib.transforms"), ax.figure.transSubfigure
        key, gap = self.key.get_window_extent(renderer), _GAP * ax.figure.dpi
        left, bottom, right, top = box.transformed(to_pixels).extents
        if self.anchor == _BELOW:
            labels = ax.xaxis.get_tightbbox(renderer)
            shift = transforms.Affine2D().translate(0, (labels.y0 - ax.bbox.y0 if labels else 0) - gap)
            bottom += key.height + gap
        else:
            shift = transforms.Affine2D().translate(gap, 0)
            right -= key.width + gap
        self.key.set_bbox_to_anchor(self.anchor, ax.transAxes + shift)
        return transforms.Bbox.from_extents(left, bottom, right, top).transformed(to_pixels.inverted())
