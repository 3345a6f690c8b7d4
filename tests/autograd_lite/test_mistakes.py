"""check_gradient names what is wrong with a gradient, and never anything else."""

import math
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from random import Random

import mpmath
import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from autograd_lite import (
    Value,
    affine,
    check_gradient,
    exp,
    fsum,
    grad,
    log,
    relu,
    sin,
    sqrt,
    sumprod,
    tanh,
    topological_order,
)
from autograd_lite.mistakes import _Case, _cases_beside, _found, _Given, _Graph

often = settings(deadline=None, max_examples=150, derandomize=True)


def message(f, theirs, inputs, **options):
    with pytest.raises(AssertionError) as failure:
        check_gradient(f, theirs, inputs, **options)
    return str(failure.value)


def finding(f, theirs, inputs, **options):
    return message(f, theirs, inputs, **options).splitlines()[0]


# --- a neuron -------------------------------------------------------------------------------------------

POINT = [0.5, 2.0, -1.5]


def neuron(w, x, b):
    return tanh(w * x + b)


def right(w, x, b):
    slope = 1 - math.tanh(w * x + b) ** 2
    return [slope * x, slope * w, slope]


SAID_OF_A_NEURON = {
    "the factor ∂C/∂v₂ = 1 − C² is missing, on the path C → v₂ → v₁ → w and 2 more": (
        lambda w, x, b: [x, w, 1]
    ),
    "the factor ∂C/∂v₂ = 1 − C² stands there twice, on the path C → v₂ → v₁ → w and 2 more": (
        lambda w, x, b: [y * right(w, x, b)[2] for y in right(w, x, b)]
    ),
    "the factor ∂v₁/∂w = x is missing, on the path C → v₂ → v₁ → w": (
        lambda w, x, b: [right(w, x, b)[2], *right(w, x, b)[1:]]
    ),
    "the factor ∂C/∂v₂ = 1 − C² is missing, on the path C → v₂ → b, in ∂C/∂b alone": (
        lambda w, x, b: [*right(w, x, b)[:2], 1]
    ),
    "the path C → v₂ → b is left out": lambda w, x, b: [*right(w, x, b)[:2], 0],
    "the whole gradient has the wrong sign": lambda *p: [-y for y in right(*p)],
    "the whole gradient is twice what it should be": lambda *p: [2 * y for y in right(*p)],
    "the whole gradient is half of what it should be": lambda *p: [y / 2 for y in right(*p)],
    "the whole gradient is 1.7 times what it should be": lambda *p: [1.7 * y for y in right(*p)],
    "∂C/∂w and ∂C/∂x are exchanged": lambda *p: [right(*p)[i] for i in (1, 0, 2)],
    "∂C/∂x stands in the place of ∂C/∂b": lambda *p: [right(*p)[i] for i in (0, 1, 1)],
    "1 of 3 partial derivatives wrong, by no single factor, path or sign": (
        lambda *p: [*right(*p)[:2], 1.3 * right(*p)[2]]
    ),
    "3 of 3 partial derivatives wrong, by no single factor, path or sign": (
        lambda *p: [y + 0.1 for y in right(*p)]
    ),
}


@pytest.mark.parametrize("said", SAID_OF_A_NEURON)
def test_the_finding_stands_first(said):
    assert finding(neuron, SAID_OF_A_NEURON[said], POINT) == said


def test_the_message_goes_on_with_the_nodes_the_numbers_and_the_point():
    assert message(neuron, lambda w, x, b: [right(w, x, b)[0], w, right(w, x, b)[2]], POINT) == (
        "the factor ∂C/∂v₂ = 1 − C² is missing, on the path C → v₂ → v₁ → x, in ∂C/∂x alone\n"
        "where C = tanh(v₂), v₂ = v₁ + b, v₁ = w · x\n"
        "∂C/∂x is 0.3932 and given as 0.5\n"
        "right: ∂C/∂w, ∂C/∂b\n"
        "at w = 0.5, x = 2, b = −1.5"
    )


def test_numbers_are_explained_at_their_point_alone():
    text = message(neuron, [2.0, 0.5, 1.0], POINT)
    assert text.startswith("the factor ∂C/∂v₂ = 1 − C² is missing")
    assert "(it explains the numbers at this point; there are none of other points)" in text
    # One input's partial that happens to be another's accuses nobody of an exchange.
    assert "place" not in finding(neuron, [right(*POINT)[1], *right(*POINT)[1:]], POINT)


