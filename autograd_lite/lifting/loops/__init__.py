"""Array programs as fused loops for a compiler, Numba.

Operations become nests of loops in nests.py, which share loops by fusion.py; text.py writes them, and
compiling.py makes functions of the text.
"""
