"""Cases and their full-text search."""
