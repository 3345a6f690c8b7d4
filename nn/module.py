"""Module: what has parameters. Counting, zeroing, saving and loading them."""

from __future__ import annotations

import json
import math
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from autograd_lite import Value

Self = TypeVar("Self", bound="Module")
_FORMAT = "autograd-lite weights 1"


class Module:
    """Base class of what has parameters; a subclass says which, by ``named_parameters``."""

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield every parameter once, with its name."""
        raise NotImplementedError

    def parameters(self) -> list[Value]:
        """Return every parameter once, in the order of ``named_parameters``.

        Returns
        -------
        list of Value
        """
        return [value for _, value in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0

    def state_dict(self) -> dict[str, Any]:
        """Return the data of every parameter by name.

        Returns
        -------
        dict of str to number
        """
        return {name: value.data for name, value in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set every parameter; nothing is changed if one does not fit.

        Parameters
        ----------
        state : mapping of str to number
            As from :meth:`state_dict`.

        Raises
        ------
        ValueError
            If the names are not those of the parameters.
        TypeError
            If an entry is not a number.
        """
        named = dict(self.named_parameters())
        if missing := [name for name in named if name not in state]:
            raise ValueError(
                f"no value for {_some(missing)}; shapes: {_shapes(named)} here, {_shapes(state)} given"
            )
        if extra := [name for name in state if name not in named]:
            raise ValueError(
                f"no parameter {_some(extra)}; shapes: {_shapes(named)} here, {_shapes(state)} given"
            )
        data = {name: Value(state[name]).data for name in named}
        for name, value in named.items():
            value.data = data[name]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters to a file, whole or not at all.

        Parameters
        ----------
        path : path
            Ends in ``.json``, for people, or ``.npz``, for arrays.

        Raises
        ------
        ValueError
            If the path ends otherwise, or a parameter is no finite float.
        OSError
            If it can't be written; a file that was there before is left as it was.
        """
        path = Path(path)
        state = self.state_dict()
        for name, number in state.items():
            if not isinstance(number, (int, float)) or not math.isfinite(number):
                raise ValueError(f"{name} is {number!r}; a file of weights holds finite floats")
        writers: dict[str, Callable[[IO[bytes]], None]] = {
            ".json": lambda file: _write_json(file, state),
            ".npz": lambda file: _write_npz(file, state),
        }
        _write_whole(path, writers[_suffix(path)])

    def load(self: Self, path: str | os.PathLike[str]) -> Self:
        """Read the parameters from a file that :meth:`save` wrote.

        Parameters
        ----------
        path : path
            Ends in ``.json`` or ``.npz``.

        Returns
        -------
        The module itself.

        Raises
        ------
        ValueError
            If the file is damaged, or of a network of another shape; both shapes are shown, and nothing is
            changed.
        OSError
            If it can't be read.
        """
        path = Path(path)
        readers = {".json": _read_json, ".npz": _read_npz}
        try:
            state = readers[_suffix(path)](path)
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is not a complete file of weights: {error}") from error
        try:
            self.load_state_dict(state)
        except ValueError as error:
            raise ValueError(f"{path} is of a network of another shape: {error}") from error
        return self


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _shapes(names: Mapping[str, Any]) -> str:
    """Summarise parameter names as shapes: ``w[1]: (4, 2), b[1]: (4,)``."""
    largest: dict[str, tuple[int, ...]] = {}
    for name in names:
        stem, _, indices = name.removesuffix("]").rpartition("[")
        parts = indices.split(",")
        if not stem or not all(part.isdigit() for part in parts):
            stem, parts = name, []
        shape = tuple(int(part) + 1 for part in parts)
        largest[stem] = tuple(map(max, shape, largest.get(stem, shape)))
    return ", ".join(f"{stem} {shape}" if shape else stem for stem, shape in largest.items()) or "none"


def _suffix(path: Path) -> str:
    if path.suffix not in (".json", ".npz"):
        raise ValueError(f"a file of weights ends in .json or .npz, not {path.suffix or 'nothing'!r}: {path}")
    return path.suffix


def _write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write beside the file and move into its place, so that it is never half there."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _write_json(file: IO[bytes], state: Mapping[str, Any]) -> None:
    text = json.dumps({"format": _FORMAT, "parameters": state}, indent=1, ensure_ascii=False)
    file.write(text.encode() + b"\n")


def _read_json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError(f"it does not say that its format is {_FORMAT!r}")
    parameters = content["parameters"]
    if not isinstance(parameters, dict):
        raise ValueError("its parameters are not given by name")
    return parameters


def _write_npz(file: IO[bytes], state: Mapping[str, Any]) -> None:
    import numpy as np

    np.savez(file, names=np.array(list(state)), data=np.array(list(state.values()), dtype=float))


def _read_npz(path: Path) -> dict[str, Any]:
    import numpy as np

    with np.load(path, allow_pickle=False) as arrays:
        names, data = arrays["names"].tolist(), arrays["data"].tolist()
    return dict(zip(names, data, strict=True))
