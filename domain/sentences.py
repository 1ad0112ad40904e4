"""Sentences about a case: it is done, how far is it, a session was held, thanks.

Knows words; must not know who says them or which case is meant. Invariants: every function is bounded; a sentence with a denial or a question in it
is never "done" and never thanks.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, tzinfo

from domain.calendar.local_time import day_of
from domain.calendar.typed_dates import parse_day, parse_when
from domain.core.immutable import immutable

#: A longer text is a story.
LONGEST = 300
LONGEST_SESSION = 200
_PIECES = re.compile(r"[,，。;；!！\n]+")
_DOUBT = re.compile("没|不|未|还|但|可是|却|吗|么|[?？]|为什么|怎么|又|再坏|假")
_DONE = re.compile(
    "(?:这?事|问题|东西|路灯|灯|井盖|路)?(?:已经?|都|全|全部|刚刚?|现在|今天|昨天|上午|下午)*"
    "(?:修好|修完|修复|弄好|办好|办完|办结|处理好|处理完|处理|解决|搞定|换好|补好|清理好|清理完|清走|搬走|装好|恢复|完成|整改好|整改完)(?:了|啦|好了|完了)?"
)
_DONE_ENGLISH = re.compile(r"(?:it(?:'s| is) )?(?:all )?(?:fixed|repaired|done|solved|resolved)", re.IGNORECASE)
_PROGRESS = re.compile(
    "(?:那|这|我的?)?(?:件?事|案子|情况)?(?:现在|到底)?"
    "(?:(?:办|处理|弄|搞)?得?(?:怎么?样|咋样|如何)|(?:查|看)?一?下?进度|进展|到哪一?步?|有(?:没有)?(?:消息|结果|进展)|(?:办|处理|解决|修)?好了?(?:没有?|吗)"
    "|什么时候(?:办|来|修|好|解决)?|多久|(?:怎么|为什么|咋)?还?(?:没人|没有人|没)(?:来|管|联系我?|回|动静)|(?:怎么|为什么|咋)还?没(?:人|有人)?(?:处理|解决|办|修好?))(?:了|啊|呀|呢|吗)*",
)
_PROGRESS_ENGLISH = re.compile(r"(?:status|progress|any news|how (?:is|goes) it(?: going)?|what about it)", re.IGNORECASE)

_THANKS = re.compile("谢+|感谢|辛苦|多谢|给力|太好了|真好|点赞|麻烦你们?了|thank|great|well done|cheers", re.IGNORECASE)
_KIND_PIECE = re.compile(
    "(?:(?:(?:(?:非常|太|真|十分|万分)?(?:感谢|谢谢?|多谢|辛苦)(?:你|您|啦|了|大家|各位)*(?:们)?(?:.{0,6}(?:主任|警官|警察|民警|同志|书记|领导|所长|派出所|师傅|同心))?(?:了|啦)?)"
    "|太好了?|真好|好的?了?|嗯+|收到了?|知道了|行|可以|没事了?|.{0,4}(?:亮|好|通|修好|解决|搞定|干净|安静)了"
    "|thanks?(?: a lot| so much| you)?|thank you(?: very much| so much)?|great|well done|cheers|ok(?:ay)?) ?){1,4}",
    re.IGNORECASE,
)

_MEDIATED = re.compile("调解|协商|商量|谈了|碰头|坐下来")
_DAY = re.compile(
    "(?P<day>今天|今日|昨天|昨日|前天|大前天|刚才|刚刚|上?(?:周|星期|礼拜)[一二三四五六日天]|(?:[0-9]{1,2}月)?[0-9]{1,2}[日号])?"
    "(?:的?(?P<part>一?早上?|上午|中午|下午|傍晚|晚上))?"
    "(?:[0-9一二三四五六七八九十两]{1,3}[点时:：](?:半|[0-9]{1,2}分?)?)?"
)
_PLACE = re.compile(
    "在(?P<place>[^,，。在]{2,30}?)(?:里|内)?(?:进行|组织|一起|当面)*(?:调解|协商|商量|谈|碰头|见面|坐下来.{0,4})?(?:了|过|一次|的)*$"
)
_PRESENT = re.compile(
    "双方都?(?:到|来|在)|两(?:家|边|方)(?:人)?都?(?:到|来|在)|(?:人|当事人)?都(?:到|来)|到齐|(?:只|就)(?:来|到)了?.{0,8}|.{1,8}没(?:到|来)|一方(?:没来|到场)|都?到场"
)
_NEXT = re.compile("下次|下回|再(?:谈|调|商量|碰)|约(?:好|定|了)|改天")
_WISH = re.compile("[?？]|啥|什么|想(?!通)|希望|能不能|可不可以|麻烦你|请你|帮我|怎么|吗")
_AGREED = re.compile("答应|同意|达成|承诺|约定|谈(?:好|妥|成)|和解|没谈(?:成|拢)|不同意|愿意|付|赔|还钱|道歉|拆|让")


@immutable
class SessionSaid:
    """A mediation as one sentence tells it; a part that it does not tell is empty.

    `days_ago`: when it was, None where that is not said.
    """

    days_ago: int | None
    place: str
    present: str
    result: str
    next_at: datetime | None


def means_done(words: str) -> bool:
    """Tell whether words say that a thing is repaired: "修好了", "已经处理好了，见照片"."""
    first = _PIECES.split(words[:LONGEST].strip(), maxsplit=1)[0].strip()
    return not _DOUBT.search(words[:LONGEST]) and bool(_DONE.fullmatch(first) or _DONE_ENGLISH.fullmatch(first))


def asks_progress(words: str) -> bool:
    """Tell whether words only ask how far a thing is: "怎么样了", "怎么还没人来？"."""
    plain = unicodedata.normalize("NFKC", words[:40]).strip(" \n。.!?~、,…")
    return len(words) <= 24 and bool(_PROGRESS.fullmatch(plain) or _PROGRESS_ENGLISH.fullmatch(plain))


def is_kind(words: str) -> bool:
    """Tell whether a message is thanks, or signs of it, and nothing else."""
    return is_polite(words) and (bool(_THANKS.search(words)) or not any(character.isalnum() for character in words))


def is_polite(words: str) -> bool:
    """Tell whether a message only says that it was read, or thanks: 收到, 好的, 谢谢, 👍."""
    said = words.strip()
    if not said or len(said) > 30 or "?" in said or "？" in said:
        return False
    if not any(character.isalnum() for character in said):
        return any(unicodedata.category(character) in ("So", "Sk") for character in said)
    pieces = [piece for each in _PIECES.split(said) if (piece := "".join(c for c in each if c.isalnum() or c == " ").strip())]
    return not re.search("没(?!事)|不(?!错)|还是|但|又", said) and all(map(_KIND_PIECE.fullmatch, pieces))


def read_session(text: str, now: datetime, zone: tzinfo) -> SessionSaid | None:
    """Read a mediation that was held: "昨天下午在三号厂门卫室，都到了，答应周一付". None for anything else."""
    said = text.strip()
    if not 6 <= len(said) <= LONGEST_SESSION or _WISH.search(said):
        return None
    found: dict[str, str] = {}
    rest: list[str] = []
    when: int | None = None
    next_at: datetime | None = None
    for piece in filter(None, (each.strip() for each in _PIECES.split(said))):
        left = piece
        day = _DAY.match(left)
        if when is None and not found.get("present") and day is not None and (day["day"] or day["part"]):
            when = _days_ago(day["day"] or "今天", now, zone)
            left = left[day.end() :] if when is not None else left
        if "place" not in found and (place := _PLACE.match(left.strip())):
            found["place"], left = place["place"].strip(), left.strip()[place.end() :]
        left = left.strip(" 的")
        if "present" not in found and _PRESENT.search(left) and len(left) <= 20:
            found["present"] = left
        elif _NEXT.search(left) and (
            meant := parse_when(_NEXT.sub("", left), now, zone) or parse_when(_NEXT.sub("", left) + " 9:00", now, zone)
        ):
            next_at = meant
        elif left and not re.fullmatch("(?:进行|组织)?(?:调解|协商|谈)(?:了|过|一次|的)*", left):
            rest.append(left)
    told = bool(found.get("present")) + bool(found.get("place")) + (when is not None) + bool(_MEDIATED.search(said))
    if told < 2 or not (found.get("present") or _MEDIATED.search(said)) or not (rest or found.get("present")):
        return None
    if not (_MEDIATED.search(said) or _AGREED.search(said)):
        return None
    return SessionSaid(when, found.get("place", ""), found.get("present", ""), "，".join(rest), next_at)


def _days_ago(word: str, now: datetime, zone: tzinfo) -> int | None:
    """Return how many days ago a day was that is over, None for another day."""
    known = {"今天": 0, "今日": 0, "刚才": 0, "刚刚": 0, "昨天": 1, "昨日": 1, "前天": 2, "大前天": 3}
    if word in known:
        return known[word]
    today = day_of(now, zone)
    back = word.startswith("上")
    on = parse_day(word.removeprefix("上"), now - timedelta(days=7 if not back else 7 + today.isoweekday() - 1), zone)
    if on is None or on > today:
        return None
    return (today - on).days
