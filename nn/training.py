"""Training: the algorithm of the derivations, and the gradients of each sample alone."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from random import Random
from typing import Any, NamedTuple, TypeAlias, get_type_hints

from tqdm import tqdm

from autograd_lite import Value, enable_grad, first_nonfinite, grad, no_grad
from autograd_lite.names import look_up, options_told

from .checks import check_count, check_data, check_option
from .costs import Cost, average, cost_function
from .module import Module
from .optim import SGD, Optimizer, Schedule, clip_gradients
from .predictions import outputs_of
from .tables import Table, rows, targets


class Epoch(NamedTuple):
    """What a callback of :func:`fit` is told after each epoch.

    ``updated`` is whether the weights were: not in the epoch that finds the cost close enough to 0.
    """

    number: int
    cost: float
    validation_cost: float | None
    model: Any
    updated: bool = True


# Else documentation shows ForwardRef('float') for float.
Epoch.__new__.__annotations__ = get_type_hints(Epoch)


Callback: TypeAlias = Callable[[Epoch], Any]
"""Called after each epoch; training ends when it returns True."""


@dataclass(repr=False)
class History:
    """How a training went.

    Attributes
    ----------
    costs : list of float
        The cost over the training samples in each epoch, before the update; with mini-batches the average of
        what each batch cost before its own.
    validation_costs : list of float
        The cost over the samples held out after each epoch; empty without.
    stopped : str
        Why it ended: ``"converged"``, ``"epochs"``, ``"early stopping"``, ``"callback"``, ``"interrupted"``.
    best_epoch : int
        The epoch, from 0, in which the best weights were met; −1 where none were better than the first.
    best_cost : float
        The cost of the best weights, the lowest that was met; infinite before any. It is that of the samples
        held out if there are any. Without such, and without mini-batches, it is among ``costs``; else the
        weights are judged before the first epoch and after each.
    """

    costs: list[float] = field(default_factory=list)
    validation_costs: list[float] = field(default_factory=list)
    stopped: str = ""
    best_epoch: int = -1
    best_cost: float = math.inf

    def __str__(self) -> str:
        if not self.costs:
            return f"no epoch finished ({self.stopped})"
        why = "as many as asked for" if self.stopped == "epochs" else self.stopped
        when = f"in epoch {self.best_epoch}" if self.best_epoch >= 0 else "before the first"
        count = len(self.costs)
        return (
            f"{count} epoch{'s' * (count != 1)} ({why}): cost {self.costs[0]:.4g} → {self.costs[-1]:.4g}, "
            f"best {self.best_cost:.4g} {when}"
        )

    def __repr__(self) -> str:
        return f"<History of {self}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: how it went, and the costs as a small curve."""
        from autograd_lite.markup import escape, picture

        from .curve import cost_curve

        told = f"<p>{escape(str(self))}</p>"
        if not self.costs:
            return told
        svg, words = cost_curve(self.costs, self.validation_costs)
        held_out = "; dashed: of the samples held out" if self.validation_costs else ""
        legend = f"cost of each epoch, {words}{held_out}"
        return f"{told}{picture(lambda: svg, f'A curve: {legend}')}<p>{legend}</p>"


