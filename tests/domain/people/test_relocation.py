"""Requests to move to another village: every state × verb, and who may answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.people.people import RANK, STATION_ROLES, Person, Post, Role, Village
from domain.people.relocation import LIFETIME, RELOCATIONS, State, Verb, answer, ask, expire, may_answer, withdraw

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
HERE, THERE = Village(VillageId(1), "上徐村", StationId(1)), Village(VillageId(2), "下李村", StationId(1))
ZHOU = Person(PersonId(5), "周大妈", "zh", Address("telegram", ChatId(5)), HERE.id, consented=True)
WAITING = ask(1, ZHOU, THERE, at=AT).value
MOVES = {
    Verb.AGREE: lambda value: answer(value, PersonId(8), agrees=True, at=AT),
    Verb.REFUSE: lambda value: answer(value, PersonId(8), agrees=False, at=AT),
    Verb.EXPIRE: lambda value: expire(value, at=AT),
    Verb.WITHDRAW: lambda value: withdraw(value, at=AT),
}


def holder(role: Role, village: Village, *, number: int = 8) -> Person:
    post = Post(role, village.station_id, None if role in STATION_ROLES else village.id)
    return replace(ZHOU, id=PersonId(number), posts=(post,))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_only_a_waiting_request_can_be_decided(state, verb):
    value = replace(WAITING, state=state)
    if state is State.WAITING:
        assert MOVES[verb](value).value.state is RELOCATIONS.moves[state, verb]
        return
    with pytest.raises(RuleError, match=f"relocation.is.{state}"):
        MOVES[verb](value)


def test_request_ends_by_itself():
    (timer,) = ask(1, ZHOU, THERE, at=AT).timers
    assert timer.due_at == AT + LIFETIME


@pytest.mark.parametrize("person", [ZHOU, replace(ZHOU, village_id=None), replace(ZHOU, id=None)])
def test_nobody_asks_for_their_own_village_or_without_one(person):
    with pytest.raises(RuleError):
        ask(1, person, HERE, at=AT)


@pytest.mark.parametrize("role", [role for role in RANK if role not in (Role.STRANGER, Role.VILLAGER)])
def test_other_villages_chair_and_police_answer_and_nobody_else(role):
    answers = role in (Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER)
    assert may_answer(holder(role, THERE), WAITING) is answers
    assert not may_answer(replace(holder(role, THERE), suspended=True), WAITING)
    assert not may_answer(holder(role, THERE, number=5), WAITING)
    assert may_answer(holder(role, HERE), WAITING) is (answers and role in STATION_ROLES)
    assert not may_answer(holder(role, Village(VillageId(3), "别村", StationId(2))), WAITING)
