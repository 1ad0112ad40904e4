"""Run what an edit of one feature needs, in less than a minute, on a copy of the tree, so that one can go on typing.

    python -m tests.quick FEATURE [arguments of pytest]

A test belongs to a feature when its module, or a folder above it, bears the feature's name: `tests/domain/test_alerts.py`, `tests/handlers/cases/…`.
Run are those of the domain, the storage, the handlers and the bot, the feature's end-to-end plays on SQLite, the contracts without the benchmarks,
and the test that asks every feature's storage as somebody who may not see it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.engines import SHARED_MEMORY
from tests.supervisor import ROOT

FOLDERS = ("domain", "storage", "handlers", "bot", "e2e")
#: Features whose end-to-end play bears another name.
PLAYS = {
    "case": "s2_disputes",
    "report": "s2_disputes",
    "escalation": "s3_ladder",
    "joining": "s1_people",
    "roster": "s1_people",
    "broadcast": "s6_tips",
}
SLOW = "tests/contracts/test_benchmarks.py"
#: What is run for every feature.
ALWAYS = ("tests/handlers/test_scope.py", "tests/contracts")


def modules(feature: str, root: Path = ROOT) -> list[str]:
    """Return the test modules of a feature, relative to the root."""
    name = feature.removesuffix("s")
    return sorted(str(file.relative_to(root)) for folder in FOLDERS for file in _of(name, root / "tests" / folder))


def _of(name: str, folder: Path) -> Iterator[Path]:
    for file in folder.rglob("test_*.py"):
        words = "/".join((*file.relative_to(folder).parent.parts, file.stem.removeprefix("test_")))
        if name in words or (folder.name == "e2e" and PLAYS.get(name, "-") in words):
            yield file


def copied(folder: Path) -> None:
    """Copy what git knows or would add, as it stands now; the environment and the history are only linked.

    What Python compiled is copied too: it holds for files of the same size and time, and compiling everything anew takes longer than the tests.
    A traceback therefore names a file of the tree that was copied, unless the file was compiled here.
    """
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in map(os.fsdecode, filter(None, listed.stdout.split(b"\0"))) if (ROOT / name).is_file()]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    for place in {Path(name).parent / "__pycache__" for name in names if name.endswith(".py")}:
        if (ROOT / place).is_dir():
            shutil.copytree(ROOT / place, folder / place)
    for name in (".git", ".venv"):
        if (ROOT / name).exists() and not (folder / name).exists():
            (folder / name).symlink_to((ROOT / name).resolve())


def main(arguments: list[str]) -> int:
    """Run the tests of a feature; return pytest's exit code."""
    found = modules(arguments[0]) if arguments and arguments[0] else []
    if not found:
        sys.stderr.write(
            "Name a feature whose tests are to run: make quick X=alerts (a part of the name of test modules or of a folder of them)\n"
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="tongxin-quick-", dir=SHARED_MEMORY) as folder:
        copied(Path(folder))
        command = [sys.executable, "-m", "pytest", "-q", "--engines", "sqlite", *sorted({*found, *ALWAYS}), f"--ignore={SLOW}"]
        return subprocess.run([*command, *arguments[1:]], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
