"""Migrations: every old schema, with rows in it, comes up to date; a newer one is refused."""

from __future__ import annotations

import sqlite3

import pytest

from storage.migrations import SQLITE, applied, latest, migrate, statements, steps


def database_at(number: int) -> sqlite3.Connection:
    raw = sqlite3.connect(":memory:", isolation_level=None)
    applied(raw)
    for step, name, sql in steps():
        if step <= number:
            for statement in statements(sql.format(**SQLITE)):
                raw.execute(statement)
            raw.execute("INSERT INTO migrations (number, name) VALUES (?, ?)", (step, name))
    return raw


def schema(raw: sqlite3.Connection) -> list[str]:
    return sorted(row[0] for row in raw.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


@pytest.mark.parametrize("number", [step for step, _, _ in steps()])
def test_every_old_schema_comes_up_to_date_with_its_rows(number):
    raw = database_at(number)
    raw.execute("INSERT INTO stations (name) VALUES ('禾安所')")
    raw.execute("INSERT INTO villages (station_id, name) VALUES (1, '上徐村')")
    raw.execute("INSERT INTO people (name, village_id, created_at) VALUES ('王建国', 1, 0)")
    migrate(raw)
    assert schema(raw) == schema(database_at(latest()))
    assert raw.execute("SELECT name FROM people").fetchall() == [("王建国",)]
    assert migrate(raw) == []
    raw.close()


def test_a_database_from_a_newer_version_is_refused():
    raw = database_at(latest())
    raw.execute("INSERT INTO migrations (number, name) VALUES (9999, 'from the future')")
    with pytest.raises(ValueError, match="newer version"):
        migrate(raw)
    raw.close()


def test_steps_are_numbered_once_each():
    numbers = [number for number, _, _ in steps()]
    assert len(numbers) == len(set(numbers))


def test_numbers_go_on_behind_the_rows_when_they_come_to_be_counted():
    raw = database_at(14)
    raw.execute("INSERT INTO stations (name) VALUES ('禾安所')")
    raw.execute("INSERT INTO people (name, created_at) VALUES ('张伟', 0)")
    raw.execute(
        "INSERT INTO alerts (id, station_id, author_id, author_name, level, text, drill, state, created_at) VALUES (7, 1, 1, '', '', '', 0, '', 0)"
    )
    migrate(raw)
    assert raw.execute("SELECT name, value FROM counters").fetchall() == [("alert", 7)]
    raw.close()


def test_waiting_message_gets_the_new_text_key_when_a_key_was_renamed():
    raw = database_at(14)
    insert = (
        "INSERT INTO outbox (unique_key, channel, chat_id, language, priority, key, params, not_before, state, created_at)"
        " VALUES (?, 't', 1, 'zh', 3, ?, ?, 0, ?, 0)"
    )
    raw.execute(insert, ("a", "escalation.sealed.to_admin", '{"number": "1001"}', "waiting"))
    raw.execute(
        insert, ("b", "fallback.wrapped", '{"body": {"t": "escalation.sealed.to_admin"}, "where": {"t": "alert.villages.many"}}', "waiting")
    )
    raw.execute(insert, ("c", "escalation.sealed.to_admin", "{}", "sent"))
    migrate(raw)
    assert raw.execute("SELECT key, params FROM outbox ORDER BY unique_key").fetchall() == [
        ("fallback.sealed.to_admin", '{"number": "1001"}'),
        ("fallback.wrapped", '{"body": {"t": "fallback.sealed.to_admin"}, "where": {"t": "village.names.many"}}'),
        ("escalation.sealed.to_admin", "{}"),
    ]
    raw.close()


def test_hidden_names_stay_hidden_and_tips_are_wanted_only_by_those_who_said_so():
    raw = database_at(18)
    raw.execute("INSERT INTO stations (name) VALUES ('禾安所')")
    raw.execute("INSERT INTO villages (station_id, name) VALUES (1, '上徐村')")
    for name in ("徐阿婆", "老徐", "王建国"):
        raw.execute("INSERT INTO people (name, village_id, created_at) VALUES (?, 1, 0)", (name,))
    raw.execute("INSERT INTO posts (person_id, role, station_id, village_id, since_at) VALUES (3, 'chair', 1, 1, 0)")
    raw.execute("INSERT INTO audit (at, subject, action, actor_id) VALUES (0, 'person:2', 'tip.wish', 2)")
    for number, hidden in ((1001, 1), (1002, 0)):
        raw.execute(
            "INSERT INTO cases (id, kind, severity, state, village_id, station_id, text, opened_by, name_hidden, holder, rung, ladder, opened_at, acted_at)"
            " VALUES (?, 'other', 'ordinary', 'open', 1, 1, '', 1, ?, 'chair', 0, '{}', 0, 0)",
            (number, hidden),
        )
    raw.execute("INSERT INTO case_parties (case_id, person_id, added_by, added_at) VALUES (1002, 3, 1, 0)")
    migrate(raw)
    assert raw.execute("SELECT level, police_only FROM cases ORDER BY id").fetchall() == [("hidden", 0), ("named", 1)]
    assert raw.execute("SELECT wants_tips FROM people ORDER BY id").fetchall() == [(0,), (1,), (0,)]
    raw.close()
