"""Send a broadcast: its recipients, portions and progress, and stopping it.

Knows recipients and the clock; must not know a message's text (`KINDS`). Invariant: the villages are cut down to those the sender may send
to now; a sent message is never sent twice to the same recipient.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, State, Verb, may_broadcast_to
from domain.core.change import Address, Button, ChatId, Event, Notice, Priority, Timer
from domain.core.immutable import immutable
from handlers.broadcasts import cards
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.core.change import Keyboard, PersonId, Receiver, VillageId
    from domain.people.people import Person, Village
    from handlers.core.context import HandlerContext
    from storage.engine.database import Row
    from storage.unit import Unit

CHUNK = 500
KEEP_TRYING = timedelta(days=7)
LOOK_EVERY = 3
LOOK_AT_LEAST_EVERY = 600


@immutable
class Kind:
    """A kind of broadcast.

    `wishing`: of the people, only those who want it; `buttons`: under each person's copy; `link`: payload of the link under a group's copy,
    which leads to the private chat.
    """

    wishing: bool
    buttons: Keyboard = ()
    link: str = ""


#: The payload of the link to "I met this".
MET_LINK = "met"
KINDS: dict[str, Kind] = {
    "tip": Kind(wishing=True, buttons=((Button("tip.button.met", "tip.met"), Button("tip.wish.stop", "tip.wish", ("0",))),), link=MET_LINK),
    "notice": Kind(wishing=False),
}


async def villages_of(ctx: HandlerContext, person: Person) -> list[Village]:
    """Return the villages that a person may send to now."""
    return await _villages_of(ctx.unit, person)


async def _villages_of(unit: Unit, person: Person) -> list[Village]:
    return [village for village in await unit.people.list_villages() if may_broadcast_to(person, village)]


async def count(ctx: HandlerContext, broadcast: Broadcast, targets: Sequence[VillageId]) -> cards.Count:
    """Count the recipients as of now, and name the villages without a group."""
    grouped = [village_id for village_id, _ in await ctx.unit.groups.of_villages(targets)] if targets else []
    people = 0
    if broadcast.audience is not Audience.GROUPS and targets:
        people = await ctx.unit.broadcasts.count_people(targets, wishing=KINDS[broadcast.kind].wishing)
    if broadcast.audience is Audience.PEOPLE:
        return cards.Count(0, people, frozenset())
    return cards.Count(len(grouped), people, frozenset(targets) - frozenset(grouped))


async def release(ctx: HandlerContext, broadcast: Broadcast, targets: Sequence[VillageId]) -> None:
    """Put the messages of a confirmed broadcast into the outbox and watch them.

    People follow in chunks, so that nobody waits for a long list.
    """
    if broadcast.audience is not Audience.PEOPLE:
        await ctx.notify(*(_message(ctx, broadcast, who) for _, who in await ctx.unit.groups.of_villages(targets)))
    after = await _put_people(ctx, broadcast, targets, after=0) if broadcast.audience is not Audience.GROUPS else None
    await look_again(ctx, broadcast, {"n": 0, "settled": 0, "wait": LOOK_EVERY, "after": after})


async def look(ctx: HandlerContext) -> None:
    """Send the next chunk, redraw the card, finish when all messages have an outcome (clock)."""
    assert ctx.timer is not None
    broadcast = await ctx.unit.broadcasts.find(int(ctx.timer.subject.partition(":")[2]))
    if broadcast is None or broadcast.state is not State.SENDING:
        return
    data = dict(ctx.timer.data)
    author = await ctx.unit.people.find(broadcast.author_id, at=ctx.at)
    mine = await villages_of(ctx, author) if author is not None else []
    if data["after"] is not None:
        targets = [village.id for village in mine if village.id in broadcast.villages]
        data["after"] = await _put_people(ctx, broadcast, targets, after=data["after"])
    now = rules.progress(await ctx.unit.outbox.count_batch(broadcast.batch), total=broadcast.total)
    if data["after"] is None and now.waiting == 0:
        done = await ctx.unit.broadcasts.record(rules.simple(broadcast, Verb.FINISH, None, at=ctx.at))
        await _show_author(ctx, done, mine)
        return
    moved = now.settled != data["settled"]
    if moved and broadcast.schedule_id is None:
        elapsed = ctx.at - from_us(data["at"])
        await _show_author(ctx, broadcast, mine, seconds=rules.seconds_left(now, settled_before=data["settled"], elapsed=elapsed))
    wait = LOOK_EVERY if moved or ctx.timer.data["after"] is not None else min(2 * data["wait"], LOOK_AT_LEAST_EVERY)
    await look_again(ctx, broadcast, data | {"settled": now.settled, "wait": wait})


async def look_again(ctx: HandlerContext, broadcast: Broadcast, data: dict[str, Any]) -> None:
    """Look at a broadcast again later.

    `data`: its progress so far, and the person id after which the next chunk begins (None: all were sent).
    """
    n = data["n"] + 1
    due = ctx.at if data["after"] is not None else max(ctx.at + timedelta(seconds=data["wait"]), ctx.town.quiet.wait_until(ctx.at))
    occurrence = f"{broadcast.card}:{to_us(ctx.at)}:{n}"
    await ctx.start_timers(Timer("broadcast", broadcast.card, due, occurrence, data | {"n": n, "at": to_us(ctx.at)}))


async def _put_people(ctx: HandlerContext, broadcast: Broadcast, targets: Sequence[VillageId], *, after: int) -> int | None:
    """Put the next chunk of people into the outbox; return the last person id, None at the end."""
    found = await ctx.unit.broadcasts.people_of(targets, wishing=KINDS[broadcast.kind].wishing, after=after, limit=CHUNK) if targets else []
    await ctx.notify(*(_message(ctx, broadcast, who) for _, who in found))
    return found[-1][0] if len(found) == CHUNK else None


def _message(ctx: HandlerContext, broadcast: Broadcast, who: Receiver) -> Notice:
    assert who.address is not None
    return Notice(
        who,
        broadcast.key,
        broadcast.params,
        KINDS[broadcast.kind].buttons if who.person_id is not None else _group_buttons(ctx, broadcast, who.address),
        Priority.BROADCAST,
        not_before=ctx.town.quiet.wait_until(ctx.at),
        expires_at=ctx.at + KEEP_TRYING,
        unique=f"{broadcast.batch}:{who.address.channel}:{who.address.chat_id}",
        subject=broadcast.card,
        batch=broadcast.batch,
        forwardable=True,
        media={"type": "photo", "file_id": broadcast.photo} if broadcast.photo else None,
    )


def _group_buttons(ctx: HandlerContext, broadcast: Broadcast, address: Address) -> Keyboard:
    """Return a group's button, which leads to the private chat."""
    payload = KINDS[broadcast.kind].link
    link = ctx.town.link(address.channel, payload) if payload else ""
    return ((Button("tip.button.met_in_private", url=link),),) if link else ()


