"""The array program as NumPy source: named like the user's variables, one statement an array.

Only functions of the Python array API standard are called, so that ``np`` may be another library.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.lift.adjoint import padded
from autograd_lite.lift.arrays import Arrays, Node, View
from autograd_lite.lift.rules import rule_of, terms_in, uses_result
from autograd_lite.programs import COMPARISONS, Program, Term

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(1, 6)
_LONGEST = 88


class Source(NamedTuple):
    """A function as text, the arrays of constants it refers to, and the operations it consists of."""

    text: str
    constants: dict[str, Any]
    used: list[int]


def write(
    arrays: Arrays, inputs: Sequence[int], value: int, gradients: Sequence[int | None], backward_from: int
) -> Source:
    """Write an array program as a function ``program(inputs…) -> (value, [gradients])``.

    Parameters
    ----------
    arrays : Arrays
    inputs : sequence of int
    value : int
        For a batch its mean is returned.
    gradients : sequence of int or None
    backward_from : int
        The first operation of the backward part.

    Returns
    -------
    Source
    """
    writer = _Writer(arrays, [value, *(g for g in gradients if g is not None)])
    used = writer.order()
    lines = [f"def program({', '.join(map(writer.input_name, inputs))}):"]
    first = next((x for x in used if x >= backward_from and arrays.nodes[x].op != "input"), None)
    for x in used:
        if x == first:
            lines.append("    # backward")
        lines.extend(f"    {line}" for line in writer.statements(x))
    results = [writer.name(g) if g is not None else "None" for g in gradients]
    lines.append(f"    return {writer.name(value)}, [{', '.join(results)}]")
    return Source("\n".join(lines) + "\n", writer.constants, used)


class _Writer:
    def __init__(self, arrays: Arrays, outputs: Sequence[int]) -> None:
        self.arrays = arrays
        self.outputs = set(outputs)
        self.uses: Counter[int] = Counter()
        self.constants: dict[str, Any] = {}
        self._texts: dict[int, tuple[str, int]] = {}
        self._terms: dict[Any, dict[int, tuple[str, int]]] = {}
        self._taken: Counter[str] = Counter()
        self._pending: list[str] = []
        pending = list(outputs)
        while pending:
            x = pending.pop()
            self.uses[x] += 1
            if self.uses[x] == 1:
                pending.extend(self._needed(arrays.nodes[x]))

    def _needed(self, node: Node) -> tuple[int, ...]:
        # A derivative may be written with the result of the operation itself.
        if node.op == "partial" and uses_result(self.arrays, node):
            return (*node.operands, node.detail[2])
        return node.operands

    def order(self) -> list[int]:
        return [x for x in range(len(self.arrays.nodes)) if self.uses[x]]

    def input_name(self, x: int) -> str:
        """Return the name of an input, which the function's head gives."""
        self._texts[x] = self._free(self.arrays.names[x]), _ATOM
        return self.name(x)

    # --- statements -------------------------------------------------------------------------------------

    def statements(self, x: int) -> list[str]:
        """Return the lines that compute x; none if it is written where it is used."""
        node = self.arrays.nodes[x]
        if node.op == "input":
            return []
        if node.op == "place":
            return self._placed(x, node)
        self._pending = []
        text, binds = _EXPRESSIONS[node.op](self, node)
        lines = self._pending
        if self._inline(x, node, text):
            self._texts[x] = text, binds
            return lines
        name = self._new_name(x)
        self._texts[x] = name, _ATOM
        return [*lines, f"{name} = {text}{_comment(node)}"]

    def _inline(self, x: int, node: Node, text: str) -> bool:
        if node.op == "constant":
            return True
        # A view of a named array costs no more than a name.
        is_view = node.op in ("reshape", "view") and self.name(node.operands[0]).isidentifier()
        once = self.uses[x] == 1 or (is_view and len(text) < 24)
        return once and x not in self.outputs and x not in self.arrays.names and len(text) < _LONGEST

    def _placed(self, x: int, node: Node) -> list[str]:
        name = self._new_name(x)
        like, *parts = node.operands
        lines = [f"{name} = np.zeros_like({self.name(like)})"]
        batched = self.arrays.nodes[like].batched
        for part, view in zip(parts, node.detail, strict=True):
            # The part has the view's axes in order; in the array they lie as they do there.
            text = _transposed(self.name(part), _inverse(view.axes), self.arrays.nodes[part].batched)
            lines.append(f"{name}[{_indices(view, batched)}] += {text}")
        self._texts[x] = name, _ATOM
        return lines

    def _new_name(self, x: int) -> str:
        node = self.arrays.nodes[x]
        wanted = self.arrays.names.get(x, "t")
        is_matrix = len(node.shape) + node.batched >= 2
        stem = wanted.removeprefix("d")
        if is_matrix and len(stem) > 0 and stem[0].islower() and x in self.arrays.names:
            wanted = wanted[: len(wanted) - len(stem)] + stem[0].upper() + stem[1:]
        return self._free(wanted)

    def _free(self, wanted: str) -> str:
        self._taken[wanted] += 1
        if wanted == "t":
            return f"t{self._taken[wanted]}"
        return wanted if self._taken[wanted] == 1 else f"{wanted}_{self._taken[wanted]}"

    def name(self, x: int) -> str:
        """Return the text of an operand that stands alone."""
        return self._texts[x][0]

    def operand(self, x: int, at_least: int) -> str:
        """Return the text of an operand, in parentheses if it binds less tightly than wanted."""
        text, binds = self._texts[x]
        return text if binds >= at_least else f"({text})"

    def atom(self, x: int) -> str:
        return self.operand(x, _ATOM)

    def constant_name(self, array: Any, letter: str) -> str:
        name = self._free(f"{letter}{1 + sum(key.startswith(letter) for key in self.constants)}")
        self.constants[name] = array
        return name

    # --- expressions ------------------------------------------------------------------------------------

    def constant(self, node: Node) -> tuple[str, int]:
        if isinstance(node.detail, float):
            return _literal(node.detail)
        return self.constant_name(node.detail, "C"), _ATOM

    def _full_rank(self, x: int, rank: int) -> str | None:
        """Return the text of a number for each sample beside arrays, which needs axes to broadcast along."""
        node = self.arrays.nodes[x]
        if node.batched and len(node.shape) < rank:
            return f"{self.atom(x)}[:{', None' * (rank - len(node.shape))}]"
        return None

    def map(self, node: Node) -> tuple[str, int]:
        rule = rule_of(self.arrays, node.detail, node.operands)
        known = self._known(node.detail, node.operands, len(node.shape))
        self._share([rule.value], rule, known)
        return self.term(rule.value, known)

    def partial(self, node: Node) -> tuple[str, int]:
        row, i, result = node.detail
        rule = rule_of(self.arrays, row, node.operands)
        known = self._known(row, node.operands, len(node.shape))
        if result in self._texts:
            known[id(rule.value)] = self._texts[result]
        self._share([rule.partials[i]], rule, known)
        return self.term(rule.partials[i], known)

    def _known(self, row: str, operands: tuple[int, ...], rank: int) -> dict[int, tuple[str, int]]:
        """Return the texts of terms that value and partials of an operation share, its operands among them."""
        known = self._terms.setdefault((row, operands), {})
        for position, x in enumerate(operands):
            stretched = self._full_rank(x, rank)
            known[-1 - position] = self._texts[x] if stretched is None else (stretched, _ATOM)
        return known

    def _share(self, outputs: list[Term], rule: Program, known: dict[int, tuple[str, int]]) -> None:
        """Give a name to the terms that occur more than once."""
        inside = terms_in(*outputs)
        for term in rule.shared():
            is_new = id(term) in inside and id(term) not in known
            if is_new and term is not rule.value and term.op not in COMPARISONS:
                text, _ = self.term(term, known)
                name = self._free("t")
                self._pending.append(f"{name} = {text}")
                known[id(term)] = name, _ATOM

    def term(self, term: Term, known: dict[int, tuple[str, int]]) -> tuple[str, int]:
        """Write a term of the rule book's arithmetic."""
        if id(term) in known:
            return known[id(term)]
        if term.op == "operand":
            return known[-1 - term.operands[0]]
        if term.op == "number":
            return _literal(term.operands[0])
        if term.op == "choose":
            return self._choice(term, known)
        if term.op in _INFIX:
            sign, binds, right = _INFIX[term.op]
            a, b = (self._bracketed(t, known, binds + r) for t, r in zip(term.operands, (0, right), strict=True))
            return f"{a} {sign} {b}", binds
        if term.op == "pow":
            a, b = (self._bracketed(t, known, _ATOM) for t in term.operands)
            return f"{a}**{b}", _POWER
        if term.op == "neg":
            return f"-{self._bracketed(term.operands[0], known, _POWER)}", _SIGN
        if term.op in ("pole", "overflow"):
            return self._exception(term, known)
        arguments = ", ".join(self.term(t, known)[0] for t in term.operands)
        return f"{_FUNCTIONS.get(term.op, f'np.{term.op}')}({arguments})", _ATOM

    def _bracketed(self, term: Term, known: dict[int, tuple[str, int]], at_least: int) -> str:
        text, binds = self.term(term, known)
        return text if binds >= at_least else f"({text})"

    def _choice(self, term: Term, known: dict[int, tuple[str, int]]) -> tuple[str, int]:
        condition, a, b = term.operands
        texts = [self.term(t, known)[0] for t in (condition, a, b)]
        if condition.op == "gt" and a is condition.operands[0] and _number(b) == 0 == _number(condition.operands[1]):
            return f"np.maximum({texts[1]}, 0)", _ATOM
        if _number(a) == 1 and _number(b) == 0:
            return texts[0], 0
        if _number(a) is not None and _number(b) is not None:
            like = known[-1][0]
            texts[1:] = [f"np.full_like({like}, {text})" for text in texts[1:]]
        return f"np.where({', '.join(texts)})", _ATOM

    def _exception(self, term: Term, known: dict[int, tuple[str, int]]) -> tuple[str, int]:
        texts = [self._bracketed(t, known, _ATOM) for t in term.operands]
        if term.op == "pole":
            x, y = texts
            return f"({x} == 0) & ({y} < 0)", 0
        z, x, y = texts
        return f"np.isinf({z}) & np.isfinite({x}) & np.isfinite({y})", 0

    def linear(self, node: Node) -> tuple[str, int]:
        x, W = node.operands
        if not self.arrays.nodes[W].batched:
            return f"{self.operand(x, _PRODUCT)} @ {self._transpose(W)}", _PRODUCT
        if len(self.arrays.shape(x)) > 1:
            return f"{self.operand(x, _PRODUCT)} @ {self.atom(W)}.mT", _PRODUCT
        return f"({self.atom(W)} @ {self.atom(x)}[..., None])[..., 0]", _ATOM

    def _transpose(self, x: int) -> str:
        text = self.atom(x)
        return text.removesuffix(".T") if text.endswith(".T") else f"{text}.T"

    def back(self, node: Node) -> tuple[str, int]:
        z, W = node.operands
        if not self.arrays.nodes[W].batched or len(self.arrays.shape(z)) > 1:
            return f"{self.operand(z, _PRODUCT)} @ {self.atom(W)}", _PRODUCT
        return f"({self.atom(z)}[..., None, :] @ {self.atom(W)})[..., 0, :]", _ATOM

    def outer(self, node: Node) -> tuple[str, int]:
        z, x = node.operands
        a, b = self.arrays.nodes[z], self.arrays.nodes[x]
        if node.batched:
            if len(a.shape) > 1:
                return f"{self.atom(z)}.mT @ {self.atom(x)}", _PRODUCT
            return f"{self.atom(z)}[..., :, None] * {self.atom(x)}[..., None, :]", _PRODUCT
        texts = []
        for text, part, other in ((self.atom(z), a, b), (self.atom(x), b, a)):
            if part.batched and not other.batched:
                text = f"np.sum({text}, axis=0)"
            elif part.batched and len(part.shape) > 1:
                text = f"np.reshape({text}, (-1, {part.shape[-1]}))"
            texts.append(text)
        if len(a.shape) == 1 and not (a.batched and b.batched):
            return f"{texts[0]}[:, None] * {texts[1]}", _PRODUCT
        return f"{texts[0]}.T @ {texts[1]}", _PRODUCT

    def sum(self, node: Node) -> tuple[str, int]:
        (x,) = node.operands
        source = self.arrays.nodes[x]
        if not source.batched and len(node.detail) == len(source.shape):
            return f"np.sum({self.name(x)})", _ATOM
        axes = node.detail[0] if len(node.detail) == 1 else node.detail
        if not source.batched:
            axes = axes + len(source.shape) if isinstance(axes, int) else tuple(a + len(source.shape) for a in axes)
        return f"np.sum({self.name(x)}, axis={axes})", _ATOM

    def over_batch(self, node: Node) -> tuple[str, int]:
        return f"np.sum({self.name(node.operands[0])}, axis=0)", _ATOM

    def average(self, node: Node) -> tuple[str, int]:
        return f"np.mean({self.name(node.operands[0])})", _ATOM

    def share(self, node: Node) -> tuple[str, int]:
        return f"1 / {self.atom(node.operands[0])}.shape[0]", _PRODUCT

    def reshape(self, node: Node) -> tuple[str, int]:
        (x,) = node.operands
        before = self.arrays.nodes[x]
        lead = [":"] if node.batched else []
        index = _stretched(before.shape, node.shape) or _shrunk(before.shape, node.shape)
        if index is not None:
            return f"{self.atom(x)}[{', '.join(lead + index)}]", _ATOM
        shape = (-1, *node.shape) if node.batched else node.shape
        return f"np.reshape({self.name(x)}, {shape})", _ATOM

    def broadcast(self, node: Node) -> tuple[str, int]:
        (x,) = node.operands
        if node.batched:
            shape = ", ".join(map(str, node.shape))
            return f"np.broadcast_to({self.name(x)}, ({self.atom(x)}.shape[0], {shape}))", _ATOM
        return f"np.broadcast_to({self.name(x)}, {node.shape})", _ATOM

    def as_whole(self, node: Node) -> tuple[str, int]:
        x, like = node.operands
        text = self._full_rank(x, len(node.shape)) or self.name(x)
        return f"np.broadcast_to({text}, {self.atom(like)}.shape)", _ATOM

    def view(self, node: Node) -> tuple[str, int]:
        text = f"{self.atom(node.operands[0])}[{_indices(node.detail, node.batched)}]"
        if all(index == slice(0, n, 1) for index, n in zip(node.detail.indices, self._source_shape(node), strict=True)):
            text = self.atom(node.operands[0])
        return _transposed(text, node.detail.axes, node.batched), _ATOM

    def _source_shape(self, node: Node) -> tuple[int, ...]:
        return self.arrays.shape(node.operands[0])

    def take(self, node: Node) -> tuple[str, int]:
        (x,) = node.operands
        return f"{self._flat(x)}[{':, ' if node.batched else ''}{self.constant_name(node.detail, 'I')}]", _ATOM

    def _named(self, text: str) -> str:
        """Return a name for a text, unless it is one."""
        if text.isidentifier():
            return text
        name = self._free("t")
        self._pending.append(f"{name} = {text}")
        return name

    def _flat(self, x: int) -> str:
        node = self.arrays.nodes[x]
        if len(node.shape) == 1:
            return self.atom(x)
        shape = (-1, self.arrays.size(x)) if node.batched else (-1,)
        return f"np.reshape({self.name(x)}, {shape})"

    def spread(self, node: Node) -> tuple[str, int]:
        (x,) = node.operands
        table = padded(node.detail, math.prod(node.shape)).reshape(*node.shape, -1)
        text = self._flat(x)
        if (table < 0).any():
            text = self._named(text)
            text = f"np.concat([{text}, np.zeros_like({text}[..., :1])], axis=-1)"
        lead = ":, " if node.batched else ""
        if table.shape[-1] == 1:
            return f"{text}[{lead}{self.constant_name(table[..., 0], 'I')}]", _ATOM
        return f"np.sum({text}[{lead}{self.constant_name(table, 'I')}], axis=-1)", _ATOM

    def join(self, node: Node) -> tuple[str, int]:
        if not node.batched:
            return f"np.concat([{', '.join(map(self._flat, node.operands))}])", _ATOM
        batch = next(x for x in node.operands if self.arrays.nodes[x].batched)
        parts = [
            self._flat(x)
            if self.arrays.nodes[x].batched
            else f"np.broadcast_to({self._flat(x)}, ({self.atom(batch)}.shape[0], {self.arrays.size(x)}))"
            for x in node.operands
        ]
        parts = [f"{p}[:, None]" if self.arrays.shape(x) == () else p for p, x in zip(parts, node.operands, strict=True)]
        return f"np.concat([{', '.join(parts)}], axis=-1)", _ATOM


