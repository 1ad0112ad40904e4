"""Intake: recognise emergencies, kinds and similar reports in what people write.

Knows words and similarity: shared pairs of characters, which equals a fuzzy ratio in unsegmented Chinese. Must not know storage or who
asks. Invariants: an emergency word is found in any surrounding text; only reports about public places are compared with other people's
reports, because the existence of the others is private; a comparison is cheap for reports of any length.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from domain.cases.case import Category, Kind, Severity
from domain.core.numbers import clean_text
from domain.emergencies.heard import Level
from domain.emergencies.hearing import hear

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A whole message that asks for an answer and reports nothing.
GREETING = re.compile(
    "(?:你|您|大家)?好|早上好|晚上好|在吗|在不在|有人吗|谢谢(?:你|您|了|啦)?|多谢|好的?|嗯+|哦+|行|可以|收到|知道了|明白了?|再见|拜拜|哈+|菜单|帮助"
    "|hi|hello|hey|thanks?|thank you|ok(?:ay)?|yes|bye|menu|help",
    re.IGNORECASE,
)
#: A whole message that accepts an offer.
AGREED = re.compile("好的?|行|可以|要|要的|是的?|对的?|嗯+|报|报吧|报上去|帮我报|ok(?:ay)?|yes|y|send|report it", re.IGNORECASE)
CANCEL = frozenset({"取消", "算了", "退出", "不报了", "不报", "不用了", "cancel", "stop", "quit"})
#: Words that point to a kind; the first match wins. Dispute is the most frequent kind.
KIND_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.FRAUD, re.compile("诈骗|骗子|被骗|刷单|返利|转账|验证码|安全账户|冒充|陌生电话|网贷|scam|fraud|phish", re.IGNORECASE)),
    (
        Kind.HAZARD,
        re.compile(
            "路灯|井盖|坑|电线|漏电|堆放|堵塞|消防|煤气|充电|护栏|滑坡|裂缝|塌|危险|隐患|漏水|积水|树倒"
            "|street ?light|pothole|wire|hazard|danger|leak",
            re.IGNORECASE,
        ),
    ),
    (
        Kind.DISPUTE,
        re.compile(
            "邻居|吵|打架|纠纷|欠|占|砌墙|宅基|离婚|彩礼|赡养|分家|工资|赔|噪音|车祸|neighbo|quarrel|dispute|owe|wage|noise", re.IGNORECASE
        ),
    ),
    (Kind.OPINION, re.compile("建议|希望|意见|能不能|反映|suggest|opinion|wish", re.IGNORECASE)),
)
_MINOR_KINDS = frozenset({Kind.OPINION})
SPOKEN_KINDS = {
    "dispute": Kind.DISPUTE,
    "纠纷": Kind.DISPUTE,
    "矛盾": Kind.DISPUTE,
    "hazard": Kind.HAZARD,
    "隐患": Kind.HAZARD,
    "opinion": Kind.OPINION,
    "意见": Kind.OPINION,
    "建议": Kind.OPINION,
    "fraud": Kind.FRAUD,
    "诈骗": Kind.FRAUD,
    "反诈": Kind.FRAUD,
    "other": Kind.OTHER,
    "其他": Kind.OTHER,
    "其它": Kind.OTHER,
}
#: Kinds of which other people of the village may learn that there is a report: things in public places, never what happened to a person.
SHARED = (Kind.HAZARD, Kind.OPINION)
#: Offered first, by frequency.
FREQUENT = (
    Category.NEIGHBOUR,
    Category.MARRIAGE,
    Category.DAMAGES,
    Category.LAND,
    Category.HOUSING,
    Category.LABOUR,
    Category.CONTRACT,
    Category.OTHER,
)
#: Offered after a tap on "more".
RARE = tuple(category for category in Category if category not in FREQUENT and category is not Category.NONE)
#: Six or more digits, also with spaces or hyphens between them: a telephone, an ID, an account.
LONG_NUMBER = re.compile(r"\+?[0-9０-９](?:[ \-]?[0-9０-９Xx]){5,}")
NEAR_WITHIN = timedelta(days=30)
NEAR_SCORE = 55.0
#: Two reports must share this many pairs. One word alone finds nothing, so nobody can search the village's reports for a name.
NEAR_PAIRS = 4
#: Characters of a report that are compared. Its beginning names its subject, and a longer report costs no more.
COMPARED = 300
GATHER_WITHIN = timedelta(minutes=10)
LATE_AFTER = timedelta(minutes=10)


class Reported(Protocol):
    """Input of the similarity search: a case, or an object with the same two fields."""

    @property
    def kind(self) -> Kind:
        """The kind of the report."""

    @property
    def text(self) -> str:
        """The words of the report."""


R = TypeVar("R", bound=Reported)


def is_greeting(text: str) -> bool:
    """Tell whether a message only says hello, thanks or yes."""
    return GREETING.fullmatch(_bare(text)) is not None


def is_yes(text: str) -> bool:
    """Tell whether a message only agrees."""
    return AGREED.fullmatch(_bare(text)) is not None


def _bare(text: str) -> str:
    """Return a short message as plain letters without final punctuation, "" for a long one."""
    return unicodedata.normalize("NFKC", text).strip(" \n。.!！~～,，?？、…") if len(text) <= 20 else ""


def is_cancel(text: str) -> bool:
    """Tell whether somebody wants to leave a conversation."""
    return text.strip().strip("。.!！").casefold() in CANCEL


def guess_kind(text: str) -> Kind:
    """Return the kind that the words point to; OTHER when none."""
    return next((kind for kind, pattern in KIND_WORDS if pattern.search(text)), Kind.OTHER)


def severity(kind: Kind, text: str) -> Severity:
    """Derive the severity of a report from its words: URGENT when they sound like danger now."""
    if hear(text).level is Level.URGENT:
        return Severity.URGENT
    return Severity.MINOR if kind in _MINOR_KINDS else Severity.ORDINARY


def split_kind(args: str) -> tuple[Kind | None, str]:
    """Split `/report`'s arguments into the kind and the words after it.

    The kind is None when the first word does not name one.
    """
    first, *rest = args.strip().split(maxsplit=1) or [""]
    kind = SPOKEN_KINDS.get(first.casefold())
    return (kind, "".join(rest)) if kind is not None else (None, args.strip())


def near(text: str, others: Iterable[R], *, limit: int = 2) -> list[R]:
    """Return open reports that are probably about the same thing, the nearest first.

    Compares pairs of characters.
    """
    mine = _pairs(text)
    scored = [(score, case) for case in others if case.kind in SHARED and (score := _alike(mine, _pairs(case.text))) >= NEAR_SCORE]
    return [case for _, case in sorted(scored, key=lambda each: -each[0])[:limit]]


def contained(one: str, other: str) -> float:
    """Return the share (0 to 1) of the shorter text that the longer one contains.

    Compares pairs of characters.
    """
    mine, theirs = _pairs(one), _pairs(other)
    return len(mine & theirs) / min(len(mine), len(theirs)) if mine and theirs else 0.0


def neutral(text: str, limit: int = 24) -> str:
    """Return the beginning of a report in a form that a neighbour may read.

    One line, without numbers that could be a telephone or an ID.
    """
    return summary(LONG_NUMBER.sub("…", text), limit)


def summary(text: str, limit: int = 24) -> str:
    """Return the beginning of a report, in one line."""
    line = " ".join(clean_text(text, 200).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _pairs(text: str) -> frozenset[str]:
    kept = re.sub(r"[\W_的了着过很在]+", "", text[:COMPARED].casefold())  # words without meaning for the comparison
    return frozenset(map(str.__add__, kept, kept[1:]))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return a similarity of 0 to 100: the larger share of one report that the other contains.

    A short report therefore matches a long one.
    """
    shared = len(one & other)
    if shared < NEAR_PAIRS:
        return 0.0
    smaller = 100.0 * shared / min(len(one), len(other))
    whole = 200.0 * shared / (len(one) + len(other))
    return max(whole, smaller * 0.8)
