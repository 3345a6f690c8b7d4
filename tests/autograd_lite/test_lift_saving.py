"""Saved programs: modules that need NumPy alone, and give what the lifted function gives."""

from __future__ import annotations

import ast
import json
import math
import pickle
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import is_dataclass
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite import RULES, Value, lift, maximum
from autograd_lite.lifting import pipeline
from autograd_lite.lifting.scalars import SUMMANDS
from tests.autograd_lite.lifting import always_on_arrays
from tests.autograd_lite.test_lift_calls import FORMS, weighted_squares

NUMBERS = count()
RESULTS = "Return the results."
CALLED = "Return the value and the gradients."
ALLOWED = {"__future__", "dataclasses", "functools", "math", "numba", "numpy"}


def saved(program: Any, folder: Path) -> dict[str, Any]:
    """Save a program; return what its module defines, which must not import anything of ours."""
    path = folder / "saved.py"
    program.save(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= ALLOWED
    spec = spec_from_file_location(f"saved_{next(NUMBERS)}", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


def require_same(found: Any, expected: Any) -> None:
    """Compare structures of arrays, number by number, without any tolerance."""
    if isinstance(expected, (np.ndarray, np.generic)):
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_array_equal(found, expected)
        return
    assert type(found) is type(expected)
    if isinstance(expected, Mapping):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    elif is_dataclass(expected):
        found, expected = list(vars(found).values()), list(vars(expected).values())
    for one, other in zip(found, expected, strict=True):
        require_same(one, other)


def layers_cost(layers: Any, x: Any, y: Any) -> Any:
    for W, b in layers:
        rows = zip(W, b, strict=True)
        x = [sum((w * x_k for w, x_k in zip(row, x, strict=True)), b_j).tanh() for row, b_j in rows]
    return (x[0] - y) ** 2


RANDOM = np.random.default_rng(0)
LAYERS = [[RANDOM.normal(size=(m, n)), RANDOM.normal(size=m)] for m, n in ((3, 2), (1, 3))]
X, Y = RANDOM.normal(size=(5, 2)), RANDOM.normal(size=5)


# --- alone ----------------------------------------------------------------------------------------------


def test_it_runs_where_this_project_is_not(tmp_path: Path) -> None:
    program = lift(layers_cost, in_axes=(None, 0, 0))
    value, gradients = program(LAYERS, X, Y)
    program.save(tmp_path / "cost.py")
    site = Path(np.__file__).parents[1]
    script = f"""
import sys
sys.modules["autograd_lite"] = None
sys.path[:] = [p for p in sys.path if p.startswith(sys.base_prefix)] + [{str(site)!r}, {str(tmp_path)!r}]
import json
import math
import pickle
from cost import layers_cost
value, gradients = layers_cost(*json.loads(input()))
print(json.dumps([value, [[part.tolist() for part in layer] for layer in gradients]]))
"""
    arguments = [[[part.tolist() for part in layer] for layer in LAYERS], X.tolist(), Y.tolist()]
    command = [sys.executable, "-I", "-S", "-c", script]
    output = subprocess.run(
        command, input=json.dumps(arguments), text=True, capture_output=True, check=True
    ).stdout
    assert json.loads(output) == [value, [[part.tolist() for part in layer] for layer in gradients]]


def test_run_as_a_program_it_shows_its_use(tmp_path: Path) -> None:
    program = lift(layers_cost, in_axes=(None, 0, 0))
    program(LAYERS, X, Y)
    program.save(tmp_path / "cost.py")
    shown = subprocess.check_output([sys.executable, "-I", tmp_path / "cost.py"], text=True)
    assert shown.startswith("(np.float64(")
    assert shown.count("array(") == 4


def test_the_docstring_says_what_it_takes(tmp_path: Path) -> None:
    program = lift(layers_cost, argnums=(0, 2), in_axes=(None, 0, 0))
    program(LAYERS, X, Y)
    text = saved(program, tmp_path)["__doc__"]
    assert text.startswith("layers_cost(layers, x, y): the value and the gradients.")
    assert "The gradients are those by layers, y." in text
    assert "    layers[1][0]  of shape (1, 3)\n" in text
    assert "    x             samples of shape (2,), along axis 0\n" in text
    assert "    A1: C = (1/n) Σₛ Cₛ, the mean over samples\n" in text
    assert "    B1: ∂C/∂z = ∂C/∂a ⊙ σ′(z)\n" in text
    assert max(map(len, text.splitlines())) <= 110


# --- the same numbers -----------------------------------------------------------------------------------


NO_OBJECTS = [form for form in FORMS if "Fraction" not in repr(form) and "object" not in repr(form)]


@pytest.mark.parametrize("form", NO_OBJECTS, ids=lambda form: f"{form!r:.40}")
def test_arguments_in_the_same_structures(form: Any, tmp_path: Path) -> None:
    program = lift(weighted_squares)
    value, gradients = program(form)
    found, slopes = saved(program, tmp_path)["weighted_squares"](form)
    assert found == value
    require_same(slopes, gradients)


@pytest.mark.parametrize("argnums", [0, 1, (1,), (2, 0)])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_samples_and_gradients_asked_for(argnums: Any, axis: int, tmp_path: Path) -> None:
    program = lift(layers_cost, argnums=argnums, in_axes=(None, axis, 0))
    arguments = (LAYERS, np.moveaxis(X, 0, axis), Y)
    value, gradients = program(*arguments)
    function = saved(program, tmp_path)["layers_cost"]
    found, slopes = function(*arguments)
    assert found == value
    require_same(slopes, gradients)
    more = (LAYERS, np.moveaxis(np.tile(X, (3, 1)), 0, axis), np.tile(Y, 3))
    require_same(function(*more)[1], program(*more)[1])


@pytest.mark.parametrize("row", [name for name in RULES if name not in SUMMANDS])
@pytest.mark.parametrize("on_arrays", [True, False])
def test_every_row(row: str, on_arrays: bool, tmp_path: Path) -> None:
    rule = RULES[row]
    arity = 3 if rule.variadic else len(rule.partials)
    whole = {0: 1.0} if row in ("polygamma", "bessel") else {}

    def cost(xs: Any, ys: Any) -> Any:
        total = Value(0.0)
        for k, x in enumerate(xs):
            operands = [whole.get(0, x), ys[k] * 1.1, xs[-1 - k] * 1.2][:arity]
            total = total + rule(*operands)
        return total * xs[0]

    program = lift(cost, argnums=(0, 1))
    low, high = rule.floats.domain[-1]
    points = np.linspace(max(low, 0.0) + 0.05, min(high, max(low, 0.0) + 1.0) * 0.8, 4 if on_arrays else 2)
    with always_on_arrays() if on_arrays else nullcontext():
        value, gradients = program(points, points[::-1])
    scope = saved(program, tmp_path)
    found, slopes = scope["cost"](points, points[::-1])
    assert found == value
    require_same(slopes, gradients)


def irregular(x: Any, v: Any) -> Any:
    total = (abs(x) * x.maximum(1.2) + x.hypot(2.0)) * x.elu() ** 2.5
    for k, v_k in enumerate(v):
        row = ("tanh", "gamma", "leaky_relu", "softplus", "cbrt", "erf", "digamma", "clip")[k]
        total = getattr(total, row)(*((-50.0, 50.0) if row == "clip" else ())) * v_k + total
    return total


def test_programs_on_floats(tmp_path: Path) -> None:
    program = lift(irregular, argnums=(0, 1))
    program(1.7, np.linspace(0.1, 0.2, 8))
    assert "statements on floats" in program._last.compiled.summary
    for x in (1.7, 0.2, 2.9):
        arguments = x, np.linspace(0.3, 0.1, 8)
        found = saved(program, tmp_path)["irregular"](*arguments)
        expected = program(*arguments)
        assert found[0] == expected[0]
        require_same(found[1], expected[1])


def test_precision_is_kept(tmp_path: Path) -> None:
    program = lift(layers_cost, in_axes=(None, 0, 0))
    program(LAYERS, X, Y)
    single = [[part.astype("f4") for part in layer] for layer in LAYERS]
    arguments = single, X.astype("f4"), Y.astype("f4")
    value, gradients = saved(program, tmp_path)["layers_cost"](*arguments)
    expected, _ = program(*arguments)
    assert {value.dtype, *(part.dtype for layer in gradients for part in layer)} == {np.dtype("f4")}
    assert np.isclose(value, expected, rtol=1e-6)


@pytest.mark.parametrize("n", [3, 40])
def test_constants_are_exact(n: int, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    table = random.normal(size=(n, n)) * 10.0 ** random.integers(-300, 150, (n, n))
    table[0, 0], table[0, 1] = 5e-324, -0.0

    def cost(x: Any) -> Any:
        return x[0] * sum(sum(t * x_k for t, x_k in zip(row, x, strict=True)) for row in table.tolist())

    program = lift(cost)
    with always_on_arrays():
        program(np.ones(n))
    scope = saved(program, tmp_path)
    constants = program._last.compiled.form.constants
    assert constants
    for name, array in constants.items():
        np.testing.assert_array_equal(scope[name].view("i8"), array.view("i8"))
    point = np.linspace(0.1, 0.9, n)
    require_same(scope["cost"](point), program(point))


def test_values_from_outside_are_keyword_arguments(tmp_path: Path) -> None:
    w = [Value(2.0, "w[0]"), Value(3.0, "w[1]")]
    program = lift(lambda x: sum(w_k * x_k * x_k for w_k, x_k in zip(w, x, strict=True)))
    program([1.0, 2.0])
    function = saved(program, tmp_path)["function"]
    assert function([1.0, 2.0])[1].tolist() == [4.0, 12.0]
    assert function([1.0, 2.0], w=[1.0, 1.0])[1].tolist() == [2.0, 4.0]
    value, gradient = function(np.array([1.0, 2.0], dtype=np.float32))
    assert {value.dtype, gradient.dtype} == {np.dtype("f4")}


def spread(x: Any, w: Any) -> Any:
    cost = sum(x_k * w_k for x_k, w_k in zip(x, w, strict=True))
    return cost * cost, {"each": [x_k.exp() for x_k in x], "size": (sum(w_k * w_k for w_k in w), 2.0)}


@pytest.mark.parametrize("in_axes", [None, (0, None)])
def test_what_is_returned_beside_a_cost(in_axes: Any, tmp_path: Path) -> None:
    program = lift(spread, argnums=(1,), in_axes=in_axes, has_aux=True)
    arguments = (X if in_axes else X[0]), np.array([0.5, -1.0])
    expected = program(*arguments)
    found = saved(program, tmp_path)["spread"](*arguments)
    require_same(found, expected)


def outputs(w: Any, x: Any) -> Any:
    return [(w_k * x_k).sin() for w_k, x_k in zip(w, x, strict=True)]


@pytest.mark.parametrize("in_axes", [None, (None, 0)])
def test_results_and_their_derivatives(in_axes: Any, tmp_path: Path) -> None:
    program = lift(outputs, argnums=(0, 1), in_axes=in_axes)
    arguments = np.array([0.5, -1.0]), (X if in_axes else X[0])
    calls = (
        (program.value, arguments),
        (program.jacobian, arguments),
        (program.jvp, (arguments, arguments)),
    )
    for call, given in calls:
        expected = call(*given)
        function = next(f for f in saved(program, tmp_path).values() if getattr(f, "__doc__", "") == RESULTS)
        flat = [*given[0], *given[1]] if call == program.jvp else given
        require_same(function(*flat), expected)


def test_results_of_a_program_on_floats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_engine_time", lambda scalars: 0.0)
    program = lift(outputs)
    expected = program.value([0.5, -1.0], [1.0, 2.0])
    assert "np." not in program.source
    function = next(f for f in saved(program, tmp_path).values() if getattr(f, "__doc__", "") == RESULTS)
    require_same(function([0.5, -1.0], [1.0, 2.0]), expected)


@pytest.mark.parametrize("way", ["value", "jacobian"])
def test_results_on_floats_are_infinite_where_the_original_s_are(way: str, tmp_path: Path) -> None:
    def f(x: Any, y: Any) -> Any:
        return [1 / x + y.exp(), maximum(x, y) ** 1.5 / x]

    program = lift(f, argnums=(0, 1))
    call = getattr(program, way)
    call(1.0, 2.0)
    assert "statements on floats" in str(program)
    function = next(f for f in saved(program, tmp_path).values() if getattr(f, "__doc__", "") == RESULTS)
    for point in [(0.0, 1.0), (-0.0, 1.0), (2.0, 1000.0), (-1.0, -2.0), (math.inf, math.nan)]:
        require_same(function(*point), call(*point))
    assert np.isinf(np.ravel(function(0.0, 1.0)[0])).any()


def test_a_copy_can_be_saved(tmp_path: Path) -> None:
    program = lift(outputs_squared)
    program([0.5, -1.0])
    twin = pickle.loads(pickle.dumps(program))
    require_same(saved(twin, tmp_path)["outputs_squared"]([1.0, 2.0]), program([1.0, 2.0]))


def outputs_squared(x: Any) -> Any:
    return sum(y * y for y in outputs(x, x))


def test_a_sparse_matrix_is_refused(tmp_path: Path) -> None:
    program = lift(outputs)
    program.jacobian([1.0, 2.0], [3.0, 4.0], sparse=True)
    with pytest.raises(ValueError, match="call for the dense one before"):
        program.save(tmp_path / "cost.py")


def test_a_graph(tmp_path: Path) -> None:
    w = [Value(0.5 + k, f"w[{k}]") for k in range(3)]
    x = [Value(1.0 - k, f"x[{k}]") for k in range(3)]
    root = sum((w_k * x_k).sin() for w_k, x_k in zip(w, x, strict=True))
    program = lift(root)
    function = saved(program, tmp_path)["graph"]
    require_same(function(), program())
    require_same(function(x=[1.0, 2.0, 3.0]), program({"x": [1.0, 2.0, 3.0]}))
    batched = lift(root, in_axes={"x": 1})
    function = saved(batched, tmp_path)["graph"]
    samples = np.arange(12.0).reshape(3, 4)
    require_same(function(x=samples), batched({"x": samples}))
    require_same(function(), batched())


@pytest.mark.parametrize("name", ["program", "np", "lambda", "math", "as_floats", "cost", "tanh"])
@pytest.mark.parametrize(
    "argument", ["x", "np", "program", "found", "dx", "kind", "as_floats", "arrays", "tanh"]
)
def test_names_that_are_taken(name: str, argument: str, tmp_path: Path) -> None:
    scope: dict[str, Any] = {}
    exec(f"def cost({argument}): return {argument}[0].tanh() * {argument}[1]", scope)
    scope["cost"].__name__ = name
    program = lift(scope["cost"])
    expected = program([0.5, 2.0])
    scope = saved(program, tmp_path)
    (function,) = (one for one in scope.values() if getattr(one, "__doc__", "") == CALLED)
    require_same(function([0.5, 2.0]), expected)
    assert function.__name__.rstrip("_") == name


def test_programs_in_loops(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    program = lift(layers_cost, in_axes=(None, 1, 0), compiler="numba")
    value, gradients = program(LAYERS, X.T, Y)
    scope = saved(program, tmp_path)
    assert "It needs NumPy and Numba, and nothing else." in scope["__doc__"]
    found, slopes = scope["layers_cost"](LAYERS, X.T, Y)
    assert found == value
    require_same(slopes, gradients)


@pytest.mark.filterwarnings("ignore:.*object mode")
def test_programs_in_loops_that_call_python(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    program = lift(lambda x: sum(x_k.digamma() * x_k.tanh() for x_k in x), compiler="numba")
    point = np.linspace(0.5, 3.0, 200)
    value, gradient = program(point)
    found, slope = saved(program, tmp_path)["function"](point)
    assert found == value
    require_same(slope, gradient)


# --- what it refuses ------------------------------------------------------------------------------------


def test_wrong_arguments_are_refused_by_name(tmp_path: Path) -> None:
    program = lift(layers_cost, in_axes=(None, 0, 0))
    program(LAYERS, X, Y)
    function = saved(program, tmp_path)["layers_cost"]
    with pytest.raises(
        ValueError, match=r"layers\[1\]\[0\] has the shape \(3, 3\); this program is for \(1, 3\)"
    ):
        function([LAYERS[0], [np.ones((3, 3)), np.ones(1)]], X, Y)
    with pytest.raises(ValueError, match="expected 2"):
        function([LAYERS[0]], X, Y)
    with pytest.raises(TypeError, match="y must be made of real numbers"):
        function(LAYERS, X, ["a"] * 5)
    for n in (3, 0):
        with pytest.raises(ValueError, match="as many of them, at least one"):
            function(LAYERS, X[:n], Y[: n and 4])


def test_a_program_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    program = lift(weighted_squares)
    with pytest.raises(ValueError, match="has not been traced yet"):
        program.save(tmp_path / "cost.py")
    program([1.0])
    with pytest.raises(FileNotFoundError, match="make it first"):
        program.save(tmp_path / "nowhere" / "cost.py")
    with pytest.raises(ValueError, match=r"ends in \.py"):
        program.save(tmp_path / "cost.txt")
    assert list(tmp_path.iterdir()) == []
