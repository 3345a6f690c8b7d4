"""The rule book: one row an operation, and the only place where an operation is defined.

A row is what a textbook says: the result as a function of the operands, and for each operand the partial
derivative as a function of the result, which comes first, and the operands: of y and x, or of z, x and y.

    tanh = row("tanh", native("tanh", lambda x: 1 - 2 / (1 + exp(2 * x))), lambda y, x: 1 - y**2)

``native`` is the function of that name as the operand's own library has it, Python's ``math``, SymPy,
mpmath; a library that has none takes what follows. Because the rest is plain arithmetic, a row runs on any
kind of number that has the functions in it, and on ``Value`` itself, which is how ``derivatives.py`` makes
second derivatives. What a graph is, this file does not know: a kind of number that wants to see the
operations applied to it, as ``Value`` does, has a method ``apply_operation``.

What floats do to a row, its range, the form that keeps its digits, a faster way, stands in ``floats.py``;
which kinds of numbers there are, and how a row computes with them, in ``numbers``; the functions with their
documentation in ``functions.py``; how to enter a row of your own in ``extending.py``. Ids such as (A4) are
those of the statements in ``tests/nn/test_derivations.py``.
"""

from __future__ import annotations

import functools
from typing import Any

from autograd_lite.numbers.computing import Computing
from autograd_lite.numbers.entry import REALS, FloatEntry, Rule
from autograd_lite.numbers.failures import failure
from autograd_lite.numbers.kinds import choose, like, native, pi, products, rint, sign_of

RULES: dict[str, Operation] = {}
"""Every operation by name, in the order of this file."""


class Operation(Computing):
    """One row of the rule book; call it with numbers, Values, or arrays of them.

    ``Computing`` evaluates it: the result and the partials, by the rules or, of floats, a faster way.
    """

    def __init__(
        self,
        name: str,
        value: Rule,
        *partials: Rule,
        notation: str = "",
        symbol: str = "",
        public: bool = True,
        variadic: bool = False,
    ) -> None:
        self.name = name
        self.value = value  # value(x, y): the result
        self.partials = partials  # partials[i](z, x, y): ∂z/∂(operand i), where z is the result
        self.symbol = symbol or name  # its sign in pictures: "+"
        places = ", ".join(f"{{{i}}}" for i in range(len(partials)))
        self.notation = notation or f"{self.symbol}({places})"  # how it is written: "{0} + {1}"
        self.public = public  # called by name; others have an operator, take a list, or serve as derivatives
        self.variadic = variadic  # it takes any number of operands: one rule then gives all partials
        self.floats = FloatEntry((REALS,) * len(partials))  # what floats do to it, see floats.py

    def __call__(self, *operands: Any, **named: Any) -> Any:
        """Apply the operation to numbers, or hand it to the first operand that keeps account of it."""
        operands = self.complete(operands, named)
        for operand in operands:
            if hasattr(operand, "apply_operation"):
                return operand.apply_operation(self, operands)
        try:
            return self.compute(*operands)
        except (ArithmeticError, ValueError, TypeError) as error:
            raise failure(self, operands, error) from error


def row(name: str, *rules: Rule, **fields: Any) -> Operation:
    """Enter an operation into the rule book: its value, its partials, and its fields."""
    made = RULES[name] = Operation(name, *rules, **fields)
    return made


helper = functools.partial(row, public=False)
many = functools.partial(row, variadic=True)

# --- arithmetic -----------------------------------------------------------------------------------------

