"""Backpropagation in closed form: dense and activation layers as a few NumPy operations each.

It runs on float arrays, and on object arrays of exact numbers (Fractions, SymPy expressions), which stay
exact. It shares no code with the engine or with the loops of ``nn.per_weight``, so that their agreement is
evidence; comparing them is left to ``nn.compare``. What it knows by name: ``ACTIVATIONS`` and ``COSTS``.

One sample is an array of length n, taken as a column: z = W a + b. A batch has its samples as rows:
Z = A Wᵀ + b. A layer's bias is an array of one number per neuron, of one that the layer shares (E3), or of
none.
"""

import difflib
import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["ACTIVATIONS", "COSTS", "Activation", "Dense", "Gradients", "MatrixMLP"]

Array: TypeAlias = npt.NDArray[Any]
Numbers: TypeAlias = Any  # what NumPy makes an array of: numbers, nested lists, arrays
ArrayFunction: TypeAlias = Callable[[Array], Any]
ActivationPair: TypeAlias = tuple[Callable[[Any], Any], Callable[[Any], Any]]
CostPair: TypeAlias = tuple[Callable[[Array, Array], Any], Callable[[Array, Array], Any]]
Pair = TypeVar("Pair")


class Gradients(NamedTuple):
    """The derivatives of a cost with respect to everything a network is made of.

    Attributes
    ----------
    weights : list of arrays, shapes (n_l, n_{l−1})
    biases : list of arrays, in the shapes in which the biases were given
    inputs : array, in the shape of the input

    Example
    -------
    >>> MatrixMLP([[[3.0]]], [[1.0]], ["linear"]).gradients([2.0], [0.0], "sum_squared_error")
    Gradients(weights=[array([[28.]])], biases=[array([14.])], inputs=array([42.]))
    """

    weights: list[Array]
    biases: list[Array]
    inputs: Array


# Arrays of numbers ----------------------------------------------------------------------------------


def _as_arrays(named: Mapping[str, Numbers]) -> list[Array]:
    """Return arrays of floats (of float64 for integers), or all of exact numbers if one of them is."""
    arrays = []
    for name, numbers in named.items():
        try:
            array = np.asarray(numbers)
        except ValueError as error:
            raise ValueError(f"{name} is ragged: {numbers!r} has rows of different lengths") from error
        if array.dtype.kind not in "fiubO":
            raise ValueError(f"{name} = {numbers!r} has the dtype {array.dtype}: give real numbers")
        arrays.append(array)
    # Integers beside exact numbers are exact too: as floats they would spoil them.
    if any(array.dtype == object for array in arrays):
        return [array.astype(object) for array in arrays]
    return [array if array.dtype.kind == "f" else array.astype(np.float64) for array in arrays]


def _ratio(p: Any, q: Any) -> Any:
    """Return p/q, of two integers the exact one."""
    return Fraction(p, q) if {type(p), type(q)} <= {int, bool} else p / q


def _over(P: Array, Q: Any) -> Any:
    """Return P/Q element by element; exact numbers stay exact."""
    return np.frompyfunc(_ratio, 2, 1)(P, Q) if P.dtype == object else P / Q


def _floating(formula: ArrayFunction) -> ArrayFunction:
    """Let a formula of exp, log or erf take exact numbers too, as floats; 0 and ∞ are limits it may reach."""

    @functools.wraps(formula)
    def in_floats(z: Array) -> Any:
        with np.errstate(under="ignore", over="ignore"):
            if z.dtype != object:
                return formula(z)
            try:
                return formula(z.astype(np.float64)).astype(object)
            except TypeError as error:
                raise TypeError(
                    f"{formula.__name__.strip('_')} computes in floats, and {z.tolist()!r} are not all "
                    "numbers: for symbols give a pair of functions (f, f′) of one number in place of the name"
                ) from error

    return in_floats


# Activations and their slopes, on whole arrays, in forms that keep the digits of what is close to 0.


def _linear(z: Array) -> Any:
    return z


def _linear_slope(z: Array) -> Any:
    return np.ones_like(z)


def _relu(z: Array) -> Any:
    return np.maximum(z, 0)


def _relu_slope(z: Array) -> Any:
    return np.where(z > 0, 1, 0).astype(z.dtype)


def _leaky_relu(z: Array) -> Any:
    return np.where(z > 0, z, 0.01 * z)


def _leaky_relu_slope(z: Array) -> Any:
    return np.where(z > 0, 1, 0.01).astype(z.dtype)


