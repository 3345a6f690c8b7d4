"""Repetition in time: a program whose steps are alike becomes one step and a loop over them.

find.py finds the steps in a scalar program, extract.py takes one of them out as a program of its own,
assemble.py makes arrays of it, and rows.py tells what a loop is among the operations on arrays.
"""
