"""Missing-person notices in the chat: sent with consent, found, recalled, erased."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from domain.people.people import Role
from storage.missing import MissingNotices
from storage.values import from_json

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Heard, Voice

HERE, THERE = -100_100, -100_200
WORDS = "徐老汉，78 岁，穿蓝布衫，昨天下午在村口车站不见的"
CONSENT = "女儿李芳当面同意"
PHOTO = {"type": "photo", "file_id": "face", "file_unique_id": "u1"}


class Place:
    """Two villages with a group each, and everybody in office."""

    def __init__(self, harness: HandlerHarness, leader: Voice, officer: Voice, chair: Voice, villager: Voice) -> None:
        self.harness, self.leader, self.officer, self.chair, self.villager = harness, leader, officer, chair, villager

    async def sends(self, who: Voice, *, photo: bool = True, words: str = WORDS, villages: str = "全部") -> None:
        """Answer every question and send."""
        await who.says("/missing")
        await who.says(CONSENT)
        await who.says(words)
        await (who.says(media=PHOTO) if photo else who.presses("不放照片"))
        await who.says(villages)
        await who.presses("发出去")

    async def in_groups(self) -> list[list[Heard]]:
        return [[message for message in await self.harness.heard_in(chat) if message.key.startswith("missing.")] for chat in (HERE, THERE)]

    async def rows(self, sql: str) -> list[Any]:
        return await self.harness.store.transact(lambda unit: unit.transaction.fetch_all(sql))


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    harness.town = replace(harness.town, phones=frozenset({"057188886666"}))
    leader = await harness.person("李国强", Role.LEADER)
    await leader.says("/bind 上徐村", chat=HERE)
    await leader.says("/bind 下李村", chat=THERE)
    return Place(
        harness,
        leader,
        await harness.person("张伟", Role.OFFICER, "上徐村"),
        await harness.person("王建国", Role.CHAIR, "上徐村"),
        await harness.person("徐阿婆", Role.VILLAGER, "上徐村"),
    )


async def test_notice_goes_to_every_chosen_group_with_photo_and_the_number_of_the_settings(place: Place):
    await place.sends(place.leader)
    for heard in await place.in_groups():
        (message,) = heard
        assert WORDS in message.text
        assert "057188886666" in message.text
        assert "110" in message.text
        assert "李芳" not in message.text
        assert from_json(message.row["media"])["file_id"] == "face"
        assert message.row["protect"]
    assert WORDS in (await place.officer.heard())[-1].text


async def test_officer_tells_only_the_groups_of_their_villages(place: Place):
    await place.sends(place.officer, photo=False)
    here, there = await place.in_groups()
    assert len(here) == 1
    assert there == []


async def test_notice_without_consent_or_with_a_private_number_is_not_sent(place: Place):
    await place.officer.says("/missing")
    await place.officer.says("")
    assert "家属" in await place.officer.new()
    await place.officer.says(CONSENT)
    for number in ("13812345678", "138/1234/5678", "110101199003074258"):
        await place.officer.says(f"{WORDS}，打 {number}")
        assert "不能带身份证号和私人电话" in await place.officer.new()
    await place.officer.says(f"/missing {WORDS}，打 13812345678")
    assert "不能带身份证号和私人电话" in await place.officer.new()
    assert await place.in_groups() == [[], []]


async def test_chair_and_villager_send_and_end_no_notice(place: Place):
    for who in (place.chair, place.villager):
        await who.says("/missing")
        assert "家属" not in await who.new()
    await place.sends(place.officer)
    for who in (place.chair, place.villager):
        for verb in ("ms.found", "ms.recall", "ms.agreed"):
            await who.presses_raw(verb, 1)
        assert CONSENT not in "".join(who.toasts)
    assert [row["state"] for row in await place.rows("SELECT state FROM missing_notices")] == ["sent"]


@pytest.mark.parametrize(("label", "said"), [("找到了", "人已找到"), ("撤回", "已撤回")])
async def test_every_group_and_card_loses_the_words_when_it_ends_by_button(place: Place, label: str, said: str):
    await place.sends(place.leader)
    await place.officer.presses(label)
    for heard in await place.in_groups():
        last = heard[-1]
        assert said in last.text
        assert "徐老汉" not in last.text
        assert (last.card, last.row["fresh"], last.row["media"]) == (heard[0].card, 0, "")
    assert "徐老汉" not in (await place.leader.heard())[-1].text
    (row,) = await place.rows("SELECT words, consent FROM missing_notices")
    assert (row["words"], row["consent"]) == ("", "")
    await place.officer.presses_raw("ms.recall", 1)
    assert said in place.officer.toasts[-1] or "撤下" in place.officer.toasts[-1]


async def test_police_read_who_agreed_and_that_is_recorded(place: Place):
    await place.sends(place.leader)
    await place.officer.presses("家属同意")
    assert CONSENT in place.officer.toasts[-1]
    assert await place.rows("SELECT 1 FROM audit WHERE action = 'missing.unseal'")


async def test_notice_leaves_every_group_after_30_days_and_is_erased(place: Place):
    await place.sends(place.leader)
    await place.harness.time_passes(days=30, minutes=1)
    for heard in await place.in_groups():
        assert "已到期撤下" in heard[-1].text
    assert [row["words"] for row in await place.rows("SELECT words FROM missing_notices")] == [""]
    await place.harness.time_passes(days=1, minutes=1)
    assert await place.rows("SELECT 1 FROM missing_notices") == []
    assert await place.harness.store.transact(lambda unit: unit.records(MissingNotices).find(1)) is None


async def test_notice_leaves_at_once_at_night_without_a_sound(place: Place):
    await place.harness.time_passes(hours=15)
    await place.sends(place.leader)
    (message,) = (await place.in_groups())[0]
    assert message.row["not_before"] <= message.row["created_at"]
    assert message.row["silent"]


async def test_village_without_a_group_is_said_and_nothing_is_kept(place: Place):
    await place.leader.says("/unbind", chat=HERE)
    await place.sends(place.officer)
    assert "还没有群" in await place.officer.new() + "".join(place.officer.toasts)
    assert await place.rows("SELECT 1 FROM missing_notices") == []


async def test_officer_neither_tells_nor_ends_anything_in_a_village_of_others(place: Place):
    other = await place.harness.person("丁警官", Role.OFFICER, "下李村")
    await place.officer.says("/missing")
    await place.officer.says(CONSENT)
    await place.officer.says(WORDS)
    await place.officer.presses("不放照片")
    there = place.harness.villages["下李村"]
    for answer in (f"t{there}", "done"):
        await place.officer.presses_raw("answer", "missing", "villages", answer)
    await place.officer.says("下李村")
    assert "发出去" not in str([message.buttons for message in await place.officer.heard()])
    await place.officer.says("上徐村")
    await place.officer.presses("发出去")
    for verb in ("ms.found", "ms.recall", "ms.agreed"):
        await other.presses_raw(verb, 1)
    assert CONSENT not in "".join(other.toasts)
    assert [row["state"] for row in await place.rows("SELECT state FROM missing_notices")] == ["sent"]
    assert (await place.in_groups())[1] == []
