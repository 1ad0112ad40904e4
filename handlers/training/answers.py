"""The answers to a training: coming or not, the waiting list, and the reminders of those who promised.

Knows places and who waits for one. Invariants: a place that becomes free goes to who waits longest, and they are told; a reminder is sent once
and before the start, or recorded as skipped with its reason.
"""

from __future__ import annotations

from dataclasses import replace

from domain import training as rules
from domain.core.change import Event, NotFound, Notice, Priority, VillageId
from domain.people.people import COMMITTEE
from domain.training import Answer, Reminding, Training
from handlers.core.context import Act
from handlers.core.pressed import pressed_number
from handlers.training.cards import answer_buttons, draw_board, facts_of, show_answer


async def press_yes(act: Act) -> None:
    """I am coming."""
    await _answer(act, yes=True)


async def press_no(act: Act) -> None:
    """I cannot come: the place goes to who waits longest."""
    await _answer(act, yes=False)


async def press_card(act: Act) -> None:
    """Show a training one is called to."""
    value = await _invited(act)
    await show_answer(act, value, await act.unit.trainings.people(value.id), fresh=True)


async def press_place(act: Act) -> None:
    """Say where it is, with the pin if there is one."""
    value = await _invited(act)
    media = None if value.pin is None else {"type": "location", "latitude": value.pin[0], "longitude": value.pin[1]}
    await act.reply("training.place", media=media, **await facts_of(act, value))


async def _answer(act: Act, *, yes: bool) -> None:
    value = await _invited(act)
    assert act.actor.id is not None
    people = await act.unit.trainings.people(value.id)
    before = next((each.answer for each in people if each.person_id == act.actor.id), Answer.NONE)
    taken = sum(each.answer is Answer.YES and each.person_id != act.actor.id for each in people)
    answer = rules.answer(value, yes=yes, before=before, taken=taken, at=act.at)
    act.toast(f"training.answered.{answer}")
    if answer is not before:
        await act.unit.trainings.put_answer(value, act.actor.id, answer, village_id=village_of(act, value), at=act.at)
        await _promote(act, value.id)
    value = await act.unit.trainings.find(value.id) or value
    await show_answer(act, value, await act.unit.trainings.people(value.id))
    await draw_board(act, value)


async def _promote(act: Act, number: int) -> None:
    """Give a free place to who waits longest, and tell them."""
    value = await act.unit.trainings.find(number)
    assert value is not None
    following = rules.next_in_line(value, await act.unit.trainings.people(number))
    if following is None:
        return
    await act.unit.trainings.put_answer(value, following.person_id, Answer.YES, village_id=following.village_id, at=act.at)
    who = await act.unit.people.receiver(following.person_id)
    facts = await facts_of(act, value)
    await act.tell(
        Notice(who, "training.promoted", facts, answer_buttons(value, Answer.YES), card=value.card, fresh=True, subject=value.card)
    )


# The clock ------------------------------------------------------------------------------------------------------------


async def reminders_due(act: Act) -> None:
    """Remind those who promised; what comes too late is recorded as skipped, with its reason."""
    assert act.timer is not None
    value = await act.unit.trainings.find(int(act.timer.data["training"]))
    if value is None:
        return
    hours, turn = int(act.timer.data["hours"]), int(act.timer.data["turn"])
    what = rules.reminding(value, turn=turn, hours=hours, at=act.at)
    if what is not Reminding.SEND:
        await act.record(Event(value.card, "training.reminder_skipped", None, act.at, data={"hours": hours, "reason": what.value}))
        return
    facts = await facts_of(act, value)
    for each in await act.unit.trainings.people(value.id):
        if each.answer is Answer.YES:
            who = await act.unit.people.receiver(each.person_id)
            reminder = Notice(who, f"training.reminder.h{hours}", facts, answer_buttons(value, Answer.YES), Priority.REMINDER)
            unique = f"{value.card}:remind:{turn}:{hours}:{each.person_id}"
            await act.tell(replace(reminder, unique=unique, card=value.card, fresh=True, expires_at=value.starts_at, subject=value.card))


def village_of(act: Act, value: Training) -> VillageId | None:
    """Return the village somebody comes for: a called one of theirs, else their home."""
    mine = [act.actor.village_id, *sorted(act.actor.villages(*COMMITTEE))]
    return next((village_id for village_id in mine if village_id in value.villages), act.actor.village_id)


async def _invited(act: Act) -> Training:
    number = pressed_number(act)
    value = None if act.actor.id is None else await act.unit.trainings.invited(act.actor, number)
    if value is None:
        raise NotFound(number)
    return value
