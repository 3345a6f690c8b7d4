# %% [markdown]
"""
# Lesson 6: check your own backpropagation

You will be able to

- check a gradient that you wrote yourself with a difference quotient, and choose the nudge well;
- check a whole backpropagation against four others, in one line, in a test;
- read from the message which mistake it is, and where.

About 20 minutes. You need lesson 4.
"""

# %% [markdown]
# ## A backpropagation
#
# Here is backpropagation as a student writes it with NumPy: one hidden layer of tanh, and for each
# sample the mean of the squared errors of its outputs as its cost. Rows are samples. It returns one
# array for each W and one for each b.
#
# The letter δ, delta, is the usual name of ∂C/∂Z.

# %%
import numpy as np

from autograd_lite import draw, explain
from nn import MLP, assert_gradients_match, check_backprop, compare_gradients, mean_squared_error


def my_backprop(weights, biases, X, Y):
    """Return the gradients of the average cost, one array for each Wˡ and one for each bˡ."""
    Z1 = X @ weights[0].T + biases[0]
    A1 = np.tanh(Z1)
    A2 = A1 @ weights[1].T + biases[1]
    n, n_outputs = A2.shape
    delta2 = 2 / n_outputs * (A2 - Y) / n
    delta1 = delta2 @ weights[1] * (1 - A1**2)
    return [delta1.T @ X, delta2.T @ A1], [delta1.sum(axis=0), delta2.sum(axis=0)]


# %% [markdown]
# ## By a nudge
#
# Is it right? The oldest check is that of lesson 1. Nudge a weight, by h up and by h down, and look
# how much the cost changes:
#
# ∂C/∂w ≈ (C(w + h) − C(w − h)) / 2h
#
# We try it on one weight, with several h.

# %%
random = np.random.default_rng(0)
X, Y = random.normal(size=(5, 3)), random.normal(size=(5, 2))
weights = [random.normal(size=(4, 3)), random.normal(size=(2, 4))]
biases = [random.normal(size=4), random.normal(size=2)]


def cost(weights):
    """Return the average cost."""
    A1 = np.tanh(X @ weights[0].T + biases[0])
    A2 = A1 @ weights[1].T + biases[1]
    return np.mean((A2 - Y) ** 2)


def quotient(h):
    """Return the difference quotient for the weight w[1][0,1]."""
    nudge = np.zeros((4, 3))
    nudge[0, 1] = h
    return (cost([weights[0] + nudge, weights[1]]) - cost([weights[0] - nudge, weights[1]])) / (2 * h)


mine = my_backprop(weights, biases, X, Y)[0][0][0, 1]
for h in (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13):
    digits = -np.log10(abs(quotient(h) - mine) / abs(mine))
    print(f"h = {h:g}: {digits:.0f} digits agree")

# %% [markdown]
# **Question 1.** Why does a smaller nudge at first give more digits, and then fewer?
#
# <details><summary>Answer</summary>
#
# The quotient is the slope of a line through two points of a curve. The closer they are, the closer
# it is to the curve's own slope. But a computer keeps about 16 digits of each cost. If h is tiny,
# the two costs have nearly all digits in common, and what is left of their difference is rounding.
# So h is neither large nor tiny: about 10⁻⁵.
#
# </details>
#
# ## By four others
#
# `compare_gradients` sets five ways to the same gradients side by side: the engine, which walks
# through the graph of numbers; formulas on matrices; the formulas for single weights, as loops;
# difference quotients; and yours. The first three share no code.

# %%
small = MLP(2, [2, 1], seed=0)
report = compare_gradients(small, [[1.0, 2.0], [0.5, -1.0]], [0.0, 1.0], backprop=my_backprop)
for method, gradients in report.methods.items():
    print(f"∂C/∂{report.names[1]} = {gradients[1]:.9f}: {method}")

# %% [markdown]
# In a test one writes `assert_gradients_match`. This function is a test for pytest: `python -m
# pytest 6_check_your_backprop.py` finds and runs it.


# %%
def test_my_backprop():
    """The gradients are right for a random network and random data."""
    assert_gradients_match(MLP(3, [4, 2], seed=0), X, Y, "mean_squared_error", backprop=my_backprop)


test_my_backprop()
print("my_backprop is right")

# %% [markdown]
# One network can be right by luck. `check_backprop` tries several, with several numbers of samples.

# %%
print(check_backprop(my_backprop))

# %% [markdown]
# ## A mistake
#
# Now one line is wrong. Do you see it?


# %%
def your_backprop(weights, biases, X, Y):
    """Return the gradients, with a mistake."""
    Z1 = X @ weights[0].T + biases[0]
    A1 = np.tanh(Z1)
    A2 = A1 @ weights[1].T + biases[1]
    n, n_outputs = A2.shape
    delta2 = 2 / n_outputs * (A2 - Y) / n
    delta1 = delta2 @ weights[1]
    return [delta1.T @ X, delta2.T @ A1], [delta1.sum(axis=0), delta2.sum(axis=0)]


def what_is_said_of(backprop):
    """Return the first three paragraphs of the message."""
    try:
        assert_gradients_match(MLP(3, [4, 2], seed=0), X, Y, "mean_squared_error", backprop=backprop)
    except AssertionError as error:
        return "\n\n".join(str(error).split("\n\n")[:3])
    return "It is right."


print(what_is_said_of(your_backprop))

# %% [markdown]
# A difference quotient would only say *wrong*. This message names the mistake, since leaving out
# this factor makes exactly these wrong numbers, on this network and on others. B1, B2, B3 and B4
# are the four lines of lesson 4: through the activation, to the weights, to the biases, to the
# layer before.
#
# **Question 2.** Why do W² and b² agree, although there is a mistake?
#
# <details><summary>Answer</summary>
#
# The walk goes backwards. The mistake is on the way from layer 2 to layer 1. What is computed
# before it, is right. So look for a mistake where the last right layer ends.
#
# </details>
#
# **Question 3.** What will be said if `biases` get a mean instead of a sum? Guess, then run the
# next cell.


# %%
def with_a_mean(weights, biases, X, Y):
    """Return the gradients, with another mistake."""
    of_weights, of_biases = my_backprop(weights, biases, X, Y)
    return of_weights, [gradient / len(X) for gradient in of_biases]


print(what_is_said_of(with_a_mean))

# %% [markdown]
# <details><summary>Answer</summary>
#
# That the number of samples is divided by twice: once in delta2, which has the mean over the
# samples already, and once more here. With one sample this mistake does not show at all. So test
# with more than one.
#
# </details>
#
# ## Look at one weight
#
# To see what is right, take one weight and one sample, and let it be spelled out and drawn:

# %%
mlp = MLP(3, [2, 2], seed=0)
print(explain(mlp, layer=1, weight=(0, 1), x=X[0], y=Y[0]))

# %%
C = mean_squared_error(mlp(X[0]), Y[0])
C.label = "C"
C.backward()
draw(C, highlight=mlp.weights(1)[0][1])

# %% [markdown]
# **Question 4.** There are two paths from w[1][0,1] to C. Which line of `my_backprop` adds them up?
#
# <details><summary>Answer</summary>
#
# `delta2 @ weights[1]`. Each row of it is Σⱼ ∂C/∂z[2][j]·w[2][j,k]: a sum over the neurons j of
# layer 2, one path through each.
#
# </details>
#
# [Ten mistakes](ten_mistakes.md) shows what is said of each. [The homework](homework/README.md) has
# tasks, tests and a solution.
#
# Next: [lesson 7](7_lift.ipynb), where a program finds the matrices by itself.
