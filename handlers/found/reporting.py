"""Register found and lost things.

Knows the questions; domain/found/things.py decides what each class asks for. Invariant: the finder of a person or of something dangerous reads the
number to dial before anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Button, RuleError
from domain.core.immutable import replace
from domain.core.records import one_line
from domain.found import things as rules
from domain.found import words
from domain.found.things import Class, Item
from domain.people.people import COMMITTEE, POLICE, Policy, Role
from handlers.conversation import emergency
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.records import limit_rate, me, text_step
from handlers.found import matching
from handlers.found.cards import ITEMS, LOSSES
from texts import At, Lines, Text

if TYPE_CHECKING:
    from domain.core.change import VillageId
    from domain.people.people import Village

SHOWN = 8
#: The classes with more questions: where it was, and details that only its owner can know.
KEPT = frozenset({Class.VALUABLE, Class.ORDINARY, Class.PERISHABLE})
NO_DETAIL = "none"
MENU_BUTTON = Button("found.button.menu", "f.new")


# Entry points ---------------------------------------------------------------------------------------------------------


async def found(ctx: HandlerContext) -> None:
    """`/found [what]`: register a found thing; without words a keeper sees the kept things."""
    if ctx.args or not ctx.actor.holds(Role.CHAIR, *POLICE):
        await begin(ctx, "found", _said(ctx.args) if ctx.args else {})
        return
    items = await ITEMS.store(ctx).list_open(ctx.actor, limit=SHOWN)
    buttons = [(Button("found.button.open", "f.see", (item.id,), {"number": item.id, "what": _short(item.what)}),) for item in items]
    await ctx.reply("found.list" if items else "found.list.nothing", buttons=(*buttons, (Button("found.button.new", "f.new"),)))


async def press_new(ctx: HandlerContext) -> None:
    """Register a found thing."""
    await begin(ctx, "found")


async def lost(ctx: HandlerContext) -> None:
    """`/lost [what]`: register a lost thing."""
    await begin(ctx, "lost", _said(ctx.args) if ctx.args else {})


def _said(said: str) -> Answers:
    """Return the answers in a description: itself, and the class if it names one."""
    what = one_line(said, most=rules.WHAT_LENGTH, key="found.what_again")
    kind = words.guess_class(what)
    return {"what": what} | ({} if kind is None else {"kind": kind.value})


# The questions --------------------------------------------------------------------------------------------------------


async def _accept_what(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    answers |= _said(said.text)
    return str(answers["what"])


async def _kinds(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"found.kind.{kind}", kind.value) for kind in Class)


async def _accept_kind(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    kind = words.guess_class(said.text) if said.text not in list(Class) else Class(said.text)
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
        await matching.thing_found(ctx, item)


async def _help_a_person(ctx: HandlerContext, words: str) -> None:
    """Show the numbers to dial for a person, and one tap that calls police and chair."""
    ctx.incoming = replace(ctx.incoming, text=words, command="", verb="", values=(), press_id="")
    await emergency.answer(ctx)


async def _warn(ctx: HandlerContext, what: str) -> None:
    """Say at once not to touch it and whom to call, call the officer, then ask for the place."""
    ctx.dialled = True
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
    kind = words.guess_class(answers["what"])
    if kind is Class.PERSON:
        await _help_a_person(ctx, answers["what"])
        return
    await limit_rate(ctx, "lost", most=rules.A_DAY, within=rules.DAY, key="lost.too_many")
    number, village = await LOSSES.store(ctx).next_number(), await _village(ctx)
    change = rules.lose(number, ctx.actor, village, what=answers["what"], place=answers["where"], at=ctx.at)
    loss = await LOSSES.open(ctx, change)
    advice = Lines(["", Text(f"lost.advice.{kind}")]) if kind in rules.FOR_POLICE else ""
    await ctx.reply("lost.receipt", buttons=((Button("lost.button.back", "l.back", (loss.id,)),),), number=loss.id, advice=advice)
    await matching.thing_lost(ctx, loss)


def _is_no_person(answers: Answers) -> bool:
    return answers.get("kind") != Class.PERSON


async def _open(ctx: HandlerContext, kind: Class, what: str, place: str, details: dict[str, str]) -> Item:
    village, number = await _village(ctx), await ITEMS.store(ctx).next_number()
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
