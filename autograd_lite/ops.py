"""The rule book: one row an operation, and the only place where an operation is defined.

A row is a function under the decorator :func:`operation`: the function is the value, written with ordinary
arithmetic; the lambdas in the decorator are its partial derivatives, one for each argument, which get the
result first. Because a rule is plain arithmetic it runs on any kind of number: float, ``Fraction``, SymPy,
mpmath, and ``Value`` itself, which is how second derivatives come about.

Drawing, checking, documentation and the tests read :data:`RULES`. What a computation graph is, this file
does not know: a kind of number that wants to see the operations applied to it (as ``Value`` does) has a
class method ``apply_operation(row, operands)``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from decimal import InvalidOperation, Overflow
from operator import mul as _times
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.kinds import Number, is_complex, is_number, is_symbolic, library_of, of_one_kind, shown

Rule: TypeAlias = Callable[..., Number]
"""A partial derivative: a function of the result and the operands, ``rule(z, x, y)``."""

Interval: TypeAlias = tuple[float, float]

_INF = math.inf
_REALS: Interval = (-_INF, _INF)
# Beyond these, e^x and e^x/2 are larger than the largest float.
_LARGEST_EXPONENT = math.log(sys.float_info.max)
_LARGEST_OF_COSH = _LARGEST_EXPONENT + math.log(2)


class Operation(NamedTuple):
    """One row of the rule book.

    Attributes
    ----------
    name : str
        Its name, ``"tanh"``; also that of the method of ``Value`` and of the function, if it is ``public``.
    value : callable
        The result from the operands, for any kind of number.
    partials : tuple of callables
        ``partials[i](result, *operands)`` is the derivative with respect to operand ``i``. Where
        ``variadic`` is set there is one callable, which returns all of them as a tuple.
    notation : str
        How it is written, as a format string with a place for each operand: ``"{0} + {1}"``.
    symbol : str
        A short sign for pictures: ``"+"``.
    domain : tuple of intervals
        For each operand, where the operation is defined and its result is a float.
    needs : str
        The same in words, for error messages: ``"x > 0"``.
    fast : callable or None
        A hand-tuned path for floats: ``fast(x) -> (result, partial)`` or, for several operands,
        ``fast(x, y) -> (result, (partial, partial))``. A test holds it to the row.
    public : bool
        Whether people call it by name; the others serve as derivatives, or have an operator.
    variadic : bool
        Whether it takes any number of operands.
    numpy : str
        The name of NumPy's ufunc, if there is one, where it differs.
    textbook : tuple of callables
        The partials as textbooks write them, for people to read, where ``partials`` says the same in a form
        that keeps more digits; else empty.
    note : str
        Choices at kinks, and where accuracy is less than a few units in the last place. (Floats below
        2.2e-308 have fewer digits, and so has what is computed from them.)
    """

    name: str
    value: Callable[..., Number]
    partials: tuple[Rule, ...]
    notation: str
    symbol: str
    domain: tuple[Interval, ...]
    needs: str
    fast: Callable[..., tuple[Number, Any]] | None
    public: bool
    variadic: bool
    numpy: str
    textbook: tuple[Rule, ...]
    note: str

    def __repr__(self) -> str:
        return f"Operation({self.name!r})"

    def complete(self, operands: Sequence[Number]) -> tuple[Number, ...]:
        """Return the operands, followed by the defaults of those left out."""
        missing = len(self.partials) - len(operands)
        defaults = self.value.__defaults__ or ()
        if self.variadic or missing == 0:
            return tuple(operands)
        if not 0 < missing <= len(defaults):
            raise TypeError(f"{self.name} takes {len(self.partials)} operands, not {len(operands)}")
        return (*operands, *defaults[-missing:])

    def compute(self, *operands: Number) -> Number:
        """Return the result for plain numbers, by the float path where all of them are floats or ints."""
        if self.fast is not None and all(isinstance(x, (float, int)) for x in operands):
            return self.fast(*operands)[0]
        return self.value(*operands)

    def local_partials(self, result: Number, operands: Sequence[Number]) -> tuple[Number, ...]:
        """Return the derivative of ``result`` with respect to each operand, by the rules of the row.

        Where a rule divides by zero, or meets the 0⁰ that Decimals do not have, the float path knows the
        limit: an infinite slope, or none.
        """
        try:
            if self.variadic:
                return tuple(self.partials[0](result, *operands))
            return tuple(rule(result, *operands) for rule in self.partials)
        except (ZeroDivisionError, InvalidOperation):
            if self.fast is None or not is_number(result):
                raise
            partials = self.fast(*map(float, operands))[1]
            limits = partials if isinstance(partials, tuple) else (partials,)
            return tuple(map(type(result), limits))

    def failure(self, operands: Sequence[Number], error: Exception, names: Sequence[str] = ()) -> Exception:
        """Return the exception to raise in place of ``error``: of its type, saying what went wrong where."""
        called = names or [f"operand {i}" for i in range(1, len(operands) + 1)]
        given = ", ".join(f"{name} = {_brief(x)}" for name, x in zip(called, operands[:6], strict=False))
        given += f" and {len(operands) - 6} more" if len(operands) > 6 else ""
        if isinstance(error, ZeroDivisionError):
            return ZeroDivisionError(f"{self.name} divides by zero: {given}. It needs {self.needs}.")
        if isinstance(error, (OverflowError, Overflow)):
            return OverflowError(
                f"{self.name} meets a number larger than the largest float, about 1.8e308: {given}."
            )
        if isinstance(error, TypeError):
            kinds = ", ".join(dict.fromkeys(type(x).__name__ for x in operands))
            return TypeError(
                f"{self.name} is not defined on {kinds}: {given}. "
                "Use one kind of number throughout, one that has this function."
            )
        return ValueError(f"{self.name} is not defined there: {given}. It needs {self.needs}.")


RULES: dict[str, Operation] = {}
"""Every operation by name, in the order of this file."""

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""The operations that people call by name, as functions of Values and numbers."""


