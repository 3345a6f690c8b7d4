"""Sums of a recursion, which take up their summands as they come: what elimination leaves of a matrix.

Each result of a recursion such as xᵢ = bᵢ − Σ Lᵢⱼ xⱼ waits for all before it. Instead, each xⱼ, as soon as it
is known, is taken off whatever needs it, which is one operation on the rest of an array.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from autograd_lite.lifting.groups import kinds_of_nodes
from autograd_lite.lifting.scalars import SUM, Scalars, Summand, operands_of

_FEWEST_STAGES = 5

_Stages: TypeAlias = list[list[Summand]]
"""The summands of a sum, those together that can be computed at the same time, the earliest first."""


def in_stages(program: Scalars) -> Scalars:
    """Return a program in which the sums of a recursion are written stage by stage.

    Examples
    --------
    >>> from autograd_lite import Value, topological_order
    >>> from autograd_lite.lifting.scalars import collect_sums, listed
    >>> x, leaves = [], [Value(1.0 + k) for k in range(7)]
    >>> for leaf in leaves:
    ...     x.append((sum((leaf * x_k for x_k in x), leaf)).tanh())
    >>> order = topological_order(x[-1])
    >>> program = collect_sums(listed(order, {leaf: (0, k) for k, leaf in enumerate(leaves)}))
    >>> max(map(len, program.summands.values())), max(map(len, in_stages(program).summands.values()))
    (7, 2)
    """
    depth: list[int] = []
    for i in range(len(program.ops)):
        depth.append(1 + max([depth[o] for o in operands_of(program, i)], default=-1))
    kinds = kinds_of_nodes(program)
    families: dict[object, dict[int, dict[int, list[Summand]]]] = defaultdict(dict)
    for i, summands in program.summands.items():
        by_depth: dict[int, list[Summand]] = defaultdict(list)
        for one in summands:
            by_depth[max(depth[o] for o in one[1:] if o >= 0)].append(one)
        family = frozenset((sign, kinds[p], kinds[q] if q >= 0 else None) for sign, p, q in summands)
        families[family][i] = by_depth
    stages = {
        i: _stages(by_depth)
        for found in families.values()
        if _is_recursion(list(found.values()))
        for i, by_depth in found.items()
    }
    return _written(program, stages) if stages else program


def _is_recursion(found: Sequence[dict[int, list[Summand]]]) -> bool:
    """Return whether sums of many stages end one after another, not all of them together."""
    if max(map(len, found)) < _FEWEST_STAGES:
        return False
    return 2 * len(set(map(max, found))) >= len(set().union(*found))


def _stages(by_depth: dict[int, list[Summand]]) -> _Stages:
    """Return the stages; what is there before any product goes with the first of them."""
    stages = [by_depth[d] for d in sorted(by_depth)]
    if len(stages) > 1 and all(q < 0 for _, _, q in stages[0]):
        stages[:2] = [stages[0] + stages[1]]
    return stages


def _written(program: Scalars, stages: dict[int, _Stages]) -> Scalars:
    """Return the program with a sum for each stage, which goes on with that of the stage before."""
    rows: list[tuple[str, tuple[int, ...], float, str]] = []
    summands: dict[int, list[Summand]] = {}
    new: list[int] = []  # what each node has become
    for i, op in enumerate(program.ops):
        of_sum = stages.get(i) or ([program.summands[i]] if i in program.summands else [])
        for k, stage in enumerate(of_sum):
            before = [(1, len(rows) - 1, -1)] if k else []
            summands[len(rows)] = [
                *before,
                *((sign, new[p], new[q] if q >= 0 else q) for sign, p, q in stage),
            ]
            if k < len(of_sum) - 1:
                rows.append((SUM, (), 0.0, ""))
        new.append(len(rows))
        made_of = tuple([new[o] for o in program.operands[i]])
        rows.append((op, made_of, program.values[i], program.labels[i]))
    ops, operands, values, labels = map(list, zip(*rows, strict=True))
    inputs = {new[i]: place for i, place in program.inputs.items()}
    details = {new[i]: detail for i, detail in program.details.items()}
    return Scalars(ops, operands, values, labels, inputs, new[program.root], summands, details)
