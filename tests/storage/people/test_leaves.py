"""A leave lends a post exactly to the people whom the rule allows as substitutes.

SQL decides as domain/people/people.py does; posts that were given later are not lent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.people.people import RANK, STATION_ROLES, Leave, Person, Post, Role, may_deputise
from tests.handlers.conftest import harness, town

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice

__all__ = ["harness", "town"]

ROLES = tuple(role for role in RANK if role not in (Role.STRANGER, Role.VILLAGER))
WEEK = timedelta(days=7)


def number(who: Voice) -> PersonId:
    assert who.person_id is not None
    return who.person_id


async def takes_leave(harness: HandlerHarness, who: Voice, deputy: Voice, *, begins: timedelta = timedelta()) -> None:
    leave = Leave(number(who), number(deputy), harness.at + begins, harness.at + begins + WEEK)
    await harness.store.transact(lambda unit: unit.directory.add_leave(leave, at=harness.at))


async def lent(harness: HandlerHarness, who: PersonId) -> list[Role]:
    person = await harness.store.transact(lambda unit: unit.people.get(who, at=harness.at))
    return [post.role for post in person.posts if post.deputises_for is not None]


async def test_every_post_is_lent_to_whom_the_rule_allows_and_to_nobody_else(harness: HandlerHarness):
    other = await harness.store.transact(lambda unit: unit.rosters.adopt_station("石柱所"))
    far = await harness.store.transact(lambda unit: unit.rosters.add_village(other, "石门村"))
    places = [(harness.station, harness.villages["上徐村"]), (harness.station, harness.villages["下李村"]), (other, far)]
    wrong = []
    for role in ROLES:
        post = Post(role, harness.station, None if role in STATION_ROLES else harness.villages["上徐村"])
        for own in ROLES:
            for station_id, village_id in places:
                held = Post(own, station_id, None if own in STATION_ROLES else village_id)

                async def take(unit: Unit, post: Post = post, held: Post = held) -> Person:
                    away, deputy = [await unit.people.add("某人", at=harness.at) for _ in range(2)]
                    for who, each in ((away, post), (deputy, held)):
                        await unit.people.appoint(who, each.role, station_id=each.station_id, village_id=each.village_id, at=harness.at)
                    await unit.directory.add_leave(Leave(away, deputy, harness.at, harness.at + WEEK), at=harness.at)
                    return await unit.people.get(deputy, at=harness.at)

                found = await harness.store.transact(take)
                if len(found.posts) != 1 + may_deputise(post, found):
                    wrong.append((post, held))
    assert not wrong


async def test_a_deputy_has_what_was_held_when_the_leave_was_taken_and_nothing_given_later(harness: HandlerHarness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    deputy = await harness.person("陈警官", Role.OFFICER, "下李村")
    await takes_leave(harness, officer, deputy, begins=timedelta(days=3))
    for days, role in ((1, Role.DUTY), (3, Role.LEADER)):
        harness.at += timedelta(days=days)

        async def promote(unit: Unit, role: Role = role) -> None:
            await unit.people.appoint(number(officer), role, station_id=harness.station, village_id=None, at=harness.at)

        await harness.store.transact(promote)
    assert await lent(harness, number(deputy)) == [Role.OFFICER]
    posts = await harness.store.transact(lambda unit: unit.people.posts_of(harness.villages["上徐村"], at=harness.at))
    assert [who.name for who in posts.of(Role.OFFICER)] == ["陈警官"]
    assert [who.name for who in posts.of(Role.LEADER, Role.DUTY)] == ["张警官"]
    station = await harness.store.transact(lambda unit: unit.people.station_posts(harness.station, at=harness.at))
    assert [who.name for who in station.of(Role.LEADER)] == ["张警官"]


@pytest.mark.parametrize("gone", ["suspended deputy", "dismissed deputy", "suspended chair"])
async def test_a_leave_lends_nothing_once_one_of_the_two_is_out_of_office(harness: HandlerHarness, gone: str):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    deputy = await harness.person("李四", Role.MEMBER, "上徐村")
    await takes_leave(harness, chair, deputy)
    assert await lent(harness, number(deputy)) == [Role.CHAIR]
    who = chair if gone == "suspended chair" else deputy
    if gone == "dismissed deputy":
        await harness.store.transact(lambda unit: unit.people.dismiss(number(who), at=harness.at))
    else:
        await harness.store.transact(lambda unit: unit.directory.suspend(number(who), at=harness.at))
    assert await lent(harness, number(deputy)) == []
    posts = await harness.store.transact(lambda unit: unit.people.posts_of(harness.villages["上徐村"], at=harness.at))
    assert [who.name for who in posts.of(Role.CHAIR)] == ([] if gone == "suspended chair" else ["王主任"])