@options_told
@enable_grad()
def fit(
    model: Any,
    X: Table,
    Y: Table,
    *,
    cost: str | Cost = "mean_squared_error",
    optimizer: Optimizer | None = None,
    learning_rate: float = 0.1,
    schedule: Schedule | None = None,
    epochs: int = 100,
    tolerance: float = 1e-6,
    batch_size: int | None = None,
    validation_split: float = 0.0,
    patience: int | None = None,
    clip_norm: float | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    seed: int | None = 0,
    engine: str = "scalar",
    compiler: str | None = None,
    xp: Any = None,
) -> History:
    """Train a model by the algorithm of the derivations (E6).

    Forward for all samples, cost, stop if it is close enough to 0, derivatives, update, repeat. Ctrl-C ends
    the training and keeps the best weights so far; so does early stopping.

    Parameters
    ----------
    model : Module
        Called with one sample; has ``parameters()``.
    X : sequence of samples, array or DataFrame, shape (n, n_in)
    Y : sequence of n targets, array, Series or DataFrame
        Each as the cost takes it: a sequence of n_L numbers, one number, or a class.
    cost : str or callable
        A name in ``COSTS``, or a function of one sample's outputs and targets.
    optimizer : Optimizer, optional
        By default gradient descent (E4) with ``learning_rate``. It may hold some of the model's parameters
        only; the others stay as they are.
    learning_rate : float
        α, positive. Not used if an optimizer is given.
    schedule : callable, optional
        The factor on the learning rate in each epoch, from 0.
    epochs : int
        At most so many.
    tolerance : float
        A cost below it is close enough to 0.
    batch_size : int, optional
        The number of samples to an update; all by default. With fewer the samples are shuffled in each epoch.
    validation_split : float
        The share of the samples held out, from 0 to below 1.
    patience : int, optional
        Stop early after so many epochs without a lower cost, on the samples held out if there are any.
    clip_norm : float, optional
        The largest norm of the gradient; longer ones are scaled down.
    callbacks : iterable of callables
        Each is called with an :class:`Epoch` after every epoch; True ends the training.
    progress : bool, optional
        Whether to show a progress bar; by default where standard error is a terminal.
    seed : int, optional
        Of the split and of the shuffling.
    engine : {"scalar", "lifted"}
        With ``"lifted"``, cost and gradients of a model of floats come from the same scalar program lifted to
        arrays: equal to rounding, and faster. The weights are written back to the Values.
    compiler : str, optional
    xp : module, optional
        Of the lifted engine, as ``autograd_lite.lift`` takes them: ``compiler="numba"``; ``xp=jax.numpy`` or
        ``xp=torch``, whose usual precision and device it then is that the training is done in and on.

    Returns
    -------
    History

    Raises
    ------
    ValueError, TypeError
        If the data, or an option, does not fit; the model is as it was.
    FloatingPointError
        If the cost, a gradient or a weight becomes NaN or infinite, or the cost is no longer defined; names
        the epoch and the first node that went wrong. The weights are the best so far.

    Examples
    --------
    >>> from nn import MLP
    >>> mlp = MLP(2, [3, 1], seed=1)
    >>> history = fit(mlp, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=500, tolerance=0.01)
    >>> history.stopped, history.costs[-1] < 0.01
    ('converged', True)
    """
    cost = cost_function(cost)
    callbacks = list(callbacks) if isinstance(callbacks, Iterable) else callbacks
    check_count("epochs", epochs)
    for name, count in (("batch_size", batch_size), ("patience", patience)):
        if count is not None:
            check_count(name, count)
    check_option("tolerance", tolerance, "at least 0", lambda small: small >= 0)
    check_option("validation_split", validation_split, "from 0 to below 1", lambda share: 0 <= share < 1)
    check_option("clip_norm", clip_norm, "positive", lambda norm: norm is None or norm > 0)
    needs = "a function of the epoch, such as step_decay(10)"
    check_option("schedule", schedule, needs, lambda factor: factor is None or callable(factor))
    check_option("callbacks", callbacks, "a list of functions", lambda given: all(map(callable, given)))
    optimizer = SGD(model.parameters(), learning_rate) if optimizer is None else optimizer
    _check_optimizer(optimizer, model)
    X, Y = rows(X), targets(Y)
    check_data(model, X, Y, cost)
    random = Random(int(seed) if isinstance(seed, Integral) else seed)
    held_out, train = _divide(len(X), validation_split, random)
    batch_size = min(batch_size or len(train), len(train))
    training = _Training(
        model, X, Y, cost, optimizer, train, held_out, batch_size, tolerance, clip_norm, random
    )
    if look_up(engine, {"scalar": False, "lifted": True}, "engine"):
        training.lift(compiler, xp)
    elif not (compiler is None and xp is None):
        raise ValueError(
            "compiler and xp are of engine='lifted'; the scalar engine has no arrays to compute with"
        )
    visible = bool(sys.stderr and sys.stderr.isatty()) if progress is None else progress
    with tqdm(range(epochs), desc="training", unit="epoch", disable=not visible) as bar:
        training.run(bar, schedule, callbacks, patience)
    return training.history


