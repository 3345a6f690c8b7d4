"""Backpropagation as the index formulas state it: loops over plain nested lists, one number at a time.

The numbers may be of any kind with + - * /: floats, Fractions (every result is then exact), SymPy expressions
(every result is then a formula). Speed is left to ``nn.matrix``; neither of the two knows the other, so that
their agreement is evidence.

Layers are numbered l = 1 … L and a⁰ is the input. The lists start at 0, so layer l stands at ``[l - 1]``:

- ``weights[l - 1]``: the rows of Wˡ, shape (n_l, n_{l−1}); ``[j][k]`` leads from neuron k of layer l−1 to j;
- ``biases[l - 1]``: n_l numbers, one per neuron; or one number that the layer shares (E3); or none at all;
- ``activations[l - 1]``: a name of ``ACTIVATIONS``, or a pair (σ, σ′) of functions of one number;
- ``cost``: a name of ``COSTS``, or a pair (cost, gradient) of functions of one sample's outputs and targets.

The named activations other than linear, relu and leaky_relu compute in floats; a network of symbols takes
pairs, such as ``(sympy.tanh, lambda z: 1 - sympy.tanh(z) ** 2)``.

Arrays will do for lists. NumPy's numbers, given or returned by a pair, count as Python's of the same value,
so that on every Python the digits of a result are the same whatever wraps the numbers. (From Python 3.12 on
the ``sum`` of floats is compensated and that of NumPy's floats is not, and those of 32 bits would round each
step.)
"""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from numbers import Integral
from typing import Any, NamedTuple, TypeAlias

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "FourLayerDerivatives",
    "Gradients",
    "average_gradients",
    "bias_partial",
    "bias_partial_by_jacobians",
    "descend",
    "forward",
    "four_layer_derivatives",
    "gradient_vector",
    "gradients",
    "half_mean_squared_errors",
    "hidden_layer_error",
    "layer_jacobian",
    "output_jacobian",
    "previous_activation_partial",
    "relu",
    "relu_prime",
    "weight_partial",
    "weight_partial_by_jacobians",
    "weighted_input",
    "weighted_input_partials",
]

Number: TypeAlias = Any  # float, int, Fraction, a SymPy expression: what can be added, multiplied and divided
Vector: TypeAlias = Sequence[Number]
Matrix: TypeAlias = Sequence[Vector]
ActivationPair: TypeAlias = tuple[Callable[[Number], Number], Callable[[Number], Number]]
CostPair: TypeAlias = tuple[Callable[[Vector, Any], Number], Callable[[Vector, Any], Vector]]
Pair: TypeAlias = tuple[Callable[..., Any], Callable[..., Any]]


def _plain(numbers: Any) -> Any:
    """Return NumPy's numbers as Python's of the same value, and arrays of any depth as lists."""
    kind = type(numbers)
    if kind in _PLAIN or (kind is list and _PLAIN.issuperset(map(type, numbers))):
        return numbers
    if getattr(numbers, "shape", None) == ():
        return numbers.item()
    if not hasattr(kind, "__len__"):
        return numbers
    return [_plain(number) for number in numbers]


_PLAIN = frozenset({float, int, Fraction})


class Gradients(NamedTuple):
    """The derivatives of one cost with respect to everything a network is made of.

    Attributes
    ----------
    weights : list of matrices
        ``weights[l - 1][j][k]`` is ∂C/∂wˡ_jk.
    biases : list of lists
        ``biases[l - 1]`` is ∂C/∂bˡ in the shape in which the biases were given.
    inputs : list
        ∂C/∂a⁰; for several samples one row per sample.

    Example
    -------
    >>> gradients([[[3]]], [[1]], ["linear"], [2], [0], "sum_squared_error")
    Gradients(weights=[[[28]]], biases=[[14]], inputs=[42])
    """

    weights: list[list[list[Number]]]
    biases: list[list[Number]]
    inputs: list[Number]


class FourLayerDerivatives(NamedTuple):
    """The eight derivatives D1–D8 in the order in which they are computed, named after what they belong to.

    Example
    -------
    >>> FourLayerDerivatives._fields
    ('w4', 'b4', 'a3', 'w3', 'b3', 'a2', 'w2', 'b2')
    """

    w4: list[list[Number]]
    b4: list[Number]
    a3: list[Number]
    w3: list[list[Number]]
    b3: list[Number]
    a2: list[Number]
    w2: list[list[Number]]
    b2: list[Number]


# ----------------------------------------------------------------------------------------------------
# Activations: σ and σ′ of one number. Exponentials are taken of −|z| only: they cannot overflow, and what is
# small is computed small instead of being left over from a subtraction.


def relu(z: Number) -> Number:
    """Return ReLU(z) = max(0, z).

    Formula: E1.

    Parameters
    ----------
    z : number

    Returns
    -------
    number
        z itself, or 0.

    Example
    -------
    >>> relu(Fraction(1, 3)), relu(-2.5)
    (Fraction(1, 3), 0)
    """
    return max(z, 0)


def relu_prime(z: Number, epsilon: Number = 0) -> Number:
    """Return the derivative of ReLU: 0 for z < 0, 1 for z > 0, and a chosen ε at z = 0.

    ReLU is defined at 0 (it is 0 there); it is its derivative that is not. Any ε in [0, 1] is a subgradient,
    and 0 and 1 are the usual choices.

    Formula: E1.

    Parameters
    ----------
    z : number
    epsilon : number
        The value at z = 0. To use it in a network, pass ``(relu, lambda z: relu_prime(z, epsilon))``.

    Returns
    -------
    number

    Example
    -------
    >>> [relu_prime(z, epsilon=Fraction(1, 2)) for z in (-1, 0, 1)]
    [0, Fraction(1, 2), 1]
    """
    if z == 0:
        return epsilon
    return 1 if z > 0 else 0


