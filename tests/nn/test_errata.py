"""Where the source documents are wrong: each test shows the printed form failing and the right form holding.

Numbers 1 to 6 are the list of the derivations; those from 7 on were found beyond it. Nearly all numbers are
Fractions, and the judge is the slope of the cost itself, which knows no chain rule.
"""

import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest

from nn.matrix import Activation, Dense
from nn.per_weight import forward, gradients, layer_jacobian, relu, relu_prime


class Network(NamedTuple):
    """A ReLU network with one sample; the cost is ½ Σ (a − y)², document 004's for one example."""

    weights: list[Any]
    biases: list[Any]
    x: list[Any]
    y: list[Any]

    def run(self) -> tuple[list[Any], list[Any]]:
        return forward(self.weights, self.biases, ["relu"] * len(self.weights), self.x)

    def cost(self) -> Fraction:
        outputs = self.run()[1][-1]
        return sum((Fraction(a - y) ** 2 for a, y in zip(outputs, self.y, strict=True)), Fraction(0)) / 2

    def right_form(self) -> Any:
        return gradients(
            self.weights, self.biases, ["relu"] * len(self.weights), self.x, self.y, "half_squared_error"
        )


def slope(cost: Callable[[], Fraction], numbers: list[Any], place: int) -> Fraction:
    """Return ∂cost/∂numbers[place], exactly.

    Along a weight or bias the cost is a parabola between two kinks, and a parabola has its central difference
    for a slope. The networks here have denominators too small for a kink to lie within the step.
    """
    step, here = Fraction(1, 10**15), numbers[place]
    numbers[place] = here + step
    above = cost()
    numbers[place] = here - step
    below = cost()
    numbers[place] = here
    return (above - below) / (2 * step)


def slopes(network: Network, rows: list[list[Any]]) -> list[list[Fraction]]:
    return [[slope(network.cost, row, k) for k in range(len(row))] for row in rows]


def random_networks(count: int, *sizes: int) -> Iterator[Network]:
    """Yield random ReLU networks without a weighted input, or a sum of them, that is exactly 0."""
    generator = random.Random(1)

    def numbers(n: int) -> list[Fraction]:
        return [Fraction(round(generator.gauss(0, 1) * 100), 100) for _ in range(n)]

    while count:
        layers = list(zip(sizes[1:], sizes, strict=False))
        network = Network(
            [[numbers(before) for _ in range(n)] for n, before in layers],
            [numbers(n) for n in sizes[1:]],
            numbers(sizes[0]),
            numbers(sizes[-1]),
        )
        if all(sum(z) != 0 and all(z) for z in network.run()[0]):
            count -= 1
            yield network


# ----------------------------------------------------------------------------------------------------
# 1. 004, sections 9.2 and 10.2: one condition for the whole sum


def printed_one_layer_back(network: Network, epsilon: Any = 0) -> list[list[Any]]:
    """Return dC/dw_jk of layer L−1 as section 9.2 prints it, for one example."""
    (z_hidden, z_last), (a_input, _, a_last) = network.run()
    w, y = network.weights[1], network.y

    def partial(j: int, k: int) -> Any:
        condition = z_hidden[j] * sum(z_last)
        if condition == 0:
            return epsilon
        if condition < 0:
            return 0
        return sum((a_last[i] - y[i]) * w[i][j] for i in range(len(y))) * a_input[k]

    return [[partial(j, k) for k in range(len(a_input))] for j in range(len(z_hidden))]


def printed_bias_two_layers_back(network: Network) -> list[Any]:
    """Return dC/db_j of layer L−2 as section 10.2 prints it, its sum over i taken up to n^{L−1}."""
    (z1, z2, z3), (_, _, _, a3) = network.run()
    _, w2, w3 = network.weights
    y = network.y

    def partial(j: int) -> Any:
        if z1[j] * sum(z2[i] * sum(z3) for i in range(len(z2))) < 0:
            return 0
        last = [sum((a3[h] - y[h]) * w3[h][i] for h in range(len(y))) for i in range(len(z2))]
        return sum(last[i] * w2[i][j] for i in range(len(z2)))

    return [partial(j) for j in range(len(z1))]


