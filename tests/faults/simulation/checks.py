"""Invariants of a run: compare the server, logs and database with the promises.

Knows promises and where each can be seen; must not know how a fault is made. Invariant: a check reads only committed data, and reports a
fault in one line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

import orjson

from domain.core.change import Priority
from storage.values import to_us
from tests.faults.simulation.observations import Observations
from tests.faults.simulation.town import NAME, PHONE, WORD

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.api.arguments import Arguments

#: Legal moves of a case along the chain (chair, officer, station; settled and closed cases may open again).
_WORK = {"accepted", "mediating", "acknowledged", "joint"}
_OVER = {"settled", "referred", "closed", "withdrawn"}
_BACK = {"open", "escalated"}
LEGAL: dict[str, set[str]] = {
    "": {"open", "escalated"},
    "open": {"open", "accepted", "acknowledged", "escalated", "withdrawn"},
    "accepted": {"accepted", "mediating", "settled", "referred", "closed", "escalated", "acknowledged", "withdrawn"},
    "mediating": {"mediating", "settled", "referred", "closed", "escalated", "acknowledged", "withdrawn"},
    "escalated": {"escalated", "acknowledged", "withdrawn"},
    "acknowledged": {"acknowledged", "joint", "settled", "referred", "closed", "escalated", "withdrawn"},
    "joint": {"joint", "settled", "referred", "closed", "escalated", "withdrawn"},
} | {state: {state} | _BACK for state in _OVER}
INBOX_MOVES = {("", "waiting"), ("waiting", "waiting"), ("waiting", "done"), ("waiting", "quarantined"), ("waiting", "parked")}
OUTBOX_ENDS = {"sent", "failed", "expired", "superseded", "unknown"}
#: Reasons for which a message may be given up at once, and tries after which an optional one may.
FOR_GOOD = {"blocked", "gone"}
TRIES = 8
#: A chat with more messages due than this is behind because of the pace.
BEHIND = 20
LATE_S = 60
#: Rows decided in the last seconds of a run may still be on their way.
JUST_NOW_US = 5_000_000


class Checks(Observations):
    """The promises of one run.

    `faults`: the faults found. `raw`: a connection of its own that sees committed data.
    """

    def logged(self, line: str) -> None:
        """I7: no log holds anything personal."""
        for pattern in (WORD, PHONE, NAME):
            found = pattern.search(line)
            if found:
                self.fault(f"I7: the log holds {found[0]}: {line[:80]}")

    # While it runs --------------------------------------------------------------------------------------------------------

    def kept(self, effects: Iterable[tuple[int, str]]) -> None:
        """I2: every update that the server was asked to forget is committed."""
        for update_id, effect in effects:
            if not self.rows("SELECT 1 FROM seen_inbox WHERE update_id = ? OR effect = ? LIMIT 1", update_id, effect):
                self.fault(f"I2: update {update_id} was confirmed and is not in the inbox")

    def answered(self, press_id: str) -> None:
        """I2: a press is answered after its effects are committed."""
        self.counted["presses"] += 1
        if self.rows("SELECT 1 FROM inbox WHERE effect = ? AND state = 'waiting'", f"p:{press_id}"):
            self.fault("I2: a press was answered before its effects were committed")

    def left(self, effects: Iterable[str], brought: Container[str]) -> None:
        """I1: at the end no update remains on the server.

        Allowed are updates that were taken and are forgotten there with the next poll.
        """
        for effect in effects:
            if effect not in brought and not self.rows("SELECT 1 FROM seen_inbox WHERE effect = ?", effect):
                self.fault(f"I1: {effect} was never taken from the server")

    def in_order(self, row_id: int) -> None:
        """Messages of one chat leave in the order of their decisions.

        This holds for messages about one subject and for messages of equal priority. A message about the subject of a more urgent message
        is as urgent. A board of an alert that is drawn again overtakes everything in its chat.
        Cards of urgent cases (with a gist) and their list have an order of their own (tests/bot/delivery/test_gathering.py).
        """
        self.counted["messages"] += 1
        earlier = self.rows(
            "SELECT o.id FROM outbox o JOIN outbox n ON n.id = ? WHERE o.channel = n.channel AND o.chat_id = n.chat_id"
            " AND o.id < n.id AND o.state = 'waiting' AND o.attempts = 0 AND o.not_before <= n.created_at AND n.attempts = 0"
            " AND NOT (n.priority = ? AND n.card <> '' AND n.fresh = 0)"
            " AND (o.subject = n.subject AND o.subject <> '' OR o.priority = n.priority AND o.gist = '' AND n.gist = ''"
            " AND n.key <> 'delivery.gathered' AND NOT EXISTS (SELECT 1 FROM outbox u WHERE"
            " u.channel = n.channel AND u.chat_id = n.chat_id AND u.subject = n.subject AND u.subject <> '' AND u.id > n.id"
            " AND u.priority < n.priority AND u.state = 'waiting')) LIMIT 1",
            row_id,
            Priority.ALERT,
        )
        if earlier:
            self.fault(f"order: outbox row {row_id} overtook row {earlier[0][0]}")

    def overdue(self, now: datetime) -> None:
        """I5: nothing is late while all is well."""
        self.counted["looks"] += 1
        late = to_us(now) - LATE_S * 1_000_000
        if self.rows("SELECT 1 FROM inbox WHERE state = 'waiting' AND received_at < ? AND not_before < ? LIMIT 1", late, late):
            self.fault("I5: an update waits for more than a minute")
        for row in self.rows("SELECT kind, due_at FROM timers WHERE state = 'waiting' AND due_at < ? LIMIT 1", late):
            self.fault(f"I5: a timer is late by {(to_us(now) - row['due_at']) // 1_000_000} s: {row['kind']}")
        for row in self.rows(
            "SELECT key, chat_id, not_before, attempts, owner FROM outbox o WHERE state = 'waiting' AND not_before < ? AND"
            " (SELECT COUNT(*) FROM outbox x WHERE x.chat_id = o.chat_id AND x.state = 'waiting') < ? LIMIT 1",
            late,
            BEHIND,
        ):
            self.fault(
                f"I5: a message is late by {(to_us(now) - row['not_before']) // 1_000_000} s: {row['key']} (tries {row['attempts']}, owner {row['owner']!r})"
            )

    # In the end -------------------------------------------------------------------------------------------------------------

    def finish(self, brought: dict[str, int], odd: set[int], asked: Iterable[str], taken: set[tuple[int, int, str]], now: datetime) -> None:
        """Everything that can be judged only when it is over.

        `brought`: effect → an update that carried it, which the server has forgotten. `asked`: effects of commands in private chats.
        `taken`: messages (row, instant, key) of which the server took something.
        """
        self._updates(brought, odd)
        self._cases()
        self._answers(asked)
        self._messages(now, taken)
        self._timers()
        if self.rows("PRAGMA integrity_check")[0][0] != "ok" or self.rows("PRAGMA foreign_key_check"):
            self.fault("the database is damaged")

    def _updates(self, brought: dict[str, int], odd: set[int]) -> None:
        """I1, I3: each update is in the inbox once and ends once."""
        kept: Counter[str] = Counter()
        ends: Counter[str] = Counter()
        for row in self.rows("SELECT * FROM seen_inbox ORDER BY id"):
            move = (row["old"], row["new"])
            if move not in INBOX_MOVES:
                self.fault(f"I1: update {row['update_id']} moved {move}")
            kept[row["effect"]] += row["old"] == ""
            ends[row["effect"]] += row["new"] not in ("waiting",)
            if row["new"] == "parked" or (row["new"] == "quarantined" and row["update_id"] not in odd):
                self.fault(f"I9: update {row['update_id']} was set aside: {row['new']} {row['fault']}")  # noqa: S608 - no SQL
        for effect, update_id in brought.items():
            if kept[effect] != 1 or ends[effect] != 1:
                self.fault(f"I1: update {update_id} ({effect}) was kept {kept[effect]} times and ended {ends[effect]} times")

    def _cases(self) -> None:
        """I3, I6, I10."""
        moves: Counter[int] = Counter()
        for row in self.rows("SELECT * FROM seen_moves ORDER BY id"):
            moves[row["case_id"]] += 1
            self.counted["moves"] += 1
            if row["new"] not in LEGAL.get(row["old"], ()):
                self.fault(f"I10: case {row['case_id']} moved from {row['old'] or 'nothing'} to {row['new']}")
        audited = Counter(
            {row[0]: row[1] for row in self.rows("SELECT subject, COUNT(*) FROM audit WHERE subject LIKE 'case:%' GROUP BY subject")}
        )
        said: defaultdict[str, set[int]] = defaultdict(set)
        for row in self.rows("SELECT id, text, version, state FROM cases"):
            case_id = row["id"]
            if moves[case_id] != row["version"] or audited[f"case:{case_id}"] < row["version"]:
                self.fault(f"I6: case {case_id} has {row['version']} changes and {audited[f'case:{case_id}']} audit rows")
            for _, number in WORD.findall(row["text"].split("\n")[0]):
                said[number].add(case_id)
            if row["state"] in _OVER:
                for timer in self.rows(
                    "SELECT kind FROM timers WHERE subject = ? AND state = 'waiting' AND kind IN ('case_deadline', 'case_reminder', 'case_stalled')",
                    f"case:{case_id}",
                ):
                    self.fault(f"a timer of an ended case still waits: {timer['kind']}")
        for number, cases in said.items():
            if len(cases) > 1:
                self.fault(f"I3: one report opened cases {sorted(cases)} ({number})")
        noted: Counter[tuple[str, str, str]] = Counter()
        for row in self.rows("SELECT subject, action, words FROM audit WHERE words <> ''"):
            for _, number in WORD.findall(row["words"]):
                noted[row["subject"], row["action"], number] += 1
        for (subject, action, number), times in noted.items():
            if times > 1 and int(number) % 10 == 0:
                self.fault(f"I3: {action} of {subject} happened {times} times ({number})")

    def _answers(self, asked: Iterable[str]) -> None:
        """I3: every handled command is answered."""
        for effect in asked:
            row = self.raw.execute("SELECT update_id FROM seen_inbox WHERE effect = ? AND new = 'done'", (effect,)).fetchone()
            if row is not None:
                begin = f"telegram:{row[0]}:"
                if not self.rows("SELECT 1 FROM seen_told WHERE cause >= ? AND cause < ? LIMIT 1", begin, begin[:-1] + ";"):
                    self.fault(f"I3: {effect} was handled without any effect")

    def _messages(self, now: datetime, taken: set[tuple[int, int, str]]) -> None:
        """I4, I11."""
        for row in self.rows("SELECT * FROM seen_outbox"):
            legal = (row["old"] == "waiting" and row["new"] in OUTBOX_ENDS) or (
                row["new"] == "waiting" and row["old"] == "failed" and row["batch"]
            )
            if (
                row["new"] == "failed"
                and row["fault"] not in FOR_GOOD
                and not (row["attempts"] >= TRIES and row["priority"] >= Priority.REPLY)
            ):
                self.fault(f"I4: {row['key']} was given up after {row['attempts']} tries: {row['fault']}")
            if row["new"] == "sent" and row["fault"] != "forgotten" and (row["row_id"], row["created_at"], row["key"]) not in taken:
                self.fault(f"I4: outbox row {row['row_id']} ({row['key']}) counts as sent, and the server never took it")
            if not legal and (row["old"], row["new"]) not in (("superseded", "sent"), ("failed", "sent")):
                self.fault(f"I4: outbox row {row['row_id']} moved from {row['old']} to {row['new']}")
        for row in self.rows(
            "SELECT key, attempts, fault, owner FROM outbox WHERE state = 'waiting' AND not_before <= ? LIMIT 3", to_us(now) - JUST_NOW_US
        ):
            self.fault(f"I11: a message still waits: {row['key']} (tries {row['attempts']}, {row['fault']}, owner {row['owner']!r})")
        for row in self.rows("SELECT update_id FROM inbox WHERE state = 'waiting' LIMIT 3"):
            self.fault(f"I11: update {row['update_id']} still waits")

    def _timers(self) -> None:
        """A schedule's occurrence runs once; nights are named by their date."""
        for row in self.rows("SELECT kind, fault FROM timers WHERE state = 'parked'"):
            self.fault(f"I9: a timer was set aside: {row['kind']} {row['fault']}")
        ended: Counter[int] = Counter(row["timer_id"] for row in self.rows("SELECT timer_id FROM seen_timers WHERE new = 'done'"))
        for timer_id, times in ended.items():
            if times > 1:
                self.fault(f"I3: timer {timer_id} acted {times} times")

    def nights(self, zone: Any) -> None:
        """Once per night, also in the night in which the clock is put back."""
        from storage.values import from_us

        nights: Counter[tuple[str, str]] = Counter()
        for row in self.rows("SELECT subject, data FROM timers WHERE kind LIKE 'schedule:%' AND subject = 'schedule:1'"):
            at = from_us(orjson.loads(row["data"])["occurrence_at"]).astimezone(zone)
            nights[row["subject"], at.date().isoformat()] += 1
        for (subject, night), times in nights.items():
            if times > 1:
                self.fault(f"I3: {subject} came {times} times on {night}")


def words_of(args: Arguments) -> str:
    """Return everything that people read of a call."""
    values = args.values
    found = [str(values.get(name) or "") for name in ("text", "caption")]
    markup = values.get("reply_markup")
    found.append(orjson.dumps(markup).decode() if isinstance(markup, dict) else str(markup or ""))
    return "\n".join(found)
