"""One self-contained HTML file of the parts in this folder, style, scripts and data; written whole or not.

The face of this folder for those who make pages of their own.
"""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from autograd_lite.draw.explorer.data import folded_layout, graph_data, rules_needed
from autograd_lite.files import write_whole
from autograd_lite.printing import arithmetic_script, rules_script
from autograd_lite.value import Value

__all__ = ["SCRIPTS", "asset", "folded_layout", "graph_data", "write_page"]

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


def write_page(
    path: str | os.PathLike[str],
    title: str,
    root: Value,
    data: Mapping[str, Any],
    main: str,
    scripts: Sequence[str] = (),
    style: str = "",
) -> Path:
    """Write a page about a graph: HTML that needs nothing else.

    Parameters
    ----------
    path : path
    title : str
    root : Value
        The rules of its graph are among the scripts.
    data : mapping
        Goes through JSON.
    main : str
        JavaScript that starts it all; it finds the data under ``DATA``, the rules under ``RULES``, and the
        elements ``header`` and ``main``.
    scripts : sequence of str, optional
        JavaScript beside that of this folder, in order.
    style : str, optional
        CSS beside that of ``page.css``.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    OSError
        If it can't be written; a file that was there before is left as it was.
    """
    # Python writes Infinity and NaN, which JavaScript reads; and no text may end the script.
    literal = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    own = [arithmetic_script(), *map(asset, SCRIPTS), *scripts, rules_script(rules_needed(root))]
    text = Template(asset("page.html")).substitute(
        title=html.escape(title),
        style=asset("page.css") + style,
        script="\n".join([f"const DATA = {literal};", *own, main]),
    )
    write_whole(path, text.encode())
    return Path(path)
