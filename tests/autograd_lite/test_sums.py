"""Functions of many: distances, the logarithm of a sum of exponentials, softmax."""

import math
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd_lite as engine
from autograd_lite import Value, dist, grad, gradcheck, lift, log_softmax, logsumexp, softmax
from autograd_lite.sums import RULES

POINTS = [[0.5, -1.0, 2.0], [1000.0, 0.0, 999.0], [-1000.0, -1001.0, -3000.0], [0.0, -50.0, -60.0], [0.25]]


def exact_softmax(xs):
    with mp.workdps(60):
        shares = [mp.exp(mpf(x)) for x in xs]
        return [share / mp.fsum(shares) for share in shares]


@pytest.mark.parametrize("xs", POINTS)
def test_softmax_is_exact_to_the_rounding_of_the_differences(xs):
    for found, exact in zip(softmax(xs), exact_softmax(xs), strict=True):
        assert abs(found - exact) <= (4 + max(xs) - min(xs)) * math.ulp(float(exact))


@pytest.mark.parametrize("xs", POINTS)
def test_log_softmax_is_the_logarithm_of_softmax(xs):
    with mp.workdps(60):
        for found, exact in zip(log_softmax(xs), exact_softmax(xs), strict=True):
            assert abs(found - mp.log(exact)) <= 4 * math.ulp(1 + max(xs) - min(xs))


@pytest.mark.parametrize("xs", POINTS)
def test_softmax_is_the_gradient_of_logsumexp(xs):
    variables = [Value(x) for x in xs]
    total = logsumexp(variables)
    assert grad(total, variables) == pytest.approx(softmax(xs), rel=1e-12)
    assert total.data == logsumexp(xs)


@pytest.mark.parametrize("function", [logsumexp, log_softmax, softmax])
def test_gradients_are_those_of_differences(function):
    assert gradcheck(lambda *xs: function(xs), [0.5, -1.0, 2.0])
    assert gradcheck(lambda *xs: function(xs), [700.0, 699.0, 701.5], rtol=1e-5)


@pytest.mark.parametrize("function", [logsumexp, log_softmax, softmax])
def test_functions_of_many_lift(function):
    def f(xs):
        results = function(xs)
        return results if function is logsumexp else sum((k + 1) * y for k, y in enumerate(results))

    xs = [800.0, 799.0, 801.5]
    value, gradient = lift(f)(xs)
    variables = [Value(x) for x in xs]
    root = f(variables)
    assert float(value) == pytest.approx(root.data, rel=1e-12)
    assert list(np.ravel(gradient)) == pytest.approx(grad(root, variables), rel=1e-10, abs=1e-12)


def test_logsumexp_is_one_node_and_logaddexp_of_two():
    node = logsumexp([Value(1.0), Value(2.0)])
    assert (node.op, len(node.parents)) == ("logsumexp", 2)
    assert node.data == pytest.approx(engine.logaddexp(1.0, 2.0), rel=1e-15)


@pytest.mark.parametrize("function", [logsumexp, log_softmax, softmax])
def test_of_no_numbers_there_is_no_maximum(function):
    with pytest.raises(ValueError, match="at least one number"):
        function([])


def test_distance_is_that_of_python():
    p, q = [1.0, -2.0, 0.5], [4.0, 6.0, 0.25]
    assert dist(p, q) == math.dist(p, q)
    assert gradcheck(lambda *pq: dist(pq[:3], pq[3:]), [*p, *q])
    assert dist([Fraction(1), Fraction(2)], [4, 6]) == 5


def test_distance_of_a_point_to_itself_has_no_slope():
    p = [Value(1.0), Value(2.0)]
    assert grad(dist(p, p), p) == [0, 0]


def test_points_of_different_spaces_have_no_distance():
    with pytest.raises(ValueError, match="1 and 2 coordinates"):
        dist([1.0], [1.0, 2.0])


def test_sums_use_rows_of_the_rule_book():
    assert {"affine", "fsum", "sumprod", "logsumexp"} <= set(RULES)
