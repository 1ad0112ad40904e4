"""Words for "nobody called me", and the promise they are measured by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cases.case import State
from domain.cases.contact import is_overdue, promised_by, says_unheard
from domain.cases.escalation import EscalationLevel
from tests.domain.cases.test_moves import AT, TOWN, opened
from tests.rows import row

MEANT = (
    "没人联系我", "没有人联系我", "还没人联系我啊",
    "怎么没人联系我？", "三天了没人联系我", "一直没人给我打电话", "没人打电话给我", "主任没联系我", "主任一直没有联系我",
    "nobody called me", "No one has contacted me yet",
)  # fmt: skip
OTHERS = (
    "没人联系我，隔壁又砸门了",
    "我没联系他",
    "联系我",
    "没人住的房子着火了",
    "没人管的狗咬人",
    "他没给我钱",
    "邻居没联系我",
    "nobody called the doctor",
    "",
)


def test_only_a_message_that_says_nothing_else_is_meant():
    for words in MEANT:
        with row(words):
            assert says_unheard(words)
    for words in OTHERS:
        with row(words):
            assert says_unheard(words) is None


def test_promise_is_the_deadline_then_the_agreed_date_and_nobody_is_timed_beyond_the_last_level():
    case = opened().case
    assert promised_by(case, town=TOWN) == case.due_at
    taken = replace(case, state=State.ACCEPTED, due_at=None)
    assert promised_by(taken, town=TOWN) == case.due_at  # accepting is not calling
    agreed = replace(taken, next_at=AT + timedelta(days=9))
    assert promised_by(agreed, town=TOWN) == agreed.next_at
    assert promised_by(replace(case, rung=EscalationLevel.BEYOND), town=TOWN) is None
    assert promised_by(replace(case, state=State.CLOSED), town=TOWN) is None


@pytest.mark.parametrize(("days", "late"), [(0, False), (30, True)])
def test_case_is_overdue_after_the_promise_only(days, late):
    assert is_overdue(opened().case, town=TOWN, at=AT + timedelta(days=days)) is late
