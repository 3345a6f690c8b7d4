"""Lifted programs on other libraries than NumPy: the same numbers, and for JAX functions like any other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, hessian, lift
from autograd_lite.lifting.arguments.structure import as_numpy, filled, parts_of
from autograd_lite.lifting.forms import OnArrays
from autograd_lite.ops import RULES
from tests.autograd_lite.lifting import always_on_arrays, flat, scalar_result
from tests.autograd_lite.orders import with_order
from tests.autograd_lite.test_lift_graphs import written_as_loops
from tests.autograd_lite.test_lift_programs import lstm_cost
from tests.autograd_lite.test_lift_rolling import steps_of
from tests.autograd_lite.test_lift_rules import applied, points
from tests.benchmarks import gpt


class Library(NamedTuple):
    """An array library, how NumPy's arrays become its own, and what runs a program."""

    xp: Any
    array: Callable[[Any], Any]
    runs: Callable[[Any], Any] = lambda program: program


def strict() -> Library:
    """One that allows only what the standard has."""
    xp = pytest.importorskip("array_api_strict")
    return Library(xp, xp.asarray)


def jitted() -> Library:
    """JAX, where a program is traced on shapes alone."""
    jax = pytest.importorskip("jax")
    return Library(jax.numpy, jax.numpy.asarray, jax.jit)


def torch() -> Library:
    pytest.importorskip("array_api_compat")
    xp = pytest.importorskip("torch")
    return Library(xp, xp.asarray)


def dask() -> Library:
    """Dask, in chunks of two samples."""
    pytest.importorskip("array_api_compat")
    xp = pytest.importorskip("dask.array")
    return Library(xp, lambda a: xp.from_array(a, chunks=(2, *a.shape[1:]) if a.ndim > 1 else -1))


def in_double_precision() -> Any:
    """Return a context in which JAX computes in float64."""
    jax = sys.modules["jax"]
    return jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64()


@pytest.fixture(params=[strict, jitted, torch, dask])
def library(request: Any) -> Iterator[Library]:
    found = request.param()
    with in_double_precision() if request.param is jitted else nullcontext():
        yield found


@pytest.fixture
def jax() -> Iterator[Any]:
    """JAX in double precision."""
    module = pytest.importorskip("jax")
    with in_double_precision():
        yield module


def there(library: Library, structure: Any) -> Any:
    """Return a structure with its arrays as the library's."""
    parts, form = parts_of(structure)
    return filled(form, iter([library.array(np.asarray(part.array, dtype=float)) for part in parts]))


def require_the_same_there(library: Library, f: Any, *args: Any, in_axes: Any = None) -> None:
    """Compare values and gradients on NumPy and on the other library."""
    argnums = range(len(args))
    value, gradients = lift(f, argnums=argnums, in_axes=in_axes)(*args)
    program = library.runs(lift(f, argnums=argnums, in_axes=in_axes, xp=library.xp))
    found, gradients_found = program(*(there(library, arg) for arg in args))
    parts = parts_of(gradients_found)[0]
    assert {type(part.array) for part in parts} == {type(library.array(np.ones(1)))}
    assert float(found) == pytest.approx(float(value), rel=1e-12)
    # JAX returns dicts in the order of their keys.
    expected = {part.name: part.array for part in parts_of(gradients)[0]}
    for name, array, _ in parts:
        np.testing.assert_allclose(as_numpy(array), expected[name], rtol=1e-11, atol=1e-12)


# --- the same numbers on all of them --------------------------------------------------------------------


def mixed_cost(P: Any, x: Any, y: Any) -> Any:
    """Functions of the rule book, elements here and there."""
    a = [
        sum((w * x_k for w, x_k in zip(row, x, strict=True)), b)
        for row, b in zip(P["W"], P["b"], strict=True)
    ]
    a = [z.tanh() + z.sigmoid() * z.relu() + z.gelu().maximum(0.1) for z in a]
    picked = a[0] * a[2] + a[1] * x[2] + P["W"][2][1] ** 3 + x[0].hypot(x[1]) + x[1].softplus()
    return (picked - y).elu() + abs(a[1]).leaky_relu() + (a[0] * a[0]).log1p()


