from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.calendar.working_time import WorkingCalendar
from domain.cases.case import Case, CaseChange, Category, Kind, NewCase
from domain.cases.visibility import Level, Visibility
from domain.core.change import Address, ChatId, PersonId, RuleError
from domain.people.people import Leave, Role
from handlers.cases import moves as handlers
from handlers.cases.moves import open_case
from handlers.core.context import HandlerContext, Incoming
from storage.engine.database import Conflict
from storage.unit import Unit
from storage.values import to_us
from tests.handler_harness import HandlerHarness, Voice


@dataclass
class Street:
    """One village with everybody in office, and another one's chair."""

    harness: HandlerHarness
    villager: Voice
    chair: Voice
    officer: Voice
    leader: Voice
    duty: Voice
    admin: Voice
    secretary: Voice
    stranger: Voice
    other_chair: Voice

    @property
    def everybody(self) -> tuple[Voice, ...]:
        return (self.villager, self.chair, self.officer, self.leader, self.duty, self.admin, self.secretary, self.other_chair)

    async def look(self) -> None:
        for voice in self.everybody:
            await voice.new()
            voice.toasts.clear()


@pytest.fixture
async def street(harness: HandlerHarness) -> Street:
    return Street(
        harness,
        await harness.person("徐阿婆", Role.VILLAGER, "上徐村"),
        await harness.person("王建国", Role.CHAIR, "上徐村"),
        await harness.person("张伟", Role.OFFICER, "上徐村"),
        await harness.person("李国强", Role.LEADER),
        await harness.person("钱丽", Role.DUTY),
        await harness.person("管小平", Role.ADMIN),
        await harness.person("赵明", Role.SECRETARY, "上徐村"),
        harness.stranger(),
        await harness.person("赵海燕", Role.CHAIR, "下李村"),
    )


async def opens(
    street: Street, who: Voice, text: str = "邻居砌墙占了我家的路", *, parties: tuple[PersonId, ...] = (), **facts: Any
) -> Case:
    """Let somebody open a case as the intake does."""
    harness = street.harness

    async def work(unit):
        actor = await unit.people.get(who.person_id, at=harness.at)
        incoming = Incoming(Address("telegram", ChatId(who.user_id)), who.user_id, who.name, who.language, private=True)
        ctx = HandlerContext(unit, actor, harness.at, harness.town, incoming, f"open:{next(harness.ids)}", dialogs=harness.table.dialogs)
        given = {"reporter_id": who.person_id, "opened_by": who.person_id, "category": Category.NEIGHBOUR} | facts
        return await open_case(ctx, NewCase(Kind.DISPUTE, text, harness.villages["上徐村"], **given), parties=parties)

    return await harness.store.transact(work)


async def stored(street: Street, number: int = 1001) -> Case:
    found = await street.harness.store.transact(lambda unit: unit.cases.find(number))
    assert found is not None
    return found


async def card(who: Voice) -> str:
    return [message for message in await who.heard() if message.key.startswith("case.card")][-1].text


async def buttons(who: Voice) -> list[str]:
    return list([message for message in await who.heard() if message.card and not message.card.endswith(":news")][-1].buttons)


# Opening ------------------------------------------------------------------------------------------------------------------


async def test_a_report_gives_a_number_and_the_chair_a_card_and_nobody_else_hears(street):
    await opens(street, street.villager)
    receipt = await street.villager.new()
    assert "收到，编号 <b>1001</b>" in receipt
    assert "王主任会在今天 17:00 前联系你" in receipt
    assert "110、119、120" in receipt
    shown = await street.chair.new()
    assert "新邻里纠纷 <b>1001</b> · 上徐村" in shown
    assert "请在今天 17:00 前受理，逾期自动上报张警官" in shown
    assert await buttons(street.chair) == ["受理", "问一句", "上报", "我要回避", "看全部经过"]
    for nobody in (street.officer, street.leader, street.duty, street.admin, street.secretary, street.other_chair):
        assert await nobody.new() == ""


