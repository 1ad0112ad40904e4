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

from bot.handling.rate_limiter import Tempo
from domain.cases.intake import is_emergency
from domain.core.change import Address, ChatId, RuleError
from domain.people.people import Person, admit, may_try, without_rights
from handlers.core.context import NOWHERE, Act, Incoming
from handlers.core.route import Command, Handler, Press, Route, Says, Tick

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
    """The route table by trigger, looked up in constant time; `tempo` counts those who ask for a route."""

    commands: Mapping[str, Command]
    presses: Mapping[str, Press]
    says: Mapping[str, Says]
    ticks: Mapping[str, Tick]
    dialogs: Mapping[str, Dialog]
    tempo: Tempo = field(default_factory=Tempo)

    @classmethod
    def of(cls, routes: Sequence[Route], dialogs: Mapping[str, Dialog]) -> Table:
        """Index the rows.

        Raises:
            ValueError: two rows have the same trigger.
        """
        found: dict[tuple[type[Route], str], Route] = {}
        for route in routes:
            name = _trigger(route)
            if (type(route), name) in found:
                raise ValueError(f"two routes for {name}")
            found[type(route), name] = route
        return cls(
            {name: route for (_, name), route in found.items() if isinstance(route, Command)},
            {name: route for (_, name), route in found.items() if isinstance(route, Press)},
            {name: route for (_, name), route in found.items() if isinstance(route, Says)},
            {name: route for (_, name), route in found.items() if isinstance(route, Tick)},
            dialogs,
        )

    def route_for(self, incoming: Incoming) -> Command | Press | Says | None:
        """Return the row that answers to what came in; None when nothing should happen (a group's talk)."""
        if incoming.press_id:
            return self.presses.get(incoming.verb)
        if incoming.member or incoming.moved_to:
            return self.says.get("member" if incoming.member else "moved")
        if incoming.edited:
            return self.says.get("edited")
        command = self.commands.get(incoming.command)
        if command is not None:
            misplaced = command.where == "private" and not incoming.private
            return self.says.get("misplaced", command) if misplaced else command
        return self.says.get("private" if incoming.private else "group")


async def perform(unit: Unit, incoming: Incoming, table: Table, *, town: Town, at: datetime, cause: str) -> Act:
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
    act = Act(unit, actor, at, town, incoming, cause, dialogs=table.dialogs)
    route = table.route_for(incoming)
    try:
        if _too_fast(act, route, table.tempo):
            return act
        if route is None:
            _unrouted(act)
            return act
        _right_place(route, incoming)
        admit(actor, route.policy)
        await _undone_by_a_rule(act, route.handler)
    except RuleError as rule:
        await refuse(act, rule)
    return act


def _too_fast(act: Act, route: Command | Press | Says | None, tempo: Tempo) -> bool:
    """Count what somebody does; beyond the limit refuse once, then tell that nothing more happens in this minute.

    Raises:
        RuleError: `refused.too_fast`.
    """
    said = act.incoming
    if route is not None and route.free and may_try(act.actor, route.policy):
        return False
    if said.edited and not (said.private and said.text):
        return False  # without words: a place that moves along with whoever shares it
    if isinstance(route, Says) and is_emergency(said.text):
        return False
    limit = act.town.limits.texts_per_minute * (IN_OFFICE if act.actor.posts else 1)
    who = said.address if said.private or said.anonymous else Address(said.address.channel, ChatId(said.user_id))
    place = tempo.place(who, act.cause, limit=limit, at=act.at)
    if place == limit + 1 and (said.private or said.press_id):
        raise RuleError("refused.too_fast")
    return place > limit


async def _undone_by_a_rule(act: Act, handler: Handler) -> None:
    """Run a handler; what it wrote before a rule stopped it is undone (an attempt that must be counted is answered, not raised)."""
    await act.unit.transaction.mark()
    try:
        await handler(act)
    except RuleError:
        await act.unit.transaction.undo()
        raise


async def refuse(act: Act, rule: RuleError) -> None:
    """Answer what a rule forbids: over the chat for a press, in the chat otherwise."""
    if act.incoming.press_id:
        act.toast(rule.key, alert=True, **rule.params)
    else:
        await act.reply(rule.key, **rule.params)


async def perform_due(unit: Unit, due: Due, table: Table, *, town: Town, at: datetime) -> None:
    """Let a due timer take effect and end it, in the same unit.

    Raises:
        LookupError: no row of the table answers to this kind.
    """
    tick = table.ticks[due.kind]
    nobody = Person(None, "", "zh", NOWHERE.address)
    act = Act(unit, nobody, at, town, NOWHERE, f"timer:{due.id}:{due.attempts}", timer=due, dialogs=table.dialogs)
    if await unit.timers.finish(due.id, at=at):
        await tick.handler(act)


def _trigger(route: Route) -> str:
    match route:
        case Command(name=name):
            return name
        case Press(verb=verb):
            return verb
        case Says(kind=kind) | Tick(kind=kind):
            return kind


def _right_place(route: Command | Press | Says, incoming: Incoming) -> None:
    if isinstance(route, Command) and route.where != "both" and (route.where == "private") != incoming.private:
        raise RuleError("refused.private_only" if route.where == "private" else "refused.group_only")


def _unrouted(act: Act) -> None:
    if act.incoming.press_id:
        act.toast("refused.old_button", alert=True)
