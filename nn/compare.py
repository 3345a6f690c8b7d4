"""The evidence: every gradient by the scalar engine, the matrix formulas, the index loops and differences.

The first three share no code. A fourth can be added: a student's own backpropagation, checked by
:func:`assert_gradients_match` in a test; what is wrong with it is left to :mod:`nn.diagnosis`.

On every Python each method gives the same digits for the same numbers, whether they come in lists, tuples or
arrays, as Python's numbers or NumPy's, as classes or as one-hot vectors.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from fractions import Fraction
from functools import cache, cached_property
from numbers import Rational
from random import Random
from typing import Any, TypeAlias, TypeVar

import numpy as np

from autograd_lite import (
    Value,
    enable_grad,
    explain,
    first_nonfinite,
    grad,
    hessian,
    no_grad,
    topological_order,
)

from .activations import ACTIVATIONS
from .checks import check_data
from .costs import Cost, CostRow, average, cost_row, is_sequence
from .diagnosis import (
    Diagnosis,
    Gradients,
    Problem,
    Suspect,
    diagnose,
    told_of_error,
    told_of_result,
)
from .layers import MLP
from .matrix import MatrixMLP
from .per_weight import average_gradients
from .report import DIFFERENCES, ENGINE, LOOPS, MATRIX, GradientReport, difference, nan_last
from .tables import Table, rows, targets

T = TypeVar("T")
Backprop: TypeAlias = Callable[[list[Any], list[Any], Any, Any], Any]
"""``backprop(weights, biases, X, Y)``: see :func:`compare_gradients`."""

# How many difference quotients a test computes where it has other evidence: each takes four costs.
_MOST_QUOTIENTS = 100
# What difference quotients may differ by, of the largest gradient of the network.
_OF_LARGEST = 1e-5


@enable_grad()
def compare_gradients(
    mlp: MLP,
    X: Table,
    Y: Table,
    cost: str | Cost | tuple[Any, Any] = "mean_squared_error",
    *,
    backprop: Backprop | None = None,
    activations: Sequence[Any] | None = None,
) -> GradientReport:
    """Compute every gradient of the average cost by every method, and leave the network as it is.

    Parameters
    ----------
    mlp : MLP
    X : sequence of samples, array or DataFrame, shape (n, n_0)
    Y : sequence of n targets, array, Series or DataFrame
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
        With a diagnosis of ``backprop`` where it is wrong.

    Raises
    ------
    ValueError, TypeError
        If the data does not fit, a derivative is not known, or ``backprop`` returns other shapes or fails on
        them.

    Examples
    --------
    >>> report = compare_gradients(MLP(2, [3, 1], seed=0), [[1.0, 2.0]], [[0.5]])
    >>> max(report.largest_differences("matrix")) < 10
    True
    """
    comparison = _Comparison(mlp, X, Y, cost, activations, backprop)
    differences: dict[str, list[Any]] = {DIFFERENCES: comparison.differences()}
    methods = comparison.closed | differences | comparison.tested
    return GradientReport(comparison.names, methods, comparison.diagnosis())


@enable_grad()
def assert_gradients_match(
    mlp: MLP,
    X: Table,
    Y: Table,
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
        thousandth of the sum of their sizes; beside what the rounding of the outputs makes of ∂C/∂a. Whole
        numbers and fractions must be equal. Difference quotients, which are no better, pass within 1e-5 of
        the largest gradient of the network; of more than a hundred parameters every n-th is asked. Where all
        biases are 0, ``backprop`` is tried with others, too.

    Raises
    ------
    AssertionError
        Naming the mistake in ``backprop``, if one of the catalogue explains all its gradients, with its line
        of the derivations, the evidence, and the chain rule of one wrong weight in numbers; else what is
        certain (see :mod:`nn.diagnosis`). Of another method the first wrong parameter, then the worst one,
        with its derivation. Or naming a gradient that is NaN or infinite by the engine, and where that came
        from.
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
    comparison = _Comparison(mlp, X, Y, cost, activations, backprop, rtol)
    comparison.check_finite()
    for method in comparison.closed:
        comparison.check(method)
    # What is made of functions with names is known without difference quotients, which take long.
    if not comparison.named:
        comparison.check(DIFFERENCES)
    diagnosis = comparison.diagnosis()
    if diagnosis is not None:
        raise AssertionError(diagnosis.text)
    for method in comparison.tested:
        comparison.check(method)
    if comparison.named:
        comparison.check(DIFFERENCES)
    # Biases of 0, as those of a new network are, hide that a function leaves them out.
    drawn = None if backprop is None else _with_drawn_biases(mlp)
    if drawn is not None:
        again = _Comparison(drawn, X, Y, cost, activations, backprop, rtol)
        diagnosis = again.diagnosis()
        if diagnosis is not None:
            raise AssertionError(f"With biases other than 0, which all are on your network: {diagnosis.text}")


def _with_drawn_biases(mlp: MLP) -> MLP | None:
    """Return a copy of a network whose biases are all 0, with others; None if it has some, or none at all."""
    copy = deepcopy(mlp)
    biases = [p for name, p in copy.named_parameters() if name.startswith("b")]
    if not biases or any(b.data for b in biases):
        return None
    stream = Random(len(biases))
    exact = all(isinstance(p.data, (int, Fraction)) for p in copy.parameters())
    for b in biases:
        eighths = stream.choice([-1, 1]) * stream.randint(1, 8)
        b.data = Fraction(eighths, 8) if exact else eighths / 8
    return copy


class _Comparison:
    """One network and its data: the gradients by each method, and where they differ from the engine's."""

    def __init__(
        self,
        mlp: MLP,
        X: Table,
        Y: Table,
        cost: str | Cost | tuple[Any, Any],
        activations: Sequence[Any] | None,
        backprop: Backprop | None,
        rtol: float = 1e-9,
    ) -> None:
        if not isinstance(mlp, MLP):
            raise TypeError(
                f"the network must be an MLP, not {type(mlp).__name__}: MLP(n_in, [1]) is one neuron"
            )
        row = cost_row(cost)
        X, Y = rows(X), targets(Y)
        self.mlp, self.Y, self.value, self.rtol, self.backprop = mlp, Y, row.value, rtol, backprop
        self.pair = _with_gradient(row)
        check_data(mlp, X, Y, row.value)
        # A single number stands for a list of one, but for a class, and where the cost is yours.
        takes_numbers = row.name and not row.targets.classes
        self.targets = [[y] if takes_numbers and not is_sequence(y) else y for y in Y]
        self.X = X = [[Value(x_k).data for x_k in x] for x in X]
        self.sigmas = sigmas = activations or _names_of_activations(mlp)
        self.named = bool(row.name) and all(isinstance(sigma, str) for sigma in sigmas)
        self.names = [name for name, _ in mlp.named_parameters()]
        network = MatrixMLP.from_mlp(mlp, sigmas)
        self.parameters = weights, biases = _plain_parameters(mlp)
        self.engine = grad(_average_cost(mlp, X, Y, row.value), mlp.parameters())
        self.closed = {
            ENGINE: self.engine,
            MATRIX: _by_name(mlp, network.gradients(X, self.targets, self.pair), MATRIX),
            LOOPS: _by_name(
                mlp, average_gradients(weights, biases, sigmas, X, self.targets, self.pair), LOOPS
            ),
        }
        self.tested: dict[str, list[Any]] = {}
        if backprop is not None:
            title = getattr(backprop, "__name__", "backprop")
            self.title = f"your {title}" if title in (*self.closed, DIFFERENCES) else title
            arrays = _arrays(weights, biases, X, self.targets)
            try:
                gradients = backprop(*arrays)
            except ValueError as error:
                if told := told_of_error(error, self.title, arrays[0]):
                    raise ValueError(told) from error
                raise
            self.tested[self.title] = _by_name(mlp, gradients, self.title, len(self.X))

    def differences(self, every: int = 1) -> list[float]:
        """Return the difference quotients, of every second or third … parameter; NaN for the others."""
        return _difference_quotients(self.mlp, self.X, self.Y, self.value, self.engine, every)

    @cached_property
    def slacks(self) -> list[float]:
        """How far a right gradient may be off beside the relative tolerance."""
        return _allowances(self.mlp, self.X, self.Y, self.value, self.rtol * 1e-3)

    def check_finite(self) -> None:
        """Raise an error if the engine's gradients are no numbers to compare with."""
        for name, gradient in zip(self.names, self.engine, strict=True):
            if not _is_finite(gradient):
                found = first_nonfinite(_average_cost(self.mlp, self.X, self.Y, self.value))
                reason = found.reason if found else "sums and products of finite partials grew too large"
                raise AssertionError(
                    f"∂C/∂{name} is {gradient} by the engine, nothing to compare with: {reason}."
                )

    def wrong(self, gradients: Sequence[Any], slacks: Sequence[float]) -> list[bool]:
        """Return for each parameter whether a gradient differs from the engine's."""
        return [
            not _agree(a, b, self.rtol, slack)
            for a, b, slack in zip(gradients, self.engine, slacks, strict=True)
        ]

    def check(self, method: str) -> None:
        """Raise an error, with the derivation of the worst, if a method's gradients are not the engine's."""
        if method == DIFFERENCES:
            # Matrices and loops have judged all where the functions have names; quotients of some will do.
            every = 1 + len(self.names) // _MOST_QUOTIENTS if self.named else 1
            gradients: list[Any] = self.differences(every)
            off = self.wrong(gradients, [_OF_LARGEST * _largest(self.engine)] * len(self.names))
            off = [bad and not math.isnan(a) for bad, a in zip(off, gradients, strict=True)]
        else:
            gradients = (self.closed | self.tested)[method]
            off = self.wrong(gradients, self.slacks)
        if any(off):
            entries = zip(self.names, gradients, self.engine, off, strict=True)
            wrong = [(name, a, b) for name, a, b, bad in entries if bad]
            name, a, b = max(wrong, key=lambda entry: nan_last(difference(*entry[1:])[0]))
            root = _average_cost(self.mlp, self.X, self.Y, self.value)
            derivation = explain(root, dict(self.mlp.named_parameters())[name])
            raise AssertionError(
                f"{self.count(method, gradients, off)}\n"
                f"Worst: ∂C/∂{name} is {a} by {method} and {b} by the engine:\n\n"
                f"{derivation.text(form='recursion')}"
            )

    def count(self, method: str, gradients: Sequence[Any], off: Sequence[bool]) -> str:
        """Return how many gradients differ, and the first."""
        i = list(off).index(True)
        return (
            f"{sum(off)} of {len(off)} gradients by {method} differ from the engine's.\n"
            f"First: ∂C/∂{self.names[i]} is {gradients[i]} by {method} and {self.engine[i]} by the engine."
        )

    def diagnosis(self) -> Diagnosis | None:
        """Return what is wrong with the function under test, if there is one and it is.

        There is none where other methods are not of one mind with the engine, or numbers beyond the floats.
        """
        if self.backprop is None or not all(map(_is_finite, self.engine)):
            return None
        theirs = self.tested[self.title]
        off = self.wrong(theirs, self.slacks)
        if not any(off) or any(any(self.wrong(g, self.slacks)) for g in self.closed.values()):
            return None
        backprop = self.backprop

        @cache
        def slacks(rtol: float) -> list[float]:
            return _allowances(self.mlp, self.X, self.Y, self.value, rtol * 1e-3)

        def call(problem: Problem) -> Gradients:
            return self._by_layer(_by_name(self.mlp, backprop(*problem.given()), self.title))

        def fits(gradients: Gradients, rtol: float) -> bool:
            return all(
                _agree(a, b, rtol, slack)
                for a, b, slack in zip(self._flat(gradients), theirs, slacks(rtol), strict=True)
            )

        arrays = _arrays(*self.parameters, self.X, self.targets)
        exact = any(
            isinstance(x, Fraction) for part in (*arrays[0], *arrays[1], *arrays[2:]) for x in part.flat
        )
        try:
            given = Problem(*self.parameters, self.X, self.targets, self.sigmas, self.pair, exact)
        except OverflowError:
            return None
        count = self.count(self.title, theirs, off)
        right, wrong = self._by_layer(self.engine), self._by_layer(off)
        return diagnose(Suspect(self.title, call, given, right, self._by_layer(theirs), wrong, fits, count))

    def _by_layer(self, numbers: Sequence[Any]) -> Gradients:
        """Return one number a parameter as arrays by layer."""
        rest = np.array([x if isinstance(x, bool) else _as_float(x) for x in numbers])
        W, b = {}, {}
        for l, layer in enumerate(self.mlp.layers, 1):
            size = layer.n_out * layer.n_in
            W[l], rest = rest[:size].reshape(layer.n_out, layer.n_in), rest[size:]
            b[l], rest = rest[: len(layer.biases)], rest[len(layer.biases) :]
        return Gradients(W, b)

    def _flat(self, gradients: Gradients) -> list[float]:
        arrays = [part for l in sorted(gradients.W) for part in (gradients.W[l], gradients.b[l])]
        return [float(number) for array in arrays for number in array.ravel()]