@pytest.fixture
def statements(monkeypatch) -> list[str]:
    """Every statement from here on."""
    from storage.engine.sqlite import SqliteTransaction

    run: list[str] = []
    for name in ("execute", "fetch_one", "fetch_all"):
        real = getattr(SqliteTransaction, name)

        async def counted(self, sql, *args, real=real):
            run.append(sql)
            return await real(self, sql, *args)

        monkeypatch.setattr(SqliteTransaction, name, counted)
    monkeypatch.setattr(HandlerHarness, "gate_asked", nullcontext)  # delivery's question, not the handler's
    return run


async def test_opening_a_case_takes_few_statements(street, statements):
    await opens(street, street.villager)
    assert len(statements) <= 15


async def test_a_move_reads_no_more_when_more_people_hear_of_it(street, statements):
    quiet, crowded = await opens(street, street.villager), await opens(street, street.villager)
    neighbours = [await street.harness.person(f"邻居{number}", Role.VILLAGER, "上徐村") for number in range(5)]
    for neighbour in neighbours:
        await street.harness.store.transact(partial(follow, street, neighbour, crowded))
    readers = (street.villager, street.officer, street.leader, street.duty, street.secretary, *neighbours)
    for reader in readers:
        await reader.presses_raw("c.all", crowded.id)
        await reader.new()
    reads = []
    for case in (quiet, crowded):
        statements.clear()
        await street.chair.presses_raw("c.acc", case.id)
        reads.append(sum(sql.startswith("SELECT") for sql in statements))
    assert reads[0] == reads[1] <= 17
    for reader in readers:
        shown = "1002</b> 上徐村纠纷 · 办理中" if reader is street.secretary else "1002</b> 上徐村邻里纠纷 · 王主任已受理"
        assert shown in await reader.new()


async def follow(street: Street, who: Voice, case: Case, unit: Unit) -> None:
    assert who.person_id is not None
    await unit.cases.follow(case.id, who.person_id, at=street.harness.at)


async def test_a_move_in_words_draws_every_card_in_its_place_and_is_answered_below(street):
    await opens(street, street.villager)
    await street.officer.says("/case 1001")
    await street.look()
    before = len(await street.harness.outbox())
    await street.chair.says("/accept 1001")
    told = (await street.harness.outbox())[before:]
    assert [(heard.key, heard.chat_id, heard.row["fresh"]) for heard in told] == [
        ("case.accept.to_reporter", street.villager.user_id, 1),
        ("case.card", street.villager.user_id, 0),
        ("case.card", street.chair.user_id, 0),
        ("case.card", street.officer.user_id, 0),
        ("case.toast.done", street.chair.user_id, 1),
    ]


async def test_others_called_get_one_card_when_the_desk_cannot_be_reached(street):
    blocked = Address("telegram", ChatId(street.duty.user_id))
    await street.harness.store.transact(lambda unit: unit.addresses.mark_unreachable(blocked, why="blocked", at=street.harness.at))
    await opens(street, street.villager, "着火了")
    for who, role in ((street.chair, "chair"), (street.officer, "officer"), (street.leader, "leader")):
        assert [heard.row["role"] for heard in await who.heard() if heard.card == "case:1001"] == [role]


async def test_the_administrator_gets_the_list_of_numbers_when_no_post_is_held(street):
    for gone in (street.chair, street.officer, street.leader, street.duty):
        await street.harness.store.transact(lambda unit, gone=gone: unit.people.dismiss(gone.person_id, at=street.harness.at))
    await opens(street, street.villager)
    await street.harness.time_passes(hours=9)
    lists = [heard for heard in await street.admin.heard() if heard.key == "escalation.call.to_admin"]
    assert lists
    assert "1001" in lists[0].text


