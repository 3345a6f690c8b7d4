"""Groups of sums as operations on arrays: inner products as matrix products, whole or in part; and others."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.lifting.arrangement import Arrangement, arranged, is_complete
from autograd_lite.lifting.arrays import Integers
from autograd_lite.lifting.places import Places
from autograd_lite.lifting.schedule import INTERIOR

_WASTE = 16


class _Block(NamedTuple):
    """Terms of the same kind in all sums, a row for each sum: the nodes in p times those in q, or p alone."""

    sign: int
    p: Integers
    q: Integers | None


def add_sums(places: Places, members: Sequence[int]) -> tuple[Integers, int]:
    """Add what computes sums that are made alike, block by block of their terms.

    Parameters
    ----------
    places : Places
        Its program is added to.
    members : sequence of int
        Sums with as many terms of each kind.

    Returns
    -------
    nodes : array of int
        The members in the order and shape of the result.
    array : int
    """
    blocks = _blocks(places, members)
    order, shape = _arranged_by_products(places, blocks)
    total: int | None = None
    for block in sorted(blocks, key=lambda block: (-block.sign, block.q is None)):
        p = block.p[order].reshape(*shape, -1)
        part = _total(places, p) if block.q is None else _inner(places, p, block.q[order].reshape(*shape, -1))
        if total is None:
            total = part if block.sign > 0 else places.arrays.map("neg", part)
        else:
            total = places.arrays.map("add" if block.sign > 0 else "sub", total, part)
    if total is None:
        raise ValueError("a sum has at least one term")
    return np.array(members)[order].reshape(shape), total


def _blocks(places: Places, members: Sequence[int]) -> list[_Block]:
    kinds = places.kinds
    rows: dict[Any, list[Any]] = defaultdict(list)
    for i in members:
        for sign, p, q in places.program.terms[i]:
            rows[sign, kinds[p], kinds[q] if q >= 0 else None].append((p, q))
    blocks = []
    for (sign, _, second), pairs in rows.items():
        terms = np.array(pairs).reshape(len(members), -1, 2)
        blocks.append(_Block(sign, terms[..., 0], None if second is None else terms[..., 1]))
    return blocks


def _arranged_by_products(places: Places, blocks: Sequence[_Block]) -> Arrangement:
    """Return rows and columns, where inner products share their factors; else the order of an operand."""
    products = [(b.p, b.q) for b in blocks if b.q is not None and b.p.shape[1] > 1]
    if not products:
        parts = [part for b in blocks for part in (b.p, b.q) if part is not None]
        return arranged(places, [column for part in parts for column in part.T])
    p, q = products[0]
    rows, columns = _numbered(places, p), _numbered(places, q)
    # Weights, which come first in a product, lead to the columns: Z = A Wᵀ (A4).
    is_matrix = _is_whole_matrix(places, p) and not np.array_equal(p, q)
    if is_matrix or places.kinds[p[0, 0]] != INTERIOR:
        rows, columns = columns, rows
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    by_rows = np.lexsort((columns, rows))
    if is_complete(rows, columns) and ((height > 1 and width > 1) or is_matrix):
        return by_rows, (height, width) if height > 1 else (width,)
    if _is_dense(len(p), height, width):
        return by_rows, (len(p),)
    return (np.arange(1), ()) if len(p) == 1 else arranged(places, [p[:, 0], q[:, 0]])


def _is_whole_matrix(places: Places, rows: Integers) -> bool:
    """Return whether the rows are those of an input, all of them."""
    array = places.source(rows)
    if array is None:
        return False
    node = places.arrays.nodes[array]
    is_row = node.op == "input" and node.shape[1:] == rows.shape[1:]
    return is_row and len(np.unique(rows)) == math.prod(node.shape)


def _numbered(places: Places, rows: Integers) -> Integers:
    """Return for each row a number that equal rows share, in the order of their places."""
    keys = places.identities(rows)
    # Equal rows have equal sums with random weights; that others have, too, is as likely as 1 in 2⁶⁴.
    weights = np.random.default_rng(0).integers(1, 2**62, keys.shape[1])
    _, first, inverse = np.unique((keys * weights).sum(axis=1), return_index=True, return_inverse=True)
    by_place = np.lexsort((first, keys[first, 0]))
    return np.argsort(by_place)[inverse.ravel()]


def _is_dense(n: int, rows: int, columns: int) -> bool:
    """Return whether n elements that share rows and columns are worth all of a matrix product."""
    return n > max(rows, columns) and rows * columns <= _WASTE * n


# --- sums of single terms -------------------------------------------------------------------------------


def _total(places: Places, p: Integers) -> int:
    """Return the sums along the last axis."""
    if p.shape[-1] == 1:
        return places.operand(p[..., 0])
    return _summed(places, places.operand(p[..., _by_place(places, p)], whole=True), p.ndim - 1)


def _summed(places: Places, x: int, left: int) -> int:
    """Sum over all axes but the first ones; a reshaping before a sum over everything is of no use."""
    return places.arrays.sum(x, (-1,)) if left else places.arrays.sum(places.arrays.base(x))


def _by_place(places: Places, p: Integers) -> Integers:
    """Return the order in which the terms of the first sum lie in their array."""
    first = p.reshape(-1, p.shape[-1])[0]
    return np.lexsort((places.position_of[first], places.array_of[first]))


# --- sums of products -----------------------------------------------------------------------------------


def _inner(places: Places, p: Integers, q: Integers) -> int:
    """Return the inner products along the last axis: as a matrix product, where factors are shared."""
    if p.shape[-1] == 1:
        return places.arrays.map("mul", places.operand(p[..., 0]), places.operand(q[..., 0]))
    order = _by_place(places, p)
    p, q = p[..., order], q[..., order]
    factors = _factors_of_product(places, p, q)
    if factors is not None:
        return places.arrays.linear(*(places.operand(nodes, whole=True) for nodes in factors))
    if p.ndim == 2:
        rows, columns = _numbered(places, p), _numbered(places, q)
        if _is_dense(len(p), int(rows.max()) + 1, int(columns.max()) + 1):
            return _part_of_a_product(places, p, q, rows, columns)
    x, y = places.operand(p, whole=True), places.operand(q, whole=True)
    if p.ndim == 1:
        # All elements of two arrays of one shape: their rows need not be laid end to end.
        a, b = places.arrays.base(x), places.arrays.base(y)
        if places.arrays.shape(a) == places.arrays.shape(b):
            x, y = a, b
    return _summed(places, places.arrays.map("mul", x, y), p.ndim - 1)


def _factors_of_product(places: Places, p: Integers, q: Integers) -> tuple[Integers, Integers] | None:
    """Return x and W where all of the inner products are x Wᵀ."""
    same_p, same_q = _repeats(places, p), _repeats(places, q)
    if p.ndim == 3 and same_p[0] and same_q[1]:
        return q[:, 0], p[0]
    if p.ndim == 3 and same_p[1] and same_q[0]:
        return p[:, 0], q[0]
    if p.ndim == 2 and same_q[0]:
        return q[0], p
    if p.ndim == 2 and same_p[0]:
        return p[0], q
    return None


def _repeats(places: Places, nodes: Integers) -> list[bool]:
    """Return for each axis but the last whether the nodes are the same all along it."""
    same = places.identities(nodes)
    return [bool((same == same.take([0], axis=axis)).all()) for axis in range(nodes.ndim - 1)]


def _part_of_a_product(places: Places, p: Integers, q: Integers, rows: Integers, columns: Integers) -> int:
    """Return inner products that are some elements of a matrix product, as the scores of causal attention."""
    _, of_rows = np.unique(rows, return_index=True)
    _, of_columns = np.unique(columns, return_index=True)
    left, right = places.operand(p[of_rows], whole=True), places.operand(q[of_columns], whole=True)
    return places.arrays.at(places.arrays.linear(left, right), rows * len(of_columns) + columns)


# --- sums of different lengths --------------------------------------------------------------------------


def add_ragged_sums(places: Places, members: Sequence[int]) -> tuple[Integers, int]:
    """Add what computes sums that differ in their lengths.

    Parameters
    ----------
    places : Places
        Its program is added to.
    members : sequence of int
        Sums of terms of interior nodes.

    Returns
    -------
    nodes : array of int
        The members in the order and shape of the result.
    array : int
    """
    return _product_with_zeros(places, members) or _side_by_side(places, members)


def _product_with_zeros(places: Places, members: Sequence[int]) -> tuple[Integers, int] | None:
    """Return sums of products as a product with a matrix that has zeros where a sum has no term, if they are.

    Sums whose first factors are the same are a row of the product; what a term multiplies in all of them is a
    row of its right side, such as the values at a position in causal attention.
    """
    terms, place = places.program.terms, places.position_of
    rows: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for i in members:
        if any(sign < 0 or q < 0 for sign, _, q in terms[i]):
            return None
        rows[tuple([p for _, p, _ in terms[i]])].append(i)
    sums = list(rows.values())
    if len(sums[0]) < 2 or len({len(row) for row in sums}) > 1:
        return None
    right_rows: dict[tuple[int, ...], int] = {}
    entries = []
    for r, (factors, row) in enumerate(zip(rows, sums, strict=True)):
        row.sort(key=lambda i: place[terms[i][0][2]])
        for t, p in enumerate(factors):
            multiplied = tuple([terms[i][t][2] for i in row])
            entries.append((r, right_rows.setdefault(multiplied, len(right_rows)), p))
    of_rows, of_right, p = np.array(entries).T
    right = np.array(list(right_rows))
    is_twice = len(np.unique(of_rows * len(right) + of_right)) < len(p)
    if is_twice or not _is_dense(len(p), len(sums), len(right)):
        return None
    by_place = np.argsort(place[right[:, 0]], kind="stable")
    targets = of_rows * len(right) + np.argsort(by_place)[of_right]
    left = places.arrays.spread(places.operand(p, whole=True), targets, (len(sums), len(right)))
    values = places.arrays.transposed(places.operand(right[by_place], whole=True))
    return np.array(sums), places.arrays.linear(left, values)


def _side_by_side(places: Places, members: Sequence[int]) -> tuple[Integers, int]:
    """Return all terms side by side, and of each sum the total of those that are its own."""
    terms = [(k, *term) for k, i in enumerate(members) for term in places.program.terms[i]]
    owners, signs, p, q = np.array(terms).T
    totals = []
    for chosen in (q >= 0, q < 0):
        if chosen.any():
            summands = places.operand(p[chosen], whole=True)
            if q[chosen][0] >= 0:
                summands = places.arrays.map("mul", summands, places.operand(q[chosen], whole=True))
            if (signs[chosen] < 0).any():
                summands = places.arrays.map("mul", places.arrays.constant(signs[chosen]), summands)
            totals.append(places.arrays.spread(summands, owners[chosen], (len(members),)))
    return np.array(members), totals[0] if len(totals) == 1 else places.arrays.map("add", *totals)
