"""The route table: every row has a policy, every handler a row, every button a route that takes it, every promised command exists.

What the policies let through is written down here once more, so that a door is opened on purpose or not at all.
"""

from __future__ import annotations

import inspect
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from bot.handling.dispatch import Table
from bot.routes import DIALOGS, FEATURES, HOOKS, ROUTES
from bot.telegram.buttons import LIMIT, Signer
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.people.people import RANK, STATION_ROLES, Person, Policy, Post, Role, admit, may_try
from handlers.core.route import ButtonRoute, CommandRoute, MessageRoute, Route, TimerRoute
from tests.contracts.sources import ROOT, built_verbs, buttons, catalog, clocks, dialogs_begun, timers, unreached_handlers

if TYPE_CHECKING:
    from pathlib import Path

#: The fixed commands of the systems that this release has.
PROMISED = {
    "start", "help", "language", "me", "forget", "report", "cases", "case", "note", "withdraw", "reopen", "accept", "mediate", "settle",
    "escalate", "refer", "close", "ack", "alert", "tip", "training", "bind", "invite", "roster", "handover", "duty",
}  # fmt: skip
#: What a person may try who has not joined: meeting the bot, being answered, leaving a conversation. Everything else is refused.
OPEN_TO_STRANGERS = {
    "answer", "back", "cancel", "start", "help", "join", "jlater", "jpick", "jpage", "take", "nottake", "me", "language", "langs", "lang",
    "forget", "private", "group", "member", "moved", "edited", "misplaced", "bind", "unbind", "menu", "mistake",
    "sos", "m.sos", "m.me",
    # A case's buttons are answered by the case: whoever it does not concern, stranger or ex-officer, hears that it is not there.
    "c.acc", "c.ack", "c.med", "c.set", "c.esc", "c.ref", "c.clo", "c.ask", "c.rec", "c.ans", "c.not", "c.wd", "c.re", "c.ok", "c.no",
    "c.all", "c.pic",
}  # fmt: skip
#: What is never counted against a person's limit a minute: help in danger, what ends somebody's wait, and what happens in a group.
UNCOUNTED = {
    "sos", "m.sos", "urgent", "calm", "mistake",
    "accept", "ack", "c.acc", "c.ack", "atold", "aseen", "atel", "drillok", "drilltel",
    "group", "member", "moved", "misplaced",
}  # fmt: skip
MOST_DIGITS = 9


def trigger(route: Route) -> str:
    match route:
        case CommandRoute(name=name):
            return name
        case ButtonRoute(verb=verb):
            return verb
        case MessageRoute(kind=kind) | TimerRoute(kind=kind):
            return kind


def person(role: Role, *, suspended: bool = False) -> Person:
    """Somebody who has joined and holds this one post."""
    address, village = Address("telegram", ChatId(1)), VillageId(1)
    if role is Role.STRANGER:
        return Person(None, "", "zh", address)
    somebody = Person(PersonId(1), "", "zh", address, village, consented=True, suspended=suspended)
    if role is Role.VILLAGER:
        return somebody
    return replace(somebody, posts=(Post(role, StationId(1), None if role in STATION_ROLES else village),))


# Policies -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", get_args(Route))
def test_a_row_without_a_policy_cannot_be_written(kind):
    assert "policy" in inspect.signature(kind).parameters
    if kind is not TimerRoute:  # the clock's rows have the clock's policy
        assert inspect.signature(kind).parameters["policy"].default is inspect.Parameter.empty


@pytest.mark.parametrize("route", ROUTES, ids=trigger)
def test_every_row_has_a_policy(route):
    assert isinstance(route.policy, Policy)
    assert (route.policy is Policy.CLOCK) == isinstance(route, TimerRoute)


def test_what_strangers_may_try_is_this_and_no_more():
    tried = {trigger(route) for route in ROUTES if may_try(person(Role.STRANGER), route.policy)}
    assert tried - OPEN_TO_STRANGERS == set()


def test_what_somebody_may_do_without_being_counted_is_this_and_no_more():
    assert {trigger(route) for route in ROUTES if not isinstance(route, TimerRoute) and route.free} == UNCOUNTED


def test_who_is_suspended_may_try_what_a_stranger_may():
    for role in set(RANK) - {Role.STRANGER}:
        for route in ROUTES:
            allowed = may_try(person(role, suspended=True), route.policy)
            assert allowed == may_try(person(Role.STRANGER), route.policy), (role, trigger(route))