async def test_a_hidden_name_is_not_on_the_chairs_card_but_on_the_officers(street):
    await opens(street, street.villager, visibility=Visibility(Level.HIDDEN))
    assert "王主任看不到" in await street.villager.new()
    await street.chair.presses("上报")
    await street.chair.says("双方僵持")
    await street.secretary.says("/case 1001")
    for reader in (street.chair, street.secretary):
        told = await reader.new()
        assert "徐阿婆" not in told
        assert ("不公开" in told) is (reader is street.chair)
    assert "徐阿婆（对村里不公开）" in await street.officer.new()


async def test_a_shown_name_is_on_the_chairs_card(street):
    await opens(street, street.villager)
    assert "徐阿婆" in await card(street.chair)


async def test_a_chair_who_reports_or_is_a_party_is_passed_by(street):
    await opens(street, street.chair, "我和老李的地界")
    assert "张警官" in await street.chair.new()
    assert "1001" in await street.officer.new()
    await opens(street, street.villager, "主任家占了我的地", parties=(street.chair.person_id,))
    assert await street.chair.new() == ""
    assert "1002" in await street.officer.new()
    await street.chair.says("/case 1002")
    assert await street.chair.new() == "没有找到编号 1002，或者这件事不归你办。"


async def test_a_village_without_a_chair_starts_at_the_officer(street):
    await street.harness.store.transact(lambda unit: unit.people.dismiss(street.chair.person_id, at=street.harness.at))
    await opens(street, street.villager)
    assert "社区民警张警官" in await street.villager.new()
    assert "我来处理" in await buttons(street.officer)


async def test_with_nobody_in_office_the_administrator_hears_a_number_and_no_content(street):
    for gone in (street.chair, street.officer, street.leader, street.duty):
        await street.harness.store.transact(lambda unit, gone=gone: unit.people.dismiss(gone.person_id, at=street.harness.at))
    await opens(street, street.villager)
    told = await street.admin.new()
    assert "1001" in told
    assert "砌墙" not in told
    await street.admin.says("/case 1001")
    assert "没有找到编号 1001" in await street.admin.new()


async def test_a_card_that_falls_to_the_administrator_loses_its_content(street):
    for gone in (street.chair, street.officer, street.duty):
        await street.harness.store.transact(lambda unit, gone=gone: unit.people.dismiss(gone.person_id, at=street.harness.at))
    blocked = Address("telegram", ChatId(street.leader.user_id))
    await street.harness.store.transact(lambda unit: unit.addresses.mark_unreachable(blocked, why="blocked", at=street.harness.at))
    await opens(street, street.villager)
    told = await street.admin.heard()
    assert "1001" in told[0].text
    assert not any("砌墙" in message.text or message.card for message in told)


async def test_a_chairs_deputy_handles_it_but_not_when_the_chair_is_a_party(street):
    deputy = await street.harness.person("周副", Role.MEMBER, "上徐村")
    leave = Leave(street.chair.person_id, deputy.person_id, street.harness.at, street.harness.at + timedelta(days=2))
    await street.harness.store.transact(lambda unit: unit.directory.add_leave(leave, at=street.harness.at))
    await opens(street, street.villager)
    assert "新邻里纠纷" in await deputy.new()
    await deputy.presses("受理")
    assert "周主任已受理" in await street.villager.new()
    await opens(street, street.villager, parties=(street.chair.person_id,))
    await deputy.says("/case 1002")
    assert "没有找到编号 1002" in await deputy.new()


# The chain ----------------------------------------------------------------------------------------------------------------


