"""Behaviour of every kind of the records kit: next step, end of access, group card.

Lost and found is the example.
"""

from __future__ import annotations

import pkgutil
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

import handlers
from bot.routes import FEATURES, HOOKS
from domain.core.change import Address, ChatId, Timer
from domain.core.post_change import PostChange, Why
from domain.people.people import Role
from handlers.core.post_changes import posts_changed, without_actor
from handlers.core.records import RecordActions
from storage.features import REGISTRY
from tests.handlers.test_found import GROUP, cast, claims, finds, in_group, loses, town

if TYPE_CHECKING:
    from storage.engine.database import Row
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice
    from tests.handlers.test_found import Cast

__all__ = ["cast", "town"]


# Declared -------------------------------------------------------------------------------------------------------------


def actions() -> dict[str, RecordActions[Any, Any]]:
    """Every `RecordActions` of the handlers' modules, by its word."""
    modules = [import_module(name) for _, name, _ in pkgutil.walk_packages(handlers.__path__, "handlers.")]
    return {each.lifecycle.name: each for module in modules for each in vars(module).values() if isinstance(each, RecordActions)}


def test_every_kind_of_record_is_declared_by_its_feature_in_both_layers():
    declared = {kind.lifecycle.name: kind for feature in FEATURES for kind in feature.records}
    assert actions() == declared == HOOKS.records
    assert {name: kind.kind for name, kind in declared.items()} == {kind.table.feature: kind for kind in REGISTRY.records}


# Next step ------------------------------------------------------------------------------------------------------------


async def everything(cast: Cast) -> None:
    """Open one record of each kind."""
    await finds(cast.finder, "一把红伞")
    await loses(cast.neighbour, "红伞")


async def watched(harness: HandlerHarness, subject: str) -> list[str]:
    return [timer.kind for timer in await harness.store.transact(lambda unit: unit.timers.list_waiting(subject))]


@pytest.mark.parametrize(("kind", "timer"), [("found", "found_reminder"), ("lost", "record_open"), ("claim", "record_open")])
async def test_auditor_gives_an_open_record_its_next_step_back_when_it_is_lost(harness: HandlerHarness, cast: Cast, kind: str, timer: str):
    await everything(cast)
    assert await watched(harness, f"{kind}:1") == [timer]
    await harness.store.transact(partial(_lose_timer, subject=f"{kind}:1"))
    audit = Timer("audit_cases", "audit", harness.at, "audit:start")
    await harness.store.transact(lambda unit: unit.timers.start(audit, at=harness.at))
    await harness.time_passes(minutes=1)
    assert await watched(harness, f"{kind}:1") == [timer]
    assert await harness.store.transact(lambda unit: unit.facts.find("audit.rearmed")) == "1"
    await harness.time_passes(minutes=10)
    assert await harness.store.transact(lambda unit: unit.facts.find("audit.rearmed")) == "0"


async def _lose_timer(unit: Unit, subject: str) -> None:
    await unit.transaction.execute("UPDATE timers SET state = 'parked' WHERE subject = ?", (subject,))


async def test_auditor_leaves_an_ended_record_alone(harness: HandlerHarness, cast: Cast):
    await everything(cast)
    await cast.neighbour.presses_raw("l.back", 1)
    audit = Timer("audit_cases", "audit", harness.at, "audit:start")
    await harness.store.transact(lambda unit: unit.timers.start(audit, at=harness.at))
    await harness.time_passes(minutes=1)
    assert await harness.store.transact(lambda unit: unit.facts.find("audit.rearmed")) == "0"
    assert await watched(harness, "lost:1") == []


async def cards(voice: Voice, card: str) -> int:
    return sum(message.card == card for message in await voice.heard())


async def test_record_is_shown_every_thirty_days_to_those_it_waits_for(harness: HandlerHarness, cast: Cast):
    await everything(cast)
    await harness.time_passes(days=31)
    assert (await cards(cast.neighbour, "lost:1"), await cards(cast.neighbour, "claim:1")) == (1, 1), "nothing was claimed yet"
    assert (await cards(cast.chair, "claim:1"), await cards(cast.finder, "claim:1")) == (0, 0)
    await cast.neighbour.presses_raw("f.claim", 1)
    for answer in ("一张照片", "拉链坏了"):
        await cast.neighbour.says(answer)
    before = await cards(cast.chair, "claim:1")
    await harness.time_passes(days=31)
    assert (await cards(cast.chair, "claim:1"), await cards(cast.neighbour, "lost:1")) == (before + 1, 2)


# End of access --------------------------------------------------------------------------------------------------------


