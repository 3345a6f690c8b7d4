"""The passes of lift one by one: from a graph to scalars, to groups, to arrays, to text."""

from __future__ import annotations

import ast
from copy import deepcopy
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, fsum, topological_order
from autograd_lite.lifting.arrays import Arrays, padded, ranks, window_of
from autograd_lite.lifting.assemble import assemble
from autograd_lite.lifting.groups import heights, schedule
from autograd_lite.lifting.operations.elementwise import elementwise
from autograd_lite.lifting.operations.inputs import constant, input_
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.scalars import Scalars, collect_sums, fold_constants, listed, operands_of, share
from autograd_lite.lifting.straight import rules_for_floats
from autograd_lite.ops import RULES
from autograd_lite.printing.numpy import Text, literal, times
from tests.autograd_lite.orders import with_order
from tests.autograd_lite.test_lift_graphs import grown


def traced(root: Value, *inputs: Value) -> Scalars:
    return listed(topological_order(root), {leaf: (0, k) for k, leaf in enumerate(inputs)})


def described(program: Scalars) -> list[str]:
    """Return the operations after the inputs and constants, sums with the signs of their terms."""
    named = []
    for i, op in enumerate(program.ops):
        if op not in ("input", "constant"):
            named.append(
                op
                + "".join("+-"[sign < 0] + "pq"[: 1 + (q >= 0)] for sign, _, q in program.summands.get(i, []))
            )
    return named


# --- scalars --------------------------------------------------------------------------------------------


def test_leaves_without_a_place_are_constants() -> None:
    x, y = Value(2.0), Value(3.0)
    program = traced(x * y, x)
    assert program.ops == ["input", "constant", "mul"]
    assert program.values == [2.0, 3.0, 6.0]


def test_what_is_made_of_constants_is_one() -> None:
    x = Value(2.0)
    program = share(fold_constants(traced(x * (Value(3.0).exp() + 1).log(), x)))
    assert sorted(program.ops) == ["constant", "input", "mul"]


def test_equal_computations_are_one_also_with_operands_exchanged() -> None:
    x, y = Value(2.0), Value(3.0)
    program = share(traced((x * y).exp() + (y * x).exp() - x / y, x, y))
    assert sorted(program.ops) == ["add", "div", "exp", "input", "input", "mul", "sub"]
    assert len(share(traced(x / y - y / x, x, y)).ops) == 5


def test_zero_and_minus_zero_are_two_constants() -> None:
    x = Value(2.0)
    program = share(traced(x.atan2(0.0) + x.atan2(-0.0), x))
    assert program.ops.count("constant") == 2


def test_sums_take_in_what_only_they_use() -> None:
    x, y, z = Value(2.0), Value(3.0), Value(4.0)
    assert described(collect_sums(traced(x * y + z - x * z - (y - z), x, y, z))) == ["sum+pq+p-pq-p+p"]
    assert described(collect_sums(traced(-((x + y) ** 2), x, y))) == ["sum+p+p", "sum-pq"]
    shared = x * y
    assert described(collect_sums(traced(shared + shared.exp(), x, y))) == ["sum+pq", "exp", "sum+p+p"]


def test_what_has_a_name_stays() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x * y + x
    z.label = "z"
    assert described(collect_sums(traced(z - y, x, y))) == ["sum+pq+p", "sum+p-p"]


def test_the_zero_with_which_a_sum_begins_goes() -> None:
    x, y = Value(2.0), Value(3.0)
    assert described(collect_sums(traced(sum([x, y]), x, y))) == ["sum+p+p"]
    assert described(collect_sums(traced(0 + x, x))) == ["sum+p"]


def test_a_long_chain_of_additions_is_one_sum() -> None:
    xs = [Value(float(k)) for k in range(5000)]
    for root in (sum(xs), sum(xs[1:], xs[0] * 1.0), fsum(xs)):
        (only,) = collect_sums(traced(root, *xs)).summands.values()
        assert len(only) == 5000


# --- groups ---------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 10**9), nodes=st.integers(1, 60))
def test_a_schedule_computes_everything_once_and_operands_first(seed: int, nodes: int) -> None:
    leaves = [Value(0.1 * k) for k in range(1, 5)]
    program = collect_sums(share(fold_constants(traced(grown(Random(seed), leaves, nodes), *leaves))))
    done = {i for i, op in enumerate(program.ops) if op in ("input", "constant")}
    for group in schedule(program):
        assert {program.ops[i] for i in group.members} == {group.op}
        for i in group.members:
            assert done.issuperset(operands_of(program, i))
        assert done.isdisjoint(group.members)
        done.update(group.members)
    assert done == set(range(len(program.ops)))


def test_heights_are_longest_ways() -> None:
    x = Value(2.0)
    program = traced(x.exp().sin() + x, x)
    assert dict(zip(program.ops, heights(program), strict=True)) == {"input": 3, "exp": 2, "sin": 1, "add": 0}


def test_what_a_shorter_way_made_ready_earlier_joins_its_kind() -> None:
    # The first of three has no sum to wait for.
    xs = [Value(0.1 * k) for k in range(1, 7)]
    exponentials = [x.exp() for x in xs]
    parts = [
        exponentials[0] / exponentials[0].sin(),
        exponentials[1] / (exponentials[1] + exponentials[2]).sin(),
    ]
    groups = schedule(collect_sums(traced(fsum(parts), *xs)))
    assert [len(group.members) for group in groups if group.op == "sin"] == [2]


