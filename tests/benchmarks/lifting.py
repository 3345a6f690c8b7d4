"""What lifting takes: time by the size of the graph, memory at a million scalars, and irregular graphs.

A data set of samples through a small MLP, unrolled in one graph, is lifted; so are graphs in which no arrays
are to be found, whose programs must not take longer than the engine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from autograd_lite import Value, fsum, lift, topological_order
from tests.benchmarks.gpt import TEXT, gpt_cost, parameters_of
from tests.benchmarks.timing import (
    Contender,
    Options,
    collector,
    duration,
    installed,
    print_table,
    race,
    ratio,
    seconds,
    times,
    verdict,
)

PER_NODE = 15
"""At most how many microseconds for a node."""
AGAINST_PYTHON = 10
"""At least how many times as fast as the straight line in Python what Numba compiles is."""
GPT_SECONDS = 1
"""At most how many seconds for the GPT block."""
MEMORY = 2
"""At most how many gigabytes for a graph of a million scalars, the graph included."""

ROOT = Path(__file__).parents[2]
SIZES = (10**4, 10**5, 10**6)
NODES_OF_A_SAMPLE = 41


def data_set(n: int) -> tuple[Callable[..., Any], list[Any]]:
    """Return the cost of a data set, + and * one by one, whose graph has about n nodes, and its arguments."""
    samples = round(n / NODES_OF_A_SAMPLE)
    random = np.random.default_rng(0)

    def cost(W1: Any, b1: Any, w2: Any, b2: Any, X: Any, Y: Any) -> Any:
        costs = []
        for x, y in zip(X, Y, strict=True):
            a = [
                (sum((w * x_k for w, x_k in zip(row, x, strict=True)), b)).tanh()
                for row, b in zip(W1, b1, strict=True)
            ]
            costs.append((sum((w * a_j for w, a_j in zip(w2, a, strict=True)), b2) - y) ** 2)
        return fsum(costs) / len(costs)

    shapes = [(4, 3), (4,), (4,), (), (samples, 3), (samples,)]
    return cost, [random.normal(size=shape) for shape in shapes]


def lifted(n: int) -> int:
    """Lift a data set's cost and run it; return how many nodes it had."""
    cost, arguments = data_set(n)
    program = lift(cost, argnums=(0, 1, 2, 3))
    program(*arguments)
    return int(str(program).rsplit("# ", 1)[1].split()[0].replace(",", ""))