@_floating
def _elu(z: Array) -> Any:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


@_floating
def _elu_slope(z: Array) -> Any:
    return np.exp(np.minimum(z, 0))


@_floating
def _tanh(z: Array) -> Any:
    return np.tanh(z)


@_floating
def _tanh_slope(z: Array) -> Any:
    # (sinh/cosh)′ = (cosh² − sinh²)/cosh² = 1/cosh²
    return (1 / np.cosh(z)) ** 2


@_floating
def _sigmoid(z: Array) -> Any:
    # The curve is symmetric about (0, ½), and its lower half eᶻ/(1 + eᶻ).
    e = np.exp(-np.abs(z))
    lower = e / (1 + e)
    return np.where(z > 0, 1 - lower, lower)


@_floating
def _sigmoid_slope(z: Array) -> Any:
    # σ(z) = (1 + tanh ½z)/2
    return _tanh_slope(z / 2) / 4


@_floating
def _softplus(z: Array) -> Any:
    # σ's symmetry, integrated: softplus(z) − softplus(−z) = z
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)


@_floating
def _silu(z: Array) -> Any:
    return z * _sigmoid(z)


@_floating
def _silu_slope(z: Array) -> Any:
    # The logarithmic derivative of z·σ is 1/z + (1 − σ).
    sigma = _sigmoid(z)
    return sigma * (1 + z * (1 - sigma))


def _share_below(z: Array) -> Any:
    # Φ, the share of a standard normal distribution below z; NumPy has no erfc
    return np.vectorize(math.erfc, otypes=[float])(-z / math.sqrt(2)).astype(z.dtype) / 2


@_floating
def _gelu(z: Array) -> Any:
    return z * _share_below(z)


@_floating
def _gelu_slope(z: Array) -> Any:
    # The product rule, with the density for Φ′; beyond ±40 it is 0 in floats.
    near = np.clip(z, -40, 40)
    return _share_below(z) + z * np.exp(-near * near / 2) / math.sqrt(2 * math.pi)


ACTIVATIONS: dict[str, ActivationPair] = {
    "linear": (_linear, _linear_slope),
    "tanh": (_tanh, _tanh_slope),
    "sigmoid": (_sigmoid, _sigmoid_slope),
    "relu": (_relu, _relu_slope),
    "leaky_relu": (_leaky_relu, _leaky_relu_slope),
    "elu": (_elu, _elu_slope),
    "gelu": (_gelu, _gelu_slope),
    "silu": (_silu, _silu_slope),
    "softplus": (_softplus, _sigmoid),
}
"""Activations by name: (σ, σ′), functions of an array. linear and relu keep exact numbers exact."""


# Costs, of outputs a and targets y in one shape, (n_L,) or (samples, n_L): one number a sample, and the
# gradient ∇C by a. With r = a − y:


def _sum_squared_error(a: Array, y: Array) -> Any:
    # D: rᵀr
    return ((a - y) ** 2).sum(axis=-1)


def _gradient_of_sum_squared_error(a: Array, y: Array) -> Any:
    return 2 * (a - y)


def _mean_squared_error(a: Array, y: Array) -> Any:
    # C2: rᵀr/n_L
    return _over((a - y) ** 2, a.shape[-1]).sum(axis=-1)


def _gradient_of_mean_squared_error(a: Array, y: Array) -> Any:
    # C2: 2r/n_L
    return _over(2 * (a - y), a.shape[-1])


def _half_squared_error(a: Array, y: Array) -> Any:
    # E2: ½ rᵀr
    return _over((y - a) ** 2, 2).sum(axis=-1)


def _gradient_of_half_squared_error(a: Array, y: Array) -> Any:
    return a - y


def _hinge(a: Array, y: Array) -> Any:
    # What the margins y ⊙ a lack of 1, in sum
    return np.maximum(1 - y * a, 0).sum(axis=-1)


def _gradient_of_hinge(a: Array, y: Array) -> Any:
    # A margin that lacks nothing, be it exactly 1, has no slope.
    return np.where(1 - y * a > 0, -y, 0)


def _check_probabilities(a: Array, y: Array) -> None:
    wrong = ~((a >= 0) & (a <= 1)) | ((a == 0) & (y != 0)) | ((a == 1) & (y != 1))
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise ValueError(
            f"binary_cross_entropy is infinite or undefined at output {place} = {a[place]} for target "
            f"{y[place]}: give it outputs of a sigmoid, which stay inside (0, 1), or logits to "
            "binary_cross_entropy_with_logits"
        )