def _leaky_relu(z: Number) -> Number:
    return z if z > 0 else 0.01 * z


def _leaky_relu_prime(z: Number) -> Number:
    return 1 if z > 0 else 0.01


def _elu(z: Number) -> Number:
    return z if z > 0 else math.expm1(z)


def _elu_prime(z: Number) -> Number:
    return 1 if z > 0 else math.exp(z)


def _tanh_prime(z: Number) -> Number:
    # tanh′(z) = sech²(z) = 4e⁻²ᶻ / (1 + e⁻²ᶻ)², and it is even
    e = math.exp(-2 * abs(z))
    return 4 * e / (1 + e) ** 2


def _sigmoid(z: Number) -> Number:
    # σ(z) = 1 / (1 + e⁻ᶻ) = eᶻ / (1 + eᶻ)
    e = math.exp(-abs(z))
    return 1 / (1 + e) if z > 0 else e / (1 + e)


def _sigmoid_prime(z: Number) -> Number:
    # σ′(z) = e⁻ᶻ / (1 + e⁻ᶻ)², and it is even
    e = math.exp(-abs(z))
    return e / (1 + e) ** 2


def _softplus(z: Number) -> Number:
    # ln(1 + eᶻ) = max(z, 0) + ln(1 + e⁻|ᶻ|)
    return max(z, 0) + math.log1p(math.exp(-abs(z)))


def _silu(z: Number) -> Number:
    return z * _sigmoid(z)


def _silu_prime(z: Number) -> Number:
    # (z σ)′ = σ(z) + z σ(z) σ(−z)
    return _sigmoid(z) * (1 + z * _sigmoid(-z))


def _normal_distribution(z: Number) -> Number:
    # Φ(z) = ½ erfc(−z / √2)
    return math.erfc(-z / math.sqrt(2)) / 2


def _gelu(z: Number) -> Number:
    return z * _normal_distribution(z)


def _gelu_prime(z: Number) -> Number:
    # (z Φ)′ = Φ(z) + z φ(z) with φ(z) = e^(−z²/2) / √(2π)
    return _normal_distribution(z) + z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


ACTIVATIONS: dict[str, ActivationPair] = {
    "linear": (lambda z: z, lambda z: 1),
    "tanh": (math.tanh, _tanh_prime),
    "sigmoid": (_sigmoid, _sigmoid_prime),
    "relu": (relu, relu_prime),
    "leaky_relu": (_leaky_relu, _leaky_relu_prime),
    "elu": (_elu, _elu_prime),
    "gelu": (_gelu, _gelu_prime),
    "silu": (_silu, _silu_prime),
    "softplus": (_softplus, _sigmoid),
}
"""Activations by name: (σ, σ′), each a function of one z."""


# ----------------------------------------------------------------------------------------------------
# Costs of one sample: the cost and its gradient ∂C/∂a_j, as functions of the outputs a and the targets y.


def _divide(numerator: Number, denominator: Number) -> Number:
    """Divide; integers are exact numbers, so their quotient is a Fraction and not a float."""
    if isinstance(numerator, int) and isinstance(denominator, int):
        return Fraction(numerator, denominator)
    return numerator / denominator


def _paired(outputs: Vector, targets: Vector) -> Iterable[tuple[Number, Number]]:
    outputs, targets = _plain(outputs), _plain(targets)
    if len(outputs) != len(targets):
        raise ValueError(
            f"{len(targets)} targets for {len(outputs)} outputs: a cost needs one target per output"
        )
    return zip(outputs, targets, strict=True)


def _sum_squared_error(outputs: Vector, targets: Vector) -> Number:
    # C = Σ_j (a_j − y_j)²
    return sum((a - y) ** 2 for a, y in _paired(outputs, targets))


def _sum_squared_error_gradient(outputs: Vector, targets: Vector) -> Vector:
    # ∂C/∂a_j = 2 (a_j − y_j)
    return [2 * (a - y) for a, y in _paired(outputs, targets)]


def _mean_squared_error(outputs: Vector, targets: Vector) -> Number:
    # C2: C = (1/n_L) Σ_i (a_i − y_i)²
    return _divide(sum((a - y) ** 2 for a, y in _paired(outputs, targets)), len(outputs))


def _mean_squared_error_gradient(outputs: Vector, targets: Vector) -> Vector:
    # C2: ∂C/∂a_i = (2/n_L) (a_i − y_i)
    return [_divide(2 * (a - y), len(outputs)) for a, y in _paired(outputs, targets)]


def _half_squared_error(outputs: Vector, targets: Vector) -> Number:
    # E2 for one example: C = ½ Σ_j (y_j − a_j)²
    return _divide(sum((y - a) ** 2 for a, y in _paired(outputs, targets)), 2)


def _half_squared_error_gradient(outputs: Vector, targets: Vector) -> Vector:
    # ∂C/∂a_j = a_j − y_j
    return [a - y for a, y in _paired(outputs, targets)]


def _hinge(outputs: Vector, targets: Vector) -> Number:
    # C = Σ_j max(0, 1 − y_j a_j)
    return sum(max(0, 1 - y * a) for a, y in _paired(outputs, targets))


def _hinge_gradient(outputs: Vector, targets: Vector) -> Vector:
    # ∂C/∂a_j = −y_j where 1 − y_j a_j > 0, and 0 elsewhere, at the kink too
    return [-y if 1 - y * a > 0 else 0 for a, y in _paired(outputs, targets)]


