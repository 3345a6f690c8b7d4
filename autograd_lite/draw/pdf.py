"""PDF out of SVG, by WeasyPrint, where the layout program itself writes none.

Shapes stay an SVG. Texts become text of a page over it, at the same places: so each letter finds a font that
has it, and scripts are written in their direction, which WeasyPrint does for pages, not inside an SVG.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from importlib import import_module
from typing import Any

_SVG = "http://www.w3.org/2000/svg"
_ABOVE = 100
"""The height, in points, of what stands on the baseline beside each text, and so tells where that is."""

_OTHERWISE = "or install Graphviz on your system. SVG and PNG need nothing more"

_STYLE = f"""
body {{ margin: 0; font-family: Arial, Helvetica, sans-serif }}
svg {{ display: block }}
p {{ position: absolute; margin: 0; white-space: pre; line-height: 0 }}
p::before {{ content: ""; display: inline-block; height: {_ABOVE}pt }}
p.middle {{ transform: translateX(-50%) }}
p.end {{ transform: translateX(-100%) }}
"""


def as_pdf(svg: str) -> bytes:
    """Return a picture that Graphviz wrote as SVG, as PDF.

    Parameters
    ----------
    svg : str

    Returns
    -------
    bytes

    Raises
    ------
    RuntimeError
        If WeasyPrint, or the library Pango that it needs, is missing.
    """
    content: bytes = _weasyprint().HTML(string=_page(svg)).write_pdf()
    return content


def _weasyprint() -> Any:
    try:
        return import_module("weasyprint")
    except ImportError as error:
        raise RuntimeError(
            f"a PDF needs the package WeasyPrint ({error}): python -m pip install weasyprint, or, in the "
            f'folder of autograd-lite, python -m pip install ".[pdf]"; {_OTHERWISE}'
        ) from error
    except OSError as error:
        raise RuntimeError(
            f"a PDF needs Pango, a library of the system, which WeasyPrint does not find ({error}): "
            "apt install libpango-1.0-0 libpangoft2-1.0-0, brew install pango, or, for Windows, see "
            f"https://doc.courtbouillon.org/weasyprint/stable/first_steps.html; {_OTHERWISE}"
        ) from error


def _page(svg: str) -> str:
    """Return a page as large as the picture: its shapes, and over them its texts."""
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)
    graph = root.find(f"{{{_SVG}}}g")
    assert graph is not None
    width, height = (root.get(side, "").removesuffix("pt") for side in ("width", "height"))
    moves = re.findall(r"scale\((\S+) .*translate\((\S+) (\S+)\)", graph.get("transform", ""))
    scale, right, down = map(float, moves[0])
    texts = []
    for parent in [*root.iter()]:
        for text in parent.findall(f"{{{_SVG}}}text"):
            parent.remove(text)
            x, y = (scale * (float(text.get(at, 0)) + by) for at, by in (("x", right), ("y", down)))
            texts.append(_paragraph(text, x, y, scale))
    size = f"@page {{ size: {width}pt {height}pt; margin: 0 }}"
    shapes = ET.tostring(root, encoding="unicode")
    return f"<meta charset=utf-8><style>{size}{_STYLE}</style>{shapes}{''.join(texts)}"


def _paragraph(text: ET.Element, x: float, y: float, scale: float) -> str:
    """Return a text of the picture as a paragraph whose baseline is at a height."""
    size = scale * float(text.get("font-size", 14))
    style = f"left: {x:.2f}pt; top: {y - _ABOVE:.2f}pt; font-size: {size:.2f}pt"
    style += f"; color: {text.get('fill', 'black')}; font-weight: {text.get('font-weight', 'normal')}"
    anchor = text.get("text-anchor", "start")
    return f'<p class="{anchor}" style="{style}">{html.escape(text.text or "")}</p>'
