"""Load, once and as plain values, everybody who may be notified of a case's move.

Knows storage and which parts of an `Audience` a move needs (domain/cases/notices.py); must not know sentences. Invariant: it is loaded
after the move was recorded, so a person whom the move made a party sees nothing; the scope in SQL decides what a card's viewer may see,
for all of them in one statement; every person is read once, however many reasons there are to notify them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole, may_file_for_others
from domain.cases.case import Action
from domain.cases.escalation import EscalationLevel
from domain.cases.notices import (
    FOR_POLICE,
    TOLD_TO_FOLLOWERS,
    Audience,
    CardViewer,
    called_by_phone,
    cards_to_redraw,
    followers_to_tell,
    keeps_cards,
    referred_to,
    reporter_to_tell,
    silent_posts,
    station_posts,
)
from domain.core.change import Receiver
from domain.core.immutable import replace
from domain.people.people import Role
from storage.cases.scope import standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.cases.case import Case, CaseChange
    from domain.core.change import PersonId
    from domain.people.people import Person, Posts
    from handlers.core.context import HandlerContext


async def load_audience(ctx: HandlerContext, change: CaseChange, posts: Posts) -> Audience:
    """Load the people whom a recorded move concerns; `posts` are those it was decided with."""
    case, unit = change.case, ctx.unit
    if change.action is Action.OPEN:
        return Audience(posts, (change.event,), ctx.origin, opener_is_new=ctx.actor.is_new, in_elder_mode=ctx.actor.elder)
    by_phone = called_by_phone(change)
    answered_here = ctx.origin if change.by.standing is CaseRole.REPORTER and ctx.incoming.private else None
    reporter_id = reporter_to_tell(change, posts)
    follower_ids = followers_to_tell(change, await unit.cases.followers(case.id)) if change.action in TOLD_TO_FOLLOWERS else []
    holding = await unit.cards.viewers(case.card)
    viewer_ids = cards_to_redraw(change, posts, holding)
    own = None if ctx.actor.id in holding else _own_card(ctx, change)
    viewer_ids = [each for each in viewer_ids if own is None or each != ctx.actor.id]
    for_police = change.action in FOR_POLICE
    called = (*silent_posts(case, posts), *station_posts(case, posts)) if by_phone else ()
    referred = referred_to(change, posts)
    called += referred
    told = [
        *follower_ids,
        *viewer_ids,
        *(who.person_id for who in called),
        None if answered_here else reporter_id,
        case.opened_by,
        change.by.id,
    ]
    people = await unit.people.find_many([each for each in told if each is not None], at=ctx.at)
    if reporter_id in people and reporter_id != case.reporter_id and not may_file_for_others(people[reporter_id], case.station_id):
        reporter_id = None
    return Audience(
        posts,
        tuple(await unit.cases.timeline(case.id)),
        None if reporter_id is None else answered_here or _receiver(reporter_id, people),
        tuple(_receiver(each, people) for each in follower_ids),
        (
            *(each for each in await _viewers(ctx, case, viewer_ids, people) if not for_police or _is_police(each)),
            *(() if own is None else (own,)),
        ),
        {each: people[each] for each in (change.by.id, *(who.person_id for who in called)) if each in people},
        await _administrators(ctx, posts) if by_phone and case.rung is EscalationLevel.BEYOND else (),
        case.opened_by in people and people[case.opened_by].is_new,
        frozenset(holding if keeps_cards(change) else ()),
        frozenset(holding),
        ctx.origin if referred else None,
    )


async def load_viewers(ctx: HandlerContext, case: Case, *, cards: Sequence[str] = ()) -> tuple[CardViewer, ...]:
    """Load everybody with an open card of a case, and what each may see of it now.

    `cards`: the names of the cards to look for, in place of the case's own.
    """
    found = [await ctx.unit.cards.viewers(card) for card in cards or (case.card,)]
    viewer_ids = sorted({person_id for each in found for person_id in each})
    return await _viewers(ctx, case, viewer_ids, await ctx.unit.people.find_many(viewer_ids, at=ctx.at))


async def _viewers(
    ctx: HandlerContext, case: Case, viewer_ids: Iterable[PersonId], people: Mapping[PersonId, Person]
) -> tuple[CardViewer, ...]:
    found = [people[each] for each in viewer_ids if each in people and people[each].address.channel]
    readers = await ctx.unit.cases.readers_of(case.id, found)
    stands = ((person, standing_of(person, case) if person.id in readers else None) for person in found)
    return tuple(CardViewer(person.receiver("" if by is None else by.role), by) for person, by in stands)


def _is_police(viewer: CardViewer) -> bool:
    return viewer.by is not None and viewer.by.standing is CaseRole.POLICE


def _own_card(ctx: HandlerContext, change: CaseChange) -> CardViewer | None:
    """Return the actor as a viewer, if they moved in words, from a post, a case without a card."""
    if ctx.incoming.press_id or change.by.id is None or change.by.standing not in (CaseRole.CHAIR, CaseRole.POLICE):
        return None
    return CardViewer(ctx.origin, standing_of(ctx.actor, change.case), as_new_message=True)


def _receiver(person_id: PersonId, people: Mapping[PersonId, Person]) -> Receiver:
    """Return a person as a recipient, without an address when nothing can be sent to them."""
    person = people.get(person_id)
    if person is None:
        return Receiver(None, person_id=person_id)
    return person.receiver() if person.address.channel and not person.lost else replace(person.receiver(), address=None)


async def _administrators(ctx: HandlerContext, posts: Posts) -> tuple[Receiver, ...]:
    return posts.of(Role.ADMIN) or await ctx.unit.people.administrators()
