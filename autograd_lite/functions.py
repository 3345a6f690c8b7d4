"""The operations as people call them: their documentation, their signatures, and the methods of ``Value``.

What they do stands in the rule book; what NumPy has and Values lack, in ``LEFT_OUT``; what editors and type
checkers see of them, in ``declared.pyi``.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import autograd_lite.floats  # noqa: F401 - what the documentation says of floats
from autograd_lite.ops import RULES, Operation

if TYPE_CHECKING:
    from autograd_lite.declared import *  # noqa: F403
    from autograd_lite.declared import Methods as Methods
else:

    class Methods:
        """The functions as methods of ``Value``, which gets them from ``METHODS``."""

        __slots__ = ()


SENTENCES: dict[str, tuple[str, ...]] = {
    "exp": ("Exponential function, e to the x.", "exp(0.0)", "1.0"),
    "expm1": ("Exponential minus one, eˣ − 1, exact also near 0.", "expm1(1e-20)", "1e-20"),
    "exp2": ("Two to the x.", "exp2(3.0)", "8.0"),
    "log": ("Natural logarithm.", "log(1.0)", "0.0"),
    "log1p": ("Natural logarithm of 1 + x, exact also near 0.", "log1p(1e-20)", "1e-20"),
    "log2": ("Logarithm to the base 2.", "log2(8.0)", "3.0"),
    "log10": ("Logarithm to the base 10.", "log10(1000.0)", "3.0"),
    "logaddexp": ("Logarithm of a sum of exponentials, ln(eˣ + eʸ).", "logaddexp(-1000.0, 0.0)", "0.0"),
    "sqrt": ("Square root.", "sqrt(9.0)", "3.0"),
    "cbrt": ("Real cube root.", "cbrt(-8.0)", "-2.0"),
    "sin": ("Sine of an angle in radians.", "sin(0.0)", "0.0"),
    "cos": ("Cosine of an angle in radians.", "cos(0.0)", "1.0"),
    "tan": ("Tangent of an angle in radians.", "tan(0.0)", "0.0"),
    "asin": ("Angle in radians whose sine is x.", "asin(0.0)", "0.0"),
    "acos": ("Angle in radians whose cosine is x.", "acos(1.0)", "0.0"),
    "atan": ("Angle in radians whose tangent is x.", "atan(0.0)", "0.0"),
    "atan2": (
        "Angle in radians of the point (x, y), as ``math.atan2``: the first operand is y.",
        "atan2(0.0, 1.0)",
        "0.0",
    ),
    "hypot": ("Length of the vector of the operands, √(x² + y² + …).", "hypot(3.0, 4.0)", "5.0"),
    "degrees": ("Angle in degrees of one in radians.", "degrees(0.0)", "0.0"),
    "radians": ("Angle in radians of one in degrees.", "radians(0.0)", "0.0"),
    "sinc": ("Cardinal sine sin(πx)/(πx), 1 at 0.", "sinc(1.0)", "0.0"),
    "sinh": ("Hyperbolic sine.", "sinh(0.0)", "0.0"),
    "cosh": ("Hyperbolic cosine.", "cosh(0.0)", "1.0"),
    "tanh": ("Hyperbolic tangent.", "tanh(1000.0)", "1.0"),
    "asinh": ("Number whose hyperbolic sine is x.", "asinh(0.0)", "0.0"),
    "acosh": ("Number ≥ 0 whose hyperbolic cosine is x.", "acosh(1.0)", "0.0"),
    "atanh": ("Number whose hyperbolic tangent is x.", "atanh(0.0)", "0.0"),
    "erf": ("Error function.", "erf(0.0)", "0.0"),
    "erfc": ("Complementary error function, 1 − erf(x), exact also in the tail.", "erfc(0.0)", "1.0"),
    "gamma": ("Gamma function Γ(x), (n − 1)! at a whole number n.", "gamma(5.0)", "24.0"),
    "lgamma": ("Logarithm of the gamma function's magnitude, ln|Γ(x)|.", "lgamma(1.0)", "0.0"),
    "digamma": (
        "Derivative of the logarithm of the gamma function, ψ(x).",
        "digamma(1.0)",
        "-0.5772156649015328",
    ),
    "sigmoid": ("Logistic sigmoid, 1/(1 + e⁻ˣ) (C1).", "sigmoid(0.0)", "0.5"),
    "softplus": ("Smooth ReLU, ln(1 + eˣ).", "softplus(800.0)", "800.0"),
    "relu": ("Rectified linear unit, max(0, x).", "relu(-3.0)", "0"),
    "leaky_relu": (
        "Leaky rectified linear unit: x where x > 0, else slope · x.",
        "leaky_relu(-3.0, 0.5)",
        "-1.5",
    ),
    "elu": (
        "Exponential linear unit: x where x > 0, else alpha · (eˣ − 1).",
        "elu(-1000.0, 1.0)",
        "-1.0",
    ),
    "silu": ("Sigmoid linear unit, x · σ(x), also known as swish.", "silu(0.0)", "0.0"),
    "gelu": (
        "Gaussian error linear unit, x · Φ(x) with Φ the normal distribution function.",
        "gelu(0.0)",
        "0.0",
    ),
    "fmod": ("Remainder of x by y of the sign of x, as ``math.fmod``.", "fmod(-7.0, 3.0)", "-1.0"),
    "mod": ("Remainder of x by y of the sign of y, as Python's ``x % y``.", "mod(-7.0, 3.0)", "2.0"),
    "maximum": ("Larger of two.", "maximum(2.0, 3.0)", "3.0"),
    "minimum": ("Smaller of two.", "minimum(2.0, 3.0)", "2.0"),
    "where": (
        "Return a where x > 0, else b: a choice that stays in the graph, unlike ``if``.",
        "where(-1.0, 10.0, 20.0)",
        "20.0",
    ),
    "clip": ("Number between low and high next to x: min(max(x, low), high).", "clip(3.0, -1.0, 1.0)", "1.0"),
    "add": ("Sum of two.",),
    "sub": ("Difference.",),
    "mul": ("Product of two.",),
    "div": ("Quotient.",),
    "neg": ("Negative.",),
    "abs": ("Absolute value.",),
    "pow": ("Power; 0⁰ is 1, of Decimals too.",),
    "fsum": ("Sum of many, rounded once for floats, exact for exact numbers.",),
    "sumprod": ("Inner product Σ pₖqₖ of the first half of the operands with the second.",),
    "affine": (
        "Weighted input z = b + Σ wₖxₖ (A4), with the partials of A6; operands b, then all w, then all x.",
    ),
    "sign": ("Sign of x: −1, 0 or 1.",),
    "step": ("Return 1 where x > 0, else 0.",),
    "sech": ("Hyperbolic secant, 1/cosh(x).",),
    "circle": ("Height of the unit circle over x, √(1 − x²).",),
    "gauss": ("Derivative of the error function, (2/√π)·exp(−x²).",),
    "normal_pdf": ("Density of the normal distribution, φ(x) = exp(−x²/2)/√(2π).",),
    "normal_cdf": ("Distribution function of the normal distribution, Φ(x) = erfc(−x/√2)/2.",),
    "logsumexp": ("Logarithm of a sum of exponentials of many, ln Σ eˣ.",),
    "round": ("Nearest whole number.",),
    "polygamma": ("Derivative of order n of the digamma function, ψ⁽ⁿ⁾(x).",),
    "bessel": ("Spherical Bessel function of πx, jₙ(πx).",),
}
"""For each row a sentence; for those that people call an example, too, with its result."""

_FLAT = "its derivative is 0 wherever it has one: take it of the data, math.floor(v) and its like"
_WHOLE = "it is defined on whole numbers or truth values, which have no derivative"
_RELATION = (
    "its result is a truth value, by the data: v < w; maximum, minimum, clip and where stay in the graph"
)
_FLOATS_ONLY = "NumPy itself does not have it on arrays of objects"

LEFT_OUT: dict[str, str] = {
    **dict.fromkeys(("floor", "ceil", "trunc", "rint", "sign", "floor_divide"), _FLAT),
    **dict.fromkeys(("gcd", "lcm", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_count"), _WHOLE),
    **dict.fromkeys(("invert", "left_shift", "right_shift"), _WHOLE),
    **dict.fromkeys(("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"), _RELATION),
    **dict.fromkeys(("logical_and", "logical_or", "logical_xor", "logical_not"), _RELATION),
    **dict.fromkeys(("logaddexp", "logaddexp2", "float_power", "copysign", "heaviside"), _FLOATS_ONLY),
    **dict.fromkeys(("divmod", "modf", "frexp", "ldexp", "nextafter", "spacing", "signbit"), _FLOATS_ONLY),
    **dict.fromkeys(("isfinite", "isinf", "isnan"), _FLOATS_ONLY),
}
"""What NumPy has for real numbers and is no operation on Values, on purpose, each with the reason."""

FUNCTIONS: dict[str, Operation] = {}
"""The operations that people call by name; call one with numbers, Values, or arrays of them."""

METHODS: dict[str, Callable[..., Any]] = {}
"""The same as methods, under their own names and those by which NumPy calls them on arrays of objects."""


def publish(row: Operation, sentence: str, call: str = "", result: str = "") -> None:
    """Give a row its name, documentation and signature as a function."""
    if row.public:
        FUNCTIONS[row.name] = row
    names = operand_names(row)
    defaults = dict(zip(reversed(names), reversed(row.value.__defaults__ or ()), strict=False))
    last = Parameter.VAR_POSITIONAL if row.variadic else Parameter.POSITIONAL_OR_KEYWORD
    kinds = [Parameter.POSITIONAL_OR_KEYWORD] * (len(names) - 1) + [last]
    signature = Signature(
        [Parameter(n, k, default=defaults.get(n, Parameter.empty)) for n, k in zip(names, kinds, strict=True)]
    )
    text = f"""{sentence}

    Parameters
    ----------
    {str(signature)[1:-1]} : Value or number
        Needs {row.floats.needs}.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Raises
    ------
    ValueError, ZeroDivisionError, OverflowError
        Where the operation is not defined or its result is no float.
    """
    if row.floats.note:
        text += f"\n    Notes\n    -----\n    {row.floats.note}\n    "
    if call:
        text += f"\n    Examples\n    --------\n    >>> {call}\n    {result}\n    "
    vars(row).update(__name__=row.name, __qualname__=row.name, __doc__=text, __signature__=signature)


def operand_names(row: Operation, arity: int = 0) -> tuple[str, ...]:
    """Return the names of a row's operands; of a variadic one's, up to an arity, wx1, wx2 and so on."""
    code = row.partials[0].__code__
    names: tuple[str, ...] = code.co_varnames[1 : code.co_argcount]
    if not row.variadic:
        return names
    many = code.co_varnames[code.co_argcount]
    return (*names, *(f"{many}{i}" for i in range(1, arity - len(names) + 1))) if arity else (*names, many)


def _method(row: Operation) -> Any:
    def unary(self: Any) -> Any:
        return self.apply_operation(row, (self,))

    def method(self: Any, *others: Any, **named: Any) -> Any:
        return self.apply_operation(row, row.complete((self, *others), named))

    signature: Signature = vars(row)["__signature__"]
    myself = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    others = list(signature.parameters.values())[not row.variadic :]
    made: Any = unary if len(row.partials) == 1 and not row.variadic else method
    made.__signature__ = Signature([myself, *others])
    made.__name__ = row.name
    made.__qualname__ = f"Value.{row.name}"
    sentence = (row.__doc__ or "").partition("\n")[0]
    made.__doc__ = f"{sentence} See the function ``autograd_lite.{row.name}``."
    return made


for _name, _texts in SENTENCES.items():
    publish(RULES[_name], *_texts)
    if RULES[_name].public:
        METHODS.update(dict.fromkeys((_name, *RULES[_name].floats.ufuncs), _method(RULES[_name])))
METHODS["fabs"] = _method(RULES["abs"])

globals().update(FUNCTIONS)
__test__ = {name: row.__doc__ for name, row in FUNCTIONS.items()}
