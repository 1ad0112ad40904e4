"""Changing a training that was announced: another time, another place, or calling it off.

Knows who must hear of it. Invariant: who was told an older time or place and answered is told the newer one; who was still to be told hears only
the newer one.
"""

from __future__ import annotations

from typing import Any

from domain import training as rules
from domain.core.change import Button, Notice
from domain.people.people import Policy
from domain.training import Answer
from handlers.core.context import Act, rows
from handlers.core.dialogs import Answers, Dialog, begin
from handlers.core.pressed import pressed_number
from handlers.training.cards import answer_buttons, draw_board, facts_of, in_the_day, invite, managed
from handlers.training.planning import PLACE, WHEN, count_call, found, record
from storage.values import from_us


async def press_move(act: Act) -> None:
    """Ask for another time."""
    await begin(act, "tmove", {"_training": (await managed(act, pressed_number(act))).id})


async def press_elsewhere(act: Act) -> None:
    """Ask for another place."""
    await begin(act, "twhere", {"_training": (await managed(act, pressed_number(act))).id})


async def _moved(act: Act, answers: Answers) -> None:
    await _changed(act, answers, starts_at=from_us(answers["when"]))


async def _elsewhere(act: Act, answers: Answers) -> None:
    await _changed(act, answers, place=answers["place"], pin=answers.get("_pin"))


async def _changed(act: Act, answers: Answers, **what: Any) -> None:
    """Record it, tell everybody who answered, and announce it anew to those who were still to be told."""
    before = await managed(act, int(answers["_training"]))
    assert act.actor.id is not None
    await count_call(act)
    await record(act, rules.change(before, act.actor.id, at=act.at, **what))
    value = await found(act, before.id)
    await act.unit.outbox.cancel_batch(before.batch, at=act.at)
    people = [each for each in await act.unit.trainings.people(value.id) if each.answer is not Answer.NONE]
    facts = await facts_of(act, value)
    for each in people:
        buttons = answer_buttons(value, each.answer)
        who = await act.unit.people.receiver(each.person_id)
        notice = Notice(who, "training.changed", facts, buttons, card=value.card, fresh=True, subject=value.card)
        await act.tell(in_the_day(act, notice, min(before.starts_at, value.starts_at)))
    answered = {each.person_id for each in people}
    others = [each for each in await act.unit.trainings.stopped(before.batch) if each not in answered]
    await invite(act, value, [await act.unit.people.receiver(person_id) for person_id in others])
    await act.start(rules.look_timer(value, act.at, 1))
    await act.reply("training.changed.to_organiser", count=len(people), **facts)
    await draw_board(act, value)


async def press_cancel(act: Act) -> None:
    """Ask once more before calling it off."""
    value = await managed(act, pressed_number(act))
    buttons = rows(
        Button("training.button.cancel_now", "tcancelok", (value.id,)), Button("training.button.keep", "tboard", (value.id,)), width=1
    )
    await act.reply("training.cancel.question", buttons=buttons, subject=value.subject)


async def press_cancel_now(act: Act) -> None:
    """Call it off: everybody who answered is told, nobody else any more."""
    before = await managed(act, pressed_number(act))
    assert act.actor.id is not None
    await record(act, rules.cancel(before, act.actor.id, at=act.at))
    value = await found(act, before.id)
    await act.unit.outbox.cancel_batch(before.batch, at=act.at)
    facts = await facts_of(act, value)
    people = [each for each in await act.unit.trainings.people(value.id) if each.answer is not Answer.NONE]
    for each in people:
        who = await act.unit.people.receiver(each.person_id)
        notice = Notice(who, "training.cancelled", facts, card=value.card, fresh=True, subject=value.card)
        await act.tell(in_the_day(act, notice, value.starts_at))
    act.toast("training.cancelled.toast", count=len(people))
    await draw_board(act, value)


MOVE = Dialog("tmove", Policy.HANDLER, (WHEN,), _moved)
ELSEWHERE = Dialog("twhere", Policy.HANDLER, (PLACE,), _elsewhere)
