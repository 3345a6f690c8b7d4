"""A ``graphviz.Digraph`` that finds its layout program, writes itself in many formats, and shows itself."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import graphviz

from autograd_lite.draw.pdf import as_pdf
from autograd_lite.draw.programs import dot_is_missing, layout_in_use, layout_program, refusal
from autograd_lite.draw.svg import described, in_cell
from autograd_lite.draw.tikz import as_tikz
from autograd_lite.files import write_whole

_OF_PACKAGE = frozenset(
    [
        "svg",
        "png",
        "jpg",
        "jpeg",
        "jpe",
        "gv",
        "dot",
        "canon",
        "json",
        "json0",
        "dot_json",
        "xdot",
        "xdot_json",
    ]
)
"""The formats that graphviz-pure is known to write."""

_PIXELS = frozenset(["png", "jpg", "jpeg", "jpe"])
_DPI, _MANY_PIXELS, _MOST_PIXELS = 192, 40_000_000, 400_000_000
_DPI_OF_CELLS, _PIXELS_OF_CELLS = 144, 4_000_000
_LEAST_DPI = 24
"""Below, no letter can be read."""

_HTML, _PNG = "text/html", "image/png"


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A ``graphviz.Digraph`` that ``pip install`` is enough for, and that ``save`` writes in many formats.

    It is drawn by a system's Graphviz where there is one, else by the program of the package graphviz-pure.
    The format is SVG unless another is asked for.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("format", "svg")
        super().__init__(*args, **kwargs)

    def __repr__(self) -> str:
        edges = sum("->" in line for line in self.body)
        return f"<Picture of {edges} edges: save('picture.svg') writes it, a notebook shows it>"

    def save(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        skip_existing: bool | None = False,
        dpi: float | None = None,
    ) -> Path:
        """Write the picture, whole or not at all, in the format that the file's name ends in.

        Parameters
        ----------
        filename : path
            Ends in ``.svg``, ``.png``, ``.jpg``, ``.pdf``, ``.tex`` (TikZ), ``.gv`` or ``.dot`` (Graphviz's
            source), ``.json`` (with all places), or in what else a system's Graphviz writes.
        directory, skip_existing
            As for ``graphviz.Digraph.save``.
        dpi : float, optional
            Of formats made of pixels, how many there are in an inch; by default 192, or fewer where that
            would make more than 40 million.

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        ValueError
            If the name has no ending, there is no such format, or dpi asks for more than 400 million pixels.
        RuntimeError
            If what lays pictures out, or what makes a PDF, is not installed.
        OSError
            If it can't be written; a file that was there before is left as it was.
        """
        # In this way Graphviz's own render saves its source, whatever the name ends in.
        if skip_existing is None or filename is None:
            return Path(super().save(filename, directory=directory, skip_existing=skip_existing))
        ending = Path(filename).suffix.lower().removeprefix(".")
        if not ending:
            raise ValueError(
                f"the name's ending says the format: {filename}.svg, .png, .pdf, .tex, .gv or .json"
            )
        path = Path(directory or self.directory, filename)
        if not (skip_existing and path.exists()):
            write_whole(path, self._written(ending, dpi))
        return path

    def _written(self, ending: str, dpi: float | None) -> bytes:
        if ending in ("gv", "dot"):
            return str(self.source).encode()
        if ending == "tex":
            return as_tikz(self.laid_out()).encode()
        if ending not in graphviz.FORMATS:
            raise ValueError(f"a picture ends in .svg, .png, .pdf, .tex, .gv or .json, not in .{ending}")
        if ending in ("svg", *_PIXELS):
            svg = self.pipe("svg", encoding="utf-8")
            return described(svg).encode() if ending == "svg" else self._in_pixels(ending, svg, dpi)
        content: bytes = self.pipe(ending)
        return content

    def _in_pixels(self, ending: str, svg: str, dpi: float | None) -> bytes:
        area = _area(svg)
        most = math.sqrt(_MOST_PIXELS / area)
        if dpi is not None and not 1 <= dpi <= most:
            raise ValueError(f"dpi must be from 1 to {most:.0f} for a picture as large as this, not {dpi!r}")
        copied = self.copy()
        copied.graph_attr["dpi"] = f"{dpi or min(_DPI, math.sqrt(_MANY_PIXELS / area)):g}"
        content: bytes = copied.pipe(ending)
        return content

    def laid_out(self) -> dict[str, Any]:
        """Return every part with its place and how it is drawn.

        Returns
        -------
        dict
            Graphviz's format ``json``: https://graphviz.org/docs/outputs/json/
        """
        parts: dict[str, Any] = json.loads(self.pipe("json"))
        return parts

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """Return the picture as bytes, or as text in an encoding: see ``graphviz.Digraph.pipe``."""
        format = args[0] if args else kwargs.get("format") or self.format
        layout = layout_in_use()
        if format == "pdf" and (layout or dot_is_missing()):
            svg = {"format": "svg", "encoding": "utf-8"}
            return _encoded(as_pdf(self.pipe(**kwargs | svg)), kwargs.get("encoding"))
        if layout:
            content = layout(str(self.source), format, kwargs.get("engine") or self.engine)
            return _encoded(content, kwargs.get("encoding"))
        try:
            with layout_program() as options:
                return super().pipe(*args, **kwargs | options)
        except BrokenPipeError as error:
            # The program refused the format before it had read the picture.
            raise refusal(f"it knows no format {format!r}") from error

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Write the picture and return its path: see ``graphviz.Digraph.render``."""
        outfile = kwargs.get("outfile")
        format = kwargs.get("format") or (outfile and Path(outfile).suffix[1:].lower()) or self.format
        if layout_in_use() or (format not in _OF_PACKAGE and dot_is_missing()):
            return self._render_converted(*args, **kwargs | {"format": format})
        with layout_program() as options:
            path: str = super().render(*args, **kwargs | options)
            return path

    def _render_converted(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        format: str,
        outfile: str | os.PathLike[str] | None = None,
        engine: str | None = None,
        cleanup: bool = False,
        view: bool = False,
        **_: Any,
    ) -> str:
        """Do what Graphviz's render does, but make the picture before any file."""
        content = self.pipe(format, engine=engine)
        if outfile is not None and filename is None:
            filename = Path(outfile).with_suffix(".gv")
        source = self.save(filename, directory=directory, skip_existing=None)
        path = Path(f"{source}.{format}") if outfile is None else Path(outfile)
        write_whole(path, content)
        if cleanup:
            source.unlink()
        if view:
            self._view(str(path), format=format, quiet=False)
        return str(path)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        # A notebook that is not trusted yet shows no SVG, but HTML without scripts; a PNG is for all others,
        # but not every function that lays pictures out knows how to make one.
        wanted = set(include or ((_HTML,) if layout_in_use() else (_HTML, _PNG))) - set(exclude or ())
        bundle: dict[str, Any] = super()._repr_mimebundle_(wanted - {_PNG})
        if wanted & {_HTML, _PNG}:
            svg = self.pipe("svg", encoding="utf-8")
            if _HTML in wanted:
                bundle[_HTML] = in_cell(svg)
            dpi = min(_DPI_OF_CELLS, math.sqrt(_PIXELS_OF_CELLS / _area(svg)))
            if _PNG in wanted and dpi >= _LEAST_DPI:
                bundle[_PNG] = self._in_pixels("png", svg, dpi)
        return bundle

    def _repr_image_svg_xml(self) -> str:
        return described(self.pipe("svg", encoding="utf-8"))


def _area(svg: str) -> float:
    """Return how large a picture is, in square inches."""
    width, height = (float(side) / 72 for side in re.findall(r' (?:width|height)="([\d.]+)pt"', svg)[:2])
    return width * height


def _encoded(content: str | bytes, encoding: str | None) -> str | bytes:
    """Return a picture as text in an encoding, or as bytes where there is none."""
    if isinstance(content, str):
        return content if encoding else content.encode()
    return content.decode(encoding) if encoding else content
