"""Modules of loops as functions that Numba compiles, and keeps on disk from one process to the next."""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, reduce
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from autograd_lite.lifting.elsewhere.libraries import is_dask, support
from autograd_lite.lifting.loops import vectors
from autograd_lite.lifting.loops.tape import Tape, write_machine
from autograd_lite.lifting.loops.text import KEPT, LoopSource
from autograd_lite.lifting.runtime import Function

_NONE = np.zeros(0, dtype=np.intp)
_MOST_MODULES = 1000
# Programs with these functions use one module of them, which is compiled once.
_SHARED = ["\n".join(vectors.written(names)) for names in (vectors.VECTORS, ["exp"], ["tanh"])]
_SHARED_MODULE = f"import math\n\nimport numba\nimport numpy as np\n\n{_SHARED[0]}"


def require_compiler(name: str, xp: Any) -> None:
    """Refuse a compiler that is not there, or that does not compile for an array library."""
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
    dtype = np.dtype(kind)
    program = _whole_at_first(_module_of(source, dtype.name).program)
    constants = [
        np.ascontiguousarray(array, dtype=array.dtype if array.dtype.kind == "i" else kind)
        for array in source.constants.values()
    ]
    scalar = dtype.type

    def function(*arrays: Any) -> tuple[Any, list[Any]]:
        prepared = [
            array
            if array.dtype is dtype and array.flags.c_contiguous and array.ndim
            else _prepared(array, kind)
            for array in arrays
        ]
        results = program(*prepared, *constants)
        first, *others = (x if isinstance(x, np.ndarray) else scalar(x) for x in results)
        return first, others

    return function


def on_machine(tape: Tape, kind: Any) -> Function:
    """Return the function on NumPy arrays that a tape stands for, with results of this dtype."""
    machine = _module_of(write_machine(tape.operations), tape.registers.dtype.name)
    is_over_samples = any(batched for _, batched in tape.inputs)
    run = _run_over_samples if is_over_samples else _run_once
    program = _whole_at_first(machine.over_samples if is_over_samples else machine.program)
    dtype = np.dtype(kind)
    # Registers are used again, since the first use of memory takes time; each call has its own.
    spare: list[Any] = []

    def function(*arrays: Any) -> tuple[Any, list[Any]]:
        try:
            v = spare.pop()
        except IndexError:  # there are none, or another thread was quicker
            v = tape.registers.copy()
        value, *gradients = run(program, tape, v, arrays)
        spare.append(v)
        return dtype.type(value), [g.astype(dtype, copy=False) for g in gradients]

    return function


def _run_once(program: Callable[..., Any], tape: Tape, v: Any, arrays: Sequence[Any]) -> list[Any]:
    start = 0
    for array in arrays:
        v[start : start + array.size] = array.ravel()
        start += array.size
    program(tape.code, v)
    return [v[places] for places, _ in tape.outputs]


def _run_over_samples(program: Callable[..., Any], tape: Tape, v: Any, arrays: Sequence[Any]) -> list[Any]:
    columns, places = [], []
    for array, (own, batched) in zip(arrays, tape.inputs, strict=True):
        if batched:
            columns.append(array.reshape(len(array), -1))
            places.append(own)
        else:
            v[own] = array.ravel()
    X = np.concatenate(columns, axis=1, dtype=float)
    shared, own = (
        np.concatenate([_NONE, *(places.ravel() for places, batched in tape.outputs if batched == is_own)])
        for is_own in (False, True)
    )
    total, each = program(tape.code, v, X, np.concatenate(places), shared, own)
    found: list[Any] = []
    for registers, batched in tape.outputs:
        n = registers.size
        if batched:
            found.append(each[:, :n].reshape(len(X), *registers.shape) / len(X))
            each = each[:, n:]
        else:
            found.append(total[:n].reshape(registers.shape) / len(X))
            total = total[n:]
    return found


def _prepared(array: Any, kind: Any) -> Any:
    """Return an array as the loops take it: a number, or in one piece and of the program's dtype."""
    return np.ascontiguousarray(array, dtype=kind) if array.ndim else float(array)


