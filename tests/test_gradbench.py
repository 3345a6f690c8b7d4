"""The tool for GradBench, by a small client: a line of JSON in, a line out, compared with NumPy by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.benchmarks.gradbench import ba, det, gmm, ht, kmeans, llsq, lse, lstm, ode, particle

ROOT = Path(__file__).parents[1]
RUNS = {"min_runs": 2, "min_seconds": 0}

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Start the tool, and yield a function that asks it."""
    command = [sys.executable, "-m", "examples.gradbench"]
    tool = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert tool.stdin is not None
    assert tool.stdout is not None
    number = 0

    def send(**message: Any) -> Any:
        nonlocal number
        number += 1
        tool.stdin.write(json.dumps({"id": number, **message}) + "\n")
        tool.stdin.flush()
        answer = json.loads(tool.stdout.readline())
        assert answer.pop("id") == number
        return answer

    yield send
    tool.stdin.close()
    assert tool.wait(timeout=30) == 0


def output(ask: Ask, module: str, function: str, given: Any) -> Any:
    answer = ask(kind="evaluate", module=module, function=function, input=given)
    assert answer["success"], answer["error"]
    runs = RUNS["min_runs"] if isinstance(given, dict) else 1
    assert [timing["name"] for timing in answer["timings"]] == ["evaluate"] * runs
    assert all(timing["nanoseconds"] > 0 for timing in answer["timings"])
    return answer["output"]


def require_close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


# --- the protocol ---------------------------------------------------------------------------------------


def test_hello(ask: Ask) -> None:
    assert ask(kind="start", eval="hello") == {"tool": "autograd-lite"}
    assert ask(kind="define", module="hello") == {"success": True}
    assert output(ask, "hello", "square", 3.5) == 12.25
    assert output(ask, "hello", "double", 3.5) == 7.0
    assert ask(kind="analysis", of=3, valid=True) == {}


def test_what_is_not_there_is_no_success_and_no_end(ask: Ask) -> None:
    answer = ask(kind="define", module="foo")
    assert not answer["success"]
    assert "foo" in answer["error"]
    assert not ask(kind="evaluate", module="foo", function="bar", input=1)["success"]
    answer = ask(kind="evaluate", module="lse", function="primal", input={"x": "nothing", **RUNS})
    assert "Traceback" in answer["error"]
    assert ask(kind="define", module="lse") == {"success": True}


def test_a_function_runs_until_the_time_is_over(ask: Ask) -> None:
    given = {"x": [1.0, 2.0], "min_runs": 1, "min_seconds": 0.02}
    answer = ask(kind="evaluate", module="lse", function="gradient", input=given)
    assert sum(timing["nanoseconds"] for timing in answer["timings"]) >= 0.02e9


# --- the evals ------------------------------------------------------------------------------------------

COSTS = {
    "det": ("primal", "gradient", det.objective(4), lambda A: {"A": A.ravel().tolist(), "ell": len(A)}),
    "llsq": ("primal", "gradient", llsq.objective(5, 6), lambda x: {"x": x.tolist(), "n": 5}),
    "lse": ("primal", "gradient", lse.objectives()[0], lambda x: {"x": x.tolist()}),
}


@pytest.mark.parametrize("module", COSTS)
def test_costs_and_gradients(ask: Ask, module: str) -> None:
    primal, gradient, one, described = COSTS[module]
    value, (expected,) = one.by_hand(*one.arguments)
    given = {**described(*one.arguments), **RUNS}
    require_close(output(ask, module, primal, given), value)
    require_close(output(ask, module, gradient, given), np.ravel(expected))


def test_gmm(ask: Ask) -> None:
    one = gmm.objective(7, 3, 2)
    value, expected = one.by_hand(*one.arguments)
    names = "alpha", "mu", "q", "l", "x"
    given = {name: array.tolist() for name, array in zip(names, one.arguments, strict=True)}
    given |= {"d": 3, "k": 2, "n": 7, "m": gmm.EXTRA, "gamma": gmm.GAMMA, **RUNS}
    require_close(output(ask, "gmm", "objective", given), value)
    found = output(ask, "gmm", "jacobian", given)
    for name, gradient in zip(names[:4], expected, strict=True):
        require_close(found[name], gradient)


