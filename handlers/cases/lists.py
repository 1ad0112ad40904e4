"""`/cases`: the actor's cases, in pages, filtered and searched.

Knows how a list looks; its scope is the storage's. Invariant: a list shows only cases that its reader may open, and no words of a case
that the reader only follows; turning a page edits the same message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseRole, may_see
from domain.cases.case import Kind, State
from domain.cases.intake import neutral
from domain.cases.visibility import Part
from domain.cases.words.own_words import whole
from domain.core.change import Button, Keyboard, Notice
from domain.core.numbers import clean_text, parse_case_number
from domain.people.people import POLICE, Role
from handlers.cases import moves
from handlers.cases.cards import age_of
from handlers.core.context import HandlerContext, rows
from storage.cases.scope import standing_of
from storage.cases.search import NEWEST, Reach
from texts import About, At, Lines, Text

if TYPE_CHECKING:
    from domain.cases.case import Case

PAGE = 8
#: So many beyond the previous pages are counted; a longer list shows "200+".
COUNTED = 200
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
#: Most bytes that a button can carry to another page: the words, with the number below which they are searched.
#: A list found by longer words shows its beginning and asks for other words.
CARRIED = 30


async def list_cases(ctx: HandlerContext) -> None:
    """`/cases [words]`: the list; a number opens the case."""
    words = clean_text(ctx.args, 60)
    if (number := parse_case_number(words)) is not None:
        await moves.show_case(ctx, number)
        return
    handles = ctx.actor.holds(*POLICE, Role.CHAIR, Role.SECRETARY)
    await _show(ctx, "open" if handles and not words else "all", 0, words, as_new_message=True)


async def press_list(ctx: HandlerContext) -> None:
    """Show a list from the menu, or another filter or page of the open list."""
    name, place, words, below = (*ctx.incoming.values, "", "", "", "")[:4]
    page = int(place) if PLACE.fullmatch(place) else 0
    before = parse_case_number(below)
    await _show(ctx, name if name in STATES else "all", page, clean_text(words, 60), as_new_message=not place, before=before or NEWEST)


async def press_open(ctx: HandlerContext) -> None:
    """Open a case from a list."""
    number = parse_case_number(ctx.incoming.values[0]) if ctx.incoming.values else None
    if number is not None:
        await moves.show_case(ctx, number)


async def _show(ctx: HandlerContext, name: str, page: int, words: str, *, as_new_message: bool, before: int = NEWEST) -> None:
    first = _first(ctx) if name == "open" else ()
    most = page * PAGE + COUNTED
    reach = await ctx.unit.search.reach_of(ctx.actor, before=before) if words else None
    numbers = await ctx.unit.search.numbers_of(ctx.actor, states=STATES[name], words=words, within=reach, first=first, most=most)
    total = len(numbers)
    page = min(page, max(0, (total - 1) // PAGE))
    found = await ctx.unit.search.read(ctx.actor, numbers[page * PAGE : (page + 1) * PAGE])
    several = len({case.village_id for case in found}) > 1
    params: dict[str, Any] = {
        "title": Text(f"cases.title.{name}"),
        "words": Text("cases.words", words=words) if words else "",
        "count": _many(total, all_of_them=total < most),
        "lines": Lines([_line(ctx, case, several=several) for case in found]) if found else Text("cases.none"),
        "more": _more(total, words, reach, all_of_them=total < most),
    }
    buttons = (*_numbers(found), *_filters(name, words), *_pages(name, page, total, words, reach))
    await ctx.notify(Notice(ctx.origin, "cases.list", params, buttons, card=CARD, as_new_message=as_new_message))


def _more(total: int, words: str, reach: Reach | None, *, all_of_them: bool) -> Any:
    """Name the part that this list does not show.

    These are further pages that no button can lead to, or years that were not searched.
    """
    if total > PAGE and not _carried(words, reach):
        return Text("cases.too_many", count=_many(total - PAGE, all_of_them=all_of_them))
    if reach is None or reach.until is None:
        return ""
    return Text("cases.searched" if _carried(words, reach) else "cases.searched_shorter", day=At(reach.until, "date"))


def _many(count: int, *, all_of_them: bool) -> str:
    return str(count) if all_of_them else f"{count}+"


def _first(ctx: HandlerContext) -> tuple[State, ...]:
    """Return the states that come first among the waiting cases.

    For police these are escalated cases; for a chair, open ones.
    """
    return (State.ESCALATED,) if ctx.actor.holds(*POLICE) else (State.OPEN,)


def _line(ctx: HandlerContext, case: Case, *, several: bool) -> dict[str, Any]:
    village = Text("cases.village", village=case.village) if several else ""
    kind = Text(f"report.kind.{Kind(case.kind)}")
    standing = standing_of(ctx.actor, case).standing
    named = may_see(standing, Part.NAME, case.visibility)
    words = whole(case.text, case) if named else case.text
    text: Any = neutral(words, 18) if may_see(standing, Part.WORDS, case.visibility) else ""
    if standing is CaseRole.FOLLOWER:
        text = Text("cases.followed")
    age = age_of(ctx.at - case.opened_at)
    line = Text("cases.line", mark=MARKS[case.state], number=str(case.id), kind=kind, village=village, text=text, age=age)
    return About(line, case.subject)


def _numbers(found: list[Case]) -> Keyboard:
    return rows(*(Button("cases.button.number", "m.case", (int(case.id),), {"number": str(case.id)}) for case in found), width=4)


def _filters(present: str, words: str) -> Keyboard:
    if words:
        return ()
    return rows(
        *(Button(f"cases.button.{name}", "m.cases", (name, 0)) for name in ("open", "busy", "ended", "all") if name != present), width=3
    )


def _pages(name: str, page: int, total: int, words: str, reach: Reach | None) -> Keyboard:
    """Offer the pages before and after; after a search's last page, the years not searched yet."""
    if not _carried(words, reach):
        return ()
    below = (reach.before,) if reach is not None and reach.before != NEWEST else ()
    turn = []
    if page > 0:
        turn.append(Button("cases.button.newer", "m.cases", (name, page - 1, words, *below)))
    elif below:
        turn.append(Button("cases.button.newest", "m.cases", (name, 0, words)))
    if (page + 1) * PAGE < total:
        turn.append(Button("cases.button.older", "m.cases", (name, page + 1, words, *below)))
    elif reach is not None and reach.until is not None:
        turn.append(Button("cases.button.further", "m.cases", (name, 0, words, reach.after + 1)))
    return (tuple(turn),) if turn else ()


def _carried(words: str, reach: Reach | None) -> bool:
    """Return whether a button can carry these words to the next page.

    They must be few bytes, without the sign that separates a button's arguments.
    """
    numbers = [f"|{number}" for number in (reach.before, reach.after + 1) if number != NEWEST] if reach is not None and words else []
    return len(words.encode()) + max(map(len, numbers), default=0) <= CARRIED and "|" not in words
