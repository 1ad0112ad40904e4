"""Missing-person notices: states and verbs, who sends and ends them, their term."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain import missing as rules
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.missing import ERASE, EXPIRED, NOTICES, Missing, State, Verb
from domain.people.people import Person, Post, Role, Village

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
VILLAGE = Village(VillageId(1), "上徐村", StationId(1))
NOTICE = rules.send(1, PersonId(3), VILLAGE, "老人走失", at=AT).value
DO = {
    Verb.FIND: lambda notice: rules.find(notice, PersonId(3), at=AT),
    Verb.RECALL: lambda notice: rules.recall(notice, PersonId(3), at=AT),
    Verb.EXPIRE: lambda notice: rules.expire(notice, at=AT),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_in_every_state_is_allowed_by_the_table_or_refused(state: State, verb: Verb):
    notice = replace(NOTICE, state=state)
    if (state, verb) in NOTICES.moves:
        assert DO[verb](notice).value.state is NOTICES.moves[state, verb]
        assert DO[verb](notice).value.words == ""
    else:
        with pytest.raises(RuleError) as refused:
            DO[verb](notice)
        assert refused.value.key == f"missing.is.{state}"


def test_notice_ends_and_is_erased_30_days_after_it_was_sent():
    (timer,) = rules.send(1, PersonId(3), VILLAGE, "老人走失", at=AT).timers
    assert (timer.kind, timer.due_at) == (EXPIRED, AT + timedelta(days=30))
    (timer,) = rules.find(NOTICE, PersonId(3), at=AT + timedelta(days=2)).timers
    assert (timer.kind, timer.due_at) == (ERASE, AT + timedelta(days=30))
    (timer,) = rules.expire(NOTICE, at=AT + timedelta(days=30)).timers
    assert (timer.kind, timer.due_at) == (ERASE, AT + timedelta(days=31))


@pytest.mark.parametrize(
    ("role", "village", "station", "may"),
    [
        (Role.OFFICER, 1, 1, True),
        (Role.OFFICER, 2, 1, False),
        (Role.DUTY, None, 1, True),
        (Role.LEADER, None, 1, True),
        (Role.LEADER, None, 2, False),
        (Role.CHAIR, 1, 1, False),
        (Role.ADMIN, None, 1, False),
    ],
)
def test_only_police_of_the_place_send_and_end_a_notice(role: Role, village: int | None, station: int, may: bool):
    post = Post(role, StationId(station), None if village is None else VillageId(village))
    actor = Person(PersonId(9), "某人", "zh", Address("telegram", ChatId(9)), posts=(post,), consented=True)
    assert rules.may_send(actor, VILLAGE) is may
    assert rules.may_end(actor, NOTICE) is may
    assert not rules.may_end(replace(actor, suspended=True), NOTICE)


def test_first_state_is_open():
    assert isinstance(NOTICE, Missing)
    assert NOTICE.state not in NOTICES.ended
