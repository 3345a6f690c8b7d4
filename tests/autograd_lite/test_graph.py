"""Walks: order, levels, statistics and export by the properties that define them; first_nonfinite."""

import json
import math
import random
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import mpmath
import networkx
import pytest
import sympy

from autograd_lite import (
    Value,
    affine,
    export,
    first_nonfinite,
    fsum,
    levels,
    statistics,
    to_networkx,
    topological_order,
)
from autograd_lite.graph import interior_nodes, walk

SEEDS = range(30)


FORMS = [
    lambda x, y, z: x + y,
    lambda x, y, z: x * y if abs(x.data * y.data) < 1000 else x - y,
    lambda x, y, z: -x,
    lambda x, y, z: x - 2,
    lambda x, y, z: fsum([x, y, z, y]),
    lambda x, y, z: affine([x, 2], [1, y], z),
]


def random_graph(seed, kind=float):
    """Return the root of up to 30 operations with shared nodes, constants and nodes of many operands."""
    rng = random.Random(seed)
    nodes = [Value(kind(rng.randint(-3, 3)), rng.choice(["", f"v{i}"])) for i in range(rng.randint(1, 4))]
    for _ in range(rng.randint(0, 30)):
        nodes.append(rng.choice(FORMS)(*rng.choices(nodes, k=3)))
    return nodes[-1]


def ancestors(root):
    """Return root and all it was made of, by closure over the parents."""
    found = {root}
    while True:
        larger = found.union(*(node.parents for node in found))
        if len(larger) == len(found):
            return found
        found = larger


def longest_path(node):
    """Return the number of edges on the longest path down to a leaf; only the depth limits its recursion."""
    known = {}

    def height(v):
        if v not in known:
            known[v] = 1 + max(map(height, v.parents)) if v.parents else 0
        return known[v]

    return height(node)


# --- order and levels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_topological_order_has_every_ancestor_once_after_its_parents(seed):
    root = random_graph(seed)
    order = topological_order(root)
    assert len(order) == len(set(order))
    assert set(order) == ancestors(root)
    assert order[-1] is root
    position = {node: i for i, node in enumerate(order)}
    assert all(position[parent] < position[node] for node in order for parent in node.parents)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_direct_walk_is_that_of_the_page(seed):
    # Operands come in another order, which nobody promises.
    root = random_graph(seed)
    for order in (walk(root), interior_nodes(root)):
        assert len(order) == len(set(order))
        assert set(order) == {node for node in ancestors(root) if node.parents}
        position = {node: i for i, node in enumerate(order)}
        assert all(position.get(p, -1) < position[node] for node in order for p in node.parents)


class Task:
    """Something else than a Value that has parents."""

    def __init__(self, *parents):
        self.parents = parents


def test_whatever_has_parents_is_walked():
    bread, tea = Task(), Task()
    toast = Task(bread)
    breakfast = Task(toast, tea, bread)
    assert interior_nodes(breakfast) == [toast, breakfast]
    assert set(topological_order(breakfast)) == {bread, tea, toast, breakfast}
    assert [set(level) for level in levels(breakfast)] == [{bread, tea}, {toast}, {breakfast}]


def test_a_circle_of_whatever_has_parents_is_an_error():
    egg = Task()
    hen = Task(egg)
    egg.parents = (hen,)
    with pytest.raises(ValueError, match="the graph has a cycle through"):
        topological_order(hen)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_level_is_the_longest_way_to_a_leaf(seed):
    root = random_graph(seed)
    by_level = levels(root)
    assert sum(map(len, by_level)) == len(ancestors(root))
    assert [[longest_path(node) for node in level] for level in by_level] == [
        [i] * len(level) for i, level in enumerate(by_level)
    ]
    assert by_level[-1] == [root]


def test_a_leaf_is_a_graph_of_its_own():
    x = Value(2.0, "x")
    assert topological_order(x) == [x]
    assert levels(x) == [[x]]
    assert statistics(x) == (1, 0, 1, 0, 0, {})
    assert first_nonfinite(x) is None


def test_walks_change_nothing():
    root = random_graph(3)
    root.backward()
    before = [(v.data, v.grad, v.op, v.parents, v.partials) for v in topological_order(root)]
    for reader in (levels, statistics, export, first_nonfinite, topological_order):
        reader(root)
    assert [(v.data, v.grad, v.op, v.parents, v.partials) for v in topological_order(root)] == before


@pytest.mark.parametrize("walk", [topological_order, levels, statistics, export, first_nonfinite])
@pytest.mark.parametrize("root", [3, None, "x", [Value(1.0)]])
def test_walks_start_from_a_value(walk, root):
    with pytest.raises(TypeError, match=f"the root of a graph is a Value, not {type(root).__name__}"):
        walk(root)


@pytest.mark.parametrize("walk", [topological_order, levels, statistics, export, first_nonfinite])
def test_walks_refuse_a_cycle(walk):
    first = -Value(1.0)
    last = first * 2
    first._x = last
    with pytest.raises(ValueError, match="cycle"):
        walk(last)