def _check_probabilities(outputs: Vector, targets: Vector) -> None:
    for j, (a, y) in enumerate(_paired(outputs, targets)):
        if not 0 <= a <= 1 or (a == 0 and y != 0) or (a == 1 and y != 1):
            raise ValueError(
                f"binary_cross_entropy has no value at output {j} = {a} for target {y}: it takes "
                "probabilities, 0 and 1 only where they are right; end the network in a sigmoid, or leave "
                "that out and use binary_cross_entropy_with_logits"
            )


def _binary_cross_entropy(outputs: Vector, targets: Vector) -> Number:
    # C = −Σ_j y_j ln a_j + (1 − y_j) ln(1 − a_j), where 0 ln 0 counts as 0
    _check_probabilities(outputs, targets)
    return -sum(
        (y * math.log(a) if y != 0 else 0) + ((1 - y) * math.log1p(-a) if y != 1 else 0)
        for a, y in _paired(outputs, targets)
    )


def _binary_cross_entropy_gradient(outputs: Vector, targets: Vector) -> Vector:
    # ∂C/∂a_j = −y_j / a_j + (1 − y_j) / (1 − a_j)
    _check_probabilities(outputs, targets)
    return [
        (_divide(-y, a) if y != 0 else 0) + (_divide(1 - y, 1 - a) if y != 1 else 0)
        for a, y in _paired(outputs, targets)
    ]


def _binary_cross_entropy_with_logits(outputs: Vector, targets: Vector) -> Number:
    # C = Σ_j softplus(a_j) − y_j a_j; since softplus(a) − a = softplus(−a), a sum in which nothing cancels
    return sum((1 - y) * _softplus(a) + y * _softplus(-a) for a, y in _paired(outputs, targets))


def _binary_cross_entropy_with_logits_gradient(outputs: Vector, targets: Vector) -> Vector:
    # ∂C/∂a_j = σ(a_j) − y_j; since 1 = σ(a) + σ(−a), the same but losing no digits where σ(a_j) nears 1
    return [(1 - y) * _sigmoid(a) - y * _sigmoid(-a) for a, y in _paired(outputs, targets)]


def _class_probabilities(outputs: Vector, targets: Any) -> Vector:
    """Return the targets as probabilities; a class index stands for 1 at that class and 0 elsewhere."""
    if not isinstance(targets, Integral):
        return [y for _, y in _paired(outputs, targets)]
    n = len(outputs)
    if int(targets) not in range(n):
        raise ValueError(f"class {targets} of {n} outputs: a class index is one of 0 … {n - 1}")
    return [1 if j == int(targets) else 0 for j in range(n)]


def _cross_entropy(outputs: Vector, targets: Any) -> Number:
    # C = Σ_j y_j (ln Σ_k e^a_k − a_j); with m the largest a, ln Σ_k e^a_k = m + ln(1 + Σ_others e^(a_k − m))
    outputs = _plain(outputs)
    y = _class_probabilities(outputs, targets)
    m = max(outputs)
    top = list(outputs).index(m)
    rest = math.log1p(sum(math.exp(a - m) for k, a in enumerate(outputs) if k != top))
    return sum(y_j * ((m - a_j) + rest) for a_j, y_j in zip(outputs, y, strict=True))


def _cross_entropy_gradient(outputs: Vector, targets: Any) -> Vector:
    # ∂C/∂a_j = p_j Σ_k y_k − y_j with p = softmax(a); since Σ_k p_k = 1, the same is
    #         p_j Σ_{k≠j} y_k − y_j Σ_{k≠j} p_k, which keeps its digits where p_j nears y_j = 1
    outputs = _plain(outputs)
    y = _class_probabilities(outputs, targets)
    m = max(outputs)
    e = [math.exp(a - m) for a in outputs]
    p = [e_j / sum(e) for e_j in e]
    n = len(p)
    return [
        p[j] * sum(y[k] for k in range(n) if k != j) - y[j] * sum(p[k] for k in range(n) if k != j)
        for j in range(n)
    ]


COSTS: dict[str, CostPair] = {
    "sum_squared_error": (_sum_squared_error, _sum_squared_error_gradient),
    "mean_squared_error": (_mean_squared_error, _mean_squared_error_gradient),
    "half_squared_error": (_half_squared_error, _half_squared_error_gradient),
    "hinge": (_hinge, _hinge_gradient),
    "binary_cross_entropy": (_binary_cross_entropy, _binary_cross_entropy_gradient),
    "binary_cross_entropy_with_logits": (
        _binary_cross_entropy_with_logits,
        _binary_cross_entropy_with_logits_gradient,
    ),
    "cross_entropy": (_cross_entropy, _cross_entropy_gradient),
}
"""Costs by name: (cost, gradient), functions of one sample's outputs and targets."""


# ----------------------------------------------------------------------------------------------------
# What was asked for, checked


def _returning_plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: _plain(function(*arguments))


def _pair(kind: str, choice: str | Pair, table: Mapping[str, Pair]) -> Pair:
    """Return the pair of functions that a name stands for, or that of the user's own."""
    if not isinstance(choice, str):
        if isinstance(choice, tuple) and len(choice) == 2 and all(callable(function) for function in choice):
            return _returning_plain(choice[0]), _returning_plain(choice[1])
        raise ValueError(f"{choice!r} is no {kind}: give a name or a pair (function, derivative)")
    if choice not in table:
        nearest = difflib.get_close_matches(choice, table, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(table)}"
        raise ValueError(f"there is no {kind} {choice!r}: {hint}")
    return table[choice]


def _activation(activation: str | ActivationPair) -> ActivationPair:
    return _pair("activation", activation, ACTIVATIONS)


