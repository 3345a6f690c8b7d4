"""What lifted functions have beside value and gradient, against the engine, mpmath and NumPy by hand."""

import math
import pickle
from contextlib import nullcontext
from itertools import pairwise
from random import Random

import mpmath
import numpy as np
import pytest

import autograd_lite
from autograd_lite import RULES, Value, atan2, grad, hessian, hypot, jacobian, jvp, lift, relu, sqrt, where
from autograd_lite.lifting import pipeline
from autograd_lite.lifting.answers.sweeps import Sweeps
from tests.autograd_lite.lifting import always_on_arrays
from tests.autograd_lite.test_lift_rules import points
from tests.benchmarks.gradbench import ba, kmeans

RANDOM = np.random.default_rng(0)
W, B = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=3)
X = RANDOM.normal(size=(5, 4))


def layer(W, b, x):
    """Return what a layer returns, on scalars."""
    return [(sum(w * y for w, y in zip(row, x, strict=True)) + c).tanh() for row, c in zip(W, b, strict=True)]


def cost(W, b, x):
    return sum((y - k) ** 2 for k, y in enumerate(layer(W, b, x)))


def steep(x):
    """Return a function of four numbers with all kinds of dependence in it."""
    return x[0] ** 3 * x[1] + (x[2] * x[1]).exp() - x[3].sin() * x[0]


POINT = [0.5, -1.25, 0.75, 2.0]


# --- the sweeps, row by row -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_the_derivatives_of_every_row_are_the_engine_s_by_both_modes(name):
    row, random = RULES[name], Random(4)
    for point in zip(*points(row, 5, random), strict=True):
        variables = [Value(x) for x in point]
        output = 2 * Value.apply_operation(row, variables)
        exact = grad(output, variables)
        sweeps = Sweeps([output], variables)
        backward = sweeps.backward(output)
        found = [float(backward.get(x, 0)) for x in variables]
        assert found == pytest.approx([float(g) for g in exact], rel=1e-12, abs=1e-300)
        forward = sweeps.forward({x: k + 1 for k, x in enumerate(variables)})
        expected = sum((k + 1) * g for k, g in enumerate(exact))
        assert float(forward.get(output, 0)) == pytest.approx(float(expected), rel=1e-12, abs=1e-15)


def test_derivatives_hold_at_points_other_than_that_of_the_trace():
    # The rule of hypot asks whether the length is 0, that of a square root divides by 0.
    f = lambda x: [hypot(*x), sqrt(x[0]) * x[1], x[0] ** x[1]]  # noqa: E731
    program = lift(f)
    program.jacobian([0.0, 0.0])
    here = [0.25, 2.0]
    assert np.allclose(program.jacobian(here), jacobian(lambda *x: f(x), here), rtol=1e-13)


# --- value ----------------------------------------------------------------------------------------------


def test_value_is_forward_only_and_has_its_own_source():
    program = lift(cost, argnums=(0, 1), in_axes=(None, None, 0))
    value, _ = program(W, B, X)
    assert "backward" in program.source
    assert float(program.value(W, B, X)) == pytest.approx(float(value), rel=1e-15)
    assert "backward" not in program.source
    assert program.source.splitlines()[-1] == "    return C"
    program(W, B, X)
    assert "backward" in program.source


def test_vector_results_in_their_structure():
    def f(W, b, x):
        y = layer(W, b, x)
        return {"layer": y, "pair": (y[0] * 2, 3.0), "square": [[x[0], x[1]], [x[1], b[0]]]}

    found = lift(f).value(W, B, X[0])
    y = np.tanh(W @ X[0] + B)
    assert np.allclose(found["layer"], y, rtol=1e-14)
    assert float(found["pair"][0]) == pytest.approx(2 * y[0])
    assert float(found["pair"][1]) == 3.0
    assert found["square"].tolist() == [[X[0, 0], X[0, 1]], [X[0, 1], B[0]]]


def test_results_of_each_sample_come_along_the_first_axis():
    found = lift(lambda W, b, x: (layer(W, b, x), b[0]), in_axes=(None, None, 1)).value(W, B, X.T)
    assert np.allclose(found[0], np.tanh(X @ W.T + B), rtol=1e-14)
    assert found[1].tolist() == [B[0]] * 5


