# %% [markdown]
"""
# Lesson 3: why this order, and why `+=`

You will be able to

- say why `backward()` sorts the nodes before it walks, and what goes wrong in three other orders;
- say why a gradient is added up with `+=`, and when it must start from 0 again;
- say what a second `backward()` does, and why `zero_grad()` stands in every training;
- write `backward()` yourself, in ten lines.

About 15 minutes. You need lesson 2. These are the questions that are asked most by those who
build such an engine themselves.
"""

# %% [markdown]
# ## The smallest graph in which the order matters
#
# Here a is used twice by b, and b twice by c. So c = 2b = 4a, and ∂c/∂a = 4, whatever a is.

# %%
from autograd_lite import Value, draw, topological_order

a = Value(1.0, "a")
b = a + a
c = b + b
b.label, c.label = "b", "c"
c.backward()

print(f"∂c/∂b = {b.grad}, ∂c/∂a = {a.grad}")
draw(c, partials=True)

# %% [markdown]
# We now write the walk back ourselves. A node tells its parents: *here is my gradient, times your
# local derivative*. A parent adds up what it is told. The gradients stand in a dictionary, so that
# the real ones stay as they are.
#
# `node.parents` and `node.partials` are the operands of a node and the local derivatives towards
# them.


# %%
def tell_parents(node, gradient):
    """Add to the gradient of each parent what it gets from this node."""
    for parent, partial in zip(node.parents, node.partials):
        gradient[parent] = gradient.get(parent, 0) + gradient[node] * partial


# %% [markdown]
# ## Order 1: at once
#
# The simplest walk: tell the parents, then go to each of them and do the same there.


# %%
def at_once(node, gradient):
    """Tell the parents, and let each go on at once."""
    tell_parents(node, gradient)
    for parent in node.parents:
        at_once(parent, gradient)


gradient = {c: 1}
at_once(c, gradient)
print(f"at once: {gradient[a]:g}. But ∂c/∂a is 4")

# %% [markdown]
# b is visited twice, once for each of its uses. On each visit it tells a its whole gradient, 2:
# that makes 2·(2 + 2) = 8. The same message is delivered twice.
#
# ## Order 2: at once, but each node only once
#
# Then we remember where we have been. Does that help? Here is a graph in which it does not. The
# root e is made of b and d, and d is made of b, too.

# %%
a = Value(3.0, "a")
b = a * 2.0
d = b * b
e = b * d
b.label, d.label, e.label = "b", "d", "e"
e.backward()
print(f"∂e/∂b = {b.grad:g}, ∂e/∂a = {a.grad:g}")
draw(e, partials=True)

# %% [markdown]
# By hand: e = b³ with b = 2a, so e = 8a³ and ∂e/∂a = 24a² = 216.


# %%
def once_each(node, gradient, visited):
    """Tell the parents, and go on at once, but nowhere twice."""
    if node in visited:
        return
    visited.add(node)
    tell_parents(node, gradient)
    for parent in node.parents:
        once_each(parent, gradient, visited)


gradient = {e: 1}
once_each(e, gradient, set())
print(f"once each: {gradient[a]:g}. But ∂e/∂a is {a.grad:g}")

# %% [markdown]
# **Question 1.** Which message is missing? Follow the walk: e tells b and d. Then it goes on to b,
# first, since b is e's first parent.
#
# <details><summary>Answer</summary>
#
# b has heard from e, but not yet from d. It tells a what it has so far, 36, times 2: that is 72.
# Then d tells b another
# 72. But b has been visited. It never passes that on to a.
#
# </details>
#
# ## Order 3: the parents first
#
# A third idea: go to the parents first, all the way down, and tell on the way back up.


# %%
def parents_first(node, gradient, visited):
    """Go on to the parents, and tell them afterwards."""
    if node in visited:
        return
    visited.add(node)
    for parent in node.parents:
        parents_first(parent, gradient, visited)
    tell_parents(node, gradient)


gradient = dict.fromkeys(topological_order(e), 0)
gradient[e] = 1
parents_first(e, gradient, set())
print(f"parents first: {gradient[a]:g}. But ∂e/∂a is {a.grad:g}")

# %% [markdown]
# Now a node tells its parents before anybody has told it. b passes on a gradient of 0.
#
# ## The right order
#
# All three fail for the same reason: **a node must not speak before it has heard from all that use
# it**. An order in which every node stands after its operands is called **topological**.
# `topological_order` makes one. We walk it backwards: then all users of a node come before it.

# %%
order = topological_order(e)
print("forward: ", [node.label or node.data for node in order])
print("backward:", [node.label or node.data for node in reversed(order)])


def in_order(root):
    """Return the gradients of root with respect to all nodes that it was made of."""
    order = topological_order(root)
    gradient = dict.fromkeys(order, 0)
    gradient[root] = 1
    for node in reversed(order):
        tell_parents(node, gradient)
    return gradient


