"""Pass on the place of an urgent case, its photos and voices to everybody who was called.

Knows who may see which; must not know SQL or log a coordinate. Invariants: a pin of somebody who called for help belongs to that call;
of a live location the newest point goes on, at most once in a minute and without a sound; nobody who may not see the case gets a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases.actors import may_see
from domain.cases.display import display_name
from domain.cases.urgent import sees_place
from domain.cases.visibility import Part
from domain.core.change import CaseId, Leaves, Notice, Priority
from domain.core.immutable import replace
from handlers.callouts.called import load_called
from handlers.cases import attachments, moves, reports
from handlers.cases.attachments import caption_for, point_of
from handlers.core import dialogs
from handlers.core.placing import ASKED, spend
from texts import Joined

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.core.change import Receiver
    from handlers.core.context import HandlerContext
    from storage.cases.places import Point

#: A live location goes on once in this span.
LIVE = timedelta(minutes=1)
#: Photos and voices of a new case that go on at once.
MOST = 10


def where_card(case: Case) -> str:
    """Return the name of the question where the reporter of an urgent case is."""
    return f"{case.card}:where{ASKED}"


async def take_pin(ctx: HandlerContext) -> bool:
    """Add a place that somebody sends to their open urgent case; False when there is none."""
    said = ctx.incoming
    if said.location is None or ctx.actor.id is None:
        return False
    case = await ctx.unit.search.urgent_of(ctx.actor.id)
    if case is None or (not case.calls and await dialogs.is_open(ctx)):
        return False
    media = reports.media_of(said)
    assert media is not None
    await attachments.attach(ctx, case.id, media)
    case = await ctx.unit.cases.find(case.id) or case
    await moves.redraw_everywhere(ctx, case)
    told = await _who_see(ctx, case)
    await spend(ctx, where_card(case), Leaves.NOTHING)
    key = "scene.place.received" if told else "scene.place.kept"
    names = Joined([display_name(who.name, who.role) for who in told]) if told else ""
    await ctx.notify(Notice(ctx.origin, key, {"number": str(case.id), "who": names}, silent=case.at_home))
    return True


async def moved(ctx: HandlerContext) -> bool:
    """Take a live location that moved; False when the message showed none of a case."""
    said = ctx.incoming
    if said.location is None or ctx.actor.id is None:
        return False
    before = await ctx.unit.places.shown_in(said.address, said.message_id)
    if before is None:
        return await _moved_before(ctx, said.location)
    case = await ctx.unit.cases.find(before.case_id)
    if case is None or case.ended or case.opened_by != ctx.actor.id or (before.latitude, before.longitude) == said.location:
        return True
    latitude, longitude = said.location
    point = replace(before, latitude=latitude, longitude=longitude, added_at=ctx.at)
    goes_on = case.scene is not None and (before.sent_at is None or ctx.at - before.sent_at >= LIVE)
    await ctx.unit.places.add(replace(point, sent_at=ctx.at) if goes_on else point, by=ctx.actor.id)
    if goes_on:
        await _send_point(ctx, case, point, quiet=True)
        placed = replace(case, placed_at=ctx.at)
        await moves.redraw_everywhere(ctx, placed)
        await ctx.happened("case placed", placed)
    return True


async def _moved_before(ctx: HandlerContext, location: tuple[float, float]) -> bool:
    """Keep the newest point of a live location in an unfinished dialog; False without one."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    place = None if draft is None else draft.answers.get("place")
    if draft is None or not isinstance(place, dict) or place.get("message_id") != ctx.incoming.message_id:
        return False
    newest = place | {"latitude": location[0], "longitude": location[1]}
    await ctx.unit.drafts.put(replace(draft, answers=draft.answers | {"place": newest}))
    return True


async def keeping_over(ctx: HandlerContext) -> None:
    """Delete the coordinates of an urgent case a day after its end, unless it goes on again."""
    assert ctx.timer is not None
    case = await ctx.unit.cases.find(int(ctx.timer.data.get("case", 0)))
    if case is not None and case.ended and case.fence == ctx.timer.data.get("fence"):
        await ctx.unit.places.forget(case.id)


async def pass_on(ctx: HandlerContext, attached: tuple[CaseId, Mapping[str, Any], str]) -> None:
    """Send what was added to an urgent case to everybody who was called and may see it."""
    number, media, caption = attached
    case = await ctx.unit.cases.find(number)
    if case is None or case.scene is None or case.ended:
        return
    if media["type"] == "location":
        await _send_newest(ctx, case)
        return
    album = ctx.incoming.album
    quiet = bool(album) and await ctx.unit.facts.find(f"album:{ctx.incoming.address.chat_id}") == album
    await _send_media(ctx, case, dict(media), caption, quiet=quiet)


async def send_gathered(ctx: HandlerContext, case: Case) -> None:
    """Send what an urgent case was opened with: its place, photos and voices, after its card."""
    await _send_newest(ctx, case)
    for media, caption in await ctx.unit.cases.attachments(case.id, limit=MOST):
        await _send_media(ctx, case, media, caption, quiet=True)


async def _send_newest(ctx: HandlerContext, case: Case) -> None:
    point = await ctx.unit.places.newest(case.id)
    if point is not None:
        await _send_point(ctx, case, point)
        await ctx.unit.places.sent(case.id, at=ctx.at)
        await ctx.happened("case placed", case)


async def _send_point(ctx: HandlerContext, case: Case, point: Point, *, quiet: bool = False) -> None:
    for who in await _who_see(ctx, case):
        notice = replace(point_of(ctx, case, point, who), card=f"{case.card}:pin", as_new_message=True, latest=True)
        await ctx.notify(_rings(case, notice, quiet=quiet))


async def _who_see(ctx: HandlerContext, case: Case) -> list[Receiver]:
    called = await load_called(ctx, case, without=ctx.actor.id)
    return [each.to for each in called.handlers if each.by is not None and sees_place(case, each.by.standing)]


async def _send_media(ctx: HandlerContext, case: Case, media: dict[str, Any], caption: str, *, quiet: bool) -> None:
    called = await load_called(ctx, case, without=ctx.actor.id)
    for each in called.handlers:
        if each.by is not None and may_see(each.by.standing, Part.MEDIA, case.visibility):
            params = {"number": str(case.id), "caption": caption_for(case, each.by.standing, caption)}
            notice = Notice(each.to, "case.picture", params, media=media)
            shown = _rings(case, replace(notice, subject=case.subject), quiet=quiet)
            await ctx.notify(replace(shown, priority=Priority.ESCALATION))  # many photos never delay another call


def _rings(case: Case, notice: Notice, *, quiet: bool) -> Notice:
    """Return a message to the people called: it leaves at once, with a sound unless `quiet`."""
    return replace(notice, priority=Priority.SOS, stays=True, rings=not quiet, silent=quiet, excluded_ids=case.excluded_ids)
