"""Run an incoming event through routing, rate limit, permission and handler in one unit.

Knows the order: identify the actor → find the route → hear a call for help → check the rate → check the permission → run the handler. Must
not know Telegram or the network. Invariant: every handler call, for a person or for a timer, goes through these few lines. A rule's refusal is answered in the
same transaction. Every action of a person counts towards the rate limit, except those that help in danger or end a wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.handling.rate_limiter import RateLimiter
from domain.core.change import Address, ChatId, Notice, Priority, RuleError
from domain.core.immutable import replace
from domain.core.said import command_in_words, split_glued
from domain.emergencies.hearing import hear
from domain.people.people import Person, admit, may_try, without_rights
from handlers.core.context import NOWHERE, HandlerContext, Hooks, Incoming
from handlers.core.placing import spend_answered
from handlers.core.route import ButtonRoute, CommandRoute, Handler, MessageRoute, Route, TimerRoute, trigger_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.town import Town
    from handlers.core.dialogs import Dialog
    from storage.core.timers import Due
    from storage.unit import Unit


#: People with a post may do so many times as much per minute: they sign in each person in under two seconds, but not in half a second.
IN_OFFICE = 4
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Table:
    """The route table by trigger, looked up in constant time, and the rate limiter."""

    commands: Mapping[str, CommandRoute]
    presses: Mapping[str, ButtonRoute]
    says: Mapping[str, MessageRoute]
    ticks: Mapping[str, TimerRoute]
    dialogs: Mapping[str, Dialog]
    hooks: Hooks
    words: Mapping[str, str]
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)

    @classmethod
    def of(cls, routes: Sequence[Route], dialogs: Mapping[str, Dialog], hooks: Hooks) -> Table:
        """Index the rows. `hooks`: the events for which features ask to be called.

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
            {word: route.name for route in found.values() if isinstance(route, CommandRoute) for word in route.words},
        )

    def spelled_out(self, incoming: Incoming, actor: Person) -> Incoming:
        """Return a message with its command as it was meant: "/case1011", "受理 1004".

        A command in words is one only for people who may try it: anybody else talks about it.
        """
        if incoming.press_id or incoming.edited:
            return incoming
        if incoming.command:
            name, number = split_glued(incoming.command, self.commands)
            return replace(incoming, command=name, args=f"{number} {incoming.args}".strip()) if number else incoming
        read = command_in_words(incoming.text, self.words) if incoming.private else None
        if read is None or not may_try(actor, self.commands[read[0]].policy):
            return incoming
        return replace(incoming, command=read[0], args=read[1])

    def route_for(self, incoming: Incoming, features: frozenset[str] = frozenset()) -> CommandRoute | ButtonRoute | MessageRoute | None:
        """Return the route that matches an incoming event; None if nothing should happen.

        Nothing happens for a group's ordinary talk. `features`: the enabled ones; a command of any other feature is unknown.
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
    """Handle a person's event; return the context, whose toast answers a button press.

    Raises:
        Exception: a fault of ours; the caller rolls the unit back.
    """
    address = Address(incoming.address.channel, ChatId(incoming.user_id))
    actor = await unit.people.actor(address, name=incoming.user_name, language=incoming.language, at=at)
    if unit.people.any_discreet is False:
        unit.discreet.expect_none()
    if incoming.anonymous:
        actor = Person(None, incoming.user_name, actor.language, incoming.address)
    elif incoming.private and actor.lost:
        await unit.addresses.mark_reachable(address, at=at)
    elif incoming.private and actor.id is not None and (len(town.bot_names) > 1 or _unseen(actor, at)):
        await unit.addresses.mark_seen(address, at=at)
    if incoming.private and actor.never_seen and not incoming.anonymous:
        await unit.addresses.mark_used(address, at=at)
    if actor.suspended:
        actor = without_rights(actor)
    incoming = table.spelled_out(incoming, actor)
    ctx = HandlerContext(unit, actor, at, town, incoming, cause, dialogs=table.dialogs, hooks=table.hooks)
    route = table.route_for(incoming, town.features)
    command = route if isinstance(route, CommandRoute) else None
    policy, reports = (None, True) if command is None else (command.policy, command.reports)
    if not reports or not await table.hooks.hears(ctx, command=policy, reports=command is not None):
        await _answer(ctx, route, table.rate_limiter)
    elif incoming.blanked:
        await _is_only_an_id_number(ctx)
    if not reports:
        ctx.incoming = incoming
        await table.hooks.hears(ctx, command=policy, reports=False)
    return ctx


async def _answer(ctx: HandlerContext, route: CommandRoute | ButtonRoute | MessageRoute | None, rate_limiter: RateLimiter) -> None:
    """Run the handler of a route, if rate limit, place and permission allow it."""
    try:
        if _too_fast(ctx, route, rate_limiter):
            return
        if ctx.incoming.blanked and await _is_only_an_id_number(ctx):
            return
        if route is None:
            _unrouted(ctx)
            return
        _right_place(route, ctx.incoming)
        admit(ctx.actor, route.policy)
        if isinstance(route, ButtonRoute) and _is_expired(ctx):
            ctx.toast("refused.expired_button", alert=True)
            await _undone_by_a_rule(ctx, route.fresh or ctx.hooks.show_menu)
            return
        await _undone_by_a_rule(ctx, route.handler)
    except RuleError as rule:
        await refuse(ctx, rule)


def _unseen(actor: Person, at: datetime) -> bool:
    """Tell whether the actor's address was not used for a day."""
    return actor.seen_at is None or at - actor.seen_at >= A_DAY


