"""Strangers to a village read nothing of it, in every storage query for an actor.

Finds the storage classes through the unit that they hang on, so a new feature's queries are tested without an entry here. The people of the
village make the same queries, and each must get something of each kind: otherwise an empty answer would prove nothing.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from domain.core.change import Address, ChatId, NotFound
from domain.people.people import LIMITED, Person, Role
from storage.alerts.alerts import Alerts
from storage.cases.search import Reach
from storage.core.records import Records
from storage.features import REGISTRY
from storage.unit import Part, Unit
from tests.faults.hostile.towns import busy, with_every_feature
from tests.faults.hostile.typed import taps

if TYPE_CHECKING:
    from domain.core.town import Town as TownSettings
    from tests.handler_harness import HandlerHarness, Voice

IDS = range(1, 12)
CASES = range(1001, 1008)


@dataclass(frozen=True)
class Question:
    """A method of a storage class that takes an actor."""

    kind: type
    name: str

    @property
    def qualified(self) -> str:
        return f"{self.kind.__name__}.{self.name}"


def questions() -> list[Question]:
    """Every public method of the unit's parts and of the kinds of record with an actor first."""
    found = []
    parts = [value._kind for value in vars(Unit).values() if isinstance(value, Part)]
    for kind in [*(part for part in parts if isinstance(part, type)), *REGISTRY.records]:
        for name, method in inspect.getmembers(kind, inspect.iscoroutinefunction):
            first = [*inspect.signature(method).parameters][1:2]
            sealed = name != "unseal" or (
                issubclass(kind, Records) and kind.table.sealed
            )  # a record without sealed columns has nothing to answer
            if first == ["actor"] and not name.startswith("_") and sealed:
                found.append(Question(kind, name))
    return found


def arguments(method: Callable[..., Any], harness: HandlerHarness) -> Iterator[dict[str, Any]]:
    """Every combination of what a question may be asked about in this town."""
    known: dict[str, list[Any]] = {
        "number": [*CASES, *IDS],
        "at": [harness.at],
        "numbers": [[*CASES]],
        "village_id": [harness.villages["上徐村"]],
        "village_ids": [[harness.villages["上徐村"]]],
        "drill": [False, True],
        "limit": [100],
        "most": [100],
        "since": [harness.at - timedelta(days=30)],
        "until": [harness.at + timedelta(days=30)],
        "begins_before": [harness.at + timedelta(days=30)],
        "ends_after": [harness.at - timedelta(days=30)],
    }
    names, choices = [], []
    for parameter in [*inspect.signature(method).parameters.values()][2:]:
        if parameter.name in known or parameter.name.endswith("_id"):
            names.append(parameter.name)
            choices.append(known.get(parameter.name, [*IDS]))
        else:
            assert parameter.default is not inspect.Parameter.empty, f"say here what {parameter.name} may be"
    for values in itertools.product(*choices):
        yield dict(zip(names, values, strict=True))


async def answers(unit: Unit, ask: Question, actor: Person, *, harness: HandlerHarness, kind: type | None = None) -> list[Any]:
    """Everything one actor learns by one question."""
    part = (kind or ask.kind)(unit.transaction)
    found = []
    for given in arguments(getattr(type(part), ask.name), harness):
        try:
            answer = await getattr(part, ask.name)(actor, **given)
        except NotFound:
            continue
        if not is_nothing(answer):
            found.append(answer)
    return found


def is_nothing(answer: Any) -> bool:
    """Tell whether an answer is empty: None, no rows, zeros, or the reach without any scope."""
    if isinstance(answer, tuple):
        return not any(answer)
    return not answer or answer == Reach()


async def person_of(unit: Unit, voice: Voice) -> Person:
    """Return a person from storage alone; dispatch would remove a suspended person's rights."""
    return await unit.people.actor(Address("telegram", ChatId(voice.user_id)), name=voice.name, language="zh", at=voice.harness.at)


async def suspend(unit: Unit, voice: Voice) -> None:
    assert voice.person_id is not None
    await unit.directory.suspend(voice.person_id, at=voice.harness.at)


async def without_home(unit: Unit, voice: Voice) -> None:
    """Let somebody live nowhere, so that only their post can show them anything."""
    await unit.transaction.execute("UPDATE people SET village_id = NULL WHERE id = ?", (voice.person_id,))


