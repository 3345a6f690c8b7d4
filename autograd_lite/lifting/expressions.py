"""One operation of an array program as a NumPy expression; what it is called is decided in :mod:`.source`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Node, View, ranks
from autograd_lite.lifting.rules import number, rule_of
from autograd_lite.lifting.terms import (
    ATOM,
    MATMUL,
    PRODUCT,
    SIGN,
    TermWriter,
    Text,
    is_choice,
    literal,
    times,
)


class Expressions:
    """Writes operations; keeps the constants they refer to.

    Parameters
    ----------
    arrays : Arrays
    texts : dict of int to Text
        What the operations so far are called, or written as.
    free : callable
        From a wanted name to one that is free.
    temporary : callable
        Returns a name for what has none.
    """

    def __init__(
        self,
        arrays: Arrays,
        texts: dict[int, Text],
        free: Callable[[str], str],
        temporary: Callable[[], str],
    ) -> None:
        self.constants: dict[str, Any] = {}
        self._arrays = arrays
        self._texts = texts
        self._free = free
        self._temporary = temporary
        self._statements: list[str] = []
        self._terms: dict[Any, TermWriter] = {}
        self._names_of_constants: dict[bytes, str] = {}

    def write(self, node: Node) -> Text:
        """Return an operation as an expression.

        Parameters
        ----------
        node : Node

        Returns
        -------
        Text
        """
        return _WRITERS[node.op](self, node)

    def taken_statements(self) -> list[str]:
        """Return the statements that the last expressions need before them; they are handed out once.

        Returns
        -------
        list of str
        """
        statements, self._statements = self._statements, []
        return statements

    # --- operands ---------------------------------------------------------------------------------------

    def _within(self, x: int, at_least: int) -> str:
        return self._texts[x].within(at_least)

    def _atom(self, x: int) -> str:
        return self._within(x, ATOM)

    def _text(self, x: int) -> str:
        return self._texts[x].text

    def _named(self, text: Text) -> Text:
        """Return a name for what is written more than once, unless it is one."""
        if text.text.isidentifier():
            return text
        name = self._temporary()
        self._statements.append(f"{name} = {text.text}")
        return Text(name)

    def _constant_name(self, array: Any, letter: str) -> str:
        key = array.tobytes() + str((array.shape, array.dtype)).encode()
        if key not in self._names_of_constants:
            count = 1 + sum(name.startswith(letter) for name in self.constants)
            name = self._names_of_constants[key] = self._free(f"{letter}{count}")
            self.constants[name] = array
        return self._names_of_constants[key]

    def _beside(self, x: int, rank: int) -> Text:
        """Return an operand; a number for each sample gets axes along which it broadcasts beside arrays."""
        node = self._arrays.nodes[x]
        if node.batched and len(node.shape) < rank:
            axes = [":"] + ["None"] * (rank - len(node.shape)) + [":"] * len(node.shape)
            return Text(f"{self._atom(x)}[{', '.join(axes)}]")
        return self._texts[x]

    # --- element by element -----------------------------------------------------------------------------

    def _constant(self, node: Node) -> Text:
        if isinstance(node.detail, float):
            return literal(node.detail)
        return Text(self._constant_name(node.detail, "K"))

    def _terms_of(self, row: str, operands: tuple[int, ...], rank: int) -> TermWriter:
        """Return the writer that value and derivatives of an operation have in common."""
        key = row, operands
        texts = [self._beside(x, rank) if x in self._texts else Text("") for x in operands]
        if key not in self._terms:
            self._terms[key] = TermWriter(texts, self._temporary)
        self._terms[key].operands = texts
        return self._terms[key]

    def _map(self, node: Node) -> Text:
        row, operands = node.detail, node.operands
        factor = self._arrays.literal(operands[0])
        if row == "mul" and factor is not None:
            return times(factor, self._beside(operands[1], len(node.shape)))
        first = self._arrays.nodes[operands[0]]
        if row == "mul" and first.op == "share" and first.detail == 1:
            other = self._beside(operands[1], len(node.shape))
            return Text(f"{other.within(PRODUCT)} / {self._atom(first.operands[0])}", PRODUCT)
        rule = rule_of(self._arrays, row, operands)
        terms = self._terms_of(row, operands, len(node.shape))
        terms.share([rule.value], rule)
        self._statements += terms.taken_statements()
        return terms.write(rule.value)

    def _chain(self, node: Node) -> Text:
        row, i, result, operands = node.detail
        adjoint, *needed = node.operands
        rule = rule_of(self._arrays, row, operands)
        terms = self._terms_of(row, operands, len(node.shape))
        if result in self._texts:
            terms.known[id(rule.value)] = self._texts[result]
        partial = rule.partials[i]
        terms.share([partial], rule)
        self._statements += terms.taken_statements()
        factor = self._arrays.literal(adjoint)
        if factor is not None and not is_choice(partial):
            return terms.scaled(factor, partial)
        text = self._beside(adjoint, len(node.shape))
        if is_choice(partial) and self._arrays.is_number(adjoint):
            # A number has no precision; as an array like the operand it has that of all others.
            like = next(x for x in needed if not self._arrays.is_number(x))
            text = Text(f"np.full_like({self._beside(like, len(node.shape)).text}, {text.text})")
        is_twice = is_choice(partial) and 0 not in map(number, partial.operands[1:])
        return terms.chain(self._named(text) if is_twice else text, partial)

    # --- products ---------------------------------------------------------------------------------------

    def _linear(self, node: Node) -> Text:
        x, W = node.operands
        if self._arrays.nodes[W].batched:
            if len(self._arrays.shape(x)) > 1 and len(self._arrays.shape(W)) > 1:
                return Text(f"{self._within(x, SIGN)} @ {self._atom(W)}.mT", MATMUL)
            return self._product_of_samples(x, W)
        right = self._atom(W) if len(self._arrays.shape(W)) == 1 else _transposed_text(self._atom(W))
        return Text(f"{self._within(x, SIGN)} @ {right}", MATMUL)

    def _product_of_samples(self, x: int, W: int) -> Text:
        """Return x Wᵀ where each sample has its own W."""
        if len(self._arrays.shape(W)) == 1:
            x, W = W, x
            if len(self._arrays.shape(W)) == 1:
                return Text(f"np.vecdot({self._text(x)}, {self._text(W)})")
        return Text(f"({self._atom(W)} @ {self._atom(x)}[..., None])[..., 0]")

    def _back(self, node: Node) -> Text:
        z, W = node.operands
        if len(self._arrays.shape(W)) == 1:
            # W is a single row: z is a number for each row of the result.
            return Text(f"{self._stretched(z)} * {self._beside(W, len(node.shape)).within(PRODUCT)}", PRODUCT)
        if not self._arrays.nodes[W].batched or len(self._arrays.shape(z)) > 1:
            return Text(f"{self._within(z, SIGN)} @ {self._atom(W)}", MATMUL)
        return Text(f"({self._atom(z)}[..., None, :] @ {self._atom(W)})[..., 0, :]")

    def _stretched(self, z: int) -> str:
        """Return it with an axis at the end, along which it broadcasts; a number does so by itself."""
        node = self._arrays.nodes[z]
        return f"{self._atom(z)}[..., None]" if node.shape or node.batched else self._within(z, PRODUCT)

    def _outer(self, node: Node) -> Text:
        """Write zᵀ x, summed over rows and, unless each sample has its own, over the batch."""
        z, x = node.operands
        of_z, of_x = self._arrays.nodes[z], self._arrays.nodes[x]
        if node.batched:
            return self._outer_of_samples(z, x)
        # Rows of all samples are rows; a factor without samples is multiplied by the sum of the other.
        if of_z.batched != of_x.batched:
            left, right = (self._summed_over_batch(y) for y in (z, x))
            rank_of_rows = 0
        else:
            rank_of_rows = 1 if of_z.batched else 0
            left, right = (self._as_rows(y, 0 if y == z and len(node.shape) == 1 else 1) for y in (z, x))
        has_rows = rank_of_rows + len(of_x.shape) > 1
        if len(node.shape) == 1:
            if not has_rows:
                return Text(f"{left.within(PRODUCT)} * {right.within(PRODUCT)}", PRODUCT)
            return Text(f"{left.within(SIGN)} @ {right.within(ATOM)}", MATMUL)
        if not has_rows:
            return Text(f"{left.within(ATOM)}[:, None] * {right.within(PRODUCT)}", PRODUCT)
        return Text(f"{_transposed_text(left.within(ATOM))} @ {right.within(ATOM)}", MATMUL)

    def _summed_over_batch(self, x: int) -> Text:
        return Text(f"np.sum({self._text(x)}, axis=0)") if self._arrays.nodes[x].batched else self._texts[x]

    def _as_rows(self, x: int, columns: int) -> Text:
        node = self._arrays.nodes[x]
        if node.batched and len(node.shape) > columns:
            shape = (-1, *node.shape[-columns:]) if columns else (-1,)
            return Text(f"np.reshape({self._text(x)}, {shape})")
        return self._texts[x]

    def _outer_of_samples(self, z: int, x: int) -> Text:
        shape_z, shape_x = self._arrays.shape(z), self._arrays.shape(x)
        if len(shape_x) > 1:
            if len(shape_z) == 1:
                return Text(f"({self._atom(z)}[..., None, :] @ {self._atom(x)})[..., 0, :]")
            return Text(f"{self._atom(z)}.mT @ {self._atom(x)}", MATMUL)
        stretched = f"{self._atom(z)}[..., None]"
        other = f"{self._atom(x)}[..., None, :]" if shape_z else self._atom(x)
        return Text(f"{stretched} * {other}", PRODUCT)

    # --- sums -------------------------------------------------------------------------------------------

    def _sum(self, node: Node) -> Text:
        (x,) = node.operands
        source = self._arrays.nodes[x]
        rank = len(source.shape)
        if self._is_inner_product(source, node.detail) and not self._text(x).isidentifier():
            return Text(f"np.vecdot({', '.join(map(self._text, source.operands))})")
        if not source.batched and len(node.detail) == rank:
            return Text(f"np.sum({self._text(x)})")
        # The batch axis comes first: axes are counted from the end where there is one.
        axes = node.detail if source.batched else tuple(axis + rank for axis in node.detail)
        return Text(f"np.sum({self._text(x)}, axis={axes[0] if len(axes) == 1 else axes})")

    def _is_inner_product(self, source: Node, axes: tuple[int, ...]) -> bool:
        """Return whether a sum is one of products along the last axis, of two arrays of that shape."""
        if source.op != "map" or source.detail != "mul" or axes != (-1,):
            return False
        factors = [self._arrays.nodes[x] for x in source.operands]
        return all(f.shape == source.shape and f.batched == source.batched for f in factors)

    def _over_batch(self, node: Node) -> Text:
        return Text(f"np.sum({self._text(node.operands[0])}, axis=0)")

    def _average(self, node: Node) -> Text:
        return Text(f"np.mean({self._text(node.operands[0])})")

    def _samples(self, node: Node) -> Text:
        return Text(f"{self._atom(node.operands[0])}.shape[0]")

    def _share(self, node: Node) -> Text:
        return Text(f"{literal(node.detail).text} / {self._atom(node.operands[0])}", PRODUCT)

    # --- shapes -----------------------------------------------------------------------------------------

    def _result(self, node: Node) -> Text:
        text = self._text(node.operands[0])
        return Text(f"np.asarray({text}, copy=True)" if node.detail else text)

    def _reshape(self, node: Node) -> Text:
        (x,) = node.operands
        before = self._arrays.shape(x)
        lead = [":"] if node.batched else []
        index = _index_of_new_axes(before, node.shape) or _index_of_dropped_axes(before, node.shape)
        if index is not None:
            return Text(f"{self._atom(x)}[{', '.join(lead + index)}]")
        shape = (-1, *node.shape) if node.batched else node.shape
        return Text(f"np.reshape({self._text(x)}, {shape})")

    def _broadcast(self, node: Node) -> Text:
        (x,) = node.operands
        if not node.batched:
            return Text(f"np.broadcast_to({self._text(x)}, {node.shape})")
        text = self._named(
            self._beside(x, len(node.shape)) if self._arrays.shape(x) == () else self._texts[x]
        )
        shape = ", ".join(map(str, node.shape))
        return Text(f"np.broadcast_to({text.text}, ({text.text}.shape[0], {shape}))")

    def _as_whole(self, node: Node) -> Text:
        x, like = node.operands
        if self._arrays.literal(x) == 0:
            return Text(f"np.zeros_like({self._text(like)})")
        if self._arrays.is_number(x):
            return Text(f"np.full_like({self._text(like)}, {self._text(x)})")
        text = self._beside(x, len(node.shape)).text
        return Text(f"np.broadcast_to({text}, {self._atom(like)}.shape)")

    def _view(self, node: Node) -> Text:
        (x,) = node.operands
        view: View = node.detail
        text = self._atom(x)
        whole = all(i == slice(0, n, 1) for i, n in zip(view.indices, self._arrays.shape(x), strict=True))
        if not whole:
            text = f"{text}[{_indices(view, node.batched)}]"
        return Text(_permuted(text, view.axes, node.batched))

    def placed(self, name: str, node: Node) -> list[str]:
        """Return the statements that make zeros and add parts in their places.

        Parameters
        ----------
        name : str
            What the result is called.
        node : Node
            A ``place``.

        Returns
        -------
        list of str
        """
        like, *parts = node.operands
        lines = [f"{name} = np.zeros_like({self._text(like)})"]
        for part, view in zip(parts, node.detail, strict=True):
            # The part has the view's axes in order; in the array they lie as they do there.
            text = _permuted(self._atom(part), _inverse(view.axes), self._arrays.nodes[part].batched)
            lines.append(f"{name}[{_indices(view, node.batched)}] += {text}")
        return lines

    # --- elements here and there ------------------------------------------------------------------------

    def _flat(self, x: int) -> str:
        node = self._arrays.nodes[x]
        if len(node.shape) == 1:
            return self._atom(x)
        shape = (-1, self._arrays.size(x)) if node.batched else (-1,)
        return f"np.reshape({self._text(x)}, {shape})"

    def _gathered(self, text: str, positions: Any, batched: bool) -> str:
        """Write the elements at positions of a flat array; in the standard a batch takes a list of them."""
        if not batched:
            return f"{text}[{self._constant_name(positions, 'I')}]"
        taken = f"np.take({text}, {self._constant_name(positions.ravel(), 'I')}, axis=1)"
        return taken if positions.ndim == 1 else f"np.reshape({taken}, {(-1, *positions.shape)})"

    def _take(self, node: Node) -> Text:
        return Text(self._gathered(self._flat(node.operands[0]), node.detail, node.batched))

    def _rows(self, node: Node) -> Text:
        axis = 1 if node.batched else 0
        return Text(
            f"np.take({self._text(node.operands[0])}, {self._constant_name(node.detail, 'I')}, axis={axis})"
        )

    def _spread(self, node: Node) -> Text:
        (x,) = node.operands
        table = padded(node.detail, math.prod(node.shape)).reshape(*node.shape, -1)
        text = self._flat(x)
        if (table < 0).any():
            table = np.where(table < 0, self._arrays.size(x), table)
            text = self._with_zero(text, node.batched)
        if table.shape[-1] == 1:
            return Text(self._gathered(text, table[..., 0], node.batched))
        return Text(f"np.sum({self._gathered(text, table, node.batched)}, axis=-1)")

    def _with_zero(self, text: str, batched: bool) -> str:
        """Write an array with a 0 at its end, for places that nothing comes to."""
        if not batched:
            return f"np.concat([{text}, {self._constant_name(np.zeros(1), 'K')}])"
        name = self._named(Text(text)).text
        return f"np.concat([{name}, np.zeros_like({name}[:, :1])], axis=1)"

    def _join(self, node: Node) -> Text:
        if not node.batched:
            return Text(f"np.concat([{', '.join(map(self._flat, node.operands))}])")
        batch = next(x for x in node.operands if self._arrays.nodes[x].batched)
        samples = f"{self._named(self._texts[batch]).text}.shape[0]"
        parts = [
            self._flat(x)
            if self._arrays.nodes[x].batched
            else f"np.broadcast_to({self._flat(x)}, ({samples}, {self._arrays.size(x)}))"
            for x in node.operands
        ]
        return Text(f"np.concat([{', '.join(parts)}], axis=1)")


_WRITERS: dict[str, Callable[[Expressions, Node], Text]] = {
    "constant": Expressions._constant,
    "map": Expressions._map,
    "chain": Expressions._chain,
    "linear": Expressions._linear,
    "back": Expressions._back,
    "outer": Expressions._outer,
    "sum": Expressions._sum,
    "over_batch": Expressions._over_batch,
    "average": Expressions._average,
    "samples": Expressions._samples,
    "share": Expressions._share,
    "result": Expressions._result,
    "reshape": Expressions._reshape,
    "broadcast": Expressions._broadcast,
    "as_whole": Expressions._as_whole,
    "view": Expressions._view,
    "take": Expressions._take,
    "rows": Expressions._rows,
    "spread": Expressions._spread,
    "join": Expressions._join,
}


def padded(targets: Any, size: int) -> Any:
    """Return for each of the results of ``spread`` the positions of what it sums, filled up with −1.

    Parameters
    ----------
    targets : array of int
    size : int
        How many results there are.

    Returns
    -------
    array of int, shape (size, m)

    Examples
    --------
    >>> padded(np.array([0, 2, 0]), 3)
    array([[ 0,  2],
           [-1, -1],
           [ 1, -1]])
    """
    columns = ranks(targets)
    table = np.full((size, 1 + int(columns.max(initial=0))), -1)
    table[targets, columns] = np.arange(len(targets))
    return table


# --- indices --------------------------------------------------------------------------------------------


def _indices(view: View, batched: bool) -> str:
    texts = [":"] if batched else []
    for index in view.indices:
        if isinstance(index, int):
            texts.append(str(index))
        else:
            step = f":{index.step}" if index.step != 1 else ""
            texts.append(f"{index.start or ''}:{index.stop}{step}")
    return ", ".join(texts)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(axis) for axis in range(len(axes)))


def _permuted(text: str, axes: tuple[int, ...], batched: bool) -> str:
    if axes == tuple(range(len(axes))):
        return text
    if axes == (1, 0):
        return f"{text}.mT" if batched else f"{text}.T"
    order = (0, *(axis + 1 for axis in axes)) if batched else axes
    return f"np.permute_dims({text}, {order})"


def _transposed_text(text: str) -> str:
    return text.removesuffix(".T") if text.endswith(".T") else f"{text}.T"


def _index_of_new_axes(before: Sequence[int], after: Sequence[int]) -> list[str] | None:
    """Return the index that adds axes of length 1, if that is all a reshaping does."""
    if [n for n in after if n != 1] != list(before) or len(after) <= len(before) or 1 in before:
        return None
    return ["None" if n == 1 else ":" for n in after]


def _index_of_dropped_axes(before: Sequence[int], after: Sequence[int]) -> list[str] | None:
    """Return the index that drops axes of length 1, if that is all a reshaping does."""
    if [n for n in before if n != 1] != list(after):
        return None
    return ["0" if n == 1 else ":" for n in before]
