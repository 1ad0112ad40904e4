"""The Bot API client: calls, updates and signed buttons."""