def operation(
    *partials: Rule,
    name: str = "",
    notation: str = "",
    symbol: str = "",
    domain: tuple[Interval, ...] = (),
    needs: str = "real numbers",
    fast: Callable[..., tuple[Number, Any]] | None = None,
    public: bool = True,
    variadic: bool = False,
    numpy: str = "",
    textbook: tuple[Rule, ...] = (),
    note: str = "",
    example: tuple[str, str] = ("", ""),
) -> Callable[[Callable[..., Number]], Callable[..., Any]]:
    """Enter the decorated function into the rule book; the arguments are the fields of :class:`Operation`.

    What comes back is the function for all kinds of numbers. Its docstring is made of the row and the
    ``example``, a call and its printed result.
    """

    def enter(value: Callable[..., Number]) -> Callable[..., Any]:
        title = name or value.__name__
        row = Operation(
            name=title,
            value=value,
            partials=partials,
            notation=notation or f"{title}({{0}})",
            symbol=symbol or title,
            domain=domain or (_REALS,) * len(partials),
            needs=needs,
            fast=fast,
            public=public,
            variadic=variadic,
            numpy=numpy or title,
            textbook=textbook,
            note=note,
        )

        def function(*operands: Any) -> Any:
            if len(operands) != len(partials):
                operands = row.complete(operands)
            for operand in operands:
                if hasattr(operand, "apply_operation"):
                    return operand.apply_operation(row, operands)
            try:
                return row.compute(*operands)
            except (ArithmeticError, ValueError, TypeError) as error:
                raise row.failure(operands, error) from error

        function.__name__ = function.__qualname__ = value.__name__
        function.__doc__ = _docstring(row, value.__doc__ or "", example)
        RULES[title] = row
        if public:
            FUNCTIONS[title] = function
        return function

    return enter


def _brief(x: Number) -> str:
    return shown(x).partition(" ")[2]


def _docstring(row: Operation, summary: str, example: tuple[str, str]) -> str:
    code, defaults = row.value.__code__, row.value.__defaults__ or ()
    names = list(code.co_varnames[: code.co_argcount + row.variadic])
    for i, default in enumerate(reversed(defaults), 1):
        names[-i] += f"={default!r}"
    if row.variadic:
        names[-1] = f"*{names[-1]}"
    arguments = ", ".join(names)
    text = f"""{summary}

    Parameters
    ----------
    {arguments} : Value or number
        Needs {row.needs}.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Raises
    ------
    ValueError, ZeroDivisionError, OverflowError
        Where the operation is not defined or its result is no float.
    """
    if row.note:
        text += f"\n    Notes\n    -----\n    {row.note}\n    "
    if example[0]:
        text += f"\n    Examples\n    --------\n    >>> {example[0]}\n    {example[1]}\n    "
    return text


# --- functions of any kind of number --------------------------------------------------------------------


