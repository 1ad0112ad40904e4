"""Rows of the word tables with their meaning: signs of danger, and contexts.

Knows no message and no sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.emergencies import (
    chinese_body,
    chinese_contexts,
    chinese_scene,
    chinese_sets,
    chinese_situations,
    english,
    english_contexts,
)
from domain.emergencies.rows import Row, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.emergencies.heard import Danger

CLEAR, LIKELY = 3, 2


class Sign:
    """A row of signs with its kind and weight."""

    __slots__ = ("danger", "row", "weight")

    def __init__(self, row: Row, danger: Danger | None, weight: int) -> None:
        """Keep what a match of the row means."""
        self.row, self.danger, self.weight = row, danger, weight


class Context:
    """A row of a context with its name, weight, scope, and the kinds that it spares."""

    __slots__ = ("name", "row", "scope", "spares", "weight")

    def __init__(self, row: Row, name: str, weight: int, scope: str, spares: tuple[str, ...]) -> None:
        """Keep what a match of the row means."""
        self.row, self.name, self.weight, self.scope, self.spares = row, name, weight, scope, spares


def signs() -> Iterator[tuple[tuple[str, ...], Sign]]:
    """Compile the tables of signs; each with its key words."""
    tables = (
        (chinese_body.CLEAR, CLEAR, chinese_sets.SETS), (chinese_scene.CLEAR, CLEAR, chinese_sets.SETS),
        (chinese_situations.CLEAR, CLEAR, chinese_sets.SETS), (english.CLEAR, CLEAR, english.SETS),
        (chinese_body.LIKELY, LIKELY, chinese_sets.SETS), (chinese_scene.LIKELY, LIKELY, chinese_sets.SETS), (english.LIKELY, LIKELY, english.SETS),
            )  # fmt: skip
    for table, weight, sets in tables:
        for danger, text in table.items():
            for row in rows_of(text, sets):
                yield row.keys, Sign(row, danger, weight)


def contexts() -> Iterator[tuple[tuple[str, ...], Context]]:
    """Compile the tables of contexts; each row with its key words."""
    for tables, sets in ((chinese_contexts.CONTEXTS, chinese_sets.SETS), (english_contexts.CONTEXTS, english.SETS)):
        for name, weight, scope, spares, text in tables:
            for row in rows_of(text, sets):
                yield row.keys, Context(row, name, weight, scope, spares)


def plain_rows(tables: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[tuple[str, ...], Row]]:
    """Compile tables without weights; each row with its key words."""
    for table, sets in tables.items():
        for row in rows_of(table, sets):
            yield row.keys, row
