"""Task 4: backward(), and why +=.

Now the telling. The gradient of the root with respect to itself is 1. Then, in the order of
task 3, every node tells each of its parents: its own gradient times the partial towards that
parent. That is the chain rule.

Why += and not =? A node that is used twice acts on the root in two ways, and the effects of
both add up. In c = a·a, the node c has the parent a twice, with the partial a each time: the
gradient is a + a = 2a. With =, the second would wipe out the first.

But += has a price: what was there before stays in the sum. A node that was made of others has
to start each walk from 0, or a second backward() would add to what is left of the first. The
leaves, which have no parents, keep what they have: we want the gradients of several roots, or
several samples, to add up there.
"""

from task_3_walk_back import Value, walk_back


def backward(root):
    """Set grad of every node that root was made of to ∂root/∂node; in a leaf, add it to what is there.

    Three steps: grad = 0 where a node has parents; 1 more for the root; then the walk, where each node tells.
    """
    # Your lines go here.


# Ready: from here on root.backward() calls your function.
Value.backward = backward
