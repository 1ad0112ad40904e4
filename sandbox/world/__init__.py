"""The simulated world: people, chats, messages, files, time, faults, updates."""
