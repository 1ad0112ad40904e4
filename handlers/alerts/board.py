"""The board of a running alert: it edits itself; the nudge; the telephone lists.

Knows boards and lists of villages that have not confirmed. Invariants: everybody sees their own villages and no others; a village that does
not respond ends on a named person's list with a telephone number.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert, State, may_alert
from domain.alerts.confirmations import VillageStatus
from domain.core.change import Button, Keyboard, Notice, PersonId, Priority, RuleError
from domain.core.immutable import immutable, replace
from domain.people.people import Person, Role, Village
from handlers.alerts.lists import parts, phone_list
from handlers.alerts.sending import by_text, shelter_button, tell_chairs
from handlers.core.context import HandlerContext
from handlers.core.pressed import pressed_number
from texts import At, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import Receiver

SHOWN = (State.SENT, State.ENDED, State.CLEARED, State.RECALLED)
CLOSED = (State.CLEARED, State.RECALLED)
MOST_NAMES = 40


# The board ------------------------------------------------------------------------------------------------------------


async def press_board(ctx: HandlerContext) -> None:
    """Show the board of a running alert."""
    await show(ctx, pressed_number(ctx))


async def show(ctx: HandlerContext, number: int) -> None:
    """Show the board as a new card at the end of the chat.

    Raises:
        NotFound: there is none, or the reader may see none of its villages.
        RuleError: `alert.is.<state>` while it is not sent.
    """
    alert = await ctx.unit.alerts.visible_to(ctx.actor, number)
    if alert.state not in SHOWN:
        raise RuleError(f"alert.is.{alert.state}")
    facts, buttons = await _board(ctx, alert, ctx.actor, await _seen(ctx, alert))
    await ctx.reply("alert.board", buttons=buttons, card=alert.card, **facts)


async def draw(ctx: HandlerContext, alert: Alert) -> None:
    """Redraw the board for each of its readers, with their own villages.

    Readers are its author, the officers of its villages and everybody who has it open.
    """
    seen = await _seen(ctx, alert)
    for person_id in await ctx.unit.alerts.watchers(alert, at=ctx.at):
        reader = await ctx.unit.people.find(person_id, at=ctx.at)
        if reader is None or reader.suspended or not any(may_alert(reader, village) for village in seen.villages):
            continue
        facts, buttons = await _board(ctx, alert, reader, seen)
        receiver = await ctx.unit.people.receiver(person_id)
        await ctx.notify(Notice(receiver, "alert.board", facts, buttons, Priority.ALERT, card=alert.card, subject=alert.card))


async def look(ctx: HandlerContext) -> None:
    """Redraw the board if anything changed; look again while anything is open (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is None or alert.state not in SHOWN:
        return
    seen = await _seen(ctx, alert)
    if seen.mark != ctx.timer.data.get("shown"):
        await draw(ctx, alert)
    waiting = seen.closings.get("waiting", 0) if alert.state in CLOSED else seen.messages.get("waiting", 0)
    if waiting or (alert.state is State.SENT and any(each.silent for each in seen.standings)):
        again = alerts.board_timer(alert, ctx.at, int(ctx.timer.data["turn"]) + 1)
        await ctx.start_timers(replace(again, data=again.data | {"shown": seen.mark}))


async def end(ctx: HandlerContext) -> None:
    """End an alert that is too old to be delivered (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is not None and alert.state is State.SENT:
        await draw(ctx, await ctx.unit.alerts.record(alerts.end(alert, at=ctx.at)))


@immutable
class Seen:
    """The content of a board: the status of each village, and the messages per state."""

    standings: tuple[VillageStatus, ...]
    villages: tuple[Village, ...]
    messages: dict[str, int]
    closings: dict[str, int]
    receipts: int

    @property
    def mark(self) -> str:
        """Return a key that is equal for equal content."""
        counts = Counter(each.stage for each in self.standings)
        return f"{sorted(counts.items())}{sorted(self.messages.items())}{sorted(self.closings.items())}{self.receipts}"

    def of(self, reader: Person) -> list[VillageStatus]:
        """Return the reader's own villages."""
        mine = {village.id for village in self.villages if may_alert(reader, village)}
        return [each for each in self.standings if each.village_id in mine]


async def _seen(ctx: HandlerContext, alert: Alert) -> Seen:
    closings = await ctx.unit.outbox.count_batch(alert.closing_batch) if alert.state in CLOSED else {}
    return Seen(
        tuple(await ctx.unit.alerts.standings(alert)),
        tuple(await ctx.unit.people.list_villages(alert.villages)),
        await ctx.unit.outbox.count_batch(alert.card),
        closings,
        await ctx.unit.alerts.count_receipts(alert.id),
    )


async def _board(ctx: HandlerContext, alert: Alert, reader: Person, seen: Seen) -> tuple[dict[str, Any], Keyboard]:
    mine = seen.of(reader)
    facts = {
        "head": alert.head_for_handlers,
        "number": alert.id,
        "count": len(mine),
        "text": alert.text,
        "state": "" if alert.state is State.SENT else Text(f"alert.board.{alert.state}", at=At(alert.ended_at or ctx.at)),
        "counts": _counts(mine, drill=alert.drill),
        "names": Lines([*_names(mine, drill=alert.drill), *await _helps(ctx, alert, mine)]),
        "messages": _messages(alert, seen),
        "by": await by_text(ctx, alert),
        "at": At(alert.sent_at or ctx.at),
    }
    return facts, _buttons(alert, reader, mine)


async def _helps(ctx: HandlerContext, alert: Alert, mine: Sequence[VillageStatus]) -> list[Any]:
    """Say how many villagers of these villages need help."""
    asked, waiting = await ctx.unit.alert_helps.count(alert.id, [each.village_id for each in mine])
    return [Text("alert.board.helps", count=asked, waiting=waiting)] if asked else []


def _counts(mine: Sequence[VillageStatus], *, drill: bool) -> dict[str, Any]:
    counts = Counter(each.stage for each in mine)
    late = sum(each.late for each in mine)
    facts = {"told": counts["told"], "seen": counts["seen"], "late": Text("alert.board.late", count=late) if late else ""}
    return Text("alert.drill.board.counts" if drill else "alert.board.counts", **facts)


def _names(mine: Sequence[VillageStatus], *, drill: bool) -> list[Any]:
    """Name the villages that need somebody; in a drill nobody goes from door to door."""
    lines: list[Any] = []
    for reach in ("lost", "delivered", "sending") if drill else ("lost", "delivered", "sending", "seen"):
        found = [each for each in mine if each.stage == reach]
        if found:
            more = Text("alert.board.more", count=len(found) - MOST_NAMES) if len(found) > MOST_NAMES else ""
            names = Joined(_who(each) for each in found[:MOST_NAMES])
            lines.append(Text(f"alert.board.names_{reach}", count=len(found), names=names, more=more))
    return lines


def _who(each: VillageStatus) -> dict[str, Any]:
    chair = each.chair or Text("alert.no_chair")
    if each.reach == "lost":
        instead = Joined(each.instead[:3]) if each.instead else Text("alert.nobody")
        return Text("alert.board.instead", village=each.village, chair=chair, instead=instead)
    return Text("alert.board.who", village=each.village, chair=chair)


def _messages(alert: Alert, seen: Seen) -> dict[str, Any]:
    counts = seen.closings if alert.state in CLOSED else seen.messages
    facts = {
        "sent": counts.get("sent", 0) + counts.get("unknown", 0),
        "waiting": counts.get("waiting", 0),
        "failed": counts.get("failed", 0) + counts.get("expired", 0),
    }
    return (
        Text("alert.board.recalls" if alert.state is State.RECALLED else "alert.board.clears", **facts)
        if alert.state in CLOSED
        else Text("alert.board.messages", **facts, receipts=seen.receipts)
    )


def _buttons(alert: Alert, reader: Person, mine: Sequence[VillageStatus]) -> Keyboard:
    if alert.state in CLOSED:
        return ()
    silent = sum(each.silent for each in mine)
    buttons: list[tuple[Button, ...]] = []
    if silent and alert.state is State.SENT:
        buttons.append((Button("alert.button.nudge", "anudge", (alert.id,), {"count": silent}),))
    if silent:
        buttons.append((Button("alert.button.phones", "aphones", (alert.id,)),))
    if alerts.may_recall(reader, alert):
        clear = "alert.button.clear_drill" if alert.drill else "alert.button.clear"
        buttons.append((Button(clear, "aclear", (alert.id,)), Button("alert.button.recall", "arecall", (alert.id,))))
    return (*buttons, *(shelter_button(alert, mine[0].village_id) if mine else ()))


# Actions on the board -------------------------------------------------------------------------------------------------


async def press_nudge(ctx: HandlerContext) -> None:
    """Notify the reader's villages that have not responded again, and only those."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    assert ctx.actor.id is not None
    silent = [each for each in (await _seen(ctx, alert)).of(ctx.actor) if each.silent]
    alert = await ctx.unit.alerts.record(alerts.nudge(alert, ctx.actor.id, at=ctx.at, silent=len(silent)))
    await tell_chairs(ctx, alert, [each.village_id for each in silent], nudge=True)
    ctx.toast("alert.nudged.toast", count=len(silent))
    await draw(ctx, alert)


async def press_phones(ctx: HandlerContext) -> None:
    """Send the telephone numbers of the reader's villages without a response, in private."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    silent = [each for each in (await _seen(ctx, alert)).of(ctx.actor) if each.silent]
    if not silent:
        raise RuleError("alert.nobody_silent")
    for part in parts(silent):
        await ctx.notify(phone_list(ctx, alert, ctx.origin, part, "alert.phones"))


async def lists_due(ctx: HandlerContext) -> None:
    """Send lists of villages without a response, with telephone numbers (clock).

    The first time to their officers and the author; the second time to the leaders.
    """
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is None or alert.state is not State.SENT:
        return
    seen = await _seen(ctx, alert)
    turn = int(ctx.timer.data["turn"])
    lists: dict[PersonId | None, tuple[Receiver, list[VillageStatus]]] = {}
    for each in seen.standings:
        if each.silent:
            posts = await ctx.unit.people.posts_of(each.village_id, at=ctx.at)
            rung, receivers = posts.first_reachable(Role.OFFICER if turn == 1 else Role.LEADER)
            for who in receivers:
                lists.setdefault(who.person_id, (replace(who, role=str(rung), village_id=each.village_id), []))[1].append(each)
    author = await ctx.unit.people.find(alert.author_id, at=ctx.at)
    if turn == 1 and author is not None and author.id is not None:
        mine = [each for each in seen.of(author) if each.silent]
        lists[author.id] = (await ctx.unit.people.receiver(author.id, author.role), mine)
    for receiver, silent in lists.values():
        for index, part in enumerate(parts(silent)):
            unique = f"{alert.card}:list:{turn}:{receiver.person_id}:{index}"
            await ctx.notify(
                replace(phone_list(ctx, alert, receiver, part, "alert.list"), unique=unique, stays=receiver.village_id is None)
            )
    await draw(ctx, alert)
