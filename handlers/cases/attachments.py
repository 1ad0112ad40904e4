"""Show a case with its attachments; take photos, voices, files, points, an account.

Knows which part of a case each of them is; must not know SQL. Invariant: nothing is shown to a reader who may not see that part. An album arrives
as one message for each piece, and goes where its first piece went.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole, may_see
from domain.cases.case import Action
from domain.cases.urgent import sees_place
from domain.cases.visibility import Part
from domain.cases.words.own_words import veiled, whole
from domain.core.change import Button, CaseId, Event, NotFound, Notice, RuleError
from domain.core.immutable import replace
from domain.core.numbers import parse_case_number
from handlers.cases import cards
from handlers.cases.scene_lines import age_of
from handlers.core.context import rows
from handlers.core.placing import shown_by_press
from handlers.core.pressed import pressed_number, pressed_numbers
from storage.cases.places import Point
from storage.cases.scope import standing_of
from texts import At, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from domain.cases.case import Case
    from domain.core.change import Receiver
    from handlers.core.context import HandlerContext
    from storage.cases.places import Point

#: Attachments that are shown at once.
PICTURES = 10
#: What can be kept, and its sign where words are needed and none came.
SHOWN = {"photo": "📷", "voice": "🎤", "audio": "🎤", "video": "🎬", "video_note": "🎬", "animation": "🎬", "document": "📎"}
#: What one album may hold together.
ALBUMS = ({"photo", "video"}, {"document"}, {"audio"})
#: Moves whose words, and what was sent with them, are for the reporter.
FOR_REPORTER = frozenset({Action.ASK, Action.SETTLE, Action.REFER, Action.CLOSE})


# Adding ---------------------------------------------------------------------------------------------------------------


async def attach(ctx: HandlerContext, number: CaseId, media: Mapping[str, Any], caption: str = "") -> bool:
    """Add an attachment of the actor to a case; False when it was there or the case is full.

    A place goes to the points of the case, and leaves nothing here. Everybody who was called to an urgent case gets it at once.
    """
    if caption and (case := await ctx.unit.cases.find(number)) is not None:
        caption = veiled(caption, case)
    added = await keep(ctx, number, media, caption)
    if added:
        await ctx.happened("case attached", (number, media, caption))
    return added


async def keep(ctx: HandlerContext, number: CaseId, media: Mapping[str, Any], caption: str = "") -> bool:
    """Keep an attachment or a place of a case, and tell nobody; return whether it is new."""
    most = ctx.town.limits.attachments_per_case
    if media["type"] == "location":
        known = await ctx.unit.places.newest(number)
        point = Point(
            number, media["latitude"], media["longitude"], str(media.get("name", "")), ctx.at, ctx.incoming.address,
            int(media.get("message_id", 0)),
        )  # fmt: skip
        if known is not None and known.media == point.media:
            return False
        await ctx.unit.places.add(point, by=ctx.actor.id)
        return True
    return await ctx.unit.cases.attach(number, media, unique_id=unique_of(media), by=ctx.actor.id, caption=caption, most=most, at=ctx.at)


def check_room(ctx: HandlerContext, case: Case) -> None:
    """Refuse a further attachment of a full case.

    Raises:
        RuleError: `report.attachments_full`.
    """
    most = ctx.town.limits.attachments_per_case
    if case.photos + case.voices + case.files >= most:
        raise RuleError("report.attachments_full", number=str(case.id), most=most)


def unique_of(media: Mapping[str, Any]) -> str:
    """Return the identity of an attachment: the channel's file_unique_id."""
    return str(media.get("file_unique_id"))


async def show_to_reporter(ctx: HandlerContext, number: int, action: Action, media: Mapping[str, Any]) -> None:
    """Show the reporter what a handler sent with words for them."""
    case = await ctx.unit.cases.find(CaseId(number))
    if case is None or action not in FOR_REPORTER or media["type"] not in SHOWN or case.reporter_id in (None, ctx.actor.id):
        return
    assert case.reporter_id is not None
    if case.picture == media.get("file_id") and not case.calls and case.reporter_id in await ctx.unit.cards.viewers(case.card):
        return  # their card, to which the news replies, shows it
    to = await ctx.unit.people.receiver(case.reporter_id)
    await ctx.notify(
        Notice(to, "case.picture", {"number": str(number), "caption": ""}, media=dict(media), subject=case.subject, silent=case.at_home)
    )


# Albums ---------------------------------------------------------------------------------------------------------------


async def remember_album(ctx: HandlerContext, number: int, action: Action) -> None:
    """Remember the case and the move that this album belongs to."""
    if ctx.incoming.album:
        await ctx.unit.facts.put(_album_name(ctx), f"{ctx.incoming.album} {number} {action}")


async def album_of(ctx: HandlerContext) -> tuple[int, Action] | None:
    """Return the case and the move that this album belongs to; None for anything else."""
    album, number, action = (*(await ctx.unit.facts.find(_album_name(ctx)) or "").split(" "), "", "", "")[:3]
    case = parse_case_number(number) if album and album == ctx.incoming.album else None
    return None if case is None else (case, Action(action))


