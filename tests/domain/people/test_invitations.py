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
    Word,
    answer,
    code_of,
    decide,
    digest,
    objection_ends,
    redeemable,
    unanswered,
)
from domain.people.people import STATION_ROLES, Person, Post, ReadScope, Role, may_deputise, may_see_phone, read_scope

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
HERE, THERE = StationId(1), StationId(2)
MINE, OTHER = VillageId(1), VillageId(2)
OFFERED = Invitation(1, Role.MEMBER, HERE, MINE, None, PersonId(5), AT, AT + LIFETIME)


TAKER = Person(PersonId(70), "新人", "zh", Address("telegram", ChatId(70)))


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
        assert redeemable(offered, person(Role.CHAIR), TAKER, at=at) is offered
    else:
        with pytest.raises(RuleError, match=r"invite\.refused"):
            redeemable(offered, person(Role.CHAIR), TAKER, at=at)


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
        redeemable(OFFERED, issuer, TAKER, at=AT)


def test_the_operators_invitation_needs_no_issuer():
    offered = replace(OFFERED, issuer_id=None)
    assert redeemable(offered, None, TAKER, at=AT) is offered


@pytest.mark.parametrize(
    ("taker", "key"),
    [
        (TAKER, ""),
        (replace(TAKER, id=PersonId(5)), r"invite\.own"),
        (replace(TAKER, phone="+8613800000005"), r"invite\.own"),
        (replace(TAKER, id=None, phone="+8613800000005"), r"invite\.own"),
        (replace(TAKER, phone="+8613800000006"), ""),
        (replace(TAKER, suspended=True), r"invite\.refused"),
    ],
)
def test_a_code_is_refused_to_its_issuer_also_with_another_account(taker, key):
    issuer = replace(person(Role.CHAIR), phone="+8613800000005")
    if key:
        with pytest.raises(RuleError, match=key):
            redeemable(OFFERED, issuer, taker, at=AT)
    else:
        assert redeemable(OFFERED, issuer, taker, at=AT) is OFFERED


def test_an_issuer_without_a_phone_is_not_everybody_without_a_phone():
    assert redeemable(OFFERED, person(Role.CHAIR), TAKER, at=AT) is OFFERED


def test_a_code_has_8_characters_that_do_not_look_alike_and_its_hash_tells_nothing():
    code = code_of(bytes(range(248, 256)))
    assert CODE.fullmatch(code)
    assert len(code) == 8
    assert not set("".join(code_of(bytes([byte])) for byte in range(256))) & set("0O1IL2Z5S8B")
    assert code not in digest(code)
    assert digest(code) == digest(code.lower())


# Posts that wait ------------------------------------------------------------------------------------------------------

ASKED = Appointment(3, PersonId(9), Role.CHAIR, HERE, MINE, PersonId(5), None, "waiting", 1, AT)
MOVING = replace(ASKED, replaces_id=PersonId(8), waits_until=AT + timedelta(hours=24), held_at=AT)
ISSUER = replace(person(Role.OFFICER), phone="+8613800000005")
CANDIDATE = person(Role.MEMBER, number=9)
LEADER = person(Role.LEADER, number=6)


@pytest.mark.parametrize("state", ["waiting", "approved", "refused"])
@pytest.mark.parametrize("word", [Word.YES, Word.NO])
def test_an_appointment_is_decided_once(state, word):
    asked = replace(ASKED, state=state)
    if state == "waiting":
        after, event = decide(asked, LEADER, CANDIDATE, ISSUER, word, at=AT)
        assert after.state == ("approved" if word is Word.YES else "refused")
        assert event.actor_id == LEADER.id
    else:
        with pytest.raises(RuleError, match=r"invite\.decided"):
            decide(asked, LEADER, CANDIDATE, ISSUER, word, at=AT)


