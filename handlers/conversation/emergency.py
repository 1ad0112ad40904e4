"""Danger: show the numbers to dial first; then, on one tap, open an urgent case.

The numbers are shown at once, to anybody; the case goes to chair, officer and duty desk, or to the police alone. Knows that this is not an
emergency line and never says it is one. Must not know how words are recognised as danger (domain/emergencies/). Invariant: nobody in danger
is refused or slowed down; their words are kept together until they are a case, and so is the dialog that they interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases import urgent
from domain.cases.case import Case, CaseChange, Kind
from domain.core.change import Button, Notice, Priority
from domain.core.immutable import replace
from domain.core.numbers import clean_text
from domain.emergencies.heard import Danger, Heard, Level
from domain.emergencies.hearing import hear
from domain.people.people import Role
from handlers import firstaid
from handlers.cases import attachments, moves, reports
from handlers.conversation import callers, calling, discreet, first_words, held, late
from handlers.conversation.first_words import ON_ROAD, POLICE_ONLY
from handlers.core import dialogs
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from storage.core.drafts import Draft
from texts import plain

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.people.people import Posts
    from handlers.core.dialogs import Answers

#: A cry that does not say what happens.
CRY = Heard(Level.URGENT)


# Entry points ---------------------------------------------------------------------------------------------------------------


async def answer(ctx: HandlerContext, heard: Heard = CRY, more: Answers | None = None) -> None:
    """Show the numbers to dial, at once; keep the words and offer to notify police and chair.

    When the words may be harmless, ask whether anybody is in danger.
    """
    if ctx.actor.suspended:
        await calling.dial(ctx, "emergency.dial.alone")
        return
    answers = await held.keep(ctx, await discreet.recalled(ctx, heard), more)
    if await calling.often(ctx):
        return
    case = await calling.under_way(ctx, answers)
    if case is not None and not case.ended and ctx.incoming.text:
        await calling.dial(ctx, "emergency.dial")
        await calling.tell_more(ctx, case)
    elif not await late.ask(ctx, answers):
        await show(ctx, answers, unsure=heard.level is Level.UNSURE)


async def show(
    ctx: HandlerContext, answers: Answers, *, unsure: bool = False, page: int = 0, where: bool = False, every: bool = False
) -> None:
    """Show the numbers with the taps that send.

    `where`: only the village is missing; `every`: offer all villages, also when one was read from the words.
    """
    ctx.dialled = True
    if answers.get("at_home") and "plain" not in answers:
        await discreet.hush(ctx, list(answers.get("messages", ())))
    places = await callers.places_to_choose(ctx, {} if every else answers)
    words = bool(held.words_of(answers).get("said"))
    shown = first_words.screen(answers, words=words, unsure=unsure, villages=places, page=page, where=where or every)
    other = None if first_words.close(answers) else await callers.elsewhere(ctx, answers)
    buttons = shown.buttons if other is None else (*first_words.at(other), *shown.buttons)
    await ctx.notify(Notice(ctx.origin, shown.key, shown.params, buttons, Priority.SOS, card=discreet.CARD, as_new_message=True))


async def more(ctx: HandlerContext) -> bool:
    """Keep words added before the person says whom to notify; False without such a draft."""
    answers = await held.add(ctx)
    if answers is None:
        return False
    if not (ctx.incoming.album and await attachments.told_of_album(ctx)):
        await show(ctx, answers)
    return True


async def sos(ctx: HandlerContext) -> None:
    """`/sos <text>`: show the numbers to dial first; with words, open an urgent case at once."""
    words = clean_text(ctx.args, ctx.town.limits.report_length)
    ctx.incoming = replace(ctx.incoming, text=words, command="")
    heard = hear(words)
    await call(ctx, replace(heard, level=Level.URGENT))


async def call(ctx: HandlerContext, heard: Heard, more: Answers | None = None) -> None:
    """Open an urgent case with the words of a command, unless something has to be chosen first."""
    heard = await discreet.recalled(ctx, heard)
    case = await calling.under_way(ctx, {"own": heard.own, "at_home": heard.at_home})
    chosen = ctx.actor.role is not Role.STRANGER and not late.is_late(ctx)
    if not ctx.incoming.text or not chosen or (case is not None and (not case.ended or await calling.often(ctx))):
        await answer(ctx, heard, more)
        return
    sent = {"sent": True} if heard.danger is Danger.MONEY else {}
    answers = await held.keep(ctx, heard, (more or {}) | sent)
    await calling.dial(ctx, "emergency.dial.sent", advice=first_words.advice(answers), who=first_words.who_is_told(answers))
    if case is not None:
        await calling.tell_more(ctx, case)
        return
    gathered, before = held.parted(await held.taken(ctx))
    if before is not None:
        await held.put_back(ctx, before)
    await calling.open_case(ctx, gathered)


async def report(ctx: HandlerContext, heard: Heard, more: Answers) -> None:
    """Take the words of `/report` that are a cry: call at once if they are clear, else ask."""
    asks = heard.own or heard.danger is Danger.MONEY or heard.level is not Level.URGENT
    await (answer if asks else call)(ctx, heard, more)


async def press_sos(ctx: HandlerContext) -> None:
    """Answer the emergency button of the menu."""
    await answer(ctx)


async def open_link(ctx: HandlerContext, rest: str) -> bool:
    """Answer the link in a group's answer to a cry; False for another payload."""
    if rest:
        return False
    ctx.incoming = replace(ctx.incoming, text="", command="", args="")
    await answer(ctx)
    return True


