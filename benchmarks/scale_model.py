"""The capacity model from one village to a province.

It computes a day's traffic, stored data, the duration of an alert, and an earthquake, in which everybody writes. Knows the figures and nothing
of tables; must not know how the bot is built. Invariant: the same figures and the same seed give the same result.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from dataclasses import dataclass
from math import ceil

from benchmarks import scale_figures as f

TOWN = 42
SIZES = {"village": 1, "town": TOWN, "county": 15 * TOWN, "prefecture": 20_000 // 11, "province": 20_000}
DAY_S, YEAR_D, WEEKS, GB = 86_400, 365, 52, 1e9
WORKER_ANSWER_S = f.ANSWER_MS / 1000
WORKER_CASE_S = f.CASE_MS / 1000
POLL_RATE = f.POLLED / f.TRIP_S
SEED = 20_000


# A day, and its stored data ----------------------------------------------------------------------------------------------------------


def phones(villages: float) -> float:
    """Return the number of connected villagers."""
    return villages * f.PEOPLE * f.CONNECTED


def traffic(villages: float) -> tuple[float, float]:
    """Return (updates, messages) per day.

    Cases, looks, patrols, a weekly alert to posts and groups, a weekly tip to groups, a monthly training.
    """
    posts = 1 + f.COMMITTEE
    updates = f.REPORTS * f.CASE_UPDATES + f.ROUNDS + posts / 7 + 2 * posts / 30
    messages = f.REPORTS * f.CASE_MESSAGES + f.ROUNDS + (2 * posts + 1 + f.BOARDS + 1) / 7 + 5 * posts / 30
    looks = f.TAPS * phones(1)
    return villages * (updates + looks), villages * (messages + looks)


def busiest(per_day: float) -> float:
    """Return the rate per second in the busiest minute."""
    return per_day * f.HOUR / 3600 * 2


def stations(villages: float) -> int:
    """Return the number of towns of these villages; each has a token and a database."""
    return ceil(villages / TOWN)


def kept_gb(villages: float, *, tips_to_phones: bool) -> tuple[float, float]:
    """Return (gigabytes added permanently per year, gigabytes of people, inbox and outbox)."""
    told = phones(villages) if tips_to_phones else villages
    alerts = villages * (2 + f.COMMITTEE)
    cases = villages * f.REPORTS * YEAR_D * f.CASE_B
    patrols = villages * f.ROUNDS * YEAR_D * f.AUDIT_B
    looks = stations(villages) * DAY_S / 300 * YEAR_D * f.AUDIT_B
    updates, messages = traffic(villages)
    passing = updates * 3 * f.INBOX_B + messages * 7 * f.OUTBOX_B + phones(villages) * f.PERSON_B
    return (cases + patrols + looks + (told + alerts) * WEEKS * f.BROADCAST_B) / GB, passing / GB


# An alert ----------------------------------------------------------------------------------------------------------------------------


def portions_rate(receivers: int = 10_000) -> float:
    """Return the messages per second of one alert to villagers.

    A portion is sent when few messages of the last portion still wait.
    """
    at, told, waiting, looks, due = 0, 0, 0.0, 0, 0
    while told < receivers:
        if at >= due and waiting <= f.FEW:
            told, waiting, looks, due = told + int(f.PORTION), waiting + f.PORTION, 0, at + 2
        elif at >= due:
            looks += 1
            due = at + min(2 * (looks + 1), 30)
        at, waiting = at + 1, max(0.0, waiting - f.PACE)
    return told / at


def receivers(villages: float) -> dict[str, tuple[float, float]]:
    """Return {audience: (recipients, messages per second of one token)}.

    Each town sends its own alert. Several alerts on one token are sent in parallel.
    """
    chairs = villages + stations(villages) * f.OFFICERS
    posts = chairs + villages * (f.COMMITTEE + 1)
    alone = min(float(f.PACE), portions_rate() * stations(villages))
    return {
        "chairs and officers": (chairs, f.PACE),
        "all posts and groups": (posts, f.PACE),
        "every phone": (posts + phones(villages), alone),
    }


# The earthquake ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an earthquake.

    * `dial`, `desk`, `receipt`: waits in seconds, sorted.
    * `most`: the largest number of waiting messages.
    * `over`: when the backlog fell below one second's worth of messages, in seconds.
    """

    people: int
    messages: int
    dial: list[float]
    desk: list[float]
    receipt: list[float]
    most: int
    over: float


