"""The operations on arrays, one row each: what it is of which operands, its adjoint, its text, its price.

A row is called to add the operation to a program, or something simpler that gives the same. What the rows of
the rule book are on arrays is told in numpy_text.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Integers, Node, Shape, Window, padded, ranks, window_of
from autograd_lite.lifting.writer import Writer
from autograd_lite.ops import RULES
from autograd_lite.printing.numpy import (
    Binds,
    Text,
    array_rule,
    has_pole,
    infix,
    is_choice,
    leaves_a_number,
    literal,
    number,
    questions,
    terms_in,
    times,
    unchanged,
)
from autograd_lite.printing.programs import Program

_SMALL = 4096
# An operand above it is no pole.
_TINY = 1e-60


class Placed(NamedTuple):
    """What comes back to a section of an array alone."""

    array: int
    window: Window


class OfResult(NamedTuple):
    """What comes back to one of several results of an operation."""

    result: Hashable
    array: int


Contribution: TypeAlias = int | Placed | OfResult
Contributions: TypeAlias = Iterator[tuple[int, Contribution]]


class Row:
    """What is known of an operation. A row is called with a program and operands, and returns a position.

    Parameters
    ----------
    name : str
    price : float
        About what NumPy takes for it on small arrays, in µs.
    flops : callable
        Gives its floating-point operations for one sample.
    is_free : bool
        Whether it costs no more than a name.
    lends : bool
        Whether its result may lie where an operand does, or fill an array without being copied.
    writes_itself : bool
        Whether its text is a name already, or needs none.
    """

    def __init__(
        self,
        name: str,
        price: float = 1.0,
        flops: Callable[[Arrays, Node], int] = lambda arrays, node: 0,
        is_free: bool = False,
        lends: bool = False,
        writes_itself: bool = False,
    ) -> None:
        self.name = name
        self.price = price
        self.flops = flops
        self.is_free = is_free
        self.lends = lends
        self.writes_itself = writes_itself

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: Any, needed: Collection[int]) -> Contributions:
        """Yield what an adjoint d of x gives back to each of the operands that are needed."""
        raise NotImplementedError(self.name)

    def memory(self, arrays: Arrays, x: int, node: Node) -> Hashable:
        """Return in whose memory the result lies; None if that is not known."""
        # An array filled with a number is its own.
        is_new = not self.lends or node.operands[0] in arrays.numbers
        return x if is_new else memory_of(arrays, node.operands[0])

    def text(self, w: Writer, x: int, node: Node) -> Text:
        """Return it as an expression."""
        raise NotImplementedError(self.name)

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        """Return the derivation of its line in the backward part, if it is one."""
        return ""


def memory_of(arrays: Arrays, x: int) -> Hashable:
    """Return in whose memory an array lies, as something equal for those that lie in the same."""
    node = arrays.nodes[x]
    return OPERATIONS[node.op].memory(arrays, x, node)


# --- where programs begin and end -----------------------------------------------------------------------


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


class _Result(Row):
    """An array under another name, or a copy of it."""

    def __call__(self, arrays: Arrays, x: int, copied: bool) -> int:
        node = arrays.nodes[x]
        return arrays.add(self.name, (x,), node.shape, copied, len(arrays.nodes), node.batched)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        if a in w.arrays.numbers:
            return Text(f"np.asarray({w.text(a)}, dtype={w.text(0)}.dtype)")
        return Text(f"np.asarray({w.text(a)}, copy=True)" if node.detail else w.text(a))

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        return "B3: ∂C/∂b = ∂C/∂z" if name.startswith("db") else ""


# --- element by element ---------------------------------------------------------------------------------


class Derivative(NamedTuple):
    """The partial derivative of a row of the rule book by its operand i, where the row was applied."""

    row: str
    i: int
    result: int
    operands: tuple[int, ...]


_WRITTEN_IN = {"pow": {1}, "bessel": {0}, "polygamma": {0}}


def rule_of(arrays: Arrays, row: str, operands: tuple[int, ...]) -> Program:
    """Return the program of a row for these operands.

    Numbers in it are a constant exponent or order, and the constants that decide a choice by themselves.
    """
    arity = len(operands) if RULES[row].variadic else 0
    literals = [arrays.literal(x) for x in operands]
    known = {i for i, literal in enumerate(literals) if literal is not None}
    decisive = {i for asked in questions(row, arity) if asked <= known for i in asked} if known else set()
    decisive |= known & _WRITTEN_IN.get(row, set())
    kept = tuple(literal if i in decisive else None for i, literal in enumerate(literals))
    return array_rule(row, arity, kept if decisive else ())


def _exponent(arrays: Arrays, row: str, operands: tuple[int, ...]) -> tuple[float | None, ...]:
    """Return the literals of a row's operands by which its poles differ."""
    return (None, arrays.literal(operands[1])) if row == "pow" else ()


