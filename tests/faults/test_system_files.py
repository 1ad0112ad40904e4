"""Files that are lost, damaged, swapped, forbidden or too new.

A start refuses in a sentence and leaves them as they are, or serves exactly their content. Only one damage cannot be detected: a changed
byte inside a value of the main file after a kill. After a clean stop that is detected too.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import storage.engine.integrity
import storage.engine.sqlite
from bot.commands.backups import back_up, restore
from bot.settings import Settings
from storage.engine.integrity import is_older, mark_of
from storage.features import REGISTRY
from storage.maintenance.backup import PASSED_OVER, RESTORED
from storage.values import to_us
from tests.faults.system_files import Content, Files, Mutant, Outcome, content_of, files_of, lay, make_files, mutate, start_on
from tests.process import Bot
from tests.supervisor import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.invariant_log import InvariantLog

SEED = 20261124
#: Damages that may change only a value in the main file, which cannot be detected after a kill.
CONTENT_ONLY = {"flip", "burst", "zero_page", "doubled_page", "noisy_page", "half_copied"}
pytestmark = pytest.mark.timeout(1200)


@dataclass(frozen=True, slots=True)
class Left:
    """The files that a town left, their content, and a stranger's files."""

    files: Files
    truth: Content
    others: Files


@pytest.fixture(params=["stopped", "killed", "killed after a stop"])
async def left(request: pytest.FixtureRequest, tmp_path: Path) -> Left:
    """A town of thirty reports, stopped or killed."""
    stopped_before = request.param == "killed after a stop"
    files, truth = await make_files(tmp_path / "town", reports=30, killed=request.param != "stopped", stopped_before=stopped_before)
    others, _ = await make_files(tmp_path / "other", reports=3, killed=True)
    return Left(files, truth, others)


@pytest.fixture
async def killed(tmp_path: Path) -> Left:
    """A killed town with all its data still in its log, and a stranger's."""
    files, truth = await make_files(tmp_path / "town", reports=30, killed=True)
    others, _ = await make_files(tmp_path / "other", reports=3, killed=True)
    return Left(files, truth, others)


def verdict(mutant: Mutant, outcome: Outcome, truth: Content) -> str:
    """Return the verdict on a mutant: refused, right, loud (found on reading), or a failure.

    Words that name a failure are in capitals.
    """
    if outcome.refused:
        if "python -m bot restore" not in outcome.refused:
            return f"WITHOUT A WAY OUT: {outcome.refused}"
        return "refused" if outcome.untouched else "REFUSED BUT CHANGED"
    if outcome.content is None:
        return "loud"
    if outcome.content == truth:
        return "right"
    rows = {name: len(found) for name, found in outcome.content.items()} == {name: len(found) for name, found in truth.items()}
    return (
        "value" if rows and mutant.part == "" and mutant.damage in CONTENT_ONLY else f"SILENTLY WRONG: {mutant.damage} of {mutant.part!r}"
    )


async def judge(left: Left, count: int, path: Path, *, dice: random.Random) -> Counter[str]:
    """Start on so many mutants; count the verdicts."""
    found: Counter[str] = Counter()
    for _ in range(count):
        mutant = mutate(left.files, left.others, dice)
        found[verdict(mutant, await start_on(mutant.files, path), left.truth)] += 1
    return found


async def test_start_refuses_or_serves_same_rows_when_file_is_damaged(left: Left, tmp_path: Path, invariant_log: InvariantLog) -> None:
    clean = "-wal" not in left.files
    count = invariant_log.size(small=50, full=700)
    dice = random.Random(SEED)  # noqa: S311 (a die, not a secret)
    found = await judge(left, count, tmp_path / "mutant.db", dice=dice)
    bad = {name: n for name, n in found.items() if name.isupper() or name.split(":")[0].isupper()}
    good: dict[str, Any] = {name: n for name, n in sorted(found.items()) if name not in bad}
    after = "after a clean stop" if clean else "after a kill after a stop" if b"seal" in left.files[".mark"] else "after a kill"
    invariant_log.ran(f"damaged files {after}", count, failed=sum(bad.values()), **good)
    assert not bad
    assert found["refused"] > count / 5
    assert not clean or not found["value"] + found["loud"], "after a clean stop every changed byte is found"
    assert found["value"] <= max(2, count / 50)


