"""Training: every state and verb; places, waiting list, reminders, sign-in and attendance."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import training as rules
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.people.people import Person, Post, Role
from domain.training import MOVES, Answer, Attendee, Reminding, State, Training, Verb, quizzes, typed

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
STARTS = AT + timedelta(days=3)
ENDS = STARTS + timedelta(hours=2)
TRAINING = Training(5, StationId(1), PersonId(1), "张警官", "心肺复苏", "礼堂", STARTS, ENDS, 2, (VillageId(1),), State.DRAFT, AT)
OPEN = replace(TRAINING, state=State.ANNOUNCED)

DO: dict[Verb, Callable[[Training], object]] = {
    Verb.ANNOUNCE: lambda training: rules.announce(training, PersonId(1), at=AT, code="4821", token="t"),
    Verb.DISCARD: lambda training: rules.discard(training, PersonId(1), at=AT),
    Verb.ANSWER: lambda training: rules.answer(training, yes=True, before=Answer.NONE, taken=0, at=AT),
    Verb.CHANGE: lambda training: rules.change(training, PersonId(1), at=AT, place="院子"),
    Verb.SIGN_IN: lambda training: rules.sign_in(training, at=STARTS, by_list=False),
    Verb.CANCEL: lambda training: rules.cancel(training, PersonId(1), at=AT),
    Verb.QUIZ: lambda training: rules.start_quiz(training, PersonId(1), "fire", at=AT, came=2),
    Verb.CLOSE: lambda training: rules.close(training, at=ENDS),
}


def each(number: int, answer: Answer = Answer.YES, *, village: str = "上徐村", came: bool = False) -> Attendee:
    return Attendee(PersonId(number), f"某{number}", VillageId(1), village, answer, number, STARTS if came else None)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_in_every_state_is_allowed_by_the_table_or_refused_in_words(state: State, verb: Verb):
    training = replace(TRAINING, state=state)
    if (state, verb) in MOVES:
        done = DO[verb](training)
        if isinstance(done, rules.Change):
            assert done.value.state is MOVES[state, verb]
            assert done.event.subject == "training:5"
    else:
        with pytest.raises(RuleError) as refused:
            DO[verb](training)
        assert refused.value.key == f"training.is.{state}"


@pytest.mark.parametrize(
    ("yes", "before", "taken", "becomes"),
    [
        (True, Answer.NONE, 0, Answer.YES),
        (True, Answer.NONE, 1, Answer.YES),
        (True, Answer.NONE, 2, Answer.WAITING),
        (True, Answer.NO, 2, Answer.WAITING),
        (True, Answer.WAITING, 2, Answer.WAITING),
        (True, Answer.WAITING, 1, Answer.YES),
        (True, Answer.YES, 1, Answer.YES),
        (False, Answer.YES, 1, Answer.NO),
        (False, Answer.NONE, 2, Answer.NO),
        (False, Answer.WAITING, 2, Answer.NO),
    ],
)
def test_a_yes_is_a_place_or_a_wait(yes: bool, before: Answer, taken: int, becomes: Answer):
    assert rules.answer(OPEN, yes=yes, before=before, taken=taken, at=AT) is becomes


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=40), st.integers(1, 4))
def test_whatever_people_say_no_more_have_places_than_there_are_and_nobody_waits_beside_a_free_one(
    said: list[tuple[int, bool]], capacity: int
):
    training = replace(OPEN, capacity=capacity)
    people: dict[int, Attendee] = {}
    for turn, (number, yes) in enumerate(said):
        mine = people.get(number, each(number, Answer.NONE))
        taken = sum(one.answer is Answer.YES for one in people.values() if one.person_id != number)
        answer = rules.answer(training, yes=yes, before=mine.answer, taken=taken, at=AT)
        joins_line = answer is Answer.WAITING and mine.answer is not Answer.WAITING
        people[number] = replace(mine, answer=answer, queue=100 + turn if joins_line else mine.queue)
        following = rules.next_in_line(training, list(people.values()))
        if following is not None:
            people[following.person_id] = replace(following, answer=Answer.YES)
        having = sum(one.answer is Answer.YES for one in people.values())
        assert having <= capacity
        assert having == capacity or all(one.answer is not Answer.WAITING for one in people.values())


def test_the_place_goes_to_who_waits_longest():
    people = [each(1), each(9, Answer.WAITING), each(3, Answer.WAITING), each(2, Answer.NO)]
    following = rules.next_in_line(OPEN, people)
    assert following is not None
    assert following.person_id == 3
    assert rules.next_in_line(OPEN, [each(1), each(2), each(3, Answer.WAITING)]) is None
    assert [rules.place_in_line(people, PersonId(number)) for number in (3, 9, 1)] == [1, 2, 0]


@pytest.mark.parametrize(
    ("minutes_after_start", "by_list", "may"),
    [
        (-61, False, False),
        (-60, False, True),
        (0, False, True),
        (239, False, True),
        (240, False, True),
        (241, False, False),
        (241, True, True),
        (-61, True, False),
    ],
)
def test_sign_in_is_open_from_an_hour_before_to_two_hours_after(minutes_after_start: int, by_list: bool, may: bool):
    at = STARTS + timedelta(minutes=minutes_after_start)
    if may:
        rules.sign_in(OPEN, at=at, by_list=by_list)
    else:
        with pytest.raises(RuleError, match=r"sign\.closed"):
            rules.sign_in(OPEN, at=at, by_list=by_list)


@pytest.mark.parametrize(
    ("hours", "before_start", "what"),
    [
        (24, 24, Reminding.SEND),
        (24, 2, Reminding.SEND),
        (24, 1, Reminding.OVERTAKEN),
        (24, 0.5, Reminding.OVERTAKEN),
        (1, 1, Reminding.SEND),
        (1, 0.01, Reminding.SEND),
        (1, 0, Reminding.TOO_LATE),
        (24, 0, Reminding.TOO_LATE),
        (1, -5, Reminding.TOO_LATE),
    ],
)
def test_a_reminder_is_sent_while_it_helps(hours: int, before_start: float, what: Reminding):
    assert rules.reminding(OPEN, turn=1, hours=hours, at=STARTS - timedelta(hours=before_start)) is what


@pytest.mark.parametrize("training", [replace(OPEN, turn=2), replace(OPEN, state=State.CANCELLED), replace(OPEN, state=State.CLOSED)])
def test_a_reminder_of_an_older_time_is_stale(training: Training):
    assert rules.reminding(training, turn=1, hours=1, at=STARTS - timedelta(hours=1)) is Reminding.STALE


def test_only_reminders_that_lie_ahead_are_promised():
    soon = replace(OPEN, starts_at=AT + timedelta(hours=5), ends_at=AT + timedelta(hours=6))
    assert [timer.data.get("hours") for timer in rules.timers_of(OPEN, AT)] == [24, 1, None]
    assert [timer.data.get("hours") for timer in rules.timers_of(soon, AT)] == [1, None]


def test_moving_it_keeps_its_length_and_makes_its_older_timers_stale():
    moved = rules.change(OPEN, PersonId(1), at=AT, starts_at=STARTS + timedelta(days=1))
    assert moved.value.ends_at == ENDS + timedelta(days=1)
    assert moved.value.turn == 2
    assert moved.restart
    assert not {timer.occurrence for timer in moved.timers} & {timer.occurrence for timer in rules.timers_of(OPEN, AT)}
    with pytest.raises(RuleError, match="too_late"):
        rules.change(OPEN, PersonId(1), at=STARTS, starts_at=STARTS + timedelta(days=1))


def test_person_times_are_people_who_signed_in():
    people = [
        each(1, came=True),
        each(2),
        each(3, Answer.NONE, came=True),
        each(4, Answer.WAITING),
        each(5, Answer.NO),
        each(6, village="下李村"),
    ]
    counted = rules.attendance(people)
    assert [one.person_id for one in counted.came] == [1, 3]
    assert [one.person_id for one in counted.absent] == [2, 6]
    assert counted.walk_ins == 1
    assert counted.by_village == (("上徐村", 2, 1), ("下李村", 0, 1))


def person(number: int, role: Role, village: int | None = None, station: int = 1) -> Person:
    post = Post(role, StationId(station), None if village is None else VillageId(village))
    return Person(PersonId(number), "某", "zh", Address("telegram", ChatId(number)), posts=(post,), consented=True)


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (person(1, Role.OFFICER, 1), True),
        (person(1, Role.CHAIR, 1), True),
        (person(1, Role.MEMBER, 1), False),
        (person(2, Role.OFFICER, 1), False),
        (person(2, Role.CHAIR, 1), False),
        (person(2, Role.DUTY), True),
        (person(2, Role.LEADER, station=2), False),
        (replace(person(1, Role.OFFICER, 1), suspended=True), False),
    ],
)
def test_who_may_change_it(actor: Person, may: bool):
    assert rules.may_manage(actor, OPEN) is may


@pytest.mark.parametrize("said", ["", "  ", "x" * 61, "\u200b"])
def test_a_subject_is_a_few_words(said: str):
    with pytest.raises(RuleError):
        typed.words(said, limit=60, key="training.subject_again")
    assert typed.words(" 心肺\n复苏 ", limit=60, key="k") == "心肺 复苏"


@pytest.mark.parametrize("said", ["", "-1", "1.5", "三", "٣", "5001", "9" * 40])
def test_places_are_a_number(said: str):
    with pytest.raises(RuleError):
        typed.number(said, least=0, most=5000, key="training.capacity_again")
    assert typed.number(" ３０ ", least=0, most=5000, key="k") == 30


def test_quiz_is_answered_in_order_and_once():
    given = ""
    for question, choice in enumerate(quizzes.RIGHT["fire"]):
        assert not quizzes.is_over(given)
        given = quizzes.answer("fire", given, question=question, choice=choice)
    assert (quizzes.right("fire", given), quizzes.passed("fire", given)) == (3, True)
    assert not quizzes.passed("fire", "000")
    assert not quizzes.passed("fire", "10")
    for topic, question, choice, key in (
        ("fire", 1, 0, "training.quiz.answered"), ("fire", 3, 0, "refused.old_button"), ("fire", 0, 3, "refused.old_button"),
        ("", 0, 0, "refused.old_button"),
    ):  # fmt: skip
        with pytest.raises(RuleError, match=re.escape(key)):
            quizzes.answer(topic, given, question=question, choice=choice)
    with pytest.raises(RuleError, match=r"refused\.old_button"):
        quizzes.answer("fire", "", question=1, choice=0)


def test_quiz_starts_once_and_for_somebody():
    for training, came, key in ((OPEN, 0, "training.quiz.nobody"), (replace(OPEN, quiz="fire"), 2, "training.quiz.started")):
        with pytest.raises(RuleError, match=re.escape(key)):
            rules.start_quiz(training, PersonId(1), "fire", at=AT, came=came)