def test_labels_and_names_of_nodes_are_those_of_the_user():
    def f(*xs):
        z = xs[0] * xs[1]
        z.label = "z"
        a = tanh(z)
        a.label = "a[1]"
        return a * a

    inputs = [Value(0.5, "w[0]"), Value(2.0, "w[1]")]
    text = message(f, lambda w, x: [2 * math.tanh(w * x) * x, 2 * math.tanh(w * x) * w], inputs)
    assert text.startswith("the factor ∂a₁/∂z = 1 − a₁² is missing, on the path C → a₁ → z → w₀ and 3 more\n")
    unnamed = finding(f, lambda w, x: [2 * math.tanh(w * x) * x, 2 * math.tanh(w * x) * w], [0.5, 2.0])
    assert "→ z → x₀ and 3 more" in unnamed


# --- several paths --------------------------------------------------------------------------------------


def test_a_use_that_was_overwritten():
    def f(a):
        b = a + a
        return b * a + sin(a)

    assert finding(f, lambda a: [3 * a + math.cos(a)], [0.7]) == (
        "the path C → v₂ → v₁ → a is left out; or, which comes to the same,"
    )


def test_assigned_where_it_should_be_added():
    def f(a, b):
        c = a * b
        d = c + a
        return d * c * b

    def overwritten(a, b):
        c = a * b
        by_c = b * c  # what d = c + a gives, the last one to assign
        return [by_c * b, by_c * a]

    assert finding(f, overwritten, [Fraction(2), Fraction(3)]).startswith(
        "of a node that is used several times"
    )


def test_one_use_of_three_counts():
    text = finding(lambda a, b: a * b + sin(a) + exp(a), lambda a, b: [math.cos(a), a], [0.3, 0.4])
    assert text == "of the 3 uses of a only ∂v₂/∂a = cos(a) counts: the others are overwritten, or left out"


def test_a_factor_missing_on_one_of_several_paths():
    def f(x, y):
        z = sin(x)
        return z * y + exp(z)

    def theirs(x, y):
        z = math.sin(x)
        return [y + math.exp(z) * math.cos(x), z]  # cos x is missing in the first term

    assert finding(f, theirs, [0.3, 0.4]) == (
        "the factor ∂v₁/∂x = cos(x) is missing, on the path C → v₂ → v₁ → x alone"
    )


def test_the_derivative_of_an_operation_missing_wherever_it_belongs():
    def f(w, v, u):
        return tanh(w * u) + tanh(v * u) * 2

    def theirs(w, v, u):
        return [u, 2 * u, w + 2 * v]

    assert finding(f, theirs, [0.3, 0.4, 0.5]) == (
        "the derivative of tanh, 1 − tanh², is missing wherever it belongs"
    )


def test_an_inner_derivative_is_missing():
    assert finding(lambda x: sin(x * x), lambda x: math.cos(x * x), [0.7]) == (
        "the factor ∂v₁/∂x = x + x is missing, on the path C → v₁ → x and 1 more"
    )
    text = message(
        lambda x, y: sin(x * x + x * y) + x,
        lambda x, y: [math.cos(x * x + x * y) + 1, x * math.cos(x * x + x * y)],
        [0.5, 2.0],
    )
    assert text == (
        "the inner derivative ∂v₃/∂x = 3 is missing, in ∂C/∂x alone\n"
        "where v₃ = v₁ + v₂, v₁ = x · x\n"
        "∂C/∂x is 1.946 and given as 1.315\n"
        "right: ∂C/∂y\n"
        "at x = 0.5, y = 2"
    )


def test_what_comes_to_the_same_is_all_said():
    text = message(
        lambda x, y: sin(-(x * y)) + y,
        lambda x, y: [y * math.cos(x * y), x * math.cos(x * y) + 1],
        [0.3, 0.7],
    )
    assert text.startswith(
        "the factor ∂v₂/∂v₁ = −1 is missing, on the path C → v₃ → v₂ → v₁ → x and 1 more\n"
    )
    both = message(lambda x: x * x * x, lambda x: 2 * x * x, [0.7])
    assert both.startswith(
        "the path C → v₁ → x is left out; or, which comes to the same,\nthe path C → x is left out\n"
    )


# --- random functions, random changes -------------------------------------------------------------------

