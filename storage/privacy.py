"""What is stored about one person: shown to them, changed by them, erased for them.

Knows every table that holds something personal; must not know why something is kept. Invariant: after `forget` no name, phone or address
of the person stands in a table of the directory or in a message that has ended; their number stays, so that cases keep their shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.change import Address, ChatId, PersonId, VillageId
from storage.values import from_us, from_us_or_none, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

#: One statement a table; `?1` is the person. A feature that stores something personal adds its line here.
ERASE = (
    "DELETE FROM drafts WHERE EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = ?1 AND a.channel = drafts.channel AND a.user_id = drafts.chat_id)",
    "DELETE FROM cards WHERE EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = ?1 AND a.channel = cards.channel AND a.user_id = cards.chat_id)",
    # What is being sent is emptied and not deleted: its number must not become another message's, which would then count as sent.
    "UPDATE outbox SET state = 'sent', fault = 'forgotten', done_at = created_at, person_id = NULL, chat_id = 0, params = '{}', buttons = '',"
    " media = '' WHERE person_id = ?1 AND batch = '' AND state = 'waiting' AND owner <> ''",
    "DELETE FROM outbox WHERE person_id = ?1 AND batch = ''",
    "DELETE FROM case_followers WHERE person_id = ?1",
    "UPDATE cases SET reporter_name = '' WHERE reporter_id = ?1",
    "UPDATE cases SET holder_name = '' WHERE holder_id = ?1",
    "DELETE FROM addresses WHERE person_id = ?1",
)
BLANK = (
    "UPDATE people SET name = '', phone = '', village_id = NULL, consent_version = '', consented_at = NULL, wants_tips = 0,"
    " forgotten_at = ?, version = version + 1 WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's own data, as shown by /me. `channels`: where they write from."""

    name: str
    phone: str
    language: str
    village: str
    consent_version: str
    consented_at: datetime | None
    wants_tips: bool
    created_at: datetime
    channels: tuple[str, ...]


class Privacy:
    """`profile`, `set_…`, `consent`, `forget`, `merge`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def profile(self, person_id: PersonId) -> Profile:
        """Return what is stored about a person who must exist.

        Raises:
            LookupError: there is none.
        """
        row = await self._transaction.fetch_one(
            "SELECT p.*, COALESCE(v.name, '') AS village FROM people p LEFT JOIN villages v ON v.id = p.village_id WHERE p.id = ?",
            (person_id,),
        )
        if row is None:
            raise LookupError(f"no person {person_id}")
        channels = await self._transaction.fetch_all(
            "SELECT DISTINCT channel FROM addresses WHERE person_id = ? ORDER BY channel", (person_id,)
        )
        return Profile(
            row["name"],
            row["phone"],
            row["language"],
            row["village"],
            row["consent_version"],
            from_us_or_none(row["consented_at"]),
            bool(row["wants_tips"]),
            from_us(row["created_at"]),
            tuple(channel["channel"] for channel in channels),
        )

    async def count_reports(self, person_id: PersonId) -> tuple[int, int]:
        """Return how many reports a person made, and how many of them are open."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n, COUNT(CASE WHEN ended_at IS NULL THEN 1 END) AS waiting FROM cases WHERE reporter_id = ?", (person_id,)
        )
        return (row["n"], row["waiting"]) if row else (0, 0)

    async def set_name(self, person_id: PersonId, name: str) -> None:
        """Change what a person is called."""
        await self._set("name", name, person_id)

    async def set_phone(self, person_id: PersonId, phone: str) -> None:
        """Change a person's number (E.164; empty: none)."""
        await self._set("phone", phone, person_id)

    async def set_language(self, person_id: PersonId, language: str) -> None:
        """Change a person's language."""
        await self._set("language", language, person_id)

    async def set_tips(self, person_id: PersonId, wanted: bool) -> None:
        """Change whether a person wants tips."""
        await self._set("wants_tips", int(wanted), person_id)

    async def set_village(self, person_id: PersonId, village_id: VillageId) -> None:
        """Change where a person lives."""
        await self._set("village_id", village_id, person_id)

    async def consent(self, person_id: PersonId, version: str, *, at: datetime) -> None:
        """Record which text a person agreed to, and when."""
        sql = "UPDATE people SET consent_version = ?, consented_at = ?, version = version + 1 WHERE id = ?"
        await self._transaction.execute(sql, (version, to_us(at), person_id))

    async def forget(self, person_id: PersonId, *, at: datetime) -> None:
        """Erase a person: what is left is a number that cases may point to."""
        row = await self._transaction.fetch_one("SELECT name, phone FROM people WHERE id = ?", (person_id,))
        if row is None:
            return
        await self._forget_elsewhere(row["name"], row["phone"])
        for statement in ERASE:
            await self._transaction.execute(statement, (person_id,))
        await self._transaction.execute(
            "UPDATE leaves SET cancelled_at = ?1 WHERE (person_id = ?2 OR deputy_id = ?2) AND cancelled_at IS NULL", (to_us(at), person_id)
        )
        await self._transaction.execute(BLANK, (to_us(at), person_id))

    async def merge(self, person_id: PersonId, into: PersonId, *, at: datetime) -> None:
        """Move the posts, name and phone of somebody who never came online to the person they turned out to be; empty the former."""
        row = await self._transaction.fetch_one("SELECT name, phone FROM people WHERE id = ?", (person_id,))
        assert row is not None
        await self._transaction.execute("UPDATE posts SET person_id = ? WHERE person_id = ? AND until_at IS NULL", (into, person_id))
        await self._transaction.execute("UPDATE leaves SET person_id = ? WHERE person_id = ?", (into, person_id))
        await self._transaction.execute("UPDATE leaves SET deputy_id = ? WHERE deputy_id = ?", (into, person_id))
        await self._transaction.execute(
            "UPDATE people SET name = ?1, phone = CASE WHEN ?2 = '' THEN phone ELSE ?2 END, version = version + 1 WHERE id = ?3",
            (row["name"], row["phone"], into),
        )
        await self._transaction.execute(BLANK, (to_us(at), person_id))

    async def addresses(self, person_id: PersonId) -> list[Address]:
        """Return a person's private chats."""
        rows = await self._transaction.fetch_all("SELECT channel, user_id FROM addresses WHERE person_id = ?", (person_id,))
        return [Address(row["channel"], ChatId(row["user_id"])) for row in rows]

    async def _forget_elsewhere(self, name: str, phone: str) -> None:
        """Delete ended messages to others that name the person; a name of one character would match too much to mean anybody."""
        for words in (name, phone, phone.removeprefix("+86")):
            if len(words) > 1:
                sql = "DELETE FROM outbox WHERE state <> 'waiting' AND batch = '' AND params LIKE ? ESCAPE '\\'"
                pattern = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
                await self._transaction.execute(sql, (f"%{pattern}%",))

    async def _set(self, column: str, value: str | int, person_id: PersonId) -> None:
        sql = f"UPDATE people SET {column} = ?, version = version + 1 WHERE id = ?"
        await self._transaction.execute(sql, (value, person_id))
