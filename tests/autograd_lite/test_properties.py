"""Laws that hold for every graph, on random graphs with shared nodes.

They are the rules of differentiation, and agreement with dual numbers in exact arithmetic, with differences
of 50-digit numbers, and between fine and coarse nodes.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import fsum as exact_sum
from operator import mul

import mpmath
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as engine
from autograd_lite import Value, affine, fsum, grad, sumprod, topological_order

many = settings(deadline=None, max_examples=100, derandomize=True)


@dataclass
class Dual:
    """A number a + b·ε with ε² = 0: its b is the derivative, carried forward beside the value."""

    value: Fraction
    slope: Fraction = Fraction(0)

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other):
        slope = (self.slope * other.value - self.value * other.slope) / other.value**2
        return Dual(self.value / other.value, slope)

    def __neg__(self):
        return Dual(-self.value, -self.slope)


# Each step of a random program makes a new number of three earlier ones. The first form is written for
# Values, the second, where it differs, with nothing but + − × ÷.
EXACT_FORMS = [
    (lambda x, y, z: x + y, None),
    (lambda x, y, z: x - y, None),
    (lambda x, y, z: x * y, None),
    (lambda x, y, z: -x, None),
    (lambda x, y, z: x / (y * y + z * z + 1), None),
    (lambda x, y, z: fsum([x, y, z, x]), lambda x, y, z: x + y + z + x),
    (lambda x, y, z: affine([x, y], [y, z], x), lambda x, y, z: x + x * y + y * z),
    (lambda x, y, z: sumprod([x, z], [y, x]), lambda x, y, z: x * y + z * x),
]

fractions = st.fractions(min_value=-3, max_value=3, max_denominator=4)
places = st.integers(min_value=0, max_value=1000)


def programs(forms, numbers):
    """Return a strategy for the leaves' numbers and the steps: each a form and the places of its operands."""
    steps = st.tuples(st.sampled_from(forms), places, places, places)
    return st.tuples(st.lists(numbers, min_size=1, max_size=4), st.lists(steps, min_size=1, max_size=8))


exact_programs = programs(EXACT_FORMS, fractions)


def run(steps, numbers, plain=False, replaced=None):
    """Return all numbers of a program, with ``replaced[1]`` in place of the one at ``replaced[0]``."""
    numbers = list(numbers)
    for (form, plain_form), *operands in steps:
        chosen = (numbers[len(numbers) - 1 - place % len(numbers)] for place in operands)
        numbers.append((plain_form or form)(*chosen) if plain else form(*chosen))
        if replaced and len(numbers) - 1 == replaced[0]:
            numbers[-1] = replaced[1]
    return numbers


def gradient(root, leaves):
    """Return the gradient of one pass, the leaves' sums set back before."""
    for leaf in leaves:
        leaf.grad = 0
    root.backward()
    return [leaf.grad for leaf in leaves]


# --- exact arithmetic -----------------------------------------------------------------------------------


@many
@given(exact_programs)
def test_backward_agrees_exactly_with_dual_numbers(program):
    numbers, steps = program
    leaves = [Value(x) for x in numbers]
    root = run(steps, leaves)[-1]
    found = gradient(root, leaves)
    for i, slope in enumerate(found):
        duals = [Dual(x, Fraction(i == j)) for j, x in enumerate(numbers)]
        forward = run(steps, duals, plain=True)[-1]
        assert (root.data, slope) == (forward.value, forward.slope)


@many
@given(exact_programs)
def test_the_gradient_of_an_interior_node_is_that_of_a_leaf_in_its_place(program):
    numbers, steps = program
    nodes = run(steps, [Value(x) for x in numbers])
    nodes[-1].backward()
    reached = set(topological_order(nodes[-1]))
    for position in range(len(numbers), len(nodes)):
        if nodes[position] in reached:
            cut = Dual(nodes[position].data, Fraction(1))
            forward = run(steps, map(Dual, numbers), plain=True, replaced=(position, cut))[-1]
            assert nodes[position].grad == forward.slope