def _agree(a: Any, b: Any, rtol: float, slack: float) -> bool:
    if isinstance(a, Rational) and isinstance(b, Rational):
        return a == b
    # Below the smallest normal float digits are lost, and what is computed from such numbers has lost them.
    return bool(a == b) or math.isclose(a, b, rel_tol=rtol, abs_tol=max(slack, 4 * sys.float_info.min))


def _is_finite(number: Any) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return True  # an exact number beyond the floats


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return sys.float_info.max if number > 0 else -sys.float_info.max


def _largest(gradients: Sequence[Any]) -> float:
    return max((abs(float(g)) for g in gradients if math.isfinite(g)), default=0.0)


def _sizes_along_paths(root: Value, sizes: Mapping[Value, float]) -> dict[Value, float]:
    """Return, for each node, Σ size · |product of partials| over all paths to it from the nodes given a size.

    It is by what a change of these sizes can change a sum of terms that cancel.
    """
    size = defaultdict(float, sizes)
    for node in reversed(topological_order(root)):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            size[parent] += size[node] * abs(_as_float(partial))
    return size


def _rounding_errors(root: Value) -> dict[Value, float]:
    """Return for every node a bound, to first order, of the error that all rounding leaves in it."""
    errors: dict[Value, float] = {}
    for node in topological_order(root):
        own = abs(_as_float(node.data)) if node.parents else 0.0
        carried = 0.0
        for parent, partial in zip(node.parents, node.partials, strict=True):
            size = abs(_as_float(partial))
            own += size * abs(_as_float(parent.data))
            carried += size * errors[parent]
        errors[node] = sys.float_info.epsilon * own + carried
    return errors


