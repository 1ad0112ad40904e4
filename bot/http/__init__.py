"""What the process serves over HTTP: health and metrics."""
