"""Dialects: how symbols, numbers and rows of the rule book are written as plain text, in LaTeX, in MathML.

What a formula consists of, and how equations are laid out, is left to the files beside this one.
"""

from __future__ import annotations

import html
import math
import re
import sys
import unicodedata
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from autograd_lite.numbers.kinds import Number, is_symbolic
from autograd_lite.ops import RULES
from autograd_lite.writing.symbols import Symbol

_UPPER = str.maketrans("0123456789+-−=()n,", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ˒")
_LOWER = str.maketrans("0123456789+-−=(),", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎‚")
_LARGEST_IN_FULL, _LONGEST_IN_FULL = 10**9, 10
_TOKEN = re.compile(r"\{(\d+)\}|([A-Za-z]\w*(?<!_))|(\d+)|(\S)")
_RAISED_OR_LOWERED = re.compile(r"[_^]\(\{\d+\}\)|[_^]?\{\d+\}")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_TAGS = "".join(map(chr, range(0xE0020, 0xE0080)))
"""What spells the name of a region after a black flag, and so makes it that region's."""


class Dialect(Protocol):
    """How formulas are written in one language; every method returns text in it."""

    equals: str
    plus: str
    times: str
    dots: str
    comma: str

    def symbol(self, s: Symbol) -> str:
        """Write a name."""

    def number(self, x: Number, digits: int = 4) -> str:
        """Write a number, a float with so many significant digits."""

    def partial(self, of: str, by: str, use: int = 0) -> str:
        """Write ∂of/∂by; of one use only, counted from 1, where ``of`` has ``by`` in several places."""

    def group(self, inner: str) -> str:
        """Write it in parentheses."""

    def words(self, text: str) -> str:
        """Write a remark amid formulas."""

    def operation(self, name: str, operands: Sequence[str]) -> str:
        """Write a row of the rule book in its notation; operands that need parentheses have them already."""


def _parts(x: Number, digits: int) -> tuple[str, str]:
    """Return a number's digits, with a true minus sign, and its power of ten or nothing."""
    if isinstance(x, float):
        text = f"{x:.{digits}g}" if math.isfinite(x) else str(x).replace("inf", "∞")
    else:
        text = _exact(x, digits)
    if is_symbolic(x):
        return text.replace("-", "−"), ""
    mantissa, _, exponent = text.lower().partition("e")
    return mantissa.replace("-", "−"), str(int(exponent)).replace("-", "−") if exponent else ""


def _exact(x: Number, digits: int) -> str:
    """Return a number other than a float in full where it is short, else with the digits of one."""
    if isinstance(x, (int, Fraction)):
        if max(abs(x.numerator), x.denominator) < _LARGEST_IN_FULL:
            return str(x)
        x = Decimal(x.numerator) / x.denominator
    if isinstance(x, Decimal):
        text = str(x)
        return text if len(text) <= _LONGEST_IN_FULL else f"{x:.{digits}g}"
    if hasattr(x, "context"):
        return str(x.context.nstr(x, digits))  # mpmath's
    return str(x)


def visible(text: str) -> str:
    """Return a text in which what has no look, such as a control character, stands as Python writes it.

    What joins the parts of an emoji, or the letters of a script, stays: it makes their look.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or _joins(text, i) else repr(c)[1:-1] for i, c in enumerate(text))


def _joins(text: str, i: int) -> bool:
    """Return whether the character there joins its neighbours: a joiner within a script, a tag of a flag."""
    if text[i] in "\u200c\u200d":
        return all(
            beside > "\u024f" and beside.isprintable() for beside in (text[i - 1 : i], text[i + 1 : i + 2])
        )
    return text[i] in _TAGS and text[:i].rstrip(_TAGS).endswith("\N{WAVING BLACK FLAG}")


class _Plain:
    equals, plus, times, dots, comma = " = ", " + ", " · ", "…", ", "

    def symbol(self, s: Symbol) -> str:
        return f"{visible(s.letter)}{raised(s.superscript)}{_lowered(s.subscript)}"

    def number(self, x: Number, digits: int = 4) -> str:
        mantissa, exponent = _parts(x, digits)
        return f"{mantissa}·10{raised(exponent)}" if exponent else mantissa

    def partial(self, of: str, by: str, use: int = 0) -> str:
        return f"∂{of}/∂{by}" + (f"|{_lowered(str(use))}" if use else "")

    def group(self, inner: str) -> str:
        return f"({inner})"

    def words(self, text: str) -> str:
        return text

    def operation(self, name: str, operands: Sequence[str]) -> str:
        row = RULES[name]
        if row.variadic:
            return row.notation.format(self.comma.join(operands))
        shifts = {"^": raised, "_": _lowered}

        def written(place: re.Match[str]) -> str:
            shift = shifts.get(place[0][0], str)
            return shift(place[0].lstrip("^_").format(*operands))

        return _RAISED_OR_LOWERED.sub(written, row.notation)


def raised(text: str) -> str:
    """Return a text in raised signs, or after ``^`` where there are none for it."""
    return _in_signs(text, _UPPER, "^")


def _lowered(text: str) -> str:
    return _in_signs(text, _LOWER, "_")


def _in_signs(text: str, signs: dict[int, int], otherwise: str) -> str:
    changed = text.translate(signs)
    return f"{otherwise}{text}" if any(c in text for c in changed) else changed


class _Typeset:
    """What LaTeX and MathML have in common: roots, powers, indices and fractions are shapes, not signs."""

    comma: str
    _sign: Callable[[str], str]
    _root: Callable[[str, str], str]
    _power: Callable[[str, str], str]
    _index: Callable[[str, str], str]
    _fraction: Callable[[str, str], str]
    group: Callable[[str], str]

    def operation(self, name: str, operands: Sequence[str]) -> str:
        row = RULES[name]
        if row.variadic:
            operands = [self.comma.join(operands)]
        notation = re.sub("[₀-₉]+", lambda digits: f" _ {digits[0].translate(_DIGITS)}", row.notation)
        tokens = _TOKEN.findall(notation)
        pieces = deque(operands[int(place)] if place else "".join(signs) for place, *signs in tokens)
        return self._sequence(pieces, deque(place != "" for place, *_ in tokens))

    def _sequence(self, pieces: deque[str], places: deque[bool]) -> str:
        """Write what stands up to the next closing parenthesis, or the end."""
        items: list[str] = []
        while pieces:
            piece, place = pieces.popleft(), places.popleft()
            if place or piece not in (")", "²", "^", "_", "/"):
                pieces.appendleft(piece)
                places.appendleft(place)
                items.append(self._item(pieces, places))
            elif piece == ")":
                break
            elif piece == "²":
                items.append(self._power(items.pop(), self._sign("2")))
            else:
                shape = {"^": self._power, "_": self._index, "/": self._fraction}[piece]
                items.append(shape(items.pop(), self._item(pieces, places)))
        return "".join(items)

    def _item(self, pieces: deque[str], places: deque[bool]) -> str:
        piece, place = pieces.popleft(), places.popleft()
        if place:
            return piece
        if piece == "(":
            return self.group(self._sequence(pieces, places))
        if piece not in ("√", "∛"):
            return self._sign(piece)
        degree = {"√": "", "∛": "3"}[piece]
        if not places[0] and pieces[0] == "(":
            pieces.popleft(), places.popleft()
            return self._root(self._sequence(pieces, places), degree)
        return self._root(self._item(pieces, places), degree)


_LATEX_SIGNS = {"−": "-", "·": r" \cdot ", ">": " > ", "+": " + ", ",": ", "}
_LATEX_FUNCTIONS = frozenset(["exp", "ln", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min"])
# The others look like Latin letters and have no command.
_LATEX_CAPITALS = frozenset(
    ["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"]
)
_LATEX_ESCAPES = {c: f"\\{c}" for c in "#$%&_{} "} | {
    "\\": r"\backslash ",
    "^": r"\wedge ",
    "~": r"\sim ",
    "−": "-",
}


class _Latex(_Typeset):
    equals, plus, times, dots, comma = " = ", " + ", r" \cdot ", r"\cdots", ", "

    def symbol(self, s: Symbol) -> str:
        upper = f"^{{{_latex_text(s.superscript)}}}" if s.superscript else ""
        lower = f"_{{{_latex_text(s.subscript)}}}" if s.subscript else ""
        return f"{_latex_name(s.letter)}{upper}{lower}"

    def number(self, x: Number, digits: int = 4) -> str:
        if is_symbolic(x):
            return str(sys.modules["sympy"].latex(x))
        mantissa, exponent = _parts(x, digits)
        mantissa = mantissa.replace("−", "-").replace("∞", r"\infty ").replace("nan", r"\mathrm{nan}")
        if "/" in mantissa:
            above, _, below = mantissa.lstrip("-").partition("/")
            return rf"{'-' * mantissa.startswith('-')}\tfrac{{{above}}}{{{below}}}"
        return rf"{mantissa} \cdot 10^{{{exponent.replace('−', '-')}}}" if exponent else mantissa

    def partial(self, of: str, by: str, use: int = 0) -> str:
        fraction = rf"\frac{{\partial {of}}}{{\partial {by}}}"
        return rf"\left.{fraction}\right|_{{{use}}}" if use else fraction

    def group(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def words(self, text: str) -> str:
        return rf"\text{{{''.join(c if c == ' ' else _LATEX_ESCAPES.get(c, c) for c in text)}}}"

    def _sign(self, sign: str) -> str:
        if sign in _LATEX_SIGNS:
            return _LATEX_SIGNS[sign]
        return _latex_name(sign) if sign[0].isalpha() else sign

    def _root(self, inner: str, degree: str) -> str:
        return rf"\sqrt[{degree}]{{{inner}}}" if degree else rf"\sqrt{{{inner}}}"

    def _power(self, base: str, exponent: str) -> str:
        return f"{{{base}}}^{{{exponent}}}"

    def _index(self, letter: str, index: str) -> str:
        return f"{letter.rstrip()}_{{{index}}}"

    def _fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"


def _latex_name(name: str) -> str:
    if name in _LATEX_FUNCTIONS:
        return rf"\{name} "
    if len(name) == 1 and (greek := _greek(name)):
        return rf"\{greek} "
    return (
        name if len(name) == 1 and name.isascii() and name.isalpha() else rf"\mathrm{{{_latex_text(name)}}}"
    )


def _greek(letter: str) -> str:
    """Return alpha for α, Phi for Φ, nothing for a letter for which LaTeX has no command."""
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(letter, ""))
    if found is None:
        return ""
    size, name = found.groups()
    name = {"LAMDA": "LAMBDA"}.get(name, name).capitalize()
    if size == "CAPITAL":
        return name if name in _LATEX_CAPITALS else ""
    return "" if name == "Omicron" else name.lower()


def _latex_text(text: str) -> str:
    return "".join(_LATEX_ESCAPES.get(c, c if c.isprintable() else r"\ ") for c in text)


class _MathML(_Typeset):
    # At the beginning of a row a plus sign would be taken for that of a number.
    equals, plus, times = (f'<mo form="infix">{sign}</mo>' for sign in "=+·")
    dots, comma = "<mo>⋯</mo>", "<mo>,</mo>"

    def symbol(self, s: Symbol) -> str:
        letter, upper, lower = map(_mathml_text, (s.letter, s.superscript, s.subscript))
        letter, upper, lower = f"<mi>{letter}</mi>", f"<mn>{upper}</mn>", f"<mn>{lower}</mn>"
        if s.superscript and s.subscript:
            return f"<msubsup>{letter}{lower}{upper}</msubsup>"
        if s.superscript:
            return f"<msup>{letter}{upper}</msup>"
        return f"<msub>{letter}{lower}</msub>" if s.subscript else letter

    def number(self, x: Number, digits: int = 4) -> str:
        mantissa, exponent = _parts(x, digits)
        if is_symbolic(x):
            return f"<mtext>{_mathml_text(mantissa)}</mtext>"
        if "/" in mantissa:
            above, _, below = mantissa.lstrip("−").partition("/")
            fraction = f"<mfrac><mn>{above}</mn><mn>{below}</mn></mfrac>"
            return f"<mrow><mo>−</mo>{fraction}</mrow>" if mantissa.startswith("−") else fraction
        if exponent:
            power = f"<msup><mn>10</mn>{_mathml_number(exponent)}</msup>"
            return f"<mrow>{_mathml_number(mantissa)}<mo>·</mo>{power}</mrow>"
        return _mathml_number(mantissa)

    def partial(self, of: str, by: str, use: int = 0) -> str:
        fraction = f"<mfrac><mrow><mi>∂</mi>{of}</mrow><mrow><mi>∂</mi>{by}</mrow></mfrac>"
        if not use:
            return fraction
        return f'<msub><mrow>{fraction}<mo stretchy="true">|</mo></mrow><mn>{use}</mn></msub>'

    def group(self, inner: str) -> str:
        return f"<mrow><mo>(</mo><mrow>{inner}</mrow><mo>)</mo></mrow>"

    def words(self, text: str) -> str:
        return f"<mtext>{_mathml_text(text)}</mtext>"

    def operation(self, name: str, operands: Sequence[str]) -> str:
        return f"<mrow>{super().operation(name, operands)}</mrow>"

    def _sign(self, sign: str) -> str:
        kind = "mn" if sign.isdigit() else "mi" if sign[0].isalpha() else "mo"
        return f"<{kind}>{_mathml_text(sign)}</{kind}>"

    def _root(self, inner: str, degree: str) -> str:
        root = f"<mroot><mrow>{inner}</mrow><mn>{degree}</mn></mroot>"
        return root if degree else f"<msqrt>{inner}</msqrt>"

    def _power(self, base: str, exponent: str) -> str:
        return f"<msup><mrow>{base}</mrow><mrow>{exponent}</mrow></msup>"

    def _index(self, letter: str, index: str) -> str:
        return f"<msub>{letter}<mrow>{index}</mrow></msub>"

    def _fraction(self, above: str, below: str) -> str:
        return f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"


def _mathml_number(digits: str) -> str:
    if digits.startswith("−"):
        return f"<mrow><mo>−</mo><mn>{_mathml_text(digits[1:])}</mn></mrow>"
    return f"<mn>{_mathml_text(digits)}</mn>"


def _mathml_text(text: str) -> str:
    # What has no look has no place in XML either.
    return html.escape(visible(text))


PLAIN: Dialect = _Plain()
LATEX: Dialect = _Latex()
MATHML: Dialect = _MathML()


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
