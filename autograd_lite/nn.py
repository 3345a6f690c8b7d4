"""The second door to networks: ``autograd_lite.nn`` is the package ``nn``, whatever else has that name.

A file ``nn.py`` in the working folder, or a package from elsewhere, may be what ``import nn`` finds. Then the
package beside this one is loaded as ``autograd_lite.nn`` alone, and its ``HIDDEN_BY`` is the path of what was
found, which is not run. Otherwise the two names are the same modules, and ``HIDDEN_BY`` is empty.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nn import *  # noqa: F403
    from nn import compare as compare
    from nn import data as data
    from nn import matrix as matrix
    from nn import per_weight as per_weight
    from nn import playground as playground
    from nn import tour as tour

    HIDDEN_BY: str

_NAME = "autograd_lite.nn"
_OURS = Path(__file__).resolve().parents[1] / "nn" / "__init__.py"
_BEGINS = '"""Networks on the scalar engine'


class _SecondNames(MetaPathFinder, Loader):
    """Finds ``autograd_lite.nn.costs``, which is the module ``nn.costs``, and its like."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{_NAME}.") or find_spec(_first_name(fullname)) is None:
            return None
        return ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(_first_name(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # It has run, under its first name; Python has just put the spec of the second in its place.
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def _first_name(name: str) -> str:
    return name.removeprefix("autograd_lite.")


def _found() -> str:
    """Return the path of what ``import nn`` finds, without running it; nothing where it finds nothing."""
    try:
        spec = find_spec("nn")
    except ValueError:  # a module that was made by hand has none
        return repr(sys.modules["nn"])
    if spec is None:
        return ""
    return str(Path(spec.origin or next(iter(spec.submodule_search_locations or [""]))).resolve())


def _open() -> ModuleType:
    if not _OURS.is_file() or not _OURS.read_text(encoding="utf-8").startswith(_BEGINS):
        raise ImportError(
            f"{_OURS.parent} is not this project's any more: a package named nn was installed over it, or "
            "removed from there. `python -m pip uninstall nn`, and then, in this project's folder, "
            "`python -m pip install --force-reinstall --no-deps .`"
        )
    found = _found()
    if found == str(_OURS):
        sys.meta_path.insert(0, _SecondNames())
        package, hidden_by = import_module("nn"), ""
    else:
        spec = spec_from_file_location(_NAME, _OURS)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[_NAME] = package = module_from_spec(spec)
        spec.loader.exec_module(package)
        hidden_by = found
    package.HIDDEN_BY = hidden_by  # type: ignore[attr-defined]
    return package


sys.modules[_NAME] = _open()
