"""Training sessions: planning, cards, the day itself."""