def test_erratum_1_a_dead_neighbour_switches_off_a_living_path() -> None:
    # z¹ = 1 and z² = (1, −2): the path through the first output lives, but 1·(1 − 2) < 0.
    network = Network([[[1]], [[1], [-2]]], [[0], [0, 0]], [1], [0, 0])

    assert printed_one_layer_back(network) == [[0]]
    assert slopes(network, network.weights[0]) == [[1]]
    assert network.right_form().weights[0] == [[1]]


def test_erratum_1_two_dead_neurons_make_a_living_one() -> None:
    # z¹ = −1 and z² = −1 are both dead, but (−1)·(−1) > 0.
    network = Network([[[-1]], [[1]]], [[0], [-1]], [1], [1])

    assert printed_one_layer_back(network) == [[-1]]
    assert slopes(network, network.weights[0]) == [[0]]
    assert network.right_form().weights[0] == [[0]]


@pytest.mark.parametrize(
    ("sizes", "share"), [((2, 2, 1), 0.4), ((2, 2, 2), 0.6), ((3, 4, 2), 0.7), ((3, 3, 3), 0.8)]
)
def test_erratum_1_how_often_the_printed_weights_are_wrong(sizes: tuple[int, ...], share: float) -> None:
    # The share grows with the width: the derivations' three in five is that of networks of 2-2-2 neurons.
    wrong = 0
    for network in random_networks(200, *sizes):
        exact = slopes(network, network.weights[0])
        wrong += printed_one_layer_back(network) != exact
        assert network.right_form().weights[0] == exact

    assert wrong / 200 == pytest.approx(share, abs=0.1)


def test_erratum_1_how_often_the_printed_biases_are_wrong_two_layers_back() -> None:
    wrong = 0
    for network in random_networks(100, 2, 2, 2, 2):
        (exact,) = slopes(network, [network.biases[0]])
        wrong += printed_bias_two_layers_back(network) != exact
        assert network.right_form().biases[0] == exact

    assert wrong > 50


# ----------------------------------------------------------------------------------------------------
# 2. 004: at z = 0 the whole derivative is printed as ε


@pytest.mark.parametrize("epsilon", [Fraction(1, 1000), Fraction(1, 2), Fraction(1)])
def test_erratum_2_epsilon_is_a_factor_and_not_the_derivative(epsilon: Fraction) -> None:
    # C = ½ (relu(3w − 6) − 5)² at w = 2, where z = 0
    def cost(w: Any) -> Fraction:
        return Fraction(relu(3 * w - 6) - 5) ** 2 / 2

    def one_sided_slope(h: Fraction) -> Fraction:
        # exact for a parabola
        return (4 * cost(2 + h / 2) - cost(2 + h) - 3 * cost(2)) / h

    left, right = one_sided_slope(Fraction(-1, 10)), one_sided_slope(Fraction(1, 10))
    at_kink = (relu, lambda z: relu_prime(z, epsilon))

    found = gradients([[[2]]], [[-6]], [at_kink], [3], [5], "half_squared_error").weights[0][0][0]

    # A derivative at a kink may be any number between the slopes on its two sides: ε chooses one of them.
    assert (left, right) == (0, -15)
    assert found == left + epsilon * (right - left)
    printed = epsilon
    assert not right <= printed <= left


# ----------------------------------------------------------------------------------------------------
# 3. 004, section 10.2: the chain for the bias two layers back lacks its last factor


def test_erratum_3_the_bias_of_a_dead_neuron_has_no_effect() -> None:
    # The second neuron of the first layer is dead: z = −1.
    network = Network([[[1], [1]], [[1, 2]], [[3]]], [[0, -2], [1], [0]], [1], [2])
    (_, z2, z3), (_, _, _, a3) = network.run()
    _, w2, w3 = network.weights

    # δ = (a³ − y) σ′(z³), and then W³, σ′(z²), W² and an end; σ′(z¹) is missing
    printed = [(a3[0] - 2) * relu_prime(z3[0]) * w3[0][0] * relu_prime(z2[0]) * w2[0][j] for j in range(2)]

    assert printed == [12, 24]
    assert slopes(network, [network.biases[0]]) == [[12, 0]]
    assert network.right_form().biases[0] == [12, 0]


# ----------------------------------------------------------------------------------------------------
# 4. 004: z = aW + b with W indexed [to, from]; sums up to L − 1


