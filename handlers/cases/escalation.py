"""Run the due timers of cases: reminders, deadlines, stalls, return question, auditor.

Knows timers and their fences; domain/cases/moves.py decides the moves. Invariant: a timer whose step has ended does nothing; an alert
ends acknowledged, one level up, or with a list of people and their telephone numbers; every active case has a next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of
from domain.cases import moves, next_step
from domain.cases.actors import CaseActor, CaseRole, may_file_for_others
from domain.cases.case import IN_WORK, WAITING, Case, State
from domain.cases.escalation import EscalationLevel, audit_timer
from domain.cases.notices import reporter_of
from domain.core.change import Event
from domain.core.notes import note_timers, unanswered_fact
from domain.people.people import Role
from handlers.cases.moves import carry_out
from handlers.cases.notifications import reminders, return_question, stall_warning
from handlers.core.post_changes import audit_holders
from storage.values import to_us

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext

CLOCK = CaseActor(None, "", CaseRole.CLOCK, Role.STRANGER)


async def remind_due(ctx: HandlerContext) -> None:
    """Remind the people who have to answer, once, while there is still time."""
    case = await _current(ctx, WAITING)
    if case is None or case.due_at is None or ctx.at >= case.due_at:
        return  # too late to remind: the deadline's own timer runs now
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    await ctx.notify(*reminders(case, posts, at=ctx.at, town=ctx.town))


async def deadline_due(ctx: HandlerContext) -> None:
    """Escalate: nobody answered in time.

    Beyond the last level nobody is left: the case comes on its station's next list, and again later, less and less often.
    """
    case = await _current(ctx, WAITING)
    if case is None or ctx.timer is None:
        return
    if case.rung is EscalationLevel.BEYOND:
        turn = int(ctx.timer.data.get("turn", 0)) + 1
        again = next_step.listed_again(case, town=ctx.town, at=ctx.at, turn=turn)
        morning, *_ = notes = note_timers(case.station_id, town=ctx.town, at=ctx.at)
        await ctx.start_timers(again, *notes)
        await ctx.unit.facts.put(unanswered_fact(case.station_id), str(day_of(morning.due_at, ctx.town.zone)))
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    await carry_out(ctx, moves.lapse(case, CLOCK, posts=posts, town=ctx.town, at=ctx.at), posts)


async def stalled_due(ctx: HandlerContext) -> None:
    """Escalate: the case was taken and then nothing was recorded.

    Anything recorded meanwhile postpones the check.
    """
    case = await _current(ctx, IN_WORK)
    if case is None or ctx.timer is None:
        return
    look = next_step.watch(case, town=ctx.town, turn=int(ctx.timer.data.get("turn", 0)) + 1)
    if look.due_at > ctx.at:
        await ctx.start_timers(look, *next_step.warns(case, town=ctx.town, turn=int(look.data["turn"])))
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    await carry_out(ctx, moves.stall(case, CLOCK, posts=posts, town=ctx.town, at=ctx.at), posts)


async def stalls_soon_due(ctx: HandlerContext) -> None:
    """Warn the assignee a day before the case is taken away because nothing was recorded."""
    case = await _current(ctx, IN_WORK)
    if case is None or ctx.timer is None or case.calls:
        return
    if any(timer.due_at > ctx.at for timer in next_step.warns(case, town=ctx.town)):
        return  # something was recorded: the check for inactivity starts the next warning
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    await ctx.notify(*stall_warning(case, posts, due=next_step.watch(case, town=ctx.town).due_at, at=ctx.at, town=ctx.town))


async def follow_up_due(ctx: HandlerContext) -> None:
    """Ask the reporter whether it is really solved.

    A reporter who cannot be asked here is visited by the holder.
    """
    case = await _current(ctx, frozenset({State.SETTLED, State.CLOSED}))
    if case is None:
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    person_id = reporter_of(case, posts)
    person = None if person_id is None else await ctx.unit.people.find(person_id, at=ctx.at)
    speaks = person is not None and (person_id == case.reporter_id or may_file_for_others(person, case.station_id))
    reporter = await ctx.unit.people.receiver(person_id) if speaks and person_id is not None else None
    await ctx.audit(Event(case.subject, "asked", None, ctx.at, data={"by": {"t": "case.who.clock"}}))
    await ctx.notify(*return_question(case, posts, reporter, at=ctx.at, town=ctx.town))


async def audit_due(ctx: HandlerContext) -> None:
    """Check that every active case and open record has a next step, and run again later.

    Those without one get it back. Every open thing whose holder cannot act is given to somebody who can.
    """
    unwatched = await ctx.unit.cases.list_unwatched()
    for case in unwatched:
        await ctx.start_timers(*next_step.next_step(case, town=ctx.town, at=ctx.at))
        await ctx.audit(Event(case.subject, "rearmed", None, ctx.at, data={"rung": int(case.rung), "fence": case.fence}))
    rearmed = len(unwatched) + sum([await kind.rearm(ctx) for kind in ctx.hooks.records.values()])
    await ctx.unit.facts.put("audit.last_at", str(to_us(ctx.at)))
    await ctx.unit.facts.put("audit.rearmed", str(rearmed))
    await ctx.unit.facts.put("audit.moved", str(await audit_holders(ctx)))
    await ctx.start_timers(audit_timer(ctx.at))


# Fences ---------------------------------------------------------------------------------------------------------------


async def _current(ctx: HandlerContext, states: frozenset[State]) -> Case | None:
    """Return the case of the due timer, if the step it belongs to still lasts."""
    assert ctx.timer is not None
    case = await ctx.unit.cases.find(int(ctx.timer.data.get("case", 0)))
    if case is None or case.state not in states or case.fence != ctx.timer.data.get("fence"):
        return None
    return case
