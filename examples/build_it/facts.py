"""What is true of an engine, one function a fact, in the order of the tasks.

A fact takes the engine: a module, or whatever else has Value, walk_back, Neuron and step. Those of task 1 are
about how a Value is stored here. All the others are tests of autograd_lite and nn too: tests/test_build_it.py
runs them on those, on examples/engine_in_100_lines.py, and test_build_it.py, beside this file, on yours.

Where a fact fails, the reader is told what was found, then the fact's own lines, then its docstring as the
reason: so it starts with the program and ends with what is expected of it.
"""

import math
from fractions import Fraction
from random import Random


def expect(what, found, right, within=0):
    """Fail where a number is further from the right one than allowed, or anything else is not equal."""
    good = abs(found - right) <= within if within and isinstance(found, int | float) else found == right
    assert good, f"{what} should be {right}, not {found}"


def as_tuple(found):
    """Return a tuple of a list, which does as well, and all else as it is."""
    return tuple(found) if isinstance(found, list) else found


def expect_value(engine, what, found, advice):
    """Fail where an operation did not return a Value."""
    name = "None" if found is None else type(found).__name__
    assert isinstance(found, engine.Value), f"{what} should be a Value, not {name}: {advice}"


def expect_attributes(what, found):
    """Fail where a Value lacks one of the four that task 1 is about."""
    for name in ("data", "parents", "partials", "grad"):
        advice = f"fill in __init__, where self.{name} is to be set"
        assert hasattr(found, name), f"there is no {what}.{name}: {advice}"


# --- task 1: a node and its parents ---------------------------------------------------------------------


def task_1_a_value_keeps_its_number(engine):
    """A Value is a number first of all: Value(2.0).data is 2.0."""
    x = engine.Value(2.0)
    expect_attributes("x", x)
    expect("x.data", x.data, 2.0)


def task_1_a_gradient_starts_at_0(engine):
    """Nothing has been told to this Value yet."""
    x = engine.Value(2.0)
    expect("x.grad", x.grad, 0)


def task_1_a_leaf_has_no_parents(engine):
    """It was made by hand, not of other Values."""
    x = engine.Value(2.0)
    expect("x.parents", x.parents, ())
    expect("x.partials", x.partials, ())


def task_1_a_node_keeps_its_parents_and_partials(engine):
    """They are what the walk back needs: whom to tell, and what to multiply by."""
    a, b = engine.Value(2), engine.Value(3)
    c = engine.Value(6, (a, b), (3, 2))
    expect("c.data", c.data, 6)
    expect("c.parents", c.parents, (a, b))
    expect("c.partials", c.partials, (3, 2))


# --- task 2: + and · ------------------------------------------------------------------------------------


def task_2_a_sum(engine):
    """If a grows by 0.001, a + b grows by 0.001, once as much; and so for b."""
    a, b = engine.Value(2), engine.Value(3)
    c = a + b
    expect_value(engine, "a + b", c, "fill in add, and return what you made")
    expect("(a + b).data", c.data, 5)
    expect("(a + b).parents", as_tuple(c.parents), (a, b))
    expect("(a + b).partials", as_tuple(c.partials), (1, 1))


def task_2_a_product(engine):
    """If a grows by 0.001, a·b grows by 0.001·b, b times as much: the partial towards a is b."""
    a, b = engine.Value(2), engine.Value(3)
    c = a * b
    expect_value(engine, "a * b", c, "fill in multiply, and return what you made")
    expect("(a * b).data", c.data, 6)
    expect("(a * b).parents", as_tuple(c.parents), (a, b))
    expect("(a * b).partials", as_tuple(c.partials), (3, 2))


def task_2_partials_are_numbers(engine):
    """A partial is what it was in this calculation. A leaf that changes later does not change it."""
    a, b = engine.Value(2), engine.Value(3)
    c = a * b
    a.data, b.data = 1000, 1000
    expect("(a * b).partials", as_tuple(c.partials), (3, 2))


def task_2_an_operation_changes_no_operand(engine):
    """A result is a new Value, and a and b can be used again."""
    a, b = engine.Value(2), engine.Value(3)
    first, again = a + b * a, a + b * a
    expect("a + b * a", first.data, 8)
    expect("a + b * a, computed again,", again.data, 8)
    expect("a.data, b.data", (a.data, b.data), (2, 3))


