"""Which mistake a backpropagation makes: a catalogue of closed forms with one line changed, and a search."""

from .backward import Gradients, Problem
from .diagnose import Diagnosis, diagnose
from .shapes import told_of_error, told_of_result
from .suspect import Suspect

__all__ = ["Diagnosis", "Gradients", "Problem", "Suspect", "diagnose", "told_of_error", "told_of_result"]
