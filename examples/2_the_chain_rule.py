# %% [markdown]
"""
# Lesson 2: the chain rule as a graph

You will be able to

- read any calculation as a graph, with a local derivative on every edge;
- compute a gradient from the graph: multiply along a path, add over the paths;
- say why the walk from the end back to the start is so much cheaper than the paths one by one;
- step through it in a browser.

About 15 minutes. You need lesson 1.
"""

# %% [markdown]
# ## One path: multiply
#
# A neuron with one input makes an error: its answer a should have been y. Its **cost** is the
# square of the difference, C = (a − y)². Here y is 1. Each operation makes a new **node** of the
# graph. An **edge** leads to it from each of its operands, its **parents**. The last node is the
# **root**.

# %%
from autograd_lite import Value, draw, explain, explore

w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
z = w * x + b
a = z.tanh()
C = (a - 1.0) ** 2
z.label, a.label, C.label = "z", "a", "C"
C.backward()

print(f"a = {a.data:.4f}, C = {C.data:.4f}")
draw(C, partials=True)

# %% [markdown]
# The number on an edge is the **local derivative**, also called the **partial**: how much the node
# at its head grows with the one at its tail, while everything else stands still. For +, it is 1.
# For a product, it is the other factor. For a square, it is twice the base. A whole rule book of
# such rows is all that the engine knows of calculus.
#
# The gradient of C with respect to w is what you get if you multiply the numbers on the way from w
# to C. `explain` writes it down:

# %%
print(explain(C, w))

# %% [markdown]
# The square was named C, and the subtraction before it has no name. So `explain` takes them
# together, and writes 2·(a − 1) as one factor.
#
# **Question 1.** Multiply the numbers on the way from b to C in the picture. What is ∂C/∂b? Then
# run the next cell.

# %%
print(f"∂C/∂b = {b.grad:.4f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# The way from b is that from w, without the product. So the factor x = 2 is missing: ∂C/∂b is half
# of ∂C/∂w.
#
# </details>
#
# ## Several paths: add
#
# A number may be used more than once. Here x goes into u and into v, and both go into f.

# %%
x, y = Value(2.0, "x"), Value(3.0, "y")
u = x + y
v = x * y
f = u * v
u.label, v.label, f.label = "u", "v", "f"
f.backward()

draw(f, partials=True, highlight=x)

# %%
print(explain(f, x))

# %% [markdown]
# At the end of a cell of a notebook, without `print`, the same stands there as mathematics:

# %%
explain(f, x)

# %% [markdown]
# If x grows, then u grows, and f with it. But v grows too, and f with it once more. Both effects
# are there at the same time, so they add up: 6 by the path through u, and 15 by the path through v.
#
# **Question 2.** Check it with the calculus you know: write f as a formula in x and y, and take its
# derivative by x.
#
# <details><summary>Answer</summary>
#
# f = (x + y)·x·y = x²y + xy², so ∂f/∂x = 2xy + y² = 12 + 9 = 21.
#
# </details>
#
# **Question 3.** What is ∂f/∂y, path by path?
#
# <details><summary>Answer</summary>
#
# Through u: v·1 = 6. Through v: u·x = 5·2 = 10. Together 16. By formula: x² + 2xy = 4 + 12 = 16.
# `y.grad` says so, too.
#
# </details>
#
# ## Too many paths
#
# *Multiply along each path, add over the paths*: this is the whole chain rule. But it is no way to
# compute. Each line of the next program uses the number before it twice.

# %%
start = Value(1.000001, "start")
node = start
for _ in range(20):
    node = node * node
print(f"{explain(node, start).number_of_paths:,} paths, through 20 operations")

# %% [markdown]
# Two ways through each of 20 operations: 2·2·2·…·2 ways through all of them. In a network it is the
# same. Every layer of n neurons makes n times as many.
#
# The way out: walk from the end back to the start, node by node, and keep at each node one number,
# the sum over all paths from it to the end. That number is the node's gradient, also called its
# **adjoint**. Each node needs only the gradients of the nodes that use it:
#
# gradient of a node = sum, over its uses, of (gradient of the user) · (local derivative on the
# edge)
#
# So the work is one multiplication for each edge: 40 here. This walk is **backpropagation**, and
# `backward()` does it.

# %%
node.backward()
print(f"by backward: {start.grad:,.0f}")
print(f"by calculus: {2**20 * 1.000001 ** (2**20 - 1):,.0f}")

# %% [markdown]
# (The last node is the first one to the power 2²⁰ = 1,048,576: 20 squares, one of another.)
#
# `explain` can write the derivation of that walk, one line for each node, too. For f from above:

# %%
print(explain(f, x).text(form="recursion"))

# %% [markdown]
# ## Step by step
#
# `explore` writes a page for the browser, in which the walk runs step by step. Drag a value, and
# all others follow.

# %%
page = explore(C, "neuron.html")
print("Now open neuron.html in a browser.")

# %% [markdown]
# **Question 4.** In f = u·v, suppose that v did not depend on x, because somebody wrote `v = 2.0 *
# y`. Which path is gone, and what is ∂f/∂x then?
#
# <details><summary>Answer</summary>
#
# The one through v. The other is still there: ∂f/∂x = v·1 = 6. The value of f is the same, 30, but
# its gradient is not: a graph shows how a number was made, not only which number it is.
#
# </details>
#
# Next: [lesson 3](3_why_this_order.ipynb), in which order to walk, and what goes wrong in any
# other.
