"""Optimizers against the recursions of the textbooks; schedules; clipping; and what they refuse."""

import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from autograd_lite import Value
from nn import MLP, SGD, Adam, AdamW, clip_gradients, cosine_decay, exponential_decay, step_decay

F = Fraction


def minimise_quadratic(optimizer_of, p0, curvature, steps):
    """Return p after each step on C = ½ λ p², whose gradient is λp."""
    p = Value(p0)
    optimizer = optimizer_of([p])
    path = [p.data]
    for _ in range(steps):
        p.grad = curvature * p.data
        optimizer.step()
        path.append(p.data)
    return path


# ------------------------------------------------------------------------------ gradient descent, exactly


def test_gradient_descent_on_a_quadratic_is_a_geometric_sequence():
    alpha, curvature = F(1, 10), F(3)

    path = minimise_quadratic(lambda p: SGD(p, alpha), F(7), curvature, 6)

    # E4: p ← p − αλp
    assert path == [7 * (1 - alpha * curvature) ** n for n in range(7)]


def test_weight_decay_adds_to_the_curvature():
    path = minimise_quadratic(lambda p: SGD(p, F(1, 10), weight_decay=F(1, 2)), F(7), F(3), 6)

    assert path == [7 * (1 - F(1, 10) * (3 + F(1, 2))) ** n for n in range(7)]


def test_momentum_is_the_heavy_ball():
    alpha, mu, curvature = F(1, 10), F(9, 10), F(3)

    path = minimise_quadratic(lambda p: SGD(p, alpha, momentum=mu), F(7), curvature, 8)

    # Polyak: p_{n+1} = p_n − α∇C(p_n) + μ(p_n − p_{n−1}), with p_{−1} = p_0
    expected = [F(7), F(7)]
    for _ in range(8):
        expected.append(expected[-1] * (1 - alpha * curvature) + mu * (expected[-1] - expected[-2]))
    assert path == expected[1:]


def test_nesterov_takes_the_gradient_where_the_momentum_leads():
    alpha, mu, curvature = F(1, 10), F(9, 10), F(3)

    path = minimise_quadratic(lambda p: SGD(p, alpha, momentum=mu, nesterov=True), F(7), curvature, 8)

    # Nesterov: θ_{n+1} = y_n − α∇C(y_n), y_{n+1} = θ_{n+1} + μ(θ_{n+1} − θ_n); the parameter is y.
    theta, y, expected = F(7), F(7), [F(7)]
    for _ in range(8):
        theta, before = y * (1 - alpha * curvature), theta
        y = theta + mu * (theta - before)
        expected.append(y)
    assert path == expected


def test_every_parameter_has_a_velocity_of_its_own():
    v, w = Value(F(0)), Value(F(0))
    optimizer = SGD([v, w], F(1), momentum=F(1, 2))

    for gradients in ((F(1), F(0)), (F(0), F(2))):
        v.grad, w.grad = gradients
        optimizer.step()

    assert (v.data, w.data) == (F(-3, 2), F(-2))


# ------------------------------------------------------------------------------ adam, to 50 digits


@pytest.mark.parametrize(
    ("optimizer_of", "decoupled"),
    [
        (lambda p: Adam(p, 0.05), False),
        (lambda p: Adam(p, 0.05, betas=(0.5, 0.75), epsilon=1e-3, weight_decay=0.1), False),
        (lambda p: AdamW(p, 0.05), True),
        (lambda p: AdamW(p, 0.05, betas=(0.0, 0.9), weight_decay=0.3), True),
    ],
)
def test_adam_follows_its_paper(optimizer_of, decoupled):
    stream = random.Random(3)
    start = [0.7, -2.0]
    gradients = [[stream.gauss(0, 10.0**k) for k in (-2, 3)] for _ in range(30)]
    parameters = [Value(p) for p in start]
    optimizer = optimizer_of(parameters)

    for step in gradients:
        for p, g in zip(parameters, step, strict=True):
            p.grad = g
        optimizer.step()

    with mpmath.workdps(50):
        beta1, beta2 = map(mpmath.mpf, optimizer.betas)
        alpha, epsilon, decay = map(
            mpmath.mpf, (optimizer.learning_rate, optimizer.epsilon, optimizer.weight_decay)
        )
        for i, p in enumerate(parameters):
            theta, m, v = mpmath.mpf(start[i]), mpmath.mpf(0), mpmath.mpf(0)
            for t, step in enumerate(gradients, 1):
                g = mpmath.mpf(step[i]) + (0 if decoupled else decay * theta)
                m = beta1 * m + (1 - beta1) * g
                v = beta2 * v + (1 - beta2) * g**2
                m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
                if decoupled:
                    theta -= alpha * decay * theta
                theta -= alpha * m_hat / (mpmath.sqrt(v_hat) + epsilon)
            assert p.data == pytest.approx(float(theta), rel=1e-12)


@pytest.mark.parametrize("gradient", [1e-3, -5.0, 1e6])
def test_the_first_step_of_adam_has_the_length_of_the_learning_rate(gradient):
    p = Value(1.0)
    p.grad = gradient

    Adam([p], 0.25).step()

    assert p.data == pytest.approx(1.0 - math.copysign(0.25, gradient), abs=1e-5)


def test_adam_without_a_gradient_stays():
    p = Value(1.0)

    Adam([p]).step()

    assert p.data == 1.0


