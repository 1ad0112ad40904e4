from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.people.invitations import (
    CODE,
    LIFETIME,
    Appointment,
    Invitation,
    InvitationState,
    code_of,
    decide,
    digest,
    needs_second_word,
    redeemable,
)
from domain.people.people import STATION_ROLES, Person, Post, ReadScope, Role, may_appoint, may_deputise, may_see_phone, read_scope

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
HERE, THERE = StationId(1), StationId(2)
MINE, OTHER = VillageId(1), VillageId(2)
OFFERED = Invitation(1, Role.MEMBER, HERE, MINE, None, PersonId(5), AT, AT + LIFETIME)


def person(role: Role, village: VillageId | None = MINE, station: StationId = HERE, number: int = 5) -> Person:
    post = Post(role, station, None if role in STATION_ROLES else village)
    return Person(PersonId(number), "某人", "zh", Address("telegram", ChatId(1)), village, (post,), consented=True)


@pytest.mark.parametrize(
    ("facts", "at", "state"),
    [
        ({}, AT, InvitationState.OPEN),
        ({}, AT + LIFETIME - timedelta(microseconds=1), InvitationState.OPEN),
        ({}, AT + LIFETIME, InvitationState.EXPIRED),
        ({"revoked_at": AT}, AT, InvitationState.REVOKED),
        ({"used_at": AT}, AT, InvitationState.USED),
        ({"used_at": AT, "revoked_at": AT}, AT + LIFETIME, InvitationState.USED),
    ],
)
def test_an_invitation_is_worth_what_its_state_says(facts, at, state):
    offered = replace(OFFERED, **facts)
    assert offered.state(at=at) is state
    if state is InvitationState.OPEN:
        assert redeemable(offered, person(Role.CHAIR), at=at) is offered
    else:
        with pytest.raises(RuleError, match=r"invite\.refused"):
            redeemable(offered, person(Role.CHAIR), at=at)


@pytest.mark.parametrize(
    "issuer",
    [
        None,
        person(Role.CHAIR, OTHER),
        person(Role.OFFICER, OTHER),
        person(Role.MEMBER),
        person(Role.LEADER, station=THERE),
        replace(person(Role.CHAIR), suspended=True),
        replace(person(Role.CHAIR), posts=()),
    ],
)
def test_an_invitation_dies_with_its_issuers_right(issuer):
    with pytest.raises(RuleError):
        redeemable(OFFERED, issuer, at=AT)


def test_the_operators_invitation_needs_no_issuer():
    offered = replace(OFFERED, issuer_id=None)
    assert redeemable(offered, None, at=AT) is offered


def test_a_code_is_128_bits_in_22_characters_and_its_hash_tells_nothing():
    code = code_of(bytes(range(240, 256)))
    assert CODE.fullmatch(code)
    assert code not in digest(code)
    assert len(digest(code)) == 64


#: Posts that each role may give in its own village and station.
GIVES = {
    Role.CHAIR: {Role.MEMBER},
    Role.OFFICER: {Role.MEMBER, Role.CHAIR, Role.SECRETARY},
    Role.LEADER: set(Role) - {Role.STRANGER, Role.VILLAGER},
    Role.ADMIN: set(Role) - {Role.STRANGER, Role.VILLAGER},
}


@pytest.mark.parametrize("giver", list(Role))
@pytest.mark.parametrize("given", list(Role))
def test_who_may_give_which_post(giver, given):
    village = None if given in STATION_ROLES else MINE
    own, foreign = person(giver), person(giver, OTHER, THERE)
    assert may_appoint(own, given, station_id=HERE, village_id=village) is (given in GIVES.get(giver, set()))
    assert not may_appoint(foreign, given, station_id=HERE, village_id=village)
    assert not may_appoint(replace(own, suspended=True), given, station_id=HERE, village_id=village)
    assert not may_appoint(own, given, station_id=HERE, village_id=MINE if village is None else None)