@many
@given(exact_programs)
def test_grad_and_its_graph_agree_exactly_with_backward(program):
    numbers, steps = program
    leaves = [Value(x) for x in numbers]
    nodes = run(steps, leaves)
    found = gradient(nodes[-1], nodes[: len(numbers)])
    assert grad(nodes[-1], leaves) == found
    assert [slope.data for slope in grad(nodes[-1], leaves, create_graph=True)] == found


@many
@given(exact_programs)
def test_another_pass_adds_to_the_leaves_and_repeats_the_interior(program):
    numbers, steps = program
    leaves = [Value(x) for x in numbers]
    root = run(steps, leaves)[-1]
    interior = [node for node in topological_order(root) if node.parents]
    once = gradient(root, leaves)
    inside = [node.grad for node in interior]
    root.backward()
    assert [leaf.grad for leaf in leaves] == [2 * slope for slope in once]
    assert [node.grad for node in interior] == inside


# --- the rules of differentiation -----------------------------------------------------------------------


@many
@given(exact_programs, fractions, fractions, places)
def test_the_gradient_is_linear(program, a, b, place):
    numbers, steps = program
    leaves = [Value(x) for x in numbers]
    nodes = run(steps, leaves)
    f, g = nodes[-1], nodes[place % len(nodes)]
    df, dg = gradient(f, leaves), gradient(g, leaves)
    assert gradient(a * f + b * g, leaves) == [a * s + b * t for s, t in zip(df, dg, strict=True)]
    assert gradient(f + g, leaves) == [s + t for s, t in zip(df, dg, strict=True)]
    assert gradient(affine([f, b], [a, g]), leaves) == [a * s + b * t for s, t in zip(df, dg, strict=True)]


@many
@given(exact_programs, places)
def test_the_product_quotient_and_chain_rules_hold(program, place):
    numbers, steps = program
    leaves = [Value(x) for x in numbers]
    nodes = run(steps, leaves)
    f, g = nodes[-1], nodes[place % len(nodes)]
    slopes = list(zip(gradient(f, leaves), gradient(g, leaves), strict=True))
    F, G = f.data, g.data
    assert gradient(f * g, leaves) == [s * G + F * t for s, t in slopes]
    assert gradient(f * f * f, leaves) == [3 * F * F * s for s, _ in slopes]
    if G:
        assert gradient(f / g, leaves) == [(s * G - F * t) / G**2 for s, t in slopes]


@many
@given(exact_programs, st.randoms(use_true_random=False))
def test_the_order_of_operands_does_not_matter(program, random):
    numbers, steps = program
    nodes = run(steps, [Value(x) for x in numbers])
    leaves, pairs = nodes[: len(numbers)], [(random.choice(nodes), random.choice(nodes)) for _ in range(4)]
    shuffled = random.sample(pairs, 4)
    for f, g in [
        (pairs[0][0] + pairs[0][1], pairs[0][1] + pairs[0][0]),
        (pairs[0][0] * pairs[0][1], pairs[0][1] * pairs[0][0]),
        (fsum(p for p, _ in pairs), fsum(p for p, _ in shuffled)),
        (sumprod(*zip(*pairs, strict=True)), sumprod(*zip(*shuffled, strict=True))),
        (sumprod(*zip(*pairs, strict=True)), sumprod(*reversed(list(zip(*pairs, strict=True))))),
        (affine(*zip(*pairs, strict=True), nodes[0]), affine(*zip(*shuffled, strict=True), nodes[0])),
    ]:
        assert (f.data, gradient(f, leaves)) == (g.data, gradient(g, leaves))


# --- fine and coarse nodes ------------------------------------------------------------------------------


def fine_and_coarse(ws, xs, b):
    """Return pairs of graphs of the same function, of sums and products and as one node."""
    products = [w * x for w, x in zip(ws, xs, strict=True)]
    yield sum(products, b), affine(ws, xs, b)
    yield sum(products), sumprod(ws, xs)
    yield sum([*ws, *xs, b]), fsum([*ws, *xs, b])


