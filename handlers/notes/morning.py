"""The morning note: due cases, agreed dates, new cases, trainings, absences.

Knows sections and their order (domain/notes.py decides them); must not know how a case is moved. Invariants: a note names the cases
that its reader may open, without anybody's words or name of a reporter; of several that wait for a chat only the newest is sent; a
person with nothing to do gets none. Cases that nobody answered after everybody was called are on it less and less often, and not called otherwise.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from domain.calendar.local_time import day_of, instant_of
from domain.cases.actors import CaseRole
from domain.cases.case import ACTIVE, Case
from domain.cases.escalation import EscalationLevel, level_of
from domain.core.change import Button, Notice, PersonId, Priority, StationId
from domain.core.immutable import replace
from domain.core.notes import note_timers, unanswered_fact
from domain.notes import Section, agenda
from domain.people.people import POLICE, ReadScope, Role
from handlers.cases.cards import mark, timed, what
from handlers.cases.notifications import phone_lines
from handlers.core.context import rows
from storage.cases.scope import standing_of
from texts import About, At, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.core.post_change import Moved, PostChange
    from domain.people.people import Person
    from handlers.core.context import HandlerContext
    from handlers.core.presence import Presence

CARD = "notes.morning"
#: Cases read for one note, and lines of a section.
READ, SHOWN = 500, 8
#: A note that is later than this is not sent: the next one says the same.
LATE = timedelta(hours=6)
NOTED = (Role.CHAIR, *POLICE)
DAY = timedelta(days=1)


async def plan_notes(ctx: HandlerContext, change: PostChange, presence: Presence) -> Sequence[Moved]:
    """Start the timers of the notes of every station; moves nothing."""
    for station_id, _ in await ctx.unit.rosters.list_stations():
        await ctx.start_timers(*note_timers(station_id, town=ctx.town, at=ctx.at))
    return ()


def due_station(ctx: HandlerContext) -> StationId | None:
    """Return the station of the due note; None when it is too late for this one."""
    assert ctx.timer is not None
    return None if ctx.at - ctx.timer.due_at > LATE else StationId(int(ctx.timer.subject.partition(":")[2]))


async def morning_due(ctx: HandlerContext) -> None:
    """Send the morning note to everybody in office in a station who has something to do."""
    assert ctx.timer is not None
    station_id = StationId(int(ctx.timer.subject.partition(":")[2]))
    notes = note_timers(station_id, town=ctx.town, at=ctx.at)
    await ctx.start_timers(*notes)
    fact, today = unanswered_fact(station_id), str(day_of(ctx.at, ctx.town.zone))
    lists = (await ctx.unit.facts.find(fact) or "9") <= today
    if due_station(ctx) is None:
        if lists:
            await ctx.unit.facts.put(fact, str(day_of(notes[0].due_at, ctx.town.zone)))
        return
    away, unanswered = await _away(ctx, station_id), list[Case]()
    for person, level in await in_office(ctx, station_id):
        found = await _agenda(ctx, person, level)
        unanswered += found.get(Section.UNANSWERED, []) if lists else []
        await _send(ctx, person, level, found, away, lists=lists)
    if lists:
        await ctx.unit.facts.put(fact, "9")
    if unanswered:
        await _tell_administrators(ctx, station_id, unanswered)


async def in_office(ctx: HandlerContext, station_id: StationId) -> list[tuple[Person, EscalationLevel]]:
    """Return the reachable receivers of notes, with the level on which each answers."""
    holders = await ctx.unit.directory.holders(ReadScope(frozenset({station_id}), frozenset(), frozenset()), at=ctx.at)
    ids = {each.person_id for each in holders} | {each.deputy_id for each in holders if each.deputy_id is not None}
    people = await ctx.unit.people.find_many(sorted(ids), at=ctx.at)
    able = [each for each in people.values() if each.address.channel and not each.lost and not each.suspended and each.holds(*NOTED)]
    return [(each, max(level_of(role) for role in NOTED if each.holds(role))) for each in able]


async def _agenda(ctx: HandlerContext, person: Person, level: EscalationLevel) -> Mapping[Section, list[Case]]:
    numbers = await ctx.unit.search.numbers_of(person, states=sorted(ACTIVE), most=READ)
    handled = [
        case
        for case in await ctx.unit.search.read(person, numbers)
        if standing_of(person, case).standing in (CaseRole.CHAIR, CaseRole.POLICE)
    ]
    return agenda(handled, level=level, since=_last_note(ctx), town=ctx.town, at=ctx.at)


def _last_note(ctx: HandlerContext) -> datetime:
    """Return the time of the last morning note: the working day before this one."""
    day = day_of(ctx.at, ctx.town.zone)
    for back in range(1, 15):
        start = instant_of(day - back * DAY, time(0), ctx.town.zone)
        if day_of(ctx.town.working.next_opening(start), ctx.town.zone) == day - back * DAY:
            return instant_of(day - back * DAY, ctx.town.notes.morning, ctx.town.zone)
    return ctx.at - DAY


async def _send(
    ctx: HandlerContext, person: Person, level: EscalationLevel, found: Mapping[Section, list[Case]], away: Any, *, lists: bool
) -> None:
    trainings = await _trainings(ctx, person)
    if not _is_reason(found, trainings, level, lists=lists):
        return
    lines: list[Any] = []
    for section, cases in found.items():
        lines += _section(ctx, section, cases, several=level > EscalationLevel.CHAIR)
    lines += trainings
    if away and level > EscalationLevel.CHAIR:
        lines.append(away)
    shown = [case for cases in found.values() for case in cases[:SHOWN]][:SHOWN]
    numbers = (Button("cases.button.number", "m.case", (case.id,), {"number": str(case.id)}) for case in shown)
    buttons = (*rows(*numbers, width=4), *rows(Button("note.button.cases", "m.cases", ("open",))))
    day = At(ctx.at, "day")
    await ctx.notify(
        Notice(
            person.receiver(), "note.morning", {"day": day, "lines": Lines(lines)}, buttons, Priority.REMINDER, card=CARD, as_new_message=True,
            latest=True,
        )
    )  # fmt: skip


def _is_reason(found: Mapping[Section, list[Case]], trainings: list[Any], level: EscalationLevel, *, lists: bool) -> bool:
    """Tell whether there is a reason for a note.

    New cases of a whole station are not a reason, and neither are trainings for chairs, who are reminded of them anyway, nor unanswered cases
    between two lists.
    """
    others = {Section.NEW} if level is EscalationLevel.STATION else set()
    others |= set() if lists else {Section.UNANSWERED}
    return bool(found.keys() - others) or (bool(trainings) and level is EscalationLevel.OFFICER)


def _section(ctx: HandlerContext, section: Section, cases: Sequence[Case], *, several: bool) -> list[Any]:
    title: dict[str, Any] = Text(f"note.title.{section}", n=len(cases))
    if section is Section.UNANSWERED:
        since = min(case.opened_at for case in cases)
        title = Text(f"note.title.{section}", n=len(cases), since=At(since, "date"))
    lines = [title, *(About(case_line(ctx, case, several=several), case.subject) for case in cases[:SHOWN])]
    return [*lines, Text("note.more", n=len(cases) - SHOWN)] if len(cases) > SHOWN else lines


def case_line(ctx: HandlerContext, case: Case, *, several: bool) -> dict[str, Any]:
    """Return a case as a line: number, village, kind, and by when or since when."""
    village = Text("cases.village", village=case.village) if several else ""
    due = timed(case, at=ctx.at, town=ctx.town)
    return Text("note.case", mark=mark(case), number=str(case.id), village=village, what=what(case), due=due)


async def _trainings(ctx: HandlerContext, person: Person) -> list[Any]:
    """Return today's trainings that the person organises, watches or is invited to."""
    ends = instant_of(day_of(ctx.at, ctx.town.zone) + DAY, time(0), ctx.town.zone)
    seen = await ctx.unit.trainings.list_visible(person, since=ctx.at, limit=20)
    invited = await ctx.unit.trainings.list_invited(person, since=ctx.at, limit=20)
    today = {each.id: each for each in (*seen, *invited) if each.starts_at < ends}
    lines = [
        About(Text("note.training", at=At(each.starts_at, "time"), subject=each.subject, place=each.place), f"training:{each.id}")
        for each in sorted(today.values(), key=lambda each: each.starts_at)
    ]
    return [Text("note.title.trainings", n=len(lines)), *lines] if lines else []


