"""The check for statements that read a whole growing table finds such statements."""

from __future__ import annotations

import sqlite3
from types import FunctionType

import pytest

from storage.core.registry import Registry
from storage.engine.sqlite import SqliteTransaction
from storage.features import REGISTRY
from tests.plans import explained, faults, reads_all

SLOW = {
    "an index of a part, and the statement does not say which": ("SELECT state FROM outbox WHERE batch = ?", 1),
    "the numbers below another": (
        "UPDATE outbox SET state = 'superseded' WHERE card = ? AND state = 'waiting' AND fresh = 0 AND id < ?",
        2,
    ),
    "no index at all": ("DELETE FROM cards WHERE drawn_at < ?", 1),
    "only the channel, of which there is one": ("SELECT 1 FROM inbox WHERE channel = ? AND received_at >= ?", 2),
    "a table under another name": ("SELECT o.id FROM stations s JOIN outbox o ON o.village_id = s.id WHERE s.id = ?", 1),
}
QUICK = {
    "an index of a part": ("SELECT state FROM outbox WHERE batch = ? AND batch <> ''", 1),
    "one number": ("SELECT state FROM outbox WHERE id = ?", 1),
    "what waits now": ("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'", 0),
    "a table that does not grow": ("SELECT name FROM stations", 0),
}


@pytest.mark.parametrize("name", SLOW)
def test_full_scan_is_found(name):
    sql, parameters = SLOW[name]
    assert any(reads_all(step, sql) for step in explained(sql, parameters))


@pytest.mark.parametrize("name", QUICK)
def test_indexed_statement_is_accepted(name):
    sql, parameters = QUICK[name]
    assert not any(reads_all(step, sql) for step in explained(sql, parameters))


def ask(transaction: SqliteTransaction, sql: str):
    return transaction.fetch_all(sql)


@pytest.mark.parametrize(
    ("module", "sql", "found"),
    [
        ("storage.core.outbox", "SELECT state FROM outbox WHERE thread_id = 1", 1),
        ("storage.people.privacy", "SELECT state FROM outbox WHERE thread_id = 2", 0),
        ("tests.storage", "SELECT state FROM outbox WHERE thread_id = 3", 0),
    ],
)
def test_only_statements_of_storage_modules_are_explained(module, sql, found):
    FunctionType(ask.__code__, {"__name__": module})(SqliteTransaction(sqlite3.connect(":memory:")), sql).close()
    assert len(faults()) == found


def test_full_scan_is_found_when_no_feature_declares_the_table_small(monkeypatch):
    sql, parameters = QUICK["a table that does not grow"]
    broken = Registry(tuple(each for each in REGISTRY.features if each.name != "people"))
    monkeypatch.setattr("tests.plans.REGISTRY", broken)
    assert any(reads_all(step, sql) for step in explained(sql, parameters))
