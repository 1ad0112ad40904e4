"""Hostile words in every field that a person can fill.

They are shown as words, only to the intended readers, and have no other effect.
"""

from __future__ import annotations

import html
import importlib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import domain.core.numbers
from domain.core.numbers import clean_text
from handlers.cases import cards as case_cards
from sandbox.api.html_text import parse_html
from storage.values import from_json
from tests.faults.hostile.fields import FIELDS, Street
from tests.faults.hostile.markup import dense, faults_of, plain_faults
from tests.faults.hostile.strings import hostile
from tests.faults.hostile.typed import SIGNER, types
from tests.handler_harness import HandlerHarness
from tests.handlers.conftest import town
from texts import Text, render
from texts.catalog import LANGUAGES, placeholders, sentences

if TYPE_CHECKING:
    from domain.core.town import Town
    from storage.unit import Unit
    from tests.faults.invariant_log import InvariantLog

__all__ = ["town"]

SEED = 20261124
A_TOWN = 13  # scenes per town, so that lists stay realistically short
NEVER_SAID = "join.closed"  # a sentence that no scene causes, unless words are taken for its key


@dataclass
class Trials:
    """Plays scenes in fresh towns and records every message that differs from its template."""

    folder: Path
    town: Town
    dice: Random
    broken: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    ran: int = 0
    messages: int = 0

    async def run(self, count: int, *, most_broken: int = 1) -> None:
        """Play so many scenes, in turn, with a hostile string each."""
        while self.ran < count and len(self.broken) < most_broken:
            folder = self.folder / f"town{self.ran}"
            folder.mkdir()
            harness = await HandlerHarness.open(folder, self.town)
            try:
                street = await Street.of(harness)
                for _ in range(min(A_TOWN, count - self.ran)):
                    if len(self.broken) < most_broken:
                        await self._trial(street)
            finally:
                await harness.store.close()

    async def _trial(self, street: Street) -> None:
        scene, words = FIELDS[self.ran % len(FIELDS)], NEVER_SAID if self.dice.random() < 0.05 else hostile(self.dice)
        self.ran += 1
        before = await self._newest(street.harness)
        try:
            readers = await scene(street, words)
        except Exception as fault:  # noqa: BLE001 - any is a broken promise
            self.broken.append(f"{scene.__name__}: {type(fault).__name__}: {fault} after {words[:200]!r}")
            return
        rows = await self._said(street.harness, before)
        self.messages += len(rows)
        self.seen.update(row["key"] for row in rows)
        for row in rows:
            self.broken += [f"{scene.__name__}: {fault} after {words[:200]!r}" for fault in faults_of(row, SIGNER)]
        texts = [(row["chat_id"], parse_html(render(row["key"], row["language"], **row["params"]))[0]) for row in rows if not self.broken]
        self.broken += [f"{scene.__name__}: {NEVER_SAID} was said" for _, text in texts if sentences("zh")[NEVER_SAID] in text]
        for reader, meant in readers:
            if not self.broken and not any(chat == reader.user_id and dense(meant) in dense(text) for chat, text in texts):
                self.broken.append(f"{scene.__name__}: {reader.name} cannot read {meant!r} after {words[:200]!r}")
        await street.harness.time_passes(hours=1)

    @staticmethod
    async def _newest(harness: HandlerHarness) -> int:
        row = await harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT COALESCE(MAX(id), 0) AS id FROM outbox"))
        return 0 if row is None else int(row["id"])

    @staticmethod
    async def _said(harness: HandlerHarness, after: int) -> list[dict[str, Any]]:
        async def ask(unit: Unit) -> list[dict[str, Any]]:
            found = await unit.transaction.fetch_all("SELECT * FROM outbox WHERE id > ? ORDER BY id", (after,))
            return [dict(row) | {name: from_json(row[name]) for name in ("params", "buttons")} for row in found]

        return await harness.store.transact(ask)


@pytest.mark.timeout(3600)
async def test_hostile_words_are_shown_as_text_when_typed_into_any_field(tmp_path: Path, town: Town, invariant_log: InvariantLog) -> None:
    tried = Trials(tmp_path, town, Random(SEED))  # noqa: S311 - the same words every time
    await tried.run(invariant_log.size(small=130, full=4_000), most_broken=40)
    invariant_log.ran("hostile words", tried.ran, failed=len(tried.broken), messages=tried.messages, templates=len(tried.seen))
    assert not tried.broken, "\n".join(tried.broken[:40])
    assert len(tried.seen) > 60


@pytest.mark.parametrize("name", ["", "\x07", "\u202e\u2066", "\ud800", "\u3164"])
async def test_person_is_answered_when_account_name_is_invisible(tmp_path: Path, town: Town, name: str) -> None:
    harness = await HandlerHarness.open(tmp_path, town)
    try:
        nobody = harness.stranger(name)
        await types(nobody, "/start 上徐村")
        assert await nobody.new()
    finally:
        await harness.store.close()


def shown_plainly() -> tuple[int, list[str]]:
    """Show every sentence as a label or a toast, with hostile words in every placeholder.

    Return (number of sentences, faults).
    """
    dice = Random(SEED)  # noqa: S311 - the same words every time
    every = [(language, key) for language in LANGUAGES for key in sorted(sentences(language))]
    wrong: list[str] = []
    for language, key in every:
        wrong += plain_faults(key, language, {name: clean_text(hostile(dice), 200) for name in sorted(placeholders(key, language))})
    return len(every), wrong


def test_toasts_and_labels_have_no_markup_when_words_are_hostile(invariant_log: InvariantLog) -> None:
    count, wrong = shown_plainly()
    invariant_log.ran("sentences shown plainly", count, failed=len(wrong))
    assert not wrong


def test_markup_in_toasts_is_found_when_tags_are_not_removed(invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("texts.render"), "TAGS", re.compile("(?!)"))
    count, wrong = shown_plainly()
    invariant_log.mutant("tags stay where no markup is read", found=bool(wrong), after=f"{count} sentences")
    assert wrong


# Mutants of the scenes above ------------------------------------------------------------------------------------------


def takes_words_for_keys(value: Any) -> Any:
    """Show an answer, and if it happens to be a sentence's key, that sentence."""
    return Text(value) if value in sentences("zh") else str(value)


MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "words go into the markup as they are": (html, "escape", lambda text, quote=True: text),
    "words are escaped twice": (html, "escape", lambda text, quote=True: text.replace("&", "&amp;").replace("<", "&amp;lt;")),
    "typed words are taken for a sentence's key": (case_cards, "_shown", takes_words_for_keys),
    "words are not cleaned": (domain.core.numbers, "_harmless", lambda text: text),
}


@pytest.mark.parametrize("bug", MUTANTS)
async def test_mutant_is_found(tmp_path: Path, town: Town, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    monkeypatch.setattr(*MUTANTS[bug])
    tried = Trials(tmp_path, town, Random(SEED))  # noqa: S311 - the same words every time
    await tried.run(150)
    invariant_log.mutant(bug, found=bool(tried.broken), after=f"{tried.ran} scenes")
    assert tried.broken