def _allowances(mlp: MLP, X: Sequence[Any], Y: Sequence[Any], cost: Cost, of_terms: float) -> list[float]:
    """Return by how much a right gradient may be off for each parameter.

    That is a share of the sum of the sizes of its terms; and, since the terms of a − y cancel before, what
    the rounding of the outputs makes of ∂C/∂a, carried back to the parameter; and, since those of 1 − a² and
    1 − a cancel in units that are saturated, what the rounding of a makes of σ′.
    """
    outputs = [mlp(x) for x in X]
    root: Value = average([cost(a, y) for a, y in zip(outputs, Y, strict=True)])
    rounding = _rounding_errors(root)
    reach = _sizes_along_paths(root, {root: 1.0})
    sizes = defaultdict(float, {root: of_terms})
    for a, y in zip(outputs, Y, strict=True):
        for a_j, error in zip(a, _errors_of_slopes(a, y, cost, rounding), strict=True):
            sizes[a_j] += error / len(X)
    for node in topological_order(root):
        if node.op in _ERRORS_OF_SLOPES:
            sizes[node.parents[0]] += reach[node] * _ERRORS_OF_SLOPES[node.op]
    size = _sizes_along_paths(root, sizes)
    # A size that overflows says nothing.
    return [size[p] if _is_finite(size[p]) else 0.0 for p in mlp.parameters()]


