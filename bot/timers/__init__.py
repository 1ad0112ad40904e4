"""The clock and everything that it starts."""
