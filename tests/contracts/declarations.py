"""Compare the features' data declarations with the schema, the code and the storage.

Knows SQLite's description of its tables and Python's syntax tree. Invariant: every function takes the registry or the folder it reads, so that a
test can show on a broken copy that its contract fails.
"""

from __future__ import annotations

import ast
import inspect
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from handlers.core.feature import Feature
from handlers.core.route import TimerRoute
from storage.core.registry import Data, Registry
from storage.features import REGISTRY
from storage.migrations import migrate
from storage.unit import Part, Unit
from storage.values import from_json
from tests.contracts.sources import name_of, sources, walked

#: Suffixes of columns with a person's number, and names of columns with a copy of a person's name.
PERSON = ("person_id", "_by", "author_id", "actor_id", "deputy_id", "issuer_id", "replaces_id", "reporter_id", "holder_id", "chair_id")
NAME = "_name"
#: How columns are called whose value is nobody else's business.
SECRET = re.compile(r"(?:^|_)(?:code|token|secret|pin|password|hash|phone|detail|answer)s?(?:_|$)")


def schema() -> sqlite3.Connection:
    """Return a database with all migrations and no rows."""
    raw = sqlite3.connect(":memory:", isolation_level=None)
    raw.deserialize(_migrated())
    return raw


@cache
def _migrated() -> bytes:
    raw = sqlite3.connect(":memory:", isolation_level=None)
    migrate(raw)
    content = raw.serialize()
    raw.close()
    return content


