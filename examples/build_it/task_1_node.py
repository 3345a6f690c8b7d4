"""Task 1: a node and its parents.

A Value is a number that remembers how it was made. Take c = a·b with a = 2 and b = 3. The Value
c is to know:

    data      6         the number itself
    parents   (a, b)    the Values it was made of; () if it was not made of any, like a and b: a leaf
    partials  (3, 2)    for each parent, how many times as much c grows as that parent does: ∂c/∂a, ∂c/∂b
    grad      0         the place where task 4 writes an answer

A Value with its parents, and their parents, and so on back to the leaves, is called a graph.
"""


class Value:
    """A number that remembers how it was made."""

    def __init__(self, data, parents=(), partials=()):
        """Keep data, parents and partials in self, and a grad of 0."""
        # Your lines go here.

    def __repr__(self):
        return f"Value({self.data}, grad={self.grad})"
