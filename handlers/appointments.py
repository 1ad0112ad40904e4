"""/calendar: mediations and trainings of the next days; reminders of mediations.

Knows who is told and how a line looks; domain/appointments.py decides when. Invariants: the calendar shows dates of cases and trainings that its
reader may open, without anybody's words or name; a reminder goes to the reporter and to the person who has the case.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from domain import appointments as rules
from domain.appointments import AHEAD, KIND, News
from domain.cases.actors import CaseRole
from domain.cases.case import IN_WORK
from domain.core.change import Button, Notice, Priority
from domain.people.people import Policy
from handlers.core.context import HandlerContext, rows
from handlers.core.delivery_gate import who_may_know
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute, TimerRoute
from handlers.core.understood import Typed
from storage.cases.scope import standing_of
from texts import About, At, Lines, Text

if TYPE_CHECKING:
    from domain.cases.case import Case, CaseChange

_CONCERNED = (CaseRole.CHAIR, CaseRole.POLICE, CaseRole.REPORTER)
#: Cases read for one calendar, and lines and buttons of it.
READ, SHOWN = 500, 20


async def calendar(ctx: HandlerContext) -> None:
    """`/calendar`: the agreed mediations and the trainings of the next days."""
    until = ctx.at + AHEAD
    cases = await _appointments(ctx, until)
    seen = await ctx.unit.trainings.list_visible(ctx.actor, since=ctx.at, limit=SHOWN)
    invited = await ctx.unit.trainings.list_invited(ctx.actor, since=ctx.at, limit=SHOWN)
    found: list[tuple[datetime, Any]] = [(when, _case_line(case, when)) for case, when in cases]
    for each in {each.id: each for each in (*seen, *invited) if each.starts_at < until}.values():
        line = Text("calendar.training", at=At(each.starts_at), subject=each.subject, place=each.place)
        found.append((each.starts_at, About(line, f"training:{each.id}")))
    lines = [line for _, line in sorted(found, key=lambda pair: pair[0])][:SHOWN]
    if not lines:
        await ctx.reply("calendar.empty", days=AHEAD.days)
        return
    numbers = (Button("cases.button.number", "m.case", (int(case.id),), {"number": str(case.id)}) for case, _ in cases[:8])
    await ctx.notify(Notice(ctx.origin, "calendar.list", {"days": AHEAD.days, "lines": Lines(lines)}, rows(*numbers, width=4)))


async def _appointments(ctx: HandlerContext, until: datetime) -> list[tuple[Case, datetime]]:
    """Return the cases with an agreed date that concern the actor, the next first."""
    numbers = await ctx.unit.search.numbers_of(ctx.actor, states=sorted(IN_WORK), most=READ)
    dated = [
        (case, case.next_at)
        for case in await ctx.unit.search.read(ctx.actor, numbers)
        if case.next_at is not None and ctx.at < case.next_at < until and standing_of(ctx.actor, case).standing in _CONCERNED
    ]
    dated = sorted(dated, key=lambda pair: pair[1])[:SHOWN]
    return [pair for pair in dated if await ctx.unit.timers.list_waiting(rules.subject(pair[0]))]


def _case_line(case: Case, when: datetime) -> dict[str, Any]:
    return About(Text("calendar.case", at=At(when), number=str(case.id), village=case.village), case.subject)


async def follow(ctx: HandlerContext, change: CaseChange) -> None:
    """Start the reminders of an agreed date; tell both sides that a date changed."""
    if change.before.next_at == change.case.next_at and not change.case.ended:
        return
    subject = rules.subject(change.case)
    waiting = await ctx.unit.timers.list_waiting(subject)
    old = datetime.fromtimestamp(waiting[0].data["for"], UTC) if waiting else None
    what = rules.news_of(change, old, at=ctx.at)
    if old is not None:
        await ctx.unit.timers.stop(subject, at=ctx.at)
    if what in (News.AGREED, News.MOVED):
        await ctx.start_timers(*rules.timers_of(change.case, at=ctx.at))
    if old is not None and change.case.next_at is not None and what is News.MOVED:
        await _tell(ctx, change.case, "appointment.moved", old=At(old), new=At(change.case.next_at))
    elif old is not None and what is News.CANCELLED:
        await _tell(ctx, change.case, "appointment.cancelled", old=At(old))


async def reminder_due(ctx: HandlerContext) -> None:
    """Remind both sides of an agreed date, the day before and an hour before."""
    assert ctx.timer is not None
    data = ctx.timer.data
    case = await ctx.unit.cases.find(data["number"])
    if case is not None and case.next_at is not None and rules.reminds(case, of=data["for"], before=data["before"], at=ctx.at):
        await _tell(ctx, case, "appointment.reminder", expires_at=case.next_at, at=At(case.next_at))


async def _tell(ctx: HandlerContext, case: Case, key: str, *, expires_at: datetime | None = None, **params: Any) -> None:
    """Tell the reporter and the person who has the case, without the actor."""
    people = [each for each in dict.fromkeys((case.reporter_id, case.holder_id)) if each is not None and each != ctx.actor.id]
    receivers = [await ctx.unit.people.receiver(each) for each in people]
    for to in await who_may_know(ctx.unit, case.subject, receivers, at=ctx.at):
        facts = {"number": str(case.id)} | params
        await ctx.notify(
            Notice(to, key, facts, priority=Priority.REMINDER, subject=case.subject, silent=case.at_home, expires_at=expires_at)
        )


FEATURE = Feature(
    "appointments",
    routes=(
        CommandRoute("calendar", calendar, Policy.JOINED, menu=KNOWN),
        ButtonRoute("cal", calendar, Policy.JOINED, about_oneself=True),
        TimerRoute(KIND, reminder_due),
    ),
    typed=(Typed(Button("menu.do.calendar", "cal"), ("日历", "日程", "安排", "最近安排", "calendar", "agenda")),),
    follows={"case changed": follow},
)
