"""Shrink a failing run: fewer faults, fewer people, fewer actions, the same broken promise.

Knows how to leave something out and to check again; must not know the checks. Invariant: the result fails, and in the same way as before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tests.faults.simulation.actors import plan
from tests.faults.simulation.choice import Choice, Outcome
from tests.faults.simulation.fault_injectors import KINDS, FaultInjectors
from tests.faults.simulation.run import run
from tests.faults.simulation.town import CAST


def broken(outcome: Outcome) -> str:
    """Return the name of the promise that was broken first; empty: none."""
    return outcome.faults[0].split(":")[0] if outcome.faults else ""


def shrink(choice: Choice, *, within: float, runs: Callable[[Choice], Outcome] = run) -> Choice:
    """Return a smaller choice that breaks the same promise, found within so many seconds."""
    until = time.monotonic() + within
    promise = broken(runs(choice))

    def fails(smaller: Choice) -> bool:
        return time.monotonic() < until and broken(runs(smaller)) == promise

    steps = plan(choice.seed, choice.updates)
    kept = _fewer([step.index for step in steps], lambda left: fails(replace(choice, steps=frozenset(left))), begin=2, rounds=3)
    choice = replace(choice, steps=frozenset(kept))
    enabled = [kind for kind in KINDS if kind in FaultInjectors(choice.seed, without=choice.without).enabled]
    for kind in enabled:
        without = choice.without | {kind}
        if fails(replace(choice, without=without)):
            choice = replace(choice, without=without)
    for actor in CAST:
        left = frozenset(step.index for step in steps if step.index in (choice.steps or ()) and step.actor != actor.index)
        if len(left) < len(choice.steps or ()) and fails(replace(choice, steps=left)):
            choice = replace(choice, steps=left)
    kept = _fewer(sorted(choice.steps or ()), lambda left: fails(replace(choice, steps=frozenset(left))), begin=2, rounds=99)
    return replace(choice, steps=frozenset(kept))


def _fewer(items: list[int], fails: Callable[[Sequence[int]], bool], *, begin: int, rounds: int) -> list[int]:
    """Leave out ever smaller parts, as long as it fails without them (ddmin's complements)."""
    parts = begin
    for _ in range(rounds):
        for part in _cut(items, parts):
            left = [item for item in items if item not in part]
            if left and fails(left):
                items = left
        if parts >= len(items):
            break
        parts = min(len(items), parts * 2)
    return items


def _cut(items: list[int], parts: int) -> Iterator[frozenset[int]]:
    size = max(1, -(-len(items) // parts))
    for begin in range(0, len(items), size):
        yield frozenset(items[begin : begin + size])
