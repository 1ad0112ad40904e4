"""Alerts: composing, sending, board and phone lists."""