def test_erratum_4_weights_indexed_to_from_are_transposed_for_a_row_vector() -> None:
    a, b = np.array([1, 10]), np.array([100, 200, 300])
    w = np.array([[1, 2], [3, 4], [5, 6]])
    # Section 2: z_j = Σ_k a_k w_jk + b_j
    by_element = [121, 243, 365]

    with pytest.raises(ValueError, match="mismatch"):
        a @ w + b
    assert (a @ w.T + b).tolist() == by_element
    assert forward([w.tolist()], [b.tolist()], ["linear"], a.tolist())[0] == [by_element]


def test_erratum_4_where_the_shapes_fit_the_numbers_do_not() -> None:
    a, w = np.array([1, 10]), np.array([[1, 2], [3, 4]])

    assert (a @ w).tolist() == [31, 42]
    assert forward([w.tolist()], [[]], ["linear"], a.tolist())[0] == [(a @ w.T).tolist()] == [[21, 43]]


def test_erratum_4_sums_over_a_layer_run_over_its_neurons_and_not_over_layers() -> None:
    # L = 3, every neuron alive, and 3 neurons in layer L−1: a sum up to L−1 = 2 forgets the last one.
    network = Network([[[1]], [[1], [2], [3]], [[1, 1, 1]]], [[0], [0, 0, 0], [0]], [1], [0])
    (_, _, _), (a0, _, _, a3) = network.run()
    _, w2, w3 = network.weights

    def with_sum_up_to(n: int) -> Any:
        return sum(a3[0] * w3[0][i] * w2[i][0] for i in range(n)) * a0[0]

    assert with_sum_up_to(len(network.weights) - 1) == 18
    assert with_sum_up_to(len(w2)) == 36
    assert slopes(network, network.weights[0]) == [[36]]
    assert network.right_form().weights[0] == [[36]]


# ----------------------------------------------------------------------------------------------------
# 5. 001: ∂cost/∂aᴸ on a dense layer is the derivative by its own output z


def test_erratum_5_a_dense_layer_takes_the_derivative_by_z() -> None:
    # z = (5, −1): the second neuron is dead, so that ∂C/∂a and ∂C/∂z differ.
    network = Network([[[1, 2], [3, -2]]], [[0, 0]], [1, 2], [4, 3])
    dense, activation = Dense(*network.weights, *network.biases), Activation("relu")
    dC_da = activation.forward(dense.forward(network.x)) - network.y

    printed_weights, printed_inputs = np.outer(dC_da, network.x), np.array(network.weights[0]).T @ dC_da
    right_inputs = dense.backward(activation.backward(dC_da))

    assert printed_weights.tolist() == [[1, 2], [-3, -6]]
    assert dense.weights_gradient.tolist() == slopes(network, network.weights[0]) == [[1, 2], [0, 0]]
    assert printed_inputs.tolist() == [-8, 8]
    assert [right_inputs.tolist()] == slopes(network, [network.x]) == [[1, 2]]


# ----------------------------------------------------------------------------------------------------
# 6. 002: σ⁻¹ stands for σ′


def test_erratum_6_neither_an_inverse_nor_a_reciprocal_gives_the_jacobian() -> None:
    w, b, a = [[0.5, -1.0], [2.0, 0.25], [1.0, 1.0]], [0.25, -0.5, 0.0], [0.5, 0.25]
    (z,), _ = forward([w], [b], ["sigmoid"], a)

    def sigma(value: Any) -> Any:
        return 1 / (1 + mpmath.exp(-value))

    def output(m: int, p: int) -> Callable[[Any], Any]:
        def along(a_p: Any) -> Any:
            moved = [*a[:p], a_p, *a[p + 1 :]]
            return sigma(sum(w_mk * a_k for w_mk, a_k in zip(w[m], moved, strict=True)) + b[m])

        return along

    exact = [pytest.approx([float(mpmath.diff(output(m, p), a[p])) for p in range(2)]) for m in range(3)]
    inverse = [[math.log(z_m / (1 - z_m)) * w_mp for w_mp in row] for z_m, row in zip(z, w, strict=True)]
    reciprocal = [[float(1 / sigma(z_m)) * w_mp for w_mp in row] for z_m, row in zip(z, w, strict=True)]

    assert inverse != exact
    assert reciprocal != exact
    assert layer_jacobian(w, "sigmoid", z) == exact
    with pytest.raises(ValueError, match="math domain"):
        math.log(-0.5 / (1 + 0.5))  # σ⁻¹(z) has no value at all for most z


# ----------------------------------------------------------------------------------------------------
# Beyond the list


