"""Debrief and call-backs: asked from the end of a case until somebody answers.

Knows who is asked; the instants are in domain/aftercare/tasks.py. Invariants: an open task has a next question and, if anybody can be asked, a person who
is asked; answers are read by those who handle the case; the timeline of a debrief has no words and no place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.aftercare import tasks as rules
from domain.aftercare.sheet import LENGTH
from domain.aftercare.tasks import ANSWERS, TURNS, UNHEARD, FollowUp, Task, question
from domain.cases.case import Action
from domain.cases.notices import readers
from domain.core.change import Button, Event, Notice, Priority, RuleError
from domain.core.immutable import replace
from domain.core.post_change import Moved, Why
from domain.core.records import one_line
from domain.people.people import Policy, Role
from handlers.aftercare.reading import able, facts, handled, say_nobody_called
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from texts import At, Lines, Text

if TYPE_CHECKING:
    from domain.cases.case import Case, CaseChange
    from domain.core.change import Receiver
    from domain.core.post_change import PostChange
    from domain.people.people import Posts
    from handlers.core.presence import Presence

#: The audit action "somebody was hurt".
HURT = "hurt"
#: Events of a timeline that are read.
EVENTS = 400
#: Moves in the timeline of a debrief, none of which only some readers of the case may see.
_TOLD = frozenset(
    {
        Action.ACCEPT, Action.ACK, Action.ARRIVE, Action.RING, Action.CANCEL, Action.RAISE, Action.SPOKE, Action.ESCALATE, Action.LAPSE,
        Action.SETTLE, Action.CLOSE, Action.REFER, Action.REOPEN,
    }
)  # fmt: skip
NO_HELP = "aftercare.choice.no_help"
_BACK = {
    "first": ("aftercare.choice.better", "aftercare.choice.same", "aftercare.choice.worse", "aftercare.choice.not_reached"),
    "second": ("aftercare.choice.content", "aftercare.choice.not_asked"),
    "third": (NO_HELP, "aftercare.choice.needs_help"),
}
_DEBRIEF = dict.fromkeys(ANSWERS, ("aftercare.choice.nothing_to_say",))


# The end of a case ----------------------------------------------------------------------------------------------------


async def follow(ctx: HandlerContext, change: CaseChange) -> None:
    """Offer the sheet when somebody arrived; begin the tasks when an urgent case ends."""
    case = change.case
    if case.scene is None:
        return
    if change.action is Action.ARRIVE and ctx.incoming.private and change.by.id is not None:
        await _offer_sheet(ctx, case)
    elif rules.ended_now(change):
        await _begin(ctx, case)


async def _offer_sheet(ctx: HandlerContext, case: Case) -> None:
    hurt = rules.may_be_hurt(case)
    button = Button("aftercare.button.sheet", "a.see", (case.id,)) if hurt else Button("aftercare.button.hurt", "a.hurt", (case.id,))
    await ctx.notify(Notice(ctx.origin, "aftercare.offer", facts(case), rows(button), subject=case.subject))


async def _begin(ctx: HandlerContext, case: Case) -> None:
    hurt = rules.may_be_hurt(case) or await _was_hurt(ctx, case)
    for task in rules.tasks_of(case, hurt=hurt, at=ctx.at, zone=ctx.town.zone):
        await _add(ctx, case, task)
    await ctx.start_timers(rules.thanks(case.id, at=ctx.at, zone=ctx.town.zone))


async def begin_call_backs(ctx: HandlerContext, case: Case) -> None:
    """Begin the call-backs of an ended case, now that it is known that somebody was hurt."""
    if case.ended_at is not None and not rules.is_false(case):
        for task in rules.call_backs(case.id, at=case.ended_at, zone=ctx.town.zone):
            await _add(ctx, case, task)


async def _add(ctx: HandlerContext, case: Case, task: FollowUp) -> None:
    if await ctx.unit.aftercare.add(task):
        if task.task is Task.DEBRIEF:
            await _ask(ctx, case, task, await ctx.unit.people.posts_of(case.village_id, at=ctx.at))
        else:
            await ctx.start_timers(question(task, at=ctx.at))


async def _was_hurt(ctx: HandlerContext, case: Case) -> bool:
    events = await ctx.unit.cases.timeline(case.id, limit=EVENTS)
    return any(event.action == HURT for event in events) or bool(await ctx.unit.aftercare.sheet(case.id))


# Questions ------------------------------------------------------------------------------------------------------------


async def question_due(ctx: HandlerContext) -> None:
    """Ask about a task that is still open."""
    assert ctx.timer is not None
    data = ctx.timer.data
    case = await ctx.unit.cases.find(int(data["case"]))
    task = None if case is None else await ctx.unit.aftercare.find(case.id, Task(data["task"]))
    if case is not None and task is not None and task.ended_at is None and task.turn == data["turn"]:
        await _ask(ctx, case, task, await ctx.unit.people.posts_of(case.village_id, at=ctx.at))


async def _ask(ctx: HandlerContext, case: Case, task: FollowUp, posts: Posts) -> None:
    """Ask the holder, or the nearest person who can answer.

    From `UNHEARD` on the leader is told too.
    """
    turn = task.turn + 1
    to = _to_ask(task, case, able(case, posts))
    missed = turn > TURNS
    task = replace(task, turn=turn, handled_by=None if to is None else to.person_id, ended_at=ctx.at if missed else None)
    await ctx.unit.aftercare.record(task)
    if not missed:
        await ctx.start_timers(question(task, at=ctx.at))
        if to is not None:
            await ctx.notify(_question(case, task, to))
    if turn >= UNHEARD:
        key = "aftercare.missed.to_leader" if missed else "aftercare.unheard.to_leader"
        for who in readers(case, posts, Role.LEADER):
            if who.address is not None and (to is None or who.person_id != to.person_id):
                told = facts(case) | {"task": Text(f"aftercare.task.{task.task}")}
                await ctx.notify(Notice(who, key, told, priority=Priority.REMINDER, subject=case.subject))


def _to_ask(task: FollowUp, case: Case, people: tuple[Receiver, ...], heir: int | None = None) -> Receiver | None:
    """Return the person to ask, None if nobody can be.

    In this order: the same person as before, the new holder of their post, the holder of the case, the nearest post.
    """
    for wanted in (task.handled_by, heir, case.holder_id):
        found = next((who for who in people if wanted is not None and who.person_id == wanted), None)
        if found is not None:
            return found
    return people[0] if people else None


def _question(case: Case, task: FollowUp, to: Receiver) -> Notice:
    buttons = rows(
        Button("aftercare.button.answer", "a.ans", (case.id, task.task.value)), Button("aftercare.button.sheet", "a.see", (case.id,))
    )
    return Notice(
        to, f"aftercare.ask.{task.task}", facts(case), buttons, Priority.REMINDER, subject=case.subject, excluded_ids=case.excluded_ids
    )


async def give_away(ctx: HandlerContext, change: PostChange, presence: Presence) -> list[Moved]:
    """Ask somebody else about the tasks of a person who cannot act; see `PostsChanged`."""
    if change.why is Why.FORGOTTEN:
        return []
    moved: list[Moved] = []
    for task in await ctx.unit.aftercare.list_asked(None if change.person_id is None else change.people):
        case = await ctx.unit.cases.find(task.case_id)
        assert case is not None, "a case is never deleted"
        people = able(case, await presence.of(case.village_id))
        heir = _to_ask(task, case, people, change.to_id)
        if task.handled_by == (None if heir is None else heir.person_id):
            continue
        task = replace(task, handled_by=None if heir is None else heir.person_id)
        await ctx.unit.aftercare.record(task)
        if heir is not None:
            await ctx.notify(_question(case, task, heir))
        line = Text("aftercare.line", number=str(case.id), village=case.village, task=Text(f"aftercare.task.{task.task}"))
        moved.append(Moved(case.subject, case.village_id, case.station_id, (heir,) if heir else (), line))
    if change.person_id is None:
        await _rearm(ctx)
    return moved


async def _rearm(ctx: HandlerContext) -> None:
    """Give every open task without a waiting question its next one."""
    for task in await ctx.unit.aftercare.list_unwatched():
        timer = question(task, at=ctx.at)
        await ctx.start_timers(replace(timer, occurrence=f"{timer.occurrence}:{int(ctx.at.timestamp())}"))
        await ctx.audit(Event(f"case:{task.case_id}", "aftercare.rearmed", None, ctx.at, data={"task": task.task.value}))


# Answers --------------------------------------------------------------------------------------------------------------


async def press_answer(ctx: HandlerContext) -> None:
    """Ask the three questions of a task."""
    case, task = await _pressed(ctx)
    if task.ended_by is not None:
        ctx.toast("aftercare.toast.answered", number=str(case.id))
        return
    about = {"_number": case.id, "_task": task.task.value}
    await (begin(ctx, "care_back", about) if task.task.calls_back else begin(ctx, "care_debrief", about))


async def _pressed(ctx: HandlerContext) -> tuple[Case, FollowUp]:
    case = await handled(ctx, pressed_number(ctx))
    return case, await _task_of(ctx, case, (*ctx.incoming.values, "", "")[1])


async def _task_of(ctx: HandlerContext, case: Case, word: str) -> FollowUp:
    task = await ctx.unit.aftercare.find(case.id, Task(word)) if word in tuple(Task) else None
    if task is None:
        raise RuleError("refused.old_button")
    return task


async def _answered(ctx: HandlerContext, answers: Answers) -> None:
    case = await handled(ctx, int(answers["_number"]))
    task = await _task_of(ctx, case, str(answers["_task"]))
    if task.ended_by is not None:
        await ctx.reply("aftercare.toast.answered", number=str(case.id))
        return
    first, second, third = (str(answers[name]) for name in ANSWERS)
    task = replace(task, ended_at=ctx.at, ended_by=ctx.actor.id, first=first, second=second, third=third)
    await ctx.unit.aftercare.record(task)
    await ctx.audit(Event(case.subject, f"aftercare.{task.task}", ctx.actor.id, ctx.at))
    if task.task is Task.DEBRIEF:
        await _show_debrief(ctx, case, task)
    else:
        await ctx.reply("aftercare.back.thanks", **facts(case))
        if task.third != NO_HELP:
            await _tell_of_help(ctx, case, task)
    await say_nobody_called(ctx, first, second, third)


async def _tell_of_help(ctx: HandlerContext, case: Case, task: FollowUp) -> None:
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    for who in readers(case, posts, Role.OFFICER, Role.LEADER):
        if who.person_id != ctx.actor.id and who.address is not None:
            told = facts(case) | {"words": shown(task.third, _BACK["third"])}
            button = rows(Button("case.button.all", "c.all", (case.id,)))
            await ctx.notify(Notice(who, "aftercare.help.to_police", told, button, subject=case.subject, excluded_ids=case.excluded_ids))


async def press_debrief(ctx: HandlerContext) -> None:
    """Show the debrief of a case: the timeline and what was written."""
    case = await handled(ctx, pressed_number(ctx))
    task = await ctx.unit.aftercare.find(case.id, Task.DEBRIEF)
    if task is None:
        raise RuleError("refused.old_button")
    await _show_debrief(ctx, case, task)


async def _show_debrief(ctx: HandlerContext, case: Case, task: FollowUp) -> None:
    events = await ctx.unit.cases.timeline(case.id, limit=EVENTS)
    told = [event for event in events if event.action in _TOLD][-25:]
    lines = [
        Text(f"case.line.{event.action}", at=At(event.at), **{name: event.data.get(name, "") for name in ("by", "to", "n")})
        for event in told
    ]
    written = {name: shown(getattr(task, name), _DEBRIEF[name]) or Text("aftercare.sheet.empty") for name in ANSWERS}
    params = facts(case) | {"at": At(case.opened_at, "short"), "lines": Lines(lines)} | written
    await ctx.notify(Notice(ctx.origin, "aftercare.debrief", params, subject=case.subject))


def shown(said: str, offered: tuple[str, ...]) -> Any:
    """Return an answer as it is read: an offered one (a text key) as its sentence."""
    return Text(said) if said in offered else said


def _step(name: str, ask: str, keys: tuple[str, ...]) -> Step:
    by_word = {key.rpartition(".")[2]: key for key in keys}

    async def choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
        return tuple(Choice(key, word) for word, key in by_word.items())

    async def accept(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
        if said.press_id and said.text in by_word:
            return by_word[said.text]
        return one_line(said.text, most=LENGTH, key="aftercare.sheet.again")

    return Step(name, ask, accept, choices=choices)


BACK = Dialog(
    "care_back",
    Policy.HANDLER,
    (
        _step("first", "aftercare.back.first", _BACK["first"]),
        _step("second", "aftercare.back.second", _BACK["second"]),
        _step("third", "aftercare.back.third", _BACK["third"]),
    ),
    _answered,
    unheard="its answers tell of a danger that is known",
)
DEBRIEF = Dialog(
    "care_debrief",
    Policy.HANDLER,
    (
        _step("first", "aftercare.debrief.first", _DEBRIEF["first"]),
        _step("second", "aftercare.debrief.second", _DEBRIEF["second"]),
        _step("third", "aftercare.debrief.third", _DEBRIEF["third"]),
    ),
    _answered,
    unheard="its answers tell of a danger that is known",
)
