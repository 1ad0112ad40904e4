"""Readers of each part of a case: source of scopes, cards, receipts and consent.

Knows levels, roles and parts; must not know SQL or sentences. The persons who are excluded from one case (parties, recused, named by the
reporter) and the named handlers of a restricted one are in the case itself. Invariant: a sentence about readers is `readers_of`, and the
scope in SQL is made from `who_sees`, so that both change together.
"""

from __future__ import annotations

from enum import StrEnum

from domain.core.immutable import immutable
from domain.people.people import POLICE, Role

HANDLERS = POLICE | {Role.CHAIR}


class Level(StrEnum):
    """Level of the reporter's name: for chair and police, for the police, for nobody."""

    NAMED = "named"
    HIDDEN = "hidden"
    SEALED = "sealed"


class Part(StrEnum):
    """A part of a case.

    SUMMARY: number, kind, state and age. MEDIA: photos, voices and files.
    """

    SUMMARY = "summary"
    WORDS = "words"
    NAME = "name"
    MEDIA = "media"


@immutable
class Visibility:
    """Choices that decide who sees a case.

    `police_only`: a report against somebody, or violence at home. `restricted`: only the named handlers see it. `seal_open`: two persons
    opened the seal. `media_shown`: the reporter agreed that the chair sees photos and hears voices.
    """

    level: Level = Level.NAMED
    police_only: bool = False
    restricted: bool = False
    seal_open: bool = False
    media_shown: bool = False


#: An ordinary report: chair and police see everything.
NAMED = Visibility()


def who_sees(visibility: Visibility, part: Part) -> frozenset[Role]:
    """Return the roles that see a part of a case of their village or station.

    Of a restricted case these are only the named handlers among them.
    """
    words = POLICE if visibility.police_only else HANDLERS
    if part is Part.SUMMARY:
        return words if visibility.police_only or visibility.restricted else words | {Role.SECRETARY}
    if part is Part.WORDS or visibility.level is Level.NAMED or (part is Part.MEDIA and visibility.media_shown):
        return words
    return POLICE if visibility.level is Level.HIDDEN or visibility.seal_open else frozenset()


class Readers(StrEnum):
    """Readers of a part of a case, as a sentence names them."""

    CHAIR_AND_POLICE = "chair_and_police"
    POLICE = "police"
    NOBODY = "nobody"
    NAMED_HANDLERS = "named_handlers"


#: Readers, as a sentence names them → the handlers whom it means. The secretary reads no words, names or media.
NAMED_READERS: dict[Readers, frozenset[Role]] = {
    Readers.CHAIR_AND_POLICE: HANDLERS,
    Readers.POLICE: POLICE,
    Readers.NOBODY: frozenset(),
}


def readers_of(visibility: Visibility, part: Part) -> Readers:
    """Return how a sentence names the readers of words, name or media."""
    roles = who_sees(visibility, part)
    if roles and visibility.restricted:
        return Readers.NAMED_HANDLERS
    return next(readers for readers, named in NAMED_READERS.items() if named == roles)
