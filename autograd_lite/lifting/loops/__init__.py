"""Programs for a compiler, Numba: fused loops, and instructions where there are no loops to be found.

Loops over steps become axes in steps.py, operations on arrays nests of loops in nests.py, which share loops
by fusion.py; body.py writes them, and text.py a module of them. tape.py has the instructions, and
compiling.py makes functions of both.
"""
