"""Groups of scalars as operations on arrays: in which order the members stand, and where operands are found."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.lift.arrays import Arrays, Integers, Shape
from autograd_lite.lift.scalars import CONSTANT, SUM, Scalars
from autograd_lite.lift.schedule import INTERIOR, Group, kinds_of_nodes, schedule
from autograd_lite.notation import symbol

_CONSTANT_ARRAY = -2
_WASTE = 16


class Input(NamedTuple):
    """An argument: its name, its shape, and whether it comes once for each sample."""

    name: str
    shape: Shape
    batched: bool


def group(program: Scalars, inputs: Sequence[Input], at_most: float = math.inf) -> tuple[Arrays, int] | None:
    """Return the array program that computes the same, and the position of its root.

    Parameters
    ----------
    program : Scalars
    inputs : sequence of Input
        The arrays that the program's inputs have their places in.
    at_most : float, optional
        How many groups are worth it.

    Returns
    -------
    Arrays, int, or None
        None if there would be more groups.
    """
    groups = schedule(program)
    if len(groups) > at_most:
        return None
    grouping = _Grouping(program, inputs)
    for one in groups:
        grouping.add(one)
    root = grouping.operand(np.array(program.root))
    return grouping.arrays, root if grouping.arrays.nodes[root].batched else grouping.arrays.reshape(root, ())


class _Block(NamedTuple):
    """Terms of the same kind in all the sums of a group: the nodes in p times those in q, or those in p alone."""

    sign: int
    p: Integers
    q: Integers | None


class _Grouping:
    def __init__(self, program: Scalars, inputs: Sequence[Input]) -> None:
        self.program = program
        self.arrays = Arrays()
        self.array_of = np.full(len(program.ops), -1)
        self.position_of = np.zeros(len(program.ops), dtype=np.intp)
        self.values = np.array(program.values)
        numbers = []
        for number, (name, shape, batched) in enumerate(inputs):
            numbers.append(self.arrays.input(number, shape, batched))
            self.arrays.names[numbers[-1]] = name
        self.kinds = kinds_of_nodes(program)
        for i, (array, position) in program.inputs.items():
            self.array_of[i], self.position_of[i] = numbers[array], position
        for i, op in enumerate(program.ops):
            if op == CONSTANT:
                self.array_of[i] = _CONSTANT_ARRAY

    # --- where an operand is found ----------------------------------------------------------------------

    def operand(self, nodes: Integers, repeat: bool = False) -> int:
        """Return the array that holds the nodes, in their shape; axes along which they repeat have length 1."""
        arrays = np.unique(self.array_of[nodes])
        if arrays[-1] == _CONSTANT_ARRAY:
            return self._constants(nodes, repeat)
        if arrays[0] == _CONSTANT_ARRAY:
            self._give_constants_a_place(nodes)
            arrays = np.unique(self.array_of[nodes])
        if len(arrays) == 1:
            return self._aligned(self.arrays.at(int(arrays[0]), self.position_of[nodes], repeat), repeat)
        joined = self.arrays.join(tuple(map(int, arrays)))
        starts = np.cumsum([0, *map(self.arrays.size, arrays[:-1])])
        positions = self.position_of[nodes] + starts[np.searchsorted(arrays, self.array_of[nodes])]
        return self._aligned(self.arrays.at(joined, positions, repeat), repeat)

    def _aligned(self, x: int, repeat: bool) -> int:
        """Return it without axes of length 1 in front, which broadcasting adds by itself."""
        base, shape = self.arrays.base(x), self.arrays.shape(x)
        if math.prod(shape) == 1 and self.arrays.shape(base) == (1,) and not repeat:
            return base
        while shape and shape[0] == 1 and not repeat:
            shape = shape[1:]
        return self.arrays.reshape(x, shape)

    def _constants(self, nodes: Integers, repeat: bool) -> int:
        values = self.values[nodes]
        if not repeat:
            if (values == values.ravel()[0]).all():
                return self.arrays.constant(values.ravel()[0])
            for axis in range(values.ndim):
                first = values.take([0], axis=axis)
                if np.array_equal(np.broadcast_to(first, values.shape), values):
                    values = first
        return self.arrays.constant(values)

    def _give_constants_a_place(self, nodes: Integers) -> None:
        constants = np.unique(nodes[self.array_of[nodes] == _CONSTANT_ARRAY])
        self.array_of[constants] = self.arrays.constant(self.values[constants])
        self.position_of[constants] = np.arange(len(constants))

    # --- one operation of arrays for a group ------------------------------------------------------------

    def add(self, one: Group) -> None:
        """Add what computes a group, and note where its nodes are."""
        op, members, ragged = one
        if ragged:
            nodes, array = self._product_of_ragged(members) or self._ragged(members)
        elif op == SUM:
            nodes, array = self._sum(members)
        else:
            columns = np.array([self.program.operands[i] for i in members])
            order, shape = self._arranged(list(columns.T))
            nodes = np.array(members)[order].reshape(shape)
            ordered = columns[order].reshape(*shape, -1)
            array = self.arrays.map(op, *(self.operand(ordered[..., c]) for c in range(columns.shape[1])))
        if self.arrays.size(array) == nodes.size:
            array = self.arrays.reshape(array, nodes.shape)
        array = self.arrays.broadcast(array, nodes.shape)
        self.array_of[nodes] = array
        self.position_of[nodes] = np.arange(nodes.size).reshape(nodes.shape)
        self._name(array, nodes)

    def _name(self, array: int, nodes: Integers) -> None:
        label = self.program.labels[int(nodes.ravel()[0])]
        if label and array not in self.arrays.names:
            named = symbol(label)
            self.arrays.names[array] = f"{named.letter}{named.layer}"

    def _arranged(self, columns: list[Integers]) -> tuple[Integers, Shape]:
        """Return an order of a group's members, and their shape: that in which an operand is found already."""
        n = len(columns[0])
        best: tuple[int, Integers, Shape] = (0, np.arange(n), (n,))
        for column in columns:
            array, *others = np.unique(self.array_of[column])
            if others or array == _CONSTANT_ARRAY:
                continue
            positions = self.position_of[column]
            order = np.argsort(positions, kind="stable")
            if (np.diff(positions[order]) == 0).any():
                continue
            source = self.arrays.shape(int(array))
            score = 2 if n == self.arrays.size(int(array)) else 1
            if score > best[0]:
                best = score, order, source if score == 2 else _grid(source, positions[order])
        if best[0] == 0 and len(columns) > 1:
            return self._arranged_in_pairs(columns)
        return best[1:]

    def _arranged_in_pairs(self, columns: list[Integers]) -> tuple[Integers, Shape]:
        """Return an order in which the first two operands run through rows and columns, if they do."""
        first, second = ((self.array_of[c] << 40) + self.position_of[c] for c in columns[:2])
        order = np.lexsort((second, first))
        rows, columns_ = len(np.unique(first)), len(np.unique(second))
        complete = rows * columns_ == len(order) and len(
            np.unique(np.stack((first, second)), axis=1).T
        ) == len(order)
        return order, (rows, columns_) if complete and rows > 1 and columns_ > 1 else (len(order),)

    # --- sums -------------------------------------------------------------------------------------------

    def _blocks(self, members: list[int]) -> list[_Block]:
        """Return the terms of a group's sums, kind by kind, a row for each sum."""
        rows: dict[Any, list[Any]] = defaultdict(list)
        for i in members:
            for sign, p, q in self.program.operands[i]:  # type: ignore[misc]
                rows[sign, self.kinds[p], self.kinds[q] if q >= 0 else None].append((p, q))
        blocks = []
        for (sign, _, second), pairs in rows.items():
            terms = np.array(pairs).reshape(len(members), -1, 2)
            blocks.append(_Block(sign, terms[..., 0], None if second is None else terms[..., 1]))
        return blocks

    def _sum(self, members: list[int]) -> tuple[Integers, int]:
        blocks = self._blocks(members)
        order, shape = self._arranged_by_products(blocks)
        total: int | None = None
        for block in sorted(blocks, key=lambda block: (-block.sign, block.q is None)):
            p = block.p[order].reshape(*shape, -1)
            q = None if block.q is None else block.q[order].reshape(*shape, -1)
            piece = self._reduced(p) if q is None else self._contracted(p, q)
            if total is None:
                total = piece if block.sign > 0 else self.arrays.map("neg", piece)
            else:
                total = self.arrays.map("add" if block.sign > 0 else "sub", total, piece)
        if total is None:
            raise ValueError("a sum without terms")
        return np.array(members)[order].reshape(shape), total

    def _arranged_by_products(self, blocks: list[_Block]) -> tuple[Integers, Shape]:
        products = [block for block in blocks if block.q is not None and block.p.shape[1] > 1]
        if not products:
            return self._arranged(
                [column for b in blocks for part in (b.p, b.q) if part is not None for column in part.T]
            )
        p, q = products[0].p, products[0].q
        assert q is not None
        first, second = self._distinct(p), self._distinct(q)
        rows, columns = int(first.max()) + 1, int(second.max()) + 1
        # Weights, which come first in a product, lead to the columns: Z = A Wᵀ.
        is_matrix = self._is_whole_matrix(p) and not np.array_equal(p, q)
        if is_matrix or self.kinds[p[0, 0]] != INTERIOR:
            first, second, rows, columns = second, first, columns, rows
        complete = rows * columns == len(p) and len(np.unique(first * columns + second)) == len(p)
        if complete and ((rows > 1 and columns > 1) or is_matrix):
            shape = (rows, columns) if rows > 1 else (columns,)
            return np.lexsort((second, first)), shape
        if _is_dense(len(p), rows, columns):
            return np.lexsort((second, first)), (len(p),)
        return (np.arange(1), ()) if len(p) == 1 else self._arranged([p[:, 0], q[:, 0]])

    def _is_whole_matrix(self, nodes: Integers) -> bool:
        """Return whether the rows are those of an input, all of them."""
        arrays = np.unique(self.array_of[nodes])
        if len(arrays) > 1 or arrays[0] == _CONSTANT_ARRAY:
            return False
        array = self.arrays.nodes[arrays[0]]
        return (
            array.op == "input"
            and array.shape[1:] == nodes.shape[1:]
            and len(np.unique(nodes)) == math.prod(array.shape)
        )

    def _distinct(self, rows: Integers) -> Integers:
        """Return for each row a number that equal rows share, in the order of their places."""
        keys = (self.array_of[rows] << 40) + self.position_of[rows]
        constant = self.array_of[rows] == _CONSTANT_ARRAY
        keys[constant] = self.values[rows[constant]].view(np.int64)
        mixed = (keys * np.random.default_rng(0).integers(1, 2**62, keys.shape[1])).sum(axis=1)
        _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
        by_place = np.lexsort((first, keys[first, 0]))
        rank = np.empty(len(first), dtype=np.intp)
        rank[by_place] = np.arange(len(first))
        return rank[inverse.ravel()]

    def _reduced(self, p: Integers) -> int:
        """Return the sums along the last axis."""
        if p.shape[-1] == 1:
            return self.operand(p[..., 0])
        found = self.operand(self._columns_sorted(p)[0], repeat=True)
        return self._summed(found, p.ndim - 1)

    def _summed(self, x: int, left: int) -> int:
        """Sum over all axes but the first ones; a reshaping before a sum over everything is of no use."""
        node = self.arrays.nodes[x]
        if left == 0:
            return self.arrays.sum(node.operands[0] if node.op == "reshape" else x)
        return self.arrays.sum(x, (-1,))

    def _contracted(self, p: Integers, q: Integers) -> int:
        """Return the inner products along the last axis: as a matrix product, if rows and columns repeat."""
        if p.shape[-1] == 1:
            return self.arrays.map("mul", self.operand(p[..., 0]), self.operand(q[..., 0]))
        p, q = self._columns_sorted(p, q)
        repeats_p, repeats_q = self._repeats(p), self._repeats(q)
        if p.ndim == 3 and repeats_p[0] and repeats_q[1]:
            return self.arrays.linear(self.operand(q[:, 0], True), self.operand(p[0], True))
        if p.ndim == 3 and repeats_p[1] and repeats_q[0]:
            return self.arrays.linear(self.operand(p[:, 0], True), self.operand(q[0], True))
        if p.ndim == 2 and repeats_q[0]:
            return self.arrays.linear(self.operand(q[0], True), self.operand(p, True))
        if p.ndim == 2 and repeats_p[0]:
            return self.arrays.linear(self.operand(p[0], True), self.operand(q, True))
        if p.ndim == 2:
            first, second = self._distinct(p), self._distinct(q)
            if _is_dense(len(p), int(first.max()) + 1, int(second.max()) + 1):
                return self._part_of_a_product(p, q, first, second)
        whole_p, whole_q = self.operand(p, True), self.operand(q, True)
        if p.ndim == 1:
            # All elements of two arrays of one shape: their rows need not be laid end to end.
            nodes = self.arrays.nodes[whole_p], self.arrays.nodes[whole_q]
            if all(node.op == "reshape" for node in nodes):
                a, b = (node.operands[0] for node in nodes)
                if self.arrays.shape(a) == self.arrays.shape(b):
                    whole_p, whole_q = a, b
        return self._summed(self.arrays.map("mul", whole_p, whole_q), p.ndim - 1)

    def _part_of_a_product(self, p: Integers, q: Integers, rows: Integers, columns: Integers) -> int:
        """Return inner products that are some of the elements of a matrix product, as in causal attention."""
        _, of_rows = np.unique(rows, return_index=True)
        _, of_columns = np.unique(columns, return_index=True)
        whole = self.arrays.linear(self.operand(p[of_rows], True), self.operand(q[of_columns], True))
        return self.arrays.at(whole, rows * len(of_columns) + columns)

    def _columns_sorted(self, p: Integers, *others: Integers) -> list[Integers]:
        """Return the terms in the order in which those of the first sum lie in their array."""
        first = p.reshape(-1, p.shape[-1])[0]
        order = np.lexsort((self.position_of[first], self.array_of[first]))
        return [part[..., order] for part in (p, *others)]

    def _repeats(self, nodes: Integers) -> list[bool]:
        """Return for each axis but the last whether the nodes are the same all along it."""
        same = np.where(self.array_of[nodes] == _CONSTANT_ARRAY, self.values[nodes], nodes)
        return [bool((same == same.take([0], axis=axis)).all()) for axis in range(nodes.ndim - 1)]

    def _product_of_ragged(self, members: list[int]) -> tuple[Integers, int] | None:
        """Sums of different lengths as a product with a matrix that has zeros where a sum has no term.

        Sums whose first factors are the same are a row of the product; what a term multiplies in all of them
        is a row of its right side, such as a position's values in causal attention.
        """
        rows: dict[Any, list[int]] = defaultdict(list)
        for i in members:
            terms: Any = self.program.operands[i]
            if any([sign < 0 or q < 0 for sign, _, q in terms]):
                return None
            rows[tuple([p for _, p, _ in terms])].append(i)
        sums = list(rows.values())
        if len({len(row) for row in sums}) > 1 or len(sums[0]) < 2:
            return None
        place = self.position_of
        for row in sums:
            row.sort(key=lambda i: place[self.program.operands[i][0][2]])  # type: ignore[index]
        inner: dict[Any, int] = {}
        entries = []
        for r, (factors, row) in enumerate(zip(rows, sums, strict=True)):
            for t, p in enumerate(factors):
                multiplied = tuple([self.program.operands[i][t][2] for i in row])  # type: ignore[index]
                entries.append((r, inner.setdefault(multiplied, len(inner)), p))
        of_rows, of_inner, p = np.array(entries).T
        right = np.array(list(inner))
        if len(set(zip(of_rows.tolist(), of_inner.tolist(), strict=True))) < len(p):
            return None
        if not _is_dense(len(p), len(sums), len(right)):
            return None
        by_place = np.argsort(place[right[:, 0]], kind="stable")
        rank = np.argsort(by_place)
        targets = of_rows * len(right) + rank[of_inner]
        left = self.arrays.spread(self.operand(p, True), targets, (len(sums), len(right)))
        return np.array(sums), self.arrays.linear(
            left, self.arrays.transposed(self.operand(right[by_place], True))
        )

    def _ragged(self, members: list[int]) -> tuple[Integers, int]:
        """Sums of different lengths: all terms side by side, and of each sum those that are its own."""
        terms = [(i, *term) for i, node in enumerate(members) for term in self.program.operands[node]]
        owners, signs, p, q = np.array(terms).T
        totals = []
        for chosen in (q >= 0, q < 0):
            if chosen.any():
                summands = self.operand(p[chosen], True)
                if q[chosen][0] >= 0:
                    summands = self.arrays.map("mul", summands, self.operand(q[chosen], True))
                if (signs[chosen] < 0).any():
                    summands = self.arrays.map("mul", self.arrays.constant(signs[chosen]), summands)
                totals.append(self.arrays.spread(summands, owners[chosen], (len(members),)))
        return np.array(members), totals[0] if len(totals) == 1 else self.arrays.map("add", *totals)


def _is_dense(n: int, rows: int, columns: int) -> bool:
    """Return whether n elements that share rows and columns are worth all of a matrix product."""
    return n > max(rows, columns) and rows * columns <= _WASTE * n


def _grid(shape: Shape, positions: Integers) -> Shape:
    """Return the shape of a part of an array, if it consists of whole rows and columns, else of a list."""
    lengths = [len(np.unique(index)) for index in np.unravel_index(positions, shape)] if shape else []
    product = int(np.prod(lengths))
    return tuple(n for n in lengths if n > 1) if product == len(positions) else (len(positions),)
