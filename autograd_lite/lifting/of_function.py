"""A function on scalars as one on arrays: called, asked for more, saved and checked; its programs are kept.

How arguments are taken apart stands in calls.py, how a program is made of the function in trace.py.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from types import TracebackType
from typing import Any, SupportsIndex

from autograd_lite.derivatives import grad
from autograd_lite.lifting.answers import further
from autograd_lite.lifting.answers.derived import Derived, Function
from autograd_lite.lifting.answers.further import Way
from autograd_lite.lifting.answers.results import Layout, cost_of
from autograd_lite.lifting.arguments.calls import Call, Calls
from autograd_lite.lifting.arguments.kept import Kept
from autograd_lite.lifting.arguments.structure import as_numpy, filled
from autograd_lite.lifting.elsewhere.libraries import OnLibrary
from autograd_lite.lifting.leaves import data_of
from autograd_lite.lifting.running import Compiled
from autograd_lite.lifting.saved.saving import Saved
from autograd_lite.lifting.saved.signatures import Argument, Signature, free_names
from autograd_lite.lifting.tracing.agreement import Agreement, Slopes, agreement, mean_over_samples
from autograd_lite.lifting.tracing.trace import Trace, Traced

_MOST_PROGRAMS = 64
_MANY_VARIABLES = 40
_NOT_THE_USERS = (__package__, "contextlib")


class LiftedFunction(OnLibrary, Derived, Saved):
    """A function on arrays made of one on scalars: see :func:`lift`. Call it as the function it was made of.

    It is traced on the first call, and again for other shapes; the programs of the last 64 shapes are kept.
    Values from outside the function, such as a network's parameters, are read afresh at each call. Several
    threads may call it at the same time. Copies and pickles are traced anew.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: int | Sequence[int],
        in_axes: Any,
        xp: Any,
        compiler: str | None = None,
        has_aux: bool = False,
        way: Way = further.cost,
        threads: bool = False,
    ) -> None:
        self.__name__ = "function"
        update_wrapper(self, f, updated=())
        self.f, self.argnums, self.in_axes, self.has_aux = f, argnums, in_axes, has_aux
        self._way = further.cost_and_others if has_aux and way is further.cost else way
        self._others: dict[Any, LiftedFunction] = {}
        self._latest = self
        self._calls = Calls(f, argnums, in_axes, xp)
        self._xp = xp
        self._compiler, self._threads = compiler, threads
        self._programs = Kept[Traced](_MOST_PROGRAMS)
        self._last: Traced | None = None

    @property
    def source(self) -> str:
        """The NumPy source of the program used last."""
        return self._traced().compiled.source

    def __str__(self) -> str:
        programs = [traced.compiled for traced in self._programs.all()]
        if len(programs) < 2:
            return str(self._traced().compiled)
        return "\n\n".join(f"# {', '.join(map(str, one.inputs))}\n{one}" for one in programs)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # What decorates a function stands where that is looked for: it is pickled as functions are, by name.
        module = sys.modules.get(self.__module__)
        if getattr(module, self.__name__, None) is self:
            return self.__name__
        return super().__reduce_ex__(protocol)

    def __repr__(self) -> str:
        known = f"{self._last.compiled!r}" if self._last else "traced when it is called first"
        return f"<lifted {self.__name__}: {known}>"

    def _repr_html_(self) -> str | None:
        return self._last.compiled._repr_html_() if self._last else None

    @property
    def _shown(self) -> LiftedFunction:
        """The one among the ways of this function that was gone last, unless it was refused."""
        return self if self._latest._last is None else self._latest

    def _traced(self) -> Traced:
        if self._shown is not self:
            return self._shown._traced()
        if self._last is None:
            raise ValueError(
                f"{self.__name__} has not been traced yet: call it once with arguments of their shapes"
            )
        return self._last

    def __call__(self, *args: Any, **named: Any) -> tuple[Any, Any]:
        """Return the cost and the gradients, in the structure of the arguments asked for.

        Parameters
        ----------
        *args : arrays, nested lists, dicts
            As the function takes them, with the axis over samples where ``in_axes`` says so.
        **named : arrays, nested lists, dicts
            The rest of them, by their names.

        Returns
        -------
        value, gradients

        Raises
        ------
        TypeError
            If an argument is no number, array or structure of them, or the function returns no Value.
        ValueError
            If the samples differ in number, the cost is a constant, or the program differs from the function
            at another point: then the function has read a number out of a Value, or has branched on one.
        """
        call = self._calls.take(self._in_order(args, named) if named else args)
        traced = self._program_for(call)
        value, found = self._run_program(traced, call.arrays)
        self._last, self._latest = traced, self
        if traced.compiled.layout is None:
            return value, call.form.gradients(found)
        n = len(call.form.asked)
        others = self._in_structure(traced.compiled.layout, found[n:], call)
        return (value, others), call.form.gradients(found[:n])

    def results(self, *args: Any) -> Any:
        """Return what a program without a cost returns, in its structure."""
        call = self._calls.take(args)
        traced = self._program_for(call)
        first, others = self._run_program(traced, call.arrays)
        self._last = traced
        layout = traced.compiled.layout
        assert layout is not None
        return self._in_structure(layout, [first, *others], call)

    def _in_structure(self, layout: Layout, found: Sequence[Any], call: Call) -> Any:
        """Return results in their structure; what is the same for all samples once for each."""
        batched = [
            array for array, is_batched in zip(call.arrays, call.form.batched, strict=True) if is_batched
        ]
        arrays = [
            x
            if is_mean or not batched or x.ndim > len(shape)
            else self._xp.asarray(self._xp.broadcast_to(x, (batched[0].shape[0], *shape)), copy=True)
            for x, shape, is_mean in zip(found, layout.shapes, layout.means, strict=True)
        ]
        if layout.matrix is not None:
            return layout.matrix._replace(values=arrays[0])
        return filled(layout.structure, iter(arrays))

    def _program(self, way: Way, n: int = 0, numbers: Sequence[int] = (), suffix: str = "") -> LiftedFunction:
        key = way, n
        program = self._others.get(key)
        if program is None:
            f, argnums, axes = self.f, self.argnums, self.in_axes
            if self.has_aux and way is not further.value_and_others:
                f = _CostAlone(f)
            if n:
                f = Function(f, n, numbers, suffix)
                each = [axes] * n if axes is None or isinstance(axes, int) else list(axes)
                axes = [*each, *(each[i] for i in numbers)]
                argnums = numbers[0] if isinstance(argnums, int) else numbers
            made = LiftedFunction(f, argnums, axes, self._xp, self._compiler, False, way, self._threads)
            program = self._others.setdefault(key, made)  # another thread may have been quicker
        self._latest = program
        return program

    def _in_order(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        return self._calls.in_order(args, named)

    def _has_many_variables(self, args: Sequence[Any]) -> bool:
        call: Call = self._calls.take(args)
        further.refuse_samples(any(call.form.batched[k] for k in call.form.asked))
        n: int = sum(math.prod(call.arrays[k].shape) for k in call.form.asked)
        return n > _MANY_VARIABLES

    def _hessian_by_products(self, args: Sequence[Any]) -> Any:
        call, xp = self._calls.take(args), self._xp
        variables = [call.arrays[k] for k in call.form.asked]
        zeros = [xp.zeros_like(x) for x in variables]
        program = self._products(len(args))
        blocks: list[list[Any]] = [[] for _ in variables]
        for number, x in enumerate(variables):
            units = xp.reshape(xp.eye(math.prod(x.shape), dtype=x.dtype), (-1, *x.shape))
            columns = []
            for k in range(units.shape[0]):
                vectors = call.form.gradients([*zeros[:number], units[k, ...], *zeros[number + 1 :]])
                along = program._calls.take(
                    [*args, *([vectors] if isinstance(self.argnums, int) else vectors)]
                )
                columns.append(program._run_program(program._program_for(along), along.arrays)[1])
            for rows, parts in zip(blocks, zip(*columns, strict=True), strict=True):
                column = xp.stack(parts, axis=-1)
                rows.append(xp.reshape(column, (*column.shape[:-1], *x.shape)))
        structure = further.nested(call.form.answer, call.form.answer)
        return filled(structure, iter([block for rows in blocks for block in rows]))

    def _trace(self, call: Call) -> Trace:
        return Trace(self.__name__, self.f, self._way, call)

    def _program_for(self, call: Call) -> Traced:
        known = self._programs.find(call.key)
        if known is not None:
            return known
        try:
            return self._programs.get(
                call.key, lambda: self._trace(call).traced(self._xp, self._compiler, self._threads)
            )
        except BaseException as error:
            raise error.with_traceback(_beyond_this_package(error.__traceback__))  # noqa: B904 - the same error

    def _run_program(self, traced: Traced, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        if not traced.captured:
            return traced.compiled(arrays)
        kind = self._xp.result_type(*arrays)
        captured = [self._xp.asarray(data_of(values), dtype=kind) for values in traced.captured]
        return traced.compiled([*arrays, *captured])

    def _to_save(self) -> tuple[Compiled, Signature]:
        if self._shown is not self:
            return self._shown._to_save()
        compiled, captured, form = self._traced()
        names = self._calls.names(len(form.structures))
        names += [one.name for one in compiled.inputs[len(form.names) :]]
        structures = [*form.structures, *[None] * len(captured)]
        defaults = [*[None] * len(form.structures), *map(data_of, captured)]
        each = zip(free_names(names), structures, defaults, strict=True)
        signature = Signature(
            self.__name__,
            [Argument(*one) for one in each],
            axes=[*form.axes, *[None] * len(captured)],
            asked=form.numbers if compiled.has_cost else [],
            is_single=form.is_single,
            layout=compiled.layout,
            has_cost=compiled.has_cost,
        )
        return compiled, signature

    def check(self, *args: Any, **named: Any) -> Agreement:
        """Compare with the scalar engine at a point, sample by sample.

        Parameters
        ----------
        *args, **named : arrays, nested lists, dicts
            The point, as in a call.

        Returns
        -------
        Agreement
            By how much they differ: ``cost``, and ``gradient``, relative to its largest element.

        Raises
        ------
        AssertionError
            If they differ by more than rounding explains, with the element that differs most.

        Examples
        --------
        >>> from autograd_lite import lift
        >>> lift(lambda x: x * x).check(3.0)
        Agreement(cost=0.0, gradient=0.0)
        """
        call = self._calls.take(self._in_order(args, named))
        form, trace = call.form, self._trace(call)
        value, found = self._run_program(self._program_for(call), call.arrays)

        def of_sample(point: Sequence[Any]) -> Slopes:
            run = trace.run(point)
            leaves = [run.arguments[k].ravel() for k in form.asked]
            cost = cost_of(run.root)
            assert cost is not None
            slopes = iter(grad(cost, [leaf for each in leaves for leaf in each]))
            gradients = [[float(next(slopes)) for _ in each] for each in leaves]
            return Slopes(float(cost.data), gradients, [[leaf.label for leaf in each] for each in leaves])

        arrays = [as_numpy(array) for array in call.arrays]
        engine = mean_over_samples(of_sample, arrays, form.batched, form.asked)
        program = Slopes(float(value), [as_numpy(gradient) for gradient in found[: len(form.asked)]])
        return agreement(self.__name__, engine, program, float(self._xp.finfo(value.dtype).eps) ** 0.6)


class _CostAlone:
    """A function without what it returns beside its cost."""

    def __init__(self, f: Callable[..., Any]) -> None:
        update_wrapper(self, f, updated=())
        self._f = f

    def __call__(self, *args: Any) -> Any:
        return self._f(*args)[0]


def _beyond_this_package(traceback: TracebackType | None) -> TracebackType | None:
    """Return what a traceback says of the user's function; all of it, if the error is not from there."""
    found = traceback
    while found is not None:
        if not found.tb_frame.f_globals.get("__name__", "").startswith(_NOT_THE_USERS):
            return found
        found = found.tb_next
    return traceback
