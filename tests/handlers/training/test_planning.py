"""Training in the village: called, answered, waited for, moved, signed in, counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.handling.dispatch import perform_due
from domain.core.change import Address, ChatId
from domain.people.people import Role
from domain.training import CALLS_A_DAY, CALLS_A_DAY_BY_POLICE, Answer, State
from storage.engine.database import Conflict
from storage.values import to_us
from tests.handlers.training.conftest import Place, announced, before_start

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.handler_harness import Voice


# Calling ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.VILLAGER, Role.MEMBER, Role.SECRETARY, Role.ADMIN])
async def test_only_chairs_and_police_call_people_to_a_training(place: Place, role: Role):
    person = await place.harness.person("某人", role, "上徐村")
    await person.presses_raw("tnew")
    assert "不归你" in person.toasts[-1]
    await person.presses_raw("menu.training")
    assert "办一场" not in str((await person.heard())[-1].buttons)


async def test_the_preview_counts_and_nobody_hears_before_it_is_confirmed(place: Place):
    await place.officer.presses_raw("tnew")
    for words in ("心肺复苏实操", "周四 14:00", "2", "镇文化礼堂", "30"):
        await place.officer.says(words)
    preview = (await place.officer.heard())[-1]
    assert "还没有通知" in preview.text
    assert "治保会和村书记 2 人，村民 2 人" in preview.text
    assert not await place.villager.heard()
    await place.officer.presses("发通知")
    await place.harness.time_passes(seconds=1)
    for who in (place.chair, place.member, place.villager, place.neighbour):
        (invitation,) = await who.heard()
        assert invitation.key == "training.invitation"
        assert invitation.priority == 5
        assert list(invitation.buttons) == ["参加", "去不了", "看地点"]
    assert not await place.outsider.heard()


async def test_a_chair_calls_as_the_chair_of_his_village_and_an_officer_as_the_police(place: Place):
    await announced(place, place.chair)
    (said,) = await place.told(place.villager, "training.invitation")
    assert "上徐村治保主任 王主任" in said
    assert "禾安所" not in said
    await announced(place, place.officer)
    assert "张警官 · 禾安所" in (await place.told(place.villager, "training.invitation"))[-1]
    await place.loses_posts(place.chair)
    await place.villager.presses_raw("tcard", 1)
    assert "治保主任" not in (await place.told(place.villager, "training.card"))[-1]


async def test_nobody_is_called_or_told_of_a_change_at_night(place: Place):
    await place.harness.time_passes(hours=15)  # midnight
    morning = place.harness.at + timedelta(hours=7)
    await announced(place, place.chair)
    assert "早上再通知" in place.chair.toasts[-1]
    await place.villager.presses_raw("tyes", 1)
    await place.chair.presses_raw("tmove", 1)
    await place.chair.says("周五 14:00")
    await place.chair.presses_raw("tcancelok", 1)
    told = {message.key: message.row for message in await place.villager.heard()}
    assert {key: row["not_before"] for key, row in told.items() if key != "training.card"} == dict.fromkeys(
        ("training.invitation", "training.changed", "training.cancelled"), to_us(morning)
    )


async def test_a_training_before_the_morning_makes_no_noise_at_night(place: Place):
    await place.harness.time_passes(hours=15)
    await announced(place, when="6:00")
    (message,) = [each for each in await place.villager.heard() if each.key == "training.invitation"]
    assert message.row["not_before"] < to_us(place.harness.at) + 1
    assert message.row["silent"]


@pytest.mark.parametrize(("role", "most"), [(Role.CHAIR, CALLS_A_DAY), (Role.OFFICER, CALLS_A_DAY_BY_POLICE)])
async def test_nobody_calls_a_village_all_day(place: Place, role: Role, most: int):
    organiser = place.chair if role is Role.CHAIR else place.officer
    await announced(place, organiser)
    for turn in range(most):
        await organiser.presses_raw("tmove", 1)
        await organiser.says(f"周四 15:{turn:02}")
        await place.harness.time_passes(minutes=1)
    assert (await place.training()).turn == most
    assert f"一天最多通知 {most} 次" in await organiser.new()
    await organiser.says("取消")
    await place.harness.time_passes(days=1)
    await organiser.presses_raw("tmove", 1)
    await organiser.says("周四 16:00")
    assert (await place.training()).turn == most + 1


async def test_a_leader_chooses_villages_and_a_chair_has_only_his_own(place: Place):
    await announced(place, place.leader, villages="上徐村、下李村")
    assert await place.told(place.outsider, "training.invitation")
    await announced(place, place.chair)
    assert (await place.training(2)).villages == (place.harness.villages["上徐村"],)
    assert not await place.told(place.chair, "training.is.draft")


@pytest.mark.parametrize("when", ["昨天 14:00", "2020-01-01 10:00", "随便", "", "2099年1月1日 10:00", "x" * 4000])
async def test_a_time_that_is_past_or_unreadable_is_asked_again(place: Place, when: str):
    await place.officer.presses_raw("tnew")
    await place.officer.says("心肺复苏")
    await place.officer.says(when)
    asked = (await place.officer.heard())[-1]
    assert (asked.key, asked.row["params"].count("training.when_again"), asked.row["params"].count("training.when.question")) == (
        "dialog.again",
        1,
        1,
    )


async def test_a_location_is_kept_and_shown_with_the_place(place: Place):
    await place.officer.presses_raw("tnew")
    for words in ("心肺复苏", "周四 14:00", "2"):
        await place.officer.says(words)
    await place.officer.says("", location=(28.9, 120.1))
    for words in ("镇文化礼堂", "0"):
        await place.officer.says(words)
    await place.officer.presses("发通知")
    await place.harness.time_passes(seconds=1)
    await place.villager.presses("看地点")
    assert "120.1" in (await place.villager.heard())[-1].row["media"]


async def test_another_s_preview_and_one_whose_village_was_handed_over_are_not_announced(place: Place):
    await place.officer.presses_raw("tnew")
    for words in ("心肺复苏", "周四 14:00", "2", "镇文化礼堂", "0"):
        await place.officer.says(words)
    for who in (place.leader, place.chair, place.other):
        await who.presses_raw("tgo", 1)
        assert "没有找到" in who.toasts[-1]
    await place.loses_posts(place.officer)
    await place.officer.presses_raw("tgo", 1)
    assert (await place.training()).state is State.DRAFT


# Answers and places -------------------------------------------------------------------------------------------------------


async def test_an_answer_shows_on_one_s_card_and_on_the_board(place: Place):
    await announced(place, capacity="30")
    await place.villager.presses("参加")
    card = (await place.villager.heard())[-1]
    assert card.card == "training:1"
    assert "你说参加" in card.text
    assert "还有 29 个名额" in card.text
    assert "✅ 参加 1" in (await place.officer.heard())[-1].text
    await place.villager.presses("去不了")
    assert "❌ 去不了 1" in (await place.officer.heard())[-1].text


async def test_the_last_place_is_given_once_and_goes_on_to_who_waits_longest(place: Place):
    await announced(place, capacity="1")
    await place.villager.presses("参加")
    await place.neighbour.presses("参加")
    await place.member.presses("参加")
    assert "候补第 1 个" in (await place.neighbour.heard())[-1].text
    assert "候补第 2 个" in (await place.member.heard())[-1].text
    answers = {name: each.answer for name, each in (await place.people()).items()}
    assert answers == {"徐大爷": "yes", "徐大妈": "waiting", "小赵": "waiting"}
    await place.villager.presses("去不了")
    assert await place.told(place.neighbour, "training.promoted")
    assert not await place.told(place.member, "training.promoted")
    await place.villager.presses("参加")
    assert "候补第 2 个" in (await place.villager.heard())[-1].text
    yes = [each for each in (await place.people()).values() if each.answer == "yes"]
    assert [each.name for each in yes] == ["徐大妈"]


async def test_of_two_who_decide_on_the_same_version_one_is_refused(place: Place):
    await announced(place, capacity="1")
    training = await place.training()

    async def answers(unit: Unit, who: Voice) -> None:
        assert who.person_id is not None
        await unit.trainings.put_answer(training, who.person_id, Answer.YES, village_id=None, at=place.harness.at)

    await place.harness.store.transact(lambda unit: answers(unit, place.villager))
    with pytest.raises(Conflict):
        await place.harness.store.transact(lambda unit: answers(unit, place.neighbour))
    assert list(await place.people()) == ["徐大爷"]


async def test_pressing_twice_changes_nothing(place: Place):
    await announced(place, capacity="1")
    await place.villager.presses("参加")
    await place.villager.presses_raw("tyes", 1)
    assert "还可以排候补" in (await place.villager.heard())[-1].text
    assert len(await place.events("training.answer")) == 1


async def test_who_is_not_called_finds_nothing(place: Place):
    await announced(place)
    stranger = place.harness.stranger()
    for verb in ("tyes", "tno", "tplace", "tcard"):
        await place.outsider.presses_raw(verb, 1)
        assert "没有找到" in place.outsider.toasts[-1]
        await stranger.presses_raw(verb, 1)
    for verb in ("tboard", "tcode", "tmove", "twhere", "tcancel", "tcancelok"):
        for who in (place.other, place.chair, place.villager):
            await who.presses_raw(verb, 1)
    for verb in ("tlist", "tpeople"):
        await place.other.presses_raw(verb, 1, 0)
        await place.chair.presses_raw(verb, 1, 0)
    assert not await place.people()
    assert (await place.training()).state is State.ANNOUNCED
    assert not await place.other.heard()
    code = (await place.training()).code
    assert not [message for message in await place.harness.outbox() if code in message.text]


async def test_an_answer_after_the_beginning_is_refused(place: Place):
    await announced(place)
    await before_start(place)
    await place.villager.presses_raw("tyes", 1)
    assert "已经开始" in place.villager.toasts[-1]


@pytest.mark.parametrize("values", [(), ("x",), ("-1",), ("1", "2"), ("٣",), ("9" * 30,), ("1", "x"), ("99999", "0")])
async def test_forged_values_are_answered(place: Place, values: tuple[str, ...]):
    organiser = await announced(place)
    before = len(organiser.toasts)
    for verb in ("tyes", "tno", "tplace", "tcard", "tboard", "tcode", "tlist", "tin", "tadd", "tpeople", "tmove", "tgo", "tcancelok"):
        if values[:1] != ("1",) or verb in ("tlist", "tin", "tpeople"):
            await organiser.presses_raw(verb, *values)
    assert len(organiser.toasts) > before
    assert (await place.training()).state is State.ANNOUNCED


# Reminders ----------------------------------------------------------------------------------------------------------------


async def test_who_said_yes_is_reminded_a_day_and_an_hour_before_and_nobody_else(place: Place):
    await announced(place)
    await place.villager.presses("参加")
    await place.neighbour.presses("去不了")
    await before_start(place)
    assert len(await place.told(place.villager, "training.reminder.h24")) == 1
    assert len(await place.told(place.villager, "training.reminder.h1")) == 1
    assert not [key for key in [message.key for message in await place.neighbour.heard()] if "reminder" in key]


async def wakes_up(place: Place, **ahead: float) -> None:
    """The bot was down and comes back some time before the start: everything due acts now."""
    place.harness.at = (await place.training()).starts_at - timedelta(**ahead)
    harness = place.harness
    for due in await harness.store.transact(lambda unit: unit.timers.list_due(at=harness.at, limit=100)):

        async def ctx(unit: Unit, due=due) -> None:
            await perform_due(unit, due, harness.table, town=harness.town, at=harness.at)

        await harness.store.transact(ctx)


@pytest.mark.parametrize(
    ("hours", "heard", "skipped"),
    [
        (20, ["training.reminder.h24"], []),
        (0.5, ["training.reminder.h1"], [(24, "overtaken")]),
        (-1, [], [(24, "too_late"), (1, "too_late")]),
    ],
)
async def test_after_downtime_a_reminder_comes_once_if_it_still_helps(
    place: Place, hours: float, heard: list[str], skipped: list[tuple[int, str]]
):
    await announced(place)
    await place.villager.presses("参加")
    await wakes_up(place, hours=hours)
    assert [message.key for message in await place.villager.heard() if "reminder" in message.key] == heard
    assert [(data["hours"], data["reason"]) for data in await place.events("training.reminder_skipped")] == skipped


# Changing -----------------------------------------------------------------------------------------------------------------


async def test_another_time_is_told_to_who_answered_and_moves_the_reminders(place: Place):
    await announced(place)
    await place.villager.presses("参加")
    await place.neighbour.presses("去不了")
    await place.officer.presses("改时间")
    await place.officer.says("周五 9:00")
    for who in (place.villager, place.neighbour):
        (changed,) = await place.told(who, "training.changed")
        assert "周五 09:00" in changed
    assert not await place.told(place.member, "training.changed")
    await place.harness.time_passes(days=3, hours=5)
    assert len(await place.told(place.villager, "training.reminder.h24")) == 1
    assert not await place.told(place.villager, "training.reminder.h1")
    await before_start(place)
    assert len(await place.told(place.villager, "training.reminder.h1")) == 1


async def test_who_was_still_to_be_told_is_told_the_new_place_only(place: Place):
    await announced(place)
    await place.officer.presses("改地点")
    await place.officer.says("老年活动中心")
    messages = [message for message in await place.villager.heard() if message.key == "training.invitation"]
    assert [message.row["state"] for message in messages] == ["superseded", "waiting"]
    assert "老年活动中心" in messages[-1].text


async def test_a_training_that_is_called_off_asks_first_and_tells_who_answered(place: Place):
    await announced(place)
    await place.villager.presses("参加")
    await place.officer.presses("取消培训")
    assert (await place.training()).state is State.ANNOUNCED
    await place.officer.presses("取消，通知大家")
    assert await place.told(place.villager, "training.cancelled")
    await place.neighbour.presses_raw("tyes", 1)
    assert "已取消" in place.neighbour.toasts[-1]
    await place.harness.time_passes(days=4)
    assert not [message for message in await place.harness.outbox() if "reminder" in message.key or "summary" in message.key]


# On the spot --------------------------------------------------------------------------------------------------------------


async def test_the_code_signs_in_from_an_hour_before_to_two_hours_after(place: Place):
    await announced(place)
    code = (await place.training()).code
    await before_start(place, minutes=61)
    await place.villager.says(f"/training {code}")
    assert not await place.people()
    await before_start(place, minutes=59)
    await place.villager.says("/training " + code.translate({48 + digit: 0xFF10 + digit for digit in range(10)}))
    assert (await place.people())["徐大爷"].came
    assert "徐大爷 签到了" in (await place.villager.heard())[-1].text
    await place.villager.says(f"/training {code}")
    assert "已经签过" in (await place.villager.heard())[-1].text
    await place.harness.time_passes(hours=5)
    await place.neighbour.says(f"/training {code}")
    assert "徐大妈" not in await place.people()


async def test_five_wrong_codes_an_hour_are_all(place: Place):
    await announced(place)
    await before_start(place)
    code = (await place.training()).code
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    for _ in range(5):
        await place.villager.says(f"/training {wrong}")
    await place.villager.says(f"/training {code}")
    assert "错得太多" in (await place.villager.heard())[-1].text
    assert not await place.people()
    await place.neighbour.says(f"/training {code}")
    await place.harness.time_passes(minutes=61)
    await place.villager.says(f"/training {code}")
    assert set(await place.people()) == {"徐大爷", "徐大妈"}


async def test_the_qr_code_signs_in_who_has_joined(place: Place):
    await announced(place)
    await before_start(place)
    await place.officer.presses("签到码")
    shown = (await place.officer.heard())[-1]
    training = await place.training()
    link = f"t1-{training.token}"
    assert link in shown.row["media"]
    assert training.code in shown.text
    stranger = place.harness.stranger()
    await stranger.says(f"/start {link}")
    assert "先加入" in (await stranger.heard())[-1].text
    await place.villager.says(f"/start {link}")
    assert (await place.people())["徐大爷"].came
    await place.neighbour.says("/start t1-AAAAAAAAAAAAAAAA")
    assert "签到码不对" in (await place.neighbour.heard())[-1].text
    assert "徐大妈" not in await place.people()


async def test_the_organiser_signs_others_in_by_list_and_by_name(place: Place):
    await announced(place)
    await place.villager.presses("参加")
    await place.officer.presses_raw("tin", 1, place.villager.person_id or 0, 0)
    assert "现在不能签到" in place.officer.toasts[-1]
    await before_start(place)
    await place.officer.presses("现场点名")
    await place.officer.presses("徐大爷")
    assert (await place.people())["徐大爷"].came
    await place.officer.presses("徐大爷")
    assert not (await place.people())["徐大爷"].came
    await place.officer.presses("没报名的")
    await place.officer.says("徐大")
    await place.officer.presses("徐大妈")
    assert (await place.people())["徐大妈"].came
    await place.officer.presses_raw("tadd", 1)
    await place.officer.says("李大姐")
    assert "training.add.nobody" in (await place.officer.heard())[-1].row["params"]


async def test_the_list_says_who_came_who_did_not_and_how_many_person_times(place: Place):
    await announced(place)
    await place.villager.presses("参加")
    await place.member.presses("参加")
    await before_start(place)
    code = (await place.training()).code
    await place.villager.says(f"/training {code}")
    await place.neighbour.says(f"/training {code}")
    await place.harness.time_passes(hours=3)
    await place.officer.presses("名单")
    text = (await place.officer.heard())[-1].text
    assert "到场 2 人次，报名没来 1 人，没报名就来 1 人" in text
    assert "✅ 徐大爷" in text
    assert "❌ 小赵" in text
    assert "<b>上徐村</b>：到 2，没来 1" in text
    await place.harness.time_passes(hours=3)
    (summary,) = await place.told(place.officer, "training.summary")
    assert "到场 2 人次" in summary
    assert (await place.training()).state is State.CLOSED
    await place.officer.presses_raw("menu.training")
    assert "1 场，到场 2 人次" in (await place.officer.heard())[-1].text


async def test_an_officer_reads_the_names_of_his_villages_only(place: Place):
    await announced(place, place.leader, villages="全部")
    await place.villager.presses("参加")
    await place.outsider.presses("参加")
    await place.other.presses_raw("tpeople", 1, 0)
    names = (await place.other.heard())[-1].text
    assert "李大姐" in names
    assert "徐大爷" not in names
    await place.leader.presses_raw("tpeople", 1, 0)
    assert "徐大爷" in (await place.leader.heard())[-1].text


async def test_a_long_list_has_pages(place: Place):
    await announced(place)

    async def crowd(unit: Unit) -> None:
        training = await unit.trainings.find(1)
        assert training is not None
        for number in range(65):
            village = place.harness.villages["上徐村"]
            person = await unit.people.add(f"村民{number}", at=place.harness.at, village_id=village, consent_version="1")
            await unit.people.attach(person, Address("telegram", ChatId(500_000 + number)), at=place.harness.at)
            await unit.trainings.sign_in(training, person, village_id=village, by=person, at=place.harness.at)

    await place.harness.store.transact(crowd)
    await place.officer.presses("名单")
    first = (await place.officer.heard())[-1].text
    await place.officer.presses("下一页")
    second = (await place.officer.heard())[-1].text
    assert "已签到 65 人" in first
    assert "第 2/3 页" in second
    assert not {line for line in first.split("\n") if "村民" in line} & {line for line in second.split("\n") if "村民" in line}


async def test_what_is_said_in_english_is_english(place: Place):
    guest = await place.harness.person("John", Role.VILLAGER, "上徐村", language="en")
    await announced(place)
    await guest.presses("Coming")
    text = (await guest.heard())[-1].text
    assert "You are coming" in text


async def test_a_chair_who_lost_his_post_no_longer_manages_his_training(place: Place):
    await announced(place, place.chair)
    await place.loses_posts(place.chair)
    await place.chair.presses_raw("tcancelok", 1)
    await place.chair.presses_raw("tpeople", 1, 0)
    assert (await place.training()).state is State.ANNOUNCED


async def test_a_preview_with_a_village_that_was_handed_over_is_not_announced(place: Place):
    person_id = place.officer.person_id
    assert person_id is not None
    li = place.harness.villages["下李村"]
    await place.harness.store.transact(
        lambda unit: unit.people.appoint(person_id, Role.OFFICER, station_id=place.harness.station, village_id=li, at=place.harness.at)
    )
    await place.officer.presses_raw("tnew")
    for words in ("心肺复苏实操", "周四 14:00", "2", "镇文化礼堂", "全部", "0"):
        await place.officer.says(words)
    await place.harness.store.transact(lambda unit: unit.people.dismiss(person_id, at=place.harness.at, village_id=li))
    await place.officer.presses_raw("tgo", 1)
    assert "不归你管" in place.officer.toasts[-1]
    assert (await place.training()).state is State.DRAFT
