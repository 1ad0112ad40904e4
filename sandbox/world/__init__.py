"""The simulated world: people, chats, files, time and faults."""
