"""Waiting times of other people while something is wrong elsewhere."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.village import Person

SERVED_WITHIN_S = 2.0
LONGEST_WAIT_S = 20.0


async def waits(person: Person, text: str = "/me") -> float:
    """Say something and return after how many seconds the first answer was shown."""
    chats, before = person.town.chats, len(person.town.chats.of(person.id).by_bot())
    started = time.monotonic()
    await person.says(text, resting=False)
    while time.monotonic() < started + LONGEST_WAIT_S:
        if len(chats.of(person.id).by_bot()) > before:
            return time.monotonic() - started
        await asyncio.sleep(0.01)
    return LONGEST_WAIT_S


async def is_served(person: Person, *, while_: str = "") -> None:
    """Fail unless a person is answered within two seconds."""
    seconds = await waits(person)
    assert seconds < SERVED_WITHIN_S, f"{person.name} waited {seconds:.1f} s{' or more' * (seconds >= LONGEST_WAIT_S)} {while_}"


async def shown(person: Person, words: str, *, within_s: float) -> None:
    """Wait until a person was shown these words."""
    started = time.monotonic()
    while not any(words in line.text for line in person.town.chats.of(person.id).by_bot()):
        assert time.monotonic() < started + within_s, f"{person.name} was not shown “{words}” within {within_s} s:\n{person.play()}"
        await asyncio.sleep(0.02)
