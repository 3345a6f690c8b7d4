"""How a Value shows itself in a notebook: its number, its gradient and, while it is small, its graph.

The method is put into the class from here: the page that says what a Value is need not know of notebooks.
"""

from __future__ import annotations

from autograd_lite.graph import topological_order
from autograd_lite.numbers.kinds import written
from autograd_lite.value import Value

_SMALL = 40
"""A graph of more nodes is a poster, drawn when somebody asks for it."""


def _repr_html_(self: Value) -> str:
    """Return what a notebook shows."""
    # What only a notebook needs is loaded when one asks.
    from autograd_lite.draw import draw
    from autograd_lite.markup import escape, picture

    name = self.label or "value"
    number, gradient = escape(written(self.data)), escape(written(self.grad))
    line = f"<b>{escape(name)}</b> = <code>{number}</code>, gradient <code>{gradient}</code>"
    if not self.parents:
        return f"<p>{line}</p>"
    try:
        count = len(topological_order(self))
    except ValueError as error:  # there is a cycle
        return f"<p>{line}. {escape(str(error))}</p>"
    if count > _SMALL:
        return f"<p>{line}, made of {count - 1:,} nodes, which <code>draw</code> shows</p>"
    return f"<p>{line}</p>{picture(lambda: draw(self, legend=False), f'The graph of {name}: {count} nodes')}"


setattr(Value, "_repr_html_", _repr_html_)  # noqa: B010 - to a type checker it is as it was