FORMS = {
    "exact": [
        lambda x, y, z: x + y,
        lambda x, y, z: x - y,
        lambda x, y, z: x * y,
        lambda x, y, z: -x,
        lambda x, y, z: x / (y * y + z * z + 1),
        lambda x, y, z: fsum([x, y, z, x]),
        lambda x, y, z: affine([x, y], [y, z], x),
        lambda x, y, z: sumprod([x, z], [y, x]),
    ]
}
FORMS["floats"] = [
    *FORMS["exact"],
    lambda x, y, z: tanh(x),
    lambda x, y, z: sin(x) * y,
    lambda x, y, z: exp(-x * x),
    lambda x, y, z: log(1 + x * x),
    lambda x, y, z: sqrt(1 + x * x + y * y),
    lambda x, y, z: relu(x),
]
CHANGES = {
    "drop": lambda d: 1,
    "square": lambda d: d * d,
    "negate": lambda d: -d,
    "omit": lambda d: 0,
    "double": lambda d: 2 * d,
}
OUTSIDE = {
    "add one": lambda d: d + 1,
    "triple": lambda d: 3 * d,
    "cube": lambda d: d * d * d,
    "flatten": lambda d: d / (d * d + 2),
}

fractions = st.fractions(min_value=-3, max_value=3, max_denominator=5)
places = st.integers(min_value=0, max_value=1000)


@st.composite
def functions(draw):
    kind = draw(st.sampled_from(sorted(FORMS)))
    point = draw(st.lists(fractions, min_size=1, max_size=4))
    if kind == "floats":
        point = [float(x) + 0.01234 for x in point]
    which = st.sampled_from(range(len(FORMS[kind])))
    steps = draw(st.lists(st.tuples(which, places, places, places), min_size=1, max_size=7))
    note(f"{kind} {point} {steps}")

    def f(*xs):
        numbers = list(xs)
        for form, *operands in steps:
            chosen = (numbers[len(numbers) - 1 - place % len(numbers)] for place in operands)
            numbers.append(FORMS[kind][form](*chosen))
        return numbers[-1]

    return f, point


def gradient_with(f, numbers, changed, only=None):
    """Return the gradient: right, or changed on one edge, in one input's partial only if so said."""
    variables = [Value(x) for x in numbers]
    root = f(*variables)
    order = topological_order(root)
    adjoints = dict.fromkeys([*order, *variables], 0)
    adjoints[root] = 1
    edges = [(i, k) for i, node in enumerate(order) for k in range(len(node.parents))]
    which, change = changed if changed else (None, None)
    for i in reversed(range(len(order))):
        node = order[i]
        for k, (parent, partial) in enumerate(zip(node.parents, node.partials, strict=True)):
            if changed and edges and edges[which % len(edges)] == (i, k):
                partial = change(partial)
            adjoints[parent] = adjoints[parent] + partial * adjoints[node]
    found = [adjoints[x] for x in variables]
    if only is not None:
        own = gradient_with(f, numbers, None)
        found = [x if i == only % len(found) else y for i, (x, y) in enumerate(zip(found, own, strict=True))]
    return found


def named(f, theirs, point):
    """Return the mistakes that are named: [] for none, None if nothing is wrong."""
    try:
        check_gradient(f, theirs, point)
    except AssertionError as error:
        text = str(error)
    else:
        return None
    if "no single" in text:
        return []
    names = [f"x[{i}]" for i in range(len(point))]
    graph, given = _Graph(f, point, names), _Given(theirs, names)
    cases = [_Case(graph, given.at(point), 1e-9)]
    cases += islice(_cases_beside(f, given, graph, 1e-9, Random(0)), 2)
    first = next(case for case in cases if case.wrong)
    return _found(first, [case for case in cases if case is not first], True)


def require_true(f, theirs, point, mistakes):
    stream = Random(7)
    form = _Graph(f, point, ["x"] * len(point)).form()
    for _ in range(3):
        elsewhere = [x + Fraction(stream.randint(-999, 999), 20011) for x in point]
        graph = _Graph(f, elsewhere, ["x"] * len(point))
        for mistake in mistakes:
            assert graph.form() == form
            assert mistake.gradient(graph) == pytest.approx(theirs(*elsewhere), rel=1e-7, abs=1e-9)


