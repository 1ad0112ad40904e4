"""What people say without a command.

Knows the order: emergency → leave → number → open conversation → joins the last report → a new report. Must not know what a case is worth. Invariant: every
private message is answered or becomes part of something; an emergency is answered whatever else is going on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases.case import SOS, Action
from domain.cases.intake import GATHER_WITHIN, SPOKEN_KINDS, is_cancel, is_emergency, is_greeting, split_kind
from domain.core.change import Button
from domain.core.numbers import clean_text, parse_case_number
from domain.people.people import Policy, Role
from handlers.cases import moves, reports
from handlers.conversation import emergency, menu
from handlers.core import dialogs
from handlers.core.context import Act, rows
from handlers.people import joining
from storage.core.drafts import Draft
from texts import plain

if TYPE_CHECKING:
    from domain.cases.case import Case

DAY = timedelta(days=1)
SHORTEST = 2
LONGEST_NAME = 12
#: Words that were just said and may belong to the last report: {"said", "number", …}.
ASIDE = "aside"


async def speak(act: Act) -> None:
    """Answer anything that was said in private without a known command."""
    said = act.incoming
    if is_emergency(said.text) and not await _warns_others(act):
        await emergency.answer(act)
        return
    if is_cancel(said.text):
        await dialogs.cancel(act)
        return
    if await emergency.more(act):
        return
    if (number := parse_case_number(said.text.strip())) is not None and act.actor.id is not None and not await _expects_number(act):
        await moves.show_case(act, number)
        return
    if said.command:
        await act.reply("refused.unknown_command", command=said.command)
        return
    if act.actor.role is Role.STRANGER:
        await _welcome(act)
    elif not await dialogs.answer(act, said):
        await _report_or_join(act)


async def press_add(act: Act) -> None:
    """Add the words that were just said to the last report."""
    draft = await _taken(act)
    if draft is not None:
        await moves.do(act, int(draft.answers["number"]), Action.NOTE, draft.answers["said"])


async def press_new(act: Act) -> None:
    """Open a new report with the words that were just said."""
    draft = await _taken(act)
    if draft is not None:
        await reports.offer(act, {name: value for name, value in draft.answers.items() if name != "number"})


async def corrected(act: Act) -> None:
    """An edited message: its new words go where it went, into a draft or a case of the last day; otherwise nothing."""
    said = act.incoming
    words = split_kind(said.args)[1] if said.command == "report" else said.text
    if not said.private or not words:
        return
    draft = await act.unit.drafts.find(said.address)
    if draft is not None and said.message_id in draft.answers.get("messages", ()):
        await _correct_draft(act, draft, words)
    elif act.actor.id is not None:
        case = await act.unit.search.said_in(act.actor.id, said.message_id, since=act.at - DAY)
        if case is not None:
            await moves.do(act, int(case.id), Action.NOTE, plain("talk.correction", act.actor.language, words=words))


# Who has not joined ---------------------------------------------------------------------------------------------------------


async def _welcome(act: Act) -> None:
    """Keep a stranger's words and show the way in; the name of a village is its door."""
    said = act.incoming
    if said.text and len(said.text) <= LONGEST_NAME and await act.unit.people.find_village(said.text.strip()):
        await joining.by_name(act, said.text.strip())
        return
    if not is_greeting(said.text):
        await reports.keep_for_later(act)
    if said.album and await reports.told_of_album(act):
        return
    kept = await act.unit.drafts.find(said.address) is not None
    pick = ((Button("join.button.pick", "jpage", (0,)),),)
    await act.reply("talk.join_first.kept" if kept else "talk.join_first", town=act.town.name, buttons=pick)


# Who has --------------------------------------------------------------------------------------------------------------------


