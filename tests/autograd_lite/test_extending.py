"""A row of one's own works everywhere at once; a wrong one is refused, or caught by ``check_operation``."""

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

import autograd_lite
from autograd_lite import (
    RULES,
    Value,
    check_operation,
    draw,
    explain,
    explore,
    grad,
    gradcheck,
    lift,
    operation,
    softplus,
    tanh,
)
from autograd_lite.extending import forget
from autograd_lite.parse import Formula
from tests.autograd_lite.orders import ORDERED


@pytest.fixture
def enter():
    """Return ``operation`` for rows that are taken out again after the test."""
    made = []

    def enter(*row, **fields):
        made.append(operation(*row, **fields))
        return made[-1]

    yield enter
    for row in made:
        if RULES.get(row.name) is row:
            forget(row)


@pytest.fixture
def mish(enter):
    return enter(
        "mish",
        lambda x: x * tanh(softplus(x)),
        lambda y, x: tanh(softplus(x)) + x * (1 - tanh(softplus(x)) ** 2) * autograd_lite.sigmoid(x),
    )


def exact_mish(x):
    return x * mpmath.tanh(mpmath.log1p(mpmath.exp(x)))


POINTS = [-20.0, -1.5, 0.0, 0.3, 4.0]


# --- it works everywhere --------------------------------------------------------------------------------


@pytest.mark.parametrize("x", POINTS)
def test_a_row_of_ones_own_has_derivatives_of_any_order(mish, x):
    variable = Value(x, "x")
    slope = grad(mish(variable), variable, create_graph=True)
    bend = grad(slope, variable, create_graph=True)
    with mpmath.workdps(40):
        wanted = [mpmath.diff(exact_mish, x, n) for n in range(4)]
    got = [mish(x), slope.data, bend.data, grad(bend, variable)]
    assert got == pytest.approx([float(number) for number in wanted], rel=1e-11, abs=1e-14)
    assert gradcheck(mish, [x])


@pytest.mark.parametrize("kind", [Fraction, Decimal, mpmath.mpf])
def test_a_row_of_ones_own_takes_every_kind_of_number(mish, kind):
    assert float(mish(kind("0.375"))) == pytest.approx(mish(0.375), rel=1e-14)


def test_a_row_of_ones_own_takes_symbols(mish):
    x = sympy.Symbol("x", real=True)
    variable = Value(x)
    mish(variable).backward()
    expected = sympy.diff(x * sympy.tanh(sympy.log(1 + sympy.exp(x))), x)
    assert float((variable.grad - expected).subs(x, 0.7)) == pytest.approx(0, abs=1e-15)


def test_a_row_of_ones_own_applies_to_arrays_of_values_and_of_numbers(mish):
    values = np.array([[Value(x) for x in POINTS]])
    nodes = mish(values)
    assert nodes.shape == values.shape
    assert [node.op for node in nodes.ravel()] == ["mish"] * len(POINTS)
    assert mish(np.array(POINTS)).tolist() == [mish(x) for x in POINTS]


def test_a_row_of_ones_own_is_explained_and_drawn(mish):
    x = Value(0.5, "x")
    y = mish(x)
    derivation = explain(y, x)
    assert "tanh(softplus(x))" in derivation.text()
    assert r"\mathrm{softplus}" in derivation.latex()
    assert "<math" in derivation.mathml()
    assert "mish" in draw(y).source


def test_a_row_of_ones_own_computes_on_a_page(mish, browser, tmp_path):
    x = Value(0.5, "x")
    browser.open(explore(mish(x) * 2).save(tmp_path / "page.html"))
    assert browser.run('return RULES["mish"](0.5)') == [
        pytest.approx(mish(0.5), rel=1e-14),
        [pytest.approx(grad(mish(x), x), rel=1e-14)],
    ]


def test_a_row_of_ones_own_is_lifted(mish):
    value, gradient = lift(lambda xs: sum(map(mish, xs)))(POINTS)
    assert float(value) == pytest.approx(sum(map(mish, POINTS)), rel=1e-13)
    variables = [Value(x) for x in POINTS]
    assert gradient.tolist() == pytest.approx(grad(sum(map(mish, variables)), variables), rel=1e-12)


