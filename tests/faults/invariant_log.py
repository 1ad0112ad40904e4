"""Counts of the fault harnesses: ran, failed, skipped with reason, mutants found.

Knows numbers and names, not harnesses. Entries are plain values, so that they travel from worker processes to the one that prints.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

NAME = "faults"
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InvariantLog:
    """One test's page. `full`: the size asked for."""

    request: pytest.FixtureRequest

    @property
    def full(self) -> bool:
        """Return whether the full size was asked for."""
        return str(self.request.config.getoption("--faults-size")) == "full"

    def size(self, *, small: int, full: int) -> int:
        """Return how many to run."""
        return full if self.full else small

    def ran(self, what: str, count: int, *, failed: int = 0, skipped: int = 0, reason: str = "", **figures: object) -> None:
        """Count trials of a harness; `figures` are printed beside them.

        Call it before asserting, so that a failed gate is counted too.
        """
        entry: Entry = {"what": what, "ran": count, "failed": failed, "skipped": skipped, "reason": reason, "figures": dict(figures)}
        self.request.node.user_properties.append((NAME, entry))

    @contextlib.contextmanager
    def trial(self, what: str) -> Iterator[None]:
        """Count one trial of a harness; any exception inside the block fails it."""
        failed = 1
        try:
            yield
            failed = 0
        finally:
            self.ran(what, 1, failed=failed)

    @contextlib.contextmanager
    def or_skipped(self, what: str) -> Iterator[None]:
        """Count a harness that cannot run on this machine.

        The reason is the one with which the block skips the test.
        """
        try:
            yield
        except pytest.skip.Exception as reason:
            self.ran(what, 0, skipped=1, reason=str(reason))
            raise

    def mutant(self, bug: str, *, found: bool, after: str = "") -> None:
        """Note whether a mutant was found, and after how much work (`seed 3`, `12 cuts`)."""
        self.request.node.user_properties.append((NAME, {"bug": bug, "found": found, "after": after}))


def report(entries: Iterable[Entry]) -> list[str]:
    """Return the lines that close a run: harness by harness, then the mutants, then the sum."""
    entries = list(entries)
    trials = [entry for entry in entries if "what" in entry]
    bugs = [entry for entry in entries if "bug" in entry]
    lines = [_line(entry) for entry in trials]
    lines += [f"mutant: {bug['bug']}: {'found' if bug['found'] else 'NOT FOUND'} {bug['after']}".rstrip() for bug in bugs]
    ran, failed, skipped = (sum(entry[name] for entry in trials) for name in ("ran", "failed", "skipped"))
    lines.append(
        f"total: ran {ran:,}, failed {failed:,}, skipped {skipped:,}; mutants found {sum(bug['found'] for bug in bugs)} of {len(bugs)}"
    )
    return lines


def _line(entry: Entry) -> str:
    skipped = f", skipped {entry['skipped']:,} ({entry['reason']})" if entry["skipped"] else ""
    figures = "".join(f", {name} {value}" for name, value in entry["figures"].items())
    return f"{entry['what']}: ran {entry['ran']:,}, failed {entry['failed']:,}{skipped}{figures}"