async def test_start_succeeds_when_files_are_intact(tmp_path: Path, invariant_log: InvariantLog) -> None:
    """After any commit, beside any earlier mark, with or without changes of the log.

    Other programs make these changes of the log.
    """
    refused = []
    count = invariant_log.size(small=8, full=60)
    early: bytes | None = None
    for reports in range(1, count + 1):
        folder = tmp_path / str(reports)
        files, truth = await make_files(folder, reports=reports, killed=reports % 3 > 0, checkpoint=reports % 2 == 0)
        early = early or files[".mark"]
        path = tmp_path / "again.db"
        for mark in (files[".mark"], files[".mark"][: len(files[".mark"]) // 2], None):
            laid = files | {".mark": mark} if mark is not None else {suffix: part for suffix, part in files.items() if suffix != ".mark"}
            outcome = await start_on(laid, path)
            refused += [outcome.refused] if outcome.refused or outcome.content != truth else []
        lay(files, path)
        assert content_of(path) == truth  # another program reads it, and writes the log back as it leaves
        outcome = await start_on(files_of(path), tmp_path / "again.db")
        refused += [outcome.refused] if outcome.refused or outcome.content != truth else []
        shutil.rmtree(folder)
    invariant_log.ran("starts on unharmed files", count * 4, failed=len(refused))
    assert not refused


async def test_town_keeps_its_rows_when_stopped_and_killed_repeatedly(tmp_path: Path) -> None:
    """Stopped, opened, killed, opened again and again: the mark follows."""
    files, truth = await make_files(tmp_path / "town", reports=5, killed=False)
    path = tmp_path / "again.db"
    for _ in range(3):
        outcome = await start_on(files, path)
        assert (outcome.refused, outcome.content) == ("", truth)
        files = files_of(path)
        assert "-wal" not in files
        assert b"seal" in files[".mark"]


# Mutants that the harness must find -----------------------------------------------------------------------------------


async def mutants_until(wanted: str, left: Left, path: Path, most: int = 300) -> int:
    """Return after how many mutants a verdict with these words was given; 0 if never."""
    dice = random.Random(SEED)  # noqa: S311 (a die, not a secret)
    for number in range(1, most + 1):
        mutant = mutate(left.files, left.others, dice)
        if wanted in verdict(mutant, await start_on(mutant.files, path), left.truth):
            return number
    return 0


async def test_damage_trials_fail_when_lost_database_is_created_again(
    killed: Left, tmp_path: Path, monkeypatch, invariant_log: InvariantLog
) -> None:
    monkeypatch.setattr(storage.engine.sqlite, "examine", lambda path: None)
    after = await mutants_until("SILENTLY WRONG: deleted of ''", killed, tmp_path / "mutant.db")
    invariant_log.mutant("an absent database is made anew", found=after > 0, after=f"{after} mutants")
    assert after


async def test_damage_trials_fail_when_start_skips_its_checks(
    killed: Left, tmp_path: Path, monkeypatch, invariant_log: InvariantLog
) -> None:
    monkeypatch.setattr(storage.engine.integrity, "damage", lambda raw, thorough: "")
    monkeypatch.setattr(storage.engine.integrity, "is_older", lambda number, than: False)
    after = await mutants_until("SILENTLY WRONG", killed, tmp_path / "mutant.db")
    invariant_log.mutant("no check at the start", found=after > 0, after=f"{after} mutants")
    assert after


async def test_damage_trials_fail_when_start_ignores_last_commit(
    killed: Left, tmp_path: Path, monkeypatch, invariant_log: InvariantLog
) -> None:
    monkeypatch.setattr(storage.engine.integrity, "is_older", lambda number, than: False)
    after = await mutants_until("of '-wal'", killed, tmp_path / "mutant.db")
    invariant_log.mutant("the last commit is not remembered", found=after > 0, after=f"{after} mutants")
    assert after


async def test_intact_town_is_refused_when_mark_is_ahead_of_commit(tmp_path: Path, invariant_log: InvariantLog, monkeypatch) -> None:
    """A mark ahead of the durable data refuses a town that lost nothing."""
    note = storage.engine.integrity.Mark.note
    ahead = storage.engine.integrity.Stamp
    monkeypatch.setattr(storage.engine.integrity.Mark, "note", lambda mark, stamp: note(mark, ahead(stamp.database, stamp.number + 1)))
    files, _ = await make_files(tmp_path / "town", reports=3, killed=True)
    outcome = await start_on(files, tmp_path / "again.db")
    invariant_log.mutant("the mark is written before the commit", found=bool(outcome.refused), after="1 kill")
    assert "its last 1 commits are missing" in outcome.refused


def test_commit_numbers_are_ordered_when_they_wrap_around() -> None:
    top = storage.engine.integrity.NUMBERS
    assert is_older(4, 5)
    assert not is_older(5, 5)
    assert not is_older(6, 5)
    assert is_older(top - 1, 0)
    assert not is_older(0, top - 1)


# The way out ----------------------------------------------------------------------------------------------------------


async def test_backup_restores_town_when_start_was_refused(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "town.db"
    files, truth = await make_files(tmp_path / "made", reports=4, killed=True)
    lay(files, path)
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    settings = Settings(database={"url": f"sqlite:///{path}"}, backup={"folder": tmp_path / "backups"})  # type: ignore[arg-type]
    backup, _ = back_up(settings, at=datetime.now(UTC))
    given: dict[str, int] = dict(truth["counters"])
    at = datetime.now(UTC)
    again = sorted((each.name, given.get(each.name, each.first - 1) + PASSED_OVER) for each in REGISTRY.numbers)
    truth |= {"counters": again, "facts": sorted([*truth["facts"], (RESTORED, str(to_us(at)))])}
    for damaged in ({}, {"": b""}, {"": files[""]}):
        rest = {".mark": files[".mark"]}
        outcome = await start_on(damaged | rest, path)
        assert "python -m bot restore" in outcome.refused
        _, kept = restore(settings, backup, at=at)
        assert not mark_of(path).exists(), "the mark of what was set aside must not judge what was restored"
        assert (kept is not None) == ("" in damaged)
        outcome = await start_on(files_of(path), path)
        assert (outcome.refused, outcome.content) == ("", truth)


# The real process -----------------------------------------------------------------------------------------------------


def bare_root() -> list[str] | None:
    """Return a prefix that makes root obey a file's rights.

    It is empty for ordinary users, None when there is no way.
    """
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if shutil.which("setpriv") else None


def _forbid_file(path: Path) -> None:
    path.chmod(0o400)


def _forbid_folder(path: Path) -> None:
    path.with_name("town.db.lock").touch()
    path.parent.chmod(0o500)


def _give_away(path: Path) -> None:
    os.chown(path, 65534, 65534)
    path.chmod(0o600)


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO migrations (number, name) VALUES (9999, '9999_tomorrow')")
    raw.close()
    mark_of(path).unlink()


def _folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


#: A change of a stopped town's folder; whether it is about file rights; words of the refusal.
REFUSED: dict[str, tuple[Callable[[Path], object], bool, str]] = {
    "a file that may only be read": (_forbid_file, True, "readonly"),
    "a folder that may only be read": (_forbid_folder, True, "cannot be"),
    "a file of somebody else": (_give_away, True, "cannot be"),
    "no folder": (lambda path: shutil.rmtree(path.parent), False, "No such file or directory"),
    "a folder in the file's place": (_folder_instead, False, "is a folder"),
    "a letter in the file's place": (lambda path: path.write_text("亲爱的" * 100), False, "is not a database"),
    "an empty file": (lambda path: path.write_bytes(b""), False, "is not a database"),
    "a file from a newer version": (_newer, False, "newer version"),
    "the file is gone": (lambda path: path.unlink(), False, "there was one"),
    "half of the file": (lambda path: os.truncate(path, path.stat().st_size // 2), False, "something changed it"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_process_refuses_with_a_sentence_when_files_are_wrong(name: str, tmp_path: Path, invariant_log: InvariantLog) -> None:
    break_it, about_rights, words = REFUSED[name]
    prefix = bare_root() if about_rights else []
    if prefix is None or (break_it is _give_away and os.geteuid() != 0):
        invariant_log.ran("starts on unusable files", 0, skipped=1, reason="needs root, and setpriv to give its powers up")
        pytest.skip("needs root, and setpriv to give its powers up")
    folder = tmp_path / "town"
    await make_files(folder, reports=1, killed=False)
    bot = Bot("http://127.0.0.1:1", "123456:SANDBOX", folder)
    break_it(bot.database)
    before = _tree(folder)
    code, printed = await (_started_by(prefix, bot) if about_rights else bot.command("run"))
    after = _tree(folder)
    if folder.exists():
        folder.chmod(0o700)
    invariant_log.ran("starts on unusable files", 1, failed=int(code != 1 or before != after))
    assert code == 1
    assert words in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1, printed
    assert after == before


async def _started_by(prefix: list[str], bot: Bot) -> tuple[int | None, str]:
    """Start a bot in a new interpreter; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(*prefix, sys.executable, "-m", "bot", "run"),
        env=bot.environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        printed = (await process.communicate())[0].decode()
    return process.returncode, printed


def _tree(folder: Path) -> dict[str, bytes]:
    """Return every file that must stay as it is.

    Leaves out the lock, which says nothing, and the index, which every reader creates again.
    """
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith((".lock", "-shm")) and not (file.name.endswith("-wal") and not file.stat().st_size)
    }
