"""Reports of one village: near ones are offered, people who join are counted and may add."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.people.people import Role
from tests.handlers.cases.test_moves import Street, card, stored, street

__all__ = ["street"]

PHOTO = {"type": "photo", "file_id": "p", "file_unique_id": "p"}


@pytest.fixture
async def zhen(street: Street):
    return await street.harness.person("阿珍", Role.VILLAGER, "上徐村")


async def lamp(street: Street) -> None:
    await street.villager.says("/report hazard 村口路灯坏了，晚上看不见")


async def joins(street: Street, zhen) -> None:
    await lamp(street)
    await zhen.says("村口的路灯不亮了")
    await zhen.presses("是 1001")


async def test_newest_hazards_are_offered_whatever_their_words(street, zhen):
    await lamp(street)
    await street.villager.says("/report hazard 桥上护栏松动")
    await street.villager.says("/report hazard 河边井盖没了")
    await zhen.says("学校门口堆放杂物有隐患")
    offered = [label for message in await zhen.heard() for label in message.buttons if "我也关注" in label]
    assert [label[2:6] for label in offered] == ["1003", "1002"]
    assert "松动" not in await zhen.new()
    await zhen.presses("报上去")
    assert (await stored(street, 1004)).text == "学校门口堆放杂物有隐患"


async def test_pin_comes_before_what_is_newer(street, zhen):
    await lamp(street)
    await street.villager.says("", location=(28.9000, 120.0000))
    for words in ("桥上护栏松动", "河边井盖没了"):
        await street.villager.says(f"/report hazard {words}")
        await street.villager.says("", location=(28.9500, 120.1000))
    await zhen.says("电线垂下来了，很危险")
    await zhen.says("", location=(28.9003, 120.0003))
    await zhen.says("在树旁边")
    offer = [message for message in await zhen.heard() if message.key == "report.quick"][-1]
    assert [label[2:6] for label in offer.buttons if "我也关注" in label] == ["1001", "1003"]


async def test_home_or_hidden_report_is_never_offered(street, zhen):
    await street.villager.says("/report hazard 李四家三楼电线老化")
    street.harness.at += timedelta(hours=1)
    await street.villager.says("河边井盖没了")
    await street.villager.presses("不让主任知道是我")
    await zhen.says("学校门口堆放杂物有隐患")
    assert not [label for message in await zhen.heard() for label in message.buttons if "我也关注" in label]


async def test_joiners_are_counted_on_the_card_and_not_named(street, zhen):
    await joins(street, zhen)
    assert "关注 1 人" in await card(street.chair)
    assert "阿珍" not in await card(street.chair)
    await zhen.presses_raw("answer", "quick", "what", "1001")
    assert (await stored(street)).followers == 1


async def test_follower_adds_words_and_a_photo_without_a_name(street, zhen):
    await joins(street, zhen)
    await street.look()
    await zhen.presses("我也补充")
    await zhen.says("三盏都不亮", media=PHOTO)
    told = await street.chair.new()
    assert "关注这件事的村民补充：<blockquote>三盏都不亮" in told
    assert "阿珍" not in told
    assert "已加到 <b>1001</b>" in await zhen.new()
    case = await stored(street)
    assert (case.photos, case.holder_id) == (1, None)
    assert "三盏" not in "".join(message.text for message in await street.villager.heard())
    await zhen.replies("已加到", "第二盏也修一下")
    assert "第二盏也修一下" in await street.chair.new()


async def test_words_of_a_follower_against_the_chair_never_reach_the_chair(street, zhen):
    await joins(street, zhen)
    await street.look()
    await zhen.presses("我也补充")
    await zhen.says("王建国主任把修灯的钱贪了")
    assert "要单独报" in await zhen.new()
    assert "贪" not in await street.chair.new()


async def test_only_followers_add(street, zhen):
    await lamp(street)
    for who in (zhen, street.villager, street.chair, street.secretary, street.other_chair, street.stranger):
        await who.presses_raw("f.add", 1001)
        await who.says("我也说一句")
    await street.harness.store.transact(lambda unit: unit.cases.follow(1001, zhen.person_id, at=street.harness.at))
    stays = await stored(street)
    await zhen.presses_raw("f.add", 1001)
    await zhen.says("", location=(28.9, 120.0))
    assert "位置不能加" in await zhen.new()
    assert replace(await stored(street), version=0) == replace(stays, version=0)
