"""What editors and type checkers see of the functions and of the methods of ``Value``; nothing runs here.

A row cannot tell them its signature and its sentence; tests hold both to what ``functions.py`` makes of it.
"""

from typing import Any, TypeVar

T = TypeVar("T")

def exp(x: Any) -> Any:
    """Exponential function, e to the x."""

def expm1(x: Any) -> Any:
    """Exponential minus one, eˣ − 1, exact also near 0."""

def exp2(x: Any) -> Any:
    """Two to the x."""

def log(x: Any) -> Any:
    """Natural logarithm."""

def log1p(x: Any) -> Any:
    """Natural logarithm of 1 + x, exact also near 0."""

def log2(x: Any) -> Any:
    """Logarithm to the base 2."""

def log10(x: Any) -> Any:
    """Logarithm to the base 10."""

def logaddexp(x: Any, y: Any) -> Any:
    """Logarithm of a sum of exponentials, ln(eˣ + eʸ)."""

def sqrt(x: Any) -> Any:
    """Square root."""

def cbrt(x: Any) -> Any:
    """Real cube root."""

def sin(x: Any) -> Any:
    """Sine of an angle in radians."""

def cos(x: Any) -> Any:
    """Cosine of an angle in radians."""

def tan(x: Any) -> Any:
    """Tangent of an angle in radians."""

def asin(x: Any) -> Any:
    """Angle in radians whose sine is x."""

def acos(x: Any) -> Any:
    """Angle in radians whose cosine is x."""

def atan(x: Any) -> Any:
    """Angle in radians whose tangent is x."""

def atan2(y: Any, x: Any) -> Any:
    """Angle in radians of the point (x, y), as ``math.atan2``: the first operand is y."""

def hypot(*xs: Any) -> Any:
    """Length of the vector of the operands, √(x² + y² + …)."""

def degrees(x: Any) -> Any:
    """Angle in degrees of one in radians."""

def radians(x: Any) -> Any:
    """Angle in radians of one in degrees."""

def sinc(x: Any) -> Any:
    """Cardinal sine sin(πx)/(πx), 1 at 0."""

def sinh(x: Any) -> Any:
    """Hyperbolic sine."""

def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""

def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""

def asinh(x: Any) -> Any:
    """Number whose hyperbolic sine is x."""

def acosh(x: Any) -> Any:
    """Number ≥ 0 whose hyperbolic cosine is x."""

def atanh(x: Any) -> Any:
    """Number whose hyperbolic tangent is x."""

def erf(x: Any) -> Any:
    """Error function."""

def erfc(x: Any) -> Any:
    """Complementary error function, 1 − erf(x), exact also in the tail."""

def gamma(x: Any) -> Any:
    """Gamma function Γ(x), (n − 1)! at a whole number n."""

def lgamma(x: Any) -> Any:
    """Logarithm of the gamma function's magnitude, ln|Γ(x)|."""

def digamma(x: Any) -> Any:
    """Derivative of the logarithm of the gamma function, ψ(x)."""

def sigmoid(x: Any) -> Any:
    """Logistic sigmoid, 1/(1 + e⁻ˣ) (C1)."""

def softplus(x: Any) -> Any:
    """Smooth ReLU, ln(1 + eˣ)."""

def relu(x: Any) -> Any:
    """Rectified linear unit, max(0, x)."""

def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """Leaky rectified linear unit: x where x > 0, else slope · x."""

def elu(x: Any, alpha: Any = 1.0) -> Any:
    """Exponential linear unit: x where x > 0, else alpha · (eˣ − 1)."""

def silu(x: Any) -> Any:
    """Sigmoid linear unit, x · σ(x), also known as swish."""

def gelu(x: Any) -> Any:
    """Gaussian error linear unit, x · Φ(x) with Φ the normal distribution function."""

def fmod(x: Any, y: Any) -> Any:
    """Remainder of x by y of the sign of x, as ``math.fmod``."""

def mod(x: Any, y: Any) -> Any:
    """Remainder of x by y of the sign of y, as Python's ``x % y``."""

def maximum(x: Any, y: Any) -> Any:
    """Larger of two."""

def minimum(x: Any, y: Any) -> Any:
    """Smaller of two."""

def where(x: Any, a: Any, b: Any) -> Any:
    """Return a where x > 0, else b: a choice that stays in the graph, unlike ``if``."""

def clip(x: Any, low: Any, high: Any) -> Any:
    """Number between low and high next to x: min(max(x, low), high)."""

