"""/village: point, neighbours, entrances, hydrants and defibrillators of a village.

Knows the sheet and its questions; permissions are in domain/village_places.py. Invariant: a sheet is read and changed for the villages of the
actor's posts only, also by a forged button or an old dialog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, NotFound, RuleError, VillageId
from domain.core.numbers import clean_text
from domain.core.positions import Position, apart, parse_position
from domain.core.village_names import names_in
from domain.people.people import COMMITTEE, POLICE, Policy
from domain.village_places import HOURS, MOST, MOST_NEIGHBOURS, WORDS, Kind, Place, Sheet, may_change, may_read
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.feature import Feature
from handlers.core.pressed import pressed_number, pressed_numbers
from handlers.core.route import ButtonRoute, CommandRoute
from handlers.core.village_choice import named, villages_where
from texts import Joined, Lines, Text

if TYPE_CHECKING:
    from domain.core.change import Keyboard

#: Villages offered as buttons.
SHOWN = 60
NOBODY = frozenset({"0", "无", "没有", "none"})


# The sheet ------------------------------------------------------------------------------------------------------------


async def village(ctx: HandlerContext) -> None:
    """`/village [name]`: show the sheet of one's village, or choose one of several."""
    mine = await villages_where(ctx, may_read)
    if ctx.args:
        found, _ = named(mine, [ctx.args])
        if len(found) != 1:
            raise RuleError("village.unknown", names=Joined([ctx.args[:20]]))
        mine = found
    if not mine:
        raise RuleError("refused.not_allowed")
    if len(mine) == 1:
        await _show(ctx, await ctx.unit.village_places.visible_to(ctx.actor, mine[0].id))
        return
    await ctx.reply(
        "places.choose",
        buttons=rows(*(Button("places.button.open", "v.show", (each.id,), {"village": each.name}) for each in mine[:SHOWN])),
    )


async def press_show(ctx: HandlerContext) -> None:
    """Show the sheet of a village."""
    await _show(ctx, await ctx.unit.village_places.visible_to(ctx.actor, pressed_number(ctx)))


async def _show(ctx: HandlerContext, sheet: Sheet) -> None:
    lines: list[Any] = [_point_line(sheet.point)]
    lines.append(
        Text("places.neighbours", names=Joined([_beside(sheet, each.village.name, each.point) for each in sheet.neighbours]))
        if sheet.neighbours
        else Text("places.neighbours.none")
    )
    for kind in Kind:
        found = sheet.of(kind)
        lines.append(
            Text(f"places.kind.{kind}", places=Joined([_own_line(place) for place in found])) if found else Text(f"places.kind.{kind}.none")
        )
    buttons = _buttons(sheet) if may_change(ctx.actor, sheet.village) else ()
    await ctx.reply("places.sheet", buttons=buttons, village=sheet.village.name, lines=Lines(lines))


def _point_line(point: Position | None) -> Any:
    return (
        Text("places.point.none")
        if point is None
        else Text("places.point", latitude=f"{point.latitude:.5f}", longitude=f"{point.longitude:.5f}")
    )


def _beside(sheet: Sheet, name: str, point: Position | None) -> Any:
    if sheet.point is None or point is None:
        return name
    return Text("places.beside", name=name, distance=f"{apart(sheet.point, point) / 1000:.1f}")


def _own_line(place: Place) -> Any:
    line = place_line(place.words, place.hours)
    return line if place.point is None else Text("places.located", place=line)


def place_line(words: str, hours: str) -> Any:
    """Return a place with its opening hours."""
    return Text("places.with_hours", place=words, hours=hours) if hours else words


def _buttons(sheet: Sheet) -> Keyboard:
    number = sheet.village.id
    add = rows(*(Button(f"places.button.{kind}", "v.add", (number, str(kind))) for kind in Kind), width=3)
    first = (Button("places.button.point", "v.point", (number,)), Button("places.button.neighbours", "v.near", (number,)))
    last = ((Button("places.button.remove", "v.which", (number,)),),) if sheet.places else ()
    return (first, *add, *last)


# Changes --------------------------------------------------------------------------------------------------------------


async def press_point(ctx: HandlerContext) -> None:
    """Ask for the point of a village."""
    sheet = await _changed(ctx, pressed_number(ctx))
    await begin(ctx, "village_point", {"village": sheet.village.id})


async def press_neighbours(ctx: HandlerContext) -> None:
    """Ask for the villages beside one."""
    sheet = await _changed(ctx, pressed_number(ctx))
    await begin(ctx, "village_neighbours", {"village": sheet.village.id})


async def press_add(ctx: HandlerContext) -> None:
    """Ask for a place of a kind."""
    sheet = await _changed(ctx, pressed_number(ctx))
    kind = (*ctx.incoming.values, "", "")[1]
    if kind not in set(Kind):
        raise RuleError("refused.old_button")
    if len(sheet.of(Kind(kind))) >= MOST:
        raise RuleError("places.full", most=MOST)
    await begin(ctx, "village_place", {"village": sheet.village.id, "kind": kind})


async def press_which(ctx: HandlerContext) -> None:
    """Ask which place is not there any more."""
    sheet = await _changed(ctx, pressed_number(ctx))
    buttons = [Button("places.button.place", "v.del", (sheet.village.id, each.id), {"place": each.words}) for each in sheet.of(*Kind)]
    await ctx.reply("places.which", buttons=rows(*buttons, width=1))


