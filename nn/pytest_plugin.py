"""The pytest plugin: the fixture ``check_backprop`` and the option ``--gradient-report``.

Everything it uses is imported when a test asks for it, so that it costs nothing where none does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .trial_report import BackpropCheck

_PAGES = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("autograd-lite").addoption(
        "--gradient-report",
        metavar="DIR",
        help="write a page for each function whose gradients check_backprop finds wrong",
    )


@pytest.fixture
def check_backprop(request: pytest.FixtureRequest) -> Callable[..., BackpropCheck]:
    """:func:`nn.check_backprop`: try a function on several networks, and fail if its gradients are wrong.

    ``check_backprop(f, layers=(3, 4, 2), activation="tanh", cost="mean_squared_error")``; all but the
    function may be left out. With ``--gradient-report DIR`` a failure is a page in that folder too.
    """
    from .trial_report import WrongGradientsError
    from .trials import check_backprop

    folder = request.config.getoption("--gradient-report", default=None)

    def check(f: Callable[..., Any], *arguments: Any, **options: Any) -> BackpropCheck:
        __tracebackhide__ = True
        try:
            return check_backprop(f, *arguments, **options)
        except WrongGradientsError as error:
            if error.check.printed:
                request.node.add_report_section(
                    "call", f"printed by {error.check.function}", error.check.printed
                )
            if folder:
                path = error.check.save(_place(Path(folder), request.node))
                request.node.add_report_section("call", "gradient report", str(path))
            raise

    return check


def _place(folder: Path, test: pytest.Item) -> Path:
    """Return the path of a test's next page, and make its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    number = test.stash.get(_PAGES, 0) + 1
    test.stash[_PAGES] = number
    name = re.sub(r"[^\w.-]+", "-", test.nodeid).strip("-")[-120:]
    return folder / (f"{name}.html" if number == 1 else f"{name}-{number}.html")
