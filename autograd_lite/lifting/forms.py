"""The forms that a program can have: on arrays, on floats, as loops, as instructions of a machine.

Which of them a program has is decided in pipeline.py; each makes functions on NumPy's arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from autograd_lite.lifting.arrays import Shape
from autograd_lite.lifting.elsewhere.for_jax import for_jax, functions_for_jax
from autograd_lite.lifting.elsewhere.libraries import is_jax, on_device, outside_of_tracing, support
from autograd_lite.lifting.loops.compiling import compiled, on_machine
from autograd_lite.lifting.loops.tape import Tape
from autograd_lite.lifting.loops.text import LoopSource
from autograd_lite.lifting.runtime import Function, defined, quick_numpy
from autograd_lite.lifting.straight import rules_for_floats


class Form(Protocol):
    """A program as text, and as functions."""

    @property
    def source(self) -> str:
        """The text."""

    @property
    def made(self) -> str:
        """What it consists of, in words."""

    @property
    def cost_of_sample(self) -> int:
        """How many operations a sample takes; 0 if samples are not for threads to share."""

    def function(self, kind: Any) -> Function:
        """Return the function on NumPy's arrays, its constants and results of a dtype."""


@dataclass(frozen=True)
class OnArrays:
    """A program on arrays of any library."""

    source: str
    constants: Mapping[str, Any]
    has_cost: bool = True
    made: str = ""
    cost_of_sample = 0

    def function(self, kind: Any) -> Function:
        return _in_silence(self.elsewhere(np, kind))

    def elsewhere(self, xp: Any, kind: Any, device: Any = None) -> Function:
        """Return the function on a library's arrays that lie on a device."""
        with outside_of_tracing(xp):
            constants = {
                name: xp.asarray(array, dtype=None if array.dtype.kind == "i" else kind, **on_device(device))
                for name, array in self.constants.items()
            }
        if is_jax(xp):
            scope = {"np": xp, **support(xp), **constants, **functions_for_jax()}
            return defined(for_jax(self.source), scope, self.has_cost)
        scope = {"np": quick_numpy() if xp is np else xp, **support(xp), **constants}
        return defined(self.source, scope, self.has_cost)


@dataclass(frozen=True)
class OnFloats:
    """A straight line of statements on floats; results have these shapes, a cost's first if there is one."""

    source: str
    shapes: Sequence[Shape]
    has_cost: bool
    is_derived: bool
    cost_of_sample = 0

    @property
    def made(self) -> str:
        return f"no arrays: {self.source.count(' = '):,} statements on floats"

    def function(self, kind: Any) -> Function:
        program = defined(self.source, {"np": np, **rules_for_floats(self.is_derived)}, self.has_cost)

        def on_floats(*arrays: Any) -> tuple[Any, list[Any]]:
            value, found = program(*(a.ravel().tolist() if a.ndim else float(a) for a in arrays))
            each = zip([value, *found], self.shapes, strict=True)
            first, *others = [np.asarray(x, dtype=kind).reshape(shape) for x, shape in each]
            return first, others

        return _in_silence(on_floats)


@dataclass(frozen=True)
class OnMachine:
    """Instructions for a machine that is compiled; the text is that of the same on floats."""

    floats: OnFloats
    tape: Tape

    @property
    def source(self) -> str:
        return self.floats.source

    @property
    def made(self) -> str:
        return f"{self.floats.made}, as {self.cost_of_sample:,} instructions"

    @property
    def cost_of_sample(self) -> int:
        return len(self.tape.code)

    def function(self, kind: Any) -> Function:
        return on_machine(self.tape, kind)


class InLoops:
    """Loops that are compiled, written for each dtype."""

    def __init__(self, write: Callable[[str], LoopSource], made: str, cost_of_sample: int) -> None:
        self._write, self.made, self.cost_of_sample = write, made, cost_of_sample
        self._written: dict[str, LoopSource] = {}

    def of(self, kind: str = "float64") -> LoopSource:
        """Return the loops for a dtype."""
        if kind not in self._written:
            self._written[kind] = self._write(kind)
        return self._written[kind]

    @property
    def source(self) -> str:
        return self.of().text

    def function(self, kind: Any) -> Function:
        return compiled(self.of(np.dtype(kind).name), kind)


_SILENCE = Context()
_SILENCE.run(np.seterr, all="ignore")


def _in_silence(function: Function) -> Function:
    """Return a function that reports nothing, as of the side of a choice that is not taken.

    To enter a context takes a tenth of the time of ``np.errstate``; a copy, since one is entered once only.
    """
    return lambda *arrays: _SILENCE.copy().run(function, *arrays)