@pytest.mark.parametrize("route", [route for route in ROUTES if isinstance(route, TimerRoute)], ids=trigger)
def test_nobody_can_do_what_the_clock_does(route):
    assert not any(may_try(person(role), route.policy) for role in RANK)


def test_every_policy_is_decided_for_every_role():
    passes = {policy: {role for role in RANK if may_try(person(role), policy)} for policy in Policy}
    everybody = set(RANK)
    police = {Role.OFFICER, Role.DUTY, Role.LEADER}
    assert passes == {
        Policy.ANYONE: everybody,
        Policy.JOINED: everybody - {Role.STRANGER},
        Policy.POST: everybody - {Role.STRANGER, Role.VILLAGER},
        Policy.COMMITTEE: police | {Role.MEMBER, Role.CHAIR, Role.SECRETARY},
        Policy.HANDLER: police | {Role.CHAIR},
        Policy.POLICE: police,
        Policy.STATION: {Role.DUTY, Role.LEADER, Role.ADMIN},
        Policy.ADMIN: {Role.ADMIN},
        Policy.CLOCK: set(),
    }


def test_who_may_not_is_told_so():
    with pytest.raises(RuleError, match=r"^refused\.join_first$"):
        admit(person(Role.STRANGER), Policy.JOINED)
    with pytest.raises(RuleError, match=r"^refused\.not_allowed$"):
        admit(person(Role.VILLAGER), Policy.HANDLER)


# Rows -----------------------------------------------------------------------------------------------------------------


def test_every_promised_command_exists():
    assert PROMISED - {route.name for route in ROUTES if isinstance(route, CommandRoute)} == set()


def test_every_handler_is_reached():
    assert unreached_handlers(ROOT) == []


