"""Handlers of all that a person or the clock may cause: one package or module per feature.

A handler takes a `HandlerContext` (actor, message, instant, open transaction), loads, lets the domain decide, and records. It awaits
nothing but its transaction. bot/telegram/incoming.py turns Telegram's objects into an `Incoming` before they get here.
"""
