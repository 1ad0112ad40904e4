"""What the clock does to cases: reminders, deadlines, silence, the return question, and the auditor.

Knows timers and their fences; the moves are decided in domain/cases/moves.py. Invariant: a timer whose step has ended does nothing; an alert
ends acknowledged, one rung up, or with a list of people and their telephone numbers; every active case has a next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases import moves
from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import IN_WORK, WAITING, Case, Severity, State
from domain.cases.display import display_name
from domain.cases.escalation import EscalationLevel, audit_timer
from domain.cases.notices import asked_now, reporter_of
from domain.core.change import Button, Event, Notice, Priority
from domain.people.people import Role
from handlers.cases.cards import buttons_for, current_assignee, next_assignee, what, when
from handlers.cases.moves import carry_out
from handlers.cases.notifications import rings, to_post
from handlers.core.context import rows
from storage.values import to_us
from texts import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.core.change import PersonId, Receiver
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext

CLOCK = CaseActor(None, "", CaseRole.CLOCK, Role.STRANGER)


async def remind_due(ctx: HandlerContext) -> None:
    """Remind whoever has to answer, once, while there is still time."""
    case = await _current(ctx, WAITING)
    if case is None or case.due_at is None or ctx.at >= case.due_at:
        return  # too late to remind: the deadline speaks for itself
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    key = f"escalation.reminder.{case.rung.name.lower()}"
    params = {
        "number": str(case.id),
        "village": case.village,
        "what": what(case),
        "due": when(ctx, case.due_at),
        "next": next_assignee(case, posts),
    }
    for who in asked_now(case, posts):
        by = CaseActor(who.person_id, who.name, CaseRole.CHAIR if who.role == Role.CHAIR else CaseRole.POLICE, Role(who.role))
        await ctx.notify(to_post(ctx, case, Notice(who, key, params, buttons_for(case, by)[:1])))


async def deadline_due(ctx: HandlerContext) -> None:
    """Climb: nobody answered in time. On the last rung it is said again, with telephone numbers."""
    case = await _current(ctx, WAITING)
    if case is None:
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    moved = await carry_out(ctx, moves.lapse(case, CLOCK, posts=posts, town=ctx.town, at=ctx.at), posts)
    if moved.rung >= EscalationLevel.STATION:
        await call_by_phone(ctx, moved, posts)


async def stalled_due(ctx: HandlerContext) -> None:
    """Climb: it was taken and then nothing was recorded. Anything recorded meanwhile moves the look."""
    case = await _current(ctx, IN_WORK)
    if case is None or ctx.timer is None:
        return
    look = moves.watch(case, town=ctx.town, turn=int(ctx.timer.data.get("turn", 0)) + 1)
    if look.due_at > ctx.at:
        await ctx.start_timers(look)
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    moved = await carry_out(ctx, moves.stall(case, CLOCK, posts=posts, town=ctx.town, at=ctx.at), posts)
    if moved.rung is EscalationLevel.BEYOND:
        await call_by_phone(ctx, moved, posts)


async def follow_up_due(ctx: HandlerContext) -> None:
    """Ask the reporter whether it is really solved; who cannot be asked here is visited by the holder."""
    case = await _current(ctx, frozenset({State.SETTLED, State.CLOSED}))
    if case is None:
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    later = ctx.at if case.severity is Severity.URGENT else ctx.town.quiet.wait_until(ctx.at)
    params = {"number": str(case.id), "village": case.village, "what": what(case), "who": display_name(case.holder_name, case.holder)}
    person_id = reporter_of(case, posts)
    to = await ctx.unit.people.receiver(person_id) if person_id is not None else None
    await ctx.audit(Event(case.subject, "asked", None, ctx.at, data={"by": {"t": "case.who.clock"}}))
    if to is not None and to.address is not None:
        answers = rows(Button("escalation.button.solved", "c.ok", (case.id,)), Button("escalation.button.unsolved", "c.no", (case.id,)))
        await ctx.notify(
            Notice(
                to, "escalation.follow_up.to_reporter", params, answers, Priority.REMINDER, not_before=later, subject=case.subject,
                rings=rings(case), forwardable=True,  # theirs to show
            )
        )  # fmt: skip
        return
    for who in posts.of(case.holder, without=case.excluded_ids):
        visit = rows(Button("case.button.reopen", "c.re", (case.id,)), Button("case.button.all", "c.all", (case.id,)))
        await ctx.notify(to_post(ctx, case, Notice(who, "escalation.follow_up.to_holder", params, visit)))


async def audit_due(ctx: HandlerContext) -> None:
    """Prove that every active case has a next step; give one to those that have none, and come back."""
    unwatched = await ctx.unit.cases.list_unwatched()
    for case in unwatched:
        await ctx.start_timers(*moves.next_step(case, town=ctx.town, at=ctx.at))
        await ctx.audit(Event(case.subject, "rearmed", None, ctx.at, data={"rung": int(case.rung), "fence": case.fence}))
    await ctx.unit.facts.put("audit.last_at", str(to_us(ctx.at)))
    await ctx.unit.facts.put("audit.rearmed", str(len(unwatched)))
    await ctx.start_timers(audit_timer(ctx.at))


# Telephone numbers ----------------------------------------------------------------------------------------------------


async def call_by_phone(ctx: HandlerContext, case: Case, posts: Posts) -> None:
    """Give duty desk and leaders the numbers of those who did not answer, and administrators those of the station, without the case."""
    silent = posts.of(Role.CHAIR, Role.OFFICER, without=case.excluded_ids)
    station = posts.of(Role.DUTY, Role.LEADER, without=case.excluded_ids)
    params = {"number": str(case.id), "village": case.village, "what": what(case), "who": current_assignee(case, posts)}
    everybody = (*silent, *station) if case.rung is EscalationLevel.BEYOND else silent
    for who in station:
        list_ = await _phones(ctx, [each for each in everybody if each.person_id != who.person_id])
        button = rows(Button("case.button.ack", "c.ack", (case.id,)))
        await ctx.notify(to_post(ctx, case, Notice(who, "escalation.call.to_station", params | {"phones": list_}, button)))
    if case.rung is not EscalationLevel.BEYOND:
        return
    phones = await _phones(ctx, (*station, *silent))
    for admin in await _administrators(ctx, posts, told={who.person_id for who in station}):
        sealed = {"number": str(case.id), "village": case.village, "phones": phones}
        await ctx.notify(
            Notice(
                admin,
                "escalation.call.to_admin",
                sealed,
                priority=Priority.ESCALATION,
                subject=case.subject,
                rings=True,
                open_to_admins=True,
            )
        )


async def _phones(ctx: HandlerContext, people: Iterable[Receiver]) -> dict[str, Any]:
    lines = []
    for who in people:
        person = None if who.person_id is None else await ctx.unit.people.find(who.person_id, at=ctx.at)
        if person is None:
            continue
        name = Text("escalation.phone.name", post=Text(f"case.post.{who.role}"), name=person.name)
        lines.append(
            Text("escalation.phone.known", name=name, phone=person.phone) if person.phone else Text("escalation.phone.unknown", name=name)
        )
    return Lines(lines or [Text("escalation.phone.nobody")])


async def _administrators(ctx: HandlerContext, posts: Posts, *, told: set[PersonId | None]) -> tuple[Receiver, ...]:
    found = posts.of(Role.ADMIN) or await ctx.unit.people.administrators()
    return tuple(who for who in found if who.person_id not in told)


# Fences ---------------------------------------------------------------------------------------------------------------


async def _current(ctx: HandlerContext, states: frozenset[State]) -> Case | None:
    """Return the case of the due timer, if the step it belongs to still lasts."""
    assert ctx.timer is not None
    case = await ctx.unit.cases.find(int(ctx.timer.data.get("case", 0)))
    if case is None or case.state not in states or case.fence != ctx.timer.data.get("fence"):
        return None
    return case
