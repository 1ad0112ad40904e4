"""The input figures of docs/scale.md, each with its meaning and its source.

Knows numbers only. Invariant: each number is written here once. After a new measurement, replace the number here and print the new tables
with `python -m benchmarks.scale`. `measured`: on two cores shared with other work. `counted`: in the outbox, after the story was run with the
real handlers.
"""

from __future__ import annotations

from typing import ClassVar


class Figure(float):
    """A number with its meaning and its source. ALL lists them in order."""

    ALL: ClassVar[list[Figure]] = []
    said: str
    source: str

    def __new__(cls, value: float, said: str, source: str) -> Figure:
        """Create a figure and add it to ALL."""
        figure = super().__new__(cls, value)
        figure.said, figure.source = said, source
        cls.ALL.append(figure)
        return figure


# Measured: on two cores. Replace these when `make bench` gives other figures. ------------------------------
ANSWER_MS = Figure(0.51, "ms of a worker's CPU for one answered update", "measured on PostgreSQL, docs/performance.md, workers")
CASE_MS = Figure(1.66, "ms of a worker's CPU for a case opened, receipt and card", "measured likewise")
PG_ANSWER_MS = Figure(
    1.7, "ms of PostgreSQL's CPU for one answered update", "measured: real engine, each unit alone; under load 0.41, docs/performance.md"
)
PG_CASE_MS = Figure(2.3, "ms of PostgreSQL's CPU for a case opened", "measured: real engine, each unit alone; under load 1.2")
APART_MS = Figure(
    3.7, "ms between two cases opened in one database", "measured, docs/performance.md: two workers on one core, 271 per second"
)
START_S = Figure(0.66, "s from the start of a process to its first poll", "measured, docs/performance.md")
PROCESS_MB = Figure(104, "MB of one process", "measured, docs/performance.md: 69 when idle, 104 after a million updates")
CASE_B = Figure(
    4145,
    "bytes stored permanently per mediated case",
    "measured: PostgreSQL with indexes, one story of two mediations; photos stay with Telegram",
)
PERSON_B = Figure(271, "bytes per villager in the bot", "measured: PostgreSQL with indexes")
BROADCAST_B = Figure(
    412, "bytes stored permanently per recipient of a broadcast", "measured: PostgreSQL; rows of broadcasts are not purged"
)
AUDIT_B = Figure(211, "bytes stored permanently per run of the auditor", "measured: PostgreSQL; ended timers are not purged")
INBOX_B = Figure(292, "bytes per handled update, kept 3 days", "measured: PostgreSQL with indexes")
OUTBOX_B = Figure(1142, "bytes per sent message, kept 7 days", "measured: PostgreSQL with indexes")
WAL_KB = Figure(10, "kB of write-ahead log per update", "measured: 3 for an answer, 10 to 19 in a case's story")
# Counted: in the outbox, after running the story with the real handlers. ----------------------------------------------------------
CASE_UPDATES = Figure(7, "updates per case", "counted: two to open, accept, two mediations, settle, the return question")
CASE_MESSAGES = Figure(15, "messages per case", "counted: the same story")
BOARDS = Figure(10, "boards that a chair's confirmation redraws, at most", "counted: nine officers and the author")
# Limits and settings. -------------------------------------------------------------------------------------------------------------
TELEGRAM_PACE = Figure(30, "messages per second and token", "Telegram documents it, as about 30")
PACE = Figure(28, "messages per second that Tongxin sends per token", "setting delivery.per_second")
CHAT_PACE = Figure(1, "messages per second to one private chat", "Telegram documents it; setting delivery.chat_per_second")
CHAT_BURST = Figure(3, "messages that may go to one chat at once", "setting delivery.chat_burst")
GROUP_PACE = Figure(20, "messages per minute to one group", "Telegram documents it; the setting is 19")
POLLED = Figure(100, "updates per call of getUpdates", "Telegram documents it")
CALLS = Figure(40, "concurrent calls of the webhook", "setting telegram.webhook.max_connections; Telegram allows 100")
PG_CONNECTIONS = Figure(100, "connections of a PostgreSQL server", "its default max_connections")
CONNECTIONS = Figure(5, "connections of a worker at most", "storage/engine/postgres.py: units, claims, notifications")
BEAT_S, GONE_S, BURIED_S = (
    Figure(1, "s between a worker's heartbeats", "bot/process/leadership.py"),
    Figure(6, "s without the leader's heartbeat before another worker takes over", "bot/process/leadership.py"),
    Figure(10, "s without a worker's heartbeat before others take over its updates", "bot/process/leadership.py"),
)
RESTART_S = Figure(10, "s until systemd restarts a process that ended", "docs/operations.md, RestartSec")
PORTION, FEW = (
    Figure(150, "villagers notified per portion of an alert", "handlers/alerts/sending.py"),
    Figure(100, "waiting messages at which the next portion follows", "handlers/alerts/sending.py"),
)
# Assumed. -------------------------------------------------------------------------------------------------------------------------
PEOPLE = Figure(3250, "people per village", "assumed: 65 million in 20,000 villages")
CONNECTED = Figure(0.4, "share of them in the bot", "assumed: one phone in each household of 2.5; a start is far below")
REPORTS = Figure(0.3, "reports per village and day", "assumed: three times the 31 per week of a town of 42 villages")
TAPS = Figure(0.1, "looks, questions and taps per connected villager and day", "assumed: three on one day per month")
ROUNDS = Figure(8, "patrol check-ins per village and day", "assumed: one key area per village, eight rounds")
COMMITTEE = Figure(6, "members and secretary beside the chair", "assumed: five and one; the law says 3 to 9 members")
OFFICERS = Figure(10, "officers and leader per town", "nine officers and one leader")
HOUR = Figure(0.2, "share of a day's traffic in the busiest hour; the rate of its busiest minute is twice that", "assumed: after supper")
TRIP_S = Figure(0.25, "s to Telegram's server and back", "assumed; depends on the line")
WRITING = Figure(0.1, "share of connected villagers who write in an earthquake", "assumed")
WITHIN_S = Figure(120, "s after which two thirds of them have written", "assumed: exponential")
CRIES = Figure(0.05, "share of those who call for help", "assumed")
READING_S = Figure(8, "s until a person presses the offered button", "assumed: median")
ALARM_S = Figure(900, "s within which an alert must reach everybody", "goal")
