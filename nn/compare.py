"""The evidence: every gradient by the scalar engine, the matrix formulas, the index loops and differences.

The first three share no code. A fourth can be added: a student's own backpropagation, checked by
:func:`assert_gradients_match` in a test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_lite import Value, grad, no_grad, topological_order
from nn import matrix, per_weight
from nn.costs import COSTS, Cost, average, cost_function
from nn.layers import MLP
from nn.training import check_data

Backprop: TypeAlias = Callable[[list[Any], list[Any], Any, Any], Any]
"""``backprop(weights, biases, X, Y)``: see :func:`compare_gradients`."""

ENGINE, MATRIX, LOOPS, DIFFERENCES = "engine", "matrix", "loops", "differences"


@dataclass(frozen=True)
class GradientReport:
    """Every parameter's gradient by every method. Print it for the table.

    Attributes
    ----------
    names : list of str
        The parameters, such as ``"w[1][0,2]"``.
    methods : dict of str to list of numbers
        The gradients in the order of ``names``, by ``"engine"``, ``"matrix"``, ``"loops"``,
        ``"differences"``, and by the function under test if there is one. A difference quotient across a kink
        is NaN.
    """

    names: list[str]
    methods: dict[str, list[Any]]

    def largest_differences(self, method: str, layer: int | None = None) -> tuple[float, float, float]:
        """Return how far a method is from the engine.

        Parameters
        ----------
        method : str
            A key of ``methods``.
        layer : int, optional
            Only the parameters of this layer.

        Returns
        -------
        tuple of three floats
            The largest absolute difference, relative difference, and difference in units in the last place.
            The last two are of little meaning where terms cancel and a gradient is close to 0.
        """
        pairs = [
            (theirs, ours)
            for name, theirs, ours in zip(self.names, self.methods[method], self.methods[ENGINE], strict=True)
            if layer is None or _layer_of(name) == layer
        ]
        differences = [_difference(theirs, ours) for theirs, ours in pairs if theirs == theirs]
        largest = (
            (max(column) for column in zip(*differences, strict=True)) if differences else (0.0, 0.0, 0.0)
        )
        absolute, relative, units = largest
        return absolute, relative, units

    def summary(self) -> str:
        """Return a table of the largest differences from the engine, per layer and method."""
        rows = [["layer", "parameters", "method", "largest difference", "relative", "last places"]]
        for layer in sorted({_layer_of(name) for name in self.names}):
            count = sum(_layer_of(name) == layer for name in self.names)
            for method in self.methods:
                if method != ENGINE:
                    absolute, relative, units = self.largest_differences(method, layer)
                    rows.append(
                        [str(layer), str(count), method, f"{absolute:.2g}", f"{relative:.2g}", f"{units:.3g}"]
                    )
        return _table(rows)

    def __str__(self) -> str:
        rows = [["∂C/∂", *self.methods]]
        for i, name in enumerate(self.names):
            rows.append([name, *(_shown(gradients[i]) for gradients in self.methods.values())])
        return f"{_table(rows)}\n\nLargest differences from the engine:\n{self.summary()}"


def compare_gradients(
    mlp: MLP,
    X: Sequence[Sequence[Any]],
    Y: Sequence[Any],
    cost: str | Cost | tuple[Any, Any] = "mean_squared_error",
    *,
    backprop: Backprop | None = None,
    activations: Sequence[Any] | None = None,
) -> GradientReport:
    """Compute every gradient of the average cost by every method, and leave the network as it is.

    Parameters
    ----------
    mlp : MLP
    X : sequence of samples, shape (n, n_0)
    Y : sequence of n targets
        As the cost takes them.
    cost : str, function in ``COSTS``, or pair
        Or your own: ``(cost(outputs, targets), cost_gradient(outputs, targets))``, both of one sample.
    backprop : callable, optional
        A function under test: ``backprop(weights, biases, X, Y)`` takes lists of arrays, one of each for a
        layer, of shapes (n_l, n_{l−1}) and (n_l,), and arrays with samples as rows; it returns the two lists
        of gradients of the average cost, in the same shapes, or a dict of gradients by parameter name.
    activations : sequence of L names or pairs, optional
        For layers with an activation of your own: ``(σ, σ′)``, since its derivative can't be read off it.

    Returns
    -------
    GradientReport

    Raises
    ------
    ValueError, TypeError
        If the data does not fit, a derivative is not known, or ``backprop`` returns other shapes.

    Examples
    --------
    >>> report = compare_gradients(MLP(2, [3, 1], seed=0), [[1.0, 2.0]], [[0.5]])
    >>> max(report.largest_differences("matrix")) < 10
    True
    """
    value, pair = _cost_and_pair(cost)
    check_data(mlp, X, Y, value)
    names = [name for name, _ in mlp.named_parameters()]
    targets = [y if hasattr(y, "__len__") or cost == "cross_entropy" else [y] for y in Y]
    network = matrix.MatrixMLP.from_mlp(mlp, activations)
    by_loops = per_weight.average_gradients(
        *_plain_parameters(mlp), activations or [layer.activation for layer in mlp.layers], X, targets, pair
    )
    parameters = mlp.parameters()
    methods = {
        ENGINE: grad(_average_cost(mlp, X, Y, value), parameters),
        MATRIX: _by_name(mlp, network.gradients(_array(X), _array(targets), pair), MATRIX),
        LOOPS: _by_name(mlp, by_loops, LOOPS),
        DIFFERENCES: [_difference_quotient(p, mlp, X, Y, value) for p in parameters],
    }
    if backprop is not None:
        weights, biases = ([np.array(part) for part in parts] for parts in _plain_parameters(mlp))
        title = getattr(backprop, "__name__", "backprop")
        methods[title] = _by_name(mlp, backprop(weights, biases, _array(X), _array(targets)), title)
    return GradientReport(names, methods)


def assert_gradients_match(
    mlp: MLP,
    X: Sequence[Sequence[Any]],
    Y: Sequence[Any],
    cost: str | Cost | tuple[Any, Any] = "mean_squared_error",
    *,
    backprop: Backprop | None = None,
    activations: Sequence[Any] | None = None,
    rtol: float = 1e-9,
) -> None:
    """Raise an error unless all methods, and the function under test, give the same gradients.

    Parameters
    ----------
    mlp, X, Y, cost, backprop, activations
        As for :func:`compare_gradients`.
    rtol : float
        The difference let pass, relative to the larger of the two gradients or, where terms cancel, to a
        thousandth of the largest gradient of the network. Exact numbers must be equal. Difference quotients,
        which are no better, pass within 1e-5 of the largest gradient.

    Raises
    ------
    AssertionError
        Naming the first wrong parameter and both values, the worst one, and the worst one's chain rule.
    ValueError, TypeError
        As :func:`compare_gradients`.

    Examples
    --------
    >>> def my_backprop(weights, biases, X, Y):
    ...     error = X @ weights[0].T + biases[0] - Y
    ...     return [2 * error.T @ X / len(X)], [2 * error.mean(axis=0)]
    >>> data = [[1.0, 2.0], [3.0, -1.0]], [[0.0], [1.0]]
    >>> assert_gradients_match(MLP(2, [1], seed=0), *data, "sum_squared_error", backprop=my_backprop)
    """
    report = compare_gradients(mlp, X, Y, cost, backprop=backprop, activations=activations)
    ours = report.methods[ENGINE]
    scale = max((abs(float(g)) for g in ours if math.isfinite(g)), default=0.0)
    for method, theirs in report.methods.items():
        slack = 1e-5 * max(scale, 1e-3) if method == DIFFERENCES else rtol * scale * 1e-3
        wrong = [
            (_difference(a, b)[0], name, a, b)
            for name, a, b in zip(report.names, theirs, ours, strict=True)
            if not _agree(a, b, rtol, slack) and not (method == DIFFERENCES and a != a)
        ]
        if wrong:
            _, first, a, b = wrong[0]
            _, worst, *_ = max(wrong, key=lambda entry: (entry[0] != entry[0], entry[0]))
            raise AssertionError(
                f"{len(wrong)} of {len(ours)} gradients by {method} differ from the engine's.\n"
                f"First: ∂C/∂{first} is {a} by {method} and {b} by the engine.\n"
                f"Worst: {_chain_rule(mlp, X, Y, _cost_and_pair(cost)[0], worst)}"
            )


def _agree(a: Any, b: Any, rtol: float, slack: float) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return math.isclose(a, b, rel_tol=rtol, abs_tol=slack)
    return bool(a == b)


def _difference(a: Any, b: Any) -> tuple[float, float, float]:
    """Return the absolute and the relative difference, and that in units in the last place."""
    if a == b:
        return 0.0, 0.0, 0.0
    absolute = abs(float(a - b))
    size = max(abs(float(a)), abs(float(b)))
    return absolute, absolute / size, absolute / math.ulp(size)


def _average_cost(mlp: MLP, X: Sequence[Sequence[Any]], Y: Sequence[Any], cost: Cost) -> Value:
    total: Value = average([cost(mlp(x), y) for x, y in zip(X, Y, strict=True)])
    return total


def _cost_and_pair(cost: str | Cost | tuple[Any, Any]) -> tuple[Cost, Any]:
    """Return the cost on Values, and what the matrix module and the loops take for it."""
    if isinstance(cost, tuple):
        return cost[0], cost
    value = cost_function(cost)
    name = next((name for name, known in COSTS.items() if known is value), None)
    if name is None:
        raise ValueError(
            f"the derivative of the cost {getattr(cost, '__name__', cost)!r} is not known: "
            "pass a pair, (cost, cost_gradient)"
        )
    return value, name


def _plain_parameters(mlp: MLP) -> tuple[list[list[list[Any]]], list[list[Any]]]:
    levels = range(1, len(mlp.layers) + 1)
    weights = [[[w.data for w in row] for row in mlp.weights(l)] for l in levels]
    return weights, [[b.data for b in mlp.biases(l)] for l in levels]


def _array(numbers: Any) -> Any:
    """Return an array of floats, of whole numbers (classes), or of objects where numbers are exact."""
    array = np.array(numbers)
    return array if array.dtype != object else np.array(numbers, dtype=object)


def _by_name(mlp: MLP, gradients: Any, method: str) -> list[Any]:
    """Return gradients in the order of the parameters' names, as Python numbers."""
    named = list(mlp.named_parameters())
    if isinstance(gradients, Mapping):
        if missing := [name for name, _ in named if name not in gradients]:
            raise ValueError(f"{method} returned no gradient for {', '.join(missing[:5])}")
        return [_number(gradients[name]) for name, _ in named]
    weights, biases = gradients[0], gradients[1]
    flat: list[Any] = []
    for l, layer in enumerate(mlp.layers, 1):
        for letter, parts, shape in (
            ("w", weights, (layer.n_out, layer.n_in)),
            ("b", biases, (len(layer.biases),)),
        ):
            part = np.array(parts[l - 1]) if l <= len(parts) else np.array(())
            if part.shape != shape:
                raise ValueError(
                    f"{method} returned {letter}[{l}] of shape {part.shape}; it has shape {shape}"
                )
            flat.extend(map(_number, part.ravel()))
    return flat


