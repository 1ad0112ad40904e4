"""Make a call for help an urgent case, and add to it whatever comes after.

Knows the case of the person who calls; must not know which words or buttons led here. Invariant: one person has one urgent case at a time, so that
many calls of one person never delay another's; words for the police alone do not join a case that the village sees.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases.case import SOS, Action, Case, Kind, State
from domain.cases.intake import GATHER_WITHIN
from domain.core.change import Address, Button, CaseId, ChatId, Keyboard, Notice, Priority
from domain.emergencies.heard import Danger
from domain.people.people import Role
from handlers import firstaid
from handlers.cases import attachments, moves, reports
from handlers.conversation import callers, discreet, first_words, held, transfers
from handlers.conversation.first_words import ON_ROAD, POLICE_ONLY
from handlers.core.context import rows
from texts import plain

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext
    from handlers.core.dialogs import Answers

MINUTE = timedelta(minutes=1)
#: So many SOS messages per minute are answered; all are kept.
ANSWERED_A_MINUTE = 5
#: So often in ten minutes a withdrawn SOS is raised again with everything: cards, deadlines, sound.
RAISED_AGAIN = 2


async def send(ctx: HandlerContext, answers: Answers) -> None:
    """Open the urgent case with the held words; put an interrupted dialog back."""
    await held.put(ctx, answers)
    gathered, before = held.parted(await held.taken(ctx))
    if before is not None and before["dialog"] in held.ABOUT_IT:
        gathered = held.merged(held.words_of(before["answers"]), gathered)
    elif before is not None:
        await held.put_back(ctx, before)
    await open_case(ctx, gathered)


async def open_case(ctx: HandlerContext, gathered: Answers) -> None:
    """Open the urgent case; ask a person without a village only where it is."""
    if gathered.get("at_home") and "plain" not in gathered:
        await discreet.hush(ctx, list(gathered.get("messages", ())))
    danger = held.danger_of(gathered)
    kind = Kind.FRAUD if danger is Danger.MONEY else Kind(gathered.get("kind", Kind.OTHER))
    where = {"home": True} if "village" in gathered else _place_of(ctx)
    answers = {"who": "named"} | gathered | {"kind": kind.value, "urgent": True} | where
    if first_words.close(answers):
        answers["who"] = POLICE_ONLY
    said = str(answers.pop("said", "")) or _words_for(ctx, gathered)
    answers["text"] = "\n".join(each for each in (str(gathered.get("text", "")), said) if each)
    if not first_words.close(answers):
        await firstaid.show_for(ctx, danger, str(answers["text"]))
    if ctx.actor.role is not Role.STRANGER:
        case = await reports.open_or_ask_where(ctx, answers)
    else:
        case = await callers.open_case(ctx, answers)
    if case is None:
        return
    if answers.get("sent"):
        await transfers.ask(ctx, case)
    elif danger is None and ctx.actor.role is Role.STRANGER:
        await ctx.reply("emergency.which", buttons=first_words.kinds_of(case.id))
    if answers.get("on_road"):
        await ctx.reply("emergency.on_road", buttons=rows(Button("emergency.button.escort", "es.ask")))


def _words_for(ctx: HandlerContext, gathered: Answers) -> str:
    """Return the words of a call without words, from the tapped button."""
    kind = ON_ROAD if gathered.get("on_road") else gathered.get("danger_kind")
    if kind is None or (danger := held.danger_of(gathered)) is None:
        return plain("emergency.no_words", ctx.actor.language)
    name = f"emergency.kind.{kind}" if kind in first_words.KINDS else f"scene.danger.{danger}"
    return plain("emergency.pressed", ctx.actor.language, what=plain(name, ctx.actor.language))


def _place_of(ctx: HandlerContext) -> Answers:
    return {name: value for name, value in reports.initial_answers(ctx).items() if name != "who"}


async def tell_more(ctx: HandlerContext, case: Case) -> None:
    """Add the words kept since the last addition to an urgent case; reopen a withdrawn one."""
    gathered, before = held.parted(await held.taken(ctx))
    if before is not None:
        await held.put_back(ctx, before)
    for media in gathered.get("media", ()):
        await attachments.attach(ctx, CaseId(case.id), media)
    if isinstance(gathered.get("place"), dict):
        await attachments.attach(ctx, CaseId(case.id), {"type": "location"} | gathered["place"])
    taken_back = case.ended or (case.scene is not None and case.scene.cancelled_at is not None)
    words = str(gathered.get("said", "")) or (plain("emergency.no_words", ctx.actor.language) if taken_back else "")
    if case.ended and await _may_raise_again(ctx):
        await moves.move(ctx, int(case.id), moves.decision(ctx, Action.REOPEN, words), in_danger=True)
    elif taken_back and not case.ended and await _may_raise_again(ctx):
        await moves.do(ctx, int(case.id), Action.RAISE, words)
    elif words:
        await moves.do(ctx, int(case.id), Action.NOTE, words)


async def dial(ctx: HandlerContext, key: str, buttons: Keyboard = (), **params: object) -> None:
    """Show the numbers to dial, before all other messages."""
    ctx.dialled = True
    await ctx.notify(Notice(ctx.origin, key, params, buttons, Priority.SOS))


async def under_way(ctx: HandlerContext, answers: Answers) -> Case | None:
    """Return the actor's urgent case where nobody is yet, or the one opened a moment ago.

    A withdrawn one counts too, so that nobody opens one after the other. Words for the police alone do not join one that the village sees.
    """
    if ctx.actor.id is None:
        return None
    if (hidden := await discreet.case_of(ctx)) is not None:
        return hidden
    case = await ctx.unit.search.urgent_of(ctx.actor.id)
    if case is None or not case.calls or ctx.at - case.opened_at > held.HELD_FOR:
        case = await ctx.unit.search.last_of(ctx.actor.id, since=ctx.at - GATHER_WITHIN, source=SOS)
    if case is not None and first_words.close(answers) and not case.visibility.police_only:
        return None
    if case is not None and await moves.may_accuse(ctx, case, ctx.incoming.text):
        return None
    return case if case is not None and (not case.ended or case.state is State.WITHDRAWN) else None


async def often(ctx: HandlerContext) -> bool:
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
