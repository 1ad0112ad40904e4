"""One message to many: composed on one card, previewed, confirmed, watched, repeated for the failed only.

Knows the steps every broadcast takes; must not know what one says (`KINDS`). Invariant: who presses is asked again at every press, and the
villages are cut down to those the sender may send to now; what has left is never sent twice to the same receiver.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, State, Verb, may_broadcast_to
from domain.core.change import Address, Button, ChatId, Event, NotFound, Notice, Priority, RuleError, Timer
from domain.core.immutable import immutable
from domain.core.numbers import parse_case_number
from handlers.broadcasts import cards
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from domain.core.change import Keyboard, PersonId, Receiver, VillageId
    from domain.people.people import Person, Village
    from handlers.core.context import Act
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


async def villages_of(act: Act, person: Person) -> list[Village]:
    """Return the villages a person may send to now."""
    return await _villages_of(act.unit, person)


async def _villages_of(unit: Unit, person: Person) -> list[Village]:
    return [village for village in await unit.people.list_villages() if may_broadcast_to(person, village)]


async def compose(act: Act, kind: str, key: str, params: dict[str, Any]) -> None:
    """Start a broadcast of `key` with `params` (`params["title"]`: its name for the sender) to all villages of the actor.

    Raises:
        RuleError: `broadcast.no_villages`.
    """
    mine = await villages_of(act, act.actor)
    if not mine or act.actor.id is None:
        raise RuleError("broadcast.no_villages")
    every = tuple(village.id for village in mine)
    draft = Broadcast(0, kind, mine[0].station_id, act.actor.id, key, params, Audience.GROUPS, every, State.DRAFT)
    await _show(act, await act.unit.broadcasts.add(draft, at=act.at), mine, fresh=True)


# Presses: while it is a draft -------------------------------------------------------------------------------------------


async def show(act: Act) -> None:
    """Redraw the card as it is now."""
    broadcast, mine = await _loaded(act)
    await _show(act, broadcast, mine)


async def open_sent(act: Act) -> None:
    """Show the card of something sent earlier, as a new message."""
    broadcast, mine = await _loaded(act)
    await _show(act, broadcast, mine, fresh=True)


async def choose_audience(act: Act) -> None:
    """To groups, to people, or both."""
    broadcast, mine = await _loaded(act)
    wanted = _value(act, 1)
    if wanted not in list(Audience):
        raise RuleError("refused.old_button")
    await _decide(act, broadcast, mine, lambda: rules.change(broadcast, act.actor.id, at=act.at, audience=Audience(wanted)))


async def pick(act: Act) -> None:
    """Open the list of villages at a page."""
    broadcast, mine = await _loaded(act)
    if broadcast.state is not State.DRAFT:
        act.toast(f"broadcast.is.{broadcast.state}", alert=True)
        await _show(act, broadcast, mine)
        return
    await act.tell(cards.picker(act.here, broadcast, mine, page=_number(act, 1)))


async def toggle(act: Act) -> None:
    """Take a village in or out; the third value is its id, `all` or `none`."""
    broadcast, mine = await _loaded(act)
    everything = [village.id for village in mine]
    chosen = _toggled(_value(act, 2), everything, [each for each in everything if each in broadcast.villages])
    changed = await _decide(
        act, broadcast, mine, lambda: rules.change(broadcast, act.actor.id, at=act.at, villages=tuple(chosen)), shown=False
    )
    if changed is not None:
        await act.tell(cards.picker(act.here, changed, mine, page=_number(act, 1)))


async def confirm(act: Act) -> None:
    """Let it go out to whoever the preview named."""
    broadcast, mine = await _loaded(act)
    targets = [village.id for village in mine if village.id in broadcast.villages]
    total = await count(act, broadcast, targets)
    version = _number(act, 1)
    sent = await _decide(
        act,
        broadcast,
        mine,
        lambda: rules.confirm(broadcast, act.actor.id, at=act.at, version=version, total=total.groups + total.people),
        shown=False,
    )
    if sent is not None:
        await release(act, sent, targets)
        await _show(act, sent, mine)


async def discard(act: Act) -> None:
    """Do not send it."""
    broadcast, mine = await _loaded(act)
    await _decide(act, broadcast, mine, lambda: rules.simple(broadcast, Verb.DISCARD, act.actor.id, at=act.at))


# Presses: once it is on its way -----------------------------------------------------------------------------------------


async def stop(act: Act) -> None:
    """Stop what has not left yet."""
    broadcast, mine = await _loaded(act)
    stopped = await _decide(act, broadcast, mine, lambda: rules.simple(broadcast, Verb.STOP, act.actor.id, at=act.at), shown=False)
    if stopped is not None:
        await act.unit.timers.stop(stopped.card, at=act.at)
        await act.unit.outbox.cancel_batch(stopped.batch, at=act.at)
        await _show(act, stopped, mine)


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


async def retry(act: Act) -> None:
    """Send again to those it did not reach, as far as they are still to be told: the others keep their reason."""
    broadcast, mine = await _loaded(act)
    allowed = {village.id for village in mine}
    failed = [row for row in await act.unit.broadcasts.failures(broadcast.batch) if row["state"] == "failed"]
    again = [row["id"] for row in failed if row["village_id"] in allowed and await _still_wanted(act, row)]
    if not again:
        act.toast("broadcast.nothing_to_retry", alert=True)
        await _show(act, broadcast, mine)
        return
    sending = await _decide(act, broadcast, mine, lambda: rules.simple(broadcast, Verb.RETRY, act.actor.id, at=act.at), shown=False)
    if sending is not None:
        await act.unit.outbox.retry_batch(sending.batch, at=act.town.quiet.wait_until(act.at), ids=again)
        await act.unit.timers.stop(sending.card, at=act.at)
        await _look_again(act, sending, {"n": 0, "settled": 0, "wait": LOOK_EVERY, "after": None})
        await _show(act, sending, mine)


async def receipts(act: Act) -> None:
    """Who received, village by village."""
    broadcast, mine = await _loaded(act)
    asked = [village for village in mine if village.id in broadcast.villages]
    rows = await act.unit.broadcasts.receipts(broadcast.batch)
    await act.tell(cards.receipts(act.here, broadcast, asked, rows, page=_number(act, 1)))


async def list_sent(act: Act) -> None:
    """What was sent lately: the actor's own, and that of a station he leads."""
    page = _number(act, 0)
    found = await act.unit.broadcasts.list_visible(act.actor, limit=cards.LISTED + 1, offset=page * cards.LISTED)
    await act.tell(cards.listing(act.here, found, page=page, cause=act.cause))


