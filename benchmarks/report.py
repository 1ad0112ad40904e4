"""The result of a section and its printed form: tables, goals and notes.

Knows words and figures, nothing of bots. Invariant: a goal that was not measured never counts as met.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """The options of the command line. Sizes are per round."""

    rounds: int = 5
    updates: int = 3000
    receivers: int = 10_000
    alerts: int = 5
    cases: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    looks: int = 400
    memory_updates: int = 1_000_000
    idle_s: float = 5.0
    pause_s: float = 1.0
    workers: tuple[int, ...] = (1, 2, 4)
    grammy: bool = True


@dataclass
class Table:
    """A table: title, column names, and printed rows.

    The first column has words, the others have figures.
    """

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the table in Markdown, its columns aligned."""
        widths = [max(len(row[index]) for row in (self.columns, *self.rows)) for index in range(len(self.columns))]
        rule = [("-" * widths[0]), *("-" * (width - 1) + ":" for width in widths[1:])]
        return [f"| {' | '.join(_placed(row, widths))} |" for row in (self.columns, rule, *self.rows)]


@dataclass(frozen=True)
class Goal:
    """A goal in words, the observed value, and whether it is met.

    `met` is None if it was not measured; `seen` then says why.
    """

    words: str
    seen: str
    met: bool | None


@dataclass
class Result:
    """The tables, goals and notes of a section, and every figure by name for scripts."""

    section: str
    tables: list[Table] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the printed lines of tables and notes."""
        found = [f"## {self.section}", ""]
        for table in self.tables:
            found += [f"{table.title}:", "", *table.lines(), ""]
        found += [f"- {note}" for note in self.notes] + ([""] if self.notes else [])
        return found


def goals_table(results: Iterable[Result]) -> Table:
    """Return the goals of all sections in one table."""
    words = {True: "met", False: "not met", None: "not measured"}
    rows = [(goal.words, goal.seen, words[goal.met]) for result in results for goal in result.goals]
    return Table("Goals", ("goal", "seen", ""), list(rows))


def at_least(words: str, value: float, least: float, *, unit: str = "×") -> Goal:
    """Return the goal that a figure reaches a minimum."""
    return Goal(f"{words} ≥ {least:g} {unit}", f"{value:.2f}", value >= least)


def at_most(words: str, value: float, most: float, *, unit: str) -> Goal:
    """Return the goal that a figure does not exceed a maximum."""
    return Goal(f"{words} ≤ {most:g} {unit}", f"{value:.2f}", value <= most)


def median(values: Iterable[float]) -> float:
    """Return the median, or NaN without values."""
    found = list(values)
    return statistics.median(found) if found else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile (share 0 to 1), or NaN without values."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.nan


def ratio_of(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the median of the rounds' ratios, because a disturbance affects both of a round."""
    return median(one / other for one, other in zip(first, second, strict=True))


def write_json(path: Path, results: Iterable[Result]) -> None:
    """Write the results as JSON.

    `{section: {"figures": {name: number}, "goals": [{"goal", "seen", "met"}], "notes": [text]}}`
    """
    found = {
        result.section: {
            "figures": result.figures,
            "goals": [{"goal": goal.words, "seen": goal.seen, "met": goal.met} for goal in result.goals],
            "notes": result.notes,
        }
        for result in results
    }
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _placed(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
