"""Questions about a report, by its subject: wages, an injury, land, noise, neighbours.

Knows words and names of questions; must not know storage or texts. Invariants: questions come after the report is filed and can all be left out;
an answer is a note of the case, and a question that was answered is not asked again.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.cases.case import Action, Category, Kind
from domain.cases.move_table import decide
from domain.cases.moves import change_of, check_words
from domain.core.immutable import immutable, replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.cases.actors import CaseActor
    from domain.cases.case import Case, CaseChange

#: The key in the details of a case under which the answered questions are kept.
ANSWERED = "answered"


class Topic(StrEnum):
    """Subject of a report, by which the questions are chosen."""

    WAGES = "wages"
    INJURY = "injury"
    LAND = "land"
    NOISE = "noise"
    NEIGHBOUR = "neighbour"
    MONEY = "money"
    HAZARD = "hazard"
    FRAUD = "fraud"


@immutable
class Question:
    """A question and its offered answers.

    Text keys: `question.ask.<name>`, `question.choice.<name>_<choice>`.
    """

    name: str
    choices: tuple[str, ...] = ()


_SINCE = Question("since", ("today", "weeks", "months", "years"))
_PAPERS = Question("papers", ("yes", "no"))
_TALKED = Question("talked", ("yes", "no"))
#: The questions of each subject, in their order.
QUESTIONS: dict[Topic, tuple[Question, ...]] = {
    Topic.WAGES: (
        Question("employer"),
        Question("people", ("one", "few", "many")),
        Question("unpaid", ("month", "months", "longer")),
        _PAPERS,
    ),
    Topic.INJURY: (Question("when"), Question("hospital", ("yes", "no")), Question("paid", ("yes", "no"))),
    Topic.LAND: (Question("parcel"), _PAPERS, _SINCE),
    Topic.NOISE: (Question("source"), Question("hours", ("day", "night", "always")), _SINCE),
    Topic.NEIGHBOUR: (Question("with"), _SINCE, _TALKED),
    Topic.MONEY: (Question("amount"), _PAPERS, _TALKED),
    Topic.HAZARD: (Question("blocked", ("yes", "no")), _SINCE),
    Topic.FRAUD: (Question("way", ("phone", "chat", "page")), Question("when")),
}
ALL = tuple(dict.fromkeys(question for questions in QUESTIONS.values() for question in questions))
_BY_CATEGORY = {
    Category.LABOUR: Topic.WAGES,
    Category.DAMAGES: Topic.INJURY,
    Category.MEDICAL: Topic.INJURY,
    Category.LAND: Topic.LAND,
    Category.HOUSING: Topic.LAND,
    Category.DEMOLITION: Topic.LAND,
    Category.POLLUTION: Topic.NOISE,
    Category.NEIGHBOUR: Topic.NEIGHBOUR,
    Category.CONTRACT: Topic.MONEY,
    Category.CONSUMER: Topic.MONEY,
    Category.ECOMMERCE: Topic.MONEY,
}
_BY_KIND = {Kind.HAZARD: Topic.HAZARD, Kind.FRAUD: Topic.FRAUD}
#: Words of a dispute that nobody sorted; the first match wins.
_BY_WORDS = (
    (Topic.WAGES, re.compile("工资|工钱|薪|加班费|包工头|wage|salary", re.IGNORECASE)),
    (Topic.INJURY, re.compile("工伤|受伤|撞伤|摔伤|咬伤|医药费|医疗费|住院|骨折|赔医|injur", re.IGNORECASE)),
    (Topic.NOISE, re.compile("噪音|噪声|太吵|吵得|吵死|广场舞|音响|半夜.{0,6}响|油烟|臭|污水|noise|smell", re.IGNORECASE)),
    (Topic.LAND, re.compile("宅基|地界|承包地|田埂|林地|山林|占(?:了)?.{0,4}地|征地|拆迁|land|boundary", re.IGNORECASE)),
    (Topic.MONEY, re.compile("欠(?!薪|工)|借款|借条|合同|定金|退款|货款|owe|contract|refund", re.IGNORECASE)),
    (Topic.NEIGHBOUR, re.compile("邻居|隔壁|对门|楼上|楼下|砌墙|neighbo", re.IGNORECASE)),
)


def topic_of(kind: Kind, category: Category, text: str) -> Topic | None:
    """Return the subject of a report by its category, words or kind.

    None when nothing is to be asked.
    """
    if kind is Kind.DISPUTE:
        known = _BY_CATEGORY.get(category)
        return known or next((topic for topic, words in _BY_WORDS if words.search(text[:300])), None)
    return _BY_KIND.get(kind)


def open_questions(case: Case) -> tuple[Question, ...]:
    """Return the unanswered questions about a case; none when it is urgent or over."""
    if case.ended or case.scene is not None:
        return ()
    topic, answered = topic_of(case.kind, case.category, case.text), case.details.get(ANSWERED, ())
    return tuple(question for question in (QUESTIONS[topic] if topic else ()) if question.name not in answered)


def answer(case: Case, by: CaseActor, names: Sequence[str], words: str, *, at: datetime) -> CaseChange:
    """Add answers to a case as one note.

    `names`: the questions that were answered; `words`: questions and answers, a line each.
    """
    decide(case, Action.NOTE, by)
    check_words(words)
    answered = [*dict.fromkeys([*case.details.get(ANSWERED, ()), *names])]
    return change_of(case, replace(case, details=case.details | {ANSWERED: answered}), Action.NOTE, by, at, words)
