"""Open a case: by a sentence, a command or buttons, for oneself or for somebody else.

Only the holder of a post opens one for somebody else. Knows the answers gathered before there is a case, and ends in
`handlers.cases.moves.open_case`; decides nothing about the case. Its questions are in handlers/cases/report_dialogs.py. Invariant: a
person's words are kept (in a draft) until they are a case or the person leaves; nobody learns by reporting what somebody else reported in
confidence.
"""

from __future__ import annotations

from typing import Any

from domain.cases.case import ELDER, ELDERS_PHONE, SOS, Action, Case, Category, Kind, NewCase, Severity, State
from domain.cases.fairness import Way, check_blocked
from domain.cases.intake import LATE_AFTER, NEAR_WITHIN, SHARED, guess_kind, is_cancel, split_kind
from domain.cases.neighbours import is_shared, public_place, to_offer
from domain.core.change import Button, CaseId, Notice, RuleError, VillageId
from domain.core.immutable import replace
from domain.core.numbers import clean_text
from domain.core.positions import Position, is_near
from domain.emergencies.heard import Danger
from domain.people.people import COMMITTEE, POLICE, Policy, Role, Village, admit
from handlers.cases import attachments, gathering, moves
from handlers.cases.concerned import concerned
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, begin
from storage.cases.search import MESSAGES
from storage.core.drafts import Draft
from storage.values import to_us
from texts import plain

#: Metres between the pins of two reports that may be the same.
CLOSE = 150.0
KEPT_MEDIA = ("photo", "voice", "video", "document", "audio", "video_note", "animation")
MOST_MEDIA = 50
#: The draft of somebody who has not joined; no dialog takes an answer there.
KEPT = "kept"
#: The text of a report stands for its pictures, until there are words; its kind follows from its words, until one is chosen.
PLACEHOLDER, GUESSED = "placeholder", "guessed"
#: Questions of one kind whose answers are on the card, and their labels.
ASKED = {"danger": "report.detail.danger", "lost": "report.detail.lost", "agrees": "report.detail.agrees"}
_WORDS = {"photo": "photo", "voice": "voice", "audio": "voice", "video": "video", "video_note": "video", "animation": "video"}
_CATEGORIES = frozenset(Category)
_DANGERS = frozenset(Danger)
_SIGNS = {"photo": "📷", "voice": "🎤", "audio": "🎤", "video": "🎬", "video_note": "🎬", "location": "📍"}


# Entry points ---------------------------------------------------------------------------------------------------------------


async def report(ctx: HandlerContext) -> None:
    """`/report <kind> <text>`: open at once; ask for missing parts and lose nothing."""
    kind, words = split_kind(ctx.args)
    answers = initial_answers(ctx) | ({} if kind is None else {"kind": kind.value})
    if not words:
        await begin(ctx, "report", answers)
        return
    collect(ctx, _worded(ctx.incoming, words), answers)
    answers["text"] = answers.pop("said")
    if kind is None:
        await begin(ctx, "quick", answers)
    else:
        await open_or_ask_where(ctx, answers)


async def offer(ctx: HandlerContext, gathered: Answers) -> None:
    """Take the gathered answers as the start of a report and offer to open it at once."""
    answers = initial_answers(ctx) | gathered
    answers["text"] = answers.pop("said", "") or answers.get("text", "")
    if not answers["text"]:
        answers |= {"text": placeholder_text(ctx, answers), PLACEHOLDER: True}
    spoken = ctx.actor.elder and PLACEHOLDER in answers and any(each["type"] == "voice" for each in answers.get("media", ()))
    if spoken and "kind" not in answers:  # nobody can read it off a voice
        await begin(ctx, "spoken", answers)
        return
    if "kind" not in answers:
        answers |= {"kind": guess_kind(answers["text"]).value, GUESSED: True}
    answers["near"] = await near_to(ctx, answers)
    await begin(ctx, "quick", answers)


async def press_report(ctx: HandlerContext) -> None:
    """Start a report from the menu; in elder mode say that speaking is enough."""
    if ctx.actor.elder:
        await ctx.reply("elder.speak")
        return
    await begin(ctx, "report", initial_answers(ctx))


