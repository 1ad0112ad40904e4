"""The sandbox keeps Telegram's rules."""
