"""Decide the messages after a sent card: the old one, a picture that did not fit.

Knows what a message leaves when its card moves on; must not know the network or the database. Invariant: each message that follows has a key made of the
card's message, so that it is queued once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Leaves, Notice, Priority, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.core.cards import Replaced
    from storage.core.outgoing import Outgoing


def following(row: Outgoing, replaced: Replaced | None, *, beside: bool) -> Iterator[Notice]:
    """Return the messages that follow a card: they make no sound and go to nobody else."""
    number = row.subject.partition(":")[2] if row.subject.startswith("case:") else ""
    if replaced is not None and replaced.leaves is not Leaves.ALL:
        nobody = Receiver(row.address, row.language)  # an old message is of no use at another address
        media = {"type": "retire", "message_id": replaced.message_id, "leaves": str(replaced.leaves), "picture": replaced.picture}
        key = "delivery.moved.number" if number else "delivery.moved"
        yield Notice(nobody, key, {"number": number}, priority=Priority.REMINDER, silent=True, media=media)
    if beside:
        to = Receiver(row.address, row.language, row.person_id)
        yield Notice(to, "delivery.picture", priority=Priority.REMINDER, silent=True, media=row.media, subject=row.subject)
