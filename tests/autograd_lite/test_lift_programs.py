"""Programs as people write them, lifted: regressions, a convolution, an LSTM, a GPT block, a trajectory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite import exp, fsum, log
from tests.autograd_lite.lifting import require_same_batch, require_same_gradients
from tests.benchmarks import gpt

random = np.random.default_rng(0)


def inner(a: Any, b: Any) -> Any:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_logistic_regression() -> None:
    def cost(w: Any, b: Any, x: Any, y: Any) -> Any:
        z = inner(w, x) + b
        return (1 - y) * z.softplus() + y * (-z).softplus()

    X, Y = random.normal(size=(20, 3)), random.integers(0, 2, 20)
    require_same_batch(cost, [random.normal(size=3), 0.2, X, Y], (None, None, 0, 0))

    def whole(w: Any, b: Any, X: Any, Y: Any) -> Any:
        return sum(cost(w, b, x, y) for x, y in zip(X, Y, strict=True)) / len(X)

    require_same_gradients(whole, random.normal(size=3), 0.2, X, Y)


def test_polynomial_regression() -> None:
    def cost(c: Any, xs: Any, ys: Any) -> Any:
        def polynomial(x: Any) -> Any:
            result = c[-1]
            for coefficient in reversed(c[:-1]):
                result = result * x + coefficient
            return result

        return sum((polynomial(x) - y) ** 2 for x, y in zip(xs, ys, strict=True)) / len(xs)

    def by_powers(c: Any, xs: Any, ys: Any) -> Any:
        return sum((sum(c_k * x**k for k, c_k in enumerate(c)) - y) ** 2 for x, y in zip(xs, ys, strict=True))

    args = random.normal(size=4), random.normal(size=15), random.normal(size=15)
    require_same_gradients(cost, *args)
    require_same_gradients(by_powers, *args)


def test_a_convolution_written_as_loops() -> None:
    def cost(image: Any, kernels: Any, weights: Any) -> Any:
        n, k = len(image), len(kernels[0])
        maps = [
            [
                [
                    sum(image[i + p][j + q] * kernel[p][q] for p in range(k) for q in range(k)).relu()
                    for j in range(n - k + 1)
                ]
                for i in range(n - k + 1)
            ]
            for kernel in kernels
        ]
        pooled = [
            m[i][j].maximum(m[i][j + 1]).maximum(m[i + 1][j].maximum(m[i + 1][j + 1]))
            for m in maps
            for i in range(0, len(m), 2)
            for j in range(0, len(m), 2)
        ]
        return inner(weights, pooled).tanh()

    image, kernels = random.normal(size=(8, 8)), random.normal(size=(2, 3, 3))
    require_same_gradients(cost, image, kernels, random.normal(size=18) / 5)


def lstm_cost(P: Any, xs: Any, y: Any) -> Any:
    size = len(P["b"]) // 4
    h, c = [0.0] * size, [0.0] * size
    for x in xs:
        z = [inner(U, x) + inner(V, h) + b for U, V, b in zip(P["U"], P["V"], P["b"], strict=True)]
        i, f, o = (
            [v.sigmoid() for v in z[:size]],
            [v.sigmoid() for v in z[size : 2 * size]],
            [v.sigmoid() for v in z[2 * size : 3 * size]],
        )
        g = [v.tanh() for v in z[3 * size :]]
        c = [f_k * c_k + i_k * g_k for f_k, c_k, i_k, g_k in zip(f, c, i, g, strict=True)]
        h = [o_k * c_k.tanh() for o_k, c_k in zip(o, c, strict=True)]
    return sum((h_k - y_k) ** 2 for h_k, y_k in zip(h, y, strict=True))


def test_an_lstm_cell_over_several_steps() -> None:
    P = {
        name: random.normal(size=shape) / 2
        for name, shape in {"U": (12, 2), "V": (12, 3), "b": (12,)}.items()
    }
    xs, y = random.normal(size=(6, 2)), random.normal(size=3)
    require_same_gradients(lstm_cost, P, xs, y)


def test_a_gpt_block(monkeypatch: Any) -> None:
    P = {name: np.array(rows) for name, rows in gpt.parameters_of(float).items()}
    require_same_gradients(lambda P: gpt.gpt_cost(P, gpt.TEXT), P)
    # A softmax without the largest one read out of the Values, as for symbols.
    monkeypatch.setattr(gpt, "softmax", softmax)
    require_same_gradients(lambda P: gpt.gpt_cost(P, gpt.TEXT[:4]), P)


def softmax(zs: Any) -> Any:
    exponentials = [z.exp() for z in zs]
    return [e / sum(exponentials) for e in exponentials]


def trajectory_cost(v0: Any, k: Any, drag: Any, steps: int) -> Any:
    """Return how far from a target a ball on a spring with drag ends up."""
    x, y, vx, vy, dt = 0.0, 1.0, v0[0], v0[1], 0.01
    for _ in range(steps):
        speed = (vx * vx + vy * vy + 1e-6).sqrt()
        ax, ay = -k * x - drag * speed * vx, -k * y - drag * speed * vy - 9.81
        vx, vy = vx + dt * ax, vy + dt * ay
        x, y = x + dt * vx, y + dt * vy
    return (x - 1.0) ** 2 + (y - 2.0) ** 2


def test_a_trajectory_of_a_time_stepping_loop() -> None:
    require_same_gradients(lambda v0, k, drag: trajectory_cost(v0, k, drag, 300), [3.0, 4.0], 2.0, 0.1)


def test_trajectories_of_many_samples() -> None:
    require_same_batch(
        lambda v0, k, drag: trajectory_cost(v0, k, drag, 20),
        [random.normal(size=(5, 2)) + 3, 2.0, 0.1],
        (0, None, None),
    )


def test_planets_that_attract_each_other() -> None:
    def cost(positions: Any, velocities: Any, masses: Any) -> Any:
        p, v = positions, velocities
        for _ in range(5):
            forces = []
            for i in range(len(p)):
                total = [0.0, 0.0]
                for j in range(len(p)):
                    if i != j:
                        d = [b - a for a, b in zip(p[i], p[j], strict=True)]
                        r3 = (inner(d, d) + 0.1) ** 1.5
                        total = [t + masses[j] * d_k / r3 for t, d_k in zip(total, d, strict=True)]
                forces.append(total)
            v = [
                [a + 0.01 * f for a, f in zip(vi, fi, strict=True)] for vi, fi in zip(v, forces, strict=True)
            ]
            p = [[a + 0.01 * b for a, b in zip(pi, vi, strict=True)] for pi, vi in zip(p, v, strict=True)]
        return sum(inner(pi, pi) for pi in p)

    require_same_gradients(
        cost, random.normal(size=(4, 2)), random.normal(size=(4, 2)), random.uniform(1, 2, 4)
    )


def test_a_mixture_of_normal_distributions() -> None:
    def cost(means: Any, scales: Any, weights: Any, xs: Any) -> Any:
        total = sum(exp(w) for w in weights)

        def density(x: Any) -> Any:
            return sum(
                exp(w) / total * exp(-(((x - m) / s) ** 2) / 2) / (s * math.sqrt(2 * math.pi))
                for m, s, w in zip(means, scales, weights, strict=True)
            )

        return -fsum([log(density(x)) for x in xs]) / len(xs)

    args = random.normal(size=3), random.uniform(1, 2, 3), random.normal(size=3), random.normal(size=12)
    require_same_gradients(cost, *args)
