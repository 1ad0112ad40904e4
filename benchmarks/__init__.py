"""How fast, compared in one run: `make bench`. Prints; never asserts."""
