"""A function run on Values: what it reads out of them, and whether its program is the function elsewhere."""
