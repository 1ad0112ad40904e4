"""Words about danger: how urgent a message sounds and what it is about."""

#: The modules that other features may import.
DOORS = ("heard", "hearing")