def test_results_belong_to_the_caller():
    program = lift(lambda x: (x, x[0], [1.0, 2.0]))
    x = np.array([1.0, 2.0])
    for part in program.value(x):
        if part.ndim:
            part += 1
    assert x.tolist() == [1.0, 2.0]
    assert program.value(x)[2].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("compiler", [None, "numba"])
@pytest.mark.parametrize("samples", [0, 2])
def test_more_results_and_arguments_than_fit_in_a_line(compiler, samples):
    if compiler:
        pytest.importorskip("numba")
    rows = np.arange(60.0).reshape(20, 3)

    def f(rows, factor):
        return {f"squares_of_row_{k}": [factor * v * v for v in row] for k, row in enumerate(rows)}

    def cost(rows, factor):
        return factor * sum(v * v for row in rows for v in row), f(rows, factor)

    axes, factor = ((None, 0), np.full(samples, 3.0)) if samples else (None, 3.0)
    squares = [np.broadcast_to(3 * row**2, (samples, 3) if samples else 3) for row in rows]
    found = lift(f, in_axes=axes, compiler=compiler).value(list(rows), factor)
    assert np.array_equal(list(found.values()), squares)
    (value, found), gradients = lift(cost, in_axes=axes, has_aux=True, compiler=compiler)(list(rows), factor)
    assert value == 3 * (rows**2).sum()
    assert np.array_equal(list(found.values()), squares)
    assert np.allclose(gradients, 6 * rows, rtol=1e-15, atol=0)


def test_a_function_with_vector_results_says_what_to_call_instead():
    with pytest.raises(TypeError, match=r"the cost, not list .*call \.value or \.jacobian"):
        lift(lambda x: [x[0], x[1]])([1.0, 2.0])
    with pytest.raises(TypeError, match="must return Values, or structures of them"):
        lift(lambda x: "x").value([1.0])


# --- along a direction ----------------------------------------------------------------------------------


def test_jvp_is_the_engine_s():
    direction = [1.0, -0.5, 0.25, 3.0]
    value, tangent = lift(steep).jvp([POINT], [direction])
    expected = jvp(steep, (POINT,), (direction,))
    assert (float(value), float(tangent)) == pytest.approx(expected, rel=1e-14)


def test_jvp_over_samples_is_the_mean_of_a_cost_and_each_of_a_vector():
    dW, db, dX = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=3), RANDOM.normal(size=(5, 4))
    axes = (None, None, 0)
    y = np.tanh(X @ W.T + B)
    dy = (1 - y**2) * (X @ dW.T + dX @ W.T + db)
    value, tangent = lift(layer, in_axes=axes).jvp((W, B, X), (dW, db, dX))
    assert np.allclose(value, y, rtol=1e-13)
    assert np.allclose(tangent, dy, rtol=1e-12)
    value, tangent = lift(cost, in_axes=axes).jvp((W, B, X), (dW, db, dX))
    rest = y - np.arange(3)
    assert float(value) == pytest.approx((rest**2).sum(axis=1).mean(), rel=1e-13)
    assert float(tangent) == pytest.approx((2 * rest * dy).sum(axis=1).mean(), rel=1e-12)


def test_jvp_is_written_forward():
    program = lift(layer, in_axes=(None, None, 0))
    program.jvp((W, B, X), (W, B, X))
    assert "backward" not in program.source
    assert "def program(W, b, x, W_dot, b_dot, x_dot):" in program.source
    # What a person writes is two products more.
    assert program.source.count("@") == 3


# --- matrices of first and second derivatives -----------------------------------------------------------


def test_jacobian_is_the_engine_s():
    f = lambda x: [steep(x), x[2] * 3, x[0].exp()]  # noqa: E731
    found = lift(f).jacobian(POINT)
    assert np.allclose(found, jacobian(lambda *x: f(x), POINT), rtol=1e-13)
    assert np.allclose(lift(steep).jacobian(POINT), jacobian(lambda *x: steep(x), POINT), rtol=1e-13)


def test_jacobians_of_more_results_than_variables_by_either_mode():
    W, x = np.random.default_rng(0).normal(size=(40, 4)), np.array([0.3, -0.2, 0.1, 0.4])

    def apart(x):
        return [sum(w * x_k for w, x_k in zip(row, x, strict=True)).tanh() for row in W.tolist()]

    def one_after_another(x):
        found = [x[0]]
        for w in W[:, 0].tolist():
            found.append((w * found[-1] + x[1]).tanh())
        return found

    slopes = 1 - np.tanh(W @ x) ** 2
    assert np.allclose(lift(apart).jacobian(x), slopes[:, None] * W, rtol=1e-13)
    expected = [np.array([1.0, 0, 0, 0])]
    for w, y in zip(W[:, 0], lift(one_after_another).value(x)[1:], strict=True):
        expected.append((1 - y**2) * (w * expected[-1] + np.eye(4)[1]))
    assert np.allclose(lift(one_after_another).jacobian(x), expected, rtol=1e-12)


