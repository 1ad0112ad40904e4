"""Records as rows: one table per kind, read within a scope, written with a version.

Knows SQL and posts; must not know any feature. Invariants: reads for an actor are scoped in SQL, and absent and not visible give the same
answer; a change is written against the version it was decided on, with its audit event; sealed columns are read by `unseal` only, which
leaves a trace.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, get_args, get_origin, get_type_hints

from domain.core.change import Event, NotFound, PersonId
from domain.core.immutable import immutable
from domain.core.records import R
from domain.people.people import POLICE, STATION_ROLES, Role
from storage.core.audit import Audit
from storage.core.facts import Facts
from storage.core.village_names import SHOWN_NAME
from storage.engine.database import Conflict
from storage.values import from_json, from_us, marks, to_json, to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from domain.core.records import RecordChange
    from domain.people.people import Person
    from storage.core.retention import Retention
    from storage.engine.database import Row, Transaction


#: The condition of a person without any scope.
NOBODY = "0 = 1"


@immutable
class Grant:
    """A grant: holders of these roles see the records of their villages or station.

    `where` (SQL over `x`) restricts it to the records for which it holds, if given.
    """

    roles: frozenset[Role] = frozenset({Role.CHAIR}) | POLICE
    where: str = ""


@immutable
class Scope:
    """Readers of a record: persons, holders of posts, and neighbours.

    Persons are those in the columns `own`, holders of posts follow from `grants`, and with `neighbours` everybody who lives in its village
    may read. A borrowed post does not cover a record with the post's owner in a column of `own`.
    """

    own: tuple[str, ...]
    grants: tuple[Grant, ...] = (Grant(),)
    neighbours: bool = False

    def condition(self, actor: Person) -> tuple[str, tuple[Any, ...]]:
        """Return the condition on `x`, and its parameters, for an actor's records.

        `NOBODY` for a stranger and a suspended person.
        """
        if actor.id is None or actor.suspended:
            return NOBODY, ()
        found = [f"x.{column} = ?" for column in self.own]
        params: list[Any] = [actor.id] * len(self.own)
        for grant in self.grants:
            for owner in sorted({post.deputises_for or 0 for post in actor.posts}):
                posts = [post for post in actor.posts if (post.deputises_for or 0) == owner and post.role in grant.roles]
                villages = sorted({post.village_id for post in posts if post.village_id is not None})
                stations = sorted({post.station_id for post in posts if post.village_id is None and post.role in STATION_ROLES})
                for column, ids in (("x.village_id", villages), ("x.station_id", stations)):
                    if ids:
                        lent = [f"x.{own} IS DISTINCT FROM ?" for own in self.own] if owner else []
                        covers = [f"{column} IN ({marks(ids)})", *([f"({grant.where})"] if grant.where else []), *lent]
                        found.append(f"({' AND '.join(covers)})")
                        params += [*ids, *([owner] * len(lent))]
        if self.neighbours and actor.consented and actor.village_id is not None:
            found.append("x.village_id = ?")
            params.append(actor.village_id)
        return f"({' OR '.join(found)})" if found else NOBODY, tuple(params)


class RecordTable(Generic[R]):
    """Table of a kind: one column per field of `record`, of the same name.

    `feature`: its word in subjects, and its counter's name. `people`: fields that are not columns but come from the directory, as (field,
    column with the person, column of `people`); a field `village` is the village's name. `sealed`: columns that are not fields: never read
    with the record. `told`: fields with free text that messages about the record may show; every field of text is one of these, or sealed.
    `retention`: how long a record stays after its end. `groups`: it may be announced in the group of a village.
    """

    def __init__(
        self,
        record: type[R],
        name: str,
        *,
        feature: str,
        scope: Scope,
        retention: Retention,
        people: tuple[tuple[str, str, str], ...] = (),
        sealed: tuple[str, ...] = (),
        told: tuple[str, ...] = (),
        groups: bool = False,
    ) -> None:
        self.record, self.name, self.feature, self.scope, self.retention = record, name, feature, scope, retention
        self.sealed, self.told, self.groups = sealed, told, groups
        hints = get_type_hints(record)
        shown = {field for field, _, _ in people} | {"village"}
        self._readers: dict[str, Callable[[Any], Any]] = {field.name: _reader(hints[field.name]) for field in fields(record)}
        self.columns = tuple(field for field in self._readers if field not in shown)
        #: Columns with a person, and those with free text.
        self.persons = tuple(column for column in self.columns if PersonId in (hints[column], *get_args(hints[column])))
        self.texts = tuple(column for column in self.columns if hints[column] is str)
        #: Whether one person handles a record (`handled_by`); the kit gives it to another when posts change.
        self.handled = "handled_by" in self.columns
        joins = [f" LEFT JOIN people p{place} ON p{place}.id = x.{column}" for place, (_, column, _) in enumerate(people)]
        names = [f"COALESCE(p{place}.{what}, '') AS {field}" for place, (field, _, what) in enumerate(people)]
        columns = ", ".join([*(f"x.{column}" for column in self.columns), *names, f"{SHOWN_NAME} AS village"])
        written = [column for column in self.columns if column != "id"]
        self.select = f"SELECT {columns} FROM {name} x JOIN villages v ON v.id = x.village_id{''.join(joins)}"
        self.insert = f"INSERT INTO {name} ({', '.join((*self.columns, *sealed))}) VALUES ({marks((*self.columns, *sealed))})"
        self.update = f"UPDATE {name} SET {', '.join(f'{each} = ?' for each in written)} WHERE id = ? AND version = ?"
        self._written = tuple(written)

    def read(self, row: Row) -> R:
        """Make a record of a row of `select`."""
        return self.record(**{field: reader(row[field]) for field, reader in self._readers.items()})

    def values(self, value: R) -> tuple[Any, ...]:
        """Return the plain values of every column."""
        return tuple(_plain(getattr(value, column)) for column in self.columns)

    def changes(self, value: R) -> tuple[Any, ...]:
        """Return the parameters of `update`."""
        return (*(_plain(getattr(value, column)) for column in self._written), value.id, value.version - 1)


class Records(Generic[R]):
    """The records of one kind.

    A feature's storage is a subclass with its own `table` and its own few queries.
    """

    table: ClassVar[RecordTable[Any]]

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def next_number(self) -> int:
        """Return a number that was never given."""
        return await Facts(self._transaction).next_number(self.table.feature)

    async def add(self, change: RecordChange[R], *, sealed: Mapping[str, str] | None = None) -> R:
        """Insert a new record with its audit event; return it as it is read.

        `sealed`: values that only `unseal` reads.
        """
        await self._transaction.execute(self.table.insert, (*self.table.values(change.value), *[""] * len(self.table.sealed)))
        await self._seal(change.value.id, sealed or {})
        await Audit(self._transaction).record(change.event)
        found = await self.find(change.value.id)
        assert found is not None, "just added"
        return found

    async def record(self, change: RecordChange[R], *, sealed: Mapping[str, str] | None = None) -> R:
        """Write a change with its audit event; return the record as it is now.

        `sealed`: new values of sealed columns; the others stay.

        Raises:
            Conflict: somebody else changed it first.
            ValueError: a column of `sealed` is not a sealed one.
        """
        if await self._transaction.execute(self.table.update, self.table.changes(change.value)) != 1:
            raise Conflict(change.event.subject)
        await self._seal(change.value.id, sealed or {})
        await Audit(self._transaction).record(change.event)
        return change.value

    async def find(self, number: int) -> R | None:
        """Return a record for any reader (the clock), or None."""
        return await self._one(f"{self.table.select} WHERE x.id = ?", (number,))

    async def visible_to(self, actor: Person, number: int) -> R:
        """Return a record the actor may see.

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        condition, params = self.table.scope.condition(actor)
        found = await self._one(f"{self.table.select} WHERE x.id = ? AND {condition}", (number, *params))
        if found is None:
            raise NotFound(number)
        return found

    async def list_open(self, actor: Person, *, limit: int) -> list[R]:
        """Return the open records that an actor may see, oldest first.

        The table has an index of open records (`…_open`, WHERE ended_at IS NULL), which is always small; `+` keeps engines from using the
        index of numbers.
        """
        condition, params = self.table.scope.condition(actor)
        if condition == NOBODY:
            return []
        rows = await self._transaction.fetch_all(
            f"{self.table.select} WHERE x.ended_at IS NULL AND {condition} ORDER BY +x.id LIMIT ?", (*params, limit)
        )
        return [self.table.read(row) for row in rows]

    async def list_handled(self, people: Collection[PersonId] | None) -> list[R]:
        """Return the open records that these people handle (`handled_by`); None: anybody."""
        whose = "IS NOT NULL" if people is None else f"IN ({marks(people)})"
        rows = await self._transaction.fetch_all(
            f"{self.table.select} WHERE x.ended_at IS NULL AND x.handled_by {whose} ORDER BY +x.id", tuple(sorted(people or ()))
        )
        return [self.table.read(row) for row in rows]

    async def list_unwatched(self, *, limit: int = 200) -> list[R]:
        """Return open records without a waiting timer, for the auditor."""
        rows = await self._transaction.fetch_all(
            f"{self.table.select} WHERE x.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.subject = ? || x.id"
            " AND t.state = 'waiting') ORDER BY +x.id LIMIT ?",
            (f"{self.table.feature}:", limit),
        )
        return [self.table.read(row) for row in rows]

    async def list_cards_of(self, person_id: PersonId) -> list[str]:
        """Return the cards of these records in a person's private chats."""
        rows = await self._transaction.fetch_all(
            "SELECT c.card FROM addresses a JOIN cards c ON c.channel = a.channel AND c.chat_id = a.user_id"
            " WHERE a.person_id = ? AND c.card LIKE ? ORDER BY c.card",
            (person_id, f"{self.table.feature}:%"),
        )
        return [str(row["card"]) for row in rows]

    async def erase(self, number: int) -> None:
        """Delete a record whose term is over, and forget in whose chats its card is."""
        await self._transaction.execute(f"DELETE FROM {self.table.name} WHERE id = ?", (number,))
        card = f"{self.table.feature}:{number}"
        await self._transaction.execute(
            "DELETE FROM cards WHERE card = ? OR (card > ? AND card < ?)",
            (card, f"{card}:", f"{card};"),  # its questions too
        )

    async def unseal(self, actor: Person, number: int, *, at: datetime, once: bool = False) -> dict[str, str]:
        """Return the sealed columns of a record that the actor may see; record the read.

        `once`: they are empty afterwards.

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        condition, params = self.table.scope.condition(actor)
        columns = ", ".join(f"x.{column}" for column in ("id", *self.table.sealed))
        row = await self._transaction.fetch_one(
            f"SELECT {columns} FROM {self.table.name} x WHERE x.id = ? AND {condition}", (number, *params)
        )
        if row is None:
            raise NotFound(number)
        if once:
            await self._seal(number, dict.fromkeys(self.table.sealed, ""))
        await self._note(number, "unseal", actor.id, at)
        return {column: str(row[column]) for column in self.table.sealed}

    async def _seal(self, number: int, values: Mapping[str, str]) -> None:
        if unknown := values.keys() - {*self.table.sealed}:
            raise ValueError(f"{self.table.name} has no sealed column {', '.join(sorted(unknown))}")
        if values:
            columns = ", ".join(f"{column} = ?" for column in values)
            await self._transaction.execute(f"UPDATE {self.table.name} SET {columns} WHERE id = ?", (*values.values(), number))

    async def _note(self, number: int, action: str, by: PersonId | None, at: datetime) -> None:
        feature = self.table.feature
        await Audit(self._transaction).record(Event(f"{feature}:{number}", f"{feature}.{action}", by, at))

    async def _one(self, sql: str, params: tuple[Any, ...]) -> R | None:
        row = await self._transaction.fetch_one(sql, params)
        return None if row is None else self.table.read(row)


# Values and columns ---------------------------------------------------------------------------------------------------


def _reader(hint: Any) -> Callable[[Any], Any]:
    """Return the function that converts a column's value to a field of this type."""
    parts = get_args(hint)
    if type(None) in parts:
        (kind,) = (each for each in parts if each is not type(None))
        present = _reader(kind)
        return lambda value: None if value is None else present(value)
    if get_origin(hint) is tuple:
        return lambda value: tuple(from_json(value))
    if hint is datetime:
        return from_us
    return hint if isinstance(hint, type) and issubclass(hint, StrEnum | bool) else lambda value: value


def _plain(value: Any) -> Any:
    """Return a value that drivers accept."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return to_us(value)
    return to_json(value) if isinstance(value, tuple) else value
