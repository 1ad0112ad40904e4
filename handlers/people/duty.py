"""/duty: who is there now; and leave: from when, until when, and who stands in.

Knows the questions. Invariant: a leave without a deputy cannot be taken; whoever stands in is told and may decline, which ends the leave
and tells the officer, so that nobody's work lies with somebody who said no.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.calendar.typed_dates import parse_when
from domain.core.change import Button, Event, Notice, PersonId, RuleError
from domain.people.people import COMMITTEE, Leave, Policy, Role, Sight, may_deputise
from handlers.core.context import Act, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from handlers.people.access_revocation import own_of, span_of, step_down, superiors
from storage.values import from_us, to_us
from texts import At, Lines, Text

LONGEST = timedelta(days=60)
SPANS = {"1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
BEGIN_OF_DAY, END_OF_DAY = "08:30", "18:00"
SHOWN_VILLAGES = 15


async def duty(act: Act) -> None:
    """Show who is at the desk and in my villages now, deputies in place, and my own leaves."""
    lines = [*await _desks(act), *await _places(act)]
    leaves = await act.unit.directory.list_leaves(act.actor.id or PersonId(0), at=act.at)
    buttons = [Button("duty.button.leave", "leave")]
    for row in leaves:
        deputy = await act.unit.people.receiver(row.leave.deputy_id)
        lines.append(Text("duty.line.leave", since=At(row.leave.from_at), until=At(row.leave.until_at), deputy=deputy.name))
        buttons.append(Button("duty.button.cancel", "noleave", (row.id,), {"since": At(row.leave.from_at, "day")}))
    await act.reply("duty.now", buttons=rows(*buttons, width=1), lines=Lines(lines))


async def press_leave(act: Act) -> None:
    """Ask for a leave."""
    await begin(act, "leave")


async def press_cancel_leave(act: Act) -> None:
    """Be there after all: the deputy is told."""
    row = await _mine(act)
    if row.leave.person_id != act.actor.id or not await act.unit.directory.cancel_leave(row.id, at=act.at):
        raise RuleError("duty.gone")
    await act.record(Event(f"person:{act.actor.id}", "leave_cancelled", act.actor.id, act.at, data={"leave": row.id}))
    deputy = await act.unit.people.receiver(row.leave.deputy_id)
    await act.tell(Notice(deputy, "duty.cancelled.to_deputy", span_of(row.leave) | {"name": act.actor.name}))
    await step_down(act.unit, row.leave.deputy_id, by=act.actor.id, at=act.at)
    await act.reply("duty.cancelled")


async def press_decline(act: Act) -> None:
    """Not able to stand in: the leave ends, its person and the officer are told."""
    row = await _mine(act)
    if row.leave.deputy_id != act.actor.id or not await act.unit.directory.cancel_leave(row.id, at=act.at):
        raise RuleError("duty.gone")
    person = await act.unit.people.get(row.leave.person_id, at=act.at)
    await act.record(Event(f"person:{person.id}", "leave_declined", act.actor.id, act.at, data={"leave": row.id}))
    facts = span_of(row.leave) | {"name": person.name, "deputy": act.actor.name}
    await act.tell(
        Notice(
            await act.unit.people.receiver(row.leave.person_id),
            "duty.declined.to_person",
            facts,
            ((Button("duty.button.leave", "leave"),),),
        )
    )
    for receiver in await superiors(act.unit, person.posts, at=act.at, without=(person.id, act.actor.id)):
        await act.tell(Notice(receiver, "duty.declined.to_officer", facts))
    await step_down(act.unit, row.leave.deputy_id, by=act.actor.id, at=act.at)
    await act.reply("duty.declined")


# The dialog -----------------------------------------------------------------------------------------------------------


async def from_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    """From now, or from tomorrow morning; anything else is typed."""
    return Choice("duty.button.from_now", "now"), Choice("duty.button.from_tomorrow", "tomorrow")


async def accept_from(act: Act, said: Incoming, answers: Answers) -> int:
    """Take a beginning that is not past."""
    words = {"now": "", "tomorrow": f"明天{BEGIN_OF_DAY}"}.get(said.text, said.text)
    at = act.at if said.text == "now" else _when(act, words, BEGIN_OF_DAY)
    if at is None or at < act.at or at > act.at + timedelta(days=180):
        raise RuleError("duty.when_again")
    return to_us(at)


async def until_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    """Usual lengths."""
    return tuple(Choice(f"duty.button.span_{name}", name) for name in SPANS)


async def accept_until(act: Act, said: Incoming, answers: Answers) -> int:
    """Take an end after the beginning, at most sixty days later, that does not overlap another leave of one's own."""
    begins = from_us(answers["from"])
    until = begins + SPANS[said.text] if said.text in SPANS else _when(act, said.text, END_OF_DAY)
    if until is None or not begins < until <= begins + LONGEST:
        raise RuleError("duty.until_again")
    if await act.unit.directory.is_away(act.actor.id or PersonId(0), from_at=begins, until_at=until):
        raise RuleError("duty.overlap")
    return to_us(until)


