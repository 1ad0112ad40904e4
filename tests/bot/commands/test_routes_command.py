"""`python -m bot routes`: the whole table, for people and for scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.commands.cli import app
from bot.commands.routes import lines, listing
from bot.routes import DIALOGS, FEATURES, HOOKS, ROUTES
from domain.people.people import Policy
from handlers.core.dialogs import Dialog
from handlers.core.feature import Feature, dialogs_of, hooks_of, routes_of
from handlers.core.route import ButtonRoute, CommandRoute

ROOT = Path(__file__).parents[3]


async def _nothing(*_: Any) -> Any:
    """Do nothing."""


def test_routes_prints_every_row_once_with_its_policy_and_handler():
    found = listing()
    assert len(found["routes"]) == len(ROUTES)
    assert {each["name"] for each in found["dialogs"]} == set(DIALOGS)
    assert {each["prefix"] for each in found["start_links"]} == set(HOOKS.start_links)
    accept = next(each for each in found["routes"] if (each["kind"], each["trigger"]) == ("command", "accept"))
    assert accept == {
        "feature": "cases",
        "kind": "command",
        "trigger": "accept",
        "policy": "handler",
        "where": "private",
        "menu": ["chair"],
        "free": True,
        "handler": "handlers.cases.moves.command",
    }


def test_routes_prints_a_line_a_row_for_people_and_the_same_as_json_for_scripts():
    said = CliRunner().invoke(app, ["routes"])
    assert said.exit_code == 0
    assert len(said.output.splitlines()) == len(ROUTES) + len(DIALOGS) + len(HOOKS.start_links) + 5
    assert re.search("^alerts +press +aagree", said.output, re.MULTILINE)
    assert json.loads(CliRunner().invoke(app, ["routes", "--json"]).output) == listing()


def test_routes_table_has_no_trailing_blanks_and_one_width_a_column():
    table = lines(
        (Feature("lamps", routes=(CommandRoute("lamp", _nothing, Policy.JOINED), ButtonRoute("l.on", _nothing, Policy.POST, free=True))),)
    )
    assert table[:3] == [
        "feature  kind     trigger  policy  where    menu  free  handler",
        "lamps    command  lamp     joined  private              tests.bot.commands.test_routes_command._nothing",
        "lamps    press    l.on     post                   free  tests.bot.commands.test_routes_command._nothing",
    ]


def test_operations_lists_every_command_of_the_command_line():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    names = {command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands}
    assert {name for name in names if f"`python -m bot {name}" not in page} == set()


# Refusals when the program is put together ----------------------------------------------------------------------------


def test_two_features_with_one_trigger_are_refused():
    one = Feature("one", routes=(ButtonRoute("x", _nothing, Policy.JOINED),))
    with pytest.raises(ValueError, match="two of one route: x"):
        routes_of((one, one))


def test_two_features_with_one_dialog_are_refused():
    one = Feature("one", dialogs=(Dialog("ask", Policy.JOINED, (), _nothing),))
    with pytest.raises(ValueError, match="two of one dialog: ask"):
        dialogs_of((one, one))


@pytest.mark.parametrize("twice", [Feature("one", start_links={"v": _nothing}), Feature("one", kept_drafts={"kept": _nothing})])
def test_two_features_with_one_hook_are_refused(twice):
    with pytest.raises(ValueError, match=r"two of one (start link: v|kept draft: kept)"):
        hooks_of((*FEATURES, twice))


def test_a_second_menu_is_refused_and_so_is_none():
    with pytest.raises(ValueError, match="2 features show the menu"):
        hooks_of((*FEATURES, Feature("one", show_menu=_nothing)))
    with pytest.raises(ValueError, match="0 features show the menu"):
        hooks_of(())
