"""Which nests share loops, and what is kept of an array between them.

A nest that reads an element which another one writes at the same place goes into its loop, the outermost
first. What is then read in no other loop than the one that writes it needs no array.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeAlias

from autograd_lite.lifting.loops.indices import ZERO
from autograd_lite.lifting.loops.nests import Axis, Nest, Read
from autograd_lite.lifting.loops.steps import Steps


class Loop:
    """A loop, and what is done in it; the outermost stands for the whole program and is none.

    Attributes
    ----------
    depth : int
        How many loops are around it.
    """

    def __init__(self, length: Axis, depth: int) -> None:
        self.length = length
        self.depth = depth
        self.body: list[Loop | Nest] = []


Paths: TypeAlias = "dict[int, tuple[Loop, ...]]"
"""For each nest, by its identity, the loops around it."""


def fuse(nests: Sequence[Nest]) -> tuple[Loop, Paths]:
    """Return all nests, sorted into loops."""
    whole = Loop(1, -1)
    paths: Paths = {id(nest): () for nest in nests}
    pending = [(whole, list(nests))]
    while pending:
        loop, members = pending.pop()
        for length, group in _grouped(members, loop.depth + 1):
            if length is None:
                loop.body += group
                continue
            inner = Loop(length, loop.depth + 1)
            loop.body.append(inner)
            for nest in group:
                paths[id(nest)] += (inner,)
            pending.append((inner, group))
    return whole, paths


def _grouped(nests: Iterable[Nest], depth: int) -> list[tuple[Axis | None, list[Nest]]]:
    """Sort nests into loops at a depth, one after another; some have no loop there."""
    groups: list[tuple[Axis | None, list[Nest]]] = []
    placed: dict[int, list[tuple[int, Nest]]] = {}
    # All of a step shares its loop: that comes after what any of it reads.
    together: dict[Steps, list[Nest]] = {}
    group_of: dict[Steps, int] = {}
    for nest in nests:
        if steps := _steps(nest, depth):
            together.setdefault(steps, []).append(nest)
    for nest in nests:
        steps = _steps(nest, depth)
        first = group_of.get(steps, 0) if steps else 0
        if steps not in group_of:
            for one in together[steps] if steps else [nest]:
                for read in one.reads:
                    for g, writer in placed.get(read.array, ()):
                        first = max(first, g if _is_same_place(writer, read, depth) else g + 1)
        length = nest.axes[depth] if depth < len(nest.axes) else None
        for g in range(first, len(groups)):
            if groups[g][0] == length:
                break
        else:
            g = len(groups)
            groups.append((length, []))
        if steps:
            group_of[steps] = g
        groups[g][1].append(nest)
        placed.setdefault(nest.array, []).append((g, nest))
    return groups


def _steps(nest: Nest, depth: int) -> Steps | None:
    """Return the steps, if there are any, whose loop is at a depth or deeper."""
    return next((axis for axis in nest.axes[depth:] if isinstance(axis, Steps)), None)


def _is_same_place(writer: Nest, read: Read, depth: int) -> bool:
    """Return whether what is read has been written in the same round of the loop at a depth."""
    if depth >= len(writer.axes):
        return True  # in the same round anyway
    return depth < writer.outer and any(
        target.axis == depth == index.axis for target, index in zip(writer.target, read.indices, strict=False)
    )


def kept_axes(
    nests: Sequence[Nest], paths: Paths, outputs: Collection[int], shape: Callable[[int], Sequence[int]]
) -> dict[int, list[int]]:
    """Return for each array that is written which of its axes have to be kept: none of a number.

    Of an output all are.
    """
    writers: dict[int, list[Nest]] = {}
    common: dict[int, int] = {}
    for nest in nests:
        writers.setdefault(nest.array, []).append(nest)
    for x, own in writers.items():
        path = paths[id(own[0])]
        limit = 0 if x in outputs else min(nest.outer for nest in own)
        common[x] = min([limit, *(_shared(path, paths[id(nest)]) for nest in own[1:])])
    for nest in nests:
        for read in nest.reads:
            if read.array in writers:
                path = paths[id(writers[read.array][0])]
                common[read.array] = min(common[read.array], _shared(path, paths[id(nest)]))
    kept: dict[int, list[int]] = {}
    for x, own in writers.items():
        lengths = shape(x)
        target = own[0].target or (ZERO,) * len(lengths)
        kept[x] = [
            t
            for t, (index, n) in enumerate(zip(target, lengths, strict=True))
            if x in outputs or (n != 1 and (index.axis is None or index.axis >= common[x]))
        ]
    return kept


def _shared(first: Sequence[Loop], second: Sequence[Loop]) -> int:
    """Return how many loops two nests have in common."""
    return next(
        (k for k, (a, b) in enumerate(zip(first, second, strict=False)) if a is not b),
        min(len(first), len(second)),
    )
