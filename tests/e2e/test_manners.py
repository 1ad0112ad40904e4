"""Basic behaviour: emergency numbers first, quiet groups, and an answer to every message.

Drafts survive a restart, and every dialog can be cancelled.
"""

from __future__ import annotations

QUARREL = "邻居砌墙占了我家的路"


async def test_bot_shows_emergency_numbers_first_when_message_reports_danger(village):
    await village.villager.says("救命，我家着火了")
    village.villager.saw("先打电话", "110", "119", "120", "告诉民警和主任")
    village.nobody_else_heard()
    await village.villager.presses("告诉民警和主任")
    village.villager.saw("收到，编号", "先打")
    village.chair.saw("着火", "我过去")
    village.officer.saw("着火", "我过去")
    village.duty.saw("着火", "我过去")
    village.leader.saw("着火", "我过去")
    village.nobody_else_heard()


async def test_sos_notifies_nobody_when_villager_cancels_it(village):
    await village.villager.presses("🆘 紧急求助")
    village.villager.saw("先打电话", "110")
    await village.villager.presses("点错了")
    village.villager.saw("没事就好")
    village.nobody_else_heard()


async def test_stranger_gets_emergency_numbers_when_message_reports_danger(village):
    await village.stranger.says("有人落水了")
    village.stranger.saw("先打电话", "110", "119", "120")


async def test_emergency_numbers_are_shown_when_danger_is_mentioned_in_a_dialog(village):
    await village.villager.presses("📝 我要报事")
    await village.villager.says("他拿着刀，持刀砍人了")
    village.villager.saw("先打电话", "110")


async def test_bot_is_silent_in_group_when_not_addressed(village):
    await village.chair.says("/bind 上徐村", to=village.group)
    village.everybody_looks()
    for text in ("今天天气好", "谁家的狗丢了", QUARREL, "1001", "取消", "哈哈"):
        await village.villager.says(text, to=village.group)
    await village.villager.sends_photo("看这堵墙", to=village.group)
    village.group.heard_nothing()
    village.nobody_else_heard()


async def test_villager_is_sent_to_private_chat_when_they_address_bot_in_group(village):
    await village.villager.says("@tongxin_bot " + QUARREL, to=village.group)
    village.group.saw("已私聊你", "去私聊")
    village.villager.saw("在这里说，别人看不到")
    village.group.never_saw("砌墙", "老徐")
    await village.villager.says("/report dispute " + QUARREL, to=village.group)
    assert len(village.group.news()) <= 1, "once a minute is enough"
    village.chair.heard_nothing()


async def test_unknown_group_member_is_asked_to_open_private_chat(village):
    village.world.groups[village.group.id].members.append(village.newcomer.id)
    await village.newcomer.says("@tongxin_bot 怎么报事", to=village.group)
    village.group.saw("请到私聊里跟我说", "去私聊")


async def test_draft_is_kept_when_process_is_restarted(village):
    await village.villager.presses("📝 我要报事")
    await village.villager.presses("纠纷")
    await village.bot.kill()
    await village.bot.run()
    await village.villager.says(QUARREL)
    village.villager.saw("哪方面的纠纷")
    await village.bot.stop()
    await village.bot.run()
    await village.villager.presses("邻里")
    for _ in range(4):
        offered = village.villager.labels()
        await village.villager.presses(
            next(each for each in ("暂时没有", "跳过", "让主任和民警知道", "报上去") if any(each in label for label in offered))
        )
        if any("编号" in line.text for line in village.villager.news()):
            break
    number = village.villager.number()
    await village.chair.says(f"/case {number}")
    village.chair.saw(QUARREL, "邻里")


async def test_dialog_is_cancelled_when_user_writes_any_cancel_word(village):
    for word in ("取消", "算了", "/cancel", "cancel", "取消。"):
        await village.villager.presses("📝 我要报事")
        await village.villager.presses("隐患")
        await village.villager.says(word)
        village.villager.saw("已取消")
        await village.villager.says(word)
        village.villager.saw("没有要取消的")
        village.nobody_else_heard()


async def test_every_question_has_cancel_button(village):
    await village.villager.presses("📝 我要报事")
    for answer in ("纠纷", QUARREL, "邻里", "暂时没有"):
        offered = village.villager.labels()
        assert any("取消" in label for label in offered), village.villager.play()
        if any(answer in label for label in offered):
            await village.villager.presses(answer)
        else:
            await village.villager.says(answer)
    await village.villager.presses("取消")
    village.villager.saw("已取消")


