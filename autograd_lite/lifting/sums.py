"""Groups of sums as operations on arrays: inner products as matrix products, whole or in part; and others.

Groups of anything else are for assemble.py.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Integers, Shape, Window
from autograd_lite.lifting.groups import INTERIOR
from autograd_lite.lifting.operations.elementwise import elementwise
from autograd_lite.lifting.operations.gathering import elements, spread
from autograd_lite.lifting.operations.inputs import constant, input_
from autograd_lite.lifting.operations.products import linear, stacked
from autograd_lite.lifting.operations.sections import section, transposed
from autograd_lite.lifting.operations.sums import total
from autograd_lite.lifting.places import Arrangement, Places, arranged, is_complete

_WASTE = 16
_FEW_PARTS = 4


_Pairs: TypeAlias = list[tuple[int, int]]
"""Of one kind of summands in a sum: their factors."""
_Part: TypeAlias = tuple[int, int]
"""A sign, and an array."""


class _Block(NamedTuple):
    """Summands of one kind in all sums, a row for each sum: the nodes in p times those in q, or p alone."""

    sign: int
    p: Integers
    q: Integers | None


def add_sums(places: Places, members: Sequence[int]) -> tuple[Integers, int]:
    """Add what computes sums with as many summands of each kind, block by block.

    Returns the members in the order and shape of the result, and its array.
    """
    blocks = _blocks(places, members)
    order, shape = _arranged_by_products(places, blocks)
    parts: list[_Part] = []
    for block in sorted(blocks, key=lambda block: (-block.sign, block.q is None)):
        p = block.p[order].reshape(*shape, -1)
        q = None if block.q is None else block.q[order].reshape(*shape, -1)
        for chosen in _by_arrays(places, p, q):
            summed = (
                _total(places, p[..., chosen])
                if q is None
                else _inner(places, p[..., chosen], q[..., chosen])
            )
            parts.append((block.sign, summed))
    return np.array(members)[order].reshape(shape), _added_up(places.arrays, parts)


def _added_up(arrays: Arrays, parts: Sequence[_Part]) -> int:
    """Return the sum of parts with signs; what is added comes before what is taken away."""
    added: int | None = None
    for sign, part in sorted(_differences(arrays, parts), key=lambda part: -part[0]):
        if added is None:
            added = part if sign > 0 else elementwise(arrays, "neg", part)
        else:
            added = elementwise(arrays, "add" if sign > 0 else "sub", added, part)
    if added is None:
        raise ValueError("a sum has at least one summand")
    return added


def _differences(arrays: Arrays, parts: Sequence[_Part]) -> list[_Part]:
    """Take the summands of one sum from those of another, for of two large sums few digits would be left."""
    found = [part for part in parts if part[0] > 0]
    for part in [part for sign, part in parts if sign < 0]:
        k = next((k for k, (_, other) in enumerate(found) if _are_alike(arrays, other, part)), None)
        if k is None:
            found.append((-1, part))
        else:
            first, second = (arrays.nodes[x] for x in (found[k][1], part))
            difference = elementwise(arrays, "sub", first.operands[0], second.operands[0])
            found[k] = 1, total(arrays, difference, first.detail)
    return found


def _are_alike(arrays: Arrays, *sums: int) -> bool:
    """Return whether these are sums over the same axes of arrays of the same shape, and not of products."""
    nodes = [arrays.nodes[x] for x in sums]
    if any(node.op != total.name for node in nodes):
        return False
    summed = [arrays.nodes[node.operands[0]] for node in nodes]
    is_plain = all((x.op, x.detail) != (elementwise.name, "mul") for x in summed)
    return (
        is_plain
        and len({(node.detail, x.shape, x.batched) for node, x in zip(nodes, summed, strict=True)}) == 1
    )


def _by_arrays(places: Places, p: Integers, q: Integers | None) -> list[Integers]:
    """Return the summands of a block, those together whose factors come from the same arrays.

    A few such parts are added up one by one; more are looked for in all their arrays, joined.
    """
    width = p.shape[-1]
    sources = [places.array_of[n.reshape(-1, width)] for n in (p, q) if n is not None]
    if all((of_one == of_one[0]).all() for of_one in sources):
        _, part = np.unique([of_one[0] for of_one in sources], axis=1, return_inverse=True)
        parts = [np.flatnonzero(part.ravel() == k) for k in range(int(part.max()) + 1)]
        if len(parts) <= _FEW_PARTS:
            return parts
    return [np.arange(width)]


def _blocks(places: Places, members: Sequence[int]) -> list[_Block]:
    kinds = places.kinds
    rows: dict[Any, list[Any]] = defaultdict(list)
    for i in members:
        for sign, p, q in places.program.summands[i]:
            rows[sign, kinds[p], kinds[q] if q >= 0 else None].append((p, q))
    blocks = []
    for (sign, _, second), pairs in rows.items():
        nodes = np.array(pairs).reshape(len(members), -1, 2)
        blocks.append(_Block(sign, nodes[..., 0], None if second is None else nodes[..., 1]))
    return blocks


def _arranged_by_products(places: Places, blocks: Sequence[_Block]) -> Arrangement:
    """Return rows and columns, where inner products share their factors; else the order of an operand."""
    products = [(b.p, b.q) for b in blocks if b.q is not None and b.p.shape[1] > 1]
    if not products:
        parts = [part for b in blocks for part in (b.p, b.q) if part is not None]
        return arranged(places, [column for part in parts for column in part.T])
    p, q = products[0]
    rows, columns = _numbered(places, p), _numbered(places, q)
    # Weights, which come first in a product, lead to the columns: Z = A Wᵀ (A4). Of two inputs, the one that
    # changes less often from sum to sum leads to the rows: so run the loops that they come from.
    is_matrix = _is_whole_matrix(places, p) and not np.array_equal(p, q)
    is_exchanged = is_matrix or places.kinds[p[0, 0]] != INTERIOR
    if is_exchanged and places.kinds[q[0, 0]] != INTERIOR:
        is_exchanged = _changes(rows) >= _changes(columns)
    if is_exchanged:
        rows, columns = columns, rows
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    by_rows = np.lexsort((columns, rows))
    if is_complete(rows, columns) and ((height > 1 and width > 1) or is_matrix):
        return by_rows, (height, width) if height > 1 else (width,)
    stacks = _in_stacks(rows, columns)
    if stacks is not None:
        return stacks
    if _is_dense(len(p), height, width):
        return by_rows, (len(p),)
    return (np.arange(1), ()) if len(p) == 1 else arranged(places, [p[:, 0], q[:, 0]])


def _changes(numbers: Integers) -> int:
    return int(np.count_nonzero(np.diff(numbers)))


def _in_stacks(rows: Integers, columns: Integers) -> Arrangement | None:
    """Return stacks of rows and columns: those of each meet each other, and no others."""
    # Rows that meet the same column first are in one stack, and so are the columns.
    first_column, first_row = (
        np.full(int(rows.max()) + 1, len(rows)),
        np.full(int(columns.max()) + 1, len(rows)),
    )
    np.minimum.at(first_column, rows, columns)
    np.minimum.at(first_row, columns, rows)
    stack = np.unique(first_column[rows], return_inverse=True)[1].ravel()
    n, height, width = int(stack.max()) + 1, len(first_column), len(first_row)
    of_pair = len(np.unique(first_column[rows] * len(rows) + first_row[columns]))
    if n == 1 or of_pair != n or height % n or width % n or min(height, width) == n:
        return None
    shape = n, height // n, width // n
    in_stacks = (
        len(np.unique(stack * height + rows)) == height and len(np.unique(stack * width + columns)) == width
    )
    is_complete = len(rows) == math.prod(shape) == len(np.unique(rows * width + columns))
    even = (np.bincount(stack) == len(rows) // n).all()
    return (np.lexsort((columns, rows, stack)), shape) if in_stacks and is_complete and even else None


def _is_whole_matrix(places: Places, rows: Integers) -> bool:
    """Return whether the rows are those of an input, all of them."""
    array = places.source(rows)
    if array is None:
        return False
    node = places.arrays.nodes[array]
    is_row = node.op == input_.name and node.shape[1:] == rows.shape[1:]
    return is_row and len(np.unique(rows)) == math.prod(node.shape)


def _numbered(places: Places, rows: Integers) -> Integers:
    """Return for each row a number that equal rows share, in the order in which they lie in an array.

    Where they are no part of one, it is the order in which they are met: others that they meet lie so.
    """
    keys = places.identities(rows)
    # Equal rows have equal sums with random weights; that others have, too, is as likely as 1 in 2⁶⁴.
    weights = np.random.default_rng(0).integers(1, 2**62, keys.shape[1])
    _, first, inverse = np.unique((keys * weights).sum(axis=1), return_index=True, return_inverse=True)
    order = np.lexsort((first, keys[first, 0]))
    if not places.is_part(rows[first[order]]):
        order = np.argsort(first)
    return np.argsort(order)[inverse.ravel()]


def _is_dense(n: int, rows: int, columns: int) -> bool:
    """Return whether n elements that share rows and columns are worth all of a matrix product."""
    return n > max(rows, columns) and rows * columns <= _WASTE * n


# --- sums of single nodes -------------------------------------------------------------------------------


def _total(places: Places, p: Integers) -> int:
    """Return the sums along the last axis."""
    if p.shape[-1] == 1:
        return places.operand(p[..., 0])
    (x,), axes = _along_axes(places, p)
    return total(places.arrays, x, axes)


def _along_axes(places: Places, *parts: Integers) -> tuple[list[int], tuple[int, ...] | None]:
    """Return arrays of the summands' factors, and the axes along which they are to be added up; None for all.

    A sum of everything runs along the axes of its arrays. Where there are many sums, each is laid out along
    one axis, unless its summands are found along several and would have to be gathered.
    """
    before, count = parts[0].shape[:-1], parts[0].shape[-1]
    placed = [part[..., _by_place(places, parts[0])] for part in parts]
    axis = places.best_axis(*reversed(placed))
    ways: list[tuple[list[Integers], Shape]] = [([np.moveaxis(part, -1, axis) for part in placed], (axis,))]
    firsts = [part.reshape(-1, count)[0] for part in parts]
    if any(places.source(first) is not None for first in firsts):
        order, shape = arranged(places, firsts)
        in_grid = [part[..., order].reshape(*before, *shape) for part in parts]
        ways.insert(0 if not before else 1, (in_grid, tuple(range(-len(shape), 0))))
    found = []
    for nodes, axes in ways:
        found.append((_in_shape(places, nodes), axes if before else None))
        if not any(map(places.is_gathered, found[-1][0])):
            return found[-1]
    return min(found, key=lambda way: sum(map(places.is_gathered, way[0])))


def _in_shape(places: Places, parts: Sequence[Integers]) -> list[int]:
    """Return arrays whose product is that of the parts, in their shape; where all is summed up, in any."""
    arrays, shape = places.arrays, parts[0].shape
    if len(parts) > 1:
        found = [places.operand(part) for part in parts]
        if arrays.broadcast_shape(tuple(found)) == shape:
            return found
    found = [places.operand(part, whole=True) for part in parts]
    bases = [places.reshaped(x) for x in found]
    # Where the sum is one of everything, rows need not be laid end to end.
    is_everything = parts[0].ndim == 1 and len({arrays.shape(x) for x in bases}) == 1
    return bases if is_everything else found


def _by_place(places: Places, p: Integers) -> Integers:
    """Return the order in which the summands of the first sum lie in their array."""
    first = p.reshape(-1, p.shape[-1])[0]
    return np.lexsort((places.position_of[first], places.array_of[first]))


# --- sums of products -----------------------------------------------------------------------------------


def _inner(places: Places, p: Integers, q: Integers) -> int:
    """Return the inner products along the last axis: as a matrix product, where factors are shared."""
    if p.shape[-1] == 1:
        return elementwise(places.arrays, "mul", places.operand(p[..., 0]), places.operand(q[..., 0]))
    if places.is_same_constant(p):
        return elementwise(places.arrays, "mul", places.operand(p[..., 0]), _total(places, q))
    order = _by_place(places, p)
    p, q = p[..., order], q[..., order]
    stacks = _factors_of_stacks(places, p, q) if p.ndim == 4 else None
    if stacks is not None:
        return stacked(places.arrays, *(places.operand(nodes, whole=True) for nodes in stacks))
    factors = _factors_of_product(places, p, q)
    if factors is not None:
        return linear(places.arrays, *(places.operand(nodes, whole=True) for nodes in factors))
    if p.ndim == 2:
        rows, columns = _numbered(places, p), _numbered(places, q)
        if _is_dense(len(p), int(rows.max()) + 1, int(columns.max()) + 1):
            return _part_of_a_product(places, p, q, rows, columns)
    (x, y), axes = _along_axes(places, p, q)
    return total(places.arrays, elementwise(places.arrays, "mul", x, y), axes)


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


def _factors_of_stacks(places: Places, p: Integers, q: Integers) -> tuple[Integers, Integers] | None:
    """Return x and W where all of the inner products are x Wᵀ of two stacks of matrices."""
    same_p, same_q = _repeats(places, p), _repeats(places, q)
    if same_p[2] and same_q[1]:
        return p[:, :, 0], q[:, 0]
    return (q[:, :, 0], p[:, 0]) if same_p[1] and same_q[2] else None


def _repeats(places: Places, nodes: Integers) -> list[bool]:
    """Return for each axis but the last whether the nodes are the same all along it."""
    same = places.identities(nodes)
    return [bool((same == same.take([0], axis=axis)).all()) for axis in range(nodes.ndim - 1)]


def _part_of_a_product(places: Places, p: Integers, q: Integers, rows: Integers, columns: Integers) -> int:
    """Return inner products that are some elements of a matrix product, as the scores of causal attention."""
    _, of_rows = np.unique(rows, return_index=True)
    _, of_columns = np.unique(columns, return_index=True)
    left, right = places.operand(p[of_rows], whole=True), places.operand(q[of_columns], whole=True)
    return elements(places.arrays, linear(places.arrays, left, right), rows * len(of_columns) + columns)


# --- sums of different lengths --------------------------------------------------------------------------


def add_ragged_sums(places: Places, members: Sequence[int]) -> tuple[Integers, int]:
    """Add what computes sums that differ in their lengths; returns as :func:`add_sums`.

    Only summands of a kind of which some sums have more are ragged; the others go by blocks.
    """
    arrays = places.arrays
    rows: dict[Any, list[_Pairs]] = defaultdict(lambda: [[] for _ in members])
    for k, i in enumerate(members):
        for sign, p, q in places.program.summands[i]:
            rows[sign, places.kinds[p], places.kinds[q] if q >= 0 else None][k].append((p, q))
    ragged = {kind: pairs for kind, pairs in rows.items() if len({len(row) for row in pairs}) > 1}
    found = None
    if len(ragged) == 1:
        ((kind, pairs),) = ragged.items()
        exchanged = [[(q, p) for p, q in row] for row in pairs]
        if kind[2] is not None:
            found = _product_with_zeros(places, pairs) or _product_with_zeros(places, exchanged)
    if found is None:
        order, parts = np.arange(len(members)), _side_by_side(places, ragged)
    else:
        order, parts = found[0], [(kind[0], found[1])]
    for kind, pairs in rows.items():
        if kind not in ragged:
            p, q = np.moveaxis(np.array(pairs)[order], -1, 0)
            parts.append((kind[0], _total(places, p) if kind[2] is None else _inner(places, p, q)))
    return np.array(members)[order], _added_up(arrays, parts)


def _product_with_zeros(places: Places, pairs: Sequence[_Pairs]) -> tuple[Integers, int] | None:
    """Return sums of products as a product with a matrix with zeros where a sum has nothing, if they are one.

    Sums whose first factors are the same are a row of the product; what a factor multiplies in all of them is
    a row of its right side, such as the values at a position in causal attention. Returns which sum each
    element is.
    """
    place = places.position_of
    rows: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for k, row in enumerate(pairs):
        rows[tuple([p for p, _ in row])].append(k)
    empty = rows.pop((), [])
    sums = list(rows.values())
    if empty or len(sums[0]) < 2 or len({len(row) for row in sums}) > 1:
        return None
    right_rows: dict[tuple[int, ...], int] = {}
    entries = []
    for r, (factors, members) in enumerate(zip(rows, sums, strict=True)):
        members.sort(key=lambda k: place[pairs[k][0][1]])
        for t, p in enumerate(factors):
            multiplied = tuple([pairs[k][t][1] for k in members])
            entries.append((r, right_rows.setdefault(multiplied, len(right_rows)), p))
    of_rows, of_right, p = np.array(entries).T
    right = np.array(list(right_rows))
    is_twice = len(np.unique(of_rows * len(right) + of_right)) < len(p)
    if is_twice or not _is_dense(len(p), len(sums), len(right)):
        return None
    by_place = np.argsort(place[right[:, 0]], kind="stable")
    targets = of_rows * len(right) + np.argsort(by_place)[of_right]
    shape = (len(sums), len(right))
    left = _masked(places, p, targets, shape)
    if left is None:
        left = spread(places.arrays, places.operand(p, whole=True), targets, shape)
    values = transposed(places.arrays, places.operand(right[by_place], whole=True))
    return np.array(sums), linear(places.arrays, left, values)


def _masked(places: Places, p: Integers, targets: Integers, shape: Shape) -> int | None:
    """Return nodes in their places in a matrix of zeros as a part of their own matrix, such as a triangle."""
    arrays, source = places.arrays, places.source(p)
    if source is None or len(arrays.shape(source)) != 2:
        return None
    here, there = (
        np.unravel_index(positions, lengths)
        for positions, lengths in ((targets, shape), (places.position_of[p], arrays.shape(source)))
    )
    for axes in ((0, 1), (1, 0)):
        # Along each axis of their matrix: where the part begins, and how long it is.
        shifts = [index - here[axis] for index, axis in zip(there, axes, strict=True)]
        parts = [
            slice(int(shift[0]), int(shift[0]) + shape[axis], 1)
            for shift, axis in zip(shifts, axes, strict=True)
        ]
        fits = all(
            one.start >= 0 and one.stop <= n for one, n in zip(parts, arrays.shape(source), strict=True)
        )
        if fits and all((shift == shift[0]).all() for shift in shifts):
            mask = np.zeros(shape)
            mask.ravel()[targets] = 1.0
            part = section(arrays, source, Window(tuple(parts), axes))
            return elementwise(arrays, "where", constant(arrays, mask), part, constant(arrays, 0.0))
    return None


def _side_by_side(places: Places, ragged: dict[Any, list[_Pairs]]) -> list[_Part]:
    """Return of each kind all summands side by side, and for each sum the total of those that are its own."""
    parts = []
    for (sign, _, second), pairs in ragged.items():
        owners, p, q = np.array([(k, *pair) for k, row in enumerate(pairs) for pair in row]).T
        x = places.operand(p, whole=True)
        if second is not None:
            x = elementwise(places.arrays, "mul", x, places.operand(q, whole=True))
        parts.append((sign, spread(places.arrays, x, owners, (len(pairs),))))
    return parts
