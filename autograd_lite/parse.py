"""Formulas as text, such as ``tanh(w*x + b)``, read into a graph of Values: parsed, never executed."""

from __future__ import annotations

import ast
import math
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from operator import add, mul, neg, pos, pow, sub, truediv
from typing import Any

from autograd_lite.functions import FUNCTIONS
from autograd_lite.names import alternatives
from autograd_lite.numbers.kinds import Number
from autograd_lite.value import Value

_CONSTANTS = {"pi": math.pi, "e": math.e}
_KNOWN_FUNCTIONS: ChainMap[str, Any] = ChainMap(
    {"abs": abs, "ln": FUNCTIONS["log"], "max": FUNCTIONS["maximum"], "min": FUNCTIONS["minimum"]},
    FUNCTIONS,  # a row that somebody enters is known here, too
)
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: add,
    ast.Sub: sub,
    ast.Mult: mul,
    ast.Div: truediv,
    ast.Pow: pow,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.UAdd: pos, ast.USub: neg}


class FormulaError(ValueError):
    """A formula that cannot be read; the message shows the place."""


class Formula:
    """A formula, read.

    Parameters
    ----------
    text : str
        Arithmetic with ``+ - * / **``, the functions of the rule book, numbers, ``pi``, ``e`` and names; a
        name may have indices, ``w[1][0,2]``. ``(z := w*x)`` gives a part a name, for use further on.
    values : mapping of str to number
        For each name in the formula.

    Attributes
    ----------
    root : Value
        The result.
    leaves : dict of str to Value
        The names, in the order of ``values``.

    Raises
    ------
    FormulaError
        If there is anything else in the formula, a name has no value or a value no use; the message points at
        the place.
    ValueError, ZeroDivisionError, OverflowError
        Where an operation is not defined.

    Examples
    --------
    >>> formula = Formula("tanh(w*x + b)", {"w": 0.5, "x": 2.0, "b": -1.0})
    >>> formula.root.backward()
    >>> formula.root.data, formula.leaves["w"].grad
    (0.0, 2.0)
    >>> Formula("tanh(w*x) + y", {"w": 0.5, "x": 2.0})
    Traceback (most recent call last):
        ...
    autograd_lite.parse.FormulaError: y has no value: give it one, such as y=0.5
      tanh(w*x) + y
                  ^
    """

    def __init__(self, text: str, values: Mapping[str, Number]) -> None:
        self._text = " ".join(text.split())
        self.leaves = {name: Value(number, name) for name, number in values.items()}
        self._named: dict[str, Value] = dict(self.leaves)
        self._used: set[str] = set()
        try:
            root = self._build(ast.parse(self._text, mode="eval").body)
        except SyntaxError as error:
            reason, place = f"this is no formula: {error.msg}", max(0, (error.offset or 1) - 1)
            if error.msg.startswith("invalid"):
                reason += "; write 2*x for a product, x**2 for a power, tanh(x) for a function"
            raise FormulaError(_pointing(reason, self._text, place, 1)) from None
        except (RecursionError, MemoryError):
            raise FormulaError("the formula is nested too deeply: build it in Python, step by step") from None
        self.root = root if isinstance(root, Value) else Value(root)
        if unused := [name for name in values if name not in self._used]:
            verb, them = ("does", "it") if len(unused) == 1 else ("do", "them")
            raise FormulaError(f"{', '.join(unused)} {verb} not occur in {self._text}: leave {them} out")

    def _build(self, node: ast.expr) -> Any:
        """Return the Value, or plain number, of a part of the formula."""
        match node:
            case ast.Constant(value=int() | float() as constant) if not isinstance(constant, bool):
                if abs(constant) > sys.float_info.max:
                    raise self._refusal(node, "this is larger than the largest float, about 1.8e308")
                return float(constant)
            case ast.Name() | ast.Subscript():
                return self._look_up(node)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _BINARY[type(op)](self._build(left), self._build(right))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return _UNARY[type(op)](self._build(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(node, name, arguments)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                return self._name(node, name, self._build(value))
            case ast.BinOp(op=ast.BitXor()):
                raise self._refusal(node, "^ is no operation here: write ** for a power")
        raise self._refusal(
            node, "only numbers, names, + - * / **, and functions such as tanh(x) may stand here"
        )

    def _look_up(self, node: ast.expr) -> Value | float:
        name = self._label(node)
        if name in self._named:
            self._used.add(name)
            return self._named[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in _KNOWN_FUNCTIONS:
            raise self._refusal(node, f"{name} is a function: write {name}(…)")
        if set(factors := name.replace("·", "")) <= self._named.keys():
            raise self._refusal(node, f"{name} is one name: write {'*'.join(factors)} for the product")
        raise self._refusal(node, f"{name} has no value: give it one, such as {name}=0.5")

    def _label(self, node: ast.expr) -> str:
        """Return a name with its indices, as labels are written: ``w[1][0,2]``."""
        match node:
            case ast.Name(id=name):
                return name
            case ast.Subscript(value=stem, slice=ast.Constant(value=int() as index)):
                return f"{self._label(stem)}[{index}]"
            case ast.Subscript(value=stem, slice=ast.Tuple(elts=parts)):
                if all(isinstance(part, ast.Constant) and isinstance(part.value, int) for part in parts):
                    return f"{self._label(stem)}[{','.join(map(ast.unparse, parts))}]"
        raise self._refusal(node, "an index is a whole number, as in w[0] or w[1][0,2]")

    def _call(self, node: ast.Call, name: str, arguments: list[ast.expr]) -> Any:
        if name in self._named:
            raise self._refusal(
                node.func, f"{name} is a number and no function: write {name}*(…) for a product"
            )
        if name not in _KNOWN_FUNCTIONS:
            others = alternatives(name, _KNOWN_FUNCTIONS, write=str)
            raise self._refusal(node.func, f"{name} is no known function{others}")
        operands = [self._build(argument) for argument in arguments]
        try:
            return _KNOWN_FUNCTIONS[name](*operands)
        except TypeError as error:
            raise self._refusal(node, str(error)) from None

    def _name(self, node: ast.expr, name: str, part: Any) -> Value:
        if name in self._named or name in _CONSTANTS:
            raise self._refusal(node, f"{name} has a value already: choose another name")
        # What has a name already, such as a variable, is named a second time by a node of its own.
        value: Value = Value(part) if not isinstance(part, Value) else part * 1 if part.label else part
        value.label = name
        self._named[name] = value
        return value

    def _refusal(self, node: ast.expr, reason: str) -> FormulaError:
        # Python counts columns in bytes; the formula is one line.
        line = self._text.encode()
        before, part = line[: node.col_offset], line[node.col_offset : node.end_col_offset]
        return FormulaError(_pointing(reason, self._text, len(before.decode()), len(part.decode())))


def _pointing(reason: str, line: str, start: int, width: int) -> str:
    """Return the reason, and under it the line with the place marked."""
    if len(line) > 100:
        first = max(0, start - 40)
        line, start = line[first : first + 100], start - first
    return f"{reason}\n  {line}\n  {' ' * start}{'^' * max(1, min(width, len(line) - start))}"


def number(text: str) -> float:
    """Return the number that a formula without names is, such as ``-0.5``, ``1/3`` or ``sqrt(2)``.

    Parameters
    ----------
    text : str

    Returns
    -------
    float

    Raises
    ------
    FormulaError
        If it is no such formula.

    Examples
    --------
    >>> number("1/4"), number("-2e-3")
    (0.25, -0.002)
    """
    return float(Formula(text, {}).root.data)
