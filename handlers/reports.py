"""How a case is opened: in one sentence, by buttons, in one line, or by somebody in office for somebody else.

Knows the conversation and ends in `handlers.cases.open_case`; decides nothing about the case. Invariant: what a person wrote is kept (in a draft) until it is
a case or they leave; a dispute of others is never shown to anybody as "the same".
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from domain.cases import Case, Category, Kind, NewCase, Severity
from domain.change import Button, CaseId, Keyboard, PersonId, RuleError, VillageId
from domain.intake import FREQUENT, LATE_AFTER, NEAR_WITHIN, SHARED, SPOKEN_KINDS, guess_kind, is_cancel, near, split_kind, summary
from domain.numbers import clean_name, clean_text
from domain.people import POLICE, Policy, Role, Village
from handlers.act import Act, Incoming
from handlers.cases import open_case
from handlers.dialogs import MORE, Answers, Choice, Dialog, Step, begin
from storage.drafts import Draft
from texts import Text

HOUR = timedelta(hours=1)
KEPT_MEDIA = ("photo", "voice", "video", "document", "audio", "video_note", "animation")
NUMBER = re.compile("[0-9]{1,12}")
KINDS = tuple(Kind)
#: What stands for a report without words; records are in the town's language.
NO_WORDS = "［语音或照片，见附件］"
NO_WORDS_URGENT = "［紧急求助，没有文字，请马上联系］"


# One line and one sentence --------------------------------------------------------------------------------------------------


async def report(act: Act) -> None:
    """`/report <kind> <text>`: open at once; whatever is missing is asked for, and nothing is lost."""
    kind, words = split_kind(act.args)
    text = clean_text(words, act.town.limits.report_length)
    if kind is None and text:
        await act.reply("report.which_kind")
        await begin(act, "report", {"text": text} | home_of(act))
    elif kind is None or not text:
        await begin(act, "report", ({} if kind is None else {"kind": kind.value}) | home_of(act))
    elif act.actor.village_id is None and not home_of(act):
        await begin(act, "report", {"kind": kind.value, "text": text})
    else:
        await open_from(act, {"kind": kind.value, "text": text} | home_of(act))


async def offer(act: Act, text: str) -> None:
    """Take a sentence as the start of a report and offer to open it at once."""
    answers: Answers = {"text": text, "kind": guess_kind(text).value} | home_of(act)
    if "village" not in answers:
        await begin(act, "report", answers)
        return
    answers["near"] = await _near(act, answers)
    await begin(act, "quick", answers)


async def press_report(act: Act) -> None:
    """Start a report from the menu."""
    await begin(act, "report", home_of(act))


async def press_for_other(act: Act) -> None:
    """Start a report for somebody who has no phone here."""
    await begin(act, "report", {"for_other": True} | (home_of(act) if not act.actor.holds(*POLICE) else {}))


# Opening --------------------------------------------------------------------------------------------------------------------


async def open_from(act: Act, answers: Answers) -> Case | None:
    """Open a case from the answers of a conversation, or follow the one that is the same.

    Raises:
        RuleError: `report.too_many` in an hour.
    """
    if answers.get("same"):
        await _follow(act, int(answers["same"]))
        return None
    assert act.actor.id is not None
    if await act.unit.search.count_reports(act.actor.id, since=act.at - HOUR) >= act.town.limits.reports_per_hour:
        raise RuleError("report.too_many")
    other = bool(answers.get("for_other"))
    new = NewCase(
        kind=Kind(answers["kind"]),
        text=answers["text"],
        village_id=VillageId(int(answers["village"])),
        category=_category(answers),
        severity=Severity.PRESSING if answers.get("urgent") or answers.get("danger") == "now" else None,
        place=_place_words(answers),
        details=_details(act, answers),
        reporter_id=None if other else act.actor.id,
        reporter_name=str(answers.get("whose", "")) if other else "",
        opened_by=act.actor.id,
        name_hidden=answers.get("who") == "hidden",
        source="for_other" if other else "report",
    )
    case = await open_case(act, new, parties=await _chairs(act, new.village_id) if answers.get("who") == "party" else ())
    for media in answers.get("media", ()):
        await act.unit.cases.attach(case.id, media, unique_id=media["file_unique_id"], by=act.actor.id, at=act.at)
    place = answers.get("place")
    if isinstance(place, dict):
        await act.unit.cases.attach(case.id, {"type": "location", **place}, unique_id="place", by=act.actor.id, at=act.at)
    return case


async def _follow(act: Act, number: int) -> None:
    home = VillageId(act.actor.village_id or 0)
    found = await act.unit.cases.find(number)
    if found is None or found.kind not in SHARED or found.village_id != home or act.actor.id is None:
        raise RuleError("report.same_gone")
    await act.unit.cases.follow(CaseId(number), act.actor.id, at=act.at)
    await act.reply("report.followed", number=str(number))


async def _chairs(act: Act, village_id: VillageId) -> tuple[PersonId, ...]:
    """Return the chairs of a village: parties, when the reporter says so."""
    posts = await act.unit.people.posts_of(village_id, at=act.at)
    return tuple(who.person_id for who in posts.of(Role.CHAIR) if who.person_id is not None)


def home_of(act: Act) -> Answers:
    """Return the village a report of the actor's is about, when there is only one."""
    mine = (
        {act.actor.village_id}
        if act.actor.village_id is not None
        else set(act.actor.villages(Role.CHAIR, Role.MEMBER, Role.SECRETARY, Role.OFFICER))
    )
    return {"village": int(next(iter(mine)))} if len(mine) == 1 else {}