def _too_fast(ctx: HandlerContext, route: CommandRoute | ButtonRoute | MessageRoute | None, rate_limiter: RateLimiter) -> bool:
    """Count a person's action; tell whether it exceeds the rate limit.

    The first action beyond the limit is refused. Later ones in this minute get no answer.

    Raises:
        RuleError: `refused.too_fast`.
    """
    said = ctx.incoming
    if route is not None and route.free and may_try(ctx.actor, route.policy):
        return False
    if said.edited and not (said.private and said.text):
        return False  # no words: a live location that moves with the person who shares it
    if isinstance(route, MessageRoute) and not hear(said.text).calm:
        return False
    limit = ctx.town.limits.texts_per_minute * (IN_OFFICE if ctx.actor.posts else 1)
    who = said.address if said.private or said.anonymous else Address(said.address.channel, ChatId(said.user_id))
    place = rate_limiter.place(who, ctx.cause, limit=limit, at=ctx.at)
    if place == limit + 1 and (said.private or said.press_id):
        raise RuleError("refused.too_fast")
    return place > limit


async def _is_only_an_id_number(ctx: HandlerContext) -> bool:
    """Have a message with an ID number deleted; return whether it held nothing else.

    Its sender is told why. A group is told once in an hour. A call for help is answered first.
    """
    said = ctx.incoming
    quietly = False
    if not said.private:
        name, hour = f"blanked:{said.address.channel}:{said.address.chat_id}", f"{ctx.at:%Y%m%d%H}"
        quietly = await ctx.unit.facts.find(name) == hour
        await ctx.unit.facts.put(name, hour)
    await ctx.notify(
        Notice(
            ctx.origin,
            "system.id_number" if said.private else "system.id_number.group",
            priority=Priority.REMINDER if not hear(said.text).calm else Priority.REPLY,
            media={"type": "delete", "message_id": said.message_id, "quietly": quietly},
        )
    )
    return not (said.media or said.location or said.contact or any(letter.isalnum() for letter in said.text))


async def _undone_by_a_rule(ctx: HandlerContext, handler: Handler) -> None:
    """Run a handler; undo its writes if a rule stops it.

    A handler whose refused attempt must be counted therefore answers instead of raising.
    """
    await ctx.unit.transaction.savepoint()
    try:
        await handler(ctx)
        await spend_answered(ctx)
    except RuleError:
        await ctx.unit.transaction.rollback_to()
        raise


async def refuse(ctx: HandlerContext, rule: RuleError) -> None:
    """Answer with a rule's refusal: as a toast for a button press, in the chat otherwise."""
    if ctx.incoming.press_id:
        ctx.toast(rule.key, alert=True, **rule.params)
    else:
        await ctx.reply(rule.key, **rule.params)


async def perform_due(unit: Unit, due: Due, table: Table, *, town: Town, at: datetime) -> None:
    """Run the handler of a due timer and end the timer, in the same unit.

    Raises:
        LookupError: the table has no row for this kind.
    """
    tick = table.ticks[due.kind]
    nobody = Person(None, "", "zh", NOWHERE.address)
    ctx = HandlerContext(
        unit, nobody, at, town, NOWHERE, f"timer:{due.id}:{due.attempts}", timer=due, dialogs=table.dialogs, hooks=table.hooks
    )
    if await unit.timers.finish(due.id, at=at):
        await tick.handler(ctx)


def _is_expired(ctx: HandlerContext) -> bool:
    """Tell whether a pressed button about a record or a question is too old.

    Buttons without arguments (the menu, help in danger) are about nothing that could have ended; a stranger has no records.
    """
    made_at = ctx.incoming.made_at
    return (
        bool(ctx.incoming.values) and ctx.actor.id is not None and made_at is not None and ctx.at - made_at > ctx.town.limits.buttons_last
    )


def _right_place(route: CommandRoute | ButtonRoute | MessageRoute, incoming: Incoming) -> None:
    if isinstance(route, CommandRoute) and route.where != "both" and (route.where == "private") != incoming.private:
        raise RuleError("refused.private_only" if route.where == "private" else "refused.group_only")


def _unrouted(ctx: HandlerContext) -> None:
    if ctx.incoming.press_id:
        ctx.toast("refused.old_button", alert=True)
