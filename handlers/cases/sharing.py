"""Readers of a case: show them to reporter and police, and change them by buttons.

Knows the panel, the dialog for a name, recusal and sealed names; domain/cases/sharing.py decides. Must not know who is notified. Invariant:
a press about a case that the person does not see reads as if there were none; recusal and the opening of a sealed name are asked once more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases import sharing as rules
from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import Action, Case, CaseChange
from domain.cases.display import display_name
from domain.cases.visibility import Level
from domain.cases.words.accusation import means, with_deputies
from domain.core.change import Button, NotFound, Notice, RuleError
from domain.core.numbers import clean_name
from domain.people.people import POLICE, Policy, Role
from handlers.cases import cards
from handlers.cases.moves import ask_for_words, carry, do, number_and_words, refuse
from handlers.cases.notifications import sight_buttons, sight_lines
from handlers.core.context import rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of
from texts import Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from domain.core.change import PersonId
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext, Incoming
    from handlers.core.route import Handler

#: A request to open a sealed name waits so long for the second person.
SEAL_WAITS = timedelta(hours=24)


# The panel ------------------------------------------------------------------------------------------------------------


async def press_sight(ctx: HandlerContext) -> None:
    """Say who sees the case, and offer what may change it."""
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    by = standing_of(ctx.actor, case)
    if by.standing not in (CaseRole.REPORTER, CaseRole.POLICE):
        raise NotFound(case.id)
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    lines = sight_lines(case, posts)
    if not case.visibility.police_only and not case.visibility.restricted:
        lines.append(Text("case.seen.summary"))
    own = by.standing is CaseRole.REPORTER
    if own and case.excluded_names:
        lines.append(Text("case.seen.excluded", names=Joined(case.excluded_names)))
    buttons = _reporters(case, posts) if own else _polices(ctx, case)
    params = {"number": str(case.id), "lines": Lines(lines)}
    await ctx.notify(Notice(ctx.origin, "case.sight", params, buttons, subject=case.subject))


def _reporters(case: Case, posts: Posts) -> tuple[tuple[Button, ...], ...]:
    restrict = () if case.visibility.restricted else (Button("case.button.restrict", "c.res", (case.id,)),)
    asked = (("case.button.concerns", "c.con"), ("case.button.clear", "c.clr")) if case.doubtful else ()
    return (
        *rows(*(Button(label, verb, (case.id,)) for label, verb in asked)),
        *sight_buttons(case, posts),
        *rows(Button("case.button.exclude", "c.exc", (case.id,)), *restrict),
    )


def _polices(ctx: HandlerContext, case: Case) -> tuple[tuple[Button, ...], ...]:
    buttons = [
        Button("case.button.lift", "c.lif", (case.id,))
        if case.visibility.restricted
        else Button("case.button.restrict", "c.res", (case.id,))
    ]
    if case.visibility.level is Level.SEALED and not case.visibility.seal_open and rules.may_open(ctx.actor, case, *POLICE):
        buttons.append(Button("case.button.ask_seal", "c.usq", (case.id,)))
        if rules.may_open(ctx.actor, case, Role.LEADER):
            buttons.append(Button("case.button.open_alone", "c.usa", (case.id,)))
    return rows(*buttons)


def press_wish(action: Action) -> Handler:
    """Return the handler of a button that changes who sees a case, at once."""

    async def handler(ctx: HandlerContext) -> None:
        def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
            match action:
                case Action.SHARE:
                    return rules.share(case, by, posts=posts, at=ctx.at)
                case Action.CONCERNS:
                    return rules.concerns(case, by, posts=posts, town=ctx.town, at=ctx.at)
                case Action.CLEAR:
                    return rules.clear(case, by, posts=posts, town=ctx.town, at=ctx.at)
                case Action.SHOW_MEDIA:
                    return rules.show_media(case, by, at=ctx.at)
                case Action.HIDE_NUMBERS:
                    return rules.hide_numbers(case, by, at=ctx.at)
                case Action.RESTRICT:
                    return rules.restrict(case, by, posts=posts, at=ctx.at)
                case _:
                    return rules.lift(case, by, at=ctx.at)

        await carry(ctx, pressed_number(ctx), decide)

    handler.__doc__ = f"A pressed button: {action}."
    return handler


# Excluding somebody ---------------------------------------------------------------------------------------------------


async def press_exclude(ctx: HandlerContext) -> None:
    """Ask whom the reporter excludes."""
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    cards.check(case, standing_of(ctx.actor, case), Action.EXCLUDE)
    await begin(ctx, "exclude", {"number": int(case.id)})


async def _offered(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the chair and the officers who may see the case."""
    case = await ctx.unit.cases.visible_to(ctx.actor, answers["number"])
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    found = posts.of(Role.CHAIR, Role.OFFICER, without=case.excluded_ids)
    return tuple(Choice("case.exclude.person", who.name, {"who": display_name(who.name, who.role)}) for who in found)