async def revoked(harness: HandlerHarness, who: Voice) -> None:
    """Take every post away, as the roster does."""
    person_id = who.person_id
    assert person_id is not None

    async def work(unit: Unit) -> None:
        await unit.people.dismiss(person_id, at=harness.at)
        ctx = without_actor(unit, at=harness.at, town=harness.town, cause="test", hooks=HOOKS)
        await posts_changed(ctx, PostChange(person_id, Why.ENDED))

    await harness.store.transact(work)


async def hang(harness: HandlerHarness, who: Voice, card: str) -> None:
    """Let a card arrive."""

    async def work(unit: Unit) -> None:
        address = Address("telegram", ChatId(who.user_id))
        await unit.cards.hang(address, card, message_id=5, person_id=who.person_id, at=harness.at)
        await unit.transaction.execute("UPDATE outbox SET state = 'sent' WHERE person_id = ?", (who.person_id,))

    await harness.store.transact(work)


async def test_card_is_emptied_when_its_reader_loses_the_post(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await hang(harness, cast.chair, "found:1")
    await hang(harness, cast.finder, "found:1")
    await revoked(harness, cast.chair)
    await revoked(harness, cast.finder)
    gone = (await cast.chair.heard())[-1]
    assert (gone.text, gone.card) == ("编号 <b>1</b> 不再归你看。", "found:1")
    assert not [message for message in await cast.finder.heard() if message.key == "record.gone"], "their own"


async def test_waiting_card_goes_to_the_next_post_when_its_reader_loses_the_post(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    assert await cards(cast.officer, "found:1") == 0
    await revoked(harness, cast.chair)
    assert [message.row["state"] for message in await cast.chair.heard() if message.card == "found:1"] == ["superseded"]
    assert await cards(cast.officer, "found:1") == 1


# The group ------------------------------------------------------------------------------------------------------------


async def test_group_card_is_edited_in_the_groups_that_have_it_and_in_no_other(harness: HandlerHarness, cast: Cast):
    await cast.chair.says("/bind 上徐村", chat=GROUP)
    await finds(cast.finder, "一把伞")
    await cast.chair.presses("发到村群")
    chair, village = cast.chair.person_id, harness.villages["下李村"]
    assert chair is not None
    await harness.store.transact(lambda unit: unit.groups.bind(Address("telegram", ChatId(GROUP)), village, by=chair, at=harness.at))
    await cast.chair.says("/bind 上徐村", chat=GROUP - 1)
    await cast.chair.presses_raw("f.given", 1)
    assert (await in_group(harness))[1:] == ["🔎 拾物 1：已经结束。"]
    assert not [message for message in await harness.heard_in(GROUP - 1) if message.card]


# Lost and found -------------------------------------------------------------------------------------------------------


async def test_officer_is_told_when_five_claims_that_nobody_judged_close_a_thing_for_the_day(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    voices = [await harness.person(f"村民{number}", Role.VILLAGER, "上徐村") for number in range(5)]
    for voice in voices:
        await loses(voice, "红色雨伞")
        assert await cast.officer.heard() == []
        await claims(voice)
    (told,) = await cast.officer.heard()
    assert "其中 5 次的回答还没有人判断" in told.text
    assert told.row["subject"] == "found:1"


async def test_claims_are_erased_thirty_days_after_the_thing_is_over(harness: HandlerHarness, cast: Cast):
    await everything(cast)
    other = await harness.person("小周", Role.VILLAGER, "上徐村")
    await loses(other, "红伞")
    await claims(cast.neighbour)
    await claims(other)
    await hang(harness, cast.neighbour, "claim:1")
    await cast.chair.presses_raw("f.hear", 1)
    await cast.chair.presses_raw("f.yes", 1)
    await cast.chair.presses_raw("f.given", 1)
    await harness.time_passes(days=29)
    assert [len(rows) for rows in (await left(harness)).values()] == [2, 2, 2, 1]
    await harness.time_passes(days=2)
    assert {table: [row["id"] for row in rows] for table, rows in (await left(harness)).items()} == {
        "found_claims": [],
        "found_tries": [],
        "lost_items": [2],
        "cards": [],
    }, "the other still looks for theirs"


async def left(harness: HandlerHarness) -> dict[str, list[Row]]:
    async def work(unit: Unit) -> dict[str, list[Row]]:
        said = {"found_claims": "", "found_tries": "", "lost_items": "", "cards": "WHERE card LIKE 'claim:%'"}
        return {table: await unit.transaction.fetch_all(f"SELECT * FROM {table} {where}") for table, where in said.items()}  # noqa: S608

    return await harness.store.transact(work)
