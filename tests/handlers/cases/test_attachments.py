"""Attachments of a case: bounded, and all of them can be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from domain.core.change import CaseId
from domain.people.people import Role
from storage.values import from_json

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice


def photo(number: int) -> dict[str, Any]:
    return {"type": "photo", "file_id": f"f{number}", "file_unique_id": f"u{number}"}


@pytest.fixture
async def holder(harness: HandlerHarness) -> Voice:
    return await harness.person("王主任", Role.CHAIR, "上徐村")


@pytest.fixture
async def villager(harness: HandlerHarness, holder: Voice) -> Voice:
    harness.town = replace(harness.town, limits=replace(harness.town.limits, attachments_per_case=25, texts_per_minute=1000))
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


# What is sent with words ----------------------------------------------------------------------------------------------


async def kept(harness: HandlerHarness) -> list[str]:
    found = await harness.store.transact(lambda unit: unit.cases.attachments(CaseId(1001), limit=25))
    return [media["file_id"] for media, _ in found]


@pytest.fixture
async def chair(holder: Voice, villager: Voice) -> Voice:
    await holder.presses_raw("c.acc", 1001)
    return holder


@pytest.mark.parametrize("words", ["/note 1001 现场照片", "/close 1001 已修好，见照片"])
async def test_caption_of_a_command_keeps_its_picture_and_its_album(harness: HandlerHarness, chair: Voice, words: str):
    await chair.says("/mediate 1001 谈过了，双方都在")
    await chair.says(words, media=photo(1), album="a1")
    await chair.says(media=photo(2), album="a1")
    await chair.says(media=photo(3), album="a1")
    assert await kept(harness) == ["f1", "f2", "f3"]


async def test_album_is_one_answer_when_words_are_asked_for(harness: HandlerHarness, chair: Voice):
    await chair.presses_raw("c.not", 1001)
    for number in (1, 2, 3):
        await chair.says(media=photo(number), album="a1")
    assert await kept(harness) == ["f1", "f2", "f3"]
    assert not [message for message in await chair.heard() if message.key == "report.offer"]


@pytest.mark.parametrize(("verb", "kind"), [("c.ask", "photo"), ("c.ask", "voice"), ("c.clo", "photo"), ("c.ask", "video_note")])
async def test_what_a_handler_sends_with_words_reaches_the_reporter(harness: HandlerHarness, villager: Voice, chair: Voice, verb, kind):
    await chair.says("/mediate 1001 谈过了，双方都在")
    await villager.new()
    await chair.presses_raw(verb, 1001)
    await chair.says("看这里" if kind != "video_note" else "", media=photo(7) | {"type": kind})
    shown = [from_json(message.row["media"]) or {} for message in await villager.heard() if message.row["media"]]
    assert [(media["type"], media["file_id"]) for media in shown if media.get("file_id")][:1] == [(kind, "f7")]


async def test_closing_photo_is_not_sent_beside_the_card_that_shows_it(harness: HandlerHarness, villager: Voice, chair: Voice):
    await harness.deliver()
    await chair.says("/mediate 1001 谈过了，双方都在")
    await chair.says("/close 1001 墙拆了", media=photo(7))
    told = [message for message in await villager.heard() if message.row["media"]]
    assert [message.card for message in told] == ["case:1001"]


async def test_round_video_can_be_seen(harness: HandlerHarness, villager: Voice, chair: Voice):
    await villager.says(media=photo(4) | {"type": "video_note"})
    await chair.presses_raw("c.pic", 1001)
    shown = [from_json(message.row["media"]) for message in await chair.heard() if message.key == "case.picture"]
    assert [media["type"] for media in shown] == ["video_note"]