def task_2_numbers_on_either_side(engine):
    """Plain numbers become Values first, which is ready here; and sum() begins with the number 0."""
    x = engine.Value(3)
    expect("(2 * x + 1).data", (2 * x + 1).data, 7)
    expect("(1 + x * 2).data", (1 + x * 2).data, 7)
    expect("(x - 5).data", (x - 5).data, -2)
    expect("sum([x, x, x]).data", sum([x, x, x]).data, 9)


def task_2_fractions_stay_exact(engine):
    """Whatever can be added and multiplied will do for data: no float() is needed, and ⅓ stays ⅓."""
    x = engine.Value(Fraction(1, 3))
    y = x * x + x
    expect("y.data", y.data, Fraction(4, 9))


# --- task 3: the walk back ------------------------------------------------------------------------------


def random_nodes(engine, seed):
    """Return the nodes of a random calculation in fractions, the last one made of many of the others."""
    random = Random(seed)
    nodes = [engine.Value(Fraction(random.randint(-4, 4), random.randint(1, 3))) for _ in range(3)]
    for _ in range(9):
        a, b = random.choice(nodes), random.choice(nodes[-3:])
        nodes.append(a + b if random.random() < 0.5 else a * b)
    return nodes


def check_walk(walk, root):
    """Fail where a list is no walk back from root."""
    kind = "None" if walk is None else type(walk).__name__
    assert isinstance(walk, list), f"walk_back(root) should be a list, not {kind}: fill in walk_back"
    assert walk, "walk_back(root) is empty, and should begin with root"
    assert walk[0] is root, "walk_back(root) should begin with root"
    place = {node: i for i, node in enumerate(walk)}
    assert len(place) == len(walk), "there is a node that is in walk_back(root) more than once"
    for node in walk:
        for parent in node.parents:
            assert parent in place, "a parent of a node in walk_back(root) is not in it"
            assert place[node] < place[parent], (
                "in walk_back(root) a parent stands before a node that uses it"
            )


def task_3_the_counterexample(engine):
    """Here b has to wait until c has told it twice, and only then tells a."""
    a = engine.Value(1)
    b = a + a
    c = b + b
    walk = engine.walk_back(c)
    check_walk(walk, c)
    names = {a: "a", b: "b", c: "c"}
    expect("the walk back from c", [names.get(node, node) for node in walk], ["c", "b", "a"])


def task_3_a_leaf_alone(engine):
    """A root without parents is a walk of one node."""
    a = engine.Value(1)
    walk = engine.walk_back(a)
    check_walk(walk, a)
    expect("how many nodes there are in it", len(walk), 1)


def task_3_a_parent_that_is_used_early_and_late(engine):
    """The last node uses a, and b, which uses a too. So a has to wait for b, although c names it first."""
    a = engine.Value(1)
    b = a * a
    for c in (a + b, b + a):
        check_walk(engine.walk_back(c), c)


def task_3_random_graphs(engine):
    """No node comes before all those that use it, however a graph is knotted."""
    for seed in range(100):
        root = random_nodes(engine, seed)[-1]
        check_walk(engine.walk_back(root), root)


def task_3_a_million_million_paths(engine):
    """There are 2⁶⁰ paths from the last node to x, but 61 nodes: go through nodes, not along every path."""
    x = engine.Value(1)
    y = x
    for _ in range(60):
        y = y + y
    walk = engine.walk_back(y)
    check_walk(walk, y)
    expect("how many nodes there are in the walk", len(walk), 61)


def task_3_a_long_calculation(engine):
    """No function may call itself once for each step: Python allows some 1,000 open calls."""
    x = engine.Value(1)
    y = x
    for _ in range(10_000):
        y = x + y
    walk = engine.walk_back(y)
    check_walk(walk, y)
    expect("how many nodes there are in the walk", len(walk), 10_001)


# --- task 4: backward(), and why += ---------------------------------------------------------------------


def gradients(*values):
    """Return the gradients of several Values."""
    return [value.grad for value in values]


