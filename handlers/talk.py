"""What people say without a command.

Knows the order: emergency → leave → number → open conversation → joins the last report → a new report. Must not know what a case is worth. Invariant: every
private message is answered or becomes part of something; an emergency is answered whatever else is going on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases import Action
from domain.change import Address, Button, CaseId, ChatId, Keyboard, Notice, Priority
from domain.intake import GATHER_WITHIN, is_cancel, is_emergency
from domain.numbers import clean_text, parse_case_number
from domain.people import Policy, Role, admit
from handlers import cases, dialogs, menu, reports
from handlers.act import Act, Incoming, rows
from storage.drafts import Draft

if TYPE_CHECKING:
    from domain.cases import Case

MINUTE = timedelta(minutes=1)
SHORTEST = 2


async def speak(act: Act) -> None:
    """Answer anything that was said in private without a known command."""
    said = act.incoming
    if is_emergency(said.text) and not await _warns_others(act):
        await emergency(act, said.text)
        return
    if await _too_fast(act):
        return
    if is_cancel(said.text):
        await dialogs.cancel(act)
        return
    if (number := parse_case_number(said.text.strip())) is not None and act.actor.id is not None and not await _expects_number(act):
        await cases.show_case(act, number)
        return
    if said.command:
        await act.reply("refused.unknown_command", command=said.command)
        return
    if await _in_conversation(act):
        return
    if act.actor.role is Role.STRANGER:
        await _welcome(act)
        return
    await _report_or_join(act)


async def emergency(act: Act, text: str) -> None:
    """Say which numbers to dial, at once; keep the words and offer to tell the police and the chair."""
    kept = clean_text(text, act.town.limits.report_length)
    known = act.actor.role is not Role.STRANGER and not act.actor.suspended
    if known and act.incoming.private and kept:
        await act.unit.drafts.put(Draft(act.incoming.address, "urgent", "", {"text": kept}, act.at, act.at))
    buttons: Keyboard = (
        rows(Button("emergency.button.tell", "urgent"), Button("emergency.button.mistake", "mistake"), width=1) if known else ()
    )
    await act.tell(Notice(act.here, "emergency.dial" if known else "emergency.dial.stranger", {}, buttons, Priority.SOS))


async def press_urgent(act: Act) -> None:
    """Open a pressing case with the words that were kept, or without any."""
    draft = await act.unit.drafts.find(act.incoming.address)
    text = draft.answers.get("text", "") if draft is not None and draft.dialog == "urgent" else ""
    await act.unit.drafts.drop(act.incoming.address)
    await _open_urgent(act, text)


async def press_mistake(act: Act) -> None:
    """Nobody is in danger: the words that were kept are dropped, an open conversation is not."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is not None and draft.dialog == "urgent":
        await act.unit.drafts.drop(act.incoming.address)
    await act.reply("emergency.mistake")


async def sos(act: Act) -> None:
    """`/sos <text>`: the numbers to dial first; with words, a pressing case at once."""
    text = clean_text(act.args, act.town.limits.report_length)
    if not text:
        await emergency(act, "")
        return
    await act.tell(Notice(act.here, "emergency.dial.sent", {}, (), Priority.SOS))
    admit(act.actor, Policy.JOINED)
    await _open_urgent(act, text)


async def press_sos(act: Act) -> None:
    """The emergency button of the menu."""
    await emergency(act, "")


async def press_add(act: Act) -> None:
    """Add the words that were just said to the last report."""
    case = await _last(act)
    draft = await act.unit.drafts.find(act.incoming.address)
    if case is None or draft is None or draft.dialog != "aside":
        act.toast("dialog.over")
        return
    await act.unit.drafts.drop(act.incoming.address)
    await cases.do(act, int(case.id), Action.NOTE, draft.answers["text"])


async def press_new(act: Act) -> None:
    """Open a new report with the words that were just said."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is None or draft.dialog != "aside":
        act.toast("dialog.over")
        return
    await act.unit.drafts.drop(act.incoming.address)
    await reports.offer(act, draft.answers["text"])


async def corrected(act: Act) -> None:
    """An edited message: if it belonged to a report of the last ten minutes, its new words join the case; otherwise nothing."""
    if not act.incoming.private or act.actor.id is None or not act.incoming.text:
        return
    case = await _last(act)
    if case is not None and not case.ended:
        await cases.do(act, int(case.id), Action.NOTE, act.incoming.text)


async def _open_urgent(act: Act, text: str) -> None:
    where = reports.home_of(act)
    answers = {"text": text or reports.NO_WORDS_URGENT, "kind": "other", "urgent": True} | where
    if "village" not in where:
        await dialogs.begin(act, "report", answers)
        return
    await reports.open_from(act, answers)


async def _warns_others(act: Act) -> bool:
    """Tell whether the words answer a conversation of the police's own (an alert, a tip): they are about danger, nobody is in it."""
    draft = await act.unit.drafts.find(act.incoming.address)
    dialog = None if draft is None else act.dialogs.get(draft.dialog)
    return dialog is not None and dialog.policy in (Policy.POLICE, Policy.STATION)


