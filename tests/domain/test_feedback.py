"""Opinions: states and verbs, who answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain import feedback
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.feedback import OPINIONS, Opinion, State, Topic, Verb
from domain.people.people import Person, Post, Role

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
SENT = Opinion(1, VillageId(1), StationId(1), PersonId(9), Topic.OFFICER, "不接电话", State.SENT, AT)
LEADER, OFFICER = Post(Role.LEADER, StationId(1)), Post(Role.OFFICER, StationId(1), VillageId(1))
DO = {
    Verb.ANSWER: lambda value: feedback.answer(value, "已提醒", PersonId(4), at=AT),
    Verb.WITHDRAW: lambda value: feedback.withdraw(value, PersonId(9), at=AT),
}


def person(*posts: Post) -> Person:
    return Person(PersonId(4), "周所长", "zh", Address("telegram", ChatId(4)), posts=posts, consented=True)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_in_every_state_is_allowed_by_the_table_or_refused(state: State, verb: Verb):
    value = replace(SENT, state=state)
    if (state, verb) in OPINIONS.moves:
        assert DO[verb](value).value.state is OPINIONS.moves[state, verb]
    else:
        with pytest.raises(RuleError) as refused:
            DO[verb](value)
        assert refused.value.key == f"opinion.is.{state}"


@pytest.mark.parametrize(
    ("posts", "may"),
    [
        ((LEADER,), True),
        ((OFFICER,), False),
        ((Post(Role.LEADER, StationId(2)),), False),
        ((Post(Role.LEADER, StationId(1), None, PersonId(7)), OFFICER), False),  # deputises, and it is about them
        ((Post(Role.LEADER, StationId(1), None, PersonId(7)), Post(Role.DUTY, StationId(1))), True),
        ((), False),
    ],
)
def test_leader_answers_unless_the_opinion_is_about_their_post(posts, may):
    assert feedback.may_answer(person(*posts), SENT) is may
    assert not feedback.may_answer(replace(person(*posts), suspended=True), SENT)
