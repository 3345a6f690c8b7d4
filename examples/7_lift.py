# %% [markdown]
"""
# Lesson 7: lift

You will be able to

- turn a calculation on single numbers into one on arrays, hundreds of times as fast, in one line;
- read the program that comes out, and find the four lines of backpropagation in it;
- let it run over many samples;
- say what cannot be lifted, and why.

About 15 minutes. You need lesson 4.
"""

# %% [markdown]
# ## From numbers to arrays
#
# Everything so far was computed with single numbers, **scalars**: one node for each. That is good
# for understanding, and slow. Fast programs compute with arrays: a product of two matrices is one
# instruction for thousands of multiplications.
#
# But the one is in the other. Here are three samples and a small network. What the engine recorded
# is a graph of scalars.

# %%
from textwrap import fill
from time import perf_counter

import numpy as np

from autograd_lite import draw, lift, topological_order, where
from nn import MLP, average, fit, mean_squared_error
from nn.data import moons

mlp = MLP(2, [3, 1], seed=0)
X, Y = [[0.5, -1.0], [1.5, 2.0], [-0.5, 0.25]], [1.0, 0.0, 1.0]
C = average([mean_squared_error(mlp(x), y) for x, y in zip(X, Y)])
C.label = "C"
print(f"{len(topological_order(C))} scalar nodes")
draw(C, detail="layers")

# %% [markdown]
# `lift` looks at this graph and finds what is done many times in the same way. It writes a program
# on arrays for it, and the program for its gradients.

# %%
program = lift(C)
print(program)

# %% [markdown]
# Nobody said what a layer is, or that there are samples. It found that 3 times 3 neurons do the
# same, that this is a matrix times a matrix, and that the samples are its rows. `@` is the product
# of matrices, and `.T` puts one on its side.
#
# **Question 1.** Find the four lines of lesson 4 in it, for layer 1: through the activation, to the
# weights, to the biases, to the layer before.
#
# <details><summary>Answer</summary>
#
# dZ1 = dA1 · (1/cosh(Z1))², dW1 = dZ1.T @ A0, db1 = the sum of dZ1 over the samples, and dA0 =
# dZ1 @ W1. The slope of tanh is written as 1/cosh², which is the same as 1 − tanh² and keeps its
# digits where tanh is almost 1.
#
# </details>
#
# Does it compute the same? The program returns the cost and the gradients. The engine fills in
# `.grad`.

# %%
cost, gradients = program()
C.backward()
engine = np.array([[w.grad for w in row] for row in mlp.weights(1)])
print(f"costs: {cost:.12f}, {C.data:.12f}")
print(f"largest difference of a gradient: below 1e-15: {abs(gradients['W1'] - engine).max() < 1e-15}")

# %% [markdown]
# ## A function, and many samples
#
# `lift` takes functions, too: a function of numbers, lists and dicts that returns one Value. It is
# run once on Values, to see what it does. This is called **tracing**. After that only the arrays
# are computed with.
#
# Write it for **one** sample, and say with `in_axes` which arguments run over samples. Then it
# takes any number of them, and the cost is their mean.


# %%
def neuron_cost(params, x, y):
    """Return the squared error of one neuron for one sample."""
    z = params["b"]
    for w, x_k in zip(params["w"], x):
        z = z + w * x_k
    return (z.tanh() - y) ** 2


lifted = lift(neuron_cost, in_axes=(None, 0, 0))
params = {"w": np.array([0.5, -0.5]), "b": np.array(0.1)}
data = moons(500, noise=0.1, seed=0)
inputs, targets = np.array(data.inputs), np.array(data.signs())

for step in range(51):
    cost, gradients = lifted(params, inputs, targets)
    if step % 10 == 0:
        print(f"step {step:2}: cost {cost:.4f}")
    for name in params:
        params[name] = params[name] - 0.5 * gradients[name]

# %%
print(lifted.source)

# %% [markdown]
# **Question 2.** `in_axes=(None, 0, 0)` has three entries. What does each say?
#
# <details><summary>Answer</summary>
#
# The parameters are the same for all samples: None. Of x and of y there is one for each sample, and
# the samples are counted along axis 0: one a row.
#
# </details>
#
# **Question 3.** Where does the mean over the samples appear in the source, and where the sum over
# them?
#
# <details><summary>Answer</summary>
#
# The cost is the mean over axis 0, the samples: `np.mean`. Its derivative is 1/n, where the walk
# back begins. The sum over the samples is in the gradients of the parameters, `axis=0`: each
# parameter is used by all of them.
#
# </details>
#
# ## How much faster?
#
# We take a cost on scalars and the same lifted, for 100 samples. Tracing is done once, and does not
# count here.


# %%
def seconds(f):
    """Return how long the fastest of three calls takes."""
    times = []
    for _ in range(3):
        start = perf_counter()
        f()
        times.append(perf_counter() - start)
    return min(times)


def on_scalars():
    """Compute cost and gradients by the engine."""
    samples = zip(inputs[:100], targets[:100])
    average([mean_squared_error(larger(x), y) for x, y in samples]).backward()


larger = MLP(2, [16, 16, 1], seed=0)
on_arrays = lift(lambda x, y: mean_squared_error(larger(x), y), argnums=(), in_axes=(0, 0))
on_arrays(inputs[:100], targets[:100])

ratio = seconds(on_scalars) / seconds(lambda: on_arrays(inputs[:100], targets[:100]))
print(f"more than 100 times as fast: {ratio > 100}")

# %% [markdown]
# `fit` can do it for you:

# %%
history = fit(larger, inputs, targets, learning_rate=0.2, epochs=300, engine="lifted")
print(f"cost {history.costs[0]:.4f} → {history.costs[-1]:.4f}")

# %% [markdown]
# ## What cannot be lifted
#
# A trace is a record of one run. If the function decides by a number which way to go, the record
# has only one of the ways. `lift` runs the function at other points as well, and compares. If the
# program differs there, it refuses.


# %%
def two_ways(x):
    """Return x² or −x, by the sign of x."""
    return x**2 if x > 0 else -x


try:
    lift(two_ways)(1.0)
except ValueError as error:
    # What is left out here names the line.
    print(fill(str(error).partition(" It did so")[0], 100))

# %% [markdown]
# **Question 4.** How can one write it so that it can be lifted? The message says it.
#
# <details><summary>Answer</summary>
#
# With an operation that is given both ways and chooses at every run. `where(x, a, b)` is a if x is
# positive, and else b.
#
# </details>


# %%
def both_ways(x):
    """Return the same, with a choice that is part of the record."""
    return where(x, x**2, -x)


both = lift(both_ways)
for x in (1.5, -2.0):
    value, slope = both(x)
    print(f"x = {x}: value {value:g}, derivative {slope:g}")

# %% [markdown]
# Next: [lesson 8](8_a_gpt_on_scalars.ipynb), a GPT on scalars, lifted.