def _cost(cost: str | CostPair) -> CostPair:
    return _pair("cost", cost, COSTS)


def _check_network(
    weights: Sequence[Matrix],
    biases: Sequence[Vector],
    activations: Sequence[str | ActivationPair],
    x: Vector,
) -> None:
    if not len(weights) == len(biases) == len(activations) > 0:
        raise ValueError(
            f"{len(weights)} weight matrices, {len(biases)} bias lists and {len(activations)} activations: "
            "a network needs one of each per layer"
        )
    width = len(x)
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True), start=1):
        for j, row in enumerate(w):
            if len(row) != width:
                raise ValueError(
                    f"w[{layer}][{j}] has {len(row)} weights for the {width} values of layer {layer - 1}"
                )
        if len(b) not in (0, 1, len(w)):
            raise ValueError(
                f"b[{layer}] has {len(b)} biases for {len(w)} neurons: give one each, one for all, or none"
            )
        width = len(w)


# ----------------------------------------------------------------------------------------------------
# Forward


def weighted_input(weights: Matrix, biases: Vector, a: Vector, j: int) -> Number:
    """Return z_j, the weighted input of neuron j of one layer.

    Formula: A4, with the biases of E3.

    Parameters
    ----------
    weights : matrix, shape (n_l, n_{l−1})
        The rows of Wˡ.
    biases : list of n_l numbers, of one, or of none
    a : list of n_{l−1} numbers
        The activations of the layer before.
    j : int
        The neuron, from 0.

    Returns
    -------
    number

    Example
    -------
    >>> weighted_input([[2, 3], [4, 5]], [10, 20], [1, -1], j=1)
    19
    """
    b = [0] if len(biases) == 0 else biases
    b_j = b[0] if len(b) == 1 else b[j]
    w_j, a = _plain(weights[j]), _plain(a)
    # z_j = b_j + Σ_k w_jk a_k
    return _plain(b_j) + sum(w_j[k] * a[k] for k in range(len(a)))


def weighted_input_partials(weights: Matrix, a: Vector, j: int, i: int) -> tuple[Number, Number, Number]:
    """Return the three partial derivatives of z_j: with respect to w_ji, to b_j and to a_i.

    Formula: A6.

    Parameters
    ----------
    weights : matrix, shape (n_l, n_{l−1})
    a : list of n_{l−1} numbers
        The activations of the layer before.
    j, i : int
        The neuron, and the neuron of the layer before, from 0.

    Returns
    -------
    tuple of 3 numbers
        ∂z_j/∂w_ji = a_i, ∂z_j/∂b_j = 1 and ∂z_j/∂a_i = w_ji.

    Example
    -------
    >>> weighted_input_partials([[2, 3], [4, 5]], [7, 8], j=1, i=0)
    (7, 1, 4)
    """
    return _plain(a[i]), 1, _plain(weights[j][i])


def forward(
    weights: Sequence[Matrix],
    biases: Sequence[Vector],
    activations: Sequence[str | ActivationPair],
    x: Vector,
) -> tuple[list[list[Number]], list[list[Number]]]:
    """Run one sample through the network.

    Formula: A3 and A4, layer by layer.

    Parameters
    ----------
    weights, biases, activations : lists with one entry per layer
        As the head of this module describes them.
    x : list of n_0 numbers
        The sample.

    Returns
    -------
    zs : list of L lists
        ``zs[l - 1][j]`` is zˡ_j.
    activations_by_layer : list of L + 1 lists
        ``activations_by_layer[l][j]`` is aˡ_j; the first is x, the last is the output.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or there is no activation of that name.

    Example
    -------
    >>> zs, a = forward([[[1, -2]], [[3]]], [[0], [4]], ["relu", "linear"], [5, 1])
    >>> zs, a
    ([[3], [13]], [[5, 1], [3], [13]])
    """
    _check_network(weights, biases, activations, x)
    zs: list[list[Number]] = []
    activations_by_layer = [list(_plain(x))]
    for w, b, activation in zip(weights, biases, activations, strict=True):
        sigma, _ = _activation(activation)
        a = activations_by_layer[-1]
        # z_j = b_j + Σ_k w_jk a_k
        z = [weighted_input(w, b, a, j) for j in range(len(w))]
        zs.append(z)
        # a_j = σ(z_j)
        activations_by_layer.append([sigma(z_j) for z_j in z])
    return zs, activations_by_layer


# ----------------------------------------------------------------------------------------------------
# The last layer, for a cost that is a sum over the outputs (A)


def weight_partial(
    cost_prime: Callable[[Number, Number], Number],
    activation: str | ActivationPair,
    z: Vector,
    a: Vector,
    y: Vector,
    a_previous: Vector,
    i: int,
    k: int,
) -> Number:
    """Return ∂cost_s/∂w_ik of the last layer.

    Formula: A7. It holds for costs of the form Σ_j cost(a_j, y_j): softmax with cross-entropy is not one.

    Parameters
    ----------
    cost_prime : function of two numbers
        cost′(a_j, y_j), the derivative of one output's cost with respect to a_j.
    activation : str or pair
    z, a, y : lists of n_L numbers
        The last layer's weighted inputs, its activations and the targets.
    a_previous : list of n_{L−1} numbers
        The activations of the layer before.
    i, k : int
        The weight leads from neuron k of the layer before to neuron i.

    Returns
    -------
    number

    Example
    -------
    >>> weight_partial(lambda a, y: 2 * (a - y), "linear", [3], [3], [1], [10, 20], i=0, k=1)
    80
    """
    z, a, y, a_previous = map(_plain, (z, a, y, a_previous))
    _, sigma_prime = _activation(activation)
    # ∂cost_s/∂w_ik = cost′(a_i, y_i) σ′(z_i) a_k
    return cost_prime(a[i], y[i]) * sigma_prime(z[i]) * a_previous[k]


