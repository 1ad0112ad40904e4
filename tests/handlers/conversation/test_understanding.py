"""Words that are understood: a row is a sentence typed by a person, and its effect.

A row is a play of its own, through the real handlers; every message of the bot has arrived before the person types.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from domain.core.change import CaseId
from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Voice
from tests.handlers.conftest import faults_of_what_was_said
from tests.rows import row

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from domain.core.town import Town

PHOTO = {"type": "photo", "file_id": "f", "file_unique_id": "u"}
ROWS: dict[str, Callable[[Street], Awaitable[None]]] = {}


class Street:
    """A town with people who have posts, and the last words that each was told."""

    def __init__(self, harness: HandlerHarness) -> None:
        self.harness = harness

    @classmethod
    async def open(cls, harness: HandlerHarness) -> Street:
        street = cls(harness)
        street.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
        street.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
        street.leader = await harness.person("陈强", Role.LEADER)
        street.member = await harness.person("李秀英", Role.MEMBER, "上徐村")
        street.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
        street.zhen = await harness.person("阿珍", Role.VILLAGER, "上徐村")
        return street

    chair: Voice
    officer: Voice
    leader: Voice
    member: Voice
    xu: Voice
    zhen: Voice

    async def told(self, who: Voice, said: str, **facts: Any) -> str:
        """Let all messages arrive, say something, and return what the person is told."""
        await self.harness.deliver()
        await who.new()
        await who.says(said, **facts)
        return await who.new()

    async def reported(self, words: str = "/report dispute 邻居半夜放音响吵得睡不着") -> None:
        await self.xu.says(words)

    async def taken(self, words: str = "/report dispute 邻居半夜放音响吵得睡不着") -> None:
        await self.reported(words)
        await self.chair.says("/accept 1001")

    async def asked(self, question: str) -> None:
        await self.harness.deliver()
        await self.chair.presses("问一句")
        await self.chair.says(question)

    async def alerted(self) -> None:
        await self.leader.says("/alert 橙 上徐村 台风来了，收好东西")
        await self.leader.presses("发送")
        await self.harness.time_passes(seconds=20)

    async def confirmed(self) -> list[str]:
        found = await self.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT how FROM alert_villages WHERE how <> ''"))
        return [str(each["how"]) for each in found]

    async def one(self, sql: str) -> Any:
        found = await self.harness.store.transact(lambda unit: unit.transaction.fetch_one(sql))
        return next(iter(dict(found).values())) if found else None

    async def member_online(self) -> None:
        await self.member.says("菜单")

    async def training(self) -> str:
        """Announce a training that begins in half an hour; return its code."""
        await self.chair.presses_raw("tnew")
        for said in ("防诈骗", "今天 9:30", "1", "村委会", "0"):
            await self.chair.says(said)
        await self.chair.presses("发通知")
        return str(await self.one("SELECT code FROM trainings"))

    async def timeline(self, number: int = 1001) -> list[tuple[str, str]]:
        events = await self.harness.store.transact(lambda unit: unit.cases.timeline(CaseId(number)))
        return [(str(event.action), event.words) for event in events]

    async def count(self) -> int:
        return int(await self.one("SELECT COUNT(*) AS n FROM cases"))

    async def state(self, number: int = 1001) -> str:
        return str(await self.one(f"SELECT state FROM cases WHERE id = {number}"))  # noqa: S608


def understands(name: str) -> Callable[[Callable[[Street], Awaitable[None]]], Callable[[Street], Awaitable[None]]]:
    def add(play: Callable[[Street], Awaitable[None]]) -> Callable[[Street], Awaitable[None]]:
        ROWS[name] = play
        return play

    return add


# A reply belongs to its subject -----------------------------------------------------------------------------------------


@understands("reply of the chair to a card is a note of that case")
async def _(street: Street) -> None:
    await street.taken()
    await street.chair.replies("1001", "我下午三点上门去看")
    assert ("note", "我下午三点上门去看") in await street.timeline()
    assert await street.count() == 1


@understands("reply of the reporter to a question is the answer")
async def _(street: Street) -> None:
    await street.taken()
    await street.asked("几点开始放？")
    await street.xu.replies("几点开始放", "每天半夜十二点")
    assert ("answer", "每天半夜十二点") in await street.timeline()


@understands("reply of the reporter to an older receipt belongs to that case")
async def _(street: Street) -> None:
    await street.reported()
    await street.xu.says("/report hazard 村口路灯不亮")
    await street.xu.replies("1001", "昨天又放到两点")
    assert ("note", "昨天又放到两点") in await street.timeline(1001)


@understands("reply with a label presses that message's button")
async def _(street: Street) -> None:
    await street.reported()
    await street.chair.replies("1001", "受理")
    assert await street.state() == "accepted"


@understands("reply 收到 by a chair to a case card is not a note and not a report")
async def _(street: Street) -> None:
    await street.reported()
    await street.harness.deliver()
    await street.chair.replies("1001", "收到")
    assert await street.count() == 1
    assert "note" not in [action for action, _ in await street.timeline()]


# An open question -------------------------------------------------------------------------------------------------------


@understands("the next words after a question are the answer, with a way back")
async def _(street: Street) -> None:
    await street.taken()
    await street.asked("墙有多高？")
    await street.harness.time_passes(hours=2)
    told = await street.told(street.xu, "一米五")
    assert ("answer", "一米五") in await street.timeline()
    assert "1001" in told
    await street.xu.presses("这不是回答")
    assert "要帮你报" in await street.xu.new()
    assert any("一米五" in words and "不是回答" in words for _, words in await street.timeline())


@understands("a cry is heard while a question is open")
async def _(street: Street) -> None:
    await street.taken()
    await street.asked("墙有多高？")
    told = await street.told(street.xu, "我家着火了")
    assert "119" in told
    assert "answer" not in [action for action, _ in await street.timeline()]


@understands("a label typed while a question is open is not the answer")
async def _(street: Street) -> None:
    await street.taken()
    await street.asked("墙有多高？")
    await street.told(street.xu, "我的事")
    assert "answer" not in [action for action, _ in await street.timeline()]


@understands("thanks while a question is open are not the answer")
async def _(street: Street) -> None:
    await street.taken()
    await street.asked("墙有多高？")
    await street.told(street.xu, "谢谢主任")
    assert "answer" not in [action for action, _ in await street.timeline()]


@understands("words against the chair in an answer keep the chair out")
async def _(street: Street) -> None:
    await street.taken()
    await street.asked("墙有多高？")
    await street.chair.new()
    await street.told(street.xu, "王建国主任收了人家的钱")
    assert "收了人家的钱" not in await street.chair.new()


@understands("the label of the way to help typed in danger sends")
async def _(street: Street) -> None:
    await street.xu.says("我家着火了")
    await street.told(street.xu, "告诉民警和主任")
    assert await street.count() == 1


@understands("a choice of a dialog typed is the choice pressed")
async def _(street: Street) -> None:
    await street.xu.says("邻居砌墙占了我家的路")
    await street.told(street.xu, "报上去")
    assert await street.count() == 1


@understands("a long choice typed is the choice pressed")
async def _(street: Street) -> None:
    await street.xu.says("邻居砌墙占了我家的路")
    await street.told(street.xu, "不让主任知道是我")
    assert await street.count() == 1


@understands("back typed in a dialog goes back")
async def _(street: Street) -> None:
    await street.xu.says("/report")
    await street.xu.says("隐患")
    told = await street.told(street.xu, "上一步")
    assert "哪一类" in told or "选" in told


# Labels and obvious words -----------------------------------------------------------------------------------------------

for _words, _who, _expected in (
    ("我的事", "xu", "1001"),
    ("进度", "xu", "1001"),
    ("怎么样了", "xu", "1001"),
    ("怎么还没人来", "xu", "1001"),
    ("我的事怎么样了", "xu", "1001"),
    ("我要报事", "xu", "哪一类"),
    ("防骗", "xu", "今天这条"),
    ("紧急求助", "xu", "110"),
    ("关于我的信息", "xu", "老徐"),
    ("人工", "xu", "主任"),
    ("电话多少", "xu", "主任"),
    ("待办", "chair", "1001"),
    ("待办（5）", "chair", "1001"),
    ("待办 (3)", "officer", "待办"),
    ("预警", "officer", "预警"),
    ("名册", "officer", "上徐村"),
    ("培训", "officer", "培训"),
    ("值班请假", "chair", "张伟"),
    ("请假", "chair", "什么时候"),
    ("替人报事", "chair", "替谁"),
    ("我的事（3）", "xu", "1001"),
    ("菜单", "xu", "打字"),
    ("Language", "xu", "Which language"),
):

    @understands(f"{_words} typed by {_who} opens what it names")
    async def _(street: Street, said: str = _words, who: str = _who, expected: str = _expected) -> None:
        await street.reported()
        await street.harness.time_passes(hours=1)
        told = await street.told(getattr(street, who), said)
        assert expected in told, told
        assert await street.count() == 1
        assert "要帮你报" not in told, told
        assert "另一件事" not in told, told


@understands("受理 typed takes the only waiting case")
async def _(street: Street) -> None:
    await street.reported()
    await street.told(street.chair, "受理")
    assert await street.state() == "accepted"


@understands("受理 typed with two cards asks which")
async def _(street: Street) -> None:
    await street.reported()
    await street.xu.says("/report hazard 村口路灯不亮")
    told = await street.told(street.chair, "受理")
    assert await street.state(1001) == await street.state(1002) == "open"
    assert "哪一件" in told
    await street.chair.presses("1001")
    assert await street.state(1001) == "accepted"


@understands("an old label that cannot be undone is asked about once")
async def _(street: Street) -> None:
    await street.taken()
    await street.told(street.chair, "记一笔")
    await street.told(street.chair, "取消")
    await street.told(street.chair, "我要回避")
    assert "王建国" not in str(await street.timeline())


# Numbers and codes ------------------------------------------------------------------------------------------------------

for _words in (
    "1001",
    "#1001",
    "1001号",
    "1001。",
    "1001 怎么样了",
    "1001怎么样了",
    "/case1001",
    "/case#1001",
    "/case：1001",
    "／case 1001",
    "、case 1001",
    "／case1001",
):

    @understands(f"{_words} shows the case")
    async def _(street: Street, said: str = _words) -> None:
        await street.reported()
        await street.harness.time_passes(hours=1)
        told = await street.told(street.xu, said)
        assert "放音响" in told, told
        assert await street.count() == 1


for _words in ("/accept#1001", "/accept：1001", "／accept 1001", "1001 受理", "受理1001", "受理 1001"):

    @understands(f"{_words} accepts the case")
    async def _(street: Street, said: str = _words) -> None:
        await street.reported()
        await street.told(street.chair, said)
        assert await street.state() == "accepted"


for _words in ("/accept 1001 1002", "/accept 1001、1002", "受理 1001 1002"):

    @understands(f"{_words} accepts both")
    async def _(street: Street, said: str = _words) -> None:
        await street.reported()
        await street.xu.says("/report hazard 村口路灯不亮")
        await street.told(street.chair, said)
        assert (await street.state(1001), await street.state(1002)) == ("accepted", "accepted")


for _words in ("／start 上徐村", "、start 上徐村", "/start上徐村", "/开始 上徐村"):

    @understands(f"{_words} joins the village")
    async def _(street: Street, said: str = _words) -> None:
        stranger = street.harness.stranger()
        told = await street.told(stranger, said)
        assert "同意" in " ".join(label for each in await stranger.heard() for label in each.buttons), told


@understands("1001 修好了 offers to close with one tap")
async def _(street: Street) -> None:
    await street.reported("/report hazard 村口路灯不亮")
    told = await street.told(street.chair, "1001 修好了")
    assert await street.state() == "open"
    assert "办结" in told
    await street.chair.presses("办结")
    assert await street.state() == "closed"
    assert ("close", "修好了") in await street.timeline()


@understands("1001 and other words are a note")
async def _(street: Street) -> None:
    await street.taken()
    await street.told(street.chair, "1001 我下午去看")
    assert ("note", "我下午去看") in await street.timeline()


@understands("a sentence that begins with a quantity is not a case")
async def _(street: Street) -> None:
    await street.reported()
    await street.harness.time_passes(hours=1)
    told = await street.told(street.zhen, "1001块钱被骗走了")
    assert "报" in told
    assert len(await street.timeline()) == 1


@understands("1001 of somebody else reads as not there")
async def _(street: Street) -> None:
    await street.reported()
    told = await street.told(street.zhen, "1001")
    assert "没有找到" in told


# Alerts -----------------------------------------------------------------------------------------------------------------

for _words in ("收到", "好的收到", "收到，马上通知", "1", "收到！"):

    @understands(f"{_words} by a chair confirms the alert")
    async def _(street: Street, said: str = _words) -> None:
        await street.alerted()
        await street.told(street.chair, said)
        assert await street.confirmed() == ["seen"]


for _words in ("已通知到户", "全村已通知到", "都通知到了"):

    @understands(f"{_words} by a chair says that the village knows")
    async def _(street: Street, said: str = _words) -> None:
        await street.alerted()
        await street.told(street.chair, said)
        assert await street.confirmed() == ["told"]


@understands("reply 收到，马上通知 confirms the alert")
async def _(street: Street) -> None:
    await street.alerted()
    await street.chair.replies("台风", "收到，马上通知")
    assert await street.confirmed() == ["seen"]


@understands("收到 of a villager is a receipt and no report")
async def _(street: Street) -> None:
    await street.alerted()
    told = await street.told(street.xu, "收到")
    assert "要帮你报" not in told
    assert await street.confirmed() == []


@understands("收到 in the group under an alert is silence")
async def _(street: Street) -> None:
    await street.alerted()
    await street.harness.deliver()
    before = len(await street.harness.outbox())
    await street.xu.says("收到", chat=-100, to_me=True, reply_to=5)
    assert len(await street.harness.outbox()) == before


for _words in (
    "/alert 橙 上徐村 下李村 暴雨来了，快转移",
    "/alert　橙　上徐村　下李村　暴雨来了，快转移",
    "/alert 橙\n上徐村 下李村\n暴雨来了，快转移",
    "橙色预警 上徐村 下李村 暴雨来了，快转移",
    "/alert：橙 上徐村、下李村 暴雨来了，快转移",
):

    @understands(f"{_words!r} previews both villages")
    async def _(street: Street, said: str = _words) -> None:
        told = await street.told(street.leader, said)
        assert "上徐村" in told, told
        assert "下李村" in told, told
        assert "暴雨来了" in told, told
        text = await street.one("SELECT text FROM alerts")
        assert text == "暴雨来了，快转移"


# Trainings, leave, mediation ----------------------------------------------------------------------------------------------

for _words in ("{code}", "签到 {code}", "签到{code}", "/training{code}", "/training {code}", "签到码{code}"):

    @understands(f"{_words} signs in")
    async def _(street: Street, said: str = _words) -> None:
        code = await street.training()
        told = await street.told(street.xu, said.format(code=code))
        assert "签到" in told, told
        assert "老徐" in told, told


@understands("a wrong bare code counts as a try")
async def _(street: Street) -> None:
    code = await street.training()
    wrong = f"{(int(code) + 7) % 10000:04d}"
    told = await street.told(street.xu, wrong)
    assert "4" in told, told
    assert "签到" in told, told


for _words in ("下周二下午两点在村委会培训防诈骗", "明天 14:00-16:00 培训 防诈骗 在村委会"):

    @understands(f"{_words} prepares a training")
    async def _(street: Street, said: str = _words) -> None:
        told = await street.told(street.chair, said)
        assert "多长" in told or "几个小时" in told or "名额" in told or "多少人" in told, told
        assert "要帮你报" not in told


for _words in ("明天到下周一请假，李秀英代我", "我要请假 明天到下周一 李秀英替我"):

    @understands(f"{_words} prepares a leave")
    async def _(street: Street, said: str = _words) -> None:
        await street.member_online()
        told = await street.told(street.chair, said)
        assert "李秀英" in told, told
        assert await street.one("SELECT COUNT(*) AS n FROM leaves") == 0
        await street.chair.presses("对")
        assert await street.one("SELECT COUNT(*) AS n FROM leaves") == 1


@understands("明天到下周一 answers both questions of a leave")
async def _(street: Street) -> None:
    await street.member_online()
    await street.chair.presses_raw("leave")
    told = await street.told(street.chair, "明天到下周一")
    assert "谁" in told, told
    assert "到什么时候" not in told, told


for _words in ("1001 昨天下午在三号厂门卫室调解，都到了，答应周一付", "昨天下午在三号厂门卫室调解，都到了，答应周一付"):

    @understands(f"{_words} prepares a mediation")
    async def _(street: Street, said: str = _words) -> None:
        await street.taken()
        await street.harness.time_passes(minutes=20)
        told = await street.told(street.chair, said)
        assert "三号厂门卫室" in told, told
        assert "答应周一付" in told, told
        assert "mediate" not in [action for action, _ in await street.timeline()]
        await street.chair.presses("记下")
        assert "mediate" in [action for action, _ in await street.timeline()]


@understands("one sentence answers the questions of a mediation")
async def _(street: Street) -> None:
    await street.taken()
    await street.chair.presses("记一次调解")
    told = await street.told(street.chair, "昨天下午在三号厂门卫室，都到了，答应周一付")
    assert "三号厂门卫室" in told, told
    assert "答应周一付" in told, told


# Forwarded, thanks, service -----------------------------------------------------------------------------------------------


@understands("a forwarded scam gets a tip, 96110 and a way to the police")
async def _(street: Street) -> None:
    told = await street.told(street.xu, "【客服】您购买的商品有质量问题，可获得双倍赔付，请添加QQ并点击链接办理退款", forwarded=True)
    assert "96110" in told, told
    assert "客服" in told, told
    await street.xu.presses("报给民警")
    assert await street.count() == 1
    assert "双倍赔付" not in await street.chair.new()


for _words in ("谢谢主任", "辛苦了", "太好了", "收到谢谢", "好了，灯亮了，谢谢", "🙏🙏", "谢谢你们", "thanks a lot"):

    @understands(f"{_words} is answered kindly")
    async def _(street: Street, said: str = _words) -> None:
        await street.taken("/report hazard 村口路灯不亮")
        await street.chair.says("/close 1001 已修好")
        await street.harness.time_passes(minutes=30)
        told = await street.told(street.xu, said)
        assert "要帮你报" not in told, told
        assert "看不懂" not in told, told


@understands("words of a chair with one case in hand are offered to it")
async def _(street: Street) -> None:
    await street.taken()
    await street.harness.time_passes(hours=1)
    told = await street.told(street.chair, "收到，我马上去")
    assert "要帮你报" not in told, told
    assert await street.count() == 1


# Drafts ---------------------------------------------------------------------------------------------------------------


@understands("a draft of several pieces is one message, counts the pin and guesses its kind again")
async def _(street: Street) -> None:
    await street.told(street.xu, "", media=PHOTO)
    await street.told(street.xu, "", media={"type": "voice", "file_id": "v", "file_unique_id": "v"})
    await street.told(street.xu, "", location=(28.9, 120.0))
    await street.told(street.xu, "邻居砌的墙")
    await street.told(street.xu, "三轮车过不去，占了路")
    offers = [each for each in await street.xu.heard() if each.key == "report.quick"]
    assert {each.card for each in offers} == {"here"}, "the newest takes the place of the one before"
    last = offers[-1].text
    assert "［照片］" not in last, last
    assert "纠纷" in last, last
    assert "位置" in last, last


@understands("the keyboard that asked for a number goes when the question is over")
async def _(street: Street) -> None:
    for leaves in ("13812345678", "取消"):
        await street.xu.presses_raw("phone")
        assert (await street.xu.heard())[-1].row["ask"] == "contact"
        if leaves == "取消":
            await street.xu.says(leaves)
        else:
            await street.xu.says("", contact={"user_id": street.xu.user_id, "phone": leaves})
        assert (await street.xu.heard())[-1].row["ask"] == "none"


# Privacy afterwards -----------------------------------------------------------------------------------------------------


@understands("the reporter corrects the kind")
async def _(street: Street) -> None:
    await street.reported()
    await street.told(street.xu, "/correct 1001 隐患")
    assert await street.one("SELECT kind FROM cases WHERE id = 1001") == "hazard"


@understands("改类别 by the reporter corrects the kind")
async def _(street: Street) -> None:
    await street.reported()
    await street.told(street.xu, "改类别 1001 隐患")
    assert await street.one("SELECT kind FROM cases WHERE id = 1001") == "hazard"


@understands("隐去号码 typed takes a number out of the words, after one question")
async def _(street: Street) -> None:
    await street.reported("/report dispute 邻居吵，他电话 13812345678，欠我钱")
    await street.told(street.xu, "查看进度")
    await street.told(street.xu, "隐去号码")
    assert "13812345678" in await street.one("SELECT text FROM cases")
    await street.told(street.xu, "隐去")
    assert "13812345678" not in await street.one("SELECT text FROM cases")
    assert "13812345678" not in await street.told(street.officer, "1001")


@pytest.mark.parametrize("part", range(4))
async def test_words_are_understood(tmp_path: Path, town: Town, engine: str, part: int):
    for number, (name, play) in enumerate(itertools.islice(ROWS.items(), part, None, 4)):
        with row(name):
            (tmp_path / str(number)).mkdir()
            harness = await HandlerHarness.open(tmp_path / str(number), town, engine=engine)
            try:
                await play(await Street.open(harness))
                assert await faults_of_what_was_said(harness) == []
                assert harness.stopped == []
            finally:
                await harness.store.close()
