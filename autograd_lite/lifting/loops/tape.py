"""Irregular graphs for Numba: the instructions of a small machine, which is compiled once for all of them.

Where few scalars are alike there are no loops to be found, and a compiler takes milliseconds for each line of
a straight program. An instruction names an operation and the registers of its operands, and writes the next
register. What the operations are is written as in the loops, by terms.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial, reduce
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_lite.lifting.backward import depending_on, sweep
from autograd_lite.lifting.loops.terms import BY_PYTHON, ScalarTerms, functions_called
from autograd_lite.lifting.loops.text import LoopSource, head
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.scalars import CONSTANT, INPUT, SUM, Scalars, operands_of
from autograd_lite.ops import RULES
from autograd_lite.printing.numpy import Text, array_rule, number
from autograd_lite.printing.programs import COMPARISONS, Program, Term

_ARITHMETIC = {
    "add": "x + y",
    "sub": "x - y",
    "mul": "x * y",
    "div": "x / y",
    "pow": "x ** y",
    "neg": "-x",
    "add_product": "z + x * y",
    # Nothing flows back from a dead unit, whatever its derivative is.
    "flow": "x * y if x != 0 else 0.0",
    "add_flow": "z + x * y if x != 0 else z",
    "where": "y if x > 0 else z",
    "choose": "y if x != 0 else z",
} | {name: f"1.0 if x {sign} y else 0.0" for name, sign in COMPARISONS.items()}

_FUNCTIONS = """
    abs acos acosh asin asinh atan atan2 atanh cbrt cos cosh erf erfc exp expm1 fmod gamma hypot log log10
    log1p log2 logaddexp maximum minimum mod relu round sech sigmoid sign sin sinh softplus sqrt tan tanh
"""
_OF_TWO = {"atan2", "bessel", "fmod", "hypot", "logaddexp", "maximum", "minimum", "mod", "polygamma"}
OPERATIONS = (*_ARITHMETIC, *_FUNCTIONS.split(), *sorted(BY_PYTHON))
"""The machine's operations; an instruction has the position here."""

_NUMBERS = {name: k for k, name in enumerate(OPERATIONS)}


_OVER_SAMPLES = """

@fast
def over_samples(code, v, X, places, shared, own):
    total = np.zeros(len(shared))
    each = np.empty((len(X), len(own)))
    for s in range(len(X)):
        for k in range(len(places)):
            v[places[k]] = X[s, k]
        program(code, v)
        for k in range(len(shared)):
            total[k] += v[shared[k]]
        for k in range(len(own)):
            each[s, k] = v[own[k]]
    return total, each
""".rstrip().split("\n")


class Tape(NamedTuple):
    """A program for the machine."""

    code: npt.NDArray[np.int32]  # for each instruction the operation, and the registers of three operands
    # Room for the inputs, the constants, and the results of the instructions, one after another.
    registers: npt.NDArray[np.float64]
    # The registers of each input, and whether it comes once for each sample.
    inputs: list[tuple[npt.NDArray[np.intp], bool]]
    # The same for the value, and for each gradient in its shape.
    outputs: list[tuple[npt.NDArray[np.intp], bool]]
    operations: set[str]  # those that occur


def write_machine(operations: Iterable[str]) -> LoopSource:
    """Write the machine for arithmetic and these operations as a module: each takes time to compile.

    It has a function ``program(code, v)`` that runs instructions on registers, and
    ``over_samples(code, v, X, places, shared, own)``, which does so for each row of X, put into registers,
    and returns the sums of the shared registers and the own ones of each sample.
    """
    lines = [
        "@fast",
        "def program(code, v):",
        "    start = len(v) - len(code)",
        "    for i in range(len(code)):",
        "        operation, x, y, z = code[i, 0], v[code[i, 1]], v[code[i, 2]], v[code[i, 3]]",
    ]
    known = {*_ARITHMETIC, *operations}
    for k, name in enumerate(OPERATIONS):
        if name in known:
            lines.append(f"        {'elif' if k else 'if'} operation == {k}:  # {name}")
            lines.append(f"            result = {_expression(name)}")
    lines += ["        else:", "            result = np.nan", "        v[start + i] = result"]
    functions, by_python = functions_called(lines[2:])
    return LoopSource("\n".join([*head(by_python), *functions, *lines, *_OVER_SAMPLES]) + "\n", {}, by_python)


