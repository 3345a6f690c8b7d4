"""The rule book's programs made ready for arrays: where a NaN needs no branch of its own, and what is shared."""

from __future__ import annotations

from functools import cache

from autograd_lite.lift.arrays import Arrays, Node
from autograd_lite.ops import RULES
from autograd_lite.programs import Program, Term, program

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
    exponent = arrays.nodes[operands[1]].detail if row == "pow" else None
    literals = (None, exponent) if isinstance(exponent, float) else ()
    return _array_program(row, len(operands) if RULES[row].variadic else 0, literals)


@cache
def _array_program(row: str, arity: int, literals: tuple[float | None, ...]) -> Program:
    names, value, partials = program(row, arity, literals)
    known: dict[int, Term] = {}
    return Program(names, _unguarded(value, known), tuple(_unguarded(partial, known) for partial in partials))


def _unguarded(term: Term, known: dict[int, Term]) -> Term:
    """Drop the branch for what is neither larger nor not: arithmetic and NumPy's functions keep a NaN one."""
    if term.op in ("operand", "number"):
        return term
    if id(term) not in known:
        operands = [_unguarded(operand, known) for operand in term.operands]
        if term.op == "choose" and operands[2].op == "choose" and _exclude(operands[0], operands[2].operands[0]):
            operands[2] = operands[2].operands[1]
        known[id(term)] = term.recorder.term(term.op, *operands)
    return known[id(term)]


def _exclude(first: Term, second: Term) -> bool:
    """Return whether the second condition holds wherever the first does not, but for a NaN."""
    opposite = _OPPOSITE.get(first.op, "")
    same = second.operands == first.operands and second.op == opposite
    return same or (second.operands == first.operands[::-1] and second.op == _SWAPPED.get(opposite))


def uses_result(arrays: Arrays, node: Node) -> bool:
    """Return whether a derivative is written with the result of its operation.

    Parameters
    ----------
    arrays : Arrays
    node : Node
        A ``partial``.

    Returns
    -------
    bool
    """
    row, i, _ = node.detail
    rule = rule_of(arrays, row, node.operands)
    return rule.value.op != "operand" and id(rule.value) in terms_in(rule.partials[i])


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
