"""How an invitation becomes a post: shown, taken, and, from chair upward, confirmed by a second person.

Knows who is told of a new post. Must not decide what an invitation is worth (domain/people/invitations.py). Invariants: every code is
answered with one sentence and counted; the press is worth something only to who presented the code; a code is used once.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Address, Button, ChatId, Event, Notice, PersonId, Receiver, RuleError, StationId, VillageId
from domain.people.invitations import LIFETIME, decide, needs_second_word, redeemable
from domain.people.people import RANK, Person, Role
from handlers.people.access_revocation import step_down
from texts import plain

if TYPE_CHECKING:
    from domain.people.invitations import Invitation
    from handlers.core.context import Act

ID = re.compile("[0-9]{1,9}")
HOUR = timedelta(hours=1)
GUESS = "invitation"


async def present(act: Act, code: str) -> None:
    """Show what a code offers, or say in one sentence that it is worth nothing. Every try is counted, so nothing is raised here."""
    mine = _own_address(act)
    if await act.unit.invitations.tries_since(mine, GUESS, since=act.at - HOUR) >= act.town.limits.invitations_per_hour:
        await act.reply("invite.too_many")
        return
    await act.unit.invitations.tried(mine, GUESS, at=act.at)
    try:
        invitation, issuer = await _worth(act, await act.unit.invitations.find_by_code(code))
    except RuleError as rule:
        await act.reply(rule.key, **rule.params)
        return
    await act.unit.invitations.tried(mine, f"{GUESS}:{invitation.id}", at=act.at)
    consent = {"t": "invite.consent", "p": {"town": act.town.name}} if act.actor.role is Role.STRANGER else ""
    who = issuer.name if issuer else act.town.name
    buttons = ((Button("invite.button.take", "take", (invitation.id,)),), (Button("invite.button.not_me", "nottake"),))
    post = await post_text(act, invitation.role, invitation.village_id)
    await act.reply("invite.offer", buttons=buttons, post=post, issuer=who, consent=consent)


async def press_take(act: Act) -> None:
    """Take the post that was shown.

    Raises:
        RuleError: `invite.refused`: it was not shown here, or is worth nothing any more.
    """
    value = (*act.incoming.values, "")[0]
    found = await act.unit.invitations.find(int(value)) if ID.fullmatch(value) else None
    shown = f"{GUESS}:{value}"
    if not await act.unit.invitations.tries_since(_own_address(act), shown, since=act.at - LIFETIME):
        raise RuleError("invite.refused")
    invitation, issuer = await _worth(act, found)
    if not await act.unit.invitations.use(invitation.id, at=act.at):
        raise RuleError("invite.refused")
    person_id = await _bearer(act, invitation)
    await act.unit.invitations.used_by(invitation.id, person_id)
    facts = {"invitation": invitation.id, "role": str(invitation.role), "village": invitation.village_id}
    await act.record(Event(f"person:{person_id}", "invitation_used", person_id, act.at, data=facts))
    act.actor = await act.unit.people.get(person_id, at=act.at)
    if invitation.person_id is not None:
        await _come_online(act)
    elif issuer is not None and needs_second_word(invitation.role, issuer, station_id=invitation.station_id):
        await ask_second_word(
            act, person_id, invitation.role, station_id=invitation.station_id, village_id=invitation.village_id,
            issuer=issuer, replaces_id=invitation.replaces_id,
        )  # fmt: skip
        await act.reply("invite.waiting", post=await post_text(act, invitation.role, invitation.village_id))
    else:
        await install(
            act, person_id, invitation.role, station_id=invitation.station_id, village_id=invitation.village_id,
            replaces_id=invitation.replaces_id, issuer_id=invitation.issuer_id,
        )  # fmt: skip


async def press_not_me(act: Act) -> None:
    """Leave the code alone: it stays as it is."""
    await act.reply("invite.not_me")


async def ask_second_word(
    act: Act,
    person_id: PersonId,
    role: Role,
    *,
    station_id: StationId,
    village_id: VillageId | None,
    issuer: Person,
    replaces_id: PersonId | None,
) -> None:
    """Let a post wait for a leader or administrator of the station, and ask them all."""
    assert issuer.id is not None
    number = await act.unit.invitations.ask(
        person_id, role, station_id=station_id, village_id=village_id, issuer_id=issuer.id, replaces_id=replaces_id, at=act.at
    )
    person = await act.unit.people.get(person_id, at=act.at)
    facts = {"name": person.name, "post": await post_text(act, role, village_id), "issuer": issuer.name}
    buttons = ((Button("invite.button.approve", "appoint", (number, "yes")), Button("invite.button.refuse", "appoint", (number, "no"))),)
    deciders = [who for who in await _deciders(act, station_id) if who.person_id != person_id]
    for receiver in deciders:
        await act.tell(Notice(receiver, "invite.confirm.to_leader", facts, buttons, card=f"appointment:{number}"))
    if not any(who.address for who in deciders):
        await act.tell(Notice(await act.unit.people.receiver(issuer.id), "invite.nobody_confirms", facts))


async def press_appoint(act: Act) -> None:
    """A leader or administrator says yes or no to a post.

    Raises:
        RuleError: not theirs to decide, or decided already.
    """
    value, word = (*act.incoming.values, "", "")[:2]
    stations = sorted(act.actor.stations(Role.LEADER, Role.ADMIN))
    found = await act.unit.invitations.find_appointment(int(value), stations=stations) if ID.fullmatch(value) and stations else None
    if found is None or act.actor.id is None:
        raise RuleError("refused.not_allowed")
    state, event = decide(found, act.actor, approve=word == "yes", at=act.at)
    await act.unit.invitations.record(found, state, by=act.actor.id, at=act.at)
    await act.record(event)
    person = await act.unit.people.get(found.person_id, at=act.at)
    facts = {"name": person.name, "post": await post_text(act, found.role, found.village_id), "leader": act.actor.name}
    for receiver in await _deciders(act, found.station_id):
        await act.tell(Notice(receiver, f"invite.{state}.to_leader", facts, card=f"appointment:{found.id}"))
    if state == "approved":
        await install(
            act, person.id or found.person_id, found.role, station_id=found.station_id, village_id=found.village_id,
            replaces_id=found.replaces_id, issuer_id=found.issuer_id,
        )  # fmt: skip
        return
    for told in {found.person_id, found.issuer_id}:
        await act.tell(Notice(await act.unit.people.receiver(told), "invite.refused_post", facts))


async def install(
    act: Act,
    person_id: PersonId,
    role: Role,
    *,
    station_id: StationId,
    village_id: VillageId | None,
    replaces_id: PersonId | None,
    issuer_id: PersonId | None,
) -> None:
    """Give a post, end the one it replaces, and tell everybody concerned: the new, the old, the issuer, from chair upward the administrators.

    Whom a roster wrote down in the same post under the same name, and who has never come, is this person.
    """
    await act.unit.people.appoint(person_id, role, station_id=station_id, village_id=village_id, at=act.at)
    for twin in await act.unit.privacy.twins(person_id, at=act.at):
        await _become_one(act, twin, into=person_id)
    person = await act.unit.people.get(person_id, at=act.at)
    if person.village_id is None and village_id is not None and role is not Role.OFFICER:
        await act.unit.privacy.set_village(person_id, village_id)
    post = await post_text(act, role, village_id)
    facts = {"role": str(role), "village": village_id, "station": station_id, "replaces": replaces_id}
    await act.record(Event(f"person:{person_id}", "appointed", act.actor.id, act.at, data=facts))
    told: set[PersonId | None] = {person_id}
    await act.tell(Notice(person.receiver(role), "invite.started.to_holder", {"post": post}, (_menu_button(),)))
    if replaces_id is not None and replaces_id != person_id:
        told.add(replaces_id)
        await retire(act, replaces_id, role, station_id=station_id, village_id=village_id, successor=person.name)
    watchers = [await act.unit.people.receiver(issuer_id)] if issuer_id is not None else []
    if RANK.index(role) >= RANK.index(Role.CHAIR):
        watchers += [who for who in await act.unit.people.administrators()]
    for receiver in watchers:
        if receiver.person_id not in told:
            told.add(receiver.person_id)
            await act.tell(Notice(receiver, "invite.started.to_issuer", {"name": person.name, "post": post}))


async def retire(act: Act, person_id: PersonId, role: Role, *, station_id: StationId, village_id: VillageId | None, successor: str) -> None:
    """End somebody's post because another has it now, and tell them. Their buttons are dead from here on, and what waits goes to the new holder."""
    await act.unit.people.dismiss(person_id, at=act.at, role=role, station_id=station_id, village_id=village_id)
    await step_down(act.unit, person_id, by=act.actor.id, at=act.at)
    facts = {"role": str(role), "village": village_id, "station": station_id}
    await act.record(Event(f"person:{person_id}", "dismissed", act.actor.id, act.at, data=facts))
    post = await post_text(act, role, village_id)
    await act.tell(Notice(await act.unit.people.receiver(person_id), "invite.ended.to_holder", {"post": post, "name": successor}))


