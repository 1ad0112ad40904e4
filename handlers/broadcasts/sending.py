"""One message to many: composed on one card, previewed, confirmed, watched, repeated for the failed only.

Knows the steps every broadcast takes; must not know what one says (`KINDS`). Invariant: who presses is asked again at every press, and the
villages are cut down to those the sender may send to now; what has left is never sent twice to the same receiver.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, State, Verb
from domain.core.change import Address, Button, ChatId, Event, NotFound, Notice, Priority, RuleError, Timer
from domain.core.immutable import immutable
from domain.core.numbers import parse_case_number
from domain.people.people import may_broadcast_to
from handlers.broadcasts import cards
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
    """What kind of message: `wishing`: of the people, only those who want it; `buttons`: under each person's copy."""

    wishing: bool
    buttons: Keyboard = ()


KINDS: dict[str, Kind] = {"tip": Kind(wishing=True, buttons=((Button("tip.wish.stop", "tip.wish", ("0",)),),))}


async def villages_of(ctx: HandlerContext, person: Person) -> list[Village]:
    """Return the villages a person may send to now."""
    return await _villages_of(ctx.unit, person)


async def _villages_of(unit: Unit, person: Person) -> list[Village]:
    return [village for village in await unit.people.list_villages() if may_broadcast_to(person, village)]


async def compose(ctx: HandlerContext, kind: str, key: str, params: dict[str, Any]) -> None:
    """Start a broadcast of `key` with `params` (`params["title"]`: its name for the sender) to all villages of the actor.

    Raises:
        RuleError: `broadcast.no_villages`.
    """
    mine = await villages_of(ctx, ctx.actor)
    if not mine or ctx.actor.id is None:
        raise RuleError("broadcast.no_villages")
    every = tuple(village.id for village in mine)
    draft = Broadcast(0, kind, mine[0].station_id, ctx.actor.id, key, params, Audience.GROUPS, every, State.DRAFT)
    await _show(ctx, await ctx.unit.broadcasts.add(draft, at=ctx.at), mine, as_new_message=True)


# Presses: while it is a draft -------------------------------------------------------------------------------------------


async def show(ctx: HandlerContext) -> None:
    """Redraw the card as it is now."""
    broadcast, mine = await _loaded(ctx)
    await _show(ctx, broadcast, mine)


async def open_sent(ctx: HandlerContext) -> None:
    """Show the card of something sent earlier, as a new message."""
    broadcast, mine = await _loaded(ctx)
    await _show(ctx, broadcast, mine, as_new_message=True)


async def choose_audience(ctx: HandlerContext) -> None:
    """To groups, to people, or both."""
    broadcast, mine = await _loaded(ctx)
    wanted = _value(ctx, 1)
    if wanted not in list(Audience):
        raise RuleError("refused.old_button")
    await _decide(ctx, broadcast, mine, lambda: rules.change(broadcast, ctx.actor.id, at=ctx.at, audience=Audience(wanted)))


async def pick(ctx: HandlerContext) -> None:
    """Open the list of villages at a page."""
    broadcast, mine = await _loaded(ctx)
    if broadcast.state is not State.DRAFT:
        ctx.toast(f"broadcast.is.{broadcast.state}", alert=True)
        await _show(ctx, broadcast, mine)
        return
    await ctx.notify(cards.picker(ctx.origin, broadcast, mine, page=_number(ctx, 1)))


async def toggle(ctx: HandlerContext) -> None:
    """Take a village in or out; the third value is its id, `all` or `none`."""
    broadcast, mine = await _loaded(ctx)
    everything = [village.id for village in mine]
    chosen = _toggled(_value(ctx, 2), everything, [each for each in everything if each in broadcast.villages])
    changed = await _decide(
        ctx, broadcast, mine, lambda: rules.change(broadcast, ctx.actor.id, at=ctx.at, villages=tuple(chosen)), shown=False
    )
    if changed is not None:
        await ctx.notify(cards.picker(ctx.origin, changed, mine, page=_number(ctx, 1)))


async def confirm(ctx: HandlerContext) -> None:
    """Let it go out to whoever the preview named."""
    broadcast, mine = await _loaded(ctx)
    targets = [village.id for village in mine if village.id in broadcast.villages]
    total = await count(ctx, broadcast, targets)
    version = _number(ctx, 1)
    sent = await _decide(
        ctx,
        broadcast,
        mine,
        lambda: rules.confirm(broadcast, ctx.actor.id, at=ctx.at, version=version, total=total.groups + total.people),
        shown=False,
    )
    if sent is not None:
        await release(ctx, sent, targets)
        await _show(ctx, sent, mine)


async def discard(ctx: HandlerContext) -> None:
    """Do not send it."""
    broadcast, mine = await _loaded(ctx)
    await _decide(ctx, broadcast, mine, lambda: rules.simple(broadcast, Verb.DISCARD, ctx.actor.id, at=ctx.at))