async def press_remove(ctx: HandlerContext) -> None:
    """Delete a place."""
    number, place = pressed_numbers(ctx, 2)
    sheet = await _changed(ctx, number)
    if not await ctx.unit.village_places.remove(sheet.village.id, place):
        raise NotFound(place)
    await _audit(ctx, sheet, "remove")
    await _show(ctx, await ctx.unit.village_places.find(sheet.village.id))


async def _changed(ctx: HandlerContext, number: int) -> Sheet:
    """Return a sheet that the actor may change.

    Raises:
        NotFound: there is no such village, or it is not theirs.
    """
    sheet = await ctx.unit.village_places.visible_to(ctx.actor, number)
    if not may_change(ctx.actor, sheet.village):
        raise NotFound(number)
    return sheet


async def _audit(ctx: HandlerContext, sheet: Sheet, what: str) -> None:
    await ctx.audit(Event(f"village:{sheet.village.id}", f"village_places.{what}", ctx.actor.id, ctx.at))


# Dialogs --------------------------------------------------------------------------------------------------------------


async def _accept_point(ctx: HandlerContext, said: Incoming, answers: Answers) -> list[float]:
    point = Position(*said.location) if said.location is not None else parse_position(said.text)
    if point is None:
        raise RuleError("places.point.unread")
    return [point.latitude, point.longitude]


async def _finish_point(ctx: HandlerContext, answers: Answers) -> None:
    sheet = await _changed(ctx, answers["village"])
    await ctx.unit.village_places.put_point(sheet.village.id, Position(*answers["point"]))
    await _audit(ctx, sheet, "point")
    await _show(ctx, await ctx.unit.village_places.find(sheet.village.id))


async def _accept_names(ctx: HandlerContext, said: Incoming, answers: Answers) -> list[int]:
    names = list(names_in(said.text))
    if not names:
        raise RuleError("village.choose_one")
    if said.text.strip().casefold() in NOBODY:
        return []
    found, unknown = named(await ctx.unit.people.list_villages(), names)
    if unknown or len(found) > MOST_NEIGHBOURS:
        raise RuleError("village.unknown", names=Joined([name[:20] for name in (unknown or names)[:10]]))
    return [each.id for each in found]


async def _finish_neighbours(ctx: HandlerContext, answers: Answers) -> None:
    sheet = await _changed(ctx, answers["village"])
    await ctx.unit.village_places.put_neighbours(sheet.village.id, [VillageId(each) for each in answers["names"]])
    await _audit(ctx, sheet, "neighbours")
    await _show(ctx, await ctx.unit.village_places.find(sheet.village.id))


async def _accept_words(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return _words(ctx, said, WORDS)


async def _accept_hours(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return _words(ctx, said, HOURS)


def _words(ctx: HandlerContext, said: Incoming, most: int) -> str:
    words = " ".join(said.text.split())
    if not words or len(words) > most:
        raise RuleError("places.too_long", most=most)
    return ctx.for_many(clean_text(words, most))


async def _accept_where(ctx: HandlerContext, said: Incoming, answers: Answers) -> list[float]:
    """Take a location, or "0" for none."""
    if said.location is None and said.text.strip().casefold() in NOBODY:
        return []
    return await _accept_point(ctx, said, answers)


async def _finish_place(ctx: HandlerContext, answers: Answers) -> None:
    sheet = await _changed(ctx, answers["village"])
    point = Position(*answers["where"]) if answers.get("where") else None
    await ctx.unit.village_places.add(sheet.village.id, Kind(answers["kind"]), answers["words"], answers.get("hours", ""), point)
    await _audit(ctx, sheet, "add")
    await _show(ctx, await ctx.unit.village_places.find(sheet.village.id))


def _of_aed(answers: Answers) -> bool:
    return answers.get("kind") == Kind.AED


async def _asked(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"what": Text(f"places.what.{answers['kind']}")}


FEATURE = Feature(
    "village_places",
    routes=(
        CommandRoute("village", village, Policy.COMMITTEE, menu=frozenset({*COMMITTEE, *POLICE})),
        ButtonRoute("v.show", press_show, Policy.COMMITTEE),
        ButtonRoute("v.point", press_point, Policy.COMMITTEE, fresh=press_show),
        ButtonRoute("v.near", press_neighbours, Policy.COMMITTEE, fresh=press_show),
        ButtonRoute("v.add", press_add, Policy.COMMITTEE, fresh=press_show),
        ButtonRoute("v.which", press_which, Policy.COMMITTEE, fresh=press_show),
        ButtonRoute("v.del", press_remove, Policy.COMMITTEE, fresh=press_show),
    ),
    dialogs=(
        Dialog("village_point", Policy.COMMITTEE, (Step("point", "places.ask.point", _accept_point, request="location"),), _finish_point),
        Dialog("village_neighbours", Policy.COMMITTEE, (Step("names", "places.ask.neighbours", _accept_names),), _finish_neighbours),
        Dialog(
            "village_place",
            Policy.COMMITTEE,
            (
                Step("words", "places.ask.words", _accept_words, shown=_asked),
                Step("hours", "places.ask.hours", _accept_hours, when=_of_aed),
                Step("where", "places.ask.where", _accept_where, when=_of_aed, request="location"),
            ),
            _finish_place,
        ),
    ),
)
