"""Dispute cases: model, moves, escalation policy, intake and notices."""

#: The modules that other features may import.
DOORS = (
    "actors",
    "case",
    "intake",
    "visibility",
)
