"""A simulated town: production's wiring under faults, on one thread and without waiting.

It has people, a server that fails and a clock that jumps.
"""
