"""A sheet: Graphviz's nodes, edges and frames, each told its place.

The places stand in the source, so that any layout program draws the same picture.
"""

from __future__ import annotations

from autograd_lite.draw.arrangement import Arrangement, Point
from autograd_lite.draw.picture import Picture
from autograd_lite.draw.style import FONT, FRAMED, INK, LINE, PAPER, QUIET_INK, SIZE, escaped, text_width
from autograd_lite.draw.tables import line_of_text

ARROW = 6.0
_TITLE_SIZE = 14
_BAND_MARGIN, _HEADING = 6.0, 15.0
SECOND_BORDER = 4.0
"""Graphviz draws it so far outside the first."""


class Sheet:
    """A picture in the making, on which everything has its place.

    Parameters
    ----------
    placed : Arrangement
        Of the boxes and links that become nodes and edges.
    """

    def __init__(self, placed: Arrangement) -> None:
        self.placed = placed
        font = {"fontname": FONT, "fontsize": str(SIZE)}
        self.picture = Picture(
            # nop2 leaves nodes, edges and frames where the source says they are.
            graph_attr=font | {"layout": "nop2", "bgcolor": PAPER, "labelloc": "b", "labeljust": "l"},
            node_attr=font
            | {"shape": "box", "fixedsize": "true", "color": INK, "fontcolor": INK, "margin": "0"},
            edge_attr=font | {"color": LINE, "arrowsize": str(ARROW / 10)},
        )
        self.top = 0.0

    def add_node(self, name: str, i: int, size: Point, borders: int, **attributes: str) -> None:
        """Put a box into its place.

        Parameters
        ----------
        name : str
        i : int
            Which of the boxes it is.
        size : (float, float)
            Over all.
        borders : int
        **attributes
            Of Graphviz's node.
        """
        (left, top), (width, height) = self.placed.corners[i], size
        where = self._where((left + width / 2, top + height / 2))
        if borders > 1:
            width, height = width - 2 * SECOND_BORDER, height - 2 * SECOND_BORDER
            attributes["peripheries"] = str(borders)
        inches = {"width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}"}
        self.picture.node(name, pos=where, **inches, **attributes)

    def add_edge(self, tail: str, head: str, i: int, text: str = "", **attributes: str) -> None:
        """Draw a link.

        Parameters
        ----------
        tail, head : str
            The names of its nodes.
        i : int
            Which of the links it is.
        text : str
            Over its right end, where it is straight; a second line stands under it.
        **attributes
            Of Graphviz's edge.
        """
        *points, before, end = self.placed.curves[i]
        direction = 1 if end[0] >= points[0][0] else -1
        stop = (end[0] - direction * ARROW, end[1])
        line = " ".join(map(self._where, [*points, before, stop]))
        if text:
            lines = text.split("\n")
            x, y = max(points[0], end)
            middle = x - ARROW - max(map(text_width, lines)) / 2
            place = self._where((middle, y - 0.8 * SIZE * (len(lines) == 1)))
            label = line_of_text(text) if len(lines) == 1 else f"<{'<BR/>'.join(map(escaped, lines))}>"
            attributes |= {"label": label, "lp": place}
        self.picture.edge(tail, head, pos=f"e,{self._where(end)} {line}", **attributes)

    def add_band(self, name: str, title: str, left: float, right: float) -> None:
        """Put a ground behind columns, with a heading over them.

        Parameters
        ----------
        name, title : str
        left, right : float
            Of the boxes in the columns.
        """
        left, right = left - _BAND_MARGIN, right + _BAND_MARGIN
        missing = text_width(title) - (right - left)
        if missing > 0:
            left, right = left - missing / 2, right + missing / 2
        self.top = -_BAND_MARGIN - _HEADING
        low, high = self._where((left, self.placed.height + _BAND_MARGIN)), self._where((right, self.top))
        heading = self._where(((left + right) / 2, self.top + _HEADING / 2))
        with self.picture.subgraph(name=f"cluster_{name}") as band:
            band.attr(bb=f"{low},{high}", style="filled,rounded", fillcolor=FRAMED, penwidth="0")
            band.attr(label=title, lp=heading, fontcolor=QUIET_INK)
            # A frame around nothing is none.
            band.node(f"in_{name}", pos=heading, style="invis", label="", width="0.01", height="0.01")

    def add_title(self, title: str) -> None:
        """Write a heading over all."""
        place = (self.placed.width / 2, self.top - 0.8 * _TITLE_SIZE)
        text = f'<<FONT POINT-SIZE="{_TITLE_SIZE}"><B>{escaped(title)}</B></FONT>>'
        size = {"fixedsize": "false", "width": "0", "height": "0"}
        self.picture.node("title", pos=self._where(place), label=text, penwidth="0", **size)

    def _where(self, place: Point) -> str:
        """Return a place as Graphviz counts, upwards."""
        return f"{place[0]:.2f},{self.placed.height - place[1]:.2f}"
