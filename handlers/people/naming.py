"""Give a name: any name with /me, the real one with a post.

Which words are reserved is in domain/people/titles.py. Invariants: a typed name contains no title of a post that the person does not hold;
a person who takes a post has given a real name.
"""

from __future__ import annotations

from datetime import timedelta

from domain.core.change import Button, Event, Notice, PersonId, RuleError
from domain.core.numbers import clean_name
from domain.core.post_change import PostChange, Why
from domain.people.powers import own_posts
from domain.people.titles import is_real_name, reserved_word
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import Answers
from handlers.core.post_changes import posts_changed
from handlers.core.records import limit_rate
from handlers.people.appointing import in_charge

DAY = timedelta(days=1)


async def accept_name(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take a name of two to forty characters, without the title of somebody else's post."""
    name = clean_name(said.text)
    if len(name) < 2 or name.startswith("/"):
        raise RuleError("people.rename.again")
    word = reserved_word(name, [post.role for post in own_posts(ctx.actor)])
    if word is not None:
        raise RuleError("people.rename.reserved", word=word)
    return name


async def accept_real_name(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take a name as in an identity document."""
    name = clean_name(said.text)
    if not is_real_name(name):
        raise RuleError("invite.name.again")
    return name


async def finish_rename(ctx: HandlerContext, answers: Answers) -> None:
    """Write the name; of somebody with a post, everybody in charge is told."""
    assert ctx.actor.id is not None, "the dialog's policy asks for somebody who has joined"
    await limit_rate(ctx, "rename", most=ctx.town.limits.renames_per_day, within=DAY, key="people.rename.often")
    before, name = ctx.actor.name, answers["name"]
    await write_name(ctx, ctx.actor.id, name)
    await known_again(ctx, ctx.actor.id)
    await ctx.reply("people.rename.done", name=name)
    for receiver in await in_charge(ctx.unit, {post.station_id for post in own_posts(ctx.actor)}, at=ctx.at):
        if receiver.person_id != ctx.actor.id and before != name:
            await ctx.notify(Notice(receiver, "people.renamed.to_leader", {"before": before, "name": name}))


async def known_again(ctx: HandlerContext, person_id: PersonId) -> None:
    """Let what bars a person with this name or number bar them in the posts that they hold."""
    if own_posts(await ctx.unit.people.get(person_id, at=ctx.at)):
        await posts_changed(ctx, PostChange(person_id, Why.STARTED))


async def write_name(ctx: HandlerContext, person_id: PersonId, name: str, *, real: bool = False) -> None:
    """Change a person's name. `real`: as in an identity document."""
    await ctx.unit.privacy.set_name(person_id, name)
    if real:
        await ctx.unit.privacy.named(person_id, at=ctx.at)
    await ctx.audit(Event(f"person:{person_id}", "named" if real else "renamed", person_id, ctx.at))


async def ask_for_name(ctx: HandlerContext, word: str) -> None:
    """Say why the profile's name was not taken, and offer to give another."""
    await ctx.reply("join.titled", buttons=((Button("people.button.rename", "rename"),),), word=word, name=ctx.actor.name)
