"""Corrections in the chat: buttons, command, typed words, recipients and the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cases.case import Category, Kind, Severity
from domain.core.town import EscalationRules, SpanRule
from domain.people.people import Role
from tests.handlers.cases.test_moves import Street, opens, stored, street

__all__ = ["street"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("/correct 1001 隐患", (Kind.HAZARD, Category.NONE, Severity.ORDINARY)),
        ("改类别 1001 劳动争议", (Kind.DISPUTE, Category.LABOUR, Severity.ORDINARY)),
        ("改急缓1001，不急", (Kind.DISPUTE, Category.NEIGHBOUR, Severity.MINOR)),
    ],
)
async def test_words_correct_a_case_and_nobody_else_hears(street: Street, said, found):
    await opens(street, street.villager)
    await street.look()
    await street.chair.says(said)
    case = await stored(street)
    assert (case.kind, case.category, case.severity) == found
    assert "改成：" in await street.chair.new()
    for nobody in (street.villager, street.officer, street.leader, street.duty, street.secretary):
        assert await nobody.new(drawn=False) == ""


async def test_whole_card_offers_the_correction_and_two_taps_make_it(street: Street):
    await opens(street, street.villager)
    await street.chair.presses("看全部经过")
    await street.chair.presses("改类别、急缓")
    await street.chair.presses("改急缓")
    await street.look()
    await street.chair.presses("紧急")
    assert (await stored(street)).severity is Severity.URGENT
    assert "🆘 <b>1001</b>" in await street.officer.new()
    assert await street.villager.new(drawn=False) == ""


async def test_only_the_police_make_an_urgent_case_less_urgent(street: Street):
    await opens(street, street.villager, severity=Severity.URGENT)
    await street.look()
    await street.chair.says("/correct 1001 一般")
    assert "只有民警能改" in await street.chair.new()
    await street.officer.says("/correct 1001 一般")
    assert (await stored(street)).severity is Severity.ORDINARY


@pytest.mark.parametrize("who", ["neighbour", "secretary", "other_chair", "stranger"])
async def test_others_correct_nothing(street: Street, who):
    await opens(street, street.villager)
    other = await street.harness.person("阿珍", Role.VILLAGER, "上徐村") if who == "neighbour" else getattr(street, who)
    await other.says("/correct 1001 隐患")
    await other.presses_raw("c.cor", 1001)
    assert (await stored(street)).kind is Kind.DISPUTE


async def test_old_deadline_does_nothing_when_the_corrected_case_has_more_time(street: Street):
    slow = SpanRule(severity="minor", chair_within=timedelta(hours=40))
    street.harness.town = replace(street.harness.town, escalation=EscalationRules(by=(slow,)))
    await opens(street, street.villager)
    await street.look()
    await street.chair.says("/correct 1001 不急")
    assert "王主任会在" in await street.villager.new()
    await street.harness.time_passes(hours=30)
    assert await street.officer.new() == ""
    await street.harness.time_passes(hours=11)
    assert "<b>1001</b>" in await street.officer.new()
