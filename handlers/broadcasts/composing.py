"""Compose a broadcast on its card: preview, confirm, stop, and retry for the failed only.

Knows the steps of every broadcast; handlers/broadcasts/sending.py sends it. Invariant: every press checks again what the presser may do,
and the villages are cut down to those the sender may send to now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, State, Verb
from domain.core.change import NotFound, RuleError
from domain.core.numbers import parse_case_number
from handlers.broadcasts import cards
from handlers.broadcasts.sending import KINDS, LOOK_EVERY, count, draw, look_again, release, still_wanted, villages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.core.change import VillageId
    from domain.people.people import Village
    from handlers.core.context import HandlerContext


async def compose(ctx: HandlerContext, kind: str, key: str, params: dict[str, Any], *, photo: str = "") -> None:
    """Start a broadcast of `key` with `params` to all villages of the actor.

    `params["title"]`: its name for the sender; `photo`: the file id of its picture.

    Raises:
        RuleError: `broadcast.no_villages`.
    """
    mine = await villages_of(ctx, ctx.actor)
    if not mine or ctx.actor.id is None:
        raise RuleError("broadcast.no_villages")
    every = tuple(village.id for village in mine)
    draft = Broadcast(
        id=0,
        kind=kind,
        station_id=mine[0].station_id,
        author_id=ctx.actor.id,
        key=key,
        params=params,
        audience=Audience.GROUPS,
        villages=every,
        state=State.DRAFT,
        photo=photo,
    )
    await _show(ctx, await ctx.unit.broadcasts.add(draft, at=ctx.at), mine, as_new_message=True)


# Presses: while it is a draft -------------------------------------------------------------------------------------------


async def show(ctx: HandlerContext) -> None:
    """Redraw the card as it is now."""
    broadcast, mine = await _loaded(ctx)
    await _show(ctx, broadcast, mine)


async def open_sent(ctx: HandlerContext) -> None:
    """Show the card of an earlier broadcast, as a new message."""
    broadcast, mine = await _loaded(ctx)
    await _show(ctx, broadcast, mine, as_new_message=True)


async def choose_audience(ctx: HandlerContext) -> None:
    """Choose the audience: groups, people, or both."""
    broadcast, mine = await _loaded(ctx)
    wanted = _value(ctx, 1)
    if wanted not in list(Audience):
        raise RuleError("refused.old_button")
    await _decide(ctx, broadcast, mine, lambda: rules.change(broadcast, ctx.actor.id, at=ctx.at, audience=Audience(wanted)))


async def pick(ctx: HandlerContext) -> None:
    """Open the list of villages at a page."""
    broadcast, mine = await _loaded(ctx)
    if broadcast.state is not State.DRAFT:
        ctx.toast(f"broadcast.is.{broadcast.state}", alert=True)
        await _show(ctx, broadcast, mine)
        return
    await ctx.notify(cards.picker(ctx.origin, broadcast, mine, page=_number(ctx, 1)))


async def toggle(ctx: HandlerContext) -> None:
    """Add or remove a village; the third value is its id, `all` or `none`."""
    broadcast, mine = await _loaded(ctx)
    everything = [village.id for village in mine]
    chosen = _toggled(_value(ctx, 2), everything, [each for each in everything if each in broadcast.villages])
    changed = await _decide(
        ctx, broadcast, mine, lambda: rules.change(broadcast, ctx.actor.id, at=ctx.at, villages=tuple(chosen)), shown=False
    )
    if changed is not None:
        await ctx.notify(cards.picker(ctx.origin, changed, mine, page=_number(ctx, 1)))


async def confirm(ctx: HandlerContext) -> None:
    """Send it to the recipients that the preview named."""
    broadcast, mine = await _loaded(ctx)
    targets = [village.id for village in mine if village.id in broadcast.villages]
    total = await count(ctx, broadcast, targets)
    version = _number(ctx, 1)
    sent = await _decide(
        ctx,
        broadcast,
        mine,
        lambda: rules.confirm(broadcast, ctx.actor.id, at=ctx.at, version=version, total=total.groups + total.people),
        shown=False,
    )
    if sent is not None:
        await release(ctx, sent, targets)
        await _show(ctx, sent, mine)


async def discard(ctx: HandlerContext) -> None:
    """Discard it unsent."""
    broadcast, mine = await _loaded(ctx)
    await _decide(ctx, broadcast, mine, lambda: rules.simple(broadcast, Verb.DISCARD, ctx.actor.id, at=ctx.at))


# Presses: after it was confirmed ----------------------------------------------------------------------------------------


async def stop(ctx: HandlerContext) -> None:
    """Stop the messages that were not sent yet."""
    broadcast, mine = await _loaded(ctx)
    stopped = await _decide(ctx, broadcast, mine, lambda: rules.simple(broadcast, Verb.STOP, ctx.actor.id, at=ctx.at), shown=False)
    if stopped is not None:
        await ctx.unit.timers.stop(stopped.card, at=ctx.at)
        await ctx.unit.outbox.cancel_batch(stopped.batch, at=ctx.at)
        await _show(ctx, stopped, mine)


async def retry(ctx: HandlerContext) -> None:
    """Send again to failed recipients who still want it.

    The others keep their reason.
    """
    broadcast, mine = await _loaded(ctx)
    allowed = {village.id for village in mine}
    failed = [row for row in await ctx.unit.broadcasts.failures(broadcast.batch) if row["state"] == "failed"]
    wishing = KINDS[broadcast.kind].wishing
    again = [row["id"] for row in failed if row["village_id"] in allowed and await still_wanted(ctx, row, wishing=wishing)]
    if not again:
        ctx.toast("broadcast.nothing_to_retry", alert=True)
        await _show(ctx, broadcast, mine)
        return
    sending = await _decide(ctx, broadcast, mine, lambda: rules.simple(broadcast, Verb.RETRY, ctx.actor.id, at=ctx.at), shown=False)
    if sending is not None:
        await ctx.unit.outbox.retry_batch(sending.batch, at=ctx.town.quiet.wait_until(ctx.at), ids=again)
        await ctx.unit.timers.stop(sending.card, at=ctx.at)
        await look_again(ctx, sending, {"n": 0, "settled": 0, "wait": LOOK_EVERY, "after": None})
        await _show(ctx, sending, mine)


async def receipts(ctx: HandlerContext) -> None:
    """Show the recipients, village by village."""
    broadcast, mine = await _loaded(ctx)
    asked = [village for village in mine if village.id in broadcast.villages]
    rows = await ctx.unit.broadcasts.receipts(broadcast.batch)
    await ctx.notify(cards.receipts(ctx.origin, broadcast, asked, rows, page=_number(ctx, 1)))


async def list_sent(ctx: HandlerContext) -> None:
    """Show the broadcasts sent lately: the actor's own, and those of a station they lead."""
    page = _number(ctx, 0)
    found = await ctx.unit.broadcasts.list_visible(ctx.actor, limit=cards.LISTED + 1, offset=page * cards.LISTED)
    await ctx.notify(cards.listing(ctx.origin, found, page=page, cause=ctx.cause))


