"""Ring the rounds of an urgent case until a person answers.

Knows whom each round calls; its instants are in domain/cases/rounds.py. Must not know how words become a case. Invariant: a round of a step
that has ended rings nobody; the bot itself telephones nobody and says so to nobody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases import urgent
from domain.cases.actors import CaseActor, CaseRole, may_see
from domain.cases.case import WAITING, Case
from domain.cases.escalation import CALLED
from domain.cases.notices import as_handler, readers, reporter_of
from domain.cases.rounds import Ring, Round, due_ring
from domain.cases.visibility import Part
from domain.core.change import Button, Notice, Priority, Receiver
from domain.people.people import POLICE, Role
from handlers.callouts.called import to_handler, to_other
from handlers.cases.cards import buttons_for, what
from handlers.cases.moves import carry_out
from handlers.cases.notifications import phone_lines
from handlers.core.context import rows
from texts import Lines, Text

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext

CLOCK = CaseActor(None, "", CaseRole.CLOCK, Role.STRANGER)
MINUTE = timedelta(minutes=1)
#: Rounds that call everybody of the village's chain; in the others it is the police.
_EVERYBODY = frozenset({Round.SECOND_WAVE, Round.PHONES, Round.REPEAT})
_WIDE = frozenset({Round.WIDE, Round.REPEAT})


async def round_due(ctx: HandlerContext) -> None:
    """Ring the rounds that are due, together if several are."""
    assert ctx.timer is not None
    case = await ctx.unit.cases.find(int(ctx.timer.data.get("case", 0)))
    if case is None or case.state not in WAITING or not case.calls or case.fence != ctx.timer.data.get("fence"):
        return
    assert case.scene is not None
    assert case.ladder.rounds is not None
    due = due_ring(case.ladder.rounds, case.scene, at=ctx.at)
    if due is None:
        return
    posts = (await ctx.unit.people.posts_of(case.village_id, at=ctx.at)).everybody  # those on shift were called first
    case = await carry_out(ctx, urgent.ring(case, CLOCK, due, at=ctx.at), posts)
    cancelled = case.scene is not None and case.scene.cancelled_at is not None
    going = 0 if cancelled else await ctx.unit.callouts.going(case.id)
    await _call_handlers(ctx, case, posts, due, cancelled=cancelled, going=going)
    if due.rounds & _WIDE and not going:
        await _call_others(ctx, case, posts)
    if Round.PHONES in due.rounds and not going:
        await _tell_reporter(ctx, case, posts)


def called_in(case: Case, posts: Posts, due: Ring) -> tuple[Receiver, ...]:
    """Return the people of the village's chain whom these rounds call; a drill calls the same."""
    roles = CALLED if due.rounds & _EVERYBODY else tuple(role for role in CALLED if role in POLICE)
    return tuple(who for who in readers(case, posts, *roles) if who.address is not None)


async def _call_handlers(ctx: HandlerContext, case: Case, posts: Posts, due: Ring, *, cancelled: bool, going: int) -> None:
    """Call those who handle the case.

    While only others are `going`, somebody has to take it over.
    """
    called = called_in(case, posts, due)
    minutes = str(max(0, (ctx.at - (case.scene.called_at if case.scene else case.opened_at)) // MINUTE))
    params: dict[str, Any] = {"number": str(case.id), "village": case.village, "what": what(case), "minutes": minutes, "late": _late(due)}
    params |= {"going": str(going)} if going else {}
    phones = await _phones(ctx, case, posts) if due.turn >= Round.PHONES else {}
    for who in called:
        by = as_handler(who)
        key = "scene.ring.cancelled" if cancelled else "scene.ring.going" if going else "scene.ring"
        if phones and not cancelled and not going:
            key = "scene.ring.desk" if who.role == Role.DUTY else "scene.ring.phones"
        shown = {"phones": _shown(case, by, who, phones)} if phones and not cancelled and not going else {}
        buttons = (*buttons_for(case, by)[:1], *rows(Button("case.button.all", "c.all", (case.id,))))
        await ctx.notify(to_handler(case, who, key, params | shown, buttons))


async def _call_others(ctx: HandlerContext, case: Case, posts: Posts) -> None:
    """Tell those who do not see the case that nobody answers: number, village and kind."""
    params = {"number": str(case.id), "village": case.village, "what": what(case)}
    come = rows(Button("scene.button.come", "r.come", (case.id,)))
    for who in await neighbours(ctx, case, posts):
        await ctx.notify(to_other(case, who, "scene.wide", params, come))


async def neighbours(ctx: HandlerContext, case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return officers beside the village, else of the station, and administrators.

    Nobody who was called already, and nobody who must not hear of it.
    """
    officers = await _officers_beside(ctx, case) or await ctx.unit.people.officers_of(case.station_id, at=ctx.at)
    administrators = await ctx.unit.people.administrators()
    own = {who.person_id for who in readers(case, posts, *CALLED)}
    barred = {*own, *case.excluded_ids}
    found = {who.person_id: who for who in (*officers, *administrators) if who.person_id not in barred and who.address is not None}
    return tuple(found.values())


async def _officers_beside(ctx: HandlerContext, case: Case) -> tuple[Receiver, ...]:
    """Return the officers of the neighbour villages, without the village's own."""
    own = (await ctx.unit.people.posts_of(case.village_id, at=ctx.at)).of(Role.OFFICER)
    barred = {*case.excluded_ids, *(who.person_id for who in own if who.person_id is not None)}
    found: dict[PersonId | None, Receiver] = {}
    for village_id in await ctx.unit.village_places.neighbours(case.village_id):
        posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
        found |= {who.person_id: who for who in posts.of(Role.OFFICER, without=barred) if who.address is not None}
    return tuple(found.values())


async def _tell_reporter(ctx: HandlerContext, case: Case, posts: Posts) -> None:
    """Tell the reporter that nobody has answered, without a sound where it is dangerous."""
    person_id = reporter_of(case, posts)
    if person_id is None:
        return
    to = await ctx.unit.people.receiver(person_id)
    await ctx.notify(
        Notice(
            to, "scene.unanswered.to_reporter", {"number": str(case.id)}, priority=Priority.SOS, subject=case.subject,
            rings=not case.at_home, silent=case.at_home, forwardable=True,
        )
    )  # fmt: skip


# Telephone numbers ----------------------------------------------------------------------------------------------------


async def _phones(ctx: HandlerContext, case: Case, posts: Posts) -> dict[Receiver, dict[str, Any]]:
    """Return the telephone number of each person called, as a line."""
    called = readers(case, posts, *CALLED)
    people = await ctx.unit.people.find_many([who.person_id for who in called if who.person_id is not None], at=ctx.at)
    return {who: phone_lines(people, (who,)) for who in called if who.person_id in people}


def _shown(case: Case, by: CaseActor, who: Receiver, phones: dict[Receiver, dict[str, Any]]) -> dict[str, Any]:
    """Return the numbers that a called person may see: of the reporter and of the others.

    The chair sees those of the officer and the desk.
    """
    lines: list[Any] = []
    if case.phone_given and case.reporter_phone and may_see(by.standing, Part.NAME, case.visibility):
        lines.append(Text("scene.phone.reporter", phone=case.reporter_phone))
    police = by.standing is CaseRole.POLICE
    lines += [line for each, line in phones.items() if each != who and (police or each.role in (Role.OFFICER, Role.DUTY))]
    return Lines(lines or [Text("escalation.phone.nobody")])


def _late(due: Ring) -> Any:
    """Say how late a round is, if it matters."""
    return Text("scene.late", minutes=str(due.late // MINUTE)) if due.late >= MINUTE else ""