class _Elementwise(Row):
    """A row of the rule book, element by element."""

    def __call__(self, arrays: Arrays, row: str, *operands: int) -> int:
        literals = [arrays.literal(x) for x in operands]
        if None not in literals:
            try:
                return constant(arrays, RULES[row].compute(*literals))
            except (ArithmeticError, ValueError):
                pass  # the program has to meet it when it runs
        # −0.0 + 0.0 is 0.0: who adds a zero may mean it.
        same = None if row == "add" else unchanged(row, literals)
        if same is not None:
            return operands[same]
        if row == "div" and literals[1] and math.isfinite(1 / literals[1]):
            return self(arrays, "mul", constant(arrays, 1 / literals[1]), operands[0])
        if row == "neg":
            return self(arrays, "mul", constant(arrays, -1.0), operands[0])
        if row == "add" and operands[0] == operands[1]:
            return self(arrays, "mul", constant(arrays, 2.0), operands[0])
        if row == "add" and arrays.factor(operands[1]) == -1:
            return self(arrays, "sub", operands[0], arrays.nodes[operands[1]].operands[1])
        if row == "sub" and arrays.factor(operands[1]) == -1:
            return self(arrays, "add", operands[0], arrays.nodes[operands[1]].operands[1])
        known = [x for x in literals if x is not None]
        if len(known) > 1 and RULES[row].variadic:
            # A length, or a logarithm of a sum, of what is known is one number.
            together = constant(arrays, RULES[row].compute(*known))
            return self(arrays, row, *(x for x in operands if arrays.literal(x) is None), together)
        if known:
            decided = rule_of(arrays, row, operands).value
            if decided.op == "operand":
                position: int = decided.operands[0]
                return operands[position]
            if decided.op == "number":
                return constant(arrays, decided.operands[0])
        nodes = [arrays.nodes[x] for x in operands]
        if row == "add" and nodes[0].op == nodes[1].op == per_sample.name:
            return per_sample(arrays, nodes[0].detail + nodes[1].detail)
        if row == "mul" and literals[0] is not None:
            return self._scaled(arrays, literals[0], operands[1])
        if row == "mul" and literals[1] is not None:
            return self._scaled(arrays, literals[1], operands[0])
        return arrays.add(self.name, operands, arrays.broadcast_shape(operands), row, row)

    def _scaled(self, arrays: Arrays, factor: float, x: int) -> int:
        """Return the product of a number and an array, with one factor if the array is such a product."""
        node = arrays.nodes[x]
        if node.op == per_sample.name:
            return per_sample(arrays, factor * node.detail)
        inner = arrays.factor(x)
        if inner is not None:
            return self(arrays, "mul", constant(arrays, factor * inner), node.operands[1])
        return arrays.add(self.name, (constant(arrays, factor), x), node.shape, "mul", "mul")

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        row, operands = node.detail, node.operands
        different = operands
        if row == "mul" and operands[0] == operands[1]:
            # A square is a product of two equal factors.
            d, different = self(arrays, "add", d, d), operands[:1]
        for i, operand in enumerate(different):
            if operand in needed:
                part = chain(arrays, d, Derivative(row, i, x, operands))
                if arrays.literal(part) != 0:
                    yield operand, _counted(arrays, part, x, operand)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        _, operands, row, shape, _ = node
        factor = w.arrays.literal(operands[0])
        if row == "mul" and factor is not None:
            return times(factor, w.beside(operands[1], len(shape)))
        first = w.arrays.nodes[operands[0]]
        if row == "mul" and first.op == per_sample.name and first.detail == 1:
            return infix("div", w.beside(operands[1], len(shape)), w.texts[first.operands[0]])
        rule = rule_of(w.arrays, row, operands)
        terms = w.rule(row, operands, len(shape))
        terms.name_shared(rule.value, rule)
        return terms.write(rule.value)


def _counted(arrays: Arrays, part: int, result: int, operand: int) -> int:
    """Return a contribution that is the same for all repetitions of an operand, times their number."""
    of_part, of_operand, of_result = (arrays.nodes[y] for y in (part, operand, result))
    rank = len(of_result.shape)
    lengths = [(1,) * (rank - len(node.shape)) + node.shape for node in (of_part, of_operand)]
    repeated = [n for n, p, o in zip(of_result.shape, *lengths, strict=True) if p == o == 1]
    part = elementwise(arrays, "mul", constant(arrays, float(math.prod(repeated))), part)
    if of_result.batched and not of_operand.batched and not of_part.batched:
        node = arrays.nodes[part]
        if node.op == per_sample.name:
            return constant(arrays, node.detail)
        return elementwise(arrays, "mul", samples(arrays), part)
    return part


