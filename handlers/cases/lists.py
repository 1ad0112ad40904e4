"""`/cases`: the actor's cases, in pages, filtered and searched.

Knows how a list looks; its scope is the storage's. Invariant: a list shows only cases that its reader may open, and no words of a case
that the reader only follows; it is found by a reporter's name only where its reader may know it; turning a page edits the same message.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseActor, CaseRole, may_see
from domain.cases.case import Action, Kind, Severity, State
from domain.cases.escalation import EscalationLevel, level_of
from domain.cases.intake import neutral
from domain.cases.move_table import MOVES
from domain.cases.next_step import by_urgency
from domain.cases.visibility import Part
from domain.cases.words.own_words import whole
from domain.core.change import Button, Keyboard, Notice
from domain.core.immutable import immutable, replace
from domain.core.numbers import clean_text, parse_case_number
from domain.people.people import POLICE, Role
from handlers.cases import attachments, moves
from handlers.cases.cards import timed
from handlers.cases.scene_lines import age_of
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of
from storage.cases.search import NEWEST, Narrowing, Reach
from texts import About, At, Lines, Text

if TYPE_CHECKING:
    from domain.cases.case import Case

PAGE = 8
#: So many beyond the previous pages are counted; a longer list shows "200+".
COUNTED = 200
#: The lists of unfinished cases are read whole, up to so many.
ACTIVE_LISTS, ACTIVE_MOST = ("open", "busy"), 500
MOST_CHOICES, MOST_ACCEPTS = 40, 4
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


@immutable
class View:
    """A list as a button carries it: its name, and how it is narrowed."""

    name: str
    village: int = 0
    kind: str = ""
    mine: bool = False

    def __str__(self) -> str:
        """Return it in a few letters: "open.v12.kfraud.m"."""
        parts = (f"v{self.village}" if self.village else "", f"k{self.kind}" if self.kind else "", "m" if self.mine else "")
        return ".".join((self.name, *filter(None, parts)))


def view_of(said: str) -> View:
    """Read a list from a button; parts that name nothing are left out."""
    name, *parts = said.split(".")
    view = View(name if name in STATES else "all")
    for part in parts if view.name in ACTIVE_LISTS else ():
        if part[:1] == "v" and PLACE.fullmatch(part[1:]):
            view = replace(view, village=int(part[1:]))
        elif part[:1] == "k" and part[1:] in list(Kind):
            view = replace(view, kind=part[1:])
        elif part == "m":
            view = replace(view, mine=True)
    return view


async def list_cases(ctx: HandlerContext) -> None:
    """`/cases [words]`: the list; a number opens the case."""
    words = clean_text(ctx.args, 60)
    if (number := parse_case_number(words)) is not None:
        await attachments.show_case(ctx, number)
        return
    await _show(ctx, View("open" if _handles(ctx) and not words else "all"), 0, words, as_new_message=True)


async def press_list(ctx: HandlerContext) -> None:
    """Show a list from the menu, or another filter or page of the open list."""
    name, place, words, below = (*ctx.incoming.values, "", "", "", "")[:4]
    page = int(place) if PLACE.fullmatch(place) else 0
    before = parse_case_number(below)
    await _show(ctx, view_of(name), page, clean_text(words, 60), as_new_message=not place, before=before or NEWEST)


async def press_open(ctx: HandlerContext) -> None:
    """Open a case from a list."""
    number = parse_case_number(ctx.incoming.values[0]) if ctx.incoming.values else None
    if number is not None:
        await attachments.show_case(ctx, number)


async def press_accept(ctx: HandlerContext) -> None:
    """Accept a case from a list, which then shows who has it.

    Raises:
        NotFound: there is none, or it is not the actor's.
    """
    _, said, place = (*ctx.incoming.values, "", "", "")[:3]
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    await moves.do(ctx, case.id, _taking(standing_of(ctx.actor, case)))
    await _show(ctx, view_of(said), int(place) if PLACE.fullmatch(place) else 0, "", as_new_message=False)


async def press_narrow(ctx: HandlerContext) -> None:
    """Offer the villages or kinds of the cases in a list."""
    said, what = (*ctx.incoming.values, "", "")[:2]
    view = view_of(said)
    whole = replace(view, village=0) if what == "v" else replace(view, kind="")
    cases = await _active(ctx, whole)
    if what == "v":
        counted = Counter((int(case.village_id), case.village) for case in cases)
        found = [(f"{name} {n}", replace(whole, village=number)) for (number, name), n in counted.most_common(MOST_CHOICES)]
        offered = [Button("cases.button.choice", "m.cases", (str(to), 0), {"what": shown}) for shown, to in found]
    else:
        kinds = Counter(case.kind for case in cases)
        chosen = [(Text(f"report.kind.{kind}"), n, replace(whole, kind=str(kind))) for kind, n in kinds.most_common()]
        offered = [Button("cases.button.counted", "m.cases", (str(to), 0), {"what": shown, "n": n}) for shown, n, to in chosen]
    back = Button("cases.button.whole", "m.cases", (str(whole), 0))
    key = "cases.narrow.village" if what == "v" else "cases.narrow.kind"
    buttons = (*rows(*offered), *rows(back))
    await ctx.notify(Notice(ctx.origin, key, {}, buttons, card=CARD))


def _handles(ctx: HandlerContext) -> bool:
    return ctx.actor.holds(*POLICE, Role.CHAIR, Role.SECRETARY)


def _level(ctx: HandlerContext) -> EscalationLevel:
    return max(level_of(role) if role in (Role.CHAIR, *POLICE) else EscalationLevel.CHAIR for role in (ctx.actor.role, Role.CHAIR))


async def _active(ctx: HandlerContext, view: View) -> list[Case]:
    """Return the cases of a list of unfinished ones, by urgency."""
    narrowing = Narrowing(view.village, view.kind, ctx.actor.id if view.mine else None)
    numbers = await ctx.unit.search.numbers_of(ctx.actor, states=STATES[view.name], narrowing=narrowing, most=ACTIVE_MOST)
    return by_urgency(await ctx.unit.search.read(ctx.actor, numbers), level=_level(ctx), town=ctx.town, at=ctx.at)


async def _show(ctx: HandlerContext, view: View, page: int, words: str, *, as_new_message: bool, before: int = NEWEST) -> None:
    reach: Reach | None = None
    if view.name in ACTIVE_LISTS and not words:
        cases = await _active(ctx, view)
        total, most = len(cases), ACTIVE_MOST
        page = min(page, max(0, (total - 1) // PAGE))
        found = cases[page * PAGE : (page + 1) * PAGE]
    else:
        most = page * PAGE + COUNTED
        reach = await ctx.unit.search.reach_of(ctx.actor, before=before) if words else None
        numbers = await ctx.unit.search.numbers_of(ctx.actor, states=STATES[view.name], words=words, within=reach, most=most)
        total = len(numbers)
        page = min(page, max(0, (total - 1) // PAGE))
        found = await ctx.unit.search.read(ctx.actor, numbers[page * PAGE : (page + 1) * PAGE])
    several = len({case.village_id for case in found}) > 1
    params: dict[str, Any] = {
        "title": Text(f"cases.title.{view.name}"),
        "words": Text("cases.words", words=words) if words else await _narrowed(ctx, view),
        "count": _many(total, all_of_them=total < most),
        "lines": Lines([_line(ctx, case, several=several, timed_by=view.name in ACTIVE_LISTS) for case in found])
        if found
        else Text("cases.none"),
        "more": _more(total, words, reach, all_of_them=total < most),
    }
    filters = _filters(ctx, view, words) if found or _handles(ctx) else ()
    buttons = (*_numbers(found), *_accepting(ctx, found, view, page), *filters, *_pages(view, page, total, words, reach))
    await ctx.notify(Notice(ctx.origin, "cases.list", params, buttons, card=CARD, as_new_message=as_new_message))


async def _narrowed(ctx: HandlerContext, view: View) -> Any:
    """Say to what a list is narrowed: a village of the actor, a kind, their own work."""
    parts: list[Any] = []
    if view.village:
        cases = await _active(ctx, View(view.name, village=view.village))
        parts += [Text("cases.village", village=case.village) for case in cases[:1]]
    parts += [Text("cases.of_kind", kind=Text(f"report.kind.{view.kind}"))] if view.kind else []
    parts += [Text("cases.mine")] if view.mine else []
    return reduce(lambda first, second: Text("cases.both", first=first, second=second), parts) if parts else ""


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


def _line(ctx: HandlerContext, case: Case, *, several: bool, timed_by: bool) -> dict[str, Any]:
    village = Text("cases.village", village=case.village) if several else ""
    kind = Text(f"report.kind.{Kind(case.kind)}")
    standing = standing_of(ctx.actor, case).standing
    named = may_see(standing, Part.NAME, case.visibility)
    words = whole(case.text, case) if named else case.text
    text: Any = neutral(words, 18) if may_see(standing, Part.WORDS, case.visibility) else ""
    if standing is CaseRole.FOLLOWER:
        text = Text("cases.followed")
    handles = standing in (CaseRole.CHAIR, CaseRole.POLICE)
    age = timed(case, at=ctx.at, town=ctx.town) if timed_by and handles else age_of(ctx.at - case.opened_at)
    danger = case.severity is Severity.URGENT and not case.ended and handles
    line = Text(
        "cases.line", mark="🔴" if danger else MARKS[case.state], number=str(case.id), kind=kind, village=village, text=text, age=age
    )
    return About(line, case.subject)


def _numbers(found: list[Case]) -> Keyboard:
    return rows(*(Button("cases.button.number", "m.case", (int(case.id),), {"number": str(case.id)}) for case in found), width=4)


def _taking(by: CaseActor) -> Action:
    return Action.ACCEPT if by.standing is CaseRole.CHAIR else Action.ACK


def _accepting(ctx: HandlerContext, found: list[Case], view: View, page: int) -> Keyboard:
    """Offer to accept the cases that wait for the actor; an urgent one is taken on its card."""
    if view.name not in ACTIVE_LISTS:
        return ()
    offered = []
    for case in found:
        by = standing_of(ctx.actor, case)
        move = MOVES[case.state].get(_taking(by)) if by.standing in (CaseRole.CHAIR, CaseRole.POLICE) else None
        if move is not None and by.standing in move.by and not case.calls and level_of(by.role) <= case.rung:
            offered.append(Button("cases.button.accept", "m.acc", (case.id, str(view), page), {"number": str(case.id)}))
    return rows(*offered[:MOST_ACCEPTS])


def _filters(ctx: HandlerContext, view: View, words: str) -> Keyboard:
    if words:
        return ()
    others = [Button(f"cases.button.{name}", "m.cases", (name, 0)) for name in ("open", "busy", "ended", "all") if name != view.name]
    if view.name not in ACTIVE_LISTS or not _handles(ctx):
        return rows(*others, width=3)
    narrow = [
        Button("cases.button.by_village", "m.fil", (str(view), "v")),
        Button("cases.button.by_kind", "m.fil", (str(view), "k")),
        Button("cases.button.mine" if not view.mine else "cases.button.whole", "m.cases", (str(replace(view, mine=not view.mine)), 0)),
    ]
    return (*rows(*narrow, width=3), *rows(*others, width=3))


def _pages(view: View, page: int, total: int, words: str, reach: Reach | None) -> Keyboard:
    """Offer the pages before and after; after a search's last page, the years not searched yet."""
    if not _carried(words, reach):
        return ()
    name = str(view)
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
