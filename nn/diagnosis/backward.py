"""Backpropagation in closed form with a method for each line, so that one line can be changed to a mistake.

It computes what mistakes make of a gradient, and is no evidence for the right one: that is left to
``nn.compare`` and the modules that it sets side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ..matrix import ACTIVATIONS, COSTS

Array: TypeAlias = npt.NDArray[Any]
Line: TypeAlias = Callable[..., Any]
Changes: TypeAlias = Mapping[tuple[str, int], Line]
"""What stands in the place of a method of :class:`Backward` in a layer."""
Scales: TypeAlias = Mapping[tuple[str, int], float]


class Gradients(NamedTuple):
    """The gradients by layer, 1 … L; a layer without biases has an empty array."""

    W: dict[int, Array]
    b: dict[int, Array]

    def parts(self) -> list[tuple[str, int, Array]]:
        """Return the arrays in the order in which the backward pass makes them, W before b."""
        return [
            part for l in sorted(self.W, reverse=True) for part in (("W", l, self.W[l]), ("b", l, self.b[l]))
        ]


class Problem:
    """A network and its data as arrays of floats, with samples as rows, and its forward pass.

    Layers count from 1 to L, and ``A[0]`` holds the inputs. ``Y`` has the shape of the outputs for a cost
    known by name; ``given()`` is what a function under test is given: weights, biases, samples and targets.
    """

    def __init__(
        self,
        weights: Sequence[Any],
        biases: Sequence[Any],
        X: Any,
        Y: Any,
        activations: Sequence[Any],
        cost: str | tuple[Any, Any],
        exact: bool = False,
    ) -> None:
        self.activations, self.cost = list(activations), cost
        self.W = {l: np.array(w, dtype=float) for l, w in enumerate(weights, 1)}
        self.b = {l: np.array(b, dtype=float) for l, b in enumerate(biases, 1)}
        self.A = {0: np.array(X, dtype=float)}
        self.Z: dict[int, Array] = {}
        self.L, self.n = len(self.W), len(self.A[0])
        self._slopes: dict[int, Array] = {}
        for l in range(1, self.L + 1):
            bias = self.b[l] if self.b[l].size else 0.0
            self.Z[l] = self.A[l - 1] @ self.W[l].T + bias
            self.A[l] = self.sigma(l, self.Z[l])
        given = np.array(Y)
        self.given_Y = given.astype(float) if given.dtype == object else given
        self.exact = exact
        self.Y = Y if isinstance(cost, tuple) else self._targets()

    @property
    def widths(self) -> list[int]:
        """The numbers of neurons n_0 … n_L."""
        return [self.A[l].shape[1] for l in range(self.L + 1)]

    def given(self) -> tuple[list[Array], list[Array], Array, Array]:
        """Return copies of what a function under test is given: floats, or fractions where ``exact``."""

        def copy(array: Array) -> Array:
            if not self.exact or array.dtype.kind != "f":
                return array.copy()
            return np.array([Fraction(x) for x in array.ravel().tolist()], object).reshape(array.shape)

        weights, biases = ([copy(part[l]) for l in sorted(part)] for part in (self.W, self.b))
        return weights, biases, copy(self.A[0]), copy(self.given_Y)

    def name(self, l: int) -> str:
        """Return the name of a layer's activation, or σ."""
        activation = self.activations[l - 1]
        return activation if isinstance(activation, str) else "σ"

    def sigma(self, l: int, z: Array) -> Array:
        """Return σ of layer l, element by element."""
        return self._elementwise(l, 0, z)

    def sigma_prime(self, l: int, z: Array) -> Array:
        """Return σ′ of layer l, element by element."""
        return self._elementwise(l, 1, z)

    def slope(self, l: int) -> Array:
        """Return σ′(zˡ)."""
        if l not in self._slopes:
            self._slopes[l] = self.sigma_prime(l, self.Z[l])
        return self._slopes[l]

    def _elementwise(self, l: int, which: int, z: Array) -> Array:
        activation = self.activations[l - 1]
        if isinstance(activation, str):
            return np.asarray(ACTIVATIONS[activation][which](z), dtype=float)
        function = activation[which]
        return np.array([[float(function(number)) for number in row] for row in z.tolist()]).reshape(z.shape)

    def _targets(self) -> Array:
        outputs = self.A[self.L]
        if self.cost == "cross_entropy" and self.given_Y.ndim == 1:
            return np.asarray(np.eye(outputs.shape[1])[self.given_Y.astype(int)])
        return np.asarray(self.given_Y, dtype=float).reshape(outputs.shape)

    def cost_slope(self, cost: str | tuple[Any, Any], A: Array, Y: Any) -> Array:
        """Return ∂cost_s/∂a, a row for each sample."""
        if isinstance(cost, str):
            return np.asarray(COSTS[cost][1](A, Y), dtype=float)
        rows = [cost[1](a, y) for a, y in zip(A.tolist(), Y, strict=True)]
        return np.array(rows, dtype=float).reshape(A.shape)


def one_sample(problem: Problem, s: int) -> Problem:
    """Return the problem with one of its samples alone."""
    return Problem(
        list(problem.W.values()),
        list(problem.b.values()),
        problem.A[0][s : s + 1],
        problem.given_Y[s : s + 1],
        problem.activations,
        problem.cost,
        problem.exact,
    )


