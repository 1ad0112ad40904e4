"""Dispute cases: model, moves, escalation policy, intake and notices."""
