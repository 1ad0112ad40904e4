"""Claim a found thing: two answers, the keeper's judgement, a code at the hand-over.

Knows the questions and the claim's card; domain/found/claims.py decides who may try. Invariants: answers are never in a message: a keeper reads
them once, over the chat; a claimant never learns which answer was wrong, nor anything of the found thing; only the claimant reads the code.
"""

from __future__ import annotations

import secrets
import unicodedata
from typing import TYPE_CHECKING, Any

from domain.core.change import Button, NotFound, Notice, RuleError
from domain.found import claims as rules
from domain.found import things
from domain.found.claims import Claim, ClaimState, ClaimVerb
from domain.people.people import Policy, Role
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.records import RecordActions, limit_rate, me, text_step
from handlers.found import publishing
from handlers.found.cards import ITEMS, LOSSES
from storage.found import FoundClaims
from texts import Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from domain.found.things import Item, Loss
    from domain.people.people import Person

#: Buttons of the keeper's card, in order; only those whose move is possible are shown.
_KEEPER = (
    (ClaimVerb.HEAR, "f.hear"),
    (ClaimVerb.ACCEPT, "f.yes"),
    (ClaimVerb.REFUSE, "f.wrong"),
    (ClaimVerb.HAND_OVER, "f.code"),
)


# The claimant ---------------------------------------------------------------------------------------------------------


async def press_claim(ctx: HandlerContext) -> None:
    """Ask the claimant for the two details; with an accepted claim, show the code again."""
    claim = _own(ctx, await CLAIMS.pressed(ctx))
    if claim.state is ClaimState.ACCEPTED:
        await _tell_code(ctx, claim)
        return
    rules.answer(claim, me(ctx), at=ctx.at)
    await _check_tries(ctx, claim)
    await begin(ctx, "found_claim", {"_number": claim.id})


async def _claim(ctx: HandlerContext, answers: Answers) -> None:
    """Give the answers to the keeper."""
    claim = _own(ctx, await CLAIMS.load(ctx, int(answers["_number"])))
    change = rules.answer(claim, me(ctx), at=ctx.at)
    await _check_tries(ctx, claim)
    await CLAIMS.store(ctx).tried(claim.item_id, me(ctx), at=ctx.at)
    claim = await CLAIMS.record(ctx, change, sealed={"answer_one": answers["one"], "answer_two": answers["two"]})
    item = await _item(ctx, claim)
    await CLAIMS.call(ctx, claim, item.keeper)
    _, of_all = await _tries(ctx, claim)
    if of_all == rules.TRIES_OF_ALL:
        waiting = [each for each in await CLAIMS.store(ctx).open_of(item_id=item.id) if each.state in rules.UNJUDGED]
        facts: dict[str, Any] = {"number": item.id, "village": item.village, "tries": of_all, "waiting": len(waiting)}
        await ITEMS.call(ctx, item, Role.OFFICER, key="claim.closed_today.to_officer", **facts)
    await tell_claimant(ctx, claim, "claim.sent")


def _own(ctx: HandlerContext, claim: Claim) -> Claim:
    """Return a claim of the actor's.

    Raises:
        NotFound: it is somebody else's, though the actor may see it in office.
    """
    if claim.claimant_id != ctx.actor.id:
        raise NotFound(claim.id)
    return claim


async def _check_tries(ctx: HandlerContext, claim: Claim) -> None:
    own, of_all = await _tries(ctx, claim)
    rules.check_tries(claim.loss_id, own=own, of_all=of_all)


async def _tries(ctx: HandlerContext, claim: Claim) -> tuple[int, int]:
    return await CLAIMS.store(ctx).tries(claim.item_id, claim.claimant_id, since=ctx.at - rules.TRIES_WITHIN)


async def tell_claimant(ctx: HandlerContext, claim: Claim, key: str, *buttons: Button, **params: object) -> None:
    """Send the claimant a message, also when the claimant is the actor."""
    to = await ctx.unit.people.receiver(claim.claimant_id)
    await ctx.notify(Notice(to, key, params, rows(*buttons), subject=rules.CLAIMS.subject(claim)))


async def _tell_code(ctx: HandlerContext, claim: Claim) -> None:
    again = Button("claim.button.again", "f.claim", (claim.id,))
    valuable = Text("claim.bring.valuable" if claim.kind in things.FOR_POLICE else "claim.bring")
    await tell_claimant(ctx, claim, "claim.accepted", again, number=claim.loss_id, code=claim.code, bring=valuable)


# The keeper -----------------------------------------------------------------------------------------------------------


async def pressed_by_keeper(ctx: HandlerContext) -> Item:
    """Return the pressed thing for a keeper who may read its details or give it away.

    Raises:
        NotFound: it is not theirs to handle, or they claim it themselves.
    """
    item = await ITEMS.pressed(ctx, handling=True)
    if any(claim.claimant_id == ctx.actor.id for claim in await CLAIMS.store(ctx).open_of(item_id=item.id)):
        raise NotFound(item.id)
    return item


