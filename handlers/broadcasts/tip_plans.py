"""Schedules of tips: list, add, pause, delete, and send each occurrence.

Knows schedules of kind "tips"; must not know how a broadcast is sent. Invariant: an occurrence is sent, sent late, or recorded as skipped
with its reason, once; a schedule sends only to the villages its author may send to at that moment (of those it was handed over with), and
stops when there are none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain import tips as rules
from domain.broadcasts import Audience, Broadcast, State
from domain.calendar.schedules import Verdict, decide_late, next_after, parse_cron
from domain.core.change import Button, Event, NotFound, Notice, PersonId, Priority, RuleError, StationId
from domain.core.numbers import parse_case_number
from domain.people.people import Policy, Role
from handlers.broadcasts.sending import count, release, villages_of
from handlers.core.context import rows
from handlers.core.dialogs import Choice, Dialog, Step, begin
from storage.values import from_us
from texts import At, Lines, Text

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import Keyboard
    from domain.people.people import Person, Village
    from handlers.core.context import HandlerContext, Incoming
    from handlers.core.dialogs import Answers
    from storage.core.timers import Schedule

KIND = "tips"
A_PAGE = 4
OWN = "own"


# Making and keeping schedules -------------------------------------------------------------------------------------------


async def list_plans(ctx: HandlerContext) -> None:
    """Show the schedules the actor may change, each with its next run."""
    await _show(ctx, parse_case_number("".join(ctx.incoming.values[:1])) or 0, as_new_message=True)


async def add(ctx: HandlerContext) -> None:
    """Ask for the time and the audience."""
    await begin(ctx, "tip_plan")


async def pause_or_run(ctx: HandlerContext) -> None:
    """Pause a schedule, or run it again from now on."""
    schedule = await _loaded(ctx)
    try:
        next_at = next_after(parse_cron(schedule.cron), ctx.at, ctx.town.zone)
    except ValueError:  # from an older version, or edited by hand: that is why it was paused
        raise RuleError("tip.plan.not_understood") from None
    await ctx.unit.timers.pause_schedule(schedule.id, paused=not schedule.paused, next_at=next_at, at=ctx.at)
    await _record(ctx, schedule, "schedule.run" if schedule.paused else "schedule.paused")
    await _show(ctx, 0)


async def delete(ctx: HandlerContext) -> None:
    """Delete a schedule with its waiting occurrences."""
    schedule = await _loaded(ctx)
    await ctx.unit.timers.remove_schedule(schedule.id, at=ctx.at)
    await _record(ctx, schedule, "schedule.deleted")
    ctx.toast("tip.plan.deleted")
    await _show(ctx, 0)


async def _offer_times(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"tip.when.{code}", code) for code in (*rules.PRESETS, OWN))


async def _accept_time(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    line = said.text.strip()
    return line if line == OWN or line in rules.PRESETS else rules.plan(line, at=ctx.at, zone=ctx.town.zone).cron


async def _accept_cron(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return rules.plan(said.text, at=ctx.at, zone=ctx.town.zone).cron


async def _offer_audience(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"broadcast.to.{audience}", audience, {"mark": ""}) for audience in Audience)


async def _accept_audience(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if said.text not in list(Audience):
        raise RuleError("tip.plan.choose_audience")
    return said.text


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    mine = await villages_of(ctx, ctx.actor)
    if not mine or ctx.actor.id is None:
        raise RuleError("broadcast.no_villages")
    code = answers["when"]
    plan = rules.plan(answers["cron"] if code == OWN else code, at=ctx.at, zone=ctx.town.zone)
    data = {"author_id": ctx.actor.id, "audience": answers["audience"]}
    schedule_id = await ctx.unit.timers.add_schedule(
        KIND,
        station_id=mine[0].station_id,
        name=code if code in rules.PRESETS else OWN,
        cron=plan.cron,
        data=data,
        next_at=plan.next_at,
        created_by=ctx.actor.id,
        at=ctx.at,
    )
    await ctx.audit(Event(f"schedule:{schedule_id}", "schedule.added", ctx.actor.id, ctx.at, data=data | {"cron": plan.cron}))
    await ctx.reply("tip.plan.added", at=At(plan.next_at, "full"))
    await _show(ctx, 0, as_new_message=True)


PLAN = Dialog(
    "tip_plan",
    Policy.POLICE,
    (
        Step("when", "tip.plan.ask_when", _accept_time, choices=_offer_times, wide=1),
        Step("cron", "tip.plan.ask_cron", _accept_cron, when=lambda answers: answers.get("when") == OWN),
        Step("audience", "tip.plan.ask_audience", _accept_audience, choices=_offer_audience, wide=3),
    ),
    _finish,
)


# Occurrences ------------------------------------------------------------------------------------------------------------


async def send_due(ctx: HandlerContext) -> None:
    """Send the next tip of the library, or record why not (clock)."""
    assert ctx.timer is not None
    schedule = await ctx.unit.timers.find_schedule(int(ctx.timer.data["schedule_id"]))
    if schedule is None:
        return
    due_at = from_us(ctx.timer.data["occurrence_at"])
    verdict = decide_late(due_at, ctx.at, rules.GRACE, must_tell=False)
    if schedule.paused or verdict is Verdict.SKIP:
        await _skip(ctx, schedule, "paused" if schedule.paused else "late")
        return
    author = await ctx.unit.people.find(PersonId(schedule.data["author_id"]), at=ctx.at)
    meant = schedule.data.get("villages")
    villages = [each for each in await villages_of(ctx, author) if meant is None or each.id in meant] if author is not None else []
    if not villages or author is None:
        await _orphan(ctx, schedule)
        return
    sent = await _send(ctx, schedule, author, villages)
    if sent is None:
        await _skip(ctx, schedule, "nobody")
    else:
        await _record(ctx, schedule, "schedule.sent_late" if verdict is Verdict.LATE else "schedule.sent", broadcast=sent.id)


async def _send(ctx: HandlerContext, schedule: Schedule, author: Person, villages: list[Village]) -> Broadcast | None:
    """Send the next tip; return None, and keep the turn, when nobody would receive it."""
    targets = tuple(village.id for village in villages)
    blank = Broadcast(
        id=0,
        kind="tip",
        station_id=StationId(schedule.station_id),
        author_id=PersonId(schedule.data["author_id"]),
        key="tip.sent",
        params={},
        audience=Audience(schedule.data["audience"]),
        villages=targets,
        state=State.SENDING,
        schedule_id=schedule.id,
    )
    counted = await count(ctx, blank, targets)
    if counted.groups + counted.people == 0:
        return None
    number = rules.of_turn(await ctx.unit.tips.next_turn(schedule.id))
    params = {"title": Text(rules.title_key(number)), "text": Text(rules.text_key(number))}
    sent = await ctx.unit.broadcasts.add(replace(blank, params=params, total=counted.groups + counted.people), at=ctx.at)
    await release(ctx, sent, targets)
    return sent


async def _skip(ctx: HandlerContext, schedule: Schedule, reason: str) -> None:
    await _record(ctx, schedule, "schedule.skipped", reason=reason)


async def _orphan(ctx: HandlerContext, schedule: Schedule) -> None:
    """Pause a schedule whose author may not send to anybody any more.

    The desk and the leaders are notified.
    """
    await _skip(ctx, schedule, "author")
    await ctx.unit.timers.pause_schedule(schedule.id, paused=True, next_at=ctx.at, at=ctx.at)
    posts = await ctx.unit.people.station_posts(StationId(schedule.station_id), at=ctx.at)
    for who in posts.of(Role.DUTY, Role.LEADER):
        await ctx.notify(Notice(who, "tip.plan.orphaned.to_leader", {"when": when_text(schedule)}, priority=Priority.REMINDER))


# The list ---------------------------------------------------------------------------------------------------------------


async def _show(ctx: HandlerContext, page: int, *, as_new_message: bool = False) -> None:
    mine = await _visible(ctx)
    page = min(page, max(len(mine) - 1, 0) // A_PAGE)
    shown = mine[page * A_PAGE : (page + 1) * A_PAGE]
    lines = [await _line(ctx, schedule) for schedule in shown]
    keyboard: Keyboard = tuple(
        (
            Button("tip.button.run" if each.paused else "tip.button.pause", "tip.pause", (each.id,), {"n": each.id}),
            Button("tip.button.delete", "tip.del", (each.id,), {"n": each.id}),
        )
        for each in shown
    )
    turns = [Button("tip.button.before", "tip.plans", (page - 1,))] if page else []
    turns += [Button("tip.button.next", "tip.plans", (page + 1,))] if (page + 1) * A_PAGE < len(mine) else []
    keyboard = (*keyboard, *rows(*turns), (Button("tip.button.new", "tip.new"),))
    key = "tip.plan.list" if shown else "tip.plan.list_empty"
    await ctx.reply(key, buttons=keyboard, card="plans", as_new_message=as_new_message, lines=Lines(lines))


async def _line(ctx: HandlerContext, schedule: Schedule) -> dict[str, Any]:
    state = Text("tip.plan.is_paused") if schedule.paused else Text("tip.plan.next", at=At(schedule.next_at, "full"))
    return Text(
        "tip.plan.line",
        n=schedule.id,
        when=when_text(schedule),
        audience=Text(f"broadcast.audience.{schedule.data['audience']}"),
        state=state,
        last=await _last(ctx, schedule),
    )


async def _last(ctx: HandlerContext, schedule: Schedule) -> dict[str, Any] | str:
    """Return the outcome of the last occurrence, from the audit; empty before the first."""
    events = [
        event
        for event in await ctx.unit.audit.of(f"schedule:{schedule.id}")
        if event.action.startswith(("schedule.sent", "schedule.skipped"))
    ]
    if not events:
        return ""
    last = events[-1]
    how = last.action.removeprefix("schedule.")
    at: datetime = last.at
    return Text(f"tip.plan.last.{last.data['reason']}" if how == "skipped" else f"tip.plan.last.{how}", at=At(at))


def when_text(schedule: Schedule) -> dict[str, Any]:
    """Return the times of a schedule as a parameter of a sentence."""
    return Text(f"tip.when.{schedule.name}") if schedule.name in rules.PRESETS else Text("tip.when.cron", line=schedule.cron)


async def _visible(ctx: HandlerContext) -> list[Schedule]:
    """Return the visible schedules of the actor's stations.

    These are their own, and all of a station whose desk they keep or that they lead.
    """
    stations = tuple(sorted({post.station_id for post in ctx.actor.posts}))
    led = ctx.actor.stations(Role.DUTY, Role.LEADER)
    found = await ctx.unit.timers.list_schedules(KIND, station_ids=stations) if stations else []
    return [each for each in found if each.station_id in led or each.data["author_id"] == ctx.actor.id]


async def _loaded(ctx: HandlerContext) -> Schedule:
    value = "".join(ctx.incoming.values[:1])
    number = parse_case_number(value)
    for schedule in await _visible(ctx):
        if schedule.id == number:
            return schedule
    raise NotFound(value[:12])


async def _record(ctx: HandlerContext, schedule: Schedule, action: str, **data: Any) -> None:
    if ctx.timer is not None:
        data |= {"occurrence_at": ctx.timer.data["occurrence_at"]}
    await ctx.audit(Event(f"schedule:{schedule.id}", action, ctx.actor.id, ctx.at, data=data))
