"""Let a post wait for a second person, for the chat that would lose it, or for both.

Knows who is asked and what the buttons say; the rules are in domain/people/invitations.py. Invariants: until nothing is waited for, the old
chat keeps its posts; the old chat is told of every step; all rights are checked again before a post moves.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice, PersonId, RuleError, StationId, Timer
from domain.core.immutable import replace
from domain.people.invitations import Word, answer, decide, unanswered
from domain.people.people import RANK, Person, Post, Role
from domain.people.powers import IN_CHARGE, POWERS, is_same_human, may_hand_over
from handlers.core.pressed import NUMBER
from handlers.people.appointing import (
    bring_online,
    can_come_online,
    can_restore,
    in_charge,
    install,
    posts_text,
    seated,
    tell_every_chat,
)
from handlers.people.inviting import BOTH
from texts import At, Joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from domain.people.invitations import Appointment
    from handlers.core.context import HandlerContext

#: Word → the label of its button.
LABELS = {Word.YES: "invite.button.approve", Word.NOW: "invite.button.phone_lost", Word.NO: "invite.button.refuse"}


async def wait_for_word(
    ctx: HandlerContext,
    person_id: PersonId,
    post: Post,
    *,
    more: Sequence[Post] = (),
    issuer_id: PersonId | None,
    replaces_id: PersonId | None,
    needs_approval: bool = True,
    waits_until: datetime | None = None,
    held_at: datetime | None = None,
) -> None:
    """Let a post wait, and ask everybody whose word is needed.

    `more`: other posts of the same hand-over and station, decided with it. `waits_until`, `held_at`: see `Appointment`.
    """
    asked = await ctx.unit.invitations.ask(
        person_id, post.role, station_id=post.station_id, village_id=post.village_id, issuer_id=issuer_id, replaces_id=replaces_id,
        at=ctx.at, needs_approval=needs_approval, waits_until=waits_until, held_at=held_at,
    )  # fmt: skip
    for other in more:
        await ctx.unit.invitations.ask(
            person_id, other.role, station_id=other.station_id, village_id=other.village_id, issuer_id=issuer_id, replaces_id=replaces_id,
            with_id=asked.id, at=ctx.at, needs_approval=needs_approval, waits_until=waits_until, held_at=held_at,
        )  # fmt: skip
    facts = await _facts(ctx, asked)
    if waits_until is not None and replaces_id is not None:
        await ctx.start_timers(Timer("appointment_due", f"appointment:{asked.id}", waits_until, f"appointment:{asked.id}:due"))
        no, yes = Button("invite.button.not_mine", "mychat", (asked.id, "no")), Button("invite.button.mine", "mychat", (asked.id, "yes"))
        await tell_every_chat(ctx, replaces_id, "invite.moving.to_owner", facts, ((no,), (yes,)))
    reached = await _ask_deciders(ctx, asked, facts)
    if needs_approval and issuer_id is not None and not reached:
        key = "invite.nobody_confirms" if Role.ADMIN in POWERS[asked.role].approves else "invite.no_leader_confirms"
        await ctx.notify(Notice(await ctx.unit.people.receiver(issuer_id), key, facts))


async def ask_again(ctx: HandlerContext, appointment_ids: Sequence[int]) -> None:
    """Ask those in charge about what is left of hand-overs, after a village has closed."""
    for number in appointment_ids:
        asked = await ctx.unit.invitations.find_waiting(number)
        if asked is not None:
            await _ask_deciders(ctx, asked, await _facts(ctx, asked))


async def press_appoint(ctx: HandlerContext) -> None:
    """Approve or refuse a post, or let it move at once, as a leader or administrator.

    Raises:
        RuleError: the actor may not decide it, or it is decided already.
    """
    value, word = (*ctx.incoming.values, "", "")[:2]
    stations = sorted(ctx.actor.stations(*IN_CHARGE))
    found = await ctx.unit.invitations.find_appointment(int(value), stations=stations) if NUMBER.fullmatch(value) and stations else None
    if found is None or word not in set(Word):
        raise RuleError("refused.not_allowed")
    candidate, issuer = await ctx.unit.people.get(found.person_id, at=ctx.at), await _issuer(ctx, found)
    if word == Word.YES and found.state == "waiting" and (others := await _seated(ctx, found)):
        choice = (*ctx.incoming.values, "", "", "")[2]
        if choice not in {BOTH, *(str(each) for each in others)}:
            await _ask_deciders(ctx, found, await _facts(ctx, found))
            return
        found = found if choice == BOTH else replace(found, replaces_id=PersonId(int(choice)))
    together = [found, *await ctx.unit.invitations.decided_with(found)]
    decided = [decide(each, ctx.actor, candidate, issuer, Word(word), at=ctx.at) for each in together]
    if word == Word.NOW and found.replaces_id is not None:
        facts = {"post": await posts_text(ctx, await _posts(ctx, found)), "leader": ctx.actor.name}
        await tell_every_chat(ctx, found.replaces_id, "invite.released.to_owner", facts)
    await _settle(ctx, *decided)


async def press_my_chat(ctx: HandlerContext) -> None:
    """Answer for the old chat: its posts may move now, or they stay.

    Raises:
        RuleError: nothing of the actor's moves, or it is decided already.
    """
    value, word = (*ctx.incoming.values, "", "")[:2]
    found = None
    if NUMBER.fullmatch(value) and ctx.actor.id is not None and word in (Word.YES, Word.NO):
        found = await ctx.unit.invitations.find_about(int(value), ctx.actor.id)
    if found is None:
        raise RuleError("refused.not_allowed")
    after, event = answer(found, ctx.actor, Word(word), at=ctx.at)
    await ctx.reply("invite.kept" if word == Word.NO else "invite.agreed")
    await _settle(ctx, (after, event))
    if word == Word.NO:
        await _tell_of_objection(ctx, found.issuer_id, found.station_id)


async def press_not_mine(ctx: HandlerContext) -> None:
    """Revoke an open code that would move the actor's posts.

    Raises:
        RuleError: there is no such open code.
    """
    value = (*ctx.incoming.values, "")[0]
    found = await ctx.unit.invitations.find(int(value)) if NUMBER.fullmatch(value) else None
    if found is None or ctx.actor.id is None or not await ctx.unit.invitations.revoke_about(found.id, ctx.actor.id, at=ctx.at):
        raise RuleError("invite.not_open")
    await ctx.audit(Event(f"invitation:{found.id}", "invitation_objected", ctx.actor.id, ctx.at))
    await ctx.reply("invite.kept")
    await _tell_of_objection(ctx, found.issuer_id, found.station_id)


async def appointment_due(ctx: HandlerContext) -> None:
    """Move the posts of an old chat that did not object in time.

    They still wait if a second person has not approved.
    """
    number = ctx.timer.subject.partition(":")[2] if ctx.timer else ""
    found = await ctx.unit.invitations.find_waiting(int(number)) if NUMBER.fullmatch(number) else None
    settled = None if found is None else unanswered(found, at=ctx.at)
    if settled is not None:
        await _settle(ctx, settled)


async def drop_waiting(ctx: HandlerContext, person_id: PersonId) -> None:
    """Refuse everything that waits for a suspended person, from them, or about their posts."""
    for dropped in await ctx.unit.invitations.drop_waiting(person_id, at=ctx.at):
        await ctx.audit(Event(f"person:{dropped.person_id}", "appointment_dropped", ctx.actor.id, ctx.at, data={"role": str(dropped.role)}))
        if dropped.with_id is not None:
            continue
        facts = await _facts(ctx, dropped) | {"leader": ctx.actor.name}
        await _tell_deciders(ctx, dropped, "invite.lapsed.to_leader", facts, stays=True)
        await _tell_concerned(ctx, dropped, facts)


async def _settle(ctx: HandlerContext, word: tuple[Appointment, Event], *others: tuple[Appointment, Event]) -> None:
    """Record a word about a post that waits, and give it if nothing is waited for any more.

    `others`: the same word about the posts that are decided with it.
    """
    after, event = word
    posts, shown = await _posts(ctx, after), _shown(after, event)
    if after.state == "approved" and not await _is_still_right(ctx, after, posts):
        after, shown = replace(after, state="refused"), "lapsed"
    after = await ctx.unit.invitations.record(after, by=ctx.actor.id, at=ctx.at)
    await ctx.audit(event)
    for other, said in others:
        await ctx.unit.invitations.record(replace(other, state=after.state), by=ctx.actor.id, at=ctx.at)
        await ctx.audit(said)
    facts = await _facts(ctx, after) | {"leader": ctx.actor.name or ctx.town.name}
    await _tell_deciders(ctx, after, f"invite.{shown}.to_leader", facts, stays=True)
    if after.state == "approved":
        await _complete(ctx, after, posts)
    elif after.state == "refused":
        await _tell_concerned(ctx, after, facts)


async def _tell_concerned(ctx: HandlerContext, refused: Appointment, facts: dict[str, Any]) -> None:
    """Tell the person, the issuer and the old holder that a post was refused."""
    for told in dict.fromkeys((refused.person_id, refused.issuer_id, refused.replaces_id)):
        if told is not None and told != ctx.actor.id:
            await ctx.notify(Notice(await ctx.unit.people.receiver(told), "invite.refused_post", facts))


def _shown(after: Appointment, event: Event) -> str:
    """Return how the card of the deciders says what an appointment came to."""
    if after.state == "waiting":
        return "half"
    return "moved" if after.state == "approved" and event.action != "appointment_approved" else after.state


async def _complete(ctx: HandlerContext, after: Appointment, posts: Sequence[Post]) -> None:
    """Give the posts.

    A stranger who came by the code of somebody who was never online becomes that person.
    """
    owner_id = after.replaces_id
    owner = None if owner_id is None else await ctx.unit.people.get(owner_id, at=ctx.at)
    known = owner is None or owner.suspended or after.held_at is None
    if not known and owner_id is not None and await _came_for_this(ctx, after) and await can_come_online(ctx, owner_id):
        chats = await ctx.unit.privacy.addresses(after.person_id)
        await bring_online(ctx, owner_id, chats, issuer_id=after.issuer_id, approved_by=after.approved_by)
        await ctx.unit.privacy.forget(after.person_id, at=ctx.at)
        return
    await install(
        ctx, after.person_id, posts, replaces_id=owner_id, issuer_id=after.issuer_id, approved_by=after.approved_by,
        same_human=after.held_at is not None,
    )  # fmt: skip


async def _came_for_this(ctx: HandlerContext, after: Appointment) -> bool:
    """Tell whether the person was a stranger before, and has done nothing since."""
    profile = await ctx.unit.privacy.profile(after.person_id)
    person = await ctx.unit.people.get(after.person_id, at=ctx.at)
    return profile.created_at == after.asked_at and not person.posts and await ctx.unit.privacy.count_reports(after.person_id) == (0, 0)


async def _is_still_right(ctx: HandlerContext, after: Appointment, posts: Sequence[Post]) -> bool:
    """Tell whether the issuer may still give all this, to somebody who may still have it."""
    candidate = await ctx.unit.people.get(after.person_id, at=ctx.at)
    owner = None if after.replaces_id is None else await ctx.unit.people.get(after.replaces_id, at=ctx.at)
    issuer = await _issuer(ctx, after)
    if not posts or candidate.suspended or not candidate.consented:
        return False
    if owner is not None and owner.suspended and (issuer is None or not await can_restore(ctx, issuer, owner)):
        return False
    if after.issuer_id is None:
        return True
    if issuer is None or (issuer.id != after.replaces_id and is_same_human(issuer, candidate)):
        return False
    return all(may_hand_over(issuer, after.replaces_id or PersonId(0), post) for post in posts)


async def _posts(ctx: HandlerContext, asked: Appointment) -> tuple[Post, ...]:
    """Return the posts that an appointment moves now, highest first."""
    if asked.held_at is None or asked.replaces_id is None:
        posts: Sequence[Post] = [each.post for each in (asked, *await ctx.unit.invitations.decided_with(asked))]
        return tuple(sorted(posts, key=lambda post: RANK.index(post.role), reverse=True))
    posts = await ctx.unit.directory.posts_held(asked.replaces_id, since=asked.held_at, at=ctx.at)
    return tuple(sorted(posts, key=lambda post: RANK.index(post.role), reverse=True))


async def _facts(ctx: HandlerContext, asked: Appointment) -> dict[str, Any]:
    posts = await _posts(ctx, asked) or (asked.post,)
    facts: dict[str, Any] = {
        "name": (await ctx.unit.people.receiver(asked.person_id)).name,
        "post": await posts_text(ctx, posts),
        "issuer": await _name(ctx, asked.issuer_id),
    }
    if asked.replaces_id is not None:
        facts["owner"] = await _name(ctx, asked.replaces_id)
    return facts | ({"until": At(asked.waits_until)} if asked.waits_until else {})


async def _seated(ctx: HandlerContext, asked: Appointment) -> dict[PersonId, str]:
    """Return who holds the post beside whom somebody new would have it."""
    return {} if asked.replaces_id is not None else await seated(ctx, asked.post, without=asked.person_id)


async def _ask_deciders(ctx: HandlerContext, asked: Appointment, facts: dict[str, Any]) -> bool:
    """Send the card that asks for a decision.

    Return whether somebody who can approve is reached.
    """
    others = await _seated(ctx, asked)
    if asked.held_at is not None:
        key = "invite.moving.to_leader" if asked.waits_until else "invite.move.to_leader"
    elif asked.replaces_id is not None:
        key = "invite.confirm_instead.to_leader"
    else:
        key = "invite.confirm_beside.to_leader" if others else "invite.confirm.to_leader"
    return await _tell_deciders(ctx, asked, key, facts | ({"others": Joined(others.values())} if others else {}), others=others)


async def _tell_deciders(
    ctx: HandlerContext,
    asked: Appointment,
    key: str,
    facts: dict[str, Any],
    *,
    others: Mapping[PersonId, str] = MappingProxyType({}),
    stays: bool = False,
) -> bool:
    """Send everybody in charge the card, with the buttons that they may press.

    `others`: holders of the post whom the new one may replace.

    Return whether one of them can approve.
    """
    roles = POWERS[asked.role].approves | {Role.LEADER}
    candidate, issuer = await ctx.unit.people.get(asked.person_id, at=ctx.at), await _issuer(ctx, asked)
    reached = False
    for receiver in await in_charge(ctx.unit, (asked.station_id,), at=ctx.at):
        if receiver.role not in roles or receiver.person_id is None:
            continue
        decider = await ctx.unit.people.get(receiver.person_id, at=ctx.at)
        words = [word for word in LABELS if _may_say(asked, decider, candidate, issuer, word, ctx.at)]
        buttons = tuple((button,) for word in words for button in _buttons(asked, word, others))
        reached = reached or (receiver.address is not None and Word.YES in words)
        if receiver.person_id not in (asked.person_id, asked.replaces_id):
            await ctx.notify(Notice(receiver, key, facts, buttons, card=f"appointment:{asked.id}", stays=stays))
    return reached


def _buttons(asked: Appointment, word: Word, others: Mapping[PersonId, str]) -> Iterator[Button]:
    if word is not Word.YES or not others:
        yield Button(LABELS[word], "appoint", (asked.id, str(word)))
        return
    for person_id, name in others.items():
        yield Button("invite.button.approve_instead", "appoint", (asked.id, str(word), person_id), {"name": name})
    yield Button("invite.button.approve_both", "appoint", (asked.id, str(word), BOTH))


def _may_say(asked: Appointment, decider: Person, candidate: Person, issuer: Person | None, word: Word, at: datetime) -> bool:
    try:
        decide(asked, decider, candidate, issuer, word, at=at)
    except RuleError:
        return False
    return True


async def _tell_of_objection(ctx: HandlerContext, issuer_id: PersonId | None, station_id: StationId) -> None:
    """Tell everybody in charge that somebody tried to take over posts, by whose code."""
    facts = {"name": ctx.actor.name, "issuer": await _name(ctx, issuer_id)}
    for receiver in await in_charge(ctx.unit, (station_id,), at=ctx.at):
        if receiver.person_id != ctx.actor.id:
            await ctx.notify(Notice(receiver, "invite.objected.to_leader", facts))


async def _issuer(ctx: HandlerContext, asked: Appointment) -> Person | None:
    return None if asked.issuer_id is None else await ctx.unit.people.find(asked.issuer_id, at=ctx.at)


async def _name(ctx: HandlerContext, person_id: PersonId | None) -> str:
    return ctx.town.name if person_id is None else (await ctx.unit.people.receiver(person_id)).name
