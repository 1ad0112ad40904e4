"""Crash, power, network, clock and hostile input."""
