"""Loops that people asked about on Stack Overflow, from a branch of Tenspiler; many it marks as too deep.

Numbers are real here; names are those of the branch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite import cos, exp, log, maximum, sqrt, where
from tests.benchmarks.kernels.suite import Suite

SUITE = Suite("Stack Overflow")
kernel = SUITE.kernel
SUITE.left_out = {
    **dict.fromkeys(
        (
            *("build_unique_mask", "find_coordinates_in_points", "find_count_and_expected_count"),
            *("jaccard_similarity", "mask_generation", "nearest_neighbor_1d", "neutron_drip_line"),
            *("seven_loops_combination", "set_one_in_columns", "six_layered_nested_loop_with_branch"),
            *("supply_demand", "voxel_labeler", "four_nested_loop_absolute_error", "calculate_intensities"),
        ),
        "returns counts, masks, or positions: whole numbers, which have no gradient",
    ),
    "update_balls_velocity": "copies what a comparison chooses, in an order that comparisons decide",
    "compare_image_reflectance_outer": "is compare_image_reflectance once more",
}


def zeros(*shape: int) -> Any:
    return [zeros(*shape[1:]) for _ in range(shape[0])] if shape else 0.0


def add_at_coordinates_by_person(amounts: Any) -> Any:
    total = np.zeros((3, 4))
    np.add.at(total, (np.arange(len(amounts)) * 2 % 3, np.arange(len(amounts)) * 5 % 4), amounts)
    return total


@kernel(add_at_coordinates_by_person, "n", loops=1)
def add_at_coordinates(amounts: Any) -> Any:
    total = zeros(3, 4)
    for i in range(len(amounts)):
        total[2 * i % 3][5 * i % 4] = total[2 * i % 3][5 * i % 4] + amounts[i]
    return total


@kernel(lambda a, b: np.where(b > a, a + b, 0.0), "n n", loops=1, each=True)
def add_two_arrays_by_comparing_sizes(a: Any, b: Any) -> Any:
    return [where(b[i] - a[i], a[i] + b[i], 0.0) for i in range(len(a))]


@kernel(lambda P, r: np.abs(P - r).sum(axis=2), "nmk k", loops=3, each=True)
def compare_image_reflectance(picture: Any, reference: Any) -> Any:
    result = zeros(len(picture), len(picture[0]))
    for i in range(len(picture)):
        for j in range(len(picture[0])):
            for k in range(len(reference)):
                result[i][j] = result[i][j] + abs(picture[i][j][k] - reference[k])
    return result


@kernel(lambda A, B: np.abs(B[:, None] - A).sum(axis=2), "mk nk", loops=3)
def compute_distance_two_loops(train: Any, test: Any) -> Any:
    result = zeros(len(test), len(train))
    for i in range(len(test)):
        for j in range(len(train)):
            for k in range(len(train[0])):
                result[i][j] = result[i][j] + abs(test[i][k] - train[j][k])
    return result


def cosines_by_person(A: Any) -> Any:
    n = len(A)
    i, j, k = np.array(
        [(i, j, k) for i in range(n) for j in range(n) for k in range(i + 1, n) if j not in (i, k)]
    ).T
    first, second = A[i] - A[j], A[k] - A[j]
    first = first / np.sqrt((first * first).sum(axis=1))[:, None]
    second = second / np.sqrt((second * second).sum(axis=1))[:, None]
    return (first * second).sum(axis=1)


@kernel(cosines_by_person, "n3", loops=4, sizes=(3, 5, 8))
def cosine_between_angles_of_triplets_in_rows(A: Any) -> Any:
    n, axes = range(len(A)), range(3)
    angles = []
    for i in n:
        for j in n:
            for k in n:
                if i != j and k > i and j != k:
                    first = [A[i][l] - A[j][l] for l in axes]
                    second = [A[k][l] - A[j][l] for l in axes]
                    one = sqrt(sum(first[l] * first[l] for l in axes))
                    two = sqrt(sum(second[l] * second[l] for l in axes))
                    angles.append(sum(first[l] / one * (second[l] / two) for l in axes))
    return angles


@kernel(lambda x: np.diag(2 * x), "n", loops=2, sizes=(3, 8, 50))
def derivative_1D(x: Any) -> Any:
    result = zeros(len(x), len(x))
    for i in range(len(x)):
        for j in range(len(x)):
            if i == j:
                result[i][j] = 2 * x[i]
    return result


def derivative_2d_by_person(x: Any) -> Any:
    n, m = x.shape
    result = np.zeros((n, m, n, m))
    i, j = np.arange(n)[:, None], np.arange(m)
    result[i, j, i, j] = 2 * x
    return result


@kernel(derivative_2d_by_person, "nm", loops=4)
def derivative_2D(x: Any) -> Any:
    n, m = range(len(x)), range(len(x[0]))
    result = zeros(len(x), len(x[0]), len(x), len(x[0]))
    for i in n:
        for j in m:
            for p in n:
                for q in m:
                    if i == p and j == q:
                        result[i][j][p][q] = 2 * x[i][j]
    return result


def regression_by_person(B: Any, a: Any, b: Any, c: Any, depths: Any) -> Any:
    ratio = depths / 3.5
    y = np.log(a[:, None] * ratio[:, None] ** B[:, 0])
    return np.log(b[:, None] + B[:, 1] * c[:, None]), y


@kernel(regression_by_person, "m2+ n+ n+ n+ n+", loops=2)
def double_loop_for_regression(B: Any, a: Any, b: Any, c: Any, depths: Any) -> Any:
    x, y = [], []
    for i in range(len(a)):
        x.append([log(b[i] + B[j][1] * c[i]) for j in range(len(B))])
        y.append([log(a[i] * (depths[i] / 3.5) ** B[j][0]) for j in range(len(B))])
    return x, y


def grid_mean_by_person(z: Any) -> Any:
    places = np.arange(len(z)) * 7 % 6
    sums = np.stack([z[places == cell].sum() for cell in range(6)])
    return (sums / np.bincount(places, minlength=6).clip(1)).reshape(2, 3)


@kernel(grid_mean_by_person, "n", loops=3, sizes=(8, 30, 300))
def grid_mean_1d(z: Any) -> Any:
    """Return means in the cells of a grid; the cells of the points are known."""
    result = zeros(2, 3)
    for i in range(2):
        for j in range(3):
            total, count = 0.0, 0
            for k in range(len(z)):
                if 7 * k % 6 == 3 * i + j:
                    total, count = total + z[k], count + 1
            result[i][j] = total / max(count, 1)
    return result


@kernel(lambda a, s: np.stack([np.full_like(a, s), a], axis=2), "nm .", loops=2)
def form_elementwise_list(a: Any, s: Any) -> Any:
    return [[[s, a[i][j]] for j in range(len(a[0]))] for i in range(len(a))]


@kernel(lambda x, y: np.stack([x, y]), "nmk nmk", loops=3)
def lat_lon_time_indexed_arrays(x: Any, y: Any) -> Any:
    return [
        [[[A[i][j][k] for k in range(len(x[0][0]))] for j in range(len(x[0]))] for i in range(len(x))]
        for A in (x, y)
    ]


@kernel(lambda u: u[: len(u) // 2], "nm", loops=2)
def looped_copy(u: Any) -> Any:
    return [[u[i][j] for j in range(len(u[0]))] for i in range(len(u) // 2)]


@kernel(lambda A, x: A * x[:, None], "nmk m", loops=3)
def looped_multiplication(A: Any, x: Any) -> Any:
    result = zeros(len(A), len(A[0]), len(A[0][0]))
    for i in range(len(A)):
        for j in range(len(A[0][0])):
            for b in range(len(A[0])):
                result[i][b][j] = A[i][b][j] * x[b]
    return result


@kernel(lambda x, y, w: (x[:, :, None] * y[:, None, :] * w[:, None, None]).reshape(-1, 9), "n3 n3 n", loops=3)
def looped_multiplication2(x: Any, y: Any, weight: Any) -> Any:
    result = zeros(len(x), 9)
    for a in range(3):
        for b in range(3):
            for i in range(len(x)):
                result[i][3 * a + b] = x[i][a] * y[i][b] * weight[i]
    return result


@kernel(lambda x: x[:, None] ** np.arange(len(x)), "n+", loops=3, sizes=(3, 6, 14))
def looped_power(x: Any) -> Any:
    result = zeros(len(x), len(x))
    for i in range(len(x)):
        for j in range(len(x)):
            value = 1.0
            for _ in range(j):
                value = value * x[i]
            result[i][j] = value
    return result


@kernel(
    lambda x: np.lib.stride_tricks.sliding_window_view(x, 30).sum(axis=1).max(),
    "n",
    loops=2,
    sizes=(31, 40, 60),
)
def max_temp_in_thirty_days(x: Any) -> Any:
    largest: Any = None
    for i in range(len(x) - 29):
        total = 0
        for j in range(30):
            total = total + x[i + j]
        largest = total if largest is None else maximum(largest, total)
    return largest


@kernel(lambda x: x.mean(axis=(0, 1)), "nmk", loops=3)
def mean_over_first_two_dims_3D(x: Any) -> Any:
    means = []
    for k in range(len(x[0][0])):
        total = 0
        for i in range(len(x)):
            for j in range(len(x[0])):
                total = total + x[i][j][k]
        means.append(total / (len(x) * len(x[0])))
    return means


@kernel(lambda x: x.mean(axis=(0, 1)), "nmkl", loops=4)
def mean_over_first_two_dims_4D(x: Any) -> Any:
    means = zeros(len(x[0][0]), len(x[0][0][0]))
    for k in range(len(x[0][0])):
        for l in range(len(x[0][0][0])):
            for i in range(len(x)):
                for j in range(len(x[0])):
                    means[k][l] = means[k][l] + x[i][j][k][l]
            means[k][l] = means[k][l] / (len(x) * len(x[0]))
    return means


@kernel(lambda x: ((x - x.mean()) ** 2).sum(), "n", loops=1)
def mean_squared_error(x: Any) -> Any:
    mean = 0
    for i in range(len(x)):
        mean = mean + x[i]
    mean = mean / len(x)
    total = 0
    for i in range(len(x)):
        total = total + (x[i] - mean) ** 2
    return total


def bounded_products_by_person(A: Any, B: Any) -> Any:
    upper = np.triu(A @ B.T)
    return upper + upper.T - np.diag(np.diag(upper))


@kernel(bounded_products_by_person, "nk nk", loops=3)
def nested_dot_product_with_bounded_inner_indices(A: Any, B: Any) -> Any:
    n = len(A)
    inner, result = zeros(n, n), zeros(n, n)
    for i in range(n):
        for j in range(i, n):
            for k in range(len(A[0])):
                inner[i][j] = inner[i][j] + A[i][k] * B[j][k]
    for i in range(n):
        for j in range(n):
            result[i][j] = inner[i][j] + inner[j][i]
        result[i][i] = result[i][i] / 2
    return result


def fill_by_person(x: Any, y: Any, delta: Any) -> Any:
    rows = (x**3 + (1 - delta) * x)[:, None] - x  # i, a
    columns = y[:, None] - y  # j, b
    return rows.reshape(-1, 1) + columns.reshape(1, -1)


@kernel(fill_by_person, "n n .", loops=4, sizes=(2, 4, 9))
def nested_four_loops_fill_z(x: Any, y: Any, delta: Any) -> Any:
    n = len(x)
    z = zeros(n * n, n * n)
    for i in range(n):
        for j in range(n):
            for a in range(n):
                for b in range(n):
                    power = x[i] * x[i] * x[i]
                    z[i * n + a][j * n + b] = power + (1 - delta) * x[i] + y[j] - x[a] - y[b]
    return z


@kernel(lambda X: -np.cos(X + 10) / np.cos(X + 9), "nm", loops=2)
def nested_loop_matrix_set_up(X: Any) -> Any:
    result = zeros(len(X), len(X[0]))
    for i in range(len(X)):
        for j in range(len(X[0])):
            P = [[cos(X[i][j] + l + m + 9) for m in range(4)] for l in range(4)]
            result[i][j] = -P[0][1] / P[0][0]
    return result


def normalize_by_person(x: Any) -> Any:
    largest = np.abs(x).max()
    return np.where(x > 0, 15 * x / largest, 16 * x / largest)


@kernel(normalize_by_person, "n", loops=1, sizes=(4, 30, 300))
def normalize_vector(x: Any) -> Any:
    largest = abs(x[0])
    for i in range(1, len(x)):
        largest = maximum(largest, abs(x[i]))
    return [where(x[i], 15 * x[i] / largest, 16 * x[i] / largest) for i in range(len(x))]


def qhat_by_person(z: Any, nk: Any, b: Any, t: Any) -> Any:
    r = np.arange(len(t)) % 4 + 1
    return -3 * (b[r] * nk[r] / 2 * (t**2 - z[np.where(r == 1, 2, r - 1)] ** 2) + 3)


@kernel(qhat_by_person, "5 5 5 n", loops=1)
def qhat(z: Any, nk: Any, b: Any, t: Any) -> Any:
    result = []
    for i in range(len(t)):
        r = i % 4 + 1
        other = z[r + 1] if r == 1 else z[r - 1]
        result.append(-3 * (b[r] * nk[r] / 2 * (t[i] * t[i] - other * other) + 3))
    return result


@kernel(lambda a: (a[:, None] - a) / a * 100, "n+", loops=2)
def relative_difference(a: Any) -> Any:
    return [[(a[j] - a[i]) / a[i] * 100 for i in range(len(a))] for j in range(len(a))]


def set_values_by_person(y: Any, tensor: Any) -> Any:
    tensor = tensor.copy()
    i, j = np.arange(y.shape[0])[:, None], np.arange(y.shape[1])
    tensor[i, j, (2 * i + j) % tensor.shape[2]] = y
    return tensor


@kernel(set_values_by_person, "nm nmk", loops=2, sizes=(3, 5, 12))
def set_values_use_one_array_values_as_indices(y: Any, tensor: Any) -> Any:
    result = [[list(row) for row in matrix] for matrix in tensor]
    for i in range(len(y)):
        for j in range(len(y[0])):
            result[i][j][(2 * i + j) % len(tensor[0][0])] = y[i][j]
    return result


@kernel(lambda A: np.lib.stride_tricks.sliding_window_view(A, (2, 2)), "nn", loops=4, sizes=(3, 6, 14))
def sliding_window_2d_extraction(A: Any) -> Any:
    n = len(A) - 1
    result = zeros(n, n, 2, 2)
    for i in range(n):
        for j in range(n):
            for r in range(2):
                for c in range(2):
                    result[i][j][r][c] = A[i + r][j + c]
    return result


@kernel(lambda A: A * A + 1, "nm", loops=2, each=True)
def square_plus_one(A: Any) -> Any:
    return [[A[i][j] * A[i][j] + 1 for j in range(len(A[0]))] for i in range(len(A))]


def structure_by_person(f: Any, s: Any) -> Any:
    n = len(f)
    return np.stack([(s[i] + ((f[i + 1 : n] - f[i]) ** 2).sum()) / (n - i - 1) for i in range(n - 1)])


@kernel(structure_by_person, "m n", loops=2, sizes=(3, 8, 30))
def struct_function(f: Any, s: Any) -> Any:
    result = []
    for i in range(len(s)):
        total, count = s[i], 0
        for j in range(1, len(f) - i):
            total, count = total + (f[i + j] - f[i]) ** 2, count + 1
        result.append(total / count)
    return result


@kernel(lambda A, c: c * (A[0] + 2 * A[1] + 2 * A[2] + A[3]), "4n .", loops=1)
def sum_columns(A: Any, c: Any) -> Any:
    return [c * (A[0][i] + 2 * A[1][i] + 2 * A[2][i] + A[3][i]) for i in range(len(A[0]))]


def intervals_by_person(values: Any) -> Any:
    start = np.arange(len(values)) * 3 % 7
    inside = (np.arange(12) >= start[:, None]) & (np.arange(12) < start[:, None] + 5)
    return values @ inside.astype(float)


@kernel(intervals_by_person, "n", loops=2, sizes=(4, 30, 300))
def sum_elements_based_on_column_indices(values: Any) -> Any:
    total = zeros(12)
    for i in range(len(values)):
        for j in range(3 * i % 7, 3 * i % 7 + 5):
            total[j] = total[j] + values[i]
    return total


def tensor_dot_by_person(a: Any, X: Any) -> Any:
    A = np.ones((len(a), 3, 3)) * np.ones_like(a)[:, None, None]
    A[:, 0, 0] = a
    A[:, 2, 2] = a * a
    return np.exp(-(X @ A * X).sum(axis=2)).sum()


@kernel(tensor_dot_by_person, "n m3", loops=4, sizes=(3, 5, 9), name="tendor_dot")
def tensor_dot(a: Any, X: Any) -> Any:
    value = 0
    for i in range(len(a)):
        A = [[1.0] * 3 for _ in range(3)]
        A[0][0], A[2][2] = a[i], a[i] * a[i]
        for x in X:
            total = 0
            for k in range(3):
                for l in range(3):
                    total = total + x[k] * A[k][l] * x[l]
            value = value + exp(-total)
    return value


def triangles_by_person(T: Any) -> Any:
    result = np.zeros((len(T), 3, 3))
    rows, columns = np.triu_indices(3)
    result[:, rows, columns] = T
    return result


@kernel(triangles_by_person, "n6", loops=2)
def upper_triangle_matrices_from_binary_sets(T: Any) -> Any:
    result = zeros(len(T), 3, 3)
    places = [(i, j) for i in range(3) for j in range(i, 3)]
    for s in range(len(T)):
        for k, (i, j) in enumerate(places):
            result[s][i][j] = T[s][k]
    return result


@kernel(lambda a, b, d, e: np.outer(e, b * (25 - a) / 8) + d[:, None], "n n n n", loops=2)
def zipped_loop_computation(a: Any, b: Any, d: Any, e: Any) -> Any:
    return [[b[j] * (25 - a[j]) / 8 * e[i] + d[i] for j in range(len(a))] for i in range(len(d))]