print(f"in order: {in_order(e)[a]:g}")

# %% [markdown]
# **Question 2.** If a graph is a tree, where no node is used twice, does order 1 work?
#
# <details><summary>Answer</summary>
#
# Yes. Then every node has one user, has heard from all of them as soon as it is told, and is
# visited once. That is why the mistake is so easy to overlook: small examples are often trees. But
# in training every weight is used by all samples.
#
# </details>
#
# One more reason against functions that call themselves: Python stops at 1,000 calls inside each
# other. A sum of 2,000 numbers, one added after the other, is a chain of 2,000 nodes.

# %%
total = Value(0.0)
for _ in range(2000):
    total = total + a
print(f"in order: {in_order(total)[a]:g}")
try:
    once_each(total, {total: 1}, set())
except RecursionError as error:
    print(f"once each: {type(error).__name__}")

# %% [markdown]
# ## Why `+=`
#
# A node that is used twice acts on the root in two ways, and both effects count. With `=` the
# second message would wipe out the first.

# %%
x = Value(3.0, "x")
square = x * x
square.backward()
print(f"∂(x·x)/∂x = {x.grad:g}: that is x + x, one x from each side")

# %% [markdown]
# But `+=` has a price: what was there before stays in the sum. So somebody has to say when to start
# from 0. There are two kinds of nodes, and each has its own answer.
#
# **Leaves**, such as weights, were made of nothing. They keep what they have. That is wanted: the
# gradients of many samples are to add up in a weight.

# %%
w = Value(0.5, "w")
for x, y in [(1.0, 2.0), (2.0, 3.0)]:
    C = (w * x - y) ** 2
    C.backward()
    print(f"after the sample x = {x}: w.grad = {w.grad:g}")
print(f"by hand: {2 * (0.5 * 1 - 2) * 1:g} + ({2 * (0.5 * 2 - 3) * 2:g})")

# %% [markdown]
# And therefore **a second `backward()` doubles** the gradient of a leaf. And therefore, before the
# next step of a training, somebody sets the gradients of all parameters to 0. This is what
# `mlp.zero_grad()` does, and optimizers.

# %%
a, b = Value(2.0, "a"), Value(3.0, "b")
c = a * b
d = c * c
for run in (1, 2):
    d.backward()
    print(f"backward number {run}: a.grad = {a.grad:g}, c.grad = {c.grad:g}")

# %% [markdown]
# **Question 3.** a.grad doubles from 36 to 72, but c.grad stays 12. Why?
#
# <details><summary>Answer</summary>
#
# c is not a leaf: it was made of a and b. Such **interior nodes** start from 0 in every
# `backward()`. If c kept its 12, it would have 24 in the second walk, and tell a twice as much as
# it should: a would end with 36 + 72 = 108, and not with 72.
#
# </details>
#
# Some small engines leave that out: there interior nodes keep their gradients, and a second
# `backward()` on the same graph is not twice the first, but three times. It goes unnoticed as long
# as every step of a training makes a new graph. Let us do the same:

# %%
gradient = dict.fromkeys(topological_order(d), 0)
for run in (1, 2):
    gradient[d] = 1
    for node in reversed(topological_order(d)):
        tell_parents(node, gradient)
    print(f"without a new start, number {run}: {gradient[a]:g}")

# %% [markdown]
# **Question 4.** A training forgets `zero_grad()`. What do its steps look like?
#
# <details><summary>Answer</summary>
#
# Each step goes along the sum of all gradients since the beginning. The steps become longer and
# longer, and keep going where the cost used to fall. It may look like learning for a while, and
# then overshoots.
#
# </details>
#
# **Question 5.** The weight w is used by 100 samples in one cost, C = (C₁ + … + C₁₀₀)/100. Is one
# `backward()` of C the same as 100, one for each Cₛ/100?
#
# <details><summary>Answer</summary>
#
# For the weights, yes: the leaves add up over passes what one pass adds up over uses. The
# derivative of a sum is the sum of the derivatives.
#
# </details>
#
# ## All of it
#
# Below is `backward()` in ten lines, as [value.py](../autograd_lite/value.py) has it, without what
# makes that one fast. To build the whole engine yourself, in seven tasks with tests, go to
# [build_it](build_it/README.md).


# %%
def backward(root):
    """Set grad of every node that root was made of to ∂root/∂node; leaves add it to what they have."""
    order = topological_order(root)
    for node in order:
        if node.parents:
            node.grad = 0
    root.grad += 1
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials):
            parent.grad += node.grad * partial


a.grad = b.grad = 0
backward(d)
print(f"ours: a.grad = {a.grad:g}, b.grad = {b.grad:g}")

# %% [markdown]
# Next: [lesson 4](4_a_layer_and_its_matrix.ipynb), many neurons side by side.
