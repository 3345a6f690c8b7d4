"""A ``graphviz.Digraph`` that finds its layout program: a system's ``dot``, else the one from PyPI."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import graphviz

_PACKAGE = "graphviz-pure"


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A ``graphviz.Digraph`` whose ``render``, ``pipe`` and notebook display work after ``pip install``.

    It is drawn by a system's Graphviz where there is one, else by the program of the package graphviz-pure.
    The format is SVG unless another is asked for.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("format", "svg")
        super().__init__(*args, **kwargs)

    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str | None = None,
    ) -> Any:
        """Return the picture as bytes, or as text in ``encoding``: see ``graphviz.Digraph.pipe``."""
        if shutil.which("dot"):
            return super().pipe(
                format, renderer, formatter, neato_no_op, quiet, engine=engine, encoding=encoding
            )
        picture = _lay_out(self.source, engine or self.engine, format or self.format)
        return picture.decode(encoding) if encoding else picture

    def render(
        self,
        filename: os.PathLike[str] | str | None = None,
        directory: os.PathLike[str] | str | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *args: Any,
        outfile: os.PathLike[str] | str | None = None,
        engine: str | None = None,
        **options: Any,
    ) -> str:
        """Write the picture and return its path: see ``graphviz.Digraph.render``."""
        if shutil.which("dot"):
            options |= {"outfile": outfile, "engine": engine}
            path: str = super().render(filename, directory, view, cleanup, format, *args, **options)
            return path
        if outfile is not None:
            format = format or Path(outfile).suffix.removeprefix(".") or None
            filename = filename or Path(outfile).with_suffix(".gv")
        format = format or self.format
        picture = _lay_out(self.source, engine or self.engine, format)
        source = Path(self.save(filename, directory))
        written = Path(outfile) if outfile is not None else source.with_name(f"{source.name}.{format}")
        written.write_bytes(picture)
        if cleanup:
            source.unlink()
        if view:
            graphviz.view(str(written))
        return str(written)


def _lay_out(source: str, engine: str, format: str) -> bytes:
    """Return the picture of a DOT source by the program of graphviz-pure."""
    result = subprocess.run(
        [_program(), f"-K{engine}", f"-T{format}"], input=source.encode(), capture_output=True, check=False
    )
    if result.returncode != 0:
        raise ValueError(
            f"cannot draw as {format!r} with {engine!r}: {result.stderr.decode(errors='replace').strip()} "
            f"({_PACKAGE} draws svg and png; a system's Graphviz, once installed, is used for all formats)"
        )
    return result.stdout


def _program() -> str:
    """Return the path of graphviz-pure, wherever pip put it: that need not be on the PATH."""
    try:
        for file in metadata.files(_PACKAGE) or ():
            if Path(file.name).stem == _PACKAGE:
                return str(file.locate())
    except metadata.PackageNotFoundError:
        pass
    raise RuntimeError(
        f"drawing needs a layout program: `pip install {_PACKAGE}`, or install Graphviz on your system"
    )