def tables(raw: sqlite3.Connection) -> set[str]:
    """Return the names of all tables."""
    return {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")}


def without(registry: Registry, feature: str, **fields: Any) -> Registry:
    """Return a registry with other fields for one feature: a broken copy."""
    return Registry(tuple(replace(each, **fields) if each.name == feature else each for each in registry.features))


# Tables ---------------------------------------------------------------------------------------------------------------


def faults_of_tables(raw: sqlite3.Connection, registry: Registry) -> list[str]:
    """Return undeclared tables, and declared tables that do not exist."""
    have, declared = tables(raw), set(registry.tables)
    traces = {table for each in registry.features for table in each.traces}
    faults = [f"{table} is declared by no feature: does it grow, or why is it small?" for table in sorted(have - declared)]
    return faults + [f"{table} is declared and is no table" for table in sorted((declared | traces) - have)]


# People ---------------------------------------------------------------------------------------------------------------


def personal_columns(raw: sqlite3.Connection) -> set[str]:
    """Return every column with a person's number.

    Such a column references `people`, or its name has a suffix of PERSON.
    """
    found = set()
    for table in tables(raw):
        found |= {f"{table}.{row[3]}" for row in raw.execute(f'PRAGMA foreign_key_list("{table}")') if row[2] == "people"}
        found |= {f"{table}.{row[1]}" for row in raw.execute(f'PRAGMA table_info("{table}")') if row[1].endswith(PERSON)}
    return found


def name_columns(raw: sqlite3.Connection) -> set[str]:
    """Return every column that holds a person's name as it was then."""
    return {f"{table}.{row[1]}" for table in tables(raw) for row in raw.execute(f'PRAGMA table_info("{table}")') if row[1].endswith(NAME)}


def chat_columns(raw: sqlite3.Connection) -> set[str]:
    """Return every column that holds the number of a chat, which may be a person's."""
    return {
        f"{table}.{row[1]}"
        for table in tables(raw)
        for row in raw.execute(f'PRAGMA table_info("{table}")')
        if row[1] in ("chat_id", "user_id")
    }


def faults_of_merging(raw: sqlite3.Connection, registry: Registry) -> list[str]:
    """Return undeclared person columns, and declared columns without a person.

    A declared column is merged when two persons are merged, or has a reason to stay.
    """
    declared = registry.personal
    once = {f"{column.partition('.')[0]}.person_id" for column in declared.once}
    told = {*declared.moved, *once, *(column for columns in declared.stays.values() for column in columns)}
    have = personal_columns(raw)
    faults = [f"{column} names a person, and no feature says what becomes of it" for column in sorted(have - told)]
    return faults + [f"{column} is declared and names nobody" for column in sorted(told - have)]


def faults_of_holders(registry: Registry, features: Iterable[Feature]) -> list[str]:
    """Return the columns with a person that are neither held nor past, and missing hooks.

    A schedule's author is held by the core; the feature whose timer it is gives it away.
    """
    declared = registry.personal
    once = {f"{column.partition('.')[0]}.person_id" for column in declared.once}
    known = {*declared.moved, *once, *(column for columns in declared.stays.values() for column in columns)}
    past = {column for columns in declared.past.values() for column in columns}
    held = set(declared.held)
    faults = [f"{column} names a person: is it held by a post, or past?" for column in sorted(known - held - past)]
    faults += [f"{column} is said to be held and past" for column in sorted(held & past)]
    faults += [f"{column} is said to be held or past and names nobody" for column in sorted((held | past) - known)]
    hooks = {each.name: each for each in features}
    for data in registry.features:
        feature = hooks.get(data.name)
        gives = feature is not None and (feature.on_posts_changed is not None or bool(feature.records))
        if data.personal.held and data.name != "core" and not gives:
            faults.append(f"{data.name} holds {data.personal.held[0]} and gives it to nobody when posts change")
    for each in hooks.values():
        scheduled = any(isinstance(route, TimerRoute) and route.kind.startswith("schedule:") for route in each.routes)
        if scheduled and each.on_posts_changed is None:
            faults.append(f"{each.name} has schedules and gives them to nobody when posts change")
    return faults


def faults_of_places(raw: sqlite3.Connection, registry: Registry) -> list[str]:
    """Return the village columns that neither move along at a closing nor say why they stay."""
    have = set()
    for table in tables(raw):
        have |= {f"{table}.{row[3]}" for row in raw.execute(f'PRAGMA foreign_key_list("{table}")') if row[2] == "villages"}
        have |= {f"{table}.{row[1]}" for row in raw.execute(f'PRAGMA table_info("{table}")') if row[1] == "village_id"}
    moved = {f"{found[1]}.{found[2]}" for sql in registry.places.moves if (found := re.match(r"UPDATE (\w+) SET (\w+) = \?1", sql))}
    told = moved | {column for columns in registry.places.stays.values() for column in columns}
    faults = [f"{column} names a village, and no feature says what becomes of it when it closes" for column in sorted(have - told)]
    return faults + [f"{column} is declared and names no village" for column in sorted(told - have)]


def faults_of_erasing(registry: Registry, remains: set[str]) -> list[str]:
    """Return columns that still name an erased person, and unneeded reasons.

    A column with a reason may keep its value. A reason is unneeded if the column is erased.
    `remains`: the columns that named a person before they were erased and still do.
    """
    kept = {column for columns in registry.personal.kept.values() for column in columns}
    faults = [f"{column} still names who was erased: erase it, or say why it is kept" for column in sorted(remains - kept)]
    return faults + [f"{column} is said to be kept and is erased" for column in sorted(kept - remains)]


def faults_of_order(statements: Iterable[str]) -> list[str]:
    """Return the statements that read a table from which an earlier one deleted rows."""
    faults: list[str] = []
    emptied: set[str] = set()
    for statement in statements:
        target = re.match(r"(DELETE FROM|UPDATE) (\w+)", statement)
        read = set(re.findall(r"(?:FROM|JOIN) (\w+)", statement)) - ({target[2]} if target else set())
        faults += [f"reads {table}, which is emptied before: {statement}" for table in sorted(read & emptied)]
        if target and target[1] == "DELETE FROM":
            emptied.add(target[2])
    return faults


def faults_of_secrets(raw: sqlite3.Connection, registry: Registry) -> list[str]:
    """Return confidential-looking columns without a declaration, and needless reasons.

    A column is declared when it is sealed, secret or `shown`.
    """
    texts = {f"{table}.{row[1]}" for table in tables(raw) for row in raw.execute(f'PRAGMA table_info("{table}")') if row[2] == "TEXT"}
    secrets = {column for each in registry.features for column in each.secrets}
    shown = {column for each in registry.features for columns in each.shown.values() for column in columns}
    told = {f"{kind.table.name}.{column}" for kind in registry.records for column in kind.table.told}
    faults = []
    for kind in registry.records:
        table = kind.table
        have = {row[1] for row in raw.execute(f'PRAGMA table_info("{table.name}")')}
        faults += [f"{table.name}.{each} is neither a field nor sealed" for each in sorted(have - {*table.columns, *table.sealed})]
        faults += [f"{table.name}.{each} is neither told nor sealed" for each in table.texts if each not in table.told]
        faults += [f"{table.name}.{each} is said to be told and is no text" for each in table.told if each not in table.texts]
    looks = {column for column in texts if SECRET.search(column.partition(".")[2])}
    faults += [f"{each} looks like a secret: is it one, or who may be shown it?" for each in sorted(looks - secrets - shown - told)]
    return faults + [f"{each} needs no reason to be shown" for each in sorted(shown - (looks - secrets - told))]


# Subjects and numbers -------------------------------------------------------------------------------------------------


def kinds_of_subjects(root: Path) -> dict[str, str]:
    """Return {kind: where} of every subject and card in the domain.

    A property `subject` or `card` returns "<kind>:<number>".
    """
    found = {}
    for source in sources(root, "domain"):
        for node in walked(source.tree):
            if isinstance(node, ast.FunctionDef) and node.name in ("subject", "card"):
                for text in (each for each in ast.walk(node) if isinstance(each, ast.JoinedStr)):
                    first = text.values[0]
                    if isinstance(first, ast.Constant) and (kind := re.match("([a-z_]+):", str(first.value))):
                        found[kind[1]] = f"{source.file.relative_to(root)}:{node.lineno}"
    return found


def faults_of_subjects(root: Path, registry: Registry) -> list[str]:
    """Return undeclared kinds of subject and incomplete declarations.

    A subject needs a table, a number, a scope and a retention. Sealed columns must exist.
    """
    raw = schema()
    faults = [
        f"{kind} is declared by no feature ({where})" for kind, where in kinds_of_subjects(root).items() if kind not in registry.subjects
    ]
    numbers = {number.name for number in registry.numbers}
    unseen = {table for each in registry.features for table in each.row_ids}
    unseen |= {table for table in tables(raw) if _numbered_by_another(raw, table)}
    for kind, subject in registry.subjects.items():
        if subject.table not in registry.tables:
            faults.append(f"{kind} has its row in {subject.table}, which no feature declares")
        if kind not in numbers and subject.table not in unseen:
            faults.append(f"{kind} is numbered by no counter: people see its number, and a restore would give it again")
        scope: object = subject.scope
        if not callable(scope):
            faults.append(f"{kind} does not say who may open it")
        gate: object = subject.gate
        if not callable(gate):
            faults.append(f"{kind} does not say who may be told of it")
        if not getattr(subject.retention, "why", ""):
            faults.append(f"{kind} does not say how long it stays")
    columns = {f"{table}.{row[1]}" for table in tables(raw) for row in raw.execute(f'PRAGMA table_info("{table}")')}
    return faults + [
        f"{column} is said to be secret and is no column" for each in registry.features for column in each.secrets if column not in columns
    ]


def _numbered_by_another(raw: sqlite3.Connection, table: str) -> bool:
    """Return whether a table's ids are those of another table, where they are counted."""
    return any(row[3] == "id" and row[4] == "id" for row in raw.execute(f'PRAGMA foreign_key_list("{table}")'))


def faults_of_numbers(root: Path, registry: Registry) -> list[str]:
    """Return undeclared or wrongly declared counters and row ids."""
    numbers = {number.name: number for number in registry.numbers}
    turns = tuple(prefix for each in registry.features for prefix in each.turns)
    faults, given = [], set()
    for source in sources(root, "handlers", "storage", "domain"):
        for node in walked(source.tree):
            if not isinstance(node, ast.Call) or name_of(node) not in ("next_number", "RecordTable") or not node.args:
                continue
            if ast.unparse(node.args[0]) == "self.table.feature":
                continue  # the kit's own counter: each `RecordTable` names it
            where = f"{source.file.relative_to(root)}:{node.lineno}"
            kept = next((word.value for word in node.keywords if word.arg == "feature"), node.args[0])
            name = _beginning(kept)
            start: object = next((ast.literal_eval(word.value) for word in node.keywords if word.arg == "start"), 1)
            given.add(name)
            if name in numbers and numbers[name].first != start:
                faults.append(f"{name} begins with {start} ({where}) and is declared to begin with {numbers[name].first}")
            elif name not in numbers and not (turns and name.startswith(turns)):
                faults.append(f"{name!r} is counted and not declared: a restore would give its numbers again ({where})")
    faults += [f"{name} is declared and never counted" for name in numbers if name not in given]
    faults += [f"{name} has a colon, as counters that a restore leaves alone have" for name in numbers if ":" in name]
    counted = {subject.table for kind, subject in registry.subjects.items() if kind in numbers}
    told = {table for each in registry.features for table in each.row_ids}
    raw = schema()
    ids = {
        table
        for table in tables(raw)
        if any(row[1] == "id" and row[2] == "INTEGER" for row in raw.execute(f'PRAGMA table_info("{table}")'))
    }
    faults += [
        f"{table} has row ids that a restore gives again: count them, or say why that harms nobody"
        for table in sorted(ids - counted - told)
    ]
    return faults + [f"{table} is said to have row ids and has none, or is counted" for table in sorted(told - (ids - counted))]


def _beginning(node: ast.expr) -> str:
    """Return a literal, or the fixed beginning of an f-string."""
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# Scope ----------------------------------------------------------------------------------------------------------------


def parts() -> list[type]:
    """Return the storage classes of the unit's features; classes of core have no scope."""
    kinds = [value._kind for value in vars(Unit).values() if isinstance(value, Part)]
    found = [kind for kind in kinds if isinstance(kind, type) and not kind.__module__.startswith("storage.core.")]
    return [*found, *REGISTRY.records]


def faults_of_scope(kinds: Iterable[type], features: Iterable[Data]) -> list[str]:
    """Return every `visible_to` and `list_…` without actor and reason, and unused reasons."""
    reasons = {name for each in features for name in each.unscoped}
    lists = {
        f"{kind.__name__}.{name}": "actor" in inspect.signature(method).parameters
        for kind in kinds
        for name, method in vars(kind).items()
        if inspect.iscoroutinefunction(method) and (name == "visible_to" or name.startswith("list_"))
    }
    faults = [f"{name} asks for no actor and gives no reason" for name, scoped in lists.items() if not scoped and name not in reasons]
    return faults + [f"{name} has a reason and is not there" for name in sorted(reasons - lists.keys())]


# Sent messages --------------------------------------------------------------------------------------------------------


def faults_of_messages(rows: Iterable[Any], *, secrets: Iterable[str], verbs: Iterable[str], registry: Registry) -> list[str]:
    """Return the faults of outbox messages.

    Faults: a secret, a button without a route, a subject that no feature declares, a list of numbers that delivery cannot check.
    `rows`: key, params, buttons and subject of each. `secrets`: the values of sealed columns.
    """
    found, known = [], set(verbs)
    for row in rows:
        for secret in secrets:
            if len(secret) > 3 and (secret in row["params"] or secret in row["buttons"]):
                found.append(f"{row['key']} gives a secret away")
        pressed = {verb for line in _plain(row["buttons"]) for _, verb, *_ in line}
        found += [f"{row['key']} has a button without a route: {verb}" for verb in sorted(pressed - known - {""})]
        if row["subject"] and registry.find(row["subject"]) is None:
            found.append(f"{row['key']} is about {row['subject'].partition(':')[0]}, which no feature declares")
        if not row["subject"]:
            found += [f"{row['key']} lists {line}, which says not of what (texts.About)" for line in _unchecked(from_json(row["params"]))]
    return found


#: Lines with a number that their reader cannot lose sight of.
OWN_NUMBERS = {
    "invite.open.line": "the issuer's own invitations",
    "case.receipt.number": "the report that its reader has just made",
}


def _unchecked(params: dict[str, Any]) -> list[str]:
    """Return the keys of lines in a list that have a number and do not say what has it."""
    lists = [value["lines"] for value in (params or {}).values() if isinstance(value, dict) and "lines" in value]
    lines = [line for each in lists for line in each if isinstance(line, dict) and "t" in line and not line.get("about")]
    return [line["t"] for line in lines if "number" in _names(line) and line["t"] not in OWN_NUMBERS]


def _names(value: Any) -> set[str]:
    """Return the names of all parameters of a sentence and of those inside it."""
    inner = value.get("p", {}) if isinstance(value, dict) else {}
    return {*inner, *(name for each in inner.values() for name in _names(each))}


def _plain(buttons: str) -> list[list[list[Any]]]:
    return from_json(buttons) or []
