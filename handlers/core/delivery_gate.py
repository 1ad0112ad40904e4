"""Check before a message leaves that its receiver may be told of its subject.

Knows a message's subject and whom it was addressed to; the features' declarations decide (`gate` in storage/core/registry.py). Must not know
why a message exists. Invariants: a message that says nothing of its subject always passes, so that a card can be emptied; a stopped message
is counted, and goes to the next post where it escalates; nothing of its words is written down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.core.change import Event, Notice, Receiver
from domain.people.people import STATION_ROLES, VILLAGE_ROLES, Person, Role
from handlers.core.next_post import escalate_undelivered
from storage.core.gate import bound_groups
from storage.core.registry import everybody

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.core.outbox import Outgoing
    from storage.core.registry import Subject
    from storage.unit import Unit

#: The name of the fact that counts stopped messages.
COUNT = "gate.stopped"
#: The fault of a stopped message in the outbox, and its reason in the audit.
FAULT = "may not see"
_POSTS = VILLAGE_ROLES | STATION_ROLES
#: The subject of a message that had none and went to the next post.
_WITHOUT_SUBJECT = "outbox:"


async def find_barred(unit: Unit, rows: Iterable[Outgoing], *, at: datetime) -> frozenset[int]:
    """Return the ids of the messages whose receiver may not be told of their subject now.

    Takes three statements for up to fifty receivers, and none for messages without a subject.
    """
    asked = [row for row in rows if row.subject and not row.subject.startswith(_WITHOUT_SUBJECT)]
    if not asked:
        return frozenset()
    in_groups = [row for row in asked if row.address.chat_id < 0]
    private = [row for row in asked if row.address.chat_id >= 0]
    passed = {row.id for row in await _in_groups(unit, in_groups)} | {row.id for row in await _private(unit, private, at=at)}
    return frozenset(row.id for row in asked if row.id not in passed)


async def _in_groups(unit: Unit, rows: Sequence[Outgoing]) -> list[Outgoing]:
    """Return the messages that may go to a group: the bound one of the village they are for.

    A card that hangs there may be changed, also after the binding has ended.
    """
    open_to_groups = [row for row in rows if (found := unit.registry.find(row.subject)) is not None and found[0].groups]
    villages = await bound_groups(unit.transaction, [row.address for row in open_to_groups])
    return [
        row
        for row in open_to_groups
        if (row.card and not row.as_new_message)
        or (row.village_id is not None and villages.get((row.address.channel, row.address.chat_id)) == row.village_id)
    ]


async def _private(unit: Unit, rows: Sequence[Outgoing], *, at: datetime) -> list[Outgoing]:
    """Return the messages to persons that pass."""
    people = await unit.people.find_many([row.person_id for row in rows if row.person_id is not None], at=at)
    passed, asked = [], []
    for row in rows:
        person = None if row.person_id is None else people.get(row.person_id)
        found = unit.registry.find(row.subject)
        if person is None or found is None:
            continue
        if row.role == Role.ADMIN and found[0].sealed:
            if person.holds(Role.ADMIN) and not person.suspended:
                passed.append(row)  # reduced to the number, or written for administrators, when it was queued
        elif (told_as := _as_addressed(person, row.role, found[0])) is not None:
            asked.append((row, told_as))
    answers = await unit.may_be_told([(person, row.subject) for row, person in asked])
    return passed + [row for (row, _), may in zip(asked, answers, strict=True) if may]


def _as_addressed(person: Person, role: str, subject: Subject) -> Person | None:
    """Return a person with the posts that a message was addressed to; None when they hold none.

    A message that was not addressed to a post is addressed to the person with all their posts.
    """
    if role not in _POSTS or subject.gate is everybody:
        return person
    posts = tuple(post for post in person.posts if post.role == role)
    return replace(person, posts=posts) if posts else None


async def stop(unit: Unit, row: Outgoing, *, at: datetime) -> None:
    """Count a stopped message, empty the card that it would have changed, and escalate it.

    The message was ended in the same unit.
    """
    await unit.facts.put(COUNT, str(int(await unit.facts.find(COUNT) or 0) + 1))
    await unit.audit.record(Event(row.subject, "stopped_at_delivery", None, at, data={"outbox": row.id, "role": row.role, "key": row.key}))
    if row.card and row.address.chat_id > 0 and (await unit.outbox.look(row.id, owner="")).hanging is not None:
        to = Receiver(row.address, row.language, row.person_id)
        number = row.subject.partition(":")[2]
        empty = Notice(to, "record.gone", {"number": number}, card=row.card, tells_nothing=True)
        await unit.outbox.put(empty, unique_key=f"stopped:{row.id}", at=at)
    if row.escalates_if_undeliverable:
        await escalate_undelivered(unit, row, why=FAULT, at=at)