def test_functions_of_the_rule_book(library: Library) -> None:
    random = np.random.default_rng(0)
    P = {"W": random.normal(size=(3, 3)), "b": random.normal(size=3)}
    X, y = random.normal(size=(5, 3)), random.normal(size=5)
    require_the_same_there(library, mixed_cost, P, X[0], y[0])
    require_the_same_there(library, mixed_cost, P, X, y, in_axes=(None, 0, 0))


@pytest.mark.parametrize("name", ["an LSTM", "a recurrent network with outputs", "a trajectory", "sequences"])
def test_loops(library: Library, name: str) -> None:
    with always_on_arrays():
        f, args = steps_of(name, 7)
        require_the_same_there(library, f, *args)


def test_every_row_of_the_rule_book(library: Library) -> None:
    columns = {name: points(row, 3, Random(3)) for name, row in RULES.items()}

    def cost(operands: Any) -> Any:
        return sum(applied(row, *with_order(name, operands[name])) for name, row in RULES.items())

    samples = {name: [np.array(column) for column in many] for name, many in columns.items()}
    _, gradients = library.runs(lift(cost, in_axes=0, xp=library.xp))(there(library, samples))
    for name, row in RULES.items():
        for s, point in enumerate(zip(*columns[name], strict=True)):
            leaves = [Value(x) for x in point]
            applied(row, *with_order(name, leaves)).backward()
            found = [float(gradient[s]) * 3 for gradient in gradients[name]]
            assert found == pytest.approx([leaf.grad for leaf in leaves], rel=1e-11, abs=1e-12), name


def test_a_gpt_block(library: Library) -> None:
    P = {name: np.array(rows) for name, rows in gpt.parameters_of(float).items()}
    require_the_same_there(library, lambda P: gpt.gpt_cost(P, gpt.TEXT), P)


def test_an_lstm_cell(library: Library) -> None:
    random = np.random.default_rng(0)
    shapes = {"U": (12, 2), "V": (12, 3), "b": (12,)}
    P = {name: random.normal(size=shape) / 2 for name, shape in shapes.items()}
    xs, ys = random.normal(size=(4, 6, 2)), random.normal(size=(4, 3))
    require_the_same_there(library, lstm_cost, P, xs[0], ys[0])
    require_the_same_there(library, lstm_cost, P, xs, ys, in_axes=(None, 0, 0))


def test_what_would_be_a_program_on_floats(library: Library) -> None:
    require_the_same_there(library, lambda x, v: (x * v[0]).tanh() + v[1].exp() / x, 2.0, [0.5, -1.0])


def test_a_graph(library: Library) -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    value, gradients = lift((w * x).exp(), xp=library.xp)({"x": library.array(np.array(0.5))})
    assert [float(value), float(gradients["x"])] == pytest.approx([np.exp(1.5), 3 * np.exp(1.5)])


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**9), steps=st.integers(1, 6))
@pytest.mark.parametrize("made", [strict, jitted, torch, dask])
def test_random_programs(made: Callable[[], Library], seed: int, steps: int) -> None:
    library = made()
    random = Random(seed)
    shapes = [(random.randint(1, 4), random.randint(1, 4)) for _ in range(2)]
    arrays = [np.array([[random.uniform(-1, 1) for _ in range(n)] for _ in range(m)]) for m, n in shapes]

    def f(*lists: Any) -> Any:
        return written_as_loops(Random(seed), [np.array(rows, dtype=object) for rows in lists], steps)

    samples = np.array([arrays[0] * scale for scale in (1.0, -0.5, 0.3)])
    with in_double_precision() if made is jitted else nullcontext():
        require_the_same_there(library, f, *arrays)
        require_the_same_there(library, f, samples, arrays[1], in_axes=(0, None))


def test_other_results_than_gradients(library: Library) -> None:
    random = np.random.default_rng(8)
    P, _ = layer_at(random)
    X, V = random.normal(size=(5, 3)), [random.normal(size=(2, 3)), random.normal(size=2)]
    there_P, there_X, there_V = (there(library, one) for one in (P, X, V))
    here, program = (lift(one_layer, in_axes=(None, 0), xp=xp) for xp in (np, library.xp))
    results = {
        "value": (here.value(P, X), library.runs(program.value)(there_P, there_X)),
        "hvp": (here.hvp((P, X), V), library.runs(program.hvp)((there_P, there_X), there_V)),
        "hessian": (here.hessian(P, X), library.runs(program.hessian)(there_P, there_X)),
        "jvp": (
            here.jvp((P, X), (V, 0 * X)),
            library.runs(program.jvp)((there_P, there_X), (there_V, 0 * there_X)),
        ),
    }
    for name, (expected, found) in results.items():
        arrays = [as_numpy(part.array).ravel() for part in parts_of(found)[0]]
        found_flat = np.concatenate(arrays)
        np.testing.assert_allclose(found_flat, flat(expected), rtol=1e-11, atol=1e-13, err_msg=name)


