"""Tell the village's group of a found thing, and that it is over.

Knows the public card. Invariant: the group reads a word of a fixed list, a day and a number: no place, detail, name or photo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Notice, Priority, RuleError
from domain.found import things as rules
from domain.found import words
from handlers.core.records import me
from handlers.found.cards import ITEMS
from texts import At, Text

if TYPE_CHECKING:
    from domain.found.things import Item
    from handlers.core.context import HandlerContext


async def press_publish(ctx: HandlerContext) -> None:
    """Tell the village's group, once."""
    change = rules.publish(await ITEMS.pressed(ctx, handling=True), me(ctx), at=ctx.at)
    groups = await ctx.unit.groups.of_villages([change.value.village_id])
    if not groups:
        raise RuleError("found.no_group", village=change.value.village)
    item = await ITEMS.record(ctx, change)
    what = Text(f"found.noun.{words.noun(item.what)}")
    for _, group in groups:
        assert group.address is not None
        await ctx.notify(
            Notice(
                group,
                "found.public",
                {"number": item.id, "what": what, "day": At(item.opened_at, "day")},
                priority=Priority.BROADCAST,
                card=_card_of(item),
                not_before=ctx.town.quiet.wait_until(ctx.at),
                unique=f"{_card_of(item)}:{group.address.channel}:{group.address.chat_id}",
                forwardable=True,
            )
        )
    ctx.toast("found.toast.published", number=item.id)


async def close(ctx: HandlerContext, item: Item) -> None:
    """Reduce the group's card to one line, if the group was told."""
    if item.published_at is None:
        return
    for _, group in await ctx.unit.groups.of_villages([item.village_id]):
        await ctx.notify(Notice(group, "found.public.over", {"number": item.id}, priority=Priority.BROADCAST, card=_card_of(item)))


def _card_of(item: Item) -> str:
    """Return the name of the group's card, which no redraw of the keeper's card reaches."""
    return f"{rules.ITEMS.subject(item)}:public"
