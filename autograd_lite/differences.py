"""gradcheck: derivatives compared with difference quotients, extrapolated, with an estimate of their error.

The derivatives themselves are those of ``derivatives.py``; whose mistake a wrong gradient is, when somebody
wrote it by hand, is left to ``mistakes.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from autograd_lite.derivatives import Function, grad, jacobian, listed, out_of_its_array
from autograd_lite.pause import enable_grad, no_grad
from autograd_lite.value import Value

Direction: TypeAlias = dict[int, float]  # by how much each input moves

_RATIO = 7.0  # of one step to the next; no round number, on which periods would fall
_DEEPEST = 5  # extrapolations of one quotient
_LOOKED_AT = 16  # of the last steps
_MANY = 100  # inputs, from which on random directions serve
_DIRECTIONS = 20


def gradcheck(
    f: Function,
    inputs: Sequence[float | Value],
    eps: float = 1e-3,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    *,
    order: int = 1,
    directions: int | None = None,
    seed: int = 0,
) -> bool:
    r"""Compare the derivatives of a function with central differences, (f(x + h) − f(x − h))/2h.

    The point itself is checked and one beside it, so that a wrong derivative does not pass where it happens
    to be right, such as at 0. The steps h shrink as far as the function needs, and their quotients are
    extrapolated to h = 0 (Richardson), which gives an estimate of the error as well: what is off by less
    than that does not fail. On the edge of the domain the differences are one-sided. An infinite derivative
    agrees with differences that grow at every smaller step, like those of asin at 1.

    Parameters
    ----------
    f : callable
        A function of ``len(inputs)`` Values that returns one or a sequence.
    inputs : sequence of number or Value
        The point.
    eps : float
        The first step h, relative to inputs larger than 1.
    atol, rtol : float
        The difference that is let pass, absolute and relative to the difference quotient.
    raise_exception : bool
        Whether to raise on disagreement, or to return False.
    order : int
        Up to which order derivatives are checked: 2 for those of the gradient too.
    directions : int, optional
        Along how many random directions to check, instead of by every input. By default by every input up
        to 100 of them, else along 20 directions. What fails along a direction is traced to an input.
    seed : int
        Of the directions.

    Returns
    -------
    bool
        Whether they agree.

    Raises
    ------
    AssertionError
        On disagreement, naming the output, the input, both numbers, the error of the differences, and the
        point; and both slopes if the function has a kink there.
    ValueError
        If eps is not positive, or lost in rounding; if f is defined at the point and on no side of it; or if
        order or directions are less than 1.

    Examples
    --------
    >>> gradcheck(lambda x, y: (x * y).tanh(), [0.5, -1.0], order=2)
    True
    >>> from autograd_lite import relu
    >>> try:
    ...     gradcheck(relu, [0.0])
    ... except AssertionError as error:
    ...     print(str(error).replace(": ", ":\n").replace("; ", ";\n"))
    ∂output 0/∂input 0 is 0.0 by the chain rule and 0.5 ± 4e-16 by differences, at [0.0]:
    the function has a kink there, with slope 0.0 on the left and 1.0 on the right;
    the chain rule gives one of the two
    """
    if not 0 < eps < math.inf:
        raise ValueError(
            f"eps is the step of the differences, {eps!r} is none: give a number above 0, like 1e-3"
        )
    for name, count in (("order", order), ("directions", directions)):
        if count is not None and count < 1:
            raise ValueError(f"{name} = {count!r}: give a whole number, at least 1")
    point = [float(x) for x in listed("inputs", inputs)]
    called: Callable[[int], str] = "output {}".format
    fault = ""
    for _ in range(order):
        check = _Check(f, called, eps, atol, rtol, directions, seed)
        fault = check.fault(point) or check.fault_beside(point)
        if fault:
            break
        f, called = _gradient_of(f), _slopes_called(called, len(point))
    if fault and raise_exception:
        raise AssertionError(fault)
    return not fault


def _gradient_of(f: Function) -> Function:
    """Return the function whose outputs are the derivatives of all outputs by all inputs."""

    def gradient(*variables: Value) -> list[Value]:
        with enable_grad():
            outputs = _outputs(f, variables)
        slopes = (grad(output, variables, create_graph=True) for output in outputs)
        return list(chain.from_iterable(slopes))

    return gradient


def _slopes_called(called: Callable[[int], str], inputs: int) -> Callable[[int], str]:
    return lambda i: f"({_slope_called(called(i // inputs), i % inputs)})"


def _slope_called(output: str, column: int) -> str:
    return f"∂{output}/∂input {column}"


def _outputs(f: Function, variables: Sequence[Value]) -> list[Value]:
    output = out_of_its_array(f(*variables))
    outputs = output if isinstance(output, Iterable) else [output]
    return [y if isinstance(y, Value) else Value(y) for y in outputs]


class _Check(NamedTuple):
    """A function, what its outputs are called, and what is let pass."""

    f: Function
    called: Callable[[int], str]
    eps: float
    atol: float
    rtol: float
    directions: int | None
    seed: int

    def fault(self, point: list[float]) -> str:
        """Return in words the first derivative at a point that differences contradict, or nothing."""
        middle = self.evaluate(point)
        if not middle or not point:
            return ""
        found = jacobian(self.f, point)
        rows = [list(map(float, row)) for row in (found if isinstance(found[0], list) else [found])]
        faults = (self._search(point, middle, rows, way) for way in self._ways(point, rows))
        return next(filter(None, faults), "")

    def _ways(self, point: list[float], rows: list[list[float]]) -> Iterator[Direction]:
        """Yield the inputs, each a direction by itself, or random mixtures of them."""
        inputs = range(len(point))
        number = self.directions or (_DIRECTIONS if len(point) > _MANY else len(point))
        if number >= len(point):
            yield from ({column: 1.0} for column in inputs)
            return
        from random import Random

        stream = Random(self.seed)
        smooth = [column for column in inputs if all(math.isfinite(row[column]) for row in rows)]
        yield from ({column: 1.0} for column in inputs if column not in set(smooth))
        if len(smooth) < 2:
            yield from ({column: 1.0} for column in smooth)
            return
        for _ in range(number):
            sizes = (max(1.0, abs(point[column])) * stream.uniform(0.5, 1.5) for column in smooth)
            yield {column: stream.choice((-1, 1)) * size for column, size in zip(smooth, sizes, strict=True)}

    def _search(
        self, point: list[float], middle: list[float], rows: list[list[float]], way: Direction
    ) -> str:
        """Return what is wrong along a direction, by the one input that is the reason if there is one."""
        try:
            fault = self._fault_along(point, middle, rows, way)
            if not fault or len(way) == 1:
                return fault
        except _NoSideError:
            if len(way) == 1:
                raise
            fault = ""
        columns = list(way)
        halves = columns[: len(columns) // 2], columns[len(columns) // 2 :]
        parts = ({c: way[c] if len(half) > 1 else 1.0 for c in half} for half in halves)
        found = (self._search(point, middle, rows, part) for part in parts)
        return next(filter(None, found), fault)

    def _fault_along(
        self, point: list[float], middle: list[float], rows: list[list[float]], way: Direction
    ) -> str:
        slopes = [sum(row[column] * amount for column, amount in way.items()) for row in rows]
        limits = [_Limit(slope, at, self.atol, self.rtol) for slope, at in zip(slopes, middle, strict=True)]
        for below, above in self._ends(point, way):
            for i, limit in enumerate(limits):
                if limit.verdict is None:
                    limit.take(below and (below[0], below[1][i]), above and (above[0], above[1][i]))
            if all(limit.verdict is not None for limit in limits):
                break
        for i, limit in enumerate(limits):
            if not limit.holds_at_last():
                if len(way) == 1:
                    what = _slope_called(self.called(i), next(iter(way)))
                else:
                    what = f"the slope of {self.called(i)} along {_written(way)}"
                found = f"{limit.found()}, at {_shown(point)}{limit.kink()}"
                return f"{what} is {limit.slope} by the chain rule and {found}"
        return ""

    def _ends(self, point: list[float], way: Direction) -> Iterator[tuple[_End | None, _End | None]]:
        """Yield the outputs below and above, where they are defined, for smaller and smaller steps."""
        alone = len(way) == 1
        column = next(iter(way))
        x = point[column] if alone else 1.0
        h, last = self.eps * max(1.0, abs(x)), 1e-14 * abs(x) or 1e-21
        if x + h == x - h:
            raise ValueError(
                f"eps = {self.eps} is lost in rounding beside input {column}, {x}: give a larger one"
            )
        failure, defined, once = None, False, True
        while h > last or once:
            ends: list[_End | None] = []
            for sign in (-1, 1):
                moved = list(point)
                for c, amount in way.items():
                    moved[c] += sign * h * amount
                try:
                    ends.append((abs(moved[column] - x) if alone else h, self.evaluate(moved)))
                except Exception as error:  # out of the domain, which a function may say in its own way
                    failure = error
                    ends.append(None)
            if any(ends):
                defined = True
                yield ends[0], ends[1]
            h, once = h / _RATIO, False
        if not defined:
            where = f"input {column}" if alone else "a direction"
            raise _NoSideError(
                f"the function is defined at {_shown(point)} but on neither side of {where}, where "
                "differences are taken: check its derivatives at another point"
            ) from failure

    def fault_beside(self, point: list[float]) -> str:
        """Return what is wrong at a neighbour where the function is defined, in words, or nothing.

        One neighbour may hit a kink of the function: only what is wrong at two of them counts.
        """
        faults: list[str] = []
        for distance in (0.1, -0.1, 0.01, -0.01, 0.001, -0.001, 1e-4, -1e-4):
            # Every input moves by an amount of its own, between a half and one and a half of the distance.
            shares = (0.5 + 0.618 * k % 1 for k in range(1, len(point) + 1))
            beside = [x + distance * share * max(1.0, abs(x)) for x, share in zip(point, shares, strict=True)]
            try:
                faults.append(self.fault(beside))
            except Exception:  # outside the domain
                continue
            if not faults[-1]:
                return ""
            if len(faults) == 2:
                return faults[0]
        return ""

    def evaluate(self, point: Sequence[float]) -> list[float]:
        """Return the outputs as floats."""
        with no_grad():
            return list(map(float, _outputs(self.f, list(map(Value, point)))))


_End: TypeAlias = tuple[float, list[float]]  # a step, and the outputs there


class _NoSideError(ValueError):
    """The function is not defined beside the point."""


def _shown(point: list[float]) -> str:
    return f"[{', '.join(map(repr, point[:6]))}{', …' * (len(point) > 6)}]"


def _written(way: Direction) -> str:
    parts = [f"{amount:+.4g} · input {column}" for column, amount in list(way.items())[:3]]
    return " ".join([*parts, "…"] if len(way) > 3 else parts)


class _Estimate(NamedTuple):
    """What difference quotients lead to: how far apart their extrapolations are, and what rounding may do."""

    value: float
    spread: float
    rounding: float

    @property
    def error(self) -> float:
        return self.spread + self.rounding

    def is_plausible(self, tolerance: float) -> bool:
        """Return whether the quotients settle at all."""
        return self.spread <= max(tolerance + 0.1 * abs(self.value), self.rounding)


_NONE = _Estimate(math.nan, math.inf, math.inf)


class _Table:
    """Difference quotients for smaller and smaller steps, extrapolated to the step 0 (Richardson)."""

    def __init__(self, power: int) -> None:
        self.growth = _RATIO**power  # the error of the quotients goes with this power of the step
        self.row: list[float] = []
        self.estimates: list[_Estimate] = []  # the best of each row

    def add(self, quotient: float, rounding: float) -> None:
        """Take in the quotient of the next step."""
        before, self.row = self.row, [quotient]
        found = _Estimate(quotient, math.inf, rounding)
        for j, older in enumerate(before[:_DEEPEST], 1):
            latest = self.row[-1]
            value = latest + (latest - older) / (self.growth**j - 1)
            spread = max(abs(value - latest), abs(value - older))
            self.row.append(value)
            if not spread >= found.spread:
                found = _Estimate(value, spread, rounding)
        self.estimates.append(found)

    def best(self, before_last: int = 0) -> _Estimate:
        """Return the best estimate, or that of the rows before the last ones."""
        found = _NONE
        for k in range(max(1, len(self.estimates) - _LOOKED_AT), len(self.estimates) - before_last):
            estimate = self.smoothed(k)
            if estimate.error < found.error:
                found = estimate
        return found

    def smoothed(self, k: int) -> _Estimate:
        """Return an estimate whose spread is no smaller than noise would have it by its neighbours.

        Noise grows as the step shrinks; what is far below that has met its neighbour by accident.
        """
        near = range(max(1, k - 2), min(k + 3, len(self.estimates)))
        spread = max((self.estimates[i].spread / _RATIO ** abs(i - k) for i in near), default=math.inf)
        return self.estimates[k]._replace(spread=3 * spread)


class _Limit:
    """Whether the difference quotients of one output lead to what the chain rule gives.

    Attributes
    ----------
    slope : float
        By the chain rule.
    verdict : bool or None
        None as long as it takes smaller steps to tell.
    """

    def __init__(self, slope: float, middle: float, atol: float, rtol: float) -> None:
        self.slope = slope
        self.middle = middle
        self.atol = atol
        self.rtol = rtol
        self.verdict: bool | None = None
        self.quotient = self.gap = math.nan
        self._restart(False)

    def _restart(self, both_sides: bool) -> None:
        self.both_sides = both_sides
        self.table = _Table(2 if both_sides else 1)
        self.sides = _Table(1), _Table(1)
        self.worse = self.grown = 0
        self.kinked = False

    def _tolerance(self, value: float) -> float:
        return self.atol + self.rtol * abs(value)

    def take(self, below: tuple[float, float] | None, above: tuple[float, float] | None) -> None:
        """Take in the values at a smaller step below and above, and judge where they allow it."""
        (left, low), (right, high) = below or (0.0, self.middle), above or (0.0, self.middle)
        rounding = 2**-50 * max(abs(low), abs(high), abs(self.middle)) / (left + right)
        before, self.quotient = self.quotient, (high - low) / (left + right)
        gap_before, self.gap = self.gap, math.nan
        tolerance = self._tolerance(self.quotient)
        kinked = False
        if below and above:
            slopes = (self.middle - low) / left, (high - self.middle) / right
            self.gap = slopes[1] - slopes[0]
            kinked = abs(self.gap) > tolerance and 0.8 < self.gap / (gap_before or math.nan) < 1.25
            has_left = self.kinked and abs(gap_before) > 30 * abs(self.gap) and rounding <= tolerance
            if not self.both_sides or has_left:
                self._restart(True)
            self.kinked |= kinked  # between the ends of the steps
            for side, slope in zip(self.sides, slopes, strict=True):
                side.add(slope, 2 * rounding)
        self.table.add(self.quotient, rounding)
        grows = self.quotient / (before or math.nan) > 1.01
        self.grown = self.grown + 1 if grows else 0
        if math.isnan(before):
            self.verdict = False if math.isnan(self.slope) else None
        elif math.isinf(self.slope):
            if not grows or self.quotient * self.slope < 0:
                self.verdict = False
            elif rounding > 0.01 * abs(self.quotient):
                self.verdict = True
        else:
            self._judge(kinked)

    def _judge(self, kinked: bool) -> None:
        best, newest = self.table.best(), self.table.smoothed(len(self.table.estimates) - 1)
        tolerance = self._tolerance(best.value)
        if best.error <= tolerance and abs(self.slope - best.value) <= tolerance + best.error:
            self.verdict = True
            return
        if self.both_sides and abs(self.gap) <= tolerance:
            sure = self.table.best(before_last=2)
            tolerance = self._tolerance(sure.value)
            if sure.error <= tolerance and abs(self.slope - sure.value) > tolerance + sure.error:
                self.verdict = False
                return
        # Where steps have become so small that rounding rules, smaller ones tell no more.
        rules = best.is_plausible(tolerance) and newest.error > 2 * best.error and not kinked
        self.worse = self.worse + 1 if rules else 0
        if self.worse == 2 or newest.rounding > self._tolerance(newest.value) + 0.1 * abs(newest.value):
            self.verdict = self.holds_at_last()

    def holds_at_last(self) -> bool:
        """Return the verdict; where the steps have ended without one, that of the best estimate."""
        if self.verdict is not None:
            return self.verdict
        if not math.isfinite(self.slope):
            return math.isinf(self.slope) and not math.isnan(self.quotient)
        best = self.table.best()
        tolerance = self._tolerance(best.value)
        # Quotients that grow to the last lead to an infinite slope.
        settles = best.is_plausible(tolerance) or self.grown < 6
        return settles and abs(self.slope - best.value) <= tolerance + best.error

    def found(self) -> str:
        """Return what differences say, in words."""
        best = self.table.best()
        if best.is_plausible(self._tolerance(best.value)):
            return f"{_short(best.value)} ± {best.error:.1g} by differences"
        return f"{_short(self.quotient)} by differences that do not settle"

    def kink(self) -> str:
        """Return that the function has a kink here, in words, or nothing."""
        if not self.both_sides:
            return ""
        left, right = (side.best() for side in self.sides)
        tolerance = self._tolerance(max(abs(left.value), abs(right.value)))
        apart = abs(left.value - right.value) > tolerance + left.error + right.error
        if not (apart and left.is_plausible(tolerance) and right.is_plausible(tolerance)):
            return ""
        if min(abs(self.slope - left.value), abs(self.slope - right.value)) <= tolerance:
            choice = "one of the two"
        else:
            low, high = sorted((left.value, right.value))
            choice = "a slope between them" if low < self.slope < high else "neither, nor one between them"
        return (
            f": the function has a kink there, with slope {_short(left.value)} on the left and "
            f"{_short(right.value)} on the right; the chain rule gives {choice}"
        )


def _short(x: float) -> float:
    return float(f"{x:.10g}")