async def press_for_other(ctx: HandlerContext) -> None:
    """Start a report for somebody who has no phone here."""
    asks = {} if ctx.actor.holds(Role.CHAIR, *POLICE) else {"asks_consent": True}
    await begin(ctx, "report", initial_answers(ctx) | {"for_other": True} | asks)


async def press_for_family(ctx: HandlerContext) -> None:
    """Start a report of a resident for somebody of the family: the resident stays its reporter."""
    await begin(ctx, "report", initial_answers(ctx) | {"family": True, "asks_consent": True})


async def keep_for_later(ctx: HandlerContext) -> None:
    """Keep a stranger's words until they have joined; the dialog continues from there."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    answers = dict(draft.answers) if draft is not None and draft.dialog == KEPT else {}
    if not is_cancel(ctx.incoming.text) and collect(ctx, ctx.incoming, answers):
        await ctx.unit.drafts.put(Draft(ctx.incoming.address, KEPT, "", answers, ctx.at, ctx.at))


# Opening --------------------------------------------------------------------------------------------------------------------


async def open_from(ctx: HandlerContext, answers: Answers) -> Case | None:
    """Open a case from the answers of a dialog, or follow the one that is the same.

    Raises:
        RuleError: too many reports, or a blocked account; never with the SOS button. For somebody else: the actor has no post any more.
    """
    if answers.get("same"):
        await _follow(ctx, int(answers["same"]), VillageId(int(answers["village"])))
        return None
    assert ctx.actor.id is not None
    urgent, other = bool(answers.get("urgent")), bool(answers.get("for_other"))
    if other:
        admit(ctx.actor, Policy.COMMITTEE)
    seen = await concerned(ctx, answers)
    new = NewCase(
        kind=Kind(answers["kind"]),
        text=answers["text"],
        village_id=VillageId(int(answers["village"])),
        category=_category(answers),
        severity=Severity.URGENT if urgent or answers.get("danger") == "now" else None,
        place=_place_words(answers),
        details=_details(answers),
        reporter_id=None if other else ctx.actor.id,
        reporter_name=str(answers.get("whose", "")) if other else "",
        opened_by=ctx.actor.id,
        visibility=seen.visibility,
        side=seen.side,
        source=_source(answers),
        danger=danger_of(answers),
        at_home=bool(answers.get("at_home")),
    )
    media = _attached(answers)
    if not urgent and await gathering.way_for(ctx, new) is Way.GATHER:
        await ctx.reply("report.urgent_again")
        if await gathering.joined(ctx, new, media, parties=seen.parties):
            return None
        new = replace(new, severity=Severity.ORDINARY)
    return await moves.open_case(ctx, new, parties=seen.parties, media=media)


async def open_or_ask_where(ctx: HandlerContext, answers: Answers) -> Case | None:
    """Open a case at once and return it; ask a person without a village only where it is.

    An open dialog stays open.
    """
    if answers.get("home"):
        return await open_from(ctx, answers)
    await begin(ctx, "where", answers)
    return None


async def add(ctx: HandlerContext, case: Case) -> None:
    """Add a photo, voice message or place to a case.

    Answers once per album, and notifies the handler who already has the case in hand.
    """
    if case.source != SOS and not case.calls:
        check_blocked(ctx.actor)
    said, number = ctx.incoming, CaseId(case.id)
    media = media_of(said)
    assert media is not None
    caption = clean_text(said.text, moves.WORDS)
    attachments.check_room(ctx, case)
    await attachments.attach(ctx, number, media, caption)
    told = bool(said.album) and await attachments.told_of_album(ctx)
    if caption or (case.scene is None and not told):  # of an urgent case the thing itself went to everybody who was called
        await moves.do(ctx, number, Action.NOTE, caption or _SIGNS.get(media["type"], "📎"))
        return
    if not told:
        await ctx.reply("talk.joined", number=str(case.id))
    stored = await ctx.unit.cases.find(number)
    assert stored is not None
    await moves.redraw_everywhere(ctx, stored)


async def _follow(ctx: HandlerContext, number: int, village_id: VillageId) -> None:
    """Let the actor follow a report that residents may learn of, and no other."""
    check_blocked(ctx.actor)
    shared = {case.id for case in await _shared_in(ctx, village_id)}
    if number not in shared or ctx.actor.id is None:
        raise RuleError("report.same_gone")
    joined = await ctx.unit.cases.follow(CaseId(number), ctx.actor.id, at=ctx.at)
    add = rows(Button("case.button.supplement", "f.add", (number,)), Button("case.button.progress", "c.all", (number,)))
    await ctx.notify(Notice(ctx.origin, "report.followed", {"number": str(number)}, add, subject=f"case:{number}"))
    if joined and (case := await ctx.unit.cases.find(number)) is not None:
        await moves.redraw_everywhere(ctx, case)


def danger_of(answers: Answers) -> Danger | None:
    """Return the kind of danger in the answers ("danger_kind"), None when unknown."""
    value = answers.get("danger_kind", "")
    return Danger(value) if value in _DANGERS else None


def _category(answers: Answers) -> Category:
    value = answers.get("category", "")
    return Category(value) if value in _CATEGORIES else Category.NONE


def _place_words(answers: Answers) -> str:
    place = answers.get("place")
    return place if isinstance(place, str) else ""


def _details(answers: Answers) -> dict[str, Any]:
    """Return the card's details besides the words, and the messages they were made of.

    Details are text keys: label → answer.
    """
    kept: dict[str, Any] = {label: f"report.{name}.{answers[name]}" for name, label in ASKED.items() if answers.get(name)}
    kept |= {"report.detail.amount": answers["amount"]} if answers.get("amount") else {}
    if answers.get("phone") and answers.get("agrees") in (None, "yes"):  # a number only if its owner agrees
        kept[ELDERS_PHONE] = answers["phone"]
    kept |= {ELDER: answers["whose"]} if answers.get("family") else {}
    kept |= {"report.detail.late": "report.late.yes"} if answers.get("late") else {}
    return kept | ({MESSAGES: answers["messages"]} if answers.get("messages") else {})


def _source(answers: Answers) -> str:
    named = (("urgent", SOS), ("for_other", "for_other"), ("family", "family"), ("forwarded", "forwarded"))
    return next((source for name, source in named if answers.get(name)), "report")


def _attached(answers: Answers) -> tuple[dict[str, Any], ...]:
    place = answers.get("place")
    return (*answers.get("media", ()), *(({"type": "location"} | place,) if isinstance(place, dict) else ()))


# Gathering ------------------------------------------------------------------------------------------------------------------


def collect(ctx: HandlerContext, said: Incoming, answers: Answers) -> bool:
    """Add words, media and place to the answers of a report; return whether there were any.

    Words go to "text" once there is one, else to "said"; "messages" are the ids of their messages. A pressed button adds nothing.
    """
    limit, media = ctx.town.limits.report_length, media_of(said)
    text = "" if said.press_id else clean_text(said.text, limit)
    if not text and media is None:
        return False
    name = "text" if answers.get("text") else "said"
    if text and answers.pop(PLACEHOLDER, False):
        answers["text"] = text
    elif text:
        answers[name] = clean_text(f"{answers.get(name, '')}\n{text}", limit)
    if media is not None and media["type"] == "location":
        answers.setdefault("place", {name: media[name] for name in ("latitude", "longitude", "name", "message_id") if name in media})
    elif media is not None:
        known = {each["file_unique_id"] for each in answers.get("media", ())}
        if media["file_unique_id"] not in known:
            answers["media"] = [*answers.get("media", ()), media][:MOST_MEDIA]
    if said.message_id:
        answers["messages"] = [*answers.get("messages", ()), said.message_id][-MOST_MEDIA:]
    if said.forwarded:
        answers["forwarded"] = True
    if said.sent_at is not None and ctx.at - said.sent_at > LATE_AFTER:
        answers["late"] = True
    return True


def media_of(said: Incoming) -> dict[str, Any] | None:
    """Return an attachment that can be kept, or None.

    {"type", "file_id", …} or {"type": "location", "latitude", "longitude"}.
    """
    if said.location is not None:
        named = {"name": said.place_name} if said.place_name else {}
        shown_in = {"message_id": said.message_id} if said.message_id else {}  # a live location edits its message
        return {"type": "location", "latitude": said.location[0], "longitude": said.location[1]} | named | shown_in
    return said.media if said.media is not None and said.media["type"] in KEPT_MEDIA else None


def placeholder_text(ctx: HandlerContext, answers: Answers) -> str:
    """Return the words of a report without words, in its reporter's language: ［语音］."""
    first = next((each["type"] for each in answers.get("media", ())), "location")
    return plain(f"report.words.{_WORDS.get(first, 'file' if answers.get('media') else 'place')}", ctx.actor.language)