async def told_of_album(ctx: HandlerContext) -> bool:
    """Return whether a picture of this album was already answered: once per album is enough."""
    told = (await ctx.unit.facts.find(_album_name(ctx)) or "").partition(" ")[0] == ctx.incoming.album
    if not told:
        await ctx.unit.facts.put(_album_name(ctx), ctx.incoming.album)
    return told


def _album_name(ctx: HandlerContext) -> str:
    return f"album:{ctx.incoming.address.chat_id}"


# Showing --------------------------------------------------------------------------------------------------------------


async def press_show(ctx: HandlerContext) -> None:
    """Show the whole case in the pressed card or at the chat's end; or the short card."""
    number = pressed_number(ctx)
    card = f"case:{number}"
    if await shown_by_press(ctx) != card:
        await show_case(ctx, number)
    else:
        case, whole = await ctx.unit.cases.visible_to(ctx.actor, number), cards.LESS not in ctx.incoming.values
        await ctx.notify(await own_card(ctx, case, whole=whole))
        if whole:
            await _show_long_words(ctx, case)


async def draw_again(ctx: HandlerContext, card: str) -> None:
    """Draw the actor's card again, in its place."""
    number = int(card.partition(":")[2])
    try:
        await ctx.notify(await own_card(ctx, await ctx.unit.cases.visible_to(ctx.actor, number)))
    except NotFound:
        await ctx.notify(cards.gone(number, ctx.origin))


async def show_case(ctx: HandlerContext, number: int) -> None:
    """Show a case with its whole timeline, as a new card at the end of the chat.

    Raises:
        NotFound: there is none, or it is not the actor's.
    """
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    await _show_long_words(ctx, case)
    await ctx.notify(await own_card(ctx, case, whole=True, as_new_message=True))


async def _show_long_words(ctx: HandlerContext, case: Case) -> None:
    """Send the words of a case that its card cuts, in as many messages as they need."""
    standing = standing_of(ctx.actor, case).standing
    if len(case.text) > cards.WHOLE and may_see(standing, Part.WORDS, case.visibility):
        named = may_see(standing, Part.NAME, case.visibility)
        params = {"number": str(case.id), "text": whole(case.text, case) if named else case.text}
        own = case.reporter_id == ctx.actor.id
        await ctx.notify(Notice(ctx.origin, "case.words", params, subject=case.subject, forwardable=own))


async def own_card(ctx: HandlerContext, case: Case, *, whole: bool = False, as_new_message: bool = False) -> Notice:
    """Return the card of a case as the actor sees it."""
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    events = await ctx.unit.cases.timeline(case.id)
    by = standing_of(ctx.actor, case)
    notice = cards.card_for(case, by, ctx.origin, posts=posts, events=events, at=ctx.at, town=ctx.town, whole=whole)
    return replace(notice, as_new_message=as_new_message)


async def press_pictures(ctx: HandlerContext) -> None:
    """Send a page of a case's attachments, and a button for the next page."""
    number, skip = pressed_numbers(ctx, 2) if len(ctx.incoming.values) > 1 else (pressed_number(ctx), 0)
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    standing = standing_of(ctx.actor, case).standing
    if not may_see(standing, Part.MEDIA, case.visibility):
        raise NotFound(case.id)
    for together in _albums(await ctx.unit.cases.attachments(case.id, limit=PICTURES, skip=skip)):
        captions = dict.fromkeys(words for _, caption in together if (words := caption_for(case, standing, caption)))
        params = {"number": str(case.id), "caption": " · ".join(captions)}
        items = [media for media, _ in together]
        media = items[0] if len(items) == 1 else {"type": "album", "items": items}
        await ctx.notify(Notice(ctx.origin, "case.picture", params, media=media, subject=case.subject))
    left = case.photos + case.voices + case.files - skip - PICTURES
    if left > 0:
        more = rows(Button("case.button.more_pictures", "c.pic", (case.id, skip + PICTURES), {"count": left}))
        await ctx.notify(Notice(ctx.origin, "case.more_pictures", {"number": str(case.id), "count": left}, more, subject=case.subject))


def caption_for(case: Case, standing: CaseRole, caption: str) -> str:
    """Return a caption in one line, with the reporter's name only for a reader who may see it."""
    named = may_see(standing, Part.NAME, case.visibility)
    return " ".join((whole(caption, case) if named else caption).split())


def _albums(kept: list[tuple[dict[str, Any], str]]) -> list[list[tuple[dict[str, Any], str]]]:
    """Return attachments in their order, those beside each other that fit one album together."""
    found: list[list[tuple[dict[str, Any], str]]] = []
    for each in kept:
        kinds = {media["type"] for media, _ in found[-1]} if found else set()
        if found and any(kinds | {each[0]["type"]} <= album for album in ALBUMS):
            found[-1].append(each)
        else:
            found.append([each])
    return found


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
