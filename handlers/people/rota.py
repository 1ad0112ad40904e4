"""The duty rota in one living card: the week, and the leader's taps that change it.

Knows buttons, cards and the question for other hours; domain/people/rota.py decides. Invariants: police of the station read the card, its
leader changes it, and every press checks both again; a change counts from today, and a turn that began yesterday goes on to its end.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from domain.calendar.local_time import day_of, instant_of
from domain.core.change import Button, Event, Keyboard, NotFound, Notice, PersonId, RuleError, StationId
from domain.people.people import Policy, Role
from domain.people.rota import DAY, ROLES, Rota, Shift, check_hours, may_plan, next_change, parse_hours, shifts_on, turns, uncovered, weekly
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.pressed import pressed_number, pressed_numbers
from handlers.people import rota_gaps
from texts import At, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.people.rota import Turn

#: Offered hours: start and length in minutes.
PRESETS = ((8 * 60, 12 * 60), (20 * 60, 12 * 60), (8 * 60, DAY))
#: A button has start and length of a shift as one number: start × PACKED + length.
PACKED = 10_000
WEEK, OWN_DAY = 7, 7
NOBODY = PersonId(0)
MOST_GAPS, MOST_PEOPLE, DATES = 5, 24, 14


# The card -------------------------------------------------------------------------------------------------------------


async def press_rota(ctx: HandlerContext) -> None:
    """Show a rota at the end of the chat."""
    await _show(ctx, await _pressed(ctx), as_new_message=True)


async def press_back(ctx: HandlerContext) -> None:
    """Show the week in the card again."""
    await _show(ctx, await _pressed(ctx))


async def draw_again(ctx: HandlerContext, card: str) -> None:
    """Draw the week again in its card (`Feature.redraws`)."""
    number = int(card.split(":")[1])
    try:
        await _show(ctx, await ctx.unit.rotas.visible_to(ctx.actor, number, at=ctx.at))
    except NotFound:
        await ctx.notify(Notice(ctx.origin, "record.gone", {"number": number}, card=card, tells_nothing=True))


async def press_begin(ctx: HandlerContext) -> None:
    """Show the rota of a role in a station that the actor leads; it may be empty."""
    station, role = (*ctx.incoming.values, "", "")[:2]
    led = next((each for each in ctx.actor.stations(Role.LEADER) if str(each) == station), None)
    if led is None or role not in ROLES or not may_plan(ctx.actor, led):
        raise RuleError("refused.not_allowed")
    rota_id = await ctx.unit.rotas.open(led, Role(role), zone=str(ctx.town.zone), at=ctx.at)
    await _show(ctx, await ctx.unit.rotas.visible_to(ctx.actor, rota_id, at=ctx.at), as_new_message=True)


async def week_lines(ctx: HandlerContext, rota: Rota) -> list[Any]:
    """Return the lines of a rota: people on shift now, seven days, hours without anybody."""
    midnight = instant_of(day_of(ctx.at, rota.zone), time(), rota.zone)
    until_at = midnight + timedelta(days=WEEK)
    real = await rota_gaps.covered(ctx, rota, midnight, until_at + timedelta(days=1))
    planned = turns(rota, midnight, until_at)
    ids = {each.person_id for each in (*planned, *real)}
    names = {person_id: person.name for person_id, person in (await ctx.unit.people.find_many(ids, at=ctx.at)).items()}
    lines = [_now(real, names, at=ctx.at, known_until=until_at)]
    for on in (day_of(midnight, rota.zone) + timedelta(days=number) for number in range(WEEK)):
        begun = [_turn(turn, real, names) for turn in planned if turn.on == on]
        key = "rota.line.special" if on in rota.days else "rota.line.day"
        day = At(instant_of(on, time(), rota.zone), "day")
        lines.append(Text(key, day=day, turns=Joined(begun or [Text("rota.turn.none")]), weekday=_weekday(rota.days.get(on, on.weekday()))))
    gaps = uncovered(real, ctx.at, until_at)
    lines += [Text("rota.line.gap", since=At(begins), until=At(ends)) for begins, ends in gaps[:MOST_GAPS]]
    if len(gaps) > MOST_GAPS:
        lines.append(Text("rota.line.more", count=len(gaps) - MOST_GAPS))
    return lines


def _now(real: Sequence[Turn], names: Mapping[PersonId, str], *, at: datetime, known_until: datetime) -> dict[str, Any]:
    now = dict.fromkeys(names.get(turn.person_id, "") for turn in real if turn.from_at <= at < turn.until_at)
    until = next_change(real, at)
    if not now:
        return Text("rota.now.nobody")
    if until is None or until >= known_until:
        return Text("rota.now", names=Joined(now))
    return Text("rota.now.until", names=Joined(now), until=At(until))


def _turn(turn: Turn, real: Sequence[Turn], names: Mapping[PersonId, str]) -> dict[str, Any]:
    """Return a turn with the person who covers it; one that nobody covers says so."""
    hours = {"since": At(turn.from_at, "time"), "until": At(turn.until_at, "time")}
    covering = dict.fromkeys(each.person_id for each in real if (each.shift_id, each.on) == (turn.shift_id, turn.on))
    if not covering:
        return Text("rota.turn.absent", name=names.get(turn.person_id, ""), **hours)
    return Text("rota.turn", name=Joined([names.get(each, "") for each in covering]), **hours)


async def _show(ctx: HandlerContext, rota: Rota, *, as_new_message: bool = False) -> None:
    buttons: Keyboard = ()
    if may_plan(ctx.actor, rota.station_id):
        days = rows(*(Button(f"rota.weekday.{number}", "rotaday", (rota.id, number)) for number in range(WEEK)), width=4)
        buttons = (*days, (Button("rota.button.dates", "rotadates", (rota.id,)),))
    key = "rota.card" if rota.shifts else "rota.card.empty"
    lines = await week_lines(ctx, rota) if rota.shifts else []
    note = Text(f"rota.note.{rota.role}")
    await _draw(ctx, rota, key, buttons, as_new_message=as_new_message, lines=Lines(lines), note=note)


async def _draw(ctx: HandlerContext, rota: Rota, key: str, buttons: Keyboard, *, as_new_message: bool = False, **params: Any) -> None:
    role = Text(f"people.role.{rota.role}")
    await ctx.reply(key, buttons=buttons, card=f"rota:{rota.id}", as_new_message=as_new_message, role=role, **params)


# Changes --------------------------------------------------------------------------------------------------------------


async def press_day(ctx: HandlerContext) -> None:
    """Show the shifts of a weekday or date, with hours to add and shifts to take out."""
    rota, day = await _planned(ctx, 2)
    await _show_day(ctx, rota, day)


async def press_dates(ctx: HandlerContext) -> None:
    """Offer the next dates, for a holiday or an additional person."""
    (rota,) = await _planned(ctx, 1)
    today = day_of(ctx.at, rota.zone)
    offered = [
        Button("rota.button.date", "rotaday", (rota.id, day_number(on)), {"day": At(instant_of(on, time(), rota.zone), "day")})
        for on in (today + timedelta(days=number) for number in range(DATES))
    ]
    await _draw(ctx, rota, "rota.dates", (*rows(*offered), _back(rota)))


async def press_hours(ctx: HandlerContext) -> None:
    """Offer the people who can have these hours."""
    rota, day, hours = await _planned(ctx, 3)
    await _show_people(ctx, rota, day, *divmod(hours, PACKED))


async def press_own_hours(ctx: HandlerContext) -> None:
    """Ask for other hours."""
    rota, day = await _planned(ctx, 2)
    _shift(ctx, rota, day, starts=0, lasts=DAY)
    await begin(ctx, "rota_hours", {"_rota": rota.id, "_day": day})


async def press_person(ctx: HandlerContext) -> None:
    """Add a shift."""
    rota, day, hours, person = await _planned(ctx, 4)
    starts, lasts = divmod(hours, PACKED)
    if person not in await _people(ctx, rota):
        raise RuleError("rota.person_gone")
    shift = _shift(ctx, rota, day, starts=starts, lasts=lasts, person_id=PersonId(person))
    check_hours(rota, shift)
    shift_id = await ctx.unit.rotas.add_shift(rota.id, shift)
    facts = {"shift": shift_id, "person": person, "day": day, "starts": starts, "lasts": lasts}
    await ctx.audit(Event(f"rota:{rota.id}", "shift_added", ctx.actor.id, ctx.at, data=facts))
    await _show_day(ctx, await _again(ctx, rota), day)


async def press_take_out(ctx: HandlerContext) -> None:
    """End a shift from today on."""
    rota, shift_id, day = await _planned(ctx, 3)
    if not await ctx.unit.rotas.end_shift(rota.id, shift_id, on=day_of(ctx.at, rota.zone)):
        raise RuleError("rota.gone")
    await ctx.audit(Event(f"rota:{rota.id}", "shift_ended", ctx.actor.id, ctx.at, data={"shift": shift_id}))
    await _show_day(ctx, await _again(ctx, rota), day)


async def press_as(ctx: HandlerContext) -> None:
    """Give a date the shifts of another weekday, or its own again."""
    rota, day, weekday = await _planned(ctx, 3)
    on = _date(ctx, rota, day)
    if on is None or weekday > OWN_DAY:
        raise RuleError("refused.old_button")
    await ctx.unit.rotas.set_day(rota.id, on, None if weekday in (OWN_DAY, on.weekday()) else weekday)
    await ctx.audit(Event(f"rota:{rota.id}", "day_set", ctx.actor.id, ctx.at, data={"on": on.isoformat(), "as": weekday}))
    await _show_day(ctx, await _again(ctx, rota), day)


async def _show_day(ctx: HandlerContext, rota: Rota, day: int) -> None:
    on = _date(ctx, rota, day)
    found = weekly(rota, day, since=day_of(ctx.at, rota.zone)) if on is None else shifts_on(rota, on)
    people = await ctx.unit.people.find_many({shift.person_id for shift in found}, at=ctx.at)
    lines = [Text("rota.shift", **_hours(shift), name=people[shift.person_id].name) for shift in found if shift.person_id in people]
    removable = [shift for shift in found if shift.person_id in people and (on is None or shift.once)]
    buttons = [_hours_button(rota, day, *hours) for hours in PRESETS]
    buttons.append(Button("rota.button.own", "rotaown", (rota.id, day)))
    keyboard = rows(*buttons)
    for shift in removable:
        params = {"shift": Text("rota.shift", **_hours(shift), name=people[shift.person_id].name)}
        keyboard += ((Button("rota.button.take_out", "rotaout", (rota.id, shift.id, day), params),),)
    if on is None:
        shown, key = _weekday(day), "rota.day"
    else:
        shown, key = At(instant_of(on, time(), rota.zone), "day"), "rota.date"
        as_days = [Button(f"rota.weekday.{number}", "rotaas", (rota.id, day, number)) for number in range(WEEK)]
        keyboard += rows(*as_days, Button("rota.button.as_always", "rotaas", (rota.id, day, OWN_DAY)), width=4)
    await _draw(ctx, rota, key, (*keyboard, _back(rota)), day=shown, lines=Lines(lines or [Text("rota.turn.none")]))


async def _show_people(ctx: HandlerContext, rota: Rota, day: int, starts: int, lasts: int, *, as_new_message: bool = False) -> None:
    _shift(ctx, rota, day, starts=starts, lasts=lasts)
    offered = [
        Button("rota.button.person", "rotaput", (rota.id, day, _packed(starts, lasts), person_id), {"name": name})
        for person_id, name in list((await _people(ctx, rota)).items())[:MOST_PEOPLE]
    ]
    on = _date(ctx, rota, day)
    shown = _weekday(day) if on is None else At(instant_of(on, time(), rota.zone), "day")
    key = "rota.people" if offered else "rota.people.nobody"
    await _draw(ctx, rota, key, (*rows(*offered), _back(rota)), as_new_message=as_new_message, day=shown, **_clock(starts, lasts))


# Other hours ----------------------------------------------------------------------------------------------------------


async def accept_hours(ctx: HandlerContext, said: Incoming, answers: Answers) -> list[int]:
    """Take two times of the day."""
    hours = parse_hours(said.text)
    if hours is None:
        raise RuleError("rota.hours_again")
    return list(hours)


async def finish_hours(ctx: HandlerContext, answers: Answers) -> None:
    """Offer the people who can have these hours."""
    rota = await _of_leader(ctx, int(answers["_rota"]))
    starts, lasts = answers["hours"]
    await _show_people(ctx, rota, int(answers["_day"]), starts, lasts, as_new_message=True)


HOURS = Dialog("rota_hours", Policy.POST, (Step("hours", "rota.hours.question", accept_hours),), finish_hours)


# The parts ------------------------------------------------------------------------------------------------------------


async def _pressed(ctx: HandlerContext) -> Rota:
    return await ctx.unit.rotas.visible_to(ctx.actor, pressed_number(ctx), at=ctx.at)


async def _planned(ctx: HandlerContext, count: int) -> tuple[Any, ...]:
    """Return the rota that a press of its leader is about, and the other numbers of the button."""
    rota_id, *others = pressed_numbers(ctx, count)
    return (await _of_leader(ctx, rota_id), *others)


async def _of_leader(ctx: HandlerContext, rota_id: int) -> Rota:
    """Return a rota that the actor may change.

    Raises:
        NotFound: they may not, or there is none.
    """
    rota = await ctx.unit.rotas.visible_to(ctx.actor, rota_id, at=ctx.at)
    if not may_plan(ctx.actor, rota.station_id):
        raise NotFound(rota_id)
    return rota


async def _again(ctx: HandlerContext, rota: Rota) -> Rota:
    """Return a changed rota; its daily check is running from now on."""
    await rota_gaps.watch(ctx, rota)
    return await ctx.unit.rotas.visible_to(ctx.actor, rota.id, at=ctx.at)


async def _people(ctx: HandlerContext, rota: Rota) -> dict[PersonId, str]:
    """Return the people of a rota's post who can be told."""
    return {
        holder.person_id: holder.name
        for holder in await rota_gaps.roster_of(ctx, rota)
        if holder.post.role is rota.role and holder.online and not holder.suspended
    }