class _Chain(Row):
    """An adjoint times a partial derivative, written with the arrays that it needs."""

    def __call__(self, arrays: Arrays, d: int, derivative: Derivative) -> int:
        row, i, result, operands = derivative
        rule = rule_of(arrays, row, operands)
        partial = rule.partials[i]
        known = number(partial)
        if known is not None:
            factor = constant(arrays, known)
            return elementwise(arrays, "mul", factor, d) if known else factor
        if partial.op == "operand":
            return elementwise(arrays, "mul", d, operands[partial.operands[0]])
        terms = list(terms_in(partial, beyond=rule.value))
        needed = [operands[k] for k in sorted(term.operands[0] for term in terms if term.op == "operand")]
        if rule.value.op != "operand" and any(term is rule.value for term in terms):
            needed.append(result)
        written_with = (d, *dict.fromkeys(needed))
        shape = arrays.broadcast_shape(written_with)
        return arrays.add(self.name, written_with, shape, derivative, (row, i, operands))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        row, i, result, operands = node.detail
        d, *needed = node.operands
        rank = len(node.shape)
        rule = rule_of(w.arrays, row, operands)
        terms = w.rule(row, operands, rank)
        if result in w.texts:
            terms.known[id(rule.value)] = w.texts[result]
        partial = rule.partials[i]
        for term in terms_in(partial):
            if term.op in RULES and all(part.op == "operand" for part in term.operands):
                of_term = tuple([operands[part.operands[0]] for part in term.operands])
                known = w.arrays.known(elementwise.name, of_term, w.arrays.broadcast_shape(of_term), term.op)
                if known is not None and known in w.texts and w.text(known).isidentifier():
                    terms.known[id(term)] = w.beside(known, rank)
        terms.name_shared(partial, rule)
        factor = w.arrays.literal(d)
        if factor is not None and not (is_choice(partial) and leaves_a_number(partial)):
            return terms.scaled(factor, partial)
        text = w.beside(d, rank)
        if d in w.arrays.numbers and leaves_a_number(partial):
            # A number has no precision; as an array like the operand it has that of all others.
            like = next(y for y in needed if y not in w.arrays.numbers)
            text = Text(f"np.full_like({w.beside(like, rank).text}, {text.text})")
        is_dead_somewhere = self._may_meet_pole(w.arrays, node, lambda: w.lower_bounds)
        is_twice = is_choice(partial) and 0 not in map(number, terms.merged(partial)[1:])
        if is_twice or is_dead_somewhere:
            text = w.named(text)
        product = terms.chain(text, partial)
        # Nothing flows back through a dead unit, also where the derivative is infinite.
        return Text(f"np.where({text.text} == 0, 0, {product.text})") if is_dead_somewhere else product

    def _may_meet_pole(self, arrays: Arrays, node: Node, bounds: Callable[[], Sequence[float]]) -> bool:
        """Return whether an adjoint that may be 0 may meet a derivative that is not finite."""
        row, i, _, operands = node.detail
        literals = _exponent(arrays, row, operands)
        is_quotient = arrays.is_derived and row == "div"
        if node.operands[0] in arrays.numbers or not (is_quotient or has_pole(row, i, literals)):
            return False
        positive = frozenset(k for k, x in enumerate(operands) if bounds()[x] > _TINY)
        if is_quotient:
            return 1 not in positive
        return not positive or has_pole(row, i, literals, positive)

    def is_product(self, arrays: Arrays, node: Node, bounds: Sequence[float]) -> bool:
        """Return whether it is a product with a finite number, and no choice."""
        partial = rule_of(arrays, node.detail.row, node.detail.operands).partials[node.detail.i]
        return not is_choice(partial) and not self._may_meet_pole(arrays, node, lambda: bounds)

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        """Tell the function of a weighted input."""
        z = arrays.nodes[node.detail.operands[0]]
        operands = [z, *(arrays.nodes[x] for x in z.operands)] if z.op == elementwise.name else [z]
        is_activation = len(node.detail.operands) == 1 and any(y.op == linear.name for y in operands)
        return "B1: ∂C/∂z = ∂C/∂a ⊙ σ′(z)" if is_activation else ""


# --- products -------------------------------------------------------------------------------------------


class _Linear(Row):
    """x Wᵀ: the inner products of the rows of x, or x itself, with those of W, or W itself."""

    def __call__(self, arrays: Arrays, x: int, W: int) -> int:
        return arrays.add(self.name, (x, W), (*arrays.shape(x)[:-1], *arrays.shape(W)[:-1]))

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        a, W = node.operands
        z = as_whole(arrays, d, x)
        if a in needed:
            yield a, back(arrays, z, W)
        if W in needed:
            yield W, outer(arrays, z, a, W)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        a, W = node.operands
        rank_a, rank_W = len(w.arrays.shape(a)), len(w.arrays.shape(W))
        left = w.within(a, Binds.SIGN)
        if not w.arrays.nodes[W].batched:
            right = w.atom(W) if rank_W == 1 else _transposed_text(w.atom(W))
            return Text(f"{left} @ {right}", Binds.MATMUL)
        # Each sample has its own W.
        if rank_a > 1 and rank_W > 1:
            return Text(f"{left} @ {w.atom(W)}.mT", Binds.MATMUL)
        if rank_a == rank_W == 1:
            return Text(f"np.vecdot({w.text(W)}, {w.text(a)})")
        vector, matrix = (W, a) if rank_W == 1 else (a, W)
        return Text(f"({w.atom(matrix)} @ {w.atom(vector)}[..., None])[..., 0]")


