"""Programs of the rule book printed as JavaScript: one function for each row, ``[value, [partials]]``.

The functions that a program calls, such as ``exp`` and ``div``, are those of ``arithmetic.js``, which gives
no number where Python raises an error, and those that operations bring themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from importlib.resources import files

from autograd_lite.ops import RULES
from autograd_lite.printing.programs import COMPARISONS, Program, Term, program

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"} | COMPARISONS | {"eq": "==="}
# How tightly JavaScript's operators bind.
_CHOICE, _COMPARISON, _SUM, _PRODUCT, _SIGN, _ATOM = range(6)
_BINDS = (
    dict.fromkeys(COMPARISONS, _COMPARISON)
    | dict.fromkeys(("add", "sub"), _SUM)
    | dict.fromkeys(("mul", "div"), _PRODUCT)
)


def rule_key(row: str, arity: int) -> str:
    """Return the name of a rule among those of :func:`rules_script`: ``"tanh"``, ``"affine/5"``."""
    return f"{row}/{arity}" if RULES[row].variadic else row


def arithmetic_script() -> str:
    """Return the functions that the rules of :func:`rules_script` are made of, in JavaScript."""
    own = [f"const {name} = {RULES[name].floats.javascript};" for name in sorted(_own())]
    return "\n".join([(files(__package__) / "arithmetic.js").read_text(encoding="utf-8"), *own])


def _own() -> frozenset[str]:
    """Return the rows that bring their own form in JavaScript."""
    return frozenset(name for name, row in RULES.items() if row.floats.javascript)


def rules_script(needed: Iterable[tuple[str, int]]) -> str:
    """Write the rules of some rows as a JavaScript object.

    Parameters
    ----------
    needed : iterable of (str, int)
        Rows and numbers of operands.

    Returns
    -------
    str
        ``const RULES = {…};``, from :func:`rule_key` to a function of the operands.

    Examples
    --------
    >>> print(rules_script([("mul", 2)]))
    const RULES = {
      // {0} · {1}
      "mul": (x, y) => [x * y, [y, x]],
    };
    """
    entries = sorted({(rule_key(row, arity), row, arity) for row, arity in needed})
    parts = [
        f'  // {_comment(RULES[row].notation)}\n  "{key}": {_rule(row, arity)},'
        for key, row, arity in entries
    ]
    return "\n".join(["const RULES = {", *parts, "};"])


def scalar_script(row: str, literals: Sequence[float | None] = (None,)) -> str:
    """Write a row as two functions of one number, its value and its derivative, each alone and so fast.

    Parameters
    ----------
    row : str
    literals : sequence of float or None, optional
        The operands: constants, and None for the variable.

    Returns
    -------
    str
        ``{value: …, partial: …}``.

    Examples
    --------
    >>> print(scalar_script("leaky_relu", (None, 0.5)))
    {value: (x) => x > 0 ? x : x <= 0 ? 0.5 * x : x, partial: (x) => x > 0 ? 1 : x <= 0 ? 0.5 : x}
    """
    rule = program(row, len(literals), tuple(literals), by_name=_own(), as_written=False)
    variable = list(literals).index(None)
    names = (rule.names[variable],)
    parts = (rule.value, rule.partials[variable])
    value, partial = (_function(Program(rule.names, part, ()), names) for part in parts)
    return f"{{value: {value}, partial: {partial}}}"


def _rule(row: str, arity: int) -> str:
    rule = program(row, arity, by_name=_own(), as_written=False)
    return _function(rule, rule.names)


def _function(rule: Program, arguments: Sequence[str]) -> str:
    """Write a program as a function: of its value and its partials, or of its value where there are none."""
    writer = _Writer(rule.names)
    lines = []
    for i, term in enumerate(rule.shared(), 1):
        lines.append(f"    const t{i} = {writer.write(term)};")
        writer.known[id(term)] = f"t{i}"
    partials = ", ".join(map(writer.write, rule.partials))
    value = writer.write(rule.value)
    result = f"[{value}, [{partials}]]" if rule.partials else value
    start = f"({', '.join(arguments)}) =>"
    if not lines:
        return f"{start} {result}"
    return "\n".join([f"{start} {{", *lines, f"    return {result};", "  }"])


def _comment(text: str) -> str:
    return " ".join(text.replace("<", "‹").split())


class _Writer:
    """Writes terms; ``known`` are those that have a name already."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.known: dict[int, str] = {}

    def write(self, term: Term, at_least: int = _CHOICE) -> str:
        text, binds = self._written(term)
        return text if binds >= at_least else f"({text})"

    def _written(self, term: Term) -> tuple[str, int]:
        if id(term) in self.known:
            return self.known[id(term)], _ATOM
        op, operands = term.op, term.operands
        if op == "operand":
            return self.names[operands[0]], _ATOM
        if op == "number":
            return _number(operands[0])
        if op == "choose":
            condition, met, otherwise = operands
            text = f"{self.write(condition, _COMPARISON)} ? {self.write(met, _COMPARISON)}"
            return f"{text} : {self.write(otherwise)}", _CHOICE
        if op == "neg":
            return f"-{self.write(operands[0], _ATOM)}", _SIGN
        if op in _BINDS and not (op == "div" and _may_be_zero(operands[1])):
            x, y = operands
            binds = _BINDS[op]
            return f"{self.write(x, binds)} {_SIGNS[op]} {self.write(y, binds + 1)}", binds
        return f"{op}({', '.join(map(self.write, operands))})", _ATOM


def _may_be_zero(divisor: Term) -> bool:
    return divisor.op != "number" or divisor.operands[0] == 0


def _number(x: float) -> tuple[str, int]:
    if math.isnan(x):
        return "NaN", _ATOM
    text = "Infinity" if math.isinf(x) else repr(abs(x)).removesuffix(".0")
    return (f"-{text}", _SIGN) if math.copysign(1, x) < 0 else (text, _ATOM)
