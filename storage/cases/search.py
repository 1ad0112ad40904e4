"""Finding cases: lists, searches, and the candidates for a comparison with a new report.

Knows SQL and the scope of storage/cases/scope.py. Every query that returns a case applies the scope, except the two about a person's own
reports. Newest first everywhere, in pages. Invariant: no query reads all cases, however many years there are; a search reads a limited
number of texts and returns how far it came; nobody finds a case by words that they may not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.case import ACTIVE, Case, Kind, State
from domain.cases.visibility import Level, Part, Visibility, who_sees
from domain.core.change import CaseId, PersonId, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import Role
from storage.cases.cases import CASE, case_from
from storage.cases.scope import covered_by, scope
from storage.values import from_us, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.people.people import Person
    from storage.engine.database import Transaction

#: The key in a case's details with the messages it was made of (ids in the reporter's chat), for corrections.
MESSAGES = "messages"
#: Texts that a search reads, the newest of the actor's villages or station: seven years of a town with 31 cases per week, and 7 to 30 ms.
READ_AT_ONCE = 12_000
NEWEST = 2**62
#: Cases that a person follows because they said "this is the same": they learn the outcome, and read no words of other people.
FOLLOWED = "c.id IN (SELECT f.case_id FROM case_followers f WHERE f.person_id = ?)"


@immutable
class Reach:
    """Range of a search: cases with numbers `after < number < before`.

    `until`: the instant at which the newest older one was opened; None: there is none.
    """

    after: int = 0
    before: int = NEWEST
    until: datetime | None = None


@immutable
class Narrowing:
    """A narrower list: of one village, one kind, or one handler; empty: of all."""

    village_id: int = 0
    kind: str = ""
    holder_id: PersonId | None = None

    def condition(self) -> tuple[str, tuple[Any, ...]]:
        """Return the condition on `c`, with its parameters."""
        said = (("c.village_id", self.village_id or None), ("c.kind", self.kind or None), ("c.holder_id", self.holder_id))
        used = [(column, value) for column, value in said if value is not None]
        return "".join(f" AND {column} = ?" for column, _ in used), tuple(value for _, value in used)


class Search:
    """Lists and searches of cases.

    `numbers_of(actor, …)`, `reach_of(actor, …)`, `read(actor, numbers)`, `count_of(actor, …)`. Of reports: `last_of(person, …)`, `said_in`,
    `recent_in`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def numbers_of(
        self,
        actor: Person,
        *,
        states: Sequence[State] = (),
        words: str = "",
        within: Reach | None = None,
        narrowing: Narrowing | None = None,
        most: int,
    ) -> list[CaseId]:
        """Return the numbers of the actor's cases, newest first, at most so many.

        `words`: each must occur in the text, the place, the village's name or the name of a reporter whom the actor may know; for a case that
        the actor only follows, whose words they may not read, in the village's name. `within`: see `reach_of`. `narrowing`: only of cases
        that are not ended, so that no walk reads the cases of the years.
        """
        sql, params = _newest(actor, tuple(states), words, most, within, narrowing or Narrowing())
        return [CaseId(row["id"]) for row in await self._transaction.fetch_all(sql, params)]

    async def reach_of(self, actor: Person, *, before: int = NEWEST) -> Reach:
        """Return the range of a search among the cases below a number.

        It covers `READ_AT_ONCE` cases of the actor's places together, or all down to the first case.
        """
        villages, stations = covered_by(actor.posts)
        share = max(1, READ_AT_ONCE // max(1, len(villages) + len(stations)))
        steps = [
            (
                f"SELECT * FROM (SELECT c.id AS id FROM cases c WHERE {condition} AND c.id < ? ORDER BY c.id DESC LIMIT 1 OFFSET ?) AS step",
                values,
            )
            for condition, values in _ways(actor, ())
        ]
        row = await self._transaction.fetch_one(
            "SELECT c.id, c.opened_at FROM cases c WHERE c.id ="
            f" (SELECT MAX(below.id) FROM ({' UNION ALL '.join(sql for sql, _ in steps)}) AS below)",
            tuple(value for _, values in steps for value in (*values, before, share)),
        )
        return Reach(before=before) if row is None else Reach(int(row["id"]), before, from_us(row["opened_at"]))

    async def read(self, actor: Person, numbers: Sequence[CaseId]) -> list[Case]:
        """Return these of the actor's cases, in this order."""
        condition, params = scope(actor)
        rows = await self._transaction.fetch_all(f"{CASE} WHERE c.id IN ({marks(numbers)}) AND {condition}", (*numbers, *params))
        found = {row["id"]: _seen_by(actor, case_from(row)) for row in rows}
        return [found[number] for number in numbers if number in found]

    async def count_of(self, actor: Person, *, states: Sequence[State] = (), most: int = 1000) -> int:
        """Return the number of the actor's cases, at most `most`."""
        return len(await self.numbers_of(actor, states=states, most=most))

    async def ended_since(self, actor: Person, since: datetime, *, limit: int = 500) -> list[Case]:
        """Return the actor's cases of their stations that ended since an instant, the last first."""
        condition, params = scope(actor)
        stations = sorted({post.station_id for post in actor.posts})
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE c.station_id IN ({marks(stations)}) AND c.ended_at >= ? AND {condition} ORDER BY c.ended_at DESC LIMIT ?",
            (*stations, to_us(since), *params, limit),
        )
        return [_seen_by(actor, case_from(row)) for row in rows]

    async def count_open_in(self, actor: Person, village_ids: Sequence[VillageId]) -> int:
        """Return how many unfinished cases of these villages the actor may see."""
        condition, params = scope(actor)
        row = await self._transaction.fetch_one(
            f"SELECT COUNT(*) AS n FROM cases c WHERE c.village_id IN ({marks(village_ids)}) AND c.state IN ({marks(ACTIVE)}) AND {condition}",
            (*village_ids, *sorted(ACTIVE), *params),
        )
        return int(row["n"]) if row else 0

    async def last_of(self, person_id: PersonId, *, since: datetime, source: str = "") -> Case | None:
        """Return the newest case a person opened since an instant (of a source, if given), or None."""
        of_source = " AND c.source = ?" if source else ""
        row = await self._transaction.fetch_one(
            f"{CASE} WHERE c.opened_by = ? AND c.opened_at >= ?{of_source} ORDER BY c.id DESC LIMIT 1",
            (person_id, to_us(since), *([source] if source else [])),
        )
        return None if row is None else case_from(row)

    async def urgent_of(self, person_id: PersonId) -> Case | None:
        """Return the newest open urgent case that a person opened, or None."""
        row = await self._transaction.fetch_one(
            f"{CASE} WHERE c.opened_by = ? AND c.severity = 'pressing' AND c.ended_at IS NULL AND e.case_id IS NOT NULL ORDER BY c.id DESC LIMIT 1",
            (person_id,),
        )
        return None if row is None else case_from(row)

    async def urgent_held_by(self, person_id: PersonId) -> CaseId | None:
        """Return the number of the newest urgent case that a person is on the way to, or None."""
        row = await self._transaction.fetch_one(
            "SELECT c.id FROM cases c JOIN scenes e ON e.case_id = c.id WHERE c.holder_id = ? AND c.ended_at IS NULL AND e.over_at IS NULL"
            " ORDER BY c.id DESC LIMIT 1",
            (person_id,),
        )
        return None if row is None else CaseId(row["id"])

    async def said_in(self, person_id: PersonId, message_id: int, *, since: datetime) -> Case | None:
        """Return the case a person opened since an instant with this message among others, or None."""
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE c.opened_by = ? AND c.opened_at >= ? ORDER BY c.id DESC LIMIT 50", (person_id, to_us(since))
        )
        found = (case_from(row) for row in rows)
        return next((case for case in found if message_id in case.details.get(MESSAGES, ())), None)

    async def callers_over(self, names: Sequence[str], *, before: datetime, limit: int = 100) -> list[PersonId]:
        """Return callers who never joined and whose last case ended before an instant.

        `names`: theirs in the directory.
        """
        rows = await self._transaction.fetch_all(
            f"SELECT p.id FROM people p WHERE p.name IN ({marks(names)}) AND p.consent_version = '' AND p.village_id IS NULL"
            " AND p.forgotten_at IS NULL AND p.created_at < ? AND NOT EXISTS (SELECT 1 FROM posts o WHERE o.person_id = p.id)"
            " AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.opened_by = p.id AND (c.ended_at IS NULL OR c.ended_at >= ?)) ORDER BY p.id LIMIT ?",
            (*names, to_us(before), to_us(before), limit),
        )
        return [PersonId(row["id"]) for row in rows]

    async def recent_in(self, village_id: VillageId, *, kinds: Sequence[Kind], since: datetime, limit: int = 100) -> list[Case]:
        """Return unfinished cases of these kinds in a village since an instant, newest first.

        A new report is compared with them. Confidential ones are left out: with a hidden name, or with parties who must not see it.
        """
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE c.id IN (SELECT w.id FROM cases w WHERE w.village_id = ? AND w.state IN ({marks(ACTIVE)}))"
            f" AND c.kind IN ({marks(kinds)}) AND c.opened_at >= ? AND c.level = 'named' AND c.police_only = 0 AND c.restricted = 0"
            " AND c.parties = 0 ORDER BY c.id DESC LIMIT ?",
            (village_id, *sorted(ACTIVE), *kinds, to_us(since), limit),
        )
        return [case_from(row) for row in rows]