def test_jacobian_in_the_structures_of_result_and_arguments():
    def f(p, scale):
        return {"a": layer(p["W"], p["b"], X[0].tolist()), "s": scale * p["b"][1]}

    found = lift(f, argnums=(0, 1)).jacobian({"W": W, "b": B}, 2.0)
    slopes = 1 - np.tanh(W @ X[0] + B) ** 2
    by_params, by_scale = found["a"]
    assert np.allclose(by_params["W"], np.einsum("i,ij,k->ijk", slopes, np.eye(3), X[0]), rtol=1e-12)
    assert np.allclose(by_params["b"], np.diag(slopes), rtol=1e-12)
    assert by_scale.tolist() == [0.0, 0.0, 0.0]
    assert found["s"][0]["b"].tolist() == [0.0, 2.0, 0.0]
    assert float(found["s"][1]) == B[1]


def test_jacobians_of_each_sample():
    by_W, by_x = lift(layer, argnums=(0, 2), in_axes=(None, None, 0)).jacobian(W, B, X)
    slopes = 1 - np.tanh(X @ W.T + B) ** 2
    assert np.allclose(by_W, np.einsum("si,ij,sk->sijk", slopes, np.eye(3), X), rtol=1e-12)
    assert np.allclose(by_x, slopes[:, :, None] * W, rtol=1e-12)
    each = lift(cost, argnums=1, in_axes=(None, None, 0))
    assert np.allclose(each.jacobian(W, B, X).mean(axis=0), each(W, B, X)[1], rtol=1e-12)


def test_many_results_of_few_arguments_go_forward():
    f = lambda x: [(x * k).sin() for k in range(20)]  # noqa: E731
    k = np.arange(20)
    assert np.allclose(lift(f).jacobian(0.3), k * np.cos(0.3 * k), rtol=1e-13)


def test_hessian_is_the_engine_s():
    assert np.allclose(lift(steep).hessian(POINT), hessian(lambda *x: steep(x), POINT), rtol=1e-12)


def test_hessian_of_the_mean_over_samples_by_hand():
    axes = (None, None, 0)
    found = lift(cost, argnums=(0, 1), in_axes=axes).hessian(W, B, X)
    y = np.tanh(X @ W.T + B)
    second = 2 * (1 - y**2) ** 2 - 4 * (y - np.arange(3)) * y * (1 - y**2)
    with_one = np.concatenate([X, np.ones((5, 1))], axis=1)
    whole = np.einsum("si,sj,sk->ijk", second, with_one, with_one) / 5
    for i in range(3):
        assert np.allclose(found[0][0][i, :, i], whole[i, :4, :4], rtol=1e-11)
        assert np.allclose(found[0][1][i, :, i], whole[i, :4, 4], rtol=1e-11)
        assert found[1][1][i, i] == pytest.approx(whole[i, 4, 4], rel=1e-11)
    assert not found[0][0][0, :, 1].any()
    program = lift(cost, argnums=(0, 1), in_axes=axes)
    diagonals = program.hessian(W, B, X, diagonal=True)
    assert np.allclose(diagonals[0], whole[:, range(4), range(4)], rtol=1e-11)
    assert np.allclose(diagonals[1], whole[:, 4, 4], rtol=1e-11)


def test_hessian_of_many_variables_by_products():
    n = 60
    A = RANDOM.normal(size=(n, n))

    def f(x):
        y = [sum(a * b for a, b in zip(row, x, strict=True)) for row in A.tolist()]
        return sum(value.exp() for value in y)

    x = 0.1 * RANDOM.normal(size=n)
    assert np.allclose(lift(f).hessian(x), A.T @ (np.exp(A @ x)[:, None] * A), rtol=1e-10)
    p = {"a": x[:40], "b": x[40:].reshape(4, 5)}
    found = lift(lambda p: f([*p["a"], *(v for row in p["b"] for v in row)])).hessian(p)
    whole = A.T @ (np.exp(A @ x)[:, None] * A)
    assert np.allclose(found["a"]["b"], whole[:40, 40:].reshape(40, 4, 5), rtol=1e-10)
    assert np.allclose(found["b"]["b"], whole[40:, 40:].reshape(4, 5, 4, 5), rtol=1e-10)


