"""Which mistake a backpropagation makes: a catalogue of closed forms with one line changed, and a search."""

from nn.diagnosis.backward import Gradients, Problem
from nn.diagnosis.diagnose import Diagnosis, diagnose
from nn.diagnosis.shapes import told_of_error, told_of_result
from nn.diagnosis.suspect import Suspect

__all__ = ["Diagnosis", "Gradients", "Problem", "Suspect", "diagnose", "told_of_error", "told_of_result"]
