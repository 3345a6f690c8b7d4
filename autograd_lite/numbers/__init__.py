"""What kinds of numbers there are, what floats make of an operation, and what is said where a rule fails."""
