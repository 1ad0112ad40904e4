"""Handlers, domain, texts and storage name no channel; few modules read its capabilities.

Each contract is shown to fail on a copy with a planted fault.
"""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from tests.contracts.sources import LANGUAGES, ROOT, catalog, parsed, walked

#: Words by which code would name a channel; docstrings may use them, because people know Telegram.
NAMES = ("telegram", "//t.me", "botapi", "wecom", "dingtalk", "feishu")
SILENT = ("handlers", "domain", "texts", "storage")
#: The owner, which decides what they mean for a link, and the readers: rendering, retries and pacing, reach, `check`.
READERS = {
    "bot/telegram/channel.py",
    "bot/delivery/editing.py",
    "bot/delivery/messages.py",
    "bot/delivery/wording.py",
    "bot/delivery/outcomes.py",
    "bot/delivery/pacing.py",
    "bot/delivery/reach.py",
    "bot/commands/check.py",
}


def modules(root: Path, *packages: str) -> dict[str, ast.Module]:
    files = [file for package in packages for file in sorted((root / package).rglob("*.py"))]
    return {str(file.relative_to(root)): parsed(file) for file in files}


def docstrings(tree: ast.Module) -> set[ast.AST]:
    """Return the texts that are statements of their own."""
    return {node.value for node in walked(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}


def named(root: Path) -> list[str]:
    """Return the places that name a channel, in code or in a sentence."""
    found = []
    for file, tree in modules(root, *SILENT).items():
        spared = docstrings(tree)
        for node in walked(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in spared:
                found += [f"{file}:{node.lineno}: {word}" for word in NAMES if word in node.value.lower()]
    for language in LANGUAGES:
        found += [
            f"{language} {key}: {word}" for key, sentence in catalog(root, language).items() for word in NAMES if word in sentence.lower()
        ]
    return found


def readers(root: Path) -> set[str]:
    """Return the modules that read a channel's capabilities."""
    return {
        file
        for file, tree in modules(root, "bot", *SILENT).items()
        for node in walked(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "can")
        or (isinstance(node, ast.ImportFrom) and node.module == "bot.telegram.capabilities")
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy of the tree to plant faults in."""
    for package in ("bot", *SILENT):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_channel_is_not_named_in_handlers_domain_texts_and_storage() -> None:
    assert named(ROOT) == []


def test_channel_capabilities_are_read_only_by_listed_modules() -> None:
    assert readers(ROOT) == READERS


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        ("handlers/people/roster.py", 'CHANNEL = "telegram"', "handlers/people/roster.py"),
        ("handlers/people/inviting.py", 'LINK = f"https://t.me/{1}"', "handlers/people/inviting.py"),
        ("texts/zh/roster.po", 'msgid "roster.planted"\nmsgstr "用 Telegram 扫一扫"', "zh roster.planted"),
    ],
)
def test_named_channel_is_found(copy: Path, file: str, line: str, fault: str) -> None:
    with (copy / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n\n{line}\n")
    assert [each for each in named(copy) if each.startswith(fault)] != []


@pytest.mark.parametrize("line", ["def planted(channel):\n    return channel.can.wakes", "from bot.telegram.capabilities import Wakes"])
def test_unlisted_reader_of_capabilities_is_found(copy: Path, line: str) -> None:
    with (copy / "handlers/fallback.py").open("a", encoding="utf-8") as planted:
        planted.write(f"\n\n{line}\n")
    assert readers(copy) - READERS == {"handlers/fallback.py"}
