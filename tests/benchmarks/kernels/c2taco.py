"""The 77 kernels of C2TACO: from BLAS, Darknet, DSP libraries, DSPstone, makespeare, mathfu, and others."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.kernels.suite import Suite

SUITE = Suite("C2TACO")
kernel = SUITE.kernel
SUITE.left_out = {
    "dspstone pin_down": "writes the constant 1 everywhere: nothing has a gradient",
    "utdsp histogram": "writes the constant 0 everywhere: nothing has a gradient",
}


# --- element by element ---------------------------------------------------------------------------------


def plus(x: Any, y: Any) -> Any:
    return [x[i] + y[i] for i in range(len(x))]


def minus(x: Any, y: Any) -> Any:
    return [x[i] - y[i] for i in range(len(x))]


def times(x: Any, y: Any) -> Any:
    return [x[i] * y[i] for i in range(len(x))]


def over(x: Any, y: Any) -> Any:
    return [x[i] / y[i] for i in range(len(x))]


def times_number(x: Any, v: Any) -> Any:
    return [x[i] * v for i in range(len(x))]


def plus_number(x: Any, v: Any) -> Any:
    return [x[i] + v for i in range(len(x))]


def minus_number(x: Any, v: Any) -> Any:
    return [x[i] - v for i in range(len(x))]


def over_number(x: Any, v: Any) -> Any:
    return [x[i] / v for i in range(len(x))]


def minus_each(x: Any) -> Any:
    return [-x[i] for i in range(len(x))]


for name in ("artificial add", "artificial add_array", "dsp vadd", "mathfu pluseq"):
    kernel(lambda x, y: x + y, "n n", loops=1, each=True, name=name)(plus)
for name in ("dsp vsub", "mathfu subeq"):
    kernel(lambda x, y: x - y, "n n", loops=1, each=True, name=name)(minus)
for name in ("artificial 9_taco", "dsp vmul", "mathfu muleq"):
    kernel(lambda x, y: x * y, "n n", loops=1, each=True, name=name)(times)
for name in ("artificial div", "mathfu diveq"):
    kernel(lambda x, y: x / y, "n n+", loops=1, each=True, name=name)(over)
for name in ("artificial array_prod_scalar", "darknet scale_array", "dsp vscal", "mathfu muleq_sca"):
    kernel(lambda x, v: x * v, "n .", loops=1, each=True, name=name)(times_number)
for name in ("darknet translate_array", "dsp voffset"):
    kernel(lambda x, v: x + v, "n .", loops=1, each=True, name=name)(plus_number)
for name in ("dsp vneg", "mathfu negate"):
    kernel(lambda x: -x, "n", loops=1, each=True, name=name)(minus_each)
kernel(lambda x, v: x - v, "n .", loops=1, each=True, name="mathfu subeq_sca")(minus_number)
kernel(lambda x, v: x / v, "n .+", loops=1, each=True, name="mathfu diveq_sca")(over_number)


@kernel(lambda b, c, d, e: b + c + d + e, "n n n n", loops=1, each=True, name="artificial 10_taco")
def four_added(b: Any, c: Any, d: Any, e: Any) -> Any:
    return [b[i] + c[i] + d[i] + e[i] for i in range(len(b))]


@kernel(lambda b, c, d: b + c - d, "n n n", loops=1, each=True, name="artificial 1_taco")
def added_and_taken(b: Any, c: Any, d: Any) -> Any:
    return [b[i] + c[i] - d[i] for i in range(len(b))]


@kernel(lambda x, y, n, m: x + n * m * y, "n n . .", loops=1, each=True, name="artificial alpha")
def alpha(x: Any, y: Any, n: Any, m: Any) -> Any:
    return [x[i] + n * m * y[i] for i in range(len(x))]


@kernel(lambda x, y, z: z + x * y, "n n n", loops=1, each=True, name="darknet mult_add_into_cpu")
def mult_add_into_cpu(x: Any, y: Any, z: Any) -> Any:
    return [z[i] + x[i] * y[i] for i in range(len(x))]


@kernel(lambda a, b, c: c + a * b, "n n n", loops=1, each=True, name="dspstone n_real_updates")
def n_real_updates(a: Any, b: Any, c: Any) -> Any:
    return [c[i] + a[i] * b[i] for i in range(len(a))]


@kernel(lambda p, t: (t - p) ** 2, "n n", loops=1, each=True, name="darknet ol_l2_cpu1")
def ol_l2_cpu1(prediction: Any, truth: Any) -> Any:
    return [(truth[i] - prediction[i]) ** 2 for i in range(len(truth))]


@kernel(lambda p, t: t - p, "n n", loops=1, each=True, name="darknet ol_l2_cpu2")
def ol_l2_cpu2(prediction: Any, truth: Any) -> Any:
    return [truth[i] - prediction[i] for i in range(len(truth))]


@kernel(lambda x: x, "n", loops=1, each=True, name="dsp vcopy")
def vcopy(x: Any) -> Any:
    return [x[i] for i in range(len(x))]


@kernel(lambda x, v: np.full_like(x, v), "n .", loops=1, each=True, name="dsp vfill")
def vfill(x: Any, v: Any) -> Any:
    return [v for _ in range(len(x))]


@kernel(lambda x: 1 / x, "n+", loops=1, each=True, name="dsp vrecip")
def vrecip(x: Any) -> Any:
    return [1 / x[i] for i in range(len(x))]


@kernel(lambda a, b, m: m * a + b, "n n .", loops=1, each=True, name="dsp w_vec")
def w_vec(a: Any, b: Any, m: Any) -> Any:
    return [m * a[i] + b[i] for i in range(len(a))]


@kernel(lambda x, y, a: a * x + (1 - a) * y, "n n .", loops=1, each=True, name="mathfu lerp")
def lerp(x: Any, y: Any, a: Any) -> Any:
    return [a * x[i] + (1 - a) * y[i] for i in range(len(x))]


@kernel(lambda x: x + 1, "n", loops=1, each=True, name="simpl_array array_inc")
def array_inc(x: Any) -> Any:
    return [x[i] + 1 for i in range(len(x))]


@kernel(lambda x: x * x * x, "n", loops=1, each=True, name="simpl_array cube_in_place")
def cube_in_place(x: Any) -> Any:
    return [x[i] * x[i] * x[i] for i in range(len(x))]


@kernel(lambda x: (x * x) ** 2, "n", loops=1, each=True, name="simpl_array fourth_in_place")
def fourth_in_place(x: Any) -> Any:
    squares = [x[i] * x[i] for i in range(len(x))]
    return [squares[i] * squares[i] for i in range(len(x))]


@kernel(lambda c, x, e: c + np.append(x[:-1] * e, 0.0), "n n .", loops=1, name="utdsp lmsfir2")
def lmsfir2(coefficient: Any, x: Any, error: Any) -> Any:
    last = len(x) - 1
    return [coefficient[i] + x[i] * error if i < last else coefficient[i] for i in range(len(x))]


# --- sums over a vector ---------------------------------------------------------------------------------


def added(x: Any) -> Any:
    total = 0
    for i in range(len(x)):
        total = total + x[i]
    return total


def squares_added(x: Any) -> Any:
    total = 0
    for i in range(len(x)):
        total = total + x[i] * x[i]
    return total


def dot(x: Any, y: Any) -> Any:
    total = 0
    for i in range(len(x)):
        total = total + x[i] * y[i]
    return total


for name in ("darknet sum_array", "simpl_array array_sum", "simpl_array sum_elts"):
    kernel(lambda x: x.sum(), "n", loops=1, name=name)(added)
for name in (
    "darknet mag_array",
    "darknet mse_array",
    "makespeare sum_of_squares",
    "mathfu len",
    "mathfu len_sq",
):
    kernel(lambda x: x @ x, "n", loops=1, name=name)(squares_added)
for name in ("blas dot", "utdsp fir_small", "utdsp lmsfir1"):
    kernel(lambda x, y: x @ y, "n n", loops=1, name=name)(dot)


# --- matrices -------------------------------------------------------------------------------------------


def matrix_plus(A: Any, B: Any) -> Any:
    return [[A[i][j] + B[i][j] for j in range(len(A[0]))] for i in range(len(A))]


def matrix_times_number(A: Any, v: Any) -> Any:
    return [[A[i][j] * v for j in range(len(A[0]))] for i in range(len(A))]


def columns_scaled(A: Any, x: Any) -> Any:
    return [[A[i][j] * x[j] for j in range(len(A[0]))] for i in range(len(A))]


def product(A: Any, B: Any) -> Any:
    rows, inner, columns = range(len(A)), range(len(B)), range(len(B[0]))
    C = [[0 for _ in columns] for _ in rows]
    for i in rows:
        for j in columns:
            for k in inner:
                C[i][j] = C[i][j] + A[i][k] * B[k][j]
    return C


def matrix_times_vector(A: Any, x: Any) -> Any:
    y = []
    for i in range(len(A)):
        total = 0
        for j in range(len(x)):
            total = total + A[i][j] * x[j]
        y.append(total)
    return y


for name in ("artificial 2_taco", "darknet matrix_add_matrix", "dsp matadd"):
    kernel(lambda A, B: A + B, "nm nm", loops=2, each=True, name=name)(matrix_plus)
for name in ("darknet scale_matrix", "dsp matscal", "mathfu matmul_sca"):
    kernel(lambda A, v: A * v, "nm .", loops=2, each=True, name=name)(matrix_times_number)
for name in ("artificial 3_taco", "artificial 6_taco"):
    kernel(lambda A, x: A * x, "nm m", loops=2, each=True, name=name)(columns_scaled)
for name in ("artificial 4_taco", "artificial gemm", "dsp matmul", "utdsp mult"):
    kernel(lambda A, B: A @ B, "nk km", loops=3, each=True, name=name)(product)
for name in ("blas gemv", "dspstone mat1x3"):
    kernel(lambda A, x: A @ x, "nm m", loops=2, each=True, name=name)(matrix_times_vector)


@kernel(lambda A, B: A - B, "nm nm", loops=2, each=True, name="dsp matsub")
def matsub(A: Any, B: Any) -> Any:
    return [[A[i][j] - B[i][j] for j in range(len(A[0]))] for i in range(len(A))]


@kernel(lambda A, v: np.full_like(A, v), "nm .", loops=2, each=True, name="dsp matinit")
def matinit(A: Any, v: Any) -> Any:
    return [[v for _ in row] for row in A]


@kernel(
    lambda A, b: np.broadcast_to(b[:, None], A.shape), "nm n", loops=2, each=True, name="artificial 5_taco"
)
def repeated(A: Any, b: Any) -> Any:
    return [[b[i] for _ in A[i]] for i in range(len(A))]


@kernel(lambda B, c: B @ c, "nmk k", loops=3, each=True, name="artificial 7_taco")
def tensor_times_vector(B: Any, c: Any) -> Any:
    result = [[0 for _ in matrix] for matrix in B]
    for i in range(len(B)):
        for j in range(len(B[0])):
            for k in range(len(c)):
                result[i][j] = result[i][j] + B[i][j][k] * c[k]
    return result


@kernel(
    lambda B, C, D: np.einsum("ikl,lj,kj->ij", B, C, D),
    "nkl lm km",
    loops=4,
    each=True,
    name="artificial 8_taco",
)
def mttkrp(B: Any, C: Any, D: Any) -> Any:
    A = [[0 for _ in C[0]] for _ in B]
    for i in range(len(B)):
        for k in range(len(D)):
            for l in range(len(C)):
                for j in range(len(C[0])):
                    A[i][j] = A[i][j] + B[i][k][l] * C[l][j] * D[k][j]
    return A


@kernel(lambda x, y, A: A + np.outer(x, y), "n m nm", loops=2, each=True, name="blas ger")
def ger(x: Any, y: Any, A: Any) -> Any:
    return [[A[i][j] + x[i] * y[j] for j in range(len(y))] for i in range(len(x))]


@kernel(lambda a, A, B, C: C + a * A @ B, ". nk km nm", loops=3, each=True, name="darknet gemm_nn")
def gemm_nn(alpha: Any, A: Any, B: Any, C: Any) -> Any:
    C = [list(row) for row in C]
    for i in range(len(A)):
        for k in range(len(B)):
            part = alpha * A[i][k]
            for j in range(len(B[0])):
                C[i][j] = C[i][j] + part * B[k][j]
    return C


@kernel(lambda a, A, B, C: C + a * A @ B.T, ". nk mk nm", loops=3, each=True, name="darknet gemm_nt")
def gemm_nt(alpha: Any, A: Any, B: Any, C: Any) -> Any:
    C = [list(row) for row in C]
    for i in range(len(A)):
        for j in range(len(B)):
            total = 0
            for k in range(len(B[0])):
                total = total + alpha * A[i][k] * B[j][k]
            C[i][j] = C[i][j] + total
    return C


@kernel(lambda a, A, B, C: C + a * A.T @ B, ". kn km nm", loops=3, name="darknet gemm_tn")
def gemm_tn(alpha: Any, A: Any, B: Any, C: Any) -> Any:
    C = [list(row) for row in C]
    for i in range(len(A[0])):
        for k in range(len(B)):
            part = alpha * A[k][i]
            for j in range(len(B[0])):
                C[i][j] = C[i][j] + part * B[k][j]
    return C


@kernel(lambda a, A, B, C: C + a * A.T @ B.T, ". kn mk nm", loops=3, name="darknet gemm_tt")
def gemm_tt(alpha: Any, A: Any, B: Any, C: Any) -> Any:
    C = [list(row) for row in C]
    for i in range(len(A[0])):
        for j in range(len(B)):
            total = 0
            for k in range(len(B[0])):
                total = total + alpha * A[k][i] * B[j][k]
            C[i][j] = C[i][j] + total
    return C


@kernel(lambda A, B: B @ A.T, "nk mk", loops=3, name="dspstone matrix1")
def matrix1(A: Any, B: Any) -> Any:
    C = []
    for k in range(len(B)):
        for i in range(len(A)):
            total = 0
            for f in range(len(A[0])):
                total = total + A[i][f] * B[k][f]
            C.append(total)
    return [C[k * len(A) : (k + 1) * len(A)] for k in range(len(B))]


@kernel(lambda A, B: B @ A.T, "nk mk", loops=3, name="dspstone matrix2")
def matrix2(A: Any, B: Any) -> Any:
    C = []
    for k in range(len(B)):
        C.append([])
        for i in range(len(A)):
            total = A[i][0] * B[k][0]
            for f in range(1, len(A[0]) - 1):
                total = total + A[i][f] * B[k][f]
            C[k].append(total + A[i][-1] * B[k][-1])
    return C


@kernel(lambda block, P, Q: P @ (block @ Q), "nn nn nn", loops=3, name="utdsp dct")
def dct(block: Any, cos1: Any, cos2: Any) -> Any:
    return product(cos1, product(block, cos2))