def _category(answers: Answers) -> Category:
    value = answers.get("category", "")
    return Category(value) if value in set(Category) else Category.NONE


def _place_words(answers: Answers) -> str:
    place = answers.get("place")
    return place if isinstance(place, str) else ""


def _details(act: Act, answers: Answers) -> dict[str, Any]:
    kept = {f"report.detail.{name}": f"report.{name}.{answers[name]}" for name in ("danger", "lost") if answers.get(name)}
    sent_at = act.incoming.sent_at
    late = sent_at is not None and act.at - sent_at > LATE_AFTER
    return kept | ({"report.detail.late": "report.late.yes"} if late else {})


async def _near(act: Act, answers: Answers) -> list[list[Any]]:
    """Return [number, beginning] of open reports in the village that are probably the same; none for a dispute."""
    if Kind(answers["kind"]) not in SHARED or answers.get("for_other"):
        return []
    recent = await act.unit.search.recent_in(VillageId(int(answers["village"])), kinds=SHARED, since=act.at - NEAR_WITHIN)
    return [[int(case.id), summary(case.text)] for case in near(answers["text"], recent) if case.opened_by != act.actor.id]


# Steps ----------------------------------------------------------------------------------------------------------------------


async def _take_whose(act: Act, said: Incoming, answers: Answers) -> str:
    name = clean_name(said.text)
    if not name:
        raise RuleError("report.whose_needed")
    return name


async def _village_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice("report.village_name", str(village.id), {"name": village.name}) for village in await _villages(act))


async def _villages(act: Act) -> list[Village]:
    stations = tuple(act.actor.stations(Role.DUTY, Role.LEADER))
    if stations:
        return await act.unit.people.list_villages(station_ids=stations)
    return await act.unit.people.list_villages(act.actor.villages(Role.CHAIR, Role.MEMBER, Role.SECRETARY, Role.OFFICER))


async def _take_village(act: Act, said: Incoming, answers: Answers) -> int:
    for village in await _villages(act):
        if said.text.strip() in (str(village.id), village.name):
            return int(village.id)
    raise RuleError("report.village_unknown")


async def _kind_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"report.kind.{kind}", kind.value) for kind in KINDS)


async def _take_kind(act: Act, said: Incoming, answers: Answers) -> str:
    kind = SPOKEN_KINDS.get(said.text.strip().casefold())
    if kind is not None:
        return kind.value
    if said.text.strip() and "text" not in answers:  # a sentence instead of a tap: that is the report
        answers["text"] = clean_text(said.text, act.town.limits.report_length)
        return guess_kind(said.text).value
    raise RuleError("report.kind_needed")


