"""Send an alert: find its recipients and put their messages into the outbox.

Knows chairs, committees, villagers and groups of the villages. Invariants: one message per recipient and village; the next post gets the
message of a chair who cannot be reached; chairs come first, and villagers follow in portions so that confirmations and boards get through.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert, State, may_alert
from domain.core.change import Button, Keyboard, Notice, PersonId, Priority, Receiver, Timer, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import POLICE, Role, Village
from domain.people.powers import is_same_human
from handlers.alerts.lists import parts, phone_list
from handlers.core.context import HandlerContext
from handlers.core.next_post import GATHERED_FOR
from storage.values import from_us
from texts import At, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.alerts.confirmations import VillageStatus
    from domain.people.people import Person
    from storage.unit import Unit

#: A portion follows while a few seconds of sending are left of the last one: this uses the full rate, and a board waits at most ten seconds.
#: The beginning of the payload of a group's link.
LINK = "alert"
PORTION = 150
FEW = 100
PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=30)


@immutable
class Audience:
    """The recipients of an alert.

    `chairs`: one or more per village (address None: nobody there can be reached); `villagers`: how many; `told`: persons who are notified
    in another way (its author, officers with the board, chairs and committees).
    """

    chairs: tuple[tuple[Village, Receiver], ...]
    committee: tuple[tuple[Village, Receiver], ...]
    groups: tuple[tuple[Village, Receiver], ...]
    villagers: int
    told: frozenset[PersonId]


async def audience_of(ctx: HandlerContext, alert: Alert) -> Audience:
    """Return the recipients as of now."""
    chairs: list[tuple[Village, Receiver]] = []
    committee: dict[PersonId | None, tuple[Village, Receiver]] = {}
    told = {alert.author_id}
    villages: dict[VillageId, Village] = {}
    for village_id in alert.villages:
        posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
        villages[village_id] = posts.village
        chairs += [(posts.village, chair) for chair in _chairs(posts.of(Role.CHAIR), village_id)]
        committee |= {who.person_id: (posts.village, who) for who in posts.of(Role.MEMBER, Role.SECRETARY) if who.address}
        told |= {who.person_id for who in posts.of(Role.OFFICER) if who.person_id is not None}
    for _, chair in chairs:
        committee.pop(chair.person_id, None)
    told |= {who.person_id for _, who in (*chairs, *committee.values()) if who.person_id is not None}
    groups = tuple((villages[village_id], group) for village_id, group in await ctx.unit.groups.of_villages(alert.villages))
    count = await ctx.unit.residents.count(alert.villages, without=sorted(told))
    return Audience(tuple(chairs), tuple(committee.values()), groups, count, frozenset(told))


def _chairs(holders: tuple[Receiver, ...], village_id: VillageId) -> tuple[Receiver, ...]:
    """Return the reachable chairs; without any, an unreachable one or the empty post."""
    reachable = tuple(who for who in holders if who.address is not None)
    return reachable or holders[:1] or (Receiver(None, role=str(Role.CHAIR), village_id=village_id),)


def people_of(audience: Audience) -> int:
    """Return how many people an alert reaches."""
    return len({who.person_id for _, who in (*audience.chairs, *audience.committee) if who.person_id is not None}) + audience.villagers


async def dispatch(ctx: HandlerContext, change: alerts.Change) -> Alert:
    """Record the alert as sent, and put its messages into the outbox.

    Chairs, committees and groups now, villagers with the next ticks.
    """
    audience = await audience_of(ctx, change.value)
    await ctx.start_timers(*change.timers)
    alert = await ctx.unit.alerts.record(change)
    for village, chair in audience.chairs:
        if chair.person_id is not None:
            await ctx.unit.alerts.note_chair(alert.id, village.id, chair.person_id)
    await tell_chairs(ctx, alert, alert.villages)
    for village, who in audience.committee:
        await ctx.notify(await _to_person(ctx, alert, village, who))
    for village, group in audience.groups:
        await ctx.notify(await _to_group(ctx, alert, village, group), *shelter_notices(alert, group))
    await ctx.start_timers(_more(alert, ctx.at, after=0, turn=0, looks=0))
    return alert


async def tell_chairs(ctx: HandlerContext, alert: Alert, village_ids: Sequence[VillageId], *, nudge: bool = False) -> None:
    """Notify the chairs of these villages.

    Villages without a reachable chair go to the next post, in one list per person.
    """
    unreached: list[VillageId] = []
    for village_id in village_ids:
        posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
        chairs = [chair for chair in posts.of(Role.CHAIR) if chair.address is not None]
        for chair in chairs:
            await ctx.notify(await _to_chair(ctx, alert, posts.village, chair, nudge=nudge))
        if not chairs:
            unreached.append(village_id)
    if unreached:
        await _hand_over(ctx, alert, unreached)


async def unreached(ctx: HandlerContext) -> None:
    """Give villages whose chair was not reached to the next post, in one list (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["number"]))
    if alert is None or alert.state is not State.SENT:
        return
    since = from_us(ctx.timer.data["since"])
    if villages := await ctx.unit.alerts.list_unreached(alert, since=since, until=since + GATHERED_FOR):
        await _hand_over(ctx, alert, villages)


