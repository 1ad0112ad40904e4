"""Tell the village's group of a found thing, and that it is over.

Knows the public card. Invariant: the group reads a word of a fixed list, a day and a number: no place, detail, name or photo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.found import things as rules
from domain.found import words
from handlers.core.group_card import GroupCard
from handlers.core.records import me
from handlers.found.cards import ITEMS
from texts import At, Text

if TYPE_CHECKING:
    from domain.found.things import Item
    from handlers.core.context import HandlerContext

PUBLIC: GroupCard[Item] = GroupCard(rules.ITEMS)


async def press_publish(ctx: HandlerContext) -> None:
    """Tell the village's group, once."""
    item = await ITEMS.record(ctx, rules.publish(await ITEMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    what = Text(f"found.noun.{words.noun(item.what)}")
    await PUBLIC.publish(ctx, item, item.village, "found.public", number=item.id, what=what, day=At(item.opened_at, "day"))
    ctx.toast("found.toast.published", number=item.id)


async def close(ctx: HandlerContext, item: Item) -> None:
    """Reduce the group's card to one line, if the group was told."""
    await PUBLIC.change(ctx, item, "found.public.over", number=item.id)
