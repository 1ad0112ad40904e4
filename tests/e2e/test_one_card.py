"""One living card: how many messages and buttons a chat holds after a month of use.

The play has every kind of message that a villager and a chair get. A failure shows the chats.
"""

from __future__ import annotations

from tests.e2e.chats import words_of

LAMP = "村口路灯坏了，晚上看不见"
#: The most that a chat may hold after the play: messages, live buttons, messages that the bot sent.
MOST = {"villager": (37, 15, 41), "chair": (26, 32, 21)}
RAIN = "今晚有大暴雨，请关好门窗"


def held(village, who):
    """Count a chat: messages of both sides, live buttons, messages ever sent there."""
    chat = village.chats.of(who.id)
    messages = [each for each in chat.shows.values() if words_of(each)]
    buttons = [key for _, key in chat.buttons() if not key.url]
    return len(messages), len(buttons), sum(line.how == "said" for line in chat.by_bot(who.opened))


async def acts(who, *labels, on=""):
    """Press the first of these buttons that there is; False when there is none."""
    for label in labels:
        found = [key for words, key in who.town.chats.of(who.id).buttons() if label in key.label and on in words]
        if found:
            await who.presses(found[0])
            return True
    return False


async def report_and_handling(village):
    """A report with media; a question, two sessions, a hand-over, a closing photo."""
    villager, chair, officer = village.villager, village.chair, village.officer
    await villager.says("邻居砌墙占了我家的路")
    await villager.presses("报上去")
    number = villager.number()
    await villager.sends_photo()
    await villager.sends_voice()
    await villager.shares_location()
    await chair.presses("受理", on=str(number))
    await chair.presses("问一句", on=str(number))
    await chair.says("墙有多高？")
    await acts(villager, "回答")
    await villager.says("一米五")
    await villager.says(f"/case {number}")
    await chair.says(f"/mediate {number} 昨天在村委会，双方都到了，没谈成")
    await chair.says(f"/mediate {number} 今天又谈了一次，答应周一答复")
    await chair.presses("上报", on=str(number))
    await chair.says("双方僵持，怕动手")
    await officer.presses("我来处理")
    return number


async def training_tip_and_alert(village):
    """A training that is moved, a tip, an alert and its end."""
    villager, chair, officer = village.villager, village.chair, village.officer
    await officer.presses("🎓 培训")
    await officer.presses("办一场培训")
    await officer.says("心肺复苏实操")
    await officer.says("周四 14:00")
    await officer.presses("2 小时")
    await officer.says("镇文化礼堂")
    await officer.presses("上徐村")
    await officer.presses("选好了")
    await officer.presses("不限")
    await officer.presses("📣 发通知")
    await villager.presses("参加")
    await chair.presses("去不了")
    await acts(officer, "改时间")
    await officer.says("周五 14:00")
    await acts(officer, "发通知", "改好了")
    await acts(villager, "参加", "能去")
    await villager.says("/tip")
    await officer.says(f"/alert 橙色 上徐村 {RAIN}")
    await officer.presses("🚨 发送")
    await villager.presses("收到", on=RAIN)
    await chair.presses("收到")


async def end_of_the_case(village, number):
    """A settlement that the reporter does not accept, and a closing."""
    villager, officer = village.villager, village.officer
    await officer.says(f"/mediate {number} 联合调解，说好拆墙让路")
    await officer.presses("调解成功", on=str(number))
    await officer.says("墙拆了，路让出来了")
    await village.time_passes(days=7, hours=1)
    await villager.presses("没解决", on="现在真的解决了吗")
    await villager.says("墙又砌起来了")
    await officer.presses("我来处理", on=str(number))
    await officer.says(f"/mediate {number} 又谈了一次，当场拆了")
    await officer.presses("调解成功", on=str(number))
    await officer.says("当场拆完，拍了照片")
    await villager.says("谢谢")


async def second_report_and_call(village):
    """A report that the chair does not see, a lamp repaired, and a call for help."""
    villager, chair = village.villager, village.chair
    await villager.says("隔壁天天半夜打麻将，吵得睡不着")
    await villager.presses("不让主任知道是我")
    await village.time_passes(minutes=20)
    await villager.says(LAMP)
    await villager.presses("报上去")
    lamp = villager.number()
    await chair.presses("受理", on=str(lamp))
    await chair.presses("办结", on=str(lamp))
    await chair.sends_photo("换好灯泡了")
    await village.time_passes(minutes=20)
    await villager.says("/sos 我爸摔倒了，动不了")
    await villager.shares_location()
    await chair.presses("我过去")
    await acts(chair, "到了")
    sos = villager.number()
    await acts(chair, "办结", on=str(sos))
    await chair.says("送到卫生院，没有大事")
    await villager.says("谢谢主任")


async def test_chats_stay_short_when_everything_has_happened_once(village):
    number = await report_and_handling(village)
    await training_tip_and_alert(village)
    await end_of_the_case(village, number)
    await second_report_and_call(village)
    villager, chair = held(village, village.villager), held(village, village.chair)
    # 62 messages, 156 buttons and 43 sends before cards were living; 39, 98 and 29.
    assert all(now <= most for now, most in zip(villager, MOST["villager"], strict=True)), (villager, village.villager.play())
    assert all(now <= most for now, most in zip(chair, MOST["chair"], strict=True)), (chair, village.chair.play())
