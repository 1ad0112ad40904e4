"""Draw a broadcast for its sender: draft, list of villages, progress, receipts.

The draft contains its preview. Knows values and text keys; must not read storage or decide. Invariant: villagers are counted, never named.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from domain.broadcasts import Audience, State
from domain.core.change import Button, Notice, Priority
from domain.core.immutable import immutable
from handlers.core.context import rows as in_rows
from texts import At, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from domain.broadcasts import Broadcast, Progress
    from domain.core.change import Keyboard, Receiver, VillageId
    from domain.people.people import Village
    from storage.engine.database import Row

PICKED_A_PAGE = 12
RECEIPTS_A_PAGE = 14
LISTED = 6
NAMED = 6
#: Delivery's words for a fault → text key's last word; any other fault is "other".
WHY = {"blocked": "blocked", "gone": "gone", "late": "late", "message thread not found": "topic"}


@immutable
class Count:
    """The possible recipients: groups, people, and the chosen villages without a group."""

    groups: int
    people: int
    without_group: frozenset[VillageId]


def draft(
    to: Receiver,
    broadcast: Broadcast,
    chosen: Sequence[Village],
    mine: int,
    counted: Count,
    *,
    starts_at: datetime | None,
    as_new_message: bool,
) -> Notice:
    """Return the draft: its text, its recipients, and the buttons to change them and to send."""
    nobody = counted.groups + counted.people == 0
    gaps = [village.name for village in chosen if village.id in counted.without_group]
    params = {
        "body": _body(broadcast),
        "villages": _villages([village.name for village in chosen], mine),
        "count": Text("broadcast.count.nobody") if nobody else _count(broadcast, counted.groups, counted.people),
        "gaps": Text("broadcast.gaps", names=_names(gaps), n=len(gaps)) if gaps else "",
        "night": Text("broadcast.night", at=At(starts_at)) if starts_at else "",
        "picture": Text("broadcast.picture") if broadcast.photo else "",
    }
    to_whom = tuple(
        Button(f"broadcast.to.{audience}", "bc.to", (broadcast.id, audience), {"mark": "✅ " if audience is broadcast.audience else ""})
        for audience in Audience
    )
    end: tuple[Button, ...] = (Button("broadcast.drop", "bc.drop", (broadcast.id,)),)
    if not nobody:
        end = (Button("broadcast.go", "bc.go", (broadcast.id, broadcast.version)), *end)
    buttons = (to_whom, (Button("broadcast.pick", "bc.pick", (broadcast.id, 0)),), end)
    return Notice(to, "broadcast.draft", params, buttons, card=broadcast.card, as_new_message=as_new_message)


def picker(to: Receiver, broadcast: Broadcast, mine: Sequence[Village], *, page: int) -> Notice:
    """Return the list of villages, each a button that adds or removes it."""
    page = _page(page, len(mine), PICKED_A_PAGE)
    shown = mine[page * PICKED_A_PAGE : (page + 1) * PICKED_A_PAGE]
    villages = in_rows(
        *(
            Button(
                "broadcast.village",
                "bc.tog",
                (broadcast.id, page, village.id),
                {"mark": "✅ " if village.id in broadcast.villages else "", "name": village.name},
            )
            for village in shown
        ),
        width=3,
    )
    both = (
        Button("broadcast.all", "bc.tog", (broadcast.id, page, "all")),
        Button("broadcast.none", "bc.tog", (broadcast.id, page, "none")),
    )
    chosen = sum(village.id in broadcast.villages for village in mine)
    buttons = (*villages, *_pages("bc.pick", (broadcast.id,), page, len(mine), PICKED_A_PAGE), both, (_back(broadcast),))
    return Notice(to, "broadcast.picking", {"chosen": chosen, "mine": len(mine)}, buttons, card=broadcast.card)


def progress(
    to: Receiver,
    broadcast: Broadcast,
    now: Progress,
    failed: Sequence[Row],
    names: Mapping[VillageId, str],
    *,
    seconds: int,
    starts_at: datetime | None,
    as_new_message: bool,
) -> Notice:
    """Return the card of a confirmed or discarded broadcast."""
    moment = "sleeping" if broadcast.state is State.SENDING and starts_at and not now.settled else str(broadcast.state)
    params = {
        "title": broadcast.params["title"],
        "sent": now.sent,
        "total": now.total,
        "unit": Text(f"broadcast.unit.{broadcast.audience}"),
        "bar": now.bar,
        "left": _left(seconds),
        "at": At(starts_at) if starts_at else "",
        "failed": Text("broadcast.failed", n=now.failed, lines=Lines(_failures(failed, names))) if now.failed else "",
        "unsure": Text("broadcast.unsure", n=now.unsure) if now.unsure else "",
    }
    buttons = _progress_buttons(broadcast, can_retry=any(row["state"] == "failed" for row in failed))
    silent = broadcast.state is State.DONE
    return Notice(
        to,
        f"broadcast.card.{moment}",
        params,
        buttons,
        card=broadcast.card,
        as_new_message=as_new_message,
        silent=silent,
        subject=broadcast.card,
    )


def receipts(to: Receiver, broadcast: Broadcast, villages: Sequence[Village], counted: Sequence[Row], *, page: int) -> Notice:
    """Return the recipients, village by village."""
    page = _page(page, len(villages), RECEIPTS_A_PAGE)
    shown = villages[page * RECEIPTS_A_PAGE : (page + 1) * RECEIPTS_A_PAGE]
    params = {
        "title": broadcast.params["title"],
        "lines": Lines(_receipt(broadcast, village, counted) for village in shown),
        "page": page + 1,
        "pages": -(-max(len(villages), 1) // RECEIPTS_A_PAGE),
    }
    buttons = (*_pages("bc.who", (broadcast.id,), page, len(villages), RECEIPTS_A_PAGE), (_back(broadcast),))
    return Notice(to, "broadcast.receipts", params, buttons, card=broadcast.card)


def listing(to: Receiver, found: Sequence[Broadcast], *, page: int, cause: str) -> Notice:
    """Return the list of broadcasts sent lately.

    `found` holds one more than a page when there is another page.
    """
    shown = found[:LISTED]
    lines = [
        Text(
            "broadcast.listed",
            n=each.id,
            at=At(each.created_at) if each.created_at else "",
            title=each.params["title"],
            state=Text(f"broadcast.state.{each.state}"),
        )
        for each in shown
    ]
    opened = in_rows(*(Button("broadcast.open", "bc.show", (each.id,), {"n": each.id}) for each in shown), width=3)
    key = "broadcast.list" if shown else "broadcast.list_empty"
    turn = _pages("bc.list", (), page, page * LISTED + len(found), LISTED)
    return Notice(to, key, {"lines": Lines(lines)}, (*opened, *turn), Priority.REPLY, unique=f"{cause}:sent")


# Parts ------------------------------------------------------------------------------------------------------------------


def _body(broadcast: Broadcast) -> dict[str, Any]:
    return {"t": broadcast.key, "p": broadcast.params}


def _villages(names: Sequence[str], mine: int) -> dict[str, Any]:
    if len(names) == mine:
        return Text("broadcast.villages.all", n=mine)
    return Text("broadcast.villages.some", n=len(names), names=_names(names)) if names else Text("broadcast.villages.none")


def _names(names: Sequence[str]) -> str:
    return "、".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")


def _count(broadcast: Broadcast, groups: int, people: int) -> dict[str, Any]:
    """Count the recipients; a tip goes to the people who want tips, a notice to everybody."""
    if broadcast.kind == "notice" and broadcast.audience is not Audience.GROUPS:
        return Text(f"broadcast.count.all_{broadcast.audience}", groups=groups, people=people)
    return Text(f"broadcast.count.{broadcast.audience}", groups=groups, people=people)


def _left(seconds: int) -> dict[str, Any]:
    return Text("broadcast.left.seconds", n=seconds) if seconds < 100 else Text("broadcast.left.minutes", n=round(seconds / 60))


def _failures(failed: Sequence[Row], names: Mapping[VillageId, str]) -> list[dict[str, Any]]:
    """Return a line per failed group, and one per village's people and reason."""
    groups = [
        Text("broadcast.failure.group", village=names.get(row["village_id"], "?"), why=_why("group", row["fault"]))
        for row in failed
        if row["person_id"] is None
    ]
    counted = Counter((row["village_id"], row["fault"] if row["fault"] in WHY else "") for row in failed if row["person_id"] is not None)
    people = [
        Text("broadcast.failure.people", village=names.get(village_id, "?"), n=n, why=_why("person", fault))
        for (village_id, fault), n in counted.items()
    ]
    lines = groups + people
    more = [Text("broadcast.failure.more", n=len(lines) - NAMED)] if len(lines) > NAMED else []
    return lines[:NAMED] + more


