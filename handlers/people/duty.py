"""/duty: show who is on duty now; and leave: from when, until when, and the deputy.

Knows the questions. Invariant: a leave without a deputy cannot be taken; the deputy is notified and may decline. That ends the leave and
notifies the officer, so that no work stays with a person who declined.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.calendar.typed_dates import parse_when
from domain.core.change import Button, Event, Notice, PersonId, RuleError
from domain.core.post_change import PostChange, Why
from domain.people.people import COMMITTEE, Leave, Policy, ReadScope, Role, may_deputise
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.post_changes import posts_changed
from handlers.core.pressed import pressed_number
from handlers.people.access_revocation import own_of, span_of, superiors
from storage.values import from_us, to_us
from texts import At, Lines, Text

LONGEST = timedelta(days=60)
SPANS = {"1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
BEGIN_OF_DAY, END_OF_DAY = "08:30", "18:00"
SHOWN_VILLAGES = 15


async def duty(ctx: HandlerContext) -> None:
    """Show who is on duty at the desk and in the actor's villages, deputies, and own leaves."""
    lines = [*await _desks(ctx), *await _places(ctx)]
    leaves = await ctx.unit.directory.list_leaves(ctx.actor.id or PersonId(0), at=ctx.at)
    buttons = [Button("duty.button.leave", "leave")]
    for row in leaves:
        deputy = await ctx.unit.people.receiver(row.leave.deputy_id)
        lines.append(Text("duty.line.leave", since=At(row.leave.from_at), until=At(row.leave.until_at), deputy=deputy.name))
        buttons.append(Button("duty.button.cancel", "noleave", (row.id,), {"since": At(row.leave.from_at, "day")}))
    await ctx.reply("duty.now", buttons=rows(*buttons, width=1), lines=Lines(lines))


async def press_leave(ctx: HandlerContext) -> None:
    """Ask for a leave."""
    await begin(ctx, "leave")


async def press_cancel_leave(ctx: HandlerContext) -> None:
    """Cancel the actor's leave; the deputy is notified."""
    row = await _mine(ctx)
    if row.leave.person_id != ctx.actor.id or not await ctx.unit.directory.cancel_leave(row.id, at=ctx.at):
        raise RuleError("duty.gone")
    await ctx.audit(Event(f"person:{ctx.actor.id}", "leave_cancelled", ctx.actor.id, ctx.at, data={"leave": row.id}))
    deputy = await ctx.unit.people.receiver(row.leave.deputy_id)
    await ctx.notify(Notice(deputy, "duty.cancelled.to_deputy", span_of(row.leave) | {"name": ctx.actor.name}))
    await posts_changed(ctx, PostChange(row.leave.deputy_id, Why.BACK, row.leave.person_id))
    await ctx.reply("duty.cancelled")


async def press_decline(ctx: HandlerContext) -> None:
    """Decline to deputise: the leave ends; its person and the officer are notified."""
    row = await _mine(ctx)
    if row.leave.deputy_id != ctx.actor.id or not await ctx.unit.directory.cancel_leave(row.id, at=ctx.at):
        raise RuleError("duty.gone")
    person = await ctx.unit.people.get(row.leave.person_id, at=ctx.at)
    await ctx.audit(Event(f"person:{person.id}", "leave_declined", ctx.actor.id, ctx.at, data={"leave": row.id}))
    facts = span_of(row.leave) | {"name": person.name, "deputy": ctx.actor.name}
    await ctx.notify(
        Notice(
            await ctx.unit.people.receiver(row.leave.person_id),
            "duty.declined.to_person",
            facts,
            ((Button("duty.button.leave", "leave"),),),
        )
    )
    for receiver in await superiors(ctx.unit, person.posts, at=ctx.at, without=(person.id, ctx.actor.id)):
        await ctx.notify(Notice(receiver, "duty.declined.to_officer", facts))
    await posts_changed(ctx, PostChange(row.leave.deputy_id, Why.BACK, row.leave.person_id))
    await ctx.reply("duty.declined")


# The dialog -----------------------------------------------------------------------------------------------------------


