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
from handlers.core.context import Act, Incoming, rows
from handlers.core.dialogs import AGAIN, Answers, Choice, Dialog, Step, begin
from handlers.people.roster import ID, number_pressed
from handlers.training.cards import answer_buttons, draw_board, facts_of, managed, of_reader, show_answer
from texts import At, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

LINK = re.compile("([0-9]{1,9})-([A-Za-z0-9_-]{8,40})")
A_PAGE, A_LIST = 10, 30


# Answers --------------------------------------------------------------------------------------------------------------


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
        await act.unit.trainings.put_answer(value, act.actor.id, answer, village_id=_village_of(act, value), at=act.at)
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


def _village_of(act: Act, value: Training) -> VillageId | None:
    """Return the village somebody comes for: a called one of theirs, else their home."""
    mine = [act.actor.village_id, *sorted(act.actor.villages(*COMMITTEE))]
    return next((village_id for village_id in mine if village_id in value.villages), act.actor.village_id)


# Signing in -----------------------------------------------------------------------------------------------------------


async def sign_in_by_code(act: Act, code: str) -> None:
    """Sign in with the four digits shown on the spot."""
    running = await act.unit.trainings.list_open(
        act.actor, begins_before=act.at + rules.OPENS_BEFORE, ends_after=act.at - rules.CLOSES_AFTER
    )
    await _sign_in(act, next((each for each in running if hmac.compare_digest(each.code, code)), None))


async def by_link(act: Act, rest: str) -> bool:
    """Sign in by the QR code's link; False when the payload is no such thing."""
    found = LINK.fullmatch(rest)
    if found is None:
        return False
    if act.actor.role is Role.STRANGER:
        await act.reply("training.sign.join_first", buttons=((Button("join.button.pick", "jpage", (0,)),),))
        return True
    value = await act.unit.trainings.find(int(found[1]))
    right = value is not None and value.state is State.ANNOUNCED and hmac.compare_digest(value.token, found[2])
    await _sign_in(act, value if right else None)
    return True


async def _sign_in(act: Act, value: Training | None) -> None:
    """Sign the actor in, or count a wrong try; this is answered, not raised, so that the count is kept."""
    address = act.incoming.address
    tries = await act.unit.invitations.tries_since(address, "training", since=act.at - rules.TRIES_IN)
    if tries >= rules.TRIES:
        await act.reply("training.sign.too_many")
    elif value is None:
        await act.unit.invitations.tried(address, "training", at=act.at)
        await act.reply("training.sign.wrong", left=rules.TRIES - tries - 1)
    else:
        rules.sign_in(value, at=act.at, by_list=False)
        assert act.actor.id is not None
        new = await act.unit.trainings.sign_in(value, act.actor.id, village_id=_village_of(act, value), by=act.actor.id, at=act.at)
        await act.reply("training.sign.done" if new else "training.sign.already", subject=value.subject, name=act.actor.name)
        await draw_board(act, value)


async def press_code(act: Act) -> None:
    """Show the code and its QR to hold up on the spot."""
    value = await managed(act, number_pressed(act))
    link = act.town.link(act.incoming.address.channel, f"t{value.id}-{value.token}")
    media = {"type": "qr", "data": link} if link else None
    hours: dict[str, Any] = {"since": At(value.starts_at - rules.OPENS_BEFORE), "until": At(value.ends_at + rules.CLOSES_AFTER, "time")}
    await act.reply("training.code", media=media, subject=value.subject, code=value.code, **hours)


async def press_list(act: Act) -> None:
    """List who promised, to sign them in by name."""
    number, page = _numbers(act, 2)
    await _show_list(act, await managed(act, number), page)


async def press_in(act: Act) -> None:
    """Sign somebody of the list in, or take that back."""
    number, person, page = _numbers(act, 3)
    value = await managed(act, number)
    each = next((each for each in await _listed(act, value) if each.person_id == person), None)
    if each is None or act.actor.id is None:
        raise NotFound(number)
    rules.sign_in(value, at=act.at, by_list=True)
    if each.came:
        await act.unit.trainings.sign_out(value, each.person_id, by=act.actor.id, at=act.at)
    else:
        await act.unit.trainings.sign_in(value, each.person_id, village_id=each.village_id, by=act.actor.id, at=act.at)
    await _show_list(act, value, page)
    await draw_board(act, value)


async def _show_list(act: Act, value: Training, page: int) -> None:
    people = await _listed(act, value)
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
    await act.reply("training.list", buttons=buttons, card=f"{value.card}:list", fresh=page == 0 and act.incoming.verb == "tlist", **facts)


