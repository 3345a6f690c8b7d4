"""Optimizers, which turn gradients into steps of the parameters, and schedules of the learning rate.

NumPy's numbers among the options count as Python's of the same value, which parameters stay.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from autograd_lite import Value
from autograd_lite.names import options_told

from .checks import check_option

Schedule: TypeAlias = Callable[[int], float]
"""``schedule(epoch)``: the factor on the learning rate in that epoch, which count from 0."""


class Optimizer:
    """What all optimizers share: the parameters, the learning rate, and the check of both.

    Attributes
    ----------
    parameters : list of Value
    learning_rate : number
        Positive; may be set between steps.
    """

    def __init__(self, parameters: Iterable[Value], learning_rate: Any) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("an optimizer needs at least one parameter")
        for i, parameter in enumerate(self.parameters):
            if not isinstance(parameter, Value):
                raise TypeError(
                    f"parameters are Values; number {i} is {type(parameter).__name__} {parameter!r}"
                )
        if len(set(self.parameters)) < len(self.parameters):
            twice = next(p for i, p in enumerate(self.parameters) if p in self.parameters[:i])
            raise ValueError(f"{twice!r} is given twice; a step would change it twice")
        check_option("learning_rate", learning_rate, "positive", lambda rate: 0 < rate < math.inf)
        self.learning_rate = learning_rate

    def __repr__(self) -> str:
        count = len(self.parameters)
        return f"<{type(self).__name__} of {count:,} parameters: learning rate {self.learning_rate}>"

    @property
    def learning_rate(self) -> Any:
        """The learning rate."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        self._learning_rate = Value(rate).data

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0

    def step(self) -> None:
        """Change every parameter by its gradient."""
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent, P ← P − α ∂C/∂P (E4), optionally with momentum.

    Parameters
    ----------
    parameters : iterable of Value
    learning_rate : number
        α, positive.
    momentum : number
        μ in v ← μv + ∂C/∂P, P ← P − αv; from 0 to below 1.
    nesterov : bool
        Whether to look ahead, P ← P − α(∂C/∂P + μv).
    weight_decay : number
        λ in ∂C/∂P + λP, the gradient used.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> w = Value(1.0)
    >>> w.grad = 2.0
    >>> SGD([w], learning_rate=0.25).step()
    >>> w.data
    0.5
    """

    @options_told
    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: Any = 0.1,
        momentum: Any = 0,
        nesterov: bool = False,
        weight_decay: Any = 0,
    ) -> None:
        super().__init__(parameters, learning_rate)
        check_option("momentum", momentum, "from 0 to below 1", lambda mu: 0 <= mu < 1)
        check_option(
            "momentum", momentum, "positive where nesterov is set", lambda mu: mu > 0 or not nesterov
        )
        check_option("weight_decay", weight_decay, "at least 0", lambda decay: 0 <= decay < math.inf)
        self.momentum, self.weight_decay = Value(momentum).data, Value(weight_decay).data
        self.nesterov = nesterov
        self._velocity: list[Any] = [0] * len(self.parameters)

    def step(self) -> None:
        """Change every parameter by its gradient."""
        rate = self.learning_rate
        for i, p in enumerate(self.parameters):
            step = p.grad + self.weight_decay * p.data if self.weight_decay else p.grad
            if self.momentum:
                v = self._velocity[i] = self.momentum * self._velocity[i] + step
                step = step + self.momentum * v if self.nesterov else v
            p.data -= rate * step


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015): steps scaled by running means of the gradient and of its square.

    Parameters
    ----------
    parameters : iterable of Value
    learning_rate : float
        Positive.
    betas : pair of float
        The memories of the two means, from 0 to below 1.
    epsilon : float
        Keeps the divisor away from 0.
    weight_decay : float
        λ in ∂C/∂P + λP, the gradient used.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> w = Value(1.0)
    >>> w.grad = 123.0
    >>> Adam([w], learning_rate=0.25).step()
    >>> round(w.data, 6)
    0.75
    """

    _decoupled = False

    @options_told
    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate)
        check_option("betas", betas, "two numbers from 0 to below 1", _are_two_memories)
        check_option("epsilon", epsilon, "positive", lambda small: 0 < small < math.inf)
        check_option("weight_decay", weight_decay, "at least 0", lambda decay: 0 <= decay < math.inf)
        self.betas = Value(betas[0]).data, Value(betas[1]).data
        self.epsilon, self.weight_decay = Value(epsilon).data, Value(weight_decay).data
        self._steps = 0
        self._mean = [0.0] * len(self.parameters)
        self._square = [0.0] * len(self.parameters)

    def step(self) -> None:
        """Change every parameter by its gradient."""
        self._steps += 1
        rate, (beta1, beta2) = self.learning_rate, self.betas
        # Both means start at 0 and are too small at first, by these factors.
        full1, full2 = 1 - beta1**self._steps, 1 - beta2**self._steps
        for i, p in enumerate(self.parameters):
            g = float(p.grad)
            if self._decoupled:
                p.data *= 1 - rate * self.weight_decay
            else:
                g += self.weight_decay * p.data
            m = self._mean[i] = beta1 * self._mean[i] + (1 - beta1) * g
            s = self._square[i] = beta2 * self._square[i] + (1 - beta2) * g * g
            p.data -= rate * (m / full1) / (math.sqrt(s / full2) + self.epsilon)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019): P ← P − αλP beside the step.

    Parameters and errors are those of :class:`Adam`; ``weight_decay`` is 0.01 by default.

    Examples
    --------
    >>> w = Value(1.0)
    >>> AdamW([w], learning_rate=0.5, weight_decay=0.1).step()
    >>> w.data
    0.95
    """

    _decoupled = True

    @options_told
    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, betas, epsilon, weight_decay)


def clip_gradients(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale all gradients together so that their Euclidean norm is at most ``max_norm``.

    Parameters
    ----------
    parameters : iterable of Value
    max_norm : float
        Positive.

    Returns
    -------
    float
        The norm before.

    Raises
    ------
    ValueError
        If max_norm is not positive.

    Examples
    --------
    >>> v, w = Value(0.0), Value(0.0)
    >>> v.grad, w.grad = 3.0, 4.0
    >>> clip_gradients([v, w], 1.0), v.grad, w.grad
    (5.0, 0.6000000000000001, 0.8)
    """
    check_option("max_norm", max_norm, "positive", lambda norm: norm > 0)
    parameters = list(parameters)
    norm, max_norm = math.hypot(*(float(p.grad) for p in parameters)), float(max_norm)
    if norm > max_norm:
        for p in parameters:
            p.grad *= max_norm / norm
    return norm


