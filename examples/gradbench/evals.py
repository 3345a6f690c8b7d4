"""What GradBench's evals ask for: their functions, from the input as it comes to the output as it goes back.

A function is prepared with an input; what comes of that is called for each measurement, and its result then
written down. The objectives on scalars are those that this project's own benchmark lifts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from autograd_lite import lift
from tests.benchmarks.gradbench import ba, det, gmm, ht, kmeans, llsq, lse, lstm, ode, particle, saddle
from tests.benchmarks.gradbench.descent import nestings

Run: TypeAlias = Callable[[], Any]
Written: TypeAlias = Callable[[Any], Any]
Prepare: TypeAlias = Callable[[Any], tuple[Run, Written]]


def modules(compiler: str | None = None) -> dict[str, Mapping[str, Prepare]]:
    """Return the functions of all evals, by module and name; a compiler is what ``lift`` takes."""
    lifted = partial(lift, compiler=compiler)
    on_arrays = {
        "hello": {
            "square": lambda x: (partial(lifted(lambda x: x * x).value, float(x)), float),
            "double": lambda x: (partial(lifted(lambda x: x * x), float(x)), gradient_in_rows),
        },
        "ba": _of_ba(lifted),
        "det": _pair(partial(_det, lifted), "primal", "gradient"),
        "gmm": _of_gmm(lifted),
        "ht": _of_ht(lifted),
        "kmeans": _of_kmeans(lifted),
        "llsq": _of_llsq(lifted),
        "lse": _pair(partial(_lse, lifted), "primal", "gradient"),
        "lstm": _pair(partial(_lstm, lifted), "objective", "jacobian"),
        "ode": _of_ode(lifted),
    }
    of_nested = {
        "particle": _by_nestings(lambda given: partial(particle.solve, start=given["w"])),
        "saddle": _by_nestings(lambda given: partial(saddle.solve, start=given["start"])),
    }
    ready = {
        module: {name: partial(_lifted_now, prepare) for name, prepare in functions.items()}
        for module, functions in on_arrays.items()
    }
    return {**ready, **of_nested}


def _lifted_now(prepare: Prepare, given: Any) -> tuple[Run, Written]:
    """Return a function that has run once: that is when it is lifted."""
    run, written = prepare(given)
    run()
    return run, written


# --- outputs --------------------------------------------------------------------------------------------


def gradient_in_rows(result: tuple[Any, Any]) -> Any:
    """Return the gradients of a result as one flat list, or as a number."""
    _, gradients = result
    if isinstance(gradients, (list, tuple)):
        return [x for gradient in gradients for x in np.ravel(gradient).tolist()]
    return np.ravel(gradients).tolist() if np.ndim(gradients) else float(gradients)


def _pair(
    program: Callable[[Any], tuple[Any, list[Any]]], value: str, gradient: str
) -> Mapping[str, Prepare]:
    """Return the two functions of a cost: its value, and its gradient."""

    def of_value(given: Any) -> tuple[Run, Written]:
        lifted, arguments = program(given)
        return partial(lifted.value, *arguments), float

    def of_gradient(given: Any) -> tuple[Run, Written]:
        lifted, arguments = program(given)
        return partial(lifted, *arguments), gradient_in_rows

    return {value: of_value, gradient: of_gradient}


def _by_nestings(problem: Callable[[Any], Callable[..., Any]]) -> Mapping[str, Prepare]:
    """Return a function for each pair of modes."""
    names = nestings(lambda outer, inner: None)
    return {name: lambda given, name=name: (nestings(problem(given))[name], _plain) for name in names}


def _plain(result: Any) -> Any:
    return np.asarray(result).tolist()


# --- costs ----------------------------------------------------------------------------------------------


def _det(lifted: Any, given: Any) -> tuple[Any, list[Any]]:
    return lifted(det.determinant), [np.reshape(given["A"], (given["ell"], given["ell"]))]


def _lse(lifted: Any, given: Any) -> tuple[Any, list[Any]]:
    return lifted(lse.cost), [np.array(given["x"])]


def _lstm(lifted: Any, given: Any) -> tuple[Any, list[Any]]:
    names = "main_params", "extra_params", "state", "sequence"
    return lifted(lstm.cost, argnums=(0, 1)), [np.array(given[name], dtype=float) for name in names]


def _of_llsq(lifted: Any) -> Mapping[str, Prepare]:
    def program(given: Any) -> tuple[Any, list[Any]]:
        return lifted(partial(llsq.cost, given["n"])), [np.array(given["x"])]

    return _pair(program, "primal", "gradient")


def _of_gmm(lifted: Any) -> Mapping[str, Prepare]:
    """Return the functions of gmm: the mean over points of what each adds, with all of the prior."""

    def prepare(given: Any) -> tuple[Any, list[Any]]:
        def cost(alpha: Any, mu: Any, q: Any, l: Any, x: Any) -> Any:
            e = [[q_j.exp() for q_j in q_k] for q_k in q]
            each = gmm.cost_of_point(alpha, mu, e, q, l, x) - gmm.logsumexp(alpha)
            return given["n"] * each + gmm.prior(e, q, l, given["gamma"], given["m"])

        program = lifted(cost, argnums=range(4), in_axes=(None, None, None, None, 0))
        return program, [np.array(given[name]) for name in ("alpha", "mu", "q", "l", "x")]

    def objective(given: Any) -> tuple[Run, Written]:
        program, arguments = prepare(given)
        return partial(program.value, *arguments), float

    def jacobian(given: Any) -> tuple[Run, Written]:
        program, arguments = prepare(given)
        names = "alpha", "mu", "q", "l"
        return partial(program, *arguments), lambda result: dict(
            zip(names, map(_plain, result[1]), strict=True)
        )

    return {"objective": objective, "jacobian": jacobian}


def _of_kmeans(lifted: Any) -> Mapping[str, Prepare]:
    """Return the functions of kmeans: the cost, and a step of Newton's method, its Hessian being diagonal."""

    def prepare(given: Any) -> tuple[Any, list[Any]]:
        program = lifted(kmeans.cost_of_point, in_axes=(None, 0))
        return program, [np.array(given["centroids"]), np.array(given["points"])]

    def cost(given: Any) -> tuple[Run, Written]:
        program, (centroids, points) = prepare(given)
        return lambda: len(points) * program.value(centroids, points), float

    def direction(given: Any) -> tuple[Run, Written]:
        program, arguments = prepare(given)
        return lambda: program(*arguments)[1] / program.hessian(*arguments, diagonal=True), _plain

    return {"cost": cost, "dir": direction}


