"""Tips from the library or in free words: preview, confirmation, counts, and schedules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.calendar.schedules import occurrence_key
from domain.core.change import Address, ChatId, PersonId, Priority, StationId, Timer, VillageId
from domain.people.people import Role
from handlers.fallback import undeliverable
from storage.values import to_us
from tests.handler_harness import DELIVERY
from texts import plain

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Heard, Voice

XU, LI = -1001, -1002


async def groups(harness: HandlerHarness) -> None:
    """Bind a group for each of the two villages."""

    async def bind(unit: Unit) -> None:
        for chat, village in ((XU, "上徐村"), (LI, "下李村")):
            address = Address("telegram", ChatId(chat))
            await unit.groups.see(address, f"{village}群")
            await unit.groups.bind(address, harness.villages[village], by=PersonId(1), at=harness.at)

    await harness.store.transact(bind)


async def officer_of_both(harness: HandlerHarness) -> Voice:
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await harness.store.transact(
        lambda unit: unit.people.appoint(
            officer.person_id or PersonId(0), Role.OFFICER, station_id=harness.station, village_id=harness.villages["下李村"], at=harness.at
        )
    )
    return officer


async def delivered(harness: HandlerHarness, *, fails: dict[int, str] | None = None, leave: int = 0) -> None:
    """Deliver due messages except the last `leave`; `fails`: chat → its permanent fault."""

    async def deliver(unit: Unit) -> None:
        rows = await unit.outbox.claim(owner=DELIVERY, at=harness.at, limit=10_000)
        await unit.outbox.release([row.id for row in rows[len(rows) - leave :]], owner=DELIVERY)
        for row in rows[: len(rows) - leave]:
            why = (fails or {}).get(row.address.chat_id)
            if why is None:
                await unit.outbox.sent(row.id, message_id=row.id, at=harness.at)
                if row.card:
                    await unit.cards.hang(row.address, row.card, message_id=row.id, person_id=row.person_id, at=harness.at)
            else:
                await unit.outbox.end(row.id, owner=row.owner, state="failed", fault=why, at=harness.at)
                await undeliverable(unit, row, why=why, permanent=True, town=harness.town, at=harness.at)

    await harness.store.transact(deliver)


async def card(who: Voice) -> Heard:
    return [message for message in await who.heard() if message.card.startswith("broadcast:")][-1]


async def tips_in(harness: HandlerHarness, chat: int) -> list[Heard]:
    return [message for message in await harness.heard_in(chat) if message.key.startswith("tip.sent")]


# For everybody ----------------------------------------------------------------------------------------------------------


async def test_a_villager_reads_the_tip_of_the_day_and_another_one_tomorrow(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await villager.says("/tip")
    await villager.says("/tip")
    await harness.time_passes(days=1)
    await villager.says("/tip")
    first, again, tomorrow = [message.text for message in await villager.heard()]
    assert first == again != tomorrow
    assert first.startswith("📣 <b>今天这条：")


async def test_a_villager_ends_and_begins_his_tips_with_one_press(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await villager.says("/tip")
    await villager.presses("不要发")
    await villager.says("/tip")
    assert "不发给你" in (await villager.heard())[-1].text
    await villager.presses("每周给我发一条")
    await villager.says("/tip")
    assert "会发给你" in (await villager.heard())[-1].text


@pytest.mark.parametrize("role", [Role.VILLAGER, Role.CHAIR, Role.SECRETARY, Role.MEMBER, Role.ADMIN])
async def test_who_sends_nothing_sees_the_tip_and_no_way_to_send(harness: HandlerHarness, role: Role):
    person = await harness.person("某人", role, "上徐村")
    await person.says("/tip 3")
    await person.presses_raw("menu.tip")
    assert {message.key for message in await person.heard()} == {"tip.today"}
    for verb in ("tip.page", "tip.pick", "tip.own", "tip.plans", "tip.new", "bc.list", "bc.go"):
        await person.presses_raw(verb, "1", "1")
        assert "不归你办" in person.toasts[-1]


async def test_a_stranger_is_asked_to_join_first(harness: HandlerHarness):
    stranger = harness.stranger()
    await stranger.says("/tip")
    assert "还没有加入" in await stranger.new()


# Composing --------------------------------------------------------------------------------------------------------------


async def test_the_library_is_read_page_by_page(harness: HandlerHarness):
    officer = await officer_of_both(harness)
    await officer.says("/tip")
    await officer.presses("挑一条")
    for _ in range(3):
        await officer.presses("下一页")
    last = (await officer.heard())[-1]
    assert "第 4 / 4 页" in last.text
    assert "<b>20</b>" in last.text
    assert "下一页 ➡" not in last.buttons
    await officer.presses_raw("tip.page", "999999999")
    assert "第 4 / 4 页" in (await officer.heard())[-1].text


async def test_an_officer_sends_a_tip_to_the_groups_of_his_villages(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await officer.says("/tip")
    await officer.presses("挑一条")
    await officer.presses("1")
    preview = (await officer.heard())[-1]
    assert "让你先垫钱、再返利的，都是骗子" in preview.text
    assert "全部 2 个村" in preview.text
    assert "2 个村群" in preview.text
    assert not await tips_in(harness, XU), "nothing leaves before it is confirmed"
    await officer.presses("确认发送")
    for chat in (XU, LI):
        (tip,) = await tips_in(harness, chat)
        assert tip.priority == Priority.BROADCAST
        assert tip.row["batch"] == "tip:1"
        assert tip.row["unique_key"] == f"tip:1:telegram:{chat}"
        assert list(tip.buttons.values()) == [("", ())], "a link only"
    assert not await villager.heard()
    assert "0 / 2</b> 个群 ░░░░░░░░░░" in (await card(officer)).text


async def test_an_officer_sees_and_reaches_only_his_own_village(harness: HandlerHarness):
    await groups(harness)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await officer.says("/tip 2")
    assert "1 个村群" in (await officer.heard())[-1].text
    await officer.presses("选村子")
    assert not [label for label in (await officer.heard())[-1].buttons if "下李村" in label]
    await officer.presses_raw("bc.tog", "1", "0", str(harness.villages["下李村"]))
    assert "过时" in officer.toasts[-1]
    await officer.presses("返回")
    await officer.presses("确认发送")
    assert await tips_in(harness, XU)
    assert not await tips_in(harness, LI)


async def test_villages_are_taken_in_and_out_one_by_one(harness: HandlerHarness):
    await groups(harness)
    leader = await harness.person("所长", Role.LEADER)
    await leader.says("/tip 2")
    await leader.presses("选村子")
    await leader.presses("上徐村")
    assert "已选 <b>1</b> / 2" in (await leader.heard())[-1].text
    await leader.presses("全不选")
    await leader.presses("返回")
    assert "确认发送" not in (await leader.heard())[-1].buttons
    await leader.presses("选村子")
    await leader.presses("下李村")
    await leader.presses("返回")
    assert "1 个村（下李村）" in (await leader.heard())[-1].text
    await leader.presses("确认发送")
    assert not await tips_in(harness, XU)
    assert await tips_in(harness, LI)


async def test_of_the_villagers_only_those_who_want_tips_get_them_each_once(harness: HandlerHarness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    wants = await harness.person("小徐", Role.VILLAGER, "上徐村", language="en")
    wants_none = await harness.person("老徐", Role.VILLAGER, "上徐村")
    elsewhere = await harness.person("小李", Role.VILLAGER, "下李村")
    suspended = await harness.person("小王", Role.VILLAGER, "上徐村")
    await harness.person("没来过", Role.VILLAGER, "上徐村", reachable=False)
    await harness.store.transact(
        lambda unit: unit.transaction.execute("UPDATE people SET suspended_at = 1 WHERE id = ?", (suspended.person_id,))
    )
    await harness.store.transact(
        lambda unit: unit.people.attach(wants.person_id or PersonId(0), Address("web", ChatId(5)), at=harness.at + timedelta(days=-1))
    )
    await wants_none.presses_raw("tip.wish", "0")
    for each in (wants, elsewhere):
        await each.presses_raw("tip.wish", "1")
    await officer.says("/tip 1")
    await officer.presses("村民")
    assert "1 位想收的村民" in (await officer.heard())[-1].text
    await officer.presses("确认发送")
    assert [len(await tips_in(harness, each.user_id)) for each in (wants, wants_none, elsewhere, suspended)] == [1, 0, 0, 0]
    tip = (await wants.heard())[-1]
    assert tip.text.startswith("📣 <b>Beware: Paid tasks")
    await wants.presses("Send me none")
    await officer.says("/tip 1")
    await officer.presses("村民")
    assert "没有人" in (await officer.heard())[-1].text


async def test_own_words_are_cleaned_signed_and_shown_as_written(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip")
    await officer.presses("自己写")
    await officer.says(media={"type": "photo", "file_id": "x"})
    assert "请发文字" in (await officer.heard())[-1].text
    await officer.says("长" * 1001)
    assert "1001" in (await officer.heard())[-1].text
    await officer.says("<b>村口</b>有人卖假药，\u202e别买")
    await officer.presses("确认发送")
    (tip,) = await tips_in(harness, XU)
    assert tip.text == "📣 <b>禾安所提醒</b>\n&lt;b&gt;村口&lt;/b&gt;有人卖假药，别买"


async def test_an_officer_who_warns_of_fire_is_not_taken_for_somebody_in_it(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.presses_raw("tip.own")
    await officer.says("电动车不要在楼道充电，容易着火")
    await officer.presses("确认发送")
    assert "容易着火" in (await tips_in(harness, XU))[0].text
    await officer.says("着火了")
    assert "119" in (await officer.heard())[-1].text


async def test_words_of_braces_and_tags_do_no_harm(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip {text} {0} </blockquote><a href='x'>")
    await officer.presses("确认发送")
    assert "{text} {0} &lt;/blockquote&gt;" in (await tips_in(harness, XU))[0].text


async def test_a_preview_that_is_out_of_date_is_not_confirmed(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip 1")
    old = (await officer.heard())[-1].buttons["确认发送"]
    await officer.presses("都发")
    await officer.presses_raw(old[0], *old[1])
    assert "再确认" in officer.toasts[-1]
    assert not await tips_in(harness, XU)


async def test_a_second_press_sends_nothing_twice(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip 1")
    verb, args = (await officer.heard())[-1].buttons["确认发送"]
    for _ in range(3):
        await officer.presses_raw(verb, *args)
    assert "已经在发" in officer.toasts[-1]
    assert len(await tips_in(harness, XU)) == 1


async def test_a_draft_that_is_given_up_never_leaves(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip 1")
    verb, args = (await officer.heard())[-1].buttons["确认发送"]
    await officer.presses("不发了")
    await officer.presses_raw(verb, *args)
    assert "放弃" in officer.toasts[-1]
    assert not await tips_in(harness, XU)


@pytest.mark.parametrize("verb", ["bc.card", "bc.to", "bc.pick", "bc.tog", "bc.go", "bc.drop", "bc.stop", "bc.retry", "bc.who", "bc.show"])
async def test_another_officer_s_broadcast_is_not_there(harness: HandlerHarness, verb: str):
    await groups(harness)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    other = await harness.person("李警官", Role.OFFICER, "下李村")
    await officer.says("/tip 1")
    before = len(await harness.outbox())
    for number in ("1", "999", "", "一", "１", "-1", "9" * 30):
        await other.presses_raw(verb, number, "groups", "1")
        assert "没有找到" in other.toasts[-1]
    assert len(await harness.outbox()) == before


async def test_an_officer_who_lost_his_villages_sends_nothing_with_old_buttons(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip 1")
    verb, args = (await officer.heard())[-1].buttons["确认发送"]
    await harness.store.transact(
        lambda unit: unit.people.dismiss(officer.person_id or PersonId(0), at=harness.at, village_id=harness.villages["下李村"])
    )
    await officer.presses_raw(verb, *args)
    assert await tips_in(harness, XU)
    assert not await tips_in(harness, LI)
    await harness.store.transact(lambda unit: unit.people.dismiss(officer.person_id or PersonId(0), at=harness.at))
    await officer.presses_raw("bc.stop", "1")
    assert "不归你办" in officer.toasts[-1]


async def test_at_night_it_waits_for_the_morning_and_says_so(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    harness.at += timedelta(hours=14)
    await officer.says("/tip 1")
    assert "07:00 再送到" in (await officer.heard())[-1].text
    await officer.presses("确认发送")
    assert "07:00 开始送：2 个群" in (await card(officer)).text
    (tip,) = await tips_in(harness, XU)
    assert tip.row["not_before"] == to_us(harness.at + timedelta(hours=8))


# Progress, stop, retry, receipts ----------------------------------------------------------------------------------------


async def test_the_card_counts_until_all_have_an_outcome(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip 1")
    await officer.presses("确认发送")
    await delivered(harness, leave=1)
    await harness.time_passes(seconds=4)
    assert "1 / 2</b> 个群 ▓▓▓▓▓░░░░░" in (await card(officer)).text
    await delivered(harness)
    await harness.time_passes(seconds=4)
    done = await card(officer)
    assert "发完了：<b>2 / 2</b> 个群 ▓▓▓▓▓▓▓▓▓▓" in done.text
    assert "停止" not in done.buttons
    assert not await harness.store.transact(lambda unit: unit.timers.list_waiting(done.card))


async def test_while_nothing_moves_the_clock_looks_ever_more_rarely(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip 1")
    await officer.presses("确认发送")
    before = len(await officer.heard())
    await harness.time_passes(hours=2)
    looks = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id FROM timers WHERE kind = 'broadcast'"))
    assert len(looks) < 25
    assert len(await officer.heard()) == before


async def test_stopping_cancels_what_waits_even_in_delivery_s_hands(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip 1")
    await officer.presses("确认发送")
    await delivered(harness, leave=1)
    await officer.presses("停止")
    assert "已停下：发出 <b>1 / 2</b>" in (await card(officer)).text
    states = [message.row["state"] for chat in (XU, LI) for message in await tips_in(harness, chat)]
    assert sorted(states) == ["sent", "superseded"]
    await officer.presses_raw("bc.retry", "1")
    assert [message.row["state"] for message in await tips_in(harness, LI)] == ["superseded"]


async def test_only_the_failed_are_sent_again_and_only_to_groups_that_are_still_the_village_s(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    chair = await harness.person("李主任", Role.CHAIR, "下李村")
    await officer.says("/tip 1")
    await officer.presses("确认发送")
    await delivered(harness, fails={LI: "blocked"})
    await harness.time_passes(seconds=4)
    done = await card(officer)
    assert "失败 1：\n下李村群（机器人已被移出）" in done.text
    await officer.presses("重发失败的")
    assert "加回群里" in officer.toasts[-1]
    await chair.says(chat=LI, member="in")
    await chair.says("/bind 下李村", chat=LI)
    await officer.presses("重发失败的")
    assert "正在发送：<b>1 / 2</b>" in (await card(officer)).text
    await delivered(harness)
    await harness.time_passes(seconds=4)
    assert "发完了：<b>2 / 2</b>" in (await card(officer)).text
    assert [len(await tips_in(harness, chat)) for chat in (XU, LI)] == [1, 1]


async def test_a_group_that_became_another_village_s_is_not_sent_to_again(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await officer.says("/tip 1")
    await officer.presses("确认发送")
    await delivered(harness, fails={LI: "blocked"})
    await harness.time_passes(seconds=4)
    await chair.says("/bind 上徐村", chat=LI)
    await officer.presses("重发失败的")
    assert "加回群里" in officer.toasts[-1]


async def test_receipts_stand_village_by_village_and_name_no_villager(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    first = await harness.person("小徐", Role.VILLAGER, "上徐村")
    second = await harness.person("老徐", Role.VILLAGER, "上徐村")
    for each in (first, second):
        await each.presses_raw("tip.wish", "1")
    await officer.says("/tip 1")
    await officer.presses("都发")
    await officer.presses("确认发送")
    await delivered(harness, fails={first.user_id: "blocked"})
    await harness.time_passes(seconds=4)
    await officer.presses("按村看回执")
    text = (await officer.heard())[-1].text
    assert "❌ 上徐村：群 1/1，村民 1/2\n✅ 下李村：群 1/1，村民 0/0" in text
    assert "徐村 1 位村民（已停用机器人）" in "".join(message.text for message in await officer.heard())
    assert not any(name in message.text for message in await officer.heard() for name in ("小徐", "老徐"))


async def test_a_long_list_of_villagers_is_put_out_in_chunks_each_once(harness: HandlerHarness, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("handlers.broadcasts.sending.CHUNK", 3)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    villagers = [await harness.person(f"村民{n}", Role.VILLAGER, "上徐村") for n in range(8)]
    for each in villagers:
        await each.presses_raw("tip.wish", "1")
    await officer.says("/tip 1")
    await officer.presses("村民")
    await officer.presses("确认发送")
    assert sum([len(await tips_in(harness, each.user_id)) for each in villagers]) == 3
    await harness.time_passes(seconds=1)
    assert [len(await tips_in(harness, each.user_id)) for each in villagers] == [1] * 8
    await delivered(harness)
    await harness.time_passes(seconds=10)
    assert "发完了：<b>8 / 8</b> 人" in (await card(officer)).text


async def test_what_was_sent_can_be_found_again_by_its_sender_and_the_leader(harness: HandlerHarness):
    await groups(harness)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    other = await harness.person("李警官", Role.OFFICER, "下李村")
    leader = await harness.person("所长", Role.LEADER)
    for number in range(1, 9):
        await officer.says(f"/tip {number}")
        await officer.presses("确认发送")
    for who, sees in ((officer, True), (leader, True), (other, False)):
        await who.presses_raw("bc.list", "0")
        assert ("冒充公检法" in (await who.heard())[-1].text) is sees
    await leader.presses("下一页")
    assert "刷单返利" in (await leader.heard())[-1].text
    await leader.presses("看 1")
    assert "正在发送" in (await leader.heard())[-1].text


# By themselves ----------------------------------------------------------------------------------------------------------


async def scheduled(harness: HandlerHarness, who: Voice, when: str = "每周一", to: str = "村群") -> int:
    await who.presses_raw("tip.new")
    await who.presses(when)
    await who.presses(to)
    rows = await harness.store.transact(lambda unit: unit.timers.list_schedules("tips", station_ids=(harness.station,)))
    return rows[-1].id


async def comes_due(harness: HandlerHarness, schedule_id: int, *, late: timedelta = timedelta(0)) -> None:
    """Turn the schedule's next occurrence into a timer, as the engine does.

    `late`: how long after its instant.
    """

    async def plant(unit: Unit) -> None:
        schedule = await unit.timers.find_schedule(schedule_id)
        assert schedule is not None
        due_at = schedule.next_at
        harness.at = due_at + late
        data: dict[str, Any] = {"schedule_id": schedule_id, "occurrence_at": to_us(due_at)}
        key = f"schedule:{occurrence_key(schedule_id, due_at)}"
        await unit.timers.start(Timer("schedule:tips", f"schedule:{schedule_id}", harness.at, key, data), at=harness.at)
        await unit.timers.advance_schedule(schedule, next_at=due_at + timedelta(days=7))

    await harness.store.transact(plant)
    await harness.time_passes(seconds=1)


async def what_became(harness: HandlerHarness, schedule_id: int) -> list[tuple[str, str]]:
    events = await harness.store.transact(lambda unit: unit.audit.of(f"schedule:{schedule_id}"))
    return [
        (event.action, event.data.get("reason", "")) for event in events if event.action.startswith(("schedule.sent", "schedule.skipped"))
    ]


async def test_a_schedule_is_made_with_buttons_and_shows_its_next_run_in_local_time(harness: HandlerHarness):
    officer = await officer_of_both(harness)
    await scheduled(harness, officer)
    text = (await officer.heard())[-1].text
    assert "每周一 9:00 → 村群" in text
    assert "下一次：2026年6月8日 周一 09:00" in text


async def test_one_s_own_time_is_asked_for_until_it_is_understood(harness: HandlerHarness):
    officer = await officer_of_both(harness)
    await officer.presses_raw("tip.new")
    for line, answer in (("有空", "没看懂"), ("* * * * *", "太密了")):
        await officer.says(line)
        assert answer in (await officer.heard())[-1].text
    await officer.presses("别的时间")
    await officer.says("有空就发")
    assert "没看懂" in (await officer.heard())[-1].text
    await officer.presses("每月 1 号")
    await officer.says("什么时候")
    assert "没看懂" in (await officer.heard())[-1].text
    await officer.says("上午八点半")
    await officer.says("随便")
    assert "点下面的按钮" in (await officer.heard())[-1].text
    await officer.presses("都发")
    assert "2026年7月1日 周三 08:30" in (await officer.heard())[-1].text


async def test_each_occurrence_sends_the_next_tip_of_the_library_once(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    schedule_id = await scheduled(harness, officer)
    for _ in range(3):
        await comes_due(harness, schedule_id)
        await delivered(harness)
        await harness.time_passes(seconds=5)
    texts = [message.text.split("\n")[0] for message in await tips_in(harness, XU)]
    assert texts == ["📣 <b>防骗一条：刷单返利</b>", "📣 <b>防骗一条：假投资、假理财</b>", "📣 <b>防骗一条：网上买便宜货</b>"]
    results = [message for message in await officer.heard() if message.key == "broadcast.card.done"]
    assert len(results) == 3
    assert all(message.row["silent"] for message in results)
    assert await what_became(harness, schedule_id) == [("schedule.sent", "")] * 3


@pytest.mark.parametrize(
    ("late", "sent", "outcome"),
    [
        (timedelta(minutes=2), 1, ("schedule.sent", "")),
        (timedelta(hours=6), 1, ("schedule.sent_late", "")),
        (timedelta(hours=6, seconds=1), 0, ("schedule.skipped", "late")),
        (timedelta(days=3), 0, ("schedule.skipped", "late")),
    ],
)
async def test_an_occurrence_missed_by_more_than_six_hours_is_recorded_as_skipped_once(
    harness: HandlerHarness, late: timedelta, sent: int, outcome: tuple[str, str]
):
    await groups(harness)
    officer = await officer_of_both(harness)
    schedule_id = await scheduled(harness, officer)
    await comes_due(harness, schedule_id, late=late)
    await harness.time_passes(hours=1)
    assert len(await tips_in(harness, XU)) == sent
    assert await what_became(harness, schedule_id) == [outcome]
    await officer.presses_raw("tip.plans")
    assert ("误了 6 小时以上" in (await officer.heard())[-1].text) is (not sent)


async def test_a_skipped_occurrence_takes_no_turn(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    schedule_id = await scheduled(harness, officer)
    await comes_due(harness, schedule_id, late=timedelta(days=1))
    await comes_due(harness, schedule_id)
    assert "刷单返利" in (await tips_in(harness, XU))[0].text


async def test_a_paused_schedule_sends_nothing_and_runs_again_from_now(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    schedule_id = await scheduled(harness, officer)
    await officer.presses("暂停")
    assert "已暂停" in (await officer.heard())[-1].text
    await comes_due(harness, schedule_id)
    assert not await tips_in(harness, XU)
    assert await what_became(harness, schedule_id) == [("schedule.skipped", "paused")]
    await officer.presses("继续")
    assert "下一次：2026年6月15日 周一 09:00" in (await officer.heard())[-1].text


async def test_a_paused_schedule_that_cannot_be_read_any_more_says_so(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await scheduled(harness, officer)
    await officer.presses("暂停")
    await harness.store.transact(lambda unit: unit.transaction.execute("UPDATE schedules SET cron = '0 8 * *'"))
    ctx = await officer.presses("继续")
    said = plain(ctx.toasted.key, "zh", **ctx.toasted.params) if ctx.toasted else (await officer.heard())[-1].text
    assert "没看懂" in said


async def test_a_deleted_schedule_sends_nothing_not_even_what_was_due(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    schedule_id = await scheduled(harness, officer)
    await officer.presses("删掉")
    assert "还没有定时" in (await officer.heard())[-1].text
    data = {"schedule_id": schedule_id, "occurrence_at": to_us(harness.at)}
    await harness.store.transact(
        lambda unit: unit.timers.start(Timer("schedule:tips", f"schedule:{schedule_id}", harness.at, "x", data), at=harness.at)
    )
    await harness.time_passes(seconds=1)
    assert not await tips_in(harness, XU)


async def test_when_its_author_has_no_village_any_more_a_schedule_stops_and_the_leader_hears_of_it(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    leader = await harness.person("所长", Role.LEADER)
    schedule_id = await scheduled(harness, officer)
    await harness.store.transact(lambda unit: unit.people.dismiss(officer.person_id or PersonId(0), at=harness.at))
    await comes_due(harness, schedule_id)
    assert not await tips_in(harness, XU)
    assert "每周一 9:00" in await leader.new()
    await leader.presses_raw("tip.plans")
    assert "已暂停" in (await leader.heard())[-1].text


async def test_a_schedule_with_nobody_to_tell_says_so_in_the_list(harness: HandlerHarness):
    officer = await officer_of_both(harness)
    schedule_id = await scheduled(harness, officer)
    await comes_due(harness, schedule_id)
    assert await what_became(harness, schedule_id) == [("schedule.skipped", "nobody")]
    await officer.presses_raw("tip.plans")
    assert "没有人能收到" in (await officer.heard())[-1].text


async def test_another_officer_s_schedule_is_not_there_the_desk_s_is(harness: HandlerHarness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    other = await harness.person("李警官", Role.OFFICER, "下李村")
    duty = await harness.person("值班室", Role.DUTY)
    schedule_id = await scheduled(harness, officer)
    for verb in ("tip.pause", "tip.del"):
        for value in (schedule_id, 999, "x", ""):
            await other.presses_raw(verb, value)
            assert "没有找到" in other.toasts[-1]
    await duty.presses_raw("tip.pause", schedule_id)
    assert "已暂停" in (await duty.heard())[-1].text


async def test_every_button_fits_into_a_button(harness: HandlerHarness):
    await groups(harness)
    officer = await officer_of_both(harness)
    await officer.says("/tip")
    await officer.presses("挑一条")
    await officer.says("/tip 1")
    await officer.presses("选村子")
    await scheduled(harness, officer)
    for message in await officer.heard():
        for verb, args in message.buttons.values():
            assert len("|".join((verb, *map(str, args))).encode()) <= 40


async def test_the_receivers_of_forty_two_villages_are_previewed_and_paged(harness: HandlerHarness):
    async def many(unit: Unit) -> None:
        for n in range(40):
            row = await unit.transaction.fetch_one(
                "INSERT INTO villages (station_id, name) VALUES (?, ?) RETURNING id", (harness.station, f"第{n}村")
            )
            assert row is not None
            address = Address("telegram", ChatId(-5000 - n))
            await unit.groups.see(address, "群")
            await unit.groups.bind(address, VillageId(row["id"]), by=PersonId(1), at=harness.at)

    await harness.store.transact(many)
    leader = await harness.person("所长", Role.LEADER)
    await leader.says("/tip 1")
    preview = (await leader.heard())[-1]
    assert "40 个村群" in preview.text
    assert "还没有村群的 2 个村：上徐村、下李村" in preview.text
    await leader.presses("选村子")
    for _ in range(3):
        await leader.presses("下一页")
    assert len([label for label in (await leader.heard())[-1].buttons if "村" in label]) == 6
    await leader.presses("返回")
    await leader.presses("确认发送")
    assert "0 / 40" in (await card(leader)).text
    await leader.presses("按村看回执")
    assert "第 1 / 3 页" in (await leader.heard())[-1].text
    assert "➖ 上徐村：没有可发的" in (await leader.heard())[-1].text
    assert harness.station == StationId(1)