# What 1 − a² and a(1 − a) may be off, with a between −1 and 1 rounded.
_ERRORS_OF_SLOPES = {"tanh": 2 * sys.float_info.epsilon, "sigmoid": sys.float_info.epsilon}


def _errors_of_slopes(a: Sequence[Value], y: Any, cost: Cost, rounding: Mapping[Value, float]) -> list[float]:
    """Return Σₖ |∂²C/∂aⱼ∂aₖ| · (rounding error of aₖ), the error of each ∂C/∂aⱼ, for a sample's outputs."""
    outputs = [Value(a_j.data) for a_j in a]
    try:
        bends = hessian(cost(outputs, y), outputs)
    except (ArithmeticError, ValueError):
        return [0.0] * len(a)
    # An output on which the cost does not depend bends nothing.
    errors = [rounding.get(a_k, 0.0) for a_k in a]
    return [sum(abs(float(bend)) * error for bend, error in zip(row, errors, strict=True)) for row in bends]


def _average_cost(mlp: MLP, X: Sequence[Sequence[Any]], Y: Sequence[Any], cost: Cost) -> Value:
    total: Value = average([cost(mlp(x), y) for x, y in zip(X, Y, strict=True)])
    return total


def _with_gradient(cost: CostRow) -> Any:
    """Return what the matrix module and the loops take for a cost: its name, or it and its gradient."""
    if cost.gradient is None and not cost.name:
        raise ValueError(
            f"the derivative of the cost {getattr(cost.value, '__name__', cost.value)!r} is not known: "
            "pass a pair, (cost, cost_gradient)"
        )
    return cost.name or (cost.value, cost.gradient)