helper("add", lambda x, y: x + y, lambda z, x, y: 1, lambda z, x, y: 1, notation="{0} + {1}", symbol="+")
helper("sub", lambda x, y: x - y, lambda z, x, y: 1, lambda z, x, y: -1, notation="{0} − {1}", symbol="−")
helper("mul", lambda x, y: x * y, lambda z, x, y: y, lambda z, x, y: x, notation="{0} · {1}", symbol="×")
helper(
    "div", lambda x, y: x / y, lambda z, x, y: 1 / y, lambda z, x, y: -z / y, notation="{0} / {1}", symbol="÷"
)
helper("neg", lambda x: -x, lambda y, x: -1, notation="−{0}", symbol="−")
# The derivative of |x| at 0 is taken as 0.
helper("abs", lambda x: abs(x), lambda y, x: sign(x), notation="|{0}|", symbol="|·|")
# 0⁰ is 1, of Decimals too; the derivative by the exponent is taken as 0 at x ≤ 0.
helper(
    "pow",
    lambda x, y: x**y if x or y else x * 0 + 1,
    lambda z, x, y: y * x ** (y - 1) if x or y else 0,
    lambda z, x, y: z * log(where(x, x, like(x, 1))),
    notation="{0}^{1}",
    symbol="^",
)
# Remainders: of the sign of x and, as Python's %, of y.
fmod = row(
    "fmod", lambda x, y: sign(x) * (abs(x) % abs(y)), lambda z, x, y: 1, lambda z, x, y: whole((z - x) / y)
)
mod = row("mod", lambda x, y: x % y, lambda z, x, y: 1, lambda z, x, y: whole((z - x) / y))

# --- exponentials and logarithms ------------------------------------------------------------------------

exp = row("exp", native("exp"), lambda y, x: y)
expm1 = row("expm1", native("expm1", lambda x: exp(x) - 1), lambda y, x: exp(x))
exp2 = row("exp2", lambda x: like(x, 2) ** x, lambda y, x: y * log(like(x, 2)), notation="2^{0}")
log: Operation = row("log", native("log"), lambda y, x: 1 / x, notation="ln({0})")
log1p = row("log1p", native("log1p", lambda x: log(1 + x)), lambda y, x: 1 / (1 + x), notation="ln(1 + {0})")
log2 = row(
    "log2",
    native("log2", lambda x: log(x) / log(like(x, 2))),
    lambda y, x: 1 / (x * log(like(x, 2))),
    notation="log₂({0})",
)
log10 = row(
    "log10",
    native("log10", lambda x: log(x) / log(like(x, 10))),
    lambda y, x: 1 / (x * log(like(x, 10))),
    notation="log₁₀({0})",
)
# ln(eˣ + eʸ), and of many.
logaddexp = row(
    "logaddexp",
    native("logaddexp", lambda x, y: log(exp(x) + exp(y))),
    lambda z, x, y: exp(x - z),
    lambda z, x, y: exp(y - z),
)
logsumexp = many(
    "logsumexp",
    native("logsumexp", lambda *xs: log(sum(map(exp, xs)))),
    lambda z, *xs: tuple(exp(x - z) for x in xs),
    notation="ln Σ exp({0})",
    public=False,
)
sqrt = row("sqrt", native("sqrt"), lambda y, x: 1 / (2 * y), notation="√{0}", symbol="√")
cbrt = row(
    "cbrt",
    native("cbrt", lambda x: sign(x) * abs(x) ** (like(x, 1) / 3)),
    lambda y, x: 1 / (3 * y**2),
    notation="∛{0}",
    symbol="³√",
)

# --- trigonometry ---------------------------------------------------------------------------------------

sin = row("sin", native("sin"), lambda y, x: cos(x))
cos: Operation = row("cos", native("cos"), lambda y, x: -sin(x))
tan = row("tan", native("tan"), lambda y, x: 1 + y * y)
asin = row("asin", native("asin"), lambda y, x: 1 / circle(x))
acos = row("acos", native("acos"), lambda y, x: -1 / circle(x))
atan = row("atan", native("atan"), lambda y, x: 1 / (1 + x * x))
# Of the point (x, y): the first operand is y, as in Python's math. Here and in hypot slopes at 0 are 0.
atan2 = row(
    "atan2",
    native("atan2"),
    lambda z, y, x: x / (x * x + y * y) if x or y else 0,
    lambda z, y, x: -y / (x * x + y * y) if x or y else 0,
)
hypot = many(
    "hypot",
    native("hypot", lambda *xs: sqrt(sum(x * x for x in xs))),
    lambda z, *xs: tuple(x / z for x in xs) if z else (0,) * len(xs),
)
degrees = row("degrees", native("degrees", lambda x: x * (180 / pi(x))), lambda y, x: 180 / pi(x))
radians = row("radians", native("radians", lambda x: x * (pi(x) / 180)), lambda y, x: pi(x) / 180)
# sin(πx)/(πx), 1 at 0.
sinc = row("sinc", lambda x: bessel(0, x), lambda y, x: -pi(x) * bessel(1, x))

