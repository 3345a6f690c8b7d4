"""Kinds of numbers: what counts as one, and what each kind needs to compute with.

Everything else treats all kinds alike; the differences between floats, fractions, decimals, the numbers of
mpmath and SymPy, and NumPy's scalars stand here. So do the few functions that the rules of the rule book use
and that each kind computes in its own way: ``native("exp")``, ``choose``, ``like``, ``pi`` and others.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Complex, Integral, Real
from operator import mul
from types import SimpleNamespace
from typing import Any, TypeAlias

from autograd_lite.numbers import special

Number: TypeAlias = Any
"""Anything that does arithmetic: float, int, Fraction, Decimal, an mpmath or SymPy number, a Value."""

MACHINE_NUMBERS = frozenset({float, int})
"""What most numbers are: Python's own float and int."""

FLOAT_PATHS: dict[str, Callable[..., Any]] = {}
"""For each operation that has one its path for floats, ``path(special, *floats)[0]``, of ``floats.py``."""

_KNOWN = frozenset({float, int, Fraction, Decimal})
_ARITHMETIC = ("__add__", "__sub__", "__mul__", "__truediv__", "__neg__", "__pow__")
_DECIMAL = SimpleNamespace(exp=Decimal.exp, log=Decimal.ln, sqrt=Decimal.sqrt, log10=Decimal.log10)


def is_number(data: Any) -> bool:
    """Return whether data is a real number: of a known kind, or one that has arithmetic and no length."""
    kind = type(data)
    if kind in _KNOWN or isinstance(data, Real):
        return True
    if _is_scalar(data):
        return is_number(data.item())
    if isinstance(data, Complex) or hasattr(kind, "__len__") or hasattr(kind, "apply_operation"):
        return False
    if getattr(data, "is_number", False) and data.is_extended_real is False:
        return False  # SymPy's complex numbers
    return all(hasattr(kind, name) for name in _ARITHMETIC)


def all_floats(numbers: Sequence[Number]) -> bool:
    """Return whether all are floats, or ints among them: the kinds that the hand-tuned paths take."""
    return MACHINE_NUMBERS.issuperset(map(type, numbers)) or all(isinstance(x, (float, int)) for x in numbers)


def as_number(data: Any) -> Number:
    """Return data as a Value holds it, or raise what says why it can't."""
    if type(data) in _KNOWN:
        return data
    if isinstance(data, bool):
        return int(data)
    if _is_scalar(data):
        return as_number(data.item())
    if hasattr(data, "apply_operation"):
        raise TypeError(f"{data!r} is a Value already; a Value is made of a number, such as its .data")
    if not is_number(data):
        raise TypeError(f"a Value holds one real number, not {shown(data)}")
    return data


def _is_scalar(data: Any) -> bool:
    """Return whether data is a scalar, or an array of no dimension, that a Python number can replace."""
    is_item = getattr(data, "shape", None) == () and hasattr(data, "item")
    return is_item and type(data.item()) is not type(data)


def of_one_kind(numbers: Sequence[Number]) -> Sequence[Number]:
    """Return whole numbers as the kind of the others, for Python makes floats of 1/3 and ln 3.

    NumPy's numbers, which data set by hand may be, become Python's, which add up to other digits.
    """
    if MACHINE_NUMBERS.issuperset(map(type, numbers)):
        return numbers
    numbers = [x.item() if _is_scalar(x) else x for x in numbers]
    kinds = [type(bare(x)) for x in numbers]
    kind: Any = next((kind for kind in kinds if kind not in MACHINE_NUMBERS), None)
    if kind is None or float in kinds:
        return numbers
    package = kind.__module__.partition(".")[0]
    if package == "sympy":
        kind = sys.modules["sympy"].Integer
    elif package not in ("fractions", "decimal", "mpmath"):
        return numbers
    return [kind(int(x)) if isinstance(x, Integral) and type(x) in MACHINE_NUMBERS else x for x in numbers]


def beside(number: Number, value: Number) -> Number:
    """Return a number that arithmetic met as it computes with a value of another kind."""
    if type(value) in MACHINE_NUMBERS:
        return number
    return of_one_kind((as_number(number), value))[0]


# --- functions that each kind computes in its own way ---------------------------------------------------


def native(name: str, otherwise: Callable[..., Number] | None = None) -> Callable[..., Number]:
    """Return the function ``name`` as the library of its operands has it, ``otherwise`` where it has none.

    A ``Fraction`` becomes a float here, as in Python's ``math``: its exponential is not a fraction.
    """

    def function(*operands: Number) -> Number:
        library = next((found for x in operands if (found := library_of(x)) is not math), math)
        if library is math:
            path, floats = FLOAT_PATHS.get(name), map(float, operands)
            return getattr(math, name)(*floats) if path is None else path(special, *floats)[0]
        known = _OTHERS[name](library) if name in _OTHERS else getattr(library, name, None)
        if known is not None:
            result = known(*operands)
            if not is_complex(result):
                return result
            if otherwise is None:
                raise ValueError("the result is not real")
        if otherwise is None:
            raise TypeError(f"{name} of {', '.join(type(x).__name__ for x in operands)}")
        return otherwise(*operands)

    return function