@pytest.mark.parametrize(
    "actor",
    [
        person(Role.OFFICER, number=6),
        person(Role.DUTY, number=6),
        person(Role.LEADER, station=THERE, number=6),
        person(Role.LEADER, number=9),
        replace(LEADER, suspended=True),
        replace(LEADER, posts=(Post(Role.LEADER, HERE, None, PersonId(77)),)),
        replace(LEADER, phone="+8613800000005"),
        replace(LEADER, id=PersonId(5)),
    ],
    ids=["officer", "desk", "elsewhere", "candidate", "suspended", "deputy", "issuer's other account", "issuer"],
)
def test_nobody_else_approves(actor):
    with pytest.raises(RuleError):
        decide(ASKED, actor, CANDIDATE, ISSUER, Word.YES, at=AT)


def test_a_leader_does_not_approve_themselves_by_another_account():
    with pytest.raises(RuleError):
        decide(ASKED, replace(LEADER, phone="+861"), replace(CANDIDATE, phone="+861"), ISSUER, Word.YES, at=AT)


def test_an_approved_move_still_waits_for_the_old_chat_and_the_other_way_round():
    after, _ = decide(MOVING, LEADER, CANDIDATE, ISSUER, Word.YES, at=AT)
    assert (after.state, after.approved_by) == ("waiting", LEADER.id)
    owner = person(Role.CHAIR, number=8)
    assert answer(after, owner, Word.YES, at=AT)[0].state == "approved"
    agreed, _ = answer(MOVING, owner, Word.YES, at=AT)
    assert agreed.state == "waiting"
    assert decide(agreed, LEADER, CANDIDATE, ISSUER, Word.YES, at=AT)[0].state == "approved"


@pytest.mark.parametrize(("late", "moved"), [(-1, False), (0, True)])
@pytest.mark.parametrize("approved", [True, False])
def test_a_move_without_an_answer_happens_after_a_day_if_it_was_approved(late, moved, approved):
    asked = replace(MOVING, approved_by=LEADER.id if approved else None)
    found = unanswered(asked, at=AT + timedelta(hours=24, seconds=late))
    assert (found is not None) is (moved and approved)


def test_a_lost_phone_is_released_by_a_leader_and_a_police_post_by_another_one():
    after, _ = decide(MOVING, LEADER, CANDIDATE, ISSUER, Word.NOW, at=AT)
    assert (after.state, after.approved_by) == ("approved", LEADER.id)
    police = replace(MOVING, role=Role.OFFICER, issuer_id=LEADER.id)
    with pytest.raises(RuleError):
        decide(police, LEADER, CANDIDATE, LEADER, Word.NOW, at=AT)
    assert decide(police, person(Role.LEADER, number=7), CANDIDATE, LEADER, Word.NOW, at=AT)[0].state == "approved"
    own = replace(MOVING, issuer_id=LEADER.id)
    assert decide(own, LEADER, CANDIDATE, LEADER, Word.NOW, at=AT)[0].state == "waiting"
    with pytest.raises(RuleError):
        decide(MOVING, person(Role.ADMIN, number=7), CANDIDATE, ISSUER, Word.NOW, at=AT)
    with pytest.raises(RuleError):
        decide(replace(MOVING, replaces_id=LEADER.id), LEADER, CANDIDATE, ISSUER, Word.NOW, at=AT)


def test_only_the_owner_answers_for_the_old_chat():
    for other in (CANDIDATE, LEADER, ISSUER, replace(person(Role.CHAIR, number=8), suspended=True)):
        with pytest.raises(RuleError):
            answer(MOVING, other, Word.YES, at=AT)
    with pytest.raises(RuleError):
        answer(replace(ASKED, replaces_id=PersonId(8)), person(Role.CHAIR, number=8), Word.YES, at=AT)


@pytest.mark.parametrize(("days", "waits"), [(0, True), (29, True), (30, False), (400, False)])
def test_a_chat_used_in_the_last_thirty_days_may_object(days, waits):
    assert (objection_ends(AT - timedelta(days=days), at=AT) is not None) is waits
    assert objection_ends(None, at=AT) is None


# Deputies and directory -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "candidate", "fits"),
    [
        (Role.CHAIR, person(Role.MEMBER), True),
        (Role.CHAIR, person(Role.SECRETARY), True),
        (Role.CHAIR, person(Role.MEMBER, OTHER), False),
        (Role.CHAIR, person(Role.OFFICER), False),
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
