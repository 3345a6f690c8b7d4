"""Forward mode: dual numbers against reverse mode and mpmath, both modes in each other, GradBench's two."""

import math
from decimal import Decimal
from fractions import Fraction
from functools import partial
from random import Random

import mpmath
import numpy as np
import pytest
import sympy

import autograd_lite as engine
from autograd_lite import RULES, Value, affine, fsum, grad, hypot, jvp, no_grad, relu, softmax, sqrt, where
from autograd_lite.extending import forget, operation
from tests.autograd_lite.test_derivatives import FUNCTIONS, POINTS
from tests.benchmarks.gradbench import particle, saddle
from tests.benchmarks.gradbench.descent import forward, nestings, reverse


def by_graph(f, point, direction):
    """Return value and directional derivative by reverse mode."""
    variables = [Value(x) for x in point]
    output = f(*variables)
    return output.data, sum(g * t for g, t in zip(grad(output, variables), direction, strict=True))


def second_derivatives(f, point, u, v):
    """Return uᵀHv by both modes, one in the other: ff is forward over forward."""

    def slope(*variables):
        values = [x if isinstance(x, Value) else Value(x) for x in variables]
        with_graph = isinstance(variables[0], Value)
        gradient = grad(f(*values), values, create_graph=with_graph)
        return sum(g * t for g, t in zip(gradient, u, strict=True))

    def reverse_over(inner):
        variables = [Value(x) for x in point]
        return sum(g * t for g, t in zip(grad(inner(*variables), variables), v, strict=True))

    def along_u(*variables):
        return jvp(f, variables, u)[1]

    return {
        "rr": reverse_over(slope),
        "rf": reverse_over(along_u),
        "fr": jvp(slope, point, v)[1],
        "ff": jvp(along_u, point, v)[1],
    }


# --- against reverse mode, which test_ops.py holds to mathematics ---------------------------------------


def operands(row, random):
    """Return operands at which a row is defined, some of them at its kinks."""
    n = 5 if row.name == "affine" else 4 if row.variadic else len(row.partials)
    point = [random.choice([random.uniform(0.1, 0.9), random.choice([0.0, 1.0, 0.5, 2.0])]) for _ in range(n)]
    if row.name in ("polygamma", "bessel"):
        point[0] = random.choice([1, 2])
    return [x + 1 for x in point] if row.name == "acosh" else point


@pytest.mark.parametrize("name", RULES)
def test_every_row_gives_the_same_by_both_modes(name):
    row, random = RULES[name], Random(0)
    compared = 0
    for _ in range(12):
        point = operands(row, random)
        u, v = [[random.uniform(-1, 1) for _ in point] for _ in range(2)]
        if name in ("polygamma", "bessel"):
            u[0] = v[0] = 0.0
        try:
            expected = by_graph(row, point, u)
            exact = second_derivatives(row, point, u, v)["rr"]
        except (ValueError, ArithmeticError):
            continue
        assert jvp(row, point, u) == pytest.approx(expected, rel=1e-14, nan_ok=True)
        for mode, found in second_derivatives(row, point, u, v).items():
            assert found == pytest.approx(exact, rel=1e-9, abs=1e-12, nan_ok=True), mode
        compared += 1
    assert compared > 2


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_four_nestings_give_the_second_derivatives_of_sympy(name, point):
    f = partial(FUNCTIONS[name], engine)
    symbols = sympy.symbols("x y", positive=True)
    expression = FUNCTIONS[name](sympy, *symbols)
    at = dict(zip(symbols, map(sympy.Rational, point), strict=True))
    u, v = (2.0, -0.5), (0.25, 3.0)
    hessian = [[float(expression.diff(s, t).subs(at).evalf(30)) for t in symbols] for s in symbols]
    exact = float(np.array(u) @ hessian @ np.array(v))
    found = second_derivatives(f, point, u, v)
    assert list(found.values()) == pytest.approx([exact] * 4, rel=1e-11, abs=1e-11)