async def press_hear(ctx: HandlerContext) -> None:
    """Show a keeper, over the chat and once, what the claimant said."""
    claim = await CLAIMS.record(ctx, rules.hear(await CLAIMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    said = await CLAIMS.store(ctx).unseal(ctx.actor, claim.id, at=ctx.at, once=True)
    ctx.toast("claim.toast.answers", alert=True, one=said["answer_one"], two=said["answer_two"])


async def press_yes(ctx: HandlerContext) -> None:
    """Accept the claimant as the owner and give them a code."""
    claim = await CLAIMS.pressed(ctx, handling=True)
    others = await CLAIMS.store(ctx).open_of(item_id=claim.item_id)
    code = f"{secrets.randbelow(1_000_000):06d}"
    claim = await CLAIMS.record(ctx, rules.accept(claim, me(ctx), code, others, at=ctx.at))
    await _tell_code(ctx, claim)
    ctx.toast("claim.toast.accepted")


async def press_no(ctx: HandlerContext) -> None:
    """Refuse the answers; tell the officer when no try is left."""
    claim = await CLAIMS.record(ctx, rules.refuse(await CLAIMS.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    own, of_all = await _tries(ctx, claim)
    item = await ITEMS.record(ctx, things.deny(await _item(ctx, claim), me(ctx), at=ctx.at))
    if rules.is_locked(own=own, of_all=of_all):
        await tell_claimant(ctx, claim, "claim.locked", number=claim.loss_id)
        await ITEMS.call(ctx, item, Role.OFFICER, key="claim.locked.to_officer", number=item.id, village=item.village)
    else:
        again = Button("claim.button.claim", "f.claim", (claim.id,))
        await tell_claimant(ctx, claim, "claim.wrong", again, number=claim.loss_id)
    ctx.toast("claim.toast.refused")


async def press_code(ctx: HandlerContext) -> None:
    """Ask the keeper for the receiver's code."""
    claim = await CLAIMS.pressed(ctx, handling=True)
    rules.hand_over(claim, me(ctx), at=ctx.at)
    await begin(ctx, "found_code", {"_number": claim.id})


async def _accept_code(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    claim = await CLAIMS.load(ctx, int(answers["_number"]), handling=True)
    typed = "".join(unicodedata.normalize("NFKC", said.text).split())
    if not claim.code or not secrets.compare_digest(typed.encode(), claim.code.encode()):
        await limit_rate(ctx, "found code", most=rules.WRONG_CODES, within=rules.TRIES_WITHIN, key="claim.code_too_many")
        raise RuleError("claim.code_again")
    return ""


async def _hand_over(ctx: HandlerContext, answers: Answers) -> None:
    claim = await CLAIMS.load(ctx, int(answers["_number"]), handling=True)
    item = await give_back(ctx, await _item(ctx, claim))
    await ctx.reply("claim.handed_over", number=item.id)


async def give_back(ctx: HandlerContext, item: Item) -> Item:
    """Record that the owner has a thing, and tell the people who wait for it."""
    item = await ITEMS.record(ctx, things.hand_over(item, me(ctx), at=ctx.at))
    await item_ended(ctx, item)
    await ITEMS.notify(ctx, item, "found.returned.to_finder", item.finder_id, number=item.id, what=item.what)
    return item


async def item_ended(ctx: HandlerContext, item: Item) -> None:
    """End the group's card and the claims to a thing.

    The accepted claimant has it back if it was returned.
    """
    await publishing.close(ctx, item)
    for claim in await CLAIMS.store(ctx).open_of(item_id=item.id):
        if item.state is things.State.RETURNED and claim.state is ClaimState.ACCEPTED:
            await CLAIMS.record(ctx, rules.hand_over(claim, me(ctx), at=ctx.at))
            loss = await LOSSES.store(ctx).find(claim.loss_id)
            if loss is not None and loss.ended_at is None:
                await loss_ended(ctx, await LOSSES.record(ctx, things.got_back(loss, me(ctx), at=ctx.at)))
        else:
            await CLAIMS.record(ctx, rules.close(claim, me(ctx), at=ctx.at))


async def loss_ended(ctx: HandlerContext, loss: Loss) -> None:
    """Close the other claims for a lost thing that is back."""
    for claim in await CLAIMS.store(ctx).open_of(loss_id=loss.id):
        await CLAIMS.record(ctx, rules.close(claim, me(ctx), at=ctx.at))


async def erase_due(ctx: HandlerContext) -> None:
    """Erase the claims to a thing that is over, with the tries and the losses behind them."""
    assert ctx.timer is not None
    await CLAIMS.store(ctx).erase_about(int(ctx.timer.data["number"]))


async def _item(ctx: HandlerContext, claim: Claim) -> Item:
    item = await ITEMS.store(ctx).find(claim.item_id)
    assert item is not None, "a claim's thing is never deleted"
    return item


# The card -------------------------------------------------------------------------------------------------------------


async def _card(ctx: HandlerContext, claim: Claim, to: Receiver, handling: bool) -> Notice:
    """Return the card of a claim: it holds neither answers nor the code."""
    facts = {"number": claim.item_id, "village": claim.village, "state": Text(f"claim.is.{claim.state}", number=claim.id)}
    offered = [Button(f"claim.button.{verb}", press, (claim.id,)) for verb, press in _KEEPER if rules.CLAIMS.allows(claim, verb)]
    return Notice(to, "claim.card", facts, rows(*offered) if handling else ())


def _may_judge(actor: Person, claim: Claim) -> bool:
    return things.may_keep_of(actor, claim.kind, claim.village_id, claim.station_id)


CLAIMS: RecordActions[Claim, FoundClaims] = RecordActions(
    rules.CLAIMS,
    FoundClaims,
    card=_card,
    may_handle=_may_judge,
    parts=lambda claim: (claim.claimant_id, claim.finder_id),
    asks=lambda claim: () if claim.state is ClaimState.OFFERED else (things.keeper_of(claim.kind),),
)
CLAIM = Dialog(
    "found_claim",
    Policy.JOINED,
    (
        text_step("one", "claim.one.question", most=rules.ANSWER_LENGTH, again="found.detail_again"),
        text_step("two", "claim.two.question", most=rules.ANSWER_LENGTH, again="found.detail_again"),
    ),
    _claim,
)
CODE = Dialog("found_code", Policy.HANDLER, (Step("code", "claim.code.question", _accept_code),), _hand_over)
