"""The result of hearing a message: how urgent it sounds, and what it is about.

Knows no words and no rules.
"""

from __future__ import annotations

from enum import StrEnum

from domain.core.immutable import immutable


class Level(StrEnum):
    """Urgency of a message: no danger, danger that must be asked about, danger now."""

    NONE = "none"
    UNSURE = "unsure"
    URGENT = "urgent"


class Danger(StrEnum):
    """The kinds of danger, those that cost a life soonest first.

    GAS also covers poison in the air and electricity, COLLAPSE also floods and landslides. MONEY: a fraud in progress.
    """

    WATER = "water"
    FIRE = "fire"
    GAS = "gas"
    SUICIDE = "suicide"
    COLLAPSE = "collapse"
    TRAFFIC = "traffic"
    VIOLENCE = "violence"
    MEDICAL = "medical"
    MISSING = "missing"
    MONEY = "money"


@immutable
class Heard:
    """Urgency and kind; `danger` is None for a cry that does not say what happens.

    `at_home`: violence by somebody of the family. `own`: suicide words of the person who writes.
    """

    level: Level
    danger: Danger | None = None
    at_home: bool = False
    own: bool = False

    @property
    def calm(self) -> bool:
        """True when nobody sounds to be in danger."""
        return self.level is Level.NONE


CALM = Heard(Level.NONE)
