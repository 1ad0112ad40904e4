"""What finds statements that get slower with the years would find them: a check that cannot fail is none."""

from __future__ import annotations

import pytest

from tests.plans import explained, reads_all

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
def test_a_statement_that_reads_all_is_found(name):
    sql, parameters = SLOW[name]
    assert any(reads_all(step, sql) for step in explained(sql, parameters))


@pytest.mark.parametrize("name", QUICK)
def test_a_statement_that_finds_its_rows_is_none(name):
    sql, parameters = QUICK[name]
    assert not any(reads_all(step, sql) for step in explained(sql, parameters))
