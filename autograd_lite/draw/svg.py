"""What an SVG of Graphviz lacks for people: words for who cannot see it, and a width that fits.

Graphviz titles each part with the name that it works with, and browsers show titles where one points. Here a
title is the text that the picture wants shown there, and there is none where it wants nothing.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_LONGEST_DESCRIPTION = 1000

_STYLE = (
    ".graph-picture{max-width:100%;height:auto;cursor:zoom-in}"
    ".graph-picture:focus{max-width:none;cursor:zoom-out;outline:2px solid #56B4E9}"
)
"""Clicked, or reached by the keyboard, a picture has its own size, and its cell scrolls: with no script."""


def described(svg: str, fitted: bool = False) -> str:
    """Return an SVG that a screen reader reads out as one picture.

    Parameters
    ----------
    svg : str
        As Graphviz writes it.
    fitted : bool
        Whether it is never wider than the page or cell that it stands in, until one clicks it.

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
    if fitted:
        root.set("class", "graph-picture")
        root.set("tabindex", "0")
        style = ET.Element(_tag("style"))
        style.text = _STYLE
        root.insert(0, style)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode") + "\n"


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
