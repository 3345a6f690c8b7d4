"""Shapes that do not fit, told with the arrays by name, in a function under test and in what it returns."""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Iterator, Sequence
from types import CodeType, FrameType
from typing import Any, TypeAlias

import numpy as np

from .message import paragraphs
from .mistakes import up

_OPERATORS = {ast.MatMult: "@", ast.Add: "+", ast.Sub: "−", ast.Mult: "*", ast.Div: "/"}
_PRODUCTS = ("dot", "matmul")
_PURE = (
    *(ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.Slice, ast.UnaryOp, ast.USub),
    *(ast.BinOp, ast.operator, ast.expr_context),
)
_HARMLESS = {*_PRODUCTS, "sum", "mean", "tanh", "exp", "maximum", "reshape", "transpose", "outer"}
_LONGEST = 8


def told_of_error(error: BaseException, function: str, weights: Sequence[Any]) -> str | None:
    """Return what is to be said of an error about shapes that a function raised, None of another."""
    if not isinstance(error, ValueError) or not any(
        word in str(error) for word in ("shape", "matmul", "dimension")
    ):
        return None
    found = _innermost(error)
    if found is None:
        return None
    told = _told_of_line(*found, str(error), function, weights)
    return told and paragraphs([told])


def _told_of_line(
    frame: FrameType, line: int, error: str, function: str, weights: Sequence[Any]
) -> str | None:
    where = f"{function} fails in line {line} of {os.path.basename(frame.f_code.co_filename)}"
    for text, is_product, left, right in _operations(frame, line):
        shapes = [(name, value.shape) for name, value in (left, right)]
        (a, a_shape), (b, b_shape) = shapes
        told = f"{where}, {text}: {a} has shape {a_shape} and {b} has shape {b_shape}"
        matrices = len(a_shape) == len(b_shape) == 2
        if is_product and matrices:
            told += f", {a_shape[1]} columns against {b_shape[0]} rows"
            fits = _that_fit(left, right)
            told += f"; {fits} fits" if fits else ""
        return f"{told}.{_about_weights(right, left, weights) if is_product and matrices else ''}"
    arrays = [
        f"{name} {value.shape}" for name, value in frame.f_locals.items() if isinstance(value, np.ndarray)
    ]
    return f"{where}: {error}. The arrays there: {', '.join(arrays)}." if arrays else None


def _innermost(error: BaseException) -> tuple[FrameType, int] | None:
    """Return the innermost frame outside NumPy, and the line that it is in."""
    found = None
    trace = error.__traceback__
    numpy_folder = os.path.dirname(np.__file__)
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not name.startswith((numpy_folder, "<__array_function__", os.path.dirname(__file__))):
            found = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return found


_Named: TypeAlias = tuple[str, Any]


def _operations(frame: FrameType, line: int) -> Iterator[tuple[str, bool, _Named, _Named]]:
    """Yield the operations of a statement that fail on two arrays, and whether they are matrix products."""
    statement = _statement(frame, line)
    if statement is None:
        return
    for node in reversed(list(ast.walk(statement))):
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            operands = node.left, node.right
        elif (
            isinstance(node, ast.Call) and len(node.args) == 2 and getattr(node.func, "attr", "") in _PRODUCTS
        ):
            operands = node.args[0], node.args[1]
        elif isinstance(node, ast.Call) and len(node.args) == 1 and getattr(node.func, "attr", "") == "dot":
            operands = getattr(node.func, "value"), node.args[0]  # noqa: B009 - a.dot(b)
        else:
            continue
        left, right = (_value(operand, frame) for operand in operands)
        if not (isinstance(left, np.ndarray) and isinstance(right, np.ndarray)):
            continue
        try:
            _evaluate(node, frame)
        except ValueError:
            texts = [ast.unparse(operand) for operand in operands]
            is_product = isinstance(node, ast.Call) or isinstance(node.op, ast.MatMult)
            yield ast.unparse(node), is_product, (texts[0], left), (texts[1], right)
        except Exception:
            continue