async def test_back_button_returns_to_previous_question(village):
    await village.villager.presses("📝 我要报事")
    await village.villager.presses("隐患")
    await village.villager.presses("上一步")
    village.villager.saw("哪一类")
    await village.villager.presses("纠纷")
    village.villager.saw("出了什么事")


async def test_old_answer_button_is_refused_when_question_was_answered(village):
    await village.villager.presses("📝 我要报事")
    old = village.villager.button("隐患")
    await village.villager.presses(old)
    popped = await village.villager.presses(old)
    assert "已经答过" in popped
    await village.villager.says("取消")
    popped = await village.villager.forges(old.data)
    assert "已经结束" in popped


async def test_every_message_gets_an_answer(village):
    for text in ("？", "。", "👍", "1", "/nonsense", "/报事", "/", "   .", "啊", "0", "#", "-1", "9" * 20, "<b>", "%s {x}"):
        await village.time_passes(minutes=2)
        for who in (village.villager, village.chair, village.officer, village.stranger):
            village.everybody_looks()
            await who.says(text)
            assert who.news(), f"{text!r} was met with silence:\n{who.play()}"
            village.nobody_else_heard()


async def test_stickers_and_contacts_get_an_answer(village):
    await village.villager.shares_contact()
    village.villager.saw("看不懂")
    village.world.updates.add_raw(
        {
            "message": {
                "message_id": 990001,
                "date": int(village.world.clock.now()),
                "chat": village.world.persons[village.villager.id].chat,
                "from": village.world.persons[village.villager.id].user,
                "sticker": {
                    "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False,
                },
            }
        }
    )  # fmt: skip
    await village.settle()
    village.villager.saw("看不懂")


async def test_case_is_shown_when_number_is_written_in_any_form(village):
    await village.villager.says(f"/report dispute {QUARREL}")
    number = village.villager.number()
    for digits in (str(number), str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))):
        for written in ("#{}", "＃{}", "{}", "/case {}", "/case #{}", " {} "):
            village.everybody_looks()
            await village.villager.says(written.format(digits))
            village.villager.saw(str(number), QUARREL)


async def test_user_text_is_shown_unchanged_when_it_contains_markup(village):
    nasty = '<b>粗</b> & <a href="http://x">点我</a> {name} %s https://t.me/evil @everyone /ban \u202e倒'
    await village.villager.says(f"/report dispute {nasty}")
    line = village.chair.saw("新纠纷", "<b>粗</b>", "{name}")
    (message,) = [message for message in village.chats.of(village.chair.id).shows.values() if message["message_id"] == line.message_id]
    kinds = {entity["type"] for entity in message.get("entities", [])}
    assert kinds <= {"bold", "blockquote", "italic"} | {"url", "mention", "bot_command"}
    assert not any(entity["type"] == "text_link" for entity in message.get("entities", []))
    assert "\u202e" not in message["text"]


async def test_card_shortens_long_text_and_button_shows_all(village):
    text = "".join(f"第{turn}次吵架，" for turn in range(350))
    await village.villager.says(f"/report dispute {text}")
    village.villager.saw("收到，编号")
    card = village.chair.saw("新纠纷", "第0次吵架", "…")
    assert len(card.text) < 1200
    await village.chair.presses("看全部经过")
    village.chair.saw("第0次吵架", "第340次吵架")


async def test_rate_limit_lets_danger_through_and_ends_after_two_minutes(village):
    for _ in range(33):
        await village.villager.says("嗯嗯", resting=False)
    await village.settle()
    village.villager.saw("太快了")
    await village.villager.says("救命，着火了")
    village.villager.saw("先打电话")
    await village.time_passes(minutes=2)
    await village.villager.says("/me")
    village.villager.saw("称呼")


async def test_repeated_update_opens_one_report(village):
    """The server may send an update again: the same message is the same report."""
    await village.villager.says(f"/report dispute {QUARREL}")
    first = village.villager.number()
    wire = next(
        stored.wire for stored in village.world.messages[village.villager.id].values() if stored.wire.get("text", "").startswith("/report")
    )
    village.world.updates.add_raw({"message": wire})
    await village.settle()
    assert village.villager.number() == first
    village.chair.saw("新纠纷")
    village.everybody_looks()
    village.world.updates.add_raw({"message": wire})
    await village.settle()
    village.chair.heard_nothing()
    village.villager.heard_nothing()


