"""Uses of a person's telephone number, and the numbers that residents may call.

Knows wishes and posts; must not know storage or texts. Invariant: a private number is told to nobody for whom its owner did not give it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import PersonId, Receiver
from domain.core.immutable import immutable
from domain.people.people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.people.people import Posts


class UsedFor(StrEnum):
    """Use of a number: by readers of its owner's reports, or by residents during a post."""

    REPORTS = "reports"
    POST = "post"


@immutable
class PhoneUse:
    """A wish about a number. `given_at` None: not given. `keyboard`: it is still asked for."""

    person_id: PersonId
    used_for: UsedFor
    asked_at: datetime
    given_at: datetime | None = None
    keyboard: bool = False


@immutable
class Contacts:
    """Numbers that a resident may call: those of holders of a post, else public ones.

    `ask`: holders who were never asked whether residents may call them. `role`: the post of `people`, or the one that has no number.
    """

    role: Role
    people: tuple[tuple[Receiver, str], ...]
    public: tuple[str, ...]
    ask: tuple[Receiver, ...] = ()


def whom_to_call(posts: Posts, given: Mapping[PersonId, str], asked: frozenset[PersonId], *, public: Sequence[str]) -> Contacts:
    """Return the person to call: the chair, else the officer, who gave a number for it.

    `given`: the numbers that holders of posts gave for residents; `asked`: people asked already. The public numbers (the duty desk's) come with it
    when nobody gave one.
    """
    chairs = posts.of(Role.CHAIR)
    ask = tuple(who for who in chairs if who.person_id is not None and who.person_id not in asked and who.address is not None)
    for role in (Role.CHAIR, Role.OFFICER):
        found = tuple((who, given[who.person_id]) for who in posts.of(role) if who.person_id is not None and given.get(who.person_id, ""))
        if found:
            return Contacts(role, found, (), ask)
    return Contacts(Role.CHAIR, (), tuple(public), ask)
