"""Offer once, after the first report, to leave a telephone number.

Knows the keyboard and when it goes; domain/cases/contact.py decides whether to ask. Invariants: nobody is asked twice; the offer says who will
see the number, from the same function as the card; the keyboard goes with the next answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.contact import asks_for_phone
from domain.cases.display import display_name
from domain.cases.visibility import Part, readers_of
from domain.core.change import Event, Notice
from domain.core.numbers import mask_phone
from domain.people.people import Role
from domain.people.phones import UsedFor
from handlers.cases import moves
from handlers.people.naming import known_again
from handlers.people.privacy import accept_contact, record_use
from texts import Text

if TYPE_CHECKING:
    from domain.cases.case import CaseChange
    from domain.core.change import PersonId
    from domain.people.phones import PhoneUse
    from handlers.core.context import HandlerContext

#: Open cases whose cards are drawn again when the number is given.
MOST = 10


async def offer(ctx: HandlerContext, change: CaseChange) -> None:
    """Ask the reporter of a first report for a number, with a keyboard."""
    case = change.case
    if not asks_for_phone(change) or not ctx.incoming.private or case.reporter_id is None:
        return
    if not await ctx.unit.phones.ask(case.reporter_id, UsedFor.REPORTS, keyboard=True, at=ctx.at):
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    chairs = posts.of(Role.CHAIR, without=case.excluded_ids)
    chair = display_name(chairs[0].name if chairs else "", Role.CHAIR)
    who = Text(f"contact.seen.{readers_of(case.visibility, Part.NAME)}", who=chair)
    await ctx.notify(Notice(ctx.origin, "contact.offer", {"who": who}, ask="contact", subject=case.subject))


async def take(ctx: HandlerContext) -> bool:
    """Take the number that was offered; False for any other message.

    Raises:
        RuleError: `people.phone.own_only`, `people.phone.unreadable`.
    """
    use = await _asked(ctx) if ctx.incoming.contact is not None else None
    if use is None or use.given_at is not None:
        return False
    number = await accept_contact(ctx, ctx.incoming, {})
    await ctx.unit.privacy.set_phone(use.person_id, number)
    await known_again(ctx, use.person_id)
    await ctx.audit(Event(f"person:{use.person_id}", "phone_given", use.person_id, ctx.at))
    await record_use(ctx, use.person_id, UsedFor.REPORTS, given=True)
    ctx.keyboard_spent = True
    await ctx.reply("contact.thanks", phone=mask_phone(number))
    return True


async def hangs(ctx: HandlerContext) -> bool:
    """Tell whether the keyboard is still shown: the next answer takes it away."""
    use = await _asked(ctx)
    if use is not None and use.keyboard:
        ctx.keyboard_spent = True
        return True
    return False


async def put_away(ctx: HandlerContext) -> None:
    """Remember that an answer took the keyboard away."""
    if ctx.actor.id is not None and not ctx.keyboard_spent:
        await ctx.unit.phones.put_away(ctx.actor.id)


async def _asked(ctx: HandlerContext) -> PhoneUse | None:
    if ctx.actor.id is None or ctx.actor.suspended:
        return None
    return await ctx.unit.phones.find(ctx.actor.id, UsedFor.REPORTS)


async def redraw(ctx: HandlerContext, person_id: PersonId) -> None:
    """Draw the cards of a person's open cases again, with or without their number."""
    for number in await ctx.unit.past_reports.numbers_reported(person_id, limit=MOST):
        case = await ctx.unit.cases.find(number)
        if case is not None:
            await moves.redraw_everywhere(ctx, case)
