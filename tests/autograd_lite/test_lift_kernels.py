"""The kernels of published lifting suites: against the scalar engine, and a person's value in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_lite import lift
from tests.benchmarks.kernels import SUITES, checked, checked_over_samples, programs
from tests.benchmarks.kernels.counting import counted, operations_of
from tests.benchmarks.kernels.suite import Kernel

KERNELS = [
    pytest.param(kernel, id=f"{suite.name} {kernel.name}") for suite in SUITES for kernel in suite.kernels
]
OF_SAMPLES = [parameter for parameter in KERNELS if parameter.values[0].each]


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_kernel_has_the_engines_value_and_gradient(kernel: Kernel) -> None:
    checked(kernel, kernel.sizes[0])


def named(name: str) -> Kernel:
    (kernel,) = (one for suite in SUITES for one in suite.kernels if one.name == name)
    return kernel


@pytest.mark.parametrize("name", ["trmm", "symm", "struct_function", "sum_elements_based_on_column_indices"])
def test_sums_of_many_lengths_have_the_engines_value_and_gradient(name: str) -> None:
    kernel = named(name)
    checked(kernel, min(kernel.sizes[-1], 40))


@pytest.mark.parametrize("kernel", OF_SAMPLES)
def test_one_program_serves_any_number_of_samples(kernel: Kernel) -> None:
    checked_over_samples(kernel, kernel.sizes[:2])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("artificial gemm", "C = np.sum(x2 * (x0 @ x1))"),
        ("artificial 8_taco", "C = np.sum(x3 * np.sum(t2, axis=(2, 3)))"),
        ("trmm", "np.where(K1 > 0, x1[1:20, :19].T, 0) @ x2[1:20, :] + x2[:19, :]"),
        ("doitgen", "C = np.sum(x2 * np.reshape(np.reshape(x0, (56, 9)) @ x1, (7, 8, 9)))"),
        ("mean_over_first_two_dims_4D", "C = np.sum(x1 * np.sum(x0, axis=(0, 1)) / 90)"),
        ("lu", "t4 = t2[1:19, 1:19] - t3[:, None] * t2[0, 1:19]"),
        ("trisolv", "t4 = t2[1:29] - x0[2:30, 1] * t3"),
        ("form_elementwise_list", "C = np.sum(x2[:, :, 0] * x1) + np.sum(x2[:, :, 1] * x0)"),
    ],
)
def test_axes_and_parts_of_arrays_are_found_as_a_person_writes_them(name: str, text: str) -> None:
    kernel = named(name)
    program = lift(kernel.cost, argnums=())
    program(*kernel.arguments(kernel.sizes[-1]))
    assert text in program.source


@pytest.mark.parametrize(("name", "size"), [("gramschmidt", 9), ("durbin", 12), ("lu", 9)])
def test_recursions_over_a_triangle_are_about_the_operations_of_a_person(name: str, size: int) -> None:
    assert programs(named(name), size)[-1].kind == "arrays"


def test_no_name_stands_twice_in_a_suite() -> None:
    for suite in SUITES:
        names = [*(kernel.name for kernel in suite.kernels), *suite.left_out]
        assert len(names) == len(set(names))


def changed_in_place(A: Any, x: Any) -> Any:
    y = x.copy()
    y[1:] += A[0, 1:]
    return y


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (lambda A, x: A @ x, 1),
        (lambda A, x: np.tanh(A @ x) + A[0], 3),
        (lambda A, x: np.vdot(A.T.reshape(3, 3)[1:], A[1:]), 1),
        (lambda A, x: A[[0, 1]].sum(), 2),
        (lambda A, x: np.where(A > 0, A, 0.0).mean(axis=0), 3),
        (lambda A, x: A[0, 0] * x[1], 1),
        (changed_in_place, 2),
    ],
)
def test_operations_are_counted_and_views_are_free(program: Callable[..., Any], expected: int) -> None:
    A, x = counted(np.arange(9.0).reshape(3, 3)), counted(np.ones(3))
    assert operations_of(lambda: program(A, x)) == expected
