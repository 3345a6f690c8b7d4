"""GradBench's objectives, written on scalars and lifted, beside NumPy by hand, JAX's jit and PyTorch.

Its evals are described in its public repository; each has a file here, with sizes that are small ones of its
own. All must agree on value and gradients before any is timed. One thread, one process, double precision.
"""

from __future__ import annotations

import inspect
import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import geometric_mean
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from autograd_lite import lift
from tests.benchmarks.gradbench import ba, det, gmm, ht, kmeans, llsq, lse, lstm, ode, particle, saddle
from tests.benchmarks.gradbench.descent import nestings
from tests.benchmarks.gradbench.objective import Objective, flattened
from tests.benchmarks.kernels.counting import counted, counting_numpy, operations_of
from tests.benchmarks.timing import (
    Contender,
    Options,
    Samples,
    duration,
    installed,
    print_table,
    race,
    ratio,
    seconds,
    times,
    verdict,
)

FILES = ba, det, gmm, ht, kmeans, llsq, lse, lstm, ode

LIFTED, COMPILED, BY_HAND, JAX, TORCH = "lifted", "lifted, Numba", "NumPy by hand", "JAX jit", "PyTorch"
OPERATIONS = 1.5
"""At most how many times the operations of a program by hand, each."""
AGAINST_HAND = 1.3
"""At most how many times what NumPy by hand takes, each."""
AGAINST_JAX = {LIFTED: (math.inf, 1.5), COMPILED: (1.0, 0.5)}
"""At most how many times what JAX's jit takes: each, and in the geometric mean."""


class Ready(NamedTuple):
    """Somebody ready to run an objective, and the seconds that getting ready took."""

    run: Callable[[], Any]
    preparation: float


def by_lift(one: Objective, **options: Any) -> Ready:
    """Lift it."""
    program = lift(one.cost, argnums=one.argnums, in_axes=one.in_axes, **options)
    return _readied(lambda: program(*one.arguments))


def by_jax(one: Objective) -> Ready:
    """Compile its value and gradients with JAX."""
    import jax

    jax.config.update("jax_enable_x64", True)
    arguments = [jax.numpy.asarray(array) for array in one.arguments]
    cost = jax.value_and_grad(lambda *a: one.on_arrays(jax.numpy, *a), argnums=one.argnums)
    compiled = jax.jit(cost)
    return _readied(lambda: jax.block_until_ready(compiled(*arguments)))


def by_torch(one: Objective) -> Ready:
    """Run it in PyTorch, eagerly."""
    import torch

    torch.set_num_threads(1)
    arguments = [torch.tensor(array) for array in one.arguments]
    asked = [arguments[k].requires_grad_() for k in one.argnums]

    def run() -> Any:
        value = one.on_arrays(torch, *arguments)
        return value.detach(), torch.autograd.grad(value, asked)

    return _readied(run)


READY: dict[str, Callable[[Objective], Ready]] = {
    LIFTED: by_lift,
    COMPILED: lambda one: by_lift(one, compiler="numba"),
    BY_HAND: lambda one: _readied(lambda: one.by_hand(*one.arguments)),
    JAX: by_jax,
    TORCH: by_torch,
}


def _readied(run: Callable[[], Any]) -> Ready:
    return Ready(run, seconds(run))


# --- one objective --------------------------------------------------------------------------------------


class Measured(NamedTuple):
    """What was found of one objective."""

    one: Objective
    scalars: int
    lifted: int
    is_on_floats: bool  # of which nothing is comparable with operations on arrays
    by_hand: int
    preparation: dict[str, float]
    samples: dict[str, Samples]

    def ratio(self, slow: str, fast: str) -> float:
        """Return how many times as fast the second is; NaN if one is not here."""
        both = slow in self.samples and fast in self.samples
        return ratio(self.samples[slow], self.samples[fast]) if both else math.nan


def measured(one: Objective, peers: Sequence[str], rounds: int) -> Measured:
    """Check an objective, count its operations, and time it."""
    ready = {peer: READY[peer](one) for peer in peers}
    expected = flattened(ready[BY_HAND].run())
    for name, (run, _) in ready.items():
        error = f"{one.name}: {name} and {BY_HAND} differ"
        np.testing.assert_allclose(flattened(run()), expected, rtol=1e-8, atol=1e-9, err_msg=error)
    program = lift(one.cost, argnums=one.argnums, in_axes=one.in_axes)
    program(*one.arguments)
    summary = str(program).rsplit("# ", 1)[1]
    statements = re.search(r"([\d,]+) statements on floats", summary)
    counting = lift(one.cost, argnums=one.argnums, in_axes=one.in_axes, xp=counting_numpy)
    counting(*one.arguments)
    return Measured(
        one,
        _number(summary.split()[0]),
        _number(statements[1]) if statements else operations_of(partial(counting, *one.arguments)),
        statements is not None,
        operations_of(partial(one.by_hand, *map(counted, one.arguments))),
        {name: preparation for name, (_, preparation) in ready.items()},
        race([Contender(name, run) for name, (run, _) in ready.items()], rounds),
    )


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def row_of_operations(found: Measured) -> dict[str, str]:
    """Return its line of the first table; statements on floats are no operations on arrays."""
    more = found.lifted / found.by_hand
    return {
        "objective": found.one.name,
        "scalar nodes": f"{found.scalars:,}",
        "operations: lifted": f"{found.lifted:,}{' statements on floats' * found.is_on_floats}",
        "by hand": f"{found.by_hand:,}",
        "ratio": "" if found.is_on_floats else times(more),
        "target": "" if found.is_on_floats else verdict(more, OPERATIONS, at_most=True),
    }


