"""Fills the database of a town with years of history, with a few set-based statements.

It writes people, cases, timelines, timers, parties, cards and broadcasts. Knows the schema. Deterministic: row n is the same in every run.
The newest cases are open, at most MOST_OPEN; all others have ended. One case in a hundred has a party who must not see it, one in fifty a
follower. Most words are in one text of forty; one is in one of 20,000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.server import FIRST_USER
from benchmarks.town import AT, VILLAGES, build
from domain.cases.escalation import freeze, to_plain
from domain.core.town import EmergencyRules, EscalationRules
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store
from storage.values import to_json, to_us

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

PEOPLE = 20_000
MOST_OPEN = 5_000
HOUR_US = 3_600_000_000
COMMON, RARE = "水沟", "黄鼠狼"
RARE_EACH = 20_000
THINGS = (
    COMMON, "围墙", "地界", "宅基地", "树枝", "噪音", "垃圾", "电线", "水管", "路灯", "狗", "鸡棚", "油烟", "停车", "租金", "工钱", "借款", "彩礼", "赡养",
    "遗产", "屋檐", "滴水", "井盖", "鱼塘", "果树", "农药", "田埂", "水渠", "门口", "楼道", "电瓶车", "广场舞", "装修", "漏水", "化粪池", "采光", "通行",
    "台阶", "竹林", "坟地",
)  # fmt: skip
WHAT = ("邻居", "隔壁两家", "房东和租客", "兄弟俩", "工头和工人", "店主", "村口的人家", "婆媳", "合伙人", "路过的货车")
ENDS = (
    "吵了三天还没有结果",
    "昨晚差点动手",
    "找过村里一次",
    "双方都要说法",
    "请尽快来看看",
    "老人气得不轻",
    "照片已经拍好",
    "说好的事又变了",
)
STATES = ("settled", "closed", "referred", "withdrawn")
ACTIVE = ("open", "accepted", "mediating", "escalated", "acknowledged")


async def grown(path: Path, cases: int) -> Store:
    """Return the open store of a new town with that many cases."""
    database = await SqliteDatabase.open(path)
    await database.migrate()
    store = Store(database)
    await store.transact(build)
    await database.run_in_thread(lambda raw: _fill(raw, cases))
    return store


def _fill(raw: sqlite3.Connection, cases: int) -> None:
    raw.execute("BEGIN")
    raw.execute("CREATE TEMP TABLE words (list TEXT, n INTEGER, word TEXT, PRIMARY KEY (list, n))")
    lists = (("thing", THINGS), ("what", WHAT), ("ending", ENDS), ("ended", STATES), ("active", ACTIVE))
    raw.executemany("INSERT INTO words VALUES (?, ?, ?)", [(name, n, word) for name, words in lists for n, word in enumerate(words)])
    raw.execute("CREATE TEMP TABLE numbers (i INTEGER PRIMARY KEY)")
    raw.execute(
        "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ?) INSERT INTO numbers SELECT i FROM c", (cases - 1,)
    )
    _people(raw)
    _cases(raw, cases)
    _history(raw)
    raw.execute("COMMIT")
    for table in ("DROP TABLE words", "DROP TABLE numbers", "DROP TABLE chair"):
        raw.execute(table)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _people(raw: sqlite3.Connection) -> None:
    """Add villagers to those of the town. Villager k's chat is FIRST_USER + k."""
    had = raw.execute("SELECT MAX(id) FROM people").fetchone()[0]
    users = raw.execute("SELECT COUNT(*) FROM addresses WHERE user_id BETWEEN ? AND ?", (FIRST_USER, FIRST_USER + PEOPLE)).fetchone()[0]
    raw.execute(
        "WITH RECURSIVE c(k) AS (SELECT ?1 UNION ALL SELECT k + 1 FROM c WHERE k + 1 < ?2)"
        " INSERT INTO people (id, name, village_id, consent_version, consented_at, created_at)"
        " SELECT ?3 + 1 + k - ?1, '村民' || k, k % ?4 + 1, '1', ?5, ?5 FROM c",
        (users, PEOPLE, had, VILLAGES, to_us(AT)),
    )
    raw.execute(
        "INSERT INTO addresses (channel, user_id, person_id, seen_at) SELECT 'telegram', ?1 + id - ?2 - 1 + ?3, id, ?4 FROM people WHERE id > ?2",
        (FIRST_USER, had, users, to_us(AT)),
    )