def test_results_for_each_sample(library: Library) -> None:
    X = np.random.default_rng(9).normal(size=(5, 3))

    def f(x: Any) -> Any:
        return [x[0] * x[1].exp(), x[2]], 3.0 * x[0] / x[0]

    here, program = (lift(f, in_axes=0, xp=xp) for xp in (np, library.xp))
    for name in ("value", "jacobian"):
        found = library.runs(getattr(program, name))(library.array(X))
        for one, expected in zip(parts_of(found)[0], parts_of(getattr(here, name)(X))[0], strict=True):
            np.testing.assert_allclose(as_numpy(one.array), expected.array, rtol=1e-13, atol=1e-14)
    with_aux = lift(lambda x: (x[0] * x[1], {"first": x[0]}), in_axes=0, has_aux=True, xp=library.xp)
    (value, aux), gradient = library.runs(with_aux)(library.array(X))
    assert float(value) == pytest.approx(np.mean(X[:, 0] * X[:, 1]))
    np.testing.assert_allclose(as_numpy(aux["first"]), X[:, 0])
    np.testing.assert_allclose(as_numpy(gradient), np.stack([X[:, 1], X[:, 0], 0 * X[:, 0]], axis=1) / 5)


# --- JAX ------------------------------------------------------------------------------------------------


def one_layer(P: Any, x: Any) -> Any:
    """A cost that every derivative can be told of, and in which an element of a matrix is used once more."""
    a = [(sum(w * v for w, v in zip(row, x, strict=True)) + b).tanh() for row, b in zip(*P, strict=True)]
    return sum(v * v for v in a) + a[0] * P[0][1][0]


def layer_at(random: Any) -> tuple[Any, Any]:
    return [random.normal(size=(2, 3)), random.normal(size=2)], random.normal(size=3)


