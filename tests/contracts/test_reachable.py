"""Everything works with buttons: each role reaches its commands from the menu."""

from __future__ import annotations

from dataclasses import replace

from bot.routes import HOOKS, ROUTES
from domain.people.people import PASSES, RANK, Role
from handlers.conversation import menu
from handlers.conversation.everything import on_page
from handlers.core.context import Hooks
from handlers.core.route import CommandRoute
from tests.contracts.sources import ROOT, sources
from tests.rows import row
from texts import LANGUAGES, plain

SWITCHES = frozenset(route.feature for route in ROUTES if isinstance(route, CommandRoute) and route.feature)
#: A stranger joins first; until then there are the village's list, the emergency button and typed commands.
ROLES = tuple(role for role in RANK if role is not Role.STRANGER)


def in_code(verb: str) -> bool:
    """Tell whether a feature makes a button with this verb."""
    return any(
        f'"{verb}"' in source.file.read_text(encoding="utf-8") for source in sources(ROOT, "handlers") if source.file.name != "__init__.py"
    )


def unreachable(hooks: Hooks) -> list[tuple[str, str]]:
    """Return (command, role) of every command that a role may use and reaches by no button."""
    found = []
    for role in ROLES:
        roles = frozenset({role, Role.VILLAGER})
        shown = on_page(roles, hooks, SWITCHES)
        in_menu = {button.verb for line in menu.buttons_for(frozenset({role})) for button in line} | {
            button.verb for _, button in hooks.menu_buttons
        }
        for command in hooks.commands.values():
            if command.where == "group" or not roles & (command.menu or PASSES.get(command.policy, frozenset(RANK))):
                continue
            on_card = bool(command.pressed) and (not hooks.understood.presses[command.pressed].about_oneself or not command.menu)
            if command.name not in shown and command.pressed not in in_menu | {menu.BACK.verb} and not on_card:
                found.append((command.name, str(role)))
    return found


def test_every_command_is_reached_by_buttons_for_each_role_that_may_use_it():
    assert unreachable(HOOKS) == []


def test_command_without_a_button_is_found():
    lamp = CommandRoute("lamp", HOOKS.commands["help"].handler, HOOKS.commands["invite"].policy)
    assert ("lamp", "chair") in unreachable(replace(HOOKS, commands={**HOOKS.commands, "lamp": lamp}))


def test_page_of_everything_is_in_every_menu():
    for role in ROLES:
        with row(str(role)):
            assert any(menu.EVERYTHING in line for line in menu.buttons_for(frozenset({role})))


def test_button_that_does_the_same_exists():
    for command in HOOKS.commands.values():
        with row(command.name):
            if command.pressed:
                assert command.pressed in HOOKS.understood.presses
                assert in_code(command.pressed)


def test_button_of_every_command_on_the_page_has_a_label():
    for role in ROLES:
        for name in on_page(frozenset({role, Role.VILLAGER}), HOOKS, SWITCHES):
            for language in LANGUAGES:
                with row(name, language):
                    assert plain(f"menu.do.{name}", language)
