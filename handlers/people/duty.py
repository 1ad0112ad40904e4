"""/duty: show people on duty now and the week's shifts; take leave with a deputy.

Knows the questions. Invariant: a leave without a deputy cannot be taken, nor one of a person who stands in for somebody then; the deputy
may decline. That ends the leave and notifies the officer, so that no work stays with a person who declined. A superior enters a leave for
somebody who cannot.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from domain.calendar.local_time import day_of
from domain.calendar.typed_dates import parse_day, parse_when
from domain.core.change import Button, Event, Notice, PersonId, RuleError
from domain.people.leave_words import LeaveSaid, Span, read_leave, read_span
from domain.people.people import COMMITTEE, Leave, Person, Policy, Post, ReadScope, Role, may_deputise
from domain.people.powers import may_enter_leave
from domain.people.rota import stations_seen
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from handlers.core.understood import Sentence, Typed
from handlers.people import leaves, rota, rota_swaps
from handlers.people.lost_posts import own_of, span_of
from storage.values import from_us, to_us
from texts import At, Lines, Text

LONGEST = timedelta(days=60)
SPANS = {"1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
BEGIN_OF_DAY, END_OF_DAY = "08:30", "18:00"
SHOWN_VILLAGES = 15


async def duty(ctx: HandlerContext) -> None:
    """Show people on duty, deputies and own leaves; to police the week's shifts, too."""
    lines = [*await _desks(ctx), *await _places(ctx)]
    shifts, changes = await _rotas(ctx)
    taken = await ctx.unit.directory.list_leaves(ctx.actor.id or PersonId(0), at=ctx.at)
    buttons = [Button("duty.button.leave", "leave"), *changes]
    for row in taken:
        deputy = await ctx.unit.people.receiver(row.leave.deputy_id)
        lines.append(Text("duty.line.leave", since=At(row.leave.from_at), until=At(row.leave.until_at), deputy=deputy.name))
        buttons.append(Button("duty.button.cancel", "noleave", (row.id,), {"since": At(row.leave.from_at, "day")}))
    await ctx.reply("duty.now", buttons=rows(*buttons, width=1), lines=Lines([*lines, *shifts]))


async def press_leave(ctx: HandlerContext) -> None:
    """Ask for a leave."""
    await begin(ctx, "leave")


async def press_leave_for(ctx: HandlerContext) -> None:
    """Ask for a leave of somebody who cannot enter it: they may be ill."""
    person = await ctx.unit.people.find(PersonId(pressed_number(ctx)), at=ctx.at)
    if person is None or not may_enter_leave(ctx.actor, person):
        raise RuleError("refused.not_allowed")
    await begin(ctx, "leave", {"_for": person.id})


async def press_cancel_leave(ctx: HandlerContext) -> None:
    """Cancel a leave, one's own or one that one may enter; the deputy is notified."""
    row = await ctx.unit.directory.find_leave(pressed_number(ctx))
    person = None if row is None else await ctx.unit.people.find(row.leave.person_id, at=ctx.at)
    if row is None or person is None or not (person.id == ctx.actor.id or may_enter_leave(ctx.actor, person)):
        raise RuleError("duty.gone")
    if not await ctx.unit.directory.cancel_leave(row.id, at=ctx.at):
        raise RuleError("duty.gone")
    await ctx.audit(Event(f"person:{person.id}", "leave_cancelled", ctx.actor.id, ctx.at, data={"leave": row.id}))
    deputy = await ctx.unit.people.receiver(row.leave.deputy_id)
    await ctx.notify(Notice(deputy, "duty.cancelled.to_deputy", span_of(row.leave) | {"name": person.name}))
    await leaves.give_back(ctx, row.leave)
    if person.id == ctx.actor.id:
        await ctx.reply("duty.cancelled")
    else:
        told = span_of(row.leave) | {"by": ctx.actor.name}
        await ctx.notify(Notice(await ctx.unit.people.receiver(row.leave.person_id), "duty.cancelled.to_person", told))
        await ctx.reply("duty.cancelled_for", name=person.name)


