"""Dispute cases: model, moves, escalation policy, intake and notices."""

#: The modules that other features may import.
DOORS = (
    "actors",
    "case",
    "contact",
    "display",
    "escalation",
    "fairness",
    "intake",
    "move_table",
    "moves",
    "neighbours",
    "next_step",
    "notices",
    "questions",
    "rounds",
    "urgent",
    "visibility",
)
