"""/handover: move one post or all posts of a person, with everything that belongs to them.

Knows the questions and the preview; handlers/core/post_changes.py moves the open things. Invariant: one dialog and one second word for all
posts together; the old holder's buttons stop working with the next press.
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
from handlers.people.appointing import install, post_text, posts_text
from handlers.people.approving import wait_for_word

SHOWN = 20
#: The answer that means every post of the person.
EVERY = "every"
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
    every = [Choice("handover.button.every_post", EVERY, {"count": len(posts)})] if len(posts) > 1 else []
    texts = [await post_text(ctx, post.role, post.village_id) for post in posts]
    return (*every, *(Choice("handover.button.post", _write(post), {"post": text}) for post, text in zip(posts, texts, strict=True)))


async def accept_post(ctx: HandlerContext, said: Incoming, answers: Answers) -> list[str]:
    """Take one of the offered posts, or all of them."""
    offered = [_write(post) for post in await _movable(ctx, PersonId(answers["who"]))]
    if said.text == EVERY and len(offered) > 1:
        return offered
    if said.text not in offered:
        raise RuleError("handover.post_again")
    return [said.text]


async def to_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer colleagues of the same village or station.

    A new person too, for posts that the actor may invite to.
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
    posts = _read_all(answers)
    villages = [post.village_id for post in posts if post.village_id is not None]
    old = await ctx.unit.people.get(PersonId(answers["who"]), at=ctx.at)
    new = {"t": "handover.new"} if answers["to"] == "new" else (await ctx.unit.people.get(PersonId(int(answers["to"])), at=ctx.at)).name
    cases = await ctx.unit.search.count_open_in(ctx.actor, villages)
    groups = await ctx.unit.directory.count_groups(villages)
    return {"post": await posts_text(ctx, posts), "old": old.name, "new": new, "cases": cases, "groups": groups}


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
    posts, holder = _read_all(answers), PersonId(answers["who"])
    if not {_write(post) for post in posts} <= {_write(each) for each in await _movable(ctx, holder)}:
        raise RuleError("refused.not_allowed")
    posts.sort(key=lambda post: RANK.index(post.role), reverse=True)
    if answers["to"] == "new":
        await inviting.issue_instead(ctx, posts, holder)
        return
    to = await ctx.unit.people.find(PersonId(int(answers["to"])), at=ctx.at)
    if to is None or to.id is None or to.id not in await _successors(ctx, answers):
        raise RuleError("handover.nobody", name="" if to is None else to.name)
    if holder != ctx.actor.id and is_same_human(ctx.actor, to):
        raise RuleError("handover.own")
    for each in posts:
        facts = {"role": str(each.role), "village": each.village_id, "to": to.id}
        await ctx.audit(Event(f"person:{holder}", "handed_over", ctx.actor.id, ctx.at, data=facts))
    line: dict[str, Any] = {"post": await posts_text(ctx, posts), "new": to.name}
    if all(_alone(ctx, each) for each in posts):
        await install(ctx, to.id, posts, replaces_id=holder, issuer_id=ctx.actor.id)
        await ctx.reply("handover.done", **line)
        return
    for station_id in dict.fromkeys(each.station_id for each in posts):
        first, *others = [each for each in posts if each.station_id == station_id]
        await wait_for_word(ctx, to.id, first, more=others, issuer_id=ctx.actor.id, replaces_id=holder)
    await ctx.reply("handover.waiting", **line)


def _alone(ctx: HandlerContext, post: Post) -> bool:
    """Return whether the actor's own word is enough to move a post."""
    own_word = may_appoint(ctx.actor, post.role, station_id=post.station_id, village_id=post.village_id)
    return own_word and not needs_second_word(post.role, ctx.actor)


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
    """Return the possible successors for every post, highest first, without suspended people.

    For a village's post they are the holders of its posts, for a police post the station's police. A person with all of the posts is left out.
    """
    posts = _read_all(answers)
    found: dict[PersonId, str] | None = None
    having: set[PersonId] | None = None
    for post in posts:
        fit, holding = await _fit_for(ctx, post)
        having = holding if having is None else having & holding
        found = fit if found is None else {person_id: name for person_id, name in found.items() if person_id in fit}
    left_out = {PersonId(answers["who"]), ctx.actor.id or PersonId(0), *(having or ())}
    return {person_id: name for person_id, name in (found or {}).items() if person_id not in left_out}


async def _fit_for(ctx: HandlerContext, post: Post) -> tuple[dict[PersonId, str], set[PersonId]]:
    """Return the people who may have a post, highest first, and those who have it."""
    sight = (
        ReadScope(frozenset(), frozenset({post.village_id}), frozenset())
        if post.village_id and post.role is not Role.OFFICER
        else ReadScope(frozenset({post.station_id}), frozenset(), frozenset())
    )
    holders = await ctx.unit.directory.holders(sight, at=ctx.at)
    police = post.village_id is None or post.role is Role.OFFICER
    fit = [h for h in holders if not h.suspended and (not police or h.post.role in POLICE | {Role.ADMIN})]
    having = {h.person_id for h in holders if (h.post.role, h.post.village_id) == (post.role, post.village_id)}
    return {h.person_id: h.name for h in sorted(fit, key=lambda h: -RANK.index(h.post.role))}, having


def _may_name(ctx: HandlerContext, answers: Answers) -> bool:
    """Return whether the actor may invite somebody new to the posts."""
    return all(may_appoint(ctx.actor, post.role, station_id=post.station_id, village_id=post.village_id) for post in _read_all(answers))


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
        answers["post"] = [_write(posts[0])]
    return person_id


async def _movable(ctx: HandlerContext, person_id: PersonId) -> list[Post]:
    person = await ctx.unit.people.find(person_id, at=ctx.at)
    return [post for post in (own_posts(person) if person else ()) if may_hand_over(ctx.actor, person_id, post)]


def _write(post: Post) -> str:
    return f"{post.role}.{post.station_id}.{post.village_id or 0}"


def _read_all(answers: Answers) -> list[Post]:
    said = answers["post"]
    return [_read(text) for text in ([said] if isinstance(said, str) else said)]  # a dialog begun by an older version has one


def _read(text: str) -> Post:
    found = POST.fullmatch(text)
    if found is None or found[1] not in set(Role):
        raise RuleError("handover.post_again")
    return Post(Role(found[1]), StationId(int(found[2])), VillageId(int(found[3])) or None)