# Presses: once it is on its way -----------------------------------------------------------------------------------------


async def stop(ctx: HandlerContext) -> None:
    """Stop what has not left yet."""
    broadcast, mine = await _loaded(ctx)
    stopped = await _decide(ctx, broadcast, mine, lambda: rules.simple(broadcast, Verb.STOP, ctx.actor.id, at=ctx.at), shown=False)
    if stopped is not None:
        await ctx.unit.timers.stop(stopped.card, at=ctx.at)
        await ctx.unit.outbox.cancel_batch(stopped.batch, at=ctx.at)
        await _show(ctx, stopped, mine)


async def stop_for(unit: Unit, author: Person, *, by: PersonId | None, at: datetime) -> None:
    """Stop what an author's broadcasts have not sent yet to villages that are not his any more; the whole of one that has no other."""
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


async def retry(ctx: HandlerContext) -> None:
    """Send again to those it did not reach, as far as they are still to be told: the others keep their reason."""
    broadcast, mine = await _loaded(ctx)
    allowed = {village.id for village in mine}
    failed = [row for row in await ctx.unit.broadcasts.failures(broadcast.batch) if row["state"] == "failed"]
    again = [row["id"] for row in failed if row["village_id"] in allowed and await _still_wanted(ctx, row)]
    if not again:
        ctx.toast("broadcast.nothing_to_retry", alert=True)
        await _show(ctx, broadcast, mine)
        return
    sending = await _decide(ctx, broadcast, mine, lambda: rules.simple(broadcast, Verb.RETRY, ctx.actor.id, at=ctx.at), shown=False)
    if sending is not None:
        await ctx.unit.outbox.retry_batch(sending.batch, at=ctx.town.quiet.wait_until(ctx.at), ids=again)
        await ctx.unit.timers.stop(sending.card, at=ctx.at)
        await _look_again(ctx, sending, {"n": 0, "settled": 0, "wait": LOOK_EVERY, "after": None})
        await _show(ctx, sending, mine)


async def receipts(ctx: HandlerContext) -> None:
    """Who received, village by village."""
    broadcast, mine = await _loaded(ctx)
    asked = [village for village in mine if village.id in broadcast.villages]
    rows = await ctx.unit.broadcasts.receipts(broadcast.batch)
    await ctx.notify(cards.receipts(ctx.origin, broadcast, asked, rows, page=_number(ctx, 1)))


async def list_sent(ctx: HandlerContext) -> None:
    """What was sent lately: the actor's own, and that of a station he leads."""
    page = _number(ctx, 0)
    found = await ctx.unit.broadcasts.list_visible(ctx.actor, limit=cards.LISTED + 1, offset=page * cards.LISTED)
    await ctx.notify(cards.listing(ctx.origin, found, page=page, cause=ctx.cause))


# Sending ----------------------------------------------------------------------------------------------------------------


async def count(ctx: HandlerContext, broadcast: Broadcast, targets: Sequence[VillageId]) -> cards.Count:
    """Count who would receive now, and name the villages that have no group."""
    grouped = [village_id for village_id, _ in await ctx.unit.groups.of_villages(targets)] if targets else []
    people = 0
    if broadcast.audience is not Audience.GROUPS and targets:
        people = await ctx.unit.broadcasts.count_people(targets, wishing=KINDS[broadcast.kind].wishing)
    if broadcast.audience is Audience.PEOPLE:
        return cards.Count(0, people, frozenset())
    return cards.Count(len(grouped), people, frozenset(targets) - frozenset(grouped))


async def release(ctx: HandlerContext, broadcast: Broadcast, targets: Sequence[VillageId]) -> None:
    """Put the messages of a confirmed broadcast into the outbox (people in chunks, so that nobody waits for a long list) and watch them."""
    if broadcast.audience is not Audience.PEOPLE:
        await ctx.notify(*(_message(ctx, broadcast, who) for _, who in await ctx.unit.groups.of_villages(targets)))
    after = await _put_people(ctx, broadcast, targets, after=0) if broadcast.audience is not Audience.GROUPS else None
    await _look_again(ctx, broadcast, {"n": 0, "settled": 0, "wait": LOOK_EVERY, "after": after})


async def look(ctx: HandlerContext) -> None:
    """The clock: put the next chunk out, redraw the card, and finish when every message has an outcome."""
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
    await _look_again(ctx, broadcast, data | {"settled": now.settled, "wait": wait})


async def _look_again(ctx: HandlerContext, broadcast: Broadcast, data: dict[str, Any]) -> None:
    n = data["n"] + 1
    due = ctx.at if data["after"] is not None else max(ctx.at + timedelta(seconds=data["wait"]), ctx.town.quiet.wait_until(ctx.at))
    occurrence = f"{broadcast.card}:{to_us(ctx.at)}:{n}"
    await ctx.start_timers(Timer("broadcast", broadcast.card, due, occurrence, data | {"n": n, "at": to_us(ctx.at)}))


