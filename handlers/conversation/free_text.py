"""Answer messages without a command.

Knows the order: leave → correction → what the words mean (handlers/conversation/understanding.py) → number → open dialog → joins the last report → a
new report. A call for help does not come here (handlers/conversation/hearing.py). Must not know what a case is worth. Invariant: every private
message is answered or becomes part of something.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases.case import Action, Kind
from domain.cases.intake import GATHER_WITHIN, SPOKEN_KINDS, is_cancel, is_greeting, split_kind
from domain.core.change import Button
from domain.core.immutable import replace
from domain.core.numbers import clean_text, parse_case_number
from domain.people.people import POLICE, Role
from handlers import firstaid
from handlers.callouts import arrival, places
from handlers.cases import attachments, corrections, moves, reports
from handlers.contact import phone
from handlers.conversation import about_cases, discreet, emergency, held, menu, understanding
from handlers.core import dialogs, typed
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from handlers.people import joining, rota_swaps
from handlers.responders import answering
from storage.core.drafts import Draft
from texts import plain

if TYPE_CHECKING:
    from domain.cases.case import Case

DAY = timedelta(days=1)
SHORTEST = 2
LONGEST_NAME = 12
#: Words that were just sent and may belong to the last report: {"said", "number", …}.
ASIDE = "aside"


async def speak(ctx: HandlerContext) -> None:
    """Answer a private message without a known command; take away an unused keyboard."""
    hangs = await phone.hangs(ctx)
    await _speak(ctx)
    if hangs:
        await phone.put_away(ctx)


async def _speak(ctx: HandlerContext) -> None:
    said = ctx.incoming
    if is_cancel(said.text):
        await dialogs.cancel(ctx)
        return
    if said.album and await moves.join_album(ctx):
        return
    if not await dialogs.is_open(ctx) and await phone.take(ctx):
        return
    if await held.held(ctx) is not None and await typed.by_front(ctx):
        return
    if await emergency.more(ctx):
        return
    if await places.take_pin(ctx) or await arrival.said(ctx) or await answering.said(ctx):
        return
    if await corrections.typed(ctx):
        return
    if said.command:
        await ctx.reply("refused.unknown_command", command=said.command)
        return
    if await discreet.take(ctx):
        return
    if not ctx.actor.suspended and await understanding.first(ctx):
        return
    if (number := parse_case_number(said.text.strip())) is not None and ctx.actor.id is not None and not await _expects_number(ctx):
        if not await typed.by_code(ctx, said.text.strip()):
            await attachments.show_case(ctx, number)
        return
    if not await dialogs.is_open(ctx) and await firstaid.show_named(ctx, said.text):
        return
    if ctx.actor.role is Role.STRANGER:
        if not (await dialogs.is_open(ctx) and await dialogs.answer(ctx, said)) and not await _joins_call(ctx):
            await _welcome(ctx)
    elif not await dialogs.answer(ctx, said) and not await understanding.then(ctx):
        await _report_or_join(ctx)


async def press_add(ctx: HandlerContext) -> None:
    """Add the words that were just sent to the last report, or to the case that was chosen."""
    draft = await _taken(ctx)
    if draft is not None:
        number = pressed_number(ctx) if ctx.incoming.values else int(draft.answers["number"])
        await moves.ask_for_words(ctx, number, Action.NOTE, draft.answers["said"])


async def press_new(ctx: HandlerContext) -> None:
    """Open a new report with the words that were just sent."""
    draft = await _taken(ctx)
    if draft is not None:
        await reports.offer(ctx, {name: value for name, value in draft.answers.items() if name != "number"})


async def press_fraud(ctx: HandlerContext) -> None:
    """Report a forwarded message to the police alone, as a scam."""
    draft = await _taken(ctx)
    if draft is not None:
        answers = dict(draft.answers) | {"kind": Kind.FRAUD.value, "who": "police"}
        answers["text"] = answers.pop("said", "") or reports.placeholder_text(ctx, answers)
        await reports.open_or_ask_where(ctx, answers)


async def corrected(ctx: HandlerContext) -> None:
    """Take an edited message to the place of the original.

    That is a draft or a case of the last day; otherwise nothing happens.
    """
    said = ctx.incoming
    if said.private and await places.moved(ctx):
        return
    words = split_kind(said.args)[1] if said.command == "report" else said.text
    if not said.private or not words:
        return
    draft = await ctx.unit.drafts.find(said.address)
    if draft is not None and said.message_id in draft.answers.get("messages", ()):
        await _correct_draft(ctx, draft, words)
    elif ctx.actor.id is not None:
        case = await ctx.unit.search.said_in(ctx.actor.id, said.message_id, since=ctx.at - DAY)
        if case is not None:
            await moves.do(ctx, int(case.id), Action.NOTE, plain("talk.correction", ctx.actor.language, words=words))


# Users who have not joined --------------------------------------------------------------------------------------------------


async def _joins_call(ctx: HandlerContext) -> bool:
    """Add a message to the open urgent case of somebody who has not joined; False without one."""
    case = None if ctx.actor.id is None or ctx.actor.suspended else await ctx.unit.search.urgent_of(ctx.actor.id)
    text = clean_text(ctx.incoming.text, ctx.town.limits.report_length)
    if case is None or (reports.media_of(ctx.incoming) is None and not text):
        return False
    if reports.media_of(ctx.incoming) is not None:
        await reports.add(ctx, case)
    else:
        await moves.do(ctx, int(case.id), Action.NOTE, text)
    return True


async def _welcome(ctx: HandlerContext) -> None:
    """Keep a stranger's words and show the way in; a village's name offers that village."""
    said = ctx.incoming
    if said.text and len(said.text) <= LONGEST_NAME and await ctx.unit.people.find_villages(said.text.strip()):
        await joining.by_name(ctx, said.text.strip())
        return
    if not is_greeting(said.text):
        await reports.keep_for_later(ctx)
    if said.album and await attachments.told_of_album(ctx):
        return
    kept = await ctx.unit.drafts.find(said.address) is not None
    await ctx.reply("talk.join_first.kept" if kept else "talk.join_first", town=ctx.town.name, buttons=joining.WAY_IN)


# Joined users ---------------------------------------------------------------------------------------------------------------


async def _report_or_join(ctx: HandlerContext) -> None:
    """Take a message outside a dialog: it joins the report just made, or begins one."""
    said, case = ctx.incoming, await _last(ctx)
    text, media = clean_text(said.text, ctx.town.limits.report_length), reports.media_of(said)
    kind = SPOKEN_KINDS.get(text.casefold())
    if await understanding.looks_like_a_scam(ctx, ASIDE):
        return
    if media is not None and case is not None:
        await reports.add(ctx, case)
    elif media is not None:
        await _offer(ctx)
    elif text.casefold() in rota_swaps.WORDS and ctx.actor.holds(*POLICE):
        await rota_swaps.press_swap(ctx)
    elif is_greeting(text):
        await menu.show_menu(ctx)
    elif kind is not None:
        await dialogs.begin(ctx, "report", reports.initial_answers(ctx) | {"kind": kind.value})
    elif len(text) < SHORTEST or said.media is not None or said.contact is not None:
        await ctx.reply("talk.not_understood", buttons=await menu.buttons(ctx))
    elif ctx.actor.holds(Role.CHAIR, *POLICE) and (held := await about_cases.in_hand(ctx)):
        await _ask_where_it_belongs(ctx, *held)
    elif case is None:
        await _offer(ctx)
    elif case.scene is not None:
        await moves.do(ctx, int(case.id), Action.NOTE, text)
    else:
        await _ask_where_it_belongs(ctx, int(case.id))


async def _offer(ctx: HandlerContext) -> None:
    """Offer to report the message, with the words from before joining."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    gathered = dict(draft.answers) if draft is not None and draft.dialog == reports.KEPT else {}
    reports.collect(ctx, ctx.incoming, gathered)
    await reports.offer(ctx, gathered)