def _expression(name: str) -> str:
    if name in _ARITHMETIC:
        return _ARITHMETIC[name]
    operands = [Text("x"), Text("y")][: 2 if name in _OF_TWO else 1]
    recorder = array_rule("add").value.recorder
    terms = ScalarTerms(operands, Text)
    return terms.write(recorder.term(name, *(recorder.term("operand", k) for k in range(len(operands))))).text


def tape_of(program: Scalars, inputs: Sequence[Input], asked: Sequence[int]) -> Tape | None:
    """Return the instructions for a program with sums and its gradient; None if the machine lacks any."""
    starts = [0, *accumulate(math.prod(one.shape) for one in inputs)]
    assembler = _Assembler(program, starts)
    try:
        assembler.forward()
        assembler.backward(asked)
    except KeyError:
        return None
    return assembler.tape(inputs, asked)


class _Part(NamedTuple):
    """A summand: a sign, and the registers of one or two factors."""

    sign: int
    x: int
    y: int | None


class _Assembler:
    """The instructions so far. Registers of constants are counted down from −1 until all are known."""

    def __init__(self, program: Scalars, starts: Sequence[int]) -> None:
        self.program = program
        self.starts = starts
        self.code: list[tuple[int, int, int, int]] = []
        self.register: list[int] = [0] * len(program.ops)
        self.adjoints: dict[int, int] = {}
        self._constants: dict[str, int] = {}
        self._numbers: list[float] = []
        self._known: dict[int, dict[int, int]] = {}

    def constant(self, number: float) -> int:
        """Return the register of a constant."""
        key = float(number).hex()
        if key not in self._constants:
            self._numbers.append(float(number))
            self._constants[key] = -len(self._numbers)
        return self._constants[key]

    def add(self, name: str, *operands: int) -> int:
        """Add an instruction, and return the register of its result."""
        first = operands[0]
        self.code.append((_NUMBERS[name], *operands, *[first] * (3 - len(operands))))  # type: ignore[arg-type]
        return self.starts[-1] + len(self.code) - 1

    # --- forward ----------------------------------------------------------------------------------------

    def forward(self) -> None:
        """Add the values."""
        for i, op in enumerate(self.program.ops):
            if op == CONSTANT:
                self.register[i] = self.constant(self.program.values[i])
            elif op == INPUT:
                number, position = self.program.inputs[i]
                self.register[i] = self.starts[number] + position
            else:
                self.register[i] = self._value(i, op)

    def _value(self, i: int, op: str) -> int:
        nodes = [self.register[node] for node in self.program.operands[i]]
        if self.program.is_square(i):
            return self.add("mul", nodes[0], nodes[0])
        if op == SUM:
            parts = [
                _Part(sign, self.register[p], self.register[q] if q >= 0 else None)
                for sign, p, q in self.program.summands[i]
            ]
            return self.sum(parts, "mul", "add_product")
        return self.term(i, self.rule(i).value)

    def rule(self, i: int) -> Program:
        """Return the rule of a node; a constant exponent is a number in it."""
        op, nodes = self.program.ops[i], self.program.operands[i]
        is_number = op == "pow" and self.program.ops[nodes[1]] == CONSTANT
        literals = (None, self.program.values[nodes[1]]) if is_number else ()
        return array_rule(op, len(nodes) if RULES[op].variadic else 0, literals)

    def term(self, i: int, term: Term) -> int:
        """Return the register of a term in the rule of a node."""
        if term.op == "operand":
            position: int = term.operands[0]
            return self.register[self.program.operands[i][position]]
        if term.op == "number":
            return self.constant(term.operands[0])
        known = self._known.setdefault(i, {})
        if id(term) not in known:
            operands = [self.term(i, operand) for operand in term.operands]
            known[id(term)] = self._applied(term, operands)
        return known[id(term)]

    def _applied(self, term: Term, operands: list[int]) -> int:
        if term.op == "pow" and term.operands[1].op == "number" and term.operands[1].operands[0] == 2:
            return self.add("mul", operands[0], operands[0])
        divisor = number(term.operands[1]) if term.op == "div" else None
        if divisor and math.frexp(divisor)[0] == 0.5:  # a power of 2
            return self.add("mul", self.constant(1 / divisor), operands[0])
        if term.op == "hypot":
            return reduce(partial(self.add, "hypot"), operands[1:] or [self.constant(0.0)], operands[0])
        if term.op == "logsumexp":
            largest = reduce(partial(self.add, "maximum"), operands)
            parts = [self.add("exp", self.add("sub", x, largest)) for x in operands]
            return self.add("add", largest, self.add("log", reduce(partial(self.add, "add"), parts)))
        return self.add(term.op, *operands)

    def sum(self, parts: Sequence[_Part], product: str, add_product: str) -> int:
        """Return the register of a sum, added up from the left by these operations."""
        (sign, x, y), *rest = parts
        total: int = x if y is None else self.add(product, x, y)
        if sign < 0:
            total = self.add("neg", total)
        for sign, x, y in rest:
            if y is not None and sign > 0:
                total = self.add(add_product, x, y, total)
            else:
                summand = x if y is None else self.add(product, x, y)
                total = self.add("add" if sign > 0 else "sub", total, summand)
        return total

    # --- backward ---------------------------------------------------------------------------------------

    def backward(self, asked: Sequence[int]) -> None:
        """Add the adjoints, each as the sum of what comes back from the nodes that use it."""
        leaves = [i for i, (number, _) in self.program.inputs.items() if number in asked]
        needed = depending_on(leaves, (operands_of(self.program, i) for i in range(len(self.program.ops))))
        root = self.program.root
        order = (i for i in range(root, -1, -1) if i in needed)

        def add_up(i: int, parts: list[_Part]) -> int:
            return self.sum(parts, "flow", "add_flow")

        def give_back(i: int, d: int) -> Iterator[tuple[int, _Part]]:
            return (one for one in self._given_back(i, d) if one[0] in needed)

        self.adjoints = sweep(order, {root: [_Part(1, self.constant(1.0), None)]}, add_up, give_back)

    def _given_back(self, i: int, d: int) -> Iterator[tuple[int, _Part]]:
        op, nodes = self.program.ops[i], self.program.operands[i]
        if self.program.is_square(i):
            yield nodes[0], _Part(1, self.add("add", d, d), self.register[nodes[0]])
        elif op == SUM:
            for sign, p, q in self.program.summands[i]:
                yield p, _Part(sign, d, self.register[q] if q >= 0 else None)
                if q >= 0:
                    yield q, _Part(sign, d, self.register[p])
        elif nodes:
            for node, term in zip(nodes, self.rule(i).partials, strict=True):
                known = number(term)
                if known is not None and abs(known) == 1:
                    yield node, _Part(1 if known > 0 else -1, d, None)
                elif known != 0:
                    yield node, _Part(1, d, self.term(i, term))

    # --- the tape ---------------------------------------------------------------------------------------

    def tape(self, inputs: Sequence[Input], asked: Sequence[int]) -> Tape:
        """Return all of it, with the constants in their places."""
        zero = self.constant(0.0)
        n, constants = self.starts[-1], len(self._numbers)

        def placed(registers: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
            own = np.where(registers >= n, registers + constants, registers)
            return np.where(registers < 0, n - 1 - registers, own)

        places = {place: self.adjoints.get(i) for i, place in self.program.inputs.items()}
        outputs = [(placed(np.array(self.register[self.program.root])), False)]
        for k in asked:
            found = [places.get((k, position)) for position in range(math.prod(inputs[k].shape))]
            array = np.array([zero if x is None else x for x in found], dtype=np.intp)
            outputs.append((placed(array.reshape(inputs[k].shape)), inputs[k].batched))
        code = np.array(self.code, dtype=np.intp).reshape(-1, 4)
        code[:, 1:] = placed(code[:, 1:])
        registers = np.concatenate([np.zeros(n), self._numbers, np.zeros(len(code))])
        operations = {OPERATIONS[k] for k in np.unique(code[:, 0])}
        ends = zip(self.starts, self.starts[1:], inputs, strict=False)
        own = [(np.arange(start, end), one.batched) for start, end, one in ends]
        return Tape(code.astype(np.int32), registers, own, outputs, operations)
