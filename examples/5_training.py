# %% [markdown]
"""
# Lesson 5: training

You will be able to

- train a network, with the six steps written out;
- choose a learning rate, and recognise one that is too large or too small;
- see what a network has learned: its decision boundary, and how its cost came down;
- say why one holds samples out.

About 15 minutes. You need lessons 3 and 4, and Matplotlib for the plots: `pip install ".[plot]"`.
"""

# %% [markdown]
# ## The task
#
# Points in a plane, each with two coordinates, form two half moons. To which moon does a point
# belong? No straight line parts them, so one neuron is not enough: one neuron with two inputs parts
# the plane along a straight line.

# %%
from autograd_lite import explain
from nn import MLP, Adam, accuracy, average, draw_network, fit, hinge, plot_decision_boundary, plot_history
from nn.data import moons

data = moons(60, noise=0.1, seed=0)
targets = data.signs()  # −1 for one moon, +1 for the other
for x, y in list(zip(data.inputs, targets))[:3]:
    print(f"point ({x[0]:+.2f}, {x[1]:+.2f}): target {y:+}")

# %% [markdown]
# The network has 2 inputs, 12 neurons with the activation ReLU, max(0, z), and 1 output a. Its
# answer is the sign of a.
#
# The cost says how wrong it is. Here it is the **hinge** cost, max(0, 1 − y·a). If a has the right
# sign, and is at least 1 away from 0, it costs nothing. Otherwise, it costs the more, the further a
# is from there.
#
# **Question 1.** The target is y = −1. What is the hinge cost for a = −2, for a = −0.5, and for a =
# 1?
#
# <details><summary>Answer</summary>
#
# 0, for y·a = 2. Then 0.5, for the sign is right, but a is close to 0. Then 2.
#
# </details>
#
# ## The six steps
#
# 1. **Forward**: the outputs for all samples.
# 2. **Cost**: the mean over the samples.
# 3. **Stop** if it is close enough to 0.
# 4. **Backward**: the gradients, after the old ones were set to 0 (lesson 3).
# 5. **Update**: every parameter P goes a little against its gradient, downhill: P ← P − α·∂C/∂P.
#    The number α is the **learning rate**.
# 6. **Repeat.** One round through all samples is an **epoch**.

# %%
mlp = MLP(2, [12, 1], activation="relu", seed=0)
learning_rate = 0.5

for epoch in range(101):
    cost = average([hinge(mlp(x), y) for x, y in zip(data.inputs, targets)])
    if epoch % 20 == 0:
        right = accuracy(mlp, data.inputs, data.labels)
        print(f"epoch {epoch:3}: cost {cost.data:.4f}, right answers {right:.0%}")
    if cost < 0.01:
        break
    mlp.zero_grad()
    cost.backward()
    for parameter in mlp.parameters():
        parameter.data -= learning_rate * parameter.grad

# %%
axes = plot_decision_boundary(mlp, data)

# %% [markdown]
# In the blue area the network says *upper*, in the other one *lower*. The boundary consists of
# straight pieces: each neuron with ReLU adds a bend.
#
# **Question 2.** Why does the cost fall, but the number of right answers not always rise with it?
#
# <details><summary>Answer</summary>
#
# The gradient makes the cost smaller, and knows nothing of right and wrong. An answer that goes
# from 0.2 to 0.9 costs less, and was right before.
#
# </details>
#
# ## The same with `fit`
#
# `fit` is this loop, with some comfort. It keeps the cost of each epoch. We try three learning
# rates, each on a network that starts from the same weights.

# %%
histories = {}
for learning_rate in (0.02, 0.5, 20.0):
    learner = MLP(2, [12, 1], activation="relu", seed=0)
    histories[learning_rate] = fit(
        learner, data.inputs, targets, cost="hinge", learning_rate=learning_rate, epochs=60
    )
    costs = histories[learning_rate].costs
    print(f"α = {learning_rate:4}: cost {costs[0]:.3f} → {costs[20]:.3f} → {costs[-1]:.3f}")

# %%
axes = plot_history(histories[0.5])

# %% [markdown]
# **Question 3.** What is wrong with α = 0.02, and with α = 20?
#
# <details><summary>Answer</summary>
#
# 0.02 is too small: the cost falls, but slowly. 20 is too large: a step goes beyond the valley. A
# gradient says which way is down, where you are. It does not say how far.
#
# </details>
#
# ## Has it learned, or has it remembered?
#
# A network with many weights can remember its samples, noise included. So one **holds out** some
# samples, trains on the others, and looks at the answers for those that it has never seen. Here it
# is trained on 30 points with a lot of noise, and asked for 90 others. (`Adam` is gradient descent
# with a learning rate of its own for each parameter.)

# %%
noisy = moons(120, noise=0.4, seed=0)
train, test = noisy.split(test_fraction=0.75, seed=0)
learner = MLP(2, [12, 1], seed=0)
adam = Adam(learner.parameters(), learning_rate=0.05)

trained = 0
for epochs in (20, 80, 500):
    fit(learner, train.inputs, train.signs(), cost="hinge", optimizer=adam, epochs=epochs)
    trained += epochs
    seen = accuracy(learner, train.inputs, train.labels)
    unseen = accuracy(learner, test.inputs, test.labels)
    print(
        f"after {trained:3} epochs: {seen:.0%} right of those it learned from, {unseen:.0%} of those held out"
    )

# %%
axes = plot_decision_boundary(learner, train)

# %% [markdown]
# At the end it has all its points right, and is worse at new ones than it was before: it has bent
# the boundary around single points that are noise. This is called **overfitting**. One stops
# earlier, takes a smaller network, or gets more points.
#
# **Question 4.** Which of the two numbers would you tell a customer, and why?
#
# <details><summary>Answer</summary>
#
# The second. The customer's points are not among those that the network was trained on.
#
# </details>
#
# ## What is inside
#
# In the picture, a line is a weight: blue or orange by its sign, the thicker, the larger. Follow
# the thick ones.

# %%
draw_network(mlp, x=data.inputs[0])

# %% [markdown]
# And each weight's gradient can still be taken apart, as in lesson 2. For one point, through one
# neuron:

# %%
small = MLP(2, [3, 1], seed=3)
fit(small, data.inputs, targets, learning_rate=0.2, epochs=100)
print(explain(small, layer=1, weight=(0, 1), x=data.inputs[0], y=targets[0]))

# %% [markdown]
# The page that the next line writes shows all of it in step while the network learns: the boundary,
# the network, and the graph of any point. Add a point, or move one, and watch.

# %%
page = small.explore("moons.html", data=data)
print("Now open moons.html in a browser.")

# %% [markdown]
# Next: [lesson 6](6_check_your_backprop.ipynb), backpropagation of your own, and how to find a
# mistake in it.
