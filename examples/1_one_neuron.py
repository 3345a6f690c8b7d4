# %% [markdown]
"""
# Lesson 1: one neuron

You will be able to

- compute what a neuron answers, by hand;
- say what a gradient is, and measure one by nudging a number;
- get all gradients at once, with `backward()`, and check them by hand.

About 10 minutes. You need to know what a derivative is.
"""

# %% [markdown]
# ## What a neuron computes
#
# A neuron takes some numbers, the **inputs** x₀ and x₁. It multiplies each by a **weight** and adds
# a **bias**:
#
# z = w₀·x₀ + w₁·x₁ + b
#
# Then it bends the result with an **activation function**. Here it is tanh, which takes any number
# to one between −1 and 1:
#
# a = tanh(z)
#
# That is all. In this project a number is a `Value`: it has its number in `.data`, and a name for
# pictures.

# %%
from autograd_lite import Value, draw

w0, w1, b = Value(-3.0, "w0"), Value(1.0, "w1"), Value(6.5, "b")
x0, x1 = Value(2.0, "x0"), Value(0.5, "x1")

z = w0 * x0 + w1 * x1 + b
a = z.tanh()
z.label, a.label = "z", "a"

print(f"z = {z.data}")
print(f"a = {a.data:.4f}")

# %% [markdown]
# **Question 1.** Compute z by hand. Is it right?
#
# <details><summary>Answer</summary>
#
# z = (−3)·2 + 1·0.5 + 6.5 = −6 + 0.5 + 6.5 = 1. And tanh(1) = 0.7616.
#
# </details>

# %% [markdown]
# A `Value` also remembers how it was made. So the whole calculation can be drawn. Read it from left
# to right. (In a notebook the picture stands below. In a program,
# `draw(a).save("neuron.svg")` writes it into a file.)

# %%
draw(a)

# %% [markdown]
# ## What a gradient is
#
# A network learns by changing its weights and biases, its **parameters**. But which, and in which
# direction? We try it. We make w₀ larger by a tiny bit, 0.0001, and look how much a grows. We
# divide by the tiny bit, to have it per unit.


# %%
def neuron(w0, w1, b):
    """Return a, for the same inputs as above."""
    return (w0 * 2.0 + w1 * 0.5 + b).tanh().data


tiny = 0.0001
before = neuron(Value(-3.0), Value(1.0), Value(6.5))
nudged = neuron(Value(-3.0 + tiny), Value(1.0), Value(6.5))
print(f"a changes by {(nudged - before) / tiny:.4f} per unit of w0")

# %% [markdown]
# This number is the **gradient** of a with respect to w₀. It is written ∂a/∂w₀. It is positive: if
# w₀ grows, a grows, 0.84 times as much. (With a nudge that is not infinitely small the last digit
# is not exact.)
#
# **Question 2.** Before you go on: what is larger, ∂a/∂w₀ or ∂a/∂w₁? Look at the inputs.
#
# <details><summary>Answer</summary>
#
# ∂a/∂w₀. The weight w₀ is multiplied by x₀ = 2, but w₁ only by x₁ = 0.5. So the same change of the
# weight moves z, and then a, four times as much.
#
# </details>

# %% [markdown]
# ## All of them at once
#
# To nudge every weight of a large network would take forever: one calculation for each weight.
# `backward()` finds all gradients in one walk through the picture above, from right to left. It
# puts each into `.grad`.

# %%
a.backward()

for variable in (w0, w1, b, x0, x1):
    print(f"∂a/∂{variable.label} = {variable.grad:+.4f}")

# %%
draw(a)

# %% [markdown]
# ## By hand
#
# There is no magic in it. Two lines of calculus do it. The slope of tanh is
#
# ∂a/∂z = 1 − a²
#
# and z = w₀·x₀ + w₁·x₁ + b grows with w₀ by x₀, with x₀ by w₀, and with b by 1:
#
# ∂z/∂w₀ = x₀, ∂z/∂x₀ = w₀, ∂z/∂b = 1
#
# If z grows by x₀ for each unit of w₀, and a by 1 − a² for each unit of z, then a grows by (1 −
# a²)·x₀ for each unit of w₀. One multiplies. This is the **chain rule**.

# %%
slope = 1 - a.data**2
for variable, partial in ((w0, x0.data), (w1, x1.data), (b, 1.0), (x0, w0.data), (x1, w1.data)):
    by_hand = slope * partial
    print(f"∂a/∂{variable.label}: by hand {by_hand:+.6f}, by backward() {variable.grad:+.6f}")

# %% [markdown]
# **Question 3.** ∂a/∂x₀ is negative. What does that say?
#
# <details><summary>Answer</summary>
#
# If the input x₀ grows, the answer a falls: the weight on it, w₀ = −3, is negative.
#
# </details>
#
# **Question 4.** Set b to 16.5 instead of 6.5. Then z = 11. What happens to all the gradients, and
# why? Guess first, then run the next cell.

# %%
for bias in (6.5, 16.5):
    w, b = Value(-3.0, "w0"), Value(bias, "b")
    a = (w * 2.0 + 1.0 * 0.5 + b).tanh()
    a.backward()
    print(f"b = {bias:4}: a = {a.data:.9f}, ∂a/∂w0 = {w.grad:.9f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# They are almost 0. At z = 11, tanh is flat: a is almost 1, and 1 − a² almost 0. The neuron is
# **saturated**. It cannot learn from such a sample, for no small change of a weight makes a
# difference.
#
# </details>
#
# ## One step uphill
#
# Gradients say in which direction to go. Each parameter moves a little along its own, and the
# neuron's answer grows. (To make something smaller, such as a mistake, go the other way. That is
# lesson 5.)

# %%
w0, w1, b = Value(-3.0, "w0"), Value(1.0, "w1"), Value(6.5, "b")
for step in range(4):
    a = (w0 * x0 + w1 * x1 + b).tanh()
    print(f"step {step}: a = {a.data:.4f}")
    w0.grad = w1.grad = b.grad = 0
    a.backward()
    for parameter in (w0, w1, b):
        parameter.data += 0.1 * parameter.grad

# %% [markdown]
# **Question 5.** Why does a grow by less from step to step?
#
# <details><summary>Answer</summary>
#
# The closer a is to 1, the flatter tanh is there, the smaller are the gradients, and the smaller
# the steps.
#
# </details>
#
# Next: [lesson 2](2_the_chain_rule.ipynb), the chain rule for calculations with more than one path.