class Methods:
    """The functions as methods of ``Value``."""

    __slots__ = ()

    def exp(self: T) -> T:
        """Exponential function, e to the x."""

    def expm1(self: T) -> T:
        """Exponential minus one, eˣ − 1, exact also near 0."""

    def exp2(self: T) -> T:
        """Two to the x."""

    def log(self: T) -> T:
        """Natural logarithm."""

    def log1p(self: T) -> T:
        """Natural logarithm of 1 + x, exact also near 0."""

    def log2(self: T) -> T:
        """Logarithm to the base 2."""

    def log10(self: T) -> T:
        """Logarithm to the base 10."""

    def logaddexp(self: T, y: Any) -> T:
        """Logarithm of a sum of exponentials, ln(eˣ + eʸ)."""

    def sqrt(self: T) -> T:
        """Square root."""

    def cbrt(self: T) -> T:
        """Real cube root."""

    def sin(self: T) -> T:
        """Sine of an angle in radians."""

    def cos(self: T) -> T:
        """Cosine of an angle in radians."""

    def tan(self: T) -> T:
        """Tangent of an angle in radians."""

    def asin(self: T) -> T:
        """Angle in radians whose sine is x."""

    def acos(self: T) -> T:
        """Angle in radians whose cosine is x."""

    def atan(self: T) -> T:
        """Angle in radians whose tangent is x."""

    def atan2(self: T, x: Any) -> T:
        """Angle in radians of the point (x, y), as ``math.atan2``: the first operand is y."""

    def hypot(self: T, *xs: Any) -> T:
        """Length of the vector of the operands, √(x² + y² + …)."""

    def degrees(self: T) -> T:
        """Angle in degrees of one in radians."""

    def radians(self: T) -> T:
        """Angle in radians of one in degrees."""

    def sinc(self: T) -> T:
        """Cardinal sine sin(πx)/(πx), 1 at 0."""

    def sinh(self: T) -> T:
        """Hyperbolic sine."""

    def cosh(self: T) -> T:
        """Hyperbolic cosine."""

    def tanh(self: T) -> T:
        """Hyperbolic tangent."""

    def asinh(self: T) -> T:
        """Number whose hyperbolic sine is x."""

    def acosh(self: T) -> T:
        """Number ≥ 0 whose hyperbolic cosine is x."""

    def atanh(self: T) -> T:
        """Number whose hyperbolic tangent is x."""

    def erf(self: T) -> T:
        """Error function."""

    def erfc(self: T) -> T:
        """Complementary error function, 1 − erf(x), exact also in the tail."""

    def gamma(self: T) -> T:
        """Gamma function Γ(x), (n − 1)! at a whole number n."""

    def lgamma(self: T) -> T:
        """Logarithm of the gamma function's magnitude, ln|Γ(x)|."""

    def digamma(self: T) -> T:
        """Derivative of the logarithm of the gamma function, ψ(x)."""

    def sigmoid(self: T) -> T:
        """Logistic sigmoid, 1/(1 + e⁻ˣ) (C1)."""

    def softplus(self: T) -> T:
        """Smooth ReLU, ln(1 + eˣ)."""

    def relu(self: T) -> T:
        """Rectified linear unit, max(0, x)."""

    def leaky_relu(self: T, slope: Any = 0.01) -> T:
        """Leaky rectified linear unit: x where x > 0, else slope · x."""

    def elu(self: T, alpha: Any = 1.0) -> T:
        """Exponential linear unit: x where x > 0, else alpha · (eˣ − 1)."""

    def silu(self: T) -> T:
        """Sigmoid linear unit, x · σ(x), also known as swish."""

    def gelu(self: T) -> T:
        """Gaussian error linear unit, x · Φ(x) with Φ the normal distribution function."""

    def fmod(self: T, y: Any) -> T:
        """Remainder of x by y of the sign of x, as ``math.fmod``."""

    def mod(self: T, y: Any) -> T:
        """Remainder of x by y of the sign of y, as Python's ``x % y``."""

    def maximum(self: T, y: Any) -> T:
        """Larger of two."""

    def minimum(self: T, y: Any) -> T:
        """Smaller of two."""

    def where(self: T, a: Any, b: Any) -> T:
        """Return a where x > 0, else b: a choice that stays in the graph, unlike ``if``."""

    def clip(self: T, low: Any, high: Any) -> T:
        """Number between low and high next to x: min(max(x, low), high)."""
