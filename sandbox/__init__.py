"""A strict Bot API server on loopback with simulated users. It imports nothing of Tongxin."""