@often
@given(functions(), places, st.sampled_from(sorted(CHANGES)), st.none() | places)
def test_a_single_change_is_named(function, which, change, only):
    f, point = function

    def theirs(*numbers):
        return gradient_with(f, numbers, (which, CHANGES[change]), only)

    mistakes = named(f, theirs, point)
    if mistakes is not None:
        assert mistakes
        require_true(f, theirs, point, mistakes)


@often
@given(functions(), places, st.sampled_from(sorted(OUTSIDE)), st.none() | places)
def test_a_change_outside_the_catalogue_never_gets_a_wrong_name(function, which, change, only):
    f, point = function

    def theirs(*numbers):
        return gradient_with(f, numbers, (which, OUTSIDE[change]), only)

    require_true(f, theirs, point, named(f, theirs, point) or [])


@often
@given(functions(), places, st.sampled_from([3, Fraction(7, 5), -2]), st.booleans())
def test_noise_on_an_entry_never_gets_a_wrong_name(function, which, noise, factor):
    f, point = function

    def theirs(*numbers):
        found = gradient_with(f, numbers, None)
        i = which % len(found)
        found[i] = found[i] * noise if factor else found[i] + noise
        return found

    require_true(f, theirs, point, named(f, theirs, point) or [])


@often
@given(functions())
def test_a_right_gradient_passes(function):
    f, point = function
    assert check_gradient(f, lambda *xs: gradient_with(f, xs, None), point) is True
    variables = [Value(x) for x in point]
    assert check_gradient(f, grad(f(*variables), variables), point) is True


# --- numbers --------------------------------------------------------------------------------------------


def test_fractions_are_compared_exactly():
    tiny = Fraction(1, 10**30)

    def f(x, y):
        return x * x * y

    point = [Fraction(2, 3), Fraction(1, 7)]
    assert check_gradient(f, lambda x, y: [2 * x * y, x * x], point)
    assert "given as" in message(f, lambda x, y: [2 * x * y + tiny, x * x], point)
    assert check_gradient(f, lambda x, y: [float(2 * x * y), x * x], point)
    assert finding(f, lambda x, y: [x * y, x * x], point) == "the path C → v₁ → x is left out"
    assert check_gradient(f, [12, 4], [2, 3])


@pytest.mark.parametrize("kind", [float, Decimal, mpmath.mpf, np.float64, np.float32])
def test_other_kinds_of_numbers(kind):
    def f(x, y):
        return x * x * y

    point = [kind("0.5"), kind("0.25")]
    assert check_gradient(f, lambda x, y: [2 * x * y, x * x], point)
    assert finding(f, lambda x, y: [-2 * x * y, x * x], point).startswith("the factor")


def test_a_gradient_of_fewer_digits_is_told_from_a_mistake():
    def theirs(*p):
        return np.array(right(*p), dtype=np.float32)

    assert "agree in their first digits only" in finding(neuron, theirs, POINT)
    assert check_gradient(neuron, theirs, POINT, rtol=1e-6)


def test_cancellation_is_no_mistake():
    def f(x):
        return (x + 1e8) - (x * 2 + 1e8) + x * 1e6 - x * 1e6

    assert check_gradient(f, lambda x: [-1 + 1e6 * (1 + 1e-11) - 1e6], [1.0])


@pytest.mark.parametrize("nan", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_said_first(nan):
    text = message(neuron, lambda *p: [right(*p)[0], nan, right(*p)[2]], POINT)
    assert text.startswith(f"∂C/∂x is given as {nan}\n")
    assert "right: ∂C/∂w, ∂C/∂b" in text


def test_an_infinite_slope_is_right_if_it_is_given_so():
    assert check_gradient(lambda x, y: sqrt(x) + y, [math.inf, 1], [0.0, 1.0])
    assert message(lambda x, y: sqrt(x) + y, [0, 1], [0.0, 1.0]).startswith(
        "1 of 2 partial derivatives wrong"
    )


# --- what they return, and do ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        np.array,
        iter,
        lambda row: dict(zip("wxb", row, strict=True)),
        lambda row: dict(enumerate(row)),
        lambda row: [Value(x) for x in row],
        lambda row: [np.array(x) for x in row],
    ],
)
def test_a_gradient_comes_in_any_form(form):
    assert check_gradient(neuron, lambda *p: form(right(*p)), POINT) is True
    if form is not iter:
        assert check_gradient(neuron, form(right(*POINT)), POINT) is True


