# %% [markdown]
"""
# Lesson 9: a new operation

You will be able to

- read a row of the rule book: a value, and its partial derivatives;
- add a row of your own, and use it everywhere: in gradients, pictures, networks and lifted
  programs;
- test a rule with one line, and understand what is said of a wrong one.

About 15 minutes. You need lessons 2 and 5.
"""

# %% [markdown]
# ## A row of the rule book
#
# All that the engine knows of tanh is one **row** of its [rule book](../autograd_lite/ops.py): how
# to compute it, and its derivative. The derivative may use the result y, so for tanh it is 1 − y².
# Everything else is made from the rows: gradients, second derivatives, formulas, pictures, array
# programs.
#
# A row of your own needs the same two things. We take **mish**, an activation function that some
# networks for images use:
#
# mish(x) = x · tanh(ln(1 + eˣ))
#
# The function ln(1 + eˣ) is called softplus, and its derivative is σ(x) = 1/(1 + e⁻ˣ), called
# sigmoid.
#
# **Question 1.** Find the derivative of mish by hand, with the product rule and the chain rule.
#
# <details><summary>Answer</summary>
#
# Write t = tanh(softplus(x)). Then mish = x·t. By the product rule the derivative is t + x·t′, and
# by the chain rule t′ = (1 − t²)·σ(x).
#
# </details>

# %%
from autograd_lite import (
    Value,
    check_operation,
    draw,
    explain,
    grad,
    lift,
    operation,
    sigmoid,
    softplus,
    tanh,
    where,
)
from nn import MLP, accuracy, fit
from nn.data import moons

mish = operation(
    "mish",
    lambda x: x * tanh(softplus(x)),
    lambda y, x: tanh(softplus(x)) + x * (1 - tanh(softplus(x)) ** 2) * sigmoid(x),
)

x = Value(0.5, "x")
print(f"mish(0.5) = {mish(x).data:.6f}")

# %% [markdown]
# The first function is the value. The second is the derivative: it gets the result y, which this
# one does not need, and then x.
#
# ## Is it right?
#
# `check_operation` is the test of a rule. It compares the derivative with difference quotients, and
# the second derivative, and the rule as an array program. If all is well it says nothing.

# %%
check_operation(mish)
print("mish is right")

# %% [markdown]
# And if it is wrong? Here somebody has forgotten σ(x), the last factor.

# %%
wrong = operation(
    "wrong_mish",
    lambda x: x * tanh(softplus(x)),
    lambda y, x: tanh(softplus(x)) + x * (1 - tanh(softplus(x)) ** 2),
)
try:
    check_operation(wrong)
except AssertionError as error:
    print(error)

# %% [markdown]
# ## It works everywhere
#
# A node of mish in a graph, its chain rule, and its picture:

# %%
w = Value(0.5, "w")
y = mish(1.5 * w)
y.label = "y"
y.backward()
print(explain(y, w))

# %%
draw(y, partials=True)

# %% [markdown]
# The derivative of the derivative. Nobody has written a rule for it: the derivative in the row is
# made of operations that have rows.

# %%
print(f"second derivative: {grad(grad(y, w, create_graph=True), w):.6f}")

# %% [markdown]
# **Question 2.** Why may the derivative in a row not be written with `math.tanh`?
#
# <details><summary>Answer</summary>
#
# `math.tanh` takes a float and returns one. Then the derivative would be a mere number, without a
# memory of how it was made, and there would be nothing to take the second derivative of.
# `autograd_lite.tanh` takes whatever number it is given: a float, a Value, an array.
#
# </details>
#
# A lifted program has it as arithmetic on arrays:

# %%
lifted = lift(lambda xs: sum(mish(x) for x in xs))
value, gradient = lifted([0.5, 1.0, 1.5])
print(f"value {value:.6f}, gradient {gradient[0]:.6f}, {gradient[1]:.6f}, {gradient[2]:.6f}")

# %% [markdown]
# And a network can have it as its activation:

# %%
data = moons(60, noise=0.1, seed=0)
mlp = MLP(2, [8, 1], activation=mish, seed=0)
history = fit(mlp, data.inputs, data.signs(), cost="hinge", learning_rate=0.5, epochs=60, engine="lifted")
print(f"cost {history.costs[0]:.3f} → {history.costs[-1]:.3f}")
print(f"right answers {accuracy(mlp, data.inputs, data.labels):.0%}")

# %% [markdown]
# ## One with a bend
#
# Some functions have a corner, such as ReLU, max(0, x), at 0. There, no derivative is right. One
# chooses: the engine takes 0. A row of your own that has a case distinction uses `where(x, a, b)`,
# which is a where x > 0, and else b. It may not use `if`, since an `if` on an array, or in a lifted
# program, has no answer.
#
# The function below is x where x > 0, and 0.1·x elsewhere.

# %%
leaky = operation("leaky", lambda x: where(x, x, 0.1 * x), lambda y, x: where(x, 1, 0.1))
check_operation(leaky)

v = Value(-2.0, "v")
leaky(v).backward()
print(f"leaky(−2) = {leaky(v).data}, slope {v.grad}")

# %% [markdown]
# **Question 3.** Write a row for the cube, x³, whose derivative uses the result y. What happens at
# x = 0?
#
# <details><summary>Answer</summary>
#
# `operation("cube", lambda x: x**3, lambda y, x: 3 * y / x)` works, but not at 0, where it divides
# by 0. `3 * x**2` is right everywhere. Use y only where it saves work and costs nothing, as in
# tanh.
#
# </details>
#
# **Question 4.** An operation may have two operands. What are the partials of the mean of two
# numbers, (p + q)/2?
#
# <details><summary>Answer</summary>
#
# Both are 1/2. A row takes one derivative for each operand: see the next cell.
#
# </details>

# %%
mean = operation("mean", lambda p, q: (p + q) / 2, lambda y, p, q: 0.5, lambda y, p, q: 0.5)
check_operation(mean)
p, q = Value(1.0, "p"), Value(4.0, "q")
mean(p, q).backward()
print(f"mean = {mean(p, q).data}, ∂/∂p = {p.grad}, ∂/∂q = {q.grad}")

# %% [markdown]
# This was the last lesson. You have seen all of the engine: rows, a graph, and a walk back. To read
# it, begin with [ops.py](../autograd_lite/ops.py), then [graph.py](../autograd_lite/graph.py), then
# [value.py](../autograd_lite/value.py).
