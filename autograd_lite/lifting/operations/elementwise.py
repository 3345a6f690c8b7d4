"""The rows of the rule book, element by element, and the chain rule for them.

What the rows are on arrays is told in printing/numpy.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from autograd_lite.lifting.arrays import Arrays, Node
from autograd_lite.lifting.operations.inputs import constant, per_sample, samples
from autograd_lite.lifting.operations.products import linear
from autograd_lite.lifting.operations.row import Contributions, Row, each
from autograd_lite.lifting.writer import Writer
from autograd_lite.ops import RULES
from autograd_lite.printing.numpy import (
    Text,
    array_rule,
    has_pole,
    infix,
    is_choice,
    leaves_a_number,
    number,
    questions,
    terms_in,
    times,
    unchanged,
)
from autograd_lite.printing.programs import Program

# An operand above it is no pole.
_TINY = 1e-60
_WRITTEN_IN = {"pow": {1}, "bessel": {0}, "polygamma": {0}}


class Derivative(NamedTuple):
    """The partial derivative of a row of the rule book by its operand i, where the row was applied."""

    row: str
    i: int
    result: int
    operands: tuple[int, ...]


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
        literals = (None, arrays.literal(operands[1])) if row == "pow" else ()
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


elementwise = _Elementwise("elementwise", flops=each)
chain = _Chain("chain", flops=each)
