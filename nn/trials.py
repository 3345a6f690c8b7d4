"""Somebody's backpropagation, tried on several networks, numbers of samples and data.

Each trial is one comparison of ``nn.compare``; how the function behaves is watched by ``nn.conduct``, and
what came of the trials is told by ``nn.trial_report``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from autograd_lite.names import look_up

from .activations import ACTIVATIONS
from .compare import Backprop, assert_gradients_match, compare_gradients
from .conduct import Observed
from .costs import Cost, cost_row
from .layers import MLP
from .neurons import Bias
from .report import ENGINE, GradientReport
from .trial_report import BackpropCheck, Trial, WrongGradientsError

Widths: TypeAlias = Sequence[int]

# Outputs other than 2, the factor of a square's derivative.
_NETWORKS = ((2, 4, 3), (3, 5, 1), (3, 3, 3))
_SAMPLES = 5


def check_backprop(
    f: Backprop,
    layers: Widths | Sequence[Widths] | None = None,
    activation: str = "tanh",
    cost: str | Cost | tuple[Any, Any] = "mean_squared_error",
    bias: Bias = "neuron",
    *,
    output_activation: str | None = None,
    rtol: float = 1e-9,
) -> BackpropCheck:
    """Try a function that returns gradients on several networks, numbers of samples (also 1) and data.

    Parameters
    ----------
    f : callable
        ``f(weights, biases, X, Y)``, as for :func:`nn.compare_gradients`; arrays may be those of NumPy,
        PyTorch or JAX, or nested lists. Or it returns a dict of gradients by name.
    layers : sequence of int, or several such sequences
        The widths n_0 … n_L of the networks to try; by default up to three networks with one hidden layer.
    activation : str
        Of the hidden layers, a name in ``ACTIVATIONS``.
    cost : str, function in ``COSTS``, or pair
        As for :func:`nn.compare_gradients`. For cross-entropy the targets are one-hot rows.
    bias : {"neuron", "layer", None}
        One bias per neuron, one shared by each layer (E3), or none.
    output_activation : str, optional
        Of the last layer; by default ``"sigmoid"`` for binary cross-entropy, else ``"linear"``.
    rtol : float
        As for :func:`nn.assert_gradients_match`; 1e-4 for a function that computes in float32.

    Returns
    -------
    BackpropCheck
        If all is right. In a notebook it shows itself.

    Raises
    ------
    WrongGradientsError
        An AssertionError. Its ``check`` is the BackpropCheck, and a notebook shows that.
    ValueError
        If an option is unknown.

    Examples
    --------
    >>> def my_backprop(weights, biases, X, Y):
    ...     error = 2 * (X @ weights[0].T + biases[0] - Y) / Y.size
    ...     return [error.T @ X], [error.sum(axis=0)]
    >>> check_backprop(my_backprop, layers=(3, 2))
    my_backprop gives the right gradients on networks 3-2 with n = 5, 1, 2.
    """
    __tracebackhide__ = True
    look_up(activation, ACTIVATIONS, "activation")
    row = cost_row(cost)
    if output_activation is None:
        output_activation = "sigmoid" if row.name == "binary_cross_entropy" else "linear"
    observed = Observed(f)
    if layers is None:  # classes need more than one output
        of_classes = row.name == "cross_entropy"
        layers = [widths for widths in _NETWORKS if widths[-1] > 1 or not of_classes]
    several = layers if len(layers) and hasattr(layers[0], "__len__") else [layers]
    trials: list[Trial] = []
    for k, (widths, n) in enumerate(_plan(several)):  # type: ignore[arg-type]
        rng = np.random.default_rng(k)
        mlp = MLP(widths[0], widths[1:], activation, output_activation, bias, seed=k)
        for name, parameter in mlp.named_parameters():
            # Two decimals, so that one can follow a derivation with pencil and paper.
            drawn = parameter.data if name.startswith("w") else rng.normal() / 2
            parameter.data = round(float(drawn), 2)
        X = rng.normal(size=(n, widths[0])).round(2).tolist()
        Y = _targets(row.name, rng, n, widths[-1])
        trials.append(_tried(observed, Trial(mlp, X, Y, cost), rtol, any(t.failure for t in trials)))
        if trials[-1].mistakes == ("raised",):
            break
    check = BackpropCheck(observed.__name__, trials, observed.faults, observed.notes, observed.printed)
    if not check.right:
        raise WrongGradientsError(check)
    return check


def _plan(networks: Sequence[Widths]) -> list[tuple[list[int], int]]:
    """Return networks and numbers of samples: some, one, and as many as there are neurons.

    The last has shapes by which a product of the wrong arrays goes unnoticed; and the same shapes come twice,
    for functions that keep what they once computed.
    """
    plan = [
        (list(widths), n) for widths in networks for n in dict.fromkeys((_SAMPLES, 1, widths[1], widths[-1]))
    ]
    return [*plan, plan[0]]


def _targets(cost: str, rng: np.random.Generator, n: int, n_out: int) -> list[Any]:
    drawn: Any
    if cost == "hinge":
        drawn = rng.choice([-1.0, 1.0], size=(n, n_out))
    elif cost == "cross_entropy":
        drawn = np.eye(n_out)[rng.integers(n_out, size=n)]
    elif cost.startswith("binary"):
        drawn = rng.integers(2, size=(n, n_out)).astype(float)
    else:
        drawn = rng.normal(size=(n, n_out)).round(2)
    targets: list[Any] = drawn.tolist()
    return targets


def _tried(observed: Observed, trial: Trial, rtol: float, briefly: bool) -> Trial:
    """Return the trial with its outcome; briefly, after a failure that is explained already."""
    mlp, data = trial.mlp, (trial.X, trial.Y, trial.cost)
    before = len(observed.calls)
    try:
        if briefly:
            assert_gradients_match(mlp, *data, backprop=_once(observed), rtol=rtol)
            return trial
        assert_gradients_match(mlp, *data, backprop=observed, rtol=rtol)
        observed.check_memory()
        return trial
    except AssertionError as error:
        failure = str(error)
        if briefly:
            return replace(trial, failure=failure)
    except Exception as error:
        if error is observed.error:
            return replace(trial, failure=observed.told_error(error), mistakes=("raised",))
        raised = error.__cause__ is not None and error.__cause__ is observed.error
        return replace(trial, failure=str(error), mistakes=("raised" if raised else "not_comparable",))
    repeated = observed.repeats_itself(before)
    report = compare_gradients(mlp, *data, backprop=observed)
    mistakes = report.diagnosis.names if report.diagnosis else ()
    if repeated:
        again = "returned the gradients of an earlier call, though the arguments were others"
        failure = f"{observed.__name__} {again}: it keeps what it computed.\n\n{failure}"
        mistakes = ("keeps_results",)
    return replace(trial, report=report, wrong=_wrong(report, rtol), failure=failure, mistakes=mistakes)


def _once(observed: Observed) -> Backprop:
    """Return the function for one call: a diagnosis, which needs more of them, has been made."""
    calls = iter([observed])

    def once(*arguments: Any) -> Any:
        return next(calls)(*arguments)

    once.__name__ = observed.__name__
    return once


def _wrong(report: GradientReport, rtol: float) -> list[str]:
    """Return the names of the parameters whose gradients by the function under test, the last, are wrong."""
    *_, theirs = report.methods.values()
    ours = report.methods[ENGINE]
    largest = max((abs(g) for g in ours), default=0.0)
    return [
        name
        for name, a, b in zip(report.names, theirs, ours, strict=True)
        if not math.isclose(a, b, rel_tol=rtol, abs_tol=rtol * largest / 1000)
    ]
