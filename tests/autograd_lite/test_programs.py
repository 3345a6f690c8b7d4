"""Programs: a rule run as its program gives, to the last bit, what the rule gives."""

import math
import operator
from functools import cache
from random import Random

import pytest

from autograd_lite import RULES, tanh
from autograd_lite.numbers import special
from autograd_lite.printing.programs import COMPARISONS, Term, program

ARITY = {"hypot": 3, "logsumexp": 3, "fsum": 4, "sumprod": 6, "affine": 5}
ARITHMETIC = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "neg": operator.neg,
    "abs": abs,
    "pole": lambda x, y: x == 0 and y < 0 and math.isfinite(y),
    "overflow": lambda z, x, y: math.isinf(z) and math.isfinite(x) and math.isfinite(y),
    "fsum": lambda *xs: math.fsum(xs),
} | {name: getattr(operator, name) for name in COMPARISONS}


def evaluate(outputs, operands):
    """Compute terms with Python's own arithmetic, only the branches that are taken."""

    @cache
    def value(term: Term):
        if term.op == "operand":
            return operands[term.operands[0]]
        if term.op == "number":
            return term.operands[0]
        if term.op == "choose":
            condition, met, otherwise = term.operands
            return value(met) if value(condition) else value(otherwise)
        xs = [value(x) for x in term.operands]
        if term.op == "div":
            return xs[0] / xs[1]
        if term.op == "pow":
            return power(*xs)
        return (ARITHMETIC.get(term.op) or getattr(special, term.op))(*xs)

    return [value(term) for term in outputs]


def power(x, y):
    """Return x**y as IEEE has it: infinite where Python raises, no number where it is complex."""
    try:
        z = x**y
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf if x > 0 or y % 2 == 0 else -math.inf
    return math.nan if isinstance(z, complex) else z


def by_rule(name, operands):
    """Return value and partials as the engine computes them for floats."""
    row = RULES[name]
    if row.floats.fast is None:
        value = row.value(*operands)
        return [value, *row.local_partials(value, operands)]
    value, partials = row.floats.fast(special, *operands)
    return [value, *(partials if isinstance(partials, tuple) else (partials,))]


def points(arity, n=150):
    """Return points at the edges of floats and of branches, and random ones."""
    random = Random(arity)
    edges = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 1e-310, -1e-310, 1e300, -1e300, 41.0, -41.0, 710.0, -28.0]

    def number():
        return random.choice([random.choice(edges), random.uniform(-6, 6), random.uniform(-6, 6)])

    return [tuple(number() for _ in range(arity)) for _ in range(n)] + [(x,) * arity for x in edges]


def same(x, y):
    return x == y or (math.isnan(x) and math.isnan(y))


@pytest.mark.parametrize("name", RULES)
def test_a_program_computes_what_its_rule_computes_to_the_last_bit(name):
    arity = ARITY.get(name) or len(RULES[name].partials)
    rule = program(name, arity)
    for point in points(arity):
        try:
            expected = by_rule(name, point)
        except (ArithmeticError, ValueError):
            continue
        found = evaluate((rule.value, *rule.partials), point)
        if name == "affine":  # Python's sum of floats keeps more digits from 3.12 on
            b, w1, w2, x1, x2 = map(abs, point)
            if abs(found[0] - expected[0]) <= 1e-15 * (b + w1 * x1 + w2 * x2):
                found[0] = expected[0]
        assert all(map(same, expected, found)), (point, expected, found)


@pytest.mark.parametrize("point", [(0.0, -2.0), (1e300, 2.0), (-8.0, 0.5)])
def test_a_power_that_raises_in_python_is_no_number_in_its_program(point):
    with pytest.raises((ArithmeticError, ValueError)):
        by_rule("pow", point)
    assert math.isnan(evaluate([program("pow").value], point)[0])


@pytest.mark.parametrize(
    ("point", "partial"),
    [((0.0, 0.5), math.inf), ((1e-310, 1e-10), 1e-10 * 1e-310**1e-10 / 1e-310)],
    ids=["vertical tangent", "overflow on the way"],
)
def test_what_a_rule_catches_and_mends_its_program_mends(point, partial):
    assert evaluate([program("pow").partials[0]], point) == [partial]


def test_both_sides_of_a_branch_become_a_choice():
    value = program("relu").value
    assert value.op == "choose"
    condition, met, _ = value.operands
    assert (condition.op, condition.operands[0].op, condition.operands[1].operands) == ("gt", "operand", (0,))
    assert met is condition.operands[0]


def test_the_stable_path_for_floats_is_what_is_recorded():
    # The exponential of −|x|, which does not overflow, not of −x.
    exponents = [term.operands[0] for term in program("sigmoid").shared() if term.op == "exp"]
    assert [(x.op, x.operands[0].op) for x in exponents] == [("neg", "abs")]


def test_a_term_that_occurs_twice_is_one_and_comes_after_those_it_needs():
    terms = program("gelu").shared()
    positions = {id(term): i for i, term in enumerate(terms)}
    assert len(positions) == len(terms) > 5
    for i, term in enumerate(terms):
        assert all(positions.get(id(x), -1) < i for x in term.operands)


def test_a_long_sum_is_taken_apart():
    n = 2001
    terms = program("affine", n).shared()
    known = {id(term) for term in terms}

    def depth(term):
        below = [depth(x) for x in term.operands if isinstance(x, Term) and id(x) not in known]
        return 1 + max(below, default=0)

    assert len(terms) < n / 10
    assert max(map(depth, terms)) < 100


def test_operands_of_any_number_are_counted_after_those_with_a_name():
    assert program("affine", 5).names == ("b", "wx1", "wx2", "wx3", "wx4")
    assert program("where").names == ("x", "a", "b")


def test_the_rule_book_itself_is_left_alone():
    program("tanh")
    assert special.tanh is math.tanh
    assert tanh(0.5) == math.tanh(0.5)


def test_a_row_that_does_not_exist_is_refused():
    with pytest.raises(KeyError, match="tangent"):
        program("tangent")