@pytest.mark.parametrize("given", [Role.MEMBER, Role.SECRETARY, Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER, Role.ADMIN])
def test_from_chair_upward_a_second_word_is_needed(given):
    above = given not in (Role.MEMBER, Role.SECRETARY)
    assert needs_second_word(given, person(Role.OFFICER), station_id=HERE) is above
    assert needs_second_word(given, person(Role.LEADER, station=THERE), station_id=HERE) is above
    assert not needs_second_word(given, person(Role.LEADER), station_id=HERE)
    assert not needs_second_word(given, None, station_id=HERE)


ASKED = Appointment(3, PersonId(9), Role.CHAIR, HERE, MINE, PersonId(5), None, "waiting", 1)


@pytest.mark.parametrize("state", ["waiting", "approved", "refused"])
@pytest.mark.parametrize("approve", [True, False])
def test_an_appointment_is_decided_once(state, approve):
    asked = replace(ASKED, state=state)
    if state == "waiting":
        assert decide(asked, person(Role.LEADER), approve=approve, at=AT)[0] == ("approved" if approve else "refused")
    else:
        with pytest.raises(RuleError, match=r"invite\.decided"):
            decide(asked, person(Role.LEADER), approve=approve, at=AT)


@pytest.mark.parametrize(
    "actor", [person(Role.OFFICER), person(Role.DUTY), person(Role.LEADER, station=THERE), person(Role.LEADER, number=9)]
)
def test_neither_others_nor_the_person_himself_decide(actor):
    with pytest.raises(RuleError):
        decide(ASKED, actor, approve=True, at=AT)


@pytest.mark.parametrize(
    ("role", "candidate", "fits"),
    [
        (Role.CHAIR, person(Role.MEMBER), True),
        (Role.CHAIR, person(Role.SECRETARY), True),
        (Role.CHAIR, person(Role.MEMBER, OTHER), False),
        (Role.CHAIR, person(Role.OFFICER), True),
        (Role.CHAIR, person(Role.OFFICER, OTHER), False),
        (Role.CHAIR, replace(person(Role.MEMBER), suspended=True), False),
        (Role.OFFICER, person(Role.OFFICER, OTHER), True),
        (Role.OFFICER, person(Role.CHAIR), False),
        (Role.OFFICER, person(Role.OFFICER, station=THERE), False),
        (Role.OFFICER, person(Role.ADMIN), False),
        (Role.ADMIN, person(Role.ADMIN), True),
    ],
)
def test_who_may_stand_in_for_whom(role, candidate, fits):
    post = Post(role, HERE, None if role in STATION_ROLES else MINE)
    assert may_deputise(post, candidate) is fits


@pytest.mark.parametrize(
    ("reader", "role", "seen"),
    [
        (Role.OFFICER, Role.CHAIR, True),
        (Role.LEADER, Role.MEMBER, True),
        (Role.DUTY, Role.CHAIR, True),
        (Role.CHAIR, Role.OFFICER, True),
        (Role.CHAIR, Role.DUTY, True),
        (Role.CHAIR, Role.LEADER, False),
        (Role.CHAIR, Role.SECRETARY, False),
        (Role.ADMIN, Role.CHAIR, False),
        (Role.VILLAGER, Role.CHAIR, False),
    ],
)
def test_who_sees_whose_number(reader, role, seen):
    post = Post(role, HERE, None if role in STATION_ROLES else MINE)
    assert may_see_phone(person(reader), post) is seen
    assert not may_see_phone(replace(person(reader), suspended=True), post)
    if role not in STATION_ROLES and reader not in STATION_ROLES:
        assert not may_see_phone(person(reader), replace(post, village_id=OTHER))


def test_who_has_no_post_sees_nobody():
    nothing = read_scope(replace(person(Role.CHAIR), posts=()))
    assert nothing == ReadScope(frozenset(), frozenset(), frozenset())