def _worded(said: Incoming, words: str) -> Incoming:
    """Return a command as the words it was given."""
    return Incoming(
        said.address, said.user_id, said.user_name, said.language, said.private, message_id=said.message_id, text=words, media=said.media,
        sent_at=said.sent_at,
    )  # fmt: skip


# The place, and the reports known there -------------------------------------------------------------------------------------


def initial_answers(ctx: HandlerContext) -> Answers:
    """Return the answers that need no question.

    These are the village where there is only one (`home`), and that the police's own names are public.
    """
    police = ctx.actor.holds(*POLICE)
    mine = ctx.actor.villages(Role.OFFICER) if police else ctx.actor.villages(*COMMITTEE)
    if not police and ctx.actor.village_id is not None:
        mine = frozenset({ctx.actor.village_id})
    if ctx.actor.stations(Role.DUTY, Role.LEADER) or len(mine) != 1:
        return {"who": "named"} if police else {}
    return {"village": int(next(iter(mine))), "home": True} | ({"who": "named"} if police else {})


async def villages_of(ctx: HandlerContext) -> list[Village]:
    """Return the villages that somebody may report about: of their posts, else all.

    All village names are on every poster.
    """
    stations = tuple(ctx.actor.stations(Role.DUTY, Role.LEADER))
    if stations:
        return await ctx.unit.people.list_villages(station_ids=stations)
    mine = ctx.actor.villages(*COMMITTEE, Role.OFFICER)
    return await ctx.unit.people.list_villages(mine or None)


