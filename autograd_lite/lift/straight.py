"""Irregular graphs as straight-line Python: one statement a scalar, on floats.

Where few scalars are alike there are no arrays to be found, and NumPy's functions, called for single numbers,
would take longer than the engine itself. The rule book's own paths for floats give values and derivatives.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd_lite.lift.places import Input
from autograd_lite.lift.scalars import CONSTANT, INPUT, Scalars
from autograd_lite.lift.structure import identifier
from autograd_lite.lift.terms import literal
from autograd_lite.numbers import special
from autograd_lite.ops import RULES, Operation

_WIDTH = 96
_LONGEST_SUM = 12
_HEAD = "# tanh(x) and its like return the value and the derivatives."


def write_straight(program: Scalars, inputs: Sequence[Input], asked: Sequence[int]) -> str:
    """Write a scalar program and its gradient as a function ``program(inputs…) -> (value, [gradients])``.

    Parameters
    ----------
    program : Scalars
        Before sums are collected.
    inputs : sequence of Input
        Each is given as a number, or as a list of its elements; so are the gradients.
    asked : sequence of int
        The inputs whose gradients are wanted.

    Returns
    -------
    str
    """
    writer = _Writer(program, inputs, asked)
    writer.forward()
    writer.backward()
    results = ", ".join(writer.gradient(number) for number in asked)
    writer.add(f"return {writer.texts[program.root]}, [{results}]")
    names = ", ".join(one.name for one in inputs)
    head = [_HEAD] if writer.calls else []
    return "\n".join([*head, f"def program({names}):", *writer.lines]) + "\n"


def rules_for_floats() -> dict[str, Callable[..., Any]]:
    """Return the functions that straight-line programs call: of each row, its value and its derivatives.

    Returns
    -------
    dict of str to callable

    Examples
    --------
    >>> rules_for_floats()["sin"](0.0)
    (0.0, 1.0)
    """
    return {name: _for_floats(row) for name, row in RULES.items()}


def _for_floats(row: Operation) -> Callable[..., Any]:
    if row.floats.fast is not None:
        return partial(row.floats.fast, special)

    def function(*operands: float) -> Any:
        value = row.value(*operands)
        partials = row.local_partials(value, operands)
        return value, partials if len(partials) != 1 else partials[0]

    return function


class _Writer:
    def __init__(self, program: Scalars, inputs: Sequence[Input], asked: Sequence[int]) -> None:
        self.program = program
        self.inputs = inputs
        self.lines: list[str] = []
        self.texts: list[str] = [""] * len(program.ops)
        self.calls = False
        self._partials: dict[int, list[str]] = {}
        self._contributions: dict[int, list[str]] = {}
        self._taken = {"np", "program", "sum", *RULES, *(one.name for one in inputs)}
        self._needed = self._depending(set(asked))
        self._places = {place: i for i, place in program.inputs.items()}

    def _depending(self, asked: set[int]) -> list[bool]:
        needed = [False] * len(self.program.ops)
        for i, nodes in enumerate(self.program.operands):
            is_asked = self.program.ops[i] == INPUT and self.program.inputs[i][0] in asked
            needed[i] = is_asked or any(needed[node] for node in nodes)
        return needed

    def add(self, line: str) -> None:
        """Add a statement, broken after commas where it is long."""
        indent = "    "
        while len(line) > _WIDTH and ", " in line[:_WIDTH]:
            cut = line.rindex(", ", 0, _WIDTH) + 1
            self.lines.append(indent + line[:cut])
            line, indent = line[cut + 1 :], "        "
        self.lines.append(indent + line)

    def _name(self, i: int) -> str:
        """Return a name for a node: its label's, or a number."""
        label = self.program.labels[i] or ("C" if i == self.program.root else "")
        wanted = identifier(label) if label else f"t{i}"
        return self._free(f"t{i}" if keyword.iskeyword(wanted) or wanted in self._taken else wanted)

    def _free(self, wanted: str) -> str:
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted

    # --- forward ----------------------------------------------------------------------------------------

    def forward(self) -> None:
        """Write the values."""
        for number, one in enumerate(self.inputs):
            self._unpack(number, one)
        for i, op in enumerate(self.program.ops):
            if op == CONSTANT:
                self.texts[i] = _bracketed(literal(self.program.values[i]).text)
            elif op != INPUT:
                self._compute(i, op, [self.texts[node] for node in self.program.operands[i]])

    def _unpack(self, number: int, one: Input) -> None:
        size = math.prod(one.shape)
        nodes = [self._places.get((number, position)) for position in range(size)]
        names = [self._free(f"{one.name}_{k}") for k in range(size)] if one.shape else [one.name]
        for node, name in zip(nodes, names, strict=True):
            if node is not None:
                self.texts[node] = name
        if one.shape and any(node is not None for node in nodes):
            self.add(f"[{', '.join(names)}] = {one.name}")

    def _compute(self, i: int, op: str, x: list[str]) -> None:
        expression = _expression(op, x) if not self._is_square(i) else f"{x[0]} * {x[0]}"
        name = self.texts[i] = self._name(i)
        if expression is not None:
            self.add(f"{name} = {expression}")
            return
        self.calls = True
        partials = [self._free(f"{name}_{k}" if len(x) > 1 else f"{name}_") for k in range(len(x))]
        self._partials[i] = partials
        is_single = len(x) == 1 and not RULES[op].variadic
        left = partials[0] if is_single else f"({', '.join(partials)},)"
        self.add(f"{name}, {left} = {op}({', '.join(x)})")

    def _is_square(self, i: int) -> bool:
        return self.program.ops[i] == "pow" and self.program.is_constant(self.program.operands[i][1], 2.0)

    # --- backward ---------------------------------------------------------------------------------------

    def backward(self) -> None:
        """Write the adjoints, each as the sum of what comes back from the nodes that use it."""
        self.lines.append("    # backward")
        self._contributions[self.program.root] = ["1.0"]
        for i in range(self.program.root, -1, -1):
            if self._needed[i] and i in self._contributions:
                adjoint = self._adjoint(i)
                for node, part in self._parts(i, adjoint):
                    if self._needed[node]:
                        self._contributions.setdefault(node, []).append(part)

    def _adjoint(self, i: int) -> str:
        parts = self._contributions[i]
        if len(parts) == 1 and " " not in parts[0]:
            return parts[0]
        name = self._free(f"d{self.texts[i]}")
        self.add(f"{name} = {_sum(parts)}")
        self._contributions[i] = [name]
        return name

    def _parts(self, i: int, d: str) -> list[tuple[int, str]]:
        """Return what goes back to each operand."""
        nodes = self.program.operands[i]
        op, x = self.program.ops[i], [self.texts[node] for node in nodes]
        if op in ("add", "fsum"):
            return [(node, d) for node in nodes]
        if self._is_square(i):
            return [(nodes[0], _product(_product(d, "2.0"), x[0]))]
        if op == "neg":
            return [(nodes[0], _negative(d))]
        if op == "sub":
            return [(nodes[0], d), (nodes[1], _negative(d))]
        if op == "mul":
            return [(nodes[0], _product(d, x[1])), (nodes[1], _product(d, x[0]))]
        if op == "div":
            over = f"{d} / {x[1]}"
            return [(nodes[0], over), (nodes[1], f"{_negative(d)} * {self.texts[i]} / {x[1]}")]
        if op in ("sumprod", "affine"):
            bias, half = len(nodes) % 2, len(nodes) // 2
            pairs = [(k, k + half) for k in range(bias, bias + half)]
            parts = [(nodes[a], _product(d, x[b])) for pair in pairs for a, b in (pair, pair[::-1])]
            return [(nodes[0], d)] * bias + parts
        return [(node, _product(d, p)) for node, p in zip(nodes, self._partials.get(i, []), strict=False)]

    def gradient(self, number: int) -> str:
        """Return the gradient of an input: the adjoints of its elements."""
        shape = self.inputs[number].shape
        nodes = [self._places.get((number, position)) for position in range(math.prod(shape))]
        parts = [self._contributions.get(node, ["0.0"])[0] if node is not None else "0.0" for node in nodes]
        return f"[{', '.join(parts)}]" if shape else parts[0]


def _expression(op: str, x: list[str]) -> str | None:
    """Write an operation in Python's own arithmetic; None if the rule book's function is needed."""
    infix = {"add": "+", "sub": "-", "mul": "*", "div": "/"}.get(op)
    if infix:
        return f"{x[0]} {infix} {x[1]}"
    if op == "neg":
        return f"-{x[0]}"
    if op == "fsum":
        return _sum(x)
    if op in ("sumprod", "affine"):
        bias, half = len(x) % 2, len(x) // 2
        return _sum(
            x[:bias] + [f"{p} * {q}" for p, q in zip(x[bias : bias + half], x[bias + half :], strict=True)]
        )
    return None


def _sum(parts: list[str]) -> str:
    if len(parts) > _LONGEST_SUM:
        return f"sum(({', '.join(parts)}))"
    return " + ".join(parts).replace("+ -", "- ")


def _product(d: str, x: str) -> str:
    return x if d == "1.0" else f"{d} * {x}"


def _negative(d: str) -> str:
    return d[1:] if d.startswith("-") else f"-{d}"


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text