def _shift(ctx: HandlerContext, rota: Rota, day: int, *, starts: int, lasts: int, person_id: PersonId = NOBODY) -> Shift:
    """Return the shift of a button: weekly from today on, or on its date.

    Raises:
        RuleError: `refused.old_button`: the date is past or none.
    """
    on = _date(ctx, rota, day)
    if on is not None:
        return Shift(0, person_id, on.weekday(), starts, lasts, on, on)
    return Shift(0, person_id, day, starts, lasts, day_of(ctx.at, rota.zone))


def _date(ctx: HandlerContext, rota: Rota, day: int) -> date | None:
    """Return the date of a button's day, None for a weekday."""
    if day < WEEK:
        return None
    try:
        on = date(day // 10_000, day // 100 % 100, day % 100)
    except ValueError:
        raise RuleError("refused.old_button") from None
    if not timedelta() <= on - day_of(ctx.at, rota.zone) <= timedelta(days=366):
        raise RuleError("refused.old_button")
    return on


def day_number(on: date) -> int:
    """Return a date as a button carries it: 20260610."""
    return on.year * 10_000 + on.month * 100 + on.day


def _weekday(number: int) -> dict[str, Any]:
    return Text(f"rota.weekday.{number}")


def _hours_button(rota: Rota, day: int, starts: int, lasts: int) -> Button:
    key = "rota.button.whole_day" if lasts == DAY else "rota.button.hours"
    return Button(key, "rotaadd", (rota.id, day, _packed(starts, lasts)), _clock(starts, lasts))


def _packed(starts: int, lasts: int) -> int:
    return starts * PACKED + lasts


def _hours(shift: Shift) -> dict[str, str]:
    return _clock(shift.starts, shift.lasts)


def _clock(starts: int, lasts: int) -> dict[str, str]:
    return {"since": _minutes(starts), "until": _minutes((starts + lasts) % DAY)}


def _minutes(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _back(rota: Rota) -> tuple[Button, ...]:
    return (Button("rota.button.back", "rotaback", (rota.id,)),)


def begin_buttons(station_id: StationId) -> list[Button]:
    """Return the buttons with which a leader opens the rotas of a station."""
    return [Button("rota.button.plan", "rotabegin", (station_id, str(role)), {"role": Text(f"people.role.{role}")}) for role in ROLES]
