"""Hostile input: what makes it, and what it is fed to."""
