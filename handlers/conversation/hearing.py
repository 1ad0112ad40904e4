"""Hear a call for help in everything that people write, before their words go anywhere.

The one place where words are heard: bot/handling/dispatch.py calls it for every message, command, caption and edit, whatever dialog is open.
Knows who writes about danger in office; must not know texts. Invariants: a call is answered with the numbers to dial; a
dialog or command is passed over only where it says so (`Dialog.unheard`) or belongs to the police; a forwarded cry is asked about; an edit is
a cry once.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases.case import Action
from domain.cases.intake import split_kind
from domain.core.change import Address, ChatId
from domain.core.immutable import replace
from domain.core.numbers import clean_text
from domain.emergencies.heard import Heard, Level
from domain.emergencies.hearing import hear
from domain.people.people import Policy, may_try
from handlers.conversation import discreet, emergency, groups, held

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext
    from handlers.core.dialogs import Answers

DAY = timedelta(days=1)
#: The payload of a deep link.
_LINK = re.compile(r"[A-Za-z0-9_-]*")
#: Commands with these policies are about other people's danger: the record of a case is full of what happened.
_IN_OFFICE = (Policy.HANDLER, Policy.POLICE, Policy.STATION, Policy.ADMIN)


async def hears(ctx: HandlerContext, /, *, command: Policy | None, reports: bool) -> bool:
    """Answer words that call for help; return whether they are answered."""
    said = ctx.incoming
    if command is None or reports:
        await discreet.note(ctx)
    if said.press_id or said.member or said.moved_to or not said.text or ctx.dialled:
        return False
    if said.command == "start" and _LINK.fullmatch(said.args):
        return False  # nobody wrote the payload of a link
    words = split_kind(said.args)[1] if reports else said.args
    heard = hear(said.text if command is None else words)
    if heard.calm:
        return False
    if not said.private:
        return await groups.hears(ctx, heard)
    if said.forwarded:
        heard = replace(heard, level=Level.UNSURE)
    if said.edited:
        return await _hears_edit(ctx, heard)
    if await _speaks_in_office(ctx, command, heard):
        return False
    await _first_time(ctx)
    if reports:
        await _take_report(ctx, heard)
    else:
        await emergency.answer(ctx, heard)
    return True


async def _speaks_in_office(ctx: HandlerContext, command: Policy | None, heard: Heard) -> bool:
    """Tell whether the words are about danger because of the post of the person who writes."""
    if command is not None:
        if heard.level is Level.UNSURE and may_try(ctx.actor, Policy.HANDLER):
            return True  # tips, records and orders are full of dangerous words
        return command in _IN_OFFICE and may_try(ctx.actor, command)
    if _is_unheard_sentence(ctx):
        return True
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog not in ctx.dialogs:
        return False
    return bool(ctx.dialogs[draft.dialog].unheard) or draft.answers.get("do") == Action.OPEN_SEAL


def _is_unheard_sentence(ctx: HandlerContext) -> bool:
    """Tell whether the words are a record about other people's danger, in one sentence.

    Only of people who may make such a record.
    """
    said = ctx.incoming
    return not said.forwarded and any(
        may_try(ctx.actor, each.policy) and each.read(said.text, ctx.at, ctx.town.zone) is not None
        for each in ctx.hooks.understood.sentences
        if each.unheard
    )


async def _take_report(ctx: HandlerContext, heard: Heard) -> None:
    """Take the words of `/report` as a cry; nobody in danger fills in a form."""
    kind, words = split_kind(ctx.args)
    ctx.incoming = replace(ctx.incoming, text=clean_text(words, ctx.town.limits.report_length), command="", args="")
    more: Answers = {} if kind is None else {"kind": kind.value}
    await emergency.report(ctx, heard, more)


async def _hears_edit(ctx: HandlerContext, heard: Heard) -> bool:
    """Take an edit that became a call for help.

    Words that are held, or in an urgent case, are corrected there.
    """
    said = ctx.incoming
    draft = await held.held(ctx)
    if draft is not None and said.message_id in draft.answers.get("messages", ()):
        return False
    if ctx.actor.id is not None:
        case = await ctx.unit.search.said_in(ctx.actor.id, said.message_id, since=ctx.at - DAY)
        if case is not None and case.scene is not None:
            return False
    if not await _first_time(ctx):
        return False
    ctx.incoming = replace(said, edited=False)
    await emergency.answer(ctx, heard)
    return True


async def _first_time(ctx: HandlerContext) -> bool:
    """Note that a message was heard as a cry; return whether it was for the first time."""
    said = ctx.incoming
    who, what = Address(said.address.channel, ChatId(said.user_id)), f"cry {said.message_id}"
    if await ctx.unit.invitations.tries_since(who, what, since=ctx.at - DAY):
        return False
    await ctx.unit.invitations.tried(who, what, at=ctx.at)
    return True