def _seen_by(actor: Person, case: Case) -> Case:
    """Return a case that the scope has let through: its reader is a named handler."""
    return replace(case, handlers=(actor.id,)) if case.visibility.restricted and actor.id is not None else case


def _newest(
    actor: Person, states: Sequence[State], words: str, most: int, within: Reach | None, narrowing: Narrowing
) -> tuple[str, tuple[Any, ...]]:
    """Return the query for the newest numbers.

    It walks along an index once for each way in which a case can concern somebody, each within the scope. Each walk stops after `most`, so
    that a screen does not get slower with the years.
    """
    lists = actor.holds(Role.SECRETARY)
    ways = [(way, actor, not lists and not way[0].startswith(FOLLOWED)) for way in _ways(actor, states)]
    if words and lists:  # who lists cases without their words finds by words only what their other posts let them read
        reader = replace(actor, posts=tuple(post for post in actor.posts if post.role is not Role.SECRETARY))
        ways += [(way, reader, not way[0].startswith(FOLLOWED)) for way in _ways(reader, states)]
    walks: list[str] = []
    params: list[Any] = []
    for (condition, values), seen_as, read in ways:
        inside, inner = scope(seen_as, in_office=actor)
        if within is not None:
            inside, inner = f"c.id > ? AND c.id < ? AND {inside}", (within.after, within.before, *inner)
        sought, patterns = _sought(words, read=read, named=_known_names(seen_as) if read else ("", ()))
        narrowed, values_of = narrowing.condition()
        sought, patterns = narrowed + sought, [*values_of, *patterns]
        walks.append(
            f"SELECT * FROM (SELECT c.id AS id FROM cases c WHERE {condition} AND {inside}{sought} ORDER BY c.id DESC LIMIT ?) AS walk"
        )
        params += [*values, *inner, *patterns, most]
    return f"{' UNION '.join(walks)} ORDER BY id DESC LIMIT ?", (*params, most)