# Loading and redrawing --------------------------------------------------------------------------------------------------


async def _loaded(ctx: HandlerContext) -> tuple[Broadcast, list[Village]]:
    """Return the broadcast of a button and the villages that the actor may send to.

    Raises:
        NotFound: there is none, it is not the actor's, or none of its villages is theirs any more.
    """
    number = parse_case_number(_value(ctx, 0))
    if number is None:
        raise NotFound(_value(ctx, 0)[:12])
    broadcast = await ctx.unit.broadcasts.visible_to(ctx.actor, number)
    mine = await villages_of(ctx, ctx.actor)
    if not mine or (broadcast.villages and not {village.id for village in mine} & set(broadcast.villages)):
        raise NotFound(broadcast.id)
    return broadcast, mine


async def _decide(
    ctx: HandlerContext, broadcast: Broadcast, mine: Sequence[Village], decision: Callable[[], rules.Change], *, shown: bool = True
) -> Broadcast | None:
    """Record a decision and redraw the card.

    A refusal is shown as a toast, and the card is redrawn as it is: then None.
    """
    try:
        decided = decision()
    except RuleError as rule:
        ctx.toast(rule.key, alert=True, **rule.params)
        await _show(ctx, broadcast, mine)
        return None
    changed = await ctx.unit.broadcasts.record(decided)
    if shown:
        await _show(ctx, changed, mine)
    return changed


async def _show(ctx: HandlerContext, broadcast: Broadcast, mine: Sequence[Village], *, as_new_message: bool = False) -> None:
    await draw(ctx, ctx.origin, broadcast, mine, as_new_message=as_new_message)


def _toggled(value: str, everything: list[VillageId], chosen: list[VillageId]) -> list[VillageId]:
    if value in ("all", "none"):
        return everything if value == "all" else []
    number = parse_case_number(value)
    if number not in everything:
        raise RuleError("refused.old_button")
    return [each for each in everything if (each in chosen) != (each == number)]


def _value(ctx: HandlerContext, index: int) -> str:
    return ctx.incoming.values[index] if index < len(ctx.incoming.values) else ""


def _number(ctx: HandlerContext, index: int) -> int:
    """Return a small number from a button, 0 for anything else."""
    return parse_case_number(_value(ctx, index)) or 0