# --- hyperbolic functions, error function, gamma function -----------------------------------------------

sinh = row("sinh", native("sinh", lambda x: (exp(x) - exp(-x)) / 2), lambda y, x: cosh(x))
cosh: Operation = row("cosh", native("cosh", lambda x: (exp(x) + exp(-x)) / 2), lambda y, x: sinh(x))
tanh = row("tanh", native("tanh", lambda x: 1 - 2 / (1 + exp(2 * x))), lambda y, x: 1 - y**2)
asinh = row("asinh", native("asinh", lambda x: log(x + sqrt(x**2 + 1))), lambda y, x: 1 / sqrt(x**2 + 1))
acosh = row("acosh", native("acosh", lambda x: log(x + sqrt(x**2 - 1))), lambda y, x: 1 / sqrt(x**2 - 1))
atanh = row("atanh", native("atanh", lambda x: log((1 + x) / (1 - x)) / 2), lambda y, x: 1 / (1 - x**2))
erf = row("erf", native("erf"), lambda y, x: gauss(x))
erfc = row("erfc", native("erfc", lambda x: 1 - erf(x)), lambda y, x: -gauss(x))
gamma = row("gamma", native("gamma"), lambda y, x: y * digamma(x), symbol="Γ")
lgamma = row("lgamma", native("lgamma", lambda x: log(abs(gamma(x)))), lambda y, x: digamma(x), symbol="ln Γ")
digamma: Operation = row("digamma", native("digamma"), lambda y, x: polygamma(1, x), symbol="ψ")

# --- activations ----------------------------------------------------------------------------------------

# Logistic, 1/(1 + e⁻ˣ) (C1).
sigmoid = row("sigmoid", native("sigmoid", lambda x: 1 / (1 + exp(-x))), lambda y, x: y * (1 - y), symbol="σ")
softplus = row("softplus", native("softplus", lambda x: log1p(exp(x))), lambda y, x: sigmoid(x))
# The derivative at 0 is 0 (E1).
relu = row("relu", lambda x: choose(x, x, 0), lambda y, x: step(x))
# x where x > 0, else slope · x; the derivative at 0 is the slope.
leaky_relu = row(
    "leaky_relu",
    lambda x, slope=0.01: choose(x, x, slope * x),
    lambda z, x, slope: where(x, 1, slope),
    lambda z, x, slope: minimum(x, 0),
)
# x where x > 0, else alpha · (eˣ − 1); where(x, x · 0, x) is min(x, 0) in x's own kind of number.
elu = row(
    "elu",
    lambda x, alpha=1.0: choose(x, x, alpha * expm1(where(x, x * 0, x))),
    lambda z, x, alpha: where(x, 1, alpha * exp(where(x, x * 0, x))),
    lambda z, x, alpha: where(x, 0, expm1(where(x, x * 0, x))),
)
silu = row("silu", lambda x: x * sigmoid(x), lambda y, x: sigmoid(x) * (1 + x * sigmoid(-x)))
gelu = row("gelu", lambda x: x * normal_cdf(x), lambda y, x: normal_cdf(x) + x * normal_pdf(x))

# --- choices: of two equal operands the first counts, as in Python's max --------------------------------