@_floating
def _log(a: Array) -> Any:
    return np.log(a)


@_floating
def _log1p(a: Array) -> Any:
    return np.log1p(a)


def _binary_cross_entropy(a: Array, y: Array) -> Any:
    # −yᵀ ln a − (1 − y)ᵀ ln(1 − a), without the terms of weight 0, whose logarithm may be infinite
    _check_probabilities(a, y)
    log_a = _log(np.where(y != 0, a, 1))
    log_1_minus_a = _log1p(np.where(y != 1, -a, 0))
    return -(y * log_a + (1 - y) * log_1_minus_a).sum(axis=-1)


def _gradient_of_binary_cross_entropy(a: Array, y: Array) -> Any:
    _check_probabilities(a, y)
    return _over(1 - y, np.where(y != 1, 1 - a, 1)) - _over(y, np.where(y != 0, a, 1))


def _binary_cross_entropy_with_logits(a: Array, y: Array) -> Any:
    # With p = σ(a): −ln p = softplus(−a), and −ln(1 − p) = softplus(a)
    return ((1 - y) * _softplus(a) + y * _softplus(-a)).sum(axis=-1)


def _gradient_of_binary_cross_entropy_with_logits(a: Array, y: Array) -> Any:
    # softplus′ = σ, term by term; the sum is p − y
    return (1 - y) * _sigmoid(a) - y * _sigmoid(-a)


@_floating
def _negative_log_softmax(a: Array) -> Any:
    # Softmax does not feel a shift: let the largest be 0, whose exponential, 1, log1p brings along.
    a = a - a.max(axis=-1, keepdims=True)
    e = np.exp(a)
    np.put_along_axis(e, a.argmax(axis=-1, keepdims=True), 0, axis=-1)
    return np.log1p(e.sum(axis=-1, keepdims=True)) - a


@_floating
def _softmax(a: Array) -> Any:
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _cross_entropy(a: Array, y: Array) -> Any:
    return (y * _negative_log_softmax(a)).sum(axis=-1)


def _gradient_of_cross_entropy(a: Array, y: Array) -> Any:
    # −ln p_k has the gradient p − e_k, and y weights these: (1ᵀy) p − (1ᵀp) y, of which the products of an
    # entry with itself cancel. Left out by U = 11ᵀ − I, they take no digits with them.
    p = _softmax(a)
    U = 1 - np.eye(a.shape[-1], dtype=a.dtype)
    return p * (y @ U) - y * (p @ U)


COSTS: dict[str, CostPair] = {
    "sum_squared_error": (_sum_squared_error, _gradient_of_sum_squared_error),
    "mean_squared_error": (_mean_squared_error, _gradient_of_mean_squared_error),
    "half_squared_error": (_half_squared_error, _gradient_of_half_squared_error),
    "hinge": (_hinge, _gradient_of_hinge),
    "binary_cross_entropy": (_binary_cross_entropy, _gradient_of_binary_cross_entropy),
    "binary_cross_entropy_with_logits": (
        _binary_cross_entropy_with_logits,
        _gradient_of_binary_cross_entropy_with_logits,
    ),
    "cross_entropy": (_cross_entropy, _gradient_of_cross_entropy),
}
"""Costs by name: (cost, gradient), functions of arrays of outputs and targets of one shape."""


# A name, or a pair of one's own, as functions of arrays ----------------------------------------------


def _chosen(choice: str | Pair, table: Mapping[str, Pair], kind: str) -> Pair:
    """Return what the table has under a name; a pair of functions is returned as it is."""
    if isinstance(choice, str):
        if choice in table:
            return table[choice]
        near = difflib.get_close_matches(choice, table, n=1)
        known = f"did you mean {near[0]!r}?" if near else "there are " + ", ".join(table)
        raise ValueError(f"matrices know no {kind} {choice!r}: {known}")
    if not isinstance(choice, tuple) or [callable(part) for part in choice] != [True, True]:
        raise ValueError(f"{choice!r} is no {kind}: give a name or a pair of functions (f, f′)")
    return choice


