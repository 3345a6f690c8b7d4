"""What a node takes: bytes and time, for a single one by everybody, and for each one in large graphs."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from autograd_lite import Value, affine, fsum
from tests.benchmarks.gpt import BareValue
from tests.benchmarks.timing import (
    Options,
    Samples,
    collector,
    duration,
    installed,
    print_table,
    ratio,
    times,
    verdict,
)

BYTES_TARGET = 200
"""At most how many bytes a node of two operands may take."""


# --- one node -------------------------------------------------------------------------------------------


Probe: TypeAlias = Callable[[Any, Any], float]
"""``probe(x, y)``: some figure of x * y."""


class Multiplication(NamedTuple):
    """A peer's multiplication: ``measure(probe)`` calls the probe with two numbers that record."""

    name: str
    measure: Callable[[Probe], float]
    in_python: bool
    """Whether a node consists of Python objects, whose bytes can be counted."""


def seconds_of_products(x: Any, y: Any, n: int) -> float:
    """Return the seconds of a product, averaged over n that are all kept, as in a graph."""
    kept: list[Any] = [None] * n
    start = time.perf_counter()
    for i in range(n):
        kept[i] = x * y
    return (time.perf_counter() - start) / n


def bytes_of_product(x: Any, y: Any) -> float:
    """Return the bytes of a node that is the product of two, with its number."""
    n = 10_000
    kept: list[Any] = [None] * n
    tracemalloc.start()
    for i in range(n):
        kept[i] = x * y
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / n


def of_class(name: str, make: Callable[[float], Any]) -> Multiplication:
    return Multiplication(name, lambda probe: probe(make(1.5), make(2.5)), in_python=True)


def torch_multiplication() -> Multiplication:
    import torch

    torch.set_num_threads(1)
    x, y = (torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in (1.5, 2.5))
    return Multiplication("PyTorch, eager", lambda probe: probe(x, y), in_python=False)


def casadi_multiplication() -> Multiplication:
    import casadi

    x, y = casadi.SX.sym("x"), casadi.SX.sym("y")
    return Multiplication("CasADi SX", lambda probe: probe(x, y), in_python=False)


def recorded(name: str, differentiate: Callable[..., Any], in_python: bool) -> Multiplication:
    """Return the multiplication of a library that records while it differentiates a function."""

    def measure(probe: Probe) -> float:
        found = []

        def products(x: Any, y: Any) -> Any:
            found.append(probe(x, y))
            return x * y

        differentiate(products)(1.5, 2.5)
        return found[0]

    return Multiplication(name, measure, in_python)


def multiplications() -> list[Multiplication]:
    """Return whoever is here."""
    result = [of_class("autograd-lite, Value", Value), of_class("a bare-bones Value", BareValue)]
    if installed("micrograd"):
        from micrograd.engine import Value as MicrogradValue

        result.append(of_class("micrograd", MicrogradValue))
    if installed("torch"):
        result.append(torch_multiplication())
    if installed("jax"):
        import jax

        result.append(recorded("JAX, recorded by jax.grad, not compiled", jax.grad, in_python=False))
    if installed("autograd"):
        import autograd

        result.append(recorded("autograd, recorded by grad", autograd.grad, in_python=True))
    if installed("casadi"):
        result.append(casadi_multiplication())
    return result


def measure_products(all_of_them: list[Multiplication], rounds: int, collect: bool) -> dict[str, Samples]:
    """Return the seconds of a product, by peer and round, in turns; the slow do fewer of them."""
    probes: dict[str, Probe] = {}
    for name, measure, _ in all_of_them:
        n = max(500, min(100_000, int(1.0 / measure(partial(seconds_of_products, n=500)))))
        probes[name] = partial(seconds_of_products, n=n)
    samples: dict[str, Samples] = {name: [] for name in probes}
    for _ in range(rounds):
        for name, measure, _ in all_of_them:
            with collector(collect):
                samples[name].append(measure(probes[name]))
    return samples


