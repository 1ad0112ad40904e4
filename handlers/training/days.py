"""A training's days: answers and the waiting list, reminders, signing in on the spot, who came, the close.

Knows answers and attendance. Invariants: a place that becomes free goes to who waits longest, and they are told; a wrong code counts, five
in an hour are all; a reminder is sent once and before the start, or recorded as skipped with its reason.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain import training as rules
from domain.core.change import Button, Event, NotFound, Notice, PersonId, Priority, RuleError, VillageId
from domain.people.people import COMMITTEE, Policy, Role, may_train
from domain.training import Answer, Attendee, Reminding, State, Training
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import ASK_AGAIN, Answers, Choice, Dialog, Step, begin
from handlers.people.roster import ID, number_pressed
from handlers.training.cards import answer_buttons, draw_board, facts_of, managed, of_reader, show_answer
from texts import At, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

LINK = re.compile("([0-9]{1,9})-([A-Za-z0-9_-]{8,40})")
A_PAGE, A_LIST = 10, 30


# Answers --------------------------------------------------------------------------------------------------------------


async def press_yes(ctx: HandlerContext) -> None:
    """I am coming."""
    await _answer(ctx, yes=True)


async def press_no(ctx: HandlerContext) -> None:
    """I cannot come: the place goes to who waits longest."""
    await _answer(ctx, yes=False)


async def press_card(ctx: HandlerContext) -> None:
    """Show a training one is called to."""
    value = await _invited(ctx)
    await show_answer(ctx, value, await ctx.unit.trainings.people(value.id), as_new_message=True)


async def press_place(ctx: HandlerContext) -> None:
    """Say where it is, with the pin if there is one."""
    value = await _invited(ctx)
    media = None if value.pin is None else {"type": "location", "latitude": value.pin[0], "longitude": value.pin[1]}
    await ctx.reply("training.place", media=media, **await facts_of(ctx, value))


async def _answer(ctx: HandlerContext, *, yes: bool) -> None:
    value = await _invited(ctx)
    assert ctx.actor.id is not None
    people = await ctx.unit.trainings.people(value.id)
    before = next((each.answer for each in people if each.person_id == ctx.actor.id), Answer.NONE)
    taken = sum(each.answer is Answer.YES and each.person_id != ctx.actor.id for each in people)
    answer = rules.answer(value, yes=yes, before=before, taken=taken, at=ctx.at)
    ctx.toast(f"training.answered.{answer}")
    if answer is not before:
        await ctx.unit.trainings.put_answer(value, ctx.actor.id, answer, village_id=_village_of(ctx, value), at=ctx.at)
        await _promote(ctx, value.id)
    value = await ctx.unit.trainings.find(value.id) or value
    await show_answer(ctx, value, await ctx.unit.trainings.people(value.id))
    await draw_board(ctx, value)


async def _promote(ctx: HandlerContext, number: int) -> None:
    """Give a free place to who waits longest, and tell them."""
    value = await ctx.unit.trainings.find(number)
    assert value is not None
    following = rules.next_in_line(value, await ctx.unit.trainings.people(number))
    if following is None:
        return
    await ctx.unit.trainings.put_answer(value, following.person_id, Answer.YES, village_id=following.village_id, at=ctx.at)
    who = await ctx.unit.people.receiver(following.person_id)
    facts = await facts_of(ctx, value)
    await ctx.notify(
        Notice(who, "training.promoted", facts, answer_buttons(value, Answer.YES), card=value.card, as_new_message=True, subject=value.card)
    )


def _village_of(ctx: HandlerContext, value: Training) -> VillageId | None:
    """Return the village somebody comes for: a called one of theirs, else their home."""
    mine = [ctx.actor.village_id, *sorted(ctx.actor.villages(*COMMITTEE))]
    return next((village_id for village_id in mine if village_id in value.villages), ctx.actor.village_id)


# Signing in -----------------------------------------------------------------------------------------------------------


async def sign_in_by_code(ctx: HandlerContext, code: str) -> None:
    """Sign in with the four digits shown on the spot."""
    running = await ctx.unit.trainings.list_open(
        ctx.actor, begins_before=ctx.at + rules.OPENS_BEFORE, ends_after=ctx.at - rules.CLOSES_AFTER
    )
    await _sign_in(ctx, next((each for each in running if hmac.compare_digest(each.code, code)), None))


async def by_link(ctx: HandlerContext, rest: str) -> bool:
    """Sign in by the QR code's link; False when the payload is no such thing."""
    found = LINK.fullmatch(rest)
    if found is None:
        return False
    if ctx.actor.role is Role.STRANGER:
        await ctx.reply("training.sign.join_first", buttons=((Button("join.button.pick", "jpage", (0,)),),))
        return True
    value = await ctx.unit.trainings.find(int(found[1]))
    right = value is not None and value.state is State.ANNOUNCED and hmac.compare_digest(value.token, found[2])
    await _sign_in(ctx, value if right else None)
    return True


