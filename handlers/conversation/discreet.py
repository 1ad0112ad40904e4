"""Keep a phone silent whose person called for help because of violence at home.

Every message to such a chat passes `veil`: it makes no sound, and all messages about the call become one living message that reads like a notice
of a delivery. Knows the chat and its case; must not know how a case is handled. Invariants: no word of the danger and no name in the chat, also in
messages that a later feature sends; more is shown over the chat on a tap, and leaves no trace there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases.case import Action
from domain.core.change import Button, CaseId, Keyboard, Notice, Priority
from domain.core.immutable import replace
from domain.core.numbers import clean_text
from domain.emergencies.heard import Danger
from handlers.cases import moves, reports
from handlers.conversation import held
from handlers.conversation.first_words import POLICE_ONLY
from handlers.core.context import rows

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.emergencies.heard import Heard
    from domain.people.people import Person
    from handlers.core.context import HandlerContext
    from storage.cases.discreet import DiscreetChat
    from storage.unit import Unit

#: The living message; the first words to somebody in danger are this card too, so that it takes their place.
CARD = "sos"
#: A message can be deleted for so long.
DELETABLE = timedelta(hours=48)
#: Messages before the chat became discreet that belong to the call.
BEFORE = timedelta(hours=1)
TOAST = 190
#: First words of keys of messages about calls and reports, and of those that are so for people without a post only.
_CALLS = frozenset({"emergency", "scene"})
_REPORTS = frozenset({"case", "cases", "report", "talk", "escalation"})
#: The same when the call is over: lists of cases still name it.
_LISTS = frozenset({"cases"})
#: Key of a message → what the living message says instead; any other is news.
_SAYS = {
    "case.receipt": "sent",
    "scene.accept.to_reporter": "taken",
    "scene.ack.to_reporter": "taken",
    "case.accept.to_reporter": "taken",
    "case.ack.to_reporter": "taken",
    "case.arrive.to_reporter": "arrived",
    "scene.unanswered.to_reporter": "unanswered",
    "case.ask.to_reporter": "question",
    "case.note.by_reporter": "added",
    "case.answer.by_reporter": "added",
    "emergency.dial": "added",
    "scene.place.received": "added",
    "scene.place.kept": "added",
    "case.share.by_reporter": "shared",
    "scene.withdraw.by_reporter": "over",
    "case.withdraw.by_reporter": "over",
    "case.cancel.by_reporter": "asked",
    "case.spoke.to_reporter": "over",
    "case.close.to_reporter": "over",
}
#: Messages of which the living message has the question already.
_DROPPED = frozenset({"scene.where"})


async def hush(ctx: HandlerContext, said: list[int]) -> None:
    """Keep the actor's chat silent from now on; `said`: messages that belong to the call."""
    chat = await ctx.unit.discreet.find(ctx.incoming.address)
    if chat is not None and chat.case_id is not None and await case_of(ctx) is None:
        await ctx.unit.discreet.end(ctx.incoming.address)  # an earlier call is over
    await ctx.unit.discreet.hide(ctx.incoming.address, said, since=ctx.at)


async def recalled(ctx: HandlerContext, heard: Heard) -> Heard:
    """Return what was heard as violence at home, where this phone was kept silent before."""
    if heard.danger is not Danger.VIOLENCE or await ctx.unit.discreet.find(ctx.incoming.address) is None:
        return heard
    return replace(heard, at_home=True)


async def veil(unit: Unit, notice: Notice, asker: Person | None) -> Notice | None:
    """Return a message as a discreet chat may show it; None for one that it must not show.

    A message without a subject that is put into the outbox where no asker is known is taken for an answer.
    """
    to = notice.to.address
    if to is None or to.chat_id <= 0 or notice.key.startswith("parcel."):
        return notice
    chat = await unit.discreet.find(to)
    if chat is None:
        return notice
    about = "" if notice.key == "case.receipt" else notice.about  # the receipt of this call comes before the chat has a case
    own = chat.case_id is not None and about == f"case:{chat.case_id}"
    if notice.to.role and not own:
        return notice  # what a post has to do rings
    silent, topic = replace(notice, silent=True), notice.key.partition(".")[0]
    case = None if chat.case_id is None else await unit.cases.find(chat.case_id)
    over = case is not None and case.ended
    asked = not about and (asker is None or (notice.to.person_id == asker.id and not asker.posts))
    told = (topic in (_LISTS if over else _REPORTS) and asked) or (topic in _CALLS and not about and not over)
    if not own and not told:
        return silent
    if notice.key in _DROPPED:
        return None
    if notice.key == "case.receipt" and chat.case_id is None:
        number = CaseId(int(_param(notice.params, "case.receipt.number", "number")))
        await unit.discreet.attach(to, number)
        chat = replace(chat, case_id=number)
    return _living(notice, chat)