async def test_the_whole_chain_in_one_line_commands(street):
    await opens(street, street.villager)
    await street.chair.says("/accept #１００１")
    assert "王主任已受理" in await street.villager.new()
    await street.chair.says("/mediate 1001 各让半米，没成")
    assert "第 1 次调解：<blockquote>各让半米，没成" in await street.villager.new()
    await street.chair.says("/escalate 1001 双方僵持，怕动手")
    assert "双方僵持" in await street.officer.new()
    assert "双方僵持" not in await street.villager.new()
    await street.officer.says("/ack 1001")
    assert "张警官已经接手" in await street.villager.new()
    await street.officer.says("/mediate 1001 三方都到场")
    await street.officer.says("/settle 1001 各让半米，签了字")
    assert "调解成功：<blockquote>各让半米，签了字" in await street.villager.new()
    assert "张警官已调解成功" in await street.chair.new()
    await street.villager.says("/reopen 1001 又砌了")
    assert "重新办了" in await street.villager.new()
    assert "又砌了" in await street.officer.new()
    await street.officer.says("/accept 1001")
    await street.officer.says("/refer 1001 去法院")
    assert "12348" in await street.villager.new()
    assert (await stored(street)).state == "referred"


async def test_a_session_is_asked_for_fact_by_fact_and_can_be_left(street):
    await opens(street, street.villager)
    await street.chair.presses("受理")
    await street.chair.presses("记一次调解")
    await street.chair.presses("取消")
    assert (await stored(street)).sessions == 0
    await street.chair.presses_raw("c.med", 1001)
    await street.chair.presses("昨天")
    await street.chair.presses("村委会")
    await street.chair.says("老徐和老李都来了")
    await street.chair.says("各让半米，再想想")
    await street.chair.says("下次再说吧")
    assert "没看懂这个时间" in await street.chair.new()
    await street.chair.says("2099-1-1 9:00")
    assert "30 天以内" in await street.chair.new()
    await street.chair.says("周四 14:00")
    shown = await card(street.chair)
    assert "老徐和老李都来了" in shown
    assert "下次调解：6月4日 14:00" in shown
    told = await street.villager.new()
    assert "各让半米，再想想" in told
    assert "6月4日 14:00" in told
    assert "老李" not in told


async def test_a_question_reaches_the_reporter_and_the_answer_joins_the_case(street):
    await opens(street, street.villager)
    await street.chair.presses("问一句")
    await street.chair.says("墙砌了多高？")
    assert "王主任想问你：<blockquote>墙砌了多高？" in await street.villager.new()
    await street.chair.new()
    await street.villager.presses("回答")
    await street.villager.says("到胸口", media={"type": "photo", "file_id": "F", "file_unique_id": "U"})
    assert "报事人回答：<blockquote>到胸口" in await street.chair.new()
    case = await stored(street)
    assert (case.photos, case.state) == (1, "open")


async def test_a_withdrawn_case_leaves_nobody_waiting(street):
    await opens(street, street.villager)
    await street.chair.new()
    await street.villager.presses("撤回")
    assert "已撤回" in await street.villager.new()
    assert "不用办了" in await street.chair.new()
    await street.harness.time_passes(days=3)
    assert await street.officer.new() == ""


async def test_who_opens_a_case_again_and_again_is_counted_like_who_reports(street):
    await opens(street, street.villager)
    limit = street.harness.town.limits.reports_per_hour
    for _ in range(limit + 1):
        await street.harness.time_passes(minutes=1)
        await street.villager.says("/withdraw 1001")
        await street.villager.says("/reopen 1001 又砌了")
    assert "报得太多" in await street.villager.new()
    assert (await stored(street)).state == "withdrawn"
    await street.harness.time_passes(hours=1)
    await street.villager.says("/reopen 1001 又砌了")
    assert (await stored(street)).state == "open"


async def test_a_message_corrected_a_hundred_times_is_one_message_to_the_chair(street):
    message = {"message_id": 77}
    await street.villager.says("/report dispute 邻居砌墙占了我家的路", **message)
    await street.chair.new()
    for turn in range(100):
        await street.villager.says(f"/report dispute 邻居砌墙 {turn}", edited=True, **message)
    rows = [heard.row for heard in await street.chair.heard()]
    assert len([row for row in rows if row["state"] == "waiting"]) <= 4
    assert len(rows) < 3 * street.harness.town.limits.texts_per_minute


