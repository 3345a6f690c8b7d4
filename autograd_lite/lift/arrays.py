"""The array program: a few operations on arrays, each known by position, that compute what the scalars did.

Shapes leave out the batch axis: an array that has one for each sample is *batched*, and its batch axis comes
first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite.ops import RULES

Integers: TypeAlias = npt.NDArray[np.intp]
Shape: TypeAlias = tuple[int, ...]


class View(NamedTuple):
    """Basic indexing of an array: an index or a slice for each of its axes, then an order of those that stay."""

    indices: tuple[int | slice, ...]
    axes: tuple[int, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what two equal views have in common; slices have no hash."""
        return tuple(str(index) for index in self.indices), self.axes


class Node(NamedTuple):
    """One operation on arrays.

    Attributes
    ----------
    op : str
        ``input``, ``constant``; ``map`` and ``partial``, a row of the rule book and its derivatives element by
        element; ``linear`` x Wᵀ, ``back`` z W and ``outer`` zᵀ x, the products of the derivations; ``sum``;
        ``take`` and its adjoint ``spread``; ``view`` and its adjoint ``place``; ``reshape``, ``broadcast``,
        ``as_whole``, ``join``; ``over_batch``, ``average`` and ``share``, of the batch.
    operands : tuple of int
    detail : any
        What else it needs: the row, the axes, the positions, …
    shape : tuple of int
    batched : bool
    """

    op: str
    operands: tuple[int, ...]
    detail: Any
    shape: Shape
    batched: bool