async def press_decline(ctx: HandlerContext) -> None:
    """Decline to deputise: the leave ends; its person and the officer are notified."""
    row = await ctx.unit.directory.find_leave(pressed_number(ctx))
    if row is None or row.leave.deputy_id != ctx.actor.id or not await ctx.unit.directory.cancel_leave(row.id, at=ctx.at):
        raise RuleError("duty.gone")
    await leaves.say_declined(ctx, row, ctx.actor)
    await ctx.reply("duty.declined")


# The dialog -----------------------------------------------------------------------------------------------------------


async def from_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer now and tomorrow morning; any other time is typed."""
    return Choice("duty.button.from_now", "now"), Choice("duty.button.from_tomorrow", "tomorrow")


async def accept_from(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    """Take a beginning that is not past."""
    words = {"now": "", "tomorrow": f"明天{BEGIN_OF_DAY}"}.get(said.text, said.text)
    span = None if said.text in ("now", "tomorrow") else read_span(said.text)
    if span is not None and (begins := _beginning(ctx, span)) is not None:
        answers["until"] = await _accept_end(ctx, _end(ctx, span, begins), answers | {"from": to_us(begins)})
        return to_us(begins)
    at = ctx.at if said.text == "now" else _when(ctx, words, BEGIN_OF_DAY)
    if at is None or at < ctx.at or at > ctx.at + timedelta(days=180):
        raise RuleError("duty.when_again")
    return to_us(at)


async def until_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the usual lengths."""
    return tuple(Choice(f"duty.button.span_{name}", name) for name in SPANS)


