"""Arrays that are not NumPy's, and samples in parts: other libraries, JAX's ways, chunks and threads."""
