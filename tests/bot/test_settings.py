"""Settings: environment over file over defaults, and one sentence for each fault."""

from __future__ import annotations

import os
from datetime import timedelta
from fractions import Fraction

import pytest
import typer

from bot.commands.cli import load_settings
from bot.settings import Settings
from domain.core.town import AlertRules, EmergencyRules, Limits, ResponderRules
from tests.rows import row


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "config.yaml"
    path.write_text("town:\n  name: 石柱\nescalation:\n  officer_within: PT1H\n", encoding="utf-8")
    monkeypatch.setenv("TONGXIN_CONFIG", str(path))
    return path


def test_the_environment_wins_key_by_key(file, monkeypatch):
    monkeypatch.setenv("TONGXIN_ESCALATION__CHAIR_WITHIN", "PT2H30M")
    settings = load_settings()
    assert settings.town.name == "石柱"
    assert settings.escalation.chair_within == timedelta(hours=2, minutes=30)
    assert settings.escalation.officer_within == timedelta(hours=1)
    assert settings.escalation.leader_within == timedelta(hours=4)


def test_features_are_off_until_they_are_switched_on(file, monkeypatch):
    assert load_settings().as_town(bot_names={}).features == frozenset()
    monkeypatch.setenv("TONGXIN_FEATURES__LOST_FOUND", "true")
    assert load_settings().as_town(bot_names={}).features == {"lost_found"}


def test_rules_and_limits_of_the_town_are_those_of_the_settings(file, monkeypatch):
    assert load_settings().as_town(bot_names={}).alerts == AlertRules()
    assert load_settings().as_town(bot_names={}).limits == Limits()
    monkeypatch.setenv("TONGXIN_ALERTS__ALONE_SHARE", "0.25")
    assert load_settings().as_town(bot_names={}).alerts.alone_share == Fraction(1, 4)


@pytest.mark.parametrize("share", ["0", "2", "1/0", "x"])
def test_a_share_that_is_none_is_a_fault(file, monkeypatch, share):
    monkeypatch.setenv("TONGXIN_ALERTS__ALONE_SHARE", share)
    with pytest.raises(typer.Exit):
        load_settings()


def test_no_file_means_the_defaults(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for said in (None, "", os.devnull):
        if said is None:
            monkeypatch.delenv("TONGXIN_CONFIG", raising=False)
        else:
            monkeypatch.setenv("TONGXIN_CONFIG", said)
        assert load_settings().town.name == "禾安"


@pytest.mark.parametrize("named", ["confg.yaml", "."])
def test_a_file_that_is_named_and_cannot_be_read_is_one_sentence(tmp_path, monkeypatch, capsys, named):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TONGXIN_CONFIG", named)
    with pytest.raises(typer.Exit):
        load_settings()
    assert capsys.readouterr().err.startswith(f"A file of the settings cannot be read: {named}: ")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TONGXIN_TOWN__NAMES", "x", "town.names"),
        ("TONGXIN_ESCALATION__CHAIR_WITHIN", "2 hours", "escalation.chair_within"),
        ("TONGXIN_ESCALATION__CHAIR_WITHIN", "PT0S", "longer than nothing"),
        ("TONGXIN_ADMINS", "@xusuozhang", "admins"),
        ("TONGXIN_ADMINS", '["@xusuozhang"]', "admins.0"),
        ("TONGXIN_CALENDAR__OPENS", "18:00", "calendar.opens must be before"),
    ],
)
def test_a_wrong_variable_is_one_sentence_without_its_value(file, monkeypatch, capsys, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(typer.Exit) as left:
        load_settings()
    assert left.value.exit_code == 1
    told = capsys.readouterr().err
    assert said in told
    assert "xusuozhang" not in told
    assert "Value error" not in told


def test_a_file_that_is_no_yaml_is_one_sentence(file, capsys):
    file.write_text("town: [\n", encoding="utf-8")
    with pytest.raises(typer.Exit):
        load_settings()
    assert "not YAML, near line 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{"chair_within": "PT1H"}', "names no cases"),
        ('{"kind": "hazard"}', "sets no span"),
        ('{"kind": "hazard", "category": "labour", "chair_within": "PT1H"}', "only disputes have a category"),
        ('{"kind": "quarrel", "chair_within": "PT1H"}', "escalation.by.0.kind: Input should be 'dispute', 'hazard'"),
        ('{"severity": "urgent", "chair_within": "-PT1H"}', "escalation.by.0.chair_within:"),
    ],
)
def test_row_of_spans_that_means_nothing_is_one_sentence(file, monkeypatch, capsys, row, said):
    monkeypatch.setenv("TONGXIN_ESCALATION__BY", f"[{row}]")
    with pytest.raises(typer.Exit):
        load_settings()
    assert said in capsys.readouterr().err


def test_rules_of_urgent_cases_are_refused_beyond_their_bounds_or_when_they_contradict(file, monkeypatch, capsys):
    wrong = (
        ("RESPONDERS__ENOUGH", "0", "responders.enough"),
        ("RESPONDERS__GRACE", "PT31M", "responders.grace"),
        ("RESPONDERS__VOLUNTEERS", "201", "responders.volunteers"),
        ("RESPONDERS__FIRST_WAVE", "-1", "responders.first_wave"),
        ("RESPONDERS__NEAR_KM", "-0.1", "responders.near_km"),
        ("RESPONDERS__WIDE_KM", "0.5", "wide_km must not be less than near_km"),
        ("EMERGENCY__DRILL_LASTS", "PT5H", "emergency.drill_lasts"),
        ("EMERGENCY__DRILL_LASTS", "PT60S", "drill_lasts must be longer than second_wave_after"),
        ("EMERGENCY__KEEP_HEALTH", "P7D", "emergency.keep_health"),
        ("EMERGENCY__PHONE_AFTER", "PT1M", "must each be later than the one before"),
    )
    for name, value, said in wrong:
        with row(name, value), monkeypatch.context() as changed:
            changed.setenv(f"TONGXIN_{name}", value)
            with pytest.raises(typer.Exit):
                load_settings()
            assert said in capsys.readouterr().err


def test_rules_of_urgent_cases_reach_the_town(file, monkeypatch):
    monkeypatch.setenv("TONGXIN_RESPONDERS__ENOUGH", "5")
    monkeypatch.setenv("TONGXIN_EMERGENCY__DRILL_LASTS", "PT20M")
    town = load_settings().as_town(bot_names={})
    assert (town.responders.enough, town.emergency.drill_lasts) == (5, timedelta(minutes=20))
    monkeypatch.undo()
    defaults = Settings().as_town(bot_names={})
    assert (defaults.responders, defaults.emergency) == (ResponderRules(), EmergencyRules())


def test_later_row_of_spans_wins_span_by_span(file, monkeypatch):
    rows = '[{"kind": "fraud", "chair_within": "PT1H", "officer_within": "PT2H"}, {"severity": "urgent", "chair_within": "PT3H"}]'
    monkeypatch.setenv("TONGXIN_ESCALATION__BY", rows)
    rules = load_settings().as_town(bot_names={}).escalation
    found = rules.rules_for(kind="fraud", category="", severity="pressing", villages={"上徐村"})
    assert (found.chair_within, found.officer_within) == (timedelta(hours=3), timedelta(hours=2))
    assert rules.rules_for(kind="hazard", category="", severity="minor", villages={"上徐村"}).chair_within == rules.chair_within