_EXPRESSIONS: dict[str, Callable[[_Writer, Node], tuple[str, int]]] = {
    name: getattr(_Writer, name)
    for name in (
        "constant map partial linear back outer sum over_batch average share reshape broadcast as_whole view take spread join"
    ).split()
}

# Sign, how tightly it binds, and how much more tightly its right operand must.
_INFIX = {"add": ("+", _SUM, 0), "sub": ("-", _SUM, 1), "mul": ("*", _PRODUCT, 0), "div": ("/", _PRODUCT, 1)} | {
    name: (sign, 0, 1) for name, sign in COMPARISONS.items()
}
_FUNCTIONS = {"erf": "erf", "erfc": "erfc", "fsum": "fsum", "hypot": "hypot"}


def _literal(number: float) -> tuple[str, int]:
    """Write a number, 2.0 as 2, which leaves single-precision arrays as they are."""
    if not math.isfinite(number):
        text = "np.nan" if number != number else "np.inf"
        return (text, _ATOM) if number != -math.inf else (f"-{text}", _SIGN)
    is_whole = float(number).is_integer() and abs(number) < 1e15 and math.copysign(1, number) == (1 if number >= 0 else -1)
    return repr(int(number)) if is_whole else repr(float(number)), _ATOM if number >= 0 else _SIGN


