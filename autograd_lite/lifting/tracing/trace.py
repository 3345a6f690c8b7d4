"""A function as a graph: it is run on Values, its program is made, and compared with it at other points.

How it is called stands in of_function.py, what becomes of the graph in pipeline.py, what is said of a program
that differs in check.py.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from autograd_lite.derivatives import grad
from autograd_lite.graph import topological_order
from autograd_lite.lifting.answers.further import Given, Way
from autograd_lite.lifting.answers.results import Results, cost_of
from autograd_lite.lifting.arguments.calls import Call, Form
from autograd_lite.lifting.arguments.structure import identifiers, values_like
from autograd_lite.lifting.elsewhere.libraries import sample_of
from autograd_lite.lifting.leaves import by_label, data_of, leaves_among
from autograd_lite.lifting.pipeline import compiled
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.running import Compiled
from autograd_lite.lifting.tracing.check import (
    Outcome,
    a_little_off,
    changed,
    defined,
    differ,
    is_unsteady,
    not_repeated,
    other_points,
    point_of_our_own,
    refusal,
    unchanged,
    warn_frozen,
    warn_unchecked,
)
from autograd_lite.lifting.tracing.reads import Reads, noted
from autograd_lite.value import Value

_MANY_READS = 10_000


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Spare the collector the walk through a graph that grows: nothing of it is garbage before the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Traced(NamedTuple):
    """A program, the Values from outside that it reads at each call, and the form that it was made for."""

    compiled: Compiled
    captured: list[Any]
    form: Form


class Run(NamedTuple):
    """What a function returned at a point, the Values that its arguments consisted of, and what it read."""

    root: Value
    arguments: list[Any]
    reads: Reads


class Trace:
    """A function that is run on Values for arguments of one form, and what is made of it: a way."""

    def __init__(self, name: str, f: Callable[..., Any], way: Way, call: Call) -> None:
        self._name, self._f, self._way = name, f, way
        self._arrays, self._form = call.arrays, call.form
        self._most_reads = math.inf

    @_no_garbage_collection()
    def traced(self, xp: Any, compiler: str | None, threads: bool) -> Traced:
        """Return the program, or refuse a function that it would not be."""
        points, traced = self._first_run()
        # A loop that ends by what it has computed may go on forever elsewhere.
        self._most_reads = _MANY_READS + 100 * traced.reads.count
        order = topological_order(traced.root)
        arguments = {leaf for values in traced.arguments for leaf in values.ravel()}
        if arguments.isdisjoint(order) and not isinstance(traced.root, Results):
            raise ValueError(
                f"{self._name} returns {traced.root.data}, a constant: it does not depend on its arguments"
            )
        tried: list[Reads] = []
        near, opposite, *farther = (
            defined(lambda point: self._run_elsewhere(point, tried), points, candidates)
            for candidates in other_points(points)
        )
        first = next(near, None)
        captured = by_label(_in_both([n for n in leaves_among(order) if n not in arguments], first))
        names = identifiers([*self._form.names, *captured])
        shapes = [values.shape for values in (*traced.arguments, *captured.values())]
        batched = [*self._form.batched, *[False] * len(captured)]
        made = compiled(
            order,
            [*traced.arguments, *captured.values()],
            [Input(*one) for one in zip(names, shapes, batched, strict=True)],
            self._form.asked,
            xp,
            compiler,
            threads,
        )
        program = Traced(made, list(captured.values()), self._form)
        reads = traced.reads
        del traced, order, arguments
        while first is not None and not self._agrees(program, reads, first, self._form.asked):
            first = next(near, None)
        # At the other points the cost will do, which takes less time; more of them where something was read.
        second = next((run for run in opposite if self._agrees(program, reads, run)), None)
        for others in farther:
            if reads.answers:
                next((run for run in others if self._agrees(program, reads, run)), None)
        if first is second is None:
            warn_unchecked(self._name)
        elif places := unchanged(reads, tried):
            warn_frozen(self._name, places, 1 + sum(other.is_whole for other in tried))
        return program

    def _first_run(self) -> tuple[list[Any], Run]:
        """Run the function at the first sample, or, where its numbers are not here, at a point of our own."""
        each = list(zip(self._arrays, self._form.batched, strict=True))
        points = [sample_of(array, batched) for array, batched in each]
        if all(point is not None for point in points):
            return points, self.run(points)
        shapes = [array.shape[batched:] for array, batched in each]
        return point_of_our_own(self.run, points, shapes)

    def _run_elsewhere(self, point: Sequence[Any], tried: list[Reads]) -> Run:
        """Run the function at another point; where it is infinite or no number, that says nothing."""
        run = self.run(point, tried)
        if not math.isfinite(run.root.data):
            raise ArithmeticError
        return run

    def run(self, point: Sequence[Any], tried: list[Reads] | None = None) -> Run:
        """Run the function on Values at a point, given as arrays."""
        form = self._form
        values = [values_like(array, Value, name) for array, name in zip(point, form.names, strict=True)]
        lists = [array.tolist() if array.shape else array[()] for array in values]
        is_batched = any(form.batched[k] for k in form.asked)
        with noted(self._most_reads) as reads:
            if tried is not None:
                tried.append(reads)  # what was read counts also where the function then fails
            arguments = form.arguments(lists)
            given = Given(arguments, values, form.names, form.asked, form.numbers, form.answer, is_batched)
            root = self._way(self._f, given)
        return Run(root, values, reads)

    def _agrees(
        self,
        program: Traced,
        traced: Reads,
        other: tuple[list[Any], Run],
        asked: Sequence[int] = (),
    ) -> bool:
        """Compare with the function itself at another point: the cost, and the gradients asked for.

        Returns whether that says anything, and refuses a program that differs.
        """
        point, run = other
        single = [p[None] if batched else p for p, batched in zip(point, self._form.batched, strict=True)]
        value, found = program.compiled.on_numpy([*single, *map(data_of, program.captured)])
        got = _got(run.root, value, found, len(asked), len(self._form.asked))
        expected = self._outcome(program, run, asked)
        if not differ(expected, got):
            return True
        again = self._outcome(program, self.run(point), asked)
        if differ(expected, again):
            raise not_repeated(self._name, expected, again)
        nearby = next(defined(lambda p: self._run_elsewhere(p, []), point, [a_little_off(point)]), None)
        if nearby is not None and is_unsteady(expected, self._outcome(program, nearby[1], asked), got):
            return False
        raise refusal(self._name, expected, got, changed(traced, run.reads))

    def _outcome(self, program: Traced, run: Run, asked: Sequence[int]) -> Outcome:
        """Return what the scalar engine says; Values that were there before keep their gradients."""
        leaves = [leaf for k in asked for leaf in run.arguments[k].ravel()]
        cost = cost_of(run.root)
        if not leaves or cost is None:
            gradients = []
        elif program.captured:
            gradients = [float(g) for g in grad(cost, leaves)]
        else:
            cost.backward()
            gradients = [float(leaf.grad) for leaf in leaves]
        others = run.root.values if isinstance(run.root, Results) else []
        return Outcome(
            0.0 if cost is None else float(cost.data), [*gradients, *(float(x.data) for x in others)]
        )


def _got(root: Value, value: Any, found: list[Any], asked: int, gradients: int) -> Outcome:
    """Return what a program says, to be compared with the scalar engine."""
    if cost_of(root) is None:
        value, found = 0.0, [value, *found]
    elif isinstance(root, Results):
        found = [*found[:asked], *found[gradients:]]
    else:
        found = found[:asked]
    return Outcome(float(value), [float(x) for array in found for x in array.ravel()])


def _in_both(leaves: Sequence[Value], other: tuple[Any, Run] | None) -> list[Value]:
    """Return the leaves that were there before the function ran: those that another graph of it has too.

    The others were made on the way, and are constants.
    """
    if not leaves or other is None:
        return []
    known = set(leaves_among(topological_order(other[1].root)))
    return [leaf for leaf in leaves if leaf in known]
