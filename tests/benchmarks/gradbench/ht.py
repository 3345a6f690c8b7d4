"""Hand tracking: how far measured points are from where a hand in a pose has them on its skin.

The pose turns the bones; the skin follows bones by weights; a point lies in a triangle of the skin, at two
coordinates of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tests.benchmarks.gradbench.objective import Objective

FINGERS, JOINTS = 5, 4
PARENTS = [-1, *(JOINTS * f + j if j else 0 for f in range(FINGERS) for j in range(JOINTS)), 0]
"""The wrist, from there five fingers of four bones, and the forearm."""


class Hand(NamedTuple):
    """What does not change with the pose, as arrays or as lists of them.

    Attributes
    ----------
    relatives, inverses : matrices for each bone
        Its place seen from its parent, and the inverse of its place, at rest: 3 × 4, for there is always
        (0, 0, 0, 1) below.
    positions : a row for each vertex
        Where the skin is at rest.
    weights : a row for each vertex
        How much it follows each bone.
    points : a row for each point measured
    """

    relatives: Any
    inverses: Any
    positions: Any
    weights: Any
    points: Any


# --- on scalars -----------------------------------------------------------------------------------------


def product(A: Any, B: Any) -> Any:
    """Return the product of two matrices of 3 rows; where a fourth is missing it is (0, 0, 0, 1)."""
    width = len(B[0])
    result = [[sum(row[j] * B[j][k] for j in range(3)) for k in range(width)] for row in A]
    if width == 4:
        for row, factors in zip(result, A, strict=True):
            row[3] += factors[3]
    return result


def turned(A: Any, first: int, angle: Any) -> Any:
    """Return the product of a matrix and a rotation of two columns side by side."""
    c, s = angle.cos(), angle.sin()
    return [
        [
            *row[:first],
            c * row[first] + s * row[first + 1],
            c * row[first + 1] - s * row[first],
            *row[first + 2 :],
        ]
        for row in A
    ]


def about_axis(rotation: Any) -> Any:
    """Return the rotation about an axis by an angle, its length."""
    angle = (rotation[0] ** 2 + rotation[1] ** 2 + rotation[2] ** 2).sqrt()
    x, y, z = (r / angle for r in rotation)
    s, c = angle.sin(), angle.cos()
    rest = 1 - c
    return [
        [x * x * rest + c, x * y * rest - z * s, x * z * rest + y * s],
        [x * y * rest + z * s, y * y * rest + c, y * z * rest - x * s],
        [x * z * rest - y * s, y * z * rest + x * s, z * z * rest + c],
    ]


def transforms(theta: Any, hand: Hand) -> Any:
    """Return how each bone moves what is fixed to it, against the pose at rest."""
    angles, places = iter(theta[6:]), [hand.relatives[0]]
    for bone in range(1, len(PARENTS)):
        relative, joint = hand.relatives[bone], (bone - 1) % JOINTS
        if (
            joint > 0
        ):  # the first bone of a finger does not turn, nor does the forearm; the second in two ways
            x = next(angles)
            relative = turned(turned(relative, 0, next(angles)) if joint == 1 else relative, 1, x)
        places.append(product(places[PARENTS[bone]], relative))
    return [product(place, inverse) for place, inverse in zip(places, hand.inverses, strict=True)]


def skin(theta: Any, hand: Hand) -> Any:
    """Return where the vertices are."""
    moves, turn, vertices = transforms(theta, hand), about_axis(theta[:3]), []
    for position, weights in zip(hand.positions, hand.weights, strict=True):
        vertex = [0.0, 0.0, 0.0]
        for move, weight in zip(moves, weights, strict=True):
            for i, row in enumerate(move):
                moved = sum(m * p for m, p in zip(row, position, strict=False)) + row[3]
                vertex[i] += weight * moved
        vertices.append(
            [
                sum(t * v for t, v in zip(row, vertex, strict=True)) + theta[3 + i]
                for i, row in enumerate(turn)
            ]
        )
    return vertices


def errors(corners: Any, theta: Any, us: Any, *hand: Any) -> Any:
    """Return three errors for each point, on scalars.

    A point is to be at a vertex, or in a triangle: then there are three vertices, and its two coordinates.
    """
    vertices, found = skin(theta, Hand(*hand)), []
    for at, shares, point in zip(corners, us, hand[-1], strict=True):
        weights = [*shares, 1 - sum(shares)]
        for i in range(3):
            on_skin = sum(w * vertices[k][i] for w, k in zip(weights, at, strict=True))
            found.append(point[i] - on_skin)
    return found


def cost(triangles: Any, theta: Any, us: Any, *hand: Any) -> Any:
    """Return the sum of the squared errors, on scalars."""
    return sum(error * error for error in errors(triangles, theta, us, *hand))


# --- by hand --------------------------------------------------------------------------------------------


def composed(xp: Any, A: Any, B: Any) -> Any:
    """Return products of matrices of 3 × 4 as :func:`product` has them."""
    result = A[..., :3] @ B
    return xp.concatenate([result[..., :3], result[..., 3:] + A[..., 3:]], axis=-1)


def composed_backward(A: Any, B: Any, d: Any) -> tuple[Any, Any]:
    """Return what comes back to the two factors."""
    return np.concatenate([d @ B.mT, d[..., 3:]], axis=-1), A[..., :3].mT @ d


def _across(x: Any) -> Any:
    """Return the matrix whose product with a vector is the vector product with x."""
    return np.array([[0, -x[2], x[1]], [x[2], 0, -x[0]], [-x[1], x[0], 0]])


def by_hand(triangles: Any, theta: Any, us: Any, *model: Any) -> Any:
    """Return the value and the gradients; all fingers, and all bones of them that turn, at once."""
    hand = Hand(*model)
    # A place for each finger and each of its bones that turns: the first does not.
    angles = theta[6:].reshape(FINGERS, JOINTS)
    x, z = angles[:, [0, 2, 3]], np.zeros((FINGERS, JOINTS - 1))
    z[:, 0] = angles[:, 1]
    cx, sx, cz, sz = np.cos(x), np.sin(x), np.cos(z), np.sin(z)
    turns = np.zeros((*x.shape, 3, 3))
    turns[..., 0, 0], turns[..., 0, 1], turns[..., 0, 2] = cz, -sz * cx, sz * sx
    turns[..., 1, 0], turns[..., 1, 1], turns[..., 1, 2] = sz, cz * cx, -cz * sx
    turns[..., 2, 1], turns[..., 2, 2] = sx, cx
    wrist, forearm = hand.relatives[0], hand.relatives[-1]
    relatives = hand.relatives[1:-1].reshape(FINGERS, JOINTS, 3, 4)
    turned = relatives.copy()
    turned[:, 1:, :, :3] = relatives[:, 1:, :, :3] @ turns
    places = np.empty_like(turned)
    for j in range(JOINTS):
        places[:, j] = composed(np, places[:, j - 1] if j else wrist, turned[:, j])
    forearm = composed(np, wrist, forearm)
    all_places = np.concatenate([wrist[None], places.reshape(-1, 3, 4), forearm[None]])
    moves = composed(np, all_places, hand.inverses)
    blended = (hand.weights @ moves.reshape(-1, 12)).reshape(-1, 3, 4)
    positions = np.concatenate([hand.positions, np.ones((len(hand.positions), 1))], axis=1)
    posed = np.vecdot(blended, positions[:, None])
    angle = np.sqrt(theta[:3] @ theta[:3])
    axis, s, c = theta[:3] / angle, np.sin(angle), np.cos(angle)
    turn = c * np.eye(3) + (1 - c) * np.outer(axis, axis) + s * _across(axis)
    vertices = posed @ turn.T + theta[3:6]
    corners = vertices[triangles]
    shares = np.concatenate([us, 1 - us.sum(axis=1)[:, None]], axis=1)
    error = hand.points - (shares[:, None] @ corners)[:, 0]

    d = -2 * error
    d_shares = np.vecdot(corners, d[:, None])
    d_vertices = np.zeros_like(vertices)
    np.add.at(d_vertices, triangles, shares[:, :, None] * d[:, None])
    d_theta = np.empty_like(theta)
    d_theta[3:6] = d_vertices.sum(axis=0)
    d_turn = d_vertices.T @ posed
    d_across = np.array(
        [d_turn[2, 1] - d_turn[1, 2], d_turn[0, 2] - d_turn[2, 0], d_turn[1, 0] - d_turn[0, 1]]
    )
    d_angle = c * (d_across @ axis) - s * (np.trace(d_turn) - axis @ d_turn @ axis)
    d_axis = (1 - c) * (d_turn + d_turn.T) @ axis + s * d_across
    d_theta[:3] = (d_axis - axis * (axis @ d_axis)) / angle + axis * d_angle
    d_blended = (d_vertices @ turn)[:, :, None] * positions[:, None]
    d_moves = (hand.weights.T @ d_blended.reshape(-1, 12)).reshape(-1, 3, 4)
    d_places = composed_backward(all_places, hand.inverses, d_moves)[0][1:-1].reshape(places.shape)
    d_turned = np.empty_like(turned)
    back = 0
    for j in range(JOINTS - 1, -1, -1):
        parent = places[:, j - 1] if j else wrist
        back, d_turned[:, j] = composed_backward(parent, turned[:, j], d_places[:, j] + back)
    D = relatives[:, 1:, :, :3].mT @ d_turned[:, 1:, :, :3]
    d_cz = D[..., 0, 0] + D[..., 1, 1] * cx - D[..., 1, 2] * sx
    d_sz = D[..., 1, 0] - D[..., 0, 1] * cx + D[..., 0, 2] * sx
    d_cx = D[..., 2, 2] - D[..., 0, 1] * sz + D[..., 1, 1] * cz
    d_sx = D[..., 2, 1] + D[..., 0, 2] * sz - D[..., 1, 2] * cz
    d_angles = d_theta[6:].reshape(angles.shape)
    d_angles[:, [0, 2, 3]] = d_sx * cx - d_cx * sx
    d_angles[:, 1] = (d_sz * cz - d_cz * sz)[:, 0]
    return np.vdot(error, error), [d_theta, d_shares[:, :2] - d_shares[:, 2:]]


def on_arrays(triangles: Any, xp: Any, theta: Any, us: Any, *model: Any) -> Any:
    """Return the cost."""
    hand = Hand(*model)
    angles = theta[6:].reshape(FINGERS, JOINTS)
    x, zero = angles[:, [0, 2, 3]], xp.zeros_like(angles[:, 2:])
    z = xp.concatenate([angles[:, 1:2], zero], axis=1)
    cx, sx, cz, sz, none = xp.cos(x), xp.sin(x), xp.cos(z), xp.sin(z), xp.zeros_like(x)
    entries = [cz, -sz * cx, sz * sx, sz, cz * cx, -cz * sx, none, sx, cx]
    turns = xp.stack(entries, axis=-1).reshape(FINGERS, JOINTS - 1, 3, 3)
    relatives = hand.relatives[1:-1].reshape(FINGERS, JOINTS, 3, 4)
    rotated = relatives[:, 1:, :, :3] @ turns
    turned = xp.concatenate([rotated, relatives[:, 1:, :, 3:]], axis=-1)
    place, places = hand.relatives[0], []
    for j in range(JOINTS):
        place = composed(xp, place, turned[:, j - 1] if j else relatives[:, j])
        places.append(place)
    of_fingers = xp.stack(places, axis=1).reshape(-1, 3, 4)
    forearm = composed(xp, hand.relatives[:1], hand.relatives[-1:])
    all_places = xp.concatenate([hand.relatives[:1], of_fingers, forearm], axis=0)
    moves = composed(xp, all_places, hand.inverses)
    blended = (hand.weights @ moves.reshape(-1, 12)).reshape(-1, 3, 4)
    posed = xp.sum(blended[..., :3] * hand.positions[:, None], axis=-1) + blended[..., 3]
    angle = xp.sqrt(xp.sum(theta[:3] ** 2))
    axis = theta[:3] / angle
    a, b, c = axis
    o = xp.zeros_like(a)
    across = xp.stack([o, -c, b, c, o, -a, -b, a, o]).reshape(3, 3)
    turn = across @ across * (1 - xp.cos(angle)) + across * xp.sin(angle)
    vertices = posed @ turn.T + posed + theta[3:6]
    corners = vertices[triangles]
    shares = xp.concatenate([us, 1 - xp.sum(us, axis=1)[:, None]], axis=1)
    return xp.sum((hand.points - xp.sum(shares[:, :, None] * corners, axis=1)) ** 2)


def objective(vertices: int, points: int) -> Objective:
    """Return the objective for so many vertices and points, all at random."""
    random = np.random.default_rng(31337)
    bones = len(PARENTS)
    weights = random.random((vertices, bones))
    hand = Hand(
        random.uniform(-1, 1, (bones, 3, 4)),
        random.uniform(-1, 1, (bones, 3, 4)),
        random.uniform(-1, 1, (vertices, 3)),
        weights / weights.sum(axis=1)[:, None],
        random.uniform(-1, 1, (points, 3)),
    )
    triangles = np.array([random.choice(vertices, 3, replace=False) for _ in range(points)])
    theta, us = random.uniform(0.1, 0.6, 6 + FINGERS * JOINTS), random.random((points, 2))
    return Objective(
        f"ht, {vertices} vertices, {points} points",
        lambda *arguments: cost(triangles, *arguments),
        lambda *arguments: by_hand(triangles, *arguments),
        lambda *arguments: on_arrays(triangles, *arguments),
        [theta, us, *hand],
        argnums=(0, 1),
    )


def objectives() -> list[Objective]:
    """Return the size that is measured."""
    return [objective(30, 20)]
