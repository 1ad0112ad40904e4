"""What a person or the clock may cause: one module a feature, short functions.

A handler takes a `HandlerContext` (who, what, when, and an open transaction), loads, lets the domain decide, and records. It awaits nothing but
its transaction. Telegram's objects are turned into an `Incoming` in bot/telegram/incoming.py before they get here.
"""