def test_jax_derives_what_is_lifted(jax: Any) -> None:
    P, x = layer_at(np.random.default_rng(1))
    program = lift(one_layer, xp=jax.numpy)
    value, gradients = jax.jit(program)(P, x)
    assert float(value) == pytest.approx(lift(one_layer)(P, x)[0], rel=1e-14)
    by_jax = jax.grad(lambda P: program(P, x)[0])(P)
    np.testing.assert_allclose(flat(gradients), flat(by_jax), rtol=1e-13)

    second = jax.jit(jax.jacfwd(lambda W: program([W, P[1]], x)[1][0]))(P[0])
    again = jax.jit(jax.hessian(lambda W: program([W, P[1]], x)[0]))(P[0])
    root, leaves = scalar_result(one_layer, (P, x))
    expected = np.array(hessian(root, leaves[:6])).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(second, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(again, expected, rtol=1e-12, atol=1e-14)


def test_jax_maps_what_is_lifted(jax: Any) -> None:
    random = np.random.default_rng(2)
    P, _ = layer_at(random)
    X = random.normal(size=(4, 3))
    values, gradients = jax.vmap(lift(one_layer, xp=jax.numpy), in_axes=(None, 0))(P, X)
    value, gradient = lift(one_layer, in_axes=(None, 0))(P, X)
    assert float(values.mean()) == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(flat([g.mean(axis=0) for g in gradients]), flat(gradient), rtol=1e-13)


def test_a_program_that_jit_traced_first_is_the_same_outside() -> None:
    jax = pytest.importorskip("jax")
    program = lift(lambda x: sum(1.5 * v.exp() for v in x) + 2 * x[0], xp=jax.numpy)
    inside, _ = jax.jit(program)(np.ones(3, dtype=np.float32))
    outside, gradient = program(jax.numpy.ones(3, dtype=np.float32))
    assert float(inside) == pytest.approx(float(outside), rel=1e-6)
    assert gradient.dtype == np.float32


def test_functions_of_different_domains_are_traced_on_shapes(jax: Any) -> None:
    def cost(x: Any) -> Any:
        return x[0].log() + x[1].acosh() + x[2].asin()

    with pytest.warns(UserWarning, match="cost is not defined at any other point"):
        _, gradient = jax.jit(lift(cost, xp=jax.numpy))(np.array([2.0, 3.0, 0.5]))
    np.testing.assert_allclose(gradient, [1 / 2, 1 / np.sqrt(8), 1 / np.sqrt(0.75)], rtol=1e-14)


def test_an_error_of_the_function_is_its_own(jax: Any) -> None:
    with pytest.raises(IndexError, match="list index out of range"):
        jax.jit(lift(lambda x: x[3], xp=jax.numpy))(np.ones(2))


def test_a_branch_is_found_out_under_jit(jax: Any) -> None:
    with pytest.raises(ValueError, match="branched on a Value"):
        jax.jit(lift(lambda x: x * x if x > 0 else -x, xp=jax.numpy))(2.0)


LOOPS = """
def program(x, W, a, b, c):
    s = 0
    H, Q = [], []
    parts = [a, b, c]
    for t in range(3):
        h = np.tanh(x[:, t, :] * s + W @ parts[t])
        d = np.zeros_like(h)
        d[:, 1] += h[:, 0] * 3
        q = h
        for u in range(2):
            q = q * h[:, u, None]
        s, z = d + h, q
        H.append(s)
        Q.append(q)
    H = np.stack(H, axis=1)
    Q = np.stack(Q[::-1], axis=1)
    for t in reversed(range(3)):
        s = s + H[:, t, :] * x[:, t, :] + Q[:, t, :]
    return np.sum(s * s), [H, Q, s]
"""


def test_loops_are_traced_once(jax: Any) -> None:
    random = np.random.default_rng(7)
    args = [random.normal(size=shape) for shape in [(3, 3, 1), *[(3, 3)] * 4]]
    form = OnArrays(LOOPS, {})
    program = form.elsewhere(jax.numpy, float)
    expected, arrays = form.elsewhere(np, float)(*args)
    for runs in (program, jax.jit(program)):
        value, found = runs(*args)
        assert float(value) == pytest.approx(expected, rel=1e-14)
        for array, one in zip(found, arrays, strict=True):
            np.testing.assert_allclose(array, one, rtol=1e-13)
    assert str(jax.make_jaxpr(program)(*args)).count("scan[") == 3


def test_what_jax_compiles_does_not_grow_with_the_steps(jax: Any) -> None:
    random = np.random.default_rng(0)
    P = {
        name: random.normal(size=shape) / 2 for name, shape in (("U", (12, 2)), ("V", (12, 3)), ("b", (12,)))
    }
    lengths = []
    for steps in (10, 30):
        xs, y = random.normal(size=(steps, 2)), random.normal(size=3)
        program = lift(lstm_cost, xp=jax.numpy)
        lengths.append(str(jax.make_jaxpr(program)(P, xs, y)).count("\n"))
        value, gradient = jax.jit(program)(P, xs, y)
        expected, gradient_expected = lift(lstm_cost)(P, xs, y)
        assert float(value) == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(gradient["V"], gradient_expected["V"], rtol=1e-11, atol=1e-13)
    assert lengths[0] == lengths[1]


# --- precision ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "digits"), [("float32", 1e-5), ("bfloat16", 0.05)])
@pytest.mark.parametrize("made", [jitted, torch])
def test_other_precisions_are_kept(made: Callable[[], Library], name: str, digits: float) -> None:
    library = made()
    kind = getattr(library.xp, name)
    random = np.random.default_rng(3)
    P, _ = layer_at(random)
    X = random.normal(size=(5, 3))
    of_kind = [library.xp.asarray(a, dtype=kind) for a in (*P, X)]
    value, gradients = library.runs(lift(one_layer, in_axes=(None, 0), xp=library.xp))(
        of_kind[:2], of_kind[2]
    )
    assert {value.dtype, *(g.dtype for g in gradients)} == {value.dtype} == {of_kind[0].dtype}
    expected, gradients_expected = lift(one_layer, in_axes=(None, 0))(P, X)
    assert float(value) == pytest.approx(expected, rel=digits)
    found = [x for g in gradients for x in as_numpy(g).ravel()]
    np.testing.assert_allclose(found, flat(gradients_expected), rtol=digits, atol=digits)


# --- PyTorch and Dask -----------------------------------------------------------------------------------


def test_numbers_and_lists_beside_tensors() -> None:
    library = torch()
    P, x = layer_at(np.random.default_rng(4))
    value, gradients = lift(one_layer, xp=library.xp)([P[0].tolist(), library.array(P[1])], x.tolist())
    assert float(value) == pytest.approx(lift(one_layer)(P, x)[0], rel=1e-14)
    assert isinstance(gradients[0], library.xp.Tensor)


def test_torch_derives_what_is_lifted() -> None:
    library = torch()
    P, x = layer_at(np.random.default_rng(5))
    W, b = (library.array(a).requires_grad_() for a in P)
    value, gradients = lift(one_layer, xp=library.xp)([W, b], library.array(x))
    value.backward()
    np.testing.assert_allclose(gradients[0].detach(), W.grad, rtol=1e-13)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "tanh"])