async def test_command_menu_has_public_commands_in_each_language(village):
    menus = {key: [entry["command"] for entry in commands] for key, commands in village.world.commands.items()}
    scopes = {kind for kind, *_ in menus}
    assert "all_private_chats" in scopes
    everybody = menus["all_private_chats", 0, 0, ""]
    assert "report" in everybody
    assert "alert" not in everybody
    english = village.world.commands["all_private_chats", 0, 0, "en"]
    assert not any("一" <= sign <= "鿿" for entry in english if entry["command"] != "language" for sign in entry["description"])


async def test_help_lists_commands_that_user_may_use(village):
    await village.stranger.says("/help")
    village.stranger.saw("/start", "110")
    await village.villager.says("/help")
    village.villager.saw("/cases", "取消")
    village.villager.did_not_see("/alert")
    await village.officer.says("/help")
    village.officer.saw("/ack", "/alert")
    await village.teacher.says("/help")
    village.teacher.saw("/cases")
    assert not any("一" <= sign <= "鿿" for sign in village.teacher.news()[-1].text.replace("上徐村", ""))


async def test_message_is_answered_once_when_process_is_restarted(village):
    await village.villager.says(QUARREL, resting=False)
    await village.bot.stop()
    await village.bot.run()
    await village.settle()
    village.villager.saw("要帮你报给上徐村吗")
    assert len([line for line in village.villager.news() if "要帮你报给" in line.text]) == 1


async def test_second_bot_is_refused_when_database_is_in_use(village):
    code, printed = await village.bot.command("run")
    assert code == 1
    assert "already running" in printed


async def test_report_gets_receipt_when_server_was_down_and_bot_was_killed(village):
    """The bot keeps an accepted report and sends the receipt when the server is back."""
    await village.villager.says(f"/report dispute {QUARREL}", resting=False)
    await village.does(None, "faults", resting=False, down=True)
    await village.bot.kill()
    await village.does(None, "faults", resting=False, down=False)
    await village.bot.run()
    await village.settle()
    await village.villager.sees("收到，编号")
    await village.chair.sees("新纠纷")


async def test_each_user_reads_their_own_language_in_one_case(village):
    await village.teacher.says("/report dispute The neighbour's wall blocks my road")
    number = village.teacher.number()
    await village.chair.presses("受理")
    village.chair.saw("王主任已受理", "The neighbour's wall")
    await village.teacher.says(f"#{number}")
    await village.teacher.says("/cases")
    await village.teacher.says("help me, my house is on fire")
    village.teacher.saw("Dial first", "110", "119", "120")
    await village.teacher.says("cancel")
    for line in village.chats.of(village.teacher.id).by_bot(village.teacher.opened):
        assert not chinese(line.text), village.teacher.play()
        assert not any(map(chinese, line.buttons)), village.teacher.play()


def chinese(text):
    """Return whether there is a Chinese character outside the names of village and people."""
    return any("一" <= sign <= "鿿" for sign in text.replace("上徐村", "").replace("Chair 王", ""))


async def test_group_gets_emergency_numbers_without_name_when_danger_is_reported_there(village):
    await village.chair.says("/bind 上徐村", to=village.group)
    await village.villager.says("@tongxin_bot 怎么报事", to=village.group)
    village.group.saw("去私聊")
    await village.villager.says("@tongxin_bot 救命，着火了", to=village.group)
    village.group.saw("先打电话", "110", "119", "120")
    village.group.never_saw("老徐", "着火")


async def test_id_number_is_deleted_from_chat_and_report_is_kept(village):
    number = "110101199003074258"
    said = await village.villager.says(f"我是{number}，村口的路灯坏了三天")
    village.villager.saw("请不要在这里发身份证号", "已经从聊天里删掉了")
    assert said not in village.chats.of(village.villager.id).shows
    await village.villager.presses("报上去")
    case = village.villager.number()
    village.chair.saw("村口的路灯坏了三天", str(case))
    village.everybody_looks()
    for who in (village.villager, village.chair):
        assert number not in "".join(str(line) for line in village.chats.of(who.id).by_bot())

    await village.villager.edits(await village.villager.says("路灯在桥头"), f"路灯在桥头 {number}")
    village.villager.saw("请不要在这里发身份证号", "已经从聊天里删掉了")


async def test_id_number_in_group_is_answered_when_bot_may_not_delete(village):
    await village.chair.says("/bind 上徐村", to=village.group)
    village.everybody_looks()
    await village.villager.says("/village 110101199003074258", to=village.group)
    village.group.saw("请不要在群里发身份证号", "请你自己删掉")
    village.group.never_saw("4258")