def _names_of_activations(mlp: MLP) -> list[str]:
    """Return the activations of the layers by name, also of those given as the functions themselves."""
    names = []
    for l, layer in enumerate(mlp.layers, 1):
        name = next((name for name, known in ACTIVATIONS.items() if layer.activation in (name, known)), None)
        if name is None:
            raise ValueError(
                f"the activation of layer {l} is {layer.activation!r} and not a name: pass "
                "activations=[...], one entry per layer, each a name or a pair (function, derivative)"
            )
        names.append(name)
    return names


def _plain_parameters(mlp: MLP) -> tuple[list[list[list[Any]]], list[list[Any]]]:
    levels = range(1, len(mlp.layers) + 1)
    weights = [[[w.data for w in row] for row in mlp.weights(l)] for l in levels]
    return weights, [[b.data for b in mlp.biases(l)] for l in levels]


def _arrays(weights: Any, biases: Any, X: Any, Y: Any) -> tuple[list[Any], list[Any], Any, Any]:
    """Return arrays for a function under test: of floats, or of objects where numbers are exact."""
    parts = [np.array(part) for part in (*weights, *biases, X, Y)]
    kind = object if any(part.dtype == object for part in parts) else float
    *parameters, X, Y = (part.astype(kind) for part in parts)
    classes = parts[-1]
    L = len(weights)
    return parameters[:L], parameters[L:], X, Y if classes.ndim > 1 else classes


def _by_name(mlp: MLP, gradients: Any, method: str, n: int | None = None) -> list[Any]:
    """Return gradients in the order of the parameters' names, as Python numbers."""
    names = [name for name, _ in mlp.named_parameters()]
    if not isinstance(gradients, Mapping):
        gradients = dict(zip(names, _flat(mlp, gradients, method, n), strict=True))
    if missing := [name for name in names if name not in gradients]:
        raise ValueError(f"{method} returned no gradient for {', '.join(missing[:5])}")
    numbers = []
    for name in names:
        try:
            numbers.append(Value(gradients[name]).data)
        except TypeError as error:
            raise TypeError(f"{method} returned no gradient for {name}: {error}") from None
    return numbers


