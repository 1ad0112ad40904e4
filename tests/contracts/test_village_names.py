"""Every text gets a village's name with its station where the name is not unique.

Queries read it by `SHOWN_NAME`; `Village.bare` is for comparison with typed words only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contracts.sources import ROOT, sources

if TYPE_CHECKING:
    from pathlib import Path

#: Modules that compare names with a roster's, and show none.
BARE_IN_SQL = {"storage/people/roster.py", "storage/people/villages.py", "storage/core/village_names.py"}
#: Modules that compare `Village.bare` with words of an operator or a user.
BARE = {"bot/commands/check.py", "domain/people/people.py", "handlers/core/village_choice.py", "handlers/people/joining.py"}


def faults(root: Path) -> list[str]:
    found = []
    for folder in ("bot", "handlers", "storage", "domain"):
        for source in sources(root, folder):
            name, text = str(source.file.relative_to(root)), source.file.read_text(encoding="utf-8")
            if name not in BARE_IN_SQL and re.search(r"\b(v|villages)\.name\b(?! \|\| v\.beside)", text):
                found.append(f"{name} reads a village's name without the station")
            if name not in BARE and re.search(r"\.bare\b", text):
                found.append(f"{name} uses the name without the station")
    return found


def test_names_of_villages_are_read_with_their_station() -> None:
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('SQL = "SELECT v.name AS village FROM villages v"', "reads a village's name without the station"),
        ("TITLE = village.bare", "uses the name without the station"),
    ],
)
def test_name_without_its_station_is_found(tmp_path: Path, line: str, fault: str) -> None:
    for folder in ("bot", "handlers", "storage", "domain"):
        (tmp_path / folder).mkdir()
    (tmp_path / "storage" / "lamps.py").write_text(f"{line}\n", encoding="utf-8")
    assert faults(tmp_path) == [f"storage/lamps.py {fault}"]
