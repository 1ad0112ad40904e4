"""One message to many, on its card: composed, previewed, confirmed, stopped, and repeated for the failed only.

Knows the steps every broadcast takes; sending itself is handlers/broadcasts/sending.py. Invariant: who presses is asked again at every press, and
the villages are cut down to those the sender may send to now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, State, Verb
from domain.core.change import NotFound, RuleError
from domain.core.numbers import parse_case_number
from handlers.broadcasts import cards
from handlers.broadcasts.sending import LOOK_EVERY, count, draw, look_again, release, still_wanted, villages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.core.change import VillageId
    from domain.people.people import Village
    from handlers.core.context import Act


async def compose(act: Act, kind: str, key: str, params: dict[str, Any]) -> None:
    """Start a broadcast of `key` with `params` (`params["title"]`: its name for the sender) to all villages of the actor.

    Raises:
        RuleError: `broadcast.no_villages`.
    """
    mine = await villages_of(act, act.actor)
    if not mine or act.actor.id is None:
        raise RuleError("broadcast.no_villages")
    every = tuple(village.id for village in mine)
    draft = Broadcast(
        id=0,
        kind=kind,
        station_id=mine[0].station_id,
        author_id=act.actor.id,
        key=key,
        params=params,
        audience=Audience.GROUPS,
        villages=every,
        state=State.DRAFT,
    )
    await _show(act, await act.unit.broadcasts.add(draft, at=act.at), mine, fresh=True)


# Presses: while it is a draft -------------------------------------------------------------------------------------------


async def show(act: Act) -> None:
    """Redraw the card as it is now."""
    broadcast, mine = await _loaded(act)
    await _show(act, broadcast, mine)


async def open_sent(act: Act) -> None:
    """Show the card of something sent earlier, as a new message."""
    broadcast, mine = await _loaded(act)
    await _show(act, broadcast, mine, fresh=True)


async def choose_audience(act: Act) -> None:
    """To groups, to people, or both."""
    broadcast, mine = await _loaded(act)
    wanted = _value(act, 1)
    if wanted not in list(Audience):
        raise RuleError("refused.old_button")
    await _decide(act, broadcast, mine, lambda: rules.change(broadcast, act.actor.id, at=act.at, audience=Audience(wanted)))


async def pick(act: Act) -> None:
    """Open the list of villages at a page."""
    broadcast, mine = await _loaded(act)
    if broadcast.state is not State.DRAFT:
        act.toast(f"broadcast.is.{broadcast.state}", alert=True)
        await _show(act, broadcast, mine)
        return
    await act.tell(cards.picker(act.here, broadcast, mine, page=_number(act, 1)))


async def toggle(act: Act) -> None:
    """Take a village in or out; the third value is its id, `all` or `none`."""
    broadcast, mine = await _loaded(act)
    everything = [village.id for village in mine]
    chosen = _toggled(_value(act, 2), everything, [each for each in everything if each in broadcast.villages])
    changed = await _decide(
        act, broadcast, mine, lambda: rules.change(broadcast, act.actor.id, at=act.at, villages=tuple(chosen)), shown=False
    )
    if changed is not None:
        await act.tell(cards.picker(act.here, changed, mine, page=_number(act, 1)))


async def confirm(act: Act) -> None:
    """Let it go out to whoever the preview named."""
    broadcast, mine = await _loaded(act)
    targets = [village.id for village in mine if village.id in broadcast.villages]
    total = await count(act, broadcast, targets)
    version = _number(act, 1)
    sent = await _decide(
        act,
        broadcast,
        mine,
        lambda: rules.confirm(broadcast, act.actor.id, at=act.at, version=version, total=total.groups + total.people),
        shown=False,
    )
    if sent is not None:
        await release(act, sent, targets)
        await _show(act, sent, mine)


async def discard(act: Act) -> None:
    """Do not send it."""
    broadcast, mine = await _loaded(act)
    await _decide(act, broadcast, mine, lambda: rules.simple(broadcast, Verb.DISCARD, act.actor.id, at=act.at))


# Presses: once it is on its way -----------------------------------------------------------------------------------------


async def stop(act: Act) -> None:
    """Stop what has not left yet."""
    broadcast, mine = await _loaded(act)
    stopped = await _decide(act, broadcast, mine, lambda: rules.simple(broadcast, Verb.STOP, act.actor.id, at=act.at), shown=False)
    if stopped is not None:
        await act.unit.timers.stop(stopped.card, at=act.at)
        await act.unit.outbox.cancel_batch(stopped.batch, at=act.at)
        await _show(act, stopped, mine)


async def retry(act: Act) -> None:
    """Send again to those it did not reach, as far as they are still to be told: the others keep their reason."""
    broadcast, mine = await _loaded(act)
    allowed = {village.id for village in mine}
    failed = [row for row in await act.unit.broadcasts.failures(broadcast.batch) if row["state"] == "failed"]
    again = [row["id"] for row in failed if row["village_id"] in allowed and await still_wanted(act, row)]
    if not again:
        act.toast("broadcast.nothing_to_retry", alert=True)
        await _show(act, broadcast, mine)
        return
    sending = await _decide(act, broadcast, mine, lambda: rules.simple(broadcast, Verb.RETRY, act.actor.id, at=act.at), shown=False)
    if sending is not None:
        await act.unit.outbox.retry_batch(sending.batch, at=act.town.quiet.wait_until(act.at), ids=again)
        await act.unit.timers.stop(sending.card, at=act.at)
        await look_again(act, sending, {"n": 0, "settled": 0, "wait": LOOK_EVERY, "after": None})
        await _show(act, sending, mine)


async def receipts(act: Act) -> None:
    """Who received, village by village."""
    broadcast, mine = await _loaded(act)
    asked = [village for village in mine if village.id in broadcast.villages]
    rows = await act.unit.broadcasts.receipts(broadcast.batch)
    await act.tell(cards.receipts(act.here, broadcast, asked, rows, page=_number(act, 1)))


async def list_sent(act: Act) -> None:
    """What was sent lately: the actor's own, and that of a station he leads."""
    page = _number(act, 0)
    found = await act.unit.broadcasts.list_visible(act.actor, limit=cards.LISTED + 1, offset=page * cards.LISTED)
    await act.tell(cards.listing(act.here, found, page=page, cause=act.cause))