class _Back(Row):
    """z W, the adjoint of x in x Wᵀ from that of the product."""

    def __call__(self, arrays: Arrays, z: int, W: int) -> int:
        rows = arrays.shape(z)[: len(arrays.shape(z)) - len(arrays.shape(W)) + 1]
        return arrays.add(self.name, (z, W), (*rows, arrays.shape(W)[-1]))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        z, W = node.operands
        of_z = w.arrays.nodes[z]
        if len(w.arrays.shape(W)) == 1:
            # W is a single row: z is a number for each row of the result, and a number broadcasts by itself.
            has_axes = of_z.shape or of_z.batched
            left = f"{w.atom(z)}[..., None]" if has_axes else w.within(z, Binds.PRODUCT)
            right = w.beside(W, len(node.shape)).within(Binds.PRODUCT)
            return Text(f"{left} * {right}", Binds.PRODUCT)
        if not w.arrays.nodes[W].batched or len(of_z.shape) > 1:
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
        columns = len(node.shape) - 1, 1
        # Rows of all samples are rows; a factor without samples is multiplied by the sum of the other.
        if z.batched != a.batched:
            left, right = (self._summed(w, y) for y in node.operands)
        else:
            left, right = (self._as_rows(w, y, n) for y, n in zip(node.operands, columns, strict=True))
        has_rows = len(a.shape) + (z.batched and a.batched) > 1
        if len(node.shape) == 1:
            if not has_rows:
                return infix("mul", left, right)
            return Text(f"{left.within(Binds.SIGN)} @ {right.within(Binds.ATOM)}", Binds.MATMUL)
        if not has_rows:
            return Text(f"{left.within(Binds.ATOM)}[:, None] * {right.within(Binds.PRODUCT)}", Binds.PRODUCT)
        left_text = _transposed_text(left.within(Binds.ATOM))
        return Text(f"{left_text} @ {right.within(Binds.ATOM)}", Binds.MATMUL)

    def _summed(self, w: Writer, x: int) -> Text:
        return Text(f"np.sum({w.text(x)}, axis=0)") if w.arrays.nodes[x].batched else w.texts[x]

    def _as_rows(self, w: Writer, x: int, columns: int) -> Text:
        node = w.arrays.nodes[x]
        if not node.batched or len(node.shape) <= columns:
            return w.texts[x]
        shape = (-1, *node.shape[-columns:]) if columns else (-1,)
        return Text(f"np.reshape({w.text(x)}, {shape})")

    def _of_samples(self, w: Writer, z: int, x: int) -> Text:
        shape_z, shape_x = w.arrays.shape(z), w.arrays.shape(x)
        if len(shape_x) > 1:
            if len(shape_z) == 1:
                return Text(f"({w.atom(z)}[..., None, :] @ {w.atom(x)})[..., 0, :]")
            return Text(f"{w.atom(z)}.mT @ {w.atom(x)}", Binds.MATMUL)
        other = f"{w.atom(x)}[..., None, :]" if shape_z else w.atom(x)
        return Text(f"{w.atom(z)}[..., None] * {other}", Binds.PRODUCT)

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


# --- sums -----------------------------------------------------------------------------------------------


