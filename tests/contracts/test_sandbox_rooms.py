"""The sandbox's rooms import each other in one direction, as sandbox/README.md lists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Room → the rooms it may import. Modules outside the rooms may import all.
MAY_IMPORT = {"core": set[str](), "world": {"core"}, "api": {"world", "core"}, "page": {"world", "core"}}


def forbidden_imports(sandbox: Path) -> list[str]:
    """Return every forbidden import between rooms."""
    found = []
    for room, allowed in MAY_IMPORT.items():
        for file in sorted((sandbox / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                modules += [each.name for each in node.names] if isinstance(node, ast.Import) else []
                named = [parts for module in modules if (parts := module.split("."))[0] == "sandbox"]
                found += [f"{file.name} imports {'.'.join(parts)}" for parts in named if len(parts) < 2 or parts[1] not in allowed | {room}]
    return found


def test_every_room_imports_only_permitted_rooms():
    assert forbidden_imports(ROOT / "sandbox") == []


def test_every_room_is_in_the_table():
    rooms = {folder.name for folder in (ROOT / "sandbox").iterdir() if (folder / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)
    readme = (ROOT / "sandbox" / "README.md").read_text(encoding="utf-8")
    for room, allowed in MAY_IMPORT.items():
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{room}/`"))
        assert {name for name in MAY_IMPORT if f"`{name}`" in row.rsplit("|", 2)[1]} == allowed


@pytest.mark.parametrize(
    ("room", "statement"),
    [
        ("world", "from sandbox.api.targets import known_chat"),
        ("core", "import sandbox.world.world"),
        ("page", "def late():\n    from sandbox.api import botapi"),
        ("api", "from sandbox.server import running"),
    ],
)
def test_room_contract_fails_when_import_is_forbidden(tmp_path: Path, room: str, statement: str):
    (tmp_path / room).mkdir()
    (tmp_path / room / "planted.py").write_text(statement + "\n", encoding="utf-8")
    assert len(forbidden_imports(tmp_path)) == 1
