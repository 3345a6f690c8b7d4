"""Lesson 1: one neuron by hand and by the engine.

A neuron computes z = b + w₀x₀ + w₁x₁ and a = tanh(z). Its gradients follow from two lines of calculus; here
they are worked out by hand, and the engine, which knows only how + and × and tanh behave, finds the same.
"""

import math

from autograd_lite import Value

w0, w1, b = Value(-3.0, "w0"), Value(1.0, "w1"), Value(6.5, "b")
x0, x1 = Value(2.0, "x0"), Value(0.5, "x1")

# Forward: every operation makes a new Value that remembers its operands.
z = w0 * x0 + w1 * x1 + b
a = z.tanh()

# Backward: from a, along every edge, multiplied by the local derivative on it.
a.backward()

# By hand: ∂a/∂z = 1 − tanh²(z), and ∂z/∂w₀ = x₀.
slope = 1 - math.tanh(z.data) ** 2
for variable, partial in ((w0, x0), (w1, x1), (x0, w0), (x1, w1)):
    by_hand = slope * partial.data
    print(f"∂a/∂{variable.label}: by hand {by_hand:+.6f}, by the engine {variable.grad:+.6f}")
