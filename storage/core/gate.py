"""Decide for many persons at once whether they may open a subject or be told of it.

Knows the declarations of the features (storage/core/registry.py) and no feature. Invariant: deny by default. Strangers, suspended people and
subjects that no feature declares never pass; a group passes only for subjects that may be announced there, and only while it is bound to the
village that the message is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.core.registry import everybody
from storage.values import marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import Address
    from domain.people.people import Person
    from storage.core.registry import Condition, Subject
    from storage.engine.database import Transaction

#: Questions per statement (SQLite takes 500 parts), and parameters per statement (PostgreSQL takes 32,767).
TOGETHER = 50
MOST_PARAMETERS = 10_000

#: A person, the kind of subject and its number.
Asked = tuple["Person", "Subject", int]


async def may_open(transaction: Transaction, asked: Sequence[Asked]) -> list[bool]:
    """Return, for each question, whether the person may open the subject."""
    return await _ask(transaction, [(person, subject.scope, subject, number) for person, subject, number in asked])


async def may_be_told(transaction: Transaction, asked: Sequence[Asked]) -> list[bool]:
    """Return, for each question, whether the person may be told of the subject."""
    return await _ask(transaction, [(person, subject.gate, subject, number) for person, subject, number in asked])


async def _ask(transaction: Transaction, asked: Sequence[tuple[Person, Condition, Subject, int]]) -> list[bool]:
    answers = [False] * len(asked)
    questions: dict[tuple[str, tuple[Any, ...]], list[int]] = {}
    for place, (person, condition, subject, number) in enumerate(asked):
        if person.id is None or person.suspended:
            continue
        if condition is everybody:
            answers[place] = True
            continue
        where, params = condition(person)
        sql = f"FROM {subject.table} {subject.alias} WHERE {subject.alias}.id = ? AND {where}"
        questions.setdefault((sql, (number, *params)), []).append(place)
    for part in _parts([*questions]):
        union = " UNION ALL ".join(f"SELECT {turn} AS turn {sql}" for turn, (sql, _) in enumerate(part))
        for row in await transaction.fetch_all(union, tuple(value for _, params in part for value in params)):
            for place in questions[part[row["turn"]]]:
                answers[place] = True
    return answers


def _parts(questions: Sequence[tuple[str, tuple[Any, ...]]]) -> list[list[tuple[str, tuple[Any, ...]]]]:
    """Divide the questions into statements that both engines take."""
    parts: list[list[tuple[str, tuple[Any, ...]]]] = []
    room = 0
    for question in questions:
        room -= len(question[1])
        if not parts or room < 0 or len(parts[-1]) == TOGETHER:
            parts.append([])
            room = MOST_PARAMETERS - len(question[1])
        parts[-1].append(question)
    return parts


async def bound_groups(transaction: Transaction, addresses: Sequence[Address]) -> dict[tuple[str, int], int]:
    """Return the village of each bound group among these chats, by channel and chat."""
    chats = sorted({address.chat_id for address in addresses})
    if not chats:
        return {}
    rows = await transaction.fetch_all(
        f"SELECT channel, chat_id, village_id FROM groups WHERE left_at IS NULL AND village_id IS NOT NULL AND chat_id IN ({marks(chats)})",
        tuple(chats),
    )
    return {(row["channel"], row["chat_id"]): row["village_id"] for row in rows}
