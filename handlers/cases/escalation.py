"""Run the due timers of cases: reminders, deadlines, stalls, return question, auditor.

Knows timers and their fences; domain/cases/moves.py decides the moves. Invariant: a timer whose step has ended does nothing; an alert
ends acknowledged, one level up, or with a list of people and their telephone numbers; every active case has a next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of
from domain.cases import moves, next_step
from domain.cases.actors import CaseActor, CaseRole, may_file_for_others
from domain.cases.case import IN_WORK, WAITING, Case, Severity, State
from domain.cases.contact import FollowUp, follow_up, turn_after
from domain.cases.display import display_name
from domain.cases.escalation import EscalationLevel, audit_timer, follow_up_timer
from domain.cases.notices import readers, reporter_of
from domain.cases.visibility import Part, who_sees
from domain.core.change import Button, Event, Notice, Priority
from domain.core.notes import note_timers, unanswered_fact
from domain.people.people import Role
from handlers.cases.cards import what
from handlers.cases.moves import carry_out
from handlers.cases.notifications import reminders, rings, stall_warning, to_post
from handlers.core.context import rows
from handlers.core.placing import ASKED
from handlers.core.post_changes import audit_holders
from storage.values import to_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.core.change import Receiver
    from domain.core.town import Town
    from domain.people.people import Posts
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

    They are asked twice; then somebody visits them; then a leader hears that nobody did.
    A reporter who cannot be asked here is visited at once.
    """
    case = await _current(ctx, frozenset({State.SETTLED, State.CLOSED}))
    if case is None:
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    person_id = reporter_of(case, posts)
    person = None if person_id is None else await ctx.unit.people.find(person_id, at=ctx.at)
    speaks = person is not None and (person_id == case.reporter_id or may_file_for_others(person, case.station_id))
    reporter = await ctx.unit.people.receiver(person_id) if speaks and person_id is not None else None
    turn = 0 if ctx.timer is None else int(ctx.timer.data.get("turn", 0))
    reachable = reporter is not None and reporter.address is not None
    step = follow_up(case, await ctx.unit.cases.timeline(case.id), turn=turn, reachable=reachable)
    if step is None:
        return
    await ctx.audit(Event(case.subject, "asked", None, ctx.at, data={"by": {"t": "case.who.clock"}, "step": step.value}))
    await ctx.notify(*return_question(case, posts, reporter, step, at=ctx.at, town=ctx.town))
    after = turn_after(step, turn)
    if after is not None:
        await ctx.start_timers(follow_up_timer(case.id, case.ladder, case.rung, fence=case.fence, at=ctx.at, turn=after))


def return_question(case: Case, posts: Posts, reporter: Receiver | None, step: FollowUp, *, at: datetime, town: Town) -> Iterator[Notice]:
    """Ask the reporter, ask a handler to visit them, or tell the leaders that nobody did."""
    params = {"number": str(case.id), "village": case.village, "what": what(case), "who": display_name(case.holder_name, case.holder)}
    if step is FollowUp.ASK:
        assert reporter is not None
        answers = rows(Button("escalation.button.solved", "c.ok", (case.id,)), Button("escalation.button.unsolved", "c.no", (case.id,)))
        later = at if case.severity is Severity.URGENT else town.quiet.wait_until(at)
        yield Notice(
            reporter, "escalation.follow_up.to_reporter", params, answers, Priority.REMINDER, card=f"{case.card}{ASKED}", as_new_message=True,
            not_before=later, subject=case.subject, rings=rings(case), forwardable=True,
        )  # fmt: skip
        return
    visit = rows(
        Button("escalation.button.visited", "c.vis", (case.id,)),
        Button("case.button.reopen", "c.re", (case.id,)),
        Button("case.button.all", "c.all", (case.id,)),
    )
    named = who_sees(case.visibility, Part.NAME)  # nobody visits a reporter whom they must not know
    first = [role for role in (case.holder, Role.OFFICER) if role in named][:1]
    unreached = reporter is None or reporter.address is None
    key = "escalation.follow_up.to_holder" if unreached else "escalation.follow_up.unanswered"
    if step is FollowUp.MISSED:
        first, key = [Role.LEADER], "escalation.follow_up.to_leader"
    for who in readers(case, posts, *first):
        yield to_post(case, Notice(who, key, params, visit))


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
