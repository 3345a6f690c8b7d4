"""What a program begins with: inputs, constants, and how many samples there are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Node, Shape
from autograd_lite.lifting.operations.row import Contributions, Row
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Binds, Text, literal


class _Input(Row):
    """The input with a number."""

    def __call__(self, arrays: Arrays, number: int, shape: Shape, batched: bool) -> int:
        return arrays.add(self.name, (), shape, number, number, batched)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        return iter(())


class _Constant(Row):
    """An array of constants, a literal where they are all the same."""

    def __call__(self, arrays: Arrays, values: Any) -> int:
        array = np.asarray(values, dtype=float)
        if array.ndim == 0:
            return arrays.add(self.name, (), (), float(array), (float(array).hex(),), False)
        return arrays.add(self.name, (), array.shape, array, array.tobytes(), False)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        detail = node.detail
        if isinstance(detail, float):
            return literal(detail)
        zeros = None if detail.any() else w.zeros(node.shape)
        return Text(zeros or w.constant(detail, "K"))


class _Samples(Row):
    """The number of samples."""

    def __call__(self, arrays: Arrays) -> int:
        batch = next(x for x, node in enumerate(arrays.nodes) if node.op == input_.name and node.batched)
        x = arrays.add(self.name, (batch,), (), batched=False)
        arrays.names[x] = "n"
        return x

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"{w.atom(node.operands[0])}.shape[0]")


class _PerSample(Row):
    """A number over that of the samples."""

    def __call__(self, arrays: Arrays, factor: float = 1.0) -> int:
        if factor == 0:
            return constant(arrays, 0.0)
        return arrays.add(self.name, (samples(arrays),), (), factor, factor)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"{literal(node.detail).text} / {w.atom(node.operands[0])}", Binds.PRODUCT)


input_ = _Input("input", price=0.0)
constant = _Constant("constant", price=0.0, writes_itself=True)
samples = _Samples("samples", price=0.0)
per_sample = _PerSample("per_sample", price=0.0)
