"""Danger: show the numbers to dial first; then, on one tap, open an urgent case.

The numbers are shown at once, to anybody; the case goes to chair, officer and duty desk. Knows that this is not an emergency line and never
says it is one. Must not know how words are recognised as danger (domain/emergencies/). Invariant: nobody in danger is refused or slowed
down; their words are kept together until they are a case, and so is the dialog that they interrupted. One person has one urgent case at a
time, so that many SOS messages of one person never delay another's.
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
from handlers.core.context import HandlerContext, rows
from handlers.core.dialogs import Answers
from storage.core.drafts import Draft
from texts import plain

#: The draft of somebody who has not yet said whom to notify.
DRAFT = "urgent"
#: Argument of the button that leaves the chair out.
POLICE_ONLY = "police"
MINUTE = timedelta(minutes=1)
#: So many SOS messages per minute are answered; all are kept.
ANSWERED_A_MINUTE = 5
#: So often in ten minutes a withdrawn SOS is raised again with everything: cards, deadlines, sound.
RAISED_AGAIN = 2
HELD_FOR = timedelta(hours=1)
#: Dialogs whose words belong to the emergency that interrupts them.
_ABOUT_IT = frozenset({"report", "quick", "where", "aside"})


# Entry points ---------------------------------------------------------------------------------------------------------------


async def answer(ctx: HandlerContext, *, sure: bool = True) -> None:
    """Show the numbers to dial, at once; keep the words and offer to notify police and chair.

    `sure=False`: the words may be harmless, so ask whether anybody is in danger.
    """
    if ctx.actor.role is Role.STRANGER:
        await reports.keep_for_later(ctx)
        if not await _often(ctx):
            await _dial(
                ctx, "emergency.dial.stranger" if sure else "emergency.unsure.stranger", rows(Button("join.button.pick", "jpage", (0,)))
            )
        return
    await _keep(ctx)
    if await _often(ctx):
        return
    case = await _under_way(ctx)
    if case is None or case.ended or not ctx.incoming.text:
        if sure:
            await _dial(ctx, "emergency.dial.offer", _offered(words=bool(ctx.incoming.text)))
        else:
            asked = rows(Button("emergency.button.danger", "urgent"), Button("emergency.button.no_danger", "calm"), width=1)
            await _dial(ctx, "emergency.unsure", asked)
    else:
        await _dial(ctx, "emergency.dial")
        await _tell_more(ctx, case)


async def more(ctx: HandlerContext) -> bool:
    """Keep words added before the person says whom to notify; False without such a draft."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog != DRAFT or ctx.at - draft.updated_at > HELD_FOR:
        return False
    answers = dict(draft.answers)
    if not reports.collect(ctx, ctx.incoming, answers):
        return False
    await ctx.unit.drafts.put(replace(draft, answers=answers, updated_at=ctx.at))
    await _dial(ctx, "emergency.more", _offered(words=True))
    return True


async def sos(ctx: HandlerContext) -> None:
    """`/sos <text>`: show the numbers to dial first; with words, open an urgent case at once."""
    words = clean_text(ctx.args, ctx.town.limits.report_length)
    ctx.incoming = replace(ctx.incoming, text=words, command="")
    case = await _under_way(ctx)
    if not words or ctx.actor.role is Role.STRANGER or (case is not None and (not case.ended or await _often(ctx))):
        await answer(ctx)
        return
    await _dial(ctx, "emergency.dial.sent")
    if case is not None:
        await _keep(ctx)
        await _tell_more(ctx, case)
        return
    gathered: Answers = {}
    reports.collect(ctx, ctx.incoming, gathered)
    await _open(ctx, gathered)


async def press_sos(ctx: HandlerContext) -> None:
    """Answer the emergency button of the menu."""
    await answer(ctx)


# Buttons --------------------------------------------------------------------------------------------------------------------