def _bessel(library: Any) -> Callable[[Number, Number], Number] | None:
    """Return the spherical Bessel function jₙ(πx), if there are Bessel functions."""

    def of_mpmath(n: Number, x: Number) -> Number:
        if n == 0:
            return library.sincpi(x)
        z = abs(library.pi * x)
        size = library.sqrt(library.pi / (2 * z)) * library.besselj(n + library.mpf(1) / 2, z) if x else x
        return -size if x < 0 and n % 2 else size

    def of_sympy(n: Number, x: Number) -> Number:
        return library.expand_func(library.jn(n, library.pi * x)) if x != 0 else library.Integer(n == 0)

    return of_sympy if hasattr(library, "jn") else of_mpmath if hasattr(library, "besselj") else None


_OTHERS: dict[str, Callable[[Any], Any]] = {
    "lgamma": lambda library: getattr(library, "loggamma", None),
    "hypot": lambda library: None,  # those of libraries have two operands
    "cbrt": lambda library: None,  # those of SymPy and mpmath are complex for x < 0
    "bessel": _bessel,
}
"""What the libraries call by another name than the rule book, or mean something else by."""


def choose(x: Number, positive: Number, otherwise: Number) -> Number:
    """Return ``positive`` where x > 0, else ``otherwise``; a NaN stays one, a symbol keeps both cases.

    The 0 of a dead unit is of x's kind: among fractions it is an exact 0, which Python's own, divided by a
    number of samples, would not be.
    """
    _, positive, otherwise = of_one_kind((x, positive, otherwise))
    if is_symbolic(x):
        return sys.modules["sympy"].Piecewise((positive, x > 0), (otherwise, True))
    return positive if x > 0 else otherwise if x <= 0 else x


def sign_of(x: Number) -> Number:
    """Return −1, 0 or 1; a NaN stays one, a symbol keeps its sign open."""
    if is_symbolic(x):
        return sys.modules["sympy"].sign(x)
    return 1 if x > 0 else -1 if x < 0 else 0 if x == 0 else x


def like(x: Number, number: int) -> Number:
    """Return a whole number in x's own kind, apart from the graph that a Value x is in."""
    x = bare(x)
    return of_one_kind((x, number))[1] if is_number(x) else x * 0 + number


def pi(x: Number) -> Number:
    """Return π in x's own kind of number."""
    x = bare(x)
    known = getattr(library_of(x) or x, "pi", None)
    if known is None:
        raise TypeError(f"π of {type(x).__name__}")
    return known


def rint(x: Number) -> Number:
    """Return the nearest whole number; what is not finite stays as it is."""
    if is_symbolic(x):
        sympy = sys.modules["sympy"]
        return sympy.floor(x + sympy.Rational(1, 2))
    if type(x).__module__.startswith("mpmath"):
        return x.context.nint(x)
    return x if x - x != 0 else round(x)


def products(factors: Sequence[Number]) -> list[Number]:
    """Return the products of the first half of the factors with the second."""
    half = len(factors) // 2
    return list(map(mul, factors[:half], factors[half:]))


def bare(x: Any) -> Any:
    """Return the number that a Value, or a dual number, holds; all else as it is."""
    while True:
        held = getattr(x, "data", x) if hasattr(x, "apply_operation") else getattr(x, "primal", x)
        if held is x:
            return x
        x = held


def library_of(x: Number) -> Any:
    """Return the module that computes elementary functions of this kind of number, or None."""
    if isinstance(x, Decimal):
        return _DECIMAL
    package = type(x).__module__.partition(".")[0]
    if package == "mpmath":
        return x.context
    if package == "sympy":
        return sys.modules["sympy"]
    return math if isinstance(x, Real) else None


def is_symbolic(x: Number) -> bool:
    """Return whether x is SymPy's, so that its sign may be open."""
    return type(x).__module__.startswith("sympy.")


def is_complex(x: Number) -> bool:
    """Return whether x is a complex number that is no real one, such as the root of −1."""
    return isinstance(x, Complex) and not isinstance(x, Real)


def shown(data: Any) -> str:
    """Return data and its type for an error message, cut short."""
    text = written(data)
    return f"{type(data).__name__} {text if len(text) <= 60 else f'{text[:57]}...'}"


def written(data: Any) -> str:
    """Return the repr of data; also of a number with more digits than Python consents to write."""
    try:
        return repr(data)
    except ValueError:
        return "<very many digits>"
