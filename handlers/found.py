"""Lost and found: register found and lost things, and show the keeper's card.

Knows the questions, the card and its recipients; domain/found.py decides what each class asks for. Invariants: the finder of a person or
of something dangerous reads the number to dial before anything else; details that only the owner can know are never in a message: a
keeper reads them over the chat, and that is recorded; the finder of a thing never decides about it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain import found as rules
from domain.core.change import Button, Notice, RuleError
from domain.core.records import one_line
from domain.found import Class, Item, Loss, State, Verb
from domain.people.people import COMMITTEE, POLICE, Policy, Role
from handlers.conversation import emergency
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.feature import Feature
from handlers.core.records import RecordActions, limit_rate, me, text_step
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute, TimerRoute
from texts import At, Lines, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver, VillageId
    from domain.people.people import Village

SHOWN = 8
NOTES = 2
#: The classes with more questions: where it was, and details that only its owner can know.
KEPT = frozenset({Class.VALUABLE, Class.ORDINARY, Class.PERISHABLE})
NO_DETAIL = "none"
#: Buttons of a keeper's card, in order; only those whose move is possible are shown.
_KEEPER = ((Verb.RECEIVE, "f.got"), (Verb.HAND_OVER, "f.give"), (Verb.DENY, "f.no"), (Verb.NOTE, "f.note"))
_FOR_DANGER = ((Verb.CLEAR, "f.clear"), (Verb.NOTE, "f.note"))


# Entry points ---------------------------------------------------------------------------------------------------------


async def found(ctx: HandlerContext) -> None:
    """`/found [what]`: register a found thing; without words a keeper sees the kept things."""
    if ctx.args or not ctx.actor.holds(Role.CHAIR, *POLICE):
        await begin(ctx, "found", _said(ctx.args) if ctx.args else {})
        return
    items = await ctx.unit.found.list_open(ctx.actor, limit=SHOWN)
    buttons = [(Button("found.button.open", "f.see", (item.id,), {"number": item.id, "what": _short(item.what)}),) for item in items]
    await ctx.reply("found.list" if items else "found.list.nothing", buttons=(*buttons, (Button("found.button.new", "f.new"),)))


async def press_new(ctx: HandlerContext) -> None:
    """Register a found thing."""
    await begin(ctx, "found")


async def lost(ctx: HandlerContext) -> None:
    """`/lost [what]`: register a lost thing."""
    await begin(ctx, "lost", _said(ctx.args) if ctx.args else {})


def _said(words: str) -> Answers:
    """Return the answers in a description: itself, and the class if it names one."""
    what = one_line(words, most=rules.WHAT_LENGTH, key="found.what_again")
    kind = rules.guess_class(what)
    return {"what": what} | ({} if kind is None else {"kind": kind.value})


# The questions --------------------------------------------------------------------------------------------------------


async def _accept_what(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    answers |= _said(said.text)
    return str(answers["what"])


async def _kinds(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"found.kind.{kind}", kind.value) for kind in Class)


async def _accept_kind(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    kind = rules.guess_class(said.text) if said.text not in list(Class) else Class(said.text)
    if kind is None:
        raise RuleError("found.kind_again")
    return kind.value


async def _no_detail(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("found.button.no_detail", NO_DETAIL),)


def _detail(name: str, ask: str) -> Step:
    async def accept(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
        if said.press_id and said.text == NO_DETAIL:
            return ""
        return one_line(said.text, most=rules.DETAIL_LENGTH, key="found.detail_again")

    return Step(name, ask, accept, choices=_no_detail, when=_is_kept)


def _is_kept(answers: Answers) -> bool:
    return answers.get("kind") in KEPT


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    """Do what the class asks for."""
    kind = Class(answers["kind"])
    if kind is Class.PERSON:
        await _help_a_person(ctx, answers["what"])
    elif kind is Class.DANGEROUS:
        await _warn(ctx, answers["what"])
    else:
        await limit_rate(ctx, "found", most=rules.A_DAY, within=rules.DAY, key="found.too_many")
        details = {"detail_one": answers["one"], "detail_two": answers["two"]}
        item = await _open(ctx, kind, answers["what"], answers["where"], details)
        posts = await ctx.unit.people.posts_of(item.village_id, at=ctx.at)
        rung, _ = posts.first_reachable(item.keeper, without=(item.finder_id,))
        see = ((Button("found.button.see", "f.see", (item.id,)),),)
        due = At(ctx.at + rules.VALUABLE_AGAIN)
        await ctx.reply(f"found.receipt.{kind}", buttons=see, number=item.id, keeper=Text(f"found.keeper.{rung}"), due=due)
        await ITEMS.call(ctx, item, item.keeper)


async def _help_a_person(ctx: HandlerContext, words: str) -> None:
    """Show the numbers to dial for a person, and one tap that calls police and chair."""
    ctx.incoming = replace(ctx.incoming, text=words, command="", verb="", values=(), press_id="")
    await emergency.answer(ctx)


async def _warn(ctx: HandlerContext, what: str) -> None:
    """Say at once not to touch it and whom to call, call the officer, then ask for the place."""
    await ctx.reply("found.danger.dial")
    if _home(ctx) is None:
        return  # nobody here to call: the number is already shown
    await limit_rate(ctx, "found danger", most=rules.A_DAY, within=rules.DAY, key="found.danger.dial")
    item = await _open(ctx, Class.DANGEROUS, what, "", {})
    await ITEMS.call(ctx, item, Role.OFFICER, rings=True)
    await begin(ctx, "found_place", {"_number": item.id})


async def _locate(ctx: HandlerContext, answers: Answers) -> None:
    """Put the place of something dangerous on its card, and tell the people who were called."""
    item = await ITEMS.load(ctx, int(answers["_number"]))
    item = await ITEMS.record(ctx, rules.locate(item, me(ctx), answers["where"], at=ctx.at))
    await ITEMS.call(ctx, item, Role.OFFICER, key="found.danger.place", rings=True, number=item.id, village=item.village, place=item.place)
    await ctx.reply("found.danger.told", number=item.id)


async def _lose(ctx: HandlerContext, answers: Answers) -> None:
    """Register a lost thing; a search for a person begins at once."""
    kind = rules.guess_class(answers["what"])
    if kind is Class.PERSON:
        await _help_a_person(ctx, answers["what"])
        return
    await limit_rate(ctx, "lost", most=rules.A_DAY, within=rules.DAY, key="lost.too_many")
    number, village = await ctx.unit.lost.next_number(), await _village(ctx)
    change = rules.lose(number, ctx.actor, village, what=answers["what"], place=answers["where"], at=ctx.at)
    loss = await LOSSES.open(ctx, change)
    advice = Lines(["", Text(f"lost.advice.{kind}")]) if kind in rules.FOR_POLICE else ""
    await ctx.reply("lost.receipt", buttons=((Button("lost.button.back", "l.back", (loss.id,)),),), number=loss.id, advice=advice)


def _is_no_person(answers: Answers) -> bool:
    return answers.get("kind") != Class.PERSON


WHAT = Step("what", "found.what.question", _accept_what)
FOUND = Dialog(
    "found",
    Policy.JOINED,
    (
        WHAT,
        Step("kind", "found.kind.question", _accept_kind, choices=_kinds, wide=1),
        text_step("where", "found.where.question", most=rules.PLACE_LENGTH, again="found.where_again", when=_is_kept),
        _detail("one", "found.one.question"),
        _detail("two", "found.two.question"),
    ),
    _finish,
)
PLACE = Dialog(
    "found_place",
    Policy.JOINED,
    (text_step("where", "found.danger.question", most=rules.PLACE_LENGTH, again="found.where_again"),),
    _locate,
)
LOST = Dialog(
    "lost",
    Policy.JOINED,
    (
        replace(WHAT, ask="lost.what.question"),
        text_step("where", "lost.where.question", most=rules.PLACE_LENGTH, again="found.where_again", when=_is_no_person),
    ),
    _lose,
)


# The keeper -----------------------------------------------------------------------------------------------------------


async def press_see(ctx: HandlerContext) -> None:
    """Show the card."""
    await ITEMS.show(ctx, await ITEMS.pressed(ctx))


async def press_received(ctx: HandlerContext) -> None:
    """Record that the keeper has it."""
    item = await ITEMS.record(ctx, rules.receive(await ITEMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    ctx.toast("found.toast.received", number=item.id)
    await ITEMS.notify(ctx, item, "found.received.to_finder", item.finder_id, number=item.id, what=item.what, name=ctx.actor.name)


async def press_give(ctx: HandlerContext) -> None:
    """Ask once more before it is given away."""
    item = await ITEMS.pressed(ctx, handling=True)
    key = "found.give.valuable" if item.kind is Class.VALUABLE else "found.give.question"
    yes, no = Button("found.button.given", "f.given", (item.id,)), Button("found.button.not_yet", "f.see", (item.id,))
    await ctx.reply(key, buttons=((yes, no),), number=item.id, what=item.what)


async def press_given(ctx: HandlerContext) -> None:
    """Record that the owner has it back."""
    item = await ITEMS.record(ctx, rules.hand_over(await ITEMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    ctx.toast("found.toast.returned", number=item.id)
    await ITEMS.notify(ctx, item, "found.returned.to_finder", item.finder_id, number=item.id, what=item.what)


async def press_not_theirs(ctx: HandlerContext) -> None:
    """Record that somebody asked for it and could not describe it."""
    item = await ITEMS.record(ctx, rules.deny(await ITEMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    ctx.toast("found.toast.not_theirs", count=item.denials)


async def press_details(ctx: HandlerContext) -> None:
    """Show a keeper, over the chat, the details that only the owner can know."""
    item = await ITEMS.pressed(ctx, handling=True)
    known = await ctx.unit.found.unseal(ctx.actor, item.id, at=ctx.at)
    said = {"one": known["detail_one"] or "—", "two": known["detail_two"] or "—"}
    ctx.toast("found.toast.details", alert=True, **said)


async def press_note(ctx: HandlerContext) -> None:
    """Ask for a keeper's words."""
    await begin(ctx, "found_note", {"_number": (await ITEMS.pressed(ctx, handling=True)).id})


