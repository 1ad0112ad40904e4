"""Lists of cases: any index returns the cases of the scope, newest first.

No query scans all cases.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.cases.actors import may_see
from domain.cases.case import State
from domain.cases.visibility import Part
from domain.core.change import Address, CaseId, ChatId, NotFound, PersonId
from domain.people.people import Role
from storage.cases.cases import CASE, case_from
from storage.cases.scope import scope, standing_of
from storage.cases.search import Narrowing, Reach, _newest
from storage.values import to_us
from tests.handlers.conftest import harness, town

if TYPE_CHECKING:
    from domain.people.people import Person
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness

__all__ = ["harness", "town"]

CASES = 120
FILTERS = ((), (State.OPEN, State.ESCALATED), (State.CLOSED,))


async def fill(unit: Unit, harness: HandlerHarness, people: list[PersonId], *, chance: random.Random) -> None:
    for number in range(1, CASES + 1):
        reporter = chance.choice([None, *people])
        state = chance.choice([State.OPEN, State.ESCALATED, State.CLOSED])
        village = chance.choice(sorted(harness.villages.values()))
        words = chance.choice(["路灯不亮", "井盖没了", "ABC Shop 太吵"])
        await unit.transaction.execute(
            "INSERT INTO cases (id, kind, severity, state, village_id, station_id, text, reporter_id, opened_by, holder, rung, ladder, opened_at, acted_at,"
            " police_only, restricted)"
            " VALUES (?, 'hazard', 'ordinary', ?, ?, ?, ?, ?, ?, 'chair', 0, ?, ?, ?, ?, ?)",
            (number, state, village, harness.station, words, reporter, chance.choice(people),
             '{"spans":[1,1,1,1],"stalled":1,"follow_up":1,"remind":0.5,"always":true}', to_us(harness.at), to_us(harness.at),
             int(number % 5 == 0), int(number % 7 == 0)),
        )  # fmt: skip
        for table, more in (("case_parties", "added_at"), ("case_followers", "since_at"), ("case_handlers", "added_at")):
            if chance.random() < 0.3:
                sql = f"INSERT INTO {table} (case_id, person_id, {more}) VALUES (?, ?, 0)"  # noqa: S608 (our own names)
                await unit.transaction.execute(sql, (number, chance.choice(people)))


async def straight(unit: Unit, actor: Person, states: tuple[State, ...], words: str) -> list[int]:
    """Return the cases of the scope, computed without an index.

    A search by words does not find a case that is only followed.
    """
    condition, params = scope(actor)
    rows = await unit.transaction.fetch_all(f"{CASE} WHERE {condition} ORDER BY c.id DESC", params)
    found = [case_from(row) for row in rows if (not states or row["state"] in states) and words.lower() in row["text"].lower()]
    seen = [replace(case, handlers=(actor.id,)) if case.visibility.restricted and actor.id else case for case in found]
    return [case.id for case in seen if not words or may_see(standing_of(actor, case).standing, Part.WORDS, case.visibility)]


@pytest.fixture
async def crowd(harness: HandlerHarness) -> tuple[HandlerHarness, list[PersonId]]:
    posts = [("王", Role.CHAIR, "上徐村"), ("赵", Role.CHAIR, "下李村"), ("李", Role.SECRETARY, "上徐村"), ("张", Role.OFFICER, "上徐村")]
    voices = [await harness.person(name, role, village) for name, role, village in posts]
    voices += [await harness.person("陈", Role.LEADER), await harness.person("徐", Role.VILLAGER, "上徐村")]
    people = [voice.person_id for voice in voices if voice.person_id is not None]
    chance = random.Random(7)  # noqa: S311 (the same cases every time)
    await harness.store.transact(partial(fill, harness=harness, people=people, chance=chance))

    async def away(unit: Unit) -> None:  # the other chair and the leader are away; the first chair and the officer stand in
        for who, deputy in ((people[1], people[0]), (people[4], people[3])):
            await unit.transaction.execute(
                "INSERT INTO leaves (person_id, deputy_id, from_at, until_at) VALUES (?, ?, ?, ?)",
                (who, deputy, to_us(harness.at), to_us(harness.at + timedelta(days=3))),
            )

    await harness.store.transact(away)
    return harness, people


async def test_a_list_is_what_the_scope_holds_for_everybody_and_every_filter(crowd):
    harness, people = crowd

    async def compare(unit: Unit) -> int:
        compared = 0
        for person_id in people:
            actor = await unit.people.get(person_id, at=harness.at)
            for states in FILTERS:
                for words in ("", "路灯", "shop"):
                    wanted = await straight(unit, actor, states, words)
                    numbers = await unit.search.numbers_of(actor, states=states, words=words, most=CASES)
                    assert numbers == wanted
                    assert await unit.search.numbers_of(actor, states=states, words=words, most=5) == wanted[:5]
                    assert [case.id for case in await unit.search.read(actor, numbers)] == wanted
                    compared += len(wanted)
        return compared

    assert await harness.store.transact(compare) > 500


@pytest.mark.parametrize("together", [2, 50])
async def test_readers_of_a_case_are_those_it_is_visible_to(crowd, together, monkeypatch):
    monkeypatch.setattr("storage.cases.cases.TOGETHER", together)
    harness, people = crowd

    async def visible(unit: Unit, actor: Person, number: int) -> bool:
        try:
            return (await unit.cases.visible_to(actor, number)).id == number
        except NotFound:
            return False

    async def compare(unit: Unit) -> tuple[int, int]:
        actors = [await unit.people.get(person_id, at=harness.at) for person_id in people]
        seen = 0
        for number in range(1, CASES + 1):
            wanted = {actor.id for actor in actors if await visible(unit, actor, number)}
            assert await unit.cases.readers_of(number, actors) == wanted
            seen += len(wanted)
        assert await unit.cases.readers_of(CASES + 1, actors) == frozenset()
        assert await unit.cases.readers_of(1, []) == frozenset()
        return seen, CASES * len(actors)

    seen, asked = await harness.store.transact(compare)
    assert 100 < seen < asked - 100


async def test_many_persons_are_found_as_each_alone(crowd):
    harness, people = crowd
    blocked = Address("telegram", ChatId(4711))

    async def compare(unit: Unit) -> None:
        await unit.people.attach(people[3], blocked, at=harness.at)
        await unit.addresses.mark_unreachable(blocked, why="blocked", at=harness.at)
        found = await unit.people.find_many([*people, people[0], PersonId(4711)], at=harness.at)
        assert found == {person_id: await unit.people.find(person_id, at=harness.at) for person_id in people}
        assert sum(len(person.posts) for person in found.values()) == 6  # five own, one lent
        assert not any(person.lost for person in found.values())
        assert await unit.people.find_many([], at=harness.at) == {}

    await harness.store.transact(compare)


@pytest.mark.parametrize("share", [1, 7, 30, CASES])
async def test_searches_one_after_the_other_are_one_search(crowd, share, monkeypatch):
    monkeypatch.setattr("storage.cases.search.READ_AT_ONCE", share)
    harness, people = crowd

    async def compare(unit: Unit) -> int:
        steps = 0
        for person_id in people:
            actor = await unit.people.get(person_id, at=harness.at)
            found: list[int] = []
            reach = await unit.search.reach_of(actor)
            while True:
                steps += 1
                found += await unit.search.numbers_of(actor, words="路灯", within=reach, most=CASES)
                if reach.until is None:
                    break
                assert reach.after < reach.before
                reach = await unit.search.reach_of(actor, before=reach.after + 1)
            assert found == await straight(unit, actor, (), "路灯")
        return steps

    assert await harness.store.transact(compare) >= len(people)


async def test_nobody_reads_what_is_not_theirs(crowd):
    harness, people = crowd

    async def read(unit: Unit) -> None:
        villager = await unit.people.get(people[-1], at=harness.at)
        mine = set(await straight(unit, villager, (), ""))
        found = await unit.search.read(villager, [CaseId(number) for number in range(1, CASES + 1)])
        assert {case.id for case in found} == mine != set(range(1, CASES + 1))

    await harness.store.transact(read)


async def test_every_walk_starts_from_an_index(crowd, engine):
    if engine != "sqlite":
        pytest.skip("the other engine plans by the size of its tables")
    harness, people = crowd

    async def plan(unit: Unit) -> list[str]:
        found = []
        for person_id, states, words in itertools.product(people, FILTERS, ("", "路灯")):
            sql, params = _newest(await unit.people.get(person_id, at=harness.at), states, words, 8, None, Narrowing())
            found += [row["detail"] for row in await unit.transaction.fetch_all(f"EXPLAIN QUERY PLAN {sql}", params)]
            sql, params = _newest(await unit.people.get(person_id, at=harness.at), states, words, 8, Reach(20, 100), Narrowing())
            found += [row["detail"] for row in await unit.transaction.fetch_all(f"EXPLAIN QUERY PLAN {sql}", params)]
        return found

    steps = await harness.store.transact(plan)
    assert sum(step.startswith("SEARCH c ") for step in steps) > len(people)
    assert not [step for step in steps if step.startswith("SCAN c")]
