"""What an SVG of Graphviz lacks for people: words for who cannot see it, and in a notebook a width that fits.

Graphviz titles each part with the name that it works with, and browsers show titles where one points. Here a
title is the text that the picture wants shown there, and there is none where it wants nothing.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from base64 import b64encode

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_LONGEST_DESCRIPTION = 1000

_WIDE = 900
"""In points: what is wider is likely to be made smaller by the cell of a notebook."""

_LARGE = 1_000_000
"""Of more letters than that, a notebook is not to hold two copies."""


def described(svg: str) -> str:
    """Return an SVG that a screen reader reads out as one picture.

    Parameters
    ----------
    svg : str
        As Graphviz writes it.

    Returns
    -------
    str
    """
    root = ET.fromstring(svg)
    root.set("role", "img")
    root.set("aria-label", _description(root))
    for part in root.iter(_tag("g")):
        title, link = part.find(_tag("title")), part.find(f"{_tag('g')}/{_tag('a')}")
        if title is not None and link is not None:
            title.text = link.attrib.pop(f"{{{_XLINK}}}title", "")
        elif title is not None:
            part.remove(title)
    for text in root.iter(_tag("text")):
        text.set("font-family", "Arial, Helvetica, sans-serif")
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode") + "\n"


def in_cell(svg: str) -> str:
    """Return HTML for a cell of a notebook: no wider than it, and if it is wide, to be opened in full size.

    It is an image, in which nothing runs, so that notebooks show it that are not trusted.

    Parameters
    ----------
    svg : str
        As Graphviz writes it.

    Returns
    -------
    str
    """
    shown = described(svg)
    (head,) = re.findall("<svg[^>]*>", shown)
    label, width = (re.findall(f'{name}="([^"]*)"', head)[0] for name in ("aria-label", "width"))
    source = b64encode(shown.encode()).decode()
    image = f'<img src="data:image/svg+xml;base64,{source}" alt="{{}}" style="{{}}">'
    fitted = image.format(label, "max-width: 100%; height: auto")
    if float(width.removesuffix("pt")) <= _WIDE or len(source) > _LARGE:
        return fitted
    large = image.format("The same in full size", "max-width: none")
    return (
        f"{fitted}<details><summary>in full size</summary>"
        f'<div style="overflow-x: auto" tabindex="0">{large}</div></details>'
    )


def _tag(name: str) -> str:
    return f"{{{_SVG}}}{name}"


def _description(root: ET.Element) -> str:
    """Return in words how many parts a picture has, and what is written beside and in them."""
    parts: dict[str, list[str]] = {"graph": [], "cluster": [], "node": [], "edge": []}
    for part in root.iter(_tag("g")):
        if (kind := part.get("class", "")) in parts:
            within = part.findall(_tag("text")) if kind == "graph" else part.iter(_tag("text"))
            words = (" ".join((text.text or "").split()) for text in within)
            parts[kind].append(", ".join(filter(None, words)))
    count = f"Graph of {len(parts['node']):,} nodes and {len(parts['edge']):,} edges"
    text = ". ".join(filter(None, [count, *parts["graph"], "; ".join(filter(None, parts["node"]))]))
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[: _LONGEST_DESCRIPTION - 1]}…"