def _known_names(actor: Person) -> tuple[str, tuple[Any, ...]]:
    """Return the condition under which an actor may know the reporter's name.

    It is about `c`, and comes with its parameters.
    """
    found: list[str] = []
    params: list[Any] = []
    for level in Level:
        roles = who_sees(Visibility(level), Part.NAME)
        villages, stations = covered_by(post for post in actor.posts if post.role in roles)
        if villages or stations:
            found.append(f"(c.level = ? AND (c.village_id IN ({marks(villages)}) OR c.station_id IN ({marks(stations)})))")
            params += [level, *villages, *stations]
    return " OR ".join(found), tuple(params)


def _sought(words: str, *, read: bool, named: tuple[str, tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """Return the condition that each word occurs, with its patterns.

    A word may occur in the village's name and, if the actor may read them, in the case's own words. `named`: the condition under which it may
    be the reporter's name.
    """
    condition = ""
    patterns: list[Any] = []
    may_know, params = named
    for word in words.split()[:5]:
        pattern = f"%{word.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        lower = "LOWER({})" if word.lower() != word.upper() else "{}"
        places = [f"{lower.format(column)} LIKE ? ESCAPE '!'" for column in (("c.text", "c.place") if read else ())]
        places.append("c.village_id IN (SELECT v.id FROM villages v WHERE LOWER(v.name || v.beside) LIKE ? ESCAPE '!')")
        patterns += [pattern] * len(places)
        if may_know:
            of_people = f"EXISTS (SELECT 1 FROM people p WHERE p.id = c.reporter_id AND {lower.format('p.name')} LIKE ? ESCAPE '!')"
            places.append(f"(({may_know}) AND ({of_people} OR {lower.format('c.reporter_name')} LIKE ? ESCAPE '!'))")
            patterns += [*params, pattern, pattern]
        condition += f" AND ({' OR '.join(places)})"
    return condition, patterns


def _ways(actor: Person, states: Sequence[State]) -> list[tuple[str, tuple[Any, ...]]]:
    """Return a condition, with its values, for each way in which a case can concern somebody.

    Together they hold every case of `scope`.
    """
    among = f" AND c.state IN ({marks(states)})" if states else ""
    own = ("c.reporter_id = ?", "c.opened_by = ?", FOLLOWED)
    ways: list[tuple[str, tuple[Any, ...]]] = [(f"{condition}{among}", (actor.id, *states)) for condition in own]
    villages, stations = covered_by(actor.posts)
    for column, places in (("c.village_id", villages), ("c.station_id", stations)):
        if states:
            ways += [(f"{column} = ? AND c.state = ?", (place, state)) for place in places for state in states]
        else:
            ways += [(f"{column} = ?", (place,)) for place in places]
    return ways
