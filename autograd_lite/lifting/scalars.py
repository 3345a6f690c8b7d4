"""The scalar program: a graph as plain lists, and the passes that simplify it before arrays are found in it.

Every pass is a function from program to program, and leaves the one that it is given as it is; their order
is told in pipeline.py. Nodes stand in topological order and are known by position.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.value import Value

INPUT, CONSTANT, SUM, RESULTS = "input", "constant", "sum", "results"
LOOP, PART = "loop", "part"

Summand: TypeAlias = tuple[int, int, int]
"""Of a sum: a sign, and the nodes whose product is added; the second is −1 where there is only one."""


class Scalars(NamedTuple):
    """A program on scalars."""

    # For each node the name of its row in the rule book; or ``"input"``, ``"constant"``, ``"sum"``, and
    # ``"results"`` for a root that stands for several; of a repetition ``"loop"`` and ``"part"``.
    ops: list[str]
    operands: list[tuple[int, ...]]  # the nodes it was made of; none of an input, a constant, or a sum
    values: list[float]  # what each node was in the graph
    labels: list[str]
    inputs: dict[int, tuple[int, int]]  # for each input its array and its place in that array
    root: int
    # Of each sum; there are none before :func:`collect_sums`.
    summands: dict[int, list[Summand]] = {}  # noqa: RUF012 - read only
    # What else is known of a loop, and of a part of one: see rolling.
    details: dict[int, Any] = {}  # noqa: RUF012 - read only

    @property
    def results(self) -> tuple[int, ...]:
        """The nodes that the root stands for."""
        return self.operands[self.root] if self.ops[self.root] == RESULTS else (self.root,)

    def is_constant(self, i: int, number: float) -> bool:
        """Return whether a node is this constant."""
        return self.ops[i] == CONSTANT and self.values[i] == number

    def is_square(self, i: int) -> bool:
        """Return whether a node is a second power."""
        return self.ops[i] == "pow" and self.is_constant(self.operands[i][1], 2.0)


def listed(order: Sequence[Value], places: Mapping[Value, tuple[int, int]]) -> Scalars:
    """Write a graph in topological order down as a program; a leaf without a place is a constant.

    Examples
    --------
    >>> from autograd_lite import topological_order
    >>> x = Value(2.0, "x")
    >>> listed(topological_order(x * x + 1), {x: (0, 0)}).ops
    ['input', 'mul', 'constant', 'add']
    """
    number = {node: i for i, node in enumerate(order)}
    ops: list[str] = []
    operands: list[tuple[int, ...]] = []
    inputs = {}
    for i, node in enumerate(order):
        place = places.get(node)
        if place is not None:
            inputs[i] = place
            ops.append(INPUT)
            operands.append(())
        else:
            parents = node.parents
            ops.append(node.op if parents else CONSTANT)
            if len(parents) == 2:
                operands.append((number[parents[0]], number[parents[1]]))
            else:
                operands.append(tuple([number[parent] for parent in parents]))
    values = [float(node.data) for node in order]
    return Scalars(ops, operands, values, [node.label for node in order], inputs, len(order) - 1)


def fold_constants(program: Scalars) -> Scalars:
    """Make constants of what is computed from constants alone.

    Examples
    --------
    >>> from autograd_lite import topological_order
    >>> x = Value(2.0)
    >>> fold_constants(listed(topological_order(x * Value(3.0).exp()), {x: (0, 0)})).ops
    ['constant', 'constant', 'input', 'mul']
    """
    ops, operands = list(program.ops), list(program.operands)
    for i, nodes in enumerate(operands):
        if nodes and ops[nodes[0]] == CONSTANT and all(ops[node] == CONSTANT for node in nodes):
            if ops[i] == RESULTS:
                continue
            ops[i] = CONSTANT
            operands[i] = ()
    return program._replace(ops=ops, operands=operands)


_COMMUTATIVE = frozenset({"add", "mul", "hypot", "fsum"})  # of two equal extremes the first counts


def share(program: Scalars) -> Scalars:
    """Keep one of several nodes that compute the same of the same; drop what nothing needs.

    Examples
    --------
    >>> from autograd_lite import topological_order
    >>> x = Value(2.0)
    >>> share(listed(topological_order(x.exp() * x.exp()), {x: (0, 0)})).ops
    ['input', 'exp', 'mul']
    """
    ops, operands, values = program.ops, program.operands, program.values
    needed = _needed(program.root, len(ops), operands.__getitem__)
    known: dict[object, int] = {}
    new: list[int] = [-1] * len(ops)
    kept: list[int] = []
    result: list[tuple[int, ...]] = []
    for i, op in enumerate(ops):
        if not needed[i]:
            continue
        nodes = tuple([new[node] for node in operands[i]])
        key: object
        if op == INPUT:
            key = i, op
        elif op == CONSTANT:
            key = op, values[i].hex()  # 0 and −0 are two constants
        else:
            key = op, tuple(sorted(nodes)) if op in _COMMUTATIVE else nodes
        same = known.setdefault(key, len(kept))
        if same == len(kept):
            kept.append(i)
            result.append(nodes)
        new[i] = same
    return Scalars(
        [ops[i] for i in kept],
        result,
        [values[i] for i in kept],
        [program.labels[i] for i in kept],
        {new[i]: place for i, place in program.inputs.items() if new[i] >= 0},
        new[program.root],
    )


EXTREMES = frozenset({"maximum", "minimum"})


def collect_extremes(program: Scalars) -> Scalars:
    """Gather a chain of ``maximum``, or of ``minimum``, in one that has all its operands, if they are alike.

    That is of one array, or made by one operation: what goes on from a smallest that others use is none. They
    keep their order, since of equal operands the first counts.

    Examples
    --------
    >>> from autograd_lite import maximum, topological_order
    >>> x = [Value(1.0), Value(3.0), Value(2.0)]
    >>> order = topological_order(maximum(maximum(x[0], x[1]), x[2]))
    >>> collect_extremes(listed(order, {leaf: (0, k) for k, leaf in enumerate(x)})).operands[-1]
    (0, 1, 3)
    """
    alone, operands = _used_once(program), list(program.operands)
    found: dict[int, deque[int]] = {}
    for i, op in enumerate(program.ops):
        if op in EXTREMES:
            first, second = (
                found.pop(x) if x in found and program.ops[x] == op and alone[x] else deque([x])
                for x in operands[i]
            )
            # The longer list is taken over, not copied: the pass stays linear.
            if len(first) < len(second):
                second.extendleft(reversed(first))
                first = second
            else:
                first.extend(second)
            found[i] = first
    for i, nodes in found.items():
        kinds = {program.inputs.get(x, (program.ops[x],))[0] for x in nodes}
        if len(nodes) > 2 and len(kinds) == 1:
            operands[i] = tuple(nodes)
    return program._replace(operands=operands)


SHIFTS = {"largest": "maximum", "smallest": "minimum"}
"""What the largest, or smallest, of many is called that is only taken off and put back."""


def find_shifts(program: Scalars) -> Scalars:
    """Rename the extremes on which the result does not depend, as in m + log Σ exp(xᵢ − m).

    No more than rounding flows back through them.

    Examples
    --------
    >>> from autograd_lite import maximum, topological_order
    >>> x = [Value(1.0), Value(3.0), Value(2.0)]
    >>> m = maximum(maximum(x[0], x[1]), x[2])
    >>> order = topological_order(m + sum((x_k - m).exp() for x_k in x).log())
    >>> program = collect_extremes(listed(order, {leaf: (0, k) for k, leaf in enumerate(x)}))
    >>> "largest" in find_shifts(program).ops
    True
    """
    names = {row: name for name, row in SHIFTS.items()}
    extremes = {i for i, op in enumerate(program.ops) if op in EXTREMES and len(program.operands[i]) > 2}
    if not extremes:
        return program
    moves: dict[int, _Move] = {}
    seen: set[int] = set()
    for i, nodes in enumerate(program.operands):
        of_nodes = {moves[x].by for x in nodes if x in moves}
        move = _move(program, i, moves) if len(of_nodes) == 1 else None
        if of_nodes and move is None:
            seen |= of_nodes
        elif move is not None and move.times != 0:
            moves[i] = move
        if i in extremes:
            seen |= of_nodes
            moves[i] = _Move(i, 1.0, False)
    if program.root in moves:
        seen.add(moves[program.root].by)
    ops = [names[op] if i in extremes and i not in seen else op for i, op in enumerate(program.ops)]
    return program._replace(ops=ops)


class _Move(NamedTuple):
    """What becomes of a node if an extreme grows by δ: it grows by a multiple of δ, or e to that times."""

    by: int
    times: float
    is_factor: bool


def _move(program: Scalars, i: int, moves: Mapping[int, _Move]) -> _Move | None:
    """Return how a node moves with the extreme with which its operands move; None if otherwise than told."""
    op, nodes = program.ops[i], program.operands[i]
    of_nodes = [moves.get(x) for x in nodes]
    first = next(move for move in of_nodes if move is not None)
    is_factor = first.is_factor
    if any(move is not None and move.is_factor != is_factor for move in of_nodes):
        return None
    times = [0.0 if move is None else move.times for move in of_nodes]
    if op in ("exp", "log"):
        return first._replace(is_factor=not is_factor) if is_factor == (op == "log") else None
    if op in ("add", "sub", "neg", "fsum") and not is_factor:
        signs = [-1.0 if op == "neg" or (op == "sub" and k) else 1.0 for k in range(len(nodes))]
        return first._replace(times=sum(s * t for s, t in zip(signs, times, strict=True)))
    if op in ("add", "sub", "neg", "fsum"):
        is_alike = all(
            t == first.times or program.is_constant(x, 0.0) for t, x in zip(times, nodes, strict=True)
        )
        return first if is_alike else None
    if op in ("mul", "div") and is_factor:
        return first._replace(times=times[0] + times[1] if op == "mul" else times[0] - times[1])
    return None


def collect_sums(program: Scalars) -> Scalars:
    """Gather additions into sums, and products that only a sum uses into them.

    In a product an input comes first, and a constant before what is computed.
    Afterwards ``"sum"`` stands for ``add``, ``sub``, ``neg``, ``mul``, ``fsum``, ``sumprod``, ``affine``.

    Examples
    --------
    >>> from autograd_lite import topological_order
    >>> w, x, b = Value(2.0), Value(3.0), Value(1.0)
    >>> collected = collect_sums(listed(topological_order(w * x + b - x), {w: (0, 0), x: (0, 1), b: (0, 2)}))
    >>> collected.summands[collected.root]
    [(1, 0, 1), (1, 2, -1), (-1, 1, -1)]
    """
    return collect_sums_from(program)[0]


def collect_sums_from(program: Scalars) -> tuple[Scalars, list[int]]:
    """Return the same, and for each node which one it was before."""
    alone = _used_once(program)
    sums: dict[int, list[Summand]] = {}
    for i, op in enumerate(program.ops):
        if op in SUMMANDS and op != "mul":
            sums[i] = _gathered(program, i, alone, sums)
    for i, op in enumerate(program.ops):
        if op == "mul":
            # A product alone is a sum of one, like its longer neighbours.
            sums[i] = SUMMANDS[op](program.operands[i])
    for i, summands in list(sums.items()):
        alone_in_it = [x for _, x, y in summands if y < 0] if len(summands) >= _LONG else ()
        if any(x in sums for x in alone_in_it):
            summands = [one for summand in summands for one in _spelt_out(program, sums, summand)]
            alone_in_it = [x for _, x, y in summands if y < 0]
        if any(x in program.inputs for x in alone_in_it):
            summands = _like_products(program, summands)
        sums[i] = summands
    return _renumbered(program, sums)


_LONG, _SHORT = 4, 2
_ONE = -2  # as a factor: a constant that is added to the program


def _spelt_out(
    program: Scalars, sums: Mapping[int, list[Summand]], summand: Summand, depth: int = 2
) -> list[Summand]:
    """Return what a long sum is to have for a summand that others use too, if that is cheap to have again.

    A multiple, or a sum of a few: in a product with a matrix of constants each costs nothing.
    """
    sign, x, y = summand
    inner = sums.get(x, ()) if y < 0 and not program.labels[x] else ()
    if depth and len(inner) <= _SHORT:
        parts = [part for one in inner for part in _spelt_out(program, sums, one, depth - 1)]
        if parts and all(_is_multiple(program, *one) for one in parts):
            return [(sign * s, p, q) for s, p, q in parts]
    return [summand]


def _is_multiple(program: Scalars, sign: int, x: int, y: int) -> bool:
    """Return whether a summand is a constant, a multiple, or an input."""
    ops = [program.ops[node] for node in (x, y) if node >= 0]
    return CONSTANT in ops or ops == [INPUT]


def _like_products(program: Scalars, summands: list[Summand]) -> list[Summand]:
    """Return summands with inputs alone as products with 1, where others of their array have a factor too."""
    ops, inputs = program.ops, program.inputs
    multiplied = {
        inputs[x][0]
        for _, p, q in summands
        if q >= 0 and (ops[p] == CONSTANT or ops[q] == CONSTANT)
        for x in (p, q)
        if x in inputs
    }
    if not multiplied:
        return summands
    return [
        (sign, p, _ONE) if q < 0 and p in inputs and inputs[p][0] in multiplied else (sign, p, q)
        for sign, p, q in summands
    ]


def _gathered(
    program: Scalars, i: int, alone: Sequence[bool], sums: dict[int, list[Summand]]
) -> list[Summand]:
    """Return the summands of a node, with those of the sums and products that nothing else uses."""
    ops, operands = program.ops, program.operands
    found: list[Summand] = []
    for sign, x, y in SUMMANDS[ops[i]](operands[i]):
        if ops[i] == "add" and program.is_constant(x, 0.0):
            continue  # the 0 with which Python's sum begins
        if y >= 0 or not alone[x]:
            found.append((sign, x, y))
        elif x in sums:
            # What a long sum has so far is taken over, not copied: the pass stays linear.
            inner = sums.pop(x)
            if sign < 0:
                inner = [(-s, p, q) for s, p, q in inner]
            found, rest = (inner, found) if len(inner) > len(found) else (found, inner)
            found.extend(rest)
        elif ops[x] == "mul":
            p, q = operands[x]
            found.append((sign, p, q))
        elif program.is_square(x):
            found.append((sign, operands[x][0], operands[x][0]))
        else:
            found.append((sign, x, y))
    return found or [(1, operands[i][0], -1)]


def _used_once(program: Scalars) -> list[bool]:
    """Return for each node whether it has no name and a single use, so that it may disappear in it."""
    uses = [0] * len(program.ops)
    for nodes in program.operands:
        for node in nodes:
            uses[node] += 1
    uses[program.root] += 1
    return [n == 1 and not label for n, label in zip(uses, program.labels, strict=True)]


def _pairs(nodes: tuple[int, ...]) -> list[Summand]:
    half = len(nodes) // 2
    return [(1, p, q) for p, q in zip(nodes[:half], nodes[half:], strict=True)]


SUMMANDS: dict[str, Callable[[tuple[int, ...]], list[Summand]]] = {
    "add": lambda nodes: [(1, nodes[0], -1), (1, nodes[1], -1)],
    "sub": lambda nodes: [(1, nodes[0], -1), (-1, nodes[1], -1)],
    "neg": lambda nodes: [(-1, nodes[0], -1)],
    "mul": lambda nodes: [(1, nodes[0], nodes[1])],
    "fsum": lambda nodes: [(1, node, -1) for node in nodes],
    "sumprod": _pairs,
    "affine": lambda nodes: [(1, nodes[0], -1), *_pairs(nodes[1:])],
}
"""The rows that are sums of products, with what they add up."""


_RANKS = {INPUT: 0, CONSTANT: 1}


def operands_of(program: Scalars, i: int) -> Sequence[int]:
    """Return the nodes that a node was made of, for a sum those of its summands."""
    summands = program.summands.get(i)
    if summands is None:
        return program.operands[i]
    return [node for _, p, q in summands for node in (p, q) if node >= 0]


def _needed(root: int, n: int, operands: Callable[[int], Sequence[int]]) -> bytearray:
    """Return for each of n nodes whether the root needs it."""
    needed = bytearray(n)
    needed[root] = 1
    for i in range(root, -1, -1):
        if needed[i]:
            for node in operands(i):
                needed[node] = 1
    return needed


def _renumbered(program: Scalars, sums: dict[int, list[Summand]]) -> tuple[Scalars, list[int]]:
    """Return the program with sums, without the nodes that have gone into them; and which those left were."""
    program = program._replace(summands=sums)
    needed = _needed(program.root, len(program.ops), partial(operands_of, program))
    kept = [i for i, is_needed in enumerate(needed) if is_needed]
    # The last entries are for the factor 1, which stands first, and for −1, which stands for no factor.
    has_one = any(q == _ONE for i in kept for _, _, q in sums.get(i, ()))
    new = [-1] * (len(needed) + 1) + [-1]
    for position, i in enumerate(kept, int(has_one)):
        new[i] = position
    new[_ONE] = 0
    rank = [*(_RANKS.get(op, 2) for op in program.ops), _RANKS[CONSTANT], 3]
    one = [0] if has_one else []
    result = Scalars(
        [CONSTANT for _ in one] + [SUM if i in sums else program.ops[i] for i in kept],
        [() for _ in one]
        + [() if i in sums else tuple([new[node] for node in program.operands[i]]) for i in kept],
        [1.0 for _ in one] + [program.values[i] for i in kept],
        ["" for _ in one] + [program.labels[i] for i in kept],
        {new[i]: place for i, place in program.inputs.items() if new[i] >= 0},
        new[program.root],
        {
            new[i]: [
                (sign, new[p], new[q]) if rank[p] <= rank[q] else (sign, new[q], new[p])
                for sign, p, q in sums[i]
            ]
            for i in kept
            if i in sums
        },
        {new[i]: detail for i, detail in program.details.items() if new[i] >= 0},
    )
    return result, [-1 for _ in one] + kept
