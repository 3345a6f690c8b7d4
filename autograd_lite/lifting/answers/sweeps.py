"""Derivatives of a graph as graphs, by both modes, for programs that are to hold at any point.

The engine's own ``grad`` makes them by running the rules on Values, at the point where these are; here they
come from the rules as they are recorded for arrays, where a question that a rule asks is part of the graph.
An entry that is not there is 0 whatever the numbers are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.graph import interior_nodes
from autograd_lite.numbers.entry import REALS
from autograd_lite.ops import RULES
from autograd_lite.printing.numpy import array_rule, has_pole, terms_in
from autograd_lite.printing.programs import Program, Term
from autograd_lite.value import CONSTANT, Value, make

Slope: TypeAlias = Any
"""A Value; or a number that is the same at any point."""


class Sweeps:
    """The derivatives of roots by the leaves that vary; what several of them have in common is made once."""

    def __init__(self, roots: Sequence[Value], variables: Iterable[Value]) -> None:
        self._moving = set(variables)
        self.order: list[Value] = []
        met: set[Value] = set()
        for root in roots:
            for node in interior_nodes(root) if root not in met else ():
                if node not in met:
                    met.add(node)
                    self.order.append(node)
                    if not self._moving.isdisjoint(node.parents):
                        self._moving.add(node)
        self._partials: dict[Value, list[Slope]] = {}

    def backward(self, root: Value, is_last: bool = True) -> dict[Value, Slope]:
        """Return the derivatives of a root by everything it was made of, by reverse mode.

        Where they are to be differentiated again, what flows back through a dead unit is kept, as by
        ``grad``: it is 0, but its slope need not be.
        """
        adjoints: dict[Value, Slope] = {root: 1}
        mortal: set[Value] = set()
        for node in reversed(interior_nodes(root)):
            adjoint = adjoints.get(node, 0)
            if node not in self._moving or _is_zero(adjoint):
                continue
            for i, (parent, partial) in enumerate(zip(node.parents, self._partials_of(node), strict=True)):
                if parent not in self._moving:
                    continue
                nature, part = _nature_of(node, i), _product(partial, adjoint)
                if is_last and (nature.has_pole or (nature.may_be_infinite and node in mortal)):
                    # Nothing flows back through a dead unit, also where the derivative is infinite.
                    part = _where(adjoint, part)
                if nature.is_choice or node in mortal:
                    mortal.add(parent)
                adjoints[parent] = _sum(adjoints.get(parent, 0), part)
        return adjoints

    def forward(self, tangents: dict[Value, Slope]) -> dict[Value, Slope]:
        """Return the derivatives of all nodes along a direction, by forward mode."""
        tangents = dict(tangents)
        infinite: set[Value] = set()
        perhaps_infinite: set[Value] = set()
        for node in self.order:
            moving = [(i, p) for i, p in enumerate(node.parents) if not _is_zero(tangents.get(p, 0))]
            if not moving:
                continue
            partials, total = self._partials_of(node), 0
            for i, parent in moving:
                nature, part = _nature_of(node, i), _product(partials[i], tangents[parent])
                if parent in infinite or (parent in perhaps_infinite and nature.is_choice):
                    # Nothing flows through a dead unit, also where the tangent is infinite.
                    part = _where(partials[i], part)
                total = _sum(total, part)
                if parent in infinite or nature.has_pole:
                    infinite.add(node)
                if parent in perhaps_infinite or nature.may_be_infinite:
                    perhaps_infinite.add(node)
            tangents[node] = total
        return tangents

    def _partials_of(self, node: Value) -> list[Slope]:
        """Return the partials of a node by its parents, as far as these vary."""
        if node not in self._partials:
            rule = _rule(node)
            known: dict[int, Slope] = {id(rule.value): node}
            self._partials[node] = [
                _written(partial, node.parents, known) if parent in self._moving else 0
                for partial, parent in zip(rule.partials, node.parents, strict=True)
            ]
        return self._partials[node]


def _rule(node: Value) -> Program:
    return array_rule(node.op, len(node.parents) * RULES[node.op].variadic, _literals(node))


def _literals(node: Value) -> tuple[float | None, ...]:
    """Return the constant exponent of a power: it has a simpler derivative."""
    if node.op != "pow" or node.parents[1].op != CONSTANT:
        return ()
    return None, float(node.parents[1].data)


class _Nature(NamedTuple):
    """What a partial may be: infinite where the row has a value; infinite or no number at all; chosen."""

    has_pole: bool
    may_be_infinite: bool
    is_choice: bool


def _nature_of(node: Value, i: int) -> _Nature:
    return _nature(node.op, len(node.parents) * RULES[node.op].variadic, _literals(node), i)


@cache
def _nature(op: str, arity: int, literals: tuple[float | None, ...], i: int) -> _Nature:
    ops = {term.op for term in terms_in(array_rule(op, arity, literals).partials[i])}
    bounded = all(part not in ("div", "pow") and _is_total(part) for part in ops & RULES.keys())
    return _Nature(has_pole(op, i, literals), not bounded, not ops.isdisjoint(_CHOICES))


_CHOICES = frozenset({"choose", "where", "step", "sign", "relu", "maximum", "minimum"})


def _is_total(op: str) -> bool:
    """Return whether a row is defined for all numbers."""
    return all(interval == REALS for interval in RULES[op].floats.domain)


def _written(term: Term, operands: Sequence[Value], known: dict[int, Slope]) -> Slope:
    """Return a recorded term as a graph of the operands."""
    if id(term) not in known:
        known[id(term)] = _node(term, operands, known)
    return known[id(term)]


def _node(term: Term, operands: Sequence[Value], known: dict[int, Slope]) -> Slope:
    if term.op == "number":
        return term.operands[0]
    if term.op == "operand":
        return operands[term.operands[0]]
    if term.op == "choose":
        condition, *cases = term.operands
        met, otherwise = (_written(case, operands, known) for case in cases)
        x, y = (_written(side, operands, known) for side in condition.operands)
        return _choice(condition.op, _applied("sub", x, y), met, otherwise)
    return _applied(term.op, *(_written(part, operands, known) for part in term.operands))


def _choice(comparison: str, difference: Slope, met: Slope, otherwise: Slope) -> Slope:
    """Return one of two, by whether a difference is positive, negative or 0."""
    if comparison in ("le", "ge", "eq"):
        opposite = {"le": "gt", "ge": "lt", "eq": "ne"}[comparison]
        return _choice(opposite, difference, otherwise, met)
    if comparison == "lt":
        difference = _applied("neg", difference)
    if comparison == "ne":
        difference = _applied("abs", difference)
    return _applied("where", difference, met, otherwise)


def _applied(op: str, *operands: Slope) -> Slope:
    """Return the node of a row, also where it has no value at the point of the graph."""
    row = RULES[op]
    try:
        return row(*operands)
    except (ArithmeticError, ValueError):
        values = tuple(x if isinstance(x, Value) else Value(x) for x in operands)
        return make(op, math.nan, values, (math.nan,) * len(values))


def _product(partial: Slope, slope: Slope) -> Slope:
    if _is_zero(partial) or _is_zero(slope):
        return 0
    for x, y in ((partial, slope), (slope, partial)):
        if not isinstance(x, Value) and abs(x) == 1:
            return y if x == 1 else _applied("neg", y)
    return _applied("mul", partial, slope)


def _sum(x: Slope, y: Slope) -> Slope:
    return y if _is_zero(x) else x if _is_zero(y) else _applied("add", x, y)


def _where(factor: Slope, product: Slope) -> Slope:
    return _choice("ne", factor, product, 0.0) if isinstance(factor, Value) else product


def _is_zero(x: Slope) -> bool:
    return not isinstance(x, Value) and x == 0