def bias_partial(
    cost_prime: Callable[[Number, Number], Number],
    activation: str | ActivationPair,
    z: Vector,
    a: Vector,
    y: Vector,
    i: int,
) -> Number:
    """Return ∂cost_s/∂b_i of the last layer.

    Formula: A8.

    Parameters
    ----------
    cost_prime, activation, z, a, y
        As for ``weight_partial``.
    i : int
        The neuron, from 0.

    Returns
    -------
    number

    Example
    -------
    >>> bias_partial(lambda a, y: 2 * (a - y), "linear", [3], [3], [1], i=0)
    4
    """
    z, a, y = map(_plain, (z, a, y))
    _, sigma_prime = _activation(activation)
    # ∂cost_s/∂b_i = cost′(a_i, y_i) σ′(z_i)
    return cost_prime(a[i], y[i]) * sigma_prime(z[i])


def previous_activation_partial(
    cost_prime: Callable[[Number, Number], Number],
    activation: str | ActivationPair,
    z: Vector,
    a: Vector,
    y: Vector,
    weights: Matrix,
    k: int,
) -> Number:
    """Return ∂cost_s/∂a_k for neuron k of the layer before the last one.

    Formula: A9. In a network of one layer that is the derivative by input k.

    Parameters
    ----------
    cost_prime, activation, z, a, y
        As for ``weight_partial``.
    weights : matrix, shape (n_L, n_{L−1})
        The last layer's weights.
    k : int
        The neuron of the layer before, from 0.

    Returns
    -------
    number

    Example
    -------
    >>> previous_activation_partial(lambda a, y: a - y, "linear", [3, 5], [3, 5], [1, 1], [[10], [100]], k=0)
    420
    """
    z, a, y, weights = map(_plain, (z, a, y, weights))
    _, sigma_prime = _activation(activation)
    # ∂cost_s/∂a_k = Σ_j cost′(a_j, y_j) σ′(z_j) w_jk
    return sum(cost_prime(a[j], y[j]) * sigma_prime(z[j]) * weights[j][k] for j in range(len(a)))


# ----------------------------------------------------------------------------------------------------
# All layers by the recursion (E), one sample and the mean of several (A)


def hidden_layer_error(
    activation: str | ActivationPair, z: Vector, next_weights: Matrix, next_error: Vector
) -> list[Number]:
    """Return δˡ from δˡ⁺¹, where δˡ_j is short for ∂C/∂zˡ_j.

    Formula: E5. Every neuron has a σ′ of its own, a factor on the paths through that neuron and on no others.
    (The source prints one condition for the whole sum, on the sign of z_j Σ_i z_i: as if the neurons of a
    layer could switch one another on and off.)

    Parameters
    ----------
    activation : str or pair
        Layer l's.
    z : list of n_l numbers
        Layer l's weighted inputs.
    next_weights : matrix, shape (n_{l+1}, n_l)
        The rows of Wˡ⁺¹.
    next_error : list of n_{l+1} numbers
        δˡ⁺¹.

    Returns
    -------
    list of n_l numbers
        From it ∂C/∂wˡ_jk = δˡ_j aˡ⁻¹_k and ∂C/∂bˡ_j = δˡ_j.

    Example
    -------
    >>> hidden_layer_error("relu", [3, -3], next_weights=[[1, 2], [10, 20]], next_error=[5, 7])
    [75, 0]
    """
    z, next_weights, next_error = map(_plain, (z, next_weights, next_error))
    _, sigma_prime = _activation(activation)
    # δˡ_j = σ′(zˡ_j) Σ_i δˡ⁺¹_i wˡ⁺¹_ij
    return [
        sigma_prime(z[j]) * sum(next_error[i] * next_weights[i][j] for i in range(len(next_error)))
        for j in range(len(z))
    ]


def _bias_gradient(biases: Vector, partials: Vector) -> list[Number]:
    """Return ∂C/∂b in the shape of b from ∂C/∂b_j for each neuron: a shared bias collects the sum (E3)."""
    if len(biases) == len(partials):
        return list(partials)
    return [sum(partials)] * len(biases)


def gradients(
    weights: Sequence[Matrix],
    biases: Sequence[Vector],
    activations: Sequence[str | ActivationPair],
    x: Vector,
    y: Any,
    cost: str | CostPair,
) -> Gradients:
    """Return every derivative of one sample's cost.

    Formula: A7, A8 and A9 at the last layer, E5 for the layers before it, E3 for shared biases.

    Parameters
    ----------
    weights, biases, activations : lists with one entry per layer
        As the head of this module describes them.
    x : list of n_0 numbers
        The sample.
    y : list of n_L numbers, or int
        Its targets; for cross_entropy they may be a class index.
    cost : str or pair

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError
        If the shapes do not fit together, or there is no activation or cost of that name.

    Example
    -------
    >>> weights, biases = [[[Fraction(1, 3), 1]], [[2]]], [[0], []]
    >>> gradients(weights, biases, ["relu", "linear"], [1, 1], [1], "half_squared_error").weights
    [[[Fraction(10, 3), Fraction(10, 3)]], [[Fraction(20, 9)]]]
    """
    weights = _plain(weights)
    zs, a = forward(weights, biases, activations, x)
    _, cost_gradient = _cost(cost)
    _, sigma_prime = _activation(activations[-1])
    L = len(weights)
    weight_gradients: list[list[list[Number]]] = []
    bias_gradients: list[list[Number]] = []

    # δᴸ_j = ∂C/∂aᴸ_j σ′(zᴸ_j)
    delta = [dC_da_j * sigma_prime(z_j) for dC_da_j, z_j in zip(cost_gradient(a[L], y), zs[-1], strict=True)]
    for layer in range(L, 0, -1):
        # ∂C/∂wˡ_jk = δˡ_j aˡ⁻¹_k and ∂C/∂bˡ_j = δˡ_j
        weight_gradients.insert(0, [[delta_j * a_k for a_k in a[layer - 1]] for delta_j in delta])
        bias_gradients.insert(0, _bias_gradient(biases[layer - 1], delta))
        if layer > 1:
            # δˡ⁻¹_j = σ′(zˡ⁻¹_j) Σ_i δˡ_i wˡ_ij
            delta = hidden_layer_error(activations[layer - 2], zs[layer - 2], weights[layer - 1], delta)

    # ∂C/∂a⁰_k = Σ_j δ¹_j w¹_jk
    inputs = [sum(delta[j] * weights[0][j][k] for j in range(len(delta))) for k in range(len(x))]
    return Gradients(weight_gradients, bias_gradients, inputs)