# Sending ----------------------------------------------------------------------------------------------------------------


async def count(act: Act, broadcast: Broadcast, targets: Sequence[VillageId]) -> cards.Count:
    """Count who would receive now, and name the villages that have no group."""
    grouped = [village_id for village_id, _ in await act.unit.groups.of_villages(targets)] if targets else []
    people = 0
    if broadcast.audience is not Audience.GROUPS and targets:
        people = await act.unit.broadcasts.count_people(targets, wishing=KINDS[broadcast.kind].wishing)
    if broadcast.audience is Audience.PEOPLE:
        return cards.Count(0, people, frozenset())
    return cards.Count(len(grouped), people, frozenset(targets) - frozenset(grouped))


async def release(act: Act, broadcast: Broadcast, targets: Sequence[VillageId]) -> None:
    """Put the messages of a confirmed broadcast into the outbox (people in chunks, so that nobody waits for a long list) and watch them."""
    if broadcast.audience is not Audience.PEOPLE:
        await act.tell(*(_message(act, broadcast, who) for _, who in await act.unit.groups.of_villages(targets)))
    after = await _put_people(act, broadcast, targets, after=0) if broadcast.audience is not Audience.GROUPS else None
    await _look_again(act, broadcast, {"n": 0, "settled": 0, "wait": LOOK_EVERY, "after": after})


async def look(act: Act) -> None:
    """The clock: put the next chunk out, redraw the card, and finish when every message has an outcome."""
    assert act.timer is not None
    broadcast = await act.unit.broadcasts.find(int(act.timer.subject.partition(":")[2]))
    if broadcast is None or broadcast.state is not State.SENDING:
        return
    data = dict(act.timer.data)
    author = await act.unit.people.find(broadcast.author_id, at=act.at)
    mine = await villages_of(act, author) if author is not None else []
    if data["after"] is not None:
        targets = [village.id for village in mine if village.id in broadcast.villages]
        data["after"] = await _put_people(act, broadcast, targets, after=data["after"])
    now = rules.progress(await act.unit.outbox.count_batch(broadcast.batch), total=broadcast.total)
    if data["after"] is None and now.waiting == 0:
        done = await act.unit.broadcasts.record(rules.simple(broadcast, Verb.FINISH, None, at=act.at))
        await _show_author(act, done, mine)
        return
    moved = now.settled != data["settled"]
    if moved and broadcast.schedule_id is None:
        elapsed = act.at - from_us(data["at"])
        await _show_author(act, broadcast, mine, seconds=rules.seconds_left(now, settled_before=data["settled"], elapsed=elapsed))
    wait = LOOK_EVERY if moved or act.timer.data["after"] is not None else min(2 * data["wait"], LOOK_AT_LEAST_EVERY)
    await _look_again(act, broadcast, data | {"settled": now.settled, "wait": wait})


async def _look_again(act: Act, broadcast: Broadcast, data: dict[str, Any]) -> None:
    n = data["n"] + 1
    due = act.at if data["after"] is not None else max(act.at + timedelta(seconds=data["wait"]), act.town.quiet.wait_until(act.at))
    occurrence = f"{broadcast.card}:{to_us(act.at)}:{n}"
    await act.start(Timer("broadcast", broadcast.card, due, occurrence, data | {"n": n, "at": to_us(act.at)}))


