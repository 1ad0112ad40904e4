"""/block: stop the reports of a villager who abuses them; police decide.

Knows the dialog, the card and its buttons; a chair may propose a block. Shows no name of a reporter: a block names a case, because its reporter may be hidden.
Invariants: the person and the leaders are told of every block and of its end; the SOS button and 110 stay; no refusal tells who a hidden
reporter is, or that two cases have the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import blocks as rules
from domain.blocks import BLOCKS, DAYS, EXPIRED, LAPSED, LONGEST_REASON, Block, State
from domain.cases.actors import may_see
from domain.cases.visibility import Part
from domain.core.change import Button, NotFound, Notice, PersonId, Receiver, RuleError
from domain.core.numbers import parse_case_number
from domain.people.people import Policy, Role
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.delivery_gate import who_may_know
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.feature import Feature
from handlers.core.pressed import pressed_number
from handlers.core.records import RecordActions, me, text_step
from handlers.core.route import OFFICERS, ButtonRoute, CommandRoute, TimerRoute
from storage.blocks import Blocks
from storage.cases.scope import standing_of
from texts import At, Text

if TYPE_CHECKING:
    from domain.core.change import Keyboard
    from domain.people.people import Village

SHOWN = 10


async def block(ctx: HandlerContext) -> None:
    """`/block n [reason]`: block a case's reporter; without a number, list the open blocks."""
    first, _, reason = ctx.args.partition(" ")
    number = parse_case_number(first)
    if number is None:
        await _list(ctx)
        return
    await _target(ctx, number)
    answers: Answers = {"case": number}
    if reason.strip():
        answers["reason"] = reason.strip()[:LONGEST_REASON]
    await begin(ctx, DIALOG.name, answers)


async def press_begin(ctx: HandlerContext) -> None:
    """Block the reporter of a case, or propose it, from the case's further moves."""
    number = pressed_number(ctx)
    await _target(ctx, number)
    await begin(ctx, DIALOG.name, {"case": number})


async def press_block(ctx: HandlerContext) -> None:
    """Decide a proposal: block."""
    value = await BLOCKED.pressed(ctx, handling=True)
    await _target(ctx, value.case_id)
    await _block(ctx, value)
    ctx.toast("block.toast.blocked")