def _living(notice: Notice, chat: DiscreetChat) -> Notice:
    says = _SAYS.get(notice.key, "news")
    if says == "sent" and _param(notice.params, "scene.called.nobody", "") is not None:
        says = "nobody"
    number, buttons = chat.case_id, _buttons(says, chat.case_id)
    if number is None:
        asks = notice.key == "emergency.offer.village"
        says, buttons = ("where", _places(notice.buttons)) if asks else ("kept", buttons)
    return Notice(
        notice.to, f"parcel.{says}", {} if number is None else {"number": str(number)}, buttons, notice.priority,
        card=CARD, silent=True, subject="" if number is None else f"case:{number}",
    )  # fmt: skip


def _buttons(says: str, number: CaseId | None) -> Keyboard:
    clear = Button("parcel.button.clear", "q.clear")
    if number is None:
        sends = Button("parcel.button.send", "urgent", (POLICE_ONLY,))
        return rows(sends, clear, Button("parcel.button.plain", "q.plain"), Button("parcel.button.drop", "mistake"))
    read = (Button("parcel.button.read", "q.read"),) if says in ("question", "news") else ()
    return rows(*read, Button("parcel.button.share", "c.shr", (number,)), clear, Button("parcel.button.over", "c.wd", (number,)))


def _places(offered: Keyboard) -> Keyboard:
    """Return the villages that were offered, without a word of what they are chosen for."""
    kept = (tuple(each for each in row if each.verb in ("u.at", "u.page")) for row in offered)
    named = (tuple(replace(each, label="join.button.village") if each.verb == "u.at" else each for each in row) for row in kept if row)
    return (*named, *rows(Button("parcel.button.plain", "q.plain"), Button("parcel.button.drop", "mistake")))


def _param(value: Any, key: str, name: str) -> Any:
    """Return a parameter of a sentence inside those of another; None without it."""
    if isinstance(value, dict):
        if value.get("t") == key:
            return value.get("p", {}).get(name, "")
        found = (_param(each, key, name) for each in value.values())
        return next((each for each in found if each is not None), None)
    if isinstance(value, list | tuple):
        found = (_param(each, key, name) for each in value)
        return next((each for each in found if each is not None), None)
    return None


async def drop(ctx: HandlerContext) -> bool:
    """Say that nothing was sent, and end the silence; False for any other chat."""
    chat = await ctx.unit.discreet.find(ctx.incoming.address)
    if chat is None or chat.case_id is not None:
        return False
    await ctx.notify(Notice(ctx.origin, "parcel.dropped", {}, (), Priority.SOS, card=CARD, silent=True))
    await ctx.unit.discreet.end(ctx.incoming.address)
    return True


async def note(ctx: HandlerContext) -> None:
    """Remember a message of the person, so that it can be deleted."""
    said = ctx.incoming
    if not said.private or said.press_id or not said.message_id:
        return
    chat = await ctx.unit.discreet.find(said.address)
    if chat is not None:
        await ctx.unit.discreet.note(said.address, [*chat.said, said.message_id])


async def case_of(ctx: HandlerContext) -> Case | None:
    """Return the open case of the actor's discreet chat, or None."""
    chat = await ctx.unit.discreet.find(ctx.incoming.address)
    case = None if chat is None or chat.case_id is None else await ctx.unit.cases.find(chat.case_id)
    return case if case is not None and not case.ended and case.opened_by == ctx.actor.id else None


async def take(ctx: HandlerContext) -> bool:
    """Add whatever is written in a discreet chat to its open case; False for any other chat."""
    said, case = ctx.incoming, await case_of(ctx)
    if case is None or said.command:
        return False
    text = clean_text(said.text, ctx.town.limits.report_length)
    if reports.media_of(said) is not None:
        await reports.add(ctx, case)
    elif text:
        await moves.do(ctx, int(case.id), Action.NOTE, text)
    return True


# Buttons --------------------------------------------------------------------------------------------------------------


async def press_plain(ctx: HandlerContext) -> None:
    """Show the call in plain words: nobody looks at this phone."""
    await ctx.unit.discreet.end(ctx.incoming.address)


async def press_read(ctx: HandlerContext) -> None:
    """Show the last question of the police over the chat."""
    case = await case_of(ctx)
    events = [] if case is None else await ctx.unit.cases.timeline(case.id)
    asked = [event.words for event in events if event.action == Action.ASK and event.words]
    ctx.toast("parcel.read" if asked else "parcel.read.none", alert=True, words=asked[-1][:TOAST] if asked else "")


async def press_clear(ctx: HandlerContext) -> None:
    """Delete the messages of this matter, the bot's and the person's; say how many are too old."""
    address = ctx.incoming.address
    chat = await ctx.unit.discreet.find(address)
    if chat is None:
        ctx.toast("parcel.clear.none")
        return
    young = ctx.at - DELETABLE
    bots, old = await ctx.unit.discreet.wipe(address, since=chat.since_at - BEFORE, young=young, at=ctx.at)
    draft = await held.held(ctx)
    said = {*chat.said, *(draft.answers.get("messages", ()) if draft is not None else ()), ctx.incoming.message_id, *bots}
    for message_id in sorted(each for each in said if each):
        media = {"type": "delete", "message_id": message_id, "quietly": True}
        await ctx.notify(Notice(ctx.origin, "parcel.cleared", {}, (), Priority.SOS, media=media, silent=True))
    ctx.toast("parcel.clear.some" if old else "parcel.clear", alert=bool(old), count=old)