def task_4_a_product(engine):
    """The root's own gradient is 1; it tells a its gradient times the partial towards a, which is b."""
    a, b = engine.Value(2), engine.Value(3)
    c = a * b
    c.backward()
    expect("the gradient of c itself", c.grad, 1)
    expect("the gradients of a, b", gradients(a, b), [3, 2])


def task_4_a_chain(engine):
    """The chain rule: derivatives along a path are multiplied, ∂d/∂a = ∂d/∂c · ∂c/∂a = 5·3."""
    a, b = engine.Value(2), engine.Value(3)
    c = a * b
    d = c * 5
    d.backward()
    expect("the gradients of d, c, a, b", gradients(d, c, a, b), [1, 5, 15, 10])


def task_4_a_node_used_twice(engine):
    """Both uses of x count, hence +=. With = the second one wipes out the first."""
    x = engine.Value(3)
    y = x * x
    y.backward()
    expect("the gradient of x", x.grad, 6)


def task_4_the_counterexample(engine):
    """Since c = 4a, the gradient is 4. It is 6 if b tells a before c has told b twice."""
    a = engine.Value(1)
    b = a + a
    c = b + b
    c.backward()
    expect("the gradients of c, b, a", gradients(c, b, a), [1, 2, 4])


def task_4_backward_from_a_leaf_counts_itself(engine):
    """∂x/∂x = 1; x is a leaf, and so adds up over calls: the root gets 1 more, not 1."""
    x = engine.Value(7.0)
    x.backward()
    x.backward()
    expect("the gradient of x", x.grad, 2)


def task_4_a_second_pass_doubles_the_leaves_and_nothing_else(engine):
    """The leaves x and y add up over calls. Where nodes have parents, each call starts from 0."""
    x, y = engine.Value(3), engine.Value(5)
    h = x * y
    root = h * h + x
    root.backward()
    expect("the gradients of root, h, x, y", gradients(root, h, x, y), [1, 30, 151, 90])
    root.backward()
    expect("after a second call they", gradients(root, h, x, y), [1, 30, 302, 180])


def task_4_two_roots_add_up_in_the_leaves_and_leave_the_last_pass_inside(engine):
    """The inner node keeps the gradient for the last root alone, and x and y have the sum of both roots'."""
    x, y = engine.Value(3), engine.Value(5)
    shared = x * y
    first, second = shared * 2, shared * 10 + x
    first.backward()
    second.backward()
    expect("the gradients of x, y", gradients(x, y), [2 * 5 + 10 * 5 + 1, 2 * 3 + 10 * 3])
    expect("the gradients of shared, first, second", gradients(shared, first, second), [10, 1, 1])


def task_4_backward_from_an_interior_node_reaches_only_its_ancestors(engine):
    """The second call begins at h: it adds ∂h/∂x = 5 and ∂h/∂y = 3, and leaves alone what is made of h."""
    x, y = engine.Value(3), engine.Value(5)
    h = x * y
    root = h * h + x
    root.backward()
    h.backward()
    expect("the gradients of root, h, x, y", gradients(root, h, x, y), [1, 1, 151 + 5, 90 + 3])


def task_4_numbers_met_by_arithmetic_are_leaves_too(engine):
    """The 5 has become a Value, and it adds up like every leaf."""
    x = engine.Value(3)
    product = x * 5
    product.backward()
    product.backward()
    expect("the gradient of the 5", product.parents[1].grad, 2 * 3)


def task_4_a_million_paths_through_twenty_nodes(engine):
    """The gradient is 2²⁰, one for each path, found with 20 sums and not with a million."""
    x = engine.Value(3)
    y = x
    for _ in range(20):
        y = y + y
    y.backward()
    expect("the gradient of x", x.grad, 2**20)


def task_4_a_node_that_is_used_a_thousand_times(engine):
    """It waits for a thousand others, adds up what they say, and tells x once."""
    x = engine.Value(2)
    h = x * 5
    total = sum(h * k for k in range(1000))
    total.backward()
    expect("the gradient of h", h.grad, sum(range(1000)))
    expect("the gradient of x", x.grad, 5 * sum(range(1000)))


