"""A program as a module of its own: its text, how it is called, the functions that it takes along."""
