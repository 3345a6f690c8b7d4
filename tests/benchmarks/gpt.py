"""A GPT block on scalars: one text, run on any class of scalars, to compare the classes.

One layer of width 16 with 4 heads, 27 symbols, 7 positions: RMS norm, causal attention, an MLP 16-64-16 with
ReLU, cross-entropy. Forward and backward are timed; before, the gradients must agree.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from operator import add, mul
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite import Value, lift, topological_order
from tests.benchmarks.timing import (
    Contender,
    Options,
    Samples,
    duration,
    installed,
    print_table,
    race,
    ratio,
    require_equal,
    seconds,
    times,
    verdict,
)

WIDTH, HEADS, SYMBOLS, POSITIONS = 16, 4, 27, 7
TEXT = [0, 5, 13, 13, 1, 0, 20, 8]
"""The symbols; each is to be guessed from those before it."""
YARDSTICK = {"nodes": 56_228, "mul": 26_215, "add": 24_926}

Vector: TypeAlias = Sequence[Any]
Matrix: TypeAlias = Sequence[Vector]

SHAPES = {
    "symbols": (SYMBOLS, WIDTH),
    "positions": (POSITIONS, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "output": (WIDTH, WIDTH),
    "wide": (4 * WIDTH, WIDTH),
    "narrow": (WIDTH, 4 * WIDTH),
    "head": (SYMBOLS, WIDTH),
}
"""The parameters: rows and columns."""


# --- a bare-bones class of scalars ----------------------------------------------------------------------


class BareValue:
    """The least that does it: a number, the nodes it was made of, and the local derivatives, in tuples."""

    __slots__ = ("_parents", "_partials", "data", "grad")

    def __init__(
        self, data: float, parents: tuple[BareValue, ...] = (), partials: tuple[float, ...] = ()
    ) -> None:
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._partials = partials

    def __add__(self, other: BareValue | float) -> BareValue:
        other = other if isinstance(other, BareValue) else BareValue(other)
        return BareValue(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other: BareValue | float) -> BareValue:
        other = other if isinstance(other, BareValue) else BareValue(other)
        return BareValue(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other: BareValue | float) -> BareValue:
        other = other if isinstance(other, BareValue) else BareValue(other)
        return BareValue(self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other: BareValue | float) -> BareValue:
        other = other if isinstance(other, BareValue) else BareValue(other)
        z = self.data / other.data
        return BareValue(z, (self, other), (1 / other.data, -z / other.data))

    def __pow__(self, exponent: float) -> BareValue:
        return BareValue(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __neg__(self) -> BareValue:
        return BareValue(-self.data, (self,), (-1.0,))

    def exp(self) -> BareValue:
        y = math.exp(self.data)
        return BareValue(y, (self,), (y,))

    def log(self) -> BareValue:
        return BareValue(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> BareValue:
        return BareValue(max(0.0, self.data), (self,), (float(self.data > 0),))

    def backward(self) -> None:
        order: list[BareValue] = []
        seen: set[BareValue] = set()

        def visit(node: BareValue) -> None:
            if node not in seen:
                seen.add(node)
                for parent in node._parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, partial in zip(node._parents, node._partials):  # noqa: B905 - strict costs time
                parent.grad += partial * node.grad


# --- the program ----------------------------------------------------------------------------------------


def total(terms: Any) -> Any:
    """Return the sum, one addition less than there are terms."""
    return reduce(add, terms)


def inner(a: Vector, b: Vector) -> Any:
    return total(map(mul, a, b))


def times_matrix(W: Matrix, x: Vector) -> Vector:
    return [inner(row, x) for row in W]


def plus(x: Vector, y: Vector) -> Vector:
    return list(map(add, x, y))


def rms_norm(x: Vector) -> Vector:
    # x / √(mean of xₖ² + ε)
    scale = (inner(x, x) / len(x) + 1e-5) ** -0.5
    return [xk * scale for xk in x]


def softmax(zs: Vector) -> Vector:
    top = max(z.data for z in zs)
    exponentials = [(z - top).exp() for z in zs]
    whole = total(exponentials)
    return [e / whole for e in exponentials]


def attend(query: Vector, keys: Matrix, values: Matrix) -> Vector:
    """Return what one head gathers from the positions so far."""
    weights = softmax([inner(query, key) / math.sqrt(len(query)) for key in keys])
    return [inner(weights, column) for column in zip(*values, strict=True)]


def gpt_cost(P: dict[str, Matrix], text: Sequence[int]) -> Any:
    """Return the mean surprise at each symbol after the first."""
    heads = [slice(first, first + WIDTH // HEADS) for first in range(0, WIDTH, WIDTH // HEADS)]
    keys: list[Vector] = []
    values: list[Vector] = []
    surprises = []
    for position, (symbol, following) in enumerate(pairwise(text)):
        x = rms_norm(plus(P["symbols"][symbol], P["positions"][position]))
        normed = rms_norm(x)
        query = times_matrix(P["query"], normed)
        keys.append(times_matrix(P["key"], normed))
        values.append(times_matrix(P["value"], normed))
        gathered = [
            y
            for head in heads
            for y in attend(query[head], [key[head] for key in keys], [value[head] for value in values])
        ]
        x = plus(x, times_matrix(P["output"], gathered))
        hidden = [z.relu() for z in times_matrix(P["wide"], rms_norm(x))]
        x = plus(x, times_matrix(P["narrow"], hidden))
        surprises.append(-softmax(times_matrix(P["head"], x))[following].log())
    return total(surprises) / len(surprises)


def parameters_of(make: Callable[[float], Any]) -> dict[str, Matrix]:
    """Return the parameters, the same for every class of scalars."""
    stream = random.Random(42)
    return {
        name: [[make(stream.gauss(0, 0.2)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def flat(P: dict[str, Matrix]) -> list[Any]:
    return [p for matrix in P.values() for row in matrix for p in row]


class Program(NamedTuple):
    """Forward and backward, which returns the cost, and the gradients it left."""

    name: str
    run: Callable[[], float]
    gradients: Callable[[], list[float]]


def scalar_program(name: str, make: Callable[[float], Any]) -> Program:
    """Return the program on a class of scalars."""
    P = parameters_of(make)
    parameters = flat(P)

    def run() -> float:
        for p in parameters:
            p.grad = 0.0
        cost = gpt_cost(P, TEXT)
        cost.backward()
        return float(cost.data)

    return Program(name, run, lambda: [p.grad for p in parameters])


def operation_counts() -> Counter[str]:
    """Return how many nodes of each operation the graph has, leaves and constants among them."""
    return Counter(node.op for node in topological_order(gpt_cost(parameters_of(Value), TEXT)))


# --- CasADi ---------------------------------------------------------------------------------------------


class Symbol:
    """A CasADi symbol under the names the program uses. Nothing is known of its size: softmax subtracts 0."""

    __slots__ = ("sx",)
    data = 0.0

    def __init__(self, sx: Any) -> None:
        self.sx = sx

    def __add__(self, other: Symbol | float) -> Symbol:
        return Symbol(self.sx + _sx(other))

    def __sub__(self, other: Symbol | float) -> Symbol:
        return Symbol(self.sx - _sx(other))

    def __mul__(self, other: Symbol) -> Symbol:
        return Symbol(self.sx * other.sx)

    def __truediv__(self, other: Symbol | float) -> Symbol:
        return Symbol(self.sx / _sx(other))

    def __pow__(self, exponent: float) -> Symbol:
        return Symbol(self.sx**exponent)

    def __neg__(self) -> Symbol:
        return Symbol(-self.sx)

    def exp(self) -> Symbol:
        return Symbol(self.sx.exp())

    def log(self) -> Symbol:
        return Symbol(self.sx.log())

    def relu(self) -> Symbol:
        return Symbol(self.sx.fmax(0))


def _sx(number: Symbol | float) -> Any:
    return number.sx if isinstance(number, Symbol) else number


def casadi_program() -> Program:
    """Return the program as a function for CasADi's virtual machine, which is built once."""
    import casadi

    symbols: list[Any] = []
    built: list[Any] = []

    def make(_: float) -> Symbol:
        symbols.append(casadi.SX.sym(f"p{len(symbols)}"))
        return Symbol(symbols[-1])

    def build() -> None:
        cost = gpt_cost(parameters_of(make), TEXT).sx
        vector = casadi.vertcat(*symbols)
        built.append(casadi.Function("gpt", [vector], [cost, casadi.gradient(cost, vector)]))

    build_time = seconds(build)
    function = built[0]
    argument = np.array(flat(parameters_of(float)))
    cost, gradient = np.zeros(1), np.zeros(len(argument))
    buffer, trigger = function.buffer()
    buffer.set_arg(0, argument.data)
    buffer.set_res(0, cost.data)
    buffer.set_res(1, gradient.data)

    # The buffer works on the function and on the arrays without keeping them alive.
    held = function, buffer, argument, cost, gradient

    def run() -> float:
        trigger()
        return float(held[3][0])

    name = f"CasADi SX, {function.n_instructions():,} instructions, built in {build_time:.1f} s"
    return Program(name, run, gradient.tolist)


