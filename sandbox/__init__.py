"""A strict Bot API server on loopback, with people in it. It imports nothing of Tongxin."""
