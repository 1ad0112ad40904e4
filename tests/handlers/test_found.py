"""Lost and found in the chat: classes, keeper's card, scope, secrets, reminders, switch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.process.housekeeping import menu_of
from domain.core.change import Priority, Timer
from domain.people.people import Leave, Role
from handlers.fallback import undeliverable
from storage.found import FoundClaims, FoundItems, LostItems
from tests.handler_harness import DELIVERY, MONDAY
from tests.handlers.people.test_erasure import deliver, drawn

if TYPE_CHECKING:
    from domain.core.town import Town
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice

GROUP = -100_200_300
ONE, TWO = "里面一张红色的照片", "拉链断了一个齿"


@pytest.fixture
def town(town: Town) -> Town:
    """The feature is switched on."""
    return replace(town, features=frozenset({"lost_found"}))


class Cast:
    """The people of the tests."""

    finder: Voice
    neighbour: Voice
    chair: Voice
    officer: Voice
    duty: Voice
    leader: Voice
    admin: Voice
    member: Voice
    other_chair: Voice
    other_officer: Voice


@pytest.fixture
async def cast(harness: HandlerHarness) -> Cast:
    cast = Cast()
    cast.finder = await harness.person("老徐", Role.VILLAGER, "上徐村")
    cast.neighbour = await harness.person("阿珍", Role.VILLAGER, "上徐村")
    cast.chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    cast.officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    cast.duty = await harness.person("值班室", Role.DUTY)
    cast.leader = await harness.person("陈所长", Role.LEADER)
    cast.admin = await harness.person("小陈", Role.ADMIN)
    cast.member = await harness.person("小军", Role.MEMBER, "上徐村")
    cast.other_chair = await harness.person("赵主任", Role.CHAIR, "下李村")
    cast.other_officer = await harness.person("李警官", Role.OFFICER, "下李村")
    return cast


async def finds(who: Voice, what: str, *, where: str = "村口车站", details: tuple[str, str] = (ONE, TWO)) -> None:
    """Register something by its words."""
    await who.says(f"/found {what}")
    await who.says(where)
    for detail in details:
        await who.says(detail)
    await who.new()


async def words_to(who: Voice) -> str:
    return "\n".join(message.text for message in await who.heard())


async def state_of(harness: HandlerHarness, number: int = 1) -> str:
    item = await harness.store.transact(lambda unit: unit.records(FoundItems).find(number))
    assert item is not None
    return f"{item.kind} {item.state}"


# Registering ----------------------------------------------------------------------------------------------------------


async def test_ordinary_thing_gets_a_number_and_its_chair_a_card(harness: HandlerHarness, cast: Cast):
    await cast.finder.says("/found")
    assert "捡到了什么" in await cast.finder.new()
    await cast.finder.says("一把红伞")
    assert "在哪里捡到的" in await cast.finder.new()
    await cast.finder.says("村口车站")
    await cast.finder.says(ONE)
    await cast.finder.says(TWO)
    assert "拾物 <b>1</b> 登记好了" in await cast.finder.new()
    (card,) = await cast.chair.heard()
    assert card.text.startswith("🔎 拾物 <b>1</b> · 上徐村 · 普通物品")
    assert "老徐" in card.text
    assert "特征 2 处" in card.text
    assert set(card.buttons) == {"东西收到", "交给失主", "不是他的", "备注", "发到村群", "核对特征"}
    assert (card.card, card.priority, card.row["protect"], card.row["falls_upward"]) == ("found:1", Priority.ESCALATION, 1, 1)
    for nobody in (cast.officer, cast.duty, cast.admin, cast.neighbour, cast.member, cast.other_chair):
        assert await nobody.heard() == []


async def test_valuable_goes_to_the_officer_only_when_it_is_found(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一部手机")
    receipt = (await cast.finder.heard())[-1].text
    assert "2日 09:00" in receipt
    assert "交到派出所或警务室" in receipt
    assert "已告诉社区民警。治保主任看不到这件东西" in receipt
    (card,) = await cast.officer.heard()
    assert "贵重物品" in card.text
    assert card.row["media"] == ""
    assert await cast.chair.heard() == []
    await cast.chair.presses_raw("f.see", 1)
    assert cast.chair.toasts == ["没有找到编号 1，或者这件事不归你办。"]
    await cast.chair.says("/found")
    assert "没有等失主的拾物" in await cast.chair.new()
    await cast.officer.says("/found")
    assert "1 · 一部手机" in (await cast.officer.heard())[-1].buttons


async def test_class_is_asked_when_words_do_not_say_it(harness: HandlerHarness, cast: Cast):
    await cast.finder.says("/found 一个东西")
    (question,) = await cast.finder.heard()
    assert list(question.buttons)[:5] == ["贵重、证件、现金", "普通东西", "吃的、活的", "危险、违禁的", "走失的人"]
    await cast.finder.says("说不清")
    assert "点下面一个" in await cast.finder.new()
    await cast.finder.presses("吃的、活的")
    await cast.finder.says("桥头")
    await cast.finder.presses("说不上来")
    await cast.finder.presses("说不上来")
    assert "动物别硬抓" in await cast.finder.new()
    assert await state_of(harness) == "perishable reported"
    (card,) = await cast.chair.heard()
    assert "没有留特征" in card.text
    assert "核对特征" not in card.buttons


async def test_guessed_class_can_be_corrected_when_one_goes_back(harness: HandlerHarness, cast: Cast):
    await cast.finder.says("/found 一部玩具手机")
    await cast.finder.presses("上一步")
    await cast.finder.presses("普通东西")
    for words in ("村口", ONE, TWO):
        await cast.finder.says(words)
    assert await state_of(harness) == "ordinary reported"


async def test_danger_reads_the_number_first_and_wakes_the_officer_before_anything_is_asked(harness: HandlerHarness, cast: Cast):
    harness.at = MONDAY + timedelta(hours=14)  # 23:00
    await cast.finder.says("/found 一颗手榴弹")
    dial, question = await cast.finder.heard()
    assert dial.text.startswith("先打 <b>110</b>。别碰")
    assert "在哪里" in question.text
    (card,) = await cast.officer.heard()
    assert card.text.startswith("🔴 拾物 <b>1</b> · 上徐村 · 危险物品")
    assert set(card.buttons) == {"已经取走", "备注"}
    assert card.row["silent"] == 0
    assert await cast.chair.heard() == []
    await cast.finder.says("老祠堂后面")
    assert "老祠堂后面" in (await cast.officer.heard())[-1].text
    await cast.officer.presses("已经取走")
    assert await state_of(harness) == "dangerous cleared"
    assert "民警已经取走" in await words_to(cast.finder)


async def test_danger_goes_to_the_duty_desk_when_the_officer_is_silent(harness: HandlerHarness, cast: Cast):
    await cast.finder.says("/found 一把手枪")
    await harness.time_passes(minutes=29)
    assert await cast.duty.heard() == []
    await harness.time_passes(minutes=2)
    for who in (cast.duty, cast.leader):
        (card,) = await who.heard()
        assert "危险物品" in card.text
    assert await cast.admin.heard() == []


async def test_danger_still_reads_the_number_when_there_were_too_many(harness: HandlerHarness, cast: Cast):
    for _ in range(11):
        await cast.finder.says("/found 一把手枪")
    assert (await cast.finder.heard())[-1].text.startswith("先打 <b>110</b>")
    assert len(await cast.officer.heard()) == 10


async def test_who_belongs_to_no_village_still_reads_the_number_and_is_else_asked_to_choose_one(harness: HandlerHarness, cast: Cast):
    await cast.duty.says("/found 一把手枪")
    assert (await cast.duty.new()).startswith("先打 <b>110</b>")
    await cast.duty.says("/found 一把伞")
    for words in ("村口", ONE, TWO):
        await cast.duty.says(words)
    assert "先选你的村" in await cast.duty.new()
    assert await harness.store.transact(lambda unit: unit.records(FoundItems).find(1)) is None


@pytest.mark.parametrize("said", ["/found 一个迷路的小孩", "/lost 我家孩子走失了"])
async def test_person_is_no_lost_property_but_an_emergency(harness: HandlerHarness, cast: Cast, said: str):
    await cast.finder.says(said)
    (dial,) = await cast.finder.heard()
    assert "先打电话" in dial.text
    assert "<b>110</b>" in dial.text
    assert dial.priority == Priority.SOS
    assert await cast.chair.heard() == []
    await cast.finder.presses("告诉民警和主任")
    for who in (cast.chair, cast.officer, cast.duty):
        assert said.split(" ")[1] in await words_to(who)
    assert await harness.store.transact(lambda unit: unit.records(FoundItems).find(1)) is None


async def test_person_of_the_list_calls_for_help_with_the_words_that_were_said(harness: HandlerHarness, cast: Cast):
    await cast.finder.says("/found 路边的")
    await cast.finder.presses("走失的人")
    await cast.finder.presses("告诉民警和主任")
    assert "路边的" in await words_to(cast.officer)


async def test_things_of_a_day_are_limited(harness: HandlerHarness, cast: Cast):
    for _ in range(10):
        await finds(cast.finder, "一把伞", details=("红", "蓝"))
        harness.at += timedelta(minutes=2)
    await cast.finder.says("/found 一把伞")
    for words in ("村口", "红", "蓝"):
        await cast.finder.says(words)
    assert "今天已经登记了 10 件" in await cast.finder.new()
    assert len(await cast.chair.heard()) == 10


@pytest.mark.parametrize("what", ["", "长" * 81])
async def test_what_is_asked_again_when_it_is_nothing_or_too_long(harness: HandlerHarness, cast: Cast, what: str):
    await cast.finder.says("/found")
    await cast.finder.new()
    await cast.finder.says(what, media=None if what else {"type": "photo", "file_id": "f", "file_unique_id": "u"})
    assert "先不要发照片" in await cast.finder.new()


# The keeper -----------------------------------------------------------------------------------------------------------


async def test_keeper_receives_and_returns_and_the_finder_hears_of_it(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.chair.presses("东西收到")
    assert "王主任 保管着" in await cast.finder.new()
    assert await state_of(harness) == "ordinary stored"
    await cast.chair.presses("不是他的")
    assert cast.chair.toasts[-1] == "记下了。一共有 1 次不是失主。"
    await cast.chair.presses("交给失主")
    question = (await cast.chair.heard())[-1]
    assert "真的交给失主了" in question.text
    assert await state_of(harness) == "ordinary stored"
    await cast.chair.presses("交给他了")
    assert await state_of(harness) == "ordinary returned"
    assert "已经还给失主" in await cast.finder.new()
    await cast.chair.presses_raw("f.no", 1)
    assert cast.chair.toasts[-1] == "拾物 1：已经还给失主。"
    drawn = [message for message in await cast.chair.heard() if message.card == "found:1"][-1]
    assert drawn.buttons == {}


async def test_note_is_on_the_keepers_card_and_not_on_the_finders(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.finder.presses("查看进展")
    await cast.chair.presses("备注")
    await cast.chair.says("问过卖菜的，不是她的")
    assert "📝 问过卖菜的，不是她的" in (await cast.chair.heard())[-1].text
    assert "问过卖菜的" not in await words_to(cast.finder)


async def test_finder_takes_a_report_back_and_nobody_else_can(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.neighbour.presses_raw("f.back", 1)
    assert cast.neighbour.toasts == ["没有找到编号 1，或者这件事不归你办。"]
    await cast.chair.presses_raw("f.back", 1)
    assert await state_of(harness) == "ordinary reported"
    await cast.finder.presses("查看进展")
    await cast.finder.presses("撤回")
    assert await state_of(harness) == "ordinary withdrawn"
    assert "捡到的人撤回了" in await words_to(cast.chair)


@pytest.mark.parametrize("verb", ["f.got", "f.tell", "f.give", "f.given", "f.no", "f.note", "f.known", "f.clear"])
@pytest.mark.parametrize("who", ["finder", "neighbour", "member", "other_chair", "other_officer", "admin"])
async def test_button_of_a_keeper_finds_nothing_for_anybody_else(harness: HandlerHarness, cast: Cast, verb: str, who: str):
    await finds(cast.finder, "一把伞")
    voice: Voice = getattr(cast, who)
    before = len(await voice.heard())
    await voice.presses_raw(verb, 1)
    assert voice.toasts == ["没有找到编号 1，或者这件事不归你办。"]
    assert len(await voice.heard()) == before
    assert await state_of(harness) == "ordinary reported"


async def test_chair_who_found_it_does_not_keep_it(harness: HandlerHarness, cast: Cast):
    await finds(cast.chair, "一把伞")
    (card,) = await cast.officer.heard()
    assert "拾物 <b>1</b>" in card.text
    await cast.chair.presses_raw("f.given", 1)
    assert await state_of(harness) == "ordinary reported"
    assert "已告诉社区民警" in await words_to(cast.chair)


async def test_deputy_of_the_chair_who_found_it_sees_nothing_of_it(harness: HandlerHarness, cast: Cast):
    await finds(cast.chair, "一把伞")
    chair, member = cast.chair.person_id, cast.member.person_id
    assert chair is not None
    assert member is not None
    leave = Leave(chair, member, harness.at, harness.at + timedelta(days=1))
    await harness.store.transact(lambda unit: unit.directory.add_leave(leave, at=harness.at))
    await cast.member.presses_raw("f.see", 1)
    assert cast.member.toasts == ["没有找到编号 1，或者这件事不归你办。"]
    await finds(cast.finder, "一顶帽子")
    await cast.member.presses_raw("f.see", 2)
    assert "一顶帽子" in await words_to(cast.member)


async def test_card_goes_to_the_next_post_when_the_chair_has_no_chat_or_blocked_the_bot(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")

    async def fail(unit: Unit) -> None:
        for row in await unit.outbox.claim(owner=DELIVERY, at=harness.at, limit=50):
            if row.person_id == cast.chair.person_id:
                await unit.outbox.end(row.id, owner=row.owner, state="failed", fault="blocked", at=harness.at)
                await undeliverable(unit, row, why="blocked", permanent=True, town=harness.town, at=harness.at)

    await harness.store.transact(fail)
    assert "没送到，现在请你处理" in await words_to(cast.officer)
    await finds(cast.finder, "一顶帽子")
    (_, second) = await cast.officer.heard()
    assert second.text.startswith("🔎 拾物 <b>2</b>")
    await cast.officer.presses("东西收到")
    assert await state_of(harness, 2) == "ordinary stored"


async def test_administrator_learns_the_number_only_when_nobody_else_is_left(harness: HandlerHarness):
    admin = await harness.person("小陈", Role.ADMIN)
    finder = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await finds(finder, "一部手机")
    (sealed,) = await admin.heard()
    assert "编号 <b>1</b>" in sealed.text
    assert "手机" not in str(sealed.row)
    assert "管理员（只有编号）" in await words_to(finder)


async def test_card_is_emptied_when_its_reader_no_longer_sees_the_thing(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.officer.presses_raw("f.see", 1)
    officer = cast.officer.person_id
    assert officer is not None
    await harness.store.transact(lambda unit: unit.people.dismiss(officer, at=harness.at))
    await cast.chair.presses("东西收到")
    assert (await cast.officer.heard())[-1].text == "编号 <b>1</b> 不再归你看。"


# The group ----------------------------------------------------------------------------------------------------------------


async def in_group(harness: HandlerHarness) -> list[str]:
    """Return the messages about found things in the village's group."""
    return [message.text for message in await harness.heard_in(GROUP) if message.card]


