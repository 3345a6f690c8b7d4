"""A long short-term memory whose weights are diagonal: the cross-entropy of a text, bit by bit.

For each layer there are weights and biases, each for the forget gate, the input gate, the output gate and the
change, one after another in a row; and a hidden state and a cell.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.gradbench.objective import Objective


def layer(weights: Any, biases: Any, hidden: Any, cell: Any, inputs: Any) -> tuple[Any, Any]:
    """Return the hidden state and the cell after a step, on scalars."""
    b = len(inputs)
    new_hidden, new_cell = [], []
    for i in range(b):
        forget = (inputs[i] * weights[i] + biases[i]).sigmoid()
        ingate = (hidden[i] * weights[b + i] + biases[b + i]).sigmoid()
        outgate = (inputs[i] * weights[2 * b + i] + biases[2 * b + i]).sigmoid()
        change = (hidden[i] * weights[3 * b + i] + biases[3 * b + i]).tanh()
        c = cell[i] * forget + ingate * change
        new_cell.append(c)
        new_hidden.append(outgate * c.tanh())
    return new_hidden, new_cell


def cost(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
    """Return the cost on scalars."""
    layers, b, steps = len(state) // 2, len(extra[0]), len(sequence) - 1
    hidden, cell = list(state[::2]), list(state[1::2])
    total = 0.0
    for t in range(steps):
        x = [s * w for s, w in zip(sequence[t], extra[0], strict=True)]
        for k in range(layers):
            hidden[k], cell[k] = layer(main[2 * k], main[2 * k + 1], hidden[k], cell[k], x)
            x = hidden[k]
        y = [x_i * w + bias for x_i, w, bias in zip(x, extra[1], extra[2], strict=True)]
        normaliser = (sum(y_i.exp() for y_i in y) + 2).log()
        for y_i, bit in zip(y, sequence[t + 1], strict=True):
            total += bit * (y_i - normaliser)
    return -total / (steps * b)


def sigmoid(z: Any) -> Any:
    """Return σ(z) of an array."""
    return 1 / (1 + np.exp(-z))


class LayerByHand:
    """A layer's way through a text and back; two gates look at the inputs alone, which are all known.

    Parameters
    ----------
    weights, biases : arrays
        A row for each gate.
    hidden, cell : arrays
    inputs : array
        A row for each step.
    """

    def __init__(self, weights: Any, biases: Any, hidden: Any, cell: Any, inputs: Any) -> None:
        self.weights, self.inputs = weights, inputs
        self.looking = sigmoid(inputs[:, None] * weights[::2] + biases[::2])
        hiddens, cells, ingates, changes = [hidden], [cell], [], []
        recurrent, bias = weights[1::2], biases[1::2]
        for forget, outgate in self.looking:
            z_in, z_change = hidden * recurrent + bias
            ingate, change = sigmoid(z_in), np.tanh(z_change)
            cell = cell * forget + ingate * change
            hidden = outgate * np.tanh(cell)
            hiddens.append(hidden)
            cells.append(cell)
            ingates.append(ingate)
            changes.append(change)
        self.hiddens, self.cells = np.array(hiddens), np.array(cells)
        self.ingates, self.changes = np.array(ingates), np.array(changes)

    def backward(self, d_hiddens: Any) -> tuple[Any, Any, Any]:
        """Return the gradients of weights, biases and inputs from what comes to the hidden states."""
        forget, outgate = self.looking[:, 0], self.looking[:, 1]
        tanh_cells = np.tanh(self.cells[1:])
        # What an adjoint of the cell is to the weighted inputs of the recurrent gates.
        to_ingate = self.changes * self.ingates * (1 - self.ingates)
        to_change = self.ingates * (1 - self.changes**2)
        to_cell = outgate * (1 - tanh_cells**2)
        to_hidden = to_ingate * self.weights[1] + to_change * self.weights[3]
        d_hidden = d_cell = 0
        of_hidden, of_cell = [], []
        for t in range(len(forget) - 1, -1, -1):
            d_hidden = d_hidden + d_hiddens[t]
            d_cell = d_cell + d_hidden * to_cell[t]
            of_hidden.append(d_hidden)
            of_cell.append(d_cell)
            d_hidden, d_cell = d_cell * to_hidden[t], d_cell * forget[t]
        D_hidden, D_cell = np.array(of_hidden[::-1]), np.array(of_cell[::-1])
        dZ = np.empty((4, *forget.shape))
        dZ[0] = D_cell * self.cells[:-1] * forget * (1 - forget)
        dZ[1] = D_cell * to_ingate
        dZ[2] = D_hidden * tanh_cells * outgate * (1 - outgate)
        dZ[3] = D_cell * to_change
        d_weights = np.empty_like(self.weights)
        d_weights[::2] = (dZ[::2] * self.inputs).sum(axis=1)
        d_weights[1::2] = (dZ[1::2] * self.hiddens[:-1]).sum(axis=1)
        return d_weights, dZ.sum(axis=1), dZ[0] * self.weights[0] + dZ[2] * self.weights[2]


def by_hand(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
    """Return the value and the gradients: layer by layer, each over all steps."""
    of_layers = main.reshape(len(state) // 2, 2, 4, -1)
    bits, x = sequence[1:], sequence[:-1] * extra[0]
    layers = []
    for (weights, biases), hidden, cell in zip(of_layers, state[::2], state[1::2], strict=True):
        layers.append(LayerByHand(weights, biases, hidden, cell, x))
        x = layers[-1].hiddens[1:]
    y = x * extra[1] + extra[2]
    e = np.exp(y)
    sums = e.sum(axis=1) + 2
    counts = bits.sum(axis=1)
    value = (counts @ np.log(sums) - np.vdot(bits, y)) / bits.size

    d_y = ((counts / sums)[:, None] * e - bits) / bits.size
    d_extra, d_main = np.empty_like(extra), np.empty_like(of_layers)
    d_extra[1], d_extra[2] = (d_y * x).sum(axis=0), d_y.sum(axis=0)
    d_x = d_y * extra[1]
    for one, d in zip(layers[::-1], d_main[::-1], strict=True):
        d[0], d[1], d_x = one.backward(d_x)
    d_extra[0] = (d_x * sequence[:-1]).sum(axis=0)
    return value, [d_main.reshape(main.shape), d_extra]


def on_arrays(xp: Any, main: Any, extra: Any, state: Any, sequence: Any) -> Any:
    """Return the cost."""

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + xp.exp(-z))

    of_layers = main.reshape(len(state) // 2, 2, 4, -1)

    def step(states: Any, x: Any) -> Any:
        x, kept = x * extra[0], []
        for (W, b), (hidden, cell) in zip(of_layers, states, strict=True):
            forget, outgate = sigmoid(x * W[0] + b[0]), sigmoid(x * W[2] + b[2])
            ingate, change = sigmoid(hidden * W[1] + b[1]), xp.tanh(hidden * W[3] + b[3])
            cell = cell * forget + ingate * change
            x = outgate * xp.tanh(cell)
            kept.append((x, cell))
        return kept, x

    states = list(zip(state[::2], state[1::2], strict=True))
    if hasattr(xp, "vectorize"):  # JAX loops by itself
        from jax import lax

        _, x = lax.scan(step, states, sequence[:-1])
    else:
        rows = []
        for inputs in sequence[:-1]:
            states, row = step(states, inputs)
            rows.append(row)
        x = xp.stack(rows)
    y, bits = x * extra[1] + extra[2], sequence[1:]
    normaliser = xp.log(xp.sum(xp.exp(y), axis=1) + 2)
    return xp.sum(bits * (normaliser[:, None] - y)) / (bits.shape[0] * bits.shape[1])


def objective(layers: int, steps: int, b: int = 14) -> Objective:
    """Return the objective for a text of random symbols of b bits."""
    random = np.random.default_rng(31337)
    main, extra = random.random((2 * layers, 4 * b)), random.random((3, b))
    state, sequence = random.random((2 * layers, b)), random.integers(0, 2, (steps + 1, b)).astype(float)
    return Objective(
        f"lstm, {layers} layer{'s' * (layers > 1)} of {b}, {steps} steps",
        cost,
        by_hand,
        on_arrays,
        [main, extra, state, sequence],
        argnums=(0, 1),
    )


def objectives() -> list[Objective]:
    """Return the sizes that are measured."""
    return [objective(1, 20), objective(2, 20)]
