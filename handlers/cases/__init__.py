"""Dispute cases: reports, moves, cards, lists, escalation."""
