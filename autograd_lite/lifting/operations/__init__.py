"""The operations on arrays, one row each: what it is of which operands, its adjoint, its text, its price.

A row is called to add the operation to a program, or something simpler that gives the same. row.py tells what
a row is; then come, each on those before it, inputs.py, shapes.py, sections.py, products.py, elementwise.py,
sums.py, extremes.py, joining.py and gathering.py.
"""
