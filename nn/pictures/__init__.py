"""What one can see of a network: its picture, its decision boundary, its training as curves and as a film.

``network.py`` draws with Graphviz; the rest plots with Matplotlib, an optional extra that is imported when it
is needed: ``python -m pip install matplotlib pillow``.
"""

from .animation import Animation
from .boundary import plot_decision_boundary
from .curves import GradientLog, plot_gradients, plot_history
from .network import draw_network

__all__ = [
    "Animation",
    "GradientLog",
    "draw_network",
    "plot_decision_boundary",
    "plot_gradients",
    "plot_history",
]