async def test_a_double_press_answers_once_and_says_how_it_stands(street):
    await opens(street, street.villager)
    await street.chair.presses_raw("c.acc", 1001)
    await street.look()
    await street.chair.presses_raw("c.acc", 1001)
    assert street.chair.toasts == ["这件事已经由王主任受理，卡片已更新。"]
    assert await street.villager.new() == ""
    assert "王主任已受理" in await street.chair.new()


async def test_an_old_button_after_the_police_took_over_is_answered_and_the_card_redrawn(street):
    await opens(street, street.villager)
    await street.officer.says("/ack 1001")
    await street.look()
    await street.chair.presses_raw("c.acc", 1001)
    assert street.chair.toasts == ["这件事已经由张警官受理，卡片已更新。"]
    assert "张警官在办" in await street.chair.new()
    assert (await stored(street)).holder == "officer"


async def test_a_chair_who_steps_aside_sees_nothing_more(street):
    await opens(street, street.villager)
    await street.chair.presses("我要回避")
    await street.chair.presses("确定回避")
    assert await card(street.chair) == "<b>1001</b> 这件事不再归你办。"
    assert await buttons(street.chair) == []
    assert "由张警官来办" in await street.villager.new()
    assert "我来处理" in await buttons(street.officer)
    await street.look()
    for words in ("/case 1001", "/accept 1001", "/note 1001 我想知道"):
        await street.chair.says(words)
        told = await street.chair.new()
        assert told.startswith("没有找到编号 1001，或者这件事不归你办。")
        assert "砌墙" not in told
    await street.officer.says("/ack 1001")
    assert "张警官" not in await street.chair.new()


@pytest.mark.parametrize("words", ["/case", "/accept", "/mediate", "/settle", "/escalate", "/refer", "/close", "/note"])
async def test_not_yours_reads_like_not_there(street, words):
    await opens(street, street.villager)
    before = await stored(street)
    await street.other_chair.says(f"{words} 1001 我来看看")
    theirs = await street.other_chair.new()
    await street.other_chair.says(f"{words} 4711 我来看看")
    assert theirs.replace("1001", "4711") == await street.other_chair.new()
    assert await stored(street) == before


async def test_an_ex_chair_with_old_buttons_finds_his_card_emptied(street):
    await opens(street, street.villager)
    await street.harness.store.transact(lambda unit: unit.people.dismiss(street.chair.person_id, at=street.harness.at))
    before = await stored(street)
    await street.chair.presses("受理")
    assert await stored(street) == before
    assert street.chair.toasts == ["没有找到编号 1001，或者这件事不归你办。"]
    assert await card(street.chair) == "<b>1001</b> 这件事不再归你办。"


async def test_a_stranger_moves_nothing_with_a_guessed_button(street):
    await opens(street, street.villager)
    for verb in ("c.acc", "c.ack", "c.all", "c.wd", "c.pic", "c.ok"):
        await street.stranger.presses_raw(verb, 1001)
    assert await street.stranger.new() == ""
    assert set(street.stranger.toasts) == {"没有找到编号 1001，或者这件事不归你办。"}


@pytest.mark.parametrize("value", ["", "x", "１００１; DROP", "99999999999", "-1"])
async def test_a_strange_button_value_is_nobodys_case(street, value):
    await opens(street, street.villager)
    await street.chair.presses_raw("c.acc", value)
    assert (await stored(street)).state == "open"


async def test_a_command_without_a_number_says_how(street):
    await street.chair.says("/accept")
    assert "/accept 1024" in await street.chair.new()


async def test_a_command_without_words_asks_for_them(street):
    await opens(street, street.villager)
    await street.chair.says("/escalate 1001")
    assert "为什么上报" in await street.chair.new()
    await street.chair.says("怕动手")
    assert (await stored(street)).state == "escalated"


