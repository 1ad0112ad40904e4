"""Registry: each feature's declaration about its data, which the core reads.

Knows no feature. A feature writes one `DATA = Data(…)`; `storage/features.py` gathers them; `Store` gets the result. Invariant: a table, a
kind of subject and a counter belong to exactly one feature; columns are written "table.column".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeVar

from domain.core.immutable import immutable, replace
from storage.core.retention import Retention

if TYPE_CHECKING:
    from domain.people.people import Person
    from storage.core.records import Records, RecordTable

#: Returns the SQL condition, with its parameters, on the rows of a subject's table that a person may open or be told of.
Condition = Callable[["Person"], tuple[str, tuple[Any, ...]]]
#: Reason → its tables or columns.
Reasons = Mapping[str, tuple[str, ...]]


def everybody(_: Person) -> tuple[str, tuple[Any, ...]]:
    """Let everybody pass whom a message was addressed to: the gate of what is announced aloud."""
    return "1 = 1", ()


@immutable
class Counts:
    """Statistics of a subject: SQL expressions over one FROM clause of the feature's tables.

    `kind`, `village` (a village's id, or NULL), `severity` ("" where there is none); `instants`: name → a column of microseconds.
    """

    name: str
    source: str
    kind: str
    village: str
    severity: str
    instants: Mapping[str, str]

    @property
    def select(self) -> str:
        """Return the statement: a row for each subject and village.

        Its columns are kind, village_id, severity and the instants.
        """
        instants = "".join(f", {column} AS {name}" for name, column in self.instants.items())
        return f"SELECT {self.kind} AS kind, {self.village} AS village_id, {self.severity} AS severity{instants} FROM {self.source}"


@immutable
class Subject:
    """Kind of subject of messages, cards, timers and audit lines: "case" of "case:1024".

    `table`: has its row, by `id`; `alias`: its name in the conditions. `scope`: decides which rows a person may open. `gate`: decides of which
    rows a person may be told; delivery checks it before each message leaves. Strangers and suspended people pass neither
    (storage/core/gate.py). `sealed`: an administrator reads its number and nothing else; anything else needs a reason at its declaration.
    `groups`: it may be announced in the group of a village. `own`: a message about it that may be forwarded is its receiver's own; about any
    other kind it is for many people, and holds no private number.
    """

    kind: str
    table: str
    scope: Condition
    gate: Condition
    retention: Retention
    alias: str = "x"
    sealed: bool = True
    groups: bool = False
    own: bool = False
    gathers: str = ""
    counts: tuple[Counts, ...] = ()


@immutable
class Personal:
    """Columns of a feature's tables that name persons, for merge and erasure.

    * `moved`: columns that move along when two persons are merged. `once`: the same for `person_id` of a table where the named thing may have a
      person once only ("case_parties.case_id"). `stays`: columns that do not move along, by reason.
    * `erase`: statements that erase a person (`?1`); `erase_last`: those that delete rows by which other statements find people. `kept`: columns that
      still hold a person's number or name afterwards, by reason.
    * `held`: columns with the person who has to act on an open row, by which the feature's `on_posts_changed` gives it to another when posts
      change. `past`: columns that a change of posts leaves as they are, by reason. Every column above is in one of the two.
    * `left`: statements that end rows of the chats of a person (`?1`) who was merged into another.
    * `bars`: statements that bar a person (`?2`) from all that another (`?1`) is barred from, because they may be the same human being.
    * `moved_away`: statements that end what a person (`?1`) had as a resident of another village than `?2`.
    """

    moved: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    stays: Reasons = field(default_factory=dict)
    erase: tuple[str, ...] = ()
    erase_last: tuple[str, ...] = ()
    kept: Reasons = field(default_factory=dict)
    left: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    past: Reasons = field(default_factory=dict)
    bars: tuple[str, ...] = ()
    moved_away: tuple[str, ...] = ()


@immutable
class Places:
    """Rows of a feature in a village that closes or becomes part of another.

    `open`: name of a kind → a count (`n`) of its open things in a village (?1). `moves`: statements that move them into a village (?1) out of
    another (?2). `stays`: columns that go on to name the closed village, by reason.
    """

    open: Mapping[str, str] = field(default_factory=dict)
    moves: tuple[str, ...] = ()
    stays: Reasons = field(default_factory=dict)


def moves_of_shared(table: str, thing: str, where: str) -> tuple[str, ...]:
    """Return the statements for a table that names each village of a thing once.

    For example "alert_villages" by "alert_id". A row whose thing has the other village already is deleted.
    """
    there = f"(SELECT {thing} FROM {table} WHERE village_id = ?1)"
    return (
        f"UPDATE {table} SET village_id = ?1 WHERE village_id = ?2 AND {where} AND {thing} NOT IN {there}",
        f"DELETE FROM {table} WHERE village_id = ?2 AND {where} AND {thing} IN {there}",
    )


@immutable
class Number:
    """A counter whose numbers people see, say and write down.

    A restore skips the numbers that may have been given since the backup.
    """

    name: str
    first: int = 1


@immutable
class Data:
    """One feature's declaration.

    * `grows`: unbounded tables; a statement that reads one from end to end fails in the tests. `small`: tables that stay small, by reason.
      `traces`: those of both that only say that somebody was heard.
    * `subjects`, `personal`, `places`, `numbers`: see there. `turns`: prefixes of counters that nobody sees, by reason. `row_ids`: tables whose
      row ids people may see though a restore gives them again, with the reason why that is harmless.
    * `secrets`: columns whose values must never appear in a message's parameters or buttons.
    * `unscoped`: a `visible_to` or `list_…` without an actor, or with access for somebody whom the general test holds for a stranger
      ("Cases.list_all"), with the reason.
    * `shown`: columns that look like a secret and may be in a message, by reason.
    * `records`: kinds of the records kit. The registry adds their tables, subjects, counters, sealed columns, columns with a person, and
      what becomes of open ones when their village closes.
    """

    name: str
    records: tuple[type[Records[Any]], ...] = ()
    grows: tuple[str, ...] = ()
    small: Reasons = field(default_factory=dict)
    traces: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    personal: Personal = field(default_factory=Personal)
    places: Places = field(default_factory=Places)
    numbers: tuple[Number, ...] = ()
    turns: Mapping[str, str] = field(default_factory=dict)
    row_ids: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    unscoped: Mapping[str, str] = field(default_factory=dict)
    shown: Reasons = field(default_factory=dict)


class Registry:
    """All declarations of the features, in their order."""

    def __init__(self, features: tuple[Data, ...]) -> None:
        """Gather the declarations.

        Raises:
            ValueError: two features declare the same table, kind of subject or counter.
        """
        features = tuple(_with_records(each) for each in features)
        self.features = features
        self.records = tuple(kind for each in features for kind in each.records)
        self.grows = _distinct("table", [table for each in features for table in each.grows])
        self.small = _distinct("table", [table for each in features for tables in each.small.values() for table in tables])
        _distinct("table", [*self.grows, *self.small])
        self.numbers = tuple(number for each in features for number in each.numbers)
        _distinct("counter", [number.name for number in self.numbers])
        _distinct("subject", [subject.kind for each in features for subject in each.subjects])
        self.subjects = {subject.kind: subject for each in features for subject in each.subjects}
        declared = [each.personal for each in features]
        self.personal = Personal(
            moved=_distinct("column", [column for each in declared for column in each.moved]),
            once=_distinct("column", [column for each in declared for column in each.once]),
            stays=_together(each.stays for each in declared),
            erase=tuple(statement for each in declared for statement in each.erase),
            erase_last=tuple(statement for each in declared for statement in each.erase_last),
            kept=_together(each.kept for each in declared),
            left=tuple(statement for each in declared for statement in each.left),
            held=_distinct("column", [column for each in declared for column in each.held]),
            past=_together(each.past for each in declared),
            bars=tuple(statement for each in declared for statement in each.bars),
            moved_away=tuple(statement for each in declared for statement in each.moved_away),
        )
        places = [each.places for each in features]
        self.places = Places(
            open={what: sql for each in places for what, sql in each.open.items()},
            moves=tuple(statement for each in places for statement in each.moves),
            stays=_together(each.stays for each in places),
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that a feature declares."""
        return (*self.grows, *self.small)

    def find(self, subject: str) -> tuple[Subject, int] | None:
        """Return the declared kind and the number of a subject ("case:1024").

        None for any other text.
        """
        kind, _, rest = subject.partition(":")
        number = rest.partition(":")[0]
        return (self.subjects[kind], int(number)) if kind in self.subjects and number.isdecimal() else None

    def is_sealed(self, subject: str) -> bool:
        """Tell whether administrators may read only the number of a subject."""
        found = self.subjects.get(subject.partition(":")[0])
        return found is None or found.sealed

    def is_own(self, subject: str) -> bool:
        """Tell whether what may be forwarded of a subject is its receiver's own."""
        found = self.subjects.get(subject.partition(":")[0])
        return found is not None and found.own


#: The reason for columns of records with a person who is part of them.
PART = "a person who is part of a record stays so"


def _with_records(data: Data) -> Data:
    """Return a declaration with what its records add to it."""
    declared = data.personal
    people = [f"{kind.table.name}.{column}" for kind in data.records for column in kind.table.persons]
    told = {*declared.moved, *(column for columns in declared.stays.values() for column in columns)}
    said = {*declared.held, *(column for columns in declared.past.values() for column in columns)}
    parts = tuple(column for column in people if column not in said and not column.endswith(".handled_by"))
    subjects = [_subject(kind) for kind in data.records]
    tables = [kind.table for kind in data.records]
    return replace(
        data,
        grows=_and(data.grows, [kind.table.name for kind in data.records]),
        subjects=(*data.subjects, *(each for each in subjects if each.kind not in {other.kind for other in data.subjects})),
        numbers=_and(data.numbers, [Number(kind.table.feature) for kind in data.records]),
        secrets=_and(data.secrets, [f"{kind.table.name}.{column}" for kind in data.records for column in kind.table.sealed]),
        personal=replace(
            declared,
            moved=(*declared.moved, *(column for column in people if column not in told)),
            held=(*declared.held, *(column for column in people if column not in said and column.endswith(".handled_by"))),
            past=dict(declared.past) | ({PART: parts} if parts else {}),
        ),
        places=replace(
            data.places,
            open=dict(data.places.open)
            | {_words(table): f"SELECT COUNT(*) AS n FROM {table.name} WHERE {_open_in('?1')}" for table in tables},
            moves=(
                *data.places.moves,
                *(f"UPDATE {table.name} SET village_id = ?1, version = version + 1 WHERE {_open_in('?2')}" for table in tables),
            ),
        ),
    )


def _words(table: RecordTable[Any]) -> str:
    return table.name.replace("_", " ")


def _open_in(village: str) -> str:
    """Return the condition of a village's open records; their indexes begin with the station."""
    return f"village_id = {village} AND ended_at IS NULL AND station_id = (SELECT station_id FROM villages WHERE id = {village})"


def _subject(kind: type[Records[Any]]) -> Subject:
    table = kind.table
    what = "x.kind" if "kind" in table.columns else "x.state"
    instants = {"opened_at": "x.opened_at", "ended_at": "x.ended_at"}
    counts = Counts(_words(table), f"{table.name} x", kind=what, village="x.village_id", severity="''", instants=instants)
    seen = table.scope.condition
    return Subject(table.feature, table.name, scope=seen, gate=seen, retention=table.retention, groups=table.groups, counts=(counts,))


N = TypeVar("N")


def _and(declared: tuple[N, ...], added: Iterable[N]) -> tuple[N, ...]:
    return (*declared, *(each for each in added if each not in declared))


def _distinct(what: str, names: list[str]) -> tuple[str, ...]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"declared twice: {what} {', '.join(twice)}")
    return tuple(names)


def _together(declared: Iterable[Reasons]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in declared:
        for reason, columns in each.items():
            found[reason] = (*found.get(reason, ()), *columns)
    return found