async def _away(ctx: HandlerContext, station_id: StationId) -> Any:
    """Name the people in office who are away now, with their deputies."""
    leaves = await ctx.unit.directory.leaves_of_station(station_id, from_at=ctx.at, until_at=ctx.at + timedelta(minutes=1))
    people = await ctx.unit.people.find_many(sorted({each for leave in leaves for each in _both(leave)}), at=ctx.at)
    named = [
        Text("note.deputy", name=people[leave.person_id].name, deputy=people[leave.deputy_id].name)
        for leave in leaves
        if leave.person_id in people and leave.deputy_id in people
    ]
    return Text("note.away", names=Joined(named)) if named else ""


def _both(leave: Any) -> tuple[PersonId, PersonId]:
    return leave.person_id, leave.deputy_id


async def _tell_administrators(ctx: HandlerContext, station_id: StationId, unanswered: Iterable[Case]) -> None:
    """Tell administrators the number of unanswered cases, and whom to telephone."""
    cases = {case.id: case for case in unanswered}
    station = (await ctx.unit.people.station_posts(station_id, at=ctx.at)).everybody
    called = station.of(Role.DUTY, Role.LEADER)
    known = await ctx.unit.people.find_many([who.person_id for who in called if who.person_id is not None], at=ctx.at)
    since = At(min(case.opened_at for case in cases.values()), "date")
    params = {"n": len(cases), "since": since, "phones": phone_lines(known, called)}
    told = {who.person_id for who in called}
    for admin in await ctx.unit.people.administrators():
        if admin.address is not None and admin.person_id not in told:
            notice = Notice(replace(admin, role=""), "note.unanswered.to_admin", params, priority=Priority.REMINDER, card=CARD)
            await ctx.notify(replace(notice, as_new_message=True, latest=True))
