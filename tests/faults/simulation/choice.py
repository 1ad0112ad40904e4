"""The chosen part of a seed, and its outcome: plain values that travel between processes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """The chosen part of a seed.

    `without`: faults left out; `mutant`: the bug injected during the run; `steps`: only these (None: all).
    """

    seed: int
    updates: int = 1000
    without: frozenset[str] = frozenset()
    mutant: str = ""
    steps: frozenset[int] | None = None

    @property
    def command(self) -> str:
        """Return the command that repeats this run."""
        words = [f"python -m tests.faults.simulation {self.seed} --updates {self.updates}"]
        words += [f"--mutant {self.mutant}"] if self.mutant else []
        words += [f"--without {','.join(sorted(self.without))}"] if self.without else []
        words += [f"--steps {','.join(map(str, sorted(self.steps)))}"] if self.steps is not None else []
        return " ".join(words)


@dataclass
class Outcome:
    """The outcome of a run."""

    choice: Choice
    faults: list[str]
    trace: str
    updates: int
    lives: int
    days: float
    seconds: float
    struck: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the figures in one line."""
        rate = self.updates / max(self.seconds, 0.001)
        return (
            f"{len(self.faults)} faults, {self.updates} updates in {self.lives} lives and {self.days:.1f} days,"
            f" {self.seconds:.1f} s ({rate:.0f} a second), trace {self.trace}"
        )
