"""All sentences of Tongxin, per language.

`render()` is the only function that makes a sentence from a key. It knows the catalogs (`texts/<language>/<feature>.po`, one file per
feature; `msgid` is the key, `msgstr` the sentence in Telegram's HTML with `{placeholders}`) and how to show plain values to people.
It must not know who reads or why. Invariant: every parameter is escaped; only the catalogs contain tags.
"""

from texts.catalog import LANGUAGES, keys, placeholders
from texts.render import About, At, Joined, Lines, Text, UnknownKey, plain, render

__all__ = ["LANGUAGES", "About", "At", "Joined", "Lines", "Text", "UnknownKey", "keys", "placeholders", "plain", "render"]
