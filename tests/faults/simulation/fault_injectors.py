"""Faults of a run: which kinds, and when.

Knows kinds and dice; must not know the targets. Each seed enables a subset of the kinds, each with its own frequency and its own die, so
that leaving one out does not change when the others strike. Invariant: after `stop()` nothing strikes.
"""

from __future__ import annotations

from random import Random

#: Faults of the server's answers to requests.
CALLS = ("429", "500", "502", "hang", "ambiguous", "unreachable", "reset", "garbage", "truncated", "no_result", "conflict")
#: Faults of updates.
UPDATES = ("duplicate", "repeat", "shuffle", "late", "renumber", "empty", "odd")
#: Faults of the process and its machine.
MACHINE = ("crash", "disk_full", "disk_broken", "clock", "outage")
#: Actions of people that disturb a bot.
PEOPLE = ("block", "migrate", "dismiss")
KINDS = (*CALLS, *UPDATES, *MACHINE, *PEOPLE)
#: Highest frequency of each, per occasion (a request, a poll, a commit, an action of a person).
MOST = {
    "429": 0.04, "500": 0.04, "502": 0.03, "hang": 0.01, "ambiguous": 0.015, "unreachable": 0.04, "reset": 0.03, "garbage": 0.03,
    "truncated": 0.02, "no_result": 0.02, "conflict": 0.02, "duplicate": 0.2, "repeat": 0.2, "shuffle": 0.3, "late": 0.1, "renumber": 0.05,
    "empty": 0.1, "odd": 0.05, "crash": 1.0, "disk_full": 0.004, "disk_broken": 0.0005, "clock": 0.01, "outage": 0.01, "block": 0.02,
    "migrate": 0.02, "dismiss": 0.01,
}  # fmt: skip


def dice(name: str) -> Random:
    """Return a die that rolls the same for the same name, in every process."""
    return Random(name)  # noqa: S311 - the same every time


class FaultInjectors:
    """The faults of one seed.

    `strikes(kind)`: now? `die(kind)`: its own randomness. `struck`: number of strikes of each.
    """

    def __init__(self, seed: int, *, without: frozenset[str] = frozenset()) -> None:
        swarm = dice(f"swarm {seed}")
        chosen = [kind for kind in KINDS if swarm.random() < 0.5]
        shares = {kind: MOST[kind] * swarm.uniform(0.1, 1.0) for kind in KINDS}
        self.enabled = frozenset(chosen) - without
        self._share = {kind: shares[kind] for kind in self.enabled}
        self._dice = {kind: dice(f"{kind} {seed}") for kind in KINDS}
        self.struck: dict[str, int] = {}

    def die(self, kind: str) -> Random:
        """Return the randomness of a kind."""
        return self._dice[kind]

    def strikes(self, kind: str) -> bool:
        """Return whether it strikes now."""
        share = self._share.get(kind)
        if share is None or self._dice[kind].random() >= share:
            return False
        self.struck[kind] = self.struck.get(kind, 0) + 1
        return True

    def on(self, kind: str) -> bool:
        """Return whether this seed enables the kind."""
        return kind in self._share

    def stop(self) -> None:
        """From now on all is well."""
        self._share.clear()
