"""The bot in a group: which village it belongs to, and almost no messages.

Knows binding and when to answer; must not say anything about a person, a case or a list in a group. Invariant: a group is bound only by
somebody who speaks for the village (and for the village it was bound to before); messages in a group are never repeated there; besides
binding, the bot answers at most once per minute, and then only that the place to talk is the private chat.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.core.change import Button, ChatId, Event, Notice, Priority
from domain.core.immutable import replace
from domain.core.numbers import clean_name
from domain.emergencies.heard import Level
from domain.people.people import Role, may_speak_for
from domain.sentences import is_polite
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import Address, Keyboard
    from domain.emergencies.heard import Heard
    from domain.people.people import Village
    from handlers.core.context import HandlerContext
    from storage.people.groups import Group
    from storage.unit import Unit

PAUSE = timedelta(minutes=1)
#: The payload of the link by which the private chat opens with the call for help.
SOS_LINK = "sos"


async def change_membership(ctx: HandlerContext) -> None:
    """Record that the bot was added to or removed from a group or private chat (blocked)."""
    address = ctx.incoming.address
    if ctx.incoming.private:
        if ctx.incoming.member == "out":
            await ctx.unit.addresses.mark_unreachable(address, why="blocked", at=ctx.at)
        return
    if ctx.incoming.member == "out":
        await lose(ctx.unit, address, at=ctx.at)
        return
    known = await ctx.unit.groups.find(address)
    await ctx.unit.groups.see(address, ctx.incoming.chat_title)
    if known is None or not known.present:
        await ctx.audit(Event(_subject(address), "group.joined", ctx.actor.id, ctx.at))
        await ctx.reply("group.hello")


async def lose(unit: Unit, address: Address, *, at: datetime) -> None:
    """Record that the bot is out of a group, and notify the speakers of its village.

    Nothing reaches the group any more.
    """
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


async def lose_topic(unit: Unit, address: Address, *, at: datetime) -> None:
    """Bind a village to the whole group when its topic is gone or closed; tell its speakers."""
    group = await unit.groups.find(address)
    await unit.groups.leave_topic(address)
    if group is None or group.village_id is None or group.address.thread_id != address.thread_id:
        return
    await unit.audit.record(Event(_subject(address), "group.topic_lost", None, at, data={"village_id": group.village_id}))
    posts = await unit.people.posts_of(group.village_id, at=at)
    for who in posts.of(Role.CHAIR, Role.OFFICER):
        if who.address is not None:
            notice = Notice(who, "group.topic_lost.to_handler", {"village": posts.village.name}, priority=Priority.REMINDER)
            await unit.outbox.put(notice, unique_key=f"{_subject(address)}:topic:{to_us(at)}:{who.person_id}", at=at)


async def follow_move(ctx: HandlerContext) -> None:
    """Move the binding and the waiting messages of a group that became a supergroup."""
    await ctx.unit.groups.move(ctx.incoming.address.channel, ctx.incoming.address.chat_id, ChatId(ctx.incoming.moved_to))


async def bind(ctx: HandlerContext) -> None:
    """`/bind 村名`: bind this group, or this topic of it, to the village."""
    name = clean_name(ctx.args)
    if not name or ctx.incoming.anonymous:
        await _answer(ctx, "group.bind.anonymous" if ctx.incoming.anonymous else "group.bind.usage")
        return
    village = await _own_village(ctx, name)
    if village is None:
        await _refuse(ctx, "group.bind.not_yours", name)
        return
    group = await ctx.unit.groups.find(ctx.incoming.address)
    if group is not None and not await _may_let_go(ctx, group, village):
        await _refuse(ctx, "group.bind.elsewhere", name)
        return
    assert ctx.actor.id is not None
    await ctx.unit.groups.see(ctx.incoming.address, ctx.incoming.chat_title)
    await ctx.unit.groups.bind(ctx.incoming.address, village.id, by=ctx.actor.id, at=ctx.at)
    await ctx.audit(Event(_subject(ctx.incoming.address), "group.bound", ctx.actor.id, ctx.at, data={"village_id": village.id}))
    await ctx.reply("group.bound_topic" if ctx.incoming.address.thread_id else "group.bound", village=village.name)


async def unbind(ctx: HandlerContext) -> None:
    """`/unbind`: end the binding of this group."""
    group = await ctx.unit.groups.find(ctx.incoming.address)
    if group is None or group.village_id is None:
        await _answer(ctx, "group.unbind.none")
        return
    village = await ctx.unit.people.village(group.village_id)
    if ctx.actor.id is None or not may_speak_for(ctx.actor, village):
        await _refuse(ctx, "group.unbind.not_yours", "")
        return
    await ctx.unit.groups.unbind(ctx.incoming.address)
    await ctx.audit(Event(_subject(ctx.incoming.address), "group.unbound", ctx.actor.id, ctx.at, data={"village_id": village.id}))
    await ctx.reply("group.unbound")


async def hears(ctx: HandlerContext, heard: Heard) -> bool:
    """Answer a call for help in a group with the numbers; return whether it was one.

    Words that address nobody must be clear, and one's own. Nobody is named, nothing is repeated.
    """
    said = ctx.incoming
    addressed = said.to_me or _mentioned(ctx) or bool(said.command)
    if not addressed and (heard.level is not Level.URGENT or said.forwarded):
        return False
    await answer_cry(ctx)
    return True


async def answer_cry(ctx: HandlerContext) -> None:
    """Show the numbers in a group, at most once per minute."""
    if await _once_a_minute(ctx, ":urgent"):
        await ctx.reply("group.emergency", buttons=_to_private(ctx, SOS_LINK))


async def hear(ctx: HandlerContext) -> None:
    """Ignore a group's talk, unless it addresses the bot.

    收到 under an alert, thanks and other answers to an announcement do not address it.
    """
    said = ctx.incoming
    if _mentioned(ctx) or (said.to_me and not (is_polite(said.text) or await _is_announced(ctx))):
        await redirect(ctx)


async def _is_announced(ctx: HandlerContext) -> bool:
    """Tell whether a message answers an alert or a broadcast in this group."""
    shown = await ctx.unit.chats.find(replace(ctx.incoming.address, thread_id=0), ctx.incoming.reply_to)
    return shown is not None and bool(shown.subject)


async def redirect(ctx: HandlerContext) -> None:
    """Redirect a person who addresses the bot in a group to the private chat.

    In an emergency the numbers to dial come first.
    """
    if ctx.incoming.command == "sos":
        await answer_cry(ctx)
        return
    told = await _continue_in_private(ctx)
    await _answer(ctx, "group.told_in_private" if told else "group.come_to_private")


async def _continue_in_private(ctx: HandlerContext) -> bool:
    """Greet a person in their private chat; return whether they have one."""
    if ctx.actor.id is None or ctx.actor.suspended or ctx.incoming.anonymous:
        return False
    who = await ctx.unit.people.receiver(ctx.actor.id)
    if who.address is None:
        return False
    minute = to_us(ctx.at) // 60_000_000
    await ctx.notify(Notice(who, "group.continue.to_person", unique=f"group.continue:{ctx.actor.id}:{minute}"))
    return True


async def _answer(ctx: HandlerContext, key: str) -> None:
    """Send one neutral sentence to the group, at most once per minute."""
    if await _once_a_minute(ctx, ""):
        await ctx.reply(key, buttons=_to_private(ctx))


async def _refuse(ctx: HandlerContext, key: str, name: str) -> None:
    """Refuse in the group and audit the refusal, at most once per minute.

    So nobody fills the audit by asking.
    """
    if await _once_a_minute(ctx, ":refused"):
        await ctx.audit(Event(_subject(ctx.incoming.address), "group.refused", ctx.actor.id, ctx.at, words=name))
    await _answer(ctx, key)


async def _once_a_minute(ctx: HandlerContext, lane: str) -> bool:
    """Return whether nothing of this kind happened in this group less than a minute ago."""
    where = f"{_subject(ctx.incoming.address)}{lane}"
    return await ctx.unit.facts.take_lease(where, ctx.cause, at=ctx.at, until=ctx.at + PAUSE) is not None


def _to_private(ctx: HandlerContext, payload: str = "") -> Keyboard:
    link = ctx.town.link(ctx.incoming.address.channel, payload)
    return ((Button("group.to_private", url=link),),) if link else ()


def _mentioned(ctx: HandlerContext) -> bool:
    name = ctx.town.bot_names.get(ctx.incoming.address.channel, "")
    return bool(name) and re.search(rf"@{re.escape(name)}(?![0-9A-Za-z_])", ctx.incoming.text, re.IGNORECASE) is not None


async def _own_village(ctx: HandlerContext, name: str) -> Village | None:
    """Return the village of this name that the actor speaks for.

    Another's, an unknown and an ambiguous one are all None.
    """
    if ctx.actor.id is None:
        return None
    mine = [village for village in await ctx.unit.people.list_villages() if may_speak_for(ctx.actor, village)]
    called = [village for village in mine if village.is_called(name)]
    return called[0] if len(called) == 1 else None


async def _may_let_go(ctx: HandlerContext, group: Group, village: Village) -> bool:
    """Return whether the actor may take the group from the village it is bound to now.

    True when it is not bound to another village. A group of a station's police is let go by its desk or leaders.
    """
    if group.station_id is not None and group.station_id not in ctx.actor.stations(Role.DUTY, Role.LEADER):
        return False
    if group.village_id in (None, village.id):
        return True
    assert group.village_id is not None
    return may_speak_for(ctx.actor, await ctx.unit.people.village(group.village_id))


def _subject(address: Address) -> str:
    return f"group:{address.channel}:{address.chat_id}"
