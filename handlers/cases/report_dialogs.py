"""The questions of a report: the offer with one tap, the long way by buttons, and where it is when that is not known.

Knows asking only; what is gathered and opened is handlers/cases/reports.py. Invariant: whatever is said where a tap was expected joins the report,
and the question is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from domain.calendar.local_time import day_of
from domain.cases.case import Category, Kind
from domain.cases.display import called
from domain.cases.intake import FREQUENT, RARE, SHARED, SPOKEN_KINDS, guess_kind, is_yes, summary
from domain.cases.moves import first_rung
from domain.core.change import RuleError, VillageId
from domain.core.numbers import clean_name, clean_text, parse_phone
from domain.people.people import Policy, Village
from handlers.cases.reports import gather, near_to, open_from, stands_for, told_of_album, villages_of
from handlers.core.context import Act, Incoming
from handlers.core.dialogs import AGAIN, MORE, Answers, Choice, Dialog, Step, begin
from storage.values import from_us
from texts import Lines, Text, plain

A_PAGE = 12
PAGE = re.compile("p([0-9]{1,3})")
PHONE = re.compile(r"\+?[0-9０-９][0-9０-９ \-]{6,}")
LONGEST_NAME = 12
SHOWN = 300
TEXT = "text"

Accept = Callable[[Act, Incoming, Answers], Awaitable[Any]]
Offer = Callable[[Act, Answers], Awaitable[tuple[Choice, ...]]]


# What every step shares -----------------------------------------------------------------------------------------------------


async def _instead_of_a_tap(act: Act, said: Incoming, answers: Answers) -> object:
    """Keep what was said where a tap was expected, and ask again.

    Raises:
        RuleError: `report.choose`: nothing was said.
    """
    if not gather(act, said, answers):
        raise RuleError("report.choose")
    return MORE if said.album and await told_of_album(act) else AGAIN


def _picked(act: Act, said: Incoming, labels: dict[str, str]) -> str | None:
    """Return the value of a pressed choice, or of one whose label was typed; `labels`: value → text key."""
    if said.press_id:
        return said.text if said.text in labels else None
    typed = said.text.strip().casefold()
    return next((value for value, key in labels.items() if typed and typed == plain(key, act.actor.language).casefold()), None)


def _choose(prefix: str, *values: str) -> tuple[Accept, Offer]:
    """Return how one of these values is taken and offered; labels are `prefix.value`."""
    labels = {value: f"{prefix}.{value}" for value in values}

    async def accept(act: Act, said: Incoming, answers: Answers) -> Any:
        return _picked(act, said, labels) or await _instead_of_a_tap(act, said, answers)

    async def choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
        return tuple(Choice(label, value) for value, label in labels.items())

    return accept, choices


# For whom, and where --------------------------------------------------------------------------------------------------------


async def _take_whose(act: Act, said: Incoming, answers: Answers) -> Any:
    """Take a name, with or without a telephone number, in one message or two."""
    found = PHONE.search(said.text)
    phone = parse_phone(found[0]) if found else None
    if said.contact is not None:
        phone = parse_phone(str(said.contact["phone"]))
    if phone:
        answers["phone"] = phone
    name = clean_name(said.text.replace(found[0], " ") if found and phone else said.text).strip(" ，,、:：")
    if name:
        return name
    await act.reply("report.whose_needed")
    return MORE


async def _take_village(act: Act, said: Incoming, answers: Answers) -> Any:
    turned = PAGE.fullmatch(said.text) if said.press_id else None
    if turned:
        answers["_page"] = int(turned[1])
        return AGAIN
    typed = said.text.strip()
    for village in await villages_of(act):
        if typed == str(village.id) if said.press_id else typed in (village.name, village.name.removesuffix("村")):
            return await _there(act, village, answers)
    if not said.press_id and len(typed) <= LONGEST_NAME and said.media is None and said.location is None:
        raise RuleError("report.village_unknown")
    if not gather(act, said, answers):
        raise RuleError("report.village_unknown")
    if not (said.album and await told_of_album(act)):
        await act.reply("report.added")
    return MORE


async def _there(act: Act, village: Village, answers: Answers) -> int:
    """Take the village, and look what is known there already."""
    answers["village"] = int(village.id)
    if answers.get("text") and answers.get("kind"):
        answers["near"] = await near_to(act, answers)
    return int(village.id)


async def _village_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    villages = await villages_of(act)
    page = min(int(answers.get("_page", 0)), max(0, len(villages) - 1) // A_PAGE)
    shown = villages[page * A_PAGE : (page + 1) * A_PAGE]
    choices = [Choice("report.village_name", str(village.id), {"name": village.name}) for village in shown]
    choices += [Choice("village.button.previous", f"p{page - 1}")] if page else []
    choices += [Choice("village.button.next", f"p{page + 1}")] if (page + 1) * A_PAGE < len(villages) else []
    return tuple(choices)


def _asks_where(answers: Answers) -> bool:
    return not answers.get("home")


# What happened --------------------------------------------------------------------------------------------------------------


async def _take_kind(act: Act, said: Incoming, answers: Answers) -> Any:
    """Take a kind; a sentence instead of a tap is the report itself."""
    kind = SPOKEN_KINDS.get(said.text.strip().casefold()) or _picked(act, said, {kind.value: f"report.kind.{kind}" for kind in Kind})
    first_words = not (said.press_id or said.media or answers.get("said") or answers.get(TEXT) or answers.get("media"))
    if kind is None and first_words and gather(act, said, answers) and answers.get("said"):
        answers[TEXT] = answers.pop("said")
        kind = guess_kind(answers[TEXT])
    if kind is None:
        return await _instead_of_a_tap(act, said, answers)
    if answers.get(TEXT):
        answers["near"] = await near_to(act, answers | {"kind": str(kind)})
    return str(kind)


async def _kind_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"report.kind.{kind}", kind.value) for kind in Kind)


async def _take_text(act: Act, said: Incoming, answers: Answers) -> Any:
    """Take words; photos, voices and forwarded messages come in several, until [说完了]."""
    answers.pop("confirm", None)  # it was the answer to what is being changed
    gathered = gather(act, said, answers)
    if not (answers.get("said") or answers.get("media") or isinstance(answers.get("place"), dict)):
        raise RuleError("report.text_needed")
    alone = gathered and said.media is None and said.location is None and not said.forwarded
    if said.press_id or alone:
        return answers.pop("said", "") or stands_for(act, answers)
    return MORE if said.album and await told_of_album(act) else AGAIN


async def _text_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.done", "done"),) if answers.get("said") or answers.get("media") else ()


async def _shown_text(act: Act, answers: Answers) -> dict[str, Any]:
    return {"what": Text("report.go_on" if answers.get("said") or answers.get("media") else "report.what_happened")}


async def _take_category(act: Act, said: Incoming, answers: Answers) -> Any:
    if said.press_id and said.text == "more":
        answers["_rare"] = True
        return AGAIN
    labels = {category.value: f"case.category.{category}" for category in (*FREQUENT, *RARE)}
    return _picked(act, said, labels) or await _instead_of_a_tap(act, said, answers)


async def _category_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    offered: tuple[Category, ...] = (*RARE, Category.OTHER) if answers.get("_rare") else FREQUENT
    more = () if answers.get("_rare") else (Choice("report.button.more", "more"),)
    return (*(Choice(f"case.category.{category}", category.value) for category in offered), *more)


async def _take_amount(act: Act, said: Incoming, answers: Answers) -> Any:
    if said.press_id and said.text == "skip":
        return ""
    if said.press_id or said.media is not None or said.location is not None:
        return await _instead_of_a_tap(act, said, answers)
    return clean_text(said.text, 60) or await _instead_of_a_tap(act, said, answers)


async def _take_place(act: Act, said: Incoming, answers: Answers) -> Any:
    place: Any = clean_text(said.text, 120)
    if said.location is not None:
        place = {"latitude": said.location[0], "longitude": said.location[1]}
    elif said.press_id and said.text == "skip":
        place = ""
    elif said.media is not None:
        return await _instead_of_a_tap(act, said, answers)
    elif said.press_id or not place:
        raise RuleError("report.place_needed")
    answers["near"] = await near_to(act, answers)
    return place


async def _skip(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.skip", "skip"),)


# The same as another --------------------------------------------------------------------------------------------------------


def _near_lines(act: Act, answers: Answers) -> list[Any]:
    return [_near_line(act, near) for near in answers.get("near", ())]


def _near_line(act: Act, near: dict[str, Any]) -> Any:
    days = (day_of(act.at, act.town.zone) - day_of(from_us(near["at"]), act.town.zone)).days
    when = Text(f"report.near.day{days}") if days in (0, 1) else {"at": near["at"], "f": "day"}
    place = Text("report.near_place", place=near["place"]) if near.get("place") else ""
    kind, state = Text(f"report.kind.{near.get('kind', 'other')}"), Text(f"report.near.{near['state']}")
    return Text("report.near_line", when=when, number=str(near["number"]), kind=kind, place=place, state=state)


def _same(answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice("report.button.same", str(near["number"]), {"number": str(near["number"])}) for near in answers.get("near", ()))


async def _same_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return (*_same(answers), Choice("report.button.not_same", "no"))


async def _shown_near(act: Act, answers: Answers) -> dict[str, Any]:
    return {"lines": Lines(_near_lines(act, answers))}


async def _take_same(act: Act, said: Incoming, answers: Answers) -> Any:
    said_number = said.text.strip().lstrip("#＃")
    if said_number in {choice.value for choice in _same(answers)}:
        return said_number
    return "" if said.press_id and said.text == "no" else await _instead_of_a_tap(act, said, answers)


def _asks_same(answers: Answers) -> bool:
    return bool(answers.get("near")) and answers.get("kind") in SHARED


# A last look ----------------------------------------------------------------------------------------------------------------


async def _shown_preview(act: Act, answers: Answers) -> dict[str, Any]:
    village = await act.unit.people.village(VillageId(int(answers["village"])))
    shown = "for_other" if answers.get("for_other") else answers.get("who", "named")
    return {
        "kind": Text(f"report.kind.{answers['kind']}"),
        "text": summary(answers[TEXT], SHOWN),
        "village": village.name,
        "who": Text(f"report.who_shown.{shown}", name=answers.get("whose", "")),
        "attached": _media_shown(answers),
    }


def _media_shown(answers: Answers) -> Any:
    count = len(answers.get("media", ()))
    return Text("report.media_shown", count=str(count)) if count else ""


async def _take_confirm(act: Act, said: Incoming, answers: Answers) -> Any:
    if is_yes(said.text) and not said.media:
        return "send"
    if said.press_id and said.text == "edit":
        answers.pop(TEXT, None)
        return "edit"
    return await _instead_of_a_tap(act, said, answers)


async def _confirm_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.send", "send"), Choice("report.button.edit", "edit"))


async def _finish(act: Act, answers: Answers) -> None:
    await open_from(act, answers)


# The offer ------------------------------------------------------------------------------------------------------------------


async def _shown_quick(act: Act, answers: Answers) -> dict[str, Any]:
    village = await act.unit.people.village(VillageId(int(answers["village"])))
    lines = _near_lines(act, answers)
    return {
        "village": village.name,
        "who": await _first_to_know(act, village.id),
        "kind": Text(f"report.kind.{answers['kind']}"),
        "text": summary(answers[TEXT], SHOWN),
        "attached": _media_shown(answers),
        "near": Text("report.quick.near", lines=Lines(lines)) if lines else "",
    }


async def _first_to_know(act: Act, village_id: VillageId) -> Any:
    """Return who will get it, as the village says it: 王主任."""
    posts = await act.unit.people.posts_of(village_id, at=act.at)
    barred = () if act.actor.id is None else (act.actor.id,)
    rung = first_rung(posts, barred)
    first = next((who for who in posts.of(rung.holder, without=barred) if who.address), None)
    return called("" if first is None else first.name, rung.holder)


async def _quick_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return (
        Choice("report.button.send", "send"),
        *(() if answers.get("who") else (Choice("report.button.hidden", "hidden"),)),
        *_same(answers),
        Choice("report.button.other_kind", "kind"),
        Choice("report.button.details", "details"),
    )


async def _take_quick(act: Act, said: Incoming, answers: Answers) -> Any:
    if said.press_id:
        if said.text in {choice.value for choice in await _quick_choices(act, answers)}:
            return said.text
        raise RuleError("report.choose")
    if is_yes(said.text) and not said.media:
        return "send"
    more = await _instead_of_a_tap(act, said, answers)
    if answers["kind"] == Kind.OTHER:
        answers["kind"] = guess_kind(answers[TEXT]).value
    answers["near"] = await near_to(act, answers)
    return more


async def _finish_quick(act: Act, answers: Answers) -> None:
    choice = answers.pop("what")
    match choice:
        case "send":
            await open_from(act, answers)
        case "hidden":
            await open_from(act, answers | {"who": "hidden"})
        case "kind":
            await begin(act, "quick", {name: value for name, value in answers.items() if name != "kind"})
        case "details":
            await begin(act, "report", answers)
        case _:
            await open_from(act, answers | {"same": choice})


# The dialogs ----------------------------------------------------------------------------------------------------------------

_take_danger, _danger_choices = _choose("report.danger", "now", "soon")
_take_lost, _lost_choices = _choose("report.lost", "no", "yes")
_take_who, _who_choices = _choose("report.who", "named", "hidden", "party")
VILLAGE = Step("village", "report.ask.village", _take_village, _village_choices, when=_asks_where, wide=3, card="ask.village")

WHERE = Dialog("where", Policy.JOINED, (VILLAGE,), _finish)
QUICK = Dialog(
    "quick",
    Policy.JOINED,
    (
        VILLAGE,
        Step("kind", "report.which_kind", _take_kind, _kind_choices, when=lambda answers: "kind" not in answers),
        Step("what", "report.quick", _take_quick, _quick_choices, _shown_quick),
    ),
    _finish_quick,
)
REPORT = Dialog(
    "report",
    Policy.JOINED,
    (
        Step("whose", "report.ask.whose", _take_whose, when=lambda answers: bool(answers.get("for_other"))),
        VILLAGE,
        Step("kind", "report.ask.kind", _take_kind, _kind_choices),
        Step(TEXT, "report.ask.text", _take_text, _text_choices, _shown_text),
        Step("category", "report.ask.category", _take_category, _category_choices, when=lambda answers: answers.get("kind") == "dispute"),
        Step("danger", "report.ask.danger", _take_danger, _danger_choices, when=lambda answers: answers.get("kind") == "hazard"),
        Step("lost", "report.ask.lost", _take_lost, _lost_choices, when=lambda answers: answers.get("kind") == "fraud"),
        Step(
            "amount",
            "report.ask.amount",
            _take_amount,
            _skip,
            when=lambda answers: answers.get("kind") == "fraud" and answers.get("lost") == "yes",
        ),
        Step("place", "report.ask.place", _take_place, _skip),
        Step("who", "report.ask.who", _take_who, _who_choices, when=lambda answers: not answers.get("for_other"), wide=1),
        Step("same", "report.ask.same", _take_same, _same_choices, _shown_near, when=_asks_same, wide=1),
        Step(
            "confirm", "report.ask.confirm", _take_confirm, _confirm_choices, _shown_preview, when=lambda answers: not answers.get("same")
        ),
    ),
    _finish,
)
