"""/handover: move a post from one person to another, with everything that belongs to it.

Knows the questions and the preview. Invariant: posts are looked up live everywhere, so moving the post moves the open cases, the group
and the schedules; the old holder's buttons stop working with the next press.
"""

from __future__ import annotations

import re
from typing import Any

from domain.core.change import Event, PersonId, RuleError, StationId, VillageId
from domain.people.people import POLICE, RANK, Policy, Post, ReadScope, Role, read_scope
from domain.people.powers import is_same_human, may_appoint, may_hand_over, needs_second_word, own_posts
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import NUMBER, pressed_number
from handlers.people import inviting
from handlers.people.appointing import install, post_text
from handlers.people.approving import wait_for_word

SHOWN = 20
POST = re.compile("([a-z]{1,16})[.]([0-9]{1,9})[.]([0-9]{1,9})")


async def handover(ctx: HandlerContext) -> None:
    """Begin with the holder of the post: the actor, or a name: /handover 王主任."""
    answers: Answers = {}
    if ctx.args:
        answers["who"] = await _by_name(ctx, ctx.args, answers)
    await begin(ctx, "handover", answers)


async def press_hand(ctx: HandlerContext) -> None:
    """Begin from a person's card."""
    answers: Answers = {}
    answers["who"] = await _holder(ctx, PersonId(pressed_number(ctx)), answers)
    await begin(ctx, "handover", answers)


async def who_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the actor's own posts; others are typed."""
    return (Choice("handover.button.mine", str(ctx.actor.id)),) if own_posts(ctx.actor) else ()


