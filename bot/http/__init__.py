"""HTTP servers of the process: health, metrics and the listener for calls from outside."""
