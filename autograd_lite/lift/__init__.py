"""Lift: a function written on scalars, turned into a few operations on arrays.

``lift`` traces a function once, simplifies the scalar program (:mod:`.scalars`), finds the arrays in it
(:mod:`.grouping`), adds the backward part (:mod:`.adjoint`) and writes it all as NumPy source (:mod:`.source`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd_lite.lift.adjoint import gradients
from autograd_lite.lift.grouping import Input, group
from autograd_lite.lift.scalars import collect_sums, fold_constants, share, trace
from autograd_lite.lift.source import Source, write
from autograd_lite.lift.structure import flatten, rebuild
from autograd_lite.value import Value


def compile_graph(root: Value, leaves: Sequence[Any], inputs: Sequence[Input], asked: Sequence[int]) -> Source:
    places = {}
    for number, leaf in enumerate(leaves):
        for position, value in enumerate(np.asarray(leaf, dtype=object).ravel()):
            places[value] = number, position
    program = collect_sums(share(fold_constants(trace(root, places))))
    arrays, cost = group(program, inputs)
    numbers = [arrays.input(k, one.shape, one.batched) for k, one in enumerate(inputs)]
    start = len(arrays.nodes)
    seed = arrays.constant(1.0)
    grads = gradients(arrays, cost, [numbers[k] for k in asked], seed)
    return write(arrays, [one.name for one in inputs], cost, grads, "Lifted.", start)


def load(source: Source, xp: Any = np) -> Callable[..., Any]:
    scope = {"np": xp, **source.constants}
    exec(compile(source.text, "<lifted>", "exec"), scope)
    return scope["program"]