# --- statistics and export ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_statistics_count_what_is_there(seed):
    root = random_graph(seed)
    nodes = ancestors(root)
    counted = statistics(root)
    assert counted.nodes == len(nodes)
    assert counted.edges == sum(len(node.parents) for node in nodes)
    assert counted.leaves == sum(node.op == "leaf" for node in nodes)
    assert counted.constants == sum(node.op == "constant" for node in nodes)
    assert counted.depth == longest_path(root)
    assert counted.operations == Counter(node.op for node in nodes if node.parents)
    assert list(counted.operations.values()) == sorted(counted.operations.values(), reverse=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_exported_graph_has_all_it_takes_to_walk_back(seed):
    root = random_graph(seed)
    root.backward()
    nodes = json.loads(json.dumps(export(root)))["nodes"]
    order = topological_order(root)
    assert [(n["op"], n["label"], n["data"]) for n in nodes] == [(v.op, v.label, v.data) for v in order]
    adjoints = [0.0] * (len(nodes) - 1) + [1.0]
    for i in reversed(range(len(nodes))):
        for parent, partial in zip(nodes[i]["parents"], nodes[i]["partials"], strict=True):
            assert parent < i
            adjoints[parent] += partial * adjoints[i]
    # Sums of small whole numbers: exact in floats.
    assert [n["grad"] for n in nodes] == adjoints


@pytest.mark.parametrize("seed", range(10))
def test_in_networkx_the_paths_to_the_root_add_up_to_the_gradient(seed):
    root = random_graph(seed)
    root.backward()

    graph = to_networkx(root)

    assert networkx.is_directed_acyclic_graph(graph)
    nodes = topological_order(root)
    assert [graph.nodes[i]["data"] for i in graph] == [node.data for node in nodes]
    # ∂root/∂v, from the root down: what each edge brings, added up where several leave a node.
    adjoints = {len(nodes) - 1: 1.0}
    for i in reversed(list(networkx.topological_sort(graph))):
        out = [partial * adjoints.get(j, 0) for _, j, partial in graph.out_edges(i, data="partial")]
        adjoints[i] = adjoints.get(i, 0) + sum(out)
        assert graph.nodes[i]["grad"] == adjoints[i]


def test_an_operand_that_is_used_twice_has_two_edges():
    x = Value(3.0, "x")

    graph = to_networkx(x * x)

    assert dict(graph.nodes[0]) == {"op": "leaf", "label": "x", "data": 3.0, "grad": 0}
    assert list(graph.edges(keys=True)) == [(0, 1, 0), (0, 1, 1)]


def test_without_networkx_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "networkx", None)

    with pytest.raises(ImportError, match="python -m pip install networkx"):
        to_networkx(Value(1.0))


def test_numbers_that_json_lacks_are_exported_as_text():
    x = Value(Fraction(1, 3)) * 2
    assert [n["data"] for n in export(x)["nodes"]] == ["1/3", "2", "2/3"]
    special = [math.inf, -math.inf, math.nan, Decimal("0.10"), mpmath.mpf(0.5)]
    texts = [export(Value(number))["nodes"][0]["data"] for number in special]
    assert texts == ["inf", "-inf", "nan", "0.10", "0.5"]
    json.dumps(texts, allow_nan=False)


# --- where a NaN or an infinity came from ---------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        *(math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("-Infinity")),
        *(mpmath.nan, mpmath.inf, sympy.nan, sympy.oo, -sympy.oo),
    ],
)
def test_a_leaf_that_is_not_finite_is_found(number):
    x, y = Value(number, "x"), Value(1, "y")
    found = first_nonfinite(-(y * x) * y)
    assert found.node is x
    assert found.reason == f"leaf x is {number}"


def test_an_operation_that_overflows_is_found():
    x, y = Value(1e200, "x"), Value(1e300, "y")
    product = x * y
    found = first_nonfinite((product + x) * product)
    assert found.node is product
    assert found.reason == "mul of x = 1e+200, y = 1e+300 is inf"


def test_a_nan_made_of_infinities_is_traced_to_the_first_of_them():
    x = Value(1e200, "x")
    square = x * x
    assert first_nonfinite(square - square).node is square


def test_an_infinite_partial_is_found():
    x = Value(0.0, "x")
    root = x.sqrt()
    found = first_nonfinite(root * 2)
    assert found.node is root
    assert found.reason == "sqrt of x = 0.0 has the partial derivative inf towards x"


def test_an_overflow_on_the_way_back_is_found():
    x = Value(1e-200, "x")
    h = x * 1e200
    root = h * 1e200
    assert first_nonfinite(root) is None
    root.backward()
    found = first_nonfinite(root)
    assert x.grad == math.inf
    assert found.node is x
    assert found.reason.startswith("the gradient of x is inf")


def test_the_first_of_the_gradients_that_overflow_is_found():
    x = Value(1e-200, "x")
    first = x * 1.0
    second = first * 1e200
    root = second * 1e200
    root.backward()
    assert first_nonfinite(root).node is first


def test_a_node_of_many_operands_is_described_in_short():
    weights = [Value(1e200, f"w{i}") for i in range(4)]
    root = affine(weights, [1e200] * 4, Value(0.0, "b"))
    reason = "affine of b = 0.0, w0 = 1e+200, w1 = 1e+200, w2 = 1e+200 and 5 more is inf"
    assert first_nonfinite(root).reason == reason


@pytest.mark.parametrize("kind", [float, int, Fraction, Decimal, mpmath.mpf])
def test_nothing_is_found_where_all_is_finite(kind):
    root = random_graph(5, kind)
    root.backward()
    assert first_nonfinite(root) is None
