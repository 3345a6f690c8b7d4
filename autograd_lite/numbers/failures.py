"""What is said where a rule fails: which operation, which operands, what it needs. Nothing here computes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Overflow
from typing import Any

from autograd_lite.numbers.kinds import Number, is_number, shown, written


def failure(row: Any, operands: Sequence[Number], error: Exception, names: Sequence[str] = ()) -> Exception:
    """Return the exception to raise in place of ``error``: of its type, saying what went wrong where."""
    called = names or [f"operand {i}" for i in range(1, len(operands) + 1)]
    given = ", ".join(
        f"{name} = {shown(x).partition(' ')[2]}" for name, x in zip(called, operands[:6], strict=False)
    )
    given += f" and {len(operands) - 6} more" if len(operands) > 6 else ""
    needs = row.floats.needs
    if isinstance(error, ZeroDivisionError):
        return ZeroDivisionError(f"{row.name} divides by zero: {given}. It needs {needs}.")
    if isinstance(error, (OverflowError, Overflow)):
        return OverflowError(
            f"{row.name} meets a number larger than the largest float, about 1.8e308: {given}."
        )
    if isinstance(error, TypeError):
        kinds = ", ".join(dict.fromkeys(type(x).__name__ for x in operands))
        advice = "Use one kind of number throughout, one that has this function."
        if any(isinstance(x, (list, tuple)) for x in operands):
            advice = f"Take one number after another, as in [{row.name}(v) for v in vs]."
        return TypeError(f"{row.name} is not defined on {kinds}: {given}. {advice}")
    return ValueError(f"{row.name} is not defined there: {given}. It needs {needs}.")


def no_root(function: str, takes: str, root: Any) -> TypeError:
    """Return the exception for what is not the root of a graph, such as the list that a network returns."""
    several = isinstance(root, (list, tuple)) and any(hasattr(output, "parents") for output in root[:1])
    instead = f": pass one of them, as in {function}(mlp(x)[0]), or a cost made of them" * several
    return TypeError(f"{function} takes {takes}, not {shown(root)}{instead}")


def refused(row: Any, numbers: Sequence[Number], operands: Sequence[Any], error: Exception) -> Exception:
    """Return the exception for a node that cannot be made: operands are called by their labels."""
    names = [operand.label or f"operand {i}" for i, operand in enumerate(operands, 1)]
    return failure(row, numbers, error, names)


def strangers(row: Any, operands: Sequence[Any]) -> TypeError:
    """Return the exception for an operand that is neither a Value nor a number."""
    known = [hasattr(v, "apply_operation") or is_number(v) for v in operands]
    i = known.index(False)
    return TypeError(f"{row.name} takes Values and real numbers; its operand {i + 1} is {shown(operands[i])}")


def halted(node: Any, error: Exception) -> Exception:
    """Return the exception to raise in place of ``error``, which ended a backward pass at this node."""
    advice = "The pass ended halfway: set all gradients to 0 before the next."
    for value in (node, *node.parents):
        if not is_number(value.grad):
            name = value.label or value.op
            return TypeError(f"the gradient of {name} is no number but {shown(value.grad)}. {advice}")
    return type(error)(
        f"{error}: the gradient of {node.label or node.op}, {shown(node.grad)}, does not mix with its "
        f"partials, {shown(node.partials)}, or with the gradients of its parents. {advice}"
    )


def incomparable(x: Number, sign: str, y: Number, error: Exception) -> Exception:
    """Return the exception for two numbers without an order: a Decimal's NaN, an interval, two kinds."""
    kind = TypeError if isinstance(error, TypeError) else ValueError
    return kind(
        f"{written(x)} {sign} {written(y)} has no answer: compare real numbers of one kind, none of them a "
        "Decimal's NaN, an interval or a symbol"
    )
