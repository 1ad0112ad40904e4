"""One file a system, through the real application and the sandbox, reading like a play."""
