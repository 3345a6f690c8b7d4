"""How a saved program is called: the text that takes arguments apart, and puts gradients together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, NamedTuple

from autograd_lite.lifting.answers.results import Layout
from autograd_lite.lifting.arguments.structure import Structure, identifier, identifiers, size_of
from autograd_lite.lifting.places import Input
from autograd_lite.printing.lines import folded

_SAMPLES = 5
_OF_FUNCTION = {"arrays", "kind", "value", "found"}
RESERVED = {"np", "numba", "math", "dataclasses", "functools", "cache"}
RESERVED |= {"program", "on_arrays", "as_floats", "require_as_many", "for_each_sample"}
"""The names in a module that mean something else than the user's."""

AS_FLOATS = '''
def as_floats(name, x, shape, axis=None):
    """Return an argument as an array of floats, with the axis over samples in front."""
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be made of real numbers; its dtype is {array.dtype}")
    array = array if array.dtype.kind == "f" else array.astype(float)
    if axis is not None:
        array = np.moveaxis(array, axis, 0)
    found = array.shape if axis is None else array.shape[1:]
    if found != shape:
        raise ValueError(f"{name} has the shape {found}; this program is for {shape}")
    return array
'''.strip()

AS_MANY = '''
def require_as_many(*arrays):
    """Refuse arguments over samples that differ in how many they have."""
    counts = {len(array) for array in arrays}
    if len(counts) != 1 or 0 in counts:
        raise ValueError(f"arguments over samples must have as many of them, at least one: {sorted(counts)}")
'''.strip()


class Way(Enum):
    """How a program is given arrays, and how it returns gradients."""

    ARRAYS = "*arrays", "found"
    FLOATS = "*(array.ravel().tolist() if array.ndim else float(array) for array in arrays)", "found"
    LOOPS = (
        "*(np.ascontiguousarray(array, dtype=float) if array.ndim else float(array) for array in arrays)",
        "*found",
    )

    def __init__(self, given: str, found: str) -> None:
        self.given, self.found = given, found


def free_names(names: Sequence[str]) -> list[str]:
    """Return names for arguments, such as a module has no other use for.

    Examples
    --------
    >>> free_names(["x", "np", "found"])
    ['x', 'np_', 'found_']
    """
    return identifiers(names, RESERVED | _OF_FUNCTION)


FOR_EACH_SAMPLE = '''
def for_each_sample(x, rank, n):
    """Return results for each of n samples, also where they are the same for all."""
    return x if x.ndim > rank else np.array(np.broadcast_to(x, (n, *x.shape)))
'''.strip()


class Argument(NamedTuple):
    """An argument: its name, its structure, and its value where it may be left out."""

    name: str
    structure: Structure | None
    default: Any = None


class Signature(NamedTuple):
    """How a program is called."""

    name: str
    arguments: list[Argument]
    axes: list[int | None]  # of each array in them, the axis over samples
    asked: list[int]  # the arguments whose gradients are returned
    keys: list[str] | None = None  # for gradients in a dict, their names; without it, a sequence of them
    is_single: bool = False  # whether there is one gradient, not a sequence
    layout: Layout | None = None  # what is returned beside a cost, or instead of it
    has_cost: bool = True  # whether a cost and gradients are returned