async def press_urgent(ctx: HandlerContext) -> None:
    """Notify police and chair: open an urgent case with the kept words, or without words."""
    case = await _under_way(ctx)
    if case is not None:
        ctx.toast("emergency.told", number=str(case.id))
        await _tell_more(ctx, case)
        return
    gathered, before = _parted(await _taken(ctx))
    if before is not None and before["dialog"] in _ABOUT_IT:
        gathered = _merged(_words_of(before["answers"]), gathered)
    elif before is not None:
        await _put_back(ctx, before)
    await _open(ctx, gathered | ({"who": POLICE_ONLY} if ctx.incoming.values[:1] == (POLICE_ONLY,) else {}))


async def press_mistake(ctx: HandlerContext) -> None:
    """Take it as a mistake without words: nobody is in danger; an interrupted dialog continues."""
    _, before = _parted(await _taken(ctx))
    await ctx.reply("emergency.mistake")
    if before is not None:
        await _put_back(ctx, before)
        await dialogs.ask_again(ctx)


async def press_calm(ctx: HandlerContext) -> None:
    """Take the words as not dangerous: they go into the interrupted dialog or a report."""
    draft = await _taken(ctx)
    if draft is None:
        ctx.toast("dialog.over")
        return
    gathered, before = _parted(draft)
    if before is None or before["dialog"] not in ctx.dialogs:
        await reports.offer(ctx, gathered if before is None else _merged(_words_of(before["answers"]), gathered))
    elif before["dialog"] in _ABOUT_IT:
        await _put_back(ctx, before | {"answers": _merged(before["answers"], gathered)})
        await dialogs.ask_again(ctx)
    else:
        await _put_back(ctx, before)
        media = next(iter(gathered.get("media", ())), None)
        await dialogs.answer(ctx, replace(ctx.incoming, text=str(gathered.get("said", "")), media=media, verb="", values=(), press_id=""))


async def _tell_more(ctx: HandlerContext, case: Case) -> None:
    """Add the words kept since the last addition to an urgent case; reopen a withdrawn one."""
    gathered, before = _parted(await _taken(ctx))
    if before is not None:
        await _put_back(ctx, before)
    for media in gathered.get("media", ()):
        await moves.attach(ctx, CaseId(case.id), media)
    if isinstance(gathered.get("place"), dict):
        await moves.attach(ctx, CaseId(case.id), {"type": "location"} | gathered["place"])
    taken_back = case.ended or (case.scene is not None and case.scene.cancelled_at is not None)
    words = str(gathered.get("said", "")) or (plain("emergency.no_words", ctx.actor.language) if taken_back else "")
    if case.ended and await _may_raise_again(ctx):
        await moves.move(ctx, int(case.id), moves.decision(ctx, Action.REOPEN, words), in_danger=True)
    elif taken_back and not case.ended and await _may_raise_again(ctx):
        await moves.do(ctx, int(case.id), Action.RAISE, words)
    elif words:
        await moves.do(ctx, int(case.id), Action.NOTE, words)


# Keeping --------------------------------------------------------------------------------------------------------------------


async def _keep(ctx: HandlerContext) -> None:
    """Add the message to the words kept before, and store an open dialog with them."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    answers: Answers = {}
    if draft is not None and draft.dialog == DRAFT and ctx.at - draft.updated_at <= HELD_FOR:
        answers = dict(draft.answers)
    elif draft is not None and (draft.dialog in ctx.dialogs or draft.dialog in _ABOUT_IT):
        answers = {"interrupted": {"dialog": draft.dialog, "step": draft.step, "answers": draft.answers}}
    reports.collect(ctx, ctx.incoming, answers)
    await ctx.unit.drafts.put(Draft(ctx.incoming.address, DRAFT, "", answers, ctx.at, ctx.at))


async def _taken(ctx: HandlerContext) -> Draft | None:
    """Take the kept words, if the current draft holds them."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog != DRAFT:
        return None
    await ctx.unit.drafts.drop(ctx.incoming.address)
    return draft


async def _put_back(ctx: HandlerContext, before: dict[str, Any]) -> None:
    """Restore an interrupted dialog."""
    await ctx.unit.drafts.put(Draft(ctx.incoming.address, before["dialog"], before["step"], before["answers"], ctx.at, ctx.at))