async def _ask_where_it_belongs(ctx: HandlerContext, *numbers: int) -> None:
    """Ask whether words belong to the last report, or to a case in hand.

    Words sent before the answer stay with them.
    """
    said = ctx.incoming
    draft = await ctx.unit.drafts.find(said.address)
    answers = dict(draft.answers) if draft is not None and draft.dialog == ASIDE else {"number": numbers[0]}
    reports.collect(ctx, said, answers)
    await ctx.unit.drafts.put(Draft(said.address, ASIDE, "", answers, ctx.at, ctx.at))
    known = dict.fromkeys((answers["number"], *numbers))
    add = [Button("talk.button.add", "t.add", () if len(known) == 1 else (each,), {"number": str(each)}) for each in known]
    buttons = rows(*add, Button("talk.button.new", "t.new"), Button("dialog.cancel", "cancel"))
    await ctx.reply("talk.same_or_new" if len(known) == 1 else "talk.which_case", buttons=buttons, number=str(answers["number"]))


async def _last(ctx: HandlerContext) -> Case | None:
    """Return the actor's report of the last ten minutes that is not over, or None."""
    if ctx.actor.id is None:
        return None
    case = await ctx.unit.search.last_of(ctx.actor.id, since=ctx.at - GATHER_WITHIN)
    return case if case is not None and not case.ended else None


async def _taken(ctx: HandlerContext) -> Draft | None:
    """Take the words that were asked about; None, with a toast, when they are gone."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog != ASIDE:
        ctx.toast("dialog.over")
        return None
    await ctx.unit.drafts.drop(ctx.incoming.address)
    return draft


async def _correct_draft(ctx: HandlerContext, draft: Draft, words: str) -> None:
    """Replace the words of a draft that is made of this message alone, else add the correction."""
    answers, limit = dict(draft.answers), ctx.town.limits.report_length
    name = "text" if answers.get("text") else "said"
    alone = len(answers["messages"]) == 1
    correction = words if alone else f"{answers.get(name, '')}\n{plain('talk.correction', ctx.actor.language, words=words)}"
    answers[name] = clean_text(correction, limit)
    await ctx.unit.drafts.put(replace(draft, answers=answers, updated_at=ctx.at))
    if draft.dialog in ctx.dialogs and draft.step:
        await dialogs.ask_again(ctx)
    else:
        await ctx.reply("talk.corrected")


# Order ----------------------------------------------------------------------------------------------------------------------


async def _expects_number(ctx: HandlerContext) -> bool:
    """Return whether an open dialog expects words, so that digits are an answer and not a case."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    return draft is not None and draft.dialog in ctx.dialogs and not ctx.incoming.text.lstrip().startswith(("#", "＃"))