def run_sizes(options: Options) -> None:
    """Print the table of single nodes."""
    everybody = multiplications()
    on = measure_products(everybody, options.rounds, collect=True)
    off = measure_products(everybody, options.rounds, collect=False)
    rows = []
    ours = everybody[0].name
    for name, measure, in_python in everybody:
        size = measure(bytes_of_product) if in_python else None
        rows.append(
            {
                "who": name,
                "bytes of x * y": "not in Python" if size is None else f"{size:.0f}",
                "time of x * y, collector on": duration(on[name]),
                "against ours": times(ratio(on[name], on[ours])),
                "off": duration(off[name]),
                "off: against ours": times(ratio(off[name], off[ours])),
                "target": verdict(size, BYTES_TARGET, " bytes", at_most=True)
                if name == ours and size is not None
                else "",
            }
        )
    print_table("One node: a product of two", rows)


# --- many nodes -----------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """A family of graphs: ``build(n)`` makes one of about n parts."""

    name: str
    part: str
    build: Callable[[int], Value]
    sizes: tuple[int, ...]


def chain(n: int) -> Value:
    """Return n products in a row."""
    x, w = Value(1.0), Value(1.0)
    for _ in range(n):
        x = x * w
    return x


def wide(n: int) -> Value:
    """Return the sum, one node, of n products side by side."""
    x, w = Value(1.0), Value(0.5)
    return fsum([x * w for _ in range(n)])  # type: ignore[no-any-return]


def dense(n: int) -> Value:
    """Return layers of 100 neurons, one n-ary node each, with 201 edges to a neuron and n in all."""
    weights = [Value(0.01) for _ in range(100)]
    bias = Value(0.0)
    a = [Value(1.0) for _ in range(100)]
    for _ in range(max(1, round(n / 20_100))):
        a = [affine(weights, a, bias) for _ in range(100)]
    return fsum(a)  # type: ignore[no-any-return]


SHAPES = (
    Shape("a chain", "node", chain, (10**4, 10**5, 10**6)),
    Shape("side by side", "node", wide, (10**4, 10**5, 10**6)),
    Shape("dense layers, n-ary nodes", "edge", dense, (10**5, 10**6, 10**7)),
)


class Phases(NamedTuple):
    """What building a graph, walking it back and dropping it take, in seconds."""

    build: float
    backward: float
    free: float


def measure_phases(build: Callable[[int], Value], n: int, collect: bool) -> Phases:
    """Return the seconds of each phase, divided by the size."""
    with collector(collect):
        start = time.perf_counter()
        root = build(n)
        built = time.perf_counter()
        root.backward()
        walked = time.perf_counter()
        del root
        return Phases((built - start) / n, (walked - built) / n, (time.perf_counter() - walked) / n)


def bytes_of_graph(build: Callable[[int], Value], n: int) -> int:
    """Return the bytes of a whole graph."""
    gc.collect()
    tracemalloc.start()
    root = build(n)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del root
    return size


def run_growth(options: Options) -> None:
    """Print the table of large graphs; where a column stays as it is from row to row, the cost is linear."""
    graphs = [(shape, n) for shape in SHAPES for n in shape.sizes if not options.quick or n < 10**7]
    rounds = min(options.rounds, 5)
    on, off = (
        [[measure_phases(shape.build, n, collect) for shape, n in graphs] for _ in range(rounds)]
        for collect in (True, False)
    )
    rows = []
    for i, (shape, n) in enumerate(graphs):
        phases = [sample[i] for sample in on]
        rows.append(
            {
                "graph": shape.name,
                "size": f"{n:,} {shape.part}s",
                "build, each": duration([phase.build for phase in phases]),
                "backward, each": duration([phase.backward for phase in phases]),
                "free, each": duration([phase.free for phase in phases]),
                "all three": duration([sum(phase) for phase in phases]),
                "all three, collector off": duration([sum(sample[i]) for sample in off]),
                "bytes, each": f"{bytes_of_graph(shape.build, n) / n:.1f}",
            }
        )
    print_table(f"Large graphs: one node's share ({rounds} rounds)", rows)


def run(options: Options) -> None:
    """Print both tables."""
    run_sizes(options)
    run_growth(options)
