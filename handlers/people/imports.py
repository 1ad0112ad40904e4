"""Pending changes of an import: ask the leaders, show the list, do it on their word.

Knows the card and who is told; domain/people/roster_requests.py decides who may confirm. Invariants: the list is read again for every press;
a word counts for the persons whom it was given for; nothing of it is done before a leader of the station confirms; the persons concerned, all
leaders and all administrators are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice, RuleError
from domain.core.immutable import replace
from domain.core.post_change import PostChange, Why
from domain.people.people import Role
from domain.people.roster_requests import decide
from handlers.core.post_changes import posts_changed
from handlers.core.pressed import NUMBER
from texts import At, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.core.change import Address, Keyboard, PersonId, Receiver, StationId, VillageId
    from domain.people.roster_requests import ImportRequest, Item
    from handlers.core.context import HandlerContext
    from storage.unit import Unit

A_PAGE = 15


async def ask_leaders(unit: Unit, request: ImportRequest, *, at: datetime) -> tuple[str, ...]:
    """Ask the leaders of the station who have a chat; return their names.

    Each is asked once for each list of persons.
    """
    leaders = [who for who in (await unit.people.station_posts(request.station_id, at=at)).of(Role.LEADER) if who.address]
    facts, buttons = await _page(unit, request, 0, at=at)
    for who in leaders:
        notice = Notice(who, "import.waiting.to_leader", facts, buttons, card=_card(request), as_new_message=True)
        await unit.outbox.put(notice, unique_key=f"{_card(request)}:{request.version}:{who.person_id}", at=at)
    return tuple(who.name for who in leaders)


async def announce_order(unit: Unit, station_id: StationId, items: Iterable[Item], *, reason: str, at: datetime) -> None:
    """Tell everybody about posts and chats that were given by order, without a leader's word.

    These are leaders, administrators and the persons concerned.
    """
    given = list(items)
    facts = {"n": len(given), "reason": reason, "lines": Lines([await _line(unit, item, at=at) for item in given[:A_PAGE]])}
    key = f"order:{station_id}:{at.timestamp()}"
    watchers = await _watchers(unit, station_id, at=at)
    told = {who.person_id for who in watchers}
    notices = [Notice(who, "import.ordered.to_leader", facts) for who in watchers]
    for person_id in dict.fromkeys(item.person_id for item in given if item.person_id not in told):
        own = [await _line(unit, item, at=at) for item in given if item.person_id == person_id]
        notices.append(Notice(await unit.people.receiver(person_id), "import.ordered.to_holder", {"lines": Lines(own)}))
    for notice in notices:
        if notice.to.address is not None:
            await unit.outbox.put(notice, unique_key=f"{key}:{notice.to.person_id}", at=at)


async def tell_old_chats(unit: Unit, person_id: PersonId, account: Address, *, at: datetime) -> None:
    """Tell the chats of a person on the account's channel that it replaces them."""
    who = await unit.people.receiver(person_id)
    for old in await unit.privacy.addresses(person_id):
        if old.channel == account.channel and old != account:
            notice = Notice(replace(who, address=old), "import.chat_moved.to_holder")
            key = f"chat_moved:{person_id}:{old.channel}:{old.chat_id}:{at.timestamp()}"
            await unit.outbox.put(notice, unique_key=key, at=at)


async def press_page(ctx: HandlerContext) -> None:
    """Turn a page of the list."""
    value = (*ctx.incoming.values, "", "")[1]
    request = await _pressed(ctx)
    await _draw(ctx, request, int(value) if NUMBER.fullmatch(value) else 0)


async def press_decide(ctx: HandlerContext) -> None:
    """Confirm or refuse the whole list; a list that names other persons now is shown again.

    Raises:
        RuleError: it is over, or one of the changes concerns the actor.
    """
    request = await _pressed(ctx)
    assert ctx.actor.id is not None
    word, version = (*ctx.incoming.values, "", "", "")[1:3]
    confirmed = word == "yes"
    if confirmed and request.state == "waiting" and version != str(request.version):
        await _draw(ctx, request, 0)
        ctx.toast("refused.old_button", alert=True)
        return
    concerned = await ctx.unit.people.find_many([item.person_id for item in request.items], at=ctx.at)
    decided = decide(request, ctx.actor, concerned.values(), confirm=confirmed, at=ctx.at)
    lines = [await _line(ctx.unit, item, at=ctx.at) for item in request.items[:A_PAGE]]
    await ctx.unit.imports.record(decided, by=ctx.actor.id, at=ctx.at)
    facts = {"station": request.station_id, "items": len(request.items)}
    await ctx.audit(Event(f"import:{request.id}", f"import_{decided.state}", ctx.actor.id, ctx.at, data=facts))
    done = 0
    for item in request.items if confirmed else ():
        done += await _do(ctx, request, item)
    told = {"leader": ctx.actor.name, "n": done if confirmed else len(request.items), "lines": Lines(lines)}
    for who in await _watchers(ctx.unit, request.station_id, at=ctx.at):
        key = f"import.{decided.state}.to_leader"
        leads = who.role == Role.LEADER
        await ctx.notify(Notice(who, key, told, card=_card(request) if leads else "", stays=leads))


