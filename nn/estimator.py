"""Networks as estimators of scikit-learn: for pipelines, cross-validation and searches over parameters.

What is learned is an :class:`nn.MLP`, ``mlp_``, which explains, draws and explores itself as any other. Needs
scikit-learn; import it from here, ``from nn.estimator import MLPClassifier``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .layers import MLP
from .matrix import MatrixMLP
from .optim import Adam
from .training import fit

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        f"nn.estimator needs scikit-learn 1.6 or newer, which cannot be imported ({error}): "
        "python -m pip install scikit-learn",
        name="sklearn",
    ) from error

__all__ = ["MLPClassifier", "MLPRegressor"]


class _MLPEstimator(BaseEstimator):  # type: ignore[misc]
    """What the two share: the options, and the training of a network by Adam."""

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (16,),
        activation: str = "tanh",
        *,
        learning_rate_init: float = 0.01,
        batch_size: int | None = None,
        max_iter: int = 300,
        random_state: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.random_state = random_state

    def _train(self, X: Any, Y: Any, n_out: int, cost: str) -> None:
        hidden = self.hidden_layer_sizes
        sizes = [hidden] if isinstance(hidden, (int, np.integer)) else list(hidden)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.mlp_ = MLP(X.shape[1], [*sizes, n_out], activation=self.activation, seed=seed)
        self.history_ = fit(
            self.mlp_,
            X,
            Y,
            cost=cost,
            optimizer=Adam(self.mlp_.parameters(), self.learning_rate_init),
            epochs=self.max_iter,
            batch_size=self.batch_size,
            progress=False,
            seed=seed,
            engine="lifted",
        )
        self.n_iter_ = len(self.history_.costs)

    def _outputs(self, X: Any) -> Any:
        """Return the outputs of the network for checked samples, shape (n, n_out), by its matrices."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return MatrixMLP.from_mlp(self.mlp_).forward(X)


class MLPClassifier(ClassifierMixin, _MLPEstimator):  # type: ignore[misc]
    """A network that learns classes, by the cross-entropy of its outputs.

    Standardize the features first, as in ``make_pipeline(StandardScaler(), MLPClassifier())``.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int
        The numbers of neurons of the layers before the last.
    activation : str
        Of these layers, a name in ``nn.ACTIVATIONS``.
    learning_rate_init : float
        The learning rate of Adam.
    batch_size : int, optional
        The number of samples to an update; all by default.
    max_iter : int
        The number of epochs.
    random_state : int, RandomState instance or None
        Makes the first weights and the shuffling repeatable.

    Attributes
    ----------
    mlp_ : MLP
        The network, with one output for each class.
    history_ : History
        How the training went.
    classes_ : array of shape (n_classes,)
    n_features_in_ : int
    n_iter_ : int
        The number of epochs.

    Examples
    --------
    >>> from nn.data import iris
    >>> flowers = iris()
    >>> names = [flowers.class_names[label] for label in flowers.labels]
    >>> classifier = MLPClassifier(random_state=0).fit(flowers.inputs, names)
    >>> str(classifier.predict([[5.1, 3.5, 1.4, 0.2]])[0]), classifier.score(flowers.inputs, names) > 0.9
    ('setosa', True)
    """

    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Train a new network.

        Parameters
        ----------
        X : array or DataFrame, shape (n, n_features)
        y : array or Series, shape (n,)
            The classes, numbers or names.

        Returns
        -------
        MLPClassifier
            Itself.

        Raises
        ------
        ValueError, TypeError
            If the data, or an option, does not fit; there must be two classes or more.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise ValueError(f"all samples are of one class, {only!r}: give some of another")
        self._train(X, labels, len(self.classes_), "cross_entropy")
        return self

    def predict(self, X: Any) -> Any:
        """Return the class of every sample.

        Parameters
        ----------
        X : array or DataFrame, shape (n, n_features)

        Returns
        -------
        array of shape (n,)
        """
        winners = self._outputs(X).argmax(axis=1)
        return self.classes_[winners]

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of every class for every sample: the softmax of the outputs.

        Parameters
        ----------
        X : array or DataFrame, shape (n, n_features)

        Returns
        -------
        array of shape (n, n_classes)
        """
        z = self._outputs(X)
        weights = np.exp(z - z.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)


class MLPRegressor(RegressorMixin, _MLPEstimator):  # type: ignore[misc]
    """A network that learns numbers, by the mean squared error of its outputs.

    Standardize features and targets first, as with ``StandardScaler`` and ``TransformedTargetRegressor``.

    Parameters
    ----------
    hidden_layer_sizes, activation, learning_rate_init, batch_size, max_iter, random_state
        As for :class:`MLPClassifier`.

    Attributes
    ----------
    mlp_ : MLP
        The network, with one output for each target.
    history_, n_features_in_, n_iter_
        As for :class:`MLPClassifier`.

    Examples
    --------
    >>> X = [[x / 10] for x in range(-10, 11)]
    >>> regressor = MLPRegressor(random_state=0).fit(X, [x * x for [x] in X])
    >>> regressor.score(X, [x * x for [x] in X]) > 0.9
    True
    """

    def fit(self, X: Any, y: Any) -> MLPRegressor:
        """Train a new network.

        Parameters
        ----------
        X : array or DataFrame, shape (n, n_features)
        y : array, Series or DataFrame, shape (n,) or (n, n_outputs)

        Returns
        -------
        MLPRegressor
            Itself.

        Raises
        ------
        ValueError, TypeError
            If the data, or an option, does not fit.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        self._one_target = y.ndim == 1
        Y = y.reshape(len(X), -1).astype(float)
        self._train(X, Y, Y.shape[1], "mean_squared_error")
        return self

    def predict(self, X: Any) -> Any:
        """Return the outputs for every sample.

        Parameters
        ----------
        X : array or DataFrame, shape (n, n_features)

        Returns
        -------
        array of shape (n,) or (n, n_outputs), as the targets had
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if self._one_target else outputs

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn is to know: several targets are fine."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
