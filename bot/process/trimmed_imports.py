"""Large libraries, imported without what they would bring along and nobody here uses.

Knows which libraries look whether another one is there: python-telegram-bot for Passport (cryptography), the HTTP client that it imports for a
command line of its own, and structlog for coloured tracebacks (rich, Pygments). Each of them says that it works without. Invariant: only those
libraries are told that the others are absent; whoever imports them for himself finds them.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

UNUSED = ("cryptography", "pygments", "rich")


def import_libraries() -> None:
    """Import them before anybody else does; 11 of 90 MB of the idle process."""
    with _absent(*UNUSED):
        import structlog  # noqa: F401
        import telegram.ext  # noqa: F401


@contextlib.contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Let these packages not be found, unless they are imported already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: documented as "halt the import of this name"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
