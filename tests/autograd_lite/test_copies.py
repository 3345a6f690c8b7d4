"""Copies of graphs: copy, deepcopy and pickle keep sharing, recurse little and leave the original alone."""

import copy
import gc
import io
import pickle
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest

from autograd_lite import Value, affine, topological_order

DUMPS = {"C": pickle.dumps, "Python": pickle._dumps}
DEPTH = 100_000


def by_pickle(value):
    return pickle.loads(pickle.dumps(value))


def chain(length):
    x = Value(1, "x")
    y = x
    for i in range(length):
        y = y + x if i % 2 else -y
    return y


def a_graph():
    """Return the root and the leaves of a graph with every form of node: one, two and many operands."""
    w, x, b = Value(Fraction(2, 3), "w"), Value(Fraction(-5, 7), "x"), Value(3, "b")
    z = affine([w, x], [x, x], b)
    h = -z * z + 2
    return h * z - x, [w, x, b]


class Unpicklable(float):
    """A number that refuses to be pickled while ``refuses`` is set."""

    refuses = True

    def __reduce__(self):
        if self.refuses:
            raise RuntimeError("not this one")
        return Unpicklable, (float(self),)


def described(root):
    order = topological_order(root)
    position = {node: i for i, node in enumerate(order)}
    return [
        (node.op, node.label, node.data, node.grad, [position[p] for p in node.parents], node.partials)
        for node in order
    ]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle], ids=["deepcopy", "pickle"])
def test_a_copied_graph_is_the_same_and_independent(duplicate):
    root, leaves = a_graph()
    root.backward()
    before = described(root)
    copied_root, copied_leaves = duplicate((root, leaves))
    assert described(copied_root) == before
    assert set(topological_order(copied_root)).isdisjoint(topological_order(root))
    for leaf in copied_leaves:
        leaf.grad = 0
    copied_root.backward()
    assert [leaf.grad for leaf in copied_leaves] == [leaf.grad for leaf in leaves]
    copied_root.backward()
    copied_leaves[0].data = 1000
    assert described(root) == before


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle], ids=["deepcopy", "pickle"])
def test_nodes_shared_by_several_roots_stay_shared(duplicate):
    x = Value(3, "x")
    shared = x * x
    roots = [x, shared + 1, shared * 2, shared, x, shared + 1]
    copied_x, first, second, copied_shared, again, _ = duplicate(roots)
    assert again is copied_x
    assert first.parents[0] is second.parents[0] is copied_shared
    assert copied_shared.parents == (copied_x, copied_x)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle], ids=["deepcopy", "pickle"])
def test_a_root_may_come_before_or_after_its_ancestors(duplicate):
    nodes = topological_order(a_graph()[0])
    for order in (nodes, nodes[::-1]):
        copied = duplicate(order)
        parents = [[order.index(parent) for parent in node.parents] for node in order]
        assert [[copied.index(parent) for parent in node.parents] for node in copied] == parents


def test_a_plain_copy_is_another_node_of_the_same_parents():
    root, (w, x, b) = a_graph()
    root.backward()
    for node in (*topological_order(root), w, x, b):
        copied = copy.copy(node)
        assert copied is not node
        assert (copied.data, copied.grad, copied.op, copied.label) == (
            node.data,
            node.grad,
            node.op,
            node.label,
        )
        assert (copied.parents, copied.partials) == (node.parents, node.partials)


@pytest.mark.parametrize("pickler", DUMPS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_either_pickler_keeps_the_graph(pickler, protocol):
    root, leaves = a_graph()
    root.backward()
    copied, _ = pickle.loads(DUMPS[pickler]([root, leaves], protocol))
    assert described(copied) == described(root)


@pytest.mark.slow
@pytest.mark.parametrize("pickler", DUMPS)
def test_deep_chains_are_pickled_without_deep_recursion(pickler):
    length = DEPTH if pickler == "C" else 10 * sys.getrecursionlimit()
    y = chain(length)
    copied = pickle.loads(DUMPS[pickler]([y, y.parents[0]]))
    assert copied[0].parents[0] is copied[1]
    assert len(topological_order(copied[0])) == length + 1
    copied[0].backward()
    y.backward()
    assert topological_order(copied[0])[0].grad == topological_order(y)[0].grad


@pytest.mark.slow
def test_deep_chains_are_copied_without_deep_recursion():
    y = chain(DEPTH)
    copied = copy.deepcopy(y)
    copied.backward()
    assert len(topological_order(copied)) == DEPTH + 1
    assert topological_order(y)[0].grad == 0


@pytest.mark.slow
@pytest.mark.parametrize("pickler", DUMPS)
@pytest.mark.parametrize("failing", [0, 1, 5_000, 10_000])
def test_after_a_pickle_that_failed_the_next_is_sound(pickler, failing):
    y = chain(10_000)
    nodes = topological_order(y)
    nodes[failing].data = Unpicklable(1.0)
    with pytest.raises(RuntimeError, match="not this one") as failure:
        DUMPS[pickler](y)
    Unpicklable.refuses = False
    try:
        # The traceback still holds the frames of the pickler that failed.
        for root in (nodes[7_500], y, nodes[2_500]):
            copied = pickle.loads(DUMPS[pickler]([root, nodes[100]]))
            assert described(copied[0]) == described(root)
            assert topological_order(copied[0])[100] is copied[1]
    finally:
        Unpicklable.refuses = True
    assert failure.traceback


def test_a_pickler_that_goes_on_keeps_identity_between_its_dumps():
    x = Value(3)
    shared = x * x
    file = io.BytesIO()
    pickler = pickle.Pickler(file)
    pickler.dump(shared + 1)
    gc.collect()
    pickler.dump(shared + 2)
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    assert unpickler.load().parents[0] is unpickler.load().parents[0]


def test_threads_pickle_the_same_graph_at_once():
    y = chain(2_000)
    roots = [y, y.parents[0], y]

    def same(_):
        copied = by_pickle(roots)
        return copied[0] is copied[2] and copied[0].parents[0] is copied[1]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(same, range(40)))


class Tracked(float):
    """A float that says when it is gone."""


def test_pickling_keeps_nothing_alive():
    data = Tracked(2.0)
    leaf = Value(data)
    pickle.dumps([leaf * leaf, leaf])
    alive = weakref.ref(data)
    del data, leaf
    gc.collect()
    assert alive() is None