def _flat(mlp: MLP, gradients: Any, method: str, n: int | None = None) -> list[Any]:
    """Return the entries of arrays of gradients, of n samples, in the order of the parameters."""
    try:
        weights, biases, *_ = gradients
        parts = {"w": list(weights), "b": list(biases)}
    except (TypeError, ValueError):
        raise TypeError(
            f"{method} returned {gradients!r:.80}; give two lists of arrays, for the weights and for "
            "the biases of each layer, or a dict of gradients by name"
        ) from None
    L = len(mlp.layers)
    shapes: dict[str, list[tuple[int, ...]]] = {
        "w": [(layer.n_out, layer.n_in) for layer in mlp.layers],
        "b": [(len(layer.biases),) for layer in mlp.layers],
    }
    arrays: dict[str, list[Any]] = {}
    for letter, given in parts.items():
        if len(given) > L:
            raise ValueError(f"{method} returned {len(given)} arrays {letter} for {L} layers")
        # A layer without a bias may be left out; with dtype=object ragged rows have a shape too.
        arrays[letter] = [np.array(given[l] if l < len(given) else (), dtype=object) for l in range(L)]
    flat: list[Any] = []
    for l in range(1, L + 1):
        for letter in ("w", "b"):
            part, shape = arrays[letter][l - 1], shapes[letter][l - 1]
            if part.shape != shape:
                like = told_of_result(letter, l, [a.shape for a in arrays[letter]], shapes[letter], n)
                raise ValueError(
                    f"{method} returned an array of shape {part.shape} for {letter}[{l}], which has "
                    f"shape {shape}{like}"
                )
            flat.extend(part.ravel())
    return flat


def _difference_quotients(
    mlp: MLP, X: Sequence[Any], Y: Sequence[Any], cost: Cost, engine: Sequence[Any], every: int
) -> list[float]:
    """Return (C(p + h) − C(p − h))/2h for every n-th parameter p; NaN where it says nothing of a slope."""
    total = _average_cost(mlp, X, Y, cost)
    here, rounding, largest = float(total), _rounding_errors(total)[total], _largest(engine)

    def C() -> float:
        with no_grad():
            return float(_average_cost(mlp, X, Y, cost))

    def mean_and_jump(p: Value, h: float) -> tuple[float, float]:
        left, right = (here - _shifted(p, -h, C)) / h, (_shifted(p, h, C) - here) / h
        return (left + right) / 2, right - left

    def quotient(p: Value, by_engine: float) -> float:
        # The rounding error of C grows with 1/h, that of the formula with h².
        h = 6e-6 * max(1.0, abs(float(p.data)))
        (mean, jump), (mean_of_half, jump_of_half) = mean_and_jump(p, h), mean_and_jump(p, h / 2)
        noise = rounding / h
        slack = 0.1 * _OF_LARGEST * max(largest, abs(mean))
        # Where C is smooth the mean hardly changes and the jump halves with h; at a kink it stays.
        bend = abs(mean - mean_of_half) + abs(jump - 2 * jump_of_half)
        if not (noise <= slack and bend <= slack + 4 * noise):
            return math.nan
        # At a kink on a kink, ReLU(−ReLU(0)), C may be smooth where the engine has to choose. It then agrees
        # on either side.
        off = abs(mean - by_engine)
        if off > slack:
            sides = [
                _shifted(p, shift, lambda: grad(_average_cost(mlp, X, Y, cost), [p])) for shift in (-h, h)
            ]
            if all(abs(float(g) - mean) < 0.1 * off for (g,) in sides):
                return math.nan
        return mean

    def quotient_or_nan(p: Value, by_engine: Any) -> float:
        try:
            return quotient(p, float(by_engine))
        except (ArithmeticError, ValueError):
            return math.nan  # C is not defined on both sides

    chosen = [i % every == 0 for i in range(len(engine))]
    return [
        quotient_or_nan(p, g) if is_chosen else math.nan
        for p, g, is_chosen in zip(mlp.parameters(), engine, chosen, strict=True)
    ]


def _shifted(p: Value, shift: float, compute: Callable[[], T]) -> T:
    """Compute with a parameter changed."""
    data = p.data
    try:
        try:
            p.data = data + shift
        except TypeError:
            p.data = data + type(data)(shift)  # a Decimal does not mix with floats
        return compute()
    finally:
        p.data = data
