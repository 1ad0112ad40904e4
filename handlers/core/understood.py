"""Declarations of features about typed words: buttons, replies, codes, sentences.

Values only; handlers/core/typed.py acts on them. The first argument of every function is the `HandlerContext`. Invariant: words of one button are
declared once; the program does not start with the same words for two buttons.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime, tzinfo
from typing import Any

from domain.core.change import Button
from domain.core.immutable import immutable
from domain.core.said import bare
from domain.people.people import Policy
from texts import LANGUAGES, plain

Meant = Callable[[Any], Awaitable[Button | None]]
#: Takes a message that answers a message about a thing, by its number; False when the words are nothing for it.
TakesReply = Callable[[Any, int], Awaitable[bool]]
#: Takes digits that are a whole message; False when they are no code of the feature.
TakesCode = Callable[[Any, str], Awaitable[bool]]


@immutable
class Typed:
    """Words that mean a button, wherever it is.

    The label counts in every language, without signs and counts. `words`: other words for it. `meant(ctx)`: finds the button for this person now,
    with its arguments, or None when the words are not meant so (default: always this button).
    """

    button: Button
    words: tuple[str, ...] = ()
    meant: Meant | None = None


@immutable
class Sentence:
    """A record in one sentence.

    `read(text, now, zone)`: pure, bounded, None for any other sentence. `take(ctx, found)`: shows what was understood and asks for one tap, or begins
    the dialog with the rest of its questions; it returns False when the sentence is not meant for it after all. `unheard`: the reason why nobody
    listens for danger in it; empty: it is heard.
    """

    name: str
    policy: Policy
    read: Callable[[str, datetime, tzinfo], Any]
    take: Callable[[Any, Any], Awaitable[bool]]
    unheard: str = ""


@immutable
class Understood:
    """The declarations of all features. `presses`: verb → its `ButtonRoute`."""

    presses: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, tuple[Typed, ...]] = field(default_factory=dict)
    replies: Mapping[str, TakesReply] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    codes: tuple[TakesCode, ...] = ()


def by_words(typed: Iterable[Typed]) -> dict[str, tuple[Typed, ...]]:
    """Return the buttons by their words; those that are meant only sometimes come first.

    Raises:
        ValueError: two buttons with the same words are both always meant.
    """
    found: dict[str, list[Typed]] = {}
    for each in typed:
        for word in dict.fromkeys([*(plain(each.button.label, language) for language in LANGUAGES), *each.words]):
            if bare(word) and each not in found.setdefault(bare(word), []):
                found[bare(word)].append(each)
    for word, meant in found.items():
        always = {(each.button.verb, each.button.args) for each in meant if each.meant is None}
        if len(always) > 1:
            raise ValueError(f"{word} means {' and '.join(verb for verb, _ in sorted(always))}")
    return {word: tuple(sorted(meant, key=lambda each: each.meant is None)) for word, meant in found.items()}