async def _note(ctx: HandlerContext, answers: Answers) -> None:
    item = await ITEMS.load(ctx, int(answers["_number"]), handling=True)
    await ITEMS.show(ctx, await ITEMS.record(ctx, rules.note(item, me(ctx), answers["words"], at=ctx.at)))


async def press_cleared(ctx: HandlerContext) -> None:
    """Record that the police took something dangerous away."""
    item = await ITEMS.record(ctx, rules.clear(await ITEMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    ctx.toast("found.toast.cleared", number=item.id)
    await ITEMS.notify(ctx, item, "found.cleared.to_finder", item.finder_id, number=item.id)


async def press_withdraw(ctx: HandlerContext) -> None:
    """Withdraw the report, by its finder."""
    item = await ITEMS.pressed(ctx)
    if item.finder_id != ctx.actor.id:
        raise RuleError("refused.not_allowed")
    item = await ITEMS.record(ctx, rules.withdraw(item, me(ctx), at=ctx.at))
    await ITEMS.call(ctx, item, item.keeper, key="found.withdrawn.to_keeper", number=item.id, what=item.what)
    await ctx.reply("found.withdrawn", number=item.id)


async def press_got_back(ctx: HandlerContext) -> None:
    """Record that the person who lost a thing has it back."""
    loss = await LOSSES.record(ctx, rules.got_back(await LOSSES.pressed(ctx), me(ctx), at=ctx.at))
    await ctx.reply("lost.got_back", number=loss.id)


NOTE = Dialog(
    "found_note", Policy.HANDLER, (text_step("words", "found.note.question", most=rules.NOTE_LENGTH, again="found.note_again"),), _note
)


# The clock ------------------------------------------------------------------------------------------------------------


async def remind_due(ctx: HandlerContext) -> None:
    """Remind the people who must act on a thing; ask who still has valuables."""
    item = await ITEMS.due(ctx)
    if item is None or ctx.timer is None:
        return
    turn = int(ctx.timer.data["turn"])
    if item.kind is Class.DANGEROUS:
        await ITEMS.call(ctx, item, Role.DUTY, Role.LEADER, rings=turn == 1)
    elif item.kind is Class.VALUABLE and item.state is State.REPORTED and turn <= rules.DAILY:
        await ITEMS.notify(ctx, item, "found.reminder.hand_in", item.finder_id, number=item.id, what=item.what)
        await ITEMS.call(ctx, item, item.keeper, key="found.reminder.to_officer", **_reminded(item))
    else:
        await ITEMS.call(ctx, item, item.keeper, key="found.reminder.to_keeper", **_reminded(item))
    await ctx.start_timers(rules.remind_again(item, at=ctx.at, turn=turn + 1))


def _reminded(item: Item) -> dict[str, Any]:
    see = ((Button("found.button.see", "f.see", (item.id,)),),)
    return {"buttons": see, "number": item.id, "village": item.village, "what": item.what, "finder": item.finder_name}


# The card -------------------------------------------------------------------------------------------------------------


async def _card(ctx: HandlerContext, item: Item, to: Receiver, handling: bool) -> Notice:
    """Return the card as a keeper or its finder sees it; neither card holds sealed details."""
    facts = {
        "number": item.id,
        "village": item.village,
        "kind": Text(f"found.short.{item.kind}"),
        "what": item.what,
        "place": item.place or Text("found.card.no_place"),
        "at": At(item.opened_at),
        "state": Text(f"found.is.{item.state}", number=item.id),
    }
    if not handling:
        buttons = rows(Button("found.button.withdraw", "f.back", (item.id,))) if rules.ITEMS.allows(item, Verb.WITHDRAW) else ()
        return Notice(to, "found.card.own", facts, buttons)
    events = await ctx.unit.audit.of(rules.ITEMS.subject(item))
    notes = [Text("found.card.note", words=event.words) for event in events if event.words][-NOTES:]
    details = Text("found.card.details", count=item.details) if item.details else Text("found.card.no_details")
    facts |= {
        "finder": item.finder_name,
        "details": details if item.ended_at is None else "",
        "notes": Lines(["", *notes]) if notes else "",
    }
    danger = item.kind is Class.DANGEROUS
    offered = [
        Button(f"found.button.{verb}", press, (item.id,))
        for verb, press in (_FOR_DANGER if danger else _KEEPER)
        if rules.ITEMS.allows(item, verb)
    ]
    if item.details and item.ended_at is None:
        offered.append(Button("found.button.details", "f.known", (item.id,)))
    return Notice(to, "found.card.danger" if danger else "found.card", facts, rows(*offered))


async def _lost_card(ctx: HandlerContext, loss: Loss, to: Receiver, handling: bool) -> Notice:
    """Return the card of a lost thing, for the person who lost it."""
    back = rows(Button("lost.button.back", "l.back", (loss.id,))) if loss.ended_at is None else ()
    return Notice(to, "lost.card", {"number": loss.id, "what": loss.what, "state": Text(f"lost.is.{loss.state}", number=loss.id)}, back)


async def _open(ctx: HandlerContext, kind: Class, what: str, place: str, details: dict[str, str]) -> Item:
    village, number = await _village(ctx), await ctx.unit.found.next_number()
    kept = sum(bool(each) for each in details.values())
    change = rules.report(number, ctx.actor, village, kind=kind, what=what, place=place, details=kept, at=ctx.at)
    return await ITEMS.open(ctx, change, sealed=details)


def _home(ctx: HandlerContext) -> VillageId | None:
    return ctx.actor.village_id or min(ctx.actor.villages(Role.OFFICER, *COMMITTEE), default=None)


async def _village(ctx: HandlerContext) -> Village:
    """Return the village that somebody reports for: their home, else one of their posts.

    Raises:
        RuleError: `found.no_village`.
    """
    home = _home(ctx)
    if home is None:
        raise RuleError("found.no_village")
    return await ctx.unit.people.village(home)


def _short(what: str) -> str:
    return what if len(what) <= 12 else f"{what[:11]}…"


ITEMS: RecordActions[Item] = RecordActions(
    rules.ITEMS, lambda ctx: ctx.unit.found, card=_card, may_handle=rules.may_keep, parts=lambda item: (item.finder_id,)
)
LOSSES: RecordActions[Loss] = RecordActions(
    rules.LOSSES, lambda ctx: ctx.unit.lost, card=_lost_card, may_handle=lambda actor, loss: False, parts=lambda loss: (loss.owner_id,)
)

FEATURE = Feature(
    "found",
    routes=(
        CommandRoute("found", found, Policy.JOINED, menu=KNOWN, feature="lost_found"),
        CommandRoute("lost", lost, Policy.JOINED, menu=KNOWN, feature="lost_found"),
        # Every joined user may press a card's buttons: the record decides who may use them, as a case does.
        ButtonRoute("f.new", press_new, Policy.JOINED),
        ButtonRoute("f.see", press_see, Policy.JOINED),
        ButtonRoute("f.got", press_received, Policy.JOINED),
        ButtonRoute("f.give", press_give, Policy.JOINED),
        ButtonRoute("f.given", press_given, Policy.JOINED),
        ButtonRoute("f.no", press_not_theirs, Policy.JOINED),
        ButtonRoute("f.known", press_details, Policy.JOINED),
        ButtonRoute("f.note", press_note, Policy.JOINED),
        ButtonRoute("f.clear", press_cleared, Policy.JOINED),
        ButtonRoute("f.back", press_withdraw, Policy.JOINED),
        ButtonRoute("l.back", press_got_back, Policy.JOINED),
        TimerRoute("found_reminder", remind_due),
    ),
    dialogs=(FOUND, PLACE, NOTE, LOST),
)
