"""Sections of an array, and arrays made of what comes back to their sections."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Node, Shape, Window
from autograd_lite.lifting.operations.row import Contributions, Placed, Row
from autograd_lite.lifting.operations.shapes import as_whole
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text


class _Section(Row):
    """What is seen of an array through a window."""

    def __call__(self, arrays: Arrays, x: int, window: Window) -> int:
        node = arrays.nodes[x]
        if node.op == self.name and node.detail.is_in_order:
            (a,) = node.operands
            return self(arrays, a, _within(arrays.shape(a), node.detail, window))
        lengths = [
            len(range(n)[index])
            for index, n in zip(window.indices, arrays.shape(x), strict=True)
            if isinstance(index, slice)
        ]
        return arrays.add(self.name, (x,), tuple(lengths[axis] for axis in window.axes), window, window.key)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,), window = node.operands, node.detail
        d = as_whole(arrays, d, x)
        if arrays.size(x) == arrays.size(a):
            # All of it, with its axes in another order.
            slices = tuple(slice(0, n, 1) for n in arrays.shape(d))
            yield a, self(arrays, d, Window(slices, window.inverse_axes))
        else:
            yield a, Placed(d, window)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,), window = node.operands, node.detail
        text = w.atom(a)
        if not all(i == slice(0, n, 1) for i, n in zip(window.indices, w.arrays.shape(a), strict=True)):
            text = f"{text}[{_indices(window, w.arrays.shape(a), node.batched)}]"
        return Text(_permuted(text, window.axes, node.batched))


def _within(shape: Shape, outer: Window, inner: Window) -> Window:
    """Return what is seen of an array through a window behind another one, which leaves the axes in order."""
    parts, indices = iter(inner.indices), list(outer.indices)
    for axis, index in enumerate(outer.indices):
        if isinstance(index, slice):
            seen = range(shape[axis])[index][next(parts)]
            indices[axis] = seen if isinstance(seen, int) else slice(seen.start, seen.stop, seen.step)
    return Window(tuple(indices), inner.axes)


class _Place(Row):
    """Zeros in the shape of an array, with what comes back to its sections added in their places."""

    def __call__(self, arrays: Arrays, parts: Sequence[Placed], like: int) -> int:
        windows = [part.window for part in parts]
        operands = (like, *(part.array for part in parts))
        key = tuple(window.key for window in windows)
        return arrays.add(self.name, operands, arrays.shape(like), windows, key)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        """Write statements; what is left is the name of the result."""
        like, *parts = node.operands
        name = w.new_name(x)
        untouched, has_holes = np.ones(node.shape, dtype=bool), False
        statements = []
        by_size = sorted(zip(parts, node.detail, strict=True), key=lambda one: -w.arrays.size(one[0]))
        for part, window in by_size:
            # The part has the window's axes in order; in the array they lie as they do there.
            text = w.text(part) if window.is_in_order else w.atom(part)
            text = _permuted(text, window.inverse_axes, w.arrays.nodes[part].batched)
            is_first = bool(untouched[window.indices].all())
            has_holes |= not is_first and bool(untouched[window.indices].any())
            untouched[window.indices] = False
            index = _indices(window, node.shape, node.batched)
            statements.append(f"{name}[{index}] {'=' if is_first else '+='} {text}")
        made = "zeros_like" if has_holes or untouched.any() else "empty_like"
        w.lines += [f"{name} = np.{made}({w.text(like)})", *statements]
        return Text(name)


def _indices(window: Window, shape: Shape, batched: bool) -> str:
    texts = [":"] if batched else []
    for index, n in zip(window.indices, shape, strict=True):
        if isinstance(index, int):
            texts.append(str(index))
        elif index == slice(0, n, 1):
            texts.append(":")
        else:
            step = f":{index.step}" if index.step != 1 else ""
            texts.append(f"{index.start or ''}:{index.stop}{step}")
    return ", ".join(texts)


def _permuted(text: str, axes: tuple[int, ...], batched: bool) -> str:
    if axes == tuple(range(len(axes))):
        return text
    if axes == (1, 0):
        return f"{text}.mT" if batched else f"{text}.T"
    if axes == (0, 2, 1):
        return f"{text}.mT"
    return f"np.permute_dims({text}, {(0, *(axis + 1 for axis in axes)) if batched else axes})"


def transposed(arrays: Arrays, x: int) -> int:
    """Return a matrix with rows and columns exchanged."""
    rows, columns = arrays.shape(x)
    return section(arrays, x, Window((slice(0, rows, 1), slice(0, columns, 1)), (1, 0)))


section = _Section("section", price=0.0, is_free=True, lends=True)
place = _Place("place", price=4.0, writes_itself=True)
