"""Tests that the sandbox follows Telegram's rules."""
