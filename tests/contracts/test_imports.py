"""Import contracts between packages.

The contracts are in pyproject.toml. For each, a test shows that it catches a forbidden import.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
PACKAGES: list[str] = SETTINGS["root_packages"]
CONTRACTS: list[str] = [contract["id"] for contract in SETTINGS["contracts"]]

VIOLATIONS = [
    ("layers", "domain", "import storage"),
    ("layers", "storage", "import handlers"),
    ("layers", "handlers", "import bot"),
    ("texts-know-nothing", "texts", "import domain"),
    ("texts-above", "storage", "import texts"),
    ("sandbox-alone", "sandbox", "import domain"),
    ("sandbox-by-url", "bot", "import sandbox"),
    ("telegram", "handlers", "from telegram.error import Forbidden"),
    ("telegram", "storage", "from telegram import Update"),
    ("telegram", "sandbox", "def late():\n    import telegram.ext"),
    ("drivers", "handlers", "import sqlite3"),
    ("drivers", "bot", "import aiosqlite"),
    ("pure-domain", "domain", "import asyncio"),
    ("features-of-handlers", "handlers/people", "import handlers.alerts"),
    ("features-of-handlers", "handlers/alerts", "import handlers.training"),
    ("features-of-storage", "storage/core", "import storage.cases"),
    ("features-of-storage", "storage/people", "def late():\n    import storage.cases"),
    ("features-of-domain", "domain/core", "import domain.alerts"),
    ("core-by-value", "handlers/core", "import bot.routes"),
    ("core-by-value", "storage/core", "import storage.features"),
]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in `folder` only."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_packages_keep_import_contracts() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def inner_packages() -> list[str]:
    """Return the folders of the features that the contracts name."""
    layers = [(each["containers"][0], name) for each in SETTINGS["contracts"] if "containers" in each for name in each["layers"]]
    return [f"{container}/{name.strip()}" for container, names in layers for name in re.split("[|:]", names)]


@pytest.fixture(scope="module")
def empty_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages without a module in them: every contract is kept."""
    folder = tmp_path_factory.mktemp("empty")
    for name in (*PACKAGES, *inner_packages(), "bot/routes"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", folder)
    result = lint(folder)
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout, result.stdout + result.stderr
    return folder


@pytest.mark.parametrize(("contract", "package", "statement"), VIOLATIONS)
def test_import_contract_fails_when_forbidden_import_is_added(
    empty_packages: Path, tmp_path: Path, contract: str, package: str, statement: str
) -> None:
    shutil.copytree(empty_packages, tmp_path, dirs_exist_ok=True)
    (tmp_path / package / "planted.py").write_text(statement + "\n", encoding="utf-8")
    after = lint(tmp_path, "--contract", contract)
    assert after.returncode == 1, after.stdout + after.stderr
    assert "0 kept, 1 broken" in after.stdout
    assert f"{package.replace('/', '.')}.planted" in after.stdout


def test_every_contract_has_a_violation_example() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(CONTRACTS)


def test_every_package_is_under_contract() -> None:
    outside = {"tests", "benchmarks"}  # they may import everything
    ours = {path.parent.name for path in ROOT.glob("[a-z]*/__init__.py")}
    assert ours - outside == set(PACKAGES)
