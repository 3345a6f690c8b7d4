"""A ``graphviz.Digraph`` that finds its layout program: a system's ``dot``, else the one from PyPI."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from threading import RLock
from typing import Any

import graphviz
from graphviz.backend import dot_command

_PACKAGE = "graphviz-pure"
_replacing = RLock()


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A ``graphviz.Digraph`` whose ``render``, ``pipe`` and notebook display work after ``pip install``.

    It is drawn by a system's Graphviz where there is one, else by the program of the package graphviz-pure.
    The format is SVG unless another is asked for.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("format", "svg")
        super().__init__(*args, **kwargs)

    def __repr__(self) -> str:
        edges = sum("->" in line for line in self.body)
        return f"<Picture of {edges} edges: render(outfile='picture.svg') writes it, a notebook shows it>"

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """Return the picture as bytes, or as text in an encoding: see ``graphviz.Digraph.pipe``."""
        try:
            with _layout_program() as options:
                return super().pipe(*args, **options | kwargs)
        except BrokenPipeError as error:
            # The program refused the format before it had read the picture.
            format = args[0] if args else kwargs.get("format", self.format)
            raise _refusal(f"it knows no format {format!r}") from error

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Write the picture and return its path: see ``graphviz.Digraph.render``."""
        with _layout_program() as options:
            path: str = super().render(*args, **options | kwargs)
            return path


@contextmanager
def _layout_program() -> Iterator[dict[str, Any]]:
    """Let graphviz call graphviz-pure, used as ``dot`` is, where it finds no other; yield options for it."""
    # Asked under the lock: outside of it, another thread's program may stand there for a moment.
    with _replacing:
        is_missing = shutil.which(dot_command.DOT_BINARY) is None
        if is_missing:
            missing, dot_command.DOT_BINARY = dot_command.DOT_BINARY, _program()
            try:
                # Its warnings are about the width of letters such as Σ; errors are raised below.
                yield {"quiet": True}
            except subprocess.CalledProcessError as error:
                raise _refusal(_text(error.stderr)) from error
            finally:
                dot_command.DOT_BINARY = missing
    if not is_missing:
        yield {}


def _refusal(reason: str) -> ValueError:
    return ValueError(
        f"{_PACKAGE} cannot draw this: {reason} "
        "(it draws svg, png and jpeg; a system's Graphviz, once installed, is used for all formats)"
    )


def _text(output: bytes | str) -> str:
    return (output if isinstance(output, str) else output.decode(errors="replace")).strip()


def _program() -> Path:
    """Return the path of graphviz-pure, wherever pip put it: that need not be on the PATH."""
    try:
        for file in metadata.files(_PACKAGE) or ():
            if Path(file.name).stem == _PACKAGE:
                return Path(file.locate()).resolve()
    except metadata.PackageNotFoundError:
        pass
    raise RuntimeError(
        f"drawing needs a layout program: `pip install {_PACKAGE}`, or install Graphviz on your system"
    )
