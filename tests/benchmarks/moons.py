"""The moons step: one step of training in micrograd's demo, by everybody.

100 points, a network 2-16-16-1 with ReLU, cost hinge + 1e-4 Σp², full batch; forward, backward, update.
Before anything is timed, all must agree on the cost and on all gradients, in two steps from the same weights.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite import Value, lift, sumprod, topological_order
from nn import MLP, SGD, average, hinge
from nn.data import moons
from nn.matrix import COSTS, Dense, MatrixMLP
from tests.benchmarks.timing import (
    Contender,
    Options,
    Samples,
    duration,
    installed,
    print_table,
    race,
    ratio,
    require_equal,
    times,
    verdict,
)

SIZES = [2, 16, 16, 1]
DECAY = 1e-4
RATE = 0.05

Network: TypeAlias = Callable[[Sequence[Any]], Any]


class Problem(NamedTuple):
    """The points, their classes −1 and 1, and the first weights: per layer and neuron, the bias last."""

    inputs: list[list[float]]
    targets: list[float]
    weights: list[list[list[float]]]


class Program(NamedTuple):
    """One step, which returns the cost before it, and the gradients of the last step in micrograd's order."""

    name: str
    step: Callable[[], Any]
    gradients: Callable[[], Iterable[Any]]


class ScalarNetwork(NamedTuple):
    """A network of scalars, the parameters in micrograd's order, and the class they are of."""

    call: Network
    parameters: list[Any]
    make: Callable[[float], Any]


def the_problem() -> Problem:
    """Return the problem; the weights are uniform on (−1, 1) and the biases 0, as micrograd draws them."""
    data = moons(n=100, noise=0.1, seed=0)
    stream = random.Random(1337)
    weights = [
        [[*(stream.uniform(-1, 1) for _ in range(n_in)), 0.0] for _ in range(n_out)]
        for n_in, n_out in pairwise(SIZES)
    ]
    inputs = [[float(x) for x in point] for point in data.inputs]
    return Problem(inputs, [2.0 * label - 1 for label in data.labels], weights)


# --- scalar by scalar -----------------------------------------------------------------------------------


def micrograd_network(problem: Problem) -> ScalarNetwork:
    """Return micrograd's own MLP."""
    from micrograd import engine, nn

    network = nn.MLP(SIZES[0], SIZES[1:])
    parameters = network.parameters()
    for parameter, number in zip(parameters, flat(problem.weights), strict=True):
        parameter.data = number
    return ScalarNetwork(network, parameters, engine.Value)