async def accept_who(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    """Take a person by button or name."""
    if NUMBER.fullmatch(said.text):
        return await _holder(ctx, PersonId(int(said.text)), answers)
    return await _by_name(ctx, said.text, answers)


async def post_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the posts of that person that may be moved."""
    posts = await _movable(ctx, PersonId(answers["who"]))
    return tuple(
        [Choice("handover.button.post", _write(post), {"post": await post_text(ctx, post.role, post.village_id)}) for post in posts]
    )


async def accept_post(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take one of the offered posts."""
    if said.text not in {_write(post) for post in await _movable(ctx, PersonId(answers["who"]))}:
        raise RuleError("handover.post_again")
    return said.text


async def to_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer colleagues of the same village or station.

    A new person too, where the actor may invite one.
    """
    people = await _successors(ctx, answers)
    offered = [Choice("handover.button.person", str(person_id), {"name": name}) for person_id, name in list(people.items())[:SHOWN]]
    return (*offered, Choice("handover.button.new", "new")) if _may_name(ctx, answers) else tuple(offered)


async def accept_to(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take somebody by button or by a unique name among the people who may have the post.

    A button carries no more than a name.
    """
    wanted = said.text.strip()
    if wanted == "new" and _may_name(ctx, answers):
        return wanted
    people = await _successors(ctx, answers)
    if wanted in {str(person_id) for person_id in people}:
        return wanted
    found = [person_id for person_id, name in people.items() if name == wanted]
    found = found or [person_id for person_id, name in people.items() if wanted and wanted in name]
    if len(found) != 1:
        raise RuleError("handover.many" if found else "handover.nobody", name=wanted[:40])
    return str(found[0])


async def preview(ctx: HandlerContext, answers: Answers) -> dict[str, object]:
    """Name the parts that move too: open cases, groups, schedules."""
    post = _read(answers["post"])
    old = await ctx.unit.people.get(PersonId(answers["who"]), at=ctx.at)
    new = {"t": "handover.new"} if answers["to"] == "new" else (await ctx.unit.people.get(PersonId(int(answers["to"])), at=ctx.at)).name
    cases = groups = 0
    if post.village_id is not None:
        cases = await ctx.unit.search.count_open_in(ctx.actor, post.village_id)
        groups = await ctx.unit.directory.count_groups(post.village_id)
    return {"post": await post_text(ctx, post.role, post.village_id), "old": old.name, "new": new, "cases": cases, "groups": groups}


async def sure_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer one button; everything else leaves the dialog."""
    return (Choice("handover.button.sure", "yes"),)


async def accept_sure(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take only the button, or its plain word."""
    if said.text.strip().casefold() not in ("yes", "确认", "确认交接", "是"):
        raise RuleError("handover.sure_again")
    return "yes"


async def finish(ctx: HandlerContext, answers: Answers) -> None:
    """Move the post now, ask for a second confirmation, or issue the invitation that moves it.

    Rights are checked again here.
    """
    post, holder = _read(answers["post"]), PersonId(answers["who"])
    if _write(post) not in {_write(each) for each in await _movable(ctx, holder)}:
        raise RuleError("refused.not_allowed")
    if answers["to"] == "new":
        await inviting.issue(ctx, post.role, station_id=post.station_id, village_id=post.village_id, replaces_id=holder)
        return
    to = await ctx.unit.people.find(PersonId(int(answers["to"])), at=ctx.at)
    if to is None or to.id is None or to.id not in await _successors(ctx, answers):
        raise RuleError("handover.nobody", name="" if to is None else to.name)
    if holder != ctx.actor.id and is_same_human(ctx.actor, to):
        raise RuleError("handover.own")
    facts = {"role": str(post.role), "village": post.village_id, "to": to.id}
    await ctx.audit(Event(f"person:{holder}", "handed_over", ctx.actor.id, ctx.at, data=facts))
    own_word = may_appoint(ctx.actor, post.role, station_id=post.station_id, village_id=post.village_id)
    line: dict[str, Any] = {"post": await post_text(ctx, post.role, post.village_id), "new": to.name}
    if own_word and not needs_second_word(post.role, ctx.actor):
        await install(ctx, to.id, (post,), replaces_id=holder, issuer_id=ctx.actor.id)
        await ctx.reply("handover.done", **line)
        return
    await wait_for_word(ctx, to.id, post, issuer_id=ctx.actor.id, replaces_id=holder)
    await ctx.reply("handover.waiting", **line)


HANDOVER = Dialog(
    "handover",
    Policy.POST,
    (
        Step("who", "handover.who.question", accept_who, who_choices),
        Step("post", "handover.post.question", accept_post, post_choices, wide=1),
        Step("to", "handover.to.question", accept_to, to_choices),
        Step("sure", "handover.preview", accept_sure, sure_choices, preview),
    ),
    finish,
)


async def _successors(ctx: HandlerContext, answers: Answers) -> dict[PersonId, str]:
    """Return the possible successors, highest first, without suspended people.

    For a village's post they are the holders of its posts, for a police post the station's police.
    """
    post = _read(answers["post"])
    sight = (
        ReadScope(frozenset(), frozenset({post.village_id}), frozenset())
        if post.village_id and post.role is not Role.OFFICER
        else ReadScope(frozenset({post.station_id}), frozenset(), frozenset())
    )
    holders = await ctx.unit.directory.holders(sight, at=ctx.at)
    taken = {h.person_id for h in holders if (h.post.role, h.post.village_id) == (post.role, post.village_id)}
    taken |= {PersonId(answers["who"]), ctx.actor.id or PersonId(0)}
    police = post.village_id is None or post.role is Role.OFFICER
    fit = [h for h in holders if h.person_id not in taken and not h.suspended and (not police or h.post.role in POLICE | {Role.ADMIN})]
    return {h.person_id: h.name for h in sorted(fit, key=lambda h: -RANK.index(h.post.role))}


def _may_name(ctx: HandlerContext, answers: Answers) -> bool:
    """Return whether the actor may invite somebody new to the post."""
    post = _read(answers["post"])
    return may_appoint(ctx.actor, post.role, station_id=post.station_id, village_id=post.village_id)


async def _by_name(ctx: HandlerContext, name: str, answers: Answers) -> int:
    sight = read_scope(ctx.actor)
    found = await ctx.unit.directory.search(name.strip()[:40], stations=sorted(sight.stations), villages=sorted(sight.villages), at=ctx.at)
    movable = [person for person in found if await _movable(ctx, person)]
    if len(movable) != 1:
        raise RuleError("handover.many" if movable else "handover.nobody", name=name[:40])
    return await _holder(ctx, movable[0], answers)


async def _holder(ctx: HandlerContext, person_id: PersonId, answers: Answers) -> int:
    """Take the person; when only one post may be moved, it need not be asked for."""
    posts = await _movable(ctx, person_id)
    if not posts:
        raise RuleError("handover.nothing")
    if len(posts) == 1:
        answers["post"] = _write(posts[0])
    return person_id


async def _movable(ctx: HandlerContext, person_id: PersonId) -> list[Post]:
    person = await ctx.unit.people.find(person_id, at=ctx.at)
    return [post for post in (own_posts(person) if person else ()) if may_hand_over(ctx.actor, person_id, post)]


def _write(post: Post) -> str:
    return f"{post.role}.{post.station_id}.{post.village_id or 0}"


def _read(text: str) -> Post:
    found = POST.fullmatch(text)
    if found is None or found[1] not in set(Role):
        raise RuleError("handover.post_again")
    return Post(Role(found[1]), StationId(int(found[2])), VillageId(int(found[3])) or None)
