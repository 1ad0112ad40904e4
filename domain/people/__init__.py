"""Roles, posts, permissions, invitations and rosters."""

#: The modules that other features may import.
DOORS = ("people", "phones", "powers", "returning")
