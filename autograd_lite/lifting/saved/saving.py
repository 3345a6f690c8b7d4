"""A lifted program as a module that needs NumPy alone: its text, and the functions and constants it needs.

How functions are copied stands in standalone.py, how the program is called in signatures.py.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from keyword import iskeyword
from pathlib import Path
from textwrap import fill, wrap
from typing import Any

import numpy as np

from autograd_lite.files import write_whole
from autograd_lite.lifting.arguments.structure import identifier
from autograd_lite.lifting.forms import InLoops, OnArrays, OnFloats
from autograd_lite.lifting.running import Compiled
from autograd_lite.lifting.saved.signatures import (
    AS_FLOATS,
    AS_MANY,
    FOR_EACH_SAMPLE,
    RESERVED,
    Caller,
    Signature,
    Way,
)
from autograd_lite.lifting.saved.standalone import Copies
from autograd_lite.ops import RULES
from autograd_lite.printing.numpy import own_functions

_WIDTH = 100
_LARGEST_LITERAL = 200
_STANDARD = ("dataclasses", "functools", "math")
_EQUATION = re.compile(r"# ((?:[A-Z]\d+, )*[A-Z]\d+: .*)")


class Saved:
    """What has a program that can be saved."""

    def _to_save(self) -> tuple[Compiled, Signature]:
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program used last as a module that needs NumPy only, with a function called as this one.

        That of a graph is called ``graph``. Its inputs, and of a function the Values from outside, are
        keyword arguments that may be left out; then they are as they were when the module was written.

        Parameters
        ----------
        path : path
            One that ends in ``.py``.

        Raises
        ------
        ValueError
            If it has not been traced yet, calls a function that cannot be copied, or returns a sparse matrix.
        OSError
            If the file cannot be written; one that was there is left as it was.
        """
        compiled, signature = self._to_save()
        if Path(path).suffix != ".py":
            raise ValueError(
                f"what is saved is a Python module: give a path that ends in .py, not {str(path)!r}"
            )
        if signature.layout is not None and signature.layout.matrix is not None:
            raise ValueError("a sparse matrix cannot be saved: call for the dense one before")
        write_whole(path, module(compiled, signature).encode())


def module(compiled: Compiled, signature: Signature) -> str:
    """Return the text of a module."""
    caller, copies, form = Caller(signature, compiled.inputs), Copies(), compiled.form
    constants: Mapping[str, Any] = {}
    if isinstance(form, InLoops):
        way, loops = Way.LOOPS, form.of()
        source, constants = _without_imports(loops.text), loops.constants
        for name in sorted(loops.by_python):
            copies.on_arrays(name, f"_{name}")
    elif isinstance(form, OnArrays):
        way, source, constants = Way.ARRAYS, form.source, form.constants
        _copy_functions(copies, source)
    else:
        if any(one.batched for one in compiled.inputs):
            raise ValueError(
                "instructions that run over samples have no text that could be saved: leave out the compiler"
            )
        is_total = isinstance(form, OnFloats) and form.is_derived
        way, source = Way.FLOATS, _with_rows(copies, form.source, is_total)
    public = _public_name(signature.name, source)
    function = caller.definition(public, way, list(constants) if way is Way.LOOPS else ())
    parts = [
        *copies.texts.values(),
        *(_constant(name, array) for name, array in constants.items()),
        source.strip(),
        *(_constant(one.name, one.default) for one in signature.arguments if one.default is not None),
        AS_FLOATS,
        AS_MANY if "require_as_many(" in function else "",
        FOR_EACH_SAMPLE if "for_each_sample(" in function else "",
        function,
        caller.example(public) or "",
    ]
    body = "\n\n\n".join(filter(None, parts))
    imports = [f"import {name}" for name in _STANDARD if f"{name}." in body]
    imports += ["from functools import cache"] if "@cache" in body else []
    others = ["import numba"] * (way is Way.LOOPS) + ["import numpy as np"]
    head = ["from __future__ import annotations", "\n".join(imports), "\n".join(others)]
    docstring = _docstring(public, compiled, caller, "NumPy 2" if way is not Way.LOOPS else "NumPy and Numba")
    return "\n\n".join([docstring, *filter(None, head)]) + f"\n\n\n{body}\n"


