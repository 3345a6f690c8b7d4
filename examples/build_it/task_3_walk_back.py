"""Task 3: the walk back, and why in this order.

The gradient of a node says how much the root, the end of a calculation, grows with it.
Gradients are found from the root back: a node that knows its gradient tells each parent "here
is my gradient times your partial", and a parent adds up what it is told. When may a node tell
its parents? Look at

    b = a + a
    c = b + b

The root c tells b twice: 1 and 1. A hasty b that tells its parents at once, each time, what it
has so far tells a twice of 1, and then twice of 2: that makes 6. But c = 4a, and the gradient
of a is 4. Run this file to see it:

    python examples/build_it/task_3_walk_back.py

So a node has to wait until everybody who uses it has told it. This task is the order of the
walk; the telling is task 4. Use loops, and no recursion (a function that calls itself): Python
gives up where 1,000 calls are open at once, and a calculation in 1,000 steps is nothing special.
"""

from task_2_plus_and_times import Value


def count_uses(root):
    """Return, for root and each node that it was made of, how many times it is used as a parent.

    This one is ready. In the example above the answer is {c: 0, b: 2, a: 2}.
    """
    uses, to_visit = {root: 0}, [root]
    while to_visit:
        for parent in to_visit.pop().parents:
            if parent not in uses:
                uses[parent] = 0
                to_visit.append(parent)
            uses[parent] += 1
    return uses


def walk_back(root):
    """Return a list of root and all that it was made of, each once, and none before all those that use it.

    Begin with count_uses(root). The root is ready, since nobody uses it. When a node goes into the
    list, each of its parents has one use less to wait for; a parent that waits for none is ready.
    """
    # Your lines go here.


# The rest of this file is ready: the hasty walk, to try what goes wrong.


def hasty(node):
    """Tell the parents what node has, and let each go on at once: wrong."""
    for parent, partial in zip(node.parents, node.partials, strict=True):
        parent.grad += node.grad * partial
        hasty(parent)


if __name__ == "__main__":
    a = Value(1)
    b = Value(2, (a, a), (1, 1))
    c = Value(4, (b, b), (1, 1))
    c.grad = 1
    hasty(c)
    print("c = 4a, but the hasty walk says that the gradient of a is", a.grad)
    names = {a: "a", b: "b", c: "c"}
    print("your walk:", [names[node] for node in walk_back(c) or []])