def step_decay(every: int, factor: float = 0.5) -> Schedule:
    """Return a schedule that multiplies the learning rate by ``factor`` after every so many epochs.

    Examples
    --------
    >>> [step_decay(2)(epoch) for epoch in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    check_option("every", every, "at least 1", lambda epochs: epochs >= 1)
    check_option("factor", factor, "positive", lambda f: 0 < f < math.inf)
    return lambda epoch: float(factor ** (epoch // every))


def exponential_decay(factor: float) -> Schedule:
    """Return a schedule that multiplies the learning rate by ``factor`` after each epoch.

    Examples
    --------
    >>> [exponential_decay(0.5)(epoch) for epoch in range(3)]
    [1.0, 0.5, 0.25]
    """
    check_option("factor", factor, "positive", lambda f: 0 < f < math.inf)
    return lambda epoch: float(factor**epoch)


def cosine_decay(epochs: int, warmup: int = 0) -> Schedule:
    """Return a schedule that rises linearly over ``warmup`` epochs, then falls to 0 along half a cosine.

    Examples
    --------
    >>> [round(cosine_decay(4)(epoch), 3) for epoch in range(5)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    >>> [cosine_decay(4, warmup=2)(epoch) for epoch in range(3)]
    [0.5, 1.0, 1.0]
    """
    check_option("warmup", warmup, f"from 0 to below the {epochs} epochs", lambda w: 0 <= w < epochs)

    def schedule(epoch: int) -> float:
        if epoch < warmup:
            return (epoch + 1) / warmup
        return (1 + math.cos(math.pi * min(1.0, (epoch - warmup) / (epochs - warmup)))) / 2

    return schedule


def _are_two_memories(betas: tuple[float, float]) -> bool:
    return len(betas) == 2 and all(0 <= beta < 1 for beta in betas)
