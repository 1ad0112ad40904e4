"""Tasks after an urgent case: which begin, and when they are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.aftercare.sheet import Field, field_of, time_in
from domain.aftercare.tasks import INJURES, FollowUp, Task, call_backs, incident, people_who_went, question, thanks, was_at_night
from domain.core.change import CaseId, Event, PersonId, RuleError
from domain.emergencies.heard import Danger
from domain.responders import Progress, Responder
from tests.domain.cases.test_urgent import cried

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: 3 a.m. in Shanghai, on 2 June.
NIGHT = datetime(2026, 6, 1, 19, 0, tzinfo=UTC)
NUMBER = CaseId(1001)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize("danger", list(Danger))
def test_people_are_called_back_after_dangers_that_injure(danger):
    assert (danger in INJURES) is (danger not in {Danger.VIOLENCE, Danger.SUICIDE, Danger.MISSING, Danger.MONEY})


@pytest.mark.parametrize(
    ("ended", "first", "second"),
    [(local(2, 3), local(3, 9), local(9, 9)), (local(2, 23, 59), local(3, 9), local(9, 9)), (local(3, 0), local(4, 9), local(10, 9))],
)
def test_call_backs_are_due_in_the_morning_of_the_next_day_and_of_day_seven(ended, first, second):
    assert [task.due_at for task in call_backs(NUMBER, at=ended, zone=SHANGHAI)] == [first, second]


@pytest.mark.parametrize(
    ("ended", "asked"), [(local(2, 3), local(2, 9)), (local(2, 5), local(2, 9)), (local(2, 5, 1), local(3, 9)), (local(2, 23), local(3, 9))]
)
def test_people_who_went_are_asked_the_next_morning_and_not_right_after_the_end(ended, asked):
    assert thanks(NUMBER, at=ended, zone=SHANGHAI).due_at == asked


@pytest.mark.parametrize(
    ("task", "turn", "at", "due"),
    [
        (Task.DAY_1, 0, local(2, 3), local(3, 9)),
        (Task.DAY_1, 1, local(3, 9), local(4, 9)),
        (Task.DAY_1, 2, local(4, 9), local(5, 9)),
        (Task.DAY_1, 2, local(6, 10), local(7, 9)),  # the bot was down
        (Task.DEBRIEF, 1, local(3, 9), local(4, 5)),
        (Task.DEBRIEF, 2, local(4, 5), local(4, 9)),
    ],
)
def test_question_is_asked_every_day_and_the_debrief_before_it_is_late(task, turn, at, due):
    assert question(replace(FollowUp(NUMBER, task, local(3, 9)), turn=turn), at=at).due_at == due


def test_questions_of_a_task_have_occurrences_of_their_own():
    tasks = [replace(FollowUp(NUMBER, task, NIGHT), turn=turn) for task in Task for turn in range(4)]
    assert len({question(task, at=NIGHT).occurrence for task in tasks}) == len(tasks)


@pytest.mark.parametrize(
    ("began", "at", "night"),
    [
        (local(2, 3), local(2, 9), True),
        (local(1, 19), local(2, 9), True),
        (local(1, 15), local(2, 9), False),
        (local(1, 5), local(2, 9), False),
    ],
)
def test_last_night_is_said_only_when_it_was(began, at, night):
    assert was_at_night(began, at=at, zone=SHANGHAI) is night


def test_incident_names_a_case_by_its_local_day_and_nothing_of_people_or_places():
    case = replace(cried(), text="我爸胸口痛", place="桥头三号", reporter_name="老徐", opened_at=NIGHT)
    named = incident(case, SHANGHAI)
    assert (named.case_id, named.village, named.danger, named.on) == (case.id, case.village, case.danger, date(2026, 6, 2))
    assert not any(word in str(named) for word in ("胸口", "三号", "老徐"))


def test_people_who_went_are_named_once_and_readers_are_not():
    actions = [("open", 9), ("accept", 1), ("note", 2), ("arrive", 1), ("ack", 3), ("ring", None)]
    events = [Event("case:1001", action, None if who is None else PersonId(who), NIGHT) for action, who in actions]
    assert people_who_went(events) == (1, 3)


def test_people_on_the_board_went_when_they_came_and_not_when_they_only_read_it():
    said = [
        ("arrived", 3, NIGHT),
        ("handed_over", 5, NIGHT),
        ("coming", 6, NIGHT),
        ("declined", 7, NIGHT),
        ("declined", 8, None),
        ("called", 9, None),
    ]
    board = [Responder(NUMBER, PersonId(who), NIGHT, Progress(state), came_at=came_at) for state, who, came_at in said]
    ran_twice = Responder(NUMBER, PersonId(10), NIGHT, Progress.CALLED, came_at=NIGHT)  # it began again, and somebody else went
    assert people_who_went([Event("case:1001", "ack", PersonId(3), NIGHT)], [*board, ran_twice]) == (3, 5, 6, 10)


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("14:32", local(2, 14, 32)),
        ("下去 3：05 到的", local(2, 3, 5)),
        ("3点", local(2, 3)),
        ("02:10", local(3, 2, 10)),
        ("25:00", None),
        ("14:75", None),
        ("很快就到了", None),
        ("没叫", None),
    ],
)
def test_typed_time_is_the_first_one_after_the_call(words, instant):
    assert time_in(words, after=NIGHT + timedelta(seconds=20), zone=SHANGHAI) == instant


def test_line_is_refused_when_there_is_none_of_this_name():
    assert field_of("who") is Field.WHO
    with pytest.raises(RuleError):
        field_of("phone")
