"""The cost of a model lifted to arrays, for ``fit(engine="lifted")``: the numbers of the engine, sooner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from numbers import Integral
from typing import Any

import numpy as np

from autograd_lite import Value, lift

from .costs import Cost, CostRow, cost_row
from .sample import check_same_graph

# A graph that differs from sample to sample usually does so soon.
_SAMPLES_CHECKED = 8


class LiftedCost:
    """The average cost of a model over samples, as a program on arrays.

    One sample is traced. Its graph is that of all samples, which is checked for the first few. The samples of
    a call stay arrays of the library, for the next call with the same.

    Parameters
    ----------
    outputs_of : callable
        From one sample's inputs to the outputs.
    parameters : list of Value
    X : sequence of samples
    Y : sequence of targets
    cost : Cost
    compiler : str, optional
    xp : module
        As ``lift`` takes them.

    Examples
    --------
    >>> from nn import MLP, mean_squared_error
    >>> mlp = MLP(1, [1], seed=0)
    >>> mlp.parameters()[0].data = 2.0
    >>> cost = LiftedCost(mlp, mlp.parameters(), [[1.0], [3.0]], [0.0, 0.0], mean_squared_error)([0, 1])
    >>> cost.backward()
    >>> float(cost), mlp.parameters()[0].grad
    (20.0, 20.0)
    """

    def __init__(
        self,
        outputs_of: Callable[[Sequence[Any]], list[Any]],
        parameters: list[Value],
        X: Sequence[Sequence[Any]],
        Y: Sequence[Any],
        cost: Cost,
        compiler: str | None = None,
        xp: Any = np,
    ) -> None:
        for p in parameters:
            if not isinstance(p.data, (int, float)):
                raise TypeError(
                    f"engine='lifted' computes in floats, and {p.label or 'a parameter'} is "
                    f"{type(p.data).__name__} {p.data!r:.60}; take engine='scalar'"
                )
        self._parameters = parameters
        self._X = np.array([[float(x_k) for x_k in x] for x in X])
        row = cost_row(cost)
        self._Y = _targets(Y, row, len(outputs_of(X[0])))
        function = row.value if row.any_choice else row.for_any_sample or row.value

        def build(s: int) -> tuple[Value, list[Value], Any]:
            x = [Value(float(x_k), f"x[{k}]") for k, x_k in enumerate(self._X[s])]
            y = [Value(float(y_j), f"y[{j}]") for j, y_j in enumerate(np.atleast_1d(self._Y[s]))]
            try:
                root = function(outputs_of(x), y if self._Y.ndim > 1 else y[0])
            except TypeError as error:
                raise TypeError(f"engine='lifted' gives the cost its targets as Values: {error}") from error
            return root, x, y

        root, x, y = build(0)
        if not row.any_choice:
            check_same_graph(root, lambda s: build(s)[0], min(len(X), _SAMPLES_CHECKED))
        self._xp, self._arrays_of = xp, (None, {})
        program = lift(
            root,
            inputs={"parameters": parameters, "x": x, "y": y if self._Y.ndim > 1 else y[0]},
            in_axes={"x": 0, "y": 0},
            xp=xp,
            compiler=compiler,
        )
        self._program = import_module("jax").jit(program) if xp.__name__ == "jax.numpy" else program

    def __call__(self, samples: Sequence[int]) -> Evaluation:
        """Return the average cost over some samples, by their positions."""
        if self._arrays_of[0] is not samples:
            x, y = map(self._xp.asarray, (self._X[samples], self._Y[samples]))
            self._arrays_of = samples, {"x": x, "y": y}
        parameters = np.array([p.data for p in self._parameters], dtype=float)
        value, gradients = self._program({"parameters": self._xp.asarray(parameters), **self._arrays_of[1]})
        gradient = gradients["parameters"]
        if hasattr(gradient, "dask"):
            value, gradient = import_module("dask").compute(value, gradient)
        return Evaluation(value, self._parameters, gradient)

    _arrays_of: tuple[Sequence[int] | None, dict[str, Any]]


class Evaluation(float):
    """A cost, and the gradient that ``backward`` gives to the parameters."""

    def __new__(cls, value: float, parameters: list[Value], gradient: Any) -> Evaluation:
        """Return the number with what belongs to it."""
        self = super().__new__(cls, value)
        self._parameters, self._gradient = parameters, gradient
        return self

    _parameters: list[Value]
    _gradient: Any

    def backward(self) -> None:
        """Add the gradient to that of the parameters."""
        for p, g in zip(self._parameters, self._gradient.tolist(), strict=True):
            p.grad += g


def _targets(Y: Sequence[Any], cost: CostRow, n_out: int) -> Any:
    """Return the targets as an array of floats; classes as probabilities."""
    if cost.targets.classes and all(isinstance(y, Integral) for y in Y):
        return np.eye(n_out)[np.array(Y, dtype=int)]
    array = np.array([[float(y_j) for y_j in y] if hasattr(y, "__len__") else float(y) for y in Y])
    # A cost of ours takes a list also of one target; to a cost of the user's a target is what it was.
    return array[:, None] if array.ndim == 1 and cost.name else array