def _activation_of_arrays(activation: str | ActivationPair) -> ActivationPair:
    """Return σ and σ′ as functions of arrays."""
    pair = _chosen(activation, ACTIVATIONS, "activation")
    if isinstance(activation, str):
        return pair

    def for_each(function: Callable[[Any], Any]) -> ArrayFunction:
        return lambda z: np.asarray(np.frompyfunc(function, 1, 1)(z)).astype(z.dtype)

    return for_each(pair[0]), for_each(pair[1])


def _cost_of_arrays(cost: str | CostPair) -> CostPair:
    """Return a cost and its gradient as functions of arrays, one sample or a batch."""
    value, gradient = _chosen(cost, COSTS, "cost")
    if isinstance(cost, str):
        return value, gradient

    def for_each_sample(function: Callable[[Array, Any], Any]) -> Callable[[Array, Any], Any]:
        def apply(outputs: Array, Y: Any) -> Any:
            if outputs.ndim == 1:
                return np.array(function(outputs, Y), dtype=outputs.dtype)[()]
            if len(Y) != len(outputs):
                raise ValueError(f"Y has {len(Y)} targets for {len(outputs)} samples: give one per sample")
            return np.array([function(a, y) for a, y in zip(outputs, Y, strict=True)], dtype=outputs.dtype)

        return apply

    return for_each_sample(value), for_each_sample(gradient)


def _targets_for(outputs: Array, Y: Numbers, cost: str | CostPair) -> Any:
    """Return the targets in the shape and kind of the outputs; a pair of functions takes them as they are."""
    if not isinstance(cost, str):
        return Y
    _, targets = _as_arrays({"outputs": outputs, "Y": Y})
    if cost == "cross_entropy" and targets.shape == outputs.shape[:-1]:
        return _one_hot(np.asarray(Y), outputs)
    if targets.shape != outputs.shape:
        raise ValueError(f"Y has shape {targets.shape} for outputs of shape {outputs.shape}: make them equal")
    return targets.astype(outputs.dtype)


def _one_hot(classes: Array, outputs: Array) -> Array:
    """Return class indices as probabilities: 1 at the class and 0 elsewhere."""
    n_classes = outputs.shape[-1]
    if classes.dtype.kind not in "iu" or (classes < 0).any() or (classes >= n_classes).any():
        raise ValueError(
            f"Y = {classes.tolist()} for {n_classes} outputs: class indices are integers 0 … {n_classes - 1}"
        )
    return np.eye(n_classes, dtype=outputs.dtype)[classes]


# Layers and the network -----------------------------------------------------------------------------


