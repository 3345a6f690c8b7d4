"""The one-line test of a rule: ``check_operation(row)`` holds it to mathematics, and all its forms together.

A row is right if its partials are the derivatives of its value, its second derivatives those of its partials,
and if every form in which it runs, recorded, in NumPy, in JavaScript, gives the same numbers.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple, TypeAlias

from autograd_lite.derivatives import grad
from autograd_lite.functions import operand_names
from autograd_lite.numbers.kinds import Number, is_complex, shown
from autograd_lite.ops import RULES, Operation
from autograd_lite.value import Value

Point: TypeAlias = tuple[float, ...]

_SPECIAL = (0.0, 1.0, -1.0)
"""Where kinks and poles usually are."""

_ORDINARY = 3.0
_FAR = (30.0, 700.0, 1e4)
_DIGITS = 50
_SMALLEST = 1e-300


class _At(NamedTuple):
    """A point, and what the row gives there."""

    point: Point
    value: float
    partials: tuple[float, ...]


def check_operation(row: Operation | str, seed: int = 0) -> None:
    """Test a row of the rule book at many points of its domain, edges and both sides of kinks included.

    Parameters
    ----------
    row : Operation or str
        A row, or its name.
    seed : int
        Of the points.

    Raises
    ------
    AssertionError
        If something does not agree; it names the operand, the point and both numbers.
    KeyError, TypeError
        If there is no row of that name, or it is no row.

    Notes
    -----
    The partials are compared with differences, of 50-digit numbers where mpmath is installed and the value is
    defined on such, else of floats; at a kink they may be anything between the slopes on its two sides. The
    second derivatives are compared with differences of the partials; the recorded program, the program that
    ``lift`` makes, and, where Node.js is installed, that of a page, with the row itself.

    Examples
    --------
    >>> check_operation("tanh")
    >>> from autograd_lite.extending import forget, operation
    >>> wrong = operation("wrong", lambda x: x * x, lambda y, x: x)
    >>> try:
    ...     check_operation(wrong)
    ... except AssertionError as error:
    ...     print(str(error).partition(" and")[0])
    ... finally:
    ...     forget(wrong)
    wrong at x = 1.0: ∂wrong/∂x is 1.0 for floats
    """
    row = RULES[row] if isinstance(row, str) else row
    if not isinstance(row, Operation):
        raise TypeError(f"check_operation takes a row of the rule book or its name, not {shown(row)}")
    there = [at for point in _points(row, random.Random(seed)) if (at := _evaluated(row, point)) is not None]
    if not there:
        raise AssertionError(f"{row.name} is defined at no point of its domain, {row.floats.domain}")
    numbers = _numbers(row, there)
    for at in there:
        if numbers.kind is not float or _is_roomy(at.point):
            _check_slopes(row, at, numbers)
            _check_bends(row, at, numbers)
    _check_recorded(row, there)
    _check_lifted(row, there)
    _check_javascript(row, there)


# --- points ---------------------------------------------------------------------------------------------


def _points(row: Operation, stream: random.Random) -> Iterator[Point]:
    """Yield points inside the domain: at and beside special places, ordinary ones, far ones."""
    columns = [_inside(interval, stream) for interval in row.floats.domain]
    if len(columns) == 1:
        yield from ((x,) for x in columns[0])
        return
    for _ in range(60):
        yield tuple(map(stream.choice, columns))
    for gap in (0.0, 1e-3, -1e-3) * 3:  # where two operands are equal, a choice between them has its kink
        point = list(map(stream.choice, columns))
        i, j = stream.sample(range(len(columns)), 2)
        point[j] = point[i] + gap
        if all(low <= x <= high for x, (low, high) in zip(point, row.floats.domain, strict=True)):
            yield tuple(point)


def _inside(interval: tuple[float, float], stream: random.Random) -> list[float]:
    low, high = interval
    places = [*_SPECIAL, *(end for end in interval if math.isfinite(end))]
    beside = [place + gap for place in places for gap in (1e-3, -1e-3, 1e-8, -1e-8)]
    middle = [stream.uniform(max(low, -_ORDINARY), min(high, _ORDINARY)) for _ in range(20)]
    far = [sign * x for x in _FAR for sign in (1, -1)]
    return [x for x in (*places, *beside, *middle, *far) if low <= x <= high]


def _is_special(row: Operation, point: Point) -> bool:
    """Return whether a point is an edge, or a place where operations often have a pole or a kink."""
    ends = {end for interval in row.floats.domain for end in interval}
    return any(x in ends or float(x).is_integer() for x in point) or len(set(point)) < len(point)


def _evaluated(row: Operation, point: Point) -> _At | None:
    """Return what the row gives at a point; None beyond the floats, and at a pole."""
    try:
        node = Value.apply_operation(row, [Value(x) for x in point])
    except OverflowError:
        return None
    except (ValueError, ZeroDivisionError) as error:
        if _is_special(row, point):
            return None
        raise AssertionError(
            f"{_place(row, point)} is inside the domain of the row, {row.floats.domain}, and raises: {error}."
            " Say where it is defined by domain=[(low, high)]"
        ) from error
    if not all(map(math.isfinite, (node.data, *node.partials))):
        return None
    return _At(point, node.data, node.partials)


def _place(row: Operation, point: Point) -> str:
    names = operand_names(row, len(point))
    return f"{row.name} at {', '.join(f'{name} = {x!r}' for name, x in zip(names, point, strict=True))}"


# --- differences ----------------------------------------------------------------------------------------


class _Numbers(NamedTuple):
    """The numbers that differences are made of, their relative step, how much larger another is, slack."""

    kind: Callable[[float], Number]
    step: float
    farther: int
    tolerance: float


def _numbers(row: Operation, there: Sequence[_At]) -> _Numbers:
    if find_spec("mpmath") is not None:
        from mpmath.ctx_mp import MPContext

        context = MPContext()
        context.dps = _DIGITS
        if all(_takes(row, context.mpf, at.point) for at in there):
            return _Numbers(context.mpf, 1e-16, 100, 1e-9)
    return _Numbers(float, 1e-5, 10, 1e-4)


def _takes(row: Operation, kind: Callable[[float], Number], point: Point) -> bool:
    """Return whether value and partials of a row can be computed with a kind of number, and stay of it."""
    numbers = list(map(kind, point))
    try:
        result = row.value(*numbers)
        found = result, *row.local_partials(result, numbers)
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        return False
    return not any(isinstance(x, float) for x in found)


def _is_roomy(point: Point) -> bool:
    """Return whether differences of floats have room: no place of a kink or a pole, none far out, is near."""
    apart = [abs(x - y) for i, x in enumerate(point) for y in (*point[:i], *_SPECIAL)]
    return all(gap == 0 or gap > 1e-4 for gap in apart) and all(abs(x) < _FAR[1] for x in point)


class _Side(NamedTuple):
    """The difference quotient on one side, and what it changes by from a larger step to this one."""

    slope: Number
    change: Number


def _sides(f: Callable[..., Number], at: _At, i: int, numbers: _Numbers) -> list[_Side]:
    """Return the quotients of f by operand i on the left and on the right; none where they grow and grow."""
    point = list(map(numbers.kind, at.point))
    size = max(abs(point[i]), 0.1) if numbers.kind is float else abs(point[i]) or 1
    sides = []
    for sign in (-1, 1):
        step = sign * numbers.kind(numbers.step) * size
        near, far = (_quotient(f, point, i, h) for h in (step, numbers.farther * step))
        if near is None or far is None:
            continue
        if abs(near) > abs(far) * numbers.farther**0.45:
            return []  # a jump, or a vertical tangent
        sides.append(_Side(near, near - far))
    return sides


def _quotient(f: Callable[..., Number], point: list[Number], i: int, step: Number) -> Number | None:
    beyond = [*point[:i], point[i] + step, *point[i + 1 :]]
    try:
        change = f(*beyond) - f(*point)
    except (ValueError, ArithmeticError, TypeError):
        return None
    return None if is_complex(change) else change / step


def _agrees(got: Number, sides: Sequence[_Side], numbers: _Numbers, size: float, smooth: bool) -> bool:
    """Return whether a derivative is that of a smooth function, or one between the slopes beside a kink."""
    if not sides:
        return True
    slopes, changes = zip(*sides, strict=True)
    slack = numbers.tolerance * max(*map(abs, slopes), 1e-3 * size) + _SMALLEST
    if smooth and len(sides) == 2:  # the mean, in which curvature cancels
        return bool(abs(got - sum(slopes) / 2) <= slack + abs(sum(changes)))
    slack += max(map(abs, changes))
    return bool(min(slopes) - slack <= got <= max(slopes) + slack)


def _check_slopes(row: Operation, at: _At, numbers: _Numbers) -> None:
    smooth = not _is_special(row, at.point)
    point = list(map(numbers.kind, at.point))
    rules = row.partials if smooth else ()
    for i, (name, recorded) in enumerate(zip(operand_names(row, len(at.point)), at.partials, strict=True)):
        sides = _sides(row.value, at, i, numbers)
        forms = {"for floats": recorded}
        if rules:
            result = row.value(*point)
            size = max(abs(at.value), 1e-5 * max(map(abs, at.point)))  # where floats cancel
            if not abs(float(result) - at.value) <= 1e-9 * size + _SMALLEST:
                raise AssertionError(
                    f"{_place(row, at.point)}: the value is {at.value!r} for floats "
                    f"and {float(result)!r} by the rule"
                )
            forms["by the rule"] = rules[0](result, *point)[i] if row.variadic else rules[i](result, *point)
        for form, got in forms.items():
            if not _agrees(got, sides, numbers, abs(at.value), smooth):
                raise AssertionError(
                    f"{_place(row, at.point)}: ∂{row.name}/∂{name} is {float(got)!r} {form} "
                    f"and {_shown(sides)} by differences"
                )


def _check_bends(row: Operation, at: _At, numbers: _Numbers) -> None:
    if _is_special(row, at.point) or not _is_roomy(at.point):
        return
    names = operand_names(row, len(at.point))
    variables = [Value(x) for x in at.point]
    slopes = grad(Value.apply_operation(row, variables), variables, create_graph=True)

    def slope(i: int, *xs: Number) -> Number:
        return row.local_partials(row.value(*xs), xs)[i]

    _require_same(row, at, "as a graph", [at.value, *(float(slope.data) for slope in slopes)])
    for i, by_rule in enumerate(slopes):
        for j, got in enumerate(grad(by_rule, variables)):
            sides = _sides(partial(slope, i), at, j, numbers)
            size = max(abs(float(by_rule.data)), abs(at.value))
            if math.isfinite(got) and not _agrees(got, sides, numbers, size, smooth=True):
                raise AssertionError(
                    f"{_place(row, at.point)}: ∂²{row.name}/∂{names[i]}∂{names[j]} is {float(got)!r} by the "
                    f"rules and {_shown(sides)} by differences of ∂{row.name}/∂{names[i]}"
                )


def _shown(sides: Sequence[_Side]) -> str:
    return " to ".join(dict.fromkeys(f"{float(side.slope):.10g}" for side in sides))


# --- other forms ----------------------------------------------------------------------------------------


def _size(at: _At) -> float:
    return max(map(abs, (at.value, *at.partials)))


def _require_same(row: Operation, at: _At, form: str, found: Sequence[float]) -> None:
    names = ("the value", *(f"∂{row.name}/∂{name}" for name in operand_names(row, len(at.point))))
    size = _size(at)
    for what, expected, got in zip(names, (at.value, *at.partials), found, strict=True):
        if not abs(got - expected) <= 1e-9 * max(abs(expected), 1e-3 * size) + _SMALLEST:
            raise AssertionError(
                f"{_place(row, at.point)}: {what} is {expected!r} by the row and {got!r} {form}"
            )


def _check_recorded(row: Operation, there: Sequence[_At]) -> None:
    from autograd_lite.printing import program

    own = frozenset([row.name] if row.floats.javascript else [])
    recorded = program(row.name, len(row.floats.domain), by_name=own, as_written=False)
    for at in there:
        _require_same(row, at, "by the recorded program", recorded.run(*at.point))


def _check_lifted(row: Operation, there: Sequence[_At]) -> None:
    if find_spec("numpy") is None:
        return
    from autograd_lite.lifting import lift

    there = [at for at in there if not _is_special(row, at.point)]
    columns = [list(column) for column in zip(*(at.point for at in there), strict=True)]
    lifted = lift(lambda *xs: Value.apply_operation(row, xs), argnums=range(len(columns)), in_axes=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the row is not defined at the points that lift tries
        try:
            _, means = lifted(*columns)
        except ValueError as error:
            raise AssertionError(f"{row.name} is another function when it is lifted: {error}") from error
    for k, at in enumerate(there):
        slopes = [float(mean[k]) * len(there) for mean in means]
        _require_same(row, at, "by lift", [at.value, *slopes])


def _check_javascript(row: Operation, there: Sequence[_At]) -> None:
    node = shutil.which("node")
    if node is None:
        return
    from autograd_lite.printing import arithmetic_script, rule_key, rules_script

    arity = len(row.floats.domain)
    rule, points = json.dumps(rule_key(row.name, arity)), json.dumps([at.point for at in there])
    script = (
        f"{arithmetic_script()}\n{rules_script([(row.name, arity)])}\n"
        f"const found = {points}.map((xs) => RULES[{rule}](...xs).flat().map(String));\n"
        "console.log(JSON.stringify(found));"
    )
    printed = subprocess.run(
        [node, "-"], input=script, capture_output=True, text=True, check=False, timeout=60
    )
    if printed.returncode:
        said = next((line for line in printed.stderr.splitlines() if "Error" in line), printed.stderr)
        raise AssertionError(f"{row.name} in JavaScript: {said.strip()}")
    for at, found in zip(there, json.loads(printed.stdout), strict=True):
        _require_same(row, at, "in JavaScript", [float(x.replace("Infinity", "inf")) for x in found])