async def _report_or_join(act: Act) -> None:
    """Take what was said outside a conversation: it joins the report just made, or begins one."""
    said, case = act.incoming, await _last(act)
    text, media = clean_text(said.text, act.town.limits.report_length), reports.media_of(said)
    kind = SPOKEN_KINDS.get(text.casefold())
    if media is not None and case is not None:
        await reports.add(act, case)
    elif media is not None:
        await _offer(act)
    elif is_greeting(text):
        await menu.show_menu(act)
    elif kind is not None:
        await dialogs.begin(act, "report", reports.begun(act) | {"kind": kind.value})
    elif len(text) < SHORTEST or said.media is not None or said.contact is not None:
        await act.reply("talk.not_understood", buttons=await menu.buttons(act))
    elif case is None:
        await _offer(act)
    elif case.source == SOS:
        await moves.do(act, int(case.id), Action.NOTE, text)
    else:
        await _ask_where_it_belongs(act, case)


async def _offer(act: Act) -> None:
    """Offer to report what was said, with what was said before joining."""
    draft = await act.unit.drafts.find(act.incoming.address)
    gathered = dict(draft.answers) if draft is not None and draft.dialog == reports.KEPT else {}
    reports.gather(act, act.incoming, gathered)
    await reports.offer(act, gathered)


async def _ask_where_it_belongs(act: Act, case: Case) -> None:
    """Ask whether words belong to the last report; what was said before the answer stays with them."""
    said = act.incoming
    draft = await act.unit.drafts.find(said.address)
    answers = dict(draft.answers) if draft is not None and draft.dialog == ASIDE else {"number": int(case.id)}
    reports.gather(act, said, answers)
    await act.unit.drafts.put(Draft(said.address, ASIDE, "", answers, act.at, act.at))
    number = str(answers["number"])
    buttons = rows(
        Button("talk.button.add", "t.add", (), {"number": number}), Button("talk.button.new", "t.new"), Button("dialog.cancel", "cancel")
    )
    await act.reply("talk.same_or_new", buttons=buttons, number=number)


async def _last(act: Act) -> Case | None:
    """Return the actor's report of the last ten minutes that is not over, or None."""
    if act.actor.id is None:
        return None
    case = await act.unit.search.last_of(act.actor.id, since=act.at - GATHER_WITHIN)
    return case if case is not None and not case.ended else None


async def _taken(act: Act) -> Draft | None:
    """Take the words that were asked about; None, with a word over the chat, when they are gone."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is None or draft.dialog != ASIDE:
        act.toast("dialog.over")
        return None
    await act.unit.drafts.drop(act.incoming.address)
    return draft


async def _correct_draft(act: Act, draft: Draft, words: str) -> None:
    """Replace the words of a draft that is made of this message alone, else add the correction."""
    answers, limit = dict(draft.answers), act.town.limits.report_length
    name = "text" if answers.get("text") else "said"
    alone = len(answers["messages"]) == 1
    correction = words if alone else f"{answers.get(name, '')}\n{plain('talk.correction', act.actor.language, words=words)}"
    answers[name] = clean_text(correction, limit)
    await act.unit.drafts.put(Draft(draft.address, draft.dialog, draft.step, answers, draft.started_at, act.at))
    if draft.dialog in act.dialogs and draft.step:
        await dialogs.ask_again(act)
    else:
        await act.reply("talk.corrected")


# Order ----------------------------------------------------------------------------------------------------------------------


async def _warns_others(act: Act) -> bool:
    """Tell whether the words answer a conversation of the police's own (an alert, a tip): they are about danger, nobody is in it."""
    draft = await act.unit.drafts.find(act.incoming.address)
    dialog = None if draft is None else act.dialogs.get(draft.dialog)
    return dialog is not None and dialog.policy in (Policy.POLICE, Policy.STATION)


async def _expects_number(act: Act) -> bool:
    """Tell whether an open conversation waits for words, so that digits are an answer and not a case."""
    draft = await act.unit.drafts.find(act.incoming.address)
    return draft is not None and draft.dialog in act.dialogs and not act.incoming.text.lstrip().startswith(("#", "＃"))
