"""Anti-fraud tips: a library in turn, own words, and their schedule.

Knows the library's size (the words are texts) and how often a schedule may come; must not know who receives. Invariant: the tip of a day,
and of an occurrence, follows from the date and the turn alone.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

from domain.calendar.schedules import Cron, next_after, parse_cron
from domain.core.change import RuleError
from domain.core.immutable import immutable
from domain.core.numbers import clean_text, utf16_len

LIBRARY = 20
OWN_LENGTH = 1000
CRON_LENGTH = 100
#: An occurrence missed by more than this is not sent any more.
GRACE = timedelta(hours=6)
#: The shortest span between two tips to the same people.
SHORTEST_PAUSE = timedelta(hours=12)
LOOKED_AT = 60
STRIDE = 7  # shares no factor with the library's size: every tip has its day in twenty

#: Words of a message that somebody received → the tip about such messages. Every tip has its own; a message is like the tip whose words it has most.
SIGNS: dict[int, re.Pattern[str]] = {
    number: re.compile(words, re.IGNORECASE)
    for number, words in enumerate(
        (
            "刷单|返利|做任务|垫付|垫资|点赞.{0,4}(?:赚|佣金)|佣金|兼职.{0,6}日结|日结",
            "投资|理财|稳赚|内部消息|老师带|荐股|股票群|虚拟币|收益率?|翻倍|提现",
            "低价|清仓|私下转|加微信购买|便宜出|代购|免税|闲置",
            "客服|退款|理赔|双倍赔|质量问题|误开|会员.{0,6}(?:扣费|自动续)|商家",
            "贷款|无抵押|免息|低息|放款|额度|手续费|解冻费",
            "征信|注销.{0,6}(?:账户|校园贷)|不良记录|利率调整",
            "我是你?(?:领导|老板|校长|书记)|换号|急用钱|先帮我转|方便.{0,4}转|亲戚",
            "公安局|检察院|法院|通缉|涉嫌|洗钱|警官|传票|保密",
            "交友|相亲|恋爱|宝贝|亲爱的|缘分|海外|军官",
            "装备|皮肤|账号交易|游戏币|点券|代练",
            "共享屏幕|屏幕共享|会议号|远程|下载.{0,6}(?:APP|软件|会议)",
            "安全账户|资金核查|清查资金|转到.{0,6}账户",
            "保健品|养老|免费体检|专家讲座|补贴|养老金|补助",
            "快递|包裹|丢失|丢件|物流|破损",
            "96110",
            "银行卡|电话卡|出租|收卡|跑分|借卡|两卡",
            "扫码|二维码|免费领|送鸡蛋|送礼|礼品",
            "视频通话|AI|换脸|语音合成",
            "航班|机票|改签|退票|延误|高铁票",
            "孩子|小朋友|未成年|防沉迷|红包.{0,6}领|解除限制",
        ),
        start=1,
    )
}
#: A longer message is read so far.
READ = 1000
_LINK = re.compile(r"https?://|www\.|t\.cn/|点击.{0,6}链接|链接|加.{0,4}(?:QQ|微信)|验证码|转账|汇款", re.IGNORECASE)
#: The tip about links and codes that fit no other.
ANY_LINK = 4

#: Offered times: code → crontab line.
PRESETS: dict[str, str] = {"mon9": "0 9 * * 1", "day18": "0 18 * * *", "fri17": "0 17 * * 5"}


def of_day(on: date) -> int:
    """Return the number of a day's tip, 1 to LIBRARY.

    The same for everybody, another one the next day.
    """
    return on.toordinal() * STRIDE % LIBRARY + 1


def of_turn(turn: int) -> int:
    """Return the number of the tip that the turn-th occurrence sends (turns count from 1)."""
    return (turn - 1) % LIBRARY + 1


def like(message: str) -> int | None:
    """Return the number of the tip that a received message is most like.

    None for a message without any sign of a scam.
    """
    said = message[:READ]
    found = {number: len(set(sign.findall(said))) for number, sign in SIGNS.items()}
    best = max(found, key=lambda number: found[number])
    if found[best]:
        return best
    return ANY_LINK if _LINK.search(said) else None


def title_key(number: int) -> str:
    """Return the text key of a tip's title."""
    return f"tip.library.{number:02}.title"


def text_key(number: int) -> str:
    """Return the text key of a tip."""
    return f"tip.library.{number:02}.text"


def own_words(said: str) -> str:
    """Return a tip in somebody's own words, cleaned.

    Raises:
        RuleError: `tip.own.empty`, or `tip.own.too_long` with the length and the limit.
    """
    words = clean_text(said, 4 * OWN_LENGTH)
    if not words:
        raise RuleError("tip.own.empty")
    if utf16_len(words) > OWN_LENGTH:
        raise RuleError("tip.own.too_long", length=utf16_len(words), limit=OWN_LENGTH)
    return words


@immutable
class Plan:
    """Schedule of tips: a crontab line and its next occurrence (UTC)."""

    cron: str
    next_at: datetime


def plan(line: str, *, at: datetime, zone: tzinfo) -> Plan:
    """Read a preset's code or a crontab line.

    Raises:
        RuleError: `tip.plan.not_understood` or `tip.plan.too_often`.
    """
    try:
        cron = parse_cron(PRESETS.get(line, line[:CRON_LENGTH]))
        next_at = next_after(cron, at, zone)
        often = _too_often(cron, next_at, zone)
    except ValueError:
        raise RuleError("tip.plan.not_understood") from None
    if often:
        raise RuleError("tip.plan.too_often", hours=SHORTEST_PAUSE // timedelta(hours=1))
    return Plan(cron.text, next_at)


def _too_often(cron: Cron, first: datetime, zone: tzinfo) -> bool:
    found = [first]
    while len(found) < LOOKED_AT:
        found.append(next_after(cron, found[-1], zone))
    return any(after - before < SHORTEST_PAUSE for before, after in pairwise(found))
