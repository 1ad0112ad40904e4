"""The pages explain every setting, figure and role, and their links work.

A setting has its environment name and default, a figure its limit.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr, TypeAdapter

from bot.commands.roster_files import PERSON
from bot.http.health import FIGURES, LIMITS
from domain.people.people import RANK
from domain.people.roster import ROLE_NAMES
from tests.contracts.sources import ROOT
from tests.contracts.test_pages import COMMANDS, defaults

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGES = ("commands.md", "configuration.md", "operations.md")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """Return {first cell: other cells} of every table row of a page, without backticks.

    The first row with a name counts.
    """
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            first, *others = (cell.strip().strip("`") for cell in line[1:].removesuffix("|").split("|"))
            found.setdefault(first, others)
    return found


def written(default: Any) -> set[str]:
    """Return the forms in which a page may write a default."""
    match default:
        case None | SecretStr():
            return {"none"}
        case bool():
            return {str(default).lower()}
        case timedelta():
            return {TypeAdapter(timedelta).dump_json(default).decode().strip('"'), f"PT{default // timedelta(seconds=1)}S"} | (
                {f"P{default.days}D"} if default.days and not default.seconds else set()
            )
        case time():
            return {default.strftime("%H:%M")}
        case float():
            return {str(default), f"{default:g}"}
    return {str(default)}


def faults_of_settings(text: str) -> list[str]:
    """Return settings missing or unknown on a page, or with a wrong variable or default."""
    said, known = {name: cells for name, cells in rows(text).items() if len(cells) == 3}, defaults()
    faults = [f"{name} is unknown" for name in said.keys() - known.keys()]
    for name, default in known.items():
        variable, shown, meaning = said.get(name, ["", "", ""])
        if variable != f"TONGXIN_{name.replace('.', '__').upper()}":
            faults.append(f"{name}: its variable is missing or wrong")
        elif shown not in written(default):
            faults.append(f"{name}: the default is {default!r}")
        elif not meaning:
            faults.append(f"{name}: no meaning")
    return sorted(faults)


def faults_of_figures(text: str) -> list[str]:
    """Return the figures missing on a page or with a wrong limit."""
    said = rows(text)
    lacking = [f"{name} is missing" for name in FIGURES if name not in said]
    limits = {name: f"{LIMITS[name]:g}" if name in LIMITS else "" for name in FIGURES}
    return lacking + [f"{name}: the limit is {most or 'none'}" for name, most in limits.items() if name in said and said[name][1] != most]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken_links(texts: dict[str, str]) -> list[str]:
    """Return the broken links between pages and within a page."""
    broken = []
    for name, text in texts.items():
        for file, anchor in re.findall(r"\]\((?!\w+:)([\w./-]*)(?:#([\w-]+))?\)", text):
            target = (ROOT / "docs" / name).parent / file if file else ROOT / "docs" / name
            known = texts.get(file or name) or (target.read_text(encoding="utf-8") if target.is_file() else "")
            if not target.exists() or (anchor and anchor not in anchors(known)):
                broken.append(f"{name}: {file}#{anchor}")
    return broken


def lacking(text: str, wanted: Iterable[str]) -> list[str]:
    return [word for word in wanted if f"`{word}`" not in text]


def test_every_setting_has_variable_default_and_meaning() -> None:
    assert faults_of_settings(page("configuration.md")) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("`delivery.at_once`", "`delivery.at_one`", "delivery.at_one is unknown"),
        ("TONGXIN_DELIVERY__AT_ONCE", "TONGXIN_DELIVERY_AT_ONCE", "delivery.at_once: its variable is missing or wrong"),
        ("| `32` |", "| `33` |", "delivery.at_once: the default is 32"),
        ("| `PT15M` |", "| `PT16M` |", "alerts.list_after: the default is datetime.timedelta(seconds=900)"),
    ],
)
def test_wrong_setting_is_found(old: str, new: str, fault: str) -> None:
    assert old in page("configuration.md")
    assert fault in faults_of_settings(page("configuration.md").replace(old, new, 1))


def test_every_figure_has_limit() -> None:
    assert faults_of_figures(page("operations.md")) == []


def test_wrong_figure_is_found() -> None:
    text = page("operations.md").replace("`inbox_age_s`", "`inbox_age`").replace("| 300 |", "| 301 |")
    assert faults_of_figures(text) == ["inbox_age_s is missing", "outbox_age_s: the limit is 300"]


def test_every_chat_command_is_in_a_table_with_example() -> None:
    said = rows(page("commands.md"))
    examples = " ".join(cells[-1] for cells in said.values() if len(cells) == 3)
    assert [name for name in COMMANDS if not any(first.split("`")[0].strip() == f"/{name}" for first in said)] == []
    assert [name for name in COMMANDS if not re.search(rf"/{name}\b", examples)] == []


def test_every_role_and_column_is_explained() -> None:
    assert [role for role in RANK if f"| {role} |" not in page("commands.md")] == []
    assert lacking(page("operations.md"), {*map(str, ROLE_NAMES.values()), *PERSON}) == []


def test_links_are_valid() -> None:
    texts = {name: page(name) for name in PAGES}
    assert broken_links(texts) == []
    assert "the-roster" in anchors(texts["operations.md"])


def test_broken_link_is_found() -> None:
    text = "# One\n[here](#one) [there](#two) [page](commands.md#the-roles) [gone](gone.md)"
    assert broken_links({"operations.md": text, "commands.md": "## The roles"}) == ["operations.md: #two", "operations.md: gone.md#"]
