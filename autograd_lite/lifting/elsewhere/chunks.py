"""Many samples in chunks: a program of NumPy's is run for each, and what it returns becomes one result.

The chunks are Dask's, which wait until results are asked for, or are run beside each other, by threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

# To wake a thread takes about as long as so many operations on numbers.
_WORTH_A_THREAD = 100_000


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

    Those that are batched are in chunks along their first axis.
    """
    dask, da = import_module("dask"), import_module("dask.array")
    kind = np.result_type(*(array.dtype for array in arrays))
    sizes = next((a.chunks[0] for a, is_batched in zip(arrays, batched, strict=True) if is_batched), None)
    blocks = [_blocks(*one, sizes or (1,)) for one in zip(arrays, batched, strict=True)]
    each = [dask.delayed(program, pure=True)(list(chunk)) for chunk in zip(*blocks, strict=True)]

    def of_chunk(found: Any, number: int, shape: tuple[int, ...]) -> Any:
        return da.from_delayed(dask.delayed(_result)(found, number, shape), shape, kind)

    return _as_one(da, each, sizes or (1,), results, of_chunk, has_samples=sizes is not None)


def in_threads(
    program: Callable[..., tuple[Any, list[Any]]],
    batched: Sequence[bool],
    results: Sequence[Result],
    cost_of_sample: float,
    *arrays: Any,
) -> tuple[Any, list[Any]]:
    """Return the results of a program for all samples, which threads share among them where it is worth it.

    One of the arrays at least is batched; a sample takes so many operations on numbers.
    """
    n = next(len(array) for array, is_batched in zip(arrays, batched, strict=True) if is_batched)
    pieces = min(_processors(), n, int(n * cost_of_sample / _WORTH_A_THREAD))
    if pieces < 2:
        return program(*arrays)
    chunks = [slice(n * k // pieces, n * (k + 1) // pieces) for k in range(pieces)]

    def run(chunk: slice) -> tuple[Any, list[Any]]:
        each = zip(arrays, batched, strict=True)
        return program(*(array[chunk] if is_batched else array for array, is_batched in each))

    waiting = [_pool(os.getpid()).submit(run, chunk) for chunk in chunks[1:]]
    each = [run(chunks[0]), *(one.result() for one in waiting)]
    return _as_one(np, each, [chunk.stop - chunk.start for chunk in chunks], results, _result)


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """Return the threads of a process; one that was forked has not those of the other."""
    return ThreadPoolExecutor(_processors(), "lifted")


def _processors() -> int:
    own = getattr(os, "sched_getaffinity", None)
    return len(own(0)) if own else os.cpu_count() or 1


def _as_one(
    xp: Any,
    each: Sequence[Any],
    sizes: Sequence[int],
    results: Sequence[Result],
    of_chunk: Callable[[Any, int, tuple[int, ...]], Any],
    has_samples: bool = True,
) -> tuple[Any, list[Any]]:
    """Return the results for all samples, of which each chunk has found those for so many."""
    shares = [size / sum(sizes) for size in sizes]

    def gathered(number: int, result: Result) -> Any:
        is_split = has_samples and not result.is_mean
        shapes = [(size, *result.shape) if is_split else result.shape for size in sizes]
        parts = [of_chunk(found, number, shape) for found, shape in zip(each, shapes, strict=True)]
        if result.is_mean or result.is_gradient:
            parts = [part * part.dtype.type(share) for part, share in zip(parts, shares, strict=True)]
        return xp.concatenate(parts) if is_split else xp.stack(parts).sum(axis=0)

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
