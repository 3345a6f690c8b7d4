"""Networks as estimators of scikit-learn, by its own checks, and in what it makes of estimators."""

import pickle

import numpy as np
import pytest

from nn import MLP, accuracy
from nn.data import iris, moons

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from nn.estimator import MLPClassifier, MLPRegressor

FLOWERS = iris()
NAMES = np.array(FLOWERS.class_names)[FLOWERS.labels]


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_own_checks_pass(estimator):
    check_estimator(estimator)


@pytest.mark.parametrize(("sizes", "widths"), [((), [3]), (5, [5, 3]), ([6, 5], [6, 5, 3])])
def test_options_mean_what_they_say(sizes, widths):
    options = {"activation": "relu", "batch_size": 32, "max_iter": 2, "random_state": 0}
    classifier = MLPClassifier(sizes, **options).fit(FLOWERS.inputs, NAMES)
    assert repr(classifier.mlp_) == repr(MLP(4, widths, activation="relu"))
    assert classifier.n_iter_ == len(classifier.history_.costs) == 2


def test_it_predicts_what_its_network_says():
    classifier = MLPClassifier(random_state=0).fit(FLOWERS.inputs, NAMES)
    score = classifier.score(FLOWERS.inputs, NAMES)
    assert score == accuracy(classifier.mlp_, FLOWERS.inputs, FLOWERS.labels)
    assert list(classifier.classes_) == FLOWERS.class_names
    z = np.array([float(a) for a in classifier.mlp_(FLOWERS.inputs[77])])
    probabilities = classifier.predict_proba(FLOWERS.inputs[77:78])[0]
    np.testing.assert_allclose(probabilities, np.exp(z) / np.exp(z).sum(), rtol=1e-12)


def test_probabilities_of_large_outputs_are_finite():
    classifier = MLPClassifier(random_state=0, max_iter=1, activation="linear").fit(FLOWERS.inputs, NAMES)
    probabilities = classifier.predict_proba(np.array(FLOWERS.inputs) * 1e6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


@pytest.mark.slow
def test_it_takes_part_in_pipelines_searches_and_cross_validation():
    data, folds = moons(), StratifiedKFold(3, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), MLPClassifier(random_state=0))
    search = GridSearchCV(model, {"mlpclassifier__hidden_layer_sizes": [(), (8, 8)]}, cv=folds)

    search.fit(data.inputs, data.labels)

    assert search.best_params_ == {"mlpclassifier__hidden_layer_sizes": (8, 8)}
    assert cross_val_score(search.best_estimator_, data.inputs, data.labels, cv=folds).min() > 0.9


def test_the_same_seed_gives_the_same_network():
    fitted = [MLPClassifier(random_state=s, max_iter=3).fit(FLOWERS.inputs, NAMES).mlp_ for s in (0, 0, 1)]
    states = [mlp.state_dict() for mlp in fitted]
    assert states[0] == states[1] != states[2]


def test_frames_give_their_columns_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(FLOWERS.inputs, columns=FLOWERS.feature_names)
    classifier = MLPClassifier(random_state=0, max_iter=3).fit(frame, pandas.Series(NAMES))
    assert list(classifier.feature_names_in_) == FLOWERS.feature_names
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(frame.rename(columns={"sepal width": "width"}))


def test_several_targets_are_several_outputs():
    X = np.linspace(-1, 1, 21)[:, None]
    regressor = MLPRegressor(random_state=0, max_iter=500).fit(X, np.hstack([X, X**2]))
    assert regressor.predict(X).shape == (21, 2)
    assert regressor.predict([[0.5]]) == pytest.approx(np.array([[0.5, 0.25]]), abs=0.1)


def test_it_clones_and_pickles():
    regressor = MLPRegressor(random_state=0, max_iter=3).fit([[0.0], [1.0]], [0.0, 1.0])
    assert not hasattr(clone(regressor), "mlp_")
    assert pickle.loads(pickle.dumps(regressor)).predict([[0.5]]) == regressor.predict([[0.5]])


def test_one_class_is_too_few():
    with pytest.raises(ValueError, match="all samples are of one class, 'a': give some of another"):
        MLPClassifier().fit([[0.0], [1.0]], ["a", "a"])