async def post_text(act: Act, role: Role, village_id: VillageId | None) -> dict[str, Any]:
    """Return a post as a sentence's part: "security chair of 上徐村"."""
    title = {"t": f"people.role.{role}"}
    if village_id is None:
        return title
    return {"t": "people.post", "p": {"role": title, "village": (await act.unit.people.village(village_id)).name}}


async def _worth(act: Act, found: Invitation | None) -> tuple[Invitation, Person | None]:
    issuer = None
    if found is not None and found.issuer_id is not None:
        issuer = await act.unit.people.find(found.issuer_id, at=act.at)
    invitation = redeemable(found, issuer, at=act.at)
    if act.actor.suspended:
        raise RuleError("invite.refused")
    return invitation, issuer


async def _bearer(act: Act, invitation: Invitation) -> PersonId:
    """Return who the code makes of this chat: somebody who has joined, the roster's person it was made for, or somebody new."""
    version = act.town.consent_version
    person_id = act.actor.id
    if person_id is None and invitation.person_id is not None:
        person_id = invitation.person_id
        await act.unit.rosters.detach_all(person_id, channel=act.incoming.address.channel)
        await _tell_other_addresses(act, person_id)
        await act.unit.people.attach(person_id, _own_address(act), at=act.at)
    elif person_id is None:
        name = act.incoming.user_name or plain("join.nameless", act.actor.language)
        person_id = await act.unit.people.add(name, at=act.at, language=act.actor.language)
        await act.unit.people.attach(person_id, _own_address(act), at=act.at)
    elif invitation.person_id is not None and invitation.person_id != person_id:
        await _become_one(act, invitation.person_id, into=person_id)
    await act.unit.privacy.consent(person_id, version, at=act.at)
    return person_id


