"""Formulas written for people: a room of its own, of which this is the face.

Symbols name the nodes of a graph; a dialect writes symbols, numbers and the notation of a row as plain text,
LaTeX or MathML; parentheses stand where a formula needs them; an ``Expression`` is a formula that the rules
write themselves; equations are laid out in rows. Formulas are read by :mod:`autograd_lite.parse`.
"""

from autograd_lite.writing.dialects import LATEX, MATHML, PLAIN, Dialect, short, visible
from autograd_lite.writing.equations import (
    Equation,
    Product,
    Remark,
    Section,
    Written,
    as_latex,
    as_mathml,
    as_text,
)
from autograd_lite.writing.expression import (
    LONG,
    Expression,
    elided,
    name,
    number,
    partial_rule,
    partial_rules,
)
from autograd_lite.writing.parentheses import precedence
from autograd_lite.writing.symbols import Symbol, symbol, symbols

__all__ = [
    "LATEX",
    "LONG",
    "MATHML",
    "PLAIN",
    "Dialect",
    "Equation",
    "Expression",
    "Product",
    "Remark",
    "Section",
    "Symbol",
    "Written",
    "as_latex",
    "as_mathml",
    "as_text",
    "elided",
    "name",
    "number",
    "partial_rule",
    "partial_rules",
    "precedence",
    "short",
    "symbol",
    "symbols",
    "visible",
]