# Buttons --------------------------------------------------------------------------------------------------------------------


async def press_urgent(ctx: HandlerContext) -> None:
    """Call for help with the kept words, or without words: the values are a kind, or "police"."""
    await _press(ctx, _chosen(ctx.incoming.values))


async def press_sent(ctx: HandlerContext) -> None:
    """Call the police because money was sent to a fraudster: first the case, then questions."""
    await _press(ctx, {"danger_kind": Danger.MONEY.value, "sent": True})


async def press_kept(ctx: HandlerContext) -> None:
    """Take it that no money was sent yet: advice, and a report of fraud like any other."""
    gathered, before = held.parted(await held.taken(ctx))
    if before is not None and before["dialog"] in held.ABOUT_IT:
        gathered = held.merged(held.words_of(before["answers"]), gathered)
    await ctx.reply("emergency.money.kept")
    await _offer(ctx, held.calmed(gathered) | {"kind": Kind.FRAUD.value})


async def _press(ctx: HandlerContext, chosen: Answers) -> None:
    """Call for help, or ask what has to be known first.

    That is the village of a stranger, and whether money was sent.
    """
    if ctx.actor.suspended:
        await calling.dial(ctx, "emergency.dial.alone")
        return
    draft = await held.held(ctx)
    answers = (dict(draft.answers) if draft is not None else {}) | chosen
    case = await calling.under_way(ctx, answers)
    if case is not None:
        ctx.toast("emergency.told", number=str(case.id))
        await calling.tell_more(ctx, case)
    elif held.danger_of(answers) is Danger.MONEY and not answers.get("sent"):
        await held.put(ctx, answers)
        await show(ctx, answers)
    elif await late.ask_after_press(ctx, answers):
        return
    elif chosen.get("danger_kind") == Danger.VIOLENCE and "at_home" not in answers and not held.words_of(answers):
        await _press(ctx, chosen | {"at_home": True})  # who taps this may be watched
    elif "village" not in answers and await callers.places_to_choose(ctx, {}):
        await held.put(ctx, answers)
        await show(ctx, answers, where=True)
    else:
        await calling.send(ctx, answers)