maximum = row(
    "maximum",
    lambda x, y: choose(y - x, y, x),
    lambda z, x, y: 1 - step(y - x),
    lambda z, x, y: step(y - x),
    symbol="max",
)
minimum: Operation = row(
    "minimum",
    lambda x, y: choose(x - y, y, x),
    lambda z, x, y: 1 - step(x - y),
    lambda z, x, y: step(x - y),
    symbol="min",
)
# a where x > 0, else b: a choice that stays in the graph, unlike ``if``.
where: Operation = row(
    "where",
    lambda x, a, b: choose(x, a, b),
    lambda z, x, a, b: 0,
    lambda z, x, a, b: step(x),
    lambda z, x, a, b: 1 - step(x),
    notation="where({0} > 0, {1}, {2})",
)
# x, but at least low and at most high; at the edges x counts.
clip = row(
    "clip",
    lambda x, low, high: minimum(maximum(x, low), high),
    lambda z, x, low, high: (1 - step(low - x)) * (1 - step(x - high)),
    lambda z, x, low, high: step(low - x) * (1 - step(low - high)),
    lambda z, x, low, high: step(maximum(x, low) - high),
)

# --- sums of many: one rule gives all partials ----------------------------------------------------------

many("fsum", lambda *xs: sum(xs), lambda z, *xs: (1,) * len(xs), symbol="Σ", public=False)
# Σ pₖqₖ: the operands are all p, then all q.
many(
    "sumprod",
    lambda *pq: sum(products(pq)),
    lambda z, *pq: (*pq[len(pq) // 2 :], *pq[: len(pq) // 2]),
    notation="Σ p·q({0})",
    symbol="Σ×",
    public=False,
)
# z = b + Σ wₖxₖ (A4), with the partials of A6: the operands are b, then all w, then all x.
many(
    "affine",
    lambda b, *wx: sum(products(wx), b),
    lambda z, b, *wx: (1, *wx[len(wx) // 2 :], *wx[: len(wx) // 2]),
    notation="b + Σ w·x({0})",
    symbol="Σ+b",
    public=False,
)

# --- operations that serve as derivatives of others -----------------------------------------------------

sign: Operation = helper("sign", sign_of, lambda y, x: 0, notation="sign({0})")
# 1 where x > 0, else 0.
step: Operation = helper("step", lambda x: choose(x, 1, 0), lambda y, x: 0, notation="[{0} > 0]")
# The nearest whole number.
whole: Operation = helper("round", rint, lambda y, x: 0)
# 1/cosh x, in whose terms floats keep the digits of the derivatives of tanh and sigmoid.
sech = helper("sech", native("sech", lambda x: 2 / (exp(x) + exp(-x))), lambda y, x: -y * tanh(x))
# √(1 − x²), the height of the unit circle over x.
circle: Operation = helper(
    "circle", lambda x: sqrt((1 - x) * (1 + x)), lambda y, x: -x / y, notation="√(1 − {0}²)"
)
# (2/√π) exp(−x²), the derivative of the error function.
gauss: Operation = helper(
    "gauss",
    lambda x: 2 / sqrt(pi(x)) * exp(-x * x),
    lambda y, x: -2 * x * y,
    notation="(2/√π)·exp(−{0}²)",
)
# The density φ of the normal distribution, and its distribution function Φ.
normal_pdf: Operation = helper(
    "normal_pdf",
    lambda x: exp(-x * x / 2) / sqrt(2 * pi(x)),
    lambda y, x: -x * y,
    symbol="φ",
)
normal_cdf: Operation = helper(
    "normal_cdf",
    lambda x: erfc(-x / sqrt(like(x, 2))) / 2,
    lambda y, x: normal_pdf(x),
    symbol="Φ",
)
# The n-th derivative of ψ, and the spherical Bessel function jₙ of πx, for n = 0, 1, 2, …
polygamma: Operation = helper(
    "polygamma",
    native("polygamma"),
    lambda z, n, x: 0,
    lambda z, n, x: polygamma(n + 1, x),
    notation="ψ^({0})({1})",
)
bessel: Operation = helper(
    "bessel",
    native("bessel"),
    lambda z, n, x: 0,
    lambda z, n, x: pi(x) * (n * bessel(abs(n - 1), x) - (n + 1) * bessel(n + 1, x)) / (2 * n + 1),
    notation="j_{0}(π·{1})",
)
