"""What a call is given: structures of arrays, taken apart and put together; and what is kept of calls."""
