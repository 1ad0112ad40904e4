"""From something that came in to the handler's end, inside one unit.

Knows the order: who is it → which route → are they too fast → may they try → handler. Must not know Telegram or the network. Invariant: every
act, a person's or the clock's, takes these few lines, and what a rule forbids is answered in the same transaction; whatever a person does is
counted here, but what helps in danger or ends a wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.handling.rate_limiter import RateLimiter
from domain.cases.intake import is_emergency
from domain.core.change import Address, ChatId, RuleError
from domain.people.people import Person, admit, may_try, without_rights
from handlers.core.context import NOWHERE, HandlerContext, Hooks, Incoming
from handlers.core.route import ButtonRoute, CommandRoute, Handler, MessageRoute, Route, TimerRoute, trigger_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.town import Town
    from handlers.core.dialogs import Dialog
    from storage.core.timers import Due
    from storage.unit import Unit


#: Who holds a post does so many times as much in a minute as anybody may: a hand signs people in faster than once in two seconds, no hand twice in one.
IN_OFFICE = 4


@dataclass(frozen=True, slots=True)
class Table:
    """The route table by trigger, looked up in constant time; `rate_limiter` counts those who ask for a route."""

    commands: Mapping[str, CommandRoute]
    presses: Mapping[str, ButtonRoute]
    says: Mapping[str, MessageRoute]
    ticks: Mapping[str, TimerRoute]
    dialogs: Mapping[str, Dialog]
    hooks: Hooks
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)

    @classmethod
    def of(cls, routes: Sequence[Route], dialogs: Mapping[str, Dialog], hooks: Hooks) -> Table:
        """Index the rows; `hooks`: what features ask to be called for.

        Raises:
            ValueError: two rows have the same trigger.
        """
        found: dict[tuple[type[Route], str], Route] = {}
        for route in routes:
            name = trigger_of(route)
            if (type(route), name) in found:
                raise ValueError(f"two routes for {name}")
            found[type(route), name] = route
        return cls(
            {name: route for (_, name), route in found.items() if isinstance(route, CommandRoute)},
            {name: route for (_, name), route in found.items() if isinstance(route, ButtonRoute)},
            {name: route for (_, name), route in found.items() if isinstance(route, MessageRoute)},
            {name: route for (_, name), route in found.items() if isinstance(route, TimerRoute)},
            dialogs,
            hooks,
        )

    def route_for(self, incoming: Incoming, features: frozenset[str] = frozenset()) -> CommandRoute | ButtonRoute | MessageRoute | None:
        """Return the row that answers to what came in; None when nothing should happen (a group's talk).

        `features`: those that are switched on; a command of another one is unknown.
        """
        if incoming.press_id:
            return self.presses.get(incoming.verb)
        if incoming.member or incoming.moved_to:
            return self.says.get("member" if incoming.member else "moved")
        if incoming.edited:
            return self.says.get("edited")
        command = self.commands.get(incoming.command)
        if command is not None and (not command.feature or command.feature in features):
            misplaced = command.where == "private" and not incoming.private
            return self.says.get("misplaced", command) if misplaced else command
        return self.says.get("private" if incoming.private else "group")


async def perform(unit: Unit, incoming: Incoming, table: Table, *, town: Town, at: datetime, cause: str) -> HandlerContext:
    """Let a person's doing take effect; return the act (with its toast) for whoever answers the press.

    Raises:
        Exception: a fault of ours; the caller rolls the unit back.
    """
    address = Address(incoming.address.channel, ChatId(incoming.user_id))
    actor = await unit.people.actor(address, name=incoming.user_name, language=incoming.language, at=at)
    if incoming.anonymous:
        actor = Person(None, incoming.user_name, actor.language, incoming.address)
    elif incoming.private and actor.lost:
        await unit.people.mark_reachable(address, at=at)
    elif incoming.private and actor.id is not None and len(town.bot_names) > 1:  # only among several addresses does the last one matter
        await unit.people.mark_seen(address, at=at)
    if actor.suspended:
        actor = without_rights(actor)
    ctx = HandlerContext(unit, actor, at, town, incoming, cause, dialogs=table.dialogs, hooks=table.hooks)
    route = table.route_for(incoming, town.features)
    try:
        if _too_fast(ctx, route, table.rate_limiter):
            return ctx
        if route is None:
            _unrouted(ctx)
            return ctx
        _right_place(route, incoming)
        admit(actor, route.policy)
        await _undone_by_a_rule(ctx, route.handler)
    except RuleError as rule:
        await refuse(ctx, rule)
    return ctx


def _too_fast(ctx: HandlerContext, route: CommandRoute | ButtonRoute | MessageRoute | None, rate_limiter: RateLimiter) -> bool:
    """Count what somebody does; beyond the limit refuse once, then tell that nothing more happens in this minute.

    Raises:
        RuleError: `refused.too_fast`.
    """
    said = ctx.incoming
    if route is not None and route.free and may_try(ctx.actor, route.policy):
        return False
    if said.edited and not (said.private and said.text):
        return False  # without words: a place that moves along with whoever shares it
    if isinstance(route, MessageRoute) and is_emergency(said.text):
        return False
    limit = ctx.town.limits.texts_per_minute * (IN_OFFICE if ctx.actor.posts else 1)
    who = said.address if said.private or said.anonymous else Address(said.address.channel, ChatId(said.user_id))
    place = rate_limiter.place(who, ctx.cause, limit=limit, at=ctx.at)
    if place == limit + 1 and (said.private or said.press_id):
        raise RuleError("refused.too_fast")
    return place > limit


async def _undone_by_a_rule(ctx: HandlerContext, handler: Handler) -> None:
    """Run a handler; what it wrote before a rule stopped it is undone (an attempt that must be counted is answered, not raised)."""
    await ctx.unit.transaction.savepoint()
    try:
        await handler(ctx)
    except RuleError:
        await ctx.unit.transaction.rollback_to()
        raise


async def refuse(ctx: HandlerContext, rule: RuleError) -> None:
    """Answer what a rule forbids: over the chat for a press, in the chat otherwise."""
    if ctx.incoming.press_id:
        ctx.toast(rule.key, alert=True, **rule.params)
    else:
        await ctx.reply(rule.key, **rule.params)


async def perform_due(unit: Unit, due: Due, table: Table, *, town: Town, at: datetime) -> None:
    """Let a due timer take effect and end it, in the same unit.

    Raises:
        LookupError: no row of the table answers to this kind.
    """
    tick = table.ticks[due.kind]
    nobody = Person(None, "", "zh", NOWHERE.address)
    ctx = HandlerContext(
        unit, nobody, at, town, NOWHERE, f"timer:{due.id}:{due.attempts}", timer=due, dialogs=table.dialogs, hooks=table.hooks
    )
    if await unit.timers.finish(due.id, at=at):
        await tick.handler(ctx)


def _right_place(route: CommandRoute | ButtonRoute | MessageRoute, incoming: Incoming) -> None:
    if isinstance(route, CommandRoute) and route.where != "both" and (route.where == "private") != incoming.private:
        raise RuleError("refused.private_only" if route.where == "private" else "refused.group_only")


def _unrouted(ctx: HandlerContext) -> None:
    if ctx.incoming.press_id:
        ctx.toast("refused.old_button", alert=True)