async def _text_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.done", "done"),) if answers.get("said") or answers.get("media") else ()


async def _take_text(act: Act, said: Incoming, answers: Answers) -> Any:
    """Collect messages until [说完了]; a text alone is enough, and asks only once."""
    if said.press_id:
        if not answers.get("said") and not answers.get("media"):
            raise RuleError("report.text_needed")
        return answers.get("said") or NO_WORDS
    _gather(act, said, answers)
    if not answers.get("said") and not answers.get("media"):
        raise RuleError("report.text_needed")
    if said.media is None and not said.album and not said.forwarded:
        return answers["said"]
    await act.reply("report.go_on", buttons=_done_buttons())
    return MORE


def _done_buttons() -> Keyboard:
    return ((Button("report.button.done", "answer", ("report", "text", "done")),), (Button("dialog.cancel", "cancel"),))


def _gather(act: Act, said: Incoming, answers: Answers) -> None:
    text = clean_text(said.text, act.town.limits.report_length)
    if text:
        answers["said"] = clean_text(f"{answers.get('said', '')}\n{text}".strip(), act.town.limits.report_length)
    if said.media is not None and said.media["type"] in KEPT_MEDIA:
        known = {media["file_unique_id"] for media in answers.get("media", ())}
        if said.media["file_unique_id"] not in known:
            answers["media"] = [*answers.get("media", ()), said.media][:20]
    if said.location is not None and "place" not in answers:
        answers["place"] = {"latitude": said.location[0], "longitude": said.location[1]}


async def _category_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"report.category.{category}", category.value) for category in FREQUENT)


async def _take_category(act: Act, said: Incoming, answers: Answers) -> str:
    if said.text in {category.value for category in FREQUENT}:
        return said.text
    raise RuleError("report.choose")


def _choose(*values: str) -> Any:
    async def accept(act: Act, said: Incoming, answers: Answers) -> str:
        if said.text in values:
            return said.text
        raise RuleError("report.choose")

    return accept


def _offered(prefix: str, *values: str) -> Any:
    async def choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
        return tuple(Choice(f"{prefix}.{value}", value) for value in values)

    return choices


async def _take_place(act: Act, said: Incoming, answers: Answers) -> Any:
    if said.location is not None:
        return {"latitude": said.location[0], "longitude": said.location[1]}
    if said.press_id and said.text == "skip":
        return ""
    place = clean_text(said.text, 120)
    if not place:
        raise RuleError("report.place_needed")
    return place


async def _take_who(act: Act, said: Incoming, answers: Answers) -> str:
    if said.text not in ("named", "hidden", "party"):
        raise RuleError("report.choose")
    answers["near"] = await _near(act, answers)
    return said.text


async def _same_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    same = (Choice("report.button.same", str(number), {"number": str(number)}) for number, _ in answers["near"])
    return (*same, Choice("report.button.not_same", "no"))


async def _shown_near(act: Act, answers: Answers) -> dict[str, Any]:
    return {"lines": {"lines": [Text("report.near_line", number=str(number), text=text) for number, text in answers["near"]]}}


async def _take_same(act: Act, said: Incoming, answers: Answers) -> str:
    offered = {str(number) for number, _ in answers["near"]}
    if said.text == "no" or said.text not in offered:
        return ""
    return said.text


async def _shown_preview(act: Act, answers: Answers) -> dict[str, Any]:
    village = await act.unit.people.village(VillageId(int(answers["village"])))
    count = len(answers.get("media", ()))
    return {
        "kind": Text(f"report.kind.{answers['kind']}"),
        "text": summary(answers["text"], 300),
        "village": village.name,
        "who": Text(f"report.who_shown.{answers.get('who', 'named')}"),
        "attached": Text("report.media_shown", count=str(count)) if count else "",
    }