def _elementary(name: str, *operands: Number, otherwise: Callable[[], Number] | None = None) -> Number:
    """Return the function ``name`` as the library of the operands has it, ``otherwise`` where it has none.

    A ``Fraction`` becomes a float here, as in Python's ``math``: its exponential is not a fraction.
    """
    libraries = [library_of(x) for x in operands]
    library = next((module for module in libraries if module is not math), math)
    fast = RULES[name].fast
    if library is math and fast is not None:
        return fast(*map(float, operands))[0]
    function = getattr(library, name, None)
    if function is not None:
        result = function(*operands)
        if is_complex(result):
            raise ValueError("the result is not real")
        return result
    if library is None or otherwise is None:
        raise TypeError(f"{name} of {', '.join(type(x).__name__ for x in operands)}")
    return otherwise()


def _choose(x: Number, positive: Number, otherwise: Number) -> Number:
    """Return ``positive`` where x > 0, else ``otherwise``; a NaN stays one, a symbol keeps both cases.

    The 0 of a dead unit is of x's kind: among fractions it is an exact 0, which Python's own, divided by a
    number of samples, would not be.
    """
    _, positive, otherwise = of_one_kind((x, positive, otherwise))
    if is_symbolic(x):
        return sys.modules["sympy"].Piecewise((positive, x > 0), (otherwise, True))
    return positive if x > 0 else otherwise if x <= 0 else x


# --- arithmetic -----------------------------------------------------------------------------------------


@operation(
    lambda z, x, y: 1,
    lambda z, x, y: 1,
    name="add",
    notation="{0} + {1}",
    symbol="+",
    public=False,
)
def _add(x: Number, y: Number) -> Number:
    """Sum of two."""
    return x + y


@operation(
    lambda z, x, y: 1,
    lambda z, x, y: -1,
    name="sub",
    notation="{0} − {1}",
    symbol="−",
    public=False,
    numpy="subtract",
)
def _sub(x: Number, y: Number) -> Number:
    """Difference."""
    return x - y


@operation(
    lambda z, x, y: y,
    lambda z, x, y: x,
    name="mul",
    notation="{0} · {1}",
    symbol="×",
    public=False,
    numpy="multiply",
)
def _mul(x: Number, y: Number) -> Number:
    """Product of two."""
    return x * y


@operation(
    lambda z, x, y: 1 / y,
    lambda z, x, y: -z / y,
    name="div",
    notation="{0} / {1}",
    symbol="÷",
    needs="a divisor other than 0",
    public=False,
    numpy="divide",
)
def _div(x: Number, y: Number) -> Number:
    """Quotient."""
    return x / y


@operation(lambda y, x: -1, name="neg", notation="−{0}", symbol="−", public=False, numpy="negative")
def _neg(x: Number) -> Number:
    """Negative."""
    return -x


@operation(
    lambda y, x: sign(x),
    name="abs",
    notation="|{0}|",
    symbol="|·|",
    public=False,
    numpy="absolute",
    note="The derivative at 0 is 0.",
)
def _abs(x: Number) -> Number:
    """Absolute value."""
    return abs(x)


def _by_exponent(z: Number, x: Number, y: Number) -> Number:
    """Return z·ln x, and 0 for x ≤ 0: the logarithm of 1, in x's own kind of number."""
    try:
        return z * log(where(x, x, x * 0 + 1))
    except (OverflowError, ValueError):
        return _INF  # an exact number may be too large or too small for a logarithm in floats


def _pow_fast(x: float, y: float) -> tuple[float, tuple[float, float]]:
    z = x**y
    if isinstance(z, complex):
        raise ValueError("the result is not real")
    try:
        by_base = y * x ** (y - 1) if x or y else 0
    except ZeroDivisionError:
        by_base = _INF  # x = 0 and 0 < y < 1: a vertical tangent, as that of the square root
    except OverflowError:
        by_base = y * z / x  # x^(y−1) is beyond the floats; y·x^(y−1) need not be
    try:
        by_exponent = 0 if x <= 0 else z * math.log(x)
    except OverflowError:
        by_exponent = _INF  # a whole number may be too large for a float
    return z, (by_base, by_exponent)


@operation(
    lambda z, x, y: y * x ** (y - 1) if x or y else 0,
    _by_exponent,
    name="pow",
    notation="{0}^{1}",
    symbol="^",
    domain=((0.0, _INF), _REALS),
    needs="x > 0; or x = 0 and an exponent ≥ 0; or x < 0 and a whole exponent",
    fast=_pow_fast,
    public=False,
    numpy="power",
    note="""The derivative by the exponent is taken as 0 at x ≤ 0, and as infinite where it is no float. Where
    y − 1 or y − 2 is not a float, the derivatives by x are off by up to (2|y| + 3)·|ln x| units in the last
    place. The mixed derivative x^(y−1)·(1 + y ln x) is exact to a few units in the last place of its larger
    term. Where x^(y−2) or 1/x is larger than the largest float, second derivatives are not finite or raise
    OverflowError.""",
)
def _pow(x: Number, y: Number) -> Number:
    """Power; 0⁰ is 1, of Decimals too."""
    return x**y if x or y else x * 0 + 1