def test_kmeans(ask: Ask) -> None:
    centroids, points = kmeans.data(3, 20, 2)
    value, (gradient,) = kmeans.by_hand(centroids, points)
    nearest = ((points[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    given = {"centroids": centroids.tolist(), "points": points.tolist(), **RUNS}
    require_close(output(ask, "kmeans", "cost", given), value)
    # Each point adds 2 to the second derivatives by its centroid.
    require_close(output(ask, "kmeans", "dir", given), gradient / (2 * np.bincount(nearest)[:, None]))


def test_lstm(ask: Ask) -> None:
    one = lstm.objective(2, 4, b=3)
    value, gradients = one.by_hand(*one.arguments)
    names = "main_params", "extra_params", "state", "sequence"
    given = {name: array.tolist() for name, array in zip(names, one.arguments, strict=True)} | RUNS
    require_close(output(ask, "lstm", "objective", given), value)
    require_close(output(ask, "lstm", "jacobian", given), np.concatenate(list(map(np.ravel, gradients))))


def test_ode(ask: Ask) -> None:
    x = np.array([0.5, 0.25, 2.0])
    last, (gradient,) = ode.by_hand(3, x)
    given = {"x": x.tolist(), "s": 3, **RUNS}
    found = output(ask, "ode", "primal", given)
    require_close(found[:2], [1.0, 0.25])  # y₀ = x₀ t and y₁ = x₁ x₀ t² / 2 at t = 2
    require_close(found[2], last)
    require_close(output(ask, "ode", "gradient", given), gradient)


def test_ba(ask: Ask) -> None:
    """A matrix of three observations of two points by two cameras, which all are alike."""
    random = np.random.default_rng(3)
    camera, point = random.uniform(0.1, 0.5, 11), np.array([0.2, -0.3, 4.0])
    feature, weight, n, m, p = [0.3, 0.1], 0.7, 2, 2, 3
    given = {
        "n": n,
        "m": m,
        "p": p,
        "cam": camera.tolist(),
        "x": point.tolist(),
        "w": weight,
        "feat": feature,
    }
    found = output(ask, "ba", "objective", given | RUNS)
    assert (found["reproj_error"]["repeated"], found["w_err"]["repeated"]) == (p, p)
    first, second = found["reproj_error"]["elements"]
    require_close(found["w_err"]["element"], 1 - weight**2)
    # One error's square is what the cost has more than with a feature that the point is projected to.
    on_array = camera[None], point[None], np.array([weight]), np.array([feature])
    require_close(first**2 + second**2 + (1 - weight**2) ** 2, ba.by_hand(*on_array)[0])
    matrix = output(ask, "ba", "jacobian", given | RUNS)
    assert matrix["rows"] == [*[0, 15, 30, 45, 60, 75, 90, 91, 92, 93][:30], 93]
    assert matrix["cols"][:15] == [*range(11), 22, 23, 24, 28]
    assert matrix["cols"][-1] == 30
    require_close(matrix["vals"][-1], -2 * weight)
    _, (of_camera, of_point, of_weight) = ba.by_hand(*on_array)
    in_cost = 2 * (first * np.array(matrix["vals"][:15]) + second * np.array(matrix["vals"][15:30]))
    in_cost[-1] += 2 * (1 - weight**2) * -2 * weight
    require_close(in_cost, [*of_camera[0], *of_point[0], of_weight[0]])


def hand_of(one: Any) -> dict[str, Any]:
    """Return the input for an objective: matrices have a fourth row, and places a fourth coordinate."""
    theta, us, *arrays = one.arguments
    hand = ht.Hand(*arrays)
    below = np.broadcast_to([0.0, 0.0, 0.0, 1.0], (len(ht.PARENTS), 1, 4))
    model = {
        "parents": ht.PARENTS,
        "base_relatives": np.concatenate([hand.relatives, below], axis=1).tolist(),
        "inverse_base_absolutes": np.concatenate([hand.inverses, below], axis=1).tolist(),
        "base_positions": np.insert(hand.positions, 3, 1, axis=1).tolist(),
        "weights": hand.weights.tolist(),
        "triangles": [[0, 1, 2], [2, 3, 1]],
        "is_mirrored": False,
    }
    data = {"model": model, "correspondences": [1, 0], "points": hand.points.tolist()}
    return {"theta": theta.tolist(), "us": us.tolist(), "data": data, **RUNS}


def test_ht(ask: Ask) -> None:
    one = ht.objective(4, 2)
    given = hand_of(one)
    value, (of_theta, of_us) = ht.by_hand(np.array([[2, 3, 1], [0, 1, 2]]), *one.arguments)
    errors = np.array(output(ask, "ht", "objective", given))
    require_close(errors @ errors, value)
    rows = np.array(output(ask, "ht", "jacobian", given))
    assert rows.shape == (6, 2 + 26)
    require_close(2 * errors @ rows[:, 2:], of_theta)
    require_close((2 * errors[:, None] * rows[:, :2]).reshape(2, 3, 2).sum(axis=1), of_us)


def test_ht_with_points_at_vertices(ask: Ask) -> None:
    one = ht.objective(4, 2)
    corners = {**hand_of(one), "us": []}
    errors = np.array(output(ask, "ht", "objective", corners))
    # A point of a triangle with the coordinates (1, 0) is its first corner.
    theta, _, *hand = one.arguments
    at_corners = theta, np.array([[1.0, 0.0]] * 2), *hand
    value, (of_theta, _) = ht.by_hand(np.array([[1, 2, 3], [0, 1, 2]]), *at_corners)
    require_close(errors @ errors, value)
    require_close(2 * errors @ output(ask, "ht", "jacobian", corners), of_theta)


@pytest.mark.parametrize("modes", ["ff", "fr", "rf", "rr"])
def test_a_saddle_is_where_the_search_begins(ask: Ask, modes: str) -> None:
    assert output(ask, "saddle", modes, {"start": [0.0, 0.0], **RUNS}) == [0.0] * 4


def test_a_particle_that_hits_the_origin(ask: Ask) -> None:
    assert output(ask, "particle", "ff", {"w": particle.ANSWER, **RUNS}) == pytest.approx(particle.ANSWER)
