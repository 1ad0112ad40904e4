"""Folders have at most 20 Python files, modules at most 400 lines.

Tests and benchmarks are not measured. The limits keep everything easy to find.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_FILES, MOST_LINES = 20, 400
#: The packages that run; the length of tests and benchmarks is not limited.
PACKAGES = ("bot", "handlers", "storage", "domain", "texts", "sandbox")


def too_large(root: Path) -> list[str]:
    """Return the folders with too many Python files and the modules with too many lines."""
    files = sorted(file for package in PACKAGES for file in (root / package).rglob("*.py"))
    assert files, root
    counts = {folder: sum(file.parent == folder for file in files) for folder in sorted({file.parent for file in files})}
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    return [
        *(f"{folder.relative_to(root)}: {count} files" for folder, count in counts.items() if count > MOST_FILES),
        *(f"{file.relative_to(root)}: {length} lines" for file, length in lengths.items() if length > MOST_LINES),
    ]


def test_folders_and_modules_stay_within_limits():
    assert too_large(ROOT) == []


@pytest.mark.parametrize(
    ("files", "lines", "found"),
    [
        (20, 400, []),
        (21, 400, ["domain/cases: 21 files"]),
        (20, 401, ["domain/cases/m0.py: 401 lines"]),
    ],
)
def test_size_contract_fails_when_a_folder_or_a_module_is_too_large(tmp_path: Path, files: int, lines: int, found: list[str]):
    folder = tmp_path / "domain" / "cases"
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"m{number}.py").write_text("x = 1\n" * (lines if number == 0 else 1), encoding="utf-8")
    assert too_large(tmp_path) == found


def test_every_runtime_package_is_measured():
    outside = {"tests", "benchmarks"}
    assert {path.parent.name for path in ROOT.glob("[a-z]*/__init__.py")} - outside == set(PACKAGES)
