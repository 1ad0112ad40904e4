"""A town of people, a server that fails and a clock that jumps, all on one thread and without waiting: production's wiring under faults."""
