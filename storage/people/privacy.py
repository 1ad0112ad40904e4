"""Data about one person: shown to them, changed by them, erased for them.

Knows the directory's own columns; the features declare the other tables (`Personal`). Invariant: after `forget` no table of the directory
and no message holds the person's name, phone or address; their number stays, so that cases keep their shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, PersonId, Receiver, VillageId
from domain.core.private_numbers import BLANK as GONE
from domain.core.private_numbers import replaced
from storage.core.village_names import SHOWN_NAME
from storage.values import from_json, from_us, from_us_or_none, to_json, to_us

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.core.registry import Personal
    from storage.engine.database import Transaction

BLANK = (
    "UPDATE people SET elder = 0, name = '', phone = '', listed_as = '', listed_phone = '', village_id = NULL, consent_version = '', consented_at = NULL, "
    " named_at = NULL, wants_tips = 0, forgotten_at = ?, version = version + 1 WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's own data, as shown by /me; `channels`: the channels they write from."""

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
    """One person's data: `profile`, `set_…`, `consent`, `forget`.

    Persons who may be one human being: `was_online`, `became`, `namesakes`, `bar_too`, `merge`.
    """

    def __init__(self, transaction: Transaction, personal: Personal) -> None:
        self._transaction = transaction
        self._personal = personal

    async def profile(self, person_id: PersonId) -> Profile:
        """Return the stored data of a person who must exist.

        Raises:
            LookupError: there is none.
        """
        row = await self._transaction.fetch_one(
            f"SELECT p.*, COALESCE({SHOWN_NAME}, '') AS village FROM people p LEFT JOIN villages v ON v.id = p.village_id WHERE p.id = ?",
            (person_id,),
        )
        if row is None:
            raise LookupError(f"no person {person_id}")
        channels = await self._transaction.fetch_all(
            "SELECT DISTINCT channel FROM addresses WHERE person_id = ? ORDER BY channel", (person_id,)
        )
        return Profile(
            name=row["name"],
            phone=row["phone"],
            language=row["language"],
            village=row["village"],
            consent_version=row["consent_version"],
            consented_at=from_us_or_none(row["consented_at"]),
            wants_tips=bool(row["wants_tips"]),
            created_at=from_us(row["created_at"]),
            channels=tuple(channel["channel"] for channel in channels),
        )

    async def count_reports(self, person_id: PersonId) -> tuple[int, int]:
        """Return how many reports a person made, and how many of them are open."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n, COUNT(CASE WHEN ended_at IS NULL THEN 1 END) AS waiting FROM cases WHERE reporter_id = ?", (person_id,)
        )
        return (row["n"], row["waiting"]) if row else (0, 0)

    async def set_name(self, person_id: PersonId, name: str) -> None:
        """Change a person's name."""
        await self._set("name", name, person_id)

    async def named(self, person_id: PersonId, *, at: datetime) -> None:
        """Note that a person gave a real name, or that a roster did."""
        await self._transaction.execute("UPDATE people SET named_at = COALESCE(named_at, ?) WHERE id = ?", (to_us(at), person_id))

    async def is_named(self, person_id: PersonId) -> bool:
        """Tell whether a person's real name is known."""
        return await self._transaction.fetch_one("SELECT 1 FROM people WHERE id = ? AND named_at IS NOT NULL", (person_id,)) is not None

    async def names(self) -> list[tuple[PersonId, str]]:
        """Return every name that is stored, for the process."""
        rows = await self._transaction.fetch_all("SELECT id, name FROM people WHERE forgotten_at IS NULL AND name <> '' ORDER BY id")
        return [(PersonId(row["id"]), row["name"]) for row in rows]

    async def set_phone(self, person_id: PersonId, phone: str) -> None:
        """Change a person's number (E.164; empty: none)."""
        await self._set("phone", phone, person_id)

    async def set_language(self, person_id: PersonId, language: str) -> None:
        """Change a person's language."""
        await self._set("language", language, person_id)

    async def set_elder(self, person_id: PersonId, on: bool) -> None:
        """Change whether things are shown to a person in elder mode."""
        await self._set("elder", int(on), person_id)

    async def resident_with_phone(self, phone: str, village_id: VillageId) -> PersonId | None:
        """Return the one resident of a village with this number, or None."""
        rows = await self._transaction.fetch_all(
            "SELECT id FROM people WHERE village_id = ? AND phone = ? AND forgotten_at IS NULL AND suspended_at IS NULL LIMIT 2",
            (village_id, phone),
        )
        return PersonId(rows[0]["id"]) if len(rows) == 1 else None

    async def set_tips(self, person_id: PersonId, wanted: bool) -> None:
        """Change whether a person wants tips."""
        await self._set("wants_tips", int(wanted), person_id)

    async def ask_tips_once(self, person_id: PersonId, *, at: datetime) -> bool:
        """Tell whether a person is asked about tips now: True once, unless they want tips already."""
        sql = "UPDATE people SET tips_asked_at = ? WHERE id = ? AND tips_asked_at IS NULL AND wants_tips = 0"
        return await self._transaction.execute(sql, (to_us(at), person_id)) == 1

    async def set_village(self, person_id: PersonId, village_id: VillageId) -> None:
        """Change a person's home village, and end what they had as a resident of another."""
        await self._set("village_id", village_id, person_id)
        for statement in self._personal.moved_away:
            await self._transaction.execute(statement, (person_id, village_id))

    async def consent(self, person_id: PersonId, version: str, *, at: datetime) -> None:
        """Record the consent text that a person agreed to, and the instant."""
        sql = "UPDATE people SET consent_version = ?, consented_at = ?, version = version + 1 WHERE id = ?"
        await self._transaction.execute(sql, (version, to_us(at), person_id))

    async def forget(self, person_id: PersonId, *, at: datetime) -> list[tuple[Receiver, str]]:
        """Erase a person; only a number that cases may refer to is left.

        Returns the cards with the person's name in the chats of others, which stay there until they are drawn again.
        """
        row = await self._transaction.fetch_one("SELECT name, phone FROM people WHERE id = ?", (person_id,))
        if row is None:
            return []
        named = [each for each in await self._cards_naming(row["name"], row["phone"]) if each[0].person_id != person_id]
        await self._forget_elsewhere(row["name"], row["phone"])
        for statement in (*self._personal.erase, *self._personal.erase_last):
            await self._transaction.execute(statement, (person_id,))
        await self._transaction.execute(
            "UPDATE leaves SET cancelled_at = ?1 WHERE (person_id = ?2 OR deputy_id = ?2) AND cancelled_at IS NULL", (to_us(at), person_id)
        )
        await self._transaction.execute(BLANK, (to_us(day_only(at)), person_id))
        return named

    async def merge(self, person_id: PersonId, into: PersonId, *, at: datetime) -> None:
        """Merge a person into another; the merged person is emptied.

        All rows and posts move to the other person, with name, phone and suspension. The merged person's chats are strangers' from now on.
        """
        row = await self._transaction.fetch_one(
            "SELECT name, phone, village_id, suspended_at, listed_as, listed_phone FROM people WHERE id = ?", (person_id,)
        )
        assert row is not None
        await self._transaction.execute(
            "UPDATE posts SET until_at = ?1 WHERE person_id = ?2 AND until_at IS NULL AND EXISTS (SELECT 1 FROM posts x WHERE x.person_id = ?3"
            " AND x.until_at IS NULL AND x.role = posts.role AND x.station_id = posts.station_id AND x.village_id IS NOT DISTINCT FROM posts.village_id)",
            (to_us(at), person_id, into),
        )
        for table, column in split(self._personal.moved):
            await self._transaction.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (into, person_id))
        for table, thing in split(self._personal.once):
            await self._transaction.execute(
                f"UPDATE {table} SET person_id = ?1 WHERE person_id = ?2 AND {thing} NOT IN (SELECT {thing} FROM {table} WHERE person_id = ?1)",
                (into, person_id),
            )
            await self._transaction.execute(f"DELETE FROM {table} WHERE person_id = ?", (person_id,))
        for statement in self._personal.left:
            await self._transaction.execute(statement, (person_id,))
        await self._transaction.execute(
            "UPDATE leaves SET cancelled_at = ? WHERE person_id = deputy_id AND person_id = ? AND cancelled_at IS NULL", (to_us(at), into)
        )
        await self._transaction.execute(
            "UPDATE people SET name = ?1, phone = CASE WHEN ?2 = '' THEN phone ELSE ?2 END, village_id = COALESCE(village_id, ?3),"
            " suspended_at = COALESCE(suspended_at, ?4), listed_as = CASE WHEN ?6 = '' THEN listed_as ELSE ?6 END,"
            " listed_phone = CASE WHEN ?6 = '' THEN listed_phone ELSE ?7 END, version = version + 1 WHERE id = ?5",
            (row["name"], row["phone"], row["village_id"], row["suspended_at"], into, row["listed_as"], row["listed_phone"]),
        )
        await self._transaction.execute(BLANK, (to_us(at), person_id))

    async def was_online(self, person_id: PersonId) -> bool:
        """Tell whether a person ever had a chat, so that they may have reported something."""
        return await self._transaction.fetch_one("SELECT 1 FROM people WHERE id = ? AND online_at IS NOT NULL", (person_id,)) is not None

    async def became(self, person_id: PersonId, other_id: PersonId) -> None:
        """Note that another person took the posts of a person by that person's code.

        They may be the same human being, so the same bars them.
        """
        await self._transaction.execute(
            "UPDATE people SET became_person_id = ?1 WHERE id = ?2 OR became_person_id = ?2", (other_id, person_id)
        )
        await self.bar_too(person_id, other_id)

    async def namesakes(self, person_id: PersonId, *, name: str, phone: str) -> list[PersonId]:
        """Return the others of this name or number, with or without a post.

        They may be the same human being.
        """
        rows = await self._transaction.fetch_all(
            "SELECT id FROM people WHERE name = ?2 AND name <> '' AND id <> ?1 UNION"
            " SELECT id FROM people WHERE phone = ?3 AND phone <> '' AND id <> ?1 ORDER BY id",
            (person_id, name, phone),
        )
        return [PersonId(row["id"]) for row in rows]

    async def bar_too(self, person_id: PersonId, other_id: PersonId) -> None:
        """Bar another person from all that a person is barred from."""
        for statement in self._personal.bars:
            await self._transaction.execute(statement, (person_id, other_id))

    async def addresses(self, person_id: PersonId) -> list[Address]:
        """Return a person's private chats."""
        rows = await self._transaction.fetch_all("SELECT channel, user_id FROM addresses WHERE person_id = ?", (person_id,))
        return [Address(row["channel"], ChatId(row["user_id"])) for row in rows]

    async def _cards_naming(self, name: str, phone: str) -> list[tuple[Receiver, str]]:
        """Return the cards in private chats that name a person; see `_forget_elsewhere`."""
        found: dict[tuple[Address, str], Receiver] = {}
        for words in _names(name, phone):
            rows = await self._transaction.fetch_all(
                "SELECT o.channel, o.chat_id, o.card, o.language, c.person_id FROM outbox o JOIN cards c ON c.channel = o.channel"
                " AND c.chat_id = o.chat_id AND c.card = o.card AND c.person_id IS NOT NULL WHERE o.card <> '' AND o.state = 'sent'"
                " AND o.batch = '' AND o.params LIKE ? ESCAPE '\\' ORDER BY o.id",
                (_like(words),),
            )
            for row in rows:
                address = Address(row["channel"], ChatId(row["chat_id"]))
                found[address, row["card"]] = Receiver(address, row["language"], PersonId(row["person_id"]))
        return [(to, card) for (_, card), to in found.items()]

    async def _forget_elsewhere(self, name: str, phone: str) -> None:
        """Empty ended messages to others that name the person; blank the name in pending ones.

        A name of one character is skipped, because it would match too much.
        """
        for words in _names(name, phone):
            pattern = _like(words)
            named = "batch = '' AND params LIKE ? ESCAPE '\\'"
            await self._transaction.execute(f"UPDATE outbox SET params = '{{}}' WHERE state <> 'waiting' AND {named}", (pattern,))
            waiting = await self._transaction.fetch_all(f"SELECT id, params FROM outbox WHERE state = 'waiting' AND {named}", (pattern,))
            for row in waiting:
                params = replaced(from_json(row["params"]), partial(_without, words=words))
                await self._transaction.execute("UPDATE outbox SET params = ? WHERE id = ?", (to_json(params), row["id"]))

    async def _set(self, column: str, value: str | int, person_id: PersonId) -> None:
        sql = f"UPDATE people SET {column} = ?, version = version + 1 WHERE id = ?"
        await self._transaction.execute(sql, (value, person_id))


def day_only(at: datetime) -> datetime:
    """Return the beginning of a day (UTC).

    The exact instant of an erasure would lead to the last message to that chat.
    """
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _names(name: str, phone: str) -> list[str]:
    return [words for words in (phone, phone.removeprefix("+86"), name) if len(words) > 1]


def _like(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _without(said: str, *, words: str) -> str:
    return said.replace(words, GONE)


def split(columns: Iterable[str]) -> list[tuple[str, str]]:
    """Return (table, column) of each "table.column"."""
    return [(table, column) for table, _, column in (each.partition(".") for each in columns)]