def test_a_sixth_derivative_by_six_runs_in_each_other():
    def derivative(f):
        return lambda x: jvp(f, (x,), (1,))[1]

    f = lambda x: x**12  # noqa: E731
    for _ in range(6):
        f = derivative(f)
    assert f(Fraction(1, 2)) == Fraction(math.factorial(12) // math.factorial(6), 2**6)


def test_three_modes_deep_with_a_function_of_both():
    # ∂³/∂x³ of eˣ sin x is 2eˣ(cos x − sin x).
    f = lambda x: x.exp() * x.sin()  # noqa: E731
    exact = 2 * math.exp(0.3) * (math.cos(0.3) - math.sin(0.3))

    def forwards(g):
        return lambda x: jvp(g, (x,), (1.0,))[1]

    def backwards(g):
        def slope(x):
            is_graph = isinstance(x, Value)
            variable = x if is_graph else Value(x)
            return grad(g(variable), variable, create_graph=is_graph)

        return slope

    for third in (forwards, backwards):
        for second in (forwards, backwards):
            for first in (forwards, backwards):
                # Where a graph is around it, the one in the middle starts from that graph's Values.
                assert float(third(second(first(f)))(0.3)) == pytest.approx(exact, rel=1e-12)


# --- which derivative is which --------------------------------------------------------------------------


def test_derivatives_are_not_confused_with_each_other():
    # d/dx (x · d/dy (x + y)) is 1, of which it gives 2 to take both for one.
    def forwards(x):
        return x * jvp(lambda y: x + y, (1.0,), (1.0,))[1]

    def backwards(x):
        y = Value(1.0)
        return x * grad(x + y, y, create_graph=True)

    for inner in (forwards, backwards):
        x = Value(1.0)
        assert grad(inner(x), x) == 1
        value, tangent = jvp(inner, (1.0,), (1.0,))
        assert (float(value), float(tangent)) == (1, 1)


def test_what_is_captured_is_a_constant_to_the_inner_derivative():
    # d/dx (x · d/dy (x²y³)) at y = 2 is d/dx 12x³.
    def f(x):
        return x * jvp(lambda y: x * x * y**3, (2.0,), (1.0,))[1]

    assert jvp(f, (3.0,), (1.0,)) == (324.0, 324.0)
    x = Value(3.0)
    assert grad(f(x), x) == 324.0


def test_a_tangent_may_depend_on_what_is_around():
    x = Value(3.0)
    value, tangent = jvp(lambda y: y * y, (2.0,), (x * x,))
    assert (value.data, tangent.data, grad(tangent, x), grad(value, x)) == (4.0, 36.0, 24.0, 0)


def test_graphs_from_before_are_not_walked_through_nor_changed():
    before = Value(1.0)
    for _ in range(20_000):
        before = before + 1.0
    value, tangent = jvp(lambda y: y * before, (2.0,), (1.0,))
    assert tangent is not before
    assert (value.data, tangent.data, before.grad) == (40_002.0, 20_001.0, 0)


def test_a_chain_of_any_length():
    def chain(y):
        for _ in range(5_000):
            y = y * 1.0 + before
        return y

    before = 0.0
    assert jvp(chain, (1.0,), (1.0,)) == (1.0, 1.0)
    before = Value(0.0)
    value, tangent = jvp(chain, (1.0,), (1.0,))
    assert (value.data, tangent.data, grad(value, before)) == (1.0, 1.0, 5_000.0)


def test_backward_inside_leaves_dual_gradients():
    def slope(x):
        v = Value(x)
        (v**3).backward()
        return v.grad

    assert jvp(slope, (2.0,), (1.0,)) == (12.0, 12.0)


# --- numbers, structures, functions of many -------------------------------------------------------------


def test_exact_numbers_stay_exact():
    value, tangent = jvp(lambda x: 2 / (x * x + 1) + relu(x - 5), (Fraction(1, 3),), (1,))
    assert (value, tangent) == (Fraction(9, 5), Fraction(-27, 25))
    x = Value(Fraction(1, 3))
    n = Value(2)
    assert grad(jvp(lambda y: y**3 / n, (x,), (1,))[1], x) == 1
    assert jvp(lambda x: x.sqrt(), (Decimal(4),), (1,)) == (2, Decimal("0.25"))


def test_numbers_of_fifty_digits_and_symbols():
    with mpmath.workdps(50):
        third = mpmath.mpf(1) / 3
        _, tangent = jvp(lambda x: x.log2() * x.gelu(), (third,), (1,))
        exact = mpmath.diff(lambda x: mpmath.log(x, 2) * x * mpmath.ncdf(x), third)
        assert abs(tangent - exact) < 1e-40
    s = sympy.Symbol("s")
    _, tangent = jvp(lambda x: x.tanh() * x, (s,), (1,))
    assert sympy.simplify(tangent - sympy.diff(sympy.tanh(s) * s, s)) == 0


def test_structures_come_back_as_the_function_returns_them():
    def f(p, scale):
        return {"sum": [w * scale for w in p["w"]], "pair": (p["b"], 1.0)}

    value, tangent = jvp(f, ({"w": [1.0, 2.0], "b": 3.0}, 10.0), ({"w": [1.0, 0.0], "b": 5.0}, 1.0))
    assert value == {"sum": [10.0, 20.0], "pair": (3.0, 1.0)}
    assert tangent == {"sum": [11.0, 2.0], "pair": (5.0, 0)}


def test_arrays_of_numpy():
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    value, tangent = jvp(lambda x: np.tanh(A @ x), (np.array([0.1, 0.2]),), (np.array([1.0, -1.0]),))
    z = A @ [0.1, 0.2]
    assert np.allclose(value, np.tanh(z), rtol=1e-15)
    assert np.allclose(tangent, (1 - np.tanh(z) ** 2) * (A @ [1.0, -1.0]), rtol=1e-14)
    assert value.dtype == tangent.dtype == float


def test_functions_of_many_take_dual_numbers_and_values_among_them():
    ws, xs = [0.5, -1.0], [2.0, 3.0]

    def f(*ws):
        return fsum([affine(ws, xs, ws[0]), hypot(*ws), softmax(ws)[0]])

    assert jvp(f, ws, (1.0, 0.5)) == pytest.approx(by_graph(f, ws, (1.0, 0.5)), rel=1e-14)


def test_a_row_of_ones_own():
    cube = operation("cube", lambda x: x * x * x, lambda y, x: 3 * x * x)
    try:
        assert jvp(cube, (2.0,), (3.0,)) == (8.0, 36.0)
        assert jvp(lambda x: jvp(cube, (x,), (1.0,))[1], (2.0,), (1.0,)) == (12.0, 12.0)
    finally:
        forget(cube)


def test_nothing_flows_through_a_dead_unit():
    f = lambda x: where(x - 1, sqrt(x), 2 * x) + (sqrt(x) - 1).relu()  # noqa: E731
    assert jvp(f, (0.0,), (1.0,)) == (0.0, 2.0)
    assert jvp(lambda x: x.sqrt(), (0.0,), (1.0,)) == (0.0, math.inf)


def test_a_gradient_that_is_zero_still_has_a_slope():
    # The adjoint of x² at 0 is 0, its derivative 2.
    def slope(x):
        v = Value(x)
        (v * v).backward()
        return v.grad

    assert jvp(slope, (0.0,), (1.0,)) == (0.0, 2.0)


def test_order_and_conversions_go_by_the_number_itself():
    def f(x):
        assert 1 < x < 3
        assert x >= 2.0 <= x
        assert max(x, 1.0) is x
        assert (float(x), int(x), round(x, 1), f"{x:.1f}", math.floor(x)) == (2.0, 2, 2.0, "2.0", 2)
        assert bool(x)
        assert bool(x - 2)
        assert x != 2.0
        assert x == x + 0
        assert len({x, x + 0}) == 1
        assert Value(3.0) > x
        assert (x < Value(3.0)) is True
        return x

    assert jvp(f, (2.0,), (1.0,)) == (2.0, 1.0)


def test_inside_no_grad_there_are_numbers_and_no_graph():
    x = Value(3.0)
    with no_grad():
        value, tangent = jvp(lambda y: y * y, (x,), (1.0,))
    assert (value.data, tangent.data, value.parents, tangent.parents) == (9.0, 6.0, (), ())


# --- what is refused ------------------------------------------------------------------------------------


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"jvp\(f, \(x,\), \(1.0,\)\)"):
        jvp(lambda x: x, 1.0, 1.0)
    with pytest.raises(ValueError, match="a tangent for each number"):
        jvp(lambda x: x, (1.0,), ())
    with pytest.raises(ValueError, match="a tangent for each number"):
        jvp(lambda x: x, ([1.0],), (1.0,))
    with pytest.raises(TypeError, match="returns Values and numbers, not str"):
        jvp(lambda x: "x", (1.0,), (1.0,))
    with pytest.raises(TypeError, match="one real number, not str"):
        jvp(lambda x: x, ("1",), (1.0,))
    with pytest.raises(ValueError, match="log is not defined there"):
        jvp(lambda x: x.log(), (-1.0,), (1.0,))
    with pytest.raises(AttributeError):
        jvp(lambda x: x.tahn(), (1.0,), (1.0,))


