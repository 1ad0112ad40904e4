"""What the town may rely on."""
