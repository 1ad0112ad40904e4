"""The simulated world: people, chats, messages, files, time, faults, and the updates that leave for the bot."""