async def _do(ctx: HandlerContext, request: ImportRequest, item: Item) -> bool:
    """Do one change; False for a person or village that is not there any more."""
    person = await ctx.unit.people.find(item.person_id, at=ctx.at)
    if person is None or person.suspended:
        return False
    if item.account is not None:
        await tell_old_chats(ctx.unit, item.person_id, item.account, at=ctx.at)
        await ctx.unit.rosters.detach_all(item.person_id, channel=item.account.channel)
        await ctx.unit.people.attach(item.person_id, item.account, at=ctx.at, used=False)
        await ctx.unit.invitations.revoke_for(item.person_id, at=ctx.at)
        await ctx.audit(Event(f"person:{item.person_id}", "chat_moved", ctx.actor.id, ctx.at, data={"import": request.id}))
        await posts_changed(ctx, PostChange(item.person_id, Why.STARTED))
        return True
    assert item.role is not None
    if item.village_id is not None and not await ctx.unit.people.list_villages([item.village_id]):
        return False
    await ctx.unit.people.appoint(item.person_id, item.role, station_id=request.station_id, village_id=item.village_id, at=ctx.at)
    facts = {"role": str(item.role), "village": item.village_id, "station": request.station_id, "import": request.id}
    await ctx.audit(Event(f"person:{item.person_id}", "appointed", ctx.actor.id, ctx.at, data=facts))
    post = await _post_text(ctx.unit, item.role, item.village_id)
    receiver = await ctx.unit.people.receiver(item.person_id, item.role)
    if receiver.address is not None:
        await ctx.notify(Notice(receiver, "invite.started.to_holder", {"post": post}, ((Button("invite.button.menu", "menu"),),)))
    await posts_changed(ctx, PostChange(item.person_id, Why.STARTED))
    return True


async def _pressed(ctx: HandlerContext) -> ImportRequest:
    value = (*ctx.incoming.values, "")[0]
    if not NUMBER.fullmatch(value):
        raise RuleError("refused.old_button")
    return await ctx.unit.imports.visible_to(ctx.actor, int(value))


async def _draw(ctx: HandlerContext, request: ImportRequest, page: int) -> None:
    if request.state != "waiting" or ctx.at >= request.expires_at:
        raise RuleError("import.over")
    facts, buttons = await _page(ctx.unit, request, page, at=ctx.at)
    await ctx.reply("import.waiting.to_leader", buttons=buttons, card=_card(request), as_new_message=False, **facts)


async def _page(unit: Unit, request: ImportRequest, page: int, *, at: datetime) -> tuple[dict[str, Any], Keyboard]:
    pages = max(1, -(-len(request.items) // A_PAGE))
    page = max(0, min(page, pages - 1))
    lines = [await _line(unit, item, at=at) for item in request.items[page * A_PAGE : (page + 1) * A_PAGE]]
    turns = [Button("join.button.previous", "imppage", (request.id, page - 1))] if page else []
    turns += [Button("join.button.next", "imppage", (request.id, page + 1))] if page + 1 < pages else []
    yes = Button("import.button.confirm", "import", (request.id, "yes", request.version))
    no = Button("import.button.refuse", "import", (request.id, "no"))
    facts = {"n": len(request.items), "lines": Lines(lines), "page": page + 1, "pages": pages, "until": At(request.expires_at)}
    return facts, ((*((tuple(turns),) if turns else ()), (yes, no)))


async def _line(unit: Unit, item: Item, *, at: datetime) -> dict[str, Any]:
    if item.role is not None:
        return await _post_line(unit, item.person_id, item.role, item.village_id, at=at)
    person = await unit.people.get(item.person_id, at=at)
    return Text("import.item.chat", name=person.name, channel=item.account.channel if item.account else "")


async def _post_line(unit: Unit, person_id: PersonId, role: Role, village_id: VillageId | None, *, at: datetime) -> dict[str, Any]:
    person = await unit.people.get(person_id, at=at)
    return Text("import.item.post", name=person.name, post=await _post_text(unit, role, village_id))


async def _post_text(unit: Unit, role: Role, village_id: VillageId | None) -> dict[str, Any]:
    title = Text(f"people.role.{role}")
    return title if village_id is None else Text("people.post", role=title, village=(await unit.people.village(village_id)).name)


async def _watchers(unit: Unit, station_id: StationId, *, at: datetime) -> list[Receiver]:
    """Return the leaders of a station and all administrators, each once, as leader first."""
    leaders = (await unit.people.station_posts(station_id, at=at)).of(Role.LEADER)
    return list({who.person_id: who for who in (*await unit.people.administrators(), *leaders)}.values())


def _card(request: ImportRequest) -> str:
    return f"import:{request.id}"
