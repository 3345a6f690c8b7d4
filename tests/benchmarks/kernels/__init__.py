"""A scoreboard of kernels by the names that published suites of lifting tools give them.

Each is written here as plain loops on scalars and as a person writes it in NumPy; it is lifted at three
sizes, compared with the scalar engine and with the person's value, counted, and timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from statistics import geometric_mean
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import grad, lift
from autograd_lite.lifting.arguments.structure import values_like
from autograd_lite.value import Value
from tests.benchmarks.kernels import c2taco, foreign, polybench, stack_overflow, tenspiler
from tests.benchmarks.kernels.counting import counted, counting_numpy, operations_of
from tests.benchmarks.kernels.suite import Kernel, Suite
from tests.benchmarks.timing import (
    Contender,
    Options,
    Samples,
    duration,
    print_table,
    race,
    ratio,
    require_equal,
    times,
)

SUITES = [suite.SUITE for suite in (c2taco, tenspiler, polybench, stack_overflow)]
AS_A_PERSON = 1.5
"""How many times a person's operations still count as the same program; or one more than these."""


class Program(NamedTuple):
    """What a kernel became at a size: operations without and with gradients, the person's, the texts."""

    operations: int
    with_gradients: int
    of_person: int
    texts: list[str]

    @property
    def kind(self) -> str:
        """Return in a word whether the arrays were found."""
        if any(map(is_on_floats, self.texts)):
            return "scalars"
        as_a_person = max(AS_A_PERSON * self.of_person, self.of_person + 1)
        return "arrays" if self.operations <= as_a_person else "pieces"

    @property
    def excess(self) -> float:
        """Return how many times a person's operations it takes."""
        return self.operations / self.of_person


class Report(NamedTuple):
    """What is known of a kernel at its largest size: the program, and the seconds that it and NumPy take."""

    kernel: Kernel
    program: Program
    samples: dict[str, Samples]

    @property
    def slower(self) -> float:
        """Return how many times as long as NumPy the value takes."""
        return ratio(self.samples["value"], self.samples["NumPy"])

    def row(self) -> dict[str, str]:
        """Return it as a row of the table."""
        kernel, program = self.kernel, self.program
        return {
            "kernel": kernel.name,
            "loops": str(kernel.loops),
            "sizes": ", ".join(map(str, kernel.sizes)) + (", samples" if kernel.each else ""),
            "found": program.kind,
            "operations": str(program.operations),
            "person": str(program.of_person),
            "with gradients": str(program.with_gradients),
            "NumPy": duration(self.samples["NumPy"]),
            "value": duration(self.samples["value"]),
            "beside": times(self.slower),
            "value and gradients": duration(self.samples["both"]),
        }


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
    for chosen, text in (((), str(values)), (kernel.asked, str(both))):
        program = lift(kernel.cost, argnums=chosen, xp=counting_numpy)
        program(*args)
        run = operations_of(partial(program, *args))
        counts.append(text.count(" = ") if is_on_floats(text) else run)
    of_person = operations_of(partial(kernel.cost_by_person, *map(counted, args)))
    return values, both, Program(*counts, of_person, [str(values), str(both)])


def report(kernel: Kernel, options: Options) -> Report:
    """Check, count and time a kernel."""
    for n in kernel.sizes:
        checked(kernel, n)
    if kernel.each:
        checked_over_samples(kernel, kernel.sizes)
    values, both, program = programs(kernel, kernel.sizes[-1])
    args = kernel.arguments(kernel.sizes[-1])
    samples = race(
        [
            Contender("NumPy", partial(kernel.cost_by_person, *args)),
            Contender("value", partial(values, *args)),
            Contender("both", partial(both, *args)),
        ],
        options.rounds,
    )
    return Report(kernel, program, samples)


def run_suite(suite: Suite, options: Options) -> list[Report]:
    """Print the table of a suite, and what is left out."""
    reports = [report(kernel, options) for kernel in suite.kernels]
    print_table(f"{suite.name}: {len(reports)} kernels", [one.row() for one in reports])
    for reason in dict.fromkeys(suite.left_out.values()):
        print(f"Left out, {reason}: {', '.join(k for k, why in suite.left_out.items() if why == reason)}.")
    return reports


def run(options: Options) -> None:
    """Print the tables of all suites, and the summary."""
    found = {suite: run_suite(suite, options) for suite in SUITES}
    rows = []
    for suite, reports in found.items():
        kinds = [one.program.kind for one in reports]
        rows.append(
            {
                "suite": suite.name,
                "kernels": str(len(reports)),
                **{kind: str(kinds.count(kind)) for kind in ("arrays", "pieces", "scalars")},
                "left out": str(len(suite.left_out)),
                "time beside NumPy, mean": times(geometric_mean([one.slower for one in reports])),
            }
        )
    print_table("All kernels; value and gradients are right at three sizes", rows)
    print("Not found as a person writes it, with the operations of both:")
    everything = [(one.kernel.name, one.program) for reports in found.values() for one in reports]
    for name, program in sorted(everything, key=lambda pair: -pair[1].excess):
        if program.kind != "arrays":
            print(f"- {name}: {program.operations} where a person needs {program.of_person}")
    run_foreign(options)


def run_foreign(options: Options) -> None:
    """Print the table of functions with gradients by hand."""
    rows = []
    for name, one in foreign.FOREIGN.items():
        args = one.arguments(one.size)
        program = lift(one.cost, argnums=one.argnums, in_axes=one.in_axes)
        program(*args)
        samples = race(
            [
                Contender("by hand", partial(one.by_hand, *args)),
                Contender("lifted", partial(program, *args)),
            ],
            options.rounds,
        )
        rows.append(
            {
                "function": name,
                "from": one.origin,
                "became": str(program).rsplit("# ", 1)[1].split(";")[0],
                "by hand": duration(samples["by hand"]),
                "lifted": duration(samples["lifted"]),
                "beside": times(ratio(samples["lifted"], samples["by hand"])),
            }
        )
    print_table("Functions from elsewhere, value and gradients", rows)
