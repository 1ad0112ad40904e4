"""The language shared by the world and the Bot API: JSON, refusals, formatted text."""