def _parted(draft: Draft | None) -> tuple[Answers, dict[str, Any] | None]:
    """Return the words gathered in danger, and the dialog that they interrupted or None.

    The dialog is {"dialog", "step", "answers"}.
    """
    answers = dict(draft.answers) if draft is not None else {}
    before = answers.pop("interrupted", None)
    return answers, before


def _words_of(answers: Answers) -> Answers:
    """Return the gathered words of a report, without the answers to its questions."""
    kept = {name: answers[name] for name in ("media", "messages", "forwarded", "late", "place") if answers.get(name)}
    words = "\n".join(str(answers[name]) for name in ("text", "said") if answers.get(name))
    return kept | ({"said": words} if words else {})


def _merged(first: Answers, then: Answers) -> Answers:
    """Merge the answers gathered at two times."""
    name = "text" if first.get("text") else "said"
    words = "\n".join(str(said) for said in (first.get(name), then.get("said")) if said)
    lists = {each: [*first.get(each, ()), *then.get(each, ())] for each in ("media", "messages") if first.get(each) or then.get(each)}
    return {**then, **first, **lists} | ({name: words} if words else {})


# Notifying ------------------------------------------------------------------------------------------------------------------


def _offered(*, words: bool) -> Keyboard:
    other = Button("emergency.button.calm", "calm") if words else Button("emergency.button.mistake", "mistake")
    police = Button("emergency.button.police", "urgent", (POLICE_ONLY,))
    return rows(Button("emergency.button.tell", "urgent"), police, other, width=1)


async def _dial(ctx: HandlerContext, key: str, buttons: Keyboard = ()) -> None:
    await ctx.notify(Notice(ctx.origin, key, {}, buttons, Priority.SOS))


async def _open(ctx: HandlerContext, gathered: Answers) -> None:
    """Open the urgent case; ask a person without a village only where it is."""
    answers = {"who": "named"} | gathered | {"kind": Kind.OTHER.value, "urgent": True} | _place_of(ctx)
    answers["text"] = answers.pop("said", "") or plain("emergency.no_words", ctx.actor.language)
    await reports.open_or_ask_where(ctx, answers)


def _place_of(ctx: HandlerContext) -> Answers:
    return {name: value for name, value in reports.initial_answers(ctx).items() if name != "who"}


async def _under_way(ctx: HandlerContext) -> Case | None:
    """Return the actor's urgent case where nobody is yet, or the one opened a moment ago.

    A withdrawn one counts too, so that nobody opens one after the other.
    """
    if ctx.actor.id is None:
        return None
    open_now = await ctx.unit.search.urgent_of(ctx.actor.id)
    if open_now is not None and open_now.calls and ctx.at - open_now.opened_at <= HELD_FOR:
        return open_now
    case = await ctx.unit.search.last_of(ctx.actor.id, since=ctx.at - GATHER_WITHIN, source=SOS)
    return case if case is not None and (not case.ended or case.state is State.WITHDRAWN) else None


async def _often(ctx: HandlerContext) -> bool:
    """Count SOS messages; return whether there are more than a few per minute.

    Beyond that the numbers are in the chat already.
    """
    return await _count(ctx, SOS, MINUTE) > ANSWERED_A_MINUTE


async def _may_raise_again(ctx: HandlerContext) -> bool:
    """Count how often a withdrawn SOS is raised again; return whether it may be.

    Beyond a few times its words still reach everybody who was called, as a note.
    """
    return await _count(ctx, "sos again", GATHER_WITHIN) <= RAISED_AGAIN


async def _count(ctx: HandlerContext, what: str, within: timedelta) -> int:
    who = Address(ctx.incoming.address.channel, ChatId(ctx.incoming.user_id))
    await ctx.unit.invitations.tried(who, what, at=ctx.at)
    return await ctx.unit.invitations.tries_since(who, what, since=ctx.at - within)