def values_of(numbers, places):
    leaves = [Value(x) for x in numbers]
    return leaves, [leaves[place % len(leaves)] for place in places]


@many
@given(st.lists(fractions, min_size=1, max_size=5), st.lists(places, min_size=3, max_size=13))
def test_one_node_is_exactly_its_sums_and_products(numbers, chosen):
    leaves, (b, *operands) = values_of(numbers, chosen)
    half = len(operands) // 2
    for fine, coarse in fine_and_coarse(operands[:half], operands[half : 2 * half], b):
        assert fine.data == coarse.data
        assert gradient(fine, leaves) == gradient(coarse, leaves)


floats = st.floats(min_value=-1e3, max_value=1e3)


@many
@given(st.lists(floats, min_size=1, max_size=5), st.lists(places, min_size=3, max_size=13))
def test_one_node_of_floats_is_its_sums_and_products_up_to_rounding(numbers, chosen):
    leaves, (b, *operands) = values_of(numbers, chosen)
    half = len(operands) // 2
    ws, xs = operands[:half], operands[half : 2 * half]
    # A sum of k terms is off by at most k units in the last place of the sum of their sizes. The terms are
    # products and operands; in the gradient they are operands and ones.
    count = len(chosen)
    size = sum(abs(w.data * x.data) + abs(w.data) + abs(x.data) for w, x in zip(ws, xs, strict=True))
    bound = count * 2**-52 * (size + abs(b.data) + count)
    for fine, coarse in fine_and_coarse(ws, xs, b):
        assert abs(fine.data - coarse.data) <= bound
        for p, q in zip(gradient(fine, leaves), gradient(coarse, leaves), strict=True):
            assert abs(p - q) <= bound


@many
@given(st.lists(floats, min_size=1, max_size=20))
def test_a_sum_of_many_floats_is_rounded_once(numbers):
    assert fsum([Value(x) for x in numbers]).data == exact_sum(numbers)
    products = list(map(mul, numbers, numbers[::-1]))
    assert sumprod([Value(x) for x in numbers], numbers[::-1]).data == exact_sum(products)


# --- differences ----------------------------------------------------------------------------------------

# Forms that keep numbers small; the library is the engine, or mpmath as the oracle.
SMOOTH_FORMS = [
    lambda library, x, y, z: library.sin(x + y),
    lambda library, x, y, z: library.tanh(x * y),
    lambda library, x, y, z: library.exp(-(x * x)),
    lambda library, x, y, z: library.log(1 + x * x + y * y),
    lambda library, x, y, z: library.atan(x - y) * z,
    lambda library, x, y, z: library.sqrt(1 + x * x) - library.cos(z),
    lambda library, x, y, z: x * (y + z) / (2 + library.sin(z)),
    lambda library, x, y, z: library.erf(x) + (2 + library.sin(y)) ** library.tanh(z),
]


def run_smooth(library, steps, numbers):
    numbers = list(numbers)
    for form, *operands in steps:
        numbers.append(
            form(library, *(numbers[len(numbers) - 1 - place % len(numbers)] for place in operands))
        )
    return numbers[-1]


@many
@given(programs(SMOOTH_FORMS, st.floats(min_value=-2, max_value=2)))
def test_backward_agrees_with_differences_of_fifty_digits(program):
    numbers, steps = program
    leaves = [Value(x) for x in numbers]
    root = run_smooth(engine, steps, leaves)
    slopes = gradient(root, leaves)
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -18
        exact = [mpmath.mpf(x) for x in numbers]
        for i, slope in enumerate(slopes):
            above, below = ([*exact[:i], exact[i] + step, *exact[i + 1 :]] for step in (h, -h))
            difference = run_smooth(mpmath, steps, above) - run_smooth(mpmath, steps, below)
            quotient = float(difference / (2 * h))
            assert abs(slope - quotient) <= 1e-10 * (1 + abs(quotient))