async def still_wanted(ctx: HandlerContext, row: Row, *, wishing: bool) -> bool:
    """Return whether a failed recipient may be tried again.

    A group must still be the village's; a person must be reachable and, with `wishing`, want it.
    """
    if row["person_id"] is None:
        group = await ctx.unit.groups.find(Address(row["channel"], ChatId(row["chat_id"])))
        return group is not None and group.present and group.village_id == row["village_id"]
    person_id: PersonId = row["person_id"]
    reachable = (await ctx.unit.people.receiver(person_id)).address is not None
    return reachable and (not wishing or await ctx.unit.tips.wants(person_id))


async def stop_for(unit: Unit, author: Person, *, by: PersonId | None, at: datetime) -> None:
    """Stop an author's unsent messages to villages that are not theirs any more.

    A broadcast without any other village is stopped whole.
    """
    assert author.id is not None
    mine = {village.id for village in await _villages_of(unit, author)}
    for broadcast in await unit.broadcasts.list_on_their_way(author.id):
        lost = [village_id for village_id in broadcast.villages if village_id not in mine]
        if len(lost) == len(broadcast.villages):
            await unit.broadcasts.record(rules.simple(broadcast, Verb.STOP, by, at=at))
            await unit.timers.stop(broadcast.card, at=at)
            await unit.outbox.cancel_batch(broadcast.batch, at=at)
        elif lost:
            stopped = await unit.outbox.narrow_batch(broadcast.batch, without=lost, at=at)
            await unit.audit.record(Event(broadcast.card, "broadcast.narrowed", by, at, data={"villages": lost, "stopped": stopped}))


# The card ---------------------------------------------------------------------------------------------------------------


async def _show_author(ctx: HandlerContext, broadcast: Broadcast, mine: Sequence[Village], *, seconds: int = 0) -> None:
    author = await ctx.unit.people.receiver(broadcast.author_id)
    if author.address is not None:
        await draw(ctx, author, broadcast, mine, seconds=seconds)


async def draw(
    ctx: HandlerContext, to: Receiver, broadcast: Broadcast, mine: Sequence[Village], *, as_new_message: bool = False, seconds: int = 0
) -> None:
    """Draw the card as it is now: the preview of a draft, the progress of what was sent."""
    starts_at = ctx.town.quiet.departure(ctx.at).not_before
    chosen = [village for village in mine if village.id in broadcast.villages]
    if broadcast.state is State.DRAFT:
        counted = await count(ctx, broadcast, [village.id for village in chosen])
        await ctx.notify(cards.draft(to, broadcast, chosen, len(mine), counted, starts_at=starts_at, as_new_message=as_new_message))
        return
    now = rules.progress(await ctx.unit.outbox.count_batch(broadcast.batch), total=broadcast.total)
    failed = await ctx.unit.broadcasts.failures(broadcast.batch) if now.failed else []
    names = {village.id: village.name for village in await ctx.unit.people.list_villages(broadcast.villages)}
    seconds = seconds or rules.seconds_left(now, settled_before=now.settled, elapsed=timedelta(0))
    await ctx.notify(cards.progress(to, broadcast, now, failed, names, seconds=seconds, starts_at=starts_at, as_new_message=as_new_message))
