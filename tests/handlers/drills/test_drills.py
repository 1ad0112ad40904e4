"""Drills in the chats: marked, like a real call in time and people, and not a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.people.people import Role
from storage.values import from_us
from tests.handlers.callouts.conftest import town_at_night as town_at_night
from texts import keys, plain

CALLED = ("chair", "officer", "duty")
BESIDE = ("admin", "secretary", "other_chair", "other_officer", "xu")
NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
#: Parts of messages: they are always inside a message with the mark.
PARTS = ("drill.line.",)


@pytest.fixture
def street(town_at_night):
    town_at_night.at = NOON
    return town_at_night


async def drills(street, who=None) -> None:
    """Let the leader start a drill of an illness in 上徐村."""
    who = who or street.leader
    street.began = street.at
    await who.says("/drill sos")
    await who.presses("有人病倒或受伤")
    await who.presses("上徐村")


async def heard(street, name: str, *, real: bool = False) -> list[tuple[str, int]]:
    """Return the messages to somebody since the start: of a drill, or the others."""
    found = []
    for each in await getattr(street, name).heard():
        after = (from_us(each.row["created_at"]) - street.began) // timedelta(seconds=1)
        if each.key.startswith("drill.") is not real and after >= 0:
            found.append((each.key, after))
    return found


async def last(who) -> str:
    return str((await who.heard())[-1].text)


async def rows(street, sql: str):
    return await street.store.transact(lambda unit: unit.transaction.fetch_all(sql))


# The mark -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "mark"), [("zh", "【演练】"), ("en", "[DRILL]")])
def test_every_message_and_button_of_a_drill_begins_with_the_mark(language, mark):
    whole = [key for key in keys(language) if key.startswith("drill.") and not key.startswith(PARTS)]
    assert len(whole) > 20
    names = ("number", "village", "what", "minutes", "seconds", "count", "answered", "lines")
    assert [key for key in whole if not plain(key, language, **dict.fromkeys(names, "1")).startswith(mark)] == []


async def test_first_screen_shows_the_three_numbers_and_the_mark(street):
    await street.leader.says("/drill sos")
    question = await last(street.leader)
    await drills(street)
    for text in (question, *[await last(getattr(street, name)) for name in CALLED]):
        assert text.startswith("【演练】")
        assert "110 / 119 / 120" in text
        assert "真有危险" in text


async def test_drill_has_verbs_of_its_own(street):
    await drills(street)
    for name in CALLED:
        card = (await getattr(street, name).heard())[-1]
        assert {verb for verb, _ in card.buttons.values()} == {"sd.go"}


# Like a real one ------------------------------------------------------------------------------------------------------


async def test_people_and_seconds_are_those_of_a_real_call(street):
    await drills(street)
    await street.time_passes(minutes=29)
    rehearsed = {name: [after for _, after in await heard(street, name)] for name in CALLED}
    await street.time_passes(minutes=11)
    street.began = street.at
    await street.xu.says("/sos 我爸胸口痛，喘不上气")
    await street.time_passes(minutes=29)
    for name in CALLED:
        real = [after for _, after in await heard(street, name, real=True)]
        assert rehearsed[name] == real, name
    assert sorted(set(rehearsed["chair"]))[:3] == [0, 90, 120]


async def test_nobody_beside_the_chain_hears_of_a_drill(street):
    await drills(street)
    await street.time_passes(minutes=40)
    for name in BESIDE:
        assert await heard(street, name) == [], name
    assert any(key == "drill.ring.wide" for key, _ in await heard(street, "officer"))


async def test_message_of_a_drill_never_goes_to_the_next_post(street):
    await drills(street)
    await street.time_passes(minutes=40)
    sent = await rows(street, "SELECT key, role, falls_upward AS escalates FROM outbox WHERE key LIKE 'drill.%' AND role <> ''")
    assert len(sent) > 5
    assert [row["key"] for row in sent if row["escalates"]] == []


async def test_rounds_stop_when_somebody_answers_and_the_others_may_still_answer(street):
    await drills(street)
    await street.time_passes(seconds=40)
    await street.chair.presses("我过去")
    assert "用了 40 秒" in street.chair.toasts[-1]
    await street.time_passes(minutes=5)
    assert not [key for name in CALLED for key, _ in await heard(street, name) if key.startswith("drill.ring")]
    await street.officer.presses("我过去")
    await street.chair.presses("到了")
    board = await last(street.leader)
    for words in ("王主任：40 秒应，5 分钟到", "张警官：340 秒", "没有应"):
        assert words in board


# The end --------------------------------------------------------------------------------------------------------------


async def test_drill_ends_by_itself_with_a_summary_after_half_an_hour(street):
    await drills(street)
    await street.time_passes(seconds=15)
    await street.chair.presses("我过去")
    await street.time_passes(minutes=29, seconds=44)
    assert not [key for key, _ in await heard(street, "leader") if key == "drill.summary"]
    await street.time_passes(seconds=2)
    text = await last(street.leader)
    assert "叫了 3 人，应了 1 人" in text
    assert "✔ 王主任：15 秒" in text
    assert "✖ 张警官：没有应" in text
    assert "演练结束" in await last(street.chair)
    assert "没有应" not in await last(street.chair)
    await street.chair.presses_raw("sd.go", 1)
    assert "已经结束" in street.chair.toasts[-1]
    before = len(await street.chair.heard())
    await street.time_passes(hours=30)
    assert len(await street.chair.heard()) == before


async def test_drill_is_ended_early_by_who_started_it_and_by_no_other_officer(street):
    await drills(street, street.officer)
    await street.other_officer.presses_raw("sd.end", 1)
    await street.duty.presses_raw("sd.end", 1)
    assert [row["state"] for row in await rows(street, "SELECT state FROM sos_drills")] == ["running"]
    await street.officer.presses("结束")
    assert "叫了 3 人" in await last(street.officer)
    assert await rows(street, "SELECT 1 AS n FROM timers WHERE subject = 'drill:1' AND state = 'waiting'") == []


async def test_one_drill_runs_in_a_village_at_a_time(street):
    await drills(street)
    await drills(street, street.officer)
    assert len(await rows(street, "SELECT id FROM sos_drills")) == 1


@pytest.mark.parametrize("who", ["other_officer", "chair", "duty", "xu", "admin", "secretary"])
async def test_drill_is_started_by_leader_and_own_officer_only(street, who):
    person = getattr(street, who)
    await person.says("/drill sos")
    if who in ("other_officer", "duty"):
        await person.presses("有人病倒或受伤")
        await person.says("上徐村")
    assert await rows(street, "SELECT id FROM sos_drills") == []
    assert await heard_by_called(street) == []


async def heard_by_called(street) -> list[str]:
    street.began = NOON
    return [key for name in ("chair", "officer") for key, _ in await heard(street, name) if key != "drill.danger.question"]


@pytest.mark.parametrize("verb", ["sd.go", "sd.here"])
async def test_answer_of_somebody_who_was_not_called_reads_like_no_drill(street, verb):
    await drills(street)
    for who in (street.leader, street.other_chair, street.other_officer):
        await who.presses_raw(verb, 1)
        await who.presses_raw(verb, 99)
        there, absent = who.toasts[-2:]
        assert there.replace("1", "99") == absent


# Beside the real ones -------------------------------------------------------------------------------------------------


async def test_drill_leaves_no_case_and_is_in_no_figure_but_its_own(street):
    await drills(street)
    await street.chair.presses("我过去")
    await street.time_passes(minutes=40)
    for table in ("cases", "scenes", "follow_ups", "sheet_lines"):
        assert await rows(street, f"SELECT 1 AS n FROM {table}") == []  # noqa: S608
    await street.leader.says("/sos_month 2026-06")
    assert "求助 0 件（误触另算：0 件；演练另算：1 次）" in await last(street.leader)
    await street.other_officer.says("/sos_month 2026-06")
    assert "演练另算：0 次" in await last(street.other_officer)
    await street.xu.says("/sos 我爸胸口痛，喘不上气")
    assert [row["id"] for row in await rows(street, "SELECT id FROM cases")] == [1001]


async def test_real_cry_during_a_drill_is_real_and_ends_the_drill(street):
    await drills(street)
    await street.time_passes(seconds=30)
    street.began = street.at
    await street.xu.says("/sos 我爸胸口痛，喘不上气")
    assert await heard(street, "xu") == []
    for name in (*CALLED, "leader"):
        cards = [each for each in await getattr(street, name).heard() if each.card == "case:1001"]
        assert cards, name
        assert "演练" not in cards[-1].text
        assert cards[-1].priority == 0
    assert [row["state"] for row in await rows(street, "SELECT state FROM sos_drills")] == ["ended"]
    await street.time_passes(minutes=4)
    assert [after for key, after in await heard(street, "chair", real=True) if key.startswith("scene.ring")] == [90, 120]


async def test_drill_does_not_start_while_a_real_call_waits(street):
    await street.xu.says("/sos 我爸胸口痛，喘不上气")
    await drills(street)
    assert await rows(street, "SELECT id FROM sos_drills") == []
    assert "现在有真的求助" in street.leader.toasts[-1]
    await street.chair.presses("我过去")
    await street.chair.presses("到了")
    await drills(street)
    assert len(await rows(street, "SELECT id FROM sos_drills")) == 1


async def test_drill_goes_on_when_somebody_in_it_must_not_hear_of_the_real_case(street):
    await drills(street)
    await street.xu.says("/sos 王建国主任拿刀打人")
    chair = [each for each in await street.chair.heard() if each.card == "case:1001"]
    assert chair == []
    assert [row["state"] for row in await rows(street, "SELECT state FROM sos_drills")] == ["running"]


async def test_cry_inside_the_questions_of_a_drill_is_real(street):
    await street.officer.says("/drill sos")
    await street.officer.says("救命！有人掉河里了！")
    said = await last(street.officer)
    assert "110" in said
    assert "【演练】" not in said


async def test_person_without_a_chat_is_in_the_summary_and_nobody_is_called_in_their_place(street):
    await street.person("陈副主任", Role.CHAIR, "上徐村", reachable=False)
    await drills(street)
    await street.time_passes(minutes=31)
    assert await heard(street, "admin") == []


@pytest.mark.parametrize("hours", [0, 12])
async def test_drill_makes_no_noise_in_quiet_hours(street, hours):
    await street.time_passes(hours=hours)
    await drills(street)
    silent = {row["silent"] for row in await rows(street, "SELECT silent FROM outbox WHERE key = 'drill.call' AND role <> ''")}
    assert silent == {1 if hours else 0}
