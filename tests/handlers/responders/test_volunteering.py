"""Volunteers: consent, the switch, which calls reach them, and which never do."""

from __future__ import annotations

import pytest

from domain.core.change import Priority
from domain.people.people import Role
from tests.handlers.callouts.test_places import PIN, places_of
from tests.handlers.responders.conftest import board_of

ILL = "/sos 我爸胸口痛，喘不上气"


async def volunteer(town, name, village="上徐村", *, fire="能"):
    who = await town.person(name, Role.VILLAGER, village)
    await who.says("/responder")
    await who.presses("我愿意")
    for label in ("满了", "同意", fire):
        await who.presses(label)
    await who.says("2026-03-08")
    await who.new()
    return who


async def stored(town, who):
    return await town.store.transact(lambda unit: unit.volunteers.find(who.person_id))


async def calls(who) -> list[str]:
    return [heard.text for heard in await who.heard() if heard.card.startswith("callout:")]


async def test_adult_who_agrees_is_a_volunteer_and_reads_what_is_kept(town_at_night):
    who = await town_at_night.person("陈红", Role.VILLAGER, "上徐村")
    await who.says("/responder")
    await who.presses("我愿意")
    await who.presses("满了")
    said = await who.new()
    assert "民法典第 184 条" in said
    assert "不问生日" in said
    assert await stored(town_at_night, who) is None
    await who.presses("同意")
    await who.presses("不能")
    await who.says("2025年3月")
    mine = await stored(town_at_night, who)
    assert (mine.active, mine.fights_fire, str(mine.trained_on)) == (True, False, "2025-03-01")
    assert "学过心肺复苏：2025-03-01" in await who.new()


@pytest.mark.parametrize("answers", [("没满",), ("满了", "不同意")])
async def test_nothing_is_kept_of_minors_and_of_those_who_do_not_agree(town_at_night, answers):
    who = await town_at_night.person("陈红", Role.VILLAGER, "上徐村")
    await who.presses_raw("w.join")
    for label in answers:
        await who.presses(label)
    assert await stored(town_at_night, who) is None
    assert "什么都没记" in await who.new()
    await town_at_night.xu.says(ILL)
    assert await calls(who) == []


@pytest.mark.parametrize(("words", "mark"), [("2024-05-01", "⚠"), ("2025-05-01", "🫀"), ("0", "没学过")])
async def test_training_of_more_than_two_years_ago_is_marked(town_at_night, words, mark):
    who = await volunteer(town_at_night, "陈红")
    await who.says("/responder")
    await who.presses("培训日期")
    await who.says("2099-01-01")
    assert "不能是以后的日子" in await who.new()
    await who.says(words)
    assert mark in await who.new()


async def test_volunteers_of_the_village_are_called_at_once_and_read_no_words(town_at_night):
    who = await volunteer(town_at_night, "陈红")
    far = await volunteer(town_at_night, "李四", "下李村")
    await town_at_night.xu.says("/sos 我爸胸口痛，喘不上气，桥头三号")
    heard = (await who.heard())[-1]
    assert (heard.card, heard.priority, heard.row["silent"]) == ("callout:1001", Priority.SOS, 0)
    assert "上徐村" in heard.text
    assert "病倒" in heard.text
    assert not any(word in heard.text for word in ("胸口", "老徐", "三号", "1380000"))
    assert await calls(far) == []


async def test_words_and_place_are_shown_after_a_yes_only(town_at_night):
    who = await volunteer(town_at_night, "陈红")
    await town_at_night.xu.says("/sos 我爸胸口痛，喘不上气，桥头三号")
    await town_at_night.xu.says("", location=PIN)
    await who.presses_raw("r.loc", 1001)
    assert not [heard for heard in await who.heard() if "latitude" in heard.row["media"]]
    await who.presses("我过去")
    assert "桥头三号" in await board_of(who)
    assert "老徐" not in await board_of(who)
    assert "有人说过去帮你了" in await town_at_night.xu.new()
    await who.presses("看位置")
    assert [heard for heard in await who.heard() if "latitude" in heard.row["media"]]
    await town_at_night.officer.presses("我过去")
    assert "陈师傅（志愿者）" in await board_of(town_at_night.officer)
    assert "陈" not in await board_of(town_at_night.leader)
    await town_at_night.officer.says("/close 1001 送医院了")
    await town_at_night.time_passes(hours=25)
    assert await places_of(town_at_night) == []