# Loading and redrawing --------------------------------------------------------------------------------------------------


async def _loaded(act: Act) -> tuple[Broadcast, list[Village]]:
    """Return the broadcast a button names and the villages the actor may send to.

    Raises:
        NotFound: there is none, it is not his, or none of its villages is his any more.
    """
    number = parse_case_number(_value(act, 0))
    if number is None:
        raise NotFound(_value(act, 0)[:12])
    broadcast = await act.unit.broadcasts.visible_to(act.actor, number)
    mine = await villages_of(act, act.actor)
    if not mine or (broadcast.villages and not {village.id for village in mine} & set(broadcast.villages)):
        raise NotFound(broadcast.id)
    return broadcast, mine


async def _decide(
    act: Act, broadcast: Broadcast, mine: Sequence[Village], decision: Callable[[], rules.Change], *, shown: bool = True
) -> Broadcast | None:
    """Record a decision and redraw; what a rule forbids is said over the chat, and the card redrawn as it is: then None."""
    try:
        decided = decision()
    except RuleError as rule:
        act.toast(rule.key, alert=True, **rule.params)
        await _show(act, broadcast, mine)
        return None
    changed = await act.unit.broadcasts.record(decided)
    if shown:
        await _show(act, changed, mine)
    return changed


async def _show(act: Act, broadcast: Broadcast, mine: Sequence[Village], *, fresh: bool = False) -> None:
    await draw(act, act.here, broadcast, mine, fresh=fresh)


def _toggled(value: str, everything: list[VillageId], chosen: list[VillageId]) -> list[VillageId]:
    if value in ("all", "none"):
        return everything if value == "all" else []
    number = parse_case_number(value)
    if number not in everything:
        raise RuleError("refused.old_button")
    return [each for each in everything if (each in chosen) != (each == number)]


def _value(act: Act, index: int) -> str:
    return act.incoming.values[index] if index < len(act.incoming.values) else ""


def _number(act: Act, index: int) -> int:
    """Return a small number from a button, 0 for anything else."""
    return parse_case_number(_value(act, index)) or 0