class _Total(Row):
    """The sum over axes, counted from the right, that go; over all by default."""

    def __call__(self, arrays: Arrays, x: int, axes: tuple[int, ...] | None = None) -> int:
        shape = arrays.shape(x)
        axes = tuple(range(-len(shape), 0)) if axes is None else axes
        if not axes:
            return x
        node = arrays.nodes[x]
        if node.op == constant.name:
            return constant(arrays, node.detail.sum(axis=axes))
        if x not in arrays.names and arrays.factor(x) is not None:
            return elementwise(arrays, "mul", node.operands[0], self(arrays, node.operands[1], axes))
        before = self._axes_before(arrays, node, axes)
        if before is not None:
            return self(arrays, node.operands[0], before)
        rest = tuple(n for i, n in enumerate(shape, -len(shape)) if i not in axes)
        if node.op == broadcast.name:
            (a,) = node.operands
            before = (1,) * (len(shape) - len(arrays.shape(a))) + arrays.shape(a)
            if all(before[axis] == 1 for axis in axes):
                # What is the same n times adds up to n times itself.
                kept = tuple(n for i, n in enumerate(before, -len(shape)) if i not in axes)
                count = constant(arrays, float(math.prod(shape[axis] for axis in axes)))
                return elementwise(arrays, "mul", count, broadcast(arrays, reshape(arrays, a, kept), rest))
        return self._over_divisor(arrays, node, axes, rest) or arrays.add(self.name, (x,), rest, axes, axes)

    def _over_divisor(self, arrays: Arrays, node: Node, axes: tuple[int, ...], rest: Shape) -> int | None:
        """Return −Σ d (a / b) / b with the division after the sum, where b is the same all along it."""
        derivative = node.detail
        if node.op != chain.name or (derivative.row, derivative.i) != ("div", 1):
            return None
        divisor = derivative.operands[1]
        repeated = (1,) * (len(node.shape) - len(arrays.shape(divisor))) + arrays.shape(divisor)
        if any(repeated[axis] > 1 for axis in axes) or arrays.nodes[divisor].batched != node.batched:
            return None
        product = elementwise(arrays, "mul", node.operands[0], derivative.result)
        quotient = elementwise(arrays, "div", self(arrays, product, axes), reshape(arrays, divisor, rest))
        return elementwise(arrays, "neg", quotient)

    def _axes_before(self, arrays: Arrays, node: Node, axes: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the axes that go if the sum comes before an exchange or a joining of axes, if it can."""
        rank = len(node.shape)
        if node.op == section.name and arrays.size(node.operands[0]) == math.prod(node.shape):
            source = node.detail.axes
            kept = [source[i] for i in range(rank) if i - rank not in axes]
            return tuple(sorted(source[axis] - rank for axis in axes)) if kept == sorted(kept) else None
        if node.op == reshape.name:
            shape = arrays.shape(node.operands[0])
            joined = _joined_axes(shape, node.shape)
            if joined is not None:
                return tuple(i - len(shape) for axis in sorted(axes) for i in joined[axis])
        return None

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,) = node.operands
        if arrays.shape(d) != ():
            lengths = iter((1,) * (len(node.shape) - len(arrays.shape(d))) + arrays.shape(d))
            rank = len(arrays.shape(a))
            d = reshape(arrays, d, tuple(1 if i in node.detail else next(lengths) for i in range(-rank, 0)))
        yield a, d

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        source = w.arrays.nodes[a]
        rank = len(source.shape)
        if self._is_inner_product(w.arrays, source, node.detail) and not w.text(a).isidentifier():
            return Text(f"np.vecdot({', '.join(map(w.text, source.operands))})")
        if not source.batched and len(node.detail) == rank:
            return Text(f"np.sum({w.text(a)})")
        # The batch axis comes first: axes are counted from the end where there is one.
        axes = node.detail if source.batched else tuple(axis + rank for axis in node.detail)
        return Text(f"np.sum({w.text(a)}, axis={axes[0] if len(axes) == 1 else axes})")

    def _is_inner_product(self, arrays: Arrays, source: Node, axes: tuple[int, ...]) -> bool:
        """Return whether a sum is one of products along the last axis, of two arrays of that shape."""
        if source.op != elementwise.name or source.detail != "mul" or axes != (-1,):
            return False
        factors = [arrays.nodes[x] for x in source.operands]
        return all(
            f.batched == source.batched
            and (f.shape == source.shape if f.batched else f.shape[-1:] == source.shape[-1:])
            for f in factors
        )

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        return "B3, A5: ∂C/∂b = Σₛ ∂C/∂z" if name.startswith("db") else ""


def _joined_axes(before: Shape, after: Shape) -> list[tuple[int, ...]] | None:
    """Return for each axis of a reshaped array those that it joins; None if there is more to it."""
    joined: list[tuple[int, ...]] = []
    start = 0
    for n in after:
        end = min(start + 1, len(before))
        while end < len(before) and math.prod(before[start:end]) < n:
            end += 1
        if math.prod(before[start:end]) != n:
            return None
        joined.append(tuple(range(start, end)))
        start = end
    return joined if start == len(before) else None


class _OverBatch(Row):
    """The sum over the batch."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        return arrays.add(self.name, (x,), arrays.shape(x), batched=False)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        source = w.arrays.nodes[node.operands[0]]
        product = self._product(w, source) if not w.text(node.operands[0]).isidentifier() else None
        return product or Text(f"np.sum({w.text(node.operands[0])}, axis=0)")

    def _product(self, w: Writer, source: Node) -> Text | None:
        """Return a sum of products over the batch as a product of matrices, for each row that both have."""
        if source.op != elementwise.name or source.detail != "mul" or len(source.shape) != 2:
            return None
        (a, x), (b, y) = ((y, w.arrays.nodes[y]) for y in source.operands)
        if y.shape != source.shape:
            (a, x), (b, y) = (b, y), (a, x)
        if y.shape != source.shape or x.shape != (source.shape[0], 1) or not (x.batched and y.batched):
            return None
        rows = f"np.permute_dims({w.text(a)}, (1, 2, 0))"
        return Text(f"({rows} @ np.permute_dims({w.text(b)}, (1, 0, 2)))[:, 0, :]")

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        return total.comment(arrays, node, name)


class _Average(Row):
    """The mean over the batch, if there is one, of a number for each sample: C = (1/n) Σₛ Cₛ (A1)."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        if not arrays.nodes[x].batched:
            return x
        return arrays.add(self.name, (x,), (), batched=False)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"np.mean({w.text(node.operands[0])})")


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


class _Extreme(Row):
    """The largest, or the smallest, along an axis, counted from the right; nothing flows back by a shift."""

    def __call__(self, arrays: Arrays, row: str, x: int, axis: int = -1, is_shift: bool = False) -> int:
        shape = list(arrays.shape(x))
        del shape[axis]
        detail = row, axis, is_shift
        return arrays.add(self.name, (x,), tuple(shape), detail, detail)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        if not node.detail[2]:
            yield node.operands[0], at_extreme(arrays, x, d)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"np.{node.detail[0][:3]}({_along(w, node)})")


class _AtExtreme(Row):
    """A number where the largest, or smallest, along an axis is, the first of equals; else zeros."""

    def __call__(self, arrays: Arrays, found: int, d: int) -> int:
        (x,), detail = arrays.nodes[found].operands, arrays.nodes[found].detail
        return arrays.add(self.name, (x, found, d), arrays.shape(x), detail, detail)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a, _, d), (row, axis, _) = node.operands, node.detail
        place = f"np.arg{row[:3]}({_along(w, node)})"
        if len(node.shape) == 1 and not node.batched:
            name = w.new_name(x)
            w.lines += [f"{name} = np.zeros_like({w.text(a)})", f"{name}[{place}] = {w.text(d)}"]
            return Text(name)
        new_axis = f"[{', '.join(['...', 'None', *':' * (-1 - axis)])}]"
        number = f"{w.atom(d)}{new_axis}"
        if d in w.arrays.numbers:
            number = f"np.asarray({w.text(d)}, dtype={w.atom(a)}.dtype)"  # a number has no precision
        positions = np.arange(node.shape[axis]).reshape((-1,) + (1,) * (-1 - axis))
        return Text(f"np.where({place}{new_axis} == {w.constant(positions, 'I')}, {number}, 0)")


def _along(w: Writer, node: Node) -> str:
    """Write the operand of a search, and along which axis it goes."""
    a, axis = node.operands[0], node.detail[1]
    source = w.arrays.nodes[a]
    if len(source.shape) == 1 and not source.batched:
        return w.text(a)
    return f"{w.text(a)}, axis={axis if source.batched else axis + len(source.shape)}"


# --- shapes ---------------------------------------------------------------------------------------------


class _Reshape(Row):
    """The elements in another shape."""

    def __call__(self, arrays: Arrays, x: int, shape: Shape) -> int:
        if arrays.shape(x) == tuple(shape) or (x in arrays.numbers and math.prod(shape) == 1):
            return x
        node = arrays.nodes[x]
        if node.op == self.name:
            return self(arrays, node.operands[0], shape)
        return arrays.add(self.name, (x,), shape)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,) = node.operands
        yield a, self(arrays, as_whole(arrays, d, x), arrays.shape(a))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        before = w.arrays.shape(a)
        index = _index_of_new_axes(before, node.shape) or _index_of_dropped_axes(before, node.shape)
        if index is not None:
            return Text(f"{w.atom(a)}[{', '.join([':', *index] if node.batched else index)}]")
        return Text(f"np.reshape({w.text(a)}, {(-1, *node.shape) if node.batched else node.shape})")


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


class _Broadcast(Row):
    """An array repeated to a shape."""

    def __call__(self, arrays: Arrays, x: int, shape: Shape) -> int:
        if arrays.shape(x) == tuple(shape):
            return x
        known = arrays.literal(x)
        if known is not None:
            return constant(arrays, np.full(shape, known))
        return arrays.add(self.name, (x,), shape)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], as_whole(arrays, d, x)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        if not node.batched:
            return Text(f"np.broadcast_to({w.text(a)}, {node.shape})")
        text = w.named(w.beside(a, len(node.shape)) if w.arrays.shape(a) == () else w.texts[a]).text
        return Text(f"np.broadcast_to({text}, ({text}.shape[0], {', '.join(map(str, node.shape))}))")


class _AsWhole(Row):
    """An array repeated to the shape, and the batch, of another one."""

    def __call__(self, arrays: Arrays, x: int, like: int) -> int:
        node, other = arrays.nodes[x], arrays.nodes[like]
        is_gradient = x in arrays.numbers and other.op == input_.name
        if node.shape == other.shape and node.batched == other.batched and not is_gradient:
            return x
        return arrays.add(self.name, (x, like), other.shape)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], d  # of the other nothing but its shape is used

    def text(self, w: Writer, x: int, node: Node) -> Text:
        a, like = node.operands
        if w.arrays.literal(a) == 0:
            return Text(f"np.zeros_like({w.text(like)})")
        if a in w.arrays.numbers:
            return Text(f"np.full_like({w.text(like)}, {w.text(a)})")
        text = w.beside(a, len(node.shape)).text
        return Text(f"np.broadcast_to({text}, {w.atom(like)}.shape)")


# --- sections -------------------------------------------------------------------------------------------


class _Section(Row):
    """What is seen of an array through a window."""

    def __call__(self, arrays: Arrays, x: int, window: Window) -> int:
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


class _LaidOut(Row):
    """An array as its elements stand in it, one after another also in memory: so loops over rows are fast."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        return arrays.add(self.name, (x,), arrays.shape(x))

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], d

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"np.reshape(np.reshape({w.text(node.operands[0])}, (-1,)), {node.shape})")


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
            is_in_order = window.axes == tuple(range(len(window.axes)))
            text = w.text(part) if is_in_order else w.atom(part)
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


