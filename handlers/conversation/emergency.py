"""Danger: the numbers to dial first, at once, to anybody; then, on one tap, an urgent case for chair, officer and duty desk.

Knows that this is no emergency line and never says it is one. Must not know how danger is told from words (domain/cases/intake.py). Invariant:
nobody in danger is refused or slowed down; what they say is kept together until it is a case, and so is the conversation it interrupted. Nobody's
cries, however many, stand before another's: one person has one urgent case at a time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.cases.case import SOS, Action, Case, Kind, State
from domain.cases.intake import GATHER_WITHIN
from domain.core.change import Address, Button, CaseId, ChatId, Keyboard, Notice, Priority
from domain.core.numbers import clean_text
from domain.people.people import Role
from handlers.cases import moves, reports
from handlers.core import dialogs
from handlers.core.context import Act, rows
from handlers.core.dialogs import Answers
from storage.core.drafts import Draft
from texts import plain

#: The draft of somebody who has not yet said whom to tell.
DRAFT = "urgent"
MINUTE = timedelta(minutes=1)
#: So many cries in a minute are answered; all are kept.
ANSWERED_A_MINUTE = 5
#: So often in ten minutes a cry that was taken back is raised again with everything: cards, deadlines, noise.
RAISED_AGAIN = 2
HELD_FOR = timedelta(hours=1)
#: Conversations whose words belong to the emergency that interrupts them.
_ABOUT_IT = frozenset({"report", "quick", "where", "aside"})


# Ways in --------------------------------------------------------------------------------------------------------------------


async def answer(act: Act) -> None:
    """Say which numbers to dial, at once; keep what was said and offer to tell police and chair."""
    if act.actor.role is Role.STRANGER:
        await reports.keep_for_later(act)
        if not await _often(act):
            await _dial(act, "emergency.dial.stranger", rows(Button("join.button.pick", "jpage", (0,))))
        return
    await _keep(act)
    if await _often(act):
        return
    case = await _under_way(act)
    if case is None or case.ended or not act.incoming.text:
        await _dial(act, "emergency.dial.offer", _offered(words=bool(act.incoming.text)))
    else:
        await _dial(act, "emergency.dial")
        await _tell_more(act, case)


async def more(act: Act) -> bool:
    """Keep what somebody adds before saying whom to tell; False when nothing waits for that."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is None or draft.dialog != DRAFT or act.at - draft.updated_at > HELD_FOR:
        return False
    answers = dict(draft.answers)
    if not reports.gather(act, act.incoming, answers):
        return False
    await act.unit.drafts.put(replace(draft, answers=answers, updated_at=act.at))
    await _dial(act, "emergency.more", _offered(words=True))
    return True


async def sos(act: Act) -> None:
    """`/sos <text>`: the numbers to dial first; with words, an urgent case at once."""
    words = clean_text(act.args, act.town.limits.report_length)
    act.incoming = replace(act.incoming, text=words, command="")
    case = await _under_way(act)
    if not words or act.actor.role is Role.STRANGER or (case is not None and (not case.ended or await _often(act))):
        await answer(act)
        return
    await _dial(act, "emergency.dial.sent")
    if case is not None:
        await _keep(act)
        await _tell_more(act, case)
        return
    gathered: Answers = {}
    reports.gather(act, act.incoming, gathered)
    await _open(act, gathered)


async def press_sos(act: Act) -> None:
    """The emergency button of the menu."""
    await answer(act)


# Buttons --------------------------------------------------------------------------------------------------------------------


async def press_urgent(act: Act) -> None:
    """Tell police and chair: open an urgent case with what was kept, or without words."""
    case = await _under_way(act)
    if case is not None:
        act.toast("emergency.told", number=str(case.id))
        await _tell_more(act, case)
        return
    gathered, before = _parted(await _taken(act))
    if before is not None and before["dialog"] in _ABOUT_IT:
        gathered = _merged(_words_of(before["answers"]), gathered)
    elif before is not None:
        await _put_back(act, before)
    await _open(act, gathered)


async def press_mistake(act: Act) -> None:
    """Nobody is in danger, and nothing was said: an interrupted conversation goes on."""
    _, before = _parted(await _taken(act))
    await act.reply("emergency.mistake")
    if before is not None:
        await _put_back(act, before)
        await dialogs.ask_again(act)


async def press_calm(act: Act) -> None:
    """It only sounded dangerous: the words go where they were meant to go, into the interrupted conversation or a report."""
    draft = await _taken(act)
    if draft is None:
        act.toast("dialog.over")
        return
    gathered, before = _parted(draft)
    if before is None or before["dialog"] not in act.dialogs:
        await reports.offer(act, gathered if before is None else _merged(_words_of(before["answers"]), gathered))
    elif before["dialog"] in _ABOUT_IT:
        await _put_back(act, before | {"answers": _merged(before["answers"], gathered)})
        await dialogs.ask_again(act)
    else:
        await _put_back(act, before)
        media = next(iter(gathered.get("media", ())), None)
        await dialogs.answer(act, replace(act.incoming, text=str(gathered.get("said", "")), media=media, verb="", values=(), press_id=""))