def test_further_7_the_printed_matrix_chains_fit_neither_rows_nor_columns() -> None:
    # 004, sections 9.1 and 9.2: dδ/da · da/dz · W · da/dz · (a)ᵀ, read from left to right. With rows δW is
    # right, but then δ(a)ᵀ is an inner product; with columns δ(a)ᵀ is right, but then δW does not fit.
    network = Network(
        [[[1, 2], [1, -1], [1, 1]], [[1, 1, 1], [2, 0, 1]]], [[0, 9, 0], [0, 0]], [1, 3], [0, 1]
    )
    _, (a0, _, a2) = network.run()
    last = np.array(network.weights[1])
    error = np.array(a2) - network.y  # σ′ = 1 everywhere: every neuron is alive

    with pytest.raises(ValueError, match="mismatch"):
        (error[np.newaxis] @ last) @ np.array([a0]).T
    with pytest.raises(ValueError, match="mismatch"):
        (error[:, np.newaxis] @ last) @ np.array([a0])
    right = (error[np.newaxis] @ last).T @ np.array([a0])
    assert right.tolist() == slopes(network, network.weights[0]) == network.right_form().weights[0]


def test_further_8_the_inner_derivative_multiplies_element_by_element() -> None:
    # 004, section 9.1: 2(y − a) ⊗ (−1⃗) = 2(a − y). An outer product would be a matrix.
    a, y = np.array([1, 2, 3]), np.array([5, 1, 0])

    assert np.multiply.outer(2 * (y - a), -np.ones(3)).shape == (3, 3)
    assert (2 * (y - a) * -np.ones(3)).tolist() == (2 * (a - y)).tolist()


def test_further_9_the_printed_epsilon_survives_a_division_by_2() -> None:
    # 004, section 9.1 takes the factor 2 of two cases of three out of (1/2E) Σ {0; 2(a − y)a_k; ε}.
    epsilon, examples = Fraction(1, 4), 3

    def with_factor(third_case: Fraction) -> Fraction:
        return third_case / (2 * examples)

    def without_factor(third_case: Fraction) -> Fraction:
        return third_case / examples

    assert with_factor(epsilon) != without_factor(epsilon)
    # As a factor, ε goes with the 2 that is taken out: a = 0, y = 5 and a_k = 3.
    assert with_factor(2 * (0 - 5) * epsilon * 3) == without_factor((0 - 5) * epsilon * 3)


def test_further_10_a_shared_bias_has_one_derivative_the_sum() -> None:
    # 004 shares b within a layer in section 2, and in section 10 prints a derivative per neuron only.
    network = Network([[[1], [2]]], [[1]], [1], [0, 1])
    _, (_, a) = network.run()

    per_neuron = [a[j] - network.y[j] for j in range(2)]

    assert per_neuron == [2, 2]
    assert slopes(network, [network.biases[0]]) == [[4]]
    assert network.right_form().biases == [[4]]


def test_further_11_the_previous_layer_has_its_own_number_of_neurons() -> None:
    # 001 labels the entries of ∂cost/∂aᴸ⁻¹ 0 … j, like the n_L rows of W; they are 0 … k, like its columns.
    dense = Dense([[1, 2, 3], [4, 5, 6]], [])
    n_last, n_previous = len(dense.forward([1, 1, 1])), 3

    found = dense.backward([1, 10])

    assert found.shape != (n_last,)
    assert found.shape == (n_previous,)


def test_further_12_a_neuron_sums_over_all_its_inputs_before_sigma() -> None:
    # 002 writes ∂/∂a_p σ(w_mp a_p + b_m) with p for one input and for all: at its word, σ′ is at a wrong z.
    w, b, a = [[1, -3]], [1], [1, 1]
    (z,), _ = forward([w], [b], ["relu"], a)

    printed = [[relu_prime(w[0][p] * a[p] + b[0]) * w[0][p] for p in range(2)]]

    assert printed == [[1, 0]]
    assert layer_jacobian(w, "relu", z) == [[0, 0]]
    network = Network([w], [b], a, [5])
    assert slopes(network, [network.x]) == [[0, 0]]


def test_further_13_relu_is_defined_at_0_and_its_derivative_is_not() -> None:
    # 004, section 9.1: "max(0, z) is not defined at z = 0".
    step = Fraction(1, 10**9)

    assert relu(0) == 0
    assert relu(-step) / -step == 0
    assert relu(step) / step == 1
