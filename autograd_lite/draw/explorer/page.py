"""One self-contained HTML page of the parts in this folder, style, scripts and data.

The face of this folder for those who make pages of their own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from autograd_lite.draw.explorer.data import formula_key, formulas, graph_data, notation, rules_needed
from autograd_lite.files import write_whole
from autograd_lite.markup import escape
from autograd_lite.printing import arithmetic_script, rules_script
from autograd_lite.value import Value

__all__ = ["SCRIPTS", "Page", "asset", "formula_key", "formulas", "graph_data", "make_page", "notation"]

SCRIPTS = (
    "numbers.js",
    "dom.js",
    "touch.js",
    "graph.js",
    "formulas.js",
    "curves.js",
    "bundles.js",
    "columns.js",
    "boxes.js",
    "steps.js",
    "player.js",
    "viewport.js",
    "overview.js",
    "shape.js",
    "dock.js",
    "drawing.js",
    "walk.js",
    "panel.js",
    "chart.js",
    "descent.js",
    "changes.js",
    "slides.js",
    "picture.js",
    "sheet.js",
    "practice/practice.js",
    "practice/predict.js",
    "practice/fault.js",
    "practice/paths.js",
    "practice/nudge.js",
    "practice/modes.js",
    "explorer.js",
)
"""The scripts of the graph page, in the order in which they need each other."""

_HEIGHT = "44rem"
"""Of a page in a notebook's cell: the drawing and the step that is told below it."""


def asset(name: str) -> str:
    """Return the text of a file in this folder."""
    return (files(__package__) / name).read_text(encoding="utf-8")


class Page:
    """A page that one explores, HTML that needs nothing else: a notebook shows it, a browser opens its file.

    Parameters
    ----------
    html : str
    title : str

    Attributes
    ----------
    html, title : str
    path : Path or None
        Where it was saved last.

    Examples
    --------
    >>> Page("<!DOCTYPE html>…", "Explorer: the graph of C")
    <Page 'Explorer: the graph of C': save("page.html") writes it, a notebook shows it>
    """

    def __init__(self, html: str, title: str) -> None:
        self.html = html
        self.title = title
        self.path: Path | None = None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, to be opened by a double click.

        Parameters
        ----------
        path : path
            The file to write, ``"page.html"``.

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        ValueError
            If the name has no ending, by which it would be opened.
        OSError
            If it can't be written; a file that was there before is left as it was.
        """
        if not Path(path).suffix and not Path(path).is_dir():
            raise ValueError(f"the name of a page ends in .html, to be opened by a browser: {path}.html")
        write_whole(path, self.html.encode())
        self.path = Path(path)
        return self.path

    def __repr__(self) -> str:
        where = f"in {str(self.path)!r}" if self.path else 'save("page.html") writes it, a notebook shows it'
        return f"<Page {self.title!r}: {where}>"

    def _repr_html_(self) -> str:
        """Return a frame in which the page runs on its own; a notebook that is not trusted shows its text."""
        return (
            f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.html)}" '
            f'sandbox="allow-scripts allow-downloads" '
            f'style="box-sizing:border-box;width:100%;height:{_HEIGHT};border:1px solid #8b919c">'
            "A page to explore: run this cell, or trust the notebook, to see it here.</iframe>"
        )


def make_page(
    title: str,
    roots: Iterable[Value],
    data: Mapping[str, Any],
    main: str,
    scripts: Sequence[str] = (),
    style: str = "",
    path: str | os.PathLike[str] | None = None,
) -> Page:
    """Make a page about graphs.

    Parameters
    ----------
    title : str
    roots : iterable of Value
        The rules of their graphs are among the scripts.
    data : mapping
        Goes through JSON.
    main : str
        JavaScript that starts it all; it finds the data under ``DATA``, the rules under ``RULES``, and the
        elements ``header`` and ``main``.
    scripts : sequence of str, optional
        JavaScript beside that of this folder, in order.
    style : str, optional
        CSS beside that of ``page.css``.
    path : path, optional
        Where to save it at once.

    Returns
    -------
    Page

    Raises
    ------
    OSError
        If it can't be written; a file that was there before is left as it was.
    """
    # Python writes Infinity and NaN, which JavaScript reads; and no text may end the script.
    literal = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    needed = {rule for root in roots for rule in rules_needed(root)}
    own = [arithmetic_script(), *map(asset, SCRIPTS), *scripts, rules_script(needed)]
    text = Template(asset("page.html")).substitute(
        title=escape(title),
        style=asset("colours.css") + asset("page.css") + style,
        script="\n".join([f"const DATA = {literal};", *own, main]),
    )
    page = Page(text.encode(errors="backslashreplace").decode(), title)
    if path is not None:
        page.save(path)
    return page
