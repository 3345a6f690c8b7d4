"""Programs for machines: the rules of the rule book as straight-line programs, and these as JavaScript."""

from autograd_lite.printing.javascript import arithmetic_script, rule_key, rules_script, scalar_script
from autograd_lite.printing.programs import COMPARISONS, Program, Term, program

__all__ = [
    "COMPARISONS",
    "Program",
    "Term",
    "arithmetic_script",
    "program",
    "rule_key",
    "rules_script",
    "scalar_script",
]
