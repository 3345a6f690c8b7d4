"""lift(f, compiler="numba"): the loops say what the engine says, and Numba compiles them.

The loops are Python: those of all programs and rows that are lifted elsewhere in the tests are run as they
are, without Numba, which would take a second for each; some are compiled.
"""

from __future__ import annotations

import inspect
import math
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_lite import Value, fsum, lift, logsumexp, maximum
from autograd_lite.lifting import forms, pipeline
from autograd_lite.lifting.arguments.structure import parts_of
from autograd_lite.lifting.elsewhere import chunks
from autograd_lite.lifting.loops import compiling, vectors
from tests.autograd_lite import lifting as shared
from tests.autograd_lite import (
    test_lift_programs,
    test_lift_recurrences,
    test_lift_rolling,
    test_lift_rules,
    test_lift_search,
)

numba = pytest.importorskip("numba")


def quiet_math() -> Any:
    """Return functions like those of math that say NaN or inf where Python raises, as compiled ones do."""

    def quiet(function: Any) -> Any:
        def of_floats(*xs: float) -> float:
            try:
                return float(function(*xs))
            except ValueError:
                return math.nan
            except OverflowError:
                return math.inf

        return of_floats

    own = {name: getattr(np, name) for name in dir(math) if hasattr(np, name)}
    others = {name: quiet(getattr(math, name)) for name in dir(math) if callable(getattr(math, name))}
    return SimpleNamespace(**{**others, **own})


def full_of_nan(shape: Any, dtype: Any = float) -> Any:
    """Return a new array in which it shows where nothing was written."""
    return np.full(shape, math.nan, dtype)


def interpreted(source: Any, kind: Any) -> Any:
    """Return the function of a module of loops as Python runs it."""
    lines = [
        line
        for line in source.text.splitlines()
        if not line.startswith(("import", "fast =", "plain =", "short =", "@"))
    ]
    functions = compiling.support(np)

    def by_python(name: str) -> Any:
        return lambda *xs: float(functions[name](*map(np.float64, xs)))

    arrays = SimpleNamespace(**{**vars(np), "empty": full_of_nan})
    scope = {"np": arrays, "math": quiet_math(), **{name: by_python(name) for name in source.by_python}}
    text = "\n".join(lines)
    for name in source.by_python:
        text = text.replace(f"def {name}(", f"def unused_{name}(")
    exec(text, scope)
    if power_of_e := scope.get("power_of_e"):
        # With numbers that are written there, Numba computes in double precision.
        scope["power_of_e"] = lambda x: power_of_e(np.float64(x))
    constants = [a if a.dtype.kind == "i" else a.astype(kind) for a in source.constants.values()]

    def function(*arrays: Any) -> Any:
        prepared = [np.ascontiguousarray(a, dtype=kind) if a.ndim else np.float64(a) for a in arrays]
        value, *gradients = scope["program"](*prepared, *constants)
        scalar = np.dtype(kind).type
        return scalar(value), [g if isinstance(g, np.ndarray) else scalar(g) for g in gradients]

    return function


def cases(module: Any) -> list[Any]:
    """Return the tests of a module with all their parameters."""
    found = []
    for name, test in inspect.getmembers(module, inspect.isfunction):
        if not name.startswith("test_") or test.__module__ != module.__name__:
            continue
        marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
        each: list[tuple[str, dict[str, Any]]] = [(name, {})]
        for mark in marks:
            names, values = mark.args
            keys = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
            each = [
                (
                    f"{title}-{_name(k, value)}",
                    {**given, **dict(zip(keys, _values(value, len(keys)), strict=True))},
                )
                for title, given in each
                for k, value in enumerate(values)
            ]
        found += [pytest.param(test, given, id=title) for title, given in each]
    return found


def _name(k: int, value: Any) -> str:
    """Return what a case is called: the same in each process, whatever it consists of."""
    name = getattr(value, "id", None) or str(value)
    return str(k) if "array" in name or " at 0x" in name else name