async def _take_name(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    name = clean_name(said.text)
    if len(name) < 2:
        raise RuleError("case.exclude.again")
    return name


async def _number(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"number": str(answers["number"])}


async def _finish_exclude(ctx: HandlerContext, answers: Answers) -> None:
    """Exclude everybody whom a name or a title means: officials, deputies, namesakes."""
    said = answers["name"]
    case = await ctx.unit.cases.visible_to(ctx.actor, answers["number"])
    officials = await ctx.unit.officials.of_village(case.village_id, at=ctx.at)
    meant = [each for each in officials if means(each, said)]
    names = tuple(dict.fromkeys(each.name for each in meant)) or (said,)
    person_ids: set[PersonId] = {each.person_id for each in meant}
    for name in names:
        person_ids |= set(await ctx.unit.officials.named(name))
    apart = with_deputies(person_ids, officials)

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return rules.exclude(case, by, names=names, person_ids=apart, posts=posts, town=ctx.town, at=ctx.at)

    await carry(ctx, int(case.id), decide)


EXCLUDE = Dialog("exclude", Policy.JOINED, (Step("name", "case.exclude.question", _take_name, _offered, _number),), _finish_exclude)


# Recusal --------------------------------------------------------------------------------------------------------------


async def recuse(ctx: HandlerContext) -> None:
    """`/recuse n`: ask once whether the actor steps aside."""
    await _ask_recusal(ctx, number_and_words(ctx)[0])


async def press_hide_numbers(ctx: HandlerContext) -> None:
    """Ask once whether the long numbers are taken out of the words: nobody can bring them back."""
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    cards.check(case, standing_of(ctx.actor, case), Action.HIDE_NUMBERS)
    buttons = rows(Button("case.button.hide_now", "c.nuy", (case.id,)), Button("case.button.leave_numbers", "c.all", (case.id,)))
    await ctx.notify(Notice(ctx.origin, "case.hide_numbers.question", {"number": str(case.id)}, buttons, subject=case.subject))


async def press_recuse(ctx: HandlerContext) -> None:
    """Ask once whether the actor steps aside."""
    await _ask_recusal(ctx, pressed_number(ctx))


async def _ask_recusal(ctx: HandlerContext, number: int) -> None:
    try:
        case = await ctx.unit.cases.visible_to(ctx.actor, number)
        cards.check(case, standing_of(ctx.actor, case), Action.RECUSE)
    except RuleError as rule:
        await refuse(ctx, number, rule)
        return
    buttons = rows(Button("case.button.recuse_now", "c.rcy", (case.id,)), Button("case.button.stay", "c.all", (case.id,)))
    await ctx.notify(Notice(ctx.origin, "case.recuse.question", {"number": str(case.id)}, buttons, subject=case.subject))


async def press_recuse_now(ctx: HandlerContext) -> None:
    """Step aside."""
    await do(ctx, pressed_number(ctx), Action.RECUSE)


# A sealed name --------------------------------------------------------------------------------------------------------


async def press_ask_seal(ctx: HandlerContext) -> None:
    """Ask for the reason to open a sealed name."""
    await ask_for_words(ctx, pressed_number(ctx), Action.ASK_SEAL)


async def press_open_alone(ctx: HandlerContext) -> None:
    """Ask a leader for the reason to open a sealed name alone, because a life is in danger."""
    await ask_for_words(ctx, pressed_number(ctx), Action.OPEN_SEAL)


async def press_open_seal(ctx: HandlerContext) -> None:
    """Open a sealed name as the second person, for the reason that the first one gave."""
    number = pressed_number(ctx)
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    request = await ctx.unit.cases.seal_request(case.id, since=ctx.at - SEAL_WAITS)
    asker = None if request is None or request.actor_id is None else await ctx.unit.people.find(request.actor_id, at=ctx.at)
    sees = asker is not None and await ctx.unit.cases.readers_of(case.id, [asker])
    if request is None or asker is None or not sees or not rules.may_open(asker, case, *POLICE):
        ctx.toast("refused.old_button", alert=True)
        return
    words = request.words

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return rules.open_seal(case, by, words, actor=ctx.actor, asker=asker, at=ctx.at)

    await carry(ctx, number, decide)


async def _ask_seal(ctx: HandlerContext, number: int, words: str) -> None:
    await carry(ctx, number, lambda case, by, posts: rules.ask_seal(case, by, words, actor=ctx.actor, at=ctx.at))


async def _open_alone(ctx: HandlerContext, number: int, words: str) -> None:
    await carry(ctx, number, lambda case, by, posts: rules.open_seal(case, by, words, actor=ctx.actor, asker=None, at=ctx.at))


#: Moves whose reason the dialog for words asks for.
SEAL_WORDS: Mapping[Action, Callable[[HandlerContext, int, str], Awaitable[None]]] = {
    Action.ASK_SEAL: _ask_seal,
    Action.OPEN_SEAL: _open_alone,
}