async def press_at(ctx: HandlerContext) -> None:
    """Call for help in the village of the pressed button."""
    village = await callers.village_of(ctx, (*ctx.incoming.values, "")[0])
    if village is None:
        ctx.toast("refused.old_button", alert=True)
        return
    await _press(ctx, {"village": int(village.id)})


async def press_page(ctx: HandlerContext) -> None:
    """Show all villages, page by page."""
    draft = await held.held(ctx)
    page = (*ctx.incoming.values, "0")[0]
    await show(
        ctx, dict(draft.answers) if draft is not None else {}, page=int(page) if page.isdecimal() and len(page) < 4 else 0, every=True
    )


async def press_kind(ctx: HandlerContext) -> None:
    """Say what happens in a case that was opened without a word about it."""
    number, chosen = pressed_number(ctx), _chosen(ctx.incoming.values[1:])
    danger = held.danger_of(chosen)
    if danger is None:
        ctx.toast("refused.old_button", alert=True)
        return
    words = plain(f"emergency.kind.{ctx.incoming.values[1]}", ctx.actor.language)

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return urgent.name_danger(case, by, danger, words, at=ctx.at)

    if await moves.carry(ctx, number, decide):
        await calling.dial(ctx, "emergency.dial.kind", advice=first_words.advice(chosen))
        await firstaid.show_for(ctx, danger, words)


async def press_plain(ctx: HandlerContext) -> None:
    """Show the call in plain words: nobody else looks at this phone."""
    await discreet.press_plain(ctx)
    draft = await held.held(ctx)
    answers = (dict(draft.answers) if draft is not None else {}) | {"plain": True}
    await held.put(ctx, answers)
    await show(ctx, answers)


async def press_mistake(ctx: HandlerContext) -> None:
    """Take it as a mistake without words: nobody is in danger; an interrupted dialog continues."""
    answers, before = held.parted(await held.taken(ctx))
    if not await discreet.drop(ctx):
        await ctx.reply("emergency.own.not_now" if answers.get("own") else "emergency.mistake")
    if before is not None:
        await held.put_back(ctx, before)
        if not answers.get("own"):
            await dialogs.ask_again(ctx)


async def press_calm(ctx: HandlerContext) -> None:
    """Take the words as not dangerous: they go into the interrupted dialog or a report."""
    draft = await held.taken(ctx)
    if draft is None:
        ctx.toast("dialog.over")
        return
    gathered, before = held.parted(draft)
    gathered = held.calmed(gathered)
    if before is None or before["dialog"] not in ctx.dialogs:
        await _offer(ctx, gathered if before is None else held.merged(held.words_of(before["answers"]), gathered))
    elif before["dialog"] in held.ABOUT_IT:
        await held.put_back(ctx, before | {"answers": held.merged(before["answers"], gathered)})
        await dialogs.ask_again(ctx)
    else:
        await held.put_back(ctx, before)
        media = next(iter(gathered.get("media", ())), None)
        await dialogs.answer(ctx, replace(ctx.incoming, text=str(gathered.get("said", "")), media=media, verb="", values=(), press_id=""))


async def _offer(ctx: HandlerContext, gathered: Answers) -> None:
    """Offer an ordinary report; keep it for somebody who has to join first."""
    if ctx.actor.role is not Role.STRANGER:
        await reports.offer(ctx, gathered)
        return
    await ctx.unit.drafts.put(Draft(ctx.incoming.address, reports.KEPT, "", gathered, ctx.at, ctx.at))
    await ctx.reply("talk.join_first.kept", town=ctx.town.name, buttons=rows(Button("join.button.pick", "jpage", (0,))))


def _chosen(values: tuple[str, ...]) -> Answers:
    """Return the answers that a pressed button stands for."""
    chosen: Answers = {"who": POLICE_ONLY} if POLICE_ONLY in values else {}
    for value in values:
        if value == ON_ROAD:
            chosen |= {"danger_kind": Danger.MEDICAL.value, "on_road": True}
        elif value in frozenset(Danger):
            chosen["danger_kind"] = value
    return chosen
