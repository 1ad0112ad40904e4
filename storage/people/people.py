"""The directory: people, their posts now, and the recipients for a village.

Knows SQL and no rule. Invariant: posts are read again for every update, so that a hand-over takes effect with the next button press.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, PersonId, Receiver, StationId, VillageId
from domain.core.immutable import replace
from domain.people.people import Person, Post, Posts, Role, Village
from storage.people.addresses import BEST
from storage.people.directory import Directory
from storage.people.posts_now import HELD, POSTS_NOW, STANDS_IN, posts_of_many
from storage.people.rotas import Rotas
from storage.values import from_us, from_us_or_none, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from storage.engine.database import Row, Transaction

#: Columns of a `Person` or a `Receiver`: nothing else is read of a person.
WHO = (
    "p.id, p.name, p.language, p.village_id, p.phone, p.consent_version, p.suspended_at, p.created_at, p.blocked_until, p.elder,"
    " a.channel AS a_channel, a.user_id AS a_user_id, a.unreachable_at AS a_unreachable_at, a.used_at AS a_used_at,"
    " a.seen_at AS a_seen_at"
)
_WITH_ADDRESS = "FROM people p LEFT JOIN addresses a ON a.person_id = p.id"
PERSON = f"SELECT {WHO} {_WITH_ADDRESS}"
ACTOR = f"SELECT {WHO}, EXISTS (SELECT 1 FROM discreet_chats) AS any_discreet {_WITH_ADDRESS} WHERE a.channel = ? AND a.user_id = ?"


#: An account is new for so long: police and committee do not know it yet.
FIRST_DAY = timedelta(days=1)


class People:
    """The directory of one town.

    * `actor(address, …)`: the sender; a stranger when unknown.
    * `get(id)`, `find(id)`, `find_many(ids)`, `find_by_address(address)`, `receiver(id, role)`.
    * `posts_of(village_id, at)`: the recipients for a village; `behind(village_id, role)`: everybody whom a post may mean.
    * `village(id)`, `find_villages(name)`, `list_villages(ids)`.
    * `add`, `attach`, `appoint`, `dismiss`.

    Of several addresses of one person, the one that can be reached and was seen last counts.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        #: Whether any chat is discreet, read with the actor because every answer asks; None: not read.
        self.any_discreet: bool | None = None

    # Persons ------------------------------------------------------------------------------------------------------------

    async def actor(self, address: Address, *, name: str, language: str, at: datetime) -> Person:
        """Return the sender at a private address; a stranger (id None) for an unknown address."""
        row = await self._transaction.fetch_one(ACTOR, (address.channel, address.chat_id))
        if row is None:
            return Person(None, name, language, address)
        self.any_discreet = bool(row["any_discreet"])
        return await self._person(row, at)

    async def find_by_address(self, address: Address, *, at: datetime) -> Person | None:
        """Return the person with this address, or None."""
        row = await self._transaction.fetch_one(PERSON + " WHERE a.channel = ? AND a.user_id = ?", (address.channel, address.chat_id))
        return None if row is None else await self._person(row, at)

    async def find(self, person_id: PersonId, *, at: datetime) -> Person | None:
        """Return a person, or None."""
        row = await self._transaction.fetch_one(f"{PERSON} WHERE p.id = ? ORDER BY {BEST} LIMIT 1", (person_id,))
        return None if row is None else await self._person(row, at)

    async def find_many(self, person_ids: Collection[PersonId], *, at: datetime) -> dict[PersonId, Person]:
        """Return the existing persons with these ids, by id, each as `find` returns them.

        Takes two statements for any number of ids.
        """
        ids = sorted(set(person_ids))
        if not ids:
            return {}
        rows = await self._transaction.fetch_all(f"{PERSON} WHERE p.id IN ({marks(ids)}) ORDER BY p.id, a.unreachable_at IS NOT NULL", ids)
        posts: dict[int, list[Row]] = {}
        for post in await self._transaction.fetch_all(posts_of_many(len(ids)), (to_us(at), *ids)):
            posts.setdefault(post["person_id"], []).append(post)
        found: dict[PersonId, Person] = {}
        for row in rows:
            if row["id"] not in found:  # the first address is the best
                found[PersonId(row["id"])] = _person(row, posts.get(row["id"], ()), at)
        return found

    async def get(self, person_id: PersonId, *, at: datetime) -> Person:
        """Return a person who must exist.

        Raises:
            LookupError: there is none.
        """
        person = await self.find(person_id, at=at)
        if person is None:
            raise LookupError(f"no person {person_id}")
        return person

    async def receiver(self, person_id: PersonId, role: Role | str = "") -> Receiver:
        """Return a person as a recipient; `address` is None without a reachable chat."""
        row = await self._transaction.fetch_one(f"{PERSON} WHERE p.id = ? ORDER BY {BEST} LIMIT 1", (person_id,))
        if row is None:
            return Receiver(None, person_id=person_id, role=str(role))
        return _receiver(row, str(role), row["village_id"])

    async def add(
        self,
        name: str,
        *,
        at: datetime,
        phone: str = "",
        language: str = "zh",
        village_id: VillageId | None = None,
        consent_version: str = "",
    ) -> PersonId:
        """Add a person; return the id."""
        row = await self._transaction.fetch_one(
            "INSERT INTO people (name, phone, language, village_id, consent_version, consented_at, created_at, wants_tips)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0) RETURNING id",
            (name, phone, language, village_id, consent_version, to_us(at) if consent_version else None, to_us(at)),
        )
        assert row is not None
        return PersonId(row["id"])

    async def attach(self, person_id: PersonId, address: Address, *, at: datetime, used: bool = True) -> None:
        """Give a person an address; an address belongs to one person only (the newest).

        The person counts as having been online from now on. `used`: somebody writes from it now; not so for an address that a roster names.
        """
        await self._transaction.execute("UPDATE people SET online_at = ? WHERE id = ? AND online_at IS NULL", (to_us(at), person_id))
        await self._transaction.execute(
            "INSERT INTO addresses (channel, user_id, person_id, seen_at, used_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (channel, user_id) DO UPDATE SET person_id = excluded.person_id, unreachable_at = NULL, seen_at = excluded.seen_at,"
            " used_at = COALESCE(addresses.used_at, excluded.used_at)",
            (address.channel, address.chat_id, person_id, to_us(at), to_us(at) if used else None),
        )

    # Posts --------------------------------------------------------------------------------------------------------------

    async def appoint(self, person_id: PersonId, role: Role, *, station_id: StationId, village_id: VillageId | None, at: datetime) -> None:
        """Give a post, unless the person holds it already."""
        held = await self._transaction.fetch_one(
            "SELECT 1 FROM posts WHERE person_id = ? AND role = ? AND station_id = ? AND village_id IS NOT DISTINCT FROM ? AND until_at IS NULL",
            (person_id, role, station_id, village_id),
        )
        if held is None:
            await self._transaction.execute(
                "INSERT INTO posts (person_id, role, station_id, village_id, since_at) VALUES (?, ?, ?, ?, ?)",
                (person_id, role, station_id, village_id, to_us(at)),
            )

    async def dismiss(
        self,
        person_id: PersonId,
        *,
        at: datetime,
        role: Role | None = None,
        village_id: VillageId | None = None,
        station_id: StationId | None = None,
    ) -> int:
        """End posts: all of a person's, or those of a role, in a village or station.

        Returns how many.
        """
        return await self._transaction.execute(
            "UPDATE posts SET until_at = ?1 WHERE person_id = ?2 AND until_at IS NULL AND (role = ?3 OR ?3 IS NULL)"
            " AND (village_id = ?4 OR ?4 IS NULL) AND (station_id = ?5 OR ?5 IS NULL)",
            (to_us(at), person_id, role, village_id, station_id),
        )

    async def posts_of(self, village_id: VillageId, *, at: datetime) -> Posts:
        """Return the people who can be notified about a village now.

        Its own posts, its station's, and the administrators; suspended people are left out. An officer who stands in for the chair acts as
        the officer: the chair's level is skipped. A duty rota decides who of a post is told first: see `Posts.of`.

        Raises:
            LookupError: there is no such village.
        """
        village, has_rota = await self._village_and_rota(village_id)
        where = "(posts.village_id = ?2 OR (posts.village_id IS NULL AND posts.station_id = ?3))"
        rows = await self._held(where, village_id, village.station_id, at=at)
        holders = _holders(rows, village_id)
        officers = {who.person_id for who in holders.get(Role.OFFICER, ())}
        if Role.CHAIR in holders:
            holders[Role.CHAIR] = tuple(who for who in holders[Role.CHAIR] if who.person_id not in officers)
        return Posts(village, holders, await self._on_shift(village.station_id, rows, at=at) if has_rota else {})

    async def station_posts(self, station_id: StationId, *, at: datetime) -> Posts:
        """Return the duty desk, leaders and administrators of a station.

        Each person once per role; deputies replace those on leave. A duty rota decides who of a post is told first.
        """
        rows = await self._held("posts.village_id IS NULL AND posts.station_id = ?2", station_id, at=at)
        return Posts(Village(VillageId(0), "", station_id), _holders(rows, None), await self._on_shift(station_id, rows, at=at))

    async def _held(self, where: str, *params: int, at: datetime) -> list[Row]:
        """Return the people who hold posts now, with deputies in place of those on leave.

        `where`: a condition on `posts`, whose parameters begin at ?2.
        """
        return await self._transaction.fetch_all(
            f"SELECT posts.role AS post_role, l.person_id AS lent_by, {WHO} FROM posts LEFT JOIN leaves l ON {STANDS_IN.format(at='?1')}"
            " JOIN people p ON p.id = COALESCE(l.deputy_id, posts.person_id) LEFT JOIN addresses a ON a.person_id = p.id"
            f" WHERE {where} AND {HELD.format(at='?1')} AND p.suspended_at IS NULL ORDER BY a.unreachable_at IS NOT NULL, posts.id, {BEST}",
            (to_us(at), *params),
        )

    async def _on_shift(self, station_id: StationId, rows: Sequence[Row], *, at: datetime) -> dict[Role, frozenset[PersonId]]:
        """Return those of these holders who are on shift, by role.

        It is their own shift or that of somebody on leave. A person who is on leave themselves is not on shift.
        """
        planned = await Rotas(self._transaction).on_shift(station_id, at=at)
        if not planned:
            return {}
        ids = {PersonId(row["id"]) for row in rows}
        away = await Directory(self._transaction).list_away(ids, from_at=at, until_at=at + timedelta(microseconds=1))
        return {
            role: frozenset(
                PersonId(row["id"])
                for row in rows
                if row["post_role"] == role and (row["lent_by"] or row["id"]) in people and row["id"] not in away
            )
            for role, people in planned.items()
        }

    async def officers_of(self, station_id: StationId, *, at: datetime) -> tuple[Receiver, ...]:
        """Return the officers of a station's villages, each once.

        Deputies replace those on leave.
        """
        rows = await self._held("posts.role = 'officer' AND posts.station_id = ?2", station_id, at=at)
        return _holders(rows, None).get(Role.OFFICER, ())

    async def behind(self, village_id: VillageId, role: Role, *, at: datetime) -> tuple[PersonId, ...]:
        """Return everybody whom a village's post may mean.

        These are its holders, also suspended or on leave, and their deputies.
        """
        rows = await self._transaction.fetch_all(
            f"SELECT posts.person_id FROM posts WHERE posts.village_id = ?1 AND posts.role = ?2 AND {HELD.format(at='?3')}"
            " UNION SELECT l.deputy_id FROM posts JOIN leaves l ON l.person_id = posts.person_id"
            f" WHERE posts.village_id = ?1 AND posts.role = ?2 AND {HELD.format(at='?3')} AND {STANDS_IN.format(at='?3')} ORDER BY 1",
            (village_id, role, to_us(at)),
        )
        return tuple(PersonId(row["person_id"]) for row in rows)

    async def administrators(self) -> tuple[Receiver, ...]:
        """Return every administrator, each person once."""
        rows = await self._transaction.fetch_all(
            PERSON
            + " WHERE p.suspended_at IS NULL AND p.id IN (SELECT person_id FROM posts WHERE role = 'admin' AND until_at IS NULL) ORDER BY p.id, "
            + BEST
        )
        found: dict[int, Receiver] = {}
        for row in rows:
            found.setdefault(row["id"], _receiver(row, Role.ADMIN, None))
        return tuple(found.values())

    async def seen_since(self, since: datetime) -> list[Receiver]:
        """Return the people who wrote since an instant (as far as the inbox remembers), each once."""
        rows = await self._transaction.fetch_all(
            PERSON
            + " WHERE a.unreachable_at IS NULL AND EXISTS (SELECT 1 FROM inbox i WHERE i.channel = a.channel AND i.user_id = a.user_id AND i.received_at >= ?)",
            (to_us(since),),
        )
        return [_receiver(row, "", None) for row in rows]

    async def list_menus(self, *, at: datetime) -> list[tuple[Person, str]]:
        """Return the people whose chat menu may need a change, with the menu it shows now.

        These are people who hold a post and have written lately, and people whose chat shows a post's menu. "": the common menu.
        """
        rows = await self._transaction.fetch_all(
            f"SELECT {WHO}, COALESCE(m.shown, '') AS m_shown"
            " FROM people p JOIN addresses a ON a.person_id = p.id LEFT JOIN menus m ON m.channel = a.channel AND m.user_id = a.user_id"
            " WHERE a.unreachable_at IS NULL AND (m.shown IS NOT NULL OR (p.id IN (SELECT person_id FROM posts WHERE until_at IS NULL OR until_at > ?)"
            " AND EXISTS (SELECT 1 FROM inbox i WHERE i.channel = a.channel AND i.user_id = a.user_id)))",
            (to_us(at),),
        )
        return [(await self._person(row, at), row["m_shown"]) for row in rows]

    # Villages -----------------------------------------------------------------------------------------------------------

    async def village(self, village_id: VillageId) -> Village:
        """Return a village that must exist.

        Raises:
            LookupError: there is none.
        """
        return (await self._village_and_rota(village_id))[0]

    async def _village_and_rota(self, village_id: VillageId) -> tuple[Village, bool]:
        """Return a village, and whether its station has a duty rota."""
        rota = "EXISTS (SELECT 1 FROM rotas r WHERE r.station_id = v.station_id) AS has_rota"
        row = await self._transaction.fetch_one(f"SELECT v.*, {rota} FROM villages v WHERE v.id = ?", (village_id,))
        if row is None:
            raise LookupError(f"no village {village_id}")
        return _village(row), bool(row["has_rota"])

    async def find_villages(self, name: str) -> list[Village]:
        """Return the villages with exactly this name, with or without 村 at its end.

        Several where stations share a name.
        """
        rows = await self._transaction.fetch_all(
            "SELECT * FROM villages WHERE closed_at IS NULL AND (name IN (?1, ?2) OR name || beside = ?1) ORDER BY id LIMIT 20",
            (name, f"{name}村"),
        )
        exact = [row for row in rows if name in (row["name"], row["name"] + row["beside"])]
        return [_village(row) for row in exact or rows]

    async def list_villages(
        self, ids: Iterable[VillageId] | None = None, *, station_ids: Sequence[StationId] | None = None
    ) -> list[Village]:
        """Return open villages in the roster's order of names.

        All, those with these ids, or those of these stations.
        """
        sql = "SELECT * FROM villages WHERE closed_at IS NULL"
        params: tuple[int, ...] = ()
        if ids is not None:
            params = tuple(ids)
            sql += f" AND id IN ({marks(params)})"
        if station_ids is not None:
            sql += f" AND station_id IN ({marks(station_ids)})"
            params = (*params, *station_ids)
        return [_village(row) for row in await self._transaction.fetch_all(sql + " ORDER BY id", params)]

    async def _person(self, row: Row, at: datetime) -> Person:
        return _person(row, await self._transaction.fetch_all(POSTS_NOW, (row["id"], to_us(at))), at)


