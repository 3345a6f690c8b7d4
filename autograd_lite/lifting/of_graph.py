"""A graph that exists, as a function on arrays of its leaves; what becomes of it is told in pipeline.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite.graph import topological_order
from autograd_lite.lifting.arguments.structure import Part, floating, identifiers
from autograd_lite.lifting.elsewhere.libraries import OnLibrary
from autograd_lite.lifting.leaves import by_label, data_of, leaves_among
from autograd_lite.lifting.pipeline import compiled
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.running import Compiled
from autograd_lite.lifting.saved.saving import Saved
from autograd_lite.lifting.saved.signatures import Argument, Signature, free_names
from autograd_lite.value import Value


class LiftedGraph(OnLibrary, Saved):
    """A graph on arrays: see :func:`autograd_lite.lifting.lift`.

    Attributes
    ----------
    inputs : dict of str to array
        The data of the leaves, by the name of their array.
    source : str
        The NumPy source of the program.
    """

    def __init__(
        self,
        root: Value,
        inputs: Mapping[str, Any] | None,
        in_axes: Mapping[str, Any],
        xp: Any,
        compiler: str | None = None,
        threads: bool = False,
    ) -> None:
        order = topological_order(root)
        named = by_label(leaves_among(order)) if inputs is None else inputs
        self._leaves = {name: np.array(leaves, dtype=object) for name, leaves in named.items()}
        self._require_leaves(root)
        if unknown := [name for name in in_axes if name not in self._leaves]:
            raise ValueError(f"in_axes names {unknown[0]}; the inputs are {', '.join(self._leaves)}")
        self._axes = {name: in_axes.get(name) for name in self._leaves}
        self._xp = xp
        shapes = [leaves.shape for leaves in self._leaves.values()]
        batched = [axis is not None for axis in self._axes.values()]
        names = identifiers(list(self._leaves))
        described = [Input(*one) for one in zip(names, shapes, batched, strict=True)]
        leaves_of_inputs = list(self._leaves.values())
        asked = range(len(described))
        self._compiled = compiled(order, leaves_of_inputs, described, asked, xp, compiler, threads)

    def _require_leaves(self, root: Value) -> None:
        met: dict[Value, str] = {}
        for name, leaves in self._leaves.items():
            for leaf in leaves.ravel():
                if not isinstance(leaf, Value):
                    raise TypeError(
                        f"the input {name} is made of Values, not {type(leaf).__name__} {leaf!r:.60}"
                    )
                if leaf in met:
                    raise ValueError(f"the leaf {leaf!r} is in the input {met[leaf]}, and again in {name}")
                met[leaf] = name
        if not met:
            raise ValueError(f"{root!r} is a constant: it was made of no leaves")

    @property
    def inputs(self) -> dict[str, Any]:
        """The data of the leaves as it is now, by the name of their array."""
        return {name: data_of(leaves) for name, leaves in self._leaves.items()}

    @property
    def source(self) -> str:
        """The NumPy source of the program."""
        return self._compiled.source

    def __str__(self) -> str:
        return str(self._compiled)

    def __repr__(self) -> str:
        return f"<lifted graph: {self._compiled!r}>"

    def _repr_html_(self) -> str:
        return self._compiled._repr_html_()

    def __call__(self, inputs: Mapping[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Return the cost and its gradient by each input.

        Parameters
        ----------
        inputs : dict of str to array, optional
            By name; what is left out is the leaves' own data, of one sample.

        Returns
        -------
        value, dict of str to array

        Raises
        ------
        ValueError
            If there is no such input, it has another shape, or the samples differ in number.

        Examples
        --------
        >>> from autograd_lite import lift
        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> value, gradients = lift(w * x)({"w": 5.0})
        >>> float(value), float(gradients["x"])
        (10.0, 5.0)
        """
        given = dict(inputs or {})
        if unknown := [name for name in given if name not in self._leaves]:
            raise ValueError(f"there is no input {unknown[0]}: there are {', '.join(self._leaves)}")
        arrays = [self._array(name, given.get(name)) for name in self._leaves]
        counts = {a.shape[0] for a, axis in zip(arrays, self._axes.values(), strict=True) if axis is not None}
        if len(counts) > 1 or 0 in counts:
            raise ValueError(
                f"inputs over samples must have as many of them, at least one: got {sorted(counts)}"
            )
        value, found = self._compiled(arrays)
        named = zip(self._axes.items(), found, strict=True)
        return value, {name: g if not axis else self._xp.moveaxis(g, 0, axis) for (name, axis), g in named}

    def _to_save(self) -> tuple[Compiled, Signature]:
        axes = list(self._axes.values())
        own = [
            data if axis is None else np.moveaxis(data[None], 0, axis)
            for data, axis in zip(self.inputs.values(), axes, strict=True)
        ]
        names = free_names(list(self._leaves))
        arguments = [Argument(name, None, data) for name, data in zip(names, own, strict=True)]
        asked = list(range(len(names)))
        return self._compiled, Signature("graph", arguments, axes, asked, keys=list(self._leaves))

    def _array(self, name: str, given: Any) -> Any:
        """Return an input with its axis over samples in front."""
        leaves, axis = self._leaves[name], self._axes[name]
        if given is None:
            own = self._xp.asarray(data_of(leaves))
            return own if axis is None else own[None, ...]
        array = floating(self._xp, Part(name, given, axis))
        shape = array.shape if axis is None else array.shape[1:]
        if shape != leaves.shape:
            raise ValueError(f"{name} has the shape {shape}; the graph's has {leaves.shape}")
        return array
