"""One self-contained HTML file of the parts in this folder, style, scripts and data; written whole or not."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

SCRIPTS = (
    "numbers.js",
    "dom.js",
    "graph.js",
    "formulas.js",
    "steps.js",
    "player.js",
    "viewport.js",
    "drawing.js",
    "panel.js",
    "descent.js",
    "explorer.js",
)
"""The scripts of the graph page, in the order in which they need each other."""


def asset(name: str) -> str:
    """Return the text of a file in this folder."""
    return (files(__package__) / name).read_text(encoding="utf-8")


def page(title: str, scripts: Sequence[str], data: Mapping[str, Any], style: str = "") -> str:
    """Put a page together.

    Parameters
    ----------
    title : str
    scripts : sequence of str
        JavaScript, in order, which finds the data under ``DATA`` and the elements ``header`` and ``main``.
    data : mapping
        Goes through JSON.
    style : str, optional
        CSS beside that of ``page.css``.

    Returns
    -------
    str
        HTML that needs nothing else.
    """
    # Python writes Infinity and NaN, which JavaScript reads; and no text may end the script.
    literal = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Template(asset("page.html")).substitute(
        title=html.escape(title),
        style=asset("page.css") + style,
        script="\n".join([f"const DATA = {literal};", *scripts]),
    )