async def test_a_follower_sees_the_state_and_nothing_else(street):
    neighbour = await street.harness.person("周大妈", Role.VILLAGER, "上徐村")
    await opens(street, street.villager)
    await street.harness.store.transact(lambda unit: unit.cases.follow(1001, neighbour.person_id, at=street.harness.at))
    await neighbour.says("/case 1001")
    told = await neighbour.new()
    assert "1001" in told
    assert "砌墙" not in told
    assert "徐阿婆" not in told


async def test_a_follower_does_not_read_a_long_report_either(street):
    await opens(street, street.villager, "邻居砌墙占了我家的路" * 150)
    await street.harness.store.transact(lambda unit: unit.cases.follow(1001, street.other_chair.person_id, at=street.harness.at))
    await street.other_chair.says("/case 1001")
    told = await street.other_chair.new()
    assert "1001" in told
    assert "砌墙" not in told
    await street.chair.says("/case 1001")
    assert (await street.chair.new()).count("砌墙") > 150


async def test_somebody_elses_faster_change_is_decided_again_once(street, monkeypatch):
    from storage.cases.cases import Cases

    await opens(street, street.villager)
    real, failures = Cases.record, 1

    async def record(self: Cases, change: CaseChange) -> Case:
        nonlocal failures
        if failures:
            failures -= 1
            raise Conflict(change.case.subject)
        return await real(self, change)

    monkeypatch.setattr(Cases, "record", record)
    await street.chair.presses_raw("c.acc", 1001)
    assert (await stored(street)).state == "accepted"
    failures = 2
    await street.chair.says("/close 1001 好了")
    assert "刚刚有人动过" in await street.chair.new()
    assert (await stored(street)).state == "accepted"


async def test_a_version_that_is_not_the_newest_is_not_written(street):
    case = await opens(street, street.villager)
    await street.chair.says("/accept 1001")

    async def late(unit):
        from domain.cases import moves
        from domain.cases.actors import CaseActor, CaseRole

        by = CaseActor(street.chair.person_id, "王建国", CaseRole.CHAIR, Role.CHAIR)
        await unit.cases.record(moves.take(case, by, town=street.harness.town, at=street.harness.at))

    with pytest.raises(Conflict):
        await street.harness.store.transact(late)


async def test_the_longest_history_still_fits_one_message(street):
    await opens(street, street.villager, "字" * 3000)
    await street.chair.says("/accept 1001")
    for number in range(15):
        await street.harness.time_passes(minutes=1)  # people do not type that fast
        await street.chair.presses_raw("c.med", 1001)
        for words in ("时" * 120, "地" * 120, "人" * 120, f"{number}" + "果" * 1500, "周四 14:00"):
            await street.chair.says(words)
    await street.chair.says("/case 1001")
    shown = await card(street.chair)
    assert 1500 < len(shown) <= 4096
    assert "第 15 次调解" in shown


async def test_words_that_look_like_a_text_key_are_only_words(street):
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    await street.chair.presses("记一次调解")
    for words in ("case.card", "refused.not_found", "{lines}", "<b>各让半米</b> {0}", "周四 14:00"):
        await street.chair.says(words)
    shown = await card(street.chair)
    assert "case.card · refused.not_found · {lines}" in shown
    assert "&lt;b&gt;各让半米" in shown


async def test_english_readers_get_english_cards(street):
    officer = await street.harness.person("陈晓", Role.OFFICER, "上徐村", language="en")
    await opens(street, street.villager, "两家打架动刀了")
    assert "nobody is going yet" in await officer.new()
    assert "I am going" in await buttons(officer)


def test_the_number_may_stand_close_to_its_words():
    town: Any = None

    def read(args: str) -> tuple[int, str]:
        incoming = replace(Incoming(Address("telegram", ChatId(1)), 1, "", "zh", private=True), args=args, command="note")
        return handlers.number_and_words(HandlerContext(None, None, datetime.now(UTC), town, incoming, ""))  # type: ignore[arg-type]

    assert read("1024 来了") == read("#1024，来了") == read("＃１０２４　来了") == (1024, "来了")
    assert read("1024\n第一行\n第二行") == (1024, "第一行\n第二行")
    for nonsense in ("", "来了 1024", "#", "10240000000000"):
        with pytest.raises(RuleError):
            read(nonsense)


