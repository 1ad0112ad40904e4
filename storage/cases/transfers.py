"""Accounts to which money was sent in a fraud, sealed until the police read one.

Knows SQL and no rule. Invariant: the full account is in this table only, is part of no message, and is deleted after `KEPT`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.core.change import CaseId
from domain.core.immutable import immutable
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from storage.engine.database import Transaction

KEPT = timedelta(days=90)


@immutable
class Transfer:
    """An account as the reporter gave it, and its last four characters."""

    case_id: CaseId
    account: str
    last: str
    added_at: datetime


class Transfers:
    """Transfers of cases: `put`, `find`, `purge`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, transfer: Transfer) -> None:
        """Keep the account of a case, in place of an earlier one."""
        await self._transaction.execute(
            "INSERT INTO case_transfers (case_id, account, last, added_at) VALUES (?, ?, ?, ?) ON CONFLICT (case_id)"
            " DO UPDATE SET account = excluded.account, last = excluded.last, added_at = excluded.added_at",
            (transfer.case_id, transfer.account, transfer.last, to_us(transfer.added_at)),
        )

    async def find(self, number: CaseId) -> Transfer | None:
        """Return the account of a case; None without one, or when it was deleted."""
        row = await self._transaction.fetch_one("SELECT * FROM case_transfers WHERE case_id = ?", (number,))
        return None if row is None else Transfer(CaseId(row["case_id"]), row["account"], row["last"], from_us(row["added_at"]))

    async def purge(self, *, at: datetime) -> int:
        """Delete accounts that are older than `KEPT`."""
        return await self._transaction.execute("DELETE FROM case_transfers WHERE added_at < ?", (to_us(at - KEPT),))
