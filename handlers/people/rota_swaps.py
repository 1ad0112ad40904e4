"""Swap a turn: a person asks a colleague, who agrees with one tap; leaders are told.

Knows the questions; domain/people/rota.py says whose turn it is. Invariant: until the colleague agrees, the turn stays with the person who
asked; only a turn that is still theirs and not over changes hands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice, PersonId, RuleError
from domain.people.people import Role
from domain.people.rota import Takeover, stations_seen, turns
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number, pressed_numbers
from handlers.people import rota_gaps
from handlers.people.rota import day_number
from texts import At, Text

if TYPE_CHECKING:
    from domain.people.rota import Rota, Turn
    from storage.people.rotas import Asked

WITHIN = timedelta(days=14)
MOST = 12
#: Words with which police ask for a swap.
WORDS = frozenset({"换班", "我换班", "我要换班", "swap", "swap shift"})


async def own_turns(ctx: HandlerContext) -> list[tuple[Rota, Turn]]:
    """Return the actor's turns of the next two weeks, earliest first."""
    found = []
    for station_id in sorted(stations_seen(ctx.actor)):
        for rota in await ctx.unit.rotas.of_station(station_id, at=ctx.at):
            found += [(rota, turn) for turn in turns(rota, ctx.at, ctx.at + WITHIN) if turn.person_id == ctx.actor.id]
    return sorted(found, key=lambda each: each[1].from_at)


async def press_swap(ctx: HandlerContext) -> None:
    """Ask which turn somebody else shall take."""
    found = await own_turns(ctx)
    if not found:
        raise RuleError("rota.swap.none")
    offered = [
        Button("rota.button.turn", "swapturn", (rota.id, turn.shift_id, day_number(turn.on)), _label(turn)) for rota, turn in found[:MOST]
    ]
    await ctx.reply("rota.swap.which", buttons=rows(*offered, width=1))


async def press_turn(ctx: HandlerContext) -> None:
    """Offer the colleagues who can take a turn."""
    rota, turn = await _own(ctx, *pressed_numbers(ctx, 3))
    people = await _colleagues(ctx, rota, turn)
    if not people:
        raise RuleError("rota.swap.nobody")
    args = (rota.id, turn.shift_id, day_number(turn.on))
    offered = [Button("rota.button.person", "swapask", (*args, each), {"name": name}) for each, name in list(people.items())[:MOST]]
    await ctx.reply("rota.swap.who", buttons=rows(*offered), **_span(turn))


async def press_ask(ctx: HandlerContext) -> None:
    """Ask a colleague to take a turn."""
    *place, person = pressed_numbers(ctx, 4)
    rota, turn = await _own(ctx, *place)
    people, person_id = await _colleagues(ctx, rota, turn), PersonId(person)
    if person_id not in people:
        raise RuleError("rota.swap.nobody")
    assert ctx.actor.id is not None
    number = await ctx.unit.rotas.ask(rota.id, Takeover(turn.shift_id, turn.on, person_id), by=ctx.actor.id, at=ctx.at)
    buttons = rows(Button("rota.button.agree", "swapyes", (number,)), Button("rota.button.refuse", "swapno", (number,)))
    to = await ctx.unit.people.receiver(person_id)
    await ctx.notify(Notice(to, "rota.swap.asked.to_colleague", _span(turn) | {"name": ctx.actor.name}, buttons, subject=_subject(rota)))
    await ctx.reply("rota.swap.asked", name=people[person_id], **_span(turn))