def test_a_row_of_ones_own_is_pickled_by_its_name(mish):
    node = pickle.loads(pickle.dumps(mish(Value(0.5, "x"))))
    assert (node.op, node.data) == ("mish", mish(0.5))
    assert pickle.loads(pickle.dumps(mish)) is mish


def test_a_pickle_of_a_row_that_is_not_there_says_what_to_do():
    text = pickle.dumps(operation("gone", lambda x: x, lambda y, x: 1))
    forget(RULES["gone"])
    with pytest.raises(ValueError, match="no row gone: enter it, as where it was pickled"):
        pickle.loads(text)


def test_a_row_of_ones_own_stands_in_formulas(mish):
    assert Formula("mish(x) + 1", {"x": 0.5}).root.data == mish(0.5) + 1


def test_a_row_of_many_operands(enter):
    norm = enter(
        "power_mean",
        lambda *xs: (sum(x**4 for x in xs) / len(xs)) ** 0.25,
        lambda z, *xs: tuple(x**3 / len(xs) / z**3 for x in xs),
        domain=((0.1, math.inf),) * 3,
    )
    assert norm(2.0, 2.0) == pytest.approx(2.0)
    check_operation(norm)


# --- a function of its own ------------------------------------------------------------------------------


def test_a_function_of_its_own_says_what_it_has_to_bring(enter):
    cosine = enter("cosine", lambda x: math.cos(float(x)), lambda y, x: -autograd_lite.sin(x))
    x = Value(0.5, "x")
    assert grad(cosine(x), x) == -math.sin(0.5)
    # One number is computed on floats, by the row itself; arrays need a form of their own.
    assert lift(cosine)(0.5)[0] == math.cos(0.5)
    for use in (lambda: explore(cosine(x)), lambda: lift(cosine, in_axes=0)(np.ones(3))):
        with pytest.raises(
            TypeError, match=r"cosine calls a function of its own.*fast=.*numpy=… and javascript"
        ):
            use()


def test_a_function_of_its_own_with_a_path_for_floats_works_everywhere(enter):
    check_operation(
        enter(
            "cosine",
            lambda x: math.cos(float(x)),
            lambda y, x: -autograd_lite.sin(x),
            fast=lambda m, x: (m.cos(x), -m.sin(x)),
        )
    )


def test_a_function_of_its_own_may_bring_its_other_forms(enter):
    row = enter(
        "cosine",
        lambda x: math.cos(float(x)),
        lambda y, x: -autograd_lite.sin(x),
        numpy=np.cos,
        javascript="(x) => Math.cos(x)",
    )
    check_operation(row)


# --- what is refused when the row is entered ------------------------------------------------------------


def identity(x):
    return x


