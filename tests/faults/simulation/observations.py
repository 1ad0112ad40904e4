"""Permissions to read: villagers' words, names, phones and cards of cases, by reader.

Knows the cast and asks the database only for the owner of something; must not ask the bot. Invariant: everything not allowed here is a
fault.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any

from storage.values import to_us
from tests.faults.simulation.town import CAST, NAME, PHONE, VILLAGES, WORD, Actor

if TYPE_CHECKING:
    from datetime import datetime

STAFF = ("chair", "officer", "secretary")
POLICE = ("duty", "leader")
MEDIATED = ("mediating", "joint")
MOST_FAULTS = 20
#: Beginnings of message keys that prove an action, and the name under which they are counted.
DONE = {
    "alert.sent.to_": "alerts",
    "alert.confirmed.": "confirmations",
    "alert.got.card": "receipts",
    "training.invitation": "trainings",
    "duty.taken.to_deputy": "leaves",
}


class Observations:
    """The messages read in one run.

    `wrote`: number → author; `faults`: the faults found; `counted`: number of observations of each kind.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.faults: list[str] = []
        self.wrote: dict[int, Actor] = {}
        self.counted: Counter[str] = Counter()
        self._by_chat = {actor.user_id: actor for actor in CAST}
        self._by_mark = {mark: actor for actor in CAST for mark in (actor.name, actor.phone)}
        self._until: dict[int, int] = {}

    def fault(self, words: str) -> None:
        """Something is as it must never be."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(words)

    def ended(self, actor: Actor, at: datetime) -> None:
        """The actor has no post from this instant."""
        self._until[actor.index] = to_us(at)

    def rows(self, sql: str, *params: Any) -> list[sqlite3.Row]:
        """Return rows that are committed."""
        return self.raw.execute(sql, params).fetchall()

    def shown(self, chat_id: int, words: str, *, created_at: int, key: str) -> None:
        """I7: everybody reads only words they may read."""
        reader = self._by_chat.get(chat_id)
        self.counted.update(name for begin, name in DONE.items() if key.startswith(begin))
        for village, number in set(WORD.findall(words)):
            self.counted["words"] += 1
            author = self.wrote[int(number)]
            if reader is None or not self._may_read(reader, int(village), author, f"%槐{village}记{number}号%", created_at, key):
                self.fault(f"I7: {chat_id} reads {village}/{number}, which {author.user_id} wrote, in {key}")
        for found in {match[0] for pattern in (PHONE, NAME) for match in pattern.finditer(words)}:
            self.counted["names"] += 1
            author = self._by_mark[found]
            if reader is None or not self._may_read(reader, author.village, author, "", created_at, key):
                self.fault(f"I7: {chat_id} reads a name or phone of {author.user_id} in {key}")

    def card(self, chat_id: int, case_id: int, *, created_at: int) -> None:
        """I7: everybody sees only cards of cases that concern them."""
        self.counted["cards"] += 1
        if not self.rows("SELECT 1 FROM addresses WHERE user_id = ?", chat_id):
            return  # the person was forgotten a moment ago: the message was on its way
        reader = self._by_chat.get(chat_id)
        sql = (
            "SELECT c.village_id, c.state, EXISTS (SELECT 1 FROM addresses a WHERE a.user_id = ?1 AND (a.person_id IN (c.reporter_id, c.opened_by) OR"
            " EXISTS (SELECT 1 FROM case_followers f WHERE f.case_id = c.id AND f.person_id = a.person_id))) AS own FROM cases c WHERE c.id = ?2"
        )
        case = self.rows(sql, chat_id, case_id)[0]
        if case["state"] in MEDIATED:
            self.counted[case["state"]] += 1
        until = self._until.get(reader.index) if reader is not None else None
        serves = reader is not None and self._serves(reader, case["village_id"] - 1, created_at) and (until is None or created_at <= until)
        if not case["own"] and not serves:
            self.fault(f"I7: {chat_id} sees the card of case {case_id}")

    def _may_read(self, reader: Actor, village: int, author: Actor, word: str, created_at: int, key: str) -> bool:
        """Return whether an actor may read words written in a village or about another.

        An empty `word` means a name or a phone.
        """
        if author.index == reader.index or (key.startswith("report.") and word and self._lives_in(reader, village)):
            return True  # their own; or "is it the same as this one?": hazards are shown, shortened, to people of the village
        if word and key == "cases.list" and self._follows(reader, word):
            return True  # the same beginning, in the list of followed cases
        if word and author.post in STAFF and self._reported(reader, village):
            return True  # the reporter is told the words of a handler
        if word and key == "responder.board" and self._comes(reader, word):
            return True  # somebody who said that they come to an urgent case reads its words
        until = self._until.get(reader.index)
        if until is not None and created_at > until:
            return False
        if reader.post == "admin" and key.startswith("fallback"):
            return True
        return any(self._serves(reader, each, created_at) for each in (village, *self._about(author, word)))

    def _comes(self, reader: Actor, word: str) -> bool:
        """Return whether an actor said that they come to the urgent case with a word."""
        sql = (
            "SELECT 1 FROM responders r JOIN addresses a ON a.person_id = r.person_id JOIN cases c ON c.id = r.callout_id"
            " WHERE a.user_id = ? AND c.text LIKE ? AND r.state NOT IN ('called', 'declined')"
        )
        return bool(self.rows(sql, reader.user_id, word))

    def _serves(self, reader: Actor, village: int, created_at: int) -> bool:
        """Return whether an actor's post, or one for which they are the deputy, covers a village."""
        sql = (
            "SELECT o.user_id FROM leaves l JOIN addresses d ON d.person_id = l.deputy_id JOIN addresses o ON o.person_id = l.person_id"
            " WHERE d.user_id = ? AND MAX(l.from_at, l.taken_at) <= ? AND MIN(l.until_at, COALESCE(l.cancelled_at, l.until_at)) >= ?"
        )
        absent = [self._by_chat[row[0]] for row in self.rows(sql, reader.user_id, created_at, created_at)]
        return any(self._covers(each, village) for each in (reader, *absent))

    @staticmethod
    def _covers(reader: Actor, village: int) -> bool:
        """Return whether an actor's own post covers a village."""
        own = reader.post in STAFF and reader.village == village
        return own or (reader.post in POLICE and reader.station == VILLAGES[village][1])

    def _about(self, author: Actor, word: str) -> list[int]:
        """Return the villages of the cases that hold a word, or that an actor reported.

        People may report about any village.
        """
        if word:
            sql = "SELECT village_id FROM cases WHERE text LIKE ?1 OR 'case:' || id IN (SELECT subject FROM audit WHERE words LIKE ?1)"
            return [row[0] - 1 for row in self.rows(sql, word)]
        sql = "SELECT c.village_id FROM cases c JOIN addresses a ON a.person_id IN (c.reporter_id, c.opened_by) WHERE a.user_id = ?"
        return [row[0] - 1 for row in self.rows(sql, author.user_id)]

    def _reported(self, reader: Actor, village: int) -> bool:
        """Return whether an actor reported anything in a village: they may have joined there."""
        sql = (
            "SELECT 1 FROM cases c JOIN addresses a ON a.person_id IN (c.reporter_id, c.opened_by) WHERE a.user_id = ? AND c.village_id = ?"
        )
        return bool(self.rows(sql, reader.user_id, village + 1))

    def _follows(self, reader: Actor, word: str) -> bool:
        sql = (
            "SELECT 1 FROM case_followers f JOIN addresses a ON a.person_id = f.person_id JOIN cases c ON c.id = f.case_id"
            " WHERE a.user_id = ? AND c.text LIKE ?"
        )
        return bool(self.rows(sql, reader.user_id, word))

    def _lives_in(self, reader: Actor, village: int) -> bool:
        sql = "SELECT 1 FROM people p JOIN addresses a ON a.person_id = p.id WHERE a.user_id = ? AND p.village_id = ?"
        return bool(self.rows(sql, reader.user_id, village + 1))
