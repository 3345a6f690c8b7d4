"""What a page needs to know about a graph, as plain data: nodes, formulas of the rules, signs, layout."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from autograd_lite.draw.explorer.groups import Group, groups
from autograd_lite.draw.explorer.layout import layout
from autograd_lite.draw.roles import roles
from autograd_lite.graph import topological_order
from autograd_lite.numbers.kinds import shown
from autograd_lite.ops import RULES, Operation
from autograd_lite.printing.javascript import rule_key
from autograd_lite.value import CONSTANT, Value
from autograd_lite.writing import MATHML, PLAIN, Dialect, Expression, Symbol, number, partial_rules, symbols

# A formula of more operands is told by its notation alone.
_MOST_OPERANDS = 8


def graph_data(root: Value, parameters: Collection[Value] | None = None) -> dict[str, Any]:
    """Return what the page's ``Explorer`` takes as its data, ready for ``json.dumps``.

    Parameters
    ----------
    root : Value
    parameters : collection of Value, optional
        See :func:`autograd_lite.draw.roles.roles`.

    Returns
    -------
    dict
        ``nodes``, ``groups``, ``formulas`` by rule, ``notation`` and ``layout``.

    Raises
    ------
    TypeError
        If a leaf's number is no float and can't become one.
    """
    nodes = topological_order(root)
    position = {node: i for i, node in enumerate(nodes)}
    named, role_of = symbols(root), roles(root, parameters)
    entries = [
        {
            "op": node.op,
            "rule": rule_key(node.op, len(node.parents)) if node.parents else "",
            "formula": formula_key(node) if node.parents else "",
            "parents": [position[parent] for parent in node.parents],
            "data": None if node.parents else _as_float(node),
            "role": role_of[node],
            "symbol": _written(named[node]) if node in named else None,
        }
        for node in nodes
    ]
    found = groups(root, parameters)
    return {
        "nodes": entries,
        "groups": [asdict(group) for group in found],
        "formulas": formulas(nodes),
        "notation": notation(),
        "layout": layout(_merged(entries, found), [named.get(node) for node in nodes]),
    }


def formulas(nodes: Iterable[Value]) -> dict[str, dict[str, Any]]:
    """Return the formulas of the nodes' rules by the key under which a node finds them."""
    return {formula_key(node): _formulas(node) for node in nodes if node.parents}


def notation() -> dict[str, str]:
    """Return the signs between formulas, and templates of what is made of them."""
    return {
        "partial": MATHML.partial(_place(0), _place(1)),
        "group": MATHML.group(_place(0)),
        "times": MATHML.times,
        "plus": MATHML.plus,
        "equals": MATHML.equals,
    }


def _merged(entries: Sequence[Mapping[str, Any]], found: Sequence[Group]) -> list[Mapping[str, Any] | None]:
    """Return the nodes that are drawn: of an identity only its head, with the operands of its first step."""
    drawn: list[Mapping[str, Any] | None] = list(entries)
    for group in found:
        if group.kind == "identity":
            first = next(entries[i] for i in group.members if entries[i]["parents"])
            for i in group.members:
                drawn[i] = None
            drawn[group.heads[0]] = {**entries[group.heads[0]], "parents": first["parents"]}
    return drawn


def rules_needed(root: Value) -> set[tuple[str, int]]:
    """Return the rows of the rule book in a graph, each with its number of operands."""
    return {(node.op, len(node.parents)) for node in topological_order(root) if node.parents}


def _as_float(leaf: Value) -> float:
    try:
        return float(leaf.data)
    except (TypeError, ValueError, OverflowError) as error:
        name = leaf.label or leaf.op
        raise TypeError(
            f"the page computes with floats, and {name} = {shown(leaf.data)} is none. "
            "Explore a graph of floats, or of numbers that can be made floats."
        ) from error


def _written(symbol: Symbol) -> dict[str, str]:
    return {"text": PLAIN.symbol(symbol), "math": MATHML.symbol(symbol)}


# --- formulas with places to fill -----------------------------------------------------------------------


class _Place(Expression):
    """An operand still to be filled in: perhaps with a negative number, which binds less than anything."""

    __slots__ = ()

    def __init__(self, key: int | str) -> None:
        super().__init__("name", (Symbol(_place(key)),))

    def _written(self, dialect: Dialect) -> tuple[str, int]:
        return str(self.operands[0].letter), 0


def _place(key: int | str) -> str:
    return f"⟦{key}⟧"


def formula_key(node: Value) -> str:
    """Return what nodes share that have the same formulas: their rule, and the number that is an exponent."""
    exponent = f"^{node.parents[1].data!r}" if _has_constant_exponent(node) else ""
    return rule_key(node.op, len(node.parents)) + exponent


def _has_constant_exponent(node: Value) -> bool:
    return node.op == "pow" and node.parents[1].op == CONSTANT


def _formulas(node: Value) -> dict[str, Any]:
    """Return the MathML of a node's value and of its partials, with places for operands and result."""
    row = RULES[node.op]
    operands: list[Expression] = [_Place(i) for i in range(len(node.parents))]
    if _has_constant_exponent(node):
        operands[1] = number(_as_float(node.parents[1]))  # v² has the derivative 2 · v, not 2 · v^(2 − 1)
    return {
        "title": row.name,
        "sign": row.symbol,
        "summary": _summary(row),
        "value": _value(row, operands),
        "partials": list(map(_template, partial_rules(row.name, _Place("z"), operands))),
    }


def _value(row: Operation, operands: Sequence[Expression]) -> str:
    if row.variadic and len(operands) > _MOST_OPERANDS:
        return f"<mtext>{row.notation.partition('(')[0]}</mtext>"
    return _template(Expression(row.name, tuple(operands)))


def _template(formula: Expression) -> str:
    # Within the notation of a function, as in ln(1 + {0}), a negative number needs parentheses too.
    bare = r"(?<=<mo>[+−·/]</mo>)⟦\w+⟧|⟦\w+⟧(?=<msup><mrow></mrow>)"
    return re.sub(bare, lambda place: MATHML.group(place[0]), formula.write(MATHML))


def _summary(row: Operation) -> str:
    """Return the first sentence of a row's docstring as part of a sentence."""
    sentence = (row.__doc__ or "").strip().partition("\n")[0]
    sentence = re.split(r" \([A-E]\d|; |: ", sentence)[0].rstrip(".").replace("`", "")
    return sentence[:1].lower() + sentence[1:]
