"""Reads the initial world from a YAML or JSON file: users, groups and phones shown first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from sandbox.core.errors import ControlError
from sandbox.world.user_actions.groups import add_group
from sandbox.world.user_actions.people import add_user

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.world.world import World


def load(world: World, path: Path) -> None:
    """Fill a world from a file. Raise `ControlError` for invalid content."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.keys() - {"users", "groups", "phones"}:
        raise ControlError(f"{path}: users, groups and phones are expected")
    for user in content.get("users") or []:
        add_user(world, user)
    for group in content.get("groups") or []:
        add_group(world, group)
    world.phones = [int(each) for each in content.get("phones") or []]
