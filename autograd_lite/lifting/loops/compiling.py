"""Modules of loops as functions that Numba compiles, and keeps on disk from one process to the next."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograd_lite.lifting.libraries import is_dask, support
from autograd_lite.lifting.loops.text import LoopSource
from autograd_lite.lifting.runtime import Function


def require_compiler(name: str, xp: Any) -> None:
    """Refuse a compiler that is not there, or that does not compile for an array library.

    Raises
    ------
    ValueError, ImportError
    """
    if name != "numba":
        raise ValueError(f'there is no compiler {name!r}: write compiler="numba", or leave it out')
    if not (xp is np or is_dask(xp)):
        raise ValueError(f"Numba compiles for NumPy arrays: leave out xp={xp.__name__}, or the compiler")
    try:
        import numba  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'compiler="numba" needs Numba, which is not installed: pip install "autograd-lite[fast]"'
        ) from error


def compiled(source: LoopSource, kind: Any) -> Function:
    """Return the function on NumPy arrays that a module of loops defines, with results of this dtype."""
    program = _program(source)
    constants = [
        array if array.dtype.kind == "i" else array.astype(kind) for array in source.constants.values()
    ]
    scalar = np.dtype(kind).type

    def function(*arrays: Any) -> tuple[Any, list[Any]]:
        prepared = [_prepared(array, kind) for array in arrays]
        value, *gradients = program(*prepared, *constants)
        return scalar(value), [g if isinstance(g, np.ndarray) else scalar(g) for g in gradients]

    return function


def _prepared(array: Any, kind: Any) -> Any:
    """Return an array as the loops take it: a number, or in one piece and of the program's dtype."""
    if not array.ndim:
        return float(array)
    return (
        np.ascontiguousarray(array, dtype=kind)
        if not array.flags.c_contiguous or array.dtype != kind
        else array
    )


def _program(source: LoopSource) -> Callable[..., tuple[Any, ...]]:
    if source.by_python:
        # What calls Python cannot be kept on disk.
        functions = support(np)
        scope: dict[str, Any] = {f"_{name}": functions[name] for name in source.by_python}
        exec(compile(source.text.replace("cache=True, ", ""), "<lifted>", "exec"), scope)
        program: Callable[..., tuple[Any, ...]] = scope["program"]
        return program
    return _module(source.text).program  # type: ignore[no-any-return]


@cache
def _module(text: str) -> ModuleType:
    """Return a module with this text, from a file named by it, beside which Numba keeps what it compiled."""
    name = f"lifted_{hashlib.sha256(text.encode()).hexdigest()[:20]}"
    path = _folder() / f"{name}.py"
    if not path.exists():
        # Another process may be writing it too: it appears whole, or not at all.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False) as file:
            file.write(text)
        os.replace(file.name, path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@cache
def _folder() -> Path:
    """Return the folder for compiled programs: the user's cache, or a new one if that cannot be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    wanted = Path(os.environ.get("AUTOGRAD_LITE_CACHE") or Path(home) / "autograd-lite")
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError:
        return Path(tempfile.mkdtemp(prefix="autograd-lite-"))