def _number(x: Any) -> Any:
    return x.item() if hasattr(x, "item") else x


def _difference_quotient(p: Value, mlp: MLP, X: Sequence[Any], Y: Sequence[Any], cost: Cost) -> float:
    """Return (C(p + h) − C(p − h))/2h; NaN where the one-sided quotients show a kink between."""
    here = p.data
    # The rounding error of C grows with 1/h, that of the formula with h².
    h = 6e-6 * max(1.0, abs(float(here)))
    costs = []
    try:
        with no_grad():
            for shift in (-h, 0, h):
                p.data = here + shift
                costs.append(float(_average_cost(mlp, X, Y, cost)))
    finally:
        p.data = here
    below, middle, above = costs
    left, right = (middle - below) / h, (above - middle) / h
    if abs(right - left) > 1e-3 * (abs(left) + abs(right)) + 1e-4 * max(1.0, abs(middle)):
        return math.nan
    return (above - below) / (2 * h)


def _chain_rule(mlp: MLP, X: Sequence[Any], Y: Sequence[Any], cost: Cost, name: str) -> str:
    """Spell out ∂C/∂parameter as the sum over the nodes that use it: ∂C/∂z · ∂z/∂w (A7, A8)."""
    total = _average_cost(mlp, X, Y, cost)
    parameter = dict(mlp.named_parameters())[name]
    users = [node for node in topological_order(total) if parameter in node.parents]
    adjoints = grad(total, users)
    terms = [
        (node.label, adjoint, node.partials[node.parents.index(parameter)])
        for node, adjoint in zip(users, adjoints, strict=True)
    ]
    z = terms[0][0] or "z"
    samples = f", summed over {len(terms)} uses" if len(terms) > 1 else ""
    numbers = " + ".join(f"({adjoint:.6g})({partial:.6g})" for _, adjoint, partial in terms[:4])
    more = " + …" if len(terms) > 4 else ""
    result = sum(adjoint * partial for _, adjoint, partial in terms)
    return f"∂C/∂{name} = ∂C/∂{z} · ∂{z}/∂{name}{samples} = {numbers}{more} = {result}"


def _layer_of(name: str) -> int:
    return int(name.partition("[")[2].partition("]")[0])


def _shown(number: Any) -> str:
    return f"{number:.15g}" if isinstance(number, float) else str(number)


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_lines(rows, widths))


def _lines(rows: list[list[str]], widths: list[int]) -> Iterator[str]:
    for i, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if i == 0:
            yield "  ".join("─" * width for width in widths)
