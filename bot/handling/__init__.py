"""Process stored updates: identify the actor, route, run the handler, commit."""