def _person(row: Row, posts: Iterable[Row], at: datetime) -> Person:
    posts = tuple(posts)
    blocked_until = row["blocked_until"]
    return Person(
        PersonId(row["id"]),
        row["name"],
        row["language"],
        Address(row["a_channel"] or "", ChatId(row["a_user_id"] or 0)),
        None if row["village_id"] is None else VillageId(row["village_id"]),
        tuple(
            Post(
                Role(post["role"]),
                StationId(post["station_id"]),
                None if post["village_id"] is None else VillageId(post["village_id"]),
                None if post["for_id"] is None else PersonId(post["for_id"]),
            )
            for post in posts
        ),
        row["phone"],
        bool(row["consent_version"]),
        row["suspended_at"] is not None,
        row["a_unreachable_at"] is not None,
        row["a_channel"] is not None and row["a_used_at"] is None,
        from_us_or_none(row["a_seen_at"]),
        from_us(blocked_until) if blocked_until is not None and blocked_until > to_us(at) else None,
        not posts and row["created_at"] > to_us(at - FIRST_DAY),
        bool(row["elder"]),
    )


def _holders(rows: Iterable[Row], village_id: VillageId | None) -> dict[Role, tuple[Receiver, ...]]:
    """Return the holders of posts by role, each person once per role.

    `lent_by` names the owners if they hold it as a deputy only.
    """
    found: dict[Role, dict[int, Receiver]] = {}
    lent: dict[tuple[Role, int], set[PersonId | None]] = {}
    for row in rows:
        role = Role(row["post_role"])
        found.setdefault(role, {}).setdefault(row["id"], _receiver(row, role, village_id))
        lent.setdefault((role, row["id"]), set()).add(row["lent_by"])

    def holder(role: Role, person_id: int, who: Receiver) -> Receiver:
        owners = {owner for owner in lent[role, person_id] if owner is not None}
        return replace(who, lent_by=frozenset(owners)) if len(owners) == len(lent[role, person_id]) else who

    return {role: tuple(holder(role, person_id, who) for person_id, who in people.items()) for role, people in found.items()}


def _receiver(row: Row, role: str, village_id: VillageId | None) -> Receiver:
    reachable = row["a_channel"] is not None and row["a_unreachable_at"] is None
    address = Address(row["a_channel"], ChatId(row["a_user_id"])) if reachable else None
    return Receiver(address, row["language"], PersonId(row["id"]), str(role), village_id, row["name"])


def _village(row: Row) -> Village:
    return Village(VillageId(row["id"]), row["name"] + row["beside"], StationId(row["station_id"]), row["name"])
