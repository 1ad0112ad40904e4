"""Prints the tables of docs/scale.md: `python -m benchmarks.scale`.

Knows how the results of the model are shown. Invariant: every number of a table is computed or is a figure with its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil

from benchmarks import scale_figures as f
from benchmarks import scale_model as m


def table(head: str, rows: Iterable[Iterable[object]]) -> str:
    """Return a table in Markdown. `head` has the cells of its head, separated by bars."""
    cells = [each.strip() for each in head.split("|")]
    words = ("source", "delayed", "remedy")
    lines = [cells, ["---", *("---" if cell in words else "---:" for cell in cells[1:])], *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """Return a number with three significant digits and separated thousands."""
    if value >= 100 or value == int(value):
        digits = max(0, len(str(int(value))) - 3)
        return f"{round(value, -digits):,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}".rstrip("0").rstrip(".") if value >= 0.01 else f"{value:.1g}"


def span(seconds: float) -> str:
    """Return a duration in seconds in a readable unit."""
    for unit, length in (("days", m.DAY_S), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{number(round(seconds / length, 1))} {unit}"
    return f"{number(round(seconds, 1))} s"


def each(make: Callable[[float], object]) -> list[object]:
    """Return one cell per size."""
    return [make(villages) for villages in m.SIZES.values()]


HEAD = "| " + " | ".join(m.SIZES)


def figures() -> str:
    """Return the table of the input figures."""
    return table("figure | value | source", ((each.said, f"{each:,.10g}", each.source) for each in f.Figure.ALL))


def day() -> str:
    """Return the table of everyday traffic."""
    return table(
        HEAD,
        [
            ["villages", *each(lambda v: f"{v:,}")],
            ["people", *each(lambda v: number(v * f.PEOPLE))],
            ["phones in the bot", *each(lambda v: number(m.phones(v)))],
            ["updates per day", *each(lambda v: number(m.traffic(v)[0]))],
            ["messages per day", *each(lambda v: number(m.traffic(v)[1]))],
            ["updates per second, busiest minute", *each(lambda v: number(m.busiest(m.traffic(v)[0])))],
            ["messages per second, busiest minute", *each(lambda v: number(m.busiest(m.traffic(v)[1])))],
            ["tokens for this at half load", *each(lambda v: ceil(m.busiest(m.traffic(v)[1]) / (f.PACE / 2)))],
        ],
    )


def alert() -> str:
    """Return the table of alerts: the duration on one token, and the tokens for a fast one."""
    rows: list[list[object]] = []
    for audience in m.receivers(1):
        told = [(*m.receivers(v)[audience], v) for v in m.SIZES.values()]
        rows.append([audience, *(number(count) for count, _, _ in told)])
        rows.append(["… on one token", *(span(count / rate) for count, rate, _ in told)])
        rows.append([f"… tokens for {span(f.ALARM_S)}", *(number(ceil(count / (f.PACE * f.ALARM_S))) for count, _, _ in told)])
    return table(HEAD, rows)


def at(waits: list[float], share: float) -> str:
    """Return the wait that this share of people does not exceed. `waits` is sorted."""
    return span(waits[int(len(waits) * share)]) if waits else "nobody"


def earthquake() -> str:
    """Return the table of the earthquake, when everybody writes within minutes."""
    fair = m.village_limit(60)
    runs = {
        "a village": m.shake(1),
        "a third of a town": m.shake(m.TOWN // 3),
        f"{fair} villages": m.shake(fair),
        "a town": m.shake(m.TOWN),
        "a town, and its leader dies after a minute": m.shake(m.TOWN, gap=(60, m.taken_over(f.GONE_S)[1])),
        "a town, and three times as many write": m.shake(m.TOWN, writing=3 * f.WRITING),
        "a county": m.shake(m.SIZES["county"]),
        "a county, eight workers": m.shake(m.SIZES["county"], workers=8),
    }
    return table(
        "on one token | people who write | messages | numbers to dial, p99 | call at the duty desk, p99 | receipt, p50 | receipt, p99"
        " | messages waiting, max | backlog ends after",
        (
            (name, number(run.people), number(run.messages), at(run.dial, 0.99), at(run.desk, 0.99), at(run.receipt, 0.5), at(run.receipt, 0.99),
             number(run.most), span(run.over))
            for name, run in runs.items()
        ),
    )  # fmt: skip


PER_REPORT = 3 + 2 * f.CRIES
"""Messages per report in the earthquake: offer, receipt, card, and two more cards for a call for help."""
REPORTS_S = f.PACE / PER_REPORT
"""Reports per second that use a token fully."""


def purchase() -> str:
    """Return the table of resources to buy.

    It assumes one token and one database per town, and one PostgreSQL server per county.
    """
    servers = [ceil(v / m.SIZES["county"]) for v in m.SIZES.values()]
    full = [m.stations(v) * REPORTS_S for v in m.SIZES.values()]
    here = [min(m.stations(v), m.stations(m.SIZES["county"])) for v in m.SIZES.values()]
    rows: list[list[object]] = [
        ["tokens and databases", *each(m.stations)],
        ["worker processes, two per token", *each(lambda v: 2 * m.stations(v))],
        ["their memory, GB", *each(lambda v: number(2 * m.stations(v) * f.PROCESS_MB / 1000))],
        ["worker cores, all tokens full", *(number(each * (m.WORKER_ANSWER_S + m.WORKER_CASE_S)) for each in full)],
        ["PostgreSQL servers", *servers],
        ["cores of each, all tokens full", *(number(each * REPORTS_S * (f.PG_ANSWER_MS + f.PG_CASE_MS) / 1000) for each in here)],
        ["commits per second of each, at most", *(number(each * REPORTS_S * (6 + 2 * PER_REPORT)) for each in here)],
        ["connections of each", *(number(each * 2 * f.CONNECTIONS) for each in here)],
        ["GB per year, tips to groups", *each(lambda v: number(m.kept_gb(v, tips_to_phones=False)[0]))],
        ["GB per year, tips to phones", *each(lambda v: number(m.kept_gb(v, tips_to_phones=True)[0]))],
        ["GB that do not grow: people, inbox, outbox", *each(lambda v: number(m.kept_gb(v, tips_to_phones=False)[1]))],
        ["GB of write-ahead log per day, if archived", *each(lambda v: number(m.traffic(v)[0] * f.WAL_KB / 1e6))],
    ]
    return table(HEAD, rows)


def breaks() -> str:
    """Return the table of bottlenecks on one token and one database.

    Load is a multiple of the capacity of each limit. The worst for a county comes first.
    """
    writers: dict[float, float] = {v: m.phones(v) * f.WRITING for v in m.SIZES.values()}
    limits: list[tuple[str, Callable[[float], float], str]] = [
        ("an alert to every phone in 15 min", lambda v: m.receivers(v)["every phone"][0] / m.receivers(v)["every phone"][1] / f.ALARM_S,
         "groups and posts; a token per town"),
        ("receipts in 15 min after an earthquake", lambda v: writers[v] * PER_REPORT / f.PACE / f.ALARM_S, "a token per town, or per third of a town"),
        ("getUpdates, the earthquake's first seconds", lambda v: writers[v] / f.WITHIN_S / m.POLL_RATE, "nothing is lost; a token per town"),
        ("one worker's core, the same seconds", lambda v: writers[v] / f.WITHIN_S * m.WORKER_ANSWER_S + REPORTS_S * m.WORKER_CASE_S, "webhook, another worker"),
        ("one database's commits, the same seconds", lambda v: (writers[v] / f.WITHIN_S + REPORTS_S) * f.APART_MS / 1000, "a database per town"),
        ("an alert to chairs and officers in a minute", lambda v: m.receivers(v)["chairs and officers"][0] / f.PACE / 60, "a token per county"),
        ("messages after supper", lambda v: m.busiest(m.traffic(v)[1]) / f.PACE, "a token per county"),
        ("connections on one server, two workers per town", lambda v: m.stations(v) * 2 * f.CONNECTIONS / f.PG_CONNECTIONS,
         "max_connections; a server per county"),
        ("the duty desk's chat, the first seconds", lambda v: writers[min(v, m.TOWN)] * f.CRIES / f.WITHIN_S / f.CHAT_PACE, "a token per third of a town"),
        ("a chair's chat, cards in 15 min", lambda _: writers[1] / f.CHAT_PACE / f.ALARM_S, "a second chair"),
        ("a year of tips to phones on 100 GB", lambda v: m.kept_gb(v, tips_to_phones=True)[0] / 100, "tips to groups; partitions by month"),
    ]  # fmt: skip
    limits.sort(key=lambda limit: -limit[1](m.SIZES["county"]))
    return table(f"{HEAD} | remedy", ([what, *(_marked(load(v)) for v in m.SIZES.values()), then] for what, load, then in limits))


def _marked(load: float) -> str:
    return f"**{number(load)}**" if load > 1 else number(load)


def failover() -> str:
    """Return the table of delays after the end of a process."""
    leader, worker = m.taken_over(f.GONE_S), m.taken_over(f.BURIED_S)
    evening, full = m.busiest(m.traffic(m.TOWN)[1]), float(f.PACE)
    rows = [
        (
            "the leader is stopped in an orderly way, or dies beside another worker on its machine",
            (0.0, float(f.BEAT_S)),
            "polling, timers, sending",
        ),
        ("the leader dies with its machine, or hangs", leader, "polling, timers, sending"),
        ("another worker dies with its machine", worker, "the updates it had in hand"),
        ("the one process of SQLite dies", (f.RESTART_S + f.START_S, f.RESTART_S + f.START_S), "receiving, timers, sending"),
    ]
    return table(
        "event | min | max | delayed | messages delayed, a town after supper | messages delayed, a full token",
        ((what, span(least), span(most), waits, *(number(ceil(most * rate)) if "sending" in waits else "–" for rate in (evening, full)))
         for what, (least, most), waits in rows),
    )  # fmt: skip


TABLES = (day, alert, earthquake, purchase, breaks, failover, figures)


def main() -> str:
    """Return all tables in the order of the page."""
    return "\n\n".join(make() for make in TABLES)


if __name__ == "__main__":
    print(main())
