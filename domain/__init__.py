"""Pure rules: no await, no clock, no randomness, no database and nothing of Telegram."""
