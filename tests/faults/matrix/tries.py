"""One try: a command or button about a number, which is undone afterwards.

Knows the registry of routes and the schema. A try is compared with the same try about a number that nothing has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.handling.dispatch import perform
from bot.routes import ROUTES
from domain.core.change import Address, ChatId
from handlers.core.context import Incoming
from handlers.core.route import ButtonRoute, CommandRoute
from storage.features import REGISTRY
from tests.contracts.declarations import schema, tables
from tests.faults.matrix.town import newest
from tests.handler_harness import Heard
from texts import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.unit import Unit
    from tests.faults.matrix.town import Thing, Town
    from tests.handler_harness import Voice

#: A number that nothing has; as long as those of the things.
ABSENT = 9876
NUMBER = "{n}"


@dataclass(frozen=True)
class Way:
    """A command with its words, or a button with its arguments; `{n}` stands for the number."""

    verb: str = ""
    args: tuple[str, ...] = ()
    words: str = ""

    def incoming(self, voice: Voice, number: int) -> Incoming:
        """Return the message or press of a person who tries it."""
        said = self.words.replace(NUMBER, str(number))
        here = Address("telegram", ChatId(voice.user_id))
        incoming = Incoming(here, voice.user_id, voice.name, "zh", private=True, message_id=1, text=said, sent_at=voice.harness.at)
        if self.verb:
            values = tuple(each.replace(NUMBER, str(number)) for each in self.args)
            return replace(incoming, verb=self.verb, values=values, press_id="p")
        command, _, args = said[1:].partition(" ")
        return replace(incoming, command=command, args=args.strip())


def ways(shown: Iterable[tuple[str, tuple[Any, ...]]], numbers: frozenset[int]) -> list[Way]:
    """Return every command and button of the registry, as shown in the town and in plain form."""
    found: dict[Way, None] = {}
    for route in ROUTES:
        if isinstance(route, CommandRoute):
            found |= dict.fromkeys(Way(words=f"/{route.name} {NUMBER}{more}") for more in ("", " 我来看看"))
        elif isinstance(route, ButtonRoute):
            found[Way(route.verb, (NUMBER,))] = None
    for verb, args in shown:
        if any(arg in numbers for arg in args):
            found[Way(verb, tuple(NUMBER if arg in numbers else str(arg) for arg in args))] = None
    return list(found)


@dataclass(frozen=True)
class Outcome:
    """Outcome of a try: messages and toast without the number; whether the thing changed."""

    answer: str
    changed: bool


def _without(number: int, text: str, *, known: frozenset[int]) -> str:
    """Leave the number out of an answer, and new codes.

    `known`: numbers of things. They and the numbers of the next pages look the same, because a list may show both.
    """
    text = re.sub(r"<code>\w+</code>|start=i\w+", "{code}", text)
    near = {number - 1, number + 1, *known} - {number}
    for name, values in ((NUMBER, {number}), ("{near}", near)):
        text = re.sub(rf"(?<!\d)({'|'.join(map(str, sorted(values)))})(?!\d| 字)", name, text)  # "1000 字" is a length
    return text


class _UndoError(Exception):
    """Undoes a try."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def _rows_about() -> dict[str, list[str]]:
    """Return kind → statements that read all rows about a number (`?1`) and subject (`?2`)."""
    raw = schema()
    found = {}
    traces = {table for feature in REGISTRY.features for table in feature.traces}
    for kind, subject in REGISTRY.subjects.items():
        sql = [f"SELECT * FROM {subject.table} WHERE id = ?1 AND ?2 = ?2"]  # noqa: S608 (the schema's own names)
        for table in [each for each in tables(raw) if each not in traces]:
            keys = [row[3] for row in raw.execute(f'PRAGMA foreign_key_list("{table}")') if row[2] == subject.table]
            sql += [f"SELECT * FROM {table} WHERE {key} = ?1 AND ?2 = ?2" for key in keys]  # noqa: S608
            if any(row[1] == "subject" for row in raw.execute(f'PRAGMA table_info("{table}")')) and table != subject.table:
                sql.append(f"SELECT * FROM {table} WHERE subject = ?2 AND ?1 = ?1")  # noqa: S608
        found[kind] = sql
    return found


ROWS_ABOUT = _rows_about()


async def tried(town: Town, voice: Voice, way: Way, number: int, thing: Thing | None) -> Outcome:
    """Try it in a transaction that is rolled back."""
    harness, known = town.harness, frozenset(each.number for each in town.things)

    async def rows(unit: Unit) -> list[Any]:
        if thing is None:
            return []
        return [
            [tuple(row) for row in await unit.transaction.fetch_all(sql, (thing.number, thing.subject))] for sql in ROWS_ABOUT[thing.kind]
        ]

    async def work(unit: Unit) -> None:
        before, last = await rows(unit), await newest(unit)
        incoming = way.incoming(voice, number)
        ctx = await perform(unit, incoming, harness.table, town=harness.town, at=harness.at, cause="try")
        said = [Heard(dict(row)) for row in await unit.transaction.fetch_all("SELECT * FROM outbox WHERE id > ? ORDER BY id", (last,))]
        toast = ctx.toasted and plain(ctx.toasted.key, ctx.actor.language, **ctx.toasted.params)
        emptied = [each for each in said if REGISTRY.find(each.card) and not each.row["subject"]]  # a card of what they once could read
        answer = ([(each.chat_id, each.text, each.buttons) for each in said if each not in emptied], toast)
        raise _UndoError(Outcome(_without(number, str(answer), known=known), await rows(unit) != before))

    try:
        await harness.store.transact(work)
    except _UndoError as undone:
        return undone.outcome
    raise AssertionError("a try is always undone")