# --- exponentials and logarithms ------------------------------------------------------------------------


def _exp_fast(x: float) -> tuple[float, float]:
    y = math.exp(x)
    return y, y


@operation(
    lambda y, x: y,
    domain=((-_INF, _LARGEST_EXPONENT),),
    needs="x ≤ 709.78",
    fast=_exp_fast,
    notation="exp({0})",
    example=("exp(0.0)", "1.0"),
)
def exp(x: Number) -> Number:
    """Exponential function, e to the x."""
    return _elementary("exp", x)


@operation(
    lambda y, x: exp(x),
    domain=((-_INF, _LARGEST_EXPONENT),),
    needs="x ≤ 709.78",
    fast=lambda x: (math.expm1(x), math.exp(x)),
    example=("expm1(1e-20)", "1e-20"),
)
def expm1(x: Number) -> Number:
    """Exponential minus one, eˣ − 1, exact also near 0."""
    return _elementary("expm1", x, otherwise=lambda: exp(x) - 1)


@operation(
    lambda y, x: 1 / x,
    domain=((0.0, _INF),),
    needs="x > 0",
    fast=lambda x: (math.log(x), 1 / x),
    notation="ln({0})",
    example=("log(1.0)", "0.0"),
)
def log(x: Number) -> Number:
    """Natural logarithm."""
    return _elementary("log", x)


@operation(
    lambda y, x: 1 / (1 + x),
    domain=((-1.0, _INF),),
    needs="x > −1",
    fast=lambda x: (math.log1p(x), 1 / (1 + x)),
    notation="ln(1 + {0})",
    example=("log1p(1e-20)", "1e-20"),
)
def log1p(x: Number) -> Number:
    """Natural logarithm of 1 + x, exact also near 0."""
    return _elementary("log1p", x, otherwise=lambda: log(1 + x))


def _sqrt_fast(x: float) -> tuple[float, float]:
    y = math.sqrt(x)
    return y, 0.5 / y if y else _INF


@operation(
    lambda y, x: 1 / (2 * y),
    domain=((0.0, _INF),),
    needs="x ≥ 0 (x > 0 for a derivative)",
    fast=_sqrt_fast,
    notation="√{0}",
    symbol="√",
    note="The derivative at 0 is infinite.",
    example=("sqrt(9.0)", "3.0"),
)
def sqrt(x: Number) -> Number:
    """Square root."""
    return _elementary("sqrt", x)


# --- trigonometry ---------------------------------------------------------------------------------------


@operation(lambda y, x: cos(x), fast=lambda x: (math.sin(x), math.cos(x)), example=("sin(0.0)", "0.0"))
def sin(x: Number) -> Number:
    """Sine of an angle in radians."""
    return _elementary("sin", x)


@operation(lambda y, x: -sin(x), fast=lambda x: (math.cos(x), -math.sin(x)), example=("cos(0.0)", "1.0"))
def cos(x: Number) -> Number:
    """Cosine of an angle in radians."""
    return _elementary("cos", x)


def _tan_fast(x: float) -> tuple[float, float]:
    y = math.tan(x)
    return y, 1 + y * y


@operation(lambda y, x: 1 + y * y, fast=_tan_fast, example=("tan(0.0)", "0.0"))
def tan(x: Number) -> Number:
    """Tangent of an angle in radians."""
    return _elementary("tan", x)


def _reciprocal_root(x: float) -> float:
    """Return 1/√(1 − x²); the product of 1 − x and 1 + x keeps its digits where 1 − x² loses them."""
    root = math.sqrt((1 - x) * (1 + x))
    return 1 / root if root else _INF


@operation(
    lambda y, x: 1 / circle(x),
    domain=((-1.0, 1.0),),
    needs="−1 ≤ x ≤ 1 (−1 < x < 1 for a derivative)",
    fast=lambda x: (math.asin(x), _reciprocal_root(x)),
    numpy="arcsin",
    note="The derivative at ±1 is infinite.",
    example=("asin(0.0)", "0.0"),
)
def asin(x: Number) -> Number:
    """Angle in radians whose sine is x."""
    return _elementary("asin", x)


@operation(
    lambda y, x: -1 / circle(x),
    domain=((-1.0, 1.0),),
    needs="−1 ≤ x ≤ 1 (−1 < x < 1 for a derivative)",
    fast=lambda x: (math.acos(x), -_reciprocal_root(x)),
    numpy="arccos",
    note="The derivative at ±1 is infinite.",
    example=("acos(1.0)", "0.0"),
)
def acos(x: Number) -> Number:
    """Angle in radians whose cosine is x."""
    return _elementary("acos", x)


