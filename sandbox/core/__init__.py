"""What the world and the Bot API both speak: JSON, refusals, formatted text."""
