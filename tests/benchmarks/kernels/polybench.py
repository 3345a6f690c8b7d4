"""The thirty kernels of PolyBench: matrices, solvers, statistics, stencils, dynamic programming."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite import maximum, minimum, sqrt, where
from tests.benchmarks.kernels.suite import Suite

SUITE = Suite("PolyBench")
kernel = SUITE.kernel
STEPS = 6
"""In time."""


def zeros(*shape: int) -> Any:
    return [zeros(*shape[1:]) for _ in range(shape[0])] if shape else 0.0


def copied(A: Any) -> Any:
    return [copied(row) for row in A] if isinstance(A, list) else A


# --- products of matrices and vectors -------------------------------------------------------------------


def product(A: Any, B: Any) -> Any:
    C = zeros(len(A), len(B[0]))
    for i in range(len(A)):
        for j in range(len(B[0])):
            for k in range(len(B)):
                C[i][j] = C[i][j] + A[i][k] * B[k][j]
    return C


@kernel(lambda a, b, A, B, C: b * C + a * A @ B, ". . nk km nm", loops=3)
def gemm(alpha: Any, beta: Any, A: Any, B: Any, C: Any) -> Any:
    C = copied(C)
    for i in range(len(A)):
        for j in range(len(B[0])):
            C[i][j] = C[i][j] * beta
        for k in range(len(B)):
            for j in range(len(B[0])):
                C[i][j] = C[i][j] + alpha * A[i][k] * B[k][j]
    return C


@kernel(lambda a, b, A, B, C, D: b * D + a * A @ B @ C, ". . nk km ml nl", loops=3, name="2mm")
def mm2(alpha: Any, beta: Any, A: Any, B: Any, C: Any, D: Any) -> Any:
    T, D = zeros(len(A), len(B[0])), copied(D)
    for i in range(len(A)):
        for j in range(len(B[0])):
            for k in range(len(B)):
                T[i][j] = T[i][j] + alpha * A[i][k] * B[k][j]
    for i in range(len(A)):
        for j in range(len(C[0])):
            D[i][j] = D[i][j] * beta
            for k in range(len(C)):
                D[i][j] = D[i][j] + T[i][k] * C[k][j]
    return D


@kernel(lambda A, B, C, D: (A @ B) @ (C @ D), "nk km ml ln", loops=3, name="3mm")
def mm3(A: Any, B: Any, C: Any, D: Any) -> Any:
    return product(product(A, B), product(C, D))


@kernel(lambda A, x: A.T @ (A @ x), "nm m", loops=2)
def atax(A: Any, x: Any) -> Any:
    y = zeros(len(x))
    for i in range(len(A)):
        t = 0.0
        for j in range(len(x)):
            t = t + A[i][j] * x[j]
        for j in range(len(x)):
            y[j] = y[j] + A[i][j] * t
    return y


@kernel(lambda A, p, r: (A.T @ r, A @ p), "nm m n", loops=2)
def bicg(A: Any, p: Any, r: Any) -> Any:
    s, q = zeros(len(p)), zeros(len(r))
    for i in range(len(r)):
        for j in range(len(p)):
            s[j] = s[j] + r[i] * A[i][j]
            q[i] = q[i] + A[i][j] * p[j]
    return s, q


@kernel(lambda A, C: A @ C, "nmk kk", loops=4, sizes=(2, 3, 7))
def doitgen(A: Any, C: Any) -> Any:
    result = copied(A)
    for r in range(len(A)):
        for q in range(len(A[0])):
            for p in range(len(C)):
                total = 0.0
                for s in range(len(C)):
                    total = total + A[r][q][s] * C[s][p]
                result[r][q][p] = total
    return result


@kernel(lambda A, x1, x2, y1, y2: (x1 + A @ y1, x2 + A.T @ y2), "nn n n n n", loops=2)
def mvt(A: Any, x1: Any, x2: Any, y1: Any, y2: Any) -> Any:
    x1, x2, n = copied(x1), copied(x2), range(len(x1))
    for i in n:
        for j in n:
            x1[i] = x1[i] + A[i][j] * y1[j]
    for i in n:
        for j in n:
            x2[i] = x2[i] + A[j][i] * y2[j]
    return x1, x2


def gemver_by_person(
    a: Any, b: Any, A: Any, u1: Any, v1: Any, u2: Any, v2: Any, x: Any, y: Any, z: Any
) -> Any:
    A = A + np.outer(u1, v1) + np.outer(u2, v2)
    return a * (A @ (x + b * (A.T @ y) + z))


@kernel(gemver_by_person, ". . nn n n n n n n n", loops=2)
def gemver(alpha: Any, beta: Any, A: Any, u1: Any, v1: Any, u2: Any, v2: Any, x: Any, y: Any, z: Any) -> Any:
    n = range(len(x))
    B, x, w = copied(A), copied(x), zeros(len(x))
    for i in n:
        for j in n:
            B[i][j] = A[i][j] + u1[i] * v1[j] + u2[i] * v2[j]
    for i in n:
        for j in n:
            x[i] = x[i] + beta * B[j][i] * y[j]
    for i in n:
        x[i] = x[i] + z[i]
    for i in n:
        for j in n:
            w[i] = w[i] + alpha * B[i][j] * x[j]
    return w


@kernel(lambda a, b, A, B, x: a * (A @ x) + b * (B @ x), ". . nn nn n", loops=2)
def gesummv(alpha: Any, beta: Any, A: Any, B: Any, x: Any) -> Any:
    y = []
    for i in range(len(x)):
        s = t = 0.0
        for j in range(len(x)):
            s = s + A[i][j] * x[j]
            t = t + B[i][j] * x[j]
        y.append(alpha * s + beta * t)
    return y


def symm_by_person(a: Any, b: Any, A: Any, B: Any, C: Any) -> Any:
    low = np.tril(A, -1)
    return b * C + a * (low + low.T + np.diag(np.diag(A))) @ B


@kernel(symm_by_person, ". . nn nm nm", loops=3)
def symm(alpha: Any, beta: Any, A: Any, B: Any, C: Any) -> Any:
    C = copied(C)
    for i in range(len(A)):
        for j in range(len(B[0])):
            t = 0.0
            for k in range(i):
                C[k][j] = C[k][j] + alpha * B[i][j] * A[i][k]
                t = t + B[k][j] * A[i][k]
            C[i][j] = beta * C[i][j] + alpha * B[i][j] * A[i][i] + alpha * t
    return C


@kernel(lambda a, b, A, C: np.tril(b * C + a * A @ A.T), ". . nm nn", loops=3)
def syrk(alpha: Any, beta: Any, A: Any, C: Any) -> Any:
    result = zeros(len(C), len(C))
    for i in range(len(C)):
        for j in range(i + 1):
            result[i][j] = C[i][j] * beta
            for k in range(len(A[0])):
                result[i][j] = result[i][j] + alpha * A[i][k] * A[j][k]
    return result


@kernel(lambda a, b, A, B, C: np.tril(b * C + a * (A @ B.T + B @ A.T)), ". . nm nm nn", loops=3)
def syr2k(alpha: Any, beta: Any, A: Any, B: Any, C: Any) -> Any:
    result = zeros(len(C), len(C))
    for i in range(len(C)):
        for j in range(i + 1):
            result[i][j] = C[i][j] * beta
            for k in range(len(A[0])):
                result[i][j] = result[i][j] + A[j][k] * alpha * B[i][k] + B[j][k] * alpha * A[i][k]
    return result


@kernel(lambda a, A, B: a * (B + np.tril(A, -1).T @ B), ". nn nm", loops=3)
def trmm(alpha: Any, A: Any, B: Any) -> Any:
    B = copied(B)
    for i in range(len(A)):
        for j in range(len(B[0])):
            for k in range(i + 1, len(A)):
                B[i][j] = B[i][j] + A[k][i] * B[k][j]
            B[i][j] = alpha * B[i][j]
    return B


# --- solvers --------------------------------------------------------------------------------------------


@kernel(np.linalg.cholesky, "nn!", loops=3)
def cholesky(A: Any) -> Any:
    L = zeros(len(A), len(A))
    for i in range(len(A)):
        for j in range(i + 1):
            s = A[i][j]
            for k in range(j):
                s = s - L[i][k] * L[j][k]
            L[i][j] = sqrt(s) if i == j else s / L[j][j]
    return L


def durbin_by_person(r: Any) -> Any:
    y = np.empty_like(r)
    y[0] = alpha = -r[0]
    beta = 1.0
    for k in range(1, len(r)):
        beta = (1 - alpha * alpha) * beta
        alpha = -(r[k] + r[:k][::-1] @ y[:k]) / beta
        y[:k] = y[:k] + alpha * y[:k][::-1]
        y[k] = alpha
    return y


@kernel(durbin_by_person, "n-", loops=2)
def durbin(r: Any) -> Any:
    y = [-r[0]]
    alpha, beta = -r[0], 1.0
    for k in range(1, len(r)):
        beta = (1 - alpha * alpha) * beta
        total = r[k]
        for i in range(k):
            total = total + r[k - i - 1] * y[i]
        alpha = -total / beta
        y = [y[i] + alpha * y[k - i - 1] for i in range(k)]
        y.append(alpha)
    return y


def gramschmidt_by_person(A: Any) -> Any:
    A, Q, R = A.copy(), np.empty_like(A), np.zeros((A.shape[1], A.shape[1]))
    for k in range(A.shape[1]):
        R[k, k] = np.sqrt(A[:, k] @ A[:, k])
        Q[:, k] = A[:, k] / R[k, k]
        R[k, k + 1 :] = Q[:, k] @ A[:, k + 1 :]
        A[:, k + 1 :] -= np.outer(Q[:, k], R[k, k + 1 :])
    return Q, R


@kernel(gramschmidt_by_person, "mn", loops=3)
def gramschmidt(A: Any) -> Any:
    m, n = len(A), len(A[0])
    A, Q, R = copied(A), zeros(m, n), zeros(n, n)
    for k in range(n):
        norm = 0.0
        for i in range(m):
            norm = norm + A[i][k] * A[i][k]
        R[k][k] = sqrt(norm)
        for i in range(m):
            Q[i][k] = A[i][k] / R[k][k]
        for j in range(k + 1, n):
            for i in range(m):
                R[k][j] = R[k][j] + Q[i][k] * A[i][j]
            for i in range(m):
                A[i][j] = A[i][j] - Q[i][k] * R[k][j]
    return Q, R


def lu_by_person(A: Any) -> Any:
    A = A.copy()
    for k in range(len(A) - 1):
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    return A


@kernel(lu_by_person, "nn!", loops=3)
def lu(A: Any) -> Any:
    A, n = copied(A), len(A)
    for i in range(n):
        for j in range(i):
            for k in range(j):
                A[i][j] = A[i][j] - A[i][k] * A[k][j]
            A[i][j] = A[i][j] / A[j][j]
        for j in range(i, n):
            for k in range(i):
                A[i][j] = A[i][j] - A[i][k] * A[k][j]
    return A


@kernel(np.linalg.solve, "nn! n", loops=3)
def ludcmp(A: Any, b: Any) -> Any:
    A, n = lu(A), len(A)
    x = zeros(n)
    for i in range(n):
        x[i] = b[i]
        for j in range(i):
            x[i] = x[i] - A[i][j] * x[j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] = x[i] - A[i][j] * x[j]
        x[i] = x[i] / A[i][i]
    return x


@kernel(lambda L, b: np.linalg.solve(np.tril(L), b), "nn! n", loops=2, sizes=(3, 8, 30))
def trisolv(L: Any, b: Any) -> Any:
    x = zeros(len(b))
    for i in range(len(b)):
        x[i] = b[i]
        for j in range(i):
            x[i] = x[i] - L[i][j] * x[j]
        x[i] = x[i] / L[i][i]
    return x


# --- statistics -----------------------------------------------------------------------------------------


def centred(A: Any) -> Any:
    n = len(A)
    means = []
    for j in range(len(A[0])):
        total = 0.0
        for i in range(n):
            total = total + A[i][j]
        means.append(total / n)
    return [[A[i][j] - means[j] for j in range(len(means))] for i in range(n)]


def products_of_columns(A: Any) -> Any:
    m = len(A[0])
    result = zeros(m, m)
    for i in range(m):
        for j in range(i, m):
            total = 0.0
            for row in A:
                total = total + row[i] * row[j]
            result[i][j] = result[j][i] = total
    return result


def covariance_by_person(A: Any) -> Any:
    A = A - A.mean(axis=0)
    return A.T @ A / (len(A) - 1)


@kernel(covariance_by_person, "nm", loops=3)
def covariance(A: Any) -> Any:
    return [[total / (len(A) - 1) for total in row] for row in products_of_columns(centred(A))]


def correlation_by_person(A: Any) -> Any:
    deviations = A.std(axis=0)
    A = (A - A.mean(axis=0)) / (np.where(deviations > 0.1, deviations, 1.0) * math.sqrt(len(A)))
    R = A.T @ A
    np.fill_diagonal(R, 1.0)
    return R


@kernel(correlation_by_person, "nm", loops=3)
def correlation(A: Any) -> Any:
    n, m = len(A), len(A[0])
    D = centred(A)
    deviations = []
    for j in range(m):
        total = 0.0
        for i in range(n):
            total = total + D[i][j] * D[i][j]
        deviation = sqrt(total / n)
        deviations.append(where(deviation - 0.1, deviation, 1.0))
    R = products_of_columns([[D[i][j] / (math.sqrt(n) * deviations[j]) for j in range(m)] for i in range(n)])
    for i in range(m):
        R[i][i] = 1.0
    return R


# --- stencils in time -----------------------------------------------------------------------------------


def jacobi_1d_by_person(A: Any) -> Any:
    A = A.copy()
    for _ in range(2 * STEPS):
        A[1:-1] = (A[:-2] + A[1:-1] + A[2:]) / 3
    return A


@kernel(jacobi_1d_by_person, "n", loops=2, name="jacobi-1d", sizes=(5, 20, 120))
def jacobi_1d(A: Any) -> Any:
    n = len(A)
    for _ in range(2 * STEPS):
        A = [A[0], *((A[i - 1] + A[i] + A[i + 1]) / 3 for i in range(1, n - 1)), A[-1]]
    return A


def jacobi_2d_by_person(A: Any) -> Any:
    A = A.copy()
    for _ in range(2 * STEPS):
        A[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
    return A


@kernel(jacobi_2d_by_person, "nn", loops=3, name="jacobi-2d", sizes=(4, 6, 14))
def jacobi_2d(A: Any) -> Any:
    n = len(A)
    for _ in range(2 * STEPS):
        B = copied(A)
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                B[i][j] = 0.2 * (A[i][j] + A[i][j - 1] + A[i][j + 1] + A[i + 1][j] + A[i - 1][j])
        A = B
    return A


def seidel_2d_by_person(A: Any) -> Any:
    A = A.copy()
    for _ in range(STEPS // 2):
        for i in range(1, len(A) - 1):
            known = A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:] + A[i, 1:-1] + A[i, 2:]
            known += A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            for j in range(1, len(A) - 1):
                A[i, j] = (A[i, j - 1] + known[j - 1]) / 9
    return A


@kernel(seidel_2d_by_person, "nn", loops=3, name="seidel-2d", sizes=(4, 6, 14))
def seidel_2d(A: Any) -> Any:
    A, n = copied(A), len(A)
    for _ in range(STEPS // 2):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                total = 0.0
                for p in (i - 1, i, i + 1):
                    for q in (j - 1, j, j + 1):
                        total = total + A[p][q]
                A[i][j] = total / 9
    return A


def heat_3d_by_person(A: Any) -> Any:
    A = A.copy()
    for _ in range(STEPS):
        inner = A[1:-1, 1:-1, 1:-1]
        A[1:-1, 1:-1, 1:-1] = (
            0.125 * (A[2:, 1:-1, 1:-1] - 2 * inner + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2 * inner + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2 * inner + A[1:-1, 1:-1, :-2])
            + inner
        )
    return A


@kernel(heat_3d_by_person, "nnn", loops=4, name="heat-3d", sizes=(3, 4, 8))
def heat_3d(A: Any) -> Any:
    inner = range(1, len(A) - 1)
    for _ in range(STEPS):
        B = copied(A)
        for i in inner:
            for j in inner:
                for k in inner:
                    B[i][j][k] = (
                        0.125 * (A[i + 1][j][k] - 2 * A[i][j][k] + A[i - 1][j][k])
                        + 0.125 * (A[i][j + 1][k] - 2 * A[i][j][k] + A[i][j - 1][k])
                        + 0.125 * (A[i][j][k + 1] - 2 * A[i][j][k] + A[i][j][k - 1])
                        + A[i][j][k]
                    )
        A = B
    return A


FORCES = [0.3, -0.1, 0.7, 0.2, -0.4, 0.5]


def fdtd_2d_by_person(ex: Any, ey: Any, hz: Any) -> Any:
    ex, ey, hz = ex.copy(), ey.copy(), hz.copy()
    for force in FORCES:
        ey[0] = force
        ey[1:] -= 0.5 * (hz[1:] - hz[:-1])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return ex, ey, hz


@kernel(fdtd_2d_by_person, "nm nm nm", loops=3, name="fdtd-2d", sizes=(3, 5, 12))
def fdtd_2d(ex: Any, ey: Any, hz: Any) -> Any:
    ex, ey, hz = copied(ex), copied(ey), copied(hz)
    n, m = len(ex), len(ex[0])
    for force in FORCES:
        for j in range(m):
            ey[0][j] = force
        for i in range(1, n):
            for j in range(m):
                ey[i][j] = ey[i][j] - 0.5 * (hz[i][j] - hz[i - 1][j])
        for i in range(n):
            for j in range(1, m):
                ex[i][j] = ex[i][j] - 0.5 * (hz[i][j] - hz[i][j - 1])
        for i in range(n - 1):
            for j in range(m - 1):
                hz[i][j] = hz[i][j] - 0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j])
    return ex, ey, hz


def half_of_adi(u: Any, along: float, across: float) -> Any:
    """Solve for each column of u a tridiagonal system, forward and then backward; the edges are 1."""
    n = len(u)
    result = [[1.0] * n for _ in range(n)]
    for i in range(1, n - 1):
        p, q = [0.0], [1.0]
        for j in range(1, n - 1):
            right = -across * u[j][i - 1] + (1 + 2 * across) * u[j][i] - across * u[j][i + 1]
            below = 1 + 2 * along - along * p[j - 1]
            p.append(along / below)
            q.append((right + along * q[j - 1]) / below)
        for j in range(n - 2, 0, -1):
            result[i][j] = p[j] * result[i][j + 1] + q[j]
    return result


@kernel(
    lambda u: adi_by_person(u),
    "nn",
    loops=3,
    sizes=(4, 6, 12),
)
def adi(u: Any) -> Any:
    for _ in range(STEPS // 2):
        u = half_of_adi(half_of_adi(u, 0.4, -0.3), 0.3, -0.4)
    return u


def adi_by_person(u: Any) -> Any:
    n = u.shape[0]
    for _ in range(STEPS // 2):
        for along, across in ((0.4, -0.3), (0.3, -0.4)):
            right = (1 + 2 * across) * u[:, 1:-1] - across * (u[:, :-2] + u[:, 2:])
            p, q, v = np.zeros(n), np.ones((n, n)), np.ones((n, n))
            for j in range(1, n - 1):
                below = 1 + 2 * along - along * p[j - 1]
                p[j] = along / below
                q[j, 1:-1] = (right[j] + along * q[j - 1, 1:-1]) / below
            for j in range(n - 2, 0, -1):
                v[1:-1, j] = p[j] * v[1:-1, j + 1] + q[j, 1:-1]
            u = v
    return u


SHRINK = math.exp(-0.25)
GAIN = (1 - SHRINK) ** 2 / (1 + 0.5 * SHRINK - math.exp(0.5))
A1, A2, A3, A4 = GAIN, GAIN * SHRINK * (0.25 - 1), GAIN * SHRINK * (0.25 + 1), -GAIN * SHRINK**2
B1, B2 = 2.0**-0.25, -math.exp(-0.5)


def smoothed(x: Any) -> Any:
    """Return the sum of a recursive filter from the left and one from the right."""
    n = len(x)
    left, right = [], []
    y1 = y2 = x1 = 0.0
    for j in range(n):
        left.append(A1 * x[j] + A2 * x1 + B1 * y1 + B2 * y2)
        x1, y2, y1 = x[j], y1, left[-1]
    y1 = y2 = x1 = x2 = 0.0
    for j in range(n - 1, -1, -1):
        right.append(A3 * x1 + A4 * x2 + B1 * y1 + B2 * y2)
        x2, x1, y2, y1 = x1, x[j], y1, right[-1]
    return [a + b for a, b in zip(left, reversed(right), strict=True)]


def deriche_by_person(image: Any) -> Any:
    for _ in range(2):
        x = image.T  # so that its rows are the steps of the filter
        left, right = np.zeros((len(x) + 2, x.shape[1])), np.zeros((len(x) + 2, x.shape[1]))
        before = A1 * x
        before[1:] += A2 * x[:-1]
        after = np.zeros(x.shape)
        after[:-1] = A3 * x[1:]
        after[:-2] += A4 * x[2:]
        for j in range(len(x)):
            left[j + 2] = before[j] + B1 * left[j + 1] + B2 * left[j]
        for j in range(len(x) - 1, -1, -1):
            right[j] = after[j] + B1 * right[j + 1] + B2 * right[j + 2]
        image = left[2:] + right[:-2]
    return image


@kernel(deriche_by_person, "nm", loops=2, sizes=(3, 6, 14))
def deriche(image: Any) -> Any:
    rows = [smoothed(row) for row in image]
    columns = [smoothed([row[j] for row in rows]) for j in range(len(rows[0]))]
    return [[columns[j][i] for j in range(len(columns))] for i in range(len(rows))]


# --- dynamic programming --------------------------------------------------------------------------------


def floyd_warshall_by_person(paths: Any) -> Any:
    for k in range(len(paths)):
        paths = np.minimum(paths, paths[:, k, None] + paths[k])
    return paths


@kernel(floyd_warshall_by_person, "nn+", loops=3, name="floyd-warshall", sizes=(3, 6, 12))
def floyd_warshall(paths: Any) -> Any:
    n = range(len(paths))
    for k in n:
        paths = [[minimum(paths[i][j], paths[i][k] + paths[k][j]) for j in n] for i in n]
    return paths


def nussinov_by_person(scores: Any) -> Any:
    n = len(scores)
    table = np.zeros((n, n))
    for gap in range(1, n):
        i = np.arange(n - gap)
        j = i + gap
        best = np.maximum(table[i, j - 1], table[i + 1, j])
        best = np.maximum(best, table[i + 1, j - 1] + (scores[i, j] if gap > 1 else 0.0))
        for k in range(1, gap):
            best = np.maximum(best, table[i, i + k] + table[i + k + 1, j])
        table[i, j] = best
    return table[0, n - 1]


@kernel(nussinov_by_person, "nn", loops=3, sizes=(4, 6, 14))
def nussinov(scores: Any) -> Any:
    """Return the best score of pairing; here a pair has a real score, so that there is a gradient."""
    n = len(scores)
    table = zeros(n, n)
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            table[i][j] = maximum(table[i][j], table[i][j - 1])
            table[i][j] = maximum(table[i][j], table[i + 1][j])
            pair = scores[i][j] if i < j - 1 else 0.0
            table[i][j] = maximum(table[i][j], table[i + 1][j - 1] + pair)
            for k in range(i + 1, j):
                table[i][j] = maximum(table[i][j], table[i][k] + table[k + 1][j])
    return table[0][n - 1]
