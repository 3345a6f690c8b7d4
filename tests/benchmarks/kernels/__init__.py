"""A scoreboard of kernels by the names that published suites of lifting tools give them.

Each is written here as plain loops on scalars and as a person writes it in NumPy; it is lifted at three
sizes, compared with the scalar engine and with the person's value, counted, and timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from statistics import geometric_mean, median
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import grad, lift
from autograd_lite.lifting.structure import values_like
from autograd_lite.value import Value
from tests.benchmarks.kernels import c2taco
from tests.benchmarks.kernels.counting import counted, counting_numpy, operations_of
from tests.benchmarks.kernels.suite import Kernel, Suite
from tests.benchmarks.timing import Contender, Options, duration, print_table, race, require_equal, times

SUITES = [c2taco.SUITE]
AS_A_PERSON = 1.5
"""How many times a person's operations still count as the same program; or one more than these."""


class Program(NamedTuple):
    """What a kernel became at a size: operations with and without the gradients, the person's, the source."""

    operations: int
    with_gradients: int
    of_person: int
    source: str

    @property
    def kind(self) -> str:
        """Return in a word whether the arrays were found."""
        if is_on_floats(self.source):
            return "scalars"
        return (
            "arrays" if self.operations <= max(AS_A_PERSON * self.of_person, self.of_person + 1) else "pieces"
        )


def is_on_floats(text: str) -> bool:
    """Return whether a program is a straight line of statements on floats."""
    return "no arrays: " in text


def checked(kernel: Kernel, n: int) -> None:
    """Compare value and gradients at a size with the scalar engine, the value also with the person's."""
    args = kernel.arguments(n)
    value, gradients = lift(kernel.cost, argnums=kernel.asked)(*args)
    expected, derived = by_engine(kernel, args)
    require_equal(kernel.name, [float(value), *numbers(gradients)], [expected, *derived])
    require_equal(kernel.name, [float(kernel.cost_by_person(*args))], [expected])


def checked_over_samples(kernel: Kernel, sizes: Sequence[int]) -> None:
    """Run one program, traced on one sample, at all sizes; compare as above."""
    axes = kernel.axes()
    program = lift(kernel.cost_of_one, argnums=kernel.asked, in_axes=axes)
    shapes = [np.shape(arg) for arg in kernel.arguments(sizes[0])]
    for n in sizes:
        # All axes but that of samples stay as long as they are in the program.
        parts = [
            (slice(None) if axis == 0 else slice(shape[0]), *map(slice, shape[1:])) if shape else ()
            for shape, axis in zip(shapes, axes, strict=True)
        ]
        args = [arg[part] for arg, part in zip(kernel.arguments(n), parts, strict=True)]
        value, gradients = program(*args)
        expected, derived = by_engine(kernel, args)
        found = [n * number for number in (float(value), *numbers(gradients))]
        require_equal(kernel.name, found, [expected, *derived])


def by_engine(kernel: Kernel, args: Sequence[Any]) -> tuple[float, list[float]]:
    """Return the value and the gradients of the scalar engine."""
    arrays = [values_like(np.asarray(arg), Value, "") for arg in args]
    root = kernel.cost(*(array.tolist() for array in arrays))
    leaves = [leaf for k in kernel.asked for leaf in arrays[k].ravel()]
    return float(root.data), [float(g) for g in grad(root, leaves)]


def numbers(gradients: Sequence[Any]) -> list[float]:
    """Return all numbers of the gradients."""
    return [float(g) for gradient in gradients for g in np.ravel(gradient)]


def programs(kernel: Kernel, n: int) -> tuple[Any, Any, Program]:
    """Return the programs for the value and for value and gradients at a size, and what they consist of."""
    args = kernel.arguments(n)
    values, both = lift(kernel.cost, argnums=()), lift(kernel.cost, argnums=kernel.asked)
    values(*args)
    both(*args)
    counts = []
    for chosen in ((), kernel.asked):
        program = lift(kernel.cost, argnums=chosen, xp=counting_numpy)
        program(*args)
        counts.append(operations_of(partial(program, *args)))
    if is_on_floats(str(both)):
        counts = [str(program).count(" = ") for program in (values, both)]
    of_person = operations_of(partial(kernel.cost_by_person, *map(counted, args)))
    return values, both, Program(*counts, of_person, str(values))


def report(kernel: Kernel, options: Options) -> tuple[dict[str, str], str, float]:
    """Check, count and time a kernel; return its row, of which kind it is, and the ratio of times."""
    for n in kernel.sizes:
        checked(kernel, n)
    if kernel.each:
        checked_over_samples(kernel, kernel.sizes)
    n = kernel.sizes[-1]
    values, both, program = programs(kernel, n)
    args = kernel.arguments(n)
    samples = race(
        [
            Contender("NumPy", partial(kernel.cost_by_person, *args)),
            Contender("value", partial(values, *args)),
            Contender("both", partial(both, *args)),
        ],
        options.rounds,
    )
    slower = median(a / b for a, b in zip(samples["value"], samples["NumPy"], strict=True))
    row = {
        "kernel": kernel.name,
        "loops": str(kernel.loops),
        "sizes": ", ".join(map(str, kernel.sizes)) + (", samples" if kernel.each else ""),
        "found": program.kind,
        "operations": str(program.operations),
        "person": str(program.of_person),
        "with gradients": str(program.with_gradients),
        "NumPy": duration(samples["NumPy"]),
        "value": duration(samples["value"]),
        "ratio": times(slower),
        "value and gradients": duration(samples["both"]),
    }
    return row, program.kind, slower


def run_suite(suite: Suite, options: Options) -> list[tuple[str, float]]:
    """Print the table of a suite, what is not found, and what is left out; return kinds and ratios."""
    reports = [report(kernel, options) for kernel in suite.kernels]
    print_table(f"{suite.name}: {len(reports)} kernels", [row for row, _, _ in reports])
    for name, reason in suite.left_out.items():
        print(f"Left out: {name} {reason}.")
    return [(kind, slower) for _, kind, slower in reports]


def run(options: Options) -> None:
    """Print the tables of all suites, and the summary."""
    rows = []
    for suite in SUITES:
        found = run_suite(suite, options)
        kinds = [kind for kind, _ in found]
        rows.append(
            {
                "suite": suite.name,
                "kernels": str(len(found)),
                **{kind: str(kinds.count(kind)) for kind in ("arrays", "pieces", "scalars")},
                "left out": str(len(suite.left_out)),
                "time beside NumPy, mean": times(geometric_mean([slower for _, slower in found])),
            }
        )
    print_table("Kernels, value and gradients right at three sizes", rows)
