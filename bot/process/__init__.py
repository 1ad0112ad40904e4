"""Start, supervise and stop one worker process."""