async def _put_people(act: Act, broadcast: Broadcast, targets: Sequence[VillageId], *, after: int) -> int | None:
    """Put the next chunk of people out; return the last person id, or None when that was the end."""
    found = await act.unit.broadcasts.people_of(targets, wishing=KINDS[broadcast.kind].wishing, after=after, limit=CHUNK) if targets else []
    await act.tell(*(_message(act, broadcast, who) for _, who in found))
    return found[-1][0] if len(found) == CHUNK else None


def _message(act: Act, broadcast: Broadcast, who: Receiver) -> Notice:
    assert who.address is not None
    return Notice(
        who,
        broadcast.key,
        broadcast.params,
        KINDS[broadcast.kind].buttons if who.person_id is not None else (),
        Priority.BROADCAST,
        not_before=act.town.quiet.wait_until(act.at),
        expires_at=act.at + KEEP_TRYING,
        unique=f"{broadcast.batch}:{who.address.channel}:{who.address.chat_id}",
        subject=broadcast.card,
        batch=broadcast.batch,
    )


async def _still_wanted(act: Act, row: Row) -> bool:
    """Tell whether a receiver that failed may be tried again: a group still the village's, a person who can be reached and wants it."""
    if row["person_id"] is None:
        group = await act.unit.groups.find(Address(row["channel"], ChatId(row["chat_id"])))
        return group is not None and group.present and group.village_id == row["village_id"]
    person_id: PersonId = row["person_id"]
    return (await act.unit.people.receiver(person_id)).address is not None and await act.unit.tips.wants(person_id)


# The card ---------------------------------------------------------------------------------------------------------------


async def _loaded(act: Act) -> tuple[Broadcast, list[Village]]:
    """Return the broadcast a button names and the villages the actor may send to.

    Raises:
        NotFound: there is none, it is not his, or none of its villages is his any more.
    """
    number = parse_case_number(_value(act, 0))
    if number is None:
        raise NotFound(_value(act, 0)[:12])
    broadcast = await act.unit.broadcasts.visible_to(act.actor, number)
    mine = await villages_of(act, act.actor)
    if not mine or (broadcast.villages and not {village.id for village in mine} & set(broadcast.villages)):
        raise NotFound(broadcast.id)
    return broadcast, mine


async def _decide(
    act: Act, broadcast: Broadcast, mine: Sequence[Village], decision: Callable[[], rules.Change], *, shown: bool = True
) -> Broadcast | None:
    """Record a decision and redraw; what a rule forbids is said over the chat, and the card redrawn as it is: then None."""
    try:
        decided = decision()
    except RuleError as rule:
        act.toast(rule.key, alert=True, **rule.params)
        await _show(act, broadcast, mine)
        return None
    changed = await act.unit.broadcasts.record(decided)
    if shown:
        await _show(act, changed, mine)
    return changed


async def _show(act: Act, broadcast: Broadcast, mine: Sequence[Village], *, fresh: bool = False) -> None:
    await _draw(act, act.here, broadcast, mine, fresh=fresh)


async def _show_author(act: Act, broadcast: Broadcast, mine: Sequence[Village], *, seconds: int = 0) -> None:
    author = await act.unit.people.receiver(broadcast.author_id)
    if author.address is not None:
        await _draw(act, author, broadcast, mine, seconds=seconds)


async def _draw(act: Act, to: Receiver, broadcast: Broadcast, mine: Sequence[Village], *, fresh: bool = False, seconds: int = 0) -> None:
    starts_at = act.town.quiet.departure(act.at).not_before
    chosen = [village for village in mine if village.id in broadcast.villages]
    if broadcast.state is State.DRAFT:
        counted = await count(act, broadcast, [village.id for village in chosen])
        await act.tell(cards.draft(to, broadcast, chosen, len(mine), counted, starts_at=starts_at, fresh=fresh))
        return
    now = rules.progress(await act.unit.outbox.count_batch(broadcast.batch), total=broadcast.total)
    failed = await act.unit.broadcasts.failures(broadcast.batch) if now.failed else []
    names = {village.id: village.name for village in await act.unit.people.list_villages(broadcast.villages)}
    seconds = seconds or rules.seconds_left(now, settled_before=now.settled, elapsed=timedelta(0))
    await act.tell(cards.progress(to, broadcast, now, failed, names, seconds=seconds, starts_at=starts_at, fresh=fresh))


def _toggled(value: str, everything: list[VillageId], chosen: list[VillageId]) -> list[VillageId]:
    if value in ("all", "none"):
        return everything if value == "all" else []
    number = parse_case_number(value)
    if number not in everything:
        raise RuleError("refused.old_button")
    return [each for each in everything if (each in chosen) != (each == number)]


def _value(act: Act, index: int) -> str:
    return act.incoming.values[index] if index < len(act.incoming.values) else ""


def _number(act: Act, index: int) -> int:
    """Return a small number from a button, 0 for anything else."""
    return parse_case_number(_value(act, index)) or 0
