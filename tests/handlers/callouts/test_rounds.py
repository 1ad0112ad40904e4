"""The rounds of an urgent case in the chats: recipients, instants, end, excluded people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.core.change import Priority
from domain.people.people import Role
from storage.values import from_us

VILLAGE = ("王建国", "张伟", "钱丽", "李国强")
POLICE = ("张伟", "钱丽", "李国强")
BESIDE = ("管小平", "孙刚")


def everybody(street):
    return (
        street.chair,
        street.officer,
        street.duty,
        street.leader,
        street.admin,
        street.secretary,
        street.other_chair,
        street.other_officer,
    )


async def called(street, key: str) -> list[tuple[str, int]]:
    """Return the recipients of messages whose key begins so, and the seconds after the start."""
    found = []
    for who in everybody(street):
        for heard in await who.heard():
            if heard.key.startswith(key):
                after = from_us(heard.row["created_at"]) - street.began
                found.append((who.name, int(after / timedelta(seconds=1))))
    return sorted(found, key=lambda each: (each[1], each[0]))


async def cries(street, words: str = "我爸胸口痛，喘不上气") -> None:
    street.began = street.at
    await street.xu.says(f"/sos {words}")


@pytest.fixture
def street(town_at_night):
    return town_at_night


async def test_everybody_is_called_at_once_with_sound_at_three_in_the_morning(street):
    await cries(street)
    for who in (street.chair, street.officer, street.duty, street.leader):
        card = (await who.heard())[-1]
        assert (card.card, card.priority, card.row["silent"], card.row["not_before"]) == (
            "case:1001", Priority.SOS, 0, card.row["created_at"],
        ), who.name  # fmt: skip
        assert "还没有人去" in card.text
        assert "我过去" in card.buttons
    for who in (street.admin, street.secretary, street.other_chair, street.other_officer):
        assert await who.heard() == [], who.name


async def test_reporter_reads_who_was_called_and_is_asked_for_the_place(street):
    await cries(street)
    receipt, place = (await street.xu.heard())[-2:]
    assert "已经发给：王主任、张警官、值班室钱警官、李所长" in receipt.text
    assert "前联系你" not in receipt.text
    assert place.row["ask"] == "location"
    assert "你在哪里" in place.text


async def test_reporter_reads_that_nobody_can_be_reached_when_nobody_can(street):
    async def nobody(unit):
        for who in (street.chair, street.officer, street.duty, street.leader):
            await unit.transaction.execute("UPDATE addresses SET unreachable_at = 1 WHERE person_id = ?", (who.person_id,))

    await street.store.transact(nobody)
    await cries(street)
    said = await street.xu.new()
    assert "现在没有人收得到" in said
    assert "已经发给" not in said


async def test_rounds_call_the_people_of_each_round(street):
    await cries(street)
    await street.time_passes(minutes=16)
    everyone = sorted(VILLAGE)
    assert await called(street, "scene.ring") == [
        *((name, 90) for name in everyone),
        *((name, 120) for name in everyone),
        *((name, 300) for name in sorted(POLICE)),
        *((name, 600) for name in sorted(POLICE)),
        *((name, 900) for name in everyone),
    ]
    assert await called(street, "scene.wide") == [*((name, 600) for name in sorted(BESIDE)), *((name, 900) for name in sorted(BESIDE))]
    for who in everybody(street):
        rings = [heard for heard in await who.heard() if heard.key.startswith("scene.")]
        assert all((heard.row["silent"], heard.priority) == (0, Priority.SOS) for heard in rings)


async def test_every_five_minutes_everybody_is_called_until_a_person_answers(street):
    await cries(street)
    await street.time_passes(hours=2)
    last = (await called(street, "scene.ring"))[-1]
    assert last[1] == 7200
    await street.duty.presses("我过去")
    await street.time_passes(hours=1)
    assert (await called(street, "scene.ring"))[-1] == last


async def test_second_minute_gives_numbers_and_asks_the_desk_to_phone(street):
    await cries(street)
    await street.time_passes(minutes=2)
    desk = (await street.duty.heard())[-1]
    assert desk.key == "scene.ring.desk"
    assert "请值班室马上打" in desk.text
    assert all(name in desk.text for name in ("王建国", "张伟", "报事人"))
    chair = (await street.chair.heard())[-1].text
    assert "报事人" in chair
    assert "李国强" not in chair  # a chair does not see a leader's number
    assert "还没有人接手。请再打一次 <b>110</b>" in await street.xu.new()


async def test_people_beside_learn_number_village_and_kind_and_no_word(street):
    await cries(street, "我爸胸口痛，喘不上气，地址桥头三号")
    await street.time_passes(minutes=10)
    for who in (street.admin, street.other_officer):
        said = await who.new()
        assert "1001" in said
        assert "上徐村" in said
        assert "病倒" in said
        assert not any(word in said for word in ("胸口", "桥头", "老徐", "1380000"))
        await who.presses_raw("c.all", 1001)
        assert "胸口" not in await who.new()


async def test_one_call_is_pending_for_a_chat_when_nothing_is_delivered(street):
    await cries(street)
    await street.time_passes(minutes=30)
    for who in (street.chair, street.duty, street.admin):
        waiting = [heard for heard in await who.heard() if heard.row["state"] == "waiting" and heard.key.startswith("scene.")]
        assert len(waiting) == 1, who.name


async def test_rounds_missed_while_the_bot_was_down_are_one_late_call_that_says_so(street):
    await cries(street)
    street.at += timedelta(minutes=12)  # nothing ran
    await street.time_passes(seconds=1)
    rings = [heard for heard in await street.officer.heard() if heard.key.startswith("scene.ring")]
    assert len(rings) == 1
    assert "晚了 10 分钟" in rings[0].text
    assert len([heard for heard in await street.admin.heard() if heard.key == "scene.wide"]) == 1
    assert "还没有人接手" in await street.xu.new()
    await street.time_passes(minutes=4)
    assert "晚了" not in [heard for heard in await street.officer.heard() if heard.key.startswith("scene.ring")][-1].text


async def test_acceptance_stops_the_rounds_and_everybody_called_learns_it(street):
    await cries(street)
    await street.time_passes(minutes=11)
    await street.officer.presses("我过去")
    for who in (street.chair, street.duty, street.leader):
        assert "张警官说马上过去" in next(heard for heard in await who.heard() if heard.key == "scene.ack.to_called").text, who.name
    for who in (street.admin, street.other_officer):
        last = [heard for heard in await who.heard() if heard.card == "case:1001:wide"][-1]
        assert (last.key, last.row["silent"]) == ("scene.wide.taken", 1)
        assert "张" not in last.text
    assert "张警官接到了，说马上过去" in await street.xu.new()
    before = len(await street.outbox())
    await street.time_passes(minutes=9)
    assert len(await street.outbox()) == before


async def test_chair_can_answer_in_every_round(street):
    await cries(street)
    await street.time_passes(minutes=20)
    await street.chair.presses("我过去")
    assert "王主任接到了" in await street.xu.new()


async def test_card_shows_rounds_and_who_goes(street):
    await cries(street)
    await street.time_passes(minutes=3)
    card = [heard for heard in await street.chair.heard() if heard.card == "case:1001"][-1].text
    assert "病倒" in card
    assert "叫了 3 遍" in card
    await street.officer.presses("我过去")
    assert "张警官说马上过去" in [heard for heard in await street.chair.heard() if heard.card == "case:1001"][-1].text


async def test_named_chair_and_their_deputy_hear_nothing_in_any_round(street):
    deputy = await street.person("徐明", Role.MEMBER, "上徐村")

    async def on_leave(unit):
        await unit.transaction.execute(
            "INSERT INTO leaves (person_id, deputy_id, from_at, until_at) VALUES (?, ?, ?, ?)",
            (street.chair.person_id, deputy.person_id, 0, 2**60),
        )

    await street.store.transact(on_leave)
    await cries(street, "王建国打我，流血了，救命")
    await street.time_passes(hours=1)
    for who in (street.chair, deputy, street.secretary, street.other_chair):
        assert await who.heard() == [], who.name
    assert [name for name, _ in await called(street, "scene.ring")][:3] == sorted(POLICE)


async def test_violence_at_home_calls_the_police_only_and_makes_no_sound_at_the_reporter(street):
    street.at += timedelta(hours=8)  # by day nothing else silences a message
    await cries(street, "我老公打我，流血了")
    await street.time_passes(minutes=16)
    assert await street.chair.heard() == []
    told = [heard for heard in await street.xu.heard() if heard.key.startswith(("case.", "scene.", "parcel."))]
    assert told
    assert all(heard.row["silent"] for heard in told)
    assert not any(word in heard.text for heard in told for word in ("打", "动手", "老公") if "110" not in heard.text)


async def test_excluded_officer_of_a_neighbour_village_is_not_called_in_the_wide_round(street):
    await cries(street)
    await street.store.transact(
        lambda unit: unit.transaction.execute(
            "INSERT INTO case_parties (case_id, person_id, side, added_at) VALUES (1001, ?, 'excluded', 1)",
            (street.other_officer.person_id,),
        )
    )
    await street.store.transact(lambda unit: unit.transaction.execute("UPDATE cases SET parties = 1 WHERE id = 1001"))
    await street.time_passes(minutes=16)
    assert await street.other_officer.heard() == []
    assert await street.admin.heard() != []


async def test_urgent_report_without_the_button_runs_in_rounds_too(street):
    street.began = street.at
    await street.xu.says("/report hazard 房子着火了，烧起来了")
    await street.time_passes(minutes=2)
    assert {name for name, _ in await called(street, "scene.ring")} == set(VILLAGE)
