"""A record's card in the group of its village: sent once, edited, closed.

Knows groups; must not know any feature. Invariants: the group is told once, and not in quiet hours unless it is urgent; every later change
reaches all groups that have the card, and no other. The feature chooses the words: a group reads no name, place or sentence of a person,
except what a family agreed to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from domain.core.change import Notice, Priority, RuleError
from domain.core.records import R

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import VillageId
    from domain.core.records import Lifecycle
    from handlers.core.context import HandlerContext


class GroupCard(Generic[R]):
    """The card of one kind of record in a village's group."""

    def __init__(self, lifecycle: Lifecycle[R]) -> None:
        self._lifecycle = lifecycle

    async def publish(
        self,
        ctx: HandlerContext,
        value: R,
        village: str,
        key: str,
        *,
        villages: Sequence[VillageId] = (),
        media: dict[str, Any] | None = None,
        keeps: bool = False,
        **params: Any,
    ) -> None:
        """Send the card to the village's group.

        `villages`: to the groups of these instead. `media`: a photo beside it. `keeps`: at once, also in quiet hours (without a sound), and
        nobody can forward it, so that a recall reaches every copy.

        Raises:
            RuleError: `record.no_group`: there is no such group.
        """
        groups = await ctx.unit.groups.of_villages(villages or [value.village_id])
        if not groups:
            raise RuleError("record.no_group", village=village)
        card = self._card(value)
        for _, group in groups:
            assert group.address is not None
            await ctx.notify(
                Notice(
                    group,
                    key,
                    params,
                    priority=Priority.BROADCAST,
                    card=card,
                    not_before=None if keeps else ctx.town.quiet.wait_until(ctx.at),
                    media=media,
                    unique=f"{card}:{group.address.channel}:{group.address.chat_id}",
                    forwardable=not keeps,
                )
            )

    async def change(self, ctx: HandlerContext, value: R, key: str, **params: Any) -> None:
        """Edit the card in every group that has it; does nothing without one."""
        card = self._card(value)
        for group in await ctx.unit.groups.with_card(card):
            await ctx.notify(Notice(group, key, params, priority=Priority.BROADCAST, card=card))

    def _card(self, value: R) -> str:
        """Return the card's name, which no redraw for the record's readers reaches."""
        return f"{self._lifecycle.subject(value)}:public"
