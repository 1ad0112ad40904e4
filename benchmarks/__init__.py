"""Benchmarks that compare bots in one run: `make bench`. They print and never assert."""
