"""Kernels of published suites and functions from elsewhere, each with what a person writes in NumPy."""