@dataclass
class _Training:
    """One call of ``fit``: the steps of E6, and the best weights so far."""

    model: Any
    X: Sequence[Sequence[Any]]
    Y: Sequence[Any]
    cost: Cost
    optimizer: Optimizer
    train: list[int]
    held_out: list[int]
    batch_size: int
    tolerance: float
    clip_norm: float | None
    random: Random
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        parameters = [*self.model.parameters(), *self.optimizer.parameters]
        self.parameters: list[Value] = list(dict.fromkeys(parameters))
        self.best = self.weights()
        self.average_cost: Callable[[list[int]], Any] = self.scalar_cost

    def lift(self, compiler: str | None, xp: Any) -> None:
        """Compute costs and gradients by a program on arrays from here on."""
        # Imported here: whoever trains scalar by scalar need not wait for it.
        from .lifted import LiftedCost

        library = {} if xp is None else {"xp": xp}
        self.average_cost = LiftedCost(
            lambda x: outputs_of(self.model, x),
            self.parameters,
            self.X,
            self.Y,
            self.cost,
            compiler=compiler,
            **library,
        )

    def weights(self) -> list[Any]:
        return [p.data for p in self.parameters]

    def restore_best(self) -> None:
        for p, data in zip(self.parameters, self.best, strict=True):
            p.data = data

    def run(
        self, bar: tqdm[int], schedule: Schedule | None, callbacks: list[Callback], patience: int | None
    ) -> None:
        history, base_rate = self.history, self.optimizer.learning_rate
        try:
            for epoch in bar:
                self.optimizer.learning_rate = (
                    base_rate * Value(schedule(epoch)).data if schedule else base_rate
                )
                self.one_epoch(epoch)
                bar.set_postfix_str(f"cost {history.costs[-1]:.4g}", refresh=False)
                validation_cost = history.validation_costs[-1] if self.held_out else None
                updated = history.stopped != "converged" or self.batch_size < len(self.train)
                report = Epoch(epoch, history.costs[-1], validation_cost, self.model, updated)
                asked_to_stop = [_is_true(callback(report)) for callback in callbacks]
                if history.stopped:
                    return
                if any(asked_to_stop):
                    history.stopped = "callback"
                    return
                if patience is not None and epoch - history.best_epoch >= patience:
                    history.stopped = "early stopping"
                    self.restore_best()
                    return
            history.stopped = "epochs"
        except KeyboardInterrupt:
            history.stopped = "interrupted"
            self.restore_best()
        finally:
            self.optimizer.learning_rate = base_rate

    def one_epoch(self, epoch: int) -> None:
        try:
            if self.batch_size == len(self.train) and not self.held_out:
                # The cost of all samples at once is that of the weights before the update.
                cost = self.finite_cost(self.train)
                self.record(epoch, float(cost), float(cost))
                if not self.history.stopped:
                    self.update(self.train, cost)
            else:
                if epoch == 0:
                    self.keep_if_best(-1, self.present_cost())
                self.record(epoch, self.descend(), self.present_cost())
        except (ArithmeticError, ValueError) as error:
            self.restore_best()
            reason = str(error).removesuffix(".")
            raise FloatingPointError(f"epoch {epoch}: {reason}. The weights are the best so far.") from error

    def record(self, epoch: int, cost: float, present_cost: float) -> None:
        """Note what an epoch cost, and what the weights now cost, on the samples by which they are judged."""
        self.history.costs.append(cost)
        if self.held_out:
            self.history.validation_costs.append(present_cost)
        # E6, step 4: close enough to 0.
        if abs(cost) < self.tolerance:
            self.history.stopped = "converged"
        self.keep_if_best(epoch, present_cost)

    def keep_if_best(self, epoch: int, present_cost: float) -> None:
        if present_cost < self.history.best_cost:
            self.best = self.weights()
            self.history.best_epoch, self.history.best_cost = epoch, present_cost

    def descend(self) -> float:
        """Go once through the training samples and return their average cost."""
        total = 0.0
        for batch in self.batches():
            cost = self.finite_cost(batch)
            share = len(batch) / len(self.train)
            total += float(cost) * share
            if share < 1 or abs(total) >= self.tolerance:
                self.update(batch, cost)
        return total

    def present_cost(self) -> float:
        """Return the cost of the weights as they are, on the samples held out if there are any."""
        samples = self.held_out or self.train
        with no_grad():
            cost = float(self.average_cost(samples))
        # Only with a graph can the node be named that went wrong.
        return cost if math.isfinite(cost) else float(self.finite_cost(samples))

    def batches(self) -> list[list[int]]:
        if self.batch_size == len(self.train):
            return [self.train]
        order = self.random.sample(self.train, len(self.train))
        return [order[i : i + self.batch_size] for i in range(0, len(order), self.batch_size)]

    def scalar_cost(self, samples: list[int]) -> Any:
        return average([self.cost(outputs_of(self.model, self.X[s]), self.Y[s]) for s in samples])

    def finite_cost(self, samples: list[int]) -> Any:
        cost = self.average_cost(samples)
        if not math.isfinite(cost):
            # Only a graph can tell which node went wrong; and it may do without an infinity on the way.
            cost = self.scalar_cost(samples)
        if not math.isfinite(cost):
            raise FloatingPointError(f"the cost is {float(cost)}: {_origin(cost)}")
        return cost

    def set_gradients(self, cost: Any) -> None:
        for p in self.parameters:
            p.grad = 0
        cost.backward()

    def update(self, samples: list[int], cost: Any) -> None:
        self.set_gradients(cost)
        if not all(math.isfinite(p.grad) for p in self.parameters):
            graph = self.scalar_cost(samples)
            self.set_gradients(graph)
            if not all(math.isfinite(p.grad) for p in self.parameters):
                raise FloatingPointError(f"a gradient is not finite: {_origin(graph)}")
        if self.clip_norm is not None:
            clip_gradients(self.optimizer.parameters, self.clip_norm)
        self.optimizer.step()
        for p in self.parameters:
            if not math.isfinite(p.data):
                name = p.label or "a parameter"
                raise FloatingPointError(f"the step makes {name} {p.data}: the learning rate is too high")


