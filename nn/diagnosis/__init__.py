"""Which mistake a backpropagation makes: a catalogue of mistakes, each a closed form with one line changed."""

from nn.diagnosis.backward import Gradients, Problem
from nn.diagnosis.diagnose import Diagnosis, Suspect, diagnose
from nn.diagnosis.shapes import told_of_error, told_of_result

__all__ = ["Diagnosis", "Gradients", "Problem", "Suspect", "diagnose", "told_of_error", "told_of_result"]