async def deputy_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    """Offer who may stand in."""
    people = await _deputies(act, answers)
    return tuple(Choice("handover.button.person", str(person_id), {"name": name}) for person_id, name in list(people.items())[:30])


async def accept_deputy(act: Act, said: Incoming, answers: Answers) -> int:
    """Take one of those who may, by button or full name."""
    for person_id, name in (await _deputies(act, answers)).items():
        if said.text.strip() in (str(person_id), name):
            return person_id
    raise RuleError("duty.deputy_again")


async def deputy_shown(act: Act, answers: Answers) -> dict[str, Any]:
    """Say plainly when there is nobody who could."""
    people = await _deputies(act, answers)
    return {"hint": Text("duty.deputy.pick" if people else "duty.deputy.nobody")}


async def finish(act: Act, answers: Answers) -> None:
    """Record the leave; tell the deputy, who may decline."""
    deputy_id, person = PersonId(answers["deputy"]), act.actor
    leave = Leave(person.id or PersonId(0), deputy_id, from_us(answers["from"]), from_us(answers["until"]))
    if deputy_id not in await _deputies(act, answers) or leave.until_at <= act.at:
        raise RuleError("duty.deputy_again")
    number = await act.unit.directory.add_leave(leave, at=act.at)
    facts = {"leave": number, "deputy": deputy_id, "from": answers["from"], "until": answers["until"]}
    await act.record(Event(f"person:{person.id}", "leave_taken", person.id, act.at, data=facts))
    deputy = await act.unit.people.receiver(deputy_id)
    decline = ((Button("duty.button.decline", "nodeputy", (number,)),),)
    await act.tell(Notice(deputy, "duty.taken.to_deputy", span_of(leave) | {"name": person.name}, decline))
    cancel = ((Button("duty.button.cancel_this", "noleave", (number,)),),)
    await act.reply("duty.taken", buttons=cancel, deputy=deputy.name, **span_of(leave))


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


def _when(act: Act, words: str, clock: str) -> datetime | None:
    """Read a time; a day alone begins or ends at the usual hour."""
    return parse_when(words, act.at, act.town.zone) or parse_when(f"{words} {clock}", act.at, act.town.zone)


async def _deputies(act: Act, answers: Answers) -> dict[PersonId, str]:
    """Return who may stand in for every post of the actor, online and not away in that time."""
    own = own_of(act.actor.posts)
    villages = frozenset(post.village_id for post in own if post.village_id is not None)
    stations = frozenset(post.station_id for post in own if post.role not in COMMITTEE)
    holders = await act.unit.directory.holders(Sight(stations, villages, frozenset()), at=act.at)
    found: dict[PersonId, str] = {}
    span = {"from_at": from_us(answers["from"]), "until_at": from_us(answers["until"])}
    for holder in (each for each in holders if each.online and not each.suspended and each.person_id != act.actor.id):
        if holder.person_id in found or await act.unit.directory.is_away(holder.person_id, **span):
            continue
        person = await act.unit.people.get(holder.person_id, at=act.at)
        if own and all(may_deputise(post, person) for post in own):
            found[holder.person_id] = holder.name
    return found


async def _mine(act: Act) -> Any:
    row = await act.unit.directory.find_leave(pressed_number(act), of=act.actor.id or PersonId(0))
    if row is None:
        raise RuleError("duty.gone")
    return row


async def _desks(act: Act) -> list[dict[str, Any]]:
    lines = []
    for station_id in sorted({post.station_id for post in act.actor.posts}):
        posts = await act.unit.people.station_posts(station_id, at=act.at)
        for role in (Role.DUTY, Role.LEADER):
            names = "、".join(who.name for who in posts.get(role, ())) or Text("people.mark.missing")
            lines.append(Text("duty.line.post", role=Text(f"people.role.{role}"), names=names))
    return lines


async def _places(act: Act) -> list[dict[str, Any]]:
    lines = []
    villages = sorted({post.village_id for post in act.actor.posts if post.village_id is not None})
    for village_id in villages[:SHOWN_VILLAGES]:
        posts = await act.unit.people.posts_of(village_id, at=act.at)
        named = {
            str(role): "、".join(who.name for who in posts.of(role)) or Text("people.mark.missing") for role in (Role.CHAIR, Role.OFFICER)
        }
        lines.append(Text("duty.line.village", village=posts.village.name, **named))
    return lines
