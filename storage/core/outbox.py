"""The outbox: messages that somebody must receive, from decision to the server's answer.

Knows the row's life: waiting → sent | failed | expired | superseded | unknown. A row is claimed by the delivering process until its outcome
is written. Invariant: one row per unique key; `sent` is written only after the server accepted the message; a card is never replaced by an
older version. Most indexes hold a part of the messages (`batch <> ''`), and a query uses them only with the same condition: `batch = ? AND
batch <> ''`.
"""

from __future__ import annotations

from dataclasses import astuple
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Address, Gist, Notice, PersonId
from domain.core.immutable import replace
from storage.core.outgoing import COLUMNS, OutboxState, Outgoing, keyboard_to_plain, outgoing
from storage.values import marks, to_json, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from domain.people.people import Person
    from storage.engine.database import Row, Transaction


#: Messages due within this time are counted apart: most of them pause after an error.
SOON = timedelta(seconds=5)


class Outbox:
    """The outbox of one town.

    `put(notice)`, `claim`, `look`, `sent`, `end`, `postpone`; `…_batch` for a broadcast's rows; `purge`, `count`.
    """

    def __init__(self, transaction: Transaction, veil: Callable[[Notice, Person | None], Awaitable[Notice | None]] | None = None) -> None:
        self._transaction = transaction
        self._veil = veil

    async def put(
        self, notice: Notice, *, unique_key: str, at: datetime, asker: Person | None = None, by_clock: bool = False
    ) -> int | None:
        """Add a message, once per key; return its id, or None when the key exists.

        Every message passes the veil of silent chats here; it may drop one. `asker`: the person who acts in this unit, if known.
        An edit of a card replaces an edit that is not sent, or that was sent and may not have arrived. The receiver must have an address.
        `by_clock`: a timer wrote it.
        """
        shown = notice if self._veil is None else await self._veil(notice, asker)
        if shown is None:
            return None
        notice = shown
        address = notice.to.address
        assert address is not None, "a receiver without a chat is resolved before the outbox"
        to = notice.to
        values = (
            unique_key, address.channel, address.chat_id, address.thread_id, to.person_id, to.language, int(notice.priority), notice.key,
            to_json(notice.params), to_json(keyboard_to_plain(notice.buttons)) if notice.buttons else "", notice.card,
            int(notice.as_new_message), to_json(notice.media) if notice.media else "", notice.ask, int(notice.silent), int(notice.protected),
            to_us(notice.not_before or at), to_us_or_none(notice.expires_at), notice.about, notice.batch, to.role, to.village_id,
            int(notice.escalates), to_us(at), to_json(notice.excluded_ids) if notice.excluded_ids else "", str(notice.left),
            int(by_clock),
        )  # fmt: skip
        row = await self._transaction.fetch_one(
            "INSERT INTO outbox (unique_key, channel, chat_id, thread_id, person_id, language, priority, key, params, buttons, card, fresh, media,"
            " ask, silent, protect, not_before, expires_at, subject, batch, role, village_id, falls_upward, created_at, not_to, leaves, by_clock)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unique_key) DO NOTHING RETURNING id",
            values,
        )
        if row is None:
            return None
        if notice.gist is not None:
            await self._put_gist(int(row["id"]), address, notice.gist)
        if notice.card and (notice.latest or not notice.as_new_message):
            of_edits = "" if notice.latest else " AND fresh = 0"
            await self._transaction.execute(
                "UPDATE outbox SET state = 'superseded', done_at = ? WHERE channel = ? AND chat_id = ? AND card = ? AND card <> ''"
                f" AND state = 'waiting'{of_edits} AND id < ?",
                (to_us(at), address.channel, address.chat_id, notice.card, row["id"]),
            )
        return int(row["id"])

    async def claim(
        self,
        *,
        owner: str,
        at: datetime,
        limit: int,
        below: int | None = None,
        channels: Sequence[str] | None = None,
        first_cries: bool = False,
    ) -> list[Outgoing]:
        """Claim due rows that `owner` does not hold, most urgent first.

        `below`: only rows more urgent than this priority. `channels`: of these only; None: of any.
        `first_cries`: of urgent messages with a gist, the first that waits for a chat of each account. Only one process delivers, so rows with
        another owner were left behind. With other workers on the database, a process that no longer leads gets nothing.
        """
        leads, locked = "", ""
        params: list[Any] = [owner, to_us(at), owner, 1000 if below is None else below]
        if self._transaction.shared:
            leads, locked = " AND EXISTS (SELECT 1 FROM leaders l WHERE l.owner || ':' || l.fence = ?)", " FOR UPDATE SKIP LOCKED"
            params.append(owner)
        of_these = " AND gist <> '' AND behind = 0" if first_cries else ""
        if channels is not None:
            of_these += f" AND channel || '' IN ({marks(channels)})"  # as in the inbox: by no index of the channel
            params += channels
        rows = await self._transaction.fetch_all(
            "UPDATE outbox SET owner = ? WHERE id IN (SELECT id FROM outbox WHERE state = 'waiting' AND not_before <= ? AND owner <> ?"
            f" AND priority < ?{leads}{of_these} ORDER BY priority, id LIMIT ?{locked}) RETURNING {COLUMNS}",
            (*params, limit),
        )
        claimed = await self._with_answered([outgoing(row) for row in rows])
        return sorted(claimed, key=lambda row: (row.priority, row.id))

    async def _with_answered(self, rows: list[Outgoing]) -> list[Outgoing]:
        """Add to news of a subject the message in its chat that shows the card of the subject."""
        news = [row.id for row in rows if row.subject and row.card != row.subject and row.address.chat_id > 0 and not row.batch]
        if not news:
            return rows
        found = await self._transaction.fetch_all(
            "SELECT o.id, c.message_id FROM outbox o JOIN cards c ON c.channel = o.channel AND c.chat_id = o.chat_id AND c.card = o.subject"
            f" WHERE o.id IN ({marks(news)})",
            tuple(news),
        )
        answered = {row["id"]: row["message_id"] for row in found}
        return [replace(row, answers=answered[row.id]) if row.id in answered else row for row in rows]

    async def _put_gist(self, outbox_id: int, address: Address, gist: Gist) -> None:
        await self._transaction.execute(
            "UPDATE outbox SET gist = ?, account = ?, behind = CASE WHEN EXISTS (SELECT 1 FROM outbox o WHERE o.channel = ? AND o.chat_id = ?"
            " AND o.account = ? AND o.state = 'waiting' AND o.gist <> '') THEN 1 ELSE 0 END WHERE id = ?",
            (to_json(astuple(gist)), gist.account, address.channel, address.chat_id, gist.account, outbox_id),
        )

    async def put_list(self, rows: Sequence[Outgoing], notice: Notice, *, at: datetime) -> Outgoing | None:
        """Add the list of a chat's pending messages; None if fewer than two are left.

        They are marked as listed in the same transaction, so that no message is listed twice.
        """
        owner, ids = rows[0].owner, [row.id for row in rows]
        marked = await self._transaction.execute(
            f"UPDATE outbox SET listed = 1 WHERE id IN ({marks(ids)}) AND state = 'waiting' AND owner = ? AND listed = 0", (*ids, owner)
        )
        number = await self.put(notice, unique_key=f"{rows[-1].unique_key}:list", at=at) if marked > 1 else None
        if number is None:
            return None
        row = await self._transaction.fetch_one(f"UPDATE outbox SET owner = ? WHERE id = ? RETURNING {COLUMNS}", (owner, number))
        assert row is not None
        return outgoing(row)

    async def release_all(self) -> int:
        """Release all claims of an earlier process; return how many messages were in flight.

        This is safe because one process delivers at a time.
        """
        return await self._transaction.execute("UPDATE outbox SET owner = '' WHERE state = 'waiting' AND owner <> ''")

    async def release(self, outbox_ids: Sequence[int], *, owner: str) -> None:
        """Release rows whose outcome could not be recorded."""
        sql = f"UPDATE outbox SET owner = '' WHERE id IN ({marks(outbox_ids)}) AND owner = ? AND state = 'waiting'"
        await self._transaction.execute(sql, (*outbox_ids, owner))

    async def sent(self, outbox_id: int, *, message_id: int | None, at: datetime) -> bool:
        """Record that the server accepted a message, for any owner.

        False when that was recorded before by another owner.
        """
        sql = "UPDATE outbox SET state = 'sent', owner = '', message_id = ?, done_at = ?, attempts = attempts + 1 WHERE id = ? AND state <> 'sent'"
        return await self._transaction.execute(sql, (message_id, to_us(at), outbox_id)) == 1

    async def end(self, outbox_id: int, *, owner: str, state: str, fault: str, at: datetime) -> bool:
        """End a row without delivery: `failed`, `expired`, `superseded` or `unknown`.

        `unknown`: perhaps delivered. Returns False when it was stopped meanwhile, or has an owner other than `owner`.
        """
        sql = (
            "UPDATE outbox SET state = ?, owner = '', fault = ?, done_at = ?, attempts = attempts + 1"
            " WHERE id = ? AND state = 'waiting' AND owner = ?"
        )
        return await self._transaction.execute(sql, (state, fault, to_us(at), outbox_id, owner)) == 1

    async def postpone(self, row: Outgoing, *, until: datetime, fault: str, counted: bool = True, ambiguous: bool = False) -> None:
        """Postpone a row until an instant, unless it has another owner by now.

        `counted`: the attempt says something about this row.
        """
        await self._transaction.execute(
            "UPDATE outbox SET owner = '', not_before = ?, fault = ?, attempts = attempts + ?, ambiguous = ambiguous + ?, said = ?"
            " WHERE id = ? AND owner = ?",
            (to_us(until), fault, int(counted), int(ambiguous), row.said, row.id, row.owner),
        )

    async def look(self, outbox_id: int, *, owner: str) -> OutboxState:
        """Return the state of a message that `owner` is about to send."""
        row = await self._transaction.fetch_one(
            "SELECT o.state, o.owner, (SELECT c.message_id FROM cards c WHERE c.channel = o.channel AND c.chat_id = o.chat_id AND c.card = o.card) AS hanging,"
            " (SELECT c.picture FROM cards c WHERE c.channel = o.channel AND c.chat_id = o.chat_id AND c.card = o.card) AS picture,"
            " (SELECT MAX(e.not_before) FROM outbox e WHERE e.channel = o.channel AND e.chat_id = o.chat_id AND e.card = o.card AND e.card <> ''"
            " AND e.state = 'waiting' AND e.fresh = 1 AND o.fresh = 0 AND e.id < o.id) AS behind FROM outbox o WHERE o.id = ?",
            (outbox_id,),
        )
        if row is None:
            return OutboxState(False, None, None)
        return OutboxState(row["state"] == "waiting" and row["owner"] == owner, row["hanging"], row["behind"], row["picture"] or "")

    async def count_batch(self, batch: str) -> dict[str, int]:
        """Return how many rows of a broadcast are in each state."""
        rows = await self._transaction.fetch_all(
            "SELECT state, COUNT(*) AS n FROM outbox WHERE batch = ? AND batch <> '' GROUP BY state", (batch,)
        )
        return {row["state"]: row["n"] for row in rows}

    async def list_batch(self, batch: str) -> list[Row]:
        """Return the delivery of each row of a broadcast.

        Columns: person_id, village_id, role, chat_id, state, fault, message_id, done_at.
        """
        return await self._transaction.fetch_all(
            "SELECT id, person_id, village_id, role, channel, chat_id, state, fault, message_id, done_at FROM outbox"
            " WHERE batch = ? AND batch <> '' ORDER BY id",
            (batch,),
        )

    async def retry_batch(self, batch: str, *, at: datetime, ids: Sequence[int] | None = None) -> int:
        """Requeue the failed rows of a broadcast from `at`; return how many.

        All rows, or those with these ids.
        """
        sql = (
            "UPDATE outbox SET state = 'waiting', owner = '', not_before = ?, attempts = 0, done_at = NULL"
            " WHERE batch = ? AND batch <> '' AND state = 'failed'"
        )
        if ids is None:
            return await self._transaction.execute(sql, (to_us(at), batch))
        return sum([await self._transaction.execute(f"{sql} AND id = ?", (to_us(at), batch, row_id)) for row_id in ids])

    async def cancel_batch(self, batch: str, *, at: datetime) -> int:
        """Stop the pending rows of a broadcast; return how many.

        Claimed rows are stopped too: delivery checks again before it sends.
        """
        return await self._transaction.execute(
            "UPDATE outbox SET state = 'superseded', done_at = ? WHERE batch = ? AND batch <> '' AND state = 'waiting'",
            (to_us(at), batch),
        )

    async def purge(self, *, before: datetime) -> int:
        """Delete ended rows and their words, ended before an instant and not of a broadcast."""
        return await self._transaction.execute(
            "DELETE FROM outbox WHERE done_at < ? AND batch = '' AND state <> 'waiting'", (to_us(before),)
        )

    async def count(self, *, at: datetime, channels: Sequence[str] | None = None) -> dict[str, int]:
        """Return `waiting` (due now), `later`, `soon`, `oldest_at` and `stranded`.

        `soon`: those of `later` that are due within five seconds. `oldest_at`: microseconds of the oldest due row, 0 if none. `channels`: of
        these only; None: of any. `stranded`: waiting rows of any other channel, due or not.
        """
        served = "1 = 1" if channels is None else f"channel IN ({marks(channels)})"
        now = to_us(at)
        row = await self._transaction.fetch_one(
            "SELECT COUNT(CASE WHEN served = 1 AND not_before <= ? THEN 1 END) AS due, COUNT(CASE WHEN served = 1 AND not_before > ? THEN 1 END) AS later,"
            " COUNT(CASE WHEN served = 1 AND not_before > ? AND not_before <= ? THEN 1 END) AS soon,"
            " MIN(CASE WHEN served = 1 AND not_before <= ? THEN not_before END) AS oldest, COUNT(CASE WHEN served = 0 THEN 1 END) AS stranded"
            f" FROM (SELECT not_before, CASE WHEN {served} THEN 1 ELSE 0 END AS served FROM outbox WHERE state = 'waiting') AS o",
            (now, now, now, to_us(at + SOON), now, *(channels or ())),
        )
        assert row is not None
        return {
            "waiting": row["due"],
            "later": row["later"],
            "soon": row["soon"],
            "oldest_at": row["oldest"] or 0,
            "stranded": row["stranded"],
        }

    async def count_stranded(self, channels: Sequence[str]) -> dict[str, int]:
        """Return how many messages wait for each channel that is not among these."""
        rows = await self._transaction.fetch_all(
            f"SELECT channel, COUNT(*) AS n FROM outbox WHERE state = 'waiting' AND channel NOT IN ({marks(channels)}) GROUP BY channel ORDER BY channel",
            tuple(channels),
        )
        return {row["channel"]: row["n"] for row in rows}

    async def states_of(self, unique_keys: Sequence[str]) -> dict[str, str]:
        """Return the state of each message with one of these unique keys that there is."""
        rows = await self._transaction.fetch_all(
            f"SELECT unique_key, state FROM outbox WHERE unique_key IN ({marks(unique_keys)})", tuple(unique_keys)
        )
        return {row["unique_key"]: row["state"] for row in rows}

    async def list_waiting_about(self, kind: str, person_id: PersonId) -> list[Outgoing]:
        """Return a person's pending messages about a kind of subject, most urgent first.

        Claimed ones are included.
        """
        rows = await self._transaction.fetch_all(
            f"SELECT {COLUMNS} FROM outbox WHERE person_id = ? AND state = 'waiting' AND subject LIKE ? AND batch = '' ORDER BY priority, id",
            (person_id, f"{kind}:%"),
        )
        return [outgoing(row) for row in rows]

    async def supersede(self, outbox_id: int, *, at: datetime) -> bool:
        """Stop a pending message, claimed or not; False when it is not pending any more."""
        sql = "UPDATE outbox SET state = 'superseded', done_at = ? WHERE id = ? AND state = 'waiting'"
        return await self._transaction.execute(sql, (to_us(at), outbox_id)) == 1

    async def narrow_batch(self, batch: str, *, without: Sequence[int], at: datetime) -> int:
        """Stop the pending rows of a broadcast in some villages, claimed or not; return how many."""
        return await self._transaction.execute(
            "UPDATE outbox SET state = 'superseded', done_at = ?"
            f" WHERE batch = ? AND batch <> '' AND state = 'waiting' AND village_id IN ({marks(without)})",
            (to_us(at), batch, *without),
        )
