"""Handle the end of a message that can never arrive.

Knows the other addresses of a person, and which chat is lost; handlers/core/next_post.py finds the next recipient. Invariants: a person with
another address is notified there before anybody else instead, and each address gets a message once; a chat to which nothing can be sent is
noted in the same unit, so that the next message does not go there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, Notice, PersonId, Priority, Receiver, VillageId
from domain.core.immutable import replace
from handlers.conversation.groups import lose
from handlers.core.next_post import escalate_undelivered, note_undelivered
from handlers.core.post_changes import note_unreachable
from storage.values import from_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.core.town import Town
    from storage.core.outgoing import Outgoing
    from storage.unit import Unit

#: Between a message's unique key and the other address that has it too.
AT = " @"
#: States of a message whose receiver has it, may have it or is about to.
HAS_IT = ("waiting", "sent", "unknown")


async def undeliverable(
    unit: Unit, row: Outgoing, *, why: str, permanent: bool, town: Town, at: datetime, taken_back: bool = False
) -> None:
    """Find another recipient for a row that ended undelivered, in the unit that ends it.

    Another address of the same person comes first, then the next post.

    `why`: delivery's short word for the fault ("blocked", "gone"); `permanent`: nothing can be sent to this chat any more; `taken_back`:
    the message was withdrawn.
    """
    if permanent:
        await _lose(unit, row, why=why, at=at)
    if taken_back or await _told_elsewhere(unit, row, why=why, town=town, at=at):
        return
    if row.escalates_if_undeliverable:
        night = town.quiet.wait_until(at) != at
        await escalate_undelivered(unit, replace(row, silent=row.silent and night), why=why, at=at)


async def _told_elsewhere(unit: Unit, row: Outgoing, *, why: str, town: Town, at: datetime) -> bool:
    """Send a person's message to their next reachable address.

    Tell whether any of their addresses has it, will get it or got it before.
    """
    if row.person_id is None or row.address.chat_id < 0:
        return False
    others = await _other_addresses(unit, (row.person_id,), row.address, town)
    if not others:
        return False
    keys = {_key_at(row, address): address for address in others}
    states = await unit.outbox.states_of((_origin(row), *keys, _key_at(row, row.address)))
    if any(state in HAS_IT for key, state in states.items() if key != row.unique_key):
        return True
    untried = next((key for key in keys if key not in states), None)
    if untried is None:
        return False
    await unit.outbox.put(_again(row, keys[untried]), unique_key=untried, at=at)
    await note_undelivered(unit, row, "other_address", {"why": why}, at=at)
    return True


async def copy_urgent(unit: Unit, rows: Sequence[Outgoing], *, town: Town, at: datetime) -> None:
    """Copy urgent messages to every ringing address of their recipient.

    May be repeated: each address gets a message once.
    """
    new = [row for row in rows if row.person_id is not None and AT not in row.unique_key and (row.as_new_message or not row.card)]
    if not new:
        return
    addresses = await unit.addresses.list_addresses({row.person_id for row in new if row.person_id is not None})
    for row in new:
        for address in addresses.get(row.person_id or PersonId(0), ()):
            if address.channel in town.waking and address.channel in town.bot_names and address != row.address:
                await unit.outbox.put(_again(row, address), unique_key=_key_at(row, address), at=at)


async def _other_addresses(unit: Unit, person_ids: Sequence[PersonId], but: Address, town: Town) -> list[Address]:
    """Return a person's other addresses on served channels.

    Ringing channels come first, then the addresses last used.
    """
    found = (await unit.addresses.list_addresses(person_ids)).get(person_ids[0], ())
    served = [address for address in found if address.channel in town.bot_names and address != Address(but.channel, but.chat_id)]
    return sorted(served, key=lambda address: address.channel not in town.waking)


def _origin(row: Outgoing) -> str:
    """Return the unique key of the message that a row is, or was copied from."""
    return row.unique_key.partition(AT)[0]


def _key_at(row: Outgoing, address: Address) -> str:
    return f"{_origin(row)}{AT}{address.channel}:{address.chat_id}"


def _again(row: Outgoing, address: Address) -> Notice:
    """Return the same message to another address of the same person.

    Its protection, silence and escalation stay as they were decided.
    """
    subject = row.subject or (f"outbox:{row.id}" if row.escalates_if_undeliverable or row.protect else "")
    return Notice(
        Receiver(address, row.language, row.person_id, row.role, None if row.village_id is None else VillageId(row.village_id)),
        row.key,
        row.params,
        row.buttons,
        Priority(row.priority),
        card=row.card,
        as_new_message=row.as_new_message,
        latest=row.as_new_message and bool(row.card),  # a copy of an older call that still waits there is out of date
        expires_at=None if row.expires_at is None else from_us(row.expires_at),
        stays=not row.escalates_if_undeliverable,
        forwardable=not row.protect,
        tells_nothing=not subject,
        silent=row.silent,
        media=row.media,
        subject=subject,
        batch=row.batch,
        ask=row.ask,
        excluded_ids=row.excluded_ids,
        gist=row.gist,
    )


async def _lose(unit: Unit, row: Outgoing, *, why: str, at: datetime) -> None:
    """Note that a chat is lost: a person cannot be reached there, a group's binding ends."""
    if row.address.chat_id > 0:
        await unit.addresses.mark_unreachable(row.address, why=why, at=at)
        await note_unreachable(unit, row.address, at=at)
    else:
        await lose(unit, row.address, at=at)
