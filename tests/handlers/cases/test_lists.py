"""`/cases` and the menu: own and waiting cases, search by two characters, pages, scope."""

from __future__ import annotations

import pytest

from bot.telegram.buttons import Signer
from domain.people.people import Role

AWKWARD = ["%", "_", "!", "a|b", "'; --", "路灯 " * 20, "灯" * 200, "\u202e", "|", "。"]


@pytest.fixture
async def town_hall(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.other_chair = await harness.person("赵海燕", Role.CHAIR, "下李村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.leader = await harness.person("陈立新", Role.LEADER)
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    harness.zhen = await harness.person("阿珍", Role.VILLAGER, "上徐村")
    harness.li = await harness.person("小李", Role.VILLAGER, "下李村")
    return harness


async def last(who):
    return (await who.heard())[-1]


async def test_what_has_come_up_to_the_officer_stands_first(town_hall):
    await town_hall.xu.says("/report dispute 邻居砌墙")
    await town_hall.zhen.says("/report hazard 路灯不亮")
    await town_hall.chair.says("/escalate 1001 僵持")
    await town_hall.officer.says("/cases")
    text = (await last(town_hall.officer)).text
    assert text.index("1001") < text.index("1002")
    await town_hall.chair.says("/cases")
    text = (await last(town_hall.chair)).text
    assert text.index("1002") < text.index("1001")


async def test_a_row_says_how_old_it_is_and_where_when_that_differs(town_hall):
    await town_hall.xu.says("/report hazard 路灯不亮")
    await town_hall.time_passes(minutes=5)
    await town_hall.li.says("/report hazard 井盖没了")
    await town_hall.leader.says("/cases 路灯")
    assert "上徐村" not in (await last(town_hall.leader)).text
    await town_hall.leader.presses_raw("m.cases", "all")
    text = (await last(town_hall.leader)).text
    assert all(shown in text for shown in ("上徐村", "下李村", "5 分钟前", "刚才"))
    await town_hall.time_passes(days=3)
    await town_hall.xu.says("/cases")
    assert "3 天前" in (await last(town_hall.xu)).text


async def test_pages_turn_in_place_and_keep_what_was_searched(town_hall):
    for turn in range(11):
        await town_hall.xu.says(f"/report hazard 小学门口的路灯不亮 {turn}")
    await town_hall.xu.says("/report hazard 井盖没了")
    await town_hall.chair.says("/cases 小学门口的路灯")
    first = await last(town_hall.chair)
    assert "共 11 件" in first.text
    await town_hall.chair.presses("旧的")
    second = await last(town_hall.chair)
    assert "共 11 件" in second.text
    assert (second.card, second.row["fresh"]) == (first.card, 0)
    assert "1001" in second.text
    assert "1012" not in first.text + second.text
    await town_hall.chair.presses("新的")
    assert "1011" in (await last(town_hall.chair)).text


@pytest.mark.parametrize("words", AWKWARD, ids=range(len(AWKWARD)))
async def test_no_search_breaks_a_list_or_a_button(town_hall, words):
    for turn in range(10):
        await town_hall.xu.says(f"/report hazard 路灯 % _ ! a|b {turn}")
    await town_hall.chair.says(f"/cases {words}")
    heard = await last(town_hall.chair)
    assert "件" in heard.text
    for verb, args in heard.buttons.values():
        Signer("1:T").write(verb, args, chat_id=heard.chat_id)


async def test_a_percent_sign_is_searched_and_not_everything(town_hall):
    await town_hall.xu.says("/report opinion 让利 50% 不真")
    await town_hall.xu.says("/report hazard 路灯不亮")
    await town_hall.chair.says("/cases %")
    text = (await last(town_hall.chair)).text
    assert "1001" in text
    assert "1002" not in text


async def test_a_search_goes_back_in_steps_and_says_how_far_it_came(town_hall, monkeypatch):
    monkeypatch.setattr("storage.cases.search.READ_AT_ONCE", 5)
    await town_hall.xu.says("/report hazard 水库边护栏断了")
    await town_hall.time_passes(days=40)
    for turn in range(12):
        await town_hall.xu.says(f"/report hazard 路灯不亮 {turn}")
    await town_hall.chair.says("/cases 护栏")
    heard = await last(town_hall.chair)
    assert "共 0 件" in heard.text
    assert f"查到 {town_hall.at:%Y年}{town_hall.at.month}月{town_hall.at.day}日 为止" in heard.text
    await town_hall.chair.presses("再往前查")
    await town_hall.chair.presses("再往前查")
    heard = await last(town_hall.chair)
    assert "1001" in heard.text
    assert "查到" not in heard.text
    assert not [label for label in heard.buttons if "再往前查" in label]
    await town_hall.chair.presses("从最新的查")
    assert "共 0 件" in (await last(town_hall.chair)).text


async def test_a_search_shows_every_case_once_however_it_is_divided(town_hall, monkeypatch):
    monkeypatch.setattr("storage.cases.search.READ_AT_ONCE", 10)
    for turn in range(20):
        await town_hall.xu.says(f"/report hazard 路灯不亮 {turn}")
    await town_hall.chair.says("/cases 路灯")
    shown = []
    for _ in range(30):
        heard = await last(town_hall.chair)
        shown += [int(label) for label in heard.buttons if label.isdigit()]
        onward = [label for label in heard.buttons if "旧的" in label or "再往前查" in label]
        if not onward:
            break
        await town_hall.chair.presses(onward[0])
    assert shown == list(range(1020, 1000, -1))


async def test_a_long_word_says_that_a_shorter_one_goes_further(town_hall, monkeypatch):
    monkeypatch.setattr("storage.cases.search.READ_AT_ONCE", 2)
    for turn in range(4):
        await town_hall.xu.says(f"/report hazard 路灯不亮 {turn}")
    await town_hall.chair.says("/cases 水库东边的老护栏又断了一截")
    heard = await last(town_hall.chair)
    assert "换个短一点的词" in heard.text
    assert not [label for label in heard.buttons if "再往前查" in label]


@pytest.mark.parametrize("words", ["路灯", "上徐村", "Lamp", "lamp"])
async def test_two_characters_a_village_or_any_case_of_letters_find_it(town_hall, words):
    await town_hall.xu.says("/report hazard 村口路灯 LAMP 不亮")
    await town_hall.li.says("/report hazard 井盖没了")
    await town_hall.leader.says(f"/cases {words}")
    text = (await last(town_hall.leader)).text
    assert "1001" in text
    assert "1002" not in text


async def test_a_list_is_nobody_elses(town_hall):
    await town_hall.xu.says("/report dispute 邻居砌墙占路")
    for who in (town_hall.li, town_hall.zhen, town_hall.other_chair):
        for name in ("open", "busy", "ended", "mine", "all"):
            await who.presses_raw("m.cases", name, 0, "砌墙")
            await who.presses_raw("m.cases", name, 0)
            assert "1001" not in (await last(who)).text
        await who.presses_raw("m.case", 1001)
        assert "没有找到" in who.toasts[-1]


async def test_who_follows_a_case_finds_it_among_his_own(town_hall):
    await town_hall.xu.says("/report hazard 村口路灯不亮")
    await town_hall.zhen.says("村口路灯不亮了")
    await town_hall.zhen.presses("我也关注")
    await town_hall.zhen.presses_raw("m.cases", "mine")
    assert "1001" in (await last(town_hall.zhen)).text


async def test_who_follows_a_case_reads_nobodys_words_in_his_list(town_hall):
    await town_hall.xu.says("/report hazard 王二砸了路灯13812345678")
    await town_hall.store.transact(lambda unit: unit.cases.follow(1001, town_hall.zhen.person_id, at=town_hall.at))
    await town_hall.zhen.says("/cases")
    text = (await last(town_hall.zhen)).text
    assert "你关注的" in text
    assert not [words for words in ("王二", "路灯", "1381") if words in text]


async def test_who_follows_a_case_learns_nothing_of_its_words_by_searching(town_hall):
    await town_hall.xu.says("/report hazard 村口路灯不亮，是王二砸的")
    await town_hall.store.transact(lambda unit: unit.cases.follow(1001, town_hall.zhen.person_id, at=town_hall.at))
    found = {}
    for words in ("王二", "路灯", "上徐"):
        await town_hall.zhen.says(f"/cases {words}")
        found[words] = "1001" in (await last(town_hall.zhen)).text
    assert found == {"王二": False, "路灯": False, "上徐": True}
    for who in (town_hall.xu, town_hall.chair, town_hall.leader):
        await who.says("/cases 王二")
        assert "1001" in (await last(who)).text


async def test_odd_presses_show_a_list_all_the_same(town_hall):
    for args in ((), ("nonsense",), ("all", "-1"), ("all", "99999"), ("all", "x", "y", "z"), ("open", "٣")):
        await town_hall.chair.presses_raw("m.cases", *args)
        assert "共 0 件" in (await last(town_hall.chair)).text


# The menu ------------------------------------------------------------------------------------------------------------------


async def test_the_menu_counts_what_waits(town_hall):
    await town_hall.chair.says("/start")
    assert any(label.endswith("待办") for label in (await last(town_hall.chair)).buttons)
    await town_hall.xu.says("/report hazard 路灯不亮")
    await town_hall.chair.says("/start")
    assert any("待办（1）" in label for label in (await last(town_hall.chair)).buttons)
    await town_hall.chair.presses("待办")
    assert "1001" in (await last(town_hall.chair)).text


async def test_every_button_of_every_menu_answers_its_owner(town_hall):
    for who in (town_hall.xu, town_hall.chair, town_hall.officer, town_hall.leader):
        await who.says("/start")
        for verb, args in (await last(who)).buttons.values():
            before = len(await who.heard())
            await who.presses_raw(verb, *args)
            assert len(await who.heard()) > before or who.toasts, verb
            await who.says("取消")


async def test_a_stranger_with_an_old_menu_is_shown_the_way_in(town_hall):
    stranger = town_hall.stranger()
    await stranger.presses_raw("menu")
    assert "选你的村" in (await last(stranger)).text


# Lists that decide ----------------------------------------------------------------------------------------------------


async def test_active_list_shows_danger_first_then_deadlines_with_village(town_hall):
    await town_hall.xu.says("/report hazard 路灯不亮")
    await town_hall.time_passes(hours=1)
    await town_hall.li.says("/report hazard 井盖没了")
    await town_hall.xu.says("/report hazard 着火了")
    await town_hall.leader.says("/cases")
    rows = [line for line in (await last(town_hall.leader)).text.splitlines() if "<b>1" in line]
    assert [next(number for number in ("1001", "1002", "1003") if number in row) for row in rows] == ["1003", "1001", "1002"]
    assert rows[0].startswith("🔴")
    assert "上徐村" in rows[1]
    assert "今天 17:00 前" in rows[1]
    await town_hall.xu.says("/cases")
    assert "17:00" not in (await last(town_hall.xu)).text


async def test_active_list_is_filtered_by_village_kind_and_own_work(town_hall):
    await town_hall.xu.says("/report hazard 路灯不亮")
    await town_hall.li.says("/report hazard 井盖没了")
    await town_hall.li.says("/report dispute 邻居砌墙")
    await town_hall.leader.says("/cases")
    await town_hall.leader.presses("按村")
    await town_hall.leader.presses("下李村 2")
    heard = await last(town_hall.leader)
    assert "待办</b> · 下李村 · 共 2 件" in heard.text
    await town_hall.leader.presses("按类别")
    await town_hall.leader.presses("纠纷 1")
    narrowed = await last(town_hall.leader)
    assert "下李村" in narrowed.text
    assert "共 1 件" in narrowed.text
    assert (narrowed.card, narrowed.row["fresh"]) == ("here", 0)
    await town_hall.other_chair.says("/accept 1002")
    await town_hall.other_chair.presses_raw("m.cases", "busy.m", 0)
    assert "我办的 · 共 1 件" in (await last(town_hall.other_chair)).text
    for said in ("open.v999", "open.kodd", "open.x", "ended.m", "open.v" + "9" * 30):
        await town_hall.leader.presses_raw("m.cases", said, 0)
    await town_hall.chair.presses_raw("m.cases", f"open.v{town_hall.villages['下李村']}", 0)
    told = (await last(town_hall.chair)).text
    assert "共 0 件" in told
    assert "下李" not in told  # another village reads as one that does not exist
    for verb, args in narrowed.buttons.values():
        Signer("1:T").write(verb, args, chat_id=narrowed.chat_id)


async def test_case_is_accepted_from_the_list_with_one_tap(town_hall):
    await town_hall.xu.says("/report hazard 路灯不亮")
    await town_hall.xu.says("/report hazard 着火了")
    await town_hall.chair.says("/cases")
    shown = await last(town_hall.chair)
    assert [label for label in shown.buttons if label.startswith("✋")] == ["✋ 接 1001"]  # the fire is taken on its card
    await town_hall.chair.presses("接 1001")
    after = await last(town_hall.chair)
    assert (after.card, after.row["fresh"]) == ("here", 0)
    assert "1001" not in after.text
    await town_hall.chair.presses_raw("m.cases", "busy", 0)
    assert "1001" in (await last(town_hall.chair)).text
    await town_hall.xu.says("/report hazard 井盖没了")
    await town_hall.other_chair.presses_raw("m.acc", 1003, "open", 0)
    await town_hall.chair.presses_raw("m.cases", "open", 0)
    assert "1003" in (await last(town_hall.chair)).text


async def test_case_is_found_by_its_reporter_only_where_the_name_may_be_known(town_hall):
    await town_hall.xu.says("/report hazard 路灯不亮")
    found = {}
    for level in ("named", "hidden", "sealed"):
        await town_hall.store.transact(lambda unit, level=level: unit.transaction.execute("UPDATE cases SET level = ?", (level,)))
        for who in (town_hall.chair, town_hall.officer, town_hall.leader, town_hall.other_chair):
            await who.says("/cases 老徐")
            found[level, who.name] = "1001" in (await last(who)).text
    assert [key for key, seen in found.items() if seen] == [
        ("named", "王建国"), ("named", "张伟"), ("named", "陈立新"), ("hidden", "张伟"), ("hidden", "陈立新"),
    ]  # fmt: skip
