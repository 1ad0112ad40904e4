"""Attachments of a case: bounded, and all of them can be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from domain.people.people import Role
from storage.values import from_json

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice


def photo(number: int) -> dict[str, Any]:
    return {"type": "photo", "file_id": f"f{number}", "file_unique_id": f"u{number}"}


@pytest.fixture
async def villager(harness: HandlerHarness) -> Voice:
    harness.town = replace(harness.town, limits=replace(harness.town.limits, attachments_per_case=25, texts_per_minute=1000))
    await harness.person("王主任", Role.CHAIR, "上徐村")
    who = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await who.says("/report dispute 邻居砌墙")
    return who


async def test_photo_beyond_the_limit_is_refused_and_the_words_are_not(harness: HandlerHarness, villager: Voice):
    for number in range(26):
        await villager.says(media=photo(number))
    assert "25" in (await villager.heard())[-1].text
    assert "放不下" in (await villager.heard())[-1].text
    case = await harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case is not None
    assert case.photos == 25
    await villager.says("/note 1001 还在砌")
    assert "放不下" not in (await villager.heard())[-1].text


async def test_every_photo_can_be_seen_page_by_page(harness: HandlerHarness, villager: Voice):
    for number in range(25):
        await villager.says(media=photo(number))
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await officer.presses_raw("c.pic", 1001)
    await officer.presses("接着看（15 个）")
    await officer.presses("接着看（5 个）")
    heard = await officer.heard()
    albums = [from_json(message.row["media"]) for message in heard if message.key == "case.picture"]
    assert [(album["type"], len(album["items"])) for album in albums] == [("album", 10), ("album", 10), ("album", 5)]
    assert "还有" not in heard[-1].text


async def test_next_page_of_somebody_else_s_case_is_not_shown(harness: HandlerHarness, villager: Voice):
    await villager.says(media=photo(1))
    other = await harness.person("李大妈", Role.VILLAGER, "上徐村")
    await other.presses_raw("c.pic", 1001, 0)
    assert not [message for message in await other.heard() if message.key == "case.picture"]
