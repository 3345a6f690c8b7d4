"""What editors, ``help`` and type checkers see: signatures, names, documentation. mypy reads this, too."""

import ast
import inspect
import pydoc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import autograd_lite
from autograd_lite import RULES, Value, leaky_relu, tanh
from autograd_lite.functions import FUNCTIONS, METHODS, SENTENCES

if TYPE_CHECKING:
    from autograd_lite.nn import MLP, data

    # Strict mypy complains of a comment that ignores nothing: each of these lines is an error to it.
    v = Value(1.0)
    v.gard  # type: ignore[attr-defined]  # noqa: B018
    v.no_such_method(3)  # type: ignore[attr-defined]
    v.tanh(2.0)  # type: ignore[call-arg]
    v.maximum()  # type: ignore[call-arg]
    v.tanh().gard  # type: ignore[attr-defined]  # noqa: B018
    tanh(1.0, 2.0)  # type: ignore[call-arg]
    leaky_relu(1.0, slope=0.1), leaky_relu(v), v.leaky_relu(), v.maximum(2.0), v.hypot(1.0, v)
    (v + 1 - v * 2 / v).tanh().backward()
    # The second door to networks is no way around the types.
    data.iris().spam  # type: ignore[attr-defined]  # noqa: B018
    MLP(2, [1]).spam  # type: ignore[attr-defined]  # noqa: B018


def declared(body: list[ast.stmt]) -> dict[str, str]:
    """Return the parameters of the functions that are declared for type checkers, without their types."""
    found = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
            found[node.name] = ast.unparse(node.args)
    return found


DECLARED = Path(autograd_lite.__file__).with_name("declared.pyi")
TREE = ast.parse(DECLARED.read_text(encoding="utf-8"))
CLASS = next(node for node in TREE.body if isinstance(node, ast.ClassDef) and node.name == "Methods")


def parameters(function: object) -> str:
    return str(inspect.signature(function))[1:-1]  # type: ignore[arg-type]


def test_the_declared_functions_are_the_public_rows_with_their_operands() -> None:
    assert declared(TREE.body) == {n: parameters(row) for n, row in FUNCTIONS.items()}


def test_the_declared_methods_are_the_public_rows_without_their_first_operand() -> None:
    methods = {name: parameters(getattr(Value, name)) for name in FUNCTIONS}
    assert declared(CLASS.body) == methods


@pytest.mark.parametrize("body", [TREE.body, CLASS.body])
def test_the_declared_sentences_are_those_of_help(body: list[ast.stmt]) -> None:
    told = {node.name: ast.get_docstring(node) for node in body if isinstance(node, ast.FunctionDef)}
    assert told == {name: SENTENCES[name][0] for name in FUNCTIONS}
    for name, sentence in told.items():
        assert (inspect.getdoc(getattr(autograd_lite, name)) or "").startswith(f"{sentence}\n")
        assert (inspect.getdoc(getattr(Value, name)) or "").startswith(f"{sentence} See")


@pytest.mark.parametrize(
    ("name", "of_function", "of_method"),
    [
        ("tanh", "(x)", "()"),
        ("maximum", "(x, y)", "(y)"),
        ("leaky_relu", "(x, slope=0.01)", "(slope=0.01)"),
        ("atan2", "(y, x)", "(x)"),
        ("where", "(x, a, b)", "(a, b)"),
        ("hypot", "(*xs)", "(*xs)"),
    ],
)
def test_signatures(name: str, of_function: str, of_method: str) -> None:
    assert str(inspect.signature(getattr(autograd_lite, name))) == of_function
    assert str(inspect.signature(getattr(Value(1.0), name))) == of_method


def test_public_rows_are_functions_and_methods_and_the_others_are_not() -> None:
    public = {name for name, row in RULES.items() if row.public}
    assert public == set(FUNCTIONS) <= set(METHODS) <= set(dir(Value))
    assert public <= set(autograd_lite.__all__)
    assert not (RULES.keys() - public) & set(autograd_lite.__all__) - {
        "fsum",
        "sumprod",
        "affine",
        "logsumexp",
    }


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_help_tells_what_a_function_does_needs_returns_and_raises(name: str) -> None:
    text = pydoc.plain(pydoc.render_doc(FUNCTIONS[name]))
    parts = [
        "Parameters",
        "Value or number",
        FUNCTIONS[name].floats.needs,
        "Returns",
        "Raises",
        ">>> " + name,
    ]
    assert all(part in text for part in parts)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'Value' object has no attribute 'gard'"):
        _ = Value(1.0).gard  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="has no attribute 'tangent'"):
        _ = autograd_lite.tangent  # type: ignore[attr-defined]