async def _in_conversation(act: Act) -> bool:
    """Let an open conversation take what was said."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is None or draft.dialog not in act.dialogs:
        return False
    if act.actor.role is Role.STRANGER:
        return False
    return await dialogs.answer(act, act.incoming)


async def _expects_number(act: Act) -> bool:
    """Tell whether an open conversation waits for words, so that digits are an answer and not a case."""
    draft = await act.unit.drafts.find(act.incoming.address)
    return draft is not None and draft.dialog in act.dialogs and not act.incoming.text.lstrip().startswith(("#", "＃"))


async def _welcome(act: Act) -> None:
    """Keep a stranger's words and show the way in."""
    text = clean_text(act.incoming.text, act.town.limits.report_length)
    await reports.keep_for_later(act, text)
    await act.reply(
        "talk.join_first.kept" if text else "talk.join_first", town=act.town.name, buttons=((Button("join.button.pick", "jpage", (0,)),),)
    )


async def _report_or_join(act: Act) -> None:
    said = act.incoming
    text = clean_text(said.text, act.town.limits.report_length)
    case = await _last(act)
    if said.media is not None or said.location is not None:
        await _take_media(act, said, case, text)
    elif len(text) < SHORTEST or said.contact is not None:
        await act.reply("talk.not_understood", buttons=menu.buttons_for(frozenset(post.role for post in act.actor.posts)))
    elif case is not None and not case.ended:
        await act.unit.drafts.put(Draft(said.address, "aside", "", {"text": text}, act.at, act.at))
        add = Button("talk.button.add", "t.add", (), {"number": str(case.id)})
        await act.reply(
            "talk.same_or_new",
            buttons=rows(add, Button("talk.button.new", "t.new"), Button("dialog.cancel", "cancel")),
            number=str(case.id),
        )
    else:
        await reports.offer(act, text)


async def _take_media(act: Act, said: Incoming, case: Case | None, text: str) -> None:
    """A photo, voice message or place joins the report just made, or begins one."""
    if said.media is not None and said.media["type"] not in reports.KEPT_MEDIA:
        await act.reply("talk.not_understood", buttons=menu.buttons_for(frozenset(post.role for post in act.actor.posts)))
        return
    if case is None or case.ended:
        answers: dialogs.Answers = {} | reports.home_of(act)
        if said.media is not None:
            answers["media"] = [said.media]
        if said.location is not None:
            answers["place"] = {"latitude": said.location[0], "longitude": said.location[1]}
        if text:
            answers["said"] = text
        await dialogs.begin(act, "report", answers)
        return
    media = said.media if said.media is not None else _place(said)
    unique = said.media["file_unique_id"] if said.media else f"place:{said.message_id}"
    await act.unit.cases.attach(CaseId(case.id), media, unique_id=unique, by=act.actor.id, caption=text, at=act.at)
    if not said.album or not await _told_of_album(act, said):
        await act.reply("talk.joined", number=str(case.id))


def _place(said: Incoming) -> dict[str, Any]:
    latitude, longitude = said.location or (0.0, 0.0)
    return {"type": "location", "latitude": latitude, "longitude": longitude}


async def _told_of_album(act: Act, said: Incoming) -> bool:
    """Tell whether a picture of this album was already confirmed: once an album is enough."""
    name = f"album:{said.address.chat_id}"
    told = await act.unit.facts.find(name) == said.album
    await act.unit.facts.put(name, said.album)
    return told


async def _last(act: Act) -> Case | None:
    """Return the actor's report of the last ten minutes, or None."""
    if act.actor.id is None:
        return None
    return await act.unit.search.last_of(act.actor.id, since=act.at - GATHER_WITHIN)


async def _too_fast(act: Act) -> bool:
    """Count what somebody says; beyond the limit answer once, then be silent until the minute is over."""
    who = Address(act.incoming.address.channel, ChatId(act.incoming.user_id))
    await act.unit.invitations.tried(who, "talk", at=act.at)
    said = await act.unit.invitations.tries_since(who, "talk", since=act.at - MINUTE)
    limit = act.town.limits.texts_per_minute
    if said == limit + 1:
        await act.reply("refused.too_fast")
    return said > limit
