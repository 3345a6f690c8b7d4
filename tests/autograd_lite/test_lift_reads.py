"""What a function reads out of Values while lift traces it: named by its line, as an error or a warning."""

from __future__ import annotations

import math
import re
import threading
import warnings
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, exp, lift, softmax
from autograd_lite.by_data import ByData
from autograd_lite.lifting.tracing.reads import Place, noted
from nn.costs import cross_entropy


def line_of(text: str) -> int:
    """Return the number of the line of this file that ends with a comment."""
    with open(__file__, encoding="utf-8") as lines:
        return next(n for n, line in enumerate(lines, 1) if line.rstrip().endswith(f"# {text}"))


# --- what differs elsewhere -----------------------------------------------------------------------------


def by_sign(x: Any) -> Any:
    if x > 0:  # a sign
        return x * x
    return -3 * x


def by_largest(xs: Any) -> Any:
    return max(xs) * 2 + xs[0]  # a largest


def by_order(xs: Any) -> Any:
    return sum(k * x for k, x in enumerate(sorted(xs)))  # an order


def by_float(x: Any) -> Any:
    return x * math.exp(x)  # a float


def by_whole_number(x: Any) -> Any:
    return sum((x * k for k in range(int(abs(x)) + 2)), x)  # a whole number


def by_rounding(x: Any) -> Any:
    return x * round(x, 1) + math.floor(x)  # a rounding


def by_truth(x: Any) -> Any:
    return x.relu() + 1 if x.relu() else x * 2  # a truth


def by_numpy(xs: Any) -> Any:
    return np.max(np.array(xs, dtype=object)) + sum(xs)  # a maximum


@pytest.mark.parametrize(
    ("f", "point", "where"),
    [
        (by_sign, 2.0, "a sign"),
        (by_sign, -2.0, "a sign"),
        (by_largest, [1.0, 5.0, 2.0], "a largest"),
        (by_order, [3.0, 1.0, 2.0], "an order"),
        (by_float, 0.5, "a float"),
        (by_whole_number, 3.0, "a whole number"),
        (by_rounding, 1.3, "a rounding"),
        (by_truth, 2.0, "a truth"),
        (by_numpy, [1.0, 3.0], "a maximum"),
    ],
)
def test_the_error_names_the_line(f: Any, point: Any, where: str) -> None:
    name = re.escape(f"in line {line_of(where)} of test_lift_reads.py: `")
    with pytest.raises(
        ValueError, match=rf"{f.__name__} was traced it branched.*fixed in the program.*It did so {name}"
    ):
        lift(f)(point)


def far_out(x: Any) -> Any:
    if x > 400:  # far out
        return x * x
    return 3 * x


def far_out_by_data(x: Any) -> Any:
    return x * x if abs(x.data) > 20 else 3 * x


def test_points_far_out_are_tried() -> None:
    with pytest.raises(ValueError, match=f"line {line_of('far out')} of test_lift_reads.py"):
        lift(far_out)(2.0)
    with pytest.raises(ValueError, match="fixed in the program"):
        lift(far_out_by_data)(2.0)


def root_by_newton(a: Any) -> Any:
    x = a
    while abs(x * x - a) > 1e-9:  # until it is near
        x = (x + a / x) / 2
    return x


def test_a_loop_that_has_no_end_elsewhere() -> None:
    with pytest.raises(ValueError, match=f"line {line_of('until it is near')} of test_lift_reads.py"):
        lift(root_by_newton)(2.0)  # of a negative number it finds none


def test_an_early_line_that_agrees_is_not_named() -> None:
    def cost(x: Any, y: Any) -> Any:
        print_it = f"{x:.3f}"
        assert x > -1e9
        return x * len(print_it) * 0 + (y if y > 0 else -2 * y)  # the guilty one

    with pytest.raises(ValueError, match="fixed in the program") as caught:
        lift(cost)(2.0, 1.0)
    assert f"line {line_of('the guilty one')} of" in str(caught.value)
    assert "assert" not in str(caught.value)


def test_what_is_drawn_anew_each_time_is_refused() -> None:
    draw = Random(1)

    def dropped_out(xs: Any) -> Any:
        return sum(x * draw.choice([0.0, 2.0]) for x in xs)

    with pytest.raises(ValueError, match=r"dropped_out returns .* at one point.*pass it as an argument"):
        lift(dropped_out)(np.arange(1.0, 9.0))


# --- what agrees elsewhere ------------------------------------------------------------------------------


def beyond_all_points(x: Any) -> Any:
    if x > 1e9:  # beyond
        return x * x
    return 3 * x


def test_a_branch_that_went_the_same_way_everywhere_is_named() -> None:
    with pytest.warns(UserWarning, match=rf"line {line_of('beyond')} of test_lift_reads.py") as caught:
        value, _ = lift(beyond_all_points)(2.0)
    assert float(value) == 6.0
    assert len(caught) == 1
    assert "`if x > 1e9:  # beyond`" in str(caught[0].message)
    assert re.search(r"the same at all \d points", str(caught[0].message))
    assert caught[0].filename == __file__


def shifted_softmax(xs: Any) -> Any:
    top = max(xs)
    exponentials = [exp(x - top) for x in xs]
    return exponentials[0] / sum(exponentials)


def guarded(x: Any) -> Any:
    if x <= 0:
        raise ValueError("a logarithm of what is positive")
    return x.log()


def logged(x: Any) -> Any:
    messages = [f"{float(x):.3f}", f"{x:.2f}"]
    return x * x * len(messages[:2])


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (shifted_softmax, [1.0, 2.0, 0.5]),
        (guarded, 2.0),
        (logged, 2.0),
        (lambda xs: softmax(xs)[0], [1.0, 2.0]),
        (lambda xs: cross_entropy(xs, 1), [1.0, 2.0, -1.0]),
    ],
)
def test_what_went_other_ways_too_and_agrees_is_fine(f: Any, point: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lift(f)(point)


def test_a_softmax_that_overflows_far_out_lifts() -> None:
    def cost(xs: Any) -> Any:
        exponentials = [(200 * x).exp() for x in xs]
        return -(exponentials[0] / sum(exponentials)).log()

    value, gradient = lift(cost)([1.0, 1.5])
    assert np.isclose(value, math.log1p(math.exp(100)))
    np.testing.assert_allclose(gradient, [-200, 200])


def test_a_function_that_magnifies_its_rounding_lifts() -> None:
    def cost(x: Any) -> Any:
        for _ in range(200):
            x = 3.9 * x * (1 - x)
        return x

    value, _ = lift(cost)(0.3)
    assert np.isfinite(value)


# --- notes are taken while a trace runs, and only then --------------------------------------------------


def test_nothing_is_left_behind() -> None:
    before = dict(vars(ByData))
    with noted():
        assert dict(vars(ByData)) != before
        with noted() as inner:
            assert Value(1.0) < 2  # inside
        assert dict(vars(ByData)) != before
    assert dict(vars(ByData)) == before
    with pytest.raises(ZeroDivisionError), noted():
        raise ZeroDivisionError
    assert dict(vars(ByData)) == before
    assert list(inner.answers) == [Place(__file__, line_of("inside"))]


def test_other_threads_are_not_heard() -> None:
    with noted() as reads:
        thread = threading.Thread(target=lambda: bool(Value(1.0)))
        thread.start()
        thread.join()
    assert not reads.answers