def _elementwise(function: Callable[..., Number], *nested: Any) -> Any:
    """Apply a function to the numbers that stand at the same place of nested lists of one shape."""
    if not any(isinstance(items, list | tuple) for items in nested):
        return function(*nested)
    lengths = [len(items) if isinstance(items, list | tuple) else 1 for items in nested]
    if len(set(lengths)) > 1 or not all(isinstance(items, list | tuple) for items in nested):
        raise ValueError(f"nested lists of different shapes: {' against '.join(map(str, lengths))} entries")
    return [_elementwise(function, *items) for items in zip(*nested, strict=True)]


def average_gradients(
    weights: Sequence[Matrix],
    biases: Sequence[Vector],
    activations: Sequence[str | ActivationPair],
    X: Sequence[Vector],
    Y: Sequence[Any],
    cost: str | CostPair,
) -> Gradients:
    """Return every derivative of the average cost of several samples: the mean of the samples' derivatives.

    Formula: A1 and A5.

    Parameters
    ----------
    weights, biases, activations, cost
        As for ``gradients``.
    X : list of n samples
    Y : list of n targets

    Returns
    -------
    Gradients
        Its ``inputs`` have one row per sample, for each sample's input is a variable of its own, on which the
        other samples' costs do not depend: row s is (1/n) ∂cost_s/∂a⁰.

    Raises
    ------
    ValueError
        If there are no samples or not as many targets, and as for ``gradients``.

    Example
    -------
    >>> average_gradients([[[1]]], [[0]], ["linear"], [[1], [2]], [[0], [0]], "half_squared_error").weights
    [[[Fraction(5, 2)]]]
    """
    n = len(X)
    if n != len(Y) or n == 0:
        raise ValueError(
            f"{n} samples with {len(Y)} targets: an average needs one target per sample, and a sample"
        )
    samples = [gradients(weights, biases, activations, X[s], Y[s], cost) for s in range(n)]

    def mean(*partials: Number) -> Number:
        # ∂cost_avg/∂A = (1/n) Σ_s ∂cost_s/∂A
        return _divide(sum(partials), n)

    return Gradients(
        weights=_elementwise(mean, *(sample.weights for sample in samples)),
        biases=_elementwise(mean, *(sample.biases for sample in samples)),
        inputs=[[_divide(partial, n) for partial in sample.inputs] for sample in samples],
    )


# ----------------------------------------------------------------------------------------------------
# All layers by products of Jacobians (C)


def layer_jacobian(weights: Matrix, activation: str | ActivationPair, z: Vector) -> list[list[Number]]:
    """Return ∂aˡ⁺¹/∂aˡ, how a layer's activations depend on those of the layer before.

    Formula: C4.

    Parameters
    ----------
    weights : matrix, shape (n_{l+1}, n_l)
        The rows of Wˡ⁺¹.
    activation : str or pair
        Layer l+1's.
    z : list of n_{l+1} numbers
        zˡ⁺¹.

    Returns
    -------
    matrix, shape (n_{l+1}, n_l)

    Example
    -------
    >>> layer_jacobian([[2, 3], [4, 5]], "relu", z=[1, -1])
    [[2, 3], [0, 0]]
    """
    weights, z = _plain(weights), _plain(z)
    _, sigma_prime = _activation(activation)
    # ∂aˡ⁺¹_m/∂aˡ_p = σ′(z_m) w_mp
    return [[sigma_prime(z[m]) * weights[m][p] for p in range(len(weights[m]))] for m in range(len(z))]


def output_jacobian(
    weights: Sequence[Matrix],
    activations: Sequence[str | ActivationPair],
    zs: Sequence[Vector],
    layer: int,
) -> list[list[Number]]:
    """Return ∂aᴸ/∂aˡ, how the network's output depends on the activations of layer l.

    Formula: C5.

    Parameters
    ----------
    weights, activations : lists with one entry per layer
    zs : list of L lists
        As ``forward`` returns them.
    layer : int
        l, from 0 (the input) to L, for which it is the unit matrix.

    Returns
    -------
    matrix, shape (n_L, n_l)

    Example
    -------
    >>> output_jacobian([[[2, 3]], [[10], [20]]], ["linear", "linear"], zs=[[0], [0, 0]], layer=0)
    [[20, 30], [40, 60]]
    """
    L = len(weights)
    n_L = len(weights[-1])
    product: list[list[Number]] = [[1 if i == j else 0 for j in range(n_L)] for i in range(n_L)]
    # ∂aᴸ/∂aˡ = ∂aᴸ/∂aᴸ⁻¹ ∂aᴸ⁻¹/∂aᴸ⁻² … ∂aˡ⁺¹/∂aˡ
    for m in range(L, layer, -1):
        jacobian = layer_jacobian(weights[m - 1], activations[m - 1], zs[m - 1])
        product = [
            [sum(row[q] * jacobian[q][p] for q in range(len(jacobian))) for p in range(len(jacobian[0]))]
            for row in product
        ]
    return product


