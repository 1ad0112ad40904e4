"""The bot in a group: which village's it is, and near silence.

Knows binding and when to answer; must not say anything about a person, a case or a list in a group. Invariant: a group is bound only by
somebody who speaks for the village (and for the village it was bound to before); what is said in a group is never repeated there; besides
binding, the bot answers at most once a minute, and then only that the place to talk is the private chat.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases.intake import is_emergency
from domain.core.change import Button, ChatId, Event, Notice, Priority
from domain.core.numbers import clean_name
from domain.people.people import Role, may_speak_for
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import Address, Keyboard
    from domain.people.people import Village
    from handlers.core.context import Act
    from storage.people.groups import Group
    from storage.unit import Unit

PAUSE = timedelta(minutes=1)


async def change_membership(act: Act) -> None:
    """The bot was let in or put out: of a group, or of a private chat (blocked)."""
    address = act.incoming.address
    if act.incoming.private:
        if act.incoming.member == "out":
            await act.unit.people.mark_unreachable(address, why="blocked", at=act.at)
        return
    if act.incoming.member == "out":
        await lose(act.unit, address, at=act.at)
        return
    known = await act.unit.groups.find(address)
    await act.unit.groups.see(address, act.incoming.chat_title)
    if known is None or not known.present:
        await act.record(Event(_subject(address), "group.joined", act.actor.id, act.at))
        await act.reply("group.hello")


async def lose(unit: Unit, address: Address, *, at: datetime) -> None:
    """Note that the bot is out of a group; tell who speaks for its village that nothing reaches it any more."""
    group = await unit.groups.find(address)
    await unit.groups.leave(address, at=at)
    if group is None or group.village_id is None or not group.present:
        return
    await unit.audit.record(Event(_subject(address), "group.left", None, at, data={"village_id": group.village_id}))
    posts = await unit.people.posts_of(group.village_id, at=at)
    for who in posts.of(Role.CHAIR, Role.OFFICER):
        if who.address is not None:
            notice = Notice(who, "group.lost.to_handler", {"village": posts.village.name}, priority=Priority.REMINDER)
            await unit.outbox.put(notice, unique_key=f"{_subject(address)}:lost:{to_us(at)}:{who.person_id}", at=at)


async def follow_move(act: Act) -> None:
    """A group became a supergroup: its binding and what waits for it go along."""
    await act.unit.groups.move(act.incoming.address.channel, act.incoming.address.chat_id, ChatId(act.incoming.moved_to))


async def bind(act: Act) -> None:
    """`/bind 村名`: make this group, or this topic of it, the village's."""
    name = clean_name(act.args)
    if not name or act.incoming.anonymous:
        await _answer(act, "group.bind.anonymous" if act.incoming.anonymous else "group.bind.usage")
        return
    village = await _own_village(act, name)
    if village is None:
        await _refuse(act, "group.bind.not_yours", name)
        return
    group = await act.unit.groups.find(act.incoming.address)
    if group is not None and not await _may_let_go(act, group, village):
        await _refuse(act, "group.bind.elsewhere", name)
        return
    assert act.actor.id is not None
    await act.unit.groups.see(act.incoming.address, act.incoming.chat_title)
    await act.unit.groups.bind(act.incoming.address, village.id, by=act.actor.id, at=act.at)
    await act.record(Event(_subject(act.incoming.address), "group.bound", act.actor.id, act.at, data={"village_id": village.id}))
    await act.reply("group.bound_topic" if act.incoming.address.thread_id else "group.bound", village=village.name)


async def unbind(act: Act) -> None:
    """`/unbind`: this group is nobody's again."""
    group = await act.unit.groups.find(act.incoming.address)
    if group is None or group.village_id is None:
        await _answer(act, "group.unbind.none")
        return
    village = await act.unit.people.village(group.village_id)
    if act.actor.id is None or not may_speak_for(act.actor, village):
        await _refuse(act, "group.unbind.not_yours", "")
        return
    await act.unit.groups.unbind(act.incoming.address)
    await act.record(Event(_subject(act.incoming.address), "group.unbound", act.actor.id, act.at, data={"village_id": village.id}))
    await act.reply("group.unbound")


async def hear(act: Act) -> None:
    """A group's talk: nothing, unless the bot itself is spoken to."""
    if act.incoming.to_me or _mentioned(act):
        await redirect(act)


async def redirect(act: Act) -> None:
    """Move somebody who speaks to the bot in a group to the private chat; the emergency numbers first, if that is what it is about."""
    if act.incoming.command == "sos" or is_emergency(act.incoming.text):
        await _answer(act, "group.emergency", ":urgent")
        return
    told = await _continue_in_private(act)
    await _answer(act, "group.told_in_private" if told else "group.come_to_private")


async def _continue_in_private(act: Act) -> bool:
    """Say hello in the private chat of a person who has one; tell whether there is one."""
    if act.actor.id is None or act.actor.suspended or act.incoming.anonymous:
        return False
    who = await act.unit.people.receiver(act.actor.id)
    if who.address is None:
        return False
    minute = to_us(act.at) // 60_000_000
    await act.tell(Notice(who, "group.continue.to_person", unique=f"group.continue:{act.actor.id}:{minute}"))
    return True


async def _answer(act: Act, key: str, lane: str = "") -> None:
    """Say one neutral sentence in the group, unless one was said there less than a minute ago."""
    if await _once_a_minute(act, lane):
        await act.reply(key, buttons=_to_private(act))


async def _refuse(act: Act, key: str, name: str) -> None:
    """Say no, and take it down; like the answer at most once a minute, so that nobody fills the audit by asking."""
    if await _once_a_minute(act, ":refused"):
        await act.record(Event(_subject(act.incoming.address), "group.refused", act.actor.id, act.at, words=name))
    await _answer(act, key)


async def _once_a_minute(act: Act, lane: str) -> bool:
    """Tell whether nothing of this kind happened in this group less than a minute ago."""
    where = f"{_subject(act.incoming.address)}{lane}"
    return await act.unit.facts.take_lease(where, act.cause, at=act.at, until=act.at + PAUSE) is not None


def _to_private(act: Act) -> Keyboard:
    link = act.town.link(act.incoming.address.channel)
    return ((Button("group.to_private", url=link),),) if link else ()


def _mentioned(act: Act) -> bool:
    name = act.town.bot_names.get(act.incoming.address.channel, "")
    return bool(name) and re.search(rf"@{re.escape(name)}(?![0-9A-Za-z_])", act.incoming.text, re.IGNORECASE) is not None


async def _own_village(act: Act, name: str) -> Village | None:
    """Return the village of this name that the actor speaks for; another's, an unknown and an ambiguous one are all None."""
    if act.actor.id is None:
        return None
    mine = [village for village in await act.unit.people.list_villages() if may_speak_for(act.actor, village)]
    exact = [village for village in mine if village.name == name] or [village for village in mine if village.name == f"{name}村"]
    return exact[0] if len(exact) == 1 else None


async def _may_let_go(act: Act, group: Group, village: Village) -> bool:
    """Tell whether the actor may take the group from the village it is bound to now, if that is another."""
    if group.village_id in (None, village.id):
        return True
    assert group.village_id is not None
    return may_speak_for(act.actor, await act.unit.people.village(group.village_id))


def _subject(address: Address) -> str:
    return f"group:{address.channel}:{address.chat_id}"