def _public_name(name: str, source: str) -> str:
    """Return the name of the function, or one like it if the program uses that."""
    name = "function" if name == "<lambda>" else identifier(name)
    while iskeyword(name) or name in RESERVED or name in re.findall(r"\w+", source):
        name += "_"
    return name


def _docstring(name: str, compiled: Compiled, caller: Caller, needed: str) -> str:
    signature = caller.signature
    asked = ", ".join(signature.arguments[i].name for i in signature.asked)
    width = max(map(len, caller.paths))
    inputs = zip(caller.paths, compiled.inputs, signature.axes, strict=True)
    equations = sorted(set(_EQUATION.findall(compiled.source)))
    if any(one.batched for one in compiled.inputs):
        equations.insert(0, "A1: C = (1/n) Σₛ Cₛ, the mean over samples")
    lines = [
        f"{name}({caller.parameters()}): {caller.answer}.",
        "",
        f"{f'The gradients are those by {asked}. ' if asked else ''}Arrays and lists of numbers are taken:",
        "",
        *(
            f"    {path:{width}}  {one.described()}{'' if axis is None else f', along axis {axis}'}"
            for path, one, axis in inputs
        ),
        "",
        *wrap(f"Made by autograd-lite of a function of single numbers: {compiled.summary}.", _WIDTH),
        f"It needs {needed}, and nothing else.",
        *(["", "Equations that are cited, of autograd-lite's derivations:", ""] if equations else []),
        *(f"    {equation}" for equation in equations),
    ]
    text = "\n".join(lines).replace("\\", "\\\\")
    return f'"""{text}\n"""'


# --- what the program calls -----------------------------------------------------------------------------


def _copy_functions(copies: Copies, source: str) -> None:
    """Copy the functions of arrays that a program calls and NumPy lacks."""
    defined = set(re.findall(r"^def (\w+)", source, re.MULTILINE))
    called = set(re.findall(r"(?<![\w.])(\w+)\(", source))
    for name in sorted(called - defined):
        if name in own_functions():
            raise ValueError(
                f"{name} has a NumPy function of its own, which cannot be copied: enter it without `numpy`"
            )
        copies.on_arrays(name, name)


def _without_imports(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.startswith("import "))


def _with_rows(copies: Copies, source: str, is_total: bool) -> str:
    """Copy the rows that a program on floats calls; return the program with the names they have here."""
    rows: dict[str, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RULES:
            rows[node.func.id] = len(node.args)
    for name, arity in sorted(rows.items()):
        copies.row(name, arity, f"{name}_row", is_total)
    return re.sub(
        r"(?<![\w.])(\w+)(?=\()", lambda match: f"{match[1]}_row" if match[1] in rows else match[1], source
    )


def _constant(name: str, array: Any) -> str:
    """Write an array, each number exactly: as a literal, or in words where there are many."""
    array = np.asarray(array)
    kind = "int" if array.dtype.kind == "i" else "float"
    if array.size > _LARGEST_LITERAL:
        numbers = " ".join(map(repr, array.ravel().tolist()))
        words = fill(numbers, _WIDTH, break_long_words=False, break_on_hyphens=False)
        return f'{name} = np.array("""\n{words}\n""".split(), dtype={kind}).reshape({array.shape})'
    literal = re.sub(r"\b(nan|inf)\b", r"np.\1", repr(array.tolist()))
    shape = f".reshape({array.shape})" if array.size == 0 else ""
    text = f"{name} = np.array({literal}, dtype={kind}){shape}"
    return fill(text, _WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