# The clock ----------------------------------------------------------------------------------------------------------------


async def test_silence_climbs_to_the_officer_then_to_the_station_then_gives_telephone_numbers(street):
    await opens(street, street.villager)
    await street.look()
    await street.harness.time_passes(hours=6)
    assert "还没受理" in await street.chair.new()
    assert await street.officer.new() == ""
    await street.harness.time_passes(hours=2)
    assert "已上报张警官" in await street.chair.new()
    assert "已自动上报，张警官会在" in await street.villager.new()
    assert "邻居砌墙" in await street.officer.new()
    assert await street.duty.new() == ""
    await street.harness.time_passes(hours=4)
    for station in (street.duty, street.leader):
        told = await station.new()
        assert "我来处理" in await buttons(station)
        assert "社区民警张伟 1380000" in told or "社区民警张伟 380000" in told
    assert await street.admin.new() == ""
    await street.villager.new()
    await street.harness.time_passes(hours=4)
    told = await street.admin.new()
    assert "1001" in told
    assert "值班室钱丽" in told
    assert "砌墙" not in told
    assert await street.villager.new(drawn=False) == ""
    await street.harness.time_passes(hours=8)
    told = await street.duty.new()
    assert told.count("📞") == 1  # called once; from then on it is on a list
    assert "没人接的 1 件</b>，最早 2026年6月1日" in told
    await street.duty.presses("我来处理")
    await street.look()
    await street.harness.time_passes(days=2)
    for voice in street.everybody:
        assert await voice.new(drawn=False) == ""


async def test_an_acknowledgement_is_undone_by_silence_but_not_while_something_is_recorded(street):
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    await street.harness.time_passes(days=4)
    await street.chair.says("/note 1001 打了电话，明天再去")
    await street.look()
    await street.harness.time_passes(days=4)
    assert await street.officer.new() == ""
    await street.harness.time_passes(days=2)
    assert "没有进展" in await street.officer.new()
    assert "一直没有进展，已上报张警官" in await street.chair.new()
    assert (await stored(street)).state == "escalated"


async def test_a_stale_timer_does_nothing(street):
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    await street.harness.store.transact(
        lambda unit: unit.transaction.execute("UPDATE timers SET state = 'waiting' WHERE kind IN ('case_deadline', 'case_reminder')")
    )
    await street.look()
    before = await stored(street)
    await street.harness.time_passes(days=1)
    assert await stored(street) == before
    for voice in street.everybody:
        assert await voice.new(drawn=False) == ""  # the button of the acceptance goes after a minute


async def test_the_chairs_old_deadline_does_not_hurry_the_officer(street):
    await opens(street, street.villager)
    await street.harness.time_passes(hours=7)
    await street.chair.says("/escalate 1001 怕动手")
    await street.harness.store.transact(
        lambda unit: unit.transaction.execute("UPDATE timers SET state = 'waiting' WHERE occurrence = 'case_deadline:1001:1'")
    )
    await street.harness.time_passes(hours=3)
    assert (await stored(street)).rung == 1
    await street.harness.time_passes(hours=1)
    assert (await stored(street)).rung == 2


async def test_a_step_that_ended_leaves_no_timer_waiting(street):
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    waiting = await street.harness.store.transact(lambda unit: unit.timers.list_waiting("case:1001"))
    assert [timer.kind for timer in waiting] == ["case_stalls_soon", "case_stalled"]
    await street.villager.says("/withdraw 1001")
    assert await street.harness.store.transact(lambda unit: unit.timers.list_waiting("case:1001")) == []


