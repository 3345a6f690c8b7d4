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
    """Basic indexing: an index or a slice for each axis of an array, then an order of those that stay."""

    indices: tuple[int | slice, ...]
    axes: tuple[int, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what two equal views have in common; slices have no hash."""
        return tuple(str(index) for index in self.indices), self.axes


class Derivative(NamedTuple):
    """The partial derivative of a row of the rule book by its operand i, where the row was applied."""

    row: str
    i: int
    result: int
    operands: tuple[int, ...]


class Node(NamedTuple):
    """One operation on arrays.

    Attributes
    ----------
    op : str
        ``input``, ``constant``, ``result``; ``map``, a row of the rule book element by element, and
        ``chain``, an adjoint times a partial derivative of a row; ``linear`` x Wᵀ, ``back`` z W and ``outer``
        zᵀ x, the products of the derivations; ``sum``; ``take``, ``rows`` and their adjoint ``spread``;
        ``view`` and its adjoint ``place``; ``reshape``, ``broadcast``, ``as_whole``, ``join``;
        ``over_batch``, ``average``, ``samples`` and ``share``, of the batch.
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
        self,
        op: str,
        operands: tuple[int, ...],
        detail: Any,
        shape: Shape,
        key: Any,
        batched: bool | None = None,
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
        literals = [self.literal(x) for x in operands]
        if None not in literals:
            try:
                return self.constant(RULES[row].compute(*literals))
            except (ArithmeticError, ValueError):
                pass  # the program has to meet it when it runs
        if row == "div" and literals[1] and math.isfinite(1 / literals[1]):
            return self._scaled(1 / literals[1], operands[0])
        if row == "neg":
            return self._scaled(-1.0, operands[0])
        if row == "add" and operands[0] == operands[1]:
            return self._scaled(2.0, operands[0])
        first, *others = (self.nodes[x] for x in operands)
        if row == "add" and first.op == others[0].op == "share":
            return self.share(first.detail + others[0].detail)
        if row == "mul":
            for factor, other in zip(literals, reversed(operands), strict=True):
                if factor is not None:
                    return self._scaled(factor, other)
        return self._add("map", operands, row, self._broadcast(operands), row)

    def _scaled(self, factor: float, x: int) -> int:
        """Return the product of a number and an array, with one factor if the array is such a product."""
        node = self.nodes[x]
        if factor == 1:
            return x
        if node.op == "share":
            return self.share(factor * node.detail)
        inner = self.literal(node.operands[0]) if node.op == "map" and node.detail == "mul" else None
        if inner is not None:
            return self._scaled(factor * inner, node.operands[1])
        return self._add("map", (self.constant(factor), x), "mul", node.shape, "mul")

    def literal(self, x: int) -> float | None:
        """Return the number that an operation is, or None."""
        node = self.nodes[x]
        return node.detail if node.op == "constant" and not node.shape else None

    def is_number(self, x: int) -> bool:
        """Return whether an operation is a Python number, which broadcasts beside any array."""
        node = self.nodes[x]
        if node.op == "map":
            return all(map(self.is_number, node.operands))
        return node.op in ("share", "samples") or self.literal(x) is not None

    def chain(self, adjoint: int, derivative: Derivative, needed: tuple[int, ...]) -> int:
        """Return an adjoint times a derivative, written with the arrays needed, element by element."""
        row, i, _, operands = derivative
        return self._add(
            "chain", (adjoint, *needed), derivative, self._broadcast((adjoint, *needed)), (row, i, operands)
        )

    def _broadcast(self, operands: tuple[int, ...]) -> Shape:
        return np.broadcast_shapes(*(self.shape(x) for x in operands))

    def linear(self, x: int, W: int) -> int:
        """Return x Wᵀ: the inner products of the rows of x, or x itself, with those of W, or W itself."""
        return self._add("linear", (x, W), None, (*self.shape(x)[:-1], *self.shape(W)[:-1]), None)

    def back(self, z: int, W: int) -> int:
        """Return z W, the adjoint of x in x Wᵀ from that of the product."""
        rows = self.shape(z)[: len(self.shape(z)) - len(self.shape(W)) + 1]
        return self._add("back", (z, W), None, (*rows, self.shape(W)[-1]), None)

    def outer(self, z: int, x: int, W: int) -> int:
        """Return zᵀ x, the adjoint of W in x Wᵀ: summed over rows and, unless W is batched, the batch."""
        shape, batched = self.shape(W), self.nodes[W].batched
        return self._add("outer", (z, x), None, shape, batched, batched)

    def sum(self, x: int, axes: tuple[int, ...] | None = None) -> int:
        """Return the sum over axes, counted from the right, that go; over all by default."""
        shape = self.shape(x)
        axes = tuple(range(-len(shape), 0)) if axes is None else axes
        if not axes:
            return x
        node = self.nodes[x]
        if node.op == "constant":
            return self.constant(node.detail.sum(axis=axes))
        rest = tuple(n for i, n in enumerate(shape, -len(shape)) if i not in axes)
        return self._add("sum", (x,), axes, rest, axes)

    def over_batch(self, x: int) -> int:
        """Return the sum over the batch."""
        return self._add("over_batch", (x,), None, self.shape(x), None, False)

    def average(self, x: int) -> int:
        """Return the mean over the batch of a number for each sample."""
        return self._add("average", (x,), None, (), None, False)

    def samples(self) -> int:
        """Return the number of samples."""
        batch = next(x for x, node in enumerate(self.nodes) if node.op == "input" and node.batched)
        x = self._add("samples", (batch,), None, (), None, False)
        self.names[x] = "n"
        return x

    def share(self, factor: float = 1.0) -> int:
        """Return a number over that of the samples."""
        return self._add("share", (self.samples(),), factor, (), factor)

    def times_samples(self, x: int) -> int:
        """Return x times the number of samples."""
        node = self.nodes[x]
        if node.op == "share":
            return self.constant(node.detail)
        return self.map("mul", self.samples(), x)

    def result(self, x: int, copied: bool) -> int:
        """Return an array under another name, or a copy of it."""
        node = self.nodes[x]
        self.nodes.append(Node("result", (x,), copied, node.shape, node.batched))
        return len(self.nodes) - 1

    def reshape(self, x: int, shape: Shape) -> int:
        """Return the elements in another shape."""
        if self.shape(x) == tuple(shape) or (self.is_number(x) and math.prod(shape) == 1):
            return x
        node = self.nodes[x]
        if node.op == "reshape":
            return self.reshape(node.operands[0], shape)
        return self._add("reshape", (x,), None, shape, None)

    def base(self, x: int) -> int:
        """Return the array that was reshaped."""
        return self.nodes[x].operands[0] if self.nodes[x].op == "reshape" else x

    def broadcast(self, x: int, shape: Shape) -> int:
        """Return it repeated to a shape."""
        if self.shape(x) == tuple(shape):
            return x
        number = self.literal(x)
        if number is not None:
            return self.constant(np.full(shape, number))
        return self._add("broadcast", (x,), None, shape, None)

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

    def transposed(self, x: int) -> int:
        """Return a matrix with rows and columns exchanged."""
        rows, columns = self.shape(x)
        return self.view(x, View((slice(0, rows, 1), slice(0, columns, 1)), (1, 0)))

    def place(self, parts: Sequence[tuple[int, View]], like: int) -> int:
        """Return zeros in the shape of an array, with parts added in their places."""
        operands = (like, *(x for x, _ in parts))
        views = [view for _, view in parts]
        return self._add("place", operands, views, self.shape(like), tuple(view.key for view in views))

    def take(self, x: int, positions: Integers) -> int:
        """Return the elements at positions of the flattened array."""
        return self._add("take", (x,), positions, positions.shape, positions.tobytes())

    def rows(self, x: int, chosen: Integers) -> int:
        """Return rows of a matrix, also several times."""
        return self._add("rows", (x,), chosen, (len(chosen), self.shape(x)[1]), chosen.tobytes())

    def spread(self, x: int, targets: Integers, shape: Shape) -> int:
        """Return, in a shape, the sums of the elements of x that have the same target.

        Such a sum is one along an axis, over places that are filled up with zeros. Where that would take too
        many of them, since one target has far more elements than others, its elements are summed in portions.
        """
        targets = targets.ravel()
        counts = np.bincount(targets, minlength=math.prod(shape))
        if int(counts.max(initial=0)) * len(counts) > 4 * (len(targets) + len(counts)) + 64:
            width = max(8, 2 * len(targets) // int(np.count_nonzero(counts)))
            portion = targets * len(targets) + ranks(targets) // width
            first, rows = np.unique(portion, return_inverse=True)
            return self.spread(self._spread(x, rows, (len(first),)), first // len(targets), shape)
        return self._spread(x, targets, shape)

    def _spread(self, x: int, targets: Integers, shape: Shape) -> int:
        return self._add("spread", (x,), targets, shape, targets.tobytes())

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
            if positions.shape[axis] > 1 and np.array_equal(
                np.broadcast_to(first, positions.shape), positions
            ):
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
        chosen = self._whole_rows(x, positions)
        return self.take(x, positions) if chosen is None else self.rows(x, chosen)

    def _whole_rows(self, x: int, positions: Integers) -> Integers | None:
        """Return which rows of a matrix these are, if they are rows."""
        shape = self.shape(x)
        if len(shape) != 2 or positions.ndim != 2 or positions.shape[1] != shape[1]:
            return None
        chosen = positions[:, 0] // shape[1]
        whole = chosen[:, None] * shape[1] + np.arange(shape[1])
        return chosen if np.array_equal(whole, positions) else None


def ranks(targets: Integers) -> Integers:
    """Return for each target how many of those before it are the same.

    Parameters
    ----------
    targets : array of int

    Returns
    -------
    array of int

    Examples
    --------
    >>> ranks(np.array([5, 2, 5, 5, 2]))
    array([0, 0, 1, 2, 1])
    """
    order = np.argsort(targets, kind="stable")
    counts = np.bincount(targets)
    result = np.empty(len(targets), dtype=np.intp)
    result[order] = np.arange(len(targets)) - np.repeat(np.cumsum(counts) - counts, counts)
    return result


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
    View(indices=(slice(0, 3, 1), slice(1, 4, 2)), axes=(1, 0))
    """
    if not shape:
        return None
    origin = positions[(0,) * positions.ndim]
    steps = [
        int(positions[tuple(int(i == axis) for i in range(positions.ndim))] - origin)
        for axis in range(positions.ndim)
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
                indices[axis] = slice(
                    start[axis], min(last + count, shape[axis]) if count > 1 else last + 1, count
                )
                source_axes.append(axis)
                break
        else:
            return None
    kept = sorted(source_axes)
    return View(tuple(indices), tuple(kept.index(axis) for axis in source_axes))