def _why(who: str, fault: str) -> dict[str, Any]:
    reason = WHY.get(fault, "other")
    return Text(f"broadcast.why.{who}.{reason}" if reason in ("blocked", "gone") else f"broadcast.why.{reason}")


def _progress_buttons(broadcast: Broadcast, *, can_retry: bool) -> Keyboard:
    if broadcast.state is State.DISCARDED:
        return ()
    found = []
    if broadcast.state is State.SENDING:
        found.append(Button("broadcast.stop", "bc.stop", (broadcast.id,)))
    if can_retry and broadcast.state is not State.STOPPED:
        found.append(Button("broadcast.retry", "bc.retry", (broadcast.id,)))
    found.append(Button("broadcast.who", "bc.who", (broadcast.id, 0)))
    return in_rows(*found)


def _receipt(broadcast: Broadcast, village: Village, counted: Sequence[Row]) -> dict[str, Any]:
    mine = [row for row in counted if row["village_id"] == village.id]
    numbers = {
        name: sum(row["n"] for row in mine if (row["role"] == "group") is group and (row["state"] == "sent" or every))
        for name, group, every in (("g", True, False), ("groups", True, True), ("p", False, False), ("people", False, True))
    }
    if not mine:
        return Text("broadcast.receipt.nobody", village=village.name)
    arrived, every = numbers["g"] + numbers["p"], numbers["groups"] + numbers["people"]
    mark = "✅" if arrived == every else "⏳" if any(row["state"] == "waiting" for row in mine) else "❌"
    return Text(f"broadcast.receipt.{broadcast.audience}", mark=mark, village=village.name, **numbers)


def _back(broadcast: Broadcast) -> Button:
    return Button("broadcast.back", "bc.card", (broadcast.id,))


def _page(page: int, length: int, size: int) -> int:
    return min(page, max(length - 1, 0) // size)


def _pages(verb: str, args: tuple[str | int, ...], page: int, length: int, size: int) -> Keyboard:
    """Return the row that turns pages; an empty one when there is one page."""
    row = []
    if page > 0:
        row.append(Button("broadcast.page.before", verb, (*args, page - 1)))
    if (page + 1) * size < length:
        row.append(Button("broadcast.page.next", verb, (*args, page + 1)))
    return (tuple(row),) if row else ()