def network_by_operations(problem: Problem) -> ScalarNetwork:
    """Return the network on our Value with + and * and relu alone, as micrograd's neurons compute it."""
    layers = [
        [([Value(w) for w in weights], Value(bias)) for *weights, bias in layer] for layer in problem.weights
    ]

    def call(x: Sequence[Any]) -> Any:
        for layer in layers:
            x = [sum((w * a for w, a in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            if layer is not layers[-1]:
                x = [z.relu() for z in x]
        return x[0]

    return ScalarNetwork(call, [p for layer in layers for ws, b in layer for p in (*ws, b)], Value)


def scalar_cost(problem: Problem, network: ScalarNetwork) -> Any:
    """Return the cost, in the words of micrograd's demo."""
    inputs = [list(map(network.make, point)) for point in problem.inputs]
    scores = list(map(network.call, inputs))
    losses = [(1 + -y * score).relu() for y, score in zip(problem.targets, scores, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in network.parameters)


def scalar_program(name: str, problem: Problem, network: ScalarNetwork) -> Program:
    """Return the demo's step on any class of scalars."""

    def step() -> Any:
        cost = scalar_cost(problem, network)
        for p in network.parameters:
            p.grad = 0
        cost.backward()
        for p in network.parameters:
            p.data -= RATE * p.grad
        return cost.data

    return Program(name, step, lambda: [p.grad for p in network.parameters])


def require_same_operations(problem: Problem) -> Counter[str]:
    """Return how often our Value computes what, which must be as often as micrograd."""
    words = {"+": "add", "*": "mul", "ReLU": "relu"}
    seen = {}
    pending = [scalar_cost(problem, micrograd_network(problem))]
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen[id(node)] = node
            pending.extend(node._prev)
    theirs = Counter(words[node._op] for node in seen.values() if node._op)
    root = scalar_cost(problem, network_by_operations(problem))
    ours = Counter(node.op for node in topological_order(root) if node.parents)
    if ours != theirs:
        raise AssertionError(f"not the same program: {ours} and {theirs}")
    return ours


def mlp_program(problem: Problem) -> Program:
    """Return the step as one writes it with nn: one node for each z, one for each a."""
    mlp = MLP(SIZES[0], SIZES[1:], activation="relu")
    load(mlp, problem)
    parameters = mlp.parameters()
    optimizer = SGD(parameters, RATE)

    def step() -> Any:
        costs = [hinge(mlp(x), y) for x, y in zip(problem.inputs, problem.targets, strict=True)]
        cost = average(costs) + DECAY * sumprod(parameters, parameters)
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        return cost.data

    return Program("autograd-lite, nn.MLP", step, lambda: [p.grad for p in in_order(mlp)])


# --- lifted ---------------------------------------------------------------------------------------------


def cost_of_a_point(W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any, x: Sequence[Any], y: Any) -> Any:
    """Return the cost of one point in scalars: its hinge and the decay."""
    a = list(x)
    for W, b in ((W1, b1), (W2, b2), (W3, b3)):
        z = [
            sum((w * a_k for w, a_k in zip(row, a, strict=True)), bias)
            for row, bias in zip(W, b, strict=True)
        ]
        a = [z_j.relu() for z_j in z] if W is not W3 else z
    parameters = [p for W in (W1, W2, W3) for row in W for p in row] + [p for b in (b1, b2, b3) for p in b]
    return (1 - y * a[0]).relu() + DECAY * sum(p * p for p in parameters)


def lifted_program(problem: Problem, name: str, **options: Any) -> Program:
    """Return the step by a program lifted from the scalars of one point."""
    parameters = arrays(problem)
    X, y = np.array(problem.inputs), np.array(problem.targets)
    program = lift(cost_of_a_point, argnums=range(6), in_axes=(*[None] * 6, 0, 0), **options)
    gradients: list[Any] = []

    def step() -> Any:
        cost, gradients[:] = program(*parameters, X, y)
        for p, g in zip(parameters, gradients, strict=True):
            p -= RATE * g
        return cost

    return Program(name, step, lambda: flat_arrays(gradients))


def cost_of_layers(layers: Any, x: Sequence[Any], y: Any) -> Any:
    """Return the cost of one point, with the parameters as people write them: [[W, b], …]."""
    return cost_of_a_point(*(part for layer in layers for part in layer), x, y)


def lifted_pairs_program(problem: Problem) -> Program:
    """Return the step by a program lifted from the scalars of one point, of a list of pairs."""
    parameters = arrays(problem)
    layers = [list(pair) for pair in zip(parameters[::2], parameters[1::2], strict=True)]
    X, y = np.array(problem.inputs), np.array(problem.targets)
    program = lift(cost_of_layers, in_axes=(None, 0, 0))
    gradients: list[Any] = []

    def step() -> Any:
        cost, gradients[:] = program(layers, X, y)
        for (W, b), (dW, db) in zip(layers, gradients, strict=True):
            W -= RATE * dW
            b -= RATE * db
        return cost

    return Program(LIFTED_PAIRS, step, lambda: flat_arrays([part for pair in gradients for part in pair]))


def lifted_graph_program(problem: Problem) -> Program:
    """Return the step by a program lifted from the graph of all points, of nn's MLP."""
    mlp = MLP(SIZES[0], SIZES[1:], activation="relu")
    load(mlp, problem)
    parameters = mlp.parameters()
    costs = [hinge(mlp(x), y) for x, y in zip(problem.inputs, problem.targets, strict=True)]
    program = lift(average(costs) + DECAY * sumprod(parameters, parameters))
    inputs = program.inputs
    gradients: dict[str, Any] = {}
    names = [f"{letter}{l}" for l in (1, 2, 3) for letter in "Wb"]

    def step() -> Any:
        cost, found = program(inputs)
        gradients.update(found)
        for name in names:
            inputs[name] -= RATE * found[name]
        return cost

    return Program(LIFTED_GRAPH, step, lambda: flat_arrays([gradients[name] for name in names]))


# --- loops, compiled ------------------------------------------------------------------------------------


def loops_by_hand(
    W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any, X: Any, y: Any, decay: float, a1: Any, a2: Any,
    d1: Any, dW1: Any, db1: Any, dW2: Any, db2: Any, dW3: Any, db3: Any,
) -> float:  # fmt: skip
    """Return the cost, and write the gradients to zeros, as one writes it for Numba: point by point."""
    n, cost = len(X), 0.0
    for s in range(n):
        for j in range(len(b1)):
            z = b1[j]
            for k in range(X.shape[1]):
                z += W1[j, k] * X[s, k]
            a1[j] = max(z, 0.0)
        for j in range(len(b2)):
            z = b2[j]
            for k in range(len(a1)):
                z += W2[j, k] * a1[k]
            a2[j] = max(z, 0.0)
        margin = b3[0]
        for k in range(len(a2)):
            margin += W3[0, k] * a2[k]
        margin = 1.0 - y[s] * margin
        if margin <= 0:
            continue
        cost += margin / n
        d3 = -y[s] / n
        db3[0] += d3
        d1[:] = 0.0
        for j in range(len(b2)):
            dW3[0, j] += d3 * a2[j]
            if a2[j] > 0:
                d2 = d3 * W3[0, j]
                db2[j] += d2
                for k in range(len(a1)):
                    dW2[j, k] += d2 * a1[k]
                    d1[k] += d2 * W2[j, k]
        for j in range(len(b1)):
            if a1[j] > 0:
                db1[j] += d1[j]
                for k in range(X.shape[1]):
                    dW1[j, k] += d1[j] * X[s, k]
    for W, dW in ((W1, dW1), (W2, dW2), (W3, dW3)):
        for j in range(W.shape[0]):
            for k in range(W.shape[1]):
                cost += decay * W[j, k] * W[j, k]
                dW[j, k] += 2 * decay * W[j, k]
    for b, db in ((b1, db1), (b2, db2), (b3, db3)):
        for j in range(len(b)):
            cost += decay * b[j] * b[j]
            db[j] += 2 * decay * b[j]
    return cost


def loops_program(problem: Problem) -> Program:
    """Return the step by loops that Numba compiles."""
    import numba

    compiled = numba.njit(error_model="numpy", fastmath={"reassoc"})(loops_by_hand)
    parameters = arrays(problem)
    X, y = np.array(problem.inputs), np.array(problem.targets)
    gradients: list[Any] = []

    def step() -> Any:
        hidden = [np.empty(len(parameters[k])) for k in (1, 3, 1)]
        gradients[:] = [np.zeros(p.shape) for p in parameters]
        cost = compiled(*parameters, X, y, DECAY, *hidden, *gradients)
        for p, g in zip(parameters, gradients, strict=True):
            p -= RATE * g
        return cost

    return Program(LOOPS, step, lambda: flat_arrays(gradients))


# --- array by array -------------------------------------------------------------------------------------


def matrix_program(problem: Problem) -> Program:
    """Return the step with nn.matrix, the closed formulas layer by layer."""
    mlp = MLP(SIZES[0], SIZES[1:], activation="relu")
    load(mlp, problem)
    network = MatrixMLP.from_mlp(mlp)
    dense_layers = [layer for layer in network.layers if isinstance(layer, Dense)]
    parameters = [array for dense in dense_layers for array in (dense.weights, dense.bias)]
    X, Y = np.array(problem.inputs), np.array(problem.targets)[:, None]
    value, gradient = COSTS["hinge"]
    gradients: list[Any] = []

    def step() -> Any:
        outputs = network.forward(X)
        cost = value(outputs, Y).mean() + DECAY * sum((p * p).sum() for p in parameters)
        of_layers = network.backward(gradient(outputs, Y) / len(X))
        of_parameters = [g for pair in zip(of_layers.weights, of_layers.biases, strict=True) for g in pair]
        gradients[:] = [g + 2 * DECAY * p for g, p in zip(of_parameters, parameters, strict=True)]
        for p, g in zip(parameters, gradients, strict=True):
            p -= RATE * g
        return cost

    return Program("autograd-lite, nn.matrix.MatrixMLP", step, lambda: flat_arrays(gradients))


def numpy_program(problem: Problem) -> Program:
    """Return the step as one writes it by hand for this one network."""
    W1, b1, W2, b2, W3, b3 = parameters = arrays(problem)
    X, y = np.array(problem.inputs), np.array(problem.targets)[:, None]
    gradients: list[Any] = []

    def step() -> Any:
        # Forward; a row is a sample.
        A1 = np.maximum(X @ W1.T + b1, 0)
        A2 = np.maximum(A1 @ W2.T + b2, 0)
        margin = 1 - y * (A2 @ W3.T + b3)
        cost = np.maximum(margin, 0).mean() + DECAY * sum((p * p).sum() for p in parameters)
        # Backward: D is ∂cost/∂Z of the layer.
        D3 = (margin > 0) * y / -len(X)
        D2 = (D3 @ W3) * (A2 > 0)
        D1 = (D2 @ W2) * (A1 > 0)
        gradients[:] = (D1.T @ X, D1.sum(0), D2.T @ A1, D2.sum(0), D3.T @ A2, D3.sum(0))
        for p, g in zip(parameters, gradients, strict=True):
            g += 2 * DECAY * p
            p -= RATE * g
        return cost

    return Program(NUMPY, step, lambda: flat_arrays(gradients))


def torch_program(problem: Problem) -> Program:
    """Return the step with PyTorch, eager, in float64, on one thread."""
    import torch

    torch.set_num_threads(1)
    W1, b1, W2, b2, W3, b3 = parameters = [torch.tensor(p, requires_grad=True) for p in arrays(problem)]
    X = torch.tensor(problem.inputs, dtype=torch.float64)
    y = torch.tensor(problem.targets, dtype=torch.float64)[:, None]

    def step() -> Any:
        a = torch.relu(X @ W1.T + b1)
        a = torch.relu(a @ W2.T + b2)
        hinges = torch.relu(1 - y * (a @ W3.T + b3))
        cost = hinges.mean() + DECAY * sum((p * p).sum() for p in parameters)
        for p in parameters:
            p.grad = None
        cost.backward()
        with torch.no_grad():
            for p in parameters:
                p -= RATE * p.grad
        return cost.detach()

    return Program(TORCH, step, lambda: flat_arrays([p.grad.numpy() for p in parameters]))


def jax_program(problem: Problem) -> Program:
    """Return the step with JAX, compiled, in float64."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, y = jnp.array(problem.inputs), jnp.array(problem.targets)[:, None]

    def cost_of(parameters: list[Any]) -> Any:
        W1, b1, W2, b2, W3, b3 = parameters
        a = jax.nn.relu(X @ W1.T + b1)
        a = jax.nn.relu(a @ W2.T + b2)
        hinges = jax.nn.relu(1 - y * (a @ W3.T + b3))
        return hinges.mean() + DECAY * sum((p * p).sum() for p in parameters)

    def update(parameters: list[Any]) -> Any:
        cost, gradients = jax.value_and_grad(cost_of)(parameters)
        return cost, gradients, [p - RATE * g for p, g in zip(parameters, gradients, strict=True)]

    compiled = jax.jit(update)
    parameters = [jnp.array(p) for p in arrays(problem)]
    gradients: list[Any] = []

    def step() -> Any:
        cost, gradients[:], parameters[:] = jax.block_until_ready(compiled(parameters))
        return cost

    return Program(JAX, step, lambda: flat_arrays(gradients))


# --- parameters in one order ----------------------------------------------------------------------------


def flat(weights: list[list[list[float]]]) -> list[float]:
    """Return the numbers neuron by neuron."""
    return [number for layer in weights for neuron in layer for number in neuron]


def arrays(problem: Problem) -> list[Any]:
    """Return W1, b1, W2, b2, …, fresh copies."""
    layers = [np.array(layer) for layer in problem.weights]
    return [part.copy() for layer in layers for part in (layer[:, :-1], layer[:, -1])]


def flat_arrays(of_layers: list[Any]) -> Any:
    """Return W1, b1, W2, b2, … neuron by neuron."""
    pairs = zip(of_layers[::2], of_layers[1::2], strict=True)
    return np.concatenate([np.column_stack([W, b]).ravel() for W, b in pairs])


def in_order(mlp: MLP) -> list[Value]:
    """Return the parameters neuron by neuron."""
    neurons = [neuron for layer in mlp.layers for neuron in layer.neurons]
    return [p for neuron in neurons for p in (*neuron.weights, neuron.bias) if p is not None]


def load(mlp: MLP, problem: Problem) -> None:
    """Give a network the first weights."""
    for parameter, number in zip(in_order(mlp), flat(problem.weights), strict=True):
        parameter.data = number


# --- the table ------------------------------------------------------------------------------------------

MICROGRAD = "micrograd, its own MLP"
NUMPY = "NumPy, closed form by hand"
TORCH = "PyTorch, eager, one thread"
JAX = "JAX, jit"
LIFTED = "autograd-lite, lifted from one point"
LIFTED_PAIRS = "autograd-lite, lifted from one point, [[W, b], …]"
LIFTED_GRAPH = "autograd-lite, lifted from the graph of all points"
COMPILED = "autograd-lite, lifted from one point, compiled by Numba"
LOOPS = "loops by hand, compiled by Numba"
TARGETS = {
    "autograd-lite, nn.MLP": (40, 15),
    "autograd-lite, operation by operation": (4, None),
}
"""At least how many times as fast as micrograd: with the collector on, and off for both."""
AGAINST_NUMPY = 1.2
"""At most how many times what NumPy by hand takes, lifted."""
COMPILED_AT_MOST = {NUMPY: 0.5, LOOPS: 1.3}
"""At most how many times what these take, compiled."""
AT_LEAST = {TORCH: 3, JAX: 1}
"""At least how many times as fast as these, lifted."""


def programs(problem: Problem) -> list[Program]:
    """Return whoever is here, from the same weights."""
    result = []
    if installed("micrograd"):
        result.append(scalar_program(MICROGRAD, problem, micrograd_network(problem)))
    name = "autograd-lite, operation by operation"
    result.append(scalar_program(name, problem, network_by_operations(problem)))
    result += [mlp_program(problem), matrix_program(problem), numpy_program(problem)]
    result += [lifted_program(problem, LIFTED), lifted_pairs_program(problem), lifted_graph_program(problem)]
    if installed("numba"):
        result += [lifted_program(problem, COMPILED, compiler="numba"), loops_program(problem)]
    peers = {"torch": torch_program, "jax": jax_program}
    result += [program(problem) for peer, program in peers.items() if installed(peer)]
    return result


def require_agreement(all_programs: list[Program]) -> None:
    """Let everybody do two steps; the second shows that the updates agree too."""
    for number in (1, 2):
        found = {p.name: [float(p.step()), *map(float, p.gradients())] for p in all_programs}
        expected = found[NUMPY]
        for name, numbers in found.items():
            require_equal(f"{name}, step {number},", numbers, expected)


def run(options: Options) -> None:
    """Print the table."""
    problem = the_problem()
    all_programs = programs(problem)
    require_agreement(all_programs)
    contenders = [Contender(p.name, p.step) for p in all_programs]
    on = race(contenders, options.rounds)
    off = race(contenders, options.rounds, collect=False)
    rows = [row(name, on, off) for name in on]
    print_table("The moons step", rows)
    lifted = [row_of_lifted(name, on) for name in (LIFTED, LIFTED_PAIRS, LIFTED_GRAPH)]
    print_table("The moons step, lifted from scalars, collector on", lifted)
    if COMPILED in on:
        rows = [row_of_compiled(peer, on) for peer in COMPILED_AT_MOST]
        print_table("The moons step, compiled by Numba, collector on", rows)
    if MICROGRAD in on:
        counts = ", ".join(f"{n:,} {op}" for op, n in require_same_operations(problem).most_common())
        print(f"Operation by operation, micrograd and Value compute the same: {counts}.")
    print("All agree on cost and gradients to 1e-9, in two steps from the same weights.")


def row_of_lifted(name: str, samples: dict[str, Samples]) -> dict[str, str]:
    """Return one line of the second table."""
    found = ratio(samples[name], samples[NUMPY])
    columns = {"who": name, "a step": duration(samples[name]), "by NumPy's, by hand": times(found)}
    columns["target "] = verdict(found, AGAINST_NUMPY, at_most=True)
    for peer, target in AT_LEAST.items():
        found = ratio(samples[peer], samples[name]) if peer in samples else float("nan")
        columns[f"faster than {peer}"] = times(found) if peer in samples else "not here"
        columns[f"target: {peer}"] = verdict(found, target) if peer in samples else ""
    return columns


def row_of_compiled(peer: str, samples: dict[str, Samples]) -> dict[str, str]:
    """Return one line of the third table."""
    found = ratio(samples[COMPILED], samples[peer])
    return {
        "by": peer,
        "compiled": duration(samples[COMPILED]),
        "the other": duration(samples[peer]),
        "ratio": times(found),
        "target": verdict(found, COMPILED_AT_MOST[peer], at_most=True),
    }


def row(name: str, on: dict[str, Samples], off: dict[str, Samples]) -> dict[str, str]:
    """Return one line of the table."""
    columns = {"who": name}
    judged = []
    for title, samples, target in zip(
        ("collector on", "off"), (on, off), TARGETS.get(name, (None, None)), strict=True
    ):
        columns[title] = duration(samples[name])
        columns[f"{title}: against micrograd"] = "—"
        if MICROGRAD in samples:
            found = ratio(samples[MICROGRAD], samples[name])
            columns[f"{title}: against micrograd"] = times(found)
            if target is not None:
                judged.append(f"{title} {verdict(found, target)}")
    return columns | {"target": "; ".join(judged)}
