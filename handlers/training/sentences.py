"""A training in one sentence: 下周二下午两点在村委会培训防诈骗.

Knows the words; handlers/training/planning.py asks for the rest and previews. Invariant: nothing is announced from words alone.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from domain import training as rules
from domain.calendar.typed_dates import parse_span
from domain.core.change import RuleError
from domain.core.immutable import immutable
from domain.people.people import Policy
from domain.training import may_train, typed
from handlers.core.dialogs import begin
from handlers.core.understood import Sentence
from handlers.core.village_choice import villages_where
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from handlers.core.context import HandlerContext
    from handlers.core.dialogs import Answers

LONGEST = 120
HOUR = timedelta(hours=1)
_MEANT = re.compile("培训|讲座|集中学习|上课|training", re.IGNORECASE)
_ASKED = re.compile("[?？]|吗|没有|取消|不去|不来|改到|改在|请假|什么时候|几点(?!半)")
_BREAK = r"\s,，。;；:：、"
_PLACE = re.compile(
    rf"(?:地点[:：]?|在|到)([^{_BREAK}在]{{2,20}}?)(?:举行|举办|开展|组织|进行|召开|开|搞|办)?(?=培训|讲座|集中学习|上课|[{_BREAK}]|$)"
)
_SUBJECT_AFTER = re.compile(rf"(?:培训|讲座|集中学习|上课)[{_BREAK}]*(?:主题|内容)?[{_BREAK}]*([^{_BREAK}0-9]{{2,20}})")
_SUBJECT_BEFORE = re.compile(rf"([^{_BREAK}0-9点半在]{{2,12}})(?:培训|讲座)")


@immutable
class TrainingSaid:
    """A training as one sentence tells it; an empty subject or place, and no end, are not told."""

    subject: str
    place: str
    begins: datetime
    ends: datetime | None


def read(text: str, now: datetime, zone: tzinfo) -> TrainingSaid | None:
    """Read a training with its beginning; None for anything else."""
    if len(text) > LONGEST or not _MEANT.search(text) or _ASKED.search(text):
        return None
    left, place, subject = text, "", ""
    if found := _PLACE.search(left):
        place, left = found[1], f"{left[: found.start()]} {left[found.end() :]}"
    if (found := _SUBJECT_AFTER.search(left)) or (found := _SUBJECT_BEFORE.search(left)):
        subject, left = found[1], f"{left[: found.start()]} {left[found.end() :]}"
    left = re.sub("[，。；;]", " ", _MEANT.sub(" ", left)).strip()
    pieces = [left, *(" ".join(left.split()[:count]) for count in range(len(left.split()) - 1, 0, -1))]
    span = next((told for each in pieces if each and (told := parse_span(each, now, zone)) is not None), None)
    return None if span is None else TrainingSaid(subject, place, *span)


async def take(ctx: HandlerContext, found: TrainingSaid) -> bool:
    """Ask for what the sentence does not tell, and preview the training."""
    answers: Answers = {}
    try:
        answers["when"] = to_us(typed.start_of(found.begins, at=ctx.at))
        if found.subject:
            answers["subject"] = ctx.for_many(typed.words(found.subject, limit=rules.SUBJECT_LENGTH, key="training.subject_again"))
        if found.place:
            answers["place"] = ctx.for_many(typed.words(found.place, limit=rules.PLACE_LENGTH, key="training.place_again"))
    except RuleError as rule:
        await ctx.reply(rule.key, **rule.params)
    if found.ends is not None and found.ends > found.begins:
        answers["hours"] = max(1, min(rules.MOST_HOURS, round((found.ends - found.begins) / HOUR)))
    mine = await villages_where(ctx, may_train)
    await begin(ctx, "training", answers | ({"villages": [mine[0].id]} if len(mine) == 1 else {}))
    return True


SENTENCE = Sentence("training", Policy.HANDLER, read, take)
