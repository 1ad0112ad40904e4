"""Give cases to somebody who can act when posts change.

Knows which cases a change concerns; domain/cases/reassignment.py decides. Also tells handlers that a reporter has gone.
Invariants: a case moves only if its holder cannot act, and stays on its level while somebody there can; the new holder gets a card, the
reporter one line; pending messages to the former holder are stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import WAITING
from domain.cases.display import holder_of
from domain.cases.escalation import ASKED
from domain.cases.notices import as_handler, asked_now
from domain.cases.reassignment import reassign
from domain.core.change import Button, Notice, Priority
from domain.core.immutable import replace
from domain.core.post_change import Moved, Why
from domain.people.people import Role
from domain.people.returning import marks_of
from handlers.cases.cards import card_for, head, what, when
from handlers.cases.moves import carry_out, redraw_everywhere
from handlers.core.context import rows
from texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.cases.case import Case
    from domain.core.change import PersonId, Receiver
    from domain.core.post_change import PostChange
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext
    from handlers.core.erased_cards import Erased
    from handlers.core.presence import Presence

CLOCK = CaseActor(None, "", CaseRole.CLOCK, Role.STRANGER)


async def give_away(ctx: HandlerContext, change: PostChange, presence: Presence) -> list[Moved]:
    """Give every case whose holder cannot act to the first person who can; see `PostsChanged`."""
    await _mark_erased_parties(ctx, change)
    if change.why is Why.FORGOTTEN and change.person_id is not None:
        await _tell_of_erasure(ctx, change.person_id)
        return []
    if change.person_id is None:
        cases = await ctx.unit.case_holders.list_unheld(at=ctx.at)
    else:
        cases = await ctx.unit.case_holders.list_concerned(change.people, villages=change.villages, stations=change.stations)
    waiting = await _waiting(ctx, change)
    found = [await _look_at(ctx, change, case, await presence.of(case.village_id), waiting) for case in cases]
    return [*await _ended_meanwhile(ctx, change), *(moved for moved in found if moved is not None)]


async def _look_at(
    ctx: HandlerContext, change: PostChange, case: Case, posts: Posts, waiting: Mapping[str, list[tuple[PersonId, int]]]
) -> Moved | None:
    """Reassign a case if necessary, and give its card to new people who are asked now."""
    viewers = frozenset(await ctx.unit.cards.viewers(case.card))
    asked = {who.person_id: who for who in asked_now(case, posts) if who.address is not None}
    concerned = any(
        role in ASKED[case.rung] and (village_id == case.village_id or (village_id is None and station_id == case.station_id))
        for role, village_id, station_id in change.posts
    )
    left = concerned and case.state in WAITING and bool((change.people & viewers) - asked.keys())
    decided = reassign(case, CLOCK, posts=posts, town=ctx.town, at=ctx.at, to_id=change.to_id, left=left)
    new = {person_id: who for person_id, who in asked.items() if person_id not in viewers} if case.state in WAITING and concerned else {}
    if decided is None and not new:
        return None
    for person_id, outbox_id in waiting.get(case.subject, ()):
        if person_id not in asked or (decided is not None and decided.restep):
            await ctx.unit.outbox.supersede(outbox_id, at=ctx.at)
    if decided is not None:
        case = await carry_out(ctx, decided, posts)
    if decided is None or not decided.restep:
        await _give_cards(ctx, case, posts, list(new.values()))
        return _moved(ctx, case, tuple(asked.values()), knew=viewers)
    now = tuple(who for who in asked_now(case, posts) if who.address is not None and case.holder_id in (None, who.person_id))
    return _moved(ctx, case, now)


async def _give_cards(ctx: HandlerContext, case: Case, posts: Posts, people: list[Receiver]) -> None:
    events = await ctx.unit.cases.timeline(case.id) if people else []
    for who in people:
        card = card_for(case, as_handler(who), who, posts=posts, events=events, at=ctx.at, town=ctx.town)
        await ctx.notify(replace(card, as_new_message=True, priority=Priority.ESCALATION))


def _moved(ctx: HandlerContext, case: Case, to: tuple[Receiver, ...], *, knew: frozenset[PersonId] = frozenset()) -> Moved:
    next_date: Any = ""
    if case.next_at is not None:
        next_date = Text("posts.line.next", at=when(case.next_at, at=ctx.at, town=ctx.town))
    elif case.due_at is not None:
        next_date = Text("posts.line.due", at=when(case.due_at, at=ctx.at, town=ctx.town))
    line = Text("posts.line.case", number=str(case.id), village=case.village, what=what(case), next=next_date)
    return Moved(case.subject, case.village_id, case.station_id, to, line, knew)


async def _ended_meanwhile(ctx: HandlerContext, change: PostChange) -> list[Moved]:
    """Return the cases that a deputy ended during a leave, for the person who is back."""
    if change.since is None or change.person_id is None or change.to_id is None:
        return []
    back = await ctx.unit.people.receiver(change.to_id)
    cases = await ctx.unit.case_holders.list_ended_by(change.person_id, villages=change.villages, since=change.since)
    return [Moved(case.subject, case.village_id, case.station_id, (back,), head(case, holder_of(case)), done=True) for case in cases]


async def _waiting(ctx: HandlerContext, change: PostChange) -> dict[str, list[tuple[PersonId, int]]]:
    """Return the pending messages about cases to the posts of the people concerned, by subject."""
    found: dict[str, list[tuple[PersonId, int]]] = {}
    for person_id in sorted(change.people):
        for row in await ctx.unit.outbox.list_waiting_about("case", person_id):
            if row.role:
                found.setdefault(row.subject, []).append((person_id, row.id))
    return found


async def _mark_erased_parties(ctx: HandlerContext, change: PostChange) -> None:
    """Keep marks of an erased person whom cases concern; bar people in office by them.

    Otherwise an accused person would erase themselves, or come with another account, be appointed again and handle the case. An account is
    known by its name and number too, while its person is not erased.
    """
    returning = ctx.unit.returning
    erased = change.why is Why.FORGOTTEN and change.person_id is not None and await returning.concerns(change.person_id)
    marked = await returning.exist()
    for person in (await ctx.unit.people.find_many(change.people, at=ctx.at)).values():
        if person.id is None or not (person.posts or erased):
            continue
        marks = marks_of(person, await ctx.unit.privacy.addresses(person.id)) if erased or marked else ()
        if erased and person.id == change.person_id:
            await returning.keep(person.id, marks, at=ctx.at)
        elif person.posts:
            for other in await ctx.unit.privacy.namesakes(person.id, name=person.name, phone=person.phone):
                await ctx.unit.privacy.bar_too(other, person.id)
            if marked and marks:
                await returning.bar(person.id, marks, at=ctx.at)


async def redraw_erased(ctx: HandlerContext, erased: Erased) -> None:
    """Redraw the cards of the cases that an erased person reported, or that named them."""
    assert erased.person.id is not None
    cases = {case.id: case for case in await ctx.unit.case_holders.list_of_reporter(erased.person.id)}
    for _, card in erased.named:
        found = ctx.unit.registry.find(card)
        if found is not None and found[0].kind == "case" and found[1] not in cases:
            case = await ctx.unit.cases.find(found[1])
            cases |= {} if case is None else {case.id: case}
    for case in cases.values():
        await redraw_everywhere(ctx, case)


async def _tell_of_erasure(ctx: HandlerContext, person_id: PersonId) -> None:
    """Tell the handlers of a person's open cases that nobody can be asked any more."""
    for case in await ctx.unit.case_holders.list_of_reporter(person_id):
        posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
        params = {"number": str(case.id), "village": case.village, "what": what(case)}
        button = rows(Button("case.button.all", "c.all", (case.id,)))
        for who in asked_now(case, posts):
            if case.holder_id in (None, who.person_id):
                await ctx.notify(
                    Notice(who, "case.reporter_gone.to_handler", params, button, subject=case.subject, excluded_ids=case.excluded_ids)
                )