@pytest.mark.parametrize(
    ("what", "keeper", "noun"),
    [("一把红伞", "chair", "一把伞"), ("半个西瓜", "chair", "一些吃的"), ("一部白色手机", "officer", "一部手机")],
)
async def test_group_reads_a_noun_a_day_and_a_number_and_then_one_line(
    harness: HandlerHarness, cast: Cast, what: str, keeper: str, noun: str
):
    await cast.chair.says("/bind 上徐村", chat=GROUP)
    await finds(cast.finder, what)
    voice: Voice = getattr(cast, keeper)
    await voice.presses("发到村群")
    (public,) = [message for message in await harness.heard_in(GROUP) if message.card]
    assert public.text.startswith(f"🔎 有人捡到<b>{noun}</b>\n拾物 1，6月1日")
    assert (public.buttons, public.row["media"], public.row["protect"]) == ({}, "", 0)
    for secret in (what, "村口车站", "老徐", ONE, TWO):
        assert secret not in str(public.row)
    assert "发到村群" not in [message for message in await voice.heard() if message.card == "found:1"][-1].buttons
    await voice.presses_raw("f.tell", 1)
    assert "群里已经发过" in voice.toasts[-1]
    await voice.presses_raw("f.given", 1)
    (_, over) = await in_group(harness)
    assert over == "🔎 拾物 1：已经结束。"