def _statement(frame: FrameType, line: int) -> ast.AST | None:
    """Return the statement that begins at a line, if its source is there."""
    lines = [linecache.getline(frame.f_code.co_filename, line + i, frame.f_globals) for i in range(_LONGEST)]
    for count in range(1, _LONGEST + 1):
        text = "".join(lines[:count]).strip()
        for complete in (text, f"{text} pass"):
            try:
                return ast.parse(complete)
            except SyntaxError:
                continue
    return None


def _value(node: ast.AST, frame: FrameType) -> Any:
    """Return the value of an expression that computing again does not change anything, else None."""
    if not all(isinstance(part, _PURE) or _is_harmless(part) for part in ast.walk(node)):
        return None
    try:
        return _evaluate(node, frame)
    except Exception:
        return None


def _is_harmless(node: ast.AST) -> bool:
    """Return whether a node is a call of one of NumPy's functions that change nothing."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _HARMLESS


def _evaluate(node: Any, frame: FrameType) -> Any:
    code: CodeType = compile(ast.Expression(node), "<operand>", "eval")
    return eval(code, frame.f_globals, dict(frame.f_locals))


def _that_fit(left: tuple[str, Any], right: tuple[str, Any]) -> str | None:
    """Return the product with one of the two transposed, if that fits."""
    for a, b in (
        (left, _transposed(right)),
        (_transposed(left), right),
        (_transposed(left), _transposed(right)),
    ):
        if a[1].shape[1] == b[1].shape[0]:
            return f"{a[0]} @ {b[0]}"
    return None


def _transposed(named: tuple[str, Any]) -> tuple[str, Any]:
    name, value = named
    if name.endswith(".T"):
        return name[:-2], value.T
    return (f"{name}.T" if name.replace("[", "").replace("]", "").isidentifier() else f"({name}).T"), value.T


def _about_weights(right: tuple[str, Any], left: tuple[str, Any], weights: Sequence[Any]) -> str:
    for l, W in enumerate(weights, 1):
        if np.shares_memory(W, right[1]) and W.shape[0] == left[1].shape[1] and l > 1:
            right_form = f"∂C/∂a{up(l - 1)} = (W{up(l)})ᵀ ∂C/∂z{up(l)}"
            return f" One layer back, {right_form}, which is dZ W{up(l)} with samples as rows (B4)."
        if np.shares_memory(W, right[1]) and W.shape[1] == left[1].shape[1]:
            return f" Forward, Z{up(l)} = A{up(l - 1)} (W{up(l)})ᵀ + b{up(l)} with samples as rows (A4)."
    return ""


Shape: TypeAlias = tuple[int, ...]


def told_of_result(letter: str, l: int, found: list[Shape], right: list[Shape], n: int | None) -> str:
    """Return what the wrong shape of the gradients of layer l looks like, given those of all layers.

    Examples
    --------
    >>> told_of_result("w", 1, [(2, 3)], [(3, 2)], 5)
    ': it is transposed'
    """
    if found == right[::-1] != right:
        both = letter == "w" and all(a == b[::-1] for a, b in zip(found, right, strict=True))
        return ": the layers are in reverse order, the last one first" + ", or each is transposed" * both
    return _of_one(letter, found[l - 1], right[l - 1], n) or (
        f": it is that of layer {right.index(found[l - 1]) + 1}" if found[l - 1] in right else ""
    )


def _of_one(letter: str, found: Shape, right: Shape, n: int | None) -> str:
    if len(found) == 2 and found == right[::-1]:
        return ": it is transposed"
    if letter == "w":
        return ""
    if right == (1,) and len(found) == 1 and found[0] > 1:
        return ": the layer shares one bias, whose gradient is the sum over its neurons (E3)"
    if found == (n,):
        return ": one number for each sample, so the sum is over the wrong axis; sum over the samples"
    if len(found) == 2 and found[0] == n and found[1:] == right:
        return ": one row for each sample; sum over the samples (A5)"
    if found in ((1, *right), (*right, 1)):
        return ": sum without keepdims, or take it out of its row or column"
    return ""
