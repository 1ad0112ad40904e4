"""Backup, export and transfer of a whole database."""
