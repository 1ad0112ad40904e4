"""Every sentence is in both languages, used, valid for Telegram and short enough.

For each contract a test shows that it fails on a broken copy.
"""

from __future__ import annotations

import hashlib
import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import domain
from bot.routes import HOOKS
from bot.settings import TownSection
from domain.core.records import Lifecycle
from tests.contracts.sources import (
    ROOT,
    catalog,
    faults_between_languages,
    faults_of_keys,
    faults_of_length,
    faults_of_markup,
    utf16,
)
from texts.catalog import sentences

if TYPE_CHECKING:
    from pathlib import Path

#: Keys that are built from data, and the source of the data.
ELSEWHERE = frozenset(
    {
        r"command\.[a-z_]+",  # the name of a command of bot/routes.py; test_routes.py holds them
        r"report\.(agrees|button|danger|lost|who)\.[a-z]+",  # a question's choices, handlers/cases/reports.py `_choice`
    }
)
#: Placeholder → the largest number of UTF-16 units of its value.
LONGEST = {
    "lines": 2300,
    "body": 2600,
    "text": 3000,
    "alert.text": 1000,
    "words": 1500,
    "timeline": 2000,
    "posts": 600,
    "link": 120,
    "code": 64,
    "number": 12,
    "n": 8,
}
OTHERWISE = 60
MESSAGE, LABEL, DESCRIPTION = 4096, 140, 256
LIMITS = (
    (r"command\..*", DESCRIPTION),
    (r"(.*\.)?button\..*", LABEL),
    (r".*", MESSAGE),
)


def test_languages_have_same_keys_and_placeholders():
    assert faults_between_languages(ROOT) == []


def test_keys_are_used_and_have_sentences():
    assert faults_of_keys(ROOT, ELSEWHERE) == []


def test_markup_is_valid_for_telegram():
    assert faults_of_markup(ROOT) == []


def test_sentence_fits_message_with_longest_parameters():
    assert faults_of_length(ROOT, LONGEST, OTHERWISE, LIMITS) == []


def test_chinese_catalog_has_no_english_sentence():
    bare = {key: re.sub(r"<[^>]*>|\{[^}]*\}|/[a-z_]+", "", words) for key, words in catalog(ROOT, "zh").items()}
    latin = {key for key, words in bare.items() if re.search("[A-Za-z]{4}", words) and not re.search("[一-鿿]", words)}
    assert latin - {"people.language.en"} == set()


def test_length_is_counted_in_utf16_units():
    assert (utf16("村"), utf16("a"), utf16("😀")) == (1, 1, 2)


# Injected faults: a small tree with one each --------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Create a tree of one feature without faults."""
    for folder in ("texts/zh", "texts/en", "handlers", "bot", "storage", "domain"):
        (tmp_path / folder).mkdir(parents=True)
    write(tmp_path, "zh", "lamp.lit = 灯亮了，{name}", "lamp.out.warm = 灯灭了")
    write(tmp_path, "en", "lamp.lit = The lamp is lit, {name}", "lamp.out.warm = The lamp is out")
    code(tmp_path, 'async def light(act):\n    await act.reply("lamp.lit", name=1)\n    await act.reply(f"lamp.out.{act.how}")\n')
    return tmp_path


def write(tree: Path, language: str, *lines: str) -> None:
    entries = (line.partition(" = ") for line in lines)
    text = "\n\n".join(f'msgid "{key}"\nmsgstr "{sentence}"' for key, _, sentence in entries)
    (tree / "texts" / language / "lamp.po").write_text(text + "\n", encoding="utf-8")


def code(tree: Path, text: str) -> None:
    (tree / "handlers" / "lamp.py").write_text(text, encoding="utf-8")


def test_tree_without_faults_passes(tree):
    assert faults_between_languages(tree) == []
    assert faults_of_keys(tree) == []
    assert faults_of_markup(tree) == []
    assert faults_of_length(tree, LONGEST, OTHERWISE, LIMITS) == []


def test_sentence_in_one_language_is_found(tree):
    write(tree, "en", "lamp.lit = The lamp is lit, {name}")
    assert faults_between_languages(tree) == ["lamp.out.warm is in one language only"]


def test_different_placeholder_is_found(tree):
    write(tree, "en", "lamp.lit = The lamp is lit, {who}", "lamp.out.warm = Out")
    assert faults_between_languages(tree) == ["lamp.lit has different placeholders: ['name', 'who']"]