class Caller:
    """Writes the function of a signature, for what a program takes."""

    def __init__(self, signature: Signature, inputs: Sequence[Input]) -> None:
        self.signature = signature
        self.paths: list[str] = []  # where each input is in the arguments
        self._inputs = list(inputs)
        self._lines: list[str] = []
        self._arrays: list[str] = []
        self._taken = {one.name for one in signature.arguments} | RESERVED | _OF_FUNCTION
        self._slopes = [self._name(f"d{one.name}") for one in inputs]
        results = [self._visit(one.name, one.structure, one.name) for one in signature.arguments]
        self._gradients = [results[i] for i in signature.asked]
        layout = signature.layout
        self._others = [self._name(name) for name in layout.names] if layout else []

    def definition(self, name: str, way: Way, constants: Sequence[str] = ()) -> str:
        """Return the text of the function, which gives the program arrays in a way, and constants."""
        asked, layout = self._asked(), self.signature.layout
        samples = [f"arrays[{k}]" for k, axis in enumerate(self.signature.axes) if axis is not None]
        own = sum(size_of(one.structure) for one in self.signature.arguments if one.default is None)
        shapes = [self._inputs[k].shape for k in asked] + (layout.shapes if layout else [])
        # A single result is not in a tuple.
        is_alone = not self.signature.has_cost and len(shapes) == 1 and way is not Way.LOOPS
        array, each = "np.asarray(d, dtype=kind)", "[found]" if is_alone else "found"
        found = f"[{array} for d in {each}]"
        if way is Way.FLOATS:
            found = f"[{array}.reshape(shape) for d, shape in zip({each}, {_tuple(list(map(str, shapes)))})]"
        returned = f"value, {way.found}" if self.signature.has_cost else "found"
        names = [*(self._slopes[k] for k in asked), *self._others]
        lines = [
            f'"""Return {self.answer}."""',
            *self._lines,
            "arrays = [",
            *(f"    {text}," for text in self._arrays),
            "]",
            *([f"require_as_many({', '.join(samples)})"] if samples else []),
            # What may be left out joins in the precision of the others.
            f"kind = np.result_type(*arrays{f'[:{own}]' if 0 < own < len(self._arrays) else ''})",
            'with np.errstate(all="ignore"):',
            f"    {returned} = program({', '.join([way.given, *constants])})",
            f"found = {found}",
            f"[{', '.join(names)}] = found",
            *(self._for_each_sample(samples[0]) if samples else []),
            f"return {self._result()}",
        ]
        return "\n".join(
            [f"def {name}({self.parameters()}):", *(part for line in lines for part in folded(line, "    "))]
        )

    @property
    def answer(self) -> str:
        """What is returned, in words."""
        if not self.signature.has_cost:
            return "the results"
        return (
            "the value and the gradients"
            if not self._others
            else "the value with the rest, and the gradients"
        )

    def _for_each_sample(self, samples: str) -> list[str]:
        """Write what makes results that are the same for all samples one for each."""
        layout = self.signature.layout
        each = zip(self._others, layout.shapes, layout.means, strict=True) if layout else ()
        return [
            f"{name} = for_each_sample({name}, {len(shape)}, len({samples}))"
            for name, shape, is_mean in each
            if not is_mean
        ]

    def parameters(self) -> str:
        """Return the names of the arguments, those that may be left out by keyword only."""
        names = [one.name for one in self.signature.arguments if one.default is None]
        defaults = [f"{one.name}={one.name}" for one in self.signature.arguments if one.default is not None]
        return ", ".join([*names, *(["*", *defaults] if defaults else [])])

    def example(self, name: str) -> str | None:
        """Return the text of a call with any numbers; None if arguments have classes of their own."""
        numbers = iter(range(len(self._inputs)))
        given = [one for one in self.signature.arguments if one.default is None]
        try:
            arguments = [
                "\n".join(folded(f"{self._example(one.structure, numbers)},", "        ")) for one in given
            ]
        except TypeError:
            return None
        lines = [
            'if __name__ == "__main__":',
            "    random = np.random.default_rng(0)",
            f"    results = {name}(",
            *arguments,
            "    )",
            "    print(results)",
        ]
        return "\n".join(lines)

    def _example(self, structure: Structure | None, numbers: Iterator[int]) -> str:
        if structure is None:
            k = next(numbers)
            shape, axis = self._inputs[k].shape, self.signature.axes[k]
            if axis is not None:
                axis %= len(shape) + 1
                shape = (*shape[:axis], _SAMPLES, *shape[axis:])
            return f"random.uniform(size={shape})" if shape else "random.uniform()"
        kind, keys, parts = structure
        texts = [self._example(part, numbers) for part in parts]
        if issubclass(kind, Mapping):
            return _dict(keys, texts)
        if kind not in (list, tuple):
            raise TypeError
        return _tuple(texts) if kind is tuple else f"[{', '.join(texts)}]"

    # --- arguments and gradients ------------------------------------------------------------------------

    def _asked(self) -> list[int]:
        """Return the numbers of the inputs whose gradients there are."""
        sizes = [size_of(one.structure) for one in self.signature.arguments]
        starts = [sum(sizes[:i]) for i in range(len(sizes))]
        return [k for i in self.signature.asked for k in range(starts[i], starts[i] + sizes[i])]

    def _result(self) -> str:
        signature = self.signature
        others = _text(signature.layout.structure, iter(self._others)) if signature.layout else ""
        if not signature.has_cost:
            return others
        gradients = self._gradients[0] if signature.is_single else _tuple(self._gradients)
        if signature.keys is not None:
            gradients = _dict(signature.keys, self._gradients)
        return f"(kind.type(value), {others}), {gradients}" if others else f"kind.type(value), {gradients}"

    def _visit(self, x: str, structure: Structure | None, path: str) -> str:
        """Write what takes a part of the arguments apart; return what puts its gradient together."""
        if structure is None:
            return self._leaf(x, path)
        kind, keys, parts = structure
        has_names = is_dataclass(kind) or hasattr(kind, "_fields")
        is_row = not has_names and not issubclass(kind, Mapping)
        members = [f".{key}" if has_names else f"[{key!r}]" for key in keys]
        names = [self._name(identifier(f"{x}_{key}")) for key in keys]
        right = x if is_row else f"[{', '.join(f'{x}{member}' for member in members)}]"
        self._lines.append(f"[{', '.join(names)}] = {right}")
        each = zip(names, parts, [f"{path}{member}" for member in members], strict=True)
        texts = [self._visit(*one) for one in each]
        if has_names:
            fields = ", ".join(f"{key}={text}" for key, text in zip(keys, texts, strict=True))
            return f"dataclasses.replace({x}, {fields})" if is_dataclass(kind) else f"{x}._replace({fields})"
        if not is_row:
            return _dict(keys, texts)
        return _tuple(texts) if kind is tuple else f"[{', '.join(texts)}]"

    def _name(self, name: str) -> str:
        """Return the name, or one like it if it is taken."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def _leaf(self, x: str, path: str) -> str:
        k = len(self.paths)
        axis = self.signature.axes[k]
        quoted = repr(path) if '"' in path else f'"{path}"'
        along = "" if axis is None else f", axis={axis}"
        self._arrays.append(f"as_floats({quoted}, {x}, {self._inputs[k].shape}{along})")
        self.paths.append(path)
        return f"np.moveaxis({self._slopes[k]}, 0, {axis})" if axis else self._slopes[k]


def _text(structure: Structure | None, names: Iterator[str]) -> str:
    """Write a structure of results, what has a class of its own as a tuple or a dict."""
    if structure is None:
        return next(names)
    kind, keys, parts = structure
    texts = [_text(part, names) for part in parts]
    if issubclass(kind, Mapping) or is_dataclass(kind):
        return _dict(keys, texts)
    return f"[{', '.join(texts)}]" if kind is list else _tuple(texts)


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _dict(keys: Sequence[Any], texts: Sequence[str]) -> str:
    return f"{{{', '.join(f'{key!r}: {text}' for key, text in zip(keys, texts, strict=True))}}}"