class Backward:
    """One backward pass over all samples; each method is a line of the derivations.

    Parameters
    ----------
    problem : Problem
    changes : mapping of (name of a method, layer) to function
        What stands in the place of that line in that layer: it takes this pass, and what the method takes.
    scales : mapping of (name of a method, layer) to float
        A factor for what that line makes in that layer.

    Examples
    --------
    >>> problem = Problem([[[3.0]]], [[1.0]], [[2.0]], [[0.0]], ["linear"], "sum_squared_error")
    >>> Backward(problem).run().W[1]
    array([[28.]])
    >>> Backward(problem, {("output_adjoint", 1): lambda p, l: p.Y - p.A[l]}).run().W[1]
    array([[-14.]])
    """

    def __init__(
        self, problem: Problem, changes: Changes | None = None, scales: Scales | None = None
    ) -> None:
        self.problem, self.changes, self.scales = problem, changes or {}, scales or {}
        self.W, self.Z, self.A, self.Y = problem.W, problem.Z, problem.A, problem.Y
        self.L, self.n = problem.L, problem.n
        self.da: dict[int, Array] = {}
        self.dz: dict[int, Array] = {}
        self.dW: dict[int, Array] = {}
        self.db: dict[int, Array] = {}

    def run(self) -> Gradients:
        """Go from the cost back to the first layer; a forward pass that was changed is made first."""
        if any(name == "forward" for name, _ in self.changes):
            self.Z, self.A = {}, {0: self.problem.A[0]}
            for l in range(1, self.L + 1):
                self.Z[l], self.A[l] = self._line("forward", l)
        self.da[self.L] = self._line("output_adjoint", self.L)
        for l in range(self.L, 0, -1):
            self.dz[l] = self._line("at_sum", l, self.da[l])
            self.dW[l] = self._line("mean_of_weights", l, self._line("weights", l, self.dz[l]))
            self.db[l] = self._line("mean_of_biases", l, self._line("bias", l, self.dz[l]))
            if l > 1:
                self.da[l - 1] = self._line("previous", l, self.dz[l])
        dW, db = self._line("result", 0, self.dW, self.db)
        return Gradients(dW, db)

    def forward(self, l: int) -> tuple[Array, Array]:
        """A4, A3: zˡ = Wˡaˡ⁻¹ + bˡ, and aˡ = σ(zˡ)."""
        z = self.A[l - 1] @ self.W[l].T + (self.problem.b[l] if self.problem.b[l].size else 0.0)
        return z, self.problem.sigma(l, z)

    def output_adjoint(self, l: int) -> Array:
        """∂C/∂aᴸ, the cost's own line (A2, C2, E2)."""
        return self.problem.cost_slope(self.problem.cost, self.A[l], self.Y)

    def slope(self, l: int) -> Any:
        """σ′(zˡ)."""
        if self.Z is self.problem.Z:
            return self.problem.slope(l)
        return self.problem.sigma_prime(l, self.Z[l])

    def at_sum(self, l: int, da: Array) -> Array:
        """B1: ∂C/∂zˡ = ∂C/∂aˡ ⊙ σ′(zˡ)."""
        return np.asarray(da * self._line("slope", l))

    def weights(self, l: int, dz: Array) -> Array:
        """B2, and A5's sum over the samples: ∂C/∂Wˡ = Σₛ (∂C/∂zˡ)(aˡ⁻¹)ᵀ."""
        return np.asarray(dz.T @ self.A[l - 1])

    def bias(self, l: int, dz: Array) -> Array:
        """B3, and A5's sum over the samples: ∂C/∂bˡ = Σₛ ∂C/∂zˡ; a shared bias sums its neurons' (E3)."""
        return self.of_biases(l, dz.sum(axis=0))

    def of_biases(self, l: int, of_neurons: Array) -> Array:
        """Return the gradients of biases that each neuron has, the layer shares (E3), or nobody has."""
        size = self.problem.b[l].size
        if size == len(of_neurons):
            return of_neurons
        return of_neurons.sum(keepdims=True) if size else np.zeros(0)

    def previous(self, l: int, dz: Array) -> Array:
        """B4: ∂C/∂aˡ⁻¹ = (Wˡ)ᵀ ∂C/∂zˡ, of rows dZ Wˡ."""
        return np.asarray(dz @ self.W[l])

    def mean_of_weights(self, l: int, total: Array) -> Array:
        """A5: the mean of the samples' gradients."""
        return total / self.n

    def mean_of_biases(self, l: int, total: Array) -> Array:
        """A5, for the biases."""
        return total / self.n

    def result(
        self, l: int, dW: dict[int, Array], db: dict[int, Array]
    ) -> tuple[dict[int, Array], dict[int, Array]]:
        """C3: the gradients of all layers together."""
        return dW, db

    def _line(self, name: str, l: int, *terms: Any) -> Any:
        change = self.changes.get((name, l))
        made = getattr(self, name)(l, *terms) if change is None else change(self, l, *terms)
        return made * self.scales[name, l] if (name, l) in self.scales else made
