"""Give trainings to another organiser when posts change; free the seats of erased people.

Knows organisers and seats. Invariants: an announced training always has an organiser who holds a post of one of its villages; a freed seat
goes to the person who has waited longest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import training as rules
from domain.core.change import Notice
from domain.core.post_change import LOSSES, Moved, Why
from domain.people.people import Role
from domain.training import Answer, State, Training
from handlers.core.presence import reachable
from handlers.training.answers import promote
from handlers.training.cards import draw_board
from texts import At, Text

if TYPE_CHECKING:
    from domain.core.change import PersonId, Receiver
    from domain.core.post_change import PostChange
    from handlers.core.context import HandlerContext
    from handlers.core.presence import Presence

_OFFICES = (Role.CHAIR, Role.OFFICER, Role.LEADER, Role.DUTY)


async def give_away(ctx: HandlerContext, change: PostChange, presence: Presence) -> list[Moved]:
    """Give every training whose organiser cannot act to somebody who can; see `PostsChanged`."""
    if change.why is Why.FORGOTTEN and change.person_id is not None:
        await _free_seats(ctx, change.person_id)
        return []
    moved: list[Moved] = []
    for value in await ctx.unit.trainings.list_organised(change.people if change.person_id is not None else None, ends_after=ctx.at):
        present = await _present(value, presence)
        if value.organiser_id in {who.person_id for who in present}:
            continue
        if value.state is State.DRAFT:
            if change.why in LOSSES - {Why.AWAY, Why.UNREACHABLE}:
                await ctx.unit.trainings.record(rules.discard(value, ctx.actor.id, at=ctx.at))
            continue
        heir = next((who for who in present if who.person_id == change.to_id), present[0] if present else None)
        moved.append(await _give(ctx, value, heir))
    return moved


async def _present(value: Training, presence: Presence) -> list[Receiver]:
    """Return the people who can organise a training now, the nearest first.

    A chair organises only the training of their own village.
    """
    found: dict[PersonId | None, Receiver] = {}
    for role in _OFFICES[0 if len(value.villages) == 1 else 1 :]:
        for village_id in value.villages:
            for who in reachable((await presence.of(village_id)).everybody, role):
                found.setdefault(who.person_id, who)
    return list(found.values())


async def _give(ctx: HandlerContext, value: Training, heir: Receiver | None) -> Moved:
    line = Text("posts.line.training", subject=value.subject, at=At(value.starts_at), number=value.id)
    village_id = value.villages[0] if len(value.villages) == 1 else None
    if heir is None or heir.person_id is None:
        return Moved(value.card, village_id, value.station_id, (), line)
    before = value.organiser_id
    value = await ctx.unit.trainings.record(rules.give(value, heir.person_id, heir.name, by=ctx.actor.id, at=ctx.at))
    await draw_board(ctx, value)
    person = await ctx.unit.people.find(before, at=ctx.at)
    hangs = before in await ctx.unit.cards.viewers(value.board)
    if hangs and (person is None or await ctx.unit.trainings.find_visible_to(person, value.id) is None):
        to = await ctx.unit.people.receiver(before)
        await ctx.notify(Notice(to, "record.gone", {"number": value.id}, card=value.board, tells_nothing=True))
    return Moved(value.card, village_id, value.station_id, (heir,), line)


async def _free_seats(ctx: HandlerContext, person_id: PersonId) -> None:
    """Free a person's seats in coming trainings; those who wait move up."""
    for value in await ctx.unit.trainings.list_promised(person_id, starts_after=ctx.at):
        people = await ctx.unit.trainings.people(value.id)
        village_id = next((each.village_id for each in people if each.person_id == person_id), None)
        await ctx.unit.trainings.put_answer(value, person_id, Answer.NO, village_id=village_id, at=ctx.at)
        await promote(ctx, value.id)
        await draw_board(ctx, await ctx.unit.trainings.find(value.id) or value)