# --- elements here and there ----------------------------------------------------------------------------


class _Take(Row):
    """The elements at positions of the flattened array."""

    def __call__(self, arrays: Arrays, x: int, positions: Integers) -> int:
        return arrays.add(self.name, (x,), positions.shape, positions, positions.tobytes())

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,), positions = node.operands, node.detail
        flat = reshape(arrays, as_whole(arrays, d, x), (positions.size,))
        yield a, spread(arrays, flat, positions, arrays.shape(a))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(_gathered(w, _flat(w, node.operands[0]), node.detail, node.batched))


class _Rows(Row):
    """Rows of a matrix, also several times."""

    def __call__(self, arrays: Arrays, x: int, chosen: Integers) -> int:
        return arrays.add(self.name, (x,), (len(chosen), arrays.shape(x)[1]), chosen, chosen.tobytes())

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,), chosen = node.operands, node.detail
        n, width = arrays.shape(a)
        whole = as_whole(arrays, d, x)
        if n * len(chosen) <= _SMALL and not node.batched:
            # Each row of x gets the sum of those that were taken from it: a product with zeros and ones.
            taken = constant(arrays, (chosen == np.arange(n)[:, None]).astype(float))
            yield a, linear(arrays, taken, transposed(arrays, whole))
            return
        targets = chosen[:, None] * width + np.arange(width)
        yield a, spread(arrays, reshape(arrays, whole, (targets.size,)), targets, (n, width))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        index = w.constant(node.detail, "I")
        return Text(f"np.take({w.text(node.operands[0])}, {index}, axis={int(node.batched)})")


