"""The common part of every send: chat, thread, replied message, keyboard, rate limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.api.keyboards import checked
from sandbox.api.targets import reply_of, thread_of, writable_chat

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.world import Stored, World


def deliver(world: World, args: Arguments, content: Json, *, chat_id: int, extra: Json | None = None, cost: int = 1) -> Stored:
    """Post content into a chat that was checked by `target`.

    `cost` is the number of calls to take from the buckets, 0 if already taken. On 400 or 429 nothing is posted.
    """
    fields = content | thread_of(world, args, chat_id) | reply_of(world, args, chat_id)
    if extra:
        fields |= extra
    keyboard = None
    if "reply_markup" in args.values:
        markup = checked(args.mapping("reply_markup"), private=chat_id > 0)
        if markup is not None and "inline_keyboard" in markup:
            fields["reply_markup"] = markup
        else:
            keyboard = markup
    if cost:
        world.limits.spend(chat_id, now=world.clock.monotonic(), cost=cost)
    protected = "protect_content" in args.values and args.boolean("protect_content")
    return world.post(chat_id, world.bot, fields, by_bot=True, protected=protected, keyboard=keyboard)


def target(world: World, args: Arguments) -> int:
    """Return the chat of a send."""
    return writable_chat(world, args)