async def from_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer now and tomorrow morning; any other time is typed."""
    return Choice("duty.button.from_now", "now"), Choice("duty.button.from_tomorrow", "tomorrow")


async def accept_from(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    """Take a beginning that is not past."""
    words = {"now": "", "tomorrow": f"明天{BEGIN_OF_DAY}"}.get(said.text, said.text)
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
    until = begins + SPANS[said.text] if said.text in SPANS else _when(ctx, said.text, END_OF_DAY)
    if until is None or not begins < until <= begins + LONGEST:
        raise RuleError("duty.until_again")
    if await ctx.unit.directory.is_away(ctx.actor.id or PersonId(0), from_at=begins, until_at=until):
        raise RuleError("duty.overlap")
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
    """Record the leave; tell the deputy, who may decline."""
    deputy_id, person = PersonId(answers["deputy"]), ctx.actor
    leave = Leave(person.id or PersonId(0), deputy_id, from_us(answers["from"]), from_us(answers["until"]))
    if deputy_id not in await _deputies(ctx, answers) or leave.until_at <= ctx.at:
        raise RuleError("duty.deputy_again")
    number = await ctx.unit.directory.add_leave(leave, at=ctx.at)
    facts = {"leave": number, "deputy": deputy_id, "from": answers["from"], "until": answers["until"]}
    await ctx.audit(Event(f"person:{person.id}", "leave_taken", person.id, ctx.at, data=facts))
    deputy = await ctx.unit.people.receiver(deputy_id)
    decline = ((Button("duty.button.decline", "nodeputy", (number,)),),)
    await ctx.notify(Notice(deputy, "duty.taken.to_deputy", span_of(leave) | {"name": person.name}, decline))
    cancel = ((Button("duty.button.cancel_this", "noleave", (number,)),),)
    await ctx.reply("duty.taken", buttons=cancel, deputy=deputy.name, **span_of(leave))


LEAVE = Dialog(
    "leave",
    Policy.POST,
    (
        Step("from", "duty.from.question", accept_from, from_choices),
        Step("until", "duty.until.question", accept_until, until_choices, wide=3),
        Step("deputy", "duty.deputy.question", accept_deputy, deputy_choices, deputy_shown),
    ),
    finish,
)


def _when(ctx: HandlerContext, words: str, clock: str) -> datetime | None:
    """Read a time; a day alone begins or ends at the usual hour."""
    return parse_when(words, ctx.at, ctx.town.zone) or parse_when(f"{words} {clock}", ctx.at, ctx.town.zone)


async def _deputies(ctx: HandlerContext, answers: Answers) -> dict[PersonId, str]:
    """Return the possible deputies for every post of the actor.

    They are online and not away in that time.
    """
    own = own_of(ctx.actor.posts)
    villages = frozenset(post.village_id for post in own if post.village_id is not None)
    stations = frozenset(post.station_id for post in own if post.role not in COMMITTEE)
    holders = await ctx.unit.directory.holders(ReadScope(stations, villages, frozenset()), at=ctx.at)
    found: dict[PersonId, str] = {}
    span = {"from_at": from_us(answers["from"]), "until_at": from_us(answers["until"])}
    for holder in (each for each in holders if each.online and not each.suspended and each.person_id != ctx.actor.id):
        if holder.person_id in found or await ctx.unit.directory.is_away(holder.person_id, **span):
            continue
        person = await ctx.unit.people.get(holder.person_id, at=ctx.at)
        if own and all(may_deputise(post, person) for post in own):
            found[holder.person_id] = holder.name
    return found


async def _mine(ctx: HandlerContext) -> Any:
    row = await ctx.unit.directory.find_leave(pressed_number(ctx), of=ctx.actor.id or PersonId(0))
    if row is None:
        raise RuleError("duty.gone")
    return row


async def _desks(ctx: HandlerContext) -> list[dict[str, Any]]:
    lines = []
    for station_id in sorted({post.station_id for post in ctx.actor.posts}):
        posts = await ctx.unit.people.station_posts(station_id, at=ctx.at)
        for role in (Role.DUTY, Role.LEADER):
            names = "、".join(who.name for who in posts.get(role, ())) or Text("people.mark.missing")
            lines.append(Text("duty.line.post", role=Text(f"people.role.{role}"), names=names))
    return lines


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
