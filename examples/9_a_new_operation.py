"""Lesson 5: an operation of your own is one row of the rule book, and then works everywhere.

Writes its picture and its page into the folder `lesson-5`.
"""

from pathlib import Path

from autograd_lite import Value, check_operation, draw, explain, explore, grad, lift, operation

from autograd_lite import sigmoid, softplus, tanh  # isort: skip

# mish(x) = x · tanh(softplus(x)): its value, and its derivative as in a textbook; y is the result.
mish = operation(
    "mish",
    lambda x: x * tanh(softplus(x)),
    lambda y, x: tanh(softplus(x)) + x * (1 - tanh(softplus(x)) ** 2) * sigmoid(x),
)
check_operation(mish)  # against differences, in first and second derivatives, as NumPy and as JavaScript

w = Value(0.5, "w")
y = mish(1.5 * w)
print(explain(y, w), "\n")
print("second derivative:", grad(grad(y, w, create_graph=True), w))
print("lifted:", lift(lambda xs: sum(map(mish, xs)))([0.5, 1.0, 1.5]))

folder = Path("lesson-5")
folder.mkdir(exist_ok=True)
draw(y, partials=True).render(outfile=folder / "mish.svg", cleanup=True)
explore(y, folder / "mish.html")
