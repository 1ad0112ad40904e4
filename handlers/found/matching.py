"""Match lost things with found ones.

Knows who is told; domain/found/words.py decides what is alike. Invariant: neither side learns the other's words, place or name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Button
from domain.found import claims as rules
from domain.found import words
from domain.found.things import PUBLIC
from domain.people.people import Role
from handlers.core.records import me
from handlers.found.cards import ITEMS, LOSSES
from handlers.found.claims import CLAIMS, tell_claimant

if TYPE_CHECKING:
    from domain.found.things import Item, Loss
    from handlers.core.context import HandlerContext

#: Open records that are compared, the newest; matches that are told.
COMPARED, TOLD = 200, 3
#: The post that is told when the keeper is the owner, who does not keep it then.
_INSTEAD = {Role.CHAIR: Role.OFFICER, Role.OFFICER: Role.DUTY}


async def thing_found(ctx: HandlerContext, item: Item) -> None:
    """Tell the owners of lost things that are like a new found one, and its keeper."""
    losses = await LOSSES.store(ctx).open_at(item.station_id, limit=COMPARED)
    for loss in [each for each in losses if _match(item, each)][:TOLD]:
        await _offer(ctx, item, loss)


async def thing_lost(ctx: HandlerContext, loss: Loss) -> None:
    """Tell the owner of a new lost thing, and the keepers of found ones that are like it."""
    items = await ITEMS.store(ctx).open_at(loss.station_id, limit=COMPARED)
    for item in [each for each in items if _match(each, loss)][:TOLD]:
        await _offer(ctx, item, loss)


def _match(item: Item, loss: Loss) -> bool:
    return item.kind in PUBLIC and item.finder_id != loss.owner_id and words.alike(item.what, loss.what)


async def _offer(ctx: HandlerContext, item: Item, loss: Loss) -> None:
    """Offer the owner a claim; tell the keeper that somebody may have lost the thing."""
    claim = await CLAIMS.open(ctx, rules.offer(await CLAIMS.store(ctx).next_number(), item, loss, by=me(ctx), at=ctx.at))
    await tell_claimant(ctx, claim, "claim.offered", Button("claim.button.claim", "f.claim", (claim.id,)), number=loss.id)
    posts = await ctx.unit.people.posts_of(item.village_id, at=ctx.at)
    is_keeper = any(who.person_id == loss.owner_id for who in posts.everybody.of(item.keeper))
    await ITEMS.call(
        ctx,
        item,
        _INSTEAD[item.keeper] if is_keeper else item.keeper,
        key="found.match.to_keeper",
        buttons=((Button("found.button.see", "f.see", (item.id,)),),),
        number=item.id,
    )
