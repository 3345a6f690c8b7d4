"""Dask: a program of NumPy's is run once for each chunk of samples, when its results are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np


def over_chunks(
    program: Callable[[list[Any]], tuple[Any, list[Any]]],
    arrays: Sequence[Any],
    batched: Sequence[bool],
    asked: Sequence[int],
) -> tuple[Any, list[Any]]:
    """Return the mean over samples and its gradients as arrays of Dask's.

    Parameters
    ----------
    program : callable
        From NumPy's arrays to the mean over some samples and its gradients.
    arrays : sequence of arrays of Dask's
    batched : sequence of bool
        Whether each comes once for each sample, in chunks along its first axis.
    asked : sequence of int
        The arrays whose gradients the program returns.
    """
    dask, da = import_module("dask"), import_module("dask.array")
    kind = np.result_type(*(array.dtype for array in arrays))
    sizes = next((a.chunks[0] for a, is_batched in zip(arrays, batched, strict=True) if is_batched), (1,))
    blocks = [_blocks(*one, sizes) for one in zip(arrays, batched, strict=True)]
    results = [dask.delayed(program, pure=True)(list(each)) for each in zip(*blocks, strict=True)]
    shares = np.array(sizes) / sum(sizes)

    def gathered(pick: Callable[[Any], Any], shape: tuple[int, ...], is_batched: bool) -> Any:
        shapes = [(size, *shape[1:]) if is_batched else shape for size in sizes]
        each = [
            da.from_delayed(pick(result), part, kind) * kind.type(share)
            for result, part, share in zip(results, shapes, shares, strict=True)
        ]
        return da.concatenate(each) if is_batched else da.stack(each).sum(axis=0)

    gradients = [gathered(_gradient(number), arrays[k].shape, batched[k]) for number, k in enumerate(asked)]
    return gathered(lambda result: result[0], (), False), gradients


def _gradient(number: int) -> Callable[[Any], Any]:
    return lambda result: result[1][number]


def _blocks(array: Any, is_batched: bool, sizes: tuple[int, ...]) -> list[Any]:
    """Return the part of an array for each chunk of samples, or the whole of it each time."""
    if not is_batched:
        return [array.rechunk(-1).to_delayed().item()] * len(sizes)
    whole_samples = array.rechunk({0: sizes, **dict.fromkeys(range(1, array.ndim), -1)})
    return list(whole_samples.to_delayed().ravel())
