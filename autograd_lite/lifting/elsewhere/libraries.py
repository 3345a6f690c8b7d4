"""Array libraries: by which door each comes in, where its arrays lie, and what it has beyond the standard.

Programs call what the Python array API standard has. What is asked here of one library by name is what the
standard leaves open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial, reduce
from importlib import import_module
from inspect import signature
from typing import Any

import numpy as np

from autograd_lite.lifting.arguments.structure import as_numpy
from autograd_lite.numbers import special
from autograd_lite.printing.numpy import own_functions

_BY_COMPAT = ("cupy", "dask.array", "torch")
OF_EACH = ("bessel", "cbrt", "digamma", "erf", "erfc", "fmod", "gamma", "lgamma", "polygamma", "sinc")
"""The functions that NumPy lacks, and that are computed element by element."""

# Where a library's own are, and what it calls them; the others are computed element by element.
_OWN = {
    "jax.numpy": ("jax.scipy.special", "jax.numpy"),
    "array_api_compat.cupy": ("cupyx.scipy.special", "cupy"),
    "array_api_compat.torch": ("torch.special",),
}
_OWN_NAMES = {"lgamma": "gammaln"}


def library_of(xp: Any) -> Any:
    """Return the namespace of the standard for a library, and refuse one that does not follow it.

    PyTorch, CuPy and Dask differ from the standard; array-api-compat is the door to theirs.

    Examples
    --------
    >>> library_of(np) is np
    True
    """
    name = getattr(xp, "__name__", "")
    if name in _BY_COMPAT:
        try:
            return import_module(f"array_api_compat.{name}")
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"xp={name} goes through array-api-compat, which is not installed: "
                "pip install 'autograd-lite[arrays]'",
                name=error.name,
            ) from error
    if not hasattr(xp, "isdtype"):
        raise TypeError(
            f"xp is {name or repr(xp)}; lift takes a module that follows the Python array API standard, such "
            "as numpy, jax.numpy, torch, cupy or dask.array"
        )
    return xp


class OnLibrary:
    """What has a library, under ``_xp``: it is pickled with the library's name, since modules are not."""

    _xp: Any

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_xp": self._xp.__name__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _xp=import_module(state["_xp"]))


def is_jax(xp: Any) -> bool:
    """Return whether it is JAX: its arrays never change, and have no numbers while a program is traced."""
    return bool(xp.__name__ == "jax.numpy")


def is_dask(xp: Any) -> bool:
    """Return whether it is Dask, whose arrays are computed later, chunk by chunk."""
    return "dask" in xp.__name__


def alike(xp: Any, arrays: Sequence[Any]) -> tuple[Sequence[Any], Any, Any]:
    """Return arrays of one dtype on one device, and what these are; JAX sees to devices itself.

    What lies where the library puts new arrays, as numbers in lists do, joins what lies elsewhere.
    """
    kinds, devices = [array.dtype for array in arrays], [_device_of(xp, array) for array in arrays]
    kind, device = kinds[0], devices[0]
    if kinds.count(kind) == devices.count(device) == len(arrays):
        return arrays, kind, device
    kind, usual = xp.result_type(*arrays), _device_of(xp, xp.asarray(0.0))
    device = next((device for device in devices if device != usual), usual)
    return [xp.asarray(array, dtype=kind, **on_device(device)) for array in arrays], kind, device


def _device_of(xp: Any, array: Any) -> Any:
    return None if is_jax(xp) else array.device


def on_device(device: Any) -> dict[str, Any]:
    """Return a device as an argument for those who make an array."""
    return {} if device is None else {"device": device}


def sample_of(array: Any, batched: bool) -> Any:
    """Return an array, or its first row, as NumPy's; None where its numbers are not known here and now."""
    try:
        # Dask would have to compute them; some of JAX's are on other machines.
        if hasattr(array, "dask") or not getattr(array, "is_fully_addressable", True):
            return None
        return as_numpy(array[0] if batched else array)
    except Exception:  # as whoever traces a program says that there are no numbers
        return None


def outside_of_tracing(xp: Any) -> AbstractContextManager[Any]:
    """Return a context in which what is made has numbers, and may be kept for other calls."""
    if is_jax(xp):
        context: AbstractContextManager[Any] = import_module("jax").ensure_compile_time_eval()
        return context
    return nullcontext()


# --- functions beyond the standard ----------------------------------------------------------------------


def support(xp: Any) -> dict[str, Callable[..., Any]]:
    """Return the functions that the standard lacks, by name, for arrays of a library.

    They are the library's own where it has them. NumPy has none; what others lack is computed element by
    element too, on the host.

    Examples
    --------
    >>> support(np)["erf"](np.array([0.0, 30.0])).tolist()
    [0.0, 1.0]
    """
    modules = [import_module(name) for name in _OWN.get(xp.__name__, ())]
    of_each: dict[str, Any] = {}
    for name in OF_EACH:
        theirs = _OWN_NAMES.get(name, name)
        own = next((getattr(module, theirs) for module in modules if hasattr(module, theirs)), None)
        of_each[name] = own or _elementwise(getattr(special, name), xp)
    if is_jax(xp) or "cupy" in xp.__name__:
        of_each["polygamma"] = _of_whole_order(of_each["polygamma"], xp)
    if "torch" in xp.__name__:
        of_each["polygamma"] = _by_zeta(modules[0].zeta, _elementwise(special.polygamma, xp))
    return {**of_each, "mod": xp.remainder, "logsumexp": partial(_logsumexp, xp), **own_functions()}


def _elementwise(function: Callable[..., float], xp: Any) -> Callable[..., Any]:
    def of_floats(*xs: float) -> float:
        try:
            return function(*xs)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    each = np.frompyfunc(of_floats, len(signature(function).parameters), 1)

    def on_host(dtype: Any, *xs: Any) -> Any:
        with np.errstate(all="ignore"):  # who calls it from compiled code has not said so
            return np.asarray(each(*map(as_numpy, xs)), dtype=dtype)

    def of_arrays(*xs: Any) -> Any:
        like = next(x for x in xs if "float" in str(getattr(x, "dtype", "")))
        return xp.asarray(on_host(float, *xs), dtype=like.dtype, **on_device(_device_of(xp, like)))

    def of_traced(*xs: Any) -> Any:
        jax, dtype = import_module("jax"), xp.result_type(*xs)
        described = jax.ShapeDtypeStruct(np.broadcast_shapes(*map(np.shape, xs)), dtype)
        return jax.pure_callback(partial(on_host, dtype), described, *xs, vmap_method="broadcast_all")

    return of_traced if is_jax(xp) else of_arrays


def _of_whole_order(polygamma: Callable[..., Any], xp: Any) -> Callable[..., Any]:
    """Return it for orders that are numbers, also floats; CuPy's own takes arrays only."""
    return lambda n, x: polygamma(xp.asarray(n, dtype=int), x)


def _by_zeta(zeta: Callable[..., Any], of_each: Callable[..., Any]) -> Callable[..., Any]:
    """Return the polygamma function for numbers as orders; PyTorch's own of order 1 keeps ten digits only."""

    def polygamma(n: Any, x: Any) -> Any:
        if hasattr(n, "shape"):
            return of_each(n, x)
        wide = x if x.dtype.itemsize > 2 else x.float()  # there is no ζ of half precision
        return ((-1) ** (n + 1) * math.factorial(n) * zeta(n + 1.0, wide)).to(x.dtype)

    return polygamma


def _logsumexp(xp: Any, *xs: Any) -> Any:
    largest = reduce(xp.maximum, xs)
    return largest + xp.log(sum(xp.exp(x - largest) for x in xs))
