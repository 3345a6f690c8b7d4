"""Ten mistakes in the backpropagation of lesson 6, one changed line each, and what is said of them.

Writes `ten_mistakes.md`, or the file that is named: `python examples/ten_mistakes.py elsewhere.md`.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from nn import MLP, assert_gradients_match

HERE = Path(__file__).parent
LESSON = (HERE / "6_check_your_backprop.py").read_text(encoding="utf-8")
RIGHT = "def my_backprop" + LESSON.partition("def my_backprop")[2].partition("\n\n\n")[0]
MISTAKES = [
    ("The sign", "(A2 - Y) / n", "(Y - A2) / n"),
    ("The mean over the samples", "(A2 - Y) / n", "(A2 - Y)"),
    ("The 2 of the square", "2 / n_outputs", "1 / n_outputs"),
    ("The slope of the activation", " * (1 - A1**2)", ""),
    ("The slope at the wrong place", "(1 - A1**2)", "(1 - np.tanh(A1) ** 2)"),
    ("A bias that takes the mean", "delta1.sum(axis=0)", "delta1.mean(axis=0)"),
    ("Only the last sample", "(A2 - Y) / n", "(A2 - Y) * (np.arange(n) == n - 1)[:, None]"),
    ("A gradient on its side", "[delta1.T @ X, delta2.T @ A1]", "[X.T @ delta1, delta2.T @ A1]"),
    ("A matrix that is not transposed", "delta2 @ weights[1]", "delta2 @ weights[1].T"),
    (
        "Two mistakes at once",
        "delta2 @ weights[1] * (1 - A1**2)\n    return [delta1.T @ X",
        "-delta2 @ weights[1]\n    return [delta1.T @ X",
    ),
]


def changed(old: str, new: str) -> str:
    """Return the function of the lesson with one line changed."""
    assert RIGHT.count(old) == 1, old
    return RIGHT.replace(old, new)


def message(program: str) -> str:
    """Return what is said of the function."""
    namespace: dict[str, Any] = {"np": np}
    exec(compile(program, "my_backprop.py", "exec"), namespace)
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(5, 3)), random.normal(size=(5, 2))
    try:
        assert_gradients_match(
            MLP(3, [4, 2], seed=0), X, Y, "mean_squared_error", backprop=namespace["my_backprop"]
        )
    except (AssertionError, ValueError) as error:
        return str(error)
    return "my_backprop is right"


def main() -> None:
    """Write them all down."""
    text = ["# Ten mistakes, and what is said of them", (__doc__ or "").partition("\n\n")[0]]
    for title, old, new in MISTAKES:
        program = changed(old, new)
        lines = [line.strip() for line in program.splitlines() if line not in RIGHT.splitlines()]
        text += [
            f"## {title}",
            "```python\n" + "\n".join(lines) + "\n```",
            f"```text\n{message(program)}\n```",
        ]
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "ten_mistakes.md"
    path.write_text("\n\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