def _origin(cost: Value) -> str:
    found = first_nonfinite(cost)
    return found.reason if found else "among numbers other than floats"


def _is_true(answer: Any) -> bool:
    """Return whether a callback answered True, be it NumPy's; any other answer, such as a count, is none."""
    return (answer.item() if hasattr(answer, "item") else answer) is True


def _divide(n: int, validation_split: float, random: Random) -> tuple[list[int], list[int]]:
    """Return the positions of the samples to hold out, and of those to train on."""
    if not validation_split:
        return [], list(range(n))
    count = round(validation_split * n)
    if not 0 < count < n:
        raise ValueError(
            f"validation_split {validation_split} holds out {count} of {n} samples; either part needs some"
        )
    order = random.sample(range(n), n)
    return order[:count], order[count:]


def _check_optimizer(optimizer: Any, model: Any) -> None:
    """Raise an error unless the optimizer can step the model's parameters."""
    example = "an optimizer, such as Adam(model.parameters())"
    check_option("optimizer", optimizer, example, lambda given: isinstance(given, Optimizer))
    if set(optimizer.parameters).isdisjoint(model.parameters()):
        raise ValueError("the optimizer has none of the model's parameters: make it of model.parameters()")
    rate = optimizer.learning_rate
    for p in optimizer.parameters:
        try:
            p.data - rate * p.data
        except TypeError:
            kind = type(p.data).__name__
            raise TypeError(
                f"the learning rate, {rate!r}, does not mix with {p.label or 'a parameter'} = {p.data!r}: "
                f"make it a {kind} too"
            ) from None
        except ArithmeticError:
            continue  # a number that is too large is left to the training to report


class PerSampleGradients(NamedTuple):
    """The gradients of each sample's cost, and their mean (A5): see :func:`per_sample_gradients`."""

    samples: list[dict[str, Any]]
    mean: dict[str, Any]

    def __repr__(self) -> str:
        return f"<PerSampleGradients: {len(self.samples)} samples, {len(self.mean)} parameters>"


@enable_grad()
def per_sample_gradients(
    model: Module, X: Table, Y: Table, cost: str | Cost = "mean_squared_error"
) -> PerSampleGradients:
    """Return ∂cost_s/∂A for every parameter A and every sample s, and their mean, ∂cost_avg/∂A (A5).

    Leaves every ``.grad`` alone.

    Parameters
    ----------
    model : Module
    X : sequence of samples, array or DataFrame, shape (n, n_in)
    Y : sequence of n targets, array, Series or DataFrame
    cost : str or callable

    Returns
    -------
    PerSampleGradients
        ``samples[s]["w[1][0,2]"]`` and ``mean["w[1][0,2]"]``.

    Raises
    ------
    ValueError, TypeError
        If the data does not fit.

    Examples
    --------
    >>> from nn import Neuron
    >>> neuron = Neuron(1, "linear", seed=0)
    >>> neuron.weights[0].data = 2.0
    >>> per_sample_gradients(neuron, [[1.0], [3.0]], [0.0, 0.0], "sum_squared_error").mean
    {'w[0]': 20.0, 'b': 8.0}
    """
    cost = cost_function(cost)
    X, Y = rows(X), targets(Y)
    check_data(model, X, Y, cost)
    names, parameters = zip(*model.named_parameters(), strict=True)
    samples = [
        dict(zip(names, grad(cost(outputs_of(model, x), y), parameters), strict=True))
        for x, y in zip(X, Y, strict=True)
    ]
    return PerSampleGradients(samples, {name: sum(g[name] for g in samples) / len(samples) for name in names})
