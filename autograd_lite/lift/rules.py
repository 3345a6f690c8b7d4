"""The rule book's arithmetic for arrays: rules that name NumPy's functions, simplified where they can be.

Which functions arrays have is all that is known here; what a rule says is read from the rule book.
"""

from __future__ import annotations

from functools import cache

from autograd_lite.lift.arrays import Arrays
from autograd_lite.ops import RULES
from autograd_lite.programs import Program, Term, program

_NAMES = """
    abs acos acosh asin asinh atan atan2 atanh cos cosh exp expm1 hypot log log10 log1p log2 logaddexp maximum
    minimum round sign sin sinh sqrt tan tanh
"""
STANDARD = frozenset(_NAMES.split())
"""The rows that the Python array API standard has, under the same names."""

HELPERS = frozenset({"sech", "sigmoid", "softplus"})
"""The rows that the source defines as functions before it uses them."""

SUPPORTED = frozenset({"erf", "erfc", "cbrt", "gamma", "lgamma", "digamma", "polygamma", "sinc", "bessel"})
SUPPORTED |= {"fmod", "mod", "logsumexp"}
"""The rows that the standard lacks and ``support.py`` has functions for."""

_BY_NAME = STANDARD | HELPERS | SUPPORTED | {"relu", "step", "where"}
_OPPOSITE = {"gt": "le", "ge": "lt", "lt": "ge", "le": "gt"}
_SWAPPED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def rule_of(arrays: Arrays, row: str, operands: tuple[int, ...]) -> Program:
    """Return the program of a row for these operands, with a constant exponent as a number in it.

    Parameters
    ----------
    arrays : Arrays
    row : str
    operands : tuple of int

    Returns
    -------
    Program
    """
    exponent = arrays.literal(operands[1]) if row == "pow" else None
    literals = () if exponent is None else (None, exponent)
    return _simplified_program(row, len(operands) if RULES[row].variadic else 0, literals)


def helper(row: str) -> Program:
    """Return the program of a row in ``HELPERS``: the path for floats, which does not overflow.

    Parameters
    ----------
    row : str

    Returns
    -------
    Program
    """
    names, value, partials = program(row)
    return Program(names, _Simplifier().simplified(value), partials)


@cache
def _simplified_program(row: str, arity: int, literals: tuple[float | None, ...]) -> Program:
    names, value, partials = program(row, arity, literals, _BY_NAME)
    simplified = _Simplifier().simplified
    return Program(names, simplified(value), tuple(map(simplified, partials)))


class _Simplifier:
    """Leaves out what arrays need not be told, such as a product with 1; each term of a program only once."""

    def __init__(self) -> None:
        self._known: dict[int, Term] = {}

    def simplified(self, term: Term) -> Term:
        if term.op in ("operand", "number"):
            return term
        if id(term) not in self._known:
            operands = [self.simplified(operand) for operand in term.operands]
            self._known[id(term)] = self._smaller(term, operands)
        return self._known[id(term)]

    def _smaller(self, term: Term, operands: list[Term]) -> Term:
        op, new = term.op, term.recorder.term
        numbers = [number(operand) for operand in operands]
        if op in RULES and None not in numbers:
            return new("number", RULES[op].compute(*numbers))
        if op == "step":
            # Arrays of truth values do not multiply.
            return new("where", operands[0], new("number", 1), new("number", 0))
        if op in ("mul", "add") and numbers[0] is not None:
            operands, numbers = operands[::-1], numbers[::-1]
        if op == "mul" and numbers[1] == 0:
            return new("number", 0)
        if (op, numbers[-1]) in (("mul", 1), ("div", 1), ("pow", 1), ("add", 0), ("sub", 0)):
            return operands[0]
        if op == "sub" and numbers[0] is not None and operands[1].op == "where":
            condition, *choices = operands[1].operands
            differences = [numbers[0] - c for c in map(number, choices) if c is not None]
            if len(differences) == 2:
                return new("where", condition, *(new("number", difference) for difference in differences))
        if op == "choose" and operands[1] is operands[2]:
            return operands[1]
        if op == "where" and numbers[1] == 0 and operands[2] is operands[0]:
            return new("minimum", operands[0], new("number", 0))
        if op == "choose" and operands[2].op == "choose" and _exclude(operands[0], operands[2].operands[0]):
            operands[2] = operands[2].operands[1]
        if op in ("mul", "add") and numbers[1] is not None:
            operands = operands[::-1]
        return new(op, *operands)


def _exclude(first: Term, second: Term) -> bool:
    """Return whether the second condition holds wherever the first does not, but for a NaN.

    What follows if neither holds is for a NaN alone, and arithmetic and NumPy's functions keep a NaN one.
    """
    opposite = _OPPOSITE.get(first.op, "")
    same = second.operands == first.operands and second.op == opposite
    return same or (second.operands == first.operands[::-1] and second.op == _SWAPPED.get(opposite))


def number(term: Term) -> float | None:
    """Return the number that a term is, or None.

    Parameters
    ----------
    term : Term

    Returns
    -------
    float or None
    """
    return term.operands[0] if term.op == "number" else None


def operands_in(term: Term, result: Term) -> list[int]:
    """Return the positions of the operands that a term is written with, where the result has a name.

    Parameters
    ----------
    term, result : Term

    Returns
    -------
    list of int
    """
    found: dict[int, None] = {}
    pending, met = [term], set()
    while pending:
        part = pending.pop()
        if part.op == "operand":
            found[part.operands[0]] = None
        elif part.op != "number" and part is not result and id(part) not in met:
            met.add(id(part))
            pending.extend(part.operands)
    return sorted(found)


def terms_in(*outputs: Term) -> set[int]:
    """Return the identities of all terms that these consist of.

    Parameters
    ----------
    *outputs : Term

    Returns
    -------
    set of int
    """
    found: set[int] = set()
    pending = list(outputs)
    while pending:
        term = pending.pop()
        if id(term) not in found:
            found.add(id(term))
            if term.op not in ("operand", "number"):
                pending.extend(term.operands)
    return found
