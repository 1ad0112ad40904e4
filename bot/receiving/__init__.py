"""Receive updates and store them in the inbox, by polling or webhook."""
