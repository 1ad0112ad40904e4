"""The offer to report what somebody wrote with one tap.

Knows what the offer shows and its choices; what is opened is handlers/cases/reports.py. Invariant: the offer names who will get the report and
where it is, and more words join it.
"""

from __future__ import annotations

from typing import Any

from domain.cases.case import Kind
from domain.cases.display import called
from domain.cases.intake import guess_kind, is_yes, summary
from domain.cases.moves import first_rung
from domain.core.change import RuleError, VillageId
from domain.people.people import Policy
from handlers.cases.report_steps import (
    SHOWN,
    TEXT,
    VILLAGE,
    instead_of_a_tap,
    kind_choices,
    media_shown,
    near_lines,
    same,
    take_kind,
)
from handlers.cases.reports import near_to, open_from
from handlers.core.context import Act, Incoming
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from texts import Lines, Text


async def _shown_quick(act: Act, answers: Answers) -> dict[str, Any]:
    village = await act.unit.people.village(VillageId(int(answers["village"])))
    lines = near_lines(act, answers)
    return {
        "village": village.name,
        "who": await _first_to_know(act, village.id),
        "kind": Text(f"report.kind.{answers['kind']}"),
        "text": summary(answers[TEXT], SHOWN),
        "attached": media_shown(answers),
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
        *same(answers),
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
    more = await instead_of_a_tap(act, said, answers)
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


QUICK = Dialog(
    "quick",
    Policy.JOINED,
    (
        VILLAGE,
        Step("kind", "report.which_kind", take_kind, kind_choices, when=lambda answers: "kind" not in answers),
        Step("what", "report.quick", _take_quick, _quick_choices, _shown_quick),
    ),
    _finish_quick,
)