async def press_agree(ctx: HandlerContext) -> None:
    """Take the turn of the person who asked; the leaders are told."""
    asked, rota, turn = await _asked(ctx)
    if turn is None or turn.person_id != asked.asked_by or ctx.actor.id not in await _colleagues(ctx, rota, turn):
        raise RuleError("rota.swap.gone")
    if not await ctx.unit.rotas.answer(asked.id, agreed=True, at=ctx.at):
        raise RuleError("rota.swap.gone")
    facts = {"shift": asked.shift_id, "on": asked.on.isoformat(), "from": asked.asked_by, "to": asked.person_id}
    await ctx.audit(Event(_subject(rota), "turn_taken", ctx.actor.id, ctx.at, data=facts))
    asker = await ctx.unit.people.receiver(asked.asked_by)
    params = _span(turn) | {"name": ctx.actor.name, "asker": asker.name, "role": Text(f"people.role.{rota.role}")}
    await ctx.notify(Notice(asker, "rota.swap.agreed.to_asker", params, subject=_subject(rota)))
    for who in (await ctx.unit.people.station_posts(rota.station_id, at=ctx.at)).of(Role.LEADER, without=(asked.asked_by, asked.person_id)):
        await ctx.notify(Notice(who, "rota.swap.agreed.to_leader", params, subject=_subject(rota)))
    await ctx.reply("rota.swap.taken", **_span(turn))


async def press_refuse(ctx: HandlerContext) -> None:
    """Do not take the turn; the person who asked is told that it stays theirs."""
    asked, rota, turn = await _asked(ctx)
    if turn is None or not await ctx.unit.rotas.answer(asked.id, agreed=False, at=ctx.at):
        raise RuleError("rota.swap.gone")
    asker = await ctx.unit.people.receiver(asked.asked_by)
    await ctx.notify(Notice(asker, "rota.swap.refused.to_asker", _span(turn) | {"name": ctx.actor.name}, subject=_subject(rota)))
    await ctx.reply("rota.swap.refused")


# The parts ------------------------------------------------------------------------------------------------------------


async def _own(ctx: HandlerContext, rota_id: int, shift_id: int, day: int) -> tuple[Rota, Turn]:
    """Return a turn of the actor that is not over.

    Raises:
        RuleError: `rota.swap.gone`.
    """
    for rota, turn in await own_turns(ctx):
        if (rota.id, turn.shift_id, day_number(turn.on)) == (rota_id, shift_id, day):
            return rota, turn
    raise RuleError("rota.swap.gone")


async def _asked(ctx: HandlerContext) -> tuple[Asked, Rota, Turn | None]:
    """Return a question to the actor, with its turn if that is not over.

    Raises:
        RuleError: `rota.swap.gone`: it was put to somebody else, or is answered.
    """
    asked = await ctx.unit.rotas.find_asked(pressed_number(ctx))
    rota = None if asked is None else await ctx.unit.rotas.find(asked.rota_id, at=ctx.at)
    if asked is None or rota is None or asked.person_id != ctx.actor.id:
        raise RuleError("rota.swap.gone")
    coming = turns(rota, ctx.at, ctx.at + WITHIN + timedelta(days=1))
    return asked, rota, next((turn for turn in coming if (turn.shift_id, turn.on) == (asked.shift_id, asked.on)), None)


async def _colleagues(ctx: HandlerContext, rota: Rota, turn: Turn) -> dict[PersonId, str]:
    """Return the people of the post who can take a turn.

    They can be told, are not away during the turn, and are not on shift then.
    """
    beside = {each.person_id for each in turns(rota, turn.from_at, turn.until_at)}
    found = {
        holder.person_id: holder.name
        for holder in await rota_gaps.roster_of(ctx, rota)
        if holder.post.role is rota.role and holder.online and not holder.suspended and holder.person_id not in beside
    }
    away = await ctx.unit.directory.list_away(found, from_at=turn.from_at, until_at=turn.until_at)
    return {person_id: name for person_id, name in found.items() if person_id not in away}


def _span(turn: Turn) -> dict[str, Any]:
    return {"since": At(turn.from_at), "until": At(turn.until_at)}


def _label(turn: Turn) -> dict[str, Any]:
    return {"since": At(turn.from_at), "until": At(turn.until_at, "time")}


def _subject(rota: Rota) -> str:
    return f"rota:{rota.id}"
