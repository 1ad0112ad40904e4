"""The role matrix: every principal tries every command and button on every subject."""
