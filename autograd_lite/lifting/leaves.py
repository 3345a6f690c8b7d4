"""The leaves of a graph as arrays: those of one letter and layer together, where their indices say."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_lite.value import LEAF, Value
from autograd_lite.writing import symbol

Index: TypeAlias = tuple[int, ...]


def leaves_among(nodes: Iterable[Value]) -> list[Value]:
    """Return the Values that a graph was made of, but for the numbers that arithmetic met."""
    return [node for node in nodes if node.op == LEAF]


def by_label(leaves: Iterable[Value]) -> dict[str, Any]:
    """Return leaves in arrays, by name: ``w[1][0,2]`` is in W1, and ``b[1][0]`` in b1.

    Leaves of the same labels, as each sample has them, get an axis over samples in front. Where indices leave
    gaps, the array is a list, in the order in which the leaves were met.

    Examples
    --------
    >>> leaves = [Value(0.0, f"x[{k}]") for sample in range(5) for k in range(3)]
    >>> {name: array.shape for name, array in by_label(leaves).items()}
    {'X': (5, 3)}
    """
    families: dict[tuple[str, str, int], dict[Index, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for leaf in leaves:
        named = symbol(leaf.label)
        if all(part.isdecimal() for part in named.indices):
            index = tuple(map(int, named.indices))
            families[named.layer, named.letter if leaf.label else "x", len(index)][index].append(leaf)
        else:
            families[named.layer, leaf.label, 0][()].append(leaf)
    found: dict[str, Any] = {}
    # Layer by layer, W before b.
    for layer, letter, rank in sorted(
        families, key=lambda family: (family[0].zfill(9), -family[2], family[1])
    ):
        array = _stacked(families[layer, letter, rank])
        name = f"{letter}{layer}"
        name = name[0].upper() + name[1:] if array.ndim >= 2 else name
        while name in found:
            name += "_"
        found[name] = array
    return found


def _stacked(members: dict[Index, list[Value]]) -> Any:
    """Return the leaves in the shape that their indices span; of several samples, sample by sample."""
    shape: Index = tuple(1 + max(axis) for axis in zip(*members, strict=True))
    counts = {len(samples) for samples in members.values()}
    if len(counts) > 1 or math.prod(shape) != len(members):
        return objects([leaf for samples in members.values() for leaf in samples])
    (n,) = counts
    array = np.empty((n, *shape), dtype=object)
    for index, samples in members.items():
        place: tuple[Any, ...] = (slice(None), *index)
        array[place] = objects(samples)
    return array.reshape(shape) if n == 1 else array


def objects(values: Sequence[Any]) -> Any:
    """Return a list of objects as an array, each left as it is."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def data_of(array: Any) -> Any:
    """Return the data of an array of Values."""
    return np.array([leaf.data for leaf in array.ravel()], dtype=float).reshape(array.shape)