async def test_a_week_after_its_end_the_reporter_is_asked_and_an_unsolved_one_is_opened_again(street):
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    await street.chair.says("/settle 1001 各让半米")
    await street.look()
    await street.harness.time_passes(days=6)
    assert await street.villager.new() == ""
    await street.harness.time_passes(days=1)
    assert "现在真的解决了吗" in await street.villager.new()
    await street.villager.presses("没解决")
    await street.villager.says("又砌了")
    assert "又砌了" in await street.chair.new()
    assert (await stored(street)).state == "open"
    await street.villager.presses_raw("c.ok", 1001)
    assert street.villager.toasts[-1] == "这一步不归你办。发 /help 看看你能做什么。"
    await street.look()
    await street.harness.time_passes(hours=8)
    assert "自动上报" in await street.officer.new()


async def test_who_has_no_phone_here_is_visited(street):
    await opens(street, street.chair, "老李家漏水", reporter_id=None, reporter_name="李大爷")
    assert "李大爷" in await street.chair.new()
    await street.chair.says("/accept 1001")
    await street.chair.says("/close 1001 修好了")
    await street.chair.new()
    await street.harness.time_passes(days=7)
    assert "该回访了" in await street.chair.new()


async def test_a_weekend_is_not_the_chairs_delay_and_violence_does_not_wait_for_monday(street):
    zone = ZoneInfo("Asia/Shanghai")
    street.harness.town = replace(street.harness.town, working=WorkingCalendar(zone, opens=time(8, 30), closes=time(17, 30)))
    street.harness.at = datetime(2026, 6, 5, 8, 0, tzinfo=UTC)  # Friday, 16:00
    await opens(street, street.villager)
    await opens(street, street.villager, "两家打架动刀了")
    assert "<b>1002</b>" in await street.officer.new()
    ordinary, pressing = await stored(street), await stored(street, 1002)
    assert ordinary.due_at == datetime(2026, 6, 8, 7, 0, tzinfo=UTC)
    assert pressing.due_at == street.harness.at + timedelta(seconds=90)


async def test_at_night_an_ordinary_card_makes_no_noise_and_a_pressing_one_does(street):
    street.harness.at = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)  # 23:00
    await opens(street, street.villager)
    await opens(street, street.villager, "两家打架动刀了")
    rows = [message.row for message in await street.chair.heard()]
    assert [(row["card"], row["silent"], row["not_before"]) for row in rows] == [
        ("case:1001", 1, to_us(street.harness.at)),
        ("case:1002", 0, to_us(street.harness.at)),
    ]


async def test_the_auditor_gives_a_case_without_a_next_step_one_and_says_so(street):
    await opens(street, street.villager)
    await opens(street, street.villager)
    await street.harness.store.transact(
        lambda unit: unit.transaction.execute("UPDATE timers SET state = 'parked' WHERE subject = 'case:1001'")
    )
    await start_auditor(street)
    await street.harness.time_passes(minutes=5)
    assert await fact(street, "audit.rearmed") == "1"
    await street.harness.time_passes(minutes=10)
    assert await fact(street, "audit.rearmed") == "0"
    assert await fact(street, "audit.last_at") is not None
    await street.harness.time_passes(hours=9)
    assert (await stored(street)).state == "escalated"


async def start_auditor(street: Street) -> None:
    from domain.cases.escalation import audit_timer

    await street.harness.store.transact(lambda unit: unit.timers.start(audit_timer(street.harness.at), at=street.harness.at))


async def fact(street: Street, name: str) -> str | None:
    return await street.harness.store.transact(lambda unit: unit.facts.find(name))


async def test_after_an_outage_a_passed_deadline_climbs_without_a_stale_reminder(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.look()
    street.harness.at += timedelta(days=3)  # no worker ran timers meanwhile
    await street.harness.time_passes(seconds=1)
    assert not [heard for heard in await street.chair.heard() if heard.key.startswith("escalation.reminder")]
    assert "1001" in await street.officer.new()