class Dense:
    """The layer z = W a + b, without an activation.

    Its output is z and not a: where the source (001) writes ∂cost/∂aᴸ on a dense layer, read ∂C/∂z.

    Parameters
    ----------
    weights : array, shape (n_l, n_{l−1})
    bias : array, shape (n_l,), (1,) or (0,)
        One number per neuron, one for all of them, or none.

    Attributes
    ----------
    weights_gradient, bias_gradient : arrays in the shapes of the parameters
        ∂C/∂W and ∂C/∂b, left by the last ``backward``.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Example
    -------
    >>> dense = Dense([[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0])
    >>> dense.forward([1.0, 1.0])
    array([13., 27.])
    >>> dense.backward([1.0, 10.0])
    array([31., 42.])
    >>> dense.weights_gradient, dense.bias_gradient
    (array([[ 1.,  1.],
           [10., 10.]]), array([ 1., 10.]))
    """

    weights_gradient: Array
    bias_gradient: Array

    def __init__(self, weights: Numbers, bias: Numbers) -> None:
        self.weights, self.bias = map(np.copy, _as_arrays({"weights": weights, "bias": bias}))
        if self.weights.ndim != 2:
            raise ValueError(f"weights have shape {self.weights.shape}: a layer's weights are a matrix")
        n = len(self.weights)
        if self.bias.shape not in ((n,), (1,), (0,)):
            raise ValueError(
                f"bias has shape {self.bias.shape} for weights of shape {self.weights.shape}: give {n} "
                "numbers, one that the layer shares, or none"
            )
        self._x: Array | None = None

    def __repr__(self) -> str:
        return f"<Dense layer: W of shape {self.weights.shape}, b of shape {self.bias.shape}>"

    def forward(self, x: Numbers) -> Array:
        """Return z.

        Formula: A4 for all neurons at once, and for all samples.

        Parameters
        ----------
        x : array, shape (n_{l−1},) or (samples, n_{l−1})
            The activations of the layer before.

        Returns
        -------
        array, shape (n_l,) or (samples, n_l)

        Raises
        ------
        ValueError
            If x has another width.

        Example
        -------
        >>> Dense([[1.0, 2.0]], []).forward([[1.0, 1.0], [2.0, 0.0]])
        array([[3.],
               [2.]])
        """
        _, x = _as_arrays({"weights": self.weights, "x": x})
        width = self.weights.shape[1]
        if x.ndim not in (1, 2) or x.shape[-1] != width or len(x) == 0:
            raise ValueError(
                f"x has shape {x.shape} for weights of shape {self.weights.shape}: give one sample of "
                f"{width} numbers or a batch of shape (samples, {width})"
            )
        self._x = x.copy()  # the derivatives belong to these numbers, whatever becomes of the caller's array
        # z = W a + b, or Z = A Wᵀ + b
        z = self.weights @ x if x.ndim == 1 else x @ self.weights.T
        return np.asarray(z + self.bias if self.bias.size else z)

    def backward(self, upstream: Numbers) -> Array:
        """Return ∂C/∂aˡ⁻¹ and leave ∂C/∂W and ∂C/∂b in the layer.

        Formula: B2, B3 and B4; a shared bias collects the sum of its neurons' (E3).

        Parameters
        ----------
        upstream : array in the shape of z
            ∂C/∂z. For a batch the parameters' gradients are the sums over its rows.

        Returns
        -------
        array in the shape of the input

        Raises
        ------
        ValueError
            If upstream has another shape.
        RuntimeError
            If there was no ``forward``.

        Example
        -------
        >>> dense = Dense([[1.0, 2.0]], [0.0])
        >>> z = dense.forward([[1.0, 1.0], [2.0, 0.0]])
        >>> dense.backward([[1.0], [10.0]])
        array([[ 1.,  2.],
               [10., 20.]])
        >>> dense.weights_gradient
        array([[21.,  1.]])
        """
        if self._x is None:
            raise RuntimeError("Dense.backward before forward: there is no input to take the derivatives at")
        x = self._x
        dz = _upstream(upstream, self.weights, x.shape[:-1] + self.weights.shape[:1])
        if x.ndim == 1:
            # ∂C/∂W = (∂C/∂z)(aˡ⁻¹)ᵀ and ∂C/∂b = ∂C/∂z and ∂C/∂aˡ⁻¹ = Wᵀ ∂C/∂z
            self.weights_gradient, db, dx = np.outer(dz, x), dz.copy(), self.weights.T @ dz
        else:
            # With samples as rows the product (∂C/∂Z)ᵀ Aˡ⁻¹ is the sum of the samples' outer products.
            self.weights_gradient, db, dx = dz.T @ x, dz.sum(axis=0), dz @ self.weights
        self.bias_gradient = db if db.shape == self.bias.shape else db.sum(keepdims=True)[: self.bias.size]
        return np.asarray(dx)


class Activation:
    """The layer a = σ(z), element by element.

    Parameters
    ----------
    activation : str or pair
        A name of ``ACTIVATIONS``, or a pair (σ, σ′) of functions of one number, applied to each element.

    Raises
    ------
    ValueError
        If there is no activation of that name.

    Example
    -------
    >>> activation = Activation("relu")
    >>> activation.forward([-1.0, 2.0])
    array([0., 2.])
    >>> activation.backward([10.0, 10.0])
    array([ 0., 10.])
    """

    def __init__(self, activation: str | ActivationPair) -> None:
        self._sigma, self._sigma_prime = _activation_of_arrays(activation)
        self._name = activation if isinstance(activation, str) else "of one's own"
        self._z: Array | None = None

    def __repr__(self) -> str:
        return f"<Activation layer: {self._name}>"

    def forward(self, z: Numbers) -> Array:
        """Return a = σ(z).

        Formula: A3.

        Parameters
        ----------
        z : array of any shape

        Returns
        -------
        array in the shape of z

        Example
        -------
        >>> Activation((lambda z: z**2, lambda z: 2 * z)).forward([Fraction(1, 2), 3])
        array([Fraction(1, 4), 9], dtype=object)
        """
        (self._z,) = map(np.copy, _as_arrays({"z": z}))
        return np.asarray(self._sigma(self._z))

    def backward(self, upstream: Numbers) -> Array:
        """Return ∂C/∂z.

        Formula: B1.

        Parameters
        ----------
        upstream : array in the shape of z
            ∂C/∂a.

        Returns
        -------
        array in the shape of z

        Raises
        ------
        ValueError, RuntimeError
            As ``Dense.backward``.

        Example
        -------
        >>> activation = Activation("leaky_relu")
        >>> a = activation.forward([[-1.0], [2.0]])
        >>> activation.backward([[100.0], [100.0]])
        array([[  1.],
               [100.]])
        """
        if self._z is None:
            raise RuntimeError("Activation.backward before forward: there is no z to take the derivative at")
        # ∂C/∂z = ∂C/∂a ⊙ σ′(z)
        return np.asarray(_upstream(upstream, self._z, self._z.shape) * self._sigma_prime(self._z))


