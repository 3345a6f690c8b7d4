"""A Gaussian mixture: the logarithm of its posterior probability, with a Wishart prior on the precisions.

Each component has a weight α, a mean μ and a lower triangular Q, with exp(q) on its diagonal and l below it,
column by column; its precision is QᵀQ.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.benchmarks.gradbench.lse import cost as logsumexp
from tests.benchmarks.gradbench.objective import Objective

GAMMA, EXTRA = 1.0, 0
"""Of the prior: its precision, and its additional degrees of freedom."""


def constant(d: int, gamma: float, extra: int) -> float:
    """Return the part of the prior of a component that depends on sizes only."""
    freedom = d + extra + 1
    log_gamma = d * (d - 1) / 4 * math.log(math.pi)
    log_gamma += sum(math.lgamma((freedom - j) / 2) for j in range(d))
    return freedom * d * math.log(gamma / math.sqrt(2)) - log_gamma


def squared_norm(e: Any, l: Any, y: Any) -> Any:
    """Return |Q y|² on scalars, where e is the diagonal of Q."""
    d = len(y)
    total = 0.0
    for i in range(d):
        z = e[i] * y[i]
        for j in range(i):
            z += l[j * (2 * d - j - 1) // 2 + i - j - 1] * y[j]
        total += z * z
    return total


def cost_of_point(alpha: Any, mu: Any, e: Any, q: Any, l: Any, x: Any) -> Any:
    """Return the logarithm of the likelihood of a point, on scalars, without the weights' own logsumexp."""
    beta = []
    for a, mu_k, e_k, q_k, l_k in zip(alpha, mu, e, q, l, strict=True):
        y = [x_j - mu_j for x_j, mu_j in zip(x, mu_k, strict=True)]
        beta.append(a + sum(q_k) - squared_norm(e_k, l_k, y) / 2)
    return logsumexp(beta) - len(x) / 2 * math.log(2 * math.pi)


def prior(e: Any, q: Any, l: Any, gamma: float, extra: int) -> Any:
    """Return the logarithm of the prior on scalars."""
    total = len(e) * constant(len(e[0]), gamma, extra)
    for e_k, q_k, l_k in zip(e, q, l, strict=True):
        squares = sum(e_j**2 for e_j in e_k) + sum(l_j**2 for l_j in l_k)
        total += extra * sum(q_k) - gamma**2 / 2 * squares
    return total


def cost(alpha: Any, mu: Any, q: Any, l: Any, x: Any) -> Any:
    """Return the cost on scalars."""
    e = [[q_j.exp() for q_j in q_k] for q_k in q]
    total = prior(e, q, l, GAMMA, EXTRA) - len(x) * logsumexp(alpha)
    for x_i in x:
        total += cost_of_point(alpha, mu, e, q, l, x_i)
    return total


def _constant(n: int, d: int, k: int) -> float:
    return k * constant(d, GAMMA, EXTRA) - n * d / 2 * math.log(2 * math.pi)


def by_hand(alpha: Any, mu: Any, q: Any, l: Any, x: Any) -> Any:
    """Return the value and the gradients."""
    n, (k, d) = len(x), mu.shape
    diagonal = np.arange(d)
    columns, rows = np.triu_indices(d, 1)
    e = np.exp(q)
    Q = np.zeros((k, d, d))
    Q[:, diagonal, diagonal] = e
    Q[:, rows, columns] = l
    Y = x - mu[:, None]
    Z = Y @ Q.mT
    beta = (alpha + q.sum(axis=1))[:, None] - np.einsum("knd,knd->kn", Z, Z) / 2
    largest = beta.max(axis=0)
    B = np.exp(beta - largest)
    sums = B.sum(axis=0)
    largest_alpha = alpha.max()
    a = np.exp(alpha - largest_alpha)
    sum_a = a.sum()
    value = _constant(n, d, k) + (largest + np.log(sums)).sum() - n * (largest_alpha + np.log(sum_a))
    value += EXTRA * q.sum() - GAMMA**2 / 2 * ((e * e).sum() + (l * l).sum())

    shares = B / sums
    of_component = shares.sum(axis=1)
    dZ = -shares[:, :, None] * Z
    dQ = dZ.mT @ Y
    d_mu = -(dZ @ Q).sum(axis=1)
    d_q = of_component[:, None] + EXTRA + e * (dQ[:, diagonal, diagonal] - GAMMA**2 * e)
    d_l = dQ[:, rows, columns] - GAMMA**2 * l
    return value, [of_component - n / sum_a * a, d_mu, d_q, d_l]


def on_arrays(xp: Any, alpha: Any, mu: Any, q: Any, l: Any, x: Any) -> Any:
    """Return the cost."""
    n, (k, d) = len(x), mu.shape
    i, j = np.tril_indices(d, -1)
    # Row i, column j of Q is in the diagonal, above it, or number such and such of l.
    place = np.full((d, d), d)
    place[np.arange(d), np.arange(d)] = np.arange(d)
    place[i, j] = d + 1 + j * (2 * d - j - 1) // 2 + i - j - 1
    e = xp.exp(q)
    Q = xp.concatenate([e, xp.zeros_like(e[:, :1]), l], axis=1)[:, place]
    Z = (x - mu[:, None]) @ xp.swapaxes(Q, 1, 2)
    beta = (alpha + xp.sum(q, axis=1))[:, None] - xp.sum(Z * Z, axis=2) / 2
    value = _constant(n, d, k) + xp.sum(_logsumexp(xp, beta)) - n * _logsumexp(xp, alpha)
    return value + EXTRA * xp.sum(q) - GAMMA**2 / 2 * (xp.sum(e * e) + xp.sum(l * l))


def _logsumexp(xp: Any, x: Any) -> Any:
    largest = xp.amax(x, axis=0)
    return largest + xp.log(xp.sum(xp.exp(x - largest), axis=0))


def objective(n: int, d: int, k: int) -> Objective:
    """Return the objective for n points in d dimensions and k components."""
    random = np.random.default_rng(31337)
    x = random.normal(size=(n, d))
    alpha, mu = random.normal(size=k), random.uniform(size=(k, d))
    q, l = random.normal(size=(k, d)), random.normal(size=(k, d * (d - 1) // 2))
    return Objective(
        f"gmm, n = {n}, d = {d}, k = {k}",
        cost,
        by_hand,
        on_arrays,
        [alpha, mu, q, l, x],
        argnums=(0, 1, 2, 3),
    )


def objectives() -> list[Objective]:
    """Return the sizes that are measured."""
    return [objective(50, 3, 4), objective(400, 3, 4)]