async def _tell_other_addresses(act: Act, person_id: PersonId) -> None:
    """Say where a person is reached already that they came by another channel too: it may not have been them."""
    addresses = (await act.unit.people.list_addresses((person_id,))).get(person_id, ())
    for address in addresses:
        facts = {"channel": act.town.title(act.incoming.address.channel)}
        await act.tell(Notice(Receiver(address, act.actor.language, person_id), "invite.second_channel.to_person", facts))


async def _become_one(act: Act, twin: PersonId, *, into: PersonId) -> None:
    await act.unit.privacy.merge(twin, into=into, at=act.at)
    await act.record(Event(f"person:{twin}", "merged", act.actor.id, act.at, data={"into": into}))


async def _come_online(act: Act) -> None:
    """Somebody of the roster has a chat now; their posts are the roster's."""
    if act.actor.posts:
        top = max(act.actor.posts, key=lambda post: RANK.index(post.role))
        await act.reply("invite.started.to_holder", buttons=(_menu_button(),), post=await post_text(act, top.role, top.village_id))
    else:
        await act.reply("invite.refused")


async def _deciders(act: Act, station_id: StationId) -> list[Receiver]:
    posts = await act.unit.people.station_posts(station_id, at=act.at)
    return list({who.person_id: who for role in (Role.LEADER, Role.ADMIN) for who in posts.get(role, ())}.values())


def _menu_button() -> tuple[Button, ...]:
    return (Button("invite.button.menu", "menu"),)


def _own_address(act: Act) -> Address:
    return Address(act.incoming.address.channel, ChatId(act.incoming.user_id))
