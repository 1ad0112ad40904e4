"""`/cases`: what concerns me, in pages, filtered and searched.

Knows how a list looks; its scope is the storage's. Invariant: a list shows what its reader may open, and nothing else; turning a page edits the same message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from domain.cases import Kind, State
from domain.change import Button, Keyboard, Notice
from domain.intake import summary
from domain.numbers import clean_text, parse_case_number
from domain.people import COMMITTEE, POLICE
from handlers import cases
from handlers.act import Act, rows
from texts import Lines, Text

if TYPE_CHECKING:
    from domain.cases import Case

PAGE = 8
CARD = "cases"
STATES: dict[str, tuple[State, ...]] = {
    "open": (State.OPEN, State.ESCALATED),
    "busy": (State.ACCEPTED, State.MEDIATING, State.ACKNOWLEDGED, State.JOINT),
    "ended": (State.SETTLED, State.REFERRED, State.CLOSED, State.WITHDRAWN),
    "mine": (),
    "all": (),
}
MARKS = {
    State.OPEN: "🆕",
    State.ESCALATED: "🔺",
    State.ACCEPTED: "⏳",
    State.MEDIATING: "⏳",
    State.ACKNOWLEDGED: "⏳",
    State.JOINT: "⏳",
    State.SETTLED: "✅",
    State.REFERRED: "➡️",
    State.CLOSED: "✅",
    State.WITHDRAWN: "↩️",
}
PLACE = re.compile("[0-9]{1,4}")


async def list_cases(act: Act) -> None:
    """`/cases [words]`: the list; a number opens the case."""
    words = clean_text(act.args, 60)
    if (number := parse_case_number(words)) is not None:
        await cases.show_case(act, number)
        return
    handles = act.actor.holds(*POLICE, *COMMITTEE)
    await _show(act, "open" if handles and not words else "all", 0, words, fresh=True)


async def press_list(act: Act) -> None:
    """Show a list from the menu, or another filter or page of the list that hangs here."""
    name, place, words = (*act.incoming.values, "", "", "")[:3]
    page = int(place) if PLACE.fullmatch(place) else 0
    await _show(act, name if name in STATES else "all", page, clean_text(words, 20), fresh=not place)


async def press_open(act: Act) -> None:
    """Open a case from a list."""
    number = parse_case_number(act.incoming.values[0]) if act.incoming.values else None
    if number is not None:
        await cases.show_case(act, number)


async def _show(act: Act, name: str, page: int, words: str, *, fresh: bool) -> None:
    total = await act.unit.search.count_of(act.actor, states=STATES[name], words=words)
    page = min(page, max(0, (total - 1) // PAGE))
    found = await act.unit.search.list_of(act.actor, states=STATES[name], words=words, limit=PAGE, offset=page * PAGE)
    several = len({case.village_id for case in found}) > 1
    params: dict[str, Any] = {
        "title": Text(f"cases.title.{name}"),
        "words": Text("cases.words", words=words) if words else "",
        "count": str(total),
        "lines": Lines([_line(case, several=several) for case in found]) if found else Text("cases.none"),
    }
    buttons = (*_numbers(found), *_filters(name, words), *_pages(name, page, total, words))
    await act.tell(Notice(act.here, "cases.list", params, buttons, card=CARD, fresh=fresh))


def _line(case: Case, *, several: bool) -> dict[str, Any]:
    village = Text("cases.village", village=case.village) if several else ""
    kind = Text(f"report.kind.{Kind(case.kind)}")
    return Text("cases.line", mark=MARKS[case.state], number=str(case.id), kind=kind, village=village, text=summary(case.text, 18))


def _numbers(found: list[Case]) -> Keyboard:
    return rows(*(Button("cases.button.number", "m.case", (int(case.id),), {"number": str(case.id)}) for case in found), width=4)


def _filters(present: str, words: str) -> Keyboard:
    if words:
        return ()
    return rows(
        *(Button(f"cases.button.{name}", "m.cases", (name, 0)) for name in ("open", "busy", "ended", "all") if name != present), width=3
    )


def _pages(name: str, page: int, total: int, words: str) -> Keyboard:
    short = words[:6]  # a button holds 64 bytes
    turn = []
    if page > 0:
        turn.append(Button("cases.button.newer", "m.cases", (name, page - 1, short)))
    if (page + 1) * PAGE < total:
        turn.append(Button("cases.button.older", "m.cases", (name, page + 1, short)))
    return (tuple(turn),) if turn else ()
