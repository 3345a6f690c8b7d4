"""Products with a matrix W: x Wᵀ, and what it gives back to either."""

from __future__ import annotations

import math
from collections.abc import Collection

from autograd_lite.lifting.arrays import Arrays, Node, Window
from autograd_lite.lifting.operations.row import Contributions, Row
from autograd_lite.lifting.operations.sections import section
from autograd_lite.lifting.operations.shapes import as_whole
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Binds, Text


class _Linear(Row):
    """x Wᵀ: the inner products of the rows of x, or x itself, with those of W."""

    def __call__(self, arrays: Arrays, x: int, W: int) -> int:
        return arrays.add(self.name, (x, W), (*arrays.shape(x)[:-1], arrays.shape(W)[0]))

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        a, W = node.operands
        z = as_whole(arrays, d, x)
        if a in needed:
            yield a, back(arrays, z, W)
        if W in needed:
            yield W, outer(arrays, z, a, W)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        a, W = node.operands
        left = w.within(a, Binds.SIGN)
        if not w.arrays.nodes[W].batched:
            return Text(f"{left} @ {_transposed_text(w.atom(W))}", Binds.MATMUL)
        # Each sample has its own W.
        if len(w.arrays.shape(a)) > 1:
            return Text(f"{left} @ {w.atom(W)}.mT", Binds.MATMUL)
        return Text(f"({w.atom(W)} @ {w.atom(a)}[..., None])[..., 0]")


class _Back(Row):
    """z W, the adjoint of x in x Wᵀ from that of the product."""

    def __call__(self, arrays: Arrays, z: int, W: int) -> int:
        return arrays.add(self.name, (z, W), (*arrays.shape(z)[:-1], arrays.shape(W)[1]))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        z, W = node.operands
        if not w.arrays.nodes[W].batched or len(w.arrays.shape(z)) > 1:
            return Text(f"{w.within(z, Binds.SIGN)} @ {w.atom(W)}", Binds.MATMUL)
        return Text(f"({w.atom(z)}[..., None, :] @ {w.atom(W)})[..., 0, :]")

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        return "B4, A9: ∂C/∂a = Wᵀ ∂C/∂z"


class _Outer(Row):
    """zᵀ x, the adjoint of W in x Wᵀ: summed over rows and, unless W is batched, the batch."""

    def __call__(self, arrays: Arrays, z: int, x: int, W: int) -> int:
        batched = arrays.nodes[W].batched
        return arrays.add(self.name, (z, x), arrays.shape(W), None, batched, batched)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        if node.batched:
            return self._of_samples(w, *node.operands)
        z, a = (w.arrays.nodes[y] for y in node.operands)
        # Rows of all samples are rows; a factor without samples is multiplied by the sum of the other.
        if z.batched != a.batched:
            left, right = (self._summed(w, y) for y in node.operands)
        else:
            left, right = (self._as_rows(w, y) for y in node.operands)
        if len(a.shape) + (z.batched and a.batched) == 1:
            return Text(f"{left.within(Binds.ATOM)}[:, None] * {right.within(Binds.PRODUCT)}", Binds.PRODUCT)
        left_text = _transposed_text(left.within(Binds.ATOM))
        return Text(f"{left_text} @ {right.within(Binds.ATOM)}", Binds.MATMUL)

    def _summed(self, w: Writer, x: int) -> Text:
        return Text(f"np.sum({w.text(x)}, axis=0)") if w.arrays.nodes[x].batched else w.texts[x]

    def _as_rows(self, w: Writer, x: int) -> Text:
        node = w.arrays.nodes[x]
        if not node.batched or len(node.shape) == 1:
            return w.texts[x]
        return Text(f"np.reshape({w.text(x)}, (-1, {node.shape[-1]}))")

    def _of_samples(self, w: Writer, z: int, x: int) -> Text:
        if len(w.arrays.shape(x)) > 1:
            return Text(f"{w.atom(z)}.mT @ {w.atom(x)}", Binds.MATMUL)
        return Text(f"{w.atom(z)}[..., None] * {w.atom(x)}[..., None, :]", Binds.PRODUCT)

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        z = arrays.nodes[node.operands[0]]
        is_batch = len(z.shape) > 1 or (z.batched and not node.batched)
        return "B2, A5: ∂C/∂W = Σₛ ∂C/∂z aᵀ" if is_batch else "B2: ∂C/∂W = ∂C/∂z aᵀ"


class _Stacked(Row):
    """x Wᵀ of each pair of matrices in two stacks."""

    def __call__(self, arrays: Arrays, x: int, W: int) -> int:
        return arrays.add(self.name, (x, W), (*arrays.shape(x)[:-1], arrays.shape(W)[-2]))

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        a, W = node.operands
        z = as_whole(arrays, d, x)
        if a in needed:
            yield a, self(arrays, z, _each_transposed(arrays, W))
        if W in needed:
            yield W, self(arrays, _each_transposed(arrays, z), _each_transposed(arrays, a))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        left, right = w.within(node.operands[0], Binds.SIGN), w.atom(node.operands[1])
        right = right.removesuffix(".mT") if right.endswith(".mT") else f"{right}.mT"
        return Text(f"{left} @ {right}", Binds.MATMUL)


def _each_transposed(arrays: Arrays, x: int) -> int:
    """Return a stack of matrices with the rows and columns of each exchanged."""
    node = arrays.nodes[x]
    if (
        node.op == section.name
        and node.detail.axes == (0, 2, 1)
        and arrays.size(node.operands[0]) == arrays.size(x)
    ):
        return node.operands[0]
    return section(arrays, x, Window(tuple(slice(0, n, 1) for n in node.shape), (0, 2, 1)))


def _transposed_text(text: str) -> str:
    return text.removesuffix(".T") if text.endswith(".T") else f"{text}.T"


def _products(arrays: Arrays, node: Node) -> int:
    """Count a product and an addition for each pair that meets in a matrix product."""
    size = math.prod(node.shape)
    a, b = (arrays.size(x) for x in node.operands)
    return 2 * size * math.isqrt(max(1, a * b // max(1, size)))


def _products_in_stacks(arrays: Arrays, node: Node) -> int:
    """Count the same in stacks of matrices."""
    return 2 * math.prod(node.shape) * arrays.shape(node.operands[0])[-1]


linear = _Linear("linear", flops=_products)
back = _Back("back", flops=_products)
outer = _Outer("outer", flops=_products)
stacked = _Stacked("stacked", flops=_products_in_stacks)
