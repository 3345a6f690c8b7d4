"""Module: what has parameters. Counting, zeroing, saving and loading them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from autograd_lite import Value
from autograd_lite.files import write_whole

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
            If an entry is not a number; names it.
        """
        named = dict(self.named_parameters())
        if missing := [name for name in named if name not in state]:
            of_torch = any(str(name).endswith(".weight") for name in state)
            raise ValueError(
                f"no value for {_some(missing)}; shapes: {_shapes(named)} here, {_shapes(state)} given"
                + ("; of a model of PyTorch: MLP.from_torch(model)" if of_torch else "")
            )
        if extra := [name for name in state if name not in named]:
            raise ValueError(
                f"no parameter {_some(extra)}; shapes: {_shapes(named)} here, {_shapes(state)} given"
            )
        data = {name: _number(name, state[name]) for name in named}
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
        encode = {".json": _to_json, ".npz": _to_npz}[_suffix(path)]
        write_whole(path, encode(_floats(self.state_dict())))

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
        decode = {".json": _from_json, ".npz": _from_npz}[_suffix(path)]
        content = path.read_bytes()
        try:
            state = _floats(decode(content))
        except Exception as error:  # damaged bytes make json, zipfile and NumPy raise many kinds
            raise ValueError(f"{path} is not a complete file of weights: {error}") from error
        try:
            self.load_state_dict(state)
        except ValueError as error:
            raise ValueError(f"{path} is of a network of another shape: {error}") from error
        return self


def _number(name: str, data: Any) -> Any:
    try:
        return Value(data).data
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None


def _some(names: list[str]) -> str:
    return ", ".join(map(str, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _shapes(names: Iterable[str]) -> str:
    """Summarise parameter names as shapes: ``w[1] (4, 2), b[1] (4,)``."""
    names = [str(name) for name in names]
    # One bracket pair fewer than the others has a bias that a layer shares: b[1] beside w[1][0,0].
    depth = max((name.count("[") for name in names), default=0)
    largest: dict[str, tuple[int, ...]] = {}
    for name in names:
        stem, _, indices = name.removesuffix("]").rpartition("[")
        parts = indices.split(",")
        if name.count("[") < depth or not stem or not all(part.isdecimal() for part in parts):
            stem, parts = name, []
        shape = tuple(int(part) + 1 for part in parts)
        largest[stem] = tuple(map(max, shape, largest.get(stem, shape)))
    return ", ".join(f"{stem} {shape}" if shape else stem for stem, shape in largest.items()) or "none"


def _suffix(path: Path) -> str:
    if path.suffix not in (".json", ".npz"):
        raise ValueError(f"a file of weights ends in .json or .npz, not {path.suffix or 'nothing'!r}: {path}")
    return path.suffix


def _floats(state: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers as floats, or raise what says which is none."""
    for name, number in state.items():
        is_float = isinstance(number, (int, float)) and abs(number) <= sys.float_info.max
        if not is_float or float(number) != number:
            raise ValueError(f"{name} is {number!r}; a file of weights holds finite floats")
    return {name: float(number) for name, number in state.items()}


def _to_json(state: Mapping[str, float]) -> bytes:
    text = json.dumps({"format": _FORMAT, "parameters": state}, indent=1, ensure_ascii=False)
    return text.encode() + b"\n"


def _from_json(content: bytes) -> dict[str, Any]:
    file = json.loads(content.decode())
    if not isinstance(file, dict) or file.get("format") != _FORMAT:
        raise ValueError(f"it does not say that its format is {_FORMAT!r}")
    parameters = file.get("parameters")
    if not isinstance(parameters, dict):
        raise ValueError("its parameters are not given by name")
    return parameters


def _to_npz(state: Mapping[str, float]) -> bytes:
    import numpy as np

    file = BytesIO()
    np.savez(file, names=np.array(list(state)), data=np.array(list(state.values())))
    return file.getvalue()


def _from_npz(content: bytes) -> dict[str, Any]:
    import numpy as np

    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        names, data = arrays["names"].tolist(), arrays["data"].tolist()
    return dict(zip(names, data, strict=True))