async def press_decline(ctx: HandlerContext) -> None:
    """Decide a proposal: do not block; tell the chair who proposed it."""
    value = await BLOCKED.record(ctx, rules.decline(await BLOCKED.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    await BLOCKED.notify(ctx, value, "block.declined.to_chair", value.opened_by, case=str(value.case_id))
    ctx.toast("block.toast.declined")


async def press_lift(ctx: HandlerContext) -> None:
    """End a block before its time."""
    await _lift(ctx, await BLOCKED.pressed(ctx, handling=True), me(ctx))
    ctx.toast("block.toast.lifted")


async def press_show(ctx: HandlerContext) -> None:
    """Show a block as it is now."""
    await BLOCKED.show(ctx, await BLOCKED.pressed(ctx))


async def expired(ctx: HandlerContext) -> None:
    """End a block whose time is over (clock)."""
    value = await BLOCKED.due(ctx)
    if value is not None and value.state is State.ACTIVE:
        await _lift(ctx, value, None)


async def lapsed(ctx: HandlerContext) -> None:
    """End a proposal that nobody decided (clock)."""
    value = await BLOCKED.due(ctx)
    if value is not None and value.state is State.PROPOSED:
        await BLOCKED.record(ctx, rules.decline(value, None, at=ctx.at))


# The dialog -----------------------------------------------------------------------------------------------------------


async def _day_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice("block.days", str(days), {"days": days}) for days in DAYS)


async def _accept_days(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    if said.text not in {str(days) for days in DAYS}:
        raise RuleError("block.days.again")
    return int(said.text)


async def _shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"number": str(answers["case"])}


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    village, person_id = await _target(ctx, int(answers["case"]))
    if await BLOCKED.store(ctx).open_about(int(answers["case"])) is not None:
        raise RuleError("block.already")
    value = Block(
        id=await BLOCKED.store(ctx).next_number(),
        village_id=village.id,
        station_id=village.station_id,
        person_id=person_id,
        case_id=int(answers["case"]),
        reason=answers["reason"],
        days=int(answers["days"]),
        state=State.PROPOSED,
        opened_by=me(ctx),
        opened_at=ctx.at,
    )
    value = await BLOCKED.open(ctx, rules.propose(value, at=ctx.at))
    if rules.may_block(ctx.actor, village):
        value = await _block(ctx, value)
        await BLOCKED.show(ctx, value)
        return
    await BLOCKED.call(ctx, value, Role.OFFICER)
    await ctx.reply("block.proposed", number=str(value.case_id))


DIALOG = Dialog(
    "block",
    Policy.HANDLER,
    (
        Step("days", "block.days.question", _accept_days, choices=_day_choices, shown=_shown, wide=3),
        text_step("reason", "block.reason.question", most=LONGEST_REASON, again="block.reason.again", shown=_shown),
    ),
    _finish,
)


# Parts ----------------------------------------------------------------------------------------------------------------


async def _target(ctx: HandlerContext, number: int) -> tuple[Village, PersonId]:
    """Return the village and the reporter of a case that the actor handles.

    Raises:
        RuleError: `NotFound`, or the person cannot be blocked.
    """
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    village = await ctx.unit.people.village(case.village_id)
    if not (rules.may_block(ctx.actor, village) or rules.may_propose(ctx.actor, village)) or case.opened_by == ctx.actor.id:
        raise NotFound(number)
    target = None if case.opened_by is None else await ctx.unit.people.find(case.opened_by, at=ctx.at)
    named = may_see(standing_of(ctx.actor, case).standing, Part.NAME, case.visibility)
    return village, rules.check_target(target, named=named)


async def _block(ctx: HandlerContext, value: Block) -> Block:
    value = await BLOCKED.record(ctx, rules.decide(value, ctx.actor, at=ctx.at))
    assert value.until_at is not None
    await BLOCKED.store(ctx).set_end(value.person_id, await BLOCKED.store(ctx).end_of(value.person_id))
    who = await ctx.unit.people.receiver(value.person_id)
    await ctx.notify(Notice(who, "block.blocked.to_person", {"until": At(value.until_at), "reason": value.reason}))
    await BLOCKED.notify(ctx, value, "block.blocked.to_chair", value.opened_by, case=str(value.case_id), until=At(value.until_at))
    await _tell_leaders(ctx, value, "block.blocked.to_leader", until=At(value.until_at), reason=value.reason)
    return value


async def _lift(ctx: HandlerContext, value: Block, by: PersonId | None) -> None:
    value = await BLOCKED.record(ctx, rules.lift(value, by, at=ctx.at))
    await BLOCKED.store(ctx).set_end(value.person_id, await BLOCKED.store(ctx).end_of(value.person_id))
    await ctx.notify(Notice(await ctx.unit.people.receiver(value.person_id), "block.lifted.to_person"))
    await _tell_leaders(ctx, value, "block.lifted.to_leader")


async def _tell_leaders(ctx: HandlerContext, value: Block, key: str, **params: Any) -> None:
    """Tell the leaders who may read the block: its case does not concern them."""
    posts = await ctx.unit.people.station_posts(value.station_id, at=ctx.at)
    leaders = posts.of(Role.LEADER)
    for leader in await who_may_know(ctx.unit, BLOCKS.subject(value), leaders, at=ctx.at):
        if leader.person_id != ctx.actor.id:
            facts = {"case": str(value.case_id), "village": value.village, "name": ctx.actor.name or Text("case.who.clock")} | params
            await ctx.notify(Notice(leader, key, facts, subject=BLOCKS.subject(value)))


async def _list(ctx: HandlerContext) -> None:
    found = await BLOCKED.store(ctx).list_open(ctx.actor, limit=SHOWN)
    await ctx.reply("block.list", count=len(found))
    for value in found:
        await BLOCKED.show(ctx, value)


async def _card(ctx: HandlerContext, value: Block, to: Receiver, handling: bool) -> Notice:
    buttons: Keyboard = ()
    if handling and value.state is State.PROPOSED:
        buttons = rows(
            Button("block.button.block", "bl.yes", (value.id,), {"days": value.days}), Button("block.button.decline", "bl.no", (value.id,))
        )
    elif handling and value.state is State.ACTIVE:
        buttons = rows(Button("block.button.lift", "bl.end", (value.id,)))
    proposer = await ctx.unit.people.find(value.opened_by, at=ctx.at)
    params = {
        "case": str(value.case_id),
        "village": value.village,
        "days": value.days,
        "reason": value.reason,
        "by": proposer.name if proposer else "",
        "state": Text(f"block.state.{value.state}", until=At(value.until_at) if value.until_at else ""),
    }
    return Notice(to, "block.card", params, buttons)


BLOCKED: RecordActions[Block, Blocks] = RecordActions(
    BLOCKS, Blocks, card=_card, may_handle=rules.may_decide, parts=lambda value: (value.person_id,), asks=lambda value: (Role.OFFICER,)
)
FEATURE = Feature(
    "blocks",
    routes=(
        CommandRoute("block", block, Policy.HANDLER, menu=OFFICERS),
        ButtonRoute("bl.case", press_begin, Policy.HANDLER),
        ButtonRoute("bl.yes", press_block, Policy.POLICE, fresh=press_show),
        ButtonRoute("bl.no", press_decline, Policy.POLICE, fresh=press_show),
        ButtonRoute("bl.end", press_lift, Policy.POLICE, fresh=press_show),
        TimerRoute(EXPIRED, expired),
        TimerRoute(LAPSED, lapsed),
    ),
    records=(BLOCKED,),
    dialogs=(DIALOG,),
)
