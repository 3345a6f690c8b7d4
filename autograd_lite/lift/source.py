"""The array program as NumPy source: named like the user's variables, one statement a layer or group.

Only what the Python array API standard has is called, so that ``np`` may be another library.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd_lite.lift.arrays import Arrays, Derivative, Node
from autograd_lite.lift.expressions import Expressions
from autograd_lite.lift.rules import HELPERS, SUPPORTED, helper
from autograd_lite.lift.terms import TermWriter, Text

_WIDTH = 100
_LONGEST_INLINE = 60
_RESERVED = {"np", "program", *SUPPORTED, *HELPERS, *keyword.kwlist}


class Source(NamedTuple):
    """A function as text, the arrays of constants it refers to, and the operations it consists of."""

    text: str
    constants: dict[str, Any]
    used: list[int]


def write(
    arrays: Arrays, inputs: Sequence[int], value: int, gradients: Sequence[int], backward_from: int
) -> Source:
    """Write an array program as a function ``program(inputs…) -> (value, [gradients])``.

    Parameters
    ----------
    arrays : Arrays
    inputs : sequence of int
    value : int
    gradients : sequence of int
    backward_from : int
        The first operation of the backward part.

    Returns
    -------
    Source
    """
    writer = _Writer(arrays, inputs, [value, *gradients], backward_from)
    head = _folded(f"def program({', '.join(map(writer.name, inputs))}):")
    body = writer.body()
    body += _folded(f"return {writer.name(value)}, [{', '.join(map(writer.name, gradients))}]")
    lines = [*_helpers(body), *head, *(f"    {line}" for line in body)]
    return Source("\n".join(lines) + "\n", writer.expressions.constants, writer.used)


class _Writer:
    """Goes through the operations in order; keeps what each is called."""

    def __init__(
        self, arrays: Arrays, inputs: Sequence[int], outputs: Sequence[int], backward_from: int
    ) -> None:
        self.arrays = arrays
        self.outputs = set(outputs)
        self.backward_from = backward_from
        self.uses = self._count_uses(outputs)
        self.used = [x for x in range(len(arrays.nodes)) if self.uses[x]]
        self._inputs = list(inputs)
        self._taken: set[str] = set(_RESERVED)
        self._temporaries = 0
        self._texts: dict[int, Text] = {}
        for x in inputs:
            self._texts[x] = Text(self.free(arrays.names[x]))
        self.expressions = Expressions(arrays, self._texts, self.free, self.temporary)

    def _count_uses(self, outputs: Sequence[int]) -> Counter[int]:
        uses: Counter[int] = Counter()
        pending = list(outputs)
        while pending:
            x = pending.pop()
            uses[x] += 1
            if uses[x] == 1:
                pending.extend(self.arrays.nodes[x].operands)
        return uses

    # --- names ------------------------------------------------------------------------------------------

    def free(self, wanted: str) -> str:
        """Return the name, or one like it if it is taken."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """Return a name for what has none."""
        self._temporaries += 1
        while f"t{self._temporaries}" in self._taken:
            self._temporaries += 1
        return self.free(f"t{self._temporaries}")

    def name(self, x: int) -> str:
        """Return what an operation is called, or written as."""
        return self._texts[x].text

    def _new_name(self, x: int) -> str:
        wanted = self.arrays.names.get(x)
        if wanted is None:
            return self.temporary()
        node = self.arrays.nodes[x]
        stem = wanted.removeprefix("d") if x >= self.backward_from else wanted
        is_input = stem in (self.arrays.names[i] for i in self._inputs)
        if len(node.shape) + node.batched >= 2 and not is_input and stem[0].islower():
            # A matrix has a capital letter.
            wanted = wanted[: len(wanted) - len(stem)] + stem[0].upper() + stem[1:]
        return self.free(wanted)

    # --- statements -------------------------------------------------------------------------------------

    def body(self) -> list[str]:
        """Return the statements, the backward part under its heading."""
        lines: list[str] = []
        started = False
        for x in self.used:
            statements = self._statements(x)
            if statements and x >= self.backward_from and not started:
                started = True
                lines.append("# backward")
            lines += statements
        return lines

    def _statements(self, x: int) -> list[str]:
        """Return the lines that compute x; none if it is written where it is used."""
        node = self.arrays.nodes[x]
        if node.op == "input":
            return []
        if node.op == "place":
            name = self._new_name(x)
            self._texts[x] = Text(name)
            return self.expressions.placed(name, node)
        text = self.expressions.write(node)
        before = self.expressions.taken_statements()
        if self._is_inline(x, node, text):
            self._texts[x] = text
            return before
        name = self._new_name(x)
        self._texts[x] = Text(name)
        return [*before, *_commented(f"{name} = {text.text}", self._comment(x, node, name))]

    def _is_inline(self, x: int, node: Node, text: Text) -> bool:
        if node.op == "constant":
            return True
        if x in self.outputs or x in self.arrays.names or len(text.text) > _LONGEST_INLINE:
            return False
        # A view of what has a name costs no more than the name.
        is_view = node.op in ("reshape", "view") and self.name(node.operands[0]).isidentifier()
        return self.uses[x] == 1 or (is_view and len(text.text) < 24)

    def _comment(self, x: int, node: Node, name: str) -> str:
        """Return the derivation of a line of the backward part."""
        if x < self.backward_from:
            return ""
        if node.op in ("outer", "back"):
            return self._comment_of_product(node)
        if node.op == "chain" and self._is_activation(node.detail):
            return "B1: ∂C/∂z = ∂C/∂a ⊙ σ′(z)"
        is_bias = name.startswith("db") and node.op in ("sum", "over_batch", "result")
        if is_bias:
            return "B3: ∂C/∂b = ∂C/∂z" if node.op == "result" else "B3, A5: ∂C/∂b = Σₛ ∂C/∂z"
        return ""

    def _is_activation(self, derivative: Derivative) -> bool:
        """Return whether it is that of a function of a weighted input."""
        z = self.arrays.nodes[derivative.operands[0]]
        operands = [z, *(self.arrays.nodes[x] for x in z.operands)] if z.op == "map" else [z]
        return len(derivative.operands) == 1 and any(node.op == "linear" for node in operands)

    def _comment_of_product(self, node: Node) -> str:
        if node.op == "outer":
            z = self.arrays.nodes[node.operands[0]]
            is_batch = len(z.shape) > 1 or (z.batched and not node.batched)
            return "B2, A5: ∂C/∂W = Σₛ ∂C/∂z aᵀ" if is_batch else "B2: ∂C/∂W = ∂C/∂z aᵀ"
        return "B4, A9: ∂C/∂a = Wᵀ ∂C/∂z"


def _commented(line: str, comment: str) -> list[str]:
    if not comment:
        return [line]
    whole = f"{line}  # {comment}"
    return [whole] if len(whole) <= _WIDTH - 4 else [f"# {comment}", line]


def _folded(line: str) -> list[str]:
    """Break a line after commas."""
    lines = []
    while len(line) > _WIDTH - 4 and ", " in line[10 : _WIDTH - 4]:
        cut = line.rindex(", ", 0, _WIDTH - 4) + 1
        lines.append(line[:cut])
        line = f"    {line[cut:]}"
    return [*lines, line]


def _helpers(body: Sequence[str]) -> list[str]:
    """Write the functions that the body calls and NumPy lacks."""
    lines: list[str] = []
    called = set(re.findall(r"(\w+)\(", "\n".join(body)))
    for row in sorted(HELPERS):
        rule = helper(row)
        function = [f"def {row}({', '.join(rule.names)}):"]
        writer = TermWriter([Text(name) for name in rule.names], iter("tuv").__next__)
        writer.share([rule.value], rule)
        function += [f"    {statement}" for statement in writer.statements]
        function.append(f"    return {writer.write(rule.value).text}")
        if row in called:
            lines += [*function, "", ""]
            called |= set(re.findall(r"(\w+)\(", "\n".join(function)))
    return lines