def row_of_preparation(found: Measured) -> dict[str, str]:
    """Return its line of the second table."""
    names = [name for name in (LIFTED, COMPILED, JAX) if name in found.preparation]
    columns = {name: duration([found.preparation[name]]).split(" (")[0] for name in names}
    if COMPILED in names and JAX in names:
        longer = found.preparation[COMPILED] / found.preparation[JAX]
        columns["Numba by JAX's"] = times(longer)
        columns["target"] = verdict(longer, 1, at_most=True)
    return {"objective": found.one.name} | columns


def row_of_times(found: Measured) -> dict[str, str]:
    """Return its line of the third table."""
    columns = {"objective": found.one.name}
    columns |= {name: duration(samples) for name, samples in found.samples.items()}
    by_hand = found.ratio(LIFTED, BY_HAND)
    columns["lifted by NumPy's"] = times(by_hand)
    columns["target"] = verdict(by_hand, AGAINST_HAND, at_most=True)
    for name in (LIFTED, COMPILED):
        by_jax = found.ratio(name, JAX)
        if not math.isnan(by_jax):
            columns[f"{name} by JAX's"] = times(by_jax)
            if AGAINST_JAX[name][0] < math.inf:
                columns["target "] = verdict(by_jax, AGAINST_JAX[name][0], at_most=True)
    return columns


# --- all of them ----------------------------------------------------------------------------------------


@contextmanager
def nothing_compiled() -> Iterator[None]:
    """Let compilers keep their programs in a new folder, so that they have to compile them."""
    with TemporaryDirectory() as folder, patch.dict(os.environ, {"XDG_CACHE_HOME": folder}):
        yield


@contextmanager
def one_processor() -> Iterator[None]:
    """Keep everybody, also threads started within the block, on one processor, as far as the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def contenders() -> list[str]:
    """Return who is here."""
    found = [LIFTED, BY_HAND]
    if "compiler" in inspect.signature(lift).parameters and installed("numba"):
        found.append(COMPILED)
    return found + [name for name, package in ((JAX, "jax"), (TORCH, "torch")) if installed(package)]


def run_nested(options: Options) -> None:
    """Print what derivatives of derivatives take on scalars, by each pair of modes; the answer is checked."""
    rows = []
    for file in (particle, saddle):
        for modes, solve in nestings(file.solve).items():
            if options.quick and modes != "fr":
                continue
            found: list[Any] = []
            taken = seconds(lambda solve=solve, found=found: found.append(solve()))
            np.testing.assert_allclose(found[0], file.ANSWER, rtol=1e-9)
            name = file.__name__.rpartition(".")[2]
            rows.append({"problem": name, "modes, outer first": modes, "one run": duration([taken])})
    print_table("GradBench: nested derivatives, by the scalar engine; all have the published answer", rows)


def run(options: Options) -> None:
    """Print the tables."""
    peers, found = contenders(), []
    with one_processor(), nothing_compiled():
        for one in [one for file in FILES for one in file.objectives()]:
            try:
                found.append(measured(one, peers, options.rounds))
            except Exception as error:
                print(f"MISSED: {one.name} fails: {type(error).__name__}: {error!s:.200}")
    print_table("GradBench: operations on arrays, value and gradients", list(map(row_of_operations, found)))
    print_table("GradBench: until the first result is there", list(map(row_of_preparation, found)))
    print_table("GradBench: value and gradients, one thread", list(map(row_of_times, found)))
    by_hand = geometric_mean(one.ratio(LIFTED, BY_HAND) for one in found)
    print(f"In the geometric mean, lifted takes {times(by_hand)} NumPy's by hand.")
    for name in (LIFTED, COMPILED):
        if name in peers and JAX in peers:
            by_jax = geometric_mean(one.ratio(name, JAX) for one in found)
            judged = verdict(by_jax, AGAINST_JAX[name][1], at_most=True)
            print(f"In the geometric mean, {name} takes {times(by_jax)} JAX's; target {judged}.")
    run_nested(options)