def _atan_fast(x: float) -> tuple[float, float]:
    secant = math.hypot(1, x)
    return math.atan(x), 1 / secant / secant


# 1/(1 + x²), written so that x² does not overflow.
@operation(
    lambda y, x: (1 / hypot(1, x)) ** 2,
    fast=_atan_fast,
    numpy="arctan",
    example=("atan(0.0)", "0.0"),
)
def atan(x: Number) -> Number:
    """Angle in radians whose tangent is x."""
    return _elementary("atan", x)


def _atan2_fast(y: float, x: float) -> tuple[float, tuple[float, float]]:
    r = math.hypot(y, x)
    return math.atan2(y, x), (x / r / r, -y / r / r) if r else (0.0, 0.0)


# x/r² and −y/r², written so that r² does not overflow.
@operation(
    lambda z, y, x: x / hypot(y, x) / hypot(y, x) if x or y else 0,
    lambda z, y, x: -y / hypot(y, x) / hypot(y, x) if x or y else 0,
    notation="atan2({0}, {1})",
    fast=_atan2_fast,
    numpy="arctan2",
    note="""Both derivatives at the origin are 0. The mixed second derivative (y² − x²)/r⁴ is exact to a few
    units in the last place of 2/r². Where 1/r² is larger than the largest float, second derivatives are not
    finite.""",
    example=("atan2(0.0, 1.0)", "0.0"),
)
def atan2(y: Number, x: Number) -> Number:
    """Angle in radians of the point (x, y), as ``math.atan2``: the first operand is y."""
    return _elementary("atan2", y, x)


def _hypot_fast(*xs: float) -> tuple[float, tuple[float, ...]]:
    z = math.hypot(*xs)
    return z, tuple(x / z for x in xs) if z else (0.0,) * len(xs)


@operation(
    lambda z, *xs: tuple(x / z for x in xs) if z else (0,) * len(xs),
    notation="hypot({0})",
    fast=_hypot_fast,
    variadic=True,
    domain=(_REALS, _REALS),
    note="""The derivatives at the origin are 0. The second derivative y²/r³ is exact to a few units in the
    last place of 1/r; where that is larger than the largest float, second derivatives are not finite.""",
    example=("hypot(3.0, 4.0)", "5.0"),
)
def hypot(*xs: Number) -> Number:
    """Length of the vector of the operands, √(x² + y² + …)."""
    if len(xs) == 2:
        return _elementary("hypot", *xs, otherwise=lambda: sqrt(xs[0] * xs[0] + xs[1] * xs[1]))
    return sqrt(sum(x * x for x in xs))


# --- hyperbolic functions -------------------------------------------------------------------------------


@operation(
    lambda y, x: cosh(x),
    domain=((-_LARGEST_OF_COSH, _LARGEST_OF_COSH),),
    needs="|x| ≤ 710.47",
    fast=lambda x: (math.sinh(x), math.cosh(x)),
    example=("sinh(0.0)", "0.0"),
)
def sinh(x: Number) -> Number:
    """Hyperbolic sine."""
    return _elementary("sinh", x, otherwise=lambda: (exp(x) - exp(-x)) / 2)


@operation(
    lambda y, x: sinh(x),
    domain=((-_LARGEST_OF_COSH, _LARGEST_OF_COSH),),
    needs="|x| ≤ 710.47",
    fast=lambda x: (math.cosh(x), math.sinh(x)),
    example=("cosh(0.0)", "1.0"),
)
def cosh(x: Number) -> Number:
    """Hyperbolic cosine."""
    return _elementary("cosh", x, otherwise=lambda: (exp(x) + exp(-x)) / 2)


def _tanh_fast(x: float) -> tuple[float, float]:
    t = math.exp(-2 * abs(x))
    return math.tanh(x), 4 * t / ((1 + t) * (1 + t))


# 1 − tanh² = sech²; the second form keeps its digits where tanh is close to ±1.
@operation(
    lambda y, x: sech(x) ** 2,
    fast=_tanh_fast,
    textbook=(lambda y, x: 1 - y**2,),
    example=("tanh(1000.0)", "1.0"),
)
def tanh(x: Number) -> Number:
    """Hyperbolic tangent."""
    return _elementary("tanh", x, otherwise=lambda: 1 - 2 / (1 + exp(2 * x)))


# --- error function and normal distribution -------------------------------------------------------------

_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)


