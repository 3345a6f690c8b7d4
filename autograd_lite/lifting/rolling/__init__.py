"""Repetition in time: a program whose steps are alike becomes one step and a loop over them.

find.py finds the steps in a scalar program: ways.py says where to look, chains.py pairs the nodes of steps,
core.py takes what depends on itself, end.py completes the last steps. extract.py makes a program of one of
them, assemble.py arrays of that, and rows.py tells what a loop is among the operations on arrays, parts.py
what its results are. Of the loop that runs backward adjoint.py makes the step, and factors.py puts before it
what known.py knows of all steps. text.py writes loops on arrays, floats.py loops on floats.
"""
