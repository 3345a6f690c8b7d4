"""The layout of equations: nothing is lost where they are broken, and no line is too wide."""

import re
import xml.etree.ElementTree as ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite.writing import MATHML
from autograd_lite.writing.equations import WIDTH, Equation, Remark, as_latex, as_mathml, as_text

factors = st.from_regex(r"[a-z]{1,30}", fullmatch=True)
members = st.lists(
    st.lists(st.lists(factors, min_size=1, max_size=6), min_size=1, max_size=6), min_size=1, max_size=4
)


def letters(text):
    return lambda dialect: f"<mi>{text}</mi>" if dialect is MATHML else text


def equation(left, members):
    return Equation(letters(left), [[[letters(f) for f in term] for term in member] for member in members])


def steps(members):
    """Return the members, without those that repeat the one before."""
    return [member for i, member in enumerate(members) if i == 0 or member != members[i - 1]]


@settings(deadline=None, max_examples=100, derandomize=True)
@given(factors, members)
def test_every_factor_is_written_in_its_place(left, members):
    whole = left + "".join(
        f" = {' + '.join(' · '.join(term) for term in member)}" for member in steps(members)
    )
    sections = [[equation(left, members)]]

    text = as_text(sections)
    assert " ".join(text.split()) == " ".join(whole.split())
    assert max(map(len, text.splitlines())) <= WIDTH

    rows = as_latex(sections).splitlines()[1:-1]
    latex = "".join(row.removesuffix(r"\\").replace("&", "") for row in rows).replace(r"\cdot", "·")
    assert " ".join(latex.split()) == " ".join(whole.split())

    mathml = "".join(ElementTree.fromstring(as_mathml(sections)).itertext())
    assert mathml == re.sub(" ", "", whole)


def test_short_equations_have_their_signs_in_columns():
    section = [equation("a", [[["b + c"]], [["d"]]]), Remark("and"), equation("efg", [[["h"]], [["i"]]])]
    assert as_text([section]).splitlines() == ["a   = b + c = d", "and", "efg = h     = i"]


def test_what_does_not_fit_is_broken_at_every_equals_sign():
    long, short = ["x" * 60], ["y"]
    assert as_text([[equation("a", [[long, short], [long]])]]).splitlines() == [
        f"a = {'x' * 60} + y",
        f"  = {'x' * 60}",
    ]


def test_sections_stand_apart():
    sections = [[equation("a", [[["b"]]])], [Remark("where"), equation("b", [[["c"]]])]]
    assert as_text(sections) == "a = b\n\nwhere\nb = c"
    assert r"\text{where}" in as_latex(sections)
    assert len(ElementTree.fromstring(as_mathml(sections)).findall(".//{*}mtr")) == 4
