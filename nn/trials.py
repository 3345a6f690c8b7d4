"""Somebody's backpropagation, tried on several networks, numbers of samples and data.

Each trial is one comparison of ``nn.compare``; how the function behaves is watched by ``nn.conduct``, and
what there is to see of a failure stands in ``nn.trial_page``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_lite.files import write_whole
from autograd_lite.names import look_up
from nn.activations import ACTIVATIONS
from nn.compare import Backprop, assert_gradients_match, compare_gradients
from nn.conduct import Observed
from nn.costs import Cost, cost_row
from nn.layers import MLP
from nn.neurons import Bias
from nn.report import ENGINE, GradientReport
from nn.trial_page import body, page

Widths: TypeAlias = Sequence[int]

_NETWORKS = ((3, 4, 2), (2, 5, 1), (3, 3, 3))
_SAMPLES = 5


@dataclass(frozen=True, repr=False)
class Trial:
    """One network with its data, and how it went.

    Attributes
    ----------
    mlp : MLP
    X, Y : list
    cost : str, function or pair
    report : GradientReport or None
        All gradients; None where the function under test returned none that can be compared.
    wrong : list of str
        The parameters whose gradients are wrong, such as ``"w[1][0,2]"``.
    failure : str
        What is wrong; nothing where all is right.
    """

    mlp: MLP
    X: list[list[float]]
    Y: list[Any]
    cost: str | Cost | tuple[Any, Any]
    report: GradientReport | None = None
    wrong: list[str] = field(default_factory=list)
    failure: str = ""

    def __str__(self) -> str:
        widths = [self.mlp.n_in, *(layer.n_out for layer in self.mlp.layers)]
        n = len(self.X)
        return f"{'-'.join(map(str, widths))} with {n} sample{'s' * (n != 1)}"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class BackpropCheck:
    """What came of all trials. Print it, or let a notebook show it.

    Attributes
    ----------
    function : str
        The name of the function under test.
    trials : list of Trial
    faults : list of str
        What it did and must not, such as changing its arguments, a sentence each.
    notes : list of str
        What else it did: it printed, it took its time.
    """

    function: str
    trials: list[Trial]
    faults: list[str]
    notes: list[str]

    @property
    def right(self) -> bool:
        """Whether all gradients are right and nothing else is amiss."""
        return not self.faults and self.failed is None

    @property
    def failed(self) -> Trial | None:
        """The first trial that failed."""
        return next((trial for trial in self.trials if trial.failure), None)

    def __str__(self) -> str:
        lines = [*self.faults]
        if self.failed is not None:
            lines.append(self.failed.failure)
        lines += ["", self._score()] if lines else [self._score()]
        return "\n".join([*lines, *self.notes])

    __repr__ = __str__

    def _score(self) -> str:
        right = [str(trial) for trial in self.trials if not trial.failure]
        if len(right) == len(self.trials):
            return f"{self.function} gives the right gradients on all of {_several(right)}."
        if not right:
            return f"{self.function} fails on all of {_several([str(trial) for trial in self.trials])}."
        return (
            f"{self.function} fails first on {self.failed}; it is right on {len(right)} of {len(self.trials)} "
            f"networks and data: {_several(right)}."
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the finding, the network, the derivation, the graph, the numbers."""
        return body(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the same as a page of its own.

        Parameters
        ----------
        path : path
            ``"gradients.html"``.

        Returns
        -------
        Path
            Of the file.
        """
        write_whole(path, page(self).encode())
        return Path(path)


class WrongGradients(AssertionError):
    """Raised by :func:`check_backprop`; a notebook shows what it found in place of the traceback.

    Attributes
    ----------
    check : BackpropCheck
    """

    def __init__(self, check: BackpropCheck) -> None:
        super().__init__(str(check))
        self.check = check

    def __reduce__(self) -> Any:
        return type(self), (self.check,)

    def _render_traceback_(self) -> list[str]:
        # IPython asks an error for its traceback, and shows a result where it is told to.
        from IPython.display import display

        display(self.check)
        return [f"{type(self).__name__}: {str(self).partition(chr(10))[0]}"]


def check_backprop(
    f: Backprop,
    layers: Widths | Sequence[Widths] = _NETWORKS,
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
        The widths n_0 … n_L of the networks to try; by default three networks with one hidden layer.
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
    WrongGradients
        An AssertionError. Its ``check`` is the BackpropCheck, and a notebook shows that.
    ValueError
        If an option is unknown.

    Examples
    --------
    >>> def my_backprop(weights, biases, X, Y):
    ...     error = 2 * (X @ weights[0].T + biases[0] - Y) / Y.size
    ...     return [error.T @ X], [error.sum(axis=0)]
    >>> check_backprop(my_backprop, layers=(3, 2))
    my_backprop gives the right gradients on all of 3-2 with 5 samples, 3-2 with 1 sample, 3-2 with 2 samples.
    """
    look_up(activation, ACTIVATIONS, "activation")
    row = cost_row(cost)
    if output_activation is None:
        output_activation = "sigmoid" if row.name == "binary_cross_entropy" else "linear"
    observed = Observed(f)
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
        trials.append(_tried(observed, Trial(mlp, X, Y, cost), rtol, bool(trials and trials[-1].failure)))
    check = BackpropCheck(observed.__name__, trials, observed.faults, observed.notes)
    if not check.right:
        raise WrongGradients(check)
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
    """Return the trial with its outcome; briefly, where something went wrong before that is told at length."""
    mlp, data = trial.mlp, (trial.X, trial.Y, trial.cost)
    try:
        if briefly:
            report = compare_gradients(mlp, *data, backprop=observed)
            wrong = _wrong(report, rtol)
            return Trial(mlp, *data, report, wrong, "its gradients are wrong" if wrong else "")
        assert_gradients_match(mlp, *data, backprop=observed, rtol=rtol)
        observed.check_memory()
        return Trial(mlp, *data)
    except AssertionError as error:
        failure: str = str(error)
    except Exception as error:
        if error is not observed.error:
            return Trial(mlp, *data, failure=str(error))
        return Trial(mlp, *data, failure=observed.told_error(error) + ".")
    if observed.repeats_itself():
        failure = (
            f"{observed.__name__} returned the gradients of an earlier call, though its arguments were others: "
            f"it keeps what it computed.\n{failure}"
        )
    last = observed.calls[-1].result
    report = compare_gradients(mlp, *data, backprop=_named_as(observed.__name__, lambda *_: last))
    return Trial(mlp, *data, report, _wrong(report, rtol), failure)


def _named_as(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = name
    return function


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


def _several(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(names))