def weight_partial_by_jacobians(
    cost_gradient: Vector,
    jacobian: Matrix,
    activation: str | ActivationPair,
    z: Vector,
    a_previous: Vector,
    A: int,
    B: int,
) -> Number:
    """Return ∂C/∂w_AB for one weight of any layer l.

    Formula: C6.

    Parameters
    ----------
    cost_gradient : list of n_L numbers
        ∂C/∂aᴸ.
    jacobian : matrix, shape (n_L, n_l)
        ∂aᴸ/∂aˡ, as ``output_jacobian`` returns it.
    activation : str or pair
        Layer l's.
    z : list of n_l numbers
        zˡ.
    a_previous : list of n_{l−1} numbers
        aˡ⁻¹.
    A, B : int
        The weight leads from neuron B of layer l−1 to neuron A of layer l.

    Returns
    -------
    number

    Example
    -------
    >>> weight_partial_by_jacobians([1, 1], [[10], [100]], "linear", z=[0], a_previous=[2, 3], A=0, B=1)
    330
    """
    # ∂a_A/∂w_AB = σ′(z_A) a_B, which is the bias's with a_B for 1
    return bias_partial_by_jacobians(cost_gradient, jacobian, activation, z, A) * _plain(a_previous[B])


def bias_partial_by_jacobians(
    cost_gradient: Vector, jacobian: Matrix, activation: str | ActivationPair, z: Vector, A: int
) -> Number:
    """Return ∂C/∂b_A for the bias of one neuron of any layer l.

    Formula: C6 with 1 for a_B.

    Parameters
    ----------
    cost_gradient, jacobian, activation, z, A
        As for ``weight_partial_by_jacobians``.

    Returns
    -------
    number

    Example
    -------
    >>> bias_partial_by_jacobians([1, 1], [[10], [100]], "linear", z=[0], A=0)
    110
    """
    cost_gradient, da_dA = _plain(cost_gradient), _plain([row[A] for row in jacobian])
    _, sigma_prime = _activation(activation)
    # ∂C/∂b_A = Σ_i ∂C/∂aᴸ_i ∂aᴸ_i/∂aˡ_A σ′(z_A)
    return sum(cost_gradient[i] * da_dA[i] for i in range(len(cost_gradient))) * sigma_prime(_plain(z[A]))


def gradient_vector(
    weights: Sequence[Matrix],
    biases: Sequence[Vector],
    activations: Sequence[str | ActivationPair],
    x: Vector,
    y: Any,
    cost: str | CostPair,
) -> list[Number]:
    """Return ∇C, the derivatives of one sample's cost by every weight and bias, stacked into one vector.

    Formula: C3, each entry by C6 and so by a way that shares no step with the recursion of ``gradients``.

    Parameters
    ----------
    weights, biases, activations, x, y, cost
        As for ``gradients``.

    Returns
    -------
    list
        Layer after layer from the first: its weights row by row, then its biases.

    Raises
    ------
    ValueError
        As for ``gradients``.

    Example
    -------
    >>> gradient_vector([[[3, 4]]], [[1]], ["linear"], [2, 1], [0], "sum_squared_error")
    [44, 22, 22]
    """
    weights = _plain(weights)
    zs, a = forward(weights, biases, activations, x)
    _, cost_gradient = _cost(cost)
    dC_da = cost_gradient(a[-1], y)
    stacked: list[Number] = []
    for layer in range(1, len(weights) + 1):
        w, z, activation = weights[layer - 1], zs[layer - 1], activations[layer - 1]
        jacobian = output_jacobian(weights, activations, zs, layer)
        stacked += [
            weight_partial_by_jacobians(dC_da, jacobian, activation, z, a[layer - 1], A, B)
            for A in range(len(w))
            for B in range(len(w[A]))
        ]
        bias_partials = [bias_partial_by_jacobians(dC_da, jacobian, activation, z, A) for A in range(len(w))]
        stacked += _bias_gradient(biases[layer - 1], bias_partials)
    return stacked


# ----------------------------------------------------------------------------------------------------
# Four layers, one derivative after another (D)


def _check_four_layers(weights: Sequence[Matrix], biases: Sequence[Vector], y: Vector) -> None:
    neurons = [len(w) for w in weights]
    if len(neurons) != 3 or [len(b) for b in biases] != neurons or len(y) != neurons[-1]:
        raise ValueError(
            f"layers of {neurons} neurons with {[len(b) for b in biases]} biases and {len(y)} targets: "
            "D1–D8 take three layers, one bias per neuron and one target per output"
        )


