"""Permissions to give, approve, end and suspend posts: every role against every post."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.core.change import Address, ChatId, PersonId, StationId, VillageId
from domain.people.people import POLICE, RANK, STATION_ROLES, VILLAGE_ROLES, Person, Post, Role
from domain.people.powers import (
    POWERS,
    may_appoint,
    may_approve,
    may_hand_over,
    may_restore,
    may_suspend,
    needs_second_word,
    suspending_post,
)
from tests.rows import row

HERE, THERE = StationId(1), StationId(2)
MINE, OTHER = VillageId(1), VillageId(2)
POSTS = [role for role in RANK if role not in (Role.STRANGER, Role.VILLAGER)]

#: Who may give which post in their own village and station.
COMMITTEE_POSTS = {Role.MEMBER, Role.MEDIATOR, Role.PATROL}
LEADERS_POSTS = {Role.OFFICER, Role.DUTY, Role.LEADER, Role.JUDICIAL, Role.TRAFFIC, Role.AUDIT}
GIVES = {
    Role.CHAIR: COMMITTEE_POSTS,
    Role.OFFICER: {*COMMITTEE_POSTS, Role.CHAIR, Role.SECRETARY},
    Role.LEADER: {*COMMITTEE_POSTS, Role.CHAIR, Role.SECRETARY, *LEADERS_POSTS},
    Role.ADMIN: {Role.ADMIN},
}
#: Who may suspend whom.
SUSPENDS = {
    Role.OFFICER: {*COMMITTEE_POSTS, Role.CHAIR, Role.SECRETARY},
    Role.LEADER: {*COMMITTEE_POSTS, Role.CHAIR, Role.SECRETARY, *LEADERS_POSTS},
    Role.ADMIN: {*COMMITTEE_POSTS, Role.CHAIR, Role.SECRETARY, *LEADERS_POSTS, Role.ADMIN},
}


def holder(role: Role, village: VillageId = MINE, station: StationId = HERE, number: int = 5, lent: bool = False) -> Person:
    posts: tuple[Post, ...] = ()
    if role in POSTS:
        posts = (Post(role, station, None if role in STATION_ROLES else village, PersonId(99) if lent else None),)
    return Person(PersonId(number), "某人", "zh", Address("telegram", ChatId(number)), village, posts, consented=True)


def place(role: Role) -> VillageId | None:
    return None if role in STATION_ROLES else MINE


def test_every_role_that_is_a_post_has_a_row():
    assert set(POWERS) == set(POSTS) == VILLAGE_ROLES | STATION_ROLES


def test_a_post_without_a_row_is_given_by_nobody(monkeypatch):
    monkeypatch.delitem(POWERS, Role.MEMBER)
    assert not may_appoint(holder(Role.LEADER), Role.MEMBER, station_id=HERE, village_id=MINE)
    assert not may_approve(holder(Role.LEADER), Role.MEMBER, station_id=HERE)


@pytest.mark.parametrize("giver", list(Role))
def test_who_may_give_which_post(giver):
    for given in Role:
        with row(given):
            own, village = holder(giver), place(given)
            assert may_appoint(own, given, station_id=HERE, village_id=village) is (given in GIVES.get(giver, set()))
            for other in (holder(giver, OTHER, THERE), holder(giver, lent=True), replace(own, suspended=True)):
                assert not may_appoint(other, given, station_id=HERE, village_id=village)
            assert not may_appoint(own, given, station_id=HERE, village_id=MINE if village is None else None)


@pytest.mark.parametrize("role", POSTS)
def test_powers_are_separate(role):
    power = POWERS[role]
    assert (Role.ADMIN in power.proposes) is (role is Role.ADMIN)
    if role in POLICE | {Role.JUDICIAL, Role.TRAFFIC, Role.AUDIT}:
        assert power.proposes == {Role.LEADER}
    assert power.proposes
    assert power.suspends
    assert power.two_persons is (role in STATION_ROLES or RANK.index(role) >= RANK.index(Role.CHAIR))
    assert needs_second_word(role, holder(Role.LEADER)) is power.two_persons
    assert not needs_second_word(role, None)


@pytest.mark.parametrize("actor", list(Role))
def test_only_leaders_and_administrators_of_the_station_approve(actor):
    for role in POSTS:
        with row(role):
            second = {Role.LEADER} if role is Role.AUDIT else {Role.LEADER, Role.ADMIN}
            assert may_approve(holder(actor), role, station_id=HERE) is (actor in second)
            assert not may_approve(holder(actor, station=THERE), role, station_id=HERE)
            assert not may_approve(holder(actor, lent=True), role, station_id=HERE)


@pytest.mark.parametrize("actor", list(Role))
def test_who_may_hand_over_anothers_post_and_their_own(actor):
    for role in POSTS:
        with row(role):
            post = Post(role, HERE, place(role))
            assert may_hand_over(holder(actor), PersonId(8), post) is (role in GIVES.get(actor, set()))
            assert may_hand_over(holder(actor), PersonId(5), post) is (actor is role is not Role.AUDIT)
            assert not may_hand_over(holder(actor, lent=True), PersonId(5), post)


@pytest.mark.parametrize("actor", list(Role))
def test_who_may_suspend_whom(actor):
    for role in POSTS:
        with row(role):
            target = holder(role, number=8)
            assert may_suspend(holder(actor), target) is (role in SUSPENDS.get(actor, set()))
            assert not may_suspend(holder(actor, number=8), target)
            assert not may_suspend(holder(actor, OTHER, THERE), target)
            if RANK.index(actor) <= RANK.index(role):
                assert not may_suspend(holder(actor, lent=True), target)


def test_somebody_with_a_post_elsewhere_is_suspended_only_by_a_higher_rank():
    both = replace(holder(Role.MEMBER, number=8), posts=(Post(Role.MEMBER, HERE, MINE), Post(Role.LEADER, THERE)))
    assert not may_suspend(holder(Role.OFFICER), both)
    assert not may_suspend(holder(Role.LEADER), both)
    assert may_suspend(holder(Role.ADMIN), both)


@pytest.mark.parametrize("rank", [Role.OFFICER, Role.LEADER, Role.ADMIN])
@pytest.mark.parametrize("actor", [Role.OFFICER, Role.LEADER, Role.ADMIN])
def test_a_suspension_is_ended_by_the_same_or_a_higher_rank_of_the_station(rank, actor):
    target = replace(holder(Role.CHAIR, number=8), suspended=True)
    allowed = RANK.index(actor) >= RANK.index(rank)
    assert may_restore(holder(actor), target, rank=rank, station_id=HERE) is allowed
    assert not may_restore(holder(actor), target, rank=rank, station_id=THERE)
    assert not may_restore(holder(actor, lent=True), target, rank=rank, station_id=HERE)
    assert not may_restore(holder(actor, number=8), target, rank=rank, station_id=HERE)


def test_a_suspension_counts_with_the_highest_post_that_allows_it():
    actor = replace(holder(Role.OFFICER), posts=(Post(Role.OFFICER, HERE, MINE), Post(Role.LEADER, HERE)))
    assert suspending_post(actor, holder(Role.CHAIR, number=8)) == Post(Role.LEADER, HERE)
    assert suspending_post(holder(Role.CHAIR), holder(Role.MEMBER, number=8)) is None