def test_hvp_is_the_hessian_times_the_vector():
    vector = [1.0, -0.5, 0.25, 3.0]
    exact = np.array(hessian(lambda *x: steep(x), POINT), dtype=float) @ vector
    assert np.allclose(lift(steep).hvp([POINT], vector), exact, rtol=1e-12)
    program = lift(cost, argnums=(0, 1), in_axes=(None, None, 0))
    V, v = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=3)
    H = program.hessian(W, B, X)
    by_W, by_b = program.hvp((W, B, X), (V, v))
    assert np.allclose(by_W, np.einsum("ijkl,kl->ij", H[0][0], V) + H[0][1] @ v, rtol=1e-11)
    assert np.allclose(by_b, np.einsum("ijk,jk->i", H[1][0], V) + H[1][1] @ v, rtol=1e-11)


def test_hvp_by_an_argument_that_runs_over_samples():
    V = RANDOM.normal(size=(5, 4))
    found = lift(cost, argnums=2, in_axes=(None, None, 0)).hvp((W, B, X), V)

    def gradient(X):
        y = np.tanh(X @ W.T + B)
        return 2 / 5 * ((y - np.arange(3)) * (1 - y**2)) @ W

    h = 1e-5
    assert np.allclose(found, (gradient(X + h * V) - gradient(X - h * V)) / (2 * h), rtol=1e-7, atol=1e-9)


def test_third_derivatives_by_mpmath():
    # The Hessian-vector product of a function that is itself a derivative.
    f = lambda x: jvp(lambda t: (t * t).tanh() * t.exp(), (x,), (1.0,))[1]  # noqa: E731
    exact = mpmath.diff(lambda t: mpmath.tanh(t * t) * mpmath.exp(t), 0.4, 3)
    assert float(lift(f).hessian(0.4)) == pytest.approx(float(exact), rel=1e-10)


# --- sparse structure -----------------------------------------------------------------------------------


def dense(matrix):
    found = np.zeros(matrix.shape)
    found[matrix.rows, matrix.columns] = matrix.values
    return found


def test_sparse_holds_what_is_not_always_zero_and_nothing_else():
    def differences(x):
        return [(b - a) ** 2 for a, b in pairwise(x)]

    x = RANDOM.normal(size=30)
    matrix = lift(differences).jacobian(x, sparse=True)
    assert matrix.shape == (29, 30)
    assert len(matrix.values) == 58
    assert np.allclose(dense(matrix), lift(differences).jacobian(x), rtol=1e-14)
    program = lift(lambda x: sum(differences(x)))
    matrix = program.hessian(x, sparse=True)
    assert len(matrix.values) == 30 + 2 * 29
    exact = 2 * (2 * np.eye(30) - np.eye(30, k=1) - np.eye(30, k=-1))
    exact[0, 0] = exact[-1, -1] = 2
    assert np.allclose(dense(matrix), exact, rtol=1e-14)
    assert np.allclose(program.hessian(x, diagonal=True), np.diag(exact))
    linear = lift(lambda x: x[0] + 2 * x[1]).hessian([1.0, 2.0], sparse=True)
    assert not dense(linear).any()


def test_bundle_adjustment_has_the_published_structure():
    n = 4
    camera, point = 0.1 * RANDOM.normal(size=(n, 11)) + 0.2, RANDOM.normal(size=(n, 3)) + np.array([0, 0, 5])
    weight, feature = RANDOM.random(n), RANDOM.normal(size=(n, 2))
    program = lift(ba.errors, argnums=(0, 1, 2), in_axes=0)
    matrix = program.jacobian(camera, point, weight, feature, sparse=True)
    # An error depends on the camera but for the other coordinate of its principal point, on point and weight.
    assert (matrix.shape, matrix.values.shape) == ((3, 15), (n, 14 + 14 + 1))
    by_camera, by_point, by_weight = program.jacobian(camera, point, weight, feature)
    whole = np.concatenate([by_camera, by_point, by_weight[:, :, None]], axis=2)
    assert np.allclose(matrix.values, whole[:, matrix.rows, matrix.columns], rtol=1e-13)
    assert np.count_nonzero(whole) == matrix.values.size
    for s in range(n):
        here = [*camera[s].tolist(), *point[s].tolist(), float(weight[s])]
        one = jacobian(lambda *x, at=s: ba.errors(x[:11], x[11:14], x[14], feature[at].tolist()), here)
        assert np.allclose(whole[s], np.array(one, dtype=float), rtol=1e-11)


