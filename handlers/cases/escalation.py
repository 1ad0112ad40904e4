"""What the clock does to cases: reminders, deadlines, silence, the return question, and the auditor.

Knows timers and their fences; the moves are decided in domain/cases/moves.py. Invariant: a timer whose step has ended does nothing; an alert
ends acknowledged, one rung up, or with a list of people and their telephone numbers; every active case has a next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases import moves
from domain.cases.actors import By, Standing
from domain.cases.case import IN_WORK, WAITING, Case, Severity, State
from domain.cases.display import called
from domain.cases.escalation import Rung, audit_timer
from domain.cases.notices import asked_now, reporter_of
from domain.core.change import Button, Event, Notice, Priority
from domain.people.people import Role
from handlers.cases.cards import above, awaited, buttons_for, what, when
from handlers.cases.moves import carry_out
from handlers.cases.notifications import to_post
from handlers.core.context import rows
from storage.values import to_us
from texts import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.core.change import PersonId, Receiver
    from domain.people.people import Posts
    from handlers.core.context import Act

CLOCK = By(None, "", Standing.CLOCK, Role.STRANGER)


async def remind_due(act: Act) -> None:
    """Remind whoever has to answer, once, while there is still time."""
    case = await _current(act, WAITING)
    if case is None or case.due_at is None or act.at >= case.due_at:
        return  # too late to remind: the deadline speaks for itself
    posts = await act.unit.people.posts_of(case.village_id, at=act.at)
    key = f"escalation.reminder.{case.rung.name.lower()}"
    params = {
        "number": str(case.id),
        "village": case.village,
        "what": what(case),
        "due": when(act, case.due_at),
        "next": above(case, posts),
    }
    for who in asked_now(case, posts):
        by = By(who.person_id, who.name, Standing.CHAIR if who.role == Role.CHAIR else Standing.POLICE, Role(who.role))
        await act.tell(to_post(act, case, Notice(who, key, params, buttons_for(case, by)[:1])))


async def deadline_due(act: Act) -> None:
    """Climb: nobody answered in time. On the last rung it is said again, with telephone numbers."""
    case = await _current(act, WAITING)
    if case is None:
        return
    posts = await act.unit.people.posts_of(case.village_id, at=act.at)
    moved = await carry_out(act, moves.lapse(case, CLOCK, posts=posts, town=act.town, at=act.at), posts)
    if moved.rung >= Rung.STATION:
        await call_by_phone(act, moved, posts)


async def stalled_due(act: Act) -> None:
    """Climb: it was taken and then nothing was recorded. Anything recorded meanwhile moves the look."""
    case = await _current(act, IN_WORK)
    if case is None or act.timer is None:
        return
    look = moves.watch(case, town=act.town, turn=int(act.timer.data.get("turn", 0)) + 1)
    if look.due_at > act.at:
        await act.start(look)
        return
    posts = await act.unit.people.posts_of(case.village_id, at=act.at)
    moved = await carry_out(act, moves.stall(case, CLOCK, posts=posts, town=act.town, at=act.at), posts)
    if moved.rung is Rung.BEYOND:
        await call_by_phone(act, moved, posts)


async def follow_up_due(act: Act) -> None:
    """Ask the reporter whether it is really solved; who cannot be asked here is visited by the holder."""
    case = await _current(act, frozenset({State.SETTLED, State.CLOSED}))
    if case is None:
        return
    posts = await act.unit.people.posts_of(case.village_id, at=act.at)
    later = act.at if case.severity is Severity.PRESSING else act.town.quiet.wait_until(act.at)
    params = {"number": str(case.id), "village": case.village, "what": what(case), "who": called(case.holder_name, case.holder)}
    person_id = reporter_of(case, posts)
    to = await act.unit.people.receiver(person_id) if person_id is not None else None
    await act.record(Event(case.subject, "asked", None, act.at, data={"by": {"t": "case.who.clock"}}))
    if to is not None and to.address is not None:
        answers = rows(Button("escalation.button.solved", "c.ok", (case.id,)), Button("escalation.button.unsolved", "c.no", (case.id,)))
        await act.tell(
            Notice(to, "escalation.follow_up.to_reporter", params, answers, Priority.REMINDER, not_before=later, subject=case.subject)
        )
        return
    for who in posts.of(case.holder, without=case.barred):
        visit = rows(Button("case.button.reopen", "c.re", (case.id,)), Button("case.button.all", "c.all", (case.id,)))
        await act.tell(to_post(act, case, Notice(who, "escalation.follow_up.to_holder", params, visit)))


async def audit_due(act: Act) -> None:
    """Prove that every active case has a next step; give one to those that have none, and come back."""
    unwatched = await act.unit.cases.list_unwatched()
    for case in unwatched:
        await act.start(*moves.next_step(case, town=act.town, at=act.at))
        await act.record(Event(case.subject, "rearmed", None, act.at, data={"rung": int(case.rung), "fence": case.fence}))
    await act.unit.facts.put("audit.last_at", str(to_us(act.at)))
    await act.unit.facts.put("audit.rearmed", str(len(unwatched)))
    await act.start(audit_timer(act.at))


# Telephone numbers ----------------------------------------------------------------------------------------------------


async def call_by_phone(act: Act, case: Case, posts: Posts) -> None:
    """Give duty desk and leaders the numbers of those who did not answer, and administrators those of the station, without the case."""
    silent = posts.of(Role.CHAIR, Role.OFFICER, without=case.barred)
    station = posts.of(Role.DUTY, Role.LEADER, without=case.barred)
    params = {"number": str(case.id), "village": case.village, "what": what(case), "who": awaited(case, posts)}
    everybody = (*silent, *station) if case.rung is Rung.BEYOND else silent
    for who in station:
        list_ = await _phones(act, [each for each in everybody if each.person_id != who.person_id])
        button = rows(Button("case.button.ack", "c.ack", (case.id,)))
        await act.tell(to_post(act, case, Notice(who, "escalation.call.to_station", params | {"phones": list_}, button)))
    if case.rung is not Rung.BEYOND:
        return
    phones = await _phones(act, (*station, *silent))
    for admin in await _administrators(act, posts, told={who.person_id for who in station}):
        sealed = {"number": str(case.id), "village": case.village, "phones": phones}
        await act.tell(Notice(admin, "escalation.call.to_admin", sealed, priority=Priority.ESCALATION, subject=case.subject))


async def _phones(act: Act, people: Iterable[Receiver]) -> dict[str, Any]:
    lines = []
    for who in people:
        person = None if who.person_id is None else await act.unit.people.find(who.person_id, at=act.at)
        if person is None:
            continue
        name = Text("escalation.phone.name", post=Text(f"case.post.{who.role}"), name=person.name)
        lines.append(
            Text("escalation.phone.known", name=name, phone=person.phone) if person.phone else Text("escalation.phone.unknown", name=name)
        )
    return Lines(lines or [Text("escalation.phone.nobody")])


async def _administrators(act: Act, posts: Posts, *, told: set[PersonId | None]) -> tuple[Receiver, ...]:
    found = posts.of(Role.ADMIN) or await act.unit.people.administrators()
    return tuple(who for who in found if who.person_id not in told)


# Fences ---------------------------------------------------------------------------------------------------------------


async def _current(act: Act, states: frozenset[State]) -> Case | None:
    """Return the case of the due timer, if the step it belongs to still lasts."""
    assert act.timer is not None
    case = await act.unit.cases.find(int(act.timer.data.get("case", 0)))
    if case is None or case.state not in states or case.fence != act.timer.data.get("fence"):
        return None
    return case