def sum_over_paths(root, node):
    """Return ∂root/∂node by its definition: over all paths, the sum of the products of the partials."""
    if root is node:
        return 1
    return sum(
        partial * sum_over_paths(parent, node)
        for parent, partial in zip(root.parents, root.partials, strict=True)
    )


def task_4_the_gradient_is_the_sum_over_all_paths(engine):
    """Multiply the partials along each path, and add up over all paths: that is what a gradient is."""
    for seed in range(100):
        nodes = random_nodes(engine, seed)
        root = nodes[-1]
        root.backward()
        for node in engine.walk_back(root):
            expect("the gradient of a node in a random graph", node.grad, sum_over_paths(root, node))


# --- task 5: tanh ---------------------------------------------------------------------------------------


def task_5_tanh_of_0(engine):
    """The curve of tanh goes through 0, and there it is as steep as the line a = z: its partial is 1."""
    z = engine.Value(0.0)
    a = z.tanh()
    expect_value(engine, "z.tanh()", a, "fill in tanh, and return what you made")
    expect("z.tanh().data", a.data, 0)
    expect("z.tanh().parents", as_tuple(a.parents), (z,))
    expect("z.tanh().partials", as_tuple(a.partials), (1,))


def task_5_value_and_partial(engine):
    """∂a/∂z = 1 − a², with the result a = tanh(z) and not with z."""
    for number in (-3.0, -0.5, 0.1, 1.0, 2.0):
        a = engine.Value(number).tanh()
        expect(f"tanh({number})", a.data, math.tanh(number), within=1e-15)
        expect(f"∂a/∂z at z = {number}", a.partials[0], 1 - math.tanh(number) ** 2, within=1e-15)


def task_5_far_out_it_is_flat(engine):
    """At 1000 the result is 1 to all digits, nothing overflows, and the gradient is 0."""
    for number, limit in ((1000.0, 1), (-1000.0, -1)):
        z = engine.Value(number)
        a = z.tanh()
        a.backward()
        expect(f"tanh({number})", a.data, limit)
        expect("the gradient of z", z.grad, 0)


def task_5_in_a_chain(engine):
    """The gradient is what a nudge shows: (f(w + h) − f(w − h)) / 2h, for a small h."""

    def f(w):
        return (w * 2.0 - 0.5).tanh() * w

    w, h = engine.Value(0.75), 1e-5
    f(w).backward()
    nudged = (f(engine.Value(0.75 + h)).data - f(engine.Value(0.75 - h)).data) / (2 * h)
    expect("the gradient of w", w.grad, nudged, within=1e-8)


# --- task 6: a neuron -----------------------------------------------------------------------------------


def neuron_with(engine, weights, bias):
    """Return a neuron with these numbers."""
    neuron = engine.Neuron(len(weights))
    for w, number in zip(neuron.weights, weights, strict=True):
        w.data = number
    neuron.bias.data = bias
    return neuron


def task_6_what_it_computes(engine):
    """A neuron is a = tanh(b + w₀·x₀ + w₁·x₁), here tanh(0.5 + 2·1 − 1·2) = tanh(0.5)."""
    neuron = neuron_with(engine, weights=[2.0, -1.0], bias=0.5)
    a = neuron([1.0, 2.0])
    expect_value(engine, "neuron(x)", a, "fill in __call__, and return what you made")
    expect("neuron(x).data", a.data, math.tanh(0.5), within=1e-15)


def task_6_any_number_of_inputs(engine):
    """There are as many products in the sum as there are weights."""
    one = neuron_with(engine, weights=[2.0], bias=0.0)
    four = neuron_with(engine, weights=[0.5, 0.25, -0.5, 1.0], bias=0.125)
    expect("one([0.5]).data", one([0.5]).data, math.tanh(1.0), within=1e-15)
    expect("four([1, 2, 3, 0.5]).data", four([1, 2, 3, 0.5]).data, math.tanh(0.125), within=1e-15)


def task_6_gradients_of_weights_and_bias(engine):
    """∂a/∂wₖ = σ′(z)·xₖ and ∂a/∂b = σ′(z), where σ′(z) = 1 − tanh²(z) and z = 0.5."""
    neuron = neuron_with(engine, weights=[2.0, -1.0], bias=0.5)
    neuron([1.0, 2.0]).backward()
    slope = 1 - math.tanh(0.5) ** 2
    expect("the gradient of weight 0", neuron.weights[0].grad, slope * 1, within=1e-15)
    expect("the gradient of weight 1", neuron.weights[1].grad, slope * 2, within=1e-15)
    expect("the gradient of the bias", neuron.bias.grad, slope, within=1e-15)