def test_a_handler_that_nobody_reaches_is_found(tmp_path: Path):
    for name in ("bot", "handlers"):
        (tmp_path / name).mkdir()
    (tmp_path / "handlers" / "lamps.py").write_text(
        "async def light(ctx: HandlerContext) -> None: ...\nasync def douse(ctx: HandlerContext) -> None: ...\n", encoding="utf-8"
    )
    (tmp_path / "handlers" / "wires.py").write_text("async def douse(ctx: HandlerContext) -> None: ...\n", encoding="utf-8")
    routes = "from handlers import lamps\nfrom handlers.wires import douse as cut\nROUTES = (CommandRoute('lamp', lamps.light), ButtonRoute('douse', cut))\n"
    (tmp_path / "bot" / "routes.py").write_text(routes, encoding="utf-8")
    assert unreached_handlers(tmp_path) == ["handlers.lamps.douse is never routed (handlers/lamps.py:2)"], (
        "its namesake's row is not its own"
    )


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_feature_whose_rows_are_deleted_is_found(tmp_path: Path, feature):
    for name in ("bot", "handlers"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    package = tmp_path / "handlers" / feature.name
    place = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    place.write_text(place.read_text(encoding="utf-8").partition("FEATURE = ")[0], encoding="utf-8")
    lost = {
        f"{route.handler.__module__}.{route.handler.__qualname__}"
        for route in feature.routes
        if "<locals>" not in route.handler.__qualname__
    }
    mentioned_elsewhere = lost - {line.partition(" ")[0] for line in unreached_handlers(tmp_path)}
    assert len(mentioned_elsewhere) < len(lost) / 2, "the others are called by their neighbours"


def test_every_conversation_that_code_begins_is_a_dialog():
    assert {name: where for name, where in dialogs_begun(ROOT).items() if name not in DIALOGS} == {}


def test_a_conversation_that_no_feature_declares_is_found(tmp_path: Path):
    (tmp_path / "handlers").mkdir()
    code = (
        "DOUSE = Dialog('douse')\ndef which(on):\n    return 'light' if on else DOUSE.name\n"
        "A = begin(ctx, 'lamp')\nB = begin(ctx, which(1))\nC = begin(ctx, name)\n"
    )
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert list(dialogs_begun(tmp_path)) == ["lamp", "light", "douse", "name"]


def test_two_rows_for_one_trigger_are_refused():
    route = next(route for route in ROUTES if isinstance(route, CommandRoute))
    with pytest.raises(ValueError, match=f"two routes for {route.name}"):
        Table.of([*ROUTES, route], DIALOGS, HOOKS)


@pytest.mark.parametrize("route", [route for route in ROUTES if isinstance(route, CommandRoute)], ids=trigger)
def test_telegram_takes_the_command_and_its_description(route):
    assert re.fullmatch("[a-z0-9_]{1,32}", route.name)
    assert route.where in ("private", "group", "both")
    if route.menu or route.where != "private":
        for language in ("zh", "en"):
            assert 1 <= len(catalog(ROOT, language).get(f"command.{route.name}", "")) <= 256


def test_every_command_description_belongs_to_a_command():
    described = {key.removeprefix("command.") for key in catalog(ROOT, "zh") if key.startswith("command.")}
    assert described - {route.name for route in ROUTES if isinstance(route, CommandRoute)} == set()


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_is_under_its_own_name_and_its_steps_differ(name):
    dialog = DIALOGS[name]
    steps = [step.name for step in dialog.steps]
    assert (dialog.name, len(set(steps)), isinstance(dialog.policy, Policy)) == (name, len(steps), True)
    asked = [step.ask for step in dialog.steps]
    assert [key for key in asked if key not in catalog(ROOT, "zh")] == []


# Buttons --------------------------------------------------------------------------------------------------------------


def data_of(verb: str, *arguments: str) -> str:
    return Signer("123456:TEST").write(verb, arguments, chat_id=-1009999999999999)


@pytest.mark.parametrize("button", buttons(ROOT, number=MOST_DIGITS), ids=lambda button: f"{button.verb}@{button.where}")
def test_every_button_has_a_route_and_fits(button):
    if button.verb:
        assert button.verb in {route.verb for route in ROUTES if isinstance(route, ButtonRoute)}, button.where
        assert len(data_of(button.verb, *("9" * width for width in button.widths)).encode()) <= LIMIT


@pytest.mark.parametrize(
    ("dialog", "step"), [(dialog.name, step.name) for dialog in DIALOGS.values() for step in dialog.steps if step.choices]
)
def test_an_answer_of_every_dialog_leaves_room_for_its_value(dialog, step):
    assert len(data_of("answer", dialog, step, "v" * 20).encode()) <= LIMIT


@pytest.mark.parametrize("route", [route for route in ROUTES if isinstance(route, ButtonRoute)], ids=trigger)
def test_every_press_takes_two_numbers(route):
    assert len(data_of(route.verb, "9" * MOST_DIGITS, "9" * MOST_DIGITS).encode()) <= LIMIT
    assert re.fullmatch("[a-z0-9_.]{1,16}", route.verb)


def test_a_button_that_would_not_fit_is_refused():
    with pytest.raises(ValueError, match="more than 64 bytes"):
        data_of("answer", "d" * 20, "s" * 20, "v" * 20)


def test_a_button_without_a_route_is_found(tmp_path: Path):
    (tmp_path / "handlers").mkdir()
    code = 'ROW = Button("lamp.on", "switch" if True else "turn", (number, "yes"), {})\nLINK = Button("lamp.link", url="https://x")\n'
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    found = buttons(tmp_path, number=MOST_DIGITS)
    assert [(button.verb, button.widths) for button in found] == [("switch", (9, 3)), ("turn", (9, 3))]


def test_no_verb_is_put_together():
    assert built_verbs(ROOT) == []


def test_a_verb_that_is_put_together_is_found(tmp_path: Path):
    (tmp_path / "handlers").mkdir()
    code = (
        "A = Button('lamp.on', f'lamp.{number}')\n"
        "def row(verb):\n    return Button('lamp.on', verb)\n"
        "B = row('lamp.' + kind)\nC = row('lamp.on')\n"
        "def other():\n    verb = f'lamp.{x}'\n    return Button('lamp.off', verb=verb)\n"
    )
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert [fault.partition(" puts")[0] for fault in built_verbs(tmp_path)] == [f"handlers/lamps.py:{line}" for line in (1, 3, 8)]


# Time -----------------------------------------------------------------------------------------------------------------


def test_every_timer_that_code_starts_has_a_tick():
    ticks = {route.kind for route in ROUTES if isinstance(route, TimerRoute)}
    assert {kind: where for kind, where in timers(ROOT).items() if kind not in ticks} == {}


def test_nothing_but_the_process_asks_what_time_it_is():
    assert clocks(ROOT) == []


def test_a_clock_in_a_handler_and_a_timer_are_found(tmp_path: Path):
    for name in ("bot", "handlers", "storage", "domain"):
        (tmp_path / name).mkdir()
    code = 'AT = datetime.now(UTC)\nTIMER = Timer("lamp_out", "lamp:1", at, "lamp:1:out")\n'
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert clocks(tmp_path) == ["handlers/lamps.py:1"]
    assert timers(tmp_path) == {"lamp_out": "handlers/lamps.py:2"}
