"""/missing: tell the groups of a missing person, with the family's consent; police only.

Knows the dialog, the card and its buttons. Invariants: the family's consent is recorded before anything is sent; the groups read no
private number, only those of the settings; when it ends, every group's message loses its words and its photo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import missing as rules
from domain.core.change import Button, Notice, RuleError, VillageId
from domain.core.numbers import clean_text
from domain.missing import ERASE, EXPIRED, LONGEST_CONSENT, LONGEST_WORDS, NOTICES, Missing, State
from domain.people.people import Policy, Role
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.feature import Feature
from handlers.core.group_card import GroupCard
from handlers.core.records import RecordActions, limit_rate, me, text_step
from handlers.core.route import OFFICERS, ButtonRoute, CommandRoute, TimerRoute
from handlers.core.village_choice import VillageChoice, names_text
from storage.missing import MissingNotices
from texts import At, Joined, Text

if TYPE_CHECKING:
    from domain.core.change import Keyboard, Receiver
    from domain.core.records import RecordChange

SHOWN, MOST_PHONES = 10, 3
NO_PHOTO = "none"
PUBLIC: GroupCard[Missing] = GroupCard(NOTICES)


async def missing(ctx: HandlerContext) -> None:
    """`/missing [words]`: begin a notice; without words, after the open ones."""
    if ctx.args:
        await begin(ctx, DIALOG.name, {"words": _words(ctx, ctx.args)})
        return
    for value in await SOUGHT.store(ctx).list_open(ctx.actor, limit=SHOWN):
        await SOUGHT.show(ctx, value)
    await begin(ctx, DIALOG.name)


async def press_show(ctx: HandlerContext) -> None:
    """Show a notice as it is now."""
    await SOUGHT.show(ctx, await SOUGHT.pressed(ctx))


async def press_found(ctx: HandlerContext) -> None:
    """End a notice: the person was found."""
    await _end(ctx, rules.find(await SOUGHT.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    ctx.toast("missing.toast.found")


async def press_recall(ctx: HandlerContext) -> None:
    """Recall a notice."""
    await _end(ctx, rules.recall(await SOUGHT.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    ctx.toast("missing.toast.recalled")


async def press_consent(ctx: HandlerContext) -> None:
    """Show over the chat who of the family agreed; that is recorded."""
    value = await SOUGHT.pressed(ctx, handling=True)
    known = await SOUGHT.store(ctx).unseal(ctx.actor, value.id, at=ctx.at)
    ctx.toast("missing.toast.consent", alert=True, words=known["consent"])


async def expired(ctx: HandlerContext) -> None:
    """End a notice after its term (clock)."""
    value = await SOUGHT.due(ctx)
    if value is not None:
        await _end(ctx, rules.expire(value, at=ctx.at))


async def erase_due(ctx: HandlerContext) -> None:
    """Erase an ended notice (clock)."""
    assert ctx.timer is not None
    await SOUGHT.store(ctx).erase(int(ctx.timer.data["number"]))


async def _end(ctx: HandlerContext, change: RecordChange[Missing]) -> None:
    """Record the end, without words and consent, and change every group's message."""
    value = await SOUGHT.record(ctx, change, sealed={"consent": ""})
    await PUBLIC.change(ctx, value, f"missing.public.{value.state}", number=value.id)


# The dialog -----------------------------------------------------------------------------------------------------------


def _words(ctx: HandlerContext, said: str) -> str:
    words = clean_text(said, 10_000).strip()
    if not words or len(words) > LONGEST_WORDS:
        raise RuleError("missing.words_again", most=LONGEST_WORDS)
    return ctx.for_many(words)