async def _hand_over(ctx: HandlerContext, alert: Alert, village_ids: Sequence[VillageId]) -> None:
    """Give villages without a reachable chair to the next post, with telephone numbers."""
    standings = {each.village_id: each for each in await ctx.unit.alerts.standings(alert)}
    lists: dict[PersonId | None, tuple[Receiver, list[VillageStatus]]] = {}
    for village_id in village_ids:
        posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
        rung, receivers = posts.first_reachable(Role.CHAIR)
        for who in receivers:
            lists.setdefault(who.person_id, (replace(who, role=str(rung), village_id=village_id), []))[1].append(standings[village_id])
        if receivers and receivers[0].person_id is not None:
            await ctx.unit.alerts.hand_to(alert.id, village_id, receivers[0].person_id)
    for receiver, mine in lists.values():
        for part in parts(mine):
            unique = f"{alert.card}:instead:{alert.nudges}:{part[0].village_id}:{receiver.person_id}"
            notice = phone_list(ctx, alert, receiver, part, "alert.instead")
            await ctx.notify(
                replace(
                    notice,
                    unique=unique,
                    card=f"{alert.card}:list{part[0].village_id}",
                    as_new_message=True,
                    expires_at=alert.expires_at,
                    batch=alert.card,
                )
            )


async def more(ctx: HandlerContext) -> None:
    """Send the next portion of villagers, once most of the last one was sent (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is None or alert.state is not State.SENT:
        return
    after, turn, looks = (int(ctx.timer.data[name]) for name in ("after", "turn", "looks"))
    if turn and (await ctx.unit.outbox.count_batch(alert.card)).get("waiting", 0) > FEW:
        await ctx.start_timers(_more(alert, ctx.at, after=after, turn=turn, looks=looks + 1))
        return
    told = (await audience_of(ctx, alert)).told
    villages = {village.id: village for village in await ctx.unit.people.list_villages(alert.villages)}
    portion = await ctx.unit.residents.portion(list(villages), without=sorted(told), after=after, limit=PORTION)
    for who in portion:
        assert who.village_id is not None
        await ctx.notify(await _to_person(ctx, alert, villages[who.village_id], who))
    if len(portion) == PORTION:
        await ctx.start_timers(_more(alert, ctx.at, after=portion[-1].person_id or 0, turn=turn + 1, looks=0))


def _more(alert: Alert, at: datetime, *, after: int, turn: int, looks: int) -> Timer:
    due = at + (min(PAUSE * (looks + 1), LONGEST_PAUSE) if turn else timedelta(0))
    data = {"alert": alert.id, "after": after, "turn": turn, "looks": looks}
    return Timer(alerts.MORE, alert.card, due, f"{alerts.MORE}:{alert.id}:{turn}:{looks}", data)


# Before it is sent: the second person ---------------------------------------------------------------------------------------


async def seconds(unit: Unit, asked: Alert, *, at: datetime) -> list[Receiver]:
    """Return the reachable people who may agree.

    They are the station's other officers, its desk and leaders, without a second account of the author.
    """
    found: dict[PersonId | None, Receiver] = {}
    for village_id in asked.villages:
        posts = await unit.people.posts_of(village_id, at=at)
        if posts.village.station_id == asked.station_id:
            found |= {who.person_id: who for who in posts.everybody.of(*sorted(POLICE)) if who.address is not None}
    found.pop(asked.author_id, None)
    people = await unit.people.find_many([asked.author_id, *(each for each in found if each is not None)], at=at)
    author = people.get(asked.author_id)
    return [who for each, who in found.items() if author is None or each not in people or not is_same_human(people[each], author)]


async def still_his(unit: Unit, asked: Alert, *, at: datetime) -> bool:
    """Return whether the author of an alert may still alert every village of it."""
    author = await unit.people.find(asked.author_id, at=at)
    villages = await unit.people.list_villages(asked.villages)
    return author is not None and all(may_alert(author, village) for village in villages)


async def drop_for(unit: Unit, author: Person, *, by: PersonId | None, at: datetime) -> None:
    """Drop the alerts that wait for agreement and that their author may not send any more."""
    assert author.id is not None
    for asked in await unit.alerts.list_asking(author.id):
        if not await still_his(unit, asked, at=at):
            await drop_asked(unit, asked, by=by, at=at)


async def drop_asked(unit: Unit, asked: Alert, *, by: PersonId | None, at: datetime) -> None:
    """Drop an alert that nobody may answer for any more.

    The cards of the people who were asked to agree say so.
    """
    value = await unit.alerts.record(alerts.discard(asked, by, at=at))
    facts = {"head": value.head, "text": value.text}
    for who in await seconds(unit, value, at=at):
        notice = Notice(who, "alert.author_gone", facts, priority=Priority.ALERT, card=value.card, stays=True, rings=True)
        await unit.outbox.put(notice, unique_key=f"{value.card}:gone:{who.person_id}", at=at)


# The texts of each recipient ------------------------------------------------------------------------------------------------


async def _to_chair(ctx: HandlerContext, alert: Alert, village: Village, chair: Receiver, *, nudge: bool) -> Notice:
    """Return the message that a chair must confirm; a repeated one with `nudge`."""
    turn = f":n{alert.nudges}" if nudge else ""
    unique = f"{alert.card}{turn}:{village.id}:{chair.person_id or 0}"
    facts = await facts_of(ctx, alert, village, for_handlers=True)
    facts["minutes"] = ctx.town.alerts.list_after // timedelta(minutes=1)
    return _notice(
        alert, village, chair, _key(alert, "nudge" if nudge else "sent", "chair"), facts, chair_buttons(alert, village.id), unique
    )


def _key(alert: Alert, moment: str, reader: str) -> str:
    """Return the text of a reader; a drill has its own, which wake no village."""
    return f"alert.drill.{moment}.to_{reader}" if alert.drill else f"alert.{moment}.to_{reader}"


def chair_buttons(alert: Alert, village_id: VillageId, *, seen: bool = False) -> Keyboard:
    """Return a chair's buttons: first "received"; only then "all told".

    A drill has its own button and verb.
    """
    if alert.drill:
        return ((Button("alert.button.drill_ok", "drillok", (alert.id, village_id)),),)
    told = Button("alert.button.told", "atold", (alert.id, village_id))
    return ((told if seen else Button("alert.button.seen", "aseen", (alert.id, village_id)),), *shelter_button(alert, village_id))


def shelter_button(alert: Alert, village_id: VillageId) -> Keyboard:
    """Return the button that shows the shelter; none without a picture or a pin."""
    return ((Button("alert.button.shelter", "aplace", (alert.id, village_id)),),) if alert.shows_shelter else ()


def shelter_notices(alert: Alert, who: Receiver) -> list[Notice]:
    """Return the picture and the pin of the shelter as messages of their own.

    For a group, where an alert has no buttons, and for a person who asks.
    """
    assert who.address is not None
    place = f"{alert.card}:shelter:{who.address.channel}:{who.address.chat_id}"
    found: list[tuple[str, dict[str, Any]]] = []
    if alert.photo:
        found.append(("photo", {"type": "photo", "file_id": alert.photo}))
    if alert.pin:
        found.append(("pin", {"type": "location", "latitude": alert.pin[0], "longitude": alert.pin[1]}))
    return [
        Notice(
            who, f"alert.shelter.{kind}", {"head": alert.head}, priority=Priority.ALERT, expires_at=alert.expires_at, unique=f"{place}:{kind}",
            subject=alert.card, batch=alert.card, rings=True, forwardable=True, media=media,
        )
        for kind, media in found
    ]  # fmt: skip


async def send_again(ctx: HandlerContext, alert: Alert, village: Village) -> None:
    """Send the actor, who lives in the village, the alert that they saw in its group."""
    who = replace(ctx.origin, role=str(Role.VILLAGER), village_id=village.id)
    notice = await _to_person(ctx, alert, village, who)
    await ctx.notify(replace(notice, unique=f"{notice.unique}:again:{ctx.cause}"))


async def _to_person(ctx: HandlerContext, alert: Alert, village: Village, who: Receiver) -> Notice:
    verb, label = ("drillgot", "alert.button.drill_ok") if alert.drill else ("agot", "alert.button.seen")
    buttons: Keyboard = ((Button(label, verb, (alert.id, village.id)),),)
    kind = "committee" if who.role in (Role.MEMBER, Role.SECRETARY) else "villager"
    if kind == "villager" and not alert.drill:
        buttons = (*buttons, (Button("alert.button.help", "ahelp", (alert.id, village.id)),))
    facts = await facts_of(ctx, alert, village, for_handlers=kind == "committee")
    key = _key(alert, "sent", kind) if kind == "committee" else "alert.sent.to_villager"
    return _notice(alert, village, who, key, facts, (*buttons, *shelter_button(alert, village.id)), f"{alert.card}:{who.person_id}")


async def _to_group(ctx: HandlerContext, alert: Alert, village: Village, group: Receiver) -> Notice:
    """Return the message to a group: it names nobody, and its button leads to the private chat."""
    facts = await facts_of(ctx, alert, village) | {"by": await ctx.unit.broadcasts.station_name(alert.station_id)}
    if alert.drill:
        facts["todo"] = Text("alert.todo.drill_group")
    assert group.address is not None
    link = "" if alert.drill else ctx.town.link(group.address.channel, f"{LINK}{alert.id}")
    buttons: Keyboard = ((Button("alert.button.in_private", url=link),),) if link else ()
    unique = f"{alert.card}:g{group.address.channel}:{group.address.chat_id}"
    return _notice(alert, village, group, "alert.sent.to_group", facts, buttons, unique)


def _notice(
    alert: Alert,
    village: Village,
    who: Receiver,
    key: str,
    facts: dict[str, Any],
    buttons: Keyboard,
    unique: str,
) -> Notice:
    """Return a message of the alert itself: it wakes people, and is meant to be passed on."""
    return Notice(
        who,
        key,
        facts,
        buttons,
        Priority.ALERT,
        card=alert.card_for(village.id),
        as_new_message=True,
        expires_at=alert.expires_at,
        unique=unique,
        subject=alert.card,
        batch=alert.card,
        rings=True,
        forwardable=True,
    )


async def facts_of(ctx: HandlerContext, alert: Alert, village: Village, *, for_handlers: bool = False) -> dict[str, Any]:
    """Return the parameters of every message: level, words, village, sender, time, what to do.

    `for_handlers`: says when it was sent alone.
    """
    todo = Text("alert.todo.drill") if alert.drill else Text(f"alert.todo.{alert.level}")
    return {
        "head": alert.head_for_handlers if for_handlers else alert.head,
        "text": alert.text,
        "village": village.name,
        "by": await by_text(ctx, alert),
        "at": At(alert.sent_at or ctx.at),
        "todo": todo,
    }


async def by_text(ctx: HandlerContext, alert: Alert) -> str:
    """Return the sender: the person and the station."""
    return f"{alert.author_name} · {await ctx.unit.broadcasts.station_name(alert.station_id)}"
