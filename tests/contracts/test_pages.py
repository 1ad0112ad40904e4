"""config.yaml has every key with its default; the docs mention every command and every key."""

from __future__ import annotations

import re
from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
import yaml
from pydantic import BaseModel, SecretStr, TypeAdapter

from bot.commands.cli import app
from bot.routes import ROUTES
from bot.settings import Settings
from handlers.core.route import CommandRoute
from tests.contracts.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMANDS = sorted({route.name for route in ROUTES if isinstance(route, CommandRoute)})
SUBCOMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # the app is a group


def defaults(model: type[BaseModel] = Settings, prefix: str = "") -> dict[str, Any]:
    """Return {section.key: default} of the settings."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        value = field.get_default(call_default_factory=True)
        if isinstance(value, BaseModel):
            found |= defaults(type(value), f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def same(said: Any, default: Any) -> bool:
    """Return whether a value of the file is the default."""
    match default:
        case timedelta():
            return isinstance(said, str) and bool(TypeAdapter(timedelta).validate_python(said) == default)
        case time():
            return isinstance(said, str) and time.fromisoformat(said) == default
        case Path():
            return Path(said) == default
        case Fraction():
            return isinstance(said, str) and Fraction(said) == default
    return bool(said == default and isinstance(said, bool) == isinstance(default, bool))


def flat(sections: dict[str, Any], known: Iterable[str], prefix: str = "") -> dict[str, Any]:
    """Return {section.key: value}; a map that is a key's value is kept whole."""
    found: dict[str, Any] = {}
    for name, value in sections.items():
        key = f"{prefix}{name}"
        found |= flat(value, known, f"{key}.") if isinstance(value, dict) and key not in known else {key: value}
    return found


def faults_of_file(text: str) -> list[str]:
    """Return keys missing or unknown in a settings file, or with a wrong default.

    Secrets and unset paths must be in comments.
    """
    said = flat(yaml.safe_load(text), defaults())
    known = defaults()
    faults = [f"{key} is unknown" for key in said.keys() - known.keys()]
    for key, default in known.items():
        if default is None or isinstance(default, SecretStr):
            if not re.search(rf"^ *# {key.rpartition('.')[2]}:", text, re.MULTILINE):
                faults.append(f"{key} is not even in a comment")
        elif key not in said:
            faults.append(f"{key} is missing")
        elif not same(said[key], default):
            faults.append(f"{key} is {said[key]!r}, the default is {default!r}")
    return sorted(faults)


def unexplained(text: str) -> list[str]:
    """Return the keys, also those in comments, whose line has no explanation."""
    lines = (re.fullmatch(r"(?:  ){1,2}(?:# )?([a-z_]+):([^#]*)(#.*)?", line) for line in text.splitlines())
    return [found[1] for found in lines if found and not found[3]]


def lacking(text: str, wanted: Iterable[str]) -> list[str]:
    """Return the words that a text does not contain as separate words."""
    return [word for word in wanted if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]


def docs() -> str:
    """Return the text of all pages of docs/."""
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md")))


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def config() -> str:
    return (ROOT / "config.yaml").read_text(encoding="utf-8")


def test_config_yaml_has_every_key_with_its_default():
    assert faults_of_file(config()) == []


def test_config_yaml_explains_every_key():
    assert unexplained(config()) == []


def test_key_without_explanation_is_found():
    assert unexplained("town:\n  name: 禾安  # how it is called\n  # token: x\n  zone: Asia/Shanghai\n") == ["token", "zone"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  at_once: 32 ", "  at_one: 32 ", "delivery.at_one is unknown"),
        ("  at_once: 32 ", "  # ", "delivery.at_once is missing"),
        ("  at_once: 32 ", "  at_once: 33 ", "delivery.at_once is 33, the default is 32"),
        ("list_after: PT15M", "list_after: PT16M", "alerts.list_after is 'PT16M', the default is datetime.timedelta(seconds=900)"),
        ("  # token:", "  # tokens:", "telegram.token is not even in a comment"),
    ],
)
def test_wrong_config_yaml_is_found(old, new, fault):
    assert old in config()
    assert fault in faults_of_file(config().replace(old, new, 1))


def test_docs_mention_every_setting():
    assert lacking(page("configuration.md"), (key.rpartition(".")[2] for key in defaults())) == []


def test_docs_mention_every_chat_command():
    assert lacking(page("commands.md"), (f"/{name}" for name in COMMANDS)) == []


def test_docs_mention_every_operator_command():
    assert lacking(page("operations.md"), (f"python -m bot {name}" for name in SUBCOMMANDS)) == []


def test_docs_mention_no_removed_command():
    spoken = set(re.findall(r"`/([a-z_]+)\b(?!/)", docs()))
    assert spoken - set(COMMANDS) - {"health", "metrics", "bot", "control", "file", "sos", "coming"} == set()


def test_command_missing_in_docs_is_found():
    assert lacking("Send `/report dispute` or /cases.", ["/report", "/cases", "/case", "/ack"]) == ["/case", "/ack"]
