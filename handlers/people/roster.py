"""/roster: show the holders of posts, one village at a time; suspend and restore people.

Knows pages and cards; domain/people/people.py decides who sees what, and who may suspend whom. Invariants: every press checks again what
the reader may see; a suspension takes effect with the next update; a telephone number is shown in private to those who need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice, PersonId, RuleError, VillageId
from domain.core.numbers import mask_phone
from domain.people.people import OFFICE, RANK, Role, may_see_phone, read_scope
from domain.people.powers import may_hand_over, may_suspend, suspending_post
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from handlers.people import approving, inviting
from handlers.people.access_revocation import revoke_access
from handlers.people.appointing import can_restore, in_charge, post_text
from texts import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.people.people import Person, Village
    from storage.people.directory import Holder

A_PAGE = 10


async def roster(ctx: HandlerContext) -> None:
    """Show the villages that the reader may see; those without chair or officer are marked.

    Raises:
        RuleError: `refused.not_allowed`: the reader's post reads no directory.
    """
    if not ctx.actor.holds(*OFFICE):
        raise RuleError("refused.not_allowed")
    await _draw_roster(ctx, 0, as_new_message=True)


async def press_page(ctx: HandlerContext) -> None:
    """Turn a page of the roster."""
    await _draw_roster(ctx, pressed_number(ctx), as_new_message=False)


async def press_village(ctx: HandlerContext) -> None:
    """Show one village's posts; 0 is the station itself."""
    village_id = VillageId(pressed_number(ctx))
    holders = await ctx.unit.directory.holders(read_scope(ctx.actor), at=ctx.at, village_id=village_id or None)
    if not village_id:
        holders = [holder for holder in holders if holder.post.village_id is None]
    if not holders and village_id not in {village.id for village in await _villages(ctx)}:
        raise RuleError("people.not_found")
    holders.sort(key=lambda holder: -RANK.index(holder.post.role))
    title = (await ctx.unit.people.village(village_id)).name if village_id else Text("people.station")
    people = {holder.person_id: holder.name for holder in holders}
    buttons = rows(*(Button("people.button.person", "rp", (person_id,), {"name": name}) for person_id, name in people.items()))
    lines = Lines([_line(ctx.actor, holder) for holder in holders] or [Text("people.nobody")])
    back = (Button("people.button.roster", "rpage", (0,)),)
    await ctx.reply("people.village", buttons=(*buttons, back), card="roster", as_new_message=False, village=title, lines=lines)


async def press_person(ctx: HandlerContext) -> None:
    """Show one person's posts and the possible actions."""
    person, holders = await _person(ctx)
    await _draw_person(ctx, person, holders)


async def press_suspend(ctx: HandlerContext) -> None:
    """Suspend somebody: from the next update on they are a stranger.

    Everything that they have begun and not ended is stopped too.
    """
    person, _ = await _person(ctx)
    if not may_suspend(ctx.actor, person) or person.id is None:
        raise RuleError("refused.not_allowed")
    if await ctx.unit.directory.suspend(person.id, at=ctx.at, by=suspending_post(ctx.actor, person)):
        await ctx.unit.invitations.revoke_for(person.id, at=ctx.at)
        await approving.drop_waiting(ctx, person.id)
        await ctx.audit(Event(f"person:{person.id}", "suspended", ctx.actor.id, ctx.at))
        await revoke_access(ctx.unit, person.id, ctx.hooks, by=ctx.actor.id, at=ctx.at)
        await _tell_leaders(ctx, person, "people.suspended.to_leader")
    ctx.toast("people.suspended.toast")
    await _draw_person(ctx, *await _person(ctx))


async def press_restore(ctx: HandlerContext) -> None:
    """Restore somebody, as the rank that suspended them or a higher one of the same station."""
    person, _ = await _person(ctx)
    if not await can_restore(ctx, ctx.actor, person) or person.id is None:
        raise RuleError("refused.not_allowed")
    if await ctx.unit.directory.restore(person.id):
        await ctx.audit(Event(f"person:{person.id}", "restored", ctx.actor.id, ctx.at))
        await _tell_leaders(ctx, person, "people.restored.to_leader")
        await ctx.notify(Notice(await ctx.unit.people.receiver(person.id), "people.restored.to_person"))
    ctx.toast("people.restored.toast")
    await _draw_person(ctx, *await _person(ctx))


async def press_invite_again(ctx: HandlerContext) -> None:
    """Issue a code for somebody of the roster: not online yet, or on a new phone."""
    person, _ = await _person(ctx)
    await inviting.issue_for(ctx, person)


