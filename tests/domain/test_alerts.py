"""Alerts: every state and verb, typed input, agreement, lateness."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import alerts
from domain.alerts import MOVES, Alert, Level, State, Verb
from domain.alerts.confirmations import How, adds
from domain.alerts.hazards import clean_source, hazard_of, level_of, source_of
from domain.alerts.typed import clean, parse_level, parse_line, reason
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.core.town import AlertRules
from domain.people.people import Person, Post, Role

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
AFTER = timedelta(minutes=15)
STATION = StationId(1)
ALERT = Alert(
    7,
    STATION,
    PersonId(1),
    "张警官",
    Level.ORANGE,
    "台风",
    drill=False,
    villages=(VillageId(1), VillageId(2)),
    state=State.DRAFT,
    created_at=AT,
)


def person(number: int, role: Role, village: int | None = None, station: int = 1) -> Person:
    post = Post(role, StationId(station), None if village is None else VillageId(village))
    return Person(PersonId(number), f"某{number}", "zh", Address("telegram", ChatId(number)), posts=(post,), consented=True)


AUTHOR, SECOND = person(1, Role.OFFICER, 1), person(2, Role.LEADER)
DO: dict[Verb, Callable[[Alert], object]] = {
    Verb.ASK: lambda alert: alerts.ask(alert, PersonId(1), at=AT, remind_after=AFTER),
    Verb.SEND: lambda alert: alerts.send(alert, PersonId(1), at=AT, list_after=AFTER),
    Verb.SEND_ALONE: lambda alert: alerts.send_alone(
        alert, PersonId(1), because="没人接电话", at=AT + AFTER, second_within=AFTER, list_after=AFTER
    ),
    Verb.AGREE: lambda alert: alerts.agree(alert, SECOND, at=AT, list_after=AFTER),
    Verb.DECLINE: lambda alert: alerts.decline(alert, SECOND, at=AT),
    Verb.DISCARD: lambda alert: alerts.discard(alert, PersonId(1), at=AT),
    Verb.CONFIRM: lambda alert: alerts.confirm(alert, VillageId(1), SECOND, how=How.SEEN, at=AT, list_after=AFTER),
    Verb.NUDGE: lambda alert: alerts.nudge(alert, PersonId(1), at=AT, silent=2),
    Verb.CLEAR: lambda alert: alerts.clear(alert, AUTHOR, at=AT),
    Verb.RECALL: lambda alert: alerts.recall(alert, AUTHOR, at=AT),
    Verb.END: lambda alert: alerts.end(alert, at=AT),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_in_every_state_is_allowed_by_the_table_or_refused_in_words(state: State, verb: Verb):
    alert = replace(ALERT, state=state, sent_at=AT, asked_at=AT)
    if (state, verb) in MOVES:
        done = DO[verb](alert)
        if isinstance(done, alerts.Change):
            assert done.value.state is MOVES[state, verb]
            assert done.value.drill is alert.drill
            assert done.event.subject == "alert:7"
    else:
        with pytest.raises(RuleError) as refused:
            DO[verb](alert)
        assert refused.value.key == f"alert.is.{state}"


@pytest.mark.parametrize(
    ("typed", "level"),
    [("red", "red"), ("红", "red"), ("红色", "red"), ("红色预警", "red"), ("RED", "red"), ("橙", "orange"), ("黄色", "yellow"), ("blue", "blue"),
     ("赤", None), ("", None), ("预警", None), ("red alert", None)],
)  # fmt: skip
def test_levels_are_understood_in_both_languages(typed: str, level: str | None):
    assert parse_level(typed) == level


@pytest.mark.parametrize(
    ("typed", "where", "text"),
    [
        ("红 全部 台风来了", ("全部",), "台风来了"),
        ("red all typhoon, close windows", ("all",), "typhoon, close windows"),
        ("红 上徐村、下李村 台风", ("上徐村", "下李村"), "台风"),
        ("红 上徐村, 下李村 ， 东岭村 台风, 关窗", ("上徐村", "下李村", "东岭村"), "台风, 关窗"),
        ("红 上徐村、上徐村 台风", ("上徐村",), "台风"),
        ("红 全部 第一行\n第二行", ("全部",), "第一行\n第二行"),
        ("红 上徐村", ("上徐村",), ""),
        ("红", (), ""),
        ("台风来了 快跑", (), "台风来了 快跑"),
    ],
)
def test_one_line_is_taken_apart(typed: str, where: tuple[str, ...], text: str):
    assert parse_line(typed)[1:] == (where, text)


@given(st.text(max_size=300))
def test_no_line_is_too_odd_to_be_taken_apart(typed: str):
    level, where, text = parse_line(typed)
    assert level is not None or (where == () and text == typed.strip())


def test_a_text_is_cleaned_and_never_cut():
    assert clean(" 台风\u202e\x00 ") == "台风"
    assert clean("字" * 1000) == "字" * 1000
    for bad, key in (
        ("", "alert.text.needed"),
        (" \u200b", "alert.text.needed"),
        ("字" * 1001, "alert.text.too_long"),
        ("🌀" * 501, "alert.text.too_long"),
    ):
        with pytest.raises(RuleError) as refused:
            clean(bad)
        assert refused.value.key == key


@pytest.mark.parametrize(
    ("villages", "people", "of", "second"),
    [
        ((1,), 10, 1, True),  # a station with one village
        ((1,), 10, 2, True),
        ((1,), 10, 3, False),
        ((1, 2), 10, 3, True),
        ((1, 2, 3), 10, 9, False),
        ((1, 2, 3, 4), 10, 9, True),
        ((1,), 300, 9, False),
        ((1,), 301, 9, True),
    ],
)
def test_red_alert_needs_second_person_when_it_is_wide(villages: tuple[int, ...], people: int, of: int, second: bool):
    chosen, station = [VillageId(number) for number in villages], [VillageId(number + 1) for number in range(of)]
    assert alerts.needs_second(chosen, people, stations=[station], rules=AlertRules()) is second
    elsewhere = [VillageId(90), VillageId(91), VillageId(92)]
    assert alerts.needs_second([*chosen, VillageId(90)], people, stations=[elsewhere, station], rules=AlertRules()) is second


def test_sending_alone_is_refused_while_a_second_person_may_answer():
    asked = replace(ALERT, state=State.WAITING, asked_at=AT)
    with pytest.raises(RuleError) as refused:
        alerts.send_alone(asked, PersonId(1), because="x", at=AT + AFTER - timedelta(seconds=1), second_within=AFTER, list_after=AFTER)
    assert refused.value.key == "alert.alone.too_early"
    sent = alerts.send_alone(asked, PersonId(1), because="没人接电话", at=AT + AFTER, second_within=AFTER, list_after=AFTER)
    assert sent.value.alone_because == sent.event.words == "没人接电话"
    assert sent.value.head_for_handlers == {"t": "alert.alone.head", "p": {"head": sent.value.head}}


def test_reason_is_refused_when_it_says_nothing():
    assert reason(" 都在\n出警 ") == "都在 出警"
    with pytest.raises(RuleError):
        reason("急")


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (person(1, Role.OFFICER, 1), False),
        (person(2, Role.OFFICER, 9), True),
        (person(2, Role.DUTY), True),
        (person(2, Role.LEADER), True),
        (person(2, Role.LEADER, station=2), False),
        (person(2, Role.CHAIR, 1), False),
        (person(2, Role.ADMIN), False),
        (replace(person(2, Role.LEADER), suspended=True), False),
        (replace(person(2, Role.LEADER), posts=(Post(Role.LEADER, StationId(1), deputises_for=PersonId(3)),)), False),
    ],
)
def test_the_second_person_is_other_police_of_the_station(actor: Person, may: bool):
    asked = replace(ALERT, state=State.WAITING, asked_at=AT)
    if may:
        assert alerts.agree(asked, actor, at=AT, list_after=AFTER).value.second_id == actor.id
    else:
        with pytest.raises(RuleError):
            alerts.agree(asked, actor, at=AT, list_after=AFTER)


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (AUTHOR, True),
        (person(1, Role.MEMBER, 1), False),
        (person(3, Role.OFFICER, 1), False),
        (person(3, Role.DUTY), True),
        (SECOND, True),
        (person(3, Role.LEADER, station=2), False),
    ],
)
def test_who_takes_it_back(actor: Person, may: bool):
    assert alerts.may_recall(actor, replace(ALERT, state=State.SENT)) is may


def test_an_old_preview_and_an_old_question_send_nothing():
    with pytest.raises(RuleError, match="preview_old"):
        alerts.send(ALERT, PersonId(1), at=AT + timedelta(hours=2, seconds=1), list_after=AFTER)
    with pytest.raises(RuleError, match="preview_old"):
        alerts.agree(replace(ALERT, state=State.WAITING, asked_at=AT), SECOND, at=AT + timedelta(hours=1, seconds=1), list_after=AFTER)


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (14, False), (15, True), (600, True)])
def test_late_is_after_the_list_was_due(minutes: int, late: bool):
    sent = replace(ALERT, state=State.SENT, sent_at=AT)
    assert alerts.confirm(sent, VillageId(1), SECOND, how=How.SEEN, at=AT + timedelta(minutes=minutes), list_after=AFTER).late is late


@pytest.mark.parametrize("before", [None, *How])
@pytest.mark.parametrize("how", How)
def test_a_confirmation_counts_only_if_it_says_more(how: How, before: How | None):
    order = [None, How.SEEN, How.PHONE, How.TOLD]
    assert adds(how, before) is (order.index(how) > order.index(before))


def test_the_silent_are_nudged_at_most_once_a_minute():
    sent = replace(ALERT, state=State.SENT, sent_at=AT)
    once = alerts.nudge(sent, PersonId(1), at=AT, silent=1).value
    with pytest.raises(RuleError, match="nudged_just_now"):
        alerts.nudge(once, PersonId(1), at=AT + timedelta(seconds=59), silent=1)
    assert alerts.nudge(once, PersonId(1), at=AT + timedelta(seconds=60), silent=1).value.nudges == 2
    with pytest.raises(RuleError, match="nobody_silent"):
        alerts.nudge(sent, PersonId(1), at=AT, silent=0)


@pytest.mark.parametrize(("level", "hours"), [(Level.BLUE, 12), (Level.YELLOW, 24), (Level.ORANGE, 36), (Level.RED, 48)])
def test_what_is_more_pressing_is_delivered_longer(level: Level, hours: int):
    change = alerts.send(replace(ALERT, level=level), PersonId(1), at=AT, list_after=AFTER)
    assert change.value.expires_at == AT + timedelta(hours=hours)
    due = {timer.kind: timer.due_at for timer in change.timers if timer.data["turn"] in (0, 1)}
    first_ask = AT + timedelta(hours=12)
    assert due == {
        alerts.BOARD: AT + timedelta(seconds=10),
        alerts.LIST: AT + AFTER,
        alerts.ASK_CLEAR: first_ask,
        alerts.END: AT + timedelta(hours=hours),
    }
    assert len({timer.occurrence for timer in change.timers}) == len(change.timers) == 7


@pytest.mark.parametrize(
    ("text", "hazard", "source", "level"),
    [
        ("据市气象台，台风今晚登陆", "typhoon", "市气象台", ""),
        ("刚接到禾安县防汛办通知，水库泄洪，下游马上转移", "flood", "禾安县防汛办", "red"),
        ("省气象台发布暴雨橙色预警", "rain", "省气象台", "orange"),
        ("后山有滑坡危险，请撤离", "landslide", "", "red"),
        ("有人冒充公安诈骗，别转账", "fraud", "", ""),
        ("今晚停电", "", "", ""),
        ("Typhoon tonight, evacuate", "typhoon", "", "red"),
    ],
)
def test_text_proposes_kind_source_and_level(text: str, hazard: str, source: str, level: str):
    assert (hazard_of(text), source_of(text), level_of(text)) == (hazard, source, level)


@pytest.mark.parametrize("said", ["", "  ", "很长" * 11])
def test_source_is_refused_when_it_is_empty_or_long(said: str):
    with pytest.raises(RuleError, match=r"alert\.source\.needed"):
        clean_source(said)
