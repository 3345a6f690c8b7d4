"""Functions from textbooks and other projects' examples, lifted: against formulas by hand, and the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_lite import lift
from tests.autograd_lite.lifting import flat, require_close_gradients, scalar_result
from tests.benchmarks.kernels.foreign import FOREIGN


def gradients_and_value(name: str) -> tuple[Any, Any]:
    one = FOREIGN[name]
    return lift(one.cost, argnums=one.argnums, in_axes=one.in_axes)(*one.arguments(one.size))


@pytest.mark.parametrize("name", FOREIGN)
def test_the_value_and_the_gradients_are_those_by_hand(name: str) -> None:
    value, gradients = gradients_and_value(name)
    expected, by_hand = FOREIGN[name].by_hand(*FOREIGN[name].arguments(FOREIGN[name].size))
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    for found, derived in zip(gradients, by_hand, strict=True):
        numbers = flat(derived)
        scale = max(map(abs, numbers))
        np.testing.assert_allclose(flat(found), numbers, rtol=1e-9, atol=1e-12 * scale)


@pytest.mark.parametrize("name", [name for name, one in FOREIGN.items() if one.in_axes is None])
def test_the_value_and_the_gradients_are_the_scalar_engines(name: str) -> None:
    one = FOREIGN[name]
    value, gradients = gradients_and_value(name)
    arguments = one.arguments(one.size)
    root, leaves = scalar_result(one.cost, arguments)
    counts = [np.size(arg) for arg in arguments]
    starts = np.cumsum([0, *counts])
    asked = [leaf for k in one.argnums for leaf in leaves[starts[k] : starts[k + 1]]]
    assert np.isclose(float(value), float(root.data), rtol=1e-12)
    require_close_gradients([g for gradient in gradients for g in np.ravel(gradient)], root, asked)