def test_the_diagonal_for_kmeans_is_twice_the_share_of_points():
    centroids, points = kmeans.data(4, 50, 3)
    found = lift(kmeans.cost_of_point, in_axes=(None, 0)).hessian(centroids, points, diagonal=True)
    nearest = ((points[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    shares = np.bincount(nearest, minlength=4) / 50
    assert np.allclose(found, 2 * shares[:, None] * np.ones(3), rtol=1e-13)


# --- has_aux --------------------------------------------------------------------------------------------


def test_auxiliary_results_come_beside_the_cost():
    def f(W, b, x):
        y = layer(W, b, x)
        return sum(v * v for v in y), {"outputs": y, "first": W[0]}

    program = lift(f, in_axes=(None, None, 0), has_aux=True)
    (value, aux), gradient = program(W, B, X)
    plain, expected = lift(lambda *args: f(*args)[0], in_axes=(None, None, 0))(W, B, X)
    assert float(value) == pytest.approx(float(plain), rel=1e-15)
    assert np.allclose(gradient, expected, rtol=1e-14)
    assert np.allclose(aux["outputs"], np.tanh(X @ W.T + B), rtol=1e-14)
    assert np.array_equal(aux["first"], np.broadcast_to(W[0], (5, 4)))
    again, others = program.value(W, B, X)
    assert float(again) == pytest.approx(float(value), rel=1e-15)
    assert np.allclose(others["outputs"], aux["outputs"])
    assert np.allclose(program.jacobian(W, B, X).mean(axis=0), gradient, rtol=1e-13)
    assert program.check(W, B, X).gradient < 1e-12


def test_has_aux_wants_a_pair():
    with pytest.raises(TypeError, match=r"returns a cost and something else: \(cost, aux\), not Value"):
        lift(lambda x: x * x, has_aux=True)(1.0)
    with pytest.raises(TypeError, match="must return one Value, the cost"):
        lift(lambda x: (1.0, x), has_aux=True)(1.0)


# --- the first promise ----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_on_arrays", [False, True])
def test_nothing_flows_through_a_dead_unit_in_jacobians_either(is_on_arrays):
    def f(x):
        return [where(x[0] - 1, sqrt(x[0]), 2 * x[0]) * x[1], relu(sqrt(x[0]) - 1) + x[1], x[1] * sqrt(x[0])]

    at = [0.0, 0.0]
    expected = np.array(jacobian(lambda *x: f(x), at), dtype=float)
    program = lift(f)
    with always_on_arrays() if is_on_arrays else nullcontext():
        found = program.jacobian([0.3, 0.2])
        assert np.allclose(found, np.array(jacobian(lambda *x: f(x), [0.3, 0.2]), dtype=float))
        assert np.allclose(program.jacobian(at), expected)
        _, tangent = program.jvp([at], [[1.0, 0.0]])
        assert np.allclose(tangent, jvp(f, (at,), ([1.0, 0.0],))[1], equal_nan=True)


@pytest.mark.parametrize("is_on_arrays", [False, True])
def test_a_first_derivative_that_is_0_has_a_slope(is_on_arrays):
    # The adjoint of the root is x[0], 0 at this point, and depends on x[0] all the same.
    f = lambda x: x[0] * (2 + x[1]).sqrt() * 3 + (x[0] * x[1]).relu() ** 2 / x[1]  # noqa: E731
    at, program = [0.0, 2.0], lift(f)
    exact = [[0.0, 0.75], [0.75, 0.0]]
    with always_on_arrays() if is_on_arrays else nullcontext():
        assert np.allclose(program.hessian(at), exact, rtol=1e-12)
        assert np.allclose(program.hvp([at], [1.0, 2.0]), np.array(exact) @ [1.0, 2.0], rtol=1e-12)
        assert np.allclose(dense(program.hessian(at, sparse=True)), exact, rtol=1e-12)


@pytest.mark.parametrize("is_on_arrays", [False, True])
def test_slopes_that_are_taken_as_0_have_slopes_that_are_0(is_on_arrays):
    f = lambda x: hypot(x[0], x[1]) + atan2(x[1], x[0]) + (x[0] ** 3).relu()  # noqa: E731
    program = lift(f)
    with always_on_arrays() if is_on_arrays else nullcontext():
        for at in ([0.5, -1.0], [0.0, 0.0]):
            exact = np.array(hessian(lambda *x: f(x), at), dtype=float)
            assert np.allclose(program.hessian(at), exact, rtol=1e-12)
            assert np.allclose(program.hvp([at], [1.0, -2.0]), exact @ [1.0, -2.0], rtol=1e-12)
            value, tangent = program.jvp([at], [[1.0, -2.0]])
            assert float(value) == pytest.approx(f([Value(x) for x in at]).data)
            assert float(tangent) == pytest.approx(jvp(f, (at,), ([1.0, -2.0],))[1])


def test_programs_on_floats_without_a_cost(monkeypatch):
    monkeypatch.setattr(pipeline, "_engine_time", lambda scalars: 0.0)
    f = lambda x: [x[0].tanh() / x[1] + x[1].sin() * x[0].exp(), x[0].sqrt() - x[1] ** 3]  # noqa: E731
    program = lift(f)
    found = program.value([0.25, 2.0])
    assert found.tolist() == pytest.approx([math.tanh(0.25) / 2 + math.sin(2) * math.exp(0.25), 0.5 - 8])
    assert ", _ = tanh(x_0)" in program.source
    # As on arrays: infinite, or no number, where the function has no value.
    assert program.value([0.25, 0.0]).tolist() == [np.inf, 0.5]
    assert np.isnan(program.value([-1.0, 1.0])[1])


ROWS_OF_PROGRAMS = (
    "add",
    "sub",
    "mul",
    "tanh",
    "sin",
    "exp",
    "maximum",
    "where",
    "relu",
    "abs",
    "softplus",
    "hypot",
)


def random_function(random, n):
    """Return a function of n numbers, made of ten rows that are taken at random."""
    rows = [RULES[random.choice(ROWS_OF_PROGRAMS)] for _ in range(10)]
    counts = [2 if row.variadic else len(row.partials) for row in rows]
    chosen = [[random.randrange(n + k) for _ in range(count)] for k, count in enumerate(counts)]
    outputs = [random.randrange(n + 10) for _ in range(3)]

    def f(x):
        known = list(x)
        for row, operands in zip(rows, chosen, strict=True):
            known.append(row(*((0.5 * known[i]).tanh() for i in operands)))
        return [known[i] for i in outputs]

    return f


@pytest.mark.filterwarnings("ignore:.*other point")
@pytest.mark.parametrize("seed", range(25))
def test_programs_at_random(seed):
    random = Random(seed)
    n = random.randint(1, 4)
    f = random_function(random, n)
    at = [random.choice([0.0, 1.0, random.uniform(-2, 2)]) for _ in range(n)]
    along = [random.uniform(-1, 1) for _ in range(n)]
    exact = np.array(jacobian(lambda *x: f(x), at), dtype=float)
    second = np.array(hessian(lambda *x: 1.0 * f(x)[0], at), dtype=float)
    with always_on_arrays() if seed % 2 else nullcontext():
        program, first = lift(f), lift(lambda x: 1.0 * f(x)[0])
        assert np.allclose(program.value(at), [float(y) for y in f([Value(x) for x in at])], rtol=1e-12)
        assert np.allclose(program.jacobian(at), exact, rtol=1e-9, atol=1e-12)
        assert np.allclose(dense(program.jacobian(at, sparse=True)), exact, rtol=1e-9, atol=1e-12)
        assert np.allclose(program.jvp([at], [along])[1], exact @ along, rtol=1e-9, atol=1e-12)
        assert np.allclose(first.hessian(at), second, rtol=1e-9, atol=1e-12)
        assert np.allclose(first.hessian(at, diagonal=True), np.diag(second), rtol=1e-9, atol=1e-12)
        assert np.allclose(first.hvp([at], along), second @ along, rtol=1e-9, atol=1e-12)


def test_a_branch_is_found_in_what_is_not_a_cost_too():
    with pytest.raises(ValueError, match="at another point"):
        lift(lambda x: [x[0] if x[0] > 0.0 else -2 * x[0], x[1]]).value([1.0, 2.0])
    with pytest.raises(ValueError, match="at another point"):
        lift(lambda x: [float(x[0]) * x[1]]).jacobian([1.0, 2.0])


def test_values_from_outside_are_read_afresh():
    scale = Value(2.0, "scale")
    program = lift(lambda x: [scale * x[0], x[1] * x[1]])
    assert program.value([1.0, 3.0]).tolist() == [2.0, 9.0]
    scale.data = 5.0
    assert program.value([1.0, 3.0]).tolist() == [5.0, 9.0]
    assert program.jacobian([1.0, 3.0]).tolist() == [[5.0, 0.0], [0.0, 6.0]]


def test_arguments_are_refused_where_they_do_not_fit():
    program = lift(cost, argnums=2, in_axes=(None, None, 0))
    with pytest.raises(ValueError, match="the Hessian by arguments that run over samples"):
        program.hessian(W, B, X)
    with pytest.raises(ValueError, match="a tangent for each argument: 1 for 3"):
        program.jvp((W, B, X), (W,))
    with pytest.raises(ValueError, match="a tangent for each number"):
        program.jvp((W, B, X), (W, B, X[:, :3]))
    with pytest.raises(ValueError, match="a vector for each argument"):
        lift(steep).hvp([POINT], [1.0])


def test_pickled_with_its_programs_forgotten():
    program = lift(autograd_lite.sin)
    assert float(program.hessian(0.5)) == pytest.approx(-np.sin(0.5))
    again = pickle.loads(pickle.dumps(program))
    assert float(again.hessian(0.5)) == pytest.approx(-np.sin(0.5))


@pytest.mark.parametrize("most_loops", [0, 400])
def test_compiled_by_numba(monkeypatch, most_loops):
    pytest.importorskip("numba")
    monkeypatch.setattr(pipeline, "_MOST_LOOPS", most_loops)
    program = lift(cost, argnums=(0, 1), in_axes=(None, None, 0), compiler="numba")
    plain = lift(cost, argnums=(0, 1), in_axes=(None, None, 0))
    for ask in (
        lambda p: p.value(W, B, X),
        lambda p: p.jvp((W, B, X), (W, B, X))[1],
        lambda p: p.jacobian(W, B, X)[0],
        lambda p: p.hessian(W, B, X)[0][1],
        lambda p: p.hvp((W, B, X), (W, B))[0],
    ):
        assert np.allclose(ask(program), ask(plain), rtol=1e-11)


def recurrent(W, U, xs):
    state = [0.0 * W[0][0]] * 3
    for x in xs:
        pre = [
            sum(w * v for w, v in zip(row, state, strict=True)) + u * x for row, u in zip(W, U, strict=True)
        ]
        state = [z.tanh() for z in pre]
    return state


def test_what_repeats_itself_is_a_loop_forward_too():
    R, U, xs = 0.5 * RANDOM.normal(size=(3, 3)), RANDOM.normal(size=3), RANDOM.normal(size=40)
    dR, dU, dxs = RANDOM.normal(size=(3, 3)), RANDOM.normal(size=3), RANDOM.normal(size=40)
    h, dh = np.zeros(3), np.zeros(3)
    for x, dx in zip(xs, dxs, strict=True):
        h, dh = np.tanh(R @ h + U * x), dR @ h + R @ dh + dU * x + U * dx
        dh = (1 - h * h) * dh
    program = lift(recurrent, argnums=(0, 1))
    assert np.allclose(program.value(R, U, xs), h, rtol=1e-13)
    assert "for " in program.source
    value, tangent = program.jvp((R, U, xs), (dR, dU, dxs))
    assert np.allclose(value, h, rtol=1e-13)
    assert np.allclose(tangent, dh, rtol=1e-11)
    assert "for " in program.source
    assert program.source.count("\n") < 40
    by_R, by_U = program.jacobian(R, U, xs)
    _, along = program.jvp((R, U, xs), (dR, dU, 0 * xs))
    assert np.allclose(by_R.reshape(3, 9) @ dR.ravel() + by_U @ dU, along, rtol=1e-11)


def test_on_jax_under_jit():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else nullcontext():
        program = lift(cost, argnums=(0, 1), in_axes=(None, None, 0), xp=jax.numpy)
        found = jax.jit(program.hessian)(*map(jax.numpy.asarray, (W, B, X)))
        expected = lift(cost, argnums=(0, 1), in_axes=(None, None, 0)).hessian(W, B, X)
        assert np.allclose(found[0][0], expected[0][0], rtol=1e-4, atol=1e-5)
