"""Methods that receive updates: polling and the webhook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.core.errors import bad_request, conflict
from sandbox.world.updates import BY_WEBHOOK, LONGEST_POLL_S, WEBHOOK_SET

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.world import World

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
MOST_CONNECTIONS = 100


async def get_updates(world: World, args: Arguments) -> list[Any]:
    """Return the next updates. An offset confirms the updates before it."""
    if world.webhook.url:
        raise conflict(WEBHOOK_SET)
    limit = args.integer("limit", 100)
    limit = limit if 1 <= limit <= 100 else 100
    timeout_s = min(max(args.integer("timeout"), 0), LONGEST_POLL_S)
    if args.has("allowed_updates"):
        world.updates.allow(args.sequence("allowed_updates"))
    return await world.updates.poll(args.integer("offset"), limit, timeout_s, now=world.clock.monotonic())


def set_webhook(world: World, args: Arguments) -> bool:
    """Deliver to a server on this machine; an empty URL removes the webhook."""
    url = args.text("url")
    if not url:
        return delete_webhook(world, args)
    secret = args.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = args.integer("max_connections", 40)
    if not 1 <= connections <= MOST_CONNECTIONS:
        connections = 40
    if args.has("allowed_updates"):
        world.updates.allow(args.sequence("allowed_updates"))
    if args.boolean("drop_pending_updates"):
        _drop(world)
    world.webhook.set(url, secret=secret, max_connections=connections)
    world.updates.stop_polling(BY_WEBHOOK)
    return True


def delete_webhook(world: World, args: Arguments) -> bool:
    """Go back to polling. Undelivered updates are kept unless `drop_pending_updates` is set."""
    if args.boolean("drop_pending_updates"):
        _drop(world)
    world.webhook.remove()
    return True


def _drop(world: World) -> None:
    world.webhook.drop()
    world.updates.queue.clear()


def get_webhook_info(world: World, args: Arguments) -> Json:
    """Return the `WebhookInfo` with the number of pending updates."""
    return world.webhook.info()


def log_out(world: World, args: Arguments) -> bool:
    """Do nothing and succeed."""
    return True


def close(world: World, args: Arguments) -> bool:
    """Do nothing and succeed."""
    return True
