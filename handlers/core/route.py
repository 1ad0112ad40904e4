"""The form of a row of the route table.

Each feature holds its own rows. `free`: not counted by the rate limiter, for users who pass the policy (help in danger, the end of a
wait, a group's talk); all else is counted against `limits.texts_per_minute`. Invariant: a route without a policy cannot be written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from domain.core.immutable import immutable
from domain.people.people import RANK, Policy, Role

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext

Handler = Callable[["HandlerContext"], Awaitable[None]]
#: The roles whose command menu shows a row.
EVERYBODY = frozenset(RANK)
KNOWN = EVERYBODY - {Role.STRANGER}
CHAIRS = frozenset({Role.CHAIR})
OFFICERS = frozenset({Role.OFFICER, Role.DUTY, Role.LEADER})
STATION = frozenset({Role.DUTY, Role.LEADER, Role.ADMIN})


@immutable
class CommandRoute:
    """`/name …`.

    `where`: "private", "group" or "both". `menu`: the roles whose command menu shows it (text `command.<name>`). `feature`: the optional
    feature it belongs to, set by `Feature.optional`; in a town without it (`Town.features`) the command is unknown. `reports`: a call for
    help in its words is answered in its place; that in the words of any other command is answered beside it. `words`: other names, that
    people type with a number after them: "受理 1004"; with a slash also before other words. `pressed`: the verb of the button that does the
    same, in the menu or on the card of the thing that the command names; without one it has a button on the page of everything
    (handlers/conversation/everything.py).
    """

    name: str
    handler: Handler
    policy: Policy
    where: str = "private"
    menu: frozenset[Role] = frozenset()
    free: bool = False
    feature: str = ""
    reports: bool = False
    words: tuple[str, ...] = ()
    pressed: str = ""


@immutable
class ButtonRoute:
    """A pressed button with this verb.

    `ctx.incoming.values` are its arguments (text, checked by the handler). `about_oneself`: it opens no record of anybody else, whatever its
    arguments are; the tests press every other button with foreign numbers. `fresh`: shows the record when the button is expired (else: the menu).
    """

    verb: str
    handler: Handler
    policy: Policy
    free: bool = False
    fresh: Handler | None = None
    about_oneself: bool = False


@immutable
class MessageRoute:
    """Any message that is not a command or a press.

    `kind`: "private" (text, media, location, contact), "group", "member" (the bot's own membership), "moved", "edited", "misplaced" (a
    private command in a group).
    """

    kind: str
    handler: Handler
    policy: Policy
    free: bool = False


@immutable
class TimerRoute:
    """A due timer of this kind, or a due schedule (`schedule:<kind>`)."""

    kind: str
    handler: Handler
    policy: Policy = Policy.CLOCK


Route = CommandRoute | ButtonRoute | MessageRoute | TimerRoute


def trigger_of(route: Route) -> str:
    """Return the trigger of a route: a command, a button's verb, a message kind, a timer kind."""
    match route:
        case CommandRoute(name=name):
            return name
        case ButtonRoute(verb=verb):
            return verb
        case MessageRoute(kind=kind) | TimerRoute(kind=kind):
            return kind