def _whole_at_first(program: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is compiled when it is first called, which nothing interrupts then."""
    is_compiled = False

    def function(*args: Any) -> Any:
        nonlocal is_compiled
        if is_compiled:
            return program(*args)
        with _without_interrupts():
            results = program(*args)
            is_compiled = True
        return results

    return function


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Keep Ctrl-C for the end: a callback of LLVM's would swallow it, or Numba be left half built by it."""
    before = signal.getsignal(signal.SIGINT)
    # Python interrupts the main thread alone; a handler that is not Python's cannot be put back.
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    met: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: met.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if met:
            signal.raise_signal(signal.SIGINT)


def _module_of(source: LoopSource, kind: str) -> Any:
    if source.by_python:
        return _defined(source.text, frozenset(source.by_python))
    return _kept(source.text, kind)


@cache
def _defined(text: str, by_python: frozenset[str] = frozenset()) -> Any:
    functions = support(np)
    scope: dict[str, Any] = {f"_{name}": functions[name] for name in by_python}
    exec(compile(text.replace(KEPT, ""), "<lifted>", "exec"), scope)
    return SimpleNamespace(**scope)


@cache
def _kept(text: str, kind: str) -> Any:
    """Return what a module defines, kept on disk; where nothing can be written, it is compiled each time."""
    try:
        alone = reduce(lambda left, shared: left.replace(shared, ""), _SHARED, text)
        return _from_file(alone, kind, _shared(kind) if alone != text else None)
    except (OSError, RuntimeError):  # by Path, if there is no home, and by Numba, if its own place is closed
        return _defined(text)


@cache
def _shared(kind: str) -> ModuleType:
    return _from_file(_SHARED_MODULE, kind)


def _from_file(text: str, kind: str, shared: ModuleType | None = None) -> ModuleType:
    """Return a module with this text, from a file named by it, beside which Numba keeps what it compiled.

    The functions of a shared module are there too. The machine code of one module is for one dtype, processor
    and Numba: several processes that write it at the same time write the same, since of what differs Numba
    might confuse one's index with another's code.
    """
    numba, llvm = import_module("numba"), import_module("llvmlite.binding")
    key = " ".join([numba.__version__, llvm.get_host_cpu_name(), kind, getattr(shared, "__name__", ""), text])
    name = f"lifted_{hashlib.sha256(key.encode()).hexdigest()[:20]}"
    path = _folder() / f"{name}.py"
    if not (path.exists() and path.read_bytes() == text.encode()):
        # Another process may be writing it too: it appears whole, or not at all.
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, suffix=".tmp", delete=False) as file:
            file.write(text.encode())
        os.replace(file.name, path)
        _forget_oldest(path.parent)
    module = sys.modules[name] = ModuleType(name)
    if shared:
        vars(module).update({function: getattr(shared, function) for function in vectors.VECTORS})
    exec(compile(text, path, "exec"), vars(module))
    for kept in _compiled_files(module):
        _remove_damaged(kept)
    return module


def _compiled_files(module: ModuleType) -> list[Path]:
    """Return the files in which Numba keeps what it compiled of a module, wherever it has its place."""
    places = {one.stats.cache_path for one in vars(module).values() if hasattr(one, "stats")}
    return [file for place in places for file in Path(place).glob(f"{module.__name__}.*.nb?")]


def _remove_damaged(file: Path) -> None:
    """Remove a file that is cut off or no pickle: Numba would fail on it, but makes one that is missing."""
    try:
        with file.open("rb") as content:
            for _ in range(2 if file.suffix == ".nbi" else 1):  # an index has the version before it
                pickle.load(content)
    except Exception:  # whatever a damaged pickle raises
        file.unlink(missing_ok=True)


def _forget_oldest(folder: Path) -> None:
    """Remove the modules that were made first, if there are too many, with what was compiled of them.

    Another process may do so too, and one that is about to load such a module compiles it for itself.
    """
    with suppress(OSError):
        made = sorted((path.stat().st_mtime, path) for path in folder.glob("lifted_*.py"))
        for _, path in made[:-_MOST_MODULES]:
            for file in folder.rglob(f"{path.stem}.*"):
                file.unlink(missing_ok=True)


def _folder() -> Path:
    """Return the folder for compiled programs: the one that is asked for, or one in the user's cache."""
    if asked := os.environ.get("AUTOGRAD_LITE_CACHE"):
        return Path(asked)
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(home) / "autograd-lite"
