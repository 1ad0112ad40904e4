"""Check before a message leaves that its receiver may be told of its subject.

Knows a message's subject, the subjects that the lines of a list name (`texts.About`), and whom it was addressed to; the features'
declarations decide (`gate` in storage/core/registry.py). Must not know why a message exists. Invariants: a message that says nothing of its
subject always passes, so that a card can be emptied; a stopped message is counted, and goes to the next post where it escalates; a list loses
the lines that its receiver may not read, and is stopped without any line; nothing of its words is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Event, Notice, Receiver
from domain.core.immutable import replace
from domain.people.people import STATION_ROLES, VILLAGE_ROLES, Person, Role
from handlers.core.next_post import escalate_undelivered
from storage.core.gate import bound_groups
from storage.core.registry import everybody

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.core.outgoing import Outgoing
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
    """Return the ids of the messages whose receiver may not be told of all that they are about.

    These are their subject, and the subjects that lines of their list name. Takes three statements for up to fifty receivers, and none
    for messages without a subject.
    """
    asked = [row for row in rows if asks(row)]
    if not asked:
        return frozenset()
    whole = [row for row in asked if _has_subject(row)]
    lines = [_about(row, subject) for row in asked for subject in _named(row)]
    passed = await _passed(unit, whole, at=at) | await _passed(unit, lines, at=at)
    return frozenset(row.id for row in (*whole, *lines) if (row.id, row.subject) not in passed)


async def without_barred_lines(unit: Unit, row: Outgoing, *, at: datetime) -> Outgoing | None:
    """Return a barred list without the lines and buttons that its receiver may not read.

    None when nothing of it may be read: then it is stopped.
    """
    named = _named(row)
    if not named or (_has_subject(row) and not await _passed(unit, [row], at=at)):
        return None
    passed = await _passed(unit, [_about(row, subject) for subject in named], at=at)
    barred = {subject for subject in named if (row.id, subject) not in passed}
    params = {name: _left(value, barred) for name, value in row.params.items()}
    if not _lines(params):
        return None
    left = replace(row, params=params)
    if isinstance(params.get("count"), int):
        params["count"] -= len(named) - len(_named(left))
    numbers = {subject.partition(":")[2] for subject in barred}
    keyboard = tuple(tuple(each for each in line if not each.args or str(each.args[0]) not in numbers) for line in row.buttons)
    return replace(left, buttons=tuple(filter(None, keyboard)))


def asks(row: Outgoing) -> bool:
    """Tell whether a message is about something that its receiver may have lost sight of."""
    return _has_subject(row) or bool(_named(row))


def _has_subject(row: Outgoing) -> bool:
    return bool(row.subject) and not row.subject.startswith(_WITHOUT_SUBJECT)


def _about(row: Outgoing, subject: str) -> Outgoing:
    """Return a message about one line of its list, to the person with all their posts."""
    return replace(row, subject=subject, role="", card="")


def _lines(params: dict[str, Any]) -> list[dict[str, Any]]:
    lists = [value["lines"] for value in params.values() if isinstance(value, dict) and "lines" in value]
    return [line for each in lists for line in each if isinstance(line, dict)]


def _subjects(line: dict[str, Any]) -> list[str]:
    return list(line.get("about", ()))


def _named(row: Outgoing) -> list[str]:
    """Return the subjects that the lists of a message name, each once."""
    return list(dict.fromkeys(subject for line in _lines(row.params) for subject in _subjects(line)))


def _left(value: Any, barred: set[str]) -> Any:
    if not isinstance(value, dict) or "lines" not in value:
        return value
    return {"lines": [line for line in value["lines"] if not isinstance(line, dict) or barred.isdisjoint(_subjects(line))]}


async def _passed(unit: Unit, rows: Sequence[Outgoing], *, at: datetime) -> set[tuple[int, str]]:
    """Return the id and subject of each message that passes."""
    in_groups = [row for row in rows if row.address.chat_id < 0]
    private = [row for row in rows if row.address.chat_id >= 0]
    return {(row.id, row.subject) for row in (*await _in_groups(unit, in_groups), *await _private(unit, private, at=at))}


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


async def who_may_know(unit: Unit, subject: str, receivers: Sequence[Receiver], *, at: datetime) -> tuple[Receiver, ...]:
    """Return those who may be told of a thing.

    Everybody may be told of a thing that no feature declares as a subject.
    """
    if unit.registry.find(subject) is None:
        return tuple(receivers)
    people = await unit.people.find_many([who.person_id for who in receivers if who.person_id is not None], at=at)
    known = [(who, people[who.person_id]) for who in receivers if who.person_id in people]
    told = await unit.may_be_told([(person, subject) for _, person in known])
    return tuple(who for (who, _), may in zip(known, told, strict=True) if may)


async def stop(unit: Unit, row: Outgoing, *, at: datetime) -> None:
    """Count a stopped message, empty the card that it would have changed, and escalate it.

    The message was ended in the same unit.
    """
    await unit.facts.put(COUNT, str(int(await unit.facts.find(COUNT) or 0) + 1))
    about = row.subject or f"{_WITHOUT_SUBJECT}{row.id}"
    await unit.audit.record(Event(about, "stopped_at_delivery", None, at, data={"outbox": row.id, "role": row.role, "key": row.key}))
    if row.card and row.address.chat_id > 0 and (await unit.outbox.look(row.id, owner="")).hanging is not None:
        to = Receiver(row.address, row.language, row.person_id)
        number = row.subject.partition(":")[2]
        empty = Notice(to, "record.gone", {"number": number}, card=row.card, tells_nothing=True)
        await unit.outbox.put(empty, unique_key=f"stopped:{row.id}", at=at)
    if row.escalates_if_undeliverable:
        await escalate_undelivered(unit, row, why=FAULT, at=at)
