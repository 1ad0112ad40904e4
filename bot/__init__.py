"""The bot process: settings, receiving, routing, timers, delivery, commands.

The top layer: imports all other layers; no layer imports it.
"""
