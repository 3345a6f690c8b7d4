"""The functions that programs call and NumPy lacks, as text for a module that knows nothing of this package.

They are copied from where they are defined, each after those that it calls itself.
"""

from __future__ import annotations

import ast
import builtins
import dis
import math
import re
from collections.abc import Iterator
from functools import cache
from inspect import getsource, signature
from textwrap import fill
from types import CodeType, FunctionType
from typing import Any

from autograd_lite import floats
from autograd_lite.lifting.elsewhere.libraries import OF_EACH
from autograd_lite.lifting.loops.terms import ScalarTerms
from autograd_lite.lifting.straight import total
from autograd_lite.numbers import special
from autograd_lite.ops import RULES
from autograd_lite.printing.numpy import Text
from autograd_lite.printing.programs import program

_ON_ARRAYS = '''
def on_arrays(function, arity):
    """Return a function of floats as one of arrays, element by element; it does not raise."""

    def of_floats(*xs):
        try:
            return function(*xs)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    each = np.frompyfunc(of_floats, arity, 1)
    return lambda *xs: np.asarray(each(*xs), dtype=float)
'''

_LOGSUMEXP = """
def logsumexp(*xs):
    largest = functools.reduce(np.maximum, xs)
    return largest + np.log(sum(np.exp(x - largest) for x in xs))
"""


class Copies:
    """Functions copied so far."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}  # by name, each after those that it needs
        self._begun: set[FunctionType] = set()

    def on_arrays(self, name: str, here: str) -> None:
        """Copy a function of NumPy arrays under another name, if it is one that NumPy lacks."""
        if name == "mod":
            self.texts[here] = f"{here} = np.remainder"
        elif name == "logsumexp":
            self.texts[here] = _LOGSUMEXP.strip()
        elif name in OF_EACH:
            self.texts.setdefault("on_arrays", _ON_ARRAYS.strip())
            arity = len(signature(getattr(special, name)).parameters)
            self.texts[here] = f"{here} = on_arrays({self._of_floats(name)}, {arity})"

    def row(self, name: str, arity: int, here: str, is_total: bool) -> None:
        """Copy a row of the rule book on floats, its value and derivatives, under another name.

        It is to raise nothing where it is total.
        """
        fast: Any = RULES[name].floats.fast
        if fast is None or fast.__module__ != floats.__name__:
            self.texts[here] = _recorded(name, arity, here)
        elif fast.__name__ == "<lambda>":
            self.texts[here] = f"{here} = {self._adapted(fast, _lambdas()[name])}"
        else:
            self._copy(fast)
            self.texts[here] = f"{here} = {fast.__name__}"
        if is_total:
            self._copy(total)
            in_full = f"{here} = {total.__name__}({name!r}, {here}, {RULES[name].variadic})"
            self.texts[f"{here} in full"] = in_full

    def _of_floats(self, name: str) -> str:
        """Copy a function of floats, and return what it is called here."""
        function = getattr(special, name)
        if not isinstance(function, FunctionType):
            return f"math.{name}"
        self._copy(function)
        return f"{name}_of_float"

    def _copy(self, function: Any) -> None:
        if function not in self._begun:
            self._begun.add(function)
            text = self._adapted(function, getsource(function).strip())
            self.texts[f"def {function.__name__} in {function.__module__}"] = text

    def _adapted(self, function: FunctionType, text: str) -> str:
        """Return the text of a function, after copying what it needs."""
        for name in _globals_of(function.__code__):
            known = function.__globals__.get(name)
            known = getattr(known, "__wrapped__", known)  # what is cached
            if isinstance(known, FunctionType):
                self._copy(known)
            elif isinstance(known, (int, float, tuple)):
                self.texts[name] = _assigned(name, known)
        # Fast paths are given their functions as m.
        text = re.sub(r"\bm(: Any)?, ", "", text)
        text = re.sub(r"\bm\.(\w+)", lambda match: self._of_floats(match[1]), text)
        own = "|".join(name for name, known in vars(special).items() if isinstance(known, FunctionType))
        return re.sub(rf"(?<![\w.])({own})(?=\()", _of_float_if_public, text)


def _of_float_if_public(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith("_") else f"{match[0]}_of_float"


def _globals_of(code: CodeType) -> Iterator[str]:
    """Yield the names that a function looks up outside of itself, but for Python's own."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL" and not hasattr(builtins, instruction.argval):
            yield instruction.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals_of(inner)


def _assigned(name: str, known: Any) -> str:
    """Write an assignment of a number, or a tuple of them."""
    text = "math.inf" if known == math.inf else repr(known)
    return fill(f"{name} = {text}", 100, subsequent_indent="    ", break_long_words=False)


@cache
def _lambdas() -> dict[str, str]:
    """Return the texts of the fast paths that have no names, by row."""
    text = getsource(floats)
    return {
        ast.literal_eval(node.args[0]): ast.get_source_segment(text, keyword.value) or ""
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == floats.in_floats.__name__
        for keyword in node.keywords
        if keyword.arg == "fast" and isinstance(keyword.value, ast.Lambda)
    }


def _recorded(name: str, arity: int, here: str) -> str:
    """Write a row that has no fast path of its own, from what it does to numbers."""
    rule = program(name, arity if RULES[name].variadic else 0)
    writer = ScalarTerms([Text(operand) for operand in rule.names], Text)
    value, *partials = (writer.write(term).text for term in (rule.value, *rule.partials))
    is_single = len(partials) == 1 and not RULES[name].variadic
    slopes = partials[0] if is_single else f"({''.join(f'{partial}, ' for partial in partials)})"
    return f"def {here}({', '.join(rule.names)}):\n    return {value}, {slopes}"