async def accept_until(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    """Take an end after the beginning, at most sixty days later.

    It must not overlap another leave of the same person.
    """
    begins = from_us(answers["from"])
    return await _accept_end(ctx, begins + SPANS[said.text] if said.text in SPANS else _when(ctx, said.text, END_OF_DAY), answers)


async def _accept_end(ctx: HandlerContext, until: datetime | None, answers: Answers) -> int:
    begins = from_us(answers["from"])
    if until is None or not begins < until <= begins + LONGEST:
        raise RuleError("duty.until_again")
    person = await _absent(ctx, answers)
    person_id = person.id or PersonId(0)
    if await ctx.unit.directory.is_away(person_id, from_at=begins, until_at=until):
        raise RuleError("duty.overlap")
    await _refuse_deputies(ctx, person, Leave(person_id, person_id, begins, until))
    return to_us(until)


async def deputy_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the people who may deputise."""
    people = await _deputies(ctx, answers)
    return tuple(Choice("handover.button.person", str(person_id), {"name": name}) for person_id, name in list(people.items())[:30])


async def accept_deputy(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    """Take one of the possible deputies, by button or full name."""
    for person_id, name in (await _deputies(ctx, answers)).items():
        if said.text.strip() in (str(person_id), name):
            return person_id
    raise RuleError("duty.deputy_again")


async def deputy_shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    """Say plainly when nobody could deputise."""
    people = await _deputies(ctx, answers)
    return {"hint": Text("duty.deputy.pick" if people else "duty.deputy.nobody")}


async def finish(ctx: HandlerContext, answers: Answers) -> None:
    """Record the leave; the deputy is asked, and may decline."""
    deputy_id, person = PersonId(answers["deputy"]), await _absent(ctx, answers)
    leave = Leave(person.id or PersonId(0), deputy_id, from_us(answers["from"]), from_us(answers["until"]))
    if deputy_id not in await _deputies(ctx, answers) or leave.until_at <= ctx.at:
        raise RuleError("duty.deputy_again")
    await _refuse_deputies(ctx, person, leave)
    await leaves.relieve(ctx, person, leave)
    number = await leaves.take(ctx, person, leave)
    cancel = ((Button("duty.button.cancel_this", "noleave", (number,)),),)
    facts = span_of(leave) | {"deputy": (await ctx.unit.people.receiver(deputy_id)).name}
    if person.id == ctx.actor.id:
        await ctx.reply("duty.taken", buttons=cancel, **facts)
    else:
        await ctx.notify(
            Notice(await ctx.unit.people.receiver(leave.person_id), "duty.entered.to_person", facts | {"by": ctx.actor.name}, cancel)
        )
        await ctx.reply("duty.entered", buttons=cancel, name=person.name, **facts)


async def _refuse_deputies(ctx: HandlerContext, person: Person, leave: Leave) -> None:
    """Refuse a leave to the deputy of somebody who is away then.

    One that is entered for the deputy ends the other leave instead.

    Raises:
        RuleError: `duty.stands_in`.
    """
    name = await leaves.deputises_for(ctx, person.id or PersonId(0), leave) if person.id == ctx.actor.id else ""
    if name:
        raise RuleError("duty.stands_in", name=name)


async def _absent(ctx: HandlerContext, answers: Answers) -> Person:
    """Return the person whose leave it is: the actor, or somebody for whom they may enter it.

    Raises:
        RuleError: the actor may not any more.
    """
    if "_for" not in answers:
        return ctx.actor
    person = await ctx.unit.people.find(PersonId(answers["_for"]), at=ctx.at)
    if person is None or not may_enter_leave(ctx.actor, person):
        raise RuleError("refused.not_allowed")
    return person


async def _sure(ctx: HandlerContext, said: Incoming, answers: Answers) -> bool:
    """Take the one tap that records a leave told in one sentence."""
    if said.verb != "answer":
        raise RuleError("report.choose")
    return True


async def _sure_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("duty.button.sure", "yes"),)


async def _shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    deputy = await ctx.unit.people.receiver(PersonId(answers["deputy"]))
    return {"since": At(from_us(answers["from"])), "until": At(from_us(answers["until"])), "deputy": deputy.name}


LEAVE = Dialog(
    "leave",
    Policy.POST,
    (
        Step("from", "duty.from.question", accept_from, from_choices),
        Step("until", "duty.until.question", accept_until, until_choices, wide=3),
        Step("deputy", "duty.deputy.question", accept_deputy, deputy_choices, deputy_shown),
        Step("sure", "duty.sure.question", _sure, _sure_choices, _shown, when=lambda answers: bool(answers.get("_said"))),
    ),
    finish,
)


# One sentence ---------------------------------------------------------------------------------------------------------


def _reads(text: str, now: datetime, zone: tzinfo) -> LeaveSaid | None:
    return read_leave(text)


async def take_sentence(ctx: HandlerContext, told: LeaveSaid) -> bool:
    """Begin a leave with the answers in a sentence; the dialog asks for the rest."""
    answers: Answers = {"_said": True}
    begins = None if told.span is None else _beginning(ctx, told.span)
    if told.span is not None and begins is not None:
        answers["from"] = to_us(begins)
        try:
            answers["until"] = await _accept_end(ctx, _end(ctx, told.span, begins), answers)
            people = await _deputies(ctx, answers)
            named = [person_id for person_id, name in people.items() if told.deputy and name == told.deputy]
            answers |= {"deputy": named[0]} if len(named) == 1 else {}
        except RuleError as rule:
            await ctx.reply(rule.key, **rule.params)
    await begin(ctx, "leave", answers)
    return True


def _beginning(ctx: HandlerContext, span: Span) -> datetime | None:
    """Return when a span begins: now, when its first day has begun."""
    at = _when(ctx, span.begins, BEGIN_OF_DAY) if span.begins else ctx.at
    if at is None and parse_day(span.begins, ctx.at, ctx.town.zone) == day_of(ctx.at, ctx.town.zone):
        return ctx.at
    return at if at is not None and ctx.at <= at <= ctx.at + timedelta(days=180) else None


def _end(ctx: HandlerContext, span: Span, begins: datetime) -> datetime | None:
    return begins + span.lasts if span.lasts is not None else _when(ctx, span.ends, END_OF_DAY)


SENTENCE = Sentence("leave", Policy.POST, _reads, take_sentence)
TYPED = (Typed(Button("duty.button.leave", "leave"), ("请假", "我要请假", "休假", "leave")),)


def _when(ctx: HandlerContext, words: str, clock: str) -> datetime | None:
    """Read a time; a day alone begins or ends at the usual hour."""
    return parse_when(words, ctx.at, ctx.town.zone) or parse_when(f"{words} {clock}", ctx.at, ctx.town.zone)


async def _deputies(ctx: HandlerContext, answers: Answers) -> dict[PersonId, str]:
    """Return the possible deputies for every post of the person.

    They are online and not away in that time. The officer of a village is one for its committee if nobody of the committee is.
    """
    person = await _absent(ctx, answers)
    own = own_of(person.posts)
    villages = frozenset(post.village_id for post in own if post.village_id is not None)
    stations = frozenset(post.station_id for post in own if post.role not in COMMITTEE)
    holders = await ctx.unit.directory.holders(ReadScope(stations, villages, frozenset()), at=ctx.at)
    span = {"from_at": from_us(answers["from"]), "until_at": from_us(answers["until"])}
    away = await ctx.unit.directory.list_away([holder.person_id for holder in holders], **span)
    names = {
        holder.person_id: holder.name
        for holder in holders
        if holder.online and holder.used and not holder.suspended and holder.person_id not in (person.id, *away)
    }
    people = await ctx.unit.people.find_many(names, at=ctx.at)
    fit = {each: name for each, name in names.items() if own and all(may_deputise(post, people[each]) for post in own)}
    peers = {each: name for each, name in fit.items() if all(_is_peer(post, people[each]) for post in own)}
    return peers or fit


def _is_peer(post: Post, candidate: Person) -> bool:
    """Return whether a candidate belongs to the body of the post: its committee, or the police."""
    return post.role not in COMMITTEE or any(
        mine.role in COMMITTEE and mine.village_id == post.village_id for mine in own_of(candidate.posts)
    )


async def _desks(ctx: HandlerContext) -> list[dict[str, Any]]:
    lines = []
    for station_id in sorted({post.station_id for post in ctx.actor.posts}):
        posts = await ctx.unit.people.station_posts(station_id, at=ctx.at)
        for role in (Role.DUTY, Role.LEADER):
            names = "、".join(who.name for who in posts.of(role)) or Text("people.mark.missing")
            lines.append(Text("duty.line.post", role=Text(f"people.role.{role}"), names=names))
    return lines


async def _rotas(ctx: HandlerContext) -> tuple[list[Any], list[Button]]:
    """Return the lines of the rotas the actor may read, and buttons to swap and to plan."""
    lines, buttons = list[Any](), list[Button]()
    for station_id in sorted(stations_seen(ctx.actor)):
        for each in await ctx.unit.rotas.of_station(station_id, at=ctx.at):
            if each.shifts:
                week = Lines(await rota.week_lines(ctx, each))
                lines.append(Text("duty.line.rota", role=Text(f"people.role.{each.role}"), lines=week))
    if await rota_swaps.own_turns(ctx):
        buttons.append(Button("rota.button.swap", "swap"))
    for station_id in sorted(ctx.actor.stations(Role.LEADER)):
        buttons += rota.begin_buttons(station_id)
    return lines, buttons


async def _places(ctx: HandlerContext) -> list[dict[str, Any]]:
    lines = []
    villages = sorted({post.village_id for post in ctx.actor.posts if post.village_id is not None})
    for village_id in villages[:SHOWN_VILLAGES]:
        posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
        named = {
            str(role): "、".join(who.name for who in posts.of(role)) or Text("people.mark.missing") for role in (Role.CHAIR, Role.OFFICER)
        }
        lines.append(Text("duty.line.village", village=posts.village.name, **named))
    return lines