class _Spread(Row):
    """In a shape, the sums of the elements of x that have the same target.

    Such a sum is one along an axis, over places that are filled up with zeros. Where that would take too many
    of them, since one target has far more elements than others, its elements are summed in portions.
    """

    def __call__(self, arrays: Arrays, x: int, targets: Integers, shape: Shape) -> int:
        targets = targets.ravel()
        counts = np.bincount(targets, minlength=math.prod(shape))
        if int(counts.max(initial=0)) * len(counts) > 4 * (len(targets) + len(counts)) + 64:
            width = max(8, 2 * len(targets) // int(np.count_nonzero(counts)))
            portion = targets * len(targets) + ranks(targets) // width
            first, rows = np.unique(portion, return_inverse=True)
            x = arrays.add(self.name, (x,), (len(first),), rows, rows.tobytes())
            return self(arrays, x, first // len(targets), shape)
        return arrays.add(self.name, (x,), shape, targets, targets.tobytes())

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], elements(arrays, as_whole(arrays, d, x), node.detail)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        table = padded(node.detail, math.prod(node.shape)).reshape(*node.shape, -1)
        text = _flat(w, a)
        if (table < 0).any():
            table = np.where(table < 0, w.arrays.size(a), table)
            text = self._with_zero(w, text, node.batched)
        if table.shape[-1] == 1:
            return Text(_gathered(w, text, table[..., 0], node.batched))
        return Text(f"np.sum({_gathered(w, text, table, node.batched)}, axis=-1)")

    def _with_zero(self, w: Writer, text: str, batched: bool) -> str:
        """Write an array with a 0 at its end, for places that nothing comes to."""
        if not batched:
            return f"np.concat([{text}, {w.constant(np.zeros(1), 'K')}])"
        name = w.named(Text(text)).text
        return f"np.concat([{name}, np.zeros_like({name}[:, :1])], axis=1)"


class _Join(Row):
    """Several arrays, flattened, one after another."""

    def __call__(self, arrays: Arrays, xs: tuple[int, ...]) -> int:
        return arrays.add(self.name, xs, (sum(map(arrays.size, xs)),))

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        whole = as_whole(arrays, d, x)
        start = 0
        for operand in node.operands:
            end = start + arrays.size(operand)
            piece = section(arrays, whole, Window((slice(start, end, 1),), (0,)))
            yield operand, reshape(arrays, piece, arrays.shape(operand))
            start = end

    def text(self, w: Writer, x: int, node: Node) -> Text:
        if not node.batched:
            return Text(f"np.concat([{', '.join(_flat(w, y) for y in node.operands)}])")
        batch = next(y for y in node.operands if w.arrays.nodes[y].batched)
        n = f"{w.named(w.texts[batch]).text}.shape[0]"
        parts = [
            _flat(w, y)
            if w.arrays.nodes[y].batched
            else f"np.broadcast_to({_flat(w, y)}, ({n}, {w.arrays.size(y)}))"
            for y in node.operands
        ]
        return Text(f"np.concat([{', '.join(parts)}], axis=1)")


class _SideBySide(Row):
    """Arrays that differ in their lengths along an axis, one after another along it."""

    def __call__(self, arrays: Arrays, xs: tuple[int, ...], axis: int) -> int:
        shape = list(arrays.shape(xs[0]))
        shape[axis] = sum(arrays.shape(x)[axis] for x in xs)
        return arrays.add(self.name, xs, tuple(shape), axis, axis)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        whole, start, axes = as_whole(arrays, d, x), 0, tuple(range(len(node.shape)))
        for operand in node.operands:
            shape = arrays.shape(operand)
            indices = [slice(0, n, 1) for n in shape]
            indices[node.detail] = slice(start, start + shape[node.detail], 1)
            yield operand, section(arrays, whole, Window(tuple(indices), axes))
            start += shape[node.detail]

    def text(self, w: Writer, x: int, node: Node) -> Text:
        parts, axis = ", ".join(map(w.text, node.operands)), node.detail + node.batched
        return Text(f"np.concat([{parts}]{f', axis={axis}' if axis else ''})")


def _flat(w: Writer, x: int) -> str:
    node = w.arrays.nodes[x]
    if x in w.arrays.numbers:
        return w.constant(np.array([node.detail]), "K")
    if len(node.shape) == 1:
        return w.atom(x)
    return f"np.reshape({w.text(x)}, {(-1, w.arrays.size(x)) if node.batched else (-1,)})"


def _gathered(w: Writer, text: str, positions: Integers, batched: bool) -> str:
    """Write the elements at positions of a flat array; in the standard a batch takes a list of them."""
    if not batched:
        return f"{text}[{w.constant(positions, 'I')}]"
    taken = f"np.take({text}, {w.constant(positions.ravel(), 'I')}, axis=1)"
    return taken if positions.ndim == 1 else f"np.reshape({taken}, {(-1, *positions.shape)})"


# --- the table ------------------------------------------------------------------------------------------


def _each(arrays: Arrays, node: Node) -> int:
    """Count one for each element."""
    return math.prod(node.shape)


def _each_operand(arrays: Arrays, node: Node) -> int:
    """Count one for each element of the operand."""
    return arrays.size(node.operands[0])


def _products(arrays: Arrays, node: Node) -> int:
    """Count a product and an addition for each pair that meets in a matrix product."""
    size = math.prod(node.shape)
    a, b = (arrays.size(x) for x in node.operands)
    return 2 * size * math.isqrt(max(1, a * b // max(1, size)))


def _products_in_stacks(arrays: Arrays, node: Node) -> int:
    """Count the same in stacks of matrices."""
    return 2 * math.prod(node.shape) * arrays.shape(node.operands[0])[-1]


input_ = _Input("input", price=0.0)
constant = _Constant("constant", price=0.0, writes_itself=True)
result = _Result("result", price=0.0, lends=True)
elementwise = _Elementwise("elementwise", flops=_each)
chain = _Chain("chain", flops=_each)
linear = _Linear("linear", flops=_products)
back = _Back("back", flops=_products)
outer = _Outer("outer", flops=_products)
stacked = _Stacked("stacked", flops=_products_in_stacks)
total = _Total("total", price=2.5, flops=_each_operand)
over_batch = _OverBatch("over_batch", flops=_each_operand)
average = _Average("average")
extreme = _Extreme("extreme", price=3.0, flops=_each_operand)
at_extreme = _AtExtreme("at_extreme", price=6.0)
samples = _Samples("samples", price=0.0)
per_sample = _PerSample("per_sample", price=0.0)
reshape = _Reshape("reshape", price=0.0, is_free=True, lends=True)
broadcast = _Broadcast("broadcast", price=4.0, lends=True)
as_whole = _AsWhole("as_whole", price=4.0, lends=True)
section = _Section("section", price=0.0, is_free=True, lends=True)
laid_out = _LaidOut("laid_out")
place = _Place("place", price=4.0, writes_itself=True)
take = _Take("take", price=2.0)
rows = _Rows("rows")
spread = _Spread("spread", price=6.0, flops=_each_operand)
join = _Join("join", price=3.0)
side_by_side = _SideBySide("side_by_side", price=2.0)

OPERATIONS: dict[str, Row] = {row.name: row for row in list(globals().values()) if isinstance(row, Row)}
"""All rows, by name."""


# --- the operation that finds elements ------------------------------------------------------------------


def elements(arrays: Arrays, x: int, positions: Integers, repeat: bool = True) -> int:
    """Return the elements of x at positions: itself, a reshaping or a section if possible, else by ``take``.

    Parameters
    ----------
    arrays : Arrays
    x : int
    positions : array of int
        In the flattened array; their shape is that of the result.
    repeat : bool
        Whether an axis along which all are the same is to have its length; else its length is 1.
    """
    wanted = positions.shape
    for axis in range(positions.ndim):
        first = positions.take([0], axis=axis)
        repeated = np.broadcast_to(first, positions.shape)
        if positions.shape[axis] > 1 and np.array_equal(repeated, positions):
            positions = first
    found = reshape(arrays, _core(arrays, x, positions.squeeze()), positions.shape)
    return broadcast(arrays, found, wanted) if repeat else found


def _core(arrays: Arrays, x: int, positions: Integers) -> int:
    size, flat = arrays.size(x), positions.ravel()
    if positions.size == size and np.array_equal(flat, np.arange(size)):
        return reshape(arrays, x, positions.shape)
    window = window_of(arrays.shape(x), positions)
    if window is not None:
        return section(arrays, x, window)
    axes = _axes_of_whole(size, positions)
    if axes is not None:
        whole = reshape(arrays, x, axes)
        window = window_of(axes, positions)
        if window is not None:
            return section(arrays, whole, window)
    start = int(flat[0])
    if np.array_equal(flat, np.arange(start, start + positions.size)):
        window = Window((slice(start, start + positions.size, 1),), (0,))
        return reshape(arrays, section(arrays, reshape(arrays, x, (size,)), window), positions.shape)
    chosen = _whole_rows(arrays.shape(x), positions)
    return take(arrays, x, positions) if chosen is None else rows(arrays, x, chosen)


def _axes_of_whole(size: int, positions: Integers) -> Shape | None:
    """Return the shape in which a whole array has these axes in some order; None if it has none."""
    if positions.size != size or positions.ndim < 2:
        return None
    steps = [
        int(positions[tuple(int(i == axis) for i in range(positions.ndim))]) for axis in range(positions.ndim)
    ]
    shape = tuple(
        positions.shape[axis] for axis in sorted(range(positions.ndim), key=lambda axis: -steps[axis])
    )
    return shape if positions[(0,) * positions.ndim] == 0 else None


def _whole_rows(shape: Shape, positions: Integers) -> Integers | None:
    """Return which rows of a matrix these are, if they are rows."""
    if len(shape) != 2 or positions.ndim != 2 or positions.shape[1] != shape[1]:
        return None
    chosen = positions[:, 0] // shape[1]
    whole = chosen[:, None] * shape[1] + np.arange(shape[1])
    return chosen if np.array_equal(whole, positions) else None