async def _accept_words(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return _words(ctx, said.text)


async def _no_photo(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("missing.button.no_photo", NO_PHOTO),)


async def _accept_photo(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take one photo, or none; a caption is not taken."""
    if said.press_id and said.text == NO_PHOTO:
        return ""
    if said.media is None or said.media.get("type") != "photo":
        raise RuleError("missing.photo_again")
    return str(said.media["file_id"])


async def _preview(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    villages = await ctx.unit.people.list_villages([VillageId(each) for each in answers["villages"]])
    photo = Text("missing.preview.photo") if answers["photo"] else ""
    notice = Text("missing.public", number="…", words=answers["words"], phones=_phones(ctx))
    return {"villages": names_text([village.name for village in villages]), "photo": photo, "notice": notice}


async def _send_choice(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("missing.button.send", "send"),)


async def _accept_send(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if not said.press_id or said.text != "send":
        raise RuleError("missing.send_again")
    return "send"


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    """Send the notice to the groups of the villages that the actor may still tell."""
    found = await ctx.unit.people.list_villages([VillageId(each) for each in answers["villages"]])
    villages = [village for village in found if rules.may_send(ctx.actor, village)]
    if not villages:
        raise RuleError("refused.not_allowed")
    await limit_rate(ctx, "missing", most=rules.A_DAY, within=rules.DAY, key="missing.too_many")
    number = await SOUGHT.store(ctx).next_number()
    change = rules.send(number, me(ctx), villages[0], answers["words"], at=ctx.at)
    value = await SOUGHT.open(ctx, change, sealed={"consent": answers["consent"]})
    await PUBLIC.publish(
        ctx,
        value,
        value.village,
        "missing.public",
        villages=[village.id for village in villages],
        media={"type": "photo", "file_id": answers["photo"]} if answers["photo"] else None,
        keeps=True,
        number=value.id,
        words=value.words,
        phones=_phones(ctx),
    )
    await SOUGHT.call(ctx, value, Role.OFFICER, Role.DUTY, Role.LEADER)
    await ctx.reply("missing.sent", number=value.id)


def _phones(ctx: HandlerContext) -> Any:
    """Return the numbers to call: those of the settings, and 110."""
    return Joined([*sorted(ctx.town.phones)[:MOST_PHONES], "110"])


DIALOG = Dialog(
    "missing",
    Policy.POLICE,
    (
        text_step("consent", "missing.consent.question", most=LONGEST_CONSENT, again="missing.consent_again"),
        Step("words", "missing.words.question", _accept_words),
        Step("photo", "missing.photo.question", _accept_photo, choices=_no_photo),
        VillageChoice(rules.may_send).step("villages", "missing.villages.question"),
        Step("send", "missing.preview", _accept_send, choices=_send_choice, shown=_preview),
    ),
    _finish,
    unheard="a notice is about somebody in danger, and the police send it",
)


# The card -------------------------------------------------------------------------------------------------------------


async def _card(ctx: HandlerContext, value: Missing, to: Receiver, handling: bool) -> Notice:
    buttons: Keyboard = ()
    if handling and value.state is State.SENT:
        buttons = rows(
            Button("missing.button.found", "ms.found", (value.id,)),
            Button("missing.button.recall", "ms.recall", (value.id,)),
            Button("missing.button.consent", "ms.agreed", (value.id,)),
        )
    state = Text(f"missing.is.{value.state}", number=value.id)
    params = {"number": value.id, "village": value.village, "words": value.words, "at": At(value.opened_at), "state": state}
    return Notice(to, "missing.card" if value.words else "missing.card.over", params, buttons)


SOUGHT: RecordActions[Missing, MissingNotices] = RecordActions(
    NOTICES,
    MissingNotices,
    card=_card,
    may_handle=rules.may_end,
    parts=lambda value: (),
    asks=lambda value: (Role.OFFICER,),
)
FEATURE = Feature(
    "missing",
    routes=(
        CommandRoute("missing", missing, Policy.POLICE, menu=OFFICERS),
        ButtonRoute("ms.found", press_found, Policy.POLICE, fresh=press_show),
        ButtonRoute("ms.recall", press_recall, Policy.POLICE, fresh=press_show),
        ButtonRoute("ms.agreed", press_consent, Policy.POLICE, fresh=press_show),
        TimerRoute(EXPIRED, expired),
        TimerRoute(ERASE, erase_due),
    ),
    records=(SOUGHT,),
    dialogs=(DIALOG,),
)