async def _sign_in(ctx: HandlerContext, value: Training | None) -> None:
    """Sign the actor in, or count a wrong try; this is answered, not raised, so that the count is kept."""
    address = ctx.incoming.address
    tries = await ctx.unit.invitations.tries_since(address, "training", since=ctx.at - rules.TRIES_IN)
    if tries >= rules.TRIES:
        await ctx.reply("training.sign.too_many")
    elif value is None:
        await ctx.unit.invitations.tried(address, "training", at=ctx.at)
        await ctx.reply("training.sign.wrong", left=rules.TRIES - tries - 1)
    else:
        rules.sign_in(value, at=ctx.at, by_list=False)
        assert ctx.actor.id is not None
        new = await ctx.unit.trainings.sign_in(value, ctx.actor.id, village_id=_village_of(ctx, value), by=ctx.actor.id, at=ctx.at)
        await ctx.reply("training.sign.done" if new else "training.sign.already", subject=value.subject, name=ctx.actor.name)
        await draw_board(ctx, value)


async def press_code(ctx: HandlerContext) -> None:
    """Show the code and its QR to hold up on the spot."""
    value = await managed(ctx, number_pressed(ctx))
    link = ctx.town.link(ctx.incoming.address.channel, f"t{value.id}-{value.token}")
    media = {"type": "qr", "data": link} if link else None
    hours: dict[str, Any] = {"since": At(value.starts_at - rules.OPENS_BEFORE), "until": At(value.ends_at + rules.CLOSES_AFTER, "time")}
    await ctx.reply("training.code", media=media, subject=value.subject, code=value.code, **hours)


async def press_list(ctx: HandlerContext) -> None:
    """List who promised, to sign them in by name."""
    number, page = _numbers(ctx, 2)
    await _show_list(ctx, await managed(ctx, number), page)


async def press_in(ctx: HandlerContext) -> None:
    """Sign somebody of the list in, or take that back."""
    number, person, page = _numbers(ctx, 3)
    value = await managed(ctx, number)
    each = next((each for each in await _listed(ctx, value) if each.person_id == person), None)
    if each is None or ctx.actor.id is None:
        raise NotFound(number)
    rules.sign_in(value, at=ctx.at, by_list=True)
    if each.came:
        await ctx.unit.trainings.sign_out(value, each.person_id, by=ctx.actor.id, at=ctx.at)
    else:
        await ctx.unit.trainings.sign_in(value, each.person_id, village_id=each.village_id, by=ctx.actor.id, at=ctx.at)
    await _show_list(ctx, value, page)
    await draw_board(ctx, value)


