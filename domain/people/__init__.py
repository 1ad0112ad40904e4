"""Roles, posts, permissions, invitations and rosters."""