def _split(x: float) -> tuple[float, float]:
    """Return x as the sum of two floats of half the digits, so that products of them are exact (Dekker)."""
    c = 134217729.0 * x
    high = c - (c - x)
    return high, x - high


def _exp_of_minus_square(x: float, halves: float = 1.0) -> float:
    """Return exp(−halves·x²). The rounding of x² would cost x² units in the last place: it is split."""
    if abs(x) > 40:
        return 0.0
    high, low = _split(x)
    return math.exp(-halves * high * high) * math.exp(-halves * low * (x + high))


@operation(
    lambda y, x: gauss(x),
    fast=lambda x: (math.erf(x), _TWO_OVER_ROOT_PI * _exp_of_minus_square(x)),
    example=("erf(0.0)", "0.0"),
)
def erf(x: Number) -> Number:
    """Error function."""
    return _elementary("erf", x)


@operation(
    lambda y, x: -gauss(x),
    fast=lambda x: (math.erfc(x), -_TWO_OVER_ROOT_PI * _exp_of_minus_square(x)),
    example=("erfc(0.0)", "1.0"),
)
def erfc(x: Number) -> Number:
    """Complementary error function, 1 − erf(x), exact also in the tail."""
    return _elementary("erfc", x, otherwise=lambda: 1 - erf(x))


# --- activations ----------------------------------------------------------------------------------------


def _sigmoid_fast(x: float) -> tuple[float, float]:
    t = math.exp(-abs(x))
    return (1 / (1 + t) if x >= 0 else t / (1 + t)), t / ((1 + t) * (1 + t))


# σ(1 − σ) = sech²(x/2)/4; the second form keeps its digits where σ is close to 1.
@operation(
    lambda y, x: (sech(x / 2) / 2) ** 2,
    fast=_sigmoid_fast,
    textbook=(lambda y, x: y * (1 - y),),
    notation="σ({0})",
    symbol="σ",
    example=("sigmoid(0.0)", "0.5"),
)
def sigmoid(x: Number) -> Number:
    """Logistic sigmoid, 1/(1 + e⁻ˣ) (C1)."""
    return _elementary("sigmoid", x, otherwise=lambda: 1 / (1 + exp(-x)))


def _softplus_fast(x: float) -> tuple[float, float]:
    t = math.exp(-abs(x))
    return (x + math.log1p(t), 1 / (1 + t)) if x >= 0 else (math.log1p(t), t / (1 + t))


@operation(lambda y, x: sigmoid(x), fast=_softplus_fast, example=("softplus(800.0)", "800.0"))
def softplus(x: Number) -> Number:
    """Smooth ReLU, ln(1 + eˣ)."""
    return _elementary("softplus", x, otherwise=lambda: log1p(exp(x)))


def _relu_fast(x: float) -> tuple[float, float]:
    return (x, 1) if x > 0 else (0, 0) if x <= 0 else (x, x)


@operation(
    lambda y, x: step(x),
    fast=_relu_fast,
    note="""The derivative at 0 is 0 (E1). ``maximum(x, 0)`` has 1 there, and the blend
    ``eps * maximum(x, 0) + (1 - eps) * relu(x)`` any ε.""",
    example=("relu(-3.0)", "0"),
)
def relu(x: Number) -> Number:
    """Rectified linear unit, max(0, x)."""
    return _choose(x, x, 0)


@operation(
    lambda z, x, slope: where(x, 1, slope),
    lambda z, x, slope: minimum(x, 0),
    notation="leaky_relu({0}, {1})",
    note="The derivative at 0 is the slope.",
    example=("leaky_relu(-3.0, 0.5)", "-1.5"),
)
def leaky_relu(x: Number, slope: Number = 0.01) -> Number:
    """Leaky rectified linear unit: x where x > 0, else slope · x."""
    return _choose(x, x, slope * x)


# where(x, x · 0, x) is min(x, 0) in x's own kind of number; its exponential does not overflow.
@operation(
    lambda z, x, alpha: where(x, 1, alpha * exp(where(x, x * 0, x))),
    lambda z, x, alpha: where(x, 0, expm1(where(x, x * 0, x))),
    notation="elu({0}, {1})",
    note="The derivative at 0 is alpha.",
    example=("elu(-1000.0, 1.0)", "-1.0"),
)
def elu(x: Number, alpha: Number = 1.0) -> Number:
    """Exponential linear unit: x where x > 0, else alpha · (eˣ − 1)."""
    return _choose(x, x, alpha * expm1(where(x, x * 0, x)))