async def near_to(ctx: HandlerContext, answers: Answers) -> list[dict[str, Any]]:
    """Return open reports in the village that may be the same; for a hazard always some.

    Each is {"number", "kind", "place", "at" (microseconds), "state"}. The place is a street or a landmark; no words of a report are in it.
    """
    if "village" not in answers or Kind(answers["kind"]) not in SHARED or answers.get("for_other"):
        return []
    shared = await _shared_in(ctx, VillageId(int(answers["village"])))
    return [
        {
            "number": int(case.id),
            "kind": case.kind.value,
            "place": public_place(case.place),
            "at": to_us(case.opened_at),
            "state": "waiting" if case.state in (State.OPEN, State.ESCALATED) else "busy",
        }
        for case in to_offer(Kind(answers["kind"]), answers["text"], shared, close=await _close_to(ctx, answers, shared))
    ]


async def _close_to(ctx: HandlerContext, answers: Answers, shared: list[Case]) -> set[CaseId]:
    """Return the reports whose pin is close to that of a new one."""
    place = answers.get("place")
    if not isinstance(place, dict) or not shared:
        return set()
    here = Position(place["latitude"], place["longitude"])
    points = await ctx.unit.places.newest_of([case.id for case in shared])
    return {number for number, point in points.items() if is_near(here, Position(point.latitude, point.longitude), CLOSE)}


async def _shared_in(ctx: HandlerContext, village_id: VillageId) -> list[Case]:
    """Return other people's reports that the actor may learn of as a resident of the village."""
    if ctx.actor.village_id != village_id:
        return []
    recent = await ctx.unit.search.recent_in(village_id, kinds=SHARED, since=ctx.at - NEAR_WITHIN)
    return [case for case in recent if is_shared(case) and case.opened_by != ctx.actor.id]