# --- arrays ---------------------------------------------------------------------------------------------


def numpy_program() -> Program:
    """Return the program as one writes it by hand for this one block: a row is a position."""
    P = {name: np.array(rows) for name, rows in parameters_of(float).items()}
    symbols, following = np.array(TEXT[:-1]), np.array(TEXT[1:])
    n, rows = len(symbols), np.arange(len(symbols))
    shape = (n, HEADS, WIDTH // HEADS)
    future = np.triu(np.ones((n, n), dtype=bool), 1)
    root = math.sqrt(WIDTH // HEADS)
    gradients: dict[str, Any] = {}

    def norm(X: Any) -> tuple[Any, Any]:
        scale = ((X * X).mean(axis=1, keepdims=True) + 1e-5) ** -0.5
        return X * scale, scale

    def back_of_norm(D: Any, X: Any, scale: Any) -> Any:
        return D * scale - X * ((D * X).mean(axis=1, keepdims=True) * scale**3)

    def softmax_of(Z: Any) -> Any:
        E = np.exp(Z - Z.max(axis=-1, keepdims=True))
        return E / E.sum(axis=-1, keepdims=True)

    def heads(X: Any) -> Any:
        return X.reshape(shape).transpose(1, 0, 2)

    def joined(X: Any) -> Any:
        return X.transpose(1, 0, 2).reshape(n, WIDTH)

    def run() -> float:
        # Forward.
        S = P["symbols"][symbols] + P["positions"]
        X0, scale0 = norm(S)
        X1, scale1 = norm(X0)
        Q, K, V = (heads(X1 @ P[name].T) for name in ("query", "key", "value"))
        scores = Q @ K.transpose(0, 2, 1) / root
        A = softmax_of(np.where(future, -np.inf, scores))
        G = joined(A @ V)
        X2 = X0 + G @ P["output"].T
        X3, scale3 = norm(X2)
        Z = X3 @ P["wide"].T
        H = np.maximum(Z, 0)
        X4 = X2 + H @ P["narrow"].T
        R = softmax_of(X4 @ P["head"].T)
        cost = -np.log(R[rows, following]).mean()
        # Backward: D is the derivative by what the letter after it says.
        R[rows, following] -= 1
        DL = R / n
        DX4 = DL @ P["head"]
        DZ = (DX4 @ P["narrow"]) * (Z > 0)
        DX2 = DX4 + back_of_norm(DZ @ P["wide"], X2, scale3)
        DG = heads(DX2 @ P["output"])
        DA = DG @ V.transpose(0, 2, 1)
        DS = A * (DA - (DA * A).sum(axis=-1, keepdims=True)) / root
        DQ, DK, DV = joined(DS @ K), joined(DS.transpose(0, 2, 1) @ Q), joined(A.transpose(0, 2, 1) @ DG)
        DX1 = DQ @ P["query"] + DK @ P["key"] + DV @ P["value"]
        DX0 = DX2 + back_of_norm(DX1, X0, scale1)
        DP = back_of_norm(DX0, S, scale0)
        DE = np.zeros_like(P["symbols"])
        np.add.at(DE, symbols, DP)
        gradients.update(
            symbols=DE, positions=DP, query=DQ.T @ X1, key=DK.T @ X1, value=DV.T @ X1, output=DX2.T @ G,
            wide=DZ.T @ X3, narrow=DX4.T @ H, head=DL.T @ X4,
        )  # fmt: skip
        return float(cost)

    return Program(NUMPY, run, lambda: np.concatenate([gradients[name].ravel() for name in SHAPES]).tolist())


def lifted_program(who: str, **options: Any) -> Program:
    """Return the program lifted from Values."""
    P = {name: np.array(rows) for name, rows in parameters_of(float).items()}
    program = lift(lambda P: gpt_cost(P, TEXT), **options)
    found: list[Any] = []

    def run() -> float:
        value, gradients = program(P)
        found[:] = [gradients]
        return float(value)

    build_time = seconds(run)
    name = f"{who}, {str(program).rsplit('# ', 1)[1].partition(';')[0]}, in {build_time:.2f} s"
    return Program(name, run, lambda: [float(x) for name in SHAPES for x in found[0][name].ravel()])


# --- the table ------------------------------------------------------------------------------------------

BARE = "a bare-bones Value, tuples of parents and partials"
OURS = "autograd-lite, Value"
NUMPY = "NumPy, by hand"
LIFTED = "autograd-lite, lifted"
COMPILED = "autograd-lite, compiled by Numba"
TARGET = 1.5
"""At least how many times as fast as the bare-bones Value."""


def rows_of_lifted(samples: dict[str, Samples]) -> list[dict[str, str]]:
    """Return the lines of the second table: what the lifted program is held to."""
    lifted = next(samples[name] for name in samples if name.startswith(LIFTED))
    casadi = next((name for name in samples if name.startswith("CasADi")), None)
    rows = []
    for name, target, at_most in ((NUMPY, 2, True), (casadi, 1, True), (OURS, 500, False)):
        if name is not None:
            what = "lifted takes, by" if at_most else "lifted is faster than"
            rows.append(_row(f"{what} {name}", lifted, samples[name], target, at_most))
    compiled = next((samples[name] for name in samples if name.startswith(COMPILED)), None)
    if compiled is not None and casadi is not None:
        rows.append(_row(f"compiled takes, by {casadi}", compiled, samples[casadi], 0.5, at_most=True))
    return rows


def _row(what: str, lifted: Samples, other: Samples, target: float, at_most: bool) -> dict[str, str]:
    found = ratio(lifted, other) if at_most else ratio(other, lifted)
    return {
        "": what,
        "lifted": duration(lifted),
        "the other": duration(other),
        "ratio": times(found),
        "target": verdict(found, target, at_most=at_most),
    }


def run(options: Options) -> None:
    """Print the table."""
    programs = [
        scalar_program(BARE, BareValue),
        scalar_program(OURS, Value),
        numpy_program(),
        lifted_program(LIFTED),
    ]
    if installed("numba"):
        programs.append(lifted_program(COMPILED, compiler="numba"))
    if installed("casadi"):
        programs.append(casadi_program())
    expected = [programs[0].run(), *programs[0].gradients()]
    for program in programs[1:]:
        require_equal(program.name, [program.run(), *program.gradients()], expected)
    contenders = [Contender(p.name, p.run) for p in programs]
    on = race(contenders, options.rounds)
    off = race(contenders, options.rounds, collect=False)
    rows = [
        {
            "who": name,
            "forward + backward, collector on": duration(on[name]),
            "against bare-bones": times(ratio(on[BARE], on[name])),
            "off": duration(off[name]),
            "off: against bare-bones": times(ratio(off[BARE], off[name])),
            "target": verdict(ratio(on[BARE], on[name]), TARGET) if name == OURS else "",
        }
        for name in on
    ]
    print_table("A GPT block on scalars", rows)
    print_table("A GPT block, lifted from scalars, collector on", rows_of_lifted(on))
    counts = operation_counts()
    print(
        f"The graph: {counts.total():,} nodes: {', '.join(f'{n:,} {op}' for op, n in counts.most_common())}."
    )
    print(
        f"The yardstick's: {YARDSTICK['nodes']:,} nodes, {YARDSTICK['mul']:,} mul, {YARDSTICK['add']:,} add. "
        f"All agree on cost and gradients to 1e-9."
    )