def _values(value: Any, n: int) -> Any:
    found = getattr(value, "values", value)
    return found if n > 1 or hasattr(value, "id") else [found]


CASES = [*cases(test_lift_programs), *cases(test_lift_rules)]
# All but those that know how NumPy's source is written, or are about programs on floats.
_OTHERS = "on_floats", "the_source_of", "begin_like", "is_kept_once", "list_of_pairs"
RECURRENCES = [
    case
    for case in cases(test_lift_rolling)
    if not case.values[1].get("on_floats") and all(word not in case.id for word in _OTHERS)
]
SEARCHES = [
    case
    for case in cases(test_lift_search)
    if case.id in ("test_of_many_elements", "test_over_samples", "test_of_a_step_that_repeats")
] + cases(test_lift_recurrences)


def run_compiled(test: Any, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test of lift on compiled programs."""
    by_numba = partial(lift, compiler="numba")
    programs = test_lift_programs, test_lift_rules, test_lift_rolling, test_lift_recurrences, test_lift_search
    for module in (shared, *programs):
        if hasattr(module, "lift"):
            monkeypatch.setattr(module, "lift", by_numba)
    if "monkeypatch" in inspect.signature(test).parameters:
        given = {**given, "monkeypatch": monkeypatch}
    test(**given)


@pytest.mark.parametrize(("test", "given"), [*CASES, *RECURRENCES, *SEARCHES])
def test_loops(test: Any, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "compiled", interpreted)
    monkeypatch.setattr(pipeline, "_SCALARS_OF_A_LOOP", 1e-9)
    run_compiled(test, given, monkeypatch)


def recurrent_maxima(x: Any, h: Any, W: Any) -> Any:
    """Return a cost with a largest of many in each step, and after all."""
    for one in x:
        h = [
            reduce(maximum, [w * k for w, k in zip(row, h, strict=True)]) + y
            for row, y in zip(W, one, strict=True)
        ]
    return reduce(maximum, h) ** 2 + fsum(h)


@pytest.mark.parametrize("in_axes", [(0, 0, 0), (0, None, None), (None, 0, None), (None, None, 0)])
def test_largest_elements_of_samples(
    in_axes: tuple[int | None, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "compiled", interpreted)
    monkeypatch.setattr(shared, "lift", partial(lift, compiler="numba"))
    random = np.random.default_rng(1)
    shapes = [(9, 4), (4,), (4, 4)]
    args = [random.normal(size=(3, *s) if axis == 0 else s) for s, axis in zip(shapes, in_axes, strict=True)]
    shared.require_same_batch(recurrent_maxima, args, in_axes)


@pytest.mark.parametrize("units", [8, 18])
def test_samples_of_a_recurrent_network(units: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 16 × 16 weights on BLAS multiplies, for all samples in each step."""
    monkeypatch.setattr(forms, "compiled", interpreted)
    monkeypatch.setattr(shared, "lift", partial(lift, compiler="numba"))
    random = np.random.default_rng(2)
    shapes = [(units, 3), (units, units), (units,), (units,), (3, 7, 3), (3, units)]
    args = [random.normal(size=shape) / 3 for shape in shapes]
    program = shared.require_same_batch(test_lift_rolling.recurrent, args, (None, None, None, None, 0, 0))
    assert program.source.count("for t in") == 2
    assert program.source.count("np.dot(") == (3 if units == 18 else 0)


def test_gradients_of_weights_of_dead_units_are_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their elements are never written to."""
    monkeypatch.setattr(forms, "compiled", interpreted)
    monkeypatch.setattr(pipeline, "_SCALARS_OF_A_LOOP", 1e-9)

    def f(W: Any, x: Any) -> Any:
        return fsum(fsum(w * x_k for w, x_k in zip(row, x, strict=True)).relu() ** 2 for row in W)

    W = np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, 1.0], [-2.0, -1.0], [0.5, 0.5]])
    program = lift(f, argnums=(0, 1), compiler="numba")
    value, (dW, dx) = program(W, np.array([1.0, 0.25]))
    assert "!= 0:" in program.source
    assert value == 1.5**2 + 3.25**2 + 0.625**2
    assert dW.tolist() == [[3.0, 0.75], [0.0, 0.0], [6.5, 1.625], [0.0, 0.0], [1.25, 0.3125]]
    assert dx.tolist() == [3.0 + 3 * 6.5 + 0.5 * 1.25, 2 * 3.0 + 6.5 + 0.5 * 1.25]


def test_a_logarithm_of_one_exponential_over_samples() -> None:
    program = lift(lambda x: logsumexp([x]) * x, in_axes=0, compiler="numba")
    value, gradient = program(np.array([0.5, -2.0]))
    assert value == (0.25 + 4) / 2
    np.testing.assert_allclose(gradient, [0.5, -2.0], rtol=1e-15)


def test_a_loop_over_steps_is_compiled() -> None:
    """Lists of arrays too: theirs are views of one array, each of its own."""

    def deep(layers: Any, x: Any) -> Any:
        for W, b in layers:
            x = [(test_lift_rolling.inner(w, x) + b_k).tanh() for w, b_k in zip(W, b, strict=True)]
        return sum(x_k**2 for x_k in x)

    layers = [[np.full((8, 8), k / 99), np.arange(8) / (k + 9)] for k in range(9)]
    args = layers, np.arange(8) / 8
    program, plain = (lift(deep, argnums=(0, 1), compiler=one) for one in ("numba", None))
    (value, (d_layers, dx)), expected = program(*args), plain(*args)
    assert program.source.count("for t in") == 2
    np.testing.assert_allclose(value, expected[0], rtol=1e-13)
    np.testing.assert_allclose(dx, expected[1][1], rtol=1e-12)
    for found, wanted in zip(d_layers, expected[1][0], strict=True):
        for d, e in zip(found, wanted, strict=True):
            np.testing.assert_allclose(d, e, rtol=1e-12)
    d_layers[0][0][:] = 7
    np.testing.assert_allclose(d_layers[1][0], expected[1][0][1][0], rtol=1e-12)


@pytest.mark.parametrize(("test", "given"), CASES)
def test_instructions(test: Any, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_SCALARS_OF_A_LOOP", math.inf)
    monkeypatch.setattr(pipeline, "_MOST_LOOPS", 0)
    run_compiled(test, given, monkeypatch)


def moons_cost(layers: Any, x: Any, y: Any) -> Any:
    a = x
    for k, (W, b) in enumerate(layers):
        a = [sum(w * v for w, v in zip(row, a, strict=True)) + c for row, c in zip(W, b, strict=True)]
        a = [v.relu() for v in a] if k < len(layers) - 1 else a
    return (1 - y * a[0]).relu()


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_a_batch_is_compiled(kind: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)
    random = np.random.default_rng(0)
    layers = [[random.normal(size=(3, 2)), random.normal(size=3)], [random.normal(size=(1, 3)), np.ones(1)]]
    layers = [[array.astype(kind) for array in layer] for layer in layers]
    X, Y = random.normal(size=(20, 2)).astype(kind), np.sign(random.normal(size=20)).astype(kind)
    expected, gradients = lift(moons_cost, in_axes=(None, 0, 0))(layers, X, Y)
    value, found = lift(moons_cost, in_axes=(None, 0, 0), compiler="numba")(layers, X, Y)
    precision = 1e-12 if kind == "float64" else 1e-5
    assert math.isclose(value, expected, rel_tol=precision)
    assert value.dtype == kind
    for mine, theirs in zip(shared.flat(found), shared.flat(gradients), strict=True):
        assert math.isclose(mine, theirs, rel_tol=precision, abs_tol=precision)
    assert {array.dtype for layer in found for array in layer} == {np.dtype(kind)}


# --- threads --------------------------------------------------------------------------------------------


@pytest.fixture
def three_threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have three threads at work however little there is; return how many samples each run had."""
    runs: list[int] = []
    monkeypatch.setattr(chunks, "_WORTH_A_THREAD", 1e-9)
    monkeypatch.setattr(chunks, "_processors", lambda: 3)
    monkeypatch.setattr(pipeline, "_SCALARS_OF_A_LOOP", 1e-9)

    def in_python(source: Any, kind: Any) -> Any:
        function = interpreted(source, kind)

        def noted(*arrays: Any) -> Any:
            runs.append(max(len(array) for array in arrays if array.ndim))
            return function(*arrays)

        return noted

    monkeypatch.setattr(forms, "compiled", in_python)
    return runs


def on_samples(w: Any, x: Any, t: Any) -> Any:
    z = [sum(w_k * x_k for w_k, x_k in zip(row, x, strict=True)).sin() for row in w]
    return z[0] * z[1] * t, {"z": z, "same": w[0][0] * w[1][1]}


WAYS = {
    "call": lambda program, args: program(*args),
    "value": lambda program, args: program.value(*args),
    "jvp": lambda program, args: program.jvp(args, args),
    "hvp": lambda program, args: program.hvp(args, args),
    "jacobian": lambda program, args: program.jacobian(*args),
}


def by_way(way: str, kind: str, **named: Any) -> list[Any]:
    """Return the results for seven samples, in one list."""
    random = np.random.default_rng(3)
    args = random.normal(size=(2, 3)), random.normal(size=(3, 7)), random.normal(size=7)
    has_aux = way in ("call", "value")
    f = on_samples if has_aux else cost_alone
    program = lift(f, argnums=(0, 1, 2), in_axes=(None, 1, 0), has_aux=has_aux, **named)
    found = WAYS[way](program, [array.astype(kind) for array in args])
    return [np.asarray(part.array) for part in parts_of(found)[0]]


def cost_alone(w: Any, x: Any, t: Any) -> Any:
    return on_samples(w, x, t)[0]


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize("way", WAYS)
def test_threads_find_together_what_one_finds(way: str, kind: str, three_threads: list[int]) -> None:
    expected = by_way(way, kind)
    found = by_way(way, kind, compiler="numba", threads=True)
    precision = 1e-13 if kind == "float64" else 1e-5
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        assert one.dtype == kind
        assert np.allclose(one, other, rtol=precision, atol=precision)
    assert sorted(three_threads[-3:]) == [2, 2, 3]


def test_threads_run_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    args = random.normal(size=(2, 3)), random.normal(size=(3, 7)), random.normal(size=7)
    expected, slopes = lift(cost_alone, argnums=(0, 1), in_axes=(None, 1, 0))(*args)
    monkeypatch.setattr(chunks, "_WORTH_A_THREAD", 1e-9)
    monkeypatch.setattr(chunks, "_processors", lambda: 3)
    monkeypatch.setattr(pipeline, "_MOST_LOOPS", 0)
    program = lift(cost_alone, argnums=(0, 1), in_axes=(None, 1, 0), compiler="numba", threads=True)
    value, gradients = program(*args)
    assert "instructions" in str(program)
    assert math.isclose(value, expected, rel_tol=1e-13)
    for mine, theirs in zip(gradients, slopes, strict=True):
        assert np.allclose(mine, theirs, rtol=1e-13, atol=1e-15)


def test_threads_share_the_samples_of_a_graph(three_threads: list[int]) -> None:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    program = lift((w * x) ** 2, in_axes={"x": 0}, compiler="numba", threads=True)
    value, gradients = program({"x": np.arange(5.0)})
    assert math.isclose(value, 0.25 * 30 / 5, rel_tol=1e-15)
    assert math.isclose(gradients["w"], 2 * 0.5 * 30 / 5, rel_tol=1e-15)
    assert np.allclose(gradients["x"], [0.5 * x / 5 for x in range(5)], rtol=1e-15, atol=0)
    assert sorted(three_threads) == [1, 2, 2]


def test_one_thread_does_what_cannot_be_shared(three_threads: list[int]) -> None:
    def f(x: Any) -> Any:
        return sum(x_k * x_k for x_k in x)

    assert lift(f, compiler="numba", threads=True)([1.0, 2.0])[0] == 5
    assert lift(f, in_axes=0, compiler="numba", threads=True)([[1.0, 2.0]])[0] == 5
    # At first it is compared with f at other points; those are single samples too.
    assert three_threads == [2, 2, 2, 1, 1, 1]
    with pytest.raises(ValueError, match='compiler="numba"'):
        lift(f, in_axes=0, threads=True)


# --- what is kept on disk -------------------------------------------------------------------------------

IN_A_PROCESS = """
import numpy as np
from autograd_lite import Value, lift
program = lift(lambda w, x: ((w[0] * x[0] + w[1] * x[1]) ** 3).sin(), in_axes=(None, 0), compiler="numba")
value, gradients = program(np.array([1.0, 2.0]), np.array([[0.5, 0.25], [0.1, 0.2]]))
print(float(value), *gradients.tolist())
"""


def start_process(folder: Any, program: str = IN_A_PROCESS) -> Any:
    environment = {**os.environ, "AUTOGRAD_LITE_CACHE": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once_keep_one_module(tmp_path: Any) -> None:
    both = [start_process(tmp_path), start_process(tmp_path)]
    found = [[float(number) for number in process.communicate()[0].split()] for process in both]
    cubes = (1.0, 0.125)
    slopes = [3 * z ** (2 / 3) * math.cos(z) / 2 for z in cubes]
    expected = [
        sum(map(math.sin, cubes)) / 2,
        0.5 * slopes[0] + 0.1 * slopes[1],
        0.25 * slopes[0] + 0.2 * slopes[1],
    ]
    assert np.allclose(found, [expected] * 2, rtol=1e-14, atol=0)
    assert len(list(tmp_path.glob("*.py"))) == 1
    assert not list(tmp_path.rglob("*.tmp*"))


def kept_nowhere(monkeypatch: pytest.MonkeyPatch, number: float) -> None:
    """Find a gradient by a program that no other test has."""
    for name in ("AUTOGRAD_LITE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    program = lift(lambda x: (x[0] * x[1]) ** 2 + number, in_axes=0, compiler="numba")
    value, gradient = program(np.array([[1.0, 2.0], [3.0, 0.0]]))
    assert value == 2 + number
    assert gradient.tolist() == [[4.0, 2.0], [0.0, 0.0]]


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Any:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(compiling.Path, "home", no_home)
    kept_nowhere(monkeypatch, 0.25)


@pytest.mark.parametrize("error", [FileExistsError, PermissionError])
def test_where_nothing_can_be_written_nothing_is_kept(
    error: type[OSError], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    if error is FileExistsError:
        home.write_text("no folder")
    else:

        def closed(*args: Any, **named: Any) -> Any:
            raise error(30, "Read-only file system")

        monkeypatch.setattr(compiling.tempfile, "NamedTemporaryFile", closed)
    monkeypatch.setattr(compiling.Path, "home", lambda: home)
    kept_nowhere(monkeypatch, 0.5 if error is FileExistsError else 0.75)
    assert home.is_file() or not list(home.rglob("*.nb*"))


def test_an_interrupt_waits_until_a_program_is_compiled() -> None:
    calls = []

    def program(x: float) -> float:
        if not calls:
            signal.raise_signal(signal.SIGINT)
        calls.append(x)
        return 2 * x

    handler = signal.getsignal(signal.SIGINT)
    function = compiling._whole_at_first(program)
    with pytest.raises(KeyboardInterrupt):
        function(3.0)
    assert calls == [3.0]
    assert signal.getsignal(signal.SIGINT) is handler
    assert function(3.0) == 6.0


def test_a_program_is_compiled_in_any_thread(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals are for the main thread alone."""
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)
    program = compiling._whole_at_first(compiling._from_file(DOUBLE, "float64").program)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(program, 3.0).result() == 6.0


INTERRUPTED = """
import signal, sys, time
from autograd_lite import lift
program = lift(lambda w, x: ((w[0] * x[0] + w[1] * x[1]) ** 3).tanh(), argnums=(0, 1), compiler="numba")
print("now", flush=True)
try:
    program([1.0, 2.0], [0.5, 0.25])
    time.sleep(30)
except KeyboardInterrupt:
    print("interrupted")
print(float(program([1.0, 2.0], [0.5, 0.25])[0]))
"""


@pytest.mark.parametrize("seconds", [0.3, 0.8])
def test_a_program_runs_after_an_interrupt_while_it_was_compiled(seconds: float, tmp_path: Any) -> None:
    process = start_process(tmp_path, INTERRUPTED)
    assert process.stdout.readline() == "now\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[0].split() == ["interrupted", repr(math.tanh(1.0))]


DOUBLE = "import numba\n\n\n@numba.njit(cache=True, nogil=True)\ndef program(x):\n    return 2 * x\n"


def test_each_version_of_numba_has_modules_of_its_own(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)
    assert compiling._from_file(DOUBLE, "float64").program(3.0) == 6.0
    assert compiling._from_file(DOUBLE, "float64").program(3.0) == 6.0
    assert len(list(tmp_path.glob("*.py"))) == 1
    assert len(list(tmp_path.rglob("*.nbc"))) == 1
    monkeypatch.setattr(numba, "__version__", "0.0.0")
    assert compiling._from_file(DOUBLE, "float64").program(3.0) == 6.0
    assert len(list(tmp_path.glob("*.py"))) == 2


@pytest.mark.parametrize("pattern", ["*.py", "*.nbi", "*.nbc"])
@pytest.mark.parametrize(
    "damage", [lambda content: b"", lambda content: content[:-9], lambda content: b"\x80" * 99]
)
def test_a_damaged_file_is_made_anew(
    pattern: str, damage: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)
    assert compiling._from_file(DOUBLE, "float64").program(3.0) == 6.0
    (file,) = tmp_path.rglob(pattern)
    file.write_bytes(damage(file.read_bytes()))
    assert compiling._from_file(DOUBLE, "float64").program(3.0) == 6.0
    again = compiling._from_file(DOUBLE, "float64").program
    assert again(3.0) == 6.0
    assert sum(again.stats.cache_hits.values()) == 1


def test_programs_share_the_functions_for_several_numbers(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)
    compiling._shared.cache_clear()
    X = np.linspace(-1, 1, 24).reshape(2, 12)
    for scale in (0.3, 0.7):

        def f(x: Any, scale: float = scale) -> Value:
            return sum(((scale * a).exp() + (scale * a).tanh() for a in x), Value(0))

        program = lift(f, in_axes=0, compiler="numba")
        value, gradient = program(X)
        assert "def exp(x)" in program.source
        assert math.isclose(value, (np.exp(scale * X) + np.tanh(scale * X)).sum() / 2, rel_tol=1e-13)
        slopes = scale * (np.exp(scale * X) + 1 / np.cosh(scale * X) ** 2)
        assert np.allclose(gradient * 2, slopes, rtol=1e-13, atol=0)
    assert len(list(tmp_path.glob("*.py"))) == 3
    assert len({file.name.split(".")[0] for file in tmp_path.rglob("*.exp-*.nbi")}) == 1
    compiling._shared.cache_clear()


def test_the_modules_that_were_made_first_are_forgotten(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)
    monkeypatch.setattr(compiling, "_MOST_MODULES", 3)
    (tmp_path / "notes.py").write_text("not ours")
    modules = []
    for k in range(5):
        modules.append(compiling._from_file(DOUBLE.replace("2", f"{k}"), "float64"))
        assert modules[-1].program(3.0) == 3.0 * k
        os.utime(tmp_path / f"{modules[-1].__name__}.py", (k, k))
    left = {file.name.split(".")[0] for file in tmp_path.rglob("*.*")}
    assert left == {"notes", *(module.__name__ for module in modules[2:])}


def test_a_module_that_another_process_forgets_meanwhile_runs_all_the_same(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)

    def forget_all(folder: Any) -> None:
        for file in folder.glob("*.py"):
            file.unlink()

    monkeypatch.setattr(compiling, "_forget_oldest", forget_all)
    assert compiling._kept(DOUBLE + "# forgotten\n", "float64").program(3.0) == 6.0


def test_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no compiler 'gcc'"):
        lift(moons_cost, compiler="gcc")
    with pytest.raises(ValueError, match="NumPy arrays"):
        lift(moons_cost, compiler="numba", xp=SimpleNamespace(isdtype=None, __name__="other"))
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r"autograd-lite\[fast\]"):
        lift(moons_cost, compiler="numba")


def test_what_is_done_for_several_numbers_at_once() -> None:
    lines = [*vectors.COMMON, *vectors.VECTORS["exp"], *vectors.VECTORS["tanh"]]
    scope: dict[str, Any] = {"np": np, "math": math}
    exec("\n".join(line for line in lines if not line.startswith(("@", "plain ="))), scope)
    random = np.random.default_rng(0)
    near, far = random.normal(size=300), random.uniform(-700, 700, 300)
    small = 10.0 ** random.uniform(-300, -1, 100)
    with mpmath.workdps(40):
        for name, most in (("exp", 1.5), ("tanh", 3.5)):
            for x in map(float, (*near, *far, *small, *-small, -740.0, 709.7)):
                exact = getattr(mpmath, name)(mpmath.mpf(x))
                assert abs(mpmath.mpf(scope[name](x)) - exact) <= most * math.ulp(float(exact)), (name, x)
    exp, tanh = scope["exp"], scope["tanh"]
    with np.errstate(over="ignore"):
        assert [exp(x) for x in (0.0, 1e9, math.inf, -1e9, -math.inf)] == [1.0, math.inf, math.inf, 0.0, 0.0]
    assert [tanh(x) for x in (1e9, -1e9, math.inf, -math.inf)] == [1.0, -1.0, 1.0, -1.0]
    assert [math.copysign(1, tanh(x)) for x in (0.0, -0.0)] == [1.0, -1.0]
    assert math.isnan(exp(math.nan))
    assert math.isnan(tanh(math.nan))


@pytest.mark.parametrize("n", [8, 16, 200])
def test_long_loops_take_several_numbers_at_once(
    n: int, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that LLVM would write out round by round, if it knew how many there are."""
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path)

    def cost(c: Any, x: Any) -> Any:
        return reduce(maximum, (sum((a - b) ** 2 for a, b in zip(row, x, strict=True)) for row in c))

    args = np.linspace(0, 1, 3 * n).reshape(3, n), np.linspace(1, 2, 5 * n).reshape(5, n)
    program = lift(cost, in_axes=(None, 0), compiler="numba")
    assert np.allclose(program(*args)[0], ((args[1] - args[0][0]) ** 2).sum() / 5, rtol=1e-13)
    (compiled,) = compiling._kept(program.source, "float64").loops.inspect_llvm().values()
    assert re.search(r"fsub (reassoc )?<\d+ x double>", compiled)


def test_rows_that_python_computes_are_silent_too(recwarn: pytest.WarningsRecorder) -> None:
    value, slopes = lift(lambda x: x.lgamma(), compiler="numba", in_axes=0)([5e-324, -5e-324])
    assert float(value) == pytest.approx(-math.log(5e-324))
    assert slopes.tolist() == [-math.inf, math.inf]
    assert not recwarn.list
