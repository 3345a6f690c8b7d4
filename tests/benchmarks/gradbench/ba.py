"""Bundle adjustment: how far from where they were seen the points of a scene are projected by its cameras.

A camera has a rotation (axis times angle), a centre, a focal length, a principal point and two coefficients
of radial distortion. Each observation has a weight, which is to stay near 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.gradbench.objective import Objective


def cross(a: Any, b: Any) -> Any:
    """Return the vector product on scalars."""
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def dot(a: Any, b: Any) -> Any:
    """Return the inner product on scalars."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def rotated(rotation: Any, point: Any) -> Any:
    """Return a point turned about an axis by an angle, the axis's length, by Rodrigues' formula."""
    angle = dot(rotation, rotation).sqrt()
    cosine, sine = angle.cos(), angle.sin()
    axis = [r / angle for r in rotation]
    along = dot(axis, point) * (1 - cosine)
    return [
        p * cosine + c * sine + a * along for p, c, a in zip(point, cross(axis, point), axis, strict=True)
    ]


def errors(camera: Any, point: Any, weight: Any, feature: Any) -> Any:
    """Return the two errors of an observation, and that of its weight, on scalars."""
    rotation, centre = camera[:3], camera[3:6]
    focal, principal, (first, second) = camera[6], camera[7:9], camera[9:]
    x, y, z = rotated(rotation, [p - c for p, c in zip(point, centre, strict=True)])
    projected = x / z, y / z
    square = dot(projected, projected)
    distortion = 1 + first * square + second * square * square
    reprojection = [
        weight * (p * distortion * focal + p0 - f)
        for p, p0, f in zip(projected, principal, feature, strict=True)
    ]
    return [*reprojection, 1 - weight * weight]


def cost(camera: Any, point: Any, weight: Any, feature: Any) -> Any:
    """Return the sum of the squared errors of an observation, on scalars."""
    return sum(error**2 for error in errors(camera, point, weight, feature))


def by_hand(camera: Any, point: Any, weight: Any, feature: Any) -> Any:
    """Return the mean over the observations, and the gradients."""
    n = len(weight)
    rotation, centre, focal = camera[:, :3], camera[:, 3:6], camera[:, 6:7]
    principal, first, second = camera[:, 7:9], camera[:, 9:10], camera[:, 10:]
    weight = weight[:, None]
    angle = np.sqrt(np.vecdot(rotation, rotation))[:, None]
    cosine, sine = np.cos(angle), np.sin(angle)
    axis = rotation / angle
    offset = point - centre
    across = _cross(axis, offset)
    along = np.vecdot(axis, offset)[:, None]
    turned = cosine * offset + sine * across + (1 - cosine) * along * axis
    projected, z = turned[:, :2] / turned[:, 2:], turned[:, 2:]
    square = np.vecdot(projected, projected)[:, None]
    distortion = 1 + square * (first + second * square)
    distorted = projected * distortion
    rest = focal * distorted + principal - feature
    error, error_w = weight * rest, 1 - weight * weight
    value = (np.vdot(error, error) + np.vdot(error_w, error_w)) / n

    d_error = 2 / n * error
    d_weight = np.vecdot(d_error, rest) - 4 / n * (weight * error_w)[:, 0]
    d_rest = weight * d_error
    d_focal = np.vecdot(d_rest, distorted)[:, None]
    d_distorted = focal * d_rest
    d_distortion = np.vecdot(d_distorted, projected)[:, None]
    d_first = d_distortion * square
    d_second = d_first * square
    d_square = d_distortion * (first + 2 * second * square)
    d_projected = distortion * d_distorted + 2 * d_square * projected
    d_z = -np.vecdot(d_projected, projected)[:, None]
    d = np.concatenate([d_projected, d_z], axis=1) / z
    d_along = np.vecdot(d, axis)[:, None]
    d_offset = cosine * d + sine * _cross(d, axis) + (1 - cosine) * d_along * axis
    d_axis = sine * _cross(offset, d) + (1 - cosine) * (d_along * offset + along * d)
    d_cosine = np.vecdot(d, offset)[:, None] - along * d_along
    d_sine = np.vecdot(d, across)[:, None]
    d_angle = d_sine * cosine - d_cosine * sine - np.vecdot(d_axis, axis)[:, None] / angle
    d_rotation = d_axis / angle + d_angle * axis
    d_camera = np.concatenate([d_rotation, -d_offset, d_focal, d_rest, d_first, d_second], axis=1)
    return value, [d_camera, d_offset, d_weight]


_NEXT, _LAST = [1, 2, 0], [2, 0, 1]


def _cross(a: Any, b: Any) -> Any:
    """Return vector products, far faster than np.cross."""
    return a[:, _NEXT] * b[:, _LAST] - a[:, _LAST] * b[:, _NEXT]


def on_arrays(xp: Any, camera: Any, point: Any, weight: Any, feature: Any) -> Any:
    """Return the mean over the observations."""
    rotation, centre, focal = camera[:, :3], camera[:, 3:6], camera[:, 6:7]
    angle = xp.sqrt(xp.sum(rotation * rotation, axis=1))[:, None]
    cosine, axis, offset = xp.cos(angle), rotation / angle, point - centre
    along = xp.sum(axis * offset, axis=1)[:, None]
    turned = cosine * offset + xp.sin(angle) * _cross(axis, offset) + (1 - cosine) * along * axis
    projected = turned[:, :2] / turned[:, 2:]
    square = xp.sum(projected * projected, axis=1)[:, None]
    distortion = 1 + camera[:, 9:10] * square + camera[:, 10:] * square * square
    rest = focal * projected * distortion + camera[:, 7:9] - feature
    return (xp.sum((weight[:, None] * rest) ** 2) + xp.sum((1 - weight * weight) ** 2)) / len(weight)


def objectives() -> list[Objective]:
    """Return the size that is measured: observations with a camera each, as for the blocks of a Jacobian."""
    n = 1000
    random = np.random.default_rng(31337)
    camera = random.uniform(0.1, 0.5, (n, 11))
    point = random.uniform(-1, 1, (n, 3))
    point[:, 2] += 4
    arguments = [camera, point, random.random(n), random.random((n, 2))]
    gradients = {"argnums": (0, 1, 2), "in_axes": (0, 0, 0, 0)}
    return [Objective(f"ba, {n:,} observations", cost, by_hand, on_arrays, arguments, **gradients)]
