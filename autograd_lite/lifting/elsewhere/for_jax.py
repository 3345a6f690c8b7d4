"""Programs as JAX runs them: where they change an array they make a new one, and a loop is traced once.

JAX's arrays never change, and where it traces a program it would write out each step of a loop.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any


def for_jax(source: str) -> ast.Module:
    """Return a program as JAX runs it.

    Examples
    --------
    >>> ast.unparse(for_jax("d[:, 1] += x"))
    'd = d.at[:, 1].set(d[:, 1] + x)'
    """
    tree: ast.Module = _OnNewArrays().visit(ast.parse(source))
    _roll(tree.body, set())
    return ast.fix_missing_locations(tree)


class _OnNewArrays(ast.NodeTransformer):
    """Turns what is assigned to a part of an array into a new array under the old name."""

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        target = node.targets[0]
        return self._updated(node, target, node.value) if isinstance(target, ast.Subscript) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        target = node.target
        if not isinstance(target, ast.Subscript):
            return node
        before = ast.Subscript(target.value, target.slice, ast.Load())
        return self._updated(node, target, ast.BinOp(before, node.op, node.value))

    def _updated(self, node: ast.stmt, target: ast.Subscript, value: ast.expr) -> ast.AST:
        place = ast.Subscript(ast.Attribute(target.value, "at", ast.Load()), target.slice, ast.Load())
        new = ast.Call(ast.Attribute(place, "set", ast.Load()), [value], [])
        name = ast.Name(ast.unparse(target.value), ast.Store())
        return ast.copy_location(ast.Assign([name], new), node)


# --- loops ----------------------------------------------------------------------------------------------


def _roll(statements: list[ast.stmt], known: set[str]) -> None:
    """Put scans for the loops among statements, before which some names are known."""
    known, each = set(known), list(statements)
    statements.clear()
    for statement in each:
        if isinstance(statement, ast.FunctionDef):
            _roll(statement.body, {one.arg for one in statement.args.args})
        is_loop = isinstance(statement, ast.For) and isinstance(statement.target, ast.Name)
        statements += _scan_of(statement, known) if is_loop else [statement]
        known |= _assigned([statement])


def _scan_of(loop: Any, known: set[str]) -> list[ast.stmt]:
    """Return a loop as a function of what a step begins with, and the scan that calls it.

    What is assigned before the loop and in it is carried from step to step; what is appended is kept.
    """
    counter = loop.target.id
    _roll(loop.body, known | {counter})
    lists = [name for name in map(_appended, loop.body) if name]
    carried = sorted(_assigned(loop.body) & known - {*lists})
    body = [_kept(statement, lists) for statement in loop.body]
    rows = sorted(_indexed_by(counter, loop.body) & known - {*carried})
    state, kept = f"[{', '.join(carried)}]", [f"_kept{k}" for k in range(len(lists))]
    text = [
        *(f"{row} = _stacked({row})" for row in rows),
        f"def _step(_carried, {counter}):",
        f"    {state} = _carried",
        f"    return {state}, [{', '.join(kept)}]",
        f"{state}, [{', '.join(lists)}] = _scan(_step, {state}, {ast.unparse(loop.iter)})",
    ]
    written = ast.parse("\n".join(text)).body
    step = next(statement for statement in written if isinstance(statement, ast.FunctionDef))
    step.body[1:1] = body
    return written


def _assigned(statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements assign."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _appended(statement: ast.stmt) -> str | None:
    """Return the name of the list that a statement appends to, if it does."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    is_append = (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "append"
    )
    return ast.unparse(call.func.value) if is_append else None  # type: ignore[union-attr]


def _kept(statement: ast.stmt, lists: list[str]) -> ast.stmt:
    """Return a statement that names what it would append to a list."""
    name = _appended(statement)
    if name is None:
        return statement
    value = ast.unparse(statement.value.args[0])  # type: ignore[attr-defined]
    return ast.parse(f"_kept{lists.index(name)} = {value}").body[0]


def _indexed_by(counter: str, statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names of which the element at the counter is read: rows, which may be lists of arrays."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    found = (node for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name))
    return {node.value.id for node in found if ast.unparse(node.slice) == counter}  # type: ignore[attr-defined]


# --- what they call -------------------------------------------------------------------------------------


def functions_for_jax() -> dict[str, Callable[..., Any]]:
    """Return what programs for JAX call besides array functions, by name."""
    return {"_scan": _scan, "_stacked": _stacked}


def _scan(step: Callable[..., Any], carried: list[Any], counts: Iterable[int]) -> tuple[list[Any], list[Any]]:
    """Return what is carried after all steps, and what was kept of each, stacked.

    Where JAX traces, the step is traced once; else it is run, since there is nothing to be kept of a trace.
    """
    jax = import_module("jax")
    jnp = jax.numpy
    if not isinstance(jnp.zeros(()), jax.core.Tracer):
        kept = []
        for t in counts:
            carried, of_step = step(carried, t)
            kept.append(of_step)
        return carried, [jnp.stack(each) for each in zip(*kept, strict=True)]
    steps = jnp.asarray(list(counts))
    after, _ = jax.eval_shape(step, carried, steps[0])
    # What is carried has its shape from the beginning: a number for an array of them will not do.
    carried = [
        jnp.broadcast_to(jnp.asarray(one, dtype=like.dtype), like.shape)
        for one, like in zip(carried, after, strict=True)
    ]
    result: tuple[list[Any], list[Any]] = jax.lax.scan(step, carried, steps)
    return result


def _stacked(rows: Any) -> Any:
    """Return a list of arrays as an array."""
    return import_module("jax").numpy.stack(rows) if isinstance(rows, list) else rows