async def _put_people(ctx: HandlerContext, broadcast: Broadcast, targets: Sequence[VillageId], *, after: int) -> int | None:
    """Put the next chunk of people out; return the last person id, or None when that was the end."""
    found = await ctx.unit.broadcasts.people_of(targets, wishing=KINDS[broadcast.kind].wishing, after=after, limit=CHUNK) if targets else []
    await ctx.notify(*(_message(ctx, broadcast, who) for _, who in found))
    return found[-1][0] if len(found) == CHUNK else None


def _message(ctx: HandlerContext, broadcast: Broadcast, who: Receiver) -> Notice:
    assert who.address is not None
    return Notice(
        who,
        broadcast.key,
        broadcast.params,
        KINDS[broadcast.kind].buttons if who.person_id is not None else (),
        Priority.BROADCAST,
        not_before=ctx.town.quiet.wait_until(ctx.at),
        expires_at=ctx.at + KEEP_TRYING,
        unique=f"{broadcast.batch}:{who.address.channel}:{who.address.chat_id}",
        subject=broadcast.card,
        batch=broadcast.batch,
        forwardable=True,
    )


async def _still_wanted(ctx: HandlerContext, row: Row) -> bool:
    """Tell whether a receiver that failed may be tried again: a group still the village's, a person who can be reached and wants it."""
    if row["person_id"] is None:
        group = await ctx.unit.groups.find(Address(row["channel"], ChatId(row["chat_id"])))
        return group is not None and group.present and group.village_id == row["village_id"]
    person_id: PersonId = row["person_id"]
    return (await ctx.unit.people.receiver(person_id)).address is not None and await ctx.unit.tips.wants(person_id)


# The card ---------------------------------------------------------------------------------------------------------------


async def _loaded(ctx: HandlerContext) -> tuple[Broadcast, list[Village]]:
    """Return the broadcast a button names and the villages the actor may send to.

    Raises:
        NotFound: there is none, it is not his, or none of its villages is his any more.
    """
    number = parse_case_number(_value(ctx, 0))
    broadcast = None if number is None else await ctx.unit.broadcasts.visible_to(ctx.actor, number)
    mine = await villages_of(ctx, ctx.actor)
    if broadcast is None or not mine or (broadcast.villages and not {village.id for village in mine} & set(broadcast.villages)):
        raise NotFound(_value(ctx, 0)[:12])
    return broadcast, mine


async def _decide(
    ctx: HandlerContext, broadcast: Broadcast, mine: Sequence[Village], decision: Callable[[], rules.Change], *, shown: bool = True
) -> Broadcast | None:
    """Record a decision and redraw; what a rule forbids is said over the chat, and the card redrawn as it is: then None."""
    try:
        decided = decision()
    except RuleError as rule:
        ctx.toast(rule.key, alert=True, **rule.params)
        await _show(ctx, broadcast, mine)
        return None
    changed = await ctx.unit.broadcasts.record(decided)
    if shown:
        await _show(ctx, changed, mine)
    return changed


async def _show(ctx: HandlerContext, broadcast: Broadcast, mine: Sequence[Village], *, as_new_message: bool = False) -> None:
    await _draw(ctx, ctx.origin, broadcast, mine, as_new_message=as_new_message)


async def _show_author(ctx: HandlerContext, broadcast: Broadcast, mine: Sequence[Village], *, seconds: int = 0) -> None:
    author = await ctx.unit.people.receiver(broadcast.author_id)
    if author.address is not None:
        await _draw(ctx, author, broadcast, mine, seconds=seconds)


async def _draw(
    ctx: HandlerContext, to: Receiver, broadcast: Broadcast, mine: Sequence[Village], *, as_new_message: bool = False, seconds: int = 0
) -> None:
    starts_at: datetime | None = ctx.town.quiet.wait_until(ctx.at)
    starts_at = starts_at if starts_at != ctx.at else None
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


def _toggled(value: str, everything: list[VillageId], chosen: list[VillageId]) -> list[VillageId]:
    if value in ("all", "none"):
        return everything if value == "all" else []
    number = parse_case_number(value)
    if number not in everything:
        raise RuleError("refused.old_button")
    return [each for each in everything if (each in chosen) != (each == number)]


def _value(ctx: HandlerContext, index: int) -> str:
    return ctx.incoming.values[index] if index < len(ctx.incoming.values) else ""


def _number(ctx: HandlerContext, index: int) -> int:
    """Return a small number from a button, 0 for anything else."""
    return parse_case_number(_value(ctx, index)) or 0
