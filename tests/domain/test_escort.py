"""Tests of the states of a green wave: every state with every action, and every role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain import escort as rules
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.escort import ESCORTS, Escort, State, Verb
from domain.people.people import Person, Post, Role

AT = datetime(2026, 12, 1, 3, tzinfo=UTC)
ALLOWED = {
    State.SUBMITTED: {Verb.TAKE, Verb.CALL_OFF},
    State.TAKEN: {Verb.AGREE, Verb.REFUSE, Verb.CALL_OFF},
    State.AGREED: {Verb.MEET, Verb.START, Verb.REFUSE, Verb.CALL_OFF},
    State.MEETING: {Verb.MEET, Verb.START, Verb.REFUSE, Verb.CALL_OFF},
    State.UNDER_WAY: {Verb.ARRIVE, Verb.REFUSE, Verb.CALL_OFF},
    State.AT_HOSPITAL: {Verb.RECEIVE},
}


def request(state: State) -> Escort:
    return Escort(1, VillageId(1), StationId(1), state, "滨河路", "A1", "市一院", "胸口痛", PersonId(7), AT)


@pytest.mark.parametrize(("state", "verb"), list(product(State, Verb)))
def test_action_is_allowed_only_in_its_states(state: State, verb: Verb):
    if verb in ALLOWED.get(state, set()):
        assert rules.move(request(state), verb, PersonId(8), at=AT, words="字").value.version == 2
    else:
        with pytest.raises(RuleError, match=rf"escort.is.{state}"):
            rules.move(request(state), verb, PersonId(8), at=AT, words="字")


def test_new_request_is_checked_after_a_minute():
    change = rules.submit(request(State.SUBMITTED), at=AT)
    assert [timer.due_at - AT for timer in change.timers if timer.kind == rules.UNANSWERED] == [timedelta(seconds=60)]


def test_words_go_to_their_own_field():
    met = rules.move(request(State.AGREED), Verb.MEET, PersonId(8), at=AT, words="收费站").value
    assert (met.point, met.note) == ("收费站", "")
    refused = rules.move(met, Verb.REFUSE, PersonId(8), at=AT, words="堵车").value
    assert (refused.point, refused.note, refused.ended_at) == ("收费站", "堵车", AT)
    arrived = rules.move(request(State.UNDER_WAY), Verb.ARRIVE, PersonId(8), at=AT).value
    assert arrived.arrived_at == AT
    assert ESCORTS.allows(arrived, Verb.RECEIVE)


@pytest.mark.parametrize("role", list(Role))
def test_only_traffic_control_of_the_station_directs(role: Role):
    def holder(station: int, *, suspended: bool = False) -> Person:
        address = Address("telegram", ChatId(1))
        return Person(PersonId(8), "周", "zh", address, posts=(Post(role, StationId(station)),), consented=True, suspended=suspended)

    assert rules.may_direct(holder(1), request(State.SUBMITTED)) == (role is Role.TRAFFIC)
    assert not rules.may_direct(holder(2), request(State.SUBMITTED))
    assert not rules.may_direct(holder(1, suspended=True), request(State.SUBMITTED))
