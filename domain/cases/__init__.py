"""Dispute cases: model, moves, escalation policy, intake and notices."""

#: The modules that other features may import.
DOORS = (
    "case",
    "intake",
)