def _number(term: Term) -> float | None:
    return term.operands[0] if term.op == "number" else None


def _comment(node: Node) -> str:
    formula = {
        "outer": "∂C/∂W = (∂C/∂z) aᵀ (B2)",
        "back": "∂C/∂a = Wᵀ ∂C/∂z (B4)",
        "over_batch": "∂C/∂b = Σ ∂C/∂z over the samples (B3, A5)",
    }.get(node.op, "")
    return f"  # {formula}" if formula else ""


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


def _transposed(text: str, axes: tuple[int, ...], batched: bool) -> str:
    if axes == tuple(range(len(axes))):
        return text
    if axes == (1, 0):
        return f"{text}.mT" if batched else f"{text}.T"
    order = (0, *(axis + 1 for axis in axes)) if batched else axes
    return f"np.permute_dims({text}, {order})"


def _stretched(before: tuple[int, ...], after: tuple[int, ...]) -> list[str] | None:
    """Return the index that adds axes of length 1, if that is all a reshaping does."""
    if tuple(n for n in after if n != 1) != before or len(after) <= len(before) or 1 in before:
        return None
    return ["None" if n == 1 else ":" for n in after]


def _shrunk(before: tuple[int, ...], after: tuple[int, ...]) -> list[str] | None:
    """Return the index that drops axes of length 1, if that is all a reshaping does."""
    if tuple(n for n in before if n != 1) != after:
        return None
    index = ["0" if n == 1 else ":" for n in before]
    while index[-1] == ":":
        index.pop()
    return index
