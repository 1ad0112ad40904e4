"""Counting a poll again, and closing it when its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.world import Poll, World


def change_poll(world: World, poll: Poll, *, is_closed: bool, reply_markup: Json | None = None) -> Json:
    """Count again, show it in the message, tell the bot and the page."""
    wire = {**poll.wire, "is_closed": is_closed, "total_voter_count": len(poll.votes)}
    wire["options"] = [
        {**option, "voter_count": sum(place in chosen for chosen in poll.votes.values())} for place, option in enumerate(wire["options"])
    ]
    poll.wire = wire
    stored = world.find_message(poll.chat_id, poll.message_id)
    if stored is not None:
        changes: Json = {"poll": wire}
        if is_closed:
            changes["reply_markup"] = reply_markup
        world.replace(stored, changes, tell="poll")
    world.cause("poll", wire, lane=poll.chat_id)
    return wire


def close_due_polls(world: World) -> None:
    """Close the polls whose time is over by the sandbox's clock."""
    now = world.clock.now()
    for poll in world.polls.values():
        if not poll.wire["is_closed"] and poll.wire.get("close_date", now + 1) <= now:
            change_poll(world, poll, is_closed=True)