@pytest.mark.parametrize(
    "words",
    ["/sos 村口有人拿刀砍人", "/sos 我老公打我，流血了", "/sos 我不想活了，喝了农药", "/sos 王建国把我打晕了", "/sos 家里煤气泄漏了"],
)
async def test_volunteers_are_never_called_to_violence_and_what_is_kept_back(town_at_night, words):
    who = await volunteer(town_at_night, "陈红")
    await town_at_night.xu.says(words)
    await town_at_night.time_passes(minutes=16)
    assert await calls(who) == []


async def test_fire_calls_only_those_who_said_that_they_can(town_at_night):
    fit, unfit = await volunteer(town_at_night, "陈红"), await volunteer(town_at_night, "周兰", fire="不能")
    await town_at_night.xu.says("/sos 房子着火了，烧起来了")
    assert await calls(fit) != []
    assert await calls(unfit) == []


async def test_switch_and_end_stop_the_calls(town_at_night):
    off, gone = await volunteer(town_at_night, "陈红"), await volunteer(town_at_night, "周兰")
    await off.says("/responder")
    await off.presses("先关掉")
    await gone.says("/responder")
    await gone.presses("退出")
    assert await stored(town_at_night, gone) is None
    await town_at_night.xu.says(ILL)
    assert await calls(off) == await calls(gone) == []


async def test_own_call_new_accounts_and_parties_are_not_called(town_at_night):
    await volunteer(town_at_night, "陈红")
    new = await volunteer(town_at_night, "周兰")

    async def young(unit):
        from storage.values import to_us

        await unit.transaction.execute("UPDATE people SET created_at = ? WHERE id = ?", (to_us(town_at_night.at), new.person_id))

    await town_at_night.store.transact(young)
    await town_at_night.xu.says("/responder")
    await town_at_night.xu.presses("我愿意")
    for label in ("满了", "同意", "能", "没学过"):
        await town_at_night.xu.presses(label)
    await town_at_night.xu.says(ILL)
    assert await calls(new) == []
    assert await calls(town_at_night.xu) == []


async def test_volunteers_read_stop_when_it_was_a_mistake_and_the_call_when_it_begins_again(town_at_night):
    who = await volunteer(town_at_night, "陈红")
    await town_at_night.xu.says(ILL)
    await town_at_night.xu.presses("误触")
    last = [heard for heard in await who.heard() if heard.card == "callout:1001"][-1]
    assert "结束了，不用去了" in last.text
    assert last.row["silent"] == 0
    await town_at_night.xu.says("/reopen 1001 又痛了")
    assert "能去就点" in (await calls(who))[-1]


async def test_volunteer_who_is_erased_leaves_nothing(town_at_night):
    who = await volunteer(town_at_night, "陈红")
    await town_at_night.xu.says(ILL)
    await who.presses("我过去")
    await town_at_night.store.transact(lambda unit: unit.privacy.forget(who.person_id, at=town_at_night.at))
    assert await stored(town_at_night, who) is None
    assert await town_at_night.store.transact(lambda unit: unit.callouts.find(1001, who.person_id)) is None


async def test_chair_and_officer_read_who_is_trained_and_nobody_else_does(town_at_night):
    fit, old, never = [await volunteer(town_at_night, name) for name in ("陈红", "周兰", "吴强")]
    await volunteer(town_at_night, "李四", "下李村")
    for who, day in ((old, "2024-05-01"), (never, "0")):
        await who.says("/responder")
        await who.presses("培训日期")
        await who.says(day)
    await never.says("/responder")
    await never.presses("先关掉")
    for who in (town_at_night.chair, town_at_night.officer):
        await who.says("/responder")
        await who.new()
        await who.presses("志愿者名单")
        lines = [line for line in (await who.new()).splitlines() if line.startswith("·")]
        assert lines == ["· 陈红：🫀 2026-03-08 🔥", "· 周兰：⚠ 2024-05-01，超过两年 🔥", "· 吴强：没学过心肺复苏 🔥（关着）"], who.name
    number = town_at_night.villages["上徐村"]
    others = (town_at_night.other_chair, town_at_night.other_officer, town_at_night.duty, town_at_night.leader)
    for who in (*others, town_at_night.secretary, town_at_night.admin, town_at_night.xu, fit, town_at_night.stranger()):
        await who.presses_raw("w.list", number)
        await who.says("/responder")
        said = "".join(heard.text for heard in await who.heard())
        assert not any(name in said for name in ("周兰", "吴强")), who.name
    audit = "SELECT actor_id FROM audit WHERE action = 'volunteers.list'"
    rows = await town_at_night.store.transact(lambda unit: unit.transaction.fetch_all(audit))
    assert [row["actor_id"] for row in rows] == [town_at_night.chair.person_id, town_at_night.officer.person_id]
