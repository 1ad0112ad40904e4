"""The catalogs: gettext files, one per language and feature, read once.

Knows the files and nothing of their use. Invariant: a key appears in one file of each language, and the file's name is the key's first
word (`case.opened.to_reporter` is in `case.po`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return the sentences of a language by key.

    Raises:
        ValueError: a key appears twice, or in a file not named after its first word.
    """
    found: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as stream:
            catalog = read_po(stream, locale=None, abort_invalid=True)
        for message in catalog:
            if not message.id:
                continue
            key = str(message.id)
            if key in found or key.partition(".")[0] != file.stem:
                raise ValueError(f"{file.name}: {key} appears twice or is in the wrong file")
            found[key] = str(message.string)
    return MappingProxyType(found)


@cache
def keys(language: str) -> frozenset[str]:
    """Return every key of a language."""
    return frozenset(sentences(language))


def placeholders(key: str, language: str) -> frozenset[str]:
    """Return the names in braces of one sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentences(language)[key]) if name)