async def _listed(act: Act, value: Training) -> list[Attendee]:
    people = await of_reader(act, value, act.actor, await act.unit.trainings.people(value.id))
    return [each for each in people if each.came or each.answer in (Answer.YES, Answer.WAITING)]


# Somebody who did not answer --------------------------------------------------------------------------------------------


async def press_add(act: Act) -> None:
    """Ask for the name of somebody who came without having answered."""
    value = await managed(act, number_pressed(act))
    rules.sign_in(value, at=act.at, by_list=True)
    await begin(act, "tadd", {"_training": value.id})


async def _who_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    found = [await act.unit.people.get(PersonId(number), at=act.at) for number in answers.get("_found", ())]
    return tuple(Choice("training.button.person", str(person.id), {"name": person.name}) for person in found)


async def _accept_who(act: Act, said: Incoming, answers: Answers) -> Any:
    if said.press_id and ID.fullmatch(said.text) and int(said.text) in answers.get("_found", ()):
        return int(said.text)
    value = await managed(act, int(answers["_training"]))
    name = said.text.strip()[:40]
    allowed = [village.id for village in await act.unit.people.list_villages(value.villages) if may_train(act.actor, village)]
    found = await act.unit.directory.search(name, stations=[], villages=allowed, at=act.at, limit=A_PAGE) if name else []
    if not found:
        raise RuleError("training.add.nobody")
    if len(found) == 1:
        return found[0]
    answers["_found"] = list(found)
    return AGAIN


async def _add(act: Act, answers: Answers) -> None:
    value = await managed(act, int(answers["_training"]))
    rules.sign_in(value, at=act.at, by_list=True)
    person = await act.unit.people.get(PersonId(answers["who"]), at=act.at)
    assert person.id is not None
    assert act.actor.id is not None
    villages = (person.village_id, *sorted(person.villages(*COMMITTEE)))
    village_id = next((each for each in villages if each in value.villages), person.village_id)
    new = await act.unit.trainings.sign_in(value, person.id, village_id=village_id, by=act.actor.id, at=act.at)
    await act.reply("training.sign.done" if new else "training.sign.already", subject=value.subject, name=person.name)
    await draw_board(act, value)


ADD = Dialog("tadd", Policy.HANDLER, (Step("who", "training.add.question", _accept_who, choices=_who_choices, card="ask.who"),), _add)


# Who came -------------------------------------------------------------------------------------------------------------


async def press_people(act: Act) -> None:
    """List who came and who promised but did not, by village, page by page."""
    number, page = _numbers(act, 2)
    value = await act.unit.trainings.visible_to(act.actor, number)
    if value is None or value.state is State.DRAFT:
        raise NotFound(number)
    people = await of_reader(act, value, act.actor, await act.unit.trainings.people(value.id))
    lines = _lines(people, over=act.at >= value.ends_at)
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
    await act.reply(
        "training.people", buttons=turns, card=f"{value.card}:people", fresh=page == 0, lines=shown, page=page + 1, pages=pages, **facts
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


async def close_due(act: Act) -> None:
    """End it and tell the organiser how it went."""
    assert act.timer is not None
    value = await act.unit.trainings.find(int(act.timer.data["training"]))
    if value is None or value.state is not State.ANNOUNCED or act.timer.data["turn"] != value.turn:
        return
    value = await act.unit.trainings.record(rules.close(value, at=act.at))
    counted = rules.attendance(await act.unit.trainings.people(value.id))
    lines = [
        Text("training.people.village", village=village or Text("training.people.elsewhere"), came=came, absent=absent)
        for village, came, absent in counted.by_village[:A_LIST]
    ]
    facts = await facts_of(act, value) | {"times": len(counted.came), "absent": len(counted.absent), "walk_ins": counted.walk_ins}
    organiser = await act.unit.people.receiver(value.organiser_id)
    button = ((Button("training.button.people", "tpeople", (value.id, 0)),),)
    nobody = [Text("training.people.nobody")]
    await act.tell(Notice(organiser, "training.summary", facts | {"lines": Lines(lines or nobody)}, button, subject=value.card))
    await draw_board(act, value)


async def _invited(act: Act) -> Training:
    number = number_pressed(act)
    value = None if act.actor.id is None else await act.unit.trainings.invited(act.actor, number)
    if value is None:
        raise NotFound(number)
    return value


def _numbers(act: Act, count: int) -> tuple[int, ...]:
    values = act.incoming.values
    if len(values) != count or not all(ID.fullmatch(value) for value in values):
        raise RuleError("refused.old_button")
    return tuple(int(value) for value in values)


def _turns(verb: str, number: int, page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    turns = [Button("join.button.previous", verb, (number, page - 1))] if page else []
    turns += [Button("join.button.next", verb, (number, page + 1))] if page + 1 < pages else []
    return rows(*turns)