# --- vectors --------------------------------------------------------------------------------------------


def _of_ode(lifted: Any) -> Mapping[str, Prepare]:
    def primal(given: Any) -> tuple[Run, Written]:
        return partial(lifted(partial(ode.solution, given["s"])).value, np.array(given["x"])), _plain

    def gradient(given: Any) -> tuple[Run, Written]:
        program = lifted(lambda x: ode.solution(given["s"], x)[-1])
        return partial(program, np.array(given["x"])), gradient_in_rows

    return {"primal": primal, "gradient": gradient}


def _of_ba(lifted: Any) -> Mapping[str, Prepare]:
    """Return the functions of ba: each observation has three errors, by its camera, its point, its weight."""

    def prepare(given: Any) -> tuple[Any, list[Any]]:
        p = given["p"]
        program = lifted(ba.errors, argnums=(0, 1, 2), in_axes=(0, 0, 0, 0))
        cameras, points = np.tile(given["cam"], (given["n"], 1)), np.tile(given["x"], (given["m"], 1))
        each = np.arange(p)
        arguments = [cameras[each % given["n"]], points[each % given["m"]]]
        return program, [*arguments, np.full(p, given["w"]), np.tile(given["feat"], (p, 1))]

    def objective(given: Any) -> tuple[Run, Written]:
        program, arguments = prepare(given)
        return partial(program.value, *arguments), _first_errors

    def jacobian(given: Any) -> tuple[Run, Written]:
        program, arguments = prepare(given)
        return lambda: _as_rows(given, program.jacobian(*arguments)), _first_elements

    return {"objective": objective, "jacobian": jacobian}