class Arrays:
    """An array program under construction: each method adds an operation and returns its position.

    The same operation on the same operands is kept once.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.names: dict[int, str] = {}
        self._known: dict[Any, int] = {}

    def _add(
        self, op: str, operands: tuple[int, ...], detail: Any, shape: Shape, key: Any, batched: bool | None = None
    ) -> int:
        whole = op, operands, key, shape
        if whole not in self._known:
            self._known[whole] = len(self.nodes)
            if batched is None:
                batched = any(self.nodes[x].batched for x in operands)
            self.nodes.append(Node(op, operands, detail, tuple(map(int, shape)), batched))
        return self._known[whole]

    def shape(self, x: int) -> Shape:
        """Return the shape of an array."""
        return self.nodes[x].shape

    def size(self, x: int) -> int:
        """Return the number of its elements."""
        return math.prod(self.nodes[x].shape)

    def input(self, number: int, shape: Shape, batched: bool) -> int:
        """Return the input with this number."""
        return self._add("input", (), number, shape, number, batched)

    def constant(self, values: Any) -> int:
        """Return an array of constants, a literal where they are all the same."""
        array = np.asarray(values, dtype=float)
        if array.ndim == 0:
            return self._add("constant", (), float(array), (), (float(array).hex(),), False)
        return self._add("constant", (), array, array.shape, array.tobytes(), False)

    def map(self, row: str, *operands: int) -> int:
        """Return a row of the rule book, element by element."""
        if row == "add" and operands[0] == operands[1]:
            row, operands = "mul", (self.constant(2.0), operands[0])
        literals = [self._literal(x) for x in operands]
        if None not in literals:
            return self.constant(RULES[row].compute(*literals))
        if row == "mul":
            return self._product(operands, literals)
        return self._add("map", operands, row, self._broadcast(operands), row)

    def _product(self, operands: tuple[int, ...], literals: list[float | None]) -> int:
        """Return a product with its numbers multiplied into one, which stands in front."""
        factor, rest = 1.0, []
        for x, literal in zip(operands, literals, strict=True):
            node = self.nodes[x]
            inner = self._literal(node.operands[0]) if node.op == "map" and node.detail == "mul" else None
            if literal is not None:
                factor *= literal
            elif inner is not None and None in literals and len(set(literals)) == 2:
                factor *= inner
                rest.append(node.operands[1])
            else:
                rest.append(x)
        if len(rest) == 1 and factor == 1.0:
            return rest[0]
        if len(rest) == 1:
            rest = [self.constant(factor), rest[0]]
        return self._add("map", tuple(rest), "mul", self._broadcast(tuple(rest)), "mul")

    def _literal(self, x: int) -> float | None:
        node = self.nodes[x]
        return node.detail if node.op == "constant" and not node.shape else None

    def partial(self, row: str, i: int, result: int, *operands: int) -> int:
        """Return the partial derivative of a row by its operand i, element by element."""
        return self._add("partial", operands, (row, i, result), self._broadcast(operands), (row, i))

    def _broadcast(self, operands: tuple[int, ...]) -> Shape:
        return np.broadcast_shapes(*(self.shape(x) for x in operands))

    def linear(self, x: int, W: int) -> int:
        """Return x Wᵀ: for every row of x, or x itself, its inner products with the rows of W."""
        return self._add("linear", (x, W), None, (*self.shape(x)[:-1], *self.shape(W)[:-1]), None)

    def back(self, z: int, W: int) -> int:
        """Return z W."""
        return self._add("back", (z, W), None, (*self.shape(z)[:-1], self.shape(W)[-1]), None)

    def outer(self, z: int, x: int, batched: bool) -> int:
        """Return zᵀ x, summed over the rows, and over the batch unless the result is batched."""
        shape = self.shape(z)[-1], self.shape(x)[-1]
        return self._add("outer", (z, x), None, shape, batched, batched)

    def sum(self, x: int, axes: tuple[int, ...] | None = None) -> int:
        """Return the sum over axes, counted from the right, that go; over all by default."""
        shape = self.shape(x)
        axes = tuple(range(-len(shape), 0)) if axes is None else axes
        if not axes:
            return x
        rest = tuple(n for i, n in enumerate(shape, -len(shape)) if i not in axes)
        return self._add("sum", (x,), axes, rest, axes)

    def over_batch(self, x: int) -> int:
        """Return the sum over the batch."""
        return self._add("over_batch", (x,), None, self.shape(x), None, False)

    def average(self, x: int) -> int:
        """Return the mean over the batch of a number for each sample."""
        return self._add("average", (x,), None, (), None, False)

    def share(self, x: int) -> int:
        """Return one over the number of samples in a batched array."""
        return self._add("share", (x,), None, (), None, False)

    def reshape(self, x: int, shape: Shape) -> int:
        """Return the elements in another shape."""
        if self.shape(x) == tuple(shape):
            return x
        node = self.nodes[x]
        if node.op == "reshape":
            return self.reshape(node.operands[0], shape)
        return self._add("reshape", (x,), None, shape, None)

    def broadcast(self, x: int, shape: Shape) -> int:
        """Return it repeated to a shape."""
        return x if self.shape(x) == tuple(shape) else self._add("broadcast", (x,), None, shape, None)

    def as_whole(self, x: int, like: int) -> int:
        """Return it repeated to the shape, and the batch, of another array."""
        node, other = self.nodes[x], self.nodes[like]
        if node.shape == other.shape and node.batched == other.batched:
            return x
        return self._add("as_whole", (x, like), None, other.shape, None)

    def view(self, x: int, view: View) -> int:
        """Return a part by basic indexing."""
        lengths = [
            len(range(n)[index])
            for index, n in zip(view.indices, self.shape(x), strict=True)
            if isinstance(index, slice)
        ]
        return self._add("view", (x,), view, tuple(lengths[axis] for axis in view.axes), view.key)

    def place(self, parts: Sequence[tuple[int, View]], like: int) -> int:
        """Return zeros in the shape of an array, with parts added in their places."""
        operands = (like, *(x for x, _ in parts))
        views = [view for _, view in parts]
        return self._add("place", operands, views, self.shape(like), tuple(view.key for view in views))

    def take(self, x: int, positions: Integers) -> int:
        """Return the elements at positions of the flattened array."""
        return self._add("take", (x,), positions, positions.shape, positions.tobytes())

    def spread(self, x: int, targets: Integers, shape: Shape) -> int:
        """Return, in a shape, the sums of the elements of x that have the same target."""
        return self._add("spread", (x,), targets.ravel(), shape, targets.tobytes())

    def join(self, xs: tuple[int, ...]) -> int:
        """Return several arrays, flattened, one after another."""
        return self._add("join", xs, None, (sum(map(self.size, xs)),), None)

    # --- finding elements -------------------------------------------------------------------------------

    def at(self, x: int, positions: Integers, repeat: bool = True) -> int:
        """Return the elements of x at positions: itself, a reshaping or a view if possible, else by ``take``.

        Parameters
        ----------
        x : int
        positions : array of int
            In the flattened array; their shape is that of the result.
        repeat : bool
            Whether an axis along which all are the same is to have its length; else its length is 1.

        Returns
        -------
        int
        """
        wanted = positions.shape
        for axis in range(positions.ndim):
            first = positions.take([0], axis=axis)
            if positions.shape[axis] > 1 and np.array_equal(np.broadcast_to(first, positions.shape), positions):
                positions = first
        core = self._core(x, positions.squeeze())
        found = self.reshape(core, positions.shape)
        return self.broadcast(found, wanted) if repeat else found

    def _core(self, x: int, positions: Integers) -> int:
        size = self.size(x)
        if positions.size == size and np.array_equal(positions.ravel(), np.arange(size)):
            return self.reshape(x, positions.shape)
        view = view_of(self.shape(x), positions)
        if view is not None:
            return self.view(x, view)
        start = int(positions.ravel()[0])
        if np.array_equal(positions.ravel(), np.arange(start, start + positions.size)):
            flat = self.reshape(x, (size,))
            part = self.view(flat, View((slice(start, start + positions.size, 1),), (0,)))
            return self.reshape(part, positions.shape)
        return self.take(x, positions)


def view_of(shape: Shape, positions: Integers) -> View | None:
    """Return the basic indexing that gives the elements at positions, or None if there is none.

    Parameters
    ----------
    shape : tuple of int
        Of the array.
    positions : array of int
        In the flattened array, without axes of length 1.

    Returns
    -------
    View or None

    Examples
    --------
    >>> view_of((3, 4), np.array([[1, 5, 9], [3, 7, 11]]))
    View(indices=(slice(0, 3, 1), slice(1, 5, 2)), axes=(1, 0))
    """
    if not shape:
        return None
    origin = positions[(0,) * positions.ndim]
    steps = [
        int(positions[tuple(int(i == axis) for i in range(positions.ndim))] - origin) for axis in range(positions.ndim)
    ]
    affine = origin + sum(
        np.arange(n).reshape([-1 if i == axis else 1 for i in range(positions.ndim)]) * step
        for axis, (n, step) in enumerate(zip(positions.shape, steps, strict=True))
    )
    if not np.array_equal(np.broadcast_to(affine, positions.shape), positions):
        return None
    start = [int(i) for i in np.unravel_index(origin, shape)]
    indices: list[int | slice] = list(start)
    source_axes: list[int] = []
    for n, step in zip(positions.shape, steps, strict=True):
        for axis in range(len(shape)):
            stride = math.prod(shape[axis + 1 :])
            count, rest = divmod(step, stride)
            last = start[axis] + count * (n - 1)
            if step > 0 and not rest and axis not in source_axes and last < shape[axis]:
                indices[axis] = slice(start[axis], min(last + count, shape[axis]) if count > 1 else last + 1, count)
                source_axes.append(axis)
                break
        else:
            return None
    kept = sorted(source_axes)
    return View(tuple(indices), tuple(kept.index(axis) for axis in source_axes))
