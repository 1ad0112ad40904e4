"""The stories of the crash runs, and the town in which they happen.

Knows people, labels and words; must not know kills. Every story begins in the same small town, on a Monday at nine.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.process.database_startup import open_database
from domain.core.town import Town
from domain.people.people import Role
from tests.faults.crash_script import GROUP, Bar, Import, Joins, Press, Saw, Say, Step, Together, Wait
from tests.handler_harness import HandlerHarness

XU, LAO, LI = 20_001, 20_002, 20_003
CHAIR, OTHER, OFFICER, LEADER, DUTY, ADMIN, SECRETARY, MEMBER = range(20_004, 20_012)
STRANGER, SECOND = 90_001, 90_002
PEOPLE: dict[int, tuple[str, Role, str]] = {
    XU: ("徐阿婆", Role.VILLAGER, "上徐村"),
    LAO: ("老徐", Role.VILLAGER, "上徐村"),
    LI: ("李大姐", Role.VILLAGER, "下李村"),
    CHAIR: ("王建国", Role.CHAIR, "上徐村"),
    OTHER: ("赵海燕", Role.CHAIR, "下李村"),
    OFFICER: ("张伟", Role.OFFICER, "上徐村"),
    LEADER: ("李国强", Role.LEADER, ""),
    DUTY: ("钱丽", Role.DUTY, ""),
    ADMIN: ("管小平", Role.ADMIN, ""),
    SECRETARY: ("赵明", Role.SECRETARY, "上徐村"),
    MEMBER: ("周副", Role.MEMBER, "上徐村"),
}
NAMES = {who: name for who, (name, _, _) in PEOPLE.items()} | {STRANGER: "周大妈", SECOND: "李四"}
ROSTER = """
station: 禾安所
villages: [上徐村, 下李村, 新塘村]
people:
  - {name: 王建国, role: chair, villages: [上徐村], telegram_id: 20004}
  - {name: 孙主任, role: chair, villages: [新塘村], phone: "138 0000 0777"}
  - {name: 张伟, role: officer, villages: [上徐村, 新塘村], telegram_id: 20006}
"""
REPORT: tuple[Step, ...] = (Say(XU, "/report dispute 邻居砌墙占了我家的路"), Saw(CHAIR, "1001"))
ACCEPTED: tuple[Step, ...] = (*REPORT, Press(CHAIR, "受理"), Saw(XU, "王主任已受理"))


async def settle_down(folder: Path, town: Town) -> None:
    """Build the town's database in a folder."""
    harness = await HandlerHarness.open(folder, town, opening=open_database)
    for who, (name, role, village) in PEOPLE.items():
        await harness.person(name, role, village, user_id=who)
    await harness.store.close()


def says(who: int, *words: str) -> tuple[Step, ...]:
    """Let somebody say several things."""
    return tuple(Say(who, each) for each in words)


def presses(who: int, *labels: str) -> tuple[Step, ...]:
    """Let somebody press several buttons."""
    return tuple(Press(who, each) for each in labels)


def after(**span: float) -> Wait:
    """Return a step that waits this long."""
    return Wait(timedelta(**span))


