"""Redeem an invitation: show it, check the phone it is bound to, and take the post.

Must not decide what an invitation is worth (domain/people/invitations.py). Invariants: every wrong code is answered with one sentence and
counted; the press works only for the person who presented the code; a code is used once; the person who takes a post stays the same person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.core.change import Address, Button, ChatId, Event, Notice, PersonId, RuleError
from domain.core.immutable import replace
from domain.people.invitations import CODE, LIFETIME, WRONG_PER_DAY, movable, need_second_word, objection_ends, redeemable
from domain.people.people import Policy, Post, Role
from domain.people.powers import own_posts
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.pressed import NUMBER
from handlers.people.appointing import (
    bring_online,
    can_come_online,
    can_restore,
    in_charge,
    install,
    posts_text,
    sees,
    tell_every_chat,
)
from handlers.people.approving import wait_for_word
from handlers.people.imports import ask_leaders
from handlers.people.naming import accept_real_name, known_again, write_name
from handlers.people.privacy import accept_contact
from texts import Lines, Text

if TYPE_CHECKING:
    from datetime import datetime

    from domain.people.invitations import Invitation
    from domain.people.people import Person
    from handlers.core.context import HandlerContext

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WRONG, SHOWN = "invitation", "invitation:"


async def present(ctx: HandlerContext, code: str) -> None:
    """Show the offer of a code, or say in one sentence that it is worth nothing.

    Every wrong code is counted, so nothing is raised here.
    """
    mine = _own_address(ctx)
    if await ctx.unit.invitations.tries_since(mine, WRONG, since=ctx.at - HOUR) >= ctx.town.limits.invitations_per_hour:
        await ctx.reply("invite.too_many")
        return
    if await ctx.unit.invitations.count_tries(WRONG, since=ctx.at - DAY) >= WRONG_PER_DAY:
        await ctx.reply("invite.closed_today")
        return
    try:
        found = await ctx.unit.invitations.find_by_code(code) if CODE.fullmatch(code) else None
        invitation, issuer, posts = await _worth(ctx, found, ctx.actor)
    except RuleError as rule:
        await _count_wrong(ctx, rule)
        return
    await ctx.unit.invitations.tried(mine, f"{SHOWN}{invitation.id}", at=ctx.at)
    seen, channel = Lines(ctx.hooks.consent), ctx.town.title(ctx.incoming.address.channel)
    told = Text("invite.consent", town=ctx.town.name, seen=seen, channel=channel)
    consent = told if ctx.actor.role is Role.STRANGER else ""
    buttons = ((Button("invite.button.take", "take", (invitation.id,)),), (Button("invite.button.not_me", "nottake"),))
    if invitation.is_link:
        await ctx.reply("invite.link.offer", buttons=buttons, name=issuer.name if issuer else "")
        return
    who = issuer.name if issuer else ctx.town.name
    await ctx.reply(
        "invite.offer", buttons=buttons, post=await posts_text(ctx, posts), issuer=who, sees=Lines(sees(posts)), consent=consent
    )


async def press_take(ctx: HandlerContext) -> None:
    """Take the post that was shown.

    Ask for the contact if the code is bound to a phone, and for the real name if it is not known.

    Raises:
        RuleError: `invite.refused`: it was not shown here, or is worth nothing any more.
    """
    invitation = await _shown(ctx, (*ctx.incoming.values, "")[0])
    _, issuer, posts = await _worth(ctx, invitation, ctx.actor)
    asks = ["phone"] if invitation.phone and ctx.actor.phone != invitation.phone else []
    asks += ["name"] if await _asks_name(ctx, invitation, issuer, posts) else []
    if asks:
        await begin(ctx, "invite_take", {"invitation": invitation.id, "asks": asks})
    else:
        await _take(ctx, invitation, name="")


async def press_not_me(ctx: HandlerContext) -> None:
    """Leave the code as it is."""
    await ctx.reply("invite.not_me")


async def finish_take(ctx: HandlerContext, answers: Answers) -> None:
    """Take the post if the contact is the right one; a wrong one counts as a wrong code."""
    invitation, phone = await _shown(ctx, str(answers["invitation"])), answers.get("phone", "")
    if "phone" in answers["asks"] and phone != invitation.phone:
        await _count_wrong(ctx, RuleError("invite.refused"))
        return
    if phone:
        ctx.actor = replace(ctx.actor, phone=phone)
    await _take(ctx, invitation, name=answers.get("name", ""))
    if phone and ctx.actor.id is not None:
        await ctx.unit.privacy.set_phone(ctx.actor.id, phone)
        await known_again(ctx, ctx.actor.id)


TAKE = Dialog(
    "invite_take",
    Policy.ANYONE,
    (
        Step("name", "invite.name.question", accept_real_name, when=lambda answers: "name" in answers["asks"]),
        Step("phone", "invite.phone.question", accept_contact, when=lambda answers: "phone" in answers["asks"], request="contact"),
    ),
    finish_take,
)


async def _take(ctx: HandlerContext, invitation: Invitation, *, name: str) -> None:
    _, issuer, posts = await _worth(ctx, invitation, ctx.actor)
    if not await ctx.unit.invitations.use(invitation.id, at=ctx.at):
        raise RuleError("invite.refused")
    facts = {"invitation": invitation.id, "role": str(invitation.role), "village": invitation.village_id}
    await ctx.audit(Event(f"invitation:{invitation.id}", "invitation_used", ctx.actor.id, ctx.at, data=facts))
    if invitation.is_link:
        person_id = await _link(ctx, invitation)
    elif invitation.person_id is not None:
        person_id = await _take_over(ctx, invitation, invitation.person_id, issuer, posts, name=name)
    else:
        person_id = await _begin_posts(ctx, invitation, issuer, posts, name=name)
    await ctx.unit.invitations.used_by(invitation.id, person_id)
    ctx.actor = await ctx.unit.people.get(person_id, at=ctx.at)


async def _begin_posts(
    ctx: HandlerContext, invitation: Invitation, issuer: Person | None, posts: tuple[Post, ...], *, name: str
) -> PersonId:
    person_id = await _bearer(ctx, name)
    if need_second_word(posts, issuer):
        for station_id in dict.fromkeys(post.station_id for post in posts):
            first, *more = [post for post in posts if post.station_id == station_id]
            await wait_for_word(ctx, person_id, first, more=more, issuer_id=invitation.issuer_id, replaces_id=invitation.replaces_id)
        await ctx.reply("invite.waiting", post=await posts_text(ctx, posts))
    else:
        await install(ctx, person_id, posts, replaces_id=invitation.replaces_id, issuer_id=invitation.issuer_id)
    return person_id


async def _take_over(
    ctx: HandlerContext, invitation: Invitation, owner_id: PersonId, issuer: Person | None, posts: tuple[Post, ...], *, name: str
) -> PersonId:
    """Move the posts of the code's person to this chat, or let them wait.

    They wait for a second person from chair upward, and for the old chat if it was used lately.
    """
    if not (await ctx.unit.people.get(owner_id, at=ctx.at)).posts:
        return await _await_import(ctx, owner_id, posts, name)
    if await _comes_online(ctx, owner_id, issuer, posts):
        await bring_online(ctx, owner_id, (_own_address(ctx),), issuer_id=invitation.issuer_id)
        return owner_id
    waits_until, second = await _objection_ends(ctx, owner_id), need_second_word(posts, issuer)
    person_id = await _bearer(ctx, name)
    if waits_until is None and not second:
        await install(ctx, person_id, posts, replaces_id=owner_id, issuer_id=invitation.issuer_id, same_human=True)
        return person_id
    await wait_for_word(
        ctx, person_id, posts[0], issuer_id=invitation.issuer_id, replaces_id=owner_id, needs_approval=second,
        waits_until=waits_until, held_at=invitation.issued_at,
    )  # fmt: skip
    key = "invite.waiting_for_chat" if waits_until else "invite.waiting"
    await ctx.reply(key, post=await posts_text(ctx, posts))
    return person_id


async def _posts_of_import(ctx: HandlerContext, invitation: Invitation) -> tuple[Post, ...] | None:
    """Return the post that waits for a leader to confirm the roster, or None."""
    item = None
    if invitation.issuer_id is None and invitation.person_id is not None:
        item = await ctx.unit.imports.find_post_for(invitation.person_id, at=ctx.at)
    return (Post(item.role, invitation.station_id, item.village_id),) if item is not None and item.role is not None else None


async def _await_import(ctx: HandlerContext, owner_id: PersonId, posts: tuple[Post, ...], name: str) -> PersonId:
    """Let a post that waits for the leader wait for the person of this chat."""
    if ctx.actor.id is None and await can_come_online(ctx, owner_id):
        await ctx.unit.people.attach(owner_id, _own_address(ctx), at=ctx.at)
        await ctx.unit.privacy.consent(owner_id, ctx.town.consent_version, at=ctx.at)
        await ctx.audit(Event(f"person:{owner_id}", "came_online", None, ctx.at))
        person_id = owner_id
    else:
        person_id = await _bearer(ctx, name)
        changed = await ctx.unit.imports.give_to(person_id, in_place_of=owner_id)
        await ctx.unit.rosters.relist(owner_id, into=person_id)
        for request in changed:
            await ask_leaders(ctx.unit, request, at=ctx.at)
    await ctx.reply("invite.waiting", post=await posts_text(ctx, posts))
    return person_id


async def _objection_ends(ctx: HandlerContext, owner_id: PersonId) -> datetime | None:
    owner = await ctx.unit.people.get(owner_id, at=ctx.at)
    return None if owner.suspended else objection_ends(await ctx.unit.addresses.last_used(owner_id), at=ctx.at)


async def _comes_online(ctx: HandlerContext, owner_id: PersonId, issuer: Person | None, posts: tuple[Post, ...]) -> bool:
    """Tell whether a stranger becomes the person of the roster at once, by that name."""
    owner = await ctx.unit.people.get(owner_id, at=ctx.at)
    if ctx.actor.id is not None or owner.suspended or need_second_word(posts, issuer) or await _objection_ends(ctx, owner_id):
        return False
    return await can_come_online(ctx, owner_id)


async def _asks_name(ctx: HandlerContext, invitation: Invitation, issuer: Person | None, posts: tuple[Post, ...]) -> bool:
    """Tell whether the real name of the taker must be asked for: once in their life."""
    if invitation.is_link or (ctx.actor.id is not None and await ctx.unit.privacy.is_named(ctx.actor.id)):
        return False
    return invitation.person_id is None or not await _comes_online(ctx, invitation.person_id, issuer, posts)


async def _link(ctx: HandlerContext, invitation: Invitation) -> PersonId:
    """Give a person a chat on a channel where they have none; their other chats are told."""
    person_id = invitation.person_id or PersonId(0)
    mine = _own_address(ctx)
    if any(known.channel == mine.channel for known in await ctx.unit.privacy.addresses(person_id)):
        raise RuleError("invite.refused")
    await tell_every_chat(ctx, person_id, "invite.second_channel.to_person", {"channel": ctx.town.title(mine.channel)})
    await ctx.unit.people.attach(person_id, mine, at=ctx.at)
    await ctx.audit(Event(f"person:{person_id}", "chat_linked", person_id, ctx.at, data={"channel": mine.channel}))
    await ctx.reply("invite.linked")
    return person_id


async def _shown(ctx: HandlerContext, value: str) -> Invitation:
    """Return the invitation of a press, if it was shown in this chat.

    Raises:
        RuleError: `invite.refused`: it was not, or there is none.
    """
    found = await ctx.unit.invitations.find(int(value)) if NUMBER.fullmatch(value) else None
    if found is None or not await ctx.unit.invitations.tries_since(_own_address(ctx), f"{SHOWN}{value}", since=ctx.at - LIFETIME):
        raise RuleError("invite.refused")
    return found


async def _worth(ctx: HandlerContext, found: Invitation | None, taker: Person) -> tuple[Invitation, Person | None, tuple[Post, ...]]:
    """Return a redeemable invitation, its issuer and the posts it moves.

    Raises:
        RuleError: `invite.refused` or `invite.own`, see `redeemable`; `invite.yours`: the posts are the taker's own.
    """
    issuer = None
    if found is not None and found.issuer_id is not None:
        issuer = await ctx.unit.people.find(found.issuer_id, at=ctx.at)
    invitation = redeemable(found, issuer, taker, at=ctx.at)
    if invitation.is_link:
        return invitation, issuer, ()
    if invitation.person_id is None:
        return invitation, issuer, await _still_held(ctx, invitation)
    if invitation.person_id == taker.id:
        raise RuleError("invite.yours")
    owner = await ctx.unit.people.get(invitation.person_id, at=ctx.at)
    held = await ctx.unit.directory.posts_held(invitation.person_id, since=invitation.issued_at, at=ctx.at)
    posts = movable(held, issuer) if held else await _posts_of_import(ctx, invitation)
    if posts is None or (owner.suspended and (issuer is None or not await can_restore(ctx, issuer, owner))):
        raise RuleError("invite.refused")
    return invitation, issuer, posts


async def _still_held(ctx: HandlerContext, invitation: Invitation) -> tuple[Post, ...]:
    """Return the posts that a code gives now.

    Of several, these are the ones that the person to be replaced still holds.

    Raises:
        RuleError: `invite.refused`: they hold none of them any more.
    """
    if not invitation.more or invitation.replaces_id is None:
        return invitation.posts
    held = own_posts(await ctx.unit.people.get(invitation.replaces_id, at=ctx.at))
    posts = tuple(post for post in invitation.posts if post in held)
    if not posts:
        raise RuleError("invite.refused")
    return posts


async def _bearer(ctx: HandlerContext, name: str) -> PersonId:
    """Return the person of this chat, with their consent and real name.

    A stranger becomes somebody new. `name`: empty when the real name is known.
    """
    person_id = ctx.actor.id
    if person_id is None:
        person_id = await ctx.unit.people.add(name, at=ctx.at, language=ctx.actor.language)
        await ctx.unit.people.attach(person_id, _own_address(ctx), at=ctx.at)
    if name:
        await write_name(ctx, person_id, name, real=True)
    await ctx.unit.privacy.consent(person_id, ctx.town.consent_version, at=ctx.at)
    return person_id


async def _count_wrong(ctx: HandlerContext, rule: RuleError) -> None:
    """Answer a wrong code, and count it.

    When the town reaches its limit, everybody in charge is told.
    """
    await ctx.reply(rule.key, **rule.params)
    if rule.key != "invite.refused":
        return
    await ctx.unit.invitations.tried(_own_address(ctx), WRONG, at=ctx.at)
    if await ctx.unit.invitations.count_tries(WRONG, since=ctx.at - DAY) != WRONG_PER_DAY:
        return
    await ctx.audit(Event("town", "codes_closed", None, ctx.at))
    stations = [station_id for station_id, _ in await ctx.unit.rosters.list_stations()]
    for receiver in await in_charge(ctx.unit, stations, at=ctx.at):
        once = f"codes_closed:{ctx.at:%Y-%m-%d}:{receiver.person_id}"
        await ctx.notify(Notice(receiver, "invite.guessing.to_leader", {"n": WRONG_PER_DAY}, unique=once))


def _own_address(ctx: HandlerContext) -> Address:
    return Address(ctx.incoming.address.channel, ChatId(ctx.incoming.user_id))
