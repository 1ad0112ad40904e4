"""Show what was added to a case: photos, voices, files, points, an account.

Knows which part of a case each of them is; must not know SQL. Invariant: nothing is shown to a reader who may not see that part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole, may_see
from domain.cases.urgent import sees_place
from domain.cases.visibility import Part
from domain.cases.words.own_words import whole
from domain.core.change import Button, Event, NotFound, Notice
from handlers.cases.cards import age_of
from handlers.core.context import rows
from handlers.core.pressed import pressed_number, pressed_numbers
from storage.cases.scope import standing_of
from texts import At, Text

if TYPE_CHECKING:
    from typing import Any

    from domain.cases.case import Case
    from domain.core.change import Receiver
    from handlers.core.context import HandlerContext
    from storage.cases.places import Point

#: Attachments that are shown at once.
PICTURES = 10


async def press_pictures(ctx: HandlerContext) -> None:
    """Send a page of a case's attachments, and a button for the next page."""
    number, skip = pressed_numbers(ctx, 2) if len(ctx.incoming.values) > 1 else (pressed_number(ctx), 0)
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    standing = standing_of(ctx.actor, case).standing
    if not may_see(standing, Part.MEDIA, case.visibility):
        raise NotFound(case.id)
    for media, caption in await ctx.unit.cases.attachments(case.id, limit=PICTURES, skip=skip):
        params = {"number": str(case.id), "caption": caption_for(case, standing, caption)}
        await ctx.notify(Notice(ctx.origin, "case.picture", params, media=media, subject=case.subject))
    left = case.photos + case.voices + case.files - skip - PICTURES
    if left > 0:
        more = rows(Button("case.button.more_pictures", "c.pic", (case.id, skip + PICTURES), {"count": left}))
        await ctx.notify(Notice(ctx.origin, "case.more_pictures", {"number": str(case.id), "count": left}, more, subject=case.subject))


def caption_for(case: Case, standing: CaseRole, caption: str) -> str:
    """Return a caption in one line, with the reporter's name only for a reader who may see it."""
    named = may_see(standing, Part.NAME, case.visibility)
    return " ".join((whole(caption, case) if named else caption).split())


async def press_place(ctx: HandlerContext) -> None:
    """Send the points of a case's place, oldest first, each with its age."""
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    points = await ctx.unit.places.of(case.id)
    if not points or not sees_place(case, standing_of(ctx.actor, case).standing):
        raise NotFound(case.id)
    for point in points:
        await ctx.notify(point_of(ctx, case, point, ctx.origin))


def point_of(ctx: HandlerContext, case: Case, point: Point, to: Receiver) -> Notice:
    """Return a point of the place as a message: the pin, then its name and age."""
    name: Any = Text("case.point.name", name=point.name) if point.name else ""
    params = {"number": str(case.id), "name": name, "at": At(point.added_at, "time"), "age": age_of(ctx.at - point.added_at)}
    return Notice(to, "case.point", params, media=point.media, subject=case.subject)


async def press_account(ctx: HandlerContext) -> None:
    """Show the police the account to which money was sent, over the chat.

    No message holds it, and each look is in the audit.
    """
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    if standing_of(ctx.actor, case).standing is not CaseRole.POLICE:
        raise NotFound(case.id)
    transfer = await ctx.unit.transfers.find(case.id)
    if transfer is None:
        ctx.toast("case.account.none", alert=True)
        return
    await ctx.audit(Event(case.subject, "account_read", ctx.actor.id, ctx.at))
    ctx.toast("case.account", alert=True, account=transfer.account)
