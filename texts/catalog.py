"""The catalogs: gettext files, one per language and feature, read once.

Knows the files and nothing of their use. Invariant: a key appears in one file of each language, and all keys with the same first word are
in one file, except `command.…`, the descriptions of commands, which are in the file of their feature.
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
COMMAND = "command"
FOLDER = Path(__file__).parent


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return the sentences of a language by key.

    Raises:
        ValueError: a key appears twice, or its first word is in two files.
    """
    found: dict[str, str] = {}
    files: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as stream:
            catalog = read_po(stream, locale=None, abort_invalid=True)
        for message in catalog:
            if not message.id:
                continue
            key = str(message.id)
            first = key.partition(".")[0]
            if key in found or (files.setdefault(first, file.name) != file.name and first != COMMAND):
                raise ValueError(f"{file.name}: {key} appears twice, or other keys in {first} are in {files[first]}")
            found[key] = str(message.string)
    return MappingProxyType(found)


@cache
def keys(language: str) -> frozenset[str]:
    """Return every key of a language."""
    return frozenset(sentences(language))


def placeholders(key: str, language: str) -> frozenset[str]:
    """Return the names in braces of one sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentences(language)[key]) if name)
