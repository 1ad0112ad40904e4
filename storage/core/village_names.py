"""SQL for the name of a village as it is shown.

It has its station beside it where another village has the same name.
Invariant: every query that reads a village's name for a text uses it; `villages.beside` is kept right by storage/people/villages.py.
"""

from __future__ import annotations

#: `v` is the village.
SHOWN_NAME = "v.name || v.beside"