def test_one_input_needs_no_list():
    assert check_gradient(sin, math.cos, [0.3])
    assert check_gradient(sin, math.cos(0.3), [0.3])
    assert check_gradient(lambda x: 3.0, lambda x: 0, [0.3])
    assert check_gradient(lambda x: x, 1, [Value(0.3, "x")])
    assert check_gradient(lambda: 1.0, [], [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1.0], "the gradient has 1 partial derivative: give 3 partial derivatives, by w, x, b"),
        ([1.0] * 4, "the gradient has 4 partial derivatives: give 3"),
        (None, "the gradient is NoneType None: give 3"),
        (1.0, "the gradient is float 1.0: give 3"),
        ("abc", "the gradient is str 'abc': give 3"),
        ({}, "the gradient is a dict with the keys none: give 3"),
        ({"w": 1, "x": 2, "c": 3}, "the gradient is a dict with the keys w, x, c: give 3 .* by w, x, b"),
        (["1", 2, 3], "the partial by w is str '1': give a real number"),
        ([1, 2j, 3], "the partial by x is complex 2j: give a real number"),
        ([1, 2, [3]], r"the partial by b is list \[3\]: give a real number"),
        (np.zeros((3, 1)), r"the partial by w has the shape \(1,\): give one number for each input"),
    ],
)
def test_what_is_no_gradient_is_refused(given, said):
    for theirs in (given, lambda *p: given):
        if theirs is None:
            continue
        with pytest.raises(AssertionError, match=said):
            check_gradient(neuron, theirs, POINT)


def test_a_gradient_that_raises_is_told_with_the_point():
    with pytest.raises(
        AssertionError, match=r"raises ZeroDivisionError: division by zero, at w = 0.5, x = 2"
    ):
        check_gradient(neuron, lambda w, x, b: [1 / 0], POINT)


def test_a_gradient_that_raises_elsewhere_is_checked_where_it_does_not():
    def theirs(*p):
        if list(p) != POINT:
            raise LookupError("not there")
        return [-y for y in right(*p)]

    assert "there are none of other points" in message(neuron, theirs, POINT)


def test_a_gradient_that_adds_up_is_told():
    total = np.zeros(3)

    def theirs(*p):
        nonlocal total
        total = total + right(*p)
        return total

    assert finding(neuron, theirs, POINT).startswith("the gradient adds up from call to call")


def test_a_gradient_that_changes_from_call_to_call_is_told():
    stream = Random(0)
    assert "keeps something from call to call, or is random" in finding(
        neuron, lambda *p: [stream.random() for _ in p], POINT
    )


def test_inputs_are_left_alone():
    point = [*POINT]

    def theirs(*p):
        point.clear()
        return right(*p)

    assert check_gradient(neuron, theirs, point)
    values = [Value(x, "x") for x in POINT]
    values[0].grad = 42.0
    check_gradient(neuron, right, values)
    assert [v.grad for v in values] == [42.0, 0, 0]


def test_a_gradient_that_is_right_at_the_point_alone_fails_beside_it():
    text = message(lambda x, y: x * x * y, lambda x, y: [2 * x * y, 0 * x], [0.0, 3.0])
    assert text.startswith("the path C → y is left out")


def test_what_f_must_be():
    with pytest.raises(TypeError, match="the inputs come in a sequence"):
        check_gradient(sin, math.cos, 0.3)
    with pytest.raises(TypeError, match="a Value holds one real number, not list"):
        check_gradient(lambda x: [x, x], math.cos, [0.3])


def test_a_graph_of_thousands_of_nodes():
    def f(*xs):
        y = xs[0]
        for x in xs[1:]:
            y = tanh(y * x) / 2 + x
        return y * y

    def theirs(*numbers):
        variables = [Value(x) for x in numbers]
        found = grad(f(*variables), variables)
        return [*found[:998], -found[998], found[999]]

    point = [1 + k % 7 / 10 for k in range(1000)]
    order = topological_order(f(*map(Value, point)))
    edges = [(node.op, place) for node in order for place in range(len(node.parents))]
    last = max(i for i, edge in enumerate(edges) if edge == ("tanh", 0))
    dropped = message(f, lambda *p: gradient_with(f, p, (last, lambda d: 1)), point)
    assert dropped.startswith("the factor ∂v₃₉₉₄/∂v₃₉₉₃ = 1 − v₃₉₉₄² is missing")
    assert len(dropped) < 1000
    assert "∂C/∂x₉₉₈ alone" in finding(f, theirs, point)
