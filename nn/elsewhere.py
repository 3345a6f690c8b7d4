"""What other libraries have, and what to write here: told where somebody asks for it by their name."""

from __future__ import annotations

import autograd_lite

_A_NETWORK = "MLP(2, [3, 1]), with the sizes of its layers"
_A_LAYER = "Layer(2, 3), or MLP(2, [3, 1]) for all of them"
_A_COST = "fit(mlp, X, Y, cost={!r}), or the function of that name"
_AN_ACTIVATION = "MLP(2, [3, 1], activation={!r}), or the function, from autograd_lite"
_AN_ESTIMATOR = "from nn.estimator import {}"
_A_TRAINING = "fit(mlp, X, Y, epochs=100), from nn"
_A_PREDICTION = "predict(mlp, x), from nn, for a class, or mlp(x) for the outputs"
_A_SCORE = "accuracy(mlp, X, labels), from nn"
_ITS_GRADIENT = "cost.backward(), after cost = mean_squared_error(mlp(x), y)"

_COSTS = {
    "MSELoss": "mean_squared_error",
    "mse_loss": "mean_squared_error",
    "CrossEntropyLoss": "cross_entropy",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "HingeEmbeddingLoss": "hinge",
}
ACTIVATIONS_OF_TORCH = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "GELU": "gelu",
    "SiLU": "silu",
    "Softplus": "softplus",
    "Identity": "linear",
}
"""PyTorch's modules, and the activations that they are."""

_DATA = (
    "Dataset",
    "iris",
    "moons",
    "circles",
    "xor",
    "spiral",
    "gaussian",
    "yin_yang",
    "plane",
    "read_csv",
    "load_dataset",
)
_DATA_ELSEWHERE = {
    "load_iris": "iris",
    "make_moons": "moons",
    "make_circles": "circles",
    "make_blobs": "gaussian",
    "load_csv": "read_csv",
    "from_csv": "read_csv",
}

IN_DATA = {theirs: f"from nn.data import {ours}" for theirs, ours in _DATA_ELSEWHERE.items()}
"""Names that somebody may look for in ``nn.data``."""

IN_NN = {
    **{name: f"from autograd_lite import {name}" for name in dir(autograd_lite)},
    **dict.fromkeys(("Sequential", "Network", "NeuralNetwork", "Model"), _A_NETWORK),
    **dict.fromkeys(("Dense", "Linear"), _A_LAYER),
    **{theirs: _A_COST.format(ours) for theirs, ours in _COSTS.items()},
    **{theirs: _AN_ACTIVATION.format(ours) for theirs, ours in ACTIVATIONS_OF_TORCH.items()},
    "Identity": "MLP(2, [3, 1], output_activation='linear')",
    **{name: _AN_ESTIMATOR.format(name) for name in ("MLPClassifier", "MLPRegressor")},
    **{name: f"from nn.data import {name}" for name in _DATA},
    **IN_DATA,
    "MatrixMLP": "from nn.matrix import MatrixMLP",
    **dict.fromkeys(("train", "train_network"), _A_TRAINING),
    **dict.fromkeys(("Tensor", "Parameter"), 'Value(0.5, "w"), from autograd_lite'),
    "evaluate": _A_SCORE,
    "summary": "mlp.summary()",
}
"""Names that somebody may look for in ``nn``."""

IN_A_NETWORK = {
    **dict.fromkeys(("fit", "train"), _A_TRAINING),
    **dict.fromkeys(("predict", "predict_proba"), _A_PREDICTION),
    **dict.fromkeys(("score", "evaluate", "accuracy"), _A_SCORE),
    "backward": _ITS_GRADIENT,
    "forward": "mlp(x), for one sample",
    "compile": "fit(mlp, X, Y, cost=…, optimizer=…), from nn",
    "step": "optimizer.step(), after optimizer = SGD(mlp.parameters(), learning_rate=0.1)",
    "eval": "mlp(x) inside no_grad(), from autograd_lite; there is no other mode",
    "plot": "mlp.draw()",
    **dict.fromkeys(("w", "coefs_"), "mlp.weights(1), of layer 1; mlp.weights(1)[0][1].data = 0.5 sets one"),
    **dict.fromkeys(("b", "intercepts_"), "mlp.biases(1), of layer 1; mlp.biases(1)[0].data = 0.5 sets one"),
}
"""Names that somebody may look for in an MLP."""
