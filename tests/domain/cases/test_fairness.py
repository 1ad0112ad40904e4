"""Fairness: reports that ring, are gathered or are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.cases.fairness import Past, Way, check_blocked, way_of
from domain.core.change import Address, ChatId, PersonId, RuleError
from domain.core.town import Limits
from domain.people.people import Person
from texts import At

KNOWN = Person(PersonId(1), "某人", "zh", Address("telegram", ChatId(1)), consented=True)
NEW = replace(KNOWN, is_new=True)
BLOCKED = replace(KNOWN, blocked_until=datetime(2026, 6, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("actor", "urgent", "past", "way"),
    [
        (KNOWN, True, Past(5, 5, 5, 99), Way.OPEN),
        (KNOWN, False, Past(in_hour=19), Way.OPEN),
        (KNOWN, False, Past(in_hour=20), "report.too_many"),
        (KNOWN, True, Past(20, 20, 20), "report.too_many"),
        (NEW, True, Past(0, 0, 9, 99), Way.OPEN),  # the first urgent report always rings
        (NEW, True, Past(1, 1, 1), Way.GATHER),
        (NEW, True, Past(1, 0, 0), Way.OPEN),
        (NEW, False, Past(in_hour=4), Way.OPEN),
        (NEW, False, Past(in_hour=5), "report.too_many"),
        (NEW, False, Past(new_in_village=29), Way.OPEN),
        (NEW, False, Past(new_in_village=30), "report.village_busy"),
        (BLOCKED, True, Past(0, 0, 3), Way.OPEN),
        (BLOCKED, True, Past(1, 0, 1), "block.is.blocked"),
        (BLOCKED, False, Past(), "block.is.blocked"),
        (replace(BLOCKED, is_new=True), True, Past(1, 1, 1), "block.is.blocked"),
    ],
)
def test_report_is_taken_by_the_table(actor: Person, urgent: bool, past: Past, way: Way | str):
    if isinstance(way, Way):
        assert way_of(actor, urgent=urgent, past=past, limits=Limits()) is way
    else:
        with pytest.raises(RuleError) as refused:
            way_of(actor, urgent=urgent, past=past, limits=Limits())
        assert refused.value.key == way


def test_end_of_a_block_is_exact_when_it_has_microseconds():
    until = datetime(2500, 6, 20, 15, 18, 41, 210_543, tzinfo=UTC)  # inexact as a float of seconds
    with pytest.raises(RuleError) as refused:
        check_blocked(replace(KNOWN, blocked_until=until))
    assert refused.value.params == {"until": At(until)}
