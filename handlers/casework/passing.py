"""Pass a case to a colleague, or back to the village's chair.

Knows the questions; domain/casework.py decides. Invariant: the reporter and both handlers learn of it; nobody is offered who may not see the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import casework
from domain.cases.actors import CaseRole, may_see
from domain.cases.case import IN_WORK, Action, Case
from domain.cases.move_table import MOVES
from domain.cases.visibility import Part
from domain.core.change import Button, Notice, PersonId
from domain.core.numbers import clean_text, parse_case_number
from domain.people.people import Policy
from handlers.cases.moves import WORDS, carry, number_and_words
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of
from texts import Text

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.cases.case import CaseChange
    from domain.core.change import Receiver
    from domain.people.people import Posts

_HANDLERS = (CaseRole.CHAIR, CaseRole.POLICE)
#: Further moves of a handler, in their order: action, verb, label.
_MORE = (
    (Action.SNOOZE, "k.late", "casework.button.later"),
    (Action.ASSIGN, "k.asg", "casework.button.assign"),
    (Action.HAND_BACK, "k.back", "casework.button.back"),
)


async def press_more(ctx: HandlerContext) -> None:
    """Offer the further moves that the actor may make now."""
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    by = standing_of(ctx.actor, case)
    moves = MOVES[case.state]
    offered = [
        Button(label, verb, (case.id,))
        for action, verb, label in _MORE
        if action in moves and by.standing in moves[action].by and not case.calls
    ]
    if by.standing in _HANDLERS and case.opened_by not in (None, ctx.actor.id) and may_see(by.standing, Part.NAME, case.visibility):
        offered.append(Button("casework.button.block", "bl.case", (case.id,)))
    key = "casework.more" if offered else "casework.nothing"
    await ctx.notify(Notice(ctx.origin, key, {"number": str(case.id)}, rows(*offered, width=1), subject=case.subject))


async def assign(ctx: HandlerContext) -> None:
    """`/assign n`: choose the colleague who takes a case over."""
    await _offer(ctx, number_and_words(ctx)[0])


async def press_assign(ctx: HandlerContext) -> None:
    """Choose the colleague who takes a case over."""
    await _offer(ctx, pressed_number(ctx))


async def _offer(ctx: HandlerContext, number: int) -> None:
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    by = standing_of(ctx.actor, case)
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    able = casework.colleagues(case, by, posts=posts) if by.standing in _HANDLERS and case.state in IN_WORK else ()
    buttons = [Button("casework.button.to", "k.to", (case.id, who.person_id or 0), {"name": _named(who)}) for who in able]
    key = "casework.to_whom" if able else "casework.nobody"
    await ctx.notify(Notice(ctx.origin, key, {"number": str(case.id)}, rows(*buttons), subject=case.subject))


def _named(who: Receiver) -> dict[str, Any]:
    return Text("escalation.phone.name", post=Text(f"case.post.{who.role}"), name=who.name)


async def press_assign_to(ctx: HandlerContext) -> None:
    """Give a case to the chosen colleague."""
    _, said = (*ctx.incoming.values, "", "")[:2]
    to_id = PersonId(parse_case_number(said) or 0)

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return casework.assign(case, by, to_id, posts=posts, town=ctx.town, at=ctx.at)

    await carry(ctx, pressed_number(ctx), decide)


async def back(ctx: HandlerContext) -> None:
    """`/back n why`: give a case back to its chair."""
    number, words = number_and_words(ctx)
    if words:
        await _give_back(ctx, number, words)
    else:
        await _begin_back(ctx, number)


async def press_back(ctx: HandlerContext) -> None:
    """Ask why a case goes back to its chair."""
    await _begin_back(ctx, pressed_number(ctx))


async def _begin_back(ctx: HandlerContext, number: int) -> None:
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    await begin(ctx, "back", {"number": int(case.id)})


async def _give_back(ctx: HandlerContext, number: int, words: str) -> None:
    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return casework.hand_back(case, by, clean_text(words, WORDS), posts=posts, town=ctx.town, at=ctx.at)

    await carry(ctx, number, decide)


async def reason(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take the reason in words.

    Raises:
        RuleError: `case.refused.no_words`.
    """
    return casework.check_reason(clean_text(said.text, WORDS))


async def shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    """Name the case in a question."""
    return {"number": str(answers["number"])}


async def _finish_back(ctx: HandlerContext, answers: Answers) -> None:
    await _give_back(ctx, answers["number"], answers["words"])


BACK = Dialog("back", Policy.POLICE, (Step("words", "casework.ask.back", reason, shown=shown),), _finish_back)
