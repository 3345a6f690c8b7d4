"""Task 5: tanh.

tanh is the S-shaped function that takes any number z to an a between −1 and 1. Around 0 it is
steep, further out it is flat: the neuron has made up its mind. It is one more operation, like +
and ·, with one parent and one partial:

    a = tanh(z)        ∂a/∂z = 1 − a²

Note the a: the derivative is written with the result, which is there already. At z = 0 it is 1,
and where a is nearly 1 it is nearly 0. You need not touch backward(): it knows nothing of
operations, only of partials.
"""

import math

from task_4_add_up import Value


def tanh(z):
    """Return the Value a = tanh(z), for a Value z. The function for numbers is math.tanh."""
    # Your lines go here.


# Ready: from here on z.tanh() calls your function, and Value is complete.
Value.tanh = tanh
