"""Task 7: descent.

The cost says how wrong a network is: 0 is perfect. The gradient of a parameter P, a weight or a
bias, says how much the cost grows with it. So a small step against the gradient makes the cost
smaller:

    P ← P − α · ∂C/∂P        for every parameter P; α is the learning rate

That is gradient descent, and it is how networks learn. One thing to think of: parameters are
leaves, and leaves add up over calls of backward() (task 4), so that the gradients of the step
before have to go first.

When it is done, run this file: three neurons of yours learn "one or the other, but not both",
which no single neuron can. Not every start leads there: if the cost gets stuck near 0.5, run it
again.

    python examples/build_it/task_7_descent.py
"""

from task_6_neuron import Neuron, Value


def step(parameters, cost, learning_rate):
    """Go one step downhill: change the data of every parameter by −learning_rate times its gradient of cost.

    The parameters are a list of Values; cost is a Value that was made of them.
    """
    # Your lines go here.


# The rest of this file is ready: what you have built, at work.

EITHER = [((-1, -1), -1), ((-1, 1), 1), ((1, -1), 1), ((1, 1), -1)]


def mean_squared_error(network, samples):
    """Return the mean of (a − y)² over samples, pairs of inputs x and a target y, with a = network(x)."""
    errors = [network(x) - y for x, y in samples]
    return sum(error * error for error in errors) * (1 / len(samples))


if __name__ == "__main__":
    hidden, last = [Neuron(2), Neuron(2)], Neuron(2)

    def network(x):
        """Return what the last neuron says to what the hidden ones say."""
        return last([neuron(x) for neuron in hidden])

    parameters = [p for neuron in (*hidden, last) for p in (*neuron.weights, neuron.bias)]
    for number in range(301):
        cost = mean_squared_error(network, EITHER)
        if number % 50 == 0:
            print(f"after {number:3} steps the cost is {cost.data:.4f}")
        step(parameters, cost, 0.2)
    for x, y in EITHER:
        print(f"{x}: the network says {network(x).data:+.2f}, the target is {y:+}")
