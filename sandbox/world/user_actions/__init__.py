"""What people do: each deed changes the world as Telegram would and causes the bot's updates."""
