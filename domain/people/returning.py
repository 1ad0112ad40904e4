"""Marks of a person who is erased, by which they are known when they get a post again.

Must not know storage. Invariant: a mark is a slow hash; it names nobody, and is compared only with the marks of people who hold posts.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from domain.core.private_numbers import plain_phone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.core.change import Address
    from domain.people.people import Person


def marks_of(person: Person, chats: Iterable[Address]) -> tuple[str, ...]:
    """Return the marks of a person's name, number and chats."""
    known = [f"chat {chat.channel} {chat.chat_id}" for chat in chats]
    known += [f"name {person.name}"] if person.name else []
    known += [f"phone {plain_phone(person.phone)}"] if person.phone else []
    return tuple(_mark(each) for each in known)


def _mark(words: str) -> str:
    return hashlib.scrypt(words.encode(), salt=b"tongxin.returning", n=2**12, r=8, p=1, dklen=32).hex()