def _first_errors(errors: Any) -> Any:
    """Return the errors of one observation, for all have the same, and how many there are."""
    return {
        "reproj_error": {"elements": errors[0, :2].tolist(), "repeated": len(errors)},
        "w_err": {"element": float(errors[0, 2]), "repeated": len(errors)},
    }


def _as_rows(given: Any, blocks: Any) -> tuple[Any, Any, Any]:
    """Return a sparse matrix: where its rows begin, the columns and the values of its elements.

    The rows are two errors for each observation, and then those of the weights.
    """
    n, m, p = given["n"], given["m"], given["p"]
    of_camera, of_point, of_weight = blocks
    each = np.arange(p)[:, None]
    columns = [each % n * 11 + np.arange(11), 11 * n + each % m * 3 + np.arange(3), 11 * n + 3 * m + each]
    in_row = np.concatenate(columns, axis=1)
    values = np.concatenate([of_camera[:, :2], of_point[:, :2], of_weight[:, :2, None]], axis=2)
    starts = np.concatenate([15 * np.arange(2 * p + 1), 30 * p + 1 + np.arange(p)])
    all_columns = np.concatenate([np.repeat(in_row, 2, axis=0).ravel(), in_row[:, -1]])
    return starts, all_columns, np.concatenate([values.ravel(), of_weight[:, 2]])


def _first_elements(matrix: tuple[Any, Any, Any]) -> Any:
    """Return the first thirty elements and the last one of each array."""
    names = "rows", "cols", "vals"
    return {name: [*x[:30].tolist(), x[-1].item()] for name, x in zip(names, matrix, strict=True)}


def _of_ht(lifted: Any) -> Mapping[str, Prepare]:
    """Return the functions of ht: errors, their derivatives by a point's place on the skin and the pose."""

    def prepare(given: Any) -> tuple[Any, list[Any]]:
        data, us = given["data"], given["us"]
        model, found = data["model"], data["correspondences"]
        if model["parents"] != ht.PARENTS or model["is_mirrored"]:
            raise ValueError("a hand is a right one here, with five fingers of four bones")
        hand = [np.array(model[name])[:, :3] for name in ("base_relatives", "inverse_base_absolutes")]
        hand += [
            np.array(model["base_positions"])[:, :3],
            np.array(model["weights"]),
            np.array(data["points"]),
        ]
        if us:
            corners = [model["triangles"][k] for k in found]
            return lifted(partial(ht.errors, corners), argnums=(0, 1)), [
                np.array(given["theta"]),
                np.array(us),
                *hand,
            ]

        def errors(theta: Any, *hand: Any) -> Any:
            return ht.errors([[k] for k in found], theta, [()] * len(found), *hand)

        return lifted(errors, argnums=(0,)), [np.array(given["theta"]), *hand]

    def objective(given: Any) -> tuple[Run, Written]:
        program, arguments = prepare(given)
        return partial(program.value, *arguments), _plain

    def jacobian(given: Any) -> tuple[Run, Written]:
        program, arguments = prepare(given)
        return lambda: _own_columns(program.jacobian(*arguments)), _plain

    return {"objective": objective, "jacobian": jacobian}


def _own_columns(derivatives: Any) -> Any:
    """Return the derivatives by the coordinates of the error's own point, if it has some, and by the pose."""
    by_pose, *by_coordinates = derivatives
    each = np.arange(len(by_pose))
    return np.concatenate([*(d[each, each // 3] for d in by_coordinates), by_pose], axis=1)