def shake(villages: int, *, writing: float = f.WRITING, workers: int = 2, gap: tuple[float, float] = (0, 0), seed: int = SEED) -> Outcome:
    """Simulate everybody writing to one token: words → offer → press → receipt and card.

    `gap`: (start, duration) in seconds of a time without a leader. A step is one send slot. Telegram delivers a hundred updates per round trip.
    Workers take calls for help first, then the oldest update. Messages are sent by urgency (0 calls for help, 2 cards, 3 answers), one per slot,
    and one per second to a chat after its burst.
    """
    rng, people = random.Random(seed), round(phones(villages) * writing)
    wrote = sorted(rng.expovariate(1 / f.WITHIN_S) for _ in range(people))
    cries = [rng.random() < f.CRIES for _ in range(people)]
    coming = [(at, who, False) for who, at in enumerate(wrote)]
    read_s, full_at = [0.0] * people, defaultdict[tuple[str, int], float](float)
    inbox: list[tuple[int, int, int, bool]] = []
    ready: list[tuple[int, int, int, str]] = []
    parked: list[tuple[float, tuple[int, int, int, str]]] = []
    dial: list[float] = []
    desk: list[float] = []
    receipt: list[float] = []
    now = poll_at = budget = over = 0.0
    kept = put = sent = most = 0
    while coming or inbox or ready or parked:
        now += 1 / f.PACE
        leads = not gap[0] <= now < sum(gap)
        if leads and now >= poll_at:
            for _ in range(int(f.POLLED)):
                if not coming or coming[0][0] > now:
                    break
                _, who, pressed = heapq.heappop(coming)
                heapq.heappush(inbox, (0 if cries[who] and not pressed else 1, kept := kept + 1, who, pressed))
            poll_at = now + f.TRIP_S
        budget = min(budget, 0) + workers / f.PACE
        while inbox and budget > 0:
            _, _, who, pressed = heapq.heappop(inbox)
            budget -= WORKER_CASE_S if pressed else WORKER_ANSWER_S
            for urgency, what in _told(pressed, cries[who]):
                heapq.heappush(ready, (urgency, put := put + 1, who, what))
        while parked and parked[0][0] <= now:
            heapq.heappush(ready, heapq.heappop(parked)[1])
        most = max(most, len(ready) + len(parked))
        over = now if len(ready) > f.PACE else over
        while leads and ready:
            row = heapq.heappop(ready)
            _, _, who, what = row
            if what in ("chair", "officer", "desk"):
                chat = (what, who % villages if what == "chair" else who % villages // (5 if what == "officer" else TOWN))
                free_at = full_at[chat] - (f.CHAT_BURST - 1) / f.CHAT_PACE
                if free_at > now:
                    heapq.heappush(parked, (free_at, row))
                    continue
                full_at[chat] = max(now, full_at[chat]) + 1 / f.CHAT_PACE
            sent, arrived = sent + 1, now + f.TRIP_S
            if what == "offer":
                read_s[who] = rng.lognormvariate(0, 0.6) * f.READING_S
                heapq.heappush(coming, (arrived + read_s[who], who, True))
                dial += [arrived - wrote[who]] if cries[who] else []
            elif what in ("receipt", "desk"):
                (receipt if what == "receipt" else desk).append(arrived - wrote[who] - read_s[who])
            break
    return Outcome(people, sent, sorted(dial), sorted(desk), sorted(receipt), most, over)


def _told(pressed: bool, cries: bool) -> list[tuple[int, str]]:
    """Return the messages caused by words or a press, as (urgency, kind)."""
    if not pressed:
        return [(0 if cries else 3, "offer")]
    return [(3, "receipt"), *([(0, "chair"), (0, "officer"), (0, "desk")] if cries else [(2, "chair")])]


# A worker is gone ------------------------------------------------------------------------------------------------------------------------


def taken_over(silent_s: float, *, trials: int = 20_000, seed: int = SEED) -> tuple[float, float]:
    """Return (least, most) seconds between a worker's death and the takeover by another.

    The other worker sees the last heartbeat at one of its own heartbeats. It takes over at its first heartbeat after the timeout. A heartbeat is
    a little late.
    """
    rng, gaps = random.Random(seed), []
    beats = ceil(silent_s / (f.BEAT_S * 1.005))
    for _ in range(trials):
        died, seen = rng.random() * f.BEAT_S, rng.random() * f.BEAT_S  # both counted from the last beat
        gaps.append(seen + f.BEAT_S * beats - died)
    return min(gaps), max(gaps)


def village_limit(within_s: float) -> int:
    """Return how many villages one token may serve in an earthquake.

    99 of 100 receipts must arrive within `within_s` seconds.
    """
    good, bad = 1, TOWN
    while bad - good > 1:
        middle = (good + bad) // 2
        waits = shake(middle).receipt
        good, bad = (middle, bad) if waits[int(len(waits) * 0.99)] <= within_s else (good, middle)
    return good
