"""The rule book's programs as Python on single numbers, as Numba compiles it: choices are branches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from autograd_lite.lifting.loops import vectors
from autograd_lite.printing.numpy import (
    HELPERS,
    Binds,
    TermWriter,
    Text,
    is_choice,
    number,
    own_functions,
    terms_in,
    written_helper,
)
from autograd_lite.printing.programs import Term

CHOICE = Binds.COMPARISON - 1
"""How tightly ``a if x else b`` binds."""

_MATH = """
    acos acosh asin asinh atan atan2 atanh cos cosh erf erfc exp expm1 gamma hypot log log10 log1p
    log2 sin sinh sqrt tan tanh
    """
_OF_MATH = frozenset(_MATH.split())
_OF_NUMPY = {
    "cbrt": "cbrt",
    "fmod": "fmod",
    "logaddexp": "logaddexp",
    "mod": "remainder",
    "round": "rint",
    "sign": "sign",
}
BY_PYTHON = frozenset({"bessel", "digamma", "lgamma", "polygamma", "sinc"})
"""The rows for which compiled code calls Python: C lacks them, or loses their digits next to their zeros."""

# A loop that calls something is not done for several numbers at once.
_SHORT = (
    'short = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"}, forceinline=True)'
)

# What stays finite where its operands are, so that nothing times it is nothing.
_TAME = """
    operand number add sub mul neg abs sign where choose maximum minimum relu step sin cos tanh sech sigmoid
    exp expm1 erf erfc sinh cosh softplus eq lt le gt ge round logsumexp
"""
_TAME_TERMS = frozenset(_TAME.split())


def is_tame(partial: Term) -> bool:
    """Return whether a partial derivative is finite wherever the row itself is."""
    return all(
        term.op in _TAME_TERMS
        or (term.op == "div" and term.operands[1].op == "number")
        or (term.op == "pow" and (number(term.operands[1]) or 0) > 0)
        for term in terms_in(partial)
    )


class ScalarTerms(TermWriter):
    """Writes terms on single numbers."""

    is_on_arrays = False

    def write(self, term: Term) -> Text:
        """Write a term."""
        if id(term) in self.known:
            return self.known[id(term)]
        if is_choice(term):
            condition, *parts = self.merged(term)
            return self._choice(condition, *map(self.write, parts))
        if term.op in ("maximum", "minimum", "relu"):
            return self._extreme(term)
        return super().write(term)

    def chain(self, adjoint: Text, partial: Term) -> Text:
        """Write the product of an adjoint and a partial derivative; nothing comes back from a dead unit."""
        is_split = id(partial) not in self.known and is_choice(partial)
        if is_split or is_tame(partial):
            return super().chain(adjoint, partial)
        return choice(f"{adjoint.within(Binds.ADDITION)} != 0", self._times(adjoint, partial), Text("0.0"))

    def _choice(self, condition: str, met: Text, otherwise: Text) -> Text:
        return choice(condition, met, otherwise)

    def _all(self, conditions: Sequence[str]) -> str:
        return " and ".join(conditions)

    def _extreme(self, term: Term) -> Text:
        """Write the larger or smaller of two; a NaN stays one, and of equal numbers the first counts."""
        names = [self._named(self.write(operand)) for operand in term.operands]
        first, second = (*names, "0")[:2]
        sign = "<" if term.op == "minimum" else ">"
        if second == "0":
            return choice(f"{first} {'>=' if sign == '<' else '<='} 0", Text("0.0"), Text(first))
        return choice(f"{second} {sign} {first} or {second} != {second}", Text(second), Text(first))

    def _named(self, text: Text) -> str:
        is_short = re.fullmatch(r"-?[\w.]+(\[[\w, ]*\])?", text.text)
        return text.text if is_short else self._keep(text.text).text

    def _call(self, term: Term) -> str:
        arguments = [self.write(operand).text for operand in term.operands]
        if term.op == "hypot":
            text = f"math.hypot({arguments[0]}, {arguments[1] if len(arguments) > 1 else '0.0'})"
            for argument in arguments[2:]:
                text = f"math.hypot({text}, {argument})"
            return text
        name = "abs" if term.op == "abs" else term.op
        if term.op in _OF_MATH:
            name = f"math.{name}"
        elif term.op in _OF_NUMPY:
            name = f"np.{_OF_NUMPY[term.op]}"
        elif term.op == "logsumexp":
            name = f"logsumexp_{len(arguments)}"
        return f"{name}({', '.join(arguments)})"


def choice(condition: str, met: Text, otherwise: Text) -> Text:
    """Write a choice."""
    return Text(f"{met.within(Binds.COMPARISON)} if {condition} else {otherwise.within(CHOICE)}", CHOICE)


# --- functions that programs call -----------------------------------------------------------------------


def in_vectors(line: str) -> str:
    """Return a line of a long loop with functions that are done for several numbers at once."""
    return re.sub(r"math\.(exp|tanh)\(", r"\1(", line)


def _calls(lines: Iterable[str]) -> set[str]:
    return set(re.findall(r"(?<![\w.])(\w+)\(", "\n".join(lines)))


def functions_called(body: Sequence[str], in_long_loops: bool = False) -> tuple[list[str], set[str]]:
    """Return the text of the functions that a body calls, and the names of those that Python runs."""
    called = _calls(body)
    by_python = called & (BY_PYTHON | set(own_functions()))
    written: list[list[str]] = [_through_python(name) for name in sorted(by_python)]
    for name in sorted(called):
        if name in HELPERS:
            written.append(["@short", *written_helper(name, ScalarTerms)])
        elif match := re.fullmatch(r"logsumexp_(\d+)", name):
            written.append(_logsumexp(int(match[1])))
    inner = {name for lines in written for name in _calls(lines)}
    for name in sorted((inner - called) & HELPERS):
        written.insert(0, ["@short", *written_helper(name, ScalarTerms)])
    if in_long_loops and any(name in HELPERS for name in called):
        written = [[in_vectors(line) for line in lines] for lines in written]
    used = {name for lines in [body, *written] for name in _calls(lines)} & set(vectors.VECTORS)
    own = [line for lines in written for line in (*lines, "", "")]
    if any(lines[0] == "@short" for lines in written):
        own = [_SHORT, "", "", *own]
    return (vectors.written(used) if used else []) + own, by_python


def _through_python(name: str) -> list[str]:
    arity = {"bessel": 2, "polygamma": 2}.get(name)
    if arity is None:
        own = own_functions().get(name)
        arity = own.__code__.co_argcount if own is not None and hasattr(own, "__code__") else 1
    names = "xyzuvw"[:arity]
    operands, arrays = ", ".join(names), ", ".join(f"np.float64({name})" for name in names)
    return [
        "@fast",
        f"def {name}({operands}):",
        '    with numba.objmode(result="float64"):',
        f"        result = float(_{name}({arrays}))",
        "    return result",
    ]


def _logsumexp(arity: int) -> list[str]:
    operands: Sequence[str] = [f"x{k}" for k in range(arity)]
    names = ", ".join(operands)
    return [
        "@fast",
        f"def logsumexp_{arity}({names}):",
        f"    largest = {f'max({names})' if arity > 1 else names}",
        f"    return largest + math.log({' + '.join(f'math.exp({x} - largest)' for x in operands)})",
    ]