@pytest.fixture
def town(town: TownSettings) -> TownSettings:
    """Every feature is on."""
    return with_every_feature(town)


@pytest.fixture
async def people(harness: HandlerHarness) -> tuple[dict[str, Person], dict[str, Person]]:
    """(the village's own, everybody else) in a town where everything is going on."""
    town = await busy(harness)
    await town.villager.presses_raw("tip.wish", "1")
    await town.officer.says("/tip 5")
    assert await taps(town.officer, "村民")
    assert await taps(town.officer, "确认发送")
    await harness.time_passes(seconds=30)
    await town.villager.says("/sos 我爸胸口痛，喘不上气")
    suspended = {
        f"the suspended {role}": await harness.person(f"停用{role}", role, "上徐村") for role in (Role.CHAIR, Role.OFFICER, Role.LEADER)
    }
    for voice in suspended.values():
        await harness.store.transact(partial(suspend, voice=voice))
    limited = {f"the {role} of the village": await harness.person(f"担任{role}", role, "上徐村") for role in LIMITED}
    for voice in limited.values():
        await harness.store.transact(partial(without_home, voice=voice))
    inside = {"the officer": town.officer, "the leader": town.leader, "the chair": town.chair, "the villager": town.villager}

    async def known(unit: Unit, voices: dict[str, Voice]) -> dict[str, Person]:
        return {name: await person_of(unit, voice) for name, voice in voices.items()}

    return (
        await harness.store.transact(partial(known, voices=inside)),
        await harness.store.transact(partial(known, voices=town.foreigners | suspended | limited)),
    )


async def test_storage_answers_nobody_outside_and_somebody_inside_every_question(harness: HandlerHarness, people):
    inside, outside = people

    async def ask_all(unit: Unit) -> tuple[list[str], list[str]]:
        leaks, silent = [], []
        await unit.transaction.execute("UPDATE cases SET ended_at = opened_at WHERE id = 1001")  # for the question about ended cases
        for ask in questions():
            told = [name for name, actor in inside.items() if await answers(unit, ask, actor, harness=harness)]
            if not told and getattr(ask.kind, ask.name).__annotations__["return"] != "Reach":  # how far one looks is no answer
                silent.append(ask.qualified)
            for name, actor in outside.items():
                far = name == "a stranger" or name.endswith("of another station")
                if (far or not (wide(ask) or granted(ask, actor))) and await answers(unit, ask, actor, harness=harness):
                    leaks.append(f"{ask.qualified} answers {name}")
        return leaks, silent

    leaks, silent = await harness.store.transact(ask_all)
    assert leaks == []
    assert silent == []


def wide(ask: Question) -> bool:
    """Tell whether a feature opens a query, with a reason, to more people of the station."""
    return any(ask.qualified in each.unscoped for each in REGISTRY.features)


def granted(ask: Question, actor: Person) -> bool:
    """Tell whether the scope of a kind of record names a limited post of the actor."""
    grants = ask.kind.table.scope.grants if issubclass(ask.kind, Records) else ()
    return any(post.role in grant.roles & LIMITED for grant in grants for post in actor.posts)


async def test_a_question_that_forgets_its_scope_is_found(harness: HandlerHarness, people):
    class Forgetful(Alerts):
        async def list_visible(self, actor: Person, *, limit: int) -> list[Any]:
            rows = await self._transaction.fetch_all("SELECT id FROM alerts ORDER BY id LIMIT ?", (limit,))
            return [row["id"] for row in rows]

        async def visible_to(self, actor: Person, alert_id: int) -> Any:
            return await super().visible_to(replace(actor, suspended=False), alert_id)

    _, outside = people

    async def ask(unit: Unit) -> dict[str, list[str]]:
        return {
            name: [
                who for who, actor in outside.items() if await answers(unit, Question(Alerts, name), actor, harness=harness, kind=Forgetful)
            ]
            for name in ("list_visible", "visible_to")
        }

    found = await harness.store.transact(ask)
    assert found["list_visible"] == [*outside]
    assert found["visible_to"] == ["the suspended officer", "the suspended leader"]
