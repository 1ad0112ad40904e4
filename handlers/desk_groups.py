"""Groups of a station's police: number, village and state of cases, with a link.

Knows binding and when a line changes; must not know what a case says. Invariants: a group is bound by duty desk or leader of the station; nothing in
it names a person or repeats a word; a case with a hidden, sealed or restricted part, with parties or from a silent phone is not in it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases.case import WAITING, Action, CaseChange
from domain.cases.escalation import EscalationLevel
from domain.cases.visibility import Level
from domain.core.change import Button, Event, Notice, Priority
from domain.core.numbers import parse_case_number
from domain.people.people import Policy, Role
from handlers.cases import attachments
from handlers.core.feature import Feature
from handlers.core.route import CommandRoute
from texts import Text

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.core.change import Keyboard, Receiver
    from handlers.core.context import HandlerContext

#: The first letter of the payload that opens a case in the private chat.
LINK = "n"
PAUSE = timedelta(minutes=1)


async def bind_station(ctx: HandlerContext) -> None:
    """`/bind_station`: bind this group to the station of the actor, who is its desk or leader."""
    stations = sorted(ctx.actor.stations(Role.DUTY, Role.LEADER))
    group = await ctx.unit.groups.find(ctx.incoming.address)
    if not stations or ctx.incoming.anonymous or (group is not None and group.village_id is not None):
        await _refuse(ctx)
        return
    assert ctx.actor.id is not None
    await ctx.unit.groups.see(ctx.incoming.address, ctx.incoming.chat_title)
    await ctx.unit.groups.bind_station(ctx.incoming.address, stations[0], by=ctx.actor.id, at=ctx.at)
    where = f"group:{ctx.incoming.address.channel}:{ctx.incoming.address.chat_id}"
    await ctx.audit(Event(where, "group.bound_station", ctx.actor.id, ctx.at, data={"station_id": stations[0]}))
    await ctx.reply("group.station.bound", station=await ctx.unit.rosters.station_name(stations[0]))


async def unbind_station(ctx: HandlerContext) -> None:
    """`/unbind_station`: end the binding of this group."""
    group = await ctx.unit.groups.find(ctx.incoming.address)
    if group is None or group.station_id is None or group.station_id not in ctx.actor.stations(Role.DUTY, Role.LEADER):
        await _refuse(ctx)
        return
    await ctx.unit.groups.unbind(ctx.incoming.address)
    where = f"group:{ctx.incoming.address.channel}:{ctx.incoming.address.chat_id}"
    await ctx.audit(Event(where, "group.unbound_station", ctx.actor.id, ctx.at, data={"station_id": group.station_id}))
    await ctx.reply("group.station.unbound")


async def _refuse(ctx: HandlerContext) -> None:
    """Refuse in the group, at most once per minute."""
    where = f"group:{ctx.incoming.address.channel}:{ctx.incoming.address.chat_id}:desk"
    if await ctx.unit.facts.take_lease(where, ctx.cause, at=ctx.at, until=ctx.at + PAUSE) is not None:
        await ctx.reply("group.station.refused")


async def open_case(ctx: HandlerContext, rest: str) -> bool:
    """Open a case by the link of a group; False for another payload.

    It opens for somebody who may see it, and reads as absent to all others.
    """
    number = parse_case_number(rest)
    if number is None or ctx.actor.id is None:
        return False
    await attachments.show_case(ctx, number)
    return True


async def follow(ctx: HandlerContext, change: CaseChange) -> None:
    """Show or change the line of a case in the groups of its station."""
    case, card = change.case, f"desk-{change.case.id}"
    shown = _is_shown(case)
    if not shown and not _is_shown(change.before):
        return
    bound = [group for _, group in await ctx.unit.groups.of_stations([case.station_id])]
    having = await ctx.unit.groups.with_card(card) if bound else []
    arrived = change.action is Action.ESCALATE or (shown and not having)
    for group in bound if shown else having:
        if group in having or case.state in WAITING:  # a case that nobody waits for begins no line
            await _send(ctx, group, case, card, shown=shown, as_new_message=arrived and case.state in WAITING)


def _is_shown(case: Case) -> bool:
    """Tell whether a case may be in the group: it reached the police and hides nothing."""
    hides = case.visibility.level is not Level.NAMED or case.visibility.police_only or case.visibility.restricted
    private = hides or bool(case.parties) or bool(case.excluded_names) or case.at_home
    return not private and (case.rung > EscalationLevel.CHAIR or case.holder is not Role.CHAIR)


async def _send(ctx: HandlerContext, group: Receiver, case: Case, card: str, *, shown: bool, as_new_message: bool) -> None:
    assert group.address is not None
    link = ctx.town.link(group.address.channel, f"{LINK}{case.id}")
    buttons: Keyboard = ((Button("group.to_private", url=link),),) if link and shown and not case.ended else ()
    key = "desk.line" if shown else "desk.gone"
    facts = (
        {"number": str(case.id), "village": case.village, "state": Text(f"case.state.{case.state}")} if shown else {"number": str(case.id)}
    )
    await ctx.notify(
        Notice(group, key, facts, buttons, Priority.REMINDER, card=card, as_new_message=as_new_message, silent=not as_new_message)
    )


FEATURE = Feature(
    "desk_groups",
    routes=(
        CommandRoute("bind_station", bind_station, Policy.ANYONE, where="group"),
        CommandRoute("unbind_station", unbind_station, Policy.ANYONE, where="group"),
    ),
    start_links={LINK: open_case},
    follows={"case changed": follow},
)
