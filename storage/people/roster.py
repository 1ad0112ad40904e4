"""The roster in the database: people known in a station, and the records of an import.

Knows SQL and no rule. Invariant: everything of one import is written in the caller's one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, PersonId, StationId, VillageId
from domain.people.people import Role
from domain.people.roster_plan import ExistingPerson
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Transaction

ROSTER_CONSENT = "roster"


class Rosters:
    """Rosters of stations.

    `find_station`, `adopt_station`, `list_stations`; `known(station)`; `add_village`, `rename`, `detach_all`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list_with_villages(self) -> list[tuple[StationId, str]]:
        """Return the stations that have an open village, oldest first."""
        rows = await self._transaction.fetch_all(
            "SELECT id, name FROM stations WHERE id IN (SELECT station_id FROM villages WHERE closed_at IS NULL) ORDER BY id"
        )
        return [(StationId(row["id"]), row["name"]) for row in rows]

    async def station_name(self, station_id: StationId) -> str:
        """Return a station's name."""
        row = await self._transaction.fetch_one("SELECT name FROM stations WHERE id = ?", (station_id,))
        return "" if row is None else str(row["name"])

    async def list_stations(self) -> list[tuple[StationId, str]]:
        """Return every station, oldest first."""
        rows = await self._transaction.fetch_all("SELECT id, name FROM stations ORDER BY id")
        return [(StationId(row["id"]), row["name"]) for row in rows]

    async def find_station(self, name: str) -> StationId | None:
        """Return the station of this name, or the only one while it has no village yet.

        A station without villages was made for the administrators.
        """
        row = await self._transaction.fetch_one("SELECT id FROM stations WHERE name = ?", (name,))
        if row is None:
            row = await self._transaction.fetch_one(
                "SELECT id FROM stations WHERE (SELECT COUNT(*) FROM stations) = 1 AND NOT EXISTS (SELECT 1 FROM villages)"
            )
        return None if row is None else StationId(row["id"])

    async def adopt_station(self, name: str) -> StationId:
        """Return the station of this name, made or renamed if necessary (see `find_station`)."""
        found = await self.find_station(name)
        if found is not None:
            await self._transaction.execute("UPDATE stations SET name = ? WHERE id = ? AND name <> ?", (name, found, name))
            return found
        row = await self._transaction.fetch_one("INSERT INTO stations (name) VALUES (?) RETURNING id", (name,))
        assert row is not None
        return StationId(row["id"])

    async def village_ids(self, station_id: StationId) -> dict[str, VillageId]:
        """Return the station's open villages by name."""
        rows = await self._transaction.fetch_all(
            "SELECT id, name FROM villages WHERE station_id = ? AND closed_at IS NULL ORDER BY id", (station_id,)
        )
        return {row["name"]: VillageId(row["id"]) for row in rows}

    async def add_village(self, station_id: StationId, name: str) -> VillageId:
        """Add a village, or open it again; return its id."""
        row = await self._transaction.fetch_one(
            "INSERT INTO villages (station_id, name) VALUES (?, ?) ON CONFLICT (station_id, name) DO UPDATE SET closed_at = NULL RETURNING id",
            (station_id, name),
        )
        assert row is not None
        return VillageId(row["id"])

    async def known(self, station_id: StationId | None, *, at: datetime) -> list[ExistingPerson]:
        """Return everybody who is not forgotten, with their accounts and posts in this station.

        Somebody who took over by another person's code appears with that person's name and number, as in the roster.
        """
        found = await self._transaction.fetch_all(
            "SELECT id, name, phone, listed_as, listed_phone, became_person_id FROM people WHERE forgotten_at IS NULL ORDER BY id"
        )
        listed_as = {row["became_person_id"]: row for row in found if row["became_person_id"] is not None}
        people = [(row["id"], listed_as.get(row["id"], row)) for row in found if row["became_person_id"] is None]
        ids: dict[int, set[Address]] = {}
        for row in await self._transaction.fetch_all("SELECT person_id, channel, user_id FROM addresses"):
            ids.setdefault(row["person_id"], set()).add(Address(row["channel"], ChatId(row["user_id"])))
        posts: dict[int, set[tuple[Role, str]]] = {}
        held = await self._transaction.fetch_all(
            "SELECT posts.person_id, posts.role, COALESCE(villages.name, '') AS village FROM posts LEFT JOIN villages ON villages.id = posts.village_id"
            " WHERE posts.station_id = ? AND posts.until_at IS NULL",
            (station_id or 0,),
        )
        for row in held:
            posts.setdefault(row["person_id"], set()).add((Role(row["role"]), row["village"]))
        invited = await self._transaction.fetch_all(
            "SELECT person_id FROM invitations WHERE person_id IS NOT NULL AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?",
            (to_us(at),),
        )
        waiting = {row["person_id"] for row in invited}
        return [
            ExistingPerson(
                PersonId(number),
                row["name"],
                row["phone"],
                frozenset(ids.get(number, ())),
                frozenset(posts.get(number, ())),
                number in waiting,
                row["listed_as"],
                row["listed_phone"],
            )
            for number, row in people
        ]

    async def rename(self, person_id: PersonId, *, name: str, phone: str) -> None:
        """Write a person's name from the roster, and the phone when there is one.

        Later rosters match by them.
        """
        await self._transaction.execute(
            "UPDATE people SET name = ?1, listed_as = ?1, phone = CASE WHEN ?2 = '' THEN phone ELSE ?2 END,"
            " listed_phone = CASE WHEN ?2 = '' THEN listed_phone ELSE ?2 END, version = version + 1 WHERE id = ?3",
            (name, phone, person_id),
        )

    async def unlist(self, person_id: PersonId) -> None:
        """Forget what a roster said of a person: another record is this person now."""
        await self._transaction.execute("UPDATE people SET listed_as = '', listed_phone = '' WHERE id = ?", (person_id,))

    async def relist(self, person_id: PersonId, *, into: PersonId) -> None:
        """Let later rosters match another record in place of a person: it holds the posts now."""
        row = await self._transaction.fetch_one("SELECT listed_as, listed_phone FROM people WHERE id = ?", (person_id,))
        if row is not None and row["listed_as"]:
            await self._transaction.execute(
                "UPDATE people SET listed_as = ?, listed_phone = ? WHERE id = ?", (row["listed_as"], row["listed_phone"], into)
            )
            await self.unlist(person_id)

    async def has_roster(self, station_id: StationId) -> bool:
        """Tell whether anybody but administrators holds or held a post of the station."""
        row = await self._transaction.fetch_one("SELECT 1 FROM posts WHERE station_id = ? AND role <> 'admin' LIMIT 1", (station_id,))
        return row is not None

    async def make_known(self, person_id: PersonId, *, home: VillageId | None, at: datetime) -> None:
        """Mark a person of the roster as known to the bot, with their real name.

        Their home is set only if it is not known.
        """
        await self._transaction.execute(
            "UPDATE people SET village_id = COALESCE(village_id, ?1), consented_at = COALESCE(consented_at, ?2), named_at = COALESCE(named_at, ?2),"
            " consent_version = CASE WHEN consent_version = '' THEN ?3 ELSE consent_version END WHERE id = ?4",
            (home, to_us(at), ROSTER_CONSENT, person_id),
        )

    async def detach_all(self, person_id: PersonId, *, channel: str) -> None:
        """Remove every address of a person on a channel.

        Later messages from there come from a stranger.
        """
        await self._transaction.execute("DELETE FROM addresses WHERE person_id = ? AND channel = ?", (person_id, channel))