def _upstream(upstream: Numbers, beside: Array, shape: tuple[int, ...]) -> Array:
    _, array = _as_arrays({"beside": beside, "upstream": upstream})
    if array.shape != shape:
        raise ValueError(f"upstream has shape {array.shape} where the layer's output has shape {shape}")
    return array


class MatrixMLP:
    """A network of dense layers, each with its activation, and the gradients of its costs.

    Parameters
    ----------
    weights : list of L arrays, shapes (n_l, n_{l−1})
    biases : list of L arrays, shapes (n_l,), (1,) or (0,)
    activations : list of L names or pairs
        As for ``Activation``.

    Attributes
    ----------
    layers : list
        Dense and Activation layers in turn, from the first.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or there is no activation of that name.

    Example
    -------
    >>> network = MatrixMLP([[[1.0, -2.0]], [[3.0]]], [[0.0], [4.0]], ["relu", "linear"])
    >>> network.forward([[5.0, 1.0], [1.0, 5.0]])
    array([[13.],
           [ 4.]])
    """

    def __init__(
        self,
        weights: Sequence[Numbers],
        biases: Sequence[Numbers],
        activations: Sequence[str | ActivationPair],
    ) -> None:
        if not len(weights) == len(biases) == len(activations) > 0:
            raise ValueError(
                f"{len(weights)} weight matrices, {len(biases)} biases and {len(activations)} activations: a "
                "network needs one of each per layer"
            )
        names = [f"{kind}[{layer}]" for kind in ("w", "b") for layer in range(1, len(weights) + 1)]
        arrays = _as_arrays(dict(zip(names, [*weights, *biases], strict=True)))
        self._dense = [
            Dense(w, b) for w, b in zip(arrays[: len(weights)], arrays[len(weights) :], strict=True)
        ]
        for layer, (before, after) in enumerate(itertools.pairwise(self._dense), start=2):
            if after.weights.shape[1] != len(before.weights):
                raise ValueError(
                    f"w[{layer}] has shape {after.weights.shape} after w[{layer - 1}] of shape "
                    f"{before.weights.shape}: give it {len(before.weights)} columns, one per neuron before it"
                )
        self.layers: list[Dense | Activation] = []
        for dense, activation in zip(self._dense, activations, strict=True):
            self.layers += [dense, Activation(activation)]

    def __repr__(self) -> str:
        widths = [self._dense[0].weights.shape[1], *(len(dense.weights) for dense in self._dense)]
        count = sum(dense.weights.size + dense.bias.size for dense in self._dense)
        return f"<MatrixMLP {'-'.join(map(str, widths))}: {count:,} parameters>"

    @classmethod
    def from_mlp(cls, mlp: Any, activations: Sequence[str | ActivationPair] | None = None) -> "MatrixMLP":
        """Copy the parameters out of a scalar network.

        Parameters
        ----------
        mlp : network
            Anything with ``layers``, of which each has an ``activation``, and with ``weights(l)`` and
            ``biases(l)`` for l = 1 … L, whose entries hold their numbers in ``.data``.
        activations : list of L names or pairs, optional
            Without it each layer's own ``activation`` is taken, which must then be a name.

        Returns
        -------
        MatrixMLP

        Raises
        ------
        ValueError
            If a layer's activation is a function: its derivative cannot be read off it.

        Example
        -------
        >>> from types import SimpleNamespace as Namespace
        >>> two, one = Namespace(data=2.0), Namespace(data=1.0)
        >>> layer = Namespace(activation="relu")
        >>> mlp = Namespace(layers=[layer], weights=lambda l: [[two, one]], biases=lambda l: [one])
        >>> MatrixMLP.from_mlp(mlp).forward([10.0, 1.0])
        array([22.])
        """
        numbers = range(1, len(mlp.layers) + 1)
        if activations is None:
            activations = [layer.activation for layer in mlp.layers]
            for number, activation in zip(numbers, activations, strict=True):
                if not isinstance(activation, str):
                    raise ValueError(
                        f"the activation of layer {number} is {activation!r} and not a name: pass "
                        "activations=[...], one entry per layer, each a name or a pair (function, derivative)"
                    )
        weights = [[[weight.data for weight in row] for row in mlp.weights(number)] for number in numbers]
        biases = [[bias.data for bias in mlp.biases(number)] for number in numbers]
        return cls(weights, biases, activations)

    def forward(self, X: Numbers) -> Array:
        """Return the network's output.

        Parameters
        ----------
        X : array, shape (n_0,) or (samples, n_0)
            Float arrays are taken in the precision of the network's parameters.

        Returns
        -------
        array, shape (n_L,) or (samples, n_L)

        Raises
        ------
        ValueError
            If X is ragged, has another width or no samples.

        Example
        -------
        >>> MatrixMLP([[[2.0, 3.0]]], [[]], ["linear"]).forward([1.0, 1.0])
        array([5.])
        """
        weights, a = _as_arrays({"weights": self._dense[0].weights, "X": X})
        a = a.astype(weights.dtype)
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def backward(self, upstream: Numbers) -> Gradients:
        """Return the gradients at the input of the last ``forward``.

        Formula: B1–B4, layer by layer from the last.

        Parameters
        ----------
        upstream : array in the shape of the output
            ∂C/∂aᴸ. For a batch the parameters' gradients are the sums over its rows.

        Returns
        -------
        Gradients

        Raises
        ------
        ValueError, RuntimeError
            As ``Dense.backward``.

        Example
        -------
        >>> network = MatrixMLP([[[2.0, 3.0]]], [[0.0]], ["linear"])
        >>> output = network.forward([1.0, 5.0])
        >>> network.backward([1.0])
        Gradients(weights=[array([[1., 5.]])], biases=[array([1.])], inputs=array([2., 3.]))
        """
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
        return Gradients(
            weights=[dense.weights_gradient for dense in self._dense],
            biases=[dense.bias_gradient for dense in self._dense],
            inputs=upstream,
        )

    def cost(self, X: Numbers, Y: Numbers, cost: str | CostPair) -> Any:
        """Return the cost of one sample, or the average cost of a batch.

        Formula: A1.

        Parameters
        ----------
        X : array, shape (n_0,) or (samples, n_0)
        Y : array, shape (n_L,) or (samples, n_L)
            The targets. For cross_entropy also a class index, or an array of one per sample.
        cost : str or pair
            A name of ``COSTS``, or a pair (cost, gradient) of functions of one sample's outputs and targets.

        Returns
        -------
        number

        Raises
        ------
        ValueError
            If X and Y do not fit the network or each other, or there is no cost of that name.

        Example
        -------
        >>> half = Fraction(1, 2)
        >>> MatrixMLP([[[half]]], [[]], ["linear"]).cost([[1], [2]], [[0], [0]], "half_squared_error")
        Fraction(5, 16)
        """
        value, _ = _cost_of_arrays(cost)
        outputs = self.forward(X)
        costs = value(outputs, _targets_for(outputs, Y, cost))
        # cost_avg = (1/n) Σ_s cost_s
        return costs if outputs.ndim == 1 else _ratio(costs.sum(), len(outputs))

    def gradients(self, X: Numbers, Y: Numbers, cost: str | CostPair) -> Gradients:
        """Return every derivative of the cost of one sample, or of the average cost of a batch.

        Formula: B1–B4, with A5 for a batch.

        Parameters
        ----------
        X, Y, cost
            As for ``cost``.

        Returns
        -------
        Gradients

        Raises
        ------
        ValueError
            As for ``cost``.

        Example
        -------
        >>> network = MatrixMLP([[[1.0]]], [[0.0]], ["linear"])
        >>> network.gradients([[1.0], [2.0]], [[0.0], [0.0]], "half_squared_error").weights
        [array([[2.5]])]
        """
        _, gradient = _cost_of_arrays(cost)
        outputs = self.forward(X)
        upstream = gradient(outputs, _targets_for(outputs, Y, cost))
        # ∂cost_avg/∂aᴸ = (1/n) ∂cost_s/∂aᴸ in row s
        return self.backward(upstream if outputs.ndim == 1 else _over(upstream, len(outputs)))
