"""The role matrix: every principal × every command and button × every subject.

Messages are included. Judged by an independent model (tests/faults/matrix/model.py): a principal who may not read a thing changes nothing of it, and
is answered as for a number that nothing has; nothing about it is sent to them when others act.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from domain.people.people import Posts
from storage.cases import cases
from storage.features import REGISTRY
from tests.faults.matrix.model import CASES, NAMES, OTHERS, PRINCIPALS
from tests.faults.matrix.town import Thing, Town, build
from tests.faults.matrix.tries import ABSENT, Outcome, Way, tried, ways
from tests.handler_harness import HandlerHarness
from tests.handlers.conftest import town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import domain.core.town
    from storage.unit import Unit
    from tests.faults.invariant_log import InvariantLog

__all__ = ["town"]

SEED = 20261201
#: Principals that try each way in a small run: each takes its turn.
SOME = 5
#: Tests among which the whole matrix is divided.
PARTS = 8


@asynccontextmanager
async def the_town(path: Path, settings: domain.core.town.Town) -> AsyncIterator[Town]:
    """Build the town; it bears any number of tries."""
    limits = replace(settings.limits, texts_per_minute=1_000_000)
    settings = replace(settings, limits=limits, features=frozenset({"lost_found"}))
    harness = await HandlerHarness.open(path, settings, villages=("上徐村", "下李村", "河口村"))
    try:
        yield await build(harness)
    finally:
        await harness.store.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Divide the whole matrix among several tests."""
    if "part" in metafunc.fixturenames:
        parts = PARTS if metafunc.config.getoption("--faults-size") == "full" else 1
        metafunc.parametrize("part", [range(place, 1_000, parts) for place in range(parts)], ids=str)


async def tries_of(place: Town, *, whole: bool, part: range = range(1_000)) -> tuple[int, list[str]]:
    """Try these ways: all, or a sample that has every way and every principal.

    Returns how many tries there were, and what is wrong.
    """
    dice = Random(SEED)  # noqa: S311 - the same tries every time
    numbers = frozenset(thing.number for thing in place.things)
    shown = [(verb, args) for heard in await place.harness.outbox() for verb, args in heard.buttons.values()]
    count, faults = 0, []
    absent: dict[tuple[str, Way], Outcome] = {}
    for turn, way in enumerate(ways(shown, numbers)):
        if turn not in part:
            continue
        some = [PRINCIPALS[(turn * SOME + each) % len(PRINCIPALS)] for each in range(SOME)]
        for who in PRINCIPALS if whole else some:
            voice = place.voices[who]
            foreign = [thing for thing in place.things if who not in thing.knowers and not (thing.kind == "drill" and _is_call(way))]
            for thing in foreign if whole else dice.sample(foreign, 1):
                if (who, way) not in absent:
                    absent[who, way] = await tried(place, voice, way, ABSENT, None)
                outcome = await tried(place, voice, way, thing.number, thing)
                count += 1
                if outcome.changed:
                    faults.append(f"{who} changed {thing.name} by {way}")
                if outcome.answer != absent[who, way].answer:
                    faults.append(f"{who} was answered about {thing.name} by {way}: {outcome.answer}")
    return count, faults


def _is_call(way: Way) -> bool:
    """Tell whether it is a real call for help: it ends a drill of its village."""
    return way.words.startswith("/sos ")


def names_reporter(thing: Thing, who: str, text: str) -> bool:
    """Tell whether a text tells a principal the name of a reporter that is hidden from them."""
    return who not in NAMES.get(thing.name, PRINCIPALS) and "reporter" in text


async def leaks(place: Town) -> list[str]:
    """Return the messages since posts changed that tell a principal of a thing not theirs."""
    principals = {place.voices[who].user_id: who for who in PRINCIPALS}
    found = []
    for heard in await place.harness.outbox():
        who = principals.get(heard.chat_id)
        if who is None or heard.row["id"] <= place.since:
            continue
        found += [
            f"{who} got {heard.key} about {thing.name}"
            for thing in place.things
            if (who not in thing.readers and thing.canary in heard.text)
            or (who not in thing.knowers and heard.row["subject"] == thing.subject)
            or (heard.row["subject"] == thing.subject and names_reporter(thing, who, heard.text))
        ]
    return found


@pytest.mark.timeout(900)
async def test_principal_learns_and_changes_nothing_when_a_subject_is_not_theirs(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog, part: range
) -> None:
    async with the_town(tmp_path, town) as place:
        assert await leaks(place) == []
        count, faults = await tries_of(place, whole=invariant_log.full, part=part)
        invariant_log.ran("role matrix", count, failed=len(faults))
        assert faults == [], "\n".join(faults[:40])


async def test_matrix_has_everybody_and_everything(tmp_path: Path, town: domain.core.town.Town) -> None:
    """Each reader reads it: otherwise an empty answer would prove nothing."""
    async with the_town(tmp_path, town) as place:
        assert len(PRINCIPALS) == 28
        assert len(CASES) == 21
        assert {"case", "callout", *OTHERS} == REGISTRY.subjects.keys()
        states = await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT state FROM cases ORDER BY id"))
        assert len(states) == 21
        for thing in place.things:
            sql = f"SELECT COUNT(*) AS n FROM {REGISTRY.subjects[thing.kind].table} WHERE id = ?"  # noqa: S608 (the schema's own names)
            row = await place.harness.store.transact(partial(_row, sql=sql, number=thing.number))
            assert row["n"] == 1, thing.name
            if thing.kind != "case":
                continue
            for who in PRINCIPALS:
                outcome = await tried(place, place.voices[who], Way(words="/case {n}"), thing.number, thing)
                absent = await tried(place, place.voices[who], Way(words="/case {n}"), ABSENT, None)
                assert (thing.canary in outcome.answer) is (who in thing.readers), f"{who} reads {thing.name}"
                assert (outcome.answer != absent.answer) is (who in thing.knowers), f"{who} learns of {thing.name}"
                if thing.name in NAMES and who != "reporter":
                    assert ("reporter" in outcome.answer) is (who in NAMES[thing.name]), f"{who} reads who reported {thing.name}"


async def _row(unit: Unit, *, sql: str, number: int) -> Any:
    return await unit.transaction.fetch_one(sql, (number,))


@pytest.mark.parametrize("bug", ["a deputy of a party is told", "a scope without villages"])
async def test_matrix_finds_a_leak(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch, bug: str
) -> None:
    if bug == "a deputy of a party is told":
        monkeypatch.setattr(
            Posts,
            "of",
            lambda self, *roles, without=(), tried=(), among=None: tuple(
                who
                for role in roles
                for who in self.holders.get(role, ())
                if who.person_id not in {*without, *tried} and (among is None or who.person_id in among)
            ),
        )
    async with the_town(tmp_path, town) as place:
        if bug == "a deputy of a party is told":
            found = await leaks(place)
        else:
            monkeypatch.setattr(cases, "scope", lambda actor, **_: ("0 = 0", ()))
            _, found = await tries_of(place, whole=False, part=range(0, 1_000, 4))
        invariant_log.mutant(bug, found=bool(found), after="one town")
        assert found
