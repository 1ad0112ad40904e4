"""People without permission see nothing and change nothing.

They are a chair of another village, a former officer, a stranger. "Not yours" reads like "not there".
"""

from __future__ import annotations

import json

import pytest

QUARREL = "/report dispute 邻居砌墙占了我家的路"
SECRETS = ("占了我家", "老徐", "王主任已受理", "139")
#: Every command that takes a case number.
ABOUT_A_CASE = ("case", "accept", "mediate", "settle", "escalate", "refer", "close", "ack", "note", "withdraw", "reopen")


async def cases_of(village):
    """Return every case as the operator sees it."""
    code, printed = await village.bot.command("cases", "--json")
    assert code == 0, printed
    return json.loads(printed)


async def a_case(village):
    """Open a case that the chair accepts; return its number."""
    await village.villager.says(QUARREL)
    await village.chair.presses("受理")
    village.everybody_looks()
    return village.villager.number()


@pytest.mark.parametrize("whom", [("other_chair", "far_officer"), ("neighbour", "member"), ("stranger", "admin")])
async def test_answer_is_the_same_when_case_is_forbidden_or_missing(village, whom):
    number = await a_case(village)
    before = await cases_of(village)
    for person in map(village.people.__getitem__, whom):
        await asks_everything_about(village, person, number)
    for phone in (village.villager, village.chair, village.officer):
        phone.heard_nothing()
    assert await cases_of(village) == before


async def asks_everything_about(village, person, number):
    """Compare the answers about this case and about a missing one: they have the same words.

    Every command and every other way to see a case is tried.
    """
    await person.says("谢谢")  # the first answer brings the keyboard of a chat
    village.everybody_looks()
    for command in ABOUT_A_CASE:
        answers = []
        for case in (number, number + 1):
            await person.says(f"/{command} {case} 让我来")
            answers.append([(line.text.replace(str(case), "N"), line.buttons) for line in person.news()])
        assert answers[0] == answers[1], f"/{command} tells {person.name} whether there is a case:\n{person.play()}"
        assert answers[0], f"/{command} was met with silence:\n{person.play()}"
    for text in (f"#{number}", str(number), f"/cases {number}", "/cases 砌墙", "/cases"):
        await person.says(text)
    person.never_saw(*SECRETS)
    village.nobody_else_heard()


async def test_button_does_nothing_when_pressed_in_another_chat(village):
    """A forged press in another chat: the button of the chair's card is not valid there."""
    await village.villager.says(QUARREL)
    await village.chair.presses("看全部经过")
    await presses_what_is_not_theirs(village, village.chair, "other_chair", "far_officer", "neighbour", "stranger")


async def test_draft_buttons_of_alert_and_tip_work_only_for_author(village):
    await village.officer.says("/alert 橙色 上徐村 台风今晚登陆")
    draft = village.officer.button("🚨 发送")
    await presses_what_is_not_theirs(village, village.officer, "chair", "far_officer")
    await village.officer.presses(draft)
    await village.officer.says("/tip 1")
    await presses_what_is_not_theirs(village, village.officer, "chair", "far_officer")
    village.officer.has("还没发出")
    village.officer.has("✅ 0 全村已通知到")
    village.far_chair.heard_nothing()


async def presses_what_is_not_theirs(village, owner, *thieves):
    """Press every button of the owner's chat from other chats.

    Each is refused as an old button, and nobody is notified.
    """
    stolen = [key for _, key in village.chats.of(owner.id).buttons() if key.data]
    assert stolen
    before = await cases_of(village)
    for thief in map(village.people.__getitem__, thieves):
        await thief.says("/me")
        village.everybody_looks()
        for key in stolen:
            popped = await thief.presses(key)
            assert "过时" in popped or "没有" in popped, f"{thief.name}, {key.label}: {popped}"
            village.nobody_else_heard()
        thief.did_not_see(*SECRETS, "台风", "还没发出")
        for phone in (owner, village.villager):
            phone.heard_nothing()
    assert await cases_of(village) == before


async def test_former_chair_loses_case_and_successor_sees_it_when_post_is_handed_over(village):
    number = await a_case(village)
    old = [key for words, key in village.chats.of(village.chair.id).buttons() if str(number) in words]
    assert len(old) >= 4
    await village.leader.says("/handover 王建国")
    await village.leader.presses("徐小军")
    await village.leader.presses("确认交接")
    await village.admin.presses("批准")
    village.everybody_looks()
    before = await cases_of(village)
    for key in old:
        await village.chair.presses(key)
    for command in ABOUT_A_CASE:
        await village.chair.says(f"/{command} {number} 我还在")
        assert village.chair.news(), f"/{command} was met with silence"
    await village.chair.says(f"/case {number}")
    village.chair.saw(f"没有找到编号 {number}")
    village.chair.did_not_see("砌墙", "老徐", "139")
    village.villager.heard_nothing()
    assert await cases_of(village) == before
    await village.member.says(f"/case {number}")
    village.member.saw(str(number), "占了我家")


