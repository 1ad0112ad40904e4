"""Raw updates: stored before they are confirmed to the server, handled once.

Knows the row's life: `waiting` → `done` | `parked` | `quarantined`. Invariant: an update is identified by its exact `update_id` and by its
effect (the message or button press it carries); the payload is deleted with the commit that handles it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import ChatId
from domain.core.immutable import immutable, replace
from storage.values import marks, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from storage.engine.database import Row, Transaction


@immutable
class Raw:
    """An update as received.

    `effect`: key of the effect that must not happen twice; `lane`: queue, 0 for emergencies, 1 for the rest. Storage moves an account's
    further emergencies behind those of others: see `Inbox.keep`.
    """

    channel: str
    update_id: int
    effect: str
    chat_id: ChatId
    user_id: int
    lane: int
    payload: str


@immutable
class Waiting:
    """A stored update that waits to be handled."""

    id: int
    channel: str
    update_id: int
    chat_id: ChatId
    user_id: int
    payload: str
    attempts: int


#: Rows per statement: the largest batch that a server returns at once.
PAGE = 100
EMERGENCY, USUAL, CROWD = 0, 1, 2
#: So many emergencies of one account wait in the usual queue behind its first one; any more wait behind everybody's messages.
BEHIND_FIRST = 5
COLUMNS = "id, channel, update_id, chat_id, user_id, payload, attempts"


class Inbox:
    """The inbox: `keep(raws)`, `claim`, `finish`, `postpone`, `dead_letter`, `purge`, `count`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def keep(self, raws: Sequence[Raw], *, at: datetime) -> int:
        """Store updates that are not here yet; return how many were new.

        Of each account one emergency goes before everything; its next few wait in the usual queue, and any more behind everybody's.
        """
        new, moment = 0, to_us(at)
        for start in range(0, len(raws), PAGE):
            page = await self._in_turn(raws[start : start + PAGE])
            values = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(page))
            rows = ((raw.channel, raw.update_id, raw.effect, raw.chat_id, raw.user_id, raw.lane, raw.payload, moment) for raw in page)
            new += await self._transaction.execute(
                "INSERT INTO inbox (channel, update_id, effect, chat_id, user_id, lane, payload, received_at)"
                f" VALUES {values} ON CONFLICT DO NOTHING",
                [value for row in rows for value in row],
            )
        return new

    async def _in_turn(self, page: Sequence[Raw]) -> Sequence[Raw]:
        """Return updates with the queue of each emergency, by those of its chat that wait already."""
        chats = sorted({raw.chat_id for raw in page if raw.lane == EMERGENCY})
        if not chats:
            return page
        rows = await self._transaction.fetch_all(
            f"SELECT DISTINCT channel, chat_id, lane FROM inbox WHERE state = 'waiting' AND lane IN (0, 2) AND chat_id IN ({marks(chats)})",
            chats,
        )
        first = {(row["channel"], row["chat_id"]) for row in rows if row["lane"] == EMERGENCY}
        crowds = {(row["channel"], row["chat_id"]) for row in rows if row["lane"] == CROWD}
        behind = {chat: await self._count_usual(*chat) for chat in first - crowds}
        placed: list[Raw] = []
        for raw in page:
            chat = (raw.channel, raw.chat_id)
            lane = raw.lane
            if lane == EMERGENCY and (chat in first or chat in crowds):
                behind[chat] = behind.get(chat, 0) + 1
                lane = CROWD if chat in crowds or behind[chat] > BEHIND_FIRST else USUAL
                crowds |= {chat} if lane == CROWD else set()
            elif lane == EMERGENCY:
                first.add(chat)
            placed.append(raw if lane == raw.lane else replace(raw, lane=lane))
        return placed

    async def _count_usual(self, channel: str, chat_id: ChatId) -> int:
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n FROM inbox WHERE state = 'waiting' AND lane = 1 AND channel = ? AND chat_id = ?", (channel, chat_id)
        )
        return int(row["n"]) if row else 0

    async def claim(self, worker: str, *, limit: int, at: datetime, channels: Sequence[str] | None = None) -> list[Waiting]:
        """Claim the updates that may be handled now: emergencies first, then oldest first.

        If the oldest row of a chat must wait, the whole chat waits. With other workers on the database, a chat gives its first row only,
        and none while another worker holds any of its rows. `channels`: of these only; None: of any.
        """
        moment = to_us(at)
        # Not by the index of the channel, which holds every update there ever was: what is joined to a text is in no index.
        of_these = "" if channels is None else f" AND i.channel || '' IN ({marks(channels)})"
        if self._transaction.shared:
            taken = await self._take(worker, limit, moment, of_these, channels or ())
            return [_waiting(row) for row in sorted(taken, key=lambda row: (row["lane"], row["id"]))]
        rows = await self._transaction.fetch_all(
            f"SELECT {COLUMNS} FROM inbox i WHERE i.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM inbox r WHERE r.channel = i.channel"
            " AND r.chat_id = i.chat_id AND r.lane <= i.lane AND r.state = 'waiting' AND r.not_before > 0 AND r.not_before > ?)"
            f"{of_these} ORDER BY i.lane, i.id LIMIT ?",
            (moment, *(channels or ()), limit),
        )
        return [_waiting(row) for row in rows]

    async def _take(self, worker: str, limit: int, moment: int, of_these: str, channels: Sequence[str]) -> list[Row]:
        """Claim the first rows of chats that no other worker is busy with.

        Rows that this worker already holds come first.
        """
        await self._transaction.execute("LOCK TABLE claim IN SHARE ROW EXCLUSIVE MODE")  # two claims at once would see the same chat free
        return await self._transaction.fetch_all(
            "UPDATE inbox SET owner = ? WHERE id IN (SELECT i.id FROM inbox i WHERE i.state = 'waiting' AND i.owner IN ('', ?)"
            " AND i.not_before <= ? AND NOT EXISTS (SELECT 1 FROM inbox e WHERE e.channel = i.channel AND e.chat_id = i.chat_id"
            " AND e.state = 'waiting' AND e.id <> i.id AND (e.owner NOT IN ('', ?) OR e.lane < i.lane OR (e.lane = i.lane AND e.id < i.id)))"
            f"{of_these} ORDER BY i.lane, i.id LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING {COLUMNS}, lane",
            (worker, worker, moment, worker, *channels, limit),
        )

    async def finish(self, inbox_id: int, *, worker: str, at: datetime) -> bool:
        """Mark done and delete the payload.

        False when it is done already, or when another worker has taken it over.
        """
        sql = "UPDATE inbox SET state = 'done', done_at = ?, payload = '', fault = '' WHERE id = ? AND state = 'waiting' AND owner = ?"
        return await self._transaction.execute(sql, (to_us(at), inbox_id, worker)) == 1

    async def postpone(self, inbox_id: int, *, worker: str, until: datetime, fault: str) -> None:
        """Count a failed attempt and wait, unless another worker has taken it over."""
        sql = "UPDATE inbox SET attempts = attempts + 1, not_before = ?, fault = ?, owner = '' WHERE id = ? AND state = 'waiting' AND owner = ?"
        await self._transaction.execute(sql, (to_us(until), fault, inbox_id, worker))

    async def dead_letter(self, inbox_id: int, *, worker: str, state: str, incident: str, fault: str, at: datetime) -> bool:
        """Dead-letter an update for a human; False as in `finish`.

        `parked`: handling failed; `quarantined`: it cannot be read. The payload stays.
        """
        sql = (
            "UPDATE inbox SET state = ?, incident = ?, fault = ?, done_at = ?, owner = '' WHERE id = ? AND state = 'waiting' AND owner = ?"
        )
        return await self._transaction.execute(sql, (state, incident, fault, to_us(at), inbox_id, worker)) == 1

    async def purge(self, *, at: datetime, keep: timedelta) -> int:
        """Delete rows that were done longer ago than `keep`.

        `keep` is at least 48 h, so that late repeats are still recognised.
        """
        return await self._transaction.execute("DELETE FROM inbox WHERE state = 'done' AND done_at < ?", (to_us(at - keep),))

    async def count(self, *, channels: Sequence[str] | None = None) -> dict[str, int]:
        """Return the number of rows that are not done, by state, and `oldest_at`.

        `oldest_at`: microseconds, 0 if none waits. `channels`: of these only; None: of any. `stranded`: waiting rows of any other channel.
        """
        served = "1 = 1" if channels is None else f"channel IN ({marks(channels)})"
        these = tuple(channels or ())
        waiting = await self._transaction.fetch_one(
            f"SELECT COUNT(CASE WHEN {served} THEN 1 END) AS n, COUNT(*) AS of_all, MIN(CASE WHEN {served} THEN received_at END) AS oldest_at"
            " FROM inbox WHERE state = 'waiting'",
            (*these, *these),
        )
        rows = await self._transaction.fetch_all(
            "SELECT state, COUNT(*) AS n FROM inbox WHERE state IN ('parked', 'quarantined') GROUP BY state"
        )
        assert waiting is not None
        found = {row["state"]: row["n"] for row in rows} | {"waiting": waiting["n"], "stranded": waiting["of_all"] - waiting["n"]}
        return {state: n for state, n in found.items() if n} | {"oldest_at": waiting["oldest_at"] or 0}


def _waiting(row: Row) -> Waiting:
    return Waiting(
        id=row["id"],
        channel=row["channel"],
        update_id=row["update_id"],
        chat_id=ChatId(row["chat_id"]),
        user_id=row["user_id"],
        payload=row["payload"],
        attempts=row["attempts"],
    )
