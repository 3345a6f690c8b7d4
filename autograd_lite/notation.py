"""How names, numbers and formulas are written: as plain text, in LaTeX and in MathML.

A label such as ``w[1][0,2]`` becomes the symbol w¹₀₂ of the derivations. A *dialect* knows how to write
symbols, numbers and the notation of the rule book's rows; the formulas and derivations are put together
elsewhere.
"""

from __future__ import annotations

import html
import math
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

from autograd_lite.kinds import Number, is_symbolic
from autograd_lite.ops import RULES
from autograd_lite.value import CONSTANT, Value, topological_order

__all__ = ["LATEX", "MATHML", "PLAIN", "Dialect", "Symbol", "short", "symbol", "symbols"]

_UPPER = str.maketrans("0123456789+-−=()n,", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ˒")
_LOWER = str.maketrans("0123456789+-−=(),", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎‚")
_LETTERS_OF_LAYERS = frozenset("wbza")


class Symbol(NamedTuple):
    """A name with its indices.

    Attributes
    ----------
    letter : str
        ``"w"``, ``"cost"``, ``"α"``.
    layer : str
        The superscript.
    indices : tuple of str
        The subscripts.
    sample : int
        Which of several nodes under the same label it is, counted from 1; 0 for the only one.
    """

    letter: str
    layer: str = ""
    indices: tuple[str, ...] = ()
    sample: int = 0

    @property
    def subscript(self) -> str:
        """The indices in one: ``"02"``, or ``"0,12"`` where one has two digits."""
        return ("" if all(len(i) == 1 for i in self.indices) else ",").join(self.indices)

    @property
    def superscript(self) -> str:
        """The layer, and the sample in parentheses."""
        return self.layer + (f"({self.sample})" if self.sample else "")


def symbol(label: str, layered: bool = False, sample: int = 0) -> Symbol:
    """Take a label apart: ``letter[layer][index,index]``, ``letter[index]`` or ``letter``.

    Parameters
    ----------
    label : str
    layered : bool
        Whether a single index of w, b, z and a is the layer, as in the bias b[1] that a layer shares.
    sample : int
        See :class:`Symbol`.

    Returns
    -------
    Symbol

    Examples
    --------
    >>> symbol("w[1][0,2]")
    Symbol(letter='w', layer='1', indices=('0', '2'), sample=0)
    >>> symbol("x[3]")
    Symbol(letter='x', layer='', indices=('3',), sample=0)
    """
    found = re.fullmatch(r"([^\[\]]+?)(?:\[(\w+)\])?(?:\[(\w+(?:,\s*\w+)*)\])?", label)
    if found is None:
        return Symbol(label, sample=sample)
    letter, first, second = found.groups()
    if second is None and first is not None:
        is_layer = layered and letter in _LETTERS_OF_LAYERS
        return Symbol(letter, first, (), sample) if is_layer else Symbol(letter, "", (first,), sample)
    indices = tuple(part.strip() for part in second.split(",")) if second else ()
    return Symbol(letter, first or "", indices, sample)


def symbols(root: Value) -> dict[Value, Symbol]:
    """Name every node of a graph but its constants, each differently.

    Parameters
    ----------
    root : Value

    Returns
    -------
    dict of Value to Symbol
        By label where there is one. Nodes under the same label, as those of several samples, are counted. The
        root without a label is C, a leaf x₁, x₂, …, another node v₁, v₂, ….

    Examples
    --------
    >>> x = Value(2.0, "x[0]")
    >>> [PLAIN.symbol(s) for s in symbols(x * x + 1).values()]
    ['x₀', 'v₁', 'C']
    """
    nodes = [node for node in topological_order(root) if node.op != CONSTANT]
    layered = any("][" in node.label for node in nodes)
    frequency = Counter(node.label for node in nodes)
    met: Counter[str] = Counter()
    named: dict[Value, Symbol] = {}
    for node in nodes:
        label = node.label
        if label:
            met[label] += 1
            named[node] = symbol(label, layered, met[label] if frequency[label] > 1 else 0)
        elif node is root:
            named[node] = Symbol("C")
        else:
            letter = "v" if node.parents else "x"
            while True:
                met[letter] += 1
                if f"{letter}[{met[letter]}]" not in frequency:
                    break
            named[node] = Symbol(letter, "", (str(met[letter]),))
    return named


def short(x: Number, digits: int = 4) -> str:
    """Write a number with few digits, as plain text.

    Parameters
    ----------
    x : number
    digits : int
        The significant ones of a float.

    Returns
    -------
    str

    Examples
    --------
    >>> short(-0.0000123456), short(3), short(Fraction(1, 3)), short(0.5)
    ('−1.235·10⁻⁵', '3', '1/3', '0.5')
    """
    return PLAIN.number(x, digits)


# --- dialects -------------------------------------------------------------------------------------------


class Dialect(Protocol):
    """How formulas are written in one language; every method returns text in it."""

    equals: str
    plus: str
    times: str

    def symbol(self, s: Symbol) -> str:
        """Write a name."""

    def number(self, x: Number, digits: int = 4) -> str:
        """Write a number, a float with so many significant digits."""

    def partial(self, of: str, by: str) -> str:
        """Write ∂of/∂by."""

    def group(self, inner: str) -> str:
        """Write it in parentheses."""

    def operation(self, name: str, operands: Sequence[str]) -> str:
        """Write a row of the rule book in its notation; operands that need parentheses have them already."""


def _parts(x: Number, digits: int) -> tuple[str, str]:
    """Return a number's digits, with a true minus sign, and its power of ten or nothing."""
    if isinstance(x, float) and math.isfinite(x):
        text, _, exponent = f"{x:.{digits}g}".partition("e")
        return text.replace("-", "−"), str(int(exponent)).replace("-", "−") if exponent else ""
    text = {math.inf: "∞", -math.inf: "−∞"}.get(x, "") if isinstance(x, float) else ""
    return text or str(x).replace("-", "−"), ""


_TOKEN = re.compile(r"\{(\d)\}|([A-Za-z_]\w*)|(\d+)|(\s+)|(.)")


class _Plain:
    equals, plus, times = " = ", " + ", " · "

    def symbol(self, s: Symbol) -> str:
        upper, lower = s.superscript, s.subscript
        return f"{s.letter}{_raised(upper)}{_lowered(lower)}"

    def number(self, x: Number, digits: int = 4) -> str:
        mantissa, exponent = _parts(x, digits)
        return f"{mantissa}·10{_raised(exponent)}" if exponent else mantissa

    def partial(self, of: str, by: str) -> str:
        return f"∂{of}/∂{by}"

    def group(self, inner: str) -> str:
        return f"({inner})"

    def operation(self, name: str, operands: Sequence[str]) -> str:
        template = RULES[name].notation
        if name == "pow" and _raised(operands[1]) != f"^{operands[1]}":
            return f"{operands[0]}{_raised(operands[1])}"
        return template.format(*operands) if not RULES[name].variadic else _variadic(template, operands)


def _raised(text: str) -> str:
    raised = text.translate(_UPPER)
    return raised if not any(c in text for c in raised) else f"^{text}"


def _lowered(text: str) -> str:
    lowered = text.translate(_LOWER)
    return lowered if not any(c in text for c in lowered) else f"_{text}"


def _variadic(template: str, operands: Sequence[str]) -> str:
    return template.format(", ".join(operands))


_LATEX_SIGNS = {
    "−": "-",
    "·": r"\cdot ",
    "Σ": r"\sum ",
    "∞": r"\infty ",
    "|": "|",
    "²": "^{2}",
    "≥": r"\geq ",
    "≤": r"\leq ",
}
_LATEX_FUNCTIONS = frozenset(["exp", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min"])


class _Latex:
    equals, plus, times = " = ", " + ", r" \cdot "

    def symbol(self, s: Symbol) -> str:
        upper = f"^{{{_latex_text(s.superscript)}}}" if s.superscript else ""
        lower = f"_{{{_latex_text(s.subscript)}}}" if s.subscript else ""
        return f"{_latex_name(s.letter)}{upper}{lower}"

    def number(self, x: Number, digits: int = 4) -> str:
        if isinstance(x, Fraction) and x.denominator != 1:
            sign = "-" if x < 0 else ""
            return rf"{sign}\tfrac{{{abs(x.numerator)}}}{{{x.denominator}}}"
        if is_symbolic(x):
            return str(sys.modules["sympy"].latex(x))
        mantissa, exponent = _parts(x, digits)
        mantissa = mantissa.replace("−", "-").replace("∞", r"\infty")
        return rf"{mantissa} \cdot 10^{{{exponent.replace('−', '-')}}}" if exponent else mantissa

    def partial(self, of: str, by: str) -> str:
        return rf"\frac{{\partial {of}}}{{\partial {by}}}"

    def group(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def operation(self, name: str, operands: Sequence[str]) -> str:
        if name == "div":
            return rf"\frac{{{operands[0]}}}{{{operands[1]}}}"
        if name == "pow":
            return f"{{{operands[0]}}}^{{{operands[1]}}}"
        if name == "sqrt":
            return rf"\sqrt{{{operands[0]}}}"
        return _written(name, operands, _latex_token)


def _latex_token(token: str) -> str:
    if token in _LATEX_SIGNS:
        return _LATEX_SIGNS[token]
    return _latex_name(token) if token[0].isalpha() else _latex_text(token)


def _latex_name(name: str) -> str:
    if name in _LATEX_FUNCTIONS:
        return rf"\{name} "
    if len(name) == 1 and (greek := _greek(name)):
        return rf"\{greek} "
    return (
        name if len(name) == 1 and name.isascii() and name.isalnum() else rf"\mathrm{{{_latex_text(name)}}}"
    )


def _greek(letter: str) -> str:
    """Return alpha for α, Phi for Φ, nothing for what is no Greek letter."""
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(letter, ""))
    if found is None:
        return ""
    size, name = found.groups()
    name = {"LAMDA": "LAMBDA"}.get(name, name)
    return name.lower() if size == "SMALL" else name.capitalize()


def _latex_text(text: str) -> str:
    escapes = {"\\": r"\backslash ", "−": "-"} | {c: f"\\{c}" for c in "#$%&_{}"}
    return "".join(escapes.get(c, c) for c in text.replace("^", r"\hat{}"))


class _MathML:
    equals, plus, times = "<mo>=</mo>", "<mo>+</mo>", "<mo>·</mo>"

    def symbol(self, s: Symbol) -> str:
        letter = f"<mi>{html.escape(s.letter)}</mi>"
        upper, lower = (f"<mn>{html.escape(part)}</mn>" for part in (s.superscript, s.subscript))
        if s.superscript and s.subscript:
            return f"<msubsup>{letter}{lower}{upper}</msubsup>"
        if s.superscript:
            return f"<msup>{letter}{upper}</msup>"
        return f"<msub>{letter}{lower}</msub>" if s.subscript else letter

    def number(self, x: Number, digits: int = 4) -> str:
        if isinstance(x, Fraction) and x.denominator != 1:
            sign = "<mo>−</mo>" if x < 0 else ""
            return f"{sign}<mfrac><mn>{abs(x.numerator)}</mn><mn>{x.denominator}</mn></mfrac>"
        mantissa, exponent = _parts(x, digits)
        if is_symbolic(x):
            return f"<mtext>{html.escape(mantissa)}</mtext>"
        if exponent:
            power = f"<msup><mn>10</mn>{_mathml_number(exponent)}</msup>"
            return f"<mrow>{_mathml_number(mantissa)}<mo>·</mo>{power}</mrow>"
        return _mathml_number(mantissa)

    def partial(self, of: str, by: str) -> str:
        return f"<mfrac><mrow><mi>∂</mi>{of}</mrow><mrow><mi>∂</mi>{by}</mrow></mfrac>"

    def group(self, inner: str) -> str:
        return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"

    def operation(self, name: str, operands: Sequence[str]) -> str:
        if name == "div":
            return f"<mfrac><mrow>{operands[0]}</mrow><mrow>{operands[1]}</mrow></mfrac>"
        if name == "pow":
            return f"<msup><mrow>{operands[0]}</mrow><mrow>{operands[1]}</mrow></msup>"
        if name == "sqrt":
            return f"<msqrt>{operands[0]}</msqrt>"
        return f"<mrow>{_written(name, operands, _mathml_token)}</mrow>"


def _mathml_number(digits: str) -> str:
    sign, digits = ("<mo>−</mo>", digits[1:]) if digits.startswith("−") else ("", digits)
    number = f"<mn>{html.escape(digits)}</mn>"
    return f"<mrow>{sign}{number}</mrow>" if sign else number


def _mathml_token(token: str) -> str:
    if token.isdigit():
        return f"<mn>{token}</mn>"
    if token == "²":
        return "<msup><mrow></mrow><mn>2</mn></msup>"
    return (
        f"<mi>{html.escape(token)}</mi>"
        if token[0].isalpha() and token != "Σ"
        else f"<mo>{html.escape(token)}</mo>"
    )


def _written(name: str, operands: Sequence[str], write: Callable[[str], str]) -> str:
    """Write the notation of a row sign by sign, its places filled with the operands."""
    row = RULES[name]
    parts = []
    for place, *others in _TOKEN.findall(row.notation):
        token = "".join(others)
        if place:
            parts.append((write(",")).join(operands) if row.variadic else operands[int(place)])
        elif token.strip():
            parts.append(write(token))
    return "".join(parts)


PLAIN: Dialect = _Plain()
LATEX: Dialect = _Latex()
MATHML: Dialect = _MathML()


def precedence(name: str) -> int:
    """Return how tightly the notation of a row binds: sums 1, products 2, powers 3, what stands alone 4.

    Parameters
    ----------
    name : str
        A row of the rule book.

    Returns
    -------
    int

    Examples
    --------
    >>> [precedence(name) for name in ("add", "mul", "pow", "tanh")]
    [1, 2, 3, 4]
    """
    outside = re.sub(r"\(.*\)|\[.*\]|\|.*\|", "", RULES[name].notation)
    if re.search(r" [+−] |^−", outside):
        return 1
    if re.search(r"[·/]", outside):
        return 2
    return 3 if "^" in outside else 4


def shown_operand(dialect: Dialect, name: str, position: int, text: str, binds: int) -> str:
    """Return an operand's text, in parentheses where the operation around it binds more tightly.

    Parameters
    ----------
    dialect : Dialect
    name : str
        The row of the operation around it.
    position : int
        Which of its operands this is.
    text : str
    binds : int
        How tightly the operand itself binds: see :func:`precedence`.

    Returns
    -------
    str
    """
    around = precedence(name)
    spelled_out = dialect is not PLAIN and name == "div"  # a fraction bar holds its parts together
    if around == 4 or spelled_out or (dialect is not PLAIN and name == "pow" and position == 1):
        needs = name == "sqrt" and dialect is PLAIN and binds < 4
    else:
        # a − (b + c), a / (b · c), (a^b)^c
        strict = (name in ("sub", "div") and position == 1) or name == "pow" or name == "neg"
        needs = binds <= around if strict else binds < around
    return dialect.group(text) if needs else text