# --- GradBench's particle and saddle --------------------------------------------------------------------


def test_the_particle_feels_its_charge_alike_by_all_nestings(monkeypatch):
    monkeypatch.setattr(particle, "_TIME_STEP", 2.0)

    def by_hand(control):
        """Return the crossing with the force as a physicist writes it."""
        charges = np.array([[10, 10 - control], [10, 0]])
        place, speed = np.array([0.0, 8.0]) + 0 * control, np.array([0.75, 0.0])
        while True:
            away = place - charges
            force = (away / np.array([mpmath.hypot(*a) ** 3 for a in away])[:, None]).sum(axis=0)
            there = place + 2 * speed
            if there[1] <= 0:
                return place[0] - place[1] / speed[1] * speed[0]
            place, speed = there, speed + 2 * force

    with mpmath.workdps(30):
        exact = [float(by_hand(mpmath.mpf("0.2"))), float(mpmath.diff(by_hand, mpmath.mpf("0.2")))]
    assert float(particle.crossing(0.2, forward)) == pytest.approx(exact[0], rel=1e-13)

    def slope(outer, inner):
        return outer(lambda control: particle.crossing(control[0], inner), [0.2])

    for name, found in nestings(slope).items():
        assert found() == pytest.approx([exact[1]], rel=1e-12), name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ff", "fr", "rf", "rr"])
def test_saddle_has_the_published_answer(name):
    assert nestings(saddle.solve)[name]() == pytest.approx(saddle.ANSWER, rel=1e-12)


@pytest.mark.slow
def test_particle_has_the_published_answer():
    assert particle.solve(forward, reverse) == pytest.approx(particle.ANSWER, rel=1e-12)
