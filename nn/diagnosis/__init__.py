"""Which mistake a backpropagation makes: a catalogue of mistakes, each a closed form with one line changed."""

from nn.diagnosis.backward import Gradients, Problem
from nn.diagnosis.diagnose import Diagnosis, Suspect, diagnose

__all__ = ["Diagnosis", "Gradients", "Problem", "Suspect", "diagnose"]
