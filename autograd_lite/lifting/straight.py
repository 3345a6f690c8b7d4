"""Irregular graphs as straight-line Python: one statement a scalar, on floats.

Where few scalars are alike there are no arrays to be found, and NumPy's functions, called for single numbers,
would take longer than the engine itself. The rule book's own paths for floats give values and derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache, partial
from itertools import islice
from typing import Any

from autograd_lite.lifting.arguments.structure import RESERVED, identifier
from autograd_lite.lifting.arrays import Shape
from autograd_lite.lifting.backward import depending_on, sweep
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.rolling.floats import FloatLoop
from autograd_lite.lifting.scalars import CONSTANT, INPUT, LOOP, PART, RESULTS, SUMMANDS, Scalars
from autograd_lite.numbers import special
from autograd_lite.ops import RULES, Operation
from autograd_lite.printing.lines import folded, in_brackets
from autograd_lite.printing.numpy import Binds, literal, probes

_LONGEST_SUM = 12
_FEW_ELEMENTS = 0.25
_HEAD = "# tanh(x) and its like return the value and the derivatives."
_HEAD_OF_DERIVED = "# div(x, y) is x / y, infinite or no number where y is 0."


def write_straight(
    program: Scalars,
    inputs: Sequence[Input],
    asked: Sequence[int] | None,
    shapes: Sequence[Shape] = (),
    is_derived: bool = False,
) -> str:
    """Write a scalar program and its gradient as a function ``program(inputs…) -> (value, [gradients])``.

    Sums are not collected in it. Arrays are lists of their elements. Nothing is asked where there is no
    cost; other results, of these shapes, come last.
    """
    writer = _Writer(program, inputs, None if asked is None else program.results[0], is_derived)
    writer.forward()
    texts = [writer.texts[i] for i in program.results]
    others = iter(texts if asked is None else texts[1:])
    results = [_list(others, shape) for shape in shapes]
    if asked is None:
        writer.add(f"return {in_brackets(', '.join(results))}")
    else:
        writer.backward(asked)
        gradients = [writer.gradient(number) for number in asked]
        writer.add(f"return {texts[0]}, [{', '.join([*gradients, *results])}]")
    names = ", ".join(one.name for one in inputs)
    head = [_HEAD] if writer.partials else []
    head += [_HEAD_OF_DERIVED] if writer.divides else []
    return "\n".join([*head, f"def program({names}):", *writer.lines]) + "\n"


def _list(texts: Iterator[str], shape: Shape) -> str:
    """Write an array of results as a list of its elements, a number as it is."""
    return f"[{', '.join(islice(texts, math.prod(shape)))}]" if shape else next(texts)


def rules_for_floats(is_derived: bool = False) -> dict[str, Callable[..., Any]]:
    """Return the functions that straight-line programs call: of each row, its value and its derivatives.

    Where derivatives are part of a program, they return what is infinite or no number instead of raising.

    Examples
    --------
    >>> rules_for_floats()["sin"](0.0), rules_for_floats(is_derived=True)["div"](1.0, 0.0)[0]
    ((0.0, 1.0), inf)
    """
    rules = {name: _for_floats(row) for name, row in RULES.items()}
    return (
        {name: total(name, rule, RULES[name].variadic) for name, rule in rules.items()}
        if is_derived
        else rules
    )


def total(name: str, rule: Callable[..., Any], is_variadic: bool) -> Callable[..., Any]:
    """Return the function of a row as one that does not raise."""

    def function(*operands: float) -> Any:
        try:
            return rule(*operands)
        except (ArithmeticError, ValueError) as error:
            value = math.inf if isinstance(error, OverflowError) else math.nan
            if name == "div" and operands[0] and operands[0] == operands[0]:
                value = math.copysign(math.inf, operands[0]) * math.copysign(1.0, operands[1])
            if name == "pow" and not operands[0]:
                value = math.inf
            partials = (math.nan,) * len(operands)
            return value, partials if len(partials) > 1 or is_variadic else partials[0]

    return function


def _for_floats(row: Operation) -> Callable[..., Any]:
    if row.floats.fast is not None:
        return partial(row.floats.fast, special)

    def function(*operands: float) -> Any:
        value = row.value(*operands)
        partials = row.local_partials(value, operands)
        return value, partials if len(partials) != 1 else partials[0]

    return function


class _Writer:
    """The lines so far; what each node is called, its partial derivatives, and its adjoint."""

    def __init__(self, program: Scalars, inputs: Sequence[Input], cost: int | None, is_derived: bool) -> None:
        self.program = program
        self.divides = False
        self._cost = cost
        self._is_derived = is_derived
        self.inputs = inputs
        self.lines: list[str] = []
        self.texts: list[str] = [""] * len(program.ops)
        self.partials: dict[int, list[str]] = {}
        self.adjoints: dict[int, str] = {}
        self._taken = {*RESERVED, *RULES, *(one.name for one in inputs)}
        self._nodes = {place: i for i, place in program.inputs.items()}
        self._loops: dict[int, FloatLoop] = {}
        self.rows: dict[str, int] = {}  # lists of adjoints, an element for each step, and their lengths
        self.needed: Collection[int] = ()

    def add(self, line: str) -> None:
        """Add a statement, broken after commas where it is long."""
        self.lines += folded(line, "    ")

    def _name(self, i: int) -> str:
        """Return a name for a node: its label's, or a number."""
        label = self.program.labels[i] or ("C" if i == self._cost else "")
        wanted = identifier(label) if label else f"t{i}"
        return self.free(f"t{i}" if wanted in self._taken else wanted)

    def free(self, wanted: str) -> str:
        """Return the name, or one like it if it is taken."""
        name, count = wanted, 1
        while name in self._taken:
            # A name stays short: a statement is broken after commas where it is long.
            name = f"{wanted}_{count}" if count > 1 else f"{wanted}_"
            count += 1
        self._taken.add(name)
        return name

    # --- forward ----------------------------------------------------------------------------------------

    def forward(self) -> None:
        """Write the values."""
        used = self._used_one_by_one()
        for number, one in enumerate(self.inputs):
            self._unpack(number, one, used)
        for i, op in enumerate(self.program.ops):
            if op == CONSTANT:
                self.texts[i] = literal(self.program.values[i]).within(Binds.ATOM)
            elif op == LOOP:
                self._begin_loop(i)
            elif op == PART:
                # The loop's own names are used again on the way back.
                text = self._loops[self.program.operands[i][0]].text(self.program.details[i])
                self.texts[i] = self._name(i)
                self.add(f"{self.texts[i]} = {text}")
            elif op not in (INPUT, RESULTS):
                self._compute(i, op, [self.texts[node] for node in self.program.operands[i]])

    def _begin_loop(self, i: int) -> None:
        """Write a loop over steps."""
        no_cost = None if self._cost is None else -1
        inner = _Writer(self.program.details[i].plain, [], no_cost, self._is_derived)
        inner._taken = self._taken
        self._loops[i] = loop = FloatLoop(self, i, inner)
        details, operands = self.program.details, self.program.operands
        loop.forward([part for k, part in details.items() if operands[k] == (i,)])
        self.divides |= inner.divides
        if inner.partials:
            self.partials[i] = []

    def _unpack(self, number: int, one: Input, used: Collection[int]) -> None:
        """Name the elements of an input that are used one by one."""
        nodes = self._elements(number)
        names = [self.free(f"{one.name}_{k}") for k in range(len(nodes))] if one.shape else [one.name]
        for node, name in zip(nodes, names, strict=True):
            if node is not None:
                self.texts[node] = name
        named = [k for k, node in enumerate(nodes) if node in used]
        if one.shape and len(named) < _FEW_ELEMENTS * len(nodes):
            for k in named:
                self.add(f"{names[k]} = {one.name}[{k}]")
        elif one.shape and named:
            self.add(f"[{', '.join(names)}] = {one.name}")

    def _used_one_by_one(self) -> set[int]:
        """Return the nodes that are used, but for parts of inputs of which each step of a loop takes one."""
        used = set(self.program.results)
        for i, nodes in enumerate(self.program.operands):
            if self.program.ops[i] != LOOP:
                used.update(nodes)
                continue
            repetition = self.program.details[i]
            numbers = [one.operand for one in repetition.carried] + list(repetition.shared.values())
            for row in repetition.sliced.values():
                if self.part_of_input([nodes[k] for k in row]) is None:
                    numbers += row
            used.update(nodes[k] for k in numbers)
        return used

    def part_of_input(self, nodes: Sequence[int]) -> str | None:
        """Return the text of nodes that lie in a row in an input, each as far from the one before."""
        places = [self.program.inputs.get(node, (-1, 0)) for node in nodes]
        (number, start), (_, second) = places[:2]
        step = second - start
        if number < 0 or not step or places != [(number, start + k * step) for k in range(len(nodes))]:
            return None
        name, size, last = self.inputs[number].name, math.prod(self.inputs[number].shape), places[-1][1]
        begin = "" if start == (0 if step > 0 else size - 1) else start
        end = last + (1 if step > 0 else -1) if 0 <= last + step < size else ""
        part = f"{begin}:{end}{f':{step}' if step != 1 else ''}"
        return name if part == ":" else f"{name}[{part}]"

    def _elements(self, number: int) -> list[int | None]:
        """Return the nodes of an input, None for those that are not there."""
        size = math.prod(self.inputs[number].shape)
        return [self._nodes.get((number, position)) for position in range(size)]

    def _compute(self, i: int, op: str, x: list[str]) -> None:
        expression = self._expression(i, op, x)
        name = self.texts[i] = self._name(i)
        if expression is not None:
            self.add(f"{name} = {expression}")
            return
        self.divides |= op == "div"
        if self._cost is None:
            self.add(f"{name}, _ = {op}({', '.join(x)})")
            return
        partials = [self.free(f"{name}_{k}" if len(x) > 1 else f"{name}_") for k in range(len(x))]
        self.partials[i] = partials
        is_single = len(x) == 1 and not RULES[op].variadic
        left = partials[0] if is_single else f"({', '.join(partials)},)"
        self.add(f"{name}, {left} = {op}({', '.join(x)})")

    def _expression(self, i: int, op: str, x: list[str]) -> str | None:
        """Write an operation in Python's own arithmetic; None if the rule book's function is needed."""
        if self.program.is_square(i):
            return f"{x[0]} * {x[0]}"
        if op == "div" and not self._is_derived:
            return f"{x[0]} / {x[1]}"
        if op not in SUMMANDS:
            return None
        texts = self.texts
        return _sum(
            [
                f"{'-' if sign < 0 else ''}{texts[p]}{f' * {texts[q]}' if q >= 0 else ''}"
                for sign, p, q in SUMMANDS[op](self.program.operands[i])
            ]
        )

    # --- backward ---------------------------------------------------------------------------------------

    def backward(self, asked: Sequence[int]) -> None:
        """Write the adjoints, each as the sum of what comes back from the nodes that use it."""
        self.lines.append("    # backward")
        leaves = [i for i, (number, _) in self.program.inputs.items() if number in asked]
        needed = depending_on(leaves, self.program.operands)
        self.needed = needed
        root = self.program.results[0]
        order = (i for i in range(root, -1, -1) if i in needed)
        self.adjoints = sweep(order, {root: ["1.0"]}, self.added, self.given_back)

    def added(self, i: int, parts: list[Any]) -> Any:
        """Write an adjoint, as a sum; of a loop it is what comes to each of its parts."""
        if i in self._loops:
            return parts
        if len(parts) == 1 and " " not in parts[0]:
            return parts[0]
        name = self.free(f"d{self.texts[i]}")
        self.add(f"{name} = {_sum(parts)}")
        return name

    def given_back(self, i: int, d: Any) -> Iterator[tuple[int, Any]]:
        """Yield what an adjoint gives back to the operands."""
        op, nodes = self.program.ops[i], self.program.operands[i]
        if op == LOOP:
            yield from self._loops[i].backward(d, self.needed)
        elif op == PART:
            yield nodes[0], (self.program.details[i], d)
        elif self.program.is_square(i):
            yield nodes[0], _product(_product(d, "2.0"), self.texts[nodes[0]])
        elif op == "div" and not self._is_derived:
            below = self.texts[nodes[1]]
            yield nodes[0], f"{d} / {below}"
            yield nodes[1], f"{_negative(d)} * {self.texts[i]} / {below}"
        elif op in SUMMANDS:
            for sign, p, q in SUMMANDS[op](nodes):
                signed = d if sign > 0 else _negative(d)
                yield p, signed if q < 0 else _product(signed, self.texts[q])
                if q >= 0:
                    yield q, _product(signed, self.texts[p])
        else:
            for k, (node, partial) in enumerate(zip(nodes, self.partials.get(i, []), strict=False)):
                product = _product(d, partial)
                # Nothing flows back through a dead unit, also where the derivative is infinite.
                may_be_dead = not _is_alive(d) and (op == "div" or self._has_pole(i, k))
                yield node, f"({d} and {product})" if may_be_dead else product

    def _has_pole(self, i: int, k: int) -> bool:
        """Return whether an operation may have a value, but no finite derivative by its operand k."""
        op, nodes = self.program.ops[i], self.program.operands[i]
        exponent = (
            self.program.values[nodes[1]] if op == "pow" and self.program.ops[nodes[1]] == CONSTANT else None
        )
        return _has_pole(op, k, exponent)

    def gradient(self, number: int) -> str:
        """Return the gradient of an input: the adjoints of its elements."""
        nodes = self._elements(number)
        adjoints = ["0.0" if node is None else self.adjoints.get(node, "0.0") for node in nodes]
        if not self.inputs[number].shape:
            return adjoints[0]
        for name, length in self.rows.items():
            row = [f"{name}[{t}]" for t in range(length)]
            if row[0] in adjoints and adjoints[(at := adjoints.index(row[0])) : at + length] == row:
                adjoints[at : at + length] = [f"*{name}"]
        return f"[{', '.join(adjoints)}]"


@cache
def _has_pole(op: str, k: int, exponent: float | None) -> bool:
    row = RULES[op]
    for point in probes(op, () if exponent is None else (None, exponent)):
        try:
            value, partials = row.evaluate(point)
        except (ArithmeticError, ValueError):
            continue
        partial = partials[min(k, len(partials) - 1)]  # of a row of many all are alike
        if not math.isnan(value) and not math.isfinite(partial):
            return True
    return False


def _sum(parts: list[str]) -> str:
    if len(parts) > _LONGEST_SUM:
        return f"sum(({', '.join(parts)}))"
    return " + ".join(parts).replace("+ -", "- ")


def _product(d: str, x: str) -> str:
    return x if d == "1.0" else f"{d} * {x}"


def _is_alive(d: str) -> bool:
    """Return whether an adjoint is a number other than 0."""
    return d.lstrip("-")[0].isdigit() and " " not in d and float(d) != 0


def _negative(d: str) -> str:
    return d[1:] if d.startswith("-") else f"-{d}"
