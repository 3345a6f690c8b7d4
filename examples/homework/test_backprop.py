"""The tests of the homework: each tries a function of a submission on several networks, batches and data."""


def test_1_one_layer(check_backprop, submission):
    """One linear layer, mean squared error."""
    check_backprop(submission.function("squared_error"), layers=[(2, 3), (3, 1)])


def test_2_a_hidden_layer(check_backprop, submission):
    """A hidden layer of tanh."""
    check_backprop(submission.function("squared_error"), layers=[(2, 4, 3), (3, 3, 3)])


def test_3_any_depth(check_backprop, submission):
    """Two hidden layers, and three."""
    check_backprop(submission.function("squared_error"), layers=[(2, 4, 2, 3), (2, 2, 2, 2, 1)])


def test_4_relu(check_backprop, submission):
    """Hidden layers of ReLU."""
    relu = submission.function("squared_error_relu")
    check_backprop(relu, layers=[(2, 6, 3), (2, 4, 4, 1)], activation="relu")


def test_5_classes(check_backprop, submission):
    """Softmax with cross-entropy."""
    check_backprop(submission.function("classes"), layers=[(2, 4, 3), (2, 3, 3)], cost="cross_entropy")
