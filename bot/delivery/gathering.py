"""Write the list of urgent messages that wait for one chat.

Knows their gists; bot/delivery/send_queue.py decides when a list leaves. Invariant: one row per account, accounts known for a day first; a row
names numbers, a village, a kind and an age, and no words of people.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Notice, Priority, Receiver
from storage.values import from_us
from texts import About, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.core.outgoing import Outgoing

#: Numbers shown of one account.
NUMBERS = 5


def list_of(rows: Sequence[Outgoing], *, at: datetime) -> Notice:
    """Return the list as a message to the chat of these messages, which all have a gist."""
    first = rows[0]
    by_account: dict[int, list[Outgoing]] = {}
    for row in rows:
        assert row.gist is not None
        by_account.setdefault(row.gist.account, []).append(row)
    lines = Lines(_line(each, at=at) for each in by_account.values())
    silent = all(row.silent for row in rows)
    return Notice(
        Receiver(first.address, first.language, first.person_id),
        "delivery.gathered",
        {"count": len({row.gist.number for row in rows if row.gist}), "lines": lines},
        priority=Priority(min(row.priority for row in rows)),
        silent=silent,
    )


def _line(rows: Sequence[Outgoing], *, at: datetime) -> dict[str, Any]:
    gists = [row.gist for row in rows if row.gist is not None]
    numbers = list(dict.fromkeys(gist.number for gist in gists))
    more = len(numbers) - NUMBERS
    line = Text(
        "delivery.gathered.line",
        numbers=Joined(numbers[:NUMBERS]),
        more=Text("delivery.gathered.more", count=more) if more > 0 else "",
        new="" if gists[0].known else Text("delivery.gathered.new"),
        village=gists[0].village,
        kind=Text(gists[0].kind),
        minutes=max(0, (at - from_us(rows[0].created_at)) // timedelta(minutes=1)),
    )
    return About(line, *dict.fromkeys(row.subject for row in rows if row.subject))
