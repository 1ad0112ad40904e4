"""Keep found things until their owner has them, and remind the people who must act.

Knows the keeper's buttons and the reminders. Invariants: details that only the owner can know are never in a message: a keeper reads them over
the chat, and that is recorded; the finder of a thing never decides about it.
"""

from __future__ import annotations

from typing import Any

from domain.core.change import Button, RuleError
from domain.found import things as rules
from domain.found.things import Class, Item, State
from domain.people.people import Policy, Role
from handlers.core.context import HandlerContext
from handlers.core.dialogs import Answers, Dialog, begin
from handlers.core.records import me, text_step
from handlers.found import claims
from handlers.found.cards import ITEMS, LOSSES

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
    item = await claims.pressed_by_keeper(ctx)
    key = "found.give.valuable" if item.kind is Class.VALUABLE else "found.give.question"
    yes, no = Button("found.button.given", "f.given", (item.id,)), Button("found.button.not_yet", "f.see", (item.id,))
    await ctx.reply(key, buttons=((yes, no),), number=item.id, what=item.what)


async def press_given(ctx: HandlerContext) -> None:
    """Record that the owner has it back."""
    item = await claims.give_back(ctx, await claims.pressed_by_keeper(ctx))
    ctx.toast("found.toast.returned", number=item.id)


async def press_not_theirs(ctx: HandlerContext) -> None:
    """Record that somebody asked for it and could not describe it."""
    item = await ITEMS.record(ctx, rules.deny(await ITEMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    ctx.toast("found.toast.not_theirs", count=item.denials)


async def press_details(ctx: HandlerContext) -> None:
    """Show a keeper, over the chat, the details that only the owner can know."""
    item = await claims.pressed_by_keeper(ctx)
    known = await ITEMS.store(ctx).unseal(ctx.actor, item.id, at=ctx.at)
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
    await claims.item_ended(ctx, item)
    await ITEMS.call(ctx, item, item.keeper, key="found.withdrawn.to_keeper", number=item.id, what=item.what)
    await ctx.reply("found.withdrawn", number=item.id)


async def press_got_back(ctx: HandlerContext) -> None:
    """Record that the person who lost a thing has it back."""
    loss = await LOSSES.record(ctx, rules.got_back(await LOSSES.pressed(ctx), me(ctx), at=ctx.at))
    await claims.loss_ended(ctx, loss)
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
    await ctx.start_timers(rules.remind_again(item, ctx.at, turn + 1))


def _reminded(item: Item) -> dict[str, Any]:
    see = ((Button("found.button.see", "f.see", (item.id,)),),)
    return {"buttons": see, "number": item.id, "village": item.village, "what": item.what, "finder": item.finder_name}
