"""The door to what lays pictures out: a system's Graphviz, the package graphviz-pure, or a function.

In a browser's Python no program can be run; there Graphviz comes as WebAssembly, and is such a function.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from pathlib import Path
from threading import RLock
from typing import Any, TypeAlias

from graphviz.backend import dot_command

Layout: TypeAlias = Callable[[str, str, str], str | bytes]
"""From Graphviz's source, a format and an engine, like ``"svg"`` and ``"dot"``, to the picture."""

_PACKAGE = "graphviz-pure"
GRAPHVIZ = "https://cdn.jsdelivr.net/npm/@hpcc-js/wasm-graphviz@1.29.2/dist/index.js"
"""Graphviz as WebAssembly, which browsers fetch."""

INTEGRITY = "sha384-bEpgP6lngwE++CEeKQSXYqmUUIT0RQRIGYbuiNaEyXJin/9pn/J8oWc2LXPITzxG"
"""What is fetched is this, or is not run."""

_FETCH = """
async (url, integrity) => {
  const answer = await fetch(url, integrity ? {integrity} : {});
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const {Graphviz} = await import("data:text/javascript," + encodeURIComponent(await answer.text()));
  return await Graphviz.load();
}
"""
_QUIET = {"quiet": True}
"""Warnings are about the widths of letters, which we know better; errors are raised all the same."""

_replacing = RLock()
_layout: Layout | None = None


def use_layout(layout: Layout | None) -> None:
    """Have all pictures and pages laid out by a function, instead of by a program.

    Parameters
    ----------
    layout : callable, optional
        ``layout(source, format, engine)`` returns a picture as text or bytes: of a graph in Graphviz's
        language, in a format, ``"svg"`` or ``"json"`` for most purposes, by an engine, ``"dot"`` or
        ``"neato"``. Without one, a program is looked for again.

    Raises
    ------
    TypeError
        If it cannot be called.

    Examples
    --------
    >>> from autograd_lite import Value, draw
    >>> use_layout(lambda source, format, engine: f"{format} by {engine}: {source[:7]}…")
    >>> draw(Value(2.0) * 3).pipe("svg", encoding="utf-8")
    'svg by dot: digraph…'
    >>> use_layout(None)
    """
    global _layout
    if layout is not None and not callable(layout):
        raise TypeError(f"a layout is a function of a source, a format and an engine, not {layout!r:.60}")
    _layout = layout


async def load_layout(url: str = GRAPHVIZ, integrity: str = INTEGRITY) -> None:
    """Fetch Graphviz as WebAssembly and use it: in Pyodide, and all notebooks that run in a browser.

    Parameters
    ----------
    url : str
        Of the package ``@hpcc-js/wasm-graphviz`` as one script.
    integrity : str
        The script's hash, as browsers read it; an empty one if any script is welcome.

    Raises
    ------
    RuntimeError
        If this is no browser's Python.
    """
    if sys.platform != "emscripten":
        raise RuntimeError("load_layout is for Python in a browser; here pictures need no such thing")
    graphviz = await import_module("pyodide.code").run_js(_FETCH)(url, integrity)
    use_layout(graphviz.layout)


def layout_in_use() -> Layout | None:
    """Return the function that lays pictures out, if it is one; in a browser, fetch it if that can be."""
    if _layout is None and sys.platform == "emscripten":
        ffi = import_module("pyodide.ffi")
        if not ffi.can_run_sync():
            raise RuntimeError(
                "drawing needs a layout program: `await autograd_lite.load_layout()` fetches it"
            )
        ffi.run_sync(load_layout())
    return _layout


def dot_is_missing() -> bool:
    """Return whether there is no system's Graphviz, nor another that graphviz was told of."""
    # Asked under the lock: outside of it, another thread's program may stand there for a moment.
    with _replacing:
        return shutil.which(dot_command.DOT_BINARY) is None


@contextmanager
def layout_program() -> Iterator[dict[str, Any]]:
    """Let graphviz call graphviz-pure as ``dot`` where it finds no other; yield options for either."""
    with _replacing:
        is_missing = dot_is_missing()
        if is_missing:
            missing, dot_command.DOT_BINARY = dot_command.DOT_BINARY, _program()
            try:
                yield _QUIET
            except subprocess.CalledProcessError as error:
                raise refusal(_complaints(error.stderr) or str(error)) from error
            finally:
                dot_command.DOT_BINARY = missing
    if not is_missing:
        yield _QUIET


def refusal(reason: str) -> ValueError:
    """Return the error of what graphviz-pure does not draw."""
    return ValueError(
        f"{_PACKAGE} cannot draw this: {reason} "
        "(a system's Graphviz, once installed, is used for all formats; without it there are svg, png, jpg, "
        "pdf, tex, gv and json)"
    )


def _complaints(output: bytes | str) -> str:
    """Return what a layout program says, without its warnings."""
    text = output if isinstance(output, str) else output.decode(errors="replace")
    lines = (line for line in text.splitlines() if not line.startswith(("Warning", "in label")))
    return " ".join(lines).strip()


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
