# %% [markdown]
"""
# Lesson 4: a layer and its matrix

You will be able to

- see a layer of neurons as one product of a matrix and a vector;
- name a weight by its indices, and its shape by the two layers that it connects;
- write backpropagation through a layer in four lines of matrix arithmetic, and say why Wᵀ stands
  in one of them;
- do the same for many samples at once.

About 20 minutes. You need lessons 1 and 2, and the product of a matrix and a vector.
"""

# %% [markdown]
# ## Neurons side by side
#
# A **layer** is some neurons on the same inputs. Layers are counted from 1, and the input is called
# layer 0. Neuron j of layer l computes
#
# z[l][j] = b[l][j] + Σₖ w[l][j,k] · a[l−1][k] and a[l][j] = σ(z[l][j])
#
# where σ stands for any activation function. The first index of a weight says where it leads
# **to**, the second where it comes **from**: w[1][0,2] leads from input 2 to neuron 0 of layer 1.
# All counting within a layer starts at 0.

# %%
import numpy as np

from autograd_lite import Value, draw
from nn import MLP, draw_network, mean_squared_error

mlp = MLP(2, [3, 1], activation="tanh", seed=1)
for name, parameter in mlp.named_parameters():
    print(f"{name} = {parameter.data:+.4f}")

# %%
draw_network(mlp, x=[1.0, 2.0])

# %% [markdown]
# **Question 1.** Layer 1 has 2 inputs and 3 neurons, layer 2 has 3 inputs and 1 neuron. How many
# weights and biases are there?
#
# <details><summary>Answer</summary>
#
# Layer 1: 3·2 weights and 3 biases. Layer 2: 1·3 weights and 1 bias. Together 13, as the list above
# shows.
#
# </details>
#
# ## One matrix
#
# Write the weights of a layer in rows, one row for each neuron. This is its matrix W. Layer 1 has
# one of shape (3, 2): as many rows as neurons, as many columns as inputs. Row j times the input is
# the sum in z[j]. So the whole layer is
#
# z = W·x + b

# %%
x = np.array([1.0, 2.0])
W1 = np.array([[w.data for w in row] for row in mlp.weights(1)])
b1 = np.array([b.data for b in mlp.biases(1)])
W2 = np.array([[w.data for w in row] for row in mlp.weights(2)])
b2 = np.array([b.data for b in mlp.biases(2)])

z1 = W1 @ x + b1
a1 = np.tanh(z1)
z2 = W2 @ a1 + b2  # the last layer has no activation here
print("by matrices:", z2)
print("by neurons: ", [output.data for output in mlp(x)])

# %% [markdown]
# ## Backwards: four lines
#
# The cost for this sample is the squared error, C = (z2 − y)². We want the gradient of C for every
# weight. Let us look at one neuron j of a layer, and suppose that we know ∂C/∂a[j] already. Then
#
# - ∂C/∂z[j] = ∂C/∂a[j] · σ′(z[j]): through the activation. No other neuron is involved. For tanh,
#   σ′(z) = 1 − a².
# - ∂C/∂w[j,k] = ∂C/∂z[j] · x[k]: the weight is multiplied by x[k].
# - ∂C/∂b[j] = ∂C/∂z[j]: the bias is just added.
# - ∂C/∂x[k] = Σⱼ ∂C/∂z[j] · w[j,k]: input k goes into **every** neuron j, so there is one path
#   through each, and paths add up.
#
# With matrices, each becomes one line. The second is a table of all products, a column times a row.
# In the last, the sum runs over j, the **first** index of W. A product W·x sums over the second. So
# it is Wᵀ, the matrix on its side: rows become columns.

# %%
y = 0.5
dz2 = 2 * (z2 - y)  # the derivative of (z − y)²
dW2 = np.outer(dz2, a1)
db2 = dz2
da1 = W2.T @ dz2

dz1 = da1 * (1 - a1**2)
dW1 = np.outer(dz1, x)
db1 = dz1
dx = W1.T @ dz1

print("∂C/∂W1 by matrices:")
print(dW1.round(6))

# %% [markdown]
# The engine knows nothing of matrices. It walks through the graph, node by node. It finds the same:

# %%
inputs = [Value(1.0, "a[0][0]"), Value(2.0, "a[0][1]")]
C = mean_squared_error(mlp(inputs), y)
C.label = "C"
C.backward()

print("∂C/∂W1 by the engine:")
print(np.array([[w.grad for w in row] for row in mlp.weights(1)]).round(6))
print("∂C/∂x by matrices: ", dx.round(6))
print("∂C/∂x by the engine:", np.array([value.grad for value in inputs]).round(6))

# %%
draw(C, highlight=mlp.weights(1)[0][1])

# %% [markdown]
# **Question 2.** What is the shape of ∂C/∂W1, and why must it be that?
#
# <details><summary>Answer</summary>
#
# (3, 2), that of W1: there is one gradient for each weight. If yours has another shape, something
# is on its side. This finds many mistakes, but none in a square layer, where (n, n) on its side is
# still (n, n).
#
# </details>
#
# **Question 3.** In the picture, only one neuron of layer 1 is on the highlighted way from
# w[1][0,1] to C. Why?
#
# <details><summary>Answer</summary>
#
# The weight w[1][0,1] acts on neuron 0 of layer 1 alone, and layer 2 has one neuron. If layer 2 had
# two, both would use a[1][0], and there would be two paths.
#
# </details>
#
# ## Many samples at once
#
# Let X be a matrix with one sample in each row. Then all samples go through the layer in one
# product. A row of X is a sample, while above x was a column, and so the product is turned around:
# Z = X·Wᵀ + b. NumPy adds b to every row.
#
# The cost of all is the **mean** of their costs. A weight is used by every sample, so its gradient
# is the mean over the samples:

# %%
X = np.array([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.0]])
Y = np.array([[0.5], [1.0], [0.0]])

A1 = np.tanh(X @ W1.T + b1)
Z2 = A1 @ W2.T + b2
dZ2 = 2 * (Z2 - Y) / len(X)  # divided by the number of samples: the mean
dW2 = dZ2.T @ A1  # this product sums over the samples
db2 = dZ2.sum(axis=0)
dZ1 = dZ2 @ W2 * (1 - A1**2)
dW1 = dZ1.T @ X
db1 = dZ1.sum(axis=0)
print("mean gradient by matrices:", dW1[0].round(6))

mlp.zero_grad()
sum(mean_squared_error(mlp(x), y) / 3 for x, y in zip(X, Y)).backward()
print("mean gradient by engine:  ", np.array([w.grad for w in mlp.weights(1)[0]]).round(6))

# %% [markdown]
# **Question 4.** Why is there a sum over the rows in db1, but no sum in db for one sample?
#
# <details><summary>Answer</summary>
#
# With three samples, the same bias is added in three places, one in each row. It is used three
# times, so there are three paths back to it, and paths add up.
#
# </details>
#
# **Question 5.** Suppose all neurons of a layer shared one bias. What would its gradient be?
#
# <details><summary>Answer</summary>
#
# The sum of ∂C/∂z[j] over the neurons j, and over the samples. `MLP(2, [3, 1], bias="layer")` does
# it.
#
# </details>
#
# Next: [lesson 5](5_training.ipynb), what one does with gradients.