def test_empty_sentence_is_found(tree):
    write(tree, "en", "lamp.lit = The lamp is lit, {name}", "lamp.out.warm = ")
    assert faults_between_languages(tree) == ["lamp.out.warm is empty in en"]


def test_key_without_sentence_is_found(tree):
    code(
        tree, 'TABLE = {"red": "lamp.red"}\nasync def light(act):\n    await act.reply("lamp.lit")\n    await act.reply("lamp.out.warm")\n'
    )
    assert faults_of_keys(tree) == ["lamp.red has no sentence (handlers/lamp.py:1)"]


def test_unused_sentence_is_found(tree):
    code(tree, 'async def light(act):\n    """Say lamp.lit, not a use."""\n    await act.reply("lamp.out.warm")\n')
    assert faults_of_keys(tree) == ["lamp.lit is never used"]


def test_constructed_key_without_match_is_found(tree):
    code(tree, 'async def light(act):\n    await act.reply("lamp.lit")\n    await act.reply(f"lamp.gone.{act.how}")\n')
    assert len(faults_of_keys(tree)) == 2


def test_lifecycle_refusals_count_as_used_and_need_sentences(tree):
    code(tree, 'LAMPS = Lifecycle("lamp", {})\nasync def light(act):\n    act.reply("lamp.lit")\n    act.reply("lamp.out.warm")\n')
    assert faults_of_keys(tree) == [r"no key is like lamp\.is\.[a-z0-9_.]+ (handlers/lamp.py:1)"]
    for language in ("zh", "en"):
        write(tree, language, "lamp.lit = 灯亮了，{name}", "lamp.out.warm = 灯灭了", "lamp.is.broken = 灯坏了")
    assert faults_of_keys(tree) == []


def test_every_state_of_every_lifecycle_has_a_sentence():
    modules = [import_module(name) for _, name, _ in pkgutil.walk_packages(domain.__path__, "domain.")]
    lifecycles = {id(each): each for module in modules for each in vars(module).values() if isinstance(each, Lifecycle)}
    assert lifecycles
    keys = {f"{each.name}.is.{state}" for each in lifecycles.values() for state in each.states}
    assert keys - catalog(ROOT, "zh").keys() == set()


def test_audit_names_are_not_counted_as_keys(tree):
    code(
        tree,
        'async def light(act):\n    await act.record(Event("x", "lamp.burnt"))\n    await act.reply("lamp.lit")\n    act.reply("lamp.out.warm")\n',
    )
    assert faults_of_keys(tree) == []


@pytest.mark.parametrize(
    "sentence",
    ["<u>灯</u>", "<b>灯", "灯</b>", "<b><i>灯</b></i>", "<b class='x'>灯</b>", "<a>灯</a>", "5 < 6", "A & B", "&nbsp;灯", "<!-- 灯 -->"],
)
def test_invalid_markup_is_found(tree, sentence):
    write(tree, "zh", f"lamp.lit = {sentence}")
    assert faults_of_markup(tree) != []


@pytest.mark.parametrize(
    "sentence", ["<b>灯</b>", '<a href=\\"tel:110\\">110</a>', "5 &lt; 6 &amp; 7", "<blockquote>灯 <i>亮</i></blockquote>"]
)
def test_valid_markup_is_accepted(tree, sentence):
    write(tree, "zh", f"lamp.lit = {sentence}")
    assert faults_of_markup(tree) == []


def test_sentence_too_long_with_parameters_is_found(tree):
    write(tree, "zh", "lamp.lit = {lines}{name}")
    longest = {"lines": MESSAGE - OTHERWISE + 1}
    assert faults_of_length(tree, longest, OTHERWISE, LIMITS) == ["zh lamp.lit may take 4097 of 4096"]


#: Version of the consent text → the text. A changed text needs a new default of `town.consent_version`, so that it is shown again.
CONSENT = {"2026-12-02": "5bb01f3aa3ed4003"}


def digest_of_consent() -> str:
    """Return a digest of what people agree to when they join, in both languages."""
    lines = [line["t"] for line in HOOKS.consent]
    said = [sentences(language)[key] for language in ("zh", "en") for key in ("join.consent", "join.text_again", *lines)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def test_consent_has_a_new_version_when_its_text_changes():
    assert {TownSection().consent_version: digest_of_consent()} == CONSENT
    for language, words in (("zh", "这里是报事，不是报案。要报案，打 110 或者到派出所。"), ("en", "This is not a police report in law.")):
        assert all(words in sentences(language)[key] for key in ("join.consent", "join.text_again"))