@pytest.mark.parametrize(
    ("row", "fields", "message"),
    [
        (("tanh", identity, lambda y, x: 1), {}, "the rule book has a row tanh already.*choose another name"),
        (("add", identity, lambda y, x: 1), {}, "the rule book has a row add already"),
        (("two words", identity, lambda y, x: 1), {}, "called by a name such as mish, not 'two words'"),
        (("lambda", identity, lambda y, x: 1), {}, "called by a name"),
        (
            ("few", lambda x, y: x * y, lambda z, x, y: y),
            {},
            r"few\(x, y\) has 1 partials; it needs one for each",
        ),
        (("none", identity), {}, r"none\(x\) has 0 partials"),
        (("many", identity, lambda y, x: 1, lambda y, x: 1), {}, r"many\(x\) has 2 partials"),
        (
            ("short", identity, lambda x: 1),
            {},
            r"partial 0 of short takes \(x\); it is called with .*\(z, x\)",
        ),
        (("long", identity, lambda z, y, x: 1), {}, r"partial 0 of long takes \(z, y, x\)"),
        (
            ("all", lambda *xs: sum(xs), lambda z, x: (1,)),
            {},
            r"partial 0 of all takes \(z, x\).*\(z, \*xs\)",
        ),
        (("nothing", lambda: 1), {}, "takes its operands by position, and at least one"),
        (("wide", identity, lambda y, x: 1), {"domain": ((0, 1), (0, 1))}, "1 operands and 2 domains"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_when_it_is_entered(row, fields, message):
    before = dict(RULES)
    with pytest.raises(ValueError, match=message):
        operation(*row, **fields)
    assert before == RULES


def test_what_is_no_function_or_no_field_is_refused():
    with pytest.raises(TypeError, match="the value of numeral is a function of its operands, not int 3"):
        operation("numeral", 3, lambda y, x: 1)
    with pytest.raises(TypeError, match=r"partial 0 of half is a function of \(z, x\), not float 0.5"):
        operation("half", identity, 0.5)
    with pytest.raises(
        TypeError, match="odd: unknown among domian; what floats do to a row is domain, needs"
    ):
        operation("odd", identity, lambda y, x: 1, domian=((0, 1),))


def test_rows_of_the_rule_book_are_not_forgotten():
    with pytest.raises(ValueError, match="no row that operation"):
        forget(RULES["tanh"])


# --- the test of a rule ---------------------------------------------------------------------------------


# The order of a polygamma or Bessel function is a whole number, by which there is no derivative.
@pytest.mark.parametrize("name", [name for name in RULES if name not in ORDERED])
def test_every_row_passes_the_test_of_a_rule(name):
    check_operation(name)


WRONG = {
    "a sign": (lambda x: x * x, (lambda y, x: -2 * x,), r"∂wrong/∂x is -?[\d.]+ for floats and"),
    "a factor": (lambda x: x * x * x, (lambda y, x: x * x,), "∂wrong/∂x"),
    "one per cent": (lambda x: tanh(x), (lambda y, x: 1.01 * (1 - y * y),), "∂wrong/∂x"),
    "operands exchanged": (lambda x, y: x / y, (lambda z, x, y: -z / y, lambda z, x, y: 1 / y), "∂wrong/∂x"),
    "the second operand": (
        lambda x, y: x * y * y,
        (lambda z, x, y: y * y, lambda z, x, y: x * y),
        "∂wrong/∂y",
    ),
    "right at 0 only": (lambda x: x * x, (lambda y, x: x * x,), "∂wrong/∂x"),
    "one side of a kink": (lambda x: abs(x), (lambda y, x: 1,), r"wrong at x = -.*∂wrong/∂x is 1.0"),
    "a kink's own slope": (
        lambda x: abs(x),
        (lambda y, x: autograd_lite.where(x, 1, autograd_lite.where(-x, -1, 5)),),
        r"wrong at x = 0.0: ∂wrong/∂x is 5.0 for floats and -1 to 1 by differences",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_partial_is_caught_with_operand_point_and_both_numbers(enter, mistake):
    value, partials, message = WRONG[mistake]
    with pytest.raises(AssertionError, match=message):
        check_operation(enter("wrong", value, *partials))


def test_a_rule_that_hides_its_operand_from_the_graph_is_caught_by_the_second_derivative(enter):
    # 2x as a number: right once, but its own derivative is 0 instead of 2.
    row = enter("wrong", lambda x: x * x, lambda y, x: 2 * float(x))
    with pytest.raises(AssertionError, match=r"∂²wrong/∂x∂x is 0\.0 by the rules and 2 by differences"):
        check_operation(row)


def test_a_path_for_floats_that_differs_from_its_rule_is_caught(enter):
    row = enter("wrong", lambda x: x * x, lambda y, x: 2 * x, fast=lambda m, x: (x * x, 2.1 * x))
    with pytest.raises(AssertionError, match="for floats"):
        check_operation(row)


def test_a_domain_that_is_too_wide_is_caught(enter):
    row = enter("wrong", lambda x: autograd_lite.log(x), lambda y, x: 1 / x)
    with pytest.raises(AssertionError, match=r"inside the domain of the row.*Say where it is defined"):
        check_operation(row)
    forget(row)
    check_operation(enter("wrong", row.value, *row.partials, domain=((0.0, math.inf),)))


@pytest.mark.parametrize("form", ["numpy", "javascript"])
def test_a_form_that_differs_is_caught(enter, form):
    forms = {"numpy": np.cos, "javascript": "(x) => Math.cos(x)"}
    wrong = {"numpy": np.sin, "javascript": "(x) => Math.sin(x)"}
    row = enter(
        "wrong",
        lambda x: math.cos(float(x)),
        lambda y, x: -autograd_lite.sin(x),
        **(forms | {form: wrong[form]}),
    )
    where = (
        "wrong is another function when it is lifted" if form == "numpy" else "wrong at x = .* in JavaScript"
    )
    with pytest.raises(AssertionError, match=where):
        check_operation(row)


RIGHT = {
    "a flat place": (lambda x: x * x * x, (lambda y, x: 3 * x * x,)),
    "a root's edge": (lambda x: x * abs(x), (lambda y, x: 2 * abs(x),)),
    "a difference": (lambda x: x - tanh(x), (lambda y, x: tanh(x) ** 2,)),
    "of two": (
        lambda x, y: (x - y) ** 3,
        (lambda z, x, y: 3 * (x - y) ** 2, lambda z, x, y: -3 * (x - y) ** 2),
    ),
    "steep": (lambda x: 10**8 * x, (lambda y, x: 10**8,)),
}


@pytest.mark.parametrize("rule", RIGHT)
def test_a_right_rule_passes_where_it_is_flat_or_steep(enter, rule):
    value, partials = RIGHT[rule]
    check_operation(enter("right", value, *partials))


@pytest.mark.parametrize(
    ("value", "partials"),
    [
        (lambda x: 100 * x, (lambda y, x: 7.0,)),
        (lambda x: 10**8 * x, (lambda y, x: 7,)),
        (lambda x: 1e9 * x * x, (lambda y, x: 5.0,)),
        (
            lambda x, y: autograd_lite.where(x - y, 40 * x, 40 * y),
            (lambda z, x, y: 99.0, lambda z, x, y: 0.0),
        ),
    ],
)
def test_a_wrong_slope_is_caught_where_the_true_one_is_steep(enter, value, partials):
    with pytest.raises(AssertionError, match="∂wrong/∂x"):
        check_operation(enter("wrong", value, *partials))


def test_a_path_for_floats_with_another_value_is_caught(enter):
    row = enter("wrong", lambda x: x * x, lambda y, x: 2 * x, fast=lambda m, x: (x * x * 1.000001, 2 * x))
    with pytest.raises(AssertionError, match=r"the value is .* for floats and .* by the rule"):
        check_operation(row)


def test_a_rule_of_many_is_checked_with_several_operands(enter):
    row = enter("wrong", lambda *xs: sum(x * x for x in xs), lambda z, *xs: (2 * xs[0],) * len(xs))
    with pytest.raises(AssertionError, match="∂wrong/∂"):
        check_operation(row)


@pytest.mark.parametrize("name", ["leaf", "constant", "input", "sum", "np", "delete", "Math", "_mish", "ﬁ"])
def test_a_name_that_means_something_else_is_refused(name):
    with pytest.raises(ValueError, match=r"means something else in graphs and programs"):
        operation(name, lambda x: x, lambda y, x: 1)


@pytest.mark.parametrize("notation", ["f", "{1}", "{0", "{}", "{x}", "{0}{1}"])
def test_a_notation_without_its_places_is_refused(notation):
    with pytest.raises(ValueError, match=r"has places for its operands, \{0\}, not"):
        operation("written", identity, lambda y, x: 1, notation=notation)


def test_what_is_no_function_of_ones_own_is_to_be_wrapped():
    with pytest.raises(TypeError, match="the value of wrapped is a function of your own"):
        operation("wrapped", math.sin, lambda y, x: autograd_lite.cos(x))
    assert "wrapped" not in RULES


def test_a_row_of_many_operands_has_a_page(enter):
    seven = enter("seven", lambda a, b, c, d, e, f, g: a * g, *[lambda z, a, b, c, d, e, f, g: 0.0] * 7)
    assert explore(seven(*(Value(float(i)) for i in range(7)))).html


def test_a_branch_in_a_rule_is_told_where_a_formula_is_asked_for(enter):
    row = enter("branch", lambda x: x * x if x > 0.3 else x, lambda y, x: 2 * x if x > 0.3 else 1)
    x = Value(0.5)
    with pytest.raises(TypeError, match=r"a rule of branch asks for the size of a number.*write where"):
        explain(row(x), x).text()


def test_operands_are_given_by_name_too():
    assert autograd_lite.leaky_relu(-1.0, slope=0.25) == Value(-1.0).leaky_relu(slope=0.25).data == -0.25
    assert autograd_lite.clip(Value(3.0), high=2.0, low=0.0).data == 2.0
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        tanh(1.0, z=2.0)


def test_sums_of_arrays_are_arrays():
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert autograd_lite.fsum(rows).tolist() == [4.0, 6.0]