async def test_group_card_is_closed_when_the_finder_withdraws_and_no_other_group_hears(harness: HandlerHarness, cast: Cast):
    await cast.chair.says("/bind 上徐村", chat=GROUP)
    await cast.other_chair.says("/bind 下李村", chat=GROUP - 1)
    await finds(cast.finder, "一把伞")
    await cast.chair.presses("发到村群")
    await cast.finder.presses_raw("f.back", 1)
    assert (await in_group(harness))[1:] == ["🔎 拾物 1：已经结束。"]
    assert not [message for message in await harness.heard_in(GROUP - 1) if message.card]


async def test_group_hears_nothing_of_an_unpublished_thing_nor_of_danger(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.chair.presses("发到村群")
    assert cast.chair.toasts[-1] == "上徐村还没有群。先在群里发 /bind 村名。"
    await cast.chair.says("/bind 上徐村", chat=GROUP)
    await cast.chair.presses_raw("f.given", 1)
    await cast.finder.says("/found 一颗手榴弹")
    await cast.officer.presses_raw("f.tell", 2)
    assert "不能发" in cast.officer.toasts[-1]
    assert await in_group(harness) == []


# Secrets --------------------------------------------------------------------------------------------------------------


async def test_details_are_in_no_message_whatever_happens_to_the_thing(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.finder.presses("查看进展")
    await cast.officer.presses_raw("f.see", 1)
    await cast.chair.says("/found")
    await cast.chair.presses("东西收到")
    await harness.time_passes(days=31)
    await cast.chair.presses("交给失主")
    await cast.chair.presses("交给他了")
    everything = "".join(str(message.row) for message in await harness.outbox())
    assert ONE not in everything
    assert TWO not in everything


async def test_keeper_reads_details_over_the_chat_and_that_is_recorded(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    before = len(await harness.outbox())
    await cast.chair.presses("核对特征")
    assert cast.chair.toasts == [f"别念给他听。\n一：{ONE}\n二：{TWO}"]
    assert len(await harness.outbox()) == before
    events = await harness.store.transact(lambda unit: unit.audit.of("found:1"))
    assert [(event.action, event.actor_id) for event in events][-1] == ("found.unseal", cast.chair.person_id)


# The clock ------------------------------------------------------------------------------------------------------------


async def test_valuable_is_asked_about_daily_until_it_is_handed_in(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一部手机")
    await harness.time_passes(hours=23)
    assert await cast.finder.new() == ""
    await harness.time_passes(hours=2)
    assert "请今天交到派出所或警务室" in await cast.finder.new()
    reminder = (await cast.officer.heard())[-1]
    assert "老徐 还没交来" in reminder.text
    await cast.officer.presses("查看进展")
    await cast.officer.presses("东西收到")
    await cast.finder.new()
    await cast.officer.new()
    await harness.time_passes(days=29)
    assert await cast.finder.new() == ""
    assert await cast.officer.new() == ""
    await harness.time_passes(days=2)
    assert "还没有失主" in await cast.officer.new()
    assert await cast.finder.new() == ""


async def test_other_things_are_asked_about_every_thirty_days_until_they_end(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.chair.new()
    await harness.time_passes(days=61)
    assert (await cast.chair.new()).count("还没有失主") == 2
    await cast.chair.presses_raw("f.given", 1)
    await cast.chair.new()
    await harness.time_passes(days=61)
    assert await cast.chair.new() == ""


async def test_reminder_says_nothing_when_the_thing_is_over(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    await cast.chair.presses_raw("f.given", 1)
    await cast.chair.new()
    late = Timer("found_reminder", "found:1", harness.at + timedelta(hours=1), "late", {"number": 1, "turn": 1})
    await harness.store.transact(lambda unit: unit.timers.start(late, at=harness.at))
    await harness.time_passes(hours=2)
    assert await cast.chair.new() == ""


# Lost -----------------------------------------------------------------------------------------------------------------


async def loses(who: Voice, what: str) -> None:
    """Register a loss by its words."""
    await who.says(f"/lost {what}")
    await who.says("车站附近")


async def test_loss_is_registered_and_shows_nothing_of_what_was_found(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一顶帽子")
    await loses(cast.neighbour, "一把红伞")
    text = await cast.neighbour.new()
    assert "失物 <b>1</b> 登记好了" in text
    assert "都是骗子" in text
    assert "拾物" not in text
    assert len(await cast.chair.heard()) == 1
    await cast.chair.presses_raw("l.back", 1)
    assert cast.chair.toasts == ["没有找到编号 1，或者这件事不归你办。"]
    await cast.neighbour.presses("找到了")
    assert "找到就好" in await cast.neighbour.new()
    await cast.neighbour.presses("找到了")
    assert cast.neighbour.toasts == ["失物 1：已经找到。"]


# Matching and claims --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found_first", [True, False])
async def test_match_is_told_to_owner_and_keeper_without_words_place_or_name(harness: HandlerHarness, cast: Cast, found_first: bool):
    if found_first:
        await finds(cast.finder, "一把红伞，木头柄")
        await loses(cast.neighbour, "红伞")
    else:
        await loses(cast.neighbour, "红伞")
        await finds(cast.finder, "一把红伞，木头柄")
    owner = (await cast.neighbour.heard())[-1]
    assert owner.text.startswith("可能有人捡到了类似的东西（失物 <b>1</b>）")
    assert set(owner.buttons) == {"是我的"}
    keeper = (await cast.chair.heard())[-1]
    assert keeper.text.startswith("可能有人丢了拾物 <b>1</b> 这样的东西")
    for message, secrets in ((owner, ("木头柄", "村口", "老徐", ONE, TWO)), (keeper, ("红伞", "车站附近", "阿珍"))):
        for secret in secrets:
            assert secret not in str(message.row)
    assert await cast.officer.heard() == []


@pytest.mark.parametrize(
    ("found", "lost", "keeper"),
    [("一部白色手机", "手机", "officer"), ("一把锄头", "手机", ""), ("手枪", "手枪", ""), ("一把红伞", "蓝伞", "")],
)
async def test_match_goes_to_the_keeper_of_the_class_or_to_nobody(harness: HandlerHarness, cast: Cast, found: str, lost: str, keeper: str):
    await finds(cast.finder, found)
    await loses(cast.neighbour, lost)
    told = {name for name in ("chair", "officer", "duty") if "可能有人丢了" in await words_to(getattr(cast, name))}
    assert told == ({keeper} if keeper else set())
    assert ("可能有人捡到" in await words_to(cast.neighbour)) is bool(keeper)


async def test_nothing_matches_what_one_found_oneself_nor_what_is_over(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    await loses(cast.finder, "红伞")
    await cast.chair.presses_raw("f.given", 1)
    await loses(cast.neighbour, "红伞")
    assert "可能有人" not in await words_to(cast.finder) + await words_to(cast.neighbour) + await words_to(cast.chair)


async def claims(who: Voice, one: str = "一张照片", two: str = "拉链坏了") -> None:
    """Claim and answer."""
    await who.presses("是我的")
    await who.says(one)
    await who.says(two)


async def test_claim_is_judged_and_closed_by_the_receivers_code(harness: HandlerHarness, cast: Cast):
    await cast.chair.says("/bind 上徐村", chat=GROUP)
    await finds(cast.finder, "一把红伞")
    await cast.chair.presses("发到村群")
    await loses(cast.neighbour, "红伞")
    await claims(cast.neighbour)
    assert "有结果告诉你" in await cast.neighbour.new()
    card = (await cast.chair.heard())[-1]
    assert card.text.startswith("🙋 有人认领拾物 <b>1</b> · 上徐村")
    assert set(card.buttons) == {"看他说的"}
    await cast.chair.presses_raw("f.yes", 1)
    assert "等保管的人看" in cast.chair.toasts[-1]
    await cast.chair.presses("看他说的")
    assert cast.chair.toasts[-1] == "只看这一次。\n一：一张照片\n二：拉链坏了"
    await cast.chair.presses_raw("f.hear", 1)
    assert "照片" not in cast.chair.toasts[-1]
    await cast.chair.presses("对上了")
    told = await cast.neighbour.new()
    claim = await harness.store.transact(lambda unit: unit.records(FoundClaims).find(1))
    assert claim is not None
    assert f"交接码 <b>{claim.code}</b>" in told
    assert len(claim.code) == 6
    await cast.neighbour.presses("再看交接码")
    assert claim.code in await cast.neighbour.new()
    await cast.chair.presses("输入交接码")
    await cast.chair.says("abc")
    assert "交接码不对" in await words_to(cast.chair)
    await cast.chair.says(f" {claim.code} ")
    assert "交到失主手里了" in await words_to(cast.chair)
    assert await state_of(harness) == "ordinary returned"
    loss = await harness.store.transact(lambda unit: unit.records(LostItems).find(1))
    assert loss is not None
    assert loss.ended_at is not None
    assert "已经还给失主" in await cast.finder.new()
    assert (await in_group(harness))[-1] == "🔎 拾物 1：已经结束。"
    everything = "".join(str(message.row) for message in await harness.outbox())
    assert "拉链坏了" not in everything
    assert claim.code not in "".join(str(message.row) for message in await harness.outbox() if message.chat_id != cast.neighbour.user_id)


async def test_wrong_answers_are_not_told_from_each_other_and_end_with_the_officer(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    await loses(cast.neighbour, "红伞")
    said = []
    for left in (2, 1, 0):
        await claims(cast.neighbour)
        await cast.chair.presses("看他说的")
        await cast.neighbour.new()
        await cast.chair.presses("没对上")
        said.append(await cast.neighbour.new())
        assert ("认领一直没对上" in await words_to(cast.officer)) is (left == 0)
    assert said[0] == said[1] == "失物 <b>1</b>：没对上。想清楚可以再试。"
    assert "不能再试" in said[2]
    await cast.neighbour.presses_raw("f.claim", 1)
    assert "试的次数到了" in cast.neighbour.toasts[-1]
    await loses(cast.neighbour, "红伞")
    await cast.neighbour.presses_raw("f.claim", 2)
    assert "试的次数到了" in cast.neighbour.toasts[-1]


async def test_five_tries_of_a_day_are_all_for_a_thing(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    voices = [await harness.person(f"村民{number}", Role.VILLAGER, "上徐村") for number in range(6)]
    for voice in voices:
        await loses(voice, "红伞")
    for voice in voices[:5]:
        await claims(voice)
    await voices[5].presses("是我的")
    assert "试的次数到了" in voices[5].toasts[-1]
    await harness.time_passes(hours=25)
    await voices[5].presses("是我的")
    assert "第一处" in await voices[5].new()


@pytest.mark.parametrize("verb", ["f.claim", "f.hear", "f.yes", "f.wrong", "f.code"])
@pytest.mark.parametrize("who", ["finder", "member", "other_chair", "other_officer", "admin"])
async def test_button_of_a_claim_finds_nothing_for_anybody_else(harness: HandlerHarness, cast: Cast, verb: str, who: str):
    await finds(cast.finder, "一把红伞")
    await loses(cast.neighbour, "红伞")
    await claims(cast.neighbour)
    voice: Voice = getattr(cast, who)
    await voice.presses_raw(verb, 1)
    assert voice.toasts == ["没有找到编号 1，或者这件事不归你办。"]


@pytest.mark.parametrize(("keeper", "instead", "what"), [("chair", "officer", "红伞"), ("officer", "duty", "手机")])
@pytest.mark.parametrize("verb", ["f.known", "f.give", "f.given"])
async def test_keeper_who_claims_a_thing_reads_no_details_and_the_next_post_is_told(
    harness: HandlerHarness, cast: Cast, keeper: str, instead: str, what: str, verb: str
):
    await finds(cast.finder, what)
    owner: Voice = getattr(cast, keeper)
    await loses(owner, what)
    await owner.presses_raw(verb, 1)
    assert owner.toasts == ["没有找到编号 1，或者这件事不归你办。"]
    assert "可能有人丢了" not in await words_to(owner)
    assert "可能有人丢了" in await words_to(getattr(cast, instead))


async def test_chair_does_not_judge_a_claim_of_their_own(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    await loses(cast.chair, "红伞")
    await claims(cast.chair)
    await cast.chair.presses_raw("f.hear", 1)
    assert cast.chair.toasts[-1] == "没有找到编号 1，或者这件事不归你办。"
    assert "有人认领拾物" in await words_to(cast.officer)


async def test_other_claims_end_with_the_thing_and_nobody_else_gets_a_code(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    for voice in (cast.neighbour, cast.member):
        await loses(voice, "红伞")
        await claims(voice)
    for number in (1, 2):
        await cast.chair.presses_raw("f.hear", number)
    await cast.chair.presses_raw("f.yes", 1)
    await cast.chair.presses_raw("f.yes", 2)
    assert "已经有人对上了" in cast.chair.toasts[-1]
    await cast.chair.presses_raw("f.given", 1)
    states = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT state FROM found_claims ORDER BY id"))
    assert [row["state"] for row in states] == ["returned", "closed"]
    await cast.member.presses_raw("f.claim", 2)
    assert "已经结束" in cast.member.toasts[-1]


async def test_claim_of_a_forgotten_person_is_empty_and_over(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    await loses(cast.neighbour, "红伞")
    await claims(cast.neighbour)
    neighbour = cast.neighbour.person_id
    assert neighbour is not None
    await harness.store.transact(lambda unit: unit.privacy.forget(neighbour, at=harness.at))
    (row,) = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM found_claims"))
    assert (row["state"], row["answer_one"], row["answer_two"], row["code"]) == ("closed", "", "", "")


@pytest.mark.parametrize(("what", "advice"), [("银行卡", "先打电话挂失"), ("一瓶农药", "先打 <b>110</b> 报告")])
async def test_loss_says_what_to_do_first_when_it_is_urgent(harness: HandlerHarness, cast: Cast, what: str, advice: str):
    await cast.neighbour.says(f"/lost {what}")
    await cast.neighbour.says("车站附近")
    assert advice in await cast.neighbour.new()


async def test_forgotten_person_leaves_no_description_of_what_they_lost(harness: HandlerHarness, cast: Cast):
    await cast.neighbour.says("/lost 一把红伞")
    await cast.neighbour.says("车站附近")
    neighbour = cast.neighbour.person_id
    assert neighbour is not None
    await harness.store.transact(lambda unit: unit.privacy.forget(neighbour, at=harness.at))
    loss = await harness.store.transact(lambda unit: unit.records(LostItems).find(1))
    assert loss is not None
    assert (loss.what, loss.place, loss.ended_at is not None) == ("", "", True)


async def test_card_of_a_find_loses_the_name_at_once_when_its_finder_is_erased(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把红伞")
    await deliver(harness)
    before = (await cast.chair.heard())[-1]
    assert before.card == "found:1"
    assert "老徐" in before.text
    await cast.finder.says("/forget")
    await cast.finder.presses("删除，不留")
    after = (await drawn(harness, cast.chair))["found:1"]
    assert "红伞" in after.text
    assert "老徐" not in after.text


# The switch -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["found", "lost"])
async def test_command_is_unknown_when_the_town_leaves_the_feature_out(harness: HandlerHarness, cast: Cast, command: str):
    harness.town = replace(harness.town, features=frozenset())
    await cast.finder.says("/nothing 一把伞")
    unknown = (await cast.finder.heard())[-1].text
    await cast.finder.says(f"/{command} 一把伞")
    assert (await cast.finder.heard())[-1].text == unknown.replace("nothing", command)


@pytest.mark.parametrize("on", [True, False])
async def test_menus_show_it_only_when_the_feature_is_on(harness: HandlerHarness, cast: Cast, on: bool):
    harness.town = replace(harness.town, features=frozenset({"lost_found"} if on else ()))
    await cast.finder.says("/start")
    assert ("🔎 捡到东西" in (await cast.finder.heard())[-1].buttons) is on
    commands = {entry["command"] for entry in menu_of(Role.VILLAGER, "zh", harness.town.features)}
    assert (commands & {"found", "lost"} == {"found", "lost"}) is on


async def test_what_is_there_goes_on_when_the_feature_is_switched_off(harness: HandlerHarness, cast: Cast):
    await finds(cast.finder, "一把伞")
    harness.town = replace(harness.town, features=frozenset())
    await cast.chair.presses("东西收到")
    assert await state_of(harness) == "ordinary stored"


async def test_everything_is_said_in_english_too(harness: HandlerHarness):
    finder = await harness.person("Emma", Role.VILLAGER, "上徐村", language="en")
    officer = await harness.person("Jack", Role.OFFICER, "上徐村", language="en")
    await finder.says("/found a wallet")
    for words in ("bus stop", "a red photo", "a broken zip"):
        await finder.says(words)
    assert "Found thing <b>1</b> is registered" in await finder.new()
    (card,) = await officer.heard()
    assert set(card.buttons) == {"I have it", "To its owner", "Not theirs", "Note", "To the group", "Check details"}


# Changes of posts -----------------------------------------------------------------------------------------------------


async def test_kept_thing_goes_to_the_officer_when_its_keeper_is_suspended(harness: HandlerHarness, cast: Cast):
    leader = await harness.person("陈所", Role.LEADER)
    await finds(cast.finder, "一把伞")
    await cast.chair.presses_raw("f.got", 1)
    await cast.officer.new()
    await leader.presses_raw("suspend", cast.chair.person_id)
    item = await harness.store.transact(lambda unit: unit.records(FoundItems).find(1))
    assert item is not None
    assert item.handled_by == cast.officer.person_id
    told = await cast.officer.new()
    assert "拾物 <b>1</b>" in told
    assert "编号 <b>1</b>（上徐村）" in told
