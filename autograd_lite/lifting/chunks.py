"""Dask: a program of NumPy's is run once for each chunk of samples, when its results are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np


class Result(NamedTuple):
    """A result of a program: its shape, of one sample, and whether it is a mean over samples.

    A gradient by numbers of each sample is that of the mean over all of them; of a chunk's it is too large.
    """

    shape: tuple[int, ...]
    is_mean: bool
    is_gradient: bool = False


def over_chunks(
    program: Callable[[list[Any]], tuple[Any, list[Any]]],
    arrays: Sequence[Any],
    batched: Sequence[bool],
    results: Sequence[Result],
) -> tuple[Any, list[Any]]:
    """Return the results of a program for all samples, as arrays of Dask's.

    Parameters
    ----------
    program : callable
        From NumPy's arrays to its first result and the others.
    arrays : sequence of arrays of Dask's
    batched : sequence of bool
        Whether each comes once for each sample, in chunks along its first axis.
    results : sequence of Result
        What the program returns.
    """
    dask, da = import_module("dask"), import_module("dask.array")
    kind = np.result_type(*(array.dtype for array in arrays))
    sizes = next((a.chunks[0] for a, is_batched in zip(arrays, batched, strict=True) if is_batched), None)
    blocks = [_blocks(*one, sizes or (1,)) for one in zip(arrays, batched, strict=True)]
    each = [dask.delayed(program, pure=True)(list(chunk)) for chunk in zip(*blocks, strict=True)]
    shares = np.array(sizes or (1,)) / sum(sizes or (1,))

    def gathered(number: int, result: Result) -> Any:
        split = None if sizes is None or result.is_mean else sizes
        shapes = [(size, *result.shape) for size in split] if split else [result.shape] * len(each)
        parts = [
            da.from_delayed(dask.delayed(_result)(found, number, shape), shape, kind)
            for found, shape in zip(each, shapes, strict=True)
        ]
        if result.is_mean or result.is_gradient:
            parts = [part * kind.type(share) for part, share in zip(parts, shares, strict=True)]
        return da.concatenate(parts) if split else da.stack(parts).sum(axis=0)

    first, *others = [gathered(*one) for one in enumerate(results)]
    return first, others


def _result(found: tuple[Any, list[Any]], number: int, shape: tuple[int, ...]) -> Any:
    """Return one of a program's results; what is the same for all samples once for each."""
    first, others = found
    return np.broadcast_to([first, *others][number], shape)


def _blocks(array: Any, is_batched: bool, sizes: tuple[int, ...]) -> list[Any]:
    """Return the part of an array for each chunk of samples, or the whole of it each time."""
    if not is_batched:
        return [array.rechunk(-1).to_delayed().item()] * len(sizes)
    whole_samples = array.rechunk({0: sizes, **dict.fromkeys(range(1, array.ndim), -1)})
    return list(whole_samples.to_delayed().ravel())
