"""Receivers of a post come from `Posts.of`, where the duty rota decides.

A module that reads `holders` of `Posts` itself would wake people who are off shift, and miss nobody only by chance.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.contracts.sources import PACKAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

#: Modules that make `Posts` or add an administrator to them, and the operator's check, which tells nobody.
MAKES_POSTS = frozenset(
    {"domain/people/people.py", "storage/people/people.py", "handlers/core/context.py", "handlers/core/upward.py", "bot/commands/check.py"}
)


def readers_of_holders(root: Path) -> list[str]:
    """Return the places that read an attribute `holders` without calling it."""
    found = []
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            name = file.relative_to(root).as_posix()
            tree = ast.parse(file.read_text(encoding="utf-8"))
            called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
            found += [
                f"{name}:{node.lineno}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and node.attr == "holders" and id(node) not in called and name not in MAKES_POSTS
            ]
    return found


def test_receivers_of_posts_are_chosen_by_the_rota():
    assert readers_of_holders(ROOT) == []


def test_module_that_reads_holders_itself_is_found(tmp_path: Path):
    file = tmp_path / "handlers" / "lamps.py"
    file.parent.mkdir()
    file.write_text("def light(posts, directory):\n    directory.holders(1)\n    return posts.holders.get('duty')\n", encoding="utf-8")
    assert readers_of_holders(tmp_path) == ["handlers/lamps.py:3"]
