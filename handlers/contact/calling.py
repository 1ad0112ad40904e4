"""Tell a resident whom to call: the chair's own number only if the chair gave it for that.

Knows sentences; domain/people/phones.py decides. Invariant: every number that is told to a resident was given for residents, or is in the
town's public list; the reader of a private one is in the audit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.display import display_name
from domain.core.change import Button, Event, Notice
from domain.core.numbers import mask_phone
from domain.people.people import Role
from domain.people.phones import UsedFor, whom_to_call
from handlers.core.context import rows
from texts import Joined, Lines, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from handlers.core.context import HandlerContext


async def press_call(ctx: HandlerContext) -> None:
    """Give the number of the village's chair, if the chair allows it, else public numbers."""
    public = sorted(ctx.town.phones)
    if ctx.actor.village_id is None:
        await ctx.reply("contact.call.public", who=Text("case.post.chair"), phones=_public(public))
        return
    posts = await ctx.unit.people.posts_of(ctx.actor.village_id, at=ctx.at)
    holders = [who.person_id for who in posts.of(Role.CHAIR, Role.OFFICER) if who.person_id is not None]
    given = await ctx.unit.phones.given_for(holders, UsedFor.POST)
    asked = await ctx.unit.phones.asked_for(holders, UsedFor.POST)
    found = whom_to_call(posts, given, asked, public=public)
    for who in found.ask:
        await _ask(ctx, who)
    if not found.people:
        chair = next(iter(posts.of(Role.CHAIR)), None)
        await ctx.reply(
            "contact.call.public", who=display_name("" if chair is None else chair.name, Role.CHAIR), phones=_public(found.public)
        )
        return
    lines = [Text("contact.call.line", who=display_name(who.name, who.role), phone=phone) for who, phone in found.people]
    await ctx.reply("contact.call.chair" if found.role is Role.CHAIR else "contact.call.officer", lines=Lines(lines))
    await ctx.audit(*(Event(f"person:{who.person_id}", "phone_shown", ctx.actor.id, ctx.at) for who, _ in found.people))


async def _ask(ctx: HandlerContext, who: Receiver) -> None:
    """Ask a holder once whether residents may call their number, or to leave one."""
    assert who.person_id is not None
    person = await ctx.unit.people.find(who.person_id, at=ctx.at)
    if person is None or not person.phone or not await ctx.unit.phones.ask(who.person_id, UsedFor.POST, at=ctx.at):
        return
    buttons = rows(Button("contact.button.show", "ph.use", ("post", 1)), Button("contact.button.hide", "ph.use", ("post", 0)))
    await ctx.notify(Notice(who, "contact.ask_post", {"phone": mask_phone(person.phone)}, buttons))


def _public(phones: list[str] | tuple[str, ...]) -> object:
    return Text("contact.call.phones", phones=Joined(list(phones))) if phones else ""