FLOWS: dict[str, tuple[Step, ...]] = {
    "report in one line": REPORT,
    "accept": ACCEPTED,
    "report by speaking": (Say(XU, "村口路灯不亮"), Press(XU, "报上去"), Saw(CHAIR, "村口路灯不亮")),
    "withdraw": (*REPORT, Press(XU, "撤回"), Saw(CHAIR, "不用办了")),
    "join a village": (Say(STRANGER, "/start 上徐村"), Press(STRANGER, "同意并加入"), Saw(STRANGER, "你已加入")),
    "sos": (Say(XU, "/sos 老人胸痛，在桥头"), Saw(DUTY, "老人胸痛"), Saw(OFFICER, "老人胸痛")),
    "report by questions": (
        *says(XU, "/report hazard", "村口的电线掉下来了"),
        *presses(XU, "暂时没有", "跳过", "让主任和民警知道", "报上去"),
        Saw(CHAIR, "电线掉下来"),
    ),
    "mediate": (
        *ACCEPTED,
        *presses(CHAIR, "记一次调解", "昨天", "村委会"),
        *says(CHAIR, "老徐和老李都来了", "各让半米，再想想", "周四 14:00"),
        Saw(XU, "各让半米，再想想"),
    ),
    "settle and look again": (
        *ACCEPTED,
        Say(CHAIR, "/mediate 1001 三方都到场"),
        Say(CHAIR, "/settle 1001 各让半米，签了字"),
        Saw(XU, "各让半米，签了字"),
        after(days=8),
        Press(XU, "解决了"),
    ),
    "escalate and acknowledge": (
        *ACCEPTED,
        Say(CHAIR, "/escalate 1001 双方僵持，怕动手"),
        Saw(OFFICER, "双方僵持"),
        Say(OFFICER, "/ack 1001"),
        Saw(XU, "张警官已经接手"),
    ),
    "refer": (*REPORT, *says(OFFICER, "/ack 1001", "/refer 1001 去法院"), Saw(XU, "12348")),
    "close and reopen": (
        Say(XU, "/report hazard 路灯不亮"),
        *says(CHAIR, "/accept 1001", "/close 1001 换了灯泡"),
        Say(XU, "/reopen 1001 又不亮了"),
        Saw(CHAIR, "又不亮了"),
    ),
    "ask and answer": (
        *REPORT,
        Press(CHAIR, "问一句"),
        Say(CHAIR, "墙砌了多高？"),
        Press(XU, "回答"),
        Say(XU, "到胸口"),
        Saw(CHAIR, "到胸口"),
    ),
    "step aside": (*REPORT, Press(CHAIR, "我要回避"), Press(CHAIR, "确定回避"), Saw(XU, "张警官")),
    "nobody answers": (*REPORT, after(hours=18), Saw(OFFICER, "1001"), Saw(LEADER, "1001")),
    "press twice": (*REPORT, Together((Press(CHAIR, "受理"), Press(CHAIR, "受理"))), Saw(XU, "王主任已受理")),
    "cry for help": (*says(XU, "救命", "在桥头"), Press(XU, "告诉民警"), Saw(CHAIR, "救命")),
    "alert": (
        Joins(CHAIR),
        Say(CHAIR, "/bind 上徐村", chat=GROUP),
        Say(LEADER, "/alert 橙 全部 台风今晚登陆，关好门窗"),
        Press(LEADER, "🚨 发送"),
        after(seconds=20),
        Saw(XU, "台风今晚登陆"),
        Saw(GROUP, "台风今晚登陆"),
        Press(CHAIR, "收到"),
        Press(CHAIR, "全村已通知到"),
        after(minutes=20),
        Saw(LEADER, "1 全村已通知到"),
    ),
    "alert taken back": (
        Say(LEADER, "/alert 橙 全部 台风今晚登陆，关好门窗"),
        Press(LEADER, "🚨 发送"),
        after(seconds=5),
        Press(LEADER, verb="arecallok", args=(1,)),
        after(seconds=5),
        Saw(XU, "撤回】"),
    ),
    "training": (
        Press(OFFICER, verb="menu.training"),
        Press(OFFICER, "办一场培训"),
        *says(OFFICER, "心肺复苏实操", "周四 14:00", "2", "镇文化礼堂", "0"),
        Press(OFFICER, "发通知"),
        after(seconds=1),
        Press(XU, "参加"),
        Press(LAO, "去不了"),
        after(days=3, hours=5),
        *presses(OFFICER, "现场点名", "徐阿婆"),
        Saw(OFFICER, "1/1 人到了"),
        after(hours=8),
    ),
    "tip to groups": (
        Joins(CHAIR),
        Say(CHAIR, "/bind 上徐村", chat=GROUP),
        Say(OFFICER, "/tip 2"),
        Press(OFFICER, "确认发送"),
        after(minutes=2),
        Saw(GROUP, "防骗一条"),
    ),
    "tips by themselves": (
        Joins(CHAIR),
        Say(CHAIR, "/bind 上徐村", chat=GROUP),
        Press(OFFICER, verb="tip.new"),
        *presses(OFFICER, "每周一", "村群"),
        Say(XU, "/tip"),
        Press(XU, "不要发"),
        after(days=8),
        Saw(GROUP, "防骗一条"),
    ),
    "group lost": (
        Joins(CHAIR),
        Say(CHAIR, "/bind 上徐村", chat=GROUP),
        Joins(CHAIR, "left"),
        Saw(CHAIR, "上徐村"),
    ),
    "invitation": (
        Say(CHAIR, "/invite member 上徐村"),
        Say(SECOND, "/start i{code}", code_of=CHAIR),
        Press(SECOND, "同意，我来担任"),
        Say(SECOND, "李四"),
        Saw(CHAIR, "李四 已担任"),
    ),
    "hand over": (
        *REPORT,
        Say(LEADER, "/handover 王建国"),
        *presses(LEADER, "周副", "确认交接"),
        Press(ADMIN, "批准"),
        Saw(CHAIR, "你不再是"),
        Saw(MEMBER, "你现在是"),
    ),
    "leave": (Say(CHAIR, "/duty"), *presses(CHAIR, "我要请假", "现在起", "一天", "周副"), *REPORT[:1], Saw(MEMBER, "1001")),
    "suspend": (Say(OFFICER, "/roster"), *presses(OFFICER, "上徐村", "王建国", "停用"), *REPORT[:1], Saw(OFFICER, "1001")),
    "forget": (*REPORT, Say(LAO, "/forget"), Press(LAO, "删除，不留"), Saw(LAO, "删好了")),
    "blocked chair": (Bar(CHAIR), *REPORT[:1], Saw(OFFICER, "1001"), Press(OFFICER, "受理"), Saw(XU, "张警官已经接手")),
    "gone and silent": (
        Bar(XU, "gone"),
        Bar(CHAIR, "silent"),
        *REPORT[:1],
        Bar(CHAIR, ""),
        after(minutes=1),
        Saw(CHAIR, "1001"),
        Press(CHAIR, "受理"),
    ),
    "roster": (Import(ROSTER), *REPORT[:1], Saw(CHAIR, "1001")),
    "many at once": (
        Together(
            (
                Say(XU, "/report dispute 邻居砌墙占了我家的路"),
                Say(LAO, "/report hazard 路灯不亮"),
                Say(LI, "/report other 井盖翘起来了"),
                Say(STRANGER, "/start 上徐村"),
                Say(DUTY, "/cases"),
            )
        ),
        Saw(CHAIR, "路灯不亮"),
    ),
    "out of order": (
        Together((Say(LAO, "/report hazard 路灯不亮"), Say(XU, "/report dispute 邻居砌墙占了我家的路")), backwards=True),
        Press(CHAIR, "受理"),
    ),
}
SHORT = ("report in one line", "sos", "accept", "join a village", "withdraw", "many at once")