async def _take_confirm(act: Act, said: Incoming, answers: Answers) -> str:
    if said.press_id and said.text == "send":
        return "send"
    raise RuleError("report.choose")


async def _finish(act: Act, answers: Answers) -> None:
    await open_from(act, answers)


# The offer ------------------------------------------------------------------------------------------------------------------


async def _shown_quick(act: Act, answers: Answers) -> dict[str, Any]:
    village = await act.unit.people.village(VillageId(int(answers["village"])))
    lines = [Text("report.near_line", number=str(number), text=text) for number, text in answers.get("near", ())]
    known = Text("report.quick.near", lines={"lines": lines}) if lines else ""
    return {"village": village.name, "kind": Text(f"report.kind.{answers['kind']}"), "text": summary(answers["text"], 300), "near": known}


async def _quick_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    same = (Choice("report.button.same", str(number), {"number": str(number)}) for number, _ in answers.get("near", ()))
    return (
        Choice("report.button.send", "send"),
        Choice("report.button.hidden", "hidden"),
        *same,
        Choice("report.button.other_kind", "kind"),
        Choice("report.button.details", "details"),
    )


async def _take_quick(act: Act, said: Incoming, answers: Answers) -> Any:
    if said.press_id:
        offered = {str(number) for number, _ in answers.get("near", ())}
        if said.text in {"send", "hidden", "kind", "details"} | offered:
            return said.text
        raise RuleError("report.choose")
    answers["said"] = answers["text"]
    _gather(act, said, answers)
    answers["text"] = answers.pop("said")
    await act.reply("report.added_to_draft")
    return MORE


async def _finish_quick(act: Act, answers: Answers) -> None:
    choice = answers.pop("what")
    match choice:
        case "send":
            await open_from(act, answers)
        case "hidden":
            await open_from(act, answers | {"who": "hidden"})
        case "kind":
            await begin(act, "report", {name: value for name, value in answers.items() if name != "kind"})
        case "details":
            await begin(act, "report", answers)
        case _:
            await open_from(act, answers | {"same": choice})


QUICK = Dialog("quick", Policy.JOINED, (Step("what", "report.quick", _take_quick, _quick_choices, _shown_quick),), _finish_quick)
REPORT = Dialog(
    "report",
    Policy.JOINED,
    (
        Step("whose", "report.ask.whose", _take_whose, when=lambda answers: bool(answers.get("for_other"))),
        Step("village", "report.ask.village", _take_village, _village_choices, wide=3),
        Step("kind", "report.ask.kind", _take_kind, _kind_choices),
        Step("text", "report.ask.text", _take_text, _text_choices),
        Step("category", "report.ask.category", _take_category, _category_choices, when=lambda answers: answers.get("kind") == "dispute"),
        Step(
            "danger",
            "report.ask.danger",
            _choose("now", "soon"),
            _offered("report.danger", "now", "soon"),
            when=lambda answers: answers.get("kind") == "hazard",
        ),
        Step(
            "lost",
            "report.ask.lost",
            _choose("no", "yes"),
            _offered("report.lost", "no", "yes"),
            when=lambda answers: answers.get("kind") == "fraud",
        ),
        Step("place", "report.ask.place", _take_place, _offered("report.button", "skip")),
        Step(
            "who",
            "report.ask.who",
            _take_who,
            _offered("report.who", "named", "hidden", "party"),
            when=lambda answers: not answers.get("for_other"),
            wide=1,
        ),
        Step("same", "report.ask.same", _take_same, _same_choices, _shown_near, when=lambda answers: bool(answers.get("near")), wide=1),
        Step(
            "confirm",
            "report.ask.confirm",
            _take_confirm,
            _offered("report.button", "send"),
            _shown_preview,
            when=lambda answers: not answers.get("same"),
        ),
    ),
    _finish,
)


async def keep_for_later(act: Act, text: str) -> None:
    """Keep a stranger's words until he has joined; the conversation goes on from there."""
    if text and not is_cancel(text):
        await act.unit.drafts.put(Draft(act.incoming.address, "report", "kind", {"text": text}, act.at, act.at))
