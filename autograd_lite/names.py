"""Names that are not there: the nearest that is, or the one that stands here for what others call so."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_WORDS_HERE = {
    "activation": "activation function hidden_activation nonlinearity",
    "binary_cross_entropy": "bce bceloss binary_crossentropy log_loss",
    "binary_cross_entropy_with_logits": "bcewithlogitsloss",
    "batch_size": "batch batchsize",
    "bias": "use_bias",
    "clip_norm": "max_norm grad_clip clipnorm",
    "cost": "loss loss_fn loss_function criterion objective",
    "cross_entropy": "crossentropy crossentropyloss categorical_crossentropy nll nllloss",
    "epochs": "n_epochs num_epochs max_epochs max_iter n_iter iterations steps",
    "epsilon": "eps",
    "he": "he_normal kaiming kaiming_normal",
    "hinge": "hingeloss hinge_loss",
    "init": "kernel_initializer weight_init initializer",
    "learning_rate": "lr eta alpha rate step_size learning_rate_init",
    "leaky_relu": "leakyrelu lrelu",
    "linear": "identity none",
    "mean_squared_error": "mse mseloss mse_loss squared_error l2",
    "n_in": "in_features input_dim nin",
    "n_out": "out_features units nout",
    "n_outs": "layers hidden_layers hidden_layer_sizes sizes nouts",
    "optimizer": "solver opt",
    "output_activation": "last_activation final_activation",
    "patience": "early_stopping n_iter_no_change",
    "progress": "verbose",
    "schedule": "scheduler lr_scheduler",
    "seed": "random_state rng",
    "sigmoid": "logistic",
    "silu": "swish",
    "tolerance": "tol",
    "validation_split": "validation_data validation_fraction",
    "weight_decay": "l2_penalty",
    "xavier": "glorot glorot_uniform glorot_normal",
}
_CALLED_HERE = {word: here for here, words in _WORDS_HERE.items() for word in words.split()}
"""What other libraries call options, and what may be chosen by name; in small letters."""


def look_up(name: str, table: Mapping[str, T], kind: str) -> T:
    """Return the entry of a table.

    Parameters
    ----------
    name : str
    table : mapping of str to anything
    kind : str
        What the entries are, for the error message: ``"activation"``.

    Returns
    -------
    The entry.

    Raises
    ------
    ValueError
        If there is none of that name; with the nearest name, and all of them.

    Examples
    --------
    >>> look_up("tanhh", {"tanh": 1, "relu": 2}, "activation")
    Traceback (most recent call last):
        ...
    ValueError: unknown activation 'tanhh'; did you mean 'tanh'? There are: tanh, relu
    """
    if isinstance(name, str) and name in table:
        return table[name]
    raise ValueError(f"unknown {kind} {name!r}{alternatives(name, table)}")


def alternatives(name: str, table: Iterable[str], write: Callable[[str], str] = repr) -> str:
    """Return what to say after a name that is in no table: the nearest in it, and all of them.

    Parameters
    ----------
    name : str
    table : iterable of str
    write : callable
        How the nearest name is written.

    Returns
    -------
    str

    Examples
    --------
    >>> alternatives("tanhh", ["tanh", "relu"])
    "; did you mean 'tanh'? There are: tanh, relu"
    """
    from difflib import get_close_matches  # which takes time to import, and is for errors only

    table = list(table)
    lower = str(name).lower()
    called_here = _CALLED_HERE.get(lower)
    near = [called_here] if called_here in table else get_close_matches(lower, table, n=1)
    hint = f"; did you mean {write(near[0])}?" if near else "."
    return f"{hint} There are: {', '.join(table)}"


def options_told(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function answer an option that it has not with the one it has.

    Parameters
    ----------
    function : callable
        One with fixed options, or an ``__init__``.

    Returns
    -------
    callable

    Examples
    --------
    >>> @options_told
    ... def descend(learning_rate, epochs=10):
    ...     return learning_rate * epochs
    >>> descend(lr=0.5)
    Traceback (most recent call last):
        ...
    TypeError: descend has no option 'lr'; did you mean 'learning_rate'? There are: learning_rate, epochs
    """
    known = [name for name in signature(function).parameters if name != "self"]

    @wraps(function)
    def told(*args: P.args, **options: P.kwargs) -> T:
        for name in options:
            if name not in known:
                is_class = function.__name__ == "__init__"
                of = type(args[0]).__name__ if is_class else function.__name__.lstrip("_")
                raise TypeError(f"{of} has no option {name!r}{alternatives(name, known)}")
        return function(*args, **options)

    return told


def no_such_name(module: str, name: str, called_here: Mapping[str, str]) -> Exception:
    """Return what a module's ``__getattr__`` raises for a name that it has not.

    Parameters
    ----------
    module, name : str
    called_here : mapping of str to str
        For names of other libraries what to write here.

    Returns
    -------
    AttributeError or ImportError

    Examples
    --------
    >>> no_such_name("nn", "Sequential", {"Sequential": "MLP(2, [3, 1])"})
    AttributeError('nn has no Sequential: write MLP(2, [3, 1])')
    """
    if name not in called_here:
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    advice = f"{module} has no {name}: write {called_here[name]}"
    # ``from nn import Sequential`` asks in this way, and of an AttributeError shows its own text only.
    is_import = sys._getframe(2).f_globals.get("__name__") == "importlib._bootstrap"
    return ImportError(advice, name=module) if is_import else AttributeError(advice)
