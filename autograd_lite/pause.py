"""Arithmetic without a graph, ``no_grad``; its opposite; and what nodes ask to know whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

# The blocks that are open in any thread: as long as there are none, nodes need not ask the context.
open_blocks: list[no_grad] = []
_entered_blocks: ContextVar[tuple[no_grad, ...]] = ContextVar("entered_blocks", default=())


def paused() -> bool:
    """Return whether a block is open around the caller; worth asking only while ``open_blocks`` has any."""
    # A task inherits the blocks that were open where it was started; they may have ended meanwhile.
    for block in _entered_blocks.get():  # noqa: SIM110 - any() takes twice as long
        if block in open_blocks:
            return True
    return False


class no_grad:  # noqa: N801 - a function by use, and so named elsewhere
    """Context in which arithmetic on Values makes no graph: the results are leaves.

    It holds for the thread, or the asynchronous task, that enters it, and for tasks started inside, until it
    ends. It can decorate a function.

    Raises
    ------
    TypeError
        If it decorates a generator or a coroutine function, whose body runs after the call.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (4.0, ())
    """

    def __enter__(self) -> None:
        open_blocks.append(self)
        _entered_blocks.set((*_entered_blocks.get(), self))

    def __exit__(self, *_: object) -> None:
        open_blocks.remove(self)
        entered = list(_entered_blocks.get())
        if self in entered:  # not so where a generator is closed by another thread or task than began it
            entered.remove(self)
        _entered_blocks.set(tuple(entered))

    def __call__(self, function: FunctionT) -> FunctionT:
        """Return the function with its calls inside a block of their own."""
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _RUNS_LATER:
            raise TypeError(
                f"no_grad cannot decorate {function.__qualname__}, a generator or coroutine function: "
                "write `with no_grad():` in its body"
            )

        @wraps(function)
        def without_graph(*args: Any, **kwargs: Any) -> Any:
            with no_grad():
                return function(*args, **kwargs)

        return cast(FunctionT, without_graph)


@contextmanager
def enable_grad() -> Iterator[None]:
    """Context in which arithmetic on Values makes a graph again, inside ``no_grad``.

    For what needs a graph of its own whatever surrounds it. It can decorate a function.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> with no_grad():
    ...     with enable_grad():
    ...         y = Value(2.0) * 3
    >>> y.op
    'mul'
    """
    around = _entered_blocks.get()
    _entered_blocks.set(())
    try:
        yield
    finally:
        _entered_blocks.set(around)


# The flags of generator functions, coroutine functions and asynchronous generator functions, as in `inspect`.
_RUNS_LATER = 0x20 | 0x80 | 0x200