async def _draw_roster(ctx: HandlerContext, page: int, *, as_new_message: bool) -> None:
    villages = await _villages(ctx)
    pages = max(1, -(-len(villages) // A_PAGE))
    page = min(page, pages - 1)
    shown = villages[page * A_PAGE : (page + 1) * A_PAGE]
    holders = await ctx.unit.directory.holders(read_scope(ctx.actor), at=ctx.at)
    lines = [_summary(village, [holder for holder in holders if holder.post.village_id == village.id]) for village in shown]
    picks = rows(*(Button("join.button.village", "rv", (village.id,), {"village": village.name}) for village in shown), width=3)
    turns = [Button("join.button.previous", "rpage", (page - 1,))] if page else []
    turns += [Button("join.button.next", "rpage", (page + 1,))] if page + 1 < pages else []
    buttons = (*picks, *rows(*turns), (Button("people.button.station", "rv", (0,)),))
    facts: dict[str, Any] = {"offline": len({h.person_id for h in holders if not h.online}), "people": len({h.person_id for h in holders})}
    await ctx.reply(
        "people.roster",
        buttons=buttons,
        card="roster",
        as_new_message=as_new_message,
        lines=Lines(lines),
        page=page + 1,
        pages=pages,
        **facts,
    )


async def _villages(ctx: HandlerContext) -> list[Village]:
    sight = read_scope(ctx.actor)
    found = await ctx.unit.people.list_villages(sorted(sight.villages))
    if sight.stations:
        found += await ctx.unit.people.list_villages(station_ids=sorted(sight.stations))
    return sorted({village.id: village for village in found}.values(), key=lambda village: village.id)


def _summary(village: Village, holders: Sequence[Holder]) -> dict[str, Any]:
    def of(role: Role) -> dict[str, Any] | str:
        names = [
            Text("people.mark.offline", name=h.name) if not h.online else h.name for h in holders if h.post.role is role and not h.suspended
        ]
        return names[0] if names else Text("people.mark.missing")

    whole = all(any(h.post.role is role and not h.suspended for h in holders) for role in (Role.CHAIR, Role.OFFICER))
    key = "people.line.whole" if whole else "people.line.holes"
    return Text(key, village=village.name, chair=of(Role.CHAIR), officer=of(Role.OFFICER))


def _line(reader: Person, holder: Holder) -> dict[str, Any]:
    state = "suspended" if holder.suspended else "away" if holder.deputy_id else "online" if holder.online else "offline"
    return Text(
        "people.line.post",
        role=Text(f"people.role.{holder.post.role}"),
        name=holder.name,
        phone=_phone(reader, holder),
        state=Text(f"people.state.{state}"),
    )


def _phone(reader: Person, holder: Holder) -> str:
    if not holder.phone:
        return ""
    return holder.phone.removeprefix("+86") if may_see_phone(reader, holder.post) else mask_phone(holder.phone)


async def _person(ctx: HandlerContext) -> tuple[Person, list[Holder]]:
    """Return the person of a press, if the reader may see one of their posts.

    Absent and not visible read the same.
    """
    person_id = PersonId(pressed_number(ctx))
    holders = await ctx.unit.directory.holders(read_scope(ctx.actor), at=ctx.at, person_id=person_id)
    person = await ctx.unit.people.find(person_id, at=ctx.at) if holders else None
    if person is None:
        raise RuleError("people.not_found")
    return person, holders


async def _draw_person(ctx: HandlerContext, person: Person, holders: Sequence[Holder]) -> None:
    buttons = []
    if person.suspended and await can_restore(ctx, ctx.actor, person):
        buttons.append(Button("people.button.restore", "restore", (person.id or 0,)))
    elif not person.suspended and may_suspend(ctx.actor, person):
        buttons.append(Button("people.button.suspend", "suspend", (person.id or 0,)))
    if any(may_hand_over(ctx.actor, holder.person_id, holder.post) for holder in holders):
        buttons.append(Button("people.button.handover", "hand", (person.id or 0,)))
    if await inviting.movable_by(ctx, person) is not None:
        buttons.append(Button("people.button.invite_again", "again", (person.id or 0,)))
    back = Button("people.button.roster", "rpage", (0,))
    posts = [
        Text("people.line.held", post=await post_text(ctx, h.post.role, h.post.village_id), state=_line(ctx.actor, h)["p"]["state"])
        for h in holders
    ]
    phone = max((_phone(ctx.actor, holder) for holder in holders), key=lambda shown: (bool(shown), "*" not in shown))
    await ctx.reply(
        "people.person",
        buttons=(*rows(*buttons), (back,)),
        card="roster",
        as_new_message=False,
        name=person.name,
        phone=phone,
        posts=Lines(posts),
    )


async def _tell_leaders(ctx: HandlerContext, person: Person, key: str) -> None:
    for receiver in await in_charge(ctx.unit, {post.station_id for post in person.posts}, at=ctx.at):
        if receiver.person_id not in (ctx.actor.id, person.id):
            await ctx.notify(Notice(receiver, key, {"name": person.name, "by": ctx.actor.name}))
