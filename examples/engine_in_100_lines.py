"""An engine in 100 lines: a number that remembers how it was made, the chain rule, a neuron, descent.

It is what autograd_lite and nn do, without all that makes those exact, fast and friendly.
examples/build_it/ has it as seven tasks, to build it yourself, and says in which order to read it.
"""

import math
import random


class Value:
    """A number that remembers how it was made."""

    # Task 1: a node and its parents.
    def __init__(self, data, parents=(), partials=()):
        """Keep the number; the Values it was made of; and ∂self/∂parent, as a number, for each of them."""
        self.data, self.parents, self.partials = data, parents, partials
        self.grad = 0  # ∂root/∂self, once root.backward() has run

    def __repr__(self):
        return f"Value({self.data}, grad={self.grad})"

    # Task 2: + and ·, with a Value or a number on either side.
    def __add__(self, other):
        """Return c = a + b: where a grows by a little, c grows by as much, so ∂c/∂a = 1, and ∂c/∂b = 1."""
        other = as_value(other)
        return Value(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        """Return c = a·b: where a grows by a little, c grows by b times that, so ∂c/∂a = b, and ∂c/∂b = a."""
        other = as_value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__  # 2 + a and 2 * a, for which Python asks a

    def __sub__(self, other):
        """Return a + (−1)·b: an operation that is made of others needs no derivatives of its own."""
        return self + -1 * as_value(other)

    # Task 4: add up. Read task 3, the order of the walk, first.
    def backward(self):
        """Set grad of every node that self was made of to ∂self/∂node, by the chain rule.

        A node that is used twice acts on self in two ways, and its gradient is the sum of both: hence +=.
        That is within one walk: a second one starts from 0 again in the nodes that were made of others. The
        leaves keep theirs, so that the gradients of several samples add up there, until step() clears them.
        """
        order = walk_back(self)
        for node in order:
            if node.parents:
                node.grad = 0
        self.grad += 1  # ∂self/∂self
        for node in order:
            for parent, partial in zip(node.parents, node.partials, strict=True):
                parent.grad += node.grad * partial

    # Task 5: tanh.
    def tanh(self):
        """Return a = tanh(z), with ∂a/∂z = 1 − a²: steep around z = 0, flat where a is close to −1 or 1."""
        a = math.tanh(self.data)
        return Value(a, (self,), (1 - a**2,))


def as_value(x):
    """Return x if it is a Value, and else a Value of it."""
    return x if isinstance(x, Value) else Value(x)


# Task 3: the walk back.
def walk_back(root):
    """Return root and all that it was made of, each once, and none before all those that use it.

    Why in this order: with b = a + a and c = b + b, b hears from c twice. A b that passed on at once what it
    has would tell a twice of the first 1, and once of the second: 6 in a, where ∂c/∂a = 4. So a node waits
    until all its uses have been heard. They are counted first, and then counted down. The two loops keep
    lists of what is still to do, where a function that calls itself would fail on a chain of 1,000 nodes.
    """
    uses, to_visit = {root: 0}, [root]
    while to_visit:
        for parent in to_visit.pop().parents:
            if parent not in uses:
                uses[parent] = 0
                to_visit.append(parent)
            uses[parent] += 1
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in node.parents:
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)
    return order


# Task 6: a neuron.
class Neuron:
    """a = tanh(z) with z = b + Σₖ wₖ·xₖ: weights for the inputs and a bias, all of which can learn."""

    def __init__(self, n_in):
        """Draw the weights at random: neurons that start alike would stay alike."""
        self.weights = [Value(random.uniform(-1, 1)) for _ in range(n_in)]
        self.bias = Value(0.0)

    def __call__(self, x):
        """Return a for inputs x, numbers or Values: it is made of +, · and tanh, which know the rest."""
        z = self.bias
        for w, x_k in zip(self.weights, x, strict=True):
            z = z + w * x_k
        return z.tanh()


# Task 7: descent.
def step(parameters, cost, learning_rate):
    """Go one step downhill: P ← P − α ∂C/∂P for every parameter P, from gradients of this cost alone."""
    for parameter in parameters:
        parameter.grad = 0
    cost.backward()
    for parameter in parameters:
        parameter.data -= learning_rate * parameter.grad
