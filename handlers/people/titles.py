"""Titles in names that nobody typed here: from a profile, a roster, or a post that ended.

Which words are reserved is in domain/people/titles.py. Invariant: a name with the title of a post that its person does not hold says what
they are: 王主任（村民）.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Event
from domain.core.numbers import NAME_LENGTH, clean_name
from domain.people.people import RANK, Role
from domain.people.powers import own_posts
from domain.people.titles import reserved_word, without_titles
from texts import LANGUAGES, plain

if TYPE_CHECKING:
    from datetime import datetime

    from domain.people.people import Person
    from storage.unit import Unit

#: The fact that the names from before this rule were marked.
MARKED = "names_marked"


def name_at_joining(profile: str, language: str) -> tuple[str, str | None]:
    """Return a new villager's name, and the reserved word taken out of the profile's."""
    if not profile:
        return plain("join.nameless", language), None
    word = reserved_word(profile)
    if word is None:
        return profile, None
    rest = without_titles(profile)
    return clean_name(plain("join.named", language, name=rest)) if rest else plain("join.nameless", language), word


async def mark_title(unit: Unit, person: Person, *, at: datetime) -> None:
    """Mark a name with a title that is not its person's; take the mark away when it is.

    Safe to repeat.
    """
    if person.id is None:
        return
    roles = [post.role for post in own_posts(person)]
    bare = _without_mark(person.name)
    name = bare
    if reserved_word(bare, roles) is not None:
        mark = _mark(max(roles, key=RANK.index, default=Role.VILLAGER), person.language)
        name = bare[: NAME_LENGTH - len(mark)] + mark
    if name != person.name:
        await unit.privacy.set_name(person.id, name)
        await unit.audit.record(Event(f"person:{person.id}", "name_marked", None, at))


async def mark_stored_titles(unit: Unit, *, at: datetime) -> None:
    """Mark the names that were stored before titles were reserved: once, at the first start."""
    if await unit.facts.find(MARKED) is not None:
        return
    titled = [person_id for person_id, name in await unit.privacy.names() if reserved_word(name) is not None]
    for person in (await unit.people.find_many(titled, at=at)).values():
        await mark_title(unit, person, at=at)
    await unit.facts.put(MARKED, "1")


def _mark(role: Role, language: str) -> str:
    return plain("join.mark", language, role={"t": f"people.role.{role}"})


def _without_mark(name: str) -> str:
    marks = [_mark(role, language) for role in RANK for language in LANGUAGES]
    return next((name.removesuffix(mark) for mark in marks if name.endswith(mark)), name)
