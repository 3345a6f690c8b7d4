"""A program as it is run: on each library in its own way, by one function for each dtype that arrays have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.lifting.answers.results import Layout
from autograd_lite.lifting.elsewhere.chunks import Result, in_threads, over_chunks
from autograd_lite.lifting.elsewhere.libraries import OnLibrary, alike, is_dask
from autograd_lite.lifting.forms import Form, OnArrays
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.runtime import Function

_DTYPE = attrgetter("dtype")


class Ends(NamedTuple):
    """What goes into a program and what comes out of it."""

    inputs: list[Input]  # names, shapes, and whether they come once for each sample
    asked: list[int]  # the inputs whose gradients are returned, after the cost
    layout: Layout | None  # what is returned beside the cost and its gradients, or instead of them
    has_cost: bool
    # Whether derivatives are part of the program, which need not be numbers where they are not used.
    is_derived: bool

    @property
    def results(self) -> list[Result]:
        """The cost, its gradients, and the other results."""
        found = [Result((), is_mean=True)] if self.has_cost else []
        for one in [self.inputs[k] for k in self.asked]:
            found.append(Result(one.shape, not one.batched, is_gradient=True))
        return found + (list(map(Result, self.layout.shapes, self.layout.means)) if self.layout else [])


class Compiled(OnLibrary):
    """A program on NumPy's arrays, and what is known of it; threads may share the samples."""

    def __init__(self, form: Form, ends: Ends, summary: str, xp: Any, threads: bool) -> None:
        self._xp, self.form, self.summary = xp, form, summary
        self.inputs, self.layout, self.has_cost = ends.inputs, ends.layout, ends.has_cost
        self._batched, self._results = [one.batched for one in ends.inputs], ends.results
        self._is_shared = threads and any(self._batched) and form.cost_of_sample > 0
        self._functions: dict[Any, Function] = {}
        self._latest: tuple[list[Any], Any] = [], None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_functions": {}, "_latest": ([], None)}

    @property
    def source(self) -> str:
        """The function's text."""
        return self.form.source

    def __str__(self) -> str:
        return f"{self.source}\n# {self.summary}"

    def __repr__(self) -> str:
        return f"{self.summary}; print it for its source"

    def _repr_html_(self) -> str:
        """Return the source in colours, and the summary."""
        from autograd_lite.markup import code, escape

        return f"{code(self.source)}<p>{escape(self.summary)}</p>"

    def on_numpy(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return the value and the gradients for an array for each input; the batch axis comes first."""
        kinds = [*map(_DTYPE, arrays)]
        latest, function = self._latest
        if kinds != latest:  # to compare the same dtypes takes less time than to look them up
            key = tuple(kinds)
            function = self._functions.get(key)
            if function is None:
                function = self._functions[key] = self._loaded(np.result_type(*arrays))
            self._latest = kinds, function
        result: tuple[Any, list[Any]] = function(*arrays)
        return result

    def _loaded(self, kind: Any) -> Function:
        function = self.form.function(kind)
        if not self._is_shared:
            return function
        return partial(in_threads, function, self._batched, self._results, self.form.cost_of_sample)

    __call__ = on_numpy


class _OverChunks(Compiled):
    """A program on Dask's arrays, which are computed later."""

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        return over_chunks(self.on_numpy, arrays, self._batched, self._results)


class _Elsewhere(Compiled):
    """A program on another library's arrays, which stay where they are."""

    form: OnArrays

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
        arrays, kind, device = alike(self._xp, arrays)
        key = kind, str(device)
        function = self._functions.get(key)
        if function is None:
            function = self._functions[key] = self.form.elsewhere(self._xp, kind, device)
        return function(*arrays)


def on_library(xp: Any) -> type[Compiled]:
    """Return how programs are run on the arrays of a library."""
    return Compiled if xp is np else _OverChunks if is_dask(xp) else _Elsewhere