def run_growth(options: Options) -> None:
    """Print the table of sizes; where the last column stays as it is, the time is linear."""
    rows = []
    for n in SIZES[: 2 if options.quick else 3]:
        nodes = lifted(n)
        taken = [timed(lambda n=n: lifted(n)) for _ in range(min(options.rounds, 3 if n < 10**6 else 1))]
        each = [t / nodes for t in taken]
        judged = verdict(1e6 * sorted(each)[len(each) // 2], PER_NODE, " µs", at_most=True)
        rows.append(
            {
                "a data set unrolled": f"{nodes:,} nodes",
                "all": duration(taken),
                "a node": duration(each),
                "target": judged,
            }
        )
    taken = [timed(lift_gpt) for _ in range(min(options.rounds, 5))]
    middle = sorted(taken)[len(taken) // 2]
    rows.append(
        {
            "a data set unrolled": "the GPT block instead",
            "all": duration(taken),
            "a node": "",
            "target": verdict(middle, GPT_SECONDS, " s", at_most=True),
        }
    )
    print_table("Tracing, lifting, checking, first run", rows)


def timed(run: Callable[[], object]) -> float:
    """Return what one run takes, with the collector on."""
    with collector(on=True):
        return seconds(run)


def lift_gpt() -> None:
    """Lift the GPT block."""
    P = {name: np.array(rows) for name, rows in parameters_of(float).items()}
    lift(lambda P: gpt_cost(P, TEXT))(P)


def run_memory() -> None:
    """Print the memory that a fresh interpreter takes at most while it lifts a million scalars."""
    program = (
        "import resource\n"
        "from tests.benchmarks.lifting import lifted\n"
        "nodes = lifted(10**6)\n"
        "print(nodes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    nodes, kilobytes = map(int, result.stdout.split())
    gigabytes = kilobytes / 1e6
    rows = [
        {
            "graph": f"{nodes:,} nodes",
            "memory at most": f"{gigabytes:.2f} GB",
            "target": verdict(gigabytes, MEMORY, " GB", at_most=True),
        }
    ]
    print_table("A million scalars", rows)


# --- irregular graphs -----------------------------------------------------------------------------------


def random_cost(x: list[Value], nodes: int) -> Value:
    """Return a graph of random sums, products and functions of random nodes."""
    random = Random(0)
    pool = list(x)
    for _ in range(nodes):
        a, b = random.choice(pool), random.choice(pool[-20:])
        pool.append(
            random.choice([(a + b).atan(), (a * b).sin(), (a - b).tanh(), a.sigmoid() * b, a * b - b]).tanh()
        )
    return fsum(pool[-10:])


def trajectory_cost(v: list[Value], steps: int) -> Value:
    """Return how far from a target a ball with drag on a spring ends up, by a time-stepping loop."""
    x: Any
    x, y, vx, vy, dt = Value(0.0), Value(1.0), v[0], v[1], 0.01
    for _ in range(steps):
        speed = (vx * vx + vy * vy + 1e-6).sqrt()
        vx, vy = vx + dt * (-v[2] * x - v[3] * speed * vx), vy + dt * (-v[2] * y - v[3] * speed * vy - 9.81)
        x, y = x + dt * vx, y + dt * vy
    return (x - 1.0) ** 2 + (y - 2.0) ** 2


IRREGULAR: dict[str, tuple[Callable[[list[Value]], Value], list[float]]] = {
    "a random graph, small": (lambda x: random_cost(x, 30), [0.1 * k for k in range(10)]),
    "a random graph": (lambda x: random_cost(x, 2000), [0.1 * k for k in range(10)]),
    "a trajectory of 300 steps": (lambda v: trajectory_cost(v, 300), [3.0, 4.0, 2.0, 0.1]),
}


def run_irregular(options: Options) -> None:
    """Print the table of graphs without arrays."""
    rows = []
    for name, (f, point) in IRREGULAR.items():
        x = np.array(point)
        programs = {"lifted": lift(f)}
        if installed("numba"):
            programs["lifted, Numba"] = lift(f, compiler="numba")
        leaves = [Value(p) for p in point]
        root = f(leaves)
        root.backward()
        for program in programs.values():
            np.testing.assert_allclose(program(x)[1], [leaf.grad for leaf in leaves], rtol=1e-9)

        def engine(f: Any = f, point: list[float] = point) -> None:
            f([Value(p) for p in point]).backward()

        lifted_ones = [Contender(who, partial(program, x)) for who, program in programs.items()]
        samples = race([Contender("engine", engine), *lifted_ones], options.rounds)
        found = ratio(samples["engine"], samples["lifted"])
        row = {
            "graph": f"{name}, {len(topological_order(root)):,} nodes",
            "the engine": duration(samples["engine"]),
            "lifted": duration(samples["lifted"]),
            "faster": times(found),
            "target": verdict(found, 1),
        }
        if "lifted, Numba" in samples:
            by_numba = ratio(samples["lifted"], samples["lifted, Numba"])
            row |= {
                "Numba": duration(samples["lifted, Numba"]),
                "faster than lifted": times(by_numba),
                "target ": verdict(by_numba, AGAINST_PYTHON),
            }
        rows.append(row)
    print_table("Irregular graphs, forward and backward", rows)


def run(options: Options) -> None:
    """Print the tables."""
    run_growth(options)
    run_memory()
    run_irregular(options)