def _cases(raw: sqlite3.Connection, cases: int) -> None:
    """Add the cases, one per hour, the newest an hour before AT.

    Case i + 1001 is reported by villager i % PEOPLE in their village.
    """
    raw.execute("CREATE TEMP TABLE chair (village_id INTEGER PRIMARY KEY, person_id INTEGER)")
    raw.execute("INSERT INTO chair SELECT village_id, person_id FROM posts WHERE role = 'chair'")
    under_way = cases - min(MOST_OPEN, cases // 5)
    ladder = to_json(to_plain(freeze(EscalationRules(), EmergencyRules(), urgent=False)))
    raw.execute(
        "INSERT INTO cases (id, kind, category, severity, state, village_id, station_id, text, place, details, source, reporter_id, opened_by,"
        " holder, holder_id, holder_name, rung, due_at, ladder, parties, opened_at, acted_at, ended_at, version)"
        " SELECT i + 1001, CASE WHEN i % 2 = 0 THEN 'dispute' ELSE 'hazard' END, '', 'ordinary',"
        " CASE WHEN i < ?1 THEN ended.word ELSE active.word END, p.village_id, 1,"
        " what.word || '因为' || thing.word || CASE WHEN i % ?2 = 7 THEN '和' || ?3 ELSE '' END || '的事' || ending.word || '，第' || i || '次。',"
        " CASE WHEN i % 3 = 0 THEN '村口第' || (i % 90) || '号' ELSE '' END, '{}', 'report', a.person_id, a.person_id,"
        " CASE WHEN i >= ?1 AND active.word IN ('escalated', 'acknowledged') THEN 'officer' ELSE 'chair' END,"
        " CASE WHEN i < ?1 OR active.word IN ('accepted', 'mediating') THEN chair.person_id END, '',"
        " CASE WHEN i >= ?1 AND active.word IN ('escalated', 'acknowledged') THEN 1 ELSE 0 END,"
        " CASE WHEN i < ?1 THEN NULL ELSE ?4 + ?5 END, ?6, i % 100 = 3, ?4 - (?7 - i) * ?5, ?4 - (?7 - i) * ?5 + ?5,"
        " CASE WHEN i < ?1 THEN ?4 - (?7 - i) * ?5 + 20 * ?5 END, 3 FROM numbers"
        " JOIN addresses a ON a.channel = 'telegram' AND a.user_id = ?8 + i % ?9 JOIN people p ON p.id = a.person_id"
        " JOIN chair ON chair.village_id = p.village_id"
        " JOIN words thing ON thing.list = 'thing' AND thing.n = i * 7 % 40 JOIN words what ON what.list = 'what' AND what.n = i / 3 % 10"
        " JOIN words ending ON ending.list = 'ending' AND ending.n = i / 5 % 8 JOIN words ended ON ended.list = 'ended' AND ended.n = i % 4"
        " JOIN words active ON active.list = 'active' AND active.n = i % 5 ORDER BY i",
        (under_way, RARE_EACH, RARE, to_us(AT), HOUR_US, ladder, cases, FIRST_USER, PEOPLE),
    )
    raw.execute("INSERT INTO counters (name, value) VALUES ('case', ?)", (cases + 1000,))


def _history(raw: sqlite3.Connection) -> None:
    """Add the rows that belong to the cases.

    Parties, followers, events (four of an ended case), sessions, timers, cards, and a message of a broadcast for each case.
    """
    raw.execute(
        "INSERT INTO case_parties SELECT id, chair.person_id, '', NULL, opened_at FROM cases JOIN chair USING (village_id) WHERE parties"
    )
    raw.execute("INSERT INTO case_followers SELECT id, opened_by - 1, opened_at FROM cases WHERE id % 50 = 0")
    for hours, action in ((0, "open"), (1, "accept"), (9, "mediate"), (20, "settle")):
        raw.execute(
            "INSERT INTO audit (at, subject, action, actor_id, words, data) SELECT opened_at + ?1 * ?2, 'case:' || id, ?3,"
            " COALESCE(holder_id, opened_by), '双方到村委会谈过', json_object('by', holder_name, 'state', state, 'role', holder)"
            " FROM cases WHERE ?1 = 0 OR ended_at IS NOT NULL OR (?1 = 1 AND state IN ('accepted', 'mediating'))",
            (hours, HOUR_US, action),
        )
    raw.execute(
        "INSERT INTO case_sessions (case_id, number, place, result, held_at, recorded_by, recorded_at)"
        " SELECT id, 1, '村委会', '双方各让一步', opened_at, holder_id, opened_at FROM cases WHERE state = 'settled'"
    )
    for kind, hours in (("case_reminder", 6), ("case_deadline", 8)):
        raw.execute(
            "INSERT INTO timers (kind, subject, occurrence, due_at, data, state, created_at, done_at)"
            " SELECT ?1, 'case:' || id, ?1 || ':' || id || ':1', CASE WHEN ended_at IS NULL THEN ?4 + (id % 40 - 1) * ?3 ELSE opened_at + ?2 * ?3 END,"
            " json_object('case', id, 'rung', rung, 'fence', 1, 'turn', 0), CASE WHEN ended_at IS NULL THEN 'waiting' ELSE 'stopped' END,"
            " opened_at, ended_at FROM cases",
            (kind, hours, HOUR_US, to_us(AT)),
        )
    raw.execute(
        "INSERT INTO cards (channel, chat_id, card, message_id, person_id, drawn_at) SELECT 'telegram', a.user_id, 'case:' || c.id, c.id, a.person_id,"
        " c.opened_at FROM cases c JOIN chair ON chair.village_id = c.village_id JOIN addresses a ON a.person_id = chair.person_id"
        " WHERE c.ended_at IS NULL"
    )
    raw.execute(
        "INSERT INTO outbox (unique_key, channel, chat_id, person_id, language, priority, key, params, not_before, batch, role, village_id, state,"
        " attempts, message_id, created_at, done_at) SELECT 'tip:' || c.id, 'telegram', a.user_id, a.person_id, 'zh', 60, 'tip.sent', '{}', c.opened_at,"
        " 'broadcast:' || (c.id / 10000), 'villager', c.village_id, 'sent', 1, c.id, c.opened_at, c.opened_at"
        " FROM cases c JOIN addresses a ON a.person_id = c.reporter_id"
    )
