"""Words about danger: how urgent a message sounds and what it is about."""