# ------------------------------------------------------------------------------ what all share


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
def test_zero_grad_sets_the_gradients_of_its_parameters_to_zero(kind):
    v, w = Value(1.0), Value(2.0)
    v.grad = w.grad = 3.0

    kind([v], 0.1).zero_grad()

    assert (v.grad, w.grad) == (0, 3.0)


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
def test_the_learning_rate_may_change_between_steps(kind):
    v, w = Value(1.0), Value(1.0)
    changed, constant = kind([v], 100.0), kind([w], 0.01)
    v.grad = w.grad = 2.0

    changed.learning_rate = 0.01
    changed.step()
    constant.step()

    assert v.data == w.data


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
@pytest.mark.parametrize("rate", [0, -0.1, math.nan, math.inf, "0.1", None])
def test_a_learning_rate_must_be_positive(kind, rate):
    with pytest.raises(ValueError, match="learning_rate must be positive, not"):
        kind([Value(1.0)], rate)


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ([], ValueError, "an optimizer needs at least one parameter"),
        ([Value(1.0), 2.0], TypeError, "parameters are Values; number 1 is float 2.0"),
        ([("w", Value(1.0))], TypeError, "parameters are Values; number 0 is tuple"),
    ],
)
def test_parameters_must_be_values(kind, parameters, error, message):
    with pytest.raises(error, match=message):
        kind(parameters, 0.1)


def test_a_parameter_that_is_given_twice_is_refused():
    shared = Value(1.0, "b")

    with pytest.raises(ValueError, match=r"label='b'\) is given twice; a step would change it twice"):
        SGD([Value(2.0), shared, Value(3.0), shared])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, momentum=1), "momentum must be from 0 to below 1, not 1"),
        (lambda p: SGD(p, momentum=-0.1), "momentum must be from 0 to below 1, not -0.1"),
        (lambda p: SGD(p, momentum=math.nan), "momentum must be from 0 to below 1, not nan"),
        (lambda p: SGD(p, momentum="0.9"), "momentum must be from 0 to below 1, not '0.9'"),
        (lambda p: SGD(p, nesterov=True), "momentum must be positive where nesterov is set, not 0"),
        (lambda p: SGD(p, weight_decay=-1), "weight_decay must be at least 0, not -1"),
        (lambda p: SGD(p, weight_decay=math.nan), "weight_decay must be at least 0, not nan"),
        (lambda p: SGD(p, weight_decay=math.inf), "weight_decay must be at least 0, not inf"),
        (lambda p: Adam(p, betas=(0.9, 1.0)), "betas must be two numbers from 0 to below 1, not (0.9, 1.0)"),
        (lambda p: Adam(p, betas=(0.9,)), "betas must be two numbers from 0 to below 1, not (0.9,)"),
        (lambda p: Adam(p, betas=0.9), "betas must be two numbers from 0 to below 1, not 0.9"),
        (lambda p: Adam(p, epsilon=0), "epsilon must be positive, not 0"),
        (lambda p: Adam(p, epsilon=math.nan), "epsilon must be positive, not nan"),
        (lambda p: AdamW(p, weight_decay=-0.01), "weight_decay must be at least 0, not -0.01"),
        (lambda p: clip_gradients(p, 0), "max_norm must be positive, not 0"),
        (lambda p: clip_gradients(p, math.nan), "max_norm must be positive, not nan"),
        (lambda p: step_decay(0), "every must be at least 1, not 0"),
        (lambda p: step_decay(2, -1), "factor must be positive, not -1"),
        (lambda p: exponential_decay(0), "factor must be positive, not 0"),
        (lambda p: exponential_decay(math.nan), "factor must be positive, not nan"),
        (lambda p: cosine_decay(5, warmup=5), "warmup must be from 0 to below the 5 epochs, not 5"),
        (lambda p: cosine_decay(5, warmup=-1), "warmup must be from 0 to below the 5 epochs, not -1"),
    ],
)
def test_numbers_outside_their_range_are_refused(make, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        make([Value(1.0)])
    assert str(caught.value) == message


# ------------------------------------------------------------------------------ schedules and clipping


def test_schedules_have_their_closed_forms():
    epochs = range(12)

    assert [step_decay(5, 0.1)(e) for e in epochs] == [1.0] * 5 + [0.1] * 5 + [0.1**2] * 2
    assert [exponential_decay(0.9)(e) for e in epochs] == pytest.approx([0.9**e for e in epochs])
    assert [cosine_decay(10)(e) for e in epochs] == pytest.approx(
        [math.cos(math.pi * min(e, 10) / 20) ** 2 for e in epochs], abs=1e-15
    )
    assert [cosine_decay(10, warmup=4)(e) for e in epochs] == pytest.approx(
        [0.25, 0.5, 0.75, 1.0, *(math.cos(math.pi * min(e, 6) / 12) ** 2 for e in range(8))], abs=1e-15
    )


def test_clipping_scales_all_gradients_to_the_norm():
    parameters = MLP(3, [4], seed=0).parameters()
    stream = np.random.default_rng(0)
    before = stream.normal(size=len(parameters))
    for p, g in zip(parameters, before.tolist(), strict=True):
        p.grad = g

    norm = clip_gradients(parameters, 0.5)

    after = np.array([p.grad for p in parameters])
    assert norm == pytest.approx(np.linalg.norm(before))
    assert np.linalg.norm(after) == pytest.approx(0.5)
    assert after / 0.5 == pytest.approx(before / np.linalg.norm(before))


def test_clipping_leaves_a_short_gradient_alone():
    v, w = Value(0.0), Value(0.0)
    v.grad, w.grad = 3.0, 4.0

    assert clip_gradients(iter([v, w]), 5.0) == 5.0
    assert (v.grad, w.grad) == (3.0, 4.0)


def test_clipping_bears_gradients_whose_squares_are_no_floats():
    v, w = Value(0.0), Value(0.0)
    v.grad, w.grad = 3e200, 4e200

    assert clip_gradients([v, w], 1.0) == pytest.approx(5e200)
    assert (v.grad, w.grad) == pytest.approx((0.6, 0.8))
