"""Schedules of tips, notices and trainings: list, add, pause, delete, send each occurrence.

Knows schedules of kind "tips", and what each sends
(`data["what"]`); must not know how a broadcast is sent. Invariant: an occurrence is sent, sent late, or recorded as skipped
with its reason, once; a schedule sends only to the villages its author may send to at that moment (of those it was handed over with), and
stops when there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import tips as rules
from domain.broadcasts import Audience, Broadcast, State
from domain.calendar import plain_schedules
from domain.calendar.schedules import Verdict, decide_late, next_after, parse_cron
from domain.core.change import Button, Event, NotFound, Notice, PersonId, Priority, RuleError, StationId
from domain.core.immutable import replace
from domain.core.numbers import parse_case_number
from domain.people.people import Policy, Role
from handlers.broadcasts import notices
from handlers.broadcasts.sending import count, release, villages_of
from handlers.core.context import rows
from handlers.core.dialogs import Choice, Dialog, Step, begin
from storage.values import from_us
from texts import At, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from domain.core.change import Keyboard
    from domain.people.people import Person, Village
    from handlers.core.context import HandlerContext, Incoming
    from handlers.core.dialogs import Answers
    from storage.core.timers import Schedule

KIND = "tips"
A_PAGE = 4
OWN = "own"
TIP, NOTICE, TRAINING = "tip", "notice", "training"
WHAT = (TIP, NOTICE, TRAINING)
#: Characters of the subject of a planned training.
SUBJECT = 60
CLOCKS = ("8:00", "9:00", "12:00", "17:00", "18:00", "19:00")


# Making and keeping schedules -------------------------------------------------------------------------------------------


async def list_plans(ctx: HandlerContext) -> None:
    """Show the schedules the actor may change, each with its next run."""
    await _show(ctx, parse_case_number("".join(ctx.incoming.values[:1])) or 0, as_new_message=True)


async def add(ctx: HandlerContext) -> None:
    """Ask for the time and the audience; for a notice or a training also for words."""
    what = "".join(ctx.incoming.values[:1]) or TIP
    if what not in WHAT:
        raise RuleError("refused.old_button")
    await begin(ctx, "tip_plan", {"what": what})


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
    return tuple(Choice(f"tip.choice.{code}", code) for code in (*rules.PRESETS, OWN))


async def _accept_time(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    line = said.text.strip()
    if line == OWN or line in rules.PRESETS:
        return line
    plain = plain_schedules.read(line, at=ctx.at, zone=ctx.town.zone)
    return rules.plan(line if plain is None else plain.line, at=ctx.at, zone=ctx.town.zone).cron


async def _offer_days(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"tip.days.{days.replace(',', '')}", days) for days in plain_schedules.OFFERED)


async def _accept_days(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if said.press_id and said.text in plain_schedules.OFFERED:
        return said.text
    plain = plain_schedules.read(said.text, at=ctx.at, zone=ctx.town.zone)
    days = plain.days if plain is not None else plain_schedules.read_days(said.text)[0]
    if plain is not None:
        answers["clock"] = plain.clock
        rules.plan(plain.line, at=ctx.at, zone=ctx.town.zone)
    if not days:
        raise RuleError("tip.plan.not_understood")
    return days


async def _offer_clocks(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice("tip.plan.clock", clock, {"clock": clock}) for clock in CLOCKS)


async def _accept_clock(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    found = plain_schedules.read_clock(said.text, at=ctx.at, zone=ctx.town.zone)
    if found is None:
        raise RuleError("tip.plan.clock_again")
    return plain_schedules.PlainTime("", *found).clock


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
    code, what = answers["when"], answers.get("what", TIP)
    line = code
    if code == OWN:
        hour, minute = answers["clock"].split(":")
        line = plain_schedules.PlainTime(answers["days"], int(hour), int(minute)).line
    plan = rules.plan(line, at=ctx.at, zone=ctx.town.zone)
    data = {"author_id": ctx.actor.id, "audience": answers.get("audience", Audience.GROUPS.value), "what": what}
    if what == NOTICE:
        data |= {"params": await notices.params_of(ctx, answers["words"]), "photo": answers.get(notices.PHOTO, "")}
    elif what == TRAINING:
        data["subject"] = answers["subject"]
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


async def _accept_subject(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    words = " ".join(ctx.for_many(rules.own_words(said.text)).split())
    if len(words) > SUBJECT:
        raise RuleError("tip.own.too_long", length=len(words), limit=SUBJECT)
    return words


def _is(*what: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.get("what", TIP) in what


def _chosen_apart(answers: Answers) -> bool:
    return answers.get("when") == OWN


PLAN = Dialog(
    "tip_plan",
    Policy.POLICE,
    (
        Step("words", "notice.ask", notices.accept_words, when=_is(NOTICE)),
        Step("subject", "tip.plan.ask_subject", _accept_subject, when=_is(TRAINING)),
        Step("when", "tip.plan.ask_when", _accept_time, choices=_offer_times, wide=1),
        Step("days", "tip.plan.ask_days", _accept_days, choices=_offer_days, when=_chosen_apart, wide=3),
        Step("clock", "tip.plan.ask_clock", _accept_clock, choices=_offer_clocks, when=_chosen_apart, wide=3),
        Step("audience", "tip.plan.ask_audience", _accept_audience, choices=_offer_audience, when=_is(TIP, NOTICE), wide=3),
    ),
    _finish,
    unheard="police plan what is announced to many people",
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
    if schedule.data.get("what", TIP) == TRAINING:
        await _remind_of_training(ctx, schedule)
        await _record(ctx, schedule, "schedule.sent_late" if verdict is Verdict.LATE else "schedule.sent")
        return
    sent = await _send(ctx, schedule, author, villages)
    if sent is None:
        await _skip(ctx, schedule, "nobody")
    else:
        await _record(ctx, schedule, "schedule.sent_late" if verdict is Verdict.LATE else "schedule.sent", broadcast=sent.id)


async def _send(ctx: HandlerContext, schedule: Schedule, author: Person, villages: list[Village]) -> Broadcast | None:
    """Send the next tip or the notice; return None, and keep the turn, without a recipient."""
    targets = tuple(village.id for village in villages)
    what = str(schedule.data.get("what", TIP))
    blank = Broadcast(
        id=0,
        kind=what,
        station_id=StationId(schedule.station_id),
        author_id=PersonId(schedule.data["author_id"]),
        key=f"{what}.sent",
        params=schedule.data.get("params", {}),
        audience=Audience(schedule.data["audience"]),
        villages=targets,
        state=State.SENDING,
        schedule_id=schedule.id,
        photo=schedule.data.get("photo", ""),
    )
    counted = await count(ctx, blank, targets)
    if counted.groups + counted.people == 0:
        return None
    params = blank.params
    if what == TIP:
        number = rules.of_turn(await ctx.unit.tips.next_turn(schedule.id))
        params = {"title": Text(rules.title_key(number)), "text": Text(rules.text_key(number))}
    sent = await ctx.unit.broadcasts.add(replace(blank, params=params, total=counted.groups + counted.people), at=ctx.at)
    await release(ctx, sent, targets)
    return sent


async def _remind_of_training(ctx: HandlerContext, schedule: Schedule) -> None:
    """Remind the author of the planned training, with the button that begins it."""
    who = await ctx.unit.people.receiver(PersonId(schedule.data["author_id"]))
    button = ((Button("tip.plan.hold_training", "tnew"),),)
    await ctx.notify(Notice(who, "tip.plan.training_due", {"subject": schedule.data["subject"]}, button, Priority.REMINDER))


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
    new = tuple((Button(f"tip.button.new_{what}", "tip.new", (what,)),) for what in WHAT)
    keyboard = (*keyboard, *rows(*turns), *new)
    key = "tip.plan.list" if shown else "tip.plan.list_empty"
    await ctx.reply(key, buttons=keyboard, card="plans", as_new_message=as_new_message, lines=Lines(lines))


async def _line(ctx: HandlerContext, schedule: Schedule) -> dict[str, Any]:
    state = Text("tip.plan.is_paused") if schedule.paused else Text("tip.plan.next", at=At(schedule.next_at, "full"))
    return Text(
        "tip.plan.line",
        n=schedule.id,
        when=when_text(schedule),
        what=Text(f"tip.plan.what.{schedule.data.get('what', TIP)}"),
        audience=_audience_text(schedule),
        state=state,
        last=await _last(ctx, schedule),
    )


def _audience_text(schedule: Schedule) -> dict[str, Any]:
    what, audience = schedule.data.get("what", TIP), schedule.data["audience"]
    if what == TRAINING:
        return Text("tip.plan.to_author")
    return Text(
        f"broadcast.audience.all_{audience}" if what == NOTICE and audience != Audience.GROUPS else f"broadcast.audience.{audience}"
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
    """Return the times of a schedule as a parameter, in plain words where there are some."""
    plain = plain_schedules.say(schedule.cron)
    if plain is None:
        return Text("tip.when.cron", line=schedule.cron)
    if plain.days.startswith("m"):
        return Text("tip.when.monthly", day=int(plain.days[1:]), clock=plain.clock)
    if plain.days in (plain_schedules.DAILY, plain_schedules.WORKDAYS):
        return Text("tip.when.daily" if plain.days == plain_schedules.DAILY else "tip.when.workdays", clock=plain.clock)
    return Text("tip.when.weekly", days=Joined(Text(f"tip.weekday.{day}") for day in plain.days.split(",")), clock=plain.clock)


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
