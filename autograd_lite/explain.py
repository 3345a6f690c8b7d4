"""Explain: the chain rule for one variable, path by path or by the recursion of the derivations.

What a gradient is made of is read off the recorded graph; how formulas are written is left to
:mod:`autograd_lite.writing`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import islice
from operator import add
from typing import Any, Literal, NamedTuple, TypeAlias

from autograd_lite.derivatives import grad
from autograd_lite.graph import topological_order
from autograd_lite.numbers.failures import no_root
from autograd_lite.numbers.kinds import Number, shown
from autograd_lite.ops import RULES
from autograd_lite.paths import Path, Paths, between
from autograd_lite.value import CONSTANT, Value
from autograd_lite.writing import (
    LATEX,
    LONG,
    MATHML,
    PLAIN,
    Dialect,
    Equation,
    Expression,
    Product,
    Remark,
    Section,
    Symbol,
    Written,
    as_latex,
    as_mathml,
    as_text,
    elided,
    name,
    number,
    partial_rule,
    symbol,
    symbols,
)

__all__ = ["Derivation", "Path", "explain"]

Form: TypeAlias = Literal["paths", "recursion"]

_FEW_PATHS = 4  # are spelled out one by one, unless the recursion is asked for
_MOST_PATHS = 10_000
_MOST_FACTORS = 8
_MOST_LEVELS = 24
_MOST_LINES = 12  # of a derivation at a prompt
_LARGEST_FOLDED = 20  # names, numbers and operations in a formula that is still read at a glance
_LONGEST_RULE = 90  # columns


class _Use(NamedTuple):
    """One place where a vertex, the source, uses another: the edges there, the product of their partials."""

    source: Value
    target: Value
    edges: tuple[tuple[Value, int], ...]
    partial: Number


class Derivation:
    """The chain rule for one variable; :func:`explain` makes it. Print it, or let a notebook show it.

    Its vertices are the nodes between the variable and the root. Where interior nodes have labels, as those
    of a network, the short formulas without a label between them are folded into one derivative each: the
    squared error is C's, so that ∂C/∂a = 2(a − y) is one factor.

    Attributes
    ----------
    root, wrt : Value
    value : number
        The gradient ∂root/∂wrt, by the recorded partials: what ``root.backward()`` adds to ``wrt.grad``.
    """

    def __init__(self, root: Value, wrt: Value) -> None:
        self.root = root
        self.wrt = wrt
        order = topological_order(root)
        self._names = _names(root, wrt)
        inside = between({node: node.parents for node in order}, wrt)
        self._adjoints = dict(zip(inside, grad(root, inside), strict=True))
        self.value: Number = self._adjoints.get(wrt, 0)
        self._folded = _folded(order, root, wrt)
        # The vertices, each after those that it is made of, with their uses of others on the way to wrt.
        on_the_way = set(inside)
        self._uses = {v: self._uses_of(v, on_the_way) for v in inside if v not in self._folded}
        self._paths = Paths(self._uses, root, wrt)

    def _uses_of(self, vertex: Value, on_the_way: set[Value]) -> list[_Use]:
        uses: list[_Use] = []

        def follow(node: Value, edges: tuple[tuple[Value, int], ...], product: Number) -> None:
            for i, (parent, partial) in enumerate(zip(node.parents, node.partials, strict=True)):
                if parent not in on_the_way:
                    continue
                way = (*edges, (node, i))
                along = partial if product is None else partial * product
                if parent in self._folded:
                    follow(parent, way, along)
                else:
                    uses.append(_Use(vertex, parent, way, along))

        if vertex is not self.wrt:
            follow(vertex, (), None)
        return uses

    @property
    def number_of_paths(self) -> int:
        """How many paths lead from the root back to the variable, each edge of the graph counted.

        A node that uses another in two places, as x · x does, has two edges to it.
        """
        return self._paths.number

    @property
    def paths(self) -> list[Path]:
        """Every path with its factors; their products add up to the gradient.

        Raises
        ------
        ValueError
            If there are more than 10,000.
        """
        if self.number_of_paths > _MOST_PATHS:
            raise ValueError(
                f"there are {_in_words(_count(self.number_of_paths))} paths, too many to list; "
                'text(form="recursion") sums them node by node'
            )
        return list(self._paths)

    # --- writing ----------------------------------------------------------------------------------------

    def text(self, form: Form | None = None) -> str:
        """Return the derivation as text, at most 100 columns wide where its formulas allow that.

        Parameters
        ----------
        form : {"paths", "recursion"}, optional
            A product for each path, summed; or an equation for each node on the way, from the root back to
            the variable, with a term for each node that uses it (A9, E5). By default paths, while they are
            few. Both are shortened where they are long.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If there is no such form.
        """
        sentence, sections = self._written(form)
        return f"{_in_words(sentence)}\n\n{as_text(sections)}"

    def markdown(self, form: Form | None = None) -> str:
        """Return the derivation as Markdown, its mathematics in LaTeX between dollar signs.

        Parameters and errors are those of :meth:`text`.
        """
        sentence, sections = self._written(form)
        words = "".join(part if isinstance(part, str) else f"${part(LATEX)}$" for part in sentence)
        return f"{words}\n\n$$\n{as_latex(sections)}\n$$\n"

    def latex(self, form: Form | None = None) -> str:
        r"""Return the equations in LaTeX: an ``aligned`` block for use within ``$$`` or ``\[ \]``.

        Parameters and errors are those of :meth:`text`.
        """
        return as_latex(self._written(form)[1])

    def mathml(self, form: Form | None = None) -> str:
        """Return the equations in MathML: a ``math`` element.

        Parameters and errors are those of :meth:`text`.
        """
        return as_mathml(self._written(form)[1])

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        lines = self.text().splitlines()
        if len(lines) <= _MOST_LINES:
            return "\n".join(lines)
        hidden = len(lines) - _MOST_LINES
        return "\n".join([*lines[:_MOST_LINES], f"… {hidden} more lines, which print shows"])

    def _repr_html_(self) -> str:
        from autograd_lite.markup import escape, trusted_or_not

        sentence, sections = self._written(None)
        words = "".join(
            escape(part) if isinstance(part, str) else f"<math>{part(MATHML)}</math>" for part in sentence
        )
        return trusted_or_not(f"<p>{words}</p>{as_mathml(sections)}", self.text())

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _written(self, form: Form | None) -> tuple[list[str | Written], list[Section]]:
        """Return a sentence, in words and formulas, and the equations."""
        if form not in ("paths", "recursion", None):
            raise ValueError(f'the form is "paths" or "recursion", not {form!r}')
        root, wrt = self._symbol(self.root), self._symbol(self.wrt)
        trivial: list[Section] = [[Equation(self._adjoint(self.wrt), [[[number(self.value).write]]])]]
        if not self._uses:
            swapped = "; it is the other way round" * (self.root in topological_order(self.wrt))
            return [root, " does not depend on ", wrt, f"{swapped}."], trivial
        if self.root is self.wrt:
            return [root, " is what the derivative is taken of."], trivial
        many = self.number_of_paths
        lead = [
            *_count(many),
            " path leads" if many == 1 else " paths lead",
            " from ",
            root,
            " back to ",
            wrt,
        ]
        if form == "recursion" or (form is None and many > _FEW_PATHS):
            return [*lead, ". Node by node, a term for each node that uses it:"], [self._by_recursion()]
        return [*lead, ":" if many == 1 else ", a product each:"], self._by_paths()

    def _by_paths(self) -> list[Section]:
        if self.number_of_paths <= LONG:
            shown = list(self._paths.walk())
        else:
            shown = [*islice(self._paths.walk(), LONG // 2), next(self._paths.walk(backwards=True))]
        hidden = self.number_of_paths - len(shown)
        if hidden == 0 and len(shown) == 1 and len(shown[0]) == 1:
            return [[self._definition(self._adjoint(self.wrt), shown[0])]]
        by_symbols = [_product(path, self._local) for path in shown]
        by_numbers = [_product(path, lambda use: _factor(use.partial)) for path in shown]
        if hidden:
            by_symbols.insert(-1, [_gap(hidden)])
            by_numbers.insert(-1, [_dots])
        members: list[list[Product]] = [by_symbols, by_numbers, [[number(self.value).write]]]
        used = dict.fromkeys(
            use for path in shown for part in elided(path, _MOST_FACTORS)[::2] for use in part
        )
        rules = [self._definition(self._local(use), [use]) for use in used]
        where = (
            "where, with the uses of one node by another numbered" if any(map(self._mark, used)) else "where"
        )
        return [[Equation(self._adjoint(self.wrt), members)], [Remark(where), *rules]]

    def _by_recursion(self) -> Section:
        users: defaultdict[Value, dict[Value, list[_Use]]] = defaultdict(dict)
        # By their greatest distance from the root, so that what an equation needs stands above it.
        distance = {self.root: 0}
        for vertex in reversed(self._uses):
            for use in self._uses[vertex]:
                users[use.target].setdefault(vertex, []).append(use)
                distance[use.target] = max(distance.get(use.target, 0), distance[vertex] + 1)
        levels: list[list[Value]] = [[] for _ in range(distance[self.wrt])]
        for vertex in self._uses:
            if vertex is not self.root:
                levels[distance[vertex] - 1].append(vertex)
        lines: list[Equation | Remark] = []
        half = _MOST_LEVELS // 2
        hidden = levels[half:-half] if len(levels) > _MOST_LEVELS else []
        for level in levels[:half] + [[]] * bool(hidden) + levels[max(half, len(levels) - half) :]:
            first, others, last = elided(sorted(level, key=self._rank))
            lines += [self._recurrence(vertex, users[vertex]) for vertex in first]
            if others or not level:
                left_out = others or sum(map(len, hidden))
                lines.append(Remark(f"⋮ {left_out:,} more {'like these' if others else 'on the way'}"))
            lines += [self._recurrence(vertex, users[vertex]) for vertex in last]
        return lines

    def _rank(self, vertex: Value) -> tuple[Any, ...]:
        """Return a key by which samples and neurons count upwards, and the root comes last."""
        letter, layer, indices, sample = self._names[vertex]
        return vertex is self.root, letter, layer, sample, [(len(i), i) for i in indices]

    def _recurrence(self, vertex: Value, users: dict[Value, list[_Use]]) -> Equation:
        """Write ∂C/∂vertex = Σ ∂C/∂user · ∂user/∂vertex (A9)."""
        if list(users) == [self.root]:
            return self._definition(self._adjoint(vertex), users[self.root])
        first, hidden, last = elided(sorted(users, key=self._rank))
        terms = [self._terms(user, users[user]) for user in first]
        if hidden:
            terms += [([_gap(hidden)], [_dots], [_dots]), self._terms(last[0], users[last[0]])]
        by_symbols, by_rules, by_numbers = zip(*terms, strict=True)
        total = [[number(self._adjoints[vertex]).write]]
        return Equation(self._adjoint(vertex), [by_symbols, by_rules, by_numbers, total])

    def _terms(self, user: Value, uses: Sequence[_Use]) -> tuple[Product, Product, Product]:
        """Write what flows back through one user: in symbols, with the rule, in numbers."""
        rule = self._rule(uses)
        partial = _sum(uses)
        if user is self.root:
            direct = [rule.write if rule is not None else _factor(partial)]
            return direct, direct, [_factor(partial)]
        adjoint, local = self._adjoint(user), self._partial(user, uses[0].target)
        return (
            [adjoint, local],
            [adjoint, _within_product(rule) if rule is not None else local],
            [_factor(self._adjoints[user]), _factor(partial)],
        )

    def _definition(self, left: Written, uses: Sequence[_Use]) -> Equation:
        """Write a local derivative: its rule, and its number."""
        rule = self._rule(uses)
        members = [[[rule.write]]] if rule is not None else []
        return Equation(left, [*members, [[number(_sum(uses)).write]]])

    def _rule(self, uses: Sequence[_Use]) -> Expression | None:
        """Return the formula of a local derivative, or None where it is too long to read."""
        if len(uses) > LONG:
            return None
        products = []
        for use in uses:
            product = number(1)
            for node, i in use.edges:
                operands = [self._formula(parent) for parent in node.parents]
                result = self._formula(node)
                product = product * partial_rule(node.op, i, result, operands)
            products.append(product)
        total = reduce(add, products)
        return total if len(total.write()) <= _LONGEST_RULE else None

    def _formula(self, node: Value) -> Expression:
        if node in self._folded:
            return Expression(node.op, tuple(map(self._formula, node.parents)))
        return name(self._names[node]) if node in self._names else number(node.data)

    def _symbol(self, node: Value) -> Written:
        return lambda dialect: dialect.symbol(self._names[node])

    def _partial(self, of: Value, by: Value, use: int = 0) -> Written:
        of_symbol, by_symbol = self._names[of], self._names[by]
        return lambda dialect: dialect.partial(dialect.symbol(of_symbol), dialect.symbol(by_symbol), use)

    def _adjoint(self, node: Value) -> Written:
        return self._partial(self.root, node)

    def _local(self, use: _Use) -> Written:
        return self._partial(use.source, use.target, self._mark(use))

    def _mark(self, use: _Use) -> int:
        """Return a number for a use where the fraction alone could mean something else, or 0."""
        same = [other for other in self._uses[use.source] if other.target is use.target]
        looks_total = use.source is self.root and use.target is self.wrt and self.number_of_paths > 1
        return same.index(use) + 1 if len(same) > 1 or looks_total else 0


def explain(root: Any, wrt: Any = None, **choice: Any) -> Derivation:
    """Spell out the chain rule for one variable: symbols first, then numbers, then the result.

    Parameters
    ----------
    root : Value, or a network
        Of which the derivative is taken: the cost.
    wrt : Value
        With respect to which: a leaf or an interior node.
    **choice
        For a network, what its method ``explain`` takes, such as
        ``layer=1, weight=(0, 1), x=[1.0, 2.0], y=[0.5]``.

    Returns
    -------
    Derivation
        Its ``value`` is the gradient; no ``.grad`` is read or written.

    Raises
    ------
    TypeError
        If root is neither a Value nor has a method ``explain``, or wrt is not a Value.
    ValueError
        If the graph has a cycle.

    Examples
    --------
    >>> w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    >>> z = w * x + b
    >>> z.label = "z"
    >>> print(explain(z.tanh(), w))
    1 path leads from C back to w:
    <BLANKLINE>
    ∂C/∂w = ∂C/∂z · ∂z/∂w = 0.7864 · 2 = 1.573
    <BLANKLINE>
    where
    ∂C/∂z = 1 − C² = 0.7864
    ∂z/∂w = x      = 2
    """
    if not isinstance(root, Value):
        if hasattr(root, "explain"):
            given = () if wrt is None else (wrt,)
            derivation: Derivation = root.explain(*given, **choice)
            return derivation
        raise no_root("explain", "a Value, the root of a graph, or a network", root)
    if choice:
        raise TypeError(
            f"{', '.join(choice)}: for a network only; a Value is explained by explain(root, wrt)"
        )
    if isinstance(wrt, str):
        raise TypeError(
            f"explain takes the derivative with respect to a Value of the graph, not to its label {wrt!r}: "
            "explain(cost, w) after w = Value(1.0, 'w'), or explain(cost, mlp.weights(1)[0][1]) of a network"
        )
    if wrt is None:
        raise TypeError("say which variable to explain the derivative by, a Value: explain(cost, weight)")
    if not isinstance(wrt, Value):
        raise TypeError(
            f"explain takes the derivative with respect to a Value of the graph, not {shown(wrt)}: "
            "explain(cost, weight) where both are Values"
        )
    return Derivation(root, wrt)


# --- vertices -------------------------------------------------------------------------------------------


def _folded(order: Sequence[Value], root: Value, wrt: Value) -> set[Value]:
    """Return the nodes that are no vertices of their own: part of one short formula, and without a label."""
    if not any(node.label and node.parents and node is not root for node in order):
        return set()
    frequency = Counter(parent for node in order for parent in node.parents)
    size: dict[Value, int] = {}
    folded = set()
    for node in order:
        size[node] = 1
        if node.parents and not node.label and frequency[node] == 1 and node is not wrt:
            sizes = [size[parent] for parent in node.parents]
            # Of a long sum or product only its beginning is shown.
            total = 1 + (max(sizes) if RULES[node.op].variadic else sum(sizes))
            if total <= _LARGEST_FOLDED:
                size[node] = total
                folded.add(node)
    return folded


def _names(root: Value, wrt: Value) -> dict[Value, Symbol]:
    names = symbols(root)
    if wrt not in names:
        # A constant, or no node of this graph.
        unnamed = "c" if wrt.op == CONSTANT else "v" if wrt.parents else "x"
        own = symbol(wrt.label) if wrt.label else Symbol(unnamed)
        while own in names.values():
            own = own._replace(letter=f"{own.letter}′")
        names[wrt] = own
    return names


def _sum(uses: Sequence[_Use]) -> Number:
    return reduce(add, (use.partial for use in uses))


# --- parts of formulas ----------------------------------------------------------------------------------


def _product(path: Sequence[_Use], write: Callable[[_Use], Written]) -> Product:
    first, hidden, last = elided(path, _MOST_FACTORS)
    return [*map(write, first), *([_gap(hidden)] if hidden else []), *map(write, last)]


def _within_product(formula: Expression) -> Written:
    return lambda dialect: formula.write(dialect, within=2)


def _factor(x: Number) -> Written:
    return _within_product(number(x))


def _dots(dialect: Dialect) -> str:
    return dialect.dots


def _gap(hidden: int) -> Written:
    def write(dialect: Dialect) -> str:
        parts = [" ", *_count(hidden), " more "]
        inner = "".join(dialect.words(part) if isinstance(part, str) else part(dialect) for part in parts)
        return f"{dialect.dots}{inner}{dialect.dots}"

    return write


def _count(paths: int) -> list[str | Written]:
    return [f"{paths:,}"] if paths < 10**6 else ["about ", number(paths).write]


def _in_words(sentence: Sequence[str | Written]) -> str:
    return "".join(part if isinstance(part, str) else part(PLAIN) for part in sentence)