async def _show_list(ctx: HandlerContext, value: Training, page: int) -> None:
    people = await _listed(ctx, value)
    pages = max(1, -(-len(people) // A_PAGE))
    page = min(page, pages - 1)
    names = [
        Button(
            "training.button.in" if each.came else "training.button.out",
            "tin",
            (value.id, each.person_id, page),
            {"name": each.name, "village": each.village},
        )
        for each in people[page * A_PAGE : (page + 1) * A_PAGE]
    ]
    buttons = (*rows(*names), *_turns("tlist", value.id, page, pages), (Button("training.button.add", "tadd", (value.id,)),))
    facts: dict[str, Any] = {
        "subject": value.subject,
        "came": sum(each.came for each in people),
        "count": len(people),
        "page": page + 1,
        "pages": pages,
    }
    await ctx.reply(
        "training.list", buttons=buttons, card=f"{value.card}:list", as_new_message=page == 0 and ctx.incoming.verb == "tlist", **facts
    )


async def _listed(ctx: HandlerContext, value: Training) -> list[Attendee]:
    people = await of_reader(ctx, value, ctx.actor, await ctx.unit.trainings.people(value.id))
    return [each for each in people if each.came or each.answer in (Answer.YES, Answer.WAITING)]


# Somebody who did not answer --------------------------------------------------------------------------------------------


async def press_add(ctx: HandlerContext) -> None:
    """Ask for the name of somebody who came without having answered."""
    value = await managed(ctx, number_pressed(ctx))
    rules.sign_in(value, at=ctx.at, by_list=True)
    await begin(ctx, "tadd", {"_training": value.id})


async def _who_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    found = [await ctx.unit.people.get(PersonId(number), at=ctx.at) for number in answers.get("_found", ())]
    return tuple(Choice("training.button.person", str(person.id), {"name": person.name}) for person in found)


async def _accept_who(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.press_id and ID.fullmatch(said.text) and int(said.text) in answers.get("_found", ()):
        return int(said.text)
    value = await managed(ctx, int(answers["_training"]))
    name = said.text.strip()[:40]
    allowed = [village.id for village in await ctx.unit.people.list_villages(value.villages) if may_train(ctx.actor, village)]
    found = await ctx.unit.directory.search(name, stations=[], villages=allowed, at=ctx.at, limit=A_PAGE) if name else []
    if not found:
        raise RuleError("training.add.nobody")
    if len(found) == 1:
        return found[0]
    answers["_found"] = list(found)
    return ASK_AGAIN


async def _add(ctx: HandlerContext, answers: Answers) -> None:
    value = await managed(ctx, int(answers["_training"]))
    rules.sign_in(value, at=ctx.at, by_list=True)
    person = await ctx.unit.people.get(PersonId(answers["who"]), at=ctx.at)
    assert person.id is not None
    assert ctx.actor.id is not None
    villages = (person.village_id, *sorted(person.villages(*COMMITTEE)))
    village_id = next((each for each in villages if each in value.villages), person.village_id)
    new = await ctx.unit.trainings.sign_in(value, person.id, village_id=village_id, by=ctx.actor.id, at=ctx.at)
    await ctx.reply("training.sign.done" if new else "training.sign.already", subject=value.subject, name=person.name)
    await draw_board(ctx, value)


ADD = Dialog("tadd", Policy.HANDLER, (Step("who", "training.add.question", _accept_who, choices=_who_choices, card="ask.who"),), _add)


# Who came -------------------------------------------------------------------------------------------------------------


async def press_people(ctx: HandlerContext) -> None:
    """List who came and who promised but did not, by village, page by page."""
    number, page = _numbers(ctx, 2)
    value = await ctx.unit.trainings.visible_to(ctx.actor, number)
    if value is None or value.state is State.DRAFT:
        raise NotFound(number)
    people = await of_reader(ctx, value, ctx.actor, await ctx.unit.trainings.people(value.id))
    lines = _lines(people, over=ctx.at >= value.ends_at)
    pages = max(1, -(-len(lines) // A_LIST))
    page = min(page, pages - 1)
    counted = rules.attendance(people)
    facts: dict[str, Any] = {
        "subject": value.subject,
        "times": len(counted.came),
        "absent": len(counted.absent),
        "walk_ins": counted.walk_ins,
    }
    shown = Lines(lines[page * A_LIST : (page + 1) * A_LIST] or [Text("training.people.nobody")])
    turns = _turns("tpeople", value.id, page, pages)
    await ctx.reply(
        "training.people",
        buttons=turns,
        card=f"{value.card}:people",
        as_new_message=page == 0,
        lines=shown,
        page=page + 1,
        pages=pages,
        **facts,
    )


def _lines(people: Sequence[Attendee], *, over: bool) -> list[Any]:
    """Return the list: a line a village, then its people; who promised is absent only once it is over."""
    lines: list[Any] = []
    for village, came, absent in rules.attendance(people).by_village:
        lines.append(Text("training.people.village", village=village or Text("training.people.elsewhere"), came=came, absent=absent))
        here = [each for each in people if each.village == village and (each.came or each.answer is Answer.YES)]
        for each in sorted(here, key=lambda each: (not each.came, each.queue)):
            key = "came" if each.came else "absent" if over else "promised"
            lines.append(Text(f"training.people.{key}", name=each.name))
    return lines


# The clock ------------------------------------------------------------------------------------------------------------


async def reminders_due(ctx: HandlerContext) -> None:
    """Remind those who promised; what comes too late is recorded as skipped, with its reason."""
    assert ctx.timer is not None
    value = await ctx.unit.trainings.find(int(ctx.timer.data["training"]))
    if value is None:
        return
    hours, turn = int(ctx.timer.data["hours"]), int(ctx.timer.data["turn"])
    what = rules.reminding(value, turn=turn, hours=hours, at=ctx.at)
    if what is not Reminding.SEND:
        await ctx.audit(Event(value.card, "training.reminder_skipped", None, ctx.at, data={"hours": hours, "reason": what.value}))
        return
    facts = await facts_of(ctx, value)
    for each in await ctx.unit.trainings.people(value.id):
        if each.answer is Answer.YES:
            who = await ctx.unit.people.receiver(each.person_id)
            reminder = Notice(who, f"training.reminder.h{hours}", facts, answer_buttons(value, Answer.YES), Priority.REMINDER)
            unique = f"{value.card}:remind:{turn}:{hours}:{each.person_id}"
            await ctx.notify(
                replace(reminder, unique=unique, card=value.card, as_new_message=True, expires_at=value.starts_at, subject=value.card)
            )


async def close_due(ctx: HandlerContext) -> None:
    """End it and tell the organiser how it went."""
    assert ctx.timer is not None
    value = await ctx.unit.trainings.find(int(ctx.timer.data["training"]))
    if value is None or value.state is not State.ANNOUNCED or ctx.timer.data["turn"] != value.turn:
        return
    value = await ctx.unit.trainings.record(rules.close(value, at=ctx.at))
    counted = rules.attendance(await ctx.unit.trainings.people(value.id))
    lines = [
        Text("training.people.village", village=village or Text("training.people.elsewhere"), came=came, absent=absent)
        for village, came, absent in counted.by_village[:A_LIST]
    ]
    facts = await facts_of(ctx, value) | {"times": len(counted.came), "absent": len(counted.absent), "walk_ins": counted.walk_ins}
    organiser = await ctx.unit.people.receiver(value.organiser_id)
    button = ((Button("training.button.people", "tpeople", (value.id, 0)),),)
    nobody = [Text("training.people.nobody")]
    await ctx.notify(Notice(organiser, "training.summary", facts | {"lines": Lines(lines or nobody)}, button, subject=value.card))
    await draw_board(ctx, value)


async def _invited(ctx: HandlerContext) -> Training:
    number = number_pressed(ctx)
    value = None if ctx.actor.id is None else await ctx.unit.trainings.invited(ctx.actor, number)
    if value is None:
        raise NotFound(number)
    return value


def _numbers(ctx: HandlerContext, count: int) -> tuple[int, ...]:
    values = ctx.incoming.values
    if len(values) != count or not all(ID.fullmatch(value) for value in values):
        raise RuleError("refused.old_button")
    return tuple(int(value) for value in values)


def _turns(verb: str, number: int, page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    turns = [Button("join.button.previous", verb, (number, page - 1))] if page else []
    turns += [Button("join.button.next", verb, (number, page + 1))] if page + 1 < pages else []
    return rows(*turns)