def _silu_fast(x: float) -> tuple[float, float]:
    y, _ = _sigmoid_fast(x)
    return x * y, y * (1 + x * _sigmoid_fast(-x)[0])


@operation(
    lambda y, x: sigmoid(x) * (1 + x * sigmoid(-x)),
    fast=_silu_fast,
    note="""Near the zeros of its first and second derivatives these are exact to a few units in the last
    place of σ(x) and σ′(x).""",
    example=("silu(0.0)", "0.0"),
)
def silu(x: Number) -> Number:
    """Sigmoid linear unit, x · σ(x), also known as swish."""
    return x * sigmoid(x)


def _gelu_fast(x: float) -> tuple[float, float]:
    below = _normal_cdf_fast(x)[0]
    return x * below, below + x * _normal_pdf_fast(x)[0]


@operation(
    lambda y, x: normal_cdf(x) + x * normal_pdf(x),
    fast=_gelu_fast,
    note="""The exact form, by the error function. Near the zeros of its derivatives these are exact to a few
    units in the last place of the normal density.""",
    example=("gelu(0.0)", "0.0"),
)
def gelu(x: Number) -> Number:
    """Gaussian error linear unit, x · Φ(x) with Φ the normal distribution function."""
    return x * normal_cdf(x)


# --- choices --------------------------------------------------------------------------------------------


def _maximum_fast(x: float, y: float) -> tuple[float, tuple[float, float]]:
    return (x, (1, 0)) if x >= y else (y, (0, 1)) if y > x else (x + y, (math.nan, math.nan))


@operation(
    lambda z, x, y: 1 - step(y - x),
    lambda z, x, y: step(y - x),
    notation="max({0}, {1})",
    symbol="max",
    fast=_maximum_fast,
    note="Of two equal operands the first counts, as in Python's ``max``.",
    example=("maximum(2.0, 3.0)", "3.0"),
)
def maximum(x: Number, y: Number) -> Number:
    """Larger of two."""
    return _choose(y - x, y, x)


def _minimum_fast(x: float, y: float) -> tuple[float, tuple[float, float]]:
    return (x, (1, 0)) if x <= y else (y, (0, 1)) if y < x else (x + y, (math.nan, math.nan))


@operation(
    lambda z, x, y: 1 - step(x - y),
    lambda z, x, y: step(x - y),
    notation="min({0}, {1})",
    symbol="min",
    fast=_minimum_fast,
    note="Of two equal operands the first counts, as in Python's ``min``.",
    example=("minimum(2.0, 3.0)", "2.0"),
)
def minimum(x: Number, y: Number) -> Number:
    """Smaller of two."""
    return _choose(x - y, y, x)


@operation(
    lambda z, x, a, b: 0,
    lambda z, x, a, b: step(x),
    lambda z, x, a, b: 1 - step(x),
    notation="where({0} > 0, {1}, {2})",
    example=("where(-1.0, 10.0, 20.0)", "20.0"),
)
def where(x: Number, a: Number, b: Number) -> Number:
    """Return a where x > 0, else b: a choice that stays in the graph, unlike ``if``."""
    return _choose(x, a, b)


# --- sums of many ---------------------------------------------------------------------------------------


def _all_floats(xs: Sequence[Number]) -> bool:
    return all(isinstance(x, (float, int)) for x in xs) and any(isinstance(x, float) for x in xs)


@operation(
    lambda z, *xs: (1,) * len(xs),
    name="fsum",
    notation="Σ({0})",
    symbol="Σ",
    domain=(_REALS, _REALS, _REALS),
    variadic=True,
    public=False,
)
def _fsum(*xs: Number) -> Number:
    """Sum of many, rounded once for floats, exact for exact numbers."""
    return math.fsum(xs) if _all_floats(xs) else sum(xs)


