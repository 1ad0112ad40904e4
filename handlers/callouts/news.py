"""Tell everybody who was called what became of an urgent case, also those of later rounds.

Knows which moves are news; their recipients are in handlers/callouts/called.py. Must not decide a move. Invariant: everybody who was called
learns that somebody goes, that nobody has to come any more, and that it begins again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole
from domain.cases.case import Action, CaseChange
from domain.cases.display import holder_of
from domain.cases.notices import OF_SCENE, new_card_recipients
from domain.core.change import Button, Notice, Timer
from handlers.callouts.called import load_called, to_handler, to_other
from handlers.callouts.places import send_gathered, where_card
from handlers.cases.cards import what
from handlers.core.context import rows

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext

#: Moves after which people may be awake already: a message without a sound is enough.
_QUIET = frozenset({Action.ACCEPT, Action.ACK, Action.ARRIVE})
#: What the people who do not see the case hear of a move: somebody goes, it is over, it begins again.
_TO_OTHERS = {
    Action.ACCEPT: "taken",
    Action.ACK: "taken",
    Action.CANCEL: "over",
    Action.WITHDRAW: "over",
    Action.SPOKE: "over",
    Action.RAISE: "again",
}


async def follow(ctx: HandlerContext, change: CaseChange) -> None:
    """Act on a change of an urgent case."""
    case = change.case
    if case.scene is None:
        return
    if case.ended and not change.before.ended:
        due_at = ctx.at + ctx.town.emergency.keep_places
        await ctx.start_timers(
            Timer("case_places", case.subject, due_at, f"case_places:{case.id}:{case.fence}", {"case": case.id, "fence": case.fence})
        )
    if change.action is Action.OPEN:
        await send_gathered(ctx, case)
        await _ask_place(ctx, change)
    elif change.action in OF_SCENE and change.action is not Action.RING:
        await _tell(ctx, change)


async def _ask_place(ctx: HandlerContext, change: CaseChange) -> None:
    """Ask the reporter where they are: one tap, or words."""
    case = change.case
    if not ctx.incoming.private or case.placed_at is not None or change.by.standing is not CaseRole.REPORTER:
        return
    await ctx.notify(
        Notice(
            ctx.origin,
            "scene.where",
            {"number": str(case.id)},
            ask="location",
            silent=case.at_home,
            card=where_card(case),
            as_new_message=True,
        )
    )


async def _tell(ctx: HandlerContext, change: CaseChange) -> None:
    case, quiet = change.case, change.action in _QUIET
    called = await load_called(ctx, case, without=change.by.id)
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    anew = {who.person_id for who in new_card_recipients(change, posts)}
    params = {"number": str(case.id), "village": case.village, "what": what(case)}
    for viewer in called.handlers:
        assert viewer.by is not None
        if viewer.to.person_id in anew:
            continue
        offered = [Button("case.button.all", "c.all", (case.id,))]
        if change.action is Action.CANCEL and viewer.by.standing is CaseRole.POLICE:
            offered.insert(0, Button("scene.button.spoke", "c.spk", (case.id,)))
        key = f"scene.{change.action}.to_called"
        if change.action is Action.CANCEL and viewer.by.standing is not CaseRole.POLICE:
            key = "scene.cancel.to_chair"
        told = params | {"who": holder_of(case), "by": change.event.data["by"]}
        await ctx.notify(to_handler(case, viewer.to, key, told, rows(*offered), news=True, quiet=quiet))
    if change.action in _TO_OTHERS:
        for who in called.others:
            await ctx.notify(to_other(case, who, f"scene.wide.{_TO_OTHERS[change.action]}", params, news=True, quiet=quiet))