def task_6_gradients_of_inputs(engine):
    """∂a/∂xₖ = σ′(z)·wₖ: if an input comes from another neuron, that one is told too."""
    neuron = neuron_with(engine, weights=[2.0, -1.0], bias=0.5)
    x = [engine.Value(1.0), engine.Value(2.0)]
    neuron(x).backward()
    slope = 1 - math.tanh(0.5) ** 2
    expect("the gradient of input 0", x[0].grad, slope * 2, within=1e-15)
    expect("the gradient of input 1", x[1].grad, slope * -1, within=1e-15)


def task_6_a_neuron_behind_two_others(engine):
    """Layers need no new rule: nudge the first weight of all, and see that its gradient is right."""

    def output(weight):
        left = neuron_with(engine, weights=[weight, -0.5], bias=0.25)
        right = neuron_with(engine, weights=[0.75, 0.5], bias=-0.25)
        last = neuron_with(engine, weights=[1.5, -1.0], bias=0.0)
        x = [0.5, -1.0]
        return last([left(x), right(x)]), left.weights[0]

    a, w = output(0.5)
    a.backward()
    h = 1e-5
    nudged = (output(0.5 + h)[0].data - output(0.5 - h)[0].data) / (2 * h)
    expect("the gradient of the first weight", w.grad, nudged, within=1e-8)


# --- task 7: descent ------------------------------------------------------------------------------------


def task_7_one_step(engine):
    """P ← P − α ∂C/∂P: with C = w² the gradient at w = 3 is 6, and 3 − 0.125·6 = 2.25."""
    w = engine.Value(3.0)
    cost = w * w
    engine.step([w], cost, 0.125)
    expect("w.data", w.data, 2.25)


def task_7_a_second_step(engine):
    """The gradient at 2.25 is 4.5, and 2.25 − 0.125·4.5 = 1.6875. The first step's 6 must be gone by then."""
    w = engine.Value(3.0)
    for _ in range(2):
        cost = w * w
        engine.step([w], cost, 0.125)
    expect("w.data", w.data, 1.6875)


def task_7_all_parameters_move_by_the_gradients_of_one_point(engine):
    """The cost is w·v, so each gradient is the other number as it was before the step."""
    w, v = engine.Value(2.0), engine.Value(4.0)
    engine.step([w, v], w * v, 0.125)
    expect("w.data, v.data", (w.data, v.data), (2 - 0.125 * 4, 4 - 0.125 * 2))


def task_7_what_is_no_parameter_stays(engine):
    """Inputs are leaves as well, but only what is in the list may learn."""
    w, x = engine.Value(2.0), engine.Value(4.0)
    engine.step([w], w * x, 0.125)
    expect("w.data, x.data", (w.data, x.data), (1.5, 4.0))


def task_7_three_neurons_learn_either_but_not_both(engine):
    """No single neuron can, three can, from gradients alone. If all the rest is right, so is this."""
    left = neuron_with(engine, weights=[0.5, 0.75], bias=0.25)
    right = neuron_with(engine, weights=[0.75, 0.5], bias=-0.25)
    last = neuron_with(engine, weights=[0.5, -0.75], bias=0.0)
    parameters = [p for neuron in (left, right, last) for p in (*neuron.weights, neuron.bias)]
    samples = [((-1, -1), -1), ((-1, 1), 1), ((1, -1), 1), ((1, 1), -1)]
    costs = []
    for _ in range(200):
        errors = [last([left(x), right(x)]) - y for x, y in samples]
        cost = sum(error * error for error in errors) * 0.25
        engine.step(parameters, cost, 0.2)
        costs.append(cost.data)
    assert costs[-1] < 0.02, f"the cost should go from {costs[0]:.2f} to below 0.02, and is {costs[-1]:.2f}"


FACTS = [fact for name, fact in globals().items() if name.startswith("task_")]