def four_layer_derivatives(
    weights: Sequence[Matrix],
    biases: Sequence[Vector],
    activations: Sequence[str | ActivationPair],
    a1: Vector,
    y: Vector,
) -> FourLayerDerivatives:
    """Return the eight derivatives of Cost = Σ_j (a⁴_j − y_j)² in a network of four layers.

    Formula: D1–D8. Layers are numbered as in the source, where layer 1 is the input: w², w³, w⁴ are what the
    rest of this module calls W¹, W², W³.

    Parameters
    ----------
    weights : list of 3 matrices
        w², w³, w⁴.
    biases : list of 3 lists
        b², b³, b⁴, with one bias per neuron.
    activations : list of 3 names or pairs
    a1 : list of n_1 numbers
        The input a¹.
    y : list of n_4 numbers
        The targets.

    Returns
    -------
    FourLayerDerivatives

    Raises
    ------
    ValueError
        If there are not three matrices, if a neuron lacks its own bias or target, and as for ``forward``.

    Example
    -------
    >>> four_layer_derivatives([[[2]], [[3]], [[4]]], [[0], [0], [0]], ["linear"] * 3, [1], [23])
    FourLayerDerivatives(w4=[[12]], b4=[2], a3=[8], w3=[[16]], b3=[8], a2=[24], w2=[[24]], b2=[24])
    """
    _check_four_layers(weights, biases, y)
    weights, a1, y = map(_plain, (weights, a1, y))
    (z2, z3, z4), (_, a2, a3, a4) = forward(weights, biases, activations, a1)
    _, w3, w4 = weights
    (_, sigma_prime2), (_, sigma_prime3), (_, sigma_prime4) = map(_activation, activations)
    n1, n2, n3, n4 = len(a1), len(a2), len(a3), len(a4)

    # D1: ∂Cost/∂w⁴_jk = (2a⁴_j − 2y_j) σ′(z⁴_j) a³_k
    dw4 = [[(2 * a4[j] - 2 * y[j]) * sigma_prime4(z4[j]) * a3[k] for k in range(n3)] for j in range(n4)]
    # D2: ∂Cost/∂b⁴_j = (2a⁴_j − 2y_j) σ′(z⁴_j)
    db4 = [(2 * a4[j] - 2 * y[j]) * sigma_prime4(z4[j]) for j in range(n4)]
    # D3: ∂Cost/∂a³_k = Σ_j (2a⁴_j − 2y_j) σ′(z⁴_j) w⁴_jk
    da3 = [sum((2 * a4[j] - 2 * y[j]) * sigma_prime4(z4[j]) * w4[j][k] for j in range(n4)) for k in range(n3)]
    # D4: ∂Cost/∂w³_km = ∂Cost/∂a³_k σ′(z³_k) a²_m
    dw3 = [[da3[k] * sigma_prime3(z3[k]) * a2[m] for m in range(n2)] for k in range(n3)]
    # D5: ∂Cost/∂b³_k = ∂Cost/∂a³_k σ′(z³_k)
    db3 = [da3[k] * sigma_prime3(z3[k]) for k in range(n3)]
    # D6: ∂Cost/∂a²_m = Σ_k ∂Cost/∂a³_k σ′(z³_k) w³_km
    da2 = [sum(da3[k] * sigma_prime3(z3[k]) * w3[k][m] for k in range(n3)) for m in range(n2)]
    # D7: ∂Cost/∂w²_mt = ∂Cost/∂a²_m σ′(z²_m) a¹_t
    dw2 = [[da2[m] * sigma_prime2(z2[m]) * a1[t] for t in range(n1)] for m in range(n2)]
    # D8: ∂Cost/∂b²_m = ∂Cost/∂a²_m σ′(z²_m)
    db2 = [da2[m] * sigma_prime2(z2[m]) for m in range(n2)]
    return FourLayerDerivatives(dw4, db4, da3, dw3, db3, da2, dw2, db2)


# ----------------------------------------------------------------------------------------------------
# The cost as a vector, and the step down (E)


def half_mean_squared_errors(
    outputs_by_example: Sequence[Vector], targets_by_example: Sequence[Vector]
) -> list[Number]:
    """Return the cost as a vector with one entry per output; its sum is the average half_squared_error.

    Formula: E2.

    Parameters
    ----------
    outputs_by_example : list of E lists of n_L numbers
    targets_by_example : list of E lists of n_L numbers

    Returns
    -------
    list of n_L numbers

    Raises
    ------
    ValueError
        If there are no examples, or outputs and targets differ in shape.

    Example
    -------
    >>> half_mean_squared_errors([[1, 2], [3, 4]], [[0, 0], [0, 0]])
    [Fraction(5, 2), Fraction(5, 1)]
    """
    E = len(outputs_by_example)
    if not E == len(targets_by_example) > 0:
        raise ValueError(
            f"{E} examples with {len(targets_by_example)} targets: give one target per example, and one"
        )
    squares = [
        [(y - a) ** 2 for a, y in _paired(outputs, targets)]
        for outputs, targets in zip(outputs_by_example, targets_by_example, strict=True)
    ]
    # C = (1/2E) Σ_e (y_e − a_e)²
    return [_divide(sum(output), 2 * E) for output in zip(*squares, strict=True)]


def descend(parameters: Any, gradients: Any, learning_rate: Number) -> Any:
    """Return the parameters after one step of gradient descent; those given are left as they are.

    Formula: E4.

    Parameters
    ----------
    parameters : nested lists of numbers
        Weights, biases, or a list of both.
    gradients : nested lists of the same shape
        ∂C/∂P for every parameter P.
    learning_rate : number
        α.

    Returns
    -------
    nested lists of the same shape

    Raises
    ------
    ValueError
        If the shapes differ.

    Example
    -------
    >>> descend([[1, 2], [3]], [[10, 20], [30]], Fraction(1, 10))
    [[Fraction(0, 1), Fraction(0, 1)], [Fraction(0, 1)]]
    """
    parameters, gradients, learning_rate = map(_plain, (parameters, gradients, learning_rate))
    # P ← P − α ∂C/∂P
    return _elementwise(lambda P, dC_dP: P - learning_rate * dC_dP, parameters, gradients)