def test_others_derive_activations_where_their_halves_meet(jax: Any, name: str) -> None:
    def f(xs: Any) -> Any:
        return sum(applied(RULES[name], x) for x in xs)

    library, xs = torch(), np.array([-1.0, 0.0, 2.0, 1000.0])
    _, expected = lift(f)(xs)
    by_jax = lift(f, xp=jax.numpy)
    np.testing.assert_allclose(jax.grad(by_jax.value)(xs), expected, rtol=1e-14)
    assert np.isfinite(jax.jacfwd(lambda xs: by_jax(xs)[1])(xs)).all()
    tensor = library.array(xs).requires_grad_()
    lift(f, xp=library.xp).value(tensor).backward()
    np.testing.assert_allclose(tensor.grad, expected, rtol=1e-14)


def test_dask_computes_nothing_before_it_is_asked() -> None:
    library = dask()
    computed = []

    def block(a: Any) -> Any:
        computed.append(len(a))
        return a

    random = np.random.default_rng(6)
    P, _ = layer_at(random)
    X = random.normal(size=(6, 3))
    lazy = library.array(X).map_blocks(block, dtype=float, meta=np.empty((0, 0)))
    value, _ = lift(one_layer, in_axes=(None, 0), xp=library.xp)(there(library, P), lazy)
    assert not computed
    assert float(value) == pytest.approx(lift(one_layer, in_axes=(None, 0))(P, X)[0], rel=1e-14)
    assert computed == [2, 2, 2]


# --- libraries that are not there -----------------------------------------------------------------------


def test_the_missing_door_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "array_api_compat.torch", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'autograd-lite\[arrays\]'"):
        lift(one_layer, xp=sys.modules["torch"])


def test_arrays_of_a_library_that_was_not_named(jax: Any) -> None:
    with pytest.raises(TypeError, match=r"x is .*Tracer, of which numpy makes no array\. Name the library"):
        jax.jit(lift(lambda x: x[0] * x[1]))(np.ones(2))


OF_OTHERS = [
    *((jitted, other, "jax.numpy") for other in (torch, dask)),
    *((torch, other, "torch") for other in (jitted, dask)),
    *((dask, other, "dask.array") for other in (jitted, torch)),
]


@pytest.mark.parametrize(("made", "other", "name"), OF_OTHERS)
def test_arrays_of_another_library_are_refused_by_name(made: Any, other: Any, name: str) -> None:
    x = made().array(np.array([[1.0, 2.0]]))  # of JAX's, torch.asarray makes four other numbers
    advice = rf"x is .*, of which .* makes no array\. .*: lift\(f, xp={name}\); or .*: numpy\.asarray\(x\)"
    for xp in (other().xp, np) if made is dask else (other().xp,):
        with pytest.raises(TypeError, match=advice):
            lift(lambda x: x[0] * x[1], in_axes=0, xp=xp)(x)
    value, _ = lift(lambda x: x[0] * x[1], in_axes=0, xp=other().xp)(np.array(x))
    assert float(value) == 2.0


def test_what_is_no_array_library() -> None:
    with pytest.raises(TypeError, match="xp is math; lift takes a module that follows"):
        lift(one_layer, xp=__import__("math"))
