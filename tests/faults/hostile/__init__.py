"""Hostile input: its generators, and the parts of production that receive it."""
