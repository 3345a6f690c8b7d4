"""The first minute: one neuron, a network that learns, and every gradient of it four ways.

``results.py`` computes it, ``screen.py`` says it on a screenful, and ``page.py`` shows it on a page to look
at, with the charts of ``charts.py``. What is written where is left to the shell.
"""

from .page import network_page, tour_page
from .results import Comparison, Training, compare, example_neuron, prepare, sample_cost, train
from .screen import comparison_text, comparison_title, neuron_text, training_text, verdict

__all__ = [
    "Comparison",
    "Training",
    "compare",
    "comparison_text",
    "comparison_title",
    "example_neuron",
    "network_page",
    "neuron_text",
    "prepare",
    "sample_cost",
    "tour_page",
    "train",
    "training_text",
    "verdict",
]
