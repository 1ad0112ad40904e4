"""Broadcasts and anti-fraud tips."""
