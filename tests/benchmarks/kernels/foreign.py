"""Ten functions that nobody here invented, from textbooks and the examples of other autodiff projects.

Each is written twice from its mathematics: as a cost on scalars, and as the value and the gradients that a
person writes in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import cos, exp, log, sin, sqrt


class Foreign(NamedTuple):
    """A function: its origin, the cost on scalars, value and gradients by hand, its arguments at a size."""

    origin: str
    cost: Callable[..., Any]
    by_hand: Callable[..., tuple[Any, Sequence[Any]]]
    arguments: Callable[[int], list[Any]]
    argnums: Sequence[int]
    size: int
    in_axes: Sequence[int | None] | None = None


def inner(xs: Any, ys: Any) -> Any:
    """Return the inner product."""
    return sum(x * y for x, y in zip(xs, ys, strict=True))


# --- Griewank and Walther, Evaluating Derivatives -------------------------------------------------------

ROOT2 = 2**0.5


def helmholtz(x: Any, A: Any, b: Any) -> Any:
    """Return the Helmholtz energy of a mixed fluid."""
    n = len(x)
    bx = sum(b[i] * x[i] for i in range(n))
    mixing = sum(x[i] * log(x[i] / (1 - bx)) for i in range(n))
    xAx = sum(x[i] * sum(A[i][j] * x[j] for j in range(n)) for i in range(n))
    return mixing - xAx / (2 * ROOT2 * bx) * log((1 + (1 + ROOT2) * bx) / (1 + (1 - ROOT2) * bx))


def helmholtz_by_hand(x: Any, A: Any, b: Any) -> Any:
    """Return the energy and its gradient by x."""
    bx, Ax = b @ x, A @ x
    xAx = x @ Ax
    above, below = 1 + (1 + ROOT2) * bx, 1 + (1 - ROOT2) * bx
    logs, ratio = np.log(x / (1 - bx)), np.log(above / below)
    scale = 1 / (2 * ROOT2 * bx)
    slope = (1 + ROOT2) / above - (1 - ROOT2) / below
    by_bx = x.sum() / (1 - bx) + xAx * scale * (ratio / bx - slope)
    return x @ logs - xAx * scale * ratio, [logs + 1 - (Ax + A.T @ x) * (scale * ratio) + by_bx * b]


def speelpenning(x: Any) -> Any:
    """Return the product of all."""
    product = x[0]
    for x_i in x[1:]:
        product = product * x_i
    return product


def speelpenning_by_hand(x: Any) -> Any:
    """Return the product, and for each factor the product of the others."""
    before = np.concatenate([[1.0], np.cumprod(x[:-1])])
    after = np.concatenate([np.cumprod(x[:0:-1])[::-1], [1.0]])
    return before[-1] * x[-1], [before * after]


# --- test functions for optimisation: Nocedal and Wright; Moré, Garbow and Hillstrom; MINPACK-2 ---------


def rosenbrock(x: Any) -> Any:
    """Return the extended function of Rosenbrock."""
    return sum(100 * (x[2 * i + 1] - x[2 * i] ** 2) ** 2 + (1 - x[2 * i]) ** 2 for i in range(len(x) // 2))


def rosenbrock_by_hand(x: Any) -> Any:
    """Return the function and its gradient."""
    even, odd = x[0::2], x[1::2]
    d, e = odd - even**2, 1 - even
    gradient = np.empty_like(x)
    gradient[0::2] = -400 * even * d - 2 * e
    gradient[1::2] = 200 * d
    return 100 * (d @ d) + e @ e, [gradient]


def trigonometric(x: Any) -> Any:
    """Return the sum of squares of n − Σ cos xⱼ + i (1 − cos xᵢ) − sin xᵢ."""
    n = len(x)
    total = 0
    for i in range(n):
        f = n - sum(cos(x_j) for x_j in x) + (i + 1) * (1 - cos(x[i])) - sin(x[i])
        total = total + f**2
    return total


def trigonometric_by_hand(x: Any) -> Any:
    """Return the function and its gradient."""
    c, s, i = np.cos(x), np.sin(x), np.arange(1, len(x) + 1)
    f = len(x) - c.sum() + i * (1 - c) - s
    return f @ f, [2 * (f.sum() * s + f * (i * s - c))]


def integral_equation(x: Any) -> Any:
    """Return the sum of squares of a discrete integral equation; the kernel bends at the diagonal."""
    n = len(x)
    h = 1 / (n + 1)
    t = [(i + 1) * h for i in range(n)]
    cubes = [(x[i] + t[i] + 1) ** 3 for i in range(n)]
    total = 0
    for i in range(n):
        left = sum(t[j] * cubes[j] for j in range(i + 1))
        right = sum((1 - t[j]) * cubes[j] for j in range(i + 1, n))
        total = total + (x[i] + h / 2 * ((1 - t[i]) * left + t[i] * right)) ** 2
    return total


def integral_equation_by_hand(x: Any) -> Any:
    """Return the function and its gradient."""
    h = 1 / (len(x) + 1)
    t = np.arange(1, len(x) + 1) * h
    kernel = h / 2 * np.minimum.outer(t, t) * (1 - np.maximum.outer(t, t))
    u = x + t + 1
    f = x + kernel @ u**3
    return f @ f, [2 * f + 6 * u**2 * (kernel.T @ f)]


def minimal_surface(z: Any) -> Any:
    """Return the area of a surface over a grid: of each cell by its two diagonals."""
    n = len(z) - 1
    area = 0
    for i in range(n):
        for j in range(n):
            a = z[i][j] - z[i + 1][j + 1]
            b = z[i + 1][j] - z[i][j + 1]
            area = area + sqrt(1 + (a**2 + b**2) * (n**2 / 2))
    return area / n**2


def minimal_surface_by_hand(z: Any) -> Any:
    """Return the area and its gradient."""
    n = len(z) - 1
    a, b = z[:-1, :-1] - z[1:, 1:], z[1:, :-1] - z[:-1, 1:]
    root = np.sqrt(1 + (a**2 + b**2) * (n**2 / 2))
    da, db = a / (2 * root), b / (2 * root)
    gradient = np.zeros_like(z)
    gradient[:-1, :-1] += da
    gradient[1:, 1:] -= da
    gradient[1:, :-1] += db
    gradient[:-1, 1:] -= db
    return root.sum() / n**2, [gradient]


def lennard_jones(p: Any) -> Any:
    """Return the energy of a cluster of atoms, r⁻¹² − 2 r⁻⁶ for each pair."""
    energy = 0
    for i in range(len(p)):
        for j in range(i):
            r2 = sum((p[i][k] - p[j][k]) ** 2 for k in range(3))
            r6 = 1 / r2**3
            energy = energy + r6**2 - 2 * r6
    return energy


def lennard_jones_by_hand(p: Any) -> Any:
    """Return the energy and its gradient."""
    d = p[:, None] - p
    r2 = (d * d).sum(-1)
    np.fill_diagonal(r2, np.inf)
    r6 = r2**-3
    pull = (r6 - r6 * r6) / r2
    return (r6 * r6 - 2 * r6).sum() / 2, [12 * (pull[:, :, None] * d).sum(1)]


# --- after the examples of HIPS autograd ----------------------------------------------------------------


def hidden_markov(start: Any, transitions: Any, emissions: Any, symbols: Any) -> Any:
    """Return the negative log-likelihood of a sequence by the forward algorithm, of probabilities as exp."""
    states = range(len(start))
    scale = sum(exp(s) for s in start)
    rows = [sum(exp(t) for t in row) for row in transitions]
    alpha = [exp(start[k]) / scale * exp(emissions[k][symbols[0]]) for k in states]
    loglik = 0
    for symbol in symbols[1:]:
        norm = sum(alpha)
        loglik = loglik + log(norm)
        alpha = [a / norm for a in alpha]
        alpha = [
            sum(alpha[j] * exp(transitions[j][k]) / rows[j] for j in states) * exp(emissions[k][symbol])
            for k in states
        ]
    return -(loglik + log(sum(alpha)))


SYMBOLS = [int(k) for k in np.random.default_rng(7).integers(0, 3, 200)]


def hidden_markov_by_hand(start: Any, transitions: Any, emissions: Any) -> Any:
    """Return it and its gradients by the forward and the backward algorithm."""
    symbols = SYMBOLS
    p, B = np.exp(start), np.exp(emissions)
    p /= p.sum()
    T = np.exp(transitions)
    T /= T.sum(1, keepdims=True)
    n = len(symbols)
    likely = B[:, symbols].T
    alpha, beta, norms = np.empty((n, len(p))), np.ones((n, len(p))), np.empty(n)
    alpha[0] = p * likely[0]
    for t in range(n):
        if t:
            alpha[t] = (alpha[t - 1] @ T) * likely[t]
        norms[t] = alpha[t].sum()
        alpha[t] /= norms[t]
    for t in range(n - 2, -1, -1):
        beta[t] = T @ (beta[t + 1] * likely[t + 1]) / norms[t + 1]
    at = alpha * beta
    pairs = T * (alpha[:-1].T @ (beta[1:] * likely[1:] / norms[1:, None]))
    by_emissions = np.zeros_like(B)
    np.add.at(by_emissions.T, symbols, at)
    gradients = [p - at[0], T * pairs.sum(1, keepdims=True) - pairs, -by_emissions]
    return -np.log(norms).sum(), gradients


def gaussian_process(theta: Any, x: Any, y: Any) -> Any:
    """Return the negative log marginal likelihood: a kernel matrix, Cholesky, and a triangular solution."""
    n = len(x)
    height, width, noise = exp(theta[0]), exp(theta[1]), exp(theta[2])
    L: list[list[Any]] = [[0.0] * n for _ in range(n)]
    z: list[Any] = []
    for i in range(n):
        for j in range(i + 1):
            k = height * exp(-0.5 * ((x[i] - x[j]) / width) ** 2) + (noise if i == j else 0.0)
            s = k - sum(L[i][m] * L[j][m] for m in range(j))
            L[i][j] = sqrt(s) if i == j else s / L[j][j]
        z.append((y[i] - sum(L[i][m] * z[m] for m in range(i))) / L[i][i])
    return sum(z_i**2 for z_i in z) / 2 + sum(log(L[i][i]) for i in range(n)) + n / 2 * np.log(2 * np.pi)


def gaussian_process_by_hand(theta: Any, x: Any, y: Any) -> Any:
    """Return it and its gradient by the three parameters."""
    height, width, noise = np.exp(theta)
    d2 = ((x[:, None] - x) / width) ** 2
    smooth = height * np.exp(-0.5 * d2)
    K = smooth + noise * np.eye(len(x))
    L = np.linalg.cholesky(K)
    inverse = np.linalg.inv(K)
    a = inverse @ y
    G = (inverse - np.outer(a, a)) / 2
    value = y @ a / 2 + np.log(np.diag(L)).sum() + len(x) / 2 * np.log(2 * np.pi)
    return value, [np.array([(G * smooth).sum(), (G * smooth * d2).sum(), noise * np.trace(G)])]


def autoencoder(P: Any, x: Any, e: Any) -> Any:
    """Return the negative evidence bound of a variational autoencoder for one picture and its noise."""
    hidden = [(inner(w, x) + b).tanh() for w, b in zip(P["W1"], P["b1"], strict=True)]
    m = [inner(w, hidden) + b for w, b in zip(P["Wm"], P["bm"], strict=True)]
    s = [inner(w, hidden) + b for w, b in zip(P["Ws"], P["bs"], strict=True)]
    z = [m_k + e_k * exp(s_k) for m_k, s_k, e_k in zip(m, s, e, strict=True)]
    back = [(inner(w, z) + b).tanh() for w, b in zip(P["W2"], P["b2"], strict=True)]
    logits = [inner(w, back) + b for w, b in zip(P["W3"], P["b3"], strict=True)]
    likelihood = sum(x_k * o - o.softplus() for x_k, o in zip(x, logits, strict=True))
    divergence = sum(m_k**2 + exp(2 * s_k) - 1 - 2 * s_k for m_k, s_k in zip(m, s, strict=True)) / 2
    return divergence - likelihood


def autoencoder_by_hand(P: Any, x: Any, e: Any) -> Any:
    """Return the mean over samples and its gradients."""
    n = len(x)
    h = np.tanh(x @ P["W1"].T + P["b1"])
    m, s = h @ P["Wm"].T + P["bm"], h @ P["Ws"].T + P["bs"]
    spread = np.exp(s)
    z = m + e * spread
    g = np.tanh(z @ P["W2"].T + P["b2"])
    o = g @ P["W3"].T + P["b3"]
    value = ((m * m + spread * spread - 1 - 2 * s).sum() / 2 + (np.logaddexp(0, o) - x * o).sum()) / n
    do = (1 / (1 + np.exp(-o)) - x) / n
    dg = do @ P["W3"] * (1 - g * g)
    dz = dg @ P["W2"]
    dm, ds = dz + m / n, dz * e * spread + (spread * spread - 1) / n
    dh = (dm @ P["Wm"] + ds @ P["Ws"]) * (1 - h * h)
    by_rows = {"W1": (dh, x), "Wm": (dm, h), "Ws": (ds, h), "W2": (dg, z), "W3": (do, g)}
    gradients = {name: d.T @ below for name, (d, below) in by_rows.items()}
    return value, [gradients | {"b" + name[1:]: d.sum(0) for name, (d, _) in by_rows.items()}]


# --- all of them ----------------------------------------------------------------------------------------


def _drawn(shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    random = np.random.default_rng(1)
    return [random.normal(size=shape) for shape in shapes]


def _of_helmholtz(n: int) -> list[Any]:
    random = np.random.default_rng(1)
    A = random.uniform(size=(n, n))
    return [random.uniform(0.5, 1, n) / n, A + A.T, random.uniform(0.1, 0.4, n)]


def _of_autoencoder(n: int) -> list[Any]:
    random = np.random.default_rng(1)
    shapes = {"W1": (16, 36), "Wm": (4, 16), "Ws": (4, 16), "W2": (16, 4), "W3": (36, 16)}
    P = {name: random.normal(size=shape) / shape[1] ** 0.5 for name, shape in shapes.items()}
    P |= {"b" + name[1:]: random.normal(size=shape[0]) / 4 for name, shape in shapes.items()}
    return [P, random.uniform(size=(n, 36)), random.normal(size=(n, 4))]


def _of_cluster(n: int) -> list[Any]:
    grid = np.stack(np.meshgrid(*[np.arange(4.0)] * 3), -1).reshape(-1, 3)[:n]
    return [1.1 * grid + 0.1 * np.random.default_rng(1).normal(size=(n, 3))]


def hidden_markov_of_symbols(start: Any, transitions: Any, emissions: Any) -> Any:
    """Return it for the sequence that is known."""
    return hidden_markov(start, transitions, emissions, SYMBOLS)


FOREIGN = {
    "Helmholtz energy": Foreign("Griewank & Walther", helmholtz, helmholtz_by_hand, _of_helmholtz, [0], 50),
    "Speelpenning's product": Foreign(
        "Griewank & Walther",
        speelpenning,
        speelpenning_by_hand,
        lambda n: [1 + _drawn([(n,)])[0] / 9],
        [0],
        60,
    ),
    "extended Rosenbrock": Foreign(
        "Nocedal & Wright", rosenbrock, rosenbrock_by_hand, lambda n: _drawn([(n,)]), [0], 100
    ),
    "trigonometric": Foreign(
        "Moré, Garbow & Hillstrom",
        trigonometric,
        trigonometric_by_hand,
        lambda n: _drawn([(n,)]),
        [0],
        40,
    ),
    "discrete integral equation": Foreign(
        "Moré, Garbow & Hillstrom",
        integral_equation,
        integral_equation_by_hand,
        lambda n: [_drawn([(n,)])[0] / 4],
        [0],
        30,
    ),
    "minimal surface": Foreign(
        "MINPACK-2", minimal_surface, minimal_surface_by_hand, lambda n: _drawn([(n, n)]), [0], 17
    ),
    "Lennard-Jones cluster": Foreign("MINPACK-2", lennard_jones, lennard_jones_by_hand, _of_cluster, [0], 13),
    "hidden Markov model": Foreign(
        "HIPS autograd, hmm_em",
        hidden_markov_of_symbols,
        hidden_markov_by_hand,
        lambda n: _drawn([(n,), (n, n), (n, 3)]),
        [0, 1, 2],
        5,
    ),
    "Gaussian process": Foreign(
        "HIPS autograd, gaussian_process",
        gaussian_process,
        gaussian_process_by_hand,
        lambda n: [np.array([0.1, -0.2, -1.0]), *_drawn([(n,), (n,)])],
        [0],
        20,
    ),
    "variational autoencoder": Foreign(
        "HIPS autograd, variational_autoencoder",
        autoencoder,
        autoencoder_by_hand,
        _of_autoencoder,
        [0],
        100,
        (None, 0, 0),
    ),
}
