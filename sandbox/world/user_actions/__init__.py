"""User actions: each changes the world as Telegram would and causes the bot's updates."""