@operation(
    lambda z, *pq: (*pq[len(pq) // 2 :], *pq[: len(pq) // 2]),
    name="sumprod",
    notation="Σ p·q({0})",
    symbol="Σ×",
    domain=(_REALS, _REALS, _REALS, _REALS),
    variadic=True,
    public=False,
    note="Products are rounded, then their sum: exact to a few units in the last place of Σ|pₖqₖ|.",
)
def _sumprod(*pq: Number) -> Number:
    """Inner product Σ pₖqₖ of the first half of the operands with the second."""
    half = len(pq) // 2
    products = list(map(_times, pq[:half], pq[half:]))
    return math.fsum(products) if _all_floats(products) else sum(products)


@operation(
    lambda z, b, *wx: (1, *wx[len(wx) // 2 :], *wx[: len(wx) // 2]),
    name="affine",
    notation="b + Σ w·x({0})",
    symbol="Σ+b",
    domain=(_REALS, _REALS, _REALS, _REALS, _REALS),
    variadic=True,
    public=False,
    note="Each step is rounded: n products are exact to n units in the last place of |b| + Σ|wₖxₖ|.",
)
def _affine(b: Number, *wx: Number) -> Number:
    """Weighted input z = b + Σ wₖxₖ (A4), with the partials of A6; operands b, then all w, then all x."""
    half = len(wx) // 2
    return sum(map(_times, wx[:half], wx[half:]), b)


# --- operations that serve as derivatives of others -----------------------------------------------------


@operation(lambda y, x: 0, notation="sign({0})", fast=lambda x: (_sign(x), 0), public=False)
def sign(x: Number) -> Number:
    """Sign of x: −1, 0 or 1."""
    return sys.modules["sympy"].sign(x) if is_symbolic(x) else _sign(x)


def _sign(x: Number) -> Number:
    return 1 if x > 0 else -1 if x < 0 else 0 if x == 0 else x


@operation(lambda y, x: 0, notation="[{0} > 0]", public=False)
def step(x: Number) -> Number:
    """Return 1 where x > 0, else 0."""
    return _choose(x, 1, 0)


def _sech_fast(x: float) -> tuple[float, float]:
    t = math.exp(-abs(x))
    y = 2 * t / (1 + t * t)
    return y, -y * math.tanh(x)


@operation(
    lambda y, x: -y * tanh(x),
    fast=_sech_fast,
    public=False,
    note="Near its zeros the second derivative is exact to a few units in the last place of sech(x).",
)
def sech(x: Number) -> Number:
    """Hyperbolic secant, 1/cosh(x)."""
    return _elementary("sech", x, otherwise=lambda: 2 / (exp(x) + exp(-x)))


@operation(
    lambda y, x: -x / y,
    domain=((-1.0, 1.0),),
    needs="−1 ≤ x ≤ 1",
    notation="√(1 − {0}²)",
    public=False,
)
def circle(x: Number) -> Number:
    """Height of the unit circle over x, √(1 − x²)."""
    return sqrt((1 - x) * (1 + x))


def _gauss_fast(x: float) -> tuple[float, float]:
    y = _TWO_OVER_ROOT_PI * _exp_of_minus_square(x)
    return y, -2 * x * y if y else 0.0


@operation(
    lambda y, x: -2 * x * y,
    notation="(2/√π)·exp(−{0}²)",
    fast=_gauss_fast,
    public=False,
    note="Near its zeros the second derivative is exact to a few units in the last place of gauss(x).",
)
def gauss(x: Number) -> Number:
    """Derivative of the error function, (2/√π)·exp(−x²)."""
    one = x * 0 + 1
    return exp(-x * x) / sqrt(atan(one))


_ROOT_HALF = math.sqrt(0.5)
_ROOT_HALF_REST = -4.833646656726457e-17  # √½ minus the float next to it


def _normal_pdf_fast(x: float) -> tuple[float, float]:
    y = _exp_of_minus_square(x, 0.5) / math.sqrt(2 * math.pi)
    return y, -x * y if y else 0.0


@operation(
    lambda y, x: -x * y,
    notation="φ({0})",
    symbol="φ",
    fast=_normal_pdf_fast,
    public=False,
    note="Near its zeros the second derivative is exact to a few units in the last place of φ(x).",
)
def normal_pdf(x: Number) -> Number:
    """Density of the normal distribution, φ(x) = exp(−x²/2)/√(2π)."""
    one = x * 0 + 1
    return exp(-x * x / 2) / sqrt(8 * atan(one))


def _normal_cdf_fast(x: float) -> tuple[float, float]:
    # In the tail erfc magnifies the rounding of its argument −x·√½ a thousandfold: what the rounding took
    # away goes in by erfc′.
    argument = -x * _ROOT_HALF
    y = math.erfc(argument)
    if y and abs(x) < 40:
        (a, b), (c, d) = _split(-x), _split(_ROOT_HALF)
        rest = ((a * c - argument) + a * d + b * c) + b * d - x * _ROOT_HALF_REST
        y -= rest * _TWO_OVER_ROOT_PI * _exp_of_minus_square(argument)
    return y / 2, _normal_pdf_fast(x)[0]


@operation(lambda y, x: normal_pdf(x), notation="Φ({0})", symbol="Φ", fast=_normal_cdf_fast, public=False)
def normal_cdf(x: Number) -> Number:
    """Distribution function of the normal distribution, Φ(x) = erfc(−x/√2)/2."""
    two = x * 0 + 2
    return erfc(-x / sqrt(two)) / 2