@settings(deadline=None)
@given(seed=st.integers(0, 10**9), nodes=st.integers(1, 60))
def test_no_pass_changes_what_it_is_given(seed: int, nodes: int) -> None:
    leaves = [Value(0.1 * k) for k in range(1, 5)]
    program = traced(grown(Random(seed), leaves, nodes), *leaves)
    for then in (fold_constants, share, collect_sums):
        before = deepcopy(program)
        after = then(program)
        assert program == before
        program = after
    before = deepcopy(program)
    groups = schedule(program)
    assemble(program, groups, [Input("x", (4,), False)])
    assert program == before
    assert schedule(program) == groups


# --- arrays ---------------------------------------------------------------------------------------------

STEPS = st.sampled_from([1, 1, 2])


@st.composite
def viewed(draw: st.DrawFn) -> tuple[Any, Any]:
    """Return an array of positions, and a part of it by basic indexing and exchanging axes."""
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    whole = np.arange(int(np.prod(shape))).reshape(shape)
    index: list[Any] = []
    for n in shape:
        start = draw(st.integers(0, n - 1))
        index.append(draw(st.sampled_from([start, slice(start, n, draw(STEPS)), slice(0, n)])))
    part = whole[tuple(index)]
    return whole, np.transpose(part, draw(st.permutations(range(part.ndim))))


@given(viewed())
def test_parts_by_basic_indexing_are_found(pair: tuple[Any, Any]) -> None:
    whole, part = pair
    wanted = part.squeeze()
    found = window_of(whole.shape, wanted)
    assert found is not None
    np.testing.assert_array_equal(whole[found.indices].transpose(found.axes), wanted)


@given(st.lists(st.integers(0, 31), min_size=1, max_size=6))
def test_a_part_that_is_found_is_the_right_one(positions: list[int]) -> None:
    wanted = np.array(positions).squeeze()
    found = window_of((4, 8), wanted)
    if found is not None:
        np.testing.assert_array_equal(
            np.arange(32).reshape(4, 8)[found.indices].transpose(found.axes), wanted
        )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_places_that_are_filled_up(targets: list[int]) -> None:
    table = padded(np.array(targets), 10)
    assert [sorted(k for k in row if k >= 0) for row in table] == [
        [k for k, target in enumerate(targets) if target == t] for t in range(10)
    ]
    assert ranks(np.array(targets)).tolist() == [targets[:k].count(t) for k, t in enumerate(targets)]


def test_the_same_operation_on_the_same_arrays_is_kept_once() -> None:
    a = Arrays()
    x, y = input_(a, 0, (3,), False), input_(a, 1, (3,), False)
    assert elementwise(a, "mul", x, y) == elementwise(a, "mul", x, y) != elementwise(a, "mul", y, x)
    assert constant(a, [1.0, 2.0]) == constant(a, [1.0, 2.0]) != constant(a, [1.0, 3.0])


def test_numbers_are_multiplied_into_one() -> None:
    a = Arrays()
    x = input_(a, 0, (3,), False)
    assert elementwise(a, "mul", constant(a, 2.0), elementwise(a, "div", x, constant(a, 2.0))) == x
    assert elementwise(a, "neg", elementwise(a, "neg", x)) == x
    assert a.literal(elementwise(a, "add", constant(a, 2.0), constant(a, 3.0))) == 5.0


# --- text -----------------------------------------------------------------------------------------------


@given(st.floats(allow_nan=False), st.floats(-1e3, 1e3))
def test_numbers_are_written_as_they_are(x: float, y: float) -> None:
    assert eval(literal(x).text, {"np": np}) == x
    written = eval(times(y, Text("z")).text, {"z": 3.0})
    assert np.isclose(written, 3.0 * y, rtol=1e-15, atol=0)


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_parentheses_are_there_where_they_are_needed(x: float, y: float) -> None:
    for factor in (x, -1.0, 0.25):
        for text, value in (("a - b", x - y), ("-a", -x), ("a * b", x * y), ("a / 3", x / 3)):
            binds = {ast.Sub: 1, ast.USub: 4, ast.Mult: 3, ast.Div: 3}[
                type(ast.parse(text, mode="eval").body.op)
            ]  # type: ignore[attr-defined]
            written = times(factor, Text(text, binds)).text
            assert np.isclose(
                eval(written, {"a": x, "b": y, "np": np}), factor * value, rtol=1e-14, atol=1e-300
            )


# --- floats ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_rules_for_floats_are_the_engine_s(name: str) -> None:
    random, row = Random(7), RULES[name]
    numbers = [random.uniform(max(low, -2) + 0.1, min(high, 2) - 0.1) for low, high in row.floats.domain]
    numbers = with_order(name, [max(x, 1.1) if name == "acosh" else x for x in numbers])
    node = Value.apply_operation(row, [Value(x) for x in numbers])
    value, partials = rules_for_floats()[name](*numbers)
    assert value == node.data
    assert (partials if isinstance(partials, tuple) else (partials,)) == node.partials
