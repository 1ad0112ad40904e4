"""A leave as one sentence tells it: 明天到下周一请假，李秀英代我.

Knows words only; the times in them are read elsewhere. Invariant: other words than a span of time are nothing.
"""

from __future__ import annotations

import re
from datetime import timedelta

from domain.core.immutable import immutable

LONGEST = 80
_MEANT = re.compile("请假|请个假|休假|调休|出差|年假|病假|事假|on leave|take leave", re.IGNORECASE)
_ASKED = re.compile("[?？]|吗|谁|取消|销假|怎么|结束了|回来了")
_LESS = re.compile("(?:我|本人)?(?:要|想|得|需要)?(?:请(?:个|一下)?|休)?(?:年|病|事|休)?(?:请假|假|调休|出差)(?:一下)?|我(?:要|想)")
_NAME = "[\u4e00-\u9fff·]{2,4}?"
_DEPUTY = re.compile(
    f"(?:由|让|请|找)?(?P<first>{_NAME})(?:来|帮忙|帮我?)?(?:代班|替班|代我|替我|顶我|顶班|代替我?|顶替我?|代)(?=$|[\\s,，。;；])"
    f"|(?:代班人?|替班人?|deputy)[:： ]*(?P<last>{_NAME})(?=$|[\\s,，。;；])"
)
_BREAK = re.compile(r"[,，。;；、\s]+")
_UNTIL = re.compile(r"\s*(?:到|至|—+|–|~|-(?=\s*[0-9]{1,2}\s*[月./]|\s*[周星礼下明后])|until|to)\s*")
_FOR_DAYS = re.compile(
    "(?P<before>.*?)(?:起|开始)?[, ，]*(?P<count>[0-9]{1,2}|[一两二三四五六七八九十]|半)个?(?P<unit>天|日|周|星期)(?![0-9后内一二三四五六日])$"
)
_COUNT = {numeral: value for value, numeral in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}


@immutable
class Span:
    """A span in words: its beginning ("" for now), and its end in words or its length."""

    begins: str
    ends: str = ""
    lasts: timedelta | None = None


@immutable
class LeaveSaid:
    """A leave in words: its span, None if it is not told, and the name of the deputy."""

    span: Span | None
    deputy: str


def read_leave(text: str) -> LeaveSaid | None:
    """Read a leave; None for any other sentence."""
    if len(text) > LONGEST or not _MEANT.search(text) or _ASKED.search(text):
        return None
    found = _DEPUTY.search(text)
    left = text if found is None else f"{text[: found.start()]} {text[found.end() :]}"
    deputy = "" if found is None else found["first"] or found["last"]
    span = read_span(" ".join(_BREAK.split(_LESS.sub(" ", left))).strip())
    return LeaveSaid(span, deputy) if span is not None or deputy else None


def read_span(text: str) -> Span | None:
    """Read "明天到下周一", "12月5日-12月7日", "明天起三天", "两天"; None for one time."""
    said = text.strip(" ,，。").removeprefix("从").removeprefix("自").strip()
    if len(said) > LONGEST:
        return None
    if found := _FOR_DAYS.fullmatch(said):
        count = 0.5 if found["count"] == "半" else _COUNT.get(found["count"]) or int(found["count"])
        return Span(found["before"].strip(" ,，"), lasts=timedelta(days=count * (7 if found["unit"] in ("周", "星期") else 1)))
    begins, ends = [*_UNTIL.split(said, maxsplit=1), ""][:2]
    return Span(begins.strip(), ends.strip()) if begins.strip() and ends.strip() else None