async def _tell_more(act: Act, case: Case) -> None:
    """Add to an urgent case what was kept since the last word that reached it; one that was taken back is raised again."""
    gathered, before = _parted(await _taken(act))
    if before is not None:
        await _put_back(act, before)
    for media in gathered.get("media", ()):
        await act.unit.cases.attach(CaseId(case.id), media, unique_id=moves.unique_of(media), by=act.actor.id, at=act.at)
    words = str(gathered.get("said", "")) or (plain("emergency.no_words", act.actor.language) if case.ended else "")
    if case.ended and await _may_raise_again(act):
        await moves.move(act, int(case.id), moves.decision(act, Action.REOPEN, words), in_danger=True)
    elif words:
        await moves.do(act, int(case.id), Action.NOTE, words)


# Keeping --------------------------------------------------------------------------------------------------------------------


async def _keep(act: Act) -> None:
    """Put what was said beside what was said before, and set an open conversation aside."""
    draft = await act.unit.drafts.find(act.incoming.address)
    answers: Answers = {}
    if draft is not None and draft.dialog == DRAFT and act.at - draft.updated_at <= HELD_FOR:
        answers = dict(draft.answers)
    elif draft is not None and (draft.dialog in act.dialogs or draft.dialog in _ABOUT_IT):
        answers = {"interrupted": {"dialog": draft.dialog, "step": draft.step, "answers": draft.answers}}
    reports.gather(act, act.incoming, answers)
    await act.unit.drafts.put(Draft(act.incoming.address, DRAFT, "", answers, act.at, act.at))


async def _taken(act: Act) -> Draft | None:
    """Take what was kept, if the present draft is that."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is None or draft.dialog != DRAFT:
        return None
    await act.unit.drafts.drop(act.incoming.address)
    return draft


async def _put_back(act: Act, before: dict[str, Any]) -> None:
    """Put an interrupted conversation back."""
    await act.unit.drafts.put(Draft(act.incoming.address, before["dialog"], before["step"], before["answers"], act.at, act.at))


def _parted(draft: Draft | None) -> tuple[Answers, dict[str, Any] | None]:
    """Return what was gathered in danger, and the conversation it interrupted ({"dialog", "step", "answers"}) or None."""
    answers = dict(draft.answers) if draft is not None else {}
    before = answers.pop("interrupted", None)
    return answers, before


def _words_of(answers: Answers) -> Answers:
    """Return what was gathered of a report, without the answers to its questions."""
    kept = {name: answers[name] for name in ("media", "messages", "forwarded", "late", "place") if answers.get(name)}
    words = "\n".join(str(answers[name]) for name in ("text", "said") if answers.get(name))
    return kept | ({"said": words} if words else {})


def _merged(first: Answers, then: Answers) -> Answers:
    """Return what was gathered at two times as one."""
    name = "text" if first.get("text") else "said"
    words = "\n".join(str(said) for said in (first.get(name), then.get("said")) if said)
    lists = {each: [*first.get(each, ()), *then.get(each, ())] for each in ("media", "messages") if first.get(each) or then.get(each)}
    return {**then, **first, **lists} | ({name: words} if words else {})


# Telling --------------------------------------------------------------------------------------------------------------------


def _offered(*, words: bool) -> Keyboard:
    other = Button("emergency.button.calm", "calm") if words else Button("emergency.button.mistake", "mistake")
    return rows(Button("emergency.button.tell", "urgent"), other, width=1)


async def _dial(act: Act, key: str, buttons: Keyboard = ()) -> None:
    await act.tell(Notice(act.here, key, {}, buttons, Priority.SOS))


async def _open(act: Act, gathered: Answers) -> None:
    """Open the urgent case; whoever belongs to no village is asked where, and nothing else."""
    answers = gathered | {"kind": Kind.OTHER.value, "urgent": True, "who": "named"} | reports.begun(act)
    answers["text"] = answers.pop("said", "") or plain("emergency.no_words", act.actor.language)
    await reports.open_or_ask_where(act, answers)


async def _under_way(act: Act) -> Case | None:
    """Return the urgent case somebody opened a moment ago, or None; one he took back too, so that nobody opens one after the other."""
    if act.actor.id is None:
        return None
    case = await act.unit.search.last_of(act.actor.id, since=act.at - GATHER_WITHIN, source=SOS)
    return case if case is not None and (not case.ended or case.state is State.WITHDRAWN) else None


async def _often(act: Act) -> bool:
    """Count cries for help; beyond a few in a minute their numbers stand in the chat already."""
    return await _count(act, SOS, MINUTE) > ANSWERED_A_MINUTE


async def _may_raise_again(act: Act) -> bool:
    """Count how often a cry that was taken back is raised again; beyond a few times its words still reach all who were called, as a note."""
    return await _count(act, "sos again", GATHER_WITHIN) <= RAISED_AGAIN


async def _count(act: Act, what: str, within: timedelta) -> int:
    who = Address(act.incoming.address.channel, ChatId(act.incoming.user_id))
    await act.unit.invitations.tried(who, what, at=act.at)
    return await act.unit.invitations.tries_since(who, what, since=act.at - within)