async def test_former_officer_sees_and_changes_nothing_when_deactivated(village):
    await village.villager.says(QUARREL)
    number = village.villager.number()
    await village.chair.says(f"/escalate {number} 帮帮我")
    await village.officer.presses("看全部经过")
    old = [key for words, key in village.chats.of(village.officer.id).buttons() if str(number) in words]
    assert len(old) >= 4
    await village.leader.says("/roster")
    await village.leader.presses("上徐村")
    await village.leader.presses("张伟")
    await village.leader.presses("停用")
    village.everybody_looks()
    before = await cases_of(village)

    for key in old:
        await village.officer.presses(key)
    for command in ABOUT_A_CASE:
        await village.officer.says(f"/{command} {number} 我还在")
    for text in ("/cases", "/cases 砌墙", "/roster", "/duty", "/alert 红 全部 我还在", "/tip 1", f"#{number}", "📣"):
        await village.officer.says(text)
    village.officer.did_not_see("砌墙", "老徐", "139", "还没有发出", "确认发送")
    for phone in (village.villager, village.chair, village.duty):
        phone.heard_nothing()
    assert await cases_of(village) == before


async def test_former_officer_sees_and_changes_nothing_when_removed_by_roster(opens, tmp_path):
    import yaml

    from tests.e2e.village import CAST, roster

    async with opens(today=True) as village:  # the import goes by the real clock
        number = await a_case(village)
        await village.chair.says(f"/escalate {number} 帮帮我")
        await village.officer.presses("我来处理")
        old = [key for words, key in village.chats.of(village.officer.id).buttons() if str(number) in words]
        wanted = roster([name for name in CAST if name != "officer"], channels=village.channels)
        file = tmp_path / "roster.yaml"
        file.write_text(yaml.safe_dump(wanted, allow_unicode=True), encoding="utf-8")
        code, printed = await village.bot.command("import-roster", str(file), "--remove-absent")
        assert code == 0, printed
        village.everybody_looks()
        before = await cases_of(village)
        for key in old:
            await village.officer.presses(key)
        for command in ABOUT_A_CASE:
            await village.officer.says(f"/{command} {number} 我还在")
        await village.officer.says("/cases")
        village.officer.did_not_see("砌墙", "老徐", "139")
        assert await cases_of(village) == before


async def test_reporter_is_refused_when_using_commands_of_case_handlers(village):
    number = await a_case(village)
    before = await cases_of(village)
    for command in ("accept", "mediate", "settle", "escalate", "refer", "close", "ack"):
        await village.villager.says(f"/{command} {number} 我自己来")
        village.villager.saw("不归你办")
    assert await cases_of(village) == before
    village.chair.heard_nothing()


async def test_stranger_gets_answers_without_any_data(village):
    await a_case(village)
    for text in (
        "/cases",
        "/roster",
        "/duty",
        "/invite chair 上徐村",
        "/handover",
        "/alert 红 全部 x",
        "/tip",
        "/training",
        "/report dispute x",
        "/bind 上徐村",
    ):
        village.everybody_looks()
        await village.stranger.says(text)
        assert village.stranger.news(), f"{text} was met with silence"
        village.nobody_else_heard()
    village.stranger.never_saw(*SECRETS, "王建国", "张伟")


async def test_stranger_is_blocked_when_guessing_invitation_codes(village):
    for guess in range(7):
        await village.stranger.says(f"/start i{'A' * 20}{guess:02d}")
    village.stranger.saw("试得太多了")
    village.stranger.never_saw("请你担任")


async def test_forged_button_is_refused_as_old_button(village):
    await a_case(village)
    before = await cases_of(village)
    for data in ("c.acc|1001~AAAAAAAAAAA", "c.acc|1001", " ", "~", "|||~", "c.acc|1001~", "方法~啊", "x" * 64):
        popped = await village.other_chair.forges(data)
        assert "过时" in popped, data
    assert await cases_of(village) == before
    village.nobody_else_heard()


async def test_group_sees_no_case_data_when_chair_uses_commands_there(village):
    await village.chair.says("/bind 上徐村", to=village.group)
    number = await a_case(village)
    for text in (f"/case {number}", "/cases", "/me", "/roster", f"/accept {number}", "@tongxin_bot 老徐的事怎么样了"):
        await village.chair.says(text, to=village.group)
        await village.time_passes(minutes=2)
    village.group.saw("请到私聊里说")
    village.group.never_saw("砌墙", "老徐", "139", str(number))


async def test_binding_is_refused_when_group_administrator_is_anonymous(village):
    await village.chair.says("/bind 上徐村", to=village.group, anonymous_admin=True)
    village.group.saw("匿名")
    village.group.never_saw("这个群现在是")
